/* What a host takes from the wire, and what it drops (stack/ip_input.c, the Ethernet part of
 * stack/host.c). The host is 10.0.0.1/24, the station 10.0.0.2. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "stack/wire/eth.h"
#include "tests/support/stack_station.h"

static struct sw_test_env world;
static struct sw_host *host;
static struct sw_nic *eth0;
static struct sw_station st;
static struct sw_sock *sock; /* UDP, port 7 */

static void setup(void)
{
    sw_test_env_init(&world, 1);
    host = sw_test_host(&world, &eth0);
    sw_station_init(&st, &world, eth0, 2);
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 7}), 0);
}

static void teardown(void)
{
    sw_station_fini(&st);
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}

static void settle(void)
{
    sw_test_run(&world, sw_clock_now(world.env.clock));
}

/* A datagram "hello" to port 7 in a frame of its own, to be spoilt; returns its length. */
static size_t hello(uint8_t bytes[100])
{
    const struct sw_eth eth = {.dst = st.to, .src = st.mac, .type = SW_ETH_IPV4};
    struct sw_ipv4 ip = {.header_bytes = 20, .ttl = 64, .protocol = 17};
    ip.src = sw_test_ip("10.0.0.2");
    ip.dst = sw_test_ip("10.0.0.1");
    memset(bytes, 0, 100);
    sw_eth_emit(&eth, bytes);
    size_t n = sw_test_udp(bytes + 34, ip.src, ip.dst, 5000, 7, "hello", 5);
    ip.total_bytes = (uint16_t)(20 + n);
    sw_ipv4_emit(&ip, bytes + 14);
    return 34 + n;
}

static bool got_hello(void)
{
    char text[10] = {0};
    return sw_sock_recv(sock, text, sizeof text) == 5 && strcmp(text, "hello") == 0;
}

static void drops(const uint8_t *bytes, size_t n, enum sw_drop reason)
{
    uint64_t before = sw_test_dropped(host, reason);
    sw_station_bytes(&st, bytes, n);
    settle();
    ck_assert_msg(sw_test_dropped(host, reason) == before + 1, "not dropped as %s",
                  sw_drop_name(reason));
    ck_assert(!got_hello());
    sw_station_quiet(&st);
}

/* Puts the header checksum right again. */
static void mend(uint8_t *bytes)
{
    size_t n = (size_t)(bytes[14] & 15) * 4;
    sw_put16(bytes + 24, 0);
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i += 2) {
        sum += sw_get16(bytes + 14 + i);
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sw_put16(bytes + 24, (uint16_t)~sum);
}

/* ---- Ethernet ---- */

START_TEST(a_datagram_for_us_arrives)
{
    setup();
    uint8_t bytes[100];
    sw_station_bytes(&st, bytes, hello(bytes));
    settle();
    ck_assert(got_hello());
    teardown();
}
END_TEST

START_TEST(padding_is_ignored__rfc791_3_1)
{
    setup();
    uint8_t bytes[100];
    hello(bytes);
    memset(bytes + 47, 0xee, 53);
    sw_station_bytes(&st, bytes, 60);
    sw_station_bytes(&st, bytes, 100);
    settle();
    ck_assert(got_hello());
    ck_assert(got_hello());
    teardown();
}
END_TEST

START_TEST(frames_that_are_none_are_dropped)
{
    setup();
    uint8_t bytes[100];
    size_t n = hello(bytes);
    drops(bytes, 13, SW_DROP_ETH_SHORT);
    drops(bytes, 1, SW_DROP_ETH_SHORT);
    bytes[6] |= 1;
    drops(bytes, n, SW_DROP_ETH_GROUP_SOURCE);
    n = hello(bytes);
    bytes[5] = 9; /* another's MAC */
    drops(bytes, n, SW_DROP_ETH_NOT_FOR_US);
    n = hello(bytes);
    memcpy(bytes, "\x01\x00\x5e\x00\x00\x01", 6); /* a group that we have not joined */
    drops(bytes, n, SW_DROP_ETH_NOT_FOR_US);
    n = hello(bytes);
    sw_put16(bytes + 12, 0x86dd);
    drops(bytes, n, SW_DROP_ETH_TYPE);
    sw_put16(bytes + 12, 60); /* an 802.3 length: rfc1122 2.3.3 */
    drops(bytes, n, SW_DROP_ETH_TYPE);
    sw_put16(bytes + 12, 0x8100);
    drops(bytes, n, SW_DROP_ETH_TAGGED);
    sw_put16(bytes + 12, 0x88a8);
    drops(bytes, n, SW_DROP_ETH_TAGGED);
    teardown();
}
END_TEST

/* ---- the header ---- */

START_TEST(version_4_only__rfc1122_3_2_1_1)
{
    setup();
    uint8_t bytes[100];
    size_t n = hello(bytes);
    for (unsigned v = 0; v < 16; v++) {
        bytes[14] = (uint8_t)(v << 4 | 5);
        mend(bytes);
        if (v != 4) {
            drops(bytes, n, SW_DROP_IP_VERSION);
        }
    }
    teardown();
}
END_TEST

START_TEST(lengths_that_cannot_be_are_dropped__rfc791_3_1)
{
    setup();
    uint8_t bytes[100];
    size_t n = hello(bytes);
    drops(bytes, 14, SW_DROP_IP_SHORT);
    drops(bytes, 33, SW_DROP_IP_SHORT);
    bytes[14] = 0x44; /* under 20 bytes */
    drops(bytes, n, SW_DROP_IP_HEADER_LENGTH);
    bytes[14] = 0x4f; /* 60 bytes, of 33 */
    drops(bytes, n, SW_DROP_IP_HEADER_LENGTH);
    hello(bytes);
    sw_put16(bytes + 16, 34); /* one more than there is */
    mend(bytes);
    drops(bytes, n, SW_DROP_IP_TOTAL_LENGTH);
    sw_put16(bytes + 16, 19);
    mend(bytes);
    drops(bytes, n, SW_DROP_IP_TOTAL_LENGTH);
    teardown();
}
END_TEST

START_TEST(a_bad_header_checksum_is_dropped__rfc1122_3_2_1_2)
{
    setup();
    uint8_t bytes[100];
    size_t n = hello(bytes);
    bytes[22]--; /* TTL */
    drops(bytes, n, SW_DROP_IP_CHECKSUM);
    teardown();
}
END_TEST

START_TEST(a_ttl_of_0_or_1_is_no_reason_when_it_is_for_us__rfc1122_3_2_1_7)
{
    setup();
    uint8_t bytes[100];
    size_t n = hello(bytes);
    bytes[22] = (uint8_t)_i;
    mend(bytes);
    sw_station_bytes(&st, bytes, n);
    settle();
    ck_assert(got_hello());
    teardown();
}
END_TEST

/* ---- addresses ---- */

static void to_from(const char *dst, const char *src, enum sw_drop reason)
{
    uint64_t before = sw_test_dropped(host, reason);
    sw_station_udp(&st, src, 5000, dst, 7, "hello", 5);
    settle();
    ck_assert_msg(sw_test_dropped(host, reason) == before + 1, "%s to %s: not %s", src, dst,
                  sw_drop_name(reason));
    ck_assert(!got_hello());
}

START_TEST(sources_that_no_packet_may_have_are_dropped__rfc1122_3_2_1_3)
{
    setup();
    static const char *const bad[] = {"0.0.0.0",   "0.1.2.3",         "127.0.0.1",  "224.0.0.1",
                                      "240.0.0.1", "255.255.255.255", "10.0.0.255", "10.0.0.1"};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        to_from("10.0.0.1", bad[i], SW_DROP_IP_SOURCE);
    }
    teardown();
}
END_TEST

START_TEST(destinations_that_are_nobodys_are_dropped__rfc1122_3_2_1_3)
{
    setup();
    to_from("127.0.0.1", "10.0.0.2", SW_DROP_IP_DESTINATION); /* never from a wire */
    to_from("0.0.0.0", "10.0.0.2", SW_DROP_IP_DESTINATION);
    to_from("240.0.0.1", "10.0.0.2", SW_DROP_IP_DESTINATION);
    teardown();
}
END_TEST

START_TEST(what_is_for_another_is_dropped__rfc1122_3_2_1_3)
{
    setup();
    to_from("10.0.0.9", "10.0.0.2", SW_DROP_IP_NOT_FOR_US);
    to_from("10.0.1.255", "10.0.0.2", SW_DROP_IP_NOT_FOR_US);
    to_from("224.0.0.9", "10.0.0.2", SW_DROP_IP_NOT_FOR_US);
    teardown();
}
END_TEST

START_TEST(broadcasts_are_for_us__rfc1122_3_3_6)
{
    setup();
    sw_station_udp(&st, "10.0.0.2", 5000, "255.255.255.255", 7, "hello", 5);
    sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.255", 7, "hello", 5);
    settle();
    ck_assert(got_hello());
    ck_assert(got_hello());
    st.to = sw_mac_broadcast;
    sw_station_udp(&st, "10.0.0.2", 5000, "10.0.0.255", 7, "hello", 5);
    settle();
    ck_assert(got_hello());
    teardown();
}
END_TEST

START_TEST(a_link_broadcast_must_be_meant_for_all__rfc1122_3_3_6)
{
    setup();
    st.to = sw_mac_broadcast;
    to_from("10.0.0.1", "10.0.0.2", SW_DROP_IP_DESTINATION);
    sw_station_quiet(&st);
    teardown();
}
END_TEST

START_TEST(an_address_is_the_hosts_on_every_interface__rfc1122_3_3_4_2)
{
    setup();
    sw_test_address(sw_test_nic(host, "eth1", 11, 0), "10.0.1.1/24", SW_ADDRESS_SILENT);
    sw_station_udp(&st, "10.0.0.2", 5000, "10.0.1.1", 7, "hello", 5);
    settle();
    ck_assert(got_hello());
    to_from("10.0.0.1", "10.0.1.1", SW_DROP_IP_SOURCE); /* but nobody else may speak from it */
    teardown();
}
END_TEST

/* ---- options ---- */

static void with_options(const char *options, size_t n)
{
    uint8_t text[32];
    struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.0.1")};
    ip.protocol = 17;
    size_t len = sw_test_udp(text, ip.src, ip.dst, 5000, 7, "hello", 5);
    sw_station_ip(&st, ip, (const uint8_t *)options, n, text, len);
    settle();
}

START_TEST(options_are_tolerated__rfc1122_3_2_1_8)
{
    setup();
    with_options("\x07\x07\x04\0\0\0\0\0", 8);          /* record route */
    with_options("\x44\x0c\x05\0\0\0\0\0\0\0\0\0", 12); /* timestamp */
    with_options("\x94\x04\0\0", 4);                    /* router alert */
    with_options("\x01\x01\x01\0", 4);
    with_options("\x5e\x04\xff\xff", 4); /* nobody knows this one */
    with_options("\0\x83\x00\x00", 4);   /* behind the end nothing counts */
    for (unsigned i = 0; i < 6; i++) {
        ck_assert(got_hello());
    }
    teardown();
}
END_TEST

START_TEST(malformed_options_are_dropped__rfc1122_3_2_1_8)
{
    setup();
    with_options("\x07\0\0\0", 4);       /* a length of 0 */
    with_options("\x07\x01\0\0", 4);     /* of 1 */
    with_options("\x07\x05\0\0", 4);     /* beyond the header */
    with_options("\x01\x01\x01\x07", 4); /* no length at all */
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_IP_OPTIONS), 4);
    ck_assert(!got_hello());
    teardown();
}
END_TEST

START_TEST(source_routes_are_refused__rfc6274_3_13_2)
{
    setup();
    with_options("\x83\x07\x04\x0a\0\0\x09\0", 8);
    with_options("\x89\x07\x04\x0a\0\0\x09\0", 8);
    with_options("\x01\x83\x07\x08\x0a\0\0\x09", 8); /* a finished one too */
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_IP_SOURCE_ROUTE), 3);
    ck_assert(!got_hello());
    teardown();
}
END_TEST

START_TEST(an_unknown_protocol_is_answered_as_unreachable__rfc1122_3_2_2_1)
{
    setup();
    sw_station_arp(&st, st.to, 1, "10.0.0.2", "10.0.0.1");
    settle();
    sw_frame_drop(sw_station_take(&st));
    struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.0.1")};
    ip.protocol = 99;
    sw_station_ip(&st, ip, NULL, 0, (const uint8_t *)"12345678", 8);
    settle();
    sw_station_expect(&st, 0,
                      "10.0.0.1 > 10.0.0.2 icmp unreachable protocol (10.0.0.2 > 10.0.0.1 "
                      "protocol 99)");
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_IP_PROTOCOL), 1);
    teardown();
}
END_TEST

START_TEST(the_ledger_counts_frames_and_bytes)
{
    setup();
    uint8_t bytes[100];
    size_t n = hello(bytes);
    sw_station_bytes(&st, bytes, n);
    sw_station_bytes(&st, bytes, 10);
    settle();
    struct sw_host_stats stats;
    sw_host_stats(host, &stats);
    ck_assert_uint_eq(stats.received, 2);
    ck_assert_uint_eq(stats.received_bytes, n + 10);
    ck_assert_uint_eq(stats.consumed, 1);
    ck_assert_uint_eq(stats.held, 0);
    ck_assert(sw_host_balanced(host));
    ck_assert(got_hello());
    teardown();
}
END_TEST

/* ---- what no transport can read ---- */

/* A SYN to port 7 in a frame of its own, with a header said to be `words` long and options; returns
 * its length. Its checksum is of no matter: the header is read first. */
static size_t segment(uint8_t bytes[100], unsigned words, const uint8_t *options, size_t n)
{
    hello(bytes);
    struct sw_ipv4 ip = {.header_bytes = 20, .ttl = 64, .protocol = 6};
    ip.src = sw_test_ip("10.0.0.2");
    ip.dst = sw_test_ip("10.0.0.1");
    ip.total_bytes = (uint16_t)(40 + n);
    sw_ipv4_emit(&ip, bytes + 14);
    memset(bytes + 34, 0, 66);
    sw_put16(bytes + 36, 7);
    bytes[34 + 12] = (uint8_t)(words << 4);
    bytes[34 + 13] = 2;
    if (n > 0) {
        memcpy(bytes + 54, options, n);
    }
    return 54 + n;
}

START_TEST(segments_that_are_none_are_dropped__rfc9293_3_1)
{
    static const uint8_t nothing[4] = {0}, no_length[4] = {1, 1, 1, 2}, zero[4] = {2, 0, 0, 0},
                         one[4] = {3, 1, 0, 0}, beyond[4] = {254, 5, 0, 0};
    uint8_t bytes[100];
    setup();
    segment(bytes, 5, NULL, 0);
    sw_put16(bytes + 16, 39); /* 19 bytes of a header of 20 */
    mend(bytes);
    drops(bytes, 53, SW_DROP_TCP_SHORT);
    sw_put16(bytes + 16, 20);
    mend(bytes);
    drops(bytes, 34, SW_DROP_TCP_SHORT);
    drops(bytes, segment(bytes, 0, NULL, 0), SW_DROP_TCP_OFFSET);
    drops(bytes, segment(bytes, 4, NULL, 0), SW_DROP_TCP_OFFSET);
    drops(bytes, segment(bytes, 7, nothing, 4), SW_DROP_TCP_OFFSET); /* 28 bytes, of 24 */
    drops(bytes, segment(bytes, 15, NULL, 0), SW_DROP_TCP_OFFSET);
    drops(bytes, segment(bytes, 6, no_length, 4), SW_DROP_TCP_OPTIONS);
    drops(bytes, segment(bytes, 6, zero, 4), SW_DROP_TCP_OPTIONS);
    drops(bytes, segment(bytes, 6, one, 4), SW_DROP_TCP_OPTIONS);
    drops(bytes, segment(bytes, 6, beyond, 4), SW_DROP_TCP_OPTIONS);
    drops(bytes, segment(bytes, 6, nothing, 4), SW_DROP_TCP_CHECKSUM); /* and this one is whole */
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ip_input");
    TCase *eth = tcase_create("ethernet");
    tcase_add_test(eth, a_datagram_for_us_arrives);
    tcase_add_test(eth, padding_is_ignored__rfc791_3_1);
    tcase_add_test(eth, frames_that_are_none_are_dropped);
    tcase_add_test(eth, segments_that_are_none_are_dropped__rfc9293_3_1);
    tcase_add_test(eth, the_ledger_counts_frames_and_bytes);
    suite_add_tcase(suite, eth);
    TCase *header = tcase_create("header");
    tcase_add_test(header, version_4_only__rfc1122_3_2_1_1);
    tcase_add_test(header, lengths_that_cannot_be_are_dropped__rfc791_3_1);
    tcase_add_test(header, a_bad_header_checksum_is_dropped__rfc1122_3_2_1_2);
    tcase_add_loop_test(header, a_ttl_of_0_or_1_is_no_reason_when_it_is_for_us__rfc1122_3_2_1_7, 0,
                        2);
    tcase_add_test(header, options_are_tolerated__rfc1122_3_2_1_8);
    tcase_add_test(header, malformed_options_are_dropped__rfc1122_3_2_1_8);
    tcase_add_test(header, source_routes_are_refused__rfc6274_3_13_2);
    tcase_add_test(header, an_unknown_protocol_is_answered_as_unreachable__rfc1122_3_2_2_1);
    suite_add_tcase(suite, header);
    TCase *addresses = tcase_create("addresses");
    tcase_add_test(addresses, sources_that_no_packet_may_have_are_dropped__rfc1122_3_2_1_3);
    tcase_add_test(addresses, destinations_that_are_nobodys_are_dropped__rfc1122_3_2_1_3);
    tcase_add_test(addresses, what_is_for_another_is_dropped__rfc1122_3_2_1_3);
    tcase_add_test(addresses, broadcasts_are_for_us__rfc1122_3_3_6);
    tcase_add_test(addresses, a_link_broadcast_must_be_meant_for_all__rfc1122_3_3_6);
    tcase_add_test(addresses, an_address_is_the_hosts_on_every_interface__rfc1122_3_3_4_2);
    suite_add_tcase(suite, addresses);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
