/* Checks as people read them: a line each, the figures of a failed one, a digest a run, the count.
 * On a terminal in colour, with the step under way on a line of its own. See report.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/report.h"

struct text {
    struct sw_reporter reporter;
    const struct sw_reports *set; /* for progress */
    bool quiet, verbose, colour, progress;
    bool shown; /* a line of progress stands on the terminal */
};

static void clear_progress(struct text *t)
{
    if (t->shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        t->shown = false;
    }
}

static void show_progress(struct text *t, const struct sw_run_info *run, const char *step)
{
    if (t->progress) {
        fprintf(stderr, "\r\033[K[%u/%u] %.60s: %.60s", t->set->runs, t->set->run_count, run->name,
                step ? step : "");
        fflush(stderr);
        t->shown = true;
    }
}

static const char *paint(const struct text *t, const char *code)
{
    return t->colour ? code : "";
}

static void print_failure(const struct text *t, const struct sw_run_info *run,
                          const struct sw_record *r)
{
    printf("%sFAIL%s  %s::%s\n", paint(t, "\033[31m"), paint(t, "\033[0m"), run->name, r->name);
    if (r->why) {
        printf("      %s\n", r->why);
    } else {
        printf("      expected %s, seen %s\n", r->expected ? r->expected : "-",
               r->seen ? r->seen : "-");
    }
    if (r->where.line) {
        printf("      at %s:%u:%u\n", r->where.file ? r->where.file : run->file, r->where.line,
               r->where.column);
    }
    printf("      replay: %s\n", run->replay);
    if (r->printed_count > 0) {
        char text[SW_REPORT_LINE];
        printf("      %s:\n", sw_reports_lines(text, sizeof text, r));
        for (size_t i = 0; i < r->printed_count; i++) {
            printf("        %s\n", sw_reports_line(text, sizeof text, &r->printed[i]));
        }
    }
}

static void print_check(const struct text *t, const struct sw_run_info *run,
                        const struct sw_record *r)
{
    if (!r->passed) {
        print_failure(t, run, r);
    } else if (!t->quiet) {
        printf("%sok%s    %s::%s", paint(t, "\033[32m"), paint(t, "\033[0m"), run->name, r->name);
        printf(r->figure ? "  (%s)\n" : "\n", r->figure);
    }
}

static void print_end(const struct text *t, const struct sw_run_info *run,
                      const struct sw_record *r)
{
    if (r->late.turns > 0) {
        printf("late   p50 %.1f us, p95 %.1f us, max %.1f us of %" PRIu64 " turns  %s\n",
               (double)r->late.p50 / 1e3, (double)r->late.p95 / 1e3, (double)r->late.max / 1e3,
               r->late.turns, run->name);
    }
    if (r->digested && !t->quiet) {
        printf("digest %016" PRIx64 "  %s, seed %" PRIu64 "\n", r->digest, run->name, run->seed);
    }
}

static void record(struct sw_reporter *reporter, const struct sw_run_info *run,
                   const struct sw_record *r)
{
    struct text *t = SW_CONTAINER(reporter, struct text, reporter);
    if (r->kind == SW_RECORD_RUN || r->kind == SW_RECORD_STEP) {
        show_progress(t, run, r->name);
        return;
    }
    clear_progress(t);
    if (r->kind == SW_RECORD_CHECK) {
        print_check(t, run, r);
    } else if (r->kind == SW_RECORD_END) {
        print_end(t, run, r);
    } else if (r->kind == SW_RECORD_OUTPUT && t->verbose) {
        char text[SW_REPORT_LINE];
        printf("      %s\n", sw_reports_line(text, sizeof text, r->printed));
    } else if (r->kind == SW_RECORD_SKIP) {
        printf("skip  %s: %s\n", run->name, r->why);
    }
    if (r->kind !=
        SW_RECORD_OUTPUT) { /* there may be very many; the next record takes them along */
        fflush(stdout);
    }
}

static int end(struct sw_reporter *reporter, const struct sw_totals *totals)
{
    clear_progress(SW_CONTAINER(reporter, struct text, reporter));
    fflush(stderr);
    sw_reports_count(stdout, totals); /* whether it could be written is asked once, by main() */
    return 0;
}

static void free_text(struct sw_reporter *reporter)
{
    free(SW_CONTAINER(reporter, struct text, reporter));
}

struct sw_reporter *sw_reporter_text(struct sw_reports *set, const struct sw_options *options)
{
    static const struct sw_reporter_ops ops = {record, end, free_text};
    struct text *t = calloc(1, sizeof *t);
    if (!t) {
        return NULL;
    }
    const char *no_colour = getenv("NO_COLOR");
    bool plain = no_colour && *no_colour;
    t->reporter.ops = &ops;
    t->set = set;
    t->quiet = options->quiet;
    t->verbose = options->verbose;
    t->colour = !plain && isatty(STDOUT_FILENO);
    t->progress = !t->quiet && isatty(STDERR_FILENO);
    return &t->reporter;
}
