/* IPv4 headers and options (stack/wire/ipv4.c). What is refused is shown with its reasons in
 * test_ip_input.c too. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/wire/ipv4.h"

static const struct sw_ipv4 IP = {.header_bytes = 20,
                                  .tos = 0xb8,
                                  .ttl = 63,
                                  .protocol = 17,
                                  .total_bytes = 1500,
                                  .id = 0xbeef,
                                  .offset_bytes = 1480,
                                  .more = true,
                                  .src = 0x0a000002,
                                  .dst = 0x0a000001};

START_TEST(a_header_is_written_and_read__rfc791_3_1)
{
    static const uint8_t expected[20] = {0x45, 0xb8, 0x05, 0xdc, 0xbe, 0xef, 0x20, 0xb9, 63, 17,
                                         0,    0,    10,   0,    0,    2,    10,   0,    0,  1};
    uint8_t bytes[20];
    sw_ipv4_emit(&IP, bytes);
    ck_assert_uint_eq(sw_checksum(bytes, 20), 0);
    struct sw_ipv4 ip;
    enum sw_drop why;
    ck_assert(sw_ipv4_parse(&ip, bytes, 20, 1500, &why));
    ck_assert_uint_eq(ip.tos, 0xb8);
    ck_assert_uint_eq(ip.offset_bytes, 1480);
    ck_assert(ip.more && !ip.df);
    ck_assert_uint_eq(ip.id, 0xbeef);
    ck_assert_uint_eq(ip.src, 0x0a000002);
    ck_assert_uint_eq(ip.dst, 0x0a000001);
    sw_put16(bytes + 10, 0);
    ck_assert_mem_eq(bytes, expected, 20);
}
END_TEST

START_TEST(every_wrong_bit_is_found__rfc1122_3_2_1_2)
{
    for (unsigned bit = 0; bit < 160; bit++) {
        uint8_t bytes[20];
        sw_ipv4_emit(&IP, bytes);
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        struct sw_ipv4 ip;
        enum sw_drop why;
        ck_assert(!sw_ipv4_parse(&ip, bytes, 20, 1500, &why));
    }
}
END_TEST

START_TEST(padding_is_no_fault_and_a_missing_byte_is)
{
    uint8_t bytes[20];
    sw_ipv4_emit(&IP, bytes);
    struct sw_ipv4 ip;
    enum sw_drop why = SW_DROP_COUNT;
    ck_assert(sw_ipv4_parse(&ip, bytes, 20, 1600, &why));
    ck_assert(!sw_ipv4_parse(&ip, bytes, 20, 1499, &why));
    ck_assert_int_eq(why, SW_DROP_IP_TOTAL_LENGTH);
    ck_assert(!sw_ipv4_parse(&ip, bytes, 19, 1500, &why));
    ck_assert_int_eq(why, SW_DROP_IP_SHORT);
}
END_TEST

START_TEST(a_header_with_options_is_summed_whole)
{
    uint8_t bytes[60];
    struct sw_ipv4 ip = IP;
    ip.header_bytes = 60;
    for (unsigned i = 20; i < 60; i++) {
        bytes[i] = (uint8_t)(i * 37);
    }
    sw_ipv4_emit(&ip, bytes);
    enum sw_drop why = SW_DROP_COUNT;
    ck_assert(sw_ipv4_parse(&ip, bytes, 60, 1500, &why));
    ck_assert_uint_eq(ip.header_bytes, 60);
    ck_assert(!sw_ipv4_parse(&ip, bytes, 59, 1500, &why));
    ck_assert_int_eq(why, SW_DROP_IP_HEADER_LENGTH);
    bytes[59] ^= 1;
    ck_assert(!sw_ipv4_parse(&ip, bytes, 60, 1500, &why));
    ck_assert_int_eq(why, SW_DROP_IP_CHECKSUM);
}
END_TEST

START_TEST(no_options_are_too_strange_to_end__rfc1122_3_2_1_8)
{
    for (unsigned kind = 0; kind < 256; kind++) {
        for (unsigned len = 0; len < 256; len++) {
            const uint8_t bytes[4] = {(uint8_t)kind, (uint8_t)len, 0, 0};
            enum sw_drop why;
            bool route = kind == 131 || kind == 137;
            bool fits = kind < 2 || (len >= 2 && len <= 4 && !route);
            if (kind != 1) { /* behind a no-operation, len is a kind of its own */
                ck_assert_msg(sw_ipv4_options_ok(bytes, 4, &why) == fits, "%u %u", kind, len);
            }
        }
    }
}
END_TEST

START_TEST(the_copied_flag_chooses_what_later_fragments_have__rfc791_3_1)
{
    static const uint8_t options[16] = {1, 0x94, 4, 0, 0, 7, 7, 4, 0, 0, 0, 0, 0x82, 3, 9, 0};
    uint8_t to[40];
    ck_assert_uint_eq(sw_ipv4_options_copied(options, 16, to), 8);
    ck_assert_mem_eq(to, "\x94\x04\0\0\x82\x03\x09\0", 8);
    ck_assert_uint_eq(sw_ipv4_options_copied(options + 5, 7, to), 0);
    ck_assert_uint_eq(sw_ipv4_options_copied(options, 0, to), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_ipv4");
    TCase *tcase = tcase_create("wire_ipv4");
    tcase_add_test(tcase, a_header_is_written_and_read__rfc791_3_1);
    tcase_add_test(tcase, every_wrong_bit_is_found__rfc1122_3_2_1_2);
    tcase_add_test(tcase, padding_is_no_fault_and_a_missing_byte_is);
    tcase_add_test(tcase, a_header_with_options_is_summed_whole);
    tcase_add_test(tcase, no_options_are_too_strange_to_end__rfc1122_3_2_1_8);
    tcase_add_test(tcase, the_copied_flag_chooses_what_later_fragments_have__rfc791_3_1);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
