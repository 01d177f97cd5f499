/* Blocks for the peer: see tcp_sack.h. */
#include "stack/tcp_sack.h"

#include <string.h>

#include "stack/tcp_seq.h"

static void forget(struct sw_tcp_sack *sack, unsigned i)
{
    sack->count--;
    memmove(&sack->block[i], &sack->block[i + 1], (sack->count - i) * sizeof(sack->block[0]));
}

void sw_tcp_sack_arrived(struct sw_tcp_sack *sack, const struct sw_tcp_reass *r, uint32_t seq)
{
    const struct sw_tcp_run *run = sw_tcp_reass_at(r, seq);
    if (run == NULL) {
        return;
    }
    /* What the run has grown over is told with it. */
    for (unsigned i = sack->count; i-- > 0;) {
        if (sw_seq_in(sack->block[i].start, run->seq, run->end - run->seq)) {
            forget(sack, i);
        }
    }
    if (sack->count == SW_TCP_SACK_BLOCKS) {
        sack->count--;
    }
    memmove(&sack->block[1], &sack->block[0], sack->count * sizeof(sack->block[0]));
    sack->block[0] = (struct sw_tcp_block){.start = run->seq, .end = run->end};
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

struct sw_tcp_block sw_tcp_sack_twice(const struct sw_tcp_reass *r, uint32_t next, uint32_t seq,
                                      uint32_t end)
{
    if (sw_seq_lt(seq, next)) {
        return (struct sw_tcp_block){.start = seq, .end = sw_seq_min(end, next)};
    }
    struct sw_tcp_block twice = {.start = end, .end = end};
    const struct sw_tcp_run *run = r != NULL ? sw_tcp_reass_behind(r, seq) : NULL;
    if (run != NULL && sw_seq_lt(run->seq, end)) {
        twice.start = sw_seq_max(run->seq, seq);
        twice.end = sw_seq_min(run->end, end);
    }
    return twice;
}

void sw_tcp_sack_tell_twice(struct sw_tcp_header *h, struct sw_tcp_block twice, unsigned most)
{
    const unsigned known = (h->has & SW_TCP_HAS_SACK) != 0 ? h->sack_count : 0;
    const unsigned others = known < most ? known : most - 1;
    memmove(&h->sack[1], &h->sack[0], others * sizeof(h->sack[0]));
    h->sack[0] = twice;
    h->sack_count = (uint8_t)(others + 1);
    h->has |= SW_TCP_HAS_SACK;
}

bool sw_tcp_sack_tells_twice(const struct sw_tcp_header *h)
{
    const struct sw_tcp_block *b = h->sack;
    if (h->sack_count == 0 || sw_seq_ge(b[0].start, b[0].end)) {
        return false;
    }
    return sw_seq_lt(b[0].start, h->ack) ||
           (h->sack_count > 1 && sw_seq_ge(b[0].start, b[1].start) &&
            sw_seq_le(b[0].end, b[1].end));
}
