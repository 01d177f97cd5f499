/* Regular expressions of a scenario: what they take, what they refuse and where, and that none
 * takes long. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lan/regex.h"

struct match {
    const char *expression, *text;
    bool found;
};

static bool search(const char *expression, const char *text, size_t n)
{
    struct sw_regex *re;
    ck_assert_int_eq(sw_regex_new(&re, expression, strlen(expression), NULL, NULL), 0);
    bool found = sw_regex_search(re, text, n);
    ck_assert(sw_regex_search(re, text, n) == found); /* nothing is left of a search */
    sw_regex_free(re);
    return found;
}

static void check_all(const struct match *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(search(all[i].expression, all[i].text, strlen(all[i].text)) == all[i].found,
                      "/%s/ on \"%s\"", all[i].expression, all[i].text);
    }
}

#define CHECK_ALL(list) check_all(list, sizeof(list) / sizeof(list)[0])

START_TEST(a_part_of_the_text_is_enough)
{
    static const struct match all[] = {
        {"ell", "hello", true},
        {"hello", "hell", false},
        {"", "", true},
        {"", "x", true},
        {"h.llo", "hello", true},
        {"h.llo", "hllo", false},
        {"o$", "hello", true},
        {"^o", "hello", false},
        {"^hello$", "hello", true},
        {"^hello$", "hello\n", false},
        {"a.c", "a\nc", true},
    };
    CHECK_ALL(all);
}
END_TEST

START_TEST(repetition__posix_9_4_6)
{
    static const struct match all[] = {
        {"^ab*c$", "ac", true},        {"^ab*c$", "abbbc", true},     {"^ab+c$", "ac", false},
        {"^ab?c$", "abbc", false},     {"^ab?c$", "abc", true},       {"^a{3}$", "aa", false},
        {"^a{3}$", "aaa", true},       {"^a{3}$", "aaaa", false},     {"^a{2,}$", "a", false},
        {"^a{2,}$", "aaaaa", true},    {"^a{1,3}$", "aaa", true},     {"^a{1,3}$", "aaaa", false},
        {"^a{0}$", "a", false},        {"^a{0}$", "", true},          {"^(ab){2}$", "abab", true},
        {"^(a*)*$", "aaaa", true},     {"^(a*)*b$", "aaaa", false},   {"^(a|b)*c$", "abbac", true},
        {"^(a{2}){2}$", "aaaa", true}, {"^(a{2}){2}$", "aaa", false}, {"^a**$", "aaa", true},
        {"^(){255}$", "", true},
    };
    CHECK_ALL(all);
}
END_TEST

START_TEST(alternatives_bind_loosest__posix_9_4_8)
{
    static const struct match all[] = {
        {"^ab|cd$", "abx", true},  {"^ab|cd$", "xcd", true},    {"^(ab|cd)$", "abx", false},
        {"^(a|bc|)d$", "d", true}, {"^(a|bc|)d$", "bcd", true}, {"^(a|bc|)d$", "bd", false},
    };
    CHECK_ALL(all);
}
END_TEST

START_TEST(bracket_expressions__posix_9_3_5)
{
    static const struct match all[] = {
        {"^[abc]+$", "cab", true},
        {"^[abc]+$", "cad", false},
        {"^[^abc]$", "d", true},
        {"^[^abc]$", "a", false},
        {"^[a-f0-9]+$", "09af", true},
        {"^[a-f0-9]+$", "g", false},
        {"^[]a]+$", "]a", true},
        {"^[^]a]$", "]", false},
        {"^[a-]+$", "-a", true},
        {"^[\\.]+$", ".\\", true},
        {"^[[:digit:]]{4}$", "2024", true},
        {"^[[:alpha:]_]$", "_", true},
        {"^[[:space:]]$", "\n", true},
        {"^[^[:space:]]$", "\t", false},
        {"^[[:cntrl:]]$", "\177", true},
        {"^[[:punct:]]+$", "!/:@[`{~", true},
        {"[[:punct:]]", "aZ0 ", false},
    };
    CHECK_ALL(all);
}
END_TEST

START_TEST(escapes_stand_for_themselves)
{
    static const struct match all[] = {
        {"^a\\.b$", "a.b", true}, {"^a\\.b$", "axb", false}, {"\\/x\\/", "a/x/b", true},
        {"\\(\\)", "()", true},   {"\\\\", "\\", true},      {"1\\+1", "1+1", true},
    };
    CHECK_ALL(all);
}
END_TEST

START_TEST(bytes_beyond_ascii_and_nul_are_bytes)
{
    ck_assert(search("gr\xc3\xbc\xc3\x9f", "ein gr\xc3\xbc\xc3\x9f an", 12));
    ck_assert(search("^a.b$", "a\0b", 3));
    ck_assert(!search("^ab$", "a\0b", 3));
}
END_TEST

START_TEST(what_is_wrong_is_told_with_its_place)
{
    static const struct {
        const char *expression, *why;
        size_t at;
    } all[] = {
        {"a(b", "( without )", 3},
        {"ab)c", ") without (", 2},
        {"[abc", "[ without ]", 4},
        {"[]", "[ without ]", 2},
        {"*a", "nothing to repeat", 0},
        {"a|+", "nothing to repeat", 2},
        {"a\\", "a backslash at the end", 2},
        {"\\d+", "no such escape (a digit is [0-9])", 1},
        {"[[:word:]]", "no such character class", 3},
        {"[z-a]", "a range that ends before it begins", 4},
        {"[[.a.]]", "collating symbols and equivalence classes are not known", 1},
        {"[\xc3\xbc]", "only ASCII characters can stand between [ and ]", 1},
        {"a{256}", "a repetition is {m}, {m,} or {m,n} with numbers up to 255", 5},
        {"a{3,2}", "a repetition is {m}, {m,} or {m,n} with numbers up to 255", 5},
        {"a{x}", "a repetition is {m}, {m,} or {m,n} with numbers up to 255", 2},
        {"a{2", "a repetition is {m}, {m,} or {m,n} with numbers up to 255", 3},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct sw_regex *re;
        const char *why = NULL;
        size_t at = 999;
        ck_assert_int_eq(sw_regex_new(&re, all[i].expression, strlen(all[i].expression), &why, &at),
                         -EINVAL);
        ck_assert_str_eq(why, all[i].why);
        ck_assert_msg(at == all[i].at, "/%s/: at %zu", all[i].expression, at);
    }
}
END_TEST

START_TEST(what_grows_too_big_is_refused)
{
    struct sw_regex *re;
    static char long_one[1002];
    memset(long_one, 'a', sizeof long_one);
    ck_assert_int_eq(sw_regex_new(&re, long_one, 1001, NULL, NULL), -E2BIG);
    ck_assert_int_eq(sw_regex_new(&re, long_one, 1000, NULL, NULL), 0);
    sw_regex_free(re);
    /* Written out, these are 255^2 and 255^6 pieces; of the others each would be empty. */
    ck_assert_int_eq(sw_regex_new(&re, "(a{255}){255}", 13, NULL, NULL), -E2BIG);
    const char *hollow = "((((((){255}){255}){255}){255}){255}){255}";
    ck_assert_int_eq(sw_regex_new(&re, hollow, strlen(hollow), NULL, NULL), -E2BIG);
    const char *never = "a{0}{255}{255}{255}{255}{255}{255}";
    ck_assert_int_eq(sw_regex_new(&re, never, strlen(never), NULL, NULL), -E2BIG);
}
END_TEST

/* A backtracking matcher needs 2^30 steps here; the test's time limit is what it proves by. */
START_TEST(time_is_bounded_by_text_times_expression)
{
    char *text = malloc(100000);
    memset(text, 'a', 100000);
    ck_assert(!search("^(a|aa)+$b", text, 100000));
    ck_assert(search("(a?){30}a{30}$", text, 30));
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("regex");
    TCase *tc = tcase_create("expressions");
    tcase_add_test(tc, a_part_of_the_text_is_enough);
    tcase_add_test(tc, repetition__posix_9_4_6);
    tcase_add_test(tc, alternatives_bind_loosest__posix_9_4_8);
    tcase_add_test(tc, bracket_expressions__posix_9_3_5);
    tcase_add_test(tc, escapes_stand_for_themselves);
    tcase_add_test(tc, bytes_beyond_ascii_and_nul_are_bytes);
    tcase_add_test(tc, what_is_wrong_is_told_with_its_place);
    tcase_add_test(tc, what_grows_too_big_is_refused);
    tcase_add_test(tc, time_is_bounded_by_text_times_expression);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
