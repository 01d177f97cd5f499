/* What the algorithms of congestion control have in common: see tcp_cc.h. Steps and equations are
 * those of RFC 5681 and RFC 6582. */
#include "stack/tcp_cc.h"

#include <stddef.h>
#include <string.h>

#include "stack/tcp_bbr.h"
#include "stack/tcp_cc_cubic.h"
#include "stack/tcp_cc_newreno.h"
#include "stack/tcp_seq.h"

const struct sw_tcp_cc_ops *sw_tcp_cc_find(enum sw_tcp_congestion which)
{
    static const struct sw_tcp_cc_ops *const all[] = {
        [SW_TCP_CONGESTION_DEFAULT] = &sw_tcp_cc_cubic,
        [SW_TCP_CUBIC] = &sw_tcp_cc_cubic,
        [SW_TCP_RENO] = &sw_tcp_cc_newreno,
        [SW_TCP_BBR] = &sw_tcp_cc_bbr,
    };
    return (unsigned)which < sizeof(all) / sizeof(all[0]) ? all[which] : NULL;
}

void sw_tcp_cc_choose(struct sw_tcp_cc *cc, const struct sw_tcp_cc_ops *ops)
{
    sw_tcp_cc_fini(cc);
    const struct sw_tcp_cc before = *cc;
    *cc = (struct sw_tcp_cc){.ops = ops,
                             .mss_bytes = before.mss_bytes,
                             .cwnd = before.cwnd,
                             .ssthresh = before.ssthresh,
                             .recovering = before.recovering};
}

void sw_tcp_cc_fini(struct sw_tcp_cc *cc)
{
    if (cc->ops->fini != NULL) {
        cc->ops->fini(cc);
    }
}

uint64_t sw_tcp_cc_pacing(const struct sw_tcp_cc *cc, sw_time srtt)
{
    if (cc->ops->pacing != NULL) {
        return cc->ops->pacing(cc, srtt);
    }
    if (srtt <= 0) {
        return 0;
    }
    const uint64_t rate = (uint64_t)cc->cwnd * SW_S / (uint64_t)srtt;
    return cc->cwnd < cc->ssthresh / 2 ? rate * 2 : rate * 6 / 5;
}

void sw_tcp_cc_begin(struct sw_tcp_cc *cc, bool syn_lost)
{
    /* RFC 5681 3.1: after a lost SYN one segment, for the path may be as bad as it looks. */
    cc->cwnd = syn_lost ? cc->mss_bytes : sw_tcp_cc_initial_window(cc->mss_bytes);
    cc->ssthresh = SW_TCP_CWND_MAX;
    cc->recovering = false;
    cc->flight_most = 0;
    cc->unused_s = 0;
    memset(&cc->own, 0, sizeof(cc->own));
}

/* RFC 7661 4.4.3. */
static void not_used(struct sw_tcp_cc *cc, sw_time now)
{
    const uint16_t now_s = (uint16_t)(now / SW_S % UINT16_MAX + 1);
    if (cc->unused_s == 0) {
        cc->unused_s = now_s;
    }
    if ((now_s + UINT16_MAX - cc->unused_s) % UINT16_MAX < (int)SW_TCP_CC_UNUSED_MOST_S) {
        return;
    }
    cc->unused_s = now_s;
    const uint32_t quarters = cc->cwnd - cc->cwnd / 4;
    const uint32_t half = cc->cwnd / 2, least = sw_tcp_cc_initial_window(cc->mss_bytes);
    cc->ssthresh = cc->ssthresh > quarters ? cc->ssthresh : quarters;
    if (cc->cwnd > least) {
        cc->cwnd = half > least ? half : least;
    }
}

bool sw_tcp_cc_is_used(struct sw_tcp_cc *cc, const struct sw_tcp_cc_ack *ack)
{
    if (ack->flight_bytes > cc->flight_most) {
        cc->flight_most = ack->flight_bytes;
        cc->flight_end = ack->nxt;
    }
    const uint64_t twice = 2 * (uint64_t)cc->flight_most;
    if (sw_seq_ge(ack->una, cc->flight_end)) {
        cc->flight_most = 0; /* the next acknowledgement begins anew */
    }
    if (cc->cwnd < twice || (cc->cwnd == twice && cc->cwnd >= cc->ssthresh)) {
        cc->unused_s = 0;
        return true;
    }
    not_used(cc, ack->now);
    return false;
}

void sw_tcp_cc_grow(struct sw_tcp_cc *cc, uint32_t bytes)
{
    cc->cwnd = cc->cwnd < SW_TCP_CWND_MAX - bytes ? cc->cwnd + bytes : SW_TCP_CWND_MAX;
}

void sw_tcp_cc_slow_start(struct sw_tcp_cc *cc, const struct sw_tcp_cc_ack *acked)
{
    if (cc->ssthresh < SW_TCP_CWND_MAX) {
        /* (2): at most a segment for each acknowledgement, however much it covers: after a timeout
         * one may cover all that had arrived long ago. */
        sw_tcp_cc_grow(cc, acked->acked_bytes < cc->mss_bytes ? acked->acked_bytes : cc->mss_bytes);
        return;
    }
    const struct sw_tcp_hystart_ack ack = {.una = acked->una,
                                           .nxt = acked->nxt,
                                           .acked_bytes = acked->acked_bytes,
                                           .mss_bytes = cc->mss_bytes,
                                           .rtt = acked->rtt};
    bool over = false;
    sw_tcp_cc_grow(cc, sw_tcp_hystart_ack(&cc->own.hystart, &ack, &over));
    if (over) {
        cc->ssthresh = cc->cwnd;
        memset(&cc->own, 0, sizeof(cc->own));
    }
}

void sw_tcp_cc_enter(struct sw_tcp_cc *cc, uint32_t ssthresh)
{
    cc->ssthresh = ssthresh;
    cc->recovering = true;
    cc->unused_s = 0; /* RFC 7661 4.4: that is over, as with a timeout */
    /* RFC 5681 3.2, step 3: the three segments that have left the network. */
    cc->cwnd = cc->ssthresh + 3 * cc->mss_bytes;
}

void sw_tcp_cc_inflate(struct sw_tcp_cc *cc)
{
    sw_tcp_cc_grow(cc, cc->mss_bytes); /* RFC 5681 3.2, step 4 */
}

/* RFC 6582 3.2, step 3, partial acknowledgements. */
void sw_tcp_cc_deflate(struct sw_tcp_cc *cc, uint32_t acked_bytes)
{
    cc->cwnd = cc->cwnd > acked_bytes ? cc->cwnd - acked_bytes : 0;
    if (acked_bytes >= cc->mss_bytes) {
        sw_tcp_cc_grow(cc, cc->mss_bytes);
    }
    if (cc->cwnd < cc->mss_bytes) {
        cc->cwnd = cc->mss_bytes;
    }
}

/* RFC 6582 3.2, step 3, full acknowledgements, (1): no burst if little is in flight. */
void sw_tcp_cc_leave(struct sw_tcp_cc *cc, uint32_t flight_bytes)
{
    const uint32_t flight =
        (flight_bytes > cc->mss_bytes ? flight_bytes : cc->mss_bytes) + cc->mss_bytes;
    cc->cwnd = cc->ssthresh < flight ? cc->ssthresh : flight;
    cc->recovering = false;
}

void sw_tcp_cc_marked(struct sw_tcp_cc *cc, uint32_t flight_bytes, sw_time now)
{
    const uint32_t before = cc->cwnd;
    cc->ops->enter(cc, flight_bytes, now);
    cc->cwnd = before < cc->ssthresh ? before : cc->ssthresh;
    cc->recovering = false;
}

void sw_tcp_cc_timeout(struct sw_tcp_cc *cc, uint32_t ssthresh, bool again)
{
    /* RFC 5681 3.1: once for a segment, however often it is sent again. And the loss that recovery
     * answered already gives no new leave (3.1 bounds ssthresh from above alone). */
    if (!again) {
        const bool lower = !cc->recovering || ssthresh < cc->ssthresh;
        cc->ssthresh = lower ? ssthresh : cc->ssthresh;
    }
    cc->cwnd = cc->mss_bytes; /* the loss window */
    cc->recovering = false;
    cc->unused_s = 0;
}

void sw_tcp_cc_idle(struct sw_tcp_cc *cc)
{
    const uint32_t restart = sw_tcp_cc_initial_window(cc->mss_bytes);
    cc->cwnd = cc->cwnd < restart ? cc->cwnd : restart;
    cc->unused_s = 0;
    if (cc->ssthresh == SW_TCP_CWND_MAX) {
        cc->own.hystart = (struct sw_tcp_hystart){0}; /* its rounds begin anew */
    }
}

void sw_tcp_cc_undo(struct sw_tcp_cc *cc, const struct sw_tcp_cc *before)
{
    const bool more = !cc->recovering && cc->cwnd > before->cwnd;
    cc->cwnd = more ? cc->cwnd : before->cwnd;
    cc->ssthresh = cc->ssthresh > before->ssthresh ? cc->ssthresh : before->ssthresh;
    cc->recovering = false;
    cc->own = before->own;
}
