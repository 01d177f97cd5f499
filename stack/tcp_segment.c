/* The segments of a connection, and how each is made (RFC 9293 3.1): header and options, the way to
 * the peer, and those that have no text, which do not wait for room: acknowledgements, SYN, RST,
 * and answers to what belongs to no connection. And the window that they offer (3.8.6).
 *
 * A frame is a head with the header; of its checksum only the pseudo-header is there
 * (core/frame.h). Text follows by reference (tcp_output.c). */
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/tcp.h"
#include "stack/tcp_urgent.h"
#include "stack/tcp_uto.h"

/* Of a connection with SACK: how many segments may be out, small as they are. */
#define RECORDS_LEAST 64u
#define RECORD_BYTES 64u
#define NOTHING_TWICE ((struct sw_tcp_block){0})

const struct sw_path *sw_tcp_path(struct sw_tcp *t)
{
    if (!sw_ip_path_valid(t->host, &t->path)) {
        struct sw_path path;
        if (sw_ip_path(t->host, t->at.local_ip, t->at.remote_ip, &path) == 0) {
            t->path = path;
            sw_tcp_update_mss(t);
        }
    }
    return &t->path;
}

/* Puts a header before what the frame has, with the pseudo-header's sum in its checksum, and sends
 * it. */
static void send_frame(struct sw_host *host, struct sw_frame *frame, const struct sw_tcp_tuple *at,
                       const struct sw_tx *tx, const struct sw_path *path)
{
    uint8_t *header = frame->store + frame->head_off;
    const uint64_t sum = sw_sum_pseudo_v4(at->local_ip, at->remote_ip, SW_PROTO_TCP, frame->len);
    sw_put16(header + SW_TCP_CHECKSUM_OFFSET, sw_sum_fold(sum));
    frame->csum = SW_CSUM_PARTIAL;
    frame->csum_start = 0;
    frame->csum_offset = SW_TCP_CHECKSUM_OFFSET;
    host->stats.tcp_segments_out++;
    (void)sw_ip_output(host, tx, path, frame);
}

/* ecn: of the packet. */
static inline void send_header(struct sw_tcp *t, struct sw_frame *frame, uint8_t ecn)
{
    const struct sw_tx tx = {.src = t->at.local_ip,
                             .dst = t->at.remote_ip,
                             .protocol = SW_PROTO_TCP,
                             .tos = (uint8_t)((t->tos & ~SW_ECN_BITS) | ecn),
                             .ttl = t->ttl,
                             .df = true};
    t->segments_out++;
    send_frame(t->host, frame, &t->at, &tx, sw_tcp_path(t));
}

static uint16_t window_field(struct sw_tcp *t)
{
    const uint32_t window = sw_tcp_window(t);
    t->rcv_adv = t->rcv_nxt + window;
    return (uint16_t)(window >> t->rcv_wscale);
}

/* So many blocks a longest header holds. */
static unsigned blocks_most(const struct sw_tcp *t)
{
    return t->timestamps ? SW_TCP_SACK_BLOCKS - 1 : SW_TCP_SACK_BLOCKS;
}

/* As many blocks as fit (RFC 2018 4), the header's length and `room` bytes of the segment being
 * the bound. */
static void tell_blocks(const struct sw_tcp *t, struct sw_tcp_header *h, uint32_t room)
{
    const unsigned most = blocks_most(t);
    const struct sw_tcp_sack *sacks = &t->loss->sacks;
    unsigned n = sacks->count < most ? sacks->count : most;
    while (n > 0 && SW_TCP_SACK_BYTES(n) > room) {
        n--;
    }
    if (n > 0) {
        h->has |= SW_TCP_HAS_SACK;
        h->sack_count = (uint8_t)n;
        memcpy(h->sack, sacks->block, n * sizeof(h->sack[0]));
    }
}

/* The header of a segment in a synchronized state, and with it an acknowledgement of all that has
 * come; `room`: for options of which a segment may have more or fewer. */
static inline void fill_header(struct sw_tcp *t, struct sw_tcp_header *h, uint8_t flags,
                               uint32_t seq, uint32_t room)
{
    *h = (struct sw_tcp_header){.src_port = t->at.local_port,
                                .dst_port = t->at.remote_port,
                                .seq = seq,
                                .ack = t->rcv_nxt,
                                .flags = flags | SW_TCP_ACK,
                                .window = window_field(t)};
    if (t->timestamps) {
        h->has = SW_TCP_HAS_TIMESTAMP;
        h->ts_val = sw_tcp_ts_clock(t, sw_tcp_now(t));
        h->ts_ecr = t->ts_recent;
    }
    if (t->loss != NULL && t->loss->sacks.count > 0) {
        tell_blocks(t, h, room);
    }
    if (t->ecn.echo && (flags & SW_TCP_RST) == 0) {
        h->flags |= SW_TCP_ECE; /* RFC 3168 6.1.3 */
    }
    if (t->urgent != NULL && (flags & SW_TCP_RST) == 0) {
        h->urgent = sw_tcp_urgent_pointer(t->urgent, seq);
        h->flags |= h->urgent > 0 ? SW_TCP_URG : 0;
    }
    t->last_ack_sent = t->rcv_nxt;
    t->ack_pending = 0;
    t->owes_ack = false;
    t->due[SW_TCP_DUE_ACK] = SW_TIME_NEVER;
}

/* If it is due, and there is room beside the other options: `room` as in fill_header(). */
static void tell_user_timeout(struct sw_tcp *t, struct sw_tcp_header *h, uint32_t room)
{
    const uint32_t blocks = (h->has & SW_TCP_HAS_SACK) != 0 ? SW_TCP_SACK_BYTES(h->sack_count) : 0;
    if (room >= blocks + SW_TCP_USER_TIMEOUT_BYTES &&
        sw_tcp_emit_bytes(h) + SW_TCP_USER_TIMEOUT_BYTES <= SW_TCP_MAX_BYTES) {
        h->has |= SW_TCP_HAS_USER_TIMEOUT;
        h->user_timeout = sw_tcp_uto_put(sw_tcp_told_user_timeout(t));
        t->uto_due = false;
    }
}

static void send_empty(struct sw_tcp *t, uint8_t flags, uint32_t seq, struct sw_tcp_block twice)
{
    struct sw_frame *frame = sw_frame_new(t->host->env.pool);
    if (frame == NULL) {
        t->host->stats.unsent[SW_DROP_NO_MEMORY]++;
        return;
    }
    struct sw_tcp_header h;
    fill_header(t, &h, flags, seq, SW_TCP_MAX_BYTES);
    if (t->sack && twice.start != twice.end) {
        sw_tcp_sack_tell_twice(&h, twice, blocks_most(t));
    }
    if (t->uto_due && (flags & SW_TCP_RST) == 0) {
        tell_user_timeout(t, &h, SW_TCP_MAX_BYTES);
    }
    sw_tcp_emit(&h, sw_frame_append(frame, sw_tcp_emit_bytes(&h)));
    send_header(t, frame, 0);
}

/* The number of a segment without text: SND.NXT, unless that lies beyond the peer's window, as it
 * does while a window probe's byte is out. Where both ends have closed their windows, each would
 * refuse the other's acknowledgements, and with them the news that a window has opened. */
static uint32_t empty_seq(const struct sw_tcp *t)
{
    const uint32_t edge = t->snd_una + t->snd_wnd;
    return sw_tcp_is_synchronized(t) && sw_seq_lt(edge, t->snd_nxt) ? edge : t->snd_nxt;
}

void sw_tcp_send_ack_twice(struct sw_tcp *t, struct sw_tcp_block twice)
{
    send_empty(t, 0, empty_seq(t), twice);
}

void sw_tcp_send_ack(struct sw_tcp *t)
{
    send_empty(t, 0, empty_seq(t), NOTHING_TWICE);
}

void sw_tcp_send_challenge(struct sw_tcp *t)
{
    const uint32_t now = (uint32_t)(sw_tcp_now(t) / SW_MS);
    if (now - t->challenge_at >= SW_TCP_CHALLENGE_SPAN / SW_MS) {
        t->challenge_at = now;
        t->challenges = 0;
    }
    if (t->challenges < SW_TCP_CHALLENGES) {
        t->challenges++;
        t->host->stats.tcp_challenge_acks++;
        sw_tcp_send_ack(t);
    }
}

void sw_tcp_send_keepalive(struct sw_tcp *t)
{
    send_empty(t, 0, t->snd_una - 1, NOTHING_TWICE);
}

void sw_tcp_send_reset(struct sw_tcp *t)
{
    t->host->stats.tcp_resets_out++;
    send_empty(t, SW_TCP_RST, empty_seq(t), NOTHING_TWICE);
}

uint16_t sw_tcp_syn_mss(const struct sw_tcp *t, const struct sw_path *path)
{
    uint32_t mss = path->mtu_bytes - 40; /* MUST-14, MUST-67; options are not taken off */
    if (t->user_mss != 0 && mss > t->user_mss) {
        mss = t->user_mss;
    }
    return (uint16_t)(mss < UINT16_MAX ? mss : UINT16_MAX);
}

void sw_tcp_send_syn(struct sw_tcp *t)
{
    struct sw_frame *frame = sw_frame_new(t->host->env.pool);
    if (frame == NULL) {
        t->host->stats.unsent[SW_DROP_NO_MEMORY]++;
        return;
    }
    const sw_time now = sw_tcp_now(t);
    const bool answer = t->state == SW_TCP_SYN_RECEIVED;
    struct sw_tcp_header h = {.src_port = t->at.local_port,
                              .dst_port = t->at.remote_port,
                              .seq = t->iss,
                              .flags = SW_TCP_SYN,
                              .has = SW_TCP_HAS_MSS,
                              .window = (uint16_t)sw_tcp_syn_window(t),
                              .mss = sw_tcp_syn_mss(t, sw_tcp_path(t))};
    if (answer) {
        h.flags |= SW_TCP_ACK | sw_tcp_ecn_syn_ack(&t->ecn);
        h.ack = t->rcv_nxt;
    } else {
        h.flags |= sw_tcp_ecn_syn(&t->ecn, t->snd_nxt != t->iss);
    }
    if (t->timestamps) {
        h.has |= SW_TCP_HAS_TIMESTAMP;
        h.ts_val = sw_tcp_ts_clock(t, now);
        h.ts_ecr = answer ? t->ts_recent : 0;
    }
    if (t->sack) {
        h.has |= SW_TCP_HAS_SACK_PERMITTED;
    }
    if (t->scaling) {
        h.has |= SW_TCP_HAS_WSCALE;
        h.wscale = t->rcv_wscale;
    }
    if (t->uto) {
        h.has |= SW_TCP_HAS_USER_TIMEOUT;
        h.user_timeout = sw_tcp_uto_put(sw_tcp_told_user_timeout(t));
    }
    sw_tcp_emit(&h, sw_frame_append(frame, sw_tcp_emit_bytes(&h)));
    if (t->snd_nxt == t->iss) {
        t->timing = true; /* the handshake is the first round trip to be measured */
        t->rtt_seq = t->iss + 1;
        t->rtt_at = now;
    } else {
        t->timing = false; /* Karn (RFC 6298 3) */
        t->retransmits++;
        sw_tcp_count_bare_again(&t->count);
        t->host->stats.tcp_retransmits++;
    }
    t->snd_nxt = t->snd_out = t->iss + 1;
    t->last_sent = now;
    send_header(t, frame, 0);
}

void sw_tcp_send_bare(struct sw_host *host, const struct sw_tcp_tuple *at,
                      struct sw_tcp_header *header)
{
    struct sw_frame *frame = sw_frame_new(host->env.pool);
    if (frame == NULL) {
        host->stats.unsent[SW_DROP_NO_MEMORY]++;
        return;
    }
    header->src_port = at->local_port;
    header->dst_port = at->remote_port;
    sw_tcp_emit(header, sw_frame_append(frame, sw_tcp_emit_bytes(header)));
    const struct sw_tx tx = {
        .src = at->local_ip, .dst = at->remote_ip, .protocol = SW_PROTO_TCP, .df = true};
    send_frame(host, frame, at, &tx, NULL);
}

static struct sw_tcp_tuple tuple_of(const struct sw_tcp_segment *seg)
{
    return (struct sw_tcp_tuple){.local_ip = seg->rx->dst,
                                 .remote_ip = seg->rx->src,
                                 .local_port = seg->h.dst_port,
                                 .remote_port = seg->h.src_port};
}

void sw_tcp_refuse_ack(struct sw_host *host, const struct sw_tcp_segment *seg)
{
    struct sw_tcp_header h = {.seq = seg->h.ack, .flags = SW_TCP_RST};
    const struct sw_tcp_tuple at = tuple_of(seg);
    host->stats.tcp_resets_out++;
    sw_tcp_send_bare(host, &at, &h);
}

void sw_tcp_refuse(struct sw_host *host, const struct sw_tcp_segment *seg)
{
    if ((seg->flags & SW_TCP_ACK) != 0) {
        sw_tcp_refuse_ack(host, seg);
        return;
    }
    struct sw_tcp_header h = {.ack = seg->seq + seg->len, .flags = SW_TCP_RST | SW_TCP_ACK};
    const struct sw_tcp_tuple at = tuple_of(seg);
    host->stats.tcp_resets_out++;
    sw_tcp_send_bare(host, &at, &h);
}

/* ---- text ---- */

/* False: without memory, or there are so many that acknowledgements must make room. */
static bool room_for_record(struct sw_tcp *t)
{
    if (t->loss != NULL && sw_tcp_sent_has_room(&t->loss->sent)) {
        return true;
    }
    const uint32_t most = RECORDS_LEAST + t->snd_buffer / RECORD_BYTES;
    return sw_tcp_loss_need(t) && sw_tcp_sent_room(&t->loss->sent, most);
}

/* What is new, and no probe of the window, may be marked on its way (RFC 3168 6.1.5, 6.1.6), and
 * the first of it says that the window was lowered (6.1.2). Returns what stands in IP's header. */
static uint8_t mark_text(struct sw_tcp *t, struct sw_tcp_header *h, uint32_t end)
{
    if (sw_seq_lt(h->seq, t->snd_nxt) || end - t->snd_una > t->snd_wnd) {
        return 0;
    }
    if (t->ecn.cwr) {
        t->ecn.cwr = false;
        h->flags |= SW_TCP_CWR;
    }
    return SW_ECN_ECT0;
}

bool sw_tcp_send_text(struct sw_tcp *t, uint32_t seq, uint32_t len, uint8_t flags)
{
    const bool record = t->sack && seq == t->snd_nxt;
    if (record && !room_for_record(t)) {
        return false;
    }
    struct sw_frame *frame = sw_frame_new(t->host->env.pool);
    if (frame == NULL) {
        t->host->stats.unsent[SW_DROP_NO_MEMORY]++;
        return false;
    }
    const sw_time now = sw_tcp_now(t);
    const uint32_t off = seq - t->snd_una;
    const uint32_t end = seq + len + ((flags & SW_TCP_FIN) != 0 ? 1 : 0);
    struct sw_tcp_header h;
    /* MUST-60, MUST-61: PSH on the last of what is queued. A user who says that more follows has
     * not pushed it, and one who ends a record has. */
    bool last = len > 0 && off + len == t->sendq.bytes && !t->more;
    if (t->rare != NULL && len > 0) {
        last = last || sw_tcp_rare_ends_at(t, seq + len);
    }
    fill_header(t, &h, last ? flags | SW_TCP_PSH : flags, seq,
                len < t->snd_mss ? t->snd_mss - len : 0);
    if (t->uto_due && len < t->snd_mss) {
        tell_user_timeout(t, &h, t->snd_mss - len);
    }
    const uint8_t ecn = t->ecn.ect && len > 0 ? mark_text(t, &h, end) : 0;
    sw_tcp_emit(&h, sw_frame_append(frame, sw_tcp_emit_bytes(&h)));
    if (len > 0) {
        sw_tcp_sendq_slice(&t->sendq, off, len, frame);
        t->count.data_out++;
    }
    if (sw_seq_lt(seq, t->snd_nxt)) {
        t->timing = false; /* Karn (RFC 6298 3): what is measured may be among it */
        t->rtx_high = sw_seq_max(t->rtx_high, sw_seq_min(end, t->snd_nxt));
        sw_tcp_undo_resent(t, end);
        t->retransmits++;
        t->host->stats.tcp_retransmits++;
        t->bytes_again += len;
        if (len == 0) {
            sw_tcp_count_bare_again(&t->count);
        }
    } else if (!t->timing) {
        t->timing = true;
        t->rtt_seq = end;
        t->rtt_at = now;
    }
    if (t->paced != NULL) {
        sw_tcp_paced_sent(t, seq, end);
    }
    t->snd_nxt = sw_seq_max(t->snd_nxt, end);
    sw_tcp_quick_sent(&t->quick, t->last_sent, now);
    t->last_sent = now;
    if (record) {
        sw_tcp_sent_push(&t->loss->sent, seq, end, now);
        t->snd_out = end;
    }
    if (t->recovering && t->loss != NULL) {
        sw_tcp_prr_sent(&t->loss->prr, len);
    }
    send_header(t, frame, ecn);
    return true;
}

/* ---- the receiver's window ---- */

uint32_t sw_tcp_window(const struct sw_tcp *t)
{
    const uint32_t unit = 1u << t->rcv_wscale;
    const uint32_t most = 65535u << t->rcv_wscale;
    const uint32_t used = t->recvq.bytes;
    const uint32_t offered = sw_tcp_offered(t);
    uint32_t space = t->rcv_buffer > used ? t->rcv_buffer - used : 0;
    space = (space < most ? space : most) & ~(unit - 1);
    /* 3.8.6.2.2 (MUST-39): the right edge moves by a full segment or half the buffer, or not at
     * all. */
    const uint32_t step = t->rcv_buffer / 2 < t->snd_mss ? t->rcv_buffer / 2 : t->snd_mss;
    if (space >= offered + step) {
        return space;
    }
    /* The edge stays, and is never moved to the left by rounding (RFC 7323 2.4). Rounded up it
     * moves a little to the right each time; that ends when it is a step beyond the buffer. */
    const uint32_t up = (offered + unit - 1) & ~(unit - 1);
    return up <= most && up <= space + unit + 65535u ? up : offered & ~(unit - 1);
}

void sw_tcp_window_opened(struct sw_tcp *t)
{
    if (!sw_tcp_is_synchronized(t) || t->fin_received) {
        return;
    }
    /* While the peer still has half of the buffer before it, it waits for nothing; later
     * acknowledgements will tell it. */
    const uint32_t offered = sw_tcp_offered(t);
    if (offered <= t->rcv_buffer / 2) {
        const uint32_t window = sw_tcp_window(t);
        if (window > offered && window >= 2 * offered) {
            sw_tcp_send_ack(t);
        }
    }
}
