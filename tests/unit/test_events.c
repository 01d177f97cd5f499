/* Events and actions over a small LAN in virtual time: when they come, what they do, what is undone
 * and what is said of it. A host pings another every 100 ms; which of the requests were answered
 * tells what happened in between. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/events.h"
#include "lan/fabric.h"
#include "lan/network.h"
#include "lan/traffic.h"
#include "stack/sock.h"
#include "tests/support/core_fixture.h"
#include "tests/support/lan_topo.h"

#define PINGS_MAX 100
#define BEAT (100 * SW_MS)

struct lan {
    struct sw_test_env world;
    struct sw_topo *topo;
    struct sw_network *net;
    struct sw_events *events;
    struct sw_ping *ping;
    char answered[PINGS_MAX + 1]; /* a '!' or '.' for each request */
    char said[2048];
    char why[256];
};

/* client (10.0.0.2) and web (10.0.0.1, http) on core; cables of 1 ms. */
static void init(struct lan *lan)
{
    *lan = (struct lan){.net = NULL};
    sw_test_env_init(&lan->world, 7);
    lan->topo = sw_topo_new("office");
    const struct sw_lane_config lane = {.delay = SW_MS, .queue_frames = 1000};
    topo_switch(lan->topo, "core");
    struct sw_topo_host *web = topo_host(lan->topo, "web", "10.0.0.1/24", NULL);
    web->services = topo_grow(NULL, 0, sizeof *web->services);
    web->service_count = 1;
    web->services[0] =
        (struct sw_topo_service){.kind = SW_SERVICE_HTTP, .port = 80, .size = 2000000};
    topo_host(lan->topo, "client", "10.0.0.2/24", NULL);
    topo_host(lan->topo, "other", "10.0.0.3/24", NULL);
    topo_link(lan->topo, "web", "core", &lane);
    topo_link(lan->topo, "client", "core", &lane);
    topo_link(lan->topo, "other", "core", &lane);
}

enum { WEB, CLIENT, OTHER };

/* An event at a time; the rest is its maker's. */
static struct sw_topo_event *event(struct lan *lan, enum sw_action_kind kind, sw_time at,
                                   sw_time span, const char *name)
{
    struct sw_topo *t = lan->topo;
    t->events = topo_grow(t->events, t->event_count, sizeof *t->events);
    struct sw_topo_event *e = &t->events[t->event_count++];
    *e = (struct sw_topo_event){.after = SW_STEP_NONE, .at = at, .span = span, .times = 1};
    e->action.kind = kind;
    e->action.name = topo_text(name);
    e->action.ways = SW_BOTH_WAYS;
    e->where = (struct sw_where){"lan.yaml", 10 + (unsigned)t->event_count, 5};
    return e;
}

static void on_acted(void *ctx, sw_time now, const char *text)
{
    struct lan *lan = ctx;
    size_t n = strlen(lan->said);
    snprintf(lan->said + n, sizeof lan->said - n, "%lld %s\n", (long long)(now / SW_MS), text);
}

static void on_reply(void *ctx, const struct sw_ping_reply *reply)
{
    struct lan *lan = ctx;
    lan->answered[reply->sequence - 1] = reply->rtt >= 0 ? '!' : '.';
}

static void nothing(void *ctx)
{
    (void)ctx;
}

static void build(struct lan *lan)
{
    const struct sw_network_options options = {.virtual_time = true};
    const struct sw_events_hooks hooks = {.acted = on_acted, .ctx = lan};
    int status =
        sw_network_new(&lan->net, &lan->world.env, lan->topo, &options, lan->why, sizeof lan->why);
    ck_assert_msg(status == 0, "%s", lan->why);
    ck_assert_int_eq(sw_events_new(&lan->events, lan->net, &hooks), 0);
}

static void start_ping(struct lan *lan, const char *from, const char *to, uint32_t count)
{
    struct sw_ping_config config = {.count = count, .interval = BEAT, .timeout = 50 * SW_MS};
    ck_assert(sw_ip_parse(&config.to, to));
    ck_assert_int_eq(
        sw_ping_new(&lan->ping, sw_network_host(lan->net, from), &config, on_reply, nothing, lan),
        0);
}

/* Pings at 0, 100, 200 ... ms, and at the end compares. */
static void expect_pings(struct lan *lan, const char *answered)
{
    start_ping(lan, "client", "10.0.0.1", (uint32_t)strlen(answered));
    sw_test_run(&lan->world, (sw_time)strlen(answered) * BEAT + SW_S);
    ck_assert_str_eq(lan->answered, answered);
}

static void fini(struct lan *lan)
{
    ck_assert_msg(sw_network_holds(lan->net, lan->why, sizeof lan->why), "%s", lan->why);
    sw_ping_free(lan->ping);
    sw_events_free(lan->events);
    sw_network_free(lan->net);
    sw_topo_free(lan->topo);
    sw_test_env_fini(&lan->world);
}

static uint64_t dropped(const struct lan *lan, size_t host, enum sw_drop reason)
{
    struct sw_host_stats stats;
    sw_host_stats(sw_network_host_at(lan->net, host), &stats);
    return stats.dropped[reason];
}

/* ---- links ---- */

START_TEST(a_link_goes_down_and_comes_up_by_itself)
{
    struct lan lan;
    init(&lan);
    event(&lan, SW_ACTION_DOWN, 250 * SW_MS, 300 * SW_MS, "down web core");
    build(&lan);
    expect_pings(&lan, "!!!...!!!!");
    ck_assert_str_eq(lan.said, "250 down web core\n550 up web core (undoes line 11)\n");
    ck_assert_ptr_null(sw_events_left(lan.events, 0));
    fini(&lan);
}
END_TEST

START_TEST(a_switch_forgets_who_was_at_a_link_that_goes_down)
{
    struct lan lan;
    init(&lan);
    event(&lan, SW_ACTION_DOWN, 50 * SW_MS, 0, "down web core");
    build(&lan);
    start_ping(&lan, "client", "10.0.0.1", 1);
    sw_test_run(&lan.world, 40 * SW_MS);
    ck_assert_uint_eq(sw_fdb_count(sw_bridge_fdb(sw_network_bridge(lan.net, "core"))), 3);
    sw_test_run(&lan.world, 60 * SW_MS);
    ck_assert_uint_eq(sw_fdb_count(sw_bridge_fdb(sw_network_bridge(lan.net, "core"))), 2);
    fini(&lan);
}
END_TEST

START_TEST(a_link_is_down_until_the_last_event_lets_go)
{
    struct lan lan;
    init(&lan);
    event(&lan, SW_ACTION_DOWN, 50 * SW_MS, 300 * SW_MS, "down web core");
    event(&lan, SW_ACTION_DOWN, 150 * SW_MS, 400 * SW_MS, "down web core");
    build(&lan);
    expect_pings(&lan, "!.....!!");
    fini(&lan);
}
END_TEST

START_TEST(up_ends_all_at_once_and_what_is_undone_later_changes_nothing)
{
    struct lan lan;
    init(&lan);
    event(&lan, SW_ACTION_DOWN, 50 * SW_MS, 300 * SW_MS, "down web core"); /* to 350 */
    event(&lan, SW_ACTION_DOWN, 60 * SW_MS, 0, "down web core");
    event(&lan, SW_ACTION_UP, 250 * SW_MS, 0, "up web core");
    event(&lan, SW_ACTION_DOWN, 340 * SW_MS, 200 * SW_MS, "down web core"); /* to 540 */
    build(&lan);
    expect_pings(&lan, "!..!..!!");
    fini(&lan);
}
END_TEST

START_TEST(an_event_comes_as_often_as_it_says)
{
    struct lan lan;
    init(&lan);
    struct sw_topo_event *e = event(&lan, SW_ACTION_DOWN, 50 * SW_MS, 100 * SW_MS, "down web core");
    e->every = 200 * SW_MS;
    e->times = 3;
    build(&lan);
    expect_pings(&lan, "!.!.!.!!!");
    fini(&lan);
}
END_TEST

START_TEST(an_event_without_end_goes_on)
{
    struct lan lan;
    init(&lan);
    struct sw_topo_event *e = event(&lan, SW_ACTION_DOWN, 50 * SW_MS, 100 * SW_MS, "down web core");
    e->every = 200 * SW_MS;
    e->times = 0;
    build(&lan);
    expect_pings(&lan, "!.!.!.!.!.!.");
    fini(&lan);
}
END_TEST

START_TEST(an_event_waits_for_its_step)
{
    struct lan lan;
    init(&lan);
    struct sw_topo_event *e = event(&lan, SW_ACTION_DOWN, 50 * SW_MS, 0, "down web core");
    e->after = 4;
    build(&lan);
    start_ping(&lan, "client", "10.0.0.1", 8);
    sw_test_run(&lan.world, 110 * SW_MS);
    ck_assert_ptr_eq(sw_events_left(lan.events, 0), e);
    ck_assert_ptr_null(sw_events_left(lan.events, 1));
    sw_events_step_ended(lan.events, 3);
    sw_test_run(&lan.world, 310 * SW_MS);
    sw_events_step_ended(lan.events, 4); /* due at 360 */
    sw_test_run(&lan.world, 330 * SW_MS);
    ck_assert_ptr_eq(sw_events_left(lan.events, 0), e);
    sw_events_step_ended(lan.events, 4); /* its first end counts */
    sw_test_run(&lan.world, 2 * SW_S);
    ck_assert_str_eq(lan.answered, "!!!!....");
    ck_assert_str_eq(lan.said, "360 down web core\n");
    ck_assert_ptr_null(sw_events_left(lan.events, 0));
    fini(&lan);
}
END_TEST

START_TEST(a_link_flaps_until_it_is_up_for_good)
{
    struct lan lan;
    init(&lan);
    struct sw_topo_event *e = event(&lan, SW_ACTION_FLAP, 50 * SW_MS, 520 * SW_MS, "flap web core");
    e->action.every = 200 * SW_MS;
    e->action.down = 100 * SW_MS;
    build(&lan);
    /* Down 50-150, 250-350, 450-550, and that is the end of it. */
    expect_pings(&lan, "!.!.!.!!!!!!");
    ck_assert_str_eq(lan.said, "50 flap web core\n570 end of flap web core (line 11)\n");
    fini(&lan);
}
END_TEST

START_TEST(a_flapping_link_that_is_undone_while_down_comes_up)
{
    struct lan lan;
    init(&lan);
    struct sw_topo_event *e = event(&lan, SW_ACTION_FLAP, 50 * SW_MS, 300 * SW_MS, "flap web core");
    e->action.every = SW_S;
    e->action.down = 900 * SW_MS;
    build(&lan);
    expect_pings(&lan, "!...!!!!!!!!!!");
    fini(&lan);
}
END_TEST

START_TEST(up_ends_flapping)
{
    struct lan lan;
    init(&lan);
    struct sw_topo_event *e = event(&lan, SW_ACTION_FLAP, 50 * SW_MS, 0, "flap web core");
    e->action.every = 200 * SW_MS;
    e->action.down = 100 * SW_MS;
    event(&lan, SW_ACTION_UP, 210 * SW_MS, 0, "up web core");
    build(&lan);
    expect_pings(&lan, "!.!!!!!!!!");
    fini(&lan);
}
END_TEST

/* ---- hosts ---- */

START_TEST(a_host_crashes_and_restarts)
{
    struct lan lan;
    init(&lan);
    event(&lan, SW_ACTION_CRASH, 150 * SW_MS, 200 * SW_MS, "crash web")->action.host = WEB;
    build(&lan);
    expect_pings(&lan, "!!..!!!!");
    ck_assert_str_eq(lan.said, "150 crash web\n350 restart web (undoes line 11)\n");
    ck_assert_uint_eq(dropped(&lan, WEB, SW_DROP_HOST_DOWN), 2);
    fini(&lan);
}
END_TEST

static void set_true(void *ctx)
{
    *(bool *)ctx = true;
}

static int fetch(struct lan *lan, sw_time until, uint64_t *size)
{
    struct sw_fetch *fetch = NULL;
    struct sw_fetch_result result;
    bool done = false;
    const struct sw_fetch_config config = {
        .to = {sw_ip_v4(0x0a000001), 80}, .host_header = "web", .path = "/", .method = "GET"};
    ck_assert_int_eq(
        sw_fetch_new(&fetch, sw_network_host(lan->net, "client"), &config, set_true, &done), 0);
    sw_test_run(&lan->world, until);
    ck_assert(done);
    sw_fetch_result(fetch, &result);
    *size = result.size;
    sw_fetch_free(fetch);
    return result.error;
}

/* The client has nothing to send, so nobody tells it: it gives up after 10 s without progress. */
START_TEST(a_crash_ends_a_transfer_and_the_service_is_there_again)
{
    struct lan lan;
    uint64_t size = 0;
    init(&lan);
    event(&lan, SW_ACTION_CRASH, 20 * SW_MS, 100 * SW_MS, "crash web")->action.host = WEB;
    build(&lan);
    ck_assert_int_eq(fetch(&lan, 30 * SW_S, &size), -ETIMEDOUT);
    ck_assert_uint_gt(size, 0);
    ck_assert_uint_lt(size, 2000000);
    ck_assert_int_eq(fetch(&lan, 60 * SW_S, &size), 0);
    ck_assert_uint_eq(size, 2000000);
    fini(&lan);
}
END_TEST

START_TEST(who_crashes_in_a_transfer_hears_of_it)
{
    struct lan lan;
    uint64_t size = 0;
    init(&lan);
    event(&lan, SW_ACTION_CRASH, 20 * SW_MS, 0, "crash client")->action.host = CLIENT;
    build(&lan);
    ck_assert_int_eq(fetch(&lan, 21 * SW_MS, &size), -ENETDOWN);
    fini(&lan);
}
END_TEST

START_TEST(a_measurement_whose_host_crashes_ends)
{
    for (int at = WEB; at <= CLIENT; at++) {
        for (int udp = 0; udp < 2; udp++) {
            struct lan lan;
            struct sw_iperf *iperf = NULL;
            struct sw_iperf_result result;
            bool done = false;
            init(&lan);
            event(&lan, SW_ACTION_CRASH, 500 * SW_MS, 0, "crash")->action.host = (size_t)at;
            build(&lan);
            const struct sw_iperf_config config = {.from = sw_network_host(lan.net, "client"),
                                                   .to = sw_network_host(lan.net, "web"),
                                                   .udp = udp != 0,
                                                   .parallel = 2,
                                                   .rate_bps = 1000000,
                                                   .duration = 10 * SW_S};
            ck_assert_int_eq(sw_iperf_new(&iperf, &config, NULL, set_true, &done), 0);
            sw_test_run(&lan.world, 501 * SW_MS);
            ck_assert(done);
            sw_iperf_result(iperf, &result);
            ck_assert_int_eq(result.error, -ENETDOWN);
            sw_iperf_free(iperf);
            fini(&lan);
        }
    }
}
END_TEST

START_TEST(a_ping_whose_host_crashes_loses_the_rest)
{
    struct lan lan;
    struct sw_ping_result result;
    init(&lan);
    event(&lan, SW_ACTION_CRASH, 250 * SW_MS, 100 * SW_MS, "crash client")->action.host = CLIENT;
    build(&lan);
    expect_pings(&lan, "!!!....");
    sw_ping_result(lan.ping, &result);
    ck_assert_int_eq(result.error, -ENETDOWN);
    ck_assert_uint_eq(result.sent, 7);
    ck_assert_uint_eq(result.received, 3);
    fini(&lan);
}
END_TEST

START_TEST(what_is_on_its_way_when_its_host_crashes_is_lost_at_once)
{
    struct lan lan;
    init(&lan);
    event(&lan, SW_ACTION_CRASH, 25 * SW_MS, 0, "crash client")->action.host = CLIENT;
    struct sw_topo_event *slow = event(&lan, SW_ACTION_SET, 0, 0, "set web core");
    slow->action.said = SW_LANE_DELAY;
    slow->action.lane.delay = 100 * SW_MS;
    build(&lan);
    const struct sw_ping_config config = {
        .to = sw_ip_v4(0x0a000001), .count = 4, .interval = 10 * SW_MS, .timeout = SW_S};
    ck_assert_int_eq(sw_ping_new(&lan.ping, sw_network_host(lan.net, "client"), &config, on_reply,
                                 nothing, &lan),
                     0);
    sw_test_run(&lan.world, 26 * SW_MS);
    ck_assert_str_eq(lan.answered, "...");
    sw_test_run(&lan.world, SW_S);
    ck_assert_str_eq(lan.answered, "....");
    fini(&lan);
}
END_TEST

START_TEST(a_host_stands_still_and_goes_on)
{
    struct lan lan;
    init(&lan);
    event(&lan, SW_ACTION_STOP, 150 * SW_MS, 200 * SW_MS, "stop web")->action.host = WEB;
    build(&lan);
    expect_pings(&lan, "!!..!!!!");
    ck_assert_str_eq(lan.said, "150 stop web\n350 continue web (undoes line 11)\n");
    ck_assert_uint_eq(dropped(&lan, WEB, SW_DROP_HOST_STOPPED), 2);
    fini(&lan);
}
END_TEST

START_TEST(a_transfer_outlives_a_pause_of_either_host)
{
    for (int at = WEB; at <= CLIENT; at++) {
        struct lan lan;
        uint64_t size = 0;
        init(&lan);
        event(&lan, SW_ACTION_STOP, 20 * SW_MS, 3 * SW_S, "stop")->action.host = (size_t)at;
        build(&lan);
        ck_assert_int_eq(fetch(&lan, 30 * SW_S, &size), 0);
        ck_assert_uint_eq(size, 2000000);
        fini(&lan);
    }
}
END_TEST

/* A connection that says nothing is reset by the service after its patience; not while the host
 * stands still, when nobody would hear of it. */
START_TEST(a_service_stands_still_with_its_host)
{
    struct lan lan;
    struct sw_sock *sock = NULL;
    char byte = 0;
    init(&lan);
    struct sw_topo_host *web = &lan.topo->hosts[WEB];
    web->services = topo_grow(web->services, web->service_count, sizeof *web->services);
    web->services[web->service_count++] =
        (struct sw_topo_service){.kind = SW_SERVICE_IPERF3, .port = 5201};
    event(&lan, SW_ACTION_STOP, SW_S, 600 * SW_S, "stop web")->action.host = WEB;
    build(&lan);
    ck_assert_int_eq(sw_sock_open(&sock, sw_network_host(lan.net, "client"), SW_TCP, NULL, NULL),
                     0);
    ck_assert_int_eq(sw_sock_connect(sock, (struct sw_endpoint){sw_ip_v4(0x0a000001), 5201}), 0);
    sw_test_run(&lan.world, 600 * SW_S);
    struct sw_host_stats stats;
    sw_host_stats(sw_network_host_at(lan.net, WEB), &stats);
    ck_assert_uint_eq(stats.unsent[SW_DROP_HOST_STOPPED], 0);
    ck_assert_int_eq(sw_sock_recv(sock, &byte, 1), -EAGAIN);
    sw_test_run(&lan.world, 602 * SW_S);
    ck_assert_int_eq(sw_sock_recv(sock, &byte, 1), -ECONNRESET);
    sw_sock_abort(sock);
    fini(&lan);
}
END_TEST

START_TEST(a_host_that_stands_still_may_crash_or_end)
{
    for (int crashes = 0; crashes < 2; crashes++) {
        struct lan lan;
        init(&lan);
        event(&lan, SW_ACTION_STOP, 150 * SW_MS, 0, "stop web")->action.host = WEB;
        if (crashes) {
            event(&lan, SW_ACTION_CRASH, 250 * SW_MS, 100 * SW_MS, "crash web")->action.host = WEB;
        }
        build(&lan);
        expect_pings(&lan, crashes ? "!!..!!" : "!!....");
        fini(&lan);
    }
}
END_TEST

START_TEST(a_host_whose_port_is_taken_stays_down)
{
    struct lan lan;
    struct sw_sock *sock = NULL;
    init(&lan);
    event(&lan, SW_ACTION_CRASH, SW_S, SW_S, "crash web")->action.host = WEB;
    event(&lan, SW_ACTION_RESTART, 3 * SW_S, 0, "restart web")->action.host = WEB;
    event(&lan, SW_ACTION_RESTART, 4 * SW_S, 0, "restart web")->action.host = WEB;
    build(&lan);
    sw_test_run(&lan.world, 1500 * SW_MS);
    struct sw_host *web = sw_network_host(lan.net, "web");
    ck_assert_int_eq(sw_sock_open(&sock, web, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 80}), 0);
    sw_test_run(&lan.world, 2500 * SW_MS);
    ck_assert_int_eq(sw_host_state(web), SW_HOST_DOWN);
    /* The attempt took the socket with it. */
    ck_assert_int_eq(sw_sock_listen(sock, 1), -ENETDOWN);
    sw_sock_close(sock);
    sw_test_run(&lan.world, 10 * SW_S);
    ck_assert_int_eq(sw_host_state(web), SW_HOST_RUNNING);
    ck_assert_str_eq(lan.said,
                     "1000 crash web\n"
                     "2000 restart web (undoes line 11): not done, the port of a service is taken\n"
                     "3000 restart web\n4000 restart web\n");
    fini(&lan);
}
END_TEST

START_TEST(a_link_whose_end_is_gone_for_good_stays_down)
{
    struct lan lan;
    init(&lan);
    event(&lan, SW_ACTION_UP, SW_S, 0, "up web core");
    build(&lan);
    struct sw_fabric *fabric = sw_network_fabric(lan.net);
    sw_fabric_port_down(fabric, sw_fabric_ends_at(fabric, 0)[0].port);
    sw_test_run(&lan.world, 2 * SW_S);
    ck_assert(!sw_network_link_at(lan.net, 0)->forward.up);
    fini(&lan);
}
END_TEST

/* ---- partitions ---- */

static struct sw_topo_event *partition(struct lan *lan, sw_time at, sw_time span, uint32_t web,
                                       uint32_t client, uint32_t other)
{
    struct sw_topo_event *e = event(lan, SW_ACTION_PARTITION, at, span, "partition [a] [b]");
    e->action.group = malloc(3 * sizeof *e->action.group);
    e->action.group_count = 3;
    e->action.group[WEB] = web;
    e->action.group[CLIENT] = client;
    e->action.group[OTHER] = other;
    return e;
}

START_TEST(groups_do_not_hear_each_other_until_it_heals)
{
    struct lan lan;
    init(&lan);
    partition(&lan, 150 * SW_MS, 200 * SW_MS, 1, 2, 0);
    build(&lan);
    expect_pings(&lan, "!!..!!!!");
    ck_assert_str_eq(lan.said, "150 partition [a] [b]\n350 heal (undoes line 11)\n");
    ck_assert_uint_eq(dropped(&lan, WEB, SW_DROP_PARTITION), 2);
    ck_assert_uint_eq(dropped(&lan, OTHER, SW_DROP_PARTITION), 0);
    fini(&lan);
}
END_TEST

START_TEST(who_is_in_no_group_reaches_all)
{
    struct lan lan;
    init(&lan);
    partition(&lan, 0, 0, 1, 0, 2);
    build(&lan);
    expect_pings(&lan, "!!!");
    fini(&lan);
}
END_TEST

START_TEST(hosts_of_one_group_reach_each_other_and_no_arp_comes_through)
{
    struct lan lan;
    init(&lan);
    partition(&lan, 0, 0, 1, 1, 2);
    build(&lan);
    expect_pings(&lan, "!!!");
    sw_ping_free(lan.ping);
    start_ping(&lan, "other", "10.0.0.1", 2);
    sw_test_run(&lan.world, sw_clock_now(lan.world.env.clock) + 5 * SW_S);
    ck_assert_str_eq(lan.answered, "..!");
    /* The requests of ARP at 0, 1 and 2 s. */
    ck_assert_uint_ge(dropped(&lan, WEB, SW_DROP_PARTITION), 3);
    fini(&lan);
}
END_TEST

START_TEST(a_partition_takes_the_place_of_the_one_before)
{
    struct lan lan;
    init(&lan);
    partition(&lan, 50 * SW_MS, 300 * SW_MS, 1, 2, 2);  /* to 350 */
    partition(&lan, 150 * SW_MS, 300 * SW_MS, 1, 1, 2); /* to 450 */
    partition(&lan, 250 * SW_MS, 300 * SW_MS, 1, 2, 1); /* to 550 */
    build(&lan);
    expect_pings(&lan, "!.!...!!");
    fini(&lan);
}
END_TEST

START_TEST(a_heal_ends_it)
{
    struct lan lan;
    init(&lan);
    partition(&lan, 50 * SW_MS, 0, 1, 2, 2);
    event(&lan, SW_ACTION_HEAL, 250 * SW_MS, 0, "heal");
    build(&lan);
    expect_pings(&lan, "!..!!");
    fini(&lan);
}
END_TEST

/* ---- settings ---- */

static struct sw_lane *lane(const struct lan *lan, unsigned way)
{
    struct sw_link *link = sw_network_link_at(lan->net, 0);
    return way == 0 ? &link->forward : &link->backward;
}

static struct sw_topo_event *set_delay(struct lan *lan, sw_time at, sw_time span, sw_time delay)
{
    struct sw_topo_event *e = event(lan, SW_ACTION_SET, at, span, "set web core");
    e->action.said = SW_LANE_DELAY;
    e->action.lane.delay = delay;
    return e;
}

static void expect_delay(struct lan *lan, sw_time at, sw_time delay)
{
    sw_test_run(&lan->world, at);
    ck_assert_int_eq(lane(lan, 0)->config.delay, delay);
}

START_TEST(a_setting_holds_for_its_time_and_nothing_else_changes)
{
    struct lan lan;
    init(&lan);
    set_delay(&lan, 100 * SW_MS, 200 * SW_MS, 20 * SW_MS)->action.ways = SW_FORWARD;
    build(&lan);
    expect_delay(&lan, 99 * SW_MS, SW_MS);
    expect_delay(&lan, 100 * SW_MS, 20 * SW_MS);
    ck_assert_int_eq(lane(&lan, 1)->config.delay, SW_MS);
    ck_assert_uint_eq(lane(&lan, 0)->config.queue_frames, 1000);
    expect_delay(&lan, 299 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 300 * SW_MS, SW_MS);
    ck_assert_str_eq(lan.said, "100 set web core\n300 end of set web core (line 11)\n");
    fini(&lan);
}
END_TEST

START_TEST(the_later_lies_over_the_earlier_and_what_is_left_shows_again)
{
    struct lan lan;
    init(&lan);
    set_delay(&lan, 100 * SW_MS, 300 * SW_MS, 10 * SW_MS); /* to 400 */
    set_delay(&lan, 200 * SW_MS, 300 * SW_MS, 20 * SW_MS); /* to 500 */
    struct sw_topo_event *loss = set_delay(&lan, 250 * SW_MS, 0, 0);
    loss->action.said = SW_LANE_LOSS;
    loss->action.lane.loss_ppb = 7;
    build(&lan);
    expect_delay(&lan, 150 * SW_MS, 10 * SW_MS);
    expect_delay(&lan, 200 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 400 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 500 * SW_MS, SW_MS);
    ck_assert_uint_eq(lane(&lan, 0)->config.loss_ppb, 7);
    fini(&lan);
}
END_TEST

START_TEST(a_setting_that_stays_ends_those_before_it)
{
    struct lan lan;
    init(&lan);
    set_delay(&lan, 100 * SW_MS, 300 * SW_MS, 10 * SW_MS);
    set_delay(&lan, 200 * SW_MS, 0, 20 * SW_MS);
    set_delay(&lan, 250 * SW_MS, 50 * SW_MS, 30 * SW_MS);
    build(&lan);
    expect_delay(&lan, 200 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 250 * SW_MS, 30 * SW_MS);
    expect_delay(&lan, 300 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 500 * SW_MS, 20 * SW_MS);
    fini(&lan);
}
END_TEST

START_TEST(a_ramp_goes_in_a_straight_line)
{
    struct lan lan;
    init(&lan);
    struct sw_topo_event *e = set_delay(&lan, 100 * SW_MS, 0, 11 * SW_MS);
    e->action.over = 10 * SW_MS; /* ten steps of 1 ms */
    build(&lan);
    expect_delay(&lan, 100 * SW_MS, SW_MS);
    expect_delay(&lan, 101 * SW_MS - 1, SW_MS);
    expect_delay(&lan, 101 * SW_MS, 2 * SW_MS);
    expect_delay(&lan, 105 * SW_MS, 6 * SW_MS);
    expect_delay(&lan, 109 * SW_MS, 10 * SW_MS);
    expect_delay(&lan, 110 * SW_MS, 11 * SW_MS);
    expect_delay(&lan, SW_S, 11 * SW_MS);
    fini(&lan);
}
END_TEST

START_TEST(a_ramp_ends_early_where_its_time_is_over_and_begins_where_the_lane_is)
{
    struct lan lan;
    init(&lan);
    set_delay(&lan, 100 * SW_MS, 50 * SW_MS, 101 * SW_MS)->action.over = 100 * SW_MS;
    set_delay(&lan, 120 * SW_MS, 0, SW_MS)->action.over = 20 * SW_MS; /* from 20 ms, and it stays */
    build(&lan);
    expect_delay(&lan, 119 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 120 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 130 * SW_MS, 10500 * SW_US);
    expect_delay(&lan, 140 * SW_MS, SW_MS);
    expect_delay(&lan, 150 * SW_MS, SW_MS);
    fini(&lan);
}
END_TEST

/* In virtual time a link with neither delay nor rate counts as 10 Gbit/s and 1 us. */
START_TEST(a_lane_that_loses_its_delay_still_takes_time)
{
    struct lan lan;
    init(&lan);
    set_delay(&lan, 100 * SW_MS, 100 * SW_MS, 0);
    build(&lan);
    expect_delay(&lan, 100 * SW_MS, SW_US);
    ck_assert_uint_eq(lane(&lan, 0)->config.rate_bps, 10000000000);
    expect_delay(&lan, 200 * SW_MS, SW_MS);
    ck_assert_uint_eq(lane(&lan, 0)->config.rate_bps, 0);
    fini(&lan);
}
END_TEST

/* ---- frames that are held or taken ---- */

START_TEST(held_frames_come_in_their_order)
{
    struct lan lan;
    struct sw_ping_result result;
    init(&lan);
    event(&lan, SW_ACTION_HOLD, 50 * SW_MS, 100 * SW_MS, "hold web core")->action.ways = SW_FORWARD;
    build(&lan);
    struct sw_ping_config config = {
        .to = sw_ip_v4(0x0a000001), .count = 5, .interval = 20 * SW_MS, .timeout = SW_S};
    ck_assert_int_eq(sw_ping_new(&lan.ping, sw_network_host(lan.net, "client"), &config, on_reply,
                                 nothing, &lan),
                     0);
    sw_test_run(&lan.world, 140 * SW_MS);
    ck_assert_str_eq(lan.answered, "!!!");
    sw_test_run(&lan.world, SW_S);
    ck_assert_str_eq(lan.answered, "!!!!!");
    sw_ping_result(lan.ping, &result);
    ck_assert_int_eq(result.max, 91 * SW_MS); /* sent at 60, released at 150, and a millisecond */
    ck_assert_str_eq(lan.said, "50 hold web core\n150 release web core (undoes line 11)\n");
    fini(&lan);
}
END_TEST

START_TEST(a_release_lets_all_go)
{
    struct lan lan;
    init(&lan);
    event(&lan, SW_ACTION_HOLD, 50 * SW_MS, 500 * SW_MS, "hold web core");
    event(&lan, SW_ACTION_HOLD, 60 * SW_MS, 0, "hold web core");
    event(&lan, SW_ACTION_RELEASE, 110 * SW_MS, 0, "release web core");
    build(&lan);
    expect_pings(&lan, "!!!!!!!!");
    fini(&lan);
}
END_TEST

static struct sw_topo_event *drop(struct lan *lan, sw_time at, enum sw_match_kind kind,
                                  uint32_t nth, uint32_t count)
{
    struct sw_topo_event *e = event(lan, SW_ACTION_DROP, at, 0, "drop web core");
    e->action.match.kind = kind;
    e->action.nth = nth;
    e->action.count = count;
    return e;
}

static uint64_t taken(const struct lan *lan)
{
    return lane(lan, 0)->stats.dropped[SW_DROP_DROP_RULE] +
           lane(lan, 1)->stats.dropped[SW_DROP_DROP_RULE];
}

START_TEST(the_nth_frame_from_now_is_taken)
{
    struct lan lan;
    init(&lan);
    /* Requests and replies count together: the fifth frame is the third request. */
    drop(&lan, 50 * SW_MS, SW_MATCH_ICMP, 5, 0);
    build(&lan);
    expect_pings(&lan, "!!!.!!");
    ck_assert_uint_eq(taken(&lan), 1);
    fini(&lan);
}
END_TEST

START_TEST(the_next_frames_of_one_direction_are_taken)
{
    struct lan lan;
    init(&lan);
    drop(&lan, 150 * SW_MS, SW_MATCH_ICMP, 0, 3)->action.ways = SW_FORWARD;
    build(&lan);
    expect_pings(&lan, "!!...!!");
    ck_assert_uint_eq(lane(&lan, 0)->stats.dropped[SW_DROP_DROP_RULE], 3);
    fini(&lan);
}
END_TEST

START_TEST(a_drop_that_is_over_takes_no_more)
{
    struct lan lan;
    init(&lan);
    drop(&lan, 150 * SW_MS, SW_MATCH_ALL, 0, 100)->span = 200 * SW_MS;
    build(&lan);
    expect_pings(&lan, "!!..!!");
    ck_assert_str_eq(lan.said, "150 drop web core\n350 end of drop web core (line 11)\n");
    fini(&lan);
}
END_TEST

/* Two frames come in each 100 ms: the third never does, since the count begins anew. */
START_TEST(a_drop_begins_anew_when_its_event_comes_again)
{
    struct lan lan;
    init(&lan);
    struct sw_topo_event *e = drop(&lan, 50 * SW_MS, SW_MATCH_ICMP, 3, 0);
    e->every = 100 * SW_MS;
    e->times = 4; /* the last at 350 */
    build(&lan);
    expect_pings(&lan, "!!!!!.!!");
    ck_assert_uint_eq(taken(&lan), 1);
    fini(&lan);
}
END_TEST

START_TEST(a_flap_begins_anew_when_its_event_comes_again)
{
    struct lan lan;
    init(&lan);
    struct sw_topo_event *e = event(&lan, SW_ACTION_FLAP, 50 * SW_MS, 0, "flap web core");
    e->action.every = 10 * SW_S;
    e->action.down = 250 * SW_MS;
    e->every = 200 * SW_MS;
    e->times = 2;
    build(&lan);
    expect_pings(&lan, "!....!!!"); /* down 50 to 500, and not for what was left of the first */
    fini(&lan);
}
END_TEST

START_TEST(several_drops_count_each_for_itself)
{
    struct lan lan;
    uint64_t size = 0;
    init(&lan);
    drop(&lan, 0, SW_MATCH_SYN, 1, 0);
    drop(&lan, 0, SW_MATCH_SYN_ACK, 1, 0);
    drop(&lan, 0, SW_MATCH_DATA, 2, 0);
    drop(&lan, 0, SW_MATCH_RETRANSMIT, 0, 1);
    build(&lan);
    ck_assert_int_eq(fetch(&lan, 60 * SW_S, &size), 0);
    ck_assert_uint_eq(size, 2000000);
    ck_assert_uint_eq(taken(&lan), 4);
    fini(&lan);
}
END_TEST

/* ---- actions of steps ---- */

START_TEST(an_action_is_done_at_once)
{
    struct lan lan;
    struct sw_topo_action down = {.kind = SW_ACTION_DOWN, .name = NULL};
    struct sw_topo_action up = {.kind = SW_ACTION_UP, .name = NULL};
    init(&lan);
    build(&lan);
    start_ping(&lan, "client", "10.0.0.1", 6);
    sw_test_run(&lan.world, 150 * SW_MS);
    ck_assert_int_eq(sw_events_do(lan.events, &down), 0);
    sw_test_run(&lan.world, 350 * SW_MS);
    ck_assert_int_eq(sw_events_do(lan.events, &up), 0);
    sw_test_run(&lan.world, SW_S);
    ck_assert_str_eq(lan.answered, "!!..!!");
    ck_assert_str_eq(lan.said, "150 down\n350 up\n");
    fini(&lan);
}
END_TEST

/* Of every kind one that is still in force: what is freed leaves nothing behind. */
START_TEST(the_end_may_come_in_the_midst_of_everything)
{
    struct lan lan;
    init(&lan);
    event(&lan, SW_ACTION_DOWN, 0, 100 * SW_S, "down");
    event(&lan, SW_ACTION_HOLD, 0, 100 * SW_S, "hold");
    event(&lan, SW_ACTION_STOP, 0, 100 * SW_S, "stop")->action.host = OTHER;
    event(&lan, SW_ACTION_CRASH, 0, 100 * SW_S, "crash")->action.host = WEB;
    set_delay(&lan, 0, 100 * SW_S, SW_S)->action.over = SW_S;
    set_delay(&lan, 0, 0, SW_S)->action.over = SW_S;
    drop(&lan, 0, SW_MATCH_RETRANSMIT, 0, 0)->span = 100 * SW_S;
    drop(&lan, 0, SW_MATCH_ALL, 1, 0);
    partition(&lan, 0, 100 * SW_S, 1, 2, 1);
    struct sw_topo_event *flap = event(&lan, SW_ACTION_FLAP, 0, 100 * SW_S, "flap");
    flap->action.every = 20 * SW_MS;
    flap->action.down = 10 * SW_MS;
    build(&lan);
    expect_pings(&lan, "...");
    ck_assert(!sw_network_link_at(lan.net, 0)->forward.up);
    sw_events_free(lan.events);
    lan.events = NULL;
    sw_test_run(&lan.world, 10 * SW_S);
    /* What was down or stopped stays so. */
    ck_assert(!sw_network_link_at(lan.net, 0)->forward.up);
    ck_assert_int_eq(sw_host_state(sw_network_host_at(lan.net, OTHER)), SW_HOST_STOPPED);
    ck_assert_int_eq(sw_host_state(sw_network_host_at(lan.net, WEB)), SW_HOST_DOWN);
    fini(&lan);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("events");
    TCase *links = tcase_create("links");
    tcase_add_test(links, a_link_goes_down_and_comes_up_by_itself);
    tcase_add_test(links, a_switch_forgets_who_was_at_a_link_that_goes_down);
    tcase_add_test(links, a_link_is_down_until_the_last_event_lets_go);
    tcase_add_test(links, up_ends_all_at_once_and_what_is_undone_later_changes_nothing);
    tcase_add_test(links, an_event_comes_as_often_as_it_says);
    tcase_add_test(links, an_event_without_end_goes_on);
    tcase_add_test(links, an_event_waits_for_its_step);
    tcase_add_test(links, a_link_flaps_until_it_is_up_for_good);
    tcase_add_test(links, a_flapping_link_that_is_undone_while_down_comes_up);
    tcase_add_test(links, up_ends_flapping);
    suite_add_tcase(suite, links);
    TCase *hosts = tcase_create("hosts");
    tcase_add_test(hosts, a_host_crashes_and_restarts);
    tcase_add_test(hosts, a_crash_ends_a_transfer_and_the_service_is_there_again);
    tcase_add_test(hosts, who_crashes_in_a_transfer_hears_of_it);
    tcase_add_test(hosts, a_measurement_whose_host_crashes_ends);
    tcase_add_test(hosts, a_ping_whose_host_crashes_loses_the_rest);
    tcase_add_test(hosts, what_is_on_its_way_when_its_host_crashes_is_lost_at_once);
    tcase_add_test(hosts, a_host_stands_still_and_goes_on);
    tcase_add_test(hosts, a_transfer_outlives_a_pause_of_either_host);
    tcase_add_test(hosts, a_service_stands_still_with_its_host);
    tcase_add_test(hosts, a_host_that_stands_still_may_crash_or_end);
    tcase_add_test(hosts, a_host_whose_port_is_taken_stays_down);
    tcase_add_test(links, a_link_whose_end_is_gone_for_good_stays_down);
    suite_add_tcase(suite, hosts);
    TCase *partitions = tcase_create("partitions");
    tcase_add_test(partitions, groups_do_not_hear_each_other_until_it_heals);
    tcase_add_test(partitions, who_is_in_no_group_reaches_all);
    tcase_add_test(partitions, hosts_of_one_group_reach_each_other_and_no_arp_comes_through);
    tcase_add_test(partitions, a_partition_takes_the_place_of_the_one_before);
    tcase_add_test(partitions, a_heal_ends_it);
    suite_add_tcase(suite, partitions);
    TCase *settings = tcase_create("settings");
    tcase_add_test(settings, a_setting_holds_for_its_time_and_nothing_else_changes);
    tcase_add_test(settings, the_later_lies_over_the_earlier_and_what_is_left_shows_again);
    tcase_add_test(settings, a_setting_that_stays_ends_those_before_it);
    tcase_add_test(settings, a_ramp_goes_in_a_straight_line);
    tcase_add_test(settings, a_ramp_ends_early_where_its_time_is_over_and_begins_where_the_lane_is);
    tcase_add_test(settings, a_lane_that_loses_its_delay_still_takes_time);
    suite_add_tcase(suite, settings);
    TCase *frames = tcase_create("frames");
    tcase_add_test(frames, held_frames_come_in_their_order);
    tcase_add_test(frames, a_release_lets_all_go);
    tcase_add_test(frames, the_nth_frame_from_now_is_taken);
    tcase_add_test(frames, the_next_frames_of_one_direction_are_taken);
    tcase_add_test(frames, a_drop_that_is_over_takes_no_more);
    tcase_add_test(frames, a_drop_begins_anew_when_its_event_comes_again);
    tcase_add_test(frames, a_flap_begins_anew_when_its_event_comes_again);
    tcase_add_test(frames, several_drops_count_each_for_itself);
    suite_add_tcase(suite, frames);
    TCase *steps = tcase_create("steps");
    tcase_add_test(steps, an_action_is_done_at_once);
    tcase_add_test(steps, the_end_may_come_in_the_midst_of_everything);
    suite_add_tcase(suite, steps);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
