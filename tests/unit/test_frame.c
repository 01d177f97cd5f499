#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "core/frame.h"
#include "tests/support/core_fixture.h"

static struct sw_pool_stats stats_of(const struct sw_pool *pool)
{
    struct sw_pool_stats stats;
    sw_pool_stats(pool, &stats);
    return stats;
}

static void fill(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    }
}

/* ---- the pool ---- */

START_TEST(what_is_dropped_last_is_taken_first)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    struct sw_frame *a = sw_frame_new(world.env.pool), *b = sw_frame_new(world.env.pool);
    sw_frame_drop(a);
    sw_frame_drop(b);
    ck_assert_ptr_eq(sw_frame_new(world.env.pool), b);
    ck_assert_ptr_eq(sw_frame_new(world.env.pool), a);
    sw_frame_drop(a);
    sw_frame_drop(b);
    for (int size = 0; size < SW_BLOCK_CLASSES; size++) {
        struct sw_block *c = sw_block_new(world.env.pool, (enum sw_block_class)size);
        struct sw_block *d = sw_block_new(world.env.pool, (enum sw_block_class)size);
        sw_block_drop(c);
        sw_block_drop(d);
        ck_assert_ptr_eq(sw_block_new(world.env.pool, (enum sw_block_class)size), d);
        sw_block_drop(d);
    }
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(heads_and_blocks_begin_on_a_cache_line)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    static const uint32_t caps[] = {2048, 16384, 65536};
    struct sw_frame *frames[200];
    for (int i = 0; i < 200; i++) {
        frames[i] = sw_frame_new(world.env.pool);
        ck_assert_uint_eq((uintptr_t)frames[i] % 64, 0);
        ck_assert_uint_eq((uintptr_t)frames[i]->store % 64, 0);
    }
    for (int size = 0; size < SW_BLOCK_CLASSES; size++) {
        struct sw_block *block = sw_block_new(world.env.pool, (enum sw_block_class)size);
        ck_assert_uint_eq((uintptr_t)block->bytes % 64, 0);
        ck_assert_uint_eq(block->cap, caps[size]);
        ck_assert_uint_eq(block->refs, 1);
        ck_assert_uint_eq(block->used, 0);
        memset(block->bytes, 1, block->cap);
        sw_block_drop(block);
    }
    for (int i = 0; i < 200; i++) {
        sw_frame_drop(frames[i]);
    }
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(counts_follow_what_is_live)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    struct sw_pool *pool = world.env.pool;
    struct sw_frame *frame = sw_frame_new(pool);
    struct sw_block *block = sw_block_new(pool, SW_BLOCK_16K);
    sw_frame_add_slice(frame, block, 0, 10);
    sw_block_drop(block);
    struct sw_pool_stats stats = stats_of(pool);
    ck_assert_uint_eq(stats.live_frames, 1);
    ck_assert_uint_eq(stats.live_blocks, 1);
    ck_assert_uint_eq(stats.live_bytes, 256 + 64 + 16384);
    ck_assert_uint_eq(stats.held_bytes, 256 + 64 + 16384);
    sw_frame_drop(sw_frame_ref(frame));
    ck_assert_uint_eq(stats_of(pool).live_frames, 1);
    sw_frame_drop(frame);
    stats = stats_of(pool);
    ck_assert_uint_eq(stats.live_frames + stats.live_blocks + stats.live_bytes, 0);
    ck_assert_uint_eq(stats.peak_bytes, 256 + 64 + 16384);
    ck_assert_uint_eq(stats.held_bytes, 256 + 64 + 16384);
    ck_assert_uint_eq(stats.refused, 0);
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(the_limit_bounds_frames_exactly)
{
    struct sw_test_env world;
    sw_test_env_init_limit(&world, 1, 256 * 100 + 255);
    struct sw_frame *frames[100];
    for (int i = 0; i < 100; i++) {
        frames[i] = sw_frame_new(world.env.pool);
        ck_assert_ptr_nonnull(frames[i]);
    }
    ck_assert_ptr_null(sw_frame_new(world.env.pool));
    ck_assert_ptr_null(sw_block_new(world.env.pool, SW_BLOCK_2K));
    ck_assert_uint_eq(stats_of(world.env.pool).refused, 2);
    sw_frame_drop(frames[7]);
    frames[7] = sw_frame_new(world.env.pool);
    ck_assert_ptr_nonnull(frames[7]);
    for (int i = 0; i < 100; i++) {
        sw_frame_drop(frames[i]);
    }
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(at_the_limit_free_blocks_make_way_for_other_classes)
{
    struct sw_test_env world;
    sw_test_env_init_limit(&world, 1, 70000);
    struct sw_block *big = sw_block_new(world.env.pool, SW_BLOCK_64K);
    ck_assert_ptr_null(sw_block_new(world.env.pool, SW_BLOCK_16K));
    sw_block_drop(big);
    struct sw_block *small = sw_block_new(world.env.pool, SW_BLOCK_16K);
    ck_assert_ptr_nonnull(small);
    ck_assert_uint_eq(stats_of(world.env.pool).held_bytes, 64 + 16384);
    ck_assert_ptr_null(sw_block_new(world.env.pool, SW_BLOCK_64K));
    struct sw_frame *frame = sw_frame_new(world.env.pool);
    ck_assert_ptr_nonnull(frame);
    sw_frame_drop(frame);
    sw_block_drop(small);
    sw_test_env_fini(&world);
}
END_TEST

/* A flood of frames must not keep blocks out for ever: slabs without a live frame go back. */
START_TEST(at_the_limit_free_slabs_make_way_for_blocks)
{
    struct sw_test_env world;
    sw_test_env_init_limit(&world, 1, 256 * 1000);
    struct sw_pool *pool = world.env.pool;
    struct sw_frame *frames[1000];
    for (int i = 0; i < 1000; i++) {
        frames[i] = sw_frame_new(pool);
        frames[i]->tag = (uint16_t)i;
    }
    for (int i = 0; i < 1000; i++) {
        if (i != 500) {
            sw_frame_drop(frames[i]);
        }
    }
    struct sw_block *block = sw_block_new(pool, SW_BLOCK_64K);
    ck_assert_ptr_nonnull(block);
    ck_assert_uint_eq(frames[500]->tag, 500);
    ck_assert_uint_eq(stats_of(pool).live_frames, 1);
    ck_assert_uint_le(stats_of(pool).held_bytes, 256 * 1000);
    /* The slab of the live frame stayed whole, and the rest can be had again. */
    unsigned more = 0;
    for (int i = 0; i < 1000; i++) {
        frames[i] = i == 500 ? frames[i] : sw_frame_new(pool);
        more += i != 500 && frames[i] != NULL;
    }
    ck_assert_uint_eq(more, (256 * 1000 - 65600) / 256 - 1);
    for (int i = 0; i < 1000; i++) {
        if (frames[i] != NULL) {
            sw_frame_drop(frames[i]);
        }
    }
    sw_block_drop(block);
    sw_test_env_fini(&world);
}
END_TEST

/* ---- frames ---- */

START_TEST(a_new_frame_is_empty_with_headroom)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    struct sw_frame *frame = sw_frame_new(world.env.pool);
    memset(sw_frame_append(frame, 20), 3, 20);
    memset(sw_frame_prepend(frame, 14), 2, 14);
    frame->csum = SW_CSUM_PARTIAL;
    frame->csum_start = 14;
    frame->csum_offset = 6;
    sw_frame_prepend(frame, 4);
    ck_assert_uint_eq(frame->csum_start, 18);
    ck_assert_uint_eq(frame->len, 38);
    ck_assert_uint_eq(frame->head_len, 38);
    ck_assert_uint_eq(frame->head_off, 64 - 18);
    frame->tag = 9;
    sw_frame_drop(frame);
    struct sw_frame *again = sw_frame_new(world.env.pool);
    ck_assert_ptr_eq(again, frame);
    ck_assert_uint_eq(again->len + again->head_len + again->slices + again->tag, 0);
    ck_assert_int_eq(again->csum, SW_CSUM_CHECKED);
    ck_assert_int_eq(again->csum_start + again->csum_offset, 0);
    ck_assert_uint_eq(again->head_off, SW_HEAD_ROOM);
    sw_frame_drop(again);
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(bytes_from_outside_come_out_as_they_went_in)
{
    static const size_t lens[] = {0,    1,    60,    160,   161,   1514,  2048 + 54,
                                  2103, 9014, 16438, 16439, 65536, 65549, SW_FRAME_MAX_BYTES};
    static const size_t heads[] = {0, 14, 54, 128, 129, 160};
    static uint8_t in[SW_FRAME_MAX_BYTES], out[SW_FRAME_MAX_BYTES];
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    fill(in, sizeof in);
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        for (size_t j = 0; j < sizeof heads / sizeof *heads; j++) {
            struct sw_frame *frame = sw_frame_from_bytes(world.env.pool, in, lens[i], heads[j]);
            ck_assert_uint_eq(frame->len, lens[i]);
            ck_assert_uint_eq(frame->head_len, lens[i] <= 160 ? lens[i] : heads[j]);
            ck_assert_int_eq(frame->csum, SW_CSUM_UNCHECKED);
            memset(out, 0xee, lens[i]);
            sw_frame_copy_out(frame, out);
            ck_assert_int_eq(memcmp(in, out, lens[i]), 0);
            sw_frame_drop(frame);
        }
    }
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(a_frame_for_which_there_is_no_memory_leaves_nothing)
{
    static uint8_t in[SW_FRAME_MAX_BYTES];
    struct sw_test_env world;
    sw_test_env_init_limit(&world, 1, 256 + 64 + 65536);
    ck_assert_ptr_null(sw_frame_from_bytes(world.env.pool, in, SW_FRAME_MAX_BYTES, 0));
    ck_assert_uint_eq(sw_test_live_frames(&world), 0);
    struct sw_frame *frame = sw_frame_from_bytes(world.env.pool, in, 65536, 0);
    ck_assert_ptr_nonnull(frame);
    sw_frame_drop(frame);
    sw_test_env_fini(&world);
}
END_TEST

/* A head of 5 bytes, "bc" and "de" of one block (which join), "xyz" of another, which lie
 * where "bcde" would go on. */
static struct sw_frame *three_runs(struct sw_pool *pool)
{
    struct sw_block *first = sw_block_new(pool, SW_BLOCK_2K);
    struct sw_block *second = sw_block_new(pool, SW_BLOCK_2K);
    memcpy(first->bytes, "abcdef", 6);
    memcpy(second->bytes, "stuvwxyz", 8);
    struct sw_frame *frame = sw_frame_new(pool);
    memcpy(sw_frame_append(frame, 5), "HEAD:", 5);
    sw_frame_add_slice(frame, first, 1, 2);
    sw_frame_add_slice(frame, first, 3, 2);
    sw_frame_add_slice(frame, second, 5, 3);
    sw_block_drop(first);
    sw_block_drop(second);
    return frame;
}

START_TEST(adjacent_bytes_of_a_block_are_one_slice)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    struct sw_frame *frame = three_runs(world.env.pool);
    ck_assert_uint_eq(frame->slices, 2);
    ck_assert_uint_eq(frame->len, 12);
    ck_assert_uint_eq(frame->slice[0].len, 4);
    ck_assert_uint_eq(frame->slice[0].block->refs, 1);
    sw_frame_drop(frame);
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(a_span_ends_where_the_bytes_do)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    struct sw_frame *frame = three_runs(world.env.pool);
    static const struct {
        size_t off, n;
        const char *text;
        int slice;
    } runs[] = {{0, 5, "HEAD:", -1}, {4, 1, ":", -1},  {5, 4, "bcde", 0},
                {7, 2, "de", 0},     {9, 3, "xyz", 1}, {11, 1, "z", 1}};
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        size_t n = 0;
        const struct sw_slice *in = NULL;
        const uint8_t *at = sw_frame_span(frame, runs[i].off, &n, &in);
        ck_assert_uint_eq(n, runs[i].n);
        ck_assert_int_eq(memcmp(at, runs[i].text, n), 0);
        ck_assert_ptr_eq(in, runs[i].slice < 0 ? NULL : &frame->slice[runs[i].slice]);
    }
    size_t n = 1;
    ck_assert_ptr_nonnull(sw_frame_span(frame, 12, &n, NULL));
    ck_assert_uint_eq(n, 0);
    sw_frame_drop(frame);
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(reading_crosses_seams)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    struct sw_frame *frame = three_runs(world.env.pool);
    static const char whole[] = "HEAD:bcdexyz";
    for (size_t off = 0; off <= 12; off++) {
        for (size_t n = 0; n <= 12 - off; n++) {
            uint8_t out[13] = {0};
            sw_frame_read(frame, off, out, n);
            ck_assert_int_eq(memcmp(out, whole + off, n), 0);
            ck_assert_uint_eq(out[n], 0);
        }
    }
    sw_frame_drop(frame);
    sw_test_env_fini(&world);
}
END_TEST

/* The sum by definition: bytes in pairs, each a number (RFC 1071). */
static uint16_t plain_sum(const uint8_t *bytes, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

/* 16 bits that differ between 0 and 0xffff mean the same number in one's complement. */
static uint16_t one_zero(uint16_t sum)
{
    return sum == 0xffff ? 0 : sum;
}

START_TEST(a_sum_over_seams_of_any_parity_is_that_of_the_whole)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    uint8_t bytes[600];
    fill(bytes, sizeof bytes);
    for (size_t head = 0; head <= 4; head++) {
        for (size_t first = 1; first <= 300; first += 37) {
            struct sw_block *block = sw_block_new(world.env.pool, SW_BLOCK_2K);
            memcpy(block->bytes, bytes + head + first, 200);
            memcpy(block->bytes + 300, bytes + head, first);
            struct sw_frame *frame = sw_frame_new(world.env.pool);
            if (head > 0) {
                memcpy(sw_frame_append(frame, (unsigned)head), bytes, head);
            }
            sw_frame_add_slice(frame, block, 300, (uint32_t)first);
            sw_frame_add_slice(frame, block, 0, 200);
            sw_block_drop(block);
            for (size_t off = 0; off < 9; off++) {
                size_t n = frame->len - off;
                for (size_t less = 0; less < 3; less++) {
                    uint16_t sum = sw_sum_fold(sw_frame_sum(frame, off, n - less));
                    ck_assert_uint_eq(one_zero(sum), one_zero(plain_sum(bytes + off, n - less)));
                }
            }
            sw_frame_drop(frame);
        }
    }
    sw_test_env_fini(&world);
}
END_TEST

/* A UDP datagram from 10.0.0.1 to 10.0.0.2, ports 1 and 2, whose text is in a block. The field
 * holds the pseudo-header's sum: 0x0a00 + 1 + 0x0a00 + 2 + 17 + 12. */
static struct sw_frame *partial_udp(struct sw_pool *pool, const uint8_t text[4])
{
    struct sw_block *block = sw_block_new(pool, SW_BLOCK_2K);
    memcpy(block->bytes, text, 4);
    struct sw_frame *frame = sw_frame_new(pool);
    static const uint8_t udp[8] = {0, 1, 0, 2, 0, 12, 0x14, 0x20};
    memcpy(sw_frame_append(frame, 8), udp, 8);
    memset(sw_frame_prepend(frame, 14), 0, 14);
    sw_frame_add_slice(frame, block, 0, 4);
    sw_block_drop(block);
    frame->csum = SW_CSUM_PARTIAL;
    frame->csum_start = 14;
    frame->csum_offset = 6;
    return frame;
}

START_TEST(a_partial_checksum_is_finished_in_the_copy)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    struct sw_frame *frame = partial_udp(world.env.pool, (const uint8_t *)"\1\2\3\4");
    /* 0x1420 + 0x0001 + 0x0002 + 0x000c + 0x0102 + 0x0304 = 0x1835, inverted 0xe7ca. */
    ck_assert_uint_eq(sw_frame_checksum(frame), 0xe7ca);
    uint8_t out[26];
    sw_frame_copy_out(frame, out);
    ck_assert_uint_eq(sw_get16(out + 20), 0xe7ca);
    ck_assert_uint_eq(sw_get16(sw_frame_head(frame) + 20), 0x1420);
    ck_assert_int_eq(frame->csum, SW_CSUM_PARTIAL);
    sw_frame_finish(frame);
    ck_assert_int_eq(frame->csum, SW_CSUM_CHECKED);
    ck_assert_uint_eq(sw_get16(sw_frame_head(frame) + 20), 0xe7ca);
    sw_frame_finish(frame);
    ck_assert_uint_eq(sw_get16(sw_frame_head(frame) + 20), 0xe7ca);
    sw_frame_drop(frame);
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(a_checksum_of_zero_is_written_as_ones__rfc768)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    /* 0x142f of headers and 0xebd0 of text are 0xffff. */
    struct sw_frame *frame = partial_udp(world.env.pool, (const uint8_t *)"\xeb\xd0\0\0");
    ck_assert_uint_eq(sw_frame_checksum(frame), 0xffff);
    sw_frame_drop(frame);
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(the_only_reference_may_be_written)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    struct sw_frame *frame = three_runs(world.env.pool);
    ck_assert_ptr_eq(sw_frame_own(frame), frame);
    sw_frame_drop(frame);
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(a_shared_frame_gets_a_head_of_its_own_over_the_same_slices)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    struct sw_frame *frame = partial_udp(world.env.pool, (const uint8_t *)"\1\2\3\4");
    frame->tag = 5;
    struct sw_frame *mine = sw_frame_own(sw_frame_ref(frame));
    ck_assert_ptr_ne(mine, frame);
    ck_assert_uint_eq(frame->refs, 1);
    ck_assert_uint_eq(mine->refs, 1);
    ck_assert_ptr_eq(mine->slice[0].block, frame->slice[0].block);
    ck_assert_uint_eq(mine->slice[0].block->refs, 2);
    ck_assert_uint_eq(mine->tag, 5);
    sw_frame_finish(mine);
    ck_assert_uint_eq(sw_get16(sw_frame_head(mine) + 20), 0xe7ca);
    ck_assert_uint_eq(sw_get16(sw_frame_head(frame) + 20), 0x1420);
    sw_frame_prepend(mine, 4);
    sw_frame_drop(frame);
    ck_assert_int_eq(mine->slice[0].block->bytes[3], 4);
    sw_frame_drop(mine);
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(a_shared_frame_is_dropped_if_it_cannot_be_copied)
{
    struct sw_test_env world;
    sw_test_env_init_limit(&world, 1, 256);
    struct sw_frame *frame = sw_frame_new(world.env.pool);
    ck_assert_ptr_null(sw_frame_own(sw_frame_ref(frame)));
    ck_assert_uint_eq(frame->refs, 1);
    sw_frame_drop(frame);
    sw_test_env_fini(&world);
}
END_TEST

/* ---- what is asserted ---- */

START_TEST(a_pool_with_a_live_frame_is_not_freed)
{
    struct sw_pool *pool = sw_pool_new(1 << 20);
    sw_frame_new(pool);
    sw_pool_free(pool);
}
END_TEST

START_TEST(a_frame_is_not_dropped_twice)
{
    struct sw_pool *pool = sw_pool_new(1 << 20);
    struct sw_frame *frame = sw_frame_new(pool);
    sw_frame_drop(frame);
    sw_frame_drop(frame);
}
END_TEST

START_TEST(a_third_slice_is_refused)
{
    struct sw_pool *pool = sw_pool_new(1 << 20);
    struct sw_block *block = sw_block_new(pool, SW_BLOCK_2K);
    struct sw_frame *frame = sw_frame_new(pool);
    sw_frame_add_slice(frame, block, 0, 1);
    sw_frame_add_slice(frame, block, 2, 1);
    sw_frame_add_slice(frame, block, 4, 1);
}
END_TEST

START_TEST(a_shared_frame_is_not_written)
{
    struct sw_pool *pool = sw_pool_new(1 << 20);
    sw_frame_finish(sw_frame_ref(sw_frame_new(pool)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("frame");
    TCase *pool = tcase_create("pool");
    tcase_add_test(pool, what_is_dropped_last_is_taken_first);
    tcase_add_test(pool, heads_and_blocks_begin_on_a_cache_line);
    tcase_add_test(pool, counts_follow_what_is_live);
    tcase_add_test(pool, the_limit_bounds_frames_exactly);
    tcase_add_test(pool, at_the_limit_free_blocks_make_way_for_other_classes);
    tcase_add_test(pool, at_the_limit_free_slabs_make_way_for_blocks);
    suite_add_tcase(suite, pool);
    TCase *frame = tcase_create("frame");
    tcase_add_test(frame, a_new_frame_is_empty_with_headroom);
    tcase_add_test(frame, bytes_from_outside_come_out_as_they_went_in);
    tcase_add_test(frame, a_frame_for_which_there_is_no_memory_leaves_nothing);
    tcase_add_test(frame, adjacent_bytes_of_a_block_are_one_slice);
    tcase_add_test(frame, a_span_ends_where_the_bytes_do);
    tcase_add_test(frame, reading_crosses_seams);
    tcase_add_test(frame, a_sum_over_seams_of_any_parity_is_that_of_the_whole);
    tcase_add_test(frame, a_partial_checksum_is_finished_in_the_copy);
    tcase_add_test(frame, a_checksum_of_zero_is_written_as_ones__rfc768);
    tcase_add_test(frame, the_only_reference_may_be_written);
    tcase_add_test(frame, a_shared_frame_gets_a_head_of_its_own_over_the_same_slices);
    tcase_add_test(frame, a_shared_frame_is_dropped_if_it_cannot_be_copied);
    suite_add_tcase(suite, frame);
    TCase *asserted = tcase_create("asserted");
    tcase_add_test_raise_signal(asserted, a_pool_with_a_live_frame_is_not_freed, SIGABRT);
    tcase_add_test_raise_signal(asserted, a_frame_is_not_dropped_twice, SIGABRT);
    tcase_add_test_raise_signal(asserted, a_third_slice_is_refused, SIGABRT);
    tcase_add_test_raise_signal(asserted, a_shared_frame_is_not_written, SIGABRT);
    suite_add_tcase(suite, asserted);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
