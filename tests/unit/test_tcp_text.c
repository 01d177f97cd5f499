/* Text and FIN: RFC 9293 3.10.7.4, seventh and eighth; when what has come is acknowledged (RFC
 * 5681 4.2). */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

static void accepted(void)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
}

START_TEST(one_segment_is_acknowledged_after_40_ms__must_40)
{
    accepted();
    lab_in(&lab, "P. 1:101(100) ack 1 win 65535");
    lab_run(&lab, 40 * SW_MS - 1);
    lab_quiet(&lab);
    lab_run(&lab, 40 * SW_MS);
    lab_out(&lab, 40 * SW_MS, ". 1:1(0) ack 101 win 59900");
    lab_run(&lab, 10 * SW_S);
    lab_fini(&lab);
}
END_TEST

START_TEST(every_second_segment_is_acknowledged_at_once__rfc5681_4_2)
{
    accepted();
    lab_in(&lab, ". 1:1461(1460) ack 1 win 65535");
    lab_quiet(&lab);
    lab_in(&lab, ". 1461:2921(1460) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 2921 win 57080");
    lab_in(&lab, ". 2921:4381(1460) ack 1 win 65535");
    lab_quiet(&lab);
    lab_run(&lab, 50 * SW_MS);
    lab_out(&lab, 40 * SW_MS, ". 1:1(0) ack 4381 win 55620");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_batch_does_not_swallow_acknowledgements)
{
    accepted();
    static const char *const batch[] = {
        ". 1:1461(1460) ack 1 win 65535",    ". 1461:2921(1460) ack 1 win 65535",
        ". 2921:4381(1460) ack 1 win 65535", ". 4381:5841(1460) ack 1 win 65535",
        ". 5841:7301(1460) ack 1 win 65535", NULL};
    lab_in_batch(&lab, batch);
    lab_out(&lab, 0, ". 1:1(0) ack 2921 win 57080");
    lab_out(&lab, 0, ". 1:1(0) ack 5841 win 54160");
    lab_quiet(&lab);       /* the fifth waits for a sixth */
    lab_events(&lab, "R"); /* told once */
    lab_run(&lab, 1 * SW_S);
    lab_out(&lab, 40 * SW_MS, ". 1:1(0) ack 7301 win 52700");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_batch_is_worked_through_before_its_last_ack__must_58_59)
{
    accepted();
    static const char *const batch[] = {". 1:1461(1460) ack 1 win 65535",
                                        ". 1461:2921(1460) ack 1 win 65535",
                                        "F. 2921:2921(0) ack 1 win 65535", NULL};
    lab_in_batch(&lab, batch);
    lab_out(&lab, 0, ". 1:1(0) ack 2922 win 57079"); /* one for all three */
    lab_events(&lab, "RP");
    lab_fini(&lab);
}
END_TEST

START_TEST(text_carries_the_acknowledgement)
{
    accepted();
    lab_in(&lab, "P. 1:101(100) ack 1 win 65535");
    ck_assert_int_eq(lab_read(&lab, 100), 100);
    ck_assert_int_eq(lab_write(&lab, 20), 20);
    lab_out(&lab, 0, "P. 1:21(20) ack 101 win 59900");
    lab_run(&lab, 100 * SW_MS);
    lab_quiet(&lab); /* no other one */
    lab_fini(&lab);
}
END_TEST

START_TEST(out_of_order_is_acknowledged_at_once_each_by_itself__rfc5681_3_2)
{
    accepted();
    static const char *const batch[] = {". 1461:2921(1460) ack 1 win 65535",
                                        ". 2921:4381(1460) ack 1 win 65535",
                                        ". 4381:5841(1460) ack 1 win 65535", NULL};
    lab_in_batch(&lab, batch);
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_events(&lab, "");
    lab_in(&lab, ". 1:1461(1460) ack 1 win 65535"); /* fills the gap: at once, too */
    lab_out(&lab, 0, ". 1:1(0) ack 5841 win 54160");
    lab_events(&lab, "R");
    ck_assert_int_eq(lab_read(&lab, 10000), 5840);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_gap_filled_in_part_is_acknowledged_at_once)
{
    accepted();
    lab_in(&lab, ". 201:301(100) ack 1 win 65535");
    lab_in(&lab, ". 401:501(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_in(&lab, ". 1:101(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 101 win 59900");
    lab_in(&lab, ". 101:201(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 301 win 59700");
    lab_in(&lab, ". 301:401(100) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 501 win 59500");
    ck_assert_int_eq(lab_read(&lab, 1000), 500);
    lab_fini(&lab);
}
END_TEST

START_TEST(pieces_too_many_are_dropped_and_counted)
{
    accepted();
    char line[80];
    for (unsigned i = 0; i < 300; i++) {
        snprintf(line, sizeof(line), ". %u:%u(1) ack 1 win 65535", 101 + 3 * i, 102 + 3 * i);
        lab_in(&lab, line);
    }
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_REASSEMBLY), 300 - 256);
    ck_assert_uint_eq(lab_forget(&lab), 300); /* each is answered all the same */
    lab_fini(&lab);
}
END_TEST

/* ---- FIN ---- */

START_TEST(a_fin_in_established_leads_to_close_wait__rfc9293_3_10_7_4)
{
    accepted();
    lab_in(&lab, "F. 1:1(0) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 2 win 59999");
    lab_events(&lab, "P");
    ck_assert_str_eq(lab_info(&lab).state, "CLOSE-WAIT");
    ck_assert_int_eq(lab_read(&lab, 10), 0);   /* MUST-12: a normal end */
    ck_assert_int_eq(lab_write(&lab, 10), 10); /* half closed: we may go on */
    lab_out(&lab, 0, "P. 1:11(10) ack 2 win 59999");
    lab_in(&lab, ". 2:2(0) ack 11 win 65535");
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "F. 11:11(0) ack 2 win 59999");
    ck_assert_str_eq(lab_info(&lab).state, "LAST-ACK");
    lab_in(&lab, ". 2:2(0) ack 12 win 65535");
    lab_events(&lab, "D");
    ck_assert_str_eq(lab_info(&lab).state, "CLOSED");
    lab_fini(&lab);
}
END_TEST

START_TEST(text_and_fin_in_one_segment)
{
    accepted();
    lab_in(&lab, "PF. 1:11(10) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 12 win 59989");
    lab_events(&lab, "RP");
    ck_assert_int_eq(lab_read(&lab, 100), 10);
    ck_assert_int_eq(lab_read(&lab, 100), 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_fin_that_comes_early_waits_for_the_text_before_it)
{
    accepted();
    lab_in(&lab, "PF. 11:21(10) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    lab_events(&lab, "");
    ck_assert_int_eq(lab_read(&lab, 100), -EAGAIN);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 21 win 59980");
    lab_out(&lab, 0, ". 1:1(0) ack 22 win 59979");
    lab_events(&lab, "RP");
    ck_assert_int_eq(lab_read(&lab, 100), 20);
    ck_assert_int_eq(lab_read(&lab, 100), 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(text_that_came_early_from_behind_the_fin_is_ignored)
{
    accepted();
    lab_in(&lab, "P. 31:41(10) ack 1 win 65535");
    lab_in(&lab, "PF. 1:31(30) ack 1 win 65535");
    ck_assert_int_eq(lab_read(&lab, 100), 30);
    ck_assert_int_eq(lab_read(&lab, 100), 0);
    lab_forget(&lab);
    lab_fini(&lab);
    accepted();
    lab_in(&lab, "P. 11:41(30) ack 1 win 65535");
    lab_in(&lab, "F. 31:31(0) ack 1 win 65535"); /* in the middle of it */
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    lab_events(&lab, "RP");
    ck_assert_int_eq(lab_read(&lab, 100), 30);
    ck_assert_int_eq(lab_read(&lab, 100), 0);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(text_that_runs_past_an_early_fin_ends_there)
{
    accepted();
    lab_in(&lab, "P. 61:71(10) ack 1 win 65535");
    lab_in(&lab, "F. 31:31(0) ack 1 win 65535");
    lab_forget(&lab);
    lab_in(&lab, "P. 1:51(50) ack 1 win 65535"); /* a peer that says both is mistaken or lies */
    lab_events(&lab, "RP");
    lab_out(&lab, 0, ". 1:1(0) ack 31 win 59970");
    lab_out(&lab, 0, ". 1:1(0) ack 32 win 59969");
    ck_assert_int_eq(lab_read(&lab, 100), 30);
    ck_assert_int_eq(lab_read(&lab, 100), 0);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(text_after_the_fin_is_ignored__rfc9293_3_10_7_4)
{
    accepted();
    lab_in(&lab, "F. 1:1(0) ack 1 win 65535");
    lab_forget(&lab);
    lab_in(&lab, "P. 2:12(10) ack 1 win 65535");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_CLOSED), 1);
    ck_assert_int_eq(lab_read(&lab, 100), 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_fin_again_is_acknowledged_again__rfc9293_3_10_7_4)
{
    accepted();
    lab_in(&lab, "F. 1:1(0) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 2 win 59999");
    lab_in(&lab, "F. 1:1(0) ack 1 win 65535");
    lab_out(&lab, 0, ". 1:1(0) ack 2 win 59999");
    lab_events(&lab, "P");
    lab_fini(&lab);
}
END_TEST

START_TEST(we_end_first__rfc9293_3_6)
{
    accepted();
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "F. 1:1(0) ack 1 win 60000");
    ck_assert_str_eq(lab_info(&lab).state, "FIN-WAIT-1");
    lab_in(&lab, ". 1:1(0) ack 2 win 65535");
    ck_assert_str_eq(lab_info(&lab).state, "FIN-WAIT-2");
    lab_in(&lab, "P. 1:11(10) ack 2 win 65535"); /* the peer still sends */
    lab_events(&lab, "R");
    ck_assert_int_eq(lab_read(&lab, 100), 10);
    lab_in(&lab, "F. 11:11(0) ack 2 win 65535");
    lab_out(&lab, 0, ". 2:2(0) ack 12 win 59989");
    lab_events(&lab, "PD");
    ck_assert_str_eq(lab_info(&lab).state, "TIME-WAIT");
    ck_assert_int_eq(lab_read(&lab, 100), 0);
    lab_run(&lab, 60 * SW_S - 1); /* MUST-13: 2 MSL */
    ck_assert_str_eq(lab_info(&lab).state, "TIME-WAIT");
    lab_run(&lab, 60 * SW_S);
    ck_assert_str_eq(lab_info(&lab).state, "CLOSED");
    lab_fini(&lab);
}
END_TEST

START_TEST(both_end_at_once__rfc9293_3_6)
{
    accepted();
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "F. 1:1(0) ack 1 win 60000");
    lab_in(&lab, "F. 1:1(0) ack 1 win 65535"); /* does not acknowledge ours */
    lab_out(&lab, 0, ". 2:2(0) ack 2 win 59999");
    ck_assert_str_eq(lab_info(&lab).state, "CLOSING");
    lab_events(&lab, "P");
    lab_in(&lab, ". 2:2(0) ack 2 win 65535");
    ck_assert_str_eq(lab_info(&lab).state, "TIME-WAIT");
    lab_events(&lab, "D");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_fin_that_acknowledges_ours_leads_to_time_wait_at_once)
{
    accepted();
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "F. 1:1(0) ack 1 win 60000");
    lab_in(&lab, "F. 1:1(0) ack 2 win 65535");
    lab_out(&lab, 0, ". 2:2(0) ack 2 win 59999");
    ck_assert_str_eq(lab_info(&lab).state, "TIME-WAIT");
    lab_events(&lab, "PD");
    lab_fini(&lab);
}
END_TEST

START_TEST(text_for_a_reader_who_is_gone_resets__rfc1122_4_2_2_13)
{
    accepted();
    sw_sock_close(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 0);
    lab_out(&lab, 0, "F. 1:1(0) ack 1 win 60000");
    lab_in(&lab, "P. 1:11(10) ack 2 win 65535");
    lab_out(&lab, 0, "R 2:2(0) win 0");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_CLOSED), 1);
    struct sw_host_stats stats;
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_connections, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(without_memory_text_is_not_acknowledged)
{
    const struct lab_config config = {.pool_bytes = 60000};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, NULL);
    char line[80];
    unsigned i = 0;
    for (; lab_dropped(&lab, SW_DROP_NO_MEMORY) == 0 && i < 1000; i++) {
        snprintf(line, sizeof(line), ". %u:%u(60) ack 1 win 65535", 1 + 60 * i, 61 + 60 * i);
        lab_in(&lab, line);
        lab_forget(&lab);
    }
    const uint64_t queued = lab_info(&lab).receive_queue_bytes;
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_NO_MEMORY), 1);
    ck_assert_uint_gt(queued, 40000);
    ck_assert_uint_eq(queued, 60 * (i - 1));
    ck_assert_uint_eq(lab_info(&lab).bytes_received, queued);
    ck_assert_int_eq(lab_read(&lab, 60000), (int64_t)queued);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_text");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, one_segment_is_acknowledged_after_40_ms__must_40);
    tcase_add_test(tc, every_second_segment_is_acknowledged_at_once__rfc5681_4_2);
    tcase_add_test(tc, a_batch_does_not_swallow_acknowledgements);
    tcase_add_test(tc, a_batch_is_worked_through_before_its_last_ack__must_58_59);
    tcase_add_test(tc, text_carries_the_acknowledgement);
    tcase_add_test(tc, out_of_order_is_acknowledged_at_once_each_by_itself__rfc5681_3_2);
    tcase_add_test(tc, a_gap_filled_in_part_is_acknowledged_at_once);
    tcase_add_test(tc, pieces_too_many_are_dropped_and_counted);
    tcase_add_test(tc, a_fin_in_established_leads_to_close_wait__rfc9293_3_10_7_4);
    tcase_add_test(tc, text_and_fin_in_one_segment);
    tcase_add_test(tc, a_fin_that_comes_early_waits_for_the_text_before_it);
    tcase_add_test(tc, text_that_came_early_from_behind_the_fin_is_ignored);
    tcase_add_test(tc, text_that_runs_past_an_early_fin_ends_there);
    tcase_add_test(tc, text_after_the_fin_is_ignored__rfc9293_3_10_7_4);
    tcase_add_test(tc, a_fin_again_is_acknowledged_again__rfc9293_3_10_7_4);
    tcase_add_test(tc, we_end_first__rfc9293_3_6);
    tcase_add_test(tc, both_end_at_once__rfc9293_3_6);
    tcase_add_test(tc, a_fin_that_acknowledges_ours_leads_to_time_wait_at_once);
    tcase_add_test(tc, text_for_a_reader_who_is_gone_resets__rfc1122_4_2_2_13);
    tcase_add_test(tc, without_memory_text_is_not_acknowledged);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
