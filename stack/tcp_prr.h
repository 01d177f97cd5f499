/* Proportional rate reduction (RFC 6937): how much may be sent for each acknowledgement of a
 * recovery, so that cwnd has come down to ssthresh when it ends, and neither stands still before
 * nor bursts after. Pure. */
#ifndef SW_STACK_TCP_PRR_H
#define SW_STACK_TCP_PRR_H

#include <stdbool.h>
#include <stdint.h>

struct sw_tcp_prr {
    uint32_t flight_bytes; /* RecoverFS: what was out when recovery began; > 0 */
    uint32_t ssthresh_bytes;
    uint32_t delivered_bytes, sent_bytes; /* since then */
};

/* Recovery begins (3). */
void sw_tcp_prr_begin(struct sw_tcp_prr *prr, uint32_t flight_bytes, uint32_t ssthresh_bytes);
/* An acknowledgement: `bytes` more are known to have been delivered, acknowledged or SACKed (0 may
 * be), and the pipe holds so many. Returns the new cwnd: the pipe and what may be sent beside it.
 * With the slow start reduction bound (3, PRR-SSRB), or, unless `grows`, the conservative one. */
uint32_t sw_tcp_prr_ack(struct sw_tcp_prr *prr, uint32_t bytes, uint32_t pipe_bytes,
                        uint32_t mss_bytes, bool grows);
/* So many bytes of text went out, new or again. */
static inline void sw_tcp_prr_sent(struct sw_tcp_prr *prr, uint32_t bytes)
{
    prr->sent_bytes += bytes;
}

#endif
