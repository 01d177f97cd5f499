/* What ICMP may say of a connection (RFC 1191, RFC 5927), and corners of the acceptability test. */
#include <check.h>
#include <errno.h>

#include "core/bytes.h"
#include "stack/impl.h"
#include "tests/support/stack_tcp.h"

static struct lab lab;

static void accepted(void)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
}

/* An error about the host's segment with the number seq, of which so many bytes are quoted. */
static void told(uint8_t type, uint8_t code, uint32_t mtu, uint32_t seq, size_t quoted)
{
    uint8_t quote[8];
    sw_put16(quote, lab.host_port);
    sw_put16(quote + 2, lab.peer_port);
    sw_put32(quote + 4, lab.host_isn + seq);
    const struct sw_icmp_error error = {.type = type,
                                        .code = code,
                                        .mtu_bytes = mtu,
                                        .src = lab.host_ip,
                                        .dst = lab.peer_ip,
                                        .quote = quote,
                                        .quote_len = quoted};
    sw_host_enter(lab.host);
    sw_tcp_icmp(lab.host, &error);
    sw_host_leave(lab.host);
    lab_run(&lab, lab_now(&lab));
}

START_TEST(what_quotes_no_number_is_ignored__rfc5927_4_1)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 100), 100);
    lab_forget(&lab);
    told(3, 1, 0, 1, 7);
    ck_assert_int_eq(lab_info(&lab).soft_error, 0);
    told(3, 1, 0, 1, 8);
    ck_assert_int_eq(lab_info(&lab).soft_error, -EHOSTUNREACH);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_error_is_about_what_is_on_its_way__rfc5927_4_1)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 200), 200);
    lab_in(&lab, ". 1:1(0) ack 101 win 65535");
    lab_forget(&lab);
    told(3, 1, 0, 100, 8); /* acknowledged */
    ck_assert_int_eq(lab_info(&lab).soft_error, 0);
    told(3, 1, 0, 201, 8); /* not sent */
    ck_assert_int_eq(lab_info(&lab).soft_error, 0);
    told(3, 0, 0, 101, 8);
    ck_assert_int_eq(lab_info(&lab).soft_error, -ENETUNREACH);
    told(3, 1, 0, 200, 8);
    ck_assert_int_eq(lab_info(&lab).soft_error, -EHOSTUNREACH);
    lab.host_port++; /* another's */
    told(3, 0, 0, 200, 8);
    ck_assert_int_eq(lab_info(&lab).soft_error, -EHOSTUNREACH);
    lab.host_port--;
    told(3, 99, 0, 200, 8); /* no such code */
    ck_assert_int_eq(lab_info(&lab).soft_error, -EHOSTUNREACH);
    lab_fini(&lab);
}
END_TEST

static const struct {
    uint8_t type, code;
    bool hard;
} errors[] = {{3, 0, false}, {3, 1, false},  {3, 2, true},   {3, 3, true},
              {3, 5, false}, {11, 0, false}, {11, 1, false}, {12, 0, false}};

START_TEST(protocol_and_port_unreachable_refuse_and_nothing_else_does__rfc5927_5_2)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_icmp(&lab, errors[_i].type, errors[_i].code, 0, 0);
    lab_events(&lab, errors[_i].hard ? "E" : "V");
    ck_assert_str_eq(lab_info(&lab).state, errors[_i].hard ? "CLOSED" : "SYN-SENT");
    lab_fini(&lab);
}
END_TEST

START_TEST(what_is_no_error_is_no_advice)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    told(3, 99, 0, 0, 8);
    lab_events(&lab, "");
    ck_assert_int_eq(lab_info(&lab).soft_error, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(once_it_stands_an_error_is_no_advice)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 100), 100);
    lab_forget(&lab);
    told(3, 2, 0, 1, 8);
    lab_events(&lab, "");
    ck_assert_str_eq(lab_info(&lab).state, "ESTABLISHED");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_path_is_believed_to_be_narrower_and_never_wider__rfc1191_6_3)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 4000), 4000);
    lab_forget(&lab);
    told(3, 4, 0, 1, 8); /* a router that does not say */
    told(3, 4, 1500, 1, 8);
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1460);
    told(3, 4, 1499, 1, 8);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1459);
    ck_assert_uint_ge(lab_forget(&lab), 2);
    told(3, 4, 1000, 1, 8);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 960);
    ck_assert_uint_ge(lab_forget(&lab), 4);
    told(3, 4, 1000, 1, 8);
    told(3, 4, 1400, 1, 8);
    lab_quiet(&lab);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 960);
    told(3, 4, 69, 1, 8);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 29);
    lab_forget(&lab);
    told(3, 4, 67, 1, 8); /* IPv4 promises 68 */
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 28);
    ck_assert_uint_eq(lab_info(&lab).path_mtu_bytes, 68);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_path_that_was_wide_enough_sends_nothing_again__rfc1191_6_4)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, "<mss 536>");
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_forget(&lab);
    told(3, 4, 1000, 1, 8); /* segments are no smaller for that */
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 536);
    ck_assert_uint_eq(lab_info(&lab).path_mtu_bytes, 1000);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(too_big_ends_a_recovery_that_it_was_the_reason_of__rfc1191_6_4)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 14600), 14600);
    lab_forget(&lab);
    for (unsigned i = 0; i < 3; i++) {
        lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    }
    ck_assert_uint_eq(lab_info(&lab).ca_state, SW_TCP_CA_RECOVERY);
    lab_forget(&lab);
    told(3, 4, 1000, 1, 8);
    ck_assert_uint_ne(lab_info(&lab).ca_state, SW_TCP_CA_RECOVERY);
    ck_assert_uint_ge(lab_forget(&lab), 10);
    lab_in(&lab, ". 1:1(0) ack 961 win 65535");
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

/* ---- the last byte of a window ---- */

START_TEST(a_window_of_one_byte_takes_it_from_a_segment_that_begins_before__rfc9293_3_10_7_4)
{
    const struct lab_config config = {.receive_buffer = 4096};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, NULL);
    lab_in(&lab, "P. 1:1461(1460) ack 1 win 65535");
    lab_in(&lab, "P. 1461:2921(1460) ack 1 win 65535");
    lab_in(&lab, "P. 2921:4096(1175) ack 1 win 65535");
    lab_forget(&lab);
    ck_assert_uint_eq(lab_info(&lab).receive_queue_bytes, 4095);
    lab_in(&lab, ". 4000:4096(96) ack 1 win 65535"); /* ends before it */
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SEQUENCE), 1);
    lab_in(&lab, ". 4000:4200(200) ack 1 win 65535");
    ck_assert_uint_eq(lab_info(&lab).receive_queue_bytes, 4096);
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_SEQUENCE), 1);
    ck_assert_int_eq(lab_read(&lab, 5000), 4096);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_rst_before_the_window_says_nothing_and_one_at_it_ends_both_ways__rfc5961_3_2)
{
    accepted();
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "F. 1:1(0) ack 1 win 60000");
    lab_in(&lab, "R 0:0(0) win 0");
    lab_quiet(&lab);
    ck_assert_str_eq(lab_info(&lab).state, "FIN-WAIT-1");
    lab_in(&lab, "R 1:1(0) win 0");
    ck_assert_int_eq(sw_sock_error(lab.sock), -ECONNRESET);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_input_rules");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, what_quotes_no_number_is_ignored__rfc5927_4_1);
    tcase_add_test(tc, an_error_is_about_what_is_on_its_way__rfc5927_4_1);
    tcase_add_loop_test(tc, protocol_and_port_unreachable_refuse_and_nothing_else_does__rfc5927_5_2,
                        0, sizeof(errors) / sizeof(errors[0]));
    tcase_add_test(tc, what_is_no_error_is_no_advice);
    tcase_add_test(tc, once_it_stands_an_error_is_no_advice);
    tcase_add_test(tc, a_path_is_believed_to_be_narrower_and_never_wider__rfc1191_6_3);
    tcase_add_test(tc, a_path_that_was_wide_enough_sends_nothing_again__rfc1191_6_4);
    tcase_add_test(tc, too_big_ends_a_recovery_that_it_was_the_reason_of__rfc1191_6_4);
    tcase_add_test(
        tc, a_window_of_one_byte_takes_it_from_a_segment_that_begins_before__rfc9293_3_10_7_4);
    tcase_add_test(tc,
                   a_rst_before_the_window_says_nothing_and_one_at_it_ends_both_ways__rfc5961_3_2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
