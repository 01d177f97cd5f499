/* Fuzz target: a host with live sockets. An input is a program: what the host is like, and then
 * what the peer at the other end of its cable says, what the host's users do, and how time passes,
 * one instruction after the other. At the end of each instruction the ledgers hold; at the end of
 * all nothing is left.
 *
 * An instruction is a byte, and what it takes. The top bit means that the next one follows before
 * the clock runs, so that frames come in batches. */
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "stack/sock.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "stack/wire/icmp.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"
#include "tests/fuzz/peer.h"
#include "tests/fuzz/user.h"

#define INSTRUCTIONS 600 /* of an input; more is more of the same */
#define TEXT_MOST 9000

struct game {
    struct fuzz_world world;
    struct sw_host *host;
    struct fuzz_peer peer, far;
    bool router;
    struct fuzz_users users;
    struct fuzz_input in;
};

/* ---- what an instruction takes ---- */

/* A distance from where something is expected: mostly 0 or small, now and then far off. */
static uint32_t distance(struct fuzz_input *in)
{
    const uint8_t code = fuzz_u8(in);
    if (code < 128) {
        return (uint32_t)(code < 64 ? code : code - 128);
    }
    if (code < 192) {
        return (uint32_t)(code - 160) * 1460;
    }
    if (code < 224) {
        return (uint32_t)(code - 208) << 13;
    }
    return code < 255 ? (uint32_t)1 << (code - 224) : fuzz_u32(in);
}

static size_t length(struct fuzz_input *in)
{
    const uint8_t code = fuzz_u8(in);
    return code < 128 ? code : code < 250 ? (code - 127u) * 12u : (code - 249u) * 1460u;
}

static uint32_t address(struct fuzz_input *in)
{
    static const uint32_t some[] = {FUZZ_PEER_IP,
                                    FUZZ_HOST_IP,
                                    FUZZ_PEER_IP + 1,
                                    FUZZ_FAR_IP,
                                    FUZZ_FAR_IP + 1,
                                    0x7f000001,
                                    0,
                                    0x0a0000ff,
                                    0x0a0001ff,
                                    0xe0000001,
                                    0x08080808,
                                    0xffffffff,
                                    0x0a000000,
                                    0xf0000001,
                                    0xa9fe0001,
                                    0x0a000063};
    return some[fuzz_u8(in) % 16];
}

static sw_time span(struct fuzz_input *in)
{
    static const sw_time units[] = {SW_US,      100 * SW_US, SW_MS,    10 * SW_MS,
                                    40 * SW_MS, 200 * SW_MS, 1 * SW_S, 10 * SW_S};
    const uint8_t code = fuzz_u8(in);
    return units[code % 8] * (1 + code / 8);
}

/* ---- TCP ---- */

/* Which options a segment has: a byte's bits. */
enum {
    WITH_MSS = 1,
    WITH_SCALE = 2,
    WITH_TIMESTAMP = 4,
    WITH_SACK = 8,
    WITH_RAW = 16,
    BAD_SUM = 32,
    SEQ_OF_ACK = 64, /* the sequence number from what the host acknowledged last */
    ODD = 128,       /* odd values of what is there, and an urgent pointer */
};

static void put_options(struct game *g, struct sw_tcp_header *h, const struct fuzz_flow *flow,
                        uint8_t with)
{
    const bool odd = (with & ODD) != 0;
    h->has = (uint8_t)((with & WITH_MSS) != 0 ? SW_TCP_HAS_MSS : 0);
    h->has |= (uint8_t)((with & WITH_SCALE) != 0 ? SW_TCP_HAS_WSCALE : 0);
    h->has |= (uint8_t)((with & WITH_TIMESTAMP) != 0 ? SW_TCP_HAS_TIMESTAMP : 0);
    h->has |= (uint8_t)((with & WITH_SACK) != 0 ? SW_TCP_HAS_SACK_PERMITTED : 0);
    h->mss = odd ? fuzz_u16(&g->in) : 1460;
    h->wscale = odd ? fuzz_u8(&g->in) % 16 : 7;
    h->ts_val = (uint32_t)(sw_clock_now(g->world.env.clock) / SW_MS) + 77777;
    h->ts_ecr = flow->ts;
    if (odd) {
        h->ts_val += distance(&g->in);
        h->ts_ecr += distance(&g->in);
        h->urgent = fuzz_u16(&g->in);
    }
}

/* What the peer has said now counts: where it goes on, and how far the host may go. */
static void account(struct fuzz_flow *flow, const struct sw_tcp_header *h, uint32_t len,
                    bool expected)
{
    const bool syn = (h->flags & SW_TCP_SYN) != 0;
    const uint32_t end = h->seq + len + (syn ? 1 : 0) + ((h->flags & SW_TCP_FIN) != 0 ? 1 : 0);
    if (expected && (h->flags & SW_TCP_RST) == 0) {
        flow->nxt = end;
    }
    flow->most = (int32_t)(flow->most - end) < 0 ? end : flow->most;
    if (syn) {
        flow->sure &= h->seq == flow->isn;
        flow->scale =
            (h->has & SW_TCP_HAS_WSCALE) != 0 && h->wscale > flow->scale ? h->wscale : flow->scale;
    }
    /* What acknowledges far more than was said, or far less, is not believed and allows nothing. */
    const int32_t news = (int32_t)(h->ack - flow->host_nxt);
    if ((h->flags & SW_TCP_ACK) != 0 && news < (1 << 20) && news > -(1 << 29)) {
        const uint32_t edge =
            h->ack + ((uint32_t)h->window << (flow->scale < 14 ? flow->scale : 14));
        flow->edge = !flow->edge_known || (int32_t)(flow->edge - edge) < 0 ? edge : flow->edge;
        flow->edge_known = true;
    }
}

static size_t put_raw_options(struct fuzz_input *in, uint8_t *tcp, size_t header)
{
    size_t n = fuzz_u8(in) % (SW_TCP_MAX_BYTES - header + 1);
    const uint8_t *bytes = fuzz_take(in, &n);
    memcpy(tcp + header, bytes, n);
    for (; n % 4 != 0; n++) {
        tcp[header + n] = 0;
    }
    tcp[12] = (uint8_t)((header + n) / 4 << 4);
    return header + n;
}

static void say_segment(struct game *g, struct fuzz_flow *flow, struct sw_tcp_header *h,
                        uint8_t with, uint32_t len, bool expected)
{
    uint8_t tcp[SW_TCP_MAX_BYTES + TEXT_MOST];
    size_t header = sw_tcp_emit(h, tcp);
    if ((with & WITH_RAW) != 0) {
        header = put_raw_options(&g->in, tcp, header);
        flow->scale = 14; /* whatever they say */
    }
    const uint32_t first = h->seq + ((h->flags & SW_TCP_SYN) != 0 ? 1 : 0) - flow->isn - 1;
    for (uint32_t i = 0; i < len; i++) {
        tcp[header + i] = fuzz_text(false, first + i);
    }
    fuzz_sum(tcp, header + len, SW_TCP_CHECKSUM_OFFSET, 6, FUZZ_PEER_IP, FUZZ_HOST_IP);
    tcp[SW_TCP_CHECKSUM_OFFSET] ^= (uint8_t)(with & BAD_SUM);
    account(flow, h, len, expected);
    const struct sw_ipv4 ip = {
        .ttl = 64, .protocol = 6, .df = true, .src = FUZZ_PEER_IP, .dst = FUZZ_HOST_IP};
    fuzz_peer_ip(&g->peer, ip, NULL, 0, tcp, header + len);
}

static struct fuzz_flow *take_flow(struct game *g)
{
    return &g->peer.flow[fuzz_u8(&g->in) % FUZZ_FLOWS];
}

static uint16_t take_window(struct fuzz_input *in)
{
    const uint8_t code = fuzz_u8(in);
    return (uint16_t)(code == 0 ? 65535 : code < 128 ? code - 1 : (code - 127) * 500);
}

/* Anything at all near what stands. */
static void do_segment(struct game *g)
{
    struct fuzz_flow *flow = take_flow(g);
    struct sw_tcp_header h = {.src_port = flow->peer_port, .dst_port = flow->host_port};
    h.flags = fuzz_u8(&g->in);
    const uint8_t with = fuzz_u8(&g->in);
    const uint32_t off = distance(&g->in);
    h.seq = ((h.flags & SW_TCP_SYN) != 0 ? flow->isn
             : (with & SEQ_OF_ACK) != 0  ? flow->host_ack
                                         : flow->nxt) +
            off;
    h.ack = (h.flags & SW_TCP_ACK) != 0 ? flow->host_nxt + distance(&g->in) : 0;
    h.window = take_window(&g->in);
    put_options(g, &h, flow, with);
    say_segment(g, flow, &h, with, (uint32_t)length(&g->in), off == 0 && (with & SEQ_OF_ACK) == 0);
}

/* Text in order: so many full segments. */
static void do_text(struct game *g)
{
    struct fuzz_flow *flow = take_flow(g);
    const uint8_t many = fuzz_u8(&g->in) % 32;
    for (unsigned i = 0; i <= many; i++) {
        struct sw_tcp_header h = {.src_port = flow->peer_port,
                                  .dst_port = flow->host_port,
                                  .flags = SW_TCP_ACK | SW_TCP_PSH,
                                  .seq = flow->nxt,
                                  .ack = flow->host_nxt,
                                  .window = 65535};
        put_options(g, &h, flow, flow->ts != 0 ? WITH_TIMESTAMP : 0);
        say_segment(g, flow, &h, 0, 1400, true);
    }
}

/* Acknowledges all that was heard, in turn with what is still to come. */
static void do_ack(struct game *g)
{
    struct fuzz_flow *flow = take_flow(g);
    for (unsigned i = fuzz_u8(&g->in) % 16; i < 16; i++) {
        struct sw_tcp_header h = {.src_port = flow->peer_port,
                                  .dst_port = flow->host_port,
                                  .flags = SW_TCP_ACK,
                                  .seq = flow->nxt,
                                  .ack = flow->host_nxt,
                                  .window = 65535};
        put_options(g, &h, flow, flow->ts != 0 ? WITH_TIMESTAMP : 0);
        say_segment(g, flow, &h, 0, 0, true);
        fuzz_world_run(&g->world, 0);
    }
}

/* The whole handshake: the peer's, or the rest of one that the host began. */
static void do_handshake(struct game *g)
{
    struct fuzz_flow *flow = take_flow(g);
    const uint8_t with = fuzz_u8(&g->in) & (WITH_MSS | WITH_SCALE | WITH_TIMESTAMP | WITH_SACK);
    const bool active = flow->host_known && flow->nxt == flow->isn;
    struct sw_tcp_header h = {.src_port = flow->peer_port,
                              .dst_port = flow->host_port,
                              .flags = SW_TCP_SYN,
                              .seq = flow->isn,
                              .window = take_window(&g->in)};
    if (active) {
        h.flags |= SW_TCP_ACK;
        h.ack = flow->host_nxt;
    }
    put_options(g, &h, flow, with);
    say_segment(g, flow, &h, 0, 0, true);
    fuzz_world_run(&g->world, 0);
    if (!active) {
        h.flags = SW_TCP_ACK;
        h.seq = flow->nxt;
        h.ack = flow->host_nxt;
        put_options(g, &h, flow, with & WITH_TIMESTAMP);
        say_segment(g, flow, &h, 0, 0, true);
    }
}

/* ---- the rest of what a peer says ---- */

static void do_udp(struct game *g)
{
    static const uint16_t ports[] = {7, 9, 53, 5000};
    uint8_t text[SW_UDP_BYTES + TEXT_MOST] = {0};
    const uint8_t how = fuzz_u8(&g->in);
    struct sw_udp udp = {.src_port = (uint16_t)(5000 + how % 4), .dst_port = ports[how / 4 % 4]};
    const size_t n = SW_UDP_BYTES + length(&g->in);
    udp.len_bytes = (uint16_t)(n + ((how & 64) != 0 ? distance(&g->in) : 0));
    sw_udp_emit(&udp, text);
    const struct sw_ipv4 ip = {.ttl = 64,
                               .protocol = 17,
                               .src = FUZZ_PEER_IP,
                               .dst = (how & 128) != 0 ? address(&g->in) : FUZZ_HOST_IP};
    if ((how & 16) == 0) {
        fuzz_sum(text, n, SW_UDP_CHECKSUM_OFFSET, 17, ip.src, ip.dst);
        text[SW_UDP_CHECKSUM_OFFSET] ^= (uint8_t)(how & 32);
    }
    fuzz_peer_ip(&g->peer, ip, NULL, 0, text, n);
}

/* Any ICMP message; those that quote quote what the host has said last. */
static void do_icmp(struct game *g)
{
    uint8_t text[SW_ICMP_BYTES + 1600];
    static const uint8_t types[] = {8, 0, 3, 11, 12, 5, 4, 13};
    const uint8_t how = fuzz_u8(&g->in);
    const struct sw_icmp icmp = {.type = types[how % 8],
                                 .code = (uint8_t)(how / 8 % 16),
                                 .id = fuzz_u8(&g->in),
                                 .sequence = fuzz_u16(&g->in)};
    sw_icmp_emit(&icmp, text);
    size_t n = length(&g->in);
    const bool quotes = icmp.type != 8 && icmp.type != 0 && icmp.type != 13;
    if (quotes && g->peer.last_len > 0) {
        n = n == 0 ? 28 : n < g->peer.last_len ? n : g->peer.last_len;
        memcpy(text + SW_ICMP_BYTES, g->peer.last, n);
    } else {
        n = n < 1600 ? n : 1600;
        memset(text + SW_ICMP_BYTES, 'x', n);
    }
    fuzz_sum(text, SW_ICMP_BYTES + n, SW_ICMP_CHECKSUM_OFFSET, 0, 0, 0);
    const struct sw_ipv4 ip = {.ttl = 64,
                               .protocol = 1,
                               .src = FUZZ_PEER_IP,
                               .dst = (how & 128) != 0 ? address(&g->in) : FUZZ_HOST_IP};
    fuzz_peer_ip(&g->peer, ip, NULL, 0, text, SW_ICMP_BYTES + n);
}

static void do_arp(struct game *g)
{
    const uint8_t how = fuzz_u8(&g->in);
    uint32_t sender = address(&g->in), target = address(&g->in);
    struct fuzz_peer *peer = g->router && (how & 2) != 0 ? &g->far : &g->peer;
    fuzz_peer_arp(peer, (how & 1) != 0 ? SW_ARP_REPLY : SW_ARP_REQUEST, sender, target);
    if ((how & 4) != 0) {
        peer->mac.b[5] = (uint8_t)(2 + how / 8 % 4); /* and from now on it has moved */
    }
}

static void do_raw(struct game *g)
{
    size_t n = fuzz_u8(&g->in);
    const uint8_t how = fuzz_u8(&g->in);
    const uint8_t *bytes = fuzz_take(&g->in, &n);
    struct fuzz_peer *peer = g->router && how % 8 == 7 ? &g->far : &g->peer;
    uint8_t frame[300] = {0};
    size_t header = how % 2 == 0 ? SW_ETH_BYTES : 0;
    const struct sw_eth eth = {.dst = peer->host_mac, .src = peer->mac, .type = SW_ETH_IPV4};
    sw_eth_emit(&eth, frame);
    memcpy(frame + header, bytes, n);
    g->peer.wild = g->peer.spoofed = g->far.wild = g->far.spoofed = true;
    fuzz_peer_bytes(peer, frame, header + n, how);
}

/* An IP packet with a right header around any bytes; options may be wrong. */
static void do_ip(struct game *g)
{
    uint8_t text[256];
    const uint8_t how = fuzz_u8(&g->in);
    struct sw_ipv4 ip = {.protocol = fuzz_u8(&g->in), .ttl = (uint8_t)(how % 8 == 0 ? 1 : 64)};
    ip.src = address(&g->in);
    ip.dst = address(&g->in);
    ip.df = (how & 16) != 0;
    ip.id = (uint16_t)(how / 32);
    size_t n_options = (how & 8) != 0 ? fuzz_u8(&g->in) % 11 * 4u : 0;
    const uint8_t *options = fuzz_take(&g->in, &n_options);
    n_options -= n_options % 4;
    size_t n = fuzz_u8(&g->in);
    const uint8_t *bytes = fuzz_take(&g->in, &n);
    memcpy(text, bytes, n);
    if (ip.protocol == 6 || ip.protocol == 17) {
        fuzz_sum(text, n, ip.protocol == 6 ? 16 : 6, ip.protocol, ip.src, ip.dst);
    } else if (ip.protocol == 1) {
        fuzz_sum(text, n, 2, 0, 0, 0);
    }
    const bool own = ip.src == FUZZ_HOST_IP || ip.src == FUZZ_FAR_IP;
    g->peer.wild |= ip.protocol == 6 || own;
    g->peer.spoofed |= own;
    g->far.spoofed |= own;
    fuzz_peer_ip(g->router && how % 8 == 7 ? &g->far : &g->peer, ip, options, n_options, text, n);
}

/* A piece of a datagram whose text is counted up, so that pieces fit each other. */
static void do_fragment(struct game *g)
{
    uint8_t text[TEXT_MOST];
    const uint8_t how = fuzz_u8(&g->in);
    const uint16_t at = fuzz_u8(&g->in);
    struct sw_ipv4 ip = {.ttl = 64,
                         .protocol = (how & 1) != 0 ? 1 : 17,
                         .id = (uint16_t)(how / 2 % 8),
                         .more = (how & 16) != 0,
                         .src = FUZZ_PEER_IP + how / 32 % 2,
                         .dst = FUZZ_HOST_IP};
    ip.offset_bytes = (uint16_t)(at < 128 ? at * 8 : (at - 127) * 512 - 8);
    size_t n = length(&g->in);
    n = (how & 64) != 0 ? n : n & ~(size_t)7;
    for (size_t i = 0; i < n; i++) {
        text[i] = 0;
    }
    if (ip.offset_bytes == 0 && n >= SW_UDP_BYTES) {
        const struct sw_udp udp = {
            .src_port = 5000, .dst_port = 7, .len_bytes = (uint16_t)(8 + length(&g->in))};
        const struct sw_icmp echo = {.type = SW_ICMP_ECHO, .checksum = 0xf7ff};
        if (ip.protocol == 17) {
            sw_udp_emit(&udp, text);
        } else {
            sw_icmp_emit(&echo, text);
        }
    }
    fuzz_peer_ip(&g->peer, ip, NULL, 0, text, n);
}

/* What the host has said last comes back, as it was or with ends exchanged. */
static void do_reflect(struct game *g)
{
    uint8_t frame[SW_ETH_BYTES + sizeof g->peer.last];
    const uint8_t how = fuzz_u8(&g->in);
    const struct sw_eth eth = {.dst = g->peer.host_mac, .src = g->peer.mac, .type = SW_ETH_IPV4};
    const size_t n = g->peer.last_len;
    if (n < SW_IPV4_BYTES) {
        return;
    }
    uint8_t *ip = frame + SW_ETH_BYTES;
    sw_eth_emit(&eth, frame);
    memcpy(ip, g->peer.last, n);
    if ((how & 1) != 0) { /* neither checksum minds */
        memcpy(ip + 12, g->peer.last + 16, 4);
        memcpy(ip + 16, g->peer.last + 12, 4);
        const size_t header = (ip[0] & 15u) * 4u;
        if ((how & 2) != 0 && n >= header + 4) {
            memcpy(ip + header, g->peer.last + header + 2, 2);
            memcpy(ip + header + 2, g->peer.last + header, 2);
        }
    }
    g->peer.wild = g->peer.spoofed = true;
    fuzz_peer_bytes(&g->peer, frame, SW_ETH_BYTES + n, 100);
}

/* ---- the world's own ---- */

static void do_cable(struct game *g)
{
    sw_link_set_up(&g->peer.link, (fuzz_u8(&g->in) & 1) == 0);
}

static void do_time(struct game *g)
{
    fuzz_world_run(&g->world, span(&g->in));
}

static void do_look(struct game *g)
{
    struct sw_arp_entry entry;
    for (unsigned i = 0; sw_host_arp_entry(g->host, i, &entry); i++) {
        fuzz_check(entry.ip.family == SW_IPV4);
    }
    (void)sw_host_address(g->host);
    fuzz_users_look(&g->users);
}

static void do_user(struct game *g)
{
    fuzz_users_do(&g->users, &g->in);
}

static void check(struct game *g)
{
    fuzz_check(sw_host_balanced(g->host));
    fuzz_check(sw_lane_balanced(&g->peer.link.forward));
    fuzz_check(sw_lane_balanced(&g->peer.link.backward));
    fuzz_users_check(&g->users);
}

static void play(struct game *g)
{
    static void (*const instructions[])(struct game *) = {
        do_segment, do_time,    do_user,    do_text, do_ack,  do_handshake, do_udp,
        do_icmp,    do_arp,     do_raw,     do_ip,   do_user, do_time,      do_fragment,
        do_cable,   do_reflect, do_segment, do_user, do_look, do_user};
    const size_t count = sizeof instructions / sizeof instructions[0];
    for (unsigned i = 0; i < INSTRUCTIONS && fuzz_left(&g->in) > 0; i++) {
        const uint8_t code = fuzz_u8(&g->in);
        instructions[(code & 127) % count](g);
        if ((code & 128) == 0) {
            fuzz_world_run(&g->world, 0);
            check(g);
        }
    }
}

/* ---- its life ---- */

static struct sw_nic *add_nic(struct game *g, const char *name, uint8_t last, uint32_t mtu,
                              uint32_t ip, unsigned flags)
{
    struct sw_nic *nic;
    const struct sw_nic_config config = {
        .name = name, .mac = {{2, 0, 0, 0, 0, last}}, .mtu_bytes = mtu};
    const struct sw_prefix prefix = {.ip = sw_ip_v4(ip), .bits = 24};
    fuzz_check(sw_nic_add(&nic, g->host, &config) == 0);
    fuzz_check(sw_nic_add_address(nic, prefix, flags) == 0);
    return nic;
}

/* 0: true; the rest have a bound that is soon met. */
static struct sw_lane_config lane_of(uint8_t code)
{
    struct sw_lane_config lane = {.queue_frames = code % 4 == 0 ? 100000 : 4};
    lane.rate_bps = code % 4 == 0 ? 0 : 10000000;
    lane.delay = code % 4 == 2 ? SW_MS : 0;
    return lane;
}

static void begin(struct game *g)
{
    static const uint32_t mtus[] = {1500, 576, 68, 9000, 65535, 1280, 1501, 296};
    static const uint32_t buffers[] = {65536, 4096, 20000, 1048576};
    const uint8_t a = fuzz_u8(&g->in), b = fuzz_u8(&g->in), c = fuzz_u8(&g->in);
    const uint32_t mtu = mtus[b % 8];
    fuzz_world_init(&g->world, (a & 16) != 0 ? 40000u << (c & 3) : (size_t)16 << 20);
    g->router = (a & 1) != 0;
    const struct sw_host_config config = {
        .name = "h",
        .forwarding = g->router,
        .tcp = {.send_buffer_bytes = buffers[b / 8 % 4],
                .receive_buffer_bytes = buffers[b / 32 % 4],
                .no_timestamps = (a & 2) != 0,
                .no_window_scaling = (a & 4) != 0,
                .max_connections = (a & 8) != 0 ? 3 : 0,
                .max_time_wait = (a & 8) != 0 ? 2 : 0,
                .syn_cookies = (enum sw_tcp_cookies)(a / 32 % 3)}};
    const struct sw_lane_config lane = lane_of(c / 4);
    fuzz_check(sw_host_new(&g->host, &g->world.env, &config) == 0);
    struct sw_nic *eth0 = add_nic(g, "eth0", 1, mtu, FUZZ_HOST_IP, c / 16 % 4);
    fuzz_peer_init(&g->peer, &g->world, eth0, FUZZ_HOST_IP, mtu, &lane);
    g->peer.answers_arp = (a & 32) == 0;
    if (g->router) {
        struct sw_nic *eth1 = add_nic(g, "eth1", 11, 576, FUZZ_FAR_IP, 0);
        fuzz_peer_init(&g->far, &g->world, eth1, FUZZ_FAR_IP, 576, &lane);
    }
    fuzz_users_init(&g->users, g->host, &g->peer);
}

static void end(struct game *g)
{
    fuzz_world_run(&g->world, (fuzz_left(&g->in) == 0 ? 100 : 1) * SW_S);
    check(g);
    fuzz_peer_fini(&g->peer);
    if (g->router) {
        fuzz_peer_fini(&g->far);
    }
    sw_host_free(g->host);
    fuzz_world_fini(&g->world);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct game *g = calloc(1, sizeof *g);
    fuzz_check(g != NULL);
    g->in = (struct fuzz_input){bytes, bytes + n};
    begin(g);
    play(g);
    end(g);
    free(g);
    return 0;
}
