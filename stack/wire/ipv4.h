/* The IPv4 header (RFC 791 3.1) and its options. Pure. */
#ifndef SW_STACK_WIRE_IPV4_H
#define SW_STACK_WIRE_IPV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/drop.h"

#define SW_IPV4_BYTES 20     /* a header without options */
#define SW_IPV4_MAX_BYTES 60 /* with as many as there can be */

/* All numbers in host order. */
struct sw_ipv4 {
    uint8_t header_bytes; /* 20..60 */
    uint8_t tos, ttl, protocol;
    uint16_t total_bytes; /* header and text */
    uint16_t id;
    uint16_t offset_bytes; /* of a fragment's text in the whole: a multiple of 8 */
    bool df, more;
    uint32_t src, dst;
};

/* Reads the header of a packet. have: how many bytes lie in a row at `bytes`; packet_bytes: how
 * many the frame has from there on (more than the total length is padding). False, with *why:
 *   IP_SHORT, IP_VERSION, IP_HEADER_LENGTH (under 20, or beyond the packet), IP_TOTAL_LENGTH (less
 *   than the header or more than the frame has), IP_CHECKSUM (RFC 1122 3.2.1.2). */
bool sw_ipv4_parse(struct sw_ipv4 *out, const uint8_t *bytes, size_t have, size_t packet_bytes,
                   enum sw_drop *why);
/* Are the n bytes of options well formed, and is no source route among them? False, with *why
 * IP_OPTIONS or IP_SOURCE_ROUTE. What they mean otherwise does not matter (RFC 1122 3.2.1.8). */
bool sw_ipv4_options_ok(const uint8_t *options, size_t n, enum sw_drop *why);
/* Copies those of n bytes of well-formed options that belong into every fragment (RFC 791 3.1: the
 * copied flag), filled up with end-of-options to a multiple of 4. `to` holds 40 bytes. Returns how
 * many were written. */
size_t sw_ipv4_options_copied(const uint8_t *options, size_t n, uint8_t *to);
/* Writes 20 bytes, and the header checksum over them and the options, which must lie behind them
 * already (header_bytes - 20 of them). */
void sw_ipv4_emit(const struct sw_ipv4 *ip, uint8_t *to);

#endif
