/* Text that came before its turn: kept, copied, until what is missing before it has come (RFC
 * 9293 3.10.7.4, SHLD-31). Pure.
 *
 * What lies in a row is a run, and a run is a list of pieces, each so many bytes of one block. Runs
 * are the nodes of a balanced tree (AVL) and of a list, both in the order of their numbers; where
 * one grows until it touches the next they become one, at the price of one step in the list of
 * pieces. What continues the run that grew last joins it without a search, so a long run behind one
 * hole costs the same for each segment; whatever else comes costs a walk down the tree, O(log n)
 * of the runs there are, in whatever order an adversary sends it: a segment that covers many runs
 * makes one of them. What is kept already wins over what comes later with the same numbers.
 *
 * Bounds: SW_REASS_PIECES pieces, and one more for each SW_REASS_PIECE_BYTES kept, so full segments
 * are kept in any order, though most lie in two blocks. A piece pins a block of 2 KiB at most, or,
 * behind 16 KiB in a row, one of 16 KiB: no more than 512 KiB and four times what is kept, even if
 * most of each block is read already. */
#ifndef SW_STACK_TCP_REASS_H
#define SW_STACK_TCP_REASS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/frame.h"

#define SW_REASS_PIECES 256u
#define SW_REASS_PIECE_BYTES 512u

struct sw_tcp_piece {
    struct sw_tcp_piece *next; /* in its run; begins where this one ends */
    struct sw_block *block;    /* a reference */
    uint32_t off, len;
    uint32_t seq;
};

struct sw_tcp_run {
    uint32_t seq, end; /* its first number, and the one behind its last */
    struct sw_tcp_piece *first, *last;
    struct sw_tcp_run *prev, *next;
    struct sw_tcp_run *child[2]; /* those before it, those behind it */
    uint8_t height;              /* of the tree below it, itself included */
};

struct sw_tcp_reass {
    struct sw_tcp_run *root, *first; /* NULL: nothing is kept */
    uint32_t count;                  /* of pieces */
    uint32_t bytes;
    struct sw_tcp_run *grown; /* what grew last, at its end; NULL: it is no more, or no longer so */
    uint32_t row;             /* bytes in a row that were added there */
    struct sw_block *writer;  /* where the next bytes are copied: a reference, or NULL */
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
/* The run that holds the byte with the number seq; NULL: none does. O(log n). */
const struct sw_tcp_run *sw_tcp_reass_at(const struct sw_tcp_reass *r, uint32_t seq);
/* The first run that ends behind seq; NULL: none does. O(log n). */
const struct sw_tcp_run *sw_tcp_reass_behind(const struct sw_tcp_reass *r, uint32_t seq);
/* Drops the first piece. */
void sw_tcp_reass_pop(struct sw_tcp_reass *r);

#endif
