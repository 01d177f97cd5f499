/* What a host does under each profile where the standards leave a choice: as Linux does it (the
 * default), and as they recommend it. */
#include <check.h>
#include <stdio.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

static void accepted(bool as_linux, const char *options)
{
    const struct lab_config config = {.as_linux = as_linux, .sack = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, options);
}

/* ---- PSH ---- */

static void burst_held_back(bool as_linux, const char *last)
{
    accepted(as_linux, "<mss 1000>");
    ck_assert_int_eq(lab_write(&lab, 12500), 12500);
    for (unsigned i = 0; i < 9; i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), ". %u:%u(1000) ack 1 win 60000", i * 1000 + 1,
                       i * 1000 + 1001);
        lab_out(&lab, 0, text);
    }
    lab_out(&lab, 0, last);
    lab_fini(&lab);
}

START_TEST(linux_marks_the_end_of_a_burst_that_the_window_cuts_off)
{
    burst_held_back(true, "P. 9001:10001(1000) ack 1 win 60000");
}
END_TEST

START_TEST(rfc_marks_only_the_end_of_what_is_queued__must_61)
{
    burst_held_back(false, ". 9001:10001(1000) ack 1 win 60000");
}
END_TEST

START_TEST(linux_does_not_mark_one_segment_alone)
{
    accepted(true, "<mss 1000>");
    ck_assert_int_eq(lab_write(&lab, 12500), 12500);
    ck_assert_uint_eq(lab_forget(&lab), 10);
    lab_run(&lab, 10 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 10001 win 1500");
    lab_out(&lab, 10 * SW_MS, ". 10001:11001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(linux_marks_the_end_of_what_is_sent_again_too)
{
    accepted(true, "<mss 1000,sackOK>");
    ck_assert_int_eq(lab_write(&lab, 10000), 10000);
    ck_assert_uint_eq(lab_forget(&lab), 10);
    lab_run(&lab, SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 65535 <sack 2001-10001>");
    lab_out(&lab, SW_MS, ". 1:1001(1000) ack 1 win 60000");
    lab_out(&lab, SW_MS, "P. 1001:2001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

/* ---- acknowledgements ---- */

START_TEST(linux_acknowledges_the_first_16_segments_at_once)
{
    accepted(true, "<mss 1000>");
    char in[64], out[64];
    for (unsigned i = 0; i < 16; i++) {
        (void)snprintf(in, sizeof(in), ". %u:%u(100) ack 1 win 65535", i * 100 + 1, i * 100 + 101);
        (void)snprintf(out, sizeof(out), ". 1:1(0) ack %u win %u", i * 100 + 101, 59900 - i * 100);
        lab_in(&lab, in);
        lab_out(&lab, 0, out);
    }
    lab_in(&lab, ". 1601:1701(100) ack 1 win 65535");
    lab_quiet(&lab);
    lab_run(&lab, 40 * SW_MS);
    lab_out(&lab, 40 * SW_MS, ". 1:1(0) ack 1701 win 58300");
    lab_fini(&lab);
}
END_TEST

START_TEST(linux_acknowledges_text_that_comes_after_a_pause_at_once)
{
    const struct lab_config config = {.as_linux = true, .receive_buffer = 5000};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, NULL);
    for (unsigned i = 0; i < 3; i++) { /* 2 of them at once */
        char in[64];
        (void)snprintf(in, sizeof(in), ". %u:%u(100) ack 1 win 65535", i * 100 + 1, i * 100 + 101);
        lab_in(&lab, in);
    }
    ck_assert_uint_eq(lab_forget(&lab), 2);
    lab_run(&lab, 40 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_run(&lab, 500 * SW_MS);
    lab_in(&lab, ". 301:401(100) ack 1 win 65535");
    lab_out(&lab, 500 * SW_MS, ". 1:1(0) ack 401 win 4600");
    lab_fini(&lab);
}
END_TEST

START_TEST(linux_lets_an_answer_carry_the_acknowledgement_once_answers_are_seen)
{
    accepted(true, "<mss 1000>");
    lab_run(&lab, 5 * SW_MS);
    lab_in(&lab, "P. 1:101(100) ack 1 win 65535");
    lab_out(&lab, 5 * SW_MS, ". 1:1(0) ack 101 win 59900");
    ck_assert_int_eq(lab_write(&lab, 20), 20);
    lab_out(&lab, 5 * SW_MS, "P. 1:21(20) ack 101 win 59900");
    lab_run(&lab, 10 * SW_MS);
    lab_in(&lab, "P. 101:201(100) ack 21 win 65535");
    lab_quiet(&lab);
    ck_assert_int_eq(lab_write(&lab, 20), 20);
    lab_out(&lab, 10 * SW_MS, "P. 21:41(20) ack 201 win 59800");
    lab_in(&lab, "P. 201:301(100) ack 41 win 65535");
    lab_run(&lab, 50 * SW_MS);
    lab_out(&lab, 50 * SW_MS, ". 41:41(0) ack 301 win 59700"); /* ... until one fails to come */
    lab_in(&lab, "P. 301:401(100) ack 41 win 65535");
    lab_out(&lab, 50 * SW_MS, ". 41:41(0) ack 401 win 59600");
    lab_fini(&lab);
}
END_TEST

START_TEST(rfc_lets_the_first_segment_wait__rfc5681_4_2)
{
    accepted(false, "<mss 1000>");
    lab_in(&lab, "P. 1:101(100) ack 1 win 65535");
    lab_quiet(&lab);
    lab_run(&lab, 40 * SW_MS);
    lab_out(&lab, 40 * SW_MS, ". 1:1(0) ack 101 win 59900");
    lab_fini(&lab);
}
END_TEST

/* ---- the retransmission timeout ---- */

static void rto_after_100_ms(bool as_linux, sw_time rto)
{
    const struct lab_config config = {.as_linux = as_linux};
    lab_init(&lab, &config);
    lab_listen(&lab, 1);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1000>");
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_run(&lab, 100 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    for (unsigned i = 0; i < 30; i++) { /* the deviation fades away */
        char in[64];
        ck_assert_int_eq(lab_write(&lab, 100), 100);
        ck_assert_uint_eq(lab_forget(&lab), 1);
        lab_run(&lab, (i + 2) * 100 * SW_MS);
        (void)snprintf(in, sizeof(in), ". 1:1(0) ack %u win 65535", i * 100 + 101);
        lab_in(&lab, in);
    }
    ck_assert_int_eq(lab_info(&lab).srtt, 100 * SW_MS);
    ck_assert_int_eq(lab_info(&lab).rto, rto);
    lab_fini(&lab);
}

START_TEST(linux_waits_200_ms_beyond_the_round_trip)
{
    rto_after_100_ms(true, 300 * SW_MS);
}
END_TEST

START_TEST(rfc_waits_200_ms_in_all__rfc6298_2_3)
{
    rto_after_100_ms(false, 200 * SW_MS);
}
END_TEST

/* ---- loss ---- */

static void hole_in_a_flight(bool as_linux)
{
    accepted(as_linux, "<mss 1000,sackOK>");
    ck_assert_int_eq(lab_write(&lab, 10000), 10000);
    ck_assert_uint_eq(lab_forget(&lab), 10);
    lab_run(&lab, SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 65535 <sack 7001-8001>");
}

START_TEST(linux_sends_again_for_each_that_came_one_while_losses_are_found)
{
    hole_in_a_flight(true);
    lab_out(&lab, SW_MS, ". 1:1001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(rfc_sends_one_more__rfc6937_3)
{
    hole_in_a_flight(false);
    lab_out(&lab, SW_MS, ". 1:1001(1000) ack 1 win 60000");
    lab_out(&lab, SW_MS, ". 1001:2001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

/* ---- timestamps ---- */

static void without_the_agreed_timestamp(bool as_linux)
{
    const struct lab_config config = {.as_linux = as_linux, .timestamps = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1000,ts 700 0>");
    lab_in(&lab, ". 1:101(100) ack 1 win 65535");
}

START_TEST(linux_takes_a_segment_without_the_agreed_timestamp)
{
    without_the_agreed_timestamp(true);
    lab_out(&lab, 0, ". 1:1(0) ack 101 win 59900 <ts 0 700>");
    ck_assert_int_eq(lab_write(&lab, 100), 100);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_run(&lab, 10 * SW_MS);
    lab_in(&lab, ". 101:101(0) ack 101 win 65535"); /* it tells nothing of a round trip */
    ck_assert_int_le(lab_info(&lab).srtt, 10 * SW_MS);
    lab_fini(&lab);
}
END_TEST

START_TEST(rfc_drops_it__rfc7323_3_2)
{
    without_the_agreed_timestamp(false);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_PAWS), 1);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_profile");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, linux_marks_the_end_of_a_burst_that_the_window_cuts_off);
    tcase_add_test(tc, rfc_marks_only_the_end_of_what_is_queued__must_61);
    tcase_add_test(tc, linux_does_not_mark_one_segment_alone);
    tcase_add_test(tc, linux_marks_the_end_of_what_is_sent_again_too);
    tcase_add_test(tc, linux_acknowledges_the_first_16_segments_at_once);
    tcase_add_test(tc, linux_acknowledges_text_that_comes_after_a_pause_at_once);
    tcase_add_test(tc, linux_lets_an_answer_carry_the_acknowledgement_once_answers_are_seen);
    tcase_add_test(tc, rfc_lets_the_first_segment_wait__rfc5681_4_2);
    tcase_add_test(tc, linux_waits_200_ms_beyond_the_round_trip);
    tcase_add_test(tc, rfc_waits_200_ms_in_all__rfc6298_2_3);
    tcase_add_test(tc, linux_sends_again_for_each_that_came_one_while_losses_are_found);
    tcase_add_test(tc, rfc_sends_one_more__rfc6937_3);
    tcase_add_test(tc, linux_takes_a_segment_without_the_agreed_timestamp);
    tcase_add_test(tc, rfc_drops_it__rfc7323_3_2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
