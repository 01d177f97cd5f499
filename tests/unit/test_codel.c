#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/codel.h"
#include "tests/support/core_cable.h"

/* interval / sqrt(n), RFC 8289 5.6. */
START_TEST(the_control_law_is_interval_by_the_root_of_count)
{
    ck_assert_int_eq(sw_codel_control_law(0, 100 * SW_MS, 1), 100 * SW_MS);
    ck_assert_int_eq(sw_codel_control_law(5, 100 * SW_MS, 4), 5 + 50 * SW_MS);
    ck_assert_int_eq(sw_codel_control_law(0, 100 * SW_MS, 100), 10 * SW_MS);
    ck_assert_int_eq(sw_codel_control_law(0, 100 * SW_MS, 2), 70710678);
    ck_assert_int_eq(sw_codel_control_law(0, SW_S, 3), 577350269);
    ck_assert_int_eq(sw_codel_control_law(0, 100 * SW_S, 3) / 100, 577350269);
    ck_assert_int_eq(sw_codel_control_law(0, SW_S, 1000003), 999998);
    ck_assert_int_eq(sw_codel_control_law(0, 3600 * SW_S, 4), 1800 * SW_S);
    ck_assert_int_eq(sw_codel_control_law(0, SW_DELAY_MAX, 1), SW_DELAY_MAX);
    ck_assert_int_eq(sw_codel_control_law(0, SW_DELAY_MAX, 4), SW_DELAY_MAX / 2);
    ck_assert_int_le(sw_codel_control_law(0, SW_DELAY_MAX, UINT32_MAX), SW_DELAY_MAX / 65535);
}
END_TEST

static const struct sw_lane_config lane = {.rate_bps = 8000000, /* 1,000 bytes: 1 ms */
                                           .queue_frames = 1000,
                                           .discipline = SW_DISCIPLINE_CODEL};

static uint64_t codel_drops(const struct sw_test_cable *c)
{
    return sw_test_dropped(c, SW_DROP_CODEL);
}

/* When each drop happens, of a queue of 500 ms that nothing is added to. */
static unsigned watch_drops(struct sw_test_cable *c, sw_time at[], unsigned most, sw_time until)
{
    unsigned n = 0;
    uint64_t before = 0;
    for (sw_time now = 0; now <= until && n < most; now += SW_MS) {
        sw_test_run(&c->world, now);
        for (; before < codel_drops(c) && n < most; before++) {
            at[n++] = now;
        }
    }
    return n;
}

/* 500 frames at once. Frame 5 leaves the queue at 5 ms and is the first that waited 5 ms; 100 ms
 * later the first goes; then at interval / sqrt(n) after each other. */
START_TEST(drops_begin_an_interval_after_target_and_quicken_by_the_root__rfc8289_5_5)
{
    struct sw_test_cable c;
    sw_time at[12];
    sw_test_plug(&c, &lane);
    sw_test_send(&c, 0, 500, 1000);
    ck_assert_uint_eq(watch_drops(&c, at, 7, 490 * SW_MS), 7);
    ck_assert_int_eq(at[0], 105 * SW_MS);
    double due = 105e6;
    static const double roots[] = {1, 1.41421356, 1.73205081, 2, 2.23606798, 2.44948974};
    for (unsigned i = 1; i < 7; i++) {
        due += 100e6 / roots[i - 1];
        /* At the first end of a transmission from then on. */
        ck_assert_double_ge((double)at[i], due - 2000);
        ck_assert_double_lt((double)at[i], due + 1e6);
    }
    sw_test_run(&c.world, 2 * SW_S);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(a_queue_below_target_is_never_touched)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &lane);
    for (sw_time now = 0; now < SW_S; now += 4 * SW_MS) {
        sw_test_run(&c.world, now);
        sw_test_send(&c, 0, 4, 1000);
    }
    sw_test_run(&c.world, 2 * SW_S);
    ck_assert_uint_eq(codel_drops(&c), 0);
    ck_assert_uint_eq(c.b.count, 1000);
    sw_test_unplug(&c);
}
END_TEST

/* A burst that is gone before an interval is over is none of CoDel's concern. */
START_TEST(a_burst_shorter_than_an_interval_passes)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &lane);
    sw_test_send(&c, 0, 100, 1000);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(codel_drops(&c), 0);
    ck_assert_uint_eq(c.b.count, 100);
    sw_test_unplug(&c);
}
END_TEST

/* What was dropping once begins anew: an interval above target comes first. */
START_TEST(a_wait_below_target_ends_the_dropping__rfc8289_5_5)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &lane);
    sw_test_send(&c, 0, 300, 1000);
    sw_test_run(&c.world, SW_S);
    const uint64_t drops = codel_drops(&c);
    ck_assert_uint_gt(drops, 0);
    sw_test_send(&c, 300, 100, 1000);
    sw_test_run(&c.world, 2 * SW_S);
    ck_assert_uint_eq(codel_drops(&c), drops);
    ck_assert_uint_eq(c.b.count, 400 - drops);
    sw_test_unplug(&c);
    /* The same where the queue never runs empty between: three frames stay in it for 100 ms. */
    sw_test_plug(&c, &lane);
    sw_test_send(&c, 0, 300, 1000);
    uint32_t sent = 300;
    sw_time now = 0;
    while (sent - c.b.count - codel_drops(&c) > 3) {
        now += SW_MS;
        sw_test_run(&c.world, now);
    }
    const uint64_t before = codel_drops(&c);
    ck_assert_uint_gt(before, 0);
    for (unsigned i = 0; i < 100; i++) {
        sw_test_send(&c, sent++, 1, 1000);
        now += SW_MS;
        sw_test_run(&c.world, now);
    }
    sw_test_send(&c, sent, 90, 1000);
    sw_test_run(&c.world, 2 * SW_S);
    ck_assert_uint_eq(codel_drops(&c), before);
    sw_test_unplug(&c);
}
END_TEST

/* A line so slow that a frame takes longer than target: the last one that waits is not dropped. */
START_TEST(the_last_frame_of_a_slow_line_passes)
{
    struct sw_test_cable c;
    struct sw_lane_config slow = lane;
    slow.rate_bps = 80000; /* 100 ms a frame */
    sw_test_plug(&c, &slow);
    sw_test_send(&c, 0, 2, 1000);
    for (uint32_t i = 2; i < 40; i++) { /* one always waits, 100 ms */
        sw_test_run(&c.world, (sw_time)(i - 1) * 100 * SW_MS);
        sw_test_send(&c, i, 1, 1000);
    }
    sw_test_run(&c.world, 10 * SW_S);
    ck_assert_uint_eq(codel_drops(&c), 0);
    sw_test_unplug(&c);
}
END_TEST

/* 1.02 times what the line takes, without end: the wait comes down to about target. */
START_TEST(a_queue_that_is_fed_too_much_is_held_near_target)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &lane);
    for (uint32_t i = 0; i < 50000; i++) {
        sw_test_run(&c.world, (sw_time)i * 980 * SW_US);
        sw_test_send(&c, i, 1, 1000);
    }
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_QUEUE_FULL), 0);
    ck_assert_uint_gt(codel_drops(&c), 900);
    sw_time waited = 0;
    unsigned n = 0;
    for (size_t i = c.b.count / 2; i < c.b.count; i++, n++) {
        waited += c.b.arrivals[i].at - (sw_time)c.b.arrivals[i].number * 980 * SW_US - SW_MS;
    }
    ck_assert_int_lt(waited / n, 15 * SW_MS);
    sw_test_run(&c.world, 100 * SW_S);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(a_full_queue_takes_no_more)
{
    struct sw_test_cable c;
    struct sw_lane_config few = lane;
    few.queue_frames = 10;
    sw_test_plug(&c, &few);
    sw_test_send(&c, 0, 20, 1000); /* one is sent, ten wait */
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_QUEUE_FULL), 9);
    ck_assert_uint_eq(c.link.forward.waiting_count, 10);
    ck_assert_uint_eq(c.link.forward.waiting_bytes, 10000);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 11);
    sw_test_unplug(&c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("codel");
    TCase *t = tcase_create("codel");
    tcase_set_timeout(t, 30);
    tcase_add_test(t, the_control_law_is_interval_by_the_root_of_count);
    tcase_add_test(t, drops_begin_an_interval_after_target_and_quicken_by_the_root__rfc8289_5_5);
    tcase_add_test(t, a_queue_below_target_is_never_touched);
    tcase_add_test(t, a_burst_shorter_than_an_interval_passes);
    tcase_add_test(t, a_wait_below_target_ends_the_dropping__rfc8289_5_5);
    tcase_add_test(t, the_last_frame_of_a_slow_line_passes);
    tcase_add_test(t, a_queue_that_is_fed_too_much_is_held_near_target);
    tcase_add_test(t, a_full_queue_takes_no_more);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
