/* What captures count, frame by frame: two hosts on a cable, and frames that go wrong on it. */
#include <check.h>
#include <string.h>

#include "lan/frame_count.h"
#include "lan/traffic.h"
#include "tests/support/core_fixture.h"
#include "tests/support/lan_topo.h"

enum { PLACES = 4 };

/* a and b on one cable of 1 ms; captures 0: on the link, 1: on a's port, 2: on b's, 3: on the link
 * during step 7. */
struct fixture {
    struct sw_test_env world;
    struct sw_topo *topo;
    struct sw_network *net;
    struct sw_frame_counts *counts;
};

static void set_up(struct fixture *f, const struct sw_lane_config *forward)
{
    static const struct sw_topo_object on[PLACES] = {{.kind = SW_OBJECT_LINK},
                                                     {.kind = SW_OBJECT_PORT, .end = 0},
                                                     {.kind = SW_OBJECT_PORT, .end = 1},
                                                     {.kind = SW_OBJECT_LINK}};
    const struct sw_lane_config lane = {.delay = SW_MS, .queue_frames = 1000};
    struct sw_network_options options = {.virtual_time = true};
    char why[256] = "";
    *f = (struct fixture){.net = NULL};
    sw_test_env_init(&f->world, 7);
    f->topo = sw_topo_new("pair");
    topo_host(f->topo, "a", "10.0.0.1/24", NULL);
    topo_host(f->topo, "b", "10.0.0.2/24", NULL);
    struct sw_topo_link *link = topo_link(f->topo, "a", "b", &lane);
    link->forward = forward ? *forward : lane;
    for (size_t i = 0; i < PLACES; i++) {
        f->topo->steps = topo_grow(f->topo->steps, i, sizeof *f->topo->steps);
        f->topo->steps[i] = (struct sw_topo_step){.kind = SW_STEP_CAPTURE,
                                                  .number = i,
                                                  .of = on[i],
                                                  .match.kind = SW_MATCH_ICMP,
                                                  .target = i == 3 ? 7 : SW_STEP_NONE};
        f->topo->step_count++;
    }
    ck_assert_msg(sw_network_new(&f->net, &f->world.env, f->topo, &options, why, sizeof why) == 0,
                  "%s", why);
    ck_assert_int_eq(sw_frame_counts_new(&f->counts, f->net), 0);
    ck_assert_ptr_nonnull(f->counts);
}

static void done(void *ctx)
{
    (void)ctx;
}

/* So many echo requests from a to b, a millisecond apart. */
static void ping(struct fixture *f, uint32_t count)
{
    struct sw_ping *ping;
    struct sw_ping_config config = {
        .to = sw_ip_v4(0x0a000002), .count = count, .interval = SW_MS, .timeout = 100 * SW_MS};
    ck_assert_int_eq(sw_ping_new(&ping, sw_network_host(f->net, "a"), &config, NULL, done, NULL),
                     0);
    sw_test_run(&f->world, sw_clock_now(f->world.env.clock) + 5 * SW_S);
    sw_ping_free(ping);
}

static void counted(struct fixture *f, size_t place, uint64_t right)
{
    uint64_t frames = UINT64_MAX;
    ck_assert(sw_frame_counts_take(f->counts, &f->topo->steps[place], &frames));
    ck_assert_uint_eq(frames, right);
}

/* A step of that number begins or ends. */
static void began(struct fixture *f, enum sw_step_kind kind, size_t number)
{
    sw_frame_counts_began(f->counts, &(struct sw_topo_step){.kind = kind, .number = number});
}

static void ended(struct fixture *f, size_t number)
{
    sw_frame_counts_ended(f->counts,
                          &(struct sw_topo_step){.kind = SW_STEP_PING, .number = number});
}

static void tear_down(struct fixture *f)
{
    sw_frame_counts_free(f->counts);
    sw_network_free(f->net);
    sw_topo_free(f->topo);
    sw_test_env_fini(&f->world);
}

START_TEST(a_link_counts_what_enters_it_and_a_port_what_leaves_and_arrives)
{
    for (size_t place = 0; place < 3; place++) {
        struct fixture f;
        set_up(&f, NULL);
        ping(&f, 10);
        counted(&f, place, 20);
        began(&f, SW_STEP_PING, 50);
        counted(&f, place, 0); /* since then */
        ping(&f, 1);
        counted(&f, place, 2);
        tear_down(&f);
    }
}
END_TEST

START_TEST(what_is_lost_enters_and_does_not_arrive)
{
    static const uint64_t right[] = {10, 10, 0};
    for (size_t place = 0; place < 3; place++) {
        struct fixture f;
        set_up(&f, NULL);
        ping(&f, 1); /* so that a knows b */
        counted(&f, place, 2);
        began(&f, SW_STEP_PING, 50);
        const struct sw_lane_config lossy = {.loss_ppb = 1000000000};
        ck_assert_int_eq(
            sw_lane_configure(&sw_network_link_at(f.net, 0)->forward, &lossy, SW_LANE_LOSS), 0);
        ping(&f, 10);
        counted(&f, place, right[place]);
        tear_down(&f);
    }
}
END_TEST

START_TEST(an_answer_that_is_lost_enters_and_does_not_arrive)
{
    static const uint64_t right[] = {20, 10, 20};
    for (size_t place = 0; place < 3; place++) {
        struct fixture f;
        set_up(&f, NULL);
        ping(&f, 1);
        counted(&f, place, 2);
        began(&f, SW_STEP_PING, 50);
        const struct sw_lane_config lossy = {.loss_ppb = 1000000000};
        ck_assert_int_eq(
            sw_lane_configure(&sw_network_link_at(f.net, 0)->backward, &lossy, SW_LANE_LOSS), 0);
        ping(&f, 10);
        counted(&f, place, right[place]);
        tear_down(&f);
    }
}
END_TEST

START_TEST(what_is_doubled_enters_once_and_arrives_twice)
{
    /* b answers each copy. */
    static const uint64_t right[] = {10 + 20, 10 + 20, 20 + 20};
    const struct sw_lane_config doubling = {
        .delay = SW_MS, .queue_frames = 1000, .duplicate_ppb = 1000000000};
    for (size_t place = 0; place < 3; place++) {
        struct fixture f;
        set_up(&f, &doubling);
        ping(&f, 10);
        counted(&f, place, right[place]);
        tear_down(&f);
    }
}
END_TEST

START_TEST(a_link_that_is_down_is_entered)
{
    struct fixture f;
    set_up(&f, NULL);
    ping(&f, 1);
    counted(&f, 0, 2);
    began(&f, SW_STEP_PING, 50);
    sw_link_set_up(sw_network_link_at(f.net, 0), false);
    ping(&f, 10);
    counted(&f, 0, 10);
    tear_down(&f);
}
END_TEST

START_TEST(captures_look_at_one_thing_until_another_step_begins)
{
    struct fixture f;
    set_up(&f, NULL);
    ping(&f, 10);
    began(&f, SW_STEP_CAPTURE, 0);
    counted(&f, 0, 20);
    began(&f, SW_STEP_COUNTER, 50);
    began(&f, SW_STEP_TABLE, 51);
    began(&f, SW_STEP_CAPTURE, 1);
    counted(&f, 1, 20);
    counted(&f, 0, 20);
    began(&f, SW_STEP_PING, 52);
    began(&f, SW_STEP_CAPTURE, 2);
    counted(&f, 2, 0);
    ping(&f, 1);
    counted(&f, 0, 2);
    tear_down(&f);
}
END_TEST

START_TEST(of_a_step_the_last_time_counts_whoever_looks)
{
    struct fixture f;
    uint64_t frames;
    set_up(&f, NULL);
    ping(&f, 1);
    ck_assert(!sw_frame_counts_take(f.counts, &f.topo->steps[3], &frames));
    began(&f, SW_STEP_PING, 7);
    began(&f, SW_STEP_PING, 8); /* somebody else */
    ping(&f, 2);
    ended(&f, 7);
    ping(&f, 4);
    ended(&f, 8);
    counted(&f, 3, 4);
    began(&f, SW_STEP_WAIT, 9);
    counted(&f, 3, 4);
    began(&f, SW_STEP_PING, 7);
    ping(&f, 8);
    counted(&f, 3, 16);
    ended(&f, 7);
    counted(&f, 3, 16);
    tear_down(&f);
}
END_TEST

START_TEST(without_captures_there_is_no_observer)
{
    struct fixture f;
    set_up(&f, NULL);
    sw_frame_counts_free(f.counts);
    size_t count = f.topo->step_count;
    f.topo->step_count = 0;
    ck_assert_int_eq(sw_frame_counts_new(&f.counts, f.net), 0);
    ck_assert_ptr_null(f.counts);
    began(&f, SW_STEP_PING, 0);
    ended(&f, 0);
    f.topo->step_count = count;
    ping(&f, 1);
    tear_down(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("frame count");
    TCase *tc = tcase_create("captures");
    tcase_add_test(tc, a_link_counts_what_enters_it_and_a_port_what_leaves_and_arrives);
    tcase_add_test(tc, what_is_lost_enters_and_does_not_arrive);
    tcase_add_test(tc, an_answer_that_is_lost_enters_and_does_not_arrive);
    tcase_add_test(tc, what_is_doubled_enters_once_and_arrives_twice);
    tcase_add_test(tc, a_link_that_is_down_is_entered);
    tcase_add_test(tc, captures_look_at_one_thing_until_another_step_begins);
    tcase_add_test(tc, of_a_step_the_last_time_counts_whoever_looks);
    tcase_add_test(tc, without_captures_there_is_no_observer);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
