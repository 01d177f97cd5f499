/* What programs print: bytes become lines, lines are told within a bound and counted beyond it, and
 * the last ones of all are at hand. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/output.h"

struct heard {
    char text[8192];
    size_t lines;
};

static void hear(void *ctx, const struct sw_printed *line)
{
    struct heard *heard = ctx;
    size_t n = strlen(heard->text);
    snprintf(heard->text + n, sizeof heard->text - n, "%d %s %s %s|", (int)line->at, line->host,
             line->stream, line->text);
    heard->lines++;
}

static void say(struct sw_output *o, enum sw_stream stream, sw_time at, const char *text)
{
    sw_output_line(o, stream, at, text, strlen(text));
}

START_TEST(a_line_is_told_with_its_host_stream_and_time)
{
    struct heard heard = {0};
    struct sw_outputs *all = sw_outputs_new(hear, &heard);
    struct sw_output *api = sw_outputs_add(all, "api", UINT64_MAX);
    say(api, SW_STREAM_OUT, 1, "up");
    say(api, SW_STREAM_ERR, 2, "");
    sw_output_line(api, SW_STREAM_OUT, 3, "a\0b", 3);
    say(api, SW_STREAM_ENDED, 4, "exit status 3");
    ck_assert_str_eq(heard.text, "1 api stdout up|2 api stderr |3 api stdout a?b|"
                                 "4 api ended exit status 3|");
    sw_outputs_end(all, 5);
    ck_assert_uint_eq(heard.lines, 4);
    sw_outputs_free(all);
}
END_TEST

START_TEST(what_is_beyond_the_bound_is_counted_and_said)
{
    struct heard heard = {0};
    struct sw_output_stats stats;
    struct sw_outputs *all = sw_outputs_new(hear, &heard);
    struct sw_output *api = sw_outputs_add(all, "api", 10);
    say(api, SW_STREAM_OUT, 1, "123456");
    say(api, SW_STREAM_OUT, 2, "7890");
    say(api, SW_STREAM_OUT, 3, "");
    say(api, SW_STREAM_OUT, 4, "x");
    say(api, SW_STREAM_OUT, 5, "yz");
    say(api, SW_STREAM_ERR, 6, "of its own"); /* ten bytes */
    say(api, SW_STREAM_ENDED, 7, "signal 9 (Killed)");
    sw_outputs_end(all, 8);
    ck_assert_str_eq(heard.text,
                     "1 api stdout 123456|2 api stdout 7890|3 api stdout |"
                     "4 api stdout (more than 10 bytes: what follows is counted, not kept)|"
                     "6 api stderr of its own|7 api ended signal 9 (Killed)|"
                     "8 api stdout (2 lines, 3 bytes, were not kept)|");
    sw_output_stats(api, &stats);
    ck_assert_uint_eq(stats.lines, 6);
    ck_assert_uint_eq(stats.bytes, 23);
    ck_assert_uint_eq(stats.lost_lines, 2);
    ck_assert_uint_eq(stats.lost_bytes, 3);
    sw_outputs_free(all);
}
END_TEST

START_TEST(the_last_lines_of_all_come_in_their_order)
{
    struct heard heard = {0};
    struct sw_printed last[SW_OUTPUT_SHOWN];
    uint64_t before = 7;
    struct sw_outputs *all = sw_outputs_new(hear, &heard);
    struct sw_output *api = sw_outputs_add(all, "api", 0);
    struct sw_output *web = sw_outputs_add(all, "web", 0);
    ck_assert_uint_eq(sw_outputs_last(all, last, &before), 0);
    ck_assert_uint_eq(before, 0);
    say(web, SW_STREAM_ERR, 1, "web's own"); /* long ago, and yet not hidden */
    for (int i = 2; i < 1002; i++) {
        char text[16];
        snprintf(text, sizeof text, "line %d", i);
        say(api, SW_STREAM_OUT, i, text);
    }
    say(web, SW_STREAM_OUT, 1002, "the end");
    ck_assert_uint_eq(sw_outputs_last(all, last, &before), SW_OUTPUT_LAST + 2);
    ck_assert_uint_eq(before, 1002 - SW_OUTPUT_LAST - 2);
    ck_assert_str_eq(last[0].text, "web's own");
    ck_assert_str_eq(last[0].host, "web");
    ck_assert_str_eq(last[0].stream, "stderr");
    ck_assert_str_eq(last[1].text, "line 994");
    ck_assert_str_eq(last[SW_OUTPUT_LAST].text, "line 1001");
    ck_assert_int_eq(last[SW_OUTPUT_LAST].at, 1001);
    ck_assert_str_eq(last[SW_OUTPUT_LAST + 1].text, "the end");
    sw_outputs_free(all);
}
END_TEST

START_TEST(of_very_many_the_latest_are_shown)
{
    struct heard heard = {0};
    struct sw_printed last[SW_OUTPUT_SHOWN];
    char names[100][8];
    uint64_t before;
    struct sw_output *o[100];
    struct sw_outputs *all = sw_outputs_new(hear, &heard);
    for (int i = 0; i < 100; i++) {
        snprintf(names[i], sizeof names[i], "h%d", i);
        o[i] = sw_outputs_add(all, names[i], 0);
    }
    for (int i = 99; i >= 0; i--) { /* the first one of all is the latest */
        say(o[i], SW_STREAM_OUT, 100 - i, "early");
        say(o[i], SW_STREAM_OUT, 100 - i, "late");
    }
    ck_assert_uint_eq(sw_outputs_last(all, last, &before), SW_OUTPUT_SHOWN);
    ck_assert_uint_eq(before, 200 - SW_OUTPUT_SHOWN);
    for (int i = 0; i < SW_OUTPUT_SHOWN; i++) {
        ck_assert_str_eq(last[i].host, names[SW_OUTPUT_SHOWN - 1 - i]);
        ck_assert_str_eq(last[i].text, "late");
    }
    sw_outputs_free(all);
}
END_TEST

START_TEST(a_long_line_is_shown_by_its_beginning)
{
    struct heard heard = {0};
    struct sw_printed last[SW_OUTPUT_SHOWN];
    char text[SW_OUTPUT_LINE];
    uint64_t before;
    struct sw_outputs *all = sw_outputs_new(hear, &heard);
    struct sw_output *api = sw_outputs_add(all, "api", UINT64_MAX);
    for (size_t i = 0; i < sizeof text - 1;
         i += 2) { /* characters of two bytes, after one of one */
        memcpy(text + i, i == 0 ? "a\xc3" : "\xa4\xc3", 2);
    }
    sw_output_line(api, SW_STREAM_OUT, 1, text, sizeof text - 1);
    ck_assert_uint_eq(strlen(heard.text), sizeof text - 1 + strlen("1 api stdout |"));
    ck_assert_uint_eq(sw_outputs_last(all, last, &before), 1);
    ck_assert_uint_eq(strlen(last[0].text), SW_OUTPUT_TEXT - 5 + 3);
    ck_assert_str_eq(last[0].text + SW_OUTPUT_TEXT - 5 - 2, "\xc3\xa4...");
    sw_outputs_free(all);
}
END_TEST

static void gather(void *ctx, const char *text, size_t n)
{
    struct heard *heard = ctx;
    size_t len = strlen(heard->text);
    snprintf(heard->text + len, sizeof heard->text - len, "%.*s|", (int)n, text);
    heard->lines++;
}

START_TEST(lines_come_out_however_the_bytes_come_in)
{
    static const char bytes[] = "one\n\ntwo three\nlast";
    for (size_t step = 1; step < sizeof bytes; step++) {
        struct heard heard = {0};
        struct sw_lines lines = {0};
        for (size_t i = 0; i < sizeof bytes - 1; i += step) {
            size_t left = sizeof bytes - 1 - i;
            sw_lines_take(&lines, bytes + i, left < step ? left : step, gather, &heard);
        }
        ck_assert_str_eq(heard.text, "one||two three|");
        sw_lines_end(&lines, gather, &heard);
        sw_lines_end(&lines, gather, &heard);
        ck_assert_str_eq(heard.text, "one||two three|last|");
    }
}
END_TEST

START_TEST(a_line_longer_than_may_be_comes_in_several)
{
    for (size_t n = SW_OUTPUT_LINE - 2; n < 3 * SW_OUTPUT_LINE; n++) {
        struct heard heard = {0};
        struct sw_lines lines = {0};
        char bytes[3 * SW_OUTPUT_LINE + 1];
        memset(bytes, 'x', n);
        bytes[n] = '\n';
        sw_lines_take(&lines, bytes, n + 1, gather, &heard);
        ck_assert_uint_eq(heard.lines, (n + SW_OUTPUT_LINE - 2) / (SW_OUTPUT_LINE - 1));
        ck_assert_uint_eq(strlen(heard.text), n + heard.lines);
        ck_assert_uint_eq(lines.len, 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("output");
    TCase *tc = tcase_create("output");
    tcase_add_test(tc, a_line_is_told_with_its_host_stream_and_time);
    tcase_add_test(tc, what_is_beyond_the_bound_is_counted_and_said);
    tcase_add_test(tc, the_last_lines_of_all_come_in_their_order);
    tcase_add_test(tc, of_very_many_the_latest_are_shown);
    tcase_add_test(tc, a_long_line_is_shown_by_its_beginning);
    tcase_add_test(tc, lines_come_out_however_the_bytes_come_in);
    tcase_add_test(tc, a_line_longer_than_may_be_comes_in_several);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
