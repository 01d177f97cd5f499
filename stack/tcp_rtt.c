/* RFC 6298: see tcp_rtt.h. Integer arithmetic throughout, so that every machine waits to the same
 * nanosecond. */
#include "stack/tcp_rtt.h"

#include <assert.h>

void sw_tcp_rtt_init(struct sw_tcp_rtt *rtt, bool as_linux)
{
    *rtt = (struct sw_tcp_rtt){.rto = SW_RTO_INITIAL, .as_linux = as_linux};
}

static void set_rto(struct sw_tcp_rtt *rtt)
{
    const sw_time least = rtt->as_linux ? SW_RTO_MIN : SW_RTO_GRANULARITY;
    const sw_time spread = 4 * rtt->rttvar > least ? 4 * rtt->rttvar : least;
    rtt->rto = rtt->srtt + spread;
    if (rtt->rto < SW_RTO_MIN) {
        rtt->rto = SW_RTO_MIN;
    } else if (rtt->rto > SW_RTO_MAX) {
        rtt->rto = SW_RTO_MAX;
    }
}

void sw_tcp_rtt_sample(struct sw_tcp_rtt *rtt, sw_time r)
{
    assert(r >= 0);
    const uint32_t us = r < SW_RTO_MAX ? (uint32_t)(r / SW_US) : (uint32_t)(SW_RTO_MAX / SW_US);
    rtt->probed = false;
    rtt->min_us = !rtt->sampled || us < rtt->min_us ? us : rtt->min_us;
    if (!rtt->sampled) {
        rtt->sampled = true;
        rtt->srtt = r;
        rtt->rttvar = r / 2;
    } else {
        /* The deviation first: it is measured against the old mean. */
        const sw_time off = rtt->srtt > r ? rtt->srtt - r : r - rtt->srtt;
        rtt->rttvar += (off - rtt->rttvar) / 4;
        rtt->srtt += (r - rtt->srtt) / 8;
    }
    set_rto(rtt);
}

void sw_tcp_rtt_back_off(struct sw_tcp_rtt *rtt)
{
    rtt->rto = rtt->rto < SW_RTO_MAX / 2 ? 2 * rtt->rto : SW_RTO_MAX;
}

void sw_tcp_rtt_syn_was_lost(struct sw_tcp_rtt *rtt)
{
    if (!rtt->sampled) {
        rtt->rto = SW_RTO_AFTER_SYN_LOSS;
    }
}
