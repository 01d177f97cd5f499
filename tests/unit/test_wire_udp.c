/* UDP headers (stack/wire/udp.c). */
#include <check.h>
#include <stdlib.h>

#include "stack/wire/udp.h"

static const uint8_t HEADER[8] = {0x13, 0x88, 0, 7, 0, 13, 0xab, 0xcd};

START_TEST(a_header_is_read_and_written__rfc768)
{
    struct sw_udp udp;
    enum sw_drop why;
    ck_assert(sw_udp_parse(&udp, HEADER, 8, 13, &why));
    ck_assert_uint_eq(udp.src_port, 5000);
    ck_assert_uint_eq(udp.dst_port, 7);
    ck_assert_uint_eq(udp.len_bytes, 13);
    ck_assert_uint_eq(udp.checksum, 0xabcd);
    uint8_t bytes[8];
    sw_udp_emit(&udp, bytes);
    ck_assert_mem_eq(bytes, HEADER, 8);
}
END_TEST

START_TEST(lengths_that_cannot_be__rfc768)
{
    struct sw_udp udp;
    enum sw_drop why = SW_DROP_COUNT;
    ck_assert(!sw_udp_parse(&udp, HEADER, 7, 13, &why));
    ck_assert_int_eq(why, SW_DROP_UDP_SHORT);
    ck_assert(!sw_udp_parse(&udp, HEADER, 8, 7, &why));
    ck_assert_int_eq(why, SW_DROP_UDP_SHORT);
    ck_assert(!sw_udp_parse(&udp, HEADER, 8, 12, &why));
    ck_assert_int_eq(why, SW_DROP_UDP_LENGTH);
    ck_assert(sw_udp_parse(&udp, HEADER, 8, 14, &why));
    const uint8_t seven[8] = {0, 1, 0, 1, 0, 7, 0, 0};
    ck_assert(!sw_udp_parse(&udp, seven, 8, 20, &why));
    ck_assert_int_eq(why, SW_DROP_UDP_LENGTH);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_udp");
    TCase *tcase = tcase_create("wire_udp");
    tcase_add_test(tcase, a_header_is_read_and_written__rfc768);
    tcase_add_test(tcase, lengths_that_cannot_be__rfc768);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
