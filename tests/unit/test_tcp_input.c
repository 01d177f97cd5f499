/* Segment arrival: RFC 9293 3.10.7.4, RFC 7323, RFC 5961. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "tests/support/stack_tcp.h"

static struct lab lab;

START_TEST(peer_opens_sends_and_closes__rfc9293_3_5)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 8);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(text_goes_both_ways)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
    lab_in(&lab, "P. 1:101(100) ack 1 win 65535");
    lab_events(&lab, "R");
    ck_assert_int_eq(lab_read(&lab, 1000), 100);
    ck_assert_int_eq(lab_write(&lab, 50), 50);
    lab_out(&lab, 0, "P. 1:51(50) ack 101 win 59900");
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_input");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, peer_opens_sends_and_closes__rfc9293_3_5);
    tcase_add_test(tc, text_goes_both_ways);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
