/* The pool of core/frame.h with an allocation for each frame and block, in place of core/pool.c: a
 * frame that is used after it was given back is then the address sanitizer's to see, and so is a
 * byte behind a head or a block. */
#include <stdlib.h>

#include "core/frame.h"

struct sw_pool {
    uint64_t limit_bytes;
    struct sw_pool_stats stats;
};

static const uint32_t block_caps[SW_BLOCK_CLASSES] = {2048, 16384, 65536};

struct sw_pool *sw_pool_new(size_t limit_bytes)
{
    struct sw_pool *pool = calloc(1, sizeof *pool);
    if (pool != NULL) {
        pool->limit_bytes = limit_bytes;
    }
    return pool;
}

void sw_pool_free(struct sw_pool *pool)
{
    assert(pool->stats.live_frames == 0 && pool->stats.live_blocks == 0);
    free(pool);
}

void sw_pool_stats(const struct sw_pool *pool, struct sw_pool_stats *out)
{
    *out = pool->stats;
}

bool sw_pool_is_half_full(const struct sw_pool *pool)
{
    return pool->stats.live_bytes > pool->limit_bytes / 2;
}

static void *take(struct sw_pool *pool, size_t bytes)
{
    struct sw_pool_stats *stats = &pool->stats;
    void *at = stats->live_bytes + bytes <= pool->limit_bytes ? aligned_alloc(64, bytes) : NULL;
    if (at == NULL) {
        stats->refused++;
        return NULL;
    }
    stats->live_bytes += bytes;
    stats->held_bytes = stats->live_bytes;
    stats->peak_bytes =
        stats->live_bytes > stats->peak_bytes ? stats->live_bytes : stats->peak_bytes;
    return at;
}

static void give(struct sw_pool *pool, void *at, size_t bytes)
{
    pool->stats.live_bytes -= bytes;
    pool->stats.held_bytes = pool->stats.live_bytes;
    free(at);
}

struct sw_frame *sw_frame_new(struct sw_pool *pool)
{
    struct sw_frame *frame = take(pool, sizeof *frame);
    if (frame == NULL) {
        return NULL;
    }
    pool->stats.live_frames++;
    frame->pool = pool;
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
    pool->stats.live_frames--;
    give(pool, frame, sizeof *frame);
}

struct sw_block *sw_block_new(struct sw_pool *pool, enum sw_block_class class)
{
    struct sw_block *block = take(pool, sizeof *block + block_caps[class]);
    if (block == NULL) {
        return NULL;
    }
    pool->stats.live_blocks++;
    block->pool = pool;
    block->next_free = NULL;
    block->refs = 1;
    block->cap = block_caps[class];
    block->used = 0;
    block->class = (uint8_t) class;
    return block;
}

void sw_block_release(struct sw_block *block)
{
    struct sw_pool *pool = block->pool;
    pool->stats.live_blocks--;
    give(pool, block, sizeof *block + block->cap);
}
