#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "core/text.h"

#define ETH 14
#define IP (ETH + 20) /* where what is behind the usual IPv4 header begins */

/* Two stations' Ethernet headers without the type. */
#define ONE_TO_TWO "020000000002 020000000001"
#define ONE_TO_ALL "ffffffffffff 020000000001"

static struct sw_pool *pool;
static uint8_t bytes[2000];
static size_t len;
static char line[SW_FRAME_TEXT];

static void setup(void)
{
    pool = sw_pool_new(1 << 20);
    ck_assert_ptr_nonnull(pool);
    len = 0;
}

static void teardown(void)
{
    struct sw_pool_stats stats;
    sw_pool_stats(pool, &stats);
    ck_assert_uint_eq(stats.live_frames + stats.live_blocks, 0);
    sw_pool_free(pool);
}

/* Appends bytes written in hexadecimal; blanks count for nothing. */
static void hex(const char *text)
{
    static const char digits[] = "0123456789abcdef";
    int half = -1;
    for (; *text != '\0'; text++) {
        if (*text == ' ') {
            continue;
        }
        const char *digit = strchr(digits, *text);
        ck_assert_ptr_nonnull(digit);
        if (half < 0) {
            half = (int)(digit - digits);
        } else {
            bytes[len++] = (uint8_t)(half * 16 + (digit - digits));
            half = -1;
        }
    }
    ck_assert_int_lt(half, 0);
}

static void zeros(size_t n)
{
    memset(bytes + len, 0, n);
    len += n;
}

/* The text of the first n bytes. */
static const char *text_of(size_t n)
{
    struct sw_frame *frame = sw_frame_from_bytes(pool, bytes, n, ETH);
    ck_assert_ptr_nonnull(frame);
    ck_assert_ptr_eq(sw_frame_text(frame, line, sizeof(line)), line);
    sw_frame_drop(frame);
    return line;
}

static const char *text(void)
{
    return text_of(len);
}

/* Begins 10.0.0.1 > 10.0.0.2 anew. */
static void ipv4(const char *protocol_hex)
{
    len = 0;
    hex(ONE_TO_TWO "0800 4500 0000 0011 4000 40");
    hex(protocol_hex);
    hex("0000 0a000001 0a000002");
}

static void seal_ip(void)
{
    size_t header = 4 * (size_t)(bytes[ETH] & 15);
    sw_put16(bytes + ETH + 2, (uint16_t)(len - ETH));
    sw_put16(bytes + ETH + 10, 0);
    sw_put16(bytes + ETH + 10, sw_checksum(bytes + ETH, header));
}

/* Sets lengths and checksums, the transport's at IP + at, with a pseudo-header for TCP and UDP. */
static void seal(size_t at)
{
    uint8_t protocol = bytes[ETH + 9];
    uint64_t sum = protocol == 1
                       ? 0
                       : sw_sum_pseudo_v4(0x0a000001, 0x0a000002, protocol, (uint32_t)(len - IP));
    if (protocol == 17) {
        sw_put16(bytes + IP + 4, (uint16_t)(len - IP));
    }
    seal_ip();
    sw_put16(bytes + IP + at, 0);
    sum = sw_sum_add(sum, bytes + IP, len - IP);
    sw_put16(bytes + IP + at, (uint16_t)~sw_sum_fold(sum));
}

static void udp(size_t n)
{
    ipv4("11");
    hex("1388 0007 0000 0000");
    zeros(n);
    seal(6);
}

static void tcp(const char *offset_and_flags, const char *options)
{
    ipv4("06");
    hex("9c40 0050 000003e8 000007d0");
    hex(offset_and_flags);
    hex("ffff 0000 0000");
    hex(options);
}

START_TEST(arp)
{
    hex(ONE_TO_ALL "0806 0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002");
    ck_assert_str_eq(text(),
                     "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp request 10.0.0.2 tell 10.0.0.1");
    len = 0;
    hex(ONE_TO_TWO "0806 0001 0800 06 04 0002 020000000001 0a000001 020000000002 0a000002");
    zeros(18);
    ck_assert_str_eq(text(), "02:00:00:00:00:01 > 02:00:00:00:00:02 "
                             "arp reply 10.0.0.1 at 02:00:00:00:00:01 tell 10.0.0.2");
}
END_TEST

START_TEST(arp_names_hardware_addresses_that_are_not_the_headers)
{
    hex(ONE_TO_ALL "0806 0001 0800 06 04 0001 020000000009 0a000001 020000000003 0a000002");
    ck_assert_str_eq(text(), "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp request "
                             "10.0.0.2 at 02:00:00:00:00:03 tell 10.0.0.1 at 02:00:00:00:00:09");
    len = 0;
    hex(ONE_TO_ALL "0806 0001 0800 06 04 0002 020000000009 0a000001 020000000003 0a000002");
    ck_assert_str_eq(text(), "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp reply "
                             "10.0.0.1 at 02:00:00:00:00:09 tell 10.0.0.2 at 02:00:00:00:00:03");
}
END_TEST

START_TEST(arp_malformed)
{
    hex(ONE_TO_ALL "0806 0006 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002");
    ck_assert_str_eq(text(), "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff "
                             "arp format: hardware 6/6 protocol 0x0800/4");
    ck_assert_str_eq(text_of(41), "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp short, len 27");
    sw_put16(bytes + ETH, 1);
    bytes[ETH + 7] = 9;
    ck_assert_str_eq(text(), "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp opcode 9");
}
END_TEST

START_TEST(ethernet_of_other_types)
{
    hex(ONE_TO_TWO "88cc");
    zeros(46);
    ck_assert_str_eq(text(), "02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x88cc len 46");
    sw_put16(bytes + 12, 38);
    ck_assert_str_eq(text(), "02:00:00:00:00:01 > 02:00:00:00:00:02 802.3 length 38, len 46");
    ck_assert_str_eq(text_of(14), "02:00:00:00:00:01 > 02:00:00:00:00:02 802.3 length 38, len 0");
    ck_assert_str_eq(text_of(13), "eth short, len 13");
    ck_assert_str_eq(text_of(0), "eth short, len 0");
}
END_TEST

START_TEST(tags_come_first)
{
    hex(ONE_TO_ALL "8100 6005 0806");
    hex("0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002");
    ck_assert_str_eq(text(), "vlan 5 prio 3 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff "
                             "arp request 10.0.0.2 tell 10.0.0.1");
    len = 0;
    hex(ONE_TO_TWO "88a8 0064 8100 0005 0800");
    hex("4500 0014 0011 4000 40fd 0000 0a000001 0a000002");
    sw_put16(bytes + 22 + 10, sw_checksum(bytes + 22, 20));
    ck_assert_str_eq(text(), "svlan 100 vlan 5 10.0.0.1 > 10.0.0.2 protocol 253 len 0");
    ck_assert_str_eq(text_of(20), "svlan 100 02:00:00:00:00:01 > 02:00:00:00:00:02 "
                                  "type 0x8100 len 2");
    ck_assert_str_eq(text_of(18), "svlan 100 02:00:00:00:00:01 > 02:00:00:00:00:02 "
                                  "type 0x8100 len 0");
    sw_put16(bytes + 18, 0x2005);
    ck_assert_str_eq(text(), "svlan 100 vlan 5 prio 1 10.0.0.1 > 10.0.0.2 protocol 253 len 0");
    ck_assert_str_eq(text_of(16), "02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x88a8 len 2");
}
END_TEST

START_TEST(udp_with_ports_and_length)
{
    udp(4);
    zeros(14); /* what Ethernet pads is not UDP's */
    ck_assert_str_eq(text(), "10.0.0.1:5000 > 10.0.0.2:7 udp len 4");
}
END_TEST

START_TEST(udp_malformed)
{
    udp(4);
    sw_put16(bytes + IP + 4, 7);
    ck_assert_str_eq(text(), "10.0.0.1:5000 > 10.0.0.2:7 udp length 7 bad-checksum");
    sw_put16(bytes + IP + 4, 13);
    ck_assert_str_eq(text(), "10.0.0.1:5000 > 10.0.0.2:7 udp length 13 bad-checksum");
    len = IP + 7;
    seal_ip();
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 udp short");
}
END_TEST

/* Its checksum covers what its own length says. */
START_TEST(udp_shorter_than_the_packet_around_it)
{
    udp(4);
    hex("abcdef");
    seal_ip();
    ck_assert_str_eq(text(), "10.0.0.1:5000 > 10.0.0.2:7 udp len 4");
    bytes[IP + 11] ^= 1;
    ck_assert_str_eq(text(), "10.0.0.1:5000 > 10.0.0.2:7 udp len 4 bad-checksum");
}
END_TEST

/* RFC 768: a checksum of zero is none. */
START_TEST(checksums_that_are_wrong)
{
    udp(5);
    bytes[IP + 8] ^= 1;
    ck_assert_str_eq(text(), "10.0.0.1:5000 > 10.0.0.2:7 udp len 5 bad-checksum");
    sw_put16(bytes + IP + 6, 0);
    ck_assert_str_eq(text(), "10.0.0.1:5000 > 10.0.0.2:7 udp len 5");
    bytes[ETH + 10] ^= 1;
    ck_assert_str_eq(text(), "10.0.0.1:5000 > 10.0.0.2:7 bad-ip-checksum udp len 5");
}
END_TEST

/* A frame made inside carries the pseudo-header's sum only, and that is no error. */
START_TEST(partial_checksum_is_right)
{
    udp(5);
    sw_put16(bytes + IP + 6, 0x1234);
    struct sw_frame *frame = sw_frame_from_bytes(pool, bytes, len, ETH);
    ck_assert_ptr_nonnull(frame);
    frame->csum = SW_CSUM_PARTIAL;
    frame->csum_start = IP;
    frame->csum_offset = 6;
    ck_assert_str_eq(sw_frame_text(frame, line, sizeof(line)),
                     "10.0.0.1:5000 > 10.0.0.2:7 udp len 5");
    sw_frame_drop(frame);
}
END_TEST

START_TEST(ip_fields_that_are_unusual)
{
    udp(0);
    bytes[ETH + 1] = 0x02;
    bytes[ETH + 8] = 63;
    seal(6);
    ck_assert_str_eq(text(), "10.0.0.1:5000 > 10.0.0.2:7 ttl 63 tos 0x02 udp len 0");
    len = 0;
    hex(ONE_TO_TWO "0800 4700 0000 0011 4000 4063 0000 0a000001 0a000002 94040000 01010100");
    seal_ip();
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 options 8 protocol 99 len 0");
}
END_TEST

START_TEST(ip_malformed)
{
    udp(0);
    ck_assert_str_eq(text_of(ETH + 19), "02:00:00:00:00:01 > 02:00:00:00:00:02 ip short, len 19");
    ck_assert_str_eq(text_of(ETH + 27),
                     "02:00:00:00:00:01 > 02:00:00:00:00:02 ip total length, len 27");
    sw_put16(bytes + ETH + 2, 19);
    ck_assert_str_eq(text(), "02:00:00:00:00:01 > 02:00:00:00:00:02 ip total length, len 28");
    bytes[ETH] = 0x44;
    ck_assert_str_eq(text(), "02:00:00:00:00:01 > 02:00:00:00:00:02 ip header length, len 28");
    bytes[ETH] = 0x48;
    ck_assert_str_eq(text(), "02:00:00:00:00:01 > 02:00:00:00:00:02 ip header length, len 28");
    bytes[ETH] = 0x65;
    ck_assert_str_eq(text(), "02:00:00:00:00:01 > 02:00:00:00:00:02 ip version, len 28");
}
END_TEST

START_TEST(fragments)
{
    udp(1472);
    sw_put16(bytes + ETH + 6, 0x2000);
    seal_ip();
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 frag id 17 0+1480 more udp");
    sw_put16(bytes + ETH + 6, 185);
    len = IP + 20;
    seal_ip();
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 frag id 17 1480+20 udp");
}
END_TEST

START_TEST(icmp_echo)
{
    ipv4("01");
    hex("0800 0000 0001 0002");
    zeros(56);
    seal(2);
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 icmp echo request id 1 seq 2 len 56");
    bytes[IP] = 0;
    seal(2);
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 icmp echo reply id 1 seq 2 len 56");
    bytes[IP + 10] ^= 4;
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 icmp echo reply id 1 seq 2 len 56 bad-checksum");
}
END_TEST

START_TEST(icmp_errors_quote_what_they_speak_of)
{
    static const struct {
        const char *head, *text;
    } cases[] = {
        {"0300 0000 0000 0000", "unreachable net"},
        {"0301 0000 0000 0000", "unreachable host"},
        {"0302 0000 0000 0000", "unreachable protocol"},
        {"0303 0000 0000 0000", "unreachable port"},
        {"0304 0000 0000 0578", "unreachable frag-needed mtu 1400"},
        {"0305 0000 0000 0000", "unreachable source-route"},
        {"0308 0000 0000 0000", "unreachable code 8"},
        {"030d 0000 0000 0000", "unreachable prohibited"},
        {"030f 0000 0000 0000", "unreachable code 15"},
        {"0501 0000 0a000009", "redirect to 10.0.0.9"},
        {"0b00 0000 0000 0000", "time-exceeded ttl"},
        {"0b01 0000 0000 0000", "time-exceeded reassembly"},
        {"0c00 0000 1400 0000", "parameter-problem at 20"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ipv4("01");
        hex(cases[i].head);
        hex("4500 05dc 0012 0000 0111 0000 0a000002 0a000005 1388 0007 0000 0000");
        seal(2);
        char expected[160];
        snprintf(expected, sizeof(expected),
                 "10.0.0.1 > 10.0.0.2 icmp %s (10.0.0.2:5000 > 10.0.0.5:7 udp)", cases[i].text);
        ck_assert_str_eq(text(), expected);
    }
}
END_TEST

START_TEST(icmp_malformed_or_unknown)
{
    ipv4("01");
    hex("0d00 0000 0001 0002");
    zeros(12);
    seal(2);
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 icmp type 13 code 0 len 12");
    bytes[IP] = 3;
    seal(2);
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 icmp unreachable net (ip short)");
    zeros(8);
    seal(2);
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 icmp unreachable net (ip version)");
    len = IP + 7;
    seal(2);
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 icmp short");
}
END_TEST

/* What is quoted need not hold the ports. */
START_TEST(icmp_quote_without_ports)
{
    ipv4("01");
    hex("0303 0000 0000 0000 4500 0000 0012 0000 4006 0000 0a000002 0a000005 1388");
    seal(2);
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 icmp unreachable port "
                             "(10.0.0.2 > 10.0.0.5 tcp)");
}
END_TEST

START_TEST(tcp_syn_with_its_options)
{
    tcp("a002", "0204 05b4 0402 080a 00000005 00000000 01 030307");
    seal(16);
    ck_assert_str_eq(text(), "10.0.0.1:40000 > 10.0.0.2:80 tcp S seq 1000 win 65535 "
                             "<mss 1460,sackOK,ts 5 0,wscale 7> len 0");
}
END_TEST

START_TEST(tcp_flags_from_the_lowest_bit_up)
{
    tcp("5000", "");
    zeros(3);
    seal(16);
    ck_assert_str_eq(text(), "10.0.0.1:40000 > 10.0.0.2:80 tcp none seq 1000 win 65535 len 3");
    bytes[IP + 13] = 0x19;
    seal(16);
    ck_assert_str_eq(text(),
                     "10.0.0.1:40000 > 10.0.0.2:80 tcp FPA seq 1000 ack 2000 win 65535 len 3");
    bytes[IP + 13] = 0xff;
    bytes[IP + 19] = 9;
    seal(16);
    ck_assert_str_eq(text(), "10.0.0.1:40000 > 10.0.0.2:80 tcp FSRPAUEC seq 1000 ack 2000 "
                             "win 65535 urg 9 len 3");
}
END_TEST

START_TEST(tcp_sack_blocks)
{
    tcp("a010", "0101 0512 00000064 000000c8 0000012c 00000190");
    seal(16);
    ck_assert_str_eq(text(), "10.0.0.1:40000 > 10.0.0.2:80 tcp A seq 1000 ack 2000 win 65535 "
                             "<sack 100-200 300-400> len 0");
}
END_TEST

START_TEST(tcp_options_that_are_wrong)
{
    static const struct {
        const char *options, *text;
    } cases[] = {
        {"0203 0500", "<option 2/3>"},   /* not MSS's length */
        {"0204 05", "<option 2 cut>"},   /* runs out of the header */
        {"0201 05b4", "<option 2 cut>"}, /* shorter than itself */
        {"0101 0103", "<option 3 cut>"}, /* no length at all */
        {"0102 0405", "<option 2 cut>"},
        {"fd04 abcd", "<option 253/4>"}, /* unknown */
        {"0004 0000", ""},               /* behind the end */
        {"0402 fd00", "<sackOK,option 253 cut>"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tcp("6010", cases[i].options);
        zeros(IP + 24 - len);
        if (i == 1) {
            bytes[IP + 21] = 5;
        }
        seal(16);
        char expected[200];
        snprintf(expected, sizeof(expected),
                 "10.0.0.1:40000 > 10.0.0.2:80 tcp A seq 1000 ack 2000 win 65535%s%s len 0",
                 cases[i].text[0] != '\0' ? " " : "", cases[i].text);
        ck_assert_str_eq(text(), expected);
    }
}
END_TEST

START_TEST(tcp_malformed)
{
    tcp("6010", "");
    seal(16);
    ck_assert_str_eq(text(), "10.0.0.1:40000 > 10.0.0.2:80 tcp offset 24");
    bytes[IP + 12] = 0x40;
    seal(16);
    ck_assert_str_eq(text(), "10.0.0.1:40000 > 10.0.0.2:80 tcp offset 16");
    bytes[IP + 12] = 0x50;
    bytes[IP + 4] ^= 0x80;
    ck_assert_str_eq(text(), "10.0.0.1:40000 > 10.0.0.2:80 tcp A seq 2147484648 ack 2000 "
                             "win 65535 len 0 bad-checksum");
    len = IP + 19;
    seal(16);
    ck_assert_str_eq(text(), "10.0.0.1 > 10.0.0.2 tcp short");
}
END_TEST

START_TEST(text_is_cut_to_the_room_there_is)
{
    udp(4);
    struct sw_frame *frame = sw_frame_from_bytes(pool, bytes, len, ETH);
    ck_assert_ptr_nonnull(frame);
    for (size_t cap = 1; cap < 60; cap++) {
        char *room = malloc(cap);
        ck_assert_ptr_nonnull(room);
        sw_frame_text(frame, room, cap);
        ck_assert_uint_eq(strlen(room), cap - 1 < 36 ? cap - 1 : 36);
        ck_assert_int_eq(strncmp(room, "10.0.0.1:5000 > 10.0.0.2:7 udp len 4", cap - 1), 0);
        free(room);
    }
    sw_frame_drop(frame);
}
END_TEST

/* Bytes that mean nothing, and good packets with some bytes wrong: at every length, and however
 * head and payload divide it, one frame has one text. */
START_TEST(any_bytes_have_a_text)
{
    uint32_t x = 7;
    for (int round = 0; round < 4000; round++) {
        switch (round % 4) {
        case 0:
            tcp("a010", "0101 0512 00000064 000000c8 0000012c 00000190");
            seal(16);
            break;
        case 1:
            udp(8);
            break;
        case 2:
            ipv4("01");
            hex("0303 0000 0000 0000 4500 05dc 0012 0000 0111 0000 0a000002 0a000005 1388 0007");
            seal(2);
            break;
        default:
            len = 0;
            hex(ONE_TO_TWO "8100 0005 0800");
            zeros(200);
            break;
        }
        for (int i = 0; i < round % 5; i++) {
            x = x * 1664525 + 1013904223;
            bytes[12 + (x >> 8) % (len - 12)] = (uint8_t)(x >> 24);
        }
        size_t n = (x >> 4) % (len + 1);
        char whole[SW_FRAME_TEXT];
        strcpy(whole, text_of(n));
        ck_assert_uint_gt(strlen(whole), 0);
        struct sw_frame *frame = sw_frame_from_bytes(pool, bytes, n, (x >> 12) % 161);
        ck_assert_ptr_nonnull(frame);
        ck_assert_str_eq(sw_frame_text(frame, line, sizeof(line)), whole);
        sw_frame_drop(frame);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *tcase = tcase_create("text");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, arp);
    tcase_add_test(tcase, arp_names_hardware_addresses_that_are_not_the_headers);
    tcase_add_test(tcase, arp_malformed);
    tcase_add_test(tcase, ethernet_of_other_types);
    tcase_add_test(tcase, tags_come_first);
    tcase_add_test(tcase, udp_with_ports_and_length);
    tcase_add_test(tcase, udp_malformed);
    tcase_add_test(tcase, udp_shorter_than_the_packet_around_it);
    tcase_add_test(tcase, checksums_that_are_wrong);
    tcase_add_test(tcase, partial_checksum_is_right);
    tcase_add_test(tcase, ip_fields_that_are_unusual);
    tcase_add_test(tcase, ip_malformed);
    tcase_add_test(tcase, fragments);
    tcase_add_test(tcase, icmp_echo);
    tcase_add_test(tcase, icmp_errors_quote_what_they_speak_of);
    tcase_add_test(tcase, icmp_malformed_or_unknown);
    tcase_add_test(tcase, icmp_quote_without_ports);
    tcase_add_test(tcase, tcp_syn_with_its_options);
    tcase_add_test(tcase, tcp_flags_from_the_lowest_bit_up);
    tcase_add_test(tcase, tcp_sack_blocks);
    tcase_add_test(tcase, tcp_options_that_are_wrong);
    tcase_add_test(tcase, tcp_malformed);
    tcase_add_test(tcase, text_is_cut_to_the_room_there_is);
    tcase_add_test(tcase, any_bytes_have_a_text);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
