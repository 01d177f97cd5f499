/* The attacker of lan_flood.h: frames of five kinds, each with a right checksum, made anew each
 * time as whoever sends them from outside would, 60 bytes long: the smallest cost most. */
#include <assert.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "stack/wire/icmp.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"
#include "tests/support/lan_flood.h"

#define BURST 31 /* frames that he gives his line at once, at most */
#define FRAME SW_ETH_MIN_BYTES
#define L4 (SW_ETH_BYTES + SW_IPV4_BYTES)
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define EXPERIMENTAL 0x88b5 /* IEEE 802: for local use; nobody listens */
#define ON_LINK 0x0a070000u /* 10.7/16 without what is in use, 10.7.0/20 */
#define ONE_SOURCE (ON_LINK + 0x1001)

static uint64_t draw(struct sw_test_attacker *a)
{
    a->state ^= a->state << 13;
    a->state ^= a->state >> 7;
    a->state ^= a->state << 17;
    return a->state;
}

static struct sw_mac draw_mac(struct sw_test_attacker *a)
{
    uint64_t bits = draw(a);
    struct sw_mac mac;
    memcpy(mac.b, &(uint64_t[]){bits}, sizeof mac.b);
    mac.b[0] = (uint8_t)((mac.b[0] & 0xfc) | 2);
    return mac;
}

/* Somebody on the net who is none of those that are there. */
static uint32_t draw_on_link(struct sw_test_attacker *a)
{
    return ON_LINK + 0x1000 + (uint32_t)(draw(a) % 0xe000);
}

/* Half of them on the net, half of them anywhere that packets come from. */
static uint32_t draw_source(struct sw_test_attacker *a)
{
    if (draw(a) & 1) {
        return draw_on_link(a);
    }
    uint32_t top = 11 + (uint32_t)(draw(a) % 116); /* 11 .. 126 */
    return top << 24 | (uint32_t)(draw(a) & 0xffffff);
}

/* ---- frames, FRAME bytes of zeros to begin with ---- */

static void ethernet(uint8_t *at, struct sw_mac to, struct sw_mac from, uint16_t type)
{
    sw_eth_emit(&(struct sw_eth){.dst = to, .src = from, .type = type}, at);
}

static void make_mac(struct sw_test_attacker *a, uint8_t *at)
{
    ethernet(at, a->sent & 1 ? draw_mac(a) : a->victim_mac, draw_mac(a), EXPERIMENTAL);
}

static void make_arp(struct sw_test_attacker *a, uint8_t *at)
{
    const struct sw_arp arp = {.op = SW_ARP_REQUEST,
                               .sender_mac = draw_mac(a),
                               .sender_ip = a->sent & 1 ? (uint32_t)draw(a) : draw_on_link(a),
                               .target_ip = a->victim_ip};
    ethernet(at, sw_mac_broadcast, arp.sender_mac, SW_ETH_ARP);
    sw_arp_emit(&arp, at + SW_ETH_BYTES);
}

static void packet(struct sw_test_attacker *a, uint8_t *at, struct sw_ipv4 ip)
{
    ethernet(at, a->victim_mac, a->mac, SW_ETH_IPV4);
    ip.header_bytes = SW_IPV4_BYTES;
    ip.ttl = 64;
    ip.id = (uint16_t)draw(a);
    ip.dst = a->victim_ip;
    sw_ipv4_emit(&ip, at + SW_ETH_BYTES);
}

static void finish(uint8_t *at, const struct sw_test_attacker *a, uint32_t src, uint8_t protocol,
                   uint32_t len, uint32_t field)
{
    uint64_t sum = sw_sum_add(0, at + L4, len);
    sum += sw_sum_pseudo_v4(src, a->victim_ip, protocol, len);
    sw_put16(at + L4 + field, (uint16_t)~sw_sum_fold(sum));
}

/* Beginnings, middles and ends. */
static void make_fragment(struct sw_test_attacker *a, uint8_t *at)
{
    uint64_t bits = draw(a);
    packet(a, at,
           (struct sw_ipv4){.protocol = PROTOCOL_UDP,
                            .total_bytes = SW_IPV4_BYTES + 24,
                            .offset_bytes = bits & 1 ? 0 : (uint16_t)(bits >> 8 & 0x7ff8),
                            .more = bits & 3,
                            .src = a->sent & 1 ? draw_source(a) : ONE_SOURCE});
}

static void make_syn(struct sw_test_attacker *a, uint8_t *at)
{
    uint32_t src = draw_source(a);
    uint64_t bits = draw(a);
    packet(a, at,
           (struct sw_ipv4){.protocol = PROTOCOL_TCP,
                            .total_bytes = SW_IPV4_BYTES + SW_TCP_BYTES,
                            .df = true,
                            .src = src});
    const struct sw_tcp_header syn = {
        .src_port = (uint16_t)(bits >> 16 | 1024),
        .dst_port = a->sent & 1 && !a->only_open ? (uint16_t)(bits | 0x8000) : a->open_port,
        .seq = (uint32_t)(bits >> 32),
        .flags = SW_TCP_SYN,
        .window = 1024};
    sw_tcp_emit(&syn, at + L4);
    finish(at, a, src, PROTOCOL_TCP, SW_TCP_BYTES, SW_TCP_CHECKSUM_OFFSET);
}

static void make_udp(struct sw_test_attacker *a, uint8_t *at)
{
    const uint32_t len = FRAME - L4;
    uint32_t src = draw_source(a);
    uint64_t bits = draw(a);
    packet(a, at,
           (struct sw_ipv4){.protocol = PROTOCOL_UDP,
                            .total_bytes = (uint16_t)(SW_IPV4_BYTES + len),
                            .src = src});
    const struct sw_udp udp = {.src_port = (uint16_t)(bits | 1024),
                               .dst_port = (uint16_t)(bits >> 16 | 1024),
                               .len_bytes = (uint16_t)len};
    sw_udp_emit(&udp, at + L4);
    finish(at, a, src, PROTOCOL_UDP, len, SW_UDP_CHECKSUM_OFFSET);
}

static void send_one(struct sw_test_attacker *a)
{
    static void (*const make[])(struct sw_test_attacker *,
                                uint8_t *) = {[SW_FLOOD_MACS] = make_mac,
                                              [SW_FLOOD_ARP] = make_arp,
                                              [SW_FLOOD_FRAGMENTS] = make_fragment,
                                              [SW_FLOOD_SYNS] = make_syn,
                                              [SW_FLOOD_UDP] = make_udp};
    uint8_t bytes[FRAME] = {0};
    make[a->kind](a, bytes);
    struct sw_frame *frame = sw_frame_from_bytes(a->env->pool, bytes, FRAME, FRAME);
    assert(frame != NULL);
    sw_port_send(&a->port, frame);
    a->sent++;
    a->left--;
}

static void on_timer(struct sw_timer *timer)
{
    struct sw_test_attacker *a = SW_CONTAINER(timer, struct sw_test_attacker, timer);
    /* Of any length, lest his beat and that of a queue that is full agree on whom to drop. */
    for (uint64_t i = draw(a) % BURST + 1; i > 0 && a->left > 0; i--) {
        send_one(a);
    }
    if (a->left > 0) {
        sw_timer_arm(timer, a->began + (sw_time)(a->sent - a->sent_before) * a->gap);
    }
}

/* ---- his port ---- */

static void answer(struct sw_test_attacker *a, const struct sw_arp *request)
{
    uint8_t bytes[SW_ETH_BYTES + SW_ARP_BYTES];
    const struct sw_arp reply = {.op = SW_ARP_REPLY,
                                 .sender_mac = a->mac,
                                 .sender_ip = a->ip,
                                 .target_mac = request->sender_mac,
                                 .target_ip = request->sender_ip};
    ethernet(bytes, request->sender_mac, a->mac, SW_ETH_ARP);
    sw_arp_emit(&reply, bytes + SW_ETH_BYTES);
    struct sw_frame *frame = sw_frame_from_bytes(a->env->pool, bytes, sizeof bytes, sizeof bytes);
    assert(frame != NULL);
    sw_port_send(&a->port, frame);
}

static void on_receive(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct sw_test_attacker *a = SW_CONTAINER(port, struct sw_test_attacker, port);
    for (unsigned i = 0; i < n; i++) {
        struct sw_arp arp;
        enum sw_drop why;
        const uint8_t *head = sw_frame_head(frames[i]);
        if (frames[i]->head_len >= SW_ETH_BYTES && sw_get16(head + 12) == SW_ETH_ARP &&
            sw_arp_parse(&arp, head + SW_ETH_BYTES, frames[i]->head_len - SW_ETH_BYTES, &why) &&
            arp.op == SW_ARP_REQUEST && arp.target_ip == a->ip) {
            answer(a, &arp);
        }
        sw_frame_drop(frames[i]);
    }
}

void sw_test_attacker_init(struct sw_test_attacker *a, const struct sw_env *env)
{
    a->env = env;
    a->state = 0x9e3779b97f4a7c15u;
    a->sent = a->left = 0;
    sw_owner_init(&a->owner, "attacker:frames");
    sw_port_init(&a->port, "attacker", on_receive, NULL);
    int status = sw_timer_init(&a->timer, env->clock, &a->owner, SW_CLASS_STEP, on_timer);
    assert(status == 0);
}

void sw_test_attacker_fini(struct sw_test_attacker *a)
{
    sw_timer_fini(&a->timer);
}

void sw_test_attacker_start(struct sw_test_attacker *a, uint64_t n, sw_time gap)
{
    a->left = n;
    a->gap = gap;
    a->sent_before = a->sent;
    a->began = sw_clock_now(a->env->clock);
    sw_timer_arm(&a->timer, a->began);
}
