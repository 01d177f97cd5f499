/* What the receiver says of text that came before its turn (RFC 2018 4): the blocks that it holds,
 * the one that grew last first, so that each is told in several acknowledgements. Pure. */
#ifndef SW_STACK_TCP_SACK_H
#define SW_STACK_TCP_SACK_H

#include <stdint.h>

#include "stack/tcp_reass.h"
#include "stack/wire/tcp.h"

struct sw_tcp_sack {
    struct sw_tcp_block block[SW_TCP_SACK_BLOCKS]; /* as they are in the reassembly; all apart */
    uint8_t count;
};

/* Text with the number seq came out of order, and is in r if it could be kept: the whole run of
 * text around it comes first from now on. */
void sw_tcp_sack_arrived(struct sw_tcp_sack *sack, const struct sw_tcp_reass *r, uint32_t seq);
/* All before next is acknowledged; blocks of it are told no more. */
void sw_tcp_sack_advance(struct sw_tcp_sack *sack, uint32_t next);

#endif
