/* Fuzz target: the iperf3 service. The first byte says whether the rest is a program of clients, or
 * what one of the parsers reads. Whatever clients say, and however they leave: when all have gone,
 * the next one finds the service free. */
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "lan/iperf3_proto.h"
#include "lan/lab.h"
#include "lan/services.h"
#include "tests/fuzz/fuzz.h"

#define CONNECTIONS 6
#define INSTRUCTIONS 300
#define UDP_PORT 7000 /* of the client's datagrams */

struct conn {
    struct sw_sock *sock;
    bool deaf;
    uint8_t first; /* the first byte that came; 0: none */
};

struct game {
    struct sw_lab *lab;
    struct sw_host *server, *client;
    struct conn conn[CONNECTIONS];
    struct sw_sock *udp;
    struct fuzz_input in;
};

static const char *const texts[] = {
    "{\"tcp\":true,\"time\":1,\"parallel\":1,\"len\":1000}",
    "{\"tcp\":true,\"time\":2,\"parallel\":2,\"reverse\":true,\"get_server_output\":1}",
    "{\"udp\":true,\"time\":1,\"parallel\":1,\"len\":1000,\"bandwidth\":100000}",
    "{\"udp\":true,\"time\":1,\"parallel\":1,\"bidirectional\":true,\"udp_counters_64bit\":1}",
    "{\"tcp\":true,\"num\":5000,\"omit\":1,\"bidirectional\":true,\"window\":4096,\"TOS\":16}",
    "{\"cpu_util_total\":1.0,\"cpu_util_user\":1.0,\"cpu_util_system\":0.0,"
    "\"sender_has_retransmits\":-1,\"streams\":[{\"id\":1,\"bytes\":5,\"retransmits\":-1,"
    "\"jitter\":0,\"errors\":0,\"packets\":0}]}",
    "{\"streams\":[]}",
    "[",
};

/* ---- connections ---- */

static void hear(struct conn *c)
{
    const void *at;
    size_t n;
    while (!c->deaf && c->sock != NULL && sw_sock_peek(c->sock, &at, &n) == 0 && n > 0) {
        c->first = c->first != 0 ? c->first : *(const uint8_t *)at;
        sw_sock_consume(c->sock, n);
    }
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    (void)sock;
    if (event != SW_SOCK_ERROR) {
        hear(user);
    }
}

static void go_on(struct game *g)
{
    sw_lab_run(g->lab, 20 * SW_MS);
}

static void drop(struct conn *c, bool abort)
{
    if (c->sock != NULL && abort) {
        sw_sock_abort(c->sock);
    } else if (c->sock != NULL) {
        sw_sock_close(c->sock);
    }
    c->sock = NULL;
}

static void say(struct game *g, struct conn *c, const void *bytes, size_t n)
{
    if (c->sock != NULL) {
        (void)sw_sock_send(c->sock, bytes, n);
        go_on(g);
    }
}

static void call(struct game *g, struct conn *c)
{
    const struct sw_endpoint to = {.ip = sw_ip_v4(0x0a000001), .port = SW_IPERF3_PORT};
    drop(c, false);
    *c = (struct conn){.sock = NULL};
    fuzz_check(sw_sock_open(&c->sock, g->client, SW_TCP, on_event, c) == 0);
    fuzz_check(sw_sock_connect(c->sock, to) == 0);
    go_on(g);
}

static void show_cookie(struct game *g, struct conn *c, char letter)
{
    char cookie[SW_IPERF3_COOKIE];
    memset(cookie, letter, sizeof cookie - 1);
    cookie[sizeof cookie - 1] = '\0';
    say(g, c, cookie, sizeof cookie);
}

static void say_json(struct game *g, struct conn *c, const void *text, size_t n)
{
    uint8_t bytes[4 + 1024];
    n = n < 1024 ? n : 1024;
    sw_put32(bytes, (uint32_t)n);
    memcpy(bytes + 4, text, n);
    say(g, c, bytes, 4 + n);
}

/* ---- instructions ---- */

static void do_datagram(struct game *g)
{
    static const uint32_t magics[] = {0x36373839, 0x39383736, 0xb168de3a, 1234567890};
    uint8_t bytes[1200] = {0};
    const uint8_t how = fuzz_u8(&g->in);
    size_t n = 4;
    if (how < 64) {
        const uint32_t magic = magics[how % 4];
        sw_put32(bytes, magic);
    } else {
        const struct sw_iperf3_header h = {.sent = sw_lab_now(g->lab), .number = how % 64};
        sw_iperf3_header_emit(bytes, &h, how >= 128);
        n = how % 16 == 0 ? how / 16 : 1000;
    }
    const struct sw_endpoint to = {.ip = sw_ip_v4(0x0a000001), .port = SW_IPERF3_PORT};
    (void)sw_sock_send_to(g->udp, bytes, n, to);
    go_on(g);
    while (sw_sock_recv(g->udp, bytes, sizeof bytes) >= 0) {
    }
}

static void do_time(struct game *g)
{
    static const sw_time units[] = {10 * SW_MS, 100 * SW_MS, SW_S, 5 * SW_S};
    const uint8_t code = fuzz_u8(&g->in);
    sw_lab_run(g->lab, units[code % 4] * (1 + code / 4 % 8));
}

static void do_bytes(struct game *g, struct conn *c, bool framed)
{
    size_t n = fuzz_u8(&g->in);
    const uint8_t *bytes = fuzz_take(&g->in, &n);
    if (framed) {
        say_json(g, c, bytes, n);
    } else {
        say(g, c, bytes, n);
    }
}

static void do_stream(struct game *g, struct conn *c)
{
    static const uint8_t zeros[25600];
    say(g, c, zeros, fuzz_u8(&g->in) * 100u);
}

static void step(struct game *g)
{
    const uint8_t code = fuzz_u8(&g->in);
    struct conn *c = &g->conn[code / 16 % CONNECTIONS];
    uint8_t message;
    switch (code % 16) {
    case 0:
    case 1:
        call(g, c);
        show_cookie(g, c, (char)('a' + code % 2));
        break;
    case 2:
        call(g, c);
        break;
    case 3:
    case 4:
        message = fuzz_u8(&g->in);
        say(g, c, &message, 1);
        break;
    case 5:
    case 6:
        message = fuzz_u8(&g->in) % 8;
        say_json(g, c, texts[message], strlen(texts[message]));
        break;
    case 7:
        do_bytes(g, c, true);
        break;
    case 8:
        do_bytes(g, c, false);
        break;
    case 9:
        do_stream(g, c);
        break;
    case 10:
    case 11:
        drop(c, code % 2 == 0);
        go_on(g);
        break;
    case 12:
        c->deaf = !c->deaf;
        hear(c);
        break;
    case 13:
        do_datagram(g);
        break;
    default:
        do_time(g);
    }
}

/* ---- a life ---- */

static void clients(const uint8_t *bytes, size_t n)
{
    struct game g = {.in = {bytes, bytes + n}};
    const struct sw_topo_service config = {.kind = SW_SERVICE_IPERF3, .port = SW_IPERF3_PORT};
    const struct sw_lane_config lane = {.delay = SW_MS, .rate_bps = 1000000};
    struct sw_service *service;
    g.lab = sw_lab_new(1);
    g.server = sw_lab_host(g.lab, "server", "10.0.0.1/24");
    g.client = sw_lab_host(g.lab, "client", "10.0.0.2/24");
    sw_lab_link(g.lab, "server", "client", &lane);
    fuzz_check(sw_service_new(&service, g.server, &config) == 0);
    fuzz_check(sw_sock_open(&g.udp, g.client, SW_UDP, NULL, NULL) == 0);
    fuzz_check(sw_sock_bind(g.udp, (struct sw_endpoint){.port = UDP_PORT}) == 0);
    for (unsigned i = 0; i < INSTRUCTIONS && fuzz_left(&g.in) > 0; i++) {
        step(&g);
    }
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        drop(&g.conn[i], i % 2 == 0);
    }
    sw_lab_run(g.lab, 300 * SW_S);
    call(&g, &g.conn[0]);
    show_cookie(&g, &g.conn[0], 'z');
    sw_lab_run(g.lab, SW_S);
    fuzz_check(g.conn[0].first == SW_IPERF3_PARAM_EXCHANGE);
    drop(&g.conn[0], false);
    fuzz_check(sw_lab_holds(g.lab));
    sw_sock_close(g.udp);
    sw_service_free(service);
    sw_lab_free(g.lab);
}

/* ---- parsers ---- */

static void params(const uint8_t *bytes, size_t n)
{
    struct sw_iperf3_params p;
    if (sw_iperf3_params_parse(&p, bytes, n) == SW_IPERF3_OK) {
        fuzz_check(p.parallel >= 1 && p.parallel <= SW_IPERF3_STREAMS_MAX);
        fuzz_check(p.omit_s <= 600 && p.duration_s <= 86400);
        fuzz_check(p.block_bytes >= 1 && p.block_bytes <= 1 << 20);
        fuzz_check(!p.udp || (p.block_bytes >= 16 && p.block_bytes <= 65507));
        fuzz_check(!(p.reverse && p.bidirectional));
    }
}

static void results(const uint8_t *bytes, size_t n)
{
    struct sw_iperf3_stream_result r[4];
    for (unsigned i = 0; i < 4; i++) {
        r[i] = (struct sw_iperf3_stream_result){.id = sw_iperf3_stream_id(i)};
    }
    const enum sw_iperf3_error err = sw_iperf3_results_parse(r, 4, bytes, n);
    fuzz_check(err == SW_IPERF3_OK || err == SW_IPERF3_E_RESULTS);
    size_t len = 0;
    char *text = sw_iperf3_results_emit(r, 4, 1, NULL, &len);
    fuzz_check(text != NULL && len > 0);
    if (err == SW_IPERF3_OK) {
        fuzz_check(sw_iperf3_results_parse(r, 4, text, len) == SW_IPERF3_OK);
    }
    free(text);
}

static void datagrams(const uint8_t *bytes, size_t n)
{
    struct sw_iperf3_arrivals a = {0};
    struct sw_iperf3_header h;
    uint8_t answer[SW_IPERF3_CONNECT], again[SW_IPERF3_HEADER_MAX];
    sw_time now = 0;
    const bool wide = n > 0 && bytes[0] % 2 == 0;
    (void)sw_iperf3_connect(bytes, n, answer);
    const size_t size = sw_iperf3_header_bytes(wide);
    for (; n >= size; bytes += size, n -= size) {
        fuzz_check(sw_iperf3_header_parse(&h, bytes, n, wide));
        sw_iperf3_arrived(&a, &h, now);
        fuzz_check(a.jitter16 >= 0);
        now += SW_MS;
        if (h.sent >= 0) {
            sw_iperf3_header_emit(again, &h, wide);
        }
    }
    fuzz_check(!sw_iperf3_header_parse(&h, bytes, n < size ? n : 0, wide));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static void (*const ways[])(const uint8_t *, size_t) = {clients, params, results, datagrams};
    if (n == 0) {
        return 0;
    }
    uint8_t *copy = malloc(n > 1 ? n - 1 : 1); /* its end is the memory's */
    fuzz_check(copy != NULL);
    memcpy(copy, bytes + 1, n - 1);
    ways[bytes[0] % 4](copy, n - 1);
    free(copy);
    return 0;
}
