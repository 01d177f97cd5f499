/* The fifth check of RFC 9293 3.10.7.4, the ACK field: what it acknowledges, what it says about
 * loss (RFC 5681 3.2, RFC 6582), how long the way is (RFC 6298), how much the peer will take. */
#include <errno.h>

#include "stack/tcp.h"
#include "stack/tcp_buffers.h"
#include "stack/tcp_hole.h"
#include "stack/tcp_urgent.h"

/* ---- round trips ---- */

/* The round trip that the peer's echo of our timestamp tells, to a millisecond (RFC 7323 4.1); -1:
 * none. An echo of what we cannot have sent is nobody's measurement. */
static sw_time echoed(const struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if (!t->timestamps || (seg->h.has & SW_TCP_HAS_TIMESTAMP) == 0) {
        return -1;
    }
    const uint32_t ticks = sw_tcp_ts_clock(t, seg->now) - seg->h.ts_ecr;
    const sw_time r = ticks * SW_MS;
    return r <= SW_RTO_MAX && r <= seg->now ? r : -1;
}

/* One segment in flight is timed at a time, by the clock's nanoseconds. When it cannot be, because
 * something was sent twice (Karn), the peer's echo of our timestamp says which sending it was (RFC
 * 7323 4.1), to a millisecond. */
static void measure(struct sw_tcp *t, const struct sw_tcp_segment *seg, uint32_t una_before)
{
    if (t->timing) {
        if (sw_seq_ge(seg->h.ack, t->rtt_seq)) {
            t->timing = false;
            sw_tcp_rtt_sample(&t->rtt, seg->now - t->rtt_at);
        }
        return;
    }
    const sw_time r = sw_seq_lt(una_before, t->rtx_high) ? echoed(t, seg) : -1;
    if (r >= 0) {
        sw_tcp_rtt_sample(&t->rtt, r);
    }
}

/* ---- loss ---- */

/* RFC 5681 3.2, step 2: the third duplicate; RFC 6582 3.2, step 2: unless it may come of what was
 * sent again. */
static void third_duplicate(struct sw_tcp *t, sw_time now)
{
    if (sw_seq_le(t->snd_una, t->recover)) {
        return;
    }
    t->recovering = true;
    t->partial_seen = false;
    t->recover = t->snd_nxt;
    t->snd_out = t->snd_nxt;
    sw_tcp_undo_begin(t);
    sw_tcp_lower(t, t->lost_flight, now);
    (void)sw_tcp_retransmit_first(t);
    sw_tcp_restart_rtx(t);
}

static void duplicate(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if (t->duplicates < UINT8_MAX) {
        t->duplicates++;
    }
    sw_tcp_undo_duplicate(t);
    if (t->recovering) {
        t->cc.ops->duplicate(&t->cc);
    } else if (t->duplicates == 1) {
        t->lost_flight = t->snd_nxt - t->snd_una; /* what limited transmit adds is not counted */
    } else if (t->duplicates == 3) {
        third_duplicate(t, seg->now);
    }
    /* At once, not at the batch's end: limited transmit counts duplicates one by one (RFC 3042). */
    sw_tcp_output(t);
}

/* RFC 6582 3.2, step 3: a part of what was out when recovery began has arrived, or all of it. */
static void in_recovery(struct sw_tcp *t, uint32_t acked)
{
    if (sw_seq_ge(t->snd_una, t->recover)) {
        t->recovering = false;
        t->duplicates = 0;
        t->cc.ops->leave(&t->cc, t->snd_nxt - t->snd_una);
        return;
    }
    /* The next hole begins right here. */
    t->cc.ops->partial(&t->cc, acked);
    (void)sw_tcp_retransmit_first(t);
    if (!t->partial_seen) {
        t->partial_seen = true;
        sw_tcp_restart_rtx(t);
    }
}

/* ---- progress ---- */

static void took_our_fin(struct sw_tcp *t)
{
    switch (t->state) {
    case SW_TCP_FIN_WAIT_1:
        t->state = SW_TCP_FIN_WAIT_2;
        sw_tcp_tell(t, SW_TCP_TOLD_STATE);
        if (t->orphan) {
            sw_tcp_set_due(t, SW_TCP_DUE_FIN_WAIT_2, sw_tcp_now(t) + SW_TCP_FIN_WAIT_2_MOST);
        }
        break;
    case SW_TCP_CLOSING:
        sw_tcp_enter_time_wait(t);
        break;
    case SW_TCP_LAST_ACK:
        sw_tcp_notify(t, SW_SOCK_CLOSED);
        sw_tcp_done(t, 0);
        break;
    default:
        break;
    }
}

/* When half of what a writer may queue is free again, or a good piece of a large buffer. */
void sw_tcp_wake_writer(struct sw_tcp *t)
{
    sw_tcp_buffers_acked(t);
    const bool low = t->rare != NULL && t->rare->unsent_low > 0;
    const uint32_t most = low ? t->rare->unsent_low : SW_TCP_UNSENT_MOST;
    const uint32_t half = (t->snd_buffer < most ? t->snd_buffer : most) / 2;
    if (sw_tcp_writable_bytes(t) >= half && sw_tcp_unsent(t) <= most - half) {
        t->want_writable = false;
        sw_tcp_notify(t, SW_SOCK_WRITABLE);
    }
}

/* RFC 6298 5.2, 5.3. */
static void restart_or_stop_rtx(struct sw_tcp *t)
{
    if (t->snd_una == t->snd_nxt) {
        t->due[SW_TCP_DUE_RTX] = SW_TIME_NEVER;
        if (t->sendq.bytes == 0) {
            sw_tcp_count_limit(&t->count, SW_TCP_IDLE, sw_tcp_now(t));
        }
    } else if (t->due[SW_TCP_DUE_RTX] != SW_TIME_NEVER) {
        sw_tcp_set_due(t, SW_TCP_DUE_RTX, sw_tcp_now(t) + sw_tcp_rtx_wait(t));
    }
}

/* RFC 3168 6.1.2. */
static bool hears_mark(const struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    return (seg->flags & SW_TCP_ECE) != 0 && t->ecn.on;
}

static void new_ack(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    const uint32_t una_before = t->snd_una;
    const uint32_t flight = t->snd_nxt - una_before;
    const uint32_t covered = seg->h.ack - una_before;
    const uint32_t text = covered < t->sendq.bytes ? covered : t->sendq.bytes;
    const bool fin = covered > t->sendq.bytes; /* one number more than there is text */
    measure(t, seg, una_before);
    t->snd_una = seg->h.ack;
    if (t->urgent != NULL) {
        sw_tcp_urgent_acked(t->urgent, t->snd_una);
    }
    if (t->rare != NULL) {
        sw_tcp_rare_acked(t);
    }
    if (sw_seq_lt(t->snd_out, t->snd_una)) {
        t->snd_out = t->snd_una;
    }
    sw_tcp_ecn_acked(&t->ecn, t->snd_una);
    sw_tcp_sendq_drop(&t->sendq, text);
    t->bytes_acked += text;
    t->retries = 0;
    t->soft_error = 0;
    t->progress_at = seg->now;
    if (t->loss != NULL) {
        if (t->loss->undo != NULL) {
            sw_tcp_undo_covers(t, seg->h.ack);
        }
        sw_tcp_recover_acked(t, seg);
        if (t->loss->mtu_probe_len != 0) {
            sw_tcp_hole_acked(t);
        }
        if (t->loss->undo != NULL) {
            sw_tcp_undo_advanced(t, seg);
        }
    }
    if (t->recovering && t->sack) {
        restart_or_stop_rtx(t);
    } else if (t->recovering) {
        in_recovery(t, covered);
        if (!t->recovering) {
            restart_or_stop_rtx(t);
        }
    } else {
        t->duplicates = 0;
        /* They follow, lest 2 GiB later they lie ahead. */
        t->recover = sw_seq_max(t->recover, t->snd_una - 1);
        t->rtx_high = sw_seq_max(t->rtx_high, t->snd_una - 1);
        const struct sw_tcp_cc_ack ack = {.now = seg->now,
                                          .srtt = t->rtt.srtt,
                                          .rtt = echoed(t, seg),
                                          .una = t->snd_una,
                                          .nxt = t->snd_nxt,
                                          .acked_bytes = covered,
                                          .flight_bytes = flight};
        if (!hears_mark(t, seg)) {
            t->cc.ops->ack(&t->cc, &ack);
        }
        restart_or_stop_rtx(t);
    }
    if (t->want_writable && t->sendq.bytes == 0) {
        sw_tcp_wake_writer(t); /* else when what goes with this acknowledgement has gone */
    }
    if (fin) {
        took_our_fin(t);
    }
}

/* RFC 5681 2: a duplicate acknowledgement says nothing but that a segment came out of order. */
static bool is_duplicate(const struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    return seg->h.ack == t->snd_una && t->snd_una != t->snd_nxt && seg->bare &&
           seg->window == t->snd_wnd && seg->window != 0;
}

/* The window of a segment that was sent before the one it was last taken from is old. Departure:
 * 3.10.7.4 knows the later one by its number alone; but a peer's retransmission has a low number
 * and, if it acknowledges more than was known, was sent last of all. To leave its window unread
 * would be to move the window's edge to where the peer never put it. */
static void update_window(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if (sw_seq_lt(t->snd_una, seg->h.ack) || sw_seq_lt(t->snd_wl1, seg->seq) ||
        (t->snd_wl1 == seg->seq && sw_seq_le(t->snd_wl2, seg->h.ack))) {
        t->snd_wnd = seg->window;
        t->snd_wl1 = seg->seq;
        t->snd_wl2 = seg->h.ack;
        if (seg->window > t->snd_wnd_max) {
            t->snd_wnd_max = seg->window;
        }
    }
}

/* An answer to a window probe, whatever it says, is a sign of life (MUST-37). */
static void answer_to_probe(struct sw_tcp *t, sw_time now)
{
    if (t->due[SW_TCP_DUE_PERSIST] == SW_TIME_NEVER) {
        return;
    }
    t->retries = 0;
    t->progress_at = now;
    if (t->snd_wnd > 0) {
        t->due[SW_TCP_DUE_PERSIST] = SW_TIME_NEVER;
        sw_tcp_send_all_again(t);
    }
}

/* SYN-RECEIVED: the ACK of our SYN completes the handshake. */
static void complete(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if (t->timing) {
        t->timing = false;
        sw_tcp_rtt_sample(&t->rtt, seg->now - t->rtt_at);
    }
    t->snd_una = seg->h.ack;
    t->snd_wnd = t->snd_wnd_max = seg->window;
    t->snd_wl1 = seg->seq;
    t->snd_wl2 = seg->h.ack;
    sw_tcp_establish(t);
}

/* Blocks, and what is lost, and whether it was. had: what was SACKed before, and una SND.UNA. */
static void after_ack(struct sw_tcp *t, const struct sw_tcp_segment *seg, uint32_t una,
                      uint32_t had)
{
    struct sw_tcp_loss *loss = t->loss;
    if (seg->h.sack_count > 0) {
        sw_tcp_recover_blocks(t, seg);
    }
    const uint32_t delivered = t->snd_una - una + loss->sent.sacked - had;
    if (loss->undo != NULL) {
        sw_tcp_undo_judge(t, t->snd_una != una, delivered);
    }
    if (loss->probed) {
        sw_tcp_recover_judge_probe(t, seg->now, delivered, seg->bare && seg->h.sack_count == 0);
    }
    if (sw_tcp_recover_waits(t)) {
        sw_tcp_recover_look(t, seg->now, delivered);
    }
    if (loss->undo != NULL) {
        sw_tcp_undo_rest(t);
    }
    if (t->snd_una == t->snd_nxt && t->reass == NULL && !loss->probed && loss->undo == NULL) {
        sw_tcp_loss_free(t);
    }
}

/* One that others have overtaken: its blocks may be news all the same (as Linux has it). */
static void old_ack(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if (t->loss != NULL && seg->h.sack_count > 0) {
        after_ack(t, seg, t->snd_una, t->loss->sent.sacked);
        t->owes_output = true;
        sw_tcp_table_work(t);
    }
}

sw_rx_verdict sw_tcp_check_ack(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if ((seg->flags & SW_TCP_ACK) == 0) {
        return SW_DROP_TCP_NO_ACK;
    }
    if (t->state == SW_TCP_SYN_RECEIVED) {
        if (sw_seq_le(seg->h.ack, t->snd_una) || sw_seq_gt(seg->h.ack, t->snd_nxt)) {
            sw_tcp_refuse_ack(t->host, seg);
            return SW_DROP_TCP_ACK;
        }
        return SW_TCP_NEXT_STEP;
    }
    /* RFC 5961 5.2: what acknowledges the future, or a past no peer can be in, comes from
     * elsewhere. */
    const uint32_t oldest = t->snd_una - t->snd_wnd_max;
    if (sw_seq_gt(seg->h.ack, t->snd_nxt) || sw_seq_lt(seg->h.ack, oldest)) {
        sw_tcp_send_challenge(t);
        return SW_DROP_TCP_ACK;
    }
    return SW_TCP_NEXT_STEP;
}

sw_rx_verdict sw_tcp_step_ack(struct sw_tcp *t, struct sw_tcp_segment *seg)
{
    if (seg->h.has >= SW_TCP_HAS_USER_TIMEOUT) {
        sw_tcp_hear_user_timeout(t, &seg->h);
    }
    if (t->state == SW_TCP_SYN_RECEIVED) {
        complete(t, seg);
        return SW_TCP_NEXT_STEP;
    }
    if (sw_seq_lt(seg->h.ack, t->snd_una)) {
        old_ack(t, seg);
        return SW_TCP_NEXT_STEP; /* its text counts all the same */
    }
    const bool again = is_duplicate(t, seg);
    update_window(t, seg);
    answer_to_probe(t, seg->now);
    const uint32_t una = t->snd_una, had = t->loss != NULL ? t->loss->sent.sacked : 0;
    const uint32_t flight = t->snd_nxt - una;
    if (sw_seq_gt(seg->h.ack, t->snd_una)) {
        new_ack(t, seg);
    } else if (again && !t->sack) {
        duplicate(t, seg);
    }
    if (!sw_tcp_is_synchronized(t)) {
        return SW_RX_CONSUMED; /* that was the end of LAST-ACK or CLOSING */
    }
    if (t->loss != NULL) {
        after_ack(t, seg, una, had);
    }
    if (hears_mark(t, seg)) {
        const uint32_t has = t->snd_una - una + (t->loss != NULL ? t->loss->sent.sacked : 0);
        sw_tcp_ecn_echoed(t, flight, sw_seq_gt(has, had) ? has - had : 0, seg->now);
    }
    if (t->paced != NULL) {
        const uint32_t sacked = t->loss != NULL ? t->loss->sent.sacked : 0;
        sw_tcp_paced_ack(t, seg->now, t->snd_una - una + sacked - had, again);
    }
    if (flight > 0) {
        sw_tcp_tell(t, SW_TCP_TOLD_ACK);
    }
    if (t->sendq.bytes > 0 || t->fin_queued) {
        t->owes_output = true;
        sw_tcp_table_work(t);
    }
    return SW_TCP_NEXT_STEP;
}
