/* What the algorithms of congestion control have in common, in literal bytes; segments of 1,000.
 * What they make of it is in test_tcp_cc_newreno.c and test_tcp_cc_cubic.c. */
#include <check.h>

#include "stack/tcp_bbr.h"
#include "stack/tcp_cc_cubic.h"
#include "stack/tcp_cc_newreno.h"

static struct sw_tcp_cc cc;

static void begin(void)
{
    cc = (struct sw_tcp_cc){.ops = &sw_tcp_cc_newreno, .mss_bytes = 1000};
    cc.ops->begin(&cc, false);
}

START_TEST(each_algorithm_has_its_number_and_others_have_none)
{
    ck_assert_ptr_eq(sw_tcp_cc_find(SW_TCP_CONGESTION_DEFAULT), &sw_tcp_cc_cubic);
    ck_assert_ptr_eq(sw_tcp_cc_find(SW_TCP_CUBIC), &sw_tcp_cc_cubic);
    ck_assert_ptr_eq(sw_tcp_cc_find(SW_TCP_RENO), &sw_tcp_cc_newreno);
    ck_assert_ptr_eq(sw_tcp_cc_find(SW_TCP_BBR), &sw_tcp_cc_bbr);
    ck_assert_ptr_null(sw_tcp_cc_find((enum sw_tcp_congestion)4));
    ck_assert_ptr_null(sw_tcp_cc_find((enum sw_tcp_congestion)5));
    ck_assert_ptr_null(sw_tcp_cc_find((enum sw_tcp_congestion) - 1));
}
END_TEST

START_TEST(a_begin_forgets_all_of_before)
{
    begin();
    cc.own.newreno.acked_bytes = 500;
    cc.recovering = true;
    cc.unused_s = 7;
    cc.flight_most = 99000;
    cc.ssthresh = 5000;
    cc.ops->begin(&cc, false);
    ck_assert_uint_eq(cc.own.newreno.acked_bytes, 0);
    ck_assert(!cc.recovering);
    ck_assert_uint_eq(cc.unused_s, 0);
    ck_assert_uint_eq(cc.flight_most, 0);
    ck_assert_uint_eq(cc.ssthresh, 1u << 30);
}
END_TEST

START_TEST(text_goes_a_fifth_faster_than_the_window_a_round_trip)
{
    begin();
    cc.cwnd = 10000;
    cc.ssthresh = 20000;
    ck_assert_uint_eq(sw_tcp_cc_pacing(&cc, 20 * SW_MS), 600000);
    ck_assert_uint_eq(sw_tcp_cc_pacing(&cc, 1), 12000000000000); /* no product overflows */
    ck_assert_uint_eq(sw_tcp_cc_pacing(&cc, 0), 0);              /* not known yet */
    ck_assert_uint_eq(sw_tcp_cc_pacing(&cc, -1), 0);
}
END_TEST

START_TEST(and_twice_as_fast_in_the_first_half_of_slow_start)
{
    begin();
    cc.cwnd = 10000;
    cc.ssthresh = 20002;
    ck_assert_uint_eq(sw_tcp_cc_pacing(&cc, 20 * SW_MS), 1000000);
}
END_TEST

START_TEST(no_window_is_over_1_gib__rfc7323_2_3)
{
    begin();
    cc.cwnd = (1u << 30) - 1001;
    sw_tcp_cc_grow(&cc, 1000);
    ck_assert_uint_eq(cc.cwnd, (1u << 30) - 1);
    sw_tcp_cc_grow(&cc, 1000);
    ck_assert_uint_eq(cc.cwnd, 1u << 30);
    sw_tcp_cc_grow(&cc, 1u << 30);
    ck_assert_uint_eq(cc.cwnd, 1u << 30);
}
END_TEST

static bool used(sw_time now, uint32_t una, uint32_t nxt, uint32_t flight)
{
    const struct sw_tcp_cc_ack a = {
        .now = now, .rtt = -1, .una = una, .nxt = nxt, .flight_bytes = flight};
    return sw_tcp_cc_is_used(&cc, &a);
}

START_TEST(half_a_window_in_flight_uses_it_and_in_slow_start_a_little_more__rfc7661_4_1)
{
    begin();
    cc.ssthresh = 10001;
    ck_assert(!used(SW_S, 0, 0, 5000));
    ck_assert(used(SW_S, 0, 0, 5001));
    cc.ssthresh = 10000;
    ck_assert(used(SW_S, 0, 0, 5000));
    ck_assert(!used(SW_S, 0, 0, 4999));
}
END_TEST

START_TEST(a_flight_counts_until_what_was_sent_with_it_is_acknowledged)
{
    begin();
    ck_assert(used(SW_S, 1000, 9000, 8000));
    ck_assert(used(SW_S, 8999, 9500, 501)); /* some of that text is still out */
    ck_assert(used(SW_S, 9000, 9500, 500)); /* its last */
    ck_assert(!used(SW_S, 9500, 9500, 500));
}
END_TEST

START_TEST(the_five_minutes_are_counted_over_the_turn_of_their_seconds__rfc7661_4_4_3)
{
    begin();
    cc.cwnd = cc.ssthresh = 100000;
    ck_assert(!used(65500 * SW_S, 0, 0, 1000));
    ck_assert_uint_eq(cc.unused_s, 65501);
    ck_assert(!used(65799 * SW_S, 0, 0, 1000));
    ck_assert_uint_eq(cc.cwnd, 100000);
    ck_assert(!used(65800 * SW_S, 0, 0, 1000));
    ck_assert_uint_eq(cc.cwnd, 50000);
    ck_assert_uint_eq(cc.unused_s, 266); /* 65,800 is 265 behind the turn */
}
END_TEST

START_TEST(a_second_that_falls_on_the_turn_is_one_as_well)
{
    begin();
    ck_assert(!used(65535 * SW_S, 0, 0, 1000));
    ck_assert_uint_eq(cc.unused_s, 1);
    begin();
    ck_assert(!used(65534 * SW_S, 0, 0, 1000));
    ck_assert_uint_eq(cc.unused_s, 65535);
}
END_TEST

START_TEST(a_window_below_the_initial_one_is_not_halved__rfc7661_4_4_3)
{
    begin();
    cc.cwnd = 8000;
    cc.ssthresh = 5000;
    ck_assert(!used(SW_S, 0, 0, 1000));
    ck_assert(!used(400 * SW_S, 0, 0, 1000));
    ck_assert_uint_eq(cc.cwnd, 8000);
    ck_assert_uint_eq(cc.ssthresh, 6000); /* three quarters all the same */
}
END_TEST

START_TEST(a_restart_forgets_how_long_the_window_was_not_used__rfc5681_4_1)
{
    begin();
    cc.unused_s = 9;
    cc.own.hystart.begun = true;
    sw_tcp_cc_idle(&cc);
    ck_assert_uint_eq(cc.unused_s, 0);
    ck_assert(!cc.own.hystart.begun); /* the first slow start's rounds begin anew */
    cc.ssthresh = 9000;
    cc.own.newreno.acked_bytes = 400;
    sw_tcp_cc_idle(&cc);
    ck_assert_uint_eq(cc.own.newreno.acked_bytes, 400);
}
END_TEST

START_TEST(a_mark_lowers_the_window_as_a_loss_and_nothing_is_to_be_mended__rfc3168_6_1_2)
{
    begin();
    cc.cwnd = 20000;
    cc.ops->marked(&cc, 20000, SW_S);
    ck_assert_uint_eq(cc.ssthresh, 10000);
    ck_assert_uint_eq(cc.cwnd, 10000);
    ck_assert(!cc.recovering);
    cc.cwnd = 3000; /* no more than before */
    cc.ops->marked(&cc, 20000, SW_S);
    ck_assert_uint_eq(cc.cwnd, 3000);
}
END_TEST

START_TEST(what_was_acknowledged_before_a_mark_grows_no_window_after_it__rfc5681_3_1)
{
    begin();
    cc.own.newreno.acked_bytes = 9000;
    cc.ops->marked(&cc, 20000, SW_S);
    ck_assert_uint_eq(cc.own.newreno.acked_bytes, 0);
    cc.own.newreno.acked_bytes = 9000;
    cc.ops->timeout(&cc, 20000, false, SW_S);
    ck_assert_uint_eq(cc.own.newreno.acked_bytes, 0);
}
END_TEST

START_TEST(an_undone_answer_takes_nothing_that_has_grown_since__rfc4015_3_2)
{
    begin();
    const struct sw_tcp_cc before = {.cwnd = 9000, .ssthresh = 8000};
    cc.cwnd = 9500;
    cc.ssthresh = 7000;
    cc.recovering = true; /* that window is recovery's, and no growth */
    sw_tcp_cc_undo(&cc, &before);
    ck_assert_uint_eq(cc.cwnd, 9000);
    ck_assert_uint_eq(cc.ssthresh, 8000);
    ck_assert(!cc.recovering);
    cc.cwnd = 9500;
    cc.ssthresh = 8500;
    sw_tcp_cc_undo(&cc, &before);
    ck_assert_uint_eq(cc.cwnd, 9500);
    ck_assert_uint_eq(cc.ssthresh, 8500);
    cc.cwnd = 8999;
    sw_tcp_cc_undo(&cc, &before);
    ck_assert_uint_eq(cc.cwnd, 9000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_cc");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, each_algorithm_has_its_number_and_others_have_none);
    tcase_add_test(tc, a_begin_forgets_all_of_before);
    tcase_add_test(tc, text_goes_a_fifth_faster_than_the_window_a_round_trip);
    tcase_add_test(tc, and_twice_as_fast_in_the_first_half_of_slow_start);
    tcase_add_test(tc, no_window_is_over_1_gib__rfc7323_2_3);
    tcase_add_test(tc,
                   half_a_window_in_flight_uses_it_and_in_slow_start_a_little_more__rfc7661_4_1);
    tcase_add_test(tc, a_flight_counts_until_what_was_sent_with_it_is_acknowledged);
    tcase_add_test(tc, the_five_minutes_are_counted_over_the_turn_of_their_seconds__rfc7661_4_4_3);
    tcase_add_test(tc, a_second_that_falls_on_the_turn_is_one_as_well);
    tcase_add_test(tc, a_window_below_the_initial_one_is_not_halved__rfc7661_4_4_3);
    tcase_add_test(tc, a_restart_forgets_how_long_the_window_was_not_used__rfc5681_4_1);
    tcase_add_test(tc,
                   a_mark_lowers_the_window_as_a_loss_and_nothing_is_to_be_mended__rfc3168_6_1_2);
    tcase_add_test(tc, what_was_acknowledged_before_a_mark_grows_no_window_after_it__rfc5681_3_1);
    tcase_add_test(tc, an_undone_answer_takes_nothing_that_has_grown_since__rfc4015_3_2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
