/* The bridge: the rules of IEEE 802.1Q 8.6-8.8 that lan/bridge.h promises, on cables that deliver
 * at once. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/link.h"
#include "core/watch.h"
#include "lan/bridge.h"
#include "tests/support/core_fixture.h"

#define PORTS 4
#define SEEN_MAX 20000

struct seen {
    sw_time at;
    uint32_t number;
    struct sw_mac to, from;
};

/* What is plugged into a port of the bridge: writes down what comes out. */
struct end {
    struct sw_port port;
    struct sw_link link;
    struct lan *lan;
    struct seen *seen;
    unsigned count;
    uint8_t last[1600]; /* the bytes of the last one, if they fit */
    size_t last_len;
};

struct lan {
    struct sw_test_env world;
    struct sw_bridge *bridge;
    struct end end[PORTS];
    struct sw_watch watch;
    unsigned watched_drops;
    enum sw_drop watched_reason;
};

static struct sw_mac station(uint32_t n)
{
    return (struct sw_mac){
        {0x02, 0x00, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

static void arrives(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct end *end = SW_CONTAINER(port, struct end, port);
    for (unsigned i = 0; i < n; i++) {
        uint8_t head[18] = {0};
        const size_t len = frames[i]->len;
        sw_frame_read(frames[i], 0, head, len < sizeof head ? len : sizeof head);
        if (len <= sizeof end->last) {
            sw_frame_copy_out(frames[i], end->last);
            end->last_len = len;
        }
        ck_assert_uint_lt(end->count, SEEN_MAX);
        struct seen *seen = &end->seen[end->count++];
        seen->at = sw_clock_now(end->lan->world.env.clock);
        memcpy(seen->to.b, head, 6);
        memcpy(seen->from.b, head + 6, 6);
        seen->number = sw_get32(head + 14);
        sw_frame_drop(frames[i]);
    }
}

static void drop_seen(struct sw_watch *w, const struct sw_lane *lane, const struct sw_owner *where,
                      sw_time now, const struct sw_frame *frame, enum sw_drop reason)
{
    (void)now;
    (void)frame;
    struct lan *lan = SW_CONTAINER(w, struct lan, watch);
    if (lane == NULL) {
        ck_assert_str_eq(where->name, "core");
        lan->watched_drops++;
        lan->watched_reason = reason;
    }
}

static struct lan *open_lan(uint32_t mac_table)
{
    static const char *const names[PORTS] = {"p0", "p1", "p2", "p3"};
    static const char *const in[PORTS] = {"a>core", "b>core", "c>core", "d>core"};
    static const char *const out[PORTS] = {"core>a", "core>b", "core>c", "core>d"};
    struct lan *lan = calloc(1, sizeof *lan);
    sw_test_env_init(&lan->world, 7);
    lan->watch.dropped = drop_seen;
    lan->world.env.watch = &lan->watch;
    const struct sw_bridge_config config = {
        .name = "core", .ageing = 300 * SW_S, .mac_table = mac_table};
    ck_assert_int_eq(sw_bridge_new(&lan->bridge, &lan->world.env, &config), 0);
    const struct sw_lane_config lane = {.delay = SW_US, .queue_frames = 1000};
    for (unsigned i = 0; i < PORTS; i++) {
        struct end *end = &lan->end[i];
        struct sw_port *port = NULL;
        end->lan = lan;
        end->seen = calloc(SEEN_MAX, sizeof *end->seen);
        sw_port_init(&end->port, in[i], arrives, NULL);
        ck_assert_int_eq(sw_bridge_add_port(&port, lan->bridge, names[i]), 0);
        ck_assert_int_eq(sw_link_init(&end->link, &lan->world.env, &end->port, port, in[i], out[i],
                                      &lane, &lane),
                         0);
    }
    return lan;
}

static void close_lan(struct lan *lan)
{
    ck_assert(sw_bridge_balanced(lan->bridge));
    for (unsigned i = 0; i < PORTS; i++) {
        ck_assert(sw_lane_balanced(&lan->end[i].link.forward));
        ck_assert(sw_lane_balanced(&lan->end[i].link.backward));
        sw_link_fini(&lan->end[i].link);
        free(lan->end[i].seen);
    }
    sw_bridge_free(lan->bridge);
    sw_test_env_fini(&lan->world);
    free(lan);
}

static void send_bytes(struct lan *lan, unsigned at, const uint8_t *bytes, size_t len)
{
    struct sw_frame *frame = sw_frame_from_bytes(lan->world.env.pool, bytes, len, 14);
    ck_assert_ptr_nonnull(frame);
    sw_port_send(&lan->end[at].port, frame);
}

static void send_number(struct lan *lan, unsigned at, struct sw_mac to, struct sw_mac from,
                        uint32_t number)
{
    uint8_t bytes[60] = {0};
    memcpy(bytes, to.b, 6);
    memcpy(bytes + 6, from.b, 6);
    sw_put16(bytes + 12, 0x88b5);
    sw_put32(bytes + 14, number);
    send_bytes(lan, at, bytes, sizeof bytes);
}

/* Lets 10 us pass: whatever was sent has come. */
static void settle(struct lan *lan)
{
    sw_test_run(&lan->world, sw_clock_now(lan->world.env.clock) + 10 * SW_US);
}

static void send_now(struct lan *lan, unsigned at, struct sw_mac to, struct sw_mac from)
{
    send_number(lan, at, to, from, 0);
    settle(lan);
}

static void expect_counts(const struct lan *lan, unsigned a, unsigned b, unsigned c, unsigned d)
{
    const unsigned want[PORTS] = {a, b, c, d};
    for (unsigned i = 0; i < PORTS; i++) {
        ck_assert_msg(lan->end[i].count == want[i], "port %u: %u frames, not %u", i,
                      lan->end[i].count, want[i]);
    }
}

static struct sw_bridge_stats stats_of(const struct lan *lan)
{
    struct sw_bridge_stats stats;
    sw_bridge_stats(lan->bridge, &stats);
    return stats;
}

START_TEST(decides_by_destination_and_ingress_alone)
{
    struct sw_fdb *fdb = NULL;
    ck_assert_int_eq(sw_fdb_new(&fdb, 16, 300 * SW_S, 1), 0);
    sw_fdb_learn(fdb, station(1), 0, 2, 0);
    ck_assert_uint_eq(sw_bridge_decide(fdb, station(1), 0, 0), 2);
    ck_assert_uint_eq(sw_bridge_decide(fdb, station(1), 2, 0), SW_BRIDGE_FILTER_SAME);
    ck_assert_uint_eq(sw_bridge_decide(fdb, station(9), 2, 0), SW_BRIDGE_FLOOD);
    ck_assert_uint_eq(sw_bridge_decide(fdb, station(1), 0, 301 * SW_S), SW_BRIDGE_FLOOD);
    ck_assert_uint_eq(sw_bridge_decide(fdb, sw_mac_broadcast, 0, 0), SW_BRIDGE_FLOOD);
    struct sw_mac group = {{0x01, 0x80, 0xc2, 0x00, 0x00, 0x0f}};
    ck_assert_uint_eq(sw_bridge_decide(fdb, group, 0, 0), SW_BRIDGE_FILTER_RESERVED);
    group.b[5] = 0x10;
    ck_assert_uint_eq(sw_bridge_decide(fdb, group, 0, 0), SW_BRIDGE_FLOOD);
    sw_fdb_free(fdb);
}
END_TEST

START_TEST(unknown_unicast_goes_to_all_but_its_port__q_fwd_3_5)
{
    struct lan *lan = open_lan(0);
    send_now(lan, 0, station(2), station(1));
    expect_counts(lan, 0, 1, 1, 1);
    ck_assert_uint_eq(stats_of(lan).flooded, 1);
    ck_assert_uint_eq(stats_of(lan).copies, 3);
    close_lan(lan);
}
END_TEST

START_TEST(known_unicast_goes_to_its_port_alone__q_fwd_1_q_learn_1)
{
    struct lan *lan = open_lan(0);
    send_now(lan, 0, sw_mac_broadcast, station(1));
    expect_counts(lan, 0, 1, 1, 1);
    send_now(lan, 2, station(1), station(3));
    expect_counts(lan, 1, 1, 1, 1);
    send_now(lan, 0, station(3), station(1));
    expect_counts(lan, 1, 1, 2, 1);
    ck_assert_uint_eq(stats_of(lan).forwarded, 2);
    ck_assert_uint_eq(stats_of(lan).learned, 2);
    close_lan(lan);
}
END_TEST

START_TEST(known_unicast_to_where_it_came_from_is_dropped__q_fwd_2)
{
    struct lan *lan = open_lan(0);
    send_now(lan, 1, sw_mac_broadcast, station(1));
    send_now(lan, 1, station(1), station(2));
    expect_counts(lan, 1, 0, 1, 1);
    ck_assert_uint_eq(stats_of(lan).dropped[SW_DROP_BRIDGE_SAME_PORT], 1);
    ck_assert_uint_eq(lan->watched_drops, 1);
    ck_assert_int_eq(lan->watched_reason, SW_DROP_BRIDGE_SAME_PORT);
    close_lan(lan);
}
END_TEST

START_TEST(broadcast_and_multicast_go_to_all_but_their_port__q_fwd_4_5)
{
    struct lan *lan = open_lan(0);
    const struct sw_mac multicast = {{0x01, 0x00, 0x5e, 0x00, 0x00, 0x01}};
    send_now(lan, 3, sw_mac_broadcast, station(1));
    expect_counts(lan, 1, 1, 1, 0);
    send_now(lan, 3, multicast, station(1));
    expect_counts(lan, 2, 2, 2, 0);
    close_lan(lan);
}
END_TEST

START_TEST(reserved_groups_are_never_forwarded__q_resv_1)
{
    struct lan *lan = open_lan(0);
    struct sw_mac group = {{0x01, 0x80, 0xc2, 0x00, 0x00, (uint8_t)_i}};
    send_now(lan, 0, group, station(1));
    expect_counts(lan, 0, 0, 0, 0);
    ck_assert_uint_eq(stats_of(lan).dropped[SW_DROP_BRIDGE_RESERVED], 1);
    /* The sender was learned all the same. */
    ck_assert_uint_eq(sw_fdb_lookup(sw_bridge_fdb(lan->bridge), station(1), 0, 0), 0);
    close_lan(lan);
}
END_TEST

START_TEST(other_bridge_groups_are_plain_multicast__q_resv_2)
{
    struct lan *lan = open_lan(0);
    struct sw_mac group = {{0x01, 0x80, 0xc2, 0x00, 0x00, (uint8_t)_i}};
    send_now(lan, 0, group, station(1));
    expect_counts(lan, 0, 1, 1, 1);
    close_lan(lan);
}
END_TEST

START_TEST(group_sources_are_dropped_and_zero_is_not_learned__q_learn_2)
{
    struct lan *lan = open_lan(0);
    struct sw_mac group = station(1);
    group.b[0] |= 1;
    send_now(lan, 0, station(2), group);
    expect_counts(lan, 0, 0, 0, 0);
    ck_assert_uint_eq(stats_of(lan).dropped[SW_DROP_BRIDGE_GROUP_SOURCE], 1);
    send_now(lan, 0, station(2), sw_mac_zero);
    expect_counts(lan, 0, 1, 1, 1);
    send_now(lan, 1, sw_mac_zero, station(2));
    expect_counts(lan, 1, 1, 2, 2);
    ck_assert_uint_eq(stats_of(lan).learned, 1);
    close_lan(lan);
}
END_TEST

START_TEST(runts_are_dropped__q_fwd_7)
{
    struct lan *lan = open_lan(0);
    const uint8_t bytes[14] = {0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1};
    send_bytes(lan, 0, bytes, 13);
    send_bytes(lan, 0, bytes, 0);
    settle(lan);
    expect_counts(lan, 0, 0, 0, 0);
    ck_assert_uint_eq(stats_of(lan).dropped[SW_DROP_BRIDGE_RUNT], 2);
    ck_assert_uint_eq(stats_of(lan).learned, 0);
    close_lan(lan);
}
END_TEST

START_TEST(a_station_moves__q_learn_3)
{
    struct lan *lan = open_lan(0);
    send_now(lan, 0, sw_mac_broadcast, station(1));
    send_now(lan, 2, sw_mac_broadcast, station(1));
    expect_counts(lan, 1, 2, 1, 2);
    send_now(lan, 1, station(1), station(2));
    expect_counts(lan, 1, 2, 2, 2);
    ck_assert_uint_eq(stats_of(lan).moved, 1);
    close_lan(lan);
}
END_TEST

START_TEST(stations_are_forgotten_after_300_s_of_silence__q_learn_4)
{
    struct lan *lan = open_lan(0);
    send_now(lan, 0, sw_mac_broadcast, station(1));
    sw_test_run(&lan->world, 300 * SW_S);
    send_now(lan, 1, station(1), station(2));
    expect_counts(lan, 1, 1, 1, 1);
    sw_test_run(&lan->world, 300 * SW_S + 20 * SW_MS);
    send_now(lan, 1, station(1), station(2));
    expect_counts(lan, 2, 1, 2, 2);
    /* Passing frames sweep what is old out of the table. */
    ck_assert_uint_eq(sw_fdb_count(sw_bridge_fdb(lan->bridge)), 1);
    close_lan(lan);
}
END_TEST

START_TEST(static_stations_stay_where_they_are__q_learn_5)
{
    struct lan *lan = open_lan(0);
    ck_assert_int_eq(sw_bridge_add_static(lan->bridge, station(1), "p3"), 0);
    ck_assert_int_eq(sw_bridge_add_static(lan->bridge, station(1), "p2"), -EEXIST);
    ck_assert_int_eq(sw_bridge_add_static(lan->bridge, station(2), "p9"), -ENOENT);
    ck_assert_int_eq(sw_bridge_add_static(lan->bridge, sw_mac_broadcast, "p1"), -EINVAL);
    send_now(lan, 0, sw_mac_broadcast, station(1));
    send_now(lan, 1, station(1), station(2));
    expect_counts(lan, 0, 1, 1, 2);
    close_lan(lan);
}
END_TEST

START_TEST(a_full_table_floods_and_forgets_no_one__q_learn_6)
{
    struct lan *lan = open_lan(4);
    for (uint32_t n = 1; n <= 4; n++) {
        send_now(lan, 0, sw_mac_broadcast, station(n));
    }
    for (uint32_t n = 0; n < 1000; n++) {
        send_now(lan, 1, sw_mac_broadcast, station(0x10000 + n));
    }
    ck_assert_uint_eq(stats_of(lan).learned, 4);
    ck_assert_uint_eq(stats_of(lan).not_learned, 1000);
    expect_counts(lan, 1000, 4, 1004, 1004);
    for (uint32_t n = 1; n <= 4; n++) {
        send_now(lan, 2, station(n), station(1));
    }
    send_now(lan, 2, station(0x10000), station(1));
    /* Station 1 moved to port 2 as it spoke there, so the first frame was for where it came from.
     */
    expect_counts(lan, 1004, 5, 1004, 1005);
    close_lan(lan);
}
END_TEST

START_TEST(a_port_that_went_down_is_forgotten__q_port_1)
{
    struct lan *lan = open_lan(0);
    send_now(lan, 0, sw_mac_broadcast, station(1));
    send_now(lan, 1, sw_mac_broadcast, station(2));
    sw_link_set_up(&lan->end[0].link, false);
    sw_bridge_port_down(sw_bridge_port(lan->bridge, "p0"));
    send_now(lan, 1, station(1), station(2));
    /* Nothing reached port 0; station 1 may answer from elsewhere. */
    expect_counts(lan, 1, 1, 3, 3);
    send_now(lan, 2, station(2), station(3));
    expect_counts(lan, 1, 2, 3, 3);
    close_lan(lan);
}
END_TEST

START_TEST(frames_pass_unmodified_and_in_order__q_fwd_6_8)
{
    struct lan *lan = open_lan(0);
    send_now(lan, 1, sw_mac_broadcast, station(2));
    for (uint32_t i = 0; i < 500; i++) {
        send_number(lan, 0, station(2), station(10 + i % 3), i);
    }
    settle(lan);
    ck_assert_uint_eq(lan->end[1].count, 500);
    for (uint32_t i = 0; i < 500; i++) {
        const struct seen *seen = &lan->end[1].seen[i];
        ck_assert_uint_eq(seen->number, i);
        ck_assert(sw_mac_equal(seen->from, station(10 + i % 3)));
    }
    close_lan(lan);
}
END_TEST

/* The port keeps the bytes of the last frame. */
static const uint8_t *last_bytes(const struct end *end, size_t len)
{
    ck_assert_uint_eq(end->last_len, len);
    return end->last;
}

START_TEST(a_frame_passes_byte_for_byte__q_fwd_8)
{
    struct lan *lan = open_lan(0);
    uint8_t bytes[1514];
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 31 + i / 256);
    }
    memcpy(bytes, station(2).b, 6);
    memcpy(bytes + 6, station(1).b, 6);
    send_bytes(lan, 0, bytes, sizeof bytes); /* flooded */
    settle(lan);
    ck_assert_mem_eq(last_bytes(&lan->end[3], sizeof bytes), bytes, sizeof bytes);
    send_now(lan, 2, station(1), station(2));
    send_bytes(lan, 0, bytes, sizeof bytes); /* to the one that is known */
    settle(lan);
    ck_assert_mem_eq(last_bytes(&lan->end[2], sizeof bytes), bytes, sizeof bytes);
    close_lan(lan);
}
END_TEST

START_TEST(tags_pass_as_they_came__q_vlan_10_11)
{
    static const struct {
        uint16_t outer, inner; /* types of the tags; 0: none */
        size_t len;
    } tagged[] = {{0x8100, 0, 64}, {0x8100, 0, 1518}, {0x88a8, 0x8100, 68}, {0x8100, 0, 15}};
    struct lan *lan = open_lan(0);
    for (unsigned i = 0; i < sizeof tagged / sizeof tagged[0]; i++) {
        uint8_t bytes[1518] = {0};
        memcpy(bytes, station(2).b, 6);
        memcpy(bytes + 6, station(1).b, 6);
        sw_put16(bytes + 12, tagged[i].outer);
        sw_put16(bytes + 14, 0xafff); /* priority 5, VID 4095: nobody looks */
        sw_put16(bytes + 16, tagged[i].inner);
        sw_put16(bytes + 18, 0x0064);
        send_bytes(lan, 0, bytes, tagged[i].len); /* without FCS: 1,518 are 1,522 on a wire */
        settle(lan);
        ck_assert_mem_eq(last_bytes(&lan->end[1], tagged[i].len), bytes, tagged[i].len);
    }
    close_lan(lan);
}
END_TEST

/* A batch remembers its last pair of addresses; what one of its frames teaches must still count for
 * the next. */
START_TEST(a_batch_learns_as_it_goes)
{
    struct lan *lan = open_lan(0);
    send_now(lan, 1, sw_mac_broadcast, station(2));
    send_number(lan, 0, station(2), station(1), 1);
    send_number(lan, 0, station(2), station(2), 2); /* station 2 moved here */
    send_number(lan, 0, station(2), station(1), 3);
    settle(lan);
    ck_assert_uint_eq(lan->end[1].count, 1);
    ck_assert_uint_eq(stats_of(lan).dropped[SW_DROP_BRIDGE_SAME_PORT], 2);
    /* Nobody is called zero, not even whom the frame before was for. */
    send_number(lan, 1, station(1), station(3), 4);
    send_number(lan, 1, sw_mac_zero, station(3), 5);
    settle(lan);
    expect_counts(lan, 3, 1, 2, 2);
    close_lan(lan);
}
END_TEST

START_TEST(a_port_without_company_has_nowhere_to_flood)
{
    struct lan *lan = open_lan(0);
    for (unsigned i = 1; i < PORTS; i++) {
        sw_link_fini(&lan->end[i].link);
    }
    send_now(lan, 0, sw_mac_broadcast, station(1));
    ck_assert_uint_eq(stats_of(lan).dropped[SW_DROP_BRIDGE_NO_OTHER_PORT], 1);
    const struct sw_lane_config lane = {.delay = SW_US, .queue_frames = 1000};
    for (unsigned i = 1; i < PORTS; i++) {
        ck_assert_int_eq(sw_link_init(&lan->end[i].link, &lan->world.env, &lan->end[i].port,
                                      sw_bridge_port_at(lan->bridge, i), "x>y", "y>x", &lane,
                                      &lane),
                         0);
    }
    close_lan(lan);
}
END_TEST

START_TEST(ports_have_names_and_a_bound)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    struct sw_bridge *bridge = NULL;
    struct sw_bridge_config config = {.name = "core", .ageing = 9 * SW_S};
    ck_assert_int_eq(sw_bridge_new(&bridge, &world.env, &config), -EINVAL);
    config.ageing = 1000001 * SW_S;
    ck_assert_int_eq(sw_bridge_new(&bridge, &world.env, &config), -EINVAL);
    config.ageing = 10 * SW_S;
    config.mac_table = (1u << 20) + 1;
    ck_assert_int_eq(sw_bridge_new(&bridge, &world.env, &config), -EINVAL);
    config.mac_table = 0;
    ck_assert_int_eq(sw_bridge_new(&bridge, &world.env, &config), 0);
    ck_assert_str_eq(sw_bridge_name(bridge), "core");
    struct sw_port *port = NULL;
    for (unsigned i = 0; i < SW_BRIDGE_PORTS; i++) {
        char name[8];
        snprintf(name, sizeof name, "p%u", i);
        ck_assert_int_eq(sw_bridge_add_port(&port, bridge, name), 0);
    }
    ck_assert_str_eq(port->name, "core:p4095");
    ck_assert_ptr_eq(sw_bridge_port(bridge, "p4095"), port);
    ck_assert_ptr_eq(sw_bridge_port_at(bridge, 4095), port);
    ck_assert_ptr_null(sw_bridge_port_at(bridge, 4096));
    ck_assert_ptr_null(sw_bridge_port(bridge, "p4096"));
    ck_assert_int_eq(sw_bridge_add_port(&port, bridge, "p7"), -EEXIST);
    ck_assert_int_eq(sw_bridge_add_port(&port, bridge, "q"), -ENOSPC);
    sw_bridge_free(bridge);
    sw_bridge_free(NULL);
    sw_test_env_fini(&world);
}
END_TEST

static struct sw_mac any_mac(struct sw_draws *chance)
{
    switch (sw_draw_below(chance, 10)) {
    case 0:
        return sw_mac_broadcast;
    case 1:
        return sw_mac_zero;
    case 2:
        return (struct sw_mac){{0x01, 0x80, 0xc2, 0, 0, (uint8_t)sw_draw_below(chance, 32)}};
    default:
        return station((uint32_t)sw_draw_below(chance, 40));
    }
}

/* Whatever comes in: the ledgers hold, nobody gets what he sent, and no frame is left. */
START_TEST(ten_thousand_random_frames_and_the_ledger_holds)
{
    struct lan *lan = open_lan(16);
    struct sw_draws chance;
    sw_draws_init(&chance, &lan->world.seed, (uint64_t)_i, SW_DRAW_TEST);
    for (uint32_t i = 0; i < 10000; i++) {
        uint8_t bytes[200];
        for (unsigned k = 0; k < sizeof bytes; k += 8) {
            uint64_t word = sw_draw(&chance);
            memcpy(bytes + k, &word, 8);
        }
        struct sw_mac to = any_mac(&chance);
        struct sw_mac from = any_mac(&chance);
        memcpy(bytes, to.b, 6);
        memcpy(bytes + 6, from.b, 6);
        unsigned at = (unsigned)sw_draw_below(&chance, PORTS);
        sw_put32(bytes + 14, at);
        size_t len = sw_draw_below(&chance, 20) == 0 ? sw_draw_below(&chance, 14)
                                                     : 18 + sw_draw_below(&chance, 180);
        send_bytes(lan, at, bytes, len);
        if (sw_draw_below(&chance, 16) == 0) {
            sw_test_run(&lan->world, sw_clock_now(lan->world.env.clock) +
                                         (sw_time)sw_draw_below(&chance, 20 * SW_S));
        }
    }
    settle(lan);
    const struct sw_bridge_stats stats = stats_of(lan);
    ck_assert_uint_eq(stats.in, 10000);
    ck_assert_uint_eq(stats.flooded_known, 0);
    unsigned out = 0;
    for (unsigned i = 0; i < PORTS; i++) {
        out += lan->end[i].count;
        for (unsigned k = 0; k < lan->end[i].count; k++) {
            ck_assert_uint_ne(lan->end[i].seen[k].number, i);
        }
    }
    ck_assert_uint_eq(stats.copies, out);
    close_lan(lan);
}
END_TEST

static TCase *forwarding(void)
{
    TCase *rules = tcase_create("forwarding");
    tcase_add_test(rules, decides_by_destination_and_ingress_alone);
    tcase_add_test(rules, unknown_unicast_goes_to_all_but_its_port__q_fwd_3_5);
    tcase_add_test(rules, known_unicast_goes_to_its_port_alone__q_fwd_1_q_learn_1);
    tcase_add_test(rules, known_unicast_to_where_it_came_from_is_dropped__q_fwd_2);
    tcase_add_test(rules, broadcast_and_multicast_go_to_all_but_their_port__q_fwd_4_5);
    tcase_add_loop_test(rules, reserved_groups_are_never_forwarded__q_resv_1, 0x00, 0x10);
    tcase_add_loop_test(rules, other_bridge_groups_are_plain_multicast__q_resv_2, 0x10, 0x30);
    tcase_add_test(rules, runts_are_dropped__q_fwd_7);
    tcase_add_test(rules, frames_pass_unmodified_and_in_order__q_fwd_6_8);
    tcase_add_test(rules, a_frame_passes_byte_for_byte__q_fwd_8);
    tcase_add_test(rules, tags_pass_as_they_came__q_vlan_10_11);
    tcase_add_test(rules, a_batch_learns_as_it_goes);
    tcase_add_test(rules, a_port_without_company_has_nowhere_to_flood);
    tcase_add_loop_test(rules, ten_thousand_random_frames_and_the_ledger_holds, 1, 4);
    return rules;
}

static TCase *learning(void)
{
    TCase *rules = tcase_create("learning");
    tcase_add_test(rules, group_sources_are_dropped_and_zero_is_not_learned__q_learn_2);
    tcase_add_test(rules, a_station_moves__q_learn_3);
    tcase_add_test(rules, stations_are_forgotten_after_300_s_of_silence__q_learn_4);
    tcase_add_test(rules, static_stations_stay_where_they_are__q_learn_5);
    tcase_add_test(rules, a_full_table_floods_and_forgets_no_one__q_learn_6);
    tcase_add_test(rules, a_port_that_went_down_is_forgotten__q_port_1);
    tcase_add_test(rules, ports_have_names_and_a_bound);
    return rules;
}

int main(void)
{
    Suite *suite = suite_create("bridge");
    suite_add_tcase(suite, forwarding());
    suite_add_tcase(suite, learning());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
