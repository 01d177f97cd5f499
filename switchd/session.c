/* One LAN brought up from a file. See session.h. */
#include "switchd/session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "config/suggest.h"
#include "switchd/files.h"

#define POOL_BYTES ((size_t)4 << 30)
/* In virtual time, this many steps within one instant mean that the LAN goes round in circles. */
#define STEPS_AN_INSTANT 1000000
/* How often a virtual run looks whether it was interrupted, in instants. */
#define LOOK_EVERY 1024
/* The time of day at LAN time 0 of virtual runs: 2026-01-01 00:00:00 UTC. */
#define VIRTUAL_EPOCH (1767225600 * SW_S)

static void write_log(void *ctx, enum sw_log_level level, const char *line)
{
    static const char *const word[] = {"error", "warning", "info", "debug"};
    (void)ctx;
    fprintf(stderr, "switchd: %s: %s\n", word[level], line);
}

static void print_problem(const struct sw_problem *problem)
{
    char *text = sw_problem_text(problem);
    fputs(text ? text : "out of memory", stderr);
    size_t n = text ? strlen(text) : 0;
    if (n == 0 || text[n - 1] != '\n') {
        fputc('\n', stderr);
    }
    free(text);
}

int sw_session_read_one(struct sw_topo **out, const struct sw_options *options, const char *path,
                        struct sw_config_choice *choice, bool again)
{
    struct sw_problems problems = {0};
    int rc = sw_config_load_one(out, path, sw_files_io(), options->sets, options->set_count, choice,
                                &problems);
    for (size_t i = 0; i < problems.count; i++) {
        if (!again || problems.list[i].kind == SW_PROBLEM_ERROR) {
            print_problem(&problems.list[i]);
        }
    }
    sw_problems_fini(&problems);
    if (rc == -ENOMEM) {
        fprintf(stderr, "switchd: %s: out of memory\n", path);
        return SW_EXIT_REFUSED;
    }
    if (rc == 0 && options->seed_given) {
        (*out)->seed = options->seed;
    }
    return rc ? SW_EXIT_USAGE : 0;
}

int sw_session_read(struct sw_topo **out, const struct sw_options *options, const char *path)
{
    struct sw_config_choice first = {0};
    int status = sw_session_read_one(out, options, path, &first, false);
    sw_config_choice_fini(&first);
    return status;
}

static int make_seeds(struct sw_session *s)
{
    sw_seed_from_number(&s->seed, s->topo->seed);
    s->secrets = s->seed;
    uint8_t bytes[32];
    if (s->real) {
        if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
            fprintf(stderr, "switchd: getrandom: %s\n", strerror(errno));
            return SW_EXIT_REFUSED;
        }
        sw_seed_from_bytes(&s->secrets, bytes);
    }
    return 0;
}

static sw_time epoch_of(const struct sw_session *s)
{
    if (!s->real) {
        return VIRTUAL_EPOCH;
    }
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (sw_time)ts.tv_sec * SW_S + ts.tv_nsec;
}

static int make_capture(struct sw_session *s)
{
    s->ends.epoch = epoch_of(s);
    if (!s->options->pcap) {
        return 0;
    }
    int rc = sw_capture_new(&s->capture, s->options->pcap, s->topo->seed, s->ends.epoch);
    if (rc) {
        fprintf(stderr, "switchd: %s: %s\n", s->options->pcap, strerror(-rc));
        return SW_EXIT_REFUSED;
    }
    sw_capture_watch(s->capture)->next = s->env.watch;
    s->env.watch = sw_capture_watch(s->capture);
    return 0;
}

static int make_tcp_trace(struct sw_session *s)
{
    const char *path = s->options->tcp_trace;
    if (path && !sw_tcp_trace_knows(path)) {
        fprintf(stderr, "switchd: --tcp-trace: '%s' ends neither in .csv nor in .jsonl\n", path);
        return SW_EXIT_USAGE;
    }
    int rc = path ? sw_tcp_trace_new(&s->tcp_trace, path) : 0;
    if (rc) {
        fprintf(stderr, "switchd: %s: %s\n", path, strerror(-rc));
        return SW_EXIT_REFUSED;
    }
    return 0;
}

static void on_usr1(void *ctx)
{
    sw_session_summary(ctx);
}

static void on_acted(void *ctx, sw_time now, const char *text)
{
    const struct sw_session *s = ctx;
    if (s->acted) {
        s->acted(s->acted_ctx, now, text);
    } else {
        sw_log_line(&s->env.log, SW_LOG_INFO, "%.9f s: %s", (double)now / 1e9, text);
    }
}

/* A line that a program printed: a record of its run, or to the terminal. */
static void on_line(void *ctx, const struct sw_printed *line)
{
    const struct sw_session *s = ctx;
    if (s->printed) {
        s->printed(s->acted_ctx, line);
    } else if (strcmp(line->stream, SW_STREAM_WORD_ENDED) == 0) {
        fprintf(stderr, "%s: (it ended: %s)\n", line->host, line->text);
    } else {
        fprintf(stderr, "%s: %s\n", line->host, line->text);
    }
}

static int make_programs(struct sw_session *s)
{
    struct sw_programs_hooks hooks = {.line = on_line,
                                      .ctx = s,
                                      .bounded =
                                          s->options->verb == SW_VERB_TEST || s->options->scenario};
    return sw_programs_new(&s->programs, &s->env, s->topo, &hooks);
}

static int make_network(struct sw_session *s)
{
    char why[512] = "";
    struct sw_network_options options = {.virtual_time = !s->real,
                                         .uplink = sw_ends_make,
                                         .ctx = &s->ends,
                                         .tcp_watch =
                                             s->tcp_trace ? sw_tcp_trace_watch(s->tcp_trace) : NULL,
                                         .programs = sw_programs_network(s->programs)};
    int rc = sw_network_new(&s->net, &s->env, s->topo, &options, why, sizeof why);
    s->ends.net = s->net;
    if (s->ends.refused) {
        return s->ends.refused; /* sw_ends_make() has said why */
    }
    if (rc == 0) {
        struct sw_events_hooks hooks = {.acted = on_acted, .ctx = s};
        rc = sw_events_new(&s->events, s->net, &hooks);
    }
    if (rc == 0) {
        return 0;
    }
    fprintf(stderr, "switchd: %s: %s\n", s->topo->name, why[0] ? why : strerror(-rc));
    return rc == -EEXIST || rc == -EINVAL ? SW_EXIT_USAGE : SW_EXIT_REFUSED;
}

static bool is_done(void *ctx)
{
    struct sw_session *s = ctx;
    return s->done && s->done(s->done_ctx);
}

/* SIGINT and SIGTERM are blocked during a virtual run and looked for between instants, so that a
 * run always ends between two; a real one hears them in its loop. */
static void block_signals(bool block)
{
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigprocmask(block ? SIG_BLOCK : SIG_UNBLOCK, &ending, NULL);
}

static int refuse(const char *what, int rc)
{
    fprintf(stderr, "switchd: %s: %s%s\n", what, uv_strerror(rc),
            rc == -EMFILE ? "; raise the limit: ulimit -n" : "");
    return SW_EXIT_REFUSED;
}

/* From here on signals are heard, so that whoever was told that the LAN is up may send one. */
static int start_driver(struct sw_session *s)
{
    struct sw_driver_hooks hooks = {.on_usr1 = on_usr1, .finished = is_done, .ctx = s};
    int rc = sw_driver_new(&s->driver, s->env.clock, &s->env.log, &hooks);
    rc = rc ? rc : sw_ends_start(&s->ends, s->driver);
    rc = rc ? rc : sw_programs_start(s->programs, s->net, s->driver);
    if (rc) {
        return refuse("the event loop", rc);
    }
    if (sw_forwards_new(&s->forwards, s->net, s->driver)) {
        return SW_EXIT_REFUSED;
    }
    enum sw_verb verb = s->options->verb;
    if (verb == SW_VERB_RUN || verb == SW_VERB_TEST || sw_programs_count(s->programs) > 0) {
        rc = sw_control_new(&s->control, &s->env, s->topo->name, s->programs, s->forwards,
                            s->driver);
    }
    if (rc) {
        return refuse("the control socket", rc);
    }
    block_signals(false);
    return 0;
}

int sw_session_open(struct sw_session *s, const struct sw_options *options, struct sw_topo *topo,
                    bool real)
{
    *s = (struct sw_session){.options = options, .topo = topo, .real = real};
    s->env.clock = sw_clock_new();
    s->env.pool = sw_pool_new(POOL_BYTES);
    int rc = sw_ends_init(&s->ends, &s->env, topo);
    if (!real && sw_topo_has_programs(topo)) {
        fprintf(stderr, "switchd: %s has programs, and their time is real\n", topo->name);
        sw_session_close(s);
        return SW_EXIT_USAGE;
    }
    s->env.log = (struct sw_log){.write = write_log, .level = options->log_level};
    s->env.seed = &s->seed;
    s->env.secrets = &s->secrets;
    if (!s->env.clock || !s->env.pool || rc) {
        fputs("switchd: out of memory\n", stderr);
        sw_session_close(s);
        return SW_EXIT_REFUSED;
    }
    rc = make_seeds(s);
    rc = rc ? rc : sw_ends_check(topo, options->pcap);
    if (rc == 0 && !real) {
        block_signals(true);
    }
    if (rc == 0 && options->verb == SW_VERB_TEST) { /* the one verb that prints a digest */
        sw_trace_init(&s->trace);
        s->env.watch = &s->trace.watch;
    }
    rc = rc ? rc : make_capture(s);
    rc = rc ? rc : make_tcp_trace(s);
    rc = rc ? rc : make_programs(s);
    rc = rc ? rc : make_network(s);
    rc = rc ? rc : real ? start_driver(s) : 0;
    if (rc) {
        sw_session_close(s);
    }
    return rc;
}

int sw_session_unknown_host(const struct sw_session *s, const char *name)
{
    char hint[96];
    struct sw_suggestion near;
    sw_suggest_begin(&near, name);
    for (size_t i = 0; i < s->topo->host_count; i++) {
        sw_suggest_offer(&near, s->topo->hosts[i].name);
    }
    fprintf(stderr, "switchd: unknown host '%s'%s\n", name,
            sw_suggest_text(&near, hint, sizeof hint));
    return SW_EXIT_USAGE;
}

struct sw_host *sw_session_host(const struct sw_session *s, const char *name)
{
    long at = sw_topo_find_host(s->topo, name);
    if (at < 0) {
        (void)sw_session_unknown_host(s, name);
        return NULL;
    }
    return sw_network_host_at(s->net, (size_t)at);
}

/* ---- time passes ---- */

static enum sw_drive drive_real(struct sw_session *s, sw_time limit)
{
    if (sw_driver_run(s->driver, limit)) {
        return SW_DRIVE_SIGNAL;
    }
    return is_done(s) ? SW_DRIVE_DONE : SW_DRIVE_LIMIT;
}

static bool interrupted(void)
{
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM);
}

static enum sw_drive drive_virtual(struct sw_session *s, sw_time limit)
{
    for (uint64_t i = 0; !is_done(s); i++) {
        sw_time next = sw_clock_next(s->env.clock);
        if (next == SW_TIME_NEVER && limit == SW_TIME_NEVER) {
            return SW_DRIVE_DRY;
        }
        if (next > limit) {
            sw_clock_run(s->env.clock, limit, 1);
            return SW_DRIVE_LIMIT;
        }
        if (sw_clock_run(s->env.clock, next, STEPS_AN_INSTANT) == SW_RUN_LIMIT) {
            return SW_DRIVE_STUCK;
        }
        if (i % LOOK_EVERY == 0 && interrupted()) {
            return SW_DRIVE_SIGNAL;
        }
    }
    return SW_DRIVE_DONE;
}

enum sw_drive sw_session_drive(struct sw_session *s, bool (*done)(void *ctx), void *ctx,
                               sw_time limit)
{
    s->done = done;
    s->done_ctx = ctx;
    return s->real ? drive_real(s, limit) : drive_virtual(s, limit);
}

/* ---- the end ---- */

static void print_line(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "%s\n", text);
}

void sw_session_summary(const struct sw_session *s)
{
    sw_network_summary(s->net, print_line, NULL);
    sw_ends_summary(&s->ends);
    if (s->forwards) {
        sw_forwards_summary(s->forwards);
    }
    sw_programs_summary(s->programs);
    if (s->driver) {
        const struct sw_pacer *pacer = sw_driver_pacer(s->driver);
        struct sw_record_late late;
        sw_session_late(s, &late);
        fprintf(stderr,
                "clock: %.3f s of LAN time, %llu stalls of %.3f s in all, late by %.1f us (p50), "
                "%.1f us (p95), %.1f us at most\n",
                (double)sw_clock_now(s->env.clock) / 1e9, (unsigned long long)pacer->stalls,
                (double)pacer->stalled / 1e9, (double)late.p50 / 1e3, (double)late.p95 / 1e3,
                (double)late.max / 1e3);
    }
}

void sw_session_late(const struct sw_session *s, struct sw_record_late *out)
{
    *out = (struct sw_record_late){0};
    if (s->driver) {
        const struct sw_late *late = &sw_driver_pacer(s->driver)->late;
        *out = (struct sw_record_late){late->turns, sw_late_percentile(late, 50),
                                       sw_late_percentile(late, 95), late->max};
    }
}

static int close_pool(struct sw_session *s)
{
    struct sw_pool_stats stats;
    if (!s->env.pool) {
        return 0;
    }
    sw_pool_stats(s->env.pool, &stats);
    if (stats.live_frames || stats.live_blocks) {
        fprintf(stderr, "switchd: always held: %llu frames and %llu blocks are left over\n",
                (unsigned long long)stats.live_frames, (unsigned long long)stats.live_blocks);
        return SW_EXIT_FAILED;
    }
    sw_pool_free(s->env.pool);
    return 0;
}

int sw_session_close(struct sw_session *s)
{
    sw_events_free(s->events);
    sw_forwards_stop(s->forwards);
    sw_network_free(s->net);
    sw_driver_free(s->driver);
    sw_forwards_free(s->forwards);
    sw_control_free(s->control);
    sw_programs_free(s->programs);
    int status = sw_ends_close(&s->ends);
    int rc = sw_capture_close(s->capture);
    if (rc) {
        fprintf(stderr, "switchd: %s: %s\n", s->options->pcap, strerror(-rc));
        status = SW_EXIT_REFUSED;
    }
    rc = sw_tcp_trace_close(s->tcp_trace);
    if (rc) {
        fprintf(stderr, "switchd: %s: %s\n", s->options->tcp_trace, strerror(-rc));
        status = SW_EXIT_REFUSED;
    }
    rc = close_pool(s);
    status = status ? status : rc;
    if (s->env.clock) {
        sw_clock_free(s->env.clock);
    }
    sw_topo_free(s->topo);
    *s = (struct sw_session){0};
    return status;
}
