#include <check.h>
#include <ctype.h>
#include <signal.h>
#include <string.h>

#include "core/drop.h"

START_TEST(every_reason_has_a_name_of_its_own)
{
    for (int i = 0; i < SW_DROP_COUNT; i++) {
        const char *name = sw_drop_name((enum sw_drop)i);
        ck_assert_ptr_nonnull(name);
        ck_assert_uint_gt(strlen(name), 1);
        for (const char *c = name; *c != '\0'; c++) {
            ck_assert(islower((unsigned char)*c) || *c == '-');
        }
        for (int j = 0; j < i; j++) {
            ck_assert_str_ne(name, sw_drop_name((enum sw_drop)j));
        }
    }
}
END_TEST

/* Scripts read the names, and a lane's counters are an array of the first reasons. */
START_TEST(a_lanes_reasons_come_first)
{
    static const char *const names[] = {"link-down",   "loss",      "queue-full", "link-mtu",
                                        "lane-memory", "drop-rule", "red",        "codel"};
    ck_assert_int_eq(SW_DROP_LANE_COUNT, 8);
    for (int i = 0; i < 8; i++) {
        ck_assert_str_eq(sw_drop_name((enum sw_drop)i), names[i]);
    }
    ck_assert_int_eq(SW_DROP_NO_CABLE, SW_DROP_LANE_COUNT);
    ck_assert_str_eq(sw_drop_name(SW_DROP_NO_CABLE), "no-cable");
    ck_assert_str_eq(sw_drop_name(SW_DROP_TCP_PAWS), "tcp-paws");
}
END_TEST

START_TEST(no_reason_has_no_name)
{
    sw_drop_name(SW_DROP_COUNT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("drop");
    TCase *names = tcase_create("names");
    tcase_add_test(names, every_reason_has_a_name_of_its_own);
    tcase_add_test(names, a_lanes_reasons_come_first);
    tcase_add_test_raise_signal(names, no_reason_has_no_name, SIGABRT);
    suite_add_tcase(suite, names);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
