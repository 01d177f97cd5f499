/* RFC 9438 in literal bytes; segments of 1,000, so that 0.4 segments are 400 bytes. The tests of
 * curves acknowledge a whole window at once, after which the window is where the curve is. */
#include <check.h>

#include "stack/tcp_bbr.h"
#include "stack/tcp_cc_cubic.h"
#include "stack/tcp_cc_newreno.h"

static struct sw_tcp_cc cc;

static void begin(void)
{
    cc = (struct sw_tcp_cc){.ops = &sw_tcp_cc_cubic, .mss_bytes = 1000};
    cc.ops->begin(&cc, false);
}

/* With a window that is used, and a round trip so short that the curve is the same after it. */
static void ack(sw_time now, uint32_t acked)
{
    const struct sw_tcp_cc_ack a = {
        .now = now, .rtt = -1, .acked_bytes = acked, .flight_bytes = cc.cwnd};
    cc.ops->ack(&cc, &a);
}

/* A loss at `window`, all of it in flight, mended; the next acknowledgement begins a stage with
 * seven tenths of it. */
static void lost_at(uint32_t window)
{
    begin();
    cc.cwnd = window;
    cc.ops->enter(&cc, window, 0);
    cc.ops->leave(&cc, window);
}

START_TEST(a_loss_leaves_seven_tenths_of_the_flight__rfc9438_4_6)
{
    begin();
    cc.cwnd = 100000;
    cc.ops->enter(&cc, 90000, 0); /* of the flight, not of cwnd */
    ck_assert_uint_eq(cc.ssthresh, 63000);
    ck_assert_uint_eq(cc.cwnd, 66000); /* and the three that have left the network */
    cc.ops->leave(&cc, 63000);
    ck_assert_uint_eq(cc.cwnd, 63000);
    begin();
    cc.ops->enter(&cc, 1000000000, 0); /* no product overflows */
    ck_assert_uint_eq(cc.ssthresh, 700000000);
}
END_TEST

START_TEST(ssthresh_is_never_below_2_segments__rfc9438_4_6)
{
    begin();
    cc.ops->enter(&cc, 2500, 0);
    ck_assert_uint_eq(cc.ssthresh, 2000);
    cc.ops->timeout(&cc, 1000, false, 0);
    ck_assert_uint_eq(cc.ssthresh, 2000);
}
END_TEST

START_TEST(what_a_loss_did_that_was_none_is_undone__rfc9438_4_9)
{
    for (unsigned timeout = 0; timeout < 2; timeout++) {
        lost_at(100000);
        ack(SW_S, 70000); /* a stage has begun */
        ack(2 * SW_S, 70000);
        const struct sw_tcp_cc before = cc;
        ck_assert_int_ne(before.own.cubic.past_k_us, 0);
        if (timeout == 1) {
            cc.ops->timeout(&cc, cc.cwnd, false, 2 * SW_S);
        } else {
            cc.ops->enter(&cc, cc.cwnd, 2 * SW_S);
        }
        ck_assert_uint_ne(cc.own.cubic.w_max, before.own.cubic.w_max);
        cc.ops->undo(&cc, &before);
        ck_assert_uint_eq(cc.cwnd, before.cwnd);
        ck_assert_uint_eq(cc.ssthresh, before.ssthresh);
        ck_assert(!cc.recovering);
        ck_assert_uint_eq(cc.own.cubic.w_max, before.own.cubic.w_max);
        ck_assert_uint_eq(cc.own.cubic.w_est, before.own.cubic.w_est);
        ck_assert_uint_eq(cc.own.cubic.cwnd_prior, before.own.cubic.cwnd_prior);
        ck_assert_int_eq(cc.own.cubic.past_k_us, before.own.cubic.past_k_us);
    }
}
END_TEST

START_TEST(a_window_that_has_grown_meanwhile_stays__rfc4015_3_4)
{
    begin();
    cc.cwnd = 10000;
    const struct sw_tcp_cc before = cc;
    cc.ops->enter(&cc, 10000, 0);
    cc.ops->leave(&cc, 10000);
    cc.cwnd = 12000;
    cc.mss_bytes = 500;
    cc.ops->undo(&cc, &before);
    ck_assert_uint_eq(cc.cwnd, 12000);
    ck_assert_uint_eq(cc.ssthresh, before.ssthresh);
    ck_assert_uint_eq(cc.mss_bytes, 500);
}
END_TEST

START_TEST(k_is_how_long_the_window_takes_to_come_back__rfc9438_4_2)
{
    lost_at(100000);
    ck_assert_uint_eq(cc.cwnd, 70000);
    ack(SW_S, 1000);
    ck_assert_uint_eq(cc.own.cubic.w_max, 100000);
    ck_assert_int_eq(cc.own.cubic.past_k_us, -4216796); /* cbrt(30 / 0.4) = 4.217 s */
    lost_at(1u << 30);
    ack(SW_S, 1000);
    ck_assert_int_eq(cc.own.cubic.past_k_us, -93036132); /* cbrt(322,123 / 0.4) = 93.037 s */
}
END_TEST

START_TEST(a_stage_begins_with_the_window_as_it_is_to_the_byte__rfc9438_4_3)
{
    lost_at(100000);
    cc.own.cubic.est_rest = 69999; /* of the stage before */
    ack(SW_S, 1);
    ck_assert_uint_eq(cc.own.cubic.w_est, 70000);
    ck_assert_uint_eq(cc.own.cubic.est_rest, 529); /* 9/17 of a segment's thousandth */
}
END_TEST

START_TEST(below_w_max_the_curve_is_concave__rfc9438_4_4)
{
    lost_at(100000);
    ack(SW_S, 1000);
    ack(2 * SW_S, cc.cwnd);
    ck_assert_uint_eq(cc.cwnd, 86698); /* 100 - 0.4 * 3.217^3 */
    ack(4 * SW_S, cc.cwnd);
    ck_assert_uint_eq(cc.cwnd, 99282); /* 100 - 0.4 * 1.217^3 */
    ack(5 * SW_S + 217 * SW_MS, cc.cwnd);
    ck_assert_uint_eq(cc.cwnd, 100000); /* K has passed */
}
END_TEST

START_TEST(above_w_max_the_curve_is_convex__rfc9438_4_5)
{
    lost_at(100000);
    ack(0, 1000);
    ack(4217 * SW_MS, cc.cwnd);
    ack(6217 * SW_MS, cc.cwnd);
    ck_assert_uint_eq(cc.cwnd, 103200); /* 100 + 0.4 * 2^3 */
    ack(8217 * SW_MS, cc.cwnd);
    ck_assert_uint_eq(cc.cwnd, 125600); /* 100 + 0.4 * 4^3 */
}
END_TEST

START_TEST(the_curve_is_met_a_round_trip_ahead__rfc9438_4_2)
{
    lost_at(100000);
    ack(SW_S, 1000);
    const struct sw_tcp_cc_ack a = {.now = SW_S + 500 * SW_MS,
                                    .srtt = 500 * SW_MS,
                                    .acked_bytes = 70000,
                                    .flight_bytes = 70000};
    cc.ops->ack(&cc, &a);
    ck_assert_uint_eq(cc.cwnd, 86698); /* as after 1 s */
}
END_TEST

START_TEST(each_ack_brings_its_share_of_the_way__rfc9438_4_4)
{
    lost_at(100000);
    ack(SW_S, 1000);
    ack(2 * SW_S, 1000);
    ck_assert_uint_eq(cc.cwnd, 70238); /* (86,698 - 70,000) * 1,000 / 70,000 */
    ack(2 * SW_S, 10);
    ack(2 * SW_S, 10);
    ck_assert_uint_eq(cc.cwnd, 70242); /* 2.34 each */
}
END_TEST

START_TEST(no_window_grows_by_more_than_half_in_a_round_trip__rfc9438_4_2)
{
    lost_at(100000);
    ack(0, 1000);
    ack(100 * SW_S, cc.cwnd);
    ck_assert_uint_eq(cc.cwnd, 105000);
    ack(100 * SW_S, cc.cwnd);
    ck_assert_uint_eq(cc.cwnd, 157500);
    ack(100 * SW_S, 1000000000); /* one that covers more than a window counts for a window */
    ck_assert_uint_eq(cc.cwnd, 236250);
}
END_TEST

START_TEST(where_reno_is_faster_its_window_is_taken__rfc9438_4_3)
{
    lost_at(10000);
    ack(0, 1000); /* 7,000: 1,000 * 9/17 of a segment for each window */
    ck_assert_uint_eq(cc.cwnd, 7075);
    for (unsigned i = 0; i < 6; i++) {
        ack(0, cc.cwnd); /* in no time: the curve stands still */
    }
    ck_assert_uint_eq(cc.cwnd, 10251); /* 529 each */
    /* From 10,000 on, where the loss was, a segment for each window. */
    ack(0, cc.cwnd);
    ck_assert_uint_eq(cc.cwnd, 11251);
}
END_TEST

START_TEST(who_lost_earlier_than_before_makes_room__rfc9438_4_7)
{
    lost_at(100000);
    cc.cwnd = 80000;
    cc.ops->enter(&cc, 80000, 0);
    ck_assert_uint_eq(cc.own.cubic.w_max, 68000); /* 80 * (1 + 0.7) / 2 */
    cc.ops->leave(&cc, 80000);
    cc.cwnd = 90000;
    cc.ops->enter(&cc, 90000, 0);
    ck_assert_uint_eq(cc.own.cubic.w_max, 90000);
}
END_TEST

START_TEST(what_the_first_slow_start_knew_is_not_taken_for_a_loss)
{
    begin();
    for (unsigned i = 0; i < 10; i++) {
        const struct sw_tcp_cc_ack a = {.rtt = 3600 * SW_S,
                                        .una = 2000000000,
                                        .nxt = 2000000000,
                                        .acked_bytes = 1000,
                                        .flight_bytes = cc.cwnd};
        cc.ops->ack(&cc, &a);
    }
    cc.ops->enter(&cc, 20000, 0);
    ck_assert_uint_eq(cc.own.cubic.w_max, 20000);
}
END_TEST

START_TEST(a_timeout_leaves_one_segment_and_seven_tenths__rfc9438_4_8)
{
    begin();
    cc.cwnd = 100000;
    cc.ops->timeout(&cc, 80000, false, 0);
    ck_assert_uint_eq(cc.ssthresh, 56000);
    ck_assert_uint_eq(cc.cwnd, 1000);
    cc.ops->timeout(&cc, 1000, true, 0); /* the same segment again */
    ck_assert_uint_eq(cc.ssthresh, 56000);
}
END_TEST

START_TEST(after_a_timeout_the_curve_begins_where_slow_start_ends__rfc9438_4_8)
{
    lost_at(100000);
    cc.ops->timeout(&cc, 70000, false, 0);
    cc.cwnd = cc.ssthresh;
    ck_assert_uint_eq(cc.cwnd, 49000);
    ack(0, 1000);
    ck_assert_int_eq(cc.own.cubic.past_k_us, 0);
    ck_assert_uint_eq(cc.own.cubic.w_max, 49000);
    ack(4 * SW_S, cc.cwnd);
    ck_assert_uint_eq(cc.cwnd, 73515); /* 49 + 0.4 * 4^3 = 74.6, but half as much again at most */
}
END_TEST

START_TEST(slow_start_that_no_loss_ended_leaves_k_0__rfc9438_4_10)
{
    begin();
    cc.cwnd = 50000;
    cc.ssthresh = 50000;
    ack(0, 1000);
    ck_assert_int_eq(cc.own.cubic.past_k_us, 0);
    ck_assert_uint_eq(cc.own.cubic.w_max, 50000);
}
END_TEST

START_TEST(slow_start_is_that_of_reno_up_to_ssthresh__rfc9438_4_10)
{
    begin();
    ck_assert_uint_eq(cc.cwnd, 10000);
    cc.ssthresh = 12000;
    ack(0, 1000);
    ck_assert_uint_eq(cc.cwnd, 11000);
    ack(0, 300);
    ck_assert_uint_eq(cc.cwnd, 11300);
    ack(0, 5000);
    ck_assert_uint_eq(cc.cwnd, 12300);
}
END_TEST

/* The window does not leap because somebody had nothing to say for an hour. */
START_TEST(time_in_which_the_window_is_not_used_does_not_count__rfc9438_5_8)
{
    begin(); /* in slow start it is not used up to its half (RFC 7661 4.4) */
    cc.ops->ack(&cc, &(struct sw_tcp_cc_ack){.acked_bytes = 1000, .flight_bytes = 5000});
    ck_assert_uint_eq(cc.cwnd, 10000);
    cc.ops->ack(&cc, &(struct sw_tcp_cc_ack){.acked_bytes = 1000, .flight_bytes = 5001});
    ck_assert_uint_eq(cc.cwnd, 11000);
    lost_at(100000);
    ack(SW_S, 1000);
    ack(2 * SW_S, cc.cwnd);
    ck_assert_uint_eq(cc.cwnd, 86698);
    const struct sw_tcp_cc_ack unused = {
        .now = 3600 * SW_S, .acked_bytes = 1000, .flight_bytes = 40000};
    cc.ops->ack(&cc, &unused);
    ck_assert_uint_eq(cc.cwnd, 86698);
    ack(3602 * SW_S, cc.cwnd);
    ck_assert_uint_eq(cc.cwnd, 99282); /* as after 3 s */
}
END_TEST

START_TEST(after_a_pause_another_stage_begins__rfc9438_5_8)
{
    lost_at(100000);
    ack(SW_S, 1000);
    cc.ops->idle(&cc);
    ck_assert_uint_eq(cc.cwnd, 10000);
    ck_assert_uint_eq(cc.own.cubic.w_est, 0);
    cc.cwnd = cc.ssthresh;
    ack(100 * SW_S, 1000);
    ck_assert_int_eq(cc.own.cubic.past_k_us, -4216796);
    cc.ops->idle(&cc);
    lost_at(10000);
    ack(SW_S, 1000);
    cc.ops->idle(&cc); /* which takes nothing away here */
    ck_assert_uint_ne(cc.own.cubic.w_est, 0);
}
END_TEST

/* What duplicates added to the window was never a window that the path bore. */
START_TEST(a_timeout_in_recovery_gives_no_more_leave_than_recovery_did)
{
    begin();
    cc.cwnd = 20000;
    cc.ops->enter(&cc, 20000, 0);
    for (unsigned i = 0; i < 680; i++) {
        cc.ops->duplicate(&cc);
    }
    ck_assert_uint_eq(cc.cwnd, 697000);
    cc.ops->timeout(&cc, 700000, false, 0);
    ck_assert_uint_eq(cc.ssthresh, 14000);
    ck_assert_uint_eq(cc.cwnd, 1000);
    ck_assert_uint_eq(cc.own.cubic.cwnd_prior, 20000);
    cc.ops->timeout(&cc, 690000, false, 0); /* another segment's */
    ck_assert_uint_eq(cc.ssthresh, 2000);
}
END_TEST

START_TEST(a_connection_changes_its_algorithm_and_keeps_its_window)
{
    lost_at(100000);
    ack(SW_S, 1000);
    sw_tcp_cc_choose(&cc, &sw_tcp_cc_newreno);
    ck_assert_uint_eq(cc.cwnd, 70000);
    ck_assert_uint_eq(cc.ssthresh, 70000);
    ack(2 * SW_S, 69999);
    ck_assert_uint_eq(cc.cwnd, 70000);
    ack(2 * SW_S, 1);
    ck_assert_uint_eq(cc.cwnd, 71000);
    sw_tcp_cc_choose(&cc, &sw_tcp_cc_cubic);
    ack(3 * SW_S, 1000);
    ck_assert_int_eq(cc.own.cubic.past_k_us, 0);
    ck_assert_uint_eq(cc.own.cubic.w_max, 71000);
}
END_TEST

START_TEST(an_algorithm_has_a_number_and_cubic_is_the_default)
{
    ck_assert_ptr_eq(sw_tcp_cc_find(SW_TCP_CONGESTION_DEFAULT), &sw_tcp_cc_cubic);
    ck_assert_ptr_eq(sw_tcp_cc_find(SW_TCP_CUBIC), &sw_tcp_cc_cubic);
    ck_assert_ptr_eq(sw_tcp_cc_find(SW_TCP_RENO), &sw_tcp_cc_newreno);
    ck_assert_ptr_eq(sw_tcp_cc_find(SW_TCP_BBR), &sw_tcp_cc_bbr);
    ck_assert_ptr_null(sw_tcp_cc_find((enum sw_tcp_congestion)(SW_TCP_BBR + 1)));
}
END_TEST

START_TEST(no_sum_overflows)
{
    begin();
    cc.mss_bytes = 65000;
    cc.cwnd = cc.ssthresh = (1u << 30) - 1;
    ack(0, 1u << 30);
    ack((sw_time)1 << 61, 1u << 30);
    ck_assert_uint_eq(cc.cwnd, 1u << 30);
    ack((sw_time)1 << 62, 1u << 30);
    ck_assert_uint_eq(cc.cwnd, 1u << 30);
    cc.mss_bytes = 48;
    lost_at(1u << 30);
    ck_assert_uint_eq(cc.cwnd, 751619276);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_cc_cubic");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_loss_leaves_seven_tenths_of_the_flight__rfc9438_4_6);
    tcase_add_test(tc, ssthresh_is_never_below_2_segments__rfc9438_4_6);
    tcase_add_test(tc, k_is_how_long_the_window_takes_to_come_back__rfc9438_4_2);
    tcase_add_test(tc, a_stage_begins_with_the_window_as_it_is_to_the_byte__rfc9438_4_3);
    tcase_add_test(tc, below_w_max_the_curve_is_concave__rfc9438_4_4);
    tcase_add_test(tc, above_w_max_the_curve_is_convex__rfc9438_4_5);
    tcase_add_test(tc, the_curve_is_met_a_round_trip_ahead__rfc9438_4_2);
    tcase_add_test(tc, each_ack_brings_its_share_of_the_way__rfc9438_4_4);
    tcase_add_test(tc, no_window_grows_by_more_than_half_in_a_round_trip__rfc9438_4_2);
    tcase_add_test(tc, where_reno_is_faster_its_window_is_taken__rfc9438_4_3);
    tcase_add_test(tc, who_lost_earlier_than_before_makes_room__rfc9438_4_7);
    tcase_add_test(tc, what_the_first_slow_start_knew_is_not_taken_for_a_loss);
    tcase_add_test(tc, a_timeout_leaves_one_segment_and_seven_tenths__rfc9438_4_8);
    tcase_add_test(tc, after_a_timeout_the_curve_begins_where_slow_start_ends__rfc9438_4_8);
    tcase_add_test(tc, slow_start_that_no_loss_ended_leaves_k_0__rfc9438_4_10);
    tcase_add_test(tc, slow_start_is_that_of_reno_up_to_ssthresh__rfc9438_4_10);
    tcase_add_test(tc, time_in_which_the_window_is_not_used_does_not_count__rfc9438_5_8);
    tcase_add_test(tc, after_a_pause_another_stage_begins__rfc9438_5_8);
    tcase_add_test(tc, a_timeout_in_recovery_gives_no_more_leave_than_recovery_did);
    tcase_add_test(tc, a_connection_changes_its_algorithm_and_keeps_its_window);
    tcase_add_test(tc, an_algorithm_has_a_number_and_cubic_is_the_default);
    tcase_add_test(tc, no_sum_overflows);
    tcase_add_test(tc, what_a_loss_did_that_was_none_is_undone__rfc9438_4_9);
    tcase_add_test(tc, a_window_that_has_grown_meanwhile_stays__rfc4015_3_4);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
