/* What loss, timeouts and, without SACK, duplicates do to BBR's window (stack_bbr.h). */
#include <check.h>

#include "tests/support/stack_bbr.h"

static struct bbr t;

/* ---- loss ---- */

static void enter(void)
{
    t.cc.ops->enter(&t.cc, 0, SW_S);
    ck_assert(t.cc.recovering);
}

START_TEST(recovery_begins_with_as_much_out_as_is_and_gives_the_window_back)
{
    bbr_settled(&t);
    t.rate.delivered = 70000;
    enter();
    ck_assert_uint_eq(t.b->prior_cwnd, 26000);
    ck_assert_uint_eq(t.cc.cwnd, 26000); /* with the acknowledgement that follows */
    t.s.flight_bytes = 20000;
    t.s.rate.lost_bytes = 1000;
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.cc.cwnd, 21000);
    ck_assert_uint_eq(t.b->round_end, 71000);
    t.s.rate.lost_bytes = 2000; /* what goes is what comes, less what is lost; but as much as is */
    t.s.flight_bytes = 17000;
    bbr_ack(&t, SW_S, 500);
    ck_assert_uint_eq(t.cc.cwnd, 19000);
    t.s.rate.lost_bytes = 0;
    t.s.flight_bytes = 19000;
    bbr_ack(&t, SW_S, 500);
    ck_assert_uint_eq(t.cc.cwnd, 19500);
    t.s.flight_bytes = 15000;
    t.b->conserving = false; /* the next round trip: as in slow start */
    bbr_ack(&t, SW_S, 500);
    ck_assert_uint_eq(t.cc.cwnd, 20000);
    t.cc.ops->leave(&t.cc, 0);
    ck_assert(!t.cc.recovering);
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 26000);
    bbr_end(&t);
}
END_TEST

START_TEST(conservation_ends_with_a_round_trip)
{
    bbr_settled(&t);
    enter();
    t.s.flight_bytes = 10000;
    bbr_ack(&t, SW_S, 1000);
    ck_assert(t.b->conserving);
    bbr_round(&t, SW_S, 10000);
    ck_assert(!t.b->conserving);
    ck_assert_uint_eq(t.cc.cwnd, 12000);
    bbr_end(&t);
}
END_TEST

START_TEST(a_recovery_that_ends_within_a_round_trip_conserves_no_more)
{
    bbr_settled(&t);
    enter();
    t.s.flight_bytes = 10000;
    bbr_ack(&t, SW_S, 1000);
    t.cc.ops->leave(&t.cc, 0);
    bbr_ack(&t, SW_S, 1000);
    ck_assert(!t.b->conserving);
    ck_assert_uint_eq(t.cc.cwnd, 26000);
    bbr_end(&t);
}
END_TEST

START_TEST(loss_takes_its_bytes_from_the_window_down_to_a_segment)
{
    bbr_settled(&t);
    enter();
    t.s.rate.lost_bytes = 0;
    bbr_ack(&t, SW_S, 1);
    t.cc.cwnd = 5000;
    t.s.rate.lost_bytes = 3999;
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 1001);
    t.cc.cwnd = 5000;
    t.s.rate.lost_bytes = 1;
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 4999);
    t.cc.cwnd = 5000;
    t.s.rate.lost_bytes = 4001;
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 1000);
    t.cc.cwnd = 5000;
    t.s.rate.lost_bytes = 100000;
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 1000);
    bbr_end(&t);
}
END_TEST

START_TEST(what_is_remembered_of_the_window_is_from_before_it_was_lowered)
{
    bbr_settled(&t);
    enter();
    bbr_ack(&t, SW_S, 1);
    t.cc.cwnd = 9000;
    enter(); /* within recovery */
    ck_assert_uint_eq(t.b->prior_cwnd, 26000);
    t.cc.cwnd = 30000;
    enter();
    ck_assert_uint_eq(t.b->prior_cwnd, 30000);
    t.b->repairing = false;
    t.cc.cwnd = 9000; /* a window that the model chose */
    enter();
    ck_assert_uint_eq(t.b->prior_cwnd, 9000);
    t.b->mode = SW_BBR_PROBE_RTT;
    t.cc.cwnd = 4000;
    enter();
    ck_assert_uint_eq(t.b->prior_cwnd, 9000);
    t.b->mode = SW_BBR_PROBE_BW;
    t.b->timed_out = true;
    enter();
    ck_assert_uint_eq(t.b->prior_cwnd, 9000);
    bbr_end(&t);
}
END_TEST

START_TEST(a_timeout_leaves_a_segment_and_all_repaired_gives_the_window_back)
{
    bbr_settled(&t);
    t.b->repairing = t.b->conserving = t.cc.recovering = true;
    t.b->prior_cwnd = 1;
    t.b->full_bw = 1;
    t.cc.ops->timeout(&t.cc, 0, false, SW_S);
    ck_assert_uint_eq(t.cc.cwnd, 1000);
    ck_assert_uint_eq(t.b->prior_cwnd, 26000);
    ck_assert(!t.cc.recovering && !t.b->repairing && !t.b->conserving);
    ck_assert_uint_eq(t.b->full_bw, 0); /* whether the pipe is full is to be seen anew */
    t.cc.cwnd = 2000;
    t.cc.ops->timeout(&t.cc, 0, true, SW_S); /* for the same text once more */
    ck_assert_uint_eq(t.b->prior_cwnd, 26000);
    t.s.flight_bytes = 50000;
    bbr_ack(&t, SW_S, 1000); /* nothing is conserved: four segments, and it grows */
    ck_assert_uint_eq(t.cc.cwnd, 4000);
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.cc.cwnd, 5000);
    t.s.repaired = true;
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.cc.cwnd, 26000);
    ck_assert(!t.b->timed_out);
    t.cc.cwnd = 10000;
    bbr_ack(&t, SW_S, 1000); /* that was it */
    ck_assert_uint_eq(t.cc.cwnd, 11000);
    bbr_end(&t);
}
END_TEST

START_TEST(recovery_after_a_timeout_waits_for_all_that_was_out)
{
    bbr_settled(&t);
    t.cc.ops->timeout(&t.cc, 0, false, SW_S);
    enter();
    bbr_ack(&t, SW_S, 1000);
    ck_assert(!t.b->conserving); /* it is no new loss */
    ck_assert(t.b->repairing);
    t.cc.ops->leave(&t.cc, 0);
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.cc.cwnd, 5000);
    t.s.repaired = true;
    bbr_ack(&t, SW_S, 1000);
    ck_assert_uint_eq(t.cc.cwnd, 26000);
    bbr_end(&t);
}
END_TEST

START_TEST(a_larger_window_is_not_lowered_by_giving_back)
{
    bbr_settled(&t);
    t.b->bw.best[0].value = 9000000;
    enter();
    bbr_ack(&t, SW_S, 1);
    t.cc.cwnd = 30000;
    t.cc.ops->leave(&t.cc, 0);
    bbr_ack(&t, SW_S, 1);
    ck_assert_uint_eq(t.cc.cwnd, 30001);
    bbr_end(&t);
}
END_TEST

START_TEST(what_was_no_loss_says_nothing_of_the_path)
{
    bbr_settled(&t);
    enter();
    t.b->full_bw = t.b->police_bw = 5;
    t.b->full_rounds = 2;
    t.b->police_use = t.b->police_sampling = true;
    t.cc.ops->undo(&t.cc, &t.cc);
    ck_assert(!t.cc.recovering);
    ck_assert_uint_eq(t.b->full_bw, 0);
    ck_assert_uint_eq(t.b->full_rounds, 0);
    ck_assert_uint_eq(t.b->police_bw, 0);
    ck_assert(!t.b->police_use && !t.b->police_sampling);
    bbr_end(&t);
}
END_TEST

/* ---- without SACK ---- */

START_TEST(a_duplicate_lets_another_segment_go_and_what_it_stood_for_takes_it_back)
{
    bbr_settled(&t);
    t.b->repairing = true;
    t.cc.recovering = true;
    t.cc.cwnd = 5000;
    t.cc.ops->duplicate(&t.cc);
    t.cc.ops->duplicate(&t.cc);
    ck_assert_uint_eq(t.cc.cwnd, 7000);
    t.cc.ops->partial(&t.cc, 1500);
    ck_assert_uint_eq(t.cc.cwnd, 5500);
    t.cc.ops->partial(&t.cc, 1500); /* but for 500 it was nobody's */
    ck_assert_uint_eq(t.cc.cwnd, 5000);
    t.cc.ops->duplicate(&t.cc);
    bbr_ack(&t, SW_S, 100); /* the model goes by the window without it */
    ck_assert_uint_eq(t.cc.cwnd, 6100);
    t.cc.ops->leave(&t.cc, 0);
    ck_assert_uint_eq(t.cc.cwnd, 5100);
    bbr_end(&t);
}
END_TEST

START_TEST(the_window_that_is_remembered_is_without_duplicates)
{
    bbr_settled(&t);
    t.cc.ops->duplicate(&t.cc);
    t.cc.ops->timeout(&t.cc, 0, false, SW_S);
    ck_assert_uint_eq(t.b->prior_cwnd, 26000);
    ck_assert_uint_eq(t.cc.cwnd, 1000);
    ck_assert_uint_eq(t.b->inflated, 0);
    bbr_end(&t);
}
END_TEST

START_TEST(so_is_the_one_of_a_recovery)
{
    bbr_settled(&t);
    t.cc.ops->duplicate(&t.cc);
    enter();
    ck_assert_uint_eq(t.b->prior_cwnd, 26000);
    ck_assert_uint_eq(t.cc.cwnd, 27000);
    bbr_end(&t);
}
END_TEST

START_TEST(of_a_window_that_was_lowered_since_a_byte_is_left)
{
    bbr_settled(&t);
    t.cc.cwnd = 5000;
    t.cc.ops->duplicate(&t.cc);
    t.cc.ops->duplicate(&t.cc);
    t.cc.cwnd = 1000; /* RFC 5682 */
    t.cc.ops->leave(&t.cc, 0);
    ck_assert_uint_eq(t.cc.cwnd, 1);
    t.cc.ops->duplicate(&t.cc);
    t.cc.cwnd = 0;
    t.cc.ops->leave(&t.cc, 0);
    ck_assert_uint_eq(t.cc.cwnd, 0);
    bbr_end(&t);
}
END_TEST

START_TEST(duplicates_do_not_lead_over_1_gib)
{
    bbr_settled(&t);
    t.cc.cwnd = (1u << 30) - 1001;
    t.cc.ops->duplicate(&t.cc);
    ck_assert_uint_eq(t.cc.cwnd, (1u << 30) - 1);
    t.cc.ops->duplicate(&t.cc);
    ck_assert_uint_eq(t.cc.cwnd, (1u << 30) - 1);
    bbr_end(&t);
}
END_TEST

/* ---- before there was any text ---- */

START_TEST(without_a_model_events_are_harmless)
{
    struct sw_tcp_cc cc = {.ops = &sw_tcp_cc_bbr, .mss_bytes = 1000};
    const struct sw_tcp_cc before = {.ops = &sw_tcp_cc_bbr};
    cc.ops->begin(&cc, false);
    ck_assert_uint_eq(cc.cwnd, 10000);
    ck_assert_uint_eq(cc.ops->pacing(&cc, SW_S), 0);
    cc.ops->enter(&cc, 0, SW_S);
    ck_assert(cc.recovering);
    cc.ops->duplicate(&cc);
    cc.ops->partial(&cc, 1000);
    cc.ops->leave(&cc, 0);
    ck_assert(!cc.recovering);
    cc.ops->enter(&cc, 0, SW_S);
    cc.ops->undo(&cc, &before);
    ck_assert(!cc.recovering);
    ck_assert_uint_eq(cc.cwnd, 10000);
    struct sw_tcp_rate rate;
    sw_tcp_rate_init(&rate, SW_S);
    const struct sw_tcp_cc_sample sample = {.rate = {.acked_bytes = 1000}};
    cc.ops->control(&cc, &rate, &sample);
    ck_assert_uint_eq(cc.cwnd, 10000);
    cc.ops->idle(&cc); /* RFC 5681's restart window is not for those who pace */
    ck_assert_uint_eq(cc.cwnd, 10000);
    cc.ops->enter(&cc, 0, SW_S);
    cc.ops->timeout(&cc, 0, false, SW_S);
    ck_assert_uint_eq(cc.cwnd, 1000);
    ck_assert(!cc.recovering);
    ck_assert_ptr_null(cc.own.bbr);
}
END_TEST

START_TEST(a_model_is_made_once)
{
    bbr_begin(&t);
    ck_assert_int_eq(t.b->min_rtt, -1);
    ck_assert_uint_eq(t.b->pacing_gain, SW_BBR_HIGH_GAIN);
    ck_assert_uint_eq(t.b->cwnd_gain, SW_BBR_HIGH_GAIN);
    ck_assert(t.cc.ops->make(&t.cc));
    ck_assert_ptr_eq(t.cc.own.bbr, t.b);
    bbr_end(&t);
}
END_TEST

static TCase *of_loss(void)
{
    TCase *tc = tcase_create("loss");
    tcase_add_test(tc, recovery_begins_with_as_much_out_as_is_and_gives_the_window_back);
    tcase_add_test(tc, conservation_ends_with_a_round_trip);
    tcase_add_test(tc, a_recovery_that_ends_within_a_round_trip_conserves_no_more);
    tcase_add_test(tc, loss_takes_its_bytes_from_the_window_down_to_a_segment);
    tcase_add_test(tc, what_is_remembered_of_the_window_is_from_before_it_was_lowered);
    tcase_add_test(tc, a_timeout_leaves_a_segment_and_all_repaired_gives_the_window_back);
    tcase_add_test(tc, recovery_after_a_timeout_waits_for_all_that_was_out);
    tcase_add_test(tc, a_larger_window_is_not_lowered_by_giving_back);
    tcase_add_test(tc, what_was_no_loss_says_nothing_of_the_path);
    tcase_add_test(tc, a_duplicate_lets_another_segment_go_and_what_it_stood_for_takes_it_back);
    tcase_add_test(tc, the_window_that_is_remembered_is_without_duplicates);
    tcase_add_test(tc, so_is_the_one_of_a_recovery);
    tcase_add_test(tc, of_a_window_that_was_lowered_since_a_byte_is_left);
    tcase_add_test(tc, duplicates_do_not_lead_over_1_gib);
    tcase_add_test(tc, without_a_model_events_are_harmless);
    tcase_add_test(tc, a_model_is_made_once);
    return tc;
}

int main(void)
{
    Suite *suite = suite_create("tcp_bbr_loss");
    suite_add_tcase(suite, of_loss());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
