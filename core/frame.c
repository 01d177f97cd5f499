/* Frames: what may be read of them, across head and slices, and their checksums. Their memory is
 * core/pool.c's. */
#include "core/frame.h"

#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"

#define HEAD_MOST (SW_HEAD_BYTES - 32) /* of a frame that comes from outside */

/* memcpy() of a head, in sixteens, the last of which overlaps: for so few bytes what a compiler
 * puts there takes longer to begin than to copy. */
static void copy_head(uint8_t *to, const uint8_t *from, size_t n)
{
    if (n < 16) {
        memcpy(to, from, n);
        return;
    }
    for (size_t at = 0; at + 16 < n; at += 16) {
        memcpy(to + at, from + at, 16);
    }
    memcpy(to + n - 16, from + n - 16, 16);
}

/* Copies len bytes into a new block that becomes the frame's next slice. */
static bool add_copy(struct sw_frame *frame, const uint8_t *bytes, size_t len)
{
    enum sw_block_class class = len <= 2048    ? SW_BLOCK_2K
                                : len <= 16384 ? SW_BLOCK_16K
                                               : SW_BLOCK_64K;
    struct sw_block *block = sw_block_new(frame->pool, class);
    if (block == NULL) {
        return false;
    }
    assert(len <= block->cap);
    memcpy(block->bytes, bytes, len);
    block->used = (uint32_t)len;
    sw_frame_add_slice(frame, block, 0, (uint32_t)len);
    sw_block_drop(block);
    return true;
}

struct sw_frame *sw_frame_from_bytes(struct sw_pool *pool, const uint8_t *bytes, size_t len,
                                     size_t head_len)
{
    assert(len <= SW_FRAME_MAX_BYTES && head_len <= HEAD_MOST);
    struct sw_frame *frame = sw_frame_new(pool);
    if (frame == NULL) {
        return NULL;
    }
    if (len <= HEAD_MOST) {
        head_len = len;
    }
    if (head_len > SW_HEAD_BYTES - SW_HEAD_ROOM) {
        frame->head_off = SW_HEAD_BYTES - HEAD_MOST;
    }
    if (head_len > 0) {
        copy_head(sw_frame_append(frame, (unsigned)head_len), bytes, head_len);
    }
    frame->csum = SW_CSUM_UNCHECKED;
    for (size_t at = head_len; at < len;) {
        size_t n = len - at < 65536 ? len - at : 65536;
        if (!add_copy(frame, bytes + at, n)) {
            sw_frame_drop(frame);
            return NULL;
        }
        at += n;
    }
    return frame;
}

void sw_frame_add_slice(struct sw_frame *frame, struct sw_block *block, uint32_t off, uint32_t len)
{
    assert(len > 0 && off <= block->cap && len <= block->cap - off);
    frame->len += len;
    if (frame->slices > 0) {
        struct sw_slice *last = &frame->slice[frame->slices - 1];
        if (last->block == block && last->off + last->len == off) {
            last->len += len;
            return;
        }
    }
    assert(frame->slices < 2);
    frame->slice[frame->slices++] =
        (struct sw_slice){.block = sw_block_ref(block), .off = off, .len = len};
}

const uint8_t *sw_frame_span(const struct sw_frame *frame, size_t off, size_t *n,
                             const struct sw_slice **in)
{
    assert(off <= frame->len);
    if (in != NULL) {
        *in = NULL;
    }
    if (off < frame->head_len) {
        *n = frame->head_len - off;
        return sw_frame_head(frame) + off;
    }
    off -= frame->head_len;
    for (unsigned i = 0; i < frame->slices; i++) {
        const struct sw_slice *slice = &frame->slice[i];
        if (off < slice->len) {
            if (in != NULL) {
                *in = slice;
            }
            *n = slice->len - off;
            return slice->block->bytes + slice->off + off;
        }
        off -= slice->len;
    }
    *n = 0;
    return sw_frame_head(frame) + frame->head_len;
}

void sw_frame_read(const struct sw_frame *frame, size_t off, uint8_t *to, size_t n)
{
    assert(off <= frame->len && n <= frame->len - off);
    while (n > 0) {
        size_t run = 0;
        const uint8_t *from = sw_frame_span(frame, off, &run, NULL);
        run = run < n ? run : n;
        memcpy(to, from, run);
        to += run;
        off += run;
        n -= run;
    }
}

void sw_frame_copy_out(const struct sw_frame *frame, uint8_t *to)
{
    sw_frame_read(frame, 0, to, frame->len);
    if (frame->csum == SW_CSUM_PARTIAL) {
        sw_put16(to + frame->csum_start + frame->csum_offset, sw_frame_checksum(frame));
    }
}

uint64_t sw_frame_sum(const struct sw_frame *frame, size_t off, size_t n)
{
    assert(off <= frame->len && n <= frame->len - off);
    uint64_t sum = 0;
    bool odd = false;
    while (n > 0) {
        size_t run = 0;
        const uint8_t *from = sw_frame_span(frame, off, &run, NULL);
        run = run < n ? run : n;
        sum = odd ? sw_sum_add_odd(sum, from, run) : sw_sum_add(sum, from, run);
        odd ^= run & 1;
        off += run;
        n -= run;
    }
    return sum;
}

/* A sum of 0 is written as 0xffff: in UDP 0 means that there is no checksum (RFC 768), and in
 * TCP both are the same number. */
uint16_t sw_frame_checksum(const struct sw_frame *frame)
{
    assert(frame->csum == SW_CSUM_PARTIAL && frame->csum_start <= frame->len);
    uint64_t sum = sw_frame_sum(frame, frame->csum_start, frame->len - frame->csum_start);
    uint16_t checksum = (uint16_t)~sw_sum_fold(sum);
    return checksum == 0 ? 0xffff : checksum;
}

struct sw_frame *sw_frame_own(struct sw_frame *frame)
{
    if (frame->refs == 1) {
        return frame;
    }
    struct sw_frame *copy = sw_frame_new(frame->pool);
    if (copy != NULL) {
        copy->len = frame->len;
        copy->head_off = frame->head_off;
        copy->head_len = frame->head_len;
        copy->csum_start = frame->csum_start;
        copy->csum_offset = frame->csum_offset;
        copy->csum = frame->csum;
        copy->tag = frame->tag;
        memcpy(copy->store + copy->head_off, sw_frame_head(frame), frame->head_len);
        for (unsigned i = 0; i < frame->slices; i++) {
            sw_block_ref(frame->slice[i].block);
            copy->slice[i] = frame->slice[i];
        }
        copy->slices = frame->slices;
    }
    sw_frame_drop(frame);
    return copy;
}

void sw_frame_finish(struct sw_frame *frame)
{
    assert(frame->refs == 1);
    if (frame->csum != SW_CSUM_PARTIAL) {
        return;
    }
    unsigned at = (unsigned)frame->csum_start + frame->csum_offset;
    assert(at + 2 <= frame->head_len);
    sw_put16(frame->store + frame->head_off + at, sw_frame_checksum(frame));
    frame->csum = SW_CSUM_CHECKED;
}
