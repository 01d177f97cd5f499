/* The http service: HTTP/1.1 and 1.0 (RFC 9110, RFC 9112) over files that were read when the LAN
 * began, a body, or made-up bytes.
 *
 * A connection reads one request's head, throws the request's body away, answers, and begins anew;
 * what a client sent beyond (pipelining) stays in the socket meanwhile, so a client that only asks
 * fills its own window. An answer is streamed into the send queue as it drains. Where a connection
 * is to end, our FIN goes out behind the answer and what still comes is read until the client's:
 * closing at once would answer it with a reset, which may overtake the answer (RFC 9112 9.6).
 *
 * There are no validators here (ETag, Last-Modified), so conditions (If-...) find nothing to be
 * false and are not looked at, except that a Range beside an If-Range is not heeded. Several ranges
 * get the whole (RFC 9110 14.2 allows it). */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/http_parse.h"
#include "lan/pattern.h"
#include "lan/service_impl.h"

#define PATIENCE (30 * SW_S) /* with a silent client, or with a head however slowly it comes */
#define BODY_MAX (UINT64_C(1) << 20) /* of a request: it is of no use to anybody */
#define PIECE 65536
#define ANSWER_HEAD 512
#define HEAD_FIRST 512

/* Each state says what the connection waits for. */
enum state {
    READING,   /* a request: text; the client's end is the end */
    SKIPPING,  /* the rest of a request's body; then `status` is answered */
    ANSWERING, /* room to send; then READING or ENDING */
    ENDING,    /* our FIN is sent: the client's end, all text is thrown away */
};

/* What a request asked for, and how much of it goes out. */
struct content {
    const uint8_t *bytes; /* NULL: the pattern */
    uint64_t at, end;
};

struct http {
    struct sw_service_conn conn;
    enum state state;
    char *head; /* of the request that is being read */
    size_t head_len, head_cap;
    /* Of the request that is being answered. */
    struct sw_http_request request;
    unsigned status;
    uint64_t size; /* of the whole content */
    struct content content;
    const char *type;
    uint64_t body_left; /* of a request's body: what comes, or of chunks what may come */
    struct sw_http_chunks chunks;
    bool last; /* no more requests after this answer */
    char answer[ANSWER_HEAD];
    size_t answer_len, answer_at;
};

/* ---- what is served ---- */

static int compare_name(const void *key, const void *file)
{
    return strcmp(key, ((const struct sw_topo_file *)file)->name);
}

/* The content at a path: the file of exactly that name; a body or made-up bytes stand at every
 * path. False: none. */
static bool find(struct http *h, const char *path)
{
    const struct sw_topo_service *config = h->conn.service->config;
    h->content = (struct content){NULL, 0, 0};
    if (config->body) {
        h->content.bytes = (const uint8_t *)config->body;
        h->size = strlen(config->body);
        h->type = "text/plain; charset=utf-8";
    } else if (config->file_count) {
        const struct sw_topo_file *file =
            bsearch(path, config->files, config->file_count, sizeof *file, compare_name);
        if (!file) {
            return false;
        }
        h->content.bytes = file->bytes;
        h->size = file->len;
        h->type = sw_http_type(file->name);
    } else {
        h->size = config->size;
        h->type = "application/octet-stream";
    }
    h->content.end = h->size;
    return true;
}

/* ---- answers ---- */

static void add(struct http *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct http *h, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(h->answer + h->answer_len, sizeof h->answer - h->answer_len, format, args);
    va_end(args);
    assert(n >= 0 && (size_t)n < sizeof h->answer - h->answer_len);
    h->answer_len += (size_t)n;
}

/* An answer that is no content says so in a line of text. */
static void fill_in_reason(struct http *h, char *text, size_t cap)
{
    int n = snprintf(text, cap, "%u %s\n", h->status, sw_http_reason(h->status));
    h->content = (struct content){NULL, 0, 0};
    h->type = "text/plain; charset=utf-8";
    if (h->status == 416) {
        add(h, "Content-Range: bytes */%" PRIu64 "\r\n", h->size);
    }
    if (h->status == 405) {
        add(h, "Allow: GET, HEAD\r\n");
    }
    h->size = (uint64_t)n;
}

/* Writes the answer's head, and begins to send. */
static void answer(struct http *h)
{
    char date[SW_HTTP_DATE];
    char reason[64] = "";
    bool part = h->status == 206;
    h->answer_len = h->answer_at = 0;
    add(h, "HTTP/1.1 %u %s\r\nDate: %s\r\nServer: switchd\r\n", h->status,
        sw_http_reason(h->status), sw_http_date(sw_clock_now(h->conn.service->clock), date));
    if (h->status >= 400) {
        fill_in_reason(h, reason, sizeof reason);
    } else {
        add(h, "Accept-Ranges: bytes\r\n");
    }
    if (part) {
        add(h, "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n", h->content.at,
            h->content.end - 1, h->size);
    }
    add(h, "Content-Type: %s\r\nContent-Length: %" PRIu64 "\r\n", h->type,
        part ? h->content.end - h->content.at : h->size);
    if (h->last) {
        add(h, "Connection: close\r\n");
    } else if (h->request.minor == 0) {
        add(h, "Connection: keep-alive\r\n");
    }
    add(h, "\r\n");
    if (h->request.method == SW_HTTP_HEAD) {
        h->content.end = h->content.at;
    } else {
        add(h, "%s", reason);
    }
    free(h->head);
    h->head = NULL;
    h->head_len = h->head_cap = 0;
    h->state = ANSWERING;
    sw_service_touch(&h->conn);
}

/* The answer to a request that cannot be read to its end: the last one. */
static void refuse(struct http *h, unsigned status)
{
    h->status = status;
    h->last = true;
    answer(h);
}

static void decide_range(struct http *h)
{
    struct sw_http_range range;
    switch (sw_http_range(&range, h->request.range, h->request.range_len, h->size)) {
    case SW_HTTP_RANGE_PART:
        h->status = 206;
        h->content.at = range.first;
        h->content.end = range.first + range.length;
        break;
    case SW_HTTP_RANGE_UNSATISFIABLE:
        h->status = 416;
        break;
    case SW_HTTP_RANGE_WHOLE:
        break;
    }
}

/* The status of a request that was understood, with what is to be sent. */
static void decide(struct http *h)
{
    char path[SW_HTTP_TARGET_MAX + 16];
    if (h->request.method == SW_HTTP_OTHER) {
        h->status = 405;
        return;
    }
    h->status = sw_http_path(path, h->request.target, h->request.target_len);
    if (h->status) {
        return;
    }
    h->status = find(h, path) ? 200 : 404;
    if (h->status == 200 && h->request.range) {
        decide_range(h);
    }
}

/* A whole head has come. */
static void begin_request(struct http *h)
{
    unsigned refused = sw_http_request_parse(&h->request, h->head, h->head_len);
    if (refused) {
        refuse(h, refused);
        return;
    }
    h->last = !h->request.keep_alive;
    if (h->request.framing == SW_HTTP_LENGTH && h->request.content_length > BODY_MAX) {
        refuse(h, 413);
        return;
    }
    decide(h);
    if (h->request.framing == SW_HTTP_NO_BODY) {
        answer(h);
    } else if (h->request.expects_continue) {
        /* It asked before it sent, and the answer does not depend on what it would send. Whether
         * the body comes all the same cannot be known, so nothing can come behind it (RFC
         * 9110 10.1.1). */
        h->last = true;
        answer(h);
    } else {
        h->state = SKIPPING;
        h->body_left = h->request.framing == SW_HTTP_LENGTH ? h->request.content_length : BODY_MAX;
        h->chunks = (struct sw_http_chunks){0};
    }
}

/* ---- the states ---- */

/* What a state's step did: went on to another, waits for an event, or ended the connection (which
 * is gone). */
enum step { GO_ON, WAIT, GONE };

static enum step end(struct http *h, bool abort)
{
    sw_service_end(&h->conn, abort);
    return GONE;
}

/* Unread text: GO_ON and n > 0, or what becomes of the connection without. */
static enum step look(struct http *h, const char **at, size_t *n)
{
    const void *bytes;
    int got = sw_sock_peek(h->conn.sock, &bytes, n);
    if (got == -EAGAIN) {
        return WAIT;
    }
    if (got < 0 || *n == 0) {
        return end(h, got < 0);
    }
    *at = bytes;
    return GO_ON;
}

static bool make_room(struct http *h, size_t n)
{
    size_t cap = h->head_cap ? h->head_cap : HEAD_FIRST;
    while (cap < n) {
        cap *= 2;
    }
    if (cap > h->head_cap) {
        char *grown = realloc(h->head, cap);
        if (!grown) {
            return false;
        }
        h->head = grown;
        h->head_cap = cap;
    }
    return true;
}

/* Empty lines before a request are nothing (RFC 9112 2.2); how many of the n bytes they are. */
static size_t empty_lines(const char *at, size_t n)
{
    size_t i = 0;
    while (i < n && (at[i] == '\r' || at[i] == '\n')) {
        i++;
    }
    return i;
}

static enum step read_head(struct http *h)
{
    const char *at;
    size_t n;
    enum step step = look(h, &at, &n);
    if (step != GO_ON) {
        return step;
    }
    if (h->head_len == 0) {
        size_t empty = empty_lines(at, n);
        if (empty) {
            sw_sock_consume(h->conn.sock, empty);
            return GO_ON;
        }
        sw_service_touch(&h->conn);
    }
    n = n < SW_HTTP_HEAD_MAX - h->head_len ? n : SW_HTTP_HEAD_MAX - h->head_len;
    if (!make_room(h, h->head_len + n)) {
        return end(h, true);
    }
    memcpy(h->head + h->head_len, at, n);
    size_t whole = sw_http_head_end(h->head, h->head_len + n, h->head_len);
    size_t used = whole ? whole - h->head_len : n;
    sw_sock_consume(h->conn.sock, used);
    h->head_len += used;
    if (whole) {
        begin_request(h);
    } else if (h->head_len == SW_HTTP_HEAD_MAX) {
        refuse(h, memchr(h->head, '\n', h->head_len) ? 431 : 414);
    }
    return GO_ON;
}

static enum step skip_body(struct http *h)
{
    const char *at, *text;
    size_t n, text_len;
    enum step step = look(h, &at, &n);
    if (step != GO_ON) {
        return step;
    }
    if (h->request.framing == SW_HTTP_LENGTH) {
        n = n < h->body_left ? n : (size_t)h->body_left;
        sw_sock_consume(h->conn.sock, n);
        h->body_left -= n;
        if (h->body_left == 0) {
            answer(h);
        }
        return GO_ON;
    }
    int more = sw_http_chunks_next(&h->chunks, at, n, &n, &text, &text_len);
    sw_sock_consume(h->conn.sock, n);
    if (more < 0) {
        refuse(h, 400);
    } else if (text_len > h->body_left) {
        refuse(h, 413);
    } else {
        h->body_left -= text_len;
        if (!more) {
            answer(h);
        }
    }
    return GO_ON;
}

static enum step after_answer(struct http *h)
{
    sw_service_touch(&h->conn);
    if (!h->last) {
        h->state = READING;
        return GO_ON;
    }
    h->state = ENDING;
    sw_sock_shutdown(h->conn.sock);
    return GO_ON;
}

/* Fills at most n bytes with what goes out next; how many. */
static size_t next_bytes(struct http *h, uint8_t *to, size_t n)
{
    size_t done = h->answer_len - h->answer_at;
    done = done < n ? done : n;
    memcpy(to, h->answer + h->answer_at, done);
    h->answer_at += done;
    struct content *c = &h->content;
    size_t rest = c->end - c->at < n - done ? (size_t)(c->end - c->at) : n - done;
    if (rest && c->bytes) {
        memcpy(to + done, c->bytes + c->at, rest);
    } else if (rest) {
        sw_pattern_fill(to + done, rest, c->at);
    }
    c->at += rest;
    return done + rest;
}

static enum step send_answer(struct http *h)
{
    uint64_t left = h->answer_len - h->answer_at + (h->content.end - h->content.at);
    if (left == 0) {
        return after_answer(h);
    }
    /* An answer's last, short segment need not wait until those before it are acknowledged (Nagle);
     * all others may. */
    sw_sock_set(h->conn.sock, SW_OPT_NODELAY, left <= PIECE);
    void *to;
    size_t n = left < PIECE ? (size_t)left : PIECE;
    int got = sw_sock_reserve(h->conn.sock, &to, &n);
    if (got == -EAGAIN) {
        return WAIT;
    }
    if (got < 0) {
        return end(h, true);
    }
    n = n < left ? n : (size_t)left;
    n = next_bytes(h, to, n);
    sw_sock_commit(h->conn.sock, n);
    sw_service_touch(&h->conn);
    return GO_ON;
}

static enum step throw_away(struct http *h)
{
    const char *at;
    size_t n;
    enum step step = look(h, &at, &n);
    if (step == GO_ON) {
        sw_sock_consume(h->conn.sock, n);
    }
    return step;
}

static void run(struct http *h)
{
    enum step step = GO_ON;
    while (step == GO_ON) {
        switch (h->state) {
        case READING:
            step = read_head(h);
            break;
        case SKIPPING:
            step = skip_body(h);
            break;
        case ANSWERING:
            step = send_answer(h);
            break;
        case ENDING:
            step = throw_away(h);
            break;
        }
    }
}

static void http_event(struct sw_service_conn *conn, enum sw_sock_event event)
{
    if (event == SW_SOCK_ERROR || event == SW_SOCK_CLOSED) {
        sw_service_end(conn, false);
        return;
    }
    run(SW_CONTAINER(conn, struct http, conn));
}

/* A client that began a request is told why (RFC 9110 15.5.9); one that only kept the connection is
 * not. */
static void http_expired(struct sw_service_conn *conn)
{
    struct http *h = SW_CONTAINER(conn, struct http, conn);
    if (h->state == SKIPPING || (h->state == READING && h->head_len)) {
        h->request = (struct sw_http_request){.minor = 1};
        refuse(h, 408);
        run(h);
        return;
    }
    sw_service_end(conn, h->state != READING);
}

static void http_release(struct sw_service_conn *conn)
{
    free(SW_CONTAINER(conn, struct http, conn)->head);
}

const struct sw_service_ops sw_service_http = {
    .name = "http",
    .protocol = SW_TCP,
    .conn_bytes = sizeof(struct http),
    .patience = PATIENCE,
    .event = http_event,
    .expired = http_expired,
    .release = http_release,
};
