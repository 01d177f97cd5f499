/* Steps that speak from a host that is a real program, and to it: what they find out is what they
 * find out of virtual hosts. The program's kernel is a virtual host here, at the end of its cable,
 * so that time is virtual, and the same to the nanosecond. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lan/services.h"
#include "tests/support/lan_scenario.h"
#include "tests/support/stack_kernel.h"

/* api (10.0.0.3), the fourth host, is as far from core as web (10.0.0.1) and client (10.0.0.2). */
struct fixture {
    struct sw_test_scenario s;
    struct sw_test_kernel kernel;
    struct sw_service *echo, *http;
};

static struct fixture f;

static struct sw_port *port(void *ctx, size_t host, size_t nic)
{
    ck_assert_uint_eq(host, 3);
    ck_assert_uint_eq(nic, 0);
    ck_assert_ptr_eq(ctx, &f);
    return sw_nic_port(f.kernel.nic);
}

static void befall(void *ctx, size_t host, enum sw_action_kind what, enum sw_signal signal)
{
    (void)ctx;
    (void)host;
    (void)what;
    (void)signal;
}

static void *far_ctx(void *ctx, size_t host)
{
    ck_assert_ptr_eq(ctx, &f);
    ck_assert_uint_eq(host, 3);
    return &f.kernel;
}

static void begin(void)
{
    static const struct sw_topo_service echo = {.kind = SW_SERVICE_ECHO, .port = 7};
    static const struct sw_topo_service http = {
        .kind = SW_SERVICE_HTTP, .port = 80, .body = (char *)"hello\n"};
    const struct sw_lane_config lane = {
        .delay = SW_MS, .rate_bps = 100000000, .queue_frames = 1000};
    f = (struct fixture){.echo = NULL};
    sw_scenario_init(&f.s);
    sw_test_kernel_init(&f.kernel, &f.s.world.env, "a kernel", "10.0.0.3");
    ck_assert_int_eq(sw_service_new(&f.echo, f.kernel.host, &echo), 0);
    ck_assert_int_eq(sw_service_new(&f.http, f.kernel.host, &http), 0);
    struct sw_topo_host *api = topo_host(f.s.topo, "api", "10.0.0.3/24", NULL);
    api->program = topo_grow(NULL, 0, sizeof *api->program);
    topo_link(f.s.topo, "api", "core", &lane);
    f.s.programs = (struct sw_network_programs){
        .port = port, .befall = befall, .far = &sw_test_kernel_ops, .far_ctx = far_ctx, .ctx = &f};
}

static void end(void)
{
    sw_scenario_close(&f.s);
    sw_service_free(f.echo);
    sw_service_free(f.http);
    sw_test_kernel_fini(&f.kernel);
    sw_scenario_fini(&f.s);
}

static struct sw_topo_step *step_of(enum sw_step_kind kind, const char *from, const char *to)
{
    struct sw_topo_step *step = sw_scenario_step(&f.s, kind, "step");
    sw_scenario_set(&step->from, from);
    sw_scenario_set(&step->to, to);
    return step;
}

/* Something that every check has, so that it is told of. */
static void told(struct sw_topo_step *step, enum sw_metric metric, enum sw_unit unit)
{
    sw_scenario_number(step, metric, unit, 0, INT64_MAX);
}

static void ping(const char *from, const char *to)
{
    told(step_of(SW_STEP_PING, from, to), SW_METRIC_LOSS, SW_UNIT_SHARE);
}

static struct sw_topo_step *talk(enum sw_step_kind kind, const char *from, const char *to,
                                 uint16_t at)
{
    struct sw_topo_step *step = step_of(kind, from, to);
    step->port = at;
    sw_scenario_set(&step->send, "good day");
    told(step, SW_METRIC_TOOK, SW_UNIT_TIME);
    return step;
}

static void fetch(const char *from, const char *url)
{
    struct sw_topo_step *step = step_of(SW_STEP_HTTP, from, "");
    sw_scenario_set(&step->url, url);
    sw_scenario_set(&step->method, "GET");
    told(step, SW_METRIC_SIZE, SW_UNIT_BYTES);
}

static struct sw_topo_step *flow(const char *from, const char *to)
{
    struct sw_topo_step *step = step_of(SW_STEP_IPERF, from, to);
    told(step, SW_METRIC_TOOK, SW_UNIT_TIME);
    return step;
}

/* All that was told of `count` steps is told of the `count` behind them, too. */
static void same_twice(unsigned skip, unsigned count)
{
    sw_scenario_play(&f.s, 300 * SW_S);
    ck_assert_uint_eq(f.s.dones, 1);
    ck_assert_uint_eq(f.s.count, skip + 2 * count);
    for (unsigned i = skip; i < skip + count; i++) {
        const struct sw_test_told *one = &f.s.told[i], *other = &f.s.told[i + count];
        ck_assert_msg(strcmp(one->figure, other->figure) == 0, "%s, but %s", one->figure,
                      other->figure);
        ck_assert_uint_eq(one->value_count, other->value_count);
        for (size_t k = 0; k < one->value_count; k++) {
            ck_assert_str_eq(one->values[k].name, other->values[k].name);
            ck_assert_int_eq(one->values[k].number, other->values[k].number);
        }
    }
}

static void all_kinds_from(const char *from)
{
    ping(from, "web");
    ping(from, "10.0.0.99");
    talk(SW_STEP_TCP, from, "web", 7);
    talk(SW_STEP_TCP, from, "web", 8);
    talk(SW_STEP_TCP, from, "10.0.0.99", 7);
    talk(SW_STEP_TCP, from, "192.0.2.1", 7);
    talk(SW_STEP_UDP, from, "web", 7);
    talk(SW_STEP_UDP, from, "web", 8);
    talk(SW_STEP_UDP, from, "192.0.2.1", 8);
    fetch(from, "http://web/");
    fetch(from, "http://web:8/");
    flow(from, "web");
    flow(from, "web")->parallel = 4;
    flow(from, "web")->reverse = true;
    flow(from, "web")->bytes = 1000000;
    flow(from, "web")->udp = true;
    struct sw_topo_step *back = flow(from, "web");
    back->udp = back->reverse = true;
    back->rate_bps = 200000000; /* twice what the line bears */
}

START_TEST(every_kind_speaks_from_a_program_as_from_a_virtual_host)
{
    begin();
    ping("client", "web"); /* whoever comes second would be known already */
    ping("api", "web");
    all_kinds_from("client");
    all_kinds_from("api");
    same_twice(2, 17);
    ck_assert_uint_eq(f.kernel.open, 0);
    end();
}
END_TEST

static void all_kinds_to(const char *to)
{
    char url[64];
    snprintf(url, sizeof url, "http://%s/", to);
    ping("client", to);
    talk(SW_STEP_TCP, "client", to, 7);
    talk(SW_STEP_TCP, "client", to, 8);
    talk(SW_STEP_UDP, "client", to, 8);
    fetch("client", url);
    flow("client", to);
    flow("client", to)->reverse = true;
    flow("client", to)->udp = true;
}

START_TEST(every_kind_speaks_to_a_program_as_to_a_virtual_host)
{
    begin();
    ping("client", "web");
    ping("client", "api");
    all_kinds_to("web");
    all_kinds_to("api");
    same_twice(2, 8);
    end();
}
END_TEST

START_TEST(a_program_speaks_to_itself)
{
    begin();
    ping("api", "api");
    talk(SW_STEP_TCP, "api", "api", 7);
    flow("api", "api")->bytes = 1000;
    sw_scenario_play(&f.s, 60 * SW_S);
    ck_assert_uint_eq(f.s.count, 3);
    ck_assert_str_eq(f.s.told[0].figure, "3 sent, 3 received, rtt 0.002/0.002/0.002 ms");
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_msg(f.s.told[i].passed, "%s", f.s.told[i].figure);
    }
    end();
}
END_TEST

START_TEST(what_speaks_from_a_program_dies_with_it)
{
    static const enum sw_action_kind kinds[] = {SW_ACTION_CRASH, SW_ACTION_RESTART};
    for (unsigned i = 0; i < 2; i++) {
        begin();
        flow("api", "web")->background = true;
        struct sw_topo_step *pings = step_of(SW_STEP_PING, "api", "web");
        pings->background = true;
        told(pings, SW_METRIC_LOSS, SW_UNIT_SHARE);
        sw_scenario_step(&f.s, SW_STEP_WAIT, "wait")->duration = 500 * SW_MS;
        sw_scenario_action(&f.s, kinds[i])->host = 3;
        sw_scenario_step(&f.s, SW_STEP_WAIT, "wait")->duration = SW_MS;
        ping("api", "web"); /* its kernel goes on */
        sw_scenario_play(&f.s, 60 * SW_S);
        ck_assert_uint_eq(f.s.count, 3);
        ck_assert_ptr_nonnull(strstr(f.s.told[0].figure, "host-down"));
        ck_assert_ptr_nonnull(strstr(f.s.told[2].figure, "3 sent, 3 received"));
        end();
    }
}
END_TEST

START_TEST(what_its_kernel_refuses_is_said)
{
    begin();
    flow("api", "web")->congestion = SW_TCP_BBR;
    struct sw_topo_step *back = flow("client", "api");
    back->congestion = SW_TCP_BBR;
    flow("api", "web")->congestion = SW_TCP_RENO;
    sw_scenario_play(&f.s, 60 * SW_S);
    ck_assert_uint_eq(f.s.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(strstr(f.s.told[i].figure, "unsupported") != NULL, i < 2);
    }
    end();
    begin();
    f.kernel.refuses = -EMFILE;
    talk(SW_STEP_TCP, "api", "web", 7);
    sw_scenario_play(&f.s, SW_S);
    ck_assert_uint_eq(f.s.count, 1);
    ck_assert(!f.s.told[0].passed);
    ck_assert_str_eq(f.s.told[0].figure, "it could not begin: no more descriptors: ulimit -n");
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("player far");
    TCase *tc = tcase_create("player far");
    tcase_add_test(tc, every_kind_speaks_from_a_program_as_from_a_virtual_host);
    tcase_add_test(tc, every_kind_speaks_to_a_program_as_to_a_virtual_host);
    tcase_add_test(tc, a_program_speaks_to_itself);
    tcase_add_test(tc, what_speaks_from_a_program_dies_with_it);
    tcase_add_test(tc, what_its_kernel_refuses_is_said);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
