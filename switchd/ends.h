/* The uplinks of a session, whatever they are: made, started, told of, closed. */
#ifndef SW_SWITCHD_ENDS_H
#define SW_SWITCHD_ENDS_H

#include "core/env.h"
#include "lan/network.h"
#include "switchd/pcap_port.h"
#include "switchd/qemu.h"
#include "switchd/tap.h"

/* One of tap, pcap and qemu; the others are NULL. */
struct sw_end {
    struct sw_ends *ends;
    const struct sw_topo_uplink *uplink;
    struct sw_tap *tap; /* a tun is one too */
    struct sw_pcap_port *pcap;
    struct sw_qemu *qemu;
};

struct sw_ends {
    const struct sw_env *env; /* of the network; lent */
    const struct sw_topo *topo;
    sw_time epoch; /* nanoseconds since 1970 at LAN time 0 */
    struct sw_network *net;
    struct sw_end *list; /* topo->uplink_count of them, the first `count` are made */
    size_t count;
    int refused; /* an exit status: an end could not be made, and that was said */
};

/* Would a file be written and something else done with it, by two uplinks, or by one and --pcap
 * (path, or NULL)? Opening it would empty what another reads. Prints what it is. 0, or an exit
 * status (2). */
int sw_ends_check(const struct sw_topo *topo, const char *path);
/* epoch is set by the caller, net once there is one. 0, -ENOMEM. */
int sw_ends_init(struct sw_ends *ends, const struct sw_env *env, const struct sw_topo *topo);
/* struct sw_network_options' uplink; ctx is the ends. Prints what went wrong. */
int sw_ends_make(void *ctx, const struct sw_topo_uplink *uplink, struct sw_port **out);
/* Real ends are read from now on. 0 or a negative errno. */
int sw_ends_start(struct sw_ends *ends, struct sw_driver *driver);
/* ", kernel is the tap swtap0" for each, to stderr. */
void sw_ends_say_up(const struct sw_ends *ends);
/* A line each, to stderr. */
void sw_ends_summary(const struct sw_ends *ends);
/* After network and driver are gone. Prints what went wrong. 0, or an exit status: a capture that
 * could not be written (3), one that broke off while it was read (2). Harmless on zeroed memory. */
int sw_ends_close(struct sw_ends *ends);

#endif
