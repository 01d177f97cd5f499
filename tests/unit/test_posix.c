/* Sockets as POSIX has them (stack/posix.c): what Linux's calls would say. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "stack/posix.h"
#include "tests/support/stack_station.h"
#include "tests/support/stack_tcp.h"

static struct lab lab;
static struct sw_posix *listener, *sock;
static unsigned changes;
static char bytes[200000];

static void note(struct sw_posix *which, void *user)
{
    (void)which;
    ck_assert_ptr_eq(user, &lab);
    changes++;
}

static struct sw_posix *open_one(enum sw_protocol protocol)
{
    struct sw_posix *out;
    ck_assert_int_eq(sw_posix_socket(&out, lab.host, protocol, note, &lab), 0);
    return out;
}

static void setup(void)
{
    lab_init(&lab, NULL);
    changes = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)lab_byte(true, (uint32_t)i + 1);
    }
}

static void teardown(void)
{
    lab_forget(&lab);
    lab_fini(&lab);
}

static void listening(void)
{
    setup();
    listener = open_one(SW_TCP);
    ck_assert_int_eq(sw_posix_bind(listener, (struct sw_endpoint){.port = LAB_PORT}), 0);
    ck_assert_int_eq(sw_posix_listen(listener, 0), 0);
}

/* The peer has opened a connection, and sock is it. */
static void accepted(void)
{
    listening();
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    ck_assert_int_eq(sw_posix_accept(&sock, listener, NULL), 0);
}

static void end(void)
{
    sw_posix_close(sock);
    sw_posix_close(listener);
    teardown();
}

static void connecting(void)
{
    setup();
    sock = open_one(SW_TCP);
    ck_assert_int_eq(sw_posix_connect(sock, sw_test_at("10.0.0.2", LAB_PEER_PORT)), -EINPROGRESS);
    lab_run(&lab, 0);
    ck_assert_uint_eq(lab_forget(&lab), 1);
}

/* ---- before there is a connection ---- */

START_TEST(only_streams_and_datagrams_are_sockets)
{
    setup();
    struct sw_posix *none;
    ck_assert_int_eq(sw_posix_socket(&none, lab.host, SW_PING, NULL, NULL), -EPROTONOSUPPORT);
    teardown();
}
END_TEST

START_TEST(a_fresh_socket_can_do_nothing_and_polls_as_linux_has_it)
{
    setup();
    sock = open_one(SW_TCP);
    struct sw_posix *none;
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 1, false, NULL), -ENOTCONN);
    ck_assert_int_eq(sw_posix_send(sock, bytes, 1, NULL), -EPIPE);
    ck_assert_int_eq(sw_posix_shutdown(sock, SW_POSIX_SHUT_RDWR), -ENOTCONN);
    ck_assert_int_eq(sw_posix_accept(&none, sock, NULL), -EINVAL);
    ck_assert_int_eq(sw_posix_error(sock), 0);
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_OUT | SW_POLL_HUP);
    sw_posix_close(sock);
    teardown();
}
END_TEST

START_TEST(a_listener_is_readable_exactly_while_one_can_be_accepted)
{
    listening();
    ck_assert_uint_eq(sw_posix_poll(listener), 0);
    ck_assert_int_eq(sw_posix_accept(&sock, listener, NULL), -EAGAIN);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_forget(&lab);
    ck_assert_uint_eq(sw_posix_poll(listener), 0);
    ck_assert_uint_eq(sw_posix_edges(listener), 0);
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    ck_assert_uint_eq(sw_posix_poll(listener), SW_POLL_IN);
    ck_assert_uint_eq(sw_posix_edges(listener), 1);
    ck_assert_uint_eq(changes, 1);
    struct sw_endpoint from;
    ck_assert_int_eq(sw_posix_accept(&sock, listener, &from), 0);
    ck_assert_uint_eq(from.port, LAB_PEER_PORT);
    ck_assert_uint_eq(sw_posix_poll(listener), 0);
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_OUT);
    ck_assert_int_eq(sw_posix_connect(sock, from), -EISCONN);
    ck_assert_int_eq(sw_posix_bind(sock, from), -EINVAL);
    ck_assert_int_eq(sw_posix_listen(sock, 5), -EINVAL);
    end();
}
END_TEST

START_TEST(a_listener_that_need_not_read_listens_no_more)
{
    listening();
    ck_assert_int_eq(sw_posix_connect(listener, sw_test_at("10.0.0.2", 1)), -EISCONN);
    ck_assert_int_eq(sw_posix_shutdown(listener, SW_POSIX_SHUT_WR), 0);
    ck_assert_uint_eq(sw_posix_poll(listener), 0);
    ck_assert_int_eq(sw_posix_shutdown(listener, SW_POSIX_SHUT_RD), 0);
    ck_assert_ptr_null(sw_posix_under(listener));
    ck_assert_int_eq(sw_posix_accept(&sock, listener, NULL), -EINVAL);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    ck_assert_uint_eq(lab.count, 1);
    ck_assert_uint_eq(sw_frame_head(lab.heard[lab.first])[14 + 20 + 13], 0x14); /* RST, ACK */
    sw_posix_close(listener);
    teardown();
}
END_TEST

/* ---- connecting ---- */

START_TEST(connect_is_in_progress_then_already_then_done_once)
{
    connecting();
    const struct sw_endpoint peer = sw_test_at("10.0.0.2", LAB_PEER_PORT);
    ck_assert_uint_eq(sw_posix_poll(sock), 0);
    ck_assert_int_eq(sw_posix_connect(sock, peer), -EALREADY);
    ck_assert_int_eq(sw_posix_send(sock, bytes, 1, NULL), -EAGAIN);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 1, false, NULL), -EAGAIN);
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
    lab_forget(&lab);
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_OUT);
    ck_assert_uint_eq(changes, 1);
    ck_assert_int_eq(sw_posix_error(sock), 0);
    ck_assert_int_eq(sw_posix_connect(sock, peer), 0);
    ck_assert_int_eq(sw_posix_connect(sock, peer), -EISCONN);
    sw_posix_close(sock);
    teardown();
}
END_TEST

START_TEST(a_refusal_is_told_once)
{
    connecting();
    lab_in(&lab, "R. 0:0(0) ack 1 win 0");
    const unsigned all = SW_POLL_IN | SW_POLL_OUT | SW_POLL_HUP | SW_POLL_RDHUP;
    ck_assert_uint_eq(sw_posix_poll(sock), all | SW_POLL_ERR);
    ck_assert_int_eq(sw_posix_error(sock), -ECONNREFUSED);
    ck_assert_uint_eq(sw_posix_poll(sock), all);
    ck_assert_int_eq(sw_posix_error(sock), 0);
    ck_assert_int_eq(sw_posix_connect(sock, sw_test_at("10.0.0.2", 1)), -ECONNABORTED);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 1, false, NULL), -ENOTCONN);
    ck_assert_int_eq(sw_posix_send(sock, bytes, 1, NULL), -EPIPE);
    sw_posix_close(sock);
    teardown();
}
END_TEST

START_TEST(whoever_asks_connect_again_hears_the_refusal)
{
    connecting();
    lab_in(&lab, "R. 0:0(0) ack 1 win 0");
    ck_assert_int_eq(sw_posix_connect(sock, sw_test_at("10.0.0.2", 1)), -ECONNREFUSED);
    ck_assert_int_eq(sw_posix_connect(sock, sw_test_at("10.0.0.2", 1)), -ECONNABORTED);
    sw_posix_close(sock);
    teardown();
}
END_TEST

START_TEST(a_shutdown_ends_a_connect)
{
    connecting();
    ck_assert_int_eq(sw_posix_shutdown(sock, SW_POSIX_SHUT_WR), 0);
    ck_assert_int_eq(sw_posix_shutdown(sock, SW_POSIX_SHUT_WR), -ENOTCONN);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 1, false, NULL), -ECONNRESET);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 1, false, NULL), -ENOTCONN);
    sw_posix_close(sock);
    teardown();
}
END_TEST

START_TEST(where_no_way_leads_connect_says_so_at_once_and_may_be_tried_again)
{
    setup();
    sock = open_one(SW_TCP);
    ck_assert_int_eq(sw_posix_connect(sock, sw_test_at("11.0.0.1", 80)), -ENETUNREACH);
    ck_assert_int_eq(sw_posix_connect(sock, sw_test_at("10.0.0.2", 80)), -EINPROGRESS);
    lab_run(&lab, 0);
    sw_posix_close(sock);
    teardown();
}
END_TEST

/* ---- text ---- */

START_TEST(text_is_readable_until_it_is_read)
{
    accepted();
    char got[20];
    ck_assert_int_eq(sw_posix_recv(sock, got, 20, false, NULL), -EAGAIN);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_IN | SW_POLL_OUT);
    ck_assert_int_eq(sw_posix_recv(sock, got, 4, true, NULL), 4);
    ck_assert_int_eq(sw_posix_recv(sock, got, 20, true, NULL), 10);
    ck_assert_int_eq(sw_posix_recv(sock, got, 0, false, NULL), 0);
    struct sw_endpoint from;
    ck_assert_int_eq(sw_posix_recv(sock, got, 20, false, &from), 10);
    ck_assert_uint_eq(from.port, LAB_PEER_PORT);
    ck_assert_uint_eq((uint8_t)got[9], lab_byte(false, 10));
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_OUT);
    end();
}
END_TEST

START_TEST(one_byte_is_text_too)
{
    accepted();
    char got = 0;
    lab_in(&lab, "P. 1:2(1) ack 1 win 65535");
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_IN | SW_POLL_OUT);
    ck_assert_int_eq(sw_posix_recv(sock, &got, 1, true, NULL), 1);
    ck_assert_uint_eq((uint8_t)got, lab_byte(false, 1));
    ck_assert_int_eq(sw_posix_recv(sock, &got, 1, false, NULL), 1);
    end();
}
END_TEST

START_TEST(what_goes_out_at_once_makes_room_for_the_rest)
{
    accepted();
    ck_assert_int_eq(sw_posix_send(sock, bytes, 140000, NULL), 140000);
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_OUT);
    lab_run(&lab, 0);
    end();
}
END_TEST

START_TEST(a_full_queue_is_writable_again_when_there_is_room)
{
    accepted();
    const int64_t took = sw_posix_send(sock, bytes, sizeof bytes, NULL);
    ck_assert_int_gt(took, 0);
    ck_assert_int_lt(took, (int64_t)sizeof bytes);
    ck_assert_uint_eq(sw_posix_poll(sock), 0);
    ck_assert_int_eq(sw_posix_send(sock, bytes + took, 1, NULL), -EAGAIN);
    lab_run(&lab, 0);
    for (int round = 0; round < 10 && sw_posix_poll(sock) == 0; round++) {
        struct sw_sock_info info;
        char ack[80];
        sw_sock_info(sw_posix_under(sock), &info);
        snprintf(ack, sizeof ack, ". 1:1(0) ack %u win 65535",
                 (unsigned)(info.bytes_acked + info.flight_bytes + 1));
        lab_forget(&lab);
        lab_in(&lab, ack);
    }
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_OUT);
    ck_assert_int_gt(sw_posix_send(sock, bytes + took, 1000, NULL), 0);
    end();
}
END_TEST

START_TEST(the_peers_end_is_read_as_often_as_one_asks)
{
    accepted();
    lab_in(&lab, "F. 1:1(0) ack 1 win 65535");
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_IN | SW_POLL_OUT | SW_POLL_RDHUP);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 1, true, NULL), 0);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 1, false, NULL), 0);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 1, false, NULL), 0);
    ck_assert_int_eq(sw_posix_shutdown(sock, SW_POSIX_SHUT_WR), 0);
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_IN | SW_POLL_OUT | SW_POLL_RDHUP | SW_POLL_HUP);
    ck_assert_int_eq(sw_posix_send(sock, bytes, 1, NULL), -EPIPE);
    lab_run(&lab, 0);
    end();
}
END_TEST

START_TEST(a_reset_is_told_once_behind_what_has_come)
{
    accepted();
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    lab_forget(&lab);
    lab_in(&lab, "R. 11:11(0) ack 1 win 0");
    ck_assert_uint_eq(sw_posix_poll(sock),
                      SW_POLL_IN | SW_POLL_OUT | SW_POLL_ERR | SW_POLL_HUP | SW_POLL_RDHUP);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, false, NULL), 10);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, false, NULL), -ECONNRESET);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, false, NULL), 0);
    ck_assert_int_eq(sw_posix_send(sock, bytes, 1, NULL), -EPIPE);
    ck_assert_int_eq(sw_posix_shutdown(sock, SW_POSIX_SHUT_WR), -ENOTCONN);
    end();
}
END_TEST

START_TEST(a_writer_hears_of_a_reset_first_and_then_of_a_broken_pipe)
{
    accepted();
    lab_in(&lab, "R. 1:1(0) ack 1 win 0");
    ck_assert_int_eq(sw_posix_send(sock, bytes, 1, NULL), -ECONNRESET);
    ck_assert_int_eq(sw_posix_send(sock, bytes, 1, NULL), -EPIPE);
    ck_assert_int_eq(sw_posix_error(sock), 0);
    end();
}
END_TEST

START_TEST(who_need_not_read_may_and_then_the_end_is)
{
    accepted();
    ck_assert_int_eq(sw_posix_shutdown(sock, SW_POSIX_SHUT_RD), 0);
    lab_quiet(&lab);
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_IN | SW_POLL_OUT | SW_POLL_RDHUP);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, false, NULL), 0);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, false, NULL), 10);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, false, NULL), 0);
    ck_assert_int_eq(sw_posix_send(sock, "\0", 1, NULL), 1);
    lab_run(&lab, lab_now(&lab) + SW_MS);
    end();
}
END_TEST

START_TEST(urgent_text_stands_apart_and_polls_as_linux_has_it)
{
    uint8_t byte = 0;
    accepted();
    ck_assert_int_eq(sw_posix_recv_urgent(sock, &byte, false), -EINVAL);
    lab_in(&lab, "P.U 1:4(3) ack 1 win 65535 urg 3");
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_IN | SW_POLL_PRI | SW_POLL_OUT);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 10, false, NULL), 2);
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_PRI | SW_POLL_OUT);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 10, false, NULL), -EAGAIN);
    ck_assert_int_eq(sw_posix_recv_urgent(sock, &byte, false), 1);
    ck_assert_uint_eq(byte, lab_byte(false, 3));
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_OUT);
    bytes[0] = (char)lab_byte(true, 1);
    ck_assert_int_eq(sw_posix_send_urgent(sock, bytes, 1), 1);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "P.U 1:2(1) ack 4 win 59997 urg 1");
    end();
}
END_TEST

START_TEST(what_a_crash_ended_says_so_once)
{
    accepted();
    sw_host_crash(lab.host);
    lab_run(&lab, lab_now(&lab));
    ck_assert_int_eq(sw_posix_error(sock), -ENETDOWN);
    ck_assert_int_eq(sw_posix_send(sock, bytes, 1, NULL), -EPIPE);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 1, false, NULL), 0);
    end();
}
END_TEST

/* ---- datagrams ---- */

START_TEST(datagrams_go_to_whom_is_named_or_connected)
{
    setup();
    sock = open_one(SW_UDP);
    const struct sw_endpoint self = sw_test_at("127.0.0.1", 9);
    ck_assert_int_eq(sw_posix_bind(sock, (struct sw_endpoint){.port = 9}), 0);
    ck_assert_int_eq(sw_posix_listen(sock, 1), -EOPNOTSUPP);
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_OUT);
    ck_assert_int_eq(sw_posix_send(sock, "abc", 3, NULL), -EDESTADDRREQ);
    ck_assert_int_eq(sw_posix_send(sock, "ab", 2, &self), 2);
    ck_assert_int_eq(sw_posix_send(sock, "abc", 3, &self), 3);
    lab_run(&lab, SW_MS);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, false, NULL), 2);
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_IN | SW_POLL_OUT);
    struct sw_endpoint from;
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, true, &from), -EOPNOTSUPP);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, false, &from), 3);
    ck_assert_uint_eq(from.port, 9);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, false, NULL), -EAGAIN);
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_OUT);
    ck_assert_int_eq(sw_posix_connect(sock, self), 0);
    ck_assert_int_eq(sw_posix_send(sock, "abc", 3, NULL), 3);
    lab_run(&lab, 2 * SW_MS);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, false, NULL), 3);
    ck_assert_int_eq(sw_posix_shutdown(sock, SW_POSIX_SHUT_RDWR), 0);
    ck_assert_int_eq(sw_posix_send(sock, "abc", 3, NULL), -EPIPE);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, false, NULL), 0);
    sw_posix_close(sock);
    teardown();
}
END_TEST

START_TEST(nobody_there_is_told_once_to_who_sent)
{
    setup();
    sock = open_one(SW_UDP);
    ck_assert_int_eq(sw_posix_connect(sock, sw_test_at("127.0.0.1", 9)), 0);
    ck_assert_int_eq(sw_posix_send(sock, "abc", 3, NULL), 3);
    lab_run(&lab, SW_MS);
    ck_assert_uint_eq(sw_posix_poll(sock), SW_POLL_OUT | SW_POLL_ERR);
    ck_assert_int_eq(sw_posix_recv(sock, bytes, 100, false, NULL), -ECONNREFUSED);
    ck_assert_int_eq(sw_posix_error(sock), 0);
    sw_posix_close(sock);
    teardown();
}
END_TEST

START_TEST(msg_more_and_msg_eor_are_of_a_stream)
{
    accepted();
    ck_assert_int_eq(sw_posix_send_with(sock, bytes, 100, SW_SEND_MORE), 100);
    lab_run(&lab, 0);
    lab_quiet(&lab);
    ck_assert_int_eq(sw_posix_send_with(sock, bytes + 100, 100, SW_SEND_RECORD), 100);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "P. 1:201(200) ack 1 win 60000");
    struct sw_posix *udp = open_one(SW_UDP);
    ck_assert_int_eq(sw_posix_send_with(udp, bytes, 100, SW_SEND_MORE), -EOPNOTSUPP);
    sw_posix_close(udp);
    sw_posix_close(sock);
    sw_posix_close(listener);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("posix");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, only_streams_and_datagrams_are_sockets);
    tcase_add_test(tc, a_fresh_socket_can_do_nothing_and_polls_as_linux_has_it);
    tcase_add_test(tc, a_listener_is_readable_exactly_while_one_can_be_accepted);
    tcase_add_test(tc, a_listener_that_need_not_read_listens_no_more);
    tcase_add_test(tc, connect_is_in_progress_then_already_then_done_once);
    tcase_add_test(tc, a_refusal_is_told_once);
    tcase_add_test(tc, whoever_asks_connect_again_hears_the_refusal);
    tcase_add_test(tc, a_shutdown_ends_a_connect);
    tcase_add_test(tc, where_no_way_leads_connect_says_so_at_once_and_may_be_tried_again);
    tcase_add_test(tc, text_is_readable_until_it_is_read);
    tcase_add_test(tc, one_byte_is_text_too);
    tcase_add_test(tc, what_goes_out_at_once_makes_room_for_the_rest);
    tcase_add_test(tc, a_full_queue_is_writable_again_when_there_is_room);
    tcase_add_test(tc, the_peers_end_is_read_as_often_as_one_asks);
    tcase_add_test(tc, a_reset_is_told_once_behind_what_has_come);
    tcase_add_test(tc, a_writer_hears_of_a_reset_first_and_then_of_a_broken_pipe);
    tcase_add_test(tc, who_need_not_read_may_and_then_the_end_is);
    tcase_add_test(tc, urgent_text_stands_apart_and_polls_as_linux_has_it);
    tcase_add_test(tc, what_a_crash_ended_says_so_once);
    tcase_add_test(tc, datagrams_go_to_whom_is_named_or_connected);
    tcase_add_test(tc, nobody_there_is_told_once_to_who_sent);
    tcase_add_test(tc, msg_more_and_msg_eor_are_of_a_stream);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
