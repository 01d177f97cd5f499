/* What is told of a run: records, one after the other, in the order of LAN time. Whoever reports
 * (switchd/report.h) sees nothing else; and a record is one line of JSON as well, for a log of
 * events and for a run in a process of its own. */
#ifndef SW_SWITCHD_RECORD_H
#define SW_SWITCHD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "lan/judge.h"
#include "lan/topo.h"

/* A run: a file, one combination of its matrix, a seed. */
struct sw_run_info {
    const char *name; /* "a.yaml", "a.yaml[rtt=1 ms]", "a.yaml[seed 8]" */
    const char *file;
    uint64_t seed;
    bool real;
    const char *replay; /* the command that does the same again */
};

enum sw_record_kind {
    SW_RECORD_RUN,    /* begins */
    SW_RECORD_STEP,   /* a step begins: at, name, where */
    SW_RECORD_EVENT,  /* something was done to the LAN: at, name */
    SW_RECORD_CHECK,  /* at, name, where, passed, expected, seen or why, figure, began, values */
    SW_RECORD_END,    /* at, digest, late; why: it was not played to its end */
    SW_RECORD_SKIP,   /* a run that is not: why */
    SW_RECORD_OUTPUT, /* a program printed a line: at; `printed` is that line */
};

/* How late a real driver was (switchd/pacer.h). */
struct sw_record_late {
    uint64_t turns; /* 0: nothing to tell */
    sw_time p50, p95, max;
};

/* A line that a program printed. */
struct sw_printed {
    sw_time at;
    const char *host, *stream, *text; /* stream: "stdout", "stderr", "ended" */
};

struct sw_record {
    enum sw_record_kind kind;
    sw_time at; /* LAN time */
    const char *name;
    const char *step;      /* of a step, and of a check that is one's: what it is, "ping" */
    struct sw_where where; /* line 0: none */
    bool passed;
    const char *expected, *seen; /* of a failed check that expects something */
    const char *figure;          /* what was measured, in one line; or NULL */
    const char *why;
    sw_time began;
    const struct sw_value *values;
    size_t value_count;
    bool digested;
    uint64_t digest;
    struct sw_record_late late;
    /* Of a failed check: what programs printed last before it, and how many lines before those. */
    const struct sw_printed *printed;
    size_t printed_count;
    uint64_t printed_before;
};

/* One line of JSON, malloc'd, with its newline; the same bytes for the same record. Bytes that are
 * no UTF-8 become U+FFFD. NULL: out of memory. */
char *sw_record_write(const struct sw_run_info *run, const struct sw_record *record);

/* A line that was read back: what it tells lives until sw_record_release(). */
struct sw_record_line {
    struct sw_run_info run; /* of SW_RECORD_RUN; else only its name */
    struct sw_record record;
    void *json;
    struct sw_value *values;
    struct sw_printed *printed;
};

/* 0, -EINVAL (no line of sw_record_write), -ENOMEM. */
int sw_record_read(struct sw_record_line *out, const char *line);
void sw_record_release(struct sw_record_line *line);

#endif
