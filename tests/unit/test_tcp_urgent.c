/* Urgent text: RFC 9293 3.8.5 and the sixth check of 3.10.7.4, RFC 6093. */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "stack/tcp_urgent.h"
#include "tests/support/stack_tcp.h"

static struct lab lab;

/* ---- the numbers ---- */

START_TEST(the_pointer_is_the_number_behind_the_urgent_text__must_62)
{
    const struct sw_tcp_urgent u = {.snd_up = 5, .sending = true};
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, 4), 1); /* the last byte itself */
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, UINT32_MAX - 4), 10);
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, 5), 0); /* behind it there is none */
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, 5u - 65535), 65535);
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, 5u - 65536), 65535); /* as far as it reaches */
    ck_assert_uint_eq(sw_tcp_urgent_pointer(&u, 5u - (1u << 30)), 65535);
}
END_TEST

START_TEST(a_mark_moves_forward_alone__rfc9293_3_8_5)
{
    struct sw_tcp_urgent u = {0};
    ck_assert(!sw_tcp_urgent_hear(&u, 100, 0, 100)); /* no number can be meant */
    ck_assert(!sw_tcp_urgent_hear(&u, 100, 1, 101)); /* what has come already */
    ck_assert(sw_tcp_urgent_hear(&u, 100, 1, 100));
    ck_assert(!sw_tcp_urgent_hear(&u, 100, 1, 100)); /* the same again */
    ck_assert(!sw_tcp_urgent_hear(&u, 99, 1, 99));
    ck_assert(sw_tcp_urgent_hear(&u, 100, 65535, 100));
    ck_assert_uint_eq(u.mark, 100 + 65534);
    ck_assert_uint_eq(sw_tcp_urgent_left(&u, 100), 65535);
    ck_assert(!sw_tcp_urgent_at_mark(&u, 100 + 65533));
    ck_assert(sw_tcp_urgent_at_mark(&u, 100 + 65534));
    sw_tcp_urgent_read(&u, 100 + 65534);
    ck_assert_uint_eq(sw_tcp_urgent_left(&u, 100 + 65534), 1);
    sw_tcp_urgent_read(&u, 100 + 65535);
    ck_assert_uint_eq(sw_tcp_urgent_left(&u, 100 + 65535), 0);
    ck_assert(!sw_tcp_urgent_at_mark(&u, 100 + 65534));
}
END_TEST

/* ---- sent ---- */

static int64_t write_urgent(size_t n)
{
    uint8_t bytes[70000];
    ck_assert_uint_le(n, sizeof bytes);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = lab_byte(true, lab.written + 1 + (uint32_t)i);
    }
    const int64_t took = sw_sock_send_urgent(lab.sock, bytes, n);
    lab.written += took > 0 ? (uint32_t)took : 0;
    lab_run(&lab, lab_now(&lab));
    return took;
}

START_TEST(urgent_text_is_announced_by_each_segment_up_to_its_end__must_30_62)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_out(&lab, 0, "P. 1:11(10) ack 1 win 60000");
    ck_assert_int_eq(write_urgent(1), 1); /* does not wait for the ACK of what is out */
    lab_out(&lab, 0, "P.U 11:12(1) ack 1 win 60000 urg 1");
    ck_assert_int_eq(write_urgent(3), 3);
    lab_out(&lab, 0, "P.U 12:15(3) ack 1 win 60000 urg 3");
    lab_in(&lab, ". 1:1(0) ack 11 win 65535");
    lab_in(&lab, ". 1:1(0) ack 15 win 65535");
    ck_assert_int_eq(lab_write(&lab, 5), 5); /* what follows it is none */
    lab_out(&lab, 0, "P. 15:20(5) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(what_is_sent_again_is_urgent_again)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
    ck_assert_int_eq(write_urgent(2), 2);
    lab_out(&lab, 0, "P.U 1:3(2) ack 1 win 60000 urg 2");
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 200 * SW_MS, "P.U 1:3(2) ack 1 win 60000 urg 2");
    lab_fini(&lab);
}
END_TEST

START_TEST(urgent_text_may_be_of_any_length__must_31)
{
    const struct lab_config config = {.receive_buffer = 60000};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, NULL);
    ck_assert_int_eq(write_urgent(70000), 70000);
    lab_out(&lab, 0, ".U 1:1461(1460) ack 1 win 60000 urg 65535");
    lab_out(&lab, 0, ".U 1461:2921(1460) ack 1 win 60000 urg 65535");
    lab_out(&lab, 0, ".U 2921:4381(1460) ack 1 win 60000 urg 65535");
    for (uint32_t una = 4381; una < 60000; una += 1460) {
        char line[80];
        snprintf(line, sizeof line, ". 1:1(0) ack %u win 65535", una);
        lab_in(&lab, line);
    }
    ck_assert_uint_ge(lab_forget(&lab), 40);
    lab_run(&lab, lab_now(&lab) + 2 * SW_S); /* the rest, from what is not acknowledged on */
    ck_assert_uint_ge(lab_forget(&lab), 1);
    ck_assert_int_eq(write_urgent(1), 1); /* it goes on */
    lab_in(&lab, ". 1:1(0) ack 70001 win 65535");
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_window_probe_tells_of_it)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 0, NULL);
    ck_assert_int_eq(write_urgent(5), 5);
    lab_quiet(&lab);
    lab_run(&lab, 200 * SW_MS);
    lab_out(&lab, 200 * SW_MS, ".U 1:2(1) ack 1 win 60000 urg 5");
    lab_in(&lab, "P. 1:3(2) ack 1 win 0"); /* so does an acknowledgement */
    lab_run(&lab, 240 * SW_MS);
    lab_out(&lab, 240 * SW_MS, ".U 1:1(0) ack 3 win 59998 urg 5");
    lab_fini(&lab);
}
END_TEST

/* ---- received ---- */

START_TEST(the_user_is_told_of_it_and_how_much_is_left__must_32_33)
{
    uint8_t byte;
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
    lab_in(&lab, "P.U 1:11(10) ack 1 win 65535 urg 5");
    lab_events(&lab, "UR"); /* first of it, then of the text */
    ck_assert_uint_eq(lab_info(&lab).urgent_left_bytes, 5);
    ck_assert_int_eq(lab_read(&lab, 3), 3);
    ck_assert_uint_eq(lab_info(&lab).urgent_left_bytes, 2);
    ck_assert(!lab_info(&lab).at_mark);
    ck_assert_int_eq(lab_read(&lab, 100), 1); /* a read ends before the last byte of it */
    ck_assert(lab_info(&lab).at_mark);
    ck_assert(lab_info(&lab).urgent_here);
    ck_assert_uint_eq(lab_info(&lab).urgent_left_bytes, 1);
    ck_assert_int_eq(sw_sock_recv_urgent(lab.sock, &byte, true), -EINVAL); /* not apart */
    ck_assert_int_eq(lab_read(&lab, 100), 6); /* in line it is text like any other */
    ck_assert_uint_eq(lab_info(&lab).urgent_left_bytes, 0);
    ck_assert(!lab_info(&lab).at_mark);
    lab_fini(&lab);
}
END_TEST

/* The pointer is ahead of the text, comes with text out of order, and moves on. */
START_TEST(the_user_is_told_whenever_the_pointer_advances__must_32)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
    lab_in(&lab, "P.U 1:11(10) ack 1 win 65535 urg 1000");
    lab_events(&lab, "UR");
    lab_in(&lab, "P.U 11:21(10) ack 1 win 65535 urg 990"); /* the same */
    lab_events(&lab, "R");
    lab_in(&lab, "P.U 31:41(10) ack 1 win 65535 urg 1000");
    lab_events(&lab, "U");
    ck_assert_uint_eq(lab_info(&lab).urgent_left_bytes, 1030);
    lab_in(&lab, "P.U 21:31(10) ack 1 win 65535 urg 65535");
    lab_events(&lab, "UR");
    ck_assert_uint_eq(lab_info(&lab).urgent_left_bytes, 65555);
    ck_assert_int_eq(lab_read(&lab, 100), 40);
    ck_assert_uint_eq(lab_info(&lab).urgent_left_bytes, 65515);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_closed_window_still_hears_of_it__must_66)
{
    const struct lab_config config = {.receive_buffer = 4096};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, NULL);
    lab_in(&lab, ". 1:1461(1460) ack 1 win 65535");
    lab_in(&lab, ". 1461:2921(1460) ack 1 win 65535");
    lab_in(&lab, ". 2921:4097(1176) ack 1 win 65535");
    lab_run(&lab, 100 * SW_MS);
    lab_forget(&lab);
    lab_events(&lab, "RRR");
    lab_in(&lab, ".U 4097:4098(1) ack 1 win 65535 urg 20");
    lab_events(&lab, "U");
    ck_assert_uint_eq(lab_info(&lab).urgent_left_bytes, 4096 + 20);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(apart_the_last_byte_is_not_in_the_text__rfc6093_3_1)
{
    uint8_t byte = 0;
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
    ck_assert_int_eq(sw_sock_recv_urgent(lab.sock, &byte, false), -EINVAL);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_URGENT_INLINE, 0), 0);
    ck_assert_int_eq(sw_sock_recv_urgent(lab.sock, &byte, false), -EINVAL); /* none announced */
    lab_in(&lab, "P.U 1:5(4) ack 1 win 65535 urg 6");
    ck_assert_int_eq(sw_sock_recv_urgent(lab.sock, &byte, false), -EAGAIN);
    ck_assert(!lab_info(&lab).urgent_here);
    lab_in(&lab, "P. 5:11(6) ack 1 win 65535");
    ck_assert(lab_info(&lab).urgent_here);
    ck_assert_int_eq(sw_sock_recv_urgent(lab.sock, &byte, true), 1);
    ck_assert_uint_eq(byte, lab_byte(false, 6));
    byte = 0;
    ck_assert_int_eq(sw_sock_recv_urgent(lab.sock, &byte, false), 1);
    ck_assert_uint_eq(byte, lab_byte(false, 6));
    ck_assert_int_eq(sw_sock_recv_urgent(lab.sock, &byte, false), -EINVAL); /* once */
    ck_assert(!lab_info(&lab).urgent_here);
    ck_assert_int_eq(lab_read(&lab, 100), 5);
    ck_assert(lab_info(&lab).at_mark);
    uint8_t rest[10];
    ck_assert_int_eq(sw_sock_recv(lab.sock, rest, 10), 4);
    ck_assert_uint_eq(rest[0], lab_byte(false, 7));
    ck_assert(!lab_info(&lab).at_mark);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(who_reads_past_the_mark_has_lost_it)
{
    uint8_t byte = 0, text[10];
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_URGENT_INLINE, 0), 0);
    lab_in(&lab, "P.U 1:2(1) ack 1 win 65535 urg 1");
    ck_assert_int_eq(sw_sock_recv(lab.sock, text, 10), -EAGAIN); /* nothing but that byte */
    ck_assert(lab_info(&lab).at_mark);
    ck_assert_int_eq(sw_sock_recv_urgent(lab.sock, &byte, true), 1);
    lab_in(&lab, "P. 2:4(2) ack 1 win 65535");
    ck_assert_int_eq(sw_sock_recv(lab.sock, text, 1), 1);
    ck_assert_uint_eq(text[0], lab_byte(false, 2));
    ck_assert(!lab_info(&lab).at_mark);
    ck_assert_int_eq(sw_sock_recv_urgent(lab.sock, &byte, false), -EINVAL);
    ck_assert_int_eq(sw_sock_recv(lab.sock, text, 10), 1);
    lab_in(&lab, "P.U 4:5(1) ack 1 win 65535 urg 1");
    ck_assert_int_eq(sw_sock_recv_urgent(lab.sock, &byte, false), 1); /* the next one */
    ck_assert_uint_eq(byte, lab_byte(false, 4));
    lab_in(&lab, "P.U 5:7(2) ack 1 win 65535 urg 2"); /* and one that ends another */
    ck_assert_int_eq(sw_sock_recv(lab.sock, text, 10), 1);
    ck_assert_uint_eq(text[0], lab_byte(false, 5));
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_end_before_the_mark_ends_the_waiting)
{
    uint8_t byte = 0;
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_URGENT_INLINE, 0), 0);
    lab_in(&lab, "P.U 1:3(2) ack 1 win 65535 urg 10");
    lab_in(&lab, "F. 3:3(0) ack 1 win 65535");
    ck_assert_int_eq(sw_sock_recv_urgent(lab.sock, &byte, false), 0);
    ck_assert_int_eq(lab_read(&lab, 10), 2);
    ck_assert_int_eq(lab_read(&lab, 10), 0);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_is_lent_to_a_reader_ends_before_the_mark)
{
    const void *at;
    size_t n;
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_URGENT_INLINE, 0), 0);
    lab_in(&lab, "P.U 1:11(10) ack 1 win 65535 urg 5");
    ck_assert_int_eq(sw_sock_peek(lab.sock, &at, &n), 0);
    ck_assert_uint_eq(n, 4);
    ck_assert_int_eq(sw_sock_consume(lab.sock, 100), 4);
    ck_assert_int_eq(sw_sock_peek(lab.sock, &at, &n), 0);
    ck_assert_uint_eq(n, 5);
    ck_assert_uint_eq(*(const uint8_t *)at, lab_byte(false, 6));
    ck_assert(lab_info(&lab).at_mark);
    ck_assert_int_eq(sw_sock_consume(lab.sock, 100), 5);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(only_tcp_has_it)
{
    struct sw_sock *sock;
    uint8_t byte;
    lab_init(&lab, NULL);
    ck_assert_int_eq(sw_sock_open(&sock, lab.host, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_send_urgent(sock, "a", 1), -EINVAL);
    ck_assert_int_eq(sw_sock_recv_urgent(sock, &byte, false), -EINVAL);
    ck_assert_int_eq(sw_sock_set(sock, SW_OPT_URGENT_INLINE, 0), -EINVAL);
    sw_sock_close(sock);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_urgent");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, the_pointer_is_the_number_behind_the_urgent_text__must_62);
    tcase_add_test(tc, a_mark_moves_forward_alone__rfc9293_3_8_5);
    tcase_add_test(tc, urgent_text_is_announced_by_each_segment_up_to_its_end__must_30_62);
    tcase_add_test(tc, what_is_sent_again_is_urgent_again);
    tcase_add_test(tc, urgent_text_may_be_of_any_length__must_31);
    tcase_add_test(tc, a_window_probe_tells_of_it);
    tcase_add_test(tc, the_user_is_told_of_it_and_how_much_is_left__must_32_33);
    tcase_add_test(tc, the_user_is_told_whenever_the_pointer_advances__must_32);
    tcase_add_test(tc, a_closed_window_still_hears_of_it__must_66);
    tcase_add_test(tc, apart_the_last_byte_is_not_in_the_text__rfc6093_3_1);
    tcase_add_test(tc, who_reads_past_the_mark_has_lost_it);
    tcase_add_test(tc, an_end_before_the_mark_ends_the_waiting);
    tcase_add_test(tc, what_is_lent_to_a_reader_ends_before_the_mark);
    tcase_add_test(tc, only_tcp_has_it);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
