/* Parts of frames: what forwarding, fragmenting, reassembling and answering do to heads and slices.
 */
#ifndef SW_STACK_PIECE_H
#define SW_STACK_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/frame.h"

/* How many bytes from `off` on lie in the head in a row, where parsers read; 0 where off lies
 * behind the head. */
static inline size_t sw_piece_have(const struct sw_frame *frame, size_t off)
{
    return off < frame->head_len ? frame->head_len - off : 0;
}

/* Takes the first n bytes, which lie in the head, off a frame that may be written; they become
 * headroom. */
void sw_piece_strip(struct sw_frame *frame, unsigned n);
/* Cuts a frame that may be written to its first len bytes. */
void sw_piece_cut(struct sw_frame *frame, uint32_t len);
/* Appends `len` bytes of `from`, from `off` on, to a frame under construction: those in the head by
 * copy, those in slices by reference. The head of `to` must have room for what is copied: asserted.
 */
void sw_piece_share(struct sw_frame *to, const struct sw_frame *from, size_t off, size_t len);
/* The smallest class whose blocks hold n bytes; n at most 65536: asserted. */
enum sw_block_class sw_piece_class(size_t n);

#endif
