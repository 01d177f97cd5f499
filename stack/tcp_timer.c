/* A connection's deadlines. They share one timer of the clock: a deadline that moves away touches
 * nothing but its own number, and the timer, when it fires too early, is armed for what is then the
 * nearest. So an acknowledgement that puts the retransmission off, as nearly all do, costs a store.
 */
#include <errno.h>

#include "stack/neigh.h"
#include "stack/tcp.h"
#include "stack/tcp_hole.h"
#include "stack/tcp_uto.h"

#define PROBE_DOUBLINGS 10 /* then the least timeout has become the largest */

void sw_tcp_set_due(struct sw_tcp *t, enum sw_tcp_deadline which, sw_time due)
{
    t->due[which] = due;
    if (due < t->timer.due) {
        sw_timer_arm(&t->timer, due);
    }
}

void sw_tcp_set_reorder_due(struct sw_tcp *t, sw_time due)
{
    t->loss->reorder_due = due;
    if (due < t->timer.due) {
        sw_timer_arm(&t->timer, due);
    }
}

sw_time sw_tcp_rtx_wait(struct sw_tcp *t)
{
    const sw_time probe = t->loss != NULL ? sw_tcp_recover_probe_wait(t) : SW_TIME_NEVER;
    const bool probing = probe != SW_TIME_NEVER;
    if (t->loss != NULL) {
        t->loss->probing = probing;
    }
    return probing ? probe : t->rtt.rto;
}

void sw_tcp_hasten_rtx(struct sw_tcp *t)
{
    const sw_time probe = sw_tcp_recover_probe_wait(t), now = sw_tcp_now(t);
    if (probe < t->due[SW_TCP_DUE_RTX] - now) {
        t->loss->probing = true;
        sw_tcp_set_due(t, SW_TCP_DUE_RTX, now + probe);
    }
}

void sw_tcp_restart_rtx(struct sw_tcp *t)
{
    const sw_time now = sw_tcp_now(t);
    if (t->due[SW_TCP_DUE_RTX] == SW_TIME_NEVER) {
        t->progress_at = now;
        if (t->user_timeout > 0) {
            sw_tcp_set_due(t, SW_TCP_DUE_USER, now + t->user_timeout);
        }
    }
    t->due[SW_TCP_DUE_PERSIST] = SW_TIME_NEVER;
    sw_tcp_set_due(t, SW_TCP_DUE_RTX, now + sw_tcp_rtx_wait(t));
}

/* RFC 5482 4.2, a MUST: ends that tell each other how
 * long they hold out without an answer are not asked for one before. */
static sw_time keep_idle(const struct sw_tcp *t)
{
    return t->uto && t->user_timeout >= t->keep_idle ? t->user_timeout + SW_S : t->keep_idle;
}

void sw_tcp_restart_keepalive(struct sw_tcp *t)
{
    t->probes = 0;
    if (t->keepalive && sw_tcp_is_synchronized(t)) {
        sw_tcp_set_due(t, SW_TCP_DUE_KEEPALIVE, t->last_received + keep_idle(t));
    } else {
        t->due[SW_TCP_DUE_KEEPALIVE] = SW_TIME_NEVER;
    }
}

static void give_up(struct sw_tcp *t)
{
    /* What ICMP had said is the better reason (RFC 9293 3.9.2.2). */
    sw_tcp_abort(t, t->soft_error != 0 ? t->soft_error : -ETIMEDOUT);
}

/* A peer with a closed window is asked every now and then, less and less often, however long that
 * lasts, as long as it answers (3.8.6.1, MUST-37): retries counts the questions in a row that were
 * not answered, probes all. */
static void persist(struct sw_tcp *t)
{
    if (t->retries >= SW_TCP_R2) {
        give_up(t);
        return;
    }
    const sw_time now = sw_tcp_now(t);
    if (t->user_timeout > 0 && t->due[SW_TCP_DUE_USER] == SW_TIME_NEVER) {
        t->progress_at = now;
        sw_tcp_set_due(t, SW_TCP_DUE_USER, now + t->user_timeout);
    }
    if (t->snd_wnd == 0) {
        t->retries++;
    }
    t->probes = t->probes < PROBE_DOUBLINGS ? (uint8_t)(t->probes + 1) : t->probes;
    const sw_time wait = t->rtt.rto << t->probes;
    t->due[SW_TCP_DUE_PERSIST] = SW_TIME_NEVER;
    if (!sw_tcp_send_window_probe(t)) {
        sw_tcp_set_due(t, SW_TCP_DUE_PERSIST, now + (wait < SW_RTO_MAX ? wait : SW_RTO_MAX));
    }
}

/* MUST-20: from R1 retransmissions on IP hears that the way may be bad, and may find another. With
 * each of them: what the neighbour is known by may have been too fresh to be doubted, and forged.
 */
static void warn_of_path(const struct sw_tcp *t)
{
    if (t->retries >= SW_TCP_R1 && !t->path.nic->loopback) {
        sw_neigh_doubt(t->path.nic, t->path.next_hop);
    }
}

static void retransmit_syn(struct sw_tcp *t)
{
    if (t->retries >= SW_TCP_R2_SYN) {
        give_up(t); /* MUST-23 */
        return;
    }
    t->retries++;
    warn_of_path(t);
    sw_tcp_rtt_back_off(&t->rtt);
    sw_tcp_restart_rtx(t);
    sw_tcp_tell(t, SW_TCP_TOLD_TIMEOUT);
    sw_tcp_send_syn(t);
}

/* RFC 8985 7.3. It comes a while after the last sending, whatever that did to the timer; and if
 * meanwhile there is something that asks for none, the retransmission timer has the rest. */
static void tail_probe(struct sw_tcp *t)
{
    const sw_time now = sw_tcp_now(t), wait = sw_tcp_recover_probe_wait(t);
    if (wait != SW_TIME_NEVER && t->last_sent + wait > now) {
        sw_tcp_set_due(t, SW_TCP_DUE_RTX, t->last_sent + wait);
        return;
    }
    t->loss->probing = false;
    const sw_time passed = 2 * t->rtt.srtt < t->rtt.rto ? 2 * t->rtt.srtt : t->rtt.rto;
    const bool sent = wait != SW_TIME_NEVER && sw_tcp_send_tail_probe(t);
    sw_tcp_set_due(t, SW_TCP_DUE_RTX, now + t->rtt.rto - (sent ? 0 : passed));
    if (sent) {
        sw_tcp_tell(t, SW_TCP_TOLD_PROBE);
    }
}

/* RACK's timer (RFC 8985 6.3): nothing has come meanwhile. */
static void reordered_long_enough(struct sw_tcp *t, sw_time now)
{
    if (t->loss != NULL && t->loss->reorder_due <= now) {
        t->loss->reorder_due = SW_TIME_NEVER;
        if (t->snd_una == t->snd_nxt) {
            sw_tcp_undo_forget(t);
            if (t->reass == NULL && !t->loss->probed) {
                sw_tcp_loss_free(t);
            }
            return;
        }
        sw_tcp_recover_look(t, now, 0);
        sw_tcp_output(t);
    }
}

/* RFC 6298 5.4 to 5.6. */
static void retransmit(struct sw_tcp *t)
{
    if (t->state == SW_TCP_SYN_SENT || t->state == SW_TCP_SYN_RECEIVED) {
        retransmit_syn(t);
        return;
    }
    if (t->snd_una == t->snd_nxt) {
        t->due[SW_TCP_DUE_RTX] = SW_TIME_NEVER;
        return;
    }
    if (t->loss != NULL && t->loss->probing) {
        tail_probe(t);
        return;
    }
    if (t->snd_wnd == 0) {
        /* The window was closed over what is under way: a silent peer is not at fault (MUST-35). */
        t->due[SW_TCP_DUE_RTX] = SW_TIME_NEVER;
        sw_tcp_send_all_again(t);
        persist(t);
        return;
    }
    if (t->retries >= SW_TCP_R2) {
        give_up(t);
        return;
    }
    t->retries++;
    warn_of_path(t);
    sw_tcp_hole_timeout(t);
    /* What recovery had lowered the window for is not lowered for again (RFC 6675 5.1). */
    const bool again = t->retries > 1 || (t->sack && t->recovering) || t->ecn.lowered;
    if (t->recovering) {
        sw_tcp_undo_duplicate(t); /* F-RTO is not for this one */
    } else if (t->retries == 1) {
        /* For the same segment it goes on from its first step (RFC 5682 2.1, 3.1). */
        sw_tcp_undo_timeout(t);
    }
    t->cc.ops->timeout(&t->cc, t->snd_nxt - t->snd_una, again, sw_tcp_now(t));
    sw_tcp_ecn_lowered(&t->ecn, t->snd_nxt);
    t->recovering = false;
    t->recover = t->snd_nxt; /* RFC 6582 3.2, step 4 */
    t->duplicates = 0;
    t->timing = false;
    sw_tcp_rtt_back_off(&t->rtt);
    sw_tcp_restart_rtx(t);
    sw_tcp_tell(t, SW_TCP_TOLD_TIMEOUT);
    /* What else is out is taken for lost, and follows as the window opens again (RFC 5681 3.1). */
    if (t->sack) {
        sw_tcp_recover_timeout(t);
        (void)sw_tcp_retransmit_first(t);
    } else {
        t->snd_out = t->snd_una + sw_tcp_retransmit_first(t);
    }
}

static void keepalive(struct sw_tcp *t)
{
    const sw_time now = sw_tcp_now(t);
    const bool busy = t->snd_una != t->snd_nxt || t->sendq.bytes > 0;
    t->due[SW_TCP_DUE_KEEPALIVE] = SW_TIME_NEVER;
    if (!sw_tcp_is_synchronized(t) || !t->keepalive) {
        return;
    }
    /* MUST-26: while something is outstanding its own timers watch the peer. */
    if (busy || now < t->last_received + keep_idle(t)) {
        t->probes = 0;
        const sw_time from = busy ? now : t->last_received;
        sw_tcp_set_due(t, SW_TCP_DUE_KEEPALIVE, from + keep_idle(t));
        return;
    }
    /* A user timeout takes the place of the number of probes, as in Linux; not where it is the
     * peer's, too, and the probes begin behind it. */
    const bool by_time = t->user_timeout > 0 && !t->uto;
    if (by_time ? t->probes > 0 && now - t->last_received >= t->user_timeout
                : t->probes >= t->keep_probes) {
        give_up(t); /* MUST-29: not after one alone */
        return;
    }
    t->probes++;
    sw_tcp_set_due(t, SW_TCP_DUE_KEEPALIVE, now + sw_tcp_keep_interval(t));
    sw_tcp_send_keepalive(t);
}

/* MUST-21: t->user_timeout without progress while something is to be acknowledged. */
static bool user_timeout_runs(const struct sw_tcp *t)
{
    return t->user_timeout > 0 &&
           (t->due[SW_TCP_DUE_RTX] != SW_TIME_NEVER || t->due[SW_TCP_DUE_PERSIST] != SW_TIME_NEVER);
}

void sw_tcp_watch_user_timeout(struct sw_tcp *t)
{
    t->due[SW_TCP_DUE_USER] = SW_TIME_NEVER;
    if (user_timeout_runs(t)) {
        sw_tcp_set_due(t, SW_TCP_DUE_USER, t->progress_at + t->user_timeout);
    }
}

sw_time sw_tcp_told_user_timeout(const struct sw_tcp *t)
{
    return t->uto_own ? t->user_timeout : SW_TCP_UTO_DEFAULT;
}

void sw_tcp_hear_user_timeout(struct sw_tcp *t, const struct sw_tcp_header *h)
{
    const sw_time said =
        (h->has & SW_TCP_HAS_USER_TIMEOUT) != 0 ? sw_tcp_uto_get(h->user_timeout) : 0;
    if (said > 0 && t->uto && !t->uto_own) {
        t->user_timeout = sw_tcp_uto_adopt(SW_TCP_UTO_DEFAULT, said, t->rtt.rto);
        sw_tcp_watch_user_timeout(t);
    }
}

static void user_timeout(struct sw_tcp *t)
{
    if (user_timeout_runs(t) && t->progress_at + t->user_timeout <= sw_tcp_now(t)) {
        give_up(t);
    } else {
        sw_tcp_watch_user_timeout(t);
    }
}

static void run(struct sw_tcp *t, enum sw_tcp_deadline which)
{
    switch (which) {
    case SW_TCP_DUE_RTX:
        retransmit(t);
        break;
    case SW_TCP_DUE_PERSIST:
        persist(t);
        break;
    case SW_TCP_DUE_ACK:
        t->due[SW_TCP_DUE_ACK] += SW_TCP_DELAYED_ACK; /* unless there is memory to send it now */
        sw_tcp_quick_waited(&t->quick);
        sw_tcp_send_ack(t);
        break;
    case SW_TCP_DUE_KEEPALIVE:
        keepalive(t);
        break;
    case SW_TCP_DUE_PACE:
        t->due[SW_TCP_DUE_PACE] = SW_TIME_NEVER;
        sw_tcp_output(t);
        break;
    case SW_TCP_DUE_FIN_WAIT_2:
        sw_tcp_done(t, 0); /* the peer of an orphan has not ended in time: nobody waits for it */
        break;
    default:
        user_timeout(t);
        break;
    }
}

void sw_tcp_timer_fired(struct sw_timer *timer)
{
    struct sw_tcp *t = SW_CONTAINER(timer, struct sw_tcp, timer);
    struct sw_host *host = t->host;
    const sw_time now = sw_tcp_now(t);
    sw_host_enter(host);
    for (unsigned i = 0; i < SW_TCP_DUE_COUNT; i++) {
        if (t->due[i] <= now) {
            run(t, (enum sw_tcp_deadline)i);
        }
    }
    reordered_long_enough(t, now);
    if (t->want_writable) {
        sw_tcp_wake_writer(t);
    }
    sw_time next = t->loss != NULL ? t->loss->reorder_due : SW_TIME_NEVER;
    for (unsigned i = 0; i < SW_TCP_DUE_COUNT; i++) {
        next = t->due[i] < next ? t->due[i] : next;
    }
    if (next < timer->due) {
        sw_timer_arm(timer, next);
    }
    sw_tcp_reap(t);
    sw_host_leave(host);
}
