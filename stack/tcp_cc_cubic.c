/* CUBIC: see tcp_cc_cubic.h. Sections and names are those of RFC 9438.
 *
 * After a loss the window comes back along a cubic curve of time: steeply up to near w_max, where
 * the loss was, flat around it, and steeply again beyond. So two flows with different round trips
 * grow alike, and a long fat path is filled in seconds. Where NewReno would be faster, on short
 * round trips and small windows, w_est says what NewReno would have.
 *
 * Windows are bytes; time in the curve is 1/1024 s, so that a division by 2^30 makes cubic seconds
 * of its cubes. C is 0.4 segments a cubic second, beta 0.7. */
#include "stack/tcp_cc_cubic.h"

#include <string.h>

#define TICK 1024u /* of the curve, a second */
#define US_A_SECOND 1000000u
/* Time past K, 256 s, beyond which the curve is taken to be flat: its cube times a segment's bytes
 * just fits in 64 bits. No window takes that long to come back but one of segments under 100
 * bytes. */
#define CURVE_MOST ((uint64_t)256 * TICK)

/* The largest n with n^3 <= x; x < 2^63. 21 steps, and only when a stage begins. */
static uint32_t cube_root(uint64_t x)
{
    uint64_t root = 0;
    for (uint64_t bit = (uint64_t)1 << 20; bit != 0; bit >>= 1) {
        const uint64_t n = root | bit;
        if (n * n * n <= x) {
            root = n;
        }
    }
    return (uint32_t)root;
}

/* 4.2: how long, in 1/1024 s, the curve takes from cwnd to w_max. */
static uint32_t time_to(const struct sw_tcp_cc *cc, uint32_t w_max)
{
    const uint64_t way = w_max - cc->cwnd;
    return cube_root((way * 5 << 30) / (2 * (uint64_t)cc->mss_bytes));
}

/* 4.2: the window that the curve has, at past_k_us = t - K. */
static uint64_t curve(const struct sw_tcp_cc *cc, int64_t past_k_us)
{
    const uint64_t w_max = cc->own.cubic.w_max;
    uint64_t off = (uint64_t)(past_k_us < 0 ? -past_k_us : past_k_us) * TICK / US_A_SECOND;
    off = off < CURVE_MOST ? off : CURVE_MOST;
    const uint64_t step = ((off * off * off >> 10) * 2 * cc->mss_bytes / 5) >> 20;
    return past_k_us > 0 ? w_max + step : w_max > step ? w_max - step : 0;
}

/* A stage of congestion avoidance begins, with the window as it is. */
static void begin_stage(struct sw_tcp_cc *cc)
{
    cc->own.cubic.est_rest = 0;
    cc->own.cubic.w_est = cc->cwnd; /* 4.3 */
    uint64_t k = 0;
    if (cc->own.cubic.w_max > cc->cwnd) {
        k = time_to(cc, cc->own.cubic.w_max);
    } else {
        /* 4.8, 4.10: after a timeout, and after slow start that no loss ended, there is nothing to
         * come back to; and none where the window is there already. */
        cc->own.cubic.w_max = cc->cwnd;
    }
    cc->own.cubic.past_k_us = -(int32_t)(k * US_A_SECOND / TICK);
}

/* 4.3: what NewReno would have, were it to lower its window as little. alpha is
 * 3 (1 - beta) / (1 + beta), that is 9/17, and 1 once the window lost is won back. */
static void estimate(struct sw_tcp_cc *cc, uint32_t acked_bytes)
{
    const uint32_t alpha = cc->own.cubic.w_est < cc->own.cubic.cwnd_prior ? 9 : 17;
    const uint64_t sum =
        ((uint64_t)acked_bytes * cc->mss_bytes * alpha / 17) + cc->own.cubic.est_rest;
    const uint64_t more = sum / cc->cwnd;
    cc->own.cubic.est_rest = (uint32_t)(sum % cc->cwnd);
    const uint64_t w_est = cc->own.cubic.w_est + more;
    cc->own.cubic.w_est = w_est < SW_TCP_CWND_MAX ? (uint32_t)w_est : SW_TCP_CWND_MAX;
}

static void avoid(struct sw_tcp_cc *cc, const struct sw_tcp_cc_ack *acked)
{
    const uint32_t bytes = acked->acked_bytes < cc->cwnd ? acked->acked_bytes : cc->cwnd;
    estimate(cc, bytes);
    if (curve(cc, cc->own.cubic.past_k_us) < cc->own.cubic.w_est) {
        /* 4.3, where NewReno is faster. Never back: the window may be above it, for it aimed at
         * what the curve has a round trip from now. */
        cc->cwnd = cc->cwnd < cc->own.cubic.w_est ? cc->own.cubic.w_est : cc->cwnd;
        return;
    }
    /* 4.4, 4.5: within a round trip to where the curve will be then, but never by more than half
     * (4.2). What is less than a byte is left: then the window lags a byte an acknowledgement. */
    const uint64_t ahead = curve(cc, cc->own.cubic.past_k_us + acked->srtt / SW_US);
    const uint64_t most = (uint64_t)cc->cwnd + cc->cwnd / 2;
    const uint64_t target = ahead < most ? ahead : most;
    if (target > cc->cwnd) {
        sw_tcp_cc_grow(cc, (uint32_t)((target - cc->cwnd) * bytes / cc->cwnd));
    }
}

static void ack(struct sw_tcp_cc *cc, const struct sw_tcp_cc_ack *acked)
{
    const uint32_t before = cc->cwnd;
    const bool used = sw_tcp_cc_is_used(cc, acked);
    if (cc->cwnd < before && cc->ssthresh < SW_TCP_CWND_MAX) {
        cc->own.cubic.w_est = 0; /* slow start comes first, then another stage */
    }
    if (cc->cwnd < cc->ssthresh) {
        if (used) {
            sw_tcp_cc_slow_start(cc, acked);
        }
        return;
    }
    const uint32_t now_us = (uint32_t)(acked->now / SW_US);
    if (!used) {
        cc->own.cubic.acked_us = now_us; /* nor does its time count (4.2, 5.8) */
        return;
    }
    if (cc->own.cubic.w_est == 0) {
        begin_stage(cc);
    } else {
        const uint32_t since_us = now_us - cc->own.cubic.acked_us;
        const int64_t past_k_us = (int64_t)cc->own.cubic.past_k_us + since_us;
        cc->own.cubic.past_k_us = past_k_us < INT32_MAX ? (int32_t)past_k_us : INT32_MAX;
    }
    cc->own.cubic.acked_us = now_us;
    avoid(cc, acked);
}

/* 4.6: beta of the flight, 2 segments at least. */
static uint32_t lowered(const struct sw_tcp_cc *cc, uint32_t flight_bytes)
{
    const uint32_t beta = (uint32_t)((uint64_t)flight_bytes * 7 / 10);
    return beta > 2 * cc->mss_bytes ? beta : 2 * cc->mss_bytes;
}

/* The first slow start has ended with a loss, and what it knew is of no use any more. */
static void end_first_slow_start(struct sw_tcp_cc *cc)
{
    if (cc->ssthresh == SW_TCP_CWND_MAX) {
        memset(&cc->own, 0, sizeof(cc->own));
    }
}

static void enter(struct sw_tcp_cc *cc, uint32_t flight_bytes, sw_time now)
{
    (void)now;
    end_first_slow_start(cc);
    cc->own.cubic.cwnd_prior = cc->cwnd;
    /* 4.7, fast convergence: who lost before it was back where it had been makes room for a new
     * flow. (1 + beta) / 2 is 17/20. */
    cc->own.cubic.w_max =
        cc->cwnd < cc->own.cubic.w_max ? (uint32_t)((uint64_t)cc->cwnd * 17 / 20) : cc->cwnd;
    cc->own.cubic.w_est = 0;
    sw_tcp_cc_enter(cc, lowered(cc, flight_bytes));
}

static void timeout(struct sw_tcp_cc *cc, uint32_t flight_bytes, bool again, sw_time now)
{
    (void)now;
    end_first_slow_start(cc);
    /* In recovery cwnd holds what duplicates added; what was lowered is known. */
    if (!again && !cc->recovering) {
        cc->own.cubic.cwnd_prior = cc->cwnd;
    }
    cc->own.cubic.w_max = 0; /* 4.8: the next stage begins its own */
    cc->own.cubic.w_est = 0;
    sw_tcp_cc_timeout(cc, lowered(cc, flight_bytes < cc->cwnd ? flight_bytes : cc->cwnd), again);
}

static void idle(struct sw_tcp_cc *cc)
{
    const uint32_t before = cc->cwnd;
    sw_tcp_cc_idle(cc);
    if (cc->cwnd < before) {
        cc->own.cubic.w_est = 0; /* slow start comes first, then another */
    }
}

const struct sw_tcp_cc_ops sw_tcp_cc_cubic = {
    .which = SW_TCP_CUBIC,
    .begin = sw_tcp_cc_begin,
    .ack = ack,
    .enter = enter,
    .duplicate = sw_tcp_cc_inflate,
    .partial = sw_tcp_cc_deflate,
    .leave = sw_tcp_cc_leave,
    .timeout = timeout,
    .marked = sw_tcp_cc_marked,
    .idle = idle,
    .undo = sw_tcp_cc_undo, /* 4.9 */
};
