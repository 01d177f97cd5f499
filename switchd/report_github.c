/* GitHub Actions: an annotation at the line of each failed check, and a table for the job's page.
 * See report.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/report.h"

struct github {
    struct sw_reporter reporter;
    FILE *summary; /* or NULL */
    bool headed;
    unsigned passed, failed; /* of the run under way */
};

/* What a workflow command wants escaped; in a property, ':' and ',' too. */
static void put_escaped(const char *text, bool property)
{
    for (; *text; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n' ||
            (property && (*text == ':' || *text == ','))) {
            printf("%%%02X", (unsigned)*text);
        } else {
            putchar(*text);
        }
    }
}

static void annotate(const struct sw_run_info *run, const struct sw_record *r)
{
    fputs("::error file=", stdout);
    put_escaped(r->where.file ? r->where.file : run->file, true);
    if (r->where.line) {
        printf(",line=%u,col=%u", r->where.line, r->where.column);
    }
    fputs(",title=", stdout);
    put_escaped(run->name, true);
    fputs("%3A%3A", stdout);
    put_escaped(r->name, true);
    fputs("::", stdout);
    if (r->why) {
        put_escaped(r->why, false);
    } else {
        fputs("expected ", stdout);
        put_escaped(r->expected ? r->expected : "-", false);
        fputs(", seen ", stdout);
        put_escaped(r->seen ? r->seen : "-", false);
    }
    fputs("%0Areplay: ", stdout);
    put_escaped(run->replay, false);
    for (size_t i = 0; i < r->printed_count; i++) {
        char text[SW_REPORT_LINE];
        if (i == 0) {
            printf("%%0A%s:", sw_reports_lines(text, sizeof text, r));
        }
        fputs("%0A  ", stdout);
        put_escaped(sw_reports_line(text, sizeof text, &r->printed[i]), false);
    }
    putchar('\n');
    fflush(stdout);
}

/* A cell of a table. */
static void put_cell(FILE *f, const char *text)
{
    fputs("| ", f);
    for (; *text; text++) {
        if (*text == '|' || *text == '<' || *text == '`' || *text == '*' || *text == '\\') {
            putc('\\', f);
        }
        putc((unsigned char)*text < ' ' ? ' ' : *text, f);
    }
    putc(' ', f);
}

static void put_row(struct github *g, const char *run, const char *verdict, const char *what)
{
    if (!g->summary) {
        return;
    }
    if (!g->headed) {
        fputs("### switchd\n\n| run | | |\n| --- | --- | --- |\n", g->summary);
        g->headed = true;
    }
    put_cell(g->summary, run);
    put_cell(g->summary, verdict);
    put_cell(g->summary, what);
    fputs("|\n", g->summary);
}

static void put_failed_row(struct github *g, const struct sw_run_info *run,
                           const struct sw_record *r)
{
    char what[1024];
    if (r->why) {
        snprintf(what, sizeof what, "%s: %s", r->name, r->why);
    } else {
        snprintf(what, sizeof what, "%s: expected %s, seen %s", r->name,
                 r->expected ? r->expected : "-", r->seen ? r->seen : "-");
    }
    put_row(g, run->name, "failed", what);
}

static void record(struct sw_reporter *reporter, const struct sw_run_info *run,
                   const struct sw_record *r)
{
    struct github *g = SW_CONTAINER(reporter, struct github, reporter);
    char what[128];
    switch (r->kind) {
    case SW_RECORD_RUN:
        g->passed = g->failed = 0;
        break;
    case SW_RECORD_CHECK:
        g->passed += r->passed;
        g->failed += !r->passed;
        if (!r->passed) {
            annotate(run, r);
            put_failed_row(g, run, r);
        }
        break;
    case SW_RECORD_END:
        snprintf(what, sizeof what, "%u checks passed, %u failed, seed %" PRIu64, g->passed,
                 g->failed, run->seed);
        put_row(g, run->name, g->failed ? "failed" : "passed", what);
        break;
    case SW_RECORD_SKIP:
        put_row(g, run->name, "skipped", r->why);
        break;
    case SW_RECORD_STEP:
    case SW_RECORD_EVENT:
    case SW_RECORD_OUTPUT:
        break;
    }
}

static int end(struct sw_reporter *reporter, const struct sw_totals *totals)
{
    struct github *g = SW_CONTAINER(reporter, struct github, reporter);
    if (!g->summary) {
        return 0;
    }
    fprintf(g->summary, "\n%u passed, %u failed, %u skipped\n", totals->passed, totals->failed,
            totals->skipped);
    int rc = fclose(g->summary) ? -errno : 0;
    g->summary = NULL;
    return rc;
}

static void free_github(struct sw_reporter *reporter)
{
    free(SW_CONTAINER(reporter, struct github, reporter));
}

struct sw_reporter *sw_reporter_github(const char *summary)
{
    static const struct sw_reporter_ops ops = {record, end, free_github};
    struct github *g = calloc(1, sizeof *g);
    if (!g) {
        return NULL;
    }
    g->reporter.ops = &ops;
    g->reporter.path = summary ? strdup(summary) : NULL;
    g->summary = summary && *summary ? fopen(summary, "ae") : NULL;
    return &g->reporter;
}
