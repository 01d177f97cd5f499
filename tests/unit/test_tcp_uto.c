/* The user timeout that two ends tell each other (RFC 5482), and what it has to do with
 * keep-alive. */
#include <check.h>
#include <errno.h>

#include "stack/tcp_uto.h"
#include "tests/support/stack_tcp.h"

static struct lab lab;

static sw_time user_timeout(void)
{
    int64_t value = 0;
    ck_assert_int_eq(sw_sock_get(lab.sock, SW_OPT_USER_TIMEOUT, &value), 0);
    return value;
}

START_TEST(seconds_as_long_as_they_fit_then_minutes__rfc5482_3_3)
{
    ck_assert_uint_eq(sw_tcp_uto_put(1), 1); /* never 0 */
    ck_assert_uint_eq(sw_tcp_uto_put(300 * SW_S), 300);
    ck_assert_uint_eq(sw_tcp_uto_put(32767 * SW_S), 32767);
    ck_assert_uint_eq(sw_tcp_uto_put(32767 * SW_S + 1), 0x8000 + 547);
    ck_assert_uint_eq(sw_tcp_uto_put(36000 * SW_S), 0x8000 + 600);
    ck_assert_uint_eq(sw_tcp_uto_put(36000 * SW_S + 1), 0x8000 + 601);
    ck_assert_uint_eq(sw_tcp_uto_put(32767 * 60 * SW_S), 0xffff);
    ck_assert_uint_eq(sw_tcp_uto_put(100000 * 60 * SW_S), 0xffff);
    ck_assert_int_eq(sw_tcp_uto_get(300), 300 * SW_S);
    ck_assert_int_eq(sw_tcp_uto_get(301), 301 * SW_S);
    ck_assert_int_eq(sw_tcp_uto_get(0x8000 + 7), 7 * 60 * SW_S);
    ck_assert_int_eq(sw_tcp_uto_get(0), 0); /* reserved: nothing is said */
    ck_assert_int_eq(sw_tcp_uto_get(0x8000), 0);
}
END_TEST

START_TEST(the_longer_one_is_agreed_to_within_limits__rfc5482_3_1)
{
    ck_assert_int_eq(sw_tcp_uto_adopt(300 * SW_S, 200 * SW_S, SW_S), 300 * SW_S);
    ck_assert_int_eq(sw_tcp_uto_adopt(300 * SW_S, 400 * SW_S, SW_S), 400 * SW_S);
    ck_assert_int_eq(sw_tcp_uto_adopt(30 * SW_S, 40 * SW_S, SW_S), 100 * SW_S); /* L_LIMIT */
    ck_assert_int_eq(sw_tcp_uto_adopt(30 * SW_S, 40 * SW_S, 120 * SW_S), 121 * SW_S);
    ck_assert_int_eq(sw_tcp_uto_adopt(30 * SW_S, 7200 * SW_S, SW_S), 3600 * SW_S); /* U_LIMIT */
}
END_TEST

static void connected_telling(void)
{
    lab_init(&lab, NULL);
    ck_assert_int_eq(sw_sock_open(&lab.sock, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_USER_TIMEOUT_TELL, 1), 0);
    const struct sw_endpoint to = {.ip = sw_ip_v4(0x0a000002), .port = LAB_PEER_PORT};
    ck_assert_int_eq(sw_sock_connect(lab.sock, to), 0);
    lab_run(&lab, 0);
}

START_TEST(it_is_told_in_the_syn_in_the_next_and_when_it_changes__rfc5482_3)
{
    connected_telling();
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460,uto 300>");
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460,uto 600>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <uto 300>");
    ck_assert_int_eq(user_timeout(), 600 * SW_S);
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 0, "P. 1:11(10) ack 1 win 60000"); /* once is enough */
    lab_in(&lab, ". 1:1(0) ack 11 win 65535");
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_USER_TIMEOUT, 1000 * SW_S), 0);
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 0, "P. 11:21(10) ack 1 win 60000 <uto 1000>");
    lab_in(&lab, ". 1:1(0) ack 21 win 65535 <uto 2000>"); /* what the user says stays */
    ck_assert_int_eq(user_timeout(), 1000 * SW_S);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_listeners_connections_tell_it_too)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    ck_assert_int_eq(sw_sock_set(lab.listener, SW_OPT_USER_TIMEOUT_TELL, 1), 0);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460,uto 32779>"); /* 11 minutes */
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460,uto 300>");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    ck_assert_int_eq(user_timeout(), 660 * SW_S);
    ck_assert_int_eq(lab_write(&lab, 3000), 3000);
    lab_out(&lab, 0, ". 1:1461(1460) ack 1 win 60000"); /* no room for it: later */
    lab_out(&lab, 0, ". 1461:2921(1460) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 2921 win 65535");
    lab_out(&lab, 0, "P. 2921:3001(80) ack 1 win 60000 <uto 300>");
    lab_in(&lab, ". 1:1(0) ack 3001 win 65535 <uto 0>"); /* a reserved value */
    ck_assert_int_eq(user_timeout(), 660 * SW_S);
    lab_fini(&lab);
}
END_TEST

START_TEST(it_is_told_where_four_bytes_are_left_of_a_segment__rfc5482_3)
{
    connected_telling();
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460,uto 300>");
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460,uto 600>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <uto 300>");
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_USER_TIMEOUT, 1000 * SW_S), 0);
    ck_assert_int_eq(lab_write(&lab, 1457), 1457);
    lab_out(&lab, 0, "P. 1:1458(1457) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 1458 win 65535");
    ck_assert_int_eq(lab_write(&lab, 1456), 1456);
    lab_out(&lab, 0, "P. 1458:2914(1456) ack 1 win 60000 <uto 1000>");
    lab_in(&lab, ". 1:1(0) ack 2914 win 65535");
    lab_fini(&lab);
}
END_TEST

START_TEST(who_did_not_ask_for_it_neither_tells_nor_heeds__rfc5482_3)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460,uto 900>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    ck_assert_int_eq(user_timeout(), 0);
    lab_fini(&lab);
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, "<mss 1460,uto 900>");
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <uto 900>");
    ck_assert_int_eq(user_timeout(), 0);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

/* What it acknowledges was never sent: it is not the peer's. */
START_TEST(a_forged_one_is_not_heard)
{
    connected_telling();
    lab_forget(&lab);
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460,uto 600>");
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 999 win 65535 <uto 3000>");
    ck_assert_int_eq(user_timeout(), 600 * SW_S);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_was_agreed_to_ends_the_connection)
{
    connected_telling();
    lab_forget(&lab);
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460,uto 310>");
    lab_forget(&lab);
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_run(&lab, 310 * SW_S - 1);
    ck_assert_str_eq(lab_info(&lab).state, "ESTABLISHED");
    lab_run(&lab, 310 * SW_S);
    ck_assert_int_eq(sw_sock_error(lab.sock), -ETIMEDOUT);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(keepalive_begins_behind_it__rfc5482_4_2)
{
    connected_telling();
    lab_forget(&lab);
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460,uto 600>");
    lab_forget(&lab);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_KEEPALIVE_IDLE, 10 * SW_S), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_KEEPALIVE, 1), 0);
    lab_run(&lab, 601 * SW_S - 1);
    lab_quiet(&lab);
    lab_run(&lab, 601 * SW_S);
    lab_out(&lab, 601 * SW_S, ". 0:0(0) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

/* Probes at 10, 15, 20 s; at 25 s nothing was heard for 22 s. */
START_TEST(a_user_timeout_takes_the_place_of_the_count_of_probes)
{
    lab_init(&lab, NULL);
    lab_connected(&lab, 65535);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_KEEPALIVE_IDLE, 10 * SW_S), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_KEEPALIVE_INTERVAL, 5 * SW_S), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_USER_TIMEOUT, 22 * SW_S), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_KEEPALIVE, 1), 0);
    lab_run(&lab, 25 * SW_S - 1);
    lab_out(&lab, 10 * SW_S, ". 0:0(0) ack 1 win 60000");
    lab_out(&lab, 15 * SW_S, ". 0:0(0) ack 1 win 60000");
    lab_out(&lab, 20 * SW_S, ". 0:0(0) ack 1 win 60000");
    lab_run(&lab, 25 * SW_S);
    lab_out(&lab, 25 * SW_S, "R. 1:1(0) ack 1 win 60000");
    ck_assert_int_eq(sw_sock_error(lab.sock), -ETIMEDOUT);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_uto");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, seconds_as_long_as_they_fit_then_minutes__rfc5482_3_3);
    tcase_add_test(tc, the_longer_one_is_agreed_to_within_limits__rfc5482_3_1);
    tcase_add_test(tc, it_is_told_in_the_syn_in_the_next_and_when_it_changes__rfc5482_3);
    tcase_add_test(tc, a_listeners_connections_tell_it_too);
    tcase_add_test(tc, it_is_told_where_four_bytes_are_left_of_a_segment__rfc5482_3);
    tcase_add_test(tc, who_did_not_ask_for_it_neither_tells_nor_heeds__rfc5482_3);
    tcase_add_test(tc, a_forged_one_is_not_heard);
    tcase_add_test(tc, what_was_agreed_to_ends_the_connection);
    tcase_add_test(tc, keepalive_begins_behind_it__rfc5482_4_2);
    tcase_add_test(tc, a_user_timeout_takes_the_place_of_the_count_of_probes);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
