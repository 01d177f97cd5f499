/* See core_fixture.h. */
#include "tests/support/core_fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"

void sw_test_env_init_limit(struct sw_test_env *world, uint64_t seed, size_t pool_bytes)
{
    *world = (struct sw_test_env){0};
    sw_seed_from_number(&world->seed, seed);
    world->env.clock = sw_clock_new();
    world->env.pool = sw_pool_new(pool_bytes);
    world->env.seed = &world->seed;
    world->env.secrets = &world->seed;
    ck_assert_ptr_nonnull(world->env.clock);
    ck_assert_ptr_nonnull(world->env.pool);
}

void sw_test_env_init(struct sw_test_env *world, uint64_t seed)
{
    sw_test_env_init_limit(world, seed, (size_t)256 << 20);
}

void sw_test_env_fini(struct sw_test_env *world)
{
    struct sw_pool_stats stats;
    sw_pool_stats(world->env.pool, &stats);
    ck_assert_uint_eq(stats.live_frames, 0);
    ck_assert_uint_eq(stats.live_blocks, 0);
    ck_assert_uint_eq(stats.live_bytes, 0);
    sw_pool_free(world->env.pool);
    sw_clock_free(world->env.clock);
}

void sw_test_run(struct sw_test_env *world, sw_time until)
{
    ck_assert_int_eq(sw_clock_run(world->env.clock, until, 10000000), SW_RUN_IDLE);
}

uint64_t sw_test_live_frames(const struct sw_test_env *world)
{
    struct sw_pool_stats stats;
    sw_pool_stats(world->env.pool, &stats);
    return stats.live_frames;
}

struct sw_frame *sw_test_frame(struct sw_pool *pool, uint32_t number, size_t len)
{
    ck_assert_uint_ge(len, 4);
    uint8_t *bytes = malloc(len);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 4; i < len; i++) {
        bytes[i] = (uint8_t)(number + i);
    }
    sw_put32(bytes, number);
    struct sw_frame *frame = sw_frame_from_bytes(pool, bytes, len, len < 128 ? len : 128);
    free(bytes);
    ck_assert_ptr_nonnull(frame);
    return frame;
}

uint32_t sw_test_frame_number(const struct sw_frame *frame)
{
    return frame->head_len < 4 ? 0 : sw_get32(sw_frame_head(frame));
}

static void receive(struct sw_port *at, struct sw_frame **frames, unsigned n)
{
    struct sw_test_port *port = SW_CONTAINER(at, struct sw_test_port, port);
    for (unsigned i = 0; i < n; i++) {
        if (port->count == port->cap) {
            port->cap = port->cap == 0 ? 64 : port->cap * 2;
            port->arrivals = realloc(port->arrivals, port->cap * sizeof *port->arrivals);
            ck_assert_ptr_nonnull(port->arrivals);
        }
        port->arrivals[port->count++] =
            (struct sw_test_arrival){.at = sw_clock_now(port->clock),
                                     .number = sw_test_frame_number(frames[i]),
                                     .len = frames[i]->len,
                                     .batch = port->batches};
        sw_frame_drop(frames[i]);
    }
    port->batches++;
    if (port->then != NULL) {
        port->then(port);
    }
}

static void room(struct sw_port *at)
{
    struct sw_test_port *port = SW_CONTAINER(at, struct sw_test_port, port);
    port->rooms++;
    port->room_at = sw_clock_now(port->clock);
    if (port->on_room != NULL) {
        port->on_room(port);
    }
}

void sw_test_port_init(struct sw_test_port *port, struct sw_test_env *world, const char *name)
{
    *port = (struct sw_test_port){.clock = world->env.clock};
    sw_port_init(&port->port, name, receive, room);
}

void sw_test_port_fini(struct sw_test_port *port)
{
    free(port->arrivals);
    port->arrivals = NULL;
}
