/* What is done with a LAN and what must hold, in plain structs: actions, the events that time
 * brings, the steps of a scenario and their expectations. Part of a topo (lan/topo.h), which owns
 * all strings and arrays here. No behaviour. */
#ifndef SW_LAN_SCENARIO_H
#define SW_LAN_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/link.h"
#include "stack/sock.h"

/* Where something stands in a file, for messages; line 0: nowhere. */
struct sw_where {
    const char *file; /* owned by the topo */
    unsigned line, column;
};

/* ---- which frames ---- */

enum sw_match_kind {
    SW_MATCH_ALL,
    SW_MATCH_SYN, /* without ACK */
    SW_MATCH_SYN_ACK,
    SW_MATCH_FIN,
    SW_MATCH_RST,
    SW_MATCH_ACK, /* neither data nor SYN, FIN or RST */
    SW_MATCH_DATA,
    SW_MATCH_RETRANSMIT, /* data or SYN or FIN whose numbers this place has seen before */
    SW_MATCH_ARP,
    SW_MATCH_ICMP,
    SW_MATCH_TCP,
    SW_MATCH_UDP,
    SW_MATCH_BPDU,
    SW_MATCH_FILTER /* a compiled pcap-filter expression */
};

/* One instruction of the BSD packet filter, as libpcap compiles it. */
struct sw_bpf {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
};

struct sw_topo_match {
    enum sw_match_kind kind;
    struct sw_bpf *program; /* of SW_MATCH_FILTER */
    size_t program_count;
    char *written; /* as the file says it; NULL: nothing said, all frames */
};

/* ---- actions ---- */

enum sw_action_kind {
    SW_ACTION_DOWN,
    SW_ACTION_UP,
    SW_ACTION_SET,
    SW_ACTION_FLAP,
    SW_ACTION_DROP,
    SW_ACTION_CRASH,
    SW_ACTION_RESTART,
    SW_ACTION_STOP,
    SW_ACTION_CONTINUE,
    SW_ACTION_PARTITION,
    SW_ACTION_HEAL,
    SW_ACTION_HOLD,
    SW_ACTION_RELEASE,
    SW_ACTION_KILL, /* of programs: a signal */
    SW_ACTION_START /* of programs: begins one that does not run */
};

/* What a program may be sent. */
enum sw_signal {
    SW_SIGNAL_TERM,
    SW_SIGNAL_HUP,
    SW_SIGNAL_INT,
    SW_SIGNAL_QUIT,
    SW_SIGNAL_KILL,
    SW_SIGNAL_USR1,
    SW_SIGNAL_USR2,
    SW_SIGNAL_ABRT,
    SW_SIGNAL_ALRM,
    SW_SIGNAL_WINCH,
    SW_SIGNAL_COUNT
};

/* Which lanes of a link: a bit each. */
enum { SW_FORWARD = 1, SW_BACKWARD = 2, SW_BOTH_WAYS = 3 };

struct sw_topo_action {
    enum sw_action_kind kind;
    char *name;    /* "down sensor-3 core", for reports */
    size_t link;   /* its index: down, up, set, flap, drop, hold, release */
    unsigned ways; /* SW_FORWARD, SW_BACKWARD: which of its lanes: set, drop, hold, release */
    size_t host;   /* its index: crash, restart, stop, continue, kill, start */
    enum sw_signal signal; /* kill */
    /* set: what the file says in `said` (SW_LANE_*, core/link.h) is taken from `lane`; over: a ramp
     * that takes so long, 0: at once. */
    unsigned said;
    struct sw_lane_config lane;
    sw_time over;
    /* flap: from now on and every `every` the link is down for `down`. */
    sw_time every, down;
    /* drop: the nth matching frame from now on (counted from 1), or, nth being 0, the next count.
     */
    struct sw_topo_match match;
    uint32_t nth, count;
    /* partition: the group of each host of the topo, counted from 1; 0: in none. */
    uint32_t *group;
    size_t group_count; /* hosts of the topo */
    struct sw_where where;
};

#define SW_STEP_NONE SIZE_MAX

struct sw_topo_event {
    struct sw_topo_action action;
    size_t after; /* the number of a step (sw_topo_step.number), or SW_STEP_NONE: by time */
    sw_time at;   /* LAN time, or how long after that step's first end */
    sw_time span; /* `for`: undone after this; 0: not */
    sw_time every;
    uint32_t times; /* how often in all, at least 1; `every` apart; 0: without end */
    struct sw_where where;
};

/* ---- steps ---- */

enum sw_step_kind {
    SW_STEP_PING,
    SW_STEP_IPERF,
    SW_STEP_HTTP,
    SW_STEP_TCP,
    SW_STEP_UDP,
    SW_STEP_RUN, /* a command on a host that is a program */
    SW_STEP_WAIT,
    SW_STEP_READY, /* waits until a program is ready: `wait`, too */
    SW_STEP_COUNTER,
    SW_STEP_TABLE,
    SW_STEP_CAPTURE,
    SW_STEP_PARALLEL,
    SW_STEP_REPEAT,
    SW_STEP_JOIN, /* waits until a step in the background has ended */
    SW_STEP_ACTION
};

/* What a value counts in. The numbers of an expectation are in the unit's base: nanoseconds, bit/s,
 * parts of 10^9, pieces, bytes. */
enum sw_unit {
    SW_UNIT_COUNT,
    SW_UNIT_TIME,
    SW_UNIT_RATE,
    SW_UNIT_SHARE,
    SW_UNIT_BYTES,
    SW_UNIT_TEXT
};

enum sw_metric {
    SW_METRIC_LOSS,
    SW_METRIC_RTT,
    SW_METRIC_RTT_MIN,
    SW_METRIC_RTT_MAX,
    SW_METRIC_RTT_P50,
    SW_METRIC_RTT_P99,
    SW_METRIC_JITTER,
    SW_METRIC_REPLIES,
    SW_METRIC_THROUGHPUT,
    SW_METRIC_THROUGHPUT_MIN,
    SW_METRIC_RETRANSMITS,
    SW_METRIC_FAIRNESS, /* Jain's index in parts of 10^9 */
    SW_METRIC_TOOK,
    SW_METRIC_STATUS,
    SW_METRIC_SIZE,
    SW_METRIC_SHA256,  /* text */
    SW_METRIC_BODY,    /* text, or a POSIX extended regular expression between slashes */
    SW_METRIC_RESULT,  /* text: ok refused reset timeout unreachable */
    SW_METRIC_RECEIVE, /* text, or an expression, or `sha256:` and 64 hexadecimal digits */
    SW_METRIC_VALUE,   /* of a counter */
    SW_METRIC_ENTRIES, /* of a table: how many */
    SW_METRIC_HAS,     /* text: an address that stands in it */
    SW_METRIC_LACKS,   /* text: one that does not */
    SW_METRIC_FRAMES,  /* of a capture */
    SW_METRIC_EXIT,    /* of a command: its exit status; 128 and the signal that ended it */
    SW_METRIC_STDOUT,  /* text: what it printed, as SW_METRIC_BODY */
    SW_METRIC_STDERR,  /* the same of its standard error */
};

/* lo <= value <= hi for numbers (an open bound is one step off, or INT64_MIN / INT64_MAX). */
struct sw_topo_expect {
    enum sw_metric metric;
    enum sw_unit unit;
    int64_t lo, hi;
    char *text;    /* of a text metric; else NULL */
    char *written; /* as the file says it, for messages */
    bool unsaid;   /* held by default */
    struct sw_where where;
};

/* What a counter, a table or a capture is read of. */
enum sw_object_kind { SW_OBJECT_HOST, SW_OBJECT_SWITCH, SW_OBJECT_LINK, SW_OBJECT_PORT };

struct sw_topo_object {
    enum sw_object_kind kind;
    size_t index; /* of the host or the switch among its kind, of the link; of a port: its link's */
    unsigned end; /* of a port: which end of that link, 0 or 1 */
    char *written; /* "core:p1", as the file says it */
};

struct sw_topo_step {
    enum sw_step_kind kind;
    char *name;    /* given, or made: "step 3: ping client web" */
    size_t number; /* all steps in the order of the file, those within others behind them, from 0 */
    bool background; /* the next one does not wait for it; it ends with the scenario, or joined */
    char *from;      /* a host's name; of run: on which the command runs */
    char **command;  /* run: NULL behind the last */
    char *to;        /* a host's name or an address; of tcp and udp too */
    uint16_t port;   /* tcp, udp */
    uint32_t count;
    sw_time interval, timeout; /* timeout of ping: of a reply; of others: of the step */
    uint32_t size_bytes;
    sw_time duration; /* iperf's and wait's `for` */
    sw_time until;    /* wait: LAN time, or SW_TIME_NEVER */
    uint64_t bytes;   /* iperf: how many instead of how long; 0: by time */
    uint32_t parallel;
    bool reverse, udp;
    uint64_t rate_bps;                 /* iperf: of each flow; 0: unlimited */
    enum sw_tcp_congestion congestion; /* iperf */
    char *url, *method, *send;
    struct sw_topo_object of; /* counter, table; capture's `on` */
    char *counter;            /* a name of lan/counter.h */
    struct sw_topo_match match;
    size_t target;              /* the number of a step: join's, capture's `of`; or SW_STEP_NONE */
    uint32_t times;             /* repeat */
    struct sw_topo_step *steps; /* of parallel and repeat */
    size_t step_count;
    struct sw_topo_action *action;  /* of an action; else NULL */
    struct sw_topo_expect *expects; /* those unsaid included */
    size_t expect_count;
    struct sw_where where;
};

void sw_topo_free_step(struct sw_topo_step *step); /* what it holds, not itself */
void sw_topo_free_action(struct sw_topo_action *action);

#endif
