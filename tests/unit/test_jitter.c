#include <check.h>
#include <stdlib.h>

#include "core/jitter.h"
#include "tests/support/core_cable.h"

static struct sw_seed seed = {{7}};

#define DRAWN 200000

static int by_value(const void *a, const void *b)
{
    sw_time x = *(const sw_time *)a, y = *(const sw_time *)b;
    return (x > y) - (x < y);
}

/* DRAWN offsets of a jitter of 1 ms, sorted. */
static void sample(sw_time *out, enum sw_distribution distribution)
{
    struct sw_jitter j;
    sw_jitter_init(&j, &seed, 1);
    for (uint64_t i = 0; i < DRAWN; i++) {
        out[i] = sw_jitter_offset(&j, SW_MS, distribution, 0, i);
    }
    qsort(out, DRAWN, sizeof *out, by_value);
}

/* Quantiles in ns at the shares below, by the formulas in jitter.h; the mean and the standard
 * deviation that come of them, pareto's being cut at 4. */
static const double shares[] = {0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999};
static const struct {
    enum sw_distribution distribution;
    sw_time at[9];
    double mean, deviation; /* of 1 ms */
} known[] = {
    {SW_DISTRIBUTION_UNIFORM,
     {-998000, -980000, -800000, -500000, 0, 500000, 800000, 980000, 998000},
     0,
     577350},
    {SW_DISTRIBUTION_NORMAL,
     {-3090232, -2326348, -1281552, -674490, 0, 674490, 1281552, 2326348, 3090232},
     0,
     1000000},
    {SW_DISTRIBUTION_PARETO,
     {-666222, -662192, -619008, -532477, -320105, 116535, 872580, 3999878, 3999878},
     -32923,
     820855},
    {SW_DISTRIBUTION_PARETONORMAL,
     {-1272225, -1078231, -784644, -567980, -240079, 256023, 974823, 3581495, 3772467},
     -24692,
     834948},
};

START_TEST(the_distributions_are_those_of_tc_netem)
{
    static sw_time drawn[DRAWN];
    sample(drawn, known[_i].distribution);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < DRAWN; i++) {
        sum += (double)drawn[i];
        squares += (double)drawn[i] * (double)drawn[i];
    }
    double mean = sum / DRAWN;
    for (size_t q = 0; q < 9; q++) {
        /* Four standard errors of a share, in draws to either side. */
        double p = shares[q];
        long middle = (long)(p * DRAWN);
        long spread = 10;
        while ((double)spread * (double)spread < 16 * p * (1 - p) * DRAWN) {
            spread++;
        }
        sw_time low = drawn[middle - spread], high = drawn[middle + spread];
        ck_assert_msg(known[_i].at[q] >= low - 500 && known[_i].at[q] <= high + 500,
                      "%.3f: %ld is not within %ld .. %ld", p, (long)known[_i].at[q], (long)low,
                      (long)high);
    }
    ck_assert_double_eq_tol(mean, known[_i].mean, 9000);
    ck_assert_double_eq_tol(squares / DRAWN - mean * mean,
                            known[_i].deviation * known[_i].deviation, 3e10);
}
END_TEST

/* Two compilers agree: the numbers themselves. */
START_TEST(the_draws_are_fixed_numbers)
{
    static const sw_time first[4][4] = {
        {-248132, -441957, 656840, -487153},
        {-316406, -586059, 948242, -654296},
        {-439819, -513183, 399658, -528198},
        {-408935, -531372, 536743, -559692},
    };
    for (unsigned d = 0; d < 4; d++) {
        struct sw_jitter j;
        sw_jitter_init(&j, &seed, 1);
        for (uint64_t i = 0; i < 4; i++) {
            ck_assert_int_eq(sw_jitter_offset(&j, SW_MS, (enum sw_distribution)d, 0, i),
                             first[d][i]);
        }
    }
}
END_TEST

START_TEST(the_largest_jitter_stays_within_four_times_itself)
{
    for (unsigned d = 0; d < 4; d++) {
        struct sw_jitter j;
        sw_jitter_init(&j, &seed, 1);
        for (uint64_t i = 0; i < 10000; i++) {
            sw_time at = sw_jitter_offset(&j, SW_JITTER_MAX, (enum sw_distribution)d, 0, i);
            ck_assert(at >= -4 * SW_JITTER_MAX && at <= 4 * SW_JITTER_MAX);
            at = sw_jitter_offset(&j, 1, (enum sw_distribution)d, 0, i);
            ck_assert(at >= -4 && at <= 4);
        }
    }
}
END_TEST

/* netem's: u' = (1 - c) u + c u'_before is an autoregression whose lag-one correlation is c. */
START_TEST(a_correlation_is_that_of_neighbours)
{
    static const uint32_t ppb[] = {0, 250000000, 900000000};
    struct sw_jitter j;
    double sum = 0, squares = 0, products = 0, before = 0;
    sw_jitter_init(&j, &seed, 1);
    for (uint64_t i = 0; i < DRAWN; i++) {
        double at =
            (double)sw_jitter_offset(&j, SW_MS, SW_DISTRIBUTION_UNIFORM, ppb[_i], i) / 1000000;
        sum += at;
        squares += at * at;
        products += i > 0 ? at * before : 0;
        before = at;
    }
    double mean = sum / DRAWN, variance = squares / DRAWN - mean * mean;
    ck_assert_double_eq_tol((products / DRAWN - mean * mean) / variance, ppb[_i] / 1e9, 0.02);
}
END_TEST

START_TEST(all_of_correlation_repeats_the_first)
{
    struct sw_jitter j;
    sw_jitter_init(&j, &seed, 1);
    sw_time first = sw_jitter_offset(&j, SW_MS, SW_DISTRIBUTION_NORMAL, 0, 0);
    for (uint64_t i = 1; i < 100; i++) {
        ck_assert_int_eq(sw_jitter_offset(&j, SW_MS, SW_DISTRIBUTION_NORMAL, 1000000000, i), first);
    }
}
END_TEST

/* ---- in a lane ---- */

static const struct sw_lane_config jittery = {
    .delay = 10 * SW_MS, .jitter = 5 * SW_MS, .queue_frames = 1};

START_TEST(frames_keep_their_order)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &jittery);
    for (uint32_t i = 0; i < 1000; i++) {
        sw_test_send(&c, i, 1, 60);
        sw_test_run(&c.world, (i + 1) * 100 * SW_US);
    }
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 1000);
    unsigned together = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        ck_assert_uint_eq(c.b.arrivals[i].number, i);
        together += i > 0 && c.b.arrivals[i].at == c.b.arrivals[i - 1].at;
    }
    ck_assert_uint_gt(together, 500);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(with_a_free_order_they_overtake_and_each_has_its_own_delay)
{
    struct sw_test_cable c;
    struct sw_lane_config config = jittery;
    config.free_order = true;
    sw_test_plug(&c, &config);
    for (uint32_t i = 0; i < 1000; i++) {
        sw_test_send(&c, i, 1, 60);
        sw_test_run(&c.world, (i + 1) * 100 * SW_US);
    }
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 1000);
    unsigned overtakes = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        sw_time delay = c.b.arrivals[i].at - (sw_time)c.b.arrivals[i].number * 100 * SW_US;
        ck_assert_int_ge(delay, 5 * SW_MS);
        ck_assert_int_le(delay, 15 * SW_MS);
        overtakes += i > 0 && c.b.arrivals[i].number < c.b.arrivals[i - 1].number;
    }
    ck_assert_uint_gt(overtakes, 300);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(no_frame_arrives_before_it_has_left)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &(struct sw_lane_config){.delay = SW_MS,
                                              .jitter = 10 * SW_MS,
                                              .rate_bps = 480000,
                                              .free_order = true,
                                              .queue_frames = 1});
    unsigned at_once = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        sw_test_send(&c, i, 1, 60); /* 1 ms */
        sw_test_run(&c.world, (i + 1) * 100 * SW_MS);
        sw_time took = c.b.arrivals[i].at - (sw_time)i * 100 * SW_MS;
        ck_assert_int_ge(took, SW_MS);
        ck_assert_int_le(took, 12 * SW_MS);
        at_once += took == SW_MS;
    }
    ck_assert_uint_gt(at_once, 400); /* 45 % would be less than nothing */
    ck_assert_uint_lt(at_once, 500);
    sw_test_unplug(&c);
}
END_TEST

/* A loss beside it leaves the delays of the others as they were. */
START_TEST(a_loss_moves_no_delay)
{
    sw_time took[2][500] = {{0}};
    for (unsigned lossy = 0; lossy < 2; lossy++) {
        struct sw_test_cable c;
        struct sw_lane_config config = jittery;
        config.loss_ppb = lossy ? 300000000 : 0;
        sw_test_plug(&c, &config);
        for (uint32_t i = 0; i < 500; i++) {
            size_t before = c.b.count;
            sw_test_send(&c, i, 1, 60);
            sw_test_run(&c.world, (i + 1) * 20 * SW_MS);
            took[lossy][i] =
                c.b.count > before ? c.b.arrivals[before].at - (sw_time)i * 20 * SW_MS : 0;
        }
        sw_test_unplug(&c);
    }
    for (unsigned i = 0; i < 500; i++) {
        ck_assert(took[1][i] == 0 || took[1][i] == took[0][i]);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("jitter");
    TCase *t = tcase_create("jitter");
    tcase_add_loop_test(t, the_distributions_are_those_of_tc_netem, 0, 4);
    tcase_add_test(t, the_draws_are_fixed_numbers);
    tcase_add_test(t, the_largest_jitter_stays_within_four_times_itself);
    tcase_add_loop_test(t, a_correlation_is_that_of_neighbours, 0, 3);
    tcase_add_test(t, all_of_correlation_repeats_the_first);
    tcase_add_test(t, frames_keep_their_order);
    tcase_add_test(t, with_a_free_order_they_overtake_and_each_has_its_own_delay);
    tcase_add_test(t, no_frame_arrives_before_it_has_left);
    tcase_add_test(t, a_loss_moves_no_delay);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
