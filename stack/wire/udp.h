/* The UDP header (RFC 768). Pure. */
#ifndef SW_STACK_WIRE_UDP_H
#define SW_STACK_WIRE_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/drop.h"

#define SW_UDP_BYTES 8
#define SW_UDP_CHECKSUM_OFFSET 6
#define SW_UDP_MAX_BYTES 65507 /* of text: what IPv4 carries less both headers */

struct sw_udp {
    uint16_t src_port, dst_port;
    uint16_t len_bytes; /* header and text, 8 or more */
    uint16_t checksum;  /* 0: none */
};

/* Reads the header. have: how many bytes lie in a row at `bytes`; packet_bytes: how many the IP
 * packet has for UDP (more than its length field says are ignored). False, with *why UDP_SHORT or
 * UDP_LENGTH (under 8, or more than there is). */
bool sw_udp_parse(struct sw_udp *out, const uint8_t *bytes, size_t have, size_t packet_bytes,
                  enum sw_drop *why);
/* Writes SW_UDP_BYTES. */
void sw_udp_emit(const struct sw_udp *udp, uint8_t *to);

#endif
