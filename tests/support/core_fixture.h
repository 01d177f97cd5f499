/* A small world for tests: a clock, a pool and a seed; frames that carry a number; a port that
 * writes down what arrives and when. */
#ifndef SW_TESTS_CORE_FIXTURE_H
#define SW_TESTS_CORE_FIXTURE_H

#include "core/env.h"
#include "core/frame.h"
#include "core/link.h"
#include "core/port.h"

struct sw_test_env {
    struct sw_env env; /* env.seed and env.secrets point into this struct */
    struct sw_seed seed;
};

/* A pool of 256 MiB and the seed of a number; time is 0. */
void sw_test_env_init(struct sw_test_env *world, uint64_t seed);
/* The same with a pool of that limit. */
void sw_test_env_init_limit(struct sw_test_env *world, uint64_t seed, size_t pool_bytes);
/* Checks that no frame and no block is live, then frees both. */
void sw_test_env_fini(struct sw_test_env *world);
/* Runs the clock until `until`; fails if that takes more than 10 million callbacks. */
void sw_test_run(struct sw_test_env *world, sw_time until);
uint64_t sw_test_live_frames(const struct sw_test_env *world);

/* A frame of len >= 4 bytes that carries a number in its first four; more than 128 bytes lie
 * partly in blocks. */
struct sw_frame *sw_test_frame(struct sw_pool *pool, uint32_t number, size_t len);
uint32_t sw_test_frame_number(const struct sw_frame *frame);

struct sw_test_arrival {
    sw_time at;
    uint32_t number; /* sw_test_frame_number(), 0 for frames shorter than 4 bytes */
    uint32_t len;
    unsigned batch; /* which call of receive, from 0 */
};

/* A port that records each frame and drops it. */
struct sw_test_port {
    struct sw_port port;
    struct sw_clock *clock;
    struct sw_test_arrival *arrivals;
    size_t count, cap;
    unsigned batches;
    unsigned rooms; /* calls of room */
    sw_time room_at;
    /* What a test wants done at the end of each batch, and when room comes; may be NULL. */
    void (*then)(struct sw_test_port *port);
    void (*on_room)(struct sw_test_port *port);
    void *ctx;
};

void sw_test_port_init(struct sw_test_port *port, struct sw_test_env *world, const char *name);
void sw_test_port_fini(struct sw_test_port *port);

#endif
