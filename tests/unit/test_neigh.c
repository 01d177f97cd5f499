/* Neighbours: resolving, doubting, forgetting, and what waits (stack/neigh.c). The host
 * is 10.0.0.1/24 at 02:…:01, the station at 02:…:02, mostly as 10.0.0.2. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack/neigh.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "tests/support/stack_station.h"

static struct sw_test_env world;
static struct sw_host *host;
static struct sw_nic *eth0;
static struct sw_station st;
static struct sw_sock *sock;

static const char REQUEST[] =
    "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp request 10.0.0.2 tell 10.0.0.1";
static const char UNICAST[] =
    "02:00:00:00:00:01 > 02:00:00:00:00:02 arp request 10.0.0.2 tell 10.0.0.1";

static void setup(void)
{
    sw_test_env_init(&world, 1);
    host = sw_test_host(&world, &eth0);
    sw_station_init(&st, &world, eth0, 2);
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 5000}), 0);
}

static void teardown(void)
{
    sw_station_fini(&st);
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}

static void send(const char *to, size_t n)
{
    static const uint8_t text[2000];
    ck_assert_int_eq(sw_sock_send_to(sock, text, n, sw_test_at(to, 7)), (int64_t)n);
}

static void run(sw_time until)
{
    sw_test_run(&world, until);
}

static unsigned entries(void)
{
    struct sw_arp_entry e;
    unsigned n = 0;
    while (sw_host_arp_entry(host, n, &e)) {
        n++;
    }
    return n;
}

static void resolve(void)
{
    send("10.0.0.2", 1);
    run(0);
    sw_station_answer(&st, "10.0.0.2", "10.0.0.1");
    run(0);
    sw_station_expect(&st, 0, "10.0.0.1:5000 > 10.0.0.2:7 udp len 1");
}

START_TEST(a_packet_waits_for_the_answer)
{
    setup();
    send("10.0.0.2", 3);
    run(0);
    sw_station_expect(&st, 0, REQUEST);
    run(700 * SW_MS);
    sw_station_arp(&st, st.to, SW_ARP_REPLY, "10.0.0.2", "10.0.0.1");
    run(700 * SW_MS);
    sw_station_expect(&st, 700 * SW_MS, "10.0.0.1:5000 > 10.0.0.2:7 udp len 3");
    struct sw_arp_entry e;
    ck_assert(sw_host_arp_entry(host, 0, &e));
    ck_assert(e.resolved);
    ck_assert_int_eq(e.confirmed, 700 * SW_MS);
    ck_assert(sw_mac_equal(e.mac, sw_test_mac(2)));
    run(59 * SW_S);
    sw_station_quiet(&st);
    teardown();
}
END_TEST

START_TEST(resolving_asks_thrice_a_second_apart_and_gives_up)
{
    setup();
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("10.0.0.2", 7)), 0);
    ck_assert_int_eq(sw_sock_send(sock, "a", 1), 1);
    run(0);
    sw_station_expect(&st, 0, REQUEST);
    run(SW_S);
    sw_station_expect(&st, SW_S, REQUEST);
    ck_assert_int_eq(sw_sock_send(sock, "b", 1), 1); /* no request for it: one a second */
    run(2 * SW_S);
    sw_station_expect(&st, 2 * SW_S, REQUEST);
    ck_assert_uint_eq(entries(), 1);
    run(3 * SW_S - 1);
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_NEIGH_UNRESOLVED), 0);
    run(3 * SW_S);
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_NEIGH_UNRESOLVED), 2);
    ck_assert_int_eq(sw_sock_send(sock, "c", 1), -EHOSTUNREACH);
    ck_assert_uint_eq(entries(), 0);
    run(10 * SW_S);
    sw_station_quiet(&st);
    teardown();
}
END_TEST

START_TEST(a_failure_is_not_remembered)
{
    setup();
    send("10.0.0.2", 1);
    run(3 * SW_S);
    for (unsigned i = 0; i < 3; i++) {
        sw_frame_drop(sw_station_take(&st));
    }
    send("10.0.0.2", 2);
    run(3 * SW_S);
    sw_station_expect(&st, 3 * SW_S, REQUEST);
    sw_station_arp(&st, st.to, SW_ARP_REPLY, "10.0.0.2", "10.0.0.1");
    run(3 * SW_S);
    sw_station_expect(&st, 3 * SW_S, "10.0.0.1:5000 > 10.0.0.2:7 udp len 2");
    teardown();
}
END_TEST

START_TEST(an_entry_is_fresh_for_60_s_then_used_while_asked_after_by_unicast__rfc1122_2_3_2_1)
{
    setup();
    resolve();
    run(60 * SW_S - 1);
    send("10.0.0.2", 1);
    run(60 * SW_S - 1);
    sw_station_expect(&st, 60 * SW_S - 1, "10.0.0.1:5000 > 10.0.0.2:7 udp len 1");
    sw_station_quiet(&st);
    run(60 * SW_S);
    send("10.0.0.2", 2);
    run(60 * SW_S);
    sw_station_expect(&st, 60 * SW_S, UNICAST);
    sw_station_expect(&st, 60 * SW_S, "10.0.0.1:5000 > 10.0.0.2:7 udp len 2");
    run(61 * SW_S);
    sw_station_expect(&st, 61 * SW_S, UNICAST);
    sw_station_arp(&st, st.to, SW_ARP_REPLY, "10.0.0.2", "10.0.0.1");
    run(61 * SW_S);
    run(121 * SW_S - 1); /* fresh again */
    send("10.0.0.2", 3);
    run(121 * SW_S - 1);
    sw_station_expect(&st, 121 * SW_S - 1, "10.0.0.1:5000 > 10.0.0.2:7 udp len 3");
    teardown();
}
END_TEST

START_TEST(an_entry_is_removed_after_three_unanswered_requests)
{
    setup();
    resolve();
    run(100 * SW_S);
    for (int i = 0; i < 3; i++) {
        sw_time at = (100 + i) * SW_S;
        send("10.0.0.2", 1);
        run(at);
        if (i == 0) {
            sw_station_expect(&st, at, UNICAST);
        }
        sw_station_expect(&st, at, "10.0.0.1:5000 > 10.0.0.2:7 udp len 1");
        run(at + SW_S);
        if (i < 2) {
            sw_station_expect(&st, at + SW_S, UNICAST);
        }
    }
    ck_assert_uint_eq(entries(), 0);
    sw_station_quiet(&st);
    send("10.0.0.2", 4);
    run(103 * SW_S);
    sw_station_expect(&st, 103 * SW_S, REQUEST);
    teardown();
}
END_TEST

START_TEST(an_entry_that_is_not_used_is_not_asked_after)
{
    setup();
    resolve();
    run(3600 * SW_S);
    sw_station_quiet(&st);
    ck_assert_uint_eq(entries(), 1);
    teardown();
}
END_TEST

START_TEST(an_entry_made_by_a_request_counts_from_it)
{
    setup();
    sw_station_arp(&st, sw_mac_broadcast, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.1");
    run(0);
    sw_frame_drop(sw_station_take(&st));
    run(59 * SW_S);
    send("10.0.0.2", 1);
    run(59 * SW_S);
    sw_station_expect(&st, 59 * SW_S, "10.0.0.1:5000 > 10.0.0.2:7 udp len 1");
    run(60 * SW_S);
    send("10.0.0.2", 1);
    run(60 * SW_S);
    sw_station_expect(&st, 60 * SW_S, UNICAST);
    sw_station_expect(&st, 60 * SW_S, "10.0.0.1:5000 > 10.0.0.2:7 udp len 1");
    teardown();
}
END_TEST

START_TEST(the_hold_queue_keeps_the_newest__rfc1122_2_3_2_2)
{
    setup();
    for (size_t i = 1; i <= SW_NEIGH_HOLD_FRAMES + 6; i++) {
        send("10.0.0.2", i);
    }
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_NEIGH_QUEUE_FULL), 6);
    run(0);
    sw_station_answer(&st, "10.0.0.2", "10.0.0.1");
    run(0);
    for (size_t i = 7; i <= SW_NEIGH_HOLD_FRAMES + 6; i++) {
        char text[80];
        snprintf(text, sizeof text, "10.0.0.1:5000 > 10.0.0.2:7 udp len %zu", i);
        sw_station_expect(&st, 0, text);
    }
    teardown();
}
END_TEST

/* 32 neighbours with 128 packets each are all that may wait. To a 33rd nothing waits until one of
 * them has answered; to one of them the newest still takes the oldest's place. */
START_TEST(what_waits_for_all_neighbours_is_bounded)
{
    setup();
    char to[32];
    for (unsigned i = 0; i < SW_NEIGH_HOLD_ALL; i++) {
        snprintf(to, sizeof to, "10.0.0.%u", 2 + i % 32);
        send(to, 1);
    }
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_NEIGH_QUEUE_FULL), 0);
    send("10.0.0.99", 1);
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_NEIGH_QUEUE_FULL), 1);
    send("10.0.0.2", 2);
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_NEIGH_QUEUE_FULL), 2);
    run(0);
    sw_station_answer(&st, "10.0.0.2", "10.0.0.1");
    run(0);
    send("10.0.0.99", 1);
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_NEIGH_QUEUE_FULL), 2);
    run(10 * SW_S);
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_NEIGH_UNRESOLVED), 31 * 128 + 1);
    while (st.count > 0) {
        sw_frame_drop(sw_station_take(&st));
    }
    teardown();
}
END_TEST

START_TEST(a_datagram_of_65507_bytes_waits_whole)
{
    setup();
    uint8_t *text = calloc(1, 65507);
    ck_assert_int_eq(sw_sock_send_to(sock, text, 65507, sw_test_at("10.0.0.2", 7)), 65507);
    free(text);
    run(0);
    sw_station_answer(&st, "10.0.0.2", "10.0.0.1");
    run(0);
    ck_assert_uint_eq(st.count, 45);
    while (st.count > 0) {
        sw_frame_drop(sw_station_take(&st));
    }
    teardown();
}
END_TEST

START_TEST(unresolved_entries_are_bounded)
{
    setup();
    struct sw_prefix wide = sw_test_prefix("10.0.0.0/8");
    ck_assert_int_eq(sw_host_add_route(host, wide, (struct sw_ip){0}, eth0), 0);
    for (unsigned i = 0; i < SW_NEIGH_RESOLVING; i++) {
        struct sw_endpoint to = {.ip = sw_ip_v4(0x0a010000U + i), .port = 7};
        ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, to), 1);
    }
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.9.9.9", 7)), -ENOMEM);
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_NEIGH_QUEUE_FULL), 1);
    ck_assert_uint_eq(entries(), SW_NEIGH_RESOLVING);
    run(0);
    for (unsigned i = 0; i < SW_NEIGH_RESOLVING; i++) {
        sw_frame_drop(sw_station_take(&st));
    }
    teardown();
}
END_TEST

/* A request for our address from each of n senders, 10.first.x.y. */
static void requests_from(unsigned first, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        char sender[32];
        snprintf(sender, sizeof sender, "10.%u.%u.%u", first, i / 256, i % 256);
        sw_station_arp(&st, sw_mac_broadcast, SW_ARP_REQUEST, sender, "10.0.0.1");
        run(sw_clock_now(world.env.clock));
        sw_frame_drop(sw_station_take(&st));
    }
}

START_TEST(requests_of_others_fill_half_of_the_table_and_throw_nobody_out)
{
    setup();
    sw_test_address(eth0, "10.1.255.1/9", SW_ADDRESS_SILENT);
    resolve();
    requests_from(2, SW_NEIGH_UNUSED + 100);
    ck_assert_uint_eq(entries(), SW_NEIGH_UNUSED + 1);
    send("10.0.0.2", 1);
    run(0);
    sw_station_expect(&st, 0, "10.0.0.1:5000 > 10.0.0.2:7 udp len 1");
    teardown();
}
END_TEST

/* What a flood of requests left is not there for good. */
START_TEST(their_half_takes_a_newcomer_when_the_first_is_past_its_60_s)
{
    setup();
    sw_test_address(eth0, "10.1.255.1/9", SW_ADDRESS_SILENT);
    resolve();
    requests_from(2, SW_NEIGH_UNUSED);
    run(59 * SW_S);
    requests_from(3, 1);
    ck_assert_uint_eq(entries(), SW_NEIGH_UNUSED + 1);
    struct sw_arp_entry e;
    ck_assert(sw_host_arp_entry(host, SW_NEIGH_UNUSED, &e));
    ck_assert_uint_eq(sw_ip_v4_number(e.ip), 0x0a0207ffU); /* 10.3.0.0 found no room */
    run(61 * SW_S);
    requests_from(3, 3);
    ck_assert_uint_eq(entries(), SW_NEIGH_UNUSED + 1);
    ck_assert(sw_host_arp_entry(host, 0, &e));
    ck_assert_uint_eq(sw_ip_v4_number(e.ip), 0x0a000002U); /* ours; older than they, but used */
    ck_assert(sw_host_arp_entry(host, 1, &e));
    ck_assert_uint_eq(sw_ip_v4_number(e.ip), 0x0a020003U);
    ck_assert(sw_host_arp_entry(host, SW_NEIGH_UNUSED, &e));
    ck_assert_uint_eq(sw_ip_v4_number(e.ip), 0x0a030002U);
    teardown();
}
END_TEST

START_TEST(in_a_full_table_the_one_confirmed_longest_ago_makes_place_if_past_its_60_s)
{
    setup();
    sw_test_address(eth0, "10.1.255.1/9", SW_ADDRESS_SILENT);
    for (unsigned half = 0; half < 2; half++) {
        requests_from(2 + half, SW_NEIGH_UNUSED);
        for (unsigned i = 0; i < SW_NEIGH_UNUSED; i++) { /* use them, so that more may come */
            struct sw_endpoint to = {.ip = sw_ip_v4(0x0a020000U + (half << 16) + i), .port = 7};
            ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, to), 1);
            run(half * SW_S);
            sw_frame_drop(sw_station_take(&st));
        }
        run((half + 1) * SW_S);
    }
    ck_assert_uint_eq(entries(), SW_NEIGH_ENTRIES);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.9.9.9", 7)), -ENOMEM);
    run(60 * SW_S);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.9.9.9", 7)), 1);
    ck_assert_uint_eq(entries(), SW_NEIGH_ENTRIES);
    struct sw_arp_entry e;
    ck_assert(sw_host_arp_entry(host, 0, &e));
    ck_assert_uint_eq(sw_ip_v4_number(e.ip), 0x0a020001U); /* 10.2.0.0 was the oldest */
    run(60 * SW_S);
    sw_frame_drop(sw_station_take(&st));
    teardown();
}
END_TEST

START_TEST(a_gateway_that_is_dead_gives_way_to_the_next__rfc1122_3_3_1_4)
{
    setup();
    sw_test_route(host, "0.0.0.0/0", "10.0.0.2");
    sw_test_route(host, "0.0.0.0/0", "10.0.0.3");
    send("8.8.8.8", 1);
    run(0);
    sw_station_answer(&st, "10.0.0.2", "10.0.0.1");
    run(0);
    sw_station_expect(&st, 0, "10.0.0.1:5000 > 8.8.8.8:7 udp len 1");
    run(3600 * SW_S); /* it is not asked as long as nothing goes there */
    for (int i = 0; i < 3; i++) {
        sw_time at = (3600 + i) * SW_S;
        send("8.8.8.8", 2);
        run(at);
        sw_station_expect(&st, at, i == 0 ? UNICAST : "10.0.0.1:5000 > 8.8.8.8:7 udp len 2");
        if (i == 0) {
            sw_station_expect(&st, at, "10.0.0.1:5000 > 8.8.8.8:7 udp len 2");
        }
        run(at + SW_S);
        if (i < 2) {
            sw_station_expect(&st, at + SW_S, UNICAST);
        }
    }
    send("8.8.8.8", 3);
    run(3603 * SW_S);
    sw_station_answer(&st, "10.0.0.3", "10.0.0.1");
    run(3603 * SW_S);
    sw_station_expect(&st, 3603 * SW_S, "10.0.0.1:5000 > 8.8.8.8:7 udp len 3");
    teardown();
}
END_TEST

START_TEST(who_doubts_a_neighbour_has_it_asked_after__rfc1122_3_3_1_4)
{
    setup();
    sw_neigh_doubt(eth0, sw_test_ip("10.0.0.2")); /* not known: nothing to doubt */
    resolve();
    run(SW_S - 1);
    sw_neigh_doubt(eth0, sw_test_ip("10.0.0.2"));
    run(SW_S - 1);
    sw_station_quiet(&st); /* it has just answered */
    run(SW_S);
    sw_neigh_doubt(eth0, sw_test_ip("10.0.0.2"));
    sw_neigh_doubt(eth0, sw_test_ip("10.0.0.2"));
    run(SW_S);
    sw_station_expect(&st, SW_S, UNICAST);
    sw_station_quiet(&st);
    sw_station_arp(&st, st.to, SW_ARP_REPLY, "10.0.0.2", "10.0.0.1");
    run(SW_S);
    run(60 * SW_S);
    sw_station_quiet(&st);
    teardown();
}
END_TEST

START_TEST(two_interfaces_may_have_the_same_neighbour_address)
{
    setup();
    struct sw_nic *eth1 = sw_test_nic(host, "eth1", 11, 0);
    sw_test_address(eth1, "10.0.0.3/24", SW_ADDRESS_SILENT);
    struct sw_station other;
    sw_station_init(&other, &world, eth1, 12);
    sw_station_arp(&st, sw_mac_broadcast, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.1");
    sw_station_arp(&other, sw_mac_broadcast, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.3");
    run(0);
    sw_frame_drop(sw_station_take(&st));
    sw_frame_drop(sw_station_take(&other));
    ck_assert_uint_eq(entries(), 2);
    sw_station_fini(&other);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("neigh");
    TCase *life = tcase_create("life");
    tcase_add_test(life, a_packet_waits_for_the_answer);
    tcase_add_test(life, resolving_asks_thrice_a_second_apart_and_gives_up);
    tcase_add_test(life, a_failure_is_not_remembered);
    tcase_add_test(
        life, an_entry_is_fresh_for_60_s_then_used_while_asked_after_by_unicast__rfc1122_2_3_2_1);
    tcase_add_test(life, an_entry_is_removed_after_three_unanswered_requests);
    tcase_add_test(life, an_entry_that_is_not_used_is_not_asked_after);
    tcase_add_test(life, an_entry_made_by_a_request_counts_from_it);
    tcase_add_test(life, a_gateway_that_is_dead_gives_way_to_the_next__rfc1122_3_3_1_4);
    tcase_add_test(life, who_doubts_a_neighbour_has_it_asked_after__rfc1122_3_3_1_4);
    tcase_add_test(life, two_interfaces_may_have_the_same_neighbour_address);
    suite_add_tcase(suite, life);
    TCase *bounds = tcase_create("bounds");
    tcase_add_test(bounds, the_hold_queue_keeps_the_newest__rfc1122_2_3_2_2);
    tcase_add_test(bounds, what_waits_for_all_neighbours_is_bounded);
    tcase_add_test(bounds, a_datagram_of_65507_bytes_waits_whole);
    tcase_add_test(bounds, unresolved_entries_are_bounded);
    tcase_add_test(bounds, requests_of_others_fill_half_of_the_table_and_throw_nobody_out);
    tcase_add_test(bounds, their_half_takes_a_newcomer_when_the_first_is_past_its_60_s);
    tcase_add_test(bounds,
                   in_a_full_table_the_one_confirmed_longest_ago_makes_place_if_past_its_60_s);
    suite_add_tcase(suite, bounds);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
