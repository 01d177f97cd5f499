/* Text out of order: see tcp_reass.h. */
#include "stack/tcp_reass.h"

#include <stdlib.h>
#include <string.h>

#include "stack/tcp_seq.h"

#define LONG_RUN_BYTES 16384u

void sw_tcp_reass_init(struct sw_tcp_reass *r)
{
    memset(r, 0, sizeof(*r));
}

void sw_tcp_reass_fini(struct sw_tcp_reass *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        sw_block_drop(r->piece[i].block);
    }
    if (r->writer != NULL) {
        sw_block_drop(r->writer);
    }
    free(r->room);
    sw_tcp_reass_init(r);
}

static uint32_t piece_end(const struct sw_tcp_piece *p)
{
    return p->seq + p->len;
}

/* The first piece that ends behind seq. */
static uint32_t find(const struct sw_tcp_reass *r, uint32_t seq)
{
    if (r->last < r->count && piece_end(&r->piece[r->last]) == seq) {
        return r->last + 1;
    }
    uint32_t low = 0, high = r->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (sw_seq_gt(piece_end(&r->piece[middle]), seq)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* Room in a row to write to: in the writer, or, if the piece before does not end in it, only where
 * a new piece may begin. */
static bool make_room(struct sw_tcp_reass *r, struct sw_pool *pool, bool continues)
{
    const uint32_t run = continues ? r->run : 0;
    const bool fits = r->writer != NULL && r->writer->used < r->writer->cap &&
                      (continues || r->writer->class == SW_BLOCK_2K);
    if (fits) {
        return true;
    }
    struct sw_block *fresh = sw_block_new(pool, run >= LONG_RUN_BYTES ? SW_BLOCK_16K : SW_BLOCK_2K);
    if (fresh == NULL) {
        return false;
    }
    if (r->writer != NULL) {
        sw_block_drop(r->writer);
    }
    r->writer = fresh;
    return true;
}

/* A place behind the last piece: by moving to the begin, if half the room is unused, or by more
 * room. */
static bool make_place(struct sw_tcp_reass *r)
{
    if (r->count > r->cap / 2 || r->cap == 0) {
        const uint32_t cap = r->cap == 0 ? 8 : 2 * r->cap;
        struct sw_tcp_piece *room = malloc(cap * sizeof(*room));
        if (room == NULL) {
            return false;
        }
        if (r->count > 0) {
            memcpy(room, r->piece, r->count * sizeof(*room));
        }
        free(r->room);
        r->room = room;
        r->cap = cap;
    } else {
        memmove(r->room, r->piece, r->count * sizeof(*r->room));
    }
    r->piece = r->room;
    return true;
}

static bool insert(struct sw_tcp_reass *r, uint32_t i, uint32_t seq)
{
    if (r->count >= SW_REASS_PIECES + r->bytes / 8192) {
        return false;
    }
    if ((size_t)(r->piece - r->room) + r->count == r->cap && !make_place(r)) {
        return false;
    }
    memmove(&r->piece[i + 1], &r->piece[i], (r->count - i) * sizeof(r->piece[0]));
    r->piece[i] =
        (struct sw_tcp_piece){.block = sw_block_ref(r->writer), .off = r->writer->used, .seq = seq};
    r->count++;
    return true;
}

/* Copies n bytes that nothing kept overlaps before piece i; returns where the next bytes would go,
 * 0 if not all was kept. (A piece was added then, so 0 is no place.) */
static uint32_t add_gap(struct sw_tcp_reass *r, uint32_t i, uint32_t seq,
                        const struct sw_frame *frame, size_t off, uint32_t n)
{
    while (n > 0) {
        const bool continues = i > 0 && r->last == i - 1 && piece_end(&r->piece[i - 1]) == seq;
        if (!make_room(r, frame->pool, continues)) {
            return 0;
        }
        struct sw_block *writer = r->writer;
        const bool joins = continues && r->piece[i - 1].block == writer &&
                           r->piece[i - 1].off + r->piece[i - 1].len == writer->used;
        if (!joins) {
            if (!insert(r, i, seq)) {
                return 0;
            }
            i++;
        }
        const uint32_t room = writer->cap - writer->used;
        const uint32_t here = n < room ? n : room;
        sw_frame_read(frame, off, writer->bytes + writer->used, here);
        writer->used += here;
        r->piece[i - 1].len += here;
        r->bytes += here;
        r->run = continues ? r->run + here : here;
        r->last = i - 1;
        seq += here;
        off += here;
        n -= here;
    }
    return i;
}

bool sw_tcp_reass_add(struct sw_tcp_reass *r, uint32_t seq, const struct sw_frame *frame,
                      size_t off, uint32_t len)
{
    const uint32_t end = seq + len;
    uint32_t i = find(r, seq);
    while (sw_seq_lt(seq, end)) {
        uint32_t stop = end;
        if (i < r->count && sw_seq_lt(r->piece[i].seq, end)) {
            stop = sw_seq_max(r->piece[i].seq, seq);
        }
        if (stop != seq) {
            i = add_gap(r, i, seq, frame, off, stop - seq);
            if (i == 0) {
                return false;
            }
            off += stop - seq;
            seq = stop;
        }
        if (i < r->count && sw_seq_lt(seq, end)) {
            off += piece_end(&r->piece[i]) - seq;
            seq = piece_end(&r->piece[i]);
            i++;
        }
    }
    return true;
}

const struct sw_tcp_piece *sw_tcp_reass_first(struct sw_tcp_reass *r, uint32_t next)
{
    while (r->count > 0 && sw_seq_le(r->piece[0].seq, next)) {
        struct sw_tcp_piece *p = &r->piece[0];
        const uint32_t cut = next - p->seq;
        if (cut < p->len) {
            p->seq += cut;
            p->off += cut;
            p->len -= cut;
            r->bytes -= cut;
            return p;
        }
        sw_tcp_reass_pop(r);
    }
    return NULL;
}

const struct sw_tcp_piece *sw_tcp_reass_at(const struct sw_tcp_reass *r, uint32_t seq)
{
    const uint32_t i = find(r, seq);
    return i < r->count && sw_seq_le(r->piece[i].seq, seq) ? &r->piece[i] : NULL;
}

void sw_tcp_reass_pop(struct sw_tcp_reass *r)
{
    assert(r->count > 0);
    r->bytes -= r->piece[0].len;
    sw_block_drop(r->piece[0].block);
    r->count--;
    r->piece++;
    r->last = r->last > 0 ? r->last - 1 : UINT32_MAX;
    if (r->count == 0) {
        sw_tcp_reass_fini(r);
    }
}
