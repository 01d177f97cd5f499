/* What a link may look at inside a frame: how long the Ethernet header is, where an IPv4 header
 * begins, to which flow the frame belongs. No checking beyond what reading needs: that is the
 * stack's. Pure. */
#ifndef SW_CORE_PEEK_H
#define SW_CORE_PEEK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/frame.h"
#include "core/siphash.h"

/* The bytes of Ethernet's header and of the VLAN tags behind it (802.1Q and 802.1ad, any number),
 * and the type behind them; 0 for a frame that is shorter than that. type may be NULL. */
uint32_t sw_peek_eth(const struct sw_frame *frame, uint16_t *type);
/* Where the IPv4 header begins, if all of it, options included, lies in the frame; else 0. */
uint32_t sw_peek_ipv4(const struct sw_frame *frame);
/* The flow, as RFC 8290 4.1 has it: protocol, addresses and ports; of fragments and of protocols
 * without ports, without them; of what is not IPv4, both MAC addresses and the type. */
uint64_t sw_peek_flow(const struct sw_frame *frame, struct sw_hash_key key);

/* Marks a packet that has met congestion (RFC 3168 5): CE in IPv4's header, whose checksum is
 * adjusted (RFC 1624). NULL: the packet cannot be marked (no IPv4, not ECN-capable, or no memory),
 * and `frame` is still the caller's. Else what to send in its place, which may be `frame` itself
 * (it says CE already); the frame is given away. */
struct sw_frame *sw_peek_mark(struct sw_frame *frame);

#endif
