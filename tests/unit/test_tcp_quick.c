/* When an acknowledgement does not wait: tcp_quick.h. */
#include <check.h>

#include "stack/tcp_quick.h"

#define PAUSE (200 * SW_MS)

static struct sw_tcp_quick begun(void)
{
    struct sw_tcp_quick quick;
    sw_tcp_quick_begin(&quick, SW_S);
    ck_assert(sw_tcp_quick_text(&quick, SW_S, PAUSE));
    return quick;
}

static unsigned taken(struct sw_tcp_quick *quick)
{
    unsigned n = 0;
    while (sw_tcp_quick_take(quick)) {
        n++;
    }
    return n;
}

START_TEST(half_of_what_the_window_holds_2_at_least_and_16_at_most)
{
    static const struct {
        uint32_t window, mss, n;
    } cases[] = {{65535, 1460, 16}, {29200, 1460, 10}, {1000, 1460, 2}, {0, 48, 2}};
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sw_tcp_quick quick = begun();
        sw_tcp_quick_raise(&quick, cases[i].window, cases[i].mss);
        ck_assert_uint_eq(taken(&quick), cases[i].n);
    }
}
END_TEST

START_TEST(raising_never_lowers)
{
    struct sw_tcp_quick quick = begun();
    sw_tcp_quick_raise(&quick, 65535, 1000);
    sw_tcp_quick_raise(&quick, 3000, 1000);
    ck_assert_uint_eq(taken(&quick), 16);
}
END_TEST

START_TEST(text_after_a_pause_is_as_the_first)
{
    struct sw_tcp_quick quick = begun();
    ck_assert(!sw_tcp_quick_text(&quick, SW_S + 150 * SW_MS, PAUSE));
    ck_assert(!sw_tcp_quick_text(&quick, SW_S + 340 * SW_MS, PAUSE));
    ck_assert(sw_tcp_quick_text(&quick, SW_S + 550 * SW_MS, PAUSE));
}
END_TEST

START_TEST(who_answers_within_40_ms_is_left_time)
{
    struct sw_tcp_quick quick = begun();
    sw_tcp_quick_raise(&quick, 65535, 1000);
    sw_tcp_quick_sent(&quick, 0, SW_S + 30 * SW_MS);
    ck_assert(!sw_tcp_quick_take(&quick));
    sw_tcp_quick_waited(&quick); /* ... until it was left in vain */
    ck_assert(sw_tcp_quick_take(&quick));
}
END_TEST

START_TEST(what_follows_later_or_second_is_no_answer)
{
    struct sw_tcp_quick quick = begun();
    sw_tcp_quick_raise(&quick, 65535, 1000);
    sw_tcp_quick_sent(&quick, 0, SW_S + 50 * SW_MS);
    ck_assert(sw_tcp_quick_take(&quick));
    sw_tcp_quick_sent(&quick, SW_S + 10 * SW_MS, SW_S + 20 * SW_MS);
    ck_assert(sw_tcp_quick_take(&quick));
}
END_TEST

START_TEST(what_is_sent_before_any_text_has_come_is_no_answer)
{
    struct sw_tcp_quick quick;
    sw_tcp_quick_begin(&quick, SW_S);
    sw_tcp_quick_sent(&quick, 0, SW_S + 10 * SW_MS);
    ck_assert(!quick.answering);
}
END_TEST

START_TEST(what_comes_twice_ends_the_answering)
{
    struct sw_tcp_quick quick = begun();
    sw_tcp_quick_sent(&quick, 0, SW_S + 10 * SW_MS);
    sw_tcp_quick_again(&quick, 65535, 1000);
    ck_assert_uint_eq(taken(&quick), 16);
}
END_TEST

START_TEST(ages_are_told_to_a_tick)
{
    const sw_time then = 3600 * SW_S, age = 7200 * SW_S, tick = (sw_time)1 << 20;
    const sw_time told = sw_tcp_tick_age(sw_tcp_tick_of(then), then + age);
    ck_assert(told > age - tick && told < age + tick);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_quick");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, half_of_what_the_window_holds_2_at_least_and_16_at_most);
    tcase_add_test(tc, raising_never_lowers);
    tcase_add_test(tc, text_after_a_pause_is_as_the_first);
    tcase_add_test(tc, who_answers_within_40_ms_is_left_time);
    tcase_add_test(tc, what_follows_later_or_second_is_no_answer);
    tcase_add_test(tc, what_is_sent_before_any_text_has_come_is_no_answer);
    tcase_add_test(tc, what_comes_twice_ends_the_answering);
    tcase_add_test(tc, ages_are_told_to_a_tick);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
