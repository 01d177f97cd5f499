/* Ping sockets (stack/ping.c), between two hosts on a cable with a delay of 1 ms: a is 10.0.0.1/24,
 * b is 10.0.0.2/24. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stack/wire/icmp.h"
#include "tests/support/stack_station.h"

static struct sw_test_env world;
static struct sw_host *a, *b;
static struct sw_link link;
static struct sw_sock *ping;
static sw_time readable_at; /* the last time */
static unsigned errors;

static void tell(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    (void)user;
    if (event == SW_SOCK_READABLE) {
        readable_at = sw_clock_now(sw_host_env(sw_sock_host(sock))->clock);
    }
    errors += event == SW_SOCK_ERROR;
}

static void setup(void)
{
    sw_test_env_init(&world, 1);
    a = sw_test_host_named(&world, "a", false);
    b = sw_test_host_named(&world, "b", false);
    struct sw_nic *na = sw_test_nic(a, "eth0", 1, 0), *nb = sw_test_nic(b, "eth0", 2, 0);
    sw_test_address(na, "10.0.0.1/24", SW_ADDRESS_SILENT);
    sw_test_address(nb, "10.0.0.2/24", SW_ADDRESS_SILENT);
    const struct sw_lane_config lane = {.delay = SW_MS, .queue_frames = 1000};
    ck_assert_int_eq(sw_link_init(&link, &world.env, sw_nic_port(na), sw_nic_port(nb), "a>b", "b>a",
                                  &lane, &lane),
                     0);
    readable_at = -1;
    errors = 0;
    ck_assert_int_eq(sw_sock_open(&ping, a, SW_PING, tell, NULL), 0);
}

static void teardown(void)
{
    sw_link_fini(&link);
    sw_test_host_end(a);
    sw_test_host_end(b);
    sw_test_env_fini(&world);
}

START_TEST(a_ping_comes_back_with_its_sequence_number)
{
    setup();
    ck_assert_int_eq(sw_sock_connect(ping, sw_test_at("10.0.0.2", 0)), 0);
    ck_assert_int_eq(sw_sock_send(ping, "one", 3), 3);
    sw_test_run(&world, SW_S);
    ck_assert_int_eq(readable_at, 4 * SW_MS); /* ARP there and back, echo there and back */
    ck_assert_int_eq(sw_sock_send(ping, "three", 5), 5);
    sw_test_run(&world, 2 * SW_S);
    ck_assert_int_eq(readable_at, SW_S + 2 * SW_MS);
    char text[10] = {0};
    struct sw_endpoint from;
    ck_assert_int_eq(sw_sock_recv_from(ping, text, sizeof text, &from), 3);
    ck_assert_str_eq(text, "one");
    ck_assert_uint_eq(from.port, 1);
    ck_assert_uint_eq(sw_ip_v4_number(from.ip), sw_test_ip("10.0.0.2"));
    ck_assert_int_eq(sw_sock_recv_from(ping, text, sizeof text, &from), 5);
    ck_assert_uint_eq(from.port, 2);
    ck_assert_int_eq(sw_sock_recv(ping, text, sizeof text), -EAGAIN);
    teardown();
}
END_TEST

START_TEST(sizes_up_to_65507_come_back_whole)
{
    setup();
    static const size_t sizes[] = {0, 1, 56, 120, 121, 1472, 1473, 2952, 2953, 16384, 65000, 65507};
    uint8_t *text = malloc(65507), *back = malloc(65508);
    for (size_t i = 0; i < 65507; i++) {
        text[i] = (uint8_t)(i * 7 + i / 251);
    }
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int64_t n = (int64_t)sizes[i];
        ck_assert_int_eq(sw_sock_send_to(ping, text, sizes[i], sw_test_at("10.0.0.2", 0)), n);
        sw_test_run(&world, (i + 1) * SW_S);
        ck_assert_int_eq(sw_sock_recv(ping, back, 65508), n);
        ck_assert(sizes[i] == 0 || memcmp(text, back, sizes[i]) == 0);
    }
    ck_assert_int_eq(sw_sock_send_to(ping, text, 65508, sw_test_at("10.0.0.2", 0)), -EMSGSIZE);
    free(text);
    free(back);
    teardown();
}
END_TEST

START_TEST(sockets_are_told_apart_by_their_identifier)
{
    setup();
    struct sw_sock *other;
    ck_assert_int_eq(sw_sock_open(&other, a, SW_PING, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(other, (struct sw_endpoint){.port = 7}), 0);
    ck_assert_int_eq(sw_sock_bind(ping, (struct sw_endpoint){.port = 7}), -EADDRINUSE);
    ck_assert_int_eq(sw_sock_bind(ping, (struct sw_endpoint){.port = 8}), 0);
    ck_assert_int_eq(sw_sock_send_to(ping, "x", 1, sw_test_at("10.0.0.2", 0)), 1);
    sw_test_run(&world, SW_S);
    char text[4];
    ck_assert_int_eq(sw_sock_recv(other, text, sizeof text), -EAGAIN);
    ck_assert_int_eq(sw_sock_recv(ping, text, sizeof text), 1);
    struct sw_sock *udp; /* a UDP port is another number */
    ck_assert_int_eq(sw_sock_open(&udp, a, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(udp, (struct sw_endpoint){.port = 7}), 0);
    teardown();
}
END_TEST

START_TEST(a_ping_to_nobody_says_so_after_three_seconds)
{
    setup();
    ck_assert_int_eq(sw_sock_send_to(ping, "x", 1, sw_test_at("10.0.0.3", 0)), 1);
    sw_test_run(&world, 3 * SW_S - 1);
    ck_assert_uint_eq(errors, 0);
    sw_test_run(&world, 3 * SW_S);
    ck_assert_uint_eq(errors, 1);
    char text[4];
    ck_assert_int_eq(sw_sock_recv(ping, text, sizeof text), -EHOSTUNREACH);
    teardown();
}
END_TEST

START_TEST(a_reply_from_another_than_the_connected_is_not_taken)
{
    setup();
    sw_test_address(sw_host_nic(b, "eth0"), "10.0.0.9/24", SW_ADDRESS_SILENT);
    ck_assert_int_eq(sw_sock_bind(ping, (struct sw_endpoint){.port = 7}), 0);
    ck_assert_int_eq(sw_sock_send_to(ping, "x", 1, sw_test_at("10.0.0.9", 0)), 1);
    sw_test_run(&world, SW_MS);
    ck_assert_int_eq(sw_sock_connect(ping, sw_test_at("10.0.0.2", 0)), 0);
    sw_test_run(&world, SW_S);
    char text[4];
    ck_assert_int_eq(sw_sock_recv(ping, text, sizeof text), -EAGAIN);
    ck_assert_uint_eq(sw_test_dropped(a, SW_DROP_ICMP_NO_USER), 1);
    teardown();
}
END_TEST

START_TEST(replies_that_find_no_room_are_dropped)
{
    setup();
    ck_assert_int_eq(sw_sock_set(ping, SW_OPT_RECEIVE_BUFFER, 4096), 0);
    uint8_t text[1400] = {0};
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(sw_sock_send_to(ping, text, sizeof text, sw_test_at("10.0.0.2", 0)), 1400);
    }
    sw_test_run(&world, SW_S);
    ck_assert_uint_eq(sw_test_dropped(a, SW_DROP_UDP_QUEUE_FULL), 1);
    teardown();
}
END_TEST

START_TEST(a_ping_past_its_ttl_is_an_error)
{
    setup();
    struct sw_host *r = sw_test_host_named(&world, "r", true);
    struct sw_nic *left = sw_test_nic(r, "eth0", 3, 0), *right = sw_test_nic(r, "eth1", 4, 0);
    sw_test_address(left, "10.0.9.1/24", SW_ADDRESS_SILENT);
    sw_test_address(right, "10.0.8.1/24", SW_ADDRESS_SILENT);
    struct sw_nic *second = sw_test_nic(a, "eth1", 5, 0);
    sw_test_address(second, "10.0.9.2/24", SW_ADDRESS_SILENT);
    sw_test_route(a, "0.0.0.0/0", "10.0.9.1");
    struct sw_link cable;
    const struct sw_lane_config lane = {.delay = SW_MS, .queue_frames = 1000};
    ck_assert_int_eq(sw_link_init(&cable, &world.env, sw_nic_port(second), sw_nic_port(left), "a>r",
                                  "r>a", &lane, &lane),
                     0);
    ck_assert_int_eq(sw_sock_set(ping, SW_OPT_TTL, 1), 0);
    ck_assert_int_eq(sw_sock_send_to(ping, "x", 1, sw_test_at("10.0.8.77", 0)), 1);
    sw_test_run(&world, SW_S);
    ck_assert_uint_eq(errors, 1);
    ck_assert_int_eq(sw_sock_error(ping), -EHOSTUNREACH);
    sw_link_fini(&cable);
    sw_test_host_end(r);
    teardown();
}
END_TEST

/* A run of two hosts that end in the middle of things leaves nothing: the fixture checks. */
START_TEST(hosts_may_end_with_everything_on_its_way)
{
    setup();
    uint8_t *text = calloc(1, 60000);
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_int_eq(sw_sock_send_to(ping, text, 60000, sw_test_at("10.0.0.2", 0)), 60000);
        ck_assert_int_eq(sw_sock_send_to(ping, text, 60000, sw_test_at("10.0.0.7", 0)), 60000);
        ck_assert_int_eq(sw_sock_send_to(ping, text, 60000, sw_test_at("10.0.0.1", 0)), 60000);
    }
    free(text);
    sw_test_run(&world, 2 * SW_MS + SW_US);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ping");
    TCase *tcase = tcase_create("ping");
    tcase_add_test(tcase, a_ping_comes_back_with_its_sequence_number);
    tcase_add_test(tcase, sizes_up_to_65507_come_back_whole);
    tcase_add_test(tcase, sockets_are_told_apart_by_their_identifier);
    tcase_add_test(tcase, a_ping_to_nobody_says_so_after_three_seconds);
    tcase_add_test(tcase, a_reply_from_another_than_the_connected_is_not_taken);
    tcase_add_test(tcase, replies_that_find_no_room_are_dropped);
    tcase_add_test(tcase, a_ping_past_its_ttl_is_an_error);
    tcase_add_test(tcase, hosts_may_end_with_everything_on_its_way);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
