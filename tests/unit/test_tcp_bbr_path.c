/* BBR along a path in virtual time (stack_path.h): 100 Mbit/s with a round trip of 20 ms, unless a
 * test says another; the line carries 95.6 Mbit/s of text. Those that last long are on a fifth of
 * that. */
#include <check.h>
#include <string.h>

#include "stack/tcp_bbr.h"
#include "tests/support/stack_path.h"

#define LINE 95650000u /* bit/s of text on 100 Mbit/s: 1,448 of 1,514 bytes */

static struct path path;

static void begin_at(uint64_t rate_bps, uint32_t queue, uint32_t loss_ppb)
{
    const struct path_config config = {.rate_bps = rate_bps,
                                       .delay = 10 * SW_MS,
                                       .queue_frames = queue,
                                       .loss_ppb = loss_ppb,
                                       .congestion = SW_TCP_BBR};
    path_init(&path, &config);
}

static void begin(uint32_t queue, uint32_t loss_ppb)
{
    begin_at(100000000, queue, loss_ppb);
}

static const struct sw_tcp_bbr *model(const struct path_flow *flow)
{
    return path_tcp(flow)->cc.own.bbr;
}

/* What cubic reads in 10 s after the first on the same path. */
static uint64_t cubic_goodput(uint32_t loss_ppb)
{
    const struct path_config config = {.rate_bps = 100000000,
                                       .delay = 10 * SW_MS,
                                       .queue_frames = 300,
                                       .loss_ppb = loss_ppb,
                                       .congestion = SW_TCP_CUBIC};
    path_init(&path, &config);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, SW_S);
    const uint64_t goodput = path_goodput(flow, 9 * SW_S);
    path_fini(&path);
    return goodput;
}

START_TEST(it_fills_the_line_and_leaves_the_queue_empty)
{
    begin(300, 0);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, SW_S);
    ck_assert_int_eq(model(flow)->mode, SW_BBR_PROBE_BW);
    ck_assert_uint_gt(path_goodput(flow, 5 * SW_S), LINE / 100 * 97);
    /* The phase that probes for more queues a quarter of a round trip; 300 frames would be 36 ms.
     */
    ck_assert_int_lt(path_longest_queue(&path, 6 * SW_S), 10 * SW_MS);
    ck_assert_int_lt(path_tcp(flow)->rtt.srtt, 25 * SW_MS);
    const uint64_t bw = sw_tcp_bbr_bandwidth(model(flow)) * 8;
    ck_assert(bw > LINE / 100 * 98 && bw < LINE / 100 * 102);
    path_fini(&path);
}
END_TEST

START_TEST(a_hundredth_lost_is_no_congestion)
{
    begin(300, 10000000);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, SW_S);
    ck_assert_uint_gt(path_goodput(flow, 9 * SW_S), LINE / 100 * 90);
    path_fini(&path);
    ck_assert_uint_lt(cubic_goodput(10000000), LINE / 100 * 20);
}
END_TEST

START_TEST(nor_is_a_twentieth)
{
    begin(300, 50000000);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, SW_S);
    ck_assert_uint_gt(path_goodput(flow, 9 * SW_S), LINE / 100 * 80);
    path_fini(&path);
    ck_assert_uint_lt(cubic_goodput(50000000), LINE / 100 * 10);
}
END_TEST

START_TEST(every_ten_seconds_it_looks_for_the_round_trip_with_next_to_nothing_out)
{
    begin_at(20000000, 60, 0);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    sw_time dips[8], now = 0;
    unsigned n = 0;
    bool in = false;
    for (now = 0; now < 32 * SW_S; now += 10 * SW_MS) {
        path_run(&path, now);
        const struct sw_tcp_bbr *b = model(flow);
        const bool dip = b != NULL && b->mode == SW_BBR_PROBE_RTT;
        if (dip && !in && n < 8) {
            dips[n++] = now;
        }
        if (dip && b->probe_rtt_done != 0) {
            ck_assert_uint_eq(path_tcp(flow)->cc.cwnd, 4 * path_tcp(flow)->snd_mss);
        }
        in = dip;
    }
    ck_assert_uint_eq(n, 3);
    for (unsigned i = 1; i < n; i++) { /* 200 ms and what leads there, and then ten seconds */
        ck_assert_int_ge(dips[i] - dips[i - 1], 10 * SW_S);
        ck_assert_int_le(dips[i] - dips[i - 1], 10500 * SW_MS);
    }
    /* What that costs is two hundredths. */
    ck_assert_uint_gt(path_goodput(flow, 42 * SW_S), LINE / 5 / 100 * 95);
    path_fini(&path);
}
END_TEST

START_TEST(a_longer_path_is_found_out)
{
    begin_at(20000000, 200, 0);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, 3 * SW_S);
    ck_assert_int_lt(model(flow)->min_rtt, 22 * SW_MS);
    path_change(&path, 40 * SW_MS, 20000000, 0); /* 50 ms there and back */
    path_run(&path, 14 * SW_S);
    ck_assert_int_ge(model(flow)->min_rtt, 50 * SW_MS);
    ck_assert_int_lt(model(flow)->min_rtt, 52 * SW_MS);
    ck_assert_uint_gt(path_goodput(flow, 18 * SW_S), LINE / 5 / 100 * 95);
    path_change(&path, 10 * SW_MS, 20000000, 0); /* a shorter one, behind a queue meanwhile */
    path_run(&path, 32 * SW_S);
    ck_assert_int_lt(model(flow)->min_rtt, 22 * SW_MS);
    path_fini(&path);
}
END_TEST

START_TEST(a_wider_path_is_found_out_and_a_narrower_one)
{
    begin(300, 0);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, 2 * SW_S);
    path_change(&path, 10 * SW_MS, 200000000, 0);
    path_run(&path, 5 * SW_S); /* a quarter more each cycle of eight round trips */
    ck_assert_uint_gt(path_goodput(flow, 6 * SW_S), 2 * LINE / 100 * 95);
    path_change(&path, 10 * SW_MS, 50000000, 0);
    path_run(&path, 8 * SW_S); /* ten round trips, and the queue */
    ck_assert_uint_gt(path_goodput(flow, 9 * SW_S), LINE / 2 / 100 * 95);
    ck_assert_int_lt(path_longest_queue(&path, 9500 * SW_MS), 15 * SW_MS);
    path_fini(&path);
}
END_TEST

START_TEST(who_has_little_to_send_does_not_lower_the_estimate)
{
    begin(300, 0);
    struct path_flow *flow = path_flow(&path, 20000000);
    path_run(&path, 3 * SW_S);
    ck_assert_uint_eq(flow->read, 20000000);
    const uint64_t bw = sw_tcp_bbr_bandwidth(model(flow));
    ck_assert_uint_gt(bw * 8, LINE / 100 * 98);
    for (sw_time now = 3 * SW_S; now < 9 * SW_S; now += 20 * SW_MS) {
        path_write(flow, 3000); /* 1.2 Mbit/s, for 300 round trips */
        path_run(&path, now);
    }
    ck_assert_uint_eq(sw_tcp_bbr_bandwidth(model(flow)), bw);
    path_write(flow, 3000000);
    ck_assert_uint_gt(path_goodput(flow, 9 * SW_S + 240 * SW_MS), LINE / 100 * 80);
    path_fini(&path);
}
END_TEST

START_TEST(two_flows_share)
{
    begin_at(20000000, 60, 0);
    struct path_flow *one = path_flow(&path, UINT64_MAX);
    path_run(&path, 3 * SW_S);
    struct path_flow *two = path_flow(&path, UINT64_MAX);
    path_run(&path, 20 * SW_S);
    const uint64_t before[2] = {one->read, two->read};
    path_run(&path, 60 * SW_S);
    const uint64_t a = (one->read - before[0]) / 500000, b = (two->read - before[1]) / 500000;
    ck_assert_uint_gt(a + b, LINE / 5 / 100000 * 95 / 100);               /* in 100 kbit/s */
    ck_assert_uint_gt((a + b) * (a + b) * 100, 2 * (a * a + b * b) * 95); /* Jain's index */
    path_fini(&path);
}
END_TEST

START_TEST(it_holds_its_own_before_a_shallow_queue)
{
    begin(12, 0); /* 1.5 ms */
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, SW_S);
    ck_assert_uint_gt(path_goodput(flow, 9 * SW_S), LINE / 100 * 85);
    path_fini(&path);
}
END_TEST

START_TEST(an_outage_is_recovered_from)
{
    begin(300, 0);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, 2 * SW_S);
    path_change(&path, 10 * SW_MS, 100000000, 1000000000);
    path_run(&path, 3 * SW_S);
    path_change(&path, 10 * SW_MS, 100000000, 0);
    path_run(&path, 5 * SW_S);
    ck_assert_uint_gt(path_goodput(flow, 7 * SW_S), LINE / 100 * 95);
    path_fini(&path);
}
END_TEST

START_TEST(without_sack_it_works_less_well_and_works)
{
    const struct path_config config = {.rate_bps = 100000000,
                                       .delay = 10 * SW_MS,
                                       .queue_frames = 300,
                                       .loss_ppb = 1000000,
                                       .congestion = SW_TCP_BBR,
                                       .no_sack = true};
    path_init(&path, &config);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, SW_S);
    ck_assert_uint_gt(path_goodput(flow, 9 * SW_S), LINE / 100 * 25);
    path_fini(&path);
}
END_TEST

START_TEST(the_algorithm_may_change_on_the_way)
{
    begin(300, 10000000);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, SW_S);
    ck_assert_int_eq(sw_sock_set(flow->sender, SW_OPT_CONGESTION, SW_TCP_CUBIC), 0);
    ck_assert_uint_eq(path_tcp(flow)->paced->pace.rate, 0);
    path_run(&path, 3 * SW_S);
    ck_assert_uint_lt(path_goodput(flow, 5 * SW_S), LINE / 100 * 20);
    ck_assert_int_eq(sw_sock_set(flow->sender, SW_OPT_CONGESTION, SW_TCP_BBR), 0);
    path_run(&path, 7 * SW_S);
    ck_assert_uint_gt(path_goodput(flow, 9 * SW_S), LINE / 100 * 85);
    path_fini(&path);
}
END_TEST

START_TEST(a_run_is_the_same_twice_to_the_byte)
{
    uint64_t read[2];
    for (unsigned i = 0; i < 2; i++) {
        begin(300, 10000000);
        const struct path_flow *flow = path_flow(&path, UINT64_MAX);
        path_run(&path, 3 * SW_S);
        read[i] = flow->read;
        path_fini(&path);
    }
    ck_assert_uint_eq(read[0], read[1]);
}
END_TEST

START_TEST(a_listener_and_an_idle_connection_have_no_model)
{
    begin(300, 0);
    struct path_flow *flow = path_flow(&path, 0);
    path_run(&path, SW_S);
    ck_assert(flow->open);
    ck_assert_ptr_null(model(flow));
    ck_assert_ptr_null(path_tcp(flow)->paced);
    path_write(flow, 1000);
    path_run(&path, 2 * SW_S);
    ck_assert_ptr_nonnull(model(flow));
    ck_assert_uint_eq(flow->read, 1000);
    path_fini(&path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_bbr_path");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, it_fills_the_line_and_leaves_the_queue_empty);
    tcase_add_test(tc, a_hundredth_lost_is_no_congestion);
    tcase_add_test(tc, nor_is_a_twentieth);
    tcase_add_test(tc, every_ten_seconds_it_looks_for_the_round_trip_with_next_to_nothing_out);
    tcase_add_test(tc, a_longer_path_is_found_out);
    tcase_add_test(tc, a_wider_path_is_found_out_and_a_narrower_one);
    tcase_add_test(tc, who_has_little_to_send_does_not_lower_the_estimate);
    tcase_add_test(tc, two_flows_share);
    tcase_add_test(tc, it_holds_its_own_before_a_shallow_queue);
    tcase_add_test(tc, an_outage_is_recovered_from);
    tcase_add_test(tc, without_sack_it_works_less_well_and_works);
    tcase_add_test(tc, the_algorithm_may_change_on_the_way);
    tcase_add_test(tc, a_run_is_the_same_twice_to_the_byte);
    tcase_add_test(tc, a_listener_and_an_idle_connection_have_no_model);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
