/* Real time to LAN time, without a system call: the driver passes in what the monotonic clock says,
 * a test passes in whatever it likes. */
#ifndef SW_SWITCHD_PACER_H
#define SW_SWITCHD_PACER_H

#include <stdint.h>

#include "core/clock.h"
#include "switchd/late.h"

/* A wake-up later than this (the machine slept, the process was stopped, or the LAN asks for more
 * than the processor gives) moves LAN time's offset, instead of firing at once all that would have
 * been due meanwhile. */
#define SW_PACER_STALL (100 * SW_MS)

struct sw_pacer {
    struct sw_clock *clk;
    int64_t offset; /* monotonic nanoseconds less LAN time */
    uint64_t stalls;
    sw_time stalled; /* in all */
    struct sw_late late;
};

/* LAN time's present `now` is at `monotonic`. */
void sw_pacer_init(struct sw_pacer *pacer, struct sw_clock *clk, int64_t monotonic);
/* Runs what is due at `monotonic`, at most `limit` callbacks. Returns what sw_clock_run() does, and
 * in *stall by how much this turn moved the offset, 0 for mostly. */
enum sw_run sw_pacer_turn(struct sw_pacer *pacer, int64_t monotonic, uint64_t limit,
                          sw_time *stall);
/* When the next turn has something to do, in monotonic nanoseconds; INT64_MAX: nothing is armed. */
int64_t sw_pacer_next(const struct sw_pacer *pacer);

#endif
