/* Steps within steps: at once, again and again, in the background; and the time they have. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/lan_scenario.h"

static struct sw_topo_step *no_loss(struct sw_topo_step *step)
{
    sw_scenario_number(step, SW_METRIC_LOSS, SW_UNIT_SHARE, 0, 0);
    return step;
}

static void took(struct sw_topo_step *step, sw_time most)
{
    sw_scenario_number(step, SW_METRIC_TOOK, SW_UNIT_TIME, 0, most);
}

/* ---- parallel ---- */

START_TEST(parallel_steps_begin_at_once_and_the_next_waits_for_the_last)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *all = sw_scenario_step(&s, SW_STEP_PARALLEL, "both");
    took(all, 3 * SW_S);
    no_loss(sw_scenario_child(&s, all, SW_STEP_PING, "a"));
    struct sw_topo_step *b = sw_scenario_child(&s, all, SW_STEP_PING, "b");
    b->count = 1;
    no_loss(b);
    no_loss(sw_scenario_step(&s, SW_STEP_PING, "c"));
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_uint_eq(s.dones, 1);
    ck_assert_uint_eq(s.count, 4);
    ck_assert_str_eq(s.log, "0 ms both; 0 ms a; 0 ms b; 2004 ms c; ");
    /* Each is told of when it ends: the shorter first, and behind them who waited for both. */
    ck_assert_str_eq(s.told[0].name, "b");
    ck_assert_str_eq(s.told[1].name, "a");
    ck_assert_str_eq(s.told[2].name, "both");
    ck_assert_str_eq(s.told[3].name, "c");
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_msg(s.told[i].passed, "%s: %s", s.told[i].name, s.told[i].seen);
    }
    ck_assert_int_eq(s.told[2].ended, s.told[1].ended);
    ck_assert_int_eq(strncmp(s.told[2].figure, "took 2.004 s", 12), 0);
    ck_assert_uint_eq(s.told[2].value_count, 1);
    ck_assert_str_eq(s.told[2].values[0].name, "took");
    ck_assert_int_eq(s.told[2].values[0].number, s.told[2].ended);
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(parallel_that_takes_too_long_fails_and_its_children_do_not)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *all = sw_scenario_step(&s, SW_STEP_PARALLEL, "both");
    took(all, 2 * SW_S);
    no_loss(sw_scenario_child(&s, all, SW_STEP_PING, "a"));
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_uint_eq(s.count, 2);
    ck_assert(s.told[0].passed);
    ck_assert(!s.told[1].passed);
    ck_assert_int_eq(strncmp(s.told[1].seen, "took 2.00", 9), 0);
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(a_failed_child_fails_alone)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *all = sw_scenario_step(&s, SW_STEP_PARALLEL, "both");
    took(all, 10 * SW_S);
    struct sw_topo_step *a = sw_scenario_child(&s, all, SW_STEP_PING, "a");
    sw_scenario_set(&a->to, "10.0.0.99");
    no_loss(a);
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_uint_eq(s.count, 2);
    ck_assert(!s.told[0].passed);
    ck_assert(s.told[1].passed);
    sw_scenario_fini(&s);
}
END_TEST

/* ---- repeat ---- */

START_TEST(repeat_plays_its_steps_in_order_again_and_again)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *all = sw_scenario_step(&s, SW_STEP_REPEAT, "thrice");
    all->times = 3;
    struct sw_topo_step *ping = sw_scenario_child(&s, all, SW_STEP_PING, "a");
    ping->count = 1;
    no_loss(ping);
    sw_scenario_child(&s, all, SW_STEP_WAIT, "b");
    sw_scenario_step(&s, SW_STEP_WAIT, "c");
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_uint_eq(s.dones, 1);
    ck_assert_str_eq(s.log, "0 ms thrice; 0 ms a (1 of 3); 6 ms b (1 of 3); 1006 ms a (2 of 3); "
                            "1010 ms b (2 of 3); 2010 ms a (3 of 3); 2014 ms b (3 of 3); "
                            "3014 ms c; ");
    ck_assert_uint_eq(s.count, 3);
    ck_assert_str_eq(s.told[0].name, "a (1 of 3)");
    ck_assert_str_eq(s.told[2].name, "a (3 of 3)");
    ck_assert_ptr_eq(s.told[2].step, s.told[0].step);
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(rounds_within_rounds_are_told_from_the_outside_in)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *outer = sw_scenario_step(&s, SW_STEP_REPEAT, "o");
    struct sw_topo_step *at_once = sw_scenario_child(&s, outer, SW_STEP_PARALLEL, "p");
    struct sw_topo_step *inner = sw_scenario_child(&s, at_once, SW_STEP_REPEAT, "i");
    sw_scenario_child(&s, inner, SW_STEP_WAIT, "w");
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_str_eq(s.log, "0 ms o; 0 ms p (1 of 2); 0 ms i (1 of 2); "
                            "0 ms w (1 of 2, 1 of 2); 1000 ms w (1 of 2, 2 of 2); "
                            "2000 ms p (2 of 2); 2000 ms i (2 of 2); "
                            "2000 ms w (2 of 2, 1 of 2); 3000 ms w (2 of 2, 2 of 2); ");
    ck_assert_int_eq(s.done_at, 4 * SW_S);
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(nothing_within_is_over_at_once)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    sw_scenario_step(&s, SW_STEP_REPEAT, "r")->times = 1000000;
    sw_scenario_step(&s, SW_STEP_PARALLEL, "p");
    sw_scenario_play(&s, 0);
    ck_assert_uint_eq(s.dones, 1);
    sw_scenario_fini(&s);
}
END_TEST

/* ---- the background ---- */

START_TEST(nobody_waits_for_a_step_in_the_background_and_it_ends_with_the_scenario)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *ping = sw_scenario_step(&s, SW_STEP_PING, "a");
    ping->background = true;
    ping->count = 1000;
    no_loss(ping);
    sw_scenario_step(&s, SW_STEP_WAIT, "b")->duration = 2001 * SW_MS;
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_str_eq(s.log, "0 ms a; 0 ms b; ");
    ck_assert_uint_eq(s.dones, 1);
    /* The third request was under way when it ended, and its reply is waited for. */
    ck_assert_int_eq(s.done_at / SW_US, 2004031);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_msg(s.told[0].passed, "%s", s.told[0].seen);
    ck_assert_int_eq(strncmp(s.told[0].figure, "3 sent, 3 received", 18), 0);
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(what_was_lost_of_a_step_in_the_background_counts)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *ping = sw_scenario_step(&s, SW_STEP_PING, "a");
    ping->background = true;
    ping->count = 1000;
    no_loss(ping);
    sw_scenario_step(&s, SW_STEP_WAIT, "b")->duration = 1500 * SW_MS;
    sw_scenario_action(&s, SW_ACTION_DOWN)->link = 0;
    sw_scenario_step(&s, SW_STEP_WAIT, "c");
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_uint_eq(s.count, 1);
    ck_assert(!s.told[0].passed);
    ck_assert_str_eq(s.told[0].seen, "loss 33.3 %");
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(a_flow_in_the_background_is_measured_up_to_the_end)
{
    struct sw_test_scenario s;
    for (unsigned i = 0; i < 3; i++) {
        sw_scenario_init(&s);
        struct sw_topo_step *flow = sw_scenario_step(&s, SW_STEP_IPERF, "a");
        flow->background = true;
        flow->duration = i == 1 ? 0 : 1000 * SW_S;
        flow->bytes = i == 1 ? UINT64_C(1) << 40 : 0;
        flow->udp = i == 2;
        flow->rate_bps = i == 2 ? 50000000 : 0;
        sw_scenario_number(flow, SW_METRIC_THROUGHPUT, SW_UNIT_RATE, i == 2 ? 49000000 : 93000000,
                           i == 2 ? 51000000 : 97000000);
        if (i == 2) {
            sw_scenario_number(flow, SW_METRIC_LOSS, SW_UNIT_SHARE, 0, 0);
        }
        sw_scenario_step(&s, SW_STEP_WAIT, "b")->duration = 3 * SW_S;
        sw_scenario_play(&s, 60 * SW_S);
        ck_assert_uint_eq(s.dones, 1);
        ck_assert_uint_eq(s.count, 1);
        ck_assert_msg(s.told[0].passed, "%u: %s", i, s.told[0].seen);
        ck_assert_int_ge(s.done_at, 3 * SW_S);
        ck_assert_int_le(s.done_at, 4100 * SW_MS); /* what is on its way comes to rest */
        sw_scenario_fini(&s);
    }
}
END_TEST

START_TEST(what_cannot_be_cut_short_fails_when_the_scenario_ends)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *http = sw_scenario_step(&s, SW_STEP_HTTP, "a");
    http->background = true;
    http->url = topo_text("http://10.0.0.99/");
    sw_scenario_text(http, SW_METRIC_RESULT, "unreachable");
    struct sw_topo_step *tcp = sw_scenario_step(&s, SW_STEP_TCP, "b");
    tcp->background = true;
    tcp->port = 7;
    sw_scenario_set(&tcp->to, "10.0.0.99");
    sw_scenario_text(tcp, SW_METRIC_RESULT, "unreachable");
    struct sw_topo_step *all = sw_scenario_step(&s, SW_STEP_PARALLEL, "c");
    all->background = true;
    took(all, SW_S);
    sw_scenario_child(&s, all, SW_STEP_WAIT, "d")->duration = 10 * SW_S;
    sw_scenario_step(&s, SW_STEP_WAIT, "e")->background = true; /* nobody wanted to know */
    sw_scenario_step(&s, SW_STEP_WAIT, "f")->duration = SW_MS;
    /* In its last instant: neither has begun to send. */
    struct sw_topo_step *late = sw_scenario_step(&s, SW_STEP_PING, "g");
    late->background = true;
    no_loss(late);
    late = sw_scenario_step(&s, SW_STEP_IPERF, "h");
    late->background = true;
    sw_scenario_number(late, SW_METRIC_THROUGHPUT, SW_UNIT_RATE, 0, INT64_MAX);
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_uint_eq(s.dones, 1);
    ck_assert_int_eq(s.done_at, SW_MS);
    ck_assert_uint_eq(s.count, 5);
    for (unsigned i = 0; i < 5; i++) {
        ck_assert(!s.told[i].passed);
        ck_assert_ptr_nonnull(strstr(s.told[i].seen, "the scenario ended first"));
    }
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(join_waits_for_a_step_in_the_background)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *ping = sw_scenario_step(&s, SW_STEP_PING, "a");
    ping->background = true;
    no_loss(ping);
    sw_scenario_step(&s, SW_STEP_WAIT, "b");
    sw_scenario_step(&s, SW_STEP_JOIN, "c")->target = 0;
    sw_scenario_step(&s, SW_STEP_WAIT, "d");
    sw_scenario_step(&s, SW_STEP_JOIN, "e")->target = 0; /* it has ended */
    sw_scenario_step(&s, SW_STEP_WAIT, "f");
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_str_eq(s.log, "0 ms a; 0 ms b; 1000 ms c; 2004 ms d; 3004 ms e; 3004 ms f; ");
    ck_assert_uint_eq(s.count, 1);
    ck_assert(s.told[0].passed);
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(a_join_whose_time_runs_out_fails)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *ping = sw_scenario_step(&s, SW_STEP_PING, "a");
    ping->background = true;
    ping->count = 100;
    struct sw_topo_step *join = sw_scenario_step(&s, SW_STEP_JOIN, "b");
    join->target = 0;
    join->timeout = 1500 * SW_MS;
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_uint_eq(s.dones, 1);
    ck_assert_int_eq(s.done_at, 1500 * SW_MS);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.told[0].name, "b");
    ck_assert(!s.told[0].passed);
    ck_assert_str_eq(s.told[0].seen, "its time ran out");
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(a_step_is_not_begun_while_it_is_still_played)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *all = sw_scenario_step(&s, SW_STEP_REPEAT, "r");
    sw_scenario_child(&s, all, SW_STEP_PING, "a")->background = true;
    sw_scenario_child(&s, all, SW_STEP_WAIT, "b");
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_uint_eq(s.dones, 1);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.told[0].name, "r");
    ck_assert_str_eq(s.told[0].seen, "'a' is still played in the background");
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(a_background_step_outlives_the_steps_around_it)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *all = sw_scenario_step(&s, SW_STEP_PARALLEL, "p");
    took(all, 0);
    struct sw_topo_step *ping = sw_scenario_child(&s, all, SW_STEP_PING, "a");
    ping->background = true;
    no_loss(ping);
    sw_scenario_step(&s, SW_STEP_WAIT, "b")->duration = 5 * SW_S;
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_uint_eq(s.count, 2);
    ck_assert_str_eq(s.told[0].name, "p");
    ck_assert(s.told[0].passed);
    ck_assert_str_eq(s.told[1].name, "a");
    ck_assert(s.told[1].passed);
    ck_assert_int_eq(s.told[1].ended / SW_MS, 2004);
    sw_scenario_fini(&s);
}
END_TEST

/* ---- time ---- */

START_TEST(when_the_time_of_steps_together_runs_out_they_end_and_fail)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *all = sw_scenario_step(&s, SW_STEP_PARALLEL, "p");
    all->timeout = 1500 * SW_MS;
    no_loss(sw_scenario_child(&s, all, SW_STEP_PING, "a"));
    struct sw_topo_step *again = sw_scenario_child(&s, all, SW_STEP_REPEAT, "r");
    sw_scenario_child(&s, again, SW_STEP_WAIT, "w");
    struct sw_topo_step *kept = sw_scenario_child(&s, all, SW_STEP_PING, "k");
    kept->background = true;
    no_loss(kept);
    no_loss(sw_scenario_step(&s, SW_STEP_PING, "next"));
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_uint_eq(s.dones, 1);
    ck_assert_uint_eq(s.count, 4);
    ck_assert_str_eq(s.told[0].name, "a");
    ck_assert_str_eq(s.told[0].seen, "no loss: the time of the steps around it ran out");
    ck_assert_str_eq(s.told[1].name, "p");
    ck_assert(!s.told[1].passed);
    ck_assert_str_eq(s.told[1].expected, "its end");
    ck_assert_str_eq(s.told[1].seen, "its time ran out");
    ck_assert_int_eq(s.told[1].ended, 1500 * SW_MS);
    ck_assert_str_eq(s.told[2].name, "k"); /* nobody waits for it, so nobody's time is its own */
    ck_assert(s.told[2].passed);
    ck_assert_str_eq(s.told[3].name, "next");
    ck_assert(s.told[3].passed);
    ck_assert_int_eq(s.told[3].began, 1500 * SW_MS);
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(what_ends_in_the_moment_its_time_does_has_ended)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *all = sw_scenario_step(&s, SW_STEP_REPEAT, "r");
    all->timeout = 2 * SW_S;
    sw_scenario_child(&s, all, SW_STEP_WAIT, "w");
    sw_scenario_play(&s, 60 * SW_S);
    ck_assert_uint_eq(s.dones, 1);
    ck_assert_uint_eq(s.count, 0);
    ck_assert_int_eq(s.done_at, 2 * SW_S);
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(each_open_step_says_what_it_waits_for)
{
    struct sw_test_scenario s;
    char text[512];
    sw_scenario_init(&s);
    struct sw_topo_step *ping = sw_scenario_step(&s, SW_STEP_PING, "a");
    ping->background = true;
    struct sw_topo_step *all = sw_scenario_step(&s, SW_STEP_PARALLEL, "p");
    sw_scenario_child(&s, all, SW_STEP_JOIN, "j")->target = 0;
    sw_scenario_child(&s, all, SW_STEP_WAIT, "w")->duration = 9 * SW_S;
    struct sw_topo_step *tcp = sw_scenario_child(&s, all, SW_STEP_TCP, "t");
    sw_scenario_set(&tcp->to, "10.0.0.99");
    tcp->port = 7;
    struct sw_topo_step *iperf = sw_scenario_child(&s, all, SW_STEP_IPERF, "i");
    iperf->duration = 20 * SW_S;
    iperf->rate_bps = 10000000; /* it leaves room for a ping */
    sw_scenario_play(&s, 0);
    sw_test_run(&s.world, 1500 * SW_MS);
    sw_player_waits_for(s.player, text, sizeof text);
    char *flow = strstr(text, "; i: ");
    ck_assert_ptr_nonnull(flow);
    ck_assert_ptr_nonnull(strstr(flow, " B received"));
    *flow = 0;
    ck_assert_str_eq(text, "a: 2 of 3 replies; j: the end of 'a'; w: until 9.000 s; "
                           "t: no connection yet");
    sw_player_waits_for(s.player, text, 8); /* cut, and no further */
    ck_assert_str_eq(text, "a: 2 of");
    sw_test_run(&s.world, 60 * SW_S);
    sw_player_waits_for(s.player, text, sizeof text);
    ck_assert_str_eq(text, "nothing");
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(it_may_be_freed_amid_any_tree)
{
    for (unsigned i = 0; i < 12; i++) {
        struct sw_test_scenario s;
        sw_scenario_init(&s);
        struct sw_topo_step *ping = sw_scenario_step(&s, SW_STEP_PING, "a");
        ping->background = true;
        struct sw_topo_step *all = sw_scenario_step(&s, SW_STEP_REPEAT, "r");
        struct sw_topo_step *both = sw_scenario_child(&s, all, SW_STEP_PARALLEL, "p");
        sw_scenario_child(&s, both, SW_STEP_IPERF, "i")->duration = 500 * SW_MS;
        sw_scenario_child(&s, both, SW_STEP_UDP, "u")->port = 7;
        sw_scenario_child(&s, both, SW_STEP_TCP, "t")->port = 7;
        sw_scenario_step(&s, SW_STEP_JOIN, "j")->target = 0;
        s.free_when_done = true;
        sw_scenario_play(&s, i * i * 20 * SW_MS);
        ck_assert_uint_eq(s.dones, i * i * 20 >= 2005);
        sw_scenario_fini(&s);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("player tree");
    TCase *tc = tcase_create("trees");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, parallel_steps_begin_at_once_and_the_next_waits_for_the_last);
    tcase_add_test(tc, parallel_that_takes_too_long_fails_and_its_children_do_not);
    tcase_add_test(tc, a_failed_child_fails_alone);
    tcase_add_test(tc, repeat_plays_its_steps_in_order_again_and_again);
    tcase_add_test(tc, rounds_within_rounds_are_told_from_the_outside_in);
    tcase_add_test(tc, nothing_within_is_over_at_once);
    tcase_add_test(tc, nobody_waits_for_a_step_in_the_background_and_it_ends_with_the_scenario);
    tcase_add_test(tc, what_was_lost_of_a_step_in_the_background_counts);
    tcase_add_test(tc, a_flow_in_the_background_is_measured_up_to_the_end);
    tcase_add_test(tc, what_cannot_be_cut_short_fails_when_the_scenario_ends);
    tcase_add_test(tc, join_waits_for_a_step_in_the_background);
    tcase_add_test(tc, a_join_whose_time_runs_out_fails);
    tcase_add_test(tc, a_step_is_not_begun_while_it_is_still_played);
    tcase_add_test(tc, a_background_step_outlives_the_steps_around_it);
    tcase_add_test(tc, when_the_time_of_steps_together_runs_out_they_end_and_fail);
    tcase_add_test(tc, what_ends_in_the_moment_its_time_does_has_ended);
    tcase_add_test(tc, each_open_step_says_what_it_waits_for);
    tcase_add_test(tc, it_may_be_freed_amid_any_tree);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
