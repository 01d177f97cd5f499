/* UDP (stack/udp.c, stack/dgram_sock.c, stack/dgram_table.c): datagrams between a
 * host, 10.0.0.1/24, and a station, 10.0.0.2. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "stack/udp.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "stack/wire/udp.h"
#include "tests/support/stack_station.h"

static struct sw_test_env world;
static struct sw_host *host;
static struct sw_nic *eth0;
static struct sw_station st;
static char told[100]; /* events, as letters */

static void settle(void)
{
    sw_test_run(&world, sw_clock_now(world.env.clock));
}

static void setup(void)
{
    sw_test_env_init(&world, 1);
    host = sw_test_host(&world, &eth0);
    sw_station_init(&st, &world, eth0, 2);
    sw_station_arp(&st, st.to, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.1");
    settle();
    sw_frame_drop(sw_station_take(&st));
    told[0] = '\0';
}

static void teardown(void)
{
    sw_station_fini(&st);
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}

static void tell(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    (void)sock;
    strcat(told, event == SW_SOCK_READABLE ? "r" : event == SW_SOCK_WRITABLE ? "w" : "e");
    if (user != NULL) {
        strcat(told, user);
    }
}

static struct sw_sock *open_on(const char *ip, uint16_t port)
{
    struct sw_sock *sock;
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, tell, NULL), 0);
    struct sw_endpoint local = {.port = port};
    if (ip != NULL) {
        local.ip = sw_ip_v4(sw_test_ip(ip));
    }
    ck_assert_int_eq(sw_sock_bind(sock, local), 0);
    return sock;
}

static int bind_to(const char *ip, uint16_t port)
{
    struct sw_sock *sock;
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, NULL, NULL), 0);
    struct sw_endpoint local = {.port = port};
    if (ip != NULL) {
        local.ip = sw_ip_v4(sw_test_ip(ip));
    }
    int err = sw_sock_bind(sock, local);
    sw_sock_close(sock);
    return err;
}

static void hello_to(const char *dst, uint16_t src_port, uint16_t dst_port)
{
    sw_station_udp(&st, "10.0.0.2", src_port, dst, dst_port, "hello", 5);
    settle();
}

/* How many datagrams the socket has. */
static unsigned drain(struct sw_sock *sock)
{
    unsigned n = 0;
    char text[8];
    while (sw_sock_recv(sock, text, sizeof text) >= 0) {
        n++;
    }
    return n;
}

/* ---- in ---- */

START_TEST(a_datagram_arrives_with_its_sender)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7);
    hello_to("10.0.0.1", 5000, 7);
    ck_assert_str_eq(told, "r");
    char text[10] = {0};
    struct sw_endpoint from;
    ck_assert_int_eq(sw_sock_recv_from(sock, text, sizeof text, &from), 5);
    ck_assert_str_eq(text, "hello");
    ck_assert_uint_eq(from.port, 5000);
    ck_assert_uint_eq(sw_ip_v4_number(from.ip), sw_test_ip("10.0.0.2"));
    ck_assert_int_eq(sw_sock_recv(sock, text, sizeof text), -EAGAIN);
    teardown();
}
END_TEST

START_TEST(a_datagram_tells_which_address_it_came_to__rfc1122_4_1_3_5)
{
    setup();
    sw_test_address(eth0, "10.0.0.9/24", SW_ADDRESS_SILENT);
    sw_test_address(eth0, "10.0.5.1/24", SW_ADDRESS_SILENT);
    static const char *const asked[][2] = {{"10.0.0.1", "10.0.0.1"},
                                           {"10.0.0.9", "10.0.0.9"},
                                           {"10.0.0.255", "10.0.0.1"},
                                           {"255.255.255.255", "10.0.0.1"}};
    struct sw_sock *sock = open_on(NULL, 7);
    for (unsigned i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        hello_to(asked[i][0], 5000, 7);
        char text[10];
        struct sw_endpoint from, to;
        ck_assert_int_eq(sw_sock_recv_between(sock, text, sizeof text, &from, &to), 5);
        ck_assert_uint_eq(from.port, 5000);
        ck_assert_uint_eq(to.port, 7);
        ck_assert_uint_eq(sw_ip_v4_number(to.ip), sw_test_ip(asked[i][1]));
    }
    sw_station_udp(&st, "10.0.5.2", 5000, "255.255.255.255", 7, "x", 1); /* by the sender's net */
    settle();
    char text[10];
    struct sw_endpoint to;
    ck_assert_int_eq(sw_sock_recv_between(sock, text, sizeof text, NULL, &to), 1);
    ck_assert_uint_eq(sw_ip_v4_number(to.ip), sw_test_ip("10.0.5.1"));
    teardown();
}
END_TEST

START_TEST(a_datagram_is_cut_to_the_readers_room_but_tells_its_length)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7);
    hello_to("10.0.0.1", 5000, 7);
    char text[10] = {0};
    ck_assert_int_eq(sw_sock_recv(sock, text, 2), 5);
    ck_assert_str_eq(text, "he");
    ck_assert_int_eq(sw_sock_recv(sock, text, 2), -EAGAIN);
    teardown();
}
END_TEST

START_TEST(an_empty_datagram_is_delivered__rfc768)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7);
    sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.1", 7, "", 0);
    settle();
    char text[10];
    ck_assert_int_eq(sw_sock_recv(sock, text, sizeof text), 0);
    ck_assert_int_eq(sw_sock_recv(sock, text, sizeof text), -EAGAIN);
    teardown();
}
END_TEST

/* Sends a datagram "hello" to port 7 as UDP bytes that the test has spoilt. */
static void raw(const uint8_t *udp, size_t n)
{
    struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.0.1")};
    ip.protocol = 17;
    sw_station_ip(&st, ip, NULL, 0, udp, n);
    settle();
}

static size_t hello(uint8_t *udp)
{
    return sw_test_udp(udp, sw_test_ip("10.0.0.2"), sw_test_ip("10.0.0.1"), 5000, 7, "hello", 5);
}

START_TEST(a_bad_checksum_is_dropped_silently__rfc1122_4_1_3_4)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7);
    uint8_t udp[20];
    size_t n = hello(udp);
    udp[9] ^= 0x20;
    raw(udp, n);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_UDP_CHECKSUM), 1);
    ck_assert_uint_eq(drain(sock), 0);
    teardown();
}
END_TEST

START_TEST(a_checksum_of_0_is_none__rfc1122_4_1_3_4)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7);
    uint8_t udp[20];
    size_t n = hello(udp);
    sw_put16(udp + 6, 0);
    raw(udp, n);
    ck_assert_uint_eq(drain(sock), 1);
    teardown();
}
END_TEST

START_TEST(lengths__rfc768)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7);
    uint8_t udp[20] = {0};
    size_t n = hello(udp);
    raw(udp, 7);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_UDP_SHORT), 1);
    sw_put16(udp + 4, 7);
    raw(udp, n);
    sw_put16(udp + 4, 14);
    raw(udp, n);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_UDP_LENGTH), 2);
    ck_assert_uint_eq(drain(sock), 0);
    hello(udp);
    raw(udp, n + 4); /* what is behind its length is ignored, in the checksum too */
    char text[20] = {0};
    ck_assert_int_eq(sw_sock_recv(sock, text, sizeof text), 5);
    ck_assert_str_eq(text, "hello");
    teardown();
}
END_TEST

START_TEST(the_best_fitting_socket_gets_it)
{
    setup();
    sw_test_address(eth0, "10.0.0.9/24", SW_ADDRESS_SILENT);
    struct sw_sock *bound = open_on("10.0.0.1", 7), *other = open_on("10.0.0.9", 7);
    hello_to("10.0.0.1", 5000, 7);
    ck_assert_uint_eq(drain(bound), 1);
    ck_assert_uint_eq(drain(other), 0);
    hello_to("10.0.0.9", 5000, 7);
    ck_assert_uint_eq(drain(other), 1);
    ck_assert_int_eq(sw_sock_connect(bound, sw_test_at("10.0.0.2", 6000)), 0);
    hello_to("10.0.0.1", 5000, 7); /* not from whom it is connected to */
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_UDP_NO_SOCKET), 1);
    hello_to("10.0.0.1", 6000, 7);
    ck_assert_uint_eq(drain(bound), 1);
    sw_frame_drop(sw_station_take(&st));
    teardown();
}
END_TEST

START_TEST(a_broadcast_reaches_every_socket_that_fits__rfc1122_3_3_6)
{
    setup();
    struct sw_sock *any = open_on(NULL, 7), *bound = open_on("10.0.0.1", 8);
    hello_to("10.0.0.255", 5000, 7);
    hello_to("255.255.255.255", 5000, 8); /* that one listens to its own address only */
    ck_assert_uint_eq(drain(any), 1);
    ck_assert_uint_eq(drain(bound), 0);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_UDP_NO_SOCKET), 1);
    sw_station_quiet(&st);
    teardown();
}
END_TEST

START_TEST(the_receive_queue_is_bounded_in_bytes_overhead_included)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7);
    ck_assert_int_eq(sw_sock_set(sock, SW_OPT_RECEIVE_BUFFER, 4096), 0);
    for (unsigned i = 0; i < 100; i++) {
        sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.1", 7, "", 0);
    }
    settle();
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_UDP_QUEUE_FULL), 36); /* 4096 / 64 fit */
    ck_assert_uint_eq(drain(sock), 64);
    sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.1", 7, NULL, 1400);
    sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.1", 7, NULL, 1400);
    sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.255", 7, NULL, 1400); /* a broadcast too */
    settle();
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_UDP_QUEUE_FULL), 37);
    ck_assert_uint_eq(drain(sock), 2);
    teardown();
}
END_TEST

/* ---- out ---- */

START_TEST(a_datagram_goes_out_with_its_checksum__rfc1122_4_1_3_4)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7);
    static const size_t lengths[] = {0, 1, 5, 120, 121, 1472};
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t n = lengths[i];
        uint8_t text[1472], bytes[1600], expected[1600];
        for (size_t k = 0; k < n; k++) {
            text[k] = (uint8_t)k;
        }
        ck_assert_int_eq(sw_sock_send_to(sock, text, n, sw_test_at("10.0.0.2", 9)), (int64_t)n);
        settle();
        struct sw_frame *frame = sw_station_take(&st);
        ck_assert_ptr_nonnull(frame);
        ck_assert_uint_eq(frame->len, 42 + n);
        sw_frame_copy_out(frame, bytes);
        sw_frame_drop(frame);
        sw_test_udp(expected, sw_test_ip("10.0.0.1"), sw_test_ip("10.0.0.2"), 7, 9, NULL, n);
        ck_assert_mem_eq(bytes + 34, expected, 8 + n);
    }
    teardown();
}
END_TEST

START_TEST(a_checksum_that_computes_to_0_is_sent_as_ffff__rfc1122_4_1_3_4)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7);
    uint8_t bytes[100], text[2] = {0, 0};
    sw_test_udp(bytes, sw_test_ip("10.0.0.1"), sw_test_ip("10.0.0.2"), 7, 9, text, 2);
    memcpy(text, bytes + 6, 2); /* text equal to the checksum makes the sum 0xffff */
    ck_assert_int_eq(sw_sock_send_to(sock, text, 2, sw_test_at("10.0.0.2", 9)), 2);
    settle();
    struct sw_frame *frame = sw_station_take(&st);
    sw_frame_copy_out(frame, bytes);
    sw_frame_drop(frame);
    ck_assert_uint_eq(sw_get16(bytes + 40), 0xffff);
    teardown();
}
END_TEST

START_TEST(ttl_and_tos_and_df_can_be_set__rfc1122_4_1_4)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7);
    int64_t value = 0;
    ck_assert_int_eq(sw_sock_get(sock, SW_OPT_TTL, &value), 0);
    ck_assert_int_eq(value, 64);
    ck_assert_int_eq(sw_sock_set(sock, SW_OPT_TTL, 3), 0);
    ck_assert_int_eq(sw_sock_set(sock, SW_OPT_TOS, 0x10), 0);
    ck_assert_int_eq(sw_sock_set(sock, SW_OPT_DONT_FRAGMENT, 1), 0);
    ck_assert_int_eq(sw_sock_get(sock, SW_OPT_TTL, &value), 0);
    ck_assert_int_eq(value, 3);
    ck_assert_int_eq(sw_sock_get(sock, SW_OPT_TOS, &value), 0);
    ck_assert_int_eq(value, 0x10);
    ck_assert_int_eq(sw_sock_get(sock, SW_OPT_DONT_FRAGMENT, &value), 0);
    ck_assert_int_eq(value, 1);
    ck_assert_int_eq(sw_sock_get(sock, SW_OPT_RECEIVE_BUFFER, &value), 0);
    ck_assert_int_eq(value, 256 << 10);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.0.0.2", 9)), 1);
    uint8_t text[1473] = {0};
    ck_assert_int_eq(sw_sock_send_to(sock, text, 1473, sw_test_at("10.0.0.2", 9)), -EMSGSIZE);
    settle();
    sw_station_expect(&st, 0, "10.0.0.1:7 > 10.0.0.2:9 ttl 3 tos 0x10 udp len 1");
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_IP_TOO_BIG), 1);
    static const struct {
        enum sw_sock_option option;
        int64_t value;
    } bad[] = {{SW_OPT_TTL, 0},
               {SW_OPT_TTL, 256},
               {SW_OPT_TOS, 256},
               {SW_OPT_TOS, -1},
               {SW_OPT_NODELAY, 1},
               {SW_OPT_DONT_FRAGMENT, 2},
               {SW_OPT_RECEIVE_BUFFER, 4095},
               {SW_OPT_RECEIVE_BUFFER, (64 << 20) + 1}};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(sw_sock_set(sock, bad[i].option, bad[i].value), -EINVAL);
    }
    ck_assert_int_eq(sw_sock_get(sock, SW_OPT_NODELAY, &value), -EINVAL);
    teardown();
}
END_TEST

START_TEST(a_datagram_can_be_sent_from_each_address_of_ours__rfc1122_4_1_3_5)
{
    setup();
    sw_test_address(eth0, "10.0.0.9/24", SW_ADDRESS_SILENT);
    struct sw_sock *any = open_on(NULL, 7), *bound = open_on("10.0.0.1", 8);
    const struct sw_endpoint to = sw_test_at("10.0.0.2", 9), none = {0};
    ck_assert_int_eq(sw_sock_send_between(any, "x", 1, sw_test_at("10.0.0.9", 0), to), 1);
    ck_assert_int_eq(sw_sock_send_between(any, "x", 1, sw_test_at("10.0.0.1", 7), to), 1);
    ck_assert_int_eq(sw_sock_send_between(any, "x", 1, none, to), 1);
    ck_assert_int_eq(sw_sock_send_between(bound, "x", 1, none, to), 1);
    settle();
    sw_station_expect(&st, 0, "10.0.0.9:7 > 10.0.0.2:9 udp len 1");
    sw_station_expect(&st, 0, "10.0.0.1:7 > 10.0.0.2:9 udp len 1");
    sw_station_expect(&st, 0, "10.0.0.1:7 > 10.0.0.2:9 udp len 1");
    sw_station_expect(&st, 0, "10.0.0.1:8 > 10.0.0.2:9 udp len 1");
    static const struct {
        const char *ip;
        uint16_t port;
        int error;
    } bad[] = {{"10.0.0.2", 0, -EADDRNOTAVAIL},
               {"10.0.0.255", 0, -EADDRNOTAVAIL},
               {"10.0.0.9", 8, -EINVAL},
               {"127.0.0.1", 0, -ENETUNREACH}};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct sw_endpoint from = sw_test_at(bad[i].ip, bad[i].port);
        ck_assert_int_eq(sw_sock_send_between(any, "x", 1, from, to), bad[i].error);
    }
    ck_assert_int_eq(sw_sock_send_between(bound, "x", 1, sw_test_at("10.0.0.9", 0), to), -EINVAL);
    teardown();
}
END_TEST

START_TEST(a_broadcast_can_be_sent)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.0.0.255", 9)), 1);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("255.255.255.255", 9)), 1);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("239.129.2.3", 9)), 1);
    settle();
    static const uint8_t all[6] = {255, 255, 255, 255, 255, 255}, group[6] = {1, 0, 0x5e, 1, 2, 3};
    for (unsigned i = 0; i < 3; i++) {
        struct sw_frame *frame = sw_station_take(&st);
        ck_assert_ptr_nonnull(frame);
        ck_assert_mem_eq(sw_frame_head(frame), i < 2 ? all : group, 6);
        sw_frame_drop(frame);
    }
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("10.0.0.255", 9)), -EINVAL);
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("224.0.0.1", 9)), -EINVAL);
    teardown();
}
END_TEST

START_TEST(what_cannot_be_sent_says_why)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7);
    uint8_t *text = calloc(1, 65508);
    ck_assert_int_eq(sw_sock_send_to(sock, text, 65508, sw_test_at("10.0.0.2", 9)), -EMSGSIZE);
    free(text);
    ck_assert_int_eq(sw_sock_send(sock, "x", 1), -ENOTCONN);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.0.0.2", 0)), -EINVAL);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, (struct sw_endpoint){.port = 9}), -EINVAL);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("192.168.1.1", 9)), -ENETUNREACH);
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("192.168.1.1", 9)), -ENETUNREACH);
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("10.0.0.2", 0)), -EINVAL);
    ck_assert_int_eq(sw_sock_listen(sock, 1), -EINVAL);
    struct sw_sock *none;
    ck_assert_int_eq(sw_sock_accept(&none, sock, NULL, NULL), -EINVAL);
    ck_assert_int_eq(sw_sock_shutdown(sock), -EINVAL);
    void *at;
    const void *read_at;
    size_t n;
    ck_assert_int_eq(sw_sock_reserve(sock, &at, &n), -EINVAL);
    ck_assert_int_eq(sw_sock_commit(sock, 1), -EINVAL);
    ck_assert_int_eq(sw_sock_peek(sock, &read_at, &n), -EINVAL);
    ck_assert_int_eq(sw_sock_consume(sock, 1), -EINVAL);
    teardown();
}
END_TEST

START_TEST(a_full_lane_makes_the_sender_wait_and_tells_it_when_there_is_room)
{
    sw_test_env_init(&world, 1);
    host = sw_test_host(&world, &eth0);
    struct sw_test_port far;
    sw_test_port_init(&far, &world, "far");
    struct sw_link link;
    const struct sw_lane_config slow = {.rate_bps = 1000000, .queue_frames = 100};
    ck_assert_int_eq(
        sw_link_init(&link, &world.env, sw_nic_port(eth0), &far.port, "a", "b", &slow, &slow), 0);
    told[0] = '\0';
    struct sw_sock *sock = open_on(NULL, 7);
    sw_sock_set_callback(sock, tell, "1");
    struct sw_sock *second = open_on(NULL, 8);
    sw_sock_set_callback(second, tell, "2");
    struct sw_sock *closed = open_on(NULL, 9);
    uint8_t text[1400] = {0};
    unsigned sent = 0;
    while (sw_sock_send_to(sock, text, sizeof text, sw_test_at("10.0.0.255", 9)) > 0) {
        sent++;
        ck_assert_uint_lt(sent, 10);
    }
    ck_assert_int_eq(sw_sock_send_to(closed, "x", 1, sw_test_at("10.0.0.255", 9)), -EAGAIN);
    ck_assert_int_eq(sw_sock_send_to(second, "x", 1, sw_test_at("10.0.0.255", 9)), -EAGAIN);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.0.0.255", 9)), -EAGAIN);
    sw_sock_close(closed);
    sw_test_run(&world, SW_S);
    ck_assert_str_eq(told, "w1w2");
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.0.0.255", 9)), 1);
    sw_test_run(&world, 2 * SW_S);
    ck_assert_uint_eq(far.count, sent + 1);
    sw_link_fini(&link);
    sw_test_port_fini(&far);
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}
END_TEST

/* ---- ports ---- */

START_TEST(who_may_bind_what)
{
    setup();
    sw_test_address(eth0, "10.0.0.9/24", SW_ADDRESS_SILENT);
    struct sw_sock *sock = open_on("10.0.0.1", 7);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 8}), -EINVAL);
    ck_assert_int_eq(bind_to("10.0.0.1", 7), -EADDRINUSE);
    ck_assert_int_eq(bind_to(NULL, 7), -EADDRINUSE);
    ck_assert_int_eq(bind_to("10.0.0.9", 7), 0);
    ck_assert_int_eq(bind_to("127.0.0.1", 7), 0);
    ck_assert_int_eq(bind_to("10.0.0.2", 8), -EADDRNOTAVAIL);
    sw_sock_close(sock);
    ck_assert_int_eq(bind_to(NULL, 7), 0);
    struct sw_sock *v6;
    ck_assert_int_eq(sw_sock_open(&v6, host, SW_UDP, NULL, NULL), 0);
    struct sw_endpoint at6 = {.ip = {.family = SW_IPV6}};
    ck_assert_int_eq(sw_sock_bind(v6, at6), -EINVAL);
    ck_assert_int_eq(sw_sock_connect(v6, at6), -EINVAL);
    teardown();
}
END_TEST

START_TEST(chosen_ports_are_drawn_and_all_different__rfc6056)
{
    setup();
    bool seen[65536] = {false};
    unsigned in_a_row = 0;
    uint16_t last = 0;
    for (unsigned i = 0; i < 2000; i++) {
        struct sw_sock *sock = open_on(NULL, 0);
        uint16_t port = sw_sock_local(sock).port;
        ck_assert_uint_ge(port, 32768);
        ck_assert(!seen[port]);
        seen[port] = true;
        in_a_row += port == (uint16_t)(last + 1);
        last = port;
    }
    ck_assert_uint_lt(in_a_row, 20);
    teardown();
}
END_TEST

START_TEST(when_no_port_is_left_binding_fails)
{
    setup();
    for (unsigned i = 0; i < SW_DGRAM_PORTS; i++) {
        open_on("10.0.0.1", (uint16_t)(SW_DGRAM_PORT_FIRST + i));
    }
    ck_assert_int_eq(bind_to("10.0.0.1", 0), -EADDRINUSE);
    struct sw_sock *sock;
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("10.0.0.2", 7)), -EADDRNOTAVAIL);
    ck_assert_int_eq(bind_to("127.0.0.1", 0), 0);
    teardown();
}
END_TEST

START_TEST(a_connected_socket_knows_both_ends)
{
    setup();
    struct sw_sock *sock;
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, tell, NULL), 0);
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("10.0.0.2", 9)), 0);
    ck_assert_uint_eq(sw_ip_v4_number(sw_sock_local(sock).ip), sw_test_ip("10.0.0.1"));
    ck_assert_uint_ge(sw_sock_local(sock).port, 32768);
    ck_assert_uint_eq(sw_sock_remote(sock).port, 9);
    ck_assert_int_eq(sw_sock_send(sock, "abc", 3), 3);
    settle();
    struct sw_sock_info info;
    sw_sock_info(sock, &info);
    ck_assert_str_eq(info.state, "OPEN");
    ck_assert_uint_eq(info.segments_out, 1);
    sw_frame_drop(sw_station_take(&st));
    teardown();
}
END_TEST

START_TEST(a_connected_socket_hears_that_its_port_is_unreachable__rfc1122_4_1_3_3)
{
    setup();
    struct sw_sock *sock = open_on(NULL, 7), *bystander = open_on(NULL, 8);
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("10.0.0.2", 9)), 0);
    ck_assert_int_eq(sw_sock_send(sock, "abc", 3), 3);
    settle();
    struct sw_frame *frame = sw_station_take(&st);
    uint8_t error[600], quote[60];
    sw_frame_copy_out(frame, quote);
    size_t n = sw_test_icmp(error, 3, 3, 0, 0, quote + 14, frame->len - 14);
    sw_frame_drop(frame);
    struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.0.1")};
    ip.protocol = 1;
    sw_station_ip(&st, ip, NULL, 0, error, n);
    settle();
    ck_assert_str_eq(told, "e");
    char text[4];
    ck_assert_int_eq(sw_sock_recv(sock, text, sizeof text), -ECONNREFUSED);
    ck_assert_int_eq(sw_sock_recv(sock, text, sizeof text), -EAGAIN);
    ck_assert_int_eq(sw_sock_error(bystander), 0);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("udp");
    TCase *in = tcase_create("in");
    tcase_add_test(in, a_datagram_arrives_with_its_sender);
    tcase_add_test(in, a_datagram_tells_which_address_it_came_to__rfc1122_4_1_3_5);
    tcase_add_test(in, a_datagram_is_cut_to_the_readers_room_but_tells_its_length);
    tcase_add_test(in, an_empty_datagram_is_delivered__rfc768);
    tcase_add_test(in, a_bad_checksum_is_dropped_silently__rfc1122_4_1_3_4);
    tcase_add_test(in, a_checksum_of_0_is_none__rfc1122_4_1_3_4);
    tcase_add_test(in, lengths__rfc768);
    tcase_add_test(in, the_best_fitting_socket_gets_it);
    tcase_add_test(in, a_broadcast_reaches_every_socket_that_fits__rfc1122_3_3_6);
    tcase_add_test(in, the_receive_queue_is_bounded_in_bytes_overhead_included);
    suite_add_tcase(suite, in);
    TCase *out = tcase_create("out");
    tcase_add_test(out, a_datagram_goes_out_with_its_checksum__rfc1122_4_1_3_4);
    tcase_add_test(out, a_checksum_that_computes_to_0_is_sent_as_ffff__rfc1122_4_1_3_4);
    tcase_add_test(out, ttl_and_tos_and_df_can_be_set__rfc1122_4_1_4);
    tcase_add_test(out, a_datagram_can_be_sent_from_each_address_of_ours__rfc1122_4_1_3_5);
    tcase_add_test(out, a_broadcast_can_be_sent);
    tcase_add_test(out, what_cannot_be_sent_says_why);
    tcase_add_test(out, a_full_lane_makes_the_sender_wait_and_tells_it_when_there_is_room);
    suite_add_tcase(suite, out);
    TCase *ports = tcase_create("ports");
    tcase_add_test(ports, who_may_bind_what);
    tcase_add_test(ports, chosen_ports_are_drawn_and_all_different__rfc6056);
    tcase_add_test(ports, when_no_port_is_left_binding_fails);
    tcase_add_test(ports, a_connected_socket_knows_both_ends);
    tcase_add_test(ports, a_connected_socket_hears_that_its_port_is_unreachable__rfc1122_4_1_3_3);
    tcase_set_timeout(ports, 60);
    suite_add_tcase(suite, ports);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
