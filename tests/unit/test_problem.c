/* Collecting problems: config/problem.c. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "config/problem.h"
#include "tests/support/config_files.h"

static struct sw_problems problems;
static struct sw_report report;
static struct sw_source source;

static void begin(const char *text)
{
    source = (struct sw_source){"lan.yaml", text, strlen(text)};
    sw_report_init(&report, &problems, &source);
}

static struct sw_where at(unsigned line, unsigned column)
{
    return (struct sw_where){.line = line, .column = column};
}

static void reads(const char *want)
{
    ck_assert_int_eq(sw_report_end(&report), 0);
    char *text = sw_test_problems(&problems);
    ck_assert_str_eq(text, want);
    free(text);
    sw_problems_fini(&problems);
}

START_TEST(problems_come_in_the_order_of_the_file)
{
    begin("one\ntwo\n");
    SW_ERROR(&report, at(2, 1), "c");
    SW_WARN(&report, at(1, 3), "b");
    SW_ERROR(&report, at(1, 1), "a");
    SW_ERROR(&report, at(2, 1), "d");
    reads("lan.yaml:1:1: error: a\n    one\n    ^\n"
          "lan.yaml:1:3: warning: b\n    one\n      ^\n"
          "lan.yaml:2:1: error: c\n    two\n    ^\n"
          "lan.yaml:2:1: error: d\n    two\n    ^\n");
}
END_TEST

START_TEST(what_is_found_twice_at_one_place_is_said_once)
{
    begin("one\n");
    SW_ERROR(&report, at(1, 1), "a");
    SW_ERROR(&report, at(1, 1), "b");
    SW_ERROR(&report, at(1, 1), "a");
    SW_ERROR(&report, at(1, 2), "a");
    ck_assert_int_eq(sw_report_end(&report), 0);
    ck_assert_uint_eq(problems.count, 3);
    ck_assert_uint_eq(problems.errors, 3);
    sw_problems_fini(&problems);
}
END_TEST

START_TEST(what_is_found_twice_takes_no_others_place)
{
    begin("one\n");
    for (unsigned i = 0; i < 5 * SW_PROBLEMS_MAX; i++) {
        SW_ERROR(&report, at(1, 1), "a");
    }
    SW_ERROR(&report, at(1, 2), "b");
    ck_assert_int_eq(sw_report_end(&report), 0);
    ck_assert_uint_eq(problems.count, 2);
    ck_assert_uint_eq(problems.errors, 2);
    ck_assert_str_eq(problems.list[1].what, "b");
    sw_problems_fini(&problems);
}
END_TEST

START_TEST(the_caret_counts_characters_and_tabs_are_spaces)
{
    begin("größe:\t日本 x\n");
    SW_ERROR(&report, at(1, 11), "here");
    reads("lan.yaml:1:11: error: here\n    größe: 日本 x\n              ^\n");
}
END_TEST

START_TEST(a_long_line_is_cut_around_the_place)
{
    char text[400];
    memset(text, '.', sizeof text);
    text[299] = 'X';
    text[398] = '\n';
    text[399] = '\0';
    begin(text);
    SW_ERROR(&report, at(1, 300), "here");
    ck_assert_int_eq(sw_report_end(&report), 0);
    const struct sw_problem *p = &problems.list[0];
    ck_assert_uint_eq(p->caret, 50);
    ck_assert_uint_eq(strlen(p->source), 3 + 96 + 3);
    ck_assert_int_eq(p->source[3 + 48], 'X'); /* "…" has three bytes and stands in column 1 */
    sw_problems_fini(&problems);
}
END_TEST

START_TEST(a_place_megabytes_into_a_line_is_found)
{
    /* 300,000 characters of two bytes and one X, in the second line; a mark stands each 64 KiB. */
    size_t n = 300000, at_x = 2 + 2 * n;
    char *text = malloc(at_x + 4);
    memcpy(text, "a\n", 2);
    for (size_t i = 0; i < n; i++) {
        memcpy(text + 2 + 2 * i, "\xc3\xbc", 2);
    }
    memcpy(text + at_x, "X\n", 3);
    begin(text);
    struct sw_where where = sw_report_where(&report, at_x);
    ck_assert_uint_eq(where.line, 2);
    ck_assert_uint_eq(where.column, 300001);
    ck_assert_uint_eq(sw_report_offset(&report, at(2, 300001)), at_x);
    ck_assert_uint_eq(sw_report_offset(&report, at(2, 200001)), 2 + 2 * 200000);
    ck_assert_uint_eq(sw_report_offset(&report, at(2, 5)), 10);
    ck_assert_uint_eq(sw_report_offset(&report, at(1, 2)), 1);
    SW_ERROR(&report, at(2, 300001), "here");
    ck_assert_int_eq(sw_report_end(&report), 0);
    const struct sw_problem *p = &problems.list[0];
    ck_assert_uint_eq(p->caret, 50);
    ck_assert_uint_eq(strlen(p->source), 3 + 2 * 48 + 1);
    ck_assert_int_eq(p->source[3 + 2 * 48], 'X');
    sw_problems_fini(&problems);
    free(text);
}
END_TEST

START_TEST(every_kind_of_line_break_is_one)
{
    begin("a\r\nb\rc\xc2\x85"
          "d\xe2\x80\xa8"
          "e\n");
    SW_ERROR(&report, at(2, 1), "2");
    SW_ERROR(&report, at(3, 1), "3");
    SW_ERROR(&report, at(4, 1), "4");
    SW_ERROR(&report, at(5, 1), "5");
    ck_assert_uint_eq(sw_report_where(&report, 3).line, 2);
    ck_assert_uint_eq(sw_report_offset(&report, at(3, 1)), 5);
    reads("lan.yaml:2:1: error: 2\n    b\n    ^\n"
          "lan.yaml:3:1: error: 3\n    c\n    ^\n"
          "lan.yaml:4:1: error: 4\n    d\n    ^\n"
          "lan.yaml:5:1: error: 5\n    e\n    ^\n");
}
END_TEST

START_TEST(a_place_outside_the_file_has_no_source)
{
    begin("a\n");
    SW_ERROR(&report, at(9, 1), "far");
    SW_ERROR(&report, at(0, 0), "whole");
    SW_ERROR(&report, at(1, 5), "behind");
    reads("lan.yaml: error: whole\n"
          "lan.yaml:1:5: error: behind\n    a\n        ^\n"
          "lan.yaml:9:1: error: far\n");
}
END_TEST

START_TEST(bytes_that_are_no_characters_do_not_come_out)
{
    begin("a\xff\x80z\x1b[31m\n");
    SW_ERROR(&report, at(1, 4), "here");
    reads("lan.yaml:1:4: error: here\n    a??z [31m\n       ^\n");
}
END_TEST

START_TEST(a_thousand_are_kept_and_the_rest_counted)
{
    begin("a\n");
    for (unsigned i = 1; i <= SW_PROBLEMS_MAX + 5; i++) {
        SW_ERROR(&report, at(1, i), "n");
    }
    ck_assert_int_eq(sw_report_end(&report), 0);
    ck_assert_uint_eq(problems.count, SW_PROBLEMS_MAX + 1);
    ck_assert_uint_eq(problems.errors, SW_PROBLEMS_MAX + 5);
    ck_assert_str_eq(problems.list[SW_PROBLEMS_MAX].what, "and 5 more errors");
    sw_problems_fini(&problems);
}
END_TEST

START_TEST(warnings_hide_no_errors)
{
    begin("a\n");
    for (unsigned i = 1; i <= SW_PROBLEMS_MAX + 1; i++) {
        SW_WARN(&report, at(1, i), "w");
    }
    SW_ERROR(&report, at(1, 1), "e");
    ck_assert_int_eq(sw_report_end(&report), 0);
    ck_assert_uint_eq(problems.count, SW_PROBLEMS_MAX + 2);
    ck_assert_uint_eq(problems.errors, 1);
    ck_assert_str_eq(problems.list[1].what, "e");
    ck_assert_str_eq(problems.list[SW_PROBLEMS_MAX + 1].what, "and 1 more warning");
    ck_assert_int_eq(problems.list[SW_PROBLEMS_MAX + 1].kind, SW_PROBLEM_WARNING);
    sw_problems_fini(&problems);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("problem");
    TCase *t = tcase_create("problem");
    tcase_add_test(t, problems_come_in_the_order_of_the_file);
    tcase_add_test(t, what_is_found_twice_at_one_place_is_said_once);
    tcase_add_test(t, what_is_found_twice_takes_no_others_place);
    tcase_add_test(t, the_caret_counts_characters_and_tabs_are_spaces);
    tcase_add_test(t, a_long_line_is_cut_around_the_place);
    tcase_add_test(t, a_place_megabytes_into_a_line_is_found);
    tcase_add_test(t, every_kind_of_line_break_is_one);
    tcase_add_test(t, a_place_outside_the_file_has_no_source);
    tcase_add_test(t, bytes_that_are_no_characters_do_not_come_out);
    tcase_add_test(t, a_thousand_are_kept_and_the_rest_counted);
    tcase_add_test(t, warnings_hide_no_errors);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
