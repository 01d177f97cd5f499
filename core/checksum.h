/* The Internet checksum (RFC 1071), fast, over pieces of any length and parity. Pure.
 *
 * A sum is a running one's-complement sum that starts at 0; sw_sum_add() adds bytes that begin at
 * an even or odd offset of the whole; sw_sum_fold() ends it. Sums of parts may be added. */
#ifndef SW_CORE_CHECKSUM_H
#define SW_CORE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Adds n bytes that begin at an even offset. */
uint64_t sw_sum_add(uint64_t sum, const uint8_t *bytes, size_t n);
/* Adds n bytes that begin at an odd offset of what is summed. */
uint64_t sw_sum_add_odd(uint64_t sum, const uint8_t *bytes, size_t n);
/* The 16-bit one's-complement sum in host order, not inverted: 0xffff or 0 over bytes that include
 * their right checksum. */
uint16_t sw_sum_fold(uint64_t sum);
/* The sum of TCP's and UDP's IPv4 pseudo-header (RFC 9293 3.1, RFC 768), addresses in host order,
 * len: header and text. */
uint64_t sw_sum_pseudo_v4(uint32_t src, uint32_t dst, uint8_t protocol, uint32_t len);
/* The checksum of n bytes at an even offset, ready to be written with sw_put16(). */
uint16_t sw_checksum(const uint8_t *bytes, size_t n);
/* The checksum after a 16-bit word of what it covers changed from old to new (RFC 1624, eqn. 3). */
uint16_t sw_checksum_adjust(uint16_t checksum, uint16_t old, uint16_t new);

#endif
