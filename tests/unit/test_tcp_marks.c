/* Where records end: tcp_marks.h. */
#include <check.h>

#include "stack/tcp_marks.h"

static struct sw_tcp_marks marks;

static void add(uint32_t seq)
{
    ck_assert(sw_tcp_marks_room(&marks));
    sw_tcp_marks_add(&marks, seq);
}

START_TEST(a_segment_ends_at_the_first_mark_that_it_would_go_across)
{
    sw_tcp_marks_init(&marks);
    ck_assert_uint_eq(sw_tcp_marks_cut(&marks, 10, 1000), 1000);
    add(100);
    add(200);
    ck_assert_uint_eq(sw_tcp_marks_cut(&marks, 10, 1000), 100);
    ck_assert_uint_eq(sw_tcp_marks_cut(&marks, 10, 100), 100);
    ck_assert_uint_eq(sw_tcp_marks_cut(&marks, 10, 99), 99);
    ck_assert_uint_eq(sw_tcp_marks_cut(&marks, 100, 1000), 200);
    ck_assert_uint_eq(sw_tcp_marks_cut(&marks, 200, 1000), 1000);
    sw_tcp_marks_fini(&marks);
}
END_TEST

START_TEST(what_is_acknowledged_is_forgotten_across_the_turn_too)
{
    sw_tcp_marks_init(&marks);
    const uint32_t first = UINT32_MAX - 1000;
    for (uint32_t i = 1; i <= 100; i++) {
        add(first + 20 * i);
        sw_tcp_marks_drop(&marks, first + 20 * (i > 10 ? i - 10 : 0));
    }
    ck_assert_uint_eq(marks.count, 10);
    ck_assert_uint_eq(sw_tcp_marks_cut(&marks, first + 1800, first + 5000), first + 1820);
    sw_tcp_marks_drop(&marks, first + 1819);
    ck_assert_uint_eq(marks.count, 10);
    sw_tcp_marks_drop(&marks, first + 2000);
    ck_assert_uint_eq(marks.count, 0);
    ck_assert_ptr_null(marks.seq); /* nothing is held without marks */
}
END_TEST

START_TEST(the_same_end_twice_is_one_mark)
{
    sw_tcp_marks_init(&marks);
    add(100);
    add(100);
    ck_assert_uint_eq(marks.count, 1);
    sw_tcp_marks_fini(&marks);
}
END_TEST

START_TEST(there_are_4096_at_most)
{
    sw_tcp_marks_init(&marks);
    for (uint32_t i = 1; i <= SW_TCP_MARKS_MOST; i++) {
        add(i);
    }
    ck_assert(!sw_tcp_marks_room(&marks));
    sw_tcp_marks_drop(&marks, 1);
    ck_assert(sw_tcp_marks_room(&marks));
    add(SW_TCP_MARKS_MOST + 1);
    ck_assert_uint_eq(sw_tcp_marks_cut(&marks, SW_TCP_MARKS_MOST, 9000), SW_TCP_MARKS_MOST + 1);
    sw_tcp_marks_fini(&marks);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_marks");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_segment_ends_at_the_first_mark_that_it_would_go_across);
    tcase_add_test(tc, what_is_acknowledged_is_forgotten_across_the_turn_too);
    tcase_add_test(tc, the_same_end_twice_is_one_mark);
    tcase_add_test(tc, there_are_4096_at_most);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
