/* The bytes of a connection, on their way out and in. Neither knows of sequence numbers or of the
 * wire. Pure.
 *
 * The send queue owns its bytes: blocks of 16 KiB, written once, each full but the last. A byte's
 * block follows from its place by arithmetic, so a segment's slices are found in constant time, and
 * a segment of at most a block's length needs at most two.
 *
 * The receive queue holds text by reference where it lies: entries of consecutive bytes of one
 * block, to which what comes next joins if it lies next. What it pins is bounded: small text is
 * copied into an arena of 2 KiB blocks, and so is what uses less than half of the block that it
 * lies in, once another block follows it. So the memory that a queue holds back never exceeds twice
 * its bytes and one block of those it refers to. */
#ifndef SW_STACK_TCP_QUEUE_H
#define SW_STACK_TCP_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/frame.h"

#define SW_SENDQ_BLOCK_BYTES 16384u
#define SW_SENDQ_INLINE 1 /* blocks of a queue that needs no table of its own */
#define SW_RECVQ_INLINE 1
#define SW_RECVQ_SMALL_BYTES 512u /* text shorter than this is copied */

struct sw_tcp_sendq {
    struct sw_block **ring; /* count blocks from head on, modulo cap (a power of two) */
    uint32_t cap, head, count;
    uint32_t first_off; /* where the queue begins in its first block */
    uint32_t bytes;     /* in the queue */
    bool reserved;      /* room in the last block is lent to a writer */
    struct sw_block *few[SW_SENDQ_INLINE];
};

void sw_tcp_sendq_init(struct sw_tcp_sendq *q);
void sw_tcp_sendq_fini(struct sw_tcp_sendq *q); /* the queue is empty afterwards, and usable */
/* Copies up to n bytes in; returns how many, fewer only without memory. */
size_t sw_tcp_sendq_write(struct sw_tcp_sendq *q, struct sw_pool *pool, const uint8_t *bytes,
                          size_t n);
/* Room in a row at the end, at least 1 byte, *n of it, where the next bytes are to be written; NULL
 * without memory. */
uint8_t *sw_tcp_sendq_reserve(struct sw_tcp_sendq *q, struct sw_pool *pool, size_t *n);
/* The first n of the bytes that were reserved last join the queue. */
void sw_tcp_sendq_commit(struct sw_tcp_sendq *q, size_t n);
/* Drops n bytes, at most what there is, off the front. */
void sw_tcp_sendq_drop(struct sw_tcp_sendq *q, uint32_t n);
/* Adds len bytes from `off` on to a frame, by reference. 0 < len <= SW_SENDQ_BLOCK_BYTES, inside
 * the queue: asserted. */
void sw_tcp_sendq_slice(const struct sw_tcp_sendq *q, uint32_t off, uint32_t len,
                        struct sw_frame *frame);

struct sw_recvq_entry {
    struct sw_block *block; /* a reference */
    uint32_t off, len;
    uint32_t pins; /* what it counts in q->pinned: twice its length if copied, or the block's */
    bool copied;   /* lies in an arena */
};

struct sw_tcp_recvq {
    struct sw_recvq_entry *ring; /* count entries from head on, modulo cap (a power of two) */
    uint32_t cap, head, count;
    uint32_t bytes;         /* in the queue */
    uint32_t pinned;        /* memory held back, arenas counted by twice their use */
    struct sw_block *arena; /* where small text is copied: a reference, or NULL */
    struct sw_recvq_entry few[SW_RECVQ_INLINE];
};

void sw_tcp_recvq_init(struct sw_tcp_recvq *q);
void sw_tcp_recvq_fini(struct sw_tcp_recvq *q); /* the queue is empty afterwards, and usable */
/* Appends len > 0 bytes of a frame from `off` on. False without memory: then nothing of it is
 * there. */
bool sw_tcp_recvq_push_frame(struct sw_tcp_recvq *q, const struct sw_frame *frame, size_t off,
                             uint32_t len);
/* Appends len > 0 bytes of a block, by reference or copied. */
bool sw_tcp_recvq_push_slice(struct sw_tcp_recvq *q, struct sw_block *block, uint32_t off,
                             uint32_t len);
/* The first bytes in a row, *n of them; NULL when empty. */
const uint8_t *sw_tcp_recvq_peek(const struct sw_tcp_recvq *q, size_t *n);
/* Takes n bytes, at most what there is, off the front. */
void sw_tcp_recvq_consume(struct sw_tcp_recvq *q, uint32_t n);
/* The byte at off, which is less than the queue's bytes; it stays. */
uint8_t sw_tcp_recvq_byte(const struct sw_tcp_recvq *q, uint32_t off);
/* Copies up to n bytes out and takes them off; returns how many. */
size_t sw_tcp_recvq_read(struct sw_tcp_recvq *q, uint8_t *to, size_t n);

#endif
