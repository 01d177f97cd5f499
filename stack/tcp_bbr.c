/* BBR: see tcp_bbr.h. With each acknowledgement first the model is brought up to date (bandwidth,
 * shortest round trip, which phase), then what follows from it: the pacing rate, a gain times the
 * bandwidth; and the window, a gain times what the path holds without a queue, and some room for
 * what comes in lumps. Long-term sampling is tcp_bbr_police.c's. */
#include "stack/tcp_bbr.h"

#include <stdlib.h>

#include "stack/tcp_bbr_police.h"
#include "stack/tcp_pace.h"

#define BW_MOST (1ull << 33) /* bytes a second: with it no product here leaves 64 bits */
#define MARGIN_PERCENT 1u    /* so much slower than the bandwidth, lest a queue stays */
#define DRAWS 7u             /* phases in which PROBE_BW may begin: all but the one that drains */
#define EXTRA_ROUNDS 5u
#define EXTRA_MOST (100 * SW_MS) /* of the bandwidth */
#define EPOCH_ACKED_MOST (1ull << 30)
#define BUDGET_QUANTA 3u /* one being made, one in the lane, one acknowledged late */

static const uint16_t cycle_gain[SW_BBR_CYCLE] = {320, 192, 256, 256, 256, 256, 256, 256};

const char *sw_tcp_bbr_mode_name(enum sw_tcp_bbr_mode mode)
{
    static const char *const names[] = {[SW_BBR_STARTUP] = "STARTUP",
                                        [SW_BBR_DRAIN] = "DRAIN",
                                        [SW_BBR_PROBE_BW] = "PROBE_BW",
                                        [SW_BBR_PROBE_RTT] = "PROBE_RTT"};
    return names[mode];
}

/* ---- the largest of a window ---- */

static void max_restart(struct sw_tcp_bbr_max *m, uint64_t value, uint32_t round)
{
    for (unsigned i = 0; i < 3; i++) {
        m->best[i].value = value;
        m->best[i].round = round;
    }
}

/* The three best lie in order of age, each the best since the one before: so when the first grows
 * too old the next is there. A quarter and a half of the window without a better one put younger
 * ones in the second and third place. */
static void max_put(struct sw_tcp_bbr_max *m, uint64_t value, uint32_t round)
{
    if (value >= m->best[0].value || round - m->best[2].round > SW_BBR_BW_ROUNDS) {
        max_restart(m, value, round);
        return;
    }
    const unsigned from = value >= m->best[1].value ? 1 : value >= m->best[2].value ? 2 : 3;
    for (unsigned i = from; i < 3; i++) {
        m->best[i].value = value;
        m->best[i].round = round;
    }
    const uint32_t age = round - m->best[0].round;
    if (age > SW_BBR_BW_ROUNDS) {
        do { /* twice at most: the third is young enough */
            m->best[0] = m->best[1];
            m->best[1] = m->best[2];
            m->best[2].value = value;
            m->best[2].round = round;
        } while (round - m->best[0].round > SW_BBR_BW_ROUNDS);
    } else if (m->best[1].round == m->best[0].round && age > SW_BBR_BW_ROUNDS / 4) {
        m->best[1].value = m->best[2].value = value;
        m->best[1].round = m->best[2].round = round;
    } else if (m->best[2].round == m->best[1].round && age > SW_BBR_BW_ROUNDS / 2) {
        m->best[2].value = value;
        m->best[2].round = round;
    }
}

/* ---- what the model says ---- */

uint64_t sw_tcp_bbr_max_bandwidth(const struct sw_tcp_bbr *bbr)
{
    return bbr->bw.best[0].value;
}

uint64_t sw_tcp_bbr_bandwidth(const struct sw_tcp_bbr *bbr)
{
    return bbr->police_use ? bbr->police_bw : sw_tcp_bbr_max_bandwidth(bbr);
}

/* Bytes that bw brings in a time; up to a second exact, beyond it to the microsecond. */
static uint64_t bytes_in(uint64_t bw, sw_time time)
{
    const uint64_t t = time > 0 ? (uint64_t)time : 0;
    if (t <= SW_S) {
        return bw * t / SW_S;
    }
    const uint64_t us = t / SW_US < 1000000000 ? t / SW_US : 1000000000;
    return bw * us / 1000000;
}

static uint32_t bounded(uint64_t bytes)
{
    return bytes < SW_TCP_CWND_MAX ? (uint32_t)bytes : SW_TCP_CWND_MAX;
}

static uint64_t rate_of(uint64_t bw, uint32_t gain)
{
    return bw * gain / SW_BBR_UNIT * (100 - MARGIN_PERCENT) / 100;
}

static uint32_t quantum(const struct sw_tcp_cc *cc)
{
    return sw_tcp_pace_quantum(cc->own.bbr->pacing_rate, cc->mss_bytes);
}

/* The bandwidth-delay product, times a gain. */
static uint64_t product(const struct sw_tcp_cc *cc, uint64_t bw, uint32_t gain)
{
    const struct sw_tcp_bbr *b = cc->own.bbr;
    if (b->min_rtt < 0) {
        return sw_tcp_cc_initial_window(cc->mss_bytes);
    }
    return bytes_in(bw, b->min_rtt) * gain / SW_BBR_UNIT;
}

/* With room to keep ends and wires busy, and an even number of segments, so that none waits for
 * a second one to be acknowledged; a probe for more is to be one, however short the path. */
static uint64_t with_budget(const struct sw_tcp_cc *cc, uint64_t bytes)
{
    const struct sw_tcp_bbr *b = cc->own.bbr;
    const uint64_t pair = 2 * (uint64_t)cc->mss_bytes;
    const uint64_t sum = bytes + BUDGET_QUANTA * (uint64_t)quantum(cc);
    const uint64_t even = (sum + pair - 1) / pair * pair;
    return even + (b->mode == SW_BBR_PROBE_BW && b->cycle == 0 ? pair : 0);
}

static uint64_t inflight(const struct sw_tcp_cc *cc, uint64_t bw, uint32_t gain)
{
    return with_budget(cc, product(cc, bw, gain));
}

/* What will be out when the next quantum goes. */
static uint64_t flight_then(const struct sw_tcp_cc *cc, uint64_t flight, sw_time wait)
{
    const struct sw_tcp_bbr *b = cc->own.bbr;
    const uint64_t gone = bytes_in(sw_tcp_bbr_bandwidth(b), wait);
    flight += b->pacing_gain > SW_BBR_UNIT ? quantum(cc) : 0;
    return flight > gone ? flight - gone : 0;
}

/* ---- phases ---- */

static void next_phase(struct sw_tcp_bbr *b, const struct sw_tcp_rate *rate)
{
    b->cycle = (b->cycle + 1) % SW_BBR_CYCLE;
    b->cycle_at = rate->delivered_at;
}

static void begin_probe_bw(struct sw_tcp_bbr *b, const struct sw_tcp_rate *rate)
{
    b->mode = SW_BBR_PROBE_BW;
    b->draw = b->draw * 1664525u + 1013904223u;
    b->cycle = SW_BBR_CYCLE - 1 - (uint32_t)(((uint64_t)b->draw * DRAWS) >> 32);
    next_phase(b, rate);
}

static void begin_mode(struct sw_tcp_bbr *b, const struct sw_tcp_rate *rate)
{
    if (b->full) {
        begin_probe_bw(b, rate);
    } else {
        b->mode = SW_BBR_STARTUP;
    }
}

/* What duplicates have added, if it is all there: a timeout's probing, for one, may have lowered
 * the window to less than that since (RFC 5682). */
static uint32_t inflated(const struct sw_tcp_cc *cc)
{
    const uint32_t most = cc->cwnd > 0 ? cc->cwnd - 1 : 0;
    return cc->own.bbr->inflated < most ? cc->own.bbr->inflated : most;
}

static void save_cwnd(struct sw_tcp_cc *cc)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    const uint32_t cwnd = cc->cwnd - inflated(cc);
    const bool lowered = b->repairing || b->timed_out || b->mode == SW_BBR_PROBE_RTT;
    b->prior_cwnd = lowered && b->prior_cwnd > cwnd ? b->prior_cwnd : cwnd;
}

/* ---- the model, in the order in which it is brought up to date ---- */

static void update_bandwidth(struct sw_tcp_bbr *b, struct sw_tcp_rate *rate,
                             const struct sw_tcp_rate_sample *s)
{
    b->round_start = false;
    if (!s->known || s->interval <= 0) {
        return;
    }
    if (s->prior_delivered >= b->round_end) {
        b->round_end = rate->delivered;
        b->rounds++;
        b->round_start = true;
        b->conserving = false;
    }
    if (sw_tcp_bbr_police(b, rate, s->limited, s->lost_bytes > 0)) {
        begin_probe_bw(b, rate);
    }
    uint64_t bw = s->delivered * SW_S / (uint64_t)s->interval;
    bw = bw < BW_MOST ? bw : BW_MOST;
    /* What its user limits says only that the path bears at least so much. */
    if (!s->limited || bw >= sw_tcp_bbr_max_bandwidth(b)) {
        max_put(&b->bw, bw, b->rounds);
    }
}

/* Wireless links and busy receivers acknowledge in lumps: by how much more than the bandwidth says
 * comes at once, so much more has to be out, or the pipe runs empty before the next lump. */
static void update_extra(const struct sw_tcp_cc *cc, const struct sw_tcp_rate *rate,
                         const struct sw_tcp_rate_sample *s)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    if (s->acked_bytes == 0 || !s->known || s->interval <= 0) {
        return;
    }
    if (b->round_start && ++b->extra_rounds >= EXTRA_ROUNDS) {
        b->extra_rounds = 0;
        b->extra_which = 1 - b->extra_which;
        b->extra[b->extra_which] = 0;
    }
    uint64_t expected = bytes_in(sw_tcp_bbr_bandwidth(b), rate->delivered_at - b->epoch_at);
    if (b->epoch_acked <= expected || b->epoch_acked + s->acked_bytes >= EPOCH_ACKED_MOST) {
        b->epoch_acked = 0;
        b->epoch_at = rate->delivered_at;
        expected = 0;
    }
    b->epoch_acked += s->acked_bytes;
    const uint64_t extra = b->epoch_acked - expected;
    const uint32_t most = extra < cc->cwnd ? (uint32_t)extra : cc->cwnd;
    if (most > b->extra[b->extra_which]) {
        b->extra[b->extra_which] = most;
    }
}

/* The phase that probes for more lasts until more is out, or lost; the one that drains what that
 * has queued, at most a round trip; the others one. */
static void update_cycle(const struct sw_tcp_cc *cc, const struct sw_tcp_rate *rate,
                         const struct sw_tcp_cc_sample *s)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    if (b->mode != SW_BBR_PROBE_BW) {
        return;
    }
    bool over = rate->delivered_at - b->cycle_at > b->min_rtt;
    if (b->pacing_gain != SW_BBR_UNIT) {
        const uint64_t prior = (uint64_t)s->flight_bytes + s->rate.acked_bytes + s->rate.lost_bytes;
        const uint64_t flight = flight_then(cc, prior, s->wait), bw = sw_tcp_bbr_max_bandwidth(b);
        if (b->pacing_gain > SW_BBR_UNIT) {
            over = over && (s->rate.lost_bytes > 0 || flight >= inflight(cc, bw, b->pacing_gain));
        } else {
            over = over || flight <= inflight(cc, bw, SW_BBR_UNIT);
        }
    }
    if (over) {
        next_phase(b, rate);
    }
}

/* Three round trips in which the bandwidth did not grow by a quarter: whoever is at the receiving
 * end may open his window late, so one says little. */
static void check_full(struct sw_tcp_bbr *b, bool limited)
{
    if (b->full || !b->round_start || limited) {
        return;
    }
    const uint64_t bw = sw_tcp_bbr_max_bandwidth(b);
    if (bw >= b->full_bw * SW_BBR_FULL_GROWTH / SW_BBR_UNIT) {
        b->full_bw = bw;
        b->full_rounds = 0;
        return;
    }
    b->full = ++b->full_rounds >= SW_BBR_FULL_ROUNDS;
}

static void check_drain(struct sw_tcp_cc *cc, const struct sw_tcp_rate *rate,
                        const struct sw_tcp_cc_sample *s)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    const uint64_t without_queue = inflight(cc, sw_tcp_bbr_max_bandwidth(b), SW_BBR_UNIT);
    if (b->mode == SW_BBR_STARTUP && b->full) {
        b->mode = SW_BBR_DRAIN;
        cc->ssthresh = bounded(without_queue);
    }
    if (b->mode == SW_BBR_DRAIN && flight_then(cc, s->flight_bytes, s->wait) <= without_queue) {
        begin_probe_bw(b, rate);
    }
}

static void check_probe_rtt_done(struct sw_tcp_cc *cc, const struct sw_tcp_rate *rate, sw_time now)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    if (b->probe_rtt_done == 0 || now <= b->probe_rtt_done) {
        return;
    }
    b->min_rtt_at = now;
    cc->cwnd = cc->cwnd > b->prior_cwnd ? cc->cwnd : b->prior_cwnd;
    begin_mode(b, rate);
}

/* A path whose round trip was not seen to be so short for ten seconds may have changed, or has a
 * queue of our own making: next to nothing is sent for a moment, and then the shortest is seen. A
 * flow that pauses, or sends little, sees it anyway. */
static void update_min_rtt(struct sw_tcp_cc *cc, struct sw_tcp_rate *rate,
                           const struct sw_tcp_cc_sample *s)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    const bool expired = b->min_rtt >= 0 && s->now > b->min_rtt_at + SW_BBR_MIN_RTT_FOR;
    if (s->rate.rtt >= 0 &&
        (b->min_rtt < 0 || s->rate.rtt < b->min_rtt || (expired && !s->rate.delayed))) {
        b->min_rtt = s->rate.rtt;
        b->min_rtt_at = s->now;
    }
    if (expired && !b->idle_restart && b->mode != SW_BBR_PROBE_RTT) {
        save_cwnd(cc);
        b->mode = SW_BBR_PROBE_RTT;
        b->probe_rtt_done = 0;
    }
    if (b->mode == SW_BBR_PROBE_RTT) {
        sw_tcp_rate_limit(rate, s->flight_bytes); /* low rates now say nothing */
        if (b->probe_rtt_done == 0 && s->flight_bytes <= SW_BBR_CWND_LEAST * cc->mss_bytes) {
            b->probe_rtt_done = s->now + SW_BBR_PROBE_RTT_FOR;
            b->probe_rtt_round = false;
            b->round_end = rate->delivered;
        } else if (b->probe_rtt_done != 0) {
            b->probe_rtt_round = b->probe_rtt_round || b->round_start;
            if (b->probe_rtt_round) {
                check_probe_rtt_done(cc, rate, s->now);
            }
        }
    }
    if (s->rate.known && s->rate.delivered > 0) {
        b->idle_restart = false;
    }
}

static void update_gains(struct sw_tcp_bbr *b)
{
    switch (b->mode) {
    case SW_BBR_STARTUP:
        b->pacing_gain = b->cwnd_gain = SW_BBR_HIGH_GAIN;
        break;
    case SW_BBR_DRAIN:
        b->pacing_gain = SW_BBR_DRAIN_GAIN;
        b->cwnd_gain = SW_BBR_HIGH_GAIN; /* the window stays */
        break;
    case SW_BBR_PROBE_BW:
        b->pacing_gain = b->police_use ? SW_BBR_UNIT : cycle_gain[b->cycle];
        b->cwnd_gain = SW_BBR_CWND_GAIN;
        break;
    case SW_BBR_PROBE_RTT:
        b->pacing_gain = b->cwnd_gain = SW_BBR_UNIT;
        break;
    }
}

/* ---- what follows ---- */

/* Until there is a bandwidth: the window each round trip, and faster. */
static void rate_by_rtt(const struct sw_tcp_cc *cc, sw_time srtt)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    const sw_time rtt = srtt > SW_US ? srtt : srtt > 0 ? SW_US : SW_MS;
    const uint64_t bw = (uint64_t)cc->cwnd * SW_S / (uint64_t)rtt;
    b->rate_by_rtt = srtt > 0;
    b->pacing_rate = rate_of(bw < BW_MOST ? bw : BW_MOST, SW_BBR_HIGH_GAIN);
}

static void set_pacing(const struct sw_tcp_cc *cc, sw_time srtt)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    if (!b->rate_by_rtt && (srtt > 0 || b->pacing_rate == 0)) {
        rate_by_rtt(cc, srtt);
    }
    /* Before the pipe is full, never slower: first samples are of what the first window was. */
    const uint64_t rate = rate_of(sw_tcp_bbr_bandwidth(b), b->pacing_gain);
    if (b->full || rate > b->pacing_rate) {
        b->pacing_rate = rate;
    }
}

/* Recovery: in its first round trip as much goes as comes (packet conservation), then twice as much
 * at most; when it ends, the window is what it was. True: with *cwnd all is said. */
static bool repair(struct sw_tcp_cc *cc, const struct sw_tcp_rate *rate,
                   const struct sw_tcp_cc_sample *s, uint32_t *cwnd)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    const bool was = b->repairing || b->timed_out;
    const uint32_t least = bounded((uint64_t)s->flight_bytes + s->rate.acked_bytes);
    if (s->rate.lost_bytes > 0) {
        const uint32_t lost = s->rate.lost_bytes;
        *cwnd = *cwnd > lost + cc->mss_bytes ? *cwnd - lost : cc->mss_bytes;
    }
    b->timed_out = b->timed_out && !s->repaired;
    b->repairing = cc->recovering;
    if (b->repairing && !was) {
        b->conserving = true;
        b->round_end = rate->delivered;
        *cwnd = least;
    } else if (was && !b->repairing && !b->timed_out) {
        *cwnd = *cwnd > b->prior_cwnd ? *cwnd : b->prior_cwnd;
        b->conserving = false;
    }
    if (b->conserving) {
        *cwnd = *cwnd > least ? *cwnd : least;
    }
    return b->conserving;
}

static uint64_t extra_cwnd(const struct sw_tcp_bbr *b)
{
    const uint32_t extra = b->extra[0] > b->extra[1] ? b->extra[0] : b->extra[1];
    const uint64_t most = bytes_in(sw_tcp_bbr_bandwidth(b), EXTRA_MOST);
    return !b->full ? 0 : extra < most ? extra : most;
}

static uint32_t wanted(struct sw_tcp_cc *cc, const struct sw_tcp_rate *rate,
                       const struct sw_tcp_cc_sample *s)
{
    const struct sw_tcp_bbr *b = cc->own.bbr;
    const uint32_t acked = s->rate.acked_bytes, least = SW_BBR_CWND_LEAST * cc->mss_bytes;
    uint32_t cwnd = cc->cwnd;
    if (acked == 0 || repair(cc, rate, s, &cwnd)) {
        return cwnd;
    }
    const uint64_t path = product(cc, sw_tcp_bbr_bandwidth(b), b->cwnd_gain) + extra_cwnd(b);
    const uint32_t target = bounded(with_budget(cc, path));
    const uint32_t more = bounded((uint64_t)cwnd + acked);
    if (b->full) {
        cwnd = more < target ? more : target;
    } else if (cwnd < target || rate->delivered < sw_tcp_cc_initial_window(cc->mss_bytes)) {
        cwnd = more;
    }
    return cwnd > least ? cwnd : least;
}

static void control(struct sw_tcp_cc *cc, struct sw_tcp_rate *rate,
                    const struct sw_tcp_cc_sample *s)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    if (b == NULL) {
        return;
    }
    if (b->draw == 0) {
        b->draw = s->salt | 1;
    }
    b->inflated = inflated(cc);
    cc->cwnd -= b->inflated;
    update_bandwidth(b, rate, &s->rate);
    update_extra(cc, rate, &s->rate);
    update_cycle(cc, rate, s);
    check_full(b, s->rate.limited || !s->rate.known);
    check_drain(cc, rate, s);
    update_min_rtt(cc, rate, s);
    update_gains(b);
    set_pacing(cc, s->srtt);
    const uint32_t cwnd = wanted(cc, rate, s), least = SW_BBR_CWND_LEAST * cc->mss_bytes;
    cc->cwnd = b->mode == SW_BBR_PROBE_RTT && cwnd > least ? least : cwnd;
    cc->cwnd = bounded((uint64_t)cc->cwnd + b->inflated);
}

/* ---- events; all but `make` do nothing before there was any text ---- */

static bool make(struct sw_tcp_cc *cc)
{
    if (cc->own.bbr != NULL) {
        return true;
    }
    struct sw_tcp_bbr *b = calloc(1, sizeof(*b));
    if (b == NULL) {
        return false;
    }
    b->mode = SW_BBR_STARTUP;
    b->pacing_gain = b->cwnd_gain = SW_BBR_HIGH_GAIN;
    b->min_rtt = -1;
    cc->own.bbr = b;
    return true;
}

static void fini(struct sw_tcp_cc *cc)
{
    free(cc->own.bbr);
    cc->own.bbr = NULL;
}

static void begin(struct sw_tcp_cc *cc, bool syn_lost)
{
    fini(cc);
    sw_tcp_cc_begin(cc, syn_lost);
}

static void ack(struct sw_tcp_cc *cc, const struct sw_tcp_cc_ack *acked)
{
    (void)cc;
    (void)acked; /* control() has all of it, and more */
}

static void enter(struct sw_tcp_cc *cc, uint32_t flight_bytes, sw_time now)
{
    (void)flight_bytes;
    (void)now;
    if (cc->own.bbr != NULL) {
        save_cwnd(cc);
    }
    cc->recovering = true;
}

/* Without SACK only duplicates say that something has left. */
static void duplicate(struct sw_tcp_cc *cc)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    if (b != NULL && cc->cwnd < SW_TCP_CWND_MAX - cc->mss_bytes) {
        b->inflated += cc->mss_bytes;
        cc->cwnd += cc->mss_bytes;
    }
}

static void deflate(struct sw_tcp_cc *cc, uint32_t bytes)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    if (b != NULL) {
        b->inflated = inflated(cc);
        const uint32_t less = bytes < b->inflated ? bytes : b->inflated;
        b->inflated -= less;
        cc->cwnd -= less;
    }
}

static void leave(struct sw_tcp_cc *cc, uint32_t flight_bytes)
{
    (void)flight_bytes;
    deflate(cc, UINT32_MAX);
    cc->recovering = false;
}

static void timeout(struct sw_tcp_cc *cc, uint32_t flight_bytes, bool again, sw_time now)
{
    (void)flight_bytes;
    (void)now;
    struct sw_tcp_bbr *b = cc->own.bbr;
    deflate(cc, UINT32_MAX);
    if (b != NULL) {
        if (!again) {
            save_cwnd(cc);
        }
        b->timed_out = true;
        b->repairing = b->conserving = false;
        b->full_bw = 0; /* whatever it was, it may not be any more */
    }
    cc->cwnd = cc->mss_bytes;
    cc->recovering = false;
}

/* RFC 5681's restart window is not for those who pace. */
static void idle(struct sw_tcp_cc *cc)
{
    (void)cc;
}

/* What the user's pause has emptied needs no probing: at the bandwidth, not faster. */
static void restart(struct sw_tcp_cc *cc, const struct sw_tcp_rate *rate, sw_time now)
{
    struct sw_tcp_bbr *b = cc->own.bbr;
    if (rate->limited_end == 0) {
        return;
    }
    b->idle_restart = true;
    b->epoch_at = now;
    b->epoch_acked = 0;
    if (b->mode == SW_BBR_PROBE_BW) {
        b->pacing_rate = rate_of(sw_tcp_bbr_bandwidth(b), SW_BBR_UNIT);
    } else if (b->mode == SW_BBR_PROBE_RTT) {
        check_probe_rtt_done(cc, rate, now);
    }
}

/* The bandwidth may have grown while it was thought to be lossy. The next acknowledgement finds all
 * repaired, and gives the window back. */
static void undo(struct sw_tcp_cc *cc, const struct sw_tcp_cc *before)
{
    (void)before;
    struct sw_tcp_bbr *b = cc->own.bbr;
    cc->recovering = false;
    if (b != NULL) {
        b->full_bw = 0;
        b->full_rounds = 0;
        b->police_bw = 0;
        b->police_use = b->police_sampling = false;
    }
}

static uint64_t pacing(const struct sw_tcp_cc *cc, sw_time srtt)
{
    (void)srtt;
    return cc->own.bbr != NULL ? cc->own.bbr->pacing_rate : 0;
}

const struct sw_tcp_cc_ops sw_tcp_cc_bbr = {
    .which = SW_TCP_BBR,
    .begin = begin,
    .ack = ack,
    .enter = enter,
    .duplicate = duplicate,
    .partial = deflate,
    .leave = leave,
    .timeout = timeout,
    .idle = idle,
    .undo = undo,
    .make = make,
    .fini = fini,
    .control = control,
    .restart = restart,
    .pacing = pacing,
};
