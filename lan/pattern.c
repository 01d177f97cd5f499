/* The bytes of made-up bodies. See the header. */
#include "lan/pattern.h"

#include <string.h>

void sw_pattern_fill(void *to, size_t n, uint64_t offset)
{
    uint8_t *at = to;
    size_t done = n < SW_PATTERN_PERIOD ? n : SW_PATTERN_PERIOD;
    unsigned value = (unsigned)(offset % SW_PATTERN_PERIOD);
    for (size_t i = 0; i < done; i++) {
        at[i] = (uint8_t)value;
        value = value + 1 == SW_PATTERN_PERIOD ? 0 : value + 1;
    }
    /* What stands already is whole periods from here on, so it is its own source; at most 4 KiB of
     * it, that it stay near. */
    while (done < n) {
        size_t step = done < (size_t)16 * SW_PATTERN_PERIOD ? done : (size_t)16 * SW_PATTERN_PERIOD;
        step = n - done < step ? n - done : step;
        memcpy(at + done, at, step);
        done += step;
    }
}
