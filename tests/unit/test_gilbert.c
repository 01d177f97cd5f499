#include <check.h>
#include <stdlib.h>

#include "core/gilbert.h"
#include "tests/support/core_cable.h"

static struct sw_seed seed = {{7}};

#define FRAMES 200000

/* p 1 %, r 20 %, all lost while bad: 1 / 21 of the frames, in bursts of 5 on average. */
START_TEST(losses_come_in_bursts_of_one_over_r)
{
    static const struct sw_gilbert_config config = {10000000, 200000000, 0, 1000000000};
    struct sw_gilbert g;
    unsigned lost = 0, bursts = 0;
    bool before = false;
    sw_gilbert_init(&g, &seed, 1);
    ck_assert(!sw_gilbert_loses(&g, &config, 0)); /* it begins good */
    for (uint64_t i = 1; i <= FRAMES; i++) {
        bool now = sw_gilbert_loses(&g, &config, i);
        lost += now;
        bursts += now && !before;
        before = now;
    }
    ck_assert_double_eq_tol(lost / (double)FRAMES, 1 / 21.0, 0.004);
    ck_assert_double_eq_tol(lost / (double)bursts, 5, 0.4);
}
END_TEST

START_TEST(each_state_has_its_share_of_loss)
{
    static const struct sw_gilbert_config config = {10000000, 10000000, 10000000, 500000000};
    struct sw_gilbert g;
    unsigned frames[2] = {0}, lost[2] = {0};
    sw_gilbert_init(&g, &seed, 1);
    for (uint64_t i = 0; i < FRAMES; i++) {
        unsigned state = g.bad;
        frames[state]++;
        lost[state] += sw_gilbert_loses(&g, &config, i);
    }
    ck_assert_double_eq_tol(lost[0] / (double)frames[0], 0.01, 0.002);
    ck_assert_double_eq_tol(lost[1] / (double)frames[1], 0.5, 0.01);
    ck_assert_double_eq_tol(frames[1] / (double)FRAMES, 0.5, 0.06);
}
END_TEST

/* p 100 %, r 100 %: good, bad, good, bad. */
START_TEST(a_frame_is_lost_by_the_state_that_it_finds)
{
    static const struct sw_gilbert_config config = {1000000000, 1000000000, 0, 1000000000};
    struct sw_gilbert g;
    sw_gilbert_init(&g, &seed, 1);
    for (uint64_t i = 0; i < 100; i++) {
        ck_assert(sw_gilbert_loses(&g, &config, i) == (i % 2 == 1));
    }
}
END_TEST

START_TEST(a_lane_counts_them_as_loss_and_a_changed_model_keeps_its_state)
{
    struct sw_test_cable c;
    struct sw_lane_config config = {.queue_frames = 1000,
                                    .gilbert = {1000000000, 0, 0, 1000000000}};
    sw_test_plug(&c, &config);
    sw_test_send(&c, 0, 10, 60);
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_LOSS), 9);
    config.gilbert = (struct sw_gilbert_config){0, 1000000000, 0, 1000000000};
    ck_assert_int_eq(sw_lane_configure(&c.link.forward, &config, SW_LANE_LOSS), 0);
    sw_test_send(&c, 10, 10, 60); /* the first finds it bad still */
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_LOSS), 10);
    config.gilbert = (struct sw_gilbert_config){0};
    ck_assert_int_eq(sw_lane_configure(&c.link.forward, &config, SW_LANE_LOSS), 0);
    sw_test_send(&c, 20, 10, 60);
    sw_test_run(&c.world, 0);
    ck_assert_uint_eq(c.b.count, 20);
    ck_assert(!c.link.forward.special);
    sw_test_unplug(&c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("gilbert");
    TCase *t = tcase_create("gilbert");
    tcase_add_test(t, losses_come_in_bursts_of_one_over_r);
    tcase_add_test(t, each_state_has_its_share_of_loss);
    tcase_add_test(t, a_frame_is_lost_by_the_state_that_it_finds);
    tcase_add_test(t, a_lane_counts_them_as_loss_and_a_changed_model_keeps_its_state);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
