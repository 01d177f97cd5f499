/* The files of IPv4 among themselves: input, forwarding, fragments, output, and interfaces' way
 * out. */
#ifndef SW_STACK_IP_H
#define SW_STACK_IP_H

#include "stack/impl.h"
#include "stack/wire/ipv4.h"

/* ip_input.c: an IPv4 packet that begins behind the Ethernet header. The frame is given, and
 * counted once, whatever becomes of it. link_broadcast: it came as a link-layer broadcast. */
void sw_ip_input(struct sw_nic *nic, struct sw_frame *frame, bool link_broadcast);

/* ip_forward.c: a packet that is not for this host, nor for all. Given; SW_RX_CONSUMED when it was
 * sent on, else why not, and then the frame is still the caller's. */
sw_rx_verdict sw_ip_forward(struct sw_host *host, const struct sw_rx *rx, const struct sw_ipv4 *ip,
                            struct sw_frame *frame);

/* ip_fragment.c: sends the text of `frame` that begins at l4 in pieces that fit mtu_bytes (RFC
 * 791 2.3). ip is the header of the whole; its options (header_bytes - 20 of them) are lent. The
 * frame is given. 0, or as sw_nic_output(); -ENOMEM. */
int sw_ip_fragment(struct sw_host *host, const struct sw_path *path, const struct sw_ipv4 *ip,
                   const uint8_t *options, struct sw_frame *frame, unsigned l4);

/* ip_output.c: sends an IPv4 packet (the frame begins with its header) by the path: round the
 * loopback, to everybody, or to a neighbour. The frame is given. 0, -ENOMEM. */
int sw_nic_output(const struct sw_path *path, struct sw_frame *frame);
/* host.c: counts, and sends an Ethernet frame out of the interface. Given. */
void sw_nic_send(struct sw_nic *nic, struct sw_frame *frame);
/* host.c: what arrived at an interface, from a lane or round the loopback. */
void sw_nic_input(struct sw_nic *nic, struct sw_frame **frames, unsigned n);
/* host.c: the address of the interface, in any state, that is this number; NULL: none. */
struct sw_nic_address *sw_nic_find_address(const struct sw_nic *nic, uint32_t ip);

/* loopback.c: takes a frame round to the host's own loopback interface, where it arrives 1 us
 * later. Given. 0, -ENOMEM. */
int sw_loopback_send(struct sw_host *host, struct sw_frame *frame);
void sw_loopback_free(struct sw_loopback *loopback); /* drops what is on its way */
/* The host has crashed: what is on its way to it is counted as come, and dropped. */
void sw_loopback_reset(struct sw_host *host);

/* icmp.c: tells the transport of an error about one of our packets. */
void sw_icmp_tell(struct sw_host *host, const struct sw_icmp_error *error);
/* icmp.c: a packet (at `l3` of the frame) could not reach its next hop: our own socket hears of it,
 * or an error goes to its sender. */
void sw_icmp_host_unreachable(struct sw_host *host, const struct sw_frame *frame, unsigned l3);

#endif
