/* ICMP headers (stack/wire/icmp.c). */
#include <check.h>
#include <stdlib.h>

#include "stack/wire/icmp.h"

static const uint8_t ECHO[8] = {8, 0, 0x12, 0x34, 0, 77, 1, 2};

START_TEST(a_header_is_read_and_written__rfc792)
{
    struct sw_icmp icmp;
    enum sw_drop why;
    ck_assert(sw_icmp_parse(&icmp, ECHO, 8, &why));
    ck_assert_uint_eq(icmp.type, SW_ICMP_ECHO);
    ck_assert_uint_eq(icmp.code, 0);
    ck_assert_uint_eq(icmp.checksum, 0x1234);
    ck_assert_uint_eq(icmp.id, 77);
    ck_assert_uint_eq(icmp.sequence, 258);
    uint8_t bytes[8];
    sw_icmp_emit(&icmp, bytes);
    ck_assert_mem_eq(bytes, ECHO, 8);
}
END_TEST

START_TEST(what_is_shorter_is_none)
{
    for (size_t n = 0; n < 8; n++) {
        struct sw_icmp icmp;
        enum sw_drop why = SW_DROP_COUNT;
        ck_assert(!sw_icmp_parse(&icmp, ECHO, n, &why));
        ck_assert_int_eq(why, SW_DROP_ICMP_SHORT);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_icmp");
    TCase *tcase = tcase_create("wire_icmp");
    tcase_add_test(tcase, a_header_is_read_and_written__rfc792);
    tcase_add_test(tcase, what_is_shorter_is_none);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
