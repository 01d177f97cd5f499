/* Captures in pcapng (draft-ietf-opsawg-pcapng), nanosecond times: bytes out by a callback, no
 * file, no clock. Nothing of the host or the compiler is written, so the same run gives the same
 * bytes. */
#ifndef SW_CORE_PCAPNG_H
#define SW_CORE_PCAPNG_H

#include <stdint.h>

#include "core/clock.h"
#include "core/drop.h"
#include "core/frame.h"

enum sw_direction { SW_DIR_IN = 1, SW_DIR_OUT = 2 }; /* epb_flags, bits 0-1 */

struct sw_pcapng {
    /* Takes n bytes; returns 0 or a negative errno, after which nothing more is written. */
    int (*write)(void *ctx, const void *bytes, size_t n);
    void *ctx;
    int failed; /* the first errno that write returned, negative */
    uint32_t interfaces;
};

/* Section header with the seed as a comment ("seed 7"). */
int sw_pcapng_begin(struct sw_pcapng *p, int (*write)(void *ctx, const void *bytes, size_t n),
                    void *ctx, uint64_t seed);
/* An Ethernet interface; its number (counted from 0) or a negative errno. */
int sw_pcapng_interface(struct sw_pcapng *p, const char *name);
/* A frame at an interface, its checksums finished in the copy. epoch is added to now (nanoseconds
 * since 1970); a drop reason becomes the comment "dropped: queue-full"; pass SW_DROP_COUNT for
 * none. */
int sw_pcapng_frame(struct sw_pcapng *p, uint32_t interface, enum sw_direction dir, sw_time epoch,
                    sw_time now, const struct sw_frame *frame, enum sw_drop reason);

#endif
