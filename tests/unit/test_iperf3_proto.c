/* iperf3's bytes: parameters in, results both ways, datagrams. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lan/iperf3_proto.h"

/* As a client of version 3.12 writes them, for -P 2 -t 5 -O 1 -w 256K -M 1400 -N -S 16 -R. */
static const char tcp_312[] =
    "{\"tcp\":true,\"omit\":1,\"time\":5,\"num\":0,\"blockcount\":0,\"MSS\":1400,\"nodelay\":true,"
    "\"parallel\":2,\"reverse\":true,\"window\":262144,\"len\":131072,\"pacing_timer\":1000,"
    "\"TOS\":16,\"client_version\":\"3.12\"}";
static const char udp_312[] =
    "{\"udp\":true,\"omit\":0,\"time\":0,\"num\":1e+16,\"blockcount\":0,\"parallel\":1,"
    "\"len\":1448,\"bandwidth\":500000000,\"pacing_timer\":1000,\"udp_counters_64bit\":1,"
    "\"get_server_output\":1,\"dont_fragment\":1,\"bidirectional\":true,\"client_version\":\"3."
    "12\"}";

static enum sw_iperf3_error parse(struct sw_iperf3_params *out, const char *json)
{
    return sw_iperf3_params_parse(out, json, strlen(json));
}

START_TEST(parameters_of_a_tcp_client)
{
    struct sw_iperf3_params p;
    ck_assert_int_eq(parse(&p, tcp_312), SW_IPERF3_OK);
    ck_assert(!p.udp && p.reverse && !p.bidirectional && p.nodelay && !p.server_output);
    ck_assert(!p.wide_counters && !p.dont_fragment);
    ck_assert_uint_eq(p.parallel, 2);
    ck_assert_uint_eq(p.omit_s, 1);
    ck_assert_uint_eq(p.duration_s, 5);
    ck_assert_uint_eq(p.bytes, 0);
    ck_assert_uint_eq(p.block_bytes, 131072);
    ck_assert_uint_eq(p.rate_bps, 0);
    ck_assert_uint_eq(p.window_bytes, 262144);
    ck_assert_uint_eq(p.tos, 16);
}
END_TEST

START_TEST(parameters_of_a_udp_client)
{
    struct sw_iperf3_params p;
    ck_assert_int_eq(parse(&p, udp_312), SW_IPERF3_OK);
    ck_assert(p.udp && !p.reverse && p.bidirectional && p.server_output);
    ck_assert(p.wide_counters && p.dont_fragment && !p.nodelay);
    ck_assert_uint_eq(p.parallel, 1);
    ck_assert_uint_eq(p.duration_s, 0);
    ck_assert_uint_eq(p.bytes, UINT64_C(10000000000000000));
    ck_assert_uint_eq(p.block_bytes, 1448);
    ck_assert_uint_eq(p.rate_bps, 500000000);
}
END_TEST

START_TEST(what_is_not_said_is_as_usual)
{
    struct sw_iperf3_params p;
    ck_assert_int_eq(parse(&p, "{}"), SW_IPERF3_OK);
    ck_assert_uint_eq(p.parallel, 1);
    ck_assert_uint_eq(p.block_bytes, 131072);
    ck_assert_int_eq(parse(&p, "{\"udp\":true,\"len\":0}"), SW_IPERF3_OK);
    ck_assert_uint_eq(p.block_bytes, 1460);
}
END_TEST

START_TEST(unknown_keys_mean_nothing)
{
    struct sw_iperf3_params p;
    ck_assert_int_eq(parse(&p, "{\"tcp\":true,\"gsro\":{\"a\":[1,2,{}]},\"authtoken\":\"x\","
                               "\"mptcp\":true,\"title\":\"\\u00e9\",\"parallel\":3}"),
                     SW_IPERF3_OK);
    ck_assert_uint_eq(p.parallel, 3);
}
END_TEST

START_TEST(a_flag_may_be_false)
{
    struct sw_iperf3_params p;
    ck_assert_int_eq(parse(&p, "{\"reverse\":false,\"udp\":0,\"get_server_output\":0,"
                               "\"nodelay\":null,\"bidirectional\":1}"),
                     SW_IPERF3_OK);
    ck_assert(!p.reverse && !p.udp && !p.server_output && !p.nodelay && p.bidirectional);
}
END_TEST

static const struct {
    const char *json;
    enum sw_iperf3_error error;
} refused[] = {
    {"", SW_IPERF3_E_PARAMS},
    {"[]", SW_IPERF3_E_PARAMS},
    {"17", SW_IPERF3_E_PARAMS},
    {"{} {}", SW_IPERF3_E_PARAMS},
    {"{\"parallel\":\"2\"}", SW_IPERF3_E_PARAMS},
    {"{\"time\":true}", SW_IPERF3_E_PARAMS},
    {"{\"len\":null}", SW_IPERF3_E_PARAMS},
    {"{\"num\":-1}", SW_IPERF3_E_PARAMS},
    {"{\"num\":1e19}", SW_IPERF3_E_PARAMS},
    {"{\"num\":1e999}", SW_IPERF3_E_PARAMS},
    {"{\"num\":99999999999999999999999999}", SW_IPERF3_E_PARAMS},
    {"{\"bandwidth\":-5}", SW_IPERF3_E_PARAMS},
    {"{\"title\":\"\xff\"}", SW_IPERF3_E_PARAMS},
    {"{\"parallel\":0}", SW_IPERF3_E_STREAMS},
    {"{\"parallel\":129}", SW_IPERF3_E_STREAMS},
    {"{\"parallel\":-1}", SW_IPERF3_E_STREAMS},
    {"{\"omit\":601}", SW_IPERF3_E_OMIT},
    {"{\"time\":86401}", SW_IPERF3_E_DURATION},
    {"{\"window\":536870913}", SW_IPERF3_E_WINDOW},
    {"{\"TOS\":256}", SW_IPERF3_E_TOS},
    {"{\"len\":1048577}", SW_IPERF3_E_BLOCK},
    {"{\"udp\":true,\"len\":15}", SW_IPERF3_E_UDP_BLOCK},
    {"{\"udp\":true,\"len\":65508}", SW_IPERF3_E_UDP_BLOCK},
    {"{\"sctp\":true}", SW_IPERF3_E_NOT_HERE},
    {"{\"tcp\":true,\"udp\":true}", SW_IPERF3_E_NOT_HERE},
    {"{\"reverse\":true,\"bidirectional\":true}", SW_IPERF3_E_BOTH_WAYS},
};

START_TEST(what_cannot_be_is_refused)
{
    struct sw_iperf3_params p;
    ck_assert_int_eq(parse(&p, refused[_i].json), refused[_i].error);
}
END_TEST

START_TEST(the_ends_of_each_range_are_taken)
{
    struct sw_iperf3_params p;
    ck_assert_int_eq(parse(&p, "{\"parallel\":128,\"omit\":600,\"time\":86400,\"window\":536870912,"
                               "\"TOS\":255,\"len\":1048576,\"num\":9e18,\"bandwidth\":9e18}"),
                     SW_IPERF3_OK);
    ck_assert_uint_eq(p.parallel, 128);
    ck_assert_uint_eq(p.tos, 255);
    ck_assert_int_eq(parse(&p, "{\"udp\":true,\"len\":65507}"), SW_IPERF3_OK);
    ck_assert_int_eq(parse(&p, "{\"udp\":true,\"len\":16}"), SW_IPERF3_OK);
}
END_TEST

/* Cut anywhere, it is no JSON; in memory of its own, so that a sanitizer sees what is read behind
 * it. */
START_TEST(cut_at_any_length_it_is_refused)
{
    struct sw_iperf3_params p;
    for (size_t n = 0; n < sizeof tcp_312 - 1; n++) {
        char *cut = malloc(n ? n : 1);
        memcpy(cut, tcp_312, n);
        ck_assert_int_eq(sw_iperf3_params_parse(&p, cut, n), SW_IPERF3_E_PARAMS);
        free(cut);
    }
}
END_TEST

START_TEST(any_byte_may_be_any_other)
{
    struct sw_iperf3_params p;
    char wrong[sizeof tcp_312 - 1];
    for (size_t at = 0; at < sizeof wrong; at++) {
        for (unsigned byte = 0; byte < 256; byte += 5) {
            memcpy(wrong, tcp_312, sizeof wrong);
            wrong[at] = (char)byte;
            if (sw_iperf3_params_parse(&p, wrong, sizeof wrong) == SW_IPERF3_OK) {
                ck_assert_uint_ge(p.parallel, 1);
                ck_assert_uint_le(p.parallel, 128);
                ck_assert_uint_ge(p.block_bytes, 1);
            }
        }
    }
}
END_TEST

START_TEST(parameters_are_bounded)
{
    struct sw_iperf3_params p;
    char *json = malloc(SW_IPERF3_PARAMS_MAX + 1);
    memset(json, ' ', SW_IPERF3_PARAMS_MAX + 1);
    memcpy(json, "{}", 2);
    ck_assert_int_eq(sw_iperf3_params_parse(&p, json, SW_IPERF3_PARAMS_MAX), SW_IPERF3_OK);
    ck_assert_int_eq(sw_iperf3_params_parse(&p, json, SW_IPERF3_PARAMS_MAX + 1),
                     SW_IPERF3_E_PARAMS);
    memset(json, '[', SW_IPERF3_PARAMS_MAX); /* as deep as it goes */
    ck_assert_int_eq(sw_iperf3_params_parse(&p, json, SW_IPERF3_PARAMS_MAX), SW_IPERF3_E_PARAMS);
    free(json);
}
END_TEST

/* ---- results ---- */

START_TEST(streams_are_numbered_as_clients_number_them)
{
    ck_assert_uint_eq(sw_iperf3_stream_id(0), 1);
    ck_assert_uint_eq(sw_iperf3_stream_id(1), 3);
    ck_assert_uint_eq(sw_iperf3_stream_id(2), 4);
    ck_assert_uint_eq(sw_iperf3_stream_id(255), 257);
}
END_TEST

static const struct sw_iperf3_stream_result two[] = {
    {.id = 1,
     .bytes = 131072,
     .retransmits = -1,
     .jitter = 250 * SW_US,
     .errors = 3,
     .packets = 100,
     .omitted_errors = 1,
     .omitted_packets = 10,
     .took = 2500 * SW_MS},
    {.id = 3, .bytes = UINT64_MAX, .retransmits = 7, .took = SW_S},
};

START_TEST(results_are_what_clients_expect)
{
    size_t n;
    char *json = sw_iperf3_results_emit(two, 2, 1, "line\n", &n);
    static const char expected[] =
        "{\"cpu_util_total\":0,\"cpu_util_user\":0,\"cpu_util_system\":0,"
        "\"sender_has_retransmits\":1,\"server_output_text\":\"line\\n\",\"streams\":["
        "{\"id\":1,\"bytes\":131072,\"retransmits\":-1,\"jitter\":0.00025,\"errors\":3,"
        "\"omitted_errors\":1,\"packets\":100,\"omitted_packets\":10,\"start_time\":0,"
        "\"end_time\":2.5},"
        "{\"id\":3,\"bytes\":9223372036854775807,\"retransmits\":7,\"jitter\":0.0,\"errors\":0,"
        "\"omitted_errors\":0,\"packets\":0,\"omitted_packets\":0,\"start_time\":0,"
        "\"end_time\":1.0}]}";
    ck_assert_ptr_nonnull(json);
    ck_assert_uint_eq(n, sizeof expected - 1);
    ck_assert_int_eq(memcmp(json, expected, n), 0);
    free(json);
}
END_TEST

START_TEST(results_without_server_output_do_not_speak_of_it)
{
    size_t n;
    char *json = sw_iperf3_results_emit(two, 0, -1, NULL, &n);
    static const char expected[] =
        "{\"cpu_util_total\":0,\"cpu_util_user\":0,\"cpu_util_system\":0,"
        "\"sender_has_retransmits\":-1,\"streams\":[]}";
    ck_assert_uint_eq(n, sizeof expected - 1);
    ck_assert_int_eq(memcmp(json, expected, n), 0);
    free(json);
}
END_TEST

static const char client_results[] =
    "{\"cpu_util_total\":1.5,\"cpu_util_user\":0.5,\"cpu_util_system\":1,"
    "\"sender_has_retransmits\":1,\"congestion_used\":\"cubic\",\"streams\":["
    "{\"id\":3,\"bytes\":123456789012,\"retransmits\":5,\"jitter\":0,\"errors\":0,\"packets\":0,"
    "\"start_time\":0,\"end_time\":5.000123},"
    "{\"id\":1,\"bytes\":7,\"retransmits\":-1,\"jitter\":2.5e-05,\"errors\":2,\"packets\":9}]}";

START_TEST(a_clients_results_are_found_by_their_ids)
{
    struct sw_iperf3_stream_result r[3] = {{.id = 1}, {.id = 3}, {.id = 4, .bytes = 99}};
    ck_assert_int_eq(sw_iperf3_results_parse(r, 3, client_results, sizeof client_results - 1),
                     SW_IPERF3_OK);
    ck_assert_uint_eq(r[0].bytes, 7);
    ck_assert_int_eq(r[0].retransmits, -1);
    ck_assert_int_eq(r[0].jitter, 25 * SW_US);
    ck_assert_uint_eq(r[0].errors, 2);
    ck_assert_uint_eq(r[0].packets, 9);
    ck_assert_int_eq(r[0].took, 0); /* not said */
    ck_assert_uint_eq(r[1].bytes, UINT64_C(123456789012));
    ck_assert_int_eq(r[1].retransmits, 5);
    ck_assert_int_eq(r[1].took, 5000123000);
    ck_assert_uint_eq(r[2].id, 4);
    ck_assert_uint_eq(r[2].bytes, 0); /* nothing said */
}
END_TEST

START_TEST(what_is_beyond_is_bounded)
{
    struct sw_iperf3_stream_result r = {.id = 1};
    static const char json[] = "{\"streams\":[{\"id\":1,\"bytes\":1e30,\"retransmits\":-1e9,"
                               "\"jitter\":-3,\"errors\":-1,\"packets\":1e300,\"end_time\":1e20}]}";
    ck_assert_int_eq(sw_iperf3_results_parse(&r, 1, json, sizeof json - 1), SW_IPERF3_OK);
    ck_assert_uint_eq(r.bytes, UINT64_C(9000000000000000000));
    ck_assert_int_eq(r.retransmits, -1);
    ck_assert_int_eq(r.jitter, 0);
    ck_assert_uint_eq(r.errors, 0);
    ck_assert_int_eq(r.took, INT64_C(9000000000000000000));
}
END_TEST

static const char *const bad_results[] = {
    "",
    "[]",
    "{}",
    "{\"streams\":{}}",
    "{\"streams\":[1]}",
    "{\"streams\":[{}]}",
    "{\"streams\":[{\"id\":1,\"bytes\":1,\"retransmits\":1,\"jitter\":1,\"errors\":1}]}",
    "{\"streams\":[{\"id\":1,\"bytes\":\"1\",\"retransmits\":1,\"jitter\":1,\"errors\":1,"
    "\"packets\":1}]}",
    "{\"streams\":[{\"id\":2,\"bytes\":1,\"retransmits\":1,\"jitter\":1,\"errors\":1,"
    "\"packets\":1}]}",
};

START_TEST(results_that_are_none_are_refused)
{
    struct sw_iperf3_stream_result r = {.id = 1};
    ck_assert_int_eq(sw_iperf3_results_parse(&r, 1, bad_results[_i], strlen(bad_results[_i])),
                     SW_IPERF3_E_RESULTS);
}
END_TEST

START_TEST(results_are_bounded_by_their_streams)
{
    struct sw_iperf3_stream_result r = {.id = 1};
    size_t most = SW_IPERF3_RESULTS_MAX(1);
    char *json = malloc(most + 1);
    ck_assert_uint_eq(most, 8192 + 512);
    memset(json, ' ', most + 1);
    memcpy(json, "{\"streams\":[]}", 14);
    ck_assert_int_eq(sw_iperf3_results_parse(&r, 1, json, most), SW_IPERF3_OK);
    ck_assert_int_eq(sw_iperf3_results_parse(&r, 1, json, most + 1), SW_IPERF3_E_RESULTS);
    for (size_t n = 0; n < sizeof client_results - 1; n++) {
        memcpy(json, client_results, n);
        ck_assert_int_eq(sw_iperf3_results_parse(&r, 1, json, n), SW_IPERF3_E_RESULTS);
    }
    free(json);
}
END_TEST

/* ---- datagrams ---- */

START_TEST(a_stream_is_opened_in_the_new_way_and_the_old)
{
    uint8_t answer[4];
    ck_assert(sw_iperf3_connect("9876", 4, answer));
    ck_assert_int_eq(memcmp(answer, "6789", 4), 0);
    ck_assert(sw_iperf3_connect("\x15\xcd\x5b\x07", 4, answer));
    ck_assert_int_eq(memcmp(answer, "\xb1\x68\xde\x3a", 4), 0);
    ck_assert(!sw_iperf3_connect("6789", 4, answer));
    ck_assert(!sw_iperf3_connect("98765", 5, answer));
    for (size_t n = 0; n < 4; n++) {
        ck_assert(!sw_iperf3_connect("9876", n, answer));
    }
}
END_TEST

START_TEST(a_header_is_seconds_microseconds_and_a_number)
{
    struct sw_iperf3_header h;
    static const uint8_t bytes[16] = {0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 5};
    ck_assert(sw_iperf3_header_parse(&h, bytes, 16, true));
    ck_assert_int_eq(h.sent, 2 * SW_S + 7 * SW_US);
    ck_assert_uint_eq(h.number, UINT64_C(0x100000005));
    ck_assert(sw_iperf3_header_parse(&h, bytes, 12, false));
    ck_assert_uint_eq(h.number, 1);
    for (size_t n = 0; n < 16; n++) {
        ck_assert(!sw_iperf3_header_parse(&h, bytes, n, true));
        ck_assert(n >= 12 || !sw_iperf3_header_parse(&h, bytes, n, false));
    }
}
END_TEST

START_TEST(a_header_is_written_as_it_is_read)
{
    uint8_t to[17] = {[12] = 0xaa, [16] = 0xaa};
    struct sw_iperf3_header h = {.sent = 3 * SW_S + 999999999, .number = UINT64_C(0x100000002)};
    sw_iperf3_header_emit(to, &h, false);
    ck_assert_int_eq(memcmp(to, "\0\0\0\3\0\x0f\x42\x3f\0\0\0\2\xaa", 13), 0);
    sw_iperf3_header_emit(to, &h, true);
    ck_assert_int_eq(memcmp(to, "\0\0\0\3\0\x0f\x42\x3f\0\0\0\1\0\0\0\2\xaa", 17), 0);
    ck_assert_uint_eq(sw_iperf3_header_bytes(true), 16);
    ck_assert_uint_eq(sw_iperf3_header_bytes(false), 12);
}
END_TEST

static void come(struct sw_iperf3_arrivals *a, uint64_t number, sw_time sent, sw_time now)
{
    struct sw_iperf3_header header = {sent, number};
    sw_iperf3_arrived(a, &header, now);
}

START_TEST(numbers_left_out_are_lost_until_they_come_late)
{
    struct sw_iperf3_arrivals a = {0};
    come(&a, 1, 0, 0);
    come(&a, 2, 0, 0);
    ck_assert_uint_eq(a.errors, 0);
    come(&a, 5, 0, 0); /* 3 and 4 */
    ck_assert_uint_eq(a.errors, 2);
    come(&a, 4, 0, 0);
    ck_assert_uint_eq(a.errors, 1);
    ck_assert_uint_eq(a.late, 1);
    ck_assert_uint_eq(a.packets, 5);
    come(&a, 3, 0, 0);
    come(&a, 3, 0, 0); /* a copy is not one less than none */
    ck_assert_uint_eq(a.errors, 0);
    ck_assert_uint_eq(a.late, 3);
    come(&a, 0, 0, 0);
    ck_assert_uint_eq(a.packets, 5);
}
END_TEST

START_TEST(jitter_is_of_the_ways_length__rfc3550_6_4_1)
{
    struct sw_iperf3_arrivals a = {0};
    come(&a, 1, 1000 * SW_S, 5 * SW_MS); /* clocks need not agree */
    ck_assert_int_eq(a.jitter16, 0);
    come(&a, 2, 1000 * SW_S + 10 * SW_MS, 15 * SW_MS);
    ck_assert_int_eq(a.jitter16, 0);
    come(&a, 3, 1000 * SW_S + 20 * SW_MS, 41 * SW_MS); /* 16 ms longer */
    ck_assert_int_eq(a.jitter16 / 16, SW_MS);
    come(&a, 4, 1000 * SW_S + 30 * SW_MS, 51 * SW_MS);
    ck_assert_int_eq(a.jitter16 / 16, 937500); /* 15/16 of it */
}
END_TEST

/* A sender's clock that jumps as far as it can be written, there and back: no overflow, which a
 * sanitizer would see. */
START_TEST(a_mad_clock_does_no_harm)
{
    struct sw_iperf3_arrivals a = {0};
    struct sw_iperf3_header h;
    static const uint8_t far[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t near[16] = {[15] = 1};
    for (int i = 0; i < 1000; i++) {
        ck_assert(sw_iperf3_header_parse(&h, i % 2 ? far : near, 16, true));
        sw_iperf3_arrived(&a, &h, (sw_time)i * SW_S);
        ck_assert_int_ge(a.jitter16, 0);
    }
    ck_assert_uint_eq(a.packets, UINT64_MAX);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("iperf3_proto");
    TCase *params = tcase_create("parameters");
    TCase *results = tcase_create("results");
    TCase *datagrams = tcase_create("datagrams");
    tcase_add_test(params, parameters_of_a_tcp_client);
    tcase_add_test(params, parameters_of_a_udp_client);
    tcase_add_test(params, what_is_not_said_is_as_usual);
    tcase_add_test(params, unknown_keys_mean_nothing);
    tcase_add_test(params, a_flag_may_be_false);
    tcase_add_loop_test(params, what_cannot_be_is_refused, 0,
                        (int)(sizeof refused / sizeof refused[0]));
    tcase_add_test(params, the_ends_of_each_range_are_taken);
    tcase_add_test(params, cut_at_any_length_it_is_refused);
    tcase_add_test(params, any_byte_may_be_any_other);
    tcase_add_test(params, parameters_are_bounded);
    tcase_add_test(results, streams_are_numbered_as_clients_number_them);
    tcase_add_test(results, results_are_what_clients_expect);
    tcase_add_test(results, results_without_server_output_do_not_speak_of_it);
    tcase_add_test(results, a_clients_results_are_found_by_their_ids);
    tcase_add_test(results, what_is_beyond_is_bounded);
    tcase_add_loop_test(results, results_that_are_none_are_refused, 0,
                        (int)(sizeof bad_results / sizeof bad_results[0]));
    tcase_add_test(results, results_are_bounded_by_their_streams);
    tcase_add_test(datagrams, a_stream_is_opened_in_the_new_way_and_the_old);
    tcase_add_test(datagrams, a_header_is_seconds_microseconds_and_a_number);
    tcase_add_test(datagrams, a_header_is_written_as_it_is_read);
    tcase_add_test(datagrams, numbers_left_out_are_lost_until_they_come_late);
    tcase_add_test(datagrams, jitter_is_of_the_ways_length__rfc3550_6_4_1);
    tcase_add_test(datagrams, a_mad_clock_does_no_harm);
    suite_add_tcase(s, params);
    suite_add_tcase(s, results);
    suite_add_tcase(s, datagrams);
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
