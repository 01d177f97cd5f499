/* BBR and policers, in literal bytes and milliseconds: what is acknowledged comes in rounds of
 * 10 ms. */
#include <check.h>

#include "stack/tcp_bbr_police.h"

static struct sw_tcp_bbr bbr;
static struct sw_tcp_rate rate;

static void begin(void)
{
    bbr = (struct sw_tcp_bbr){.mode = SW_BBR_PROBE_BW, .pacing_gain = 320};
    rate = (struct sw_tcp_rate){.delivered = 1000000, .delivered_at = SW_S};
}

/* A round trip in which so many bytes came, and so many were lost. */
static bool round_of(uint32_t delivered, uint32_t lost, bool limited)
{
    bbr.round_start = true;
    rate.delivered += delivered;
    rate.lost += lost;
    rate.delivered_at += 10 * SW_MS;
    return sw_tcp_bbr_police(&bbr, &rate, limited, lost > 0);
}

/* Loss, and then so many round trips of 10,000 bytes of which a quarter is lost. */
static void rounds(unsigned n, uint32_t delivered)
{
    for (unsigned i = 0; i < n; i++) {
        ck_assert(!round_of(delivered, delivered / 4, false));
    }
}

START_TEST(two_intervals_with_loss_at_the_same_rate_are_a_policers)
{
    begin();
    rounds(4, 10000); /* the first begins with the first loss, and has four round trips */
    ck_assert(bbr.police_sampling && !bbr.police_use);
    ck_assert_uint_eq(bbr.police_bw, 1000000);
    rounds(3, 10400);
    ck_assert(!bbr.police_use);
    rounds(1, 10400);
    ck_assert(bbr.police_use);
    ck_assert_uint_eq(bbr.police_bw, 1020000); /* the mean of both */
    ck_assert_uint_eq(bbr.pacing_gain, SW_BBR_UNIT);
    ck_assert_uint_eq(sw_tcp_bbr_bandwidth(&bbr), 1020000);
}
END_TEST

START_TEST(after_48_round_trips_it_looks_anew)
{
    begin();
    rounds(8, 10000);
    ck_assert(bbr.police_use);
    for (unsigned i = 0; i < 47; i++) {
        ck_assert(!round_of(10000, 0, false));
    }
    ck_assert(round_of(10000, 0, false));
    ck_assert(!bbr.police_use);
    ck_assert_uint_eq(bbr.police_bw, 0);
}
END_TEST

START_TEST(rates_more_than_an_eighth_apart_are_no_policers)
{
    begin();
    rounds(4, 10000);
    rounds(4, 12000);
    ck_assert(!bbr.police_use);
    ck_assert_uint_eq(bbr.police_bw, 1200000); /* the next is held against this one */
}
END_TEST

START_TEST(less_than_a_fifth_lost_is_no_policers)
{
    begin();
    for (unsigned i = 0; i < 15; i++) {
        (void)round_of(10000, 1800, false);
    }
    ck_assert_uint_eq(bbr.police_bw, 0);
    ck_assert(bbr.police_sampling);
    for (unsigned i = 0; i < 2; i++) {
        (void)round_of(10000, 1800, false);
    }
    ck_assert(!bbr.police_sampling); /* an interval has 16 round trips at most */
}
END_TEST

START_TEST(a_flow_that_its_user_limits_says_nothing_of_policers)
{
    begin();
    rounds(3, 10000);
    (void)round_of(10000, 2500, true);
    ck_assert(!bbr.police_sampling);
    ck_assert_uint_eq(bbr.police_bw, 0);
}
END_TEST

START_TEST(a_rate_is_of_what_came_and_where_nothing_did_there_is_none)
{
    begin();
    for (unsigned i = 0; i < 5; i++) {
        ck_assert(!round_of(0, 5000, false));
    }
    ck_assert_uint_eq(bbr.police_bw, 0);
    ck_assert(bbr.police_sampling);
    ck_assert(!round_of(1, 5000, false)); /* a byte in 50 ms since the first loss */
    ck_assert_uint_eq(bbr.police_bw, 20);
    begin();
    for (unsigned i = 0; i < 6; i++) { /* within a millisecond nothing can be said */
        bbr.round_start = true;
        rate.delivered += 1000;
        rate.lost += 1000;
        rate.delivered_at += SW_MS / 6;
        ck_assert(!sw_tcp_bbr_police(&bbr, &rate, false, true));
    }
    ck_assert_uint_eq(bbr.police_bw, 0);
    rate.delivered_at = SW_S + SW_MS / 6 + SW_MS;
    ck_assert(!sw_tcp_bbr_police(&bbr, &rate, false, true));
    ck_assert_uint_eq(bbr.police_bw, 5000000);
}
END_TEST

START_TEST(a_fifth_lost_is_a_policers_and_the_same_rate_is_within_an_eighth)
{
    begin();
    (void)round_of(25600, 5000, false); /* begins */
    for (unsigned i = 0; i < 2; i++) {
        (void)round_of(25600, 5000, false);
    }
    (void)round_of(25600, 4999, false); /* 14,999 of 76,800: less than 50 of 256 */
    ck_assert_uint_eq(bbr.police_bw, 0);
    begin();
    (void)round_of(25600, 5000, false);
    for (unsigned i = 0; i < 3; i++) {
        (void)round_of(25600, 5000, false);
    }
    ck_assert_uint_eq(bbr.police_bw, 2560000);
    for (unsigned i = 0; i < 4; i++) {
        (void)round_of(28800, 10000, false); /* an eighth more */
    }
    ck_assert(bbr.police_use);
    ck_assert_uint_eq(bbr.police_bw, 2720000);
}
END_TEST

START_TEST(slow_policers_are_the_same_within_4_kbit)
{
    for (unsigned more = 0; more < 2; more++) {
        begin();
        rounds(4, 20);
        ck_assert_uint_eq(bbr.police_bw, 2000);
        rounds(4, more == 0 ? 25 : 26); /* 500 bytes a second more, and 600 */
        ck_assert(bbr.police_use == (more == 0));
    }
}
END_TEST

START_TEST(without_loss_nothing_is_sampled)
{
    begin();
    for (unsigned i = 0; i < 20; i++) {
        (void)round_of(10000, 0, false);
    }
    ck_assert(!bbr.police_sampling);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_bbr_police");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, two_intervals_with_loss_at_the_same_rate_are_a_policers);
    tcase_add_test(tc, after_48_round_trips_it_looks_anew);
    tcase_add_test(tc, rates_more_than_an_eighth_apart_are_no_policers);
    tcase_add_test(tc, less_than_a_fifth_lost_is_no_policers);
    tcase_add_test(tc, a_flow_that_its_user_limits_says_nothing_of_policers);
    tcase_add_test(tc, a_rate_is_of_what_came_and_where_nothing_did_there_is_none);
    tcase_add_test(tc, a_fifth_lost_is_a_policers_and_the_same_rate_is_within_an_eighth);
    tcase_add_test(tc, slow_policers_are_the_same_within_4_kbit);
    tcase_add_test(tc, without_loss_nothing_is_sampled);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
