/* What each kind of step does and measures, and that each expectation can fail: tcp, udp, counter,
 * table, capture, actions. (ping, iperf, http and wait: test_player.c.) */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/lan_scenario.h"

static struct sw_topo_step *talk(struct sw_test_scenario *s, enum sw_step_kind kind, uint16_t port,
                                 const char *send)
{
    struct sw_topo_step *step = sw_scenario_step(s, kind, "talk");
    step->port = port;
    step->send = send ? topo_text(send) : NULL;
    return step;
}

static struct sw_topo_step *ask(struct sw_test_scenario *s, enum sw_step_kind kind,
                                enum sw_object_kind of, size_t index, unsigned end)
{
    struct sw_topo_step *step = sw_scenario_step(s, kind, "ask");
    step->of = (struct sw_topo_object){.kind = of, .index = index, .end = end};
    return step;
}

static void count(struct sw_topo_step *step, enum sw_metric metric, int64_t number)
{
    sw_scenario_number(step, metric, SW_UNIT_COUNT, number, number);
}

static void ping(struct sw_test_scenario *s, uint32_t times)
{
    sw_scenario_step(s, SW_STEP_PING, "ping")->count = times;
}

/* Plays, and checks which of the checks passed: "ok FAIL ok". */
static void verdicts(struct sw_test_scenario *s, const char *right)
{
    char got[256] = "", seen[1024] = "";
    sw_scenario_play(s, 120 * SW_S);
    ck_assert_uint_eq(s->dones, 1);
    for (unsigned i = 0; i < s->count; i++) {
        size_t n = strlen(got), m = strlen(seen);
        snprintf(got + n, sizeof got - n, "%s%s", i ? " " : "", s->told[i].passed ? "ok" : "FAIL");
        snprintf(seen + m, sizeof seen - m, "; %s, %s", s->told[i].figure, s->told[i].seen);
    }
    ck_assert_msg(strcmp(got, right) == 0, "%s%s", got, seen);
}

/* ---- tcp and udp ---- */

START_TEST(tcp_compares_what_it_received)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    static const char *const texts[] = {
        "hello",
        "hello\n",
        "/^h.l+o$/",
        "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        "hell",
        "/x/",
        "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9825"};
    for (unsigned i = 0; i < 7; i++) {
        struct sw_topo_step *step = talk(&s, SW_STEP_TCP, 7, "hello");
        sw_scenario_text(step, SW_METRIC_RECEIVE, texts[i]);
        sw_scenario_text(step, SW_METRIC_RESULT, "ok");
    }
    verdicts(&s, "ok ok ok ok FAIL FAIL FAIL");
    ck_assert_str_eq(s.told[4].expected, "receive hell");
    ck_assert_str_eq(s.told[4].seen, "receive \"hello\"");
    ck_assert_str_eq(s.told[6].seen, "sha256 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e7304"
                                     "3362938b9824");
    ck_assert_uint_eq(s.told[4].verdict_count, 2);
    ck_assert_uint_eq(s.told[4].held, 2); /* the second one did */
    ck_assert_int_eq(strncmp(s.told[4].figure, "5 B in 8.", 9), 0);
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(results_of_tcp)
{
    static const struct {
        const char *to, *result;
        uint16_t port;
    } cases[] = {{"web", "ok", 7},
                 {"web", "refused", 81},
                 {"10.0.0.99", "unreachable", 7},
                 {"192.168.7.7", "unreachable", 7},
                 {"web", "refused", 7},
                 {"web", "ok", 81},
                 {"10.0.0.99", "timeout", 7}};
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    for (unsigned i = 0; i < 7; i++) {
        struct sw_topo_step *step = talk(&s, SW_STEP_TCP, cases[i].port, "hello");
        sw_scenario_set(&step->to, cases[i].to);
        sw_scenario_text(step, SW_METRIC_RESULT, cases[i].result);
    }
    verdicts(&s, "ok ok ok ok FAIL FAIL FAIL");
    ck_assert_str_eq(s.told[4].seen, "result ok");
    ck_assert_str_eq(s.told[5].seen, "result refused");
    ck_assert_str_eq(s.told[6].seen, "result unreachable");
    ck_assert_int_eq(strncmp(s.told[2].figure, "unreachable after 3.000 s", 25), 0);
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(results_of_udp)
{
    static const struct {
        const char *to, *result;
        uint16_t port;
    } cases[] = {{"web", "ok", 7},
                 {"web", "unreachable", 9000},
                 {"10.0.0.99", "unreachable", 7},
                 {"web", "ok", 9000},
                 {"web", "timeout", 7}};
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    for (unsigned i = 0; i < 5; i++) {
        struct sw_topo_step *step = talk(&s, SW_STEP_UDP, cases[i].port, "hello");
        sw_scenario_set(&step->to, cases[i].to);
        sw_scenario_text(step, SW_METRIC_RESULT, cases[i].result);
        if (i == 0) {
            sw_scenario_text(step, SW_METRIC_RECEIVE, "hello");
        }
    }
    verdicts(&s, "ok ok ok FAIL FAIL");
    sw_scenario_fini(&s);
}
END_TEST

/* After a ping, so that ARP has an answer, the line is cut. */
START_TEST(their_time_runs_out__ten_seconds_unless_said)
{
    for (unsigned i = 0; i < 3; i++) {
        struct sw_test_scenario s;
        sw_time timeout = i ? 2 * SW_S : 10 * SW_S;
        sw_scenario_init(&s);
        ping(&s, 1);
        sw_scenario_action(&s, SW_ACTION_DOWN)->link = 0;
        struct sw_topo_step *step = talk(&s, i < 2 ? SW_STEP_UDP : SW_STEP_TCP, 7, "hello");
        step->timeout = i ? timeout : 0;
        sw_scenario_text(step, SW_METRIC_RESULT, "timeout");
        sw_scenario_number(step, SW_METRIC_TOOK, SW_UNIT_TIME, timeout, timeout);
        verdicts(&s, "ok");
        sw_scenario_fini(&s);
    }
}
END_TEST

START_TEST(they_may_take_too_long)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    for (unsigned i = 0; i < 2; i++) {
        struct sw_topo_step *step = talk(&s, i ? SW_STEP_UDP : SW_STEP_TCP, 7, "hello");
        sw_scenario_number(step, SW_METRIC_TOOK, SW_UNIT_TIME, 0, SW_MS);
    }
    verdicts(&s, "FAIL FAIL");
    ck_assert_int_eq(strncmp(s.told[1].seen, "took 4.", 7), 0);
    sw_scenario_fini(&s);
}
END_TEST

/* ---- counter ---- */

START_TEST(a_counter_is_read_when_its_turn_comes)
{
    static const struct {
        enum sw_object_kind of;
        const char *name;
        size_t index;
        unsigned end;
        int64_t before, after;
    } cases[] = {{SW_OBJECT_HOST, "frames-out", 0, 0, 1, 5},
                 {SW_OBJECT_SWITCH, "frames-in", 0, 0, 2, 10},
                 {SW_OBJECT_LINK, "frames-in", 0, 0, 2, 10},
                 {SW_OBJECT_PORT, "frames-in", 0, 0, 1, 5},
                 {SW_OBJECT_PORT, "bytes-out", 0, 1, 42, 42 + 42 + 3 * 98}};
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    sw_scenario_step(&s, SW_STEP_WAIT, "wait");
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 5; i++) {
            struct sw_topo_step *step =
                ask(&s, SW_STEP_COUNTER, cases[i].of, cases[i].index, cases[i].end);
            step->counter = topo_text(cases[i].name);
            count(step, SW_METRIC_VALUE, round ? cases[i].after : cases[i].before);
        }
        ping(&s, 3);
    }
    verdicts(&s, "ok ok ok ok ok ok ok ok ok ok");
    ck_assert_str_eq(s.told[9].figure, "378");
    ck_assert_str_eq(s.told[9].values[0].name, "value");
    ck_assert_int_eq(s.told[9].values[0].number, 378);
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(a_counter_may_say_something_else_and_one_that_is_none_fails)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *step = ask(&s, SW_STEP_COUNTER, SW_OBJECT_HOST, 0, 0);
    step->counter = topo_text("retransmits");
    sw_scenario_number(step, SW_METRIC_VALUE, SW_UNIT_COUNT, 1, INT64_MAX);
    step = ask(&s, SW_STEP_COUNTER, SW_OBJECT_HOST, 0, 0);
    step->counter = topo_text("flooded"); /* of a switch */
    verdicts(&s, "FAIL FAIL");
    ck_assert_str_eq(s.told[0].seen, "value 0");
    ck_assert_str_eq(s.told[1].seen, "there is no counter 'flooded'");
    sw_scenario_fini(&s);
}
END_TEST

/* ---- table ---- */

START_TEST(the_table_of_a_switch_has_stations)
{
    struct sw_test_scenario s;
    char mac[SW_MAC_TEXT];
    sw_scenario_init(&s);
    sw_mac_emit(sw_mac_from_names("office", "web", "eth0"), mac);
    ping(&s, 1);
    for (unsigned i = 0; i < 9; i++) {
        struct sw_topo_step *step = ask(&s, SW_STEP_TABLE, SW_OBJECT_SWITCH, 0, 0);
        static const char *const has[] = {"web", "client", "mute", "02:00:00:00:00:01"};
        if (i < 4) {
            sw_scenario_text(step, SW_METRIC_HAS, has[i]);
        } else if (i < 8) {
            sw_scenario_text(step, SW_METRIC_LACKS, has[i - 4]);
        } else {
            sw_scenario_text(step, SW_METRIC_HAS, mac);
            count(step, SW_METRIC_ENTRIES, 2);
        }
    }
    sw_scenario_step(&s, SW_STEP_WAIT, "wait")->duration = 300 * SW_S;
    count(ask(&s, SW_STEP_TABLE, SW_OBJECT_SWITCH, 0, 0), SW_METRIC_ENTRIES, 0); /* too old */
    count(ask(&s, SW_STEP_TABLE, SW_OBJECT_SWITCH, 0, 0), SW_METRIC_ENTRIES, 2);
    sw_scenario_play(&s, 400 * SW_S);
    static const bool right[] = {true, true, false, false, false, false,
                                 true, true, true,  true,  false};
    ck_assert_uint_eq(s.count, 11);
    for (unsigned i = 0; i < 11; i++) {
        ck_assert_msg(s.told[i].passed == right[i], "%u: %s", i, s.told[i].seen);
    }
    ck_assert_str_eq(s.told[2].expected, "has mute");
    ck_assert_str_eq(s.told[2].seen, "it lacks mute");
    ck_assert_str_eq(s.told[4].seen, "it has web");
    ck_assert_str_eq(s.told[8].figure, "2 entries");
    ck_assert_str_eq(s.told[10].seen, "entries 0");
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(the_table_of_a_host_has_neighbours_that_answered)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    ping(&s, 1);
    sw_scenario_set(&sw_scenario_step(&s, SW_STEP_PING, "nobody")->to, "10.0.0.99");
    static const char *const has[] = {"web", "10.0.0.1", "10.0.0.99", "client", "nonsense"};
    for (unsigned i = 0; i < 10; i++) {
        struct sw_topo_step *step = ask(&s, SW_STEP_TABLE, SW_OBJECT_HOST, 1, 0);
        sw_scenario_text(step, i < 5 ? SW_METRIC_HAS : SW_METRIC_LACKS, has[i % 5]);
    }
    count(ask(&s, SW_STEP_TABLE, SW_OBJECT_HOST, 1, 0), SW_METRIC_ENTRIES, 1);
    struct sw_topo_step *asks = sw_scenario_step(&s, SW_STEP_PING, "asks");
    asks->background = true;
    sw_scenario_set(&asks->to, "10.0.0.98");
    sw_scenario_step(&s, SW_STEP_WAIT, "a while");
    struct sw_topo_step *asked = ask(&s, SW_STEP_TABLE, SW_OBJECT_HOST, 1, 0);
    sw_scenario_text(asked, SW_METRIC_LACKS, "10.0.0.98"); /* not yet */
    count(asked, SW_METRIC_ENTRIES, 1);
    verdicts(&s, "ok ok FAIL FAIL FAIL FAIL FAIL ok ok ok ok ok");
    sw_scenario_fini(&s);
}
END_TEST

/* ---- capture ---- */

static struct sw_topo_step *capture(struct sw_test_scenario *s, enum sw_object_kind on, size_t link,
                                    unsigned end, enum sw_match_kind match, int64_t frames)
{
    struct sw_topo_step *step = ask(s, SW_STEP_CAPTURE, on, link, end);
    step->match.kind = match;
    count(step, SW_METRIC_FRAMES, frames);
    return step;
}

START_TEST(a_capture_counts_what_was_seen_since_the_last)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    ping(&s, 3);
    /* Two announcements, a request and its answer, three echoes there and back. */
    capture(&s, SW_OBJECT_LINK, 0, 0, SW_MATCH_ALL, 10);
    ping(&s, 2);
    capture(&s, SW_OBJECT_LINK, 0, 0, SW_MATCH_ICMP, 4);
    capture(&s, SW_OBJECT_PORT, 1, 1, SW_MATCH_ICMP, 4); /* the same, elsewhere */
    sw_scenario_step(&s, SW_STEP_WAIT, "wait");
    capture(&s, SW_OBJECT_LINK, 0, 0, SW_MATCH_ICMP, 4)->expects[0].hi = 5;
    verdicts(&s, "ok ok ok FAIL");
    ck_assert_str_eq(s.told[0].figure, "10 frames");
    ck_assert_str_eq(s.told[3].seen, "frames 0");
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(a_capture_on_a_port_sees_what_leaves_and_what_arrives)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    /* Everything that web sends is lost, and is seen by its port and its link, not by core's. */
    s.topo->links[0].forward.loss_ppb = 1000000000;
    ping(&s, 1);
    const struct sw_topo_step *last = sw_scenario_step(&s, SW_STEP_PING, "ping");
    size_t number = last->number;
    ping(&s, 7);
    capture(&s, SW_OBJECT_PORT, 0, 0, SW_MATCH_ARP, 6)->target = number; /* web */
    capture(&s, SW_OBJECT_PORT, 0, 1, SW_MATCH_ARP, 3)->target = number; /* core */
    capture(&s, SW_OBJECT_LINK, 0, 0, SW_MATCH_ARP, 6)->target = number;
    capture(&s, SW_OBJECT_PORT, 1, 0, SW_MATCH_ARP, 3)->target = number; /* client */
    verdicts(&s, "ok ok ok ok");
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(a_capture_of_a_step_counts_what_was_seen_during_it)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    ping(&s, 3);
    struct sw_topo_step *repeat = sw_scenario_step(&s, SW_STEP_REPEAT, "repeat");
    sw_scenario_child(&s, repeat, SW_STEP_PING, "this")->count = 2;
    ping(&s, 5);
    capture(&s, SW_OBJECT_LINK, 0, 0, SW_MATCH_ICMP, 4)->target = 2; /* in its last round */
    capture(&s, SW_OBJECT_LINK, 0, 0, SW_MATCH_ICMP, 8)->target = 1; /* in all rounds */
    capture(&s, SW_OBJECT_LINK, 0, 0, SW_MATCH_ICMP, 0)->target = 7; /* played later */
    sw_scenario_step(&s, SW_STEP_WAIT, "later");
    verdicts(&s, "ok ok FAIL");
    ck_assert_str_eq(s.told[2].seen, "no frames: the step that it is of has not been played");
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(a_capture_of_a_step_that_is_still_played_counts_up_to_now)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *step = sw_scenario_step(&s, SW_STEP_PING, "a");
    step->background = true;
    sw_scenario_step(&s, SW_STEP_WAIT, "b")->duration = 1500 * SW_MS;
    capture(&s, SW_OBJECT_LINK, 0, 0, SW_MATCH_ICMP, 4)->target = 0;
    sw_scenario_step(&s, SW_STEP_JOIN, "c")->target = 0;
    capture(&s, SW_OBJECT_LINK, 0, 0, SW_MATCH_ICMP, 6)->target = 0;
    verdicts(&s, "ok ok");
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(a_run_is_the_same_with_a_capture_and_without)
{
    char figure[2][256];
    for (unsigned i = 0; i < 2; i++) {
        struct sw_test_scenario s;
        sw_scenario_init(&s);
        s.topo->links[0].forward.loss_ppb = 10000000;
        struct sw_topo_step *step = sw_scenario_step(&s, SW_STEP_IPERF, "flow");
        sw_scenario_number(step, SW_METRIC_THROUGHPUT, SW_UNIT_RATE, 1, INT64_MAX);
        if (i) {
            struct sw_topo_step *retransmits =
                capture(&s, SW_OBJECT_PORT, 1, 0, SW_MATCH_RETRANSMIT, 0);
            retransmits->expects[0].hi = INT64_MAX;
        }
        sw_scenario_play(&s, 60 * SW_S);
        snprintf(figure[i], sizeof figure[i], "%s", s.told[0].figure);
        sw_scenario_fini(&s);
    }
    ck_assert_str_eq(figure[0], figure[1]);
}
END_TEST

/* ---- actions ---- */

START_TEST(an_action_is_done_when_its_turn_comes)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *step = sw_scenario_step(&s, SW_STEP_PING, "before");
    sw_scenario_number(step, SW_METRIC_REPLIES, SW_UNIT_COUNT, 3, 3);
    sw_scenario_action(&s, SW_ACTION_DOWN)->link = 1;
    step = sw_scenario_step(&s, SW_STEP_PING, "down");
    sw_scenario_number(step, SW_METRIC_REPLIES, SW_UNIT_COUNT, 0, 0);
    sw_scenario_action(&s, SW_ACTION_UP)->link = 1;
    step = sw_scenario_step(&s, SW_STEP_PING, "up");
    sw_scenario_number(step, SW_METRIC_REPLIES, SW_UNIT_COUNT, 3, 3);
    verdicts(&s, "ok ok ok");
    ck_assert_int_eq(s.told[1].began, s.told[0].ended); /* it takes no time */
    sw_scenario_fini(&s);
}
END_TEST

/* One step of each kind of traffic, in whose middle a host crashes: the step's own or its peer. */
static void crash_amid(enum sw_step_kind kind, size_t host, const char *right)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *step = sw_scenario_step(&s, kind, "amid");
    step->background = true;
    step->count = 5;
    step->duration = 5 * SW_S;
    step->port = 7;
    step->url = topo_text("http://web/");
    step->send = topo_text("hello");
    if (kind == SW_STEP_PING) {
        sw_scenario_number(step, SW_METRIC_LOSS, SW_UNIT_SHARE, 0, 0);
    } else if (kind == SW_STEP_IPERF) {
        sw_scenario_number(step, SW_METRIC_THROUGHPUT, SW_UNIT_RATE, 1, INT64_MAX);
    } else {
        sw_scenario_text(step, SW_METRIC_RESULT, "ok");
    }
    bool quick = kind != SW_STEP_PING && kind != SW_STEP_IPERF;
    sw_scenario_step(&s, SW_STEP_WAIT, "a while")->duration = quick ? 5 * SW_MS : 2500 * SW_MS;
    sw_scenario_action(&s, SW_ACTION_CRASH)->host = host;
    sw_scenario_step(&s, SW_STEP_JOIN, "join")->target = 0;
    sw_scenario_action(&s, SW_ACTION_RESTART)->host = host;
    sw_scenario_play(&s, 120 * SW_S);
    ck_assert_uint_eq(s.dones, 1);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_msg(strstr(s.told[0].seen, right) != NULL, "%d of %zu: %s, %s", kind, host,
                  s.told[0].seen, s.told[0].figure);
    sw_scenario_fini(&s);
}

START_TEST(a_crash_ends_the_traffic_of_its_host_with_an_error)
{
    crash_amid(SW_STEP_PING, 1, "loss 40 %");
    crash_amid(SW_STEP_IPERF, 1, "host-down");
    crash_amid(SW_STEP_HTTP, 1, "result host-down");
    crash_amid(SW_STEP_TCP, 1, "result host-down");
    crash_amid(SW_STEP_UDP, 1, "result host-down");
}
END_TEST

START_TEST(a_crash_of_the_peer_leaves_it_without_an_answer)
{
    crash_amid(SW_STEP_PING, 0, "loss 40 %");
    crash_amid(SW_STEP_IPERF, 0, "host-down"); /* both ends are the step's own */
    /* Before their time is over, nobody answers ARP's requests either. */
    crash_amid(SW_STEP_HTTP, 0, "result unreachable");
    crash_amid(SW_STEP_TCP, 0, "result unreachable");
}
END_TEST

START_TEST(a_host_that_restarts_resets_what_it_knew)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    struct sw_topo_step *step = talk(&s, SW_STEP_TCP, 7, "hello");
    step->background = true;
    step->timeout = 30 * SW_S;
    sw_scenario_text(step, SW_METRIC_RESULT, "reset");
    /* The text is under way. */
    sw_scenario_step(&s, SW_STEP_WAIT, "a while")->duration = 7 * SW_MS;
    sw_scenario_action(&s, SW_ACTION_CRASH)->host = 0;
    sw_scenario_step(&s, SW_STEP_WAIT, "a while")->duration = 10 * SW_MS;
    sw_scenario_action(&s, SW_ACTION_RESTART)->host = 0;
    sw_scenario_step(&s, SW_STEP_JOIN, "join")->target = 0;
    verdicts(&s, "ok");
    sw_scenario_fini(&s);
}
END_TEST

START_TEST(an_event_may_come_after_a_step)
{
    struct sw_test_scenario s;
    sw_scenario_init(&s);
    ping(&s, 1);
    s.topo->events = topo_grow(NULL, 0, sizeof *s.topo->events);
    s.topo->event_count = 1;
    s.topo->events[0] = (struct sw_topo_event){
        .action = {.kind = SW_ACTION_DOWN, .name = topo_text("down web core"), .link = 0},
        .after = 0,
        .at = 500 * SW_MS,
        .times = 1};
    struct sw_topo_step *step = sw_scenario_step(&s, SW_STEP_PING, "next");
    sw_scenario_number(step, SW_METRIC_REPLIES, SW_UNIT_COUNT, 1, 1);
    verdicts(&s, "ok");
    sw_scenario_fini(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("player steps");
    TCase *tc = tcase_create("steps");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, tcp_compares_what_it_received);
    tcase_add_test(tc, results_of_tcp);
    tcase_add_test(tc, results_of_udp);
    tcase_add_test(tc, their_time_runs_out__ten_seconds_unless_said);
    tcase_add_test(tc, they_may_take_too_long);
    tcase_add_test(tc, a_counter_is_read_when_its_turn_comes);
    tcase_add_test(tc, a_counter_may_say_something_else_and_one_that_is_none_fails);
    tcase_add_test(tc, the_table_of_a_switch_has_stations);
    tcase_add_test(tc, the_table_of_a_host_has_neighbours_that_answered);
    tcase_add_test(tc, a_capture_counts_what_was_seen_since_the_last);
    tcase_add_test(tc, a_capture_on_a_port_sees_what_leaves_and_what_arrives);
    tcase_add_test(tc, a_capture_of_a_step_counts_what_was_seen_during_it);
    tcase_add_test(tc, a_capture_of_a_step_that_is_still_played_counts_up_to_now);
    tcase_add_test(tc, a_run_is_the_same_with_a_capture_and_without);
    tcase_add_test(tc, an_action_is_done_when_its_turn_comes);
    tcase_add_test(tc, a_crash_ends_the_traffic_of_its_host_with_an_error);
    tcase_add_test(tc, a_crash_of_the_peer_leaves_it_without_an_answer);
    tcase_add_test(tc, a_host_that_restarts_resets_what_it_knew);
    tcase_add_test(tc, an_event_may_come_after_a_step);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
