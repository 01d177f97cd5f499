/* SYN cookies (RFC 4987 3.6): the numbers by themselves, and a listener under a flood. */
#include <check.h>
#include <errno.h>

#include "stack/tcp_cookie.h"
#include "tests/support/stack_tcp.h"

static const struct sw_hash_key key = {0x0123456789abcdef, 0xfedcba9876543210};
static const struct sw_hash_key other_key = {0x0123456789abcdef, 0xfedcba9876543211};
static const struct sw_tcp_cookie_of of = {.local_ip = 0x0a000001,
                                           .remote_ip = 0x0a000002,
                                           .local_port = 80,
                                           .remote_port = 4000,
                                           .peer_isn = 0xfffffff0};

static struct lab lab;

/* ---- the number ---- */

START_TEST(a_cookie_tells_the_segment_size__rfc4987_3_6)
{
    static const struct {
        uint16_t named, kept;
    } sizes[] = {{0, 64},      {64, 64},     {511, 64},    {512, 512},   {536, 536},
                 {1219, 536},  {1220, 1220}, {1400, 1300}, {1452, 1440}, {1460, 1460},
                 {8959, 1460}, {8960, 8960}, {65495, 8960}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint16_t mss = 0;
        const uint32_t cookie = sw_tcp_cookie_make(key, &of, sizes[i].named, 0);
        ck_assert(sw_tcp_cookie_check(key, &of, cookie, 0, &mss));
        ck_assert_uint_eq(mss, sizes[i].kept);
    }
}
END_TEST

START_TEST(a_cookie_is_the_same_on_every_machine)
{
    ck_assert_uint_eq(sw_tcp_cookie_make(key, &of, 1460, 0), 3699581398);
    ck_assert_uint_eq(sw_tcp_cookie_make(key, &of, 536, 61 * SW_S), 3763232948);
}
END_TEST

START_TEST(any_bit_that_is_changed_is_refused__rfc4987_3_6)
{
    for (uint16_t mss = 64; mss < 9000; mss = (uint16_t)(mss + 700)) {
        const uint32_t cookie = sw_tcp_cookie_make(key, &of, mss, 7 * SW_TCP_COOKIE_TICK);
        uint16_t kept;
        ck_assert(sw_tcp_cookie_check(key, &of, cookie, 7 * SW_TCP_COOKIE_TICK, &kept));
        for (unsigned bit = 0; bit < 32; bit++) {
            ck_assert(
                !sw_tcp_cookie_check(key, &of, cookie ^ 1u << bit, 7 * SW_TCP_COOKIE_TICK, &kept));
        }
    }
}
END_TEST

START_TEST(a_cookie_belongs_to_its_ends_and_to_its_secret__rfc4987_3_6)
{
    const uint32_t cookie = sw_tcp_cookie_make(key, &of, 1460, 0);
    uint16_t mss;
    ck_assert(!sw_tcp_cookie_check(other_key, &of, cookie, 0, &mss));
    for (unsigned i = 0; i < 5; i++) {
        struct sw_tcp_cookie_of another = of;
        another.local_ip ^= i == 0;
        another.remote_ip ^= i == 1;
        another.local_port ^= i == 2;
        another.remote_port ^= i == 3;
        another.peer_isn ^= i == 4;
        ck_assert(!sw_tcp_cookie_check(key, &another, cookie, 0, &mss));
    }
}
END_TEST

/* Made in the minute 5, it is good in 5 and 6, and neither before nor after; nor 32 minutes later,
 * when its five bits of the counter are the same again. */
START_TEST(a_cookie_of_an_older_counter_is_refused__rfc4987_3_6)
{
    const uint32_t cookie = sw_tcp_cookie_make(key, &of, 1460, 5 * 60 * SW_S + 59 * SW_S);
    uint16_t mss;
    ck_assert(sw_tcp_cookie_check(key, &of, cookie, 5 * 60 * SW_S, &mss));
    ck_assert(sw_tcp_cookie_check(key, &of, cookie, 7 * 60 * SW_S - 1, &mss));
    ck_assert(!sw_tcp_cookie_check(key, &of, cookie, 7 * 60 * SW_S, &mss));
    ck_assert(!sw_tcp_cookie_check(key, &of, cookie, 5 * 60 * SW_S - 1, &mss));
    ck_assert(!sw_tcp_cookie_check(key, &of, cookie, 37 * 60 * SW_S, &mss));
}
END_TEST

/* Of as many blind guesses with the right numbers for all else, none is right: one in 2^28 is. */
START_TEST(a_hundred_thousand_guesses_are_not_enough__rfc4987_3_6)
{
    uint32_t guess = 1;
    uint16_t mss;
    for (unsigned i = 0; i < 100000; i++) {
        guess = guess * 1664525u + 1013904223u;
        ck_assert(!sw_tcp_cookie_check(key, &of, guess, 600 * SW_S, &mss));
    }
}
END_TEST

/* ---- the timestamp ---- */

START_TEST(the_timestamp_carries_scale_and_sack_and_is_never_ahead)
{
    for (uint32_t now = UINT32_MAX - 40; now != 40; now++) {
        for (uint8_t wscale = 0; wscale <= 15; wscale++) {
            const struct sw_tcp_cookie_options in = {.scaling = wscale < 15,
                                                     .sack = (now & 1) != 0,
                                                     .ecn = (now & 2) != 0,
                                                     .wscale = wscale < 15 ? wscale : 0};
            const uint32_t stamp = sw_tcp_cookie_stamp(now, in);
            ck_assert_uint_lt(now - stamp, 64);
            const struct sw_tcp_cookie_options out = sw_tcp_cookie_unstamp(stamp);
            ck_assert_int_eq(out.scaling, in.scaling);
            ck_assert_int_eq(out.sack, in.sack);
            ck_assert_int_eq(out.ecn, in.ecn);
            ck_assert_uint_eq(out.wscale, in.wscale);
        }
    }
}
END_TEST

/* ---- a listener ---- */

static struct sw_host_stats stats_now(void)
{
    struct sw_host_stats stats;
    sw_host_stats(lab.host, &stats);
    return stats;
}

/* SYNs from ports 5000 on that nobody follows up. */
static void flood(uint16_t n)
{
    for (uint16_t i = 0; i < n; i++) {
        lab.peer_port = (uint16_t)(5000 + i);
        lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    }
    lab_forget(&lab);
    lab.peer_port = 4000;
    lab.host_known = lab.host_ts_known = false;
}

START_TEST(a_backlog_full_of_half_open_ones_answers_by_cookies__rfc4987_3_6)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 2);
    flood(2);
    ck_assert_uint_eq(stats_now().tcp_cookies_sent, 0);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1300,ws 3,sackOK>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>"); /* nothing to be remembered */
    ck_assert_uint_eq(stats_now().tcp_connections, 2);
    ck_assert_uint_eq(stats_now().tcp_cookies_sent, 1);
    lab_run(&lab, 700 * SW_MS); /* it is not sent again */
    lab_quiet(&lab);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    ck_assert_str_eq(lab_info(&lab).state, "ESTABLISHED");
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1300);
    ck_assert_int_eq(lab_read(&lab, 100), 10);
    ck_assert_int_eq(lab_write(&lab, 5), 5);
    lab_out(&lab, 700 * SW_MS, "P. 1:6(5) ack 11 win 59990");
    ck_assert_uint_eq(stats_now().tcp_cookies_accepted, 1);
    ck_assert_uint_eq(stats_now().tcp_half_open_evicted, 1); /* in whose place it is */
    ck_assert_uint_eq(stats_now().tcp_half_open, 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(with_timestamps_a_cookie_keeps_scale_and_sack)
{
    const struct lab_config config = {.timestamps = true,
                                      .scaling = true,
                                      .sack = true,
                                      .receive_buffer = 1 << 20,
                                      .syn_cookies = SW_TCP_COOKIES_ALWAYS};
    lab_init(&lab, &config);
    lab_listen(&lab, 8);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460,ts 1000 0,ws 3,sackOK>");
    lab_out(&lab, 200 * SW_MS, "S. 0:0(0) ack 1 win 65535 <mss 1460,ts 200 1000,ws 5,sackOK>");
    ck_assert_uint_eq(stats_now().tcp_connections, 0);
    lab_in(&lab, ". 1:1(0) ack 1 win 1000 <ts 1001 200>");
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    ck_assert_int_eq(lab_write(&lab, 8000), 8000);            /* 1000 << 3 */
    ck_assert_uint_eq(lab_info(&lab).flight_bytes, 5 * 1448); /* of 8,000 that fit */
    ck_assert_uint_eq(lab_forget(&lab), 5);
    lab_in(&lab, ". 11:21(10) ack 1 win 1000 <ts 1002 200>"); /* out of order: a block */
    lab_out(&lab, 200 * SW_MS, ". 7241:7241(0) ack 1 win 32768 <ts 243 1001,sack 11-21>");
    lab_fini(&lab);
}
END_TEST

START_TEST(with_timestamps_a_cookie_keeps_ecn__rfc3168_6_1)
{
    const struct lab_config config = {
        .timestamps = true, .ecn = SW_TCP_ECN_ON, .syn_cookies = SW_TCP_COOKIES_ALWAYS};
    lab_init(&lab, &config);
    lab_listen(&lab, 8);
    lab_in(&lab, "SEW 0:0(0) win 65535 <mss 1460,ts 1000 0>");
    lab_out(&lab, 0, "S.E 0:0(0) ack 1 win 60000 <mss 1460,ts 0 1000>");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535 <ts 1001 0>");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    lab_run(&lab, 100 * SW_MS);
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 100 * SW_MS, "P. 1:11(10) ack 1 win 60000 <ts 107 1001> [ect0]");
    lab_fini(&lab);
}
END_TEST

START_TEST(always_means_each_syn)
{
    const struct lab_config config = {.syn_cookies = SW_TCP_COOKIES_ALWAYS};
    lab_init(&lab, &config);
    lab_listen(&lab, 8);
    flood(100);
    ck_assert_uint_eq(stats_now().tcp_connections, 0);
    ck_assert_uint_eq(stats_now().tcp_cookies_sent, 100);
    lab_accept(&lab, 65535, NULL);
    ck_assert_uint_eq(stats_now().tcp_cookies_accepted, 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_is_no_cookie_gets_a_reset__rfc9293_3_10_7_2)
{
    const struct lab_config config = {.syn_cookies = SW_TCP_COOKIES_ALWAYS};
    lab_init(&lab, &config);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_in(&lab, ". 1:1(0) ack 2 win 65535"); /* another number of ours */
    lab_out(&lab, 0, "R 2:2(0) win 0");
    lab_in(&lab, ". 2:2(0) ack 1 win 65535"); /* another of its own */
    lab_out(&lab, 0, "R 1:1(0) win 0");
    lab_in(&lab, "S. 1:1(0) ack 1 win 65535"); /* and a SYN cannot bring one back */
    lab_out(&lab, 0, "R 1:1(0) win 0");
    lab.peer_port = 4001; /* another's */
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    lab_out(&lab, 0, "R 1:1(0) win 0");
    ck_assert_uint_eq(stats_now().tcp_cookies_refused, 3);
    ck_assert_uint_eq(stats_now().tcp_connections, 0);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_NO_SOCKET), 4);
    lab_fini(&lab);
}
END_TEST

/* A listener that has sent none lately believes none, however right: nobody gets in by guessing
 * where there is no flood. */
START_TEST(a_cookie_comes_back_within_two_minutes)
{
    const struct lab_config config = {.syn_cookies = SW_TCP_COOKIES_ALWAYS};
    lab_init(&lab, &config);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_run(&lab, 120 * SW_S);
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    lab_out(&lab, 120 * SW_S, "R 1:1(0) win 0");
    ck_assert_uint_eq(stats_now().tcp_cookies_refused, 0); /* not even looked at */
    lab_run(&lab, 239 * SW_S);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab.host_known = false;
    lab_forget(&lab);
    lab_run(&lab, 299 * SW_S);
    lab_in(&lab, ". 1:1(0) ack 1 win 65535"); /* of the minute before */
    lab_events(&lab, "A");
    lab_fini(&lab);
}
END_TEST

START_TEST(where_all_stand_there_are_no_cookies)
{
    const struct lab_config config = {.syn_cookies = SW_TCP_COOKIES_ALWAYS};
    lab_init(&lab, &config);
    lab_listen(&lab, 1);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    const uint32_t isn = lab.host_isn;
    lab.peer_port = 4001;
    lab.host_known = false;
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535"); /* takes the one place */
    lab_events(&lab, "A");
    lab.peer_port = 4000;
    lab.host_isn = isn;
    lab_in(&lab, ". 1:1(0) ack 1 win 65535"); /* its cookie is right, but there is no room yet */
    lab.peer_port = 4002;
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_BACKLOG), 2);
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    struct sw_sock *first = lab.sock;
    lab.peer_port = 4000;
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535"); /* the text that follows brings it back */
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    ck_assert_int_eq(lab_read(&lab, 100), 10);
    sw_sock_abort(first);
    lab_run(&lab, 0);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_restart_forgets_the_secret)
{
    const struct lab_config config = {.syn_cookies = SW_TCP_COOKIES_ALWAYS};
    lab_init(&lab, &config);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    ck_assert_int_eq(sw_host_restart(lab.host), 0);
    sw_sock_close(lab.listener);
    lab_listen(&lab, 8);
    lab.peer_port = 4001;
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>"); /* so that cookies are looked at */
    lab_forget(&lab);
    lab.peer_port = 4000;
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    ck_assert_uint_eq(stats_now().tcp_cookies_refused, 1);
    lab_forget(&lab);
    lab_events(&lab, "");
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_cookie");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_cookie_tells_the_segment_size__rfc4987_3_6);
    tcase_add_test(tc, a_cookie_is_the_same_on_every_machine);
    tcase_add_test(tc, any_bit_that_is_changed_is_refused__rfc4987_3_6);
    tcase_add_test(tc, a_cookie_belongs_to_its_ends_and_to_its_secret__rfc4987_3_6);
    tcase_add_test(tc, a_cookie_of_an_older_counter_is_refused__rfc4987_3_6);
    tcase_add_test(tc, a_hundred_thousand_guesses_are_not_enough__rfc4987_3_6);
    tcase_add_test(tc, the_timestamp_carries_scale_and_sack_and_is_never_ahead);
    tcase_add_test(tc, a_backlog_full_of_half_open_ones_answers_by_cookies__rfc4987_3_6);
    tcase_add_test(tc, with_timestamps_a_cookie_keeps_scale_and_sack);
    tcase_add_test(tc, with_timestamps_a_cookie_keeps_ecn__rfc3168_6_1);
    tcase_add_test(tc, always_means_each_syn);
    tcase_add_test(tc, what_is_no_cookie_gets_a_reset__rfc9293_3_10_7_2);
    tcase_add_test(tc, a_cookie_comes_back_within_two_minutes);
    tcase_add_test(tc, where_all_stand_there_are_no_cookies);
    tcase_add_test(tc, a_restart_forgets_the_secret);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
