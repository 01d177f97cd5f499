/* What a connection tells of itself. Each count is told apart from its neighbours. */
#include <check.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

/* A connection with all options, the peer's segments of 1,000 and its answers 100 ms later. */
static void begin(void)
{
    lab_init(&lab, &(struct lab_config){.sack = true, .scaling = true, .receive_buffer = 1 << 20});
    lab_listen(&lab, 8);
    lab_in(&lab, "SEW 0:0(0) win 60000 <mss 1000,sackOK,ws 3>");
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_run(&lab, 100 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 7500");
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
}

static void end(void)
{
    lab_forget(&lab);
    lab_fini(&lab);
}

static void near(sw_time time, sw_time expected, sw_time off)
{
    ck_assert_msg(time >= expected - off && time <= expected + off, "%lld, expected about %lld",
                  (long long)time, (long long)expected);
}

START_TEST(what_was_agreed_on)
{
    begin();
    const struct sw_sock_info info = lab_info(&lab);
    ck_assert_str_eq(info.state, "ESTABLISHED");
    ck_assert(info.sack && info.scaling && info.ecn && !info.timestamps && !info.ecn_seen);
    ck_assert_uint_eq(info.snd_wscale, 3);
    ck_assert_uint_eq(info.rcv_wscale, 5);
    ck_assert_uint_eq(info.mss_bytes, 1000);
    ck_assert_uint_eq(info.advertised_mss_bytes, 1460);
    ck_assert_uint_eq(info.path_mtu_bytes, 1500);
    ck_assert_uint_eq(info.snd_wnd_bytes, 60000);
    ck_assert_uint_eq(info.rcv_wnd_bytes, 65535);
    ck_assert_int_eq(info.srtt, 100 * SW_MS);
    ck_assert_int_eq(info.rttvar, 50 * SW_MS);
    ck_assert_int_eq(info.min_rtt, 100 * SW_MS);
    ck_assert_int_eq(info.rto, 300 * SW_MS);
    ck_assert_int_eq(info.ack_delay, 40 * SW_MS);
    ck_assert_uint_eq(info.reordering, 3);
    ck_assert_int_eq(info.ca_state, SW_TCP_CA_OPEN);
    end();
}
END_TEST

START_TEST(a_listener_tells_nothing_of_a_way)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab.sock = lab.listener;
    const struct sw_sock_info info = lab_info(&lab);
    lab.sock = NULL;
    ck_assert_str_eq(info.state, "LISTEN");
    ck_assert_uint_eq(info.path_mtu_bytes, 0);
    ck_assert_int_eq(info.since_data_sent, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_shortest_round_trip_is_kept)
{
    begin();
    lab_write(&lab, 1000);
    lab_run(&lab, 130 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1001 win 7500");
    lab_write(&lab, 1000);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 2001 win 7500");
    ck_assert_int_eq(lab_info(&lab).min_rtt, 30 * SW_MS);
    end();
}
END_TEST

START_TEST(what_was_sent_is_counted_with_what_was_sent_again)
{
    begin();
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_NODELAY, 1), 0);
    lab_write(&lab, 12500);
    ck_assert_uint_eq(lab_forget(&lab), 10);
    struct sw_sock_info info = lab_info(&lab);
    ck_assert_uint_eq(info.bytes_sent, 10000);
    ck_assert_uint_eq(info.unsent_bytes, 2500);
    ck_assert_uint_eq(info.unacked, 10);
    ck_assert_uint_eq(info.delivered, 0);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 7500 <sack 3001-7001>");
    info = lab_info(&lab);
    ck_assert_uint_eq(lab_forget(&lab), 2); /* of three that are lost */
    ck_assert_int_eq(info.ca_state, SW_TCP_CA_RECOVERY);
    ck_assert_uint_eq(info.sacked, 4);
    ck_assert_uint_eq(info.lost, 3);
    ck_assert_uint_eq(info.resent, 2);
    ck_assert_uint_eq(info.delivered, 4);
    ck_assert_uint_eq(info.bytes_retransmitted, 2000);
    ck_assert_uint_eq(info.bytes_sent, 12000);
    ck_assert_uint_eq(info.data_segments_out, 12);
    ck_assert_uint_eq(info.segments_out, 13); /* and the SYN,ACK */
    ck_assert_uint_eq(info.retransmits, 2);
    lab_in(&lab, ". 1:1(0) ack 10001 win 7500");
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 12501 win 7500");
    info = lab_info(&lab);
    ck_assert_uint_eq(info.bytes_acked, 12500);
    ck_assert_uint_eq(info.delivered, 13);
    ck_assert_uint_eq(info.unacked, 0);
    ck_assert_int_eq(info.ca_state, SW_TCP_CA_OPEN);
    end();
}
END_TEST

START_TEST(a_syn_sent_again_is_no_text)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_run(&lab, SW_S);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    lab_in(&lab, "S. 0:0(0) ack 1 win 60000 <mss 1000>");
    lab_write(&lab, 1000);
    lab_in(&lab, ". 1:1(0) ack 1001 win 60000");
    const struct sw_sock_info info = lab_info(&lab);
    ck_assert_uint_eq(info.retransmits, 1);
    ck_assert_uint_eq(info.bytes_retransmitted, 0);
    ck_assert_uint_eq(info.data_segments_out, 1);
    ck_assert_uint_eq(info.delivered, 1);
    end();
}
END_TEST

START_TEST(what_came_is_counted_and_what_came_early)
{
    begin();
    lab_in(&lab, ". 1:501(500) ack 1 win 7500 [ect0]");
    lab_in(&lab, ". 1001:1301(300) ack 1 win 7500");
    lab_in(&lab, ". 1301:1401(100) ack 1 win 7500");
    lab_in(&lab, ". 501:501(0) ack 1 win 7500");
    const struct sw_sock_info info = lab_info(&lab);
    ck_assert_uint_eq(info.bytes_received, 500);
    ck_assert_uint_eq(info.data_segments_in, 3);
    ck_assert_uint_eq(info.segments_in, 5); /* and the ACK of the SYN, and the last */
    ck_assert_uint_eq(info.out_of_order, 2);
    ck_assert_uint_eq(info.received_mss_bytes, 500);
    ck_assert(info.ecn_seen);
    end();
}
END_TEST

START_TEST(times_since_the_last_of_each)
{
    begin();
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ". 1:501(500) ack 1 win 7500");
    lab_run(&lab, 300 * SW_MS);
    lab_write(&lab, 100);
    lab_run(&lab, 350 * SW_MS);
    lab_in(&lab, ". 501:501(0) ack 101 win 7500");
    lab_run(&lab, SW_S);
    const struct sw_sock_info info = lab_info(&lab);
    near(info.since_data_received, 800 * SW_MS, 2 * SW_MS);
    ck_assert_int_eq(info.since_data_sent, 700 * SW_MS);
    ck_assert_int_eq(info.since_ack_received, 650 * SW_MS);
    end();
}
END_TEST

START_TEST(busy_is_from_the_first_byte_to_the_last_acknowledgement)
{
    begin();
    lab_run(&lab, 200 * SW_MS);
    lab_write(&lab, 1000);
    lab_run(&lab, 250 * SW_MS);
    near(lab_info(&lab).busy, 50 * SW_MS, SW_MS); /* it has not ended yet */
    lab_in(&lab, ". 1:1(0) ack 1001 win 7500");
    lab_run(&lab, SW_S);
    lab_write(&lab, 1000);
    lab_run(&lab, 1020 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 2001 win 7500");
    lab_run(&lab, 2 * SW_S);
    near(lab_info(&lab).busy, 70 * SW_MS, SW_MS);
    ck_assert_int_eq(lab_info(&lab).window_limited, 0);
    ck_assert_int_eq(lab_info(&lab).buffer_limited, 0);
    end();
}
END_TEST

START_TEST(while_the_peers_window_is_full_it_is_that)
{
    begin();
    lab_in(&lab, ". 1:1(0) ack 1 win 250"); /* 2,000 */
    lab_write(&lab, 5000);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    lab_run(&lab, 180 * SW_MS);
    near(lab_info(&lab).window_limited, 80 * SW_MS, SW_MS);
    lab_in(&lab, ". 1:1(0) ack 2001 win 7500");
    ck_assert_uint_eq(lab_forget(&lab), 3);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 5001 win 7500");
    near(lab_info(&lab).window_limited, 80 * SW_MS, SW_MS);
    near(lab_info(&lab).busy, 100 * SW_MS, SW_MS);
    end();
}
END_TEST

START_TEST(while_the_congestion_window_is_full_it_is_not_the_peers)
{
    begin();
    lab_in(&lab, ". 1:1(0) ack 1 win 1250"); /* 10,000, as cwnd */
    lab_write(&lab, 50000);
    ck_assert_uint_eq(lab_forget(&lab), 10);
    lab_run(&lab, 180 * SW_MS);
    ck_assert_int_eq(lab_info(&lab).window_limited, 0);
    near(lab_info(&lab).busy, 80 * SW_MS, SW_MS);
    end();
}
END_TEST

START_TEST(while_all_that_fits_the_buffer_is_out_it_is_that)
{
    begin();
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_SEND_BUFFER, 4096), 0);
    ck_assert_int_eq(lab_write(&lab, 5000), 4096);
    ck_assert_uint_eq(lab_forget(&lab), 4); /* the rest waits, by Nagle's rule */
    lab_run(&lab, 150 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1001 win 7500");
    lab_run(&lab, 160 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 4001 win 7500");
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_in(&lab, ". 1:1(0) ack 4097 win 7500");
    ck_assert_int_eq(lab_info(&lab).buffer_limited, 0); /* there was something to send */
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_NODELAY, 1), 0);
    ck_assert_int_eq(lab_write(&lab, 5000), 4096);
    ck_assert_uint_eq(lab_forget(&lab), 5);
    lab_in(&lab, ". 1:1(0) ack 5097 win 7500"); /* 3,096 are out, the user waits */
    lab_run(&lab, 190 * SW_MS);
    near(lab_info(&lab).buffer_limited, 30 * SW_MS, SW_MS);
    end();
}
END_TEST

START_TEST(timeouts_are_counted_until_one_is_answered)
{
    begin();
    lab_write(&lab, 2000);
    lab_run(&lab, 2500 * SW_MS);
    struct sw_sock_info info = lab_info(&lab);
    lab_forget(&lab);
    ck_assert_int_eq(info.ca_state, SW_TCP_CA_LOSS);
    ck_assert_uint_eq(info.timeouts, 3); /* a probe at 300 ms, then at 0.6, 1.2 and 2.4 s */
    ck_assert_uint_eq(info.backoff, 3);
    ck_assert_uint_eq(info.probes, 0);
    lab_in(&lab, ". 1:1(0) ack 1001 win 7500");
    info = lab_info(&lab);
    ck_assert_int_eq(info.ca_state, SW_TCP_CA_LOSS); /* the second byte was out, too */
    ck_assert_uint_eq(info.timeouts, 0);
    lab_in(&lab, ". 1:1(0) ack 2001 win 7500");
    ck_assert_int_eq(lab_info(&lab).ca_state, SW_TCP_CA_OPEN);
    end();
}
END_TEST

START_TEST(questions_to_a_closed_window_are_counted_by_themselves)
{
    begin();
    lab_in(&lab, ". 1:1(0) ack 1 win 0");
    lab_write(&lab, 2000);
    lab_run(&lab, 2 * SW_S);
    const struct sw_sock_info info = lab_info(&lab);
    ck_assert_uint_eq(info.timeouts, 0);
    ck_assert_uint_ge(info.probes, 2);
    ck_assert_uint_eq(info.backoff, info.probes);
    ck_assert_uint_eq(info.snd_wnd_bytes, 0);
    end();
}
END_TEST

START_TEST(disorder_is_before_a_loss_is_found)
{
    begin();
    lab_write(&lab, 10000);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 7500 <sack 1001-2001>");
    ck_assert_int_eq(lab_info(&lab).ca_state, SW_TCP_CA_DISORDER);
    lab_in(&lab, ". 1:1(0) ack 2001 win 7500"); /* late, and not lost */
    const struct sw_sock_info info = lab_info(&lab);
    ck_assert_int_eq(info.ca_state, SW_TCP_CA_OPEN);
    ck_assert_uint_eq(info.reord_seen, 1);
    lab_in(&lab, ". 1:1(0) ack 10001 win 7500");
    ck_assert_uint_eq(lab_info(&lab).reord_seen, 1); /* when nothing is out, too */
    end();
}
END_TEST

START_TEST(marks_are_counted_in_segments)
{
    begin();
    lab_write(&lab, 10000);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ".E 1:1(0) ack 2001 win 7500");
    struct sw_sock_info info = lab_info(&lab);
    ck_assert_int_eq(info.ca_state, SW_TCP_CA_CWR);
    ck_assert_uint_eq(info.delivered_ce, 2);
    lab_in(&lab, ".E 1:1(0) ack 2001 win 7500 <sack 3001-4001>");
    ck_assert_uint_eq(lab_info(&lab).delivered_ce, 3);
    lab_in(&lab, ". 1:1(0) ack 10001 win 7500");
    info = lab_info(&lab);
    ck_assert_uint_eq(info.delivered_ce, 3);
    ck_assert_uint_eq(info.delivered, 10);
    ck_assert_int_eq(info.ca_state, SW_TCP_CA_OPEN);
    end();
}
END_TEST

START_TEST(what_the_peer_had_twice_is_counted)
{
    begin();
    lab_write(&lab, 10000);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 3001 win 7500 <sack 1001-2001>");
    ck_assert_uint_eq(lab_info(&lab).dsack_dups, 1);
    lab_in(&lab, ". 1:1(0) ack 10001 win 7500");
    end();
}
END_TEST

START_TEST(rates_of_what_is_paced_and_measured)
{
    begin();
    ck_assert_uint_eq(lab_info(&lab).pacing_bps, 0);
    ck_assert_uint_eq(lab_info(&lab).most_pacing_bps, 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_PACING, 80000000), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_CONGESTION, SW_TCP_BBR), 0);
    lab_write(&lab, 9000);
    lab_run(&lab, 150 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 9);
    struct sw_sock_info info = lab_info(&lab);
    ck_assert_uint_eq(info.most_pacing_bps, 80000000);
    ck_assert_uint_gt(info.pacing_bps, 0);
    ck_assert_uint_le(info.pacing_bps, 80000000);
    ck_assert_uint_eq(info.delivery_bps, 0);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 9001 win 7500");
    info = lab_info(&lab);
    ck_assert_uint_eq(info.delivery_bps, 720000); /* 9,000 bytes in the 100 ms since they went */
    ck_assert(!info.delivery_limited);            /* all of that was there when it began */
    lab_write(&lab, 1000);
    lab_run(&lab, 300 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 10001 win 7500");
    ck_assert_uint_eq(lab_info(&lab).delivery_bps, 720000); /* not what a single segment told */
    end();
}
END_TEST

START_TEST(a_fin_is_out_and_no_text)
{
    begin();
    lab_write(&lab, 1000);
    lab_in(&lab, ". 1:1(0) ack 1001 win 7500");
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 100 * SW_MS);
    ck_assert_uint_eq(lab_info(&lab).delivered, 1);
    ck_assert_uint_eq(lab_info(&lab).unacked, 1);
    end();
}
END_TEST

START_TEST(the_receivers_round_trip_is_the_age_of_what_text_echoes)
{
    lab_init(&lab, &(struct lab_config){.timestamps = true, .tuned = true});
    lab_accept(&lab, 60000, "<mss 1000,ts 50 0>");
    ck_assert_int_eq(lab_info(&lab).receiver_rtt, 0);
    lab_run(&lab, 300 * SW_MS);
    lab_in(&lab, ". 1:1001(1000) ack 1 win 60000 <ts 60 200>");
    ck_assert_int_eq(lab_read(&lab, 1000), 1000);
    near(lab_info(&lab).receiver_rtt, 100 * SW_MS, 2 * SW_MS);
    ck_assert_uint_gt(lab_info(&lab).receiver_space_bytes, 0);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_info");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, what_was_agreed_on);
    tcase_add_test(tc, a_listener_tells_nothing_of_a_way);
    tcase_add_test(tc, the_shortest_round_trip_is_kept);
    tcase_add_test(tc, what_was_sent_is_counted_with_what_was_sent_again);
    tcase_add_test(tc, a_syn_sent_again_is_no_text);
    tcase_add_test(tc, what_came_is_counted_and_what_came_early);
    tcase_add_test(tc, times_since_the_last_of_each);
    tcase_add_test(tc, busy_is_from_the_first_byte_to_the_last_acknowledgement);
    tcase_add_test(tc, while_the_peers_window_is_full_it_is_that);
    tcase_add_test(tc, while_the_congestion_window_is_full_it_is_not_the_peers);
    tcase_add_test(tc, while_all_that_fits_the_buffer_is_out_it_is_that);
    tcase_add_test(tc, timeouts_are_counted_until_one_is_answered);
    tcase_add_test(tc, questions_to_a_closed_window_are_counted_by_themselves);
    tcase_add_test(tc, disorder_is_before_a_loss_is_found);
    tcase_add_test(tc, marks_are_counted_in_segments);
    tcase_add_test(tc, what_the_peer_had_twice_is_counted);
    tcase_add_test(tc, rates_of_what_is_paced_and_measured);
    tcase_add_test(tc, a_fin_is_out_and_no_text);
    tcase_add_test(tc, the_receivers_round_trip_is_the_age_of_what_text_echoes);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
