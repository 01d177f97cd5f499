/* How a user says what goes together and what does not: corks, more to come, records, and how much
 * may wait. */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

static void accepted(void)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, "<mss 1000>");
}

static int64_t write_with(size_t n, unsigned how)
{
    uint8_t bytes[20000];
    for (size_t i = 0; i < n; i++) {
        bytes[i] = lab_byte(true, lab.written + (uint32_t)i + 1);
    }
    const int64_t took = sw_sock_send_with(lab.sock, bytes, n, how);
    lab.written += took > 0 ? (uint32_t)took : 0;
    lab_run(&lab, lab_now(&lab));
    return took;
}

static void set(enum sw_sock_option option, int64_t value)
{
    int64_t got = -1;
    ck_assert_int_eq(sw_sock_set(lab.sock, option, value), 0);
    ck_assert_int_eq(sw_sock_get(lab.sock, option, &got), 0);
    ck_assert_int_eq(got, value);
    lab_run(&lab, lab_now(&lab));
}

START_TEST(a_cork_holds_what_fills_no_segment_until_it_is_drawn)
{
    accepted();
    set(SW_OPT_CORK, 1);
    ck_assert_int_eq(lab_write(&lab, 1400), 1400);
    lab_out(&lab, 0, ". 1:1001(1000) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 1001 win 65535"); /* nothing is out any more, and still */
    lab_quiet(&lab);
    set(SW_OPT_CORK, 0);
    lab_out(&lab, 0, "P. 1001:1401(400) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_cork_holds_no_longer_than_a_retransmission_would_wait)
{
    accepted();
    set(SW_OPT_CORK, 1);
    ck_assert_int_eq(lab_write(&lab, 400), 400);
    lab_run(&lab, 199 * SW_MS);
    lab_quiet(&lab);
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 200 * SW_MS, "P. 1:401(400) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(no_delay_lets_go_what_a_cork_holds_and_leaves_the_cork)
{
    accepted();
    set(SW_OPT_CORK, 1);
    ck_assert_int_eq(lab_write(&lab, 400), 400);
    set(SW_OPT_NODELAY, 1);
    lab_out(&lab, 0, "P. 1:401(400) ack 1 win 60000");
    ck_assert_int_eq(lab_write(&lab, 400), 400);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_fin_takes_along_what_a_cork_holds)
{
    accepted();
    set(SW_OPT_CORK, 1);
    ck_assert_int_eq(lab_write(&lab, 400), 400);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "FP. 1:401(400) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(more_holds_this_once_and_takes_psh_away)
{
    accepted();
    set(SW_OPT_NODELAY, 1);
    ck_assert_int_eq(write_with(1100, SW_SEND_MORE), 1100);
    lab_out(&lab, 0, ". 1:1001(1000) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 1001 win 65535");
    lab_out(&lab, 0, ". 1001:1101(100) ack 1 win 60000");
    ck_assert_int_eq(write_with(100, SW_SEND_MORE), 100);
    lab_quiet(&lab);
    ck_assert_int_eq(write_with(100, 0), 100);
    lab_out(&lab, 0, "P. 1101:1301(200) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(no_segment_goes_across_the_end_of_a_record)
{
    accepted();
    set(SW_OPT_CORK, 1);
    ck_assert_int_eq(write_with(300, SW_SEND_RECORD), 300);
    ck_assert_int_eq(write_with(400, SW_SEND_RECORD), 400);
    ck_assert_int_eq(write_with(1300, 0), 1300);
    lab_out(&lab, 0, "P. 1:301(300) ack 1 win 60000"); /* what is not the last waits for nothing */
    lab_out(&lab, 0, "P. 301:701(400) ack 1 win 60000");
    lab_out(&lab, 0, ". 701:1701(1000) ack 1 win 60000");
    set(SW_OPT_CORK, 0);
    lab_in(&lab, ". 1:1(0) ack 1701 win 65535");
    lab_out(&lab, 0, "P. 1701:2001(300) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(nor_when_it_is_sent_again)
{
    accepted();
    set(SW_OPT_NODELAY, 1);
    ck_assert_int_eq(write_with(300, SW_SEND_RECORD), 300);
    ck_assert_int_eq(write_with(400, 0), 400);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 200 * SW_MS, "P. 1:301(300) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 301 win 65535");
    lab_out(&lab, 200 * SW_MS, "P. 301:701(400) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(nor_by_a_question_to_a_small_window)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 0, "<mss 1000>");
    ck_assert_int_eq(write_with(300, SW_SEND_RECORD), 300);
    ck_assert_int_eq(write_with(5000, 0), 5000);
    lab_in(&lab, ". 1:1(0) ack 1 win 500");
    lab_out(&lab, 0, "P. 1:301(300) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(the_4097th_record_waits_for_an_acknowledgement)
{
    accepted();
    set(SW_OPT_CORK, 1);
    for (unsigned i = 0; i < 4096; i++) {
        ck_assert_int_eq(write_with(1, SW_SEND_RECORD), 1);
    }
    ck_assert_int_eq(write_with(1, SW_SEND_RECORD), -EAGAIN);
    ck_assert_int_eq(write_with(1, 0), 1);
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 11 win 65535");
    lab_forget(&lab);
    lab_events(&lab, "W");
    ck_assert_int_eq(write_with(1, SW_SEND_RECORD), 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_low_bound_takes_a_burst_and_calls_when_half_of_it_is_unsent)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 32000, "<mss 1000>");
    set(SW_OPT_UNSENT_LOW, 4000);
    ck_assert_int_eq(write_with(20000, 0), 16000); /* half of the window, in full segments */
    ck_assert_uint_eq(lab_forget(&lab), 10);
    ck_assert_int_eq(write_with(20000, 0), 10000); /* which may be filled up */
    ck_assert_int_eq(write_with(20000, 0), -EAGAIN);
    for (unsigned i = 0; i < 6; i++) {
        char in[64];
        snprintf(in, sizeof(in), ". 1:1(0) ack %u win 32000", i * 1000 + 1001);
        lab_in(&lab, in);
        ck_assert_uint_eq(lab_forget(&lab), 2);
    }
    lab_events(&lab, "");
    lab_in(&lab, ". 1:1(0) ack 7001 win 32000"); /* 2,000 are left */
    ck_assert_uint_eq(lab_forget(&lab), 2);
    lab_events(&lab, "W");
    lab_fini(&lab);
}
END_TEST

START_TEST(what_is_out_of_range_is_refused)
{
    accepted();
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_CORK, 2), -EINVAL);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_UNSENT_LOW, 0), -EINVAL);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_UNSENT_LOW, (64 << 20) + 1), -EINVAL);
    ck_assert_int_eq(sw_sock_send_with(lab.sock, "x", 1, 4), -EINVAL);
    struct sw_sock *udp;
    ck_assert_int_eq(sw_sock_open(&udp, lab.host, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_send_with(udp, "x", 1, SW_SEND_MORE), -EINVAL);
    ck_assert_int_eq(sw_sock_set(udp, SW_OPT_CORK, 1), -EINVAL);
    sw_sock_close(udp);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_write");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_cork_holds_what_fills_no_segment_until_it_is_drawn);
    tcase_add_test(tc, a_cork_holds_no_longer_than_a_retransmission_would_wait);
    tcase_add_test(tc, no_delay_lets_go_what_a_cork_holds_and_leaves_the_cork);
    tcase_add_test(tc, a_fin_takes_along_what_a_cork_holds);
    tcase_add_test(tc, more_holds_this_once_and_takes_psh_away);
    tcase_add_test(tc, no_segment_goes_across_the_end_of_a_record);
    tcase_add_test(tc, nor_when_it_is_sent_again);
    tcase_add_test(tc, nor_by_a_question_to_a_small_window);
    tcase_add_test(tc, the_4097th_record_waits_for_an_acknowledgement);
    tcase_add_test(tc, a_low_bound_takes_a_burst_and_calls_when_half_of_it_is_unsent);
    tcase_add_test(tc, what_is_out_of_range_is_refused);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
