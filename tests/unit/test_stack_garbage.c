/* Garbage at a router's door: frames made valid and then spoilt, 100,000 of a seed. Whatever comes,
 * nothing breaks (the sanitizers look on), each frame is counted once, and nothing is left at the
 * end. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "stack/wire/icmp.h"
#include "tests/support/stack_station.h"

#define FRAMES 25000 /* a seed */

static struct sw_test_env world;
static struct sw_host *host;
static struct sw_station st;
static struct sw_draws chance;

static uint32_t below(uint32_t bound)
{
    return (uint32_t)sw_draw_below(&chance, bound);
}

/* Addresses that meet something, and some that do not. */
static uint32_t address(void)
{
    static const char *const some[] = {"10.0.0.1",   "10.0.0.2",  "10.0.0.3", "10.0.1.1",
                                       "10.0.1.2",   "127.0.0.1", "0.0.0.0",  "10.0.0.255",
                                       "10.0.1.255", "224.0.0.1", "8.8.8.8",  "255.255.255.255"};
    return below(3) == 0 ? sw_test_ip(some[below(12)]) : sw_test_ip(some[below(2)]);
}

static size_t put_arp(uint8_t *to)
{
    const struct sw_arp arp = {.op = (uint16_t)(1 + below(2)),
                               .sender_mac = sw_test_mac((uint8_t)below(4)),
                               .sender_ip = address(),
                               .target_mac = sw_test_mac((uint8_t)below(4)),
                               .target_ip = address()};
    sw_arp_emit(&arp, to);
    return 46;
}

static size_t put_tcp(uint8_t *to, const struct sw_ipv4 *ip)
{
    size_t n = 20 + 4 * below(11) + below(30);
    for (size_t i = 0; i < n; i++) {
        to[i] = (uint8_t)below(256);
    }
    sw_put16(to, (uint16_t)(5000 + below(3)));
    sw_put16(to + 2, (uint16_t)(80 + below(2)));
    to[12] = (uint8_t)((5 + below(11)) << 4);
    sw_put16(to + 16, 0);
    uint64_t sum = sw_sum_pseudo_v4(ip->src, ip->dst, 6, (uint32_t)n);
    sw_put16(to + 16, (uint16_t)~sw_sum_fold(sw_sum_add(sum, to, n)));
    return n;
}

static size_t put_icmp(uint8_t *to, const struct sw_ipv4 *ip)
{
    static const uint8_t types[] = {0, 8, 8, 3, 3, 3, 11, 12, 5, 4};
    uint8_t text[100] = {0};
    struct sw_ipv4 quoted = {.header_bytes = 20, .total_bytes = 60, .ttl = 3, .src = ip->dst};
    quoted.dst = address();
    quoted.protocol = (uint8_t)(below(2) == 0 ? 17 : 6);
    sw_ipv4_emit(&quoted, text);
    sw_put16(text + 20, (uint16_t)(7 + below(2)));
    sw_put16(text + 22, (uint16_t)(5000 + below(2)));
    return sw_test_icmp(to, types[below(10)], (uint8_t)below(6), (uint16_t)below(3),
                        (uint16_t)below(2000), text, below(100));
}

static size_t put_ip(uint8_t *to)
{
    struct sw_ipv4 ip = {.header_bytes = (uint8_t)(below(6) == 0 ? 20 + 4 * below(11) : 20),
                         .ttl = (uint8_t)(below(8) == 0 ? below(3) : 64),
                         .id = (uint16_t)below(20),
                         .src = address(),
                         .dst = address()};
    for (unsigned i = 20; i < ip.header_bytes; i++) {
        to[i] = (uint8_t)(below(2) == 0 ? 1 : below(256));
    }
    uint8_t *text = to + ip.header_bytes;
    size_t n;
    switch (below(5)) {
    case 0:
        ip.protocol = 6;
        n = put_tcp(text, &ip);
        break;
    case 1:
        ip.protocol = 1;
        n = put_icmp(text, &ip);
        break;
    case 2:
        ip.protocol = (uint8_t)below(256);
        n = 8 + below(40);
        break;
    default:
        ip.protocol = 17;
        n = sw_test_udp(text, ip.src, ip.dst, (uint16_t)(5000 + below(2)), (uint16_t)(7 + below(2)),
                        NULL, below(4) == 0 ? below(1400) : below(50));
        break;
    }
    ip.df = below(4) == 0;
    if (below(3) == 0) {
        ip.more = below(2) == 0;
        ip.offset_bytes = (uint16_t)(below(10) == 0 ? below(8192) * 8 : below(20) * 8);
        n = below(3) == 0 ? n : n & ~(size_t)7;
    }
    ip.total_bytes = (uint16_t)(ip.header_bytes + n);
    sw_ipv4_emit(&ip, to);
    return ip.total_bytes;
}

/* Changes a few bytes, the length, or nothing; sometimes the IP header is made to look right again.
 */
static size_t spoil(uint8_t *bytes, size_t n)
{
    for (uint32_t i = below(4); i > 1; i--) {
        bytes[below((uint32_t)(n < 80 ? n : 80))] = (uint8_t)below(256);
    }
    if (below(8) == 0) {
        n = below((uint32_t)n + 40);
    }
    if (below(2) == 0 && n >= 34 && (bytes[14] & 15) >= 5 && 14U + (bytes[14] & 15) * 4U <= n) {
        sw_put16(bytes + 24, 0);
        sw_put16(bytes + 24, sw_checksum(bytes + 14, (bytes[14] & 15) * 4U));
    }
    return n;
}

static void one_frame(void)
{
    uint8_t bytes[2000] = {0};
    struct sw_eth eth = {.dst = st.to, .src = st.mac, .type = SW_ETH_IPV4};
    if (below(6) == 0) {
        eth.dst = sw_mac_broadcast;
    }
    size_t n;
    if (below(8) == 0) {
        eth.type = SW_ETH_ARP;
        n = put_arp(bytes + 14);
    } else {
        n = put_ip(bytes + 14);
    }
    sw_eth_emit(&eth, bytes);
    n = spoil(bytes, 14 + n);
    size_t head = below(3) == 0 ? below(161) : 100;
    struct sw_frame *frame = sw_frame_from_bytes(world.env.pool, bytes, n, head < n ? head : n);
    if (frame != NULL) {
        sw_station_send(&st, frame);
    }
}

static void hush(void)
{
    struct sw_frame *frame;
    while ((frame = sw_station_take(&st)) != NULL) {
        uint8_t bytes[1600];
        ck_assert_uint_le(frame->len, 1514);
        sw_frame_copy_out(frame, bytes);
        sw_frame_drop(frame);
    }
}

static void drain(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    char text[64];
    (void)user;
    if (event == SW_SOCK_READABLE && below(4) == 0) {
        while (sw_sock_recv(sock, text, sizeof text) >= 0) {
        }
    }
}

static void open_sockets(void)
{
    struct sw_sock *sock;
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, drain, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 7}), 0);
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, drain, NULL), 0);
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("10.0.0.2", 5000)), 0);
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_PING, drain, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 1}), 0);
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_TCP, drain, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 80}), 0);
    ck_assert_int_eq(sw_sock_listen(sock, 8), 0);
}

START_TEST(whatever_comes_is_counted_once)
{
    sw_test_env_init_limit(&world, (uint64_t)_i, (size_t)16 << 20);
    sw_draws_init(&chance, &world.seed, 1, SW_DRAW_TEST);
    host = sw_test_host_named(&world, "r", true);
    struct sw_nic *eth0 = sw_test_nic(host, "eth0", 1, 0),
                  *eth1 = sw_test_nic(host, "eth1", 11, 576);
    sw_test_address(eth0, "10.0.0.1/24", 0);
    sw_test_address(eth1, "10.0.1.1/24", SW_ADDRESS_PROBE);
    struct sw_station far;
    sw_station_init(&st, &world, eth0, 2);
    sw_station_init(&far, &world, eth1, 12);
    open_sockets();
    for (unsigned i = 0; i < FRAMES; i++) {
        one_frame();
        sw_time now = sw_clock_now(world.env.clock);
        sw_test_run(&world, now + (below(50) == 0 ? (sw_time)below(2000) * SW_MS : SW_US));
        hush();
        struct sw_frame *frame;
        while ((frame = sw_station_take(&far)) != NULL) {
            ck_assert_uint_le(frame->len, 590);
            sw_frame_drop(frame);
        }
        ck_assert(sw_host_balanced(host));
    }
    struct sw_host_stats stats;
    sw_host_stats(host, &stats);
    ck_assert_uint_eq(stats.received, FRAMES);
    ck_assert_uint_gt(stats.consumed, FRAMES / 20);
    ck_assert_uint_gt(stats.forwarded, 100);
    sw_station_fini(&st);
    sw_station_fini(&far);
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stack_garbage");
    TCase *tcase = tcase_create("garbage");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, whatever_comes_is_counted_once, 0, 4);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
