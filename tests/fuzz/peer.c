/* See peer.h. What is checked of all the host says: lengths, header checksums, transport
 * checksums; of TCP that its text is what was written, that it stays inside the window, and that
 * nothing is acknowledged that was never said. */
#include "tests/fuzz/peer.h"

#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "core/text.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "stack/wire/tcp.h"

#define PACKET_MOST 65600

uint8_t fuzz_text(bool of_host, uint32_t place)
{
    return (uint8_t)((place * 2654435761u >> 24) + (of_host ? 1 : 0));
}

/* ---- what it hears ---- */

static bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static struct fuzz_flow *find(struct fuzz_peer *peer, uint16_t host_port, uint16_t peer_port)
{
    for (unsigned i = 0; i < FUZZ_FLOWS; i++) {
        struct fuzz_flow *flow = &peer->flow[i];
        if (flow->host_port == host_port && flow->peer_port == peer_port) {
            return flow;
        }
    }
    return NULL;
}

/* The flow of a SYN. One that the host begins takes the place of the last to this port. */
static struct fuzz_flow *begin(struct fuzz_peer *peer, const struct sw_tcp_header *h)
{
    struct fuzz_flow *flow = find(peer, h->src_port, h->dst_port);
    const unsigned i = (unsigned)h->dst_port - FUZZ_PEER_PORT;
    if (flow == NULL && (h->flags & SW_TCP_ACK) == 0 && i >= FUZZ_FLOWS / 2 && i < FUZZ_FLOWS) {
        flow = &peer->flow[i];
        flow->host_port = h->src_port;
        flow->host_known = false;
        flow->nxt = flow->most = flow->isn;
        flow->sure = true;
    }
    if (flow != NULL && (!flow->host_known || flow->host_iss != h->seq)) {
        flow->host_known = true;
        flow->other_iss[2] = flow->other_iss[1];
        flow->other_iss[1] = flow->other_iss[0];
        flow->other_iss[0] = flow->host_iss;
        flow->host_iss = flow->host_nxt = h->seq;
        flow->edge_known = flow->earlier = false;
    }
    return flow;
}

/* The host sends SYN cookies anew, each with a number of its own, and knows none of them: the one
 * that was answered last is the connection's (RFC 4987 3.6). */
static void choose_iss(struct fuzz_flow *flow, uint32_t seq)
{
    const uint32_t far = 1u << 20; /* more than a host ever writes here */
    for (unsigned i = 0; i < 3 && seq - flow->host_iss > far; i++) {
        const uint32_t other = flow->other_iss[i];
        if (seq - other <= far) {
            flow->other_iss[i] = flow->host_iss;
            flow->host_iss = flow->host_nxt = other;
            flow->earlier = true;
        }
    }
}

static void hear_text(const struct fuzz_peer *peer, const struct fuzz_flow *flow, uint32_t seq,
                      const uint8_t *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fuzz_check(text[i] == fuzz_text(true, seq + (uint32_t)i - flow->host_iss - 1));
    }
    if (!peer->wild && !flow->earlier && n > 0) {
        /* A probe may look one byte beyond the window (RFC 9293 3.8.6.1). */
        fuzz_check(flow->edge_known && !before(flow->edge + 1, seq + (uint32_t)n));
    }
}

static void hear_tcp(struct fuzz_peer *peer, const struct sw_ipv4 *ip, const uint8_t *bytes,
                     size_t n)
{
    struct sw_tcp_header h;
    enum sw_drop why;
    fuzz_check(sw_tcp_parse(&h, bytes, n, n, &why));
    if (ip->dst != FUZZ_PEER_IP) {
        return;
    }
    const bool syn = (h.flags & SW_TCP_SYN) != 0;
    struct fuzz_flow *flow = syn ? begin(peer, &h) : find(peer, h.src_port, h.dst_port);
    if (flow == NULL || !flow->host_known || (h.flags & SW_TCP_RST) != 0) {
        return;
    }
    const uint32_t len = (uint32_t)n - h.header_bytes;
    if (!syn) {
        choose_iss(flow, h.seq);
    }
    hear_text(peer, flow, h.seq + (syn ? 1 : 0), bytes + h.header_bytes, len);
    const uint32_t end = h.seq + len + (syn ? 1 : 0) + ((h.flags & SW_TCP_FIN) != 0 ? 1 : 0);
    flow->host_nxt = before(flow->host_nxt, end) ? end : flow->host_nxt;
    flow->ts = (h.has & SW_TCP_HAS_TIMESTAMP) != 0 ? h.ts_val : flow->ts;
    if ((h.flags & SW_TCP_ACK) != 0) {
        fuzz_check(peer->wild || !flow->sure || !before(flow->most, h.ack));
        flow->host_ack = h.ack;
        flow->host_edge = h.ack + h.window;
    }
}

static void hear_ip(struct fuzz_peer *peer, const uint8_t *bytes, size_t n)
{
    struct sw_ipv4 ip;
    enum sw_drop why;
    fuzz_check(sw_ipv4_parse(&ip, bytes, n, n, &why));
    fuzz_check(ip.total_bytes == n && ip.ttl > 0);
    fuzz_check(sw_ipv4_options_ok(bytes + SW_IPV4_BYTES, ip.header_bytes - SW_IPV4_BYTES, &why));
    peer->last_len = n < sizeof peer->last ? n : sizeof peer->last;
    memcpy(peer->last, bytes, peer->last_len);
    if (ip.src != peer->host_ip || peer->spoofed || ip.more || ip.offset_bytes > 0) {
        return; /* forwarded, or a piece: its text is somebody else's or not whole */
    }
    const uint8_t *text = bytes + ip.header_bytes;
    const size_t len = n - ip.header_bytes;
    const bool summed = ip.protocol != 17 || sw_get16(text + 6) != 0;
    uint64_t sum = 0;
    if (ip.protocol != 1) {
        sum = sw_sum_pseudo_v4(ip.src, ip.dst, ip.protocol, (uint32_t)len);
    }
    fuzz_check(!summed || sw_sum_fold(sw_sum_add(sum, text, len)) == 0xffff);
    if (ip.protocol == 6) {
        hear_tcp(peer, &ip, text, len);
    }
}

static void hear_arp(struct fuzz_peer *peer, const uint8_t *bytes, size_t n)
{
    struct sw_arp arp;
    enum sw_drop why;
    fuzz_check(sw_arp_parse(&arp, bytes, n, &why));
    const bool ours = arp.target_ip >= peer->ip && arp.target_ip <= peer->ip + 7;
    if (peer->answers_arp && arp.op == SW_ARP_REQUEST && ours) {
        fuzz_peer_arp(peer, SW_ARP_REPLY, arp.target_ip, peer->host_ip);
    }
}

static void hear(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct fuzz_peer *peer = SW_CONTAINER(port, struct fuzz_peer, port);
    for (unsigned i = 0; i < n; i++) {
        uint8_t bytes[PACKET_MOST];
        char text[SW_FRAME_TEXT];
        struct sw_eth eth;
        enum sw_drop why;
        const size_t len = frames[i]->len;
        fuzz_check(len <= peer->host_mtu + SW_ETH_BYTES);
        sw_frame_copy_out(frames[i], bytes);
        sw_frame_text(frames[i], text, sizeof text);
        sw_frame_drop(frames[i]);
        fuzz_check(sw_eth_parse(&eth, bytes, len, &why) && sw_mac_equal(eth.src, peer->host_mac));
        fuzz_check(eth.type == SW_ETH_IPV4 || eth.type == SW_ETH_ARP);
        if (eth.type == SW_ETH_IPV4) {
            hear_ip(peer, bytes + SW_ETH_BYTES, len - SW_ETH_BYTES);
        } else {
            hear_arp(peer, bytes + SW_ETH_BYTES, len - SW_ETH_BYTES);
        }
    }
}

/* ---- what it says ---- */

void fuzz_peer_bytes(struct fuzz_peer *peer, const uint8_t *bytes, size_t n, size_t head_bytes)
{
    struct sw_frame *frame = fuzz_frame(peer->world, bytes, n, head_bytes);
    if (frame != NULL) {
        sw_port_send(&peer->port, frame);
    }
}

void fuzz_peer_ip(struct fuzz_peer *peer, struct sw_ipv4 ip, const uint8_t *options,
                  size_t n_options, const uint8_t *text, size_t n)
{
    uint8_t bytes[PACKET_MOST];
    const struct sw_eth eth = {.dst = peer->host_mac, .src = peer->mac, .type = SW_ETH_IPV4};
    const size_t header = SW_IPV4_BYTES + n_options;
    fuzz_check(header + n <= 65535 && n_options <= 40);
    sw_eth_emit(&eth, bytes);
    if (n_options > 0) {
        memcpy(bytes + SW_ETH_BYTES + SW_IPV4_BYTES, options, n_options);
    }
    memcpy(bytes + SW_ETH_BYTES + header, text, n);
    ip.header_bytes = (uint8_t)header;
    ip.total_bytes = (uint16_t)(header + n);
    sw_ipv4_emit(&ip, bytes + SW_ETH_BYTES);
    fuzz_peer_bytes(peer, bytes, SW_ETH_BYTES + header + n, 100);
}

void fuzz_peer_arp(struct fuzz_peer *peer, uint16_t op, uint32_t sender, uint32_t target)
{
    uint8_t bytes[60] = {0};
    const bool reply = op == SW_ARP_REPLY;
    const struct sw_eth eth = {
        .dst = reply ? peer->host_mac : sw_mac_broadcast, .src = peer->mac, .type = SW_ETH_ARP};
    const struct sw_arp arp = {.op = op,
                               .sender_mac = peer->mac,
                               .sender_ip = sender,
                               .target_mac = reply ? peer->host_mac : sw_mac_zero,
                               .target_ip = target};
    sw_eth_emit(&eth, bytes);
    sw_arp_emit(&arp, bytes + SW_ETH_BYTES);
    fuzz_peer_bytes(peer, bytes, sizeof bytes, sizeof bytes);
}

void fuzz_sum(uint8_t *bytes, size_t n, size_t at, uint8_t protocol, uint32_t src, uint32_t dst)
{
    if (n < at + 2) {
        return;
    }
    sw_put16(bytes + at, 0);
    const uint64_t sum = protocol == 0 ? 0 : sw_sum_pseudo_v4(src, dst, protocol, (uint32_t)n);
    sw_put16(bytes + at, (uint16_t)~sw_sum_fold(sw_sum_add(sum, bytes, n)));
}

/* ---- its life ---- */

void fuzz_peer_init(struct fuzz_peer *peer, struct fuzz_world *world, struct sw_nic *nic,
                    uint32_t host_ip, uint32_t mtu_bytes, const struct sw_lane_config *lane)
{
    const struct sw_lane_config wire = {.queue_frames = 100000};
    *peer = (struct fuzz_peer){.world = world,
                               .mac = {{2, 0, 0, 0, 0, 2}},
                               .host_mac = sw_nic_mac(nic),
                               .ip = host_ip + 1,
                               .host_ip = host_ip,
                               .host_mtu = mtu_bytes,
                               .answers_arp = true};
    for (unsigned i = 0; i < FUZZ_FLOWS; i++) {
        struct fuzz_flow *flow = &peer->flow[i];
        flow->peer_port = (uint16_t)(FUZZ_PEER_PORT + i);
        flow->host_port = i < FUZZ_FLOWS / 2 ? FUZZ_PORT : 0;
        flow->isn = 0xffffff00u + i * 0x10000000u; /* the first turns over soon */
        flow->nxt = flow->most = flow->isn;
        flow->sure = true;
    }
    const bool far = host_ip == FUZZ_FAR_IP;
    sw_port_init(&peer->port, far ? "far" : "peer", hear, NULL);
    fuzz_check(sw_link_init(&peer->link, &world->env, &peer->port, sw_nic_port(nic),
                            far ? "far>host" : "peer>host", far ? "host>far" : "host>peer", &wire,
                            lane) == 0);
}

void fuzz_peer_fini(struct fuzz_peer *peer)
{
    fuzz_check(sw_lane_balanced(&peer->link.forward) && sw_lane_balanced(&peer->link.backward));
    sw_link_fini(&peer->link);
}
