/* Who waits for room in a lane, and who no longer does; connections made by hand (stack_bare.h). */
#include <check.h>
#include <string.h>

#include "tests/support/stack_bare.h"

static struct bare b;
static struct sw_nic first, second, *nics[2];
static struct sw_tcp wait[4];

/* Of two interfaces; three wait for the second, in the order of their numbers, and none for the
 * first. */
static void begin(void)
{
    bare_begin(&b);
    memset(&first, 0, sizeof(first));
    memset(&second, 0, sizeof(second));
    memset(wait, 0, sizeof(wait));
    nics[0] = &first;
    nics[1] = &second;
    b.host.nic = nics;
    b.host.nic_count = 2;
    for (unsigned i = 0; i < 4; i++) {
        wait[i].host = &b.host;
        wait[i].waits_for_room = i < 3;
        wait[i].next_room = i < 2 ? &wait[i + 1] : NULL;
    }
    second.room_first = &wait[0];
    second.room_last = &wait[2];
}

START_TEST(the_first_leaves)
{
    begin();
    sw_tcp_leave_room(&wait[0]);
    ck_assert(!wait[0].waits_for_room);
    ck_assert_ptr_eq(second.room_first, &wait[1]);
    ck_assert_ptr_eq(second.room_last, &wait[2]);
    bare_end(&b);
}
END_TEST

START_TEST(one_between_leaves)
{
    begin();
    sw_tcp_leave_room(&wait[1]);
    ck_assert(!wait[1].waits_for_room);
    ck_assert_ptr_eq(second.room_first, &wait[0]);
    ck_assert_ptr_eq(wait[0].next_room, &wait[2]);
    ck_assert_ptr_eq(second.room_last, &wait[2]);
    bare_end(&b);
}
END_TEST

START_TEST(the_last_leaves)
{
    begin();
    sw_tcp_leave_room(&wait[2]);
    ck_assert_ptr_eq(second.room_first, &wait[0]);
    ck_assert_ptr_null(wait[1].next_room);
    ck_assert_ptr_eq(second.room_last, &wait[1]);
    bare_end(&b);
}
END_TEST

START_TEST(all_leave_and_it_is_harmless_for_who_does_not_wait)
{
    begin();
    sw_tcp_leave_room(&wait[3]);
    ck_assert_ptr_eq(second.room_first, &wait[0]);
    for (unsigned i = 0; i < 3; i++) {
        sw_tcp_leave_room(&wait[i]);
        sw_tcp_leave_room(&wait[i]);
    }
    ck_assert_ptr_null(second.room_first);
    ck_assert_ptr_null(first.room_first);
    bare_end(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_output_rules");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, the_first_leaves);
    tcase_add_test(tc, one_between_leaves);
    tcase_add_test(tc, the_last_leaves);
    tcase_add_test(tc, all_leave_and_it_is_harmless_for_who_does_not_wait);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
