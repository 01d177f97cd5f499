/* Loss recovery with selective acknowledgements (RFC 2018): RACK-TLP (RFC 8985), RFC 6675's pipe
 * and proportional rate reduction (RFC 6937). What an acknowledgement's
 * blocks say goes into the scoreboard (tcp_sent.h); here is decided what follows from it.
 * tcp_output.c sends what is lost before anything new, as the pipe allows. A connection whose peer
 * does not permit SACK knows nothing of this file: tcp_ack.c counts its duplicates.
 *
 * Reneging (RFC 2018 8): text stays in the send queue until it is acknowledged, whatever was
 * SACKed; where an acknowledgement reaches a SACKed record and no further, the next timeout
 * believes no mark any more. Departure: as Linux, a timeout leaves the others standing. */
#include <stdlib.h>

#include "stack/tcp.h"
#include "stack/tcp_hole.h"

#define WORST_DELAYED_ACK (200 * SW_MS) /* RFC 8985 7.2: WCDelAckT */
#define PROBE_GRAIN (2 * SW_MS)         /* as Linux: so much longer than two round trips */

static void delivered(struct sw_tcp_sent_hears *hears, const struct sw_tcp_record *r)
{
    struct sw_tcp_loss *loss = SW_CONTAINER(hears, struct sw_tcp_loss, hears);
    sw_tcp_rack_delivered(&loss->rack, r, loss->echo, loss->now);
    if (loss->undo != NULL) {
        sw_tcp_undo_delivered(loss->undo, r);
    }
    if (loss->rate != NULL) {
        sw_tcp_rate_sacked(loss->rate, r->end, loss->now);
    }
}

bool sw_tcp_loss_need(struct sw_tcp *t)
{
    if (t->loss == NULL) {
        t->loss = calloc(1, sizeof(*t->loss));
        if (t->loss != NULL) {
            sw_tcp_sent_init(&t->loss->sent);
            t->loss->hears.delivered = delivered;
            t->loss->reorder_due = SW_TIME_NEVER;
            t->loss->rate = t->cc.ops->control != NULL && t->paced != NULL ? &t->paced->rate : NULL;
        }
    }
    return t->loss != NULL;
}

void sw_tcp_loss_free(struct sw_tcp *t)
{
    if (t->loss != NULL) {
        sw_tcp_count_up(&t->count.overtaken, t->loss->rack.overtaken);
        sw_tcp_paced_lost(t, true);
        sw_tcp_sent_fini(&t->loss->sent);
        sw_tcp_undo_forget(t);
        free(t->loss);
        t->loss = NULL;
    }
}

/* What the acknowledgement says of times: the end of the millisecond that it echoes. */
static void begin_ack(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    struct sw_tcp_loss *loss = t->loss;
    loss->now = seg->now;
    loss->echo = 0;
    if (t->timestamps && (seg->h.has & SW_TCP_HAS_TIMESTAMP) != 0 && sw_tcp_recover_waits(t)) {
        const uint32_t ago = sw_tcp_ts_clock(t, seg->now) - seg->h.ts_ecr;
        const sw_time tick = seg->now / SW_MS - (sw_time)ago;
        loss->echo = tick >= 0 ? (tick + 1) * SW_MS - 1 : 0;
    }
}

void sw_tcp_recover_acked(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    begin_ack(t, seg);
    sw_tcp_sent_acked(&t->loss->sent, t->snd_una, &t->loss->hears);
}

/* The peer has had something twice (RFC 2883); what was never sent, or longer ago than it can still
 * be under way, it has not. What came of a probe says nothing about reordering (as Linux). */
static void had_twice(struct sw_tcp *t, struct sw_tcp_block twice)
{
    struct sw_tcp_loss *loss = t->loss;
    if (sw_seq_gt(twice.end, t->snd_nxt) || t->snd_nxt - twice.start > 2 * t->snd_wnd_max) {
        return;
    }
    sw_tcp_count_up(&t->count.had_twice, 1);
    if (loss->probed && loss->probed_again && twice.end == loss->probe_end) {
        loss->probed = false;        /* RFC 8985 7.4.2: it was needless */
    } else if (t->retransmits > 0) { /* else, as Linux: the path has doubled it */
        sw_tcp_rack_twice(&loss->rack, t->snd_una, t->snd_nxt);
        sw_tcp_undo_twice(t, twice);
    }
}

/* From the lowest to the highest: else each that lies lower would seem to have been overtaken. */
void sw_tcp_recover_blocks(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    begin_ack(t, seg);
    const unsigned skip = sw_tcp_sack_tells_twice(&seg->h) ? 1 : 0;
    if (skip > 0) {
        had_twice(t, seg->h.sack[0]);
    }
    struct sw_tcp_block block[SW_TCP_SACK_BLOCKS];
    const unsigned count = seg->h.sack_count - skip;
    for (unsigned i = 0; i < count; i++) {
        const struct sw_tcp_block next = seg->h.sack[skip + i];
        unsigned at = i;
        for (; at > 0 && sw_seq_lt(next.start, block[at - 1].start); at--) {
            block[at] = block[at - 1];
        }
        block[at] = next;
    }
    for (unsigned i = 0; i < count; i++) {
        (void)sw_tcp_sent_sacked(&t->loss->sent, block[i].start, block[i].end, &t->loss->hears);
    }
}

/* The window is lowered from what is out, and so many bytes more that were, but for what limited
 * transmit has sent. */
static uint32_t lower(struct sw_tcp *t, sw_time now, uint32_t acked)
{
    const uint32_t flight = t->snd_nxt - t->snd_una + acked;
    sw_tcp_lower(t, flight < t->cc.cwnd ? flight : t->cc.cwnd, now);
    return flight;
}

/* RFC 6675 5, step 4, with RFC 6937 for what follows. */
static void enter(struct sw_tcp *t, sw_time now)
{
    t->recovering = true;
    t->loss->rescued = false;
    t->loss->pressing = true; /* step 4.3 */
    t->loss->probed = false;  /* RFC 8985 7.1: this answers what the probe has shown */
    t->recover = t->snd_nxt;
    sw_tcp_undo_begin(t);
    const uint32_t flight = lower(t, now, 0);
    sw_tcp_prr_begin(&t->loss->prr, flight, t->cc.ssthresh);
    sw_tcp_restart_rtx(t);
}

static void leave(struct sw_tcp *t)
{
    t->recovering = t->loss->pressing = false;
    t->cc.ops->leave(&t->cc, 0);
    if (t->cc.ops->control == NULL) {
        t->cc.cwnd = t->cc.ssthresh; /* whatever is out */
    }
    sw_tcp_rack_recovered(&t->loss->rack);
}

/* RACK, and beside it RFC 6675's IsLost(), as long as nothing was seen to be reordered: then what
 * it counts says nothing (RFC 8985 3.3.2). Three segments, small as they may be, are as good as
 * three duplicates. True: something was found. */
static bool find_lost(struct sw_tcp *t, sw_time now)
{
    const uint32_t missing = t->loss->sent.missing.count;
    struct sw_tcp_sent *s = &t->loss->sent;
    struct sw_tcp_rack *rack = &t->loss->rack;
    const bool three = s->sacked_count >= SW_SENT_THRESHOLD;
    if (!rack->reordered) {
        (void)sw_tcp_sent_judge(s, t->snd_mss);
        if (three && !t->recovering &&
            (sw_tcp_sent_at(s, s->head)->flags & (SW_SENT_SACKED | SW_SENT_EVER)) == 0) {
            sw_tcp_sent_lose(s, s->head);
        }
    }
    const sw_time window = sw_tcp_rack_window(rack, t->recovering || three, t->rtt.srtt);
    sw_tcp_set_reorder_due(t, sw_tcp_rack_look(rack, s, window, now));
    return s->missing.count > missing;
}

/* RFC 8985 7.4.2: if what the probe sent again was what was missing, nothing else will tell of that
 * loss. If it was not, the peer has it twice, and says so: by D-SACK (see had_twice()), or, without
 * blocks, by acknowledging no more. */
void sw_tcp_recover_judge_probe(struct sw_tcp *t, sw_time now, uint32_t bytes, bool bare)
{
    struct sw_tcp_loss *loss = t->loss;
    if (sw_seq_lt(t->snd_una, loss->probe_end)) {
        return;
    }
    const bool beyond = sw_seq_gt(t->snd_una, loss->probe_end);
    if (!loss->probed_again || beyond || (bytes == 0 && bare)) {
        loss->probed = false;
    }
    if (loss->probed_again && beyond && !t->recovering && sw_seq_ge(t->snd_una, t->recover)) {
        sw_tcp_undo_forget(t);
        (void)lower(t, now, bytes);
        leave(t);
    }
}

void sw_tcp_recover_look(struct sw_tcp *t, sw_time now, uint32_t bytes)
{
    const struct sw_tcp_sent *s = &t->loss->sent;
    const bool moved = t->loss->looked_una != t->snd_una;
    t->loss->looked_una = t->snd_una;
    if (t->recovering && sw_seq_ge(t->snd_una, t->recover)) {
        leave(t);
    }
    if (t->loss->after_timeout && sw_seq_ge(t->snd_una, t->recover)) {
        t->loss->after_timeout = false;
        sw_tcp_rack_recovered(&t->loss->rack);
    }
    if (s->head == s->tail) {
        sw_tcp_set_reorder_due(t, SW_TIME_NEVER);
        return;
    }
    const bool found = find_lost(t, now) && !sw_tcp_hole_lost(t);
    if (found && !t->recovering && sw_seq_ge(t->snd_una, t->recover)) {
        enter(t, now);
    }
    if (t->recovering && t->cc.ops->control == NULL) {
        /* Departure: as Linux, the pipe grows again only by an acknowledgement that moves on and
         * tells of no further loss (RFC 9937 has it so, too). */
        const bool grows = !t->as_linux || (moved && !found);
        t->cc.cwnd = sw_tcp_prr_ack(&t->loss->prr, bytes, sw_tcp_sent_pipe(s), t->snd_mss, grows);
        /* Nothing in the pipe and nothing to be sent for it comes to 0; a segment may always go. */
        t->cc.cwnd = t->cc.cwnd > 0 ? t->cc.cwnd : t->snd_mss;
    }
}

sw_time sw_tcp_recover_probe_wait(const struct sw_tcp *t)
{
    const struct sw_tcp_loss *loss = t->loss;
    if (loss == NULL || !t->sack || !sw_tcp_is_synchronized(t) || loss->probed || t->retries > 0 ||
        !t->rtt.sampled || (t->rtt.probed && !t->as_linux) || t->snd_wnd == 0 ||
        sw_seq_lt(t->snd_una, t->recover) || sw_tcp_recover_waits(t)) {
        return SW_TIME_NEVER;
    }
    const bool alone = loss->sent.tail - loss->sent.head == 1;
    const sw_time wait = 2 * t->rtt.srtt + (alone ? WORST_DELAYED_ACK : PROBE_GRAIN);
    return wait < t->rtt.rto ? wait : t->rtt.rto;
}

void sw_tcp_recover_probed(struct sw_tcp *t, bool again)
{
    t->loss->probed = true;
    t->rtt.probed = true; /* Departure: as Linux, whatever was measured since (RFC 8985 7.3) */
    t->loss->probed_again = again;
    t->loss->probe_end = t->snd_nxt;
}

bool sw_tcp_recover_next(const struct sw_tcp *t, uint32_t *record)
{
    const struct sw_tcp_sent *s = &t->loss->sent;
    const uint32_t pipe = sw_tcp_sent_pipe(s);
    if (sw_tcp_undo_sends_new(t)) {
        return false;
    }
    if (pipe > 0 && pipe + t->snd_mss > t->cc.cwnd && !t->loss->pressing) {
        return false;
    }
    *record = sw_tcp_sent_next_missing(s);
    return sw_tcp_sent_at(s, *record)->seq - t->snd_una < t->snd_wnd;
}

bool sw_tcp_recover_last(const struct sw_tcp *t, uint32_t *record)
{
    const struct sw_tcp_sent *s = &t->loss->sent;
    if (sw_tcp_sent_pipe(s) + t->snd_mss > t->cc.cwnd) {
        return false;
    }
    if (t->loss->rack.reordered) {
        return false; /* it may well be on its way */
    }
    return (sw_tcp_sent_doubtful(s, record) ||
            (!t->loss->rescued && sw_tcp_sent_tail(s, record))) &&
           sw_tcp_sent_at(s, *record)->seq - t->snd_una < t->snd_wnd;
}

void sw_tcp_recover_all(struct sw_tcp *t)
{
    if (sw_tcp_sent_reneged(&t->loss->sent)) {
        sw_tcp_sent_forget_sacks(&t->loss->sent);
    }
    sw_tcp_sent_lose_all(&t->loss->sent);
    sw_tcp_undo_forget(t);
    t->loss->pressing = t->loss->probed = false;
}

void sw_tcp_recover_timeout(struct sw_tcp *t)
{
    struct sw_tcp_sent *s = &t->loss->sent;
    const struct sw_tcp_rack *rack = &t->loss->rack;
    const sw_time age = rack->rtt + sw_tcp_rack_window(rack, true, t->rtt.srtt);
    if (sw_tcp_sent_reneged(s)) {
        sw_tcp_sent_forget_sacks(s);
    }
    sw_tcp_sent_lose(s, s->head);
    while (s->flying.count > 0 && sw_tcp_sent_at(s, s->flying.first)->when + age <= sw_tcp_now(t)) {
        sw_tcp_sent_lose(s, s->flying.first);
    }
    t->loss->pressing = t->loss->probed = false;
    t->loss->after_timeout = true;
}
