/* THE table of all sections and keys of a LAN file. The parser reads by it, and the JSON Schema and
 * the reference are written from it, so none of the three can say anything that the others do not.
 */
#ifndef SW_CONFIG_TABLE_H
#define SW_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lan/topo.h"

/* What a key's value is. */
enum sw_kind {
    SW_KIND_TEXT,
    SW_KIND_NAME,       /* letters, digits and _ . - */
    SW_KIND_COUNT,      /* a whole number */
    SW_KIND_BOOL,       /* on, off */
    SW_KIND_OFF,        /* off; on is of a later stage */
    SW_KIND_TIME,       /* 10 ms */
    SW_KIND_RATE,       /* 100 Mbit */
    SW_KIND_SIZE,       /* 64 KiB */
    SW_KIND_QUEUE,      /* 100 packets, 64 KiB */
    SW_KIND_SHARE,      /* 0.5 % */
    SW_KIND_MAC,        /* 02:00:00:00:00:0a */
    SW_KIND_IP,         /* 10.0.0.1 */
    SW_KIND_ADDRESS,    /* 10.0.0.1/24 */
    SW_KIND_ADDRESSES,  /* one, or a list */
    SW_KIND_NET,        /* 10.1.0.0/16, default */
    SW_KIND_WORD,       /* one of words */
    SW_KIND_WORDS,      /* a list of words */
    SW_KIND_HOST,       /* a host's name */
    SW_KIND_HOST_OR_IP, /* a host's name or an address */
    SW_KIND_URL,        /* http://web/ */
    SW_KIND_PATH,       /* a directory, relative to the LAN file */
    SW_KIND_FILE,       /* a file, relative to the LAN file */
    SW_KIND_SPEED,      /* kept, fast, 10x */
    SW_KIND_SECTION,    /* a mapping by `of` */
    SW_KIND_NAMED,      /* a mapping of names to `of` */
    SW_KIND_LIST,       /* a list of `of` */
    SW_KIND_STATIC,     /* a mapping of MAC addresses to ports */
    SW_KIND_REWRITE,    /* a mapping of MAC addresses and nets to others */
    SW_KIND_SERVICES,   /* a list of services */
    SW_KIND_LINKS,      /* a list of links: `of`, or the short form */
    SW_KIND_ENDS,       /* a list of two ends */
    SW_KIND_EXPECT,     /* a mapping of metrics to expectations */
    SW_KIND_LINK,       /* a link's name or its two nodes; or a mapping by `of`, if there is one */
    SW_KIND_OBJECT,     /* core:p1, web, a link */
    SW_KIND_ENDPOINT,   /* web:80, 10.0.0.1:80 */
    SW_KIND_MATCH,      /* syn, or a pcap-filter expression */
    SW_KIND_STEP,       /* the name of a step */
    SW_KIND_COUNTER,    /* frames-in */
    SW_KIND_PARTITION,  /* a list of lists of hosts */
    SW_KIND_NOTHING,    /* the key alone says it */
    SW_KIND_GROUPS,     /* a mapping of names to what `of` may have for a default */
    SW_KIND_NAMES,      /* a name, or a list of names */
    SW_KIND_PATHS,      /* a LAN file, or a list of LAN files, relative to this one */
    SW_KIND_MATRIX,     /* a mapping of variables to lists of values */
    SW_KIND_COMMAND,    /* a list of texts; or one text, for the shell */
    SW_KIND_ENV,        /* a mapping of variables to texts */
    SW_KIND_PLACES,     /* a directory of the machine, or a list of them, each by its full path */
};

enum {
    SW_KEY_REQUIRED = 1,
    SW_KEY_LATER = 2,  /* of a later stage: refused by name */
    SW_KEY_OWN = 4,    /* never a default */
    SW_KEY_OR_ZERO = 8 /* 0 besides min..max */
};

struct sw_section;

struct sw_key {
    const char *name;
    enum sw_kind kind;
    unsigned flags;   /* SW_KEY_* */
    int64_t min, max; /* of numbers, in the base of their unit; both 0: whatever the kind allows */
    const struct sw_section *of; /* of a scalar kind: a mapping may stand in its place */
    const char *const *words;    /* NULL behind the last */
    const char *const *later_words;
    const char *preset; /* the default, as a file would say it; NULL: none */
    const char *doc;    /* a sentence without its full stop */
};

struct sw_section {
    const char *name; /* its anchor in schema and reference: "host" */
    const char *what; /* in messages: "a host" */
    const char *doc;
    const struct sw_key *keys;
    size_t count;
};

/* No section has more keys. */
#define SW_KEYS_MAX 40

/* Indices of the keys that the parser asks for by name; those of a later stage have none. */
enum {
    SW_K_TOP_NAME,
    SW_K_TOP_SEED,
    SW_K_TOP_INCLUDE,
    SW_K_TOP_MATRIX,
    SW_K_TOP_DEFAULTS,
    SW_K_TOP_GROUPS,
    SW_K_TOP_SWITCHES,
    SW_K_TOP_HOSTS,
    SW_K_TOP_UPLINKS,
    SW_K_TOP_LINKS,
    SW_K_TOP_EVENTS,
    SW_K_TOP_SCENARIO,
    SW_K_TOP_FORWARD,
};
enum { SW_K_FORWARD_HOST, SW_K_FORWARD_TO, SW_K_FORWARD_FROM };
enum { SW_K_DEFAULTS_LINK, SW_K_DEFAULTS_HOST, SW_K_DEFAULTS_SWITCH };
enum { SW_K_SWITCH_AGEING, SW_K_SWITCH_MAC_TABLE, SW_K_SWITCH_STATIC, SW_K_SWITCH_PORTS };
enum {
    SW_K_HOST_ADDRESS,
    SW_K_HOST_GATEWAY,
    SW_K_HOST_MAC,
    SW_K_HOST_MTU,
    SW_K_HOST_INTERFACES,
    SW_K_HOST_ROUTES,
    SW_K_HOST_FORWARDING,
    SW_K_HOST_COUNT,
    SW_K_HOST_GROUPS,
    SW_K_HOST_SERVICES,
    SW_K_HOST_TCP,
    SW_K_HOST_ARP,
    SW_K_HOST_ALLOW,
    SW_K_HOST_OFFLOAD,
    SW_K_HOST_RUN,
    SW_K_HOST_ENV,
    SW_K_HOST_CWD,
    SW_K_HOST_TMPFS,
    SW_K_HOST_USER,
    SW_K_HOST_STDIN,
    SW_K_HOST_READY,
    SW_K_HOST_RESTART,
    SW_K_HOST_EXPECT_EXIT,
    SW_K_HOST_CAPABILITIES,
    SW_K_HOST_OUTPUT,
};
enum { SW_K_RUN_ON, SW_K_RUN_COMMAND };
enum { SW_K_READY_PORT, SW_K_READY_WITHIN };
enum { SW_K_NIC_ADDRESS, SW_K_NIC_MAC, SW_K_NIC_MTU };
enum { SW_K_ROUTE_TO, SW_K_ROUTE_VIA, SW_K_ROUTE_INTERFACE };
enum {
    SW_K_TCP_SEND_BUFFER,
    SW_K_TCP_RECEIVE_BUFFER,
    SW_K_TCP_BUFFER_TUNING,
    SW_K_TCP_TIMESTAMPS,
    SW_K_TCP_WINDOW_SCALING,
    SW_K_TCP_CONGESTION,
    SW_K_TCP_PACING,
    SW_K_TCP_SACK,
    SW_K_TCP_SYN_COOKIES,
    SW_K_TCP_MTU_PROBING,
    SW_K_TCP_ECN,
    SW_K_TCP_PROFILE
};
enum { SW_K_ARP_PROBE, SW_K_ARP_ANNOUNCE };
enum { SW_K_PLAIN_PORT };
enum { SW_K_HTTP_PORT, SW_K_HTTP_ROOT, SW_K_HTTP_BODY, SW_K_HTTP_SIZE };
enum {
    SW_K_UPLINK_TYPE,
    SW_K_UPLINK_DEVICE,
    SW_K_UPLINK_NETNS,
    SW_K_UPLINK_ADDRESS,
    SW_K_UPLINK_MTU,
    SW_K_UPLINK_VNET_HEADER,
    SW_K_UPLINK_ROUTES,
    SW_K_UPLINK_READ,
    SW_K_UPLINK_WRITE,
    SW_K_UPLINK_SPEED,
    SW_K_UPLINK_START,
    SW_K_UPLINK_REWRITE,
    SW_K_UPLINK_LISTEN,
    SW_K_UPLINK_CONNECT,
    SW_K_UPLINK_FRAMING,
};
enum { SW_K_LOSS_MODEL, SW_K_LOSS_P, SW_K_LOSS_R, SW_K_LOSS_GOOD, SW_K_LOSS_BAD };
enum {
    SW_K_QUEUE_LIMIT,
    SW_K_QUEUE_DISCIPLINE,
    SW_K_QUEUE_ECN,
    SW_K_QUEUE_TARGET,
    SW_K_QUEUE_INTERVAL,
    SW_K_QUEUE_FLOWS,
    SW_K_QUEUE_QUANTUM,
    SW_K_QUEUE_MIN,
    SW_K_QUEUE_MAX,
    SW_K_QUEUE_PROBABILITY,
    SW_K_QUEUE_KEYS,
};
/* A lane's keys come first: forward and backward have them too. */
enum {
    SW_K_LANE_DELAY,
    SW_K_LANE_LOSS,
    SW_K_LANE_DUPLICATE,
    SW_K_LANE_REORDER,
    SW_K_LANE_RATE,
    SW_K_LANE_OVERHEAD,
    SW_K_LANE_QUEUE,
    SW_K_LANE_JITTER,
    SW_K_LANE_DISTRIBUTION,
    SW_K_LANE_CORRELATION,
    SW_K_LANE_ORDER,
    SW_K_LANE_CORRUPT,
    SW_K_LANE_MTU,
    SW_K_LANE_KEYS,
    SW_K_LINK_ENDPOINTS = SW_K_LANE_KEYS,
    SW_K_LINK_NAME,
    SW_K_LINK_FORWARD,
    SW_K_LINK_BACKWARD,
};
/* The actions, in the order of enum sw_action_kind; steps and events have them in a row. */
#define SW_ACTIONS 15
enum {
    SW_K_ITEM_PING,
    SW_K_ITEM_IPERF,
    SW_K_ITEM_HTTP,
    SW_K_ITEM_TCP,
    SW_K_ITEM_UDP,
    SW_K_ITEM_RUN,
    SW_K_ITEM_WAIT,
    SW_K_ITEM_COUNTER,
    SW_K_ITEM_TABLE,
    SW_K_ITEM_CAPTURE,
    SW_K_ITEM_PARALLEL,
    SW_K_ITEM_REPEAT,
    SW_K_ITEM_JOIN,
    SW_K_ITEM_ACTION,
    SW_K_ITEM_NAME = SW_K_ITEM_ACTION + SW_ACTIONS,
    SW_K_ITEM_EXPECT,
    SW_K_ITEM_TIMEOUT,
    SW_K_ITEM_BACKGROUND,
};
enum {
    SW_K_EVENT_AT,
    SW_K_EVENT_AFTER,
    SW_K_EVENT_PLUS,
    SW_K_EVENT_ACTION,
    SW_K_EVENT_FOR = SW_K_EVENT_ACTION + SW_ACTIONS,
    SW_K_EVENT_EVERY,
    SW_K_EVENT_TIMES,
};
/* Of `set`, the keys of a lane come first. */
enum { SW_K_SET_LINK = SW_K_LANE_KEYS, SW_K_SET_FROM, SW_K_SET_OVER };
enum { SW_K_FLAP_LINK, SW_K_FLAP_EVERY, SW_K_FLAP_DOWN };
enum { SW_K_DROP_LINK, SW_K_DROP_FROM, SW_K_DROP_MATCH, SW_K_DROP_NTH, SW_K_DROP_COUNT };
enum { SW_K_HOLD_LINK, SW_K_HOLD_FROM };
enum { SW_K_KILL_HOST, SW_K_KILL_SIGNAL };
enum {
    SW_K_PING_FROM,
    SW_K_PING_TO,
    SW_K_PING_COUNT,
    SW_K_PING_INTERVAL,
    SW_K_PING_SIZE,
    SW_K_PING_TIMEOUT,
};
enum {
    SW_K_IPERF_FROM,
    SW_K_IPERF_TO,
    SW_K_IPERF_FOR,
    SW_K_IPERF_BYTES,
    SW_K_IPERF_PROTOCOL,
    SW_K_IPERF_PARALLEL,
    SW_K_IPERF_REVERSE,
    SW_K_IPERF_RATE,
    SW_K_IPERF_CONGESTION,
};
enum { SW_K_FETCH_FROM, SW_K_FETCH_URL, SW_K_FETCH_METHOD, SW_K_FETCH_SEND };
enum { SW_K_TALK_FROM, SW_K_TALK_TO, SW_K_TALK_SEND, SW_K_TALK_TIMEOUT };
enum { SW_K_WAIT_FOR, SW_K_WAIT_UNTIL, SW_K_WAIT_READY };
enum { SW_K_COUNTER_OF, SW_K_COUNTER_NAME };
enum { SW_K_TABLE_OF };
enum { SW_K_CAPTURE_ON, SW_K_CAPTURE_MATCH, SW_K_CAPTURE_OF };
enum { SW_K_REPEAT_TIMES, SW_K_REPEAT_STEPS };

extern const struct sw_section sw_section_top;
extern const struct sw_section sw_section_defaults;
extern const struct sw_section sw_section_switch;
extern const struct sw_section sw_section_switch_port;
extern const struct sw_section sw_section_host;
extern const struct sw_section sw_section_nic;
extern const struct sw_section sw_section_route;
extern const struct sw_section sw_section_tcp;
extern const char *const sw_congestion_words[];
extern const struct sw_section sw_section_arp;
extern const struct sw_section sw_section_service;
extern const struct sw_section sw_section_http;
extern const struct sw_section sw_section_uplink;
extern const struct sw_section sw_section_forward;
extern const struct sw_section sw_section_ready;
extern const struct sw_section sw_section_run;
extern const struct sw_section sw_section_kill;
extern const struct sw_section sw_section_link;
extern const struct sw_section sw_section_lane;
extern const struct sw_section sw_section_loss;
extern const struct sw_section sw_section_queue;
extern const struct sw_section sw_section_item;
extern const struct sw_section sw_section_ping;
extern const struct sw_section sw_section_iperf;
extern const struct sw_section sw_section_fetch;
extern const struct sw_section sw_section_tcp_step;
extern const struct sw_section sw_section_udp_step;
extern const struct sw_section sw_section_wait;
extern const struct sw_section sw_section_counter;
extern const struct sw_section sw_section_table;
extern const struct sw_section sw_section_capture;
extern const struct sw_section sw_section_repeat;
extern const struct sw_section sw_section_event;
extern const struct sw_section sw_section_set;
extern const struct sw_section sw_section_flap;
extern const struct sw_section sw_section_drop;
extern const struct sw_section sw_section_hold;

/* The default of a section's key: one direction has what the link has. */
const char *sw_key_preset(const struct sw_section *section, const struct sw_key *key);
/* All sections in the order of the reference; NULL behind the last. */
const struct sw_section *sw_section_at(size_t i);

struct sw_service_row {
    const char *name;
    bool later;
    enum sw_service_kind kind;
    bool udp;
    uint16_t port;               /* the usual one */
    const struct sw_section *of; /* its settings */
    const char *doc;
};
/* All services; NULL behind the last. */
const struct sw_service_row *sw_service_row(size_t i);

#endif
