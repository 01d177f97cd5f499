/* RACK (RFC 8985 6): a segment is lost when one that was sent later has been delivered, and it has
 * had the time that reordering may take. It works by the times of tcp_sent.h's records, so the loss
 * of what was sent again is found like any other. Pure: the timer is its user's. */
#ifndef SW_STACK_TCP_RACK_H
#define SW_STACK_TCP_RACK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "stack/tcp_sent.h"

#define SW_RACK_MIN_RTT_AGE (300 * SW_S) /* the path may have changed since (6.2, step 1) */

struct sw_tcp_rack {
    sw_time sent_at; /* RACK.xmit_ts: of what was sent last of all that was delivered */
    sw_time rtt;     /* RACK.rtt: of that */
    sw_time min_rtt, min_rtt_at;
    uint32_t end;     /* RACK.end_seq */
    uint32_t highest; /* RACK.fack: the highest end delivered */
    bool known;       /* something was delivered */
    bool reordered;   /* RACK.reordering_seen */
};

/* A record was acknowledged or SACKed at now. echo: when at the earliest what was delivered had
 * been sent, by the peer's echo of our timestamp; 0: unknown. Something sent again whose answer may
 * be to the first sending tells nothing (step 2). */
void sw_tcp_rack_delivered(struct sw_tcp_rack *rack, const struct sw_tcp_record *r, sw_time echo,
                           sw_time now);
/* Step 4: how long reordering may take. loss_known: in recovery, or DupThresh records SACKed. */
sw_time sw_tcp_rack_window(const struct sw_tcp_rack *rack, bool loss_known, sw_time srtt);
/* Step 5: marks what is lost in s. Returns when the next record will be unless it is delivered
 * before; SW_TIME_NEVER: none will. */
sw_time sw_tcp_rack_look(const struct sw_tcp_rack *rack, struct sw_tcp_sent *s, sw_time window,
                         sw_time now);

#endif
