/* New addresses for old ones (lan/rewrite.c). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "lan/rewrite.h"

static struct sw_rewrite_mac macs[] = {
    {{{2, 0, 0, 0, 0, 1}}, {{2, 0, 0, 0, 1, 1}}},
    {{{2, 0, 0, 0, 0, 2}}, {{2, 0, 0, 0, 1, 2}}},
};
static struct sw_rewrite_net nets[] = {
    {0x0a000001, 0xc0a80709, 0xffffffff}, /* 10.0.0.1 to 192.168.7.9 */
    {0x0a000000, 0xac100500, 0xffffff00}, /* 10.0.0.0/24 to 172.16.5.0/24 */
};
static const struct sw_rewrite rules = {macs, 2, nets, 2};

static uint8_t frame[256];
static size_t length;

/* An IPv4 packet from 10.0.0.1 to 10.0.0.77, whose transport has its right checksum. */
static void build(uint8_t protocol, uint16_t fragment, size_t text)
{
    static const uint8_t eth[14] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00};
    size_t field = protocol == 6 ? 16 : 6, l4 = (protocol == 6 ? 20 : 8) + text;
    memset(frame, 0, sizeof frame);
    memcpy(frame, eth, sizeof eth);
    uint8_t *ip = frame + 14;
    ip[0] = 0x45;
    ip[8] = 64;
    ip[9] = protocol;
    sw_put16(ip + 2, (uint16_t)(20 + l4));
    sw_put16(ip + 6, fragment);
    sw_put32(ip + 12, 0x0a000001);
    sw_put32(ip + 16, 0x0a00004d);
    sw_put16(ip + 10, sw_checksum(ip, 20));
    for (size_t i = 0; i < l4; i++) {
        ip[20 + i] = (uint8_t)(i * 37 + 11);
    }
    sw_put16(ip + 20 + field, 0);
    uint64_t sum = sw_sum_pseudo_v4(0x0a000001, 0x0a00004d, protocol, (uint32_t)l4);
    sw_put16(ip + 20 + field, (uint16_t)~sw_sum_fold(sw_sum_add(sum, ip + 20, l4)));
    length = 14 + 20 + l4;
}

static void rewrite(void)
{
    sw_rewrite_frame(&rules, frame, length);
}

static uint16_t transport_sum(void)
{
    const uint8_t *ip = frame + 14;
    uint32_t n = (uint32_t)(length - 34);
    uint64_t sum = sw_sum_pseudo_v4(sw_get32(ip + 12), sw_get32(ip + 16), ip[9], n);
    return sw_sum_fold(sw_sum_add(sum, ip + 20, n));
}

START_TEST(addresses_and_checksums_of_tcp_and_udp__rfc1624)
{
    static const uint8_t protocols[] = {6, 17};
    for (unsigned i = 0; i < 2; i++) {
        build(protocols[i], 0, 33);
        ck_assert_uint_eq(transport_sum(), 0xffff);
        rewrite();
        static const uint8_t eth[12] = {2, 0, 0, 0, 1, 2, 2, 0, 0, 0, 1, 1};
        ck_assert_mem_eq(frame, eth, sizeof eth);
        ck_assert_uint_eq(sw_get32(frame + 26), 0xc0a80709); /* the first that fits */
        ck_assert_uint_eq(sw_get32(frame + 30), 0xac10054d); /* the net's, its host kept */
        ck_assert_uint_eq(sw_checksum(frame + 14, 20), 0);
        ck_assert_uint_eq(transport_sum(), 0xffff);
    }
}
END_TEST

START_TEST(a_wrong_checksum_stays_wrong)
{
    build(6, 0, 20);
    frame[34 + 16] ^= 0x40;
    frame[14 + 10] ^= 0x40;
    rewrite();
    ck_assert_uint_ne(transport_sum(), 0xffff);
    ck_assert_uint_ne(sw_checksum(frame + 14, 20), 0);
}
END_TEST

START_TEST(udp_without_a_checksum_stays_without__rfc768)
{
    build(17, 0, 20);
    sw_put16(frame + 34 + 6, 0);
    rewrite();
    ck_assert_uint_eq(sw_get16(frame + 34 + 6), 0);
    ck_assert_uint_eq(sw_get32(frame + 26), 0xc0a80709);
}
END_TEST

/* Of all texts of two bytes some have a sum of zero after the change: it is written as 0xffff. */
START_TEST(udp_never_loses_its_checksum__rfc768)
{
    unsigned zeros = 0;
    for (unsigned v = 0; v < 0x10000; v++) {
        build(17, 0, 2);
        sw_put16(frame + 42, (uint16_t)v);
        sw_put16(frame + 40, 0);
        uint64_t sum = sw_sum_pseudo_v4(0x0a000001, 0x0a00004d, 17, 10);
        uint16_t sent = (uint16_t)~sw_sum_fold(sw_sum_add(sum, frame + 34, 10));
        sw_put16(frame + 40, sent == 0 ? 0xffff : sent);
        rewrite();
        ck_assert_uint_ne(sw_get16(frame + 40), 0);
        ck_assert_uint_eq(transport_sum(), 0xffff);
        zeros += sw_get16(frame + 40) == 0xffff;
    }
    ck_assert_uint_gt(zeros, 0);
}
END_TEST

/* The first fragment alone has the transport's header; what lies there in a later one is text. */
START_TEST(a_later_fragments_text_is_left_alone)
{
    uint8_t before[64];
    build(17, 100, 30);
    memcpy(before, frame + 34, 38);
    rewrite();
    ck_assert_mem_eq(frame + 34, before, 38);
    ck_assert_uint_eq(sw_get32(frame + 26), 0xc0a80709);
    ck_assert_uint_eq(sw_checksum(frame + 14, 20), 0);
}
END_TEST

START_TEST(arp_is_rewritten_in_all_four_places)
{
    static const uint8_t request[42] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0,  0, 0, 0, 1, 8, 6, 0, 1, 8, 0,  6, 4, 0,
        1,    2,    0,    0,    0,    0,    1, 10, 0, 0, 1, 2, 0, 0, 0, 0, 2, 10, 0, 0, 8};
    memcpy(frame, request, sizeof request);
    length = sizeof request;
    rewrite();
    static const uint8_t sender[10] = {2, 0, 0, 0, 1, 1, 192, 168, 7, 9};
    static const uint8_t target[10] = {2, 0, 0, 0, 1, 2, 172, 16, 5, 8};
    ck_assert_mem_eq(frame + 22, sender, sizeof sender);
    ck_assert_mem_eq(frame + 32, target, sizeof target);
    ck_assert_uint_eq(frame[0], 0xff);
    ck_assert_uint_eq(frame[10], 1);
}
END_TEST

START_TEST(two_vlan_tags_are_looked_behind_and_a_third_is_not)
{
    static const uint8_t tag[4] = {0x81, 0x00, 0, 10};
    for (unsigned tags = 0; tags <= 3; tags++) {
        build(6, 0, 20);
        memmove(frame + 12 + 4 * tags, frame + 12, length - 12);
        for (unsigned i = 0; i < tags; i++) {
            memcpy(frame + 12 + 4 * i, tag, sizeof tag);
        }
        sw_rewrite_frame(&rules, frame, length + 4 * tags);
        uint32_t src = sw_get32(frame + 26 + 4 * tags);
        ck_assert_uint_eq(src, tags <= 2 ? 0xc0a80709 : 0x0a000001);
        ck_assert_uint_eq(frame[4], 1);
    }
}
END_TEST

/* Every beginning of a frame, each in memory of its own length: the sanitizer watches its end. */
START_TEST(nothing_behind_a_short_frame_is_touched)
{
    static const uint8_t protocols[] = {6, 17, 1};
    for (unsigned k = 0; k < 3; k++) {
        build(protocols[k], 0, 20);
        for (size_t n = 0; n <= length; n++) {
            uint8_t *bytes = malloc(n + 1);
            memcpy(bytes, frame, n);
            bytes[n] = 0x5a;
            sw_rewrite_frame(&rules, bytes, n);
            ck_assert_uint_eq(bytes[n], 0x5a);
            free(bytes);
        }
    }
}
END_TEST

START_TEST(what_no_rule_names_stays_as_it_is)
{
    uint8_t before[256];
    static const struct sw_rewrite none = {0};
    build(6, 0, 33);
    memcpy(before, frame, sizeof before);
    sw_rewrite_frame(&none, frame, length);
    ck_assert_mem_eq(frame, before, sizeof before);
    sw_put16(frame + 12, 0x86dd);
    memcpy(before, frame, sizeof before);
    rewrite();
    ck_assert_mem_eq(frame + 12, before + 12, sizeof before - 12); /* not IPv4 */
    build(6, 0, 33);
    frame[14] = 0x44; /* a header of 16 bytes */
    memcpy(before, frame, sizeof before);
    rewrite();
    ck_assert_mem_eq(frame + 12, before + 12, sizeof before - 12);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rewrite");
    TCase *tcase = tcase_create("rewrite");
    tcase_add_test(tcase, addresses_and_checksums_of_tcp_and_udp__rfc1624);
    tcase_add_test(tcase, a_wrong_checksum_stays_wrong);
    tcase_add_test(tcase, udp_without_a_checksum_stays_without__rfc768);
    tcase_add_test(tcase, udp_never_loses_its_checksum__rfc768);
    tcase_add_test(tcase, a_later_fragments_text_is_left_alone);
    tcase_add_test(tcase, arp_is_rewritten_in_all_four_places);
    tcase_add_test(tcase, two_vlan_tags_are_looked_behind_and_a_third_is_not);
    tcase_add_test(tcase, nothing_behind_a_short_frame_is_touched);
    tcase_add_test(tcase, what_no_rule_names_stays_as_it_is);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
