/* The http service, spoken to byte by byte over a link in virtual time. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/services.h"
#include "tests/support/lan_talk.h"

#define DATE "Date: Sat, 01 Jan 2000 00:00:00 GMT\r\nServer: switchd\r\n"
#define HOST "Host: server\r\n"

static struct sw_topo_file files[] = {
    {"/a/index.html", (uint8_t *)"<p>inner", 8},
    {"/data.bin", (uint8_t *)"0123456789", 10},
    {"/empty.txt", (uint8_t *)"", 0},
    {"/index.html", (uint8_t *)"<p>hello", 8},
    {"/with space.txt", (uint8_t *)"spaced", 6},
};

struct fixture {
    struct sw_lab *lab;
    struct sw_host *server, *client;
    struct sw_topo_service config;
    struct sw_service *service;
    struct sw_test_talk talk;
};

static void set_up_with(struct fixture *f, const struct sw_topo_service *config)
{
    *f = (struct fixture){.lab = sw_lab_new(7), .config = *config};
    f->config.kind = SW_SERVICE_HTTP;
    f->config.port = 80;
    f->server = sw_lab_host(f->lab, "server", "10.0.0.1/24");
    f->client = sw_lab_host(f->lab, "client", "10.0.0.2/24");
    sw_lab_link(
        f->lab, "server", "client",
        &(struct sw_lane_config){.delay = SW_MS, .rate_bps = 1000000000, .queue_frames = 1000});
    ck_assert_int_eq(sw_service_new(&f->service, f->server, &f->config), 0);
    sw_test_talk_connect(&f->talk, f->lab, f->client, "10.0.0.1", 80);
}

static void set_up(struct fixture *f)
{
    set_up_with(f, &(struct sw_topo_service){.files = files, .file_count = 5});
}

static void tear_down(struct fixture *f)
{
    sw_test_talk_fini(&f->talk);
    sw_lab_run(f->lab, 300 * SW_S);
    sw_service_free(f->service);
    ck_assert(sw_lab_holds(f->lab));
    sw_lab_free(f->lab);
}

/* Sends a request and gives 100 ms for the answer. */
static const char *ask(struct fixture *f, const char *request)
{
    sw_test_talk_clear(&f->talk);
    sw_test_talk_say(&f->talk, request);
    sw_lab_run(f->lab, 100 * SW_MS);
    return f->talk.in;
}

/* The answer of a fresh connection to one request. */
static void check_answer(const char *request, const char *answer)
{
    struct fixture f;
    set_up(&f);
    ck_assert_str_eq(ask(&f, request), answer);
    tear_down(&f);
}

/* Only its first line, and that the connection ends. */
static void check_refused(const char *request, const char *first_line)
{
    struct fixture f;
    set_up(&f);
    ask(&f, request);
    size_t n = strlen(first_line);
    ck_assert_msg(strncmp(f.talk.in, first_line, n) == 0 && f.talk.in[n] == '\r', "%s", f.talk.in);
    ck_assert_ptr_nonnull(strstr(f.talk.in, "\r\nConnection: close\r\n"));
    ck_assert(f.talk.peer_closed);
    ck_assert_int_eq(f.talk.error, 0); /* an end, not a reset that may overtake the answer */
    tear_down(&f);
}

START_TEST(a_get_is_answered_with_the_file)
{
    check_answer("GET / HTTP/1.1\r\n" HOST "\r\n",
                 "HTTP/1.1 200 OK\r\n" DATE "Accept-Ranges: bytes\r\n"
                 "Content-Type: text/html; charset=utf-8\r\nContent-Length: 8\r\n\r\n<p>hello");
}
END_TEST

START_TEST(a_head_is_answered_with_the_head_of_a_get__rfc9110_9_3_2)
{
    check_answer("HEAD /data.bin HTTP/1.1\r\n" HOST "\r\n",
                 "HTTP/1.1 200 OK\r\n" DATE "Accept-Ranges: bytes\r\n"
                 "Content-Type: application/octet-stream\r\nContent-Length: 10\r\n\r\n");
}
END_TEST

START_TEST(an_empty_file_is_a_file)
{
    check_answer("GET /empty.txt HTTP/1.1\r\n" HOST "\r\n",
                 "HTTP/1.1 200 OK\r\n" DATE "Accept-Ranges: bytes\r\n"
                 "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 0\r\n\r\n");
}
END_TEST

START_TEST(what_is_not_there_is_404)
{
    check_answer("GET /nothing HTTP/1.1\r\n" HOST "\r\n",
                 "HTTP/1.1 404 Not Found\r\n" DATE
                 "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 14\r\n\r\n"
                 "404 Not Found\n");
}
END_TEST

START_TEST(other_methods_are_405_with_allow__rfc9110_15_5_6)
{
    check_answer("DELETE / HTTP/1.1\r\n" HOST "\r\n",
                 "HTTP/1.1 405 Method Not Allowed\r\n" DATE "Allow: GET, HEAD\r\n"
                 "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 23\r\n\r\n"
                 "405 Method Not Allowed\n");
}
END_TEST

START_TEST(one_range_is_206__rfc9110_14_2)
{
    check_answer("GET /data.bin HTTP/1.1\r\n" HOST "Range: bytes=2-4\r\n\r\n",
                 "HTTP/1.1 206 Partial Content\r\n" DATE "Accept-Ranges: bytes\r\n"
                 "Content-Range: bytes 2-4/10\r\n"
                 "Content-Type: application/octet-stream\r\nContent-Length: 3\r\n\r\n234");
    check_answer("GET /data.bin HTTP/1.1\r\n" HOST "Range: bytes=-1\r\n\r\n",
                 "HTTP/1.1 206 Partial Content\r\n" DATE "Accept-Ranges: bytes\r\n"
                 "Content-Range: bytes 9-9/10\r\n"
                 "Content-Type: application/octet-stream\r\nContent-Length: 1\r\n\r\n9");
}
END_TEST

START_TEST(a_range_outside_is_416__rfc9110_15_5_17)
{
    check_answer("GET /data.bin HTTP/1.1\r\n" HOST "Range: bytes=10-\r\n\r\n",
                 "HTTP/1.1 416 Range Not Satisfiable\r\n" DATE "Content-Range: bytes */10\r\n"
                 "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 26\r\n\r\n"
                 "416 Range Not Satisfiable\n");
}
END_TEST

START_TEST(several_ranges_get_the_whole)
{
    check_answer("GET /data.bin HTTP/1.1\r\n" HOST "Range: bytes=0-1,3-4\r\n\r\n",
                 "HTTP/1.1 200 OK\r\n" DATE "Accept-Ranges: bytes\r\n"
                 "Content-Type: application/octet-stream\r\nContent-Length: 10\r\n\r\n0123456789");
}
END_TEST

START_TEST(there_is_no_way_out_of_the_root)
{
    static const char *const paths[] = {"/../index.html",         "/%2e%2e/index.html",
                                        "/..%2f..%2findex.html",  "//index.html",
                                        "/a/../../../index.html", "/a/%2E%2E/index.html"};
    struct fixture f;
    char request[128];
    set_up(&f);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HOST "\r\n", paths[i]);
        ck_assert_ptr_nonnull(strstr(ask(&f, request), "<p>hello")); /* clamped at the root */
    }
    ck_assert_int_eq(
        strncmp(ask(&f, "GET /..\\index.html HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 404 ", 13), 0);
    ck_assert_int_eq(
        strncmp(ask(&f, "GET /index.html%00.txt HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 400 ", 13),
        0);
    ck_assert_int_eq(
        strncmp(ask(&f, "GET /../etc/passwd HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 404 ", 13), 0);
    ck_assert_ptr_nonnull(
        strstr(ask(&f, "GET /with%20space.txt HTTP/1.1\r\n" HOST "\r\n"), "spaced"));
    ck_assert_ptr_nonnull(strstr(ask(&f, "GET /a/ HTTP/1.1\r\n" HOST "\r\n"), "<p>inner"));
    ck_assert(!f.talk.peer_closed);
    tear_down(&f);
}
END_TEST

/* ---- the connection ---- */

START_TEST(requests_may_be_pipelined__rfc9112_9_3_2)
{
    struct fixture f;
    set_up(&f);
    ask(&f, "GET /data.bin HTTP/1.1\r\n" HOST "\r\n"
            "HEAD / HTTP/1.1\r\n" HOST "\r\n"
            "\r\nGET /nothing HTTP/1.1\r\n" HOST "\r\n"
            "GET /a/ HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"
            "GET / HTTP/1.1\r\n" HOST "\r\n");
    const char *first = strstr(f.talk.in, "\r\n\r\n0123456789HTTP/1.1 200 OK");
    ck_assert_ptr_nonnull(first);
    const char *second = strstr(first, "Content-Length: 8\r\n\r\nHTTP/1.1 404 Not Found");
    ck_assert_ptr_nonnull(second);
    const char *third = strstr(second, "404 Not Found\nHTTP/1.1 200 OK");
    ck_assert_ptr_nonnull(third);
    ck_assert_ptr_nonnull(strstr(third, "Connection: close\r\n\r\n<p>inner"));
    ck_assert_ptr_null(strstr(third, "<p>hello")); /* behind the last nothing is answered */
    ck_assert(f.talk.peer_closed);
    tear_down(&f);
}
END_TEST

START_TEST(empty_lines_before_a_request_are_nothing__rfc9112_2_2)
{
    struct fixture f;
    set_up(&f);
    ck_assert_ptr_nonnull(
        strstr(ask(&f, "\r\n\r\n\nGET /data.bin HTTP/1.1\r\n" HOST "\r\n"), "0123456789"));
    tear_down(&f);
}
END_TEST

/* 100,000 requests of a client that does not read: answers fill the queue and stop at any byte,
 * also within a head. When it reads, all come, and all are alike. */
START_TEST(answers_go_on_where_the_room_ended)
{
    static const char one[] = "GET /data.bin HTTP/1.1\r\nHost: a\r\n\r\n";
    struct fixture f;
    size_t n = sizeof one - 1;
    char *requests = malloc(100000 * n);
    for (size_t i = 0; i < 100000; i++) {
        memcpy(requests + i * n, one, n);
    }
    set_up(&f);
    size_t len = strlen(ask(&f, one));
    char *answer = malloc(len);
    memcpy(answer, f.talk.in, len);
    sw_test_talk_clear(&f.talk);
    f.talk.paused = true;
    sw_test_talk_send(&f.talk, requests, 100000 * n);
    sw_lab_run(f.lab, 500 * SW_MS); /* within the second: the date is in the head */
    ck_assert_uint_gt(f.talk.out_len, 0);
    sw_test_talk_resume(&f.talk);
    sw_lab_run(f.lab, 350 * SW_MS);
    ck_assert_uint_eq(f.talk.in_len, 100000 * len);
    size_t alike = 0;
    for (size_t i = 0; i < 100000; i++) {
        alike += memcmp(f.talk.in + i * len, answer, len) == 0;
    }
    ck_assert_uint_eq(alike, 100000);
    free(answer);
    free(requests);
    tear_down(&f);
}
END_TEST

START_TEST(http_1_0_ends_after_one_answer_unless_asked)
{
    struct fixture f;
    set_up(&f);
    ask(&f, "GET /data.bin HTTP/1.0\r\n\r\n");
    ck_assert_ptr_nonnull(strstr(f.talk.in, "Connection: close\r\n\r\n0123456789"));
    ck_assert(f.talk.peer_closed);
    tear_down(&f);
    set_up(&f);
    ask(&f, "GET /data.bin HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    ck_assert_ptr_nonnull(strstr(f.talk.in, "Connection: keep-alive\r\n\r\n0123456789"));
    ck_assert(!f.talk.peer_closed);
    ck_assert_ptr_nonnull(strstr(ask(&f, "GET / HTTP/1.0\r\n\r\n"), "<p>hello"));
    ck_assert(f.talk.peer_closed);
    tear_down(&f);
}
END_TEST

START_TEST(a_half_closed_client_gets_its_answer)
{
    struct fixture f;
    set_up(&f);
    sw_test_talk_say(&f.talk, "GET /data.bin HTTP/1.1\r\n" HOST "\r\n");
    sw_lab_run(f.lab, 5 * SW_MS);
    sw_sock_shutdown(f.talk.sock);
    sw_lab_run(f.lab, SW_S);
    ck_assert_ptr_nonnull(strstr(f.talk.in, "\r\n\r\n0123456789"));
    ck_assert(f.talk.peer_closed);
    ck_assert_int_eq(f.talk.error, 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_request_byte_by_byte_is_a_request)
{
    static const char request[] = "GET /data.bin HTTP/1.1\r\n" HOST "\r\n";
    struct fixture f;
    set_up(&f);
    for (size_t i = 0; i + 1 < sizeof request; i++) {
        sw_lab_run(f.lab, 100 * SW_MS);
        ck_assert_uint_eq(f.talk.in_len, 0);
        sw_test_talk_send(&f.talk, request + i, 1);
    }
    sw_lab_run(f.lab, SW_S);
    ck_assert_ptr_nonnull(strstr(f.talk.in, "\r\n\r\n0123456789"));
    tear_down(&f);
}
END_TEST

START_TEST(what_is_malformed_is_refused_and_the_connection_ends)
{
    check_refused("nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request");
    check_refused("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request");
    check_refused("BREW / HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 Not Implemented");
    check_refused("GET / HTTP/3.0\r\n" HOST "\r\n", "HTTP/1.1 505 HTTP Version Not Supported");
    check_refused("GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n",
                  "HTTP/1.1 501 Not Implemented");
}
END_TEST

START_TEST(heads_and_bodies_have_bounds)
{
    static char long_line[9001], many[9001];
    memset(long_line, 'a', 9000);
    memcpy(long_line, "GET /", 5);
    check_refused(long_line, "HTTP/1.1 414 URI Too Long");
    size_t n = (size_t)sprintf(many, "GET / HTTP/1.1\r\n" HOST "A: ");
    memset(many + n, 'b', 9000 - n);
    check_refused(many, "HTTP/1.1 431 Request Header Fields Too Large");
    check_refused("POST / HTTP/1.1\r\n" HOST "Content-Length: 1048577\r\n\r\n",
                  "HTTP/1.1 413 Content Too Large");
}
END_TEST

START_TEST(a_requests_body_is_skipped_and_the_next_request_is_read)
{
    struct fixture f;
    set_up(&f);
    ask(&f, "POST / HTTP/1.1\r\n" HOST "Content-Length: 20\r\n\r\nGET /a/ HTTP/1.1\r\n\r\n"
            "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
            "5\r\nGET /\r\n0\r\n\r\nGET /data.bin HTTP/1.1\r\n" HOST "\r\n");
    const char *second = strstr(f.talk.in, "405 Method Not Allowed\nHTTP/1.1 405 ");
    ck_assert_ptr_nonnull(second);
    ck_assert_ptr_nonnull(strstr(second, "405 Method Not Allowed\nHTTP/1.1 200 OK"));
    ck_assert_ptr_nonnull(strstr(f.talk.in, "\r\n\r\n0123456789"));
    ck_assert_ptr_null(strstr(f.talk.in, "inner"));
    tear_down(&f);
}
END_TEST

START_TEST(a_chunked_body_has_the_same_bound)
{
    struct fixture f;
    size_t n = (2 << 20) + 100;
    char *request = malloc(n);
    size_t head = (size_t)sprintf(request, "PUT / HTTP/1.1\r\n" HOST
                                           "Transfer-Encoding: chunked\r\n\r\n200000\r\n");
    memset(request + head, 'x', n - head);
    set_up(&f);
    sw_test_talk_send(&f.talk, request, n);
    sw_lab_run(f.lab, SW_S);
    ck_assert_int_eq(strncmp(f.talk.in, "HTTP/1.1 413 ", 13), 0);
    ck_assert(f.talk.peer_closed);
    ck_assert_int_eq(f.talk.error, 0);
    free(request);
    tear_down(&f);
}
END_TEST

/* It asked before it sent; the answer is final, so the body need not come (RFC 9110 10.1.1). */
START_TEST(an_expectation_is_answered_at_once)
{
    struct fixture f;
    set_up(&f);
    ask(&f, "POST / HTTP/1.1\r\n" HOST "Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
    ck_assert_int_eq(strncmp(f.talk.in, "HTTP/1.1 405 ", 13), 0);
    ck_assert(f.talk.peer_closed);
    tear_down(&f);
}
END_TEST

/* ---- patience ---- */

START_TEST(a_head_that_does_not_end_in_time_is_408)
{
    struct fixture f;
    set_up(&f);
    sw_lab_run(f.lab, 10 * SW_S);
    sw_test_talk_say(&f.talk, "GET / HTTP/1.1\r\n");
    sw_lab_run(f.lab, 20 * SW_S);
    sw_test_talk_say(&f.talk, "A: b\r\n"); /* a drop now and then buys no time */
    sw_lab_run(f.lab, 9999 * SW_MS);
    ck_assert_uint_eq(f.talk.in_len, 0);
    sw_lab_run(f.lab, 10 * SW_MS);
    ck_assert_int_eq(strncmp(f.talk.in, "HTTP/1.1 408 Request Timeout\r\n", 30), 0);
    ck_assert(f.talk.peer_closed);
    tear_down(&f);
}
END_TEST

START_TEST(an_idle_connection_ends_without_a_word)
{
    struct fixture f;
    set_up(&f);
    ask(&f, "GET / HTTP/1.1\r\n" HOST "\r\n");
    sw_test_talk_clear(&f.talk);
    sw_lab_run(f.lab, 29800 * SW_MS);
    ck_assert(!f.talk.peer_closed);
    sw_lab_run(f.lab, 200 * SW_MS);
    ck_assert(f.talk.peer_closed);
    ck_assert_uint_eq(f.talk.in_len, 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_client_that_does_not_read_is_given_up)
{
    struct fixture f;
    set_up_with(&f, &(struct sw_topo_service){.size = 10000000});
    f.talk.paused = true;
    ask(&f, "GET / HTTP/1.1\r\n" HOST "\r\n");
    sw_lab_run(f.lab, 29 * SW_S);
    ck_assert_int_eq(f.talk.error, 0);
    sw_lab_run(f.lab, 2 * SW_S);
    ck_assert_int_eq(f.talk.error, -ECONNRESET);
    tear_down(&f);
}
END_TEST

/* ---- other contents ---- */

START_TEST(a_body_stands_at_every_path)
{
    struct fixture f;
    set_up_with(&f, &(struct sw_topo_service){.body = "hello\n"});
    ck_assert_ptr_nonnull(strstr(ask(&f, "GET / HTTP/1.1\r\n" HOST "\r\n"),
                                 "Content-Type: text/plain; charset=utf-8\r\n"
                                 "Content-Length: 6\r\n\r\nhello\n"));
    ck_assert_ptr_nonnull(
        strstr(ask(&f, "GET /any/where HTTP/1.1\r\n" HOST "\r\n"), "\r\n\r\nhello\n"));
    tear_down(&f);
}
END_TEST

START_TEST(made_up_bytes_are_their_offset_modulo_251)
{
    struct fixture f;
    char head[256];
    set_up_with(&f, &(struct sw_topo_service){.size = 3000000});
    sw_test_talk_say(&f.talk, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    sw_lab_run(f.lab, 5 * SW_S);
    const char *body = strstr(f.talk.in, "\r\n\r\n") + 4;
    size_t head_len = (size_t)(body - f.talk.in);
    ck_assert_uint_eq(f.talk.in_len - head_len, 3000000);
    size_t wrong = 0;
    for (size_t i = 0; i < 3000000; i++) {
        wrong += (uint8_t)body[i] != i % 251;
    }
    ck_assert_uint_eq(wrong, 0);
    memcpy(head, f.talk.in, head_len);
    head[head_len] = 0;
    ck_assert_ptr_nonnull(strstr(head, "Content-Type: application/octet-stream\r\n"
                                       "Content-Length: 3000000\r\n"));
    ask(&f, "GET / HTTP/1.1\r\n" HOST "Range: bytes=1000000-1000009\r\n\r\n");
    body = strstr(f.talk.in, "\r\n\r\n") + 4;
    for (size_t i = 0; i < 10; i++) {
        ck_assert_uint_eq((uint8_t)body[i], (1000000 + i) % 251);
    }
    tear_down(&f);
}
END_TEST

START_TEST(twenty_files_at_once)
{
    struct fixture f;
    static struct sw_test_talk talks[20];
    set_up_with(&f, &(struct sw_topo_service){.size = 1000000});
    for (unsigned i = 0; i < 20; i++) {
        sw_test_talk_connect(&talks[i], f.lab, f.client, "10.0.0.1", 80);
        sw_test_talk_say(&talks[i], "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    }
    sw_lab_run(f.lab, 2 * SW_S);
    for (unsigned i = 0; i < 20; i++) {
        ck_assert(talks[i].peer_closed);
        const char *body = strstr(talks[i].in, "\r\n\r\n") + 4;
        ck_assert_uint_eq(talks[i].in_len - (size_t)(body - talks[i].in), 1000000);
        sw_test_talk_fini(&talks[i]);
    }
    tear_down(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_server");
    TCase *tc = tcase_create("service");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_get_is_answered_with_the_file);
    tcase_add_test(tc, a_head_is_answered_with_the_head_of_a_get__rfc9110_9_3_2);
    tcase_add_test(tc, an_empty_file_is_a_file);
    tcase_add_test(tc, what_is_not_there_is_404);
    tcase_add_test(tc, other_methods_are_405_with_allow__rfc9110_15_5_6);
    tcase_add_test(tc, one_range_is_206__rfc9110_14_2);
    tcase_add_test(tc, a_range_outside_is_416__rfc9110_15_5_17);
    tcase_add_test(tc, several_ranges_get_the_whole);
    tcase_add_test(tc, there_is_no_way_out_of_the_root);
    tcase_add_test(tc, requests_may_be_pipelined__rfc9112_9_3_2);
    tcase_add_test(tc, empty_lines_before_a_request_are_nothing__rfc9112_2_2);
    tcase_add_test(tc, answers_go_on_where_the_room_ended);
    tcase_add_test(tc, http_1_0_ends_after_one_answer_unless_asked);
    tcase_add_test(tc, a_half_closed_client_gets_its_answer);
    tcase_add_test(tc, a_request_byte_by_byte_is_a_request);
    tcase_add_test(tc, what_is_malformed_is_refused_and_the_connection_ends);
    tcase_add_test(tc, heads_and_bodies_have_bounds);
    tcase_add_test(tc, a_requests_body_is_skipped_and_the_next_request_is_read);
    tcase_add_test(tc, a_chunked_body_has_the_same_bound);
    tcase_add_test(tc, an_expectation_is_answered_at_once);
    tcase_add_test(tc, a_head_that_does_not_end_in_time_is_408);
    tcase_add_test(tc, an_idle_connection_ends_without_a_word);
    tcase_add_test(tc, a_client_that_does_not_read_is_given_up);
    tcase_add_test(tc, a_body_stands_at_every_path);
    tcase_add_test(tc, made_up_bytes_are_their_offset_modulo_251);
    tcase_add_test(tc, twenty_files_at_once);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
