/* How late a driver is: percentiles that are at most an eighth above what was counted. */
#include <check.h>
#include <stdlib.h>

#include "switchd/late.h"

START_TEST(none_is_late_where_nothing_was_due)
{
    struct sw_late late = {0};
    ck_assert_int_eq(sw_late_percentile(&late, 50), 0);
    ck_assert_int_eq(sw_late_percentile(&late, 100), 0);
}
END_TEST

START_TEST(a_percentile_is_at_most_an_eighth_above)
{
    struct sw_late late = {0};
    for (sw_time i = 1; i <= 1000; i++) {
        sw_late_add(&late, i * SW_US);
    }
    ck_assert_uint_eq(late.turns, 1000);
    ck_assert_int_eq(late.max, SW_MS);
    static const unsigned percent[] = {1, 10, 50, 90, 95, 99};
    for (unsigned i = 0; i < 6; i++) {
        sw_time is = sw_late_percentile(&late, percent[i]), was = percent[i] * 10 * SW_US;
        ck_assert_int_ge(is, was);
        ck_assert_int_le(is, was + was / 8);
    }
    ck_assert_int_eq(sw_late_percentile(&late, 100), SW_MS);
}
END_TEST

START_TEST(one_that_is_very_late_moves_the_worst_alone)
{
    struct sw_late late = {0};
    for (unsigned i = 0; i < 999; i++) {
        sw_late_add(&late, 5);
    }
    sw_late_add(&late, INT64_MAX);
    sw_late_add(&late, -3); /* before its time: on time */
    ck_assert_int_eq(sw_late_percentile(&late, 50), 5);
    ck_assert_int_eq(sw_late_percentile(&late, 99), 5);
    ck_assert_int_eq(sw_late_percentile(&late, 100), INT64_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("late");
    TCase *all = tcase_create("percentiles");
    tcase_add_test(all, none_is_late_where_nothing_was_due);
    tcase_add_test(all, a_percentile_is_at_most_an_eighth_above);
    tcase_add_test(all, one_that_is_very_late_moves_the_worst_alone);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
