/* How fast a connection's text is delivered (draft-cheng-iccrg-delivery-rate-estimation): with each
 * segment it is written down how much had been delivered when it was sent, and an acknowledgement
 * of it then says how much was delivered in the time between. Only for algorithms of congestion
 * control that ask for it; others keep nothing of this. Names of the draft in capitals. Pure.
 *
 * A record for each segment lies in a ring, in the order of numbers. They are told apart by the
 * number behind their text, as the records of tcp_sent.h are; but these here are kept without SACK,
 * too. One for which there was no memory gives no sample, and does no other harm. */
#ifndef SW_STACK_TCP_RATE_H
#define SW_STACK_TCP_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"

#define SW_RATE_MIN_RTT_AGE (300 * SW_S)

struct sw_tcp_rate_record {
    uint64_t delivered;   /* P.delivered: when it was sent */
    sw_time delivered_at; /* P.delivered_time */
    sw_time first_sent;   /* P.first_sent_time */
    sw_time when;         /* P.sent_time: it was sent last */
    uint32_t end;
    bool limited; /* P.is_app_limited */
    bool again;   /* it was sent more than once */
    bool told;    /* it has been delivered: SACKed */
};

struct sw_tcp_rate {
    struct sw_tcp_rate_record *ring; /* those from head up to tail, modulo cap (a power of two) */
    uint32_t cap, head, tail;
    uint64_t delivered;   /* C.delivered: bytes, acknowledged or SACKed */
    uint64_t lost;        /* bytes that were taken for lost, each time they were */
    uint64_t limited_end; /* C.app_limited: what is sent counts as limited by its user until so much
                             is delivered; 0: it does not */
    sw_time delivered_at; /* C.delivered_time */
    sw_time first_sent;   /* C.first_sent_time */
    sw_time min_rtt, min_rtt_at; /* of SW_RATE_MIN_RTT_AGE; min_rtt -1: none */
    /* Of the acknowledgement that is taken in: */
    struct sw_tcp_rate_record newest; /* what was sent last of all that it delivers */
    sw_time rtt;                      /* -1: unknown */
    unsigned told;                    /* records that it delivers */
};

/* What an acknowledgement says. */
struct sw_tcp_rate_sample {
    uint64_t delivered;       /* bytes within the interval, if interval > 0 */
    uint64_t prior_delivered; /* C.delivered when the interval began, if any was delivered */
    sw_time interval;         /* -1: it tells no rate */
    sw_time rtt;              /* of what it delivers and was sent but once; -1: unknown */
    uint32_t acked_bytes;     /* delivered by it */
    uint32_t lost_bytes;      /* found lost by it */
    bool known;               /* prior_delivered is */
    bool limited;             /* by the user: the path may bear more */
    bool delayed; /* it may have waited for another segment, as that of a lone one does */
};

void sw_tcp_rate_init(struct sw_tcp_rate *rate, sw_time now);
void sw_tcp_rate_fini(struct sw_tcp_rate *rate); /* without records afterwards */
/* Text (or a FIN) up to `end` is sent for the first time; flight_bytes are out before it. */
void sw_tcp_rate_sent(struct sw_tcp_rate *rate, uint32_t end, uint32_t flight_bytes, sw_time now);
/* What has numbers from seq to end is sent once more. */
void sw_tcp_rate_again(struct sw_tcp_rate *rate, uint32_t seq, uint32_t end, sw_time now);
/* The record that ends at `end` is SACKed; harmless if it is not there or was told before. */
void sw_tcp_rate_sacked(struct sw_tcp_rate *rate, uint32_t end, sw_time now);
/* All before una is acknowledged. */
void sw_tcp_rate_acked(struct sw_tcp_rate *rate, uint32_t una, sw_time now);
/* The acknowledgement is taken in: it delivers so many bytes, and with it so many were found
 * lost. mss_bytes: what a full segment carries. */
struct sw_tcp_rate_sample sw_tcp_rate_take(struct sw_tcp_rate *rate, uint32_t acked_bytes,
                                           uint32_t lost_bytes, uint32_t mss_bytes, sw_time now);
/* From now on until all that is out, flight_bytes, is delivered, samples say little of the path. */
void sw_tcp_rate_limit(struct sw_tcp_rate *rate, uint32_t flight_bytes);

#endif
