/* Building a topo from the tree of a LAN file: what the parts share. Every part reports what is
 * wrong and goes on; a topo with problems is thrown away in the end. Where memory runs out,
 * no_memory is set and what was asked for is left out. */
#ifndef SW_CONFIG_BUILD_H
#define SW_CONFIG_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "config/names.h"
#include "config/read.h"
#include "config/yaml.h"

#define SW_HTTP_BYTES_MAX ((uint64_t)256 << 20) /* of all files that services serve */
#define SW_HTTP_FILES_MAX 100000
#define SW_NODES_MAX 1000000
#define SW_UPLINKS_MAX 10000
#define SW_HOST_SERVICES 1024
#define SW_PATTERN_NAMES_MAX 500000000 /* compared with all patterns of the file */
/* Of a topo's texts and tables, the files of http services not counted. */
#define SW_TOPO_BYTES_MAX ((uint64_t)1 << 30)

/* A node by its number among its kind. */
struct sw_node {
    enum sw_node_kind kind;
    size_t index;
};

/* An address or a MAC address that the file gives, and where. */
struct sw_given {
    size_t host, nic; /* host SIZE_MAX: the kernel's side of the uplink `nic` */
    size_t segment;   /* filled in when all links are known */
    struct sw_ip ip;  /* family SW_IP_NONE: this is a MAC address */
    struct sw_mac mac;
    bool allow; /* the host may have another's address */
    struct sw_where where;
};

/* Settings that hosts name. */
struct sw_host_group {
    const char *name;
    struct sw_settings of, tcp, arp;
};

struct sw_build {
    struct sw_report *report;
    struct sw_topo *topo;
    struct sw_arena *arena;
    const struct sw_config_io *io;
    bool no_memory;
    bool too_big;        /* over SW_TOPO_BYTES_MAX, reported; no_memory is set too, so all stops */
    uint64_t topo_bytes; /* so far */
    uint64_t names_compared; /* with patterns, so far */
    struct sw_where at;      /* the node or link that is being built */
    bool again;              /* a host of a group after the first: what it has was checked there */

    struct sw_settings top, defaults;
    struct sw_settings host_defaults, switch_defaults, link_defaults;
    struct sw_settings tcp_defaults, arp_defaults;

    struct sw_host_group *host_groups; /* of the section `groups` */
    size_t host_group_count;
    struct sw_names host_group_names; /* name -> index */
    struct sw_names nodes;            /* name -> kind and index: sw_build_find() */
    struct sw_names groups;           /* name of a host with a count -> its first host's index */
    size_t *group_size; /* by host: how many its group has, at its first host; else 0 */
    struct sw_settings *switch_settings; /* by switch, for its ports and static addresses */
    struct sw_given *given;
    size_t given_count;
    uint64_t http_bytes;
    size_t http_files;
    struct sw_service_cache *cache; /* directories that were read */

    bool links_bad;                /* some link was refused: that one is not found is no news */
    struct sw_refs *refs;          /* build_refs.c's, made when it is first asked */
    struct sw_step_name *steps;    /* of every step by its number; topo->step_total */
    struct sw_names step_names;    /* name given -> number of the first step that has it */
    struct sw_step_ref *step_refs; /* what refers to steps, until all are known */
    size_t step_ref_count;
    uint64_t partition_hosts; /* of all partitions together */
};

/* ---- build.c ---- */

/* Fills an empty topo. Returns nothing: what is wrong stands in the report, or in no_memory. */
void sw_build_topo(struct sw_build *b, const struct sw_yaml *root);
/* What is made of a file is counted: a `count` makes gigabytes of a few kilobytes, and so do
 * patterns. Over SW_TOPO_BYTES_MAX is reported, once, and then as if there were no memory. */

/* A malloc'd copy; NULL: out of memory, noted. */
char *sw_build_copy(struct sw_build *b, const char *text);
/* A malloc'd text made as by printf; NULL: out of memory, noted. */
char *sw_build_print(struct sw_build *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* `array` with room for one more than count elements, which is zeroed; NULL: out of memory, noted,
 * and array is as it was. */
void *sw_build_room(struct sw_build *b, void *array, size_t count, size_t size);
/* The place for the topo: its file's name is the topo's own. Files are few, and the first is nearly
 * always the one. */
struct sw_where sw_build_place(const struct sw_build *b, struct sw_where where);
/* A place as a number, for tables of names: its file and its line. */
uint64_t sw_build_mark(const struct sw_build *b, struct sw_where where);
#define SW_LINE_BYTES 240
/* "line 7", or "line 7 of base.yaml" where that is not the file of `from`. Returns buf. */
char *sw_build_line(const struct sw_build *b, uint64_t mark, struct sw_where from,
                    char buf[SW_LINE_BYTES]);
/* Gives a node its name. False: it is taken, reported at `key`; or out of memory. text is lent for
 * the build. */
bool sw_build_declare(struct sw_build *b, const char *text, const struct sw_yaml *key,
                      struct sw_node node);
/* Calls build for each pair of a mapping of names; impossible names are reported and left out.
 * what: "a host's name". */
void sw_build_each(struct sw_build *b, const struct sw_setting *set, const char *what,
                   void (*build)(struct sw_build *b, const struct sw_yaml_pair *pair));
/* The node of a name; false: none. */
bool sw_build_find(const struct sw_build *b, const char *name, struct sw_node *out);
const char *sw_build_node_name(const struct sw_build *b, struct sw_node node);
/* How many names of a kind are looked at for one that may be meant: a thousand unknown names in a
 * file of a million should not take minutes, and those that are only counted need no hint. */
size_t sw_build_hints(const struct sw_build *b);
/* Reports that there is no node `name`, with what may be meant. hosts_only: it should be a host. */
void sw_build_unknown(struct sw_build *b, struct sw_where where, const char *name, bool hosts_only);

/* A path that stands at `where`, as it is seen from here: "./www" in "examples/office.yaml" is
 * "examples/./www". malloc'd; NULL: out of memory, noted. */
char *sw_build_beside(struct sw_build *b, struct sw_where where, const char *path);

/* ---- build_uplinks.c ---- */

void sw_build_uplinks(struct sw_build *b);

/* ---- build_groups.c ---- */

/* Reads the section `groups`. */
void sw_build_groups(struct sw_build *b);
/* What a host has that names these groups and says nothing itself: a setting each of the nearest
 * group that says it, else the defaults. */
void sw_build_far(struct sw_build *b, const struct sw_setting *groups, struct sw_settings *far,
                  struct sw_settings *tcp, struct sw_settings *arp);

/* ---- build_hosts.c, build_routes.c, build_services.c ---- */

void sw_build_hosts(struct sw_build *b);
/* far: of the host's groups and the defaults. */
void sw_build_routes(struct sw_build *b, struct sw_topo_host *host, const struct sw_settings *own,
                     const struct sw_settings *far);
void sw_build_services(struct sw_build *b, size_t host, const struct sw_setting *services);
/* Notes an address or MAC address for the check of segments. */
void sw_build_give(struct sw_build *b, struct sw_given given);

/* ---- build_lane.c ---- */

/* Puts what the keys of a lane say, the first ones of the settings, into the lane; which ones they
 * are: SW_LANE_* (core/link.h). What is wrong within is reported. */
unsigned sw_build_lane(struct sw_build *b, const struct sw_settings *own,
                       struct sw_lane_config *lane);

/* ---- build_links.c, build_ends.c ---- */

void sw_build_links(struct sw_build *b);
/* An end as the file says it, of the link with the same index in the topo. */
struct sw_end_draft {
    const char *port; /* NULL: the node's next free one */
    struct sw_where where;
};
struct sw_link_draft {
    struct sw_end_draft end[2];
};
/* '*' any text, '?' any character. */
bool sw_build_matches(const char *pattern, const char *text);
/* Gives every end its port: named ones first, then the rest in the order of the file. */
void sw_build_ends(struct sw_build *b, const struct sw_link_draft *drafts);

/* ---- build_checks.c ---- */

/* What only the whole shows: addresses on segments, loops, nodes without a link, static addresses
 * of ports. */
void sw_build_checks(struct sw_build *b);

/* ---- build_refs.c: links, ports and hosts as steps and events name them ---- */

/* The link that a setting of SW_KIND_LINK names, by its name or its two nodes. False: none, or
 * several; reported. */
bool sw_build_link_of(struct sw_build *b, const struct sw_yaml *node, size_t *link);
/* Which lanes of the link a `from` means: those whose frames the node sends; both if it says
 * nothing. 0: reported. */
unsigned sw_build_ways(struct sw_build *b, const struct sw_setting *from, size_t index);
/* What a setting of SW_KIND_OBJECT names. False: reported. */
bool sw_build_object(struct sw_build *b, const struct sw_yaml *node, struct sw_topo_object *out);
/* "riser", or "web core": malloc'd; NULL: out of memory, noted. */
char *sw_build_link_name(struct sw_build *b, size_t index);
void sw_build_refs_free(struct sw_build *b);

/* ---- build_match.c ---- */

/* What a setting of SW_KIND_MATCH says; nothing: every frame. */
void sw_build_match(struct sw_build *b, const struct sw_setting *set, struct sw_topo_match *out);

/* ---- build_actions.c, build_events.c ---- */

/* The action of a key among SW_ACTIONS that begin at `first` of a section's settings. False:
 * reported; what it holds is to be freed all the same. */
bool sw_build_action(struct sw_build *b, enum sw_action_kind kind, const struct sw_setting *set,
                     struct sw_topo_action *out);
/* Which one of the actions from index `first` on is said; SW_ACTIONS: none. */
size_t sw_build_action_said(const struct sw_settings *s, size_t first);
void sw_build_events(struct sw_build *b);

/* ---- build_programs.c ---- */

/* What makes the host a program, where it says so. False: it is a virtual host. */
bool sw_build_program(struct sw_build *b, struct sw_topo_host *host, const struct sw_settings *own,
                      const struct sw_settings *far);

/* The name of a program that a setting of SW_KIND_HOST gives; NULL: none, reported. */
char *sw_build_program_of(struct sw_build *b, const struct sw_setting *set);

/* ---- build_forwards.c ---- */

void sw_build_forwards(struct sw_build *b);

/* ---- build_steps.c, build_traffic.c, build_expect.c ---- */

/* The name of a host with an address that a setting of SW_KIND_HOST gives; NULL: none, reported. */
char *sw_build_host_of(struct sw_build *b, const struct sw_setting *set);
/* "web:80" of a setting of SW_KIND_ENDPOINT: the host or address, and the port. NULL: reported. */
char *sw_build_endpoint(struct sw_build *b, const struct sw_setting *set, uint16_t *port_out);

/* What is known of a step by its number. */
struct sw_step_name {
    const char *name; /* given, lent by the file; NULL: none */
    struct sw_where where;
    size_t end;    /* the number behind its last inner step */
    size_t second; /* the next step of this name, or SW_STEP_NONE */
    bool background;
};

/* A step that is named by another one. */
struct sw_step_ref {
    const struct sw_yaml *node;
    size_t by; /* the number of the step that names it */
};

void sw_build_steps(struct sw_build *b);
/* The number of the one step of a name. SW_STEP_NONE: none, or several; reported. */
size_t sw_build_step_of(struct sw_build *b, const struct sw_yaml *node);
/* What the steps ping, iperf, http, tcp and udp say. */
typedef void sw_build_fill_fn(struct sw_build *b, struct sw_topo_step *step,
                              const struct sw_settings *s);
sw_build_fill_fn sw_build_ping, sw_build_iperf, sw_build_http, sw_build_talk, sw_build_run;
/* The step's expectations, said and unsaid; said may be NULL. */
void sw_build_expects(struct sw_build *b, struct sw_topo_step *step, const struct sw_setting *said);
/* Refuses what the step's expectations cannot all be, once those that are said are known. */
void sw_build_possible(struct sw_build *b, const struct sw_topo_step *step);

#endif
