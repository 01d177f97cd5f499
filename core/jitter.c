/* Jitter (see jitter.h). */
#include "core/jitter.h"

#include <assert.h>

#define SCALE 8192 /* steps of one jitter */
#define STEPS 4096
#define PARETO_MOST 32767

void sw_jitter_init(struct sw_jitter *j, const struct sw_seed *seed, uint64_t owner)
{
    *j = (struct sw_jitter){0};
    sw_draws_init(&j->draws, seed, owner, SW_DRAW_JITTER);
}

/* The next of netem's correlated numbers: a first-order autoregression. */
static uint32_t correlated(struct sw_jitter *j, uint32_t fresh, uint32_t correlation_ppb)
{
    uint64_t rho = ((uint64_t)correlation_ppb << 32) / 1000000000;
    uint32_t u = correlation_ppb == 0
                     ? fresh
                     : (uint32_t)((fresh * ((UINT64_C(1) << 32) - rho) + j->last * rho) >> 32);
    j->last = u;
    return u;
}

static int32_t normal(uint32_t step)
{
    return step >= STEPS / 2 ? sw_jitter_normal[step - STEPS / 2]
                             : -(int32_t)sw_jitter_normal[STEPS / 2 - 1 - step];
}

/* The largest c with c^3 <= x. c below 2^20, so x below 2^60. */
static uint64_t cube_root(uint64_t x)
{
    uint64_t c = 0;
    for (uint64_t bit = UINT64_C(1) << 19; bit > 0; bit >>= 1) {
        uint64_t more = c | bit;
        if (more * more * more <= x) {
            c = more;
        }
    }
    return c;
}

/* 1 - u is in the middle of its step: (2 (STEPS - step) - 1) / (2 STEPS). Its cube root is taken
 * in units of 2^-14. */
static int32_t pareto(uint32_t step)
{
    uint64_t rest = 2 * (uint64_t)(STEPS - step) - 1;
    int64_t root = (int64_t)cube_root(((uint64_t)(2 * STEPS) << 42) / rest);
    int64_t value = (root - 3 * (1 << 13)) * 4 * SCALE / (3 * (1 << 14));
    return value > PARETO_MOST ? PARETO_MOST : (int32_t)value;
}

/* 2u - 1 of J, exactly: the product has 32 bits more than J. */
static sw_time uniform(uint32_t u, sw_time jitter)
{
    uint64_t width = 2 * (uint64_t)jitter;
    uint64_t part = u * (width >> 32) + (u * (width & UINT32_MAX) >> 32);
    return (sw_time)part - jitter;
}

sw_time sw_jitter_offset(struct sw_jitter *j, sw_time jitter, enum sw_distribution distribution,
                         uint32_t correlation_ppb, uint64_t at)
{
    assert(jitter >= 0 && jitter <= SW_JITTER_MAX && correlation_ppb <= 1000000000);
    sw_draws_seek(&j->draws, at);
    uint32_t u = correlated(j, (uint32_t)(sw_draw(&j->draws) >> 32), correlation_ppb);
    uint32_t step = u >> 20;
    int32_t times = 0;
    switch (distribution) {
    case SW_DISTRIBUTION_UNIFORM:
        return uniform(u, jitter);
    case SW_DISTRIBUTION_NORMAL:
        times = normal(step);
        break;
    case SW_DISTRIBUTION_PARETO:
        times = pareto(step);
        break;
    case SW_DISTRIBUTION_PARETONORMAL:
        times = (normal(step) + 3 * pareto(step)) / 4;
        break;
    }
    return jitter / SCALE * times + jitter % SCALE * times / SCALE;
}
