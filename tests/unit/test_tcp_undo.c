/* What a needless answer to a loss took is given back: RFC 3522, RFC 5682, D-SACK. */
#include <check.h>
#include <stdio.h>

#include "stack/tcp.h"
#include "tests/support/stack_tcp.h"

#define NO_SSTHRESH (1u << 30)

static struct lab lab;

/* Segments of 1,000 at 20 ms; answers take 20 ms. The host's timestamps are 20 ms ahead. */
static void far_as(bool as_linux, bool sack, bool timestamps)
{
    const struct lab_config config = {.as_linux = as_linux, .sack = sack, .timestamps = timestamps};
    lab_init(&lab, &config);
    lab.patience = 20 * SW_MS;
    lab_accept(&lab, 65535,
               timestamps ? "<mss 1012,sackOK,ts 5 0>"
               : sack     ? "<mss 1000,sackOK>"
                          : "<mss 1000>");
}

static void far(bool sack, bool timestamps)
{
    far_as(false, sack, timestamps);
}

/* Ten segments are out, and more is queued. */
static void ten_out(size_t n)
{
    ck_assert_int_eq(lab_write(&lab, n), (int64_t)n);
    ck_assert_uint_eq(lab_forget(&lab), 10);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 10000);
}

static void ack(uint32_t number, const char *options)
{
    char line[200];
    snprintf(line, sizeof(line), ". 1:1(0) ack %u win 65535%s%s%s", number,
             options != NULL ? " <" : "", options != NULL ? options : "",
             options != NULL ? ">" : "");
    lab_in(&lab, line);
}

static void later(void)
{
    lab_run(&lab, lab_now(&lab) + 20 * SW_MS);
}

static void out(uint32_t from, uint32_t to)
{
    char line[100];
    for (; from < to; from += 1000) {
        const char *push = from + 1000 == lab.written + 1 ? "P" : "";
        snprintf(line, sizeof(line), "%s. %u:%u(1000) ack 1 win 60000", push, from, from + 1000);
        lab_out(&lab, lab_now(&lab), line);
    }
}

static void windows(uint64_t cwnd, uint64_t ssthresh)
{
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, cwnd);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, ssthresh);
}

/* ---- Eifel ---- */

/* A probe goes at 62 ms, the timeout comes at 262. */
static void timed_out_with_timestamps(void)
{
    far(true, true);
    ten_out(10000);
    lab_run(&lab, 270 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    windows(1000, 5000);
    ck_assert_uint_eq(lab_info(&lab).lost_bytes, 10000);
}

START_TEST(an_echo_of_the_first_sending_undoes_a_timeout__rfc3522_3_2)
{
    timed_out_with_timestamps();
    ack(1001, "ts 6 40");
    windows(11000, NO_SSTHRESH); /* as it was, and what that acknowledgement adds */
    ck_assert_uint_eq(lab_info(&lab).lost_bytes, 0);
    ck_assert_uint_eq(lab_info(&lab).retransmits, 2);
    lab_quiet(&lab);
    ack(10001, "ts 6 40");
    ck_assert_uint_eq(lab_info(&lab).flight_bytes, 0);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_echo_of_what_was_sent_again_does_not__rfc3522_3_2)
{
    timed_out_with_timestamps();
    ack(1001, "ts 6 282");
    windows(2000, 5000);
    ck_assert_uint_eq(lab_forget(&lab), 2); /* what follows it, in slow start */
    lab_fini(&lab);
}
END_TEST

/* It is the first sending again that counts, however often it went. */
START_TEST(a_second_timeout_does_not_move_the_time__rfc3522_3_2)
{
    timed_out_with_timestamps();
    lab_run(&lab, 700 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    ack(1001, "ts 6 282");
    windows(2000, 5000);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    lab_fini(&lab);
}
END_TEST

/* All earlier answers may have been lost, and this one be to what was sent again: step 5. */
START_TEST(an_echo_beside_what_came_twice_or_all_says_nothing__rfc3522_3_2)
{
    timed_out_with_timestamps();
    ack(10001, "ts 6 40");
    windows(2000, 5000);
    lab_fini(&lab);
    timed_out_with_timestamps();
    lab_run(&lab, 700 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    ack(1001, "ts 6 40,sack 1-1001");
    windows(2000, 5000);
    lab_forget(&lab);
    lab_fini(&lab);
    /* Of a peer that has told what came twice, and does not now. */
    far(true, true);
    ck_assert_int_eq(lab_write(&lab, 2000), 2000);
    later();
    ack(1001, "ts 6 40");
    ack(1001, "ts 6 40,sack 1-1001");
    ack(2001, "ts 6 40");
    ck_assert_int_eq(lab_write(&lab, 10000), 10000);
    lab_run(&lab, 700 * SW_MS);
    ck_assert_uint_ge(lab_forget(&lab), 13);
    ck_assert_uint_lt(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    ack(12001, "ts 6 60");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    lab_fini(&lab);
}
END_TEST

START_TEST(as_linux_an_echo_beside_all_is_believed)
{
    far_as(true, true, true);
    ten_out(10000);
    lab_run(&lab, 700 * SW_MS);
    ck_assert_uint_ge(lab_forget(&lab), 2);
    ck_assert_uint_lt(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    ack(10001, "ts 6 40");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_echo_undoes_a_timeout_without_sack__rfc4015_3_3)
{
    far(false, true);
    ten_out(10000);
    lab_run(&lab, 230 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    windows(1000, 5000);
    ack(1001, "ts 6 40");
    windows(11000, NO_SSTHRESH);
    lab_quiet(&lab); /* the rest is under way again */
    lab_fini(&lab);
}
END_TEST

START_TEST(a_timeout_while_another_is_mended_is_not_looked_at__rfc3522_3_2)
{
    far(false, true);
    ten_out(10000);
    lab_run(&lab, 230 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    ack(1001, "ts 6 240"); /* what was sent again: the first was lost */
    ck_assert_uint_eq(lab_forget(&lab), 2);
    lab_run(&lab, 600 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    windows(1000, 2000);
    ack(2001, "ts 6 40");
    windows(2000, 2000);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_echo_of_the_first_sending_undoes_a_recovery__rfc3522_3_2)
{
    far(true, true);
    ten_out(10000);
    later();
    ack(1, "ts 6 40,sack 1001-4001"); /* the first is late */
    ck_assert_uint_eq(lab_forget(&lab), 1);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    ack(4001, "ts 6 40");
    windows(14000, NO_SSTHRESH);
    ck_assert_uint_eq(lab_info(&lab).flight_bytes, 6000);
    lab_quiet(&lab);
    /* And it was seen that order is not kept: the next has its time. */
    ack(4001, "ts 6 40,sack 5001-9001");
    lab_quiet(&lab);
    ack(10001, "ts 6 40");
    lab_fini(&lab);
}
END_TEST

/* The third was lost, whatever the first was. */
START_TEST(what_is_still_under_way_again_may_have_been_lost__rfc3522_3_2)
{
    far(true, true);
    ten_out(10000);
    later();
    ack(1, "ts 6 40,sack 1001-2001 3001-10001");
    ck_assert_uint_eq(lab_forget(&lab), 2);
    ack(2001, "ts 6 40,sack 3001-10001");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    later();
    ack(10001, "ts 6 60");
    windows(5000, 5000);
    lab_fini(&lab);
}
END_TEST

/* ---- F-RTO ---- */

/* The probe at 62 ms is new text, 10001 to 11001. */
static void timed_out(void)
{
    far(true, false);
    ten_out(60000);
    lab_run(&lab, 262 * SW_MS);
    lab_out(&lab, 62 * SW_MS, ". 10001:11001(1000) ack 1 win 60000");
    out(1, 1001);
    windows(1000, 5000);
}

START_TEST(answers_to_what_was_sent_once_undo_a_timeout__rfc5682_3_1)
{
    timed_out();
    ack(2001, NULL);
    out(11001, 13001); /* new text, though all else is taken for lost */
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    ack(3001, NULL);
    ck_assert_uint_ge(lab_info(&lab).cwnd_bytes, 10000);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    ck_assert_uint_eq(lab_info(&lab).lost_bytes, 0);
    ck_assert_uint_eq(lab_info(&lab).retransmits, 1);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_block_of_what_was_sent_once_does_as_well__rfc5682_3_1)
{
    timed_out();
    ack(1001, NULL);
    out(11001, 13001);
    ack(1001, "sack 2001-3001");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(if_only_the_new_arrives_the_rest_was_lost__rfc5682_3_1)
{
    timed_out();
    ack(1001, NULL);
    out(11001, 13001);
    later();
    ack(1001, "sack 11001-12001");
    out(1001, 2001);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    ck_assert_uint_le(lab_info(&lab).cwnd_bytes, 3000);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_arrives_with_the_new_says_nothing__rfc5682_3_1)
{
    timed_out();
    ack(1001, NULL);
    out(11001, 13001);
    ack(1001, "sack 2001-3001 11001-12001");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    ck_assert_uint_le(lab_info(&lab).cwnd_bytes, 3000);
    lab_forget(&lab);
    lab_fini(&lab);
    timed_out();
    ack(1001, NULL);
    out(11001, 13001);
    ack(12001, NULL);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    lab_forget(&lab);
    lab_fini(&lab);
    far_as(true, true, false); /* Linux does not ask what arrived with it */
    ten_out(60000);
    lab_run(&lab, 400 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    ck_assert_uint_lt(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    ack(1001, NULL);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    ack(1001, "sack 2001-3001 11001-12001");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    lab_forget(&lab);
    lab_fini(&lab);
    far_as(true, true, false);
    ten_out(60000);
    lab_run(&lab, 400 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    ack(1001, NULL);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    ack(12001, NULL);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(if_all_is_acknowledged_at_once_nothing_is_known__rfc5682_3_1)
{
    timed_out();
    ack(11001, NULL);
    windows(2000, 5000);
    lab_forget(&lab);
    lab_fini(&lab);
    far(false, false); /* nor without SACK, whatever follows */
    ten_out(60000);
    lab_run(&lab, 220 * SW_MS);
    out(1, 1001);
    ack(10001, NULL);
    out(10001, 12001);
    ack(12001, NULL);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(duplicates_before_it_are_waited_through__rfc5682_3_1)
{
    timed_out();
    ack(1, "sack 3001-4001");
    lab_forget(&lab);
    ack(1001, "sack 3001-4001");
    out(11001, 13001);
    ack(2001, "sack 3001-4001");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(without_new_text_the_rest_is_sent_again__rfc5682_3_1)
{
    far(true, false);
    ten_out(10000);
    lab_run(&lab, 262 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    ack(2001, NULL);
    out(2001, 4001);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

/* Without SACK no probe goes; the timeout comes at 220 ms. */
static void timed_out_plainly(void)
{
    far(false, false);
    ten_out(60000);
    lab_run(&lab, 220 * SW_MS);
    out(1, 1001);
    windows(1000, 5000);
}

START_TEST(two_answers_that_get_on_undo_a_timeout__rfc5682_2_1)
{
    timed_out_plainly();
    ack(1001, NULL);
    out(10001, 12001);
    lab_quiet(&lab);
    ack(2001, NULL);
    ck_assert_uint_ge(lab_info(&lab).cwnd_bytes, 10000);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    ck_assert_uint_eq(lab_info(&lab).retransmits, 1);
    lab_quiet(&lab); /* 2001 to 12001 are as much */
    lab_fini(&lab);
}
END_TEST

START_TEST(a_duplicate_after_the_new_text_says_lost__rfc5682_2_1)
{
    timed_out_plainly();
    ack(1001, NULL);
    out(10001, 12001);
    later();
    ack(1001, NULL);
    out(1001, 3001);
    windows(2000, 5000);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_duplicate_before_it_says_lost__rfc5682_2_1)
{
    timed_out_plainly();
    ack(1, NULL);
    lab_forget(&lab);
    ack(1001, NULL);
    ck_assert_uint_eq(lab_info(&lab).retransmits, 3);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_part_of_what_was_sent_again_says_nothing__rfc5682_2_1)
{
    timed_out_plainly();
    ack(501, NULL);
    ck_assert_uint_eq(lab_info(&lab).retransmits, 2);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    ack(2001, NULL);
    windows(2500, 5000);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(another_timeout_of_the_same_segment_begins_it_anew__rfc5682_2_1)
{
    timed_out_plainly();
    lab_run(&lab, 620 * SW_MS);
    out(1, 1001);
    ack(1001, NULL);
    out(10001, 12001);
    ack(2001, NULL);
    ck_assert_uint_ge(lab_info(&lab).cwnd_bytes, 10000);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

/* Answers to what the first timeout sent again would say that the second was needless. */
START_TEST(a_timeout_while_another_is_mended_begins_none__rfc5682_2_1)
{
    timed_out_plainly();
    ack(1, NULL); /* so the rest is sent again */
    ack(1001, NULL);
    out(1001, 3001);
    lab_run(&lab, 620 * SW_MS);
    out(1001, 2001);
    ack(2001, NULL);
    out(2001, 4001);
    lab_quiet(&lab);
    lab_fini(&lab);
    /* Under `profile: linux` an echo could still say that it was needless, and F-RTO neither. */
    far_as(true, false, false);
    ten_out(60000);
    lab_run(&lab, 400 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    ack(1, NULL);
    ack(1001, NULL);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    lab_run(&lab, 1000 * SW_MS);
    ck_assert_uint_ge(lab_forget(&lab), 1);
    ack(2001, NULL);
    ck_assert_uint_eq(lab_forget(&lab), 2);
    ck_assert_uint_eq(lab_info(&lab).flight_bytes, 8000); /* nothing new */
    lab_fini(&lab);
}
END_TEST

START_TEST(an_echo_undoes_a_recovery_without_sack__rfc3522_3_2)
{
    const struct lab_config config = {.timestamps = true};
    lab_init(&lab, &config);
    lab.patience = 20 * SW_MS;
    lab_accept(&lab, 65535, "<mss 1012,ts 5 0>");
    ten_out(10000);
    later();
    for (unsigned i = 0; i < 3; i++) {
        ack(1, "ts 6 40");
    }
    ck_assert_uint_eq(lab_forget(&lab), 1);
    windows(8000, 5000);
    ack(5001, "ts 6 40");
    windows(15000, NO_SSTHRESH);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

/* ---- D-SACK ---- */

/* The first and the third are late, and are sent again. */
static void recovered(void)
{
    far(true, false);
    ten_out(10000);
    later();
    ack(1, "sack 1001-2001 3001-10001");
    out(1, 1001);
    out(2001, 3001);
    ack(10001, NULL);
    windows(5000, 5000);
}

START_TEST(when_all_that_was_sent_again_came_twice_it_is_undone__rfc3708_3)
{
    recovered();
    later();
    ack(10001, "sack 1-1001");
    windows(5000, 5000);
    ack(10001, "sack 2001-3001");
    windows(10000, NO_SSTHRESH);
    ack(10001, "sack 2001-3001");
    windows(10000, NO_SSTHRESH);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_timeout_in_a_recovery_keeps_what_was_before_that__rfc3708_3)
{
    far(true, false);
    ten_out(10000);
    later();
    ack(1, "sack 1001-2001 3001-10001");
    out(1, 1001);
    out(2001, 3001);
    lab_run(&lab, lab_now(&lab) + 300 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    ack(10001, NULL);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    ack(10001, "sack 1-1001");
    ack(10001, "sack 1-1001");
    ack(10001, "sack 2001-3001");
    windows(10000, NO_SSTHRESH);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_the_path_doubled_undoes_nothing__rfc3708_3)
{
    recovered();
    later();
    ack(10001, "sack 1-1001");
    ack(10001, "sack 5001-6001"); /* was sent but once */
    windows(5000, 5000);
    lab_fini(&lab);
    far(true, false);
    ten_out(10000);
    later();
    ack(2001, NULL);
    ack(2001, "sack 3001-4001 5001-10001");
    out(2001, 3001);
    out(4001, 5001);
    later();
    ack(10001, NULL);
    windows(4000, 4000);
    ack(10001, "sack 1-1001"); /* was acknowledged before all that */
    ack(10001, "sack 1001-2001");
    windows(4000, 4000);
    lab_fini(&lab);
}
END_TEST

START_TEST(news_of_it_that_come_later_than_any_are_none)
{
    recovered();
    ack(10001, "sack 1-1001");
    const struct sw_tcp *t = SW_CONTAINER(lab.sock, struct sw_tcp_sock, sock)->tcp;
    ck_assert_ptr_nonnull(t->loss);
    lab_run(&lab, lab_now(&lab) + 41 * SW_MS); /* two round trips */
    ck_assert_ptr_null(t->loss);               /* and an idle connection is small */
    ack(10001, "sack 2001-3001");
    windows(5000, 5000);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_host_that_ends_before_any_news_leaves_nothing)
{
    recovered();
    lab_fini(&lab);
}
END_TEST

/* ---- what ends it ---- */

/* RFC 3168 6.1.2: something came twice, and the way is congested all the same. */
START_TEST(a_mark_meanwhile_keeps_the_window_lowered__rfc3168_6_1_2)
{
    lab_init(&lab, &(struct lab_config){.sack = true});
    lab_listen(&lab, 1);
    lab_in(&lab, "SEW 0:0(0) win 65535 <mss 1000,sackOK>");
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_run(&lab, 20 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    lab_events(&lab, "A");
    ten_out(60000);
    later();
    ack(1, "sack 1001-4001");
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_in(&lab, ".E 1:1(0) ack 4001 win 65535");
    ack(4001, "sack 1-1001");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, 5000);
    ck_assert_uint_le(lab_info(&lab).cwnd_bytes, 10000);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_second_timeout_keeps_what_was_before_the_first)
{
    timed_out_with_timestamps();
    lab_run(&lab, 700 * SW_MS);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, 1000);
    ack(1001, "ts 6 40");
    windows(11000, NO_SSTHRESH);
    lab_fini(&lab);
}
END_TEST

START_TEST(after_it_a_loss_is_answered_as_ever)
{
    timed_out_with_timestamps();
    ack(1001, "ts 6 40");
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, NO_SSTHRESH);
    ack(1001, "ts 6 40,sack 2001-10001"); /* and the rest was no more than late */
    lab_run(&lab, lab_now(&lab) + 100 * SW_MS);
    ck_assert_uint_lt(lab_info(&lab).ssthresh_bytes, 10000);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_undo");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, an_echo_of_the_first_sending_undoes_a_timeout__rfc3522_3_2);
    tcase_add_test(tc, an_echo_of_what_was_sent_again_does_not__rfc3522_3_2);
    tcase_add_test(tc, a_second_timeout_does_not_move_the_time__rfc3522_3_2);
    tcase_add_test(tc, an_echo_beside_what_came_twice_or_all_says_nothing__rfc3522_3_2);
    tcase_add_test(tc, as_linux_an_echo_beside_all_is_believed);
    tcase_add_test(tc, an_echo_undoes_a_timeout_without_sack__rfc4015_3_3);
    tcase_add_test(tc, a_timeout_while_another_is_mended_is_not_looked_at__rfc3522_3_2);
    tcase_add_test(tc, an_echo_of_the_first_sending_undoes_a_recovery__rfc3522_3_2);
    tcase_add_test(tc, what_is_still_under_way_again_may_have_been_lost__rfc3522_3_2);
    tcase_add_test(tc, answers_to_what_was_sent_once_undo_a_timeout__rfc5682_3_1);
    tcase_add_test(tc, a_block_of_what_was_sent_once_does_as_well__rfc5682_3_1);
    tcase_add_test(tc, if_only_the_new_arrives_the_rest_was_lost__rfc5682_3_1);
    tcase_add_test(tc, what_arrives_with_the_new_says_nothing__rfc5682_3_1);
    tcase_add_test(tc, if_all_is_acknowledged_at_once_nothing_is_known__rfc5682_3_1);
    tcase_add_test(tc, duplicates_before_it_are_waited_through__rfc5682_3_1);
    tcase_add_test(tc, without_new_text_the_rest_is_sent_again__rfc5682_3_1);
    tcase_add_test(tc, two_answers_that_get_on_undo_a_timeout__rfc5682_2_1);
    tcase_add_test(tc, a_duplicate_after_the_new_text_says_lost__rfc5682_2_1);
    tcase_add_test(tc, a_duplicate_before_it_says_lost__rfc5682_2_1);
    tcase_add_test(tc, a_part_of_what_was_sent_again_says_nothing__rfc5682_2_1);
    tcase_add_test(tc, another_timeout_of_the_same_segment_begins_it_anew__rfc5682_2_1);
    tcase_add_test(tc, a_timeout_while_another_is_mended_begins_none__rfc5682_2_1);
    tcase_add_test(tc, an_echo_undoes_a_recovery_without_sack__rfc3522_3_2);
    tcase_add_test(tc, when_all_that_was_sent_again_came_twice_it_is_undone__rfc3708_3);
    tcase_add_test(tc, what_the_path_doubled_undoes_nothing__rfc3708_3);
    tcase_add_test(tc, a_timeout_in_a_recovery_keeps_what_was_before_that__rfc3708_3);
    tcase_add_test(tc, news_of_it_that_come_later_than_any_are_none);
    tcase_add_test(tc, a_host_that_ends_before_any_news_leaves_nothing);
    tcase_add_test(tc, a_mark_meanwhile_keeps_the_window_lowered__rfc3168_6_1_2);
    tcase_add_test(tc, a_second_timeout_keeps_what_was_before_the_first);
    tcase_add_test(tc, after_it_a_loss_is_answered_as_ever);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
