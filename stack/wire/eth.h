/* The Ethernet II header (RFC 894; IEEE 802.3 3.2). Pure. */
#ifndef SW_STACK_WIRE_ETH_H
#define SW_STACK_WIRE_ETH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/drop.h"

#define SW_ETH_BYTES 14
#define SW_ETH_IPV4 0x0800
#define SW_ETH_ARP 0x0806
#define SW_ETH_TAG 0x8100         /* IEEE 802.1Q, C-tag */
#define SW_ETH_SERVICE_TAG 0x88a8 /* S-tag */

struct sw_eth {
    struct sw_mac dst, src;
    uint16_t type;
};

/* Reads the header of a frame of n bytes. False, with *why ETH_SHORT or ETH_GROUP_SOURCE (a group
 * address can send nothing: IEEE 802.3 3.2.3), if there is none to believe. */
bool sw_eth_parse(struct sw_eth *out, const uint8_t *bytes, size_t n, enum sw_drop *why);
/* Writes SW_ETH_BYTES. */
void sw_eth_emit(const struct sw_eth *eth, uint8_t *to);

#endif
