/* What an iperf3 server would have printed. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lan/iperf3_text.h"

static struct sw_endpoint at(const char *ip, uint16_t port)
{
    struct sw_endpoint endpoint = {.port = port};
    ck_assert(sw_ip_parse(&endpoint.ip, ip));
    return endpoint;
}

/* The one line that says this. */
static const char *said(struct sw_iperf3_text *text, const struct sw_iperf3_line *line)
{
    sw_iperf3_text_fini(text);
    sw_iperf3_text_line(text, line);
    return text->bytes;
}

START_TEST(who_came_and_how_the_streams_run)
{
    struct sw_iperf3_text text = {0};
    sw_iperf3_text_begin(&text, at("10.0.0.2", 40000));
    sw_iperf3_text_stream(&text, 1, at("10.0.0.1", 5201), at("10.0.0.2", 40001));
    sw_iperf3_text_columns(&text, false, false);
    sw_iperf3_text_columns(&text, true, true);
    ck_assert_str_eq(text.bytes,
                     "Accepted connection from 10.0.0.2, port 40000\n"
                     "[  1] local 10.0.0.1 port 5201 connected to 10.0.0.2 port 40001\n"
                     "[ ID] Interval           Transfer     Bitrate         Retr\n"
                     "- - - - - - - - - - - - - - - - - - - - - - - - -\n"
                     "[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total "
                     "Datagrams\n");
    sw_iperf3_text_fini(&text);
    ck_assert_ptr_null(text.bytes);
}
END_TEST

START_TEST(a_line_of_a_receiver_and_of_a_sender)
{
    struct sw_iperf3_text text = {0};
    struct sw_iperf3_line line = {.id = 3,
                                  .way = "",
                                  .role = "",
                                  .begin = 9 * SW_S,
                                  .end = 10 * SW_S,
                                  .bytes = 117 << 20,
                                  .retransmits = -1};
    ck_assert_str_eq(said(&text, &line), "[  3]   9.00-10.00  sec   117 MBytes   981 Mbits/sec\n");
    line.retransmits = 12;
    line.omitted = true;
    line.way = "[TX-S]";
    ck_assert_str_eq(
        said(&text, &line),
        "[  3][TX-S]   9.00-10.00  sec   117 MBytes   981 Mbits/sec    12  (omitted)\n");
    line = (struct sw_iperf3_line){
        .way = "", .role = "receiver", .end = 1234567890, .bytes = 1500, .retransmits = -1};
    ck_assert_str_eq(said(&text, &line),
                     "[SUM]   0.00-1.23   sec  1.46 KBytes  9.72 Kbits/sec        receiver\n");
    sw_iperf3_text_fini(&text);
}
END_TEST

START_TEST(a_line_of_datagrams)
{
    struct sw_iperf3_text text = {0};
    struct sw_iperf3_line line = {.id = 1,
                                  .way = "",
                                  .role = "",
                                  .end = SW_S,
                                  .bytes = 14600,
                                  .udp = true,
                                  .lost_known = true,
                                  .jitter = 1234567,
                                  .lost = 1,
                                  .packets = 11};
    ck_assert_str_eq(
        said(&text, &line),
        "[  1]   0.00-1.00   sec  14.2 KBytes   116 Kbits/sec  1.234 ms  1/11 (9.0%)\n");
    line.lost_known = false;
    line.role = "sender";
    ck_assert_str_eq(said(&text, &line),
                     "[  1]   0.00-1.00   sec  14.2 KBytes   116 Kbits/sec  11  sender\n");
    line = (struct sw_iperf3_line){.way = "", .role = "", .udp = true, .lost_known = true};
    ck_assert_str_eq(
        said(&text, &line),
        "[SUM]   0.00-0.00   sec      0 Bytes      0 bits/sec  0.000 ms  0/0 (0.0%)\n");
    sw_iperf3_text_fini(&text);
}
END_TEST

static const struct {
    uint64_t bytes;
    const char *text;
} sizes[] = {
    {0, "     0 Bytes"},
    {1, "     1 Bytes"},
    {1023, "  1023 Bytes"},
    {1024, "1.00 KBytes"},
    {10239, "9.99 KBytes"},
    {10240, "10.0 KBytes"},
    {102399, "99.9 KBytes"},
    {102400, " 100 KBytes"},
    {(1 << 20) - 1, "1023 KBytes"},
    {UINT64_C(5) << 30, "5.00 GBytes"},
    {UINT64_MAX, "15.9 EBytes"},
};

START_TEST(three_digits_and_a_unit)
{
    struct sw_iperf3_text text = {0};
    struct sw_iperf3_line line = {.way = "", .role = "", .end = SW_S, .bytes = sizes[_i].bytes};
    ck_assert_ptr_nonnull(strstr(said(&text, &line), sizes[_i].text));
    sw_iperf3_text_fini(&text);
}
END_TEST

START_TEST(the_text_is_bounded)
{
    struct sw_iperf3_text text = {0};
    struct sw_iperf3_line line = {.way = "", .role = "", .end = SW_S};
    for (unsigned i = 0; i < 100000; i++) {
        sw_iperf3_text_line(&text, &line);
    }
    ck_assert(text.cut);
    ck_assert_uint_eq(text.len, strlen(text.bytes));
    ck_assert_uint_lt(text.len, SW_IPERF3_TEXT_MAX);
    ck_assert_uint_gt(text.len, SW_IPERF3_TEXT_MAX - 200);
    ck_assert_ptr_nonnull(strstr(text.bytes, "\n(the rest is left out)\n"));
    sw_iperf3_text_fini(&text);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("iperf3_text");
    TCase *lines = tcase_create("lines");
    tcase_add_test(lines, who_came_and_how_the_streams_run);
    tcase_add_test(lines, a_line_of_a_receiver_and_of_a_sender);
    tcase_add_test(lines, a_line_of_datagrams);
    tcase_add_loop_test(lines, three_digits_and_a_unit, 0, (int)(sizeof sizes / sizeof sizes[0]));
    tcase_add_test(lines, the_text_is_bounded);
    suite_add_tcase(s, lines);
    return s;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
