/* Parts of frames: see piece.h. */
#include "stack/piece.h"

#include <assert.h>
#include <string.h>

void sw_piece_strip(struct sw_frame *frame, unsigned n)
{
    assert(frame->refs == 1 && n <= frame->head_len);
    frame->head_off = (uint16_t)(frame->head_off + n);
    frame->head_len = (uint16_t)(frame->head_len - n);
    frame->csum_start = (uint16_t)(frame->csum_start - n);
    frame->len -= n;
}

void sw_piece_cut(struct sw_frame *frame, uint32_t len)
{
    assert(frame->refs == 1 && len <= frame->len);
    uint32_t extra = frame->len - len;
    frame->len = len;
    while (extra > 0 && frame->slices > 0) {
        struct sw_slice *last = &frame->slice[frame->slices - 1];
        if (last->len > extra) {
            last->len -= extra;
            return;
        }
        extra -= last->len;
        sw_block_drop(last->block);
        frame->slices--;
    }
    frame->head_len = (uint16_t)(frame->head_len - extra);
}

void sw_piece_share(struct sw_frame *to, const struct sw_frame *from, size_t off, size_t len)
{
    assert(off <= from->len && len <= from->len - off);
    while (len > 0) {
        size_t run = 0;
        const struct sw_slice *in = NULL;
        const uint8_t *bytes = sw_frame_span(from, off, &run, &in);
        run = run < len ? run : len;
        if (in == NULL) {
            memcpy(sw_frame_append(to, (unsigned)run), bytes, run);
        } else {
            sw_frame_add_slice(to, in->block, (uint32_t)(bytes - in->block->bytes), (uint32_t)run);
        }
        off += run;
        len -= run;
    }
}

enum sw_block_class sw_piece_class(size_t n)
{
    assert(n <= 65536);
    if (n <= 2048) {
        return SW_BLOCK_2K;
    }
    return n <= 16384 ? SW_BLOCK_16K : SW_BLOCK_64K;
}
