#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/core_cable.h"

static void change(struct sw_test_cable *c, const struct sw_lane_config *config, unsigned said)
{
    ck_assert_int_eq(sw_lane_configure(&c->link.forward, config, said), 0);
    ck_assert(sw_lane_balanced(&c->link.forward));
}

/* 1,000 bytes at 8 Mbit/s take 1 ms. */
static const struct sw_lane_config slow = {
    .delay = 10 * SW_MS, .rate_bps = 8000000, .queue_frames = 100};

/* ---- delay ---- */

/* Five frames leave at 1, 2, 3, 4, 5 ms. At 2.5 ms the delay becomes 20 ms: those of 3, 4 and 5 ms
 * have it, those of 1 and 2 ms keep theirs. */
START_TEST(a_delay_holds_for_frames_whose_transmission_ends_from_now_on)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &slow);
    sw_test_send(&c, 0, 5, 1000);
    sw_test_run(&c.world, 2500 * SW_US);
    change(&c, &(struct sw_lane_config){.delay = 20 * SW_MS}, SW_LANE_DELAY);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 5);
    sw_test_arrived(&c, 0, 0, 11 * SW_MS);
    sw_test_arrived(&c, 1, 1, 12 * SW_MS);
    sw_test_arrived(&c, 2, 2, 23 * SW_MS);
    sw_test_arrived(&c, 3, 3, 24 * SW_MS);
    sw_test_arrived(&c, 4, 4, 25 * SW_MS);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(a_shorter_delay_lets_no_frame_overtake)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &(struct sw_lane_config){.delay = 100 * SW_MS, .queue_frames = 1});
    sw_test_send(&c, 0, 1, 100);
    sw_test_run(&c.world, SW_MS);
    change(&c, &(struct sw_lane_config){.delay = SW_MS}, SW_LANE_DELAY);
    sw_test_send(&c, 1, 1, 100);
    sw_test_run(&c.world, 99 * SW_MS);
    sw_test_send(&c, 2, 1, 100); /* due at 100 ms by itself too */
    sw_test_run(&c.world, 100 * SW_MS);
    sw_test_send(&c, 3, 1, 100);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 4);
    sw_test_arrived(&c, 0, 0, 100 * SW_MS);
    sw_test_arrived(&c, 1, 1, 100 * SW_MS);
    sw_test_arrived(&c, 2, 2, 100 * SW_MS);
    sw_test_arrived(&c, 3, 3, 101 * SW_MS);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(with_a_free_order_a_shorter_delay_overtakes)
{
    struct sw_test_cable c;
    sw_test_plug(
        &c, &(struct sw_lane_config){.delay = 100 * SW_MS, .free_order = true, .queue_frames = 1});
    sw_test_send(&c, 0, 1, 100);
    change(&c, &(struct sw_lane_config){.delay = SW_MS}, SW_LANE_DELAY);
    sw_test_send(&c, 1, 1, 100);
    sw_test_run(&c.world, SW_S);
    sw_test_arrived(&c, 0, 1, SW_MS);
    sw_test_arrived(&c, 1, 0, 100 * SW_MS);
    sw_test_unplug(&c);
}
END_TEST

/* Frame 1 skips a delay of 10 ms and waits behind frame 0; when the delay grows it still skips. */
START_TEST(a_frame_that_skips_the_delay_skips_the_new_one)
{
    struct sw_test_cable c;
    struct sw_lane_config config = slow;
    config.reorder_ppb = 1000000000;
    sw_test_plug(&c, &config);
    sw_test_send(&c, 0, 2, 1000);
    change(&c, &(struct sw_lane_config){.delay = SW_S}, SW_LANE_DELAY);
    sw_test_run(&c.world, SW_S);
    sw_test_arrived(&c, 0, 0, SW_MS);
    sw_test_arrived(&c, 1, 1, 2 * SW_MS);
    ck_assert_uint_eq(c.link.forward.stats.reordered, 2);
    sw_test_unplug(&c);
}
END_TEST

/* ---- rate ---- */

/* Frames of 1 ms each; in the middle of the second the rate is halved: that one ends as it was to,
 * the others take 2 ms each. */
START_TEST(a_rate_holds_for_frames_whose_transmission_has_not_begun)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &slow);
    sw_test_send(&c, 0, 4, 1000);
    sw_test_run(&c.world, 1500 * SW_US);
    change(&c, &(struct sw_lane_config){.rate_bps = 4000000}, SW_LANE_RATE);
    sw_test_send(&c, 4, 1, 1000);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 5);
    sw_test_arrived(&c, 0, 0, 11 * SW_MS);
    sw_test_arrived(&c, 1, 1, 12 * SW_MS);
    sw_test_arrived(&c, 2, 2, 14 * SW_MS);
    sw_test_arrived(&c, 3, 3, 16 * SW_MS);
    sw_test_arrived(&c, 4, 4, 18 * SW_MS);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(without_a_rate_all_that_waits_leaves_behind_what_is_being_sent)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &slow);
    sw_test_send(&c, 0, 4, 1000);
    sw_test_run(&c.world, 1500 * SW_US);
    change(&c, &(struct sw_lane_config){.rate_bps = 0}, SW_LANE_RATE);
    ck_assert_uint_eq(sw_lane_room(&c.link.forward), SIZE_MAX);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 4);
    sw_test_arrived(&c, 1, 1, 12 * SW_MS);
    sw_test_arrived(&c, 2, 2, 12 * SW_MS); /* left at 1.5 ms, behind frame 1 */
    sw_test_arrived(&c, 3, 3, 12 * SW_MS);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(a_rate_wakes_a_sender_that_waits_when_there_is_room_by_the_new_one)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &(struct sw_lane_config){.rate_bps = 800000, .queue_frames = 100});
    sw_test_send(&c, 0, 10, 1000); /* 10 ms each */
    sw_port_want_room(&c.a.port);
    change(&c, &(struct sw_lane_config){.rate_bps = 8000000}, SW_LANE_RATE);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.a.rooms, 1);
    /* Frame 0 ends at 10 ms; when 1 to 8 have begun by 17 ms, one waits and 1,514 more fit. */
    ck_assert_int_eq(c.a.room_at, 17 * SW_MS);
    sw_test_unplug(&c);
}
END_TEST

/* ---- queue ---- */

START_TEST(a_smaller_queue_drops_nothing_that_waits)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &slow);
    sw_test_send(&c, 0, 11, 1000);
    change(&c, &(struct sw_lane_config){.queue_frames = 5}, SW_LANE_QUEUE);
    sw_test_send(&c, 11, 1, 1000);
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_QUEUE_FULL), 1);
    sw_test_run(&c.world, 5500 * SW_US);
    sw_test_send(&c, 12, 1, 1000); /* five wait */
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_QUEUE_FULL), 2);
    sw_test_run(&c.world, 6500 * SW_US);
    sw_test_send(&c, 13, 1, 1000);
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_QUEUE_FULL), 2);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 12);
    sw_test_unplug(&c);
}
END_TEST

static const enum sw_discipline disciplines[] = {SW_DISCIPLINE_RED, SW_DISCIPLINE_CODEL,
                                                 SW_DISCIPLINE_FQ_CODEL};

/* Forward and back: the frames go in their order, at the times that they had. */
START_TEST(a_discipline_takes_over_what_waits_and_gives_it_back)
{
    struct sw_test_cable c;
    struct sw_lane_config config = slow;
    sw_test_plug(&c, &config);
    sw_test_send(&c, 0, 6, 1000);
    sw_test_run(&c.world, 1500 * SW_US);
    config.discipline = disciplines[_i];
    change(&c, &config, SW_LANE_DISCIPLINE);
    ck_assert_uint_eq(c.link.forward.waiting_count, 4);
    sw_test_run(&c.world, 2500 * SW_US);
    config.discipline = SW_DISCIPLINE_TAIL_DROP;
    change(&c, &config, SW_LANE_DISCIPLINE);
    sw_test_run(&c.world, 3500 * SW_US);
    config.discipline = disciplines[(_i + 1) % 3];
    change(&c, &config, SW_LANE_DISCIPLINE);
    config.discipline = disciplines[_i];
    change(&c, &config, SW_LANE_DISCIPLINE);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 6);
    for (uint32_t i = 0; i < 6; i++) {
        sw_test_arrived(&c, i, i, (11 + (sw_time)i) * SW_MS);
    }
    sw_test_unplug(&c);
}
END_TEST

START_TEST(a_lane_with_a_discipline_that_loses_its_rate_sends_all)
{
    struct sw_test_cable c;
    struct sw_lane_config config = slow;
    config.discipline = SW_DISCIPLINE_CODEL;
    sw_test_plug(&c, &config);
    sw_test_send(&c, 0, 4, 1000);
    sw_test_run(&c.world, 500 * SW_US);
    change(&c, &(struct sw_lane_config){.rate_bps = 0}, SW_LANE_RATE);
    sw_test_run(&c.world, 20 * SW_MS);
    ck_assert_uint_eq(c.b.count, 4);
    sw_test_arrived(&c, 3, 3, 11 * SW_MS);
    change(&c, &(struct sw_lane_config){.rate_bps = 8000000}, SW_LANE_RATE);
    sw_test_send(&c, 4, 2, 1000);
    ck_assert_uint_eq(c.link.forward.waiting_count, 1);
    sw_test_run(&c.world, SW_S);
    sw_test_arrived(&c, 5, 5, 32 * SW_MS);
    sw_test_unplug(&c);
}
END_TEST

/* ---- wires ---- */

START_TEST(a_true_wire_gets_a_delay_and_loses_it_again)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &(struct sw_lane_config){.queue_frames = 10});
    sw_test_send(&c, 0, 2, 100);
    change(&c, &(struct sw_lane_config){.delay = SW_MS}, SW_LANE_DELAY);
    ck_assert(!c.link.forward.wire);
    sw_test_send(&c, 2, 1, 100);
    change(&c, &(struct sw_lane_config){.delay = 0}, SW_LANE_DELAY);
    ck_assert(!c.link.forward.wire); /* not before frame 2 has arrived */
    sw_test_send(&c, 3, 1, 100);
    sw_test_run(&c.world, 2 * SW_MS);
    ck_assert(c.link.forward.wire);
    sw_test_send(&c, 4, 1, 100);
    sw_test_run(&c.world, 2 * SW_MS);
    ck_assert_uint_eq(c.b.count, 5);
    sw_test_arrived(&c, 0, 0, 0);
    sw_test_arrived(&c, 1, 1, 0);
    sw_test_arrived(&c, 2, 2, SW_MS);
    sw_test_arrived(&c, 3, 3, SW_MS);
    sw_test_arrived(&c, 4, 4, 2 * SW_MS);
    sw_test_unplug(&c);
}
END_TEST

/* ---- chances ---- */

/* Which of 2,000 frames are lost and which come twice, with a loss that is on for a while. */
static void outcome(bool lossy, bool down, bool twice[2000])
{
    struct sw_test_cable c;
    sw_test_plug(
        &c, &(struct sw_lane_config){.delay = 1, .queue_frames = 1, .duplicate_ppb = 300000000});
    for (uint32_t i = 0; i < 2000; i++) {
        if (lossy && (i == 500 || i == 1500)) {
            change(&c, &(struct sw_lane_config){.loss_ppb = i == 500 ? 500000000 : 0},
                   SW_LANE_LOSS);
        }
        if (down && (i == 701 || i == 733)) {
            sw_link_set_up(&c.link, i == 733);
        }
        uint64_t before = c.link.forward.stats.duplicated;
        sw_test_send(&c, i, 1, 60);
        sw_test_run(&c.world, sw_clock_now(c.world.env.clock) + 1);
        twice[i] = c.link.forward.stats.duplicated > before;
    }
    if (lossy) {
        ck_assert_uint_gt(sw_test_dropped(&c, SW_DROP_LOSS), 400);
        ck_assert_uint_lt(sw_test_dropped(&c, SW_DROP_LOSS), 600);
    }
    sw_test_unplug(&c);
}

START_TEST(a_loss_that_comes_and_goes_moves_no_other_draw)
{
    static bool without[2000], with[2000];
    outcome(false, false, without);
    outcome(true, false, with);
    unsigned agree = 0;
    for (unsigned i = 0; i < 2000; i++) {
        ck_assert(!with[i] || without[i]); /* a lost one is not doubled */
        agree += with[i] == without[i];
        ck_assert(i >= 500 && i < 1500 ? true : with[i] == without[i]);
    }
    ck_assert_uint_gt(agree, 1750);
}
END_TEST

START_TEST(a_lane_that_is_down_for_a_while_moves_no_draw)
{
    static bool without[2000], with[2000];
    outcome(false, false, without);
    outcome(false, true, with);
    for (unsigned i = 0; i < 2000; i++) {
        ck_assert(i >= 701 && i < 733 ? !with[i] : with[i] == without[i]);
    }
}
END_TEST

/* Turned on at frame 1,000, a loss takes the frames that it would have taken all along. */
START_TEST(a_chance_that_is_turned_on_goes_by_the_frames_counted_so_far)
{
    bool lost[2][2000] = {{false}};
    for (unsigned late = 0; late < 2; late++) {
        struct sw_test_cable c;
        struct sw_lane_config config = {.delay = 1, .queue_frames = 1, .loss_ppb = 200000000};
        sw_test_plug(&c, &config);
        if (late) {
            change(&c, &(struct sw_lane_config){.loss_ppb = 0}, SW_LANE_LOSS);
        }
        for (uint32_t i = 0; i < 2000; i++) {
            if (late && i == 1003) {
                change(&c, &config, SW_LANE_LOSS);
            }
            uint64_t before = sw_test_dropped(&c, SW_DROP_LOSS);
            sw_test_send(&c, i, 1, 60);
            lost[late][i] = sw_test_dropped(&c, SW_DROP_LOSS) > before;
        }
        sw_test_unplug(&c);
    }
    for (unsigned i = 0; i < 2000; i++) {
        ck_assert(lost[1][i] == (i >= 1003 && lost[0][i]));
    }
}
END_TEST

/* ---- anything ---- */

/* Settings by chance; of the kinds that let a frame overtake only if `free`. */
static struct sw_lane_config any(struct sw_draws *d, bool free)
{
    static const uint64_t rates[] = {0, 800000, 8000000, 1000000000};
    struct sw_lane_config c = {
        .delay = (sw_time)sw_draw_below(d, 3) * SW_MS,
        .jitter = (sw_time)sw_draw_below(d, 2) * SW_MS,
        .distribution = (enum sw_distribution)sw_draw_below(d, 4),
        .correlation_ppb = (uint32_t)sw_draw_below(d, 1000000001),
        .free_order = free,
        .gilbert = {.p = (uint32_t)sw_draw_below(d, 2) * 10000000, .bad = 500000000},
        .corrupt_ppb = (uint32_t)sw_draw_below(d, 2) * 10000000,
        .mtu_bytes = (uint32_t)sw_draw_below(d, 2) * 1000,
        .discipline = (enum sw_discipline)sw_draw_below(d, 4),
        .settings = {.target = SW_MS, .interval = 5 * SW_MS, .flows = free ? 16 : 1},
        .rate_bps = rates[sw_draw_below(d, 4)],
        .queue_frames = 1 + (uint32_t)sw_draw_below(d, 30),
        .loss_ppb = (uint32_t)sw_draw_below(d, 2) * 10000000,
        .duplicate_ppb = free ? 10000000 : 0,
        .reorder_ppb = free ? 100000000 : 0,
    };
    c.corrupt_ppb = free ? c.corrupt_ppb : 0; /* it may hit the number */
    return c;
}

/* 500 changes of anything, of a lane that is used, held, taken down: what went in is out, dropped
 * or there at any time, and nothing overtakes that should not. */
START_TEST(whatever_changes_the_ledger_holds_and_order_is_kept)
{
    struct sw_test_cable c;
    struct sw_draws d;
    bool free = _i % 2 == 1;
    uint32_t number = 0;
    sw_test_plug_seeded(&c, (uint64_t)_i, &slow);
    sw_draws_init(&d, &c.world.seed, 1, SW_DRAW_TEST);
    for (unsigned i = 0; i < 500; i++) {
        const struct sw_lane_config next = any(&d, free);
        uint32_t n = (uint32_t)sw_draw_below(&d, 20);
        sw_test_send(&c, number, n, 60 + (size_t)sw_draw_below(&d, 1000));
        number += n;
        if (sw_draw_below(&d, 4) == 0) {
            sw_port_want_room(&c.a.port);
        }
        change(&c, &next, (unsigned)sw_draw_below(&d, 1 << 14));
        sw_lane_hold(&c.link.forward, sw_draw_below(&d, 8) == 0);
        sw_link_set_up(&c.link, sw_draw_below(&d, 16) != 0);
        sw_test_run(&c.world,
                    sw_clock_now(c.world.env.clock) + (sw_time)sw_draw_below(&d, 4) * SW_MS);
        ck_assert(sw_lane_balanced(&c.link.forward));
    }
    sw_lane_hold(&c.link.forward, false);
    sw_test_run(&c.world, sw_clock_now(c.world.env.clock) + 10 * SW_S);
    ck_assert_uint_eq(c.link.forward.stats.queued, 0);
    ck_assert_uint_gt(sw_lane_room(&c.link.forward), 0);
    ck_assert_uint_eq(c.link.forward.waiting_count, 0);
    ck_assert(!sw_timer_armed(&c.link.forward.room));
    ck_assert_uint_gt(c.b.count, 500);
    for (size_t i = 1; i < c.b.count && !free; i++) {
        ck_assert_uint_gt(c.b.arrivals[i].number, c.b.arrivals[i - 1].number);
    }
    sw_test_unplug(&c);
}
END_TEST

/* ---- holding ---- */

static const struct sw_lane_config kinds[] = {
    {.queue_frames = 3},
    {.delay = SW_MS, .queue_frames = 3},
    {.delay = SW_MS, .rate_bps = 800000000, .queue_frames = 3},
    {.delay = SW_MS,
     .rate_bps = 800000000,
     .queue_frames = 3,
     .discipline = SW_DISCIPLINE_FQ_CODEL},
};

START_TEST(a_held_lane_keeps_what_arrives_and_releases_it_in_order_at_once)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &kinds[_i]);
    sw_lane_hold(&c.link.forward, true);
    for (uint32_t i = 0; i < 50; i++) {
        sw_test_send(&c, i, 1, 100);
        sw_test_run(&c.world, (i + 1) * 10 * SW_MS);
    }
    ck_assert_uint_eq(c.b.count, 0);
    ck_assert_uint_eq(c.link.forward.stats.queued, 50);
    ck_assert(sw_lane_balanced(&c.link.forward));
    sw_lane_hold(&c.link.forward, false);
    ck_assert_uint_eq(c.b.count, 0); /* from the clock, never from within a call */
    sw_test_run(&c.world, 500 * SW_MS);
    ck_assert_uint_eq(c.b.count, 50);
    ck_assert_uint_eq(c.b.batches, 1);
    for (uint32_t i = 0; i < 50; i++) {
        sw_test_arrived(&c, i, i, 500 * SW_MS);
    }
    sw_test_send(&c, 50, 1, 100);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 51);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(a_release_delivers_what_has_come_and_the_rest_when_it_comes)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &(struct sw_lane_config){.delay = 10 * SW_MS, .queue_frames = 1});
    sw_lane_hold(&c.link.forward, true);
    sw_test_send(&c, 0, 1, 100);
    sw_test_run(&c.world, 15 * SW_MS);
    sw_test_send(&c, 1, 1, 100);
    sw_lane_hold(&c.link.forward, false);
    sw_test_run(&c.world, SW_S);
    sw_test_arrived(&c, 0, 0, 15 * SW_MS);
    sw_test_arrived(&c, 1, 1, 25 * SW_MS);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(a_held_lane_that_goes_down_drops_what_it_keeps_and_stays_held)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &kinds[_i]);
    sw_lane_hold(&c.link.forward, true);
    sw_test_send(&c, 0, 3, 100);
    sw_test_run(&c.world, 10 * SW_MS);
    sw_link_set_up(&c.link, false);
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_LINK_DOWN), 3);
    sw_link_set_up(&c.link, true);
    sw_test_send(&c, 3, 1, 100);
    sw_test_run(&c.world, 20 * SW_MS);
    ck_assert_uint_eq(c.b.count, 0);
    sw_lane_hold(&c.link.forward, false);
    sw_test_run(&c.world, 20 * SW_MS);
    ck_assert_uint_eq(c.b.count, 1);
    sw_test_arrived(&c, 0, 3, 20 * SW_MS);
    sw_test_unplug(&c);
}
END_TEST

/* ---- rules ---- */

struct every {
    struct sw_lane_rule rule;
    struct sw_lane *lane;
    unsigned seen, nth;
    bool once;
};

static bool takes_nth(struct sw_lane_rule *rule, const struct sw_frame *frame)
{
    struct every *every = (struct every *)(void *)rule;
    (void)frame;
    every->seen++;
    bool takes = every->seen % every->nth == 0;
    if (takes && every->once) {
        sw_lane_remove_rule(every->lane, rule);
    }
    return takes;
}

START_TEST(a_rule_drops_what_it_says_before_any_chance)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &kinds[_i]);
    struct every third = {{NULL, takes_nth}, &c.link.forward, 0, 3, false};
    struct every sixth = {{NULL, takes_nth}, &c.link.forward, 0, 6, false};
    sw_lane_add_rule(&c.link.forward, &third.rule);
    sw_lane_add_rule(&c.link.forward, &sixth.rule);
    for (uint32_t i = 1; i <= 12; i++) {
        sw_test_send(&c, i, 1, 100);
        sw_test_run(&c.world, i * 10 * SW_MS);
    }
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_DROP_RULE), 4);
    ck_assert_uint_eq(sixth.seen, 12); /* asked for what the first took, too */
    ck_assert_uint_eq(c.b.count, 8);
    ck_assert_uint_eq(c.b.arrivals[2].number, 4);
    sw_lane_remove_rule(&c.link.forward, &third.rule);
    sw_lane_remove_rule(&c.link.forward, &sixth.rule);
    sw_lane_remove_rule(&c.link.forward, &sixth.rule);
    sw_test_send(&c, 13, 3, 100);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(third.seen, 12);
    ck_assert_uint_eq(c.b.count, 11);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(a_rule_may_remove_itself)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &kinds[1]);
    struct every second = {{NULL, takes_nth}, &c.link.forward, 0, 2, true};
    struct every first = {{NULL, takes_nth}, &c.link.forward, 0, 1, true};
    sw_lane_add_rule(&c.link.forward, &second.rule);
    sw_lane_add_rule(&c.link.forward, &first.rule);
    sw_test_send(&c, 0, 6, 100);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_DROP_RULE), 2);
    ck_assert_uint_eq(c.b.arrivals[0].number, 2);
    ck_assert_ptr_null(c.link.forward.rules);
    sw_test_unplug(&c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lane_change");
    TCase *t = tcase_create("changes");
    tcase_add_test(t, a_delay_holds_for_frames_whose_transmission_ends_from_now_on);
    tcase_add_test(t, a_shorter_delay_lets_no_frame_overtake);
    tcase_add_test(t, with_a_free_order_a_shorter_delay_overtakes);
    tcase_add_test(t, a_frame_that_skips_the_delay_skips_the_new_one);
    tcase_add_test(t, a_rate_holds_for_frames_whose_transmission_has_not_begun);
    tcase_add_test(t, without_a_rate_all_that_waits_leaves_behind_what_is_being_sent);
    tcase_add_test(t, a_rate_wakes_a_sender_that_waits_when_there_is_room_by_the_new_one);
    tcase_add_test(t, a_smaller_queue_drops_nothing_that_waits);
    tcase_add_loop_test(t, a_discipline_takes_over_what_waits_and_gives_it_back, 0, 3);
    tcase_add_test(t, a_lane_with_a_discipline_that_loses_its_rate_sends_all);
    tcase_add_test(t, a_true_wire_gets_a_delay_and_loses_it_again);
    tcase_add_test(t, a_loss_that_comes_and_goes_moves_no_other_draw);
    tcase_add_test(t, a_lane_that_is_down_for_a_while_moves_no_draw);
    tcase_add_test(t, a_chance_that_is_turned_on_goes_by_the_frames_counted_so_far);
    tcase_add_loop_test(t, whatever_changes_the_ledger_holds_and_order_is_kept, 0, 40);
    tcase_add_loop_test(t, a_held_lane_keeps_what_arrives_and_releases_it_in_order_at_once, 0, 4);
    tcase_add_test(t, a_release_delivers_what_has_come_and_the_rest_when_it_comes);
    tcase_add_loop_test(t, a_held_lane_that_goes_down_drops_what_it_keeps_and_stays_held, 0, 4);
    tcase_add_loop_test(t, a_rule_drops_what_it_says_before_any_chance, 0, 4);
    tcase_add_test(t, a_rule_may_remove_itself);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
