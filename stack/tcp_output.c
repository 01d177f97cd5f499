/* What text a TCP connection sends (RFC 9293 3.8): which segment is next, and whether it may go.
 *
 * A segment of text is a header (tcp_segment.c) and at most two slices of the send queue; no byte
 * is copied. Text waits for room in its interface's lane, the connections in turn, so nothing is
 * lost in the host itself. */
#include "stack/tcp.h"
#include "stack/tcp_hole.h"
#include "stack/tcp_urgent.h"

#define ROOM_TURN 4u /* segments that a connection sends when its turn for room has come */

/* ---- room in the lane ---- */

static void wait_for_room(struct sw_tcp *t)
{
    struct sw_nic *nic = t->path.nic;
    if (!t->waits_for_room) {
        t->waits_for_room = true;
        t->next_room = NULL;
        if (nic->room_first == NULL) {
            nic->room_first = t;
        } else {
            nic->room_last->next_room = t;
        }
        nic->room_last = t;
    }
    sw_port_want_room(&nic->port);
}

void sw_tcp_leave_room(struct sw_tcp *t)
{
    if (!t->waits_for_room) {
        return;
    }
    t->waits_for_room = false;
    for (unsigned i = 0; i < t->host->nic_count; i++) {
        struct sw_nic *nic = t->host->nic[i];
        struct sw_tcp *before = NULL;
        for (struct sw_tcp *c = nic->room_first; c != NULL; before = c, c = c->next_room) {
            if (c != t) {
                continue;
            }
            *(before == NULL ? &nic->room_first : &before->next_room) = t->next_room;
            if (nic->room_last == t) {
                nic->room_last = before;
            }
            return;
        }
    }
}

/* ---- text ---- */

struct plan {
    uint32_t len;
    uint32_t most;   /* unless again: what of the queue the windows let go now, len of it first */
    uint32_t record; /* if again: what is sent again, of a connection with SACK */
    bool fin, again;
};

/* How far text may go: the peer's window and the congestion window (RFC 5681 3.1: never beyond
 * either), with two segments more on the first two duplicates (RFC 3042). */
static inline uint32_t usable(const struct sw_tcp *t)
{
    /* What is SACKed or lost has left the network (RFC 6675 4, SetPipe()). With that, limited
     * transmit is no case of its own. */
    const struct sw_tcp_loss *loss = t->loss;
    uint32_t congestion = t->cc.cwnd;
    congestion += loss != NULL ? loss->sent.sacked + loss->sent.lost - loss->sent.resent : 0;
    if (!t->recovering && t->duplicates > 0 && t->snd_out == t->snd_nxt) {
        congestion += (t->duplicates < 2 ? 1u : 2u) * t->snd_mss;
    }
    if (loss != NULL && loss->undo != NULL && sw_tcp_undo_sends_new(t)) {
        /* Without SACK it goes although all else fills the window. */
        const uint32_t most = sw_tcp_undo_new_edge(t) - t->snd_una;
        congestion = t->sack && congestion < most ? congestion : most;
    }
    const uint32_t limit = t->snd_wnd < congestion ? t->snd_wnd : congestion;
    const uint32_t out = t->snd_out - t->snd_una;
    return limit > out ? limit - out : 0;
}

/* 3.8.6.2.1 (MUST-38) and Nagle's rule (3.7.4, MUST-17): is a segment of len bytes worth sending?
 * `last`: it takes all there is. */
static bool worth_sending(const struct sw_tcp *t, uint32_t len, bool last)
{
    if (len >= t->snd_mss) {
        return true;
    }
    const bool again = sw_seq_lt(t->snd_out, t->snd_nxt);
    const bool urgent = t->urgent != NULL && t->urgent->sending; /* waits for nobody, as in Linux */
    const bool idle = t->nodelay || again || urgent || t->snd_nxt == t->snd_una;
    const bool held = (t->cork || t->hold) && !again && !urgent;
    if (last) {
        return (idle && !held) || t->fin_queued;
    }
    return idle && !held && len >= t->snd_wnd_max / 2;
}

/* Nothing of *len bytes goes with what is of another record. */
static bool cut_record(const struct sw_tcp *t, uint32_t seq, uint32_t *len)
{
    const uint32_t all = *len;
    *len = all > 0 ? sw_tcp_rare_cut(t, seq, all) : 0;
    return *len < all;
}

/* The next segment of what was not sent yet, if there is one that may go. */
static inline bool plan_new(const struct sw_tcp *t, struct plan *plan)
{
    const uint32_t done = t->snd_out - t->snd_una;
    if (done > t->sendq.bytes) {
        return false; /* the FIN is out */
    }
    const uint32_t left = t->sendq.bytes - done;
    const uint32_t room = usable(t);
    uint32_t len = left < room ? left : room;
    plan->most = len;
    len = len < t->snd_mss ? len : t->snd_mss;
    const bool cut = t->rare != NULL && cut_record(t, t->snd_out, &len);
    plan->len = len;
    /* The FIN needs a number in the peer's window, but not in the congestion window. */
    plan->fin = t->fin_queued && len == left && done + len < t->snd_wnd;
    if (plan->fin) {
        return true;
    }
    return len > 0 && (cut || worth_sending(t, len, len == left));
}

/* The next segment: RFC 6675 4, NextSeg(), where there is SACK. */
static inline bool plan_next(const struct sw_tcp *t, struct plan *plan)
{
    plan->again =
        t->loss != NULL && t->loss->sent.missing.count > 0 && sw_tcp_recover_next(t, &plan->record);
    if (plan->again || plan_new(t, plan)) {
        return true;
    }
    plan->again = t->loss != NULL && t->recovering && sw_tcp_recover_last(t, &plan->record);
    return plan->again;
}

/* Departure: as Linux, which has several segments go as one and marks those: PSH is on the last of
 * several that go together, also where the window holds back what follows (RFC 9293 3.9.1.2 wants
 * it where nothing does). The peer's reader need not wait then for what waits for an
 * acknowledgement. */
static bool ends_burst(const struct sw_tcp *t, const struct plan *plan)
{
    if (plan->again) {
        const struct sw_tcp_sent *s = &t->loss->sent;
        return s->missing.count == 1 || sw_tcp_sent_pipe(s) + 2 * t->snd_mss > t->cc.cwnd;
    }
    return plan->most - plan->len < t->snd_mss && plan->len > 0 && !t->more;
}

static uint8_t text_flags(bool push, bool fin)
{
    return (uint8_t)((push ? SW_TCP_PSH : 0) | (fin ? SW_TCP_FIN : 0));
}

/* All of a record: in one segment, or in several since the path bears no such segment any more.
 * False: without memory. */
static bool send_again(struct sw_tcp *t, uint32_t record, bool push)
{
    const struct sw_tcp_record *r = sw_tcp_sent_at(&t->loss->sent, record);
    const uint32_t text_end = sw_tcp_queue_seq(t) + t->sendq.bytes;
    for (uint32_t seq = r->seq; seq != r->end;) {
        const uint32_t text = sw_seq_min(r->end, text_end) - seq;
        const uint32_t len = text < t->snd_mss ? text : t->snd_mss;
        const bool fin = len == text && r->end != seq + text;
        const bool last = seq + len == r->end;
        if (!sw_tcp_send_text(t, seq, len, text_flags(push && last, fin))) {
            return false;
        }
        seq += len + (fin ? 1 : 0);
    }
    if (r->seq == t->loss->mtu_probe) {
        t->loss->mtu_probe_len = 0; /* whatever comes of it, it is told no more by itself */
    }
    t->loss->rescued = t->loss->rescued || record == t->loss->sent.tail - 1;
    t->loss->pressing = false;
    sw_tcp_sent_again(&t->loss->sent, record, sw_tcp_now(t));
    return true;
}

/* RFC 6298 5.1. */
static void start_rtx(struct sw_tcp *t)
{
    if (t->due[SW_TCP_DUE_RTX] == SW_TIME_NEVER) {
        sw_tcp_restart_rtx(t);
    } else if (t->loss != NULL && t->loss->sent.tail - t->loss->sent.head == 2) {
        sw_tcp_hasten_rtx(t);
    }
}

/* Why nothing goes although there is something: if nothing is under way whose acknowledgement would
 * bring us back, the persist timer must (3.8.6.1, MUST-36; and 3.8.6.2.1's override). */
static void watch_window(struct sw_tcp *t)
{
    if ((t->sendq.bytes > 0 || t->fin_queued) && t->due[SW_TCP_DUE_RTX] == SW_TIME_NEVER &&
        t->due[SW_TCP_DUE_PERSIST] == SW_TIME_NEVER) {
        sw_tcp_set_due(t, SW_TCP_DUE_PERSIST, sw_tcp_now(t) + t->rtt.rto);
    }
}

/* What keeps the sender, all said that may be: the peer's window, too small a buffer, or nothing
 * but congestion and the way there. */
static enum sw_tcp_limit limit_of(const struct sw_tcp *t)
{
    const uint32_t out = t->snd_out - t->snd_una;
    const uint32_t unsent = t->sendq.bytes > out ? t->sendq.bytes - out : 0;
    if (t->snd_una == t->snd_nxt && t->sendq.bytes == 0) {
        return SW_TCP_IDLE;
    }
    if (out >= t->cc.cwnd) {
        return SW_TCP_BUSY;
    }
    if (unsent == 0) {
        return t->want_writable ? SW_TCP_BUFFER_LIMITED : SW_TCP_BUSY;
    }
    return out + (unsent < t->snd_mss ? unsent : t->snd_mss) > t->snd_wnd ? SW_TCP_WINDOW_LIMITED
                                                                          : SW_TCP_BUSY;
}

/* Up to `most` segments. True: there may be more to send, and room for it. */
static bool send_some(struct sw_tcp *t, unsigned most)
{
    struct plan plan;
    for (unsigned i = 0; i < most; i++) {
        if (!plan_next(t, &plan)) {
            if (t->paced != NULL) {
                sw_tcp_paced_dry(t);
            }
            watch_window(t);
            sw_tcp_count_limit(&t->count, limit_of(t), sw_tcp_now(t));
            return false;
        }
        if (t->paced != NULL && !sw_tcp_paced_may(t)) {
            return false;
        }
        if (sw_nic_room(t->path.nic) == 0) {
            wait_for_room(t);
            return false;
        }
        const uint32_t seq = t->snd_out;
        const bool again = plan.again;
        if (t->mtu_low != 0 && !again && plan.len == t->snd_mss && !plan.fin) {
            plan.len = sw_tcp_hole_widen(t, usable(t));
        }
        const bool push = ends_burst(t, &plan) && i > 0 && t->as_linux;
        const uint8_t flags = text_flags(push, !again && plan.fin);
        if (again ? !send_again(t, plan.record, push)
                  : !sw_tcp_send_text(t, seq, plan.len, flags)) {
            watch_window(t);
            return false;
        }
        if (plan.len > t->snd_mss && !again) {
            sw_tcp_hole_probed(t, seq, plan.len);
        }
        t->snd_out = again ? seq : seq + plan.len + (plan.fin ? 1 : 0);
        t->probes = 0;
        start_rtx(t);
    }
    return true;
}

/* Is there an unacknowledged byte or FIN, or one not yet sent, that this state may send? */
static bool may_output(const struct sw_tcp *t)
{
    return t->state == SW_TCP_ESTABLISHED || t->state == SW_TCP_CLOSE_WAIT ||
           t->state == SW_TCP_FIN_WAIT_1 || t->state == SW_TCP_CLOSING ||
           t->state == SW_TCP_LAST_ACK;
}

/* Text, and nothing is out. */
static void restart(struct sw_tcp *t)
{
    /* RFC 5681 4.1: after a pause nobody knows what the path bears. */
    if (sw_tcp_now(t) - t->last_sent > t->rtt.rto) {
        t->cc.ops->idle(&t->cc);
    }
    sw_tcp_paced_restart(t);
}

void sw_tcp_output(struct sw_tcp *t)
{
    if (!may_output(t) || t->waits_for_room) {
        return;
    }
    if (t->snd_una == t->snd_nxt && t->sendq.bytes > 0) {
        restart(t);
    }
    const struct sw_path *path = sw_tcp_path(t);
    struct plan plan;
    if (path->nic->room_first != NULL && plan_next(t, &plan)) {
        wait_for_room(t); /* behind those that have waited longer */
        return;
    }
    (void)send_some(t, UINT32_MAX);
}

void sw_tcp_room(struct sw_nic *nic)
{
    /* The last of those that wait now: who comes back in line is served when the others were. */
    while (nic->room_first != NULL && sw_nic_room(nic) > 0) {
        struct sw_tcp *t = nic->room_first;
        nic->room_first = t->next_room;
        t->waits_for_room = false;
        const unsigned turn = nic->room_first == NULL ? UINT32_MAX : ROOM_TURN;
        if (may_output(t) && send_some(t, turn)) {
            wait_for_room(t);
        }
        if (t->want_writable) {
            sw_tcp_wake_writer(t);
        }
    }
    if (nic->room_first != NULL) {
        sw_port_want_room(&nic->port);
    }
}

void sw_tcp_send_all_again(struct sw_tcp *t)
{
    if (!t->sack) {
        sw_tcp_undo_forget(t);
        t->snd_out = t->snd_una;
    } else if (t->loss != NULL) {
        sw_tcp_recover_all(t);
    }
}

bool sw_tcp_send_tail_probe(struct sw_tcp *t)
{
    const uint32_t out = t->snd_nxt - t->snd_una, text = t->sendq.bytes;
    const uint32_t left = out < text ? text - out : 0;
    uint32_t len = left < t->snd_mss ? left : t->snd_mss;
    if (t->rare != NULL) {
        (void)cut_record(t, t->snd_nxt, &len);
    }
    const bool again = len == 0 || out + len >= t->snd_wnd;
    const bool fin = t->fin_queued && len == left;
    const bool sent = again ? send_again(t, t->loss->sent.tail - 1, false)
                            : sw_tcp_send_text(t, t->snd_nxt, len, text_flags(false, fin));
    if (sent) {
        sw_tcp_recover_probed(t, again);
    }
    return sent;
}

uint32_t sw_tcp_retransmit_first(struct sw_tcp *t)
{
    if (t->sack) {
        const struct sw_tcp_sent *s = &t->loss->sent;
        if (s->missing.count == 0 || !send_again(t, sw_tcp_sent_next_missing(s), false)) {
            return 0;
        }
        start_rtx(t);
        return 1;
    }
    const uint32_t left = t->sendq.bytes;
    const uint32_t out = t->snd_nxt - t->snd_una; /* with the FIN, if it is out */
    uint32_t len = left < out ? left : out;
    len = len < t->snd_mss ? len : t->snd_mss;
    if (t->rare != NULL) {
        (void)cut_record(t, t->snd_una, &len);
    }
    const bool fin = t->fin_queued && len == left && out > left;
    if ((len == 0 && !fin) || !sw_tcp_send_text(t, t->snd_una, len, text_flags(false, fin))) {
        return 0;
    }
    start_rtx(t);
    return len + (fin ? 1 : 0);
}

bool sw_tcp_send_window_probe(struct sw_tcp *t)
{
    const uint32_t left = t->sendq.bytes;
    if (t->snd_wnd > 0 && left > 0) {
        if (t->sack && t->snd_una != t->snd_nxt) {
            return sw_tcp_retransmit_first(t) > 0;
        }
        /* 3.8.6.2.1 (4), the override: better a small segment than none. A FIN never needs it. */
        uint32_t len = left < t->snd_wnd ? left : t->snd_wnd;
        len = len < t->snd_mss ? len : t->snd_mss;
        if (t->rare != NULL) {
            (void)cut_record(t, t->snd_una, &len);
        }
        if (!sw_tcp_send_text(t, t->snd_una, len, text_flags(t->as_linux, false))) {
            return false;
        }
        t->snd_out = t->snd_una + len;
        start_rtx(t);
        return true;
    }
    if (left > 0 || t->fin_queued) {
        (void)sw_tcp_send_text(t, t->snd_una, left > 0 ? 1 : 0, text_flags(false, left == 0));
        t->timing = false; /* it would measure how long the window was closed */
    }
    return false;
}
