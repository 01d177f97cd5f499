/* Scenarios, played over a LAN of two hosts on a switch, in virtual time. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "lan/player.h"
#include "tests/support/core_fixture.h"
#include "tests/support/lan_topo.h"

struct told {
    char name[64], expected[128], seen[128], figure[256];
    struct sw_where where;
    bool passed;
    sw_time began, ended;
};

struct fixture {
    struct sw_test_env world;
    struct sw_topo *topo;
    struct sw_network *net;
    struct sw_player *player;
    struct told told[16];
    unsigned count, dones;
    bool free_when_done;
};

/* client (10.0.0.2) and web (10.0.0.1, http with the body "hello\n") on a switch; cables of 1 ms
 * and 100 Mbit/s. */
static void set_up(struct fixture *f)
{
    *f = (struct fixture){.count = 0};
    sw_test_env_init(&f->world, 7);
    f->topo = sw_topo_new("office");
    topo_switch(f->topo, "core");
    struct sw_topo_host *web = topo_host(f->topo, "web", "10.0.0.1/24", NULL);
    web->services = topo_grow(NULL, 0, sizeof *web->services);
    web->service_count = 1;
    web->services[0] =
        (struct sw_topo_service){.kind = SW_SERVICE_HTTP, .port = 80, .body = topo_text("hello\n")};
    topo_host(f->topo, "client", "10.0.0.2/24", NULL);
    topo_host(f->topo, "mute", NULL, NULL);
    const struct sw_lane_config lane = {
        .delay = SW_MS, .rate_bps = 100000000, .queue_frames = 1000};
    topo_link(f->topo, "web", "core", &lane);
    topo_link(f->topo, "client", "core", &lane);
}

/* A step with what the file would have filled in. */
static struct sw_topo_step *step(struct fixture *f, enum sw_step_kind kind, const char *name)
{
    struct sw_topo *t = f->topo;
    t->steps = topo_grow(t->steps, t->step_count, sizeof *t->steps);
    struct sw_topo_step *s = &t->steps[t->step_count++];
    s->kind = kind;
    s->name = topo_text(name);
    s->from = topo_text("client");
    s->to = topo_text("web");
    s->count = 3;
    s->interval = SW_S;
    s->timeout = kind == SW_STEP_PING ? SW_S : 0;
    s->size_bytes = 56;
    s->duration = SW_S;
    s->until = SW_TIME_NEVER;
    s->parallel = 1;
    s->where = (struct sw_where){"lan.yaml", 10 * (unsigned)t->step_count, 5};
    return s;
}

static void expect(struct sw_topo_step *s, struct sw_topo_expect e, const char *written,
                   unsigned line)
{
    s->expects = topo_grow(s->expects, s->expect_count, sizeof *s->expects);
    e.written = topo_text(written);
    e.text = e.text ? topo_text(e.text) : NULL;
    e.where = (struct sw_where){"lan.yaml", line, 15};
    s->expects[s->expect_count++] = e;
}

static const struct sw_topo_expect no_loss = {.metric = SW_METRIC_LOSS, .unit = SW_UNIT_SHARE};
static const struct sw_topo_expect ok_status = {
    .metric = SW_METRIC_STATUS, .unit = SW_UNIT_COUNT, .lo = 200, .hi = 200};
static const struct sw_topo_expect some = {
    .metric = SW_METRIC_THROUGHPUT, .unit = SW_UNIT_RATE, .lo = 1, .hi = INT64_MAX};

static void copy(char *to, size_t cap, const char *from)
{
    snprintf(to, cap, "%s", from ? from : "");
}

static void on_check(void *ctx, const struct sw_check *check)
{
    struct fixture *f = ctx;
    ck_assert_uint_lt(f->count, 16);
    struct told *t = &f->told[f->count++];
    copy(t->name, sizeof t->name, check->name);
    copy(t->expected, sizeof t->expected, check->expected);
    copy(t->seen, sizeof t->seen, check->seen);
    copy(t->figure, sizeof t->figure, check->figure);
    t->where = check->where;
    t->passed = check->passed;
    t->began = check->began;
    t->ended = check->ended;
}

static void on_done(void *ctx)
{
    struct fixture *f = ctx;
    f->dones++;
    ck_assert(sw_player_finished(f->player));
    if (f->free_when_done) {
        sw_player_free(f->player);
        f->player = NULL;
    }
}

/* Builds the LAN and plays until `until`. */
static void play(struct fixture *f, sw_time until)
{
    struct sw_network_options options = {.virtual_time = true};
    struct sw_player_hooks hooks = {on_check, on_done, f};
    char why[256] = "";
    ck_assert_msg(sw_network_new(&f->net, &f->world.env, f->topo, &options, why, sizeof why) == 0,
                  "%s", why);
    ck_assert_int_eq(sw_player_new(&f->player, f->net, &hooks), 0);
    ck_assert(!sw_player_finished(f->player));
    sw_test_run(&f->world, until);
}

static void tear_down(struct fixture *f)
{
    char why[256] = "";
    sw_player_free(f->player);
    ck_assert_msg(sw_network_holds(f->net, why, sizeof why), "%s", why);
    sw_network_free(f->net);
    sw_topo_free(f->topo);
    sw_test_env_fini(&f->world);
}

START_TEST(steps_follow_each_other_and_each_is_a_check)
{
    struct fixture f;
    set_up(&f);
    expect(step(&f, SW_STEP_PING, "step 1"), no_loss, "0 %", 11);
    struct sw_topo_step *http = step(&f, SW_STEP_HTTP, "step 2");
    http->url = topo_text("http://web/");
    expect(http, ok_status, "200", 21);
    expect(step(&f, SW_STEP_IPERF, "step 3"), some, "> 0", 31);
    play(&f, 60 * SW_S);
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
    tear_down(&f);
}
END_TEST

START_TEST(a_failed_check_tells_its_first_failure_and_the_scenario_goes_on)
{
    struct fixture f;
    set_up(&f);
    struct sw_topo_step *ping = step(&f, SW_STEP_PING, "the line is quick");
    expect(ping, no_loss, "0 %", 11);
    expect(ping,
           (struct sw_topo_expect){
               .metric = SW_METRIC_RTT_MIN, .unit = SW_UNIT_TIME, .lo = INT64_MIN, .hi = SW_MS - 1},
           "< 1 ms", 12);
    expect(ping, (struct sw_topo_expect){.metric = SW_METRIC_REPLIES, .lo = 9, .hi = 9}, "9", 13);
    expect(step(&f, SW_STEP_PING, "again"), no_loss, "0 %", 21);
    play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.count, 2);
    ck_assert(!f.told[0].passed);
    ck_assert_str_eq(f.told[0].expected, "rtt-min < 1 ms");
    ck_assert_str_eq(f.told[0].seen, "rtt-min 4.031 ms");
    ck_assert_uint_eq(f.told[0].where.line, 12);
    ck_assert(f.told[1].passed);
    ck_assert_uint_eq(f.told[1].where.line, 20); /* of a passed one: the step */
    tear_down(&f);
}
END_TEST

START_TEST(a_default_that_failed_is_told_at_its_step)
{
    struct fixture f;
    set_up(&f);
    struct sw_topo_step *ping = step(&f, SW_STEP_PING, "nobody");
    free(ping->to);
    ping->to = topo_text("10.0.0.99");
    expect(ping, no_loss, "0 %", 0);
    play(&f, 60 * SW_S);
    ck_assert(!f.told[0].passed);
    ck_assert_str_eq(f.told[0].expected, "loss 0 %");
    ck_assert_str_eq(f.told[0].seen, "loss 100 % (unreachable)");
    ck_assert_uint_eq(f.told[0].where.line, 10);
    tear_down(&f);
}
END_TEST

START_TEST(a_step_that_expects_nothing_is_no_check)
{
    struct fixture f;
    set_up(&f);
    step(&f, SW_STEP_WAIT, "wait 1");
    step(&f, SW_STEP_PING, "ping");
    play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_uint_eq(f.count, 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_wait_lasts_for_a_span_or_until_a_time)
{
    struct fixture f;
    set_up(&f);
    step(&f, SW_STEP_WAIT, "wait 1")->duration = 1500 * SW_MS;
    step(&f, SW_STEP_WAIT, "wait 2")->until = 4 * SW_S;
    step(&f, SW_STEP_WAIT, "wait 3")->until = 2 * SW_S; /* past: at once */
    expect(step(&f, SW_STEP_PING, "ping"), no_loss, "0 %", 41);
    play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.count, 1);
    ck_assert_int_eq(f.told[0].began, 4 * SW_S);
    tear_down(&f);
}
END_TEST

START_TEST(a_body_is_compared)
{
    struct fixture f;
    set_up(&f);
    static const char *const bodies[] = {"hello", "/^h.*o/", "goodbye"};
    for (unsigned i = 0; i < 3; i++) {
        struct sw_topo_step *http = step(&f, SW_STEP_HTTP, "http");
        http->url = topo_text(i ? "http://10.0.0.1:80/x?y" : "http://web");
        expect(http,
               (struct sw_topo_expect){
                   .metric = SW_METRIC_BODY, .unit = SW_UNIT_TEXT, .text = (char *)bodies[i]},
               bodies[i], 1);
    }
    play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.count, 3);
    ck_assert(f.told[0].passed);
    ck_assert(f.told[1].passed);
    ck_assert(!f.told[2].passed);
    ck_assert_str_eq(f.told[2].expected, "body goodbye");
    ck_assert_str_eq(f.told[2].seen, "body \"hello.\"");
    tear_down(&f);
}
END_TEST

START_TEST(what_cannot_begin_fails_its_check_and_says_why)
{
    struct fixture f;
    set_up(&f);
    struct sw_topo_step *s = step(&f, SW_STEP_PING, "1");
    free(s->to);
    s->to = topo_text("mute");
    expect(s, no_loss, "0 %", 0);
    s = step(&f, SW_STEP_PING, "2");
    free(s->from);
    s->from = topo_text("nobody");
    expect(s, no_loss, "0 %", 0);
    s = step(&f, SW_STEP_HTTP, "3");
    s->url = topo_text("ftp://web/");
    expect(s, ok_status, "200", 0);
    s = step(&f, SW_STEP_IPERF, "4");
    free(s->to);
    s->to = topo_text("10.0.0.1");
    expect(s, some, "> 0", 0);
    s = step(&f, SW_STEP_HTTP, "5");
    s->url = topo_text("http://wbe/");
    expect(s, ok_status, "200", 0);
    s = step(&f, SW_STEP_PING, "6");
    s->count = 0;
    expect(s, no_loss, "0 %", 0);
    play(&f, 60 * SW_S);
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
    tear_down(&f);
}
END_TEST

START_TEST(results_of_http_without_an_answer)
{
    struct fixture f;
    set_up(&f);
    struct sw_topo_step *http = step(&f, SW_STEP_HTTP, "refused");
    http->url = topo_text("http://web:81/");
    expect(http,
           (struct sw_topo_expect){
               .metric = SW_METRIC_RESULT, .unit = SW_UNIT_TEXT, .text = (char *)"refused"},
           "refused", 1);
    http = step(&f, SW_STEP_HTTP, "no route");
    http->url = topo_text("http://192.168.0.1/");
    expect(http,
           (struct sw_topo_expect){
               .metric = SW_METRIC_RESULT, .unit = SW_UNIT_TEXT, .text = (char *)"unreachable"},
           "unreachable", 1);
    play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.count, 2);
    ck_assert_msg(f.told[0].passed, "%s", f.told[0].seen);
    ck_assert_msg(f.told[1].passed, "%s", f.told[1].seen);
    tear_down(&f);
}
END_TEST

START_TEST(an_unfinished_scenario_says_what_it_waits_for)
{
    struct fixture f;
    char text[128];
    set_up(&f);
    step(&f, SW_STEP_PING, "step 1: ping client web");
    step(&f, SW_STEP_WAIT, "step 2: wait")->until = 9 * SW_S;
    struct sw_topo_step *http = step(&f, SW_STEP_HTTP, "step 3: http");
    http->url = topo_text("http://web/");
    play(&f, 1500 * SW_MS);
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
    tear_down(&f);
}
END_TEST

START_TEST(no_steps_are_a_scenario_that_ends_at_once)
{
    struct fixture f;
    set_up(&f);
    play(&f, 0);
    ck_assert_uint_eq(f.dones, 1);
    tear_down(&f);
}
END_TEST

START_TEST(it_may_be_freed_in_its_end_and_amid_any_step)
{
    struct fixture f;
    set_up(&f);
    f.free_when_done = true;
    step(&f, SW_STEP_PING, "ping");
    play(&f, 60 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    tear_down(&f);
    static const enum sw_step_kind kinds[] = {SW_STEP_PING, SW_STEP_IPERF, SW_STEP_HTTP,
                                              SW_STEP_WAIT};
    for (unsigned i = 0; i < 4; i++) {
        set_up(&f);
        step(&f, kinds[i], "cut")->url = topo_text("http://web/");
        play(&f, 5 * SW_MS);
        ck_assert_uint_eq(f.dones, 0);
        tear_down(&f);
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
