/* Loss recovery with selective acknowledgements: RFC 2018 as the sender meets it, RFC 6675 5. */
#include <check.h>
#include <stdio.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

/* Segments of 1,000. */
static void accepted(void)
{
    const struct lab_config config = {.sack = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1000,sackOK>");
}

/* The same over a path that takes 20 ms there and back: so a probe would go after 42 ms, and a
 * retransmission after 200. It is 20 ms then. */
static void far(void)
{
    const struct lab_config config = {.sack = true};
    lab_init(&lab, &config);
    lab.patience = 20 * SW_MS;
    lab_accept(&lab, 65535, "<mss 1000,sackOK>");
}

/* Expects the segments from `from` to `to`, said now. */
static void out_run(uint32_t from, uint32_t to)
{
    char line[100];
    for (; from < to; from += 1000) {
        const char *push = from + 1000 == lab.written + 1 ? "P" : "";
        snprintf(line, sizeof(line), "%s. %u:%u(1000) ack 1 win 60000", push, from, from + 1000);
        lab_out(&lab, lab_now(&lab), line);
    }
}

/* The answer is there. */
static void later(void)
{
    lab_run(&lab, lab_now(&lab) + 20 * SW_MS);
}

static void written(size_t n)
{
    ck_assert_int_eq(lab_write(&lab, n), (int64_t)n);
}

START_TEST(three_segments_above_a_hole_begin_recovery__rfc6675_5)
{
    far();
    written(60000);
    out_run(1, 10001);
    later(); /* the first is lost */
    lab_ack(&lab, 1, "1001-2001");
    out_run(10001, 11001); /* what is SACKed has left the network: RFC 3042 */
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 10000);
    lab_ack(&lab, 1, "1001-3001");
    out_run(11001, 12001);
    lab_ack(&lab, 1, "1001-4001");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 8417); /* the pipe, and 5/12 of what came */
    ck_assert_uint_eq(lab_info(&lab).retransmits, 1);
    out_run(1, 1001); /* at once, whatever is in the pipe: step 4.3 */
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_duplicate_without_news_lets_nothing_go__rfc5681_3_2)
{
    far();
    written(60000);
    out_run(1, 10001);
    later();
    for (unsigned i = 0; i < 5; i++) {
        lab_ack(&lab, 1, NULL);
        lab_quiet(&lab);
    }
    lab_ack(&lab, 1, "1001-2001");
    out_run(10001, 11001);
    lab_ack(&lab, 1, "1001-2001"); /* the same again */
    lab_quiet(&lab);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

/* Under LeakSanitizer, since it is no frame that would be left. */
START_TEST(a_host_that_ends_amid_it_leaves_nothing)
{
    far();
    written(60000);
    out_run(1, 10001);
    sw_sock_close(lab.sock); /* an orphan, with all of that under way */
    lab.sock = NULL;
    lab_fini(&lab);
}
END_TEST

START_TEST(nothing_goes_unless_the_pipe_has_room_for_a_segment__rfc6675_5)
{
    far();
    written(60000);
    out_run(1, 10001);
    later(); /* the first and the third are lost */
    lab_ack(&lab, 1, "1001-2001");
    out_run(10001, 11001);
    lab_ack(&lab, 1, "1001-2001 3001-4001");
    out_run(11001, 12001);
    lab_ack(&lab, 1, "1001-2001 3001-5001");
    out_run(1, 1001);
    lab_quiet(&lab);
    /* 12,000 are out, 3,000 SACKed, 2,000 or 1,000 lost, 1,000 sent again. */
    lab_ack(&lab, 1, "1001-2001 3001-6001");
    lab_ack(&lab, 1, "1001-2001 3001-7001");
    ck_assert_uint_eq(lab_info(&lab).retransmits, 1);
    lab_ack(&lab, 1, "1001-2001 3001-8001");
    lab_quiet(&lab); /* 12,000 - 6,000 - 2,000 + 1,000 are 5,000: as much as cwnd */
    lab_ack(&lab, 1, "1001-2001 3001-9001");
    out_run(2001, 3001); /* what is lost before what is new */
    lab_ack(&lab, 1, "1001-2001 3001-10001");
    out_run(12001, 13001);
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).sacked_bytes, 8000);
    ck_assert_uint_eq(lab_info(&lab).lost_bytes, 2000);
    ck_assert_uint_eq(lab_info(&lab).resent_bytes, 2000);
    lab_fini(&lab);
}
END_TEST

START_TEST(recovery_ends_with_all_that_was_out_and_halves_once__rfc6675_5)
{
    far();
    written(60000);
    out_run(1, 10001);
    later();
    lab_ack(&lab, 1, "1001-4001");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    out_run(1, 1001);
    lab_forget(&lab);
    lab_ack(&lab, 4001, "5001-9001"); /* another hole of the same flight: no second reduction */
    out_run(4001, 5001);
    lab_forget(&lab);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    lab_ack(&lab, 10001, NULL);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 5000);
    ck_assert_uint_eq(lab_info(&lab).sacked_bytes, 0);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(small_segments_count_as_well__rfc6675_5)
{
    far();
    sw_sock_set(lab.sock, SW_OPT_NODELAY, 1);
    for (unsigned i = 0; i < 5; i++) {
        written(10);
    }
    ck_assert_uint_eq(lab_forget(&lab), 5);
    later();
    lab_ack(&lab, 1, "11-41"); /* 30 bytes of three segments */
    lab_out(&lab, lab_now(&lab), ". 1:11(10) ack 1 win 60000");
    lab_out(&lab, lab_now(&lab), "P. 41:51(10) ack 1 win 60000"); /* NextSeg() (4) */
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(with_nothing_new_what_is_doubtful_goes_then_the_last_once__rfc6675_4_nextseg)
{
    far();
    sw_sock_set(lab.sock, SW_OPT_NODELAY, 1);
    for (unsigned i = 0; i < 8; i++) {
        written(100);
    }
    ck_assert_uint_eq(lab_forget(&lab), 8);
    later();
    lab_ack(&lab, 1, "101-201 301-401 501-601");
    lab_out(&lab, lab_now(&lab), ". 1:101(100) ack 1 win 60000");   /* (1): three runs above it */
    lab_out(&lab, lab_now(&lab), ". 201:301(100) ack 1 win 60000"); /* (3) */
    lab_out(&lab, lab_now(&lab), ". 401:501(100) ack 1 win 60000");
    /* (4): nothing says that it is lost, and nothing that it is not. */
    lab_out(&lab, lab_now(&lab), "P. 701:801(100) ack 1 win 60000");
    lab_ack(&lab, 1, "101-201 301-401 501-601");
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_timeout_keeps_the_marks_and_sends_the_holes_in_slow_start__rfc6675_5_1)
{
    far();
    written(10000);
    out_run(1, 10001);
    later();
    lab_ack(&lab, 1, "3001-5001");
    lab_run(&lab, 45 * SW_MS); /* RACK's timer */
    ck_assert_uint_gt(lab_forget(&lab), 0);
    lab_run(&lab, 245 * SW_MS); /* and nothing more is heard */
    out_run(1, 1001);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 1000);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    later();
    lab_ack(&lab, 1001, "3001-5001");
    out_run(1001, 3001);
    lab_quiet(&lab);
    later();
    lab_ack(&lab, 5001, NULL);
    out_run(5001, 8001);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(duplicates_of_what_a_timeout_sent_again_begin_nothing__rfc6675_5_1)
{
    far();
    written(10000);
    out_run(1, 10001);
    lab_run(&lab, 262 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 2); /* a probe at 62 ms, and the first again */
    const uint64_t ssthresh = lab_info(&lab).ssthresh_bytes;
    lab_ack(&lab, 1, "1001-5001");
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 1000);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, ssthresh);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_receiver_may_throw_away_what_it_had__rfc2018_8)
{
    far();
    written(5000);
    out_run(1, 5001);
    later();
    lab_ack(&lab, 1, "1001-5001");
    out_run(1, 1001);
    lab_ack(&lab, 1001, NULL); /* 1001 to 5001 are gone */
    lab_quiet(&lab);
    lab_run(&lab, lab_now(&lab) + 200 * SW_MS);
    out_run(1001, 2001);
    lab_ack(&lab, 2001, NULL);
    out_run(2001, 4001);
    lab_ack(&lab, 4001, NULL);
    out_run(4001, 5001);
    lab_ack(&lab, 5001, NULL);
    ck_assert_uint_eq(lab_info(&lab).flight_bytes, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_fin_is_sent_again_like_text)
{
    far();
    written(3000);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, lab_now(&lab));
    out_run(1, 2001);
    lab_out(&lab, lab_now(&lab), "P. 2001:3001(1000) ack 1 win 60000");
    lab_out(&lab, lab_now(&lab), "F. 3001:3001(0) ack 1 win 60000");
    later();
    lab_ack(&lab, 2001, NULL);
    lab_run(&lab, 82 * SW_MS);
    lab_out(&lab, lab_now(&lab), "F. 3001:3001(0) ack 1 win 60000"); /* a probe */
    lab_run(&lab, 282 * SW_MS);
    lab_out(&lab, lab_now(&lab), "P. 2001:3001(1000) ack 1 win 60000");
    lab_ack(&lab, 3001, NULL);
    lab_out(&lab, lab_now(&lab), "F. 3001:3001(0) ack 1 win 60000");
    lab_ack(&lab, 3002, NULL);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_is_too_long_for_the_path_comes_again_in_pieces__rfc1191_6_4)
{
    far();
    written(3000);
    out_run(1, 3001);
    lab_icmp(&lab, 3, 4, 600, 1);
    lab_out(&lab, lab_now(&lab), ". 1:561(560) ack 1 win 60000");
    lab_out(&lab, lab_now(&lab), ". 561:1001(440) ack 1 win 60000");
    lab_out(&lab, lab_now(&lab), ". 1001:1561(560) ack 1 win 60000");
    lab_out(&lab, lab_now(&lab), ". 1561:2001(440) ack 1 win 60000");
    lab_out(&lab, lab_now(&lab), ". 2001:2561(560) ack 1 win 60000");
    lab_out(&lab, lab_now(&lab), "P. 2561:3001(440) ack 1 win 60000");
    lab_ack(&lab, 561, NULL);
    lab_ack(&lab, 3001, NULL);
    ck_assert_uint_eq(lab_info(&lab).flight_bytes, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_window_that_was_closed_opens_over_what_it_refused)
{
    far();
    written(3000);
    out_run(1, 3001);
    lab_in(&lab, ". 1:1(0) ack 1001 win 0"); /* and the rest was thrown away */
    lab_run(&lab, 220 * SW_MS);
    lab_out(&lab, lab_now(&lab), ". 1001:1002(1) ack 1 win 60000"); /* a probe, no retransmission */
    lab_in(&lab, ". 1:1(0) ack 1001 win 65535");
    out_run(1001, 3001);
    lab_ack(&lab, 3001, NULL);
    lab_fini(&lab);
}
END_TEST

START_TEST(without_its_permission_nothing_is_made_of_blocks__rfc2018_2)
{
    const struct lab_config config = {.sack = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1000>");
    written(10000);
    out_run(1, 10001);
    later();
    lab_ack(&lab, 1, "1001-5001");
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).sacked_bytes, 0);
    lab_fini(&lab);
}
END_TEST

/* ---- RACK-TLP and PRR ---- */

START_TEST(what_may_be_reordered_has_a_quarter_of_the_round_trip__rfc8985_6_2)
{
    far();
    written(5000);
    out_run(1, 5001);
    later();
    lab_ack(&lab, 1, "1001-2001");
    lab_run(&lab, 45 * SW_MS - 1);
    lab_quiet(&lab);
    lab_run(&lab, 45 * SW_MS); /* 20 ms after it was sent, 20 of the round trip, and 5 */
    out_run(1, 1001);
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 2500);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_comes_late_but_comes_is_not_lost__rfc8985_6_2)
{
    far();
    written(6000);
    out_run(1, 6001);
    later();
    lab_ack(&lab, 1, "1001-2001");
    lab_run(&lab, 43 * SW_MS);
    lab_ack(&lab, 2001, NULL); /* the first was overtaken */
    lab_run(&lab, 50 * SW_MS);
    ck_assert_uint_eq(lab_info(&lab).retransmits, 0);
    lab_quiet(&lab);
    lab_ack(&lab, 2001, "3001-6001"); /* three, but it was seen that order is not kept */
    lab_quiet(&lab);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_was_sent_again_and_lost_again_goes_once_more__rfc8985_6_2)
{
    far();
    written(60000);
    out_run(1, 10001);
    later();
    lab_ack(&lab, 1, "1001-5001");
    out_run(1, 1001); /* and lost again */
    lab_ack(&lab, 1, "1001-6001");
    lab_ack(&lab, 1, "1001-7001");
    out_run(10001, 11001);
    lab_quiet(&lab);
    later();
    const uint64_t before = lab_info(&lab).retransmits;
    lab_ack(&lab, 1, "1001-11001"); /* 10001 was sent behind it */
    ck_assert_uint_eq(lab_info(&lab).retransmits, before + 1);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000); /* once: 9.3 */
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_lost_tail_is_probed_after_two_round_trips__rfc8985_7_2)
{
    far();
    written(3000);
    out_run(1, 3001);
    lab_run(&lab, 62 * SW_MS - 1);
    lab_quiet(&lab);
    lab_run(&lab, 62 * SW_MS); /* 2 * SRTT and 2 ms */
    out_run(2001, 3001);
    lab_run(&lab, 200 * SW_MS); /* one alone */
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(one_segment_waits_for_a_delayed_acknowledgement__rfc8985_7_2)
{
    far();
    written(1000);
    out_run(1, 1001);
    lab_run(&lab, 219 * SW_MS); /* 2 * SRTT and 200 ms are more than the timeout */
    lab_quiet(&lab);
    lab_run(&lab, 220 * SW_MS);
    out_run(1, 1001); /* and then it goes in place of that */
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 10000);
    lab_run(&lab, 419 * SW_MS);
    lab_quiet(&lab);
    lab_run(&lab, 420 * SW_MS);
    out_run(1, 1001);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 1000); /* that was the timeout */
    lab_fini(&lab);
}
END_TEST

START_TEST(an_acknowledgement_that_was_overtaken_may_have_news)
{
    far();
    written(10000);
    out_run(1, 10001);
    later();
    lab_ack(&lab, 3001, NULL);
    lab_quiet(&lab);
    lab_ack(&lab, 2001, "4001-7001"); /* sent before the other was */
    out_run(3001, 4001);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_the_probe_mended_lowers_the_window_once__rfc8985_7_4)
{
    far();
    written(3000);
    out_run(1, 3001); /* the last is lost */
    later();
    lab_ack(&lab, 2001, NULL);
    lab_run(&lab, 240 * SW_MS);
    out_run(2001, 3001); /* alone: by the timer of a timeout */
    lab_forget(&lab);
    lab_fini(&lab);
    far();
    written(4000);
    out_run(1, 4001); /* the last two are on their way, the last is lost */
    later();
    lab_ack(&lab, 2001, NULL);
    lab_run(&lab, 82 * SW_MS);
    out_run(3001, 4001);
    const uint64_t before = lab_info(&lab).cwnd_bytes;
    later();
    lab_ack(&lab, 4001, NULL); /* up to the probe's end: it may have been needless */
    ck_assert_uint_ge(lab_info(&lab).cwnd_bytes, before);
    written(1000);
    lab_forget(&lab);
    later();
    lab_ack(&lab, 5001, NULL); /* no duplicate came: it was not */
    ck_assert_uint_lt(lab_info(&lab).cwnd_bytes, before);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_needless_probe_lowers_nothing__rfc8985_7_4)
{
    far();
    written(4000);
    out_run(1, 4001);
    lab_run(&lab, 62 * SW_MS);
    out_run(3001, 4001);
    lab_ack(&lab, 4001, NULL); /* a slow path, and no loss */
    const uint64_t before = lab_info(&lab).cwnd_bytes;
    lab_ack(&lab, 4001, NULL); /* the answer to the probe */
    written(1000);
    lab_forget(&lab);
    later();
    lab_ack(&lab, 5001, NULL);
    ck_assert_uint_ge(lab_info(&lab).cwnd_bytes, before);
    lab_fini(&lab);
}
END_TEST

/* What the probe showed to be lost was answered by the recovery that it began. */
START_TEST(a_recovery_takes_the_place_of_the_probe__rfc8985_7_1)
{
    far();
    written(10000);
    out_run(1, 10001);
    lab_run(&lab, 62 * SW_MS);
    out_run(9001, 10001);
    later();
    lab_ack(&lab, 1, "9001-10001");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    ck_assert_uint_gt(lab_forget(&lab), 0);
    later();
    lab_ack(&lab, 10001, NULL);
    written(4000);
    lab_forget(&lab);
    later();
    lab_ack(&lab, 14001, NULL);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_probe_is_new_text_if_there_is_some__rfc8985_7_3)
{
    far();
    written(12000);
    out_run(1, 10001); /* cwnd is full */
    lab_run(&lab, 62 * SW_MS);
    out_run(10001, 11001);
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).retransmits, 0);
    lab_fini(&lab);
}
END_TEST

/* The answer to what was sent twice is no measurement; the next that is opens the way again. first,
 * second: so many probes go in the two round trips behind one that was needless. */
static void probes_behind_a_probe(bool as_linux, unsigned first, unsigned second)
{
    const struct lab_config config = {.sack = true, .as_linux = as_linux};
    lab_init(&lab, &config);
    lab.patience = 20 * SW_MS;
    lab_accept(&lab, 65535, "<mss 1000,sackOK>");
    written(1000);
    lab_forget(&lab);
    lab_run(&lab, 250 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1); /* a probe */
    lab_ack(&lab, 1001, NULL);
    lab_ack(&lab, 1001, "1-1001");
    for (unsigned i = 0; i < 2; i++) {
        const sw_time at = lab_now(&lab);
        written(2000);
        lab_forget(&lab);
        lab_run(&lab, at + 100 * SW_MS);
        ck_assert_uint_eq(lab_forget(&lab), i == 0 ? first : second);
        lab_run(&lab, at + 150 * SW_MS);
        lab_ack(&lab, 3001 + 2000 * i, NULL);
    }
    lab_fini(&lab);
}

START_TEST(between_two_probes_a_round_trip_is_measured__rfc8985_7_3)
{
    probes_behind_a_probe(false, 0, 1);
    probes_behind_a_probe(true, 1, 0); /* whether the second was needless is not known yet */
}
END_TEST

/* ---- the receiver's side ---- */

START_TEST(sack_is_permitted_in_a_syn_and_in_its_answer__rfc2018_2)
{
    const struct lab_config config = {.sack = true, .timestamps = true, .scaling = true};
    lab_init(&lab, &config);
    lab_listen(&lab, 1);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460,sackOK>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460,sackOK>");
    lab_in(&lab, "R 1:1(0) win 0");
    lab.peer_port++;
    lab.host_known = false;
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_in(&lab, "R 1:1(0) win 0");
    lab.peer_port--;
    lab.host_known = false;
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460,ts 0 0,ws 0,sackOK>");
    lab_fini(&lab);
}
END_TEST

START_TEST(the_block_of_the_segment_comes_first__rfc2018_4)
{
    accepted();
    lab_in(&lab, ". 1001:1011(10) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <sack 1001-1011>");
    lab_in(&lab, ". 3001:3011(10) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <sack 3001-3011 1001-1011>");
    lab_in(&lab, ". 1011:1021(10) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <sack 1001-1021 3001-3011>");
    lab_in(&lab, ". 1021:3001(1980) ack 1 win 65535"); /* the two become one */
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <sack 1001-3011>");
    lab_fini(&lab);
}
END_TEST

START_TEST(each_block_is_told_as_often_as_there_is_room__rfc2018_4)
{
    const struct lab_config config = {.sack = true, .timestamps = true};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1000,sackOK,ts 5 0>");
    lab_in(&lab, ". 101:111(10) ack 1 win 65535 <ts 5 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <ts 0 5,sack 101-111>");
    lab_in(&lab, ". 201:211(10) ack 1 win 65535 <ts 5 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <ts 0 5,sack 201-211 101-111>");
    lab_in(&lab, ". 301:311(10) ack 1 win 65535 <ts 5 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <ts 0 5,sack 301-311 201-211 101-111>");
    lab_in(&lab, ". 401:411(10) ack 1 win 65535 <ts 5 0>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <ts 0 5,sack 401-411 301-311 201-211>");
    lab_fini(&lab);
}
END_TEST

START_TEST(what_is_acknowledged_is_in_no_block__rfc2018_4)
{
    accepted();
    lab_in(&lab, ". 11:21(10) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <sack 11-21>");
    lab_in(&lab, ". 31:41(10) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000 <sack 31-41 11-21>");
    lab_in(&lab, ". 1:11(10) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 21 win 59980 <sack 31-41>");
    lab_in(&lab, ". 21:31(10) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 41 win 59960");
    lab_fini(&lab);
}
END_TEST

START_TEST(text_has_the_blocks_that_fit_beside_it__rfc2018_3)
{
    accepted();
    lab_in(&lab, ". 11:21(10) ack 1 win 65535");
    lab_forget(&lab);
    written(1990);
    lab_out(&lab, 0, ". 1:1001(1000) ack 1 win 60000"); /* full */
    lab_ack(&lab, 1001, NULL);
    lab_out(&lab, 0, "P. 1001:1991(990) ack 1 win 60000"); /* no room for 12 bytes */
    lab_ack(&lab, 1991, NULL);
    written(988);
    lab_out(&lab, 0, "P. 1991:2979(988) ack 1 win 60000 <sack 11-21>");
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_recover");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, three_segments_above_a_hole_begin_recovery__rfc6675_5);
    tcase_add_test(tc, a_duplicate_without_news_lets_nothing_go__rfc5681_3_2);
    tcase_add_test(tc, a_host_that_ends_amid_it_leaves_nothing);
    tcase_add_test(tc, nothing_goes_unless_the_pipe_has_room_for_a_segment__rfc6675_5);
    tcase_add_test(tc, recovery_ends_with_all_that_was_out_and_halves_once__rfc6675_5);
    tcase_add_test(tc, small_segments_count_as_well__rfc6675_5);
    tcase_add_test(tc,
                   with_nothing_new_what_is_doubtful_goes_then_the_last_once__rfc6675_4_nextseg);
    tcase_add_test(tc, a_timeout_keeps_the_marks_and_sends_the_holes_in_slow_start__rfc6675_5_1);
    tcase_add_test(tc, duplicates_of_what_a_timeout_sent_again_begin_nothing__rfc6675_5_1);
    tcase_add_test(tc, a_receiver_may_throw_away_what_it_had__rfc2018_8);
    tcase_add_test(tc, a_fin_is_sent_again_like_text);
    tcase_add_test(tc, what_is_too_long_for_the_path_comes_again_in_pieces__rfc1191_6_4);
    tcase_add_test(tc, a_window_that_was_closed_opens_over_what_it_refused);
    tcase_add_test(tc, what_may_be_reordered_has_a_quarter_of_the_round_trip__rfc8985_6_2);
    tcase_add_test(tc, what_comes_late_but_comes_is_not_lost__rfc8985_6_2);
    tcase_add_test(tc, what_was_sent_again_and_lost_again_goes_once_more__rfc8985_6_2);
    tcase_add_test(tc, a_lost_tail_is_probed_after_two_round_trips__rfc8985_7_2);
    tcase_add_test(tc, one_segment_waits_for_a_delayed_acknowledgement__rfc8985_7_2);
    tcase_add_test(tc, an_acknowledgement_that_was_overtaken_may_have_news);
    tcase_add_test(tc, what_the_probe_mended_lowers_the_window_once__rfc8985_7_4);
    tcase_add_test(tc, a_needless_probe_lowers_nothing__rfc8985_7_4);
    tcase_add_test(tc, a_recovery_takes_the_place_of_the_probe__rfc8985_7_1);
    tcase_add_test(tc, a_probe_is_new_text_if_there_is_some__rfc8985_7_3);
    tcase_add_test(tc, between_two_probes_a_round_trip_is_measured__rfc8985_7_3);
    tcase_add_test(tc, without_its_permission_nothing_is_made_of_blocks__rfc2018_2);
    tcase_add_test(tc, sack_is_permitted_in_a_syn_and_in_its_answer__rfc2018_2);
    tcase_add_test(tc, the_block_of_the_segment_comes_first__rfc2018_4);
    tcase_add_test(tc, each_block_is_told_as_often_as_there_is_room__rfc2018_4);
    tcase_add_test(tc, what_is_acknowledged_is_in_no_block__rfc2018_4);
    tcase_add_test(tc, text_has_the_blocks_that_fit_beside_it__rfc2018_3);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
