/* The send and receive queues: what goes in comes out, and what they pin is bounded. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "stack/tcp_queue.h"
#include "tests/support/core_fixture.h"
#include "tests/support/stack_holds.h"

static struct sw_test_env world;
static struct sw_tcp_sendq out;
static struct sw_tcp_recvq in;

static uint8_t byte(uint32_t at)
{
    return (uint8_t)(at * 31 + (at >> 8) * 7);
}

static void setup(void)
{
    sw_test_env_init(&world, 1);
    sw_tcp_sendq_init(&out);
    sw_tcp_recvq_init(&in);
}

static void teardown(void)
{
    sw_tcp_sendq_fini(&out);
    sw_tcp_recvq_fini(&in);
    sw_test_env_fini(&world);
}

static uint64_t live_blocks(void)
{
    struct sw_pool_stats stats;
    sw_pool_stats(world.env.pool, &stats);
    return stats.live_blocks;
}

static uint64_t live_bytes(void)
{
    struct sw_pool_stats stats;
    sw_pool_stats(world.env.pool, &stats);
    return stats.live_bytes;
}

static void write_bytes(uint32_t at, size_t n)
{
    uint8_t *bytes = malloc(n);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = byte(at + (uint32_t)i);
    }
    ck_assert_uint_eq(sw_tcp_sendq_write(&out, world.env.pool, bytes, n), n);
    free(bytes);
    sw_test_sendq_holds(&out);
}

static void check_bytes(const uint8_t *bytes, uint32_t at, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        wrong += bytes[i] != byte(at + (uint32_t)i);
    }
    ck_assert_uint_eq(wrong, 0);
}

/* Checks a segment of the send queue that begins with the byte `at`. */
static struct sw_frame *segment(uint32_t off, uint32_t len, uint32_t at)
{
    struct sw_frame *frame = sw_frame_new(world.env.pool);
    sw_tcp_sendq_slice(&out, off, len, frame);
    ck_assert_uint_eq(frame->len, len);
    uint8_t *bytes = malloc(len);
    sw_frame_read(frame, 0, bytes, len);
    check_bytes(bytes, at, len);
    free(bytes);
    return frame;
}

static void read_bytes(uint32_t at, size_t n)
{
    uint8_t *bytes = malloc(n);
    ck_assert_uint_eq(sw_tcp_recvq_read(&in, bytes, n), n);
    check_bytes(bytes, at, n);
    free(bytes);
    sw_test_recvq_holds(&in);
}

/* ---- sending ---- */

START_TEST(segments_are_slices_of_what_was_written)
{
    setup();
    write_bytes(0, 100000);
    ck_assert_uint_eq(out.bytes, 100000);
    ck_assert_uint_eq(live_blocks(), 7);
    struct sw_frame *frame = segment(0, 1448, 0);
    ck_assert_uint_eq(frame->slices, 1);
    sw_frame_drop(frame);
    frame = segment(16000, 1448, 16000); /* over a block's end */
    ck_assert_uint_eq(frame->slices, 2);
    sw_frame_drop(frame);
    sw_frame_drop(segment(99000, 1000, 99000));
    frame = segment(1, 16384, 1); /* the longest there is: two slices wherever it begins */
    ck_assert_uint_eq(frame->slices, 2);
    sw_frame_drop(frame);
    teardown();
}
END_TEST

START_TEST(acknowledged_blocks_are_given_back)
{
    setup();
    write_bytes(0, 50000);
    sw_tcp_sendq_drop(&out, 20000);
    ck_assert_uint_eq(out.bytes, 30000);
    ck_assert_uint_eq(live_blocks(), 3);
    sw_frame_drop(segment(0, 1000, 20000));
    write_bytes(50000, 1000);
    sw_frame_drop(segment(30000, 1000, 50000));
    sw_tcp_sendq_drop(&out, 31000);
    ck_assert_uint_eq(live_blocks(), 0); /* an idle connection holds none */
    write_bytes(7, 10);
    sw_frame_drop(segment(0, 10, 7));
    teardown();
}
END_TEST

START_TEST(a_frame_keeps_its_blocks)
{
    setup();
    write_bytes(0, 20000);
    struct sw_frame *frame = segment(16000, 1000, 16000);
    sw_tcp_sendq_drop(&out, 20000);
    ck_assert_uint_eq(live_blocks(), 2);
    uint8_t bytes[1000];
    sw_frame_read(frame, 0, bytes, 1000);
    ck_assert_uint_eq(bytes[999], byte(16999));
    sw_frame_drop(frame);
    teardown();
}
END_TEST

START_TEST(the_table_of_blocks_grows_and_turns)
{
    setup();
    uint32_t from = 0, to = 0;
    for (unsigned i = 0; i < 200; i++) {
        write_bytes(to, 20000);
        to += 20000;
        sw_tcp_sendq_drop(&out, 15000);
        from += 15000;
        sw_frame_drop(segment(0, 1448, from));
        sw_frame_drop(segment(to - from - 1448, 1448, to - 1448));
    }
    ck_assert_uint_eq(out.bytes, to - from);
    teardown();
}
END_TEST

START_TEST(reserved_room_outlives_an_acknowledgement_of_everything)
{
    setup();
    write_bytes(0, 100);
    size_t n = 0;
    uint8_t *to = sw_tcp_sendq_reserve(&out, world.env.pool, &n);
    ck_assert_uint_eq(n, 16284);
    sw_tcp_sendq_drop(&out, 100);
    for (uint32_t i = 0; i < 50; i++) {
        to[i] = byte(100 + i);
    }
    sw_tcp_sendq_commit(&out, 50);
    ck_assert_uint_eq(out.bytes, 50);
    sw_frame_drop(segment(0, 50, 100));
    to = sw_tcp_sendq_reserve(&out, world.env.pool, &n);
    sw_tcp_sendq_drop(&out, 50);
    sw_tcp_sendq_commit(&out, 0); /* nothing after all */
    ck_assert_uint_eq(live_blocks(), 0);
    teardown();
}
END_TEST

START_TEST(without_memory_a_part_is_taken)
{
    sw_test_env_init_limit(&world, 1, 40000);
    sw_tcp_sendq_init(&out);
    sw_tcp_recvq_init(&in);
    static const uint8_t bytes[100000];
    ck_assert_uint_eq(sw_tcp_sendq_write(&out, world.env.pool, bytes, sizeof(bytes)), 32768);
    ck_assert_uint_eq(out.bytes, 32768);
    teardown();
}
END_TEST

/* ---- receiving ---- */

/* A frame from outside: 54 bytes of headers, the text in a block (or, if short, in the head). */
static void receive(uint32_t at, uint32_t len)
{
    uint8_t *bytes = malloc(54 + len);
    memset(bytes, 0, 54);
    for (uint32_t i = 0; i < len; i++) {
        bytes[54 + i] = byte(at + i);
    }
    struct sw_frame *frame = sw_frame_from_bytes(world.env.pool, bytes, 54 + len, 54);
    free(bytes);
    ck_assert(sw_tcp_recvq_push_frame(&in, frame, 54, len));
    sw_frame_drop(frame);
    sw_test_recvq_holds(&in);
}

/* What the queue holds back is what is live, once nobody else holds anything. */
static void check_bound(void)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < in.count; i++) {
        const struct sw_recvq_entry *e = &in.ring[(in.head + i) & (in.cap - 1)];
        most = !e->copied && e->pins > most ? e->pins : most;
    }
    /* An arena that is being filled, and the blocks' own headers. */
    ck_assert_uint_le(live_bytes(), 2u * in.bytes + most + 2 * 2048 + live_blocks() * 64);
}

START_TEST(slices_of_a_block_join)
{
    setup();
    write_bytes(0, 40000);
    for (uint32_t at = 0; at < 40000; at += 1000) {
        struct sw_frame *frame = segment(at, 1000, at);
        ck_assert(sw_tcp_recvq_push_frame(&in, frame, 0, 1000));
        sw_frame_drop(frame);
    }
    ck_assert_uint_eq(in.bytes, 40000);
    ck_assert_uint_eq(in.count, 3);      /* an entry a block */
    ck_assert_uint_eq(live_blocks(), 3); /* nothing was copied */
    read_bytes(0, 40000);
    ck_assert_uint_eq(in.count, 0);
    teardown();
}
END_TEST

START_TEST(text_in_the_head_and_short_text_are_copied)
{
    setup();
    for (uint32_t at = 0; at < 51100; at += 511) {
        receive(at, 511);
    }
    ck_assert_uint_eq(in.bytes, 51100);
    ck_assert_uint_le(live_blocks(), 25 + 1); /* of 2 KiB, each filled to the last byte */
    check_bound();
    read_bytes(0, 51100);
    ck_assert_uint_eq(live_blocks(), 0);
    teardown();
}
END_TEST

START_TEST(a_frames_own_block_is_kept_if_half_of_it_is_text)
{
    setup();
    receive(0, 1448);
    ck_assert_uint_eq(live_blocks(), 1);
    receive(1448, 600); /* of 2,048: copied */
    receive(2048, 600);
    ck_assert_uint_eq(live_blocks(), 2);
    check_bound();
    read_bytes(0, 2648);
    teardown();
}
END_TEST

START_TEST(a_block_little_of_which_is_used_is_let_go_when_another_follows)
{
    setup();
    for (uint32_t i = 0; i < 20; i++) {
        write_bytes(1000 * i, 1000);
        struct sw_frame *frame = segment(0, 1000, 1000 * i);
        ck_assert(sw_tcp_recvq_push_frame(&in, frame, 0, 1000));
        sw_frame_drop(frame);
        sw_tcp_sendq_drop(&out, 1000); /* the sender begins a new block each time */
        check_bound();
    }
    ck_assert_uint_le(live_bytes(), 2 * 20000 + 20000);
    read_bytes(0, 20000);
    teardown();
}
END_TEST

START_TEST(the_rest_of_a_block_is_let_go_while_others_wait)
{
    setup();
    write_bytes(0, 20000);
    struct sw_frame *frame = segment(0, 16384, 0);
    ck_assert(sw_tcp_recvq_push_frame(&in, frame, 0, 16384));
    sw_frame_drop(frame);
    frame = segment(16384, 1000, 16384);
    ck_assert(sw_tcp_recvq_push_frame(&in, frame, 0, 1000));
    sw_frame_drop(frame);
    sw_tcp_sendq_fini(&out);
    read_bytes(0, 11384); /* 5,000 are left of the first block */
    check_bound();
    ck_assert_uint_eq(live_blocks(), 3 + 1); /* copied: 3 of 2 KiB, and the second */
    read_bytes(11384, 3000);
    check_bound();
    read_bytes(14384, 3000);
    ck_assert_uint_eq(in.bytes, 0);
    teardown();
}
END_TEST

START_TEST(peek_and_consume_walk_the_entries)
{
    setup();
    receive(0, 1448);
    receive(1448, 1448);
    size_t n = 0;
    const uint8_t *at = sw_tcp_recvq_peek(&in, &n);
    ck_assert_uint_eq(n, 1448);
    ck_assert_uint_eq(at[100], byte(100));
    sw_tcp_recvq_consume(&in, 448);
    at = sw_tcp_recvq_peek(&in, &n);
    ck_assert_uint_eq(n, 1000);
    ck_assert_uint_eq(at[0], byte(448));
    sw_tcp_recvq_consume(&in, 2448);
    ck_assert_ptr_null(sw_tcp_recvq_peek(&in, &n));
    ck_assert_uint_eq(n, 0);
    teardown();
}
END_TEST

START_TEST(without_memory_nothing_of_a_frame_is_there)
{
    sw_test_env_init_limit(&world, 1, 7000);
    sw_tcp_sendq_init(&out);
    sw_tcp_recvq_init(&in);
    uint8_t bytes[154] = {0};
    uint32_t pushed = 0;
    for (;;) {
        struct sw_frame *frame = sw_frame_from_bytes(world.env.pool, bytes, 154, 154);
        ck_assert_ptr_nonnull(frame);
        const uint32_t before = in.bytes;
        const bool ok = sw_tcp_recvq_push_frame(&in, frame, 54, 100);
        sw_frame_drop(frame);
        if (!ok) {
            ck_assert_uint_eq(in.bytes, before);
            break;
        }
        pushed += 100;
        ck_assert_uint_lt(pushed, 20000);
    }
    ck_assert_uint_eq(in.bytes, pushed);
    teardown();
}
END_TEST

START_TEST(any_mixture_keeps_order_and_bound)
{
    for (uint64_t seed = 1; seed <= 30; seed++) {
        setup();
        struct sw_draws draws;
        sw_draws_init(&draws, &world.seed, seed, SW_DRAW_TEST);
        uint32_t from = 0, to = 0;
        for (unsigned i = 0; i < 400; i++) {
            const uint32_t len =
                1 + (uint32_t)sw_draw_below(&draws, sw_draw(&draws) % 2 == 0 ? 700 : 3000);
            if (sw_draw(&draws) % 2 == 0) {
                receive(to, len);
            } else {
                write_bytes(to, len);
                struct sw_frame *frame = segment(out.bytes - len, len, to);
                ck_assert(sw_tcp_recvq_push_frame(&in, frame, 0, len));
                sw_frame_drop(frame);
                if (sw_draw(&draws) % 4 == 0) {
                    sw_tcp_sendq_fini(&out);
                }
            }
            to += len;
            if (sw_draw(&draws) % 2 == 0) {
                const uint32_t n = (uint32_t)sw_draw_below(&draws, in.bytes + 1);
                read_bytes(from, n);
                from += n;
            }
            ck_assert_uint_eq(in.bytes, to - from);
        }
        sw_tcp_sendq_fini(&out);
        check_bound();
        read_bytes(from, to - from);
        teardown();
    }
}
END_TEST

/* The first entry was left alone as long as it might be the one block that the bound allows; what
 * comes behind it may be another. */
START_TEST(what_is_left_of_a_block_moves_when_another_block_follows)
{
    setup();
    struct sw_block *big[2];
    for (unsigned i = 0; i < 2; i++) {
        big[i] = sw_block_new(world.env.pool, SW_BLOCK_16K);
        for (uint32_t k = 0; k < 16384; k++) {
            big[i]->bytes[k] = byte((16384 + 100) * i + k);
        }
    }
    ck_assert(sw_tcp_recvq_push_slice(&in, big[0], 0, 16384));
    receive(16384, 100);
    read_bytes(0, 12000);
    ck_assert(sw_tcp_recvq_push_slice(&in, big[1], 0, 600));
    sw_test_recvq_holds(&in);
    sw_block_drop(big[0]);
    sw_block_drop(big[1]);
    read_bytes(12000, 5084);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_queue");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, segments_are_slices_of_what_was_written);
    tcase_add_test(tc, acknowledged_blocks_are_given_back);
    tcase_add_test(tc, a_frame_keeps_its_blocks);
    tcase_add_test(tc, the_table_of_blocks_grows_and_turns);
    tcase_add_test(tc, reserved_room_outlives_an_acknowledgement_of_everything);
    tcase_add_test(tc, without_memory_a_part_is_taken);
    tcase_add_test(tc, slices_of_a_block_join);
    tcase_add_test(tc, text_in_the_head_and_short_text_are_copied);
    tcase_add_test(tc, a_frames_own_block_is_kept_if_half_of_it_is_text);
    tcase_add_test(tc, a_block_little_of_which_is_used_is_let_go_when_another_follows);
    tcase_add_test(tc, the_rest_of_a_block_is_let_go_while_others_wait);
    tcase_add_test(tc, peek_and_consume_walk_the_entries);
    tcase_add_test(tc, without_memory_nothing_of_a_frame_is_there);
    tcase_add_test(tc, any_mixture_keeps_order_and_bound);
    tcase_add_test(tc, what_is_left_of_a_block_moves_when_another_block_follows);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
