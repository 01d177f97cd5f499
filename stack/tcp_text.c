/* The seventh and eighth check of RFC 9293 3.10.7.4: text and FIN. What comes in order joins the
 * receive queue; what comes early waits in the reassembly.
 *
 * Acknowledgements: each segment out of order, and each that fills a gap, is acknowledged at once
 * (RFC 5681 4.2). Text in order is acknowledged at the end of the batch, if it is the second
 * segment (MUST-58, MUST-59) or tcp_quick.h says so, or 40 ms later; a batch of many segments
 * yields an acknowledgement for every second one all the same, for the peer's window grows by their
 * number. */
#include <stdlib.h>

#include "stack/tcp.h"
#include "stack/tcp_buffers.h"

void sw_tcp_forget_early(struct sw_tcp *t)
{
    if (t->reass != NULL) {
        sw_tcp_reass_fini(t->reass);
        free(t->reass);
        t->reass = NULL;
    }
}

/* False: out of memory. */
static bool need_reass(struct sw_tcp *t)
{
    if (t->reass == NULL) {
        t->reass = calloc(1, sizeof(*t->reass));
    }
    return t->reass != NULL;
}

void sw_tcp_owe_ack(struct sw_tcp *t)
{
    t->owes_ack = true;
    sw_tcp_table_work(t);
}

/* Alone, and so late after what came before that the peer may be counting again, or has only begun:
 * is it to be acknowledged at once? */
static bool quickly(struct sw_tcp *t, sw_time now)
{
    if (sw_tcp_quick_text(&t->quick, now, t->rtt.rto) && t->as_linux) {
        sw_tcp_quick_raise(&t->quick, sw_tcp_offered(t), t->snd_mss);
    }
    return sw_tcp_quick_take(&t->quick);
}

static void count_for_ack(struct sw_tcp *t, uint32_t text_len, sw_time now)
{
    /* A super-frame stands for several segments. */
    if (t->ack_pending > 0 || quickly(t, now) || text_len > t->snd_mss) {
        t->quick.text_at = sw_tcp_tick_of(now);
        t->ack_pending = 2;
        sw_tcp_owe_ack(t);
        return;
    }
    t->ack_pending = 1;
    if (t->due[SW_TCP_DUE_ACK] == SW_TIME_NEVER) {
        sw_tcp_set_due(t, SW_TCP_DUE_ACK, now + SW_TCP_DELAYED_ACK);
    }
}

/* What a peer sends behind its own FIN is not text; so rcv_nxt never passes fin_seq. */
static void cut_behind_fin(const struct sw_tcp *t, struct sw_tcp_segment *seg)
{
    if (t->fin_early && sw_seq_lt(t->fin_seq, seg->seq + seg->text_len)) {
        seg->text_len = sw_seq_lt(seg->seq, t->fin_seq) ? t->fin_seq - seg->seq : 0;
    }
}

/* Moves what is in its turn now from the reassembly to the queue, up to a FIN that came early. */
static void drain(struct sw_tcp *t)
{
    const struct sw_tcp_piece *piece;
    while ((piece = sw_tcp_reass_first(t->reass, t->rcv_nxt)) != NULL) {
        uint32_t len = piece->len;
        if (t->fin_early && sw_seq_lt(t->fin_seq, t->rcv_nxt + len)) {
            len = t->fin_seq - t->rcv_nxt;
        }
        if (len == 0 ||
            (!t->orphan && !sw_tcp_recvq_push_slice(&t->recvq, piece->block, piece->off, len))) {
            return; /* without memory: not acknowledged, it comes again */
        }
        t->rcv_nxt += len;
        t->bytes_received += len;
    }
    if (t->reass->count == 0) {
        sw_tcp_forget_early(t);
    }
}

/* Eighth: the peer has ended, and all that it sent has come. */
static void take_fin(struct sw_tcp *t)
{
    t->rcv_nxt++;
    t->fin_received = true;
    sw_tcp_forget_early(t);
    if (t->loss != NULL) {
        t->loss->sacks.count = 0;
    }
    sw_tcp_owe_ack(t);
    sw_tcp_notify(t, SW_SOCK_PEER_CLOSED);
    switch (t->state) {
    case SW_TCP_ESTABLISHED:
        t->state = SW_TCP_CLOSE_WAIT;
        break;
    case SW_TCP_FIN_WAIT_1:
        t->state = SW_TCP_CLOSING; /* our FIN is not acknowledged, or this would be FIN-WAIT-2 */
        break;
    case SW_TCP_FIN_WAIT_2:
        sw_tcp_send_ack(t);
        sw_tcp_enter_time_wait(t);
        break;
    default:
        break;
    }
    sw_tcp_tell(t, SW_TCP_TOLD_STATE);
}

/* RFC 2883 4: told once, in the acknowledgement that this segment brings about. */
static struct sw_tcp_block had_before(const struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if (seg->twice.start != seg->twice.end || t->reass == NULL) {
        return seg->twice;
    }
    return sw_tcp_sack_twice(t->reass, t->rcv_nxt, seg->seq, seg->seq + seg->text_len);
}

static sw_rx_verdict in_order(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    /* What the previous segments of this batch are owed goes out before a third joins them. */
    if (t->owes_ack && t->ack_pending >= 2 && seg->text_len > 0) {
        sw_tcp_send_ack(t);
    }
    const struct sw_tcp_block twice = had_before(t, seg);
    if (seg->text_len > 0) {
        if (!t->orphan &&
            !sw_tcp_recvq_push_frame(&t->recvq, seg->rx->frame, seg->text_off, seg->text_len)) {
            return SW_DROP_NO_MEMORY;
        }
        t->rcv_nxt += seg->text_len;
        t->bytes_received += seg->text_len;
        sw_tcp_buffers_arrived(t, seg);
        const bool gap = t->reass != NULL;
        if (gap && (seg->flags & SW_TCP_FIN) == 0) {
            drain(t);
            if (t->loss != NULL) {
                sw_tcp_sack_advance(&t->loss->sacks, t->rcv_nxt);
            }
        }
        sw_tcp_notify(t, SW_SOCK_READABLE);
        if (gap || twice.start != twice.end) {
            sw_tcp_send_ack_twice(t, twice);
        } else {
            count_for_ack(t, seg->text_len, seg->now);
        }
    } else if (twice.start != twice.end) {
        sw_tcp_send_ack_twice(t, twice); /* nothing but the FIN is new */
    }
    if ((seg->flags & SW_TCP_FIN) != 0 || (t->fin_early && t->rcv_nxt == t->fin_seq)) {
        take_fin(t);
    }
    return SW_RX_CONSUMED;
}

static sw_rx_verdict out_of_order(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    bool kept = true;
    const struct sw_tcp_block twice = had_before(t, seg);
    if (seg->text_len > 0) {
        t->count.out_of_order++;
        kept = need_reass(t) &&
               sw_tcp_reass_add(t->reass, seg->seq, seg->rx->frame, seg->text_off, seg->text_len);
        if (t->reass != NULL && t->reass->count == 0) {
            sw_tcp_forget_early(t); /* nothing could be kept */
        } else if (t->reass != NULL && t->sack && sw_tcp_loss_need(t)) {
            sw_tcp_sack_arrived(&t->loss->sacks, t->reass, seg->seq);
        }
    }
    if ((seg->flags & SW_TCP_FIN) != 0 && !t->fin_early) {
        t->fin_early = true;
        t->fin_seq = seg->seq + seg->text_len;
    }
    sw_tcp_send_ack_twice(t, twice);
    return kept ? SW_RX_CONSUMED : SW_DROP_TCP_REASSEMBLY;
}

sw_rx_verdict sw_tcp_step_text(struct sw_tcp *t, struct sw_tcp_segment *seg)
{
    if ((seg->flags & SW_TCP_URG) != 0) {
        sw_tcp_step_urgent(t, seg);
    }
    if (seg->len == 0) {
        return SW_RX_CONSUMED;
    }
    if (t->fin_received) {
        return SW_DROP_TCP_CLOSED; /* "this should not occur": ignored */
    }
    /* Nobody will read it: the peer must not believe that somebody has (RFC 1122 4.2.2.13, RFC
     * 2525 2.17). */
    if (t->orphan && t->linger_reset && seg->text_len > 0) {
        sw_tcp_refuse_ack(t->host,
                          seg); /* at the number that the peer waits for, for all it knows */
        sw_tcp_done(t, 0);
        return SW_DROP_TCP_CLOSED;
    }
    sw_tcp_count_text(&t->count, seg->text_len, seg->now);
    cut_behind_fin(t, seg);
    return seg->seq == t->rcv_nxt ? in_order(t, seg) : out_of_order(t, seg);
}
