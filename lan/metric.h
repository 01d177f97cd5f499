/* What steps of a scenario can be asked: one table of metrics, by which the LAN file is read, its
 * reference and schema are written, and the player judges. Pure. */
#ifndef SW_LAN_METRIC_H
#define SW_LAN_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lan/topo.h"

/* One metric of one kind of step. A text metric's default is its text; a number's is lo..hi in the
 * base of its unit. */
struct sw_metric_row {
    enum sw_step_kind step;
    enum sw_metric metric;
    const char *name; /* as the LAN file says it: "rtt-p50" */
    enum sw_unit unit;
    bool plain;         /* a share that is written as a plain number as well: 0.95 is 95 % */
    bool tcp, udp;      /* iperf: of which protocols; both true elsewhere */
    const char *unsaid; /* held where the file says nothing, as it would be written; NULL: none */
    int64_t lo, hi;     /* of `unsaid`: lo <= value <= hi */
    const char *what;   /* one line for the reference */
};

/* All rows, by step in the order of enum sw_step_kind. */
const struct sw_metric_row *sw_metric_rows(size_t *count);
/* The row of a step by its name in the file, or by its metric; NULL: that step has none such. */
const struct sw_metric_row *sw_metric_find(enum sw_step_kind step, const char *name);
const struct sw_metric_row *sw_metric_row(enum sw_step_kind step, enum sw_metric metric);
/* Is the row's default held beside what the file says? Not where the same is said, nor where what
 * is said makes it pointless: ping's `loss` beside `replies`, http's `status` beside a `result`
 * other than "ok". */
bool sw_metric_holds_unsaid(const struct sw_metric_row *row, const struct sw_topo_expect *said,
                            size_t count);

/* "ping", "parallel": its key in the file; "action" of any action. */
const char *sw_step_kind_name(enum sw_step_kind step);
/* The words of SW_METRIC_RESULT: "ok", "refused", "reset", "timeout", "unreachable"; NULL behind
 * the last. */
const char *sw_result_word(unsigned i);
/* The word of what a connection ended with, 0 or a negative errno. Beside those above, which none
 * of them says: "malformed", an answer that is none; "host-down", the step's own host crashed;
 * "unsupported", a program's kernel has no such congestion control; "failed", anything else (no
 * port was left). */
const char *sw_result_of(int error);

#define SW_VALUE_TEXT 32
/* A measured number with its unit, as people read it: "2.300 ms", "941.200 Mbit/s", "33.3 %", "5
 * B", "3". buf holds SW_VALUE_TEXT bytes. Returns buf. Not for SW_UNIT_TEXT. */
char *sw_value_text(enum sw_unit unit, int64_t value, char *buf);

#endif
