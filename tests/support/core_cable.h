/* Two ports that write down what arrives, and a cable between them, for tests of lanes. */
#ifndef SW_TESTS_CORE_CABLE_H
#define SW_TESTS_CORE_CABLE_H

#include "core/link.h"
#include "tests/support/core_fixture.h"

struct sw_test_cable {
    struct sw_test_env world;
    struct sw_test_port a, b;
    struct sw_link link; /* both directions alike; "a>b", "b>a" */
};

void sw_test_plug_seeded(struct sw_test_cable *c, uint64_t seed,
                         const struct sw_lane_config *config);
void sw_test_plug(struct sw_test_cable *c, const struct sw_lane_config *config); /* seed 1 */
/* Checks the ledgers and that nothing is live, and frees all. */
void sw_test_unplug(struct sw_test_cable *c);
/* Sends frames `from`, from + 1, ... of len bytes from a to b. */
void sw_test_send(struct sw_test_cable *c, uint32_t from, uint32_t frames, size_t len);
uint64_t sw_test_dropped(const struct sw_test_cable *c, enum sw_drop reason);
/* The i-th arrival at b is that frame, at that time. */
void sw_test_arrived(const struct sw_test_cable *c, size_t i, uint32_t number, sw_time at);

#endif
