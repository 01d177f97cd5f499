/* The urgent mechanism: see tcp_urgent.h. */
#include "stack/tcp_urgent.h"

#include "stack/tcp_seq.h"

uint16_t sw_tcp_urgent_pointer(const struct sw_tcp_urgent *u, uint32_t seq)
{
    if (!u->sending || sw_seq_ge(seq, u->snd_up)) {
        return 0;
    }
    const uint32_t ahead = u->snd_up - seq;
    return (uint16_t)(ahead < UINT16_MAX ? ahead : UINT16_MAX);
}

void sw_tcp_urgent_acked(struct sw_tcp_urgent *u, uint32_t una)
{
    u->sending = u->sending && sw_seq_lt(una, u->snd_up);
}

bool sw_tcp_urgent_hear(struct sw_tcp_urgent *u, uint32_t seq, uint16_t pointer, uint32_t rcv_nxt)
{
    const uint32_t mark = seq + pointer - 1;
    if (pointer == 0 || sw_seq_lt(mark, rcv_nxt) || (u->hearing && sw_seq_le(mark, u->mark))) {
        return false;
    }
    u->mark = mark;
    u->hearing = true;
    u->taken = u->known = u->fetched = false;
    return true;
}

uint32_t sw_tcp_urgent_left(const struct sw_tcp_urgent *u, uint32_t next)
{
    return u->hearing && !u->taken ? u->mark + 1 - next : 0;
}

bool sw_tcp_urgent_at_mark(const struct sw_tcp_urgent *u, uint32_t next)
{
    return u->hearing && next == u->mark + (u->taken ? 1 : 0);
}

void sw_tcp_urgent_read(struct sw_tcp_urgent *u, uint32_t next)
{
    u->hearing = u->hearing && sw_seq_lt(next, u->mark + (u->taken ? 2 : 1));
}
