/* A learning bridge (IEEE 802.1Q 8.6-8.8): learns sources, decides (pure: destination and ingress
 * port in, a port, all or none out), forwards by reference. Reserved group addresses are never
 * forwarded. A full lane drops and counts.
 *
 * Frames pass as they are, tags included: there are no VLANs yet, all stations share one table. */
#ifndef SW_LAN_BRIDGE_H
#define SW_LAN_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/drop.h"
#include "core/env.h"
#include "core/port.h"
#include "lan/fdb.h"

#define SW_BRIDGE_PORTS 4096
#define SW_BRIDGE_MAC_TABLE 8192

struct sw_bridge;

struct sw_bridge_config {
    const char *name;   /* copied */
    sw_time ageing;     /* 10 s .. 1,000,000 s; 0: never */
    uint32_t mac_table; /* entries, at most 1,048,576; 0: SW_BRIDGE_MAC_TABLE */
};

/* Each frame in became copies out, or one named reason: in = forwarded + flooded + all of dropped.
 */
struct sw_bridge_stats {
    uint64_t in, in_bytes;
    uint64_t forwarded; /* to the one port that is known */
    uint64_t flooded;   /* to all others that have a cable */
    uint64_t copies;    /* frames sent */
    uint64_t learned, moved;
    uint64_t not_learned;   /* the MAC table was full */
    uint64_t flooded_known; /* unicast flooded though a fresh entry stood: 0, or the ledger fails */
    uint64_t dropped[SW_DROP_COUNT];
};

/* 0, -ENOMEM, -EINVAL (ageing or mac_table out of range). */
int sw_bridge_new(struct sw_bridge **out, const struct sw_env *env,
                  const struct sw_bridge_config *config);
/* Its ports must have no cable: asserted. */
void sw_bridge_free(struct sw_bridge *bridge);
const char *sw_bridge_name(const struct sw_bridge *bridge);
/* A new port, "p7", copied; the port itself is called "core:p7". Lives as long as the bridge. 0,
 * -ENOMEM, -EEXIST (name), -ENOSPC (SW_BRIDGE_PORTS). */
int sw_bridge_add_port(struct sw_port **out, struct sw_bridge *bridge, const char *name);
struct sw_port *sw_bridge_port(struct sw_bridge *bridge, const char *name); /* NULL: none */
/* The i-th port, counted from 0 as in sw_fdb_entry's port; NULL behind the last. */
struct sw_port *sw_bridge_port_at(const struct sw_bridge *bridge, uint32_t i);
/* Binds a station to a port for good. 0, -EINVAL (a group address, or zero), -ENOSPC, -EEXIST,
 * -ENOENT (no such port). */
int sw_bridge_add_static(struct sw_bridge *bridge, struct sw_mac mac, const char *port);
/* The link of this port of the bridge went down: what was learned there is forgotten, so that
 * frames for those stations are flooded and find them elsewhere. */
void sw_bridge_port_down(struct sw_port *port);
const struct sw_fdb *sw_bridge_fdb(const struct sw_bridge *bridge);
void sw_bridge_stats(const struct sw_bridge *bridge, struct sw_bridge_stats *out);
bool sw_bridge_balanced(const struct sw_bridge *bridge);

/* What is to be done with a frame for `to` that came in at port `in`: the number of a port, or one
 * of these. Pure. */
#define SW_BRIDGE_FLOOD SW_FDB_NONE            /* a group, or a station that is not known */
#define SW_BRIDGE_FILTER_SAME (UINT32_MAX - 1) /* the station is where the frame came from */
#define SW_BRIDGE_FILTER_RESERVED                                                                  \
    (UINT32_MAX - 2) /* IEEE 802.1Q 8.6.3: 01-80-C2-00-00-00 .. -0F                                \
                      */
uint32_t sw_bridge_decide(const struct sw_fdb *fdb, struct sw_mac to, uint32_t in, sw_time now);

#endif
