/* What a LAN is: made, filled, found by name, freed whole. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/topo.h"

static char *text(const char *s)
{
    char *copy = malloc(strlen(s) + 1);
    ck_assert_ptr_nonnull(copy);
    return strcpy(copy, s);
}

static void add_hosts(struct sw_topo *topo, size_t count)
{
    topo->hosts = realloc(topo->hosts, (topo->host_count + count) * sizeof *topo->hosts);
    ck_assert_ptr_nonnull(topo->hosts);
    for (size_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "sensor-%zu", topo->host_count);
        topo->hosts[topo->host_count++] = (struct sw_topo_host){.name = text(name)};
    }
}

START_TEST(an_empty_lan_has_a_name_and_seed_1)
{
    struct sw_topo *topo = sw_topo_new("office");
    ck_assert_str_eq(topo->name, "office");
    ck_assert_uint_eq(topo->seed, 1);
    ck_assert_int_eq(sw_topo_find_host(topo, "web"), -1);
    ck_assert_int_eq(sw_topo_find_switch(topo, "core"), -1);
    ck_assert_int_eq(sw_topo_find_uplink(topo, "tap0"), -1);
    sw_topo_free(topo);
    sw_topo_free(NULL);
}
END_TEST

START_TEST(nodes_are_found_by_name_among_their_kind)
{
    struct sw_topo *topo = sw_topo_new("office");
    add_hosts(topo, 3);
    topo->switches = calloc(1, sizeof *topo->switches);
    topo->switches[0].name = text("core");
    topo->switch_count = 1;
    topo->uplinks = calloc(1, sizeof *topo->uplinks);
    topo->uplinks[0].name = text("tap0");
    topo->uplink_count = 1;
    ck_assert_int_eq(sw_topo_find_host(topo, "sensor-2"), 2);
    ck_assert_int_eq(sw_topo_find_host(topo, "core"), -1);
    ck_assert_int_eq(sw_topo_find_switch(topo, "core"), 0);
    ck_assert_int_eq(sw_topo_find_uplink(topo, "tap0"), 0);
    /* Nodes that join later are found as well. */
    ck_assert_int_eq(sw_topo_find_host(topo, "sensor-3"), -1);
    add_hosts(topo, 1);
    ck_assert_int_eq(sw_topo_find_host(topo, "sensor-3"), 3);
    ck_assert_int_eq(sw_topo_find_host(topo, "sensor-0"), 0);
    /* One that took another's name is found where it is. */
    strcpy(topo->hosts[0].name, "other");
    strcpy(topo->hosts[1].name, "sensor-0");
    ck_assert_int_eq(sw_topo_find_host(topo, "sensor-0"), 1);
    sw_topo_free(topo);
}
END_TEST

START_TEST(a_topo_of_ones_own_is_searched_too)
{
    char name[] = "web";
    struct sw_topo_host host = {.name = name};
    const struct sw_topo topo = {.hosts = &host, .host_count = 1};
    ck_assert_int_eq(sw_topo_find_host(&topo, "web"), 0);
    ck_assert_int_eq(sw_topo_find_host(&topo, "client"), -1);
}
END_TEST

/* 100,000 names, each looked for: a search from end to end would take minutes. */
START_TEST(finding_does_not_slow_down_with_size)
{
    struct sw_topo *topo = sw_topo_new("large");
    add_hosts(topo, 100000);
    for (long i = 0; i < 100000; i++) {
        char name[32];
        snprintf(name, sizeof name, "sensor-%ld", i);
        ck_assert_int_eq(sw_topo_find_host(topo, name), i);
    }
    sw_topo_free(topo);
}
END_TEST

/* Everything that a topo can hold is freed: the leak check of the sanitizers says whether it is. */
START_TEST(a_full_topo_is_freed_whole)
{
    struct sw_topo *topo = sw_topo_new("office");
    add_hosts(topo, 1);
    struct sw_topo_host *host = &topo->hosts[0];
    host->nics = calloc(1, sizeof *host->nics);
    host->nics[0].name = text("eth0");
    host->nics[0].addresses = calloc(1, sizeof *host->nics[0].addresses);
    host->nic_count = 1;
    host->routes = calloc(1, sizeof *host->routes);
    host->routes[0].nic = text("eth0");
    host->route_count = 1;
    host->services = calloc(1, sizeof *host->services);
    host->services[0].body = text("hello");
    host->services[0].files = calloc(1, sizeof *host->services[0].files);
    host->services[0].files[0] = (struct sw_topo_file){.name = text("/"), .bytes = malloc(1)};
    host->services[0].file_count = 1;
    host->service_count = 1;
    topo->switches = calloc(1, sizeof *topo->switches);
    topo->switches[0].name = text("core");
    topo->switches[0].statics = calloc(1, sizeof *topo->switches[0].statics);
    topo->switches[0].statics[0].port = text("p1");
    topo->switches[0].static_count = 1;
    topo->switch_count = 1;
    topo->uplinks = calloc(1, sizeof *topo->uplinks);
    topo->uplinks[0] = (struct sw_topo_uplink){
        .name = text("tap0"), .device = text("tap0"), .netns = text("blue")};
    topo->uplinks[0].routes = calloc(1, sizeof *topo->uplinks[0].routes);
    topo->uplinks[0].read = text("in.pcap");
    topo->uplinks[0].write = text("out.pcapng");
    topo->uplinks[0].rewrite.macs = calloc(1, sizeof *topo->uplinks[0].rewrite.macs);
    topo->uplinks[0].rewrite.nets = calloc(1, sizeof *topo->uplinks[0].rewrite.nets);
    topo->uplink_count = 1;
    topo->links = calloc(1, sizeof *topo->links);
    topo->links[0].name = text("wan");
    topo->links[0].end[0].port = text("eth0");
    topo->links[0].end[1].port = text("p1");
    topo->link_count = 1;
    topo->steps = calloc(1, sizeof *topo->steps);
    topo->steps[0] = (struct sw_topo_step){.name = text("step 1"),
                                           .from = text("a"),
                                           .to = text("b"),
                                           .url = text("http://b/"),
                                           .method = text("GET"),
                                           .send = text("x")};
    topo->steps[0].expects = calloc(1, sizeof *topo->steps[0].expects);
    topo->steps[0].expects[0].text = text("ok");
    topo->steps[0].expects[0].written = text("ok");
    topo->steps[0].expect_count = 1;
    topo->step_count = 1;
    topo->files = calloc(1, sizeof *topo->files);
    topo->files[0] = text("office.yaml");
    topo->file_count = 1;
    ck_assert_int_eq(sw_topo_find_host(topo, "sensor-0"), 0);
    sw_topo_free(topo);
}
END_TEST

START_TEST(captures_alone_are_no_real_ends)
{
    struct sw_topo *topo = sw_topo_new("office");
    ck_assert(!sw_topo_has_real_ends(topo));
    topo->uplinks = calloc(2, sizeof *topo->uplinks);
    topo->uplink_count = 2;
    topo->uplinks[0].kind = topo->uplinks[1].kind = SW_UPLINK_PCAP;
    ck_assert(!sw_topo_has_real_ends(topo));
    topo->uplinks[1].kind = SW_UPLINK_TUN;
    ck_assert(sw_topo_has_real_ends(topo));
    topo->uplinks[1].kind = SW_UPLINK_TAP;
    ck_assert(sw_topo_has_real_ends(topo));
    topo->uplinks[1].kind = SW_UPLINK_QEMU;
    ck_assert(sw_topo_has_real_ends(topo));
    topo->uplink_count = 0;
    ck_assert(!sw_topo_has_real_ends(topo));
    topo->forwards = calloc(1, sizeof *topo->forwards);
    topo->forward_count = 1;
    ck_assert(sw_topo_has_real_ends(topo));
    sw_topo_free(topo);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("topo");
    TCase *cases = tcase_create("topo");
    tcase_add_test(cases, an_empty_lan_has_a_name_and_seed_1);
    tcase_add_test(cases, nodes_are_found_by_name_among_their_kind);
    tcase_add_test(cases, a_topo_of_ones_own_is_searched_too);
    tcase_add_test(cases, finding_does_not_slow_down_with_size);
    tcase_add_test(cases, a_full_topo_is_freed_whole);
    tcase_add_test(cases, captures_alone_are_no_real_ends);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
