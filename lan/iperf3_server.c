/* The iperf3 service: the server's side of esnet/iperf 3's protocol (iperf3_proto.h).
 *
 * Every connection begins with a cookie. The first whose cookie has come whole is a test's control
 * connection; those that come while its streams are waited for and show the same cookie are its
 * streams; all others are told that we are busy. So whoever connects and says nothing holds nobody
 * up. Streams are numbered in the order in which they were accepted, which is the order in which
 * the client opened them: the first of them are those that it sends by.
 *
 *   client                 server          state
 *   cookie ->                              (SW_IPERF3_NEW)
 *                          <- PARAM_EXCHANGE   PARAMS
 *   length, JSON ->        <- CREATE_STREAMS   STREAMS
 *   streams ...            <- TEST_START, TEST_RUNNING   RUNNING
 *   TEST_END ->            <- EXCHANGE_RESULTS   RESULTS
 *   length, JSON ->        <- length, JSON, DISPLAY_RESULTS   GOODBYE
 *   IPERF_DONE ->
 *
 * A test is its control connection's: where that ends, however it ends, all of the test ends with
 * it, at once; and so it does where a stream ends before its time. A receiver counts until TEST_END
 * comes, as the original does; what its client's system still holds by then was sent, but is not
 * received.
 *
 * Not heeded, because it has no meaning here: the MSS, the congestion control, zero copy, CPU
 * affinity, flow labels, fair queueing's rate, bursts, users and passwords. A window sets the send
 * buffers of TCP; the receive buffers are the host's (they cannot change once a connection stands).
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "lan/iperf3_impl.h"

#define PATIENCE (30 * SW_S)
#define GRACE (60 * SW_S)         /* that a test by time may take longer */
#define LAST_INTERVAL (SW_S / 10) /* of the text; a shorter one says nothing */
#define IDLE_MOST 4               /* so many times PATIENCE without a byte are the end */
/* A client whose machine vanished is noticed in a minute. */
#define PROBE_IDLE (30 * SW_S)
#define PROBE_INTERVAL (10 * SW_S)
#define PROBES 3
#define WINDOW_MIN 4096
#define WINDOW_MAX (64 << 20)

static struct sw_iperf3_conn *conn_of(struct sw_service_conn *conn)
{
    return SW_CONTAINER(conn, struct sw_iperf3_conn, conn);
}

/* ---- the end of a test ---- */

/* Others may begin a test. */
static void give_way(struct sw_iperf3_test *test)
{
    if (test->udp) {
        sw_sock_close(test->udp);
        test->udp = NULL;
    }
    sw_timer_cancel(&test->timer);
    if (test->own->test == test) {
        test->own->test = NULL;
    }
}

/* A client closes its streams before it says IPERF_DONE, but its system may still send what they
 * hold. */
static void let_streams_end(struct sw_iperf3_test *test)
{
    for (uint32_t i = 0; i < test->made; i++) {
        struct sw_iperf3_conn *c = test->streams[i].conn;
        if (c) {
            c->role = SW_IPERF3_DONE;
            c->test = NULL;
            sw_service_touch(&c->conn);
            test->streams[i].conn = NULL;
        }
    }
}

static void end_streams(struct sw_iperf3_test *test)
{
    for (uint32_t i = 0; i < test->made; i++) {
        if (test->streams[i].conn) {
            sw_service_end(&test->streams[i].conn->conn, true);
        }
    }
}

/* All of it is gone behind this. */
static void end_test(struct sw_iperf3_test *test, bool abort)
{
    give_way(test);
    end_streams(test);
    sw_service_end(&test->control->conn, abort); /* frees the test: see on_release() */
}

static void free_test(struct sw_iperf3_test *test)
{
    give_way(test);
    for (uint32_t i = 0; i < test->made; i++) {
        if (test->streams[i].conn) {
            test->streams[i].conn->test = NULL;
        }
    }
    sw_timer_fini(&test->timer);
    sw_iperf3_text_fini(&test->text);
    free(test->streams);
    free(test->json);
    free(test->out);
    free(test);
}

/* ---- the control connection, out ---- */

static void flush(struct sw_iperf3_test *test)
{
    struct sw_sock *sock = test->control->conn.sock;
    while (test->out_at < test->out_len) {
        int64_t n = sw_sock_send(sock, test->out + test->out_at, test->out_len - test->out_at);
        if (n < 0) {
            return; /* SW_SOCK_WRITABLE follows, or SW_SOCK_ERROR */
        }
        test->out_at += (size_t)n;
    }
    free(test->out);
    test->out = NULL;
    test->out_len = test->out_at = 0;
    if (test->no_more) {
        sw_sock_shutdown(sock);
    }
}

/* False: no memory; nothing is said. */
static bool say(struct sw_iperf3_test *test, const void *bytes, size_t n)
{
    char *grown = realloc(test->out, test->out_len + n);
    if (!grown) {
        return false;
    }
    memcpy(grown + test->out_len, bytes, n);
    test->out = grown;
    test->out_len += n;
    flush(test);
    return true;
}

static bool say_message(struct sw_iperf3_test *test, enum sw_iperf3_message message)
{
    int8_t byte = (int8_t)message;
    return say(test, &byte, 1);
}

/* The client is told why, and the test is over; its control connection goes when the client does.
 */
static void fail(struct sw_iperf3_test *test, enum sw_iperf3_error error)
{
    uint8_t bytes[9] = {(uint8_t)SW_IPERF3_SERVER_ERROR};
    sw_put32(bytes + 1, (uint32_t)error);
    test->state = SW_IPERF3_FAILED;
    sw_service_touch(&test->control->conn);
    give_way(test);
    end_streams(test);
    test->no_more = true;
    if (!say(test, bytes, sizeof bytes)) {
        flush(test);
    }
}

/* ---- a test that runs ---- */

void sw_iperf3_due(struct sw_iperf3_test *test, sw_time due)
{
    if (due < test->timer.due) {
        sw_timer_arm(&test->timer, due);
    }
}

static void arm(struct sw_iperf3_test *test)
{
    sw_time due = sw_iperf3_next(test);
    sw_time omitted = test->began + test->params.omit_s * SW_S;
    sw_time told = test->interval_from + SW_S;
    due = test->omitting && omitted < due ? omitted : due;
    due = test->params.server_output && told < due ? told : due;
    sw_timer_arm(&test->timer, due);
}

static void on_timer(struct sw_timer *timer)
{
    struct sw_iperf3_test *test = SW_CONTAINER(timer, struct sw_iperf3_test, timer);
    sw_time now = sw_clock_now(test->service->clock);
    if (test->params.server_output && now >= test->interval_from + SW_S) {
        sw_iperf3_tell_interval(test, now);
    }
    if (test->omitting && now >= test->began + test->params.omit_s * SW_S) {
        sw_iperf3_omit(test, now);
    }
    sw_iperf3_pump(test);
    arm(test);
}

static int compare_number(const void *a, const void *b)
{
    const struct sw_iperf3_stream *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static void start(struct sw_iperf3_test *test)
{
    const struct sw_iperf3_params *params = &test->params;
    sw_time now = sw_clock_now(test->service->clock);
    uint32_t receivers = params->reverse ? 0 : params->parallel;
    qsort(test->streams, test->made, sizeof test->streams[0], compare_number);
    for (uint32_t i = 0; i < test->made; i++) {
        struct sw_iperf3_stream *s = &test->streams[i];
        s->id = sw_iperf3_stream_id(i);
        s->sends = i >= receivers;
        s->next_due = now;
        if (s->conn) {
            s->conn->stream = s;
        }
    }
    test->began = test->counted_from = test->interval_from = now;
    test->omitting = params->omit_s > 0;
    /* A client that waits for so many bytes gets no more of them, so that both sides say the same.
     * Not where some are lost or left out: it would wait for ever. */
    bool bounded = params->bytes && !params->udp && !params->omit_s;
    test->left = bounded ? params->bytes : UINT64_MAX;
    if (params->server_output) {
        sw_iperf3_tell_beginning(test);
    }
    test->state = SW_IPERF3_RUNNING;
    if (!say_message(test, SW_IPERF3_TEST_START) || !say_message(test, SW_IPERF3_TEST_RUNNING)) {
        fail(test, SW_IPERF3_E_INIT);
        return;
    }
    sw_timer_arm(&test->timer, now);
}

void sw_iperf3_made(struct sw_iperf3_test *test)
{
    sw_service_touch(&test->control->conn);
    if (test->made == test->stream_count) {
        start(test);
    }
}

bool sw_iperf3_lost(struct sw_iperf3_test *test)
{
    bool early = test->state == SW_IPERF3_STREAMS || test->state == SW_IPERF3_RUNNING;
    if (early) {
        fail(test, SW_IPERF3_E_STREAM);
    }
    return early;
}

/* TEST_END. */
static void stop(struct sw_iperf3_test *test)
{
    test->ended = sw_clock_now(test->service->clock);
    if (test->params.server_output && test->ended >= test->interval_from + LAST_INTERVAL) {
        sw_iperf3_tell_interval(test, test->ended);
    }
    test->state = SW_IPERF3_RESULTS;
    sw_timer_cancel(&test->timer);
    for (uint32_t i = 0; i < test->made; i++) {
        struct sw_iperf3_stream *s = &test->streams[i];
        sw_iperf3_sample(s);
        if (s->conn && s->sends) {
            sw_sock_shutdown(s->conn->conn.sock); /* a client may read until it sees the end */
        }
    }
    if (!say_message(test, SW_IPERF3_EXCHANGE_RESULTS)) {
        fail(test, SW_IPERF3_E_INIT);
    }
}

/* ---- the control connection, in ---- */

enum step { GO_ON, WAIT, GONE };

static void begin_streams(struct sw_iperf3_test *test, const char *json, size_t n)
{
    enum sw_iperf3_error error = sw_iperf3_params_parse(&test->params, json, n);
    if (error) {
        fail(test, error);
        return;
    }
    test->stream_count = test->params.parallel * (test->params.bidirectional ? 2 : 1);
    test->streams = calloc(test->stream_count, sizeof test->streams[0]);
    for (uint32_t i = 0; test->streams && i < test->stream_count; i++) {
        test->streams[i].test = test;
    }
    int result = !test->streams ? -ENOMEM : test->params.udp ? sw_iperf3_udp_open(test) : 0;
    test->state = SW_IPERF3_STREAMS;
    if (result) {
        fail(test, result == -EADDRINUSE ? SW_IPERF3_E_LISTEN : SW_IPERF3_E_INIT);
    } else if (!say_message(test, SW_IPERF3_CREATE_STREAMS)) {
        fail(test, SW_IPERF3_E_INIT);
    }
}

static void exchange_results(struct sw_iperf3_test *test, const char *theirs, size_t len)
{
    char *ours = NULL;
    size_t n = 0;
    uint8_t length[4];
    enum sw_iperf3_error error = sw_iperf3_results(test, theirs, len, &ours, &n);
    if (!error) {
        sw_put32(length, (uint32_t)n);
        test->state = SW_IPERF3_GOODBYE;
        if (!say(test, length, sizeof length) || !say(test, ours, n) ||
            !say_message(test, SW_IPERF3_DISPLAY_RESULTS)) {
            error = SW_IPERF3_E_INIT;
        }
        free(ours);
    }
    if (error) {
        fail(test, error);
        return;
    }
    give_way(test);
}

static size_t json_most(const struct sw_iperf3_test *test)
{
    return test->state == SW_IPERF3_PARAMS ? SW_IPERF3_PARAMS_MAX
                                           : SW_IPERF3_RESULTS_MAX(test->stream_count);
}

/* Takes what there is of a length and its JSON; how many of the n bytes that were. */
static size_t read_json(struct sw_iperf3_test *test, const uint8_t *at, size_t n)
{
    bool params = test->state == SW_IPERF3_PARAMS;
    enum sw_iperf3_error refused = params ? SW_IPERF3_E_PARAMS : SW_IPERF3_E_RESULTS;
    size_t used = 0;
    while (test->length_have < sizeof test->length && used < n) {
        test->length[test->length_have++] = at[used++];
    }
    if (test->length_have < sizeof test->length) {
        return used;
    }
    if (!test->json) {
        test->json_len = sw_get32(test->length);
        bool fits = test->json_len > 0 && test->json_len <= json_most(test);
        test->json = fits ? malloc(test->json_len) : NULL;
        if (!test->json) {
            fail(test, fits ? SW_IPERF3_E_INIT : refused);
            return used;
        }
    }
    size_t rest = test->json_len - test->json_have;
    rest = rest < n - used ? rest : n - used;
    memcpy(test->json + test->json_have, at + used, rest);
    test->json_have += rest;
    if (test->json_have == test->json_len) {
        char *json = test->json;
        test->json = NULL;
        test->length_have = test->json_have = 0;
        sw_service_touch(&test->control->conn);
        (params ? begin_streams : exchange_results)(test, json, test->json_len);
        free(json);
    }
    return used + rest;
}

/* One byte. GONE: the test is. */
static enum step heed(struct sw_iperf3_test *test, uint8_t byte)
{
    switch (byte) {
    case SW_IPERF3_TEST_END:
        if (test->state == SW_IPERF3_RUNNING) {
            sw_service_touch(&test->control->conn);
            stop(test);
            return GO_ON;
        }
        break;
    case SW_IPERF3_IPERF_DONE: /* also from a client that gave up */
        if (test->state == SW_IPERF3_GOODBYE) {
            let_streams_end(test);
        }
        end_test(test, test->state != SW_IPERF3_GOODBYE);
        return GONE;
    case SW_IPERF3_CLIENT_TERMINATE:
        end_test(test, true);
        return GONE;
    }
    fail(test, SW_IPERF3_E_MESSAGE);
    return GO_ON;
}

static enum step read_control(struct sw_iperf3_test *test)
{
    struct sw_sock *sock = test->control->conn.sock;
    const void *at;
    size_t n;
    int got = sw_sock_peek(sock, &at, &n);
    if (got == -EAGAIN) {
        return WAIT;
    }
    if (got < 0 || n == 0) {
        end_test(test, got < 0);
        return GONE;
    }
    if (test->state == SW_IPERF3_FAILED) {
        sw_sock_consume(sock, n);
        return GO_ON;
    }
    if (test->state == SW_IPERF3_PARAMS || test->state == SW_IPERF3_RESULTS) {
        /* What was peeked at is of no more use once something has been said. */
        sw_sock_consume(sock, read_json(test, at, n));
        return GO_ON;
    }
    uint8_t byte = *(const uint8_t *)at;
    sw_sock_consume(sock, 1);
    return heed(test, byte);
}

/* ---- connections ---- */

/* The first client: its test begins. False: no memory, and the connection is gone. */
static bool begin_test(struct sw_iperf3_conn *c)
{
    struct sw_service *service = c->conn.service;
    struct sw_iperf3_test *test = calloc(1, sizeof *test);
    if (!test ||
        sw_timer_init(&test->timer, service->clock, &service->owner, SW_CLASS_TIMER, on_timer)) {
        free(test);
        sw_service_end(&c->conn, true);
        return false;
    }
    test->service = service;
    test->own = service->own;
    test->control = c;
    test->state = SW_IPERF3_PARAMS;
    test->own->test = test;
    c->role = SW_IPERF3_CONTROL;
    c->test = test;
    sw_service_touch(&c->conn);
    sw_sock_set(c->conn.sock, SW_OPT_NODELAY, 1);
    sw_sock_set(c->conn.sock, SW_OPT_KEEPALIVE_IDLE, PROBE_IDLE);
    sw_sock_set(c->conn.sock, SW_OPT_KEEPALIVE_INTERVAL, PROBE_INTERVAL);
    sw_sock_set(c->conn.sock, SW_OPT_KEEPALIVE_PROBES, PROBES);
    if (!say_message(test, SW_IPERF3_PARAM_EXCHANGE)) {
        fail(test, SW_IPERF3_E_INIT);
    }
    return true;
}

static void join(struct sw_iperf3_conn *c, struct sw_iperf3_test *test)
{
    const struct sw_iperf3_params *params = &test->params;
    struct sw_iperf3_stream *s = &test->streams[test->made++];
    struct sw_sock *sock = c->conn.sock;
    s->conn = c;
    s->number = c->number;
    c->role = SW_IPERF3_STREAM;
    c->test = test;
    c->stream = s;
    sw_sock_set(sock, SW_OPT_TOS, params->tos);
    sw_sock_set(sock, SW_OPT_NODELAY, params->nodelay);
    if (params->window_bytes) {
        int64_t window = params->window_bytes;
        window = window < WINDOW_MIN ? WINDOW_MIN : window > WINDOW_MAX ? WINDOW_MAX : window;
        sw_sock_set(sock, SW_OPT_SEND_BUFFER, window);
    }
    sw_iperf3_made(test);
}

static void refuse(struct sw_iperf3_conn *c)
{
    int8_t byte = SW_IPERF3_ACCESS_DENIED;
    c->role = SW_IPERF3_DONE;
    sw_sock_send(c->conn.sock, &byte, 1);
    sw_sock_shutdown(c->conn.sock);
}

/* A cookie has come whole. GO_ON, or GONE: the connection is, or may be. */
static enum step decide(struct sw_iperf3_conn *c)
{
    struct sw_iperf3 *own = c->conn.service->own;
    struct sw_iperf3_test *test = own->test;
    if (!test) {
        return begin_test(c) ? GO_ON : GONE;
    }
    if (test->state == SW_IPERF3_STREAMS && !test->params.udp &&
        memcmp(c->cookie, test->control->cookie, sizeof c->cookie) == 0) {
        join(c, test);
        return GONE;
    }
    refuse(c);
    return GO_ON;
}

/* Reads a cookie, or throws away what nobody waits for. */
static enum step read_stranger(struct sw_iperf3_conn *c)
{
    const void *at;
    size_t n;
    int got = sw_sock_peek(c->conn.sock, &at, &n);
    if (got == -EAGAIN) {
        return WAIT;
    }
    if (got < 0 || n == 0) {
        sw_service_end(&c->conn, got < 0);
        return GONE;
    }
    if (c->role == SW_IPERF3_NEW) {
        size_t rest = sizeof c->cookie - c->cookie_len;
        n = n < rest ? n : rest;
        memcpy(c->cookie + c->cookie_len, at, n);
        c->cookie_len += n;
    }
    sw_sock_consume(c->conn.sock, n);
    if (c->role == SW_IPERF3_NEW && c->cookie_len == sizeof c->cookie) {
        return decide(c);
    }
    return GO_ON;
}

static void run(struct sw_iperf3_conn *c)
{
    enum step step = GO_ON;
    if (c->role == SW_IPERF3_CONTROL) {
        flush(c->test);
    }
    while (step == GO_ON) {
        step = c->role == SW_IPERF3_CONTROL ? read_control(c->test) : read_stranger(c);
    }
}

static void on_event(struct sw_service_conn *conn, enum sw_sock_event event)
{
    struct sw_iperf3_conn *c = conn_of(conn);
    bool over = event == SW_SOCK_ERROR || event == SW_SOCK_CLOSED;
    if (c->number == 0) {
        struct sw_iperf3 *own = conn->service->own;
        c->number = ++own->accepted;
    }
    if (c->role == SW_IPERF3_STREAM) {
        sw_iperf3_stream_event(c->stream, event);
    } else if (!over) {
        run(c);
    } else if (c->role == SW_IPERF3_CONTROL) {
        end_test(c->test, false);
    } else {
        sw_service_end(conn, false);
    }
}

/* Does a test that runs take too long, or stand still? */
static bool is_stuck(struct sw_iperf3_test *test)
{
    const struct sw_iperf3_params *params = &test->params;
    sw_time length = (params->omit_s + params->duration_s) * SW_S;
    bool slow = params->reverse && params->rate_bps; /* as it was asked to be */
    test->idle = test->moved == test->moved_before && !slow ? test->idle + 1 : 0;
    test->moved_before = test->moved;
    return test->idle >= IDLE_MOST || (params->duration_s && sw_clock_now(test->service->clock) >
                                                                 test->began + length + GRACE);
}

static void on_expired(struct sw_service_conn *conn)
{
    struct sw_iperf3_conn *c = conn_of(conn);
    struct sw_iperf3_test *test = c->test;
    if (c->role == SW_IPERF3_STREAM) {
        sw_service_touch(conn); /* it ends with its test */
    } else if (c->role != SW_IPERF3_CONTROL) {
        sw_service_end(conn, true);
    } else if (test->state == SW_IPERF3_GOODBYE || test->state == SW_IPERF3_FAILED) {
        end_test(test, true);
    } else if (test->state != SW_IPERF3_RUNNING || is_stuck(test)) {
        fail(test, SW_IPERF3_E_SILENT);
    } else {
        sw_service_touch(conn);
    }
}

static void on_release(struct sw_service_conn *conn)
{
    struct sw_iperf3_conn *c = conn_of(conn);
    if (c->role == SW_IPERF3_CONTROL) {
        free_test(c->test);
    } else if (c->role == SW_IPERF3_STREAM && c->test) {
        c->stream->conn = NULL;
    }
}

static int on_open(struct sw_service *service)
{
    /* For the whole process, where nobody has set it: jansson would draw it from the system. */
    json_object_seed(1);
    service->own = calloc(1, sizeof(struct sw_iperf3));
    return service->own ? 0 : -ENOMEM;
}

static void on_close(struct sw_service *service)
{
    free(service->own);
}

const struct sw_service_ops sw_service_iperf3 = {
    .name = "iperf3",
    .protocol = SW_TCP,
    .conn_bytes = sizeof(struct sw_iperf3_conn),
    .patience = PATIENCE,
    .open = on_open,
    .close = on_close,
    .event = on_event,
    .expired = on_expired,
    .release = on_release,
};
