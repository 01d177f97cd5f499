/* RACK (RFC 8985 6): a segment is lost when one that was sent later has been delivered, and it has
 * had the time that reordering may take. It works by the times of tcp_sent.h's records, so the loss
 * of what was sent again is found like any other. Pure: the timer is its user's. */
#ifndef SW_STACK_TCP_RACK_H
#define SW_STACK_TCP_RACK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "stack/tcp_sent.h"

#define SW_RACK_PERSIST 16 /* recoveries for which a window that grew stays (6.2, step 4) */
#define SW_RACK_MIN_RTT_AGE (300 * SW_S) /* the path may have changed since (6.2, step 1) */

struct sw_tcp_rack {
    sw_time sent_at; /* RACK.xmit_ts: of what was sent last of all that was delivered */
    sw_time rtt;     /* RACK.rtt: of that */
    sw_time min_rtt, min_rtt_at;
    uint32_t end;     /* RACK.end_seq */
    uint32_t highest; /* RACK.fack: the highest end delivered */
    bool known;       /* something was delivered */
    uint32_t round;   /* RACK.dsack_round, if in_round: one growth in a round trip */
    bool in_round;
    bool reordered;     /* RACK.reordering_seen */
    uint32_t overtaken; /* so many were */
    uint8_t growth;     /* RACK.reo_wnd_mult - 1 */
    uint8_t persist;    /* RACK.reo_wnd_persist: recoveries until it is forgotten */
};

/* A record was acknowledged or SACKed at now. echo: when at the earliest what was delivered had
 * been sent, by the peer's echo of our timestamp; 0: unknown. Something sent again whose answer may
 * be to the first sending tells nothing (step 2). */
void sw_tcp_rack_delivered(struct sw_tcp_rack *rack, const struct sw_tcp_record *r, sw_time echo,
                           sw_time now);
/* Step 4: something came twice, so what was sent again was not lost: the window for reordering
 * grows by another quarter, once in a round trip. una, nxt: SND.UNA and SND.NXT. */
void sw_tcp_rack_twice(struct sw_tcp_rack *rack, uint32_t una, uint32_t nxt);
/* Step 4: a recovery has ended; after 16 in which nothing came twice the window is a quarter. */
void sw_tcp_rack_recovered(struct sw_tcp_rack *rack);
/* Step 4: how long reordering may take. loss_known: in recovery, or DupThresh records SACKed. */
sw_time sw_tcp_rack_window(const struct sw_tcp_rack *rack, bool loss_known, sw_time srtt);
/* Step 5: marks what is lost in s. Returns when the next record will be unless it is delivered
 * before; SW_TIME_NEVER: none will. */
sw_time sw_tcp_rack_look(const struct sw_tcp_rack *rack, struct sw_tcp_sent *s, sw_time window,
                         sw_time now);

#endif
