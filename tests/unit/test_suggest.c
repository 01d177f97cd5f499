/* "did you mean": config/suggest.c. */
#include <check.h>
#include <string.h>

#include "config/suggest.h"

/* What is offered for a word among these; NULL: nothing. */
static const char *best_of(const char *word, const char *const *names)
{
    struct sw_suggestion s;
    sw_suggest_begin(&s, word);
    for (size_t i = 0; names[i]; i++) {
        sw_suggest_offer(&s, names[i]);
    }
    return s.best;
}

START_TEST(one_slip_is_near_enough)
{
    static const char *const names[] = {"web", "core", "client", "gateway", NULL};
    ck_assert_str_eq(best_of("wbe", names), "web");        /* two letters swapped */
    ck_assert_str_eq(best_of("weeb", names), "web");       /* one put in */
    ck_assert_str_eq(best_of("cor", names), "core");       /* one left out */
    ck_assert_str_eq(best_of("cire", names), "core");      /* one changed */
    ck_assert_str_eq(best_of("Web", names), "web");        /* upper case */
    ck_assert_str_eq(best_of("cleint", names), "client");  /* swapped */
    ck_assert_str_eq(best_of("gatewy", names), "gateway"); /* two differences of six letters */
}
END_TEST

START_TEST(another_word_is_not_near)
{
    static const char *const names[] = {"web", "core", "s", "port", NULL};
    ck_assert_ptr_null(best_of("root", names));
    ck_assert_ptr_null(best_of("hub", names));
    ck_assert_ptr_null(best_of("m", names));
    ck_assert_ptr_null(best_of("", names));
    ck_assert_ptr_null(best_of("mainframe", names));
}
END_TEST

START_TEST(the_nearest_wins_and_of_equals_the_first)
{
    static const char *const names[] = {"sensor-10", "sensor-1", "sensor-2", NULL};
    ck_assert_str_eq(best_of("sensor-3", names), "sensor-1");
    ck_assert_str_eq(best_of("sensor-100", names), "sensor-10");
}
END_TEST

START_TEST(names_of_any_length_are_safe)
{
    char longest[300];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const char *const names[] = {longest, "web", NULL};
    ck_assert_ptr_null(best_of(longest, names));
    longest[64] = '\0';
    ck_assert_str_eq(best_of(longest, names), longest);
}
END_TEST

START_TEST(the_text_is_empty_without_a_name)
{
    struct sw_suggestion s;
    char buf[64];
    sw_suggest_begin(&s, "wbe");
    ck_assert_str_eq(sw_suggest_text(&s, buf, sizeof buf), "");
    sw_suggest_offer(&s, "web");
    ck_assert_str_eq(sw_suggest_text(&s, buf, sizeof buf), ", did you mean 'web'?");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("suggest");
    TCase *t = tcase_create("suggest");
    tcase_add_test(t, one_slip_is_near_enough);
    tcase_add_test(t, another_word_is_not_near);
    tcase_add_test(t, the_nearest_wins_and_of_equals_the_first);
    tcase_add_test(t, names_of_any_length_are_safe);
    tcase_add_test(t, the_text_is_empty_without_a_name);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
