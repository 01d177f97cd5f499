/* Ends of a LAN that are a port of somebody else's: uplinks, and the station of a tun. */
#include <check.h>
#include <errno.h>

#include "core/checksum.h"
#include "tests/support/lan_network.h"

START_TEST(an_uplink_is_a_port_of_its_makers)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    sw_test_lan_uplink(&lan);
    topo_link(lan.topo, "web", "core", NULL);
    topo_link(lan.topo, "tap0", "core", NULL);
    sw_test_lan_build(&lan);
    ck_assert_ptr_eq(sw_network_port_at(lan.net, 2), &lan.uplink.port);
    sw_test_lan_lanes(&lan, 1, "tap0>core", "core>tap0");
    sw_test_run(&lan.world, SW_S);
    ck_assert_uint_eq(lan.uplink.count, 1); /* web's announcement */
    sw_test_lan_holds(&lan);
    sw_test_lan_fini(&lan);
}
END_TEST

START_TEST(an_uplink_that_cannot_be_had_ends_the_building)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    sw_test_lan_uplink(&lan);
    lan.uplink_status = -EPERM;
    sw_test_lan_refused(&lan, -EPERM, "uplink 'tap0' cannot be had");
    sw_test_lan_pair(&lan);
    sw_test_lan_uplink(&lan);
    topo_host(lan.topo, "tap0", "10.0.0.12/24", NULL);
    sw_test_lan_refused(
        &lan, -EEXIST,
        "'tap0' has the name or the number of the host 'tap0' already: rename one of them");
}
END_TEST

/* The port's maker lost what it stands for: nothing more goes there, and what was known of it is
 * forgotten. */
START_TEST(an_uplink_that_is_down_has_its_link_down)
{
    struct sw_test_lan lan;
    sw_test_lan_pair(&lan);
    sw_test_lan_uplink(&lan);
    topo_link(lan.topo, "web", "core", NULL);
    topo_link(lan.topo, "tap0", "core", NULL);
    sw_test_lan_build(&lan);
    static const uint8_t bytes[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1};
    sw_port_send(&lan.uplink.port, sw_frame_from_bytes(lan.world.env.pool, bytes, 60, 60));
    sw_test_run(&lan.world, SW_S);
    const struct sw_fdb *fdb = sw_bridge_fdb(sw_network_bridge(lan.net, "core"));
    ck_assert_uint_eq(sw_fdb_count(fdb), 2); /* web, and who is behind the uplink */
    sw_network_uplink_down(lan.net, &lan.topo->uplinks[0]);
    ck_assert_uint_eq(sw_fdb_count(fdb), 1);
    size_t heard = lan.uplink.count;
    ck_assert_uint_eq(sw_test_lan_ping(&lan, "web", "10.0.0.77"), 0);
    sw_port_send(&lan.uplink.port, sw_frame_from_bytes(lan.world.env.pool, bytes, 60, 60));
    ck_assert_uint_eq(lan.uplink.count, heard);
    const struct sw_link *link = sw_network_link_at(lan.net, 1);
    ck_assert_uint_gt(link->backward.stats.dropped[SW_DROP_LINK_DOWN], 0);
    ck_assert_uint_eq(link->forward.stats.dropped[SW_DROP_LINK_DOWN], 1);
    sw_test_lan_holds(&lan);
    sw_test_lan_fini(&lan);
}
END_TEST

/* A tun on core, its kernel at 10.0.0.1/24; 192.168.7.0/24 behind the router 10.0.0.254. */
static void add_tun(struct sw_test_lan *lan)
{
    lan->topo->uplinks = topo_grow(NULL, 0, sizeof *lan->topo->uplinks);
    struct sw_topo_uplink *tun = &lan->topo->uplinks[0];
    tun->name = topo_text("tun0");
    tun->kind = SW_UPLINK_TUN;
    tun->address = topo_prefix("10.0.0.1/24");
    tun->address_given = true;
    tun->routes = topo_grow(NULL, 0, sizeof *tun->routes);
    tun->routes[0].to = topo_prefix("192.168.7.0/24");
    ck_assert(sw_ip_parse(&tun->routes[0].gateway, "10.0.0.254"));
    tun->route_count = 1;
    lan->topo->uplink_count = 1;
    topo_switch(lan->topo, "core");
    topo_switch(lan->topo, "far");
    topo_host(lan->topo, "web", "10.0.0.10/24", "10.0.0.1");
    struct sw_topo_host *r = topo_host(lan->topo, "r", "10.0.0.254/24", NULL);
    r->forwarding = true;
    topo_nic(r, "eth1", "192.168.7.1/24");
    topo_host(lan->topo, "desk", "192.168.7.10/24", "192.168.7.1");
    topo_link(lan->topo, "web", "core", NULL);
    topo_link(lan->topo, "r:eth0", "core", NULL);
    topo_link(lan->topo, "r:eth1", "far", NULL);
    topo_link(lan->topo, "desk", "far", NULL);
    topo_link(lan->topo, "tun0", "core", NULL);
}

/* An echo request as the kernel behind the tun sends it: an IPv4 packet under a header of zeros. */
static void kernel_pings(struct sw_test_lan *lan, uint32_t dst)
{
    uint8_t bytes[42] = {[12] = 0x08, 0x00, 0x45, 0x00, 0x00, 28, 0, 1, 0,
                         0,           64,   1,    0,    0,    10, 0, 0, 1};
    bytes[34] = 8;
    for (unsigned i = 0; i < 4; i++) {
        bytes[30 + i] = (uint8_t)(dst >> (24 - 8 * i));
    }
    uint16_t sum = sw_checksum(bytes + 14, 20);
    bytes[24] = (uint8_t)(sum >> 8);
    bytes[25] = (uint8_t)sum;
    sum = sw_checksum(bytes + 34, 8);
    bytes[36] = (uint8_t)(sum >> 8);
    bytes[37] = (uint8_t)sum;
    sw_port_send(&lan->uplink.port, sw_frame_from_bytes(lan->world.env.pool, bytes, 42, 42));
    sw_test_run(&lan->world, sw_clock_now(lan->world.env.clock) + SW_S);
}

START_TEST(a_tun_has_a_station_on_the_lan)
{
    struct sw_test_lan lan;
    sw_test_lan_init(&lan);
    add_tun(&lan);
    sw_test_lan_build(&lan);
    sw_test_lan_lanes(&lan, 4, "tun0>core", "core>tun0");
    sw_test_lan_lanes(&lan, 5, "tun0>tun0:kernel", "tun0:kernel>tun0");
    ck_assert_uint_eq(lan.uplink.count, 0);
    kernel_pings(&lan, 0x0a00000a);
    ck_assert_uint_eq(lan.uplink.count, 1); /* web answers */
    kernel_pings(&lan, 0xc0a8070a);
    ck_assert_uint_eq(lan.uplink.count, 2); /* desk does, behind the router */
    kernel_pings(&lan, 0x08080808);
    ck_assert_uint_eq(lan.uplink.count, 2); /* nobody's here */
    ck_assert_uint_eq(sw_test_lan_ping(&lan, "web", "10.0.0.1"), 0);
    ck_assert_uint_eq(lan.uplink.count, 5); /* the kernel's to answer */
    ck_assert_uint_eq(sw_test_lan_ping(&lan, "web", "8.8.8.8"), 0);
    ck_assert_uint_eq(lan.uplink.count, 8); /* by its gateway, the kernel */
    ck_assert_ptr_null(sw_network_host_at(lan.net, 4));
    sw_test_lan_holds(&lan);
    sw_network_uplink_down(lan.net, &lan.topo->uplinks[0]);
    kernel_pings(&lan, 0x0a00000a);
    ck_assert_uint_eq(sw_test_lan_ping(&lan, "web", "10.0.0.1"), 0);
    ck_assert_uint_eq(lan.uplink.count, 8);
    sw_test_lan_holds(&lan);
    sw_test_lan_fini(&lan);
}
END_TEST

/* The kernel's address fills its net: still it is the kernel's, and not asked for on the LAN. */
START_TEST(a_tun_may_have_a_net_of_one_address)
{
    struct sw_test_lan lan;
    sw_test_lan_init(&lan);
    add_tun(&lan);
    lan.topo->uplinks[0].address.bits = 32;
    lan.topo->uplinks[0].route_count = 0;
    sw_test_lan_build(&lan);
    ck_assert_uint_eq(sw_test_lan_ping(&lan, "web", "10.0.0.1"), 0);
    ck_assert_uint_eq(lan.uplink.count, 3);
    sw_test_lan_holds(&lan);
    sw_test_lan_fini(&lan);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network ends");
    TCase *tc = tcase_create("ends");
    tcase_add_test(tc, an_uplink_is_a_port_of_its_makers);
    tcase_add_test(tc, an_uplink_that_cannot_be_had_ends_the_building);
    tcase_add_test(tc, an_uplink_that_is_down_has_its_link_down);
    tcase_add_test(tc, a_tun_has_a_station_on_the_lan);
    tcase_add_test(tc, a_tun_may_have_a_net_of_one_address);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
