#include <check.h>
#include <signal.h>
#include <stdlib.h>

#include "core/port.h"
#include "tests/support/core_fixture.h"

/* Two ports and a cable between them. */
struct cable {
    struct sw_test_env world;
    struct sw_test_port a, b;
    struct sw_link link;
    unsigned noted; /* calls of a's room when b's batch was delivered */
};

static void plug(struct cable *c, const struct sw_lane_config *config)
{
    sw_test_env_init(&c->world, 1);
    sw_test_port_init(&c->a, &c->world, "a");
    sw_test_port_init(&c->b, &c->world, "b");
    ck_assert_int_eq(
        sw_link_init(&c->link, &c->world.env, &c->a.port, &c->b.port, "a>b", "b>a", config, config),
        0);
}

static void unplug(struct cable *c)
{
    ck_assert(sw_lane_balanced(&c->link.forward));
    sw_link_fini(&c->link);
    ck_assert_ptr_null(c->a.port.lane);
    ck_assert_ptr_null(c->b.port.lane);
    sw_test_port_fini(&c->a);
    sw_test_port_fini(&c->b);
    sw_test_env_fini(&c->world);
}

static void send(struct cable *c, unsigned frames, size_t len)
{
    for (unsigned i = 0; i < frames; i++) {
        sw_port_send(&c->a.port, sw_test_frame(c->world.env.pool, i, len));
    }
}

START_TEST(without_a_cable_frames_are_dropped_and_counted)
{
    struct sw_test_env world;
    struct sw_test_port port;
    sw_test_env_init(&world, 1);
    sw_test_port_init(&port, &world, "a");
    ck_assert_str_eq(port.port.name, "a");
    sw_port_send(&port.port, sw_test_frame(world.env.pool, 1, 60));
    sw_port_send(&port.port, sw_test_frame(world.env.pool, 2, 1000));
    ck_assert_uint_eq(port.port.no_cable, 2);
    ck_assert_uint_eq(sw_port_room(&port.port), SIZE_MAX);
    sw_port_want_room(&port.port);
    sw_test_port_fini(&port);
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(what_is_sent_arrives_later_from_the_clock)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.queue_frames = 10});
    send(&c, 3, 60);
    ck_assert_uint_eq(c.b.count, 0);
    sw_test_run(&c.world, 7);
    ck_assert_uint_eq(c.b.count, 3);
    ck_assert_uint_eq(c.b.batches, 1);
    ck_assert_uint_eq(c.b.arrivals[2].number, 2);
    ck_assert_int_eq(c.b.arrivals[2].at, 7);
    unplug(&c);
}
END_TEST

/* ---- room: two full frames, or 1 ms of the line, whichever is more ---- */

/* 8 Mbit/s: a byte a microsecond; 1 ms is 1,000 bytes, less than two full frames. The frame that
 * is being sent does not wait. */
START_TEST(room_on_a_slow_line_is_two_full_frames)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.rate_bps = 8000000, .queue_frames = 1000});
    ck_assert_uint_eq(sw_port_room(&c.a.port), 3028);
    send(&c, 1, 1000);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 3028);
    send(&c, 1, 1000);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 2028);
    send(&c, 3, 1000);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 0);
    sw_test_run(&c.world, 999999);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 0);
    sw_test_run(&c.world, 1000000);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 28);
    sw_test_run(&c.world, 5 * SW_MS);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 3028);
    unplug(&c);
}
END_TEST

START_TEST(room_on_a_fast_line_is_one_millisecond)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.rate_bps = 1000000000, .queue_frames = 1000});
    ck_assert_uint_eq(sw_port_room(&c.a.port), 125000);
    send(&c, 11, 1000);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 115000);
    sw_test_run(&c.world, SW_MS);
    unplug(&c);
}
END_TEST

START_TEST(room_heeds_the_bounds_of_the_queue)
{
    struct cable c;
    plug(&c,
         &(struct sw_lane_config){.rate_bps = 1000000000, .queue_frames = 3, .queue_bytes = 5000});
    ck_assert_uint_eq(sw_port_room(&c.a.port), 5000);
    send(&c, 3, 100);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 4800);
    send(&c, 1, 100);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 0);
    sw_test_run(&c.world, SW_MS);
    ck_assert_uint_eq(sw_lane_dropped(&c.link.forward.stats), 0);
    unplug(&c);
}
END_TEST

/* A queue of 1,000 bytes holds no full frame, but an idle transmitter takes one. */
START_TEST(an_idle_line_has_room_for_a_full_frame)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.rate_bps = 8000000, .queue_bytes = 1000});
    ck_assert_uint_eq(sw_port_room(&c.a.port), 1514);
    send(&c, 1, 1514);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 1000);
    sw_port_want_room(&c.a.port);
    sw_test_run(&c.world, 1513999);
    ck_assert_uint_eq(c.a.rooms, 0);
    sw_test_run(&c.world, 1514000);
    ck_assert_uint_eq(c.a.rooms, 1);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 1514);
    unplug(&c);
}
END_TEST

START_TEST(room_on_a_true_wire_is_64_kib)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.queue_frames = 100});
    ck_assert_uint_eq(sw_port_room(&c.a.port), 65536);
    send(&c, 2, 1514);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 62508);
    send(&c, 42, 1514);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 0);
    sw_test_run(&c.world, 1);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 65536);
    unplug(&c);
}
END_TEST

START_TEST(with_a_delay_alone_nothing_waits)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.delay = SW_MS, .queue_frames = 1});
    send(&c, 100, 1514);
    ck_assert_uint_eq(sw_port_room(&c.a.port), SIZE_MAX);
    sw_port_want_room(&c.a.port);
    sw_test_run(&c.world, 0);
    ck_assert_uint_eq(c.a.rooms, 1);
    sw_test_run(&c.world, SW_MS);
    ck_assert_uint_eq(c.b.count, 100);
    unplug(&c);
}
END_TEST

/* ---- the call when there is room ---- */

/* Four frames of 1,000 bytes at a byte a microsecond: three wait, and a full frame fits when one
 * is left, which is when the third begins, at 2 ms. */
START_TEST(room_comes_once_when_a_full_frame_fits)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.rate_bps = 8000000, .queue_frames = 1000});
    send(&c, 4, 1000);
    sw_port_want_room(&c.a.port);
    uint64_t armed = c.link.forward.owner.sequence;
    sw_port_want_room(&c.a.port);
    ck_assert_uint_eq(c.link.forward.owner.sequence, armed);
    sw_test_run(&c.world, 2 * SW_MS - 1);
    ck_assert_uint_eq(c.a.rooms, 0);
    sw_test_run(&c.world, 10 * SW_MS);
    ck_assert_uint_eq(c.a.rooms, 1);
    ck_assert_int_eq(c.a.room_at, 2 * SW_MS);
    unplug(&c);
}
END_TEST

/* 1 Gbit/s: 125,000 bytes may wait, half is 62,500; a frame of 1,250 bytes takes 10 us. Of 101
 * frames 100 wait; 50 are left when the 51st begins, at 500 us. */
START_TEST(room_comes_when_half_of_what_may_wait_is_free)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.rate_bps = 1000000000, .queue_frames = 1000});
    send(&c, 101, 1250);
    ck_assert_uint_eq(sw_port_room(&c.a.port), 0);
    sw_port_want_room(&c.a.port);
    sw_test_run(&c.world, 2 * SW_MS);
    ck_assert_uint_eq(c.a.rooms, 1);
    ck_assert_int_eq(c.a.room_at, 500 * SW_US);
    unplug(&c);
}
END_TEST

START_TEST(room_comes_at_once_where_there_is_room)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.rate_bps = 8000000, .queue_frames = 1000});
    sw_port_want_room(&c.a.port);
    ck_assert_uint_eq(c.a.rooms, 0);
    sw_test_run(&c.world, 0);
    ck_assert_uint_eq(c.a.rooms, 1);
    sw_port_want_room(&c.a.port);
    sw_test_run(&c.world, 0);
    ck_assert_uint_eq(c.a.rooms, 2);
    unplug(&c);
}
END_TEST

/* What others send in the meantime puts it off: two more frames, so it is at 4 ms. */
START_TEST(room_does_not_come_before_there_is_some)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.rate_bps = 8000000, .queue_frames = 1000});
    send(&c, 4, 1000);
    sw_port_want_room(&c.a.port);
    sw_test_run(&c.world, SW_MS);
    send(&c, 2, 1000);
    sw_test_run(&c.world, 10 * SW_MS);
    ck_assert_uint_eq(c.a.rooms, 1);
    ck_assert_int_eq(c.a.room_at, 4 * SW_MS);
    unplug(&c);
}
END_TEST

static void notes_rooms(struct sw_test_port *b)
{
    struct cable *c = b->ctx;
    c->noted = c->a.rooms;
}

START_TEST(on_a_true_wire_room_comes_after_the_batch)
{
    struct cable c;
    plug(&c, &(struct sw_lane_config){.queue_frames = 1000});
    c.b.then = notes_rooms;
    c.b.ctx = &c;
    c.noted = 9;
    send(&c, 44, 1514);
    sw_port_want_room(&c.a.port);
    sw_test_run(&c.world, 3);
    ck_assert_uint_eq(c.b.count, 44);
    ck_assert_uint_eq(c.noted, 0);
    ck_assert_uint_eq(c.a.rooms, 1);
    ck_assert_int_eq(c.a.room_at, 3);
    unplug(&c);
}
END_TEST

/* A sender that sends 1,000 frames of mixed sizes, each when the room says so, and else waits
 * for the call. */
static void sends_while_there_is_room(struct sw_test_port *a)
{
    struct cable *c = a->ctx;
    static const uint32_t lens[] = {60, 1514, 600, 1514, 1514, 61};
    while (c->link.forward.stats.in < 1000) {
        uint32_t len = lens[c->link.forward.stats.in % 6];
        if (sw_port_room(&a->port) < len) {
            sw_port_want_room(&a->port);
            return;
        }
        sw_port_send(&a->port, sw_test_frame(c->world.env.pool, 0, len));
    }
}

START_TEST(a_sender_that_heeds_room_loses_nothing_and_keeps_the_line_busy)
{
    static const struct sw_lane_config configs[] = {
        {.rate_bps = 8000000, .queue_frames = 4},
        {.rate_bps = 8000000, .queue_frames = 2},
        {.rate_bps = 8000000, .queue_bytes = 3028},
        {.rate_bps = 1000000000, .queue_frames = 20, .delay = SW_MS},
        {.rate_bps = 1000000000, .queue_bytes = 1514},
        {.queue_frames = 50},
        {.queue_bytes = 1514},
    };
    struct cable c;
    plug(&c, &configs[_i]);
    c.a.ctx = &c;
    c.a.on_room = sends_while_there_is_room;
    sends_while_there_is_room(&c.a);
    sw_test_run(&c.world, 10 * SW_S);
    ck_assert_uint_eq(c.b.count, 1000);
    const struct sw_lane_stats *stats = &c.link.forward.stats;
    ck_assert_uint_eq(sw_lane_dropped(stats), 0);
    if (configs[_i].rate_bps > 0) {
        /* The line never fell idle: all bytes took no longer than they need. */
        sw_time last = c.b.arrivals[999].at - configs[_i].delay;
        ck_assert_int_eq(last, (sw_time)(stats->in_bytes * 8 * 1000000000 / configs[_i].rate_bps));
    }
    unplug(&c);
}
END_TEST

START_TEST(a_port_that_cannot_be_called_does_not_ask)
{
    struct sw_test_env world;
    struct sw_test_port port;
    sw_test_env_init(&world, 1);
    sw_test_port_init(&port, &world, "a");
    port.port.room = NULL;
    sw_port_want_room(&port.port);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("port");
    TCase *sending = tcase_create("sending");
    tcase_add_test(sending, without_a_cable_frames_are_dropped_and_counted);
    tcase_add_test(sending, what_is_sent_arrives_later_from_the_clock);
    suite_add_tcase(suite, sending);
    TCase *room = tcase_create("room");
    tcase_add_test(room, room_on_a_slow_line_is_two_full_frames);
    tcase_add_test(room, room_on_a_fast_line_is_one_millisecond);
    tcase_add_test(room, room_heeds_the_bounds_of_the_queue);
    tcase_add_test(room, an_idle_line_has_room_for_a_full_frame);
    tcase_add_test(room, room_on_a_true_wire_is_64_kib);
    tcase_add_test(room, with_a_delay_alone_nothing_waits);
    tcase_add_test(room, room_comes_once_when_a_full_frame_fits);
    tcase_add_test(room, room_comes_when_half_of_what_may_wait_is_free);
    tcase_add_test(room, room_comes_at_once_where_there_is_room);
    tcase_add_test(room, room_does_not_come_before_there_is_some);
    tcase_add_test(room, on_a_true_wire_room_comes_after_the_batch);
    tcase_add_loop_test(room, a_sender_that_heeds_room_loses_nothing_and_keeps_the_line_busy, 0, 7);
    tcase_add_test_raise_signal(room, a_port_that_cannot_be_called_does_not_ask, SIGABRT);
    suite_add_tcase(suite, room);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
