/* ARP and address conflict detection, as packets in and out (stack/arp.c). The host is 10.0.0.1/24
 * at 02:…:01, the station at 02:…:02. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "tests/support/stack_station.h"

#define BROADCAST sw_mac_broadcast

static struct sw_test_env world;
static struct sw_host *host;
static struct sw_nic *eth0;
static struct sw_station st;

static void setup(void)
{
    sw_test_env_init(&world, 1);
    host = sw_test_host(&world, &eth0);
    sw_station_init(&st, &world, eth0, 2);
}

/* A host whose address is taken into use by `flags`. */
static void setup_with(unsigned flags)
{
    sw_test_env_init(&world, 1);
    host = sw_test_host_named(&world, "h", false);
    eth0 = sw_test_nic(host, "eth0", 1, 0);
    sw_station_init(&st, &world, eth0, 2);
    sw_test_address(eth0, "10.0.0.1/24", flags);
}

static void teardown(void)
{
    sw_station_fini(&st);
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}

/* The ARP packet that the station would send, in bytes to be spoilt. */
static size_t request_bytes(uint8_t bytes[60])
{
    const struct sw_eth eth = {.dst = BROADCAST, .src = st.mac, .type = SW_ETH_ARP};
    const struct sw_arp arp = {.op = SW_ARP_REQUEST,
                               .sender_mac = st.mac,
                               .sender_ip = sw_test_ip("10.0.0.2"),
                               .target_ip = sw_test_ip("10.0.0.1")};
    memset(bytes, 0, 60);
    sw_eth_emit(&eth, bytes);
    sw_arp_emit(&arp, bytes + SW_ETH_BYTES);
    return 60;
}

static bool knows(const char *ip, uint8_t last)
{
    struct sw_arp_entry e;
    for (unsigned i = 0; sw_host_arp_entry(host, i, &e); i++) {
        if (sw_ip_equal(e.ip, sw_ip_v4(sw_test_ip(ip)))) {
            return e.resolved && sw_mac_equal(e.mac, sw_test_mac(last));
        }
    }
    return false;
}

static uint64_t conflicts(void)
{
    struct sw_host_stats stats;
    sw_host_stats(host, &stats);
    return stats.arp_conflicts;
}

/* ---- RFC 826 ---- */

START_TEST(request_for_us_is_answered_to_its_sender_alone__rfc826)
{
    setup();
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.1");
    sw_test_run(&world, 0);
    sw_station_expect(&st, 0,
                      "02:00:00:00:00:01 > 02:00:00:00:00:02 arp reply 10.0.0.1 at "
                      "02:00:00:00:00:01 tell 10.0.0.2");
    ck_assert(knows("10.0.0.2", 2));
    sw_test_address(eth0, "10.0.0.5/24", SW_ADDRESS_SILENT);
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.5");
    sw_test_run(&world, 0);
    sw_station_expect(&st, 0,
                      "02:00:00:00:00:01 > 02:00:00:00:00:02 arp reply 10.0.0.5 at "
                      "02:00:00:00:00:01 tell 10.0.0.2");
    teardown();
}
END_TEST

START_TEST(not_the_target_makes_no_entry__rfc826)
{
    setup();
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.9");
    sw_test_run(&world, SW_S);
    ck_assert(!knows("10.0.0.2", 2));
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ARP_NOT_FOR_US), 1);
    teardown();
}
END_TEST

START_TEST(an_existing_entry_is_updated_by_any_packet_of_its_sender__rfc826_merge)
{
    setup();
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.1");
    sw_test_run(&world, 0);
    sw_frame_drop(sw_station_take(&st));
    st.mac = sw_test_mac(7);
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.9");
    sw_test_run(&world, 0);
    ck_assert(knows("10.0.0.2", 7));
    st.mac = sw_test_mac(8); /* the opcode is looked at after the merge */
    sw_station_arp(&st, st.to, SW_ARP_REPLY, "10.0.0.2", "10.0.0.9");
    sw_test_run(&world, 0);
    ck_assert(knows("10.0.0.2", 8));
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ARP_NOT_FOR_US), 0);
    teardown();
}
END_TEST

START_TEST(a_reply_nobody_asked_for_makes_no_entry)
{
    setup();
    sw_station_arp(&st, st.to, SW_ARP_REPLY, "10.0.0.2", "10.0.0.1");
    sw_station_arp(&st, BROADCAST, SW_ARP_REPLY, "10.0.0.2", "10.0.0.2"); /* gratuitous */
    sw_test_run(&world, SW_S);
    ck_assert(!knows("10.0.0.2", 2));
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ARP_NOT_FOR_US), 2);
    teardown();
}
END_TEST

START_TEST(gratuitous_requests_and_replies_update__rfc5227_3)
{
    setup();
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.1");
    sw_test_run(&world, 0);
    sw_frame_drop(sw_station_take(&st));
    st.mac = sw_test_mac(7);
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.2");
    sw_test_run(&world, 0);
    ck_assert(knows("10.0.0.2", 7));
    st.mac = sw_test_mac(8);
    sw_station_arp(&st, BROADCAST, SW_ARP_REPLY, "10.0.0.2", "10.0.0.2");
    sw_test_run(&world, 0);
    ck_assert(knows("10.0.0.2", 8));
    teardown();
}
END_TEST

START_TEST(a_sender_outside_our_nets_is_answered_but_not_remembered)
{
    setup();
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "192.168.9.9", "10.0.0.1");
    sw_test_run(&world, 0);
    sw_station_expect(&st, 0,
                      "02:00:00:00:00:01 > 02:00:00:00:00:02 arp reply 10.0.0.1 at "
                      "02:00:00:00:00:01 tell 192.168.9.9");
    ck_assert(!knows("192.168.9.9", 2));
    teardown();
}
END_TEST

struct spoilt {
    unsigned at; /* of the frame */
    uint8_t value;
    enum sw_drop reason;
};

static const struct spoilt spoilt[] = {
    {14, 9, SW_DROP_ARP_FORMAT},   {15, 6, SW_DROP_ARP_FORMAT},   {16, 0x86, SW_DROP_ARP_FORMAT},
    {18, 8, SW_DROP_ARP_FORMAT},   {19, 16, SW_DROP_ARP_FORMAT},  {21, 0, SW_DROP_ARP_OPCODE},
    {21, 3, SW_DROP_ARP_OPCODE},   {21, 8, SW_DROP_ARP_OPCODE},   {20, 1, SW_DROP_ARP_OPCODE},
    {22, 3, SW_DROP_ARP_SENDER},   {22, 255, SW_DROP_ARP_SENDER}, {28, 224, SW_DROP_ARP_SENDER},
    {28, 127, SW_DROP_ARP_SENDER}, {28, 240, SW_DROP_ARP_SENDER}, {28, 0, SW_DROP_ARP_SENDER}};

START_TEST(what_is_not_arp_for_ipv4_over_ethernet_is_dropped__rfc826)
{
    setup();
    uint8_t bytes[60];
    size_t n = request_bytes(bytes);
    bytes[spoilt[_i].at] = spoilt[_i].value;
    sw_station_bytes(&st, bytes, n);
    sw_test_run(&world, SW_S);
    ck_assert_uint_eq(sw_test_dropped(host, spoilt[_i].reason), 1);
    struct sw_arp_entry e;
    ck_assert(!sw_host_arp_entry(host, 0, &e));
    teardown();
}
END_TEST

START_TEST(a_short_packet_is_dropped_and_padding_ignored__rfc826)
{
    setup();
    uint8_t bytes[60];
    request_bytes(bytes);
    sw_station_bytes(&st, bytes, 14 + 27);
    sw_test_run(&world, SW_S);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ARP_SHORT), 1);
    sw_station_bytes(&st, bytes, 14 + 28);
    memset(bytes + 14 + 28, 0xee, sizeof bytes - 14 - 28);
    sw_station_bytes(&st, bytes, sizeof bytes);
    sw_test_run(&world, SW_S);
    for (unsigned i = 0; i < 2; i++) {
        sw_station_expect(&st, SW_S,
                          "02:00:00:00:00:01 > 02:00:00:00:00:02 arp reply 10.0.0.1 at "
                          "02:00:00:00:00:01 tell 10.0.0.2");
    }
    teardown();
}
END_TEST

START_TEST(our_own_packet_come_back_is_dropped)
{
    setup();
    st.mac = sw_test_mac(1);
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "10.0.0.1", "10.0.0.2");
    sw_test_run(&world, SW_S);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ARP_SENDER), 1);
    ck_assert_uint_eq(conflicts(), 0);
    teardown();
}
END_TEST

START_TEST(an_address_is_answered_for_on_its_own_interface_only)
{
    setup();
    struct sw_nic *eth1 = sw_test_nic(host, "eth1", 11, 0);
    sw_test_address(eth1, "10.0.1.1/24", SW_ADDRESS_SILENT);
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "10.0.0.2", "10.0.1.1");
    sw_test_run(&world, SW_S);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ARP_NOT_FOR_US), 1);
    teardown();
}
END_TEST

/* ---- RFC 5227 ---- */

static const char ANNOUNCEMENT[] =
    "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp request 10.0.0.1 tell 10.0.0.1";
static const char PROBE[] =
    "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp request 10.0.0.1 tell 0.0.0.0";

START_TEST(an_address_is_usable_at_once_and_announced_once)
{
    setup_with(0);
    ck_assert_int_eq(sw_host_address(host).family, SW_IPV4);
    sw_test_run(&world, 60 * SW_S);
    sw_station_expect(&st, 0, ANNOUNCEMENT);
    teardown();
}
END_TEST

START_TEST(silent_is_silent)
{
    setup_with(SW_ADDRESS_SILENT);
    sw_test_run(&world, 60 * SW_S);
    sw_station_quiet(&st);
    teardown();
}
END_TEST

/* The time of the next frame, which is `text`. */
static sw_time next_time(const char *text)
{
    sw_time at = st.heard_at[st.first];
    sw_station_expect(&st, at, text);
    return at;
}

START_TEST(probing_waits_probes_thrice_and_announces_twice__rfc5227_2_1_1)
{
    setup_with(SW_ADDRESS_PROBE);
    sw_test_run(&world, 60 * SW_S);
    sw_time first = next_time(PROBE), second = next_time(PROBE), third = next_time(PROBE);
    ck_assert(first >= 0 && first < SW_S);
    ck_assert(second - first >= SW_S && second - first < 2 * SW_S);
    ck_assert(third - second >= SW_S && third - second < 2 * SW_S);
    sw_station_expect(&st, third + 2 * SW_S, ANNOUNCEMENT);
    sw_station_expect(&st, third + 4 * SW_S, ANNOUNCEMENT);
    teardown();
}
END_TEST

START_TEST(a_probe_names_no_sender_and_no_target_hardware__rfc5227_1_1)
{
    setup_with(SW_ADDRESS_PROBE);
    sw_test_run(&world, SW_S - 1);
    struct sw_frame *frame = sw_station_take(&st);
    ck_assert_ptr_nonnull(frame);
    static const uint8_t probe[28] = {0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0,  0, 0, 1,
                                      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1};
    ck_assert_mem_eq(sw_frame_head(frame), sw_mac_broadcast.b, 6);
    ck_assert_mem_eq(sw_frame_head(frame) + 14, probe, sizeof probe);
    sw_frame_drop(frame);
    teardown();
}
END_TEST

START_TEST(the_waits_are_drawn_by_the_secrets)
{
    sw_time at[2];
    for (uint64_t seed = 0; seed < 2; seed++) {
        sw_test_env_init(&world, seed);
        host = sw_test_host_named(&world, "h", false);
        eth0 = sw_test_nic(host, "eth0", 1, 0);
        sw_station_init(&st, &world, eth0, 2);
        sw_test_address(eth0, "10.0.0.1/24", SW_ADDRESS_PROBE);
        sw_test_run(&world, SW_S - 1);
        at[seed] = next_time(PROBE);
        teardown();
    }
    ck_assert(at[0] != at[1]);
}
END_TEST

START_TEST(an_address_being_probed_is_neither_used_nor_answered_for__rfc5227_2_5)
{
    setup_with(SW_ADDRESS_PROBE);
    ck_assert_int_eq(sw_host_address(host).family, SW_IP_NONE);
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.1");
    sw_test_run(&world, SW_S - 1);
    next_time(PROBE);
    sw_station_quiet(&st);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_ARP_NOT_FOR_US), 1);
    sw_test_run(&world, 60 * SW_S);
    ck_assert_int_eq(sw_host_address(host).family, SW_IPV4);
    while (st.count > 0) {
        sw_frame_drop(sw_station_take(&st));
    }
    teardown();
}
END_TEST

/* After the first probe, and in the 2 s after the last. */
START_TEST(a_conflict_while_probing_starts_it_again__rfc5227_2_1_1)
{
    setup_with(SW_ADDRESS_PROBE);
    sw_time from = SW_S;
    sw_test_run(&world, from);
    next_time(PROBE);
    if (_i >= 2) {
        sw_test_run(&world, 5 * SW_S);
        next_time(PROBE);
        from = next_time(PROBE) + 2 * SW_S - 1;
        sw_test_run(&world, from);
    }
    if (_i % 2 == 0) { /* somebody has it */
        sw_station_arp(&st, st.to, SW_ARP_REPLY, "10.0.0.1", "0.0.0.0");
    } else { /* somebody else probes for it */
        sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "0.0.0.0", "10.0.0.1");
    }
    sw_test_run(&world, from);
    ck_assert_uint_eq(conflicts(), 1);
    sw_test_run(&world, 60 * SW_S);
    sw_time first = next_time(PROBE);
    ck_assert(first >= from && first < from + SW_S);
    next_time(PROBE);
    sw_time third = next_time(PROBE);
    sw_station_expect(&st, third + 2 * SW_S, ANNOUNCEMENT);
    sw_station_expect(&st, third + 4 * SW_S, ANNOUNCEMENT);
    teardown();
}
END_TEST

START_TEST(after_ten_conflicts_one_try_a_minute__rfc5227_2_1_1)
{
    setup_with(SW_ADDRESS_PROBE);
    sw_time conflict_at = 0;
    for (unsigned i = 0; i < 12; i++) {
        while (st.count == 0) {
            sw_test_run(&world, sw_clock_next(world.env.clock));
        }
        sw_time at = next_time(PROBE);
        sw_time pause = i >= 10 ? 60 * SW_S : 0;
        ck_assert(at >= conflict_at + pause && at < conflict_at + pause + SW_S);
        sw_station_arp(&st, st.to, SW_ARP_REPLY, "10.0.0.1", "0.0.0.0");
        sw_test_run(&world, at);
        conflict_at = at;
    }
    ck_assert_uint_eq(conflicts(), 12);
    teardown();
}
END_TEST

START_TEST(an_address_in_use_is_defended_once_in_ten_seconds__rfc5227_2_4)
{
    setup();
    static const sw_time when[] = {SW_S, 2 * SW_S, 10 * SW_S, 11 * SW_S, 12 * SW_S};
    for (unsigned i = 0; i < 5; i++) {
        sw_test_run(&world, when[i]);
        sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "10.0.0.1", "10.0.0.1");
        sw_test_run(&world, when[i]);
    }
    sw_station_expect(&st, SW_S, ANNOUNCEMENT);
    sw_station_expect(&st, 11 * SW_S, ANNOUNCEMENT);
    ck_assert_uint_eq(conflicts(), 5);
    ck_assert(!knows("10.0.0.1", 2));
    ck_assert_int_eq(sw_host_address(host).family, SW_IPV4); /* and kept */
    teardown();
}
END_TEST

static void count_line(void *ctx, enum sw_log_level level, const char *line)
{
    unsigned *lines = ctx;
    ck_assert_int_eq(level, SW_LOG_WARN);
    ck_assert_str_eq(line, "h:eth0: address 10.0.0.1 is also used by 02:00:00:00:00:02");
    ++*lines;
}

/* Whoever forges ARP packets must not fill a disk with what is said of them. */
START_TEST(a_conflict_is_told_of_once_in_ten_seconds)
{
    unsigned lines = 0;
    sw_test_env_init(&world, 1);
    world.env.log = (struct sw_log){.write = count_line, .ctx = &lines, .level = SW_LOG_WARN};
    host = sw_test_host_named(&world, "h", false);
    eth0 = sw_test_nic(host, "eth0", 1, 0);
    sw_station_init(&st, &world, eth0, 2);
    sw_test_address(eth0, "10.0.0.1/24", _i == 0 ? SW_ADDRESS_SILENT : SW_ADDRESS_PROBE);
    static const sw_time when[] = {0, 1, 10 * SW_S - 1, 10 * SW_S, 10 * SW_S + 1};
    static const unsigned told[] = {1, 1, 1, 2, 2};
    for (unsigned i = 0; i < 5; i++) {
        sw_test_run(&world, when[i]);
        for (unsigned n = 0; n < 100; n++) {
            sw_station_arp(&st, BROADCAST, SW_ARP_REPLY, "10.0.0.1", "10.0.0.1");
        }
        sw_test_run(&world, when[i]);
        ck_assert_uint_eq(lines, told[i]);
    }
    ck_assert_uint_eq(conflicts(), 500);
    while (st.count > 0) {
        sw_frame_drop(sw_station_take(&st));
    }
    teardown();
}
END_TEST

START_TEST(an_address_is_kept_and_what_hangs_on_it__rfc5227_2_4_c)
{
    setup();
    struct sw_sock *sock;
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, sw_test_at("10.0.0.1", 5000)), 0);
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("10.0.0.2", 7)), 0);
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.1");
    sw_test_run(&world, 0);
    sw_frame_drop(sw_station_take(&st));
    for (sw_time now = SW_S; now <= 20 * SW_S; now += SW_S) { /* the other does not give way */
        sw_test_run(&world, now);
        sw_station_arp(&st, BROADCAST, SW_ARP_REPLY, "10.0.0.1", "10.0.0.1");
        sw_test_run(&world, now);
    }
    sw_station_expect(&st, SW_S, ANNOUNCEMENT);
    sw_station_expect(&st, 11 * SW_S, ANNOUNCEMENT);
    ck_assert_int_eq(sw_sock_send(sock, "x", 1), 1);
    sw_station_udp(&st, "10.0.0.2", 7, "10.0.0.1", 5000, "y", 1);
    sw_test_run(&world, 20 * SW_S);
    sw_station_expect(&st, 20 * SW_S, "10.0.0.1:5000 > 10.0.0.2:7 udp len 1");
    char text[2];
    ck_assert_int_eq(sw_sock_recv(sock, text, sizeof text), 1);
    teardown();
}
END_TEST

START_TEST(a_probe_for_our_address_is_answered__rfc5227_2_5)
{
    setup();
    sw_station_arp(&st, BROADCAST, SW_ARP_REQUEST, "0.0.0.0", "10.0.0.1");
    sw_test_run(&world, 0);
    sw_station_expect(&st, 0,
                      "02:00:00:00:00:01 > 02:00:00:00:00:02 arp reply 10.0.0.1 at "
                      "02:00:00:00:00:01 tell 0.0.0.0");
    struct sw_arp_entry e;
    ck_assert(!sw_host_arp_entry(host, 0, &e));
    ck_assert_uint_eq(conflicts(), 0);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arp");
    TCase *arp = tcase_create("rfc826");
    tcase_add_test(arp, request_for_us_is_answered_to_its_sender_alone__rfc826);
    tcase_add_test(arp, not_the_target_makes_no_entry__rfc826);
    tcase_add_test(arp, an_existing_entry_is_updated_by_any_packet_of_its_sender__rfc826_merge);
    tcase_add_test(arp, a_reply_nobody_asked_for_makes_no_entry);
    tcase_add_test(arp, gratuitous_requests_and_replies_update__rfc5227_3);
    tcase_add_test(arp, a_sender_outside_our_nets_is_answered_but_not_remembered);
    tcase_add_loop_test(arp, what_is_not_arp_for_ipv4_over_ethernet_is_dropped__rfc826, 0,
                        (int)(sizeof spoilt / sizeof spoilt[0]));
    tcase_add_test(arp, a_short_packet_is_dropped_and_padding_ignored__rfc826);
    tcase_add_test(arp, our_own_packet_come_back_is_dropped);
    tcase_add_test(arp, an_address_is_answered_for_on_its_own_interface_only);
    suite_add_tcase(suite, arp);
    TCase *acd = tcase_create("rfc5227");
    tcase_add_test(acd, an_address_is_usable_at_once_and_announced_once);
    tcase_add_test(acd, silent_is_silent);
    tcase_add_test(acd, probing_waits_probes_thrice_and_announces_twice__rfc5227_2_1_1);
    tcase_add_test(acd, a_probe_names_no_sender_and_no_target_hardware__rfc5227_1_1);
    tcase_add_test(acd, the_waits_are_drawn_by_the_secrets);
    tcase_add_test(acd, an_address_being_probed_is_neither_used_nor_answered_for__rfc5227_2_5);
    tcase_add_loop_test(acd, a_conflict_while_probing_starts_it_again__rfc5227_2_1_1, 0, 4);
    tcase_add_test(acd, after_ten_conflicts_one_try_a_minute__rfc5227_2_1_1);
    tcase_add_loop_test(acd, a_conflict_is_told_of_once_in_ten_seconds, 0, 2);
    tcase_add_test(acd, an_address_in_use_is_defended_once_in_ten_seconds__rfc5227_2_4);
    tcase_add_test(acd, an_address_is_kept_and_what_hangs_on_it__rfc5227_2_4_c);
    tcase_add_test(acd, a_probe_for_our_address_is_answered__rfc5227_2_5);
    suite_add_tcase(suite, acd);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
