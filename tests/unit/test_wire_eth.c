/* The Ethernet header (stack/wire/eth.c). */
#include <check.h>
#include <stdlib.h>

#include "stack/wire/eth.h"

static const uint8_t HEADER[14] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x06};

START_TEST(a_header_is_read_and_written)
{
    struct sw_eth eth;
    enum sw_drop why;
    ck_assert(sw_eth_parse(&eth, HEADER, sizeof HEADER, &why));
    ck_assert_uint_eq(eth.dst.b[5], 1);
    ck_assert_uint_eq(eth.src.b[5], 2);
    ck_assert_uint_eq(eth.type, SW_ETH_ARP);
    uint8_t bytes[14];
    sw_eth_emit(&eth, bytes);
    ck_assert_mem_eq(bytes, HEADER, 14);
}
END_TEST

START_TEST(what_is_shorter_is_none)
{
    for (size_t n = 0; n < 14; n++) {
        struct sw_eth eth;
        enum sw_drop why = SW_DROP_COUNT;
        ck_assert(!sw_eth_parse(&eth, HEADER, n, &why));
        ck_assert_int_eq(why, SW_DROP_ETH_SHORT);
    }
}
END_TEST

START_TEST(a_group_sends_nothing)
{
    uint8_t bytes[14];
    for (unsigned i = 0; i < 14; i++) {
        bytes[i] = HEADER[i];
    }
    bytes[6] = 3;
    struct sw_eth eth;
    enum sw_drop why = SW_DROP_COUNT;
    ck_assert(!sw_eth_parse(&eth, bytes, 14, &why));
    ck_assert_int_eq(why, SW_DROP_ETH_GROUP_SOURCE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_eth");
    TCase *tcase = tcase_create("wire_eth");
    tcase_add_test(tcase, a_header_is_read_and_written);
    tcase_add_test(tcase, what_is_shorter_is_none);
    tcase_add_test(tcase, a_group_sends_nothing);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
