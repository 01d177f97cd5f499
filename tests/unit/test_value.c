/* Values of the LAN file: config/value.c and config/value_net.c. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/value.h"

#define TIME(text, want) number_is(sw_time_parse, text, want)
#define NO_TIME(text, words) number_fails(sw_time_parse, text, words)

static void number_is(bool (*parse)(int64_t *, const char *, char *), const char *text,
                      int64_t want)
{
    char why[SW_WHY] = "";
    int64_t got = -7;
    ck_assert_msg(parse(&got, text, why), "'%s': %s", text, why);
    ck_assert_msg(got == want, "'%s' is %" PRId64 ", not %" PRId64, text, got, want);
}

/* Refused, with these words among others, and the result untouched. */
static void number_fails(bool (*parse)(int64_t *, const char *, char *), const char *text,
                         const char *words)
{
    char why[SW_WHY] = "";
    int64_t got = -7;
    ck_assert_msg(!parse(&got, text, why), "'%s' is taken as %" PRId64, text, got);
    ck_assert_msg(strstr(why, words) != NULL, "'%s': %s", text, why);
    ck_assert_int_eq(got, -7);
}

START_TEST(a_time_has_a_unit_and_is_exact_to_the_nanosecond)
{
    TIME("10 ns", 10);
    TIME("50us", 50000);
    TIME("1 ms", 1000000);
    TIME("1.5 s", 1500000000);
    TIME("5 min", 300000000000);
    TIME("1 h", 3600000000000);
    TIME("0", 0);
    TIME("0 s", 0);
    TIME("1.000000001 s", 1000000001);
    TIME("1.000000000 h", 3600000000000);
    TIME("0.1 us", 100);
}
END_TEST

START_TEST(a_time_without_unit_names_the_units)
{
    NO_TIME("10", "units are ns, us, ms, s, min, h");
    NO_TIME("10 sec", "units are ns");
    NO_TIME("10 MS", "did you mean 'ms'");
    NO_TIME("1.5", "with its unit");
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
    NO_TIME("", "expected a time like 10 ms");
    NO_TIME("fast", "expected a time like 10 ms");
    NO_TIME("-1 s", "cannot be negative");
    NO_TIME("1e3 s", "unknown unit");
    NO_TIME("1,5 s", "expected a time");
    NO_TIME("1_000 s", "expected a time");
    NO_TIME("010 s", "expected a time");
    NO_TIME(".5 s", "expected a time");
    NO_TIME("5. s", "expected a time");
    NO_TIME("1.2.3 s", "expected a time");
    NO_TIME("1 s ", "unknown unit");
    NO_TIME(" 1 s", "expected a time");
}
END_TEST

START_TEST(a_time_is_never_rounded_nor_wraps)
{
    NO_TIME("0.5 ns", "finer than 1 ns");
    NO_TIME("1.0000000001 s", "finer than 1 ns");
    NO_TIME("99999999999999999999 ns", "too much");
    NO_TIME("18446744073709551616 ns", "too much");
    NO_TIME("9223372036854775808 ns", "too much");
    NO_TIME("5124096 h", "too much");
    NO_TIME("0.00000000000000000000000001 s", "finer");
}
END_TEST

START_TEST(a_rate_is_decimal_and_of_bits)
{
    number_is(sw_rate_parse, "64 kbit", 64000);
    number_is(sw_rate_parse, "100 Mbit", 100000000);
    number_is(sw_rate_parse, "10 Gbit/s", 10000000000);
    number_is(sw_rate_parse, "2.5Gbit", 2500000000);
    number_is(sw_rate_parse, "1 bit/s", 1);
    number_is(sw_rate_parse, "1 Tbit", 1000000000000);
    number_is(sw_rate_parse, "unlimited", 0);
    number_fails(sw_rate_parse, "0", "nothing ever moves");
    number_fails(sw_rate_parse, "0 Mbit", "nothing ever moves");
    number_fails(sw_rate_parse, "100", "units are bit, kbit");
    number_fails(sw_rate_parse, "100 Mb", "unknown unit 'Mb'");
    number_fails(sw_rate_parse, "100 MB/s", "unknown unit");
    number_fails(sw_rate_parse, "100 mbit", "did you mean 'Mbit'");
    number_fails(sw_rate_parse, "2 Tbit", "too much");
    number_fails(sw_rate_parse, "0.5 bit", "finer than 1 bit");
    number_fails(sw_rate_parse, "unlimitd", "expected a rate");
}
END_TEST

START_TEST(a_speed_is_kept_fast_or_a_multiple)
{
    number_is(sw_speed_parse, "kept", 1000);
    number_is(sw_speed_parse, "fast", 0);
    number_is(sw_speed_parse, "1x", 1000);
    number_is(sw_speed_parse, "10 x", 10000);
    number_is(sw_speed_parse, "0.001x", 1);
    number_is(sw_speed_parse, "1000000x", 1000000000);
    number_fails(sw_speed_parse, "0x", "nothing ever comes");
    number_fails(sw_speed_parse, "0", "nothing ever comes");
    number_fails(sw_speed_parse, "2", "with its unit, like 10x, kept or fast");
    number_fails(sw_speed_parse, "0.0001x", "finer than 0.001x");
    number_fails(sw_speed_parse, "1000001x", "too much");
    number_fails(sw_speed_parse, "-1x", "negative");
    number_fails(sw_speed_parse, "Fast", "expected a speed like 10x, kept or fast");
    number_fails(sw_speed_parse, "2y", "unknown unit 'y'");
}
END_TEST

START_TEST(a_rewriting_has_a_mac_an_address_or_a_net_at_each_side)
{
    char why[SW_WHY];
    struct sw_mac mac;
    struct sw_prefix net;
    ck_assert(sw_rewrite_parse(&mac, &net, "02:00:00:00:00:0a", why));
    ck_assert_uint_eq(net.ip.family, SW_IP_NONE);
    ck_assert_uint_eq(mac.b[5], 10);
    ck_assert(sw_rewrite_parse(&mac, &net, "ff:ff:ff:ff:ff:ff", why));
    ck_assert(sw_rewrite_parse(&mac, &net, "10.0.0.1", why));
    ck_assert_uint_eq(net.bits, 32);
    ck_assert(sw_rewrite_parse(&mac, &net, "224.0.0.0/4", why));
    ck_assert_uint_eq(net.bits, 4);
    ck_assert(sw_rewrite_parse(&mac, &net, "0.0.0.0/0", why));
    ck_assert_uint_eq(net.bits, 0);
    static const char *const none[] = {
        "", "default", "web", "10.0.0", "10.0.0.1/8", "10.0.0.0/33", "02:00:00:00:00", "::1", "/"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        ck_assert_msg(!sw_rewrite_parse(&mac, &net, none[i], why), "%s", none[i]);
        ck_assert_msg(strstr(why, "expected") != NULL, "%s", why);
    }
}
END_TEST

START_TEST(a_size_has_binary_and_decimal_prefixes)
{
    number_is(sw_size_parse, "1500 B", 1500);
    number_is(sw_size_parse, "64 KiB", 65536);
    number_is(sw_size_parse, "64 kB", 64000);
    number_is(sw_size_parse, "1 MiB", 1048576);
    number_is(sw_size_parse, "10 MB", 10000000);
    number_is(sw_size_parse, "1 GiB", 1073741824);
    number_is(sw_size_parse, "1.5 KiB", 1536);
    number_is(sw_size_parse, "0", 0);
    number_fails(sw_size_parse, "64 KB", "did you mean 'kB'");
    number_fails(sw_size_parse, "64", "with its unit");
    number_fails(sw_size_parse, "0.1 KiB", "finer than 1 B");
    number_fails(sw_size_parse, "100 packets", "unknown unit");
}
END_TEST

START_TEST(a_queue_counts_packets_or_bytes)
{
    char why[SW_WHY];
    int64_t n;
    bool packets;
    ck_assert(sw_queue_parse(&n, &packets, "100 packets", why));
    ck_assert(packets && n == 100);
    ck_assert(sw_queue_parse(&n, &packets, "1packet", why));
    ck_assert(packets && n == 1);
    ck_assert(sw_queue_parse(&n, &packets, "64 KiB", why));
    ck_assert(!packets && n == 65536);
    ck_assert(!sw_queue_parse(&n, &packets, "0 packets", why));
    ck_assert(!sw_queue_parse(&n, &packets, "1.5 packets", why));
    ck_assert(!sw_queue_parse(&n, &packets, "100 packet s", why));
    ck_assert(!sw_queue_parse(&n, &packets, "100 packetss", why));
    ck_assert(strstr(why, "did you mean 'packets'"));
}
END_TEST

START_TEST(a_share_is_a_percentage_in_parts_of_a_billion)
{
    number_is(sw_share_parse, "0.5 %", 5000000);
    number_is(sw_share_parse, "100%", 1000000000);
    number_is(sw_share_parse, "0.0000001 %", 1);
    number_is(sw_share_parse, "0", 0);
    number_fails(sw_share_parse, "0.5", "with its unit");
    number_fails(sw_share_parse, "1", "with its unit");
    number_fails(sw_share_parse, "100.1 %", "more than 100 %");
    number_fails(sw_share_parse, "0.00000001 %", "finer");
}
END_TEST

START_TEST(a_count_is_plain_decimal)
{
    number_is(sw_count_parse, "0", 0);
    number_is(sw_count_parse, "9223372036854775807", INT64_MAX);
    number_is(sw_count_parse, "5.0", 5);
    number_fails(sw_count_parse, "9223372036854775808", "too big");
    number_fails(sw_count_parse, "0x10", "whole number");
    number_fails(sw_count_parse, "017", "without leading zeros");
    number_fails(sw_count_parse, "1.5", "whole number");
    number_fails(sw_count_parse, "-1", "whole number");
    number_fails(sw_count_parse, "", "whole number");
}
END_TEST

START_TEST(a_switch_is_one_of_six_words)
{
    char why[SW_WHY];
    static const char *const words[] = {"true", "on", "yes", "false", "off", "no"};
    for (int i = 0; i < 6; i++) {
        bool on = i >= 3;
        ck_assert(sw_bool_parse(&on, words[i], why));
        ck_assert_int_eq(on, i < 3);
    }
    bool on = true;
    ck_assert(!sw_bool_parse(&on, "1", why));
    ck_assert(!sw_bool_parse(&on, "", why));
    ck_assert(!sw_bool_parse(&on, "True", why));
    ck_assert(strstr(why, "did you mean 'true'"));
}
END_TEST

START_TEST(addresses_are_those_that_a_host_may_have__rfc1122_3_2_1_3)
{
    char why[SW_WHY];
    struct sw_prefix p;
    ck_assert(sw_host_address_parse(&p, "10.0.0.1/24", why));
    ck_assert_uint_eq(sw_ip_v4_number(p.ip), 0x0a000001);
    ck_assert_uint_eq(p.bits, 24);
    static const char *const fine[] = {"10.0.0.0/31", "10.0.0.1/31", "10.0.0.0/32", "1.0.0.1/1",
                                       "223.255.255.254/24"};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        ck_assert_msg(sw_host_address_parse(&p, fine[i], why), "%s: %s", fine[i], why);
    }
    static const char *const wrong[] = {"10.0.0.0/24",
                                        "10.0.0.255/24",
                                        "0.0.0.1/24",
                                        "127.0.0.1/8",
                                        "224.0.0.1/24",
                                        "240.0.0.1/8",
                                        "10.0.0.1/0",
                                        "255.255.255.255/32",
                                        "10.0.0.1",
                                        "10.0.0.1/",
                                        "10.0.0.1/33",
                                        "10.0.0.1/-1",
                                        "10.0.0/24",
                                        "10.0.0.1/024",
                                        "::1/64",
                                        "/24",
                                        "",
                                        "10.0.0.1/24 ",
                                        "10.0.0.1/24/8"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_msg(!sw_host_address_parse(&p, wrong[i], why), "%s is taken", wrong[i]);
    }
}
END_TEST

START_TEST(a_gateway_has_no_prefix_length)
{
    char why[SW_WHY];
    struct sw_ip ip;
    ck_assert(sw_unicast_parse(&ip, "10.0.0.1", why));
    ck_assert(!sw_unicast_parse(&ip, "10.0.0.1/24", why));
    ck_assert(strstr(why, "without a prefix length, '10.0.0.1'"));
    ck_assert(!sw_unicast_parse(&ip, "127.0.0.1", why));
    ck_assert(!sw_unicast_parse(&ip, "2001:db8::1", why));
    ck_assert(strstr(why, "IPv6 is not supported yet"));
}
END_TEST

START_TEST(a_place_is_a_path_with_a_slash_or_an_address_and_a_port)
{
    static const char *const wrong[] = {"vm.sock",       "127.0.0.1",       "127.0.0.1:",
                                        "127.0.0.1:0",   "127.0.0.1:70000", ":7000",
                                        "localhost:700", "127.0.0.1:7x",    ""};
    char why[SW_WHY];
    struct sw_endpoint at = {.port = 1};
    bool path = false;
    ck_assert(sw_place_parse(&path, &at, "./vm.sock", why) && path);
    ck_assert(sw_place_parse(&path, &at, "/run/127.0.0.1:7000", why) && path);
    ck_assert(sw_place_parse(&path, &at, "127.0.0.1:7000", why) && !path);
    ck_assert_uint_eq(at.port, 7000);
    ck_assert_uint_eq(sw_ip_v4_number(at.ip), 0x7f000001);
    ck_assert(sw_place_parse(&path, &at, "0.0.0.0:65535", why) && at.port == 65535);
    ck_assert(sw_endpoint_parse(&at, "127.0.0.1:0", why) && at.port == 0);
    ck_assert(!sw_endpoint_parse(&at, "127.0.0.1", why) && strstr(why, "127.0.0.1:8080"));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_msg(!sw_place_parse(&path, &at, wrong[i], why), "%s", wrong[i]);
        ck_assert(strstr(why, "a path with a '/'"));
    }
}
END_TEST

START_TEST(a_net_has_no_host_bits)
{
    char why[SW_WHY];
    struct sw_prefix p;
    ck_assert(sw_net_parse(&p, "10.1.0.0/16", why) && p.bits == 16);
    ck_assert(sw_net_parse(&p, "default", why) && p.bits == 0);
    ck_assert(sw_net_parse(&p, "0.0.0.0/0", why) && p.bits == 0);
    ck_assert(!sw_net_parse(&p, "10.1.0.1/16", why));
    ck_assert(strstr(why, "10.1.0.0/16"));
}
END_TEST

START_TEST(a_mac_is_one_stations)
{
    char why[SW_WHY];
    struct sw_mac mac;
    ck_assert(sw_station_parse(&mac, "02:00:00:00:00:0a", why) && mac.b[5] == 10);
    ck_assert(!sw_station_parse(&mac, "ff:ff:ff:ff:ff:ff", why));
    ck_assert(!sw_station_parse(&mac, "00:00:00:00:00:00", why));
    ck_assert(!sw_station_parse(&mac, "02:00:00:00:00", why));
}
END_TEST

START_TEST(names_are_short_and_plain)
{
    char why[SW_WHY], longest[65];
    memset(longest, 'x', 64);
    longest[63] = '\0';
    ck_assert(sw_name_check(longest, "a name", why));
    longest[63] = 'x';
    longest[64] = '\0';
    ck_assert(!sw_name_check(longest, "a name", why));
    ck_assert(sw_name_check("Web_1.lan-2", "a name", why));
    ck_assert(sw_name_check("10.0.0", "a name", why));
    static const char *const wrong[] = {"", "-x", "a b", "a:b", "a/b", "ü", "10.0.0.1", "a\n", "*"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_msg(!sw_name_check(wrong[i], "a name", why), "'%s' is taken", wrong[i]);
    }
}
END_TEST

static void expects(enum sw_unit unit, const char *text, int64_t lo, int64_t hi)
{
    char why[SW_WHY] = "";
    int64_t a = -7, b = -7;
    ck_assert_msg(sw_expectation_parse(&a, &b, unit, false, text, why), "'%s': %s", text, why);
    ck_assert_msg(a == lo && b == hi, "'%s' is %" PRId64 " to %" PRId64, text, a, b);
}

static void expects_not(enum sw_unit unit, const char *text, const char *words)
{
    char why[SW_WHY] = "";
    int64_t a = -7, b = -7;
    ck_assert_msg(!sw_expectation_parse(&a, &b, unit, false, text, why), "'%s' is taken", text);
    ck_assert_msg(strstr(why, words) != NULL, "'%s': %s", text, why);
}

START_TEST(expectations_compare)
{
    expects(SW_UNIT_COUNT, "3", 3, 3);
    expects(SW_UNIT_COUNT, "> 3", 4, INT64_MAX);
    expects(SW_UNIT_COUNT, ">=3", 3, INT64_MAX);
    expects(SW_UNIT_COUNT, "<3", 0, 2);
    expects(SW_UNIT_COUNT, "<= 3", 0, 3);
    expects(SW_UNIT_TIME, "< 1 ms", 0, 999999);
    expects(SW_UNIT_RATE, "> 0", 1, INT64_MAX);
    expects(SW_UNIT_RATE, ">= 90 Mbit", 90000000, INT64_MAX);
    expects(SW_UNIT_SHARE, "0 %", 0, 0);
    expects(SW_UNIT_BYTES, "10 MB", 10000000, 10000000);
    expects_not(SW_UNIT_TIME, "5", "with its unit");
    expects_not(SW_UNIT_TIME, "< 0", "never holds");
    expects_not(SW_UNIT_COUNT, "!= 3", "a comparison like");
    expects_not(SW_UNIT_COUNT, "", "a comparison like");
    expects_not(SW_UNIT_COUNT, "> 3 packets", "whole number");
    expects_not(SW_UNIT_SHARE, "> 0.5", "with its unit");
}
END_TEST

START_TEST(expectations_have_tolerances_and_ranges)
{
    expects(SW_UNIT_TIME, "20 ms ± 5 %", 19000000, 21000000);
    expects(SW_UNIT_TIME, "20 ms +- 5%", 19000000, 21000000);
    expects(SW_UNIT_TIME, "20ms±1ms", 19000000, 21000000);
    expects(SW_UNIT_TIME, "1 ms +- 2 ms", 0, 3000000);
    expects(SW_UNIT_SHARE, "46 % .. 56 %", 460000000, 560000000);
    expects(SW_UNIT_SHARE, "46 % ± 5 %", 410000000, 510000000);
    expects(SW_UNIT_COUNT, "3..5", 3, 5);
    expects(SW_UNIT_COUNT, "3 .. 3", 3, 3);
    expects_not(SW_UNIT_COUNT, "5 .. 3", "from the smaller to the bigger");
    expects_not(SW_UNIT_COUNT, "3 ..", "whole number");
    expects_not(SW_UNIT_COUNT, ".. 3", "whole number");
    expects_not(SW_UNIT_TIME, "20 ms ± 5", "with its unit");
    expects_not(SW_UNIT_TIME, "± 5 ms", "expected a time");
}
END_TEST

START_TEST(a_plain_share_is_a_part_of_one)
{
    char why[SW_WHY];
    int64_t lo, hi;
    ck_assert(sw_expectation_parse(&lo, &hi, SW_UNIT_SHARE, true, ">= 0.95", why));
    ck_assert_int_eq(lo, 950000000);
    ck_assert(sw_expectation_parse(&lo, &hi, SW_UNIT_SHARE, true, "95 %", why));
    ck_assert_int_eq(hi, 950000000);
    ck_assert(!sw_expectation_parse(&lo, &hi, SW_UNIT_SHARE, true, "95", why));
    ck_assert(strstr(why, "from 0 to 1"));
}
END_TEST

START_TEST(values_are_written_in_the_biggest_whole_unit)
{
    char buf[SW_VALUE_WRITTEN];
    ck_assert_str_eq(sw_value_write(SW_UNIT_TIME, 0, buf), "0");
    ck_assert_str_eq(sw_value_write(SW_UNIT_TIME, 1500000000, buf), "1500 ms");
    ck_assert_str_eq(sw_value_write(SW_UNIT_BYTES, 65536, buf), "64 KiB");
    ck_assert_str_eq(sw_value_write(SW_UNIT_RATE, 100000000, buf), "100 Mbit");
    ck_assert_str_eq(sw_value_write(SW_UNIT_SHARE, 5000000, buf), "0.5 %");
    ck_assert_str_eq(sw_value_write(SW_UNIT_SHARE, 1000000000, buf), "100 %");
    ck_assert_str_eq(sw_value_write(SW_UNIT_SHARE, 1, buf), "0.0000001 %");
    ck_assert_str_eq(sw_value_write(SW_UNIT_COUNT, 1000, buf), "1000");
}
END_TEST

START_TEST(quoted_text_is_cut_and_tame)
{
    char buf[SW_QUOTED_BYTES];
    ck_assert_str_eq(sw_quote("a\tb\x1b", buf), "a b ");
    ck_assert_str_eq(sw_quote("0123456789012345678901234567890123456789", buf),
                     "0123456789012345678901234567890123456789");
    ck_assert_str_eq(sw_quote("01234567890123456789012345678901234567890", buf),
                     "0123456789012345678901234567890123456789…");
    char umlauts[200] = "";
    for (int i = 0; i < 60; i++) {
        strcat(umlauts, "ü");
    }
    sw_quote(umlauts, buf);
    ck_assert_uint_eq(strlen(buf), 83);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("value");
    TCase *t = tcase_create("value");
    tcase_add_test(t, a_time_has_a_unit_and_is_exact_to_the_nanosecond);
    tcase_add_test(t, a_time_without_unit_names_the_units);
    tcase_add_test(t, what_is_no_time_is_refused);
    tcase_add_test(t, a_time_is_never_rounded_nor_wraps);
    tcase_add_test(t, a_rate_is_decimal_and_of_bits);
    tcase_add_test(t, a_speed_is_kept_fast_or_a_multiple);
    tcase_add_test(t, a_rewriting_has_a_mac_an_address_or_a_net_at_each_side);
    tcase_add_test(t, a_size_has_binary_and_decimal_prefixes);
    tcase_add_test(t, a_queue_counts_packets_or_bytes);
    tcase_add_test(t, a_share_is_a_percentage_in_parts_of_a_billion);
    tcase_add_test(t, a_count_is_plain_decimal);
    tcase_add_test(t, a_switch_is_one_of_six_words);
    tcase_add_test(t, addresses_are_those_that_a_host_may_have__rfc1122_3_2_1_3);
    tcase_add_test(t, a_gateway_has_no_prefix_length);
    tcase_add_test(t, a_place_is_a_path_with_a_slash_or_an_address_and_a_port);
    tcase_add_test(t, a_net_has_no_host_bits);
    tcase_add_test(t, a_mac_is_one_stations);
    tcase_add_test(t, names_are_short_and_plain);
    tcase_add_test(t, expectations_compare);
    tcase_add_test(t, expectations_have_tolerances_and_ranges);
    tcase_add_test(t, a_plain_share_is_a_part_of_one);
    tcase_add_test(t, values_are_written_in_the_biggest_whole_unit);
    tcase_add_test(t, quoted_text_is_cut_and_tame);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
