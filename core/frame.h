/* Frames, the blocks that hold payload, and the pool both come from.
 *
 * A frame is one Ethernet frame: a head (contiguous headers, L2 to L4, with headroom before them)
 * and up to two slices of payload that lie in shared blocks. Sending gives a frame away, and from
 * then on it is read-only; whoever receives one owns that reference. Bytes are copied when they
 * enter the process and when they leave it.
 *
 * Checksums of layer 4 have three states. PARTIAL is virtio's: the field at csum_start +
 * csum_offset holds the folded, not inverted, sum of the pseudo-header, the rest is to be added;
 * frames made in this process are always so, are taken as right by a receiver inside, and are
 * finished where they leave. (So "absent and trusted" and "partial" are one state.) UNCHECKED has a
 * checksum that came from outside: verified where it comes in. CHECKED has one that is right, or
 * none to compute. Fragmenting, quoting in an ICMP error and corrupting finish it first. The IPv4
 * header's own checksum is always in place.
 *
 * A pool belongs to one clock and its thread: counts are plain increments. */
#ifndef SW_CORE_FRAME_H
#define SW_CORE_FRAME_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SW_HEAD_ROOM 64          /* bytes before a head made by sw_frame_new() */
#define SW_HEAD_BYTES 192        /* headroom and head together */
#define SW_ETH_MIN_BYTES 60      /* of a frame on a real Ethernet, without check sequence */
#define SW_FRAME_MAX_BYTES 65550 /* an IP packet of 65,535 bytes and an Ethernet header */

enum sw_csum { SW_CSUM_CHECKED, SW_CSUM_PARTIAL, SW_CSUM_UNCHECKED };

enum sw_block_class { SW_BLOCK_2K, SW_BLOCK_16K, SW_BLOCK_64K, SW_BLOCK_CLASSES };

struct sw_pool;

/* Payload. Bytes that a frame or a queue refers to are never written again. */
struct sw_block {
    struct sw_pool *pool;
    struct sw_block *next_free;
    uint32_t refs;
    uint32_t cap;  /* 2048, 16384 or 65536 */
    uint32_t used; /* how far its writer has come; for the writer alone */
    uint8_t class; /* enum sw_block_class */
    _Alignas(64) uint8_t bytes[];
};

/* len bytes of a block from off on. Holds a reference where its holder's comment says so. */
struct sw_slice {
    struct sw_block *block;
    uint32_t off;
    uint32_t len;
};

struct sw_frame {
    struct sw_pool *pool;
    uint32_t refs;
    uint32_t len;      /* head and slices */
    uint16_t head_off; /* where the head begins in store */
    uint16_t head_len;
    uint16_t csum_start; /* PARTIAL: where the sum begins, from the frame's first byte */
    uint16_t
        csum_offset; /* PARTIAL: where the field lies, from csum_start; always inside the head */
    uint8_t csum;    /* enum sw_csum */
    uint8_t slices;  /* 0..2; each holds a reference to its block */
    uint16_t tag;    /* free for the frame's maker until it is sent; 0 otherwise */
    struct sw_slice slice[2];
    uint8_t store[SW_HEAD_BYTES];
};

struct sw_pool_stats {
    uint64_t live_frames, live_blocks; /* both 0 at the end of every test */
    uint64_t live_bytes, peak_bytes;   /* of frames and blocks in use */
    uint64_t held_bytes;               /* in use or kept in free lists */
    uint64_t refused;                  /* requests over the limit */
};

/* limit_bytes bounds what is in use and kept together. NULL: out of memory. */
struct sw_pool *sw_pool_new(size_t limit_bytes);
void sw_pool_free(struct sw_pool *pool); /* nothing may be live: asserted */
void sw_pool_stats(const struct sw_pool *pool, struct sw_pool_stats *out);
/* More than half of the limit is in use: who could do with less should. */
bool sw_pool_is_half_full(const struct sw_pool *pool);

/* An empty block with one reference, the caller's; last in, first out. NULL: over the limit. */
struct sw_block *sw_block_new(struct sw_pool *pool, enum sw_block_class class);
void sw_block_release(
    struct sw_block *block); /* its last reference is gone: for sw_block_drop() alone */

static inline struct sw_block *sw_block_ref(struct sw_block *block)
{
    block->refs++;
    return block;
}

static inline void sw_block_drop(struct sw_block *block)
{
    assert(block->refs > 0);
    if (--block->refs == 0) {
        sw_block_release(block);
    }
}

/* An empty frame with one reference, the caller's; its head is empty, with SW_HEAD_ROOM bytes
 * before it. NULL: over the limit. */
struct sw_frame *sw_frame_new(struct sw_pool *pool);
/* A frame of bytes that come from outside, copied. The first head_len bytes (at most
 * SW_HEAD_BYTES - 32) become the head, the rest lies in one or two blocks; a frame of at most
 * SW_HEAD_BYTES - 32 bytes lies in its head whole. csum is UNCHECKED. len at most
 * SW_FRAME_MAX_BYTES: asserted. NULL: over the limit. */
struct sw_frame *sw_frame_from_bytes(struct sw_pool *pool, const uint8_t *bytes, size_t len,
                                     size_t head_len);
void sw_frame_release(
    struct sw_frame *frame); /* its last reference is gone: for sw_frame_drop() alone */

static inline struct sw_frame *sw_frame_ref(struct sw_frame *frame)
{
    frame->refs++;
    return frame;
}

static inline void sw_frame_drop(struct sw_frame *frame)
{
    assert(frame->refs > 0);
    if (--frame->refs == 0) {
        sw_frame_release(frame);
    }
}

static inline const uint8_t *sw_frame_head(const struct sw_frame *frame)
{
    return frame->store + frame->head_off;
}

/* Before it is sent: room for n bytes in front of the head (there must be headroom: asserted),
 * and behind it. The bytes are not cleared. */
static inline uint8_t *sw_frame_prepend(struct sw_frame *frame, unsigned n)
{
    assert(frame->head_off >= n);
    frame->head_off = (uint16_t)(frame->head_off - n);
    frame->head_len = (uint16_t)(frame->head_len + n);
    frame->csum_start = (uint16_t)(frame->csum_start + n);
    frame->len += n;
    return frame->store + frame->head_off;
}

static inline uint8_t *sw_frame_append(struct sw_frame *frame, unsigned n)
{
    assert(frame->head_off + frame->head_len + n <= SW_HEAD_BYTES && frame->slices == 0);
    uint8_t *at = frame->store + frame->head_off + frame->head_len;
    frame->head_len = (uint16_t)(frame->head_len + n);
    frame->len += n;
    return at;
}

/* Before it is sent: adds len > 0 bytes of a block, by reference (taken here). Adjacent bytes of
 * one block join. At most two slices: asserted. */
void sw_frame_add_slice(struct sw_frame *frame, struct sw_block *block, uint32_t off, uint32_t len);

/* The longest contiguous run from `off` (at most frame->len) on: its bytes and, in *n, its
 * length (0 at the end). If the run lies in a slice, *in is that slice, else NULL. in may be
 * NULL. */
const uint8_t *sw_frame_span(const struct sw_frame *frame, size_t off, size_t *n,
                             const struct sw_slice **in);
/* Copies n bytes from `off` on as they lie (a partial checksum unfinished); the range lies
 * inside the frame: asserted. */
void sw_frame_read(const struct sw_frame *frame, size_t off, uint8_t *to, size_t n);
/* Copies the whole frame out, its checksum finished; `to` holds frame->len bytes. */
void sw_frame_copy_out(const struct sw_frame *frame, uint8_t *to);
/* The checksum that belongs into a PARTIAL frame's field. */
uint16_t sw_frame_checksum(const struct sw_frame *frame);

/* The one's-complement sum of n bytes from `off` on. */
uint64_t sw_frame_sum(const struct sw_frame *frame, size_t off, size_t n);

/* A frame whose head may be written: `frame` itself (given) if this is its only reference, else
 * a new one with its own head over the same slices. NULL: over the limit (frame is dropped
 * then). */
struct sw_frame *sw_frame_own(struct sw_frame *frame);
/* Finishes a PARTIAL checksum of a frame that may be written (sw_frame_own); afterwards it is
 * CHECKED. */
void sw_frame_finish(struct sw_frame *frame);

#endif
