/* CoDel's algorithm (RFC 8289) over one first-in-first-out list: codel.c's one, or one flow of
 * fq_codel.c. */
#ifndef SW_CORE_CODEL_H
#define SW_CORE_CODEL_H

#include "core/discipline.h"

/* The variables of RFC 8289 5.2. Zero at the start. */
struct sw_codel_state {
    sw_time first_above_time; /* 0: not above */
    sw_time drop_next;
    uint32_t count, lastcount;
    uint32_t maxpacket; /* bytes; the largest that was seen */
    bool dropping;
};

/* dequeue() of RFC 8289 5.5: the next to be sent, NULL if none waits. What it drops goes by
 * q->drop as SW_DROP_CODEL. Where the settings say ecn it marks in place of dropping whatever can
 * be marked, and sends that. */
struct sw_queued *sw_codel_dequeue(struct sw_codel_state *c, struct sw_fifo *fifo,
                                   struct sw_queue *q, sw_time now);
/* interval / sqrt(count) after t: 5.6's control_law(). count at least 1. */
sw_time sw_codel_control_law(sw_time t, sw_time interval, uint32_t count);

#endif
