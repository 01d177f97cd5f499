/* Addresses of frames that come from a record, given new ones, so that what was captured in one LAN
 * can be fed to another. Pure. */
#ifndef SW_LAN_REWRITE_H
#define SW_LAN_REWRITE_H

#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"

#define SW_REWRITES                                                                                \
    256 /* of each kind at most: a frame's addresses are compared with all of them */

struct sw_rewrite_mac {
    struct sw_mac from, to;
};

/* An address that equals `from` under the mask becomes `to`, its other bits kept; numbers in host
 * order. A single address has a mask of 32 bits. */
struct sw_rewrite_net {
    uint32_t from, to, mask;
};

/* The first one that fits an address counts; one that none fits stays as it is. */
struct sw_rewrite {
    struct sw_rewrite_mac *macs;
    size_t mac_count;
    struct sw_rewrite_net *nets;
    size_t net_count;
};

/* Rewrites the n bytes of a frame in place: MAC addresses in the Ethernet header and in ARP, IPv4
 * addresses in ARP and in the outermost IPv4 header, behind at most two VLAN tags. The IPv4
 * header's checksum, and those of TCP and UDP, which cover the addresses, are adjusted (RFC 1624):
 * a checksum that was wrong stays as wrong as it was. What is quoted in an ICMP error, or carried
 * as text, stays as it is. Whatever n bytes there are: none beside them is touched. */
void sw_rewrite_frame(const struct sw_rewrite *rewrite, uint8_t *bytes, size_t n);

#endif
