/* BBR's model: what acknowledgements say of the path, and through which modes and phases that leads
 * (stack_bbr.h). What follows for rate and window is in test_tcp_bbr_window.c and
 * test_tcp_bbr_loss.c, what comes of it along a path in test_tcp_bbr_path.c. */
#include <check.h>

#include "tests/support/stack_bbr.h"

static struct bbr t;

static void expect_best(unsigned i, uint64_t value, uint32_t round)
{
    ck_assert_uint_eq(t.b->bw.best[i].value, value);
    ck_assert_uint_eq(t.b->bw.best[i].round, round);
}

/* Round trips with the next bandwidths, in 100 bytes a second; the last is t.b->rounds then. */
static void rounds_of(unsigned n, const uint64_t *delivered)
{
    for (unsigned i = 0; i < n; i++) {
        bbr_round(&t, SW_S + (t.b->rounds + 1) * 10 * SW_MS, delivered[i]);
    }
}

/* ---- the largest bandwidth of ten round trips ---- */

START_TEST(the_best_bandwidth_counts_and_one_as_good_is_younger)
{
    bbr_begin(&t);
    rounds_of(2, (const uint64_t[]){500, 499});
    ck_assert_uint_eq(sw_tcp_bbr_max_bandwidth(t.b), 50000);
    expect_best(0, 50000, 1);
    rounds_of(1, (const uint64_t[]){500});
    for (unsigned i = 0; i < 3; i++) {
        expect_best(i, 50000, 3);
    }
    rounds_of(1, (const uint64_t[]){501});
    for (unsigned i = 0; i < 3; i++) {
        expect_best(i, 50100, 4);
    }
    bbr_end(&t);
}
END_TEST

START_TEST(a_quarter_and_half_of_the_window_without_a_better_one_choose_younger_ones)
{
    bbr_begin(&t);
    rounds_of(3, (const uint64_t[]){500, 400, 300});
    for (unsigned i = 0; i < 3; i++) {
        expect_best(i, 50000, 1);
    }
    rounds_of(1, (const uint64_t[]){350}); /* more than a quarter: the second and the third */
    expect_best(0, 50000, 1);
    expect_best(1, 35000, 4);
    expect_best(2, 35000, 4);
    rounds_of(2, (const uint64_t[]){340, 330});
    expect_best(2, 35000, 4);
    rounds_of(1, (const uint64_t[]){320}); /* more than half: the third */
    expect_best(1, 35000, 4);
    expect_best(2, 32000, 7);
    rounds_of(1, (const uint64_t[]){310}); /* less than that */
    expect_best(2, 32000, 7);
    rounds_of(1, (const uint64_t[]){320}); /* as good, and younger */
    expect_best(1, 35000, 4);
    expect_best(2, 32000, 9);
    rounds_of(1, (const uint64_t[]){350}); /* so is this beside the second */
    expect_best(0, 50000, 1);
    expect_best(1, 35000, 10);
    expect_best(2, 35000, 10);
    ck_assert_int_eq(t.b->min_rtt, -1); /* none of them said anything of round trips */
    ck_assert_int_eq(t.b->min_rtt_at, 0);
    bbr_end(&t);
}
END_TEST

START_TEST(after_ten_round_trips_the_best_is_forgotten_and_the_second_counts)
{
    bbr_begin(&t);
    rounds_of(11, (const uint64_t[]){500, 1, 1, 350, 1, 1, 320, 1, 1, 1, 1});
    ck_assert_uint_eq(sw_tcp_bbr_max_bandwidth(t.b), 50000); /* ten round trips old */
    rounds_of(1, (const uint64_t[]){310});
    expect_best(0, 35000, 4);
    expect_best(1, 32000, 7);
    expect_best(2, 31000, 12);
    bbr_end(&t);
}
END_TEST

START_TEST(where_the_second_is_too_old_as_well_the_third_counts)
{
    bbr_begin(&t);
    rounds_of(4, (const uint64_t[]){500, 1, 1, 350});
    rounds_of(3, (const uint64_t[]){1, 1, 320});
    t.b->rounds = 13; /* the six between were all limited */
    bbr_round(&t, 2 * SW_S, 3);
    expect_best(0, 35000, 4);
    bbr_end(&t);
    bbr_begin(&t);
    rounds_of(7, (const uint64_t[]){500, 1, 1, 350, 1, 1, 320});
    t.b->rounds = 14;
    bbr_round(&t, 2 * SW_S, 3);
    expect_best(0, 32000, 7);
    expect_best(1, 300, 15);
    expect_best(2, 300, 15);
    bbr_end(&t);
}
END_TEST

START_TEST(where_all_are_too_old_what_comes_counts)
{
    for (uint32_t rounds = 16; rounds <= 17; rounds++) {
        bbr_begin(&t);
        rounds_of(7, (const uint64_t[]){500, 1, 1, 350, 1, 1, 320});
        t.b->rounds = rounds;
        bbr_round(&t, 2 * SW_S, 3);
        expect_best(0, rounds == 16 ? 32000 : 300, rounds == 16 ? 7 : 18);
        bbr_end(&t);
    }
}
END_TEST

START_TEST(a_limited_sample_only_raises_the_estimate)
{
    bbr_settled(&t);
    t.s.rate.limited = true;
    for (unsigned i = 0; i < 30; i++) {
        bbr_round(&t, SW_S + i * SW_MS, 9999);
    }
    ck_assert_uint_eq(sw_tcp_bbr_max_bandwidth(t.b), 1000000);
    ck_assert_uint_eq(t.b->bw.best[0].round, 0); /* nor is it taken at all */
    bbr_round(&t, SW_S + 40 * SW_MS, 10000);     /* as much: that much is still there */
    ck_assert_uint_eq(t.b->bw.best[0].round, 31);
    bbr_round(&t, SW_S + 41 * SW_MS, 10001);
    ck_assert_uint_eq(sw_tcp_bbr_max_bandwidth(t.b), 1000100);
    bbr_end(&t);
}
END_TEST

START_TEST(the_first_loss_begins_to_look_for_a_policer)
{
    bbr_settled(&t);
    bbr_round(&t, SW_S, 10000);
    ck_assert(!t.b->police_sampling);
    t.s.rate.lost_bytes = 1;
    t.s.rate.limited = true; /* not if the user had little to send */
    bbr_round(&t, SW_S, 10000);
    ck_assert(!t.b->police_sampling);
    t.s.rate.limited = false;
    bbr_round(&t, SW_S, 10000);
    ck_assert(t.b->police_sampling);
    bbr_end(&t);
}
END_TEST

START_TEST(what_no_line_carries_is_bounded)
{
    bbr_begin(&t);
    bbr_round(&t, SW_S, 85899345); /* in 10 ms */
    ck_assert_uint_eq(sw_tcp_bbr_max_bandwidth(t.b), 8589934500);
    bbr_round(&t, SW_S, 85899346);
    ck_assert_uint_eq(sw_tcp_bbr_max_bandwidth(t.b), 8589934592);
    bbr_round(&t, SW_S, 100000000);
    ck_assert_uint_eq(sw_tcp_bbr_max_bandwidth(t.b), 8589934592);
    bbr_end(&t);
}
END_TEST

START_TEST(a_round_trip_ends_when_what_was_sent_after_the_last_is_delivered)
{
    bbr_begin(&t);
    t.rate.delivered = 5000;
    t.s.rate.known = true;
    t.s.rate.delivered = 1000;
    t.s.rate.interval = 10 * SW_MS;
    t.s.rate.prior_delivered = 0;
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.b->rounds, 1);
    ck_assert(t.b->round_start);
    ck_assert_uint_eq(t.b->round_end, 6000);
    t.s.rate.prior_delivered = 5999;
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.b->rounds, 1);
    ck_assert(!t.b->round_start);
    t.s.rate.prior_delivered = 6000;
    t.s.rate.known = false; /* it is not */
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.b->rounds, 1);
    t.s.rate.known = true;
    t.s.rate.interval = 0; /* no rate can be told */
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.b->rounds, 1);
    t.s.rate.interval = 1;
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.b->rounds, 2);
    ck_assert_uint_eq(t.b->round_end, 10000);
    bbr_end(&t);
}
END_TEST

/* ---- STARTUP and DRAIN ---- */

START_TEST(three_round_trips_without_a_quarter_more_and_the_pipe_is_full)
{
    bbr_begin(&t);
    rounds_of(3, (const uint64_t[]){1000, 1250, 1562}); /* the third is a little less than 1.25 */
    ck_assert_uint_eq(t.b->full_bw, 125000);
    ck_assert_uint_eq(t.b->full_rounds, 1);
    rounds_of(1, (const uint64_t[]){1563}); /* 1.25 of what it is held against */
    ck_assert_uint_eq(t.b->full_bw, 156300);
    ck_assert_uint_eq(t.b->full_rounds, 0);
    rounds_of(2, (const uint64_t[]){1600, 1700});
    ck_assert(!t.b->full);
    t.s.rate.limited = true; /* the user's doing */
    rounds_of(2, (const uint64_t[]){1600, 1700});
    ck_assert(!t.b->full);
    t.s.rate.limited = false;
    bbr_ack(&t, SW_S, 1000); /* none that ends a round trip */
    ck_assert(!t.b->full);
    rounds_of(1, (const uint64_t[]){1800});
    ck_assert(t.b->full);
    rounds_of(1, (const uint64_t[]){9000}); /* and so it stays */
    ck_assert(t.b->full);
    ck_assert_uint_eq(t.b->full_bw, 156300);
    bbr_end(&t);
}
END_TEST

START_TEST(a_full_pipe_is_drained_down_to_what_the_path_holds)
{
    bbr_settled(&t);
    t.b->mode = SW_BBR_STARTUP;
    t.b->pacing_gain = t.b->cwnd_gain = SW_BBR_HIGH_GAIN;
    t.s.flight_bytes = 15001; /* what holds is 10,000 and three quanta; another goes meanwhile */
    t.s.wait = SW_MS;         /* and 1,000 arrive */
    bbr_ack(&t, SW_S, 1000);
    ck_assert_int_eq(t.b->mode, SW_BBR_DRAIN);
    ck_assert_uint_eq(t.cc.ssthresh, 16000);
    ck_assert_uint_eq(t.b->pacing_gain, SW_BBR_DRAIN_GAIN);
    ck_assert_uint_eq(t.b->cwnd_gain, SW_BBR_HIGH_GAIN);
    t.s.flight_bytes = 17001; /* none goes now */
    bbr_ack(&t, SW_S + SW_MS, 1000);
    ck_assert_int_eq(t.b->mode, SW_BBR_DRAIN);
    t.s.flight_bytes = 17000;
    bbr_ack(&t, SW_S + SW_MS, 1000);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_BW);
    ck_assert_uint_eq(t.b->cwnd_gain, SW_BBR_CWND_GAIN);
    bbr_end(&t);
}
END_TEST

START_TEST(a_pipe_that_is_not_full_is_not_drained)
{
    bbr_begin(&t);
    t.s.flight_bytes = 1000;
    bbr_ack(&t, SW_S, 1000);
    ck_assert_int_eq(t.b->mode, SW_BBR_STARTUP);
    ck_assert_uint_eq(t.cc.ssthresh, SW_TCP_CWND_MAX);
    bbr_end(&t);
}
END_TEST

/* ---- PROBE_BW ---- */

START_TEST(a_cycle_begins_in_any_phase_but_the_one_that_drains)
{
    unsigned seen[SW_BBR_CYCLE] = {0};
    for (uint32_t salt = 0; salt < 7000; salt++) {
        bbr_settled(&t);
        t.b->mode = SW_BBR_DRAIN;
        t.s.salt = salt * 613567;
        bbr_ack(&t, SW_S, 1000);
        ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_BW);
        seen[t.b->cycle]++;
        bbr_end(&t);
    }
    for (unsigned i = 0; i < SW_BBR_CYCLE; i++) {
        if (i == 1) {
            ck_assert_uint_eq(seen[i], 0);
        } else {
            ck_assert_uint_gt(seen[i], 700);
            ck_assert_uint_lt(seen[i], 1300);
        }
    }
}
END_TEST

START_TEST(the_same_salt_draws_the_same_phases)
{
    bbr_settled(&t);
    t.s.salt = 2; /* an odd one is made of it: 0 stands for none yet */
    t.b->mode = SW_BBR_DRAIN;
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.b->draw, 1018897798); /* 3 * 1664525 + 1013904223 */
    ck_assert_uint_eq(t.b->cycle, 7);
    t.s.salt = 99; /* it has been taken */
    t.b->mode = SW_BBR_DRAIN;
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.b->draw, 1018897798u * 1664525u + 1013904223u);
    bbr_end(&t);
}
END_TEST

START_TEST(a_phase_lasts_a_shortest_round_trip)
{
    bbr_settled(&t);
    t.s.flight_bytes = 20000;
    bbr_ack(&t, SW_S + 10 * SW_MS, 1000);
    ck_assert_uint_eq(t.b->cycle, 2);
    bbr_ack(&t, SW_S + 10 * SW_MS + 1, 1000);
    ck_assert_uint_eq(t.b->cycle, 3);
    ck_assert_int_eq(t.b->cycle_at, SW_S + 10 * SW_MS + 1);
    ck_assert_uint_eq(t.b->pacing_gain, 256);
    for (unsigned i = 4; i < 8; i++) {
        bbr_ack(&t, t.b->cycle_at + 10 * SW_MS + 1, 1000);
        ck_assert_uint_eq(t.b->cycle, i);
        ck_assert_uint_eq(t.b->pacing_gain, 256);
    }
    bbr_ack(&t, t.b->cycle_at + 10 * SW_MS + 1, 1000);
    ck_assert_uint_eq(t.b->cycle, 0);
    ck_assert_uint_eq(t.b->pacing_gain, 320); /* 1.25 */
    bbr_end(&t);
}
END_TEST

START_TEST(the_phase_that_probes_lasts_until_a_quarter_more_is_out)
{
    bbr_settled(&t);
    bbr_phase(&t, 0);
    /* 12,500 and three quanta are 18,500, to an even number of segments 20,000, and a pair more; of
     * that a quantum goes now, and 1,000 arrive until then. The acknowledged were out, too. */
    t.s.wait = SW_MS;
    t.s.flight_bytes = 19999;
    bbr_ack(&t, SW_S + 20 * SW_MS, 1000);
    ck_assert_uint_eq(t.b->cycle, 0);
    t.s.flight_bytes = 20000;
    bbr_ack(&t, SW_S + 10 * SW_MS, 1000); /* but for a round trip at least */
    ck_assert_uint_eq(t.b->cycle, 0);
    bbr_ack(&t, SW_S + 20 * SW_MS, 1000);
    ck_assert_uint_eq(t.b->cycle, 1);
    ck_assert_uint_eq(t.b->pacing_gain, 192); /* 0.75 */
    bbr_end(&t);
}
END_TEST

START_TEST(loss_ends_the_phase_that_probes)
{
    bbr_settled(&t);
    bbr_phase(&t, 0);
    t.s.flight_bytes = 1000;
    t.s.rate.lost_bytes = 1;
    bbr_ack(&t, SW_S + 10 * SW_MS, 1000);
    ck_assert_uint_eq(t.b->cycle, 0);
    bbr_ack(&t, SW_S + 10 * SW_MS + 1, 1000);
    ck_assert_uint_eq(t.b->cycle, 1);
    bbr_end(&t);
}
END_TEST

START_TEST(the_phase_that_drains_ends_when_the_queue_is_gone)
{
    bbr_settled(&t);
    bbr_phase(&t, 1);
    t.s.wait = SW_MS;
    t.s.rate.lost_bytes = 2000; /* and these are out no more than before */
    t.s.flight_bytes = 14001;
    bbr_ack(&t, SW_S + SW_MS, 1000);
    ck_assert_uint_eq(t.b->cycle, 1);
    t.s.flight_bytes = 14000; /* with what the acknowledgement took 16,000 will be out */
    bbr_ack(&t, SW_S + SW_MS, 1000);
    ck_assert_uint_eq(t.b->cycle, 2);
    bbr_phase(&t, 1);
    t.s.flight_bytes = 20000;
    bbr_ack(&t, SW_S + 10 * SW_MS, 1000);
    ck_assert_uint_eq(t.b->cycle, 1);
    bbr_ack(&t, SW_S + 10 * SW_MS + 1, 1000); /* or after a round trip */
    ck_assert_uint_eq(t.b->cycle, 2);
    bbr_end(&t);
}
END_TEST

START_TEST(other_modes_have_no_phases)
{
    bbr_begin(&t);
    t.b->min_rtt = 10 * SW_MS;
    t.b->min_rtt_at = SW_S;
    bbr_ack(&t, 2 * SW_S, 1000);
    ck_assert_uint_eq(t.b->cycle, 0);
    ck_assert_int_eq(t.b->cycle_at, 0);
    bbr_end(&t);
}
END_TEST

/* ---- the shortest round trip, and PROBE_RTT ---- */

START_TEST(the_shortest_round_trip_counts)
{
    bbr_begin(&t);
    bbr_ack(&t, SW_S, 1000);
    ck_assert_int_eq(t.b->min_rtt, -1); /* none is known */
    t.s.rate.rtt = 12 * SW_MS;
    bbr_ack(&t, 2 * SW_S, 1000);
    ck_assert_int_eq(t.b->min_rtt, 12 * SW_MS);
    ck_assert_int_eq(t.b->min_rtt_at, 2 * SW_S);
    bbr_ack(&t, 3 * SW_S, 1000); /* as short is nothing new */
    ck_assert_int_eq(t.b->min_rtt_at, 2 * SW_S);
    t.s.rate.rtt = 12 * SW_MS - 1;
    bbr_ack(&t, 4 * SW_S, 1000);
    ck_assert_int_eq(t.b->min_rtt, 12 * SW_MS - 1);
    ck_assert_int_eq(t.b->min_rtt_at, 4 * SW_S);
    t.s.rate.rtt = 0; /* nor is this none */
    bbr_ack(&t, 5 * SW_S, 1000);
    ck_assert_int_eq(t.b->min_rtt, 0);
    t.s.rate.rtt = 5;
    bbr_ack(&t, 6 * SW_S, 1000);
    ck_assert_int_eq(t.b->min_rtt, 0);
    t.s.rate.rtt = -1;
    bbr_ack(&t, 16 * SW_S, 1000);
    ck_assert_int_eq(t.b->min_rtt, 0);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_RTT); /* after ten seconds a round trip of 0, too */
    bbr_end(&t);
}
END_TEST

START_TEST(after_ten_seconds_a_longer_one_counts_if_it_was_not_delayed)
{
    bbr_settled(&t);
    t.s.rate.rtt = 15 * SW_MS;
    bbr_ack(&t, 11 * SW_S, 1000);
    ck_assert_int_eq(t.b->min_rtt, 10 * SW_MS);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_BW);
    t.s.rate.delayed = true;
    t.s.flight_bytes = 20000;
    bbr_ack(&t, 11 * SW_S + 1, 1000);
    ck_assert_int_eq(t.b->min_rtt, 10 * SW_MS);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_RTT);
    t.s.rate.delayed = false;
    bbr_ack(&t, 11 * SW_S + 2, 1000);
    ck_assert_int_eq(t.b->min_rtt, 15 * SW_MS);
    ck_assert_int_eq(t.b->min_rtt_at, 11 * SW_S + 2);
    bbr_end(&t);
}
END_TEST

START_TEST(who_begins_again_after_a_pause_has_seen_the_path_empty)
{
    bbr_settled(&t);
    t.rate.limited_end = 1;
    t.cc.ops->restart(&t.cc, &t.rate, 12 * SW_S);
    bbr_ack(&t, 12 * SW_S, 0);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_BW);
    t.s.rate.known = true; /* until something is delivered */
    t.s.rate.delivered = 0;
    bbr_ack(&t, 12 * SW_S, 0);
    ck_assert(t.b->idle_restart);
    t.s.rate.known = false;
    t.s.rate.delivered = 1000;
    bbr_ack(&t, 12 * SW_S, 0);
    ck_assert(t.b->idle_restart);
    t.s.rate.known = true;
    t.s.rate.delivered = 1;
    bbr_ack(&t, 12 * SW_S, 0);
    ck_assert(!t.b->idle_restart);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_BW);
    bbr_ack(&t, 12 * SW_S, 0);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_RTT);
    bbr_end(&t);
}
END_TEST

START_TEST(probe_rtt_lasts_200_ms_and_a_round_trip_with_four_segments_out)
{
    bbr_settled(&t);
    t.s.flight_bytes = 4001;
    bbr_ack(&t, 12 * SW_S, 1000);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_RTT);
    ck_assert_uint_eq(t.cc.cwnd, 4000);
    ck_assert_uint_eq(t.b->pacing_gain, 256);
    ck_assert_uint_eq(t.b->prior_cwnd, 26000);
    /* What comes in it says little of the bandwidth. */
    ck_assert_uint_eq(t.rate.limited_end, t.rate.delivered + 4001);
    ck_assert_int_eq(t.b->probe_rtt_done, 0); /* still more out than four */
    t.s.flight_bytes = 4000;
    bbr_ack(&t, 13 * SW_S, 1000);
    ck_assert_int_eq(t.b->probe_rtt_done, 13200 * SW_MS);
    ck_assert_uint_eq(t.b->round_end, 2000);
    bbr_ack(&t, 14 * SW_S, 1000); /* late enough, but the round trip has not ended */
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_RTT);
    ck_assert_int_eq(t.b->probe_rtt_done, 13200 * SW_MS);
    t.b->probe_rtt_done = 15 * SW_S;
    bbr_round(&t, 14500 * SW_MS, 1000); /* it has, but not the time */
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_RTT);
    bbr_ack(&t, 15 * SW_S, 1000);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_RTT);
    bbr_ack(&t, 15 * SW_S + 1, 0);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_BW); /* and the window is what it was */
    ck_assert_uint_eq(t.cc.cwnd, 26000);
    ck_assert_int_eq(t.b->min_rtt_at, 15 * SW_S + 1);
    bbr_end(&t);
}
END_TEST

START_TEST(probe_rtt_begins_anew_each_time)
{
    bbr_settled(&t);
    t.b->probe_rtt_done = SW_S; /* of ten seconds ago */
    t.b->probe_rtt_round = true;
    t.s.flight_bytes = 4000;
    bbr_ack(&t, 12 * SW_S, 1000);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_RTT);
    ck_assert_int_eq(t.b->probe_rtt_done, 12200 * SW_MS);
    ck_assert(!t.b->probe_rtt_round);
    bbr_end(&t);
}
END_TEST

START_TEST(probe_rtt_leads_back_to_startup_if_the_pipe_was_not_full)
{
    bbr_settled(&t);
    t.b->full = false;
    t.b->mode = SW_BBR_PROBE_RTT;
    t.b->prior_cwnd = 9000;
    t.b->probe_rtt_done = 2 * SW_S;
    t.b->probe_rtt_round = true;
    t.cc.cwnd = 4000;
    bbr_ack(&t, 3 * SW_S, 1000);
    ck_assert_int_eq(t.b->mode, SW_BBR_STARTUP);
    ck_assert_uint_eq(t.b->pacing_gain, SW_BBR_HIGH_GAIN);
    ck_assert_uint_eq(t.b->cwnd_gain, SW_BBR_HIGH_GAIN);
    ck_assert_uint_eq(t.cc.cwnd, 10000); /* 9,000, and it grows */
    bbr_end(&t);
}
END_TEST

START_TEST(a_pause_ends_probe_rtt_if_its_time_is_over)
{
    bbr_settled(&t);
    t.b->mode = SW_BBR_PROBE_RTT;
    t.b->prior_cwnd = 26000;
    t.cc.cwnd = 4000;
    t.rate.limited_end = 1;
    t.cc.ops->restart(&t.cc, &t.rate, 2 * SW_S); /* it has not begun yet */
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_RTT);
    t.b->probe_rtt_done = 2 * SW_S;
    t.cc.ops->restart(&t.cc, &t.rate, 2 * SW_S);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_RTT);
    t.cc.ops->restart(&t.cc, &t.rate, 2 * SW_S + 1);
    ck_assert_int_eq(t.b->mode, SW_BBR_PROBE_BW);
    ck_assert_uint_eq(t.cc.cwnd, 26000);
    bbr_end(&t);
}
END_TEST

START_TEST(modes_have_names)
{
    ck_assert_str_eq(sw_tcp_bbr_mode_name(SW_BBR_STARTUP), "STARTUP");
    ck_assert_str_eq(sw_tcp_bbr_mode_name(SW_BBR_DRAIN), "DRAIN");
    ck_assert_str_eq(sw_tcp_bbr_mode_name(SW_BBR_PROBE_BW), "PROBE_BW");
    ck_assert_str_eq(sw_tcp_bbr_mode_name(SW_BBR_PROBE_RTT), "PROBE_RTT");
}
END_TEST

static TCase *of_bandwidth(void)
{
    TCase *tc = tcase_create("bandwidth");
    tcase_add_test(tc, the_best_bandwidth_counts_and_one_as_good_is_younger);
    tcase_add_test(tc, a_quarter_and_half_of_the_window_without_a_better_one_choose_younger_ones);
    tcase_add_test(tc, after_ten_round_trips_the_best_is_forgotten_and_the_second_counts);
    tcase_add_test(tc, where_the_second_is_too_old_as_well_the_third_counts);
    tcase_add_test(tc, where_all_are_too_old_what_comes_counts);
    tcase_add_test(tc, a_limited_sample_only_raises_the_estimate);
    tcase_add_test(tc, the_first_loss_begins_to_look_for_a_policer);
    tcase_add_test(tc, what_no_line_carries_is_bounded);
    tcase_add_test(tc, a_round_trip_ends_when_what_was_sent_after_the_last_is_delivered);
    return tc;
}

static TCase *of_modes(void)
{
    TCase *tc = tcase_create("modes");
    tcase_add_test(tc, three_round_trips_without_a_quarter_more_and_the_pipe_is_full);
    tcase_add_test(tc, a_full_pipe_is_drained_down_to_what_the_path_holds);
    tcase_add_test(tc, a_pipe_that_is_not_full_is_not_drained);
    tcase_add_test(tc, a_cycle_begins_in_any_phase_but_the_one_that_drains);
    tcase_add_test(tc, the_same_salt_draws_the_same_phases);
    tcase_add_test(tc, a_phase_lasts_a_shortest_round_trip);
    tcase_add_test(tc, the_phase_that_probes_lasts_until_a_quarter_more_is_out);
    tcase_add_test(tc, loss_ends_the_phase_that_probes);
    tcase_add_test(tc, the_phase_that_drains_ends_when_the_queue_is_gone);
    tcase_add_test(tc, other_modes_have_no_phases);
    tcase_add_test(tc, the_shortest_round_trip_counts);
    tcase_add_test(tc, after_ten_seconds_a_longer_one_counts_if_it_was_not_delayed);
    tcase_add_test(tc, who_begins_again_after_a_pause_has_seen_the_path_empty);
    tcase_add_test(tc, probe_rtt_lasts_200_ms_and_a_round_trip_with_four_segments_out);
    tcase_add_test(tc, probe_rtt_begins_anew_each_time);
    tcase_add_test(tc, probe_rtt_leads_back_to_startup_if_the_pipe_was_not_full);
    tcase_add_test(tc, a_pause_ends_probe_rtt_if_its_time_is_over);
    tcase_add_test(tc, modes_have_names);
    return tc;
}

int main(void)
{
    Suite *suite = suite_create("tcp_bbr");
    suite_add_tcase(suite, of_bandwidth());
    suite_add_tcase(suite, of_modes());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
