/* Jitter: what a frame's delay differs by from the link's, as tc-netem has it. Integers alone, so
 * two compilers agree.
 *
 * A number u of 32 uniform bits is turned by the distribution's quantile function into a multiple
 * of the jitter, J:
 *   uniform       (2u - 1) J, u in 0..1: from -J to J
 *   normal        the standard normal distribution: J is the standard deviation
 *   pareto        4/3 ((1 - u)^(-1/3) - 3/2), at most 4: shape 3, a long tail to late
 *   paretonormal  a quarter of normal's and three quarters of pareto's at the same u
 * in 4,096 steps of 1/8192 J (uniform: exactly). Those are the definitions of the tables that
 * iproute2 ships, computed here anew.
 *
 * With a correlation c the bits are netem's: u' = (1 - c) u + c u'_before. That narrows them
 * about the middle, in netem as here. Departure: netem takes the low bits of u' for its tables, and
 * so loses the correlation there; here the high bits count. */
#ifndef SW_CORE_JITTER_H
#define SW_CORE_JITTER_H

#include "core/link.h"
#include "core/rng.h"

struct sw_jitter {
    struct sw_draws draws;
    uint32_t last; /* u' of the frame before */
};

/* seed is lent. */
void sw_jitter_init(struct sw_jitter *j, const struct sw_seed *seed, uint64_t owner);
/* What is added to the delay by draw number `at`; may be less than 0. jitter 0 .. SW_JITTER_MAX.
 * O(1). */
sw_time sw_jitter_offset(struct sw_jitter *j, sw_time jitter, enum sw_distribution distribution,
                         uint32_t correlation_ppb, uint64_t at);

/* The standard normal quantile at (4096 + 2i + 1) / 8192 in units of 1/8192, i = 0 .. 2047: the
 * upper half, the lower one is its mirror image. */
extern const uint16_t sw_jitter_normal[2048];

#endif
