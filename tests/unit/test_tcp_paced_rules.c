/* What a paced connection tells of itself, and what becomes of that, each condition by itself, of a
 * connection made by hand (stack_bare.h). */
#include <check.h>

#include "stack/tcp_bbr.h"
#include "tests/support/stack_bare.h"

static struct bare b;

/* BBR's, unpaced as yet. */
static void begin(void)
{
    bare_begin(&b);
    sw_tcp_paced_choose(&b.t, sw_tcp_cc_find(SW_TCP_BBR));
    ck_assert_ptr_nonnull(b.t.paced);
    b.t.paced->pace.rate = 0;
}

/* A segment of 1,000, known to all who want to. */
static void sent(void)
{
    const uint32_t seq = b.t.snd_nxt;
    sw_tcp_paced_sent(&b.t, seq, seq + 1000);
    bare_sent(&b, 1000, sw_tcp_now(&b.t));
}

/* ---- the rate ---- */

START_TEST(who_asks_for_no_bound_and_has_none_needs_nothing)
{
    bare_begin(&b);
    ck_assert_int_eq(sw_tcp_paced_limit(&b.t, 0), 0);
    ck_assert_ptr_null(b.t.paced);
    bare_end(&b);
}
END_TEST

START_TEST(a_bound_holds_for_what_the_window_would_give)
{
    bare_begin(&b); /* 10,000 in 20 ms, twice that in slow start: 1,000,000 a second */
    ck_assert_int_eq(sw_tcp_paced_limit(&b.t, 7999992), 0);
    ck_assert_uint_eq(b.t.paced->pace.rate, 999999);
    ck_assert_int_eq(b.t.paced->dry_at, -1);
    ck_assert_int_eq(sw_tcp_paced_limit(&b.t, 8000008), 0);
    ck_assert_uint_eq(b.t.paced->pace.rate, 1000000);
    b.t.rtt.srtt = 0; /* nothing is known but the bound */
    sw_tcp_paced_rate(&b.t);
    ck_assert_uint_eq(b.t.paced->pace.rate, 1000001);
    ck_assert_int_eq(sw_tcp_paced_limit(&b.t, 8), 0);
    ck_assert_uint_eq(b.t.paced->pace.rate, 1);
    ck_assert_int_eq(sw_tcp_paced_limit(&b.t, 7), 0); /* never none */
    ck_assert_uint_eq(b.t.paced->pace.rate, 1);
    ck_assert_int_eq(sw_tcp_paced_limit(&b.t, 16), 0);
    ck_assert_uint_eq(b.t.paced->pace.rate, 2);
    ck_assert_int_eq(sw_tcp_paced_limit(&b.t, UINT64_MAX), 0);
    ck_assert_uint_eq(b.t.paced->pace.rate, 1ull << 34);
    ck_assert_int_eq(sw_tcp_paced_limit(&b.t, 0), 0);
    ck_assert_uint_eq(b.t.paced->pace.rate, 0); /* NewReno asks for no pacing */
    bare_end(&b);
}
END_TEST

START_TEST(an_algorithm_that_measures_has_what_it_needs_and_gives_it_back)
{
    bare_begin(&b);
    sw_tcp_paced_choose(&b.t, sw_tcp_cc_find(SW_TCP_BBR));
    ck_assert_ptr_nonnull(b.t.cc.own.bbr);
    ck_assert_ptr_eq(b.loss.rate, &b.t.paced->rate);
    sent();
    ck_assert_ptr_nonnull(b.t.paced->rate.ring);
    const struct sw_tcp_bbr *model = b.t.cc.own.bbr;
    sw_tcp_paced_choose(&b.t, sw_tcp_cc_find(SW_TCP_BBR)); /* the same: nothing changes */
    ck_assert_ptr_eq(b.t.cc.own.bbr, model);
    ck_assert_ptr_nonnull(b.t.paced->rate.ring);
    sw_tcp_paced_choose(&b.t, sw_tcp_cc_find(SW_TCP_CUBIC));
    ck_assert_ptr_null(b.loss.rate);
    ck_assert_ptr_null(b.t.paced->rate.ring);
    ck_assert_uint_eq(b.t.paced->pace.rate, 0);
    bare_end(&b);
}
END_TEST

START_TEST(before_there_may_be_text_nothing_is_measured)
{
    bare_begin(&b);
    b.t.state = SW_TCP_SYN_SENT;
    sw_tcp_paced_choose(&b.t, sw_tcp_cc_find(SW_TCP_BBR));
    ck_assert_ptr_null(b.t.paced);
    ck_assert_ptr_null(b.loss.rate);
    b.t.state = SW_TCP_ESTABLISHED;
    sw_tcp_paced_restart(&b.t); /* text is about to be sent */
    ck_assert_ptr_eq(b.loss.rate, &b.t.paced->rate);
    ck_assert_ptr_nonnull(b.t.cc.own.bbr);
    bare_end(&b);
}
END_TEST

START_TEST(a_quantum_that_may_not_go_yet_is_waited_for)
{
    begin();
    b.t.paced->pace.rate = 1000;
    b.t.paced->pace.next = SW_S + 5;
    ck_assert(!sw_tcp_paced_may(&b.t));
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_PACE], SW_S + 5);
    bare_at(&b, SW_S + 5);
    ck_assert(sw_tcp_paced_may(&b.t));
    bare_end(&b);
}
END_TEST

/* ---- the user has too little ---- */

static sw_time dry(uint32_t queued, uint32_t cwnd)
{
    b.t.paced->dry_at = -1;
    b.t.sendq.bytes = queued;
    b.t.cc.cwnd = cwnd;
    sw_tcp_paced_dry(&b.t);
    return b.t.paced->dry_at;
}

START_TEST(dry_is_a_queue_with_less_than_a_segment_where_the_window_has_room)
{
    begin();
    sent();
    sent();
    ck_assert_int_eq(dry(2999, 10000), SW_S);
    ck_assert_int_eq(dry(3000, 10000), -1);
    ck_assert_int_eq(dry(2000, 10000), SW_S);
    ck_assert_int_eq(dry(1999, 10000), SW_S); /* a FIN is out, too */
    ck_assert_int_eq(dry(2000, 2000), -1);    /* the window is full */
    ck_assert_int_eq(dry(2000, 2001), SW_S);
    b.t.paced->pace.next = SW_S + 7; /* what was sent goes until then */
    ck_assert_int_eq(dry(2000, 10000), SW_S + 7);
    b.t.paced->pace.next = SW_S - 7;
    ck_assert_int_eq(dry(2000, 10000), SW_S);
    bare_at(&b, 2 * SW_S);
    sw_tcp_paced_dry(&b.t); /* it was before */
    ck_assert_int_eq(b.t.paced->dry_at, SW_S);
    sw_tcp_sent_lose(&b.loss.sent, 0); /* there is something to send again */
    ck_assert_int_eq(dry(2000, 10000), -1);
    bare_end(&b);
}
END_TEST

START_TEST(what_is_sent_after_a_dry_time_is_limited_by_the_user)
{
    begin();
    sent();
    ck_assert_uint_eq(b.t.paced->rate.limited_end, 0);
    ck_assert_int_eq(dry(1000, 10000), SW_S);
    sent(); /* at the same time: nobody waited */
    ck_assert_uint_eq(b.t.paced->rate.limited_end, 0);
    ck_assert_int_eq(b.t.paced->dry_at, -1);
    ck_assert_int_eq(dry(2000, 10000), SW_S);
    bare_at(&b, SW_S + 1);
    sw_tcp_paced_sent(&b.t, 100, 1100); /* once more: that is no new text */
    ck_assert_int_eq(b.t.paced->dry_at, SW_S);
    ck_assert_uint_eq(b.t.paced->rate.limited_end, 0);
    ck_assert(b.t.paced->rate.ring[0].again);
    ck_assert(!b.t.paced->rate.ring[1].again);
    sent();
    ck_assert_uint_eq(b.t.paced->rate.limited_end, 2000); /* what is out */
    ck_assert_int_eq(b.t.paced->dry_at, -1);
    ck_assert_uint_eq(b.t.paced->rate.tail, 3);
    bare_end(&b);
}
END_TEST

START_TEST(who_is_only_bounded_keeps_no_records)
{
    bare_begin(&b);
    ck_assert_int_eq(sw_tcp_paced_limit(&b.t, 8000), 0);
    sent();
    ck_assert_ptr_null(b.t.paced->rate.ring);
    ck_assert_int_eq(b.t.paced->pace.next, 2 * SW_S - SW_S); /* a segment's time was his due */
    sent();
    ck_assert_int_eq(b.t.paced->pace.next, 2 * SW_S);
    bare_end(&b);
}
END_TEST

START_TEST(a_pause_after_a_dry_time_is_the_users)
{
    begin();
    b.t.paced->dry_at = SW_S;
    sw_tcp_paced_restart(&b.t);
    ck_assert_uint_eq(b.t.paced->rate.limited_end, 0);
    bare_at(&b, SW_S + 1);
    sw_tcp_paced_restart(&b.t);
    ck_assert_uint_eq(b.t.paced->rate.limited_end, 1);
    ck_assert(b.t.cc.own.bbr->idle_restart);
    bare_end(&b);
    begin();
    bare_at(&b, SW_S + 1); /* never dry: not his */
    sw_tcp_paced_restart(&b.t);
    ck_assert_uint_eq(b.t.paced->rate.limited_end, 0);
    bare_end(&b);
}
END_TEST

/* ---- without SACK ---- */

static uint64_t delivered_by(uint32_t acked, bool duplicate)
{
    const uint64_t before = b.t.paced->rate.delivered;
    b.t.snd_una += acked;
    sw_tcp_paced_ack(&b.t, sw_tcp_now(&b.t), acked, duplicate);
    return b.t.paced->rate.delivered - before;
}

START_TEST(a_duplicate_stands_for_a_segment_until_it_is_acknowledged)
{
    begin();
    b.t.sack = false;
    b.t.snd_nxt = b.t.snd_una + 3500;
    ck_assert_uint_eq(delivered_by(0, true), 1000);
    ck_assert_uint_eq(delivered_by(0, true), 1000);
    ck_assert_uint_eq(delivered_by(0, true), 1000);
    ck_assert_uint_eq(delivered_by(0, true), 500); /* all that is out */
    ck_assert_uint_eq(delivered_by(0, true), 0);
    ck_assert_uint_eq(b.t.paced->guessed, 3500);
    b.t.recovering = true;
    ck_assert_uint_eq(delivered_by(1000, false), 0); /* it was counted before */
    ck_assert_uint_eq(b.t.paced->guessed, 2500);
    b.t.snd_nxt += 2000;
    ck_assert_uint_eq(delivered_by(3000, false), 500); /* but for these */
    ck_assert_uint_eq(b.t.paced->guessed, 0);
    b.t.paced->guessed = 700;
    b.t.recovering = false;
    ck_assert_uint_eq(delivered_by(100, false), 0);
    ck_assert_uint_eq(b.t.paced->guessed, 0); /* what was out of order has come */
    bare_end(&b);
}
END_TEST

START_TEST(with_sack_what_is_told_counts)
{
    begin();
    sent();
    sent();
    ck_assert_uint_eq(delivered_by(0, true), 0);
    ck_assert_uint_eq(delivered_by(1000, false), 1000);
    bare_end(&b);
}
END_TEST

/* ---- what is heard ---- */

START_TEST(what_was_lost_is_told_once_and_by_each_acknowledgement_since)
{
    begin();
    sent();
    sent();
    sw_tcp_sent_lose(&b.loss.sent, 0);
    sw_tcp_paced_lost(&b.t, false);
    ck_assert_uint_eq(b.t.paced->lost, 1000);
    sw_tcp_paced_lost(&b.t, false);
    ck_assert_uint_eq(b.t.paced->lost, 1000);
    sw_tcp_sent_lose(&b.loss.sent, 1);
    (void)delivered_by(0, false);
    ck_assert_uint_eq(b.t.paced->rate.lost, 2000);
    ck_assert_uint_eq(b.t.paced->lost, 0);
    (void)delivered_by(0, false);
    ck_assert_uint_eq(b.t.paced->rate.lost, 2000);
    ck_assert_uint_eq(b.t.paced->lost_seen, 2000);
    sw_tcp_paced_lost(&b.t, true); /* the records go: the next begin at 0 */
    ck_assert_uint_eq(b.t.paced->lost_seen, 0);
    bare_end(&b);
}
END_TEST

START_TEST(the_rate_that_is_told_is_the_last_or_a_greater_one_of_a_limited_time)
{
    begin();
    sent();
    bare_at(&b, SW_S + 20 * SW_MS);
    (void)delivered_by(1000, false); /* 1,000 in 20 ms */
    ck_assert_uint_eq(b.t.paced->delivery_rate, 50000);
    ck_assert(!b.t.paced->delivery_limited);
    b.t.paced->rate.limited_end = 5000;
    sent();
    bare_at(&b, SW_S + 60 * SW_MS);
    (void)delivered_by(1000, false); /* in 40 ms, and limited */
    ck_assert_uint_eq(b.t.paced->delivery_rate, 50000);
    ck_assert(!b.t.paced->delivery_limited);
    sent();
    bare_at(&b, SW_S + 80 * SW_MS);
    (void)delivered_by(1000, false); /* as much is no less */
    ck_assert_uint_eq(b.t.paced->delivery_rate, 50000);
    ck_assert(b.t.paced->delivery_limited);
    b.t.paced->rate.limited_end = 0;
    sent();
    bare_at(&b, SW_S + 180 * SW_MS);
    (void)delivered_by(1000, false);
    ck_assert_uint_eq(b.t.paced->delivery_rate, 10000);
    ck_assert(!b.t.paced->delivery_limited);
    (void)delivered_by(0, false); /* which tells no rate */
    ck_assert_uint_eq(b.t.paced->delivery_rate, 10000);
    bare_end(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_paced_rules");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, who_asks_for_no_bound_and_has_none_needs_nothing);
    tcase_add_test(tc, a_bound_holds_for_what_the_window_would_give);
    tcase_add_test(tc, an_algorithm_that_measures_has_what_it_needs_and_gives_it_back);
    tcase_add_test(tc, before_there_may_be_text_nothing_is_measured);
    tcase_add_test(tc, a_quantum_that_may_not_go_yet_is_waited_for);
    tcase_add_test(tc, dry_is_a_queue_with_less_than_a_segment_where_the_window_has_room);
    tcase_add_test(tc, what_is_sent_after_a_dry_time_is_limited_by_the_user);
    tcase_add_test(tc, who_is_only_bounded_keeps_no_records);
    tcase_add_test(tc, a_pause_after_a_dry_time_is_the_users);
    tcase_add_test(tc, a_duplicate_stands_for_a_segment_until_it_is_acknowledged);
    tcase_add_test(tc, with_sack_what_is_told_counts);
    tcase_add_test(tc, what_was_lost_is_told_once_and_by_each_acknowledgement_since);
    tcase_add_test(tc, the_rate_that_is_told_is_the_last_or_a_greater_one_of_a_limited_time);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
