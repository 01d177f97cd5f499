/* Which text is acknowledged at once although it came in order, and alone. RFC 5681 4.2 lets the
 * acknowledgement wait for a second segment, or for text to ride on; while a sender's window opens
 * that costs a round trip's worth of waiting for each that it is short. So, as Linux, the first 16
 * or so segments are not kept waiting, nor the first after a pause, until the user is seen to
 * answer what comes: then the acknowledgement has something to ride on. Pure. */
#ifndef SW_STACK_TCP_QUICK_H
#define SW_STACK_TCP_QUICK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"

#define SW_TCP_QUICK_MOST 16u
#define SW_TCP_QUICK_ANSWER (40 * SW_MS) /* text that follows so soon is an answer */

/* A tick of the coarse clock that is kept here, so that it takes four bytes: 2^20 ns. */
typedef uint32_t sw_tcp_tick;

struct sw_tcp_quick {
    sw_tcp_tick text_at; /* when text came last in order, or the connection began to stand */
    uint8_t left : 5;    /* so many acknowledgements may go at once yet */
    bool begun : 1;      /* text has come */
    bool answering : 1;  /* what is sent answers what comes (Linux's "ping-pong") */
};

static inline sw_tcp_tick sw_tcp_tick_of(sw_time at)
{
    return (sw_tcp_tick)(at >> 20);
}

/* How long ago, to a tick; right up to 52 days. */
static inline sw_time sw_tcp_tick_age(sw_tcp_tick then, sw_time now)
{
    return (sw_time)(sw_tcp_tick_of(now) - then) << 20;
}

/* The connection stands. */
void sw_tcp_quick_begin(struct sw_tcp_quick *quick, sw_time now);
/* The next are not kept waiting: half as many as a window of `window` bytes has segments of
 * mss_bytes > 0, at least 2, SW_TCP_QUICK_MOST at most. */
void sw_tcp_quick_raise(struct sw_tcp_quick *quick, uint32_t window, uint32_t mss_bytes);
/* A segment that came once more makes all that was thought of the way doubtful: as raise. */
void sw_tcp_quick_again(struct sw_tcp_quick *quick, uint32_t window, uint32_t mss_bytes);
/* An acknowledgement has waited in vain: what comes is not being answered. */
void sw_tcp_quick_waited(struct sw_tcp_quick *quick);

/* Text has come. True: it is the first, or the first after more than `pause`; whose user wants it
 * calls sw_tcp_quick_raise(). */
static inline bool sw_tcp_quick_text(struct sw_tcp_quick *quick, sw_time now, sw_time pause)
{
    const bool first = !quick->begun || sw_tcp_tick_age(quick->text_at, now) > pause;
    quick->begun = true;
    quick->text_at = sw_tcp_tick_of(now);
    return first;
}

/* Is it to be acknowledged at once? Takes one off. */
static inline bool sw_tcp_quick_take(struct sw_tcp_quick *quick)
{
    if (quick->left == 0 || quick->answering) {
        return false;
    }
    quick->left--;
    return true;
}

/* Text is sent; last_sent: when some was before. */
static inline void sw_tcp_quick_sent(struct sw_tcp_quick *quick, sw_time last_sent, sw_time now)
{
    if (quick->begun && sw_tcp_tick_age(quick->text_at, now) < SW_TCP_QUICK_ANSWER &&
        sw_tcp_tick_age(quick->text_at, now) < sw_tcp_tick_age(sw_tcp_tick_of(last_sent), now)) {
        quick->answering = true;
    }
}

#endif
