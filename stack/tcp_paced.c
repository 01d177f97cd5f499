/* A connection whose text is paced: those of algorithms that measure how fast it is delivered
 * (tcp_rate.h, stack/tcp_bbr.h), and those whose user asked for it. Here what happens to the
 * connection goes to those modules, and what they say comes back: cwnd, and when the next quantum
 * may go. Everybody else has no struct sw_tcp_paced, and nothing to do with this file.
 *
 * The first flight is not paced, for no rate is known (nor does Linux pace its first ten segments).
 */
#include <errno.h>
#include <stdlib.h>

#include "stack/tcp.h"

bool sw_tcp_paced_need(struct sw_tcp *t)
{
    if (t->paced == NULL) {
        t->paced = calloc(1, sizeof(*t->paced));
        if (t->paced == NULL) {
            return false;
        }
        t->paced->dry_at = -1;
        sw_tcp_rate_init(&t->paced->rate, sw_tcp_now(t));
    }
    return true;
}

/* Without memory for what the algorithm wants, CUBIC goes on. */
static void need_algorithm(struct sw_tcp *t)
{
    if (!sw_tcp_paced_need(t) || !t->cc.ops->make(&t->cc)) {
        sw_tcp_cc_choose(&t->cc, sw_tcp_cc_find(SW_TCP_CUBIC));
    } else if (t->loss != NULL) {
        t->loss->rate = &t->paced->rate;
    }
}

void sw_tcp_paced_free(struct sw_tcp *t)
{
    sw_tcp_cc_fini(&t->cc);
    if (t->paced != NULL) {
        sw_tcp_rate_fini(&t->paced->rate);
        free(t->paced);
        t->paced = NULL;
    }
}

int sw_tcp_paced_limit(struct sw_tcp *t, uint64_t most_bps)
{
    if (most_bps == 0 && t->paced == NULL) {
        return 0;
    }
    if (!sw_tcp_paced_need(t)) {
        return -ENOMEM;
    }
    t->paced->most_bps = most_bps;
    sw_tcp_paced_rate(t);
    return 0;
}

void sw_tcp_paced_rate(struct sw_tcp *t)
{
    struct sw_tcp_paced *p = t->paced;
    const bool asked = p->most_bps != 0 || t->cc.ops->pacing != NULL;
    uint64_t rate = asked ? sw_tcp_cc_pacing(&t->cc, t->rtt.srtt) : 0;
    if (p->most_bps != 0) {
        const uint64_t most = p->most_bps < 8 ? 1 : p->most_bps / 8;
        rate = rate == 0 || rate > most ? most : rate;
    }
    p->pace.rate = rate < SW_PACE_RATE_MOST ? rate : SW_PACE_RATE_MOST;
}

void sw_tcp_paced_choose(struct sw_tcp *t, const struct sw_tcp_cc_ops *ops)
{
    if (t->cc.ops == ops) {
        return;
    }
    sw_tcp_cc_choose(&t->cc, ops);
    if (ops->control != NULL && sw_tcp_is_synchronized(t)) {
        need_algorithm(t);
    }
    if (t->paced != NULL && t->cc.ops->control == NULL) {
        sw_tcp_rate_fini(&t->paced->rate);
        if (t->loss != NULL) {
            t->loss->rate = NULL;
        }
    }
    if (t->paced != NULL) {
        sw_tcp_paced_rate(t);
    }
}

static uint32_t flight(const struct sw_tcp *t)
{
    if (t->sack) {
        return t->loss != NULL ? sw_tcp_sent_pipe(&t->loss->sent) : 0;
    }
    const uint32_t out = t->snd_nxt - t->snd_una, gone = t->paced->guessed;
    return out > gone ? out - gone : 0;
}

/* ---- sending ---- */

void sw_tcp_paced_restart(struct sw_tcp *t)
{
    if (t->cc.ops->control != NULL) {
        need_algorithm(t);
    }
    struct sw_tcp_paced *p = t->paced;
    if (p == NULL || t->cc.ops->control == NULL) {
        return;
    }
    const sw_time now = sw_tcp_now(t);
    if (p->dry_at >= 0 && now > p->dry_at) {
        sw_tcp_rate_limit(&p->rate, 0);
    }
    t->cc.ops->restart(&t->cc, &p->rate, now);
    sw_tcp_paced_rate(t);
}

bool sw_tcp_paced_may(struct sw_tcp *t)
{
    const struct sw_tcp_pace *pace = &t->paced->pace;
    if (sw_tcp_pace_may(pace, sw_tcp_now(t))) {
        return true;
    }
    if (t->due[SW_TCP_DUE_PACE] != pace->next) {
        sw_tcp_set_due(t, SW_TCP_DUE_PACE, pace->next);
    }
    return false;
}

void sw_tcp_paced_dry(struct sw_tcp *t)
{
    struct sw_tcp_paced *p = t->paced;
    const uint32_t out = t->snd_nxt - t->snd_una, queued = t->sendq.bytes;
    const bool missing = t->loss != NULL && t->loss->sent.missing.count > 0;
    if (p->dry_at < 0 && (out >= queued || queued - out < t->snd_mss) && !missing &&
        flight(t) < t->cc.cwnd) {
        const sw_time now = sw_tcp_now(t);
        p->dry_at = p->pace.next > now ? p->pace.next : now;
    }
}

void sw_tcp_paced_sent(struct sw_tcp *t, uint32_t seq, uint32_t end)
{
    struct sw_tcp_paced *p = t->paced;
    const sw_time now = sw_tcp_now(t);
    sw_tcp_pace_sent(&p->pace, end - seq, t->snd_mss, now);
    if (t->cc.ops->control == NULL) {
        return;
    }
    if (sw_seq_lt(seq, t->snd_nxt)) {
        sw_tcp_rate_again(&p->rate, seq, end, now);
        return;
    }
    if (p->dry_at >= 0 && now > p->dry_at) {
        sw_tcp_rate_limit(&p->rate, flight(t));
    }
    p->dry_at = -1;
    sw_tcp_rate_sent(&p->rate, end, t->snd_nxt - t->snd_una, now);
}

/* ---- acknowledgements ---- */

void sw_tcp_paced_lost(struct sw_tcp *t, bool last)
{
    if (t->paced != NULL && t->loss != NULL) {
        t->paced->lost += t->loss->sent.lost_ever - t->paced->lost_seen;
        t->paced->lost_seen = last ? 0 : t->loss->sent.lost_ever;
    }
}

/* Without SACK a duplicate stands for a segment that has been delivered, until it is acknowledged.
 */
static uint32_t guess(struct sw_tcp *t, uint32_t acked, bool duplicate)
{
    struct sw_tcp_paced *p = t->paced;
    if (duplicate) {
        const uint32_t out = t->snd_nxt - t->snd_una - p->guessed;
        const uint32_t bytes = out < t->snd_mss ? out : t->snd_mss;
        p->guessed += bytes;
        return bytes;
    }
    const uint32_t known = acked < p->guessed ? acked : p->guessed;
    p->guessed = t->recovering ? p->guessed - known : 0;
    return acked - known;
}

/* What an acknowledgement says, for who asks: as Linux, not one of a time in which the user had too
 * little to send, unless it says more than was known. */
static void keep_delivery(struct sw_tcp_paced *p, const struct sw_tcp_rate_sample *sample)
{
    if (sample->interval <= 0) {
        return;
    }
    const uint64_t rate = sample->delivered * SW_S / (uint64_t)sample->interval;
    if (!sample->limited || rate >= p->delivery_rate) {
        p->delivery_rate = rate;
        p->delivery_limited = sample->limited;
    }
}

void sw_tcp_paced_ack(struct sw_tcp *t, sw_time now, uint32_t acked, bool duplicate)
{
    struct sw_tcp_paced *p = t->paced;
    if (t->cc.ops->control != NULL) {
        sw_tcp_rate_acked(&p->rate, t->snd_una, now);
        const uint32_t bytes = t->sack ? acked : guess(t, acked, duplicate);
        sw_tcp_paced_lost(t, false);
        const uint32_t lost = p->lost;
        p->lost = 0;
        const struct sw_tcp_cc_sample sample = {
            .rate = sw_tcp_rate_take(&p->rate, bytes, lost, t->snd_mss, now),
            .now = now,
            .srtt = t->rtt.srtt,
            .wait = p->pace.next > now ? p->pace.next - now : 0,
            .flight_bytes = flight(t),
            .salt = t->iss,
            .repaired = !t->recovering && sw_seq_ge(t->snd_una, t->recover)};
        t->cc.ops->control(&t->cc, &p->rate, &sample);
        keep_delivery(p, &sample.rate);
    }
    sw_tcp_paced_rate(t);
}
