/* BBR's answers: how fast text goes and how much may be out, as follows of the model (stack_bbr.h).
 */
#include <check.h>

#include "tests/support/stack_bbr.h"

static struct bbr t;

/* ---- the pacing rate ---- */

START_TEST(the_first_rate_is_the_first_window_a_round_trip_times_the_gain)
{
    bbr_begin(&t);
    ck_assert_uint_eq(t.cc.ops->pacing(&t.cc, 0), 0);
    bbr_ack(&t, SW_S, 0); /* no round trip is known: a millisecond */
    ck_assert_uint_eq(t.cc.ops->pacing(&t.cc, 0), 28578515);
    t.s.srtt = 10 * SW_MS; /* 1,000,000 a second, times 739 / 256, less a hundredth */
    bbr_ack(&t, SW_S, 0);
    ck_assert_uint_eq(t.b->pacing_rate, 2857850);
    t.s.srtt = 20 * SW_MS; /* that was the first; from now on samples say it */
    bbr_ack(&t, SW_S, 0);
    ck_assert_uint_eq(t.b->pacing_rate, 2857850);
    bbr_end(&t);
}
END_TEST

START_TEST(a_first_rate_stands_until_a_round_trip_is_known)
{
    bbr_begin(&t);
    bbr_ack(&t, SW_S, 0);
    t.cc.cwnd = 5000;
    bbr_ack(&t, SW_S, 0);
    ck_assert_uint_eq(t.b->pacing_rate, 28578515);
    bbr_end(&t);
}
END_TEST

START_TEST(a_round_trip_counts_as_a_microsecond_at_least)
{
    bbr_begin(&t);
    t.cc.cwnd = 1000;
    t.s.srtt = 1;
    bbr_ack(&t, SW_S, 0);
    ck_assert_uint_eq(t.b->pacing_rate, 2857851562); /* of 1,000,000,000 */
    ck_assert(t.b->rate_by_rtt);                     /* and is known with that */
    t.b->rate_by_rtt = false;
    t.s.srtt = 1001;
    bbr_ack(&t, SW_S, 0);
    ck_assert_uint_eq(t.b->pacing_rate, 2854996565); /* of 999,000,999 */
    t.b->rate_by_rtt = false;
    t.cc.cwnd = 1000000; /* 2^33 bytes a second at most */
    bbr_ack(&t, SW_S, 0);
    ck_assert_uint_eq(t.b->pacing_rate, 24548757995);
    bbr_end(&t);
}
END_TEST

START_TEST(in_startup_the_rate_only_grows)
{
    bbr_begin(&t);
    t.s.srtt = 10 * SW_MS;
    bbr_round(&t, SW_S, 9000); /* 900,000 a second */
    ck_assert_uint_eq(t.b->pacing_rate, 2857850);
    bbr_round(&t, SW_S, 11000);
    ck_assert_uint_eq(t.b->pacing_rate, 3143636);
    t.b->full = true;
    t.b->bw.best[0].value = 1000000; /* once the pipe is full it follows the bandwidth */
    t.s.flight_bytes = 1000000;
    bbr_ack(&t, SW_S, 0);
    ck_assert_int_eq(t.b->mode, SW_BBR_DRAIN);
    ck_assert_uint_eq(t.b->pacing_rate, 340312); /* 88 / 256 */
    bbr_end(&t);
}
END_TEST

START_TEST(the_rate_is_a_hundredth_below_the_bandwidth_times_the_phases_gain)
{
    bbr_settled(&t);
    t.s.flight_bytes = 19000;
    const uint64_t rate[] = {1237500, 742500, 990000, 990000, 990000, 990000, 990000, 990000};
    for (uint32_t i = 0; i < SW_BBR_CYCLE; i++) {
        bbr_phase(&t, i);
        bbr_ack(&t, SW_S, 1);
        ck_assert_uint_eq(t.b->pacing_rate, rate[i]);
    }
    t.b->police_use = true; /* a policer's is not probed */
    t.b->police_bw = 500000;
    bbr_phase(&t, 0);
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.b->pacing_rate, 495000);
    bbr_end(&t);
}
END_TEST

START_TEST(after_a_pause_it_goes_on_at_the_bandwidth)
{
    bbr_settled(&t);
    bbr_phase(&t, 0);
    t.b->pacing_rate = 1237500;
    t.b->epoch_acked = 700;
    t.cc.ops->restart(&t.cc, &t.rate, 2 * SW_S); /* the user was not what it waited for */
    ck_assert(!t.b->idle_restart);
    ck_assert_uint_eq(t.b->pacing_rate, 1237500);
    t.rate.limited_end = 1;
    t.cc.ops->restart(&t.cc, &t.rate, 2 * SW_S);
    ck_assert(t.b->idle_restart);
    ck_assert_uint_eq(t.b->pacing_rate, 990000);
    ck_assert_uint_eq(t.b->epoch_acked, 0); /* what comes at once is measured anew */
    ck_assert_int_eq(t.b->epoch_at, 2 * SW_S);
    t.b->mode = SW_BBR_STARTUP;
    t.b->pacing_rate = 5000000;
    t.cc.ops->restart(&t.cc, &t.rate, 3 * SW_S);
    ck_assert_uint_eq(t.b->pacing_rate, 5000000);
    bbr_end(&t);
}
END_TEST

/* ---- the window ---- */

START_TEST(the_window_is_twice_the_path_and_three_quanta)
{
    bbr_settled(&t);
    t.s.flight_bytes = 20000;
    t.cc.cwnd = 24000;
    bbr_ack(&t, SW_S, 1500); /* it grows by what is acknowledged */
    ck_assert_uint_eq(t.cc.cwnd, 25500);
    bbr_ack(&t, SW_S, 1500);
    ck_assert_uint_eq(t.cc.cwnd, 26000);
    bbr_ack(&t, SW_S, 0); /* what acknowledges nothing changes nothing */
    ck_assert_uint_eq(t.cc.cwnd, 26000);
    t.cc.cwnd = 40000;
    bbr_ack(&t, SW_S, 0);
    ck_assert_uint_eq(t.cc.cwnd, 40000);
    bbr_ack(&t, SW_S, 1); /* and it falls at once */
    ck_assert_uint_eq(t.cc.cwnd, 26000);
    bbr_end(&t);
}
END_TEST

START_TEST(the_window_is_an_even_number_of_segments)
{
    bbr_settled(&t);
    t.cc.cwnd = 40000;
    t.b->min_rtt = 10 * SW_MS + 1000; /* 20,002 and 6,000 */
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 28000);
    t.cc.cwnd = 40000;
    t.b->min_rtt = 11 * SW_MS;
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 28000);
    t.cc.cwnd = 40000;
    t.b->min_rtt = 10 * SW_MS;
    t.b->extra[0] = 1; /* a byte over 26,000 */
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 28000);
    t.b->extra[0] = 0;
    t.b->min_rtt = 11 * SW_MS;
    t.cc.cwnd = 40000;
    bbr_phase(&t, 0); /* the phase that probes: a pair more */
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 30000);
    bbr_end(&t);
}
END_TEST

START_TEST(a_round_trip_of_seconds_is_counted_in_microseconds)
{
    bbr_settled(&t);
    t.cc.cwnd = 1u << 30;
    t.b->min_rtt = 2 * SW_S + 999;
    t.b->bw.best[0].value = 1000000;
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 4006000);
    t.cc.cwnd = 1u << 30;
    t.b->min_rtt = 2 * SW_S + 1000;
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 4008000); /* 4,006,002 to an even number of segments */
    t.cc.cwnd = 1u << 30;
    t.b->min_rtt = 3 * SW_S;
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 6006000);
    t.cc.cwnd = 1u << 30;
    t.b->bw.best[0].value = 1000;
    t.b->min_rtt = 1001 * SW_S; /* a quarter of an hour and more is as good as 1,000 s */
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 2004000);
    t.cc.cwnd = 1u << 30;
    t.b->min_rtt = 999 * SW_S;
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 2002000);
    bbr_end(&t);
}
END_TEST

START_TEST(no_window_is_over_1_gib)
{
    bbr_settled(&t);
    t.cc.cwnd = (1u << 30) - 5;
    t.b->min_rtt = SW_S;
    t.b->bw.best[0].value = 1ull << 33;
    bbr_ack(&t, SW_S, 4);
    ck_assert_uint_eq(t.cc.cwnd, (1u << 30) - 1);
    bbr_ack(&t, SW_S, 4);
    ck_assert_uint_eq(t.cc.cwnd, 1u << 30);
    bbr_end(&t);
}
END_TEST

START_TEST(without_a_round_trip_the_path_is_taken_for_the_initial_window)
{
    bbr_settled(&t);
    t.cc.cwnd = 40000;
    t.b->min_rtt = -1;
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 16000);
    t.cc.cwnd = 40000;
    t.b->min_rtt = 0; /* this is one: the path holds nothing */
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 6000);
    bbr_end(&t);
}
END_TEST

START_TEST(in_startup_the_window_grows_while_it_is_below_and_does_not_fall)
{
    bbr_settled(&t);
    t.b->full = false;
    t.b->mode = SW_BBR_STARTUP;
    t.rate.delivered = 10000;
    t.cc.cwnd = 37999; /* 28,867 and three quanta of 2,790, to an even number of segments */
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.cc.cwnd, 38999);
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.cc.cwnd, 38999);
    bbr_end(&t);
}
END_TEST

START_TEST(until_an_initial_window_is_delivered_it_grows_whatever_the_model_says)
{
    bbr_settled(&t);
    t.b->full = false;
    t.b->mode = SW_BBR_STARTUP;
    t.cc.cwnd = 100000;
    bbr_ack(&t, SW_S, 9999);
    ck_assert_uint_eq(t.cc.cwnd, 109999);
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 109999);
    bbr_end(&t);
}
END_TEST

START_TEST(the_window_is_four_segments_at_least)
{
    bbr_settled(&t);
    t.cc.cwnd = 1000;
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 4000);
    t.cc.cwnd = 4001;
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 4002);
    bbr_end(&t);
}
END_TEST

/* ---- what comes in lumps ---- */

/* An acknowledgement that counts. */
static void lump(sw_time now, uint32_t bytes, bool round)
{
    t.s.rate.known = true;
    t.s.rate.interval = 10 * SW_MS;
    t.s.rate.delivered = 10000;
    t.s.rate.prior_delivered = round ? t.b->round_end : 0;
    bbr_ack(&t, now, bytes);
}

START_TEST(what_comes_at_once_beyond_the_bandwidth_may_be_out_in_addition)
{
    bbr_settled(&t);
    t.b->round_end = UINT64_MAX;
    t.b->epoch_at = SW_S;
    t.cc.cwnd = 60000;
    lump(SW_S, 5000, false); /* 20,000 and 5,000 and 6,000 */
    ck_assert_uint_eq(t.b->extra[0], 5000);
    ck_assert_uint_eq(t.cc.cwnd, 32000);
    lump(SW_S + 2 * SW_MS, 1000, false); /* of the 6,000 since then 2,000 were to come */
    ck_assert_uint_eq(t.b->extra[0], 5000);
    lump(SW_S + 2 * SW_MS, 3000, false);
    ck_assert_uint_eq(t.b->extra[0], 7000);
    ck_assert_uint_eq(t.cc.cwnd, 34000);
    lump(SW_S + 9 * SW_MS, 1, false); /* as much as was to come: it is measured anew */
    ck_assert_int_eq(t.b->epoch_at, SW_S + 9 * SW_MS);
    ck_assert_uint_eq(t.b->epoch_acked, 1);
    lump(SW_S + 9 * SW_MS, 100, false);
    ck_assert_uint_eq(t.b->epoch_acked, 101);
    ck_assert_uint_eq(t.b->extra[0], 7000); /* the most there was */
    bbr_end(&t);
}
END_TEST

START_TEST(a_lump_is_remembered_for_five_to_ten_round_trips)
{
    bbr_settled(&t);
    t.cc.cwnd = 60000;
    t.b->extra[0] = 9000;
    for (unsigned i = 1; i <= 9; i++) {
        lump(SW_S, 1, true);
        ck_assert_uint_eq(t.b->extra[0], 9000);
        ck_assert_uint_eq(t.b->extra_which, i < 5 ? 0 : 1);
        ck_assert_uint_eq(t.cc.cwnd, 36000); /* the larger of both */
        t.cc.cwnd = 60000;
        t.b->extra[1] = i < 5 ? 8000 : t.b->extra[1];
    }
    ck_assert_uint_eq(t.b->extra[1], 9); /* what was there is forgotten, nine came since */
    lump(SW_S, 1, true);
    ck_assert_uint_eq(t.b->extra_which, 0);
    ck_assert_uint_eq(t.b->extra[0], 10);
    ck_assert_uint_eq(t.cc.cwnd, 28000);
    bbr_end(&t);
}
END_TEST

START_TEST(acknowledgements_without_a_rate_are_no_lump)
{
    bbr_settled(&t);
    lump(SW_S, 0, true);
    ck_assert_uint_eq(t.b->extra_rounds, 0);
    t.s.rate.known = false;
    bbr_ack(&t, SW_S, 1000);
    t.s.rate.known = true;
    t.s.rate.interval = 0;
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.b->extra[0], 0);
    t.s.rate.interval = 1;
    t.s.rate.delivered = 0;
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.b->extra[0], 1000);
    bbr_end(&t);
}
END_TEST

START_TEST(a_lump_adds_a_window_at_most_and_100_ms_of_the_bandwidth)
{
    bbr_settled(&t);
    t.cc.cwnd = 8000;
    lump(SW_S, 9000, false);
    ck_assert_uint_eq(t.b->extra[0], 8000);
    t.b->extra[0] = 100001;
    t.cc.cwnd = 200000;
    lump(SW_S, 1, false);
    ck_assert_uint_eq(t.cc.cwnd, 126000);
    t.b->min_rtt = 9500 * SW_US; /* 125,000 are to be an even number, too */
    t.cc.cwnd = 200000;
    lump(SW_S, 1, false);
    ck_assert_uint_eq(t.cc.cwnd, 126000);
    t.b->min_rtt = 10 * SW_MS;
    t.b->extra[0] = 0;
    t.b->extra[1] = 100000 - 1;
    t.cc.cwnd = 200000;
    lump(SW_S, 1, false);
    ck_assert_uint_eq(t.cc.cwnd, 126000);
    t.b->extra[1] = 98000;
    t.cc.cwnd = 200000;
    lump(SW_S, 1, false);
    ck_assert_uint_eq(t.cc.cwnd, 124000);
    bbr_end(&t);
}
END_TEST

START_TEST(before_the_pipe_is_full_lumps_add_nothing)
{
    bbr_settled(&t);
    t.b->full = false;
    t.b->mode = SW_BBR_STARTUP;
    t.b->extra[0] = 50000;
    t.rate.delivered = 20000;
    t.cc.cwnd = 40000;
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.cc.cwnd, 40000);
    bbr_end(&t);
}
END_TEST

START_TEST(an_epoch_of_2_to_the_30_bytes_begins_anew)
{
    bbr_settled(&t);
    t.b->epoch_at = SW_S;
    t.b->epoch_acked = (1u << 30) - 1001;
    lump(SW_S, 1000, false);
    ck_assert_uint_eq(t.b->epoch_acked, (1u << 30) - 1);
    lump(SW_S + SW_MS, 1, false);
    ck_assert_uint_eq(t.b->epoch_acked, 1);
    ck_assert_int_eq(t.b->epoch_at, SW_S + SW_MS);
    bbr_end(&t);
}
END_TEST

static TCase *of_answers(void)
{
    TCase *tc = tcase_create("answers");
    tcase_add_test(tc, the_first_rate_is_the_first_window_a_round_trip_times_the_gain);
    tcase_add_test(tc, a_first_rate_stands_until_a_round_trip_is_known);
    tcase_add_test(tc, a_round_trip_counts_as_a_microsecond_at_least);
    tcase_add_test(tc, in_startup_the_rate_only_grows);
    tcase_add_test(tc, the_rate_is_a_hundredth_below_the_bandwidth_times_the_phases_gain);
    tcase_add_test(tc, after_a_pause_it_goes_on_at_the_bandwidth);
    tcase_add_test(tc, the_window_is_twice_the_path_and_three_quanta);
    tcase_add_test(tc, the_window_is_an_even_number_of_segments);
    tcase_add_test(tc, a_round_trip_of_seconds_is_counted_in_microseconds);
    tcase_add_test(tc, no_window_is_over_1_gib);
    tcase_add_test(tc, without_a_round_trip_the_path_is_taken_for_the_initial_window);
    tcase_add_test(tc, in_startup_the_window_grows_while_it_is_below_and_does_not_fall);
    tcase_add_test(tc, until_an_initial_window_is_delivered_it_grows_whatever_the_model_says);
    tcase_add_test(tc, the_window_is_four_segments_at_least);
    tcase_add_test(tc, what_comes_at_once_beyond_the_bandwidth_may_be_out_in_addition);
    tcase_add_test(tc, a_lump_is_remembered_for_five_to_ten_round_trips);
    tcase_add_test(tc, acknowledgements_without_a_rate_are_no_lump);
    tcase_add_test(tc, a_lump_adds_a_window_at_most_and_100_ms_of_the_bandwidth);
    tcase_add_test(tc, before_the_pipe_is_full_lumps_add_nothing);
    tcase_add_test(tc, an_epoch_of_2_to_the_30_bytes_begins_anew);
    return tc;
}

int main(void)
{
    Suite *suite = suite_create("tcp_bbr_window");
    suite_add_tcase(suite, of_answers());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
