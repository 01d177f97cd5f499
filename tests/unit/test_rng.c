#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "core/siphash.h"

/* The RFC's key 00 01 .. 1f, counter 1, nonce 00000009 0000004a 00000000: as a stream of ours, the
 * block 1 + 2^32 * 0x900 of purpose 0 of the owner 0x4a000000. */
START_TEST(block_function__rfc8439_2_3_2)
{
    static const uint32_t expected[16] = {
        0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3, 0xc7f4d1c7, 0x0368c033,
        0x9aaa2204, 0x4e6cd4c3, 0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9,
        0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2,
    };
    uint8_t key[32];
    for (size_t i = 0; i < sizeof(key); i++) {
        key[i] = (uint8_t)i;
    }
    struct sw_seed seed;
    struct sw_draws d;
    sw_seed_from_bytes(&seed, key);
    sw_draws_init(&d, &seed, 0x4a000000, 0);
    d.count = (UINT64_C(0x900) << 32 | 1) * 8;
    for (int i = 0; i < 8; i++) {
        uint64_t low = expected[2 * i], high = expected[2 * i + 1];
        ck_assert_uint_eq(sw_draw(&d), high << 32 | low);
    }
}
END_TEST

/* Recorded runs depend on these numbers. */
START_TEST(draws_of_a_seed_never_change)
{
    static const uint64_t expected[10] = {[0] = 0xa882a594f1528925,
                                          [1] = 0x4e1c0c7445267350,
                                          [7] = 0xbdf5d8b24b32a981,
                                          [8] = 0x2a22b17c9b57266f,
                                          [9] = 0xc713aa7e9f8a3336};
    static const uint64_t below_1000[10] = {658, 305, 318, 835, 647, 345, 303, 742, 164, 777};
    struct sw_seed seed;
    struct sw_draws d, e;
    sw_seed_from_number(&seed, 7);
    sw_draws_init(&d, &seed, sw_name_hash("web>core"), SW_DRAW_LOSS);
    e = d;
    for (int i = 0; i < 10; i++) {
        uint64_t draw = sw_draw(&d);
        ck_assert(expected[i] == 0 || draw == expected[i]);
        ck_assert_uint_eq(sw_draw_below(&e, 1000), below_1000[i]);
    }
}
END_TEST

START_TEST(streams_of_other_seeds_owners_and_purposes_differ)
{
    struct sw_seed seven, high, eight;
    sw_seed_from_number(&seven, 7);
    sw_seed_from_number(&high, 7 | UINT64_C(1) << 32);
    sw_seed_from_number(&eight, 8);
    const struct {
        const struct sw_seed *seed;
        uint64_t owner;
        uint32_t purpose;
    } streams[] = {
        {&seven, 1, 1}, {&high, 1, 1},  {&eight, 1, 1},
        {&seven, 2, 1}, {&seven, 1, 2}, {&seven, 1 | UINT64_C(1) << 32, 1},
    };
    enum { STREAMS = sizeof(streams) / sizeof(streams[0]) };
    uint64_t first[STREAMS];
    for (int i = 0; i < STREAMS; i++) {
        struct sw_draws d;
        sw_draws_init(&d, streams[i].seed, streams[i].owner, streams[i].purpose);
        first[i] = sw_draw(&d);
        for (int j = 0; j < i; j++) {
            ck_assert_uint_ne(first[i], first[j]);
        }
    }
}
END_TEST

START_TEST(one_stream_does_not_move_another)
{
    struct sw_seed seed;
    struct sw_draws alone, beside, other;
    sw_seed_from_number(&seed, 7);
    sw_draws_init(&alone, &seed, 1, SW_DRAW_LOSS);
    beside = alone;
    sw_draws_init(&other, &seed, 2, SW_DRAW_LOSS);
    for (int i = 0; i < 20; i++) {
        uint64_t expected = sw_draw(&alone);
        sw_draw(&other);
        ck_assert_uint_eq(sw_draw(&beside), expected);
    }
}
END_TEST

START_TEST(below_stays_below_and_reaches_every_value)
{
    struct sw_seed seed;
    struct sw_draws d;
    sw_seed_from_number(&seed, 1);
    sw_draws_init(&d, &seed, 1, SW_DRAW_TEST);
    int seen[6] = {0};
    for (int i = 0; i < 6000; i++) {
        uint64_t v = sw_draw_below(&d, 6);
        ck_assert_uint_lt(v, 6);
        seen[v]++;
    }
    for (int i = 0; i < 6; i++) {
        ck_assert_int_gt(seen[i], 850); /* 1,000 +- 5 standard deviations */
        ck_assert_int_lt(seen[i], 1150);
    }
    ck_assert_uint_eq(sw_draw_below(&d, 1), 0);
}
END_TEST

/* The product's upper half against one worked by hand: draw 0 of the recorded stream,
 * 0xa882a594f1528925. */
START_TEST(below_is_the_upper_half_of_the_product)
{
    struct sw_seed seed;
    struct sw_draws d;
    sw_seed_from_number(&seed, 7);
    sw_draws_init(&d, &seed, sw_name_hash("web>core"), SW_DRAW_LOSS);
    struct sw_draws same = d, again = d;
    ck_assert_uint_eq(sw_draw_below(&d, UINT64_C(1) << 63), 0xa882a594f1528925 >> 1);
    ck_assert_uint_eq(sw_draw_below(&same, UINT64_MAX), 0xa882a594f1528925 - 1);
    ck_assert_uint_eq(sw_draw_below(&again, 0xfedcba9876543210), 0xa7c2eb635b3372ea);
}
END_TEST

START_TEST(chance_of_nothing_and_of_everything_take_a_draw_each)
{
    struct sw_seed seed;
    struct sw_draws d;
    sw_seed_from_number(&seed, 3);
    sw_draws_init(&d, &seed, 1, SW_DRAW_LOSS);
    for (int i = 0; i < 500; i++) {
        ck_assert(!sw_draw_chance(&d, 0));
        ck_assert(sw_draw_chance(&d, 1000000000));
    }
    ck_assert_uint_eq(d.count, 1000);
}
END_TEST

START_TEST(chance_of_3_percent_is_3_percent)
{
    struct sw_seed seed;
    struct sw_draws d;
    sw_seed_from_number(&seed, 4);
    sw_draws_init(&d, &seed, 1, SW_DRAW_LOSS);
    int hits = 0;
    for (int i = 0; i < 100000; i++) {
        hits += sw_draw_chance(&d, 30000000);
    }
    ck_assert_int_gt(hits, 2730); /* 3,000 +- 5 standard deviations of 54 */
    ck_assert_int_lt(hits, 3270);
}
END_TEST

START_TEST(chance_is_met_by_draws_below_it_alone)
{
    struct sw_seed seed;
    struct sw_draws d;
    sw_seed_from_number(&seed, 7);
    sw_draws_init(&d, &seed, sw_name_hash("web>core"), SW_DRAW_LOSS);
    /* The stream's first draw, 0xa882a594f1528925, of 10^9. */
    struct sw_draws again = d;
    ck_assert(!sw_draw_chance(&d, 658243512));
    ck_assert(sw_draw_chance(&again, 658243513));
}
END_TEST

START_TEST(draw_below_nothing_is_our_own_bug)
{
    struct sw_seed seed;
    struct sw_draws d;
    sw_seed_from_number(&seed, 4);
    sw_draws_init(&d, &seed, 1, SW_DRAW_TEST);
    sw_draw_below(&d, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rng");
    TCase *tcase = tcase_create("rng");
    tcase_add_test(tcase, block_function__rfc8439_2_3_2);
    tcase_add_test(tcase, draws_of_a_seed_never_change);
    tcase_add_test(tcase, streams_of_other_seeds_owners_and_purposes_differ);
    tcase_add_test(tcase, one_stream_does_not_move_another);
    tcase_add_test(tcase, below_stays_below_and_reaches_every_value);
    tcase_add_test(tcase, below_is_the_upper_half_of_the_product);
    tcase_add_test(tcase, chance_of_nothing_and_of_everything_take_a_draw_each);
    tcase_add_test(tcase, chance_of_3_percent_is_3_percent);
    tcase_add_test(tcase, chance_is_met_by_draws_below_it_alone);
    tcase_add_test_raise_signal(tcase, draw_below_nothing_is_our_own_bug, SIGABRT);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
