/* Numbers modulo 2^32 (RFC 9293 3.4). */
#include <check.h>

#include "stack/tcp_seq.h"

START_TEST(order_goes_the_nearer_way_round)
{
    ck_assert(sw_seq_lt(1, 2));
    ck_assert(!sw_seq_lt(2, 2));
    ck_assert(sw_seq_le(2, 2));
    ck_assert(sw_seq_lt(0xfffffff0, 5));
    ck_assert(sw_seq_gt(5, 0xfffffff0));
    ck_assert(sw_seq_ge(5, 0xfffffff0));
    ck_assert(!sw_seq_ge(0xfffffff0, 5));
    ck_assert(sw_seq_lt(0x80000001, 0));
    ck_assert_uint_eq(sw_seq_max(0xffffffff, 0), 0);
    ck_assert_uint_eq(sw_seq_min(0xffffffff, 0), 0xffffffff);
}
END_TEST

START_TEST(a_window_may_span_the_turn)
{
    ck_assert(sw_seq_in(0xfffffffe, 0xfffffffe, 4));
    ck_assert(sw_seq_in(1, 0xfffffffe, 4));
    ck_assert(!sw_seq_in(2, 0xfffffffe, 4));
    ck_assert(!sw_seq_in(0xfffffffd, 0xfffffffe, 4));
    ck_assert(!sw_seq_in(7, 7, 0));
}
END_TEST

START_TEST(timestamps_turn_too__rfc7323_5_2)
{
    ck_assert(sw_ts_before(0xffffffff, 0));
    ck_assert(!sw_ts_before(0, 0xffffffff));
    ck_assert(!sw_ts_before(3, 3));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_seq");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, order_goes_the_nearer_way_round);
    tcase_add_test(tc, a_window_may_span_the_turn);
    tcase_add_test(tc, timestamps_turn_too__rfc7323_5_2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
