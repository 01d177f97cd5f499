#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/checksum.h"

/* RFC 1071 3, as it stands there: byte pairs, carries folded in at once. */
static uint16_t naive(const uint8_t *p, size_t n, bool odd)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        bool high = (i % 2 == 0) != odd;
        sum += high ? (uint32_t)p[i] << 8 : p[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

/* Bytes of no pattern, the same each time. */
static void fill(uint8_t *p, size_t n)
{
    uint32_t x = 12345;
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        p[i] = (uint8_t)(x >> 24);
    }
}

static const uint8_t rfc1071_3[8] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

START_TEST(sums_the_example__rfc1071_3)
{
    ck_assert_uint_eq(sw_sum_fold(sw_sum_add(0, rfc1071_3, 8)), 0xddf2);
    ck_assert_uint_eq(sw_checksum(rfc1071_3, 8), 0x220d);
}
END_TEST

START_TEST(sums_swapped_bytes_to_a_swapped_sum__rfc1071_2_b)
{
    ck_assert_uint_eq(sw_sum_fold(sw_sum_add_odd(0, rfc1071_3, 8)), 0xf2dd);
}
END_TEST

START_TEST(header_with_its_checksum_sums_to_ffff)
{
    const uint8_t header[20] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                                0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
    uint8_t blank[20];
    memcpy(blank, header, 20);
    blank[10] = blank[11] = 0;
    ck_assert_uint_eq(sw_checksum(blank, 20), 0xb861);
    ck_assert_uint_eq(sw_sum_fold(sw_sum_add(0, header, 20)), 0xffff);
    ck_assert_uint_eq(sw_checksum(header, 20), 0);
}
END_TEST

START_TEST(agrees_with_bytewise_sum_at_every_length_and_place)
{
    uint8_t bytes[272];
    fill(bytes, sizeof(bytes));
    for (size_t at = 0; at < 9; at++) {
        for (size_t n = 0; at + n <= sizeof(bytes); n++) {
            const uint8_t *p = bytes + at;
            ck_assert_uint_eq(sw_sum_fold(sw_sum_add(0, p, n)), naive(p, n, false));
            ck_assert_uint_eq(sw_sum_fold(sw_sum_add_odd(0, p, n)), naive(p, n, true));
        }
    }
}
END_TEST

START_TEST(parts_add_up_to_the_whole_wherever_it_is_cut)
{
    uint8_t bytes[150];
    fill(bytes, sizeof(bytes));
    uint16_t whole = naive(bytes, 150, false);
    for (size_t cut = 0; cut <= 150; cut++) {
        uint64_t first = sw_sum_add(0, bytes, cut);
        uint64_t both = cut % 2 == 0 ? sw_sum_add(first, bytes + cut, 150 - cut)
                                     : sw_sum_add_odd(first, bytes + cut, 150 - cut);
        ck_assert_uint_eq(sw_sum_fold(both), whole);
        uint64_t apart = cut % 2 == 0 ? sw_sum_add(0, bytes + cut, 150 - cut)
                                      : sw_sum_add_odd(0, bytes + cut, 150 - cut);
        ck_assert_uint_eq(sw_sum_fold(first + apart), whole);
    }
}
END_TEST

/* Where carries are many: all ones, as many as a packet can have. */
START_TEST(carries_are_not_lost)
{
    size_t n = 65535;
    uint8_t *ones = malloc(n);
    ck_assert_ptr_nonnull(ones);
    memset(ones, 0xff, n);
    for (size_t len = 65500; len <= n; len++) {
        ck_assert_uint_eq(sw_sum_fold(sw_sum_add(0, ones, len)), naive(ones, len, false));
        ck_assert_uint_eq(sw_sum_fold(sw_sum_add_odd(0, ones, len)), naive(ones, len, true));
    }
    uint64_t sum = 0;
    for (int i = 0; i < 1000; i++) {
        sum = sw_sum_add(sum, ones, n - 1);
    }
    ck_assert_uint_eq(sw_sum_fold(sum), 0xffff);
    free(ones);
}
END_TEST

START_TEST(fold_takes_every_size_of_sum)
{
    ck_assert_uint_eq(sw_sum_fold(0), 0);
    ck_assert_uint_eq(sw_sum_fold(0xffff), 0xffff);
    ck_assert_uint_eq(sw_sum_fold(0x10000), 1);
    ck_assert_uint_eq(sw_sum_fold(0x1ffff), 1);
    ck_assert_uint_eq(sw_sum_fold(0x1fffe), 0xffff);
    ck_assert_uint_eq(sw_sum_fold(0xffffffff), 0xffff);
    ck_assert_uint_eq(sw_sum_fold(0x100000000), 1);
    ck_assert_uint_eq(sw_sum_fold(UINT64_MAX), 0xffff);
    ck_assert_uint_eq(sw_sum_fold(0xffffffff00010000), 1); /* a carry of the last folding */
    ck_assert_uint_eq(sw_sum_fold(UINT64_MAX - 1), 0xfffe);
    ck_assert_uint_eq(sw_sum_fold(0xfffffffeffff0001), naive((const uint8_t *)"\xff\xff\xff\xfe"
                                                                              "\xff\xff\x00\x01",
                                                             8, false));
}
END_TEST

/* Zero bytes have the sum 0, and nothing else has: UDP tells "no checksum" by it (RFC 768). */
START_TEST(only_zeros_sum_to_zero)
{
    const uint8_t zeros[64] = {0}, wrap[4] = {0x12, 0x34, 0xed, 0xcb};
    for (size_t n = 0; n <= 64; n++) {
        ck_assert_uint_eq(sw_sum_fold(sw_sum_add(0, zeros, n)), 0);
    }
    ck_assert_uint_eq(sw_sum_fold(sw_sum_add(0, wrap, 4)), 0xffff);
}
END_TEST

START_TEST(pseudo_header_is_12_bytes__rfc768)
{
    const uint8_t bytes[12] = {192, 168, 1, 200, 10, 255, 255, 254, 0, 17, 0xfe, 0xdc};
    uint64_t sum = sw_sum_pseudo_v4(0xc0a801c8, 0x0afffffe, 17, 0xfedc);
    ck_assert_uint_eq(sw_sum_fold(sum), naive(bytes, 12, false));
    ck_assert_uint_eq(sw_sum_fold(sw_sum_pseudo_v4(UINT32_MAX, UINT32_MAX, 6, 65535)), 6);
}
END_TEST

/* RFC 1624 4: the word 0x5555 becomes 0x3285; eqn. 2 gave 0xffff there, eqn. 3 gives 0. */
START_TEST(adjust_gives_zero_where_eqn_2_gave_ffff__rfc1624_4)
{
    ck_assert_uint_eq(sw_checksum_adjust(0xdd2f, 0x5555, 0x3285), 0x0000);
}
END_TEST

START_TEST(adjusted_checksum_is_the_one_computed_anew__rfc1624)
{
    uint8_t header[20];
    fill(header, sizeof(header));
    uint16_t checksum = sw_checksum(header, 20);
    for (unsigned ttl = 0; ttl < 256; ttl++) {
        uint16_t old = (uint16_t)(header[8] << 8 | header[9]);
        header[8] = (uint8_t)ttl;
        uint16_t new = (uint16_t)(header[8] << 8 | header[9]);
        checksum = sw_checksum_adjust(checksum, old, new);
        ck_assert_uint_eq(checksum, sw_checksum(header, 20));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checksum");
    TCase *tcase = tcase_create("checksum");
    tcase_add_test(tcase, sums_the_example__rfc1071_3);
    tcase_add_test(tcase, sums_swapped_bytes_to_a_swapped_sum__rfc1071_2_b);
    tcase_add_test(tcase, header_with_its_checksum_sums_to_ffff);
    tcase_add_test(tcase, agrees_with_bytewise_sum_at_every_length_and_place);
    tcase_add_test(tcase, parts_add_up_to_the_whole_wherever_it_is_cut);
    tcase_add_test(tcase, carries_are_not_lost);
    tcase_add_test(tcase, fold_takes_every_size_of_sum);
    tcase_add_test(tcase, only_zeros_sum_to_zero);
    tcase_add_test(tcase, pseudo_header_is_12_bytes__rfc768);
    tcase_add_test(tcase, adjust_gives_zero_where_eqn_2_gave_ffff__rfc1624_4);
    tcase_add_test(tcase, adjusted_checksum_is_the_one_computed_anew__rfc1624);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
