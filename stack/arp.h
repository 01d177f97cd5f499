/* ARP (RFC 826), and address conflict detection (RFC 5227). What is known about others is
 * neigh.h's. */
#ifndef SW_STACK_ARP_H
#define SW_STACK_ARP_H

#include "stack/impl.h"

/* An ARP packet that begins behind the Ethernet header. */
sw_rx_verdict sw_arp_input(struct sw_nic *nic, const struct sw_frame *frame);
/* Asks who has ip: of everybody, or of one station alone (RFC 1122 2.3.2.1 (2)). */
void sw_arp_request(struct sw_nic *nic, uint32_t ip, struct sw_mac to);
/* Takes a new address into use by the flags of sw_nic_add_address(). 0, -ENOMEM. */
int sw_arp_begin(struct sw_nic *nic, struct sw_nic_address *address, unsigned flags);
/* Ends probing and announcing, without a word. */
void sw_arp_end(struct sw_nic_address *address);

#endif
