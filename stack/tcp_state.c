/* What a TCP connection goes through besides its segments: its first numbers, what the handshake
 * agrees on, and its ends. */
#include <errno.h>
#include <stdlib.h>

#include "stack/tcp.h"
#include "stack/tcp_buffers.h"
#include "stack/tcp_hole.h"

#define IP_BYTES 20u

const char *sw_tcp_state_name(enum sw_tcp_state state)
{
    static const char *const names[] = {
        [SW_TCP_CLOSED] = "CLOSED",           [SW_TCP_LISTEN] = "LISTEN",
        [SW_TCP_SYN_SENT] = "SYN-SENT",       [SW_TCP_SYN_RECEIVED] = "SYN-RECEIVED",
        [SW_TCP_ESTABLISHED] = "ESTABLISHED", [SW_TCP_FIN_WAIT_1] = "FIN-WAIT-1",
        [SW_TCP_FIN_WAIT_2] = "FIN-WAIT-2",   [SW_TCP_CLOSE_WAIT] = "CLOSE-WAIT",
        [SW_TCP_CLOSING] = "CLOSING",         [SW_TCP_LAST_ACK] = "LAST-ACK",
        [SW_TCP_TIME_WAIT] = "TIME-WAIT",
    };
    return names[state];
}

void sw_tcp_begin(struct sw_tcp *t, uint32_t iss)
{
    const struct sw_tcp_config *config = &t->host->tcp->config;
    t->iss = t->snd_una = t->snd_nxt = t->snd_out = iss;
    t->recover = t->rtx_high = iss;
    t->timestamps = !config->no_timestamps;
    t->scaling = !config->no_window_scaling;
    t->sack = !config->no_sack;
    t->rcv_wscale = sw_tcp_syn_wscale(t);
    t->as_linux = config->profile == SW_TCP_PROFILE_LINUX;
    t->progress_at = t->last_received = t->last_sent = sw_tcp_now(t);
    sw_tcp_rtt_init(&t->rtt, t->as_linux);
    sw_tcp_update_mss(t);
}

/* RFC 7323 2.3: the least shift with which the whole buffer can be offered, once it has grown. */
uint8_t sw_tcp_syn_wscale(const struct sw_tcp *t)
{
    const uint32_t most = sw_tcp_buffers_receive_most(t);
    uint8_t scale = 0;
    while (scale < SW_TCP_WSCALE_MAX && (65535u << scale) < most) {
        scale++;
    }
    return scale;
}

uint32_t sw_tcp_syn_window(const struct sw_tcp *t)
{
    return t->rcv_buffer < UINT16_MAX ? t->rcv_buffer : UINT16_MAX;
}

void sw_tcp_update_mss(struct sw_tcp *t)
{
    uint32_t mtu = t->path.mtu_bytes;
    if (t->path_mtu != 0 && t->path_mtu < mtu) {
        mtu = t->path_mtu;
    }
    if (t->mtu_low != 0 && t->mtu_low < mtu) {
        mtu = t->mtu_low;
    }
    uint32_t mss = t->peer_mss > SW_TCP_MSS_SMALLEST ? t->peer_mss : SW_TCP_MSS_SMALLEST;
    if (mss > mtu - IP_BYTES - SW_TCP_BYTES) {
        mss = mtu - IP_BYTES - SW_TCP_BYTES;
    }
    if (t->user_mss != 0 && mss > t->user_mss) {
        mss = t->user_mss;
    }
    /* MUST-16, RFC 6691: options are taken from the text of each segment, never from the MSS that
     * is named. */
    if (t->timestamps) {
        mss -= SW_TCP_TIMESTAMP_BYTES;
    }
    t->snd_mss = mss < SW_TCP_MSS_LARGEST ? mss : SW_TCP_MSS_LARGEST;
    t->cc.mss_bytes = t->snd_mss;
}

void sw_tcp_take_syn_options(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    const struct sw_tcp_header *h = &seg->h;
    t->peer_mss = (h->has & SW_TCP_HAS_MSS) != 0 ? h->mss : SW_TCP_MSS_DEFAULT;
    t->scaling = t->scaling && (h->has & SW_TCP_HAS_WSCALE) != 0;
    t->snd_wscale = t->scaling ? h->wscale : 0;
    if (!t->scaling) {
        t->rcv_wscale = 0;
    }
    t->sack = t->sack && (h->has & SW_TCP_HAS_SACK_PERMITTED) != 0;
    t->timestamps = t->timestamps && (h->has & SW_TCP_HAS_TIMESTAMP) != 0;
    if (t->timestamps) {
        t->ts_recent = h->ts_val;
        t->ts_recent_at = seg->now;
    }
    sw_tcp_hear_user_timeout(t, h);
    sw_tcp_update_mss(t);
    t->irs = h->seq;
    t->rcv_nxt = t->last_ack_sent = h->seq + 1;
    t->rcv_adv = t->rcv_nxt + sw_tcp_syn_window(t);
    t->snd_wnd = t->snd_wnd_max = h->window; /* RFC 7323 2.2: never scaled in a SYN */
    t->snd_wl1 = h->seq;
    t->snd_wl2 = h->ack;
}

void sw_tcp_establish(struct sw_tcp *t)
{
    t->uto_due = t->uto; /* once more, for who kept nothing of our SYN (RFC 5482 3) */
    const bool syn_lost = t->retries > 0;
    t->state = t->fin_queued ? SW_TCP_FIN_WAIT_1 : SW_TCP_ESTABLISHED;
    t->due[SW_TCP_DUE_RTX] = SW_TIME_NEVER;
    t->due[SW_TCP_DUE_USER] = SW_TIME_NEVER;
    t->retries = 0;
    t->soft_error = 0;
    t->progress_at = t->last_received = sw_tcp_now(t);
    t->count.data_in_at = (uint32_t)(t->progress_at >> SW_COUNT_MS);
    if (syn_lost) {
        sw_tcp_rtt_syn_was_lost(&t->rtt);
    }
    sw_tcp_hole_begin(t);
    t->cc.ops->begin(&t->cc, syn_lost);
    sw_tcp_quick_begin(&t->quick, t->progress_at);
    sw_tcp_tell(t, SW_TCP_TOLD_STATE);
    sw_tcp_buffers_begin(t);
    sw_tcp_restart_keepalive(t);
    if (t->parent != NULL) {
        struct sw_tcp_listener *listener = t->parent->listener;
        t->next_ready = NULL;
        if (listener->ready == NULL) {
            listener->ready = t;
        } else {
            listener->last->next_ready = t;
        }
        listener->last = t;
        listener->standing++;
        t->host->stats.tcp_half_open--;
        sw_tcp_notify(t->parent, SW_SOCK_ACCEPTED);
    } else {
        sw_tcp_notify(t, SW_SOCK_CONNECTED);
    }
    if (t->want_writable || t->sendq.bytes > 0 || t->fin_queued) {
        t->owes_output = true;
        sw_tcp_table_work(t);
    }
}

/* ---- listeners and their children ---- */

void sw_tcp_leave_parent(struct sw_tcp *t)
{
    if (t->parent == NULL) {
        return;
    }
    struct sw_tcp_listener *listener = t->parent->listener;
    struct sw_tcp *before = NULL;
    for (struct sw_tcp *c = listener->ready; c != NULL && c != t; c = c->next_ready) {
        before = c;
    }
    if (before == NULL ? listener->ready == t : before->next_ready == t) {
        *(before == NULL ? &listener->ready : &before->next_ready) = t->next_ready;
        if (listener->last == t) {
            listener->last = before;
        }
        listener->standing--;
    } else {
        t->host->stats.tcp_half_open--;
    }
    if (t->prev_child != NULL) {
        t->prev_child->next_child = t->next_child;
    } else {
        listener->child = t->next_child;
    }
    if (t->next_child != NULL) {
        t->next_child->prev_child = t->prev_child;
    } else {
        listener->eldest = t->prev_child;
    }
    t->prev_child = t->next_child = t->next_ready = NULL;
    t->parent = NULL;
    listener->children--;
}

void sw_tcp_close_listener(struct sw_tcp *t)
{
    while (t->listener->child != NULL) {
        struct sw_tcp *child = t->listener->child;
        sw_tcp_abort(child, -ECONNABORTED);
        sw_tcp_reap(child);
    }
    sw_tcp_done(t, 0);
}

/* ---- ends ---- */

static void stop(struct sw_tcp *t)
{
    sw_tcp_table_remove(t);
    sw_tcp_table_unbind(t);
    sw_tcp_leave_parent(t);
    sw_tcp_leave_room(t);
    for (unsigned i = 0; i < SW_TCP_DUE_COUNT; i++) {
        t->due[i] = SW_TIME_NEVER;
    }
    sw_timer_cancel(&t->timer);
    t->owes_ack = t->owes_output = false;
    /* What is lent to a writer stays until he comes back. */
    if (!t->sendq.reserved) {
        sw_tcp_sendq_fini(&t->sendq);
    }
    sw_tcp_forget_early(t);
    sw_tcp_loss_free(t);
    sw_tcp_paced_free(t);
    if (t->orphan) {
        t->orphan = false;
        t->host->stats.tcp_orphans = --t->host->tcp->orphans;
    }
}

void sw_tcp_done(struct sw_tcp *t, int error)
{
    stop(t);
    t->state = SW_TCP_CLOSED;
    sw_tcp_tell(t, SW_TCP_TOLD_STATE);
    if (t->handle == NULL) {
        sw_tcp_recvq_fini(&t->recvq);
    } else if (error != 0) {
        t->handle->sock.error = error;
        sw_tcp_notify(t, SW_SOCK_ERROR);
    }
}

void sw_tcp_abort(struct sw_tcp *t, int error)
{
    /* 3.10.5: in SYN-SENT there is nobody to tell. */
    if (t->state >= SW_TCP_SYN_RECEIVED && t->state <= SW_TCP_LAST_ACK) {
        sw_tcp_send_reset(t);
    }
    sw_tcp_done(t, error);
}

void sw_tcp_enter_time_wait(struct sw_tcp *t)
{
    /* The record takes the place that t had among the connections. */
    sw_tcp_table_remove(t);
    const bool kept = sw_tcp_time_wait_add(t);
    stop(t);
    t->state = kept ? SW_TCP_TIME_WAIT : SW_TCP_CLOSED;
    sw_tcp_tell(t, SW_TCP_TOLD_STATE);
    sw_tcp_notify(t, SW_SOCK_CLOSED);
    if (t->handle == NULL) {
        sw_tcp_recvq_fini(&t->recvq);
    }
}

void sw_tcp_end_sending(struct sw_tcp *t)
{
    if (t->fin_queued) {
        return;
    }
    t->fin_queued = true;
    t->more = false;
    if (t->state == SW_TCP_ESTABLISHED) {
        t->state = SW_TCP_FIN_WAIT_1;
    } else if (t->state == SW_TCP_CLOSE_WAIT) {
        t->state = SW_TCP_LAST_ACK;
    }
    sw_tcp_tell(t, SW_TCP_TOLD_STATE);
    if (sw_tcp_is_synchronized(t)) {
        sw_tcp_output(t);
    }
}

void sw_tcp_orphan(struct sw_tcp *t)
{
    struct sw_tcp_table *table = t->host->tcp;
    sw_tcp_recvq_fini(&t->recvq);
    /* Nobody waits for these, and each may hold a full send queue: half of all connections at most.
     */
    if (table->orphans >= (table->config.max_connections + 1) / 2) {
        t->host->stats.tcp_orphans_reset++;
        sw_tcp_abort(t, 0);
        return;
    }
    t->orphan = true;
    t->host->stats.tcp_orphans = ++table->orphans;
    sw_tcp_end_sending(t);
    if (t->state == SW_TCP_FIN_WAIT_2) {
        sw_tcp_set_due(t, SW_TCP_DUE_FIN_WAIT_2, sw_tcp_now(t) + SW_TCP_FIN_WAIT_2_MOST);
    }
}
