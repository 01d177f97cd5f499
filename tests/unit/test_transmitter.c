#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/transmitter.h"
#include "tests/support/core_cable.h"

static const enum sw_discipline disciplines[] = {SW_DISCIPLINE_RED, SW_DISCIPLINE_CODEL,
                                                 SW_DISCIPLINE_FQ_CODEL};

static struct sw_lane_config lane(int i)
{
    return (struct sw_lane_config){.delay = 10 * SW_MS,
                                   .rate_bps = 8000000,
                                   .queue_frames = 100,
                                   .discipline = disciplines[i]};
}

/* Where nobody is dropped, a discipline is a queue as any other. */
START_TEST(frames_leave_when_they_would_without_a_discipline)
{
    struct sw_test_arrival at[2][40];
    for (unsigned plain = 0; plain < 2; plain++) {
        struct sw_test_cable c;
        struct sw_lane_config config = lane(_i);
        config.rate_bps = 7000000; /* a remainder of every frame */
        config.overhead_bytes = 24;
        config.discipline = plain ? SW_DISCIPLINE_TAIL_DROP : config.discipline;
        sw_test_plug(&c, &config);
        sw_test_send(&c, 0, 20, 997);
        sw_test_run(&c.world, 7 * SW_MS);
        sw_test_send(&c, 20, 10, 60);
        sw_test_run(&c.world, 100 * SW_MS);
        sw_test_send(&c, 30, 10, 1000);
        sw_test_run(&c.world, SW_S);
        ck_assert_uint_eq(c.b.count, 40);
        memcpy(at[plain], c.b.arrivals, sizeof at[plain]);
        sw_test_unplug(&c);
    }
    for (unsigned i = 0; i < 40; i++) {
        ck_assert_uint_eq(at[0][i].number, at[1][i].number);
        ck_assert_int_eq(at[0][i].at, at[1][i].at);
    }
}
END_TEST

START_TEST(a_link_that_goes_down_drops_what_waits)
{
    struct sw_test_cable c;
    const struct sw_lane_config config = lane(_i);
    sw_test_plug(&c, &config);
    sw_test_send(&c, 0, 5, 1000);
    sw_test_run(&c.world, 2500 * SW_US);
    sw_link_set_up(&c.link, false);
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_LINK_DOWN), 5);
    ck_assert_uint_eq(c.link.forward.waiting_count, 0);
    sw_link_set_up(&c.link, true);
    sw_test_send(&c, 5, 1, 1000);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(c.b.count, 1);
    sw_test_arrived(&c, 0, 5, 13500 * SW_US);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(what_is_in_it_goes_with_the_link)
{
    struct sw_test_cable c;
    const struct sw_lane_config config = lane(_i);
    sw_test_plug(&c, &config);
    sw_test_send(&c, 0, 5, 1000);
    sw_test_run(&c.world, 2500 * SW_US);
    ck_assert_uint_eq(c.link.forward.stats.queued, 5);
    sw_test_unplug(&c);
    ck_assert_uint_eq(c.link.forward.stats.queued, 0);
}
END_TEST

static void send_while_there_is_room(struct sw_test_port *a)
{
    struct sw_test_cable *c = a->ctx;
    while (sw_port_room(&a->port) >= 1514) {
        sw_port_send(&a->port, sw_test_frame(c->world.env.pool, 1, 1514));
    }
    sw_port_want_room(&a->port);
}

/* A sender that heeds the room keeps the line busy and loses nothing. */
START_TEST(a_sender_is_told_when_there_is_room)
{
    struct sw_test_cable c;
    const struct sw_lane_config config = lane(_i);
    sw_test_plug(&c, &config);
    c.a.ctx = &c;
    c.a.on_room = send_while_there_is_room;
    send_while_there_is_room(&c.a);
    sw_test_run(&c.world, 5 * SW_S);
    /* 8 Mbit/s less the delay: 3,296 frames of 1,514 bytes. */
    ck_assert_uint_ge(c.b.count, 3290);
    ck_assert_uint_eq(sw_lane_dropped(&c.link.forward.stats), 0);
    c.a.on_room = NULL;
    sw_test_run(&c.world, 6 * SW_S);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(jitter_and_reordering_belong_to_the_frame)
{
    struct sw_test_cable c;
    struct sw_lane_config config = lane(_i);
    config.reorder_ppb = 300000000;
    sw_test_plug(&c, &config);
    for (uint32_t i = 0; i < 1000; i++) {
        sw_test_send(&c, i, 1, 100);
        sw_test_run(&c.world, (i + 1) * SW_MS);
    }
    sw_test_run(&c.world, 2 * SW_S);
    unsigned early = 0;
    for (size_t i = 0; i < c.b.count; i++) {
        sw_time took = c.b.arrivals[i].at - (sw_time)c.b.arrivals[i].number * SW_MS;
        ck_assert(took == 100 * SW_US || took == 10100 * SW_US);
        early += took == 100 * SW_US;
    }
    ck_assert_uint_eq(early, c.link.forward.stats.reordered);
    ck_assert_uint_gt(early, 240);
    ck_assert_uint_lt(early, 360);
    sw_test_unplug(&c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("transmitter");
    TCase *t = tcase_create("transmitter");
    tcase_add_loop_test(t, frames_leave_when_they_would_without_a_discipline, 0, 3);
    tcase_add_loop_test(t, a_link_that_goes_down_drops_what_waits, 0, 3);
    tcase_add_loop_test(t, what_is_in_it_goes_with_the_link, 0, 3);
    tcase_add_loop_test(t, a_sender_is_told_when_there_is_room, 0, 3);
    tcase_add_loop_test(t, jitter_and_reordering_belong_to_the_frame, 0, 3);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
