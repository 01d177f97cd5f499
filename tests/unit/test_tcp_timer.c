/* Deadlines: RFC 6298 5, RFC 9293 3.8.3 (R1, R2), 3.8.4 (keepalive), 3.8.6.1 (window probes). */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

static void accepted(void)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, "<mss 1000>");
}

/* ---- retransmission ---- */

START_TEST(the_earliest_segment_is_sent_again_and_again__rfc6298_5_4_5_5_5_6)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 3000), 3000);
    ck_assert_uint_eq(lab_forget(&lab), 3);
    lab_run(&lab, 5 * SW_S);
    lab_out(&lab, 200 * SW_MS, ". 1:1001(1000) ack 1 win 60000");
    lab_out(&lab, 600 * SW_MS, ". 1:1001(1000) ack 1 win 60000");
    lab_out(&lab, 1400 * SW_MS, ". 1:1001(1000) ack 1 win 60000");
    lab_out(&lab, 3000 * SW_MS, ". 1:1001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(after_a_timeout_slow_start_sends_the_rest_again__rfc5681_3_1)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 8000), 8000);
    ck_assert_uint_eq(lab_forget(&lab), 8);
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 200 * SW_MS, ". 1:1001(1000) ack 1 win 60000");
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 1000);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 4000); /* half of what was in flight */
    lab_in(&lab, ". 1:1(0) ack 1001 win 65535");
    lab_out(&lab, 200 * SW_MS, ". 1001:2001(1000) ack 1 win 60000");
    lab_out(&lab, 200 * SW_MS, ". 2001:3001(1000) ack 1 win 60000");
    lab_quiet(&lab);
    lab_in(&lab, ". 1:1(0) ack 8001 win 65535"); /* the others had come */
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).flight_bytes, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_ack_of_new_text_restarts_the_timer__rfc6298_5_3)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 2000), 2000);
    lab_forget(&lab);
    lab_run(&lab, 150 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1001 win 65535");
    /* Samples of 0 and 150 ms: SRTT 18.75, RTTVAR 37.5, RTO 200. */
    lab_run(&lab, 350 * SW_MS - 1);
    lab_quiet(&lab);
    lab_run(&lab, 350 * SW_MS);
    lab_out(&lab, 350 * SW_MS, "P. 1001:2001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_duplicate_does_not_restart_it)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 2000), 2000);
    lab_forget(&lab);
    lab_run(&lab, 150 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 200 * SW_MS, ". 1:1001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(when_all_is_acknowledged_the_timer_is_off__rfc6298_5_2)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 1001 win 65535");
    lab_run(&lab, 1000 * SW_S);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_fin_is_sent_again)
{
    accepted();
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 0, "F. 1:1(0) ack 1 win 60000");
    lab_out(&lab, 200 * SW_MS, "F. 1:1(0) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(after_three_retransmissions_the_next_hop_is_asked_after__must_20)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_forget(&lab);
    lab_run(&lab, 1400 * SW_MS - 1);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    ck_assert_uint_eq(lab.asked, 0);
    lab_run(&lab, 1400 * SW_MS); /* the third: IP is told, and asks who may be dead */
    ck_assert_uint_eq(lab_forget(&lab), 1);
    ck_assert_uint_eq(lab.asked, 1);
    lab_run(&lab, 3 * SW_S); /* and with each one from there on: who answered may be another */
    ck_assert_uint_eq(lab.asked, 2);
    lab_run(&lab, 6200 * SW_MS);
    ck_assert_uint_eq(lab.asked, 3);
    lab_run(&lab, 12 * SW_S);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    ck_assert_uint_eq(lab.asked, 3);
    lab_fini(&lab);
    lab_init(&lab, NULL); /* a SYN alike: at 0, 1, 3 and 7 s */
    lab_connect(&lab);
    lab_run(&lab, 7 * SW_S - 1);
    ck_assert_uint_eq(lab.asked, 0);
    lab_run(&lab, 7 * SW_S);
    ck_assert_uint_eq(lab.asked, 1);
    ck_assert_uint_eq(lab_forget(&lab), 4);
    lab_fini(&lab);
}
END_TEST

/* Somebody says that the peer's address is his, and then no more. What he said is too fresh to be
 * doubted at the third retransmission, and found out at the fourth. */
START_TEST(a_forged_neighbour_is_found_out_by_who_gets_no_answer)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_forget(&lab);
    lab_run(&lab, 1399 * SW_MS);
    lab_forged_arp(&lab);
    lab_run(&lab, 3 * SW_S - 1);
    ck_assert_uint_eq(lab_forget(&lab), 3);
    ck_assert_uint_eq(lab.asked, 0);
    struct sw_arp_entry entry;
    ck_assert(sw_host_arp_entry(lab.host, 0, &entry));
    ck_assert_uint_eq(entry.mac.b[5], 0x66);
    lab_run(&lab, 3 * SW_S);
    ck_assert_uint_eq(lab.asked, 1);
    ck_assert(sw_host_arp_entry(lab.host, 0, &entry));
    ck_assert_uint_eq(entry.mac.b[5], 2); /* it was the peer that answered */
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 1001 win 65535");
    lab_fini(&lab);
}
END_TEST

START_TEST(after_15_retransmissions_it_is_given_up_with_a_rst__must_20)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_forget(&lab);
    /* 0.2 s doubled nine times are 102.4; then 120 s each: 204.6 + 6 * 120. */
    lab_run(&lab, 924600 * SW_MS - 1);
    ck_assert_uint_eq(lab_forget(&lab), 15);
    lab_events(&lab, "");
    lab_run(&lab, 924600 * SW_MS);
    lab_out(&lab, 924600 * SW_MS, "R. 1001:1001(0) ack 1 win 60000");
    lab_events(&lab, "E");
    ck_assert_int_eq(sw_sock_error(lab.sock), -ETIMEDOUT);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_user_can_set_when_it_is_given_up__must_21)
{
    accepted();
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_USER_TIMEOUT, 5 * SW_S), 0);
    ck_assert_int_eq(lab_write(&lab, 2000), 2000);
    lab_run(&lab, 2 * SW_S);
    lab_in(&lab, ". 1:1(0) ack 1001 win 65535"); /* progress */
    lab_run(&lab, 7 * SW_S - 1);
    lab_events(&lab, "");
    lab_run(&lab, 7 * SW_S);
    lab_events(&lab, "E");
    ck_assert_int_eq(sw_sock_error(lab.sock), -ETIMEDOUT);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_user_timeout_does_not_touch_an_idle_connection)
{
    accepted();
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_USER_TIMEOUT, 5 * SW_S), 0);
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 1001 win 65535");
    lab_run(&lab, 1000 * SW_S);
    lab_events(&lab, "");
    /* It may be set while something is out, and counts from the last progress. */
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_run(&lab, 1001 * SW_S);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_USER_TIMEOUT, 3 * SW_S), 0);
    lab_run(&lab, 1003 * SW_S);
    lab_events(&lab, "E");
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_syn_is_tried_for_more_than_3_minutes__must_23)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_run(&lab, 247 * SW_S - 1);
    static const int at[] = {0, 1, 3, 7, 15, 31, 63, 127};
    for (unsigned i = 0; i < 8; i++) {
        lab_out(&lab, at[i] * SW_S, "S 0:0(0) win 60000 <mss 1460>");
    }
    lab_events(&lab, "");
    lab_run(&lab, 247 * SW_S);
    lab_events(&lab, "E");
    ck_assert_int_eq(sw_sock_error(lab.sock), -ETIMEDOUT);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_syn_ack_too__must_22)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_run(&lab, 247 * SW_S - 1);
    ck_assert_uint_eq(lab_forget(&lab), 8);
    struct sw_host_stats stats;
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_connections, 1);
    lab_run(&lab, 247 * SW_S);
    lab_forget(&lab); /* its RST */
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_connections, 0);
    lab_events(&lab, "");
    lab_fini(&lab);
}
END_TEST

START_TEST(after_a_lost_syn_one_segment_and_3_s__rfc6298_5_7_rfc5681_3_1)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_run(&lab, 1 * SW_S);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1000>");
    lab_forget(&lab);
    ck_assert_int_eq(lab_info(&lab).rto, 3 * SW_S);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 1000);
    ck_assert_int_eq(lab_write(&lab, 5000), 5000);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_run(&lab, 4 * SW_S);
    lab_out(&lab, 4 * SW_S, ". 1:1001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

/* ---- zero windows ---- */

START_TEST(a_closed_window_is_probed_less_and_less_often__must_35_36)
{
    accepted();
    lab_in(&lab, ". 1:1(0) ack 1 win 0");
    ck_assert_int_eq(lab_write(&lab, 3000), 3000);
    lab_quiet(&lab);
    lab_run(&lab, 4 * SW_S);
    /* One octet of what is queued each time. */
    lab_out(&lab, 200 * SW_MS, ". 1:2(1) ack 1 win 60000");
    lab_out(&lab, 600 * SW_MS, ". 1:2(1) ack 1 win 60000");
    lab_out(&lab, 1400 * SW_MS, ". 1:2(1) ack 1 win 60000");
    lab_out(&lab, 3000 * SW_MS, ". 1:2(1) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535"); /* refused, but open now */
    lab_out(&lab, 4 * SW_S, ". 1:1001(1000) ack 1 win 60000");
    lab_out(&lab, 4 * SW_S, ". 1001:2001(1000) ack 1 win 60000");
    lab_out(&lab, 4 * SW_S, "P. 2001:3001(1000) ack 1 win 60000");
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 10000); /* no sign of congestion */
    lab_fini(&lab);
}
END_TEST

START_TEST(a_single_octet_is_asked_with_as_well__must_36)
{
    accepted();
    lab_in(&lab, ". 1:1(0) ack 1 win 0");
    ck_assert_int_eq(lab_write(&lab, 1), 1);
    lab_quiet(&lab);
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 200 * SW_MS, "P. 1:2(1) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_probe_may_be_taken)
{
    accepted();
    lab_in(&lab, ". 1:1(0) ack 1 win 0");
    ck_assert_int_eq(lab_write(&lab, 3000), 3000);
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 200 * SW_MS, ". 1:2(1) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 2 win 0"); /* one octet of room, and closed again */
    lab_run(&lab, 600 * SW_MS);
    lab_out(&lab, 600 * SW_MS, ". 2:3(1) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 3 win 65535");
    lab_out(&lab, 600 * SW_MS, ". 3:1003(1000) ack 1 win 60000");
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(as_long_as_probes_are_answered_it_stays_open__must_37)
{
    accepted();
    lab_in(&lab, ". 1:1(0) ack 1 win 0");
    ck_assert_int_eq(lab_write(&lab, 3000), 3000);
    for (unsigned i = 0; i < 100; i++) {
        lab_run(&lab, lab_now(&lab) + 121 * SW_S);
        ck_assert_uint_ge(lab_forget(&lab), 1);
        lab_in(&lab, ". 1:1(0) ack 1 win 0");
    }
    lab_events(&lab, "");
    ck_assert_str_eq(lab_info(&lab).state, "ESTABLISHED");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_silent_peer_is_given_up)
{
    accepted();
    lab_in(&lab, ". 1:1(0) ack 1 win 0");
    ck_assert_int_eq(lab_write(&lab, 3000), 3000);
    lab_run(&lab, 2000 * SW_S);
    lab_events(&lab, "E");
    ck_assert_int_eq(sw_sock_error(lab.sock), -ETIMEDOUT);
    ck_assert_uint_eq(lab_forget(&lab), 15 + 1); /* and a RST */
    lab_fini(&lab);
}
END_TEST

START_TEST(a_window_closed_over_what_is_under_way_is_probed)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 3000), 3000);
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 1001 win 0");
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 200 * SW_MS, ". 1001:1002(1) ack 1 win 60000");
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 10000); /* nothing was lost */
    lab_in(&lab, ". 1:1(0) ack 1001 win 5000");
    lab_out(&lab, 200 * SW_MS, ". 1001:2001(1000) ack 1 win 60000");
    lab_out(&lab, 200 * SW_MS, "P. 2001:3001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_fin_alone_is_probed_with)
{
    accepted();
    lab_in(&lab, ". 1:1(0) ack 1 win 0");
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_quiet(&lab);
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 200 * SW_MS, "F. 1:1(0) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 2 win 0");
    ck_assert_str_eq(lab_info(&lab).state, "FIN-WAIT-2");
    lab_fini(&lab);
}
END_TEST

/* ---- keepalive ---- */

START_TEST(keepalive_is_off_unless_asked_for__must_24_25)
{
    accepted();
    int64_t on = 1;
    ck_assert_int_eq(sw_sock_get(lab.sock, SW_OPT_KEEPALIVE, &on), 0);
    ck_assert_int_eq(on, 0);
    lab_run(&lab, 100 * 3600 * SW_S);
    lab_fini(&lab);
}
END_TEST

START_TEST(after_2_hours_a_probe_and_nine_before_it_is_given_up__must_28_29)
{
    accepted();
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_KEEPALIVE, 1), 0);
    const sw_time two_hours = 7200 * SW_S;
    lab_run(&lab, two_hours + 9 * 75 * SW_S - 1);
    for (unsigned i = 0; i < 9; i++) {
        lab_out(&lab, two_hours + i * 75 * SW_S, ". 0:0(0) ack 1 win 60000");
    }
    lab_events(&lab, "");
    lab_run(&lab, two_hours + 9 * 75 * SW_S);
    lab_out(&lab, two_hours + 9 * 75 * SW_S, "R. 1:1(0) ack 1 win 60000");
    lab_events(&lab, "E");
    ck_assert_int_eq(sw_sock_error(lab.sock), -ETIMEDOUT);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_answer_starts_the_count_anew__must_27)
{
    accepted();
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_KEEPALIVE, 1), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_KEEPALIVE_IDLE, 10 * SW_S), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_KEEPALIVE_INTERVAL, 1 * SW_S), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_KEEPALIVE_PROBES, 2), 0);
    lab_run(&lab, 11 * SW_S);
    lab_out(&lab, 10 * SW_S, ". 0:0(0) ack 1 win 60000");
    lab_out(&lab, 11 * SW_S, ". 0:0(0) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    lab_run(&lab, 21 * SW_S);
    lab_out(&lab, 21 * SW_S, ". 0:0(0) ack 1 win 60000");
    lab_run(&lab, 23 * SW_S);
    lab_out(&lab, 22 * SW_S, ". 0:0(0) ack 1 win 60000");
    lab_out(&lab, 23 * SW_S, "R. 1:1(0) ack 1 win 60000");
    lab_events(&lab, "E");
    lab_fini(&lab);
}
END_TEST

START_TEST(no_keepalive_while_something_is_outstanding__must_26)
{
    accepted();
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_KEEPALIVE, 1), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_KEEPALIVE_IDLE, 10 * SW_S), 0);
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_run(&lab, 12 * SW_S);
    while (lab.count > 0) {
        lab_out(&lab, lab.heard_at[lab.first], "P. 1:1001(1000) ack 1 win 60000");
    }
    lab_fini(&lab);
}
END_TEST

START_TEST(a_keepalive_of_the_peers_is_answered)
{
    accepted();
    lab_in(&lab, ". 0:0(0) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

/* ---- orphans ---- */

START_TEST(an_orphan_in_fin_wait_2_is_let_go_after_60_s)
{
    accepted();
    sw_sock_close(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 0);
    lab_out(&lab, 0, "F. 1:1(0) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 2 win 65535");
    struct sw_host_stats stats;
    lab_run(&lab, 60 * SW_S - 1);
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_connections, 1);
    lab_run(&lab, 60 * SW_S);
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_connections, 0);
    lab_fini(&lab);
}
END_TEST

/* ---- acknowledgements ---- */

START_TEST(without_memory_an_acknowledgement_is_tried_again_40_ms_later)
{
    const struct lab_config config = {.pool_bytes = 16000};
    struct sw_frame *taken[64];
    unsigned n = 0;
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, NULL);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    while (n < 64 && (taken[n] = sw_frame_new(lab.world.env.pool)) != NULL) {
        n++;
    }
    ck_assert_uint_lt(n, 64);
    lab_run(&lab, 100 * SW_MS);
    lab_quiet(&lab);
    while (n > 0) {
        sw_frame_drop(taken[--n]);
    }
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 120 * SW_MS, ". 1:1(0) ack 11 win 59990");
    ck_assert_int_eq(lab_read(&lab, 100), 10);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_timer");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, the_earliest_segment_is_sent_again_and_again__rfc6298_5_4_5_5_5_6);
    tcase_add_test(tc, after_a_timeout_slow_start_sends_the_rest_again__rfc5681_3_1);
    tcase_add_test(tc, an_ack_of_new_text_restarts_the_timer__rfc6298_5_3);
    tcase_add_test(tc, a_duplicate_does_not_restart_it);
    tcase_add_test(tc, when_all_is_acknowledged_the_timer_is_off__rfc6298_5_2);
    tcase_add_test(tc, the_fin_is_sent_again);
    tcase_add_test(tc, after_three_retransmissions_the_next_hop_is_asked_after__must_20);
    tcase_add_test(tc, a_forged_neighbour_is_found_out_by_who_gets_no_answer);
    tcase_add_test(tc, after_15_retransmissions_it_is_given_up_with_a_rst__must_20);
    tcase_add_test(tc, the_user_can_set_when_it_is_given_up__must_21);
    tcase_add_test(tc, a_user_timeout_does_not_touch_an_idle_connection);
    tcase_add_test(tc, a_syn_is_tried_for_more_than_3_minutes__must_23);
    tcase_add_test(tc, a_syn_ack_too__must_22);
    tcase_add_test(tc, after_a_lost_syn_one_segment_and_3_s__rfc6298_5_7_rfc5681_3_1);
    tcase_add_test(tc, a_closed_window_is_probed_less_and_less_often__must_35_36);
    tcase_add_test(tc, a_single_octet_is_asked_with_as_well__must_36);
    tcase_add_test(tc, a_probe_may_be_taken);
    tcase_add_test(tc, as_long_as_probes_are_answered_it_stays_open__must_37);
    tcase_add_test(tc, a_silent_peer_is_given_up);
    tcase_add_test(tc, a_window_closed_over_what_is_under_way_is_probed);
    tcase_add_test(tc, a_fin_alone_is_probed_with);
    tcase_add_test(tc, keepalive_is_off_unless_asked_for__must_24_25);
    tcase_add_test(tc, after_2_hours_a_probe_and_nine_before_it_is_given_up__must_28_29);
    tcase_add_test(tc, an_answer_starts_the_count_anew__must_27);
    tcase_add_test(tc, no_keepalive_while_something_is_outstanding__must_26);
    tcase_add_test(tc, a_keepalive_of_the_peers_is_answered);
    tcase_add_test(tc, an_orphan_in_fin_wait_2_is_let_go_after_60_s);
    tcase_add_test(tc, without_memory_an_acknowledgement_is_tried_again_40_ms_later);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
