/* Segment arrival in the synchronized states: RFC 9293 3.10.7.4 up to the ACK field, RFC 7323 5,
 * RFC 5961; ICMP. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

static void accepted(void)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
}

/* Timestamps agreed on; the peer's stands at 1,000. */
static void accepted_with_timestamps(void)
{
    const struct lab_config config = {.timestamps = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1460,ts 1000 0>");
}

/* ---- the header ---- */

START_TEST(a_wrong_checksum_is_dropped__must_3)
{
    accepted();
    lab.mangle = 0x0100;
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    lab_events(&lab, "");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_CHECKSUM), 1);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    lab_events(&lab, "R");
    lab_fini(&lab);
}
END_TEST

START_TEST(an_mss_is_taken_in_any_segment_and_means_nothing_there__must_5)
{
    accepted();
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <mss 100>");
    lab_events(&lab, "R");
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1460);
    lab_fini(&lab);
}
END_TEST

START_TEST(ip_options_are_passed_over__must_50)
{
    static const uint8_t options[8] = {0x94, 4, 0, 0, 0x5e, 4, 0xff, 0xff}; /* nobody's */
    accepted();
    memcpy(lab.ip_options, options, sizeof(options));
    lab.ip_option_bytes = sizeof(options);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    lab_events(&lab, "R");
    ck_assert_int_eq(lab_read(&lab, 100), 10);
    lab_fini(&lab);
}
END_TEST

/* ---- first: the sequence number ---- */

START_TEST(before_the_window_is_acknowledged_and_dropped__rfc9293_3_10_7_4)
{
    accepted();
    lab_in(&lab, "P. 1:101(100) ack 1 win 65535");
    lab_in(&lab, "P. 1:101(100) ack 1 win 65535"); /* again */
    lab_out(&lab, 0, ". 1:1(0) ack 101 win 59900");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SEQUENCE), 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(behind_the_window_is_acknowledged_and_dropped__rfc9293_3_10_7_4)
{
    accepted();
    lab_in(&lab, "P. 60001:60101(100) ack 1 win 65535"); /* the first number not offered */
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_in(&lab, ". 60001:60001(0) ack 1 win 65535"); /* without text */
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_in(&lab, ". 60000:60000(0) ack 1 win 65535"); /* the last number in it */
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SEQUENCE), 2);
    lab_fini(&lab);
}
END_TEST

START_TEST(half_the_space_away_is_as_far_out_as_it_gets__rfc9293_3_10_7_4)
{
    accepted();
    lab_in(&lab, ". 2147483649:2147483649(0) ack 1 win 65535"); /* 2^31 from the next one */
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_in(&lab, "P. 2147483649:2147483749(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_in(&lab, ". 2147543648:2147543648(0) ack 1 win 65535"); /* from the window's last one */
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SEQUENCE), 3);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_closed_window_takes_only_what_begins_at_it__rfc9293_3_10_7_4)
{
    const struct lab_config config = {.receive_buffer = 4096};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, NULL);
    lab_in(&lab, "P. 1:1461(1460) ack 1 win 65535");
    lab_in(&lab, "P. 1461:2921(1460) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 2921 win 1176");
    lab_in(&lab, "P. 2921:4097(1176) ack 1 win 65535");
    lab_run(&lab, 40 * SW_MS);
    lab_out(&lab, 40 * SW_MS, ". 1:1(0) ack 4097 win 0");
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 40 * SW_MS, "P. 1:11(10) ack 4097 win 0");
    /* Text beyond a closed window: refused, but its ACK counts (MUST-66). */
    lab_in(&lab, "P. 4097:4098(1) ack 11 win 65535");
    lab_out(&lab, 40 * SW_MS, ". 11:11(0) ack 4097 win 0");
    ck_assert_uint_eq(lab_info(&lab).flight_bytes, 0);
    /* One number further it is refused whole. */
    lab_in(&lab, "P. 4098:4099(1) ack 11 win 65535");
    lab_out(&lab, 40 * SW_MS, ". 11:11(0) ack 4097 win 0");
    /* A RST is believed (MUST-66). */
    lab_events(&lab, "RRR");
    lab_in(&lab, "R 4097:4097(0) win 0");
    lab_events(&lab, "E");
    lab_fini(&lab);
}
END_TEST

START_TEST(text_is_cut_to_the_window_at_both_ends__rfc9293_3_10_7_4)
{
    const struct lab_config config = {.receive_buffer = 4096};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, NULL);
    lab_in(&lab, "P. 1:1001(1000) ack 1 win 65535");
    lab_in(&lab, "P. 501:1501(1000) ack 1 win 65535"); /* 500 old, 500 new */
    lab_out(&lab, 0, ". 1:1(0) ack 1501 win 2596");
    lab_in(&lab, "P. 1501:3501(2000) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 3501 win 596");       /* longer than ours: it counts for two */
    lab_in(&lab, "PF. 3501:4501(1000) ack 1 win 65535"); /* 596 fit, the rest and the FIN do not */
    lab_out(&lab, 0, ". 1:1(0) ack 4097 win 0");
    ck_assert_int_eq(lab_read(&lab, 5000), 4096);
    lab_out(&lab, 0, ". 1:1(0) ack 4097 win 4096");
    ck_assert_str_eq(lab_info(&lab).state, "ESTABLISHED");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_segment_over_the_whole_window_is_cut_at_both_ends)
{
    const struct lab_config config = {.receive_buffer = 4096};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, NULL);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    lab_in(&lab, "PF. 1:9001(9000) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 4097 win 0");
    ck_assert_int_eq(lab_read(&lab, 9000), 4096);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(ack_loops_come_to_rest__rfc5961_7)
{
    accepted();
    for (unsigned i = 0; i < 100; i++) {
        lab_in(&lab, ". 60001:60001(0) ack 1 win 65535");
    }
    ck_assert_uint_eq(lab_forget(&lab), 10);
    lab_run(&lab, 5 * SW_S);
    lab_in(&lab, ". 60001:60001(0) ack 1 win 65535");
    lab_out(&lab, 5 * SW_S, ". 1:1(0) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

/* ---- RFC 7323 ---- */

START_TEST(an_older_timestamp_is_refused_before_anything_else__rfc7323_5_3_r1)
{
    accepted_with_timestamps();
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <ts 1005 0>");
    lab_events(&lab, "R");
    lab_in(&lab, "P. 11:21(10) ack 1 win 65535 <ts 1004 0>"); /* in the window, but old */
    lab_out(&lab, 0, ". 1:1(0) ack 11 win 59990 <ts 0 1005>");
    lab_events(&lab, "");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_PAWS), 1);
    lab_in(&lab, "P. 11:21(10) ack 1 win 65535 <ts 1005 0>"); /* equal is not old */
    lab_events(&lab, "R");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_rst_needs_no_timestamp_and_is_not_held_to_it__rfc7323_5_3_r1)
{
    accepted_with_timestamps();
    lab_in(&lab, "R 1:1(0) win 0");
    lab_events(&lab, "E");
    lab_fini(&lab);
    accepted_with_timestamps();
    lab_in(&lab, "R. 1:1(0) ack 1 win 0 <ts 5 0>");
    lab_events(&lab, "E");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_segment_without_the_agreed_timestamp_is_dropped__rfc7323_3_2)
{
    accepted_with_timestamps();
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    lab_quiet(&lab);
    lab_events(&lab, "");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_PAWS), 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_timestamp_that_was_not_agreed_on_is_ignored__rfc7323_3_2)
{
    accepted();
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <ts 1000 0>");
    lab_events(&lab, "R");
    lab_in(&lab, "P. 11:21(10) ack 1 win 65535 <ts 999 0>"); /* nor is it held to an older one */
    lab_out(&lab, 0, ". 1:1(0) ack 21 win 59980");
    ck_assert_int_eq(lab_read(&lab, 100), 20);
    lab_fini(&lab);
}
END_TEST

START_TEST(outside_the_window_a_timestamp_is_not_kept__rfc7323_5_3_r2)
{
    accepted_with_timestamps();
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <ts 1005 0>");
    lab_events(&lab, "R");
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <ts 1010 0>"); /* old text, a new timestamp */
    lab_out(&lab, 0, ". 1:1(0) ack 11 win 59990 <ts 0 1005>");
    lab_in(&lab, "P. 60001:60011(10) ack 1 win 65535 <ts 1020 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 11 win 59990 <ts 0 1005>");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SEQUENCE), 2);
    lab_in(&lab, "P. 11:21(10) ack 1 win 65535 <ts 1006 0>"); /* so this is not older */
    lab_events(&lab, "R");
    lab_fini(&lab);
}
END_TEST

START_TEST(timestamps_turn__rfc7323_5_2)
{
    const struct lab_config config = {.timestamps = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1460,ts 4294967290 0>");
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <ts 5 0>");
    lab_events(&lab, "R");
    lab_in(&lab, "P. 11:21(10) ack 1 win 65535 <ts 4294967295 0>");
    lab_events(&lab, "");
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(after_24_days_an_old_timestamp_proves_nothing__rfc7323_5_5)
{
    accepted_with_timestamps();
    const sw_time days = (sw_time)24 * 24 * 3600 * SW_S;
    lab_run(&lab, days - 1);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <ts 999 0>");
    lab_events(&lab, "");
    lab_forget(&lab);
    lab_run(&lab, days);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <ts 999 0>");
    lab_events(&lab, "R");
    lab_fini(&lab);
}
END_TEST

START_TEST(only_what_is_at_or_before_the_last_ack_is_echoed__rfc7323_4_3_r3)
{
    accepted_with_timestamps();
    lab_in(&lab, "P. 11:21(10) ack 1 win 65535 <ts 1010 0>"); /* behind a hole */
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <ts 0 1000>");
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <ts 1020 0>"); /* what fills it is echoed */
    lab_out(&lab, 0, ". 1:1(0) ack 21 win 59980 <ts 0 1020>");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_delayed_ack_echoes_the_earliest__rfc7323_4_3)
{
    accepted_with_timestamps();
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <ts 1010 0>");
    lab_run(&lab, 20 * SW_MS);
    lab_in(&lab, "P. 11:21(10) ack 1 win 65535 <ts 1020 0>");
    lab_out(&lab, 20 * SW_MS, ". 1:1(0) ack 21 win 59980 <ts 20 1010>");
    lab_fini(&lab);
}
END_TEST

START_TEST(every_segment_carries_a_timestamp_the_rst_too__rfc7323_3_2)
{
    accepted_with_timestamps();
    lab_run(&lab, 3 * SW_MS);
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 3 * SW_MS, "P. 1:11(10) ack 1 win 60000 <ts 3 1000>");
    sw_sock_abort(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 3 * SW_MS);
    lab_out(&lab, 3 * SW_MS, "R. 11:11(0) ack 1 win 60000 <ts 3 1000>");
    lab_fini(&lab);
}
END_TEST

/* ---- second: RST ---- */

START_TEST(a_rst_at_the_next_number_resets__rfc5961_3_2)
{
    accepted();
    lab_in(&lab, "R 1:1(0) win 0");
    lab_quiet(&lab);
    lab_events(&lab, "E");
    ck_assert_int_eq(sw_sock_error(lab.sock), -ECONNRESET);
    ck_assert_str_eq(lab_info(&lab).state, "CLOSED");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_rst_elsewhere_in_the_window_is_challenged__rfc5961_3_2)
{
    accepted();
    lab_in(&lab, "R 2:2(0) win 0");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_in(&lab, "R 60000:60000(0) win 0");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_events(&lab, "");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_RST), 2);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_rst_outside_the_window_is_dropped_silently__rfc5961_3_2)
{
    accepted();
    lab_in(&lab, "R 60001:60001(0) win 0");
    lab_in(&lab, "R 0:0(0) win 0");
    lab_quiet(&lab);
    lab_events(&lab, "");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_RST), 2);
    lab_fini(&lab);
}
END_TEST

START_TEST(challenges_are_limited_for_each_connection__rfc5961_7)
{
    accepted();
    for (unsigned i = 0; i < 50; i++) {
        lab_in(&lab, "R 2:2(0) win 0");
    }
    ck_assert_uint_eq(lab_forget(&lab), 10);
    struct sw_host_stats stats;
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_challenge_acks, 10);
    /* Another connection has its own count (CVE-2016-5696). */
    struct sw_sock *first = lab.sock;
    lab.peer_port = 4001;
    lab.host_known = false;
    lab_accept(&lab, 65535, NULL);
    lab_in(&lab, "R 2:2(0) win 0");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    sw_sock_abort(first);
    lab_run(&lab, 0);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(text_that_had_come_is_read_before_the_error)
{
    accepted();
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    lab_in(&lab, "R 11:11(0) win 0");
    lab_events(&lab, "RE");
    ck_assert_int_eq(lab_read(&lab, 100), 10);
    ck_assert_int_eq(lab_read(&lab, 100), -ECONNRESET);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_rst_after_lost_text_does_not_look_like_an_end)
{
    accepted();
    /* The FIN has come, but text before it is missing. */
    lab_in(&lab, "F. 101:101(0) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_in(&lab, "R 102:102(0) win 0"); /* a peer that has closed: challenged, and … */
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_in(&lab, "R 1:1(0) win 0"); /* … its answer is exact */
    lab_events(&lab, "E");
    ck_assert_int_eq(lab_read(&lab, 10), -ECONNRESET);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_rst_is_an_error_in_last_ack_too)
{
    accepted();
    lab_in(&lab, "F. 1:1(0) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 2 win 59999");
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_forget(&lab);
    ck_assert_str_eq(lab_info(&lab).state, "LAST-ACK");
    lab_in(&lab, "R 2:2(0) win 0");
    lab_events(&lab, "PE"); /* not "closed": ten bytes were not acknowledged */
    lab_fini(&lab);
}
END_TEST

/* ---- fourth: SYN ---- */

START_TEST(a_syn_is_challenged_wherever_it_lies__rfc5961_4_2)
{
    accepted();
    lab_in(&lab, "S 500:500(0) win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_in(&lab, "S 0:0(0) win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_in(&lab, "S 90000:90000(0) win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_events(&lab, "");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SYN), 3);
    lab_fini(&lab);
}
END_TEST

START_TEST(challenges_of_syns_are_limited_too__rfc5961_7)
{
    accepted();
    for (unsigned i = 0; i < 50; i++) {
        lab_in(&lab, i % 2 == 0 ? "S 500:500(0) win 65535" : "S 90000:90000(0) win 65535");
    }
    ck_assert_uint_eq(lab_forget(&lab), 10);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SYN), 50);
    lab_fini(&lab);
}
END_TEST

/* ---- what is forged has no timestamps ---- */

/* It lies in the window, at the very number, but acknowledges what was never sent: were its
 * timestamp kept, all that the peer says would be old. */
START_TEST(the_timestamp_of_a_forged_segment_is_not_kept__rfc7323_5_3)
{
    accepted_with_timestamps();
    lab_in(&lab, "P. 1:11(10) ack 5000 win 65535 <ts 1000000 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <ts 0 1000>");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_ACK), 1);
    lab_in(&lab, "S 1:1(0) win 65535 <ts 1000000 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <ts 0 1000>");
    lab_in(&lab, "F 1:1(0) win 65535 <ts 1000000 0>");
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_NO_ACK), 1);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535 <ts 1001 0>");
    ck_assert_int_eq(lab_read(&lab, 100), 10);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_PAWS), 0);
    lab_fini(&lab);
}
END_TEST

/* Two ends each of which thinks that the other's are old would answer each other's acknowledgements
 * for ever. */
START_TEST(old_timestamps_are_answered_with_a_limit__rfc5961_7)
{
    accepted_with_timestamps();
    for (unsigned i = 0; i < 50; i++) {
        lab_in(&lab, ". 1:1(0) ack 1 win 65535 <ts 999 0>");
    }
    ck_assert_uint_eq(lab_forget(&lab), 10);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_PAWS), 50);
    lab_fini(&lab);
}
END_TEST

/* ---- ICMP ---- */

START_TEST(a_hard_error_refuses_a_connection_that_does_not_stand__rfc5927_5_2)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_icmp(&lab, 3, 3, 0, 0);
    lab_events(&lab, "E");
    ck_assert_int_eq(sw_sock_error(lab.sock), -ECONNREFUSED);
    ck_assert_int_eq(lab_info(&lab).soft_error, -ECONNREFUSED); /* not by a RST */
    lab_fini(&lab);
}
END_TEST

START_TEST(a_hard_error_is_only_remembered_once_it_stands__rfc5927_5_2)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 100), 100);
    lab_out(&lab, 0, "P. 1:101(100) ack 1 win 60000");
    lab_icmp(&lab, 3, 3, 0, 1);
    lab_events(&lab, "");
    lab_in(&lab, ". 1:1(0) ack 101 win 65535");
    ck_assert_str_eq(lab_info(&lab).state, "ESTABLISHED");
    lab_fini(&lab);
}
END_TEST

static const struct {
    uint8_t type, code;
    int error;
} soft[] = {{3, 0, -ENETUNREACH},   {3, 1, -EHOSTUNREACH},  {3, 5, -EHOSTUNREACH},
            {11, 0, -EHOSTUNREACH}, {11, 1, -EHOSTUNREACH}, {12, 0, -EPROTO}};

START_TEST(soft_errors_abort_nothing_and_can_be_read__must_47_56)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 100), 100);
    lab_out(&lab, 0, "P. 1:101(100) ack 1 win 60000");
    ck_assert_int_eq(lab_info(&lab).soft_error, 0);
    lab_icmp(&lab, soft[_i].type, soft[_i].code, 0, 1);
    lab_events(&lab, "");
    ck_assert_str_eq(lab_info(&lab).state, "ESTABLISHED");
    ck_assert_int_eq(lab_info(&lab).soft_error, soft[_i].error);
    lab_in(&lab, ". 1:1(0) ack 101 win 65535"); /* it was nothing */
    ck_assert_int_eq(lab_info(&lab).soft_error, 0);
    lab_fini(&lab);
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_icmp(&lab, soft[_i].type, soft[_i].code, 0, 0);
    lab_events(&lab, "V"); /* while it connects, its user may want to know */
    ck_assert_str_eq(lab_info(&lab).state, "SYN-SENT");
    ck_assert_int_eq(lab_info(&lab).soft_error, soft[_i].error);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_soft_error_does_not_abort_and_is_the_reason_in_the_end__must_56)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_icmp(&lab, 3, 1, 0, 0);
    lab_events(&lab, "V");
    lab_run(&lab, 300 * SW_S);
    ck_assert_uint_eq(lab_forget(&lab), 7);
    lab_events(&lab, "E");
    ck_assert_int_eq(sw_sock_error(lab.sock), -EHOSTUNREACH);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_error_about_what_is_not_on_its_way_is_ignored__rfc5927_4_1)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_icmp(&lab, 3, 3, 0, 1);
    lab_icmp(&lab, 3, 3, 0, 4000000000u);
    lab_events(&lab, "");
    ck_assert_str_eq(lab_info(&lab).state, "SYN-SENT");
    lab_fini(&lab);
}
END_TEST

START_TEST(source_quench_is_nothing__must_55)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 100), 100);
    lab_forget(&lab);
    const uint64_t cwnd = lab_info(&lab).cwnd_bytes;
    lab_icmp(&lab, 4, 0, 0, 1);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, cwnd);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_ICMP_TYPE), 1);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(too_big_lowers_the_segment_and_sends_again__rfc1191)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 2000), 2000);
    lab_out(&lab, 0, ". 1:1461(1460) ack 1 win 60000");
    lab_icmp(&lab, 3, 4, 1000, 1);
    lab_out(&lab, 0, ". 1:961(960) ack 1 win 60000");
    lab_out(&lab, 0, ". 961:1921(960) ack 1 win 60000");
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 960);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 14600); /* no sign of congestion */
    lab_fini(&lab);
}
END_TEST

START_TEST(too_big_of_another_router_raises_nothing__rfc1191_3)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 2000), 2000);
    lab_icmp(&lab, 3, 4, 1000, 1);
    ck_assert_uint_eq(lab_forget(&lab), 3);
    lab_icmp(&lab, 3, 4, 1200, 1);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 960);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(too_big_is_checked_first__rfc5927_4_1)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 100), 100);
    lab_out(&lab, 0, "P. 1:101(100) ack 1 win 60000");
    lab_icmp(&lab, 3, 4, 1000, 101); /* about what was not sent */
    lab_icmp(&lab, 3, 4, 1500, 1);   /* no smaller than the path is known to be */
    lab_icmp(&lab, 3, 4, 9000, 1);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1460);
    lab_icmp(&lab, 3, 4, 20, 1); /* less than IPv4 promises: 68 */
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 28);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_input");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_wrong_checksum_is_dropped__must_3);
    tcase_add_test(tc, an_mss_is_taken_in_any_segment_and_means_nothing_there__must_5);
    tcase_add_test(tc, ip_options_are_passed_over__must_50);
    tcase_add_test(tc, before_the_window_is_acknowledged_and_dropped__rfc9293_3_10_7_4);
    tcase_add_test(tc, behind_the_window_is_acknowledged_and_dropped__rfc9293_3_10_7_4);
    tcase_add_test(tc, half_the_space_away_is_as_far_out_as_it_gets__rfc9293_3_10_7_4);
    tcase_add_test(tc, a_closed_window_takes_only_what_begins_at_it__rfc9293_3_10_7_4);
    tcase_add_test(tc, text_is_cut_to_the_window_at_both_ends__rfc9293_3_10_7_4);
    tcase_add_test(tc, a_segment_over_the_whole_window_is_cut_at_both_ends);
    tcase_add_test(tc, ack_loops_come_to_rest__rfc5961_7);
    tcase_add_test(tc, an_older_timestamp_is_refused_before_anything_else__rfc7323_5_3_r1);
    tcase_add_test(tc, a_rst_needs_no_timestamp_and_is_not_held_to_it__rfc7323_5_3_r1);
    tcase_add_test(tc, a_segment_without_the_agreed_timestamp_is_dropped__rfc7323_3_2);
    tcase_add_test(tc, a_timestamp_that_was_not_agreed_on_is_ignored__rfc7323_3_2);
    tcase_add_test(tc, outside_the_window_a_timestamp_is_not_kept__rfc7323_5_3_r2);
    tcase_add_test(tc, timestamps_turn__rfc7323_5_2);
    tcase_add_test(tc, after_24_days_an_old_timestamp_proves_nothing__rfc7323_5_5);
    tcase_add_test(tc, only_what_is_at_or_before_the_last_ack_is_echoed__rfc7323_4_3_r3);
    tcase_add_test(tc, a_delayed_ack_echoes_the_earliest__rfc7323_4_3);
    tcase_add_test(tc, every_segment_carries_a_timestamp_the_rst_too__rfc7323_3_2);
    tcase_add_test(tc, a_rst_at_the_next_number_resets__rfc5961_3_2);
    tcase_add_test(tc, a_rst_elsewhere_in_the_window_is_challenged__rfc5961_3_2);
    tcase_add_test(tc, a_rst_outside_the_window_is_dropped_silently__rfc5961_3_2);
    tcase_add_test(tc, challenges_are_limited_for_each_connection__rfc5961_7);
    tcase_add_test(tc, text_that_had_come_is_read_before_the_error);
    tcase_add_test(tc, a_rst_after_lost_text_does_not_look_like_an_end);
    tcase_add_test(tc, a_rst_is_an_error_in_last_ack_too);
    tcase_add_test(tc, a_syn_is_challenged_wherever_it_lies__rfc5961_4_2);
    tcase_add_test(tc, challenges_of_syns_are_limited_too__rfc5961_7);
    tcase_add_test(tc, the_timestamp_of_a_forged_segment_is_not_kept__rfc7323_5_3);
    tcase_add_test(tc, old_timestamps_are_answered_with_a_limit__rfc5961_7);
    tcase_add_test(tc, a_hard_error_refuses_a_connection_that_does_not_stand__rfc5927_5_2);
    tcase_add_test(tc, a_hard_error_is_only_remembered_once_it_stands__rfc5927_5_2);
    tcase_add_loop_test(tc, soft_errors_abort_nothing_and_can_be_read__must_47_56, 0,
                        (int)(sizeof(soft) / sizeof(soft[0])));
    tcase_add_test(tc, a_soft_error_does_not_abort_and_is_the_reason_in_the_end__must_56);
    tcase_add_test(tc, an_error_about_what_is_not_on_its_way_is_ignored__rfc5927_4_1);
    tcase_add_test(tc, source_quench_is_nothing__must_55);
    tcase_add_test(tc, too_big_lowers_the_segment_and_sends_again__rfc1191);
    tcase_add_test(tc, too_big_of_another_router_raises_nothing__rfc1191_3);
    tcase_add_test(tc, too_big_is_checked_first__rfc5927_4_1);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
