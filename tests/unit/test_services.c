/* The small services, spoken to over a link in virtual time. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lan/services.h"
#include "tests/support/lan_talk.h"

struct fixture {
    struct sw_lab *lab;
    struct sw_host *server, *client;
    struct sw_topo_service config;
    struct sw_service *service;
    struct sw_test_talk talk;
};

static void set_up(struct fixture *f, enum sw_service_kind kind, uint16_t port)
{
    *f = (struct fixture){.lab = sw_lab_new(7), .config = {.kind = kind, .port = port}};
    f->server = sw_lab_host(f->lab, "server", "10.0.0.1/24");
    f->client = sw_lab_host(f->lab, "client", "10.0.0.2/24");
    sw_lab_link(
        f->lab, "server", "client",
        &(struct sw_lane_config){.delay = SW_MS, .rate_bps = 100000000, .queue_frames = 1000});
    ck_assert_int_eq(sw_service_new(&f->service, f->server, &f->config), 0);
}

static void tear_down(struct fixture *f)
{
    sw_test_talk_fini(&f->talk);
    sw_lab_run(f->lab, 300 * SW_S); /* TIME-WAIT included */
    if (f->service) {
        sw_service_free(f->service);
    }
    ck_assert(sw_lab_holds(f->lab));
    sw_lab_free(f->lab);
}

static void connect_to(struct fixture *f)
{
    sw_test_talk_connect(&f->talk, f->lab, f->client, "10.0.0.1", f->config.port);
}

START_TEST(echo_sends_back_what_came__rfc862)
{
    struct fixture f;
    set_up(&f, SW_SERVICE_ECHO, 7);
    connect_to(&f);
    sw_test_talk_say(&f.talk, "hello, echo");
    sw_lab_run(f.lab, SW_S);
    ck_assert_str_eq(f.talk.in, "hello, echo");
    ck_assert(!f.talk.peer_closed);
    tear_down(&f);
}
END_TEST

/* The client ends its direction behind 200,000 bytes; all come back, then the server's end. */
START_TEST(echo_sends_all_behind_a_half_close)
{
    struct fixture f;
    char *bytes = malloc(200000);
    for (size_t i = 0; i < 200000; i++) {
        bytes[i] = (char)(i * 31 >> 3);
    }
    set_up(&f, SW_SERVICE_ECHO, 7);
    connect_to(&f);
    sw_test_talk_send(&f.talk, bytes, 200000);
    sw_lab_run(f.lab, 100 * SW_MS);
    ck_assert_int_eq(sw_sock_shutdown(f.talk.sock), 0);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.talk.in_len, 200000);
    ck_assert_int_eq(memcmp(f.talk.in, bytes, 200000), 0);
    ck_assert(f.talk.peer_closed);
    ck_assert_int_eq(f.talk.error, 0);
    free(bytes);
    tear_down(&f);
}
END_TEST

/* A client that sends 64 MB and reads nothing: the echo takes no more than its buffers hold. Then
 * it reads, and all comes. */
START_TEST(echo_stops_reading_when_it_cannot_write)
{
    struct fixture f;
    size_t n = 16 << 20;
    char *bytes = calloc(1, n);
    set_up(&f, SW_SERVICE_ECHO, 7);
    connect_to(&f);
    f.talk.paused = true;
    sw_test_talk_send(&f.talk, bytes, n);
    sw_lab_run(f.lab, 20 * SW_S);
    size_t taken = n - f.talk.out_len;
    /* Four buffers, as they began: nobody has read, so none has reason to grow by much. */
    ck_assert_uint_ge(taken, 2 * 65535 + 2 * (128 << 10) - 2 * (64 << 10));
    ck_assert_uint_le(taken, 1 << 20);
    sw_lab_run(f.lab, 20 * SW_S);
    ck_assert_uint_eq(n - f.talk.out_len, taken);
    sw_test_talk_resume(&f.talk);
    sw_lab_run(f.lab, 60 * SW_S);
    ck_assert_uint_eq(f.talk.in_len, n);
    free(bytes);
    tear_down(&f);
}
END_TEST

START_TEST(discard_takes_all_and_says_nothing__rfc863)
{
    struct fixture f;
    size_t n = 4 << 20;
    char *bytes = calloc(1, n);
    set_up(&f, SW_SERVICE_DISCARD, 9);
    connect_to(&f);
    sw_test_talk_send(&f.talk, bytes, n);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.talk.out_len, 0);
    sw_sock_shutdown(f.talk.sock);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.talk.in_len, 0);
    ck_assert(f.talk.peer_closed);
    free(bytes);
    tear_down(&f);
}
END_TEST

START_TEST(chargen_sends_the_pattern_until_the_client_ends__rfc864)
{
    struct fixture f;
    set_up(&f, SW_SERVICE_CHARGEN, 19);
    connect_to(&f);
    sw_lab_run(f.lab, 50 * SW_MS);
    ck_assert_uint_gt(f.talk.in_len, 95 * 74 + 74);
    ck_assert_int_eq(
        memcmp(f.talk.in,
               " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg\r\n"
               "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefgh\r\n",
               148),
        0);
    for (unsigned i = 0; i < 95 * 74; i++) {
        unsigned line = i / 74, column = i % 74;
        ck_assert_int_eq(f.talk.in[i], column == 72   ? '\r'
                                       : column == 73 ? '\n'
                                                      : (char)(' ' + (line + column) % 95));
    }
    ck_assert_int_eq(memcmp(f.talk.in, f.talk.in + 95 * 74, 74), 0); /* it begins anew */
    sw_sock_shutdown(f.talk.sock);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert(f.talk.peer_closed);
    ck_assert_int_eq(f.talk.error, 0);
    tear_down(&f);
}
END_TEST

/* ---- udp-echo ---- */

struct datagrams {
    unsigned count;
    char last[64];
    struct sw_endpoint from;
};

static void on_datagram(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct datagrams *d = user;
    int64_t n;
    (void)event;
    while ((n = sw_sock_recv_from(sock, d->last, sizeof d->last - 1, &d->from)) >= 0) {
        d->last[n] = 0;
        d->count++;
    }
}

START_TEST(udp_echo_answers_the_sender)
{
    struct fixture f;
    struct datagrams d = {0};
    struct sw_sock *sock;
    struct sw_endpoint to = {sw_ip_v4(0x0a000001), 7};
    set_up(&f, SW_SERVICE_UDP_ECHO, 7);
    ck_assert_int_eq(sw_sock_open(&sock, f.client, SW_UDP, on_datagram, &d), 0);
    ck_assert_int_eq(sw_sock_send_to(sock, "ping", 4, to), 4);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(d.count, 1);
    ck_assert_str_eq(d.last, "ping");
    ck_assert_uint_eq(d.from.port, 7);
    ck_assert_int_eq(sw_sock_send_to(sock, "", 0, to), 0);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(d.count, 2);
    ck_assert_str_eq(d.last, "");
    sw_sock_close(sock);
    tear_down(&f);
}
END_TEST

START_TEST(udp_echo_answers_from_the_address_that_was_asked__rfc1122_4_1_3_5)
{
    struct fixture f;
    struct datagrams d = {0};
    struct sw_sock *sock;
    const struct sw_prefix second = {.ip = sw_ip_v4(0x0a000009), .bits = 24};
    set_up(&f, SW_SERVICE_UDP_ECHO, 7);
    ck_assert_int_eq(sw_nic_add_address(sw_host_nic(f.server, "eth0"), second, SW_ADDRESS_SILENT),
                     0);
    ck_assert_int_eq(sw_sock_open(&sock, f.client, SW_UDP, on_datagram, &d), 0);
    /* Who is connected takes no answer from another address. */
    ck_assert_int_eq(sw_sock_connect(sock, (struct sw_endpoint){second.ip, 7}), 0);
    ck_assert_int_eq(sw_sock_send(sock, "ping", 4), 4);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(d.count, 1);
    ck_assert(sw_ip_equal(d.from.ip, second.ip));
    sw_sock_close(sock);
    tear_down(&f);
}
END_TEST

/* One datagram with a forged source would have two echoes answer each other for ever. */
START_TEST(two_echoes_do_not_talk_to_each_other)
{
    static const uint16_t ports[] = {7, 19, 7007};
    for (unsigned i = 0; i < 3; i++) {
        struct fixture f;
        struct datagrams d = {0};
        struct sw_sock *sock;
        set_up(&f, SW_SERVICE_UDP_ECHO, 7007);
        ck_assert_int_eq(sw_sock_open(&sock, f.client, SW_UDP, on_datagram, &d), 0);
        ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = ports[i]}), 0);
        ck_assert_int_eq(
            sw_sock_send_to(sock, "x", 1, (struct sw_endpoint){sw_ip_v4(0x0a000001), 7007}), 1);
        sw_lab_run(f.lab, SW_S);
        ck_assert_uint_eq(d.count, 0);
        sw_sock_close(sock);
        tear_down(&f);
    }
}
END_TEST

/* The answer meets a closed port, and its ICMP error is nobody's: the service goes on. */
START_TEST(udp_echo_outlives_an_icmp_error)
{
    struct fixture f;
    struct datagrams d = {0};
    struct sw_sock *sock;
    struct sw_endpoint to = {sw_ip_v4(0x0a000001), 7};
    set_up(&f, SW_SERVICE_UDP_ECHO, 7);
    ck_assert_int_eq(sw_sock_open(&sock, f.client, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, to), 1);
    sw_sock_close(sock);
    sw_lab_run(f.lab, SW_S);
    ck_assert_int_eq(sw_sock_open(&sock, f.client, SW_UDP, on_datagram, &d), 0);
    ck_assert_int_eq(sw_sock_send_to(sock, "y", 1, to), 1);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(d.count, 1);
    sw_sock_close(sock);
    tear_down(&f);
}
END_TEST

/* ---- bounds and ends ---- */

START_TEST(a_port_is_one_services_alone)
{
    struct fixture f;
    struct sw_service *second = NULL;
    set_up(&f, SW_SERVICE_ECHO, 7);
    ck_assert_int_eq(sw_service_new(&second, f.server, &f.config), -EADDRINUSE);
    ck_assert_ptr_null(second);
    tear_down(&f);
}
END_TEST

/* 1,024 connections are served; the 1,025th stands in the backlog, unanswered, until one of them
 * ends. */
START_TEST(connections_are_bounded_and_the_rest_wait)
{
    struct fixture f;
    static struct sw_test_talk talks[1025];
    set_up(&f, SW_SERVICE_ECHO, 7);
    for (unsigned i = 0; i < 1025; i++) {
        sw_test_talk_connect(&talks[i], f.lab, f.client, "10.0.0.1", 7);
        sw_test_talk_say(&talks[i], "x");
        sw_lab_run(f.lab, 10 * SW_MS);
    }
    sw_lab_run(f.lab, 5 * SW_S);
    for (unsigned i = 0; i < 1024; i++) {
        ck_assert_str_eq(talks[i].in, "x");
    }
    ck_assert(talks[1024].connected);
    ck_assert_str_eq(talks[1024].in, "");
    sw_test_talk_fini(&talks[500]);
    sw_lab_run(f.lab, 5 * SW_S);
    ck_assert_str_eq(talks[1024].in, "x");
    for (unsigned i = 0; i < 1025; i++) {
        sw_test_talk_fini(&talks[i]);
    }
    tear_down(&f);
}
END_TEST

/* As many as the queue of a tap hands over in one go. */
START_TEST(nine_hundred_that_come_at_once_are_all_served)
{
    struct fixture f;
    static struct sw_test_talk talks[900];
    set_up(&f, SW_SERVICE_ECHO, 7);
    for (unsigned i = 0; i < 900; i++) {
        sw_test_talk_connect(&talks[i], f.lab, f.client, "10.0.0.1", 7);
        sw_test_talk_say(&talks[i], "x");
        sw_lab_run(f.lab, i == 0 ? SW_S : 0); /* the first one asks by ARP for all */
    }
    sw_lab_run(f.lab, 500 * SW_MS); /* before a lost SYN would come again */
    for (unsigned i = 0; i < 900; i++) {
        ck_assert_int_eq(talks[i].error, 0);
        ck_assert_str_eq(talks[i].in, "x");
        sw_test_talk_fini(&talks[i]);
    }
    tear_down(&f);
}
END_TEST

START_TEST(a_service_that_ends_resets_its_connections)
{
    struct fixture f;
    set_up(&f, SW_SERVICE_ECHO, 7);
    connect_to(&f);
    sw_test_talk_say(&f.talk, "x");
    sw_lab_run(f.lab, SW_S);
    sw_service_free(f.service);
    f.service = NULL;
    sw_lab_run(f.lab, SW_S);
    ck_assert_int_eq(f.talk.error, -ECONNRESET);
    tear_down(&f);
}
END_TEST

START_TEST(a_client_that_resets_is_forgotten)
{
    struct fixture f;
    set_up(&f, SW_SERVICE_CHARGEN, 19);
    connect_to(&f);
    f.talk.paused = true;
    sw_lab_run(f.lab, SW_S);
    sw_sock_abort(f.talk.sock);
    f.talk.sock = NULL;
    sw_lab_run(f.lab, SW_S);
    struct sw_host_stats stats;
    sw_host_stats(f.server, &stats);
    ck_assert_uint_eq(stats.tcp_connections, 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_crash_of_its_host_ends_what_it_had)
{
    static const enum sw_service_kind kinds[] = {SW_SERVICE_ECHO, SW_SERVICE_DISCARD,
                                                 SW_SERVICE_CHARGEN, SW_SERVICE_HTTP,
                                                 SW_SERVICE_UDP_ECHO};
    struct fixture f;
    set_up(&f, kinds[_i], 19);
    if (kinds[_i] == SW_SERVICE_HTTP) {
        f.config.size = 1 << 30;
    }
    if (kinds[_i] != SW_SERVICE_UDP_ECHO) {
        connect_to(&f);
        sw_test_talk_say(&f.talk, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    sw_lab_run(f.lab, 100 * SW_MS);
    sw_lab_crash(f.lab, f.server, 0);
    sw_lab_run(f.lab, SW_S);
    tear_down(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("services");
    TCase *tc = tcase_create("small ones");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, echo_sends_back_what_came__rfc862);
    tcase_add_test(tc, echo_sends_all_behind_a_half_close);
    tcase_add_test(tc, echo_stops_reading_when_it_cannot_write);
    tcase_add_test(tc, discard_takes_all_and_says_nothing__rfc863);
    tcase_add_test(tc, chargen_sends_the_pattern_until_the_client_ends__rfc864);
    tcase_add_test(tc, udp_echo_answers_the_sender);
    tcase_add_test(tc, udp_echo_answers_from_the_address_that_was_asked__rfc1122_4_1_3_5);
    tcase_add_test(tc, two_echoes_do_not_talk_to_each_other);
    tcase_add_test(tc, udp_echo_outlives_an_icmp_error);
    tcase_add_test(tc, a_port_is_one_services_alone);
    tcase_add_test(tc, connections_are_bounded_and_the_rest_wait);
    tcase_add_test(tc, nine_hundred_that_come_at_once_are_all_served);
    tcase_add_test(tc, a_service_that_ends_resets_its_connections);
    tcase_add_test(tc, a_client_that_resets_is_forgotten);
    tcase_add_loop_test(tc, a_crash_of_its_host_ends_what_it_had, 0, 5);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
