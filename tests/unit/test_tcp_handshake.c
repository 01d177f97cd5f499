/* Before a connection stands: RFC 9293 3.10.7.1 (CLOSED), 3.10.7.2 (LISTEN), 3.10.7.3 (SYN-SENT),
 * and what both sides agree on. */
#include <check.h>
#include <errno.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

/* ---- CLOSED ---- */

START_TEST(closed_answers_no_rst__rfc9293_3_10_7_1)
{
    lab_init(&lab, NULL);
    lab_in(&lab, "R 0:0(0) win 0");
    lab_in(&lab, "R. 0:0(0) ack 5 win 0");
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_NO_SOCKET), 2);
    lab_fini(&lab);
}
END_TEST

START_TEST(closed_acknowledges_what_it_resets__rfc9293_3_10_7_1)
{
    lab_init(&lab, NULL);
    lab_in(&lab, "S 0:0(0) win 65535");
    lab_out(&lab, 0, "R. 0:0(0) ack 1 win 0");
    lab_in(&lab, "SF 0:10(10) win 65535"); /* SYN, text and FIN: 12 numbers */
    lab_out(&lab, 0, "R. 0:0(0) ack 12 win 0");
    lab_fini(&lab);
}
END_TEST

START_TEST(closed_takes_the_number_of_an_ack__rfc9293_3_10_7_1)
{
    lab_init(&lab, NULL);
    lab_in(&lab, "P. 1:11(10) ack 77 win 65535");
    lab_out(&lab, 0, "R 77:77(0) win 0"); /* without ACK */
    lab_fini(&lab);
}
END_TEST

/* ---- LISTEN ---- */

START_TEST(listen_ignores_a_rst__rfc9293_3_10_7_2)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, "R 0:0(0) win 0");
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_LISTEN), 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(listen_resets_an_ack__rfc9293_3_10_7_2)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, ". 1:1(0) ack 500 win 65535");
    lab_out(&lab, 0, "R 500:500(0) win 0");
    lab_in(&lab, "S. 1:1(0) ack 500 win 65535");
    lab_out(&lab, 0, "R 500:500(0) win 0");
    lab_fini(&lab);
}
END_TEST

START_TEST(listen_answers_a_syn__rfc9293_3_10_7_2)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_events(&lab, ""); /* half open: nobody is told */
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    lab_quiet(&lab);
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    ck_assert_str_eq(lab_info(&lab).state, "ESTABLISHED");
    ck_assert_uint_eq(sw_sock_remote(lab.sock).port, 4000);
    ck_assert_uint_eq(sw_sock_local(lab.sock).port, 80);
    lab_fini(&lab);
}
END_TEST

START_TEST(listen_drops_what_is_neither__rfc9293_3_10_7_2)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, "F 0:0(0) win 65535");
    lab_in(&lab, "P 0:10(10) win 65535");
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_LISTEN), 2);
    lab_fini(&lab);
}
END_TEST

START_TEST(text_on_a_syn_comes_again_later)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:10(10) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>"); /* 1, not 11 */
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    ck_assert_int_eq(lab_read(&lab, 100), 10);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_syn_to_a_group_or_from_one_is_dropped__must_57_63)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab.peer_ip = 0x0a0000ff; /* 10.0.0.255, the net's broadcast */
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_quiet(&lab);
    lab.peer_ip = 0xe0000001;
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_syn_to_all_is_dropped__must_57)
{
    static const uint32_t all[] = {0x0a0000ff, 0xffffffff};
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    for (unsigned i = 0; i < 2; i++) {
        lab.host_ip = all[i];
        lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    }
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_ADDRESS), 2);
    lab.host_ip = 0xe0000001; /* IP takes no multicast that nobody has joined */
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_IP_NOT_FOR_US), 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_fin_with_the_last_ack_of_the_handshake__rfc9293_3_10_7_4)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_in(&lab, "F. 1:1(0) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 2 win 59999");
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    ck_assert_str_eq(lab_info(&lab).state, "CLOSE-WAIT");
    ck_assert_int_eq(lab_read(&lab, 10), 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(syn_received_returns_to_listen_on_a_rst__rfc9293_3_10_7_4)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 1);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_forget(&lab);
    lab_in(&lab, "R 1:1(0) win 0");
    lab_quiet(&lab);
    lab_events(&lab, "");
    lab_run(&lab, 1 * SW_MS);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>"); /* the only place is free again */
    lab_out(&lab, 1 * SW_MS, "S. 250:250(0) ack 1 win 60000 <mss 1460>");
    lab_fini(&lab);
}
END_TEST

START_TEST(syn_received_resets_an_ack_of_something_else__rfc9293_3_10_7_4)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 0 win 65535"); /* of our SYN's own number */
    lab_out(&lab, 0, "R 0:0(0) win 0");
    lab.host_isn = 0; /* numbers of a wrong guess */
    lab_in(&lab, ". 1:1(0) ack 12345 win 65535");
    lab_out(&lab, 0, "R 12345:12345(0) win 0");
    lab_events(&lab, "");
    lab_fini(&lab);
}
END_TEST

START_TEST(syn_received_answers_the_syn_again_when_it_comes_again)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_run(&lab, 300 * SW_MS);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 300 * SW_MS, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_fini(&lab);
}
END_TEST

START_TEST(another_syn_in_the_window_returns_to_listen__rfc9293_3_10_7_4)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_forget(&lab);
    lab_in(&lab, "S 500:500(0) win 65535 <mss 1460>");
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SYN), 1);
    struct sw_host_stats stats;
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_connections, 0);
    lab_fini(&lab);
}
END_TEST

/* Of a backlog of two both connections stand, and nobody has accepted them. */
START_TEST(a_full_backlog_drops_the_syn_without_a_word)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 2);
    for (uint16_t i = 0; i < 3; i++) {
        lab.peer_port = (uint16_t)(4000 + i);
        lab.host_known = false;
        lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
        if (i < 2) {
            ck_assert_uint_eq(lab_forget(&lab), 1);
            lab_in(&lab, ". 1:1(0) ack 1 win 65535");
        }
    }
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_BACKLOG), 1);
    lab_fini(&lab);
}
END_TEST

/* 4000 stands, 4001 and 4002 are half open: 4003 takes the place of 4001, whose late ACK is told
 * that there is nothing, and 4002 can still come to stand. */
START_TEST(in_a_full_backlog_the_oldest_half_open_one_gives_way__rfc4987_3_4)
{
    const struct lab_config config = {.syn_cookies = SW_TCP_COOKIES_OFF};
    lab_init(&lab, &config);
    lab_listen(&lab, 3);
    uint32_t isn[4];
    for (uint16_t i = 0; i < 4; i++) {
        lab.peer_port = (uint16_t)(4000 + i);
        lab.host_known = false;
        lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
        ck_assert_uint_eq(lab_forget(&lab), 1);
        isn[i] = lab.host_isn;
        if (i == 0) {
            lab_in(&lab, ". 1:1(0) ack 1 win 65535");
        }
    }
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_BACKLOG), 0);
    lab.peer_port = 4001;
    lab.host_isn = isn[1];
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    lab_out(&lab, 0, "R 1:1(0) win 0");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_NO_SOCKET), 1);
    lab.peer_port = 4002;
    lab.host_isn = isn[2];
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_NO_SOCKET), 1);
    struct sw_host_stats stats;
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_connections, 3);
    ck_assert_uint_eq(stats.tcp_half_open, 1);
    ck_assert_uint_eq(stats.tcp_half_open_evicted, 1);
    ck_assert_uint_eq(stats.tcp_cookies_sent, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_is_accepted_makes_room_in_the_backlog)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 1);
    lab_accept(&lab, 65535, NULL);
    struct sw_sock *first = lab.sock;
    lab.peer_port = 4001;
    lab.host_known = false;
    lab_accept(&lab, 65535, NULL);
    sw_sock_abort(first);
    lab_run(&lab, 0);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(connections_are_bounded)
{
    const struct lab_config config = {.max_connections = 2};
    lab_init(&lab, &config);
    lab_listen(&lab, 8);
    for (uint16_t i = 0; i < 3; i++) {
        lab.peer_port = (uint16_t)(4000 + i);
        lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    }
    ck_assert_uint_eq(lab_forget(&lab), 2);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_BACKLOG), 1);
    struct sw_sock *sock;
    ck_assert_int_eq(sw_sock_open(&sock, lab.host, SW_TCP, NULL, NULL), 0);
    const struct sw_endpoint to = {.ip = sw_ip_v4(0x0a000002), .port = 9};
    ck_assert_int_eq(sw_sock_connect(sock, to), -ENOMEM);
    sw_sock_close(sock);
    lab_fini(&lab);
}
END_TEST

/* ---- SYN-SENT ---- */

START_TEST(connect_sends_a_syn)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    ck_assert_str_eq(lab_info(&lab).state, "SYN-SENT");
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_events(&lab, "C");
    ck_assert_str_eq(lab_info(&lab).state, "ESTABLISHED");
    lab_fini(&lab);
}
END_TEST

START_TEST(syn_sent_resets_an_ack_that_is_not_for_its_syn__rfc9293_3_10_7_3)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_in(&lab, "S. 0:0(0) ack 0 win 65535 <mss 1460>");
    lab_out(&lab, 0, "R 0:0(0) win 0");
    lab_in(&lab, "S. 0:0(0) ack 2 win 65535 <mss 1460>");
    lab_out(&lab, 0, "R 2:2(0) win 0");
    lab_in(&lab, "R. 0:0(0) ack 2 win 0"); /* a RST is not answered, nor believed */
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_ACK), 3);
    ck_assert_str_eq(lab_info(&lab).state, "SYN-SENT");
    lab_fini(&lab);
}
END_TEST

START_TEST(syn_sent_is_refused_by_a_rst_with_its_ack__rfc9293_3_10_7_3)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_forget(&lab);
    lab_in(&lab, "R 0:0(0) win 0"); /* without an ACK: dropped */
    lab_events(&lab, "");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_RST), 1);
    lab_fini(&lab);

    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_in(&lab, "R. 0:0(0) ack 1 win 0");
    lab_quiet(&lab);
    lab_events(&lab, "E");
    ck_assert_int_eq(sw_sock_error(lab.sock), -ECONNREFUSED);
    ck_assert_int_eq(lab_read(&lab, 10), -ECONNREFUSED);
    ck_assert_int_eq(lab_write(&lab, 10), -ECONNREFUSED);
    lab_fini(&lab);
}
END_TEST

START_TEST(syn_sent_drops_what_is_neither_syn_nor_rst__rfc9293_3_10_7_3)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SYN), 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(both_open_at_once__must_10)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    ck_assert_str_eq(lab_info(&lab).state, "SYN-RECEIVED");
    lab_events(&lab, "");
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
    lab_events(&lab, "C");
    ck_assert_str_eq(lab_info(&lab).state, "ESTABLISHED");
    ck_assert_int_eq(lab_write(&lab, 5), 5);
    lab_out(&lab, 0, "P. 1:6(5) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(after_both_opened_a_bare_ack_will_do)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    lab_events(&lab, "C");
    lab_fini(&lab);
}
END_TEST

START_TEST(an_active_opener_knows_that_it_was_refused__must_11)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_forget(&lab);
    lab_in(&lab, "R 1:1(0) win 0"); /* in SYN-RECEIVED */
    lab_events(&lab, "E");
    ck_assert_int_eq(sw_sock_error(lab.sock), -ECONNREFUSED);
    lab_fini(&lab);
}
END_TEST

START_TEST(text_with_the_syn_ack_is_taken__rfc9293_3_10_7_3)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_in(&lab, "S. 0:20(20) ack 1 win 65535 <mss 1460>");
    lab_out(&lab, 0, ". 1:1(0) ack 21 win 59980");
    lab_events(&lab, "CR");
    ck_assert_int_eq(lab_read(&lab, 100), 20);
    lab_fini(&lab);
}
END_TEST

START_TEST(text_may_be_queued_before_the_connection_stands__rfc9293_3_10_2)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    ck_assert_int_eq(lab_write(&lab, 2000), 2000);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_quiet(&lab);
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
    lab_out(&lab, 0, ". 1:1461(1460) ack 1 win 60000");
    lab_out(&lab, 0, "FP. 1461:2001(540) ack 1 win 60000");
    ck_assert_str_eq(lab_info(&lab).state, "FIN-WAIT-1");
    lab_fini(&lab);
}
END_TEST

/* ---- options ---- */

START_TEST(without_an_mss_536_is_sent__must_15)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, "");
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 536);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_smaller_of_the_peers_mss_and_the_paths_is_sent__must_16)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, "<mss 9000>");
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1460);
    lab_fini(&lab);
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, "<mss 700>");
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 700);
    lab_fini(&lab);
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, "<mss 1>");
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 48);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_mss_named_follows_the_interface__must_14_67)
{
    const struct lab_config config = {.mtu_bytes = 600};
    lab_init(&lab, &config);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 560>");
    lab_fini(&lab);
}
END_TEST

START_TEST(options_are_offered_and_agreed_on__rfc7323_2_2_3_2)
{
    const struct lab_config config = {
        .timestamps = true, .scaling = true, .receive_buffer = 1 << 20};
    lab_init(&lab, &config);
    lab_run(&lab, 20 * SW_MS);
    lab_connect(&lab);
    lab_out(&lab, 20 * SW_MS, "S 0:0(0) win 65535 <mss 1460,ts 20 0,ws 5>"); /* TSecr 0 */
    lab_in(&lab, "S. 0:0(0) ack 1 win 1000 <mss 1460,ts 7000 20,ws 3>");
    /* 1 MiB in units of 32; options are taken off the text. */
    lab_out(&lab, 20 * SW_MS, ". 1:1(0) ack 1 win 32768 <ts 20 7000>");
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1448);
    /* The window of the SYN itself was 1,000 bytes, unscaled. */
    ck_assert_int_eq(lab_write(&lab, 5000), 5000);
    lab_out(&lab, 20 * SW_MS, ". 1:1001(1000) ack 1 win 32768 <ts 20 7000>");
    lab_in(&lab, ". 1:1(0) ack 1001 win 1000 <ts 7000 20>"); /* 8,000 bytes now */
    lab_out(&lab, 20 * SW_MS, ". 1001:2449(1448) ack 1 win 32768 <ts 20 7000>");
    lab_out(&lab, 20 * SW_MS, ". 2449:3897(1448) ack 1 win 32768 <ts 20 7000>");
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_option_that_only_we_offer_is_not_used__rfc7323_2_2_3_2)
{
    const struct lab_config config = {
        .timestamps = true, .scaling = true, .receive_buffer = 1 << 20};
    lab_init(&lab, &config);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 65535 <mss 1460,ts 0 0,ws 5>");
    lab_in(&lab, "S. 0:0(0) ack 1 win 1000 <mss 1460>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 65535");
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1460);
    lab_fini(&lab);
}
END_TEST

START_TEST(behind_the_handshake_a_scale_means_nothing__rfc7323_2_2)
{
    const struct lab_config config = {.scaling = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 1000, "<mss 1000,ws 0>");
    lab_in(&lab, ". 1:1(0) ack 1 win 1000 <ws 7>");
    ck_assert_int_eq(lab_write(&lab, 5000), 5000);
    lab_out(&lab, 0, ". 1:1001(1000) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 1001 win 1000");
    lab_out(&lab, 0, ". 1001:2001(1000) ack 1 win 60000");
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_the_syn_lacked_the_answer_lacks__rfc7323_3_2)
{
    const struct lab_config config = {
        .timestamps = true, .scaling = true, .receive_buffer = 1 << 20};
    lab_init(&lab, &config);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
    lab_fini(&lab);
    lab_init(&lab, &config);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460,ts 55 0,sackOK,ws 2>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 65535 <mss 1460,ts 0 55,ws 5>");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_connection_to_oneself_stands)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    struct sw_sock *a, *b;
    ck_assert_int_eq(sw_sock_open(&a, lab.host, SW_TCP, NULL, NULL), 0);
    const struct sw_endpoint to = {.ip = sw_ip_v4(0x7f000001), .port = LAB_PORT};
    ck_assert_int_eq(sw_sock_connect(a, to), 0);
    lab_run(&lab, 10 * SW_US);
    ck_assert_int_eq(sw_sock_accept(&b, lab.listener, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_send(a, "hello", 5), 5);
    lab_run(&lab, 20 * SW_US);
    char text[8] = "";
    ck_assert_int_eq(sw_sock_recv(b, text, sizeof(text)), 5);
    ck_assert_str_eq(text, "hello");
    sw_sock_close(a);
    sw_sock_close(b);
    lab_run(&lab, 200 * SW_S);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_handshake");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, closed_answers_no_rst__rfc9293_3_10_7_1);
    tcase_add_test(tc, closed_acknowledges_what_it_resets__rfc9293_3_10_7_1);
    tcase_add_test(tc, closed_takes_the_number_of_an_ack__rfc9293_3_10_7_1);
    tcase_add_test(tc, listen_ignores_a_rst__rfc9293_3_10_7_2);
    tcase_add_test(tc, listen_resets_an_ack__rfc9293_3_10_7_2);
    tcase_add_test(tc, listen_answers_a_syn__rfc9293_3_10_7_2);
    tcase_add_test(tc, listen_drops_what_is_neither__rfc9293_3_10_7_2);
    tcase_add_test(tc, text_on_a_syn_comes_again_later);
    tcase_add_test(tc, a_syn_to_a_group_or_from_one_is_dropped__must_57_63);
    tcase_add_test(tc, a_syn_to_all_is_dropped__must_57);
    tcase_add_test(tc, a_fin_with_the_last_ack_of_the_handshake__rfc9293_3_10_7_4);
    tcase_add_test(tc, syn_received_returns_to_listen_on_a_rst__rfc9293_3_10_7_4);
    tcase_add_test(tc, syn_received_resets_an_ack_of_something_else__rfc9293_3_10_7_4);
    tcase_add_test(tc, syn_received_answers_the_syn_again_when_it_comes_again);
    tcase_add_test(tc, another_syn_in_the_window_returns_to_listen__rfc9293_3_10_7_4);
    tcase_add_test(tc, a_full_backlog_drops_the_syn_without_a_word);
    tcase_add_test(tc, in_a_full_backlog_the_oldest_half_open_one_gives_way__rfc4987_3_4);
    tcase_add_test(tc, what_is_accepted_makes_room_in_the_backlog);
    tcase_add_test(tc, connections_are_bounded);
    tcase_add_test(tc, connect_sends_a_syn);
    tcase_add_test(tc, syn_sent_resets_an_ack_that_is_not_for_its_syn__rfc9293_3_10_7_3);
    tcase_add_test(tc, syn_sent_is_refused_by_a_rst_with_its_ack__rfc9293_3_10_7_3);
    tcase_add_test(tc, syn_sent_drops_what_is_neither_syn_nor_rst__rfc9293_3_10_7_3);
    tcase_add_test(tc, both_open_at_once__must_10);
    tcase_add_test(tc, after_both_opened_a_bare_ack_will_do);
    tcase_add_test(tc, an_active_opener_knows_that_it_was_refused__must_11);
    tcase_add_test(tc, text_with_the_syn_ack_is_taken__rfc9293_3_10_7_3);
    tcase_add_test(tc, text_may_be_queued_before_the_connection_stands__rfc9293_3_10_2);
    tcase_add_test(tc, without_an_mss_536_is_sent__must_15);
    tcase_add_test(tc, the_smaller_of_the_peers_mss_and_the_paths_is_sent__must_16);
    tcase_add_test(tc, the_mss_named_follows_the_interface__must_14_67);
    tcase_add_test(tc, options_are_offered_and_agreed_on__rfc7323_2_2_3_2);
    tcase_add_test(tc, an_option_that_only_we_offer_is_not_used__rfc7323_2_2_3_2);
    tcase_add_test(tc, behind_the_handshake_a_scale_means_nothing__rfc7323_2_2);
    tcase_add_test(tc, what_the_syn_lacked_the_answer_lacks__rfc7323_3_2);
    tcase_add_test(tc, a_connection_to_oneself_stands);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
