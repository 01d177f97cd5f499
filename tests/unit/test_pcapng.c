#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/pcapng.h"

struct sink {
    uint8_t bytes[70000];
    size_t n;
    int calls;
    int refuse_at; /* this call, counted from 1, is refused */
};

/* One block, read by the draft's section 3.1: fields are little-endian. */
struct block {
    uint32_t type, size;
    const uint8_t *body;
};

static struct sw_pool *pool;
static struct sink *sink;
static struct sw_pcapng pcap;

static void setup(void)
{
    pool = sw_pool_new(1 << 20);
    sink = calloc(1, sizeof(*sink));
    ck_assert(pool != NULL && sink != NULL);
}

static void teardown(void)
{
    struct sw_pool_stats stats;
    sw_pool_stats(pool, &stats);
    ck_assert_uint_eq(stats.live_frames + stats.live_blocks, 0);
    sw_pool_free(pool);
    free(sink);
}

static int take(void *ctx, const void *bytes, size_t n)
{
    struct sink *s = ctx;
    if (++s->calls == s->refuse_at) {
        return -ENOSPC;
    }
    ck_assert_uint_le(n, sizeof(s->bytes) - s->n);
    memcpy(s->bytes + s->n, bytes, n);
    s->n += n;
    return 0;
}

static uint32_t little(const uint8_t *p, size_t n)
{
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++) {
        v |= (uint32_t)p[i] << (8 * i);
    }
    return v;
}

/* The block at *at, which moves behind it. */
static struct block next_block(size_t *at)
{
    ck_assert_uint_le(*at + 12, sink->n);
    const uint8_t *p = sink->bytes + *at;
    struct block b = {little(p, 4), little(p + 4, 4), p + 8};
    ck_assert_uint_eq(b.size % 4, 0);
    ck_assert_uint_le(*at + b.size, sink->n);
    ck_assert_uint_eq(little(p + b.size - 4, 4), b.size);
    *at += b.size;
    return b;
}

/* The option at *p, which moves behind it; the value's bytes and, in *n, how many. */
static const uint8_t *next_option(const uint8_t **p, uint32_t *code, uint32_t *n)
{
    const uint8_t *value = *p + 4;
    *code = little(*p, 2);
    *n = little(*p + 2, 2);
    for (uint32_t i = *n; i % 4 != 0; i++) {
        ck_assert_uint_eq(value[i], 0);
    }
    *p = value + (*n + 3) / 4 * 4;
    return value;
}

static void expect_option(const uint8_t **p, uint32_t code, const void *value, uint32_t n)
{
    uint32_t real_code, real_n;
    const uint8_t *real = next_option(p, &real_code, &real_n);
    ck_assert_uint_eq(real_code, code);
    ck_assert_uint_eq(real_n, n);
    ck_assert_mem_eq(real, value, n);
}

/* The end of the options is the end of the block. */
static void expect_end(const uint8_t **p, const struct block *b)
{
    expect_option(p, 0, "", 0);
    ck_assert_ptr_eq(*p, b->body - 8 + b->size - 4);
}

static struct sw_frame *frame_of(const char *bytes, size_t n)
{
    struct sw_frame *frame = sw_frame_from_bytes(pool, (const uint8_t *)bytes, n, 14);
    ck_assert_ptr_nonnull(frame);
    return frame;
}

START_TEST(section_header_has_the_seed_alone)
{
    ck_assert_int_eq(sw_pcapng_begin(&pcap, take, sink, 7), 0);
    size_t at = 0;
    struct block b = next_block(&at);
    ck_assert_uint_eq(at, sink->n);
    ck_assert_uint_eq(b.type, 0x0a0d0d0a);
    ck_assert_uint_eq(little(b.body, 4), 0x1a2b3c4d);
    ck_assert_uint_eq(little(b.body + 4, 2), 1);
    ck_assert_uint_eq(little(b.body + 6, 2), 0);
    ck_assert_mem_eq(b.body + 8, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    const uint8_t *option = b.body + 16;
    expect_option(&option, 1, "seed 7", 6);
    expect_end(&option, &b);
}
END_TEST

START_TEST(greatest_seed_fits)
{
    ck_assert_int_eq(sw_pcapng_begin(&pcap, take, sink, UINT64_MAX), 0);
    const uint8_t *option = sink->bytes + 24;
    expect_option(&option, 1, "seed 18446744073709551615", 25);
}
END_TEST

START_TEST(interfaces_are_ethernet_in_nanoseconds_and_numbered)
{
    sw_pcapng_begin(&pcap, take, sink, 7);
    size_t at = sink->n;
    ck_assert_int_eq(sw_pcapng_interface(&pcap, "web:eth0"), 0);
    ck_assert_int_eq(sw_pcapng_interface(&pcap, "core:p7"), 1);
    static const char *const names[] = {"web:eth0", "core:p7"};
    for (int i = 0; i < 2; i++) {
        struct block b = next_block(&at);
        ck_assert_uint_eq(b.type, 1);
        ck_assert_uint_eq(little(b.body, 2), 1);     /* LINKTYPE_ETHERNET */
        ck_assert_uint_eq(little(b.body + 2, 2), 0); /* reserved */
        ck_assert_uint_eq(little(b.body + 4, 4), 0); /* no snap length */
        const uint8_t *option = b.body + 8;
        expect_option(&option, 2, names[i], (uint32_t)strlen(names[i]));
        expect_option(&option, 9, "\x09", 1);
        expect_end(&option, &b);
    }
    ck_assert_uint_eq(at, sink->n);
}
END_TEST

START_TEST(frame_has_time_direction_and_bytes)
{
    sw_pcapng_begin(&pcap, take, sink, 7);
    sw_pcapng_interface(&pcap, "a");
    sw_pcapng_interface(&pcap, "b");
    size_t at = sink->n;
    struct sw_frame *frame = frame_of("abcdefghijklmno", 15);
    ck_assert_int_eq(sw_pcapng_frame(&pcap, 1, SW_DIR_OUT, 1000000000 * SW_S, 5 * SW_S + 123456789,
                                     frame, SW_DROP_COUNT),
                     0);
    sw_frame_drop(frame);
    struct block b = next_block(&at);
    ck_assert_uint_eq(at, sink->n);
    ck_assert_uint_eq(b.type, 6);
    ck_assert_uint_eq(little(b.body, 4), 1);
    uint64_t time = (uint64_t)little(b.body + 4, 4) << 32 | little(b.body + 8, 4);
    ck_assert_uint_eq(time, 1000000005123456789);
    ck_assert_uint_eq(little(b.body + 12, 4), 15);
    ck_assert_uint_eq(little(b.body + 16, 4), 15);
    ck_assert_mem_eq(b.body + 20, "abcdefghijklmno\0", 16);
    const uint8_t *option = b.body + 36;
    expect_option(&option, 2, "\x02\0\0\0", 4);
    expect_end(&option, &b);
}
END_TEST

START_TEST(dropped_frame_says_why)
{
    sw_pcapng_begin(&pcap, take, sink, 7);
    sw_pcapng_interface(&pcap, "a");
    size_t at = sink->n;
    struct sw_frame *frame = frame_of("abcdefghijklmnop", 16);
    sw_pcapng_frame(&pcap, 0, SW_DIR_IN, 0, 0, frame, SW_DROP_LINK_DOWN);
    sw_pcapng_frame(&pcap, 0, SW_DIR_IN, 0, 0, frame, SW_DROP_QUEUE_FULL);
    sw_frame_drop(frame);
    static const char *const comments[] = {"dropped: link-down", "dropped: queue-full"};
    for (int i = 0; i < 2; i++) {
        struct block b = next_block(&at);
        const uint8_t *option = b.body + 36;
        expect_option(&option, 2, "\x01\0\0\0", 4);
        expect_option(&option, 1, comments[i], (uint32_t)strlen(comments[i]));
        expect_end(&option, &b);
    }
}
END_TEST

/* Every reason's name has room in the comment. */
START_TEST(each_reason_can_be_said)
{
    sw_pcapng_begin(&pcap, take, sink, 7);
    sw_pcapng_interface(&pcap, "a");
    struct sw_frame *frame = frame_of("abcdefghijklmnop", 16);
    for (int reason = 0; reason < SW_DROP_COUNT; reason++) {
        ck_assert_int_eq(sw_pcapng_frame(&pcap, 0, SW_DIR_IN, 0, 0, frame, (enum sw_drop)reason),
                         0);
    }
    sw_frame_drop(frame);
}
END_TEST

START_TEST(longest_frame_is_whole)
{
    char *bytes = malloc(SW_FRAME_MAX_BYTES);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < SW_FRAME_MAX_BYTES; i++) {
        bytes[i] = (char)(i * 7 % 251);
    }
    struct sw_frame *frame = frame_of(bytes, SW_FRAME_MAX_BYTES);
    sw_pcapng_begin(&pcap, take, sink, 7);
    sw_pcapng_interface(&pcap, "a");
    size_t at = sink->n;
    ck_assert_int_eq(sw_pcapng_frame(&pcap, 0, SW_DIR_IN, 0, 0, frame, SW_DROP_COUNT), 0);
    sw_frame_drop(frame);
    struct block b = next_block(&at);
    ck_assert_uint_eq(little(b.body + 12, 4), 65550);
    ck_assert_mem_eq(b.body + 20, bytes, SW_FRAME_MAX_BYTES);
    free(bytes);
}
END_TEST

/* The frame itself stays as it is: a capture changes nothing. The sum of the text alone is 0x6162 +
 * 0x6364 = 0xc4c6; with 0x0001 of the pseudo-header, the checksum is ~0xc4c7. */
START_TEST(partial_checksum_is_finished_in_the_copy)
{
    sw_pcapng_begin(&pcap, take, sink, 7);
    sw_pcapng_interface(&pcap, "a");
    size_t at = sink->n;
    struct sw_frame *frame = frame_of("abcdefghijklmn\0\1abcd", 20);
    frame->csum = SW_CSUM_PARTIAL;
    frame->csum_start = 14;
    frame->csum_offset = 0;
    sw_pcapng_frame(&pcap, 0, SW_DIR_OUT, 0, 0, frame, SW_DROP_COUNT);
    struct block b = next_block(&at);
    ck_assert_uint_eq(sw_get16(b.body + 20 + 14), 0x3b38);
    ck_assert_int_eq(frame->csum, SW_CSUM_PARTIAL);
    uint8_t field[2];
    sw_frame_read(frame, 14, field, 2);
    ck_assert_uint_eq(sw_get16(field), 1);
    sw_frame_drop(frame);
}
END_TEST

START_TEST(nothing_is_written_after_a_failure)
{
    sink->refuse_at = 3;
    ck_assert_int_eq(sw_pcapng_begin(&pcap, take, sink, 7), 0);
    ck_assert_int_eq(sw_pcapng_interface(&pcap, "a"), 0);
    struct sw_frame *frame = frame_of("abcdefghijklmnop", 16);
    ck_assert_int_eq(sw_pcapng_frame(&pcap, 0, SW_DIR_IN, 0, 0, frame, SW_DROP_COUNT), -ENOSPC);
    ck_assert_int_eq(sw_pcapng_frame(&pcap, 0, SW_DIR_IN, 0, 0, frame, SW_DROP_COUNT), -ENOSPC);
    ck_assert_int_eq(sw_pcapng_interface(&pcap, "b"), -ENOSPC);
    ck_assert_int_eq(pcap.failed, -ENOSPC);
    ck_assert_int_eq(sink->calls, 3);
    sw_frame_drop(frame);
}
END_TEST

START_TEST(refused_beginning_is_told)
{
    sink->refuse_at = 1;
    ck_assert_int_eq(sw_pcapng_begin(&pcap, take, sink, 7), -ENOSPC);
    ck_assert_int_eq(sw_pcapng_interface(&pcap, "a"), -ENOSPC);
    ck_assert_int_eq(sink->calls, 1);
}
END_TEST

START_TEST(frame_at_no_interface_is_our_own_bug)
{
    sw_pcapng_begin(&pcap, take, sink, 7);
    struct sw_frame *frame = frame_of("abcdefghijklmnop", 16);
    sw_pcapng_frame(&pcap, 0, SW_DIR_IN, 0, 0, frame, SW_DROP_COUNT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pcapng");
    TCase *tcase = tcase_create("pcapng");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, section_header_has_the_seed_alone);
    tcase_add_test(tcase, greatest_seed_fits);
    tcase_add_test(tcase, interfaces_are_ethernet_in_nanoseconds_and_numbered);
    tcase_add_test(tcase, frame_has_time_direction_and_bytes);
    tcase_add_test(tcase, dropped_frame_says_why);
    tcase_add_test(tcase, each_reason_can_be_said);
    tcase_add_test(tcase, longest_frame_is_whole);
    tcase_add_test(tcase, partial_checksum_is_finished_in_the_copy);
    tcase_add_test(tcase, nothing_is_written_after_a_failure);
    tcase_add_test(tcase, refused_beginning_is_told);
    tcase_add_test_raise_signal(tcase, frame_at_no_interface_is_our_own_bug, SIGABRT);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
