/* Real time to LAN time. See pacer.h. */
#include "switchd/pacer.h"

void sw_pacer_init(struct sw_pacer *pacer, struct sw_clock *clk, int64_t monotonic)
{
    *pacer = (struct sw_pacer){.clk = clk, .offset = monotonic - sw_clock_now(clk)};
}

enum sw_run sw_pacer_turn(struct sw_pacer *pacer, int64_t monotonic, uint64_t limit, sw_time *stall)
{
    sw_time lan = monotonic - pacer->offset;
    sw_time next = sw_clock_next(pacer->clk);
    *stall = 0;
    if (next != SW_TIME_NEVER && lan - next > SW_PACER_STALL) {
        *stall = lan - next;
        pacer->offset += *stall;
        pacer->stalls++;
        pacer->stalled += *stall;
        lan = next;
    }
    if (next <= lan) {
        sw_late_add(&pacer->late, *stall + lan - next);
    }
    return sw_clock_run(pacer->clk, lan, limit);
}

int64_t sw_pacer_next(const struct sw_pacer *pacer)
{
    sw_time next = sw_clock_next(pacer->clk);
    return next == SW_TIME_NEVER ? INT64_MAX : next + pacer->offset;
}
