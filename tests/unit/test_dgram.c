/* The queue of datagrams (stack/dgram.c), and parts of frames (stack/piece.c). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "stack/dgram.h"
#include "stack/piece.h"
#include "tests/support/core_fixture.h"

static struct sw_test_env world;
static struct sw_dgram_queue q;

static void setup(void)
{
    sw_test_env_init(&world, 1);
    q = (struct sw_dgram_queue){.limit = 1 << 20};
}

static void teardown(void)
{
    sw_dgram_clear(&q);
    sw_test_env_fini(&world);
}

/* n bytes 0, 1, 2 … in a block of their own behind a head of `head` bytes. */
static struct sw_frame *frame_of(size_t head, size_t n, enum sw_block_class class)
{
    struct sw_frame *frame = sw_frame_new(world.env.pool);
    memset(sw_frame_append(frame, (unsigned)head), 0xaa, head);
    struct sw_block *block = sw_block_new(world.env.pool, class);
    for (size_t i = 0; i < n; i++) {
        block->bytes[i] = (uint8_t)i;
    }
    sw_frame_add_slice(frame, block, 0, (uint32_t)n);
    sw_block_drop(block);
    return frame;
}

static bool push(struct sw_frame *frame, size_t off, uint32_t len)
{
    bool taken = sw_dgram_push(&q, frame, off, len, 1, 2, 3);
    sw_frame_drop(frame);
    return taken;
}

static void expect(uint32_t len, uint8_t first)
{
    const struct sw_dgram *d = sw_dgram_first(&q);
    ck_assert_ptr_nonnull(d);
    ck_assert_uint_eq(d->len, len);
    uint8_t *bytes = malloc(len + 1);
    sw_dgram_pop(&q, bytes, len);
    for (uint32_t i = 0; i < len; i++) {
        ck_assert_uint_eq(bytes[i], (uint8_t)(first + i));
    }
    free(bytes);
}

static uint64_t live_bytes(void)
{
    struct sw_pool_stats stats;
    sw_pool_stats(world.env.pool, &stats);
    return stats.live_blocks;
}

START_TEST(a_block_that_is_filled_by_half_is_kept_by_reference)
{
    setup();
    ck_assert(push(frame_of(42, 1472, SW_BLOCK_2K), 42, 1472));
    ck_assert_uint_eq(live_bytes(), 1);
    ck_assert_ptr_null(q.copies);
    expect(1472, 0);
    ck_assert_uint_eq(live_bytes(), 0);
    teardown();
}
END_TEST

START_TEST(a_small_one_in_a_large_block_is_copied)
{
    setup();
    for (unsigned i = 0; i < 20; i++) {
        ck_assert(push(frame_of(42, 100, SW_BLOCK_64K), 42, 100));
    }
    ck_assert_uint_eq(live_bytes(), 1); /* the copies share one */
    ck_assert_ptr_nonnull(q.copies);
    ck_assert_uint_eq(q.copies->cap, 16384);
    for (unsigned i = 0; i < 20; i++) {
        expect(100, 0);
    }
    ck_assert_uint_eq(live_bytes(), 0); /* an empty queue pins nothing */
    teardown();
}
END_TEST

START_TEST(text_in_the_head_is_copied)
{
    setup();
    struct sw_frame *frame = frame_of(42, 1400, SW_BLOCK_2K);
    ck_assert(push(frame, 40, 1402));
    uint8_t bytes[3];
    sw_dgram_pop(&q, bytes, 3);
    ck_assert_mem_eq(bytes, "\xaa\xaa\0", 3);
    teardown();
}
END_TEST

START_TEST(whatever_its_length_it_pins_twice_its_text_at_most)
{
    setup();
    static const uint32_t lengths[] = {8192,  8193,  16384, 16385, 20000,
                                       32767, 32768, 32769, 50000, 65507};
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint32_t n = lengths[i];
        struct sw_frame *frame = frame_of(42, n, SW_BLOCK_64K);
        ck_assert(push(frame, 41, n)); /* one byte of it lies in the head, so it is copied */
        struct sw_pool_stats stats;
        sw_pool_stats(world.env.pool, &stats);
        const struct sw_dgram *d = sw_dgram_first(&q);
        uint64_t pinned = 0;
        for (unsigned k = 0; k < d->slices; k++) {
            pinned += d->slice[k].block->cap;
        }
        ck_assert_uint_le(pinned, 2 * (uint64_t)n + 2048);
        sw_dgram_pop(&q, NULL, 0);
    }
    teardown();
}
END_TEST

START_TEST(two_slices_are_kept_as_two)
{
    setup();
    struct sw_frame *frame = frame_of(42, 1000, SW_BLOCK_2K);
    struct sw_frame *more = frame_of(0, 1200, SW_BLOCK_2K);
    sw_frame_add_slice(frame, more->slice[0].block, 0, 1200);
    sw_frame_drop(more);
    ck_assert(push(frame, 42, 2200));
    ck_assert_uint_eq(sw_dgram_first(&q)->slices, 2);
    uint8_t bytes[2200];
    sw_dgram_pop(&q, bytes, sizeof bytes);
    ck_assert_uint_eq(bytes[999], (uint8_t)999);
    ck_assert_uint_eq(bytes[1000], 0);
    ck_assert_uint_eq(bytes[2199], (uint8_t)1199);
    teardown();
}
END_TEST

START_TEST(the_limit_counts_text_and_overhead)
{
    setup();
    q.limit = 10000;
    for (unsigned i = 0; i < 6; i++) {
        ck_assert_int_eq(push(frame_of(42, 1600, SW_BLOCK_2K), 42, 1600), i < 6);
    }
    ck_assert(!push(frame_of(42, 1600, SW_BLOCK_2K), 42, 1600));
    ck_assert_uint_eq(q.cost, 6 * 1664);
    expect(1600, 0);
    ck_assert(push(frame_of(42, 1600, SW_BLOCK_2K), 42, 1600));
    teardown();
}
END_TEST

START_TEST(a_pool_without_room_refuses)
{
    sw_test_env_init_limit(&world, 1, 140000);
    q = (struct sw_dgram_queue){.limit = 1 << 20};
    struct sw_frame *frame = frame_of(100, 60000, SW_BLOCK_64K);
    ck_assert(!sw_dgram_push(&q, frame, 1, 60099, 1, 2, 3) ||
              !sw_dgram_push(&q, frame, 1, 60099, 1, 2, 3));
    ck_assert(sw_dgram_push(&q, frame, 1, 99, 1, 2, 3) || q.count == 1);
    sw_frame_drop(frame);
    teardown();
}
END_TEST

/* ---- parts of frames ---- */

START_TEST(a_frame_is_cut_across_slices_and_head)
{
    setup();
    for (uint32_t len = 0; len <= 42 + 2200; len += 101) {
        struct sw_frame *frame = frame_of(42, 1000, SW_BLOCK_2K);
        struct sw_frame *more = frame_of(0, 1200, SW_BLOCK_2K);
        sw_frame_add_slice(frame, more->slice[0].block, 0, 1200);
        sw_frame_drop(more);
        sw_piece_cut(frame, len);
        ck_assert_uint_eq(frame->len, len);
        ck_assert_uint_eq(frame->slices, len <= 42 ? 0 : len <= 1042 ? 1 : 2);
        ck_assert_uint_eq(frame->head_len, len < 42 ? len : 42);
        uint8_t bytes[2300];
        sw_frame_read(frame, 0, bytes, len);
        sw_frame_drop(frame);
    }
    teardown();
}
END_TEST

START_TEST(a_part_is_shared_not_copied)
{
    setup();
    struct sw_frame *from = frame_of(42, 1000, SW_BLOCK_2K), *to = sw_frame_new(world.env.pool);
    sw_piece_share(to, from, 40, 502);
    ck_assert_uint_eq(to->head_len, 2);
    ck_assert_uint_eq(to->slices, 1);
    ck_assert_ptr_eq(to->slice[0].block, from->slice[0].block);
    ck_assert_uint_eq(to->len, 502);
    ck_assert_uint_eq(sw_piece_have(from, 40), 2);
    ck_assert_uint_eq(sw_piece_have(from, 42), 0);
    ck_assert_uint_eq(sw_piece_have(from, 500), 0);
    sw_frame_drop(from);
    sw_frame_drop(to);
    ck_assert_int_eq(sw_piece_class(2048), SW_BLOCK_2K);
    ck_assert_int_eq(sw_piece_class(2049), SW_BLOCK_16K);
    ck_assert_int_eq(sw_piece_class(16385), SW_BLOCK_64K);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dgram");
    TCase *queue = tcase_create("queue");
    tcase_add_test(queue, a_block_that_is_filled_by_half_is_kept_by_reference);
    tcase_add_test(queue, a_small_one_in_a_large_block_is_copied);
    tcase_add_test(queue, text_in_the_head_is_copied);
    tcase_add_test(queue, whatever_its_length_it_pins_twice_its_text_at_most);
    tcase_add_test(queue, two_slices_are_kept_as_two);
    tcase_add_test(queue, the_limit_counts_text_and_overhead);
    tcase_add_test(queue, a_pool_without_room_refuses);
    suite_add_tcase(suite, queue);
    TCase *piece = tcase_create("piece");
    tcase_add_test(piece, a_frame_is_cut_across_slices_and_head);
    tcase_add_test(piece, a_part_is_shared_not_copied);
    suite_add_tcase(suite, piece);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
