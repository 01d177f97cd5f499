/* See late.h. The first 8 buckets are of one nanosecond; then each octave has 8. */
#include "switchd/late.h"

#include <assert.h>

static unsigned bucket_of(uint64_t ns)
{
    if (ns < 8) {
        return (unsigned)ns;
    }
    unsigned octave = 63 - (unsigned)__builtin_clzll(ns);
    return (octave - 2) * 8 + (unsigned)(ns >> (octave - 3) & 7);
}

/* The longest span that falls into a bucket. */
static sw_time top_of(unsigned bucket)
{
    if (bucket < 8) {
        return bucket;
    }
    unsigned octave = bucket / 8 + 2;
    return (sw_time)((((uint64_t)(8 + bucket % 8) + 1) << (octave - 3)) - 1);
}

void sw_late_add(struct sw_late *late, sw_time by)
{
    uint64_t ns = by > 0 ? (uint64_t)by : 0;
    late->turns++;
    late->max = by > late->max ? by : late->max;
    late->bucket[bucket_of(ns)]++;
}

sw_time sw_late_percentile(const struct sw_late *late, unsigned percent)
{
    assert(percent >= 1 && percent <= 100);
    uint64_t wanted = late->turns * percent, seen = 0;
    for (unsigned i = 0; i < SW_LATE_BUCKETS; i++) {
        seen += late->bucket[i];
        if (seen * 100 >= wanted) {
            sw_time top = late->turns ? top_of(i) : 0;
            return top < late->max ? top : late->max;
        }
    }
    return late->max;
}
