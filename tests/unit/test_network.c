/* A LAN from a topo: what is built, what it is called, what is refused, and what it says of itself.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/watch.h"
#include "lan/network.h"
#include "lan/traffic.h"
#include "stack/sock.h"
#include "tests/support/lan_network.h"

struct counter {
    struct sw_watch watch;
    uint64_t sent;
};

START_TEST(hosts_on_a_switch_reach_each_other)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    topo_link(lan.topo, "web", "core", NULL);
    topo_link(lan.topo, "client", "core:p7", NULL);
    sw_test_lan_build(&lan);
    ck_assert_ptr_eq(sw_network_topo(lan.net), lan.topo);
    ck_assert_ptr_eq(sw_network_env(lan.net)->clock, lan.world.env.clock);
    ck_assert_uint_eq(sw_test_lan_ping(&lan, "client", "10.0.0.10"), 3);
    sw_test_lan_holds(&lan);
    sw_test_lan_fini(&lan);
}
END_TEST

START_TEST(parts_are_found_by_name_and_by_place)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    topo_link(lan.topo, "web", "core", NULL);
    topo_link(lan.topo, "client", "core:p7", NULL);
    sw_test_lan_build(&lan);
    ck_assert_ptr_eq(sw_network_host(lan.net, "client"), sw_network_host_at(lan.net, 1));
    ck_assert_str_eq(sw_host_name(sw_network_host_at(lan.net, 0)), "web");
    ck_assert_ptr_eq(sw_network_bridge(lan.net, "core"), sw_network_bridge_at(lan.net, 0));
    ck_assert_ptr_null(sw_network_host(lan.net, "core"));
    ck_assert_ptr_null(sw_network_host(lan.net, "web>core"));
    struct sw_ip ip;
    ck_assert(sw_network_address(lan.net, "client", &ip) &&
              sw_ip_equal(ip, sw_host_address(sw_network_host_at(lan.net, 1))));
    ck_assert(sw_network_address(lan.net, "192.168.0.7", &ip) && sw_ip_v4_number(ip) == 0xc0a80007);
    ck_assert(!sw_network_address(lan.net, "core", &ip));
    ck_assert_ptr_null(sw_network_bridge(lan.net, "web"));
    ck_assert_ptr_null(sw_network_bridge(lan.net, "nobody"));
    ck_assert_ptr_null(sw_network_host_at(lan.net, 2));
    ck_assert_ptr_null(sw_network_bridge_at(lan.net, 1));
    ck_assert_ptr_null(sw_network_link_at(lan.net, 2));
    static const char *const ports[] = {"web:eth0", "core:p1", "client:eth0", "core:p7"};
    ck_assert_uint_eq(sw_network_port_count(lan.net), 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(sw_network_port_at(lan.net, i)->name, ports[i]);
    }
    ck_assert_ptr_null(sw_network_port_at(lan.net, 4));
    sw_test_lan_fini(&lan);
}
END_TEST

START_TEST(lanes_are_called_by_their_nodes)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    topo_switch(lan.topo, "floor");
    topo_link(lan.topo, "core", "floor", NULL);
    topo_link(lan.topo, "floor", "core", NULL);
    topo_link(lan.topo, "core", "floor", NULL)->name = topo_text("trunk");
    topo_link(lan.topo, "web", "core", NULL)->name = topo_text("wan");
    topo_link(lan.topo, "floor:p8", "floor:p9", NULL);
    topo_link(lan.topo, "floor:p10", "floor:p11", NULL);
    sw_test_lan_build(&lan);
    sw_test_lan_lanes(&lan, 0, "core>floor", "floor>core");
    sw_test_lan_lanes(&lan, 1, "floor>core#2", "core>floor#2");
    sw_test_lan_lanes(&lan, 2, "core>floor(trunk)", "floor>core(trunk)");
    sw_test_lan_lanes(&lan, 3, "web>core", "core>web");
    sw_test_lan_lanes(&lan, 4, "floor:p8>floor:p9", "floor:p9>floor:p8");
    sw_test_lan_lanes(&lan, 5, "floor:p10>floor:p11", "floor:p11>floor:p10");
    sw_test_lan_fini(&lan);
}
END_TEST

START_TEST(a_link_of_nothing_takes_time_in_virtual_time_alone)
{
    for (int virtual_time = 0; virtual_time < 2; virtual_time++) {
        struct sw_test_lan lan;
        sw_test_lan_pair(&lan);
        const struct sw_lane_config slow = {.delay = 5 * SW_MS, .queue_bytes = 3000};
        const struct sw_lane_config nothing_said = {0};
        topo_link(lan.topo, "web", "core", &nothing_said);
        topo_link(lan.topo, "client", "core", &slow);
        ck_assert_int_eq(sw_test_lan_try(&lan, virtual_time == 1), 0);
        const struct sw_lane_config *wire = &sw_network_link_at(lan.net, 0)->forward.config;
        ck_assert_int_eq(wire->delay, virtual_time == 1 ? SW_US : 0);
        ck_assert_uint_eq(wire->rate_bps, virtual_time == 1 ? 10000000000u : 0);
        ck_assert_uint_eq(wire->queue_frames, 1000);
        const struct sw_lane_config *line = &sw_network_link_at(lan.net, 1)->backward.config;
        ck_assert_int_eq(line->delay, 5 * SW_MS);
        ck_assert_uint_eq(line->rate_bps, 0);
        ck_assert_uint_eq(line->queue_frames, 0);
        ck_assert_uint_eq(line->queue_bytes, 3000);
        sw_test_lan_fini(&lan);
    }
}
END_TEST

START_TEST(macs_come_from_names_alone)
{
    char text[SW_MAC_TEXT];
    struct sw_mac mac = sw_mac_from_names("office", "web", "eth0");
    ck_assert_str_eq(sw_mac_emit(mac, text), "f6:d8:8c:1f:07:00");
    ck_assert_uint_eq(mac.b[0] & 3, 2);
    ck_assert(!sw_mac_equal(mac, sw_mac_from_names("lab", "web", "eth0")));
    ck_assert(!sw_mac_equal(mac, sw_mac_from_names("office", "we", "beth0")));
    ck_assert(!sw_mac_equal(mac, sw_mac_from_names("office", "web", "eth1")));
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    lan.topo->hosts[1].nics[0].mac_given = true;
    lan.topo->hosts[1].nics[0].mac = (struct sw_mac){{2, 0, 0, 0, 0, 10}};
    sw_test_lan_build(&lan);
    struct sw_nic *web = sw_host_nic(sw_network_host(lan.net, "web"), "eth0");
    struct sw_nic *client = sw_host_nic(sw_network_host(lan.net, "client"), "eth0");
    ck_assert(sw_mac_equal(sw_nic_mac(web), mac));
    ck_assert_str_eq(sw_mac_emit(sw_nic_mac(client), text), "02:00:00:00:00:0a");
    sw_test_lan_fini(&lan);
}
END_TEST

START_TEST(two_macs_alike_are_refused_by_name)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    lan.topo->hosts[1].nics[0].mac_given = true;
    lan.topo->hosts[1].nics[0].mac = sw_mac_from_names("office", "web", "eth0");
    sw_test_lan_refused(
        &lan, -EEXIST,
        "web:eth0 and client:eth0 have one MAC, f6:d8:8c:1f:07:00: give one of them "
        "another");
}
END_TEST

START_TEST(two_owners_with_one_number_are_refused_by_name)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    topo_host(lan.topo, "web>core", "10.0.0.12/24", NULL);
    topo_link(lan.topo, "web", "core", NULL);
    sw_test_lan_refused(
        &lan, -EEXIST,
        "'web>core' has the name or the number of the host 'web>core' already: rename one of "
        "them");
    sw_test_lan_pair(&lan);
    topo_host(lan.topo, "core>web", "10.0.0.12/24", NULL);
    topo_link(lan.topo, "web", "core", NULL);
    sw_test_lan_refused(
        &lan, -EEXIST,
        "'core>web' has the name or the number of the host 'core>web' already: rename one of "
        "them");
    sw_test_lan_pair(&lan);
    topo_host(lan.topo, "core", "10.0.0.12/24", NULL);
    sw_test_lan_refused(
        &lan, -EEXIST,
        "'core' has the name or the number of the switch 'core' already: rename one of them");
}
END_TEST

START_TEST(an_end_is_used_once)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    topo_link(lan.topo, "web", "core", NULL);
    topo_link(lan.topo, "web", "core", NULL);
    sw_test_lan_refused(&lan, -EEXIST, "web:eth0 has a cable already");
    sw_test_lan_pair(&lan);
    topo_link(lan.topo, "core:p1", "core:p1", NULL);
    sw_test_lan_refused(&lan, -EEXIST, "core:p1 has a cable already");
    sw_test_lan_pair(&lan);
    topo_link(lan.topo, "web:eth9", "core", NULL);
    sw_test_lan_refused(&lan, -EINVAL, "host 'web' has no interface 'eth9'");
}
END_TEST

START_TEST(addresses_and_routes_that_cannot_be_are_refused)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    topo_host(lan.topo, "bad", "10.0.0.255/24", NULL);
    sw_test_lan_refused(&lan, -EINVAL, "bad:eth0: 10.0.0.255/24 is not a host's address");
    sw_test_lan_pair(&lan);
    topo_nic(topo_host(lan.topo, "bad", "10.0.0.9/24", NULL), "eth1", "10.0.0.9/24");
    sw_test_lan_refused(&lan, -EEXIST, "bad:eth1: the host has the address 10.0.0.9 already");
    sw_test_lan_pair(&lan);
    topo_nic(topo_host(lan.topo, "bad", "10.0.0.9/24", NULL), "eth0", NULL);
    sw_test_lan_refused(&lan, -EEXIST, "bad:eth0: the host has that name or MAC already");
    sw_test_lan_pair(&lan);
    topo_host(lan.topo, "bad", "10.0.0.9/24", "192.168.1.1");
    sw_test_lan_refused(&lan, -EINVAL,
                        "bad: the gateway 192.168.1.1 of 0.0.0.0/0 lies in none of its nets");
    sw_test_lan_pair(&lan);
    topo_route(topo_host(lan.topo, "bad", "10.0.0.9/24", "10.0.0.1"), "0.0.0.0/0", "10.0.0.1");
    sw_test_lan_refused(&lan, -EEXIST, "bad: the route to 0.0.0.0/0 is there already");
    sw_test_lan_pair(&lan);
    struct sw_topo_host *bad = topo_host(lan.topo, "bad", "10.0.0.9/24", "10.0.0.1");
    bad->routes[0].nic = topo_text("eth3");
    sw_test_lan_refused(&lan, -EINVAL,
                        "bad: a route by the interface eth3, which it does not have");
    sw_test_lan_pair(&lan);
    lan.topo->hosts[0].nics[0].mtu_bytes = 67;
    sw_test_lan_refused(&lan, -EINVAL, "web:eth0: its MAC or MTU is none an interface can have");
    sw_test_lan_pair(&lan);
    lan.topo->hosts[0].nics[0].mac_given = true;
    sw_test_lan_refused(&lan, -EINVAL, "web:eth0: zero is nobody's MAC");
    sw_test_lan_pair(&lan);
    lan.topo->hosts[0].tcp.send_buffer_bytes = 1;
    sw_test_lan_refused(&lan, -EINVAL, "host 'web': a setting is out of its range");
    sw_test_lan_pair(&lan);
    lan.topo->switches[0].ageing = SW_S;
    sw_test_lan_refused(
        &lan, -EINVAL,
        "switch 'core': its ageing time or the size of its MAC table is out of range");
}
END_TEST

static void bind_station(struct sw_test_lan *lan, struct sw_mac mac, const char *port)
{
    struct sw_topo_switch *core = &lan->topo->switches[0];
    core->statics = topo_grow(core->statics, core->static_count, sizeof *core->statics);
    core->statics[core->static_count].mac = mac;
    core->statics[core->static_count++].port = topo_text(port);
}

START_TEST(stations_can_be_bound_to_ports)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    topo_link(lan.topo, "web", "core:p1", NULL);
    bind_station(&lan, sw_mac_from_names("office", "web", "eth0"), "p1");
    bind_station(&lan, (struct sw_mac){{2, 0, 0, 0, 0, 1}}, "spare");
    sw_test_lan_build(&lan);
    struct sw_fdb_entry entry;
    const struct sw_fdb *fdb = sw_bridge_fdb(sw_network_bridge(lan.net, "core"));
    ck_assert_uint_eq(sw_fdb_count(fdb), 2);
    ck_assert(sw_fdb_entry(fdb, 0, &entry) && entry.fixed);
    ck_assert_ptr_nonnull(sw_bridge_port(sw_network_bridge(lan.net, "core"), "spare"));
    sw_test_lan_fini(&lan);
    sw_test_lan_pair(&lan);
    bind_station(&lan, (struct sw_mac){{2, 0, 0, 0, 0, 1}}, "p1");
    bind_station(&lan, (struct sw_mac){{2, 0, 0, 0, 0, 1}}, "p2");
    sw_test_lan_refused(&lan, -EINVAL,
                        "switch 'core': the static station 02:00:00:00:00:01 is bound already");
    sw_test_lan_pair(&lan);
    bind_station(&lan, sw_mac_broadcast, "p1");
    sw_test_lan_refused(
        &lan, -EINVAL,
        "switch 'core': the static station ff:ff:ff:ff:ff:ff has no station's address");
}
END_TEST

START_TEST(routers_join_subnets)
{
    struct sw_test_lan lan;
    sw_test_lan_init(&lan);
    topo_switch(lan.topo, "left");
    topo_switch(lan.topo, "right");
    topo_host(lan.topo, "a", "10.0.0.2/24", "10.0.0.1");
    topo_host(lan.topo, "b", "10.0.1.2/24", "10.0.1.1");
    struct sw_topo_host *r1 = topo_host(lan.topo, "r1", "10.0.0.1/24", NULL);
    r1->forwarding = true;
    topo_nic(r1, "eth1", "10.0.1.1/24");
    topo_link(lan.topo, "a", "left", NULL);
    topo_link(lan.topo, "b", "right", NULL);
    topo_link(lan.topo, "r1:eth0", "left", NULL);
    topo_link(lan.topo, "r1:eth1", "right", NULL);
    sw_test_lan_build(&lan);
    ck_assert_uint_eq(sw_test_lan_ping(&lan, "a", "10.0.1.2"), 3);
    sw_test_lan_holds(&lan);
    sw_test_lan_fini(&lan);
}
END_TEST

/* A switch that floods shows a host frames that are not for it: it must drop each, and the ledger
 * sees that it did. */
START_TEST(what_is_for_another_mac_is_dropped)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    sw_test_lan_uplink(&lan);
    topo_link(lan.topo, "web", "core", NULL);
    topo_link(lan.topo, "tap0", "core", NULL);
    sw_test_lan_build(&lan);
    static const uint8_t bytes[60] = {2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1, 0x08, 0x00};
    for (unsigned i = 0; i < 5; i++) {
        sw_port_send(&lan.uplink.port,
                     sw_frame_from_bytes(lan.world.env.pool, bytes, sizeof bytes, 34));
    }
    sw_test_run(&lan.world, SW_S);
    struct sw_host_stats stats;
    sw_host_stats(sw_network_host(lan.net, "web"), &stats);
    ck_assert_uint_eq(stats.dropped[SW_DROP_ETH_NOT_FOR_US], 5);
    sw_test_lan_holds(&lan);
    sw_test_lan_fini(&lan);
}
END_TEST

START_TEST(a_ledger_that_does_not_hold_is_named)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    topo_link(lan.topo, "web", "core", NULL);
    sw_test_lan_build(&lan);
    sw_test_lan_holds(&lan);
    sw_network_link_at(lan.net, 0)->backward.stats.in++;
    ck_assert(!sw_network_holds(lan.net, lan.why, sizeof lan.why));
    ck_assert_str_eq(lan.why,
                     "link core>web: 1 in + 0 duplicated is not 0 out + 0 dropped + 0 queued");
    sw_network_link_at(lan.net, 0)->backward.stats.in--;
    sw_test_lan_fini(&lan);
}
END_TEST

static void gather(void *ctx, const char *text)
{
    char *all = ctx;
    size_t len = strlen(all);
    snprintf(all + len, 2000 - len, "%s\n", text);
}

START_TEST(a_summary_is_a_line_a_part)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    const struct sw_lane_config line = {
        .delay = SW_MS, .rate_bps = 1000000000, .queue_frames = 1000};
    topo_link(lan.topo, "web", "core", &line);
    topo_link(lan.topo, "client", "core", &line);
    sw_test_lan_build(&lan);
    ck_assert_uint_eq(sw_test_lan_ping(&lan, "client", "10.0.0.10"), 3);
    sw_link_set_up(sw_network_link_at(lan.net, 0), false);
    ck_assert_uint_eq(sw_test_lan_ping(&lan, "client", "10.0.0.10"), 0);
    char all[2000] = "";
    sw_network_summary(lan.net, gather, all);
    ck_assert_str_eq(
        all,
        "host web: 5 frames (378 bytes) in, 5 frames (378 bytes) out, 4 consumed, 1 dropped "
        "(arp-not-for-us 1)\n"
        "host client: 5 frames (378 bytes) in, 8 frames (672 bytes) out, 5 consumed\n"
        "switch core: 13 frames (1050 bytes) in, 10 forwarded, 3 flooded, 13 copies out, 2 "
        "stations\n"
        "link web>core: 5 frames (378 bytes) delivered; core>web: 5 frames (378 bytes) delivered, "
        "3 dropped (link-down 3)\n"
        "link client>core: 8 frames (672 bytes) delivered; core>client: 5 frames (378 bytes) "
        "delivered\n");
    sw_test_lan_holds(&lan);
    sw_test_lan_fini(&lan);
}
END_TEST

START_TEST(a_service_starts_with_its_host)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    struct sw_topo_host *web = &lan.topo->hosts[0];
    for (unsigned i = 0; i < 2; i++) {
        web->services = topo_grow(web->services, web->service_count, sizeof *web->services);
        web->services[web->service_count].kind = i == 0 ? SW_SERVICE_ECHO : SW_SERVICE_UDP_ECHO;
        web->services[web->service_count++].port = 7;
    }
    sw_test_lan_build(&lan);
    struct sw_sock *sock = NULL;
    ck_assert_int_eq(sw_sock_open(&sock, sw_network_host(lan.net, "web"), SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 7}), -EADDRINUSE);
    sw_sock_close(sock);
    sw_test_lan_fini(&lan);
    sw_test_lan_pair(&lan);
    web = &lan.topo->hosts[0];
    for (unsigned i = 0; i < 2; i++) {
        web->services = topo_grow(web->services, web->service_count, sizeof *web->services);
        web->services[web->service_count].kind = SW_SERVICE_ECHO;
        web->services[web->service_count++].port = 7;
    }
    sw_test_lan_refused(&lan, -EEXIST, "host 'web': port 7 has a service already");
}
END_TEST

static void count_sent(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                       const struct sw_frame *frame)
{
    (void)lane;
    (void)now;
    (void)frame;
    SW_CONTAINER(w, struct counter, watch)->sent++;
}

/* A connection to a service stands when the LAN ends: what its ends do then is no part of the run.
 */
START_TEST(nobody_sees_how_it_is_taken_down)
{
    struct sw_test_lan lan;
    struct counter counter = {.watch = {.sent = count_sent}};
    sw_test_lan_pair(&lan);
    lan.world.env.watch = &counter.watch;
    topo_link(lan.topo, "web", "core", NULL);
    topo_link(lan.topo, "client", "core", NULL);
    struct sw_topo_host *web = &lan.topo->hosts[0];
    web->services = topo_grow(web->services, web->service_count, sizeof *web->services);
    web->services[web->service_count].kind = SW_SERVICE_ECHO;
    web->services[web->service_count++].port = 7;
    sw_test_lan_build(&lan);
    struct sw_sock *sock = NULL;
    char echoed[8];
    const struct sw_endpoint to = {.ip = sw_ip_v4(0x0a00000a), .port = 7};
    ck_assert_int_eq(sw_sock_open(&sock, sw_network_host(lan.net, "client"), SW_TCP, NULL, NULL),
                     0);
    ck_assert_int_eq(sw_sock_connect(sock, to), 0);
    sw_test_run(&lan.world, SW_S);
    ck_assert_int_eq(sw_sock_send(sock, "hello", 5), 5);
    sw_test_run(&lan.world, 2 * SW_S);
    ck_assert_int_eq(sw_sock_recv(sock, echoed, sizeof echoed), 5);
    sw_test_lan_holds(&lan);
    uint64_t before = counter.sent;
    ck_assert_uint_gt(before, 6);
    sw_network_free(lan.net);
    lan.net = NULL;
    ck_assert_uint_eq(counter.sent, before);
    sw_test_lan_fini(&lan);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network");
    TCase *built = tcase_create("built");
    tcase_add_test(built, hosts_on_a_switch_reach_each_other);
    tcase_add_test(built, parts_are_found_by_name_and_by_place);
    tcase_add_test(built, lanes_are_called_by_their_nodes);
    tcase_add_test(built, a_link_of_nothing_takes_time_in_virtual_time_alone);
    tcase_add_test(built, macs_come_from_names_alone);
    tcase_add_test(built, stations_can_be_bound_to_ports);
    tcase_add_test(built, routers_join_subnets);
    tcase_add_test(built, a_service_starts_with_its_host);
    suite_add_tcase(suite, built);
    TCase *refusals = tcase_create("refused");
    tcase_add_test(refusals, two_macs_alike_are_refused_by_name);
    tcase_add_test(refusals, two_owners_with_one_number_are_refused_by_name);
    tcase_add_test(refusals, an_end_is_used_once);
    tcase_add_test(refusals, addresses_and_routes_that_cannot_be_are_refused);
    suite_add_tcase(suite, refusals);
    TCase *told = tcase_create("told");
    tcase_add_test(told, what_is_for_another_mac_is_dropped);
    tcase_add_test(told, a_ledger_that_does_not_hold_is_named);
    tcase_add_test(told, a_summary_is_a_line_a_part);
    tcase_add_test(told, nobody_sees_how_it_is_taken_down);
    suite_add_tcase(suite, told);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
