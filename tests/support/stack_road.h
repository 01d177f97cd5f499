/* A stretch of road between two cables, with an MTU of its own that may change at any time: what is
 * too long for it is dropped, and its sender told so by ICMP (RFC 1191 4) as a router would, or not
 * told (a black hole, RFC 2923 2.1). It has no Ethernet address; frames pass as they are. */
#ifndef SW_TESTS_STACK_ROAD_H
#define SW_TESTS_STACK_ROAD_H

#include <stdbool.h>

#include "core/env.h"
#include "core/port.h"

struct sw_test_road;

struct sw_test_road_end {
    struct sw_port port;
    struct sw_test_road *road;
};

struct sw_test_road {
    struct sw_test_road_end end[2];
    struct sw_pool *pool;
    uint32_t mtu_bytes; /* of IP packets */
    bool silent;        /* tells nobody */
    uint64_t told, swallowed;
};

/* Passes everything, and is not silent. The two ports are to be linked by the caller. */
void sw_test_road_init(struct sw_test_road *road, const struct sw_env *env);

#endif
