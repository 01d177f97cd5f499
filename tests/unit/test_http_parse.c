/* HTTP's bytes: heads, paths, ranges, chunks, URLs, dates. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lan/http_parse.h"

static unsigned parse(struct sw_http_request *out, const char *head)
{
    return sw_http_request_parse(out, head, strlen(head));
}

static unsigned status_of(const char *head)
{
    struct sw_http_request out;
    return parse(&out, head);
}

START_TEST(a_head_ends_with_an_empty_line__rfc9112_2_1)
{
    ck_assert_uint_eq(sw_http_head_end("GET / HTTP/1.1\r\nA: b\r\n\r\nrest", 28, 0), 24);
    ck_assert_uint_eq(sw_http_head_end("GET / HTTP/1.0\n\nrest", 20, 0), 16);
    ck_assert_uint_eq(sw_http_head_end("GET / HTTP/1.1\r\nA: b\r\n", 22, 0), 0);
}
END_TEST

/* Byte by byte, looking only at what is new, it is found at the same place. */
START_TEST(a_head_that_comes_byte_by_byte_ends_where_a_whole_one_does)
{
    static const char *const heads[] = {"GET / HTTP/1.1\r\nA: b\r\n\r\nX",
                                        "GET / HTTP/1.1\nA: b\n\nX", "A\r\n\nX"};
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(heads[i]);
        size_t found = 0;
        for (size_t have = 1; have <= n && !found; have++) {
            found = sw_http_head_end(heads[i], have, have - 1);
            ck_assert(!found || have == n - 1);
        }
        ck_assert_uint_eq(found, n - 1);
    }
}
END_TEST

START_TEST(a_plain_request_is_read)
{
    struct sw_http_request r;
    ck_assert_uint_eq(parse(&r, "GET /a?b=c HTTP/1.1\r\nHost: web\r\nUser-Agent: x\r\n\r\n"), 0);
    ck_assert_int_eq(r.method, SW_HTTP_GET);
    ck_assert_uint_eq(r.target_len, 6);
    ck_assert_int_eq(memcmp(r.target, "/a?b=c", 6), 0);
    ck_assert_uint_eq(r.minor, 1);
    ck_assert(r.keep_alive);
    ck_assert_int_eq(r.framing, SW_HTTP_NO_BODY);
    ck_assert_ptr_null(r.range);
}
END_TEST

START_TEST(an_empty_line_before_it_is_skipped__rfc9112_2_2)
{
    ck_assert_uint_eq(status_of("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
}
END_TEST

START_TEST(who_keeps_the_connection__rfc9112_9_3)
{
    struct sw_http_request r;
    parse(&r, "GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, Close\r\n\r\n");
    ck_assert(!r.keep_alive);
    ck_assert_uint_eq(parse(&r, "GET / HTTP/1.0\r\n\r\n"), 0);
    ck_assert(!r.keep_alive);
    parse(&r, "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    ck_assert(r.keep_alive);
    parse(&r, "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n");
    ck_assert(!r.keep_alive);
}
END_TEST

START_TEST(methods)
{
    struct sw_http_request r;
    ck_assert_uint_eq(parse(&r, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    ck_assert_int_eq(r.method, SW_HTTP_HEAD);
    ck_assert_uint_eq(parse(&r, "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    ck_assert_int_eq(r.method, SW_HTTP_OTHER);
    ck_assert_uint_eq(parse(&r, "BREW / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
    ck_assert_uint_eq(parse(&r, "get / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
}
END_TEST

START_TEST(what_is_malformed_is_refused__rfc9112_3)
{
    static const char *const bad[] = {
        "GET /\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET / HTTP/1\r\nHost: a\r\n\r\n",
        "GET / http/1.1\r\nHost: a\r\n\r\n",
        " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",                          /* no Host (3.2) */
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",    /* two */
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",              /* a space before the colon (5.1) */
        "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n", /* a folded line (5.2) */
        "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
        "\r\n",
        "",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(status_of(bad[i]) == 400, "%s", bad[i]);
    }
    ck_assert_uint_eq(sw_http_request_parse(&(struct sw_http_request){0},
                                            "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29),
                      400);
}
END_TEST

START_TEST(other_versions_are_not_supported)
{
    ck_assert_uint_eq(status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
    ck_assert_uint_eq(status_of("GET / HTTP/0.9\r\n\r\n"), 505);
    ck_assert_uint_eq(status_of("GET / HTTP/1.7\r\nHost: a\r\n\r\n"), 0);
}
END_TEST

START_TEST(a_body_ends_one_way_or_is_refused__rfc9112_6_3)
{
    struct sw_http_request r;
    ck_assert_uint_eq(parse(&r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n"), 0);
    ck_assert_int_eq(r.framing, SW_HTTP_LENGTH);
    ck_assert_uint_eq(r.content_length, 12);
    parse(&r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12, 12\r\n\r\n");
    ck_assert_uint_eq(r.content_length, 12);
    parse(&r, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n");
    ck_assert_int_eq(r.framing, SW_HTTP_CHUNKED);
    parse(&r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    ck_assert_int_eq(r.framing, SW_HTTP_NO_BODY);
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
    ck_assert_uint_eq(status_of(POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400);
    ck_assert_uint_eq(status_of(POST "Content-Length: 1, 2\r\n\r\n"), 400);
    ck_assert_uint_eq(status_of(POST "Content-Length: -1\r\n\r\n"), 400);
    ck_assert_uint_eq(status_of(POST "Content-Length: 1 2\r\n\r\n"), 400);
    ck_assert_uint_eq(status_of(POST "Content-Length:\r\n\r\n"), 400);
    ck_assert_uint_eq(status_of(POST "Content-Length: 99999999999999999999\r\n\r\n"), 400);
    ck_assert_uint_eq(status_of(POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
                      400);
    ck_assert_uint_eq(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
    ck_assert_uint_eq(status_of(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501);
    ck_assert_uint_eq(status_of(POST "Transfer-Encoding: chunked, gzip\r\n\r\n"), 501);
    ck_assert_uint_eq(status_of(POST "Transfer-Encoding: chunked, chunked\r\n\r\n"), 501);
}
END_TEST

START_TEST(heads_have_bounds)
{
    static char head[9000];
    size_t n = (size_t)sprintf(head, "GET /");
    memset(head + n, 'a', 4096);
    strcpy(head + n + 4096, " HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert_uint_eq(status_of(head), 414);
    strcpy(head + n + 4095, " HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert_uint_eq(status_of(head), 0);
    n = (size_t)sprintf(head, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 99; i++) {
        n += (size_t)sprintf(head + n, "A: b\r\n");
    }
    strcpy(head + n, "\r\n");
    ck_assert_uint_eq(status_of(head), 0);
    strcpy(head + n, "A: b\r\n\r\n");
    ck_assert_uint_eq(status_of(head), 431);
}
END_TEST

START_TEST(a_range_is_heeded_of_a_get_without_if_range__rfc9110_14_2)
{
    struct sw_http_request r;
    parse(&r, "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-4\r\n\r\n");
    ck_assert_uint_eq(r.range_len, 9);
    parse(&r, "HEAD / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-4\r\n\r\n");
    ck_assert_ptr_null(r.range);
    parse(&r, "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-4\r\nIf-Range: \"x\"\r\n\r\n");
    ck_assert_ptr_null(r.range);
}
END_TEST

START_TEST(paths_never_leave_the_root)
{
    static const struct {
        const char *target, *path; /* NULL: refused */
    } all[] = {
        {"/", "/index.html"},
        {"/a.html", "/a.html"},
        {"/a/", "/a/index.html"},
        {"/a.html?x=/../b", "/a.html"},
        {"/%61%2ehtml", "/a.html"},
        {"/a%20b", "/a b"},
        {"/..", "/index.html"},
        {"/../../etc/passwd", "/etc/passwd"},
        {"/%2e%2e/%2E%2e/etc/passwd", "/etc/passwd"},
        {"/a/%2e%2e/b", "/b"},
        {"/a/..%2fb", "/b"},
        {"/a%2f..%2f..%2fb", "/b"},
        {"/a/b/../../../../c", "/c"},
        {"/a/./b/.", "/a/b/index.html"},
        {"/a/b/..", "/a/index.html"},
        {"//a//b", "/a/b"},
        {"///", "/index.html"},
        {"/...", "/..."},
        {"/a/..b", "/a/..b"},
        {"/..\\..\\x", "/..\\..\\x"}, /* a backslash is a character as any other */
        {"/%5c%2e%2e%5cx", "/\\..\\x"},
        {"http://web:80/a", "/a"},
        {"HTTP://web", "/index.html"},
        {"http://web?x", "/index.html"},
        {"/a%00.html", NULL},
        {"/a%", NULL},
        {"/a%4", NULL},
        {"/a%zz", NULL},
        {"a", NULL},
        {"*", NULL},
        {"?x", NULL},
        {"/a#b", NULL},
        {"%2fa", "/a"},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        char out[64];
        unsigned status = sw_http_path(out, all[i].target, strlen(all[i].target));
        ck_assert_msg(status == (all[i].path ? 0 : 400), "%s", all[i].target);
        if (all[i].path) {
            ck_assert_str_eq(out, all[i].path);
        }
    }
}
END_TEST

START_TEST(ranges__rfc9110_14_1_2)
{
    static const struct {
        const char *value;
        enum sw_http_range_verdict verdict;
        uint64_t first, length;
    } all[] = {
        {"bytes=0-4", SW_HTTP_RANGE_PART, 0, 5},
        {"bytes=5-", SW_HTTP_RANGE_PART, 5, 95},
        {"bytes=-10", SW_HTTP_RANGE_PART, 90, 10},
        {"bytes=-1000", SW_HTTP_RANGE_PART, 0, 100},
        {"bytes=99-99", SW_HTTP_RANGE_PART, 99, 1},
        {"bytes=50-1000", SW_HTTP_RANGE_PART, 50, 50},
        {"bytes=50-100", SW_HTTP_RANGE_PART, 50, 50},
        {"Bytes=0-0", SW_HTTP_RANGE_PART, 0, 1},
        {"bytes=100-", SW_HTTP_RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=-0", SW_HTTP_RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=0-1,3-4", SW_HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=4-2", SW_HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=-", SW_HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=a-b", SW_HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=5", SW_HTTP_RANGE_WHOLE, 0, 0},
        {"lines=0-4", SW_HTTP_RANGE_WHOLE, 0, 0},
        {"bytes", SW_HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=0-99999999999999999999", SW_HTTP_RANGE_WHOLE, 0, 0},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct sw_http_range out = {0, 0};
        ck_assert_msg(sw_http_range(&out, all[i].value, strlen(all[i].value), 100) ==
                          all[i].verdict,
                      "%s", all[i].value);
        ck_assert_uint_eq(out.first, all[i].first);
        ck_assert_uint_eq(out.length, all[i].length);
    }
    struct sw_http_range none;
    ck_assert_int_eq(sw_http_range(&none, "bytes=0-", 8, 0), SW_HTTP_RANGE_UNSATISFIABLE);
    ck_assert_int_eq(sw_http_range(&none, "bytes=-5", 8, 0), SW_HTTP_RANGE_UNSATISFIABLE);
}
END_TEST

static bool answer(struct sw_http_response *out, const char *head, bool head_request)
{
    return sw_http_response_parse(out, head, strlen(head), head_request);
}

START_TEST(answers_are_read__rfc9112_4)
{
    struct sw_http_response r;
    ck_assert(answer(&r, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", false));
    ck_assert_uint_eq(r.status, 200);
    ck_assert_int_eq(r.framing, SW_HTTP_LENGTH);
    ck_assert_uint_eq(r.content_length, 7);
    ck_assert(r.keep_alive);
    ck_assert(answer(&r, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", true));
    ck_assert_int_eq(r.framing, SW_HTTP_NO_BODY);
    ck_assert(answer(&r, "HTTP/1.0 404\r\n\r\n", false));
    ck_assert_uint_eq(r.status, 404);
    ck_assert_int_eq(r.framing, SW_HTTP_UNTIL_CLOSE);
    ck_assert(answer(&r, "HTTP/1.1 204 No Content\r\n\r\n", false));
    ck_assert_int_eq(r.framing, SW_HTTP_NO_BODY);
    ck_assert(answer(&r, "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n", false));
    ck_assert_int_eq(r.framing, SW_HTTP_CHUNKED);
    static const char *const bad[] = {
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n\r\n",
        "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!answer(&r, bad[i], false), "%s", bad[i]);
    }
}
END_TEST

/* The coding undone from pieces of `step` bytes; the content in out. What the last call returned.
 */
static int undo(const char *coded, size_t n, size_t step, char *out, size_t *taken)
{
    struct sw_http_chunks c = {0};
    size_t at = 0, len = 0;
    int result = 1;
    while (at < n && result == 1) {
        size_t used, text_len, piece = n - at < step ? n - at : step;
        const char *text;
        result = sw_http_chunks_next(&c, coded + at, piece, &used, &text, &text_len);
        memcpy(out + len, text, text_len);
        len += text_len;
        at += used;
    }
    out[len] = 0;
    *taken = at;
    return result;
}

START_TEST(chunks_are_undone_in_pieces_of_any_size__rfc9112_7_1)
{
    static const char coded[] = "5\r\nhello\r\n1;ext=\"x\"\r\n \r\n00A\r\nbig world!\r\n0\r\n"
                                "Trailer: x\r\n\r\nGET ";
    for (size_t step = 1; step < sizeof coded; step++) {
        char out[64];
        size_t taken;
        ck_assert_int_eq(undo(coded, sizeof coded - 1, step, out, &taken), 0);
        ck_assert_str_eq(out, "hello big world!");
        ck_assert_uint_eq(taken, sizeof coded - 5);
    }
}
END_TEST

START_TEST(chunks_that_are_none_are_refused)
{
    static const char *const bad[] = {"\r\n",   "x\r\n",           ";a\r\n", "5\r\nhelloX\r\n",
                                      "-1\r\n", "fffffffffff\r\n", "\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char out[64];
        size_t taken;
        int result = undo(bad[i], strlen(bad[i]), 100, out, &taken);
        ck_assert_msg(result == -EPROTO, "%s", bad[i]);
    }
    static char line[1100] = "5;";
    char out[64];
    size_t taken;
    memset(line + 2, 'a', sizeof line - 2);
    ck_assert_int_eq(undo(line, sizeof line, 7, out, &taken), -EPROTO);
}
END_TEST

START_TEST(urls)
{
    struct sw_http_url u;
    ck_assert_int_eq(sw_http_url_parse(&u, "http://web:8080/a/b?c#d"), 0);
    ck_assert(u.host_len == 3 && memcmp(u.host, "web", 3) == 0);
    ck_assert_uint_eq(u.port, 8080);
    ck_assert(u.path_len == 6 && memcmp(u.path, "/a/b?c", 6) == 0);
    ck_assert_int_eq(sw_http_url_parse(&u, "HTTP://10.0.0.1"), 0);
    ck_assert_uint_eq(u.port, 80);
    ck_assert(!u.port_said);
    ck_assert_uint_eq(u.path_len, 0);
    ck_assert_int_eq(sw_http_url_parse(&u, "https://web/"), -EPROTONOSUPPORT);
    static const char *const bad[] = {"web/",
                                      "http://",
                                      "http:///x",
                                      "http://web:/",
                                      "http://web:0/",
                                      "http://web:65536/",
                                      "http://web:8o/",
                                      "http://a@b/",
                                      "http://web/a b",
                                      "://x",
                                      ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(sw_http_url_parse(&u, bad[i]) == -EINVAL, "%s", bad[i]);
    }
}
END_TEST

START_TEST(dates_count_from_the_year_2000__rfc9110_5_6_7)
{
    char buf[SW_HTTP_DATE];
    ck_assert_str_eq(sw_http_date(0, buf), "Sat, 01 Jan 2000 00:00:00 GMT");
    ck_assert_str_eq(sw_http_date(SW_S - 1, buf), "Sat, 01 Jan 2000 00:00:00 GMT");
    ck_assert_str_eq(sw_http_date(86399 * SW_S, buf), "Sat, 01 Jan 2000 23:59:59 GMT");
    ck_assert_str_eq(sw_http_date(59 * 86400 * SW_S, buf), "Tue, 29 Feb 2000 00:00:00 GMT");
    ck_assert_str_eq(sw_http_date(60 * 86400 * SW_S, buf), "Wed, 01 Mar 2000 00:00:00 GMT");
    ck_assert_str_eq(sw_http_date(366 * 86400 * SW_S, buf), "Mon, 01 Jan 2001 00:00:00 GMT");
    ck_assert_str_eq(sw_http_date(SW_TIME_NEVER, buf), "Sun, 10 Apr 2292 23:47:16 GMT");
}
END_TEST

START_TEST(types_go_by_the_ending)
{
    ck_assert_str_eq(sw_http_type("/a/index.html"), "text/html; charset=utf-8");
    ck_assert_str_eq(sw_http_type("/A.PNG"), "image/png");
    ck_assert_str_eq(sw_http_type("/v1.html/raw"), "application/octet-stream");
    ck_assert_str_eq(sw_http_type("/x."), "application/octet-stream");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_parse");
    TCase *tc = tcase_create("bytes");
    tcase_add_test(tc, a_head_ends_with_an_empty_line__rfc9112_2_1);
    tcase_add_test(tc, a_head_that_comes_byte_by_byte_ends_where_a_whole_one_does);
    tcase_add_test(tc, a_plain_request_is_read);
    tcase_add_test(tc, an_empty_line_before_it_is_skipped__rfc9112_2_2);
    tcase_add_test(tc, who_keeps_the_connection__rfc9112_9_3);
    tcase_add_test(tc, methods);
    tcase_add_test(tc, what_is_malformed_is_refused__rfc9112_3);
    tcase_add_test(tc, other_versions_are_not_supported);
    tcase_add_test(tc, a_body_ends_one_way_or_is_refused__rfc9112_6_3);
    tcase_add_test(tc, heads_have_bounds);
    tcase_add_test(tc, a_range_is_heeded_of_a_get_without_if_range__rfc9110_14_2);
    tcase_add_test(tc, paths_never_leave_the_root);
    tcase_add_test(tc, ranges__rfc9110_14_1_2);
    tcase_add_test(tc, answers_are_read__rfc9112_4);
    tcase_add_test(tc, chunks_are_undone_in_pieces_of_any_size__rfc9112_7_1);
    tcase_add_test(tc, chunks_that_are_none_are_refused);
    tcase_add_test(tc, urls);
    tcase_add_test(tc, dates_count_from_the_year_2000__rfc9110_5_6_7);
    tcase_add_test(tc, types_go_by_the_ending);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
