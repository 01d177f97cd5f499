/* iperf's UDP streams: datagrams of one size, each at its own moment by the clock, with a number
 * and the time at which it was sent. What was lost is known exactly, because both ends are here:
 * what was sent and did not come within the patience. */
#include <errno.h>

#include "core/bytes.h"
#include "lan/iperf_impl.h"
#include "lan/pattern.h"

#define HEADER 16
#define DATAGRAM_MAX 65507
#define DRAIN_PATIENCE (1 * SW_S)

static void put64(uint8_t *p, uint64_t v)
{
    sw_put32(p, (uint32_t)(v >> 32));
    sw_put32(p + 4, (uint32_t)v);
}

static uint64_t get64(const uint8_t *p)
{
    return (uint64_t)sw_get32(p) << 32 | sw_get32(p + 4);
}

/* The next datagram's moment: exact over any time, because what a division leaves is carried on. */
static void advance(struct sw_iperf_stream *s)
{
    uint64_t rate = s->iperf->config.rate_bps;
    uint64_t whole = (uint64_t)s->iperf->config.block_bytes * 8 * (uint64_t)SW_S + s->due_rest;
    s->next_due += (sw_time)(whole / rate);
    s->due_rest = whole % rate;
}

static void pump_udp(struct sw_iperf_stream *s)
{
    struct sw_iperf *f = s->iperf;
    uint8_t bytes[DATAGRAM_MAX];
    uint32_t size = f->config.block_bytes;
    sw_time now = sw_clock_now(f->clock);
    if (f->state != SW_IPERF_RUNNING || s->sent_all || s->next_due > now) {
        return;
    }
    sw_pattern_fill(bytes, size, 0);
    while (s->next_due <= now && f->left > 0) {
        put64(bytes, s->datagrams);
        put64(bytes + 8, (uint64_t)now);
        int64_t sent = sw_sock_send(s->sender, bytes, size);
        if (sent == -EAGAIN) {
            return; /* SW_SOCK_WRITABLE follows, and then what is late is sent at once */
        }
        if (sent < 0) {
            s->error = (int)sent;
        }
        s->datagrams++;
        s->sent += size;
        f->left -= f->left == UINT64_MAX ? 0 : (f->left < size ? f->left : size);
        advance(s);
    }
    if (f->left == 0) {
        s->sent_all = true;
        sw_iperf_wake(f);
    }
}

/* Has this number come before? It has now. What is too old to be known counts as a copy. */
static bool is_copy(struct sw_iperf_stream *s, uint64_t number)
{
    if (number + SW_IPERF_SEEN < s->newest) {
        return true;
    }
    for (; s->newest <= number; s->newest++) {
        s->seen[s->newest / 64 % (SW_IPERF_SEEN / 64)] &= ~(UINT64_C(1) << s->newest % 64);
    }
    uint64_t *word = &s->seen[number / 64 % (SW_IPERF_SEEN / 64)];
    uint64_t bit = UINT64_C(1) << number % 64;
    bool known = *word & bit;
    *word |= bit;
    return known;
}

/* RFC 3550 6.4.1, in its appendix A.8's integer form. */
static void add_transit(struct sw_iperf_stream *s, sw_time transit)
{
    sw_time d = transit > s->transit ? transit - s->transit : s->transit - transit;
    if (s->jittery) {
        s->jitter16 += d - (s->jitter16 + 8) / 16;
    }
    s->jittery = true;
    s->transit = transit;
}

static void take(struct sw_iperf_stream *s, const uint8_t *header, size_t n)
{
    uint64_t number = get64(header), sent = get64(header + 8);
    uint64_t now = (uint64_t)sw_clock_now(s->iperf->clock);
    /* Not one of ours, whatever it says. */
    if (n != s->iperf->config.block_bytes || number >= s->datagrams || sent > now ||
        sent < (uint64_t)s->iperf->began || is_copy(s, number)) {
        return;
    }
    s->datagrams_received++;
    add_transit(s, (sw_time)(now - sent));
    sw_iperf_received(s, n);
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_iperf_stream *s = user;
    if (event == SW_SOCK_ERROR) {
        s->error = sw_sock_error(sock);
        if (s->error == -ENETDOWN) { /* its host has crashed: there is nobody to go on */
            sw_iperf_fail(s->iperf, s->error);
            return;
        }
    }
    if (sock == s->sender) {
        pump_udp(s);
        return;
    }
    uint8_t header[HEADER];
    struct sw_endpoint from;
    int64_t n;
    while ((n = sw_sock_recv_from(sock, header, sizeof header, &from)) >= 0) {
        if (n >= HEADER && from.port == sw_sock_local(s->sender).port) {
            take(s, header, (size_t)n);
        }
    }
    sw_iperf_wake(s->iperf);
}

static int bind_udp(struct sw_iperf *f, uint16_t *port)
{
    int result = 0;
    for (uint32_t i = 0; i < f->config.parallel && result == 0; i++) {
        struct sw_iperf_stream *s = &f->stream[i];
        result = sw_sock_open(&s->receiver, sw_iperf_sink(f), SW_UDP, on_event, s);
        if (result == 0) {
            result = sw_sock_bind(s->receiver, (struct sw_endpoint){.port = 0});
        }
    }
    if (result == 0) {
        *port = sw_sock_local(f->stream[0].receiver).port;
    }
    return result;
}

static int connect_udp(struct sw_iperf *f, struct sw_ip to)
{
    int result = 0;
    for (uint32_t i = 0; i < f->config.parallel && result == 0; i++) {
        struct sw_iperf_stream *s = &f->stream[i];
        result = sw_sock_open(&s->sender, sw_iperf_source(f), SW_UDP, on_event, s);
        if (result == 0) {
            struct sw_endpoint sink = {f->config.reverse ? sw_host_address(f->config.from) : to,
                                       sw_sock_local(s->receiver).port};
            result = sw_sock_connect(s->sender, sink);
        }
        s->connected = result == 0;
    }
    sw_iperf_ready(f);
    return result;
}

static sw_time next_udp(const struct sw_iperf_stream *s)
{
    /* What is due already waits for room, and is told of it. */
    bool late = s->next_due <= sw_clock_now(s->iperf->clock);
    return s->sent_all || late ? SW_TIME_NEVER : s->next_due;
}

static void stop_udp(struct sw_iperf_stream *s)
{
    s->sent_all = true;
}

static bool drained_udp(const struct sw_iperf_stream *s)
{
    return s->datagrams_received == s->datagrams;
}

const struct sw_iperf_ops sw_iperf_udp = {
    .bind = bind_udp,
    .connect = connect_udp,
    .pump = pump_udp,
    .next = next_udp,
    .stop = stop_udp,
    .drained = drained_udp,
    .patience = DRAIN_PATIENCE,
};
