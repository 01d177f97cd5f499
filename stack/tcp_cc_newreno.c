/* NewReno: see tcp_cc_newreno.h. Equation numbers are those of RFC 5681.
 *
 * The window grows only while it is used; RFC 5681 leaves this open. */
#include "stack/tcp_cc_newreno.h"

static void ack(struct sw_tcp_cc *cc, const struct sw_tcp_cc_ack *acked)
{
    if (!sw_tcp_cc_is_used(cc, acked)) {
        return;
    }
    if (cc->cwnd < cc->ssthresh) {
        sw_tcp_cc_slow_start(cc, acked);
        return;
    }
    /* 3.1: a segment for each window's worth acknowledged, so never more than one in a round trip.
     */
    cc->own.newreno.acked_bytes += acked->acked_bytes;
    if (cc->own.newreno.acked_bytes >= cc->cwnd) {
        cc->own.newreno.acked_bytes -= cc->cwnd;
        sw_tcp_cc_grow(cc, cc->mss_bytes);
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
    sw_tcp_cc_enter(cc, half_flight(cc, flight_bytes));
    cc->own.newreno.acked_bytes = 0;
}

static void timeout(struct sw_tcp_cc *cc, uint32_t flight_bytes, bool again, sw_time now)
{
    (void)now;
    /* 3.1: of the flight, not of cwnd. But what recovery left unacknowledged is far more than the
     * path held: each duplicate let another segment go while the first hole stood. So never of more
     * than cwnd. */
    const uint32_t out = flight_bytes < cc->cwnd ? flight_bytes : cc->cwnd;
    sw_tcp_cc_timeout(cc, half_flight(cc, out), again);
    cc->own.newreno.acked_bytes = 0;
}

const struct sw_tcp_cc_ops sw_tcp_cc_newreno = {
    .which = SW_TCP_RENO,
    .begin = sw_tcp_cc_begin,
    .ack = ack,
    .enter = enter,
    .duplicate = sw_tcp_cc_inflate,
    .partial = sw_tcp_cc_deflate,
    .leave = sw_tcp_cc_leave,
    .timeout = timeout,
    .marked = sw_tcp_cc_marked,
    .idle = sw_tcp_cc_idle,
    .undo = sw_tcp_cc_undo,
};
