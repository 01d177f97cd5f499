/* The course of iperf3's tests on the server's side, spoken to by a scripted client in virtual
 * time: what it says when, whom it refuses, and that nothing is left wherever a client ends. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/lan_iperf3.h"

#define TCP "{\"tcp\":true,\"omit\":0,\"time\":10,\"num\":0,\"parallel\":1,\"len\":131072}"

/* ---- the course ---- */

START_TEST(a_client_is_led_through_its_test)
{
    struct sw_test_iperf3 f;
    sw_test_iperf3_set_up(&f);
    sw_test_iperf3_hello(&f);
    sw_test_iperf3_params(&f, TCP);
    sw_test_iperf3_open(&f, 1);
    sw_test_iperf3_started(&f);
    sw_test_talk_send(&f.stream[0], f.zeros, 1000000);
    sw_lab_run(f.lab, 2 * SW_S);
    json_t *results = sw_test_iperf3_results(&f);
    ck_assert_int_eq(sw_test_iperf3_figure(results, 0, "id"), 1);
    ck_assert_int_eq(sw_test_iperf3_figure(results, 0, "bytes"), 1000000);
    ck_assert_int_eq(sw_test_iperf3_figure(results, 0, "retransmits"), -1);
    ck_assert_int_eq(json_integer_value(json_object_get(results, "sender_has_retransmits")), -1);
    ck_assert_ptr_null(json_object_get(results, "server_output_text"));
    json_decref(results);
    ck_assert(sw_test_iperf3_is_free(&f)); /* the next need not wait for IPERF_DONE */
    sw_test_iperf3_done(&f);
    ck_assert_uint_eq(sw_test_iperf3_left(&f), 0);
    ck_assert(sw_test_iperf3_is_free(&f));
    sw_test_iperf3_tear_down(&f);
}
END_TEST

/* Each byte of the control connection in a segment of its own. */
START_TEST(bytes_may_come_one_by_one)
{
    struct sw_test_iperf3 f;
    sw_test_iperf3_set_up(&f);
    sw_test_talk_connect(&f.control, f.lab, f.client, "10.0.0.1", SW_IPERF3_PORT);
    sw_lab_run(f.lab, 10 * SW_MS);
    for (unsigned i = 0; i < SW_IPERF3_COOKIE; i++) {
        ck_assert_uint_eq(f.control.in_len, 0);
        sw_test_talk_send(&f.control, i == 36 ? "" : "a", 1);
        sw_lab_run(f.lab, 10 * SW_MS);
    }
    sw_test_iperf3_expect(&f, &f.control, "\x09", 1);
    sw_test_talk_send(&f.control, "\0\0\0\2", 1);
    sw_lab_run(f.lab, 10 * SW_MS);
    sw_test_talk_send(&f.control, "\0\0\2", 3);
    sw_lab_run(f.lab, 10 * SW_MS);
    sw_test_talk_send(&f.control, "{", 1);
    sw_lab_run(f.lab, 10 * SW_MS);
    ck_assert_uint_eq(f.control.in_len, 0);
    sw_test_talk_send(&f.control, "}", 1);
    sw_test_iperf3_expect(&f, &f.control, "\x0a", 1);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

/* All that a client may say before it waits, in one go: what follows a message is not lost. */
START_TEST(bytes_may_come_all_at_once)
{
    struct sw_test_iperf3 f;
    static const char all[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0\0\0\0\2{}";
    sw_test_iperf3_set_up(&f);
    sw_test_talk_connect(&f.control, f.lab, f.client, "10.0.0.1", SW_IPERF3_PORT);
    sw_test_talk_send(&f.control, all, sizeof all - 1);
    sw_test_iperf3_expect(&f, &f.control, "\x09\x0a", 2);
    sw_test_iperf3_open(&f, 1);
    sw_test_iperf3_started(&f);
    sw_test_talk_send(&f.control, "\x04\0\0\0\x0e{\"streams\":[]}\x10", 20);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_gt(f.control.in_len, 100);
    ck_assert_int_eq(f.control.in[0], SW_IPERF3_EXCHANGE_RESULTS);
    ck_assert_int_eq(f.control.in[f.control.in_len - 1], SW_IPERF3_DISPLAY_RESULTS);
    ck_assert(f.control.peer_closed);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

START_TEST(the_servers_words_come_with_its_results)
{
    struct sw_test_iperf3 f;
    sw_test_iperf3_set_up(&f);
    sw_test_iperf3_hello(&f);
    sw_test_iperf3_params(&f, "{\"tcp\":true,\"time\":3,\"get_server_output\":1}");
    sw_test_iperf3_open(&f, 1);
    sw_test_iperf3_started(&f);
    sw_test_talk_send(&f.stream[0], f.zeros, 1048576);
    sw_lab_run(f.lab, 2500 * SW_MS);
    json_t *results = sw_test_iperf3_results(&f);
    const char *text = json_string_value(json_object_get(results, "server_output_text"));
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(strstr(text, "Accepted connection from 10.0.0.2, port "));
    ck_assert_ptr_nonnull(strstr(text, "[  1] local 10.0.0.1 port 5201 connected to 10.0.0.2"));
    ck_assert_ptr_nonnull(strstr(text, "[  1]   0.00-1.00   sec  1.00 MBytes  8.38 Mbits/sec\n"));
    ck_assert_ptr_nonnull(strstr(text, "[  1]   1.00-2.00   sec      0 Bytes      0 bits/sec\n"));
    ck_assert_ptr_nonnull(strstr(text, "receiver\n"));
    json_decref(results);
    sw_test_iperf3_done(&f);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

/* ---- who is refused ---- */

START_TEST(a_second_client_is_told_that_we_are_busy)
{
    struct sw_test_iperf3 f;
    sw_test_iperf3_set_up(&f);
    sw_test_iperf3_hello(&f);
    ck_assert(!sw_test_iperf3_is_free(&f));
    sw_test_iperf3_params(&f, TCP);
    ck_assert(!sw_test_iperf3_is_free(&f)); /* another cookie is no stream */
    sw_test_iperf3_open(&f, 1);
    sw_test_iperf3_started(&f);
    sw_test_talk_send(&f.stream[0], f.zeros, 5000);
    ck_assert(!sw_test_iperf3_is_free(&f));
    sw_test_iperf3_open(&f, 1); /* nor is one too many */
    sw_test_iperf3_expect(&f, &f.stream[1], "\xff", 1);
    json_t *results = sw_test_iperf3_results(&f);
    ck_assert_int_eq(sw_test_iperf3_figure(results, 0, "bytes"), 5000);
    json_decref(results);
    sw_test_iperf3_done(&f);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

START_TEST(whoever_says_nothing_holds_nobody_up)
{
    struct sw_test_iperf3 f;
    struct sw_test_talk silent;
    sw_test_iperf3_set_up(&f);
    sw_test_talk_connect(&silent, f.lab, f.other, "10.0.0.1", SW_IPERF3_PORT);
    sw_test_talk_send(&silent, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 36); /* one is missing */
    sw_lab_run(f.lab, SW_S);
    sw_test_iperf3_hello(&f);
    sw_lab_run(f.lab, 28 * SW_S);
    ck_assert_int_eq(silent.error, 0);
    sw_lab_run(f.lab, 2 * SW_S);
    ck_assert_int_ne(silent.error, 0); /* 30 s are enough */
    sw_test_talk_fini(&silent);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

static const struct {
    uint32_t length;
    size_t n;
    const char *bytes;
    enum sw_iperf3_error error;
} bad_params[] = {
    {0, 0, "", SW_IPERF3_E_PARAMS},
    {1, 1, "{", SW_IPERF3_E_PARAMS},
    {3, 3, "{}x", SW_IPERF3_E_PARAMS},
    {8193, 0, "", SW_IPERF3_E_PARAMS},
    {UINT32_MAX, 2, "{}", SW_IPERF3_E_PARAMS},
    {0x80000000, 0, "", SW_IPERF3_E_PARAMS},
    {16, 16, "{\"parallel\":1000}", SW_IPERF3_E_PARAMS},
    {17, 17, "{\"parallel\":1000}", SW_IPERF3_E_STREAMS},
    {13, 13, "{\"sctp\":true}", SW_IPERF3_E_NOT_HERE},
};

START_TEST(parameters_that_are_none_are_refused_with_a_reason)
{
    struct sw_test_iperf3 f;
    sw_test_iperf3_set_up(&f);
    sw_test_iperf3_hello(&f);
    sw_test_iperf3_say_json(&f, bad_params[_i].length, bad_params[_i].bytes, bad_params[_i].n);
    sw_test_iperf3_failed(&f, bad_params[_i].error);
    ck_assert(sw_test_iperf3_is_free(&f));
    sw_test_talk_fini(&f.control);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(sw_test_iperf3_left(&f), 0);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

START_TEST(results_that_are_none_are_refused_with_a_reason)
{
    static const uint32_t lengths[] = {0, 2, 8192 + 512 + 1, UINT32_MAX};
    struct sw_test_iperf3 f;
    sw_test_iperf3_set_up(&f);
    sw_test_iperf3_hello(&f);
    sw_test_iperf3_params(&f, TCP);
    sw_test_iperf3_open(&f, 1);
    sw_test_iperf3_started(&f);
    sw_test_iperf3_say(&f, SW_IPERF3_TEST_END);
    sw_test_iperf3_expect(&f, &f.control, "\x0d", 1);
    sw_test_iperf3_say_json(&f, lengths[_i], "{}", 2);
    sw_test_iperf3_failed(&f, SW_IPERF3_E_RESULTS);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

/* A byte that has no meaning, in each state that reads bytes. */
START_TEST(messages_without_meaning_end_the_test)
{
    struct sw_test_iperf3 f;
    static const enum sw_iperf3_message wrong[] = {
        SW_IPERF3_TEST_END,     SW_IPERF3_TEST_RUNNING, SW_IPERF3_EXCHANGE_RESULTS, 77, 0,
        SW_IPERF3_ACCESS_DENIED};
    sw_test_iperf3_set_up(&f);
    sw_test_iperf3_hello(&f);
    sw_test_iperf3_params(&f, TCP);
    if (_i > 0) {
        sw_test_iperf3_open(&f, 1);
        sw_test_iperf3_started(&f);
    }
    sw_test_iperf3_say(&f, wrong[_i]);
    sw_test_iperf3_failed(&f, SW_IPERF3_E_MESSAGE);
    sw_lab_run(f.lab, SW_S);
    ck_assert(_i == 0 || f.stream[0].error != 0); /* reset */
    sw_test_iperf3_tear_down(&f);
}
END_TEST

START_TEST(a_udp_port_that_is_taken_is_said)
{
    struct sw_test_iperf3 f;
    struct sw_topo_service echo = {.kind = SW_SERVICE_UDP_ECHO, .port = SW_IPERF3_PORT};
    struct sw_service *service;
    sw_test_iperf3_set_up(&f);
    ck_assert_int_eq(sw_service_new(&service, f.server, &echo), 0);
    sw_test_iperf3_hello(&f);
    sw_test_iperf3_say_json(&f, 12, "{\"udp\":true}", 12);
    sw_test_iperf3_failed(&f, SW_IPERF3_E_LISTEN);
    sw_service_free(service);
    ck_assert(sw_test_iperf3_is_free(&f));
    sw_test_iperf3_tear_down(&f);
}
END_TEST

/* ---- ends, in every state ---- */

enum {
    HELLO,
    HALF_A_LENGTH,
    HALF_A_JSON,
    PARAMS,
    HALF_THE_STREAMS,
    RUNNING,
    RESULTS,
    GOODBYE,
    STATES
};

/* Leads a test as far as that. Of two TCP streams each way, or of UDP. */
static void lead_to(struct sw_test_iperf3 *f, int state, bool udp)
{
    sw_test_iperf3_set_up(f);
    sw_test_iperf3_hello(f);
    if (state == HALF_A_LENGTH) {
        sw_test_talk_send(&f->control, "\0\0", 2);
    } else if (state == HALF_A_JSON) {
        sw_test_iperf3_say_json(f, 100, "{\"par", 5);
    }
    if (state >= PARAMS) {
        sw_test_iperf3_params(f, udp ? "{\"udp\":true,\"parallel\":2,\"bidirectional\":true,"
                                       "\"bandwidth\":1000000,\"get_server_output\":1}"
                                     : "{\"tcp\":true,\"parallel\":2,\"bidirectional\":true,"
                                       "\"get_server_output\":1}");
    }
    if (state >= HALF_THE_STREAMS) {
        unsigned n = state == HALF_THE_STREAMS ? 2 : 4;
        (udp ? sw_test_iperf3_open_udp : sw_test_iperf3_open)(f, n);
    }
    if (state >= RUNNING) {
        sw_test_iperf3_started(f);
        if (!udp) {
            sw_test_talk_send(&f->stream[0], f->zeros, SW_TEST_IPERF3_SENT);
        }
    }
    if (state == RESULTS) {
        sw_test_iperf3_say(f, SW_IPERF3_TEST_END);
    } else if (state == GOODBYE) {
        json_decref(sw_test_iperf3_results(f));
    }
    sw_lab_run(f->lab, 100 * SW_MS);
}

static bool port_is_open(struct sw_test_iperf3 *f)
{
    struct sw_endpoint to = {.port = SW_IPERF3_PORT};
    struct sw_sock *sock;
    ck_assert(sw_ip_parse(&to.ip, "10.0.0.1"));
    ck_assert_int_eq(sw_sock_open(&sock, f->other, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_connect(sock, to), 0);
    ck_assert_int_eq(sw_sock_send(sock, "x", 1), 1);
    sw_lab_run(f->lab, 10 * SW_MS);
    bool open = sw_sock_error(sock) == 0;
    sw_sock_close(sock);
    return open;
}

/* As the kernel ends the sockets of a process that was killed: with FIN, or RST where something was
 * unread. */
static void kill_client(struct sw_test_iperf3 *f, bool reset)
{
    for (unsigned i = 0; i <= f->streams; i++) {
        struct sw_test_talk *talk = i < f->streams ? &f->stream[i] : &f->control;
        if (talk->sock && reset) {
            sw_sock_abort(talk->sock);
            talk->sock = NULL;
        }
        sw_test_talk_fini(talk);
        if (i < f->streams && f->udp[i]) {
            sw_sock_close(f->udp[i]);
            f->udp[i] = NULL;
        }
    }
}

START_TEST(a_client_that_is_killed_leaves_nothing)
{
    struct sw_test_iperf3 f;
    bool udp = _i / STATES % 2, reset = _i / STATES / 2;
    lead_to(&f, _i % STATES, udp);
    kill_client(&f, reset);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(sw_test_iperf3_left(&f), 0);
    ck_assert(!port_is_open(&f));
    ck_assert(sw_test_iperf3_is_free(&f));
    sw_test_iperf3_tear_down(&f);
}
END_TEST

START_TEST(a_client_may_end_its_test_at_any_time)
{
    struct sw_test_iperf3 f;
    int state = (const int[]){PARAMS, HALF_THE_STREAMS, RUNNING, GOODBYE}[_i % 4];
    lead_to(&f, state, _i >= 4);
    sw_test_iperf3_say(&f, SW_IPERF3_CLIENT_TERMINATE);
    sw_lab_run(f.lab, SW_S);
    ck_assert(f.control.peer_closed || f.control.error);
    ck_assert_uint_eq(sw_test_iperf3_left(&f), 0);
    ck_assert(!port_is_open(&f));
    ck_assert(sw_test_iperf3_is_free(&f));
    sw_test_iperf3_tear_down(&f);
}
END_TEST

/* No FIN and no RST ever comes: its machine is gone. */
START_TEST(a_client_that_vanishes_is_noticed_in_minutes)
{
    struct sw_test_iperf3 f;
    lead_to(&f, _i % STATES, _i >= STATES);
    sw_link_set_up(f.link, false);
    sw_lab_run(f.lab, 130 * SW_S);
    ck_assert(!port_is_open(&f));
    ck_assert(sw_test_iperf3_is_free(&f));
    sw_lab_run(f.lab, 60 * SW_S);
    ck_assert_uint_eq(sw_test_iperf3_left(&f), 0);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

/* The client is there and says nothing more. In a test that runs this is as it should be. */
START_TEST(a_client_that_falls_silent_is_given_up)
{
    struct sw_test_iperf3 f;
    static const int states[] = {HELLO, HALF_A_JSON, PARAMS, HALF_THE_STREAMS, RESULTS};
    lead_to(&f, states[_i], false);
    if (states[_i] == RESULTS) {
        sw_test_talk_clear(&f.control);
    }
    sw_lab_run(f.lab, 29 * SW_S);
    ck_assert_uint_eq(f.control.in_len, 0);
    ck_assert(!sw_test_iperf3_is_free(&f));
    sw_lab_run(f.lab, 2 * SW_S);
    sw_test_iperf3_failed(&f, SW_IPERF3_E_SILENT);
    ck_assert(sw_test_iperf3_is_free(&f));
    sw_test_iperf3_tear_down(&f);
}
END_TEST

START_TEST(a_test_by_time_is_ended_a_minute_late)
{
    struct sw_test_iperf3 f;
    sw_test_iperf3_set_up(&f);
    sw_test_iperf3_hello(&f);
    sw_test_iperf3_params(&f, "{\"tcp\":true,\"time\":100,\"reverse\":true,\"bandwidth\":80000}");
    sw_test_iperf3_open(&f, 1);
    sw_test_iperf3_started(&f);
    sw_lab_run(f.lab, 158 * SW_S);
    ck_assert_uint_eq(f.control.in_len, 0);
    sw_lab_run(f.lab, 25 * SW_S);
    ck_assert_uint_gt(f.control.in_len, 0);
    sw_test_iperf3_failed(&f, SW_IPERF3_E_SILENT);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

START_TEST(a_test_in_which_nothing_moves_is_ended)
{
    struct sw_test_iperf3 f;
    sw_test_iperf3_set_up(&f);
    sw_test_iperf3_hello(&f);
    sw_test_iperf3_params(&f, "{\"tcp\":true,\"time\":0}");
    sw_test_iperf3_open(&f, 1);
    sw_test_iperf3_started(&f);
    sw_test_talk_send(&f.stream[0], f.zeros, 1);
    sw_lab_run(f.lab, 115 * SW_S);
    sw_test_talk_send(&f.stream[0], f.zeros, 1);
    sw_lab_run(f.lab, 115 * SW_S);
    ck_assert_uint_eq(f.control.in_len, 0);
    sw_lab_run(f.lab, 15 * SW_S);
    sw_test_iperf3_failed(&f, SW_IPERF3_E_SILENT);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

/* The client was killed, and the end of its control connection is not here yet. */
START_TEST(a_stream_that_ends_before_its_test_ends_the_test)
{
    struct sw_test_iperf3 f;
    lead_to(&f, _i < 4 ? RUNNING : HALF_THE_STREAMS, false);
    unsigned stream = _i < 4 && _i % 2 ? 2 : 0; /* one that the server sends by */
    if (_i % 4 < 2) {
        sw_test_talk_fini(&f.stream[stream]);
    } else {
        sw_sock_abort(f.stream[stream].sock);
        f.stream[stream].sock = NULL;
        sw_test_talk_fini(&f.stream[stream]);
    }
    sw_lab_run(f.lab, SW_S);
    sw_test_iperf3_failed(&f, SW_IPERF3_E_STREAM);
    ck_assert_uint_eq(sw_test_iperf3_left(&f), 1); /* control: our end is said */
    ck_assert(sw_test_iperf3_is_free(&f));
    sw_test_iperf3_tear_down(&f);
}
END_TEST

START_TEST(the_service_may_end_in_any_state)
{
    struct sw_test_iperf3 f;
    lead_to(&f, _i % STATES, _i >= STATES);
    sw_service_free(f.service);
    f.service = NULL;
    sw_lab_run(f.lab, SW_S);
    ck_assert(f.control.error || f.control.peer_closed);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

START_TEST(a_crash_of_its_host_ends_its_test)
{
    struct sw_test_iperf3 f;
    lead_to(&f, _i % STATES, _i >= STATES);
    sw_lab_crash(f.lab, f.server, 0);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(sw_test_iperf3_left(&f), 0);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("iperf3_server");
    TCase *course = tcase_create("course");
    TCase *refusals = tcase_create("refusals");
    TCase *ends = tcase_create("ends");
    tcase_set_timeout(ends, 60);
    tcase_add_test(course, a_client_is_led_through_its_test);
    tcase_add_test(course, bytes_may_come_one_by_one);
    tcase_add_test(course, bytes_may_come_all_at_once);
    tcase_add_test(course, the_servers_words_come_with_its_results);
    tcase_add_test(refusals, a_second_client_is_told_that_we_are_busy);
    tcase_add_test(refusals, whoever_says_nothing_holds_nobody_up);
    tcase_add_loop_test(refusals, parameters_that_are_none_are_refused_with_a_reason, 0,
                        (int)(sizeof bad_params / sizeof bad_params[0]));
    tcase_add_loop_test(refusals, results_that_are_none_are_refused_with_a_reason, 0, 4);
    tcase_add_loop_test(refusals, messages_without_meaning_end_the_test, 0, 6);
    tcase_add_test(refusals, a_udp_port_that_is_taken_is_said);
    tcase_add_loop_test(ends, a_client_that_is_killed_leaves_nothing, 0, 4 * STATES);
    tcase_add_loop_test(ends, a_client_may_end_its_test_at_any_time, 0, 8);
    tcase_add_loop_test(ends, a_client_that_vanishes_is_noticed_in_minutes, 0, 2 * STATES);
    tcase_add_loop_test(ends, a_client_that_falls_silent_is_given_up, 0, 5);
    tcase_add_test(ends, a_test_by_time_is_ended_a_minute_late);
    tcase_add_test(ends, a_test_in_which_nothing_moves_is_ended);
    tcase_add_loop_test(ends, a_stream_that_ends_before_its_test_ends_the_test, 0, 8);
    tcase_add_loop_test(ends, the_service_may_end_in_any_state, 0, 2 * STATES);
    tcase_add_loop_test(ends, a_crash_of_its_host_ends_its_test, 0, 2 * STATES);
    suite_add_tcase(s, course);
    suite_add_tcase(s, refusals);
    suite_add_tcase(s, ends);
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
