/* Which frames are meant (see match.h). The words look at the head, which holds all headers in one
 * piece; up to two VLAN tags are looked through. A filter sees what a capture of the place would
 * show: the whole frame in one piece, checksums finished.
 *
 * `retransmit` remembers of each flow which sequence numbers it has seen: all from the first to the
 * highest but for a few holes. So a segment that was overtaken before it came here, and fills a
 * hole, is none. When a flow has more holes than fit, the lowest is taken as seen. */
#include "lan/match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/siphash.h"
#include "lan/bpf.h"
#include "stack/tcp_seq.h"
#include "stack/wire/eth.h"
#include "stack/wire/ipv4.h"

#define HOLES 8
#define BUCKETS (2 * SW_MATCH_FLOWS) /* a power of two */
/* Numbers further back are as good as forgotten: they come round again. */
#define SEEN_MOST ((uint32_t)1 << 30)
#define ICMP 1
#define TCP 6
#define UDP 17
#define TCP_BYTES 20
#define TAGS 2

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* What the words look at. */
struct look {
    uint16_t type; /* EtherType, behind the tags */
    int protocol;  /* of IPv4; -1: none */
    bool tcp;      /* a TCP header is there: the rest is of it */
    uint8_t flags;
    uint32_t seq;
    uint32_t text; /* bytes */
    uint8_t key[12];
};

struct span {
    uint32_t from, to; /* to: behind the last */
};

struct flow {
    uint8_t key[12];
    uint32_t first, high; /* [first, high) is seen, but for the holes */
    uint32_t isn;
    bool opened; /* isn is its SYN's number */
    unsigned holes;
    struct span hole[HOLES]; /* in order */
};

struct sw_match {
    const struct sw_topo_match *what;
    uint8_t *bytes; /* of a filter: room for cap of them */
    size_t cap;
    struct flow *flow; /* flow_cap of them, flows in use */
    unsigned flows, flow_cap;
    uint16_t *bucket; /* BUCKETS of them: a flow's place, and 1; 0: empty */
};

static const char *const words[] = {
    [SW_MATCH_SYN] = "syn",   [SW_MATCH_SYN_ACK] = "syn-ack", [SW_MATCH_FIN] = "fin",
    [SW_MATCH_RST] = "rst",   [SW_MATCH_ACK] = "ack",         [SW_MATCH_DATA] = "data",
    [SW_MATCH_ARP] = "arp",   [SW_MATCH_ICMP] = "icmp",       [SW_MATCH_TCP] = "tcp",
    [SW_MATCH_UDP] = "udp",   [SW_MATCH_BPDU] = "bpdu",       [SW_MATCH_RETRANSMIT] = "retransmit",
    [SW_MATCH_FILTER] = NULL,
};

const char *sw_match_word(enum sw_match_kind kind)
{
    return words[kind];
}

/* ---- looking ---- */

static void look_at_tcp(struct look *look, const uint8_t *ip, const uint8_t *tcp, uint32_t len)
{
    const uint32_t header = (tcp[12] >> 4) * 4U;
    if (header < TCP_BYTES || header > len) {
        return;
    }
    look->tcp = true;
    look->flags = tcp[13];
    look->seq = sw_get32(tcp + 4);
    look->text = len - header;
    memcpy(look->key, ip + 12, 8);
    memcpy(look->key + 8, tcp, 4);
}

static void look_at_ip(struct look *look, const struct sw_frame *frame, unsigned l3)
{
    const uint8_t *ip = sw_frame_head(frame) + l3;
    if (frame->head_len < l3 + SW_IPV4_BYTES || ip[0] >> 4 != 4) {
        return;
    }
    const unsigned header = (ip[0] & 15U) * 4;
    const uint32_t total = sw_get16(ip + 2);
    look->protocol = ip[9];
    const bool later_fragment = (sw_get16(ip + 6) & 0x1fff) != 0;
    if (look->protocol != TCP || later_fragment || header < SW_IPV4_BYTES || total < header ||
        frame->head_len < l3 + header + TCP_BYTES) {
        return;
    }
    look_at_tcp(look, ip, ip + header, total - header);
}

static struct look look_at(const struct sw_frame *frame)
{
    struct look look = {.protocol = -1};
    const uint8_t *head = sw_frame_head(frame);
    unsigned at = SW_ETH_BYTES;
    if (frame->head_len < at) {
        return look;
    }
    look.type = sw_get16(head + at - 2);
    for (unsigned i = 0; i < TAGS && frame->head_len >= at + 4 &&
                         (look.type == SW_ETH_TAG || look.type == SW_ETH_SERVICE_TAG);
         i++) {
        at += 4;
        look.type = sw_get16(head + at - 2);
    }
    if (look.type == SW_ETH_IPV4) {
        look_at_ip(&look, frame, at);
    }
    return look;
}

/* To the bridges' group address (IEEE 802.1D 7.12.3), or to Cisco's. */
static bool is_bpdu(const struct sw_frame *frame)
{
    static const uint8_t standard[] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x00};
    static const uint8_t per_vlan[] = {0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcd};
    const uint8_t *head = sw_frame_head(frame);
    return frame->head_len >= SW_ETH_BYTES && (memcmp(head, standard, sizeof standard) == 0 ||
                                               memcmp(head, per_vlan, sizeof per_vlan) == 0);
}

/* ---- numbers that were seen ---- */

static uint16_t *bucket_of(const struct sw_match *match, const uint8_t *key)
{
    const struct sw_hash_key hash = {.k0 = 0x72657472616e736dU, .k1 = 1};
    uint64_t at = sw_siphash(hash, key, sizeof match->flow->key);
    for (;; at++) {
        uint16_t *bucket = &match->bucket[at & (BUCKETS - 1)];
        if (*bucket == 0 || memcmp(match->flow[*bucket - 1].key, key, 12) == 0) {
            return bucket;
        }
    }
}

/* NULL: it is new, and there is no room. */
static struct flow *flow_of(struct sw_match *match, const struct look *look, bool *new)
{
    uint16_t *bucket = bucket_of(match, look->key);
    *new = *bucket == 0;
    if (!*new) {
        return &match->flow[*bucket - 1];
    }
    if (match->flows == match->flow_cap) {
        const unsigned cap = match->flow_cap == 0 ? 16 : match->flow_cap * 2;
        struct flow *flow =
            cap > SW_MATCH_FLOWS ? NULL : realloc(match->flow, cap * sizeof *match->flow);
        if (flow == NULL) {
            return NULL;
        }
        match->flow = flow;
        match->flow_cap = cap;
    }
    struct flow *flow = &match->flow[match->flows++];
    *bucket = (uint16_t)match->flows;
    memcpy(flow->key, look->key, sizeof flow->key);
    return flow;
}

static void begin(struct flow *flow, const struct look *look, struct span span)
{
    flow->first = span.from;
    flow->high = span.to;
    flow->holes = 0;
    flow->opened = (look->flags & SYN) != 0;
    flow->isn = look->seq;
}

static void remove_hole(struct flow *flow, unsigned i)
{
    flow->holes--;
    memmove(&flow->hole[i], &flow->hole[i + 1], (flow->holes - i) * sizeof flow->hole[0]);
}

/* At place i; where there is no room the lowest goes. */
static void add_hole(struct flow *flow, unsigned i, struct span hole)
{
    if (hole.from == hole.to) {
        return;
    }
    if (flow->holes == HOLES) {
        if (i == 0) {
            return; /* it is the lowest itself */
        }
        remove_hole(flow, 0);
        i--;
    }
    memmove(&flow->hole[i + 1], &flow->hole[i], (flow->holes - i) * sizeof flow->hole[0]);
    flow->hole[i] = hole;
    flow->holes++;
}

/* Numbers between first and high: those in holes are seen now. True: some were seen before. */
static bool fill(struct flow *flow, struct span span)
{
    uint32_t unseen = 0;
    for (unsigned i = 0; i < flow->holes;) {
        const struct span hole = flow->hole[i];
        const struct span part = {sw_seq_lt(hole.from, span.from) ? span.from : hole.from,
                                  sw_seq_lt(span.to, hole.to) ? span.to : hole.to};
        if (!sw_seq_lt(part.from, part.to)) {
            i++;
            continue;
        }
        unseen += part.to - part.from;
        remove_hole(flow, i);
        const unsigned before = flow->holes;
        add_hole(flow, i, (struct span){part.to, hole.to});
        add_hole(flow, i, (struct span){hole.from, part.from});
        i += flow->holes > before ? flow->holes - before : 0;
    }
    return unseen < span.to - span.from;
}

/* True: numbers of it were seen before. All of them are now. */
static bool see(struct flow *flow, struct span span)
{
    bool again = false;
    if (sw_seq_lt(span.from, flow->first)) {
        /* Before all that was seen: the place was there late. */
        if (!sw_seq_lt(flow->first, span.to)) {
            add_hole(flow, 0, (struct span){span.to, flow->first});
            flow->first = span.from;
            return false;
        }
        const uint32_t old = flow->first;
        flow->first = span.from;
        span.from = old;
        again = true;
    }
    if (sw_seq_lt(flow->high, span.from)) {
        add_hole(flow, flow->holes, (struct span){flow->high, span.from});
        flow->high = span.to;
    } else if (sw_seq_lt(flow->high, span.to)) {
        const struct span low = {span.from, flow->high};
        again = (low.from != low.to && fill(flow, low)) || again;
        flow->high = span.to;
    } else {
        again = fill(flow, span) || again;
    }
    if (flow->high - flow->first > SEEN_MOST) {
        flow->first = flow->high - SEEN_MOST;
    }
    return again;
}

static bool is_retransmit(struct sw_match *match, const struct look *look)
{
    const uint32_t numbers =
        look->text + ((look->flags & SYN) != 0 ? 1U : 0) + ((look->flags & FIN) != 0 ? 1U : 0);
    if (!look->tcp || numbers == 0 || (look->flags & RST) != 0) {
        return false;
    }
    bool new = false;
    struct flow *flow = flow_of(match, look, &new);
    if (flow == NULL) {
        return false;
    }
    const struct span span = {look->seq, look->seq + numbers};
    /* Another SYN between the same ends is another connection. */
    if (new || ((look->flags & SYN) != 0 && (!flow->opened || flow->isn != look->seq))) {
        begin(flow, look, span);
        return false;
    }
    return see(flow, span);
}

/* ---- filters ---- */

static bool passes(struct sw_match *match, const struct sw_frame *frame)
{
    const struct sw_bpf *program = match->what->program;
    if (frame->slices == 0 && frame->csum != SW_CSUM_PARTIAL) {
        return sw_bpf_accepts(program, sw_frame_head(frame), frame->len, frame->head_len);
    }
    if (frame->len > match->cap) {
        uint8_t *bytes = realloc(match->bytes, frame->len);
        if (bytes == NULL) { /* then it sees the headers */
            return sw_bpf_accepts(program, sw_frame_head(frame), frame->len, frame->head_len);
        }
        match->bytes = bytes;
        match->cap = frame->len;
    }
    sw_frame_copy_out(frame, match->bytes);
    return sw_bpf_accepts(program, match->bytes, frame->len, frame->len);
}

/* ---- the interface ---- */

int sw_match_new(struct sw_match **out, const struct sw_topo_match *what)
{
    struct sw_match *match = calloc(1, sizeof *match);
    if (match == NULL) {
        return -ENOMEM;
    }
    match->what = what;
    if (what->kind == SW_MATCH_RETRANSMIT) {
        match->bucket = calloc(BUCKETS, sizeof *match->bucket);
        if (match->bucket == NULL) {
            free(match);
            return -ENOMEM;
        }
    }
    *out = match;
    return 0;
}

void sw_match_free(struct sw_match *match)
{
    if (match != NULL) {
        free(match->bytes);
        free(match->flow);
        free(match->bucket);
        free(match);
    }
}

static bool tcp_word(enum sw_match_kind kind, const struct look *look)
{
    const uint8_t flags = look->flags;
    switch (kind) {
    case SW_MATCH_SYN:
        return (flags & (SYN | ACK)) == SYN;
    case SW_MATCH_SYN_ACK:
        return (flags & (SYN | ACK)) == (SYN | ACK);
    case SW_MATCH_FIN:
        return (flags & FIN) != 0;
    case SW_MATCH_RST:
        return (flags & RST) != 0;
    case SW_MATCH_ACK:
        return (flags & (SYN | FIN | RST | ACK)) == ACK && look->text == 0;
    default: /* data */
        return look->text > 0;
    }
}

bool sw_match_frame(struct sw_match *match, const struct sw_frame *frame)
{
    const enum sw_match_kind kind = match->what->kind;
    if (kind == SW_MATCH_ALL || kind == SW_MATCH_FILTER || kind == SW_MATCH_BPDU) {
        return kind == SW_MATCH_ALL ||
               (kind == SW_MATCH_BPDU ? is_bpdu(frame) : passes(match, frame));
    }
    const struct look look = look_at(frame);
    switch (kind) {
    case SW_MATCH_ARP:
        return look.type == SW_ETH_ARP;
    case SW_MATCH_ICMP:
        return look.protocol == ICMP;
    case SW_MATCH_TCP:
        return look.protocol == TCP;
    case SW_MATCH_UDP:
        return look.protocol == UDP;
    case SW_MATCH_RETRANSMIT:
        return is_retransmit(match, &look);
    default:
        return look.tcp && tcp_word(kind, &look);
    }
}
