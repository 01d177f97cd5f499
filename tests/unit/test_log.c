#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"

struct heard {
    int lines;
    enum sw_log_level level;
    char line[300];
};

static void hear(void *ctx, enum sw_log_level level, const char *line)
{
    struct heard *heard = ctx;
    heard->lines++;
    heard->level = level;
    ck_assert_uint_lt(strlen(line), sizeof(heard->line));
    memcpy(heard->line, line, strlen(line) + 1);
}

START_TEST(line_is_formatted_and_handed_over_with_its_level)
{
    struct heard heard = {0};
    struct sw_log log = {hear, &heard, SW_LOG_INFO};
    sw_log_line(&log, SW_LOG_WARN, "%s: port %d", "web", 80);
    ck_assert_int_eq(heard.lines, 1);
    ck_assert_int_eq(heard.level, SW_LOG_WARN);
    ck_assert_str_eq(heard.line, "web: port 80");
    sw_log_line(&log, SW_LOG_INFO, "at the level itself");
    ck_assert_int_eq(heard.lines, 2);
}
END_TEST

START_TEST(what_nobody_wants_is_not_said)
{
    struct heard heard = {0};
    struct sw_log log = {hear, &heard, SW_LOG_ERROR}, deaf = {NULL, NULL, SW_LOG_DEBUG};
    sw_log_line(&log, SW_LOG_WARN, "%s", "quiet");
    ck_assert_int_eq(heard.lines, 0);
    sw_log_line(&deaf, SW_LOG_ERROR, "%s", "nobody");
    sw_log_line(NULL, SW_LOG_ERROR, "%s", "nobody");
}
END_TEST

START_TEST(line_ends_after_255_bytes)
{
    struct heard heard = {0};
    struct sw_log log = {hear, &heard, SW_LOG_DEBUG};
    char x[400];
    memset(x, 'x', sizeof(x) - 1);
    x[sizeof(x) - 1] = '\0';
    sw_log_line(&log, SW_LOG_DEBUG, "%s", x);
    ck_assert_uint_eq(strlen(heard.line), 255);
    sw_log_line(&log, SW_LOG_DEBUG, "%.255s", x);
    ck_assert_uint_eq(strlen(heard.line), 255);
    sw_log_line(&log, SW_LOG_DEBUG, "%.254s", x);
    ck_assert_uint_eq(strlen(heard.line), 254);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *tcase = tcase_create("log");
    tcase_add_test(tcase, line_is_formatted_and_handed_over_with_its_level);
    tcase_add_test(tcase, what_nobody_wants_is_not_said);
    tcase_add_test(tcase, line_ends_after_255_bytes);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
