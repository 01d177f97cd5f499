/* The route table (stack/route.c), and the ways that a host finds by it (stack/ip_output.c). */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "stack/route.h"
#include "tests/support/stack_station.h"

static struct sw_test_env world;
static struct sw_host *host;
static struct sw_nic *eth0, *eth1;

static void setup(void)
{
    sw_test_env_init(&world, 1);
    host = sw_test_host(&world, &eth0); /* 10.0.0.1/24 */
    eth1 = sw_test_nic(host, "eth1", 11, 9000);
    sw_test_address(eth1, "10.0.1.1/24", SW_ADDRESS_SILENT);
}

static void teardown(void)
{
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}

static struct sw_path path_to(const char *dst)
{
    struct sw_path path;
    ck_assert_int_eq(sw_ip_path(host, 0, sw_test_ip(dst), &path), 0);
    return path;
}

static int no_path(const char *src, const char *dst)
{
    struct sw_path path;
    return sw_ip_path(host, sw_test_ip(src), sw_test_ip(dst), &path);
}

START_TEST(a_connected_net_is_reached_directly__rfc1122_3_3_1)
{
    setup();
    struct sw_path path = path_to("10.0.1.77");
    ck_assert_ptr_eq(path.nic, eth1);
    ck_assert_uint_eq(path.next_hop, sw_test_ip("10.0.1.77"));
    ck_assert_uint_eq(path.src, sw_test_ip("10.0.1.1"));
    ck_assert_uint_eq(path.mtu_bytes, 9000);
    ck_assert(!path.broadcast);
    ck_assert_int_eq(no_path("0.0.0.0", "10.0.2.1"), -ENETUNREACH);
    teardown();
}
END_TEST

START_TEST(the_longest_prefix_wins__rfc1812_5_2_4_3)
{
    setup();
    sw_test_route(host, "0.0.0.0/0", "10.0.0.9");
    sw_test_route(host, "10.0.0.0/8", "10.0.1.8");
    sw_test_route(host, "10.7.0.0/16", "10.0.1.7");
    sw_test_route(host, "10.7.7.7/32", "10.0.0.6");
    ck_assert_uint_eq(path_to("8.8.8.8").next_hop, sw_test_ip("10.0.0.9"));
    ck_assert_uint_eq(path_to("10.9.9.9").next_hop, sw_test_ip("10.0.1.8"));
    ck_assert_uint_eq(path_to("10.7.9.9").next_hop, sw_test_ip("10.0.1.7"));
    ck_assert_uint_eq(path_to("10.7.7.7").next_hop, sw_test_ip("10.0.0.6"));
    ck_assert_uint_eq(path_to("10.7.7.7").src, sw_test_ip("10.0.0.1"));
    ck_assert_uint_eq(path_to("10.0.0.5").next_hop, sw_test_ip("10.0.0.5"));
    teardown();
}
END_TEST

START_TEST(among_equals_the_first_wins)
{
    setup();
    sw_test_route(host, "0.0.0.0/0", "10.0.0.9");
    sw_test_route(host, "0.0.0.0/0", "10.0.1.9");
    sw_test_route(host, "0.0.0.0/0", "10.0.0.8");
    ck_assert_uint_eq(path_to("8.8.8.8").next_hop, sw_test_ip("10.0.0.9"));
    teardown();
}
END_TEST

START_TEST(a_dead_gateway_goes_behind_its_equals__rfc1122_3_3_1_5)
{
    setup();
    sw_test_route(host, "0.0.0.0/0", "10.0.0.9");
    sw_test_route(host, "0.0.0.0/0", "10.0.0.8");
    sw_test_route(host, "0.0.0.0/0", "10.0.1.9");
    sw_test_route(host, "172.16.0.0/12", "10.0.0.9"); /* the only way there */
    struct sw_path path = path_to("8.8.8.8");
    sw_route_gateway_is_dead(host->routes, eth0, sw_test_ip("10.0.0.9"));
    ck_assert(!sw_ip_path_valid(host, &path));
    ck_assert_uint_eq(path_to("8.8.8.8").next_hop, sw_test_ip("10.0.0.8"));
    ck_assert_uint_eq(path_to("172.20.1.1").next_hop, sw_test_ip("10.0.0.9"));
    sw_route_gateway_is_dead(host->routes, eth0, sw_test_ip("10.0.0.8"));
    ck_assert_uint_eq(path_to("8.8.8.8").next_hop, sw_test_ip("10.0.1.9"));
    path = path_to("8.8.8.8");
    sw_route_gateway_is_dead(host->routes, eth0, sw_test_ip("10.0.0.7")); /* nobody's gateway */
    sw_route_gateway_is_dead(host->routes, eth0, sw_test_ip("10.0.1.9")); /* not by that way */
    ck_assert(sw_ip_path_valid(host, &path));
    sw_route_gateway_is_dead(host->routes, eth1, sw_test_ip("10.0.1.9"));
    ck_assert_uint_eq(path_to("8.8.8.8").next_hop, sw_test_ip("10.0.0.9")); /* round again */
    ck_assert_uint_eq(path_to("10.0.1.5").next_hop, sw_test_ip("10.0.1.5"));
    teardown();
}
END_TEST

START_TEST(a_crash_forgets_which_gateways_are_dead)
{
    setup();
    sw_test_route(host, "0.0.0.0/0", "10.0.0.9");
    sw_test_route(host, "0.0.0.0/0", "10.0.0.8");
    sw_test_route(host, "0.0.0.0/0", "10.0.1.9");
    sw_route_gateway_is_dead(host->routes, eth0, sw_test_ip("10.0.0.9"));
    sw_route_gateway_is_dead(host->routes, eth0, sw_test_ip("10.0.0.8"));
    ck_assert_uint_eq(path_to("8.8.8.8").next_hop, sw_test_ip("10.0.1.9"));
    struct sw_path path = path_to("8.8.8.8");
    sw_route_reset(host->routes);
    ck_assert(!sw_ip_path_valid(host, &path));
    ck_assert_uint_eq(path_to("8.8.8.8").next_hop, sw_test_ip("10.0.0.9"));
    sw_route_gateway_is_dead(host->routes, eth0, sw_test_ip("10.0.0.9"));
    ck_assert_uint_eq(path_to("8.8.8.8").next_hop, sw_test_ip("10.0.0.8"));
    ck_assert_uint_eq(path_to("10.0.1.5").next_hop, sw_test_ip("10.0.1.5"));
    teardown();
}
END_TEST

START_TEST(what_cannot_be_added_says_why)
{
    setup();
    const struct sw_prefix all = sw_test_prefix("0.0.0.0/0");
    const struct sw_ip none = {.family = SW_IP_NONE};
    struct sw_ip far = sw_ip_v4(sw_test_ip("192.168.1.1")), near = sw_ip_v4(sw_test_ip("10.0.0.9"));
    ck_assert_int_eq(sw_host_add_route(host, all, far, NULL), -ENETUNREACH);
    ck_assert_int_eq(sw_host_add_route(host, all, none, NULL), -ENETUNREACH);
    ck_assert_int_eq(sw_host_add_route(host, all, near, NULL), 0);
    ck_assert_int_eq(sw_host_add_route(host, all, near, NULL), -EEXIST);
    /* A gateway behind a gateway is no way to it. */
    ck_assert_int_eq(sw_host_add_route(host, sw_test_prefix("172.16.0.0/12"), far, NULL),
                     -ENETUNREACH);
    ck_assert_int_eq(sw_host_add_route(host, sw_test_prefix("172.16.0.0/12"), none, eth1), 0);
    ck_assert_uint_eq(path_to("172.16.3.4").next_hop, sw_test_ip("172.16.3.4"));
    ck_assert_uint_eq(path_to("172.16.3.4").src, sw_test_ip("10.0.1.1"));
    teardown();
}
END_TEST

START_TEST(a_host_has_4096_routes_at_most_and_finds_each)
{
    setup();
    struct sw_ip gateway = sw_ip_v4(sw_test_ip("10.0.0.9"));
    unsigned added = 0;
    for (;;) {
        struct sw_prefix to = {.ip = sw_ip_v4(0x20000000U + (added * 7919U % 4096U << 8)),
                               .bits = 24};
        int err = sw_host_add_route(host, to, gateway, NULL);
        if (err < 0) {
            ck_assert_int_eq(err, -ENOSPC);
            break;
        }
        added++;
    }
    ck_assert_uint_eq(added, SW_HOST_ROUTES - 3); /* two nets and the loopback's */
    for (unsigned i = 0; i < added; i++) {
        struct sw_path path;
        ck_assert_int_eq(sw_ip_path(host, 0, 0x20000005U + (i * 7919U % 4096U << 8), &path), 0);
        ck_assert_uint_eq(path.next_hop, sw_test_ip("10.0.0.9"));
    }
    ck_assert_int_eq(no_path("0.0.0.0", "33.0.0.1"), -ENETUNREACH);
    teardown();
}
END_TEST

START_TEST(own_addresses_go_round_the_loopback)
{
    setup();
    struct sw_path path = path_to("10.0.1.1");
    ck_assert_str_eq(sw_nic_name(path.nic), "lo");
    ck_assert_uint_eq(path.src, sw_test_ip("10.0.1.1"));
    ck_assert_uint_eq(path_to("127.0.0.1").src, sw_test_ip("127.0.0.1"));
    ck_assert_uint_eq(path_to("10.0.0.1").mtu_bytes, 65535);
    teardown();
}
END_TEST

START_TEST(broadcasts_are_known__rfc1122_3_2_1_3)
{
    setup();
    ck_assert(path_to("10.0.0.255").broadcast);
    ck_assert_ptr_eq(path_to("10.0.1.255").nic, eth1);
    ck_assert(path_to("255.255.255.255").broadcast);
    ck_assert_ptr_eq(path_to("255.255.255.255").nic, eth0);
    ck_assert(path_to("224.0.0.5").broadcast);
    struct sw_path path;
    ck_assert_int_eq(sw_ip_path(host, sw_test_ip("10.0.1.1"), UINT32_MAX, &path), 0);
    ck_assert_ptr_eq(path.nic, eth1);
    ck_assert(sw_ip_is_broadcast(host, sw_test_ip("10.0.1.255")));
    ck_assert(!sw_ip_is_broadcast(host, sw_test_ip("10.0.2.255")));
    ck_assert(sw_ip_is_ours(host, sw_test_ip("10.0.1.1")));
    ck_assert(!sw_ip_is_ours(host, sw_test_ip("10.0.1.255")));
    teardown();
}
END_TEST

START_TEST(a_net_of_31_bits_has_no_broadcast__rfc3021)
{
    setup();
    sw_test_address(eth1, "10.0.3.0/31", SW_ADDRESS_SILENT);
    ck_assert(!path_to("10.0.3.1").broadcast);
    ck_assert_uint_eq(path_to("10.0.3.1").src, sw_test_ip("10.0.3.0"));
    teardown();
}
END_TEST

START_TEST(nobodys_addresses_are_unreachable)
{
    setup();
    sw_test_route(host, "0.0.0.0/0", "10.0.0.9");
    ck_assert_int_eq(no_path("0.0.0.0", "0.0.0.0"), -ENETUNREACH);
    ck_assert_int_eq(no_path("0.0.0.0", "0.1.2.3"), -ENETUNREACH);
    ck_assert_int_eq(no_path("0.0.0.0", "240.0.0.1"), -ENETUNREACH);
    ck_assert_int_eq(no_path("127.0.0.1", "10.0.0.2"), -ENETUNREACH);
    teardown();
}
END_TEST

START_TEST(a_path_is_valid_until_routes_or_addresses_change)
{
    setup();
    struct sw_path path = path_to("10.0.0.5");
    ck_assert(sw_ip_path_valid(host, &path));
    sw_test_route(host, "0.0.0.0/0", "10.0.0.9");
    ck_assert(!sw_ip_path_valid(host, &path));
    path = path_to("10.0.0.5");
    sw_test_address(eth1, "10.0.3.1/24", SW_ADDRESS_SILENT);
    ck_assert(!sw_ip_path_valid(host, &path));
    const struct sw_path never = {0};
    ck_assert(!sw_ip_path_valid(host, &never));
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("route");
    TCase *tcase = tcase_create("route");
    tcase_add_test(tcase, a_connected_net_is_reached_directly__rfc1122_3_3_1);
    tcase_add_test(tcase, the_longest_prefix_wins__rfc1812_5_2_4_3);
    tcase_add_test(tcase, among_equals_the_first_wins);
    tcase_add_test(tcase, a_dead_gateway_goes_behind_its_equals__rfc1122_3_3_1_5);
    tcase_add_test(tcase, a_crash_forgets_which_gateways_are_dead);
    tcase_add_test(tcase, what_cannot_be_added_says_why);
    tcase_add_test(tcase, a_host_has_4096_routes_at_most_and_finds_each);
    tcase_add_test(tcase, own_addresses_go_round_the_loopback);
    tcase_add_test(tcase, broadcasts_are_known__rfc1122_3_2_1_3);
    tcase_add_test(tcase, a_net_of_31_bits_has_no_broadcast__rfc3021);
    tcase_add_test(tcase, nobodys_addresses_are_unreachable);
    tcase_add_test(tcase, a_path_is_valid_until_routes_or_addresses_change);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
