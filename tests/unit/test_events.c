/* Events and actions over a small LAN in virtual time: when they come, what they do, what is undone
 * and what is said of it. What befalls hosts is test_events_hosts.c's. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "lan/fabric.h"
#include "stack/sock.h"
#include "tests/support/lan_events.h"

/* ---- links ---- */

START_TEST(a_link_goes_down_and_comes_up_by_itself)
{
    struct eventful lan;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_DOWN, 250 * SW_MS, 300 * SW_MS, "down web core");
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!!!...!!!!");
    ck_assert_str_eq(lan.said, "250 down web core\n550 up web core (undoes line 11)\n");
    ck_assert_ptr_null(sw_events_left(lan.events, 0));
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_switch_forgets_who_was_at_a_link_that_goes_down)
{
    struct eventful lan;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_DOWN, 50 * SW_MS, 0, "down web core");
    eventful_build(&lan);
    eventful_start_ping(&lan, "client", "10.0.0.1", 1);
    sw_test_run(&lan.world, 40 * SW_MS);
    ck_assert_uint_eq(sw_fdb_count(sw_bridge_fdb(sw_network_bridge(lan.net, "core"))), 3);
    sw_test_run(&lan.world, 60 * SW_MS);
    ck_assert_uint_eq(sw_fdb_count(sw_bridge_fdb(sw_network_bridge(lan.net, "core"))), 2);
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_link_is_down_until_the_last_event_lets_go)
{
    struct eventful lan;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_DOWN, 50 * SW_MS, 300 * SW_MS, "down web core");
    eventful_event(&lan, SW_ACTION_DOWN, 150 * SW_MS, 400 * SW_MS, "down web core");
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!.....!!");
    eventful_fini(&lan);
}
END_TEST

START_TEST(up_ends_all_at_once_and_what_is_undone_later_changes_nothing)
{
    struct eventful lan;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_DOWN, 50 * SW_MS, 300 * SW_MS, "down web core"); /* to 350 */
    eventful_event(&lan, SW_ACTION_DOWN, 60 * SW_MS, 0, "down web core");
    eventful_event(&lan, SW_ACTION_UP, 250 * SW_MS, 0, "up web core");
    eventful_event(&lan, SW_ACTION_DOWN, 340 * SW_MS, 200 * SW_MS, "down web core"); /* to 540 */
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!..!..!!");
    eventful_fini(&lan);
}
END_TEST

START_TEST(an_event_comes_as_often_as_it_says)
{
    struct eventful lan;
    eventful_init(&lan);
    struct sw_topo_event *e =
        eventful_event(&lan, SW_ACTION_DOWN, 50 * SW_MS, 100 * SW_MS, "down web core");
    e->every = 200 * SW_MS;
    e->times = 3;
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!.!.!.!!!");
    eventful_fini(&lan);
}
END_TEST

START_TEST(an_event_without_end_goes_on)
{
    struct eventful lan;
    eventful_init(&lan);
    struct sw_topo_event *e =
        eventful_event(&lan, SW_ACTION_DOWN, 50 * SW_MS, 100 * SW_MS, "down web core");
    e->every = 200 * SW_MS;
    e->times = 0;
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!.!.!.!.!.!.");
    eventful_fini(&lan);
}
END_TEST

START_TEST(an_event_waits_for_its_step)
{
    struct eventful lan;
    eventful_init(&lan);
    struct sw_topo_event *e = eventful_event(&lan, SW_ACTION_DOWN, 50 * SW_MS, 0, "down web core");
    e->after = 4;
    eventful_build(&lan);
    eventful_start_ping(&lan, "client", "10.0.0.1", 8);
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
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_link_flaps_until_it_is_up_for_good)
{
    struct eventful lan;
    eventful_init(&lan);
    struct sw_topo_event *e =
        eventful_event(&lan, SW_ACTION_FLAP, 50 * SW_MS, 520 * SW_MS, "flap web core");
    e->action.every = 200 * SW_MS;
    e->action.down = 100 * SW_MS;
    eventful_build(&lan);
    /* Down 50-150, 250-350, 450-550, and that is the end of it. */
    eventful_expect_pings(&lan, "!.!.!.!!!!!!");
    ck_assert_str_eq(lan.said, "50 flap web core\n570 end of flap web core (line 11)\n");
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_flapping_link_that_is_undone_while_down_comes_up)
{
    struct eventful lan;
    eventful_init(&lan);
    struct sw_topo_event *e =
        eventful_event(&lan, SW_ACTION_FLAP, 50 * SW_MS, 300 * SW_MS, "flap web core");
    e->action.every = SW_S;
    e->action.down = 900 * SW_MS;
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!...!!!!!!!!!!");
    eventful_fini(&lan);
}
END_TEST

START_TEST(up_ends_flapping)
{
    struct eventful lan;
    eventful_init(&lan);
    struct sw_topo_event *e = eventful_event(&lan, SW_ACTION_FLAP, 50 * SW_MS, 0, "flap web core");
    e->action.every = 200 * SW_MS;
    e->action.down = 100 * SW_MS;
    eventful_event(&lan, SW_ACTION_UP, 210 * SW_MS, 0, "up web core");
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!.!!!!!!!!");
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_link_whose_end_is_gone_for_good_stays_down)
{
    struct eventful lan;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_UP, SW_S, 0, "up web core");
    eventful_build(&lan);
    struct sw_fabric *fabric = sw_network_fabric(lan.net);
    sw_fabric_port_down(fabric, sw_fabric_ends_at(fabric, 0)[0].port);
    sw_test_run(&lan.world, 2 * SW_S);
    ck_assert(!sw_network_link_at(lan.net, 0)->forward.up);
    eventful_fini(&lan);
}
END_TEST

/* ---- partitions ---- */

static struct sw_topo_event *partition(struct eventful *lan, sw_time at, sw_time span, uint32_t web,
                                       uint32_t client, uint32_t other)
{
    struct sw_topo_event *e =
        eventful_event(lan, SW_ACTION_PARTITION, at, span, "partition [a] [b]");
    e->action.group = malloc(3 * sizeof *e->action.group);
    e->action.group_count = 3;
    e->action.group[WEB] = web;
    e->action.group[CLIENT] = client;
    e->action.group[OTHER] = other;
    return e;
}

START_TEST(groups_do_not_hear_each_other_until_it_heals)
{
    struct eventful lan;
    eventful_init(&lan);
    partition(&lan, 150 * SW_MS, 200 * SW_MS, 1, 2, 0);
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!!..!!!!");
    ck_assert_str_eq(lan.said, "150 partition [a] [b]\n350 heal (undoes line 11)\n");
    ck_assert_uint_eq(eventful_dropped(&lan, WEB, SW_DROP_PARTITION), 2);
    ck_assert_uint_eq(eventful_dropped(&lan, OTHER, SW_DROP_PARTITION), 0);
    eventful_fini(&lan);
}
END_TEST

START_TEST(who_is_in_no_group_reaches_all)
{
    struct eventful lan;
    eventful_init(&lan);
    partition(&lan, 0, 0, 1, 0, 2);
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!!!");
    eventful_fini(&lan);
}
END_TEST

START_TEST(hosts_of_one_group_reach_each_other_and_no_arp_comes_through)
{
    struct eventful lan;
    eventful_init(&lan);
    partition(&lan, 0, 0, 1, 1, 2);
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!!!");
    sw_ping_free(lan.ping);
    eventful_start_ping(&lan, "other", "10.0.0.1", 2);
    sw_test_run(&lan.world, sw_clock_now(lan.world.env.clock) + 5 * SW_S);
    ck_assert_str_eq(lan.answered, "..!");
    /* The requests of ARP at 0, 1 and 2 s. */
    ck_assert_uint_ge(eventful_dropped(&lan, WEB, SW_DROP_PARTITION), 3);
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_partition_takes_the_place_of_the_one_before)
{
    struct eventful lan;
    eventful_init(&lan);
    partition(&lan, 50 * SW_MS, 300 * SW_MS, 1, 2, 2);  /* to 350 */
    partition(&lan, 150 * SW_MS, 300 * SW_MS, 1, 1, 2); /* to 450 */
    partition(&lan, 250 * SW_MS, 300 * SW_MS, 1, 2, 1); /* to 550 */
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!.!...!!");
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_heal_ends_it)
{
    struct eventful lan;
    eventful_init(&lan);
    partition(&lan, 50 * SW_MS, 0, 1, 2, 2);
    eventful_event(&lan, SW_ACTION_HEAL, 250 * SW_MS, 0, "heal");
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!..!!");
    eventful_fini(&lan);
}
END_TEST

/* ---- settings ---- */

static struct sw_lane *lane(const struct eventful *lan, unsigned way)
{
    struct sw_link *link = sw_network_link_at(lan->net, 0);
    return way == 0 ? &link->forward : &link->backward;
}

static struct sw_topo_event *set_delay(struct eventful *lan, sw_time at, sw_time span,
                                       sw_time delay)
{
    struct sw_topo_event *e = eventful_event(lan, SW_ACTION_SET, at, span, "set web core");
    e->action.said = SW_LANE_DELAY;
    e->action.lane.delay = delay;
    return e;
}

static void expect_delay(struct eventful *lan, sw_time at, sw_time delay)
{
    sw_test_run(&lan->world, at);
    ck_assert_int_eq(lane(lan, 0)->config.delay, delay);
}

START_TEST(a_setting_holds_for_its_time_and_nothing_else_changes)
{
    struct eventful lan;
    eventful_init(&lan);
    set_delay(&lan, 100 * SW_MS, 200 * SW_MS, 20 * SW_MS)->action.ways = SW_FORWARD;
    eventful_build(&lan);
    expect_delay(&lan, 99 * SW_MS, SW_MS);
    expect_delay(&lan, 100 * SW_MS, 20 * SW_MS);
    ck_assert_int_eq(lane(&lan, 1)->config.delay, SW_MS);
    ck_assert_uint_eq(lane(&lan, 0)->config.queue_frames, 1000);
    expect_delay(&lan, 299 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 300 * SW_MS, SW_MS);
    ck_assert_str_eq(lan.said, "100 set web core\n300 end of set web core (line 11)\n");
    eventful_fini(&lan);
}
END_TEST

START_TEST(the_later_lies_over_the_earlier_and_what_is_left_shows_again)
{
    struct eventful lan;
    eventful_init(&lan);
    set_delay(&lan, 100 * SW_MS, 300 * SW_MS, 10 * SW_MS); /* to 400 */
    set_delay(&lan, 200 * SW_MS, 300 * SW_MS, 20 * SW_MS); /* to 500 */
    struct sw_topo_event *loss = set_delay(&lan, 250 * SW_MS, 0, 0);
    loss->action.said = SW_LANE_LOSS;
    loss->action.lane.loss_ppb = 7;
    eventful_build(&lan);
    expect_delay(&lan, 150 * SW_MS, 10 * SW_MS);
    expect_delay(&lan, 200 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 400 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 500 * SW_MS, SW_MS);
    ck_assert_uint_eq(lane(&lan, 0)->config.loss_ppb, 7);
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_setting_that_stays_ends_those_before_it)
{
    struct eventful lan;
    eventful_init(&lan);
    set_delay(&lan, 100 * SW_MS, 300 * SW_MS, 10 * SW_MS);
    set_delay(&lan, 200 * SW_MS, 0, 20 * SW_MS);
    set_delay(&lan, 250 * SW_MS, 50 * SW_MS, 30 * SW_MS);
    eventful_build(&lan);
    expect_delay(&lan, 200 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 250 * SW_MS, 30 * SW_MS);
    expect_delay(&lan, 300 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 500 * SW_MS, 20 * SW_MS);
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_ramp_goes_in_a_straight_line)
{
    struct eventful lan;
    eventful_init(&lan);
    struct sw_topo_event *e = set_delay(&lan, 100 * SW_MS, 0, 11 * SW_MS);
    e->action.over = 10 * SW_MS; /* ten steps of 1 ms */
    eventful_build(&lan);
    expect_delay(&lan, 100 * SW_MS, SW_MS);
    expect_delay(&lan, 101 * SW_MS - 1, SW_MS);
    expect_delay(&lan, 101 * SW_MS, 2 * SW_MS);
    expect_delay(&lan, 105 * SW_MS, 6 * SW_MS);
    expect_delay(&lan, 109 * SW_MS, 10 * SW_MS);
    expect_delay(&lan, 110 * SW_MS, 11 * SW_MS);
    expect_delay(&lan, SW_S, 11 * SW_MS);
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_ramp_ends_early_where_its_time_is_over_and_begins_where_the_lane_is)
{
    struct eventful lan;
    eventful_init(&lan);
    set_delay(&lan, 100 * SW_MS, 50 * SW_MS, 101 * SW_MS)->action.over = 100 * SW_MS;
    set_delay(&lan, 120 * SW_MS, 0, SW_MS)->action.over = 20 * SW_MS; /* from 20 ms, and it stays */
    eventful_build(&lan);
    expect_delay(&lan, 119 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 120 * SW_MS, 20 * SW_MS);
    expect_delay(&lan, 130 * SW_MS, 10500 * SW_US);
    expect_delay(&lan, 140 * SW_MS, SW_MS);
    expect_delay(&lan, 150 * SW_MS, SW_MS);
    eventful_fini(&lan);
}
END_TEST

/* In virtual time a link with neither delay nor rate counts as 10 Gbit/s and 1 us. */
START_TEST(a_lane_that_loses_its_delay_still_takes_time)
{
    struct eventful lan;
    eventful_init(&lan);
    set_delay(&lan, 100 * SW_MS, 100 * SW_MS, 0);
    eventful_build(&lan);
    expect_delay(&lan, 100 * SW_MS, SW_US);
    ck_assert_uint_eq(lane(&lan, 0)->config.rate_bps, 10000000000);
    expect_delay(&lan, 200 * SW_MS, SW_MS);
    ck_assert_uint_eq(lane(&lan, 0)->config.rate_bps, 0);
    eventful_fini(&lan);
}
END_TEST

/* ---- frames that are held or taken ---- */

START_TEST(held_frames_come_in_their_order)
{
    struct eventful lan;
    struct sw_ping_result result;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_HOLD, 50 * SW_MS, 100 * SW_MS, "hold web core")->action.ways =
        SW_FORWARD;
    eventful_build(&lan);
    const struct sw_ping_config config = {
        .to = sw_ip_v4(0x0a000001), .count = 5, .interval = 20 * SW_MS, .timeout = SW_S};
    eventful_ping(&lan, "client", &config);
    sw_test_run(&lan.world, 140 * SW_MS);
    ck_assert_str_eq(lan.answered, "!!!");
    sw_test_run(&lan.world, SW_S);
    ck_assert_str_eq(lan.answered, "!!!!!");
    sw_ping_result(lan.ping, &result);
    ck_assert_int_eq(result.max, 91 * SW_MS); /* sent at 60, released at 150, and a millisecond */
    ck_assert_str_eq(lan.said, "50 hold web core\n150 release web core (undoes line 11)\n");
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_release_lets_all_go)
{
    struct eventful lan;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_HOLD, 50 * SW_MS, 500 * SW_MS, "hold web core");
    eventful_event(&lan, SW_ACTION_HOLD, 60 * SW_MS, 0, "hold web core");
    eventful_event(&lan, SW_ACTION_RELEASE, 110 * SW_MS, 0, "release web core");
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!!!!!!!!");
    eventful_fini(&lan);
}
END_TEST

static struct sw_topo_event *drop(struct eventful *lan, sw_time at, enum sw_match_kind kind,
                                  uint32_t nth, uint32_t count)
{
    struct sw_topo_event *e = eventful_event(lan, SW_ACTION_DROP, at, 0, "drop web core");
    e->action.match.kind = kind;
    e->action.nth = nth;
    e->action.count = count;
    return e;
}

static uint64_t taken(const struct eventful *lan)
{
    return lane(lan, 0)->stats.dropped[SW_DROP_DROP_RULE] +
           lane(lan, 1)->stats.dropped[SW_DROP_DROP_RULE];
}

START_TEST(the_nth_frame_from_now_is_taken)
{
    struct eventful lan;
    eventful_init(&lan);
    /* Requests and replies count together: the fifth frame is the third request. */
    drop(&lan, 50 * SW_MS, SW_MATCH_ICMP, 5, 0);
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!!!.!!");
    ck_assert_uint_eq(taken(&lan), 1);
    eventful_fini(&lan);
}
END_TEST

START_TEST(the_next_frames_of_one_direction_are_taken)
{
    struct eventful lan;
    eventful_init(&lan);
    drop(&lan, 150 * SW_MS, SW_MATCH_ICMP, 0, 3)->action.ways = SW_FORWARD;
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!!...!!");
    ck_assert_uint_eq(lane(&lan, 0)->stats.dropped[SW_DROP_DROP_RULE], 3);
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_drop_that_is_over_takes_no_more)
{
    struct eventful lan;
    eventful_init(&lan);
    drop(&lan, 150 * SW_MS, SW_MATCH_ALL, 0, 100)->span = 200 * SW_MS;
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!!..!!");
    ck_assert_str_eq(lan.said, "150 drop web core\n350 end of drop web core (line 11)\n");
    eventful_fini(&lan);
}
END_TEST

/* Two frames come in each 100 ms: the third never does, since the count begins anew. */
START_TEST(a_drop_begins_anew_when_its_event_comes_again)
{
    struct eventful lan;
    eventful_init(&lan);
    struct sw_topo_event *e = drop(&lan, 50 * SW_MS, SW_MATCH_ICMP, 3, 0);
    e->every = 100 * SW_MS;
    e->times = 4; /* the last at 350 */
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!!!!!.!!");
    ck_assert_uint_eq(taken(&lan), 1);
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_flap_begins_anew_when_its_event_comes_again)
{
    struct eventful lan;
    eventful_init(&lan);
    struct sw_topo_event *e = eventful_event(&lan, SW_ACTION_FLAP, 50 * SW_MS, 0, "flap web core");
    e->action.every = 10 * SW_S;
    e->action.down = 250 * SW_MS;
    e->every = 200 * SW_MS;
    e->times = 2;
    eventful_build(&lan);
    eventful_expect_pings(&lan,
                          "!....!!!"); /* down 50 to 500, and not for what was left of the first */
    eventful_fini(&lan);
}
END_TEST

START_TEST(several_drops_count_each_for_itself)
{
    struct eventful lan;
    uint64_t size = 0;
    eventful_init(&lan);
    drop(&lan, 0, SW_MATCH_SYN, 1, 0);
    drop(&lan, 0, SW_MATCH_SYN_ACK, 1, 0);
    drop(&lan, 0, SW_MATCH_DATA, 2, 0);
    drop(&lan, 0, SW_MATCH_RETRANSMIT, 0, 1);
    eventful_build(&lan);
    ck_assert_int_eq(eventful_fetch(&lan, 60 * SW_S, &size), 0);
    ck_assert_uint_eq(size, 2000000);
    ck_assert_uint_eq(taken(&lan), 4);
    eventful_fini(&lan);
}
END_TEST

/* ---- actions of steps ---- */

START_TEST(an_action_is_done_at_once)
{
    struct eventful lan;
    struct sw_topo_action down = {.kind = SW_ACTION_DOWN, .name = NULL};
    struct sw_topo_action up = {.kind = SW_ACTION_UP, .name = NULL};
    eventful_init(&lan);
    eventful_build(&lan);
    eventful_start_ping(&lan, "client", "10.0.0.1", 6);
    sw_test_run(&lan.world, 150 * SW_MS);
    ck_assert_int_eq(sw_events_do(lan.events, &down), 0);
    sw_test_run(&lan.world, 350 * SW_MS);
    ck_assert_int_eq(sw_events_do(lan.events, &up), 0);
    sw_test_run(&lan.world, SW_S);
    ck_assert_str_eq(lan.answered, "!!..!!");
    ck_assert_str_eq(lan.said, "150 down\n350 up\n");
    eventful_fini(&lan);
}
END_TEST

/* Of every kind one that is still in force: what is freed leaves nothing behind. */
START_TEST(the_end_may_come_in_the_midst_of_everything)
{
    struct eventful lan;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_DOWN, 0, 100 * SW_S, "down");
    eventful_event(&lan, SW_ACTION_HOLD, 0, 100 * SW_S, "hold");
    eventful_event(&lan, SW_ACTION_STOP, 0, 100 * SW_S, "stop")->action.host = OTHER;
    eventful_event(&lan, SW_ACTION_CRASH, 0, 100 * SW_S, "crash")->action.host = WEB;
    set_delay(&lan, 0, 100 * SW_S, SW_S)->action.over = SW_S;
    set_delay(&lan, 0, 0, SW_S)->action.over = SW_S;
    drop(&lan, 0, SW_MATCH_RETRANSMIT, 0, 0)->span = 100 * SW_S;
    drop(&lan, 0, SW_MATCH_ALL, 1, 0);
    partition(&lan, 0, 100 * SW_S, 1, 2, 1);
    struct sw_topo_event *flap = eventful_event(&lan, SW_ACTION_FLAP, 0, 100 * SW_S, "flap");
    flap->action.every = 20 * SW_MS;
    flap->action.down = 10 * SW_MS;
    eventful_build(&lan);
    eventful_expect_pings(&lan, "...");
    ck_assert(!sw_network_link_at(lan.net, 0)->forward.up);
    sw_events_free(lan.events);
    lan.events = NULL;
    sw_test_run(&lan.world, 10 * SW_S);
    /* What was down or stopped stays so. */
    ck_assert(!sw_network_link_at(lan.net, 0)->forward.up);
    ck_assert_int_eq(sw_host_state(sw_network_host_at(lan.net, OTHER)), SW_HOST_STOPPED);
    ck_assert_int_eq(sw_host_state(sw_network_host_at(lan.net, WEB)), SW_HOST_DOWN);
    eventful_fini(&lan);
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
    tcase_add_test(links, a_link_whose_end_is_gone_for_good_stays_down);
    suite_add_tcase(suite, links);
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
