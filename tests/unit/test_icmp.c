/* ICMP: the echo server, errors out, errors in (stack/icmp.c). The host is 10.0.0.1/24, the
 * station 10.0.0.2. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/impl.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "stack/wire/icmp.h"
#include "tests/support/stack_station.h"

static struct sw_test_env world;
static struct sw_host *host;
static struct sw_nic *eth0;
static struct sw_station st;

static void settle(void)
{
    sw_test_run(&world, sw_clock_now(world.env.clock));
}

static void setup(void)
{
    sw_test_env_init(&world, 1);
    host = sw_test_host(&world, &eth0);
    sw_station_init(&st, &world, eth0, 2);
    sw_station_arp(&st, st.to, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.1"); /* so that it is known */
    settle();
    sw_frame_drop(sw_station_take(&st));
}

static void teardown(void)
{
    sw_station_fini(&st);
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}

static void icmp_from(const char *src, const char *dst, uint8_t type, uint8_t code,
                      uint16_t sequence, const void *text, size_t n)
{
    uint8_t bytes[600];
    struct sw_ipv4 ip = {.src = sw_test_ip(src), .dst = sw_test_ip(dst), .protocol = 1};
    size_t len = sw_test_icmp(bytes, type, code, 0, sequence, text, n);
    sw_station_ip(&st, ip, NULL, 0, bytes, len);
    settle();
}

/* ---- echo ---- */

START_TEST(a_request_is_answered_with_its_own_text__rfc792)
{
    setup();
    sw_station_echo(&st, "10.0.0.2", "10.0.0.1", 77, 5, 1400);
    settle();
    struct sw_frame *frame = sw_station_take(&st);
    ck_assert_ptr_nonnull(frame);
    uint8_t bytes[1600];
    ck_assert_uint_eq(frame->len, 14 + 20 + 8 + 1400);
    sw_frame_copy_out(frame, bytes);
    sw_frame_drop(frame);
    ck_assert_uint_eq(bytes[34], SW_ICMP_ECHO_REPLY);
    ck_assert_uint_eq(sw_get16(bytes + 38), 77);
    ck_assert_uint_eq(sw_get16(bytes + 40), 5);
    ck_assert_uint_eq(sw_checksum(bytes + 34, 1408), 0);
    ck_assert_uint_eq(sw_get32(bytes + 26), sw_test_ip("10.0.0.1")); /* from who was asked */
    for (unsigned i = 0; i < 1400; i++) {
        ck_assert_uint_eq(bytes[42 + i], (uint8_t)i);
    }
    teardown();
}
END_TEST

START_TEST(padding_does_not_come_back)
{
    setup();
    sw_station_echo(&st, "10.0.0.2", "10.0.0.1", 1, 1, 3); /* padded to 60 bytes */
    settle();
    sw_station_expect(&st, 0, "10.0.0.1 > 10.0.0.2 icmp echo reply id 1 seq 1 len 3");
    teardown();
}
END_TEST

START_TEST(a_reply_has_the_tos_of_its_request__rfc1349_5_1)
{
    setup();
    uint8_t bytes[8];
    struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.0.1")};
    ip.protocol = 1;
    ip.tos = 0x28;
    sw_station_ip(&st, ip, NULL, 0, bytes, sw_test_icmp(bytes, SW_ICMP_ECHO, 0, 1, 2, NULL, 0));
    settle();
    sw_station_expect(&st, 0, "10.0.0.1 > 10.0.0.2 tos 0x28 icmp echo reply id 1 seq 2 len 0");
    teardown();
}
END_TEST

START_TEST(a_request_to_all_is_not_answered__rfc1122_3_2_2_6)
{
    setup();
    sw_station_echo(&st, "10.0.0.2", "10.0.0.255", 1, 1, 8);
    sw_station_echo(&st, "10.0.0.2", "255.255.255.255", 1, 1, 8);
    settle();
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ICMP_BROADCAST), 2);
    teardown();
}
END_TEST

START_TEST(broken_messages_are_dropped__rfc1122_3_2_2)
{
    setup();
    struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.0.1")};
    ip.protocol = 1;
    uint8_t bytes[16];
    size_t n = sw_test_icmp(bytes, SW_ICMP_ECHO, 0, 1, 2, NULL, 8);
    sw_station_ip(&st, ip, NULL, 0, bytes, 7);
    bytes[9] ^= 1;
    sw_station_ip(&st, ip, NULL, 0, bytes, n);
    settle();
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ICMP_SHORT), 1);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ICMP_CHECKSUM), 1);
    teardown();
}
END_TEST

START_TEST(unknown_types_are_dropped_silently__rfc1122_3_2_2)
{
    setup();
    static const uint8_t types[] = {1, 2, 4, 5, 9, 10, 13, 15, 17, 30, 255};
    for (unsigned i = 0; i < sizeof types; i++) {
        icmp_from("10.0.0.2", "10.0.0.1", types[i], 0, 0, NULL, 28);
    }
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ICMP_TYPE), sizeof types);
    teardown();
}
END_TEST

START_TEST(a_reply_that_nobody_waits_for_is_dropped)
{
    setup();
    icmp_from("10.0.0.2", "10.0.0.1", SW_ICMP_ECHO_REPLY, 0, 1, NULL, 8);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ICMP_NO_USER), 1);
    teardown();
}
END_TEST

/* ---- errors out ---- */

START_TEST(a_udp_port_without_socket_is_unreachable__rfc1122_3_2_2_1)
{
    setup();
    sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.1", 9, "hello", 5);
    settle();
    sw_station_expect(&st, 0,
                      "10.0.0.1 > 10.0.0.2 icmp unreachable port (10.0.0.2:5000 > 10.0.0.1:9 udp)");
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_UDP_NO_SOCKET), 1);
    teardown();
}
END_TEST

START_TEST(an_error_quotes_the_packet_as_it_came_up_to_576_bytes__rfc1812_4_3_2_3)
{
    setup();
    sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.1", 9, NULL, _i == 0 ? 10 : 1000);
    settle();
    struct sw_frame *frame = sw_station_take(&st);
    ck_assert_ptr_nonnull(frame);
    uint8_t bytes[700];
    sw_frame_copy_out(frame, bytes);
    ck_assert_uint_eq(frame->len, 14 + (_i == 0 ? 20 + 8 + 20 + 8 + 10 : 576));
    size_t quoted = frame->len - 42;
    sw_frame_drop(frame);
    ck_assert_uint_eq(bytes[15], 0);                   /* TOS 0: rfc1122 3.2.2 */
    ck_assert_uint_eq(bytes[42 + 8], 64);              /* the TTL as received */
    ck_assert_uint_eq(sw_checksum(bytes + 42, 20), 0); /* and the checksum */
    ck_assert_uint_eq(sw_get16(bytes + 42 + 20 + 2), 9);
    for (size_t i = 28; i < quoted; i++) {
        ck_assert_uint_eq(bytes[42 + i], (uint8_t)(i - 28));
    }
    ck_assert_uint_eq(sw_checksum(bytes + 34, quoted + 8), 0);
    teardown();
}
END_TEST

START_TEST(never_about_an_icmp_error__rfc1122_3_2_2)
{
    setup();
    /* An error that quotes nothing of ours, in a protocol that is ours to complain about. */
    icmp_from("10.0.0.2", "10.0.0.1", SW_ICMP_UNREACHABLE, SW_ICMP_PORT, 0, NULL, 28);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ICMP_QUOTE), 1);
    sw_station_quiet(&st);
    teardown();
}
END_TEST

START_TEST(never_about_a_broadcast__rfc1122_3_2_2)
{
    setup();
    sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.255", 9, "hello", 5);
    st.to = sw_mac_broadcast;
    sw_station_udp(&st, "10.0.0.2", 5000, "255.255.255.255", 9, "hello", 5);
    settle();
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_UDP_NO_SOCKET), 2);
    struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.0.255")};
    ip.protocol = 99; /* of which one who was asked alone would be told */
    sw_station_ip(&st, ip, NULL, 0, (const uint8_t *)"12345678", 8);
    settle();
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_IP_PROTOCOL), 1);
    sw_station_quiet(&st);
    teardown();
}
END_TEST

START_TEST(errors_are_limited_to_a_burst_of_50_and_one_a_millisecond__rfc1812_4_3_2_8)
{
    setup();
    sw_test_run(&world, SW_S);
    for (unsigned i = 0; i < 60; i++) {
        sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.1", 9, "x", 1);
    }
    settle();
    ck_assert_uint_eq(st.count, 50);
    struct sw_host_stats stats;
    sw_host_stats(host, &stats);
    ck_assert_uint_eq(stats.icmp_limited, 10);
    sw_test_run(&world, SW_S + 3 * SW_MS);
    for (unsigned i = 0; i < 60; i++) {
        sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.1", 9, "x", 1);
    }
    settle();
    ck_assert_uint_eq(st.count, 53);
    sw_test_run(&world, 2 * SW_S);
    for (unsigned i = 0; i < 60; i++) {
        sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.1", 9, "x", 1);
    }
    settle();
    ck_assert_uint_eq(st.count, 103);
    while (st.count > 0) {
        sw_frame_drop(sw_station_take(&st));
    }
    teardown();
}
END_TEST

/* ---- errors in ---- */

/* Quotes a datagram from port 5000 of the host to 10.0.0.9:7 in an error. */
static void error_about(struct sw_ipv4 ip, uint16_t src_port, uint8_t type, uint8_t code,
                        size_t quoted)
{
    uint8_t quote[60] = {0};
    ip.header_bytes = 20;
    ip.total_bytes = 100; /* of the whole, not of the quote */
    ip.ttl = 60;
    sw_ipv4_emit(&ip, quote);
    sw_put16(quote + 20, src_port);
    sw_put16(quote + 22, 7);
    icmp_from("10.0.0.7", "10.0.0.1", type, code, 1400, quote, quoted);
}

static struct sw_ipv4 ours(void)
{
    return (struct sw_ipv4){
        .src = sw_test_ip("10.0.0.1"), .dst = sw_test_ip("10.0.0.9"), .protocol = 17};
}

static struct sw_sock *connected(void)
{
    struct sw_sock *sock;
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 5000}), 0);
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("10.0.0.9", 7)), 0);
    return sock;
}

struct meaning {
    uint8_t type, code;
    int error;
};

static const struct meaning meanings[] = {
    {3, 0, -ENETUNREACH},   {3, 1, -EHOSTUNREACH},  {3, 2, -ECONNREFUSED},  {3, 3, -ECONNREFUSED},
    {3, 4, -EMSGSIZE},      {3, 5, -EHOSTUNREACH},  {3, 13, -EHOSTUNREACH}, {3, 200, 0},
    {11, 0, -EHOSTUNREACH}, {11, 1, -EHOSTUNREACH}, {12, 0, -EPROTO}};

START_TEST(an_error_reaches_the_socket_that_caused_it__rfc1122_4_1_3_3)
{
    setup();
    struct sw_sock *sock = connected();
    const struct meaning *m = &meanings[_i];
    error_about(ours(), 5000, m->type, m->code, 28);
    ck_assert_int_eq(sw_sock_error(sock), m->error);
    ck_assert_int_eq(sw_sock_error(sock), 0); /* handed out once */
    ck_assert_int_eq(sw_icmp_errno(m->type, m->code), m->error);
    teardown();
}
END_TEST

START_TEST(an_error_about_what_we_did_not_send_is_dropped)
{
    setup();
    struct sw_sock *sock = connected();
    struct sw_ipv4 other = ours();
    other.src = sw_test_ip("10.0.0.5");
    error_about(other, 5000, 3, 3, 28); /* another's packet */
    other = ours();
    other.offset_bytes = 8;
    error_about(other, 5000, 3, 3, 28);  /* a later fragment: there are no ports */
    error_about(ours(), 5000, 3, 3, 27); /* not even 8 bytes of the transport */
    error_about(ours(), 5000, 3, 3, 19);
    error_about(ours(), 5000, 3, 3, 0);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ICMP_QUOTE), 5);
    error_about(ours(), 5001, 3, 3, 28); /* no such socket */
    other = ours();
    other.dst = sw_test_ip("10.0.0.8");
    error_about(other, 5000, 3, 3, 28); /* not where this one is connected to */
    ck_assert_int_eq(sw_sock_error(sock), 0);
    teardown();
}
END_TEST

START_TEST(a_partial_checksum_is_finished_in_the_quote)
{
    setup();
    uint8_t bytes[60] = {0};
    const uint32_t src = sw_test_ip("10.0.0.2"), dst = sw_test_ip("10.0.0.1");
    const struct sw_eth eth = {.dst = st.to, .src = st.mac, .type = SW_ETH_IPV4};
    struct sw_ipv4 ip = {.header_bytes = 20, .ttl = 64, .protocol = 17, .src = src, .dst = dst};
    sw_eth_emit(&eth, bytes);
    size_t n = sw_test_udp(bytes + 34, src, dst, 5000, 9, "hello", 5);
    uint16_t right = sw_get16(bytes + 40);
    ip.total_bytes = (uint16_t)(20 + n);
    sw_ipv4_emit(&ip, bytes + 14);
    sw_put16(bytes + 40, sw_sum_fold(sw_sum_pseudo_v4(src, dst, 17, (uint32_t)n)));
    struct sw_frame *frame = sw_frame_from_bytes(world.env.pool, bytes, 34 + n, 34 + n);
    frame->csum = SW_CSUM_PARTIAL;
    frame->csum_start = 34;
    frame->csum_offset = 6;
    sw_station_send(&st, frame);
    settle();
    frame = sw_station_take(&st);
    ck_assert_ptr_nonnull(frame);
    uint8_t error[100];
    sw_frame_copy_out(frame, error);
    sw_frame_drop(frame);
    ck_assert_uint_eq(sw_get16(error + 42 + 20 + 6), right);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("icmp");
    TCase *echo = tcase_create("echo");
    tcase_add_test(echo, a_request_is_answered_with_its_own_text__rfc792);
    tcase_add_test(echo, padding_does_not_come_back);
    tcase_add_test(echo, a_reply_has_the_tos_of_its_request__rfc1349_5_1);
    tcase_add_test(echo, a_request_to_all_is_not_answered__rfc1122_3_2_2_6);
    tcase_add_test(echo, broken_messages_are_dropped__rfc1122_3_2_2);
    tcase_add_test(echo, unknown_types_are_dropped_silently__rfc1122_3_2_2);
    tcase_add_test(echo, a_reply_that_nobody_waits_for_is_dropped);
    suite_add_tcase(suite, echo);
    TCase *out = tcase_create("errors out");
    tcase_add_test(out, a_udp_port_without_socket_is_unreachable__rfc1122_3_2_2_1);
    tcase_add_loop_test(out, an_error_quotes_the_packet_as_it_came_up_to_576_bytes__rfc1812_4_3_2_3,
                        0, 2);
    tcase_add_test(out, never_about_an_icmp_error__rfc1122_3_2_2);
    tcase_add_test(out, never_about_a_broadcast__rfc1122_3_2_2);
    tcase_add_test(out, errors_are_limited_to_a_burst_of_50_and_one_a_millisecond__rfc1812_4_3_2_8);
    suite_add_tcase(suite, out);
    TCase *in = tcase_create("errors in");
    tcase_add_loop_test(in, an_error_reaches_the_socket_that_caused_it__rfc1122_4_1_3_3, 0,
                        (int)(sizeof meanings / sizeof meanings[0]));
    tcase_add_test(in, an_error_about_what_we_did_not_send_is_dropped);
    tcase_add_test(out, a_partial_checksum_is_finished_in_the_quote);
    suite_add_tcase(suite, in);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
