/* What a LAN is, in plain structs: what a LAN file says after it was read, or what a program says
 * by itself. No behaviour. All strings and arrays are owned by the topo (malloc'd) and freed by
 * sw_topo_free(). */
#ifndef SW_LAN_TOPO_H
#define SW_LAN_TOPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/link.h"
#include "lan/rewrite.h"
#include "lan/scenario.h"
#include "stack/host.h"

enum sw_node_kind { SW_NODE_SWITCH, SW_NODE_HOST, SW_NODE_UPLINK };

struct sw_topo_static_mac {
    struct sw_mac mac;
    char *port;
};

struct sw_topo_switch {
    char *name;
    sw_time ageing;     /* 10 s .. 1,000,000 s; 0: never age [300 s] */
    uint32_t mac_table; /* entries [8192] */
    struct sw_topo_static_mac *statics;
    size_t static_count;
    struct sw_where where;
};

struct sw_topo_address {
    struct sw_prefix prefix;
    unsigned flags; /* SW_ADDRESS_* */
};

struct sw_topo_nic {
    char *name;
    bool mac_given; /* otherwise made from the names of LAN, host and interface */
    struct sw_mac mac;
    uint32_t mtu_bytes; /* 0: 1500 */
    struct sw_topo_address *addresses;
    size_t address_count;
};

struct sw_topo_route {
    struct sw_prefix to;
    struct sw_ip gateway; /* family SW_IP_NONE: on-link by nic */
    char *nic;            /* NULL: by the gateway */
};

/* A file of an http service: a snapshot taken when the LAN file was read. name begins with "/";
 * sorted by name. */
struct sw_topo_file {
    char *name;
    uint8_t *bytes;
    size_t len;
};

enum sw_service_kind {
    SW_SERVICE_ECHO,
    SW_SERVICE_DISCARD,
    SW_SERVICE_CHARGEN,
    SW_SERVICE_UDP_ECHO,
    SW_SERVICE_HTTP,
    SW_SERVICE_IPERF3
};

struct sw_topo_service {
    enum sw_service_kind kind;
    uint16_t port;
    /* http: files, or a body, or `size` bytes of which the byte at offset i is i modulo 251 */
    struct sw_topo_file *files;
    size_t file_count;
    char *body;
    uint64_t size;
    struct sw_where where;
};

enum sw_restart { SW_RESTART_NO, SW_RESTART_ON_FAILURE, SW_RESTART_ALWAYS };

/* What a program may do in its own network besides what every user may; bits of a set. */
enum sw_capability { SW_CAPABILITY_NET_RAW = 1, SW_CAPABILITY_NET_ADMIN = 2 };

/* A real program that a host is, in place of a virtual stack. */
struct sw_topo_program {
    char **run;          /* NULL behind the last; at least one */
    char **env;          /* "NAME=value", NULL behind the last; or NULL */
    char *cwd, *input;   /* or NULL */
    char **tmpfs;        /* full paths, NULL behind the last; or NULL */
    char *user;          /* a name or a number; NULL: whoever runs it */
    uint16_t ready_port; /* 0: it is ready when it was executed */
    sw_time ready_within;
    enum sw_restart restart;
    int expect_exit;       /* -1: it is not to end by itself */
    unsigned capabilities; /* of enum sw_capability */
    bool forges;           /* its frames may say that they come from another host */
    uint64_t output_bytes; /* of each of its streams that are kept, at most */
};

struct sw_topo_host {
    char *name;
    bool forwarding;
    struct sw_tcp_config tcp;
    struct sw_topo_nic *nics;
    size_t nic_count;
    struct sw_topo_route *routes; /* gateway: a route to 0.0.0.0/0 */
    size_t route_count;
    struct sw_topo_service *services;
    size_t service_count;
    struct sw_topo_program *program; /* NULL: a virtual host */
    struct sw_where where;
};

enum sw_uplink_kind {
    SW_UPLINK_TAP,  /* an Ethernet device of the kernel */
    SW_UPLINK_TUN,  /* one of bare IP; the network gives it a station of its own on the LAN */
    SW_UPLINK_PCAP, /* a capture file, read and written in LAN time: no real end */
    SW_UPLINK_QEMU, /* a socket that QEMU's -netdev stream or dgram speaks to */
};

/* A socket of the machine's own. */
struct sw_topo_place {
    char *path;            /* of a Unix socket, or NULL */
    struct sw_endpoint at; /* else its address and port; port 0: no place at all */
};

#define SW_SPEED_KEPT 1000 /* the record's own pace */

struct sw_topo_uplink {
    char *name;
    enum sw_uplink_kind kind;
    /* of a tap and a tun */
    char *device; /* NULL: the kernel's choice */
    char *netns;  /* NULL: the process's own */
    bool address_given;
    struct sw_prefix address; /* of the kernel's side; a tun has one */
    uint32_t mtu_bytes;       /* 0: 1500 */
    bool vnet_header;         /* checksums left to the other side; default true */
    /* of a tun: the LAN's nets behind routers; each has a gateway, and no nic */
    struct sw_topo_route *routes;
    size_t route_count;
    /* of a pcap */
    char *read, *write; /* paths, or NULL */
    uint32_t speed;     /* thousandths of the record's own pace; 0: as fast as the link takes it */
    sw_time start;      /* when the first frame is due */
    struct sw_rewrite rewrite;
    /* of a qemu: one of both, or of datagrams both */
    struct sw_topo_place listen, connect;
    bool datagrams; /* a frame each; else a stream of them, each behind its length */
    struct sw_where where;
};

#define SW_FORWARDS_MAX 1000

/* A port of the machine that leads to one of the LAN. */
struct sw_topo_forward {
    struct sw_endpoint listen; /* port 0: one is chosen */
    size_t from;               /* the host that opens the connections */
    char *to;                  /* a host, or an address */
    uint16_t port;
    struct sw_where where;
};

struct sw_topo_end {
    enum sw_node_kind kind;
    size_t node; /* its index among its kind */
    char *port;  /* "p7" of a switch, "eth0" of a host, "" of an uplink; always filled in */
};

struct sw_topo_link {
    char *name; /* NULL: named by its two nodes */
    struct sw_topo_end end[2];
    struct sw_lane_config forward, backward;
    struct sw_where where;
};

struct sw_topo_names;

struct sw_topo {
    char *name;
    uint64_t seed;
    struct sw_topo_switch *switches;
    size_t switch_count;
    struct sw_topo_host *hosts;
    size_t host_count;
    struct sw_topo_uplink *uplinks;
    size_t uplink_count;
    struct sw_topo_link *links;
    size_t link_count;
    struct sw_topo_forward *forwards;
    size_t forward_count;
    struct sw_topo_step *steps; /* of the scenario */
    size_t step_count;
    size_t step_total; /* those within others counted too */
    struct sw_topo_event *events;
    size_t event_count;
    char **files; /* names that struct sw_where points to */
    size_t file_count;
    struct sw_topo_names *names; /* topo.c's, so that finding is quick; NULL: it is slow */
};

/* An empty LAN, seed 1. NULL: out of memory. */
struct sw_topo *sw_topo_new(const char *name);
void sw_topo_free(struct sw_topo *topo); /* NULL is harmless */
/* The index of a node by name among its kind, or -1. Nodes may join at the end at any time; one
 * that was looked for keeps its place and its name from then on. O(1), except in a topo that was
 * not made by sw_topo_new(). */
long sw_topo_find_host(const struct sw_topo *topo, const char *name);
long sw_topo_find_switch(const struct sw_topo *topo, const char *name);
long sw_topo_find_uplink(const struct sw_topo *topo, const char *name);
bool sw_topo_has_programs(const struct sw_topo *topo);
/* Does it reach out of LAN time: has it a forward, a program, or an uplink that is no capture? */
bool sw_topo_has_real_ends(const struct sw_topo *topo);

#endif
