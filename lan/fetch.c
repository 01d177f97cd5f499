/* One HTTP request and its answer (RFC 9110, RFC 9112): connect, ask, read the head, then the body
 * by its framing, summed up as it comes. The connection is closed after it. Answers before the last
 * (1xx) are skipped; redirects are answers as any other. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/http_parse.h"
#include "lan/sha256.h"
#include "lan/talk_impl.h"

#define PATIENCE (10 * SW_S)
#define INTERIM_MAX 16 /* answers of 1xx before the last */

/* Each state says what is waited for. */
enum state {
    CONNECTING, /* the connection */
    HEAD,       /* the answer's head */
    BODY,       /* its body */
    OVER,
};

struct sw_fetch {
    struct sw_clock *clock;
    struct sw_sock *sock;
    struct sw_owner owner;
    struct sw_timer timer; /* the end: by a timeout, or at once where something has ended it */
    void (*done)(void *ctx);
    void *ctx;
    enum state state;
    bool ended; /* the timer is to end it with `error` */
    int error;
    bool head_request;
    sw_time began, took, deadline, progressed;
    char *request;
    size_t request_len, request_at;
    char *head;
    size_t head_len;
    unsigned interim;
    struct sw_http_response response;
    struct sw_http_chunks chunks;
    uint64_t size;
    struct sw_sha256 sum;
    char sha256[SW_SHA256_HEX];
    char *body;
    size_t body_len, keep_bytes;
    char name[160];
};

/* It ends from the timer, whoever finds out: never from within the call that made it, and its user
 * may free it there. */
static void end(struct sw_fetch *f, int error)
{
    if (!f->ended) {
        f->ended = true;
        f->error = error;
        f->took = sw_clock_now(f->clock) - f->began;
        sw_timer_arm(&f->timer, sw_clock_now(f->clock));
    }
}

static sw_time patient_until(const struct sw_fetch *f)
{
    return f->deadline != SW_TIME_NEVER ? f->deadline : f->progressed + PATIENCE;
}

static void on_timer(struct sw_timer *timer)
{
    struct sw_fetch *f = SW_CONTAINER(timer, struct sw_fetch, timer);
    if (!f->ended && sw_clock_now(f->clock) < patient_until(f)) {
        sw_timer_arm(timer, patient_until(f));
        return;
    }
    if (!f->ended) {
        /* Nobody waited as long as TCP would for a host that ICMP or ARP says is not there. */
        end(f, sw_talk_cause(f->sock));
        sw_timer_cancel(timer);
    }
    sw_sha256_end(&f->sum, f->sha256);
    f->state = OVER;
    if (f->error) {
        sw_sock_abort(f->sock);
    } else {
        sw_sock_close(f->sock);
    }
    f->sock = NULL;
    f->done(f->ctx);
}

/* ---- asking ---- */

static void send_request(struct sw_fetch *f)
{
    while (f->request_at < f->request_len) {
        int64_t n =
            sw_sock_send(f->sock, f->request + f->request_at, f->request_len - f->request_at);
        if (n == -EAGAIN) {
            return;
        }
        /* A server may answer and end before it has read all: what it says counts, not that it
         * stopped listening. */
        if (n < 0) {
            f->request_at = f->request_len;
            return;
        }
        f->request_at += (size_t)n;
        f->progressed = sw_clock_now(f->clock);
    }
}

/* ---- the answer ---- */

static void add_body(struct sw_fetch *f, const char *bytes, size_t n)
{
    size_t keep = f->keep_bytes - f->body_len;
    keep = keep < n ? keep : n;
    if (keep) {
        memcpy(f->body + f->body_len, bytes, keep);
        f->body_len += keep;
    }
    sw_sha256_add(&f->sum, bytes, n);
    f->size += n;
}

/* The whole head is there. */
static void take_head(struct sw_fetch *f)
{
    if (!sw_http_response_parse(&f->response, f->head, f->head_len, f->head_request)) {
        end(f, -EPROTO);
        return;
    }
    f->head_len = 0;
    if (f->response.status < 200) {
        if (f->response.status == 101 || ++f->interim > INTERIM_MAX) {
            end(f, -EPROTO);
        }
        f->response = (struct sw_http_response){0};
        return;
    }
    f->state = BODY;
    bool empty = f->response.framing == SW_HTTP_NO_BODY ||
                 (f->response.framing == SW_HTTP_LENGTH && f->response.content_length == 0);
    if (empty) {
        end(f, 0);
    }
}

/* How many of n bytes belong to the head; they are taken. */
static size_t take_head_bytes(struct sw_fetch *f, const char *at, size_t n)
{
    n = n < SW_HTTP_HEAD_MAX - f->head_len ? n : SW_HTTP_HEAD_MAX - f->head_len;
    memcpy(f->head + f->head_len, at, n);
    size_t whole = sw_http_head_end(f->head, f->head_len + n, f->head_len);
    size_t used = whole ? whole - f->head_len : n;
    f->head_len += used;
    if (whole) {
        take_head(f);
    } else if (f->head_len == SW_HTTP_HEAD_MAX) {
        end(f, -EPROTO);
    }
    return used;
}

static size_t take_body_bytes(struct sw_fetch *f, const char *at, size_t n)
{
    const char *text = at;
    size_t used = n, text_len = n;
    int more = 1;
    if (f->response.framing == SW_HTTP_LENGTH) {
        uint64_t left = f->response.content_length - f->size;
        used = text_len = n < left ? n : (size_t)left;
        more = left > used;
    } else if (f->response.framing == SW_HTTP_CHUNKED) {
        more = sw_http_chunks_next(&f->chunks, at, n, &used, &text, &text_len);
    }
    add_body(f, text, text_len);
    if (more <= 0) {
        end(f, more);
    }
    return used;
}

/* The server has ended: the answer's end, or too early for it. */
static void at_end(struct sw_fetch *f)
{
    bool whole = f->state == BODY && f->response.framing == SW_HTTP_UNTIL_CLOSE;
    end(f, whole ? 0 : -EPROTO);
}

static void read_answer(struct sw_fetch *f)
{
    while (!f->ended) {
        const void *at;
        size_t n;
        int got = sw_sock_peek(f->sock, &at, &n);
        if (got == -EAGAIN) {
            return;
        }
        if (got) {
            end(f, got);
            return;
        }
        if (n == 0) {
            at_end(f);
            return;
        }
        f->progressed = sw_clock_now(f->clock);
        n = f->state == HEAD ? take_head_bytes(f, at, n) : take_body_bytes(f, at, n);
        sw_sock_consume(f->sock, n);
    }
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_fetch *f = user;
    if (f->ended) {
        return;
    }
    if (event == SW_SOCK_ERROR || (event == SW_SOCK_ADVICE && f->state == CONNECTING)) {
        end(f, sw_talk_cause(sock));
        return;
    }
    if (event == SW_SOCK_CONNECTED) {
        f->state = HEAD;
        f->progressed = sw_clock_now(f->clock);
    }
    if (f->state != CONNECTING) {
        send_request(f);
        read_answer(f);
    }
}

/* ---- the interface ---- */

/* The request's bytes. A body has its length said also where it is empty, if the method has one by
 * nature (RFC 9110 8.6). */
static int write_request(struct sw_fetch *f, const struct sw_fetch_config *c)
{
    const char *method = c->method ? c->method : "GET";
    const char *path = c->path && *c->path ? c->path : "/";
    const char *body = c->send ? c->send : "";
    const char *slash = *path == '?' ? "/" : "";
    char length[48] = "";
    if (c->send || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0) {
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", strlen(body));
    }
    static const char format[] = "%s %s%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: switchd\r\n"
                                 "Connection: close\r\n%s\r\n%s";
    size_t cap = sizeof format + strlen(method) + strlen(path) + strlen(c->host_header) +
                 sizeof length + strlen(body);
    f->request = malloc(cap);
    f->head = malloc(SW_HTTP_HEAD_MAX);
    f->body = malloc(c->keep_bytes + 1);
    if (!f->request || !f->head || !f->body) {
        return -ENOMEM;
    }
    int n = snprintf(f->request, cap, format, method, slash, path, c->host_header, length, body);
    assert(n > 0 && (size_t)n < cap);
    f->request_len = (size_t)n;
    f->head_request = strcmp(method, "HEAD") == 0;
    f->keep_bytes = c->keep_bytes;
    return 0;
}

/* The socket, and a name that no other owner has: its port is nobody else's on this host. */
static int open_socket(struct sw_fetch *f, struct sw_host *from)
{
    int result = sw_sock_open(&f->sock, from, SW_TCP, on_event, f);
    if (result == 0) {
        result = sw_sock_bind(f->sock, (struct sw_endpoint){.port = 0});
    }
    if (result == 0) {
        snprintf(f->name, sizeof f->name, "%.120s fetch %u", sw_host_name(from),
                 sw_sock_local(f->sock).port);
        sw_owner_init(&f->owner, f->name);
        result = sw_timer_init(&f->timer, f->clock, &f->owner, SW_CLASS_STEP, on_timer);
    }
    return result;
}

int sw_fetch_new(struct sw_fetch **out, struct sw_host *from, const struct sw_fetch_config *config,
                 void (*done)(void *ctx), void *ctx)
{
    if (config->to.ip.family != SW_IPV4 || !config->host_header || config->timeout < 0) {
        return -EINVAL;
    }
    struct sw_fetch *f = calloc(1, sizeof *f);
    if (!f) {
        return -ENOMEM;
    }
    f->clock = sw_host_env(from)->clock;
    f->done = done;
    f->ctx = ctx;
    f->began = f->progressed = sw_clock_now(f->clock);
    f->deadline = config->timeout ? f->began + config->timeout : SW_TIME_NEVER;
    sw_sha256_init(&f->sum);
    int result = write_request(f, config);
    if (result == 0) {
        result = open_socket(f, from);
    }
    if (result) {
        sw_fetch_free(f);
        return result;
    }
    sw_timer_arm(&f->timer, patient_until(f));
    result = sw_sock_connect(f->sock, config->to);
    if (result) {
        end(f, result);
    }
    *out = f;
    return 0;
}

void sw_fetch_result(const struct sw_fetch *fetch, struct sw_fetch_result *out)
{
    fetch->body[fetch->body_len] = 0;
    *out = (struct sw_fetch_result){
        .error = fetch->error,
        .status = fetch->state == BODY || fetch->state == OVER ? fetch->response.status : 0,
        .size = fetch->size,
        .body = fetch->body,
        .body_len = fetch->body_len,
        .took = fetch->ended ? fetch->took : sw_clock_now(fetch->clock) - fetch->began,
    };
    memcpy(out->sha256, fetch->sha256, sizeof out->sha256);
}

void sw_fetch_free(struct sw_fetch *fetch)
{
    if (!fetch) {
        return;
    }
    if (fetch->sock) {
        sw_sock_abort(fetch->sock);
    }
    sw_timer_fini(&fetch->timer);
    free(fetch->request);
    free(fetch->head);
    free(fetch->body);
    free(fetch);
}
