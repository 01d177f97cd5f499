/* The arithmetic of results. */
#include <check.h>
#include <stdint.h>

#include "lan/measure.h"

START_TEST(products_do_not_overflow_on_the_way)
{
    ck_assert_uint_eq(sw_mul_div(UINT64_MAX, 1000, 1000), UINT64_MAX);
    ck_assert_uint_eq(sw_mul_div(7, 3, 2), 10);
    ck_assert_uint_eq(sw_mul_div(UINT64_MAX, 2, 1), UINT64_MAX);
}
END_TEST

START_TEST(rates_and_shares)
{
    ck_assert_uint_eq(sw_rate_of(125000000, SW_S), 1000000000);
    ck_assert_uint_eq(sw_rate_of(1, 3 * SW_S), 2);
    ck_assert_uint_eq(sw_rate_of(1, 0), 0);
    ck_assert_int_eq(sw_share_of(1, 3), 333333333);
    ck_assert_int_eq(sw_share_of(3, 3), 1000000000);
    ck_assert_int_eq(sw_share_of(0, 0), 0);
}
END_TEST

START_TEST(fairness_is_jains)
{
    static const uint64_t alike[] = {5, 5, 5, 5}, one[] = {8, 0, 0, 0}, mixed[] = {1, 2, 3};
    static const uint64_t big[] = {UINT64_MAX, UINT64_MAX / 2};
    ck_assert_uint_eq(sw_fairness_ppb(alike, 4), 1000000000);
    ck_assert_uint_eq(sw_fairness_ppb(one, 4), 250000000);
    ck_assert_uint_eq(sw_fairness_ppb(mixed, 3), 857142857);            /* 36 / (3 * 14) */
    ck_assert_uint_eq((sw_fairness_ppb(big, 2) + 5000) / 10000, 90000); /* 9 / (2 * 5) */
    ck_assert_uint_eq(sw_fairness_ppb(one + 1, 3), 0);
    ck_assert_uint_eq(sw_fairness_ppb(one, 0), 0);
}
END_TEST

START_TEST(round_trips)
{
    struct sw_rtts r = {0};
    ck_assert_int_eq(sw_rtts_mean(&r), 0);
    ck_assert_int_eq(sw_rtts_mdev(&r), 0);
    ck_assert_int_eq(sw_rtts_jitter(&r), 0);
    sw_rtts_add(&r, 2 * SW_MS);
    ck_assert_int_eq(sw_rtts_jitter(&r), 0);
    sw_rtts_add(&r, 4 * SW_MS);
    sw_rtts_add(&r, 3 * SW_MS);
    ck_assert_int_eq(r.min, 2 * SW_MS);
    ck_assert_int_eq(r.max, 4 * SW_MS);
    ck_assert_int_eq(sw_rtts_mean(&r), 3 * SW_MS);
    ck_assert_int_eq(sw_rtts_mdev(&r), 816496);    /* the root of 2/3, in ms */
    ck_assert_int_eq(sw_rtts_jitter(&r), 1500000); /* (2 + 1) / 2 */
}
END_TEST

/* An hour's round trips, a million times: 128 bits of squares. */
START_TEST(long_round_trips_do_not_overflow)
{
    struct sw_rtts r = {0};
    for (int i = 0; i < 1000000; i++) {
        sw_rtts_add(&r, 3600 * SW_S);
    }
    ck_assert_int_eq(sw_rtts_mean(&r), 3600 * SW_S);
    ck_assert_int_eq(sw_rtts_mdev(&r), 0);
}
END_TEST

START_TEST(percentiles_are_nearest_ranks)
{
    sw_time t[] = {50, 20, 40, 10, 30};
    sw_times_sort(t, 5);
    ck_assert_int_eq(t[0], 10);
    ck_assert_int_eq(t[4], 50);
    ck_assert_int_eq(sw_times_percentile(t, 5, 50), 30);
    ck_assert_int_eq(sw_times_percentile(t, 5, 20), 10);
    ck_assert_int_eq(sw_times_percentile(t, 5, 21), 20);
    ck_assert_int_eq(sw_times_percentile(t, 5, 99), 50);
    ck_assert_int_eq(sw_times_percentile(t, 1, 1), 10);
    ck_assert_int_eq(sw_times_percentile(NULL, 0, 50), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("measure");
    TCase *tc = tcase_create("numbers");
    tcase_add_test(tc, products_do_not_overflow_on_the_way);
    tcase_add_test(tc, rates_and_shares);
    tcase_add_test(tc, fairness_is_jains);
    tcase_add_test(tc, round_trips);
    tcase_add_test(tc, long_round_trips_do_not_overflow);
    tcase_add_test(tc, percentiles_are_nearest_ranks);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
