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
