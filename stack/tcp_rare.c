/* See tcp_rare.h. */
#include "stack/tcp_rare.h"

#include <stdlib.h>

#include "stack/tcp.h"

#define BURST_MOST (64u * 1024u)

bool sw_tcp_rare_need(struct sw_tcp *t)
{
    if (t->rare == NULL) {
        t->rare = calloc(1, sizeof(*t->rare));
        if (t->rare != NULL) {
            sw_tcp_marks_init(&t->rare->records);
        }
    }
    return t->rare != NULL;
}

void sw_tcp_rare_free(struct sw_tcp *t)
{
    if (t->rare != NULL) {
        sw_tcp_marks_fini(&t->rare->records);
        free(t->rare);
        t->rare = NULL;
    }
}

/* As Linux, a writer may always fill up a burst, however low the bound: so many full segments as
 * half of the largest window of the peer holds, which could go as one. */
uint32_t sw_tcp_rare_unsent_room(const struct sw_tcp *t, uint32_t unsent)
{
    uint32_t most = SW_TCP_UNSENT_MOST;
    if (t->rare->unsent_low > 0) {
        uint32_t burst = t->snd_wnd_max / 2 < BURST_MOST ? t->snd_wnd_max / 2 : BURST_MOST;
        burst = burst > t->snd_mss ? burst - burst % t->snd_mss : t->snd_mss;
        most = (t->rare->unsent_low + burst - 1) / burst * burst;
    }
    return most > unsent ? most - unsent : 0;
}

uint32_t sw_tcp_rare_cut(const struct sw_tcp *t, uint32_t seq, uint32_t len)
{
    return sw_tcp_marks_cut(&t->rare->records, seq, seq + len) - seq;
}

bool sw_tcp_rare_ends_at(const struct sw_tcp *t, uint32_t seq)
{
    return sw_tcp_marks_cut(&t->rare->records, seq - 1, seq + 1) == seq;
}

void sw_tcp_rare_acked(struct sw_tcp *t)
{
    sw_tcp_marks_drop(&t->rare->records, t->snd_una);
}
