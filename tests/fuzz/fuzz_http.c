/* Fuzz target: HTTP. The first byte says what the rest is: what a client says to the http service,
 * what a server answers to a fetch, or what one of the parsers reads. In what is said, the bytes 1
 * to 5 are not said but done (see say()). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/http_parse.h"
#include "lan/lab.h"
#include "lan/services.h"
#include "lan/traffic.h"
#include "tests/fuzz/fuzz.h"

#define ANSWER_MOST 4096 /* of what is kept of an answer */
#define PORT 80

/* ---- one end of a connection, on the public socket API ---- */

struct talker {
    struct sw_lab *lab;
    struct sw_sock *sock, *listener;
    const uint8_t *at, *end; /* what is still to be said */
    bool connected, deaf;
    char heard[ANSWER_MOST];
    size_t heard_len;
};

static void hear(struct talker *t)
{
    const void *at;
    size_t n;
    while (!t->deaf && t->sock != NULL && sw_sock_peek(t->sock, &at, &n) == 0 && n > 0) {
        const size_t left = sizeof t->heard - t->heard_len;
        memcpy(t->heard + t->heard_len, at, n < left ? n : left);
        t->heard_len += n < left ? n : left;
        sw_sock_consume(t->sock, n);
    }
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct talker *t = user;
    if (event == SW_SOCK_ACCEPTED) {
        if (t->sock == NULL && sw_sock_accept(&t->sock, sock, on_event, t) == 0) {
            t->connected = true;
        }
        return;
    }
    t->connected |= event == SW_SOCK_CONNECTED;
    if (event != SW_SOCK_ERROR) {
        hear(t);
    }
}

/* Says a stretch of bytes; what there is no room for is not said. */
static void say_text(struct talker *t, const uint8_t *bytes, size_t n)
{
    if (n > 0 && t->sock != NULL) {
        (void)sw_sock_send(t->sock, bytes, n);
        sw_lab_run(t->lab, SW_MS);
    }
}

static void say(struct talker *t)
{
    while (t->at < t->end) {
        const uint8_t *from = t->at;
        while (t->at < t->end && (*t->at == 0 || *t->at > 5)) {
            t->at++;
        }
        say_text(t, from, (size_t)(t->at - from));
        switch (t->at < t->end ? *t->at++ : 0) {
        case 1:
            sw_lab_run(t->lab, 100 * SW_MS);
            break;
        case 2:
            sw_lab_run(t->lab, 31 * SW_S);
            break;
        case 3:
            if (t->sock != NULL) {
                (void)sw_sock_shutdown(t->sock);
            }
            break;
        case 4:
            t->deaf = !t->deaf;
            hear(t);
            break;
        case 5:
            if (t->sock != NULL) {
                sw_sock_abort(t->sock);
                t->sock = NULL;
            }
            break;
        default:
            break;
        }
    }
}

static struct sw_lab *two_hosts(struct sw_host **web, struct sw_host **client)
{
    struct sw_lab *lab = sw_lab_new(1);
    *web = sw_lab_host(lab, "web", "10.0.0.1/24");
    *client = sw_lab_host(lab, "client", "10.0.0.2/24");
    sw_lab_link(lab, "web", "client", NULL);
    return lab;
}

/* ---- the service ---- */

static void to_service(uint8_t kind, const uint8_t *bytes, size_t n)
{
    static char body[] = "hello", index[] = "/index.html", page[] = "/a b/c.txt";
    struct sw_topo_file files[] = {{page, (uint8_t *)body, 5}, {index, (uint8_t *)body, 0}};
    struct sw_topo_service config = {.kind = SW_SERVICE_HTTP, .port = PORT};
    struct talker t = {.at = bytes, .end = bytes + n};
    struct sw_host *web, *client;
    struct sw_service *service;
    struct sw_http_response response;
    config.files = kind % 4 == 0 ? files : NULL;
    config.file_count = kind % 4 == 0 ? 2 : 0;
    config.body = kind % 4 == 1 ? body : NULL;
    config.size = kind % 4 == 2 ? 3000000 : kind % 4 == 3 ? 10 : 0;
    t.lab = two_hosts(&web, &client);
    fuzz_check(sw_service_new(&service, web, &config) == 0);
    fuzz_check(sw_sock_open(&t.sock, client, SW_TCP, on_event, &t) == 0);
    const struct sw_endpoint to = {.ip = sw_ip_v4(0x0a000001), .port = PORT};
    fuzz_check(sw_sock_connect(t.sock, to) == 0);
    sw_lab_run(t.lab, SW_MS);
    fuzz_check(t.connected);
    say(&t);
    sw_lab_run(t.lab, 40 * SW_S);
    const size_t head = sw_http_head_end(t.heard, t.heard_len, 0);
    if (t.heard_len > 0) {
        fuzz_check(head > 0 && sw_http_response_parse(&response, t.heard, head, false));
        fuzz_check(sw_http_reason(response.status)[0] != '\0');
    }
    fuzz_check(sw_lab_holds(t.lab));
    if (t.sock != NULL) {
        sw_sock_close(t.sock);
    }
    sw_service_free(service);
    sw_lab_free(t.lab);
}

/* ---- a fetch ---- */

static void finished(void *ctx)
{
    ++*(unsigned *)ctx;
}

static void to_fetch(uint8_t kind, const uint8_t *bytes, size_t n)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT"};
    struct talker t = {.at = bytes, .end = bytes + n};
    struct sw_host *web, *client;
    struct sw_fetch *fetch;
    struct sw_fetch_result result;
    unsigned done = 0;
    t.lab = two_hosts(&web, &client);
    fuzz_check(sw_sock_open(&t.listener, web, SW_TCP, on_event, &t) == 0);
    fuzz_check(sw_sock_bind(t.listener, (struct sw_endpoint){.port = PORT}) == 0);
    fuzz_check(sw_sock_listen(t.listener, 4) == 0);
    const struct sw_fetch_config config = {.to = {.ip = sw_ip_v4(0x0a000001), .port = PORT},
                                           .host_header = "web",
                                           .path = "/a",
                                           .method = methods[kind % 4],
                                           .send = kind % 4 > 1 ? "text" : NULL,
                                           .timeout = (kind & 4) != 0 ? 20 * SW_S : 0,
                                           .keep_bytes = 100};
    fuzz_check(sw_fetch_new(&fetch, client, &config, finished, &done) == 0);
    sw_lab_run(t.lab, SW_MS);
    say(&t);
    sw_lab_run(t.lab, 30 * SW_S);
    fuzz_check(done == 1);
    sw_fetch_result(fetch, &result);
    fuzz_check(result.error < 0 ||
               (result.error == 0 && result.status >= 100 && result.status < 1000));
    fuzz_check(result.error != 0 || (result.body_len <= 100 && result.body_len <= result.size));
    fuzz_check(sw_lab_holds(t.lab));
    sw_fetch_free(fetch);
    if (t.sock != NULL) {
        sw_sock_close(t.sock);
    }
    sw_sock_close(t.listener);
    sw_lab_free(t.lab);
}

/* ---- parsers ---- */

static void request(const char *text, size_t n)
{
    struct sw_http_request r;
    const unsigned status = sw_http_request_parse(&r, text, n);
    fuzz_check(status == 0 || status == 400 || status == 414 || status == 431 || status == 501 ||
               status == 505);
    if (status == 0) {
        fuzz_check(r.target >= text && r.target + r.target_len <= text + n);
        fuzz_check(r.range == NULL || (r.range >= text && r.range + r.range_len <= text + n));
        fuzz_check(r.framing != SW_HTTP_UNTIL_CLOSE && r.minor <= 9);
    }
}

static void path(const char *text, size_t n)
{
    char *out = malloc(n + 16);
    fuzz_check(out != NULL);
    const unsigned status = sw_http_path(out, text, n);
    fuzz_check(status == 0 || status == 400);
    if (status == 0) {
        fuzz_check(out[0] == '/' && strstr(out, "/../") == NULL && strstr(out, "//") == NULL);
        (void)sw_http_type(out);
    }
    free(out);
}

static void range(const char *text, size_t n)
{
    static const uint64_t sizes[] = {0, 1, 10, 1000, UINT64_MAX};
    struct sw_http_range r;
    for (unsigned i = 0; i < 5; i++) {
        if (sw_http_range(&r, text, n, sizes[i]) == SW_HTTP_RANGE_PART) {
            fuzz_check(r.length > 0 && r.first < sizes[i] && r.length <= sizes[i] - r.first);
        }
    }
}

/* Whatever the pieces are in which it comes, the content is the same. */
static void chunks(const char *text, size_t n)
{
    size_t content[2] = {0, 0};
    int verdict[2];
    for (unsigned way = 0; way < 2; way++) {
        struct sw_http_chunks c = {0};
        size_t at = 0;
        verdict[way] = 1;
        while (at < n && verdict[way] == 1) {
            const char *piece = NULL;
            size_t used = 0, len = 0;
            const size_t have = way == 0 ? n - at : 1;
            verdict[way] = sw_http_chunks_next(&c, text + at, have, &used, &piece, &len);
            fuzz_check(used <= have && (used > 0 || verdict[way] != 1) && len <= used);
            fuzz_check(len == 0 || (piece >= text + at && piece + len <= text + at + used));
            at += used;
            content[way] += len;
        }
    }
    fuzz_check(verdict[0] == verdict[1] && content[0] == content[1]);
}

static void url(const char *text, size_t n)
{
    char *copy = malloc(n + 1);
    struct sw_http_url u;
    fuzz_check(copy != NULL);
    memcpy(copy, text, n);
    copy[n] = '\0';
    if (sw_http_url_parse(&u, copy) == 0) {
        fuzz_check(u.host >= copy && u.host + u.host_len <= copy + strlen(copy));
        fuzz_check(u.path_len == 0 || u.path + u.path_len <= copy + strlen(copy));
    }
    free(copy);
}

static void response(const char *text, size_t n)
{
    struct sw_http_response r;
    if (sw_http_response_parse(&r, text, n, n % 2 == 0)) {
        fuzz_check(r.status >= 100 && r.status < 1000);
    }
    for (size_t seen = 0; seen <= n; seen += 1 + n / 3) {
        fuzz_check(sw_http_head_end(text, n, 0) <= n);
    }
}

static void parse(uint8_t which, const char *text, size_t n)
{
    static void (*const parsers[])(const char *, size_t) = {request, path, range,
                                                            chunks,  url,  response};
    parsers[which % 6](text, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < 2) {
        return 0;
    }
    const uint8_t what = bytes[0];
    uint8_t *copy = malloc(n - 1); /* its end is the memory's */
    fuzz_check(copy != NULL);
    memcpy(copy, bytes + 1, n - 1);
    if (what % 4 == 0) {
        to_service(what / 4, copy, n - 1);
    } else if (what % 4 == 1) {
        to_fetch(what / 4, copy, n - 1);
    } else {
        parse(what / 4, (const char *)copy, n - 1);
    }
    free(copy);
    return 0;
}
