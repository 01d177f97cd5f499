/* What recovery with SACK decides, each condition by itself, of a connection made by hand
 * (stack_bare.h). */
#include <check.h>

#include "tests/support/stack_bare.h"

static struct bare b;

/* n segments of 1,000, sent at 1 s. */
static void sent(unsigned n)
{
    bare_begin(&b);
    for (unsigned i = 0; i < n; i++) {
        bare_sent(&b, 1000, SW_S);
    }
}

/* An acknowledgement at `now` with these blocks. */
static void blocks(sw_time now, unsigned n, const struct sw_tcp_block *block)
{
    struct sw_tcp_segment seg = {.now = now, .h = {.ack = b.t.snd_una, .sack_count = (uint8_t)n}};
    for (unsigned i = 0; i < n; i++) {
        seg.h.sack[i] = block[i];
    }
    sw_tcp_recover_blocks(&b.t, &seg);
}

/* ---- tail loss probes ---- */

START_TEST(a_probe_waits_two_round_trips_and_a_little__rfc8985_7_2)
{
    sent(2);
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), 42 * SW_MS);
    b.t.rtt.rto = 42 * SW_MS + 1;
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), 42 * SW_MS);
    b.t.rtt.rto = 42 * SW_MS - 1; /* never longer than the timeout */
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), 42 * SW_MS - 1);
    bare_end(&b);
    sent(1);
    b.t.rtt.rto = SW_S; /* a lone segment's acknowledgement may be delayed */
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), 240 * SW_MS);
    bare_end(&b);
}
END_TEST

START_TEST(a_probe_has_its_conditions__rfc8985_7_2)
{
    sent(2);
    const struct sw_tcp good = b.t;
    b.t.sack = false;
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), SW_TIME_NEVER);
    b.t = good;
    b.t.loss = NULL;
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), SW_TIME_NEVER);
    b.t = good;
    b.t.state = SW_TCP_SYN_RECEIVED;
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), SW_TIME_NEVER);
    b.t = good;
    b.loss.probed = true; /* one is out */
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), SW_TIME_NEVER);
    b.loss.probed = false;
    b.t.retries = 1;
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), SW_TIME_NEVER);
    b.t = good;
    b.t.rtt.sampled = false;
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), SW_TIME_NEVER);
    b.t = good;
    b.t.snd_wnd = 0;
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), SW_TIME_NEVER);
    b.t.snd_wnd = 1;
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), 42 * SW_MS);
    b.t = good;
    b.t.recover = 101; /* what a timeout found is not mended */
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), SW_TIME_NEVER);
    b.t = good;
    b.t.recovering = true;
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), SW_TIME_NEVER);
    b.t = good;
    b.loss.sent.sacked = 1; /* acknowledgements will tell of it */
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), SW_TIME_NEVER);
    b.loss.sent.sacked = 0;
    ck_assert_int_eq(sw_tcp_recover_probe_wait(&b.t), 42 * SW_MS);
    bare_end(&b);
}
END_TEST

/* What an acknowledgement up to `una` makes of a probe that ended at 2,100. */
static void judged(bool again, uint32_t una, uint32_t bytes, bool bare)
{
    sent(3);
    b.t.cc.cwnd = 10000;
    b.t.snd_nxt = 2100;
    sw_tcp_recover_probed(&b.t, again);
    b.t.snd_nxt = 3100;
    b.t.snd_una = una;
    sw_tcp_recover_judge_probe(&b.t, SW_S, bytes, bare);
    bare_end(&b);
}

START_TEST(a_probe_of_new_text_is_done_when_it_is_acknowledged__rfc8985_7_4_2)
{
    judged(false, 2099, 1, true);
    ck_assert(b.loss.probed);
    judged(false, 2100, 1, true);
    ck_assert(!b.loss.probed);
    ck_assert_uint_eq(b.t.cc.cwnd, 10000);
    judged(false, 2101, 1, true);
    ck_assert_uint_eq(b.t.cc.cwnd, 10000); /* it says nothing of loss */
}
END_TEST

START_TEST(a_probe_of_old_text_has_mended_a_loss_if_more_is_acknowledged__rfc8985_7_4_2)
{
    judged(true, 2100, 1, true); /* whether it came once or twice is not known yet */
    ck_assert(b.loss.probed);
    ck_assert_uint_eq(b.t.cc.cwnd, 10000);
    judged(true, 2100, 0, true); /* a duplicate: the peer had it twice */
    ck_assert(!b.loss.probed);
    ck_assert_uint_eq(b.t.cc.cwnd, 10000);
    judged(true, 2100, 0, false); /* one with text or blocks is no duplicate */
    ck_assert(b.loss.probed);
    judged(true, 2101, 2001, true);
    ck_assert(!b.loss.probed);
    ck_assert_uint_eq(b.t.cc.ssthresh, 2000); /* 999 are out, 2,001 were: half is below two */
    ck_assert(!b.t.recovering);
}
END_TEST

START_TEST(in_recovery_a_probe_lowers_nothing_once_more)
{
    sent(3);
    b.t.cc.cwnd = 10000;
    sw_tcp_recover_probed(&b.t, true);
    b.loss.probe_end = 1100;
    b.t.snd_una = 2100;
    b.t.recovering = true;
    sw_tcp_recover_judge_probe(&b.t, SW_S, 1000, true);
    ck_assert_uint_eq(b.t.cc.cwnd, 10000);
    b.t.recovering = false;
    b.t.recover = 2101; /* nor while a timeout's is not mended */
    sw_tcp_recover_judge_probe(&b.t, SW_S, 1000, true);
    ck_assert_uint_eq(b.t.cc.cwnd, 10000);
    b.t.recover = 2100;
    b.loss.probed_again = true;
    sw_tcp_recover_judge_probe(&b.t, SW_S, 1000, true);
    ck_assert_uint_eq(b.t.cc.cwnd, 2000);
    bare_end(&b);
}
END_TEST

/* ---- the echo of a timestamp ---- */

static sw_time echo(uint32_t ecr, sw_time now)
{
    const struct sw_tcp_segment seg = {.now = now,
                                       .h = {.has = SW_TCP_HAS_TIMESTAMP, .ts_ecr = ecr}};
    sw_tcp_recover_acked(&b.t, &seg);
    return b.loss.echo;
}

START_TEST(what_is_echoed_was_sent_by_the_end_of_that_millisecond__rfc7323_3_2)
{
    sent(1);
    b.t.timestamps = b.t.recovering = true;
    b.t.ts_offset = UINT32_MAX - 4; /* the clock turns over at 5 ms */
    ck_assert_int_eq(echo(UINT32_MAX - 4 + 7, 20 * SW_MS + 5), 8 * SW_MS - 1);
    ck_assert_int_eq(echo(UINT32_MAX - 4 + 20, 20 * SW_MS + 5), 21 * SW_MS - 1);
    ck_assert_int_eq(echo(UINT32_MAX - 4, 20 * SW_MS), SW_MS - 1);
    ck_assert_int_eq(echo(UINT32_MAX - 5, 20 * SW_MS), 0); /* before there was any */
    b.t.recovering = false;                                /* and nothing asks for it */
    ck_assert_int_eq(echo(UINT32_MAX - 4 + 7, 20 * SW_MS), 0);
    b.loss.sent.sacked = 1;
    ck_assert_int_eq(echo(UINT32_MAX - 4 + 7, 20 * SW_MS), 8 * SW_MS - 1);
    b.loss.sent.sacked = 0;
    b.t.recovering = true;
    b.t.timestamps = false;
    ck_assert_int_eq(echo(UINT32_MAX - 4 + 7, 20 * SW_MS), 0);
    b.t.timestamps = true;
    const struct sw_tcp_segment none = {.now = 20 * SW_MS, .h = {.ts_ecr = 3}};
    sw_tcp_recover_acked(&b.t, &none);
    ck_assert_int_eq(b.loss.echo, 0);
    bare_end(&b);
}
END_TEST

/* ---- blocks ---- */

START_TEST(what_came_twice_is_within_what_was_sent_and_two_windows_old__rfc2883_4)
{
    sent(3); /* up to 3,100 */
    b.t.snd_una = 2100;
    b.t.snd_wnd_max = 1000;
    blocks(SW_S, 1, (const struct sw_tcp_block[]){{1100, 2100}});
    ck_assert_uint_eq(b.t.count.had_twice, 1); /* 2,000 ago */
    blocks(SW_S, 1, (const struct sw_tcp_block[]){{1099, 2100}});
    ck_assert_uint_eq(b.t.count.had_twice, 1);
    b.t.snd_wnd_max = 60000;
    blocks(SW_S, 1,
           (const struct sw_tcp_block[]){{2100, 3101}}); /* never sent; nor below SND.UNA */
    ck_assert_uint_eq(b.t.count.had_twice, 1);
    bare_end(&b);
}
END_TEST

START_TEST(what_a_probe_doubled_says_nothing_of_reordering)
{
    sent(3);
    b.t.snd_una = 3100;
    b.t.retransmits = 1;
    sw_tcp_recover_probed(&b.t, true);
    blocks(SW_S, 1, (const struct sw_tcp_block[]){{2100, 3100}});
    ck_assert(!b.loss.probed);
    ck_assert_uint_eq(b.loss.rack.growth, 0);
    sw_tcp_recover_probed(&b.t, true); /* another text: not the probe's */
    blocks(SW_S, 1, (const struct sw_tcp_block[]){{1100, 2100}});
    ck_assert(b.loss.probed);
    ck_assert_uint_eq(b.loss.rack.growth, 1);
    bare_end(&b);
}
END_TEST

START_TEST(a_probe_of_new_text_has_doubled_nothing)
{
    sent(3);
    b.t.snd_una = 3100;
    b.t.retransmits = 1;
    sw_tcp_recover_probed(&b.t, false);
    blocks(SW_S, 1, (const struct sw_tcp_block[]){{2100, 3100}});
    ck_assert_uint_eq(b.loss.rack.growth, 1);
    bare_end(&b);
}
END_TEST

START_TEST(what_the_path_doubled_says_nothing_where_nothing_was_sent_again)
{
    sent(3);
    b.t.snd_una = 3100;
    blocks(SW_S, 1, (const struct sw_tcp_block[]){{2100, 3100}});
    ck_assert_uint_eq(b.t.count.had_twice, 1);
    ck_assert_uint_eq(b.loss.rack.growth, 0);
    bare_end(&b);
}
END_TEST

static uint32_t order[8];
static unsigned told;

static void delivered(struct sw_tcp_sent_hears *hears, const struct sw_tcp_record *r)
{
    (void)hears;
    order[told++] = r->seq;
}

START_TEST(blocks_are_heard_from_the_lowest_up)
{
    sent(8);
    b.loss.hears.delivered = delivered;
    told = 0;
    blocks(SW_S, 4,
           (const struct sw_tcp_block[]){{5100, 6100}, {7100, 8100}, {1100, 2100}, {3100, 4100}});
    ck_assert_uint_eq(told, 4);
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_eq(order[i], 1100 + i * 2000);
    }
    bare_end(&b);
}
END_TEST

/* ---- what may be sent again ---- */

START_TEST(what_is_lost_goes_if_the_pipe_has_room__rfc6675_5)
{
    sent(3);
    uint32_t record = 9;
    sw_tcp_sent_lose(&b.loss.sent, 0); /* 2,000 are in the pipe */
    b.t.cc.cwnd = 3000;
    ck_assert(sw_tcp_recover_next(&b.t, &record));
    ck_assert_uint_eq(record, 0);
    b.t.cc.cwnd = 2999;
    ck_assert(!sw_tcp_recover_next(&b.t, &record));
    b.loss.pressing = true; /* step 4.3: the first goes whatever is in it */
    ck_assert(sw_tcp_recover_next(&b.t, &record));
    b.loss.pressing = false;
    sw_tcp_sent_lose(&b.loss.sent, 1);
    sw_tcp_sent_lose(&b.loss.sent, 2);
    b.t.cc.cwnd = 500; /* of an empty pipe a segment may always go */
    ck_assert(sw_tcp_recover_next(&b.t, &record));
    bare_end(&b);
}
END_TEST

START_TEST(a_byte_fills_the_pipe_as_well__rfc6675_5)
{
    sent(1);
    bare_sent(&b, 1, SW_S);
    uint32_t record = 9;
    sw_tcp_sent_lose(&b.loss.sent, 0);
    b.t.cc.cwnd = 1000;
    ck_assert(!sw_tcp_recover_next(&b.t, &record));
    b.t.cc.cwnd = 1001;
    ck_assert(sw_tcp_recover_next(&b.t, &record));
    bare_end(&b);
}
END_TEST

START_TEST(what_is_lost_goes_if_it_begins_in_the_peers_window__rfc9293_3_8_6)
{
    sent(3);
    uint32_t record = 9;
    sw_tcp_sent_lose(&b.loss.sent, 1); /* from 1,000 on */
    b.t.snd_wnd = 1001;
    ck_assert(sw_tcp_recover_next(&b.t, &record));
    ck_assert_uint_eq(record, 1);
    b.t.snd_wnd = 1000;
    ck_assert(!sw_tcp_recover_next(&b.t, &record));
    bare_end(&b);
}
END_TEST

START_TEST(what_is_doubtful_goes_next_and_the_last_once__rfc6675_4_nextseg)
{
    sent(3);
    uint32_t record = 9;
    b.t.cc.cwnd = 4000;
    ck_assert(sw_tcp_recover_last(&b.t, &record));
    ck_assert_uint_eq(record, 2); /* (4) */
    b.loss.rescued = true;
    ck_assert(!sw_tcp_recover_last(&b.t, &record));
    blocks(SW_S, 1, (const struct sw_tcp_block[]){{1100, 2100}});
    ck_assert(sw_tcp_recover_last(&b.t, &record));
    ck_assert_uint_eq(record, 0); /* (3): something above it is SACKed */
    b.t.cc.cwnd = 3000;           /* two are in the pipe */
    ck_assert(sw_tcp_recover_last(&b.t, &record));
    b.t.cc.cwnd = 2999;
    ck_assert(!sw_tcp_recover_last(&b.t, &record));
    b.t.cc.cwnd = 4000;
    b.loss.rack.reordered = true; /* it may well be on its way */
    ck_assert(!sw_tcp_recover_last(&b.t, &record));
    b.loss.rack.reordered = false;
    b.t.snd_wnd = 1;
    ck_assert(sw_tcp_recover_last(&b.t, &record));
    b.t.snd_wnd = 0;
    ck_assert(!sw_tcp_recover_last(&b.t, &record));
    bare_end(&b);
}
END_TEST

START_TEST(when_all_is_sent_again_no_probe_is_out_and_nothing_presses)
{
    sent(3);
    blocks(SW_S, 1, (const struct sw_tcp_block[]){{1100, 2100}});
    b.loss.pressing = b.loss.probed = true;
    sw_tcp_recover_all(&b.t);
    ck_assert(!b.loss.pressing && !b.loss.probed);
    ck_assert_uint_eq(b.loss.sent.lost, 2000);
    ck_assert_uint_eq(b.loss.sent.sacked, 1000); /* that stands, unless the peer reneges */
    b.t.snd_una = 1100;
    sw_tcp_sent_acked(&b.loss.sent, 1100, &b.loss.hears);
    sw_tcp_recover_all(&b.t); /* the first has a mark, and is not acknowledged: RFC 2018 8 */
    ck_assert_uint_eq(b.loss.sent.sacked, 0);
    ck_assert_uint_eq(b.loss.sent.lost, 2000);
    bare_end(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_recover_rules");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_probe_waits_two_round_trips_and_a_little__rfc8985_7_2);
    tcase_add_test(tc, a_probe_has_its_conditions__rfc8985_7_2);
    tcase_add_test(tc, a_probe_of_new_text_is_done_when_it_is_acknowledged__rfc8985_7_4_2);
    tcase_add_test(tc,
                   a_probe_of_old_text_has_mended_a_loss_if_more_is_acknowledged__rfc8985_7_4_2);
    tcase_add_test(tc, in_recovery_a_probe_lowers_nothing_once_more);
    tcase_add_test(tc, what_is_echoed_was_sent_by_the_end_of_that_millisecond__rfc7323_3_2);
    tcase_add_test(tc, what_came_twice_is_within_what_was_sent_and_two_windows_old__rfc2883_4);
    tcase_add_test(tc, what_a_probe_doubled_says_nothing_of_reordering);
    tcase_add_test(tc, a_probe_of_new_text_has_doubled_nothing);
    tcase_add_test(tc, what_the_path_doubled_says_nothing_where_nothing_was_sent_again);
    tcase_add_test(tc, blocks_are_heard_from_the_lowest_up);
    tcase_add_test(tc, what_is_lost_goes_if_the_pipe_has_room__rfc6675_5);
    tcase_add_test(tc, a_byte_fills_the_pipe_as_well__rfc6675_5);
    tcase_add_test(tc, what_is_lost_goes_if_it_begins_in_the_peers_window__rfc9293_3_8_6);
    tcase_add_test(tc, what_is_doubtful_goes_next_and_the_last_once__rfc6675_4_nextseg);
    tcase_add_test(tc, when_all_is_sent_again_no_probe_is_out_and_nothing_presses);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
