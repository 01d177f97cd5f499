/* What stack/sock.h says of each call on a TCP socket: what it returns, and what it leaves alone.
 */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "stack/tcp.h"
#include "tests/support/stack_tcp.h"

static struct lab lab;

static void accepted(void)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
}

static struct sw_endpoint at(uint32_t ip, uint16_t port)
{
    return (struct sw_endpoint){.ip = sw_ip_v4(ip), .port = port};
}

static const struct sw_endpoint any = {.port = 0};

/* ---- addresses ---- */

START_TEST(a_socket_is_bound_once_and_to_an_address_of_ours)
{
    lab_init(&lab, NULL);
    ck_assert_int_eq(sw_sock_open(&lab.sock, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(lab.sock, at(0x0a000002, 99)), -EADDRNOTAVAIL);
    ck_assert_uint_eq(sw_sock_local(lab.sock).port, 0); /* nothing has come of it */
    ck_assert_int_eq(sw_sock_bind(lab.sock, at(0x0a000001, 99)), 0);
    ck_assert_uint_eq(sw_sock_local(lab.sock).port, 99);
    ck_assert_uint_eq(sw_ip_v4_number(sw_sock_local(lab.sock).ip), 0x0a000001);
    ck_assert_int_eq(sw_sock_bind(lab.sock, at(0x0a000001, 100)), -EINVAL);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_bound_port_is_connected_from_and_tells_both_ends)
{
    lab_init(&lab, NULL);
    ck_assert_int_eq(sw_sock_open(&lab.sock, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(lab.sock, (struct sw_endpoint){.port = 99}), 0);
    ck_assert_int_eq(sw_sock_connect(lab.sock, at(0x0b000001, 80)), -ENETUNREACH);
    ck_assert_int_eq(sw_sock_connect(lab.sock, at(0x0a000002, 80)), 0);
    ck_assert_uint_eq(sw_sock_local(lab.sock).port, 99);
    ck_assert_uint_eq(sw_ip_v4_number(sw_sock_local(lab.sock).ip), 0x0a000001);
    ck_assert_uint_eq(sw_sock_remote(lab.sock).port, 80);
    ck_assert_uint_eq(sw_ip_v4_number(sw_sock_remote(lab.sock).ip), 0x0a000002);
    ck_assert_int_eq(sw_sock_bind(lab.sock, at(0x0a000001, 100)), -EINVAL);
    ck_assert_int_eq(sw_sock_listen(lab.sock, 1), -EINVAL);
    lab_run(&lab, 0);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    struct sw_sock *second; /* MUST-42: the port is another's, the pair of ends is not */
    ck_assert_int_eq(sw_sock_open(&second, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(second, (struct sw_endpoint){.port = 99}), 0);
    ck_assert_int_eq(sw_sock_connect(second, at(0x0a000002, 80)), -EADDRINUSE);
    ck_assert_uint_eq(sw_sock_remote(second).port, 0);
    ck_assert_int_eq(sw_sock_connect(second, at(0x0a000002, 81)), 0);
    sw_sock_abort(second);
    lab_run(&lab, 0);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_listener_may_listen_again_and_neither_connects_nor_is_bound)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 1);
    ck_assert_int_eq(sw_sock_listen(lab.listener, 5), 0);
    ck_assert_int_eq(sw_sock_connect(lab.listener, at(0x0a000002, 80)), -EINVAL);
    ck_assert_int_eq(sw_sock_bind(lab.listener, at(0x0a000001, 100)), -EINVAL);
    struct sw_sock *none;
    ck_assert_int_eq(sw_sock_accept(&none, lab.listener, NULL, NULL), -EAGAIN);
    ck_assert_int_eq(sw_sock_shutdown(lab.listener), -ENOTCONN);
    lab_fini(&lab);
}
END_TEST

START_TEST(who_listens_without_a_port_is_given_one)
{
    lab_init(&lab, NULL);
    ck_assert_int_eq(sw_sock_open(&lab.listener, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_listen(lab.listener, 1), 0);
    ck_assert_uint_ge(sw_sock_local(lab.listener).port, 32768);
    struct sw_sock *second;
    ck_assert_int_eq(sw_sock_open(&second, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(
        sw_sock_bind(second, (struct sw_endpoint){.port = sw_sock_local(lab.listener).port}),
        -EADDRINUSE);
    ck_assert_int_eq(sw_sock_bind(second, any), 0);
    sw_sock_close(second);
    lab_fini(&lab);
}
END_TEST

/* ---- text ---- */

START_TEST(nothing_sent_is_nothing_taken)
{
    accepted();
    ck_assert_int_eq(sw_sock_send(lab.sock, "", 0), 0);
    ck_assert_int_eq(sw_sock_send_with(lab.sock, "", 0, SW_SEND_MORE), 0);
    ck_assert_int_eq(sw_sock_send_with(lab.sock, "", 0, SW_SEND_RECORD), 0);
    uint8_t byte;
    ck_assert_int_eq(sw_sock_recv(lab.sock, &byte, 0), 0); /* although nothing has come */
    lab_run(&lab, 0);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_write_that_does_not_fit_takes_what_does_and_is_called_back)
{
    const struct lab_config config = {.send_buffer = 4096};
    lab_init(&lab, &config);
    lab_accept(&lab, 1000, NULL);
    ck_assert_int_eq(lab_write(&lab, 4095), 4095);
    ck_assert_int_eq(lab_write(&lab, 1), 1);
    ck_assert_int_eq(lab_write(&lab, 1), -EAGAIN);
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 1001 win 1000");
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 2001 win 1000");
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 2048 win 1000");
    lab_events(&lab, "");
    lab_in(&lab, ". 1:1(0) ack 2049 win 1000"); /* half of the buffer */
    lab_events(&lab, "W");
    ck_assert_int_eq(lab_write(&lab, 5000), 2048);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(commit_gives_away_what_was_reserved_and_nothing_else)
{
    accepted();
    void *to = NULL;
    size_t n = 0;
    ck_assert_int_eq(sw_sock_commit(lab.sock, 0), 0);
    ck_assert_int_eq(sw_sock_commit(lab.sock, 1), -EINVAL);
    ck_assert_int_eq(sw_sock_reserve(lab.sock, &to, &n), 0);
    ck_assert_int_eq(sw_sock_commit(lab.sock, 0), 0); /* all of it given back */
    ck_assert_int_eq(sw_sock_commit(lab.sock, 1), -EINVAL);
    lab_run(&lab, 0);
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_is_reserved_stays_while_time_passes_and_text_is_read)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 100), 100);
    void *to = NULL;
    size_t n = 0;
    ck_assert_int_eq(sw_sock_reserve(lab.sock, &to, &n), 0);
    lab_in(&lab, "P. 1:11(10) ack 101 win 65535");
    ck_assert_int_eq(lab_read(&lab, 10), 10);
    lab_forget(&lab);
    for (uint32_t i = 0; i < 50; i++) {
        ((uint8_t *)to)[i] = lab_byte(true, 101 + i);
    }
    ck_assert_int_eq(sw_sock_commit(lab.sock, 50), 50);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "P. 101:151(50) ack 11 win 59990");
    lab_fini(&lab);
}
END_TEST

START_TEST(no_more_is_reserved_than_may_be_written)
{
    const struct lab_config config = {.send_buffer = 4096};
    lab_init(&lab, &config);
    lab_accept(&lab, 0, NULL);
    ck_assert_int_eq(lab_write(&lab, 4000), 4000);
    void *to = NULL;
    size_t n = 0;
    ck_assert_int_eq(sw_sock_reserve(lab.sock, &to, &n), 0);
    ck_assert_uint_eq(n, 96);
    memset(to, 0, 96);
    ck_assert_int_eq(sw_sock_commit(lab.sock, 96), 96);
    ck_assert_uint_eq(lab_info(&lab).send_queue_bytes, 4096);
    ck_assert_int_eq(sw_sock_reserve(lab.sock, &to, &n), -EAGAIN);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_is_committed_last_ends_what_was_more)
{
    accepted();
    ck_assert_int_eq(
        sw_sock_send_with(lab.sock, (const uint8_t[]){lab_byte(true, 1)}, 1, SW_SEND_MORE), 1);
    lab_run(&lab, 0);
    lab_quiet(&lab);
    void *to = NULL;
    size_t n = 0;
    ck_assert_int_eq(sw_sock_reserve(lab.sock, &to, &n), 0);
    ((uint8_t *)to)[0] = lab_byte(true, 2);
    ck_assert_int_eq(sw_sock_commit(lab.sock, 1), 1);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "P. 1:3(2) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(consume_takes_what_there_is)
{
    accepted();
    ck_assert_int_eq(sw_sock_consume(lab.sock, 5), 0);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    ck_assert_int_eq(sw_sock_consume(lab.sock, 0), 0);
    ck_assert_int_eq(sw_sock_consume(lab.sock, 9), 9);
    ck_assert_uint_eq(lab_info(&lab).receive_queue_bytes, 1);
    ck_assert_int_eq(sw_sock_consume(lab.sock, 2), 1);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(an_empty_queue_says_why_and_peek_lends_nothing)
{
    accepted();
    const void *from = NULL;
    size_t n = 7;
    ck_assert_int_eq(sw_sock_peek(lab.sock, &from, &n), -EAGAIN);
    ck_assert_uint_eq(n, 0);
    lab_in(&lab, "R 1:1(0) win 0");
    n = 7;
    ck_assert_int_eq(sw_sock_peek(lab.sock, &from, &n), -ECONNRESET);
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(lab_read(&lab, 1), -ECONNRESET);
    ck_assert_int_eq(lab_write(&lab, 1), -ECONNRESET);
    ck_assert_int_eq(sw_sock_reserve(lab.sock, (void **)&from, &n), -ECONNRESET);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), -ENOTCONN);
    ck_assert_int_eq(sw_sock_error(lab.sock), -ECONNRESET);
    lab_fini(&lab);
}
END_TEST

START_TEST(who_asks_for_nothing_rare_has_no_memory_for_it)
{
    accepted();
    const struct sw_tcp *t = SW_CONTAINER(lab.sock, struct sw_tcp_sock, sock)->tcp;
    ck_assert_int_eq(lab_write(&lab, 100), 100);
    lab_in(&lab, "P. 1:101(100) ack 101 win 65535");
    ck_assert_int_eq(lab_read(&lab, 100), 100);
    ck_assert_ptr_null(t->urgent);
    ck_assert_ptr_null(t->rare);
    ck_assert_ptr_null(t->paced);
    ck_assert_ptr_null(t->loss);
    ck_assert_ptr_null(t->reass);
    ck_assert_int_eq(sw_sock_send_urgent(lab.sock, (const uint8_t[]){lab_byte(true, 101)}, 1), 1);
    ck_assert_ptr_nonnull(t->urgent);
    ck_assert_int_eq(
        sw_sock_send_with(lab.sock, (const uint8_t[]){lab_byte(true, 102)}, 1, SW_SEND_RECORD), 1);
    ck_assert_ptr_nonnull(t->rare);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_reader_hears_from_whom_and_to_whom)
{
    accepted();
    lab_in(&lab, "P. 1:2(1) ack 1 win 65535");
    struct sw_endpoint from = any, to = any;
    uint8_t byte;
    ck_assert_int_eq(sw_sock_recv_between(lab.sock, &byte, 1, &from, &to), 1);
    ck_assert_uint_eq(byte, lab_byte(false, 1));
    lab.read++;
    ck_assert_uint_eq(sw_ip_v4_number(from.ip), 0x0a000002);
    ck_assert_uint_eq(from.port, LAB_PEER_PORT);
    ck_assert_uint_eq(sw_ip_v4_number(to.ip), 0x0a000001);
    ck_assert_uint_eq(to.port, LAB_PORT);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

/* ---- its end ---- */

START_TEST(shutdown_may_be_said_twice_and_ends_sending_alone)
{
    accepted();
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "F. 1:1(0) ack 1 win 60000");
    lab_quiet(&lab);
    ck_assert_int_eq(lab_write(&lab, 1), -EPIPE);
    lab_in(&lab, "P. 1:101(100) ack 2 win 65535");
    ck_assert_int_eq(lab_read(&lab, 100), 100);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(one_that_was_never_connected_goes_and_its_port_is_free)
{
    lab_init(&lab, NULL);
    ck_assert_int_eq(sw_sock_open(&lab.sock, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(lab.sock, (struct sw_endpoint){.port = 99}), 0);
    sw_sock_close(lab.sock);
    ck_assert_int_eq(sw_sock_open(&lab.sock, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(lab.sock, (struct sw_endpoint){.port = 99}), 0);
    lab_fini(&lab);
}
END_TEST

/* ---- options ---- */

START_TEST(more_options_have_ranges)
{
    static const struct {
        enum sw_sock_option option;
        int64_t least, most, by_default;
    } options[] = {
        {SW_OPT_CORK, 0, 1, 0},
        {SW_OPT_UNSENT_LOW, 1, 64 << 20, 128 << 10},
        {SW_OPT_USER_TIMEOUT_TELL, 0, 1, 0},
        {SW_OPT_URGENT_INLINE, 0, 1, 1},
    };
    accepted();
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const enum sw_sock_option o = options[i].option;
        int64_t value = -1;
        ck_assert_int_eq(sw_sock_get(lab.sock, o, &value), 0);
        ck_assert_int_eq(value, options[i].by_default);
        const int64_t good[] = {options[i].most, options[i].least};
        for (unsigned j = 0; j < 2; j++) {
            ck_assert_int_eq(sw_sock_set(lab.sock, o, good[j]), 0);
            ck_assert_int_eq(sw_sock_set(lab.sock, o, options[i].least - 1), -EINVAL);
            ck_assert_int_eq(sw_sock_set(lab.sock, o, options[i].most + 1), -EINVAL);
            ck_assert_int_eq(sw_sock_get(lab.sock, o, &value), 0);
            ck_assert_int_eq(value, good[j]); /* what is refused changes nothing */
        }
    }
    lab_fini(&lab);
}
END_TEST

START_TEST(a_mss_is_none_or_88_at_least)
{
    lab_init(&lab, NULL);
    ck_assert_int_eq(sw_sock_open(&lab.sock, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_MSS, 88), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_MSS, 87), -EINVAL);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_MSS, 1), -EINVAL);
    int64_t value = 0;
    ck_assert_int_eq(sw_sock_get(lab.sock, SW_OPT_MSS, &value), 0);
    ck_assert_int_eq(value, 88);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_MSS, 0), 0);
    ck_assert_int_eq(sw_sock_get(lab.sock, SW_OPT_MSS, &value), 0);
    ck_assert_int_eq(value, 0);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_listener_may_still_be_told_of_mss_and_ecn)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 1);
    ck_assert_int_eq(sw_sock_set(lab.listener, SW_OPT_MSS, 500), 0);
    ck_assert_int_eq(sw_sock_set(lab.listener, SW_OPT_ECN, SW_TCP_ECN_OFF), 0);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_user_calls");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_socket_is_bound_once_and_to_an_address_of_ours);
    tcase_add_test(tc, a_bound_port_is_connected_from_and_tells_both_ends);
    tcase_add_test(tc, a_listener_may_listen_again_and_neither_connects_nor_is_bound);
    tcase_add_test(tc, who_listens_without_a_port_is_given_one);
    tcase_add_test(tc, nothing_sent_is_nothing_taken);
    tcase_add_test(tc, a_write_that_does_not_fit_takes_what_does_and_is_called_back);
    tcase_add_test(tc, commit_gives_away_what_was_reserved_and_nothing_else);
    tcase_add_test(tc, what_is_reserved_stays_while_time_passes_and_text_is_read);
    tcase_add_test(tc, no_more_is_reserved_than_may_be_written);
    tcase_add_test(tc, what_is_committed_last_ends_what_was_more);
    tcase_add_test(tc, consume_takes_what_there_is);
    tcase_add_test(tc, an_empty_queue_says_why_and_peek_lends_nothing);
    tcase_add_test(tc, who_asks_for_nothing_rare_has_no_memory_for_it);
    tcase_add_test(tc, the_reader_hears_from_whom_and_to_whom);
    tcase_add_test(tc, shutdown_may_be_said_twice_and_ends_sending_alone);
    tcase_add_test(tc, one_that_was_never_connected_goes_and_its_port_is_free);
    tcase_add_test(tc, more_options_have_ranges);
    tcase_add_test(tc, a_mss_is_none_or_88_at_least);
    tcase_add_test(tc, a_listener_may_still_be_told_of_mss_and_ecn);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
