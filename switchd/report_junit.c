/* JUnit XML, in the dialect of Ant's reports that every CI server reads: a suite a run, a case a
 * check. Times are LAN time, of virtual runs too, so that two runs have the same bytes. See
 * report.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/report.h"
#include "switchd/utf8.h"

/* A run's cases, while it is under way. */
struct suite {
    FILE *file; /* of memory; NULL: no run is under way */
    char *text;
    size_t len;
    unsigned tests, failures;
    sw_time at;
};

struct junit {
    struct sw_reporter reporter;
    FILE *file;
    char *text; /* all suites that have ended */
    size_t len;
    FILE *suites;
    struct suite suite;
    unsigned id;
    int failed;
};

/* Text in an attribute or an element. Characters that XML 1.0 has no way to write become '?'. */
static void put_xml(FILE *f, const char *text)
{
    while (*text) {
        size_t n = sw_utf8_character(text);
        if (n == 0) {
            fputs(SW_UTF8_REPLACEMENT, f);
        } else if (n > 1) {
            fwrite(text, 1, n, f);
        } else if (strchr("&<>\"\n", *text)) {
            fprintf(f, "&#%d;", *text);
        } else {
            putc((unsigned char)*text < ' ' && *text != '\t' ? '?' : *text, f);
        }
        text += n ? n : 1;
    }
}

static void put_attribute(FILE *f, const char *name, const char *value)
{
    fprintf(f, " %s=\"", name);
    put_xml(f, value);
    putc('"', f);
}

static void put_seconds(FILE *f, const char *name, sw_time span)
{
    fprintf(f, " %s=\"%lld.%09lld\"", name, (long long)(span / SW_S), (long long)(span % SW_S));
}

static void put_failure(FILE *f, const struct sw_run_info *run, const struct sw_record *r)
{
    char message[1024];
    if (r->why) {
        snprintf(message, sizeof message, "%s", r->why);
    } else {
        snprintf(message, sizeof message, "expected %s, seen %s", r->expected ? r->expected : "-",
                 r->seen ? r->seen : "-");
    }
    fputs(">\n      <failure", f);
    put_attribute(f, "message", message);
    put_attribute(f, "type", r->why ? "run" : "expectation");
    fputs(">", f);
    if (r->where.line) {
        put_xml(f, r->where.file ? r->where.file : run->file);
        fprintf(f, ":%u:%u\n", r->where.line, r->where.column);
    }
    fputs("replay: ", f);
    put_xml(f, run->replay);
    for (size_t i = 0; i < r->printed_count; i++) {
        char text[SW_REPORT_LINE];
        if (i == 0) {
            fprintf(f, "\n%s:", sw_reports_lines(text, sizeof text, r));
        }
        fputs("\n  ", f);
        put_xml(f, sw_reports_line(text, sizeof text, &r->printed[i]));
    }
    fputs("</failure>\n    </testcase>\n", f);
}

static void put_case(struct junit *j, const struct sw_run_info *run, const struct sw_record *r)
{
    FILE *f = j->suite.file;
    j->suite.tests++;
    j->suite.failures += !r->passed;
    fputs("    <testcase", f);
    put_attribute(f, "name", r->name);
    put_attribute(f, "classname", run->name);
    put_seconds(f, "time", r->at - r->began);
    if (r->passed) {
        fputs("/>\n", f);
    } else {
        put_failure(f, run, r);
    }
}

static void put_suite_head(struct junit *j, const struct sw_run_info *run, unsigned tests,
                           unsigned failures, unsigned skipped)
{
    FILE *f = j->suites;
    fputs("  <testsuite package=\"\"", f);
    fprintf(f, " id=\"%u\"", j->id++);
    put_attribute(f, "name", run->name);
    /* A moment that says nothing, since runs are to have the same bytes. */
    fprintf(f, " timestamp=\"2026-01-01T00:00:00\" hostname=\"localhost\" tests=\"%u\"", tests);
    fprintf(f, " failures=\"%u\" errors=\"0\" skipped=\"%u\"", failures, skipped);
    put_seconds(f, "time", j->suite.at);
    fputs(">\n    <properties>\n", f);
    if (tests > skipped) {
        fprintf(f, "      <property name=\"seed\" value=\"%" PRIu64 "\"/>\n", run->seed);
        fprintf(f, "      <property name=\"time\" value=\"%s\"/>\n",
                run->real ? "real" : "virtual");
    }
    fputs("    </properties>\n", f);
}

static void put_suite_tail(struct junit *j)
{
    fputs("    <system-out/>\n    <system-err/>\n  </testsuite>\n", j->suites);
}

static void begin_suite(struct junit *j)
{
    j->suite = (struct suite){0};
    j->suite.file = open_memstream(&j->suite.text, &j->suite.len);
    j->failed = j->suite.file ? j->failed : -ENOMEM;
}

static void end_suite(struct junit *j, const struct sw_run_info *run)
{
    fclose(j->suite.file);
    j->suite.file = NULL;
    put_suite_head(j, run, j->suite.tests, j->suite.failures, 0);
    fwrite(j->suite.text, 1, j->suite.len, j->suites);
    put_suite_tail(j);
    free(j->suite.text);
    j->suite.text = NULL;
}

static void put_skipped(struct junit *j, const struct sw_run_info *run, const char *why)
{
    j->suite.at = 0;
    put_suite_head(j, run, 1, 0, 1);
    fputs("    <testcase name=\"the scenario\"", j->suites);
    put_attribute(j->suites, "classname", run->name);
    fputs(" time=\"0\">\n      <skipped", j->suites);
    put_attribute(j->suites, "message", why);
    fputs("/>\n    </testcase>\n", j->suites);
    put_suite_tail(j);
}

static void record(struct sw_reporter *reporter, const struct sw_run_info *run,
                   const struct sw_record *r)
{
    struct junit *j = SW_CONTAINER(reporter, struct junit, reporter);
    switch (r->kind) {
    case SW_RECORD_RUN:
        begin_suite(j);
        break;
    case SW_RECORD_CHECK:
        if (j->suite.file) {
            put_case(j, run, r);
        }
        break;
    case SW_RECORD_END:
        j->suite.at = r->at;
        if (j->suite.file) {
            end_suite(j, run);
        }
        break;
    case SW_RECORD_SKIP:
        put_skipped(j, run, r->why);
        break;
    case SW_RECORD_STEP:
    case SW_RECORD_EVENT:
    case SW_RECORD_OUTPUT:
        break;
    }
}

static int end(struct sw_reporter *reporter, const struct sw_totals *totals)
{
    struct junit *j = SW_CONTAINER(reporter, struct junit, reporter);
    bool lost = ferror(j->suites) != 0;
    lost = fclose(j->suites) != 0 || lost;
    j->suites = NULL;
    fprintf(j->file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    errno = 0;
    bool short_of =
        fwrite(j->text, 1, j->len, j->file) != j->len || fputs("</testsuites>\n", j->file) < 0;
    short_of = fclose(j->file) != 0 || short_of;
    j->file = NULL;
    (void)totals;
    return j->failed ? j->failed : lost ? -ENOMEM : !short_of ? 0 : errno ? -errno : -EIO;
}

static void free_junit(struct sw_reporter *reporter)
{
    struct junit *j = SW_CONTAINER(reporter, struct junit, reporter);
    if (j->suite.file) {
        fclose(j->suite.file);
    }
    if (j->suites) {
        fclose(j->suites);
    }
    if (j->file) {
        fclose(j->file);
    }
    free(j->suite.text);
    free(j->text);
    free(j);
}

struct sw_reporter *sw_reporter_junit(const char *path, int *rc)
{
    static const struct sw_reporter_ops ops = {record, end, free_junit};
    struct junit *j = calloc(1, sizeof *j);
    if (!j) {
        *rc = -ENOMEM;
        return NULL;
    }
    j->reporter.ops = &ops;
    j->reporter.path = strdup(path);
    j->suites = open_memstream(&j->text, &j->len);
    j->file = fopen(path, "we");
    *rc = !j->file ? -errno : j->suites ? 0 : -ENOMEM;
    if (*rc) {
        free(j->reporter.path);
        free_junit(&j->reporter);
        return NULL;
    }
    return &j->reporter;
}
