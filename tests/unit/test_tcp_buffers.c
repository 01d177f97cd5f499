/* A connection's buffers: small at first, tuned up to the host's bounds, fixed once a user has said
 * how large. */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "stack/tcp.h"
#include "tests/support/stack_tcp.h"

static struct lab lab;

static const struct lab_config tuned = {
    .tuned = true, .scaling = true, .timestamps = true, .receive_buffer = 1 << 20};

static int64_t option(enum sw_sock_option which)
{
    int64_t value = -1;
    ck_assert_int_eq(sw_sock_get(lab.sock, which, &value), 0);
    return value;
}

static void accepted(const struct lab_config *config)
{
    lab_init(&lab, config);
    lab_accept(&lab, 65535, "<mss 1460,ts 0 0,ws 7>");
}

/* `segments` of 1,000 bytes from the peer, from *next on, at the time it is, which echo what we
 * said `rtt` ago; the user reads `share` eighths of them. */
static void flight(uint32_t *next, uint32_t segments, sw_time rtt, unsigned share)
{
    for (uint32_t i = 0; i < segments; i++) {
        char line[120];
        const unsigned now = (unsigned)(lab_now(&lab) / SW_MS);
        snprintf(line, sizeof(line), ". %u:%u(1000) ack 1 win 65535 <ts %u %u>", *next,
                 *next + 1000, now, now - (unsigned)(rtt / SW_MS));
        lab_in(&lab, line);
        *next += 1000;
    }
    if (share > 0) {
        ck_assert_int_gt(lab_read(&lab, segments * 125 * share), 0);
    }
    lab_forget(&lab);
}

START_TEST(buffers_begin_small_and_the_window_is_scaled_for_their_bound__rfc7323_2_3)
{
    lab_init(&lab, &tuned);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460,ts 0 0,ws 7>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 65535 <mss 1460,ts 0 0,ws 5>");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535 <ts 0 0>");
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    ck_assert_int_eq(option(SW_OPT_RECEIVE_BUFFER), 65535);
    ck_assert_int_eq(option(SW_OPT_SEND_BUFFER), 128 << 10);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_a_reader_takes_in_a_round_trip_makes_room_for_more)
{
    accepted(&tuned);
    uint32_t next = 1;
    lab_run(&lab, 100 * SW_MS);
    flight(&next, 10, 100 * SW_MS, 8);
    ck_assert_int_eq(option(SW_OPT_RECEIVE_BUFFER), 65535); /* as expected in the first */
    lab_run(&lab, 200 * SW_MS);
    flight(&next, 20, 100 * SW_MS, 8);
    /* Twice what came, and as 14,480 were expected, twice as much as that has grown. */
    ck_assert_int_eq(option(SW_OPT_RECEIVE_BUFFER), 40000 + 2 * (40000 * 5520 / 14480));
    lab_run(&lab, 300 * SW_MS);
    flight(&next, 40, 100 * SW_MS, 8);
    lab_run(&lab, 400 * SW_MS);
    flight(&next, 200, 100 * SW_MS, 8);
    ck_assert_int_eq(option(SW_OPT_RECEIVE_BUFFER), 1 << 20); /* the bound */
    lab_run(&lab, 500 * SW_MS);
    flight(&next, 400, 100 * SW_MS, 8);
    ck_assert_int_eq(option(SW_OPT_RECEIVE_BUFFER), 1 << 20);
    /* And the peer is told. */
    char line[120];
    snprintf(line, sizeof(line), ". %u:%u(1000) ack 1 win 65535 <ts 500 400>", next, next + 1000);
    lab_in(&lab, line);
    snprintf(line, sizeof(line), ". 1:1(0) ack %u win 32736 <ts 540 500>", next + 1000);
    lab_run(&lab, 540 * SW_MS);
    lab_out(&lab, 540 * SW_MS, line);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_reader_that_takes_little_gets_no_more_room)
{
    accepted(&tuned);
    uint32_t next = 1;
    for (unsigned i = 1; i <= 30; i++) {
        lab_run(&lab, i * 100 * SW_MS);
        flight(&next, i < 5 ? 10 : 1, 100 * SW_MS, 1);
    }
    ck_assert_int_eq(option(SW_OPT_RECEIVE_BUFFER), 65535);
    lab_read(&lab, 1 << 20);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_size_that_the_user_says_stays)
{
    lab_init(&lab, &tuned);
    lab_listen(&lab, 8);
    ck_assert_int_eq(sw_sock_set(lab.listener, SW_OPT_RECEIVE_BUFFER, 200000), 0);
    ck_assert_int_eq(sw_sock_set(lab.listener, SW_OPT_SEND_BUFFER, 5792), 0);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460,ts 0 0,ws 7>");
    /* The least shift for 200,000: 2. */
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 65535 <mss 1460,ts 0 0,ws 2>");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535 <ts 0 0>");
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    uint32_t next = 1;
    for (unsigned i = 1; i <= 5; i++) {
        lab_run(&lab, i * 100 * SW_MS);
        flight(&next, 30 * i, 100 * SW_MS, 8);
    }
    ck_assert_int_eq(option(SW_OPT_RECEIVE_BUFFER), 200000);
    for (uint32_t acked = 1; acked < 40000; acked += 5792) {
        ck_assert_int_eq(lab_write(&lab, 6000), 5792); /* four segments */
        lab_forget(&lab);
        char line[120];
        snprintf(line, sizeof(line), ". %u:%u(0) ack %u win 65535 <ts 500 500>", next, next,
                 acked + 5792);
        lab_in(&lab, line);
    }
    ck_assert_int_eq(option(SW_OPT_SEND_BUFFER), 5792);
    lab_fini(&lab);
}
END_TEST

/* Writes all it may, again and again, and the peer acknowledges two segments each time. */
static void send_on(uint32_t from, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        (void)lab_write(&lab, 256 << 10);
        char line[120];
        from += 2 * 1448;
        snprintf(line, sizeof(line), ". 1:1(0) ack %u win 65535 <ts 0 0>", from);
        lab_in(&lab, line);
        lab_forget(&lab);
    }
}

START_TEST(the_send_buffer_follows_the_congestion_window)
{
    struct lab_config config = tuned;
    config.send_buffer = 600 << 10;
    accepted(&config);
    ck_assert_int_eq(lab_write(&lab, 4 << 20), 128 << 10);
    ck_assert_int_eq(option(SW_OPT_SEND_BUFFER), 128 << 10); /* nothing is acknowledged yet */
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 14481 win 65535 <ts 0 0>");
    ck_assert_int_eq(option(SW_OPT_SEND_BUFFER), 128 << 10); /* twice 28,960 is less */
    lab_forget(&lab);
    for (uint32_t at = 14481; at < 130000; at += 14480) {
        char line[120];
        snprintf(line, sizeof(line), ". 1:1(0) ack %u win 65535 <ts 0 0>", at + 14480);
        lab_in(&lab, at + 14480 > 131073 ? ". 1:1(0) ack 131073 win 65535 <ts 0 0>" : line);
        lab_forget(&lab);
    }
    /* Twice what the window was when there was room to write again. */
    ck_assert_int_eq(option(SW_OPT_SEND_BUFFER), 2 * 50 * 1448);
    ck_assert_uint_ge(lab_info(&lab).cwnd_bytes, 50 * 1448);
    (void)lab_write(&lab, 256 << 10); /* a whole window is out again */
    send_on(131073, 200);
    ck_assert_int_eq(option(SW_OPT_SEND_BUFFER), 600 << 10); /* the bound */
    lab_fini(&lab);
}
END_TEST

START_TEST(no_buffer_grows_while_memory_is_short)
{
    struct lab_config config = tuned;
    config.pool_bytes = 256 << 10;
    accepted(&config);
    struct sw_block *held[10];
    for (unsigned i = 0; i < 10; i++) {
        held[i] = sw_block_new(lab.world.env.pool, SW_BLOCK_16K);
        ck_assert_ptr_nonnull(held[i]);
    }
    uint32_t next = 1;
    for (unsigned i = 1; i <= 4; i++) {
        lab_run(&lab, i * 100 * SW_MS);
        flight(&next, 10 * i, 100 * SW_MS, 8);
    }
    ck_assert_int_eq(option(SW_OPT_RECEIVE_BUFFER), 65535);
    for (unsigned i = 0; i < 10; i++) {
        sw_block_drop(held[i]);
    }
    lab_run(&lab, 500 * SW_MS);
    flight(&next, 50, 100 * SW_MS, 8);
    ck_assert_int_gt(option(SW_OPT_RECEIVE_BUFFER), 65535);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_window_may_be_a_gibibyte__rfc7323_2_3)
{
    struct lab_config config = tuned;
    config.receive_buffer = config.send_buffer = 1 << 30;
    config.tuned = false;
    lab_init(&lab, &config);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460,ts 0 0,ws 14>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 65535 <mss 1460,ts 0 0,ws 14>");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535 <ts 0 0>"); /* 1,073,725,440 */
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    /* The whole of it is offered: 65,535 units of 16 KiB. */
    lab_in(&lab, ". 1:1001(1000) ack 1 win 65535 <ts 0 0>");
    lab_in(&lab, ". 1001:2001(1000) ack 1 win 65535 <ts 0 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 2001 win 65535 <ts 0 0>");
    /* Its last byte is in it, the one behind it is not. */
    lab_in(&lab, ". 1073727440:1073727441(1) ack 1 win 65535 <ts 0 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 2001 win 65535 <ts 0 0>");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SEQUENCE), 0);
    lab_in(&lab, ". 1073727441:1073727442(1) ack 1 win 65535 <ts 0 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 2001 win 65535 <ts 0 0>");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SEQUENCE), 1);
    /* The edge holds while text comes that the user does not read. */
    lab_in(&lab, ". 2001:3001(1000) ack 1 win 65535 <ts 0 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 3001 win 65535 <ts 0 0>");
    lab_in(&lab, ". 3001:4001(1000) ack 1 win 65535 <ts 0 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 4001 win 65535 <ts 0 0>");
    /* And nothing in the way out is too large: what goes is what the congestion window lets. */
    ck_assert_int_eq(lab_write(&lab, 100000), 100000);
    ck_assert_uint_eq(lab_forget(&lab), 10);
    lab_in(&lab, ". 4001:4001(0) ack 14481 win 65535 <ts 0 0>");
    ck_assert_uint_gt(lab_forget(&lab), 10);
    lab_fini(&lab);
}
END_TEST

START_TEST(untuned_they_are_as_large_as_they_may_be)
{
    const struct lab_config config = {.receive_buffer = 300000, .send_buffer = 400000};
    lab_init(&lab, &config);
    ck_assert_int_eq(sw_sock_open(&lab.sock, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(option(SW_OPT_RECEIVE_BUFFER), 300000);
    ck_assert_int_eq(option(SW_OPT_SEND_BUFFER), 400000);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_buffers");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, buffers_begin_small_and_the_window_is_scaled_for_their_bound__rfc7323_2_3);
    tcase_add_test(tc, what_a_reader_takes_in_a_round_trip_makes_room_for_more);
    tcase_add_test(tc, a_reader_that_takes_little_gets_no_more_room);
    tcase_add_test(tc, a_size_that_the_user_says_stays);
    tcase_add_test(tc, the_send_buffer_follows_the_congestion_window);
    tcase_add_test(tc, no_buffer_grows_while_memory_is_short);
    tcase_add_test(tc, a_window_may_be_a_gibibyte__rfc7323_2_3);
    tcase_add_test(tc, untuned_they_are_as_large_as_they_may_be);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
