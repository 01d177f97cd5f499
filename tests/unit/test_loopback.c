/* What a host says to itself (stack/loopback.c). */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/stack_station.h"

static struct sw_test_env world;
static struct sw_host *host;
static struct sw_station st;

static void setup(void)
{
    sw_test_env_init(&world, 1);
    struct sw_nic *eth0;
    host = sw_test_host(&world, &eth0);
    sw_station_init(&st, &world, eth0, 2);
}

static void teardown(void)
{
    sw_station_fini(&st); /* nothing of it was heard on the wire: rfc1122 3.2.1.3 (g) */
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}

static struct sw_sock *udp(uint16_t port)
{
    struct sw_sock *sock;
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = port}), 0);
    return sock;
}

static const char *const own[] = {"127.0.0.1", "127.9.8.7", "10.0.0.1"};

START_TEST(own_addresses_are_reached_round_the_loopback_1_us_later)
{
    setup();
    struct sw_sock *to = udp(7), *from = udp(8);
    char text[8] = {0};
    ck_assert_int_eq(sw_sock_send_to(from, "hello", 5, sw_test_at(own[_i], 7)), 5);
    ck_assert_int_eq(sw_sock_recv(to, text, sizeof text), -EAGAIN); /* nothing re-enters */
    sw_test_run(&world, SW_US - 1);
    ck_assert_int_eq(sw_sock_recv(to, text, sizeof text), -EAGAIN);
    sw_test_run(&world, SW_US);
    struct sw_endpoint at;
    ck_assert_int_eq(sw_sock_recv_from(to, text, sizeof text, &at), 5);
    ck_assert_str_eq(text, "hello");
    ck_assert_uint_eq(sw_ip_v4_number(at.ip), sw_test_ip(own[_i]));
    teardown();
}
END_TEST

START_TEST(a_loopback_source_never_goes_out)
{
    setup();
    struct sw_sock *sock;
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, NULL, NULL), 0);
    const struct sw_endpoint local = {.ip = sw_ip_v4(sw_test_ip("127.0.0.1")), .port = 9};
    ck_assert_int_eq(sw_sock_bind(sock, local), 0);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.0.0.2", 7)), -ENETUNREACH);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.0.0.255", 7)), -ENETUNREACH);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("255.255.255.255", 7)), -ENETUNREACH);
    teardown();
}
END_TEST

START_TEST(the_largest_datagram_is_not_fragmented_there)
{
    setup();
    struct sw_sock *to = udp(7), *from = udp(8);
    uint8_t *text = calloc(1, 65507);
    ck_assert_int_eq(sw_sock_send_to(from, text, 65507, sw_test_at("127.0.0.1", 7)), 65507);
    sw_test_run(&world, SW_MS);
    struct sw_host_stats stats;
    sw_host_stats(host, &stats);
    ck_assert_uint_eq(stats.received, 1);
    ck_assert_int_eq(sw_sock_recv(to, text, 65507), 65507);
    free(text);
    teardown();
}
END_TEST

START_TEST(nobody_listening_is_told)
{
    setup();
    struct sw_sock *sock = udp(8);
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("127.0.0.1", 9)), 0);
    ck_assert_int_eq(sw_sock_send(sock, "x", 1), 1);
    sw_test_run(&world, SW_MS);
    ck_assert_int_eq(sw_sock_send(sock, "x", 1), -ECONNREFUSED);
    teardown();
}
END_TEST

START_TEST(frames_sent_at_different_times_arrive_at_different_times)
{
    setup();
    struct sw_sock *to = udp(7), *from = udp(8);
    sw_sock_send_to(from, "a", 1, sw_test_at("127.0.0.1", 7));
    sw_test_run(&world, 500);
    for (unsigned i = 0; i < 40; i++) {
        sw_sock_send_to(from, "b", 1, sw_test_at("127.0.0.1", 7));
    }
    sw_test_run(&world, 1000);
    char text[2];
    ck_assert_int_eq(sw_sock_recv(to, text, 1), 1);
    ck_assert_int_eq(sw_sock_recv(to, text, 1), -EAGAIN);
    sw_test_run(&world, 1500);
    for (unsigned i = 0; i < 40; i++) {
        ck_assert_int_eq(sw_sock_recv(to, text, 1), 1);
    }
    teardown();
}
END_TEST

START_TEST(it_is_bounded)
{
    setup();
    struct sw_sock *from = udp(8);
    unsigned sent = 0;
    while (sw_sock_send_to(from, "x", 1, sw_test_at("127.0.0.1", 7)) == 1) {
        sent++;
    }
    ck_assert_uint_eq(sent, 4096);
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_QUEUE_FULL), 1);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("loopback");
    TCase *tcase = tcase_create("loopback");
    tcase_add_loop_test(tcase, own_addresses_are_reached_round_the_loopback_1_us_later, 0, 3);
    tcase_add_test(tcase, a_loopback_source_never_goes_out);
    tcase_add_test(tcase, the_largest_datagram_is_not_fragmented_there);
    tcase_add_test(tcase, nobody_listening_is_told);
    tcase_add_test(tcase, frames_sent_at_different_times_arrive_at_different_times);
    tcase_add_test(tcase, it_is_bounded);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
