#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "core/corrupt.h"
#include "tests/support/core_cable.h"

#define LEN 1000

static unsigned bits_that_differ(const uint8_t *a, const uint8_t *b, size_t n, size_t *where)
{
    unsigned count = 0;
    for (size_t i = 0; i < n * 8; i++) {
        if (((a[i / 8] ^ b[i / 8]) >> i % 8 & 1) != 0) {
            count++;
            *where = i;
        }
    }
    return count;
}

START_TEST(one_bit_of_a_copy_flips_and_every_bit_may)
{
    struct sw_test_env world;
    struct sw_corrupt c;
    uint8_t before[LEN], after[LEN];
    unsigned low = 0;
    sw_test_env_init(&world, 1);
    sw_corrupt_init(&c, &world.seed, 1);
    struct sw_frame *frame = sw_test_frame(world.env.pool, 5, LEN);
    sw_frame_copy_out(frame, before);
    for (uint64_t i = 0; i < 2000; i++) {
        size_t where = 0;
        struct sw_frame *copy = sw_corrupt_copy(&c, frame, i);
        ck_assert_ptr_nonnull(copy);
        ck_assert_ptr_ne(copy, frame);
        ck_assert_uint_eq(copy->len, LEN);
        ck_assert_uint_eq(copy->csum, SW_CSUM_UNCHECKED);
        sw_frame_copy_out(copy, after);
        ck_assert_uint_eq(bits_that_differ(before, after, LEN, &where), 1);
        low += where < LEN * 8 / 4;
        sw_frame_drop(copy);
    }
    ck_assert_uint_gt(low, 420); /* a quarter of 2,000 */
    ck_assert_uint_lt(low, 580);
    sw_frame_copy_out(frame, after);
    ck_assert_mem_eq(before, after, LEN);
    sw_frame_drop(frame);
    sw_test_env_fini(&world);
}
END_TEST

/* A checksum that was left to be finished is right in the copy but for the bit that flipped. */
START_TEST(checksums_are_finished_first)
{
    struct sw_test_env world;
    struct sw_corrupt c;
    sw_test_env_init(&world, 1);
    sw_corrupt_init(&c, &world.seed, 1);
    struct sw_frame *frame = sw_frame_new(world.env.pool);
    uint8_t *bytes = sw_frame_append(frame, 60);
    for (uint8_t i = 0; i < 60; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    frame->csum = SW_CSUM_PARTIAL;
    frame->csum_start = 34;
    frame->csum_offset = 6;
    sw_put16(bytes + 40, 0x1234);
    uint16_t right = sw_frame_checksum(frame);
    uint8_t after[60], finished[60];
    sw_frame_copy_out(frame, finished);
    ck_assert_uint_eq(sw_get16(finished + 40), right);
    size_t where = 0;
    struct sw_frame *copy = sw_corrupt_copy(&c, frame, 3);
    sw_frame_copy_out(copy, after);
    ck_assert_uint_eq(bits_that_differ(finished, after, 60, &where), 1);
    ck_assert_uint_eq(sw_get16(sw_frame_head(frame) + 40), 0x1234);
    sw_frame_drop(copy);
    sw_frame_drop(frame);
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(a_lane_flips_bits_of_its_share_and_leaves_others_references_alone)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &(struct sw_lane_config){.queue_frames = 5000, .corrupt_ppb = 250000000});
    struct sw_frame *frame = sw_test_frame(c.world.env.pool, 0, LEN);
    for (uint32_t i = 0; i < 4000; i++) {
        sw_port_send(&c.a.port, sw_frame_ref(frame));
    }
    ck_assert_uint_gt(c.link.forward.stats.corrupted, 900);
    ck_assert_uint_lt(c.link.forward.stats.corrupted, 1100);
    sw_test_run(&c.world, 0);
    ck_assert_uint_eq(c.b.count, 4000);
    ck_assert_uint_eq(frame->refs, 1);
    ck_assert_uint_eq(sw_test_frame_number(frame), 0);
    sw_frame_drop(frame);
    sw_test_unplug(&c);
}
END_TEST

/* The two copies of a frame that comes twice have draws of their own. */
START_TEST(of_a_frame_that_comes_twice_one_may_be_hit)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &(struct sw_lane_config){.queue_frames = 5000,
                                              .corrupt_ppb = 500000000,
                                              .duplicate_ppb = 1000000000});
    unsigned one = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t before = c.link.forward.stats.corrupted;
        sw_test_send(&c, i, 1, 60);
        one += c.link.forward.stats.corrupted - before == 1;
    }
    ck_assert_uint_gt(one, 430);
    ck_assert_uint_lt(one, 570);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(without_memory_for_the_copy_the_frame_is_dropped)
{
    struct sw_test_cable c;
    memset(&c, 0, sizeof c);
    sw_test_env_init_limit(&c.world, 1, 8192);
    sw_test_port_init(&c.a, &c.world, "a");
    sw_test_port_init(&c.b, &c.world, "b");
    const struct sw_lane_config config = {.queue_frames = 100, .corrupt_ppb = 1000000000};
    ck_assert_int_eq(
        sw_link_init(&c.link, &c.world.env, &c.a.port, &c.b.port, "a>b", "b>a", &config, &config),
        0);
    struct sw_frame *frame = sw_test_frame(c.world.env.pool, 0, 60);
    for (unsigned i = 0; i < 100; i++) {
        sw_port_send(&c.a.port, sw_frame_ref(frame));
    }
    sw_frame_drop(frame);
    ck_assert_uint_gt(sw_test_dropped(&c, SW_DROP_LANE_MEMORY), 50);
    sw_test_unplug(&c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("corrupt");
    TCase *t = tcase_create("corrupt");
    tcase_add_test(t, one_bit_of_a_copy_flips_and_every_bit_may);
    tcase_add_test(t, checksums_are_finished_first);
    tcase_add_test(t, a_lane_flips_bits_of_its_share_and_leaves_others_references_alone);
    tcase_add_test(t, of_a_frame_that_comes_twice_one_may_be_hit);
    tcase_add_test(t, without_memory_for_the_copy_the_frame_is_dropped);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
