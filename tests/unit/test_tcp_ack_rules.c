/* What an acknowledgement says of round trips and of the window, each condition by itself, of a
 * connection made by hand (stack_bare.h). */
#include <check.h>

#include "tests/support/stack_bare.h"

static struct bare b;

/* A FIN, sent twice, is acknowledged at 200 s with an echo of what our clock said `ago` ticks
 * before. Returns the round trip that is known then, 20 ms if none was told. */
static sw_time told(bool agreed, bool has, uint32_t ago)
{
    bare_begin(&b);
    bare_at(&b, 200 * SW_S);
    b.t.timestamps = agreed;
    b.t.ts_offset = 77;
    sw_tcp_sendq_init(&b.t.sendq);
    b.t.sack = false;
    b.t.loss = NULL;
    b.t.rtx_high = b.t.snd_out = ++b.t.snd_nxt;
    struct sw_tcp_segment seg = {.now = 200 * SW_S,
                                 .h = {.ack = b.t.snd_nxt,
                                       .has = has ? SW_TCP_HAS_TIMESTAMP : 0,
                                       .ts_ecr = 77 + 200000 - ago},
                                 .flags = SW_TCP_ACK,
                                 .window = 60000,
                                 .bare = true};
    b.t.rtt.sampled = false;
    ck_assert_int_eq(sw_tcp_step_ack(&b.t, &seg), SW_TCP_NEXT_STEP);
    ck_assert_uint_eq(b.t.snd_una, b.t.snd_nxt);
    const sw_time srtt = b.t.rtt.sampled ? b.t.rtt.srtt : -1;
    bare_end(&b);
    return srtt;
}

START_TEST(an_echo_that_was_agreed_on_times_what_was_sent_twice__rfc7323_4_1)
{
    ck_assert_int_eq(told(true, true, 30), 30 * SW_MS);
    ck_assert_int_eq(told(true, true, 0), 0);
    ck_assert_int_eq(told(false, true, 30), -1);
    ck_assert_int_eq(told(true, false, 30), -1);
}
END_TEST

START_TEST(an_echo_of_more_than_two_minutes_is_none_of_ours)
{
    ck_assert_int_eq(told(true, true, 120000), 120 * SW_S);
    ck_assert_int_eq(told(true, true, 120001), -1);
    ck_assert_int_eq(told(true, true, UINT32_MAX), -1); /* of the future */
}
END_TEST

/* The window after a segment with this number that acknowledges nothing new, where the last was
 * taken from segment 500 when `ack` was acknowledged. */
static uint32_t window_by(uint32_t seq, uint32_t ack, uint32_t window)
{
    bare_begin(&b);
    b.t.loss = NULL;
    b.t.snd_wl1 = 500;
    b.t.snd_wl2 = ack;
    struct sw_tcp_segment seg = {
        .now = SW_S, .seq = seq, .h = {.ack = b.t.snd_una}, .flags = SW_TCP_ACK, .window = window};
    ck_assert_int_eq(sw_tcp_step_ack(&b.t, &seg), SW_TCP_NEXT_STEP);
    ck_assert_uint_eq(b.t.snd_wnd_max, b.t.snd_wnd > 60000 ? b.t.snd_wnd : 60000);
    if (b.t.snd_wnd == window) {
        ck_assert_uint_eq(b.t.snd_wl1, seq);
        ck_assert_uint_eq(b.t.snd_wl2, b.t.snd_una);
    }
    const uint32_t is = b.t.snd_wnd;
    bare_end(&b);
    return is;
}

START_TEST(a_window_is_of_the_segment_that_was_sent_last__rfc9293_3_10_7_4)
{
    ck_assert_uint_eq(window_by(499, 100, 7), 60000);
    ck_assert_uint_eq(window_by(500, 100, 7), 7); /* SND.WL2 =< SEG.ACK */
    ck_assert_uint_eq(window_by(500, 99, 7), 7);
    ck_assert_uint_eq(window_by(500, 101, 7), 60000);
    ck_assert_uint_eq(window_by(501, 101, 7), 7);
    ck_assert_uint_eq(window_by(501, 100, 70000), 70000);
}
END_TEST

static sw_rx_verdict checked(uint8_t flags, uint32_t ack)
{
    bare_begin(&b);
    b.t.snd_nxt = b.t.snd_una + 500;
    b.t.snd_wnd_max = 60;
    b.t.challenges = SW_TCP_CHALLENGES; /* all that there may be have gone */
    b.t.challenge_at = 1000;
    const struct sw_tcp_segment seg = {.now = SW_S, .h = {.ack = ack}, .flags = flags};
    const sw_rx_verdict verdict = sw_tcp_check_ack(&b.t, &seg);
    bare_end(&b);
    return verdict;
}

START_TEST(an_acknowledgement_is_of_what_was_sent_and_a_window_ago__rfc5961_5_2)
{
    ck_assert_int_eq(checked(0, 100), SW_DROP_TCP_NO_ACK);
    ck_assert_int_eq(checked(SW_TCP_ACK, 100), SW_TCP_NEXT_STEP);
    ck_assert_int_eq(checked(SW_TCP_ACK, 600), SW_TCP_NEXT_STEP);
    ck_assert_int_eq(checked(SW_TCP_ACK, 601), SW_DROP_TCP_ACK);
    ck_assert_int_eq(checked(SW_TCP_ACK, 40), SW_TCP_NEXT_STEP);
    ck_assert_int_eq(checked(SW_TCP_ACK, 39), SW_DROP_TCP_ACK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_ack_rules");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, an_echo_that_was_agreed_on_times_what_was_sent_twice__rfc7323_4_1);
    tcase_add_test(tc, an_echo_of_more_than_two_minutes_is_none_of_ours);
    tcase_add_test(tc, a_window_is_of_the_segment_that_was_sent_last__rfc9293_3_10_7_4);
    tcase_add_test(tc, an_acknowledgement_is_of_what_was_sent_and_a_window_ago__rfc5961_5_2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
