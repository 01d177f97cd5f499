/* Settings in layers, and ramps: exact numbers, and each setting by itself. */
#include <check.h>
#include <string.h>

#include "lan/layers.h"

START_TEST(a_ramp_has_a_thousand_steps_and_none_under_a_millisecond)
{
    ck_assert_uint_eq(sw_ramp_steps(0), 0);
    ck_assert_uint_eq(sw_ramp_steps(1), 1);
    ck_assert_uint_eq(sw_ramp_steps(SW_MS), 1);
    ck_assert_uint_eq(sw_ramp_steps(2 * SW_MS - 1), 1);
    ck_assert_uint_eq(sw_ramp_steps(500 * SW_MS), 500);
    ck_assert_uint_eq(sw_ramp_steps(SW_S), 1000);
    ck_assert_uint_eq(sw_ramp_steps(SW_TIME_NEVER / 4), 1000);
}
END_TEST

START_TEST(a_ramp_is_exact_however_large_its_numbers)
{
    ck_assert_int_eq(sw_ramp_value(0, 1000, 1, 3), 333);
    ck_assert_int_eq(sw_ramp_value(0, 1000, 2, 3), 666);
    ck_assert_int_eq(sw_ramp_value(0, 1000, 3, 3), 1000);
    ck_assert_int_eq(sw_ramp_value(1000, 0, 1, 3), 667);
    ck_assert_int_eq(sw_ramp_value(10, 13, 500, 1000), 11);
    ck_assert_int_eq(sw_ramp_value(0, INT64_MAX, 1000, 1000), INT64_MAX);
    ck_assert_int_eq(sw_ramp_value(0, INT64_MAX, 500, 1000), INT64_MAX / 2);
    ck_assert_int_eq(sw_ramp_value(INT64_MAX, 0, 999, 1000), INT64_MAX / 1000 + 1);
    ck_assert_int_eq(sw_ramp_due(10, 1, 3), 3);
    ck_assert_int_eq(sw_ramp_due(10, 3, 3), 10);
}
END_TEST

/* Two settings that differ in everything. */
static const struct sw_lane_config low = {.queue_frames = 10};
static const struct sw_lane_config high = {
    .delay = 100,
    .jitter = 200,
    .distribution = SW_DISTRIBUTION_PARETO,
    .correlation_ppb = 300,
    .free_order = true,
    .gilbert = {.p = 400, .r = 500, .good = 600, .bad = 700},
    .corrupt_ppb = 800,
    .mtu_bytes = 900,
    .discipline = SW_DISCIPLINE_RED,
    .settings = {.ecn = true, .min_bytes = 1},
    .rate_bps = 1000,
    .overhead_bytes = 1100,
    .queue_frames = 20,
    .queue_bytes = 1200,
    .loss_ppb = 1300,
    .duplicate_ppb = 1400,
    .reorder_ppb = 1500,
};

#define ALL (SW_LANE_MTU * 2u - 1)

START_TEST(each_setting_is_taken_by_its_own_bit)
{
    ck_assert_uint_eq(sw_lane_config_differ(&low, &high), ALL);
    ck_assert_uint_eq(sw_lane_config_differ(&high, &high), 0);
    for (unsigned bit = 1; bit <= SW_LANE_MTU; bit <<= 1) {
        struct sw_lane_config config = low;
        sw_lane_settings_take(&config, &high, bit);
        ck_assert_uint_eq(sw_lane_config_differ(&config, &low), bit);
        ck_assert_uint_eq(sw_lane_config_differ(&config, &high), ALL & ~bit);
    }
}
END_TEST

START_TEST(half_way_is_half_of_every_number)
{
    struct sw_layers layers = {.base = high};
    struct sw_layer layer = {.said = ALL, .to = high};
    layer.to.delay = 300;
    layer.to.jitter = 0;
    layer.to.correlation_ppb = 100;
    layer.to.gilbert.p = 0;
    layer.to.gilbert.r = 600;
    layer.to.gilbert.good = 700;
    layer.to.gilbert.bad = 1000;
    layer.to.corrupt_ppb = 810;
    layer.to.mtu_bytes = 1000;
    layer.to.rate_bps = 3000;
    layer.to.overhead_bytes = 100;
    layer.to.queue_frames = 40;
    layer.to.queue_bytes = 1000;
    layer.to.loss_ppb = 0;
    layer.to.duplicate_ppb = 0;
    layer.to.reorder_ppb = 500;
    sw_layers_push(&layers, &layer, 10, false);
    ck_assert_uint_eq(sw_lane_config_differ(&layers.base, &(struct sw_lane_config){0}), ALL);
    layer.step = 5;
    const struct sw_lane_config half = sw_layers_config(&layers);
    ck_assert_int_eq(half.delay, 200);
    ck_assert_int_eq(half.jitter, 100);
    ck_assert_uint_eq(half.correlation_ppb, 200);
    ck_assert_uint_eq(half.gilbert.p, 200);
    ck_assert_uint_eq(half.gilbert.r, 550);
    ck_assert_uint_eq(half.gilbert.good, 650);
    ck_assert_uint_eq(half.gilbert.bad, 850);
    ck_assert_uint_eq(half.corrupt_ppb, 805);
    ck_assert_uint_eq(half.mtu_bytes, 950);
    ck_assert_uint_eq(half.rate_bps, 2000);
    ck_assert_uint_eq(half.overhead_bytes, 600);
    ck_assert_uint_eq(half.queue_frames, 30);
    ck_assert_uint_eq(half.queue_bytes, 1100);
    ck_assert_uint_eq(half.loss_ppb, 650);
    ck_assert_uint_eq(half.duplicate_ppb, 700);
    ck_assert_uint_eq(half.reorder_ppb, 1000);
}
END_TEST

START_TEST(what_has_no_middle_changes_at_the_beginning)
{
    struct sw_layers layers = {.base = high};
    struct sw_layer layer = {.said = ALL, .to = low};
    sw_layers_push(&layers, &layer, 10, false);
    const struct sw_lane_config config = sw_layers_config(&layers);
    ck_assert_int_eq(config.distribution, SW_DISTRIBUTION_UNIFORM);
    ck_assert_int_eq(config.discipline, SW_DISCIPLINE_TAIL_DROP);
    ck_assert(!config.free_order);
    ck_assert_uint_eq(config.rate_bps, 0); /* unlimited: no number is near it */
    ck_assert_uint_eq(config.mtu_bytes, 0);
    ck_assert_uint_eq(config.queue_bytes, 0);
    ck_assert_int_eq(config.delay, 100);
}
END_TEST

START_TEST(layers_come_and_go_in_any_order)
{
    struct sw_layers layers = {.base = low};
    struct sw_layer a = {.said = SW_LANE_DELAY | SW_LANE_MTU, .to = {.delay = 1, .mtu_bytes = 1}};
    struct sw_layer b = {.said = SW_LANE_DELAY, .to = {.delay = 2}};
    struct sw_layer c = {.said = SW_LANE_DELAY, .to = {.delay = 3}};
    sw_layers_push(&layers, &a, 0, false);
    sw_layers_push(&layers, &b, 0, false);
    ck_assert_int_eq(sw_layers_config(&layers).delay, 2);
    ck_assert_uint_eq(sw_layers_config(&layers).mtu_bytes, 1);
    sw_layers_push(&layers, &c, 0, true); /* it stays, and takes the delay from both */
    sw_layers_settle(&layers, &c);
    ck_assert_int_eq(layers.base.delay, 3);
    ck_assert_int_eq(sw_layers_config(&layers).delay, 3);
    ck_assert_uint_eq(a.said, SW_LANE_MTU);
    ck_assert_uint_eq(b.said, 0);
    sw_layers_remove(&layers, &a);
    sw_layers_remove(&layers, &a); /* harmless */
    ck_assert_uint_eq(sw_layers_config(&layers).mtu_bytes, 0);
    sw_layers_remove(&layers, &b);
    ck_assert_ptr_null(layers.first);
    ck_assert_uint_eq(sw_layers_config(&layers).queue_frames, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("layers");
    TCase *cases = tcase_create("layers");
    tcase_add_test(cases, a_ramp_has_a_thousand_steps_and_none_under_a_millisecond);
    tcase_add_test(cases, a_ramp_is_exact_however_large_its_numbers);
    tcase_add_test(cases, each_setting_is_taken_by_its_own_bit);
    tcase_add_test(cases, half_way_is_half_of_every_number);
    tcase_add_test(cases, what_has_no_middle_changes_at_the_beginning);
    tcase_add_test(cases, layers_come_and_go_in_any_order);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
