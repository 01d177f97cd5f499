/* Collecting problems: each with its place, its source line and a caret, sorted by place in the
 * end, each said once. */
#ifndef SW_CONFIG_PROBLEM_H
#define SW_CONFIG_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

/* More than this many errors are counted, not kept; and more than this many warnings. */
#define SW_PROBLEMS_MAX 1000

/* A file's text, lent. */
struct sw_source {
    const char *path;
    const char *bytes;
    size_t len;
};

/* Where a character of the text stands. A line can have megabytes and a thousand problems, and
 * columns are counted; the marks, one each 64 KiB, save counting from the line's beginning. */
struct sw_report_mark {
    size_t offset, line; /* counted from 0 */
    unsigned column;     /* counted from 1 */
};

#define SW_CONFIG_FILES_MAX 64 /* a LAN file and those that it includes */

/* A file that problems may be of. */
struct sw_report_file {
    const struct sw_source *source;
    size_t *lines; /* where each line begins; NULL before the first problem */
    size_t line_count;
    struct sw_report_mark *marks;
    size_t mark_count;
};

struct sw_report {
    struct sw_problems *problems;
    const struct sw_source *source; /* of a place that names no file */
    struct sw_report_file files[SW_CONFIG_FILES_MAX];
    size_t file_count;
    size_t cap;
    size_t found[2]; /* by kind, those counted that are not kept */
    bool no_memory;
};

/* problems is emptied, not freed. source: the first file, or NULL: one is opened before anything is
 * said. */
void sw_report_init(struct sw_report *report, struct sw_problems *problems,
                    const struct sw_source *source);
/* Of this file from here on: places that name no file are in it. Files before it are known on. It
 * may have no bytes, where it could not be read. At most SW_CONFIG_FILES_MAX: asserted. */
void sw_report_open(struct sw_report *report, const struct sw_source *source);
/* Goes back to a file that was opened before. */
void sw_report_resume(struct sw_report *report, const struct sw_source *source);
/* The number of a place's file, in the order of opening. */
size_t sw_report_file(const struct sw_report *report, struct sw_where where);
/* Which place comes first, by file in the order of opening, line and column: below 0, 0, above. */
int sw_report_compare(const struct sw_report *report, struct sw_where a, struct sw_where b);
/* where.line 0: of the whole file, without a source line. The sentence has no full stop. What
 * stands there already is not said again. */
void sw_report_add(struct sw_report *report, enum sw_problem_kind kind, struct sw_where where,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));
#define SW_ERROR(report, where, ...) sw_report_add((report), SW_PROBLEM_ERROR, (where), __VA_ARGS__)
#define SW_WARN(report, where, ...)                                                                \
    sw_report_add((report), SW_PROBLEM_WARNING, (where), __VA_ARGS__)
/* Are there so many that the next is only counted? Then what costs time to say need not be said. */
bool sw_report_full(const struct sw_report *report, enum sw_problem_kind kind);
/* Line and column of the byte at `offset`. */
struct sw_where sw_report_where(struct sw_report *report, size_t offset);
/* The byte at a place, as its offset; source->len behind the last. */
size_t sw_report_offset(struct sw_report *report, struct sw_where where);
/* The place of the byte `at` of a scalar's text, which begins at `where`; `where` itself if the
 * file writes the text in another way, with escapes, line breaks or variables. */
struct sw_where sw_report_within(struct sw_report *report, struct sw_where where, const char *text,
                                 size_t at);
/* Sorts, takes out repeats, says how many were left out, frees what the report itself holds. 0,
 * -ENOMEM. */
int sw_report_end(struct sw_report *report);

#endif
