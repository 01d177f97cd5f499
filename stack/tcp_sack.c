/* Blocks for the peer: see tcp_sack.h. */
#include "stack/tcp_sack.h"

#include <string.h>

#include "stack/tcp_seq.h"

static void forget(struct sw_tcp_sack *sack, unsigned i)
{
    sack->count--;
    memmove(&sack->block[i], &sack->block[i + 1], (sack->count - i) * sizeof(sack->block[0]));
}

/* Joins b with what is known that touches it, and with the pieces that lie beside it. True: it
 * grew, so there may be more. */
static bool grow(struct sw_tcp_sack *sack, const struct sw_tcp_reass *r, struct sw_tcp_block *b)
{
    const struct sw_tcp_block before = *b;
    for (unsigned i = sack->count; i-- > 0;) {
        const struct sw_tcp_block known = sack->block[i];
        if (sw_seq_le(known.start, b->end) && sw_seq_le(b->start, known.end)) {
            b->start = sw_seq_min(b->start, known.start);
            b->end = sw_seq_max(b->end, known.end);
            forget(sack, i);
        }
    }
    const struct sw_tcp_piece *p = sw_tcp_reass_at(r, b->end);
    b->end = p != NULL ? p->seq + p->len : b->end;
    p = sw_tcp_reass_at(r, b->start - 1);
    b->start = p != NULL ? p->seq : b->start;
    return b->start != before.start || b->end != before.end;
}

void sw_tcp_sack_arrived(struct sw_tcp_sack *sack, const struct sw_tcp_reass *r, uint32_t seq)
{
    const struct sw_tcp_piece *p = sw_tcp_reass_at(r, seq);
    if (p == NULL) {
        return;
    }
    struct sw_tcp_block b = {.start = p->seq, .end = p->seq + p->len};
    while (grow(sack, r, &b)) {
    }
    if (sack->count == SW_TCP_SACK_BLOCKS) {
        sack->count--;
    }
    memmove(&sack->block[1], &sack->block[0], sack->count * sizeof(sack->block[0]));
    sack->block[0] = b;
    sack->count++;
}

void sw_tcp_sack_advance(struct sw_tcp_sack *sack, uint32_t next)
{
    for (unsigned i = sack->count; i-- > 0;) {
        if (sw_seq_le(sack->block[i].start, next)) {
            forget(sack, i);
        }
    }
}
