/* What the receive queue copies and what it keeps, to the byte: the bounds of tcp_queue.h. */
#include <check.h>
#include <string.h>

#include "stack/tcp_queue.h"
#include "tests/support/core_fixture.h"
#include "tests/support/stack_holds.h"

static struct sw_test_env world;
static struct sw_tcp_recvq in;
static struct sw_tcp_sendq out;
static struct sw_block *block[8];
static unsigned blocks;

static void begin(size_t pool_bytes)
{
    sw_test_env_init_limit(&world, 1, pool_bytes);
    sw_tcp_recvq_init(&in);
    sw_tcp_sendq_init(&out);
    blocks = 0;
}

static void end(void)
{
    sw_tcp_recvq_fini(&in);
    sw_tcp_sendq_fini(&out);
    while (blocks > 0) {
        sw_block_drop(block[--blocks]);
    }
    sw_test_env_fini(&world);
}

static uint8_t byte(const struct sw_block *b, uint32_t at)
{
    return (uint8_t)(b->cap / 1000 + at * 31 + (at >> 8) * 7);
}

static struct sw_block *fresh(enum sw_block_class class)
{
    struct sw_block *b = sw_block_new(world.env.pool, class);
    ck_assert_ptr_nonnull(b);
    for (uint32_t i = 0; i < b->cap; i++) {
        b->bytes[i] = byte(b, i);
    }
    block[blocks++] = b;
    return b;
}

static void push(struct sw_block *b, uint32_t off, uint32_t len)
{
    ck_assert(sw_tcp_recvq_push_slice(&in, b, off, len));
    sw_test_recvq_holds(&in);
}

static const struct sw_recvq_entry *entry(uint32_t i)
{
    ck_assert_uint_lt(i, in.count);
    return &in.ring[(in.head + i) & (in.cap - 1)];
}

/* The next n bytes are those of b from `off` on. */
static void reads(const struct sw_block *b, uint32_t off, uint32_t n)
{
    static uint8_t bytes[65536];
    ck_assert_uint_eq(sw_tcp_recvq_read(&in, bytes, n), n);
    for (uint32_t i = 0; i < n; i++) {
        if (bytes[i] != byte(b, off + i)) {
            ck_abort_msg("byte %u of %u from %u", i, n, off);
        }
    }
    sw_test_recvq_holds(&in);
}

START_TEST(text_under_512_bytes_is_copied)
{
    begin(1 << 20);
    struct sw_block *a = fresh(SW_BLOCK_16K);
    push(a, 0, 511);
    ck_assert(entry(0)->copied);
    ck_assert_uint_eq(in.pinned, 2 * 511);
    push(a, 511, 512);
    ck_assert(!entry(1)->copied);
    ck_assert_uint_eq(in.pinned, 2 * 511 + 16384);
    reads(a, 0, 1023);
    end();
}
END_TEST

START_TEST(a_small_block_is_kept_if_half_of_it_is_text)
{
    begin(1 << 20);
    struct sw_block *a = fresh(SW_BLOCK_2K), *b = fresh(SW_BLOCK_2K);
    push(a, 7, 1023);
    ck_assert(entry(0)->copied);
    push(b, 0, 1024);
    ck_assert(!entry(1)->copied);
    reads(a, 7, 1023);
    reads(b, 0, 1024);
    end();
}
END_TEST

START_TEST(a_block_behind_which_another_comes_is_kept_if_half_of_it_is_text)
{
    begin(1 << 20);
    struct sw_block *a = fresh(SW_BLOCK_16K), *b = fresh(SW_BLOCK_16K), *c = fresh(SW_BLOCK_16K);
    push(a, 0, 8192);
    push(b, 0, 8191);
    ck_assert(!entry(1)->copied);
    push(c, 0, 600);
    ck_assert(!entry(0)->copied);
    for (uint32_t i = 1; i < in.count - 1; i++) {
        ck_assert(entry(i)->copied);
    }
    ck_assert(!entry(in.count - 1)->copied);
    ck_assert_uint_eq(in.pinned, 16384 + 2 * 8191 + 16384);
    reads(a, 0, 8192);
    reads(b, 0, 8191);
    reads(c, 0, 600);
    end();
}
END_TEST

START_TEST(what_lies_behind_the_last_in_its_block_joins_it_however_small)
{
    begin(1 << 20);
    struct sw_block *a = fresh(SW_BLOCK_16K), *b = fresh(SW_BLOCK_16K);
    push(a, 100, 600);
    push(a, 700, 1);
    ck_assert_uint_eq(in.count, 1);
    ck_assert_uint_eq(entry(0)->len, 601);
    ck_assert_uint_eq(in.pinned, 16384);
    push(a, 702, 600); /* a byte further on */
    ck_assert_uint_eq(in.count, 2);
    push(b, 1302, 600); /* the same place of another block */
    ck_assert_ptr_eq(entry(in.count - 1)->block, b);
    ck_assert_uint_eq(entry(in.count - 1)->len, 600);
    reads(a, 100, 601);
    reads(a, 702, 600);
    reads(b, 1302, 600);
    end();
}
END_TEST

START_TEST(small_text_fills_blocks_of_2_kib_to_the_last_byte)
{
    begin(1 << 20);
    struct sw_block *a = fresh(SW_BLOCK_16K);
    for (uint32_t i = 0; i < 5; i++) {
        push(a, i * 500, 500);
    }
    ck_assert_uint_eq(in.count, 2);
    ck_assert_uint_eq(entry(0)->len, 2048);
    ck_assert_uint_eq(entry(1)->len, 452);
    ck_assert_uint_eq(in.pinned, 5000);
    for (uint32_t i = 0; i < 2500; i++) {
        ck_assert_uint_eq(sw_tcp_recvq_byte(&in, i), byte(a, i));
    }
    reads(a, 0, 2047);
    ck_assert_uint_eq(in.pinned, 2 * 453);
    reads(a, 2047, 453);
    ck_assert_ptr_null(in.arena); /* an idle connection pins nothing */
    end();
}
END_TEST

START_TEST(what_is_left_of_the_first_moves_when_more_is_pinned_than_twice_the_text_and_a_block)
{
    begin(1 << 20);
    struct sw_block *a = fresh(SW_BLOCK_16K), *b = fresh(SW_BLOCK_16K);
    push(a, 0, 16384);
    push(b, 0, 600);
    sw_tcp_recvq_consume(&in, 16384 - 7592); /* 32,768 are twice 8,192, and 16,384 */
    ck_assert_uint_eq(in.count, 2);
    ck_assert(!entry(0)->copied);
    sw_tcp_recvq_consume(&in, 1);
    ck_assert_uint_eq(in.count, 5); /* in four of 2 KiB */
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert(entry(i)->copied);
        ck_assert_uint_eq(entry(i)->len, i < 3 ? 2048 : 7591 - 3 * 2048);
    }
    ck_assert_uint_eq(in.pinned, 2 * 7591 + 16384);
    reads(a, 16384 - 7591, 7591);
    reads(b, 0, 600);
    end();
}
END_TEST

START_TEST(alone_or_with_half_of_it_left_the_first_stays)
{
    begin(1 << 20);
    struct sw_block *a = fresh(SW_BLOCK_16K);
    push(a, 0, 16384);
    sw_tcp_recvq_consume(&in, 16383);
    ck_assert(!entry(0)->copied);
    ck_assert_uint_eq(in.pinned, 16384);
    reads(a, 16383, 1);
    end();
}
END_TEST

/* Wherever memory ends, all bytes are there, and what is counted is what there is. */
START_TEST(without_memory_for_all_of_it_a_part_of_the_first_moves)
{
    unsigned moved[6] = {0};
    for (size_t limit = 34000; limit < 48000; limit += 500) {
        begin(limit);
        struct sw_block *a = fresh(SW_BLOCK_16K), *b = fresh(SW_BLOCK_16K);
        push(a, 0, 16384);
        push(b, 0, 600);
        sw_tcp_recvq_consume(&in, 16384 - 7000);
        ck_assert_uint_eq(in.bytes, 7600);
        unsigned copied = 0;
        for (uint32_t i = 0; i < in.count; i++) {
            copied += entry(i)->copied;
        }
        moved[copied]++;
        ck_assert_uint_le(in.count, 5);
        reads(a, 16384 - 7000, 7000);
        reads(b, 0, 600);
        end();
    }
    for (unsigned i = 0; i <= 4; i++) {
        ck_assert_uint_gt(moved[i], 0); /* none, one, two, three, and all four */
    }
}
END_TEST

START_TEST(a_send_queue_lends_what_is_left_of_a_block)
{
    begin(1 << 20);
    static uint8_t bytes[16384];
    size_t n = 0;
    ck_assert_uint_eq(sw_tcp_sendq_write(&out, world.env.pool, bytes, 16383), 16383);
    ck_assert_ptr_nonnull(sw_tcp_sendq_reserve(&out, world.env.pool, &n));
    ck_assert_uint_eq(n, 1);
    sw_tcp_sendq_commit(&out, 1);
    ck_assert_uint_eq(out.count, 1);
    ck_assert_ptr_nonnull(sw_tcp_sendq_reserve(&out, world.env.pool, &n));
    ck_assert_uint_eq(n, 16384);
    ck_assert_uint_eq(out.count, 2);
    sw_tcp_sendq_drop(&out, 16384); /* all of it; what is lent stays */
    ck_assert_uint_eq(out.count, 1);
    sw_tcp_sendq_commit(&out, 0);
    ck_assert_uint_eq(out.count, 0);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_queue_rules");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, text_under_512_bytes_is_copied);
    tcase_add_test(tc, a_small_block_is_kept_if_half_of_it_is_text);
    tcase_add_test(tc, a_block_behind_which_another_comes_is_kept_if_half_of_it_is_text);
    tcase_add_test(tc, what_lies_behind_the_last_in_its_block_joins_it_however_small);
    tcase_add_test(tc, small_text_fills_blocks_of_2_kib_to_the_last_byte);
    tcase_add_test(
        tc, what_is_left_of_the_first_moves_when_more_is_pinned_than_twice_the_text_and_a_block);
    tcase_add_test(tc, alone_or_with_half_of_it_left_the_first_stays);
    tcase_add_test(tc, without_memory_for_all_of_it_a_part_of_the_first_moves);
    tcase_add_test(tc, a_send_queue_lends_what_is_left_of_a_block);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
