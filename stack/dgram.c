/* A queue of received datagrams: see dgram.h. */
#include "stack/dgram.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "stack/piece.h"

#define RING_MIN 8
#define COPIES SW_BLOCK_16K
#define COPIES_BYTES 16384

static bool grow(struct sw_dgram_queue *q)
{
    uint32_t cap = q->cap == 0 ? RING_MIN : q->cap * 2;
    struct sw_dgram *ring = malloc(cap * sizeof *ring);
    if (ring == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < q->count; i++) {
        ring[i] = q->ring[(q->head + i) & (q->cap - 1)];
    }
    free(q->ring);
    q->ring = ring;
    q->cap = cap;
    q->head = 0;
    return true;
}

/* May the text stay where it lies? Only wholly in slices, and in blocks that it fills by half. */
static bool keep(struct sw_dgram *d, const struct sw_frame *frame, size_t off)
{
    if (off < frame->head_len) {
        return false;
    }
    uint64_t pinned = 0;
    uint32_t left = d->len;
    while (left > 0) {
        size_t run = 0;
        const struct sw_slice *in = NULL;
        const uint8_t *bytes = sw_frame_span(frame, off, &run, &in);
        uint32_t len = run < left ? (uint32_t)run : left;
        d->slice[d->slices++] = (struct sw_slice){
            .block = in->block, .off = (uint32_t)(bytes - in->block->bytes), .len = len};
        pinned += in->block->cap;
        off += len;
        left -= len;
    }
    if (pinned > 2 * (uint64_t)d->len) {
        d->slices = 0;
        return false;
    }
    for (unsigned i = 0; i < d->slices; i++) {
        sw_block_ref(d->slice[i].block);
    }
    return true;
}

/* A long text gets blocks of its own, at most two, of which it fills half or more. */
static bool copy_long(struct sw_dgram *d, const struct sw_frame *frame, size_t off)
{
    uint32_t left = d->len;
    while (left > 0) {
        bool two = left > COPIES_BYTES && left <= 2 * COPIES_BYTES;
        struct sw_block *block = sw_block_new(frame->pool, two ? COPIES : sw_piece_class(left));
        if (block == NULL) {
            break;
        }
        uint32_t len = left < block->cap ? left : block->cap;
        sw_frame_read(frame, off, block->bytes, len);
        block->used = len;
        d->slice[d->slices++] = (struct sw_slice){.block = block, .len = len};
        off += len;
        left -= len;
    }
    if (left > 0 && d->slices > 0) {
        sw_block_drop(d->slice[0].block);
    }
    return left == 0;
}

/* A short one lies behind what was copied last. */
static bool copy_short(struct sw_dgram_queue *q, struct sw_dgram *d, const struct sw_frame *frame,
                       size_t off)
{
    struct sw_block *block = q->copies;
    if (block == NULL || block->cap - block->used < d->len) {
        block = sw_block_new(frame->pool, COPIES);
        if (block == NULL) {
            return false;
        }
        block->used = 0;
        if (q->copies != NULL) {
            sw_block_drop(q->copies);
        }
        q->copies = block;
    }
    sw_frame_read(frame, off, block->bytes + block->used, d->len);
    d->slice[0] =
        (struct sw_slice){.block = sw_block_ref(block), .off = block->used, .len = d->len};
    d->slices = 1;
    block->used += d->len;
    return true;
}

static bool copy(struct sw_dgram_queue *q, struct sw_dgram *d, const struct sw_frame *frame,
                 size_t off)
{
    return d->len > COPIES_BYTES / 2 ? copy_long(d, frame, off) : copy_short(q, d, frame, off);
}

bool sw_dgram_push(struct sw_dgram_queue *q, const struct sw_frame *frame, size_t off, uint32_t len,
                   uint32_t from_ip, uint16_t from_port, uint32_t to_ip)
{
    struct sw_dgram d = {.from_ip = from_ip, .from_port = from_port, .to_ip = to_ip, .len = len};
    d.cost = len + SW_DGRAM_OVERHEAD;
    if (q->cost + d.cost > q->limit || (q->count == q->cap && !grow(q))) {
        return false;
    }
    if (len > 0 && !keep(&d, frame, off) && !copy(q, &d, frame, off)) {
        return false;
    }
    q->ring[(q->head + q->count) & (q->cap - 1)] = d;
    q->count++;
    q->bytes += len;
    q->cost += d.cost;
    return true;
}

const struct sw_dgram *sw_dgram_first(const struct sw_dgram_queue *q)
{
    return q->count == 0 ? NULL : &q->ring[q->head];
}

void sw_dgram_pop(struct sw_dgram_queue *q, void *bytes, size_t n)
{
    assert(q->count > 0);
    struct sw_dgram *d = &q->ring[q->head];
    uint8_t *to = bytes;
    for (unsigned i = 0; i < d->slices; i++) {
        size_t run = d->slice[i].len < n ? d->slice[i].len : n;
        if (run > 0) {
            memcpy(to, d->slice[i].block->bytes + d->slice[i].off, run);
            to += run;
            n -= run;
        }
        sw_block_drop(d->slice[i].block);
    }
    q->bytes -= d->len;
    q->cost -= d->cost;
    q->head = (q->head + 1) & (q->cap - 1);
    if (--q->count == 0 && q->copies != NULL) {
        sw_block_drop(q->copies); /* an empty queue pins nothing */
        q->copies = NULL;
    }
}

void sw_dgram_clear(struct sw_dgram_queue *q)
{
    while (q->count > 0) {
        sw_dgram_pop(q, NULL, 0);
    }
    if (q->copies != NULL) {
        sw_block_drop(q->copies);
        q->copies = NULL;
    }
    free(q->ring);
    q->ring = NULL;
    q->cap = q->head = 0;
}
