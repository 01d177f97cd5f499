/* Pacing: what a window lets go is spread over time, so that no queue on the way has to take it in
 * one piece. Text goes in quanta, about a millisecond's worth each, as Linux has it: a finer grain
 * would cost a timer a segment and be lost in a real clock's own. Pure: it says when the next
 * quantum may go; the timer is its user's. */
#ifndef SW_STACK_TCP_PACE_H
#define SW_STACK_TCP_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"

#define SW_PACE_QUANTUM_SHALLOW 65536u       /* bytes that a shallow queue can take */
#define SW_PACE_QUANTUM_MOST (1024u * 1024u) /* bytes */
#define SW_PACE_RATE_MOST (1ull << 34)       /* bytes a second: 137 Gbit/s */

/* All zero: nothing is paced yet. */
struct sw_tcp_pace {
    uint64_t rate; /* bytes a second, SW_PACE_RATE_MOST at most; 0: not paced */
    sw_time next;  /* what was sent will have gone at this rate; until then no quantum begins */
    uint32_t left; /* of the quantum that has begun */
};

/* How many bytes go at once: a millisecond's worth (2^-10 s), SW_PACE_QUANTUM_SHALLOW at most; but
 * a quarter of a millisecond's at least, or a real clock would not keep up, up to
 * SW_PACE_QUANTUM_MOST; and two segments at least, one below 1.2 Mbit/s. */
uint32_t sw_tcp_pace_quantum(uint64_t rate, uint32_t mss_bytes);
/* How long so many bytes take at a rate > 0, rounded up to the nanosecond. */
sw_time sw_tcp_pace_time(uint64_t rate, uint32_t bytes);
/* May a segment go now? If not, one may at p->next. */
static inline bool sw_tcp_pace_may(const struct sw_tcp_pace *p, sw_time now)
{
    return p->rate == 0 || p->left > 0 || now >= p->next;
}
/* It has gone, whether it might or not (a timeout's does not ask). Who comes late has the time
 * that he lost back, but no more than one quantum's: so a clock with a grain keeps to the rate, and
 * a pause brings no burst. */
void sw_tcp_pace_sent(struct sw_tcp_pace *p, uint32_t bytes, uint32_t mss_bytes, sw_time now);

#endif
