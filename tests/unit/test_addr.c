#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/addr.h"

static struct sw_ip ip(const char *text)
{
    struct sw_ip out;
    ck_assert_msg(sw_ip_parse(&out, text), "%s", text);
    return out;
}

START_TEST(mac_reads_back_what_it_writes)
{
    struct sw_mac mac;
    char text[SW_MAC_TEXT];
    ck_assert(sw_mac_parse(&mac, "02:00:5e:10:FF:0a"));
    ck_assert_mem_eq(mac.b, "\x02\x00\x5e\x10\xff\x0a", 6);
    ck_assert_str_eq(sw_mac_emit(mac, text), "02:00:5e:10:ff:0a");
    ck_assert(sw_mac_parse(&mac, "a9-Fc-90-AE-ff-0B"));
    ck_assert_str_eq(sw_mac_emit(mac, text), "a9:fc:90:ae:ff:0b");
    ck_assert_str_eq(sw_mac_emit(sw_mac_broadcast, text), "ff:ff:ff:ff:ff:ff");
}
END_TEST

START_TEST(mac_takes_the_whole_text_or_none_of_it)
{
    static const char *const wrong[] = {
        "",
        "02",
        "02:00:5e:10:ff",
        "02:00:5e:10:ff:",
        "02:00:5e:10:ff:0",
        "02:00:5e:10:ff:0a ",
        "02:00:5e:10:ff:0a:01",
        " 02:00:5e:10:ff:0a",
        "02:00:5e:10:ff:0g",
        "02:00:5e:10:ff:0G",
        "02:00:5e:10:ff:0@",
        "02:00:5e:10:ff:0`",
        "02:00:5e:10:ff:0/",
        "2:0:5e:10:ff:a",
        "02005e10ff0a",
        "02:00-5e:10:ff:0a",
        "02-00:5e:10:ff:0a",
        "02.00.5e.10.ff.0a",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct sw_mac mac = {{1, 2, 3, 4, 5, 6}};
        ck_assert_msg(!sw_mac_parse(&mac, wrong[i]), "%s", wrong[i]);
        ck_assert_mem_eq(mac.b, "\1\2\3\4\5\6", 6);
    }
}
END_TEST

START_TEST(mac_kinds)
{
    struct sw_mac one = {{0x02, 0, 0, 0, 0, 1}}, group = {{0x01, 0x80, 0xc2, 0, 0, 0}};
    ck_assert(!sw_mac_is_group(one));
    ck_assert(sw_mac_is_group(group));
    ck_assert(sw_mac_is_group(sw_mac_broadcast));
    ck_assert(!sw_mac_is_group(sw_mac_zero));
    ck_assert(sw_mac_is_zero(sw_mac_zero));
    ck_assert(!sw_mac_is_zero(one));
    ck_assert(sw_mac_equal(one, one));
    ck_assert(!sw_mac_equal(one, group));
}
END_TEST

START_TEST(ip_reads_back_what_it_writes)
{
    static const char *const right[] = {"0.0.0.0", "10.0.0.1", "192.168.255.254",
                                        "255.255.255.255"};
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        char text[SW_IP_TEXT];
        ck_assert_str_eq(sw_ip_emit(ip(right[i]), text), right[i]);
    }
    ck_assert_uint_eq(sw_ip_v4_number(ip("10.0.0.1")), 0x0a000001);
    ck_assert(sw_ip_equal(sw_ip_v4(0x0a000001), ip("10.0.0.1")));
    ck_assert(!sw_ip_equal(sw_ip_v4(0x0a000001), ip("10.0.0.2")));
}
END_TEST

START_TEST(ip_takes_a_dotted_quad_alone)
{
    static const char *const wrong[] = {
        "",          "10",         "10.0.0",     "10.0.0.",   "10.0.0.1.",  "10.0.0.1.2",
        "10.0.0.01", "00.0.0.1",   "10.0.0.256", "10.0.0.-1", "10.0.0. 1",  " 10.0.0.1",
        "10.0.0.1 ", "10.0.0.1/8", "0x0a.0.0.1", "10..0.1",   "10,0,0,1",   "::1",
        "a.b.c.d",   "10.0.0.1a",  "+10.0.0.1",  "1e1.0.0.1", "10.0.0.999", "4294967297.0.0.1",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct sw_ip out = sw_ip_v4(7);
        ck_assert_msg(!sw_ip_parse(&out, wrong[i]), "%s", wrong[i]);
        ck_assert_uint_eq(sw_ip_v4_number(out), 7);
    }
}
END_TEST

START_TEST(ipv6_is_written_by_rfc5952)
{
    static const struct {
        uint8_t b[16];
        const char *text;
    } cases[] = {
        {{0}, "::"},
        {{[15] = 1}, "::1"},
        {{[1] = 1}, "1::"},
        {{0x20, 1, 0x0d, 0xb8, [15] = 1}, "2001:db8::1"},
        /* 4.2.2: a single zero group is not shortened */
        {{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, "2001:db8:0:1:1:1:1:1"},
        /* 4.2.3: the longest run, the first of equals */
        {{0x20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}, "2001:0:0:1::1"},
        {{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1}, "2001:db8::1:0:0:1"},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
          0xff},
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sw_endpoint at = {.ip = {.family = SW_IPV6}, .port = 65535};
        memcpy(at.ip.b, cases[i].b, 16);
        char text[SW_IP_TEXT], end[SW_ENDPOINT_TEXT], expected[SW_ENDPOINT_TEXT];
        ck_assert_str_eq(sw_ip_emit(at.ip, text), cases[i].text);
        ck_assert_int_lt(snprintf(expected, sizeof(expected), "[%s]:65535", cases[i].text),
                         SW_ENDPOINT_TEXT);
        ck_assert_str_eq(sw_endpoint_emit(at, end), expected);
    }
}
END_TEST

START_TEST(endpoint_is_written_with_its_port)
{
    char text[SW_ENDPOINT_TEXT];
    struct sw_endpoint at = {ip("255.255.255.255"), 65535}, none = {.port = 80};
    ck_assert_str_eq(sw_endpoint_emit(at, text), "255.255.255.255:65535");
    ck_assert_str_eq(sw_endpoint_emit(none, text), "*:80");
}
END_TEST

START_TEST(v4_classes__rfc1122_3_2_1_3)
{
    ck_assert(sw_v4_is_loopback(0x7f000001) && sw_v4_is_loopback(0x7fffffff));
    ck_assert(!sw_v4_is_loopback(0x7effffff) && !sw_v4_is_loopback(0x80000000));
    ck_assert(sw_v4_is_multicast(0xe0000000) && sw_v4_is_multicast(0xefffffff));
    ck_assert(!sw_v4_is_multicast(0xdfffffff) && !sw_v4_is_multicast(0xf0000000));
    ck_assert(sw_v4_is_class_e(0xf0000000) && sw_v4_is_class_e(0xfffffffe));
    ck_assert(!sw_v4_is_class_e(0xefffffff) && !sw_v4_is_class_e(0xffffffff));
}
END_TEST

START_TEST(mask_of_each_length)
{
    ck_assert_uint_eq(sw_v4_mask(0), 0);
    ck_assert_uint_eq(sw_v4_mask(1), 0x80000000);
    ck_assert_uint_eq(sw_v4_mask(24), 0xffffff00);
    ck_assert_uint_eq(sw_v4_mask(31), 0xfffffffe);
    ck_assert_uint_eq(sw_v4_mask(32), 0xffffffff);
}
END_TEST

START_TEST(mask_of_33_bits_is_our_own_bug)
{
    sw_v4_mask(33);
}
END_TEST

START_TEST(prefix_holds_its_own)
{
    struct sw_prefix p = {ip("10.0.1.128"), 25};
    ck_assert(sw_prefix_holds(p, ip("10.0.1.128")));
    ck_assert(sw_prefix_holds(p, ip("10.0.1.255")));
    ck_assert(!sw_prefix_holds(p, ip("10.0.1.127")));
    ck_assert(!sw_prefix_holds(p, ip("10.0.2.128")));
    struct sw_prefix host = {ip("10.0.1.5"), 32}, all = {ip("0.0.0.0"), 0};
    ck_assert(sw_prefix_holds(host, ip("10.0.1.5")) && !sw_prefix_holds(host, ip("10.0.1.4")));
    ck_assert(sw_prefix_holds(all, ip("255.1.2.3")));
}
END_TEST

/* The bits of a host may stand in a prefix ("192.168.1.7/20"): they count for nothing. */
START_TEST(prefix_agrees_with_the_mask_at_every_length)
{
    for (unsigned bits = 0; bits <= 32; bits++) {
        struct sw_prefix p = {sw_ip_v4(0xc0a80107), (uint8_t)bits};
        for (unsigned bit = 0; bit < 32; bit++) {
            uint32_t other = 0xc0a80107 ^ UINT32_C(1) << bit;
            bool inside = ((other ^ 0xc0a80107) & sw_v4_mask(bits)) == 0;
            ck_assert(sw_prefix_holds(p, sw_ip_v4(other)) == inside);
        }
    }
}
END_TEST

START_TEST(prefix_holds_nothing_of_another_family)
{
    struct sw_ip six = {.family = SW_IPV6}, none = {.family = SW_IP_NONE};
    struct sw_prefix four = {sw_ip_v4(0), 0}, nothing = {none, 0}, all_six = {six, 0};
    ck_assert(!sw_prefix_holds(four, six) && !sw_prefix_holds(four, none));
    ck_assert(!sw_prefix_holds(nothing, none) && !sw_prefix_holds(nothing, sw_ip_v4(0)));
    ck_assert(sw_prefix_holds(all_six, six));
    ck_assert(!sw_ip_equal(sw_ip_v4(0), none));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("addr");
    TCase *tcase = tcase_create("addr");
    tcase_add_test(tcase, mac_reads_back_what_it_writes);
    tcase_add_test(tcase, mac_takes_the_whole_text_or_none_of_it);
    tcase_add_test(tcase, mac_kinds);
    tcase_add_test(tcase, ip_reads_back_what_it_writes);
    tcase_add_test(tcase, ip_takes_a_dotted_quad_alone);
    tcase_add_test(tcase, ipv6_is_written_by_rfc5952);
    tcase_add_test(tcase, endpoint_is_written_with_its_port);
    tcase_add_test(tcase, v4_classes__rfc1122_3_2_1_3);
    tcase_add_test(tcase, mask_of_each_length);
    tcase_add_test_raise_signal(tcase, mask_of_33_bits_is_our_own_bug, SIGABRT);
    tcase_add_test(tcase, prefix_holds_its_own);
    tcase_add_test(tcase, prefix_agrees_with_the_mask_at_every_length);
    tcase_add_test(tcase, prefix_holds_nothing_of_another_family);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
