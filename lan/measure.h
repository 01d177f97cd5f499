/* The arithmetic of what was measured: rates, shares, fairness, round trips. Integers alone, so
 * that two machines agree. Pure. */
#ifndef SW_LAN_MEASURE_H
#define SW_LAN_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"

/* a * b / c without overflow on the way, rounded down; UINT64_MAX if it does not fit. c > 0. */
uint64_t sw_mul_div(uint64_t a, uint64_t b, uint64_t c);
/* Bits a second of so many bytes in a span; 0 for an empty span. */
uint64_t sw_rate_of(uint64_t bytes, sw_time span);
/* part / whole in parts of 10^9; 0 if whole is 0. */
int64_t sw_share_of(uint64_t part, uint64_t whole);
/* Jain's index of fairness, (sum x)^2 / (n * sum x^2), in parts of 10^9: 10^9 if all are alike,
 * 10^9 / n if one has all. 0 if all are 0 or n is 0. */
uint32_t sw_fairness_ppb(const uint64_t *x, size_t n);

/* Round trips, one after the other. Zero it first. */
struct sw_rtts {
    sw_time min, max, last;
    uint64_t count;
    uint64_t sum, jitter_sum;
    uint64_t square_high, square_low; /* the sum of squares, 128 bits */
};
void sw_rtts_add(struct sw_rtts *r, sw_time rtt);
sw_time sw_rtts_mean(const struct sw_rtts *r);
/* The standard deviation, as ping(8) computes its mdev: the root of (mean of squares - square of
 * mean). */
sw_time sw_rtts_mdev(const struct sw_rtts *r);
/* The mean difference between successive ones (RFC 3550's D, unsmoothed); 0 for fewer than two. */
sw_time sw_rtts_jitter(const struct sw_rtts *r);
/* Sorts n times, and the smallest that `percent` (1..100) of them do not exceed (nearest rank). 0
 * if n is 0. */
void sw_times_sort(sw_time *times, size_t n);
sw_time sw_times_percentile(const sw_time *sorted, size_t n, unsigned percent);

#endif
