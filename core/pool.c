/* The pool: memory of frames and blocks, kept in free lists, last in, first out, so that what is
 * taken next is still in the cache. Frames are carved from slabs, one at a time; their free list is
 * a stack of pointers, so a frame that is given back is not touched again. Blocks come one by one
 * from the C library.
 *
 * What is held is counted by the frame and the block against the limit (a slab that is not
 * carved to its end holds at most 16 KiB more). At the limit, what lies in free lists goes back
 * to the C library before a request is refused. */
#include <stdlib.h>

#include "core/frame.h"

#define FRAME_BYTES sizeof(struct sw_frame)
#define SLAB_BYTES 16384 /* also its alignment: a frame's slab is found by its address */
#define SLAB_FRAMES (SLAB_BYTES / FRAME_BYTES - 1)

_Static_assert(sizeof(struct sw_frame) == 256, "a frame is four cache lines");
_Static_assert(offsetof(struct sw_frame, store) == 64, "what a lane reads is one cache line");

/* Lies where the first frame of a slab would. */
struct slab {
    struct slab *next;
    unsigned carved; /* frames made of it so far: the first ones */
    unsigned free;   /* for release_slabs() alone */
};

struct sw_pool {
    /* What each new frame touches comes first. */
    struct sw_frame **spare; /* a stack of free frames with room for all frames that there are */
    size_t spares;
    uint64_t live_bytes, peak_bytes;
    uint64_t frames; /* carved, live or spare */
    uint64_t limit_bytes, held_bytes;
    uint64_t live_blocks, refused;
    struct sw_block *spare_block[SW_BLOCK_CLASSES];
    struct slab *slabs; /* the first may have frames to carve */
    size_t spare_cap;
    uint64_t scanned_live; /* live frames when the slabs were last searched in vain */
    bool scanned;
};

static const uint32_t block_caps[SW_BLOCK_CLASSES] = {2048, 16384, 65536};

static uint64_t block_bytes(unsigned size)
{
    return sizeof(struct sw_block) + block_caps[size];
}

struct sw_pool *sw_pool_new(size_t limit_bytes)
{
    struct sw_pool *pool = calloc(1, sizeof *pool);
    if (pool != NULL) {
        pool->limit_bytes = limit_bytes;
    }
    return pool;
}

/* ---- giving memory back to the C library ---- */

static void release_blocks(struct sw_pool *pool)
{
    for (unsigned i = 0; i < SW_BLOCK_CLASSES; i++) {
        while (pool->spare_block[i] != NULL) {
            struct sw_block *block = pool->spare_block[i];
            pool->spare_block[i] = block->next_free;
            pool->held_bytes -= block_bytes(i);
            free(block);
        }
    }
}

static struct slab *slab_of(struct sw_frame *frame)
{
    return (struct slab *)(void *)((char *)frame - (uintptr_t)frame % SLAB_BYTES);
}

/* Releases the slabs none of whose frames is live. Walks all spare frames, so after a search in
 * vain there is no other before as many frames have come or gone as a slab has. */
static void release_slabs(struct sw_pool *pool)
{
    uint64_t live = pool->frames - pool->spares;
    uint64_t change =
        live > pool->scanned_live ? live - pool->scanned_live : pool->scanned_live - live;
    if (pool->spares == 0 || (pool->scanned && change < SLAB_FRAMES)) {
        return;
    }
    for (size_t i = 0; i < pool->spares; i++) {
        slab_of(pool->spare[i])->free++;
    }
    size_t kept = 0;
    for (size_t i = 0; i < pool->spares; i++) {
        struct slab *slab = slab_of(pool->spare[i]);
        if (slab->free < slab->carved) {
            pool->spare[kept++] = pool->spare[i];
        }
    }
    pool->scanned = kept == pool->spares;
    pool->scanned_live = live;
    pool->spares = kept;
    struct slab **link = &pool->slabs;
    while (*link != NULL) {
        struct slab *slab = *link;
        if (slab->free == slab->carved) {
            *link = slab->next;
            pool->frames -= slab->carved;
            pool->held_bytes -= slab->carved * FRAME_BYTES;
            free(slab);
        } else {
            slab->free = 0;
            link = &slab->next;
        }
    }
}

void sw_pool_free(struct sw_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    assert(pool->spares == pool->frames && pool->live_blocks == 0);
    release_blocks(pool);
    while (pool->slabs != NULL) {
        struct slab *slab = pool->slabs;
        pool->slabs = slab->next;
        free(slab);
    }
    free(pool->spare);
    free(pool);
}

bool sw_pool_is_half_full(const struct sw_pool *pool)
{
    return pool->live_bytes > pool->limit_bytes / 2;
}

void sw_pool_stats(const struct sw_pool *pool, struct sw_pool_stats *out)
{
    *out = (struct sw_pool_stats){.live_frames = pool->frames - pool->spares,
                                  .live_blocks = pool->live_blocks,
                                  .live_bytes = pool->live_bytes,
                                  .peak_bytes = pool->peak_bytes,
                                  .held_bytes = pool->held_bytes,
                                  .refused = pool->refused};
}

/* Is there room for n bytes more under the limit? Empties the free lists before it says no. */
static bool may_hold(struct sw_pool *pool, uint64_t n)
{
    if (pool->limit_bytes >= n && pool->held_bytes <= pool->limit_bytes - n) {
        return true;
    }
    release_blocks(pool);
    if (pool->limit_bytes >= n && pool->held_bytes > pool->limit_bytes - n) {
        release_slabs(pool);
    }
    return pool->limit_bytes >= n && pool->held_bytes <= pool->limit_bytes - n;
}

static inline void count_live(struct sw_pool *pool, uint64_t bytes)
{
    pool->live_bytes += bytes;
    if (pool->live_bytes > pool->peak_bytes) {
        pool->peak_bytes = pool->live_bytes;
    }
}

/* ---- frames ---- */

static bool add_slab(struct sw_pool *pool)
{
    if (pool->frames + SLAB_FRAMES > pool->spare_cap) {
        size_t cap = pool->spare_cap == 0 ? SLAB_FRAMES : pool->spare_cap * 2;
        struct sw_frame **spare = realloc(pool->spare, cap * sizeof *spare);
        if (spare == NULL) {
            return false;
        }
        pool->spare = spare;
        pool->spare_cap = cap;
    }
    struct slab *slab = aligned_alloc(SLAB_BYTES, SLAB_BYTES);
    if (slab == NULL) {
        return false;
    }
    *slab = (struct slab){.next = pool->slabs};
    pool->slabs = slab;
    return true;
}

/* Makes one more frame and lays it on the stack of spare ones. */
static bool carve(struct sw_pool *pool)
{
    if (!may_hold(pool, FRAME_BYTES)) {
        return false;
    }
    if ((pool->slabs == NULL || pool->slabs->carved == SLAB_FRAMES) && !add_slab(pool)) {
        return false;
    }
    struct slab *slab = pool->slabs;
    slab->carved++;
    struct sw_frame *frame = (void *)((char *)slab + slab->carved * FRAME_BYTES);
    frame->pool = pool;
    pool->frames++;
    pool->held_bytes += FRAME_BYTES;
    pool->spare[pool->spares++] = frame;
    return true;
}

struct sw_frame *sw_frame_new(struct sw_pool *pool)
{
    if (pool->spares == 0 && !carve(pool)) {
        pool->refused++;
        return NULL;
    }
    struct sw_frame *frame = pool->spare[--pool->spares];
    count_live(pool, FRAME_BYTES);
    frame->refs = 1;
    frame->len = 0;
    frame->head_off = SW_HEAD_ROOM;
    frame->head_len = 0;
    frame->csum_start = 0;
    frame->csum_offset = 0;
    frame->csum = SW_CSUM_CHECKED;
    frame->slices = 0;
    frame->tag = 0;
    return frame;
}

void sw_frame_release(struct sw_frame *frame)
{
    struct sw_pool *pool = frame->pool;
    for (unsigned i = 0; i < frame->slices; i++) {
        sw_block_drop(frame->slice[i].block);
    }
    pool->live_bytes -= FRAME_BYTES;
    pool->spare[pool->spares++] = frame;
}

/* ---- blocks ---- */

struct sw_block *sw_block_new(struct sw_pool *pool, enum sw_block_class class)
{
    struct sw_block *block = pool->spare_block[class];
    if (block != NULL) {
        pool->spare_block[class] = block->next_free;
    } else {
        size_t bytes = (size_t)block_bytes(class);
        block = may_hold(pool, bytes) ? aligned_alloc(64, bytes) : NULL;
        if (block == NULL) {
            pool->refused++;
            return NULL;
        }
        pool->held_bytes += bytes;
        block->pool = pool;
        block->cap = block_caps[class];
        block->class = (uint8_t) class;
    }
    pool->live_blocks++;
    count_live(pool, block_bytes(class));
    block->next_free = NULL;
    block->refs = 1;
    block->used = 0;
    return block;
}

void sw_block_release(struct sw_block *block)
{
    struct sw_pool *pool = block->pool;
    pool->live_blocks--;
    pool->live_bytes -= block_bytes(block->class);
    block->next_free = pool->spare_block[block->class];
    pool->spare_block[block->class] = block;
}
