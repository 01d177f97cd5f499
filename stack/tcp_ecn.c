/* What a sender does about congestion that it was told of (RFC 3168 6.1.2): it lowers its window as
 * for a loss, once a round trip, and sends nothing again. What is kept of it is in tcp_ecn.h.
 *
 * Departure: 6.1.2 has a window of one segment answered by the retransmission timer, so that less
 * than a segment a round trip is sent. As Linux, a mark leaves two segments (RFC 5681 3.1, equation
 * 4; RFC 9438 4.6), or what there is if that is less. */
#include "stack/tcp.h"

void sw_tcp_lower(struct sw_tcp *t, uint32_t flight_bytes, sw_time now)
{
    if (t->ecn.lowered && t->cc.ops->control == NULL) {
        sw_tcp_cc_enter(&t->cc, t->cc.ssthresh);
    } else {
        t->cc.ops->enter(&t->cc, flight_bytes, now);
    }
    sw_tcp_ecn_lowered(&t->ecn, t->snd_nxt);
    sw_tcp_tell(t, SW_TCP_TOLD_LOSS);
}

void sw_tcp_ecn_echoed(struct sw_tcp *t, uint32_t flight_bytes, uint32_t bytes, sw_time now)
{
    t->count.delivered_ce += (bytes + t->snd_mss - 1) / t->snd_mss;
    sw_tcp_undo_marked(t);
    /* For a mark alone: losses and timeouts are answered already. */
    if (!t->recovering && !t->ecn.lowered && t->cc.ops->marked != NULL) {
        t->cc.ops->marked(&t->cc, flight_bytes < t->cc.cwnd ? flight_bytes : t->cc.cwnd, now);
        sw_tcp_ecn_lowered(&t->ecn, t->snd_nxt);
        sw_tcp_tell(t, SW_TCP_TOLD_MARK);
    }
}
