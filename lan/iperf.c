/* iperf: one flow of several streams between two hosts of this process, both ends made here,
 * measured by LAN time. This file has the course of a measurement and its figures; iperf_tcp.c and
 * iperf_udp.c move the bytes.
 *
 * A flow by time counts what came within the duration (of datagrams, what was sent within it), and
 * then lets what is on its way come to rest, so that the next step of a scenario finds a quiet
 * line; a flow by bytes ends when all have come. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lan/iperf_impl.h"
#include "lan/measure.h"

#define BLOCK_TCP (128U << 10)
#define BLOCK_UDP 1460U
#define BLOCK_UDP_MIN 16U
#define BLOCK_UDP_MAX 65507U
#define RATE_UDP 1000000U /* iperf3's */
#define PATIENCE (10 * SW_S)

struct sw_host *sw_iperf_source(const struct sw_iperf *iperf)
{
    return iperf->config.reverse ? iperf->config.to : iperf->config.from;
}

struct sw_host *sw_iperf_sink(const struct sw_iperf *iperf)
{
    return iperf->config.reverse ? iperf->config.from : iperf->config.to;
}

void sw_iperf_wake(struct sw_iperf *iperf)
{
    if (iperf->state == SW_IPERF_DRAINING || iperf->state == SW_IPERF_RUNNING) {
        sw_timer_arm(&iperf->timer, sw_clock_now(iperf->clock));
    }
}

void sw_iperf_fail(struct sw_iperf *iperf, int error)
{
    if (iperf->state == SW_IPERF_DRAINING && iperf->config.duration) {
        /* The figures stand already. */
        iperf->cut_short = true;
    } else if (!iperf->error) {
        iperf->error = error;
    }
    sw_timer_arm(&iperf->timer, sw_clock_now(iperf->clock));
}

void sw_iperf_received(struct sw_iperf_stream *s, size_t n)
{
    struct sw_iperf *f = s->iperf;
    f->progressed = sw_clock_now(f->clock);
    f->received_any = true;
    /* Of datagrams it is said how many were lost, so those that are late are not. */
    if (f->state == SW_IPERF_RUNNING || !f->config.duration || f->config.udp) {
        f->last_received = f->progressed;
        s->received += n;
    }
}

/* What the sender's socket knows of itself. */
static void sample(struct sw_iperf_stream *s)
{
    struct sw_sock_info info;
    if (s->sender) {
        sw_sock_info(s->sender, &info);
        s->retransmits = info.retransmits;
        s->cwnd_bytes = info.cwnd_bytes;
        s->mss_bytes = info.mss_bytes ? info.mss_bytes : s->mss_bytes;
    }
}

/* ---- intervals ---- */

/* False: we are gone. */
static bool tell(struct sw_iperf *f, const struct sw_iperf_interval *one)
{
    bool gone = false;
    if (f->interval) {
        f->gone = &gone;
        f->interval(f->ctx, one);
        if (!gone) {
            f->gone = NULL;
        }
    }
    return !gone;
}

/* Tells of each stream what came since the last time (or, the last time, since the beginning), and
 * of all if there are several. False: we are gone. */
static bool tell_all(struct sw_iperf *f, sw_time end, bool last)
{
    struct sw_iperf_interval sum = {.stream = UINT32_MAX,
                                    .begin = last ? 0 : f->interval_began - f->began,
                                    .end = end - f->began,
                                    .last = last};
    for (uint32_t i = 0; i < f->config.parallel; i++) {
        struct sw_iperf_stream *s = &f->stream[i];
        struct sw_iperf_interval one = sum;
        one.stream = i;
        one.bytes = s->received - (last ? 0 : s->told_received);
        one.retransmits = s->retransmits - (last ? 0 : s->told_retransmits);
        one.cwnd_bytes = s->cwnd_bytes;
        sum.bytes += one.bytes;
        sum.retransmits += one.retransmits;
        sum.cwnd_bytes += one.cwnd_bytes;
        s->told_received = s->received;
        s->told_retransmits = s->retransmits;
        if (!tell(f, &one)) {
            return false;
        }
    }
    if (!last && end - f->interval_began == f->config.interval) {
        uint64_t bps = sw_rate_of(sum.bytes, f->config.interval);
        f->min_bps = f->intervals && f->min_bps < bps ? f->min_bps : bps;
        f->intervals++;
    }
    f->interval_began = end;
    return f->config.parallel == 1 || tell(f, &sum);
}

/* ---- the course ---- */

static void close_all(struct sw_iperf *f)
{
    for (uint32_t i = 0; i < f->config.parallel; i++) {
        struct sw_iperf_stream *s = &f->stream[i];
        struct sw_sock *ends[] = {s->sender, s->receiver};
        for (unsigned e = 0; e < 2; e++) {
            if (ends[e] && (s->ended || f->config.udp)) {
                sw_sock_close(ends[e]);
            } else if (ends[e]) {
                sw_sock_abort(ends[e]);
            }
        }
        s->sender = s->receiver = NULL;
    }
    if (f->listener) {
        sw_sock_close(f->listener);
        f->listener = NULL;
    }
}

static void over(struct sw_iperf *f)
{
    sw_time end = f->state == SW_IPERF_CONNECTING ? f->began : f->last_received;
    if (f->state == SW_IPERF_RUNNING || !f->config.duration) {
        for (uint32_t i = 0; i < f->config.parallel; i++) {
            sample(&f->stream[i]);
        }
    }
    f->state = SW_IPERF_OVER;
    sw_timer_cancel(&f->timer);
    close_all(f);
    if (tell_all(f, end > f->began ? end : f->began, true)) {
        f->done(f->ctx);
    }
}

/* Nothing more is sent, and the last, maybe shorter, interval of a flow by time ends. False: we are
 * gone. */
static bool stop_sending(struct sw_iperf *f, sw_time now)
{
    for (uint32_t i = 0; i < f->config.parallel; i++) {
        sample(&f->stream[i]);
        f->ops->stop(&f->stream[i]);
    }
    f->state = SW_IPERF_DRAINING;
    f->progressed = now;
    return now == f->interval_began || tell_all(f, now, false);
}

static bool all(const struct sw_iperf *f, bool (*is)(const struct sw_iperf_stream *s))
{
    for (uint32_t i = 0; i < f->config.parallel; i++) {
        if (!is(&f->stream[i])) {
            return false;
        }
    }
    return true;
}

static bool has_sent_all(const struct sw_iperf_stream *s)
{
    return s->sent_all;
}

static bool stands(const struct sw_iperf_stream *s)
{
    return s->connected && s->sender && s->receiver;
}

void sw_iperf_ready(struct sw_iperf *f)
{
    if (f->state != SW_IPERF_CONNECTING || !all(f, stands)) {
        return;
    }
    f->state = SW_IPERF_RUNNING;
    f->began = f->progressed = f->last_received = f->interval_began = sw_clock_now(f->clock);
    for (uint32_t i = 0; i < f->config.parallel; i++) {
        f->stream[i].next_due = f->began;
    }
    sw_timer_arm(&f->timer, f->began);
}

static sw_time earlier(sw_time a, sw_time b)
{
    return a < b ? a : b;
}

/* Until when something must come, or the measurement ends. */
static sw_time patient_until(const struct sw_iperf *f)
{
    sw_time patience = f->config.timeout;
    if (f->state == SW_IPERF_RUNNING && f->config.udp) {
        return SW_TIME_NEVER; /* datagrams go by the clock, whether they come or not */
    }
    if (f->state == SW_IPERF_DRAINING && (f->received_any || !f->config.udp)) {
        patience = f->ops->patience;
        /* What is on its way may take longer than any fixed patience; what came says how long. */
        for (uint32_t i = 0; i < f->config.parallel; i++) {
            sw_time way = 2 * f->stream[i].transit;
            patience = way > patience ? way : patience;
        }
    }
    return f->progressed + patience;
}

static void arm_next(struct sw_iperf *f)
{
    sw_time due = patient_until(f);
    if (f->state == SW_IPERF_RUNNING) {
        due = earlier(due, f->interval_began + f->config.interval);
        if (f->config.duration) {
            due = earlier(due, f->began + f->config.duration);
        }
        for (uint32_t i = 0; i < f->config.parallel; i++) {
            due = earlier(due, f->ops->next(&f->stream[i]));
        }
    }
    sw_timer_arm(&f->timer, due);
}

/* Has a flow that runs come to the end of what it counts? By bytes, TCP counts until all have come:
 * its FIN says so. Datagrams say no such thing, and are waited for as those of a flow by time are.
 */
static bool complete(const struct sw_iperf *f, sw_time now)
{
    if (f->config.duration) {
        return now - f->began >= f->config.duration;
    }
    return all(f, f->config.udp ? has_sent_all : f->ops->drained);
}

/* What is due of a flow that runs. False: we are gone. */
static bool run(struct sw_iperf *f, sw_time now)
{
    if (now - f->interval_began >= f->config.interval) {
        for (uint32_t i = 0; i < f->config.parallel; i++) {
            sample(&f->stream[i]);
        }
        if (!tell_all(f, f->interval_began + f->config.interval, false)) {
            return false;
        }
    }
    if (!complete(f, now)) {
        for (uint32_t i = 0; i < f->config.parallel; i++) {
            f->ops->pump(&f->stream[i]);
        }
    }
    return !complete(f, now) || stop_sending(f, now);
}

/* Why nothing came for so long: TCP keeps to itself for minutes what ICMP or ARP said. */
static int silence(const struct sw_iperf *f)
{
    int error = -ETIMEDOUT;
    for (uint32_t i = 0; f->state == SW_IPERF_CONNECTING && i < f->config.parallel; i++) {
        const struct sw_iperf_stream *s = &f->stream[i];
        const struct sw_sock *client = f->config.reverse ? s->receiver : s->sender;
        struct sw_sock_info info = {.soft_error = 0};
        if (client) {
            sw_sock_info(client, &info);
        }
        error = info.soft_error ? info.soft_error : error;
    }
    return error;
}

static void on_timer(struct sw_timer *timer)
{
    struct sw_iperf *f = SW_CONTAINER(timer, struct sw_iperf, timer);
    sw_time now = sw_clock_now(f->clock);
    if (!f->error && f->state == SW_IPERF_RUNNING && !run(f, now)) {
        return;
    }
    bool draining = f->state == SW_IPERF_DRAINING;
    bool silent = now >= patient_until(f);
    if (silent && !draining && !f->error) {
        f->error = silence(f);
    }
    if (f->error || silent || (draining && (f->cut_short || all(f, f->ops->drained)))) {
        over(f);
        return;
    }
    arm_next(f);
}

/* ---- the interface ---- */

static int check_config(struct sw_iperf_config *c)
{
    c->block_bytes = c->block_bytes ? c->block_bytes : c->udp ? BLOCK_UDP : BLOCK_TCP;
    c->interval = c->interval ? c->interval : SW_S;
    c->timeout = c->timeout ? c->timeout : PATIENCE;
    c->rate_bps = c->udp && !c->rate_bps ? RATE_UDP : c->rate_bps;
    bool well = c->from && c->to && c->parallel >= 1 && c->parallel <= SW_IPERF_STREAMS_MAX &&
                c->interval > 0 && c->timeout > 0 && c->duration >= 0 &&
                (c->duration > 0) != (c->bytes > 0) && !(c->udp && c->congestion);
    if (c->udp && (c->block_bytes < BLOCK_UDP_MIN || c->block_bytes > BLOCK_UDP_MAX)) {
        well = false;
    }
    return well ? 0 : -EINVAL;
}

/* Opens all sockets. What the network refuses is told from the clock, as what it refuses later. 0,
 * -ENOMEM. */
static int begin(struct sw_iperf *f)
{
    uint16_t port = 0;
    struct sw_ip to = sw_host_address(f->config.to);
    int refused = f->ops->bind(f, &port);
    /* No other socket of that host has this port, so no other owner has this name. */
    snprintf(f->name, sizeof f->name, "%.120s iperf %s %u",
             sw_host_name(f->config.udp ? sw_iperf_sink(f) : f->config.to),
             f->config.udp ? "udp" : "tcp", port);
    sw_owner_init(&f->owner, f->name);
    int result = sw_timer_init(&f->timer, f->clock, &f->owner, SW_CLASS_STEP, on_timer);
    if (result) {
        return result;
    }
    sw_timer_arm(&f->timer, f->progressed + f->config.timeout);
    if (!refused && (to.family != SW_IPV4 || sw_host_address(f->config.from).family != SW_IPV4)) {
        refused = -ENETUNREACH;
    }
    if (!refused) {
        refused = f->ops->connect(f, to);
    }
    if (refused && refused != -ENOMEM) {
        sw_iperf_fail(f, refused);
    }
    return refused == -ENOMEM ? refused : 0;
}

int sw_iperf_new(struct sw_iperf **out, const struct sw_iperf_config *config,
                 void (*interval)(void *ctx, const struct sw_iperf_interval *interval),
                 void (*done)(void *ctx), void *ctx)
{
    struct sw_iperf_config checked = *config;
    if (check_config(&checked)) {
        return -EINVAL;
    }
    struct sw_iperf *f = calloc(1, sizeof *f + config->parallel * sizeof f->stream[0]);
    if (!f) {
        return -ENOMEM;
    }
    f->config = checked;
    f->ops = config->udp ? &sw_iperf_udp : &sw_iperf_tcp;
    f->clock = sw_host_env(config->from)->clock;
    f->interval = interval;
    f->done = done;
    f->ctx = ctx;
    f->left = config->bytes ? config->bytes : UINT64_MAX;
    f->began = f->progressed = f->last_received = sw_clock_now(f->clock);
    f->results = calloc(config->parallel, sizeof *f->results);
    for (uint32_t i = 0; i < config->parallel; i++) {
        f->stream[i].iperf = f;
    }
    int result = f->results ? begin(f) : -ENOMEM;
    if (result) {
        sw_iperf_free(f);
        return result;
    }
    *out = f;
    return 0;
}

bool sw_iperf_stop(struct sw_iperf *iperf)
{
    if (iperf->state == SW_IPERF_RUNNING) {
        /* From now on it is a flow by time, whose time is over. */
        sw_time span = sw_clock_now(iperf->clock) - iperf->began;
        iperf->config.duration = span > 0 ? span : 1;
        sw_iperf_wake(iperf);
    }
    return iperf->state != SW_IPERF_CONNECTING;
}

static void stream_result(const struct sw_iperf_stream *s, struct sw_iperf_stream_result *out)
{
    *out = (struct sw_iperf_stream_result){
        .sent_bytes = s->sent,
        .received_bytes = s->received,
        .retransmits = s->retransmits,
        .datagrams = s->datagrams,
        .lost = s->datagrams - s->datagrams_received,
        .jitter = s->jitter16 / 16,
        .mss_bytes = s->mss_bytes,
        .error = s->error,
    };
}

void sw_iperf_result(const struct sw_iperf *iperf, struct sw_iperf_result *out)
{
    uint32_t n = iperf->config.parallel;
    uint64_t shares[SW_IPERF_STREAMS_MAX];
    *out = (struct sw_iperf_result){.streams = n, .stream = iperf->results, .error = iperf->error};
    for (uint32_t i = 0; i < n; i++) {
        struct sw_iperf_stream_result *one = &iperf->results[i];
        stream_result(&iperf->stream[i], one);
        shares[i] = one->received_bytes;
        out->sent_bytes += one->sent_bytes;
        out->received_bytes += one->received_bytes;
        out->retransmits += one->retransmits;
        out->datagrams += one->datagrams;
        out->lost += one->lost;
        out->jitter += one->jitter / n;
        /* Datagrams fail one by one; a flow of which none came failed by that. */
        if (!out->error && iperf->config.udp && iperf->state == SW_IPERF_OVER &&
            one->received_bytes == 0) {
            out->error = one->error;
        }
    }
    out->took = iperf->last_received - iperf->began;
    /* What goes within one turn of a real clock takes no time, and is no rate of 0. */
    out->throughput_bps = sw_rate_of(out->received_bytes, out->took > 0 ? out->took : 1);
    out->throughput_min_bps = iperf->intervals ? iperf->min_bps : out->throughput_bps;
    out->fairness_ppb = sw_fairness_ppb(shares, n);
}

void sw_iperf_free(struct sw_iperf *iperf)
{
    if (!iperf) {
        return;
    }
    if (iperf->gone) {
        *iperf->gone = true;
    }
    close_all(iperf);
    sw_timer_fini(&iperf->timer);
    free(iperf->results);
    free(iperf);
}
