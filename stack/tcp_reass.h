/* Text that came before its turn: kept, copied, until what is missing before it has come (RFC
 * 9293 3.10.7.4, SHLD-31). Pure.
 *
 * Pieces lie in an array in the order of their numbers; each is a run of bytes in one block. What
 * continues the piece that was added last joins it, or its block's successor, without a search, so
 * a long run behind one hole costs the same for each segment; a piece anywhere else is found by
 * halving, and shifts those behind it (24 bytes each). What is kept already wins over what comes
 * later with the same numbers.
 *
 * Bounds: SW_REASS_PIECES of them and one more for each 8 KiB kept; so at most 256 blocks of 2 KiB
 * hold little, and a run of more than 16 KiB lies in blocks of 16 KiB. */
#ifndef SW_STACK_TCP_REASS_H
#define SW_STACK_TCP_REASS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/frame.h"

#define SW_REASS_PIECES 256u

struct sw_tcp_piece {
    struct sw_block *block; /* a reference */
    uint32_t off, len;
    uint32_t seq;
};

struct sw_tcp_reass {
    struct sw_tcp_piece
        *piece; /* count of them from room[0 .. cap) on, not always from its begin */
    struct sw_tcp_piece *room;
    uint32_t count, cap;
    uint32_t bytes;
    uint32_t last;           /* the piece that was added or grew last */
    uint32_t run;            /* bytes in a row that were added there */
    struct sw_block *writer; /* where the next bytes are copied: a reference, or NULL */
};

void sw_tcp_reass_init(struct sw_tcp_reass *r);
void sw_tcp_reass_fini(struct sw_tcp_reass *r); /* empty afterwards, and usable */
/* Keeps of len > 0 bytes of a frame from `off` on, whose first has the number seq, those it does
 * not have. All numbers there are at one time lie within 2^30 of each other. False: some were not
 * kept, for want of memory or over the bound. */
bool sw_tcp_reass_add(struct sw_tcp_reass *r, uint32_t seq, const struct sw_frame *frame,
                      size_t off, uint32_t len);
/* The first piece, if it begins at or before `next`; what it has of before that is cut off, and
 * pieces wholly before it are dropped. NULL: none does. */
const struct sw_tcp_piece *sw_tcp_reass_first(struct sw_tcp_reass *r, uint32_t next);
/* The piece that holds the byte with the number seq; NULL: none does. O(log n). */
const struct sw_tcp_piece *sw_tcp_reass_at(const struct sw_tcp_reass *r, uint32_t seq);
/* Drops the first piece. */
void sw_tcp_reass_pop(struct sw_tcp_reass *r);

#endif
