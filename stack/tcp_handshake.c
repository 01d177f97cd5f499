/* Segments that arrive before a connection stands: RFC 9293 3.10.7.1 (CLOSED), 3.10.7.2
 * (LISTEN), 3.10.7.3 (SYN-SENT). */
#include <errno.h>
#include <stdlib.h>

#include "stack/tcp.h"

sw_rx_verdict sw_tcp_in_closed(struct sw_host *host, const struct sw_tcp_segment *seg)
{
    if ((seg->flags & SW_TCP_RST) == 0) {
        sw_tcp_refuse(host, seg);
    }
    return SW_DROP_TCP_NO_SOCKET;
}

/* ---- LISTEN ---- */

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
    t->keep_interval = listener->keep_interval;
    t->keep_probes = listener->keep_probes;
    t->linger_reset = listener->linger_reset;
    t->user_timeout = listener->user_timeout;
    t->snd_buffer = listener->snd_buffer;
    t->rcv_buffer = listener->rcv_buffer;
    t->user_mss = listener->user_mss;
    t->cc.ops = listener->cc.ops;
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
}

/* A full backlog gives the place of the one that has been half open longest to the one that comes
 * (RFC 4987 3.4): a handshake takes a round trip, and what forged SYNs leave behind would stand in
 * the door for minutes. Those that stand, and wait to be accepted, keep theirs; it costs a step for
 * each of them that is older. */
static bool make_place(const struct sw_tcp_listener *l)
{
    struct sw_tcp *t = l->eldest;
    while (t != NULL && t->state != SW_TCP_SYN_RECEIVED) {
        t = t->prev_child;
    }
    if (t == NULL) {
        return false;
    }
    sw_tcp_done(t, 0);
    sw_tcp_reap(t);
    return true;
}

/* Text and FIN of a SYN are not taken in: unacknowledged, they come again when the connection
 * stands. */
sw_rx_verdict sw_tcp_in_listen(struct sw_tcp *listener, struct sw_tcp_segment *seg,
                               const uint32_t *isn_above)
{
    if ((seg->flags & SW_TCP_RST) != 0) {
        return SW_DROP_TCP_LISTEN; /* first */
    }
    if ((seg->flags & SW_TCP_ACK) != 0) {
        sw_tcp_refuse_ack(listener->host, seg); /* second */
        return SW_DROP_TCP_NO_SOCKET;
    }
    if ((seg->flags & SW_TCP_SYN) == 0) {
        return SW_DROP_TCP_LISTEN; /* fourth */
    }
    /* Third. A full backlog drops the SYN without an answer: it comes again, and then there may be
     * room. */
    struct sw_tcp_listener *l = listener->listener;
    if (l->children >= l->backlog && !make_place(l)) {
        return SW_DROP_TCP_BACKLOG;
    }
    struct sw_tcp *t = new_child(listener, seg);
    if (t == NULL) {
        return SW_DROP_TCP_BACKLOG;
    }
    adopt(listener, t);
    uint32_t iss = sw_tcp_table_isn(t->host->tcp, &t->at, &t->ts_offset);
    if (isn_above != NULL && sw_seq_le(iss, *isn_above)) {
        iss = *isn_above + 1;
    }
    sw_tcp_begin(t, iss);
    sw_tcp_take_syn_options(t, seg);
    t->state = SW_TCP_SYN_RECEIVED;
    sw_tcp_restart_rtx(t);
    sw_tcp_send_syn(t);
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
        t->state = SW_TCP_SYN_RECEIVED;
        sw_tcp_restart_rtx(t);
        sw_tcp_send_syn(t);
        return SW_RX_CONSUMED;
    }
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
