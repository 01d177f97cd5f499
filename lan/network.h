/* A whole LAN that lives: hosts with their services, bridges, links, built from a topo. Whoever
 * owns the clock lets it run. */
#ifndef SW_LAN_NETWORK_H
#define SW_LAN_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/env.h"
#include "core/link.h"
#include "core/watch.h"
#include "lan/bridge.h"
#include "lan/topo.h"
#include "stack/far.h"
#include "stack/host.h"

struct sw_network;

/* What a command on a program's host came to. */
struct sw_command_result {
    int exit;           /* its exit status; 128 and the number of the signal that ended it */
    const char *failed; /* why it could not be executed, or NULL; lent */
    const char *out;    /* what it printed, the first bytes of it; lent */
    size_t out_len;
    uint64_t out_size; /* all of it */
    const char *err;   /* the same of its standard error */
    size_t err_len;
    uint64_t err_size;
};

struct sw_command; /* a command that runs, or has */

/* Who sees to the hosts that are real programs; ctx is lent to each. */
struct sw_network_programs {
    /* The port that stands for an interface of the host in that place of the topo; it must outlive
     * the network. NULL: there is none, which ends the building. */
    struct sw_port *(*port)(void *ctx, size_t host, size_t nic);
    /* What befalls the host: SW_ACTION_CRASH, RESTART, STOP, CONTINUE, START, KILL; the signal is
     * for KILL. */
    void (*befall)(void *ctx, size_t host, enum sw_action_kind what, enum sw_signal signal);
    /* A command on the host: done(user) is called once when it has ended, after which its result
     * may be read. 0, -ENOMEM. */
    int (*run)(void *ctx, struct sw_command **out, size_t host, char *const *command,
               void (*done)(void *user), void *user);
    void (*result)(const struct sw_command *run, struct sw_command_result *out);
    void (*free_run)(
        struct sw_command *run); /* ends it if it still runs; done is not called any more */
    bool (*is_ready)(void *ctx, size_t host);
    /* Its kernel's sockets, by which steps speak from it (stack/far.h): what is given to `far` as
     * its ctx. */
    const struct sw_far_ops *far;
    void *(*far_ctx)(void *ctx, size_t host);
    void *ctx;
};

struct sw_network_options {
    bool virtual_time; /* a link with neither delay nor rate counts as 10 Gbit/s and 1 us */
    /* The port that stands for an uplink; it must outlive the network. To that of a tun come frames
     * with an IPv4 packet each, their Ethernet addresses zero, and from it such are expected (bare,
     * stack/host.h). 0 or a negative errno, which ends the building. NULL where the topo has no
     * uplinks. */
    int (*uplink)(void *ctx, const struct sw_topo_uplink *uplink, struct sw_port **out);
    void *ctx;
    const struct sw_tcp_watch *tcp_watch; /* of all hosts' connections; NULL: none */
    struct sw_network_programs programs;  /* where the topo has any */
};

/* Builds everything. The topo is lent for the network's life. On failure nothing is left and `why`
 * (of cap bytes) says what: -ENOMEM, -EEXIST (two owners with one number, two MACs alike, a port or
 * an address taken twice), -EINVAL (anything else that the topo cannot have), or what `uplink`
 * returned. */
int sw_network_new(struct sw_network **out, const struct sw_env *env, const struct sw_topo *topo,
                   const struct sw_network_options *options, char *why, size_t cap);
void sw_network_free(struct sw_network *net);

/* The other side of an uplink of the topo is gone for good: its link is down from now on, what is
 * sent into it is dropped as link-down, and a switch at its end forgets who was there. */
void sw_network_uplink_down(struct sw_network *net, const struct sw_topo_uplink *uplink);

/* Who sees to its programs. */
const struct sw_network_programs *sw_network_programs(const struct sw_network *net);
/* Does the host of that place take the frame, or does a partition stand before it? For programs,
 * whose frames no virtual stack receives. */
bool sw_network_admits(const struct sw_network *net, size_t host, const struct sw_frame *frame);
/* The host of that place in the topo loses its state (sw_host_crash), and its services and their
 * connections are gone. Harmless when it is down. */
void sw_network_crash(struct sw_network *net, size_t host);
/* It starts anew (sw_host_restart), and its services with it, with nothing in them; one that is not
 * down crashes first. 0; -ENOMEM, -EADDRINUSE (a socket that was opened meanwhile has the port of a
 * service): it is down. */
int sw_network_restart(struct sw_network *net, size_t host);

/* It stands still (sw_host_stop), and its services with it; it goes on (sw_host_continue). */
void sw_network_stop(struct sw_network *net, size_t host);
/* What befalls a program alone: SW_ACTION_KILL, SW_ACTION_START. */
void sw_network_meet(struct sw_network *net, const struct sw_topo_action *action);
void sw_network_continue(struct sw_network *net, size_t host);

const struct sw_topo *sw_network_topo(const struct sw_network *net);
const struct sw_env *sw_network_env(const struct sw_network *net);
struct sw_host *sw_network_host(const struct sw_network *net, const char *name); /* NULL: none */
struct sw_bridge *sw_network_bridge(const struct sw_network *net,
                                    const char *name); /* NULL: none */
/* What a text stands for: a host's first address, or an address as it is. False: neither, or a host
 * without one. */
bool sw_network_address(const struct sw_network *net, const char *text, struct sw_ip *out);
/* By index, in the topo's order. */
struct sw_host *sw_network_host_at(const struct sw_network *net, size_t i);
struct sw_bridge *sw_network_bridge_at(const struct sw_network *net, size_t i);
struct sw_link *sw_network_link_at(const struct sw_network *net, size_t i);
/* All ports that have a cable, in the topo's order of links: two a link. For captures. */
size_t sw_network_port_count(const struct sw_network *net);
struct sw_port *sw_network_port_at(const struct sw_network *net, size_t i);

/* An observer of what enters and leaves the network's lanes from now on, and of what they drop,
 * before those of its env; it must have no other. It is lent until it is taken out. */
void sw_network_watch(struct sw_network *net, struct sw_watch *watch);
void sw_network_unwatch(struct sw_network *net, struct sw_watch *watch); /* harmless if not in */

/* The address of an interface that was given none: locally administered, from the names alone,
 * never from the seed. */
struct sw_mac sw_mac_from_names(const char *lan, const char *host, const char *nic);

/* What must hold at the end of every run (docs/lan-file.md, "Always held"). True if all does; else
 * `why` names the first breach. Does not look at the pool: blocks are counted when the network is
 * gone. */
bool sw_network_holds(const struct sw_network *net, char *why, size_t cap);
/* One line each of hosts, switches and links: frames, bytes, drops by reason, retransmits. */
void sw_network_summary(const struct sw_network *net, void (*line)(void *ctx, const char *text),
                        void *ctx);

#endif
