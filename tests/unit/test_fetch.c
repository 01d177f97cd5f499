/* The fetch, from the http service and from a server that says what the test wants. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lan/services.h"
#include "lan/traffic.h"
#include "tests/support/lan_talk.h"

struct fixture {
    struct sw_lab *lab;
    struct sw_host *server, *client;
    struct sw_service *service;
    struct sw_sock *listener;
    struct sw_test_talk talk; /* the server's end, where the test is the server */
    const char *answer;
    struct sw_fetch *fetch;
    struct sw_fetch_result result;
    unsigned dones;
    sw_time done_at;
    bool free_when_done;
};

static void on_done(void *ctx)
{
    struct fixture *f = ctx;
    f->dones++;
    f->done_at = sw_lab_now(f->lab);
    sw_fetch_result(f->fetch, &f->result);
    if (f->free_when_done) {
        sw_fetch_free(f->fetch);
        f->fetch = NULL;
    }
}

static void set_up(struct fixture *f)
{
    *f = (struct fixture){.lab = sw_lab_new(7)};
    f->server = sw_lab_host(f->lab, "server", "10.0.0.1/24");
    f->client = sw_lab_host(f->lab, "client", "10.0.0.2/24");
    sw_lab_link(
        f->lab, "server", "client",
        &(struct sw_lane_config){.delay = SW_MS, .rate_bps = 100000000, .queue_frames = 1000});
}

static void tear_down(struct fixture *f)
{
    sw_fetch_free(f->fetch);
    if (f->talk.in) {
        sw_test_talk_fini(&f->talk);
    }
    sw_lab_run(f->lab, 300 * SW_S);
    if (f->service) {
        sw_service_free(f->service);
    }
    if (f->listener) {
        sw_sock_close(f->listener);
    }
    ck_assert(sw_lab_holds(f->lab));
    sw_lab_free(f->lab);
}

static void begin(struct fixture *f, struct sw_fetch_config config)
{
    config.to = (struct sw_endpoint){sw_ip_v4(0x0a000001), 80};
    config.host_header = config.host_header ? config.host_header : "server";
    ck_assert_int_eq(sw_fetch_new(&f->fetch, f->client, &config, on_done, f), 0);
    ck_assert_uint_eq(f->dones, 0);
}

static void serve(struct fixture *f, const struct sw_topo_service *config)
{
    ck_assert_int_eq(sw_service_new(&f->service, f->server, config), 0);
}

static void on_listener(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct fixture *f = user;
    (void)event;
    sw_test_talk_accept(&f->talk, f->lab, sock);
    if (f->answer) {
        sw_test_talk_say(&f->talk, f->answer);
    }
}

/* Whoever connects is told that, whatever it asks. */
static void answer_with(struct fixture *f, const char *answer)
{
    f->answer = answer;
    ck_assert_int_eq(sw_sock_open(&f->listener, f->server, SW_TCP, on_listener, f), 0);
    ck_assert_int_eq(sw_sock_bind(f->listener, (struct sw_endpoint){.port = 80}), 0);
    ck_assert_int_eq(sw_sock_listen(f->listener, 5), 0);
}

/* What a fetch makes of an answer; `end`: the server ends behind it. */
static void check_answer(const char *answer, bool end, int error, unsigned status, const char *body)
{
    struct fixture f;
    set_up(&f);
    answer_with(&f, answer);
    begin(&f, (struct sw_fetch_config){.keep_bytes = 100});
    sw_lab_run(f.lab, 100 * SW_MS);
    if (end) {
        sw_sock_shutdown(f.talk.sock);
    }
    sw_lab_run(f.lab, 20 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_msg(f.result.error == error, "%d of %s", f.result.error, answer);
    ck_assert_uint_eq(f.result.status, status);
    ck_assert_str_eq(f.result.body, body);
    tear_down(&f);
}

static const struct sw_topo_service hello = {.kind = SW_SERVICE_HTTP, .port = 80, .body = "abc"};

START_TEST(a_fetch_says_status_size_and_sha256)
{
    struct fixture f;
    set_up(&f);
    serve(&f, &hello);
    begin(&f, (struct sw_fetch_config){.path = "/x", .keep_bytes = 2});
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.result.error, 0);
    ck_assert_uint_eq(f.result.status, 200);
    ck_assert_uint_eq(f.result.size, 3);
    ck_assert_str_eq(f.result.body, "ab"); /* as much as was to be kept */
    ck_assert_uint_eq(f.result.body_len, 2);
    ck_assert_str_eq(f.result.sha256,
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    /* 1 ms until the server has announced itself, two round trips of 2 ms, and what 100 Mbit/s
     * takes for the frames. */
    ck_assert_int_ge(f.result.took, 5 * SW_MS);
    ck_assert_int_le(f.result.took, 5100 * SW_US);
    ck_assert_int_eq(f.done_at, f.result.took);
    tear_down(&f);
}
END_TEST

START_TEST(the_request_is_what_was_asked_for)
{
    struct fixture f;
    set_up(&f);
    answer_with(&f, NULL);
    begin(&f, (struct sw_fetch_config){
                  .path = "/a?b", .method = "POST", .send = "hi", .host_header = "server:8080"});
    sw_lab_run(f.lab, SW_S);
    ck_assert_str_eq(f.talk.in, "POST /a?b HTTP/1.1\r\nHost: server:8080\r\n"
                                "User-Agent: switchd\r\nConnection: close\r\n"
                                "Content-Length: 2\r\n\r\nhi");
    tear_down(&f);
    set_up(&f);
    answer_with(&f, NULL);
    begin(&f, (struct sw_fetch_config){.path = "?q"});
    sw_lab_run(f.lab, SW_S);
    ck_assert_str_eq(f.talk.in, "GET /?q HTTP/1.1\r\nHost: server\r\n"
                                "User-Agent: switchd\r\nConnection: close\r\n\r\n");
    tear_down(&f);
}
END_TEST

START_TEST(a_head_has_no_body)
{
    struct fixture f;
    set_up(&f);
    serve(&f, &hello);
    begin(&f, (struct sw_fetch_config){.path = "/", .method = "HEAD"});
    sw_lab_run(f.lab, SW_S);
    ck_assert_int_eq(f.result.error, 0);
    ck_assert_uint_eq(f.result.status, 200);
    ck_assert_uint_eq(f.result.size, 0);
    tear_down(&f);
}
END_TEST

START_TEST(twenty_megabytes_arrive_whole)
{
    static const struct sw_topo_service big = {
        .kind = SW_SERVICE_HTTP, .port = 80, .size = 20000000};
    struct fixture f;
    set_up(&f);
    serve(&f, &big);
    begin(&f, (struct sw_fetch_config){.path = "/"});
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_int_eq(f.result.error, 0);
    ck_assert_uint_eq(f.result.size, 20000000);
    ck_assert_str_eq(f.result.sha256,
                     "37a2e354ca1974c2787ba91febf6fe6a3d67621e90ad9853e02e768e72e2eb49");
    tear_down(&f);
}
END_TEST

START_TEST(bodies_end_as_their_framing_says__rfc9112_6_3)
{
    check_answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", false, 0, 200, "abc");
    check_answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, 0, 200, "");
    check_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n"
                 "0\r\n\r\n",
                 false, 0, 200, "abcde");
    check_answer("HTTP/1.0 404 Not Found\r\n\r\nall of it", true, 0, 404, "all of it");
    check_answer("HTTP/1.1 204 No Content\r\n\r\n", false, 0, 204, "");
    check_answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
                 false, 0, 200, "a");
}
END_TEST

START_TEST(an_answer_that_is_none_or_ends_early_is_an_error)
{
    check_answer("SSH-2.0-OpenSSH_9.2\r\n\r\n", false, -EPROTO, 0, "");
    check_answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", true, -EPROTO, 200, "ab");
    check_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", true, -EPROTO, 200,
                 "ab");
    check_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", false, -EPROTO, 200,
                 "");
    check_answer("HTTP/1.1 200 OK\r\nContent-Le", true, -EPROTO, 0, "");
    check_answer("", true, -EPROTO, 0, "");
    check_answer("HTTP/1.1 101 Switching Protocols\r\n\r\n", false, -EPROTO, 0, "");
}
END_TEST

START_TEST(nobody_listens__refused)
{
    struct fixture f;
    set_up(&f);
    begin(&f, (struct sw_fetch_config){.path = "/"});
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.result.error, -ECONNREFUSED);
    ck_assert_int_ge(f.result.took, 3 * SW_MS);
    ck_assert_int_le(f.result.took, 3100 * SW_US);
    tear_down(&f);
}
END_TEST

START_TEST(nobody_there__unreachable)
{
    struct fixture f;
    struct sw_fetch_config config = {
        .to = {sw_ip_v4(0x0a000009), 80}, .host_header = "x", .timeout = 60 * SW_S};
    set_up(&f);
    ck_assert_int_eq(sw_fetch_new(&f.fetch, f.client, &config, on_done, &f), 0);
    sw_lab_run(f.lab, 60 * SW_S);
    ck_assert_int_eq(f.result.error, -EHOSTUNREACH);
    sw_fetch_free(f.fetch);
    config.to.ip = sw_ip_v4(0xc0a80001);
    ck_assert_int_eq(sw_fetch_new(&f.fetch, f.client, &config, on_done, &f), 0);
    ck_assert_uint_eq(f.dones, 1); /* told from the clock, not from within the call */
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(f.dones, 2);
    ck_assert_int_eq(f.result.error, -ENETUNREACH);
    ck_assert_int_eq(f.result.took, 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_reset_is_a_reset)
{
    struct fixture f;
    set_up(&f);
    answer_with(&f, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab");
    begin(&f, (struct sw_fetch_config){.path = "/"});
    sw_lab_run(f.lab, 100 * SW_MS);
    sw_sock_abort(f.talk.sock);
    f.talk.sock = NULL;
    sw_lab_run(f.lab, SW_S);
    ck_assert_int_eq(f.result.error, -ECONNRESET);
    tear_down(&f);
}
END_TEST

START_TEST(the_timeout_is_of_the_whole)
{
    struct fixture f;
    set_up(&f);
    answer_with(&f, "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\nab");
    begin(&f, (struct sw_fetch_config){.path = "/", .timeout = 2 * SW_S});
    sw_lab_run(f.lab, 1900 * SW_MS);
    sw_test_talk_say(&f.talk, "c");
    sw_lab_run(f.lab, SW_S);
    ck_assert_int_eq(f.result.error, -ETIMEDOUT);
    ck_assert_int_eq(f.result.took, 2 * SW_S);
    tear_down(&f);
}
END_TEST

START_TEST(without_one_ten_silent_seconds_are_the_end)
{
    struct fixture f;
    set_up(&f);
    answer_with(&f, "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\nab");
    begin(&f, (struct sw_fetch_config){.path = "/"});
    sw_lab_run(f.lab, 8 * SW_S);
    sw_test_talk_say(&f.talk, "c");
    sw_lab_run(f.lab, 9900 * SW_MS);
    ck_assert_uint_eq(f.dones, 0);
    sw_lab_run(f.lab, 200 * SW_MS);
    ck_assert_int_eq(f.result.error, -ETIMEDOUT);
    tear_down(&f);
}
END_TEST

START_TEST(it_may_be_freed_at_any_time)
{
    struct fixture f;
    set_up(&f);
    serve(&f, &hello);
    f.free_when_done = true;
    begin(&f, (struct sw_fetch_config){.path = "/"});
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(f.dones, 1);
    f.dones = 0;
    for (sw_time when = 0; when < 5 * SW_MS; when += 500 * SW_US) {
        begin(&f, (struct sw_fetch_config){.path = "/"});
        sw_lab_run(f.lab, when);
        sw_fetch_free(f.fetch);
        f.fetch = NULL;
        sw_lab_run(f.lab, SW_S);
        f.dones = 0;
    }
    tear_down(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fetch");
    TCase *tc = tcase_create("answers");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_fetch_says_status_size_and_sha256);
    tcase_add_test(tc, the_request_is_what_was_asked_for);
    tcase_add_test(tc, a_head_has_no_body);
    tcase_add_test(tc, twenty_megabytes_arrive_whole);
    tcase_add_test(tc, bodies_end_as_their_framing_says__rfc9112_6_3);
    tcase_add_test(tc, an_answer_that_is_none_or_ends_early_is_an_error);
    tcase_add_test(tc, nobody_listens__refused);
    tcase_add_test(tc, nobody_there__unreachable);
    tcase_add_test(tc, a_reset_is_a_reset);
    tcase_add_test(tc, the_timeout_is_of_the_whole);
    tcase_add_test(tc, without_one_ten_silent_seconds_are_the_end);
    tcase_add_test(tc, it_may_be_freed_at_any_time);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
