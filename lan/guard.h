/* Whose frames they say they are: a program that may send frames of its own making can put another
 * host's addresses into them, and would get what is meant for that one. A frame is forged if its
 * source MAC, its IPv4 source or an ARP sender is another host's of the LAN file (or that of an
 * uplink's far side), and not also its own. Tags do not hide anything, since Linux looks through
 * those of VLAN 0. Addresses that are nobody's in the file are none of its business. Pure. */
#ifndef SW_LAN_GUARD_H
#define SW_LAN_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lan/topo.h"

struct sw_guard;

/* Of all addresses of the topo, which is lent for the guard's life. 0, -ENOMEM. */
int sw_guard_new(struct sw_guard **out, const struct sw_topo *topo);
void sw_guard_free(struct sw_guard *guard); /* NULL is harmless */
/* Does a frame of n bytes, Ethernet header included, that the topo's host of that place sent, say
 * that it comes from another? A router (forwarding) sends others' packets, but in frames of its
 * own: of those the MAC addresses count alone. A frame without a whole header is not forged. Costs
 * a binary search for each address that is looked at: two, of ARP three. */
bool sw_guard_is_forged(const struct sw_guard *guard, size_t host, const uint8_t *frame, size_t n);

#endif
