/* RFC 6937: see tcp_prr.h. */
#include "stack/tcp_prr.h"

#include <assert.h>

void sw_tcp_prr_begin(struct sw_tcp_prr *prr, uint32_t flight_bytes, uint32_t ssthresh_bytes)
{
    assert(flight_bytes > 0);
    *prr = (struct sw_tcp_prr){.flight_bytes = flight_bytes, .ssthresh_bytes = ssthresh_bytes};
}

uint32_t sw_tcp_prr_ack(struct sw_tcp_prr *prr, uint32_t bytes, uint32_t pipe_bytes,
                        uint32_t mss_bytes, bool grows)
{
    prr->delivered_bytes += bytes;
    uint64_t may = 0;
    if (pipe_bytes > prr->ssthresh_bytes) {
        /* In proportion: ssthresh of each flight that was delivered, rounded up. */
        const uint64_t share =
            ((uint64_t)prr->delivered_bytes * prr->ssthresh_bytes + prr->flight_bytes - 1) /
            prr->flight_bytes;
        may = share > prr->sent_bytes ? share - prr->sent_bytes : 0;
    } else {
        /* Losses have taken the pipe below ssthresh: back to it as slow start would. */
        const uint32_t owed =
            prr->delivered_bytes > prr->sent_bytes ? prr->delivered_bytes - prr->sent_bytes : 0;
        const uint32_t room = prr->ssthresh_bytes - pipe_bytes;
        may = (uint64_t)(owed > bytes ? owed : bytes) + (grows ? mss_bytes : 0);
        may = may < room ? may : room;
    }
    return pipe_bytes + (uint32_t)may;
}
