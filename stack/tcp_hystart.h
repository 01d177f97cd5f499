/* HyStart++ (RFC 9406): the first slow start ends when round trips grow longer, before the queue
 * that makes them so is full. Pure. */
#ifndef SW_STACK_TCP_HYSTART_H
#define SW_STACK_TCP_HYSTART_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"

/* Section 4.3. */
#define SW_HYSTART_RTT_THRESH_MIN (4 * SW_MS)
#define SW_HYSTART_RTT_THRESH_MAX (16 * SW_MS)
#define SW_HYSTART_RTT_DIVISOR 8
#define SW_HYSTART_SAMPLES 8
#define SW_HYSTART_CSS_DIVISOR 4u
#define SW_HYSTART_CSS_ROUNDS 5
#define SW_HYSTART_L 8u /* segments an ACK at most: what we send is not paced */

/* All zero: before the first acknowledgement. Round trips are in microseconds. */
struct sw_tcp_hystart {
    uint32_t window_end;       /* the round is over when this is acknowledged */
    uint32_t last_us, this_us; /* the shortest of the last round, and of this; UINT32_MAX: none */
    uint32_t baseline_us;      /* in CSS: the one that led there */
    uint8_t samples;           /* of this round; SW_HYSTART_SAMPLES: or more */
    uint8_t css_rounds;        /* conservative slow start: rounds in it; 0: not in it */
    bool begun;
};

/* One acknowledgement of the first slow start. */
struct sw_tcp_hystart_ack {
    uint32_t una, nxt;    /* SND.UNA with it, and SND.NXT */
    uint32_t acked_bytes; /* what it covers that none did before */
    uint32_t mss_bytes;
    sw_time rtt; /* of what it acknowledges; -1: not known */
};

/* By how many bytes the window grows. *over: and slow start ends with it. */
uint32_t sw_tcp_hystart_ack(struct sw_tcp_hystart *h, const struct sw_tcp_hystart_ack *ack,
                            bool *over);

#endif
