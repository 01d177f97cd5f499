/* See core_cable.h. */
#include "tests/support/core_cable.h"

#include <check.h>
#include <string.h>

void sw_test_plug_seeded(struct sw_test_cable *c, uint64_t seed,
                         const struct sw_lane_config *config)
{
    memset(c, 0, sizeof *c);
    sw_test_env_init(&c->world, seed);
    sw_test_port_init(&c->a, &c->world, "a");
    sw_test_port_init(&c->b, &c->world, "b");
    ck_assert_int_eq(
        sw_link_init(&c->link, &c->world.env, &c->a.port, &c->b.port, "a>b", "b>a", config, config),
        0);
}

void sw_test_plug(struct sw_test_cable *c, const struct sw_lane_config *config)
{
    sw_test_plug_seeded(c, 1, config);
}

void sw_test_unplug(struct sw_test_cable *c)
{
    ck_assert(sw_lane_balanced(&c->link.forward));
    ck_assert(sw_lane_balanced(&c->link.backward));
    sw_link_fini(&c->link);
    ck_assert(sw_lane_balanced(&c->link.forward));
    ck_assert(sw_lane_balanced(&c->link.backward));
    sw_test_port_fini(&c->a);
    sw_test_port_fini(&c->b);
    sw_test_env_fini(&c->world);
}

void sw_test_send(struct sw_test_cable *c, uint32_t from, uint32_t frames, size_t len)
{
    for (uint32_t i = 0; i < frames; i++) {
        sw_port_send(&c->a.port, sw_test_frame(c->world.env.pool, from + i, len));
    }
}

uint64_t sw_test_dropped(const struct sw_test_cable *c, enum sw_drop reason)
{
    return c->link.forward.stats.dropped[reason];
}

void sw_test_arrived(const struct sw_test_cable *c, size_t i, uint32_t number, sw_time at)
{
    ck_assert_uint_gt(c->b.count, i);
    ck_assert_uint_eq(c->b.arrivals[i].number, number);
    ck_assert_int_eq(c->b.arrivals[i].at, at);
}
