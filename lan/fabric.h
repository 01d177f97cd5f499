/* What both a network and a lab are made of: hosts, bridges and the links between them, one after
 * the other, each under a name of its own; and what must hold of them. For lan/ alone: users have
 * lan/network.h and lan/lab.h.
 *
 * Who arms timers is an owner, and owners are ordered by the number of their name: a host "web", a
 * bridge "core", a lane "web>core" (the second of parallel links: "web>core#2", a named one among
 * them: "web>core(NAME)"; a cable between two ports of one node: "core:p1>core:p2"). Two owners
 * with one number are refused, and named. */
#ifndef SW_LAN_FABRIC_H
#define SW_LAN_FABRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/env.h"
#include "core/link.h"
#include "core/watch.h"
#include "lan/bridge.h"
#include "lan/index.h"
#include "stack/host.h"

/* In virtual time a link with neither delay nor rate counts as this: time must pass between two
 * hosts that are always busy. */
#define SW_FABRIC_DELAY SW_US
#define SW_FABRIC_RATE_BPS ((uint64_t)10000000000)

struct sw_network;

struct sw_fabric_list {
    void **item;
    uint32_t count, cap;
};

struct sw_fabric_host {
    struct sw_host *host;
    struct sw_fabric_list nics; /* of struct sw_nic */
    bool elsewhere;             /* its stack is none of ours, and counts nothing here */
    uint64_t foreign;           /* unicast frames that arrived and were for another's MAC */
    uint64_t delivered;         /* scratch of sw_fabric_holds() */
};

struct sw_fabric_bridge {
    struct sw_bridge *bridge;
    uint32_t next_port;            /* where to look for a free "p7" */
    uint64_t delivered, taken_off; /* scratch of sw_fabric_holds() */
};

/* One end of a cable: a host's interface, a bridge's port, or a port of somebody else's. */
struct sw_fabric_end {
    const char *node; /* "web" */
    struct sw_port *port;
    struct sw_fabric_host *host;     /* or NULL */
    struct sw_fabric_bridge *bridge; /* or NULL */
    struct sw_mac mac;               /* of a host's interface */
};

struct sw_fabric {
    struct sw_env env;
    struct sw_watch watch; /* sees what arrives, before the observers of env */
    const char *lan;       /* lent: the name that MAC addresses are made from */
    bool virtual_time;
    char *why; /* where to say what went wrong; lent */
    size_t why_cap;
    struct sw_fabric_list hosts, bridges, cables, nics;
    struct sw_index owners; /* owner's number -> kind and place */
    struct sw_index macs;   /* MAC -> place in nics */
    struct sw_index pairs;  /* two nodes -> links between them so far */
};

/* why may be NULL if cap is 0. */
void sw_fabric_init(struct sw_fabric *f, const struct sw_env *env, const char *lan,
                    bool virtual_time, char *why, size_t cap);
/* Takes all cables out, so that nothing more is seen by any observer. */
void sw_fabric_unplug(struct sw_fabric *f);
/* Frees everything. What lives on the hosts must be gone. */
void sw_fabric_fini(struct sw_fabric *f);
/* Says what went wrong, if somebody listens; returns status. */
int sw_fabric_fail(struct sw_fabric *f, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Each of these returns 0 or a negative errno, having said why. */
int sw_fabric_add_bridge(struct sw_fabric_bridge **out, struct sw_fabric *f,
                         const struct sw_bridge_config *config);
int sw_fabric_add_host(struct sw_fabric_host **out, struct sw_fabric *f,
                       const struct sw_host_config *config);
/* A MAC of zero is made from the names, unless the interface is bare. */
int sw_fabric_add_nic(struct sw_nic **out, struct sw_fabric *f, struct sw_fabric_host *host,
                      const struct sw_nic_config *config);
int sw_fabric_add_address(struct sw_fabric *f, struct sw_nic *nic, struct sw_prefix address,
                          unsigned flags);
/* nic may be NULL (see sw_host_add_route). */
int sw_fabric_add_route(struct sw_fabric *f, struct sw_fabric_host *host, struct sw_prefix to,
                        struct sw_ip gateway, struct sw_nic *nic);
/* A name that somebody else's node has. */
int sw_fabric_add_name(struct sw_fabric *f, const char *name);
/* The port of that name, made if it is not there. */
int sw_fabric_bridge_port(struct sw_port **out, struct sw_fabric *f,
                          struct sw_fabric_bridge *bridge, const char *name);
/* A cable. name tells it from parallel ones; NULL: its ordinal does. */
int sw_fabric_add_link(struct sw_link **out, struct sw_fabric *f, const struct sw_fabric_end end[2],
                       const char *name, const struct sw_lane_config *forward,
                       const struct sw_lane_config *backward);

/* The i-th cable goes down, and bridges at its ends forget who was there; or it comes up, unless it
 * went down for good (sw_fabric_port_down). */
void sw_fabric_link_set_up(struct sw_fabric *f, size_t i, bool up);
/* What the lanes of the i-th cable were made with, first end to second and back, as it was given;
 * and what a lane does that is given this. */
const struct sw_lane_config *sw_fabric_given(const struct sw_fabric *f, size_t i, unsigned lane);
struct sw_lane_config sw_fabric_effective(const struct sw_fabric *f,
                                          const struct sw_lane_config *config);
/* Takes the cable of a port down for good, if it has one; a bridge at its other end forgets who was
 * there. */
void sw_fabric_port_down(struct sw_fabric *f, const struct sw_port *port);

/* NULL: none of that name. */
struct sw_fabric_host *sw_fabric_find_host(const struct sw_fabric *f, const char *name);
struct sw_fabric_bridge *sw_fabric_find_bridge(const struct sw_fabric *f, const char *name);
struct sw_fabric_host *sw_fabric_host_at(const struct sw_fabric *f, size_t i);
struct sw_fabric_bridge *sw_fabric_bridge_at(const struct sw_fabric *f, size_t i);
struct sw_link *sw_fabric_link_at(const struct sw_fabric *f, size_t i);
/* The same number for two nodes in either order. */
uint64_t sw_fabric_pair(const char *a, const char *b);

/* network.c: what a network is made of. */
struct sw_fabric *sw_network_fabric(struct sw_network *net);

/* ledger.c: see sw_network_holds() and sw_network_summary(). */
bool sw_fabric_holds(const struct sw_fabric *f, char *why, size_t cap);
void sw_fabric_summary(const struct sw_fabric *f, void (*line)(void *ctx, const char *text),
                       void *ctx);
/* Which ends a link has. */
const struct sw_fabric_end *sw_fabric_ends_at(const struct sw_fabric *f, size_t i);

#endif
