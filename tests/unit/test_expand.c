/* Variables in texts: config/expand.c. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/expand.h"
#include "tests/support/config_files.h"

static const char *const environment[] = {"HOME=/root", "RATE=1 Mbit", "EMPTY=", "TRICKY=${RATE}",
                                          NULL};
static const struct sw_test_world world = {.variables = environment};
static const struct sw_config_set sets[] = {{"RATE", "9 Mbit"}, {"X", "first"}, {"X", "last"}};

static int expand(char **out, size_t *len, const char *text, char *why, size_t *at)
{
    struct sw_config_io io = sw_test_io(&world);
    struct sw_variables variables = {.sets = sets, .set_count = 3, .io = &io};
    return sw_expand(out, len, text, &variables, why, at);
}

static void becomes(const char *text, const char *want)
{
    char why[SW_WHY] = "", *got = NULL;
    size_t len = 0, at = 0;
    ck_assert_msg(expand(&got, &len, text, why, &at) == 0, "'%s': %s", text, why);
    ck_assert_str_eq(got, want);
    ck_assert_uint_eq(len, strlen(want));
    free(got);
}

static void fails(const char *text, const char *words, size_t where)
{
    char why[SW_WHY] = "", *got = NULL;
    size_t len = 0, at = 99;
    ck_assert_int_eq(expand(&got, &len, text, why, &at), -EINVAL);
    ck_assert_ptr_null(got);
    ck_assert_msg(strstr(why, words) != NULL, "'%s': %s", text, why);
    ck_assert_uint_eq(at, where);
}

START_TEST(text_without_dollars_stays)
{
    becomes("", "");
    becomes("plain {text} % }", "plain {text} % }");
}
END_TEST

START_TEST(variables_are_put_in_and_sets_outrank_the_environment)
{
    becomes("${HOME}", "/root");
    becomes("a ${HOME}b${HOME}", "a /rootb/root");
    becomes("${RATE}", "9 Mbit");
    becomes("${X}", "last");
}
END_TEST

START_TEST(a_default_stands_in_for_what_is_not_set_or_empty)
{
    becomes("${NONE:-5 ms}", "5 ms");
    becomes("${EMPTY:-5 ms}", "5 ms");
    becomes("${HOME:-5 ms}", "/root");
    becomes("${NONE:-}", "");
    becomes("${EMPTY}", "");
}
END_TEST

START_TEST(two_dollars_are_one)
{
    becomes("$$5", "$5");
    becomes("$$${HOME}$$", "$/root$");
    becomes("$${HOME}", "${HOME}");
}
END_TEST

START_TEST(what_a_variable_holds_is_not_looked_at_again)
{
    becomes("${TRICKY}", "${RATE}");
}
END_TEST

START_TEST(mistakes_say_where_they_begin)
{
    fails("ab ${NONE}", "'NONE' is not set; expected --set NONE=VALUE", 3);
    fails("${RAET}", "did you mean 'RATE'", 0);
    fails("5 $", "a '$' alone", 2);
    fails("$HOME", "a '$' alone", 0);
    fails("${HOME", "closes this '${'", 0);
    fails("x${}", "expected ${NAME}", 1);
    fails("${1A}", "expected ${NAME}", 0);
    fails("${A B}", "expected ${NAME}", 0);
    fails("${A-5}", "expected ${NAME}", 0);
    fails("${NONE:-${HOME}}", "a default is plain text", 0);
}
END_TEST

START_TEST(what_grows_too_long_is_refused)
{
    char *big = malloc(SW_EXPAND_BYTES_MAX / 2 + 2);
    memset(big, 'x', SW_EXPAND_BYTES_MAX / 2 + 1);
    big[SW_EXPAND_BYTES_MAX / 2 + 1] = '\0';
    const struct sw_config_set set = {"BIG", big};
    struct sw_variables variables = {.sets = &set, .set_count = 1};
    char why[SW_WHY] = "", *got = NULL;
    size_t len = 0, at = 0;
    ck_assert_int_eq(sw_expand(&got, &len, "${BIG}", &variables, why, &at), 0);
    free(got);
    ck_assert_int_eq(sw_expand(&got, &len, "${BIG}${BIG}", &variables, why, &at), -EINVAL);
    ck_assert(strstr(why, "over 1048576 bytes"));
    free(big);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expand");
    TCase *t = tcase_create("expand");
    tcase_add_test(t, text_without_dollars_stays);
    tcase_add_test(t, variables_are_put_in_and_sets_outrank_the_environment);
    tcase_add_test(t, a_default_stands_in_for_what_is_not_set_or_empty);
    tcase_add_test(t, two_dollars_are_one);
    tcase_add_test(t, what_a_variable_holds_is_not_looked_at_again);
    tcase_add_test(t, mistakes_say_where_they_begin);
    tcase_add_test(t, what_grows_too_long_is_refused);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
