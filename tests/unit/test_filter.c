/* What `match` of a LAN file is compiled to: config/build_match.c, config/filter_words.c. What is
 * refused, tests/golden/wrong/match.yaml shows; lan/bpf.c runs it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/filter_words.h"
#include "core/bytes.h"
#include "lan/bpf.h"
#include "lan/network.h"
#include "tests/support/config_files.h"

static const char lan[] =
    "name: t\n"
    "switches: { core: {} }\n"
    "hosts:\n"
    "  web: { address: 10.0.0.10/24, mac: 02:00:00:00:00:0a }\n"
    "  pc: { address: 10.0.0.11/24 }\n"
    "  tcp: { address: 10.0.0.12/24 }\n"
    "  r1:\n"
    "    interfaces: { in: { address: 10.0.0.1/24, mac: 02:00:00:00:00:01 },\n"
    "                  out: { address: 10.1.0.1/24 } }\n"
    "links: [[web, core], [pc, core], [\"tcp\", core], [\"r1:in\", core],\n"
    "        [\"r1:out\", core]]\n"
    "scenario:\n"
    "  - capture: { on: \"core:p1\", match: '%s' }\n";

/* A TCP or UDP packet between two addresses. */
struct packet {
    uint8_t protocol;
    uint32_t from, to;
    uint16_t from_port, to_port;
    uint8_t flags;
    uint64_t from_mac, to_mac;
};

#define WEB 0x0a00000a
#define PC 0x0a00000b
#define TCP_HOST 0x0a00000c
#define R1_IN 0x0a000001
#define R1_OUT 0x0a010001
#define OTHER 0x0a010063

static size_t emit(uint8_t frame[64], const struct packet *p)
{
    memset(frame, 0, 64);
    sw_put16(frame, (uint16_t)(p->to_mac >> 32));
    sw_put32(frame + 2, (uint32_t)p->to_mac);
    sw_put16(frame + 6, (uint16_t)(p->from_mac >> 32));
    sw_put32(frame + 8, (uint32_t)p->from_mac);
    sw_put16(frame + 12, 0x0800);
    frame[14] = 0x45;
    sw_put16(frame + 16, 40);
    frame[22] = 64;
    frame[23] = p->protocol;
    sw_put32(frame + 26, p->from);
    sw_put32(frame + 30, p->to);
    sw_put16(frame + 34, p->from_port);
    sw_put16(frame + 36, p->to_port);
    frame[46] = 0x50;
    frame[47] = p->flags;
    return 54;
}

/* Does the expression, in that LAN, accept the packet? */
static bool accepts(const char *expression, const struct packet *packet)
{
    char text[2048];
    uint8_t frame[64];
    snprintf(text, sizeof text, lan, expression);
    const struct sw_test_file files[] = {{"lan.yaml", text, 0}, {NULL, NULL, 0}};
    const struct sw_test_world world = {files, NULL};
    struct sw_config_io io = sw_test_io(&world);
    struct sw_problems problems;
    struct sw_topo *topo = NULL;
    int error = sw_config_load(&topo, "lan.yaml", &io, NULL, 0, &problems);
    char *said = sw_test_problems(&problems);
    ck_assert_msg(error == 0, "%s", said);
    const struct sw_topo_match *match = &topo->steps[0].match;
    ck_assert_int_eq(match->kind, SW_MATCH_FILTER);
    ck_assert(sw_bpf_valid(match->program, match->program_count));
    size_t n = emit(frame, packet);
    bool accepted = sw_bpf_accepts(match->program, frame, (uint32_t)n, (uint32_t)n);
    free(said);
    sw_problems_fini(&problems);
    sw_topo_free(topo);
    return accepted;
}

static const struct packet to_web = {6, PC, WEB, 40000, 80, 2, 0x02000000000bu, 0x02000000000au};
static const struct packet to_router = {17, PC, R1_OUT,          40000,
                                        7,  0,  0x02000000000bu, 0x020000000001u};
static const struct packet through = {6,     OTHER, TCP_HOST,        5201,
                                      40000, 16,    0x020000000001u, 0x02000000000cu};

START_TEST(a_name_is_the_host_of_the_file)
{
    ck_assert(accepts("host web", &to_web));
    ck_assert(!accepts("host web", &to_router));
    ck_assert(accepts("dst web and src pc", &to_web));
    ck_assert(!accepts("src web and dst pc", &to_web));
}
END_TEST

START_TEST(a_name_alone_is_a_host_too)
{
    ck_assert(accepts("web", &to_web));
    ck_assert(accepts("udp and pc", &to_router));
    ck_assert(!accepts("udp and web", &to_router));
    ck_assert(accepts("len < 100 and web", &to_web));
    ck_assert(accepts("not web", &to_router));
}
END_TEST

START_TEST(a_router_is_all_its_addresses)
{
    static const struct packet inner = {17, PC, R1_IN, 1, 2, 0, 1, 2};
    ck_assert(accepts("host r1", &to_router));
    ck_assert(accepts("host r1", &inner));
    ck_assert(!accepts("host r1", &to_web));
    ck_assert(!accepts("not r1", &to_router));
    ck_assert(!accepts("not r1", &inner));
    ck_assert(accepts("host (web or r1)", &to_router));
    ck_assert(accepts("host (web or r1)", &to_web));
    ck_assert(accepts("r1 and pc", &inner));
    ck_assert(!accepts("r1 and web", &inner));
    ck_assert(accepts("pc and r1", &to_router));
    ck_assert(!accepts("web and r1", &to_router));
    ck_assert(accepts("web or r1 and udp", &inner));
    ck_assert(!accepts("web or r1 and udp", &to_web));
}
END_TEST

START_TEST(behind_ether_a_name_is_a_mac_address)
{
    ck_assert(accepts("ether dst web", &to_web));
    ck_assert(!accepts("ether src web", &to_web));
    ck_assert(accepts("ether src r1 and not src r1", &through)); /* it came through the router */
    ck_assert(accepts("ether dst r1 and dst r1", &to_router));
    ck_assert(accepts("ether host 02:00:00:00:00:0b and dst web", &to_web));
    ck_assert(!accepts("ether host (web or r1) and udp", &to_web));
    ck_assert(accepts("ether host (web or r1)", &to_router));
}
END_TEST

START_TEST(a_made_up_mac_address_is_the_one_that_the_network_makes)
{
    struct sw_mac mac = sw_mac_from_names("t", "pc", "eth0");
    struct packet from_pc = to_web;
    from_pc.from_mac = (uint64_t)sw_get16(mac.b) << 32 | sw_get32(mac.b + 2);
    ck_assert(accepts("ether src pc", &from_pc));
    ck_assert(!accepts("ether src pc", &to_web));
}
END_TEST

START_TEST(a_host_that_is_called_as_a_keyword_wants_a_backslash)
{
    ck_assert(accepts("tcp and host \\tcp", &through));
    ck_assert(!accepts("tcp and host \\tcp", &to_web));
}
END_TEST

START_TEST(ports_have_the_names_of_services)
{
    ck_assert(accepts("tcp port http", &to_web));
    ck_assert(accepts("tcp src port iperf3", &through));
    ck_assert(accepts("udp dst port udp-echo", &to_router));
    ck_assert(!accepts("tcp port echo", &to_web));
    ck_assert(accepts("portrange 1-100", &to_web));
    ck_assert(!accepts("portrange 1-79", &to_web));
}
END_TEST

START_TEST(protocols_have_their_names_behind_proto)
{
    ck_assert(accepts("ip proto \\tcp", &to_web));
    ck_assert(accepts("ip proto tcp", &to_web));
    ck_assert(accepts("ip proto 17", &to_router));
    ck_assert(!accepts("ip proto udp", &to_web));
    ck_assert(accepts("ether proto ip", &to_web));
    ck_assert(!accepts("ether proto \\arp", &to_web));
}
END_TEST

START_TEST(bytes_are_compared_as_tcpdump_does)
{
    ck_assert(accepts("tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", &to_web));
    ck_assert(!accepts("tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", &through));
    ck_assert(accepts("tcp[4-2:2] = 80 && ip[8]>63", &to_web));
    ck_assert(accepts("tcp[tcpflags]&tcp-ack==tcp-ack || udp", &through));
    ck_assert(accepts("net 10.0.0.0/24 and not dst net 10.0.0.0 mask 255.255.0.0", &to_router));
}
END_TEST

/* libpcap would ask the resolver for anything that it takes for a name. */
START_TEST(what_is_no_number_and_no_address_is_a_name)
{
    static const char *const addresses[] = {"10.0.0.1", "10.0",        "10.0.0",
                                            "::1",      "2001:db8::1", "1:2:3:4:5:6:7:8",
                                            "fe80::",   "::",          "02:00:00:00:00:0a"};
    static const char *const names[] = {
        "1.2.3.4.5",         "10.",      "10..1", "1:2", "ab:cd", "1::2::3", "a", "1a", "10.0.0.a",
        "1:2:3:4:5:6:7:8:9", "12345::1", ""};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        ck_assert_msg(sw_filter_is_address(addresses[i]), "%s", addresses[i]);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_msg(!sw_filter_is_address(names[i]) && !sw_filter_is_number(names[i]), "%s",
                      names[i]);
    }
    ck_assert(sw_filter_is_number("0"));
    ck_assert(sw_filter_is_number("0x1F"));
    ck_assert(!sw_filter_is_number("0x"));
    ck_assert(!sw_filter_is_ports("80-"));
    ck_assert(!sw_filter_is_ports("-80"));
    ck_assert(sw_filter_is_ports("1-1024"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("filter");
    TCase *t = tcase_create("filter");
    tcase_add_test(t, a_name_is_the_host_of_the_file);
    tcase_add_test(t, a_name_alone_is_a_host_too);
    tcase_add_test(t, a_router_is_all_its_addresses);
    tcase_add_test(t, behind_ether_a_name_is_a_mac_address);
    tcase_add_test(t, a_made_up_mac_address_is_the_one_that_the_network_makes);
    tcase_add_test(t, a_host_that_is_called_as_a_keyword_wants_a_backslash);
    tcase_add_test(t, ports_have_the_names_of_services);
    tcase_add_test(t, protocols_have_their_names_behind_proto);
    tcase_add_test(t, bytes_are_compared_as_tcpdump_does);
    tcase_add_test(t, what_is_no_number_and_no_address_is_a_name);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
