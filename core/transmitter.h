/* The transmitter of a lane whose queue has a discipline (core/discipline.h): frames wait in the
 * queue, and each time the one before has left, the discipline says which is next. Lanes without
 * one have none of this: there link.c computes when a frame leaves as it enters. */
#ifndef SW_CORE_TRANSMITTER_H
#define SW_CORE_TRANSMITTER_H

#include "core/discipline.h"
#include "core/link.h"

struct sw_transmitter {
    struct sw_lane *lane;
    struct sw_queue *queue;
    struct sw_timer timer; /* armed while a frame is being sent, for its end */
};

/* For a lane that will have these settings. NULL: out of memory. */
struct sw_transmitter *sw_transmitter_new(struct sw_lane *lane,
                                          const struct sw_lane_config *config);
/* What waits is dropped as link-down. NULL is harmless. */
void sw_transmitter_free(struct sw_transmitter *t);
/* Takes a frame; it may be dropped, and others may. */
void sw_transmitter_send(struct sw_transmitter *t, struct sw_frame *frame, sw_time extra,
                         bool skips_delay);
/* The next frame is sent, if one waits and the transmitter is free; else nothing happens. */
void sw_transmitter_go_on(struct sw_transmitter *t);
/* Everything that waits is dropped as link-down, and nothing is being sent. */
void sw_transmitter_empty(struct sw_transmitter *t);

#endif
