/* The ICMP header (RFC 792). Pure. */
#ifndef SW_STACK_WIRE_ICMP_H
#define SW_STACK_WIRE_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/drop.h"

#define SW_ICMP_BYTES 8
#define SW_ICMP_CHECKSUM_OFFSET 2

#define SW_ICMP_ECHO_REPLY 0
#define SW_ICMP_UNREACHABLE 3
#define SW_ICMP_ECHO 8
#define SW_ICMP_TIME_EXCEEDED 11
#define SW_ICMP_PARAMETER 12

/* Codes of SW_ICMP_UNREACHABLE (RFC 792, RFC 1122 3.2.2.1). */
#define SW_ICMP_NET 0
#define SW_ICMP_HOST 1
#define SW_ICMP_PROTOCOL 2
#define SW_ICMP_PORT 3
#define SW_ICMP_FRAGMENTATION 4
#define SW_ICMP_SOURCE_ROUTE 5
/* Codes of SW_ICMP_TIME_EXCEEDED. */
#define SW_ICMP_TTL 0
#define SW_ICMP_REASSEMBLY 1

/* The second word is id and sequence of an echo, and in a fragmentation-needed the next hop's MTU
 * is its lower half (RFC 1191 4): the same 16 bits as the sequence. */
struct sw_icmp {
    uint8_t type, code;
    uint16_t checksum;
    uint16_t id, sequence;
};

/* Reads the header of a message of n bytes. False, with *why ICMP_SHORT. Whether the type means
 * anything, and whether the checksum is right, is the reader's question. */
bool sw_icmp_parse(struct sw_icmp *out, const uint8_t *bytes, size_t n, enum sw_drop *why);
/* Writes SW_ICMP_BYTES, the checksum as it stands in icmp. */
void sw_icmp_emit(const struct sw_icmp *icmp, uint8_t *to);

#endif
