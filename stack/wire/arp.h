/* ARP for IPv4 over Ethernet (RFC 826). Pure. */
#ifndef SW_STACK_WIRE_ARP_H
#define SW_STACK_WIRE_ARP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/drop.h"

#define SW_ARP_BYTES 28
#define SW_ARP_REQUEST 1
#define SW_ARP_REPLY 2

struct sw_arp {
    uint16_t op;
    struct sw_mac sender_mac, target_mac;
    uint32_t sender_ip, target_ip; /* host order; sender_ip 0: a probe (RFC 5227 1.1) */
};

/* Reads a packet of n bytes; what follows the 28th is padding. False, with *why:
 *   ARP_SHORT   fewer than 28 bytes;
 *   ARP_FORMAT  hardware type, protocol type or a length that is not Ethernet's and IPv4's;
 *   ARP_OPCODE  neither request nor reply (RARP, InARP: not ours to answer);
 *   ARP_SENDER  a sender that no station can be: a group or zero hardware address, or as protocol
 *               address a broadcast, multicast, class E or loopback one. */
bool sw_arp_parse(struct sw_arp *out, const uint8_t *bytes, size_t n, enum sw_drop *why);
/* Writes SW_ARP_BYTES. */
void sw_arp_emit(const struct sw_arp *arp, uint8_t *to);

#endif
