/* Delivery rates in literal bytes and milliseconds; segments of 1,000, numbered from 0. */
#include <check.h>

#include "stack/tcp_rate.h"

static struct sw_tcp_rate rate;

static void begin(void)
{
    sw_tcp_rate_init(&rate, 0);
}

static void end(void)
{
    sw_tcp_rate_fini(&rate);
    ck_assert_ptr_null(rate.ring);
}

static void send(uint32_t first, uint32_t last, uint32_t flight, sw_time ms)
{
    for (uint32_t i = first; i <= last; i++) {
        sw_tcp_rate_sent(&rate, i * 1000, flight + (i - first) * 1000, ms * SW_MS);
    }
}

static struct sw_tcp_rate_sample acked(uint32_t una, uint32_t bytes, sw_time ms)
{
    sw_tcp_rate_acked(&rate, una, ms * SW_MS);
    return sw_tcp_rate_take(&rate, bytes, 0, 1000, ms * SW_MS);
}

START_TEST(a_sample_is_what_was_delivered_since_the_segment_was_sent)
{
    begin();
    send(1, 10, 0, 0);
    struct sw_tcp_rate_sample s = acked(2000, 2000, 20);
    ck_assert(s.known && !s.limited && !s.delayed);
    ck_assert_uint_eq(s.delivered, 2000);
    ck_assert_uint_eq(s.prior_delivered, 0);
    ck_assert_int_eq(s.interval, 20 * SW_MS);
    ck_assert_int_eq(s.rtt, 20 * SW_MS);
    send(11, 12, 8000, 20);
    (void)acked(4000, 2000, 22);
    (void)acked(10000, 6000, 30);
    s = acked(12000, 2000, 40);
    ck_assert_uint_eq(s.prior_delivered, 2000); /* at 20 ms */
    ck_assert_uint_eq(s.delivered, 10000);
    ck_assert_int_eq(s.interval, 20 * SW_MS);
    end();
}
END_TEST

START_TEST(acknowledgements_that_come_in_a_lump_do_not_make_it_fast)
{
    begin();
    send(1, 1, 0, 0);
    send(2, 2, 1000, 10);
    send(3, 3, 2000, 20);                                      /* text was sent over 20 ms ... */
    const struct sw_tcp_rate_sample s = acked(3000, 3000, 25); /* ... and all heard of at once */
    ck_assert_int_eq(s.interval, 25 * SW_MS);
    ck_assert_uint_eq(s.delivered, 3000);
    ck_assert_int_eq(s.rtt, 5 * SW_MS);
    end();
}
END_TEST

START_TEST(the_longer_of_sending_and_hearing_counts)
{
    begin();
    send(1, 1, 0, 0);
    send(2, 2, 1000, 1);
    (void)acked(1000, 1000, 20);
    send(3, 3, 1000, 50); /* first_sent: 0, when the first went */
    (void)acked(2000, 1000, 51);
    const struct sw_tcp_rate_sample s = acked(3000, 1000, 70);
    ck_assert_uint_eq(s.delivered, 2000);
    ck_assert_int_eq(s.interval, 50 * SW_MS); /* sent from 0 to 50; heard from 20 to 70 */
    end();
}
END_TEST

START_TEST(a_block_tells_once_and_the_acknowledgement_no_more)
{
    begin();
    send(1, 4, 0, 0);
    sw_tcp_rate_sacked(&rate, 3000, 20 * SW_MS);
    struct sw_tcp_rate_sample s = sw_tcp_rate_take(&rate, 1000, 0, 1000, 20 * SW_MS);
    ck_assert(s.known);
    ck_assert_int_eq(s.rtt, 20 * SW_MS);
    sw_tcp_rate_sacked(&rate, 3000, 21 * SW_MS); /* told again */
    sw_tcp_rate_sacked(&rate, 3500, 21 * SW_MS); /* no record ends there */
    s = sw_tcp_rate_take(&rate, 0, 0, 1000, 21 * SW_MS);
    ck_assert(!s.known);
    ck_assert_int_eq(s.interval, -1);
    s = acked(3000, 2000, 40);
    ck_assert_int_eq(s.rtt, 40 * SW_MS); /* of the first two, not of the third */
    ck_assert_uint_eq(rate.delivered, 3000);
    end();
}
END_TEST

START_TEST(what_was_sent_twice_tells_no_round_trip)
{
    begin();
    send(1, 2, 0, 0);
    sw_tcp_rate_again(&rate, 0, 1000, 100 * SW_MS);
    const struct sw_tcp_rate_sample s = acked(1000, 1000, 101);
    ck_assert(s.known);
    ck_assert_int_eq(s.rtt, -1);
    end();
}
END_TEST

START_TEST(an_interval_shorter_than_any_round_trip_is_none)
{
    begin();
    send(1, 2, 0, 0);
    (void)acked(1000, 1000, 20); /* the shortest so far */
    send(3, 3, 1000, 21);
    sw_tcp_rate_again(&rate, 2000, 3000, 40 * SW_MS);
    sw_tcp_rate_sacked(&rate, 3000, 41 * SW_MS); /* its first sending */
    ck_assert_int_eq(sw_tcp_rate_take(&rate, 1000, 0, 1000, 41 * SW_MS).interval, 40 * SW_MS);
    sw_tcp_rate_again(&rate, 1000, 2000, 42 * SW_MS);
    const struct sw_tcp_rate_sample s = acked(3000, 1000, 43);
    ck_assert(s.known);
    ck_assert_int_eq(s.interval, -1);
    end();
}
END_TEST

START_TEST(what_is_sent_while_the_user_has_no_more_is_limited)
{
    begin();
    send(1, 2, 0, 0);
    sw_tcp_rate_limit(&rate, 2000);
    send(3, 3, 2000, 5);
    struct sw_tcp_rate_sample s = acked(2000, 2000, 20);
    ck_assert(!s.limited); /* was sent before */
    ck_assert_uint_eq(rate.limited_end, 2000);
    send(4, 4, 1000, 21);
    s = acked(3000, 1000, 25);
    ck_assert(s.limited);
    ck_assert_uint_eq(rate.limited_end, 0); /* what was out has been delivered */
    send(5, 5, 1000, 26);
    s = acked(4000, 1000, 41);
    ck_assert(s.limited);
    s = acked(5000, 1000, 46);
    ck_assert(!s.limited);
    end();
}
END_TEST

START_TEST(time_in_which_nothing_was_out_does_not_count)
{
    begin();
    send(1, 1, 0, 0);
    (void)acked(1000, 1000, 20);
    send(2, 2, 0, 5000);
    const struct sw_tcp_rate_sample s = acked(2000, 1000, 5020);
    ck_assert_int_eq(s.interval, 20 * SW_MS);
    ck_assert(s.delayed); /* a lone segment: the peer may have waited for a second one */
    end();
}
END_TEST

START_TEST(records_grow_and_turn_over_with_the_numbers)
{
    begin();
    const uint32_t first = UINT32_MAX - 20000;
    for (uint32_t i = 1; i <= 100; i++) {
        sw_tcp_rate_sent(&rate, first + i * 1000, (i - 1) * 1000, i * SW_MS);
    }
    sw_tcp_rate_sacked(&rate, first + 50000, 101 * SW_MS);
    const struct sw_tcp_rate_sample s = sw_tcp_rate_take(&rate, 1000, 500, 1000, 101 * SW_MS);
    ck_assert_int_eq(s.rtt, 51 * SW_MS);
    ck_assert_uint_eq(s.lost_bytes, 500);
    ck_assert_uint_eq(rate.lost, 500);
    ck_assert_int_eq(acked(first + 100000, 99000, 110).rtt, 10 * SW_MS);
    ck_assert_uint_eq(rate.head, rate.tail);
    end();
}
END_TEST

START_TEST(of_several_the_one_sent_last_tells)
{
    begin();
    send(1, 2, 0, 0);
    (void)acked(1000, 1000, 10);
    send(3, 3, 1000, 10); /* 1,000 had been delivered when it went */
    sw_tcp_rate_sacked(&rate, 3000, 30 * SW_MS);
    sw_tcp_rate_sacked(&rate, 2000, 30 * SW_MS);
    struct sw_tcp_rate_sample s = sw_tcp_rate_take(&rate, 2000, 0, 1000, 30 * SW_MS);
    ck_assert_uint_eq(s.prior_delivered, 1000);
    ck_assert_uint_eq(s.delivered, 2000);
    end();
    begin();
    send(1, 2, 0, 0);
    sw_tcp_rate_sacked(&rate, 2000, 10 * SW_MS);
    (void)sw_tcp_rate_take(&rate, 1000, 0, 1000, 10 * SW_MS);
    send(3, 3, 1000, 11);
    sw_tcp_rate_again(&rate, 0, 1000, 12 * SW_MS); /* the lowest, and last */
    s = acked(3000, 2000, 30);
    ck_assert_uint_eq(s.prior_delivered, 1000);
    ck_assert_int_eq(s.interval, 20 * SW_MS);
    ck_assert_int_eq(rate.first_sent, 12 * SW_MS);
    end();
}
END_TEST

START_TEST(of_those_sent_together_the_one_with_the_highest_number_tells)
{
    begin();
    send(1, 2, 0, 0);
    (void)acked(1000, 1000, 10);
    send(3, 3, 1000, 20);
    sw_tcp_rate_sacked(&rate, 2000, 20 * SW_MS); /* in between, at the same time */
    (void)sw_tcp_rate_take(&rate, 1000, 0, 1000, 20 * SW_MS);
    send(4, 4, 1000, 20);
    sw_tcp_rate_sacked(&rate, 4000, 30 * SW_MS);
    sw_tcp_rate_sacked(&rate, 3000, 30 * SW_MS);
    ck_assert_uint_eq(sw_tcp_rate_take(&rate, 2000, 0, 1000, 30 * SW_MS).prior_delivered, 2000);
    end();
}
END_TEST

START_TEST(what_the_user_limits_before_anything_was_delivered_is_limited)
{
    begin();
    sw_tcp_rate_limit(&rate, 0);
    send(1, 2, 0, 0);
    const struct sw_tcp_rate_sample s = acked(1000, 1000, 10);
    ck_assert(s.limited);
    ck_assert_uint_eq(rate.limited_end, 0);
    end();
}
END_TEST

START_TEST(the_shortest_round_trip_is_of_five_minutes)
{
    begin();
    send(1, 1, 0, 0);
    (void)acked(1000, 1000, 20);
    ck_assert_int_eq(rate.min_rtt, 20 * SW_MS);
    send(2, 2, 0, 100);
    (void)acked(2000, 1000, 120); /* as short, and so it is as good as new */
    ck_assert_int_eq(rate.min_rtt_at, 120 * SW_MS);
    send(3, 3, 0, 300090);
    (void)acked(3000, 1000, 300120);
    ck_assert_int_eq(rate.min_rtt, 20 * SW_MS);
    send(4, 4, 0, 300100);
    (void)acked(4000, 1000, 300121);
    ck_assert_int_eq(rate.min_rtt, 21 * SW_MS);
    ck_assert_int_eq(rate.min_rtt_at, 300121 * SW_MS);
    end();
}
END_TEST

START_TEST(an_interval_as_short_as_the_shortest_round_trip_is_one)
{
    begin();
    send(1, 2, 0, 0);
    (void)acked(1000, 1000, 20);
    send(3, 3, 1000, 20);
    ck_assert_int_eq(acked(3000, 2000, 40).interval, 20 * SW_MS);
    end();
}
END_TEST

/* Does the acknowledgement of n segments of 900 at 20 ms say that it may have been delayed? */
static bool delayed(uint32_t n, uint32_t mss, bool again, bool before)
{
    begin();
    sw_tcp_rate_sent(&rate, 900, 0, 0);
    sw_tcp_rate_sent(&rate, 1800, 900, 0);
    if (again) {
        sw_tcp_rate_again(&rate, 0, 900, SW_MS);
    }
    if (before) {
        sw_tcp_rate_sacked(&rate, 1800, 10 * SW_MS);
        (void)sw_tcp_rate_take(&rate, 900, 0, mss, 10 * SW_MS);
    }
    sw_tcp_rate_acked(&rate, 900 * n, 20 * SW_MS);
    const bool is = sw_tcp_rate_take(&rate, 900 * n, 0, mss, 20 * SW_MS).delayed;
    end();
    return is;
}

START_TEST(a_lone_segment_that_is_all_that_came_may_have_been_acknowledged_late)
{
    ck_assert(delayed(1, 900, false, false));
    ck_assert(!delayed(1, 899, false, false)); /* it was more than one */
    ck_assert(!delayed(2, 2000, false, false));
    ck_assert(!delayed(1, 900, true, false)); /* that is answered at once, as all out of order is */
    ck_assert(!delayed(1, 900, false, true)); /* so was what came before it */
}
END_TEST

START_TEST(what_is_sent_again_is_what_lies_within)
{
    begin();
    send(1, 4, 0, 0);
    sw_tcp_rate_sacked(&rate, 2000, 10 * SW_MS);
    (void)sw_tcp_rate_take(&rate, 1000, 0, 1000, 10 * SW_MS);
    sw_tcp_rate_again(&rate, 1000, 3000, 15 * SW_MS); /* the second has arrived, the third not */
    struct sw_tcp_rate_sample s = acked(1000, 1000, 30);
    ck_assert_int_eq(s.rtt, 30 * SW_MS);
    s = acked(3000, 1000, 31);
    ck_assert_int_eq(s.rtt, -1);
    ck_assert_uint_eq(s.prior_delivered, 1000);
    s = acked(4000, 1000, 32);
    ck_assert_int_eq(s.rtt, 32 * SW_MS);
    end();
}
END_TEST

START_TEST(an_acknowledgement_of_nothing_moves_no_time)
{
    begin();
    send(1, 1, 0, 0);
    (void)sw_tcp_rate_take(&rate, 0, 300, 1000, 10 * SW_MS);
    ck_assert_int_eq(rate.delivered_at, 0);
    ck_assert_uint_eq(rate.lost, 300);
    (void)sw_tcp_rate_take(&rate, 1, 0, 1000, 10 * SW_MS);
    ck_assert_int_eq(rate.delivered_at, 10 * SW_MS);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_rate");
    TCase *tc = tcase_create("tcp_rate");
    tcase_add_test(tc, a_sample_is_what_was_delivered_since_the_segment_was_sent);
    tcase_add_test(tc, acknowledgements_that_come_in_a_lump_do_not_make_it_fast);
    tcase_add_test(tc, the_longer_of_sending_and_hearing_counts);
    tcase_add_test(tc, a_block_tells_once_and_the_acknowledgement_no_more);
    tcase_add_test(tc, what_was_sent_twice_tells_no_round_trip);
    tcase_add_test(tc, an_interval_shorter_than_any_round_trip_is_none);
    tcase_add_test(tc, what_is_sent_while_the_user_has_no_more_is_limited);
    tcase_add_test(tc, time_in_which_nothing_was_out_does_not_count);
    tcase_add_test(tc, records_grow_and_turn_over_with_the_numbers);
    tcase_add_test(tc, of_several_the_one_sent_last_tells);
    tcase_add_test(tc, of_those_sent_together_the_one_with_the_highest_number_tells);
    tcase_add_test(tc, what_the_user_limits_before_anything_was_delivered_is_limited);
    tcase_add_test(tc, the_shortest_round_trip_is_of_five_minutes);
    tcase_add_test(tc, an_interval_as_short_as_the_shortest_round_trip_is_one);
    tcase_add_test(tc, a_lone_segment_that_is_all_that_came_may_have_been_acknowledged_late);
    tcase_add_test(tc, what_is_sent_again_is_what_lies_within);
    tcase_add_test(tc, an_acknowledgement_of_nothing_moves_no_time);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
