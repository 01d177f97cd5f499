/* Observers: captures, traces, test probes. They see frames as they enter and leave lanes and
 * where they are dropped; they never touch them, and a run is the same with and without them. */
#ifndef SW_CORE_WATCH_H
#define SW_CORE_WATCH_H

#include "core/clock.h"
#include "core/drop.h"
#include "core/frame.h"

struct sw_lane;

/* Each callback may be NULL. lane is the lane concerned, and `where` its owner; where a drop
 * happens inside a node, `where` is that node's and lane is NULL. What arrives is told a batch at a
 * time: all frames that leave a lane at once, at least one, in their order. Frames are lent for the
 * call. */
struct sw_watch {
    struct sw_watch *next;
    void (*sent)(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                 const struct sw_frame *frame);
    void (*arrived)(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                    struct sw_frame *const *frames, unsigned n);
    void (*dropped)(struct sw_watch *w, const struct sw_lane *lane, const struct sw_owner *where,
                    sw_time now, const struct sw_frame *frame, enum sw_drop reason);
};

void sw_watch_sent(struct sw_watch *first, const struct sw_lane *lane, sw_time now,
                   const struct sw_frame *frame);
void sw_watch_arrived(struct sw_watch *first, const struct sw_lane *lane, sw_time now,
                      struct sw_frame *const *frames, unsigned n);
void sw_watch_dropped(struct sw_watch *first, const struct sw_lane *lane,
                      const struct sw_owner *where, sw_time now, const struct sw_frame *frame,
                      enum sw_drop reason);

#endif
