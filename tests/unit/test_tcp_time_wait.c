/* TIME-WAIT (RFC 9293 3.6.1, 3.10.7.4): what it answers, what it lets in, how many there are. */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "stack/tcp.h"
#include "tests/support/stack_tcp.h"

static struct lab lab;

/* A connection of the peer's that the host ends; numbers stand at 2 on both sides. */
static void ended(const struct lab_config *config, const char *options)
{
    lab_init(&lab, config);
    lab_accept(&lab, 65535, options);
    sw_sock_close(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 0);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_in(&lab,
           options == NULL ? "F. 1:1(0) ack 2 win 65535" : "F. 1:1(0) ack 2 win 65535 <ts 1000 0>");
    ck_assert_uint_eq(lab_forget(&lab), 1);
}

static uint64_t records(void)
{
    struct sw_host_stats stats;
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_connections, 0);
    return stats.tcp_time_wait;
}

START_TEST(a_record_lasts_2_msl__must_13)
{
    ended(NULL, NULL);
    ck_assert_uint_eq(records(), 1);
    lab_run(&lab, 60 * SW_S - 1);
    ck_assert_uint_eq(records(), 1);
    lab_run(&lab, 60 * SW_S);
    ck_assert_uint_eq(records(), 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_record_costs_64_bytes_at_most)
{
    ck_assert_uint_le(sizeof(struct sw_tcp_tw), 64);
}
END_TEST

START_TEST(the_fin_again_is_acknowledged_and_2_msl_begin_anew__rfc9293_3_10_7_4)
{
    ended(NULL, NULL);
    lab_run(&lab, 50 * SW_S);
    for (unsigned i = 0; i < 20; i++) { /* as often as it comes */
        lab_in(&lab, "F. 1:1(0) ack 2 win 65535");
        lab_out(&lab, 50 * SW_S, ". 2:2(0) ack 2 win 59999");
    }
    lab_run(&lab, 110 * SW_S - 1);
    ck_assert_uint_eq(records(), 1);
    lab_run(&lab, 110 * SW_S);
    ck_assert_uint_eq(records(), 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(old_text_is_acknowledged_but_not_for_ever__rfc5961_7)
{
    ended(NULL, NULL);
    for (unsigned i = 0; i < 50; i++) {
        lab_in(&lab, "P. 1:11(10) ack 2 win 65535");
    }
    ck_assert_uint_eq(lab_forget(&lab), 10);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SEQUENCE), 50);
    lab_in(&lab, ". 2:2(0) ack 2 win 65535"); /* in order: nothing to say */
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(only_an_exact_rst_ends_it__rfc5961_3_2)
{
    ended(NULL, NULL);
    lab_in(&lab, "R 3:3(0) win 0");
    lab_in(&lab, "R 1:1(0) win 0");
    ck_assert_uint_eq(records(), 1);
    lab_in(&lab, "R 2:2(0) win 0");
    lab_quiet(&lab);
    ck_assert_uint_eq(records(), 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_syn_with_a_higher_number_opens_anew__rfc1122_4_2_2_13)
{
    ended(NULL, NULL);
    lab_in(&lab, "S 3:3(0) win 65535 <mss 1460>");
    /* And our own number is above what was used. */
    lab_out(&lab, 0, "S. 3:3(0) ack 4 win 60000 <mss 1460>");
    struct sw_host_stats stats;
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_time_wait, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_old_syn_is_acknowledged__rfc9293_3_10_7_4)
{
    ended(NULL, NULL);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, ". 2:2(0) ack 2 win 59999");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SYN), 1);
    ck_assert_uint_eq(records(), 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_later_timestamp_makes_a_syn_new__rfc6191_2)
{
    const struct lab_config config = {.timestamps = true};
    ended(&config, "<mss 1460,ts 1000 0>");
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460,ts 1000 0>");
    lab_out(&lab, 0, ". 2:2(0) ack 2 win 59999 <ts 0 1000>");
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460,ts 1001 0>");
    lab_out(&lab, 0, "S. 3:3(0) ack 1 win 60000 <mss 1460,ts 0 1001>");
    lab_fini(&lab);
}
END_TEST

/* Each case of RFC 6191 2: had the old connection timestamps (its last was 1000, its last number
 * 2), does the new one have any, and what becomes of its SYN. */
START_TEST(a_syn_is_judged_by_timestamp_and_number__rfc6191_2)
{
    static const struct {
        bool before;     /* the old connection had timestamps */
        const char *syn; /* the new one's */
        bool opens;
    } cases[] = {
        {true, "S 0:0(0) win 65535 <mss 1460,ts 1001 0>", true},  /* a later timestamp */
        {true, "S 9:9(0) win 65535 <mss 1460,ts 1000 0>", true},  /* the same, a later number */
        {true, "S 2:2(0) win 65535 <mss 1460,ts 1000 0>", false}, /* nor that */
        {true, "S 9:9(0) win 65535 <mss 1460,ts 999 0>", false},  /* an earlier timestamp */
        {true, "S 9:9(0) win 65535 <mss 1460>", true},            /* none: a later number */
        {true, "S 0:0(0) win 65535 <mss 1460>", false},           /* nor that */
        {false, "S 0:0(0) win 65535 <mss 1460,ts 1 0>", true},    /* now there are some */
        {false, "S 9:9(0) win 65535 <mss 1460>", true},           /* a later number */
        {false, "S 0:0(0) win 65535 <mss 1460>", false},          /* nor that */
        {true, "S. 9:9(0) ack 1 win 65535 <mss 1460,ts 1001 0>", false}, /* no SYN alone */
    };
    const struct lab_config config = {.timestamps = true};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ended(&config, cases[i].before ? "<mss 1460,ts 1000 0>" : NULL);
        lab_in(&lab, cases[i].syn);
        struct sw_host_stats stats;
        sw_host_stats(lab.host, &stats);
        ck_assert_msg(stats.tcp_connections == (cases[i].opens ? 1 : 0), "case %zu", i);
        ck_assert_uint_eq(stats.tcp_time_wait, cases[i].opens ? 0 : 1);
        ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SYN), cases[i].opens ? 0 : 1);
        ck_assert_uint_eq(lab_forget(&lab), 1); /* a SYN,ACK, or a challenge */
        lab_fini(&lab);
    }
}
END_TEST

START_TEST(only_the_same_fin_begins_2_msl_anew)
{
    static const char *const forged[] = {"F. 0:0(0) ack 2 win 65535", "F. 2:2(0) ack 2 win 65535",
                                         "F. 5000:5000(0) ack 2 win 65535", "F 1:1(0) win 65535"};
    ended(NULL, NULL);
    lab_run(&lab, 30 * SW_S);
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        lab_in(&lab, forged[i]);
    }
    lab_forget(&lab);
    lab_run(&lab, 60 * SW_S);
    ck_assert_uint_eq(records(), 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_full_store_recycles_the_oldest)
{
    const struct lab_config config = {.max_time_wait = 3};
    lab_init(&lab, &config);
    for (uint16_t i = 0; i < 5; i++) {
        lab.peer_port = (uint16_t)(4000 + i);
        lab.host_known = false;
        lab_accept(&lab, 65535, NULL);
        sw_sock_close(lab.sock);
        lab.sock = NULL;
        lab_run(&lab, lab_now(&lab));
        lab_in(&lab, "F. 1:1(0) ack 2 win 65535");
        lab_forget(&lab);
        lab_run(&lab, lab_now(&lab) + 1 * SW_S);
    }
    struct sw_host_stats stats;
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_time_wait, 3);
    ck_assert_uint_eq(stats.tcp_time_wait_recycled, 2);
    lab_in(&lab, "F. 1:1(0) ack 2 win 65535"); /* the last is known */
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab.peer_port = 4000; /* the first is not: its FIN gets a RST, or is no listener's */
    lab_in(&lab, "F. 1:1(0) ack 2 win 65535");
    lab_out(&lab, 5 * SW_S, "R 2:2(0) win 0");
    /* They go one by one, each 60 s after its end. */
    lab_run(&lab, 62 * SW_S - 1);
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_time_wait, 3);
    lab_run(&lab, 62 * SW_S);
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_time_wait, 2);
    lab_fini(&lab);
}
END_TEST

START_TEST(many_records_are_found_again)
{
    lab_init(&lab, NULL);
    for (uint16_t i = 0; i < 100; i++) {
        lab.peer_port = (uint16_t)(4000 + i);
        lab.host_known = false;
        lab_accept(&lab, 65535, NULL);
        sw_sock_close(lab.sock);
        lab.sock = NULL;
        lab_run(&lab, 0);
        lab_in(&lab, "F. 1:1(0) ack 2 win 65535");
        lab_forget(&lab);
    }
    ck_assert_uint_eq(records(), 100);
    for (uint16_t i = 0; i < 100; i++) {
        lab.peer_port = (uint16_t)(4000 + (i * 37) % 100);
        lab_in(&lab, "R 2:2(0) win 0");
    }
    ck_assert_uint_eq(records(), 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(our_own_port_is_not_used_again_meanwhile)
{
    lab_init(&lab, NULL);
    lab_connected(&lab, 65535);
    const struct sw_endpoint local = sw_sock_local(lab.sock);
    sw_sock_close(lab.sock);
    lab_run(&lab, 0);
    lab_in(&lab, "F. 1:1(0) ack 2 win 65535");
    lab_forget(&lab);
    ck_assert_int_eq(sw_sock_open(&lab.sock, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(lab.sock, local), 0);
    const struct sw_endpoint to = {.ip = sw_ip_v4(0x0a000002), .port = LAB_PEER_PORT};
    ck_assert_int_eq(sw_sock_connect(lab.sock, to), -EADDRINUSE);
    lab_run(&lab, 60 * SW_S);
    ck_assert_int_eq(sw_sock_connect(lab.sock, to), 0);
    lab_run(&lab, 60 * SW_S);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_time_wait");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_record_lasts_2_msl__must_13);
    tcase_add_test(tc, a_record_costs_64_bytes_at_most);
    tcase_add_test(tc, the_fin_again_is_acknowledged_and_2_msl_begin_anew__rfc9293_3_10_7_4);
    tcase_add_test(tc, old_text_is_acknowledged_but_not_for_ever__rfc5961_7);
    tcase_add_test(tc, only_an_exact_rst_ends_it__rfc5961_3_2);
    tcase_add_test(tc, a_syn_with_a_higher_number_opens_anew__rfc1122_4_2_2_13);
    tcase_add_test(tc, an_old_syn_is_acknowledged__rfc9293_3_10_7_4);
    tcase_add_test(tc, a_later_timestamp_makes_a_syn_new__rfc6191_2);
    tcase_add_test(tc, a_syn_is_judged_by_timestamp_and_number__rfc6191_2);
    tcase_add_test(tc, only_the_same_fin_begins_2_msl_anew);
    tcase_add_test(tc, a_full_store_recycles_the_oldest);
    tcase_add_test(tc, many_records_are_found_again);
    tcase_add_test(tc, our_own_port_is_not_used_again_meanwhile);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
