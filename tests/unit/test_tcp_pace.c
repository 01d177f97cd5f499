/* Pacing in literal bytes and nanoseconds; segments of 1,000. */
#include <check.h>

#include "stack/tcp_pace.h"

START_TEST(a_quantum_is_a_millisecond_and_two_segments_at_least)
{
    ck_assert_uint_eq(sw_tcp_pace_quantum(10240000, 1000), 10000);
    ck_assert_uint_eq(sw_tcp_pace_quantum(1000000, 1000), 2000);
    ck_assert_uint_eq(sw_tcp_pace_quantum(150000, 1000), 2000);
    ck_assert_uint_eq(sw_tcp_pace_quantum(149999, 1000), 1000);     /* below 1.2 Mbit/s */
    ck_assert_uint_eq(sw_tcp_pace_quantum(125000000, 1000), 65536); /* 1 Gbit/s: half of one */
    ck_assert_uint_eq(sw_tcp_pace_quantum(125000000, 60000), 120000);
    ck_assert_uint_eq(sw_tcp_pace_quantum(1250000000, 1000), 305175); /* a quarter */
    ck_assert_uint_eq(sw_tcp_pace_quantum(1ull << 34, 1000), 1048576);
}
END_TEST

START_TEST(after_a_quantum_nothing_goes_until_it_has_gone_at_the_rate)
{
    struct sw_tcp_pace p = {.rate = 1000000,
                            .next = SW_S}; /* a segment a millisecond, two at once */
    ck_assert(!sw_tcp_pace_may(&p, SW_S - 1));
    ck_assert(sw_tcp_pace_may(&p, SW_S));
    sw_tcp_pace_sent(&p, 1000, 1000, SW_S);
    ck_assert(sw_tcp_pace_may(&p, SW_S)); /* the second of the two */
    sw_tcp_pace_sent(&p, 1000, 1000, SW_S);
    ck_assert(!sw_tcp_pace_may(&p, SW_S + 2 * SW_MS - 1));
    ck_assert_int_eq(p.next, SW_S + 2 * SW_MS);
    ck_assert(sw_tcp_pace_may(&p, SW_S + 2 * SW_MS));
}
END_TEST

START_TEST(who_comes_late_keeps_to_the_rate)
{
    struct sw_tcp_pace p = {.rate = 1000000, .next = SW_S};
    sw_tcp_pace_sent(&p, 2000, 1000, SW_S + SW_MS / 2); /* half a millisecond late */
    ck_assert_int_eq(p.next, SW_S + 2 * SW_MS);
    sw_tcp_pace_sent(&p, 2000, 1000, SW_S + 3 * SW_MS); /* a whole one */
    ck_assert_int_eq(p.next, SW_S + 4 * SW_MS);
}
END_TEST

START_TEST(a_pause_gives_leave_for_one_quantum_more_and_no_burst)
{
    struct sw_tcp_pace p = {.rate = 1000000, .next = SW_S};
    const sw_time now = 9 * SW_S;
    unsigned sent = 0;
    for (; sw_tcp_pace_may(&p, now); sent++) {
        sw_tcp_pace_sent(&p, 1000, 1000, now);
    }
    ck_assert_uint_eq(sent, 4);
    ck_assert_int_eq(p.next, now + 2 * SW_MS);
}
END_TEST

START_TEST(what_goes_without_asking_is_counted)
{
    struct sw_tcp_pace p = {.rate = 1000000, .next = SW_S};
    sw_tcp_pace_sent(&p, 2000, 1000, SW_S);
    sw_tcp_pace_sent(&p, 1000, 1000, SW_S); /* a timeout's */
    ck_assert_int_eq(p.next, SW_S + 3 * SW_MS);
}
END_TEST

START_TEST(without_a_rate_everything_goes)
{
    struct sw_tcp_pace p = {0};
    sw_tcp_pace_sent(&p, 1000000, 1000, SW_S);
    ck_assert(sw_tcp_pace_may(&p, SW_S));
    ck_assert_int_eq(p.next, 0);
}
END_TEST

START_TEST(times_are_rounded_up_and_fit_at_the_largest_rate)
{
    ck_assert_int_eq(sw_tcp_pace_time(3, 1), 333333334);
    ck_assert_int_eq(sw_tcp_pace_time(SW_PACE_RATE_MOST, UINT32_MAX), 250000000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_pace");
    TCase *tc = tcase_create("tcp_pace");
    tcase_add_test(tc, a_quantum_is_a_millisecond_and_two_segments_at_least);
    tcase_add_test(tc, after_a_quantum_nothing_goes_until_it_has_gone_at_the_rate);
    tcase_add_test(tc, who_comes_late_keeps_to_the_rate);
    tcase_add_test(tc, a_pause_gives_leave_for_one_quantum_more_and_no_burst);
    tcase_add_test(tc, what_goes_without_asking_is_counted);
    tcase_add_test(tc, without_a_rate_everything_goes);
    tcase_add_test(tc, times_are_rounded_up_and_fit_at_the_largest_rate);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
