/* Segments that arrive: whose they are, and RFC 9293 3.10.7.4 in its order, a function a step, with
 * RFC 7323's and RFC 5961's checks in their places. Steps that fill files of their own:
 * tcp_handshake.c (before a connection stands), tcp_ack.c (the fifth), tcp_text.c (the seventh and
 * eighth), tcp_oob.c (the sixth). */
#include <errno.h>
#include <string.h>

#include "core/bytes.h"
#include "stack/tcp.h"

/* What of a segment's text had been taken in before it came (RFC 2883 4). */
static struct sw_tcp_block below_next(const struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    return sw_tcp_sack_twice(NULL, t->rcv_nxt, seg->seq, seg->seq + seg->text_len);
}

/* ---- RFC 7323 5.3 ---- */

/* R1: a timestamp older than the last one belongs to a segment older than the window (PAWS). */
static sw_rx_verdict check_timestamp(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if (!t->timestamps || (seg->flags & SW_TCP_RST) != 0) {
        return SW_TCP_NEXT_STEP;
    }
    if ((seg->h.has & SW_TCP_HAS_TIMESTAMP) == 0) {
        /* 3.2: each segment has one, once agreed. Departure: as Linux, which takes one that a box
         * on the way has stripped of it. */
        return t->as_linux ? SW_TCP_NEXT_STEP : SW_DROP_TCP_PAWS;
    }
    if (sw_ts_before(seg->h.ts_val, t->ts_recent) && seg->now - t->ts_recent_at < SW_TCP_TS_VALID) {
        if (seg->bare || (seg->flags & SW_TCP_SYN) != 0) {
            sw_tcp_send_challenge(t); /* lest two ends that think so of each other go on for ever */
        } else {
            sw_tcp_send_ack_twice(t, below_next(t, seg));
        }
        return SW_DROP_TCP_PAWS;
    }
    return SW_TCP_NEXT_STEP;
}

/* R3, after the window test: the earliest segment that is not acknowledged yet is the one to be
 * echoed (4.3). After the test of what it acknowledges, too: a forged one in the window would make
 * all that the peer says look old, for good. */
static void keep_timestamp(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if (t->timestamps && (seg->h.has & SW_TCP_HAS_TIMESTAMP) != 0 &&
        sw_seq_le(seg->seq, t->last_ack_sent)) {
        t->ts_recent = seg->h.ts_val;
        t->ts_recent_at = seg->now;
    }
}

/* ---- first: the sequence number ---- */

/* The four cases of the acceptability test, where text that covers the window is acceptable, too. A
 * segment that begins before the window reaches it if the next number is among its own. Said by
 * "before" and "behind" that would be true of some that lie half the space away. */
static bool acceptable(const struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    const uint32_t window = sw_tcp_offered(t);
    if (window == 0) {
        /* With text, too, for its ACK's sake (MUST-66); the text is cut off. */
        return seg->seq == t->rcv_nxt;
    }
    return sw_seq_in(seg->seq, t->rcv_nxt, window) || sw_seq_in(t->rcv_nxt, seg->seq, seg->len);
}

static sw_rx_verdict refuse_sequence(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if ((seg->flags & SW_TCP_RST) != 0) {
        return SW_DROP_TCP_RST;
    }
    if (t->state == SW_TCP_SYN_RECEIVED && (seg->flags & SW_TCP_SYN) != 0 && seg->seq == t->irs) {
        sw_tcp_ecn_asked_again(&t->ecn, seg->flags);
        sw_tcp_send_syn(t); /* our answer was lost; the same one will do better than an ACK */
    } else if (seg->bare || (seg->flags & SW_TCP_SYN) != 0) {
        /* Two ends that answer ACKs with ACKs must come to rest; and RFC 5961 4.2. */
        sw_tcp_send_challenge(t);
    } else {
        if (t->as_linux && sw_seq_le(seg->seq + seg->text_len, t->rcv_nxt)) {
            sw_tcp_quick_again(&t->quick, sw_tcp_offered(t), t->snd_mss);
        }
        sw_tcp_send_ack_twice(t, below_next(t, seg));
    }
    return (seg->flags & SW_TCP_SYN) != 0 ? SW_DROP_TCP_SYN : SW_DROP_TCP_SEQUENCE;
}

static sw_rx_verdict check_sequence(struct sw_tcp *t, struct sw_tcp_segment *seg)
{
    /* Both ends opened at once: the peer's SYN has come before, now it comes with the ACK of ours
     * (3.5, figure 8). */
    if (t->state == SW_TCP_SYN_RECEIVED && seg->seq == t->irs &&
        (seg->flags & (SW_TCP_SYN | SW_TCP_ACK | SW_TCP_RST)) == (SW_TCP_SYN | SW_TCP_ACK)) {
        seg->flags &= (uint8_t)~SW_TCP_SYN;
        seg->seq++;
        seg->len--;
    }
    return acceptable(t, seg) ? SW_TCP_NEXT_STEP : refuse_sequence(t, seg);
}

void sw_tcp_trim(struct sw_tcp *t, struct sw_tcp_segment *seg)
{
    if (sw_seq_lt(seg->seq, t->rcv_nxt)) {
        const uint32_t cut = t->rcv_nxt - seg->seq;
        seg->twice = below_next(t, seg);
        seg->seq += cut;
        seg->len -= cut;
        seg->text_off += cut;
        seg->text_len -= cut < seg->text_len ? cut : seg->text_len;
    }
    const uint32_t room = sw_seq_lt(seg->seq, t->rcv_adv) ? t->rcv_adv - seg->seq : 0;
    if (seg->len > room) {
        seg->flags &= (uint8_t)~SW_TCP_FIN;
        seg->text_len = seg->text_len < room ? seg->text_len : room;
        seg->len = seg->text_len;
        sw_tcp_owe_ack(t); /* the peer asks for more than it was offered: say what that was */
    }
}

/* ---- second: the RST bit ---- */

static sw_rx_verdict check_rst(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if ((seg->flags & SW_TCP_RST) == 0) {
        return SW_TCP_NEXT_STEP;
    }
    if (seg->seq != t->rcv_nxt) {
        sw_tcp_send_challenge(t); /* RFC 5961 3.2 */
        return SW_DROP_TCP_RST;
    }
    /* In CLOSING and LAST-ACK, too, something that we sent was not acknowledged: never an orderly
     * end. */
    const bool refused = t->state == SW_TCP_SYN_RECEIVED && t->active;
    sw_tcp_done(t, refused ? -ECONNREFUSED : -ECONNRESET);
    return SW_RX_CONSUMED;
}

/* ---- fourth: the SYN bit ---- */

static sw_rx_verdict check_syn(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if ((seg->flags & SW_TCP_SYN) == 0) {
        return SW_TCP_NEXT_STEP;
    }
    if (t->state == SW_TCP_SYN_RECEIVED && !t->active) {
        sw_tcp_done(t, 0); /* back to LISTEN */
    } else {
        sw_tcp_send_challenge(t); /* RFC 5961 4.2 */
    }
    return SW_DROP_TCP_SYN;
}

/* Text that met congestion: its sender hears of it at once, for its window may be so small that it
 * waits for this acknowledgement. */
static sw_rx_verdict marked(struct sw_tcp *t, struct sw_tcp_segment *seg)
{
    const sw_rx_verdict verdict = sw_tcp_step_text(t, seg);
    if (t->ack_pending > 0 && sw_tcp_is_synchronized(t)) {
        sw_tcp_send_ack(t);
    }
    return verdict;
}

static sw_rx_verdict synchronized(struct sw_tcp *t, struct sw_tcp_segment *seg)
{
    sw_rx_verdict verdict = check_timestamp(t, seg);
    if (verdict == SW_TCP_NEXT_STEP) {
        verdict = check_sequence(t, seg);
    }
    if (verdict != SW_TCP_NEXT_STEP) {
        return verdict;
    }
    verdict = check_rst(t, seg);
    if (verdict == SW_TCP_NEXT_STEP) {
        verdict = check_syn(t, seg);
    }
    if (verdict == SW_TCP_NEXT_STEP) {
        verdict = sw_tcp_check_ack(t, seg);
    }
    if (verdict != SW_TCP_NEXT_STEP) {
        return verdict;
    }
    t->last_received = seg->now;
    keep_timestamp(t, seg);
    const bool text = seg->text_len > 0; /* also of a probe of our window (RFC 3168 6.1.6) */
    sw_tcp_trim(t, seg);
    verdict = sw_tcp_step_ack(t, seg);
    if (verdict != SW_TCP_NEXT_STEP) {
        return verdict;
    }
    if (text && t->ecn.on && sw_tcp_ecn_text(&t->ecn, seg->flags, seg->rx->tos)) {
        return marked(t, seg);
    }
    return sw_tcp_step_text(t, seg);
}

sw_rx_verdict sw_tcp_in_connection(struct sw_tcp *t, struct sw_tcp_segment *seg)
{
    t->segments_in++;
    t->count.data_in += seg->text_len > 0;
    seg->window = (uint32_t)seg->h.window << t->snd_wscale;
    const sw_rx_verdict verdict =
        t->state == SW_TCP_SYN_SENT ? sw_tcp_in_syn_sent(t, seg) : synchronized(t, seg);
    sw_tcp_reap(t);
    return verdict;
}

/* ---- whose is it? ---- */

static sw_rx_verdict without_connection(struct sw_host *host, const struct sw_tcp_tuple *at,
                                        struct sw_tcp_segment *seg)
{
    if (seg->rx->src == 0 || sw_ip_is_broadcast(host, seg->rx->src)) {
        return SW_DROP_TCP_ADDRESS; /* MUST-63; a connection's remote end was looked at before */
    }
    struct sw_tcp_table *table = host->tcp;
    uint32_t isn_above = 0;
    bool reuse = false;
    struct sw_tcp_tw *tw = sw_tcp_time_wait_find(table, at);
    if (tw != NULL) {
        const sw_rx_verdict verdict = sw_tcp_time_wait_input(host, tw, seg, &reuse, &isn_above);
        if (verdict != SW_TCP_NEXT_STEP) {
            return verdict;
        }
    }
    struct sw_tcp *listener = sw_tcp_table_listener(table, at->local_ip, at->local_port);
    if (listener != NULL) {
        return sw_tcp_in_listen(listener, seg, reuse ? &isn_above : NULL);
    }
    return sw_tcp_in_closed(host, seg);
}

/* Reads the header, which lies in a row but in frames that nobody makes. */
static bool parse(struct sw_tcp_segment *seg, const struct sw_rx *rx, enum sw_drop *why)
{
    uint8_t copy[SW_TCP_MAX_BYTES];
    size_t have = 0;
    const uint8_t *at = sw_frame_span(rx->frame, rx->l4, &have, NULL);
    if (have < rx->l4_len && have < sizeof(copy)) {
        have = rx->l4_len < sizeof(copy) ? rx->l4_len : sizeof(copy);
        sw_frame_read(rx->frame, rx->l4, copy, have);
        at = copy;
    }
    if (!sw_tcp_parse(&seg->h, at, have, rx->l4_len, why)) {
        return false;
    }
    seg->rx = rx;
    seg->flags = seg->h.flags;
    seg->seq = seg->h.seq;
    seg->text_off = (uint32_t)rx->l4 + seg->h.header_bytes;
    seg->text_len = rx->l4_len - seg->h.header_bytes;
    seg->len = seg->text_len + ((seg->flags & SW_TCP_SYN) != 0 ? 1 : 0) +
               ((seg->flags & SW_TCP_FIN) != 0 ? 1 : 0);
    seg->bare = seg->len == 0;
    seg->twice = (struct sw_tcp_block){0};
    return true;
}

sw_rx_verdict sw_tcp_input(struct sw_host *host, const struct sw_rx *rx)
{
    struct sw_tcp_segment seg;
    enum sw_drop why;
    if (!parse(&seg, rx, &why)) {
        return (sw_rx_verdict)why;
    }
    if (!sw_rx_checksum_ok(rx, SW_PROTO_TCP)) {
        return SW_DROP_TCP_CHECKSUM; /* MUST-3 */
    }
    if (rx->link_broadcast || rx->to_broadcast) {
        return SW_DROP_TCP_ADDRESS; /* MUST-57 */
    }
    host->stats.tcp_segments_in++;
    seg.now = sw_clock_now(host->env.clock);
    const struct sw_tcp_tuple at = {.local_ip = rx->dst,
                                    .remote_ip = rx->src,
                                    .local_port = seg.h.dst_port,
                                    .remote_port = seg.h.src_port};
    struct sw_tcp *t = sw_tcp_table_find(host->tcp, &at);
    return t == NULL ? without_connection(host, &at, &seg) : sw_tcp_in_connection(t, &seg);
}

/* ---- ICMP ---- */

/* RFC 1191 3: never below what IPv4 guarantees. Departure: as Linux, at once, and not when what it
 * quotes has timed out (RFC 5927 7.2); that this is on its way was looked at (4.1). */
static void too_big(struct sw_tcp *t, uint32_t mtu_bytes)
{
    const uint32_t mtu = mtu_bytes > SW_MTU_MIN ? mtu_bytes : SW_MTU_MIN;
    const uint32_t before = t->snd_mss;
    if (mtu_bytes == 0 || mtu >= t->path.mtu_bytes || (t->path_mtu != 0 && mtu >= t->path_mtu)) {
        return;
    }
    t->path_mtu = (uint16_t)mtu;
    sw_tcp_update_mss(t);
    if (t->snd_mss < before && sw_tcp_is_synchronized(t) && t->snd_una != t->snd_nxt) {
        /* What was too big comes again, smaller; that is no sign of congestion (RFC 1191 6.4). */
        sw_tcp_send_all_again(t);
        t->recover = t->snd_nxt;
        t->recovering = false;
        t->duplicates = 0;
        sw_tcp_output(t);
    }
}

/* MUST-54. Hard errors end an attempt to connect, and nothing else (RFC 5927 5.2); soft ones are
 * remembered (MUST-56). */
void sw_tcp_icmp(struct sw_host *host, const struct sw_icmp_error *error)
{
    if (error->quote_len < 8) {
        return;
    }
    const struct sw_tcp_tuple at = {.local_ip = error->src,
                                    .remote_ip = error->dst,
                                    .local_port = sw_get16(error->quote),
                                    .remote_port = sw_get16(error->quote + 2)};
    const uint32_t seq = sw_get32(error->quote + 4);
    struct sw_tcp *t = sw_tcp_table_find(host->tcp, &at);
    if (t == NULL || sw_seq_lt(seq, t->snd_una) || sw_seq_ge(seq, t->snd_nxt)) {
        return; /* RFC 5927 4.1: not about anything that is on its way */
    }
    const bool unreachable = error->type == 3;
    if (unreachable && error->code == 4) {
        too_big(t, error->mtu_bytes);
        return;
    }
    const int errnum = sw_icmp_errno(error->type, error->code);
    const bool hard = unreachable && (error->code == 2 || error->code == 3);
    if (errnum != 0) {
        t->soft_error = (int16_t)errnum;
    }
    if (hard && t->state == SW_TCP_SYN_SENT) {
        sw_tcp_done(t, errnum);
        sw_tcp_reap(t);
    } else if (errnum != 0 && t->state == SW_TCP_SYN_SENT) {
        sw_tcp_notify(t, SW_SOCK_ADVICE);
    }
}
