/* The TCP header and its options (RFC 9293 3.1 and 3.2, RFC 7323 2.2 and 3.2, RFC 2018 2). Pure. */
#ifndef SW_STACK_WIRE_TCP_H
#define SW_STACK_WIRE_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/drop.h"

#define SW_TCP_BYTES 20     /* of a header without options */
#define SW_TCP_MAX_BYTES 60 /* of the longest header */
#define SW_TCP_CHECKSUM_OFFSET 16
#define SW_TCP_SACK_BYTES(blocks) (4u + 8u * (blocks)) /* of that option, with what aligns it */
#define SW_TCP_TIMESTAMP_BYTES 12 /* of the timestamp option, with what aligns it */
#define SW_TCP_USER_TIMEOUT_BYTES 4
#define SW_TCP_SACK_BLOCKS 4 /* that the longest header holds */
#define SW_TCP_WSCALE_MAX 14 /* RFC 7323 2.3: a larger shift counts as this one */

enum {
    SW_TCP_FIN = 1,
    SW_TCP_SYN = 2,
    SW_TCP_RST = 4,
    SW_TCP_PSH = 8,
    SW_TCP_ACK = 16,
    SW_TCP_URG = 32,
    SW_TCP_ECE = 64,
    SW_TCP_CWR = 128,
};

/* Which options a header has. */
enum {
    SW_TCP_HAS_MSS = 1,
    SW_TCP_HAS_WSCALE = 2,
    SW_TCP_HAS_TIMESTAMP = 4,
    SW_TCP_HAS_SACK_PERMITTED = 8,
    SW_TCP_HAS_SACK = 16,
    SW_TCP_HAS_USER_TIMEOUT = 32,
};

/* The numbers from start on, up to and without end. */
struct sw_tcp_block {
    uint32_t start, end;
};

/* All numbers in host order; an option's value means something only where `has` says so. */
struct sw_tcp_header {
    uint16_t src_port, dst_port;
    uint32_t seq, ack;
    uint8_t header_bytes; /* 20..60; set by parse */
    uint8_t flags;
    uint16_t window; /* as on the wire, not scaled */
    uint16_t urgent;
    uint8_t has;
    uint8_t wscale;     /* at most SW_TCP_WSCALE_MAX */
    uint8_t sack_count; /* 1..SW_TCP_SACK_BLOCKS, with a timestamp one less; parse: as they stand */
    uint16_t mss;
    uint16_t user_timeout; /* RFC 5482 3.3: 15 bits, of minutes if the 16th is set, else seconds */
    uint32_t ts_val, ts_ecr;
    struct sw_tcp_block sack[SW_TCP_SACK_BLOCKS];
};

/* How long the header is that begins at `bytes`, of which at least SW_TCP_BYTES are there: what its
 * data offset says, unchecked. */
static inline unsigned sw_tcp_header_bytes(const uint8_t *bytes)
{
    return (bytes[12] >> 4) * 4u;
}

/* Reads header and options. have: how many bytes lie in a row at `bytes`; packet_bytes: how many
 * the IP packet has for TCP. False, with *why TCP_SHORT (no whole fixed header), TCP_OFFSET (a data
 * offset under 5, or beyond what is there) or TCP_OPTIONS (an option with a length that cannot be:
 * RFC 9293 3.1, MUST-7). Options of another kind are passed over (MUST-6), and so are those of a
 * known kind with a length that is not theirs; what follows an end-of-list is not looked at. */
bool sw_tcp_parse(struct sw_tcp_header *out, const uint8_t *bytes, size_t have, size_t packet_bytes,
                  enum sw_drop *why);
/* How many bytes sw_tcp_emit() writes: a multiple of 4. Options stand in Linux's order. */
unsigned sw_tcp_emit_bytes(const struct sw_tcp_header *header);
/* Writes header and options with a checksum of 0 and returns how many bytes that took. `to` holds
 * SW_TCP_MAX_BYTES. */
unsigned sw_tcp_emit(const struct sw_tcp_header *header, uint8_t *to);

#endif
