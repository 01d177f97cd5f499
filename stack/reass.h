/* Reassembly of IPv4 fragments (RFC 791 3.2, RFC 815, RFC 1122 3.3.2). */
#ifndef SW_STACK_REASS_H
#define SW_STACK_REASS_H

#include "stack/impl.h"
#include "stack/wire/ipv4.h"

#define SW_REASS_TIMEOUT (60 * SW_S)     /* RFC 1122 3.3.2: fixed, 60 to 120 s */
#define SW_REASS_DATAGRAMS 256           /* unfinished ones, of a host */
#define SW_REASS_SOURCE_DATAGRAMS 64     /* of one source */
#define SW_REASS_BYTES (8U << 20)        /* memory they may take, of a host */
#define SW_REASS_SOURCE_BYTES (2U << 20) /* of one source */

/* A whole datagram. */
struct sw_reassembled {
    struct sw_frame *frame; /* the caller's; Ethernet header and IP header in front */
    unsigned fragments;     /* of how many frames it consists, the last one included */
};

/* Takes a fragment for this host in. SW_RX_HELD: it waits for the rest (its text is copied; the
 * frame may go). SW_RX_CONSUMED: it completed *out; the frames that waited are not held any more,
 * and all of them are the caller's to count. Else why it was dropped; what its arrival ended
 * besides is counted here. */
sw_rx_verdict sw_reass_input(struct sw_host *host, const struct sw_rx *rx, const struct sw_ipv4 *ip,
                             struct sw_reassembled *out);
void sw_reass_free(struct sw_reass *reass); /* drops everything, uncounted */

#endif
