/* Frames with a bit flipped. The frame that came in is never touched, since others may hold it: a
 * copy is, with every checksum finished before, so that a receiver can see what happened. */
#ifndef SW_CORE_CORRUPT_H
#define SW_CORE_CORRUPT_H

#include <stdbool.h>

#include "core/frame.h"
#include "core/rng.h"

struct sw_corrupt {
    struct sw_draws chance, bit;
};

/* seed is lent. */
void sw_corrupt_init(struct sw_corrupt *c, const struct sw_seed *seed, uint64_t owner);
/* Is frame number `at` hit? One draw. */
bool sw_corrupt_hits(struct sw_corrupt *c, uint32_t ppb, uint64_t at);
/* A new frame with the bytes of `frame` (lent), one of its bits flipped, each as likely, by draw
 * number `at`; its checksum is UNCHECKED. NULL: out of memory. O(length). */
struct sw_frame *sw_corrupt_copy(struct sw_corrupt *c, const struct sw_frame *frame, uint64_t at);

#endif
