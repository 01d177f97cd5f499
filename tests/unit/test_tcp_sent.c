/* The scoreboard (RFC 6675): marks, losses, the pipe. Records of 1,000 but where it is said. */
#include <check.h>
#include <stdlib.h>

#include "stack/tcp_sent.h"

static struct sw_tcp_sent s;

static void push(uint32_t seq, uint32_t end)
{
    ck_assert(sw_tcp_sent_room(&s, UINT32_MAX));
    sw_tcp_sent_push(&s, seq, end, 0);
}

static uint32_t told[64], told_count; /* ends of what was delivered */

static void tell(struct sw_tcp_sent_hears *h, const struct sw_tcp_record *r)
{
    (void)h;
    told[told_count++ % 64] = r->end;
}

static struct sw_tcp_sent_hears hears = {.delivered = tell};

static uint32_t sacked(uint32_t start, uint32_t end)
{
    return sw_tcp_sent_sacked(&s, start, end, &hears);
}

/* n records of 1,000 from number `first` on. */
static void sent(uint32_t first, unsigned n)
{
    sw_tcp_sent_init(&s);
    for (unsigned i = 0; i < n; i++) {
        push(first + 1000 * i, first + 1000 * (i + 1));
    }
}

static uint8_t flags(uint32_t record)
{
    return sw_tcp_sent_at(&s, record)->flags;
}

START_TEST(a_block_marks_what_lies_wholly_in_it__rfc6675_3)
{
    sent(1, 10);
    ck_assert_uint_eq(sacked(2001, 4500), 2000);
    ck_assert_uint_eq(flags(2), SW_SENT_SACKED);
    ck_assert_uint_eq(flags(3), SW_SENT_SACKED);
    ck_assert_uint_eq(flags(4), 0);
    ck_assert_uint_eq(sw_tcp_sent_pipe(&s), 8000);
    ck_assert_uint_eq(sacked(2001, 6001), 2000); /* told again, and more */
    ck_assert_uint_eq(s.sacked_count, 4);
    ck_assert_uint_eq(s.high_sacked, 6001);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(blocks_that_cannot_be_mark_nothing__rfc6675_3)
{
    sent(UINT32_MAX - 4999, 10); /* across the turn */
    const uint32_t first = UINT32_MAX - 4999;
    ck_assert_uint_eq(sacked(first - 1000, first + 1000), 0);  /* before SND.UNA */
    ck_assert_uint_eq(sacked(first + 9000, first + 10001), 0); /* past SND.NXT */
    ck_assert_uint_eq(sacked(first + 3000, first + 2000), 0);  /* backwards */
    ck_assert_uint_eq(sacked(first + 2000, first + 2000), 0);
    ck_assert_uint_eq(sacked(first + 20000, first + 30000), 0);
    ck_assert_uint_eq(s.sacked, 0);
    ck_assert_uint_eq(sacked(first + 4000, first + 6000), 2000);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(lost_is_what_has_three_runs_above_it__rfc6675_4_islost)
{
    sw_tcp_sent_init(&s);
    for (uint32_t i = 0; i < 10; i++) {
        push(1 + 10 * i, 11 + 10 * i); /* of 10 bytes */
    }
    (void)sacked(11, 21);
    (void)sacked(31, 41);
    ck_assert(!sw_tcp_sent_judge(&s, 1000));
    (void)sacked(21, 31); /* joins them: one run */
    ck_assert(!sw_tcp_sent_judge(&s, 1000));
    (void)sacked(51, 61);
    ck_assert(!sw_tcp_sent_judge(&s, 1000));
    (void)sacked(71, 81);
    ck_assert(sw_tcp_sent_judge(&s, 1000));
    ck_assert_uint_eq(flags(0), SW_SENT_LOST);
    ck_assert_uint_eq(flags(4), 0); /* two runs above it */
    ck_assert_uint_eq(s.lost, 10);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(lost_is_what_has_more_than_two_segments_above_it__rfc6675_4_islost)
{
    sent(1, 10);
    (void)sacked(3001, 5001);
    ck_assert(!sw_tcp_sent_judge(&s, 1000)); /* 2,000 are not more than 2 * SMSS */
    (void)sacked(5001, 6001);
    ck_assert(sw_tcp_sent_judge(&s, 1000));
    ck_assert_uint_eq(flags(0), SW_SENT_LOST);
    ck_assert_uint_eq(flags(2), SW_SENT_LOST);
    ck_assert_uint_eq(flags(6), 0);
    ck_assert(!sw_tcp_sent_judge(&s, 1000)); /* nothing new */
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(the_pipe_is_what_is_under_way__rfc6675_4_setpipe)
{
    sent(1, 10);
    (void)sacked(2001, 5001);
    (void)sw_tcp_sent_judge(&s, 1000);
    ck_assert_uint_eq(sw_tcp_sent_pipe(&s), 5000); /* two lost, three SACKed */
    sw_tcp_sent_again(&s, 0, 1);
    ck_assert_uint_eq(sw_tcp_sent_pipe(&s), 6000); /* what was sent again counts */
    (void)sacked(1, 1001);                         /* and when SACKed no more */
    ck_assert_uint_eq(sw_tcp_sent_pipe(&s), 5000);
    sw_tcp_sent_again(&s, 1, 1);
    sw_tcp_sent_lose(&s, 1); /* lost again */
    ck_assert_uint_eq(sw_tcp_sent_pipe(&s), 5000);
    ck_assert_uint_eq(s.missing.count, 1);
    sw_tcp_sent_acked(&s, 10001, &hears);
    ck_assert_uint_eq(sw_tcp_sent_pipe(&s), 0);
    ck_assert_uint_eq(s.lost + s.resent + s.sacked + s.sacked_count + s.missing.count, 0);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(what_lies_lowest_is_sent_again_first__rfc6675_4_nextseg)
{
    sent(1, 6);
    sw_tcp_sent_lose(&s, 2);
    sw_tcp_sent_lose(&s, 4);
    sw_tcp_sent_lose(&s, 0);
    ck_assert_uint_eq(s.missing.first, 0);
    sw_tcp_sent_again(&s, 0, 1);
    ck_assert_uint_eq(s.missing.first, 2);
    (void)sacked(2001, 3001); /* it has come after all */
    ck_assert_uint_eq(s.missing.first, 4);
    sw_tcp_sent_acked(&s, 5001, &hears);
    ck_assert_uint_eq(s.missing.count, 0);
    ck_assert_uint_eq(s.flying.count, 1);
    sw_tcp_sent_fini(&s);
}
END_TEST

/* Else a timeout would send again what lies above the hole, and the connection be given up with the
 * hole never filled. */
START_TEST(what_the_peer_waits_for_goes_first_whenever_it_was_lost__rfc6675_4_nextseg)
{
    sent(1, 10);
    sw_tcp_sent_lose(&s, 1);
    sw_tcp_sent_lose(&s, 8);
    sw_tcp_sent_lose(&s, 4);
    ck_assert_uint_eq(sw_tcp_sent_next_missing(&s), 1);
    sw_tcp_sent_again(&s, 1, 1);
    sw_tcp_sent_acked(&s, 4001, &hears);
    ck_assert_uint_eq(s.head, 4);
    ck_assert_uint_eq(sw_tcp_sent_next_missing(&s), 4); /* though 8 was lost before it */
    sw_tcp_sent_again(&s, 4, 2);
    ck_assert_uint_eq(sw_tcp_sent_next_missing(&s), 8);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(below_what_is_sacked_is_doubtful_and_the_tail_is_the_last__rfc6675_4_nextseg)
{
    uint32_t record = 0;
    sent(1, 4);
    ck_assert(!sw_tcp_sent_doubtful(&s, &record));
    (void)sacked(1001, 2001);
    ck_assert(sw_tcp_sent_doubtful(&s, &record)); /* (3) */
    ck_assert_uint_eq(record, 0);
    sw_tcp_sent_again(&s, 0, 1);
    ck_assert(!sw_tcp_sent_doubtful(&s, &record)); /* what is left has nothing SACKed above */
    ck_assert(sw_tcp_sent_tail(&s, &record));      /* (4) */
    ck_assert_uint_eq(record, 3);
    (void)sacked(3001, 4001);
    ck_assert(!sw_tcp_sent_tail(&s, &record));
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(an_acknowledgement_may_end_within_a_record)
{
    sent(1, 4);
    sw_tcp_sent_lose_all(&s);
    sw_tcp_sent_acked(&s, 1501, &hears);
    ck_assert_uint_eq(sw_tcp_sent_at(&s, s.head)->seq, 1501);
    ck_assert_uint_eq(s.out, 2500);
    ck_assert_uint_eq(s.lost, 2500);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(a_receiver_may_renege__rfc2018_8)
{
    sent(1, 5);
    (void)sacked(1001, 4001);
    (void)sw_tcp_sent_judge(&s, 1000);
    sw_tcp_sent_acked(&s, 1001, &hears); /* up to what it had SACKed, and not beyond */
    ck_assert(sw_tcp_sent_reneged(&s));
    sw_tcp_sent_forget_sacks(&s);
    sw_tcp_sent_lose_all(&s);
    ck_assert_uint_eq(s.sacked + s.sacked_count + s.above + s.above_runs, 0);
    ck_assert_uint_eq(s.missing.count, 4);
    ck_assert_uint_eq(s.missing.first, 1);
    ck_assert_uint_eq(sw_tcp_sent_pipe(&s), 0);
    (void)sacked(2001, 5001);
    ck_assert_uint_eq(s.missing.count, 1);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(what_is_delivered_is_told_once__rfc8985_6_2)
{
    sent(1, 8);
    told_count = 0;
    (void)sacked(3001, 5001);
    (void)sacked(3001, 5001);
    ck_assert_uint_eq(told_count, 2);
    ck_assert_uint_eq(told[0], 4001);
    ck_assert_uint_eq(told[1], 5001);
    sw_tcp_sent_lose(&s, 2);
    sw_tcp_sent_again(&s, 2, 7);
    sw_tcp_sent_acked(&s, 6001, &hears);
    ck_assert_uint_eq(told_count, 5);
    ck_assert_uint_eq(told[2], 2001); /* of two in a row the last */
    ck_assert_uint_eq(told[3], 3001);
    ck_assert_uint_eq(told[4], 6001);
    sw_tcp_sent_fini(&s);
}
END_TEST

/* The records in flight, in the order of the list. */
static void flying(unsigned n, const uint32_t *records)
{
    ck_assert_uint_eq(s.flying.count, n);
    uint32_t at = s.flying.first;
    for (unsigned i = 0; i < n; i++, at = sw_tcp_sent_at(&s, at)->next) {
        ck_assert_uint_eq(at, records[i]);
    }
    ck_assert_uint_eq(s.flying.last, records[n - 1]);
}

START_TEST(what_was_not_lost_is_in_flight_in_the_order_of_its_times)
{
    sw_tcp_sent_init(&s);
    for (uint32_t i = 0; i < 6; i++) {
        ck_assert(sw_tcp_sent_room(&s, 100));
        sw_tcp_sent_push(&s, 1 + 1000 * i, 1001 + 1000 * i, (sw_time)(10 * i));
    }
    sw_tcp_sent_lose(&s, 1);
    sw_tcp_sent_again(&s, 1, 35);
    sw_tcp_sent_lose(&s, 2);
    sw_tcp_sent_again(&s, 2, 45);
    sw_tcp_sent_lose_all(&s);
    sw_tcp_sent_again(&s, 0, 60);
    (void)sacked(4001, 5001);
    sw_tcp_sent_find_again(&s); /* 3 at 30, 1 at 35, 2 at 45, 5 at 50, 0 at 60 */
    flying(5, (const uint32_t[]){3, 1, 2, 5, 0});
    ck_assert_uint_eq(s.missing.count, 0);
    ck_assert_uint_eq(s.lost, 1000); /* the first, of which both sendings are under way */
    ck_assert_uint_eq(sw_tcp_sent_pipe(&s), 5000);
    sw_tcp_sent_fini(&s);
}
END_TEST

START_TEST(there_is_a_bound)
{
    sent(1, 8);
    ck_assert(!sw_tcp_sent_has_room(&s));
    ck_assert(!sw_tcp_sent_room(&s, 8));
    ck_assert(sw_tcp_sent_room(&s, 9));
    ck_assert(sw_tcp_sent_has_room(&s));
    sw_tcp_sent_fini(&s);
}
END_TEST

/* ---- against a plain model ---- */

#define MANY 300u

static uint64_t draw_state;

static uint32_t draw(uint32_t below)
{
    draw_state = draw_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(draw_state >> 33) % below;
}

/* Both ways along a list; so is what belongs into it. */
static void check_list(const struct sw_tcp_record_list *list, bool missing)
{
    uint32_t at = list->first, last = 0;
    for (uint32_t i = 0; i < list->count; i++, at = sw_tcp_sent_at(&s, at)->next) {
        const struct sw_tcp_record *r = sw_tcp_sent_at(&s, at);
        ck_assert_uint_lt(at - s.head, s.tail - s.head);
        ck_assert((r->flags & SW_SENT_SACKED) == 0);
        ck_assert(((r->flags & (SW_SENT_LOST | SW_SENT_AGAIN)) == SW_SENT_LOST) == missing);
        ck_assert(i == 0 || r->prev == last);
        last = at;
    }
    ck_assert(list->count == 0 || list->last == last);
}

static void check_sums(void)
{
    uint32_t out = 0, sacked = 0, lost = 0, resent = 0, count = 0, runs = 0, above = 0;
    for (uint32_t i = s.head; i != s.tail; i++) {
        const struct sw_tcp_record *r = sw_tcp_sent_at(&s, i);
        const uint32_t n = r->end - r->seq;
        const bool marked = (r->flags & SW_SENT_SACKED) != 0;
        out += n;
        sacked += marked ? n : 0;
        lost += (r->flags & SW_SENT_LOST) != 0 ? n : 0;
        resent += (r->flags & SW_SENT_AGAIN) != 0 ? n : 0;
        count += marked;
        if (marked && i - s.judged < s.tail - s.judged) {
            above += n;
            runs += i + 1 == s.tail || (sw_tcp_sent_at(&s, i + 1)->flags & SW_SENT_SACKED) == 0;
        }
    }
    ck_assert_uint_eq(s.out, out);
    ck_assert_uint_eq(s.sacked, sacked);
    ck_assert_uint_eq(s.lost, lost);
    ck_assert_uint_eq(s.resent, resent);
    ck_assert_uint_eq(s.sacked_count, count);
    ck_assert_uint_eq(s.above, above);
    ck_assert_uint_eq(s.above_runs, runs);
    ck_assert_uint_eq(s.flying.count + s.missing.count, s.tail - s.head - count);
}

START_TEST(whatever_comes_the_sums_hold)
{
    draw_state = (uint64_t)_i;
    sw_tcp_sent_init(&s);
    s.head = s.tail = s.judged = UINT32_MAX - 100; /* the names of records turn over, too */
    uint32_t una = UINT32_MAX - 5000, nxt = una;
    for (unsigned step = 0; step < 2000; step++) {
        const uint32_t out = nxt - una, what = draw(10);
        if (what < 4 && s.tail - s.head < MANY) {
            const uint32_t n = 1 + draw(100);
            push(nxt, nxt + n);
            nxt += n;
        } else if (what < 7 && out > 0) {
            const uint32_t from = una + draw(out);
            (void)sacked(from, from + 1 + draw(nxt - from));
            (void)sw_tcp_sent_judge(&s, 100);
        } else if (what == 7 && s.missing.count > 0) {
            sw_tcp_sent_again(&s, s.missing.first, step);
        } else if (what == 8 && s.flying.count > 0 && draw(4) == 0) {
            sw_tcp_sent_lose(&s, s.flying.first);
        } else if (what == 9 && out > 0) {
            una += draw(out < 300 ? out + 1 : 300);
            sw_tcp_sent_acked(&s, una, &hears);
        } else if (draw(50) == 0) {
            sw_tcp_sent_lose_all(&s);
        } else if (draw(50) == 0) {
            sw_tcp_sent_forget_sacks(&s);
        } else if (draw(20) == 0) {
            sw_tcp_sent_find_again(&s);
        }
        check_sums();
        if (step % 32 == 0) {
            check_list(&s.flying, false);
            check_list(&s.missing, true);
        }
    }
    sw_tcp_sent_fini(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_sent");
    TCase *tcase = tcase_create("tcp_sent");
    tcase_add_test(tcase, a_block_marks_what_lies_wholly_in_it__rfc6675_3);
    tcase_add_test(tcase, blocks_that_cannot_be_mark_nothing__rfc6675_3);
    tcase_add_test(tcase, lost_is_what_has_three_runs_above_it__rfc6675_4_islost);
    tcase_add_test(tcase, lost_is_what_has_more_than_two_segments_above_it__rfc6675_4_islost);
    tcase_add_test(tcase, the_pipe_is_what_is_under_way__rfc6675_4_setpipe);
    tcase_add_test(tcase, what_lies_lowest_is_sent_again_first__rfc6675_4_nextseg);
    tcase_add_test(tcase,
                   what_the_peer_waits_for_goes_first_whenever_it_was_lost__rfc6675_4_nextseg);
    tcase_add_test(tcase,
                   below_what_is_sacked_is_doubtful_and_the_tail_is_the_last__rfc6675_4_nextseg);
    tcase_add_test(tcase, an_acknowledgement_may_end_within_a_record);
    tcase_add_test(tcase, a_receiver_may_renege__rfc2018_8);
    tcase_add_test(tcase, what_is_delivered_is_told_once__rfc8985_6_2);
    tcase_add_test(tcase, what_was_not_lost_is_in_flight_in_the_order_of_its_times);
    tcase_add_test(tcase, there_is_a_bound);
    tcase_add_loop_test(tcase, whatever_comes_the_sums_hold, 0, 50);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
