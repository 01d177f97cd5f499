/* See lan_events.h. */
#include "tests/support/lan_events.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

void eventful_init(struct eventful *lan)
{
    *lan = (struct eventful){.net = NULL};
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

struct sw_topo_event *eventful_event(struct eventful *lan, enum sw_action_kind kind, sw_time at,
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
    struct eventful *lan = ctx;
    size_t n = strlen(lan->said);
    snprintf(lan->said + n, sizeof lan->said - n, "%lld %s\n", (long long)(now / SW_MS), text);
}

static void on_reply(void *ctx, const struct sw_ping_reply *reply)
{
    struct eventful *lan = ctx;
    lan->answered[reply->sequence - 1] = reply->rtt >= 0 ? '!' : '.';
}

static void nothing(void *ctx)
{
    (void)ctx;
}

void eventful_build(struct eventful *lan)
{
    const struct sw_network_options options = {.virtual_time = true};
    const struct sw_events_hooks hooks = {.acted = on_acted, .ctx = lan};
    int status =
        sw_network_new(&lan->net, &lan->world.env, lan->topo, &options, lan->why, sizeof lan->why);
    ck_assert_msg(status == 0, "%s", lan->why);
    ck_assert_int_eq(sw_events_new(&lan->events, lan->net, &hooks), 0);
}

void eventful_ping(struct eventful *lan, const char *from, const struct sw_ping_config *config)
{
    ck_assert_int_eq(
        sw_ping_new(&lan->ping, sw_network_host(lan->net, from), config, on_reply, nothing, lan),
        0);
}

void eventful_start_ping(struct eventful *lan, const char *from, const char *to, uint32_t count)
{
    struct sw_ping_config config = {.count = count, .interval = BEAT, .timeout = 50 * SW_MS};
    ck_assert(sw_ip_parse(&config.to, to));
    eventful_ping(lan, from, &config);
}

void eventful_expect_pings(struct eventful *lan, const char *answered)
{
    eventful_start_ping(lan, "client", "10.0.0.1", (uint32_t)strlen(answered));
    sw_test_run(&lan->world, (sw_time)strlen(answered) * BEAT + SW_S);
    ck_assert_str_eq(lan->answered, answered);
}

static void on_fetched(void *ctx)
{
    *(bool *)ctx = true;
}

int eventful_fetch(struct eventful *lan, sw_time until, uint64_t *size)
{
    struct sw_fetch *fetch = NULL;
    struct sw_fetch_result result;
    bool done = false;
    const struct sw_fetch_config config = {
        .to = {sw_ip_v4(0x0a000001), 80}, .host_header = "web", .path = "/", .method = "GET"};
    ck_assert_int_eq(
        sw_fetch_new(&fetch, sw_network_host(lan->net, "client"), &config, on_fetched, &done), 0);
    sw_test_run(&lan->world, until);
    ck_assert(done);
    sw_fetch_result(fetch, &result);
    *size = result.size;
    sw_fetch_free(fetch);
    return result.error;
}

void eventful_fini(struct eventful *lan)
{
    ck_assert_msg(sw_network_holds(lan->net, lan->why, sizeof lan->why), "%s", lan->why);
    sw_ping_free(lan->ping);
    sw_events_free(lan->events);
    sw_network_free(lan->net);
    sw_topo_free(lan->topo);
    sw_test_env_fini(&lan->world);
}

uint64_t eventful_dropped(const struct eventful *lan, size_t host, enum sw_drop reason)
{
    struct sw_host_stats stats;
    sw_host_stats(sw_network_host_at(lan->net, host), &stats);
    return stats.dropped[reason];
}
