/* See stack_station.h. */
#include "tests/support/stack_station.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "core/text.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "stack/wire/icmp.h"
#include "stack/wire/udp.h"

#define HEAD_BYTES 100

/* ---- addresses ---- */

uint32_t sw_test_ip(const char *text)
{
    struct sw_ip ip;
    ck_assert_msg(sw_ip_parse(&ip, text), "%s", text);
    return sw_ip_v4_number(ip);
}

struct sw_prefix sw_test_prefix(const char *text)
{
    char ip[32];
    const char *slash = strchr(text, '/');
    ck_assert_ptr_nonnull(slash);
    memcpy(ip, text, (size_t)(slash - text));
    ip[slash - text] = '\0';
    return (struct sw_prefix){.ip = sw_ip_v4(sw_test_ip(ip)), .bits = (uint8_t)atoi(slash + 1)};
}

struct sw_endpoint sw_test_at(const char *ip, uint16_t port)
{
    return (struct sw_endpoint){.ip = sw_ip_v4(sw_test_ip(ip)), .port = port};
}

struct sw_mac sw_test_mac(uint8_t last)
{
    return (struct sw_mac){{2, 0, 0, 0, 0, last}};
}

/* ---- hosts ---- */

struct sw_host *sw_test_host_named(struct sw_test_env *world, const char *name, bool forwarding)
{
    struct sw_host *host;
    const struct sw_host_config config = {.name = name, .forwarding = forwarding};
    ck_assert_int_eq(sw_host_new(&host, &world->env, &config), 0);
    return host;
}

struct sw_nic *sw_test_nic(struct sw_host *host, const char *name, uint8_t last, uint32_t mtu)
{
    struct sw_nic *nic;
    const struct sw_nic_config config = {.name = name, .mac = sw_test_mac(last), .mtu_bytes = mtu};
    ck_assert_int_eq(sw_nic_add(&nic, host, &config), 0);
    return nic;
}

void sw_test_address(struct sw_nic *nic, const char *text, unsigned flags)
{
    ck_assert_int_eq(sw_nic_add_address(nic, sw_test_prefix(text), flags), 0);
}

void sw_test_route(struct sw_host *host, const char *to, const char *gateway)
{
    struct sw_ip ip = sw_ip_v4(sw_test_ip(gateway));
    ck_assert_int_eq(sw_host_add_route(host, sw_test_prefix(to), ip, NULL), 0);
}

struct sw_host *sw_test_host(struct sw_test_env *world, struct sw_nic **eth0)
{
    struct sw_host *host = sw_test_host_named(world, "h", false);
    struct sw_nic *nic = sw_test_nic(host, "eth0", 1, 0);
    sw_test_address(nic, "10.0.0.1/24", SW_ADDRESS_SILENT);
    if (eth0 != NULL) {
        *eth0 = nic;
    }
    return host;
}

uint64_t sw_test_dropped(const struct sw_host *host, enum sw_drop reason)
{
    struct sw_host_stats stats;
    sw_host_stats(host, &stats);
    return stats.dropped[reason];
}

uint64_t sw_test_unsent(const struct sw_host *host, enum sw_drop reason)
{
    struct sw_host_stats stats;
    sw_host_stats(host, &stats);
    return stats.unsent[reason];
}

void sw_test_host_end(struct sw_host *host)
{
    ck_assert(sw_host_balanced(host));
    sw_host_free(host);
}

/* ---- the station ---- */

static void hear(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct sw_station *st = SW_CONTAINER(port, struct sw_station, port);
    for (unsigned i = 0; i < n; i++) {
        ck_assert_uint_lt(st->count, SW_STATION_HEARD);
        unsigned at = (st->first + st->count++) % SW_STATION_HEARD;
        st->heard[at] = frames[i];
        st->heard_at[at] = sw_clock_now(st->world->env.clock);
    }
}

void sw_station_init(struct sw_station *st, struct sw_test_env *world, struct sw_nic *nic,
                     uint8_t last)
{
    *st = (struct sw_station){.world = world, .mac = sw_test_mac(last), .to = sw_nic_mac(nic)};
    sw_port_init(&st->port, "station", hear, NULL);
    const struct sw_lane_config wire = {.queue_frames = 100000};
    ck_assert_int_eq(sw_link_init(&st->link, &world->env, &st->port, sw_nic_port(nic), "st>h",
                                  "h>st", &wire, &wire),
                     0);
}

void sw_station_fini(struct sw_station *st)
{
    sw_station_quiet(st);
    sw_link_fini(&st->link);
}

struct sw_frame *sw_station_take(struct sw_station *st)
{
    if (st->count == 0) {
        return NULL;
    }
    struct sw_frame *frame = st->heard[st->first];
    st->first = (st->first + 1) % SW_STATION_HEARD;
    st->count--;
    return frame;
}

void sw_station_expect_(const char *file, int line, struct sw_station *st, sw_time at,
                        const char *text)
{
    sw_time heard_at = st->heard_at[st->first];
    struct sw_frame *frame = sw_station_take(st);
    ck_assert_msg(frame != NULL, "%s:%d: silence, not \"%s\"", file, line, text);
    char got[SW_FRAME_TEXT];
    sw_frame_text(frame, got, sizeof got);
    sw_frame_drop(frame);
    ck_assert_msg(strcmp(got, text) == 0, "%s:%d: \"%s\", not \"%s\"", file, line, got, text);
    ck_assert_msg(heard_at == at, "%s:%d: \"%s\" at %lld ns, not %lld", file, line, got,
                  (long long)heard_at, (long long)at);
}

void sw_station_quiet_(const char *file, int line, struct sw_station *st)
{
    struct sw_frame *frame = sw_station_take(st);
    if (frame != NULL) {
        char got[SW_FRAME_TEXT];
        ck_abort_msg("%s:%d: \"%s\", not silence", file, line,
                     sw_frame_text(frame, got, sizeof got));
    }
}

void sw_station_answer(struct sw_station *st, const char *ip, const char *host_ip)
{
    char text[SW_FRAME_TEXT];
    snprintf(text, sizeof text, "02:00:00:00:00:%02x > ff:ff:ff:ff:ff:ff arp request %s tell %s",
             st->to.b[5], ip, host_ip);
    sw_station_expect(st, sw_clock_now(st->world->env.clock), text);
    sw_station_arp(st, st->to, SW_ARP_REPLY, ip, host_ip);
}

/* ---- packets ---- */

void sw_station_send(struct sw_station *st, struct sw_frame *frame)
{
    sw_port_send(&st->port, frame);
}

void sw_station_bytes(struct sw_station *st, const uint8_t *bytes, size_t n)
{
    struct sw_frame *frame =
        sw_frame_from_bytes(st->world->env.pool, bytes, n, n < HEAD_BYTES ? n : HEAD_BYTES);
    ck_assert_ptr_nonnull(frame);
    sw_station_send(st, frame);
}

void sw_station_arp(struct sw_station *st, struct sw_mac to, uint16_t op, const char *sender,
                    const char *target)
{
    uint8_t bytes[60] = {0}; /* padded, as a real one is */
    const struct sw_eth eth = {.dst = to, .src = st->mac, .type = SW_ETH_ARP};
    struct sw_arp arp = {.op = op,
                         .sender_mac = st->mac,
                         .sender_ip = sw_test_ip(sender),
                         .target_ip = sw_test_ip(target)};
    if (op == SW_ARP_REPLY) {
        arp.target_mac = to;
    }
    sw_eth_emit(&eth, bytes);
    sw_arp_emit(&arp, bytes + SW_ETH_BYTES);
    sw_station_bytes(st, bytes, sizeof bytes);
}

void sw_station_ip(struct sw_station *st, struct sw_ipv4 ip, const uint8_t *options,
                   size_t n_options, const uint8_t *text, size_t n)
{
    size_t len = SW_ETH_BYTES + SW_IPV4_BYTES + n_options + n;
    uint8_t *bytes = calloc(1, len < 60 ? 60 : len);
    const struct sw_eth eth = {.dst = st->to, .src = st->mac, .type = SW_ETH_IPV4};
    sw_eth_emit(&eth, bytes);
    ip.header_bytes = (uint8_t)(SW_IPV4_BYTES + n_options);
    ip.total_bytes = (uint16_t)(ip.header_bytes + n);
    ip.ttl = ip.ttl == 0 ? 64 : ip.ttl;
    if (n_options > 0) {
        memcpy(bytes + SW_ETH_BYTES + SW_IPV4_BYTES, options, n_options);
    }
    if (n > 0) {
        memcpy(bytes + SW_ETH_BYTES + ip.header_bytes, text, n);
    }
    sw_ipv4_emit(&ip, bytes + SW_ETH_BYTES);
    sw_station_bytes(st, bytes, len < 60 ? 60 : len);
    free(bytes);
}

static void put_text(uint8_t *to, const void *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = text == NULL ? (uint8_t)i : ((const uint8_t *)text)[i];
    }
}

size_t sw_test_udp(uint8_t *to, uint32_t src, uint32_t dst, uint16_t src_port, uint16_t dst_port,
                   const void *text, size_t n)
{
    struct sw_udp udp = {
        .src_port = src_port, .dst_port = dst_port, .len_bytes = (uint16_t)(SW_UDP_BYTES + n)};
    sw_udp_emit(&udp, to);
    put_text(to + SW_UDP_BYTES, text, n);
    uint64_t sum = sw_sum_pseudo_v4(src, dst, 17, udp.len_bytes);
    udp.checksum = (uint16_t)~sw_sum_fold(sw_sum_add(sum, to, udp.len_bytes));
    udp.checksum = udp.checksum == 0 ? 0xffff : udp.checksum;
    sw_udp_emit(&udp, to);
    return udp.len_bytes;
}

size_t sw_test_icmp(uint8_t *to, uint8_t type, uint8_t code, uint16_t id, uint16_t sequence,
                    const void *text, size_t n)
{
    struct sw_icmp icmp = {.type = type, .code = code, .id = id, .sequence = sequence};
    sw_icmp_emit(&icmp, to);
    put_text(to + SW_ICMP_BYTES, text, n);
    icmp.checksum = sw_checksum(to, SW_ICMP_BYTES + n);
    sw_icmp_emit(&icmp, to);
    return SW_ICMP_BYTES + n;
}

void sw_station_udp(struct sw_station *st, const char *src, uint16_t src_port, const char *dst,
                    uint16_t dst_port, const void *text, size_t n)
{
    uint8_t *bytes = malloc(SW_UDP_BYTES + n);
    struct sw_ipv4 ip = {.src = sw_test_ip(src), .dst = sw_test_ip(dst), .protocol = 17};
    size_t len = sw_test_udp(bytes, ip.src, ip.dst, src_port, dst_port, text, n);
    sw_station_ip(st, ip, NULL, 0, bytes, len);
    free(bytes);
}

void sw_station_echo(struct sw_station *st, const char *src, const char *dst, uint16_t id,
                     uint16_t sequence, size_t n)
{
    uint8_t *bytes = malloc(SW_ICMP_BYTES + n);
    struct sw_ipv4 ip = {.src = sw_test_ip(src), .dst = sw_test_ip(dst), .protocol = 1};
    size_t len = sw_test_icmp(bytes, SW_ICMP_ECHO, 0, id, sequence, NULL, n);
    sw_station_ip(st, ip, NULL, 0, bytes, len);
    free(bytes);
}
