/* RFC 5681, 6582 and 6928 in literal bytes; segments of 1,000. */
#include <check.h>

#include "stack/tcp_cc_newreno.h"

static struct sw_tcp_cc cc;

static void begin(uint32_t mss, bool syn_lost)
{
    cc = (struct sw_tcp_cc){.ops = &sw_tcp_cc_newreno, .mss_bytes = mss};
    cc.ops->begin(&cc, syn_lost);
}

static void ack(uint32_t acked, uint32_t flight)
{
    const struct sw_tcp_cc_ack a = {.rtt = -1, .acked_bytes = acked, .flight_bytes = flight};
    cc.ops->ack(&cc, &a);
}

START_TEST(initial_window_is_10_segments__rfc6928_2)
{
    begin(1000, false);
    ck_assert_uint_eq(cc.cwnd, 10000);
    begin(1460, false);
    ck_assert_uint_eq(cc.cwnd, 14600);
    begin(8960, false);
    ck_assert_uint_eq(cc.cwnd, 17920); /* 2 segments, for 14,600 is less */
    begin(2000, false);
    ck_assert_uint_eq(cc.cwnd, 14600);
}
END_TEST

START_TEST(after_a_lost_syn_it_is_one_segment__rfc5681_3_1)
{
    begin(1460, true);
    ck_assert_uint_eq(cc.cwnd, 1460);
}
END_TEST

START_TEST(slow_start_adds_what_was_acked_a_segment_at_most__rfc5681_eq_2)
{
    begin(1000, false);
    cc.ssthresh = 20000; /* not the first slow start: that is RFC 9406's */
    ack(1000, 10000);
    ck_assert_uint_eq(cc.cwnd, 11000);
    ack(300, 10000);
    ck_assert_uint_eq(cc.cwnd, 11300);
    ack(5000, 10000); /* one acknowledgement for five segments */
    ck_assert_uint_eq(cc.cwnd, 12300);
}
END_TEST

START_TEST(the_first_slow_start_ends_without_a_loss_when_round_trips_grow__rfc9406_4_2)
{
    begin(1000, false);
    for (uint32_t i = 1; i <= 70; i++) { /* of rounds of ten: one of 20 ms, then six of 40 ms */
        const struct sw_tcp_cc_ack a = {.rtt = i <= 11 ? 20 * SW_MS : 40 * SW_MS,
                                        .una = i * 1000,
                                        .nxt = i * 1000 + 10000,
                                        .acked_bytes = 1000,
                                        .flight_bytes = cc.cwnd};
        cc.ops->ack(&cc, &a);
        /* 18 at once, and 43 by a quarter. */
        ck_assert_uint_eq(cc.ssthresh, i < 61 ? 1u << 30 : 38750);
    }
    ck_assert_uint_eq(cc.cwnd, 38750); /* congestion avoidance: 9,000 of the next window */
    ck_assert_uint_eq(cc.own.newreno.acked_bytes, 9000);
}
END_TEST

START_TEST(congestion_avoidance_adds_a_segment_a_round_trip__rfc5681_3_1)
{
    begin(1000, false);
    cc.cwnd = 8000;
    cc.ssthresh = 8000;
    for (unsigned i = 0; i < 7; i++) {
        ack(1000, 8000);
    }
    ck_assert_uint_eq(cc.cwnd, 8000);
    ack(1000, 8000);
    ck_assert_uint_eq(cc.cwnd, 9000);
    for (unsigned i = 0; i < 9; i++) {
        ack(1000, 9000);
    }
    ck_assert_uint_eq(cc.cwnd, 10000);
}
END_TEST

START_TEST(a_window_that_is_not_used_does_not_grow)
{
    begin(1000, false);
    ack(1000, 5000);
    ck_assert_uint_eq(cc.cwnd, 10000);
    ack(1000, 5001);
    ck_assert_uint_eq(cc.cwnd, 11000);
    cc.cwnd = cc.ssthresh = 8000; /* congestion avoidance */
    ack(8000, 3999);
    ck_assert_uint_eq(cc.cwnd, 8000);
    ack(8000, 4000);
    ck_assert_uint_eq(cc.cwnd, 9000);
}
END_TEST

/* Ten segments, acknowledged two at a time, and nothing more to say: all of them grow the window,
 * though less and less is in flight. Then one segment, which says nothing. */
START_TEST(a_window_is_used_that_was_within_the_last_of_its_text)
{
    begin(1000, false);
    for (uint32_t i = 1; i <= 5; i++) {
        const struct sw_tcp_cc_ack a = {.rtt = -1,
                                        .una = i * 2000,
                                        .nxt = 10000,
                                        .acked_bytes = 2000,
                                        .flight_bytes = 12000 - i * 2000};
        cc.ops->ack(&cc, &a);
        ck_assert_uint_eq(cc.cwnd, 10000 + i * 2000);
    }
    const struct sw_tcp_cc_ack a = {
        .rtt = -1, .una = 11000, .nxt = 11000, .acked_bytes = 1000, .flight_bytes = 1000};
    cc.cwnd = 12000;
    cc.ops->ack(&cc, &a);
    ck_assert_uint_eq(cc.cwnd, 12000);
}
END_TEST

START_TEST(third_duplicate_halves_the_flight__rfc5681_3_2)
{
    begin(1000, false);
    cc.cwnd = 20000;
    cc.ops->enter(&cc, 16000, 0); /* of the flight, not of cwnd */
    ck_assert_uint_eq(cc.ssthresh, 8000);
    ck_assert_uint_eq(cc.cwnd, 11000); /* and the three that have left the network */
    cc.ops->duplicate(&cc);
    cc.ops->duplicate(&cc);
    ck_assert_uint_eq(cc.cwnd, 13000);
}
END_TEST

START_TEST(ssthresh_is_never_below_2_segments__rfc5681_eq_4)
{
    begin(1000, false);
    cc.ops->enter(&cc, 3000, 0);
    ck_assert_uint_eq(cc.ssthresh, 2000);
    cc.ops->timeout(&cc, 1000, false, 0);
    ck_assert_uint_eq(cc.ssthresh, 2000);
}
END_TEST

START_TEST(a_partial_acknowledgement_deflates_by_what_it_acks__rfc6582_3_2)
{
    begin(1000, false);
    cc.ops->enter(&cc, 16000, 0); /* 11,000 */
    cc.ops->partial(&cc, 3000);
    ck_assert_uint_eq(cc.cwnd, 9000); /* - 3,000 + 1,000 */
    cc.ops->partial(&cc, 500);
    ck_assert_uint_eq(cc.cwnd, 8500); /* less than a segment: nothing comes back */
    cc.ops->partial(&cc, 60000);
    ck_assert_uint_eq(cc.cwnd, 1000);
}
END_TEST

START_TEST(recovery_ends_with_ssthresh_or_little_more_than_the_flight__rfc6582_3_2)
{
    begin(1000, false);
    cc.ops->enter(&cc, 16000, 0);
    cc.ops->leave(&cc, 12000);
    ck_assert_uint_eq(cc.cwnd, 8000);
    cc.ops->enter(&cc, 16000, 0);
    cc.ops->leave(&cc, 3000);
    ck_assert_uint_eq(cc.cwnd, 4000);
    cc.ops->enter(&cc, 16000, 0);
    cc.ops->leave(&cc, 0);
    ck_assert_uint_eq(cc.cwnd, 2000);
}
END_TEST

START_TEST(a_timeout_leaves_one_segment__rfc5681_3_1)
{
    begin(1000, false);
    cc.cwnd = 30000;
    cc.ops->timeout(&cc, 12000, false, 0);
    ck_assert_uint_eq(cc.ssthresh, 6000); /* half the flight */
    ck_assert_uint_eq(cc.cwnd, 1000);
    cc.ops->timeout(&cc, 1000, true, 0); /* the same segment again: ssthresh stays */
    ck_assert_uint_eq(cc.ssthresh, 6000);
    ck_assert_uint_eq(cc.cwnd, 1000);
}
END_TEST

/* 700 segments may be unacknowledged behind a hole that recovery is still at, when the path held
 * 20: half of 700 would be a burst of 350, lost as the first ones were. */
START_TEST(a_timeout_in_recovery_gives_no_more_leave_than_recovery_did)
{
    begin(1000, false);
    cc.cwnd = 20000;
    cc.ops->enter(&cc, 20000, 0);
    for (unsigned i = 0; i < 680; i++) {
        cc.ops->duplicate(&cc);
    }
    ck_assert_uint_eq(cc.cwnd, 693000);
    cc.ops->timeout(&cc, 700000, false, 0);
    ck_assert_uint_eq(cc.ssthresh, 10000); /* recovery's */
    ck_assert_uint_eq(cc.cwnd, 1000);
    cc.ops->timeout(&cc, 690000, false, 0); /* another segment's */
    ck_assert_uint_eq(cc.ssthresh, 2000);
}
END_TEST

START_TEST(a_timeout_in_recovery_heeds_a_smaller_flight__rfc5681_eq_4)
{
    begin(1000, false);
    cc.cwnd = 20000;
    cc.ops->enter(&cc, 20000, 0);
    cc.ops->timeout(&cc, 8000, false, 0);
    ck_assert_uint_eq(cc.ssthresh, 4000);
}
END_TEST

START_TEST(a_timeout_after_recovery_halves_what_the_window_held)
{
    begin(1000, false);
    cc.cwnd = 20000;
    cc.ops->enter(&cc, 20000, 0);
    cc.ops->leave(&cc, 700000);
    ck_assert_uint_eq(cc.cwnd, 10000);
    cc.ops->timeout(&cc, 700000, false, 0);
    ck_assert_uint_eq(cc.ssthresh, 5000);
}
END_TEST

START_TEST(what_is_lost_when_all_was_mended_is_a_new_loss__rfc5681_eq_4)
{
    begin(1000, false);
    cc.cwnd = 20000;
    cc.ops->enter(&cc, 20000, 0);
    cc.ops->leave(&cc, 20000);
    cc.cwnd = 40000;
    cc.ops->timeout(&cc, 40000, false, 0);
    ck_assert_uint_eq(cc.ssthresh, 20000);
    cc.cwnd = 60000;
    cc.ops->timeout(&cc, 60000, false, 0);
    ck_assert_uint_eq(cc.ssthresh, 30000);
}
END_TEST

START_TEST(slow_start_turns_at_ssthresh)
{
    begin(1000, false);
    cc.ops->timeout(&cc, 8000, false, 0); /* ssthresh 4,000 */
    ack(1000, 1000);
    ack(1000, 2000);
    ack(1000, 2000);
    ck_assert_uint_eq(cc.cwnd, 4000);
    ack(1000, 4000);
    ck_assert_uint_eq(cc.cwnd, 4000);
    ack(3000, 4000);
    ck_assert_uint_eq(cc.cwnd, 5000);
}
END_TEST

START_TEST(after_a_pause_the_restart_window__rfc5681_4_1)
{
    begin(1000, false);
    cc.cwnd = 50000;
    cc.ops->idle(&cc);
    ck_assert_uint_eq(cc.cwnd, 10000);
    cc.cwnd = 3000;
    cc.ops->idle(&cc);
    ck_assert_uint_eq(cc.cwnd, 3000);
}
END_TEST

static void ack_at(sw_time now, uint32_t flight)
{
    const struct sw_tcp_cc_ack a = {
        .now = now, .rtt = -1, .acked_bytes = 1000, .flight_bytes = flight};
    cc.ops->ack(&cc, &a);
}

START_TEST(a_fresh_window_counts_as_used__rfc7661_4_1)
{
    begin(1000, false);
    ck_assert_uint_eq(cc.unused_s, 0);
    ack_at(SW_S, 6000);
    ck_assert_uint_eq(cc.cwnd, 11000);
}
END_TEST

START_TEST(a_window_that_is_not_used_for_five_minutes_is_halved__rfc7661_4_4_3)
{
    begin(1000, false);
    cc.cwnd = 100000;
    cc.ssthresh = 60000;
    ack_at(100 * SW_S, 40000);
    ack_at(399 * SW_S, 40000);
    ck_assert_uint_eq(cc.cwnd, 100000);
    ack_at(400 * SW_S, 40000);
    ck_assert_uint_eq(cc.cwnd, 50000);
    ck_assert_uint_eq(cc.ssthresh, 75000); /* the way back is slow start's */
    ack_at(699 * SW_S, 10000);
    ck_assert_uint_eq(cc.cwnd, 50000);
    ack_at(700 * SW_S, 10000);
    ck_assert_uint_eq(cc.cwnd, 25000);
    ck_assert_uint_eq(cc.ssthresh, 75000);
    ack_at(1000 * SW_S, 4000);
    ack_at(1300 * SW_S, 4000);
    ck_assert_uint_eq(cc.cwnd, 10000); /* the initial window, and no less */
}
END_TEST

START_TEST(once_used_a_window_has_five_minutes_anew__rfc7661_4_4_3)
{
    begin(1000, false);
    cc.cwnd = cc.ssthresh = 100000;
    ack_at(100 * SW_S, 40000);
    ack_at(300 * SW_S, 90000); /* used */
    ack_at(401 * SW_S, 40000);
    ack_at(700 * SW_S, 40000);
    ck_assert_uint_eq(cc.cwnd, 100000);
    ack_at(701 * SW_S, 40000);
    ck_assert_uint_eq(cc.cwnd, 50000);
}
END_TEST

START_TEST(a_loss_or_a_timeout_ends_it__rfc7661_4_4)
{
    for (unsigned timeout = 0; timeout < 2; timeout++) {
        begin(1000, false);
        cc.cwnd = cc.ssthresh = 100000;
        ack_at(100 * SW_S, 40000);
        if (timeout == 1) {
            cc.ops->timeout(&cc, 40000, false, 0);
        } else {
            cc.ops->enter(&cc, 40000, 0);
            cc.ops->leave(&cc, 40000);
        }
        cc.cwnd = cc.ssthresh = 20000;
        ack_at(399 * SW_S, 4000); /* not used again: that begins here */
        ack_at(698 * SW_S, 4000);
        ck_assert_uint_eq(cc.cwnd, 20000);
        ack_at(699 * SW_S, 4000);
        ck_assert_uint_eq(cc.cwnd, 10000);
    }
}
END_TEST

START_TEST(no_sum_overflows)
{
    begin(65000, false);
    cc.cwnd = 1u << 30;
    ack(65000, 1u << 30);
    cc.ops->duplicate(&cc);
    ck_assert_uint_eq(cc.cwnd, 1u << 30);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_cc_newreno");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, initial_window_is_10_segments__rfc6928_2);
    tcase_add_test(tc, after_a_lost_syn_it_is_one_segment__rfc5681_3_1);
    tcase_add_test(tc, slow_start_adds_what_was_acked_a_segment_at_most__rfc5681_eq_2);
    tcase_add_test(tc, the_first_slow_start_ends_without_a_loss_when_round_trips_grow__rfc9406_4_2);
    tcase_add_test(tc, congestion_avoidance_adds_a_segment_a_round_trip__rfc5681_3_1);
    tcase_add_test(tc, a_window_that_is_not_used_does_not_grow);
    tcase_add_test(tc, a_fresh_window_counts_as_used__rfc7661_4_1);
    tcase_add_test(tc, a_window_that_is_not_used_for_five_minutes_is_halved__rfc7661_4_4_3);
    tcase_add_test(tc, once_used_a_window_has_five_minutes_anew__rfc7661_4_4_3);
    tcase_add_test(tc, a_loss_or_a_timeout_ends_it__rfc7661_4_4);
    tcase_add_test(tc, a_window_is_used_that_was_within_the_last_of_its_text);
    tcase_add_test(tc, third_duplicate_halves_the_flight__rfc5681_3_2);
    tcase_add_test(tc, ssthresh_is_never_below_2_segments__rfc5681_eq_4);
    tcase_add_test(tc, a_partial_acknowledgement_deflates_by_what_it_acks__rfc6582_3_2);
    tcase_add_test(tc, recovery_ends_with_ssthresh_or_little_more_than_the_flight__rfc6582_3_2);
    tcase_add_test(tc, a_timeout_leaves_one_segment__rfc5681_3_1);
    tcase_add_test(tc, a_timeout_in_recovery_gives_no_more_leave_than_recovery_did);
    tcase_add_test(tc, a_timeout_in_recovery_heeds_a_smaller_flight__rfc5681_eq_4);
    tcase_add_test(tc, a_timeout_after_recovery_halves_what_the_window_held);
    tcase_add_test(tc, what_is_lost_when_all_was_mended_is_a_new_loss__rfc5681_eq_4);
    tcase_add_test(tc, slow_start_turns_at_ssthresh);
    tcase_add_test(tc, after_a_pause_the_restart_window__rfc5681_4_1);
    tcase_add_test(tc, no_sum_overflows);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
