/* switchd test: scenarios, in virtual time unless the LAN has real ends. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "switchd/jobs.h"
#include "switchd/logs.h"
#include "switchd/plan.h"
#include "switchd/report.h"
#include "switchd/tell.h"
#include "switchd/verbs.h"

#define VIRTUAL_LIMIT (24 * 3600 * SW_S)
#define REAL_LIMIT (600 * SW_S)

struct testing {
    const struct sw_options *options;
    struct sw_plan plan;
    struct sw_reports reports;
    struct sw_jobs *jobs; /* this is the process of a run; NULL: of all */
    int status;           /* the worst of all runs */
    bool ended;           /* no more runs: a signal, or --fail-fast */
    size_t told;          /* --jobs: runs whose records were taken, when no more are */
};

struct running {
    struct testing *testing;
    const struct sw_plan_run *run;
    struct sw_logs *logs; /* with --report */
};

static void outrank(struct testing *t, int status)
{
    t->status = status > t->status ? status : t->status;
}

/* ---- one run ---- */

static void tell(void *ctx, const struct sw_run_info *info, const struct sw_record *record)
{
    const struct running *r = ctx;
    struct testing *t = r->testing;
    if (record->kind == SW_RECORD_OUTPUT) {
        sw_logs_line(r->logs, record->printed);
    }
    if (t->jobs) {
        sw_jobs_tell(t->jobs, info, record);
    } else {
        sw_reports_tell(&t->reports, info, record);
    }
}

static bool is_wanted(void *ctx, const char *check)
{
    const struct running *r = ctx;
    return sw_pick_wants(&r->testing->plan.pick, r->run->info.name, check);
}

/* DIR/003-office of the third run; malloc'd, and made. NULL: it has been said why not. */
static char *make_folder(const struct testing *t, const struct sw_plan_run *run)
{
    const char *slash = strrchr(run->info.name, '/');
    char base[64], *folder;
    snprintf(base, sizeof base, "%s", slash ? slash + 1 : run->info.name);
    for (char *at = base; *at; at++) {
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._=-", *at)) {
            *at = '_';
        }
    }
    if (asprintf(&folder, "%s/%03zu-%s", t->options->report, (size_t)(run - t->plan.runs) + 1,
                 base) < 0) {
        return NULL;
    }
    if (mkdir(folder, 0777) && errno != EEXIST) {
        fprintf(stderr, "switchd: %s: %s\n", folder, strerror(errno));
        free(folder);
        return NULL;
    }
    return folder;
}

static enum sw_drive play(struct testing *t, const struct sw_plan_run *run, struct sw_session *s,
                          struct sw_logs *logs)
{
    const struct sw_options *o = t->options;
    struct running running = {t, run, logs};
    struct sw_teller config = {.run = &run->info,
                               .tell = tell,
                               .wants = is_wanted,
                               .ctx = &running,
                               .fail_fast = o->fail_fast,
                               .limit = o->timeout       ? o->timeout
                                        : run->info.real ? REAL_LIMIT
                                                         : VIRTUAL_LIMIT};
    return sw_tell(&config, s);
}

static int close_logs(struct sw_logs *logs)
{
    char path[512];
    int rc = sw_logs_close(logs, path, sizeof path);
    if (rc) {
        fprintf(stderr, "switchd: %s: %s\n", path, strerror(-rc));
    }
    return rc ? SW_EXIT_REFUSED : 0;
}

/* With what a report keeps of it in `folder`, if that is not NULL. The topo is the run's from now
 * on. */
static int do_run_in(struct testing *t, const struct sw_plan_run *run, struct sw_topo *topo,
                     const char *folder)
{
    struct sw_options options = *t->options;
    struct sw_session session;
    struct sw_logs *logs = folder ? sw_logs_new(folder) : NULL;
    char *path = NULL;
    if (folder && (!logs || asprintf(&path, "%s/capture.pcapng", folder) < 0)) {
        fputs("switchd: out of memory\n", stderr);
        sw_topo_free(topo);
        close_logs(logs);
        return SW_EXIT_REFUSED;
    }
    options.pcap = path ? path : options.pcap;
    int status = sw_session_open(&session, &options, topo, run->info.real);
    if (status == 0) {
        t->ended = play(t, run, &session, logs) == SW_DRIVE_SIGNAL;
        if (options.verbose) {
            sw_session_summary(&session);
        }
        status = sw_session_close(&session);
    }
    free(path);
    int closed = close_logs(logs);
    return closed ? closed : status;
}

/* Returns an exit status that outranks the count's, or 0. */
static int do_run(struct testing *t, const struct sw_plan_run *run)
{
    struct sw_topo *topo;
    int status = sw_plan_topo(&topo, &t->plan, run);
    if (status) {
        return status;
    }
    char *folder = t->options->report ? make_folder(t, run) : NULL;
    if (t->options->report && !folder) {
        sw_topo_free(topo);
        return SW_EXIT_REFUSED;
    }
    status = do_run_in(t, run, topo, folder);
    free(folder);
    return status;
}

static void skip(struct testing *t, const struct sw_plan_run *run, const char *why)
{
    sw_reports_tell(&t->reports, &run->info,
                    &(struct sw_record){.kind = SW_RECORD_SKIP, .why = why});
}

/* ---- all runs, one after the other ---- */

static void run_all(struct testing *t)
{
    const struct sw_options *o = t->options;
    for (size_t i = 0; i < t->plan.count; i++) {
        const struct sw_plan_run *run = &t->plan.runs[i];
        if (run->skip) {
            skip(t, run, run->skip);
        } else if (t->ended) {
            skip(t, run, "interrupted");
        } else if (o->fail_fast && t->reports.totals.failed) {
            skip(t, run, "--fail-fast, and a check failed before");
        } else {
            outrank(t, do_run(t, run));
        }
    }
}

/* ---- all runs, several at once ---- */

static int run_job(void *ctx, size_t number)
{
    struct testing *t = ctx;
    const struct sw_plan_run *run = &t->plan.runs[number];
    return run->skip ? 0 : do_run(t, run);
}

static bool take_record(void *ctx, size_t number, const struct sw_run_info *run,
                        const struct sw_record *record)
{
    struct testing *t = ctx;
    (void)run; /* of a record other than the first there is its name alone */
    sw_reports_tell(&t->reports, &t->plan.runs[number].info, record);
    bool last = t->options->fail_fast && record->kind == SW_RECORD_END && t->reports.totals.failed;
    t->ended |= last;
    t->told = number + 1;
    return !last;
}

static void job_ended(void *ctx, size_t number, int status)
{
    struct testing *t = ctx;
    const struct sw_plan_run *run = &t->plan.runs[number];
    if (run->skip) {
        skip(t, run, run->skip);
    } else if (status < 0 && !t->ended) {
        fprintf(stderr, "switchd: %s: its process ended by signal %d\n", run->info.name, -status);
        outrank(t, SW_EXIT_FAILED);
    } else {
        outrank(t, status < 0 ? 0 : status);
    }
}

static void run_jobs(struct testing *t)
{
    size_t began;
    struct sw_jobs jobs = {.count = t->plan.count,
                           .at_once = t->options->jobs,
                           .run = run_job,
                           .record = take_record,
                           .ended = job_ended,
                           .ctx = t};
    t->jobs = &jobs;
    int rc = sw_jobs_run(&jobs, &began);
    t->jobs = NULL;
    if (rc) {
        fprintf(stderr, "switchd: --jobs: %s\n", strerror(-rc));
        outrank(t, SW_EXIT_REFUSED);
    }
    /* Those that had begun beside the one that failed are not told of. */
    for (size_t i = t->ended ? t->told : began; i < t->plan.count; i++) {
        skip(t, &t->plan.runs[i],
             t->ended ? "--fail-fast, and a check failed before" : "interrupted");
    }
}

/* ---- who reports ---- */

static int refused(const char *path, int rc)
{
    fprintf(stderr, "switchd: %s: %s\n", path, strerror(-rc));
    return SW_EXIT_REFUSED;
}

static int add_report_dir(struct testing *t)
{
    char *log = NULL, *junit = NULL;
    const char *dir = t->options->report;
    if (mkdir(dir, 0777) && errno != EEXIST) {
        return refused(dir, -errno);
    }
    int rc = 0;
    if (asprintf(&log, "%s/events.jsonl", dir) < 0 || asprintf(&junit, "%s/junit.xml", dir) < 0) {
        rc = -ENOMEM;
    }
    struct sw_reporter *r = rc ? NULL : sw_reporter_json(log, &rc);
    rc = rc ? rc : sw_reports_add(&t->reports, r);
    r = rc ? NULL : sw_reporter_junit(junit, &rc);
    rc = rc ? rc : sw_reports_add(&t->reports, r);
    free(log);
    free(junit);
    return rc ? refused(dir, rc) : 0;
}

static int add_reports(struct testing *t)
{
    const struct sw_options *o = t->options;
    int rc = 0;
    struct sw_reporter *first = o->tap    ? sw_reporter_tap()
                                : o->json ? sw_reporter_json(NULL, &rc)
                                          : sw_reporter_text(&t->reports, o);
    if (sw_reports_add(&t->reports, first)) {
        return refused("standard output", -ENOMEM);
    }
    if (o->junit) {
        struct sw_reporter *junit = sw_reporter_junit(o->junit, &rc);
        if (sw_reports_add(&t->reports, junit)) {
            return refused(o->junit, rc);
        }
    }
    const char *github = getenv("GITHUB_ACTIONS");
    if (github && strcmp(github, "true") == 0 && !o->tap && !o->json &&
        sw_reports_add(&t->reports, sw_reporter_github(getenv("GITHUB_STEP_SUMMARY")))) {
        return refused("GITHUB_STEP_SUMMARY", -ENOMEM);
    }
    return o->report ? add_report_dir(t) : 0;
}

/* ---- the verb ---- */

static int usage(const char *why)
{
    fprintf(stderr, "switchd: %s\n", why);
    return SW_EXIT_USAGE;
}

static int check_options(const struct sw_options *o)
{
    if (o->tap && o->json) {
        return usage("--tap and --json both want standard output");
    }
    if (o->last_failed && !o->report) {
        return usage("--last-failed looks into the report of the last time: say --report DIR");
    }
    return o->pcap && o->report ? usage("--report holds a capture a run: leave --pcap out") : 0;
}

static void print_check(void *ctx, const char *check)
{
    const struct running *r = ctx;
    if (is_wanted(ctx, check)) {
        printf("%s::%s\n", r->run->info.name, check);
    }
}

static int list(struct testing *t)
{
    for (size_t i = 0; i < t->plan.count; i++) {
        struct sw_topo *topo;
        struct running r = {.testing = t, .run = &t->plan.runs[i]};
        outrank(t, sw_plan_topo(&topo, &t->plan, r.run));
        if (topo) {
            sw_pick_checks(topo, print_check, &r);
            if (sw_topo_has_programs(topo)) {
                print_check(&r, SW_CHECK_PROGRAMS);
            }
            print_check(&r, SW_CHECK_HELD);
            sw_topo_free(topo);
        }
    }
    return t->status;
}

static int run_plan(struct testing *t)
{
    const struct sw_options *o = t->options;
    t->reports.run_count = (unsigned)t->plan.count;
    outrank(t, add_reports(t));
    if (t->status != SW_EXIT_REFUSED) {
        if (o->jobs > 1 && t->plan.count > 1) {
            run_jobs(t);
        } else {
            run_all(t);
        }
    }
    int counted = sw_reports_end(&t->reports);
    return t->status > counted ? t->status : counted;
}

int sw_verb_test(const struct sw_options *o)
{
    struct testing t = {.options = o};
    int status = check_options(o);
    if (status) {
        return status;
    }
    t.status = sw_plan_make(&t.plan, o);
    if (t.plan.count > 1 && o->pcap) {
        status = usage("--pcap holds one run, and this would be several: use --report DIR");
    } else if (t.plan.count > 1 && o->tcp_trace) {
        status = usage("--tcp-trace holds one run, and this would be several");
    } else if (t.plan.count == 0) {
        if (t.status == 0) {
            fputs("switchd: nothing to run\n", stderr);
        }
        status = t.status ? t.status : SW_EXIT_NOTHING;
    } else {
        status = o->list ? list(&t) : run_plan(&t);
    }
    sw_plan_fini(&t.plan);
    return status;
}
