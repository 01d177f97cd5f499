/* A connection's buffers: see tcp_buffers.h. Their sizes are limits and no memory, which comes and
 * goes with what lies in them. What all connections hold together is bounded by the pool of their
 * clock; once half of that is in use no buffer grows any more, as Linux's under memory pressure. */
#include "stack/tcp_buffers.h"

#include <errno.h>

#define BUFFER_MIN 4096

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

void sw_tcp_buffers_new(struct sw_tcp *t)
{
    const struct sw_tcp_config *config = &t->host->tcp->config;
    t->snd_fixed = t->rcv_fixed = config->no_buffer_tuning;
    t->snd_buffer = config->no_buffer_tuning ? config->send_buffer_bytes
                                             : least(config->send_buffer_bytes, SW_TCP_SEND_START);
    t->rcv_buffer = config->no_buffer_tuning
                        ? config->receive_buffer_bytes
                        : least(config->receive_buffer_bytes, SW_TCP_RECEIVE_START);
}

static bool in_range(int64_t bytes)
{
    return bytes >= BUFFER_MIN && bytes <= SW_TCP_BUFFER_MAX;
}

int sw_tcp_buffers_fix_send(struct sw_tcp *t, int64_t bytes)
{
    if (!in_range(bytes)) {
        return -EINVAL;
    }
    t->snd_buffer = (uint32_t)bytes;
    t->snd_fixed = true;
    return 0;
}

int sw_tcp_buffers_fix_receive(struct sw_tcp *t, int64_t bytes)
{
    /* The SYN has told the peer by what windows are scaled. */
    if (!in_range(bytes) || (t->used && t->state != SW_TCP_LISTEN)) {
        return -EINVAL;
    }
    t->rcv_buffer = (uint32_t)bytes;
    t->rcv_fixed = true;
    return 0;
}

void sw_tcp_buffers_inherit(struct sw_tcp *t, const struct sw_tcp *listener)
{
    t->snd_buffer = listener->snd_buffer;
    t->rcv_buffer = listener->rcv_buffer;
    t->snd_fixed = listener->snd_fixed;
    t->rcv_fixed = listener->rcv_fixed;
}

uint32_t sw_tcp_buffers_receive_most(const struct sw_tcp *t)
{
    return t->rcv_fixed ? t->rcv_buffer : t->host->tcp->config.receive_buffer_bytes;
}

void sw_tcp_buffers_begin(struct sw_tcp *t)
{
    const uint32_t expected = least(t->rcv_buffer, sw_tcp_cc_initial_window(t->snd_mss));
    sw_tcp_tune_begin(&t->tune, sw_tcp_now(t), t->rcv_nxt, expected);
}

void sw_tcp_buffers_measure(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if (t->rcv_fixed) {
        return;
    }
    sw_tcp_tune_arrived(&t->tune, seg->now, t->rcv_nxt, sw_tcp_offered(t));
    /* A small segment may have waited for its writer, or by Nagle's rule. */
    if (t->timestamps && seg->h.ts_ecr != t->tune.echo && seg->text_len >= SW_TCP_MSS_DEFAULT) {
        const uint32_t ticks = sw_tcp_ts_clock(t, seg->now) - seg->h.ts_ecr;
        const sw_time ago = ticks * SW_MS;
        if (ago <= SW_RTO_MAX) { /* else it is no echo of ours */
            const bool caught_up = t->recvq.bytes <= seg->text_len;
            sw_tcp_tune_echoed(&t->tune, seg->h.ts_ecr, ago, SW_MS, caught_up);
        }
    }
}

/* Lets a buffer grow to `want`, or its bound; there it stays. */
static void grow(const struct sw_tcp *t, uint32_t *buffer, uint32_t want, uint32_t bound)
{
    want = least(want, bound);
    if (want > *buffer && !sw_pool_is_half_full(t->host->env.pool)) {
        *buffer = want;
    }
}

void sw_tcp_buffers_read(struct sw_tcp *t)
{
    if (t->rcv_fixed || t->fin_received || !sw_tcp_is_synchronized(t)) {
        return;
    }
    const uint32_t early = t->reass != NULL ? t->reass->bytes : 0;
    const uint32_t want =
        sw_tcp_tune_read(&t->tune, sw_tcp_now(t), t->rcv_nxt - t->recvq.bytes, early);
    if (want > 0) {
        const uint32_t bound = t->host->tcp->config.receive_buffer_bytes;
        grow(t, &t->rcv_buffer, want, bound);
        t->rcv_fixed = t->rcv_buffer == bound;
    }
}

void sw_tcp_buffers_grow_send(struct sw_tcp *t)
{
    const uint32_t bound = t->host->tcp->config.send_buffer_bytes;
    grow(t, &t->snd_buffer, sw_tcp_tune_send(t->cc.cwnd), bound);
    t->snd_fixed = t->snd_buffer == bound;
}
