/* Where the headers of a frame from outside end (switchd/outside.c). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/frame.h"
#include "switchd/outside.h"

static uint8_t bytes[1514];

static void ipv4(uint8_t protocol, unsigned words)
{
    memset(bytes, 0, sizeof bytes);
    sw_put16(bytes + 12, 0x0800);
    bytes[14] = (uint8_t)(0x40 | words);
    bytes[23] = protocol;
}

START_TEST(the_text_of_tcp_and_udp_begins_a_slice)
{
    ipv4(17, 5);
    ck_assert_uint_eq(sw_outside_head(bytes, 1514), 14 + 20 + 8);
    ipv4(1, 6);
    ck_assert_uint_eq(sw_outside_head(bytes, 1514), 14 + 24 + 8);
    ipv4(6, 5);
    bytes[14 + 20 + 12] = 0x80;
    ck_assert_uint_eq(sw_outside_head(bytes, 1514), 14 + 20 + 32);
    ipv4(6, 15);
    bytes[14 + 60 + 12] = 0xf0;
    ck_assert_uint_eq(sw_outside_head(bytes, 1514), 14 + 60 + 60);
    ipv4(47, 5);
    ck_assert_uint_eq(sw_outside_head(bytes, 1514), 14 + 20);
}
END_TEST

START_TEST(what_is_not_ipv4_has_a_head_as_long_as_it_may_be)
{
    memset(bytes, 0, sizeof bytes);
    sw_put16(bytes + 12, 0x0806);
    ck_assert_uint_eq(sw_outside_head(bytes, 42), 42);
    ck_assert_uint_eq(sw_outside_head(bytes, 1514), SW_HEAD_BYTES - 32);
    ck_assert_uint_eq(sw_outside_head(bytes, 0), 0);
}
END_TEST

/* Every length, every length that a header can claim: never more than there is, or than fits. */
START_TEST(no_frame_has_more_head_than_bytes)
{
    static const uint8_t protocols[] = {1, 6, 17, 50};
    for (size_t n = 0; n < 200; n++) {
        for (unsigned words = 0; words < 16; words++) {
            for (unsigned k = 0; k < 4; k++) {
                ipv4(protocols[k], words);
                memset(bytes + 14 + words * 4 + 12, 0xf0, 1);
                uint8_t *own = malloc(n + 1);
                memcpy(own, bytes, n);
                size_t head = sw_outside_head(own, n);
                ck_assert_uint_le(head, n);
                ck_assert_uint_le(head, SW_HEAD_BYTES - 32);
                free(own);
            }
        }
    }
}
END_TEST

static bool may_wait(size_t n, size_t start, size_t offset)
{
    return sw_outside_may_wait(bytes, n, sw_outside_head(bytes, n), start, offset);
}

START_TEST(a_checksum_waits_only_in_the_transport_header_of_ipv4)
{
    ipv4(17, 5);
    sw_put16(bytes + 16, 20 + 8 + 100);
    ck_assert(may_wait(142, 34, 6));
    ck_assert(!may_wait(142, 34, 7)); /* beyond the head */
    ck_assert(!may_wait(142, 33, 7)); /* it begins in IP's */
    ck_assert(!may_wait(142, 26, 2)); /* the source address */
    ck_assert(!may_wait(142, 0, 10)); /* the source MAC address */
    ck_assert(!may_wait(142, 35, 5));
    ck_assert(!may_wait(142, 65535, 65535));
    sw_put16(bytes + 16, 20 + 7);
    ck_assert(!may_wait(142, 34, 6)); /* behind the packet's end */
    ipv4(17, 6);
    sw_put16(bytes + 16, 24 + 8);
    ck_assert(may_wait(142, 38, 6));
    ck_assert(!may_wait(142, 34, 10)); /* an option */
    ipv4(17, 4);
    sw_put16(bytes + 16, 200);
    ck_assert(!may_wait(142, 30, 6)); /* no header is so short */
    ipv4(17, 5);
    sw_put16(bytes + 16, 20 + 8);
    sw_put16(bytes + 12, 0x8100);
    ck_assert(!may_wait(142, 34, 6));
    sw_put16(bytes + 12, 0x0806);
    ck_assert(!may_wait(142, 34, 6));
    for (size_t n = 0; n < 34; n++) {
        uint8_t *own = malloc(n + 1);
        ipv4(17, 5);
        memcpy(own, bytes, n);
        ck_assert(!sw_outside_may_wait(own, n, n, 34, 6));
        free(own);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("outside");
    TCase *tcase = tcase_create("outside");
    tcase_add_test(tcase, the_text_of_tcp_and_udp_begins_a_slice);
    tcase_add_test(tcase, what_is_not_ipv4_has_a_head_as_long_as_it_may_be);
    tcase_add_test(tcase, no_frame_has_more_head_than_bytes);
    tcase_add_test(tcase, a_checksum_waits_only_in_the_transport_header_of_ipv4);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
