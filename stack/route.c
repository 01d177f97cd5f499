/* The route table: an array sorted by prefix length (longest first), net, and order of adding, with
 * the place where each length begins. Looking up costs a binary search for each length that occurs,
 * adding moves what is behind; good for the thousands of routes of SW_HOST_ROUTES, not for the
 * Internet's. */
#include "stack/route.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 4

struct sw_route_table {
    struct sw_route *route;
    unsigned count, cap;
    uint32_t generation;
    uint64_t lengths;   /* bit b: there are routes of b bits */
    uint16_t start[34]; /* start[32 - b]: where those of b bits begin; one more: the end */
};

int sw_route_table_new(struct sw_route_table **out)
{
    *out = calloc(1, sizeof **out);
    return *out == NULL ? -ENOMEM : 0;
}

void sw_route_table_free(struct sw_route_table *table)
{
    if (table != NULL) {
        free(table->route);
        free(table);
    }
}

uint32_t sw_route_generation(const struct sw_route_table *table)
{
    return table->generation;
}

void sw_route_changed(struct sw_route_table *table)
{
    table->generation++;
}

/* The first route of b bits whose net is not below `net`. */
static unsigned lower_bound(const struct sw_route_table *table, unsigned bits, uint32_t net)
{
    unsigned low = table->start[32 - bits], high = table->start[33 - bits];
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (table->route[middle].net < net) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int grow(struct sw_route_table *table)
{
    unsigned cap = table->cap == 0 ? FIRST_CAP : table->cap * 2;
    struct sw_route *route = realloc(table->route, cap * sizeof *route);
    if (route == NULL) {
        return -ENOMEM;
    }
    table->route = route;
    table->cap = cap;
    return 0;
}

int sw_route_add(struct sw_route_table *table, const struct sw_route *route)
{
    assert(route->bits <= 32 && route->nic != NULL);
    struct sw_route new = *route;
    new.net &= sw_v4_mask(new.bits);
    unsigned at = lower_bound(table, new.bits, new.net);
    unsigned end = table->start[33 - new.bits];
    for (; at < end && table->route[at].net == new.net; at++) {
        if (table->route[at].gateway == new.gateway && table->route[at].nic == new.nic) {
            return -EEXIST;
        }
    }
    if (table->count >= SW_HOST_ROUTES) {
        return -ENOSPC;
    }
    if (table->count == table->cap && grow(table) < 0) {
        return -ENOMEM;
    }
    memmove(table->route + at + 1, table->route + at, (table->count - at) * sizeof new);
    new.order = (uint16_t)table->count;
    table->route[at] = new;
    table->count++;
    for (unsigned i = 33U - new.bits; i < 34; i++) {
        table->start[i]++;
    }
    table->lengths |= (uint64_t)1 << new.bits;
    table->generation++;
    return 0;
}

/* The route behind the last that has this one's prefix. */
static unsigned end_of_equals(const struct sw_route_table *table, unsigned at)
{
    const struct sw_route *first = &table->route[at];
    while (at < table->count && table->route[at].net == first->net &&
           table->route[at].bits == first->bits) {
        at++;
    }
    return at;
}

void sw_route_gateway_is_dead(struct sw_route_table *table, const struct sw_nic *nic,
                              uint32_t gateway)
{
    for (unsigned at = 0; at < table->count; at++) {
        const struct sw_route route = table->route[at];
        if (route.gateway != gateway || route.nic != nic) {
            continue;
        }
        unsigned end = end_of_equals(table, at);
        if (end - at > 1) {
            memmove(table->route + at, table->route + at + 1, (end - at - 1) * sizeof route);
            table->route[end - 1] = route;
            table->generation++;
        }
        at = end - 1; /* there is one route by a gateway among equals */
    }
}

void sw_route_reset(struct sw_route_table *table)
{
    /* Only equals are ever out of order, and there are few of them: insertion moves little. */
    for (unsigned i = 1; i < table->count; i++) {
        const struct sw_route route = table->route[i];
        unsigned at = i;
        while (at > 0 && table->route[at - 1].net == route.net &&
               table->route[at - 1].bits == route.bits &&
               table->route[at - 1].order > route.order) {
            table->route[at] = table->route[at - 1];
            at--;
        }
        table->route[at] = route;
    }
    table->generation++;
}

const struct sw_route *sw_route_find(const struct sw_route_table *table, uint32_t dst)
{
    for (unsigned bits = 33; bits-- > 0;) {
        if ((table->lengths >> bits & 1) == 0) {
            continue;
        }
        uint32_t net = dst & sw_v4_mask(bits);
        unsigned at = lower_bound(table, bits, net);
        if (at < table->start[33 - bits] && table->route[at].net == net) {
            return &table->route[at];
        }
    }
    return NULL;
}
