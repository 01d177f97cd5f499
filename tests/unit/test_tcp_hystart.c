/* RFC 9406 in literal round trips; segments of 1,000. A round is of ten segments, each acknowledged
 * by itself. */
#include <check.h>

#include "stack/tcp_hystart.h"

#define ROUND 10000u

static struct sw_tcp_hystart h;
static uint32_t una, grown; /* grown: by the last round */
static bool over;

static void begin(uint32_t first)
{
    h = (struct sw_tcp_hystart){0};
    una = first;
    over = false;
}

static uint32_t ack(uint32_t bytes, sw_time rtt)
{
    una += bytes;
    const struct sw_tcp_hystart_ack a = {
        .una = una, .nxt = una + ROUND, .acked_bytes = bytes, .mss_bytes = 1000, .rtt = rtt};
    bool now = false;
    const uint32_t more = sw_tcp_hystart_ack(&h, &a, &now);
    over = over || now;
    return more;
}

/* Ten acknowledgements, of which the first `samples` know their round trip. */
static void round_of(sw_time rtt, unsigned samples)
{
    grown = 0;
    for (unsigned i = 0; i < 10; i++) {
        grown += ack(1000, i < samples ? rtt : -1);
    }
}

/* The first acknowledgement comes before there is a round to end. */
static void begun(sw_time rtt)
{
    begin(0);
    ack(1000, rtt);
    round_of(rtt, 10);
    round_of(rtt, 10);
    ck_assert_uint_eq(grown, 10000);
}

START_TEST(an_ack_adds_what_it_covers_8_segments_at_most__rfc9406_4_2)
{
    begin(0);
    ck_assert_uint_eq(ack(1000, -1), 1000);
    ck_assert_uint_eq(ack(300, -1), 300);
    ck_assert_uint_eq(ack(8000, -1), 8000);
    ck_assert_uint_eq(ack(9000, -1), 8000);
}
END_TEST

START_TEST(a_round_ends_when_what_was_sent_at_its_beginning_is_acknowledged__rfc9406_4_2)
{
    begin(UINT32_MAX - 3999); /* numbers turn over in the first round */
    ack(1000, 20 * SW_MS);
    ck_assert_uint_eq(h.window_end, 7000);
    for (unsigned i = 0; i < 9; i++) {
        ack(1000, 20 * SW_MS);
    }
    ck_assert_uint_eq(h.window_end, 7000);
    ck_assert_uint_eq(h.samples, 8);
    ack(1000, 20 * SW_MS);
    ck_assert_uint_eq(h.window_end, 17000);
    ck_assert_uint_eq(h.samples, 0);
    ck_assert_uint_eq(h.last_us, 20000);
}
END_TEST

START_TEST(the_threshold_is_an_eighth_from_4_to_16_ms__rfc9406_4_2)
{
    static const struct {
        sw_time before, stays, leaves;
    } rows[] = {
        {8 * SW_MS, 11999 * SW_US, 12 * SW_MS},     /* 4 ms, though an eighth is 1 */
        {80 * SW_MS, 89999 * SW_US, 90 * SW_MS},    /* an eighth */
        {400 * SW_MS, 415999 * SW_US, 416 * SW_MS}, /* 16 ms, though an eighth is 50 */
    };
    for (unsigned i = 0; i < 3; i++) {
        begun(rows[i].before);
        round_of(rows[i].stays, 10);
        ck_assert_uint_eq(h.css_rounds, 0);
        begun(rows[i].before);
        round_of(rows[i].leaves, 10);
        ck_assert_uint_eq(h.css_rounds, 2); /* begun in one round, and in the next */
    }
}
END_TEST

START_TEST(fewer_than_8_samples_say_nothing__rfc9406_4_2)
{
    begun(20 * SW_MS);
    round_of(100 * SW_MS, 7);
    ck_assert_uint_eq(h.css_rounds, 0);
    begun(20 * SW_MS);
    round_of(100 * SW_MS, 8);
    ck_assert_uint_eq(h.css_rounds, 2);
}
END_TEST

START_TEST(the_shortest_of_a_round_counts__rfc9406_4_2)
{
    begun(20 * SW_MS);
    ack(1000, 21 * SW_MS);
    for (unsigned i = 0; i < 9; i++) {
        ack(1000, 100 * SW_MS);
    }
    ck_assert_uint_eq(h.css_rounds, 0);
}
END_TEST

START_TEST(the_first_round_has_none_to_be_compared_with__rfc9406_4_2)
{
    begin(0);
    round_of(100 * SW_MS, 10);
    ck_assert_uint_eq(h.css_rounds, 0);
    /* Nor has one that follows a round without a sample. */
    begin(0);
    ack(1000, -1);
    round_of(0, 0);
    round_of(100 * SW_MS, 10);
    ck_assert_uint_eq(h.css_rounds, 0);
}
END_TEST

START_TEST(conservative_slow_start_grows_by_a_quarter_for_5_rounds__rfc9406_4_2)
{
    begun(20 * SW_MS);
    for (unsigned i = 1; i <= 5; i++) {
        ck_assert(!over);
        round_of(40 * SW_MS, 10);
        /* The first of them is told with its eighth sample. */
        ck_assert_uint_eq(grown, i == 1 ? 7 * 1000 + 3 * 250 : 2500);
    }
    ck_assert(over);
}
END_TEST

START_TEST(what_was_jitter_gives_slow_start_back__rfc9406_4_2)
{
    begun(20 * SW_MS);
    round_of(40 * SW_MS, 10);
    round_of(40 * SW_MS, 10); /* no shorter: it stays */
    ck_assert_uint_eq(grown, 2500);
    round_of(39 * SW_MS, 10);
    ck_assert_uint_eq(h.css_rounds, 0);
    round_of(39 * SW_MS, 10);
    ck_assert_uint_eq(grown, 10000);
    round_of(44 * SW_MS, 10); /* 39 and an eighth: it begins again */
    ck_assert_uint_eq(h.css_rounds, 2);
    ck_assert(!over);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_hystart");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, an_ack_adds_what_it_covers_8_segments_at_most__rfc9406_4_2);
    tcase_add_test(tc,
                   a_round_ends_when_what_was_sent_at_its_beginning_is_acknowledged__rfc9406_4_2);
    tcase_add_test(tc, the_threshold_is_an_eighth_from_4_to_16_ms__rfc9406_4_2);
    tcase_add_test(tc, fewer_than_8_samples_say_nothing__rfc9406_4_2);
    tcase_add_test(tc, the_shortest_of_a_round_counts__rfc9406_4_2);
    tcase_add_test(tc, the_first_round_has_none_to_be_compared_with__rfc9406_4_2);
    tcase_add_test(tc, conservative_slow_start_grows_by_a_quarter_for_5_rounds__rfc9406_4_2);
    tcase_add_test(tc, what_was_jitter_gives_slow_start_back__rfc9406_4_2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
