/* Floods of 20,000 frames against a host with a running transfer: what tests/accept does with ten
 * million (hard-5), small. */
#include <check.h>

#include "stack/neigh.h"
#include "stack/reass.h"
#include "tests/support/lan_flood.h"

#define FRAMES 20000
#define POOL_MOST (16U << 20)
#define BACKLOG 1024

/* A tenth of the attacker's line. */
static struct sw_test_flood_report flood(enum sw_test_flood_kind kind)
{
    const struct sw_test_flood_config config = {
        .kind = kind, .frames = FRAMES, .rate_bps = 100000000, .share_percent = 10, .alone = SW_S};
    struct sw_test_flood_report report;
    sw_test_flood(&config, &report);
    return report;
}

/* What holds whatever the flood is made of. */
static void check_all(const struct sw_test_flood_report *r)
{
    ck_assert_uint_eq(r->sent, FRAMES);
    ck_assert(r->ended);
    ck_assert(r->known);
    ck_assert_uint_eq(r->strayed, 0);
    ck_assert_uint_eq(r->bridge.flooded_known, 0);
    ck_assert_uint_eq(r->left, 0);
    ck_assert(r->answering);
    ck_assert(r->holds);
    ck_assert_uint_le(r->macs, SW_BRIDGE_MAC_TABLE);
    ck_assert_uint_le(r->neighbours, SW_NEIGH_ENTRIES);
    ck_assert_uint_le(r->connections, BACKLOG + 1);
    ck_assert_uint_le(r->peak_bytes, POOL_MOST);
    ck_assert_uint_gt(r->pings_asked, 0);
    ck_assert_uint_eq(r->pings, r->pings_asked);
    for (unsigned i = 0; i < 2; i++) {
        const struct sw_test_flood_half *half = &r->half[i];
        ck_assert_uint_gt(half->alone_bps, 93000000);
        /* A queue that is full of the transfer when the flood begins loses hundreds of segments at
         * once: of a second a part is for repair. Over minutes it is nothing (hard-5). */
        const uint64_t rest = half->alone_bps / 1000000 * (1000000 - half->during.other);
        ck_assert_uint_ge(half->flooded_bps, rest / 4 * 3);
    }
}

START_TEST(random_sources_throw_no_station_out_of_the_table)
{
    const struct sw_test_flood_report r = flood(SW_FLOOD_MACS);
    check_all(&r);
    ck_assert_uint_eq(r.macs, SW_BRIDGE_MAC_TABLE);
    ck_assert_uint_gt(r.bridge.not_learned, FRAMES / 2);
    ck_assert_uint_gt(r.victim.dropped[SW_DROP_ETH_TYPE], FRAMES / 2 - 500);
    ck_assert_uint_gt(r.victim.dropped[SW_DROP_ETH_NOT_FOR_US], FRAMES / 2 - 500);
}
END_TEST

START_TEST(requests_of_random_addresses_fill_half_of_the_neighbours_at_most)
{
    const struct sw_test_flood_report r = flood(SW_FLOOD_ARP);
    check_all(&r);
    ck_assert_uint_ge(r.neighbours, SW_NEIGH_UNUSED);
    ck_assert_uint_le(r.neighbours, SW_NEIGH_UNUSED + 8);
    ck_assert_uint_gt(r.victim.dropped[SW_DROP_ARP_SENDER], 0);
}
END_TEST

START_TEST(fragments_of_nothing_leave_room_for_those_of_a_datagram)
{
    const struct sw_test_flood_report r = flood(SW_FLOOD_FRAGMENTS);
    check_all(&r); /* the pings come in three pieces */
    ck_assert_uint_gt(r.victim.dropped[SW_DROP_REASS_FULL], FRAMES - 1000);
    ck_assert_uint_le(r.victim.dropped[SW_DROP_REASS_TIMEOUT], 2 * SW_REASS_DATAGRAMS);
}
END_TEST

START_TEST(syns_fill_a_backlog_and_no_more)
{
    const struct sw_test_flood_report r = flood(SW_FLOOD_SYNS);
    check_all(&r);
    ck_assert_uint_eq(r.connections, BACKLOG + 1);
    ck_assert_uint_gt(r.victim.consumed, FRAMES / 2 - 500); /* the oldest gives way to each */
    ck_assert_uint_gt(r.victim.dropped[SW_DROP_TCP_NO_SOCKET], FRAMES / 2 - 500);
}
END_TEST

START_TEST(datagrams_to_closed_ports_get_few_errors)
{
    const struct sw_test_flood_report r = flood(SW_FLOOD_UDP);
    check_all(&r);
    ck_assert_uint_gt(r.victim.dropped[SW_DROP_UDP_NO_SOCKET], FRAMES - 500);
    ck_assert_uint_gt(r.victim.icmp_limited, FRAMES - 2000);
}
END_TEST

START_TEST(a_flood_is_the_same_each_time)
{
    const struct sw_test_flood_report once = flood(SW_FLOOD_SYNS), again = flood(SW_FLOOD_SYNS);
    ck_assert_uint_eq(once.transferred, again.transferred);
    ck_assert_uint_eq(once.half[0].flooded_bps, again.half[0].flooded_bps);
    ck_assert_uint_eq(once.peak_bytes, again.peak_bytes);
    ck_assert_mem_eq(&once.victim, &again.victim, sizeof once.victim);
    ck_assert_mem_eq(&once.bridge, &again.bridge, sizeof once.bridge);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lan_flood");
    TCase *tc = tcase_create("floods");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, random_sources_throw_no_station_out_of_the_table);
    tcase_add_test(tc, requests_of_random_addresses_fill_half_of_the_neighbours_at_most);
    tcase_add_test(tc, fragments_of_nothing_leave_room_for_those_of_a_datagram);
    tcase_add_test(tc, syns_fill_a_backlog_and_no_more);
    tcase_add_test(tc, datagrams_to_closed_ports_get_few_errors);
    tcase_add_test(tc, a_flood_is_the_same_each_time);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
