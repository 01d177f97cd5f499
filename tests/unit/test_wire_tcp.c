/* The TCP header: each length, each option, and what cannot be. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "stack/wire/tcp.h"

static struct sw_tcp_header h;
static enum sw_drop why;

/* A header with options behind it, padded with zeros. */
static bool parse(const uint8_t *options, size_t n)
{
    uint8_t bytes[SW_TCP_MAX_BYTES] = {0x1f, 0x90, 0x00, 0x50, 1, 2, 3, 4, 5, 6, 7, 8};
    const size_t padded = (n + 3) / 4 * 4;
    bytes[12] = (uint8_t)((5 + padded / 4) << 4);
    bytes[13] = 0x12;
    bytes[14] = 0xfa;
    bytes[15] = 0xf0;
    bytes[18] = 0xab;
    bytes[19] = 0xcd;
    if (n > 0) {
        memcpy(bytes + 20, options, n);
    }
    return sw_tcp_parse(&h, bytes, 20 + padded, 20 + padded, &why);
}

START_TEST(fields_are_read__rfc9293_3_1)
{
    ck_assert(parse(NULL, 0));
    ck_assert_uint_eq(h.src_port, 8080);
    ck_assert_uint_eq(h.dst_port, 80);
    ck_assert_uint_eq(h.seq, 0x01020304);
    ck_assert_uint_eq(h.ack, 0x05060708);
    ck_assert_uint_eq(h.flags, SW_TCP_SYN | SW_TCP_ACK);
    ck_assert_uint_eq(h.window, 64240); /* unsigned: MUST-1 */
    ck_assert_uint_eq(h.urgent, 0xabcd);
    ck_assert_uint_eq(h.header_bytes, 20);
    ck_assert_uint_eq(h.has, 0);
}
END_TEST

START_TEST(options_are_read__rfc9293_3_2)
{
    const uint8_t options[] = {2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9, 1, 3, 3, 7};
    ck_assert(parse(options, sizeof(options)));
    ck_assert_uint_eq(h.has, SW_TCP_HAS_MSS | SW_TCP_HAS_SACK_PERMITTED | SW_TCP_HAS_TIMESTAMP |
                                 SW_TCP_HAS_WSCALE);
    ck_assert_uint_eq(h.mss, 1460);
    ck_assert_uint_eq(h.ts_val, 7);
    ck_assert_uint_eq(h.ts_ecr, 9);
    ck_assert_uint_eq(h.wscale, 7);
    ck_assert_uint_eq(h.header_bytes, 40);
}
END_TEST

START_TEST(sack_blocks_are_read_and_written__rfc2018_3)
{
    const uint8_t options[] = {1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 9, 0xff, 0, 0, 0, 0xff, 0, 0, 2};
    ck_assert(parse(options, sizeof(options)));
    ck_assert_uint_eq(h.has, SW_TCP_HAS_SACK);
    ck_assert_uint_eq(h.sack_count, 2);
    ck_assert_uint_eq(h.sack[0].start, 1);
    ck_assert_uint_eq(h.sack[0].end, 9);
    ck_assert_uint_eq(h.sack[1].start, 0xff000000);
    ck_assert_uint_eq(h.sack[1].end, 0xff000002);
    uint8_t bytes[SW_TCP_MAX_BYTES];
    ck_assert_uint_eq(sw_tcp_emit(&h, bytes), 40);
    ck_assert_mem_eq(bytes + 20, options, sizeof(options));
    const uint8_t half[] = {5, 6, 0, 0, 0, 1, 1, 1}; /* a block has eight bytes */
    ck_assert(parse(half, sizeof(half)));
    ck_assert_uint_eq(h.has, 0);
    ck_assert_uint_eq(h.sack_count, 0);
}
END_TEST

START_TEST(a_syn_has_its_options_in_the_usual_order)
{
    h = (struct sw_tcp_header){.has = SW_TCP_HAS_MSS | SW_TCP_HAS_SACK_PERMITTED |
                                      SW_TCP_HAS_TIMESTAMP | SW_TCP_HAS_WSCALE,
                               .mss = 1460,
                               .ts_val = 7,
                               .wscale = 5};
    const uint8_t options[] = {2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 7, 0, 0, 0, 0, 1, 3, 3, 5};
    uint8_t bytes[SW_TCP_MAX_BYTES];
    ck_assert_uint_eq(sw_tcp_emit(&h, bytes), 40);
    ck_assert_mem_eq(bytes + 20, options, sizeof(options));
}
END_TEST

START_TEST(an_aligned_timestamp_alone_is_read)
{
    const uint8_t options[] = {1, 1, 8, 10, 0xff, 0, 0, 1, 2, 0, 0, 3};
    ck_assert(parse(options, sizeof(options)));
    ck_assert_uint_eq(h.has, SW_TCP_HAS_TIMESTAMP);
    ck_assert_uint_eq(h.ts_val, 0xff000001);
    ck_assert_uint_eq(h.ts_ecr, 0x02000003);
}
END_TEST

START_TEST(options_need_not_lie_at_even_places__must_64)
{
    const uint8_t options[] = {1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9, 1, 2, 4, 0x05, 0xb4};
    ck_assert(parse(options, sizeof(options)));
    ck_assert_uint_eq(h.has, SW_TCP_HAS_TIMESTAMP | SW_TCP_HAS_MSS);
    ck_assert_uint_eq(h.mss, 1460);
    ck_assert_uint_eq(h.ts_val, 7);
}
END_TEST

START_TEST(unknown_options_are_passed_over_by_their_length__must_6)
{
    const uint8_t options[] = {254, 6, 1, 2, 3, 4, 2, 4, 0x02, 0x18};
    ck_assert(parse(options, sizeof(options)));
    ck_assert_uint_eq(h.has, SW_TCP_HAS_MSS);
    ck_assert_uint_eq(h.mss, 536);
}
END_TEST

START_TEST(a_known_kind_of_another_length_is_passed_over)
{
    const uint8_t options[] = {2, 3, 9, 3, 4, 9, 9, 4, 3, 9, 8, 6, 1, 1, 1, 1, 3, 3, 2};
    ck_assert(parse(options, sizeof(options)));
    ck_assert_uint_eq(h.has, SW_TCP_HAS_WSCALE);
    ck_assert_uint_eq(h.wscale, 2);
}
END_TEST

START_TEST(nothing_is_read_behind_the_end_of_the_list__must_4_69)
{
    const uint8_t options[] = {0, 2, 4, 5, 0xb4, 0, 0, 0};
    ck_assert(parse(options, sizeof(options)));
    ck_assert_uint_eq(h.has, 0);
}
END_TEST

START_TEST(a_length_that_cannot_be_is_refused__must_7)
{
    static const uint8_t bad[][4] = {
        {2, 0, 0, 0},   /* zero: would loop */
        {2, 1, 0, 0},   /* shorter than itself */
        {2, 5, 0, 0},   /* beyond the header */
        {8, 255, 0, 0}, /* far beyond */
        {1, 1, 1, 2},   /* a kind without a length at the very end: MUST-68 */
        {1, 1, 254, 3}, /* one byte too long */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        why = SW_DROP_COUNT;
        ck_assert_msg(!parse(bad[i], 4), "%zu", i);
        ck_assert_int_eq(why, SW_DROP_TCP_OPTIONS);
    }
}
END_TEST

START_TEST(a_shift_over_14_counts_as_14__rfc7323_2_3)
{
    const uint8_t options[] = {3, 3, 15, 3, 3, 255};
    ck_assert(parse(options, 3));
    ck_assert_uint_eq(h.wscale, 14);
    ck_assert(parse(options + 3, 3));
    ck_assert_uint_eq(h.wscale, 14);
}
END_TEST

START_TEST(every_length_is_survived)
{
    uint8_t bytes[SW_TCP_MAX_BYTES];
    for (unsigned offset = 0; offset < 16; offset++) {
        for (size_t n = 0; n <= sizeof(bytes); n++) {
            /* Of just this size, so that a sanitizer sees a read beyond it. */
            uint8_t *exact = malloc(n + 1);
            memset(exact, 1, n + 1);
            if (n > 12) {
                exact[12] = (uint8_t)(offset << 4);
            }
            const bool ok = sw_tcp_parse(&h, exact, n, n, &why);
            ck_assert_int_eq(ok, n >= 20 && offset >= 5 && offset * 4 <= n);
            if (!ok) {
                ck_assert_int_eq(why, n < 20 ? SW_DROP_TCP_SHORT : SW_DROP_TCP_OFFSET);
            }
            free(exact);
        }
    }
}
END_TEST

START_TEST(the_packet_may_be_shorter_than_the_frame)
{
    uint8_t bytes[40] = {0};
    bytes[12] = 6 << 4;
    ck_assert(!sw_tcp_parse(&h, bytes, 40, 19, &why));
    ck_assert_int_eq(why, SW_DROP_TCP_SHORT);
    ck_assert(!sw_tcp_parse(&h, bytes, 40, 23, &why));
    ck_assert_int_eq(why, SW_DROP_TCP_OFFSET);
    ck_assert(sw_tcp_parse(&h, bytes, 40, 24, &why));
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
    for (unsigned has = 0; has < 16; has++) {
        const struct sw_tcp_header out = {.src_port = 40000,
                                          .dst_port = 7,
                                          .seq = 0xdeadbeef,
                                          .ack = 0x01000000,
                                          .flags = SW_TCP_PSH | SW_TCP_ACK,
                                          .window = 512,
                                          .urgent = 3,
                                          .has = (uint8_t)has,
                                          .wscale = 9,
                                          .mss = 8960,
                                          .ts_val = 0x80000000,
                                          .ts_ecr = 0xffffffff};
        uint8_t bytes[SW_TCP_MAX_BYTES];
        memset(bytes, 0xee, sizeof(bytes));
        const unsigned n = sw_tcp_emit(&out, bytes);
        ck_assert_uint_eq(n, sw_tcp_emit_bytes(&out));
        ck_assert_uint_eq(n % 4, 0);
        ck_assert_uint_eq(bytes[16] | bytes[17], 0); /* the checksum's place */
        ck_assert(sw_tcp_parse(&h, bytes, n, n, &why));
        ck_assert_uint_eq(h.header_bytes, n);
        ck_assert_uint_eq(h.has, has);
        ck_assert_uint_eq(h.seq, out.seq);
        ck_assert_uint_eq(h.ack, out.ack);
        ck_assert_uint_eq(h.flags, out.flags);
        ck_assert_uint_eq(h.window, 512);
        ck_assert_uint_eq(h.urgent, 3);
        if ((has & SW_TCP_HAS_TIMESTAMP) != 0) {
            ck_assert_uint_eq(h.ts_val, out.ts_val);
            ck_assert_uint_eq(h.ts_ecr, out.ts_ecr);
        }
        if ((has & SW_TCP_HAS_MSS) != 0) {
            ck_assert_uint_eq(h.mss, 8960);
        }
        if ((has & SW_TCP_HAS_WSCALE) != 0) {
            ck_assert_uint_eq(h.wscale, 9);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_tcp");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, fields_are_read__rfc9293_3_1);
    tcase_add_test(tc, options_are_read__rfc9293_3_2);
    tcase_add_test(tc, sack_blocks_are_read_and_written__rfc2018_3);
    tcase_add_test(tc, a_syn_has_its_options_in_the_usual_order);
    tcase_add_test(tc, an_aligned_timestamp_alone_is_read);
    tcase_add_test(tc, options_need_not_lie_at_even_places__must_64);
    tcase_add_test(tc, unknown_options_are_passed_over_by_their_length__must_6);
    tcase_add_test(tc, a_known_kind_of_another_length_is_passed_over);
    tcase_add_test(tc, nothing_is_read_behind_the_end_of_the_list__must_4_69);
    tcase_add_test(tc, a_length_that_cannot_be_is_refused__must_7);
    tcase_add_test(tc, a_shift_over_14_counts_as_14__rfc7323_2_3);
    tcase_add_test(tc, every_length_is_survived);
    tcase_add_test(tc, the_packet_may_be_shorter_than_the_frame);
    tcase_add_test(tc, what_is_written_is_read_back);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
