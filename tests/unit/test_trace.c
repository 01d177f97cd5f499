/* The digest of a run: a fixed number for a fixed run, and another one for any other. */
#include <check.h>
#include <string.h>

#include "core/link.h"
#include "lan/trace.h"
#include "tests/support/core_fixture.h"

/* One run: three frames over a cable that keeps two at most in its queue, one note. */
struct story {
    uint32_t number;  /* in the first frame */
    size_t len;       /* of it */
    sw_time delay;    /* of the cable */
    uint32_t queue;   /* frames that may wait */
    const char *name; /* of the lane */
    const char *note;
};

static const struct story plain = {1, 100, SW_MS, 8, "a>b", "step 1: ok"};

static uint64_t run(const struct story *story, uint64_t *records)
{
    struct sw_test_env world;
    struct sw_trace trace;
    sw_test_env_init(&world, 1);
    sw_trace_init(&trace);
    world.env.watch = &trace.watch;
    struct sw_test_port a;
    struct sw_test_port b;
    sw_test_port_init(&a, &world, "a:eth0");
    sw_test_port_init(&b, &world, "b:eth0");
    const struct sw_lane_config lane = {
        .delay = story->delay, .rate_bps = 1000000, .queue_frames = story->queue};
    struct sw_link link;
    ck_assert_int_eq(
        sw_link_init(&link, &world.env, &a.port, &b.port, story->name, "b>a", &lane, &lane), 0);
    sw_port_send(&a.port, sw_test_frame(world.env.pool, story->number, story->len));
    sw_port_send(&a.port, sw_test_frame(world.env.pool, 2, 300));
    sw_port_send(&a.port, sw_test_frame(world.env.pool, 3, 300));
    sw_test_run(&world, SW_S);
    sw_trace_note(&trace, sw_clock_now(world.env.clock), story->note);
    uint64_t digest = sw_trace_digest(&trace);
    if (records != NULL) {
        *records = trace.records;
    }
    sw_link_fini(&link);
    sw_test_port_fini(&a);
    sw_test_port_fini(&b);
    sw_test_env_fini(&world);
    return digest;
}

/* The number stands in recorded runs: if it changes, so do those of all users. */
START_TEST(the_digest_is_the_same_everywhere)
{
    uint64_t records = 0;
    ck_assert_uint_eq(run(&plain, &records), 0xa1eec2a0e252f77cu);
    ck_assert_uint_eq(records, 4);
}
END_TEST

START_TEST(whatever_differs_shows)
{
    uint64_t was = run(&plain, NULL);
    ck_assert_uint_eq(run(&plain, NULL), was);
    struct story other = plain;
    other.number = 9;
    ck_assert_uint_ne(run(&other, NULL), was);
    other = plain;
    other.len = 101;
    ck_assert_uint_ne(run(&other, NULL), was);
    other = plain;
    other.delay = SW_MS + 1;
    ck_assert_uint_ne(run(&other, NULL), was);
    other = plain;
    other.name = "a>c";
    ck_assert_uint_ne(run(&other, NULL), was);
    other = plain;
    other.note = "step 1: no";
    ck_assert_uint_ne(run(&other, NULL), was);
    other = plain;
    other.queue = 1; /* the third frame is dropped instead of arriving */
    ck_assert_uint_ne(run(&other, NULL), was);
}
END_TEST

START_TEST(reading_the_digest_changes_nothing)
{
    struct sw_trace trace;
    sw_trace_init(&trace);
    sw_trace_note(&trace, 0, "a");
    uint64_t first = sw_trace_digest(&trace);
    ck_assert_uint_eq(sw_trace_digest(&trace), first);
    sw_trace_note(&trace, 0, "");
    ck_assert_uint_ne(sw_trace_digest(&trace), first);
}
END_TEST

START_TEST(a_node_s_drop_counts_by_name_and_reason)
{
    struct sw_test_env world;
    sw_test_env_init(&world, 1);
    struct sw_frame *frame = sw_test_frame(world.env.pool, 1, 400);
    uint64_t digest[3];
    const char *where[] = {"web", "web", "client"};
    struct sw_owner owner;
    const enum sw_drop reason[] = {SW_DROP_IP_TTL, SW_DROP_IP_SHORT, SW_DROP_IP_TTL};
    for (unsigned i = 0; i < 3; i++) {
        struct sw_trace trace;
        sw_trace_init(&trace);
        sw_owner_init(&owner, where[i]);
        sw_watch_dropped(&trace.watch, NULL, &owner, 5, frame, reason[i]);
        ck_assert_uint_eq(trace.records, 1);
        digest[i] = sw_trace_digest(&trace);
    }
    ck_assert_uint_ne(digest[0], digest[1]);
    ck_assert_uint_ne(digest[0], digest[2]);
    sw_frame_drop(frame);
    sw_test_env_fini(&world);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace");
    TCase *cases = tcase_create("trace");
    tcase_add_test(cases, the_digest_is_the_same_everywhere);
    tcase_add_test(cases, whatever_differs_shows);
    tcase_add_test(cases, reading_the_digest_changes_nothing);
    tcase_add_test(cases, a_node_s_drop_counts_by_name_and_reason);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
