/* See fuzz.h. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#define STEPS 1000000 /* of one stretch of time; no input makes so many without a loop */
#define HEAD_MOST (SW_HEAD_BYTES - 32)

_Noreturn void fuzz_fail(const char *file, int line, const char *rule)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, rule);
    abort();
}

void fuzz_world_init(struct fuzz_world *world, size_t pool_bytes)
{
    *world = (struct fuzz_world){0};
    sw_seed_from_number(&world->seed, 1);
    world->env.clock = sw_clock_new();
    world->env.pool = sw_pool_new(pool_bytes);
    world->env.seed = &world->seed;
    world->env.secrets = &world->seed;
    fuzz_check(world->env.clock != NULL && world->env.pool != NULL);
}

void fuzz_world_fini(struct fuzz_world *world)
{
    struct sw_pool_stats stats;
    sw_pool_stats(world->env.pool, &stats);
    fuzz_check(stats.live_frames == 0 && stats.live_blocks == 0 && stats.live_bytes == 0);
    sw_pool_free(world->env.pool);
    sw_clock_free(world->env.clock);
}

void fuzz_world_run(struct fuzz_world *world, sw_time span)
{
    const sw_time until = sw_clock_now(world->env.clock) + span;
    fuzz_check(sw_clock_run(world->env.clock, until, STEPS) == SW_RUN_IDLE);
}

struct sw_frame *fuzz_frame(struct fuzz_world *world, const uint8_t *bytes, size_t n,
                            size_t head_bytes)
{
    size_t head = head_bytes < n ? head_bytes : n;
    head = head < HEAD_MOST ? head : HEAD_MOST;
    return sw_frame_from_bytes(world->env.pool, bytes, n, head);
}
