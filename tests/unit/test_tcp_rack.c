/* RACK (RFC 8985 6.2). */
#include <check.h>
#include <string.h>

#include "stack/tcp_rack.h"

static struct sw_tcp_rack rack;
static struct sw_tcp_sent s;
static struct sw_tcp_sent_hears hears;
static sw_time now, echo;

static void tell(struct sw_tcp_sent_hears *h, const struct sw_tcp_record *r)
{
    (void)h;
    sw_tcp_rack_delivered(&rack, r, echo, now);
}

/* n records of 1,000 from 1 on, one a millisecond from 0 on. */
static void sent(unsigned n)
{
    memset(&rack, 0, sizeof(rack));
    sw_tcp_sent_init(&s);
    hears.delivered = tell;
    now = echo = 0;
    for (unsigned i = 0; i < n; i++) {
        ck_assert(sw_tcp_sent_room(&s, 1000));
        sw_tcp_sent_push(&s, 1 + 1000 * i, 1001 + 1000 * i, i * SW_MS);
    }
}

static uint8_t flags(uint32_t record)
{
    return sw_tcp_sent_at(&s, record)->flags;
}

START_TEST(the_round_trip_is_of_what_was_sent_last__rfc8985_6_2_step_2)
{
    sent(5);
    now = 42 * SW_MS;
    (void)sw_tcp_sent_sacked(&s, 3001, 4001, &hears);
    ck_assert_int_eq(rack.sent_at, 3 * SW_MS);
    ck_assert_int_eq(rack.rtt, 39 * SW_MS);
    ck_assert_uint_eq(rack.end, 4001);
    now = 43 * SW_MS;
    (void)sw_tcp_sent_sacked(&s, 1001, 2001, &hears); /* sent before: nothing new */
    ck_assert_int_eq(rack.rtt, 39 * SW_MS);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(the_least_round_trip_is_kept_for_300_s__rfc8985_6_2_step_1)
{
    sent(4);
    now = 40 * SW_MS;
    (void)sw_tcp_sent_sacked(&s, 1, 1001, &hears);
    now = 31 * SW_MS;
    (void)sw_tcp_sent_sacked(&s, 1001, 2001, &hears);
    ck_assert_int_eq(rack.min_rtt, 30 * SW_MS);
    now = 92 * SW_MS;
    (void)sw_tcp_sent_sacked(&s, 2001, 3001, &hears);
    ck_assert_int_eq(rack.min_rtt, 30 * SW_MS);
    now = 301 * SW_S;
    (void)sw_tcp_sent_sacked(&s, 3001, 4001, &hears);
    ck_assert_int_eq(rack.min_rtt, 301 * SW_S - 3 * SW_MS);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(an_answer_that_may_be_to_the_first_sending_is_not_used__rfc8985_6_2_step_2)
{
    sent(3);
    now = 40 * SW_MS;
    (void)sw_tcp_sent_sacked(&s, 2001, 3001, &hears);
    sw_tcp_sent_lose(&s, 0);
    sw_tcp_sent_again(&s, 0, 50 * SW_MS);
    now = 60 * SW_MS; /* quicker than the path ever was */
    (void)sw_tcp_sent_sacked(&s, 1, 1001, &hears);
    ck_assert_int_eq(rack.sent_at, 2 * SW_MS);
    sw_tcp_sent_lose(&s, 1);
    sw_tcp_sent_again(&s, 1, 50 * SW_MS);
    now = 95 * SW_MS;
    echo = 2 * SW_MS; /* of the first sending's millisecond */
    (void)sw_tcp_sent_sacked(&s, 1001, 2001, &hears);
    ck_assert_int_eq(rack.sent_at, 2 * SW_MS);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(the_window_for_reordering__rfc8985_6_2_step_4)
{
    sent(4);
    now = 41 * SW_MS;
    (void)sw_tcp_sent_sacked(&s, 1001, 2001, &hears); /* 40 ms */
    ck_assert(!rack.reordered);
    ck_assert_int_eq(sw_tcp_rack_window(&rack, true, 50 * SW_MS), 0);
    ck_assert_int_eq(sw_tcp_rack_window(&rack, false, 50 * SW_MS), 10 * SW_MS);
    ck_assert_int_eq(sw_tcp_rack_window(&rack, false, 8 * SW_MS), 8 * SW_MS); /* SRTT at most */
    (void)sw_tcp_sent_sacked(&s, 1, 1001, &hears);
    ck_assert(rack.reordered); /* step 3: the first comes behind the second */
    ck_assert_int_eq(sw_tcp_rack_window(&rack, true, 50 * SW_MS), 10 * SW_MS);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(what_came_twice_widens_the_window_once_in_a_round_trip__rfc8985_6_2_step_4)
{
    sent(4);
    now = 41 * SW_MS;
    (void)sw_tcp_sent_sacked(&s, 1001, 2001, &hears); /* 40 ms */
    sw_tcp_rack_twice(&rack, 1, 4001);
    ck_assert_int_eq(sw_tcp_rack_window(&rack, false, 100 * SW_MS), 20 * SW_MS);
    sw_tcp_rack_twice(&rack, 4000, 9001); /* the same round trip */
    ck_assert_int_eq(sw_tcp_rack_window(&rack, false, 100 * SW_MS), 20 * SW_MS);
    sw_tcp_rack_twice(&rack, 4001, 9001);
    ck_assert_int_eq(sw_tcp_rack_window(&rack, false, 100 * SW_MS), 30 * SW_MS);
    ck_assert_int_eq(sw_tcp_rack_window(&rack, false, 25 * SW_MS), 25 * SW_MS);
    ck_assert_int_eq(sw_tcp_rack_window(&rack, true, 100 * SW_MS), 0); /* no reordering seen */
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(sixteen_recoveries_forget_it__rfc8985_6_2_step_4)
{
    sent(4);
    now = 41 * SW_MS;
    (void)sw_tcp_sent_sacked(&s, 1001, 2001, &hears);
    sw_tcp_rack_twice(&rack, 1, 4001);
    for (unsigned i = 0; i < 15; i++) {
        sw_tcp_rack_recovered(&rack);
    }
    ck_assert_int_eq(sw_tcp_rack_window(&rack, false, 100 * SW_MS), 20 * SW_MS);
    sw_tcp_rack_recovered(&rack);
    ck_assert_int_eq(sw_tcp_rack_window(&rack, false, 100 * SW_MS), 10 * SW_MS);
    sw_tcp_rack_recovered(&rack);
    sw_tcp_rack_twice(&rack, 4001, 9001);
    sw_tcp_rack_recovered(&rack);
    ck_assert_int_eq(sw_tcp_rack_window(&rack, false, 100 * SW_MS), 20 * SW_MS);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(lost_is_what_was_sent_before_and_had_its_time__rfc8985_6_2_step_5)
{
    sent(5);
    now = 43 * SW_MS;
    (void)sw_tcp_sent_sacked(&s, 3001, 4001, &hears); /* sent at 3 ms, 40 ms ago */
    /* 0, 1 and 2 were sent before; 40 ms and 2 ms after it: at 42, 43 and 44 ms. */
    ck_assert_int_eq(sw_tcp_rack_look(&rack, &s, 2 * SW_MS, now), 44 * SW_MS);
    ck_assert_uint_eq(flags(0), SW_SENT_LOST);
    ck_assert_uint_eq(flags(1), SW_SENT_LOST);
    ck_assert_uint_eq(flags(2), 0);
    ck_assert_int_eq(sw_tcp_rack_look(&rack, &s, 2 * SW_MS, 44 * SW_MS), SW_TIME_NEVER);
    ck_assert_uint_eq(flags(2), SW_SENT_LOST);
    ck_assert_uint_eq(flags(4), 0); /* sent later than what was delivered */
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(what_was_sent_again_may_be_lost_again__rfc8985_6_2_step_5)
{
    sent(4);
    now = 43 * SW_MS;
    (void)sw_tcp_sent_sacked(&s, 1001, 2001, &hears);
    sw_tcp_sent_lose(&s, 0);
    sw_tcp_sent_again(&s, 0, 44 * SW_MS);
    ck_assert(sw_tcp_sent_room(&s, 1000));
    sw_tcp_sent_push(&s, 4001, 5001, 45 * SW_MS);
    now = 90 * SW_MS;
    (void)sw_tcp_sent_sacked(&s, 2001, 5001, &hears); /* what was sent 1 ms later, too */
    ck_assert_int_eq(sw_tcp_rack_look(&rack, &s, 0, now), SW_TIME_NEVER);
    ck_assert_uint_eq(s.missing.count, 1);
    ck_assert_uint_eq(s.missing.first, 0);
    sw_tcp_sent_fini(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_rack");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, the_round_trip_is_of_what_was_sent_last__rfc8985_6_2_step_2);
    tcase_add_test(tc, the_least_round_trip_is_kept_for_300_s__rfc8985_6_2_step_1);
    tcase_add_test(tc, an_answer_that_may_be_to_the_first_sending_is_not_used__rfc8985_6_2_step_2);
    tcase_add_test(tc, the_window_for_reordering__rfc8985_6_2_step_4);
    tcase_add_test(tc, what_came_twice_widens_the_window_once_in_a_round_trip__rfc8985_6_2_step_4);
    tcase_add_test(tc, sixteen_recoveries_forget_it__rfc8985_6_2_step_4);
    tcase_add_test(tc, lost_is_what_was_sent_before_and_had_its_time__rfc8985_6_2_step_5);
    tcase_add_test(tc, what_was_sent_again_may_be_lost_again__rfc8985_6_2_step_5);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
