/* The pointer and the mark by themselves, in literal numbers (RFC 9293 3.8.5, RFC 6093). */
#include <check.h>

#include "stack/tcp_urgent.h"

START_TEST(the_pointer_is_an_offset_to_behind_the_urgent_text__must_62)
{
    struct sw_tcp_urgent u = {.snd_up = 1000};
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, 900), 0); /* none is sent */
    u.sending = true;
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, 900), 100);
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, 999), 1);
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, 1000), 0);
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, 1000u - 65534), 65534);
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, 1000u - 65535), 65535);
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, 1000u - 65536), 65535); /* MUST-31 */
}
END_TEST

START_TEST(it_is_sent_until_all_of_it_is_acknowledged)
{
    struct sw_tcp_urgent u = {.snd_up = 1000, .sending = true};
    sw_tcp_urgent_acked(&u, 999);
    ck_assert(u.sending);
    sw_tcp_urgent_acked(&u, 1000);
    ck_assert(!u.sending);
    sw_tcp_urgent_acked(&u, 500);
    ck_assert(!u.sending);
}
END_TEST

START_TEST(a_pointer_at_what_has_come_or_not_beyond_the_mark_is_old__must_32)
{
    struct sw_tcp_urgent u = {0};
    ck_assert(!sw_tcp_urgent_hear(&u, 500, 0, 400));
    ck_assert(!sw_tcp_urgent_hear(&u, 500, 10, 510)); /* the mark, 509, has come */
    ck_assert(sw_tcp_urgent_hear(&u, 500, 10, 509));
    ck_assert(u.hearing);
    ck_assert_uint_eq(u.mark, 509);
    u.taken = u.known = u.fetched = true;
    ck_assert(!sw_tcp_urgent_hear(&u, 500, 10, 400));
    ck_assert(!sw_tcp_urgent_hear(&u, 500, 9, 400));
    ck_assert(u.taken && u.known && u.fetched);
    ck_assert(sw_tcp_urgent_hear(&u, 500, 11, 400)); /* a new one, of which nothing is known */
    ck_assert(!u.taken && !u.known && !u.fetched);
    u.hearing = false; /* the reader is past it */
    ck_assert(sw_tcp_urgent_hear(&u, 500, 5, 400));
    ck_assert_uint_eq(u.mark, 504);
}
END_TEST

START_TEST(what_is_left_ends_with_the_mark__must_33)
{
    struct sw_tcp_urgent u = {.mark = 500};
    ck_assert_uint_eq(sw_tcp_urgent_left(&u, 400), 0);
    ck_assert(!sw_tcp_urgent_at_mark(&u, 500));
    u.hearing = true;
    ck_assert_uint_eq(sw_tcp_urgent_left(&u, 400), 101);
    ck_assert_uint_eq(sw_tcp_urgent_left(&u, 500), 1);
    ck_assert(!sw_tcp_urgent_at_mark(&u, 499));
    ck_assert(sw_tcp_urgent_at_mark(&u, 500));
    ck_assert(!sw_tcp_urgent_at_mark(&u, 501));
    u.taken = true; /* out of the text: the next is where it was */
    ck_assert_uint_eq(sw_tcp_urgent_left(&u, 500), 0);
    ck_assert(!sw_tcp_urgent_at_mark(&u, 500));
    ck_assert(sw_tcp_urgent_at_mark(&u, 501));
}
END_TEST

START_TEST(the_reader_is_past_it_behind_the_mark)
{
    struct sw_tcp_urgent u = {.mark = 500, .hearing = true};
    sw_tcp_urgent_read(&u, 500);
    ck_assert(u.hearing);
    sw_tcp_urgent_read(&u, 501);
    ck_assert(!u.hearing);
    u.hearing = u.taken = true;
    sw_tcp_urgent_read(&u, 501); /* where it was taken out */
    ck_assert(u.hearing);
    sw_tcp_urgent_read(&u, 502);
    ck_assert(!u.hearing);
    sw_tcp_urgent_read(&u, 400);
    ck_assert(!u.hearing);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_urgent_mark");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, the_pointer_is_an_offset_to_behind_the_urgent_text__must_62);
    tcase_add_test(tc, it_is_sent_until_all_of_it_is_acknowledged);
    tcase_add_test(tc, a_pointer_at_what_has_come_or_not_beyond_the_mark_is_old__must_32);
    tcase_add_test(tc, what_is_left_ends_with_the_mark__must_33);
    tcase_add_test(tc, the_reader_is_past_it_behind_the_mark);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
