/* BBR as Linux has it in its first version ("BBR: Congestion-Based Congestion Control", ACM Queue
 * 14-5, 2016; draft-cardwell-iccrg-bbr-congestion-control-00): a model of the path, its bandwidth
 * and its shortest round trip, says how fast to send and how much may be out. Loss is no signal to
 * it but while a policer's is being measured. Of later versions (2, 3) nothing is here: it answers
 * neither ECN nor loss rates, and beside a loss-based flow in a shallow queue it takes more than
 * its share, as Linux's does.
 *
 * It wants what tcp_rate.h measures, and pacing. Pure, and of integers alone; its random start of a
 * cycle comes of a number it is given. */
#ifndef SW_STACK_TCP_BBR_H
#define SW_STACK_TCP_BBR_H

#include "stack/tcp_cc.h"

#define SW_BBR_UNIT 256u      /* gains are in this part of one */
#define SW_BBR_HIGH_GAIN 739u /* 2 / ln 2: doubles what is delivered each round trip */
#define SW_BBR_DRAIN_GAIN 88u /* its inverse: in one round trip what STARTUP queued is gone */
#define SW_BBR_CWND_GAIN 512u /* of PROBE_BW: room for delayed acknowledgements */
#define SW_BBR_CYCLE 8u       /* phases of PROBE_BW, a shortest round trip each */
#define SW_BBR_BW_ROUNDS 10u  /* round trips that a bandwidth is remembered for */
#define SW_BBR_MIN_RTT_FOR (10 * SW_S)
#define SW_BBR_PROBE_RTT_FOR (200 * SW_MS)
#define SW_BBR_CWND_LEAST 4u    /* segments */
#define SW_BBR_FULL_GROWTH 320u /* 1.25: less than this in ... */
#define SW_BBR_FULL_ROUNDS 3u   /* ... so many round trips, and the pipe is full */

enum sw_tcp_bbr_mode {
    SW_BBR_STARTUP,   /* faster and faster, until the bandwidth grows no more; -> DRAIN */
    SW_BBR_DRAIN,     /* until the queue that this made is gone; -> PROBE_BW */
    SW_BBR_PROBE_BW,  /* around the bandwidth, now and then more to see if there is more */
    SW_BBR_PROBE_RTT, /* next to nothing out for a moment, to see the path without a queue; -> the
                         mode before: STARTUP, or PROBE_BW */
};

/* The largest of a window of rounds: the best, the best behind it, and the best behind that. */
struct sw_tcp_bbr_max {
    struct {
        uint64_t value;
        uint32_t round;
    } best[3];
};

/* Bandwidths are bytes a second; delivered and lost count as tcp_rate.h's. */
struct sw_tcp_bbr {
    enum sw_tcp_bbr_mode mode;
    uint32_t pacing_gain, cwnd_gain;
    uint64_t pacing_rate; /* 0: none yet */
    bool rate_by_rtt;     /* pacing_rate comes of a round trip measured */
    bool idle_restart;    /* nothing was out; nothing was delivered since */

    uint32_t rounds;          /* round trips in text */
    uint64_t round_end;       /* one ends when what was sent after so much was delivered is */
    bool round_start;         /* one ended with this acknowledgement */
    struct sw_tcp_bbr_max bw; /* of SW_BBR_BW_ROUNDS */
    sw_time min_rtt;          /* -1: none yet */
    sw_time min_rtt_at;

    uint64_t full_bw;     /* the last that was a good deal more than one before */
    uint32_t full_rounds; /* round trips since then */
    bool full;            /* the pipe is */

    uint32_t cycle; /* PROBE_BW's phase */
    uint32_t draw;  /* for the next random start */
    sw_time cycle_at;

    sw_time probe_rtt_done; /* 0: the window is not low enough yet */
    bool probe_rtt_round;   /* a round trip has passed since it was */

    uint32_t prior_cwnd;        /* before loss or PROBE_RTT lowered it */
    bool repairing, conserving; /* as of the last acknowledgement; as much goes as comes */
    bool timed_out;             /* and what was out then is not all acknowledged yet */
    uint32_t inflated;          /* of cwnd, without SACK: duplicates stand for what has left */

    /* How much more comes at once than the bandwidth says: two windows of five rounds. */
    uint32_t extra[2];
    uint32_t extra_rounds, extra_which;
    uint64_t epoch_acked;
    sw_time epoch_at;

    /* Long-term sampling: a policer lets bursts pass and drops what is over its rate. */
    bool police_sampling, police_use;
    uint32_t police_rounds;
    uint64_t police_bw, police_delivered, police_lost;
    sw_time police_at;
};

extern const struct sw_tcp_cc_ops sw_tcp_cc_bbr;

/* The bandwidth by which it goes, and the largest measured: for insight and tests. */
uint64_t sw_tcp_bbr_bandwidth(const struct sw_tcp_bbr *bbr);
uint64_t sw_tcp_bbr_max_bandwidth(const struct sw_tcp_bbr *bbr);
/* The names of the modes: "STARTUP" and so on. */
const char *sw_tcp_bbr_mode_name(enum sw_tcp_bbr_mode mode);

#endif
