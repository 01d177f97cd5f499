/* Routes of a host: connected nets, static routes, the default. The longest prefix wins (RFC
 * 1122 3.3.1, RFC 1812 5.2.4.3), and among equals the one that was added first, until its gateway
 * is found to be dead. */
#ifndef SW_STACK_ROUTE_H
#define SW_STACK_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/impl.h"

struct sw_route {
    uint32_t net;
    uint32_t gateway; /* 0: on the link */
    struct sw_nic *nic;
    uint8_t bits;
    bool connected; /* came with an address */
    uint16_t order; /* sw_route_add()'s: which it was */
};

int sw_route_table_new(struct sw_route_table **out);
void sw_route_table_free(struct sw_route_table *table);
/* net is cut to its prefix. 0, -EEXIST (the same prefix by the same way), -ENOSPC (SW_HOST_ROUTES),
 * -ENOMEM. */
int sw_route_add(struct sw_route_table *table, const struct sw_route *route);
/* NULL: none. The pointer is good until the next change. Binary searches, one a prefix length in
 * use. */
const struct sw_route *sw_route_find(const struct sw_route_table *table, uint32_t dst);
/* A gateway does not answer: routes by it go behind their equals (RFC 1122 3.3.1.5), where there
 * are any, and stay there until those fail, too. */
void sw_route_gateway_is_dead(struct sw_route_table *table, const struct sw_nic *nic,
                              uint32_t gateway);
/* The order is that of adding again, as if every gateway answered. */
void sw_route_reset(struct sw_route_table *table);
/* Counts up whenever a route or one of the host's addresses changed; a way found before that is to
 * be looked up again. */
uint32_t sw_route_generation(const struct sw_route_table *table);
void sw_route_changed(struct sw_route_table *table);

#endif
