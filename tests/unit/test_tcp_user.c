/* The user's calls (RFC 9293 3.9.1, 3.10.1 to 3.10.6) and what he is told. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "core/bytes.h"
#include "tests/support/stack_tcp.h"

#define YEAR (SW_S * 3600 * 24 * 365)

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

START_TEST(before_it_is_connected_nothing_can_be_said)
{
    lab_init(&lab, NULL);
    ck_assert_int_eq(sw_sock_open(&lab.sock, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(lab_write(&lab, 1), -ENOTCONN);
    ck_assert_int_eq(lab_read(&lab, 1), -ENOTCONN);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), -ENOTCONN);
    struct sw_sock *none;
    ck_assert_int_eq(sw_sock_accept(&none, lab.sock, NULL, NULL), -EINVAL);
    void *to;
    const void *from;
    size_t n;
    ck_assert_int_eq(sw_sock_reserve(lab.sock, &to, &n), -ENOTCONN);
    ck_assert_int_eq(sw_sock_peek(lab.sock, &from, &n), -ENOTCONN);
    ck_assert_str_eq(lab_info(&lab).state, "CLOSED");
    lab_fini(&lab);
}
END_TEST

START_TEST(connect_refuses_what_cannot_be__must_46)
{
    lab_init(&lab, NULL);
    ck_assert_int_eq(sw_sock_open(&lab.sock, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_connect(lab.sock, at(0xffffffff, 80)), -EINVAL);
    ck_assert_int_eq(sw_sock_connect(lab.sock, at(0x0a0000ff, 80)), -EINVAL);
    ck_assert_int_eq(sw_sock_connect(lab.sock, at(0xe0000001, 80)), -EINVAL);
    ck_assert_int_eq(sw_sock_connect(lab.sock, at(0x0a000002, 0)), -EINVAL);
    ck_assert_int_eq(sw_sock_connect(lab.sock, at(0, 80)), -EINVAL);
    ck_assert_int_eq(sw_sock_connect(lab.sock, at(0x0b000001, 80)), -ENETUNREACH);
    ck_assert_int_eq(sw_sock_connect(lab.sock, at(0x0a000002, 80)), 0); /* still good for it */
    ck_assert_int_eq(sw_sock_connect(lab.sock, at(0x0a000002, 80)), -EISCONN);
    lab_run(&lab, 0);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_local_address_is_the_bound_one_or_the_routes__must_43_44)
{
    lab_init(&lab, NULL);
    const struct sw_prefix second = {.ip = sw_ip_v4(0x0a000003), .bits = 24};
    ck_assert_int_eq(sw_nic_add_address(lab.nic, second, SW_ADDRESS_SILENT), 0);
    struct sw_sock *a, *b;
    ck_assert_int_eq(sw_sock_open(&a, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_open(&b, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(b, at(0x0a000003, 0)), 0);
    ck_assert_int_eq(sw_sock_connect(a, at(0x0a000002, 80)), 0);
    ck_assert_int_eq(sw_sock_connect(b, at(0x0a000002, 80)), 0);
    ck_assert_uint_eq(sw_ip_v4_number(sw_sock_local(a).ip), 0x0a000001);
    ck_assert_uint_eq(sw_ip_v4_number(sw_sock_local(b).ip), 0x0a000003);
    lab_run(&lab, 0);
    lab_forget(&lab);
    sw_sock_close(a);
    sw_sock_close(b);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_source_address_stays_whatever_the_routes_say__must_45)
{
    lab_init(&lab, NULL);
    const struct sw_prefix second = {.ip = sw_ip_v4(0x0a000003), .bits = 24};
    ck_assert_int_eq(sw_nic_add_address(lab.nic, second, SW_ADDRESS_SILENT), 0);
    lab.host_ip = 0x0a000003;
    lab_accept(&lab, 65535, NULL);
    /* Looked up anew, the way to the peer begins at 10.0.0.1. */
    const struct sw_prefix peer = {.ip = sw_ip_v4(0x0a000002), .bits = 32};
    ck_assert_int_eq(sw_host_add_route(lab.host, peer, (struct sw_ip){0}, lab.nic), 0);
    ck_assert_int_eq(lab_write(&lab, 100), 100);
    ck_assert_uint_eq(lab.count, 1);
    ck_assert_uint_eq(sw_get32(sw_frame_head(lab.heard[lab.first]) + 26), 0x0a000003);
    lab_out(&lab, 0, "P. 1:101(100) ack 1 win 60000");
    lab_in(&lab, "P. 1:2(1) ack 101 win 65535");
    char text;
    struct sw_endpoint from, to;
    ck_assert_int_eq(sw_sock_recv_between(lab.sock, &text, 1, &from, &to), 1);
    ck_assert_uint_eq(sw_ip_v4_number(from.ip), 0x0a000002);
    ck_assert_uint_eq(sw_ip_v4_number(to.ip), 0x0a000003);
    ck_assert_int_eq(sw_sock_send_between(lab.sock, "x", 1, to, from), -EINVAL);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_listener_neither_sends_nor_receives)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 5);
    char byte = 0;
    ck_assert_int_eq(sw_sock_send(lab.listener, &byte, 1), -ENOTCONN);
    ck_assert_int_eq(sw_sock_recv(lab.listener, &byte, 1), -ENOTCONN);
    ck_assert_int_eq(sw_sock_connect(lab.listener, at(0x0a000002, 80)), -EINVAL);
    struct sw_sock *none;
    ck_assert_int_eq(sw_sock_accept(&none, lab.listener, NULL, NULL), -EAGAIN);
    ck_assert_int_eq(sw_sock_listen(lab.listener, 9), 0); /* a new backlog */
    lab_fini(&lab);
}
END_TEST

START_TEST(the_oldest_is_accepted_first_with_what_has_come_meanwhile)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 5);
    for (uint16_t i = 0; i < 3; i++) {
        lab.peer_port = (uint16_t)(4000 + i);
        lab.host_known = false;
        lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
        lab_forget(&lab);
        lab_in(&lab, ". 1:1(0) ack 1 win 65535");
        lab_in(&lab, "PF. 1:11(10) ack 1 win 65535");
        lab_forget(&lab);
    }
    struct sw_sock *socks[3];
    char bytes[20];
    for (uint16_t i = 0; i < 3; i++) {
        ck_assert_int_eq(sw_sock_accept(&socks[i], lab.listener, NULL, NULL), 0);
        ck_assert_uint_eq(sw_sock_remote(socks[i]).port, 4000 + i);
        ck_assert_int_eq(sw_sock_recv(socks[i], bytes, 20), 10);
        ck_assert_int_eq(sw_sock_recv(socks[i], bytes, 20), 0);
        sw_sock_close(socks[i]);
    }
    lab_run(&lab, 0);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(what_had_come_before_accept_is_told_after_it)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 5);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    lab_in(&lab, "PF. 1:11(10) ack 1 win 65535");
    lab_forget(&lab);
    lab_events(&lab, "A");
    lab.peer_port = 4000;
    struct sw_sock *listener = lab.listener;
    /* lab_listen's callback writes down what it is told. */
    ck_assert_int_eq(sw_sock_accept(&lab.sock, listener, NULL, NULL), 0);
    lab_tell(&lab, lab.sock);
    lab_run(&lab, 0);
    lab_events(&lab, "RP");
    lab_fini(&lab);
}
END_TEST

START_TEST(one_that_dies_before_it_is_accepted_is_gone)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 1);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    lab_in(&lab, "R 1:1(0) win 0");
    struct sw_sock *none;
    ck_assert_int_eq(sw_sock_accept(&none, lab.listener, NULL, NULL), -EAGAIN);
    lab.peer_port = 4001;
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    ck_assert_uint_eq(lab_forget(&lab), 1); /* and its place is free */
    lab_fini(&lab);
}
END_TEST

START_TEST(closing_a_listener_resets_what_was_not_accepted)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 5);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1460>");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    sw_sock_close(lab.listener);
    lab.listener = NULL;
    lab_run(&lab, 0);
    lab_out(&lab, 0, "R. 1:1(0) ack 1 win 60000");
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_NO_SOCKET), 1);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_fini(&lab);
}
END_TEST

START_TEST(after_shutdown_nothing_more_is_taken)
{
    accepted();
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0); /* again: nothing new */
    lab_run(&lab, 0);
    lab_out(&lab, 0, "F. 1:1(0) ack 1 win 60000");
    ck_assert_int_eq(lab_write(&lab, 1), -EPIPE);
    void *to;
    size_t n;
    ck_assert_int_eq(sw_sock_reserve(lab.sock, &to, &n), -EPIPE);
    lab_fini(&lab);
}
END_TEST

START_TEST(close_sends_what_is_queued_and_a_fin__rfc9293_3_10_4)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 3000), 3000);
    sw_sock_close(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 0);
    lab_out(&lab, 0, ". 1:1461(1460) ack 1 win 60000");
    lab_out(&lab, 0, ". 1461:2921(1460) ack 1 win 60000");
    lab_out(&lab, 0, "FP. 2921:3001(80) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 3002 win 65535");
    lab_in(&lab, "F. 1:1(0) ack 3002 win 65535");
    lab_out(&lab, 0, ". 3002:3002(0) ack 2 win 59999");
    lab_fini(&lab);
}
END_TEST

START_TEST(close_over_unread_text_resets__rfc2525_2_17)
{
    accepted();
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    sw_sock_close(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 0);
    lab_out(&lab, 0, "R. 1:1(0) ack 11 win 59990");
    lab_fini(&lab);
}
END_TEST

START_TEST(unless_he_wants_it_otherwise)
{
    accepted();
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_LINGER_RESET, 0), 0);
    lab_in(&lab, "P. 1:11(10) ack 1 win 65535");
    sw_sock_close(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 0);
    lab_out(&lab, 0, "F. 1:1(0) ack 11 win 59990");
    lab_in(&lab, "P. 11:21(10) ack 2 win 65535"); /* taken, and thrown away */
    lab_in(&lab, "P. 31:41(10) ack 2 win 65535");
    lab_in(&lab, "PF. 21:31(10) ack 2 win 65535");
    lab_forget(&lab);
    lab_in(&lab, "F. 41:41(0) ack 2 win 65535");
    lab_out(&lab, 0, ". 2:2(0) ack 32 win 59969");
    lab_fini(&lab);
}
END_TEST

START_TEST(abort_resets_at_once__rfc9293_3_10_5)
{
    accepted();
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    lab_forget(&lab);
    sw_sock_abort(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 0);
    lab_out(&lab, 0, "R. 11:11(0) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 11 win 65535"); /* nobody knows it any more */
    lab_out(&lab, 0, "R 11:11(0) win 0");
    lab_fini(&lab);
}
END_TEST

START_TEST(closing_before_it_stands_says_nothing__rfc9293_3_10_4)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    sw_sock_close(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 10 * SW_S);
    lab_fini(&lab);
}
END_TEST

START_TEST(reserve_and_commit_write_in_place)
{
    accepted();
    void *to = NULL;
    size_t n = 0;
    ck_assert_int_eq(sw_sock_reserve(lab.sock, &to, &n), 0);
    ck_assert_uint_ge(n, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        ((uint8_t *)to)[i] = lab_byte(true, 1 + i);
    }
    ck_assert_int_eq(sw_sock_commit(lab.sock, 1000), 1000);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "P. 1:1001(1000) ack 1 win 60000");
    ck_assert_int_eq(sw_sock_commit(lab.sock, 1), -EINVAL); /* nothing was reserved */
    ck_assert_int_eq(sw_sock_reserve(lab.sock, &to, &n), 0);
    lab_in(&lab, "R 1:1(0) win 0");
    memset(to, 1, n); /* his until he comes back */
    ck_assert_int_eq(sw_sock_commit(lab.sock, n), -ECONNRESET);
    lab_fini(&lab);
}
END_TEST

START_TEST(peek_and_consume_read_in_place)
{
    accepted();
    const void *from = NULL;
    size_t n = 7;
    ck_assert_int_eq(sw_sock_peek(lab.sock, &from, &n), -EAGAIN);
    lab_in(&lab, "P. 1:1001(1000) ack 1 win 65535");
    ck_assert_int_eq(sw_sock_peek(lab.sock, &from, &n), 0);
    ck_assert_uint_eq(n, 1000);
    ck_assert_uint_eq(((const uint8_t *)from)[999], lab_byte(false, 1000));
    ck_assert_int_eq(sw_sock_consume(lab.sock, 400), 400);
    ck_assert_int_eq(sw_sock_peek(lab.sock, &from, &n), 0);
    ck_assert_uint_eq(n, 600);
    ck_assert_int_eq(sw_sock_consume(lab.sock, 6000), 600);
    lab_in(&lab, "F. 1001:1001(0) ack 1 win 65535");
    ck_assert_int_eq(sw_sock_peek(lab.sock, &from, &n), 0);
    ck_assert_uint_eq(n, 0); /* the end */
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_full_queue_is_told_when_it_has_room)
{
    const struct lab_config config = {.send_buffer = 4096};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, NULL);
    ck_assert_int_eq(lab_write(&lab, 5000), 4096);
    void *to;
    size_t n;
    ck_assert_int_eq(sw_sock_reserve(lab.sock, &to, &n), -EAGAIN);
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 2921 win 65535");
    lab_events(&lab, "W");
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(options_have_ranges)
{
    static const struct {
        enum sw_sock_option option;
        int64_t least, most, by_default;
    } options[] = {
        {SW_OPT_NODELAY, 0, 1, 0},
        {SW_OPT_KEEPALIVE, 0, 1, 0},
        {SW_OPT_KEEPALIVE_IDLE, 1, 100 * YEAR, 7200 * SW_S},
        {SW_OPT_KEEPALIVE_INTERVAL, 1, 100 * YEAR, 75 * SW_S},
        {SW_OPT_KEEPALIVE_PROBES, 1, 255, 9},
        {SW_OPT_SEND_BUFFER, 4096, 1 << 30, 1 << 20},
        {SW_OPT_RECEIVE_BUFFER, 4096, 1 << 30, 60000},
        {SW_OPT_USER_TIMEOUT, 0, 100 * YEAR, 0},
        {SW_OPT_TTL, 1, 255, 64},
        {SW_OPT_TOS, 0, 255, 0},
        {SW_OPT_LINGER_RESET, 0, 1, 1},
        {SW_OPT_CONGESTION, SW_TCP_CUBIC, SW_TCP_BBR, SW_TCP_RENO},
        {SW_OPT_PACING, 0, 1000000000000000, 0},
        {SW_OPT_MSS, 0, 65495, 0},
        {SW_OPT_ECN, SW_TCP_ECN_OFF, SW_TCP_ECN_ON, SW_TCP_ECN_PASSIVE},
    };
    lab_init(&lab, NULL);
    ck_assert_int_eq(sw_sock_open(&lab.sock, lab.host, SW_TCP, NULL, NULL), 0);
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        int64_t value = -1;
        const enum sw_sock_option o = options[i].option;
        ck_assert_int_eq(sw_sock_get(lab.sock, o, &value), 0);
        ck_assert_int_eq(value, options[i].by_default);
        ck_assert_int_eq(sw_sock_set(lab.sock, o, options[i].least - 1), -EINVAL);
        ck_assert_int_eq(sw_sock_set(lab.sock, o, options[i].least), 0);
        ck_assert_int_eq(sw_sock_set(lab.sock, o, options[i].most), 0);
        ck_assert_int_eq(sw_sock_get(lab.sock, o, &value), 0);
        ck_assert_int_eq(value, options[i].most);
        ck_assert_int_eq(sw_sock_set(lab.sock, o, options[i].most + 1), -EINVAL);
    }
    int64_t value;
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_DONT_FRAGMENT, 1), -EINVAL);
    ck_assert_int_eq(sw_sock_get(lab.sock, SW_OPT_DONT_FRAGMENT, &value), -EINVAL);
    lab_fini(&lab);
    accepted(); /* too late for this one */
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_RECEIVE_BUFFER, 8192), -EINVAL);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_MSS, 1000), -EINVAL);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_ECN, SW_TCP_ECN_ON), -EINVAL);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_users_mss_is_named_and_not_exceeded)
{
    lab_init(&lab, NULL);
    ck_assert_int_eq(sw_sock_open(&lab.sock, lab.host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_MSS, 87), -EINVAL);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_MSS, 88), 0);
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_MSS, 1100), 0);
    ck_assert_int_eq(sw_sock_connect(lab.sock, at(0x0a000002, LAB_PEER_PORT)), 0);
    lab_run(&lab, 0);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1100>");
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1100);
    ck_assert_int_eq(lab_write(&lab, 2200), 2200);
    lab_run(&lab, 0);
    lab_out(&lab, 0, ". 1:1101(1100) ack 1 win 60000");
    lab_out(&lab, 0, "P. 1101:2201(1100) ack 1 win 60000");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_listeners_mss_is_its_childrens)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 1);
    ck_assert_int_eq(sw_sock_set(lab.listener, SW_OPT_MSS, 1100), 0);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1300>");
    lab_out(&lab, 0, "S. 0:0(0) ack 1 win 60000 <mss 1100>");
    lab_in(&lab, ". 1:1(0) ack 1 win 65535");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1100);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_host_has_cubic_and_a_listeners_choice_is_its_childrens)
{
    const struct lab_config config = {.cubic = true};
    int64_t value = 0;
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, NULL);
    ck_assert_int_eq(sw_sock_get(lab.sock, SW_OPT_CONGESTION, &value), 0);
    ck_assert_int_eq(value, SW_TCP_CUBIC);
    lab_fini(&lab);
    lab_init(&lab, &config);
    lab_listen(&lab, 1);
    ck_assert_int_eq(sw_sock_set(lab.listener, SW_OPT_CONGESTION, SW_TCP_RENO), 0);
    lab_accept(&lab, 65535, NULL);
    ck_assert_int_eq(sw_sock_get(lab.sock, SW_OPT_CONGESTION, &value), 0);
    ck_assert_int_eq(value, SW_TCP_RENO);
    lab_fini(&lab);
}
END_TEST

START_TEST(orphans_are_bounded)
{
    const struct lab_config config = {.max_connections = 4};
    lab_init(&lab, &config);
    for (uint16_t i = 0; i < 3; i++) {
        lab.peer_port = (uint16_t)(4000 + i);
        lab.host_known = false;
        lab_accept(&lab, 65535, NULL);
        sw_sock_close(lab.sock);
        lab.sock = NULL;
        lab_run(&lab, 0);
        lab_out(&lab, 0, i < 2 ? "F. 1:1(0) ack 1 win 60000" : "R. 1:1(0) ack 1 win 60000");
    }
    struct sw_host_stats stats;
    sw_host_stats(lab.host, &stats);
    ck_assert_uint_eq(stats.tcp_orphans, 2);
    ck_assert_uint_eq(stats.tcp_orphans_reset, 1);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_user");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, before_it_is_connected_nothing_can_be_said);
    tcase_add_test(tc, connect_refuses_what_cannot_be__must_46);
    tcase_add_test(tc, the_local_address_is_the_bound_one_or_the_routes__must_43_44);
    tcase_add_test(tc, the_source_address_stays_whatever_the_routes_say__must_45);
    tcase_add_test(tc, a_listener_neither_sends_nor_receives);
    tcase_add_test(tc, the_oldest_is_accepted_first_with_what_has_come_meanwhile);
    tcase_add_test(tc, what_had_come_before_accept_is_told_after_it);
    tcase_add_test(tc, one_that_dies_before_it_is_accepted_is_gone);
    tcase_add_test(tc, closing_a_listener_resets_what_was_not_accepted);
    tcase_add_test(tc, after_shutdown_nothing_more_is_taken);
    tcase_add_test(tc, close_sends_what_is_queued_and_a_fin__rfc9293_3_10_4);
    tcase_add_test(tc, close_over_unread_text_resets__rfc2525_2_17);
    tcase_add_test(tc, unless_he_wants_it_otherwise);
    tcase_add_test(tc, abort_resets_at_once__rfc9293_3_10_5);
    tcase_add_test(tc, closing_before_it_stands_says_nothing__rfc9293_3_10_4);
    tcase_add_test(tc, reserve_and_commit_write_in_place);
    tcase_add_test(tc, peek_and_consume_read_in_place);
    tcase_add_test(tc, a_full_queue_is_told_when_it_has_room);
    tcase_add_test(tc, options_have_ranges);
    tcase_add_test(tc, the_users_mss_is_named_and_not_exceeded);
    tcase_add_test(tc, a_listeners_mss_is_its_childrens);
    tcase_add_test(tc, a_host_has_cubic_and_a_listeners_choice_is_its_childrens);
    tcase_add_test(tc, orphans_are_bounded);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
