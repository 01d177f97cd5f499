/* The retransmission timeout (RFC 6298): from round-trip samples to the time to wait for an
 * acknowledgement. Which segments may be timed (Karn's rule, section 3) and when the timer runs
 * (section 5) is its user's business. Pure. */
#ifndef SW_STACK_TCP_RTT_H
#define SW_STACK_TCP_RTT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"

/* (2.1) before there is a sample. */
#define SW_RTO_INITIAL SW_S
/* Departure: RFC 6298 2.4 says 1 second, for fear of spurious timeouts with the coarse clocks of
 * 1988. The clock here ticks in nanoseconds, and peers wait no longer than 40 ms before they
 * acknowledge; 200 ms is what Linux has waited for 25 years. Linux waits them beyond the mean, as
 * if that were G: on a long way, too, whose round trips hardly vary, there is time then for an
 * acknowledgement that is late. */
#define SW_RTO_MIN (200 * SW_MS)
/* (2.5) at least 60 seconds; 120 as Linux. */
#define SW_RTO_MAX (120 * SW_S)
/* (5.7) when data begins after a SYN was lost. */
#define SW_RTO_AFTER_SYN_LOSS (3 * SW_S)
/* G of section 2: the clock's tick. */
#define SW_RTO_GRANULARITY SW_NS

struct sw_tcp_rtt {
    sw_time srtt, rttvar; /* 0 and 0 before the first sample */
    sw_time rto;          /* with what back-off added */
    bool sampled;
    bool as_linux;   /* SW_RTO_MIN beyond the mean, not in all */
    bool probed;     /* a tail was probed since the last sample (RFC 8985 7.3) */
    uint32_t min_us; /* the shortest, in microseconds; 0: no sample, or less than one */
};

void sw_tcp_rtt_init(struct sw_tcp_rtt *rtt, bool as_linux);
/* A round trip took r >= 0 (2.2, 2.3). What back-off added is gone. */
void sw_tcp_rtt_sample(struct sw_tcp_rtt *rtt, sw_time r);
/* (5.5) The timer has run out: twice as long, SW_RTO_MAX at most. */
void sw_tcp_rtt_back_off(struct sw_tcp_rtt *rtt);
/* (5.7) The handshake's SYN was lost and data begins: 3 s unless a sample is known by now. */
void sw_tcp_rtt_syn_was_lost(struct sw_tcp_rtt *rtt);

#endif
