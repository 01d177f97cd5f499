/* Congestion control behind a small interface: how much may be in flight. What is lost and what is
 * sent again is tcp_ack.c's business; it tells the algorithm what happened, and reads cwnd. Pure,
 * and of integers alone: the same window to the byte, whatever compiler and machine.
 *
 * An algorithm is a const table of functions over struct sw_tcp_cc; what is its own lies in the
 * union, and of zeros that is a state to go on from, so that a connection may change its algorithm
 * at any time. One that models the path (BBR) has more to hear and to say, in the second half of
 * the table, and state of its own. What all of them do alike is in tcp_cc.c. */
#ifndef SW_STACK_TCP_CC_H
#define SW_STACK_TCP_CC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "stack/sock.h"
#include "stack/tcp_hystart.h"
#include "stack/tcp_rate.h"

/* Sums of cwnd never come near 2^32: no window is over 1 GiB (RFC 7323 2.3). */
#define SW_TCP_CWND_MAX (1u << 30)

struct sw_tcp_cc;

/* Text was acknowledged for the first time. */
struct sw_tcp_cc_ack {
    sw_time now, srtt; /* srtt 0: not known */
    sw_time rtt;       /* of what it acknowledges; -1: not known */
    uint32_t una, nxt; /* SND.UNA with it, and SND.NXT */
    uint32_t acked_bytes;
    uint32_t flight_bytes; /* before this acknowledgement */
};

/* An acknowledgement, as those see it that measure how fast text is delivered. */
struct sw_tcp_cc_sample {
    struct sw_tcp_rate_sample rate;
    sw_time now, srtt;     /* srtt 0: not known */
    sw_time wait;          /* until pacing lets the next quantum go */
    uint32_t flight_bytes; /* out, and neither delivered nor lost */
    uint32_t salt;         /* the same for all of a connection, and no other's */
    bool repaired;         /* all that was out at the last loss or timeout is acknowledged */
};

struct sw_tcp_cc_ops {
    enum sw_tcp_congestion which;
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
    /* The peer tells of a mark (RFC 3168 6.1.2), for the first time in a round trip: as for a loss,
     * but nothing is to be repaired. NULL: marks say nothing to it. */
    void (*marked)(struct sw_tcp_cc *cc, uint32_t flight_bytes, sw_time now);
    /* Nothing was sent for longer than the retransmission timeout (RFC 5681 4.1). */
    void (*idle)(struct sw_tcp_cc *cc);
    /* The loss that was answered last was none: `before` it was like this. NULL: what it knows of
     * the path stands. */
    void (*undo)(struct sw_tcp_cc *cc, const struct sw_tcp_cc *before);

    /* Of those that want tcp_rate.h and pacing alone; of others NULL, each of them. */
    /* Allocates what they have for themselves, unless it is there: before there is any text. False:
     * no memory. */
    bool (*make)(struct sw_tcp_cc *cc);
    void (*fini)(struct sw_tcp_cc *cc); /* frees it; harmless without */
    /* Every acknowledgement, in recovery or not, after all else; it alone sets cwnd. */
    void (*control)(struct sw_tcp_cc *cc, struct sw_tcp_rate *rate,
                    const struct sw_tcp_cc_sample *sample);
    /* Text is sent, and nothing was out. */
    void (*restart)(struct sw_tcp_cc *cc, const struct sw_tcp_rate *rate, sw_time now);
    /* How fast text goes, in bytes a second; 0: as the window lets it. */
    uint64_t (*pacing)(const struct sw_tcp_cc *cc, sw_time srtt);
};

struct sw_tcp_bbr; /* tcp_bbr.h */

struct sw_tcp_cc {
    const struct sw_tcp_cc_ops *ops;
    uint32_t mss_bytes; /* SMSS; follows the path */
    uint32_t cwnd, ssthresh;
    bool recovering;      /* ssthresh is the answer to the loss that is being repaired */
    uint16_t unused_s;    /* since when the window is not used, modulo 65,535 s, and 1; 0: it is */
    uint32_t flight_most; /* since the text before flight_end was sent, or before */
    uint32_t flight_end;
    union {
        struct sw_tcp_hystart hystart; /* of all: until the first slow start ends */
        struct {
            uint32_t acked_bytes; /* towards the next segment of congestion avoidance */
        } newreno;
        struct {                 /* RFC 9438's names */
            uint32_t w_max;      /* in bytes; 0: none, or a timeout's */
            uint32_t cwnd_prior; /* cwnd when it was last lowered */
            uint32_t w_est;      /* of a stage of congestion avoidance; 0: none has begun */
            uint32_t est_rest;   /* acknowledged towards its next byte */
            uint32_t acked_us;   /* the last acknowledgement, modulo 2^32 us */
            int32_t past_k_us;   /* t - K; in t no time when the window was not used */
        } cubic;
        struct sw_tcp_bbr *bbr; /* NULL: no text yet */
    } own;
};

/* RFC 6928: 10 segments, 14,600 bytes or 2 segments, whichever bound is tighter. */
static inline uint32_t sw_tcp_cc_initial_window(uint32_t mss_bytes)
{
    const uint32_t floor = 2 * mss_bytes > 14600 ? 2 * mss_bytes : 14600;
    return 10 * mss_bytes < floor ? 10 * mss_bytes : floor;
}

/* The algorithm of that name; SW_TCP_CONGESTION_DEFAULT: CUBIC. NULL: there is none. */
const struct sw_tcp_cc_ops *sw_tcp_cc_find(enum sw_tcp_congestion which);
/* From now on ops decides; the window stays. */
void sw_tcp_cc_choose(struct sw_tcp_cc *cc, const struct sw_tcp_cc_ops *ops);
/* Gives back what the algorithm has for itself. */
void sw_tcp_cc_fini(struct sw_tcp_cc *cc);
/* How fast text goes if it is paced, in bytes a second: what the algorithm says, or the window in a
 * round trip (0, not known yet: 0) and a fifth more; in the first half of slow start twice that. */
uint64_t sw_tcp_cc_pacing(const struct sw_tcp_cc *cc, sw_time srtt);

/* ---- for the algorithms: what they do alike ---- */

#define SW_TCP_CC_UNUSED_MOST_S 300u /* RFC 7661 4.4.3: NVP */

/* Has the window been used, so that an acknowledgement says that the path bears it (RFC 7661 1 says
 * what goes wrong otherwise: a burst of all that was never tried)? If half of it was in flight at
 * once, at any time of the last window's worth of text; in slow start a little more than half, so
 * that ten segments now and then lead to a window of twenty and no further. If it was not for five
 * minutes it is halved, down to the initial window, and ssthresh remembers three quarters of it
 * (RFC 7661 4.4.3). */
bool sw_tcp_cc_is_used(struct sw_tcp_cc *cc, const struct sw_tcp_cc_ack *ack);
/* The window with which text begins to flow (RFC 5681 3.1, RFC 6928). */
void sw_tcp_cc_begin(struct sw_tcp_cc *cc, bool syn_lost);
/* bytes more, SW_TCP_CWND_MAX at most; bytes are at most that many. */
void sw_tcp_cc_grow(struct sw_tcp_cc *cc, uint32_t bytes);
/* Slow start: the first, up to no ssthresh, by RFC 9406, which may set one; later ones by RFC 5681
 * 3.1. */
void sw_tcp_cc_slow_start(struct sw_tcp_cc *cc, const struct sw_tcp_cc_ack *acked);
/* Recovery (RFC 5681 3.2, RFC 6582 3.2): its beginning, another duplicate, a part acknowledged,
 * its end. */
void sw_tcp_cc_enter(struct sw_tcp_cc *cc, uint32_t ssthresh);
void sw_tcp_cc_inflate(struct sw_tcp_cc *cc);
void sw_tcp_cc_deflate(struct sw_tcp_cc *cc, uint32_t acked_bytes);
void sw_tcp_cc_leave(struct sw_tcp_cc *cc, uint32_t flight_bytes);
/* As the algorithm enters recovery, and out of it at once with no more than before. */
void sw_tcp_cc_marked(struct sw_tcp_cc *cc, uint32_t flight_bytes, sw_time now);
/* One segment, and ssthresh, unless it stands already for this loss (RFC 5681 3.1). */
void sw_tcp_cc_timeout(struct sw_tcp_cc *cc, uint32_t ssthresh, bool again);
/* The restart window (RFC 5681 4.1). */
void sw_tcp_cc_idle(struct sw_tcp_cc *cc);
/* What a needless answer to a loss took, and no less than there is now; mss_bytes stays. */
void sw_tcp_cc_undo(struct sw_tcp_cc *cc, const struct sw_tcp_cc *before);

#endif
