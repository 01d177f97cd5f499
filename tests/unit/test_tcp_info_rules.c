/* What is told of a connection, each figure by itself, of one made by hand (stack_bare.h). */
#include <check.h>
#include <string.h>

#include "tests/support/stack_bare.h"

static struct bare b;
static struct sw_nic nic;
static struct sw_tcp_listener listener;

static struct sw_sock_info info(void)
{
    struct sw_sock_info out;
    sw_tcp_info(&b.t, &out);
    return out;
}

static void begin(void)
{
    bare_begin(&b);
    b.t.path.nic = &nic;
}

START_TEST(the_state_of_congestion_control_is_the_gravest_there_is)
{
    begin();
    ck_assert_int_eq(info().ca_state, SW_TCP_CA_OPEN);
    b.t.duplicates = 1;
    ck_assert_int_eq(info().ca_state, SW_TCP_CA_DISORDER);
    b.t.duplicates = 0;
    b.loss.sent.sacked = 1;
    ck_assert_int_eq(info().ca_state, SW_TCP_CA_DISORDER);
    b.loss.sent.sacked = 0;
    b.loss.sent.lost = 1;
    ck_assert_int_eq(info().ca_state, SW_TCP_CA_DISORDER);
    b.t.ecn.lowered = true;
    ck_assert_int_eq(info().ca_state, SW_TCP_CA_CWR);
    b.t.recover = b.t.snd_una + 1;
    ck_assert_int_eq(info().ca_state, SW_TCP_CA_LOSS);
    b.t.state = SW_TCP_SYN_SENT; /* a SYN's timeout is no loss of text */
    ck_assert_int_eq(info().ca_state, SW_TCP_CA_CWR);
    b.t.recovering = true;
    ck_assert_int_eq(info().ca_state, SW_TCP_CA_RECOVERY);
    bare_end(&b);
}
END_TEST

START_TEST(flight_is_told_in_bytes_and_in_the_segments_it_would_fill)
{
    begin();
    b.t.loss = NULL; /* without SACK */
    b.t.snd_nxt = b.t.snd_una + 2000;
    ck_assert_uint_eq(info().flight_bytes, 2000);
    ck_assert_uint_eq(info().unacked, 2);
    b.t.snd_nxt++;
    ck_assert_uint_eq(info().unacked, 3);
    b.t.snd_mss = 0; /* nothing is agreed on yet */
    ck_assert_uint_eq(info().unacked, 0);
    bare_end(&b);
}
END_TEST

START_TEST(with_sack_segments_are_counted)
{
    begin();
    for (unsigned i = 0; i < 5; i++) {
        bare_sent(&b, 10, SW_S);
    }
    b.t.sendq.bytes = 60;
    sw_tcp_sent_lose(&b.loss.sent, 0);
    sw_tcp_sent_lose(&b.loss.sent, 1);
    sw_tcp_sent_again(&b.loss.sent, 0, SW_S);
    (void)sw_tcp_sent_sacked(&b.loss.sent, 120, 150, &b.loss.hears);
    b.t.count.data_out = 6;
    b.t.retransmits = 1;
    b.t.bytes_again = 10;
    b.t.bytes_acked = 1000;
    const struct sw_sock_info i = info();
    ck_assert_uint_eq(i.flight_bytes, 50);
    ck_assert_uint_eq(i.unacked, 5);
    ck_assert_uint_eq(i.sacked, 3);
    ck_assert_uint_eq(i.sacked_bytes, 30);
    ck_assert_uint_eq(i.lost_bytes, 20);
    ck_assert_uint_eq(i.lost, 1); /* as many as 20 bytes would fill */
    ck_assert_uint_eq(i.resent_bytes, 10);
    ck_assert_uint_eq(i.resent, 1);
    ck_assert_uint_eq(i.delivered, 3); /* of five that went, each once */
    ck_assert_uint_eq(i.unsent_bytes, 10);
    ck_assert_uint_eq(i.bytes_sent, 1060);
    ck_assert_uint_eq(i.bytes_retransmitted, 10);
    bare_end(&b);
}
END_TEST

START_TEST(a_fin_is_out_and_counts_as_no_text)
{
    begin();
    b.t.loss = NULL;
    b.t.sendq.bytes = 100;
    b.t.snd_nxt = b.t.snd_una + 101;
    ck_assert_uint_eq(info().bytes_sent, 100);
    ck_assert_uint_eq(info().unsent_bytes, 0);
    bare_end(&b);
}
END_TEST

START_TEST(what_went_again_without_text_is_not_taken_from_what_was_delivered)
{
    begin();
    b.t.loss = NULL;
    b.t.count.data_out = 3;
    b.t.retransmits = 3;
    b.t.count.bare_again = 2; /* a SYN twice, say */
    ck_assert_uint_eq(info().delivered, 2);
    b.t.sendq.bytes = 5000;
    b.t.snd_nxt = b.t.snd_una + 3000; /* more than that is out */
    ck_assert_uint_eq(info().delivered, 0);
    bare_end(&b);
}
END_TEST

START_TEST(a_timeout_is_counted_and_so_is_a_question_to_a_closed_window)
{
    begin();
    b.t.retries = 3;
    b.t.probes = 5;
    ck_assert_uint_eq(info().timeouts, 3);
    ck_assert_uint_eq(info().backoff, 3);
    ck_assert_uint_eq(info().probes, 5);
    b.t.due[SW_TCP_DUE_PERSIST] = SW_S;
    ck_assert_uint_eq(info().timeouts, 0);
    ck_assert_uint_eq(info().backoff, 5);
    bare_end(&b);
}
END_TEST

START_TEST(the_path_is_as_narrow_as_the_narrowest_known)
{
    begin();
    ck_assert_uint_eq(info().path_mtu_bytes, 1500);
    b.t.path_mtu = 1499;
    ck_assert_uint_eq(info().path_mtu_bytes, 1499);
    b.t.path_mtu = 1501;
    ck_assert_uint_eq(info().path_mtu_bytes, 1500);
    b.t.path.nic = NULL; /* nobody knows the way yet */
    ck_assert_uint_eq(info().path_mtu_bytes, 0);
    bare_end(&b);
}
END_TEST

START_TEST(times_are_since_and_round_trips_in_eighths_of_microseconds)
{
    begin();
    b.t.last_sent = SW_S - 7 * SW_MS;
    b.t.last_received = SW_S - 3 * SW_MS;
    b.t.tune.rtt_8us = 80007;
    b.t.tune.space = 4321;
    b.t.rtt.min_us = 19;
    b.t.count.data_in_at = (uint32_t)((sw_time)900000000 >> SW_COUNT_MS);
    const struct sw_sock_info i = info();
    ck_assert_int_eq(i.since_data_sent, 7 * SW_MS);
    ck_assert_int_eq(i.since_ack_received, 3 * SW_MS);
    ck_assert_int_eq(i.receiver_rtt, 10 * SW_MS);
    ck_assert_uint_eq(i.receiver_space_bytes, 4321);
    ck_assert_int_eq(i.min_rtt, 19 * SW_US);
    ck_assert(i.since_data_received >= 99 * SW_MS && i.since_data_received <= 101 * SW_MS);
    bare_end(&b);
}
END_TEST

START_TEST(what_keeps_a_sender_is_timed_each_by_itself)
{
    begin();
    struct sw_tcp_count *c = &b.t.count;
    sw_tcp_count_limit(c, SW_TCP_BUSY, 0);
    sw_tcp_count_limit(c, SW_TCP_WINDOW_LIMITED, SW_S / 10);
    sw_tcp_count_limit(c, SW_TCP_BUFFER_LIMITED, SW_S / 10 * 3);
    sw_tcp_count_limit(c, SW_TCP_BUFFER_LIMITED, SW_S / 10 * 4); /* the same: it goes on */
    sw_tcp_count_limit(c, SW_TCP_IDLE, SW_S / 10 * 7);
    const struct sw_sock_info i = info(); /* at 1 s */
    const sw_time grain = SW_MS / 4;
    ck_assert_int_le(i.window_limited, 200 * SW_MS + grain);
    ck_assert_int_ge(i.window_limited, 200 * SW_MS - grain);
    ck_assert_int_le(i.buffer_limited, 400 * SW_MS + grain);
    ck_assert_int_ge(i.buffer_limited, 400 * SW_MS - grain);
    ck_assert_int_le(i.busy, 700 * SW_MS + grain);
    ck_assert_int_ge(i.busy, 700 * SW_MS - grain);
    sw_tcp_count_limit(c, SW_TCP_BUSY, SW_S / 10 * 9); /* and it is, now */
    ck_assert_int_le(info().busy, 800 * SW_MS + grain);
    ck_assert_int_ge(info().busy, 800 * SW_MS - grain);
    bare_end(&b);
}
END_TEST

START_TEST(rates_are_told_in_bits)
{
    begin();
    ck_assert_uint_eq(info().pacing_bps, 0);
    ck_assert(sw_tcp_paced_need(&b.t));
    b.t.paced->pace.rate = 1000;
    b.t.paced->most_bps = 9000;
    b.t.paced->delivery_rate = 700;
    b.t.paced->delivery_limited = true;
    ck_assert_uint_eq(info().pacing_bps, 8000);
    ck_assert_uint_eq(info().most_pacing_bps, 9000);
    ck_assert_uint_eq(info().delivery_bps, 5600);
    ck_assert(info().delivery_limited);
    bare_end(&b);
}
END_TEST

START_TEST(a_listener_has_one_to_give_or_has_not)
{
    begin();
    b.t.state = SW_TCP_LISTEN;
    b.t.listener = &listener;
    memset(&listener, 0, sizeof(listener));
    ck_assert(!info().acceptable);
    listener.ready = &b.t;
    ck_assert(info().acceptable);
    b.t.state = SW_TCP_ESTABLISHED;
    ck_assert(!info().acceptable);
    bare_end(&b);
}
END_TEST

START_TEST(a_time_wait_whose_record_is_gone_is_closed)
{
    begin();
    b.t.state = SW_TCP_TIME_WAIT;
    ck_assert_str_eq(info().state, "CLOSED");
    b.t.state = SW_TCP_CLOSING;
    ck_assert_str_eq(info().state, "CLOSING");
    bare_end(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_info_rules");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, the_state_of_congestion_control_is_the_gravest_there_is);
    tcase_add_test(tc, flight_is_told_in_bytes_and_in_the_segments_it_would_fill);
    tcase_add_test(tc, with_sack_segments_are_counted);
    tcase_add_test(tc, a_fin_is_out_and_counts_as_no_text);
    tcase_add_test(tc, what_went_again_without_text_is_not_taken_from_what_was_delivered);
    tcase_add_test(tc, a_timeout_is_counted_and_so_is_a_question_to_a_closed_window);
    tcase_add_test(tc, the_path_is_as_narrow_as_the_narrowest_known);
    tcase_add_test(tc, times_are_since_and_round_trips_in_eighths_of_microseconds);
    tcase_add_test(tc, what_keeps_a_sender_is_timed_each_by_itself);
    tcase_add_test(tc, rates_are_told_in_bits);
    tcase_add_test(tc, a_listener_has_one_to_give_or_has_not);
    tcase_add_test(tc, a_time_wait_whose_record_is_gone_is_closed);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
