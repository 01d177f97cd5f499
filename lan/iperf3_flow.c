/* The bytes of an iperf3 server's streams, out and in.
 *
 * TCP: a sender fills its send queue as it drains, block by block; a receiver looks at what came
 * and lets it go. UDP: all streams of a test share one socket on the service's port, and are told
 * apart by the client's ports, which is what the original has a connected socket each for.
 *
 * A rate is kept exactly over any time: each block, or datagram, has its own moment by the clock
 * (those whose moments are close go together), and what a division leaves is carried on. */
#include <errno.h>

#include "lan/iperf3_impl.h"
#include "lan/pattern.h"

/* Datagrams that one turn sends at most, and the pause behind it: a link that takes everything at
 * once must not hold the clock. */
#define TURN 64
#define BREATH (10 * SW_US)
/* Datagrams that come closer than this go in small groups: to wake for each would cost more than to
 * send it. */
#define GRAIN (250 * SW_US)
#define RETRY SW_MS /* where the network or the memory refuses */

static sw_time now_of(const struct sw_iperf3_test *test)
{
    return sw_clock_now(test->service->clock);
}

/* The moment of what follows n bytes. */
static void advance(struct sw_iperf3_stream *s, uint32_t n)
{
    uint64_t rate = s->test->params.rate_bps;
    if (rate) {
        uint64_t whole = (uint64_t)n * 8 * (uint64_t)SW_S + s->due_rest;
        s->next_due += (sw_time)(whole / rate);
        s->due_rest = whole % rate;
    }
}

static bool may_send(const struct sw_iperf3_stream *s, sw_time now)
{
    return s->sends && s->test->state == SW_IPERF3_RUNNING && s->next_due <= now;
}

static void count(struct sw_iperf3_stream *s, size_t n)
{
    s->bytes += n;
    s->test->moved += n;
}

/* ---- TCP ---- */

void sw_iperf3_sample(struct sw_iperf3_stream *s)
{
    struct sw_sock_info info;
    if (s->sends && s->conn) {
        sw_sock_info(s->conn->conn.sock, &info);
        s->retransmits = info.retransmits;
    }
}

/* Begins a block if none is being written. False: no more until there is room. */
static bool begin_block(struct sw_iperf3_stream *s, sw_time now)
{
    struct sw_iperf3_test *test = s->test;
    if (s->block_left) {
        return true;
    }
    if (!may_send(s, now) || test->left == 0) {
        return false;
    }
    uint32_t n = test->params.block_bytes;
    s->block_left = n; /* whole, also the last: who reads may count blocks */
    test->left -= test->left == UINT64_MAX ? 0 : test->left < n ? test->left : n;
    advance(s, n);
    return true;
}

static void pump_tcp(struct sw_iperf3_stream *s)
{
    sw_time now = now_of(s->test);
    while (s->conn && s->test->state == SW_IPERF3_RUNNING && begin_block(s, now)) {
        void *at;
        size_t n = s->block_left;
        struct sw_sock *sock = s->conn->conn.sock;
        int got = sw_sock_reserve(sock, &at, &n);
        if (got) {
            s->waits = got == -EAGAIN;
            s->next_due = s->waits || s->next_due > now ? s->next_due : now + RETRY;
            return;
        }
        n = n < s->block_left ? n : s->block_left;
        sw_pattern_fill(at, n, 0);
        sw_sock_commit(sock, n);
        s->block_left -= (uint32_t)n;
        count(s, n);
    }
}

static void end_stream(struct sw_iperf3_stream *s)
{
    if (!sw_iperf3_lost(s->test)) {
        /* What a sender still holds is of no use to a reader that is gone. */
        sw_service_end(&s->conn->conn, s->sends);
    }
}

static void drink(struct sw_iperf3_stream *s)
{
    struct sw_sock *sock = s->conn->conn.sock;
    for (;;) {
        const void *at;
        size_t n;
        int got = sw_sock_peek(sock, &at, &n);
        if (got == -EAGAIN) {
            return;
        }
        if (got < 0 || n == 0) {
            end_stream(s);
            return;
        }
        sw_sock_consume(sock, n);
        if (!s->sends && s->test->state == SW_IPERF3_RUNNING) {
            count(s, n);
        }
    }
}

void sw_iperf3_stream_event(struct sw_iperf3_stream *s, enum sw_sock_event event)
{
    if (event == SW_SOCK_ERROR || event == SW_SOCK_CLOSED) {
        end_stream(s);
        return;
    }
    if (event == SW_SOCK_WRITABLE) {
        s->waits = false;
        pump_tcp(s);
        sw_iperf3_due(s->test, sw_iperf3_next(s->test));
    } else {
        drink(s);
    }
}

/* ---- UDP ---- */

static bool same(const struct sw_endpoint *a, const struct sw_endpoint *b)
{
    return a->port == b->port && sw_ip_equal(a->ip, b->ip);
}

/* O(streams), but for those that come in a row. */
static struct sw_iperf3_stream *find(struct sw_iperf3_test *test, const struct sw_endpoint *from)
{
    for (uint32_t i = 0; i < test->made; i++) {
        uint32_t at = (test->hint + i) % test->made;
        if (same(&test->streams[at].remote, from)) {
            test->hint = at;
            return &test->streams[at];
        }
    }
    return NULL;
}

static void send_answers(struct sw_iperf3_test *test)
{
    for (uint32_t i = 0; i < test->made; i++) {
        struct sw_iperf3_stream *s = &test->streams[i];
        if (s->answer_due) {
            s->answer_due = sw_sock_send_to(test->udp, s->answer, sizeof s->answer, s->remote) ==
                            -EAGAIN; /* SW_SOCK_WRITABLE follows */
        }
    }
}

/* A datagram of nobody we know: a stream, if one is waited for and it comes from the client. */
static void meet(struct sw_iperf3_test *test, const struct sw_endpoint *from, const uint8_t *bytes,
                 size_t n)
{
    struct sw_iperf3_stream *s = &test->streams[test->made];
    struct sw_ip client = sw_sock_remote(test->control->conn.sock).ip;
    if (test->state != SW_IPERF3_STREAMS || !sw_ip_equal(from->ip, client) ||
        !sw_iperf3_connect(bytes, n, s->answer)) {
        return;
    }
    s->remote = *from;
    s->number = test->made++;
    s->answer_due = true;
    send_answers(test);
    sw_iperf3_made(test);
}

static void take(struct sw_iperf3_stream *s, const uint8_t *bytes, size_t n)
{
    struct sw_iperf3_header header;
    struct sw_iperf3_test *test = s->test;
    size_t have = n < SW_IPERF3_HEADER_MAX ? n : SW_IPERF3_HEADER_MAX;
    if (test->state == SW_IPERF3_RUNNING && !s->sends &&
        sw_iperf3_header_parse(&header, bytes, have, test->params.wide_counters)) {
        sw_iperf3_arrived(&s->arrivals, &header, now_of(test));
        count(s, n);
    }
}

static void on_udp(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_iperf3_test *test = user;
    uint8_t bytes[SW_IPERF3_HEADER_MAX];
    struct sw_endpoint from;
    if (event == SW_SOCK_WRITABLE) {
        test->udp_waits = false;
        send_answers(test);
        sw_iperf3_pump(test);
        sw_iperf3_due(test, sw_iperf3_next(test));
        return;
    }
    /* An ICMP error is told once and is nothing by itself: the client's end is the control
     * connection's. A host that has crashed says so for ever. */
    int64_t n;
    while ((n = sw_sock_recv_from(sock, bytes, sizeof bytes, &from)) != -EAGAIN && n != -ENETDOWN) {
        struct sw_iperf3_stream *s = n < 0 || test->made == 0 ? NULL : find(test, &from);
        if (s) {
            take(s, bytes, (size_t)n);
        } else if (n >= 0) {
            meet(test, &from, bytes, (size_t)n);
            if (!test->udp) {
                return; /* the test was to begin, and failed */
            }
        }
    }
}

int sw_iperf3_udp_open(struct sw_iperf3_test *test)
{
    const struct sw_iperf3_params *params = &test->params;
    int result = sw_sock_open(&test->udp, test->service->host, SW_UDP, on_udp, test);
    if (result == 0) {
        struct sw_endpoint local = {.port = test->service->config->port};
        result = sw_sock_bind(test->udp, local);
    }
    if (result) {
        return result;
    }
    sw_sock_set(test->udp, SW_OPT_TOS, params->tos);
    sw_sock_set(test->udp, SW_OPT_DONT_FRAGMENT, params->dont_fragment);
    if (params->window_bytes) {
        /* Of one socket for all; what is beyond its range stays as it is. */
        uint64_t all = (uint64_t)params->window_bytes * params->parallel;
        sw_sock_set(test->udp, SW_OPT_RECEIVE_BUFFER, all > INT64_MAX ? INT64_MAX : (int64_t)all);
    }
    return 0;
}

/* The next whose moment has come, by turns. NULL: none. */
static struct sw_iperf3_stream *next_sender(struct sw_iperf3_test *test, sw_time now)
{
    for (uint32_t i = 0; i < test->made; i++) {
        uint32_t at = (test->turn + i) % test->made;
        if (may_send(&test->streams[at], now)) {
            test->turn = at + 1;
            return &test->streams[at];
        }
    }
    return NULL;
}

/* Sends the stream's next datagram; bytes has what stands behind its header. False: no room. */
static bool send_datagram(struct sw_iperf3_stream *s, uint8_t *bytes, sw_time now)
{
    const struct sw_iperf3_params *params = &s->test->params;
    struct sw_iperf3_header header = {.sent = now, .number = s->datagrams + 1};
    sw_iperf3_header_emit(bytes, &header, params->wide_counters);
    int64_t sent = sw_sock_send_to(s->test->udp, bytes, params->block_bytes, s->remote);
    if (sent == -EAGAIN) {
        return false;
    }
    if (sent < 0) {
        s->next_due = now + RETRY;
        return true;
    }
    s->datagrams++;
    count(s, (size_t)sent);
    advance(s, params->block_bytes);
    return true;
}

static void pump_udp(struct sw_iperf3_test *test)
{
    uint8_t bytes[SW_IPERF3_DATAGRAM_MAX];
    sw_time now = now_of(test);
    for (unsigned i = 0; i < TURN && !test->udp_waits; i++) {
        struct sw_iperf3_stream *s = next_sender(test, now);
        if (!s) {
            return;
        }
        if (i == 0) {
            sw_pattern_fill(bytes, test->params.block_bytes, 0);
        }
        if (!send_datagram(s, bytes, now)) {
            test->udp_waits = true;
            test->turn = (uint32_t)(s - test->streams);
        }
    }
}

/* ---- both ---- */

void sw_iperf3_pump(struct sw_iperf3_test *test)
{
    if (test->udp) {
        pump_udp(test);
        return;
    }
    for (uint32_t i = 0; i < test->made; i++) {
        if (test->streams[i].sends && !test->streams[i].waits) {
            pump_tcp(&test->streams[i]);
        }
    }
}

sw_time sw_iperf3_next(const struct sw_iperf3_test *test)
{
    sw_time next = SW_TIME_NEVER;
    if (test->state != SW_IPERF3_RUNNING || test->udp_waits) {
        return next;
    }
    for (uint32_t i = 0; i < test->made; i++) {
        const struct sw_iperf3_stream *s = &test->streams[i];
        bool able = s->sends && !s->waits && (test->udp || (s->conn && test->left));
        next = able && s->next_due < next ? s->next_due : next;
    }
    sw_time now = now_of(test);
    if (next <= now) {
        return now + BREATH; /* a turn was spent before all was sent */
    }
    return next < now + GRAIN ? now + GRAIN : next;
}
