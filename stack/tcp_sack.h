/* What the receiver says of text that came before its turn (RFC 2018 4): the blocks that it holds,
 * the one that grew last first, so that each is told in several acknowledgements; and before them,
 * once, what came twice (RFC 2883, D-SACK). Pure. */
#ifndef SW_STACK_TCP_SACK_H
#define SW_STACK_TCP_SACK_H

#include <stdbool.h>
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

/* What of the text from seq to end had come before (RFC 2883 4): what lies below next; else the
 * first run of it that r holds (NULL: nothing waits). start == end: none of it had. */
struct sw_tcp_block sw_tcp_sack_twice(const struct sw_tcp_reass *r, uint32_t next, uint32_t seq,
                                      uint32_t end);
/* Puts that before the blocks of a header, of which there may be `most`; those that have no room
 * any more are left out. */
void sw_tcp_sack_tell_twice(struct sw_tcp_header *h, struct sw_tcp_block twice, unsigned most);
/* Does a peer's first block tell of what came twice? It does if it begins below the
 * acknowledgement, or lies in the second (RFC 2883 5). */
bool sw_tcp_sack_tells_twice(const struct sw_tcp_header *h);

#endif
