/* What a connection tells of itself: sw_sock_info(). All of it is known anyhow, or counted in
 * tcp_count.h. */
#include "stack/tcp.h"

static enum sw_tcp_ca ca_state(const struct sw_tcp *t)
{
    if (t->recovering) {
        return SW_TCP_CA_RECOVERY;
    }
    if (sw_tcp_is_synchronized(t) && sw_seq_lt(t->snd_una, t->recover)) {
        return SW_TCP_CA_LOSS; /* a timeout sets this, and no recovery */
    }
    if (t->ecn.lowered) {
        return SW_TCP_CA_CWR;
    }
    const bool holes = t->loss != NULL && (t->loss->sent.sacked | t->loss->sent.lost) != 0;
    return holes || t->duplicates > 0 ? SW_TCP_CA_DISORDER : SW_TCP_CA_OPEN;
}

static uint32_t segments(uint64_t bytes, uint32_t mss_bytes)
{
    return mss_bytes == 0 ? 0 : (uint32_t)((bytes + mss_bytes - 1) / mss_bytes);
}

static void tell_flight(const struct sw_tcp *t, struct sw_sock_info *out)
{
    const uint32_t out_bytes = t->snd_nxt - t->snd_una;
    out->flight_bytes = out_bytes;
    out->unacked = segments(out_bytes, t->snd_mss);
    if (t->loss != NULL) {
        const struct sw_tcp_sent *s = &t->loss->sent;
        out->sacked_bytes = s->sacked;
        out->lost_bytes = s->lost;
        out->resent_bytes = s->resent;
        out->unacked = s->tail - s->head;
        out->sacked = s->sacked_count;
        out->lost = segments(s->lost, t->snd_mss);
        out->resent = segments(s->resent, t->snd_mss);
    }
}

/* What was sent is what was acknowledged and what is out, and what went more than once. */
static void tell_totals(const struct sw_tcp *t, struct sw_sock_info *out)
{
    const struct sw_tcp_count *c = &t->count;
    const uint32_t first = sw_tcp_queue_seq(t);
    const uint32_t past = sw_seq_lt(first, t->snd_nxt) ? t->snd_nxt - first : 0;
    const uint32_t sent = past < t->sendq.bytes ? past : t->sendq.bytes;
    const uint32_t overtaken = t->loss != NULL ? t->loss->rack.overtaken : 0;
    out->bytes_acked = t->bytes_acked;
    out->bytes_received = t->bytes_received;
    out->bytes_retransmitted = t->bytes_again;
    out->bytes_sent = t->bytes_acked + sent + t->bytes_again;
    out->unsent_bytes = t->sendq.bytes - sent;
    out->segments_out = t->segments_out;
    out->segments_in = t->segments_in;
    out->data_segments_out = c->data_out;
    out->data_segments_in = c->data_in;
    out->retransmits = t->retransmits;
    const uint32_t once = c->data_out - (t->retransmits - c->bare_again);
    const uint32_t missing = sent > 0 ? out->unacked - out->sacked : 0;
    out->delivered = once > missing ? once - missing : 0;
    out->delivered_ce = c->delivered_ce;
    out->dsack_dups = c->had_twice;
    out->reord_seen = c->overtaken + overtaken;
    out->out_of_order = c->out_of_order;
}

static void tell_agreed(const struct sw_tcp *t, struct sw_sock_info *out)
{
    out->timestamps = t->timestamps;
    out->sack = t->sack;
    out->scaling = t->scaling;
    out->snd_wscale = t->snd_wscale;
    out->rcv_wscale = t->rcv_wscale;
    out->ecn = t->ecn.on;
    out->ecn_seen = t->ecn.seen;
    out->advertised_mss_bytes = sw_tcp_syn_mss(t, &t->path);
    out->received_mss_bytes = t->count.largest_in;
    const bool narrow = t->path_mtu != 0 && t->path_mtu < t->path.mtu_bytes;
    out->path_mtu_bytes = narrow ? t->path_mtu : t->path.mtu_bytes;
}

static void tell_times(const struct sw_tcp *t, struct sw_sock_info *out)
{
    const struct sw_tcp_count *c = &t->count;
    const sw_time now = sw_tcp_now(t);
    out->srtt = t->rtt.srtt;
    out->rttvar = t->rtt.rttvar;
    out->min_rtt = (sw_time)t->rtt.min_us * SW_US;
    out->rto = t->rtt.rto;
    out->ack_delay = SW_TCP_DELAYED_ACK;
    out->receiver_rtt = (sw_time)(t->tune.rtt_8us / 8) * SW_US;
    out->receiver_space_bytes = t->tune.space;
    out->window_limited = sw_tcp_count_spent(c, SW_TCP_WINDOW_LIMITED, now);
    out->buffer_limited = sw_tcp_count_spent(c, SW_TCP_BUFFER_LIMITED, now);
    out->busy = sw_tcp_count_spent(c, SW_TCP_BUSY, now) + out->window_limited + out->buffer_limited;
    out->since_data_sent = now - t->last_sent;
    out->since_ack_received = now - t->last_received;
    const uint32_t units = (uint32_t)(now >> SW_COUNT_MS) - c->data_in_at;
    out->since_data_received = (sw_time)units << SW_COUNT_MS;
}

/* Of what is paced, or measured for an algorithm that wants it. */
static void tell_rates(const struct sw_tcp_paced *p, struct sw_sock_info *out)
{
    out->pacing_bps = 8 * p->pace.rate;
    out->most_pacing_bps = p->most_bps;
    out->delivery_bps = 8 * p->delivery_rate;
    out->delivery_limited = p->delivery_limited;
}

void sw_tcp_info(const struct sw_tcp *t, struct sw_sock_info *out)
{
    /* A TIME-WAIT is over when its record is gone. */
    const bool over =
        t->state == SW_TCP_TIME_WAIT && sw_tcp_time_wait_find(t->host->tcp, &t->at) == NULL;
    const bool asks = t->due[SW_TCP_DUE_PERSIST] != SW_TIME_NEVER;
    *out = (struct sw_sock_info){
        .state = sw_tcp_state_name(over ? SW_TCP_CLOSED : (enum sw_tcp_state)t->state),
        .mss_bytes = t->snd_mss,
        .cwnd_bytes = t->cc.cwnd,
        .ssthresh_bytes = t->cc.ssthresh,
        .send_queue_bytes = t->sendq.bytes,
        .receive_queue_bytes = t->recvq.bytes,
        .soft_error = t->soft_error,
        .acceptable = t->state == SW_TCP_LISTEN && t->listener->ready != NULL,
        .ca_state = ca_state(t),
        .timeouts = asks ? 0 : t->retries,
        .probes = t->probes,
        .backoff = asks ? t->probes : t->retries,
        .reordering = SW_SENT_THRESHOLD,
        .snd_wnd_bytes = t->snd_wnd,
        .rcv_wnd_bytes = sw_tcp_offered(t),
    };
    tell_flight(t, out);
    tell_totals(t, out);
    if (t->paced != NULL) {
        tell_rates(t->paced, out);
    }
    /* A listener, and what has not begun to connect, agreed on nothing and measured nothing. */
    if (t->path.nic != NULL) {
        tell_agreed(t, out);
        tell_times(t, out);
    }
}
