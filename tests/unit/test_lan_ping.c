/* The pinger, between two hosts on a link, in virtual time. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "lan/lab.h"
#include "lan/traffic.h"

/* Two hosts with a cable of 5 ms, and what the pinger told. */
struct fixture {
    struct sw_lab *lab;
    struct sw_host *a, *b;
    struct sw_link *link;
    struct sw_ping *ping;
    struct sw_ping_reply replies[64];
    unsigned count, dones;
    sw_time done_at;
    unsigned free_at; /* frees the ping when that many replies were told; 0: never */
    bool free_when_done;
};

static void on_reply(void *ctx, const struct sw_ping_reply *reply)
{
    struct fixture *f = ctx;
    ck_assert_uint_lt(f->count, 64);
    f->replies[f->count++] = *reply;
    if (f->count == f->free_at) {
        sw_ping_free(f->ping);
        f->ping = NULL;
    }
}

static void on_done(void *ctx)
{
    struct fixture *f = ctx;
    f->dones++;
    f->done_at = sw_lab_now(f->lab);
    if (f->free_when_done) {
        sw_ping_free(f->ping);
        f->ping = NULL;
    }
}

static void set_up(struct fixture *f, const struct sw_lane_config *lane)
{
    *f = (struct fixture){.lab = sw_lab_new(7)};
    f->a = sw_lab_host(f->lab, "a", "10.0.0.1/24");
    f->b = sw_lab_host(f->lab, "b", "10.0.0.2/24");
    f->link = sw_lab_link(f->lab, "a", "b", lane);
}

static void tear_down(struct fixture *f)
{
    sw_ping_free(f->ping);
    ck_assert(sw_lab_holds(f->lab));
    sw_lab_free(f->lab);
}

static const struct sw_lane_config five_ms = {.delay = 5 * SW_MS, .queue_frames = 100};

static int begin(struct fixture *f, struct sw_ping_config config)
{
    if (!config.to.family) {
        config.to = sw_ip_v4(0x0a000002);
    }
    return sw_ping_new(&f->ping, f->a, &config, on_reply, on_done, f);
}

START_TEST(three_requests_a_second_apart)
{
    struct fixture f;
    struct sw_ping_result r;
    set_up(&f, &five_ms);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 3, .size_bytes = 56}), 0);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_uint_eq(f.count, 3);
    ck_assert_uint_eq(f.replies[0].sequence, 1);
    ck_assert_int_eq(f.replies[0].rtt, 15 * SW_MS); /* it waited 5 ms for b to announce itself */
    ck_assert_int_eq(f.replies[1].rtt, 10 * SW_MS);
    ck_assert_int_eq(f.replies[2].rtt, 10 * SW_MS);
    ck_assert_int_eq(f.done_at, 2 * SW_S + 10 * SW_MS);
    sw_ping_result(f.ping, &r);
    ck_assert_uint_eq(r.sent, 3);
    ck_assert_uint_eq(r.received, 3);
    ck_assert_uint_eq(r.errors, 0);
    ck_assert_int_eq(r.error, 0);
    ck_assert_int_eq(r.min, 10 * SW_MS);
    ck_assert_int_eq(r.max, 15 * SW_MS);
    ck_assert_int_eq(r.mean, 11666666);
    ck_assert_int_eq(r.p50, 10 * SW_MS);
    ck_assert_int_eq(r.p99, 15 * SW_MS);
    ck_assert_int_eq(r.jitter, 2500000); /* 5 ms and 0 */
    ck_assert_int_eq(r.took, 2 * SW_S + 10 * SW_MS);
    tear_down(&f);
}
END_TEST

START_TEST(large_payloads_go_in_fragments_and_come_back_whole)
{
    struct fixture f;
    set_up(&f, &five_ms);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 2, .size_bytes = 65507}), 0);
    sw_lab_run(f.lab, 10 * SW_S);
    struct sw_ping_result r;
    sw_ping_result(f.ping, &r);
    ck_assert_uint_eq(r.received, 2);
    tear_down(&f);
}
END_TEST

START_TEST(an_empty_payload_is_a_payload)
{
    struct fixture f;
    set_up(&f, &five_ms);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 1}), 0);
    sw_lab_run(f.lab, SW_S);
    ck_assert_int_eq(f.replies[0].rtt, 15 * SW_MS);
    tear_down(&f);
}
END_TEST

/* The first times out at 1 s, though the pinger has gone on meanwhile; its reply, at 1.3 s, is
 * none. */
START_TEST(each_request_has_its_own_timeout)
{
    struct sw_lane_config slow = {.delay = 650 * SW_MS, .queue_frames = 100};
    struct fixture f;
    struct sw_ping_result r;
    set_up(&f, &slow);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 3, .interval = 400 * SW_MS}), 0);
    sw_lab_run(f.lab, 1700 * SW_MS);
    /* At 650 ms b has announced itself; the requests go out, and come back 1.3 s later. */
    ck_assert_uint_eq(f.count, 2);
    ck_assert_uint_eq(f.replies[0].sequence, 1);
    ck_assert_int_lt(f.replies[0].rtt, 0);
    ck_assert_int_eq(f.replies[0].error, 0);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.count, 3);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.done_at, 1800 * SW_MS);
    sw_ping_result(f.ping, &r);
    ck_assert_uint_eq(r.sent, 3);
    ck_assert_uint_eq(r.received, 0);
    ck_assert_int_eq(r.min, 0);
    ck_assert_int_eq(r.p99, 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_longer_timeout_waits_for_slow_replies)
{
    struct sw_lane_config slow = {.delay = 650 * SW_MS, .queue_frames = 100};
    struct fixture f;
    set_up(&f, &slow);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 2, .timeout = 3 * SW_S}), 0);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.count, 2);
    ck_assert_int_eq(f.replies[0].rtt, 1950 * SW_MS);
    ck_assert_int_eq(f.replies[1].rtt, 1300 * SW_MS);
    tear_down(&f);
}
END_TEST

START_TEST(nobody_there_is_unreachable)
{
    struct fixture f;
    struct sw_ping_result r;
    set_up(&f, &five_ms);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.to = sw_ip_v4(0x0a000009),
                                                       .count = 1,
                                                       .timeout = 10 * SW_S}),
                     0);
    sw_lab_run(f.lab, 20 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_uint_eq(f.count, 1);
    ck_assert_int_eq(f.replies[0].error, -EHOSTUNREACH);
    ck_assert_int_eq(f.done_at, 3 * SW_S); /* three ARP requests, a second apart */
    sw_ping_result(f.ping, &r);
    ck_assert_uint_eq(r.errors, 1);
    ck_assert_int_eq(r.error, -EHOSTUNREACH);
    tear_down(&f);
}
END_TEST

START_TEST(no_route_is_told_of_each_request)
{
    struct fixture f;
    struct sw_ping_result r;
    set_up(&f, &five_ms);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.to = sw_ip_v4(0xc0a80001), .count = 2}), 0);
    ck_assert_uint_eq(f.count, 0); /* nothing is told from within the call */
    sw_lab_run(f.lab, 20 * SW_S);
    ck_assert_uint_eq(f.count, 2);
    ck_assert_int_eq(f.replies[0].error, -ENETUNREACH);
    ck_assert_int_eq(f.replies[1].error, -ENETUNREACH);
    ck_assert_int_eq(f.done_at, SW_S);
    sw_ping_result(f.ping, &r);
    ck_assert_uint_eq(r.sent, 2);
    ck_assert_int_eq(r.error, -ENETUNREACH);
    tear_down(&f);
}
END_TEST

START_TEST(the_own_address_answers_by_the_loopback)
{
    struct fixture f;
    set_up(&f, &five_ms);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.to = sw_ip_v4(0x0a000001), .count = 1}), 0);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(f.count, 1);
    ck_assert_int_ge(f.replies[0].rtt, 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_reply_that_comes_twice_counts_once)
{
    struct sw_lane_config twice = {
        .delay = 5 * SW_MS, .queue_frames = 100, .duplicate_ppb = 1000000000};
    struct fixture f;
    struct sw_ping_result r;
    set_up(&f, &twice);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 5, .interval = 100 * SW_MS}), 0);
    sw_lab_run(f.lab, 5 * SW_S);
    sw_ping_result(f.ping, &r);
    ck_assert_uint_eq(f.count, 5);
    ck_assert_uint_eq(r.received, 5);
    ck_assert_uint_eq(f.dones, 1);
    tear_down(&f);
}
END_TEST

/* More requests than a sequence number has values, all on their way at once as far as it can tell
 * them apart. */
START_TEST(seventy_thousand_requests_outgrow_the_sequence_number)
{
    struct fixture f;
    struct sw_ping_result r;
    struct sw_ping_config config = {
        .to = sw_ip_v4(0x0a000002), .count = 70000, .interval = 1 * SW_US, .timeout = 20 * SW_S};
    struct sw_lane_config far = {.delay = 100 * SW_MS, .queue_frames = 100};
    set_up(&f, &far);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 1}), 0);
    sw_lab_run(f.lab, SW_S); /* so that none waits for ARP */
    sw_ping_free(f.ping);
    f.dones = 0;
    ck_assert_int_eq(sw_ping_new(&f.ping, f.a, &config, NULL, on_done, &f), 0);
    sw_lab_run(f.lab, 60 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    sw_ping_result(f.ping, &r);
    ck_assert_uint_eq(r.sent, 70000);
    ck_assert_uint_eq(r.received, 70000);
    ck_assert_int_eq(r.min, 200 * SW_MS);
    tear_down(&f);
}
END_TEST

START_TEST(it_may_be_freed_at_any_time)
{
    struct fixture f;
    set_up(&f, &five_ms);
    f.free_at = 2;
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 3}), 0);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.count, 2);
    ck_assert_uint_eq(f.dones, 0);
    f.free_at = 0;
    f.free_when_done = true;
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 1}), 0);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 1}), 0);
    sw_ping_free(f.ping); /* before it has begun */
    f.ping = NULL;
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 1}), 0);
    sw_lab_run(f.lab, 2 * SW_MS); /* with a request on its way */
    sw_ping_free(f.ping);
    f.ping = NULL;
    sw_lab_run(f.lab, SW_S);
    tear_down(&f);
}
END_TEST

START_TEST(settings_out_of_range_are_refused)
{
    struct fixture f;
    set_up(&f, &five_ms);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 0}), -EINVAL);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 1000001}), -EINVAL);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 1, .size_bytes = 65508}), -EINVAL);
    ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 1, .timeout = -1}), -EINVAL);
    tear_down(&f);
}
END_TEST

START_TEST(one_that_is_stopped_sends_no_more_and_waits_for_what_it_sent)
{
    static const struct {
        sw_time at, done_at;
        uint32_t sent;
    } all[] = {{5 * SW_MS, 15 * SW_MS, 1},
               {20 * SW_MS, 20 * SW_MS, 1},
               {1001 * SW_MS, 1010 * SW_MS, 2},
               {1500 * SW_MS, 1500 * SW_MS, 2},
               {5 * SW_S, 2010 * SW_MS, 3}}; /* over already */
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct fixture f;
        struct sw_ping_result r;
        set_up(&f, &five_ms);
        ck_assert_int_eq(begin(&f, (struct sw_ping_config){.count = 3}), 0);
        ck_assert(!sw_ping_stop(f.ping)); /* before the first */
        sw_lab_run(f.lab, all[i].at);
        ck_assert(sw_ping_stop(f.ping));
        sw_lab_run(f.lab, 10 * SW_S);
        ck_assert_uint_eq(f.dones, 1);
        ck_assert_int_eq(f.done_at, all[i].done_at);
        sw_ping_result(f.ping, &r);
        ck_assert_uint_eq(r.sent, all[i].sent);
        ck_assert_uint_eq(r.received, all[i].sent);
        tear_down(&f);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ping");
    TCase *tc = tcase_create("two hosts");
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, three_requests_a_second_apart);
    tcase_add_test(tc, large_payloads_go_in_fragments_and_come_back_whole);
    tcase_add_test(tc, an_empty_payload_is_a_payload);
    tcase_add_test(tc, each_request_has_its_own_timeout);
    tcase_add_test(tc, a_longer_timeout_waits_for_slow_replies);
    tcase_add_test(tc, nobody_there_is_unreachable);
    tcase_add_test(tc, no_route_is_told_of_each_request);
    tcase_add_test(tc, the_own_address_answers_by_the_loopback);
    tcase_add_test(tc, a_reply_that_comes_twice_counts_once);
    tcase_add_test(tc, seventy_thousand_requests_outgrow_the_sequence_number);
    tcase_add_test(tc, it_may_be_freed_at_any_time);
    tcase_add_test(tc, settings_out_of_range_are_refused);
    tcase_add_test(tc, one_that_is_stopped_sends_no_more_and_waits_for_what_it_sent);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
