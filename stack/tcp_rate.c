/* Delivery rates: see tcp_rate.h. */
#include "stack/tcp_rate.h"

#include <stdlib.h>
#include <string.h>

#include "stack/tcp_seq.h"

#define RING_LEAST 16u

static struct sw_tcp_rate_record *at(const struct sw_tcp_rate *rate, uint32_t record)
{
    return &rate->ring[record & (rate->cap - 1)];
}

void sw_tcp_rate_init(struct sw_tcp_rate *rate, sw_time now)
{
    *rate = (struct sw_tcp_rate){.delivered_at = now, .first_sent = now, .min_rtt = -1, .rtt = -1};
}

void sw_tcp_rate_fini(struct sw_tcp_rate *rate)
{
    free(rate->ring);
    rate->ring = NULL;
    rate->cap = rate->head = rate->tail = 0;
}

static bool grow(struct sw_tcp_rate *rate)
{
    const uint32_t cap = rate->cap == 0 ? RING_LEAST : 2 * rate->cap;
    struct sw_tcp_rate_record *ring = malloc(cap * sizeof(*ring));
    if (ring == NULL) {
        return false;
    }
    for (uint32_t i = rate->head; i != rate->tail; i++) {
        ring[i & (cap - 1)] = *at(rate, i);
    }
    free(rate->ring);
    rate->ring = ring;
    rate->cap = cap;
    return true;
}

/* The first record that ends behind seq; tail: none. */
static uint32_t find(const struct sw_tcp_rate *rate, uint32_t seq)
{
    uint32_t low = 0, high = rate->tail - rate->head;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (sw_seq_le(at(rate, rate->head + middle)->end, seq)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return rate->head + low;
}

/* ---- sending: 3.2 ---- */

static void stamp(const struct sw_tcp_rate *rate, struct sw_tcp_rate_record *r, sw_time now)
{
    r->delivered = rate->delivered;
    r->delivered_at = rate->delivered_at;
    r->first_sent = rate->first_sent;
    r->when = now;
    r->limited = rate->limited_end != 0;
}

void sw_tcp_rate_sent(struct sw_tcp_rate *rate, uint32_t end, uint32_t flight_bytes, sw_time now)
{
    if (flight_bytes == 0) {
        rate->first_sent = rate->delivered_at = now; /* the time before was nobody's */
    }
    if (rate->tail - rate->head == rate->cap && !grow(rate)) {
        return;
    }
    struct sw_tcp_rate_record *r = at(rate, rate->tail++);
    *r = (struct sw_tcp_rate_record){.end = end};
    stamp(rate, r, now);
}

void sw_tcp_rate_again(struct sw_tcp_rate *rate, uint32_t seq, uint32_t end, sw_time now)
{
    for (uint32_t i = find(rate, seq); i != rate->tail; i++) {
        struct sw_tcp_rate_record *r = at(rate, i);
        if (sw_seq_gt(r->end, end)) {
            break;
        }
        if (!r->told) {
            stamp(rate, r, now);
            r->again = true;
        }
    }
}

void sw_tcp_rate_limit(struct sw_tcp_rate *rate, uint32_t flight_bytes)
{
    const uint64_t end = rate->delivered + flight_bytes;
    rate->limited_end = end > 0 ? end : 1;
}

/* ---- acknowledgements: 3.3 ---- */

static bool sent_after(const struct sw_tcp_rate_record *a, const struct sw_tcp_rate_record *b)
{
    return a->when > b->when || (a->when == b->when && sw_seq_gt(a->end, b->end));
}

/* UpdateRateSample(). */
static void deliver(struct sw_tcp_rate *rate, struct sw_tcp_rate_record *r, sw_time now)
{
    r->told = true;
    if (rate->told == 0 || sent_after(r, &rate->newest)) {
        rate->newest = *r;
        rate->first_sent = r->when;
    }
    rate->told++;
    /* Karn: of what was sent twice nobody knows which sending is answered. */
    if (!r->again && (rate->rtt < 0 || now - r->when < rate->rtt)) {
        rate->rtt = now - r->when;
    }
}

void sw_tcp_rate_sacked(struct sw_tcp_rate *rate, uint32_t end, sw_time now)
{
    const uint32_t i = find(rate, end - 1);
    if (i != rate->tail && at(rate, i)->end == end && !at(rate, i)->told) {
        deliver(rate, at(rate, i), now);
    }
}

void sw_tcp_rate_acked(struct sw_tcp_rate *rate, uint32_t una, sw_time now)
{
    while (rate->head != rate->tail && sw_seq_le(at(rate, rate->head)->end, una)) {
        struct sw_tcp_rate_record *r = at(rate, rate->head++);
        if (!r->told) {
            deliver(rate, r, now);
        }
    }
}

static void keep_min_rtt(struct sw_tcp_rate *rate, sw_time now)
{
    if (rate->rtt >= 0 && (rate->min_rtt < 0 || rate->rtt <= rate->min_rtt ||
                           now - rate->min_rtt_at > SW_RATE_MIN_RTT_AGE)) {
        rate->min_rtt = rate->rtt;
        rate->min_rtt_at = now;
    }
}

/* GenerateRateSample(). */
struct sw_tcp_rate_sample sw_tcp_rate_take(struct sw_tcp_rate *rate, uint32_t acked_bytes,
                                           uint32_t lost_bytes, uint32_t mss_bytes, sw_time now)
{
    struct sw_tcp_rate_sample sample = {.interval = -1,
                                        .rtt = rate->rtt,
                                        .acked_bytes = acked_bytes,
                                        .lost_bytes = lost_bytes,
                                        .known = rate->told > 0};
    rate->delivered += acked_bytes;
    rate->lost += lost_bytes;
    if (rate->limited_end != 0 && rate->delivered > rate->limited_end) {
        rate->limited_end = 0;
    }
    if (acked_bytes > 0) {
        rate->delivered_at = now;
    }
    keep_min_rtt(rate, now);
    const struct sw_tcp_rate_record *r = &rate->newest;
    if (rate->told > 0) {
        sample.prior_delivered = r->delivered;
        sample.limited = r->limited;
        sample.delivered = rate->delivered - r->delivered;
        sample.delayed = rate->told == 1 && !r->again && acked_bytes <= mss_bytes &&
                         sample.delivered == acked_bytes;
        /* The longer of both: text that was held up on the way and then came at once, and
         * acknowledgements that were, look faster than the path is. */
        const sw_time sending = r->when - r->first_sent, hearing = now - r->delivered_at;
        const sw_time interval = sending > hearing ? sending : hearing;
        /* No round trip can be so short; it was text sent again whose first sending is answered. */
        if (interval > 0 && interval >= rate->min_rtt) {
            sample.interval = interval;
        }
    }
    rate->told = 0;
    rate->rtt = -1;
    return sample;
}
