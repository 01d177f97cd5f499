/* What a step came to, in one line and in numbers, and whether that is what was expected of it.
 * Texts are written to SW_JUDGE_TEXT bytes. Pure. */
#ifndef SW_LAN_JUDGE_H
#define SW_LAN_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lan/network.h"
#include "lan/topo.h"
#include "lan/traffic.h"

#define SW_JUDGE_TEXT 256 /* of each text that is written here */
#define SW_JUDGE_VALUES 8 /* that one step measures at most */

/* A table that was looked at. */
struct sw_outcome_table {
    uint64_t entries;
    bool (*has)(const void *table, const char *text); /* an address, or a host's name */
    const void *table;
};

/* What a step came to. */
struct sw_outcome {
    enum sw_step_kind kind;
    bool udp;        /* iperf */
    int error;       /* why it came to nothing, or 0 */
    const char *why; /* the same in words, where no error says it; or NULL */
    sw_time took;
    union {
        struct sw_ping_result ping;
        struct sw_iperf_result iperf;
        struct sw_fetch_result fetch;
        struct sw_talk_result talk; /* tcp, udp */
        struct sw_command_result run;
        uint64_t number; /* counter, capture */
        struct sw_outcome_table table;
    } of;
};

/* A number that was measured, in the base of its unit. */
struct sw_value {
    const char *name; /* of the metric: "rtt-p50" */
    enum sw_unit unit;
    int64_t number;
};

/* Does it hold? `seen` says what was seen: "rtt 2.300 ms". The metric must be one of the step's
 * kind; what was not measured (no reply came) holds no expectation. */
bool sw_judge(const struct sw_outcome *outcome, const struct sw_topo_expect *expect, char *seen);
/* "rtt < 1 ms": the metric and what the file (or the default) says of it. Returns text. */
char *sw_judge_expected(const struct sw_outcome *outcome, const struct sw_topo_expect *expect,
                        char *text);
/* "3 sent, 3 received, rtt 0.112/0.118/0.131 ms". Returns text. */
char *sw_judge_figure(const struct sw_outcome *outcome, char *text);
/* All numbers that were measured, asked for or not, in the order of lan/metric.h. How many. */
size_t sw_judge_values(const struct sw_outcome *outcome, struct sw_value out[SW_JUDGE_VALUES]);

#endif
