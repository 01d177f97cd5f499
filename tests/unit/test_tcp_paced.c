/* Pacing along a path in virtual time (stack_path.h): who is paced, how fast, and how evenly. */
#include <check.h>

#include "stack/tcp_bbr.h"
#include "tests/support/stack_path.h"

static struct path path;

static void begin(enum sw_tcp_congestion congestion, uint64_t pacing_bps)
{
    const struct path_config config = {.rate_bps = 100000000,
                                       .delay = 10 * SW_MS,
                                       .queue_frames = 1000,
                                       .congestion = congestion,
                                       .pacing_bps = pacing_bps};
    path_init(&path, &config);
}

START_TEST(cubic_is_not_paced_unless_asked)
{
    begin(SW_TCP_CUBIC, 0);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, SW_S);
    ck_assert_ptr_null(path_tcp(flow)->paced);
    ck_assert_int_eq(path_tcp(flow)->due[SW_TCP_DUE_PACE], SW_TIME_NEVER);
    path_fini(&path);
}
END_TEST

START_TEST(a_bound_holds_and_leaves_the_queue_empty)
{
    begin(SW_TCP_CUBIC, 40000000);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, SW_S);
    const uint64_t goodput = path_goodput(flow, 5 * SW_S);
    ck_assert(goodput > 39900000 && goodput < 40100000); /* of text */
    ck_assert_int_lt(path_longest_queue(&path, 6 * SW_S), SW_MS);
    path_fini(&path);
}
END_TEST

START_TEST(a_bound_of_a_socket_may_change_and_go)
{
    begin(SW_TCP_BBR, 0);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, SW_S);
    ck_assert_int_eq(sw_sock_set(flow->sender, SW_OPT_PACING, 10000000), 0);
    path_run(&path, 2 * SW_S);
    const uint64_t goodput = path_goodput(flow, 4 * SW_S);
    ck_assert(goodput > 9900000 && goodput < 10100000);
    int64_t value = 0;
    ck_assert_int_eq(sw_sock_get(flow->sender, SW_OPT_PACING, &value), 0);
    ck_assert_int_eq(value, 10000000);
    ck_assert_int_eq(sw_sock_set(flow->sender, SW_OPT_PACING, 0), 0);
    path_run(&path, 8 * SW_S);
    ck_assert_uint_gt(path_goodput(flow, 9 * SW_S), 90000000);
    path_fini(&path);
}
END_TEST

START_TEST(a_child_has_its_listeners_bound)
{
    begin(SW_TCP_CUBIC, 0);
    ck_assert_int_eq(sw_sock_set(path.listener, SW_OPT_PACING, 5000000), 0);
    struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, SW_S);
    int64_t value = 0;
    ck_assert_int_eq(sw_sock_get(flow->receiver, SW_OPT_PACING, &value), 0);
    ck_assert_int_eq(value, 5000000);
    path_fini(&path);
}
END_TEST

/* 1 Gbit/s, 100 ms: 8,255 frames are on their way, and the queue holds 300. */
static uint32_t window_after_slow_start(uint64_t pacing_bps)
{
    const struct path_config config = {.rate_bps = 1000000000,
                                       .delay = 50 * SW_MS,
                                       .queue_frames = 300,
                                       .congestion = SW_TCP_CUBIC,
                                       .buffer_bytes = 64u << 20,
                                       .pacing_bps = pacing_bps};
    path_init(&path, &config);
    const struct path_flow *flow = path_flow(&path, UINT64_MAX);
    path_run(&path, 3 * SW_S);
    const uint32_t cwnd = path_tcp(flow)->cc.cwnd;
    path_fini(&path);
    return cwnd;
}

START_TEST(paced_slow_start_finds_the_path_behind_a_shallow_queue)
{
    ck_assert_uint_lt(window_after_slow_start(0), 4000000);
    ck_assert_uint_gt(window_after_slow_start(10000000000), 8000000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_paced");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, cubic_is_not_paced_unless_asked);
    tcase_add_test(tc, a_bound_holds_and_leaves_the_queue_empty);
    tcase_add_test(tc, a_bound_of_a_socket_may_change_and_go);
    tcase_add_test(tc, a_child_has_its_listeners_bound);
    tcase_add_test(tc, paced_slow_start_finds_the_path_behind_a_shallow_queue);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
