/* The table of metrics, and numbers as people read them. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "lan/metric.h"

START_TEST(every_row_is_found_by_its_name_and_by_its_metric)
{
    size_t count;
    const struct sw_metric_row *rows = sw_metric_rows(&count);
    ck_assert_uint_eq(count, 37);
    for (size_t i = 0; i < count; i++) {
        ck_assert_ptr_eq(sw_metric_find(rows[i].step, rows[i].name), &rows[i]);
        ck_assert_ptr_eq(sw_metric_row(rows[i].step, rows[i].metric), &rows[i]);
        ck_assert(rows[i].tcp || rows[i].udp);
        ck_assert_uint_gt(strlen(rows[i].what), 0);
        ck_assert(i == 0 || rows[i].step >= rows[i - 1].step);
    }
    ck_assert_ptr_null(sw_metric_find(SW_STEP_PING, "throughput"));
    ck_assert_ptr_null(sw_metric_find(SW_STEP_WAIT, "took"));
    ck_assert_ptr_null(sw_metric_row(SW_STEP_HTTP, SW_METRIC_RTT));
}
END_TEST

START_TEST(six_defaults_are_held_even_if_unsaid)
{
    size_t count;
    const struct sw_metric_row *rows = sw_metric_rows(&count);
    unsigned unsaid = 0;
    for (size_t i = 0; i < count; i++) {
        unsaid += sw_metric_holds_unsaid(&rows[i], NULL, 0);
    }
    ck_assert_uint_eq(unsaid, 6);
    const struct sw_metric_row *loss = sw_metric_find(SW_STEP_PING, "loss");
    ck_assert_str_eq(loss->unsaid, "0 %");
    ck_assert_int_eq(loss->lo, 0);
    ck_assert_int_eq(loss->hi, 0);
    const struct sw_metric_row *throughput = sw_metric_find(SW_STEP_IPERF, "throughput");
    ck_assert_str_eq(throughput->unsaid, "> 0");
    ck_assert_int_eq(throughput->lo, 1);
    ck_assert_int_eq(throughput->hi, INT64_MAX);
    const struct sw_metric_row *status = sw_metric_find(SW_STEP_HTTP, "status");
    ck_assert_str_eq(status->unsaid, "200");
    ck_assert_int_eq(status->lo, 200);
    ck_assert_int_eq(status->hi, 200);
    ck_assert_str_eq(sw_metric_find(SW_STEP_TCP, "result")->unsaid, "ok");
    ck_assert_str_eq(sw_metric_find(SW_STEP_UDP, "result")->unsaid, "ok");
}
END_TEST

START_TEST(what_is_said_takes_the_place_of_a_default)
{
    struct sw_topo_expect said[2] = {{.metric = SW_METRIC_RTT}, {.metric = SW_METRIC_LOSS}};
    const struct sw_metric_row *loss = sw_metric_find(SW_STEP_PING, "loss");
    const struct sw_metric_row *status = sw_metric_find(SW_STEP_HTTP, "status");
    ck_assert(sw_metric_holds_unsaid(loss, said, 1));
    ck_assert(!sw_metric_holds_unsaid(loss, said, 2));
    said[0].metric = SW_METRIC_REPLIES; /* "two of three" says what may be lost */
    ck_assert(!sw_metric_holds_unsaid(loss, said, 1));
    said[0] = (struct sw_topo_expect){.metric = SW_METRIC_RESULT, .text = (char *)"refused"};
    ck_assert(!sw_metric_holds_unsaid(status, said, 1));
    said[0].text = (char *)"ok";
    ck_assert(sw_metric_holds_unsaid(status, said, 1));
}
END_TEST

START_TEST(numbers_have_units_and_are_cut_not_rounded)
{
    static const struct {
        enum sw_unit unit;
        int64_t value;
        const char *text;
    } all[] = {
        {SW_UNIT_TIME, 0, "0.000 us"},
        {SW_UNIT_TIME, 99999, "99.999 us"},
        {SW_UNIT_TIME, 100000, "0.100 ms"},
        {SW_UNIT_TIME, 2300000, "2.300 ms"},
        {SW_UNIT_TIME, 999999999, "999.999 ms"},
        {SW_UNIT_TIME, 12 * SW_S + 5 * SW_MS, "12.005 s"},
        {SW_UNIT_RATE, 0, "0 bit/s"},
        {SW_UNIT_RATE, 999, "999 bit/s"},
        {SW_UNIT_RATE, 1500, "1.500 kbit/s"},
        {SW_UNIT_RATE, 941200000, "941.200 Mbit/s"},
        {SW_UNIT_RATE, 26123456789, "26.123 Gbit/s"},
        {SW_UNIT_SHARE, 0, "0 %"},
        {SW_UNIT_SHARE, 1000000000, "100 %"},
        {SW_UNIT_SHARE, 333333333, "33.3 %"},
        {SW_UNIT_SHARE, 1234567, "0.123 %"},
        {SW_UNIT_COUNT, 3, "3"},
        {SW_UNIT_BYTES, 5, "5 B"},
        {SW_UNIT_TIME, -1, "-1"},
        {SW_UNIT_RATE, INT64_MAX, "9223372036.854 Gbit/s"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        char buf[SW_VALUE_TEXT];
        ck_assert_str_eq(sw_value_text(all[i].unit, all[i].value, buf), all[i].text);
    }
}
END_TEST

START_TEST(results_have_words)
{
    ck_assert_str_eq(sw_result_of(0), "ok");
    ck_assert_str_eq(sw_result_of(-ECONNREFUSED), "refused");
    ck_assert_str_eq(sw_result_of(-ECONNRESET), "reset");
    ck_assert_str_eq(sw_result_of(-ETIMEDOUT), "timeout");
    ck_assert_str_eq(sw_result_of(-EHOSTUNREACH), "unreachable");
    ck_assert_str_eq(sw_result_of(-ENETUNREACH), "unreachable");
    ck_assert_str_eq(sw_result_of(-EPROTO), "malformed");
    ck_assert_str_eq(sw_result_of(-ENETDOWN), "host-down");
    ck_assert_str_eq(sw_result_of(-EPROTONOSUPPORT), "unsupported");
    ck_assert_str_eq(sw_result_of(-EADDRINUSE), "failed");
    unsigned n = 0;
    while (sw_result_word(n)) {
        n++;
    }
    ck_assert_uint_eq(n, 5);
    ck_assert_str_eq(sw_result_word(4), "unreachable");
    ck_assert_str_eq(sw_step_kind_name(SW_STEP_IPERF), "iperf");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metric");
    TCase *tc = tcase_create("table");
    tcase_add_test(tc, every_row_is_found_by_its_name_and_by_its_metric);
    tcase_add_test(tc, six_defaults_are_held_even_if_unsaid);
    tcase_add_test(tc, what_is_said_takes_the_place_of_a_default);
    tcase_add_test(tc, numbers_have_units_and_are_cut_not_rounded);
    tcase_add_test(tc, results_have_words);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
