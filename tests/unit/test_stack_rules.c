/* Rules that hold far from where the other suites look: late in a connection's life, at the edge of
 * a range, after something that seldom comes before. */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "stack/tcp_sent.h"
#include "tests/support/stack_tcp.h"

static struct lab lab;

static void out(const char *text)
{
    lab_out(&lab, lab_now(&lab), text);
}

static void accepted(const struct lab_config *config, const char *options)
{
    lab_init(&lab, config);
    lab_accept(&lab, 60000, options);
}

START_TEST(who_listens_without_a_port_is_given_one)
{
    lab_init(&lab, NULL);
    ck_assert_int_eq(sw_sock_open(&lab.listener, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_listen(lab.listener, 1), 0);
    const uint16_t port = sw_sock_local(lab.listener).port;
    ck_assert_uint_ge(port, 32768);
    lab.host_port = port;
    lab_in(&lab, "S 0:0(0) win 60000 <mss 1000>");
    out("S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_fini(&lab);
}
END_TEST

START_TEST(challenges_are_limited_in_each_5_s__rfc5961_7)
{
    accepted(NULL, NULL);
    for (unsigned at = 1; at <= 3; at++) {
        lab_run(&lab, (sw_time)at * 100 * SW_S);
        for (unsigned i = 0; i < 15; i++) {
            lab_in(&lab, "R 102:102(0) win 0");
        }
        ck_assert_uint_eq(lab_forget(&lab), 10);
        lab_run(&lab, lab_now(&lab) + 4999 * SW_MS);
        lab_in(&lab, "R 102:102(0) win 0");
        lab_quiet(&lab);
        lab_run(&lab, lab_now(&lab) + SW_MS);
        lab_in(&lab, "R 102:102(0) win 0");
        ck_assert_uint_eq(lab_forget(&lab), 1);
    }
    lab_fini(&lab);
}
END_TEST

START_TEST(a_closed_window_is_asked_after_every_2_minutes_at_last__must_36)
{
    accepted(NULL, NULL);
    lab_in(&lab, ". 1:1(0) ack 1 win 0");
    lab_write(&lab, 100);
    /* 0.2, 0.6, 1.4 ... 204.6 s: each wait twice the one before, up to 102.4 s. */
    sw_time at = 200 * SW_MS, wait = 400 * SW_MS;
    for (unsigned i = 0; i < 14; i++) {
        lab_run(&lab, at - SW_MS);
        lab_quiet(&lab);
        lab_run(&lab, at);
        out(". 1:2(1) ack 1 win 60000");
        lab_in(&lab, ". 1:1(0) ack 1 win 0");
        at += wait;
        wait = 2 * wait < 120 * SW_S ? 2 * wait : 120 * SW_S;
    }
    lab_fini(&lab);
}
END_TEST

START_TEST(who_aborts_while_the_last_fin_is_out_says_nothing__rfc9293_3_10_5)
{
    accepted(NULL, NULL);
    lab_in(&lab, "F. 1:1(0) ack 1 win 60000");
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    ck_assert_str_eq(lab_info(&lab).state, "LAST-ACK");
    lab_forget(&lab);
    sw_sock_abort(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 0);
    lab_quiet(&lab);
    struct sw_host_stats stats;
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_connections, 0);
    lab_fini(&lab);
    accepted(NULL, NULL); /* both at once */
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_in(&lab, "F. 1:1(0) ack 1 win 60000");
    ck_assert_str_eq(lab_info(&lab).state, "CLOSING");
    lab_forget(&lab);
    sw_sock_abort(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 0);
    lab_quiet(&lab);
    lab_fini(&lab);
    accepted(NULL, NULL); /* but where not all of ours was sent, it does */
    lab_in(&lab, "F. 1:1(0) ack 1 win 1000");
    ck_assert_int_eq(lab_write(&lab, 5000), 5000);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    ck_assert_str_eq(lab_info(&lab).state, "LAST-ACK");
    lab_forget(&lab);
    sw_sock_abort(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 0);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_resets_out, 1);
    lab_fini(&lab);
}
END_TEST

/* A part of what the timeout sent again: two new segments would be too early. */
START_TEST(a_part_of_what_was_sent_again_does_not_begin_step_2b__rfc5682_2_1)
{
    accepted(NULL, "<mss 1000>");
    lab_write(&lab, 30000);
    ck_assert_uint_eq(lab_forget(&lab), 10);
    lab_run(&lab, 200 * SW_MS);
    out(". 1:1001(1000) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 501 win 60000");
    out(". 1001:2001(1000) ack 1 win 60000"); /* the next that was out */
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_acknowledgement_of_all_does_not_either__rfc5682_2_1)
{
    accepted(NULL, "<mss 1000>");
    lab_write(&lab, 3000);
    ck_assert_uint_eq(lab_forget(&lab), 3);
    lab_run(&lab, 200 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_in(&lab, ". 1:1(0) ack 3001 win 60000");
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 2000); /* slow start from one */
    lab_write(&lab, 9000);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_is_not_out_is_not_sacked)
{
    struct sw_tcp_sent s;
    struct sw_tcp_sent_hears hears = {0};
    sw_tcp_sent_init(&s);
    ck_assert_uint_eq(sw_tcp_sent_sacked(&s, 1, 1001, &hears), 0);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(what_is_old_of_a_segment_does_not_count_against_the_window__rfc9293_3_10_7_4)
{
    accepted(&(struct lab_config){.receive_buffer = 4096}, NULL);
    lab_in(&lab, ". 1:1001(1000) ack 1 win 60000");
    lab_forget(&lab);
    lab_in(&lab, "F. 501:4096(3595) ack 1 win 60000"); /* the FIN is the last that is offered */
    ck_assert_int_eq(lab_read(&lab, 5000), 4095);
    ck_assert_str_eq(lab_info(&lab).state, "CLOSE-WAIT");
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_writer_is_told_when_half_of_the_buffer_is_free)
{
    accepted(NULL, "<mss 1000>");
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_SEND_BUFFER, 8192), 0);
    lab_events(&lab, "");
    ck_assert_int_eq(lab_write(&lab, 9000), 8192);
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 4001 win 60000");
    lab_events(&lab, "");
    lab_in(&lab, ". 1:1(0) ack 5001 win 60000");
    lab_events(&lab, "W");
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(who_connects_has_a_port_that_nobody_can_guess__rfc6056_3_3_1)
{
    uint16_t least = UINT16_MAX, most = 0;
    lab_init(&lab, NULL);
    for (unsigned i = 0; i < 50; i++) {
        struct sw_sock *sock;
        ck_assert_int_eq(sw_sock_open(&sock, lab.host, SW_TCP, NULL, NULL), 0);
        const struct sw_endpoint to = {.ip = sw_ip_v4(0x0a000002), .port = LAB_PEER_PORT};
        ck_assert_int_eq(sw_sock_connect(sock, to), 0);
        const uint16_t port = sw_sock_local(sock).port;
        ck_assert_uint_ge(port, 32768);
        least = port < least ? port : least;
        most = port > most ? port : most;
        sw_sock_abort(sock);
    }
    lab_run(&lab, 0);
    lab_forget(&lab);
    ck_assert_uint_lt(least, 36000);
    ck_assert_uint_gt(most, 62000);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_handshakes_round_trip_is_that_from_the_answer_on__rfc6298_2_2)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 1);
    lab_run(&lab, 5 * SW_S);
    lab_in(&lab, "S 0:0(0) win 60000 <mss 1000>");
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_run(&lab, 5030 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 60000");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    ck_assert_int_eq(lab_info(&lab).srtt, 30 * SW_MS);
    lab_fini(&lab);
    lab_init(&lab, NULL);
    lab_run(&lab, 5 * SW_S);
    lab_connect(&lab);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_run(&lab, 5040 * SW_MS);
    lab_in(&lab, "S. 0:0(0) ack 1 win 60000 <mss 1000>");
    ck_assert_int_eq(lab_info(&lab).srtt, 40 * SW_MS);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_slowest_pace_is_a_byte_a_second)
{
    accepted(NULL, "<mss 1000>");
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_PACING, 1), 0);
    lab_write(&lab, 100);
    lab_forget(&lab);
    ck_assert_uint_eq(lab_info(&lab).pacing_bps, 8);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stack_rules");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, who_listens_without_a_port_is_given_one);
    tcase_add_test(tc, challenges_are_limited_in_each_5_s__rfc5961_7);
    tcase_add_test(tc, a_closed_window_is_asked_after_every_2_minutes_at_last__must_36);
    tcase_add_test(tc, who_aborts_while_the_last_fin_is_out_says_nothing__rfc9293_3_10_5);
    tcase_add_test(tc, a_part_of_what_was_sent_again_does_not_begin_step_2b__rfc5682_2_1);
    tcase_add_test(tc, an_acknowledgement_of_all_does_not_either__rfc5682_2_1);
    tcase_add_test(tc, what_is_not_out_is_not_sacked);
    tcase_add_test(tc,
                   what_is_old_of_a_segment_does_not_count_against_the_window__rfc9293_3_10_7_4);
    tcase_add_test(tc, a_writer_is_told_when_half_of_the_buffer_is_free);
    tcase_add_test(tc, who_connects_has_a_port_that_nobody_can_guess__rfc6056_3_3_1);
    tcase_add_test(tc, the_handshakes_round_trip_is_that_from_the_answer_on__rfc6298_2_2);
    tcase_add_test(tc, the_slowest_pace_is_a_byte_a_second);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
