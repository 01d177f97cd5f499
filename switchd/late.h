/* How late a real driver is: the time from when something was due until it ran, a count a turn.
 * Pure. */
#ifndef SW_SWITCHD_LATE_H
#define SW_SWITCHD_LATE_H

#include <stdint.h>

#include "core/clock.h"

/* Eight buckets an octave: a percentile is at most an eighth above what it was. */
#define SW_LATE_BUCKETS 496

struct sw_late {
    uint64_t turns;
    sw_time max;
    uint64_t bucket[SW_LATE_BUCKETS];
};

/* late below 0 counts as 0. */
void sw_late_add(struct sw_late *late, sw_time by);
/* So many percent of the turns, 1 to 100, were no later than this; 0 where there were none. */
sw_time sw_late_percentile(const struct sw_late *late, unsigned percent);

#endif
