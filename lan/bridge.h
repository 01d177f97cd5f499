/* A learning bridge (IEEE 802.1Q 8.6-8.8): learns sources, decides (pure: frame and ingress port in, a port, all or none out),
 * forwards by reference. Reserved group addresses are never forwarded. A full lane drops and counts. */
#ifndef SW_LAN_BRIDGE_H
#define SW_LAN_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/drop.h"
#include "core/env.h"
#include "core/port.h"
#include "lan/fdb.h"

#define SW_BRIDGE_PORTS 4096

struct sw_bridge;

struct sw_bridge_config {
    const char *name;   /* copied */
    sw_time ageing;     /* 10 s .. 1,000,000 s; 0: never */
    uint32_t mac_table; /* entries; 0: 8192 */
};

/* Each frame in became copies out, or one named reason: in = forwarded + flooded + all of dropped. */
struct sw_bridge_stats {
    uint64_t in, in_bytes;
    uint64_t forwarded; /* to the one port that is known */
    uint64_t flooded;   /* to all others */
    uint64_t copies;    /* frames sent */
    uint64_t learned, moved, not_learned;
    uint64_t
        flooded_known; /* unicast flooded though a fresh entry stood: always 0, the invariant */
    uint64_t dropped[SW_DROP_COUNT];
};

int sw_bridge_new(struct sw_bridge **out, const struct sw_env *env,
                  const struct sw_bridge_config *config); /* 0, -ENOMEM, -EINVAL */
void sw_bridge_free(struct sw_bridge *bridge);
const char *sw_bridge_name(const struct sw_bridge *bridge);
/* A new port; lives as long as the bridge. 0, -ENOMEM, -EEXIST (name), -ENOSPC. */
int sw_bridge_add_port(struct sw_port **out, struct sw_bridge *bridge, const char *name);
struct sw_port *sw_bridge_port(struct sw_bridge *bridge, const char *name); /* NULL: none */
/* Binds a station to a port for good. 0, -ENOSPC, -EEXIST, -ENOENT (no such port). */
int sw_bridge_add_static(struct sw_bridge *bridge, struct sw_mac mac, const char *port);
const struct sw_fdb *sw_bridge_fdb(const struct sw_bridge *bridge);
void sw_bridge_stats(const struct sw_bridge *bridge, struct sw_bridge_stats *out);
bool sw_bridge_balanced(const struct sw_bridge *bridge);

#endif
