/* Who reports: each takes the records of all runs in their order and makes of them what its readers
 * want. */
#ifndef SW_SWITCHD_REPORT_H
#define SW_SWITCHD_REPORT_H

#include <stdio.h>

#include "switchd/options.h"
#include "switchd/record.h"

#define SW_REPORT_LINE 4096 /* bytes of a line that a program printed, as it is shown */

struct sw_totals {
    unsigned passed, failed, skipped;
};

struct sw_reporter;
struct sw_reporter_ops {
    void (*record)(struct sw_reporter *r, const struct sw_run_info *run,
                   const struct sw_record *record);
    /* After the last run. 0 or a negative errno: what was to be written could not be. */
    int (*end)(struct sw_reporter *r, const struct sw_totals *totals);
    void (*free)(struct sw_reporter *r);
};
struct sw_reporter {
    const struct sw_reporter_ops *ops;
    struct sw_reporter *next;
    char *path; /* of what it writes, for messages, its own; NULL: a standard stream */
};

/* All that report, and the counts. Zeroed memory is none. */
struct sw_reports {
    struct sw_reporter *first;
    struct sw_totals totals;
    unsigned runs, run_count; /* begun, and in all if that is known: for progress */
};

/* r may be NULL (out of memory): then nothing is added, and -ENOMEM is returned. */
int sw_reports_add(struct sw_reports *set, struct sw_reporter *r);
/* Counts the record and shows it to all. */
void sw_reports_tell(struct sw_reports *set, const struct sw_run_info *run,
                     const struct sw_record *record);
/* Ends and frees all, and says what could not be written. Returns the exit status. */
int sw_reports_end(struct sw_reports *set);

/* "0.500000 s  api stderr: no such table", as every report shows what a program printed; characters
 * that a terminal would act upon become '?', bytes that are no UTF-8 U+FFFD. Returns text. */
char *sw_reports_line(char *text, size_t cap, const struct sw_printed *line);
/* "printed before it (the last 8 of 90 lines)". Returns text. */
char *sw_reports_lines(char *text, size_t cap, const struct sw_record *record);

/* "N passed, N failed", or with ", N skipped": the last line of all. */
void sw_reports_count(FILE *to, const struct sw_totals *totals);

/* As people read it, to stdout; its last line is "N passed, N failed". Where quiet, passed checks
 * and digests are left out. */
struct sw_reporter *sw_reporter_text(struct sw_reports *set, const struct sw_options *options);
/* TAP 13 (Test Anything Protocol) to stdout; the count goes to stderr. */
struct sw_reporter *sw_reporter_tap(void);
/* A line of JSON a record, to stdout (path NULL; the count goes to stderr) or a file that is
 * replaced. *rc is 0 or a negative errno where NULL is returned. */
struct sw_reporter *sw_reporter_json(const char *path, int *rc);
/* JUnit XML: a suite a run, a case a check. Written whole at the end, also behind ^C. */
struct sw_reporter *sw_reporter_junit(const char *path, int *rc);
/* Annotations of failures to stdout, and a Markdown table to the file `summary`, appended (NULL:
 * none). */
struct sw_reporter *sw_reporter_github(const char *summary);

#endif
