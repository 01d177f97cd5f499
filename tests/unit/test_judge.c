/* What a step came to, against what was expected of it. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "lan/judge.h"

static char text[SW_JUDGE_TEXT];

static struct sw_topo_expect number(enum sw_metric metric, enum sw_unit unit, int64_t lo,
                                    int64_t hi)
{
    return (struct sw_topo_expect){.metric = metric, .unit = unit, .lo = lo, .hi = hi};
}

static struct sw_topo_expect words(enum sw_metric metric, const char *said)
{
    return (struct sw_topo_expect){
        .metric = metric, .unit = SW_UNIT_TEXT, .text = (char *)said, .written = (char *)said};
}

static const struct sw_outcome pinged = {.kind = SW_STEP_PING,
                                         .took = 2 * SW_S,
                                         .of.ping = {.sent = 3,
                                                     .received = 2,
                                                     .min = 112 * SW_US,
                                                     .mean = 118 * SW_US,
                                                     .max = 2300 * SW_US,
                                                     .p50 = 115 * SW_US,
                                                     .p99 = 2200 * SW_US,
                                                     .jitter = 10 * SW_US}};

START_TEST(a_value_holds_between_its_bounds_both_included)
{
    static const struct {
        enum sw_metric metric;
        enum sw_unit unit;
        int64_t value;
        const char *seen;
    } all[] = {
        {SW_METRIC_LOSS, SW_UNIT_SHARE, 333333333, "loss 33.3 %"},
        {SW_METRIC_REPLIES, SW_UNIT_COUNT, 2, "replies 2"},
        {SW_METRIC_RTT, SW_UNIT_TIME, 118000, "rtt 0.118 ms"},
        {SW_METRIC_RTT_MIN, SW_UNIT_TIME, 112000, "rtt-min 0.112 ms"},
        {SW_METRIC_RTT_MAX, SW_UNIT_TIME, 2300000, "rtt-max 2.300 ms"},
        {SW_METRIC_RTT_P50, SW_UNIT_TIME, 115000, "rtt-p50 0.115 ms"},
        {SW_METRIC_RTT_P99, SW_UNIT_TIME, 2200000, "rtt-p99 2.200 ms"},
        {SW_METRIC_JITTER, SW_UNIT_TIME, 10000, "jitter 10.000 us"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        int64_t v = all[i].value;
        struct sw_topo_expect exact = number(all[i].metric, all[i].unit, v, v);
        struct sw_topo_expect below = number(all[i].metric, all[i].unit, INT64_MIN, v - 1);
        struct sw_topo_expect above = number(all[i].metric, all[i].unit, v + 1, INT64_MAX);
        ck_assert(sw_judge(&pinged, &exact, text));
        ck_assert(!sw_judge(&pinged, &below, text));
        ck_assert_str_eq(text, all[i].seen);
        ck_assert(!sw_judge(&pinged, &above, text));
    }
}
END_TEST

START_TEST(what_was_not_measured_holds_nothing)
{
    struct sw_outcome o = {.kind = SW_STEP_PING, .of.ping = {.sent = 3}, .error = -EHOSTUNREACH};
    struct sw_topo_expect any = number(SW_METRIC_RTT, SW_UNIT_TIME, INT64_MIN, INT64_MAX);
    struct sw_topo_expect all_lost = number(SW_METRIC_LOSS, SW_UNIT_SHARE, 1000000000, 1000000000);
    ck_assert(!sw_judge(&o, &any, text));
    ck_assert_str_eq(text, "no rtt: unreachable");
    o.error = 0;
    ck_assert(!sw_judge(&o, &any, text));
    ck_assert_str_eq(text, "no rtt: no reply");
    ck_assert(sw_judge(&o, &all_lost, text));
    o.why = "host 'b' has no address";
    ck_assert(!sw_judge(&o, &all_lost, text));
    ck_assert_str_eq(text, "no loss: host 'b' has no address");
    ck_assert_str_eq(sw_judge_figure(&o, text), "host 'b' has no address");
}
END_TEST

START_TEST(a_flow_that_failed_has_no_throughput)
{
    struct sw_outcome o = {.kind = SW_STEP_IPERF, .error = -ECONNREFUSED};
    struct sw_topo_expect some = number(SW_METRIC_THROUGHPUT, SW_UNIT_RATE, 1, INT64_MAX);
    ck_assert(!sw_judge(&o, &some, text));
    ck_assert_str_eq(text, "throughput 0 bit/s (refused)");
    ck_assert_str_eq(sw_judge_figure(&o, text), "0 bit/s, 0 B in 0.000 us, 0 retransmits, refused");
}
END_TEST

static const struct sw_outcome flowed = {.kind = SW_STEP_IPERF,
                                         .udp = true,
                                         .of.iperf = {.received_bytes = 1000000,
                                                      .datagrams = 1000,
                                                      .lost = 10,
                                                      .retransmits = 4,
                                                      .took = 8 * SW_S,
                                                      .throughput_bps = 1000000,
                                                      .throughput_min_bps = 900000,
                                                      .fairness_ppb = 950000000,
                                                      .jitter = 12 * SW_US}};

START_TEST(a_flows_metrics)
{
    static const struct {
        enum sw_metric metric;
        enum sw_unit unit;
        int64_t value;
        const char *seen;
    } all[] = {
        {SW_METRIC_THROUGHPUT, SW_UNIT_RATE, 1000000, "throughput 1.000 Mbit/s"},
        {SW_METRIC_THROUGHPUT_MIN, SW_UNIT_RATE, 900000, "throughput-min 900.000 kbit/s"},
        {SW_METRIC_RETRANSMITS, SW_UNIT_COUNT, 4, "retransmits 4"},
        {SW_METRIC_LOSS, SW_UNIT_SHARE, 10000000, "loss 1 %"},
        {SW_METRIC_JITTER, SW_UNIT_TIME, 12000, "jitter 12.000 us"},
        {SW_METRIC_FAIRNESS, SW_UNIT_SHARE, 950000000, "fairness 95 %"},
        {SW_METRIC_TOOK, SW_UNIT_TIME, 8 * SW_S, "took 8.000 s"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        int64_t v = all[i].value;
        struct sw_topo_expect exact = number(all[i].metric, all[i].unit, v, v);
        struct sw_topo_expect above = number(all[i].metric, all[i].unit, v + 1, INT64_MAX);
        ck_assert(sw_judge(&flowed, &exact, text));
        ck_assert(!sw_judge(&flowed, &above, text));
        ck_assert_str_eq(text, all[i].seen);
    }
}
END_TEST

static struct sw_outcome fetched(const char *body)
{
    struct sw_outcome o = {.kind = SW_STEP_HTTP, .took = 1203 * SW_US};
    o.of.fetch = (struct sw_fetch_result){
        .status = 200, .size = strlen(body), .body = body, .body_len = strlen(body)};
    strcpy(o.of.fetch.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    return o;
}

static bool body_is(const char *body, const char *said)
{
    struct sw_outcome o = fetched(body);
    struct sw_topo_expect e = words(SW_METRIC_BODY, said);
    return sw_judge(&o, &e, text);
}

START_TEST(a_body_is_equal_but_for_one_trailing_newline)
{
    ck_assert(body_is("hello", "hello"));
    ck_assert(body_is("hello\n", "hello"));
    ck_assert(body_is("hello", "hello\n"));
    ck_assert(!body_is("hello\n\n", "hello"));
    ck_assert(!body_is("hello ", "hello"));
    ck_assert(!body_is("hell", "hello"));
    ck_assert(body_is("", ""));
    ck_assert(!body_is("a\tb<\n", "x"));
    ck_assert_str_eq(text, "body \"a.b<.\"");
}
END_TEST

START_TEST(a_body_between_slashes_is_an_expression)
{
    ck_assert(body_is("it is 42 now", "/is [0-9]+ now/"));
    ck_assert(!body_is("it is x now", "/is [0-9]+ now/"));
    ck_assert(body_is("anything", "//"));
    ck_assert(body_is("/", "/"));
    ck_assert(!body_is("anything", "/(/"));
}
END_TEST

/* What was not kept cannot be compared with a text: a longer body is another one. */
START_TEST(a_body_that_was_kept_in_part_is_not_its_beginning)
{
    struct sw_outcome o = fetched("hello");
    struct sw_topo_expect e = words(SW_METRIC_BODY, "hello");
    o.of.fetch.size = 500;
    ck_assert(!sw_judge(&o, &e, text));
    ck_assert_str_eq(text, "body \"hello\"...");
}
END_TEST

START_TEST(an_answers_metrics)
{
    struct sw_outcome o = fetched("abc");
    struct sw_topo_expect status = number(SW_METRIC_STATUS, SW_UNIT_COUNT, 404, 404);
    struct sw_topo_expect size = number(SW_METRIC_SIZE, SW_UNIT_BYTES, 3, 3);
    struct sw_topo_expect took = number(SW_METRIC_TOOK, SW_UNIT_TIME, INT64_MIN, 1203 * SW_US);
    struct sw_topo_expect sum =
        words(SW_METRIC_SHA256, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
    struct sw_topo_expect other = words(SW_METRIC_SHA256, "ba78");
    struct sw_topo_expect ok = words(SW_METRIC_RESULT, "ok");
    ck_assert(!sw_judge(&o, &status, text));
    ck_assert_str_eq(text, "status 200");
    ck_assert(sw_judge(&o, &size, text));
    ck_assert(sw_judge(&o, &took, text));
    ck_assert(sw_judge(&o, &sum, text));
    ck_assert(!sw_judge(&o, &other, text));
    ck_assert(sw_judge(&o, &ok, text));
    ck_assert_str_eq(sw_judge_figure(&o, text), "200, 3 B in 1.203 ms");
}
END_TEST

START_TEST(no_answer_has_a_result_alone)
{
    struct sw_outcome o = fetched("");
    struct sw_topo_expect status = number(SW_METRIC_STATUS, SW_UNIT_COUNT, 0, 999);
    struct sw_topo_expect body = words(SW_METRIC_BODY, "");
    struct sw_topo_expect ok = words(SW_METRIC_RESULT, "ok");
    struct sw_topo_expect refused = words(SW_METRIC_RESULT, "refused");
    o.error = -ECONNREFUSED;
    ck_assert(!sw_judge(&o, &status, text));
    ck_assert_str_eq(text, "no status: refused");
    ck_assert(!sw_judge(&o, &body, text));
    ck_assert_str_eq(text, "no answer: refused");
    ck_assert(!sw_judge(&o, &ok, text));
    ck_assert_str_eq(text, "result refused");
    ck_assert(sw_judge(&o, &refused, text));
    ck_assert_str_eq(sw_judge_figure(&o, text), "refused after 1.203 ms");
}
END_TEST

START_TEST(what_a_conversation_received_is_compared)
{
    static const char sum[] = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    static const struct {
        const char *text;
        bool holds;
    } all[] = {
        {"hello", true},
        {"hello\n", true},
        {"hell", false},
        {"/ll/", true},
        {"/^l/", false},
        {"sha256:2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824", true},
        {"sha256:00", false},
    };
    struct sw_outcome o = {
        .kind = SW_STEP_TCP,
        .took = SW_MS,
        .of.talk = {.connected = true, .size = 5, .text = "hello", .text_len = 5}};
    memcpy(o.of.talk.sha256, sum, sizeof sum);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct sw_topo_expect e = words(SW_METRIC_RECEIVE, all[i].text);
        ck_assert_msg(sw_judge(&o, &e, text) == all[i].holds, "%s", all[i].text);
    }
    struct sw_topo_expect ok = words(SW_METRIC_RESULT, "ok");
    struct sw_topo_expect reset = words(SW_METRIC_RESULT, "reset");
    struct sw_topo_expect hello = words(SW_METRIC_RECEIVE, "hello");
    ck_assert(sw_judge(&o, &ok, text));
    ck_assert_str_eq(sw_judge_figure(&o, text), "5 B in 1.000 ms");
    o.error = -ECONNRESET; /* what came before is no answer then */
    ck_assert(!sw_judge(&o, &ok, text));
    ck_assert(sw_judge(&o, &reset, text));
    ck_assert(!sw_judge(&o, &hello, text));
    ck_assert_str_eq(text, "no answer: reset");
    ck_assert_str_eq(sw_judge_figure(&o, text), "reset after 1.000 ms");
}
END_TEST

static bool has_web(const void *table, const char *name)
{
    return table == text && strcmp(name, "web") == 0;
}

START_TEST(a_table_has_or_lacks)
{
    struct sw_outcome o = {.kind = SW_STEP_TABLE,
                           .of.table = {.entries = 2, .has = has_web, .table = text}};
    struct sw_topo_expect two = number(SW_METRIC_ENTRIES, SW_UNIT_COUNT, 2, 2);
    struct sw_topo_expect three = number(SW_METRIC_ENTRIES, SW_UNIT_COUNT, 3, 3);
    struct sw_topo_expect has[] = {words(SW_METRIC_HAS, "web"), words(SW_METRIC_HAS, "a")};
    struct sw_topo_expect lacks[] = {words(SW_METRIC_LACKS, "web"), words(SW_METRIC_LACKS, "a")};
    char seen[SW_JUDGE_TEXT];
    ck_assert(sw_judge(&o, &two, seen));
    ck_assert(!sw_judge(&o, &three, seen));
    ck_assert_str_eq(seen, "entries 2");
    ck_assert(sw_judge(&o, &has[0], seen));
    ck_assert(!sw_judge(&o, &has[1], seen));
    ck_assert_str_eq(seen, "it lacks a");
    ck_assert(!sw_judge(&o, &lacks[0], seen));
    ck_assert_str_eq(seen, "it has web");
    ck_assert(sw_judge(&o, &lacks[1], seen));
    ck_assert_str_eq(sw_judge_figure(&o, seen), "2 entries");
}
END_TEST

START_TEST(counters_captures_and_steps_together_have_one_number)
{
    static const struct {
        enum sw_step_kind kind;
        enum sw_metric metric;
        enum sw_unit unit;
        const char *seen, *figure;
    } all[] = {
        {SW_STEP_COUNTER, SW_METRIC_VALUE, SW_UNIT_COUNT, "value 7", "7"},
        {SW_STEP_CAPTURE, SW_METRIC_FRAMES, SW_UNIT_COUNT, "frames 7", "7 frames"},
        {SW_STEP_PARALLEL, SW_METRIC_TOOK, SW_UNIT_TIME, "took 0.007 us", "took 0.007 us"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct sw_outcome o = {.kind = all[i].kind, .took = 7};
        struct sw_value values[SW_JUDGE_VALUES];
        if (all[i].kind != SW_STEP_PARALLEL) {
            o.of.number = 7;
        }
        struct sw_topo_expect right = number(all[i].metric, all[i].unit, 7, 7);
        struct sw_topo_expect wrong = number(all[i].metric, all[i].unit, 0, 6);
        ck_assert(sw_judge(&o, &right, text));
        ck_assert(!sw_judge(&o, &wrong, text));
        ck_assert_str_eq(text, all[i].seen);
        ck_assert_str_eq(sw_judge_figure(&o, text), all[i].figure);
        ck_assert_uint_eq(sw_judge_values(&o, values), 1);
        ck_assert_int_eq(values[0].number, 7);
        ck_assert_int_eq(values[0].unit, all[i].unit);
        o.why = "its time ran out";
        ck_assert(!sw_judge(&o, &right, text));
        ck_assert_str_eq(sw_judge_figure(&o, text), "its time ran out");
        ck_assert_uint_eq(sw_judge_values(&o, values), 0);
    }
}
END_TEST

START_TEST(all_that_was_measured_is_told_and_nothing_else)
{
    struct sw_value values[SW_JUDGE_VALUES];
    ck_assert_uint_eq(sw_judge_values(&pinged, values), 8);
    ck_assert_str_eq(values[0].name, "loss");
    ck_assert_int_eq(values[0].number, 333333333);
    ck_assert_str_eq(values[5].name, "rtt-p99");
    ck_assert_int_eq(values[5].number, 2200000);
    struct sw_outcome silent = {.kind = SW_STEP_PING, .of.ping = {.sent = 3}};
    ck_assert_uint_eq(sw_judge_values(&silent, values), 2); /* loss and replies: no round trip */
    ck_assert_uint_eq(sw_judge_values(&flowed, values), 6); /* by UDP: no retransmits */
    ck_assert_str_eq(values[2].name, "loss");
    struct sw_outcome refused = fetched("");
    refused.error = -ECONNREFUSED;
    ck_assert_uint_eq(sw_judge_values(&refused, values), 1); /* took */
}
END_TEST

START_TEST(figures_and_expectations_are_lines)
{
    struct sw_topo_expect e = number(SW_METRIC_RTT, SW_UNIT_TIME, INT64_MIN, SW_MS - 1);
    struct sw_outcome none = {.kind = SW_STEP_PING, .of.ping = {.sent = 3}, .error = -ENETUNREACH};
    struct sw_outcome waited = {.kind = SW_STEP_WAIT, .took = 1500 * SW_MS};
    e.written = (char *)"< 1 ms";
    ck_assert_str_eq(sw_judge_expected(&pinged, &e, text), "rtt < 1 ms");
    ck_assert_str_eq(sw_judge_figure(&pinged, text),
                     "3 sent, 2 received, rtt 0.112/0.118/2.300 ms");
    ck_assert_str_eq(sw_judge_figure(&none, text), "3 sent, 0 received, unreachable");
    ck_assert_str_eq(sw_judge_figure(&flowed, text),
                     "1.000 Mbit/s, 1000000 B in 8.000 s, 10 of 1000 lost, jitter 12.000 us");
    ck_assert_str_eq(sw_judge_figure(&waited, text), "waited 1.500 s");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("judge");
    TCase *tc = tcase_create("outcomes");
    tcase_add_test(tc, a_value_holds_between_its_bounds_both_included);
    tcase_add_test(tc, what_was_not_measured_holds_nothing);
    tcase_add_test(tc, a_flow_that_failed_has_no_throughput);
    tcase_add_test(tc, a_flows_metrics);
    tcase_add_test(tc, a_body_is_equal_but_for_one_trailing_newline);
    tcase_add_test(tc, a_body_between_slashes_is_an_expression);
    tcase_add_test(tc, a_body_that_was_kept_in_part_is_not_its_beginning);
    tcase_add_test(tc, an_answers_metrics);
    tcase_add_test(tc, no_answer_has_a_result_alone);
    tcase_add_test(tc, what_a_conversation_received_is_compared);
    tcase_add_test(tc, a_table_has_or_lacks);
    tcase_add_test(tc, counters_captures_and_steps_together_have_one_number);
    tcase_add_test(tc, all_that_was_measured_is_told_and_nothing_else);
    tcase_add_test(tc, figures_and_expectations_are_lines);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
