/* Congestion control behind a small interface: how much may be in flight. What is lost and what is
 * sent again is tcp_ack.c's business; it tells the algorithm what happened, and reads cwnd. Pure.
 *
 * An algorithm is a const table of functions over struct sw_tcp_cc; what is its own lies in the
 * union. */
#ifndef SW_STACK_TCP_CC_H
#define SW_STACK_TCP_CC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"

struct sw_tcp_cc;

/* Text was acknowledged for the first time. */
struct sw_tcp_cc_ack {
    sw_time now;
    uint32_t acked_bytes;
    uint32_t flight_bytes; /* before this acknowledgement */
};

struct sw_tcp_cc_ops {
    const char *name;
    /* Text begins to flow; cc->mss_bytes is set. syn_lost: the SYN or its answer was sent more than
     * once (RFC 5681 3.1). */
    void (*begin)(struct sw_tcp_cc *cc, bool syn_lost);
    /* Outside recovery. */
    void (*ack)(struct sw_tcp_cc *cc, const struct sw_tcp_cc_ack *ack);
    /* The third duplicate acknowledgement; flight without what limited transmit sent. */
    void (*enter)(struct sw_tcp_cc *cc, uint32_t flight_bytes, sw_time now);
    /* In recovery: another duplicate; a part acknowledged; all acknowledged, with flight left. */
    void (*duplicate)(struct sw_tcp_cc *cc);
    void (*partial)(struct sw_tcp_cc *cc, uint32_t acked_bytes);
    void (*leave)(struct sw_tcp_cc *cc, uint32_t flight_bytes);
    /* The retransmission timer ran out. again: for a segment that had been sent again already. */
    void (*timeout)(struct sw_tcp_cc *cc, uint32_t flight_bytes, bool again, sw_time now);
    /* Nothing was sent for longer than the retransmission timeout (RFC 5681 4.1). */
    void (*idle)(struct sw_tcp_cc *cc);
};

struct sw_tcp_cc {
    const struct sw_tcp_cc_ops *ops;
    uint32_t mss_bytes; /* SMSS; follows the path */
    uint32_t cwnd, ssthresh;
    union {
        struct {
            uint32_t acked_bytes; /* towards the next segment of congestion avoidance */
            bool recovering;      /* ssthresh is the answer to the loss that is being repaired */
        } newreno;
    } own;
};

/* RFC 6928: 10 segments, 14,600 bytes or 2 segments, whichever bound is tighter. */
static inline uint32_t sw_tcp_cc_initial_window(uint32_t mss_bytes)
{
    const uint32_t floor = 2 * mss_bytes > 14600 ? 2 * mss_bytes : 14600;
    return 10 * mss_bytes < floor ? 10 * mss_bytes : floor;
}

#endif
