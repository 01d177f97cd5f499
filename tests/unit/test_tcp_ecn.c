/* Explicit congestion notification at a connection's two ends (RFC 3168 6.1). What routers do is
 * tested with the queues that mark. */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

static const struct lab_config on = {.ecn = SW_TCP_ECN_ON};

static void run_to(sw_time when)
{
    lab_run(&lab, when);
}

static void out(const char *text)
{
    lab_out(&lab, lab_now(&lab), text);
}

/* A connection that the peer opened, with ECN agreed to; windows of 60,000, segments of 1,000. The
 * answers of the peer come 100 ms later, so nothing is sent again unless it is meant to be. */
static void agreed(const struct lab_config *config)
{
    lab_init(&lab, config);
    lab_listen(&lab, 8);
    lab_in(&lab, "SEW 0:0(0) win 60000 <mss 1000>");
    ck_assert_uint_eq(lab_forget(&lab), 1);
    run_to(100 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 60000");
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
}

/* The same, with SACK. */
static void agreed_with_sack(void)
{
    lab_init(&lab, &(struct lab_config){.sack = true});
    lab_listen(&lab, 8);
    lab_in(&lab, "SEW 0:0(0) win 60000 <mss 1000,sackOK>");
    out("S.E 0:0(0) ack 1 win 60000 <mss 1460,sackOK>");
    run_to(100 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 60000");
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
}

/* The next segments: text from `from` to `to`, a thousand bytes each, all of it ECN-capable. */
static void text(unsigned from, unsigned to)
{
    for (; from < to; from += 1000) {
        char line[80];
        snprintf(line, sizeof(line), ". %u:%u(1000) ack 1 win 60000 [ect0]", from, from + 1000);
        out(line);
    }
}

static uint64_t cwnd(void)
{
    return lab_info(&lab).cwnd_bytes;
}

/* ---- the handshake ---- */

START_TEST(who_is_asked_agrees_and_sends_text_that_may_be_marked__rfc3168_6_1_1)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, "SEW 0:0(0) win 60000 <mss 1000>");
    out("S.E 0:0(0) ack 1 win 60000 <mss 1460>"); /* not ECN-capable itself */
    lab_in(&lab, ". 1:1(0) ack 1 win 60000");
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    lab_write(&lab, 2000);
    out(". 1:1001(1000) ack 1 win 60000 [ect0]");
    out("P. 1001:2001(1000) ack 1 win 60000 [ect0]");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_syn_with_one_of_the_flags_asks_for_nothing__rfc3168_6_1_1)
{
    static const char *const flags[] = {"S", "SE", "SW"};
    for (unsigned i = 0; i < 3; i++) {
        char line[60];
        lab_init(&lab, &on);
        lab_listen(&lab, 8);
        snprintf(line, sizeof(line), "%s 0:0(0) win 60000 <mss 1000>", flags[i]);
        lab_in(&lab, line);
        out("S. 0:0(0) ack 1 win 60000 <mss 1460>");
        lab_in(&lab, ". 1:1(0) ack 1 win 60000");
        lab_events(&lab, "A");
        ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
        lab_write(&lab, 1000);
        out("P. 1:1001(1000) ack 1 win 60000");
        lab_fini(&lab);
    }
}
END_TEST

START_TEST(who_is_not_willing_clears_both_flags__rfc3168_6_1_1)
{
    lab_init(&lab, &(struct lab_config){.ecn = SW_TCP_ECN_OFF});
    lab_listen(&lab, 8);
    lab_in(&lab, "SEW 0:0(0) win 60000 <mss 1000>");
    out("S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_listener_may_be_told_not_to_agree)
{
    lab_init(&lab, &on);
    lab_listen(&lab, 8);
    ck_assert_int_eq(sw_sock_set(lab.listener, SW_OPT_ECN, SW_TCP_ECN_OFF), 0);
    lab_in(&lab, "SEW 0:0(0) win 60000 <mss 1000>");
    out("S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_syn_asks_with_both_flags_and_ece_alone_agrees__rfc3168_6_1_1)
{
    lab_init(&lab, &on);
    lab_connect(&lab);
    out("SEW 0:0(0) win 60000 <mss 1460>");
    lab_in(&lab, "S.E 0:0(0) ack 1 win 60000 <mss 1000>");
    out(". 1:1(0) ack 1 win 60000"); /* an acknowledgement may not be marked: 6.1.4 */
    lab_write(&lab, 1000);
    out("P. 1:1001(1000) ack 1 win 60000 [ect0]");
    lab_events(&lab, "C");
    lab_fini(&lab);
}
END_TEST

START_TEST(flags_that_come_back_as_they_were_agree_to_nothing__rfc3168_6_1_1_2)
{
    static const char *const answers[] = {"S.", "S.EW", "S.W"};
    for (unsigned i = 0; i < 3; i++) {
        char line[60];
        lab_init(&lab, &on);
        lab_connect(&lab);
        out("SEW 0:0(0) win 60000 <mss 1460>");
        snprintf(line, sizeof(line), "%s 0:0(0) ack 1 win 60000 <mss 1000>", answers[i]);
        lab_in(&lab, line);
        out(". 1:1(0) ack 1 win 60000");
        lab_write(&lab, 1000);
        out("P. 1:1001(1000) ack 1 win 60000");
        lab_fini(&lab);
    }
}
END_TEST

START_TEST(a_syn_sent_again_asks_no_more__rfc3168_6_1_1_1)
{
    lab_init(&lab, &on);
    lab_connect(&lab);
    out("SEW 0:0(0) win 60000 <mss 1460>");
    run_to(SW_S);
    out("S 0:0(0) win 60000 <mss 1460>");
    lab_in(&lab, "S. 0:0(0) ack 1 win 60000 <mss 1000>");
    out(". 1:1(0) ack 1 win 60000");
    lab_write(&lab, 1000);
    out("P. 1:1001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

/* The peer has the first SYN, the second is behind it: it takes our marks for agreed on. */
START_TEST(who_asked_once_echoes_marks_though_it_sends_none__rfc3168_6_1_1)
{
    lab_init(&lab, &on);
    lab_connect(&lab);
    out("SEW 0:0(0) win 60000 <mss 1460>");
    run_to(SW_S);
    out("S 0:0(0) win 60000 <mss 1460>");
    lab_in(&lab, "S.E 0:0(0) ack 1 win 60000 <mss 1000>");
    out(". 1:1(0) ack 1 win 60000");
    lab_in(&lab, ". 1:101(100) ack 1 win 60000 [ce]");
    out(".E 1:1(0) ack 101 win 59900");
    lab_write(&lab, 1000);
    out("P.E 1:1001(1000) ack 101 win 59900"); /* not ECN-capable */
    lab_fini(&lab);
}
END_TEST

START_TEST(a_peer_that_repeats_its_syn_without_the_flags_has_given_it_up__rfc3168_6_1_1_1)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, "SEW 0:0(0) win 60000 <mss 1000>");
    out("S.E 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_in(&lab, "S 0:0(0) win 60000 <mss 1000>");
    out("S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_in(&lab, ". 1:1(0) ack 1 win 60000");
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    lab_write(&lab, 1000);
    out("P. 1:1001(1000) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(both_may_ask_at_once)
{
    static const char *const syn[] = {"SEW", "S"};
    static const char *const answer[] = {"S.E", "S."};
    static const char *const sent[] = {" [ect0]", ""};
    for (unsigned i = 0; i < 2; i++) {
        char line[80];
        lab_init(&lab, &on);
        lab_connect(&lab);
        out("SEW 0:0(0) win 60000 <mss 1460>");
        snprintf(line, sizeof(line), "%s 0:0(0) win 60000 <mss 1000>", syn[i]);
        lab_in(&lab, line);
        snprintf(line, sizeof(line), "%s 0:0(0) ack 1 win 60000 <mss 1460>", answer[i]);
        out(line);
        lab_in(&lab, ". 1:1(0) ack 1 win 60000");
        lab_write(&lab, 1000);
        snprintf(line, sizeof(line), "P. 1:1001(1000) ack 1 win 60000%s", sent[i]);
        out(line);
        lab_fini(&lab);
    }
}
END_TEST

/* ---- the receiver ---- */

START_TEST(a_mark_is_echoed_until_the_sender_has_heard__rfc3168_6_1_3)
{
    agreed(NULL);
    lab_in(&lab, ". 1:101(100) ack 1 win 60000 [ect0]");
    lab_in(&lab, ". 101:201(100) ack 1 win 60000 [ce]");
    out(".E 1:1(0) ack 201 win 59800"); /* for both, and at once */
    lab_in(&lab, ". 201:301(100) ack 1 win 60000 [ect0]");
    lab_in(&lab, ". 301:401(100) ack 1 win 60000 [ect0]");
    out(".E 1:1(0) ack 401 win 59600");
    lab_write(&lab, 100);
    out("P.E 1:101(100) ack 401 win 59600 [ect0]"); /* text acknowledges, too */
    lab_in(&lab, ".W 401:501(100) ack 101 win 60000 [ect0]");
    lab_in(&lab, ". 501:601(100) ack 101 win 60000 [ect0]");
    out(". 101:101(0) ack 601 win 59400");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_mark_on_the_segment_with_cwr_is_a_new_one__rfc3168_6_1_3)
{
    agreed(NULL);
    lab_in(&lab, ". 1:101(100) ack 1 win 60000 [ce]");
    out(".E 1:1(0) ack 101 win 59900");
    lab_in(&lab, ".W 101:201(100) ack 1 win 60000 [ce]");
    out(".E 1:1(0) ack 201 win 59800");
    lab_in(&lab, ".W 201:301(100) ack 1 win 60000 [ect0]");
    lab_in(&lab, ". 301:401(100) ack 1 win 60000 [ect0]");
    out(". 1:1(0) ack 401 win 59600");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_mark_out_of_order_is_echoed_and_once)
{
    agreed(NULL);
    lab_in(&lab, ". 101:201(100) ack 1 win 60000 [ce]");
    out(".E 1:1(0) ack 1 win 60000");
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_mark_outside_of_the_window_means_nothing__rfc3168_6_1_5)
{
    agreed(NULL);
    lab_in(&lab, ". 1:101(100) ack 1 win 60000 [ect0]");
    lab_in(&lab, ". 1:101(100) ack 1 win 60000 [ce]");
    out(". 1:1(0) ack 101 win 59900");
    lab_in(&lab, ". 70001:70101(100) ack 1 win 60000 [ce]");
    out(". 1:1(0) ack 101 win 59900");
    lab_in(&lab, ". 101:201(100) ack 60000 win 60000 [ce]"); /* nor with an ACK that cannot be */
    out(". 1:1(0) ack 101 win 59900");
    lab_in(&lab, ". 101:101(0) ack 1 win 60000 [ce]"); /* nor on what is no text: 6.1.4 */
    lab_in(&lab, ". 101:201(100) ack 1 win 60000 [ect0]");
    lab_in(&lab, ". 201:301(100) ack 1 win 60000 [ect0]");
    out(". 1:1(0) ack 301 win 59700");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_probe_of_our_closed_window_may_be_marked__rfc3168_6_1_6)
{
    agreed(&(struct lab_config){.receive_buffer = 4096});
    lab_in(&lab, ". 1:1001(1000) ack 1 win 60000");
    lab_in(&lab, ". 1001:4097(3096) ack 1 win 60000");
    lab_forget(&lab);
    run_to(SW_S);
    lab_forget(&lab);
    lab_in(&lab, ". 4097:4098(1) ack 1 win 60000 [ce]");
    out(".E 1:1(0) ack 4097 win 0");
    lab_fini(&lab);
}
END_TEST

START_TEST(without_agreement_marks_and_flags_mean_nothing__rfc3168_6_1_1)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 60000, "<mss 1000>");
    lab_in(&lab, ". 1:101(100) ack 1 win 60000 [ce]");
    lab_in(&lab, ". 101:201(100) ack 1 win 60000 [ce]");
    out(". 1:1(0) ack 201 win 59800");
    lab_write(&lab, 10000);
    ck_assert_uint_eq(lab_forget(&lab), 10);
    const uint64_t before = cwnd();
    lab_in(&lab, ".E 201:201(0) ack 10001 win 60000");
    ck_assert_uint_gt(cwnd(), before);
    lab_fini(&lab);
}
END_TEST

/* ---- the sender ---- */

START_TEST(an_echo_halves_the_window_and_the_next_text_says_so__rfc3168_6_1_2)
{
    agreed(NULL);
    lab_write(&lab, 30000);
    text(1, 10001);
    run_to(200 * SW_MS);
    lab_in(&lab, ".E 1:1(0) ack 1001 win 60000");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    ck_assert_uint_eq(cwnd(), 5000);
    lab_in(&lab, ".E 1:1(0) ack 5001 win 60000"); /* the same window's: no second reduction */
    ck_assert_uint_eq(cwnd(), 5000);
    lab_quiet(&lab); /* 5,000 are out, and as much may be */
    lab_in(&lab, ".E 1:1(0) ack 6001 win 60000");
    out(".W 10001:11001(1000) ack 1 win 60000 [ect0]");
    lab_in(&lab, ". 1:1(0) ack 7001 win 60000");
    text(11001, 12001); /* once */
    ck_assert_uint_eq(lab_info(&lab).retransmits, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_echo_of_the_next_window_halves_again__rfc3168_6_1_2)
{
    agreed(NULL);
    lab_write(&lab, 30000);
    text(1, 10001);
    run_to(200 * SW_MS);
    lab_in(&lab, ".E 1:1(0) ack 1001 win 60000");
    lab_in(&lab, ".E 1:1(0) ack 9001 win 60000");
    out(".W 10001:11001(1000) ack 1 win 60000 [ect0]");
    text(11001, 14001);
    lab_in(&lab, ".E 1:1(0) ack 10001 win 60000"); /* of what was out at the first: all of it now */
    ck_assert_uint_eq(cwnd(), 2500);
    lab_in(&lab, ".E 1:1(0) ack 13001 win 60000");
    out(".W 14001:15001(1000) ack 1 win 60000 [ect0]");
    ck_assert_uint_eq(cwnd(), 2500);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_echo_opens_no_window__rfc3168_6_1_2)
{
    agreed(NULL);
    lab_write(&lab, 30000);
    text(1, 10001);
    run_to(200 * SW_MS);
    lab_in(&lab, ".E 1:1(0) ack 1001 win 60000");
    for (unsigned at = 2001; at <= 8001; at += 1000) {
        char line[60];
        snprintf(line, sizeof(line), ".E 1:1(0) ack %u win 60000", at);
        lab_in(&lab, line);
    }
    ck_assert_uint_eq(cwnd(), 5000); /* 7,000 more: congestion avoidance would have added one */
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_small_window_is_not_made_larger_by_a_mark)
{
    agreed(NULL);
    lab_write(&lab, 1000);
    out("P. 1:1001(1000) ack 1 win 60000 [ect0]");
    run_to(400 * SW_MS);
    out("P. 1:1001(1000) ack 1 win 60000"); /* sent again: not ECN-capable, 6.1.5 */
    ck_assert_uint_eq(cwnd(), 1000);
    lab_in(&lab, ". 1:1(0) ack 1001 win 60000");
    run_to(410 * SW_MS);
    const uint64_t before = cwnd();
    ck_assert_uint_eq(before, 2000);
    lab_write(&lab, 1000);
    out("P.W 1001:2001(1000) ack 1 win 60000 [ect0]"); /* of the timeout */
    lab_in(&lab, ".E 1:1(0) ack 2001 win 60000");
    ck_assert_uint_eq(cwnd(), 2000);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_is_sent_again_may_not_be_marked__rfc3168_6_1_5)
{
    agreed_with_sack();
    lab_write(&lab, 12000);
    text(1, 10001);
    run_to(200 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 60000 <sack 1001-4001>");
    out(". 1:1001(1000) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 10001 win 60000");
    out(".W 10001:11001(1000) ack 1 win 60000 [ect0]"); /* of the recovery: 6.1.2 */
    out("P. 11001:12001(1000) ack 1 win 60000 [ect0]");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_loss_in_a_flight_that_was_marked_lowers_no_second_time__rfc3168_6_1_2)
{
    agreed_with_sack();
    lab_write(&lab, 40000);
    text(1, 10001);
    run_to(200 * SW_MS);
    lab_in(&lab, ".E 1:1(0) ack 1001 win 60000");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    lab_in(&lab, ".E 1:1(0) ack 1001 win 60000 <sack 2001-5001>");
    out(". 1001:2001(1000) ack 1 win 60000");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    lab_in(&lab, ". 1:1(0) ack 10001 win 60000");
    ck_assert_uint_eq(cwnd(), 5000);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(nor_does_a_third_duplicate__rfc3168_6_1_2)
{
    agreed(NULL);
    lab_write(&lab, 40000);
    text(1, 10001);
    run_to(200 * SW_MS);
    lab_in(&lab, ".E 1:1(0) ack 1001 win 60000");
    for (unsigned i = 0; i < 3; i++) {
        lab_in(&lab, ".E 1:1(0) ack 1001 win 60000");
    }
    out(". 1001:2001(1000) ack 1 win 60000");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    ck_assert_uint_eq(cwnd(), 8000); /* with the three that have left */
    lab_fini(&lab);
}
END_TEST

START_TEST(a_mark_in_a_flight_that_lost_lowers_no_second_time__rfc3168_6_1_2)
{
    agreed_with_sack();
    lab_write(&lab, 40000);
    text(1, 10001);
    run_to(200 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 60000 <sack 1001-4001>");
    out(". 1:1001(1000) ack 1 win 60000");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    lab_in(&lab, ".E 1:1(0) ack 4001 win 60000");
    lab_in(&lab, ".E 1:1(0) ack 8001 win 60000");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_timeout_after_a_mark_lowers_the_threshold_no_second_time__rfc3168_6_1_2)
{
    agreed(NULL);
    lab_write(&lab, 10000);
    for (unsigned i = 0; i < 9; i++) {
        text(1 + 1000 * i, 1001 + 1000 * i);
    }
    out("P. 9001:10001(1000) ack 1 win 60000 [ect0]");
    run_to(200 * SW_MS);
    lab_in(&lab, ".E 1:1(0) ack 1001 win 60000");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    run_to(SW_S);
    ck_assert_uint_gt(lab_forget(&lab), 0);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    ck_assert_uint_eq(cwnd(), 1000);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_probe_of_the_window_may_not_be_marked__rfc3168_6_1_6)
{
    agreed(NULL);
    lab_write(&lab, 10000);
    for (unsigned i = 0; i < 9; i++) {
        text(1 + 1000 * i, 1001 + 1000 * i);
    }
    out("P. 9001:10001(1000) ack 1 win 60000 [ect0]");
    lab_in(&lab, ".E 1:1(0) ack 10001 win 0");
    lab_write(&lab, 100);
    run_to(437500 * SW_US);
    out(". 10001:10002(1) ack 1 win 60000");
    lab_in(&lab, ".E 1:1(0) ack 10001 win 60000");
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 10101 win 60000");
    lab_write(&lab, 100);
    out("P.W 10101:10201(100) ack 1 win 60000 [ect0]"); /* the CWR has waited */
    lab_fini(&lab);
}
END_TEST

START_TEST(fin_and_rst_are_no_text__rfc3168_6_1_4)
{
    agreed(NULL);
    lab_in(&lab, ". 1:101(100) ack 1 win 60000 [ce]");
    out(".E 1:1(0) ack 101 win 59900");
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    run_to(lab_now(&lab));
    out("F.E 1:1(0) ack 101 win 59900");
    sw_sock_abort(lab.sock);
    lab.sock = NULL;
    run_to(lab_now(&lab));
    out("R. 2:2(0) ack 101 win 59900");
    lab_fini(&lab);
}
END_TEST

START_TEST(the_users_type_of_service_leaves_the_two_bits_alone__rfc3168_5)
{
    agreed(NULL);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_TOS, 0xbb), 0);
    lab_write(&lab, 1000);
    out("P. 1:1001(1000) ack 1 win 60000 [ect0]");
    ck_assert_uint_eq(lab.tos_heard, 0xba);
    lab_in(&lab, ". 1:101(100) ack 1001 win 60000");
    run_to(140 * SW_MS);
    out(". 1001:1001(0) ack 101 win 59900");
    ck_assert_uint_eq(lab.tos_heard, 0xb8);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_ecn");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, who_is_asked_agrees_and_sends_text_that_may_be_marked__rfc3168_6_1_1);
    tcase_add_test(tc, a_syn_with_one_of_the_flags_asks_for_nothing__rfc3168_6_1_1);
    tcase_add_test(tc, who_is_not_willing_clears_both_flags__rfc3168_6_1_1);
    tcase_add_test(tc, a_listener_may_be_told_not_to_agree);
    tcase_add_test(tc, a_syn_asks_with_both_flags_and_ece_alone_agrees__rfc3168_6_1_1);
    tcase_add_test(tc, flags_that_come_back_as_they_were_agree_to_nothing__rfc3168_6_1_1_2);
    tcase_add_test(tc, a_syn_sent_again_asks_no_more__rfc3168_6_1_1_1);
    tcase_add_test(tc, who_asked_once_echoes_marks_though_it_sends_none__rfc3168_6_1_1);
    tcase_add_test(tc,
                   a_peer_that_repeats_its_syn_without_the_flags_has_given_it_up__rfc3168_6_1_1_1);
    tcase_add_test(tc, both_may_ask_at_once);
    tcase_add_test(tc, a_mark_is_echoed_until_the_sender_has_heard__rfc3168_6_1_3);
    tcase_add_test(tc, a_mark_on_the_segment_with_cwr_is_a_new_one__rfc3168_6_1_3);
    tcase_add_test(tc, a_mark_out_of_order_is_echoed_and_once);
    tcase_add_test(tc, a_mark_outside_of_the_window_means_nothing__rfc3168_6_1_5);
    tcase_add_test(tc, a_probe_of_our_closed_window_may_be_marked__rfc3168_6_1_6);
    tcase_add_test(tc, without_agreement_marks_and_flags_mean_nothing__rfc3168_6_1_1);
    tcase_add_test(tc, an_echo_halves_the_window_and_the_next_text_says_so__rfc3168_6_1_2);
    tcase_add_test(tc, an_echo_of_the_next_window_halves_again__rfc3168_6_1_2);
    tcase_add_test(tc, an_echo_opens_no_window__rfc3168_6_1_2);
    tcase_add_test(tc, a_small_window_is_not_made_larger_by_a_mark);
    tcase_add_test(tc, what_is_sent_again_may_not_be_marked__rfc3168_6_1_5);
    tcase_add_test(tc, a_loss_in_a_flight_that_was_marked_lowers_no_second_time__rfc3168_6_1_2);
    tcase_add_test(tc, nor_does_a_third_duplicate__rfc3168_6_1_2);
    tcase_add_test(tc, a_mark_in_a_flight_that_lost_lowers_no_second_time__rfc3168_6_1_2);
    tcase_add_test(tc, a_timeout_after_a_mark_lowers_the_threshold_no_second_time__rfc3168_6_1_2);
    tcase_add_test(tc, a_probe_of_the_window_may_not_be_marked__rfc3168_6_1_6);
    tcase_add_test(tc, fin_and_rst_are_no_text__rfc3168_6_1_4);
    tcase_add_test(tc, the_users_type_of_service_leaves_the_two_bits_alone__rfc3168_5);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
