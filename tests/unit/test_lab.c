/* The C lab: a LAN in a few calls, and time that passes when it is told to. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lan/lab.h"
#include "lan/network.h"
#include "lan/trace.h"
#include "lan/traffic.h"

static void nothing(void *ctx)
{
    (void)ctx;
}

static void set_true(void *ctx)
{
    *(bool *)ctx = true;
}

static bool is_true(void *ctx)
{
    return *(bool *)ctx;
}

static struct sw_ping *start_ping(struct sw_host *from, const char *to, void (*done)(void *ctx),
                                  void *ctx)
{
    struct sw_ping *pinger = NULL;
    struct sw_ping_config config = {
        .count = 3, .interval = SW_S, .timeout = SW_S, .size_bytes = 56};
    ck_assert(sw_ip_parse(&config.to, to));
    ck_assert_int_eq(sw_ping_new(&pinger, from, &config, NULL, done, ctx), 0);
    return pinger;
}

/* How many of three pings come back. */
static uint32_t ping(struct sw_lab *lab, struct sw_host *from, const char *to)
{
    struct sw_ping *pinger = start_ping(from, to, nothing, NULL);
    struct sw_ping_result result;
    sw_lab_run(lab, 10 * SW_S);
    sw_ping_result(pinger, &result);
    sw_ping_free(pinger);
    return result.received;
}

START_TEST(a_lan_in_ten_lines)
{
    struct sw_lab *lab = sw_lab_new(7);
    sw_lab_switch(lab, "core");
    struct sw_host *web = sw_lab_host(lab, "web", "10.0.0.1/24");
    struct sw_host *client = sw_lab_host(lab, "client", "10.0.0.2/24");
    struct sw_lane_config slow = {.delay = 5 * SW_MS, .rate_bps = 100000000};
    sw_lab_link(lab, "web", "core", NULL);
    struct sw_link *link = sw_lab_link(lab, "client", "core:p9", &slow);
    ck_assert_str_eq(link->forward.to->name, "core:p9");
    ck_assert_int_eq(sw_lab_now(lab), 0);
    ck_assert_uint_eq(ping(lab, client, "10.0.0.1"), 3);
    ck_assert_int_eq(sw_lab_now(lab), 10 * SW_S);
    ck_assert(sw_lab_holds(lab));
    ck_assert_str_eq(sw_host_name(web), "web");
    ck_assert_int_eq(link->backward.config.delay, 5 * SW_MS);
    sw_lab_free(lab);
    sw_lab_free(NULL);
}
END_TEST

START_TEST(a_lab_is_built_as_a_network_is)
{
    struct sw_lab *lab = sw_lab_new(7);
    struct sw_host *web = sw_lab_host(lab, "web", "10.0.0.1/24");
    sw_lab_host(lab, "client", "10.0.0.2/24 10.0.1.2/24");
    sw_lab_switch(lab, "core");
    struct sw_link *first = sw_lab_link(lab, "client", "core:p1", NULL);
    struct sw_link *second = sw_lab_link(lab, "client", "core", NULL);
    struct sw_link *third = sw_lab_link(lab, "core", "web:eth0", NULL);
    ck_assert_str_eq(first->forward.owner.name, "client>core");
    ck_assert_str_eq(second->forward.owner.name, "client>core#2");
    ck_assert_str_eq(second->forward.from->name, "client:eth1");
    ck_assert_str_eq(second->forward.to->name, "core:p2");
    ck_assert_str_eq(third->backward.owner.name, "web>core");
    ck_assert_uint_eq(first->forward.config.rate_bps, 10000000000u);
    ck_assert_int_eq(first->forward.config.delay, SW_US);
    ck_assert(sw_mac_equal(sw_nic_mac(sw_host_nic(web, "eth0")),
                           sw_mac_from_names("lab", "web", "eth0")));
    sw_lab_free(lab);
}
END_TEST

START_TEST(routers_forward_and_routes_lead_there)
{
    struct sw_lab *lab = sw_lab_new(7);
    struct sw_host *a = sw_lab_host(lab, "a", "10.0.0.2/24");
    sw_lab_router(lab, "r", "10.0.0.1/24 10.0.1.1/24");
    sw_lab_host(lab, "b", "10.0.1.2/24");
    sw_lab_link(lab, "a", "r", NULL);
    sw_lab_link(lab, "b", "r", NULL);
    sw_lab_route(lab, "a", "0.0.0.0/0", "10.0.0.1");
    sw_lab_route(lab, "b", "10.0.0.0/24", "10.0.1.1");
    ck_assert_uint_eq(ping(lab, a, "10.0.1.2"), 3);
    ck_assert(sw_lab_holds(lab));
    sw_lab_free(lab);
}
END_TEST

START_TEST(time_runs_until_something_is_so)
{
    struct sw_lab *lab = sw_lab_new(7);
    struct sw_host *a = sw_lab_host(lab, "a", "10.0.0.1/24");
    sw_lab_host(lab, "b", "10.0.0.2/24");
    struct sw_lane_config slow = {.delay = 50 * SW_MS};
    sw_lab_link(lab, "a", "b", &slow);
    bool done = false;
    struct sw_ping *pinger = start_ping(a, "10.0.0.2", set_true, &done);
    ck_assert(!sw_lab_run_until(lab, is_true, &done, SW_S));
    ck_assert_int_eq(sw_lab_now(lab), SW_S);
    /* The third request leaves at 2 s, and its answer is back 100 ms later: then time stops. */
    ck_assert(sw_lab_run_until(lab, is_true, &done, 10 * SW_S));
    ck_assert_int_eq(sw_lab_now(lab), 2 * SW_S + 100 * SW_MS);
    ck_assert(sw_lab_run_until(lab, is_true, &done, 10 * SW_S));
    ck_assert_int_eq(sw_lab_now(lab), 2 * SW_S + 100 * SW_MS);
    sw_ping_free(pinger);
    sw_lab_free(lab);
}
END_TEST

/* ---- a port of one's own ---- */

struct mine {
    struct sw_port port;
    unsigned arrived;
};

static void take(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct mine *mine = SW_CONTAINER(port, struct mine, port);
    mine->arrived += n;
    for (unsigned i = 0; i < n; i++) {
        sw_frame_drop(frames[i]);
    }
}

START_TEST(a_port_of_ones_own_hears_the_lan)
{
    struct sw_lab *lab = sw_lab_new(7);
    struct mine mine = {.arrived = 0};
    sw_port_init(&mine.port, "mine", take, NULL);
    sw_lab_switch(lab, "core");
    sw_lab_host(lab, "a", "10.0.0.1/24");
    sw_lab_link(lab, "a", "core", NULL);
    sw_lab_plug(lab, &mine.port, "core", NULL);
    ck_assert_str_eq(mine.port.lane->owner.name, "mine>core");
    sw_lab_run(lab, SW_S);
    ck_assert_uint_eq(mine.arrived, 1); /* a's announcement */
    static const uint8_t bytes[60] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};
    sw_port_send(&mine.port, sw_frame_from_bytes(sw_lab_env(lab)->pool, bytes, sizeof bytes, 14));
    sw_lab_run(lab, SW_S);
    ck_assert(sw_lab_holds(lab));
    sw_lab_free(lab);
}
END_TEST

/* ---- the same seed ---- */

static uint64_t lossy_run(uint64_t seed)
{
    struct sw_trace trace;
    struct sw_lab *lab = sw_lab_new(seed);
    sw_trace_init(&trace);
    sw_lab_watch(lab, &trace.watch);
    struct sw_host *a = sw_lab_host(lab, "a", "10.0.0.1/24");
    sw_lab_host(lab, "b", "10.0.0.2/24");
    struct sw_lane_config lossy = {.delay = SW_MS, .loss_ppb = 300000000};
    sw_lab_link(lab, "a", "b", &lossy);
    for (unsigned i = 0; i < 10; i++) {
        ping(lab, a, "10.0.0.2");
    }
    ck_assert(sw_lab_holds(lab));
    uint64_t digest = sw_trace_digest(&trace);
    ck_assert_uint_gt(trace.records, 20);
    sw_lab_free(lab);
    return digest;
}

START_TEST(the_same_seed_is_the_same_run)
{
    uint64_t was = lossy_run(1);
    ck_assert_uint_eq(lossy_run(1), was);
    ck_assert_uint_ne(lossy_run(2), was);
}
END_TEST

START_TEST(what_cannot_be_built_is_a_bug)
{
    struct sw_lab *lab = sw_lab_new(7);
    sw_lab_switch(lab, "core");
    switch (_i) {
    case 0:
        sw_lab_host(lab, "core", "10.0.0.1/24");
        break;
    case 1:
        sw_lab_host(lab, "a", "10.0.0.1");
        break;
    case 2:
        sw_lab_host(lab, "a", "10.0.0.1/33");
        break;
    case 3:
        sw_lab_link(lab, "a", "core", NULL);
        break;
    default:
        sw_lab_host(lab, "a", "10.0.0.1/24");
        sw_lab_link(lab, "a", "core", NULL);
        sw_lab_link(lab, "a", "core", NULL);
        break;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lab");
    TCase *cases = tcase_create("lab");
    tcase_add_test(cases, a_lan_in_ten_lines);
    tcase_add_test(cases, a_lab_is_built_as_a_network_is);
    tcase_add_test(cases, routers_forward_and_routes_lead_there);
    tcase_add_test(cases, time_runs_until_something_is_so);
    tcase_add_test(cases, a_port_of_ones_own_hears_the_lan);
    tcase_add_test(cases, the_same_seed_is_the_same_run);
    tcase_add_loop_test_raise_signal(cases, what_cannot_be_built_is_a_bug, SIGABRT, 0, 5);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
