/* Paths that swallow what is too big: see tcp_hole.h. */
#include "stack/tcp_hole.h"

#define HEADER_BYTES 40u   /* of IP and TCP */
#define BASE_MSS 1024u     /* RFC 4821 7.2: nearly every path carries that */
#define LEAST_MTU 576u     /* what every host takes (RFC 791 3.1) */
#define SEARCHED 8u        /* the search ends when so little is in doubt (as Linux) */
#define CWND_SEGMENTS 11u  /* a window in which a segment more or less is little (as Linux) */
#define SEGMENTS_BEHIND 4u /* so many tell that the probe is lost: DupThresh, and one */

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* A packet with a segment of so much text. */
static uint32_t mtu_for(const struct sw_tcp *t, uint32_t text_bytes)
{
    return text_bytes + HEADER_BYTES + (t->timestamps ? SW_TCP_TIMESTAMP_BYTES : 0);
}

/* What interfaces, routers and the peer allow. */
static uint32_t limit(const struct sw_tcp *t)
{
    uint32_t mtu = least(t->path.mtu_bytes, mtu_for(t, SW_TCP_MSS_LARGEST));
    mtu = least(mtu, t->peer_mss + HEADER_BYTES);
    mtu = t->path_mtu != 0 ? least(mtu, t->path_mtu) : mtu;
    return t->user_mss != 0 ? least(mtu, t->user_mss + HEADER_BYTES) : mtu;
}

static void search_from(struct sw_tcp *t, uint32_t text_bytes)
{
    const uint32_t high = limit(t);
    t->mtu_high = (uint16_t)high;
    t->mtu_low = (uint16_t)least(mtu_for(t, text_bytes), high);
    sw_tcp_update_mss(t);
}

void sw_tcp_hole_begin(struct sw_tcp *t)
{
    if (t->host->tcp->config.mtu_probing == SW_TCP_MTU_PROBING_ON) {
        search_from(t, BASE_MSS);
    }
}

/* Is what timed out a full segment? */
static bool full_segment(const struct sw_tcp *t)
{
    uint32_t len = least(t->snd_nxt - t->snd_una, t->sendq.bytes);
    if (t->sack && t->loss != NULL && t->loss->sent.head != t->loss->sent.tail) {
        const struct sw_tcp_record *r = sw_tcp_sent_at(&t->loss->sent, t->loss->sent.head);
        len = r->end - r->seq;
    }
    return len >= t->snd_mss;
}

void sw_tcp_hole_timeout(struct sw_tcp *t)
{
    const uint32_t least_mss = LEAST_MTU - mtu_for(t, 0), half = t->snd_mss / 2;
    if (t->host->tcp->config.mtu_probing == SW_TCP_MTU_PROBING_OFF || t->retries < SW_TCP_R1 ||
        t->snd_mss <= least_mss || !full_segment(t)) {
        return;
    }
    search_from(t, t->snd_mss > BASE_MSS ? BASE_MSS : half > least_mss ? half : least_mss);
}

uint32_t sw_tcp_hole_widen(const struct sw_tcp *t, uint32_t room_bytes)
{
    const struct sw_tcp_loss *loss = t->loss;
    const uint32_t mss = t->snd_mss, high = least(t->mtu_high, limit(t));
    if (!t->sack || high < t->mtu_low + SEARCHED || t->recovering || t->retries > 0 ||
        t->cc.cwnd < CWND_SEGMENTS * mss || t->snd_out != t->snd_nxt ||
        (loss != NULL &&
         (loss->mtu_probe_len != 0 || (loss->sent.sacked | loss->sent.lost) != 0))) {
        return mss;
    }
    const uint32_t len = (t->mtu_low + high + 1) / 2 - mtu_for(t, 0);
    const uint32_t out = t->snd_nxt - t->snd_una, need = len + SEGMENTS_BEHIND * mss;
    const bool fits =
        len > mss && len <= room_bytes && t->sendq.bytes - out >= need && t->snd_wnd >= out + need;
    return fits ? len : mss;
}

void sw_tcp_hole_probed(struct sw_tcp *t, uint32_t seq, uint32_t len)
{
    t->loss->mtu_probe = seq;
    t->loss->mtu_probe_len = len;
}

void sw_tcp_hole_acked(struct sw_tcp *t)
{
    const uint32_t len = t->loss->mtu_probe_len;
    if (sw_seq_ge(t->snd_una, t->loss->mtu_probe + len)) {
        t->loss->mtu_probe_len = 0;
        t->mtu_low = (uint16_t)mtu_for(t, len);
        sw_tcp_update_mss(t);
    }
}

bool sw_tcp_hole_lost(struct sw_tcp *t)
{
    const struct sw_tcp_sent *s = &t->loss->sent;
    const uint32_t len = t->loss->mtu_probe_len;
    if (s->missing.count != 1 || s->lost != len ||
        sw_tcp_sent_at(s, s->missing.first)->seq != t->loss->mtu_probe) {
        return false; /* then it says nothing of the size (RFC 4821 7.6.4) */
    }
    t->loss->mtu_probe_len = 0;
    t->mtu_high = (uint16_t)(mtu_for(t, len) - 1);
    return true;
}
