#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/core_cable.h"
#include "tests/support/core_packet.h"

/* 1,000 bytes take 1 ms; the average moves by an eighth a frame, so that tests are short. */
static const struct sw_lane_config lane = {
    .rate_bps = 8000000,
    .queue_frames = 1000,
    .discipline = SW_DISCIPLINE_RED,
    .settings = {.min_bytes = 5000, .max_bytes = 15000, .chance_ppb = 100000000, .weight_log2 = 3}};

static uint64_t red_drops(const struct sw_test_cable *c)
{
    return sw_test_dropped(c, SW_DROP_RED);
}

START_TEST(below_min_all_pass)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &lane);
    for (unsigned i = 0; i < 1000; i++) {
        sw_test_send(&c, 0, 5, 1000); /* four wait */
        sw_test_run(&c.world, (i + 1) * 5 * SW_MS);
    }
    ck_assert_uint_eq(red_drops(&c), 0);
    ck_assert_uint_eq(c.b.count, 5000);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(from_max_on_none_pass)
{
    struct sw_test_cable c;
    struct sw_lane_config never = lane;
    never.settings.chance_ppb = 1; /* by the draw alone none would go */
    sw_test_plug(&c, &never);
    /* 100 at once: the average follows the queue by an eighth, and is at 15,000 when 22 wait. */
    sw_test_send(&c, 0, 100, 1000);
    ck_assert_uint_ge(c.link.forward.waiting_count, 20);
    ck_assert_uint_le(c.link.forward.waiting_count, 24);
    ck_assert_uint_eq(red_drops(&c), 99 - c.link.forward.waiting_count);
    sw_test_run(&c.world, SW_S);
    sw_test_unplug(&c);
}
END_TEST

/* Ten wait all the time: p_b is half of 10 %, so one in 20 goes; as published, the gaps between
 * are spread evenly over 1 .. 1 / p_b, so the share is 2 / (1 / p_b + 1). */
START_TEST(between_the_share_follows_the_average)
{
    struct sw_test_cable c;
    unsigned gaps[64] = {0}, gap = 0, longest = 0;
    sw_test_plug(&c, &lane);
    for (unsigned i = 0; i < 20000; i++) {
        sw_test_run(&c.world, (sw_time)i * SW_MS);
        while (c.link.forward.waiting_count < 10) {
            uint64_t before = red_drops(&c);
            sw_test_send(&c, 0, 1, 1000);
            gap++;
            if (red_drops(&c) > before) {
                gaps[gap < 63 ? gap : 63]++;
                longest = i > 100 && gap > longest ? gap : longest;
                gap = 0;
            }
        }
    }
    /* The average is of queues of 9, and of 10 where one has just been dropped: p_b 4 to 5 %. */
    double share = (double)red_drops(&c) / (double)c.link.forward.stats.in;
    ck_assert_double_ge(share, 2 / (1 / 0.04 + 1) * 0.95);
    ck_assert_double_le(share, 2 / (1 / 0.05 + 1) * 1.05);
    ck_assert_uint_le(longest, 27);
    ck_assert_uint_ge(longest, 22);
    /* Evenly: each half of the range has half. */
    unsigned low = 0, high = 0;
    for (unsigned i = 1; i <= 26; i++) {
        low += i <= 12 ? gaps[i] : 0;
        high += i > 12 ? gaps[i] : 0;
    }
    ck_assert_double_eq_tol((double)low / (low + high), 12 / 23.5, 0.08);
    sw_test_run(&c.world, 30 * SW_S);
    sw_test_unplug(&c);
}
END_TEST

/* While nothing waits the average falls as if packets of 1,000 bytes were sent: by (7/8)^10 in
 * 10 ms. */
START_TEST(an_idle_line_forgets)
{
    struct sw_test_cable c;
    struct sw_lane_config never = lane;
    never.settings.chance_ppb = 1;
    sw_test_plug(&c, &never);
    sw_test_send(&c, 0, 100, 1000);
    uint64_t before = red_drops(&c);
    sw_test_run(&c.world, 26 * SW_MS); /* empty since 23 or 24 */
    sw_test_send(&c, 0, 1, 1000);
    ck_assert_uint_eq(red_drops(&c), before); /* 15,000 is below max again */
    sw_test_run(&c.world, SW_S);
    sw_test_send(&c, 0, 15, 1000); /* from 0: 14 wait, the average stays low */
    ck_assert_uint_eq(red_drops(&c), before);
    sw_test_run(&c.world, 2 * SW_S);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(the_queue_has_its_bound_all_the_same)
{
    struct sw_test_cable c;
    struct sw_lane_config few = lane;
    few.queue_frames = 4;
    sw_test_plug(&c, &few);
    sw_test_send(&c, 0, 10, 1000);
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_QUEUE_FULL), 5);
    ck_assert_uint_eq(c.link.forward.waiting_count, 4);
    sw_test_run(&c.world, SW_S);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(with_ecn_what_can_be_marked_is_not_dropped__rfc3168_5)
{
    struct sw_test_cable c;
    struct sw_lane_config ecn = lane;
    ecn.settings.ecn = true;
    sw_test_plug(&c, &ecn);
    for (uint32_t i = 0; i < 100; i++) {
        sw_port_send(&c.a.port, sw_test_packet(c.world.env.pool, i, 1, _i ? 2 : 0, 1000));
    }
    if (_i) {
        ck_assert_uint_eq(red_drops(&c), 0);
        ck_assert_uint_ge(c.link.forward.stats.marked, 70);
        ck_assert_uint_eq(c.link.forward.waiting_count, 99);
    } else {
        ck_assert_uint_eq(c.link.forward.stats.marked, 0);
        ck_assert_uint_ge(red_drops(&c), 70);
    }
    sw_test_run(&c.world, SW_S);
    sw_test_unplug(&c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("red");
    TCase *t = tcase_create("red");
    tcase_add_test(t, below_min_all_pass);
    tcase_add_test(t, from_max_on_none_pass);
    tcase_add_test(t, between_the_share_follows_the_average);
    tcase_add_test(t, an_idle_line_forgets);
    tcase_add_test(t, the_queue_has_its_bound_all_the_same);
    tcase_add_loop_test(t, with_ecn_what_can_be_marked_is_not_dropped__rfc3168_5, 0, 2);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
