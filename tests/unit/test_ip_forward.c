/* A router (stack/ip_forward.c, stack/ip_fragment.c): r has 10.0.0.1/24 on eth0, where the station
 * `left` is 10.0.0.2, and 10.0.1.1/24 on eth1, where `right` is 10.0.1.2 and a gateway, 10.0.1.9,
 * to 172.16.0.0/12. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "tests/support/stack_station.h"

static struct sw_test_env world;
static struct sw_host *router;
static struct sw_nic *eth0, *eth1;
static struct sw_station left, right;

static void settle(void)
{
    sw_test_run(&world, sw_clock_now(world.env.clock));
}

/* Makes an address of the station known to the router. */
static void know(struct sw_station *st, const char *ip, const char *own)
{
    sw_station_arp(st, st->to, SW_ARP_REQUEST, ip, own);
    settle();
    sw_frame_drop(sw_station_take(st));
}

static void setup(uint32_t right_mtu)
{
    sw_test_env_init(&world, 1);
    router = sw_test_host_named(&world, "r", true);
    eth0 = sw_test_nic(router, "eth0", 1, 0);
    eth1 = sw_test_nic(router, "eth1", 11, right_mtu);
    sw_test_address(eth0, "10.0.0.1/24", SW_ADDRESS_SILENT);
    sw_test_address(eth1, "10.0.1.1/24", SW_ADDRESS_SILENT);
    sw_test_route(router, "172.16.0.0/12", "10.0.1.9");
    sw_station_init(&left, &world, eth0, 2);
    sw_station_init(&right, &world, eth1, 12);
    know(&left, "10.0.0.2", "10.0.0.1");
    know(&right, "10.0.1.2", "10.0.1.1");
}

static void teardown(void)
{
    sw_station_fini(&left);
    sw_station_fini(&right);
    sw_test_host_end(router);
    sw_test_env_fini(&world);
}

/* A UDP datagram of n bytes of text from the left; what else is set in ip counts. */
static void from_left(struct sw_ipv4 ip, const char *dst, size_t n)
{
    uint8_t udp[3000];
    ip.src = sw_test_ip("10.0.0.2");
    ip.dst = sw_test_ip(dst);
    ip.protocol = 17;
    size_t len = sw_test_udp(udp, ip.src, ip.dst, 5000, 7, NULL, n);
    sw_station_ip(&left, ip, NULL, 0, udp, len);
    settle();
}

START_TEST(a_packet_is_forwarded_with_one_hop_less__rfc1812_5_3_1)
{
    setup(0);
    from_left((struct sw_ipv4){.id = 9}, "10.0.1.2", 5);
    struct sw_frame *frame = sw_station_take(&right);
    ck_assert_ptr_nonnull(frame);
    uint8_t bytes[100];
    sw_frame_copy_out(frame, bytes);
    ck_assert_uint_eq(frame->len, 14 + 20 + 8 + 5); /* the padding stayed behind */
    ck_assert_uint_eq(bytes[22], 63);
    ck_assert_uint_eq(sw_checksum(bytes + 14, 20), 0);
    ck_assert_uint_eq(sw_get16(bytes + 18), 9);
    ck_assert_mem_eq(bytes, sw_test_mac(12).b, 6);
    ck_assert_mem_eq(bytes + 6, sw_test_mac(11).b, 6);
    sw_frame_drop(frame);
    struct sw_host_stats stats;
    sw_host_stats(router, &stats);
    ck_assert_uint_eq(stats.forwarded, 1);
    teardown();
}
END_TEST

START_TEST(every_ttl_keeps_its_checksum_right__rfc1624)
{
    setup(0);
    for (unsigned ttl = 2; ttl < 256; ttl++) {
        for (unsigned id = 0; id < 3; id++) {
            struct sw_ipv4 ip = {.ttl = (uint8_t)ttl, .id = (uint16_t)(id * 0x7fff + ttl * 257)};
            from_left(ip, "10.0.1.2", 1);
            struct sw_frame *frame = sw_station_take(&right);
            ck_assert_ptr_nonnull(frame);
            ck_assert_uint_eq(sw_frame_head(frame)[22], ttl - 1);
            ck_assert_uint_eq(sw_checksum(sw_frame_head(frame) + 14, 20), 0);
            sw_frame_drop(frame);
        }
    }
    teardown();
}
END_TEST

START_TEST(a_frame_that_others_hold_too_is_not_written_to)
{
    setup(0);
    uint8_t bytes[60] = {0};
    struct sw_ipv4 ip = {.header_bytes = 20, .ttl = 64, .protocol = 17, .total_bytes = 29};
    ip.src = sw_test_ip("10.0.0.2");
    ip.dst = sw_test_ip("10.0.1.2");
    sw_eth_emit(&(struct sw_eth){.dst = left.to, .src = left.mac, .type = SW_ETH_IPV4}, bytes);
    sw_test_udp(bytes + 34, ip.src, ip.dst, 5000, 7, NULL, 1);
    sw_ipv4_emit(&ip, bytes + 14);
    struct sw_frame *frame = sw_frame_from_bytes(world.env.pool, bytes, 60, 60);
    sw_station_send(&left, sw_frame_ref(frame));
    settle();
    ck_assert_mem_eq(sw_frame_head(frame), bytes, 60);
    ck_assert_uint_eq(frame->len, 60);
    sw_frame_drop(frame);
    sw_station_expect(&right, 0, "10.0.0.2:5000 > 10.0.1.2:7 ttl 63 udp len 1");
    teardown();
}
END_TEST

START_TEST(a_gateway_is_the_next_hop__rfc1122_3_3_1)
{
    setup(0);
    from_left((struct sw_ipv4){0}, "172.20.1.1", 5);
    sw_station_answer(&right, "10.0.1.9", "10.0.1.1");
    settle();
    sw_station_expect(&right, 0, "10.0.0.2:5000 > 172.20.1.1:7 ttl 63 udp len 5");
    teardown();
}
END_TEST

START_TEST(the_last_hop_is_told_to_its_sender__rfc1812_5_3_1)
{
    setup(0);
    from_left((struct sw_ipv4){.ttl = 1}, "10.0.1.2", 5);
    sw_station_expect(&left, 0,
                      "10.0.0.1 > 10.0.0.2 icmp time-exceeded ttl (10.0.0.2:5000 > 10.0.1.2:7 "
                      "udp)");
    ck_assert_uint_eq(sw_test_dropped(router, SW_DROP_IP_TTL), 1);
    from_left((struct sw_ipv4){.ttl = 2}, "10.0.1.2", 5);
    sw_station_expect(&right, 0, "10.0.0.2:5000 > 10.0.1.2:7 ttl 1 udp len 5");
    teardown();
}
END_TEST

START_TEST(no_route_is_net_unreachable)
{
    setup(0);
    from_left((struct sw_ipv4){0}, "192.168.1.1", 5);
    sw_station_expect(&left, 0,
                      "10.0.0.1 > 10.0.0.2 icmp unreachable net (10.0.0.2:5000 > 192.168.1.1:7 "
                      "udp)");
    ck_assert_uint_eq(sw_test_dropped(router, SW_DROP_IP_NO_ROUTE), 1);
    teardown();
}
END_TEST

START_TEST(a_station_that_does_not_answer_is_host_unreachable)
{
    setup(0);
    from_left((struct sw_ipv4){0}, "10.0.1.77", 5);
    sw_test_run(&world, SW_S);
    sw_test_run(&world, 2 * SW_S);
    sw_test_run(&world, 3 * SW_S);
    for (int i = 0; i < 3; i++) {
        sw_station_expect(
            &right, i * SW_S,
            "02:00:00:00:00:0b > ff:ff:ff:ff:ff:ff arp request 10.0.1.77 tell 10.0.1.1");
    }
    sw_station_expect(&left, 3 * SW_S,
                      "10.0.0.1 > 10.0.0.2 icmp unreachable host (10.0.0.2:5000 > 10.0.1.77:7 "
                      "udp)");
    ck_assert_uint_eq(sw_test_unsent(router, SW_DROP_NEIGH_UNRESOLVED), 1);
    teardown();
}
END_TEST

START_TEST(df_and_too_long_is_fragmentation_needed_with_the_mtu__rfc1191)
{
    setup(1000);
    from_left((struct sw_ipv4){.df = true}, "10.0.1.2", 973);
    sw_station_expect(&left, 0,
                      "10.0.0.1 > 10.0.0.2 icmp unreachable frag-needed mtu 1000 (10.0.0.2:5000 > "
                      "10.0.1.2:7 udp)");
    ck_assert_uint_eq(sw_test_dropped(router, SW_DROP_IP_TOO_BIG), 1);
    from_left((struct sw_ipv4){.df = true}, "10.0.1.2", 972);
    sw_station_expect(&right, 0, "10.0.0.2:5000 > 10.0.1.2:7 ttl 63 udp len 972");
    teardown();
}
END_TEST

START_TEST(without_df_it_is_fragmented_in_eights__rfc791)
{
    setup(1000);
    from_left((struct sw_ipv4){.id = 5}, "10.0.1.2", 1472);
    sw_station_expect(&right, 0, "10.0.0.2 > 10.0.1.2 ttl 63 frag id 5 0+976 more udp");
    sw_station_expect(&right, 0, "10.0.0.2 > 10.0.1.2 ttl 63 frag id 5 976+504 udp");
    teardown();
}
END_TEST

START_TEST(a_fragment_is_fragmented_further__rfc791)
{
    setup(500);
    from_left((struct sw_ipv4){.id = 5, .offset_bytes = 800, .more = true}, "10.0.1.2", 592);
    sw_station_expect(&right, 0, "10.0.0.2 > 10.0.1.2 ttl 63 frag id 5 800+480 more udp");
    sw_station_expect(&right, 0, "10.0.0.2 > 10.0.1.2 ttl 63 frag id 5 1280+120 more udp");
    teardown();
}
END_TEST

START_TEST(no_error_about_a_later_fragment__rfc1122_3_2_2)
{
    setup(0);
    from_left((struct sw_ipv4){.ttl = 1, .offset_bytes = 800, .more = true}, "10.0.1.2", 592);
    from_left((struct sw_ipv4){.offset_bytes = 800}, "192.168.1.1", 592);
    ck_assert_uint_eq(sw_test_dropped(router, SW_DROP_IP_TTL), 1);
    sw_station_quiet(&left);
    from_left((struct sw_ipv4){.ttl = 1, .more = true}, "10.0.1.2", 592);
    sw_station_expect(&left, 0,
                      "10.0.0.1 > 10.0.0.2 icmp time-exceeded ttl (10.0.0.2:5000 > 10.0.1.2:7 "
                      "udp)");
    teardown();
}
END_TEST

START_TEST(no_error_about_an_icmp_error__rfc1122_3_2_2)
{
    setup(0);
    static const uint8_t types[] = {3, 11, 12, 5, 4, 0, 8};
    for (unsigned i = 0; i < sizeof types; i++) {
        uint8_t icmp[40];
        struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.1.2")};
        ip.protocol = 1;
        ip.ttl = 1;
        size_t n = sw_test_icmp(icmp, types[i], 0, 1, 2, NULL, 28);
        sw_station_ip(&left, ip, NULL, 0, icmp, n);
        settle();
    }
    for (unsigned i = 0; i < 2; i++) { /* of an echo and its reply there may be */
        sw_station_expect(&left, 0,
                          "10.0.0.1 > 10.0.0.2 icmp time-exceeded ttl (10.0.0.2 > 10.0.1.2 icmp)");
    }
    ck_assert_uint_eq(sw_test_dropped(router, SW_DROP_IP_TTL), sizeof types);
    teardown();
}
END_TEST

START_TEST(options_with_the_copied_flag_go_into_every_fragment__rfc791)
{
    setup(500);
    uint8_t udp[1000];
    struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.1.2")};
    ip.protocol = 17;
    size_t n = sw_test_udp(udp, ip.src, ip.dst, 5000, 7, NULL, 900);
    /* Router alert, to be copied; record route, not to be. */
    sw_station_ip(&left, ip, (const uint8_t *)"\x94\x04\0\0\x07\x07\x04\0\0\0\0\0", 12, udp, n);
    settle();
    static const struct {
        size_t header, text;
    } expected[2] = {{32, 464}, {24, 444}};
    for (unsigned i = 0; i < 2; i++) {
        struct sw_frame *frame = sw_station_take(&right);
        ck_assert_ptr_nonnull(frame);
        const uint8_t *header = sw_frame_head(frame) + 14;
        ck_assert_uint_eq((header[0] & 15) * 4U, expected[i].header);
        ck_assert_uint_eq(frame->len, 14 + expected[i].header + expected[i].text);
        ck_assert_mem_eq(header + 20, "\x94\x04\0\0", 4);
        ck_assert_uint_eq(sw_checksum(header, expected[i].header), 0);
        sw_frame_drop(frame);
    }
    teardown();
}
END_TEST

START_TEST(broadcasts_and_multicasts_are_not_forwarded__rfc1812_5_3_4)
{
    setup(0);
    from_left((struct sw_ipv4){0}, "10.0.1.255", 5); /* directed: rfc2644 */
    from_left((struct sw_ipv4){0}, "224.1.2.3", 5);
    ck_assert_uint_eq(sw_test_dropped(router, SW_DROP_IP_NOT_FOR_US), 2);
    from_left((struct sw_ipv4){0}, "255.255.255.255", 5);
    ck_assert_uint_eq(sw_test_dropped(router, SW_DROP_UDP_NO_SOCKET), 1);
    left.to = sw_mac_broadcast; /* a packet for one, sent to all: rfc1812 5.3.4 */
    from_left((struct sw_ipv4){0}, "10.0.1.2", 5);
    ck_assert_uint_eq(sw_test_dropped(router, SW_DROP_IP_DESTINATION), 1);
    sw_station_quiet(&left);
    sw_station_quiet(&right);
    teardown();
}
END_TEST

START_TEST(a_host_does_not_forward__rfc1122_3_1)
{
    setup(0);
    struct sw_host *host = sw_test_host_named(&world, "h", false);
    struct sw_nic *a = sw_test_nic(host, "eth0", 21, 0), *b = sw_test_nic(host, "eth1", 22, 0);
    sw_test_address(a, "10.2.0.1/24", SW_ADDRESS_SILENT);
    sw_test_address(b, "10.2.1.1/24", SW_ADDRESS_SILENT);
    struct sw_station st;
    sw_station_init(&st, &world, a, 23);
    sw_station_udp(&st, "10.2.0.2", 5000, "10.2.1.2", 7, "x", 1);
    settle();
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_IP_NOT_FOR_US), 1);
    sw_station_fini(&st);
    sw_test_host_end(host);
    teardown();
}
END_TEST

START_TEST(a_router_is_a_host_too)
{
    setup(0);
    sw_station_echo(&left, "10.0.0.2", "10.0.1.1", 1, 1, 8); /* its far side */
    settle();
    sw_station_expect(&left, 0, "10.0.1.1 > 10.0.0.2 icmp echo reply id 1 seq 1 len 8");
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ip_forward");
    TCase *way = tcase_create("way");
    tcase_add_test(way, a_packet_is_forwarded_with_one_hop_less__rfc1812_5_3_1);
    tcase_add_test(way, every_ttl_keeps_its_checksum_right__rfc1624);
    tcase_add_test(way, a_frame_that_others_hold_too_is_not_written_to);
    tcase_add_test(way, a_gateway_is_the_next_hop__rfc1122_3_3_1);
    tcase_add_test(way, broadcasts_and_multicasts_are_not_forwarded__rfc1812_5_3_4);
    tcase_add_test(way, a_host_does_not_forward__rfc1122_3_1);
    tcase_add_test(way, a_router_is_a_host_too);
    suite_add_tcase(suite, way);
    TCase *errors = tcase_create("errors");
    tcase_add_test(errors, the_last_hop_is_told_to_its_sender__rfc1812_5_3_1);
    tcase_add_test(errors, no_route_is_net_unreachable);
    tcase_add_test(errors, a_station_that_does_not_answer_is_host_unreachable);
    tcase_add_test(errors, no_error_about_an_icmp_error__rfc1122_3_2_2);
    tcase_add_test(errors, no_error_about_a_later_fragment__rfc1122_3_2_2);
    suite_add_tcase(suite, errors);
    TCase *fragments = tcase_create("fragments");
    tcase_add_test(fragments, df_and_too_long_is_fragmentation_needed_with_the_mtu__rfc1191);
    tcase_add_test(fragments, without_df_it_is_fragmented_in_eights__rfc791);
    tcase_add_test(fragments, a_fragment_is_fragmented_further__rfc791);
    tcase_add_test(fragments, options_with_the_copied_flag_go_into_every_fragment__rfc791);
    suite_add_tcase(suite, fragments);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
