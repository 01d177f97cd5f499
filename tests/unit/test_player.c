/* Scenarios, played over a LAN of two hosts on a switch, in virtual time. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/lan_scenario.h"

static const struct sw_topo_expect no_loss = {.metric = SW_METRIC_LOSS, .unit = SW_UNIT_SHARE};
static const struct sw_topo_expect ok_status = {
    .metric = SW_METRIC_STATUS, .unit = SW_UNIT_COUNT, .lo = 200, .hi = 200};
static const struct sw_topo_expect some = {
    .metric = SW_METRIC_THROUGHPUT, .unit = SW_UNIT_RATE, .lo = 1, .hi = INT64_MAX};

START_TEST(steps_follow_each_other_and_each_is_a_check)
{
    struct sw_test_scenario f;
    sw_scenario_init(&f);
    sw_scenario_expect(sw_scenario_step(&f, SW_STEP_PING, "step 1"), no_loss, "0 %", 11);
    struct sw_topo_step *http = sw_scenario_step(&f, SW_STEP_HTTP, "step 2");
    http->url = topo_text("http://web/");
    sw_scenario_expect(http, ok_status, "200", 21);
    sw_scenario_expect(sw_scenario_step(&f, SW_STEP_IPERF, "step 3"), some, "> 0", 31);
    sw_scenario_play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_uint_eq(f.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_msg(f.told[i].passed, "%s: %s", f.told[i].name, f.told[i].seen);
        ck_assert_str_eq(f.told[i].expected, "");
        ck_assert_str_eq(f.told[i].seen, "");
        ck_assert(i == 0 || f.told[i].began == f.told[i - 1].ended);
    }
    ck_assert_str_eq(f.told[0].name, "step 1");
    ck_assert_int_eq(f.told[0].began, 0);
    /* Two cables each way, and two frames of 98 bytes in 7.84 us each; the first waited 2 ms for
     * web to announce itself. */
    ck_assert_str_eq(f.told[0].figure, "3 sent, 3 received, rtt 4.031/4.700/6.038 ms");
    ck_assert_int_eq(strncmp(f.told[1].figure, "200, 6 B in 8.", 14), 0);
    ck_assert_int_eq(strncmp(f.told[2].figure, "9", 1), 0);
    ck_assert_ptr_nonnull(strstr(f.told[2].figure, " Mbit/s, "));
    ck_assert_ptr_nonnull(strstr(f.told[2].figure, ", 0 retransmits"));
    sw_scenario_fini(&f);
}
END_TEST

START_TEST(a_failed_check_tells_its_first_failure_and_the_scenario_goes_on)
{
    struct sw_test_scenario f;
    sw_scenario_init(&f);
    struct sw_topo_step *ping = sw_scenario_step(&f, SW_STEP_PING, "the line is quick");
    sw_scenario_expect(ping, no_loss, "0 %", 11);
    sw_scenario_expect(
        ping,
        (struct sw_topo_expect){
            .metric = SW_METRIC_RTT_MIN, .unit = SW_UNIT_TIME, .lo = INT64_MIN, .hi = SW_MS - 1},
        "< 1 ms", 12);
    sw_scenario_expect(ping, (struct sw_topo_expect){.metric = SW_METRIC_REPLIES, .lo = 9, .hi = 9},
                       "9", 13);
    sw_scenario_expect(sw_scenario_step(&f, SW_STEP_PING, "again"), no_loss, "0 %", 21);
    sw_scenario_play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.count, 2);
    ck_assert(!f.told[0].passed);
    ck_assert_str_eq(f.told[0].expected, "rtt-min < 1 ms");
    ck_assert_str_eq(f.told[0].seen, "rtt-min 4.031 ms");
    ck_assert_uint_eq(f.told[0].where.line, 12);
    ck_assert(f.told[1].passed);
    ck_assert_uint_eq(f.told[1].where.line, 20); /* of a passed one: the step */
    sw_scenario_fini(&f);
}
END_TEST

START_TEST(a_default_that_failed_is_told_at_its_step)
{
    struct sw_test_scenario f;
    sw_scenario_init(&f);
    struct sw_topo_step *ping = sw_scenario_step(&f, SW_STEP_PING, "nobody");
    free(ping->to);
    ping->to = topo_text("10.0.0.99");
    sw_scenario_expect(ping, no_loss, "0 %", 0);
    sw_scenario_play(&f, 60 * SW_S);
    ck_assert(!f.told[0].passed);
    ck_assert_str_eq(f.told[0].expected, "loss 0 %");
    ck_assert_str_eq(f.told[0].seen, "loss 100 % (unreachable)");
    ck_assert_uint_eq(f.told[0].where.line, 10);
    sw_scenario_fini(&f);
}
END_TEST

START_TEST(a_step_that_expects_nothing_is_no_check)
{
    struct sw_test_scenario f;
    sw_scenario_init(&f);
    sw_scenario_step(&f, SW_STEP_WAIT, "wait 1");
    sw_scenario_step(&f, SW_STEP_PING, "ping");
    sw_scenario_play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_uint_eq(f.count, 0);
    sw_scenario_fini(&f);
}
END_TEST

START_TEST(a_wait_lasts_for_a_span_or_until_a_time)
{
    struct sw_test_scenario f;
    sw_scenario_init(&f);
    sw_scenario_step(&f, SW_STEP_WAIT, "wait 1")->duration = 1500 * SW_MS;
    sw_scenario_step(&f, SW_STEP_WAIT, "wait 2")->until = 4 * SW_S;
    sw_scenario_step(&f, SW_STEP_WAIT, "wait 3")->until = 2 * SW_S; /* past: at once */
    sw_scenario_expect(sw_scenario_step(&f, SW_STEP_PING, "ping"), no_loss, "0 %", 41);
    sw_scenario_play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.count, 1);
    ck_assert_int_eq(f.told[0].began, 4 * SW_S);
    sw_scenario_fini(&f);
}
END_TEST

START_TEST(a_body_is_compared)
{
    struct sw_test_scenario f;
    sw_scenario_init(&f);
    static const char *const bodies[] = {"hello", "/^h.*o/", "goodbye"};
    for (unsigned i = 0; i < 3; i++) {
        struct sw_topo_step *http = sw_scenario_step(&f, SW_STEP_HTTP, "http");
        http->url = topo_text(i ? "http://10.0.0.1:80/x?y" : "http://web");
        sw_scenario_expect(http,
                           (struct sw_topo_expect){.metric = SW_METRIC_BODY,
                                                   .unit = SW_UNIT_TEXT,
                                                   .text = (char *)bodies[i]},
                           bodies[i], 1);
    }
    sw_scenario_play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.count, 3);
    ck_assert(f.told[0].passed);
    ck_assert(f.told[1].passed);
    ck_assert(!f.told[2].passed);
    ck_assert_str_eq(f.told[2].expected, "body goodbye");
    ck_assert_str_eq(f.told[2].seen, "body \"hello.\"");
    sw_scenario_fini(&f);
}
END_TEST

START_TEST(what_cannot_begin_fails_its_check_and_says_why)
{
    struct sw_test_scenario f;
    sw_scenario_init(&f);
    struct sw_topo_step *s = sw_scenario_step(&f, SW_STEP_PING, "1");
    free(s->to);
    s->to = topo_text("mute");
    sw_scenario_expect(s, no_loss, "0 %", 0);
    s = sw_scenario_step(&f, SW_STEP_PING, "2");
    free(s->from);
    s->from = topo_text("nobody");
    sw_scenario_expect(s, no_loss, "0 %", 0);
    s = sw_scenario_step(&f, SW_STEP_HTTP, "3");
    s->url = topo_text("ftp://web/");
    sw_scenario_expect(s, ok_status, "200", 0);
    s = sw_scenario_step(&f, SW_STEP_IPERF, "4");
    free(s->to);
    s->to = topo_text("10.0.0.1");
    sw_scenario_expect(s, some, "> 0", 0);
    s = sw_scenario_step(&f, SW_STEP_HTTP, "5");
    s->url = topo_text("http://wbe/");
    sw_scenario_expect(s, ok_status, "200", 0);
    s = sw_scenario_step(&f, SW_STEP_PING, "6");
    s->count = 0;
    sw_scenario_expect(s, no_loss, "0 %", 0);
    sw_scenario_play(&f, 60 * SW_S);
    static const char *const why[] = {"host 'mute' has no address",
                                      "there is no host 'nobody'",
                                      "'ftp://web/' is no http URL",
                                      "there is no host '10.0.0.1'",
                                      "'wbe' is neither a host nor an address",
                                      "it could not begin: bad settings"};
    ck_assert_uint_eq(f.count, 6);
    for (unsigned i = 0; i < 6; i++) {
        ck_assert(!f.told[i].passed);
        ck_assert_str_eq(f.told[i].figure, why[i]);
    }
    ck_assert_str_eq(f.told[0].seen, "no loss: host 'mute' has no address");
    ck_assert_uint_eq(f.dones, 1);
    sw_scenario_fini(&f);
}
END_TEST

START_TEST(results_of_http_without_an_answer)
{
    struct sw_test_scenario f;
    sw_scenario_init(&f);
    struct sw_topo_step *http = sw_scenario_step(&f, SW_STEP_HTTP, "refused");
    http->url = topo_text("http://web:81/");
    sw_scenario_expect(http,
                       (struct sw_topo_expect){.metric = SW_METRIC_RESULT,
                                               .unit = SW_UNIT_TEXT,
                                               .text = (char *)"refused"},
                       "refused", 1);
    http = sw_scenario_step(&f, SW_STEP_HTTP, "no route");
    http->url = topo_text("http://192.168.0.1/");
    sw_scenario_expect(http,
                       (struct sw_topo_expect){.metric = SW_METRIC_RESULT,
                                               .unit = SW_UNIT_TEXT,
                                               .text = (char *)"unreachable"},
                       "unreachable", 1);
    sw_scenario_play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.count, 2);
    ck_assert_msg(f.told[0].passed, "%s", f.told[0].seen);
    ck_assert_msg(f.told[1].passed, "%s", f.told[1].seen);
    sw_scenario_fini(&f);
}
END_TEST

START_TEST(an_unfinished_scenario_says_what_it_waits_for)
{
    struct sw_test_scenario f;
    char text[128];
    sw_scenario_init(&f);
    sw_scenario_step(&f, SW_STEP_PING, "step 1: ping client web");
    sw_scenario_step(&f, SW_STEP_WAIT, "step 2: wait")->until = 9 * SW_S;
    struct sw_topo_step *http = sw_scenario_step(&f, SW_STEP_HTTP, "step 3: http");
    http->url = topo_text("http://web/");
    sw_scenario_play(&f, 1500 * SW_MS);
    sw_player_waits_for(f.player, text, sizeof text);
    ck_assert_str_eq(text, "step 1: ping client web: 2 of 3 replies");
    sw_test_run(&f.world, 3 * SW_S);
    sw_player_waits_for(f.player, text, sizeof text);
    ck_assert_str_eq(text, "step 2: wait: until 9.000 s");
    sw_test_run(&f.world, 9 * SW_S + SW_MS);
    sw_player_waits_for(f.player, text, sizeof text);
    ck_assert_str_eq(text, "step 3: http: no answer yet");
    sw_test_run(&f.world, 20 * SW_S);
    sw_player_waits_for(f.player, text, sizeof text);
    ck_assert_str_eq(text, "nothing");
    sw_scenario_fini(&f);
}
END_TEST

START_TEST(no_steps_are_a_scenario_that_ends_at_once)
{
    struct sw_test_scenario f;
    sw_scenario_init(&f);
    sw_scenario_play(&f, 0);
    ck_assert_uint_eq(f.dones, 1);
    sw_scenario_fini(&f);
}
END_TEST

START_TEST(it_may_be_freed_in_its_end_and_amid_any_step)
{
    struct sw_test_scenario f;
    sw_scenario_init(&f);
    f.free_when_done = true;
    sw_scenario_step(&f, SW_STEP_PING, "ping");
    sw_scenario_play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    sw_scenario_fini(&f);
    static const enum sw_step_kind kinds[] = {SW_STEP_PING, SW_STEP_IPERF, SW_STEP_HTTP,
                                              SW_STEP_WAIT};
    for (unsigned i = 0; i < 4; i++) {
        sw_scenario_init(&f);
        sw_scenario_step(&f, kinds[i], "cut")->url = topo_text("http://web/");
        sw_scenario_play(&f, 5 * SW_MS);
        ck_assert_uint_eq(f.dones, 0);
        sw_scenario_fini(&f);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("player");
    TCase *tc = tcase_create("scenarios");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, steps_follow_each_other_and_each_is_a_check);
    tcase_add_test(tc, a_failed_check_tells_its_first_failure_and_the_scenario_goes_on);
    tcase_add_test(tc, a_default_that_failed_is_told_at_its_step);
    tcase_add_test(tc, a_step_that_expects_nothing_is_no_check);
    tcase_add_test(tc, a_wait_lasts_for_a_span_or_until_a_time);
    tcase_add_test(tc, a_body_is_compared);
    tcase_add_test(tc, what_cannot_begin_fails_its_check_and_says_why);
    tcase_add_test(tc, results_of_http_without_an_answer);
    tcase_add_test(tc, an_unfinished_scenario_says_what_it_waits_for);
    tcase_add_test(tc, no_steps_are_a_scenario_that_ends_at_once);
    tcase_add_test(tc, it_may_be_freed_in_its_end_and_amid_any_step);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
