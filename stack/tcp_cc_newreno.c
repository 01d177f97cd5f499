/* NewReno: see tcp_cc_newreno.h. Equation numbers are those of RFC 5681.
 *
 * The window grows only while it is used: with less than half of it in flight an acknowledgement
 * says nothing about whether the path would carry more (RFC 5681 leaves this open; RFC 7661 1 says
 * what goes wrong otherwise: a burst of all that was never tried). */
#include "stack/tcp_cc_newreno.h"

/* Sums of cwnd never come near 2^32: no window is over 1 GiB (RFC 7323 2.3). */
#define CWND_MAX (1u << 30)

static void grow(struct sw_tcp_cc *cc, uint32_t bytes)
{
    cc->cwnd = cc->cwnd < CWND_MAX - bytes ? cc->cwnd + bytes : CWND_MAX;
}

static void begin(struct sw_tcp_cc *cc, bool syn_lost)
{
    /* 3.1: after a lost SYN one segment, for the path may be as bad as it looks. */
    cc->cwnd = syn_lost ? cc->mss_bytes : sw_tcp_cc_initial_window(cc->mss_bytes);
    cc->ssthresh = CWND_MAX;
    cc->own.newreno.acked_bytes = 0;
    cc->own.newreno.recovering = false;
}

static void ack(struct sw_tcp_cc *cc, const struct sw_tcp_cc_ack *acked)
{
    if (acked->flight_bytes < cc->cwnd / 2) {
        return;
    }
    if (cc->cwnd < cc->ssthresh) {
        /* (2): at most a segment for each acknowledgement, however much it covers. */
        grow(cc, acked->acked_bytes < cc->mss_bytes ? acked->acked_bytes : cc->mss_bytes);
        return;
    }
    /* 3.1: a segment for each window's worth acknowledged, so never more than one in a round trip.
     */
    cc->own.newreno.acked_bytes += acked->acked_bytes;
    if (cc->own.newreno.acked_bytes >= cc->cwnd) {
        cc->own.newreno.acked_bytes -= cc->cwnd;
        grow(cc, cc->mss_bytes);
    }
}

/* (4). */
static uint32_t half_flight(const struct sw_tcp_cc *cc, uint32_t flight_bytes)
{
    return flight_bytes / 2 > 2 * cc->mss_bytes ? flight_bytes / 2 : 2 * cc->mss_bytes;
}

static void enter(struct sw_tcp_cc *cc, uint32_t flight_bytes, sw_time now)
{
    (void)now;
    cc->ssthresh = half_flight(cc, flight_bytes);
    cc->own.newreno.recovering = true;
    /* 3.2, step 3: the three segments that have left the network. */
    cc->cwnd = cc->ssthresh + 3 * cc->mss_bytes;
    cc->own.newreno.acked_bytes = 0;
}

static void duplicate(struct sw_tcp_cc *cc)
{
    grow(cc, cc->mss_bytes); /* 3.2, step 4 */
}

/* RFC 6582 3.2, step 3, partial acknowledgements. */
static void partial(struct sw_tcp_cc *cc, uint32_t acked_bytes)
{
    cc->cwnd = cc->cwnd > acked_bytes ? cc->cwnd - acked_bytes : 0;
    if (acked_bytes >= cc->mss_bytes) {
        grow(cc, cc->mss_bytes);
    }
    if (cc->cwnd < cc->mss_bytes) {
        cc->cwnd = cc->mss_bytes;
    }
}

/* RFC 6582 3.2, step 3, full acknowledgements, (1): no burst if little is in flight. */
static void leave(struct sw_tcp_cc *cc, uint32_t flight_bytes)
{
    const uint32_t flight =
        (flight_bytes > cc->mss_bytes ? flight_bytes : cc->mss_bytes) + cc->mss_bytes;
    cc->cwnd = cc->ssthresh < flight ? cc->ssthresh : flight;
    cc->own.newreno.acked_bytes = 0;
    cc->own.newreno.recovering = false;
}

static void timeout(struct sw_tcp_cc *cc, uint32_t flight_bytes, bool again, sw_time now)
{
    (void)now;
    /* 3.1: of the flight, not of cwnd; and once for a segment, however often it is sent again. But
     * what recovery left unacknowledged is far more than the path held: each duplicate let another
     * segment go while the first hole stood. So never of more than cwnd, and the loss that recovery
     * answered already gives no new leave (3.1 bounds ssthresh from above alone). */
    if (!again) {
        const uint32_t out = flight_bytes < cc->cwnd ? flight_bytes : cc->cwnd;
        const uint32_t half = half_flight(cc, out);
        const bool lower = !cc->own.newreno.recovering || half < cc->ssthresh;
        cc->ssthresh = lower ? half : cc->ssthresh;
    }
    cc->cwnd = cc->mss_bytes; /* the loss window */
    cc->own.newreno.acked_bytes = 0;
    cc->own.newreno.recovering = false;
}

static void idle(struct sw_tcp_cc *cc)
{
    const uint32_t restart = sw_tcp_cc_initial_window(cc->mss_bytes);
    cc->cwnd = cc->cwnd < restart ? cc->cwnd : restart;
}

const struct sw_tcp_cc_ops sw_tcp_cc_newreno = {
    .name = "newreno",
    .begin = begin,
    .ack = ack,
    .enter = enter,
    .duplicate = duplicate,
    .partial = partial,
    .leave = leave,
    .timeout = timeout,
    .idle = idle,
};
