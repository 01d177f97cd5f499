/* The ACK field (RFC 9293 3.10.7.4, fifth), and what it says about loss: RFC 5681 3.2, RFC 6582,
 * RFC 3042, RFC 6298 3. */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

/* Segments of 1,000. */
static void accepted(void)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, "<mss 1000>");
}

/* Expects the segments from `from` to `to`, said now. */
static void out_run(uint32_t from, uint32_t to)
{
    char line[100];
    for (; from < to; from += 1000) {
        /* MUST-61: PSH on the last that is queued. */
        const char *push = from + 1000 == lab.written + 1 ? "P" : "";
        snprintf(line, sizeof(line), "%s. %u:%u(1000) ack 1 win 60000", push, from, from + 1000);
        lab_out(&lab, lab_now(&lab), line);
    }
}

static void ack(uint32_t number)
{
    char line[100];
    snprintf(line, sizeof(line), ". 1:1(0) ack %u win 65535", number);
    lab_in(&lab, line);
}

/* ---- acceptable or not ---- */

START_TEST(without_ack_bit_nothing_is_taken__rfc9293_3_10_7_4)
{
    accepted();
    lab_in(&lab, "P 1:11(10) win 65535");
    lab_quiet(&lab);
    lab_events(&lab, "");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_NO_ACK), 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_ack_of_the_future_is_answered_and_its_text_dropped__rfc5961_5_2)
{
    accepted();
    lab_in(&lab, "P. 1:11(10) ack 2 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_events(&lab, "");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_ACK), 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_ack_of_long_ago_is_answered_and_its_text_dropped__rfc5961_5_2)
{
    accepted();
    lab_in(&lab, "P. 1:11(10) ack 4294901761 win 65535"); /* 1 - 65,536: one before the oldest */
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_events(&lab, "");
    lab_in(&lab, "P. 1:11(10) ack 4294901762 win 65535"); /* SND.UNA - MAX.SND.WND */
    lab_quiet(&lab);
    lab_events(&lab, "R");
    lab_fini(&lab);
}
END_TEST

START_TEST(an_old_ack_changes_nothing__rfc9293_3_10_7_4)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 3000), 3000);
    lab_forget(&lab);
    ack(2001);
    ack(1001);
    ck_assert_uint_eq(lab_info(&lab).flight_bytes, 1000);
    ck_assert_uint_eq(lab_info(&lab).bytes_acked, 2000);
    /* Not even the window, though its text, which is the latest, is taken. */
    lab_in(&lab, "P. 1:11(10) ack 2001 win 60000");
    lab_in(&lab, "P. 11:21(10) ack 1001 win 1000");
    ck_assert_uint_eq(lab_info(&lab).snd_wnd_bytes, 60000);
    ck_assert_uint_eq(lab_info(&lab).bytes_received, 20);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_later_segment_changes_the_window_an_earlier_one_does_not__rfc9293_3_10_7_4)
{
    accepted();
    lab_in(&lab, "P. 101:111(10) ack 1 win 0"); /* ahead of a hole: WL1 is 101 */
    lab_forget(&lab);
    ck_assert_int_eq(lab_write(&lab, 100), 100);
    lab_in(&lab, "P. 1:11(10) ack 1 win 5000"); /* sent before it: its window is old */
    lab_out(&lab, 0, ". 1:1(0) ack 11 win 59990");
    lab_quiet(&lab);
    lab_in(&lab, "P. 111:121(10) ack 1 win 5000");
    lab_out(&lab, 0, ". 1:1(0) ack 11 win 59990");
    lab_out(&lab, 0, "P. 1:101(100) ack 11 win 59990");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_segment_that_acknowledges_more_was_sent_later_whatever_its_number)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 2000, "<mss 1000>");
    lab_in(&lab, "P. 101:111(10) ack 1 win 2000"); /* WL1 is 101 */
    lab_forget(&lab);
    ck_assert_int_eq(lab_write(&lab, 5000), 5000);
    out_run(1, 2001);
    lab_in(&lab, "P. 1:101(100) ack 1001 win 1000"); /* sent again; the edge stays at 2001 */
    lab_out(&lab, 0, ". 2001:2001(0) ack 111 win 59890");
    lab_quiet(&lab);
    lab_in(&lab, ". 111:111(0) ack 2001 win 1000");
    lab_out(&lab, 0, ". 2001:3001(1000) ack 111 win 59890");
    ck_assert_int_eq(lab_read(&lab, 200), 110);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_peers_window_bounds_what_is_sent__rfc5681_3_1)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 2500, "<mss 1000>");
    ck_assert_int_eq(lab_write(&lab, 10000), 10000);
    out_run(1, 2001);
    lab_quiet(&lab); /* 500 more would be silly */
    lab_in(&lab, ". 1:1(0) ack 2001 win 2500");
    out_run(2001, 4001);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_window_that_shrinks_is_borne__must_34)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 8000), 8000);
    out_run(1, 8001);
    lab_in(&lab, ". 1:1(0) ack 1001 win 2000"); /* 5,000 that are under way lie beyond it now */
    ck_assert_int_eq(lab_write(&lab, 5000), 5000);
    lab_quiet(&lab);
    ack(8001);
    out_run(8001, 13001);
    lab_fini(&lab);
}
END_TEST

/* ---- congestion window ---- */

START_TEST(ten_segments_go_first_then_two_for_each_ack__rfc6928)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 60000), 60000);
    out_run(1, 10001);
    lab_quiet(&lab);
    ack(1001);
    out_run(10001, 12001);
    lab_quiet(&lab);
    ack(3001); /* two at once count for two: RFC 9406 4.2 */
    out_run(12001, 16001);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(limited_transmit_then_fast_retransmit_then_recovery__rfc5681_3_2)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 60000), 60000);
    out_run(1, 10001);
    /* The first of them is lost. */
    ack(1);
    out_run(10001, 11001); /* RFC 3042 */
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 10000);
    ack(1);
    out_run(11001, 12001);
    ack(1);
    out_run(1, 1001); /* the third: sent again */
    lab_quiet(&lab);
    /* FlightSize without what limited transmit sent: 10,000. */
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 8000);
    for (unsigned i = 0; i < 4; i++) {
        ack(1);
    }
    lab_quiet(&lab); /* 12,000 are out */
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 12000);
    ack(1);
    out_run(12001, 13001); /* 13,000: one may go */
    ack(12001);            /* all that was out when it began: the end of it */
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes,
                      2000); /* min(ssthresh, max(flight, SMSS) + SMSS) */
    out_run(13001, 14001);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(cubic_leaves_seven_tenths_after_three_duplicates__rfc9438_4_6)
{
    const struct lab_config config = {.cubic = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1000>");
    ck_assert_int_eq(lab_write(&lab, 10000), 10000);
    out_run(1, 10001);
    ack(1);
    ack(1);
    ack(1);
    out_run(1, 1001);
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 7000);
    ack(10001);
    ck_assert_uint_eq(lab_info(&lab).flight_bytes, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_partial_ack_sends_the_next_hole_again__rfc6582_3_2)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 10000), 10000);
    out_run(1, 10001); /* the first and the fifth are lost */
    ack(1);
    ack(1);
    ack(1);
    out_run(1, 1001);
    lab_run(&lab, 100 * SW_MS);
    ack(4001);
    out_run(4001, 5001);
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 5000); /* 5,000 + 3,000 - 4,000 + 1,000 */
    ack(10001);
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).flight_bytes, 0);
    ck_assert_uint_eq(lab_info(&lab).retransmits, 2);
    lab_fini(&lab);
}
END_TEST

/* In recovery each of the late duplicates would let something go. */
START_TEST(a_timeout_ends_recovery__rfc6582_3_2)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 20000), 20000);
    out_run(1, 10001);
    ack(1);
    ack(1);
    out_run(10001, 12001); /* limited transmit */
    ack(1);
    out_run(1, 1001);
    lab_run(&lab, 200 * SW_MS);
    out_run(1, 1001);
    for (unsigned i = 0; i < 9; i++) {
        ack(1);
    }
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 1000);
    lab_quiet(&lab);
    ack(1001);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 2000); /* slow start, and no partial answer */
    out_run(1001, 3001);
    lab_fini(&lab);
}
END_TEST

START_TEST(duplicates_of_what_a_timeout_sent_again_start_nothing__rfc6582_3_2)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 10000), 10000);
    out_run(1, 10001);
    lab_run(&lab, 200 * SW_MS); /* the timeout: 200 ms */
    out_run(1, 1001);
    for (unsigned i = 0; i < 5; i++) {
        ack(1); /* of the first sending, late */
    }
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 1000);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_changed_window_or_text_makes_no_duplicate__rfc5681_2)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 5000), 5000);
    out_run(1, 5001);
    lab_in(&lab, ". 1:1(0) ack 1 win 60001");
    lab_in(&lab, ". 1:1(0) ack 1 win 60002");
    lab_in(&lab, ". 1:1(0) ack 1 win 60003");
    lab_in(&lab, ". 1:1(0) ack 1 win 60004");
    lab_in(&lab, "P. 1:11(10) ack 1 win 60004");
    lab_in(&lab, "P. 11:21(10) ack 1 win 60004");
    lab_out(&lab, 0, ". 5001:5001(0) ack 21 win 59980");
    lab_in(&lab, "P. 21:31(10) ack 1 win 60004");
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).retransmits, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(without_flight_there_are_no_duplicates)
{
    accepted();
    for (unsigned i = 0; i < 5; i++) {
        ack(1);
    }
    ck_assert_int_eq(lab_write(&lab, 2000), 2000);
    out_run(1, 2001);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

/* ---- round trips ---- */

START_TEST(one_segment_of_a_flight_is_timed__rfc6298_3)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 2000), 2000);
    lab_forget(&lab);
    /* The handshake took no time: that was the first sample. */
    lab_run(&lab, 150 * SW_MS);
    ack(2001);
    ck_assert_int_eq(lab_info(&lab).srtt, 18750000); /* 1/8 of 150 ms */
    lab_fini(&lab);
}
END_TEST

START_TEST(every_flight_is_timed__rfc6298_3)
{
    accepted();
    sw_time srtt = 0; /* of the handshake */
    for (uint32_t i = 1; i <= 10; i++) {
        ck_assert_int_eq(lab_write(&lab, 3000), 3000);
        lab_forget(&lab);
        lab_run(&lab, lab_now(&lab) + 80 * SW_MS);
        ack(1 + 3000 * i);
        srtt += (80 * SW_MS - srtt) / 8;
        ck_assert_int_eq(lab_info(&lab).srtt, srtt);
    }
    lab_fini(&lab);
}
END_TEST

START_TEST(what_was_sent_twice_is_not_timed__rfc6298_3_karn)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_forget(&lab);
    lab_run(&lab, 250 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_run(&lab, 300 * SW_MS);
    ack(1001);
    ck_assert_int_eq(lab_info(&lab).srtt, 0);
    ck_assert_int_eq(lab_info(&lab).rto, 400000000); /* backed off until there is a sample */
    lab_fini(&lab);
}
END_TEST

START_TEST(nor_what_a_fast_retransmit_sent_twice__rfc6298_3_karn)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 5000), 5000);
    out_run(1, 5001); /* the first is timed, and lost */
    ack(1);
    ack(1);
    ack(1);
    out_run(1, 1001);
    lab_run(&lab, 100 * SW_MS);
    ack(5001);
    ck_assert_int_eq(lab_info(&lab).srtt, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(timestamps_time_it_all_the_same__rfc7323_4_1)
{
    const struct lab_config config = {.timestamps = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1012,ts 1 0>");
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_forget(&lab);
    lab_run(&lab, 250 * SW_MS);
    lab_out(&lab, 200 * SW_MS, "P. 1:1001(1000) ack 1 win 60000 <ts 200 1>");
    lab_in(&lab, ". 1:1(0) ack 1001 win 65535 <ts 2 200>"); /* the second sending: 50 ms */
    ck_assert_int_eq(lab_info(&lab).srtt, 6250000);
    ck_assert_int_eq(lab_info(&lab).rto, 200000000);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_ack_of_nothing_new_measures_nothing__rfc7323_4_1)
{
    const struct lab_config config = {.timestamps = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1012,ts 1 0>");
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_run(&lab, 250 * SW_MS); /* and sent again at 200: only timestamps can tell now */
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 1 win 65535 <ts 2 0>");    /* a duplicate */
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <ts 3 0>"); /* the peer's own text */
    ck_assert_int_eq(lab_info(&lab).srtt, 0);
    lab_in(&lab, ". 11:11(0) ack 1001 win 65535 <ts 4 200>");
    ck_assert_int_eq(lab_info(&lab).srtt, 6250000);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_echo_of_what_was_never_sent_is_no_measurement)
{
    const struct lab_config config = {.timestamps = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1012,ts 1 0>");
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_run(&lab, 250 * SW_MS);
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 1001 win 65535 <ts 2 4294960000>"); /* 7 s before the beginning */
    ck_assert_int_eq(lab_info(&lab).srtt, 0);
    lab_fini(&lab);
}
END_TEST

/* ---- writers ---- */

START_TEST(a_writer_is_told_when_half_of_his_room_is_free)
{
    const struct lab_config config = {.send_buffer = 8192};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1000>");
    ck_assert_int_eq(lab_write(&lab, 10000), 8192);
    ck_assert_int_eq(lab_write(&lab, 1), -EAGAIN);
    lab_forget(&lab);
    ack(1001);
    ack(4001);
    lab_events(&lab, "");
    ack(5001);
    lab_events(&lab, "W");
    ack(6001);
    lab_events(&lab, ""); /* once */
    lab_fini(&lab);
}
END_TEST

START_TEST(no_more_than_128_kib_wait_unsent)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 500000), 131072); /* nothing was sent when it was asked */
    out_run(1, 10001);
    ck_assert_int_eq(lab_write(&lab, 500000), 10000); /* as much as has been sent since */
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_ack");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, without_ack_bit_nothing_is_taken__rfc9293_3_10_7_4);
    tcase_add_test(tc, an_ack_of_the_future_is_answered_and_its_text_dropped__rfc5961_5_2);
    tcase_add_test(tc, an_ack_of_long_ago_is_answered_and_its_text_dropped__rfc5961_5_2);
    tcase_add_test(tc, an_old_ack_changes_nothing__rfc9293_3_10_7_4);
    tcase_add_test(tc,
                   a_later_segment_changes_the_window_an_earlier_one_does_not__rfc9293_3_10_7_4);
    tcase_add_test(tc, a_segment_that_acknowledges_more_was_sent_later_whatever_its_number);
    tcase_add_test(tc, the_peers_window_bounds_what_is_sent__rfc5681_3_1);
    tcase_add_test(tc, a_window_that_shrinks_is_borne__must_34);
    tcase_add_test(tc, ten_segments_go_first_then_two_for_each_ack__rfc6928);
    tcase_add_test(tc, limited_transmit_then_fast_retransmit_then_recovery__rfc5681_3_2);
    tcase_add_test(tc, cubic_leaves_seven_tenths_after_three_duplicates__rfc9438_4_6);
    tcase_add_test(tc, a_partial_ack_sends_the_next_hole_again__rfc6582_3_2);
    tcase_add_test(tc, a_timeout_ends_recovery__rfc6582_3_2);
    tcase_add_test(tc, duplicates_of_what_a_timeout_sent_again_start_nothing__rfc6582_3_2);
    tcase_add_test(tc, a_changed_window_or_text_makes_no_duplicate__rfc5681_2);
    tcase_add_test(tc, without_flight_there_are_no_duplicates);
    tcase_add_test(tc, one_segment_of_a_flight_is_timed__rfc6298_3);
    tcase_add_test(tc, every_flight_is_timed__rfc6298_3);
    tcase_add_test(tc, what_was_sent_twice_is_not_timed__rfc6298_3_karn);
    tcase_add_test(tc, nor_what_a_fast_retransmit_sent_twice__rfc6298_3_karn);
    tcase_add_test(tc, timestamps_time_it_all_the_same__rfc7323_4_1);
    tcase_add_test(tc, an_ack_of_nothing_new_measures_nothing__rfc7323_4_1);
    tcase_add_test(tc, an_echo_of_what_was_never_sent_is_no_measurement);
    tcase_add_test(tc, a_writer_is_told_when_half_of_his_room_is_free);
    tcase_add_test(tc, no_more_than_128_kib_wait_unsent);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
