/* The hash that a LAN's parts are found by. */
#include <check.h>
#include <errno.h>

#include "lan/index.h"

START_TEST(what_was_added_is_found)
{
    struct sw_index index = {0};
    ck_assert_uint_eq(sw_index_find(&index, 7), SW_INDEX_NONE);
    ck_assert_int_eq(sw_index_add(&index, 7, 70), 0);
    ck_assert_int_eq(sw_index_add(&index, 0, 1), 0);
    ck_assert_int_eq(sw_index_add(&index, UINT64_MAX, 2), 0);
    ck_assert_int_eq(sw_index_add(&index, 7, 71), -EEXIST);
    ck_assert_uint_eq(sw_index_find(&index, 7), 70);
    ck_assert_uint_eq(sw_index_find(&index, 0), 1);
    ck_assert_uint_eq(sw_index_find(&index, UINT64_MAX), 2);
    ck_assert_uint_eq(sw_index_find(&index, 8), SW_INDEX_NONE);
    sw_index_fini(&index);
    ck_assert_uint_eq(sw_index_find(&index, 7), SW_INDEX_NONE);
}
END_TEST

/* Keys that differ in their high or low bits alone, as MAC addresses and counters do. */
START_TEST(it_grows_and_forgets_nothing)
{
    struct sw_index index = {0};
    for (uint32_t i = 0; i < 50000; i++) {
        ck_assert_int_eq(sw_index_add(&index, i, i), 0);
        ck_assert_int_eq(sw_index_add(&index, (uint64_t)(i + 1) << 40, 100000 + i), 0);
    }
    ck_assert_uint_eq(index.count, 100000);
    for (uint32_t i = 0; i < 50000; i++) {
        ck_assert_uint_eq(sw_index_find(&index, i), i);
        ck_assert_uint_eq(sw_index_find(&index, (uint64_t)(i + 1) << 40), 100000 + i);
    }
    sw_index_fini(&index);
}
END_TEST

START_TEST(a_key_counts_from_nothing)
{
    struct sw_index index = {0};
    ck_assert_uint_eq(sw_index_bump(&index, 5), 1);
    ck_assert_uint_eq(sw_index_bump(&index, 6), 1);
    ck_assert_uint_eq(sw_index_bump(&index, 5), 2);
    ck_assert_uint_eq(sw_index_find(&index, 5), 2);
    ck_assert_uint_eq(index.count, 2);
    sw_index_fini(&index);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("index");
    TCase *cases = tcase_create("index");
    tcase_add_test(cases, what_was_added_is_found);
    tcase_add_test(cases, it_grows_and_forgets_nothing);
    tcase_add_test(cases, a_key_counts_from_nothing);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
