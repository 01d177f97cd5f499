/* Text out of order: put together again whatever the order, and bounded. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "stack/tcp_reass.h"
#include "tests/support/core_fixture.h"

static struct sw_test_env world;
static struct sw_tcp_reass r;

static uint8_t byte(uint32_t seq)
{
    return (uint8_t)(seq * 31 + (seq >> 8) * 7);
}

static void setup(size_t pool_bytes)
{
    sw_test_env_init_limit(&world, 1, pool_bytes);
    sw_tcp_reass_init(&r);
}

static void teardown(void)
{
    sw_tcp_reass_fini(&r);
    sw_test_env_fini(&world);
}

/* [from, from + len), behind 54 bytes of headers, with `differs` added to each byte. */
static bool add_as(uint32_t from, uint32_t len, uint8_t differs)
{
    uint8_t *bytes = malloc(54 + len);
    for (uint32_t i = 0; i < len; i++) {
        bytes[54 + i] = (uint8_t)(byte(from + i) + differs);
    }
    memset(bytes, 0, 54);
    struct sw_frame *frame = sw_frame_from_bytes(world.env.pool, bytes, 54 + len, 54);
    free(bytes);
    ck_assert_ptr_nonnull(frame);
    const bool kept = sw_tcp_reass_add(&r, from, frame, 54, len);
    sw_frame_drop(frame); /* what is kept is a copy */
    return kept;
}

static bool add(uint32_t from, uint32_t len)
{
    return add_as(from, len, 0);
}

/* Takes out all that follows `next`; returns where that ends. */
static uint32_t take(uint32_t next)
{
    const struct sw_tcp_piece *p;
    while ((p = sw_tcp_reass_first(&r, next)) != NULL) {
        ck_assert_uint_eq(p->seq, next);
        uint32_t wrong = 0;
        for (uint32_t i = 0; i < p->len; i++) {
            wrong += p->block->bytes[p->off + i] != byte(next + i);
        }
        ck_assert_uint_eq(wrong, 0);
        next += p->len;
        sw_tcp_reass_pop(&r);
    }
    return next;
}

static uint64_t live_bytes(void)
{
    struct sw_pool_stats stats;
    sw_pool_stats(world.env.pool, &stats);
    return stats.live_bytes;
}

START_TEST(a_run_behind_a_hole_comes_out_when_it_is_filled)
{
    setup(1 << 20);
    for (uint32_t at = 1100; at < 11100; at += 100) {
        ck_assert(add(at, 100));
    }
    ck_assert_uint_eq(take(1000), 1000); /* the hole is still there */
    ck_assert_uint_eq(r.bytes, 10000);
    ck_assert_uint_eq(take(1100), 11100);
    ck_assert_uint_eq(r.bytes, 0);
    ck_assert_uint_eq(r.count, 0);
    teardown();
}
END_TEST

START_TEST(pieces_backwards_come_out_forwards)
{
    setup(1 << 20);
    for (uint32_t at = 5000; at > 0; at -= 100) {
        ck_assert(add(at, 100));
    }
    ck_assert_uint_eq(take(100), 5100);
    teardown();
}
END_TEST

START_TEST(numbers_turn)
{
    setup(1 << 20);
    ck_assert(add(50, 100));
    ck_assert(add(0xffffffce, 100)); /* 50 before the turn, 50 behind it */
    ck_assert_uint_eq(take(0xffffffce), 150);
    teardown();
}
END_TEST

START_TEST(what_is_there_wins_over_what_comes_later)
{
    setup(1 << 20);
    ck_assert(add(1000, 100));
    ck_assert(add(1300, 100));
    ck_assert(add_as(1000, 100, 1)); /* a duplicate with other bytes */
    ck_assert_uint_eq(r.bytes, 200);
    ck_assert(add_as(1050, 30, 1)); /* inside of one */
    ck_assert_uint_eq(r.bytes, 200);
    teardown();
    setup(1 << 20);
    ck_assert(add(1000, 100));
    ck_assert(add(1300, 100));
    ck_assert(add(900, 700)); /* over both: the three gaps are filled */
    ck_assert_uint_eq(r.bytes, 700);
    ck_assert_uint_eq(take(900), 1600);
    teardown();
}
END_TEST

START_TEST(overlaps_at_either_end_are_cut)
{
    setup(1 << 20);
    ck_assert(add(1000, 100));
    ck_assert(add(950, 100));
    ck_assert(add(1050, 100));
    ck_assert_uint_eq(r.bytes, 200);
    ck_assert_uint_eq(take(950), 1150);
    teardown();
}
END_TEST

START_TEST(what_has_been_received_meanwhile_is_cut_off)
{
    setup(1 << 20);
    ck_assert(add(1000, 100));
    ck_assert(add(1200, 100));
    const struct sw_tcp_piece *p = sw_tcp_reass_first(&r, 1030);
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(p->seq, 1030);
    ck_assert_uint_eq(p->len, 70);
    ck_assert_ptr_null(sw_tcp_reass_first(&r, 1100));
    ck_assert_uint_eq(r.bytes, 100);
    ck_assert_ptr_null(sw_tcp_reass_first(&r, 5000));
    ck_assert_uint_eq(r.count, 0);
    teardown();
}
END_TEST

START_TEST(any_order_gives_the_same_text)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        setup(4 << 20);
        struct sw_draws draws;
        sw_draws_init(&draws, &world.seed, seed, SW_DRAW_TEST);
        uint8_t have[4000] = {0};
        const uint32_t base = (uint32_t)sw_draw(&draws);
        for (unsigned i = 0; i < 60; i++) {
            const uint32_t from = (uint32_t)sw_draw_below(&draws, 3900);
            const uint32_t len =
                1 + (uint32_t)sw_draw_below(&draws, 3999 - from < 300 ? 3999 - from : 300);
            ck_assert(add(base + from, len));
            memset(have + from, 1, len);
        }
        for (uint32_t at = 0; at < 4000;) {
            const uint32_t end = take(base + at) - base;
            ck_assert(end == at || memchr(have + at, 0, end - at) == NULL);
            ck_assert(end == 4000 || have[end] == 0);
            at = end + 1;
        }
        ck_assert_uint_eq(r.count, 0);
        teardown();
    }
}
END_TEST

START_TEST(pieces_far_apart_are_bounded)
{
    setup(64 << 20);
    unsigned kept = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        kept += add(1000 + 3 * i, 1) ? 1 : 0;
    }
    ck_assert_uint_eq(kept, SW_REASS_PIECES);
    ck_assert_uint_le(live_bytes(), 16384); /* they share blocks */
    ck_assert(!add(1001, 1));               /* whatever it would fill */
    teardown();
}
END_TEST

START_TEST(a_long_run_lies_in_large_blocks)
{
    setup(64 << 20);
    for (uint32_t at = 0; at < 1000000; at += 1000) {
        ck_assert(add(10 + at, 1000));
    }
    ck_assert_uint_le(r.count, 8 + 1000000 / 16384 + 1);
    ck_assert_uint_le(live_bytes(), 1000000 + 2 * 16384 + 4096);
    ck_assert_uint_eq(take(10), 1000010);
    teardown();
}
END_TEST

START_TEST(short_runs_pin_at_most_a_small_block_each)
{
    setup(64 << 20);
    for (uint32_t i = 0; i < 100; i++) {
        ck_assert(add(100000 * i, 600));
    }
    ck_assert_uint_le(live_bytes(), 100 * 2200);
    teardown();
}
END_TEST

START_TEST(without_memory_what_was_kept_stays)
{
    setup(12000);
    uint32_t end = 1000;
    while (add(end, 500)) {
        end += 500;
        ck_assert_uint_lt(end, 20000);
    }
    ck_assert_uint_gt(end, 3000);
    ck_assert_uint_ge(take(1000), end);
    teardown();
}
END_TEST

/* ---- any order: against what is known byte by byte ---- */

/* What must be true whatever has come: runs lie apart and in order, each in one row of pieces; the
 * tree holds them all, and none of its nodes leans by more than one. Counts what is wrong. */
static int tree(const struct sw_tcp_run *run, unsigned *runs, unsigned *wrong)
{
    if (run == NULL) {
        return 0;
    }
    const int a = tree(run->child[0], runs, wrong), b = tree(run->child[1], runs, wrong);
    *wrong += a - b < -1 || a - b > 1 || run->height != 1 + (a > b ? a : b);
    (*runs)++;
    return run->height;
}

/* Returns how many runs there are. */
static unsigned checked(void)
{
    unsigned runs = 0, wrong = 0, listed = 0, pieces = 0;
    uint32_t bytes = 0;
    const int height = tree(r.root, &runs, &wrong);
    for (const struct sw_tcp_run *run = r.first; run != NULL; run = run->next) {
        wrong += (run->prev == NULL ? r.first : run->prev->next) != run;
        wrong += run->next != NULL && (int32_t)(run->next->seq - run->end) <= 0;
        uint32_t at = run->seq;
        for (const struct sw_tcp_piece *p = run->first; p != NULL; p = p->next) {
            wrong += p->seq != at || (p->next == NULL && p != run->last);
            at += p->len;
            bytes += p->len;
            pieces++;
        }
        wrong += at != run->end;
        listed++;
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(listed, runs);
    ck_assert_uint_eq(pieces, r.count);
    ck_assert_uint_eq(bytes, r.bytes);
    /* An AVL tree of n nodes is no higher than 1.45 log2(n + 2). */
    unsigned log2 = 0;
    while (runs + 2 > 1u << log2) {
        log2++;
    }
    ck_assert_int_le(100 * height, 145 * (int)log2);
    return runs;
}

#define MODEL_BYTES 20000u

static bool model_has(const bool *have, uint32_t from, uint32_t to, bool what)
{
    for (uint32_t i = from; i < to; i++) {
        if (have[i] != what) {
            return false;
        }
    }
    return true;
}

/* Adds, asks and takes at random, beside an array that knows of each byte whether it is there. */
static void run_model(uint64_t seed, uint32_t longest)
{
    setup(8 << 20);
    struct sw_draws draws;
    sw_draws_init(&draws, &world.seed, seed, SW_DRAW_TEST);
    bool have[MODEL_BYTES + 1] = {false};
    const uint32_t base = (uint32_t)sw_draw(&draws);
    uint32_t done = 0;
    for (unsigned i = 0; i < 300; i++) {
        const uint32_t from = done + (uint32_t)sw_draw_below(&draws, MODEL_BYTES - done);
        const uint32_t most = MODEL_BYTES - from < longest ? MODEL_BYTES - from : longest;
        const uint32_t len = 1 + (uint32_t)sw_draw_below(&draws, most);
        const bool kept = add(base + from, len);
        for (uint32_t k = from; k < from + len && kept; k++) {
            have[k] = true;
        }
        ck_assert(kept || r.count >= SW_REASS_PIECES);
        const uint32_t ask = done + (uint32_t)sw_draw_below(&draws, MODEL_BYTES - done);
        const struct sw_tcp_run *run = sw_tcp_reass_at(&r, base + ask);
        if (kept) {
            ck_assert_int_eq(run != NULL, have[ask]);
        }
        if (kept && run != NULL) {
            const uint32_t a = run->seq - base, b = run->end - base;
            ck_assert(model_has(have, a, b, true) && !have[b]);
            ck_assert(a == done || !have[a - 1]);
        }
        (void)checked();
        if (!kept) {
            break;
        }
        if (i % 7 == 6 && !have[done]) {
            done++; /* a byte came in its turn */
        }
        const uint32_t end = take(base + done) - base;
        ck_assert(model_has(have, done, end, true) && !have[end]);
        done = end;
        if (done >= MODEL_BYTES) {
            break;
        }
    }
    teardown();
}

START_TEST(any_order_is_as_an_array_of_bytes_has_it)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        run_model(seed, seed % 3 == 0 ? 2000 : seed % 3 == 1 ? 200 : 20);
    }
}
END_TEST

/* The orders that an adversary would choose: k of n, each number once. */
static uint32_t reversed(uint32_t k, uint32_t n)
{
    return n - 1 - k;
}

static uint32_t both_ends(uint32_t k, uint32_t n)
{
    return k % 2 == 0 ? k / 2 : n - 1 - k / 2;
}

static uint32_t every_second(uint32_t k, uint32_t n)
{
    return k < (n + 1) / 2 ? 2 * k : 2 * (k - (n + 1) / 2) + 1;
}

static uint32_t every_second_backwards(uint32_t k, uint32_t n)
{
    return every_second(n - 1 - k, n);
}

static uint32_t from_the_middle(uint32_t k, uint32_t n)
{
    return k % 2 == 0 ? n / 2 + k / 2 : n / 2 - 1 - k / 2;
}

static uint32_t far_strides(uint32_t k, uint32_t n)
{
    return (uint32_t)((uint64_t)k * 5003 % n); /* 5003 is prime, and no n here a multiple */
}

typedef uint32_t order_fn(uint32_t k, uint32_t n);

static order_fn *const orders[] = {
    reversed, both_ends, every_second, every_second_backwards, from_the_middle, far_strides};

START_TEST(no_order_unbalances_the_tree)
{
    for (unsigned o = 0; o < sizeof(orders) / sizeof(orders[0]); o++) {
        setup(64 << 20);
        const uint32_t n = 4000, base = 0xffff0000u;
        unsigned most = 0;
        for (uint32_t k = 0; k < n; k++) {
            /* Apart by a byte: no two join, so the tree has a node for each. */
            ck_assert(add(base + 1700 * orders[o](k, n) + 1, 1699));
            if (k % 97 == 0 || k == n - 1) {
                const unsigned runs = checked();
                most = runs > most ? runs : most;
            }
        }
        ck_assert_uint_eq(most, n);
        for (uint32_t k = 0; k < n; k++) {
            ck_assert(add(base + 1700 * orders[o](k, n), 1)); /* what joins them */
        }
        ck_assert_uint_eq(checked(), 1);
        ck_assert_uint_eq(take(base), base + 1700 * n);
        teardown();
    }
}
END_TEST

START_TEST(segments_in_any_order_are_kept_to_the_last)
{
    for (unsigned o = 0; o < sizeof(orders) / sizeof(orders[0]); o++) {
        setup(64 << 20);
        const uint32_t n = 3000;
        for (uint32_t k = 0; k < n; k++) {
            ck_assert(add(1448 * orders[o](k, n), 1448));
        }
        ck_assert_uint_eq(checked(), 1);
        ck_assert_uint_le(live_bytes(), 2 * 1448 * n);
        ck_assert_uint_eq(take(0), 1448 * n);
        teardown();
    }
}
END_TEST

START_TEST(one_segment_over_all_runs_makes_one_of_them)
{
    setup(64 << 20);
    for (uint32_t i = 0; i < 120; i++) {
        ck_assert(add(1000 + 20 * i, 10));
    }
    ck_assert_uint_eq(checked(), 120);
    ck_assert(add(995, 4005));
    ck_assert_uint_eq(checked(), 1);
    ck_assert_ptr_eq(sw_tcp_reass_at(&r, 4999), r.first);
    ck_assert_ptr_null(sw_tcp_reass_at(&r, 994));
    ck_assert_ptr_null(sw_tcp_reass_at(&r, 5000));
    ck_assert_uint_eq(take(995), 5000);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_reass");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_run_behind_a_hole_comes_out_when_it_is_filled);
    tcase_add_test(tc, pieces_backwards_come_out_forwards);
    tcase_add_test(tc, numbers_turn);
    tcase_add_test(tc, what_is_there_wins_over_what_comes_later);
    tcase_add_test(tc, overlaps_at_either_end_are_cut);
    tcase_add_test(tc, what_has_been_received_meanwhile_is_cut_off);
    tcase_add_test(tc, any_order_gives_the_same_text);
    tcase_add_test(tc, pieces_far_apart_are_bounded);
    tcase_add_test(tc, a_long_run_lies_in_large_blocks);
    tcase_add_test(tc, short_runs_pin_at_most_a_small_block_each);
    tcase_add_test(tc, without_memory_what_was_kept_stays);
    tcase_add_test(tc, any_order_is_as_an_array_of_bytes_has_it);
    tcase_add_test(tc, no_order_unbalances_the_tree);
    tcase_add_test(tc, segments_in_any_order_are_kept_to_the_last);
    tcase_add_test(tc, one_segment_over_all_runs_makes_one_of_them);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
