#include <check.h>
#include <stddef.h>

#include "core/watch.h"
#include "tests/support/core_fixture.h"

struct probe {
    struct sw_watch watch;
    const struct sw_lane *lane;
    const struct sw_owner *where;
    sw_time now;
    const struct sw_frame *frame;
    enum sw_drop reason;
    unsigned sent, arrived, dropped;
};

static void saw_sent(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                     const struct sw_frame *frame)
{
    struct probe *p = SW_CONTAINER(w, struct probe, watch);
    p->sent++;
    p->lane = lane;
    p->now = now;
    p->frame = frame;
}

static void saw_arrived(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                        struct sw_frame *const *frames, unsigned n)
{
    struct probe *p = SW_CONTAINER(w, struct probe, watch);
    p->arrived += n;
    p->lane = lane;
    p->now = now;
    p->frame = frames[n - 1];
}

static void saw_dropped(struct sw_watch *w, const struct sw_lane *lane,
                        const struct sw_owner *where, sw_time now, const struct sw_frame *frame,
                        enum sw_drop reason)
{
    struct probe *p = SW_CONTAINER(w, struct probe, watch);
    p->dropped++;
    p->lane = lane;
    p->where = where;
    p->now = now;
    p->frame = frame;
    p->reason = reason;
}

START_TEST(each_observer_is_told_what_it_asks_for)
{
    struct probe all = {
        .watch = {.sent = saw_sent, .arrived = saw_arrived, .dropped = saw_dropped}};
    struct probe none = {.watch = {.next = &all.watch}};
    struct probe drops = {.watch = {.next = &none.watch, .dropped = saw_dropped}};
    struct sw_lane lane = {0};
    struct sw_frame frame = {0};
    struct sw_frame other = {0};
    struct sw_frame *const frames[] = {&other, &frame};
    const struct sw_owner web = {.name = "web"};
    sw_watch_sent(&drops.watch, &lane, 1, &frame);
    sw_watch_arrived(&drops.watch, &lane, 2, frames, 2);
    ck_assert_uint_eq(all.sent, 1);
    ck_assert_uint_eq(all.arrived, 2);
    ck_assert_ptr_eq(all.lane, &lane);
    ck_assert_ptr_eq(all.frame, &frame);
    ck_assert_int_eq(all.now, 2);
    ck_assert_uint_eq(drops.sent + drops.arrived, 0);
    sw_watch_dropped(&drops.watch, NULL, &web, 3, &frame, SW_DROP_IP_TTL);
    ck_assert_uint_eq(all.dropped, 1);
    ck_assert_uint_eq(drops.dropped, 1);
    ck_assert_ptr_null(drops.lane);
    ck_assert_ptr_eq(drops.where, &web);
    ck_assert_int_eq(drops.reason, SW_DROP_IP_TTL);
    ck_assert_int_eq(drops.now, 3);
    sw_watch_dropped(NULL, NULL, &web, 3, &frame, SW_DROP_IP_TTL);
    sw_watch_sent(NULL, &lane, 1, &frame);
    sw_watch_arrived(NULL, &lane, 1, frames, 2);
}
END_TEST

/* Three frames into a lane of 1 ms whose queue holds one: one leaves at once, one waits, one is
 * dropped. */
START_TEST(a_lane_shows_frames_entering_leaving_and_dropped)
{
    struct sw_test_env world;
    struct sw_test_port a, b;
    struct sw_link link;
    struct probe probe = {
        .watch = {.sent = saw_sent, .arrived = saw_arrived, .dropped = saw_dropped}};
    struct sw_lane_config config = {.delay = SW_MS, .rate_bps = 8000000, .queue_frames = 1};
    sw_test_env_init(&world, 1);
    world.env.watch = &probe.watch;
    sw_test_port_init(&a, &world, "a");
    sw_test_port_init(&b, &world, "b");
    ck_assert_int_eq(
        sw_link_init(&link, &world.env, &a.port, &b.port, "a>b", "b>a", &config, &config), 0);
    for (uint32_t i = 0; i < 3; i++) {
        sw_port_send(&a.port, sw_test_frame(world.env.pool, i, 100));
    }
    ck_assert_uint_eq(probe.sent, 3);
    ck_assert_uint_eq(probe.dropped, 1);
    ck_assert_int_eq(probe.reason, SW_DROP_QUEUE_FULL);
    ck_assert_ptr_eq(probe.lane, &link.forward);
    ck_assert_str_eq(probe.where->name, "a>b");
    sw_test_run(&world, 2 * SW_MS);
    ck_assert_uint_eq(probe.arrived, 2);
    ck_assert_int_eq(probe.now, SW_MS + 200 * SW_US);
    sw_link_fini(&link);
    sw_test_port_fini(&a);
    sw_test_port_fini(&b);
    sw_test_env_fini(&world);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("watch");
    TCase *tcase = tcase_create("observers");
    tcase_add_test(tcase, each_observer_is_told_what_it_asks_for);
    tcase_add_test(tcase, a_lane_shows_frames_entering_leaving_and_dropped);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
