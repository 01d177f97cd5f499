/* Segments that arrive before a connection stands: RFC 9293 3.10.7.1 (CLOSED), 3.10.7.2
 * (LISTEN), 3.10.7.3 (SYN-SENT). */
#include <errno.h>
#include <stdlib.h>

#include "stack/tcp.h"
#include "stack/tcp_buffers.h"
#include "stack/tcp_cookie.h"

sw_rx_verdict sw_tcp_in_closed(struct sw_host *host, const struct sw_tcp_segment *seg)
{
    if ((seg->flags & SW_TCP_RST) == 0) {
        sw_tcp_refuse(host, seg);
    }
    return SW_DROP_TCP_NO_SOCKET;
}

/* ---- a listener's children ---- */

static struct sw_tcp *new_child(struct sw_tcp *listener, const struct sw_tcp_segment *seg)
{
    struct sw_tcp *t = sw_tcp_new(listener->host);
    if (t == NULL) {
        return NULL;
    }
    t->at = (struct sw_tcp_tuple){.local_ip = seg->rx->dst,
                                  .remote_ip = seg->rx->src,
                                  .local_port = seg->h.dst_port,
                                  .remote_port = seg->h.src_port};
    t->used = true;
    t->ttl = listener->ttl;
    t->tos = listener->tos;
    t->nodelay = listener->nodelay;
    t->keepalive = listener->keepalive;
    t->keep_idle = listener->keep_idle;
    t->user_timeout = listener->user_timeout;
    t->keep_probes = listener->keep_probes;
    t->linger_reset = listener->linger_reset;
    t->urgent_apart = listener->urgent_apart;
    sw_tcp_buffers_inherit(t, listener);
    t->uto = listener->uto;
    t->uto_own = listener->uto_own;
    t->user_mss = listener->user_mss;
    if (listener->rare != NULL && sw_tcp_rare_need(t)) {
        t->rare->unsent_low = listener->rare->unsent_low;
        t->rare->keep_interval = listener->rare->keep_interval;
    }
    t->cc.ops = listener->cc.ops;
    t->ecn.mode = listener->ecn.mode;
    (void)sw_tcp_paced_limit(t, listener->paced != NULL ? listener->paced->most_bps : 0);
    if (sw_ip_path(t->host, t->at.local_ip, t->at.remote_ip, &t->path) < 0 ||
        sw_tcp_table_add(t) < 0) {
        sw_tcp_reap(t);
        return NULL;
    }
    return t;
}

static void adopt(struct sw_tcp *listener, struct sw_tcp *t)
{
    struct sw_tcp_listener *l = listener->listener;
    t->parent = listener;
    t->next_child = l->child;
    if (l->child != NULL) {
        l->child->prev_child = t;
    } else {
        l->eldest = t;
    }
    l->child = t;
    l->children++;
    t->host->stats.tcp_half_open++;
}

/* A full backlog gives the place of the one that has been half open longest to the one that comes
 * (RFC 4987 3.4): a handshake takes a round trip, and what forged SYNs leave behind would stand in
 * the door for minutes. Those that stand, and wait to be accepted, keep theirs; it costs a step for
 * each of them that is older. False: all stand. */
static bool make_place(struct sw_tcp *listener)
{
    const struct sw_tcp_listener *l = listener->listener;
    if (l->standing >= l->backlog) {
        return false;
    }
    if (l->children < l->backlog) {
        return true;
    }
    struct sw_tcp *t = l->eldest;
    while (t->state != SW_TCP_SYN_RECEIVED) {
        t = t->prev_child;
    }
    t->host->stats.tcp_half_open_evicted++;
    sw_tcp_done(t, 0);
    sw_tcp_reap(t);
    return true;
}

/* A child in SYN-RECEIVED that has heard the SYN seg. NULL: there is no room for it. */
static struct sw_tcp *open_child(struct sw_tcp *listener, const struct sw_tcp_segment *seg)
{
    struct sw_tcp *t = make_place(listener) ? new_child(listener, seg) : NULL;
    if (t != NULL) {
        adopt(listener, t);
    }
    return t;
}

/* ---- SYN cookies (RFC 4987 3.6) ---- */

/* While the backlog is full of half-open ones. Not for a SYN that opens anew what is in TIME-WAIT:
 * its answer must have a number above the old ones. */
static bool wants_cookie(const struct sw_tcp *listener, bool reuse)
{
    const struct sw_tcp_listener *l = listener->listener;
    const enum sw_tcp_cookies when = listener->host->tcp->config.syn_cookies;
    return !reuse && l->standing < l->backlog &&
           (when == SW_TCP_COOKIES_ALWAYS ||
            (when == SW_TCP_COOKIES_ON && l->children >= l->backlog));
}

static struct sw_tcp_cookie_of cookie_of(const struct sw_tcp_segment *seg, uint32_t peer_isn)
{
    return (struct sw_tcp_cookie_of){.local_ip = seg->rx->dst,
                                     .remote_ip = seg->rx->src,
                                     .local_port = seg->h.dst_port,
                                     .remote_port = seg->h.src_port,
                                     .peer_isn = peer_isn};
}

/* A SYN,ACK with a cookie for its number. Without timestamps it offers nothing that would have to
 * be remembered. */
static sw_rx_verdict answer_by_cookie(struct sw_tcp *listener, const struct sw_tcp_segment *seg)
{
    struct sw_host *host = listener->host;
    const struct sw_tcp_config *config = &host->tcp->config;
    const struct sw_tcp_cookie_of of = cookie_of(seg, seg->seq);
    const struct sw_tcp_tuple at = {.local_ip = of.local_ip,
                                    .remote_ip = of.remote_ip,
                                    .local_port = of.local_port,
                                    .remote_port = of.remote_port};
    struct sw_path path;
    if (sw_ip_path(host, at.local_ip, at.remote_ip, &path) < 0) {
        return SW_DROP_TCP_BACKLOG;
    }
    const uint16_t peer_mss =
        (seg->h.has & SW_TCP_HAS_MSS) != 0 ? seg->h.mss : (uint16_t)SW_TCP_MSS_DEFAULT;
    struct sw_tcp_header h = {
        .seq = sw_tcp_cookie_make(host->tcp->isn_key, &of, peer_mss, seg->now),
        .ack = seg->seq + 1,
        .flags = SW_TCP_SYN | SW_TCP_ACK,
        .has = SW_TCP_HAS_MSS,
        .window = (uint16_t)sw_tcp_syn_window(listener),
        .mss = sw_tcp_syn_mss(listener, &path),
    };
    if (!config->no_timestamps && (seg->h.has & SW_TCP_HAS_TIMESTAMP) != 0) {
        struct sw_tcp_ecn ecn = listener->ecn;
        sw_tcp_ecn_asked(&ecn, seg->flags);
        const struct sw_tcp_cookie_options options = {
            .ecn = ecn.on,
            .scaling = !config->no_window_scaling && (seg->h.has & SW_TCP_HAS_WSCALE) != 0,
            .sack = !config->no_sack && (seg->h.has & SW_TCP_HAS_SACK_PERMITTED) != 0,
            .wscale = seg->h.wscale};
        uint32_t ts_offset;
        (void)sw_tcp_table_isn(host->tcp, &at, &ts_offset);
        h.flags |= sw_tcp_ecn_syn_ack(&ecn);
        h.has |= SW_TCP_HAS_TIMESTAMP;
        h.has |= options.sack ? SW_TCP_HAS_SACK_PERMITTED : 0;
        h.has |= options.scaling ? SW_TCP_HAS_WSCALE : 0;
        h.wscale = sw_tcp_syn_wscale(listener);
        h.ts_val = sw_tcp_cookie_stamp((uint32_t)(seg->now / SW_MS) + ts_offset, options);
        h.ts_ecr = seg->h.ts_val;
    }
    host->stats.tcp_cookies_sent++;
    listener->listener->cookies_until = seg->now + SW_TCP_COOKIE_MINUTES * SW_TCP_COOKIE_TICK;
    sw_tcp_send_bare(host, &at, &h);
    return SW_RX_CONSUMED;
}

/* The SYN of a connection, as far as the segment that brings the cookie back tells of it. */
static struct sw_tcp_segment remembered(const struct sw_tcp_segment *seg, uint16_t mss)
{
    struct sw_tcp_segment syn = *seg;
    syn.seq = syn.h.seq = seg->seq - 1;
    syn.flags = syn.h.flags = SW_TCP_SYN;
    syn.h.ack = 0;
    syn.h.has = SW_TCP_HAS_MSS;
    syn.h.mss = mss;
    if ((seg->h.has & SW_TCP_HAS_TIMESTAMP) != 0) {
        const struct sw_tcp_cookie_options options = sw_tcp_cookie_unstamp(seg->h.ts_ecr);
        syn.h.has |= SW_TCP_HAS_TIMESTAMP;
        syn.h.has |= options.sack ? SW_TCP_HAS_SACK_PERMITTED : 0;
        syn.h.has |= options.scaling ? SW_TCP_HAS_WSCALE : 0;
        syn.h.wscale = options.wscale;
        syn.flags |= options.ecn ? SW_TCP_ECE | SW_TCP_CWR : 0;
    }
    return syn;
}

/* An ACK to a listener that has sent cookies. SW_TCP_NEXT_STEP: it brings none back. */
static sw_rx_verdict take_cookie(struct sw_tcp *listener, struct sw_tcp_segment *seg)
{
    struct sw_host *host = listener->host;
    const struct sw_tcp_cookie_of of = cookie_of(seg, seg->seq - 1);
    const uint32_t cookie = seg->h.ack - 1;
    uint16_t mss;
    if ((seg->flags & SW_TCP_SYN) != 0 || seg->now >= listener->listener->cookies_until) {
        return SW_TCP_NEXT_STEP;
    }
    if (!sw_tcp_cookie_check(host->tcp->isn_key, &of, cookie, seg->now, &mss)) {
        host->stats.tcp_cookies_refused++;
        return SW_TCP_NEXT_STEP;
    }
    /* It has proved that it is there, so it may take the place of one that has not. */
    struct sw_tcp *t = open_child(listener, seg);
    if (t == NULL) {
        return SW_DROP_TCP_BACKLOG; /* it, or the text behind it, comes again */
    }
    host->stats.tcp_cookies_accepted++;
    (void)sw_tcp_table_isn(host->tcp, &t->at, &t->ts_offset);
    sw_tcp_begin(t, cookie);
    const struct sw_tcp_segment syn = remembered(seg, mss);
    sw_tcp_take_syn_options(t, &syn);
    sw_tcp_ecn_asked(&t->ecn, syn.flags);
    t->snd_nxt = t->snd_out = cookie + 1;
    t->state = SW_TCP_SYN_RECEIVED;
    return sw_tcp_in_connection(t, seg);
}

/* ---- LISTEN ---- */

/* Text and FIN of a SYN are not taken in: unacknowledged, they come again when the connection
 * stands. */
sw_rx_verdict sw_tcp_in_listen(struct sw_tcp *listener, struct sw_tcp_segment *seg,
                               const uint32_t *isn_above)
{
    if ((seg->flags & SW_TCP_RST) != 0) {
        return SW_DROP_TCP_LISTEN; /* first */
    }
    if ((seg->flags & SW_TCP_ACK) != 0) {
        const sw_rx_verdict verdict = take_cookie(listener, seg);
        if (verdict != SW_TCP_NEXT_STEP) {
            return verdict;
        }
        sw_tcp_refuse_ack(listener->host, seg); /* second */
        return SW_DROP_TCP_NO_SOCKET;
    }
    if ((seg->flags & SW_TCP_SYN) == 0) {
        return SW_DROP_TCP_LISTEN; /* fourth */
    }
    /* Third. A backlog full of those that stand drops the SYN without an answer: it comes again,
     * and then there may be room. */
    if (wants_cookie(listener, isn_above != NULL)) {
        return answer_by_cookie(listener, seg);
    }
    struct sw_tcp *t = open_child(listener, seg);
    if (t == NULL) {
        return SW_DROP_TCP_BACKLOG;
    }
    uint32_t iss = sw_tcp_table_isn(t->host->tcp, &t->at, &t->ts_offset);
    if (isn_above != NULL && sw_seq_le(iss, *isn_above)) {
        iss = *isn_above + 1;
    }
    sw_tcp_begin(t, iss);
    sw_tcp_take_syn_options(t, seg);
    sw_tcp_ecn_asked(&t->ecn, seg->flags);
    t->state = SW_TCP_SYN_RECEIVED;
    sw_tcp_restart_rtx(t);
    sw_tcp_send_syn(t);
    sw_tcp_tell(t, SW_TCP_TOLD_STATE);
    return SW_RX_CONSUMED;
}

/* ---- SYN-SENT ---- */

/* First, the ACK field: is it for our SYN? */
static sw_rx_verdict check_ack(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if ((seg->flags & SW_TCP_ACK) != 0 &&
        (sw_seq_le(seg->h.ack, t->iss) || sw_seq_gt(seg->h.ack, t->snd_nxt))) {
        if ((seg->flags & SW_TCP_RST) == 0) {
            sw_tcp_refuse_ack(t->host, seg);
        }
        return SW_DROP_TCP_ACK;
    }
    return SW_TCP_NEXT_STEP;
}

/* Second, the RST bit: believed if the ACK was good (RFC 5961 3.2 has nothing to add here). */
static sw_rx_verdict check_rst(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if ((seg->flags & SW_TCP_RST) == 0) {
        return SW_TCP_NEXT_STEP;
    }
    if ((seg->flags & SW_TCP_ACK) == 0) {
        return SW_DROP_TCP_RST;
    }
    sw_tcp_done(t, -ECONNREFUSED);
    return SW_RX_CONSUMED;
}

/* Fourth, the SYN bit: an answer to ours, or the peer's own at the same time (3.5, MUST-10). */
static sw_rx_verdict check_syn(struct sw_tcp *t, struct sw_tcp_segment *seg)
{
    if ((seg->flags & SW_TCP_SYN) == 0) {
        return SW_DROP_TCP_SYN; /* fifth: neither SYN nor RST */
    }
    sw_tcp_take_syn_options(t, seg);
    if ((seg->flags & SW_TCP_ACK) == 0) {
        sw_tcp_ecn_asked_again(&t->ecn, seg->flags);
        t->state = SW_TCP_SYN_RECEIVED;
        sw_tcp_restart_rtx(t);
        sw_tcp_send_syn(t);
        sw_tcp_tell(t, SW_TCP_TOLD_STATE);
        return SW_RX_CONSUMED;
    }
    sw_tcp_ecn_answered(&t->ecn, seg->flags);
    if (t->timing) {
        t->timing = false;
        sw_tcp_rtt_sample(&t->rtt, seg->now - t->rtt_at);
    }
    t->snd_una = seg->h.ack;
    sw_tcp_establish(t);
    sw_tcp_owe_ack(t);
    /* Other controls or text: on with the sixth step of 3.10.7.4, as if they had come behind the
     * SYN. */
    seg->flags &= (uint8_t)~SW_TCP_SYN;
    seg->seq++;
    seg->len--;
    sw_tcp_trim(t, seg);
    return sw_tcp_step_text(t, seg);
}

sw_rx_verdict sw_tcp_in_syn_sent(struct sw_tcp *t, struct sw_tcp_segment *seg)
{
    sw_rx_verdict verdict = check_ack(t, seg);
    if (verdict == SW_TCP_NEXT_STEP) {
        verdict = check_rst(t, seg);
    }
    return verdict == SW_TCP_NEXT_STEP ? check_syn(t, seg) : verdict;
}
