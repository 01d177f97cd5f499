/* Urgent text in a connection: the sixth check of RFC 9293 3.10.7.4, and what a user writes and
 * reads of it. What is known of it lies apart (tcp_urgent.h), since next to nobody uses it: RFC
 * 6093 5 tells new programs not to. */
#include <errno.h>
#include <stdlib.h>

#include "stack/tcp.h"
#include "stack/tcp_urgent.h"

static struct sw_tcp_urgent *need(struct sw_tcp *t)
{
    if (t->urgent == NULL) {
        t->urgent = calloc(1, sizeof(*t->urgent));
    }
    return t->urgent;
}

/* The number of the next byte to be read. */
static uint32_t next_read(const struct sw_tcp *t)
{
    return t->rcv_nxt - (t->fin_received ? 1 : 0) - t->recvq.bytes;
}

/* ---- what the peer says ---- */

/* The byte at the mark goes out of the text, if it is the next one, and apart. */
static void take_out(struct sw_tcp *t)
{
    struct sw_tcp_urgent *u = t->urgent;
    if (t->urgent_apart && u->hearing && !u->taken && t->recvq.bytes > 0 &&
        next_read(t) == u->mark) {
        u->known = sw_tcp_recvq_read(&t->recvq, &u->byte, 1) == 1;
        u->taken = true;
    }
}

void sw_tcp_step_urgent(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    const bool reads = t->state == SW_TCP_ESTABLISHED || t->state == SW_TCP_FIN_WAIT_1 ||
                       t->state == SW_TCP_FIN_WAIT_2;
    if (!reads || t->orphan || seg->h.urgent == 0 || need(t) == NULL) {
        return; /* without memory urgent text is text, as it would be behind many a middlebox */
    }
    /* Who stands before an old mark and has not asked for it has had his chance: as Linux does. */
    take_out(t);
    if (sw_tcp_urgent_hear(t->urgent, seg->h.seq, seg->h.urgent, t->rcv_nxt)) {
        sw_tcp_notify(t, SW_SOCK_URGENT);
    }
}

/* ---- what the user reads ---- */

uint32_t sw_tcp_readable(struct sw_tcp *t)
{
    if (t->urgent == NULL) {
        return t->recvq.bytes;
    }
    take_out(t);
    const uint32_t left = sw_tcp_urgent_left(t->urgent, next_read(t));
    return left > 1 && left - 1 < t->recvq.bytes ? left - 1 : t->recvq.bytes;
}

void sw_tcp_have_read(struct sw_tcp *t)
{
    if (t->urgent != NULL) {
        sw_tcp_urgent_read(t->urgent, next_read(t));
    }
    sw_tcp_window_opened(t);
}

int sw_tcp_fetch_urgent(struct sw_tcp *t, uint8_t *byte, bool keep)
{
    struct sw_tcp_urgent *u = t->urgent;
    if (!t->urgent_apart || u == NULL || !u->hearing || u->fetched) {
        return -EINVAL;
    }
    take_out(t);
    if (!u->known) {
        const uint32_t before = u->mark - next_read(t);
        if (before >= t->recvq.bytes) {
            return t->fin_received || t->state == SW_TCP_CLOSED ? 0 : -EAGAIN;
        }
        u->byte = sw_tcp_recvq_byte(&t->recvq, before);
    }
    *byte = u->byte;
    u->fetched = !keep;
    return 1;
}

void sw_tcp_urgent_info(const struct sw_tcp *t, struct sw_sock_info *out)
{
    const struct sw_tcp_urgent *u = t->urgent;
    if (u != NULL) {
        const uint32_t next = next_read(t);
        out->urgent_left_bytes = sw_tcp_urgent_left(u, next);
        out->at_mark = sw_tcp_urgent_at_mark(u, next);
        out->urgent_here = u->hearing && !u->fetched &&
                           (u->known || (!u->taken && u->mark - next < t->recvq.bytes));
    }
}

/* ---- what the user writes ---- */

bool sw_tcp_may_write_urgent(struct sw_tcp *t)
{
    return need(t) != NULL;
}

void sw_tcp_wrote_urgent(struct sw_tcp *t)
{
    t->urgent->snd_up = sw_tcp_queue_seq(t) + t->sendq.bytes;
    t->urgent->sending = true;
}
