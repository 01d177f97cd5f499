/* What says that a loss was none, each condition by itself, of a connection made by hand
 * (stack_bare.h). */
#include <check.h>
#include <stdlib.h>

#include "tests/support/stack_bare.h"

static struct bare b;
static struct sw_tcp_undo *u;

/* Five segments of 1,000 from 100 on, of which the first two were sent again. */
static void begin(void)
{
    bare_begin(&b);
    for (unsigned i = 0; i < 5; i++) {
        bare_sent(&b, 1000, SW_S);
    }
    sw_tcp_undo_begin(&b.t);
    u = b.loss.undo;
    ck_assert_ptr_nonnull(u);
    ck_assert_uint_eq(u->from, 100);
    ck_assert_uint_eq(u->end, 5100);
    u->any = true;
    u->resent = 2;
    u->first_end = 1100;
    u->last_end = 2100;
    u->stamp = 1000;
}

static void end(void)
{
    sw_tcp_undo_forget(&b.t);
    ck_assert_ptr_null(b.loss.undo);
    bare_end(&b);
}

static uint32_t left_after(uint32_t start, uint32_t stop)
{
    u->resent = 2;
    sw_tcp_undo_twice(&b.t, (struct sw_tcp_block){start, stop});
    return u->resent;
}

START_TEST(a_block_that_came_twice_is_as_many_segments_as_it_takes__rfc2883)
{
    begin();
    ck_assert_uint_eq(left_after(100, 101), 1);
    ck_assert_uint_eq(left_after(100, 1100), 1);
    ck_assert_uint_eq(left_after(100, 1101), 0);
    ck_assert_uint_eq(left_after(100, 2100), 0);
    ck_assert_uint_eq(left_after(100, 2101), 0); /* no fewer than none */
    end();
}
END_TEST

START_TEST(what_came_twice_counts_if_it_was_sent_again)
{
    begin();
    ck_assert_uint_eq(left_after(0, 100), 2); /* from before the loss */
    ck_assert_uint_eq(left_after(0, 101), 1);
    ck_assert_uint_eq(left_after(2100, 3100), 2); /* beyond all that was */
    ck_assert_uint_eq(left_after(2099, 3099), 1);
    u->any = false;
    ck_assert_uint_eq(left_after(100, 1100), 2);
    sw_tcp_undo_forget(&b.t);
    sw_tcp_undo_twice(&b.t, (struct sw_tcp_block){100, 1100}); /* harmless */
    end();
}
END_TEST

static bool original(uint8_t flags, uint32_t seq)
{
    const struct sw_tcp_record r = {.seq = seq, .end = seq + 1000, .flags = flags};
    u->original = false;
    sw_tcp_undo_delivered(u, &r);
    return u->original;
}

START_TEST(original_is_what_was_sent_once_before_the_timeout__rfc5682_3_1)
{
    begin();
    ck_assert(original(0, 100));
    ck_assert(original(SW_SENT_LOST, 100));
    ck_assert(!original(SW_SENT_EVER, 100));
    ck_assert(!original(SW_SENT_EVER | SW_SENT_AGAIN | SW_SENT_LOST, 100));
    ck_assert(!original(SW_SENT_SACKED, 100)); /* that was heard of before */
    ck_assert(original(0, 5099));
    ck_assert(!original(0, 5100)); /* sent since */
    u->original = true;
    const struct sw_tcp_record r = {.seq = 5100, .end = 6100};
    sw_tcp_undo_delivered(u, &r);
    ck_assert(u->original); /* and so it stays */
    end();
}
END_TEST

START_TEST(an_acknowledgement_covers_originals_up_to_its_number__rfc5682_3_1)
{
    begin();
    b.loss.sent.ring[0].flags = b.loss.sent.ring[1].flags = SW_SENT_EVER;
    sw_tcp_undo_covers(&b.t, 5100); /* F-RTO is not at it */
    ck_assert(!u->original);
    u->frto = 2;
    sw_tcp_undo_covers(&b.t, 3099);
    ck_assert(!u->original);
    sw_tcp_undo_covers(&b.t, 3100);
    ck_assert(u->original);
    sw_tcp_undo_forget(&b.t);
    sw_tcp_undo_covers(&b.t, 5100); /* harmless */
    end();
}
END_TEST

/* Does an acknowledgement with this echo undo it? */
static bool echoed(bool has, uint32_t ecr)
{
    const struct sw_tcp_segment seg = {.now = SW_S,
                                       .h = {.has = has ? SW_TCP_HAS_TIMESTAMP : 0, .ts_ecr = ecr}};
    sw_tcp_undo_advanced(&b.t, &seg);
    return b.loss.undo == NULL;
}

START_TEST(an_older_echo_than_what_was_sent_again_first_undoes__rfc3522_3_2)
{
    begin();
    ck_assert(!echoed(true, 999)); /* none were agreed on */
    b.t.timestamps = true;
    ck_assert(!echoed(false, 999));
    ck_assert(!echoed(true, 1000));
    ck_assert(!echoed(true, 1001));
    u->over = true;
    ck_assert(!echoed(true, 999));
    u->over = false;
    u->any = false;
    ck_assert(!echoed(true, 999));
    u->any = true;
    b.t.recovering = true; /* of what was sent again some is under way */
    b.loss.sent.resent = 1;
    ck_assert(!echoed(true, 999));
    b.t.recovering = false;
    ck_assert(echoed(true, 999));
    ck_assert(echoed(true, 999)); /* harmless */
    end();
}
END_TEST

START_TEST(within_recovery_it_undoes_when_nothing_sent_again_is_under_way__rfc3522_3_2)
{
    begin();
    b.t.timestamps = b.t.recovering = true;
    b.t.cc.ops->enter(&b.t.cc, 5000, SW_S);
    ck_assert_uint_eq(b.t.cc.ssthresh, 2500);
    b.t.duplicates = 3;
    b.loss.pressing = b.loss.after_timeout = true;
    ck_assert(echoed(true, 999));
    ck_assert_uint_eq(b.t.cc.cwnd, 10000); /* as before: RFC 4015 */
    ck_assert_uint_eq(b.t.cc.ssthresh, 1u << 30);
    ck_assert(!b.t.recovering && !b.loss.pressing && !b.loss.after_timeout);
    ck_assert_uint_eq(b.t.duplicates, 0);
    ck_assert_uint_eq(b.t.recover, 99); /* the next loss is one of its own */
    ck_assert(b.loss.rack.reordered);   /* it was no more than out of order */
    end();
}
END_TEST

START_TEST(a_timeout_that_is_undone_says_nothing_of_order)
{
    begin();
    b.t.timestamps = true;
    u->rack.known = true;
    u->rack.end = 77;
    u->rack.rtt = 5;
    u->rack.sent_at = 6;
    ck_assert(echoed(true, 999));
    ck_assert(!b.loss.rack.reordered);
    ck_assert(b.loss.rack.known); /* what the needless answer said of deliveries is forgotten */
    ck_assert_uint_eq(b.loss.rack.end, 77);
    ck_assert_int_eq(b.loss.rack.rtt, 5);
    ck_assert_int_eq(b.loss.rack.sent_at, 6);
    end();
}
END_TEST

START_TEST(what_was_seen_in_disorder_before_stays_so)
{
    begin();
    b.t.timestamps = b.loss.rack.reordered = true;
    ck_assert(echoed(true, 999));
    ck_assert(b.loss.rack.reordered);
    end();
}
END_TEST

START_TEST(a_mark_keeps_the_window_and_ends_recovery__rfc3168_6_1_2)
{
    begin();
    b.t.timestamps = b.t.recovering = true;
    b.t.cc.ops->enter(&b.t.cc, 10000, SW_S);
    sw_tcp_undo_marked(&b.t);
    ck_assert(echoed(true, 999));
    ck_assert_uint_eq(b.t.cc.ssthresh, 5000);
    ck_assert_uint_eq(b.t.cc.cwnd, 5000);
    ck_assert(!b.t.cc.recovering && !b.t.recovering);
    end();
}
END_TEST

START_TEST(all_that_was_sent_again_came_twice__rfc3708_3)
{
    begin();
    u->resent = 1;
    sw_tcp_undo_judge(&b.t, false, 0);
    ck_assert_ptr_nonnull(b.loss.undo);
    u->resent = 0;
    u->any = false; /* there is nothing of which all could */
    sw_tcp_undo_judge(&b.t, false, 0);
    ck_assert_ptr_nonnull(b.loss.undo);
    u->any = true;
    b.t.recovering = true;
    b.t.recover = 101;
    b.loss.sent.missing.count = 1; /* more is to be sent again */
    sw_tcp_undo_judge(&b.t, false, 0);
    ck_assert_ptr_nonnull(b.loss.undo);
    b.t.recover = 100;
    b.loss.sent.missing.count = 0;
    sw_tcp_undo_judge(&b.t, false, 0);
    ck_assert_ptr_null(b.loss.undo);
    end();
}
END_TEST

START_TEST(while_recovery_waits_for_nothing_it_may_be_undone)
{
    begin();
    u->resent = 0;
    b.t.recovering = true;
    b.t.recover = 101;
    sw_tcp_undo_judge(&b.t, false, 0);
    ck_assert_ptr_null(b.loss.undo);
    end();
}
END_TEST

/* F-RTO's third step: two new segments are out. */
static void third_step(bool sack, bool is_original, bool advanced, uint32_t bytes)
{
    begin();
    b.t.sack = sack;
    b.t.cc.cwnd = 9000;
    b.t.snd_una = 1100;
    u->frto = 2;
    u->original = is_original;
    sw_tcp_undo_judge(&b.t, advanced, bytes);
}

START_TEST(with_sack_an_original_undoes_a_timeout__rfc5682_3_1)
{
    third_step(true, true, false, 0);
    ck_assert_ptr_null(b.loss.undo);
    end();
    third_step(true, false, true, 1000); /* what was sent again, and no more: it was lost */
    ck_assert_ptr_nonnull(b.loss.undo);
    ck_assert(!sw_tcp_undo_sends_new(&b.t));
    ck_assert_uint_eq(b.t.cc.cwnd, 3000);
    ck_assert_uint_eq(b.t.snd_out, 5100);
    end();
    third_step(true, false, true, 0); /* nothing is said yet */
    ck_assert(sw_tcp_undo_sends_new(&b.t));
    ck_assert_uint_eq(sw_tcp_undo_new_edge(&b.t), 7100);
    ck_assert_uint_eq(b.t.cc.cwnd, 9000);
    end();
}
END_TEST

START_TEST(without_sack_one_that_gets_on_undoes_a_timeout__rfc5682_2_1)
{
    third_step(false, false, true, 0);
    ck_assert_ptr_null(b.loss.undo);
    ck_assert_uint_eq(b.t.snd_out, 5100);
    end();
    third_step(false, true, false, 1000);
    ck_assert_uint_eq(b.t.cc.cwnd, 3000);
    ck_assert_uint_eq(b.t.snd_out, 1100); /* and all is sent again */
    end();
}
END_TEST

START_TEST(a_duplicate_ends_f_rto__rfc5682_2_1)
{
    begin();
    b.t.sack = false;
    b.t.snd_una = 1100;
    b.t.cc.cwnd = 2000;
    u->frto = 1;
    sw_tcp_undo_duplicate(&b.t); /* step 2a */
    ck_assert_uint_eq(u->frto, 0);
    ck_assert_uint_eq(b.t.snd_out, 5100);
    u->frto = 2;
    sw_tcp_undo_duplicate(&b.t); /* step 3a */
    ck_assert_uint_eq(u->frto, 0);
    ck_assert_uint_eq(b.t.snd_out, 1100);
    ck_assert_uint_eq(b.t.cc.cwnd, 2000); /* three segments at most, and no more than there were */
    sw_tcp_undo_forget(&b.t);
    sw_tcp_undo_duplicate(&b.t); /* harmless */
    end();
}
END_TEST

START_TEST(when_recovery_is_over_news_are_waited_for_up_to_what_was_sent_then)
{
    begin();
    u->frto = 1;
    b.t.recovering = true;
    sw_tcp_undo_rest(&b.t);
    ck_assert(!u->over);
    b.t.recovering = false;
    b.t.recover = 101;
    sw_tcp_undo_rest(&b.t);
    ck_assert(!u->over);
    b.t.recover = 100;
    sw_tcp_undo_rest(&b.t);
    ck_assert(u->over);
    ck_assert_uint_eq(u->frto, 0);
    ck_assert_uint_eq(u->until, 5100);
    b.t.snd_nxt = 7100;
    b.t.snd_una = 5100;
    sw_tcp_undo_rest(&b.t);
    ck_assert_ptr_nonnull(b.loss.undo);
    b.t.snd_una = 5101;
    sw_tcp_undo_rest(&b.t);
    ck_assert_ptr_null(b.loss.undo);
    end();
}
END_TEST

START_TEST(nothing_is_waited_for_where_nothing_can_be_told)
{
    begin();
    b.t.sack = false; /* no D-SACK */
    sw_tcp_undo_rest(&b.t);
    ck_assert_ptr_null(b.loss.undo);
    end();
    begin();
    u->any = false; /* nothing was sent again */
    sw_tcp_undo_rest(&b.t);
    ck_assert_ptr_null(b.loss.undo);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_undo_rules");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_block_that_came_twice_is_as_many_segments_as_it_takes__rfc2883);
    tcase_add_test(tc, what_came_twice_counts_if_it_was_sent_again);
    tcase_add_test(tc, original_is_what_was_sent_once_before_the_timeout__rfc5682_3_1);
    tcase_add_test(tc, an_acknowledgement_covers_originals_up_to_its_number__rfc5682_3_1);
    tcase_add_test(tc, an_older_echo_than_what_was_sent_again_first_undoes__rfc3522_3_2);
    tcase_add_test(tc, within_recovery_it_undoes_when_nothing_sent_again_is_under_way__rfc3522_3_2);
    tcase_add_test(tc, a_timeout_that_is_undone_says_nothing_of_order);
    tcase_add_test(tc, what_was_seen_in_disorder_before_stays_so);
    tcase_add_test(tc, a_mark_keeps_the_window_and_ends_recovery__rfc3168_6_1_2);
    tcase_add_test(tc, all_that_was_sent_again_came_twice__rfc3708_3);
    tcase_add_test(tc, while_recovery_waits_for_nothing_it_may_be_undone);
    tcase_add_test(tc, with_sack_an_original_undoes_a_timeout__rfc5682_3_1);
    tcase_add_test(tc, without_sack_one_that_gets_on_undoes_a_timeout__rfc5682_2_1);
    tcase_add_test(tc, a_duplicate_ends_f_rto__rfc5682_2_1);
    tcase_add_test(tc, when_recovery_is_over_news_are_waited_for_up_to_what_was_sent_then);
    tcase_add_test(tc, nothing_is_waited_for_where_nothing_can_be_told);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
