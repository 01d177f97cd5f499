/* TAP 13, the Test Anything Protocol: a line a check, what a failed one says as YAML below it, the
 * plan at the end. See report.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/report.h"

struct tap {
    struct sw_reporter reporter;
    unsigned number;
};

/* A description: '#' would begin a directive. */
static void put_name(const char *name)
{
    for (; *name; name++) {
        if (*name == '#' || *name == '\\') {
            putchar('\\');
        }
        putchar((unsigned char)*name < ' ' ? ' ' : *name);
    }
}

/* A value of YAML, in double quotes, and the line's end. */
static void put_quoted(const char *value)
{
    putchar('"');
    for (; *value; value++) {
        unsigned char c = (unsigned char)*value;
        if (c < ' ' || c == 0x7f) {
            printf("\\x%02x", c);
        } else {
            printf(c == '"' || c == '\\' ? "\\%c" : "%c", c);
        }
    }
    puts("\"");
}

static void put_field(const char *key, const char *value)
{
    if (value) {
        printf("  %s: ", key);
        put_quoted(value);
    }
}

static void put_details(const struct sw_run_info *run, const struct sw_record *r)
{
    fputs("  ---\n", stdout);
    put_field("message", r->why);
    put_field("expected", r->expected);
    put_field("seen", r->seen);
    if (r->where.line) {
        char at[1024];
        snprintf(at, sizeof at, "%s:%u:%u", r->where.file ? r->where.file : run->file,
                 r->where.line, r->where.column);
        put_field("at", at);
    }
    put_field("replay", run->replay);
    if (r->printed_count > 0) {
        char text[SW_REPORT_LINE];
        printf("  lines-before: %" PRIu64 "\n  printed:\n", r->printed_before);
        for (size_t i = 0; i < r->printed_count; i++) {
            fputs("    - ", stdout);
            put_quoted(sw_reports_line(text, sizeof text, &r->printed[i]));
        }
    }
    fputs("  ...\n", stdout);
}

static void begin(struct tap *t)
{
    if (t->number++ == 0) {
        puts("TAP version 13");
    }
}

static void record(struct sw_reporter *reporter, const struct sw_run_info *run,
                   const struct sw_record *r)
{
    struct tap *t = SW_CONTAINER(reporter, struct tap, reporter);
    if (r->kind == SW_RECORD_CHECK) {
        begin(t);
        printf("%s %u - ", r->passed ? "ok" : "not ok", t->number);
        put_name(run->name);
        fputs("::", stdout);
        put_name(r->name);
        putchar('\n');
        if (!r->passed) {
            put_details(run, r);
        }
    } else if (r->kind == SW_RECORD_SKIP) {
        begin(t);
        printf("ok %u - ", t->number);
        put_name(run->name);
        fputs(" # SKIP ", stdout);
        put_name(r->why);
        putchar('\n');
    } else if (r->kind == SW_RECORD_END && r->digested) {
        printf("# digest %016" PRIx64 " %s, seed %" PRIu64 "\n", r->digest, run->name, run->seed);
    }
    fflush(stdout);
}

static int end(struct sw_reporter *reporter, const struct sw_totals *totals)
{
    const struct tap *t = SW_CONTAINER(reporter, struct tap, reporter);
    if (t->number == 0) {
        puts("TAP version 13");
    }
    printf("1..%u\n", t->number);
    fflush(stdout);
    sw_reports_count(stderr, totals);
    return 0;
}

static void free_tap(struct sw_reporter *reporter)
{
    free(SW_CONTAINER(reporter, struct tap, reporter));
}

struct sw_reporter *sw_reporter_tap(void)
{
    static const struct sw_reporter_ops ops = {record, end, free_tap};
    struct tap *t = calloc(1, sizeof *t);
    if (!t) {
        return NULL;
    }
    t->reporter.ops = &ops;
    return &t->reporter;
}
