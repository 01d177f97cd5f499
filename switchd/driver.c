/* The real driver. A turn of the loop: the prepare handle runs the clock up to the present; if work
 * is left (the limit was spent) an idle handle keeps the loop from sleeping, else a timerfd is set
 * to the next due time and the loop sleeps in epoll. Frames from outside are read in the poll
 * phase, after sw_driver_catch_up(), and are served in the next turn.
 *
 * timerfd and not uv_timer: libuv's timers count milliseconds. */
#include "switchd/driver.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Callbacks a turn: at some microseconds each, the system is heard at least every millisecond. */
#define TURN_LIMIT 64
/* A LAN that asks for more than the machine gives stalls ten times a second: told now and then. */
#define TELL_EVERY (10 * SW_S)
/* Of the loop, its signals and its timer, and some to spare. */
#define DESCRIPTORS 16

struct sw_driver {
    uv_loop_t loop;
    uv_prepare_t prepare;
    uv_idle_t idle;
    uv_poll_t wakeup;
    uv_signal_t interrupt, terminate, usr1;
    int timer_fd;
    int signal;
    bool stop;
    sw_time until;
    struct sw_pacer pacer;
    uint64_t told; /* stalls that the log has heard of */
    int64_t told_at;
    const struct sw_log *log;
    struct sw_driver_hooks hooks;
};

static int64_t monotonic(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * SW_S + ts.tv_nsec;
}

static void tell_stalls(struct sw_driver *d)
{
    if (d->pacer.stalls > d->told) {
        sw_log_line(d->log, SW_LOG_WARN,
                    "LAN time stood still for %lld ms so far, in %llu stalls: the process was "
                    "stopped, or the LAN asks for more than this machine gives",
                    (long long)(d->pacer.stalled / SW_MS), (unsigned long long)d->pacer.stalls);
        d->told = d->pacer.stalls;
    }
}

static enum sw_run turn(struct sw_driver *d)
{
    sw_time stall;
    int64_t now = monotonic();
    enum sw_run run = sw_pacer_turn(&d->pacer, now, TURN_LIMIT, &stall);
    if (stall > 0 && (d->told == 0 || now - d->told_at >= TELL_EVERY)) {
        d->told_at = now;
        tell_stalls(d);
    }
    return run;
}

void sw_driver_catch_up(struct sw_driver *d)
{
    turn(d);
}

static void on_idle(uv_idle_t *handle)
{
    (void)handle;
}

static void sleep_until(struct sw_driver *d, int64_t due)
{
    struct itimerspec spec = {0};
    if (due != INT64_MAX) {
        int64_t at = due > 0 ? due : 1; /* 0 would disarm it */
        spec.it_value.tv_sec = (time_t)(at / SW_S);
        spec.it_value.tv_nsec = (long)(at % SW_S);
    }
    timerfd_settime(d->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void on_prepare(uv_prepare_t *handle)
{
    struct sw_driver *d = handle->data;
    enum sw_run run = turn(d);
    bool ended = sw_clock_now(d->pacer.clk) >= d->until;
    if (ended || (d->hooks.finished && d->hooks.finished(d->hooks.ctx))) {
        d->stop = true;
        uv_stop(&d->loop);
    }
    if (run == SW_RUN_LIMIT || d->stop) {
        uv_idle_start(&d->idle, on_idle);
        return;
    }
    uv_idle_stop(&d->idle);
    int64_t next = sw_pacer_next(&d->pacer);
    int64_t end = d->until == SW_TIME_NEVER ? INT64_MAX : d->until + d->pacer.offset;
    sleep_until(d, next < end ? next : end);
}

static void on_wakeup(uv_poll_t *handle, int status, int events)
{
    struct sw_driver *d = handle->data;
    uint64_t expirations;
    (void)status;
    (void)events;
    if (read(d->timer_fd, &expirations, sizeof expirations) < 0 && errno != EAGAIN) {
        sw_log_line(d->log, SW_LOG_ERROR, "timerfd: read failed");
    }
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct sw_driver *d = handle->data;
    sw_driver_catch_up(d); /* what is told of the LAN now is of this moment */
    if (number == SIGUSR1) {
        if (d->hooks.on_usr1) {
            d->hooks.on_usr1(d->hooks.ctx);
        }
        return;
    }
    d->signal = number;
    d->stop = true;
    uv_stop(&d->loop);
}

/* libuv ends the process where it finds no descriptor for its signals' pipes; so it is asked before
 * whether there are as many as it takes. 0 or a negative errno. */
static int find_descriptors(void)
{
    int fds[DESCRIPTORS], n = 0, rc = 0;
    while (n < DESCRIPTORS && rc == 0) {
        fds[n] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        rc = fds[n] < 0 ? -errno : 0;
        n += rc == 0;
    }
    while (n > 0) {
        close(fds[--n]);
    }
    return rc;
}

static int start_handles(struct sw_driver *d)
{
    uv_prepare_init(&d->loop, &d->prepare);
    uv_idle_init(&d->loop, &d->idle);
    uv_signal_init(&d->loop, &d->interrupt);
    uv_signal_init(&d->loop, &d->terminate);
    uv_signal_init(&d->loop, &d->usr1);
    uv_poll_init(&d->loop, &d->wakeup, d->timer_fd);
    d->prepare.data = d->wakeup.data = d->interrupt.data = d->terminate.data = d->usr1.data = d;
    int rc = uv_prepare_start(&d->prepare, on_prepare);
    rc = rc ? rc : uv_poll_start(&d->wakeup, UV_READABLE, on_wakeup);
    rc = rc ? rc : uv_signal_start(&d->interrupt, on_signal, SIGINT);
    rc = rc ? rc : uv_signal_start(&d->terminate, on_signal, SIGTERM);
    return rc ? rc : uv_signal_start(&d->usr1, on_signal, SIGUSR1);
}

int sw_driver_new(struct sw_driver **out, struct sw_clock *clk, const struct sw_log *log,
                  const struct sw_driver_hooks *hooks)
{
    int short_of = find_descriptors();
    struct sw_driver *d = short_of ? NULL : calloc(1, sizeof *d);
    if (!d) {
        return short_of ? short_of : -ENOMEM;
    }
    d->log = log;
    d->hooks = *hooks;
    d->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (d->timer_fd < 0) {
        int rc = -errno;
        free(d);
        return rc;
    }
    int rc = uv_loop_init(&d->loop);
    if (rc) {
        close(d->timer_fd);
        free(d);
        return rc;
    }
    sw_pacer_init(&d->pacer, clk, monotonic());
    rc = start_handles(d);
    if (rc) {
        sw_driver_free(d);
        return rc;
    }
    *out = d;
    return 0;
}

static void close_handle(uv_handle_t *handle, void *ctx)
{
    (void)ctx;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

void sw_driver_free(struct sw_driver *d)
{
    if (!d) {
        return;
    }
    tell_stalls(d);
    uv_walk(&d->loop, close_handle, NULL);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    int rc = uv_loop_close(&d->loop);
    assert(rc == 0);
    (void)rc;
    close(d->timer_fd);
    free(d);
}

uv_loop_t *sw_driver_loop(struct sw_driver *d)
{
    return &d->loop;
}

int sw_driver_run(struct sw_driver *d, sw_time until)
{
    d->until = until;
    d->stop = d->signal != 0;
    while (!d->stop) {
        uv_run(&d->loop, UV_RUN_DEFAULT);
    }
    return d->signal;
}

const struct sw_pacer *sw_driver_pacer(const struct sw_driver *d)
{
    return &d->pacer;
}
