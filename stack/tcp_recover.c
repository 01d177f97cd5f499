/* Loss recovery with selective acknowledgements (RFC 2018, RFC 6675): what an acknowledgement's
 * blocks say goes into the scoreboard (tcp_sent.h); here is decided what follows from it.
 * tcp_output.c sends what is lost before anything new, as the pipe allows. A connection whose peer
 * does not permit SACK knows nothing of this file: tcp_ack.c counts its duplicates.
 *
 * Reneging (RFC 2018 8): text stays in the send queue until it is acknowledged, whatever was
 * SACKed; where an acknowledgement reaches a SACKed record and no further, the next timeout
 * believes no mark any more. Departure: as Linux, a timeout leaves the others standing. */
#include <stdlib.h>

#include "stack/tcp.h"

bool sw_tcp_loss_need(struct sw_tcp *t)
{
    if (t->loss == NULL) {
        t->loss = calloc(1, sizeof(*t->loss));
        if (t->loss != NULL) {
            sw_tcp_sent_init(&t->loss->sent);
        }
    }
    return t->loss != NULL;
}

void sw_tcp_loss_free(struct sw_tcp *t)
{
    if (t->loss != NULL) {
        sw_tcp_sent_fini(&t->loss->sent);
        free(t->loss);
        t->loss = NULL;
    }
}

void sw_tcp_recover_blocks(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    for (unsigned i = 0; i < seg->h.sack_count; i++) {
        const struct sw_tcp_block *b = &seg->h.sack[i];
        (void)sw_tcp_sent_sacked(&t->loss->sent, b->start, b->end);
    }
}

/* RFC 6675 5, step 4. Flight is what was out, but for what limited transmit has sent. */
static void enter(struct sw_tcp *t, sw_time now)
{
    t->recovering = true;
    t->loss->rescued = false;
    t->loss->pressing = true; /* step 4.3 */
    t->recover = t->snd_nxt;
    const uint32_t flight = t->snd_nxt - t->snd_una;
    t->cc.ops->enter(&t->cc, flight < t->cc.cwnd ? flight : t->cc.cwnd, now);
    t->cc.cwnd = t->cc.ssthresh; /* what has left the network is not in the pipe */
    sw_tcp_restart_rtx(t);
}

static void leave(struct sw_tcp *t)
{
    t->recovering = t->loss->pressing = false;
    t->cc.ops->leave(&t->cc, t->snd_nxt - t->snd_una);
    t->cc.cwnd = t->cc.ssthresh;
}

void sw_tcp_recover_look(struct sw_tcp *t, sw_time now)
{
    struct sw_tcp_sent *s = &t->loss->sent;
    if (t->recovering && sw_seq_ge(t->snd_una, t->recover)) {
        leave(t);
    }
    (void)sw_tcp_sent_judge(s, t->snd_mss);
    if (t->recovering || s->sacked_count == 0 || sw_seq_lt(t->snd_una, t->recover)) {
        return;
    }
    /* Step 1: three segments, small as they may be, are as good as three duplicates. */
    const uint8_t head = sw_tcp_sent_at(s, s->head)->flags;
    if ((head & SW_SENT_SACKED) == 0 && s->sacked_count >= SW_SENT_THRESHOLD) {
        sw_tcp_sent_lose(s, s->head);
    }
    if (s->missing.count > 0) {
        enter(t, now);
    }
}

bool sw_tcp_recover_next(const struct sw_tcp *t, uint32_t *record)
{
    const struct sw_tcp_sent *s = &t->loss->sent;
    const uint32_t pipe = sw_tcp_sent_pipe(s);
    if (pipe > 0 && pipe + t->snd_mss > t->cc.cwnd && !t->loss->pressing) {
        return false;
    }
    *record = s->missing.first;
    return sw_tcp_sent_at(s, *record)->seq - t->snd_una < t->snd_wnd;
}

bool sw_tcp_recover_last(const struct sw_tcp *t, uint32_t *record)
{
    const struct sw_tcp_sent *s = &t->loss->sent;
    if (sw_tcp_sent_pipe(s) + t->snd_mss > t->cc.cwnd) {
        return false;
    }
    return (sw_tcp_sent_doubtful(s, record) ||
            (!t->loss->rescued && sw_tcp_sent_tail(s, record))) &&
           sw_tcp_sent_at(s, *record)->seq - t->snd_una < t->snd_wnd;
}

void sw_tcp_recover_timeout(struct sw_tcp *t)
{
    if (sw_tcp_sent_reneged(&t->loss->sent)) {
        sw_tcp_sent_forget_sacks(&t->loss->sent);
    }
    sw_tcp_sent_lose_all(&t->loss->sent);
    t->loss->pressing = false;
}
