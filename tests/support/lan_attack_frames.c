/* He who guesses: see lan_attack.h. */
#include <assert.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/tcp_seq.h"
#include "stack/wire/eth.h"
#include "stack/wire/ipv4.h"
#include "tests/support/lan_attack.h"

#define TEXT 16u /* bytes that a forged segment carries, if any */
#define L4 (SW_ETH_BYTES + SW_IPV4_BYTES)
#define PROTOCOL_TCP 6

static uint64_t draw(struct sw_test_injector *in)
{
    in->state ^= in->state << 13;
    in->state ^= in->state >> 7;
    in->state ^= in->state << 17;
    return in->state;
}

/* From side !to, as it seems, to side `to`. */
static void forge(struct sw_test_injector *in, unsigned to, uint8_t flags, uint32_t seq,
                  uint32_t ack, uint32_t ts, uint32_t text_bytes)
{
    const struct sw_test_side *src = &in->side[!to], *dst = &in->side[to];
    const struct sw_tcp_header h = {.src_port = src->port,
                                    .dst_port = dst->port,
                                    .seq = seq,
                                    .ack = ack,
                                    .flags = flags,
                                    .window = 1000,
                                    .urgent = 1,
                                    .has = SW_TCP_HAS_TIMESTAMP,
                                    .ts_val = ts};
    uint8_t bytes[L4 + SW_TCP_MAX_BYTES + TEXT];
    const uint32_t header = sw_tcp_emit(&h, bytes + L4), len = header + text_bytes;
    sw_eth_emit(&(struct sw_eth){.dst = dst->mac, .src = in->mac, .type = SW_ETH_IPV4}, bytes);
    sw_ipv4_emit(&(struct sw_ipv4){.header_bytes = SW_IPV4_BYTES,
                                   .ttl = 64,
                                   .protocol = PROTOCOL_TCP,
                                   .total_bytes = (uint16_t)(SW_IPV4_BYTES + len),
                                   .df = true,
                                   .src = src->ip,
                                   .dst = dst->ip},
                 bytes + SW_ETH_BYTES);
    memset(bytes + L4 + header, 'X', text_bytes);
    const uint64_t sum = sw_sum_pseudo_v4(src->ip, dst->ip, PROTOCOL_TCP, len);
    sw_put16(bytes + L4 + SW_TCP_CHECKSUM_OFFSET,
             (uint16_t)~sw_sum_fold(sw_sum_add(sum, bytes + L4, len)));
    struct sw_frame *frame = sw_frame_from_bytes(in->env->pool, bytes, L4 + len, L4 + len);
    assert(frame != NULL);
    sw_port_send(&in->port, frame);
    in->sent++;
}

static void guess(struct sw_test_injector *in, unsigned to)
{
    static const uint8_t flags[] = {SW_TCP_RST,
                                    SW_TCP_RST | SW_TCP_ACK,
                                    SW_TCP_SYN,
                                    SW_TCP_SYN | SW_TCP_ACK,
                                    SW_TCP_ACK,
                                    SW_TCP_PSH | SW_TCP_ACK,
                                    SW_TCP_PSH | SW_TCP_ACK | SW_TCP_URG,
                                    SW_TCP_FIN | SW_TCP_ACK};
    const uint64_t a = draw(in), b = draw(in);
    const uint8_t f = flags[a & 7];
    forge(in, to, f, (uint32_t)(a >> 32), (uint32_t)b, (uint32_t)(b >> 32),
          (f & SW_TCP_PSH) != 0 ? TEXT : 0);
}

void sw_test_injector_edges(struct sw_test_injector *in, unsigned to)
{
    const struct sw_test_side *peer = &in->side[!to], *self = &in->side[to];
    const uint32_t next = peer->nxt, last = self->edge - 1;
    const uint32_t ts = peer->ts + 1000; /* not before what it may say meanwhile */
    const uint32_t una = self->nxt;      /* all is acknowledged */
    /* A RST wherever it is not exactly the next number (RFC 5961 3.2). */
    const uint32_t places[] = {
        next - 1,         next + 1, next + 2, next + TEXT,         next + self->widest / 2,
        last - 1,         last,     last + 1, last + self->widest, next - self->widest,
        next + (1u << 31)};
    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
        forge(in, to, SW_TCP_RST, places[i], 0, ts, 0);
        forge(in, to, SW_TCP_RST | SW_TCP_ACK, places[i], una, ts, 0);
    }
    /* A SYN anywhere, at the next number, too (4.2). */
    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
        forge(in, to, SW_TCP_SYN, places[i], 0, ts, 0);
        forge(in, to, SW_TCP_SYN | SW_TCP_ACK, places[i], una, ts, 0);
    }
    forge(in, to, SW_TCP_SYN, next, 0, ts, 0);
    forge(in, to, SW_TCP_SYN | SW_TCP_ACK, next, una, ts, 0);
    /* Text and FIN at the very number, but what they acknowledge was never sent, or is too old
     * (5.2); in the window, as well. Their timestamps are ahead, too, and must not be kept. */
    const uint32_t acks[] = {
        una + 1,         una + TEXT, una + (1u << 30), una + (1u << 31) - 1, una - peer->widest - 1,
        una - (1u << 30)};
    for (unsigned i = 0; i < sizeof acks / sizeof acks[0]; i++) {
        const uint32_t ahead = ts + (1u << 30);
        forge(in, to, SW_TCP_PSH | SW_TCP_ACK | SW_TCP_URG, next, acks[i], ahead, TEXT);
        forge(in, to, SW_TCP_FIN | SW_TCP_ACK, next, acks[i], ahead, 0);
        forge(in, to, SW_TCP_PSH | SW_TCP_ACK, next + TEXT, acks[i], ahead, TEXT);
        forge(in, to, SW_TCP_PSH | SW_TCP_ACK, last, acks[i], ahead, TEXT);
    }
    /* All right, but without an ACK bit; or outside of the window; or older than the last
     * timestamp (RFC 7323 5). */
    forge(in, to, SW_TCP_PSH, next, 0, ts, TEXT);
    forge(in, to, SW_TCP_FIN, next, 0, ts, 0);
    forge(in, to, SW_TCP_PSH | SW_TCP_ACK, last + 1, una, ts, TEXT);
    forge(in, to, SW_TCP_PSH | SW_TCP_ACK, next - TEXT, una, ts, TEXT);
    forge(in, to, SW_TCP_FIN | SW_TCP_ACK, last + 1, una, ts, 0);
    forge(in, to, SW_TCP_ACK, next - 1, una, ts, 0);
    forge(in, to, SW_TCP_PSH | SW_TCP_ACK, next, una, ts - 1000000, TEXT);
    forge(in, to, SW_TCP_FIN | SW_TCP_ACK, next, una, ts - 1000000, 0);
}

void sw_test_injector_see(struct sw_test_injector *in, unsigned from, const struct sw_tcp_header *h,
                          uint32_t text_bytes)
{
    struct sw_test_side *s = &in->side[from];
    const bool syn = (h->flags & SW_TCP_SYN) != 0;
    if (syn) {
        *s = (struct sw_test_side){.ip = s->ip,
                                   .port = h->src_port,
                                   .mac = s->mac,
                                   .nxt = h->seq,
                                   .wscale = (h->has & SW_TCP_HAS_WSCALE) != 0 ? h->wscale : 0};
    }
    const uint32_t fin = (h->flags & SW_TCP_FIN) != 0;
    s->nxt = sw_seq_max(s->nxt, h->seq + text_bytes + syn + fin);
    if ((h->flags & SW_TCP_ACK) != 0) {
        const uint32_t window = (uint32_t)h->window << (syn ? 0 : s->wscale);
        s->edge = s->widest == 0 ? h->ack + window : sw_seq_max(s->edge, h->ack + window);
        s->ack = h->ack;
        s->widest = window > s->widest ? window : s->widest;
    }
    s->ts = h->ts_val;
}

static void on_timer(struct sw_timer *timer)
{
    struct sw_test_injector *in = SW_CONTAINER(timer, struct sw_test_injector, timer);
    guess(in, in->blind_left & 1);
    if (--in->blind_left > 0) {
        sw_timer_arm(timer, sw_clock_now(in->env->clock) + in->gap);
    }
}

static void on_receive(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    (void)port;
    for (unsigned i = 0; i < n; i++) {
        sw_frame_drop(frames[i]);
    }
}

void sw_test_injector_init(struct sw_test_injector *in, const struct sw_env *env)
{
    in->env = env;
    in->state = 0x2545f4914f6cdd1du;
    in->sent = in->blind_left = 0;
    sw_owner_init(&in->owner, "injector:frames");
    sw_port_init(&in->port, "injector", on_receive, NULL);
    const int status = sw_timer_init(&in->timer, env->clock, &in->owner, SW_CLASS_STEP, on_timer);
    assert(status == 0);
}

void sw_test_injector_fini(struct sw_test_injector *in)
{
    sw_timer_fini(&in->timer);
}

void sw_test_injector_start(struct sw_test_injector *in, uint64_t n, sw_time gap)
{
    in->blind_left = n;
    in->gap = gap;
    if (n > 0) {
        sw_timer_arm(&in->timer, sw_clock_now(in->env->clock));
    }
}
