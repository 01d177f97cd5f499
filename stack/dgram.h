/* A queue of received datagrams, bounded in bytes of memory. */
#ifndef SW_STACK_DGRAM_H
#define SW_STACK_DGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/frame.h"

#define SW_DGRAM_OVERHEAD                                                                          \
    64 /* bytes that each datagram counts besides its text, so that empty ones are bounded too */

/* One datagram; its text lies in at most two slices, to which it holds references. */
struct sw_dgram {
    uint32_t from_ip, to_ip;
    uint16_t from_port; /* ping: the sequence number */
    uint8_t slices;
    uint32_t len;
    uint32_t cost; /* bytes counted against the limit */
    struct sw_slice slice[2];
};

struct sw_dgram_queue {
    struct sw_dgram *ring; /* cap of them, a power of two; NULL until the first */
    uint32_t head, count, cap;
    uint32_t bytes;          /* text that waits */
    uint32_t cost;           /* what is counted */
    uint32_t limit;          /* of cost */
    struct sw_block *copies; /* where small datagrams are copied one after another; or NULL */
};

/* Appends the text frame[off, off+len). It is kept by reference if it lies in slices whose blocks
 * it fills by half or more, else copied: so what is pinned never exceeds twice the text, and one
 * block. False: over the limit, or no memory. */
bool sw_dgram_push(struct sw_dgram_queue *q, const struct sw_frame *frame, size_t off, uint32_t len,
                   uint32_t from_ip, uint16_t from_port, uint32_t to_ip);
/* The oldest; NULL: none. */
const struct sw_dgram *sw_dgram_first(const struct sw_dgram_queue *q);
/* Copies its first n bytes, or all if it has fewer, and takes it away. */
void sw_dgram_pop(struct sw_dgram_queue *q, void *bytes, size_t n);
void sw_dgram_clear(struct sw_dgram_queue *q);

#endif
