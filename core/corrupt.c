/* Frames with a bit flipped (see corrupt.h). */
#include "core/corrupt.h"

#include <stdlib.h>

/* Holds Ethernet's header with two tags and the longest of IPv4's and TCP's: what is parsed lies in
 * the head, whatever the flipped bit makes of its lengths. */
#define HEAD_BYTES (SW_HEAD_BYTES - 32)

void sw_corrupt_init(struct sw_corrupt *c, const struct sw_seed *seed, uint64_t owner)
{
    *c = (struct sw_corrupt){0};
    sw_draws_init(&c->chance, seed, owner, SW_DRAW_CORRUPT);
    sw_draws_init(&c->bit, seed, owner, SW_DRAW_CORRUPT_BIT);
}

bool sw_corrupt_hits(struct sw_corrupt *c, uint32_t ppb, uint64_t at)
{
    sw_draws_seek(&c->chance, at);
    return sw_draw_chance(&c->chance, ppb);
}

struct sw_frame *sw_corrupt_copy(struct sw_corrupt *c, const struct sw_frame *frame, uint64_t at)
{
    size_t len = frame->len;
    uint8_t *bytes = malloc(len + 1);
    if (bytes == NULL) {
        return NULL;
    }
    sw_frame_copy_out(frame, bytes);
    if (len > 0) {
        sw_draws_seek(&c->bit, at);
        uint64_t bit = sw_draw_below(&c->bit, (uint64_t)len * 8);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    struct sw_frame *copy =
        sw_frame_from_bytes(frame->pool, bytes, len, len < HEAD_BYTES ? len : HEAD_BYTES);
    free(bytes);
    return copy;
}
