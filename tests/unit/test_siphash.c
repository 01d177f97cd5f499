#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/siphash.h"

/* The paper's key, 00 01 .. 0f. */
static const struct sw_hash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

/* The vectors of the reference implementation with one round a word and three at the end: input 00
 * 01 .. n-1. */
START_TEST(hashes_the_reference_inputs)
{
    static const struct {
        size_t n;
        uint64_t hash;
    } vectors[] = {
        {0, 0xabac0158050fc4dc},  {1, 0xc9f49bf37d57ca93},  {2, 0x82cb9b024dc7d44d},
        {3, 0x8bf80ab8e7ddf7fb},  {7, 0xd3927d989bb11140},  {8, 0x369095118d299a8e},
        {15, 0xd320d86d2a519956}, {63, 0x9d199062b7bbb3a8},
    };
    uint8_t input[64];
    for (size_t i = 0; i < sizeof(input); i++) {
        input[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        ck_assert_uint_eq(sw_siphash(key, input, vectors[i].n), vectors[i].hash);
    }
    /* All 64 lengths in one number. */
    uint64_t all = 0;
    for (size_t n = 0; n < 64; n++) {
        all = all * 0x100000001b3 ^ sw_siphash(key, input, n);
    }
    ck_assert_uint_eq(all, 0x6f124d6d7db3112b);
}
END_TEST

START_TEST(place_in_memory_does_not_matter)
{
    uint8_t room[80];
    for (size_t at = 0; at < 8; at++) {
        memset(room, 0xee, sizeof(room));
        for (size_t i = 0; i < 15; i++) {
            room[at + i] = (uint8_t)i;
        }
        ck_assert_uint_eq(sw_siphash(key, room + at, 15), 0xd320d86d2a519956);
    }
}
END_TEST

START_TEST(each_half_of_the_key_counts)
{
    uint64_t hash = sw_siphash(key, "abc", 3);
    ck_assert_uint_ne(hash, sw_siphash((struct sw_hash_key){key.k0 ^ 1, key.k1}, "abc", 3));
    ck_assert_uint_ne(hash, sw_siphash((struct sw_hash_key){key.k0, key.k1 ^ 1}, "abc", 3));
}
END_TEST

/* The order of simultaneous events stands on these: a changed number changes every recorded run. */
START_TEST(numbers_of_names_never_change)
{
    ck_assert_uint_eq(sw_name_hash(""), 0xd1fba762150c532c);
    ck_assert_uint_eq(sw_name_hash("web"), 0x6fe8eed8ccd585ce);
    ck_assert_uint_eq(sw_name_hash("core"), 0xb75f8c4f8f3fbd14);
    ck_assert_uint_eq(sw_name_hash("web>core"), 0x645ff564dfc2a2cb);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("siphash");
    TCase *tcase = tcase_create("siphash");
    tcase_add_test(tcase, hashes_the_reference_inputs);
    tcase_add_test(tcase, place_in_memory_does_not_matter);
    tcase_add_test(tcase, each_half_of_the_key_counts);
    tcase_add_test(tcase, numbers_of_names_never_change);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
