/* A small LAN from a topo. See the header. */
#include "tests/support/lan_network.h"

#include <check.h>

#include "lan/traffic.h"

void sw_test_lan_init(struct sw_test_lan *lan)
{
    *lan = (struct sw_test_lan){.net = NULL};
    sw_test_env_init(&lan->world, 7);
    lan->topo = sw_topo_new("office");
    ck_assert_ptr_nonnull(lan->topo);
    sw_test_port_init(&lan->uplink, &lan->world, "tap0");
}

void sw_test_lan_pair(struct sw_test_lan *lan)
{
    sw_test_lan_init(lan);
    topo_switch(lan->topo, "core");
    topo_host(lan->topo, "web", "10.0.0.10/24", NULL);
    topo_host(lan->topo, "client", "10.0.0.11/24", NULL);
}

static int give_uplink(void *ctx, const struct sw_topo_uplink *uplink, struct sw_port **out)
{
    struct sw_test_lan *lan = ctx;
    ck_assert_str_eq(uplink->name, uplink->kind == SW_UPLINK_TUN ? "tun0" : "tap0");
    *out = &lan->uplink.port;
    return lan->uplink_status;
}

int sw_test_lan_try(struct sw_test_lan *lan, bool virtual_time)
{
    const struct sw_network_options options = {
        .virtual_time = virtual_time, .uplink = give_uplink, .ctx = lan};
    return sw_network_new(&lan->net, &lan->world.env, lan->topo, &options, lan->why,
                          sizeof lan->why);
}

void sw_test_lan_build(struct sw_test_lan *lan)
{
    int status = sw_test_lan_try(lan, true);
    ck_assert_msg(status == 0, "%s", lan->why);
}

void sw_test_lan_fini(struct sw_test_lan *lan)
{
    sw_network_free(lan->net);
    sw_test_port_fini(&lan->uplink);
    sw_topo_free(lan->topo);
    sw_test_env_fini(&lan->world);
}

void sw_test_lan_refused(struct sw_test_lan *lan, int status, const char *why)
{
    ck_assert_int_eq(sw_test_lan_try(lan, true), status);
    ck_assert_ptr_null(lan->net);
    ck_assert_str_eq(lan->why, why);
    sw_test_lan_fini(lan);
}

static void nothing(void *ctx)
{
    (void)ctx;
}

uint32_t sw_test_lan_ping(struct sw_test_lan *lan, const char *from, const char *to)
{
    struct sw_ping *pinger = NULL;
    struct sw_ping_config config = {
        .count = 3, .interval = SW_S, .timeout = SW_S, .size_bytes = 56};
    struct sw_ping_result result;
    ck_assert(sw_ip_parse(&config.to, to));
    ck_assert_int_eq(
        sw_ping_new(&pinger, sw_network_host(lan->net, from), &config, NULL, nothing, NULL), 0);
    sw_test_run(&lan->world, sw_clock_now(lan->world.env.clock) + 10 * SW_S);
    sw_ping_result(pinger, &result);
    sw_ping_free(pinger);
    return result.received;
}

void sw_test_lan_holds(struct sw_test_lan *lan)
{
    bool held = sw_network_holds(lan->net, lan->why, sizeof lan->why);
    ck_assert_msg(held, "%s", lan->why);
}

void sw_test_lan_lanes(struct sw_test_lan *lan, size_t i, const char *forward, const char *backward)
{
    const struct sw_link *link = sw_network_link_at(lan->net, i);
    ck_assert_str_eq(link->forward.owner.name, forward);
    ck_assert_str_eq(link->backward.owner.name, backward);
}

void sw_test_lan_uplink(struct sw_test_lan *lan)
{
    lan->topo->uplinks = topo_grow(NULL, 0, sizeof *lan->topo->uplinks);
    lan->topo->uplinks[0].name = topo_text("tap0");
    lan->topo->uplink_count = 1;
}
