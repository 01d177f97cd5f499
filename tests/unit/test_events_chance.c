/* Everything at once: LANs of switches and routers with traffic of every kind, and actions drawn
 * by chance that overlap as they like. What must hold is what always holds: the ledgers, that
 * traffic ends, that nothing is left. And a run is the same twice. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lan/events.h"
#include "lan/network.h"
#include "lan/trace.h"
#include "lan/traffic.h"
#include "tests/support/core_fixture.h"
#include "tests/support/lan_topo.h"

#define EVENTS 40
#define HOSTS 5 /* a, b on the switch s1; c, d on s2; r between them, a router */
#define LINKS 6
#define FLOWS 6

struct lan {
    struct sw_test_env world;
    struct sw_draws draws;
    struct sw_topo *topo;
    struct sw_network *net;
    struct sw_events *events;
    struct sw_trace trace;
    struct sw_ping *ping[FLOWS];
    struct sw_fetch *fetch[FLOWS];
    struct sw_iperf *iperf[FLOWS];
    unsigned ended;
};

static uint64_t below(struct lan *lan, uint64_t n)
{
    return sw_draw_below(&lan->draws, n);
}

static void add_host(struct lan *lan, const char *name, const char *address, const char *gateway)
{
    static const enum sw_service_kind kinds[] = {SW_SERVICE_HTTP, SW_SERVICE_ECHO,
                                                 SW_SERVICE_IPERF3, SW_SERVICE_UDP_ECHO};
    struct sw_topo_host *host = topo_host(lan->topo, name, address, gateway);
    host->services = calloc(4, sizeof *host->services);
    host->service_count = 4;
    for (unsigned i = 0; i < 4; i++) {
        host->services[i].kind = kinds[i];
        host->services[i].port = (uint16_t)(80 + i);
        host->services[i].size = 1000000;
    }
}

static void build_topo(struct lan *lan)
{
    const struct sw_lane_config plain = {.queue_frames = 100}, slow = {.delay = 3 * SW_MS,
                                                                       .rate_bps = 20000000,
                                                                       .queue_frames = 50,
                                                                       .loss_ppb = 5000000};
    lan->topo = sw_topo_new("chance");
    topo_switch(lan->topo, "s1");
    topo_switch(lan->topo, "s2");
    add_host(lan, "a", "10.0.0.2/24", "10.0.0.1");
    add_host(lan, "b", "10.0.0.3/24", "10.0.0.1");
    add_host(lan, "c", "10.1.0.2/24", "10.1.0.1");
    add_host(lan, "d", "10.1.0.3/24", "10.1.0.1");
    struct sw_topo_host *r = topo_host(lan->topo, "r", "10.0.0.1/24", NULL);
    topo_nic(r, "eth1", "10.1.0.1/24");
    r->forwarding = true;
    topo_link(lan->topo, "a", "s1", &plain);
    topo_link(lan->topo, "b", "s1", &slow);
    topo_link(lan->topo, "c", "s2", &slow);
    topo_link(lan->topo, "d", "s2", &plain);
    topo_link(lan->topo, "r:eth0", "s1", &slow);
    topo_link(lan->topo, "r:eth1", "s2", &plain);
}

static void draw_setting(struct lan *lan, struct sw_topo_action *action)
{
    struct sw_lane_config *c = &action->lane;
    action->said = (unsigned)below(lan, SW_LANE_MTU * 2);
    action->over = (sw_time)below(lan, 3) * (sw_time)below(lan, SW_S);
    c->delay = (sw_time)below(lan, 50 * SW_MS);
    c->jitter = (sw_time)below(lan, 20 * SW_MS);
    c->distribution = (enum sw_distribution)below(lan, 4);
    c->correlation_ppb = (uint32_t)below(lan, 1000000000);
    c->free_order = below(lan, 2) == 1;
    c->loss_ppb = (uint32_t)below(lan, 100000000);
    c->gilbert.p = (uint32_t)below(lan, 2) * 10000000;
    c->gilbert.r = 500000000;
    c->gilbert.bad = 1000000000;
    c->duplicate_ppb = (uint32_t)below(lan, 100000000);
    c->reorder_ppb = (uint32_t)below(lan, 100000000);
    c->corrupt_ppb = (uint32_t)below(lan, 100000000);
    c->rate_bps = below(lan, 3) * 5000000;
    c->overhead_bytes = (uint32_t)below(lan, 2) * 24;
    c->queue_frames = (uint32_t)below(lan, 3) * 20;
    c->queue_bytes = below(lan, 3) * 30000;
    c->discipline = (enum sw_discipline)below(lan, 4);
    c->settings.min_bytes = 5000;
    c->settings.max_bytes = 15000;
    c->settings.ecn = below(lan, 2) == 1;
    c->mtu_bytes = (uint32_t)below(lan, 3) * 700;
}

static void draw_event(struct lan *lan, struct sw_topo_event *e)
{
    struct sw_topo_action *action = &e->action;
    *e = (struct sw_topo_event){.after = SW_STEP_NONE, .times = 1};
    e->at = (sw_time)below(lan, 10 * SW_S);
    e->span = below(lan, 3) == 0 ? 0 : (sw_time)below(lan, 3 * SW_S);
    if (below(lan, 4) == 0) {
        e->every = e->span + SW_MS + (sw_time)below(lan, SW_S);
        e->times = (uint32_t)below(lan, 5);
    }
    action->kind = (enum sw_action_kind)below(lan, SW_ACTION_RELEASE + 1);
    action->link = below(lan, LINKS);
    action->ways = 1 + (unsigned)below(lan, 3);
    action->host = below(lan, HOSTS);
    action->every = SW_MS + (sw_time)below(lan, SW_S);
    action->down = 1 + (sw_time)below(lan, (uint64_t)action->every);
    action->match.kind = (enum sw_match_kind)below(lan, SW_MATCH_FILTER);
    action->nth = (uint32_t)below(lan, 5);
    action->count = (uint32_t)below(lan, 20);
    if (action->kind == SW_ACTION_PARTITION) {
        action->group = calloc(HOSTS, sizeof *action->group);
        action->group_count = HOSTS;
        for (unsigned i = 0; i < HOSTS; i++) {
            action->group[i] = (uint32_t)below(lan, 4);
        }
    }
    draw_setting(lan, action);
}

static void on_acted(void *ctx, sw_time now, const char *text)
{
    (void)now;
    (void)text;
    ++*(unsigned *)ctx;
}

static void on_end(void *ctx)
{
    ((struct lan *)ctx)->ended++;
}

static void start_flows(struct lan *lan)
{
    static const struct sw_ip addresses[] = {
        {SW_IPV4, {10, 0, 0, 2}}, {SW_IPV4, {10, 0, 0, 3}}, {SW_IPV4, {10, 1, 0, 2}}};
    for (unsigned i = 0; i < FLOWS; i++) {
        struct sw_host *from = sw_network_host_at(lan->net, below(lan, 4));
        const struct sw_ip to = addresses[below(lan, 3)];
        const struct sw_ping_config ping = {.to = to,
                                            .count = 50,
                                            .interval = 200 * SW_MS,
                                            .size_bytes = (uint32_t)below(lan, 4000)};
        const struct sw_fetch_config fetch = {
            .to = {to, 80}, .host_header = "x", .path = "/", .method = "GET", .timeout = 20 * SW_S};
        const struct sw_iperf_config iperf = {.from = from,
                                              .to = sw_network_host_at(lan->net, below(lan, 4)),
                                              .udp = i % 2 == 0,
                                              .reverse = below(lan, 2) == 1,
                                              .parallel = 1 + (uint32_t)below(lan, 3),
                                              .rate_bps = 2000000,
                                              .duration = 5 * SW_S};
        ck_assert_int_eq(sw_ping_new(&lan->ping[i], from, &ping, NULL, on_end, lan), 0);
        ck_assert_int_eq(sw_fetch_new(&lan->fetch[i], from, &fetch, on_end, lan), 0);
        ck_assert_int_eq(sw_iperf_new(&lan->iperf[i], &iperf, NULL, on_end, lan), 0);
    }
}

static uint64_t play(uint64_t seed, bool to_the_end)
{
    static struct lan lan;
    unsigned acted = 0;
    char why[256];
    lan = (struct lan){.ended = 0};
    sw_test_env_init(&lan.world, seed);
    sw_draws_init(&lan.draws, &lan.world.seed, seed, SW_DRAW_TEST);
    build_topo(&lan);
    lan.topo->events = calloc(EVENTS, sizeof *lan.topo->events);
    lan.topo->event_count = EVENTS;
    for (unsigned i = 0; i < EVENTS; i++) {
        draw_event(&lan, &lan.topo->events[i]);
    }
    sw_trace_init(&lan.trace);
    lan.world.env.watch = &lan.trace.watch;
    const struct sw_network_options options = {.virtual_time = true};
    const struct sw_events_hooks hooks = {.acted = on_acted, .ctx = &acted};
    ck_assert_msg(sw_network_new(&lan.net, &lan.world.env, lan.topo, &options, why, sizeof why) ==
                      0,
                  "%s", why);
    ck_assert_int_eq(sw_events_new(&lan.events, lan.net, &hooks), 0);
    sw_test_run(&lan.world, SW_S);
    start_flows(&lan);
    sw_test_run(&lan.world, to_the_end ? 120 * SW_S : 5 * SW_S);
    ck_assert_msg(sw_network_holds(lan.net, why, sizeof why), "seed %llu: %s",
                  (unsigned long long)seed, why);
    if (to_the_end) {
        ck_assert_uint_eq(lan.ended, 3 * FLOWS);
        ck_assert_uint_ge(acted, EVENTS);
        ck_assert_ptr_null(sw_events_left(lan.events, 0));
    }
    for (unsigned i = 0; i < FLOWS; i++) {
        sw_ping_free(lan.ping[i]);
        sw_fetch_free(lan.fetch[i]);
        sw_iperf_free(lan.iperf[i]);
    }
    sw_events_free(lan.events);
    ck_assert(sw_network_holds(lan.net, why, sizeof why));
    const uint64_t digest = sw_trace_digest(&lan.trace);
    sw_network_free(lan.net);
    sw_topo_free(lan.topo);
    sw_test_env_fini(&lan.world);
    return digest;
}

START_TEST(nothing_breaks_whatever_overlaps)
{
    for (uint64_t seed = (uint64_t)_i * 10; seed < (uint64_t)(_i + 1) * 10; seed++) {
        play(seed, true);
        play(seed, false);
    }
}
END_TEST

START_TEST(a_run_is_the_same_twice)
{
    ck_assert_uint_eq(play(3, true), play(3, true));
    ck_assert_uint_ne(play(3, true), play(4, true));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("events_chance");
    TCase *cases = tcase_create("chance");
    tcase_set_timeout(cases, 110);
    tcase_add_loop_test(cases, nothing_breaks_whatever_overlaps, 0, 4);
    tcase_add_test(cases, a_run_is_the_same_twice);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
