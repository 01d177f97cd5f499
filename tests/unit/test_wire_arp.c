/* ARP packets (stack/wire/arp.c). What is refused is shown with its reasons in test_arp.c. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "stack/wire/arp.h"

/* 10.0.0.2 at 02:…:02 asks for 10.0.0.1. */
static const uint8_t REQUEST[28] = {0,  1, 8, 0, 6, 4, 0, 1, 2, 0, 0,  0, 0, 2,
                                    10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1};

START_TEST(a_packet_is_read_and_written__rfc826)
{
    struct sw_arp arp;
    enum sw_drop why;
    ck_assert(sw_arp_parse(&arp, REQUEST, 28, &why));
    ck_assert_uint_eq(arp.op, SW_ARP_REQUEST);
    ck_assert_uint_eq(arp.sender_mac.b[5], 2);
    ck_assert_uint_eq(arp.sender_ip, 0x0a000002);
    ck_assert(sw_mac_is_zero(arp.target_mac));
    ck_assert_uint_eq(arp.target_ip, 0x0a000001);
    uint8_t bytes[28];
    sw_arp_emit(&arp, bytes);
    ck_assert_mem_eq(bytes, REQUEST, 28);
}
END_TEST

START_TEST(what_is_shorter_is_none)
{
    for (size_t n = 0; n < 28; n++) {
        struct sw_arp arp;
        enum sw_drop why = SW_DROP_COUNT;
        ck_assert(!sw_arp_parse(&arp, REQUEST, n, &why));
        ck_assert_int_eq(why, SW_DROP_ARP_SHORT);
    }
}
END_TEST

START_TEST(a_probe_has_no_sender_address__rfc5227_1_1)
{
    uint8_t bytes[28];
    memcpy(bytes, REQUEST, 28);
    memset(bytes + 14, 0, 4);
    struct sw_arp arp;
    enum sw_drop why;
    ck_assert(sw_arp_parse(&arp, bytes, 28, &why));
    ck_assert_uint_eq(arp.sender_ip, 0);
    bytes[17] = 1; /* 0.0.0.1 is nobody */
    ck_assert(!sw_arp_parse(&arp, bytes, 28, &why));
    ck_assert_int_eq(why, SW_DROP_ARP_SENDER);
    memset(bytes + 14, 255, 4);
    ck_assert(!sw_arp_parse(&arp, bytes, 28, &why));
    memset(bytes + 8, 0, 6);
    memcpy(bytes + 14, REQUEST + 14, 4);
    ck_assert(!sw_arp_parse(&arp, bytes, 28, &why));
    ck_assert_int_eq(why, SW_DROP_ARP_SENDER);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_arp");
    TCase *tcase = tcase_create("wire_arp");
    tcase_add_test(tcase, a_packet_is_read_and_written__rfc826);
    tcase_add_test(tcase, what_is_shorter_is_none);
    tcase_add_test(tcase, a_probe_has_no_sender_address__rfc5227_1_1);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
