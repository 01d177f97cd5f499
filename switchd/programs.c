/* The program hosts of a session. See programs.h; each stands in switchd/program.h's namespaces. */
#include "switchd/programs.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "switchd/listens.h"
#include "switchd/options.h"
#include "switchd/programs_impl.h"
#include "switchd/shut.h"
#include "switchd/user.h"

#define LOOK_MS 5            /* between two looks whether a port is listened at */
#define RESTART_MS 1000      /* before a program that has ended is started anew */
#define TEXT_BYTES (1 << 20) /* of /etc/hosts */

static void start(struct sw_program_host *h);

static void fail(struct sw_program_host *h, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The first thing that goes wrong is what is told. */
static void fail(struct sw_program_host *h, const char *format, ...)
{
    va_list args;
    if (h->why[0]) {
        return;
    }
    va_start(args, format);
    vsnprintf(h->why, sizeof h->why, format, args);
    va_end(args);
    sw_log_line(&h->all->env->log, SW_LOG_WARN, "host '%s': %s", h->topo->name, h->why);
}

/* ---- what it reads ---- */

/* What it reads: a text that fits into a pipe, or nothing. */
static int input_of(const struct sw_topo_program *program)
{
    int ends[2];
    if (!program->input) {
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
    }
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return -errno;
    }
    /* Pipes are small where the user has very many (pipe(7)), and nobody reads yet. */
    size_t size = strlen(program->input);
    bool fits = fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0 &&
                write(ends[1], program->input, size) == (ssize_t)size;
    close(ends[1]);
    if (!fits) {
        close(ends[0]);
        return -ENOBUFS;
    }
    return ends[0];
}

/* ---- ready ---- */

static bool is_listening(const struct sw_program_host *h)
{
    uint16_t port = h->topo->program->ready_port;
    int there = h->diag < 0 ? -ENOENT : sw_listens_at(h->diag, port);
    return there < 0 ? sw_listens_in(sw_program_pid(h->program), port) : there;
}

static void stop_timer(struct sw_program_host *h)
{
    uv_timer_stop(&h->timer);
    if (h->diag >= 0) {
        close(h->diag);
        h->diag = -1;
    }
}

static void on_look(uv_timer_t *timer)
{
    struct sw_program_host *h = timer->data;
    if (is_listening(h)) {
        h->ready = true;
        stop_timer(h);
        return;
    }
    if (uv_now(timer->loop) >= h->by_ms) {
        char within[32];
        snprintf(within, sizeof within, "%.3f s", (double)h->topo->program->ready_within / 1e9);
        fail(h, "nobody listened at its port %u within %s", h->topo->program->ready_port, within);
        stop_timer(h);
    }
}

/* ---- it runs ---- */

static void on_again(uv_timer_t *timer)
{
    start(timer->data);
}

static void started(struct sw_program_host *h)
{
    const struct sw_topo_program *program = h->topo->program;
    if (program->ready_port == 0) {
        h->ready = true;
        return;
    }
    uv_loop_t *loop = sw_driver_loop(h->all->driver);
    uv_update_time(loop);
    h->diag = sw_program_diag(h->program);
    h->by_ms = uv_now(loop) + (uint64_t)(program->ready_within / SW_MS);
    uv_timer_start(&h->timer, on_look, 0, LOOK_MS);
}

/* "exit status 3", "signal 9 (Killed)". */
static void say_status(int status, char *text, size_t cap)
{
    if (WIFSIGNALED(status)) {
        snprintf(text, cap, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    } else {
        snprintf(text, cap, "exit status %d", WEXITSTATUS(status));
    }
}

static void ended(struct sw_program_host *h, int status)
{
    const struct sw_topo_program *program = h->topo->program;
    bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    bool meant = WIFEXITED(status) && WEXITSTATUS(status) == program->expect_exit;
    bool anew = program->restart == SW_RESTART_ALWAYS ||
                (program->restart == SW_RESTART_ON_FAILURE && !well && !meant);
    char text[80];
    h->running = false;
    h->ready = false;
    h->ends++;
    stop_timer(h);
    say_status(status, text, sizeof text);
    sw_program_drain(h); /* its last words come before its end */
    sw_output_line(h->output, SW_STREAM_ENDED, sw_clock_now(h->all->env->clock), text,
                   strlen(text));
    if (h->again) {
        start(h);
    } else if (!h->expected && anew) {
        uv_timer_start(&h->timer, on_again, RESTART_MS, 0);
    } else if (!h->expected && !h->killed && !meant) {
        fail(h, "its program ended by itself: %s", text);
    }
}

static void hear(struct sw_program_host *h, const struct sw_program_report *report)
{
    if (report->id != h->id) {
        sw_command_hear(h, report);
        return;
    }
    switch (report->event) {
    case SW_PROGRAM_STARTED:
        started(h);
        break;
    case SW_PROGRAM_FAILED:
        h->running = false;
        fail(h, "%s: %s", report->text, strerror(report->status));
        break;
    case SW_PROGRAM_ENDED:
        ended(h, report->status);
        break;
    }
}

static void on_report(uv_poll_t *poll, int status, int events)
{
    struct sw_program_host *h = poll->data;
    struct sw_program_report report;
    int rc;
    (void)status;
    (void)events;
    sw_driver_catch_up(h->all->driver);
    while ((rc = sw_program_read(h->program, &report)) > 0) {
        hear(h, &report);
    }
    if (rc < 0) {
        uv_poll_stop(poll);
        fail(h, "its first process has gone");
        sw_commands_lost(h);
        sw_host_end_far(sw_network_host_at(h->all->net, (size_t)(h->topo - h->all->topo->hosts)));
    }
}

struct sw_program_command sw_program_command_of(const struct sw_program_host *h, char *const *argv)
{
    const struct sw_topo_program *program = h->topo->program;
    return (struct sw_program_command){.argv = argv, .env = program->env, .cwd = program->cwd};
}

static void start(struct sw_program_host *h)
{
    const struct sw_topo_program *program = h->topo->program;
    struct sw_program_command command = sw_program_command_of(h, program->run);
    command.fds[0] = input_of(program);
    command.fds[1] = sw_program_listen(h, SW_STREAM_OUT);
    command.fds[2] = sw_program_listen(h, SW_STREAM_ERR);
    int rc = 0;
    for (size_t i = 0; i < 3; i++) {
        rc = rc == 0 && command.fds[i] < 0 ? command.fds[i] : rc;
    }
    h->again = h->expected = h->killed = h->ready = false;
    h->running = true;
    h->starts++;
    h->id = ++h->last_id;
    rc = rc ? rc : sw_program_start(h->program, h->id, &command);
    for (size_t i = 0; i < 3; i++) {
        if (command.fds[i] >= 0) {
            close(command.fds[i]);
        }
    }
    if (rc) {
        h->running = false;
        fail(h, "starting its program: %s", strerror(-rc));
    }
}

/* ---- what the LAN does to it ---- */

static int number_of(enum sw_signal signal)
{
    static const int numbers[SW_SIGNAL_COUNT] = {SIGTERM, SIGHUP,  SIGINT,  SIGQUIT, SIGKILL,
                                                 SIGUSR1, SIGUSR2, SIGABRT, SIGALRM, SIGWINCH};
    return numbers[signal];
}

/* All its processes die; it is started anew when they have, or it stays down. */
static void end_program(struct sw_program_host *h, bool again)
{
    h->expected = true;
    h->ready = false; /* what answers from now on is on its way out */
    stop_timer(h);
    if (h->running) {
        h->again = again;
        sw_program_signal(h->program, 0, SIGKILL);
    } else if (again) {
        start(h);
    }
}

/* That its keeper has gone is told by on_report(). */
static void befall(void *ctx, size_t host, enum sw_action_kind what, enum sw_signal signal)
{
    struct sw_programs *all = ctx;
    struct sw_program_host *h = all->of_host[host];
    switch (what) {
    case SW_ACTION_STOP:
        sw_program_signal(h->program, 0, SIGSTOP);
        break;
    case SW_ACTION_CONTINUE:
        sw_program_signal(h->program, 0, SIGCONT);
        break;
    case SW_ACTION_KILL:
        h->killed = true;
        sw_program_signal(h->program, h->id, number_of(signal));
        break;
    case SW_ACTION_START:
        if (!h->running || h->expected) { /* one that is on its way out, too */
            end_program(h, true);
        }
        break;
    default:
        end_program(h, what == SW_ACTION_RESTART);
        break;
    }
}

static struct sw_port *port(void *ctx, size_t host, size_t nic)
{
    const struct sw_programs *all = ctx;
    return sw_tap_port(all->of_host[host]->tap[nic]);
}

static bool is_ready(void *ctx, size_t host)
{
    const struct sw_programs *all = ctx;
    return all->of_host[host]->ready;
}

static void *far_ctx(void *ctx, size_t host)
{
    const struct sw_programs *all = ctx;
    return all->of_host[host];
}

struct sw_network_programs sw_programs_network(struct sw_programs *programs)
{
    return (struct sw_network_programs){.port = port,
                                        .befall = befall,
                                        .run = sw_command_new,
                                        .result = sw_command_result,
                                        .free_run = sw_command_free,
                                        .is_ready = is_ready,
                                        .far = &sw_far_kernel,
                                        .far_ctx = far_ctx,
                                        .ctx = programs};
}

/* ---- life ---- */

/* /etc/hosts: every host of the LAN by its first addresses. */
static char *hosts_text(const struct sw_topo *topo)
{
    char *text = NULL, ip[SW_IP_TEXT];
    size_t n = 0;
    FILE *file = open_memstream(&text, &n);
    if (!file) {
        return NULL;
    }
    fputs("127.0.0.1 localhost\n", file);
    for (size_t i = 0; i < topo->host_count && ftell(file) < TEXT_BYTES / 2; i++) {
        const struct sw_topo_host *host = &topo->hosts[i];
        for (size_t k = 0; k < host->nic_count; k++) {
            if (host->nics[k].address_count > 0) {
                fprintf(file, "%s %s\n", sw_ip_emit(host->nics[k].addresses[0].prefix.ip, ip),
                        host->name);
                break;
            }
        }
    }
    return fclose(file) == 0 ? text : NULL;
}

/* The sockets that uplinks listen at by path. NULL: out of memory. */
static const char **hidden_paths(const struct sw_topo *topo)
{
    const char **paths = calloc(topo->uplink_count + 1, sizeof *paths);
    for (size_t i = 0, n = 0; paths && i < topo->uplink_count; i++) {
        if (topo->uplinks[i].listen.path) {
            paths[n++] = topo->uplinks[i].listen.path;
        }
    }
    return paths;
}

static int begin_host(struct sw_programs *all, size_t index, char *why, size_t cap)
{
    const struct sw_topo_host *topo = &all->topo->hosts[index];
    struct sw_mac macs[SW_HOST_NICS];
    struct sw_program_host *h = calloc(1, sizeof *h);
    if (!h) {
        snprintf(why, cap, "out of memory");
        return -ENOMEM;
    }
    all->of_host[index] = h;
    all->count++;
    h->all = all;
    h->topo = topo;
    h->diag = -1;
    h->output = sw_outputs_add(all->outputs, topo->name,
                               all->bounded ? topo->program->output_bytes : UINT64_MAX);
    if (!h->output) {
        snprintf(why, cap, "out of memory");
        return -ENOMEM;
    }
    for (size_t i = 0; i < topo->nic_count; i++) {
        const struct sw_topo_nic *nic = &topo->nics[i];
        macs[i] =
            nic->mac_given ? nic->mac : sw_mac_from_names(all->topo->name, topo->name, nic->name);
    }
    struct sw_program_config config = {.host = topo,
                                       .macs = macs,
                                       .hosts = all->hosts,
                                       .resolv = "# no name server on this LAN\n",
                                       .hidden = all->hidden,
                                       .uid = geteuid(),
                                       .gid = getegid(),
                                       .seen_uid = geteuid(),
                                       .seen_gid = getegid()};
    const char *user = topo->program->user;
    if (user && sw_user_find(user, &config.seen_uid, &config.seen_gid) < 0) {
        snprintf(why, cap, "host '%s': this machine has no user '%.64s'", topo->name, user);
        return -ENOENT;
    }
    return sw_program_new(&h->program, &config, why, cap);
}

static void on_gone(void *ctx)
{
    struct sw_program_host *h = ctx;
    fail(h, "its interface is gone");
}

static bool admits(void *ctx, const struct sw_frame *frame)
{
    const struct sw_program_host *h = ctx;
    return sw_network_admits(h->all->net, (size_t)(h->topo - h->all->topo->hosts), frame);
}

static bool is_forged(void *ctx, const uint8_t *bytes, size_t n)
{
    struct sw_program_host *h = ctx;
    if (!sw_guard_is_forged(h->all->guard, (size_t)(h->topo - h->all->topo->hosts), bytes, n)) {
        return false;
    }
    if (!h->forged) {
        h->forged = true;
        sw_log_line(&h->all->env->log, SW_LOG_WARN,
                    "host '%s' sends as another host: that is not let out, and counted as "
                    "forged-source (if it is meant: allow: [forged-source])",
                    h->topo->name);
    }
    return true;
}

static int finish_host(struct sw_program_host *h, char *why, size_t cap)
{
    const struct sw_tap_behind behind = {.gone = on_gone,
                                         .admits = admits,
                                         .is_forged = h->topo->program->forges ? NULL : is_forged,
                                         .ctx = h};
    int rc = sw_program_wait(h->program, why, cap);
    for (size_t i = 0; rc == 0 && i < h->topo->nic_count; i++) {
        rc = sw_tap_take(&h->tap[i], h->all->env, h->topo->name, h->topo->nics[i].name,
                         sw_program_tap(h->program, i), &behind);
        if (rc) {
            snprintf(why, cap, "host '%s': %s", h->topo->name, strerror(-rc));
        }
    }
    return rc;
}

int sw_programs_new(struct sw_programs **out, const struct sw_env *env, const struct sw_topo *topo,
                    const struct sw_programs_hooks *hooks)
{
    char why[768] = "out of memory";
    struct sw_programs *all = calloc(1, sizeof *all);
    int rc = -ENOMEM;
    if (all) {
        *out = all;
        *all = (struct sw_programs){.env = env, .topo = topo, .bounded = hooks->bounded};
        all->of_host = calloc(topo->host_count + 1, sizeof *all->of_host);
        all->hosts = sw_topo_has_programs(topo) ? hosts_text(topo) : strdup("");
        all->hidden = hidden_paths(topo);
        all->outputs = sw_outputs_new(hooks->line, hooks->ctx);
        rc = all->of_host && all->hosts && all->hidden && all->outputs
                 ? sw_guard_new(&all->guard, topo)
                 : -ENOMEM;
    }
    for (size_t i = 0; rc == 0 && i < topo->host_count; i++) {
        rc = topo->hosts[i].program ? begin_host(all, i, why, sizeof why) : 0;
    }
    for (size_t i = 0; rc == 0 && i < topo->host_count; i++) {
        rc = all->of_host[i] ? finish_host(all->of_host[i], why, sizeof why) : 0;
    }
    if (rc) {
        fprintf(stderr, "switchd: %s\n", why);
        return SW_EXIT_REFUSED;
    }
    return 0;
}

static int start_host(struct sw_program_host *h, struct sw_driver *driver)
{
    uv_loop_t *loop = sw_driver_loop(driver);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < h->topo->nic_count; i++) {
        rc = sw_tap_start(h->tap[i], driver);
    }
    h->poll.data = h->timer.data = h;
    rc = rc ? rc : uv_timer_init(loop, &h->timer);
    rc = rc ? rc : uv_poll_init(loop, &h->poll, sw_program_fd(h->program));
    rc = rc ? rc : uv_poll_start(&h->poll, UV_READABLE, on_report);
    if (rc == 0) {
        start(h);
    }
    return rc;
}

int sw_programs_start(struct sw_programs *all, struct sw_network *net, struct sw_driver *driver)
{
    int rc = 0;
    all->net = net;
    all->driver = driver;
    for (size_t i = 0; rc == 0 && i < all->topo->host_count; i++) {
        rc = all->of_host[i] ? start_host(all->of_host[i], driver) : 0;
    }
    return rc;
}

bool sw_programs_settled(const struct sw_programs *all)
{
    for (size_t i = 0; i < all->topo->host_count; i++) {
        const struct sw_program_host *h = all->of_host[i];
        if (h && !h->ready && !h->why[0] && h->running) {
            return false;
        }
    }
    return true;
}

bool sw_programs_hold(const struct sw_programs *all, char *why, size_t cap)
{
    for (size_t i = 0; i < all->topo->host_count; i++) {
        const struct sw_program_host *h = all->of_host[i];
        if (h && h->why[0]) {
            snprintf(why, cap, "host '%s': %s", h->topo->name, h->why);
            return false;
        }
    }
    return true;
}

int sw_programs_enter(const struct sw_programs *all, const char *host,
                      int fds[SW_PROGRAM_NAMESPACES], char *why, size_t cap)
{
    long at = sw_topo_find_host(all->topo, host);
    if (at < 0) {
        snprintf(why, cap, "the LAN has no host '%.64s'", host);
        return -ENOENT;
    }
    if (!all->of_host[at]) {
        snprintf(why, cap, "the host '%.64s' is a virtual one: there is nothing to execute on it",
                 host);
        return -ENOENT;
    }
    int rc = sw_program_enter(all->of_host[at]->program, fds);
    if (rc) {
        snprintf(why, cap, "the host '%.64s': %s", host, strerror(-rc));
    }
    return rc;
}

static void drain_all(const struct sw_programs *all)
{
    for (size_t i = 0; i < all->topo->host_count; i++) {
        if (all->of_host[i]) {
            sw_program_drain(all->of_host[i]);
        }
    }
}

size_t sw_programs_printed(const struct sw_programs *all, struct sw_printed *out, uint64_t *before)
{
    drain_all(all);
    return sw_outputs_last(all->outputs, out, before);
}

void sw_programs_end_output(const struct sw_programs *all)
{
    drain_all(all);
    sw_outputs_end(all->outputs, sw_clock_now(all->env->clock));
}

size_t sw_programs_count(const struct sw_programs *all)
{
    return all->count;
}

void sw_programs_summary(const struct sw_programs *all)
{
    for (size_t i = 0; i < all->topo->host_count; i++) {
        const struct sw_program_host *h = all->of_host[i];
        if (!h) {
            continue;
        }
        struct sw_output_stats printed;
        sw_output_stats(h->output, &printed);
        fprintf(stderr, "program %s: started %u times, ended %u times", h->topo->name, h->starts,
                h->ends);
        for (size_t k = 0; k < h->topo->nic_count; k++) {
            struct sw_tap_stats t;
            sw_tap_stats(h->tap[k], &t);
            fprintf(stderr,
                    "; %s: %llu frames from it, %llu to it, %llu not written, %llu not let in, "
                    "%llu forged",
                    h->topo->nics[k].name, (unsigned long long)t.in, (unsigned long long)t.out,
                    (unsigned long long)t.not_written, (unsigned long long)t.refused,
                    (unsigned long long)t.forged);
        }
        fprintf(stderr, "; %llu lines printed", (unsigned long long)printed.lines);
        if (printed.lost_lines > 0) {
            fprintf(stderr, ", %llu of them not kept", (unsigned long long)printed.lost_lines);
        }
        fputc('\n', stderr);
    }
}

static void free_host(struct sw_program_host *h)
{
    if (h->diag >= 0) {
        close(h->diag);
    }
    for (size_t i = 0; i < SW_HOST_NICS; i++) {
        sw_tap_free(h->tap[i]);
    }
    sw_program_outputs_free(h);
    sw_commands_free(h);
    sw_program_free(h->program);
    free(h);
}

/* All at once; what there is no memory for is closed one by one later. */
static void close_taps(struct sw_programs *all)
{
    int *fds = all->count ? calloc(all->count, SW_HOST_NICS * sizeof *fds) : NULL;
    size_t n = 0;
    for (size_t i = 0; fds && all->of_host && i < all->topo->host_count; i++) {
        struct sw_program_host *h = all->of_host[i];
        for (size_t k = 0; h && k < SW_HOST_NICS; k++) {
            int fd = h->tap[k] ? sw_tap_leave(h->tap[k]) : -1;
            if (fd >= 0) {
                fds[n++] = fd;
            }
        }
    }
    sw_shut_all(fds, n);
    free(fds);
}

void sw_programs_free(struct sw_programs *all)
{
    if (!all) {
        return;
    }
    for (size_t i = 0; all->of_host && i < all->topo->host_count; i++) {
        if (all->of_host[i] && all->of_host[i]->program) {
            sw_program_kill(
                all->of_host[i]->program); /* all die at once, and are then waited for */
        }
    }
    close_taps(all);
    for (size_t i = 0; all->of_host && i < all->topo->host_count; i++) {
        if (all->of_host[i]) {
            free_host(all->of_host[i]);
        }
    }
    sw_outputs_free(all->outputs);
    free(all->of_host);
    free(all->hosts);
    free(all->hidden);
    sw_guard_free(all->guard);
    free(all);
}
