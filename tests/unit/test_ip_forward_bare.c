/* A router with a bare interface (stack/host.h): what stands behind it is a station of the LAN that
 * has no Ethernet. r has eth0 on 10.0.0.0/24, where `left` is 10.0.0.2, and eth1, 10.0.1.1/24,
 * where `right` is 10.0.1.2; behind its line lies 10.0.0.9, and all else. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "tests/support/stack_station.h"

static struct sw_test_env world;
static struct sw_host *router;
static struct sw_station left, right, line;

static void settle(void)
{
    sw_test_run(&world, sw_clock_now(world.env.clock));
}

static struct sw_nic *add_bare(const char *name, uint32_t mtu)
{
    const struct sw_nic_config config = {.name = name, .mtu_bytes = mtu, .bare = true};
    struct sw_nic *nic = NULL;
    ck_assert_int_eq(sw_nic_add(&nic, router, &config), 0);
    return nic;
}

static void setup(uint32_t line_mtu, unsigned flags)
{
    sw_test_env_init(&world, 1);
    router = sw_test_host_named(&world, "r", true);
    struct sw_nic *eth0 = sw_test_nic(router, "eth0", 1, 0);
    struct sw_nic *eth1 = sw_test_nic(router, "eth1", 11, 0);
    struct sw_nic *bare = add_bare("bare", line_mtu);
    const struct sw_ip none = {.family = SW_IP_NONE};
    ck_assert_int_eq(sw_host_add_route(router, sw_test_prefix("10.0.0.9/32"), none, bare), 0);
    ck_assert_int_eq(sw_host_add_route(router, sw_test_prefix("0.0.0.0/0"), none, bare), 0);
    sw_test_address(eth0, "10.0.0.9/24", SW_ADDRESS_BEHIND | flags);
    sw_test_address(eth1, "10.0.1.1/24", SW_ADDRESS_SILENT);
    sw_station_init(&left, &world, eth0, 2);
    sw_station_init(&right, &world, eth1, 12);
    sw_station_init(&line, &world, bare, 9);
}

/* 10.0.0.2 and 10.0.1.2 are known to the router. */
static void introduce(void)
{
    sw_station_arp(&left, left.to, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.9");
    sw_station_arp(&right, right.to, SW_ARP_REQUEST, "10.0.1.2", "10.0.1.1");
    settle();
    sw_frame_drop(sw_station_take(&left));
    sw_frame_drop(sw_station_take(&right));
}

static void teardown(void)
{
    sw_station_fini(&left);
    sw_station_fini(&right);
    sw_station_fini(&line);
    sw_test_host_end(router);
    sw_test_env_fini(&world);
}

static void udp(struct sw_station *from, const char *src, const char *dst, uint8_t ttl, size_t n)
{
    uint8_t text[3000];
    struct sw_ipv4 ip = {.src = sw_test_ip(src), .dst = sw_test_ip(dst), .protocol = 17};
    ip.ttl = ttl;
    size_t len = sw_test_udp(text, ip.src, ip.dst, 5000, 7, NULL, n);
    sw_station_ip(from, ip, NULL, 0, text, len);
    settle();
}

START_TEST(the_address_behind_is_announced_and_answered_for)
{
    setup(0, 0);
    settle();
    sw_station_expect(&left, 0,
                      "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp request 10.0.0.9 tell 10.0.0.9");
    sw_station_arp(&left, sw_mac_broadcast, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.9");
    settle();
    sw_station_expect(&left, 0,
                      "02:00:00:00:00:01 > 02:00:00:00:00:02 arp reply 10.0.0.9 at "
                      "02:00:00:00:00:01 tell 10.0.0.2");
    sw_station_quiet(&line); /* nobody there is asked */
    teardown();
}
END_TEST

START_TEST(the_address_behind_is_defended__rfc5227_2_4)
{
    setup(0, SW_ADDRESS_SILENT);
    sw_station_arp(&left, sw_mac_broadcast, SW_ARP_REQUEST, "10.0.0.9", "10.0.0.9");
    settle();
    sw_station_expect(&left, 0,
                      "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp request 10.0.0.9 tell 10.0.0.9");
    struct sw_host_stats stats;
    sw_host_stats(router, &stats);
    ck_assert_uint_eq(stats.arp_conflicts, 1);
    teardown();
}
END_TEST

START_TEST(the_lan_is_asked_from_the_address_behind)
{
    setup(0, SW_ADDRESS_SILENT);
    udp(&line, "10.0.0.9", "10.0.0.2", 64, 5);
    sw_station_expect(&left, 0,
                      "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp request 10.0.0.2 tell 10.0.0.9");
    sw_station_arp(&left, left.to, SW_ARP_REPLY, "10.0.0.2", "10.0.0.9");
    settle();
    sw_station_expect(&left, 0, "10.0.0.9:5000 > 10.0.0.2:7 udp len 5");
    teardown();
}
END_TEST

/* An echo request is the station's behind to answer, and its reply is the router's to carry. */
START_TEST(packets_to_the_address_behind_are_not_taken)
{
    setup(0, SW_ADDRESS_SILENT);
    introduce();
    sw_station_echo(&left, "10.0.0.2", "10.0.0.9", 1, 1, 8);
    settle();
    sw_station_quiet(&left);
    struct sw_frame *frame = sw_station_take(&line);
    ck_assert_ptr_nonnull(frame);
    const uint8_t *head = sw_frame_head(frame);
    static const uint8_t header[14] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0x00};
    ck_assert_mem_eq(head, header, sizeof header);
    ck_assert_uint_eq(sw_get32(head + 30), sw_test_ip("10.0.0.9"));
    sw_frame_drop(frame);
    ck_assert_int_eq(sw_host_address(router).family, SW_IPV4);
    ck_assert_uint_eq(sw_ip_v4_number(sw_host_address(router)), sw_test_ip("10.0.1.1"));
    teardown();
}
END_TEST

START_TEST(no_hop_lies_between_the_lan_and_what_is_behind)
{
    setup(0, SW_ADDRESS_SILENT);
    introduce();
    udp(&left, "10.0.0.2", "10.0.0.9", 1, 5);
    sw_station_expect(&line, 0, "10.0.0.2:5000 > 10.0.0.9:7 ttl 1 udp len 5");
    udp(&line, "10.0.0.9", "10.0.1.2", 1, 5);
    sw_station_expect(&right, 0, "10.0.0.9:5000 > 10.0.1.2:7 ttl 1 udp len 5");
    teardown();
}
END_TEST

START_TEST(between_its_other_links_it_is_a_hop__rfc1812_5_3_1)
{
    setup(0, SW_ADDRESS_SILENT);
    introduce();
    udp(&left, "10.0.0.2", "10.0.1.2", 64, 5);
    sw_station_expect(&right, 0, "10.0.0.2:5000 > 10.0.1.2:7 ttl 63 udp len 5");
    udp(&left, "10.0.0.2", "10.0.1.2", 1, 5);
    sw_frame_drop(sw_station_take(&left)); /* time exceeded */
    ck_assert_uint_eq(sw_test_dropped(router, SW_DROP_IP_TTL), 1);
    teardown();
}
END_TEST

/* A kernel that sends by its device what the LAN has no way to would see it come back for ever. */
START_TEST(what_came_by_the_line_does_not_go_back_by_it)
{
    setup(0, SW_ADDRESS_SILENT);
    udp(&line, "10.0.0.9", "192.0.2.1", 64, 5);
    ck_assert_uint_eq(sw_test_dropped(router, SW_DROP_IP_NO_ROUTE), 1);
    sw_frame_drop(sw_station_take(&line)); /* net unreachable, from 10.0.1.1 */
    sw_station_quiet(&line);
    teardown();
}
END_TEST

START_TEST(what_the_line_is_too_short_for_goes_in_fragments)
{
    setup(576, SW_ADDRESS_SILENT);
    introduce();
    udp(&left, "10.0.0.2", "10.0.0.9", 9, 1000);
    unsigned fragments = 0;
    struct sw_frame *frame;
    while ((frame = sw_station_take(&line)) != NULL) {
        ck_assert_uint_le(frame->len, 576 + 14);
        ck_assert_uint_eq(sw_frame_head(frame)[22], 9);
        ck_assert_uint_eq(sw_checksum(sw_frame_head(frame) + 14, 20), 0);
        fragments++;
        sw_frame_drop(frame);
    }
    ck_assert_uint_eq(fragments, 2);
    teardown();
}
END_TEST

START_TEST(a_bare_interface_has_no_mac_and_no_other_has_none)
{
    sw_test_env_init(&world, 1);
    router = sw_test_host_named(&world, "r", true);
    struct sw_nic *nic = NULL;
    add_bare("one", 0);
    add_bare("two", 65535);
    const struct sw_nic_config with = {.name = "three", .mac = sw_test_mac(1), .bare = true};
    const struct sw_nic_config without = {.name = "three"};
    const struct sw_nic_config again = {.name = "one", .bare = true};
    ck_assert_int_eq(sw_nic_add(&nic, router, &with), -EINVAL);
    ck_assert_int_eq(sw_nic_add(&nic, router, &without), -EINVAL);
    ck_assert_int_eq(sw_nic_add(&nic, router, &again), -EEXIST);
    sw_test_host_end(router);
    sw_test_env_fini(&world);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ip_forward_bare");
    TCase *tcase = tcase_create("bare");
    tcase_add_test(tcase, the_address_behind_is_announced_and_answered_for);
    tcase_add_test(tcase, the_address_behind_is_defended__rfc5227_2_4);
    tcase_add_test(tcase, the_lan_is_asked_from_the_address_behind);
    tcase_add_test(tcase, packets_to_the_address_behind_are_not_taken);
    tcase_add_test(tcase, no_hop_lies_between_the_lan_and_what_is_behind);
    tcase_add_test(tcase, between_its_other_links_it_is_a_hop__rfc1812_5_3_1);
    tcase_add_test(tcase, what_came_by_the_line_does_not_go_back_by_it);
    tcase_add_test(tcase, what_the_line_is_too_short_for_goes_in_fragments);
    tcase_add_test(tcase, a_bare_interface_has_no_mac_and_no_other_has_none);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
