/* Counters by name, of a LAN of two hosts on a switch in which three pings ran. */
#include <check.h>
#include <string.h>

#include "lan/counter.h"
#include "lan/traffic.h"
#include "tests/support/core_fixture.h"
#include "tests/support/lan_topo.h"

struct fixture {
    struct sw_test_env world;
    struct sw_topo *topo;
    struct sw_network *net;
};

static void done(void *ctx)
{
    (void)ctx;
}

/* Three echo requests from client, without payload. */
static void ping(struct fixture *f, uint32_t to)
{
    struct sw_ping_config config = {.to = sw_ip_v4(to), .count = 3};
    struct sw_ping *ping;
    ck_assert_int_eq(
        sw_ping_new(&ping, sw_network_host(f->net, "client"), &config, NULL, done, NULL), 0);
    sw_test_run(&f->world, sw_clock_now(f->world.env.clock) + 10 * SW_S);
    sw_ping_free(ping);
}

/* web and client on core, with cables of 1 ms; three pings from client to web have ended. The
 * second cable loses everything on its way to web if `lossy`. */
static void set_up(struct fixture *f, bool lossy)
{
    struct sw_network_options options = {.virtual_time = true};
    struct sw_lane_config lane = {.delay = SW_MS, .queue_frames = 1000};
    char why[256] = "";
    *f = (struct fixture){.net = NULL};
    sw_test_env_init(&f->world, 7);
    f->topo = sw_topo_new("office");
    topo_switch(f->topo, "core");
    topo_host(f->topo, "web", "10.0.0.1/24", NULL);
    topo_host(f->topo, "client", "10.0.0.2/24", NULL);
    topo_link(f->topo, "client", "core", &lane);
    topo_link(f->topo, "core", "web", &lane)->forward.loss_ppb = lossy ? 1000000000 : 0;
    ck_assert_msg(sw_network_new(&f->net, &f->world.env, f->topo, &options, why, sizeof why) == 0,
                  "%s", why);
    ping(f, 0x0a000001);
}

static void tear_down(struct fixture *f)
{
    sw_network_free(f->net);
    sw_topo_free(f->topo);
    sw_test_env_fini(&f->world);
}

static uint64_t count(struct fixture *f, enum sw_object_kind kind, size_t index, unsigned end,
                      const char *name)
{
    const struct sw_counter_row *row = sw_counter_find(kind, name);
    struct sw_topo_object object = {.kind = kind, .index = index, .end = end};
    ck_assert_msg(row != NULL, "%s", name);
    return sw_counter_read(row, f->net, &object);
}

START_TEST(a_host_counts_over_all_its_interfaces)
{
    struct fixture f;
    set_up(&f, false);
    /* client: its own announcement, an ARP request, three echo requests; in: web's announcement,
     * the ARP reply, three echo replies. */
    ck_assert_uint_eq(count(&f, SW_OBJECT_HOST, 1, 0, "frames-out"), 5);
    ck_assert_uint_eq(count(&f, SW_OBJECT_HOST, 1, 0, "frames-in"), 5);
    ck_assert_uint_eq(count(&f, SW_OBJECT_HOST, 1, 0, "bytes-in"), 5 * 42);
    ck_assert_uint_eq(count(&f, SW_OBJECT_HOST, 1, 0, "retransmits"), 0);
    ck_assert_uint_eq(count(&f, SW_OBJECT_HOST, 1, 0, "conflicts"), 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_switch_counts_over_all_its_ports)
{
    struct fixture f;
    set_up(&f, false);
    ck_assert_uint_eq(count(&f, SW_OBJECT_SWITCH, 0, 0, "frames-in"), 10);
    ck_assert_uint_eq(count(&f, SW_OBJECT_SWITCH, 0, 0, "frames-out"), 10);
    ck_assert_uint_eq(count(&f, SW_OBJECT_SWITCH, 0, 0, "flooded"), 3);
    ck_assert_uint_eq(count(&f, SW_OBJECT_SWITCH, 0, 0, "forwarded"), 7);
    ck_assert_uint_eq(count(&f, SW_OBJECT_SWITCH, 0, 0, "learned"), 2);
    ck_assert_uint_eq(count(&f, SW_OBJECT_SWITCH, 0, 0, "dropped"), 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_link_counts_both_directions_and_a_port_its_own)
{
    struct fixture f;
    set_up(&f, true);
    /* Over core-web: to web client's announcement and its requests for web's address, all lost;
     * from web its announcement. */
    uint64_t lost = count(&f, SW_OBJECT_LINK, 1, 0, "dropped-loss");
    ck_assert_uint_ge(lost, 4);
    ck_assert_uint_eq(count(&f, SW_OBJECT_LINK, 1, 0, "dropped"), lost);
    ck_assert_uint_eq(count(&f, SW_OBJECT_LINK, 1, 0, "frames-in"), lost + 1);
    ck_assert_uint_eq(count(&f, SW_OBJECT_LINK, 1, 0, "frames-out"), 1);
    ck_assert_uint_eq(count(&f, SW_OBJECT_LINK, 1, 0, "bytes-out"), 42);
    /* Its end 0 is core's port, its end 1 web's. */
    ck_assert_uint_eq(count(&f, SW_OBJECT_PORT, 1, 0, "frames-out"), lost);
    ck_assert_uint_eq(count(&f, SW_OBJECT_PORT, 1, 0, "dropped-loss"), lost);
    ck_assert_uint_eq(count(&f, SW_OBJECT_PORT, 1, 0, "frames-in"), 1);
    ck_assert_uint_eq(count(&f, SW_OBJECT_PORT, 1, 1, "frames-out"), 1);
    ck_assert_uint_eq(count(&f, SW_OBJECT_PORT, 1, 1, "frames-in"), 0);
    ck_assert_uint_eq(count(&f, SW_OBJECT_PORT, 1, 1, "dropped"), 0);
    tear_down(&f);
}
END_TEST

START_TEST(the_total_of_the_drops_is_their_sum)
{
    struct fixture f;
    uint64_t sum = 0;
    set_up(&f, true);
    ping(&f, 0x0a000009);
    struct sw_topo_object host = {.kind = SW_OBJECT_HOST, .index = 1};
    for (size_t i = 0; sw_counter_row(i) != NULL; i++) {
        const struct sw_counter_row *row = sw_counter_row(i);
        if (row->of == SW_OBJECT_HOST && strncmp(row->name, "dropped-", 8) == 0) {
            sum += sw_counter_read(row, f.net, &host);
        }
    }
    ck_assert_uint_eq(count(&f, SW_OBJECT_HOST, 1, 0, "dropped"), sum);
    ck_assert_uint_eq(count(&f, SW_OBJECT_HOST, 1, 0, "unsent"), 3); /* nobody is at that address */
    tear_down(&f);
}
END_TEST

START_TEST(each_kind_of_object_has_its_own_names_once)
{
    static const enum sw_object_kind kinds[] = {SW_OBJECT_HOST, SW_OBJECT_SWITCH, SW_OBJECT_LINK,
                                                SW_OBJECT_PORT};
    for (size_t i = 0; sw_counter_row(i) != NULL; i++) {
        const struct sw_counter_row *row = sw_counter_row(i);
        ck_assert_ptr_eq(sw_counter_find(row->of, row->name), row); /* the first is the only one */
        ck_assert(i == 0 || sw_counter_row(i - 1)->of <= row->of);
        ck_assert_uint_gt(strlen(row->what), 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_ptr_nonnull(sw_counter_find(kinds[i], "frames-in"));
        ck_assert_ptr_null(sw_counter_find(kinds[i], "frames"));
    }
    ck_assert_ptr_nonnull(sw_counter_find(SW_OBJECT_LINK, "dropped-queue-full"));
    ck_assert_ptr_null(sw_counter_find(SW_OBJECT_HOST, "dropped-queue-full"));
    ck_assert_ptr_nonnull(sw_counter_find(SW_OBJECT_SWITCH, "dropped-bridge-runt"));
    ck_assert_ptr_null(sw_counter_find(SW_OBJECT_HOST, "dropped-bridge-runt"));
    ck_assert_ptr_null(sw_counter_find(SW_OBJECT_SWITCH, "dropped-ip-ttl"));
    ck_assert_ptr_nonnull(sw_counter_find(SW_OBJECT_HOST, "dropped-ip-ttl"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("counter");
    TCase *tc = tcase_create("counters");
    tcase_add_test(tc, a_host_counts_over_all_its_interfaces);
    tcase_add_test(tc, a_switch_counts_over_all_its_ports);
    tcase_add_test(tc, a_link_counts_both_directions_and_a_port_its_own);
    tcase_add_test(tc, the_total_of_the_drops_is_their_sum);
    tcase_add_test(tc, each_kind_of_object_has_its_own_names_once);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
