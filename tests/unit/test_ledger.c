/* What must hold of a LAN: each sentence of the ledger is broken once by hand, and found out. */
#include <check.h>
#include <string.h>

#include "lan/fabric.h"
#include "stack/impl.h"
#include "tests/support/core_fixture.h"

struct lan {
    struct sw_test_env world;
    struct sw_fabric fabric;
    struct sw_fabric_host *web;
    struct sw_fabric_bridge *core;
    struct sw_link *link;
    char why[200];
};

/* web on core, with an address that it announces. */
static void init(struct lan *lan)
{
    sw_test_env_init(&lan->world, 1);
    sw_fabric_init(&lan->fabric, &lan->world.env, "office", true, lan->why, sizeof lan->why);
    const struct sw_bridge_config bridge = {.name = "core"};
    const struct sw_host_config host = {.name = "web"};
    const struct sw_nic_config config = {.name = "eth0"};
    const struct sw_prefix address = {.ip = sw_ip_v4(0x0a000001), .bits = 24};
    const struct sw_lane_config lane = {.delay = SW_US};
    struct sw_nic *nic = NULL;
    ck_assert_int_eq(sw_fabric_add_bridge(&lan->core, &lan->fabric, &bridge), 0);
    ck_assert_int_eq(sw_fabric_add_host(&lan->web, &lan->fabric, &host), 0);
    ck_assert_int_eq(sw_fabric_add_nic(&nic, &lan->fabric, lan->web, &config), 0);
    ck_assert_int_eq(sw_fabric_add_address(&lan->fabric, nic, address, 0), 0);
    struct sw_fabric_end end[2] = {
        {.node = "web", .port = sw_nic_port(nic), .host = lan->web, .mac = sw_nic_mac(nic)},
        {.node = "core", .bridge = lan->core}};
    ck_assert_int_eq(sw_fabric_bridge_port(&end[1].port, &lan->fabric, lan->core, "p1"), 0);
    ck_assert_int_eq(sw_fabric_add_link(&lan->link, &lan->fabric, end, NULL, &lane, &lane), 0);
    sw_test_run(&lan->world, SW_S);
    bool held = sw_fabric_holds(&lan->fabric, lan->why, sizeof lan->why);
    ck_assert_msg(held, "%s", lan->why);
}

static void fini(struct lan *lan)
{
    sw_fabric_fini(&lan->fabric);
    sw_test_env_fini(&lan->world);
}

static void broken(struct lan *lan, const char *why)
{
    ck_assert(!sw_fabric_holds(&lan->fabric, NULL, 0));
    ck_assert(!sw_fabric_holds(&lan->fabric, lan->why, sizeof lan->why));
    ck_assert_str_eq(lan->why, why);
}

START_TEST(a_lane_that_lost_a_frame)
{
    struct lan lan;
    init(&lan);
    lan.link->forward.stats.out = 0;
    broken(&lan, "link web>core: 1 in + 0 duplicated is not 0 out + 0 dropped + 0 queued");
    fini(&lan);
}
END_TEST

START_TEST(a_switch_that_was_given_more_than_it_says)
{
    struct lan lan;
    init(&lan);
    lan.link->forward.stats.in = 2;
    lan.link->forward.stats.out = 2;
    broken(&lan, "switch core: 1 frames in and 0 copies out, but its links say 2 and 0");
    fini(&lan);
}
END_TEST

START_TEST(a_switch_whose_copies_are_more_than_it_says)
{
    struct lan lan;
    init(&lan);
    lan.link->backward.stats.in = 1;
    lan.link->backward.stats.dropped[SW_DROP_LOSS] = 1;
    broken(&lan, "switch core: 1 frames in and 0 copies out, but its links say 1 and 1");
    fini(&lan);
}
END_TEST

/* The link to a switch would be found out by the switch, so this one leads to a port of the test.
 */
START_TEST(a_host_that_was_given_more_than_it_says)
{
    struct lan lan;
    struct sw_test_port mine;
    struct sw_link *link = NULL;
    init(&lan);
    sw_test_port_init(&mine, &lan.world, "mine");
    const struct sw_nic_config config = {.name = "eth1"};
    const struct sw_lane_config lane = {.delay = SW_US};
    struct sw_nic *nic = NULL;
    ck_assert_int_eq(sw_fabric_add_nic(&nic, &lan.fabric, lan.web, &config), 0);
    const struct sw_fabric_end end[2] = {
        {.node = "web", .port = sw_nic_port(nic), .host = lan.web, .mac = sw_nic_mac(nic)},
        {.node = "mine", .port = &mine.port}};
    ck_assert_int_eq(sw_fabric_add_link(&link, &lan.fabric, end, NULL, &lane, &lane), 0);
    ck_assert(sw_fabric_holds(&lan.fabric, NULL, 0));
    link->backward.stats.in = 1;
    link->backward.stats.out = 1;
    broken(&lan, "host web: 0 frames received, but its links say 1");
    sw_fabric_unplug(&lan.fabric);
    sw_test_port_fini(&mine);
    fini(&lan);
}
END_TEST

START_TEST(a_host_that_took_what_was_for_another)
{
    struct lan lan;
    init(&lan);
    lan.web->foreign = 1;
    broken(&lan, "host web took a unicast frame for another's MAC: 1 came, 0 were dropped");
    fini(&lan);
}
END_TEST

/* The observer counts by itself what the host must drop: unicast from a station, for another. */
START_TEST(frames_for_another_are_counted_as_they_arrive)
{
    static const uint8_t frames[4][14] = {
        {2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1, 8, 0},                   /* for another */
        {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 0x88, 0xb5}, /* for all */
        {2, 0, 0, 0, 0, 9, 3, 0, 0, 0, 0, 1, 8, 0},                   /* from nobody */
        {2, 0, 0, 0, 0, 9, 2},                                        /* of seven bytes */
    };
    struct lan lan;
    init(&lan);
    for (unsigned i = 0; i < 4; i++) {
        struct sw_frame *frame =
            sw_frame_from_bytes(lan.world.env.pool, frames[i], i == 3 ? 7 : 14, 14);
        sw_lane_send(&lan.link->backward, frame);
    }
    sw_test_run(&lan.world, 2 * SW_S);
    ck_assert_uint_eq(lan.web->foreign, 1);
    struct sw_host_stats stats;
    sw_host_stats(lan.web->host, &stats);
    ck_assert_uint_eq(stats.dropped[SW_DROP_ETH_NOT_FOR_US], 1);
    fini(&lan);
}
END_TEST

static void keep_first(void *ctx, const char *text)
{
    char *kept = ctx;
    if (kept[0] == '\0') {
        ck_assert_uint_lt(strlen(text), 8192);
        strcpy(kept, text);
    }
}

/* Each reason with the largest figure, both ways: a host whose frames go wrong in every way. */
START_TEST(a_line_of_the_summary_holds_all_reasons)
{
    struct lan lan;
    char kept[8192] = "";
    init(&lan);
    struct sw_host_stats *stats = &lan.web->host->stats;
    const struct sw_host_stats before = *stats;
    for (unsigned i = 0; i < SW_DROP_COUNT; i++) {
        stats->dropped[i] = stats->unsent[i] = UINT64_MAX;
    }
    sw_fabric_summary(&lan.fabric, keep_first, kept);
    ck_assert_ptr_nonnull(strstr(kept, " dropped (link-down 18446744073709551615, loss "));
    ck_assert_ptr_nonnull(strstr(kept, " unsent (link-down 18446744073709551615, loss "));
    const char *last = "port-write 18446744073709551615)";
    ck_assert_str_eq(kept + strlen(kept) - strlen(last), last);
    *stats = before;
    fini(&lan);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ledger");
    TCase *cases = tcase_create("breaches");
    tcase_add_test(cases, a_lane_that_lost_a_frame);
    tcase_add_test(cases, a_switch_that_was_given_more_than_it_says);
    tcase_add_test(cases, a_switch_whose_copies_are_more_than_it_says);
    tcase_add_test(cases, a_host_that_was_given_more_than_it_says);
    tcase_add_test(cases, a_host_that_took_what_was_for_another);
    tcase_add_test(cases, frames_for_another_are_counted_as_they_arrive);
    suite_add_tcase(suite, cases);
    TCase *said = tcase_create("summary");
    tcase_add_test(said, a_line_of_the_summary_holds_all_reasons);
    suite_add_tcase(suite, said);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
