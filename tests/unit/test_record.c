/* Records as lines of JSON: what is written is read back, whatever bytes it has; two records alike
 * are the same bytes. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/pick.h"
#include "switchd/record.h"
#include "switchd/utf8.h"

static const struct sw_run_info run = {.name = "a.yaml[seed 8]",
                                       .file = "a.yaml",
                                       .seed = UINT64_MAX,
                                       .real = true,
                                       .replay = "switchd test a.yaml --seed 8"};

static char *written(const struct sw_record *record)
{
    char *line = sw_record_write(&run, record);
    ck_assert_ptr_nonnull(line);
    return line;
}

START_TEST(a_run_is_told_once_with_all_that_identifies_it)
{
    struct sw_record record = {.kind = SW_RECORD_RUN};
    struct sw_record_line line;
    char *text = written(&record);
    ck_assert_str_eq(text, "{\"record\":\"run\",\"run\":\"a.yaml[seed 8]\",\"file\":\"a.yaml\","
                           "\"seed\":\"18446744073709551615\",\"time\":\"real\","
                           "\"replay\":\"switchd test a.yaml --seed 8\"}\n");
    ck_assert_int_eq(sw_record_read(&line, text), 0);
    ck_assert_int_eq(line.record.kind, SW_RECORD_RUN);
    ck_assert_str_eq(line.run.name, run.name);
    ck_assert_uint_eq(line.run.seed, UINT64_MAX);
    ck_assert(line.run.real);
    ck_assert_str_eq(line.run.replay, run.replay);
    sw_record_release(&line);
    free(text);
}
END_TEST

START_TEST(a_check_comes_back_as_it_was)
{
    static const struct sw_value values[] = {{"rtt", SW_UNIT_TIME, 2300000},
                                             {"loss", SW_UNIT_SHARE, -1}};
    struct sw_record record = {.kind = SW_RECORD_CHECK,
                               .at = 3 * SW_S + 1,
                               .began = 3 * SW_S,
                               .name = "it \"holds\"\n",
                               .step = "ping",
                               .where = {"b.yaml", 12, 7},
                               .passed = false,
                               .expected = "rtt < 1 ms",
                               .seen = "rtt 2.300 ms",
                               .figure = "1 sent",
                               .values = values,
                               .value_count = 2};
    struct sw_record_line line;
    char *text = written(&record), *again = written(&record);
    ck_assert_str_eq(text, again);
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
    ck_assert_int_eq(sw_record_read(&line, text), 0);
    ck_assert_int_eq(line.record.kind, SW_RECORD_CHECK);
    ck_assert_int_eq(line.record.at, record.at);
    ck_assert_int_eq(line.record.began, record.began);
    ck_assert_str_eq(line.record.name, record.name);
    ck_assert_str_eq(line.record.step, "ping");
    ck_assert_str_eq(line.record.where.file, "b.yaml");
    ck_assert_uint_eq(line.record.where.line, 12);
    ck_assert_uint_eq(line.record.where.column, 7);
    ck_assert(!line.record.passed);
    ck_assert_str_eq(line.record.expected, record.expected);
    ck_assert_str_eq(line.record.seen, record.seen);
    ck_assert_str_eq(line.record.figure, record.figure);
    ck_assert_ptr_null(line.record.why);
    ck_assert_uint_eq(line.record.value_count, 2);
    ck_assert_str_eq(line.record.values[0].name, "rtt");
    ck_assert_int_eq(line.record.values[0].unit, SW_UNIT_TIME);
    ck_assert_int_eq(line.record.values[0].number, 2300000);
    ck_assert_int_eq(line.record.values[1].number, -1);
    sw_record_release(&line);
    free(text);
    free(again);
}
END_TEST

START_TEST(an_end_has_its_digest_and_how_late_it_was)
{
    struct sw_record record = {.kind = SW_RECORD_END,
                               .at = SW_S,
                               .digested = true,
                               .digest = 0xfedcba9876543210,
                               .late = {9, 1, 2, 3}};
    struct sw_record_line line;
    char *text = written(&record);
    ck_assert_ptr_nonnull(strstr(text, "\"digest\":\"fedcba9876543210\""));
    ck_assert_int_eq(sw_record_read(&line, text), 0);
    ck_assert(line.record.digested);
    ck_assert_uint_eq(line.record.digest, 0xfedcba9876543210);
    ck_assert_uint_eq(line.record.late.turns, 9);
    ck_assert_int_eq(line.record.late.p95, 2);
    sw_record_release(&line);
    free(text);
}
END_TEST

START_TEST(what_a_program_printed_comes_back_as_it_was)
{
    static const struct sw_printed lines[] = {{5, "api", "stdout", "up"},
                                              {6, "db", "stderr", "no \"such\" table"}};
    struct sw_record output = {
        .kind = SW_RECORD_OUTPUT, .at = 6, .printed = &lines[1], .printed_count = 1};
    struct sw_record check = {.kind = SW_RECORD_CHECK,
                              .at = 7,
                              .name = "n",
                              .printed = lines,
                              .printed_count = 2,
                              .printed_before = 9};
    struct sw_record_line line;
    char *text = written(&output);
    ck_assert_str_eq(text, "{\"record\":\"output\",\"run\":\"a.yaml[seed 8]\",\"at\":6,"
                           "\"host\":\"db\",\"stream\":\"stderr\","
                           "\"text\":\"no \\\"such\\\" table\"}\n");
    ck_assert_int_eq(sw_record_read(&line, text), 0);
    ck_assert_int_eq(line.record.kind, SW_RECORD_OUTPUT);
    ck_assert_uint_eq(line.record.printed_count, 1);
    ck_assert_int_eq(line.record.printed[0].at, 6);
    ck_assert_str_eq(line.record.printed[0].host, "db");
    ck_assert_str_eq(line.record.printed[0].stream, "stderr");
    ck_assert_str_eq(line.record.printed[0].text, "no \"such\" table");
    sw_record_release(&line);
    free(text);
    text = written(&check);
    ck_assert_int_eq(sw_record_read(&line, text), 0);
    ck_assert_uint_eq(line.record.printed_count, 2);
    ck_assert_uint_eq(line.record.printed_before, 9);
    ck_assert_int_eq(line.record.printed[0].at, 5);
    ck_assert_str_eq(line.record.printed[0].text, "up");
    ck_assert_str_eq(line.record.printed[1].host, "db");
    sw_record_release(&line);
    free(text);
}
END_TEST

START_TEST(bytes_that_are_no_text_are_replaced)
{
    struct sw_record record = {
        .kind = SW_RECORD_CHECK, .name = "n", .seen = "a\xff\xc3\xa4\xed\xa0\x80\x01z"};
    struct sw_record_line line;
    char *text = written(&record);
    ck_assert_int_eq(sw_record_read(&line, text), 0);
    ck_assert_str_eq(line.record.seen, "a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd"
                                       "\xef\xbf\xbd\x01z");
    sw_record_release(&line);
    free(text);
}
END_TEST

START_TEST(what_is_no_record_is_refused)
{
    static const char *const lines[] = {
        "",
        "x",
        "[]",
        "{}",
        "{\"record\":\"run\"}",
        "{\"record\":\"dance\",\"run\":\"a\"}",
        "{\"record\":\"check\",\"run\":\"a\",\"at\":1",
        "{\"record\":\"check\",\"run\":\"a\",\"values\":{\"x\":1}}"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct sw_record_line line;
        ck_assert_msg(sw_record_read(&line, lines[i]) == -EINVAL, "%s", lines[i]);
    }
}
END_TEST

START_TEST(only_well_formed_characters_count)
{
    static const struct {
        const char *text;
        size_t length;
    } list[] = {{"", 1},
                {"a", 1},
                {"\xc3\xa4", 2},
                {"\xe2\x82\xac", 3},
                {"\xf0\x9f\x90\xa7", 4},
                {"\xf4\x8f\xbf\xbf", 4},
                {"\x80", 0},     /* goes on with nothing before it */
                {"\xc0\xaf", 0}, /* longer than it need be */
                {"\xc1\xbf", 0},
                {"\xe0\x9f\xbf", 0},
                {"\xf0\x8f\xbf\xbf", 0},
                {"\xed\xa0\x80", 0},     /* a surrogate */
                {"\xf4\x90\x80\x80", 0}, /* past U+10FFFF */
                {"\xf5\x80\x80\x80", 0},
                {"\xe2\x82", 0}, /* cut off */
                {"\xc3z", 0}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        ck_assert_msg(sw_utf8_character(list[i].text) == list[i].length, "%zu", i);
    }
}
END_TEST

/* ---- which checks are wanted ---- */

START_TEST(a_filter_is_a_text_or_a_pattern_of_the_whole)
{
    static const struct {
        const char *pattern;
        bool wanted;
    } list[] = {{NULL, true},     {"ping", true},          {"a.yaml::", true},
                {"pong", false},  {"a.yaml::ping*", true}, {"*::ping the web", true},
                {"ping*", false}, {"?.yaml::*", true},     {"[bc].yaml::*", false}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct sw_pick pick = {.pattern = list[i].pattern};
        ck_assert_msg(sw_pick_wants(&pick, "a.yaml", "ping the web") == list[i].wanted, "%s",
                      list[i].pattern);
    }
}
END_TEST

START_TEST(what_failed_is_read_from_a_log)
{
    char path[] = "/tmp/switchd-pick-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "w");
    struct sw_record passed = {.kind = SW_RECORD_CHECK, .name = "one", .passed = true};
    struct sw_record failed = {.kind = SW_RECORD_CHECK, .name = "two"};
    struct sw_record event = {.kind = SW_RECORD_EVENT, .name = "three"};
    const struct sw_record *all[] = {&passed, &failed, &event};
    for (unsigned i = 0; i < 3; i++) {
        char *line = written(all[i]);
        fputs(line, file);
        free(line);
    }
    fputs("{\"record\":\"check\",\"run\":\"cut o", file);
    fclose(file);
    struct sw_pick pick = {0};
    ck_assert_int_eq(sw_pick_failed(&pick, path), 0);
    ck_assert_int_eq(remove(path), 0);
    ck_assert_uint_eq(pick.count, 1);
    ck_assert_str_eq(pick.names[0], "a.yaml[seed 8]::two");
    ck_assert(sw_pick_wants(&pick, "a.yaml[seed 8]", "two"));
    ck_assert(!sw_pick_wants(&pick, "a.yaml[seed 8]", "one"));
    ck_assert(!sw_pick_wants(&pick, "a.yaml", "two"));
    sw_pick_fini(&pick);
    ck_assert_int_eq(sw_pick_failed(&pick, path), 0); /* gone: none failed */
    ck_assert_uint_eq(pick.count, 0);
    ck_assert(sw_pick_wants(&pick, "a.yaml", "one"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *lines = tcase_create("lines of JSON");
    tcase_add_test(lines, a_run_is_told_once_with_all_that_identifies_it);
    tcase_add_test(lines, a_check_comes_back_as_it_was);
    tcase_add_test(lines, an_end_has_its_digest_and_how_late_it_was);
    tcase_add_test(lines, what_a_program_printed_comes_back_as_it_was);
    tcase_add_test(lines, bytes_that_are_no_text_are_replaced);
    tcase_add_test(lines, what_is_no_record_is_refused);
    tcase_add_test(lines, only_well_formed_characters_count);
    suite_add_tcase(suite, lines);
    TCase *picking = tcase_create("which checks are wanted");
    tcase_add_test(picking, a_filter_is_a_text_or_a_pattern_of_the_whole);
    tcase_add_test(picking, what_failed_is_read_from_a_log);
    suite_add_tcase(suite, picking);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
