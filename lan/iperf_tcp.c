/* iperf's TCP streams. A listener on `to`, a client a stream on `from`; whichever of the two is to
 * send fills its send queue as it drains, the other looks at what came and lets it go. No copy is
 * made at either end. */
#include <errno.h>

#include "lan/iperf_impl.h"
#include "lan/measure.h"
#include "lan/pattern.h"

#define PORT 5201    /* iperf3's, where it is free: captures are read by people */
#define PACE (SW_MS) /* how often a stream of a limited rate looks whether it may send */
#define DRAIN_PATIENCE (1 * SW_S)

/* How many bytes the stream's rate allows now. */
static uint64_t allowed(const struct sw_iperf_stream *s)
{
    const struct sw_iperf *f = s->iperf;
    if (!f->config.rate_bps) {
        return UINT64_MAX;
    }
    uint64_t elapsed = (uint64_t)(sw_clock_now(f->clock) - f->began);
    uint64_t bytes = sw_mul_div(elapsed, f->config.rate_bps, 8 * (uint64_t)SW_S);
    return bytes > s->sent ? bytes - s->sent : 0;
}

static void stop_tcp(struct sw_iperf_stream *s)
{
    if (!s->sent_all) {
        s->sent_all = true;
        sw_sock_shutdown(s->sender);
    }
}

static void pump_tcp(struct sw_iperf_stream *s)
{
    struct sw_iperf *f = s->iperf;
    while (f->state == SW_IPERF_RUNNING && !s->sent_all) {
        void *at;
        uint64_t may = allowed(s);
        may = may < f->left ? may : f->left;
        may = may < f->config.block_bytes ? may : f->config.block_bytes;
        if (f->left == 0) {
            stop_tcp(s);
            sw_iperf_wake(f); /* the others have nothing left to send either */
            return;
        }
        if (may == 0) {
            return;
        }
        size_t n = (size_t)may;
        int got = sw_sock_reserve(s->sender, &at, &n);
        if (got) {
            if (got != -EAGAIN) {
                sw_iperf_fail(f, got);
            }
            return;
        }
        n = n < may ? n : (size_t)may;
        sw_pattern_fill(at, n, s->sent);
        int64_t took = sw_sock_commit(s->sender, n);
        if (took < 0) {
            if (took != -EAGAIN) {
                sw_iperf_fail(f, (int)took);
            }
            return;
        }
        s->sent += (uint64_t)took;
        f->left -= f->left == UINT64_MAX ? 0 : (uint64_t)took;
    }
}

static void drink(struct sw_iperf_stream *s)
{
    for (;;) {
        const void *at;
        size_t n;
        int got = sw_sock_peek(s->receiver, &at, &n);
        if (got == -EAGAIN) {
            return;
        }
        if (got) {
            sw_iperf_fail(s->iperf, got);
            return;
        }
        if (n == 0) {
            s->ended = true;
            sw_iperf_wake(s->iperf);
            return;
        }
        sw_sock_consume(s->receiver, n);
        sw_iperf_received(s, n);
    }
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_iperf_stream *s = user;
    switch (event) {
    case SW_SOCK_CONNECTED:
        s->connected = true;
        sw_iperf_ready(s->iperf);
        break;
    case SW_SOCK_ERROR:
        s->error = sw_sock_error(sock);
        sw_iperf_fail(s->iperf, s->error);
        break;
    case SW_SOCK_WRITABLE:
        if (sock == s->sender) {
            pump_tcp(s);
        }
        break;
    case SW_SOCK_READABLE:
    case SW_SOCK_PEER_CLOSED:
        if (sock == s->receiver && !s->ended) {
            drink(s);
        }
        break;
    case SW_SOCK_ACCEPTED:
    case SW_SOCK_URGENT:
    case SW_SOCK_CLOSED:
    case SW_SOCK_ADVICE:
        break;
    }
}

/* 0, -EPROTONOSUPPORT: a program's kernel may have it not. */
static int choose_congestion(const struct sw_iperf *f, struct sw_sock *sock)
{
    return f->config.congestion == SW_TCP_CONGESTION_DEFAULT
               ? 0
               : sw_sock_set(sock, SW_OPT_CONGESTION, f->config.congestion);
}

static void on_accepted(struct sw_sock *listener, enum sw_sock_event event, void *user)
{
    struct sw_iperf *f = user;
    struct sw_sock *sock;
    if (event == SW_SOCK_ERROR) { /* its host has crashed */
        sw_iperf_fail(f, sw_sock_error(listener));
        return;
    }
    while (sw_sock_accept(&sock, listener, on_event, NULL) == 0) {
        struct sw_iperf_stream *s = NULL;
        uint16_t port = sw_sock_remote(sock).port;
        for (uint32_t i = 0; i < f->config.parallel && !s; i++) {
            struct sw_iperf_stream *one = &f->stream[i];
            struct sw_sock **server = f->config.reverse ? &one->sender : &one->receiver;
            struct sw_sock *client = f->config.reverse ? one->receiver : one->sender;
            if (!*server && client && sw_sock_local(client).port == port) {
                *server = sock;
                s = one;
            }
        }
        if (!s) { /* somebody else's: whoever can reach the port can connect */
            sw_sock_abort(sock);
            continue;
        }
        sw_sock_set_callback(sock, on_event, s);
        int refused = choose_congestion(f, sock);
        if (refused) {
            sw_iperf_fail(f, refused);
            continue;
        }
        sw_iperf_ready(f);
    }
}

/* A free port on `to`: iperf3's own, or any. */
static int bind_tcp(struct sw_iperf *f, uint16_t *port)
{
    int result = sw_sock_open(&f->listener, f->config.to, SW_TCP, on_accepted, f);
    if (result) {
        return result;
    }
    result = sw_sock_bind(f->listener, (struct sw_endpoint){.port = PORT});
    if (result == -EADDRINUSE) {
        result = sw_sock_bind(f->listener, (struct sw_endpoint){.port = 0});
    }
    *port = sw_sock_local(f->listener).port;
    return result ? result : sw_sock_listen(f->listener, SW_IPERF_STREAMS_MAX);
}

static int connect_tcp(struct sw_iperf *f, struct sw_ip to)
{
    struct sw_endpoint server = {to, sw_sock_local(f->listener).port};
    int result = 0;
    for (uint32_t i = 0; i < f->config.parallel && result == 0; i++) {
        struct sw_iperf_stream *s = &f->stream[i];
        struct sw_sock **client = f->config.reverse ? &s->receiver : &s->sender;
        result = sw_sock_open(client, f->config.from, SW_TCP, on_event, s);
        if (result == 0) {
            result = choose_congestion(f, *client);
        }
        if (result == 0) {
            result = sw_sock_connect(*client, server);
        }
    }
    return result;
}

static sw_time next_tcp(const struct sw_iperf_stream *s)
{
    bool paced = s->iperf->config.rate_bps && !s->sent_all;
    return paced ? sw_clock_now(s->iperf->clock) + PACE : SW_TIME_NEVER;
}

static bool drained_tcp(const struct sw_iperf_stream *s)
{
    return s->ended;
}

const struct sw_iperf_ops sw_iperf_tcp = {
    .bind = bind_tcp,
    .connect = connect_tcp,
    .pump = pump_tcp,
    .next = next_tcp,
    .stop = stop_tcp,
    .drained = drained_tcp,
    .patience = DRAIN_PATIENCE,
};
