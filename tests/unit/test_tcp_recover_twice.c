/* What comes twice (RFC 2883, D-SACK): how the receiver tells it, and what the sender makes of it.
 */
#include <check.h>
#include <stdio.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

/* Segments of 1,000; answers take 20 ms. */
static void far(void)
{
    const struct lab_config config = {.sack = true};
    lab_init(&lab, &config);
    lab.patience = 20 * SW_MS;
    lab_accept(&lab, 65535, "<mss 1000,sackOK>");
}

static void accepted(void)
{
    const struct lab_config config = {.sack = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1000,sackOK>");
}

static void later(void)
{
    lab_run(&lab, lab_now(&lab) + 20 * SW_MS);
}

static void written(size_t n)
{
    ck_assert_int_eq(lab_write(&lab, n), (int64_t)n);
}

/* ---- the receiver's side ---- */

START_TEST(a_segment_that_was_taken_in_before_is_told__rfc2883_4_1)
{
    accepted();
    lab_in(&lab, ". 1:101(100) ack 1 win 65535");
    lab_in(&lab, ". 101:201(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 201 win 59800");
    lab_in(&lab, ". 101:201(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 201 win 59800 <sack 101-201>");
    lab_in(&lab, ". 301:401(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 201 win 59800 <sack 301-401>"); /* once, not again */
    lab_in(&lab, ". 1:101(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 201 win 59800 <sack 1-101 301-401>");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_part_that_came_before_is_told_with_what_is_new__rfc2883_4_2)
{
    accepted();
    lab_in(&lab, ". 1:101(100) ack 1 win 65535");
    lab_in(&lab, ". 51:201(150) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 201 win 59800 <sack 51-101>");
    lab_fini(&lab);
}
END_TEST

START_TEST(what_waits_already_is_told_before_its_block__rfc2883_4)
{
    accepted();
    lab_in(&lab, ". 501:701(200) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <sack 501-701>");
    lab_in(&lab, ". 501:601(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <sack 501-601 501-701>");
    lab_in(&lab, ". 601:801(200) ack 1 win 65535"); /* a part of it is new */
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <sack 601-701 501-801>");
    lab_in(&lab, ". 1:601(600) ack 1 win 65535"); /* the hole is filled, and more */
    lab_out(&lab, 0, ". 1:1(0) ack 801 win 59200 <sack 501-601>");
    lab_fini(&lab);
}
END_TEST

START_TEST(nothing_but_the_fin_is_new__rfc2883_4)
{
    accepted();
    lab_in(&lab, ". 1:101(100) ack 1 win 65535");
    lab_in(&lab, "F. 1:101(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 101 win 59900 <sack 1-101>");
    lab_out(&lab, 0, ". 1:1(0) ack 102 win 59899");
    lab_in(&lab, "F. 1:101(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 102 win 59899 <sack 1-101>");
    lab_fini(&lab);
}
END_TEST

START_TEST(with_a_timestamp_there_is_room_for_two_blocks_beside_it__rfc2883_4)
{
    const struct lab_config config = {.sack = true, .timestamps = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1000,sackOK,ts 5 0>");
    lab_in(&lab, ". 101:111(10) ack 1 win 65535 <ts 5 0>");
    lab_in(&lab, ". 201:211(10) ack 1 win 65535 <ts 5 0>");
    lab_in(&lab, ". 301:311(10) ack 1 win 65535 <ts 5 0>");
    ck_assert_uint_eq(lab_forget(&lab), 3);
    lab_in(&lab, ". 101:111(10) ack 1 win 65535 <ts 5 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <ts 0 5,sack 101-111 101-111 301-311>");
    lab_fini(&lab);
}
END_TEST

START_TEST(without_its_permission_nothing_is_told__rfc2883_4)
{
    const struct lab_config config = {.sack = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1000>");
    lab_in(&lab, ". 1:101(100) ack 1 win 65535");
    lab_in(&lab, ". 1:101(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 101 win 59900");
    lab_in(&lab, ". 201:301(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 101 win 59900");
    lab_fini(&lab);
}
END_TEST

/* ---- the sender's side ---- */

START_TEST(what_came_twice_is_no_mark__rfc2883_5)
{
    far();
    written(10000);
    ck_assert_uint_eq(lab_forget(&lab), 10);
    later();
    lab_ack(&lab, 5001, "2001-3001");
    ck_assert_uint_eq(lab_info(&lab).sacked_bytes, 0);
    lab_ack(&lab, 5001, "6001-7001 6001-8001");
    ck_assert_uint_eq(lab_info(&lab).sacked_bytes, 2000);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

/* One that was overtaken: by its own number its block is a mark, though that is past by now. */
START_TEST(a_block_is_compared_with_the_number_beside_it__rfc2883_5)
{
    far();
    written(10000);
    ck_assert_uint_eq(lab_forget(&lab), 10);
    later();
    lab_ack(&lab, 5001, NULL);
    lab_ack(&lab, 2001, "3001-4001");
    ck_assert_uint_eq(lab_info(&lab).dsack_dups, 0);
    lab_ack(&lab, 2001, "1001-2001");
    ck_assert_uint_eq(lab_info(&lab).dsack_dups, 1);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

/* The first was late, and was sent again. */
static void sent_again(const char *twice)
{
    far();
    written(6000);
    ck_assert_uint_eq(lab_forget(&lab), 6);
    later();
    lab_ack(&lab, 1, "1001-4001");
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_ack(&lab, 4001, twice);
    lab_ack(&lab, 4001, "5001-6001");
}

/* A quarter of 20 ms, and after something came twice two: see
 * what_may_be_reordered_has_a_quarter_of_the_round_trip. */
START_TEST(what_came_twice_gives_reordering_more_time__rfc8985_6_2)
{
    sent_again("1-1001");
    lab_run(&lab, 50 * SW_MS - 1);
    lab_quiet(&lab);
    lab_run(&lab, 50 * SW_MS);
    lab_out(&lab, lab_now(&lab), ". 4001:5001(1000) ack 1 win 60000");
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_was_never_sent_did_not_come_twice)
{
    sent_again("1-6101"); /* more than there is: in recovery still, and no reordering was seen */
    lab_out(&lab, lab_now(&lab), "P. 5001:6001(1000) ack 1 win 60000"); /* NextSeg() (4) */
    lab_out(&lab, lab_now(&lab), ". 4001:5001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

/* As Linux: it says nothing about what the sender does. */
START_TEST(what_the_path_doubled_gives_reordering_no_time)
{
    far();
    written(6000);
    ck_assert_uint_eq(lab_forget(&lab), 6);
    later();
    lab_ack(&lab, 1001, "1-1001");
    lab_ack(&lab, 1001, "2001-3001");
    lab_run(&lab, 45 * SW_MS);
    lab_out(&lab, lab_now(&lab), ". 1001:2001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_probe_that_came_twice_lowers_nothing__rfc8985_7_4_2)
{
    far();
    written(4000);
    ck_assert_uint_eq(lab_forget(&lab), 4);
    lab_run(&lab, 82 * SW_MS);
    lab_out(&lab, 62 * SW_MS, "P. 3001:4001(1000) ack 1 win 60000");
    lab_ack(&lab, 4001, NULL);
    const uint64_t before = lab_info(&lab).cwnd_bytes;
    lab_ack(&lab, 4001, "3001-4001");
    written(1000);
    lab_forget(&lab);
    later();
    lab_ack(&lab, 5001, NULL);
    ck_assert_uint_ge(lab_info(&lab).cwnd_bytes, before);
    /* And it is no reason to give reordering more time. */
    written(5000);
    ck_assert_uint_eq(lab_forget(&lab), 5);
    const sw_time at = lab_now(&lab);
    later();
    lab_ack(&lab, 5001, "6001-7001");
    lab_run(&lab, at + 40 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_fini(&lab);
}
END_TEST

/* Blocks of something else say nothing of the probe. */
START_TEST(an_acknowledgement_with_blocks_does_not_clear_the_probe__rfc8985_7_4_2)
{
    far();
    written(4000);
    ck_assert_uint_eq(lab_forget(&lab), 4);
    lab_run(&lab, 82 * SW_MS);
    lab_out(&lab, 62 * SW_MS, "P. 3001:4001(1000) ack 1 win 60000");
    lab_ack(&lab, 4001, NULL);
    const uint64_t before = lab_info(&lab).cwnd_bytes;
    lab_ack(&lab, 4001, "1-1001");
    written(1000);
    lab_forget(&lab);
    later();
    lab_ack(&lab, 5001, NULL);
    ck_assert_uint_lt(lab_info(&lab).cwnd_bytes, before);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_recover_twice");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_segment_that_was_taken_in_before_is_told__rfc2883_4_1);
    tcase_add_test(tc, a_part_that_came_before_is_told_with_what_is_new__rfc2883_4_2);
    tcase_add_test(tc, what_waits_already_is_told_before_its_block__rfc2883_4);
    tcase_add_test(tc, nothing_but_the_fin_is_new__rfc2883_4);
    tcase_add_test(tc, with_a_timestamp_there_is_room_for_two_blocks_beside_it__rfc2883_4);
    tcase_add_test(tc, without_its_permission_nothing_is_told__rfc2883_4);
    tcase_add_test(tc, what_came_twice_is_no_mark__rfc2883_5);
    tcase_add_test(tc, a_block_is_compared_with_the_number_beside_it__rfc2883_5);
    tcase_add_test(tc, what_came_twice_gives_reordering_more_time__rfc8985_6_2);
    tcase_add_test(tc, what_was_never_sent_did_not_come_twice);
    tcase_add_test(tc, what_the_path_doubled_gives_reordering_no_time);
    tcase_add_test(tc, a_probe_that_came_twice_lowers_nothing__rfc8985_7_4_2);
    tcase_add_test(tc, an_acknowledgement_with_blocks_does_not_clear_the_probe__rfc8985_7_4_2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
