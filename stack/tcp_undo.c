/* Was a loss one? What was sent again may have been needless: a path that has become slow, or that
 * does not keep order, looks for a while like one that loses. What the answer to that loss took
 * from congestion control is given back when one of three says so:
 *
 *   - Eifel detection (RFC 3522 3.2): the acknowledgement echoes a timestamp older than that of
 * what was sent again first, so it answers what was sent before.
 *   - F-RTO (RFC 5682), of timeouts alone: what follows is first new text, two segments of it; if
 *     the peer then acknowledges what was sent once, it was only late.
 *   - D-SACK (RFC 2883): all that was sent again came twice (as Linux; RFC 3708).
 *
 * The response is RFC 4015's in substance: cwnd, ssthresh and what the algorithm knows become what
 * they were (RFC 9438 4.9), and what was taken for lost is under way again (3.3, step 8).
 * Departure: as Linux, cwnd is given back whole, not step by step (3.4, step 9), for nearly all of
 * it is under way; and the timer does not begin anew (3.6, step 11): the round trips that the late
 * answers tell are samples like any other. */
#include <stdlib.h>

#include "stack/tcp.h"

enum {
    FRTO_NO,
    FRTO_FIRST, /* the answer to what the timeout sent again is waited for (step 2) */
    FRTO_SECOND /* two new segments are out, and the next answer tells (step 3) */
};

static struct sw_tcp_undo *undo_of(const struct sw_tcp *t)
{
    return t->loss != NULL ? t->loss->undo : NULL;
}

void sw_tcp_undo_begin(struct sw_tcp *t)
{
    struct sw_tcp_undo *u = sw_tcp_loss_need(t) ? t->loss->undo : NULL;
    if (u == NULL && t->loss != NULL) {
        u = t->loss->undo = malloc(sizeof(*u));
    }
    if (u != NULL) {
        *u = (struct sw_tcp_undo){
            .before = t->cc, .rack = t->loss->rack, .from = t->snd_una, .end = t->snd_nxt};
    }
}

void sw_tcp_undo_forget(struct sw_tcp *t)
{
    if (t->loss != NULL) {
        free(t->loss->undo);
        t->loss->undo = NULL;
    }
}

void sw_tcp_undo_timeout(struct sw_tcp *t)
{
    /* While an earlier timeout is mended answers may be to what that sent again: no F-RTO (RFC 5682
     * 2.1, 3.1, step 1), and no Eifel detection (RFC 3522 3.2). Departure: as Linux, that one. */
    const bool mending = sw_seq_gt(t->recover, t->snd_una);
    if (mending && !t->as_linux) {
        sw_tcp_undo_forget(t);
        return;
    }
    sw_tcp_undo_begin(t);
    if (undo_of(t) != NULL) {
        undo_of(t)->frto = mending ? FRTO_NO : FRTO_FIRST;
    }
}

void sw_tcp_undo_resent(struct sw_tcp *t, uint32_t end)
{
    struct sw_tcp_undo *u = undo_of(t);
    if (u == NULL || u->over) {
        return; /* a probe, of the tail or of a window */
    }
    if (!u->any) {
        u->any = true;
        u->stamp = sw_tcp_ts_clock(t, sw_tcp_now(t));
        u->first_end = u->last_end = end;
    }
    u->last_end = sw_seq_max(u->last_end, end);
    u->resent++;
}

bool sw_tcp_undo_sends_new(const struct sw_tcp *t)
{
    const struct sw_tcp_undo *u = undo_of(t);
    return u != NULL && u->frto == FRTO_SECOND;
}

void sw_tcp_undo_marked(struct sw_tcp *t)
{
    struct sw_tcp_undo *u = undo_of(t);
    if (u != NULL) {
        u->before.ops = NULL;
    }
}

uint32_t sw_tcp_undo_new_edge(const struct sw_tcp *t)
{
    return undo_of(t)->end + 2 * t->snd_mss;
}

/* ---- it was none ---- */

/* What was sent again may seem to have been delivered, and all that was sent before it to be lost
 * (RFC 8985 6.2, step 5): it was not. */
static void forget_delivery(struct sw_tcp_rack *rack, const struct sw_tcp_rack *before)
{
    rack->known = before->known;
    rack->sent_at = before->sent_at;
    rack->end = before->end;
    rack->rtt = before->rtt;
}

static void undo(struct sw_tcp *t)
{
    const struct sw_tcp_undo *u = undo_of(t);
    if (t->cc.ops == u->before.ops && t->cc.ops->undo != NULL) {
        t->cc.ops->undo(&t->cc, &u->before);
        t->ecn.lowered = t->ecn.cwr = false;
    } else if (t->recovering) {
        t->cc.ops->leave(&t->cc, t->snd_nxt - t->snd_una);
    }
    if (t->sack) {
        sw_tcp_sent_find_again(&t->loss->sent);
        forget_delivery(&t->loss->rack, &u->rack);
        t->loss->pressing = false;
        t->loss->rack.reordered = t->loss->rack.reordered || t->recovering;
    } else {
        t->snd_out = t->snd_nxt;
    }
    t->recovering = false;
    t->duplicates = 0;
    t->recover = t->snd_una - 1; /* what is lost of the rest is a loss of its own */
    t->loss->after_timeout = false;
    sw_tcp_undo_forget(t);
    sw_tcp_tell(t, SW_TCP_TOLD_UNDO);
}

/* ---- what acknowledgements say ---- */

void sw_tcp_undo_covers(struct sw_tcp *t, uint32_t ack)
{
    struct sw_tcp_undo *u = undo_of(t);
    if (u == NULL || u->frto != FRTO_SECOND) {
        return;
    }
    const struct sw_tcp_sent *s = &t->loss->sent;
    for (uint32_t i = s->head; i != s->tail && !u->original; i++) {
        const struct sw_tcp_record *r = sw_tcp_sent_at(s, i);
        if (sw_seq_gt(r->end, ack)) {
            break;
        }
        sw_tcp_undo_delivered(u, r);
    }
}

void sw_tcp_undo_delivered(struct sw_tcp_undo *u, const struct sw_tcp_record *r)
{
    const bool once = (r->flags & (SW_SENT_EVER | SW_SENT_SACKED)) == 0;
    u->original = u->original || (once && sw_seq_lt(r->seq, u->end));
}

/* RFC 3522 3.2, step 5: what came twice, or is acknowledged only with all else, may be what was
 * sent again, and echo nothing younger because all earlier answers were lost. Departure: as Linux,
 * which does not ask. */
static bool may_be_of_both(const struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    return !t->as_linux && (sw_tcp_sack_tells_twice(&seg->h) ||
                            (t->count.had_twice == 0 && t->snd_una == t->snd_nxt));
}

/* The first acknowledgement that gets on says it, or, with SACK, the one behind which nothing that
 * was sent again is under way: as long as there is, a part of it may have been lost. */
void sw_tcp_undo_advanced(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    const struct sw_tcp_undo *u = undo_of(t);
    if (u == NULL || u->over || !u->any || !t->timestamps) {
        return;
    }
    if (t->recovering && t->loss->sent.resent > 0) {
        return;
    }
    if ((seg->h.has & SW_TCP_HAS_TIMESTAMP) != 0 && sw_ts_before(seg->h.ts_ecr, u->stamp) &&
        !may_be_of_both(t, seg)) {
        undo(t);
    }
}

void sw_tcp_undo_twice(struct sw_tcp *t, struct sw_tcp_block twice)
{
    struct sw_tcp_undo *u = undo_of(t);
    if (u == NULL || !u->any || sw_seq_le(twice.end, u->from) ||
        sw_seq_ge(twice.start, u->last_end)) {
        return; /* it is not of what was sent again: the path has doubled it */
    }
    const uint32_t n = (twice.end - twice.start + t->snd_mss - 1) / t->snd_mss;
    u->resent -= n < u->resent ? n : u->resent;
}

/* Step 3a: back to what a timeout does, with three segments at most. */
static void lost_indeed(struct sw_tcp *t, struct sw_tcp_undo *u)
{
    u->frto = FRTO_NO;
    t->cc.cwnd = t->cc.cwnd < 3 * t->snd_mss ? t->cc.cwnd : 3 * t->snd_mss;
    if (!t->sack) {
        t->snd_out = t->snd_una;
    }
}

void sw_tcp_undo_duplicate(struct sw_tcp *t)
{
    struct sw_tcp_undo *u = undo_of(t);
    if (u != NULL && u->frto == FRTO_SECOND) {
        lost_indeed(t, u);
    } else if (u != NULL) {
        u->frto = FRTO_NO; /* RFC 5682 2.1, step 2a */
    }
}

/* Step 2: what the timeout sent again is acknowledged, and not all that was out. Two new segments
 * go, if there are any (2b). */
static void try_new(struct sw_tcp *t, struct sw_tcp_undo *u)
{
    u->frto = FRTO_NO;
    if (sw_seq_ge(t->snd_una, u->end) || sw_seq_lt(t->snd_una, u->first_end)) {
        return;
    }
    u->frto = FRTO_SECOND;
    u->original = false;
    const uint32_t out = t->snd_out;
    t->snd_out = t->snd_nxt;
    sw_tcp_output(t);
    if (t->snd_nxt == u->end) {
        u->frto = FRTO_NO;
        t->snd_out = t->sack ? t->snd_nxt : out;
    }
}

/* Step 3 with SACK: something that was sent once has arrived, and nothing of the new text (3a).
 * Departure: as Linux, whatever has arrived with it. */
static bool was_late(const struct sw_tcp *t, const struct sw_tcp_undo *u)
{
    const struct sw_tcp_sent *s = &t->loss->sent;
    const bool beyond =
        sw_seq_gt(t->snd_una, u->end) || (s->sacked_count > 0 && sw_seq_gt(s->high_sacked, u->end));
    return u->original && (t->as_linux || !beyond);
}

void sw_tcp_undo_judge(struct sw_tcp *t, bool advanced, uint32_t bytes)
{
    struct sw_tcp_undo *u = undo_of(t);
    const bool mending =
        t->recovering && sw_seq_lt(t->snd_una, t->recover) && t->loss->sent.missing.count > 0;
    if (u->any && u->resent == 0 && !mending) {
        undo(t);
    } else if (u->frto == FRTO_FIRST && advanced) {
        try_new(t, u);
    } else if (u->frto == FRTO_SECOND && (t->sack ? was_late(t, u) : advanced)) {
        undo(t); /* step 3b */
    } else if (u->frto == FRTO_SECOND && bytes > 0) {
        lost_indeed(t, u);
    }
}

void sw_tcp_undo_rest(struct sw_tcp *t)
{
    struct sw_tcp_undo *u = undo_of(t);
    if (!u->over && !t->recovering && sw_seq_ge(t->snd_una, t->recover)) {
        u->over = true;
        u->frto = FRTO_NO;
        u->until = t->snd_nxt;
    }
    if (u->over && (!t->sack || !u->any || sw_seq_gt(t->snd_una, u->until))) {
        sw_tcp_undo_forget(t);
    } else if (u->over && t->snd_una == t->snd_nxt) {
        /* Its news come within a round trip; nobody waits for them longer. */
        sw_tcp_set_reorder_due(t, sw_tcp_now(t) + 2 * t->rtt.srtt);
    }
}
