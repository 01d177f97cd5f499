/* RFC 6298, in literal nanoseconds. */
#include <check.h>

#include "stack/tcp_rtt.h"

static struct sw_tcp_rtt rtt;

START_TEST(before_a_sample_rto_is_1_s__rfc6298_2_1)
{
    sw_tcp_rtt_init(&rtt, false);
    ck_assert_int_eq(rtt.rto, 1000000000);
    ck_assert(!rtt.sampled);
}
END_TEST

START_TEST(first_sample_sets_srtt_and_half_of_it__rfc6298_2_2)
{
    sw_tcp_rtt_init(&rtt, false);
    sw_tcp_rtt_sample(&rtt, 300 * SW_MS);
    ck_assert_int_eq(rtt.srtt, 300000000);
    ck_assert_int_eq(rtt.rttvar, 150000000);
    ck_assert_int_eq(rtt.rto, 900000000); /* 300 + 4 * 150 */
}
END_TEST

START_TEST(deviation_is_updated_before_the_mean__rfc6298_2_3)
{
    sw_tcp_rtt_init(&rtt, false);
    sw_tcp_rtt_sample(&rtt, 400 * SW_MS);
    sw_tcp_rtt_sample(&rtt, 800 * SW_MS);
    ck_assert_int_eq(rtt.rttvar, 250000000); /* 3/4 * 200 + 1/4 * |400 - 800| */
    ck_assert_int_eq(rtt.srtt, 450000000);   /* 7/8 * 400 + 1/8 * 800 */
    ck_assert_int_eq(rtt.rto, 1450000000);
    sw_tcp_rtt_sample(&rtt, 50 * SW_MS);
    ck_assert_int_eq(rtt.rttvar, 287500000); /* 3/4 * 250 + 1/4 * 400 */
    ck_assert_int_eq(rtt.srtt, 400000000);   /* 7/8 * 450 + 1/8 * 50 */
}
END_TEST

START_TEST(never_below_200_ms__rfc6298_2_4_departure)
{
    sw_tcp_rtt_init(&rtt, false);
    sw_tcp_rtt_sample(&rtt, 20 * SW_US);
    ck_assert_int_eq(rtt.rto, 200000000);
}
END_TEST

START_TEST(a_steady_round_trip_leaves_at_least_the_clocks_tick__rfc6298_4)
{
    sw_tcp_rtt_init(&rtt, false);
    for (unsigned i = 0; i < 200; i++) {
        sw_tcp_rtt_sample(&rtt, SW_S);
    }
    ck_assert_int_eq(rtt.srtt, 1000000000);
    ck_assert_int_lt(rtt.rttvar, 4); /* integer halves end here */
    ck_assert_int_gt(rtt.rto, 1000000000);
    ck_assert_int_le(rtt.rto, 1000000012);
}
END_TEST

START_TEST(rto_doubles_on_timeout__rfc6298_5_5)
{
    sw_tcp_rtt_init(&rtt, false);
    sw_tcp_rtt_back_off(&rtt);
    ck_assert_int_eq(rtt.rto, 2000000000);
    sw_tcp_rtt_back_off(&rtt);
    ck_assert_int_eq(rtt.rto, 4000000000);
}
END_TEST

START_TEST(rto_ends_at_120_s__rfc6298_2_5)
{
    sw_tcp_rtt_init(&rtt, false);
    for (unsigned i = 0; i < 100; i++) {
        sw_tcp_rtt_back_off(&rtt);
    }
    ck_assert_int_eq(rtt.rto, 120000000000);
    sw_tcp_rtt_sample(&rtt, 1000 * SW_S);
    ck_assert_int_eq(rtt.rto, 120000000000);
}
END_TEST

START_TEST(a_sample_takes_back_off_away)
{
    sw_tcp_rtt_init(&rtt, false);
    sw_tcp_rtt_sample(&rtt, 100 * SW_MS);
    sw_tcp_rtt_back_off(&rtt);
    sw_tcp_rtt_back_off(&rtt);
    ck_assert_int_eq(rtt.rto, 1200000000);
    sw_tcp_rtt_sample(&rtt, 100 * SW_MS);
    ck_assert_int_eq(rtt.rto, 250000000); /* 100 + 4 * 37.5 */
}
END_TEST

START_TEST(after_a_lost_syn_text_begins_with_3_s__rfc6298_5_7)
{
    sw_tcp_rtt_init(&rtt, false);
    sw_tcp_rtt_back_off(&rtt);
    sw_tcp_rtt_syn_was_lost(&rtt);
    ck_assert_int_eq(rtt.rto, 3000000000);
    sw_tcp_rtt_init(&rtt, false);
    sw_tcp_rtt_sample(&rtt, 10 * SW_MS);
    sw_tcp_rtt_syn_was_lost(&rtt);
    ck_assert_int_eq(rtt.rto, 200000000); /* a sample is known: it is better */
}
END_TEST

START_TEST(a_round_trip_of_nothing_is_a_sample)
{
    sw_tcp_rtt_init(&rtt, false);
    sw_tcp_rtt_sample(&rtt, 0);
    ck_assert(rtt.sampled);
    ck_assert_int_eq(rtt.rto, 200000000);
    sw_tcp_rtt_sample(&rtt, 8 * SW_MS);
    ck_assert_int_eq(rtt.srtt, 1000000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_rtt");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, before_a_sample_rto_is_1_s__rfc6298_2_1);
    tcase_add_test(tc, first_sample_sets_srtt_and_half_of_it__rfc6298_2_2);
    tcase_add_test(tc, deviation_is_updated_before_the_mean__rfc6298_2_3);
    tcase_add_test(tc, never_below_200_ms__rfc6298_2_4_departure);
    tcase_add_test(tc, a_steady_round_trip_leaves_at_least_the_clocks_tick__rfc6298_4);
    tcase_add_test(tc, rto_doubles_on_timeout__rfc6298_5_5);
    tcase_add_test(tc, rto_ends_at_120_s__rfc6298_2_5);
    tcase_add_test(tc, a_sample_takes_back_off_away);
    tcase_add_test(tc, after_a_lost_syn_text_begins_with_3_s__rfc6298_5_7);
    tcase_add_test(tc, a_round_trip_of_nothing_is_a_sample);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
