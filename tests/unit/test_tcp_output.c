/* What is sent and when: RFC 9293 3.7.4 (Nagle), 3.8.6 (windows, both sides' avoidance of silly
 * ones), back-pressure. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

static void accepted(void)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, "<mss 1000>");
}

/* ---- the sender's side ---- */

START_TEST(small_writes_wait_while_something_is_out__rfc9293_3_7_4_nagle)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 0, "P. 1:11(10) ack 1 win 60000"); /* nothing was out */
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_quiet(&lab);
    lab_in(&lab, ". 1:1(0) ack 11 win 65535");
    lab_out(&lab, 0, "P. 11:31(20) ack 1 win 60000");
    ck_assert_int_eq(lab_write(&lab, 1500), 1500);
    lab_out(&lab, 0, ". 31:1031(1000) ack 1 win 60000"); /* a full one does not wait */
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(nagle_can_be_turned_off__must_17)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 0, "P. 1:11(10) ack 1 win 60000");
    lab_quiet(&lab);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_NODELAY, 1), 0);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "P. 11:21(10) ack 1 win 60000"); /* and what had waited goes */
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 0, "P. 21:31(10) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_fin_does_not_wait_for_nagle)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 0, "P. 1:11(10) ack 1 win 60000");
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "FP. 11:21(10) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(psh_is_on_the_last_of_what_is_queued__must_60_61)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 2500), 2500);
    lab_out(&lab, 0, ". 1:1001(1000) ack 1 win 60000");
    lab_out(&lab, 0, ". 1001:2001(1000) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 2001 win 65535");
    lab_out(&lab, 0, "P. 2001:2501(500) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(half_of_the_largest_window_is_worth_sending__must_38)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 800, "<mss 1000>"); /* a peer whose whole window is less than a segment */
    ck_assert_int_eq(lab_write(&lab, 5000), 5000);
    lab_out(&lab, 0, ". 1:801(800) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 801 win 399");
    lab_quiet(&lab);
    lab_in(&lab, ". 1:1(0) ack 801 win 400");
    lab_out(&lab, 0, ". 801:1201(400) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_silly_window_is_used_after_a_timeout_only__rfc9293_3_8_6_2_1)
{
    accepted();
    lab_in(&lab, ". 1:1(0) ack 1 win 300");
    ck_assert_int_eq(lab_write(&lab, 5000), 5000);
    lab_quiet(&lab);
    lab_run(&lab, 200 * SW_MS - 1);
    lab_quiet(&lab);
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 200 * SW_MS, ". 1:301(300) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 301 win 65535");
    lab_out(&lab, 200 * SW_MS, ". 301:1301(1000) ack 1 win 60000");
    ck_assert_uint_gt(lab_forget(&lab), 2);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_fin_waits_for_a_number_in_the_window)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 1000, "<mss 1000>");
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "P. 1:1001(1000) ack 1 win 60000");
    lab_quiet(&lab);
    lab_in(&lab, ". 1:1(0) ack 1001 win 1000");
    lab_out(&lab, 0, "F. 1001:1001(0) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(after_a_pause_the_window_begins_anew__rfc5681_4_1)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 20000), 20000);
    for (unsigned i = 0; i < 20; i++) {
        char line[80];
        snprintf(line, sizeof(line), ". 1:1(0) ack %u win 65535", 1001 + i * 1000);
        lab_in(&lab, line);
    }
    lab_forget(&lab);
    ck_assert_uint_gt(lab_info(&lab).cwnd_bytes, 14000);
    lab_run(&lab, 1 * SW_S);
    ck_assert_int_eq(lab_write(&lab, 20000), 20000);
    ck_assert_uint_eq(lab_forget(&lab), 10);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 10000);
    lab_fini(&lab);
}
END_TEST

START_TEST(ttl_and_tos_are_the_users__must_48_49)
{
    accepted();
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_TTL, 9), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_TOS, 0xb8), 0);
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 0, "P. 1:11(10) ack 1 win 60000");
    ck_assert_uint_eq(lab.ttl_heard, 9);
    ck_assert_uint_eq(lab.tos_heard, 0xb8);
    lab_fini(&lab);
}
END_TEST

START_TEST(options_are_taken_off_the_text_not_off_the_mss__rfc6691_2)
{
    const struct lab_config config = {.timestamps = true};
    lab_init(&lab, &config);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1012,ts 1 0>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460,ts 0 1>");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535 <ts 1 0>");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    ck_assert_int_eq(lab_write(&lab, 2500), 2500);
    lab_out(&lab, 0, ". 1:1001(1000) ack 1 win 60000 <ts 0 1>");
    lab_out(&lab, 0, ". 1001:2001(1000) ack 1 win 60000 <ts 0 1>");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_segment_lies_over_two_blocks_and_is_whole)
{
    accepted(); /* the fixture checks each byte and the checksum */
    for (unsigned i = 0; i < 40; i++) {
        ck_assert_int_eq(lab_write(&lab, 1000), 1000);
        char line[100];
        snprintf(line, sizeof(line), "P. %u:%u(1000) ack 1 win 60000", lab.written - 999,
                 lab.written + 1);
        lab_out(&lab, 0, line);
        snprintf(line, sizeof(line), ". 1:1(0) ack %u win 65535", lab.written + 1);
        lab_in(&lab, line);
    }
    ck_assert_uint_eq(lab_info(&lab).bytes_acked, 40000);
    lab_fini(&lab);
}
END_TEST

/* ---- the receiver's side ---- */

START_TEST(the_window_opens_by_a_segment_or_not_at_all__must_39)
{
    accepted();
    lab_in(&lab, ". 1:1001(1000) ack 1 win 65535");
    lab_in(&lab, ". 1001:2001(1000) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 2001 win 58000");
    ck_assert_int_eq(lab_read(&lab, 999), 999);
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 0, "P. 1:11(10) ack 2001 win 58000"); /* its right edge has not moved */
    ck_assert_int_eq(lab_read(&lab, 1), 1);
    lab_in(&lab, ". 2001:2001(0) ack 11 win 65535");
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 0, "P. 11:21(10) ack 2001 win 59000");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_reader_opens_a_closed_window_by_a_word_of_its_own)
{
    const struct lab_config config = {.receive_buffer = 4096};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1000>");
    lab_in(&lab, ". 1:2049(2048) ack 1 win 65535");
    lab_in(&lab, ". 2049:4097(2048) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 2049 win 2048");
    lab_out(&lab, 0, ". 1:1(0) ack 4097 win 0");
    ck_assert_int_eq(lab_read(&lab, 999), 999);
    lab_quiet(&lab);
    ck_assert_int_eq(lab_read(&lab, 1), 1);
    lab_out(&lab, 0, ". 1:1(0) ack 4097 win 1000");
    ck_assert_int_eq(lab_read(&lab, 999), 999);
    lab_quiet(&lab);
    ck_assert_int_eq(lab_read(&lab, 1), 1);
    lab_out(&lab, 0, ". 1:1(0) ack 4097 win 2000");
    ck_assert_int_eq(lab_read(&lab, 5000), 2096);
    lab_out(&lab, 0, ". 1:1(0) ack 4097 win 4096");
    lab_fini(&lab);
}
END_TEST

START_TEST(while_much_is_open_reading_says_nothing)
{
    accepted();
    lab_in(&lab, ". 1:1001(1000) ack 1 win 65535");
    lab_in(&lab, ". 1001:2001(1000) ack 1 win 65535");
    lab_forget(&lab);
    ck_assert_int_eq(lab_read(&lab, 5000), 2000);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_right_edge_is_not_moved_left_by_rounding__rfc7323_2_4)
{
    const struct lab_config config = {.scaling = true, .receive_buffer = 1 << 20};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1460,ws 0>"); /* ours is 5: units of 32 */
    lab_in(&lab, ". 1:11(10) ack 1 win 65535");
    lab_in(&lab, ". 11:21(10) ack 1 win 65535");
    /* 1 MiB from 21 on would need a new edge by 20; the old one is 65,536, from the SYN. */
    lab_out(&lab, 0, ". 1:1(0) ack 21 win 32767"); /* 1,048,544: to 1,048,565 */
    lab_in(&lab, ". 21:22(1) ack 1 win 65535");
    lab_in(&lab, ". 22:23(1) ack 1 win 65535");
    /* 1,048,542 are left of it: rounded down the edge would be 1,048,535. */
    lab_out(&lab, 0, ". 1:1(0) ack 23 win 32767"); /* to 1,048,567 */
    lab_fini(&lab);
}
END_TEST

START_TEST(rounding_up_comes_to_an_end)
{
    const struct lab_config config = {.scaling = true, .receive_buffer = 128 << 10};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1460,ws 0>");
    /* A peer that sends byte by byte to a user who does not read. */
    uint32_t at = 1;
    for (; at < 140000; at += 2) {
        char line[100];
        snprintf(line, sizeof(line), ". %u:%u(2) ack 1 win 65535", at, at + 2);
        lab_in(&lab, line);
        lab_forget(&lab);
        if (lab_dropped(&lab, SW_DROP_TCP_SEQUENCE) > 0 ||
            lab_info(&lab).receive_queue_bytes + 3 < at) {
            break;
        }
    }
    ck_assert_uint_le(lab_info(&lab).receive_queue_bytes, (128 << 10) + 65536 + 1460);
    lab_fini(&lab);
}
END_TEST

/* ---- room in the lane ---- */

/* 10 Mbit/s: no more than 3,028 bytes wait in the host's own lane. */
static const struct lab_config slow = {
    .lane = {.delay = 1 * SW_MS, .rate_bps = 10000000, .queue_frames = 5}};

START_TEST(nothing_a_socket_sends_is_lost_in_its_own_lane)
{
    lab_init(&lab, &slow);
    lab_accept(&lab, 65535, NULL);
    lab_run(&lab, 10 * SW_MS);
    lab_forget(&lab);
    ck_assert_int_eq(lab_write(&lab, 14600), 14600); /* ten segments into a queue of five */
    lab_run(&lab, 100 * SW_MS);
    for (uint32_t i = 0; i < 10; i++) {
        char line[100];
        snprintf(line, sizeof(line), "%s. %u:%u(1460) ack 1 win 60000", i == 9 ? "P" : "",
                 1 + i * 1460, 1461 + i * 1460);
        /* 1,514 bytes at 10 Mbit/s: 1.2112 ms each, back to back. */
        lab_out(&lab, 11 * SW_MS + (i + 1) * 1211200, line);
    }
    struct sw_lane_stats stats;
    sw_lane_stats(&lab.link.backward, &stats);
    ck_assert_uint_eq(sw_lane_dropped(&stats), 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(sockets_take_turns_in_a_lane)
{
    lab_init(&lab, &slow);
    struct sw_sock *socks[3];
    for (uint16_t i = 0; i < 3; i++) {
        lab.peer_port = (uint16_t)(4000 + i);
        lab.host_known = false;
        if (lab.listener == NULL) {
            lab_listen(&lab, 8);
        }
        lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
        lab_run(&lab, lab_now(&lab) + 5 * SW_MS);
        lab_forget(&lab);
        lab_in(&lab, ". 1:1(0) ack 1 win 65535");
        ck_assert_int_eq(sw_sock_accept(&socks[i], lab.listener, NULL, NULL), 0);
    }
    static const uint8_t bytes[14600];
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(sw_sock_send(socks[i], bytes, sizeof(bytes)), 14600);
    }
    lab_run(&lab, lab_now(&lab) + 25 * SW_MS); /* about twenty of the thirty segments */
    uint64_t out[3];
    for (unsigned i = 0; i < 3; i++) {
        struct sw_sock_info info;
        sw_sock_info(socks[i], &info);
        out[i] = info.flight_bytes / 1460;
    }
    ck_assert_uint_ge(out[0], 5);
    ck_assert_uint_ge(out[1], 5);
    ck_assert_uint_ge(out[2], 5);
    for (unsigned i = 0; i < 3; i++) {
        sw_sock_abort(socks[i]);
    }
    lab_run(&lab, lab_now(&lab) + 100 * SW_MS);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(acknowledgements_do_not_wait_for_room)
{
    lab_init(&lab, &slow);
    lab_accept(&lab, 65535, NULL);
    lab_run(&lab, 10 * SW_MS);
    lab_forget(&lab);
    ck_assert_int_eq(lab_write(&lab, 14600), 14600);
    lab_in(&lab, ". 1:11(10) ack 1 win 65535");
    lab_in(&lab, ". 11:21(10) ack 1 win 65535");
    lab_run(&lab, 15 * SW_MS);
    lab_out(&lab, 12211200, ". 1:1461(1460) ack 1 win 60000");
    lab_out(&lab, 13422400, ". 1461:2921(1460) ack 1 win 60000");
    lab_out(&lab, 14633600, ". 2921:4381(1460) ack 1 win 60000");
    lab_out(&lab, 14676800, ". 4381:4381(0) ack 21 win 59980"); /* behind what waited already */
    lab_run(&lab, 100 * SW_MS);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_output");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, small_writes_wait_while_something_is_out__rfc9293_3_7_4_nagle);
    tcase_add_test(tc, nagle_can_be_turned_off__must_17);
    tcase_add_test(tc, a_fin_does_not_wait_for_nagle);
    tcase_add_test(tc, psh_is_on_the_last_of_what_is_queued__must_60_61);
    tcase_add_test(tc, half_of_the_largest_window_is_worth_sending__must_38);
    tcase_add_test(tc, a_silly_window_is_used_after_a_timeout_only__rfc9293_3_8_6_2_1);
    tcase_add_test(tc, a_fin_waits_for_a_number_in_the_window);
    tcase_add_test(tc, after_a_pause_the_window_begins_anew__rfc5681_4_1);
    tcase_add_test(tc, ttl_and_tos_are_the_users__must_48_49);
    tcase_add_test(tc, options_are_taken_off_the_text_not_off_the_mss__rfc6691_2);
    tcase_add_test(tc, a_segment_lies_over_two_blocks_and_is_whole);
    tcase_add_test(tc, the_window_opens_by_a_segment_or_not_at_all__must_39);
    tcase_add_test(tc, a_reader_opens_a_closed_window_by_a_word_of_its_own);
    tcase_add_test(tc, while_much_is_open_reading_says_nothing);
    tcase_add_test(tc, the_right_edge_is_not_moved_left_by_rounding__rfc7323_2_4);
    tcase_add_test(tc, rounding_up_comes_to_an_end);
    tcase_add_test(tc, nothing_a_socket_sends_is_lost_in_its_own_lane);
    tcase_add_test(tc, sockets_take_turns_in_a_lane);
    tcase_add_test(tc, acknowledgements_do_not_wait_for_room);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
