#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/link.h"
#include "tests/support/core_fixture.h"

struct cable {
    struct sw_test_env world;
    struct sw_test_port a, b;
    struct sw_link link;
};

static void plug_seeded(struct cable *c, uint64_t seed, const struct sw_lane_config *config)
{
    memset(c, 0, sizeof *c);
    sw_test_env_init(&c->world, seed);
    sw_test_port_init(&c->a, &c->world, "a");
    sw_test_port_init(&c->b, &c->world, "b");
    ck_assert_int_eq(
        sw_link_init(&c->link, &c->world.env, &c->a.port, &c->b.port, "a>b", "b>a", config, config),
        0);
}

static void plug(struct cable *c, const struct sw_lane_config *config)
{
    plug_seeded(c, 1, config);
}

static void unplug(struct cable *c)
{
    ck_assert(sw_lane_balanced(&c->link.forward));
    ck_assert(sw_lane_balanced(&c->link.backward));
    sw_link_fini(&c->link);
    ck_assert(sw_lane_balanced(&c->link.forward));
    ck_assert(sw_lane_balanced(&c->link.backward));
    sw_test_port_fini(&c->a);
    sw_test_port_fini(&c->b);
    sw_test_env_fini(&c->world);
}

/* Sends frames `from`, from + 1, ... of len bytes. */
static void send(struct cable *c, uint32_t from, uint32_t frames, size_t len)
{
    for (uint32_t i = 0; i < frames; i++) {
        sw_port_send(&c->a.port, sw_test_frame(c->world.env.pool, from + i, len));
    }
}

/* Sends the same frame n times: cheap where only counts matter. */
static void send_same(struct cable *c, uint32_t n, size_t len)
{
    struct sw_frame *frame = sw_test_frame(c->world.env.pool, 1, len);
    for (uint32_t i = 0; i < n; i++) {
        sw_port_send(&c->a.port, sw_frame_ref(frame));
    }
    sw_frame_drop(frame);
}

static uint64_t dropped(const struct cable *c, enum sw_drop reason)
{
    return c->link.forward.stats.dropped[reason];
}

/* ---- when frames arrive ---- */

START_TEST(a_delay_puts_frames_off_and_one_batch_delivers_them)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.delay = SW_MS, .queue_frames = 1});
    send(&c, 0, 5, 100);
    sw_test_run(&c.world, 10);
    send(&c, 5, 2, 100);
    ck_assert_uint_eq(c.link.forward.stats.queued, 7);
    ck_assert_int_eq(sw_clock_next(c.world.env.clock), SW_MS);
    uint64_t steps = sw_clock_steps(c.world.env.clock);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(sw_clock_steps(c.world.env.clock), steps + 2);
    ck_assert_uint_eq(c.b.count, 7);
    for (uint32_t i = 0; i < 7; i++) {
        ck_assert_uint_eq(c.b.arrivals[i].number, i);
        ck_assert_int_eq(c.b.arrivals[i].at, i < 5 ? SW_MS : SW_MS + 10);
        ck_assert_uint_eq(c.b.arrivals[i].batch, i < 5 ? 0 : 1);
    }
    const struct sw_lane_stats *stats = &c.link.forward.stats;
    ck_assert_uint_eq(stats->in, 7);
    ck_assert_uint_eq(stats->in_bytes, 700);
    ck_assert_uint_eq(stats->out, 7);
    ck_assert_uint_eq(stats->out_bytes, 700);
    ck_assert_uint_eq(stats->queued, 0);
    ck_assert_uint_eq(c.link.backward.stats.in, 0);
    unplug(&c);
}
END_TEST

/* 1,000 bytes at 1 Gbit/s are 8 us; with 24 bytes of overhead 8.192 us. */
START_TEST(a_rate_sends_one_frame_after_the_other)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.delay = 50 * SW_US,
                                      .rate_bps = 1000000000,
                                      .overhead_bytes = 24,
                                      .queue_frames = 100});
    send(&c, 0, 3, 1000);
    sw_test_run(&c.world, SW_MS);
    send(&c, 3, 1, 1000); /* after a pause it begins at once */
    sw_test_run(&c.world, 2 * SW_MS);
    ck_assert_uint_eq(c.b.count, 4);
    ck_assert_int_eq(c.b.arrivals[0].at, 50000 + 8192);
    ck_assert_int_eq(c.b.arrivals[1].at, 50000 + 2 * 8192);
    ck_assert_int_eq(c.b.arrivals[2].at, 50000 + 3 * 8192);
    ck_assert_int_eq(c.b.arrivals[3].at, SW_MS + 50000 + 8192);
    unplug(&c);
}
END_TEST

/* A frame of 64 bytes at 7 Gbit/s takes 73 1/7 ns. A million of them, in bursts that keep the
 * transmitter busy, take 10^6 * 512 * 10^9 / (7 * 10^9) ns to the last one. */
START_TEST(a_rate_is_exact_over_a_million_frames)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.rate_bps = UINT64_C(7000000000), .queue_frames = 2000});
    send_same(&c, 1000, 64);
    for (uint32_t burst = 1; burst < 1000; burst++) {
        /* While the last ten are still waiting. */
        sw_test_run(&c.world, (sw_time)(burst * 1000 - 10) * 512 / 7);
        send_same(&c, 1000, 64);
    }
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 1000000);
    for (int64_t i = 0; i < 1000000; i++) {
        ck_assert_int_eq(c.b.arrivals[i].at, (i + 1) * 512 / 7);
    }
    unplug(&c);
}
END_TEST

/* At 3 bit/s a byte takes 2.67 s: a remainder that were kept over a pause would show. */
START_TEST(a_pause_forgets_the_remainder)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.rate_bps = 3, .queue_frames = 1});
    for (int i = 0; i < 10; i++) {
        sw_time start = (sw_time)i * 100 * SW_S;
        sw_test_run(&c.world, start);
        send(&c, 0, 1, 4);
        sw_test_run(&c.world, start + 50 * SW_S);
        ck_assert_int_eq(c.b.arrivals[i].at, start + INT64_C(10666666666));
    }
    unplug(&c);
}
END_TEST

START_TEST(the_longest_frame_on_the_slowest_line_does_not_overflow)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){
                 .rate_bps = 1, .overhead_bytes = SW_OVERHEAD_MAX_BYTES, .queue_frames = 10});
    send(&c, 0, 2, SW_FRAME_MAX_BYTES);
    ck_assert_int_eq(sw_clock_next(c.world.env.clock), INT64_C(131086) * 8 * SW_S);
    sw_test_run(&c.world, INT64_C(131086) * 16 * SW_S);
    ck_assert_uint_eq(c.b.count, 2);
    unplug(&c);
}
END_TEST

START_TEST(directions_have_properties_of_their_own)
{
    struct sw_test_env world;
    struct sw_test_port a, b;
    struct sw_link link;
    sw_test_env_init(&world, 1);
    sw_test_port_init(&a, &world, "a");
    sw_test_port_init(&b, &world, "b");
    struct sw_lane_config out = {.delay = SW_MS, .queue_frames = 1};
    struct sw_lane_config back = {.delay = 3 * SW_MS, .queue_frames = 1};
    ck_assert_int_eq(sw_link_init(&link, &world.env, &a.port, &b.port, "a>b", "b>a", &out, &back),
                     0);
    sw_port_send(&a.port, sw_test_frame(world.env.pool, 1, 60));
    sw_port_send(&b.port, sw_test_frame(world.env.pool, 2, 60));
    sw_test_run(&world, SW_S);
    ck_assert_int_eq(b.arrivals[0].at, SW_MS);
    ck_assert_uint_eq(b.arrivals[0].number, 1);
    ck_assert_int_eq(a.arrivals[0].at, 3 * SW_MS);
    ck_assert_uint_eq(a.arrivals[0].number, 2);
    sw_link_fini(&link);
    sw_test_port_fini(&a);
    sw_test_port_fini(&b);
    sw_test_env_fini(&world);
}
END_TEST

/* b sends each batch's answer into the lane from a to b itself. */
static void sends_again(struct sw_test_port *b)
{
    struct cable *c = b->ctx;
    if (b->batches < 4) {
        send(c, b->batches * 1000, 500, 60);
    }
}

START_TEST(a_receiver_may_send_into_the_lane_that_delivers)
{
    static const struct sw_lane_config configs[] = {
        {.queue_frames = 1000},
        {.delay = SW_US, .queue_frames = 1000},
    };
    struct cable c;
    plug(&c, &configs[_i]);
    c.b.then = sends_again;
    c.b.ctx = &c;
    send(&c, 0, 1, 60);
    sw_test_run(&c.world, SW_MS);
    ck_assert_uint_eq(c.b.count, 1501);
    ck_assert_uint_eq(c.b.batches, 4);
    ck_assert_uint_eq(c.b.arrivals[1].number, 1000);
    ck_assert_uint_eq(c.b.arrivals[1500].number, 3499);
    unplug(&c);
}
END_TEST

static void unplugs(struct sw_test_port *b)
{
    struct cable *c = b->ctx;
    sw_link_fini(&c->link);
    memset(&c->link, 0xee, sizeof c->link);
}

START_TEST(a_receiver_may_unplug_the_cable)
{
    static const struct sw_lane_config configs[] = {
        {.queue_frames = 1000},
        {.rate_bps = 1000000, .queue_frames = 1000},
    };
    struct cable c;
    plug(&c, &configs[_i]);
    c.b.then = unplugs;
    c.b.ctx = &c;
    send(&c, 0, 3, 60);
    sw_port_want_room(&c.a.port);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.batches, 1);
    ck_assert_ptr_null(c.a.port.lane);
    sw_test_port_fini(&c.a);
    sw_test_port_fini(&c.b);
    sw_test_env_fini(&c.world);
}
END_TEST

/* ---- the queue ---- */

/* A byte a microsecond. One frame is sent and two wait; of ten, seven are dropped. The next has
 * room exactly when the second begins. */
START_TEST(a_queue_of_frames_is_bounded_exactly)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.rate_bps = 8000000, .queue_frames = 2});
    send(&c, 0, 10, 100);
    ck_assert_uint_eq(dropped(&c, SW_DROP_QUEUE_FULL), 7);
    sw_test_run(&c.world, 100 * SW_US - 1);
    send(&c, 10, 1, 100);
    ck_assert_uint_eq(dropped(&c, SW_DROP_QUEUE_FULL), 8);
    sw_test_run(&c.world, 100 * SW_US);
    send(&c, 11, 2, 100);
    ck_assert_uint_eq(dropped(&c, SW_DROP_QUEUE_FULL), 9);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 4);
    ck_assert_uint_eq(c.b.arrivals[2].number, 2);
    ck_assert_uint_eq(c.b.arrivals[3].number, 11);
    unplug(&c);
}
END_TEST

START_TEST(a_queue_of_bytes_is_bounded_exactly)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.rate_bps = 8000000, .queue_bytes = 250});
    send(&c, 0, 1, 1000); /* begins at once, however long */
    send(&c, 1, 1, 100);
    send(&c, 2, 1, 151);
    send(&c, 3, 1, 150);
    send(&c, 4, 1, 4);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(dropped(&c, SW_DROP_QUEUE_FULL), 2);
    ck_assert_uint_eq(c.b.count, 3);
    ck_assert_uint_eq(c.b.arrivals[2].number, 3);
    unplug(&c);
}
END_TEST

START_TEST(a_true_wire_holds_no_more_than_its_queue)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.queue_frames = 3, .queue_bytes = 1000});
    send(&c, 0, 4, 60);
    ck_assert_uint_eq(dropped(&c, SW_DROP_QUEUE_FULL), 1);
    sw_test_run(&c.world, 0);
    send(&c, 4, 1, 1514);
    send(&c, 5, 1, 60);
    ck_assert_uint_eq(dropped(&c, SW_DROP_QUEUE_FULL), 2);
    sw_test_run(&c.world, 0);
    ck_assert_uint_eq(c.b.count, 4);
    ck_assert_uint_eq(c.b.arrivals[3].number, 4); /* alone on the wire, however long */
    unplug(&c);
}
END_TEST

/* Bursts that outgrow the queue's ring while it drains. */
START_TEST(a_long_queue_drains_in_order)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.rate_bps = 8000000, .queue_frames = 20000});
    uint32_t next = 0;
    for (uint32_t turn = 0; turn < 50; turn++) {
        send(&c, next, 100 + turn * 7, 4);
        next += 100 + turn * 7;
        sw_test_run(&c.world, sw_clock_now(c.world.env.clock) + 600 * SW_US);
    }
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, next);
    for (uint32_t i = 0; i < next; i++) {
        ck_assert_uint_eq(c.b.arrivals[i].number, i);
    }
    unplug(&c);
}
END_TEST

START_TEST(a_lane_has_a_most_of_frames_in_flight)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.delay = SW_S, .queue_frames = 1});
    send_same(&c, SW_FLIGHT_MAX_FRAMES + 2, 4);
    ck_assert_uint_eq(dropped(&c, SW_DROP_LANE_MEMORY), 2);
    ck_assert_uint_eq(c.link.forward.stats.queued, SW_FLIGHT_MAX_FRAMES);
    unplug(&c);
}
END_TEST

START_TEST(a_frame_longer_than_any_is_dropped)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.queue_frames = 10});
    struct sw_frame *frame =
        sw_test_frame(c.world.env.pool, 0, SW_FRAME_MAX_BYTES - 14); /* one block */
    sw_frame_add_slice(frame, frame->slice[0].block, 0, 14);
    sw_port_send(&c.a.port, sw_frame_ref(frame));
    ck_assert_uint_eq(dropped(&c, SW_DROP_LINK_MTU), 0);
    sw_test_run(&c.world, 0);
    sw_frame_add_slice(frame, frame->slice[0].block, 14, 1);
    sw_port_send(&c.a.port, frame);
    ck_assert_uint_eq(dropped(&c, SW_DROP_LINK_MTU), 1);
    unplug(&c);
}
END_TEST

/* ---- chance ---- */

/* 100,000 frames at 10 %: the standard deviation is 95; six of them either side. */
START_TEST(loss_is_as_often_as_asked_for)
{
    struct cable c;
    plug_seeded(&c, (uint64_t)_i,
                &(struct sw_lane_config){.delay = SW_MS, .queue_frames = 1, .loss_ppb = 100000000});
    send_same(&c, 100000, 60);
    uint64_t lost = dropped(&c, SW_DROP_LOSS);
    ck_assert_uint_ge(lost, 10000 - 570);
    ck_assert_uint_le(lost, 10000 + 570);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 100000 - lost);
    unplug(&c);
}
END_TEST

START_TEST(loss_of_all_and_of_none)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.queue_frames = 100, .loss_ppb = 1000000000});
    send_same(&c, 100, 60);
    ck_assert_uint_eq(dropped(&c, SW_DROP_LOSS), 100);
    unplug(&c);
    plug(&c, &(struct sw_lane_config){.queue_frames = 100, .duplicate_ppb = 1});
    send_same(&c, 100, 60);
    ck_assert_uint_eq(dropped(&c, SW_DROP_LOSS), 0);
    unplug(&c);
}
END_TEST

#define DRAWN 3000

/* Which of DRAWN frames never arrive, and which arrive without the delay. */
static void outcome(const struct sw_lane_config *config, bool lost[DRAWN], bool early[DRAWN])
{
    struct cable c;
    plug_seeded(&c, 42, config);
    send(&c, 0, DRAWN, 60);
    sw_test_run(&c.world, SW_S);
    for (uint32_t i = 0; i < DRAWN; i++) {
        lost[i] = true;
        early[i] = false;
    }
    for (size_t i = 0; i < c.b.count; i++) {
        lost[c.b.arrivals[i].number] = false;
        early[c.b.arrivals[i].number] = c.b.arrivals[i].at == 0;
    }
    unplug(&c);
}

START_TEST(no_chance_moves_the_draws_of_another)
{
    struct sw_lane_config config = {.delay = SW_MS, .queue_frames = 1, .loss_ppb = 200000000};
    static bool lost[4][DRAWN], early[4][DRAWN];
    outcome(&config, lost[0], early[0]);
    config.duplicate_ppb = 500000000;
    outcome(&config, lost[1], early[1]);
    config.reorder_ppb = 300000000;
    outcome(&config, lost[2], early[2]);
    config.duplicate_ppb = 0;
    config.loss_ppb = 0;
    outcome(&config, lost[3], early[3]);
    ck_assert_int_eq(memcmp(lost[0], lost[1], sizeof lost[0]), 0);
    ck_assert_int_eq(memcmp(lost[0], lost[2], sizeof lost[0]), 0);
    unsigned early_count = 0;
    for (int i = 0; i < DRAWN; i++) {
        ck_assert(lost[2][i] || early[2][i] == early[3][i]);
        early_count += early[3][i];
    }
    ck_assert_uint_gt(early_count, 750);
    ck_assert_uint_lt(early_count, 1050);
}
END_TEST

/* The streams hang on the lane's name and the seed: another name or seed, another loss. */
START_TEST(draws_belong_to_the_lanes_name)
{
    struct sw_test_env world;
    struct sw_test_port p[4];
    struct sw_link link[2];
    struct sw_lane_config config = {.delay = SW_MS, .queue_frames = 1, .loss_ppb = 500000000};
    sw_test_env_init(&world, 1);
    for (int i = 0; i < 4; i++) {
        sw_test_port_init(&p[i], &world, "p");
    }
    ck_assert_int_eq(
        sw_link_init(&link[0], &world.env, &p[0].port, &p[1].port, "a>b", "b>a", &config, &config),
        0);
    ck_assert_int_eq(
        sw_link_init(&link[1], &world.env, &p[2].port, &p[3].port, "c>d", "d>c", &config, &config),
        0);
    for (uint32_t i = 0; i < 200; i++) {
        for (int port = 0; port < 4; port++) {
            sw_port_send(&p[port].port, sw_test_frame(world.env.pool, i, 60));
        }
    }
    sw_test_run(&world, SW_S);
    for (int x = 0; x < 4; x++) {
        ck_assert_uint_gt(p[x].count, 60);
        for (int y = 0; y < x; y++) {
            bool same = p[x].count == p[y].count;
            for (size_t i = 0; same && i < p[x].count; i++) {
                same = p[x].arrivals[i].number == p[y].arrivals[i].number;
            }
            ck_assert(!same);
        }
    }
    for (int i = 0; i < 2; i++) {
        sw_link_fini(&link[i]);
    }
    for (int i = 0; i < 4; i++) {
        sw_test_port_fini(&p[i]);
    }
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(a_duplicate_follows_its_original_and_takes_its_share_of_the_line)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){
                 .rate_bps = 8000000, .queue_frames = 4, .duplicate_ppb = 1000000000});
    send(&c, 0, 3, 100);
    /* One is sent, four wait, one copy is too many. */
    ck_assert_uint_eq(c.link.forward.stats.duplicated, 3);
    ck_assert_uint_eq(dropped(&c, SW_DROP_QUEUE_FULL), 1);
    ck_assert_uint_eq(sw_test_live_frames(&c.world), 3);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        ck_assert_uint_eq(c.b.arrivals[i].number, i / 2);
        ck_assert_int_eq(c.b.arrivals[i].at, (i + 1) * 100 * SW_US);
    }
    unplug(&c);
}
END_TEST

/* Ten frames at once with a delay of 1 ms, half of them without it: those come at 0, in order,
 * and the others at 1 ms, in order. Later ones without delay overtake what is in flight. */
START_TEST(a_reordered_frame_skips_the_delay)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.delay = SW_MS, .queue_frames = 1, .reorder_ppb = 500000000});
    send(&c, 0, 10, 60);
    sw_test_run(&c.world, 100 * SW_US);
    send(&c, 10, 10, 60);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 20);
    unsigned early = 0;
    for (size_t i = 0; i < 20; i++) {
        const struct sw_test_arrival *a = &c.b.arrivals[i];
        sw_time sent = a->number < 10 ? 0 : 100 * SW_US;
        ck_assert(a->at == sent || a->at == sent + SW_MS);
        early += a->at == sent;
        if (i > 0) {
            ck_assert_int_le(a[-1].at, a->at);
            ck_assert(a[-1].at < a->at || a[-1].number < a->number);
        }
    }
    ck_assert_uint_eq(early, c.link.forward.stats.reordered);
    ck_assert_uint_gt(early, 3);
    ck_assert_uint_lt(early, 17);
    unplug(&c);
}
END_TEST

/* With a rate it skips the delay, not the transmission. */
START_TEST(a_reordered_frame_is_still_transmitted)
{
    struct cable c;
    plug(&c,
         &(struct sw_lane_config){
             .delay = SW_MS, .rate_bps = 8000000, .queue_frames = 10, .reorder_ppb = 1000000000});
    send(&c, 0, 2, 100);
    sw_test_run(&c.world, SW_S);
    ck_assert_int_eq(c.b.arrivals[0].at, 100 * SW_US);
    ck_assert_int_eq(c.b.arrivals[1].at, 200 * SW_US);
    ck_assert_uint_eq(c.link.forward.stats.reordered, 2);
    unplug(&c);
}
END_TEST

/* ---- down, and gone ---- */

START_TEST(a_link_that_goes_down_drops_what_is_in_it)
{
    static const struct sw_lane_config configs[] = {
        {.queue_frames = 100},
        {.delay = SW_MS, .queue_frames = 100},
        {.rate_bps = 8000000, .queue_frames = 100},
    };
    struct cable c;
    plug(&c, &configs[_i]);
    send(&c, 0, 5, 100);
    sw_link_set_up(&c.link, false);
    sw_link_set_up(&c.link, false);
    ck_assert_uint_eq(sw_test_live_frames(&c.world), 0);
    ck_assert_uint_eq(dropped(&c, SW_DROP_LINK_DOWN), 5);
    ck_assert_int_eq(sw_clock_next(c.world.env.clock), SW_TIME_NEVER);
    send(&c, 5, 1, 100);
    ck_assert_uint_eq(dropped(&c, SW_DROP_LINK_DOWN), 6);
    ck_assert(sw_lane_balanced(&c.link.forward));
    sw_link_set_up(&c.link, true);
    send(&c, 6, 1, 100);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 1);
    ck_assert_uint_eq(c.b.arrivals[0].number, 6);
    /* The transmitter was idle again. */
    ck_assert(configs[_i].rate_bps == 0 || c.b.arrivals[0].at == 100 * SW_US);
    unplug(&c);
}
END_TEST

START_TEST(who_waits_for_room_is_called_when_the_link_goes_down)
{
    static const struct sw_lane_config configs[] = {
        {.queue_frames = 1},
        {.rate_bps = 8000000, .queue_frames = 1},
    };
    struct cable c;
    plug(&c, &configs[_i]);
    send(&c, 0, 3, 100);
    sw_port_want_room(&c.a.port);
    sw_link_set_up(&c.link, false);
    sw_test_run(&c.world, 0);
    ck_assert_uint_eq(c.a.rooms, 1);
    unplug(&c);
}
END_TEST

START_TEST(a_link_that_is_unplugged_drops_what_is_in_it)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.delay = SW_MS, .queue_frames = 100});
    send(&c, 0, 5, 100);
    sw_link_fini(&c.link);
    ck_assert_uint_eq(sw_test_live_frames(&c.world), 0);
    ck_assert_uint_eq(dropped(&c, SW_DROP_LINK_DOWN), 5);
    send(&c, 0, 1, 100);
    ck_assert_uint_eq(c.a.port.no_cable, 1);
    ck_assert_int_eq(sw_link_init(&c.link, &c.world.env, &c.a.port, &c.b.port, "a>b", "b>a",
                                  &(struct sw_lane_config){.queue_frames = 1},
                                  &(struct sw_lane_config){.queue_frames = 1}),
                     0);
    unplug(&c);
}
END_TEST

/* ---- the ledger ---- */

/* Every property at once, random traffic, the link up and down: after each step what came in is
 * accounted for. */
START_TEST(the_ledger_always_holds)
{
    struct sw_draws draws;
    struct cable c;
    plug_seeded(&c, (uint64_t)_i,
                &(struct sw_lane_config){.delay = 20 * SW_US,
                                         .rate_bps = 30000000,
                                         .queue_frames = 20,
                                         .queue_bytes = 20000,
                                         .loss_ppb = 50000000,
                                         .duplicate_ppb = 50000000,
                                         .reorder_ppb = 50000000});
    sw_draws_init(&draws, &c.world.seed, 7, SW_DRAW_TEST);
    for (uint32_t turn = 0; turn < 2000; turn++) {
        send(&c, turn, (uint32_t)sw_draw_below(&draws, 4), 4 + sw_draw_below(&draws, 1500));
        ck_assert(sw_lane_balanced(&c.link.forward));
        if (sw_draw_below(&draws, 20) == 0) {
            sw_link_set_up(&c.link, sw_draw_below(&draws, 4) > 0);
            ck_assert(sw_lane_balanced(&c.link.forward));
        }
        sw_test_run(&c.world,
                    sw_clock_now(c.world.env.clock) + (sw_time)sw_draw_below(&draws, 200000));
        ck_assert(sw_lane_balanced(&c.link.forward));
    }
    struct sw_lane_stats stats;
    sw_lane_stats(&c.link.forward, &stats);
    ck_assert_uint_gt(stats.duplicated, 0);
    ck_assert_uint_gt(stats.dropped[SW_DROP_LOSS], 0);
    ck_assert_uint_gt(stats.dropped[SW_DROP_QUEUE_FULL], 0);
    ck_assert_uint_gt(stats.dropped[SW_DROP_LINK_DOWN], 0);
    ck_assert_uint_eq(stats.out, c.b.count);
    ck_assert_uint_eq(sw_lane_dropped(&stats), stats.dropped[SW_DROP_LOSS] +
                                                   stats.dropped[SW_DROP_QUEUE_FULL] +
                                                   stats.dropped[SW_DROP_LINK_DOWN]);
    c.link.forward.stats.out++;
    ck_assert(!sw_lane_balanced(&c.link.forward));
    c.link.forward.stats.out--;
    unplug(&c);
}
END_TEST

/* ---- what is asserted ---- */

START_TEST(a_lane_needs_a_bound)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.delay = SW_MS});
}
END_TEST

START_TEST(reordering_needs_a_delay)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.queue_frames = 1, .reorder_ppb = 1});
}
END_TEST

START_TEST(a_port_has_one_cable)
{
    struct cable c;
    struct sw_link other;
    struct sw_lane_config config = {.queue_frames = 1};
    plug(&c, &config);
    sw_link_init(&other, &c.world.env, &c.a.port, &c.b.port, "x>y", "y>x", &config, &config);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("link");
    TCase *time = tcase_create("time");
    tcase_set_timeout(time, 30);
    tcase_add_test(time, a_delay_puts_frames_off_and_one_batch_delivers_them);
    tcase_add_test(time, a_rate_sends_one_frame_after_the_other);
    tcase_add_test(time, a_rate_is_exact_over_a_million_frames);
    tcase_add_test(time, a_pause_forgets_the_remainder);
    tcase_add_test(time, the_longest_frame_on_the_slowest_line_does_not_overflow);
    tcase_add_test(time, directions_have_properties_of_their_own);
    tcase_add_loop_test(time, a_receiver_may_send_into_the_lane_that_delivers, 0, 2);
    tcase_add_loop_test(time, a_receiver_may_unplug_the_cable, 0, 2);
    suite_add_tcase(suite, time);
    TCase *queue = tcase_create("queue");
    tcase_set_timeout(queue, 30);
    tcase_add_test(queue, a_queue_of_frames_is_bounded_exactly);
    tcase_add_test(queue, a_queue_of_bytes_is_bounded_exactly);
    tcase_add_test(queue, a_true_wire_holds_no_more_than_its_queue);
    tcase_add_test(queue, a_long_queue_drains_in_order);
    tcase_add_test(queue, a_lane_has_a_most_of_frames_in_flight);
    tcase_add_test(queue, a_frame_longer_than_any_is_dropped);
    suite_add_tcase(suite, queue);
    TCase *chance = tcase_create("chance");
    tcase_add_loop_test(chance, loss_is_as_often_as_asked_for, 0, 5);
    tcase_add_test(chance, loss_of_all_and_of_none);
    tcase_add_test(chance, no_chance_moves_the_draws_of_another);
    tcase_add_test(chance, draws_belong_to_the_lanes_name);
    tcase_add_test(chance, a_duplicate_follows_its_original_and_takes_its_share_of_the_line);
    tcase_add_test(chance, a_reordered_frame_skips_the_delay);
    tcase_add_test(chance, a_reordered_frame_is_still_transmitted);
    suite_add_tcase(suite, chance);
    TCase *down = tcase_create("down");
    tcase_add_loop_test(down, a_link_that_goes_down_drops_what_is_in_it, 0, 3);
    tcase_add_loop_test(down, who_waits_for_room_is_called_when_the_link_goes_down, 0, 2);
    tcase_add_test(down, a_link_that_is_unplugged_drops_what_is_in_it);
    tcase_add_loop_test(down, the_ledger_always_holds, 0, 10);
    suite_add_tcase(suite, down);
    TCase *asserted = tcase_create("asserted");
    tcase_add_test_raise_signal(asserted, a_lane_needs_a_bound, SIGABRT);
    tcase_add_test_raise_signal(asserted, reordering_needs_a_delay, SIGABRT);
    tcase_add_test_raise_signal(asserted, a_port_has_one_cable, SIGABRT);
    suite_add_tcase(suite, asserted);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
