/* A pcap uplink: a capture file as a port of the LAN. What is in the one it reads enters the LAN
 * here, by the LAN's clock; what the LAN sends here goes into the one it writes. Nothing of it is
 * real: in virtual time a run with it is the same each time. */
#ifndef SW_SWITCHD_PCAP_PORT_H
#define SW_SWITCHD_PCAP_PORT_H

#include "core/env.h"
#include "core/port.h"
#include "lan/topo.h"

struct sw_pcap_port;

struct sw_pcap_port_stats {
    uint64_t in;       /* frames from the capture */
    uint64_t cut;      /* of them, kept in part by whoever captured them */
    uint64_t not_read; /* longer than any frame, or no memory */
    uint64_t out;      /* frames that arrived from the LAN, written if there is a file for them */
    uint64_t not_written; /* the system would not take it: dropped as port-write */
};

/* Opens the files; reading begins with the clock. seed, and epoch (nanoseconds since 1970 at LAN
 * time 0), for what is written. The uplink is lent for the port's life. 0; or a negative errno, and
 * `why` says what is wrong: -EINVAL for a file that is no capture of Ethernet, else what the system
 * said. */
int sw_pcap_port_new(struct sw_pcap_port **out, const struct sw_env *env,
                     const struct sw_topo_uplink *uplink, uint64_t seed, sw_time epoch, char *why,
                     size_t cap);
struct sw_port *sw_pcap_port(struct sw_pcap_port *port);
void sw_pcap_port_stats(const struct sw_pcap_port *port, struct sw_pcap_port_stats *out);
/* Closes the files; the port's cable is gone before, and the port with this. 0; or a negative
 * errno: -EINVAL if what was read broke off, of which the log has heard, and `why` is empty; else
 * why something was not written. NULL is harmless. */
int sw_pcap_port_free(struct sw_pcap_port *port, char *why, size_t cap);

#endif
