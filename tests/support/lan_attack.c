/* A LAN under attack (see lan_attack.h): the client's work, and the order of things. */
#include "tests/support/lan_attack.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/watch.h"
#include "stack/wire/eth.h"
#include "stack/wire/ipv4.h"
#include "tests/support/lan_flood.h"

#define PORT 5001
#define RATE 100000000
#define OVERHEAD 24
#define GAP (13440 * (sw_time)1) /* ns: half of a line, in the smallest frames */
#define CHUNK 65536u
#define STEP (50 * SW_MS)
#define CALM (100 * SW_MS) /* after which nothing is on its way, nor owed */

enum { CLIENT, VICTIM };

struct end {
    struct attack *attack;
    struct sw_sock *sock;
    struct sw_sha256 said, heard;
    uint64_t due, sent, received;
    uint8_t salt;
    bool ends, peer_closed, closed, failed;
};

struct attack {
    struct sw_watch watch;
    const struct sw_test_attack_config *config;
    struct sw_test_attack_report *report;
    struct sw_lab *lab;
    struct sw_host *host[2];
    const struct sw_lane *from[2];
    struct sw_sock *listener;
    struct end end[2];
    struct sw_test_attacker flood;
    struct sw_test_injector injector;
    struct sw_sha256 all;
    bool wants_accept;
    uint8_t chunk[CHUNK];
};

/* ---- the work ---- */

static uint8_t text_at(const struct end *e, uint64_t at)
{
    return (uint8_t)(at * 31 + (at >> 8) * 7 + (at >> 16) * 3 + e->salt);
}

static void pour(struct end *e)
{
    while (e->sent < e->due) {
        const uint64_t left = e->due - e->sent;
        const size_t n = left < CHUNK ? (size_t)left : CHUNK;
        for (size_t i = 0; i < n; i++) {
            e->attack->chunk[i] = text_at(e, e->sent + i);
        }
        const int64_t took = sw_sock_send(e->sock, e->attack->chunk, n);
        if (took < 0) {
            assert(took == -EAGAIN || e->failed);
            return;
        }
        sw_sha256_add(&e->said, e->attack->chunk, (size_t)took);
        e->sent += (uint64_t)took;
    }
    if (e->ends && e->due != 0) {
        e->ends = false;
        sw_sock_shutdown(e->sock);
    }
}

static void drink(struct end *e)
{
    const void *at;
    size_t n;
    while (!e->peer_closed && sw_sock_peek(e->sock, &at, &n) == 0) {
        e->peer_closed = n == 0;
        sw_sha256_add(&e->heard, at, n);
        sw_sha256_add(&e->attack->all, at, n);
        e->received += n;
        sw_sock_consume(e->sock, n);
    }
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct end *e = user;
    (void)sock;
    e->failed |= event == SW_SOCK_ERROR;
    e->closed |= event == SW_SOCK_CLOSED;
    if (e->sock != NULL && !e->failed && !e->closed) {
        pour(e);
        drink(e);
    }
}

static void on_listening(struct sw_sock *listener, enum sw_sock_event event, void *user)
{
    struct attack *a = user;
    struct end *e = &a->end[VICTIM];
    (void)event;
    if (a->wants_accept && sw_sock_accept(&e->sock, listener, on_event, e) == 0) {
        a->wants_accept = false;
        drink(e);
    }
}

static void begin(struct attack *a)
{
    for (unsigned i = 0; i < 2; i++) {
        a->end[i] = (struct end){.attack = a, .salt = (uint8_t)(a->report->transfers + i)};
        sw_sha256_init(&a->end[i].said);
        sw_sha256_init(&a->end[i].heard);
    }
    struct end *client = &a->end[CLIENT];
    const struct sw_endpoint to = {sw_host_address(a->host[VICTIM]), PORT};
    int status = sw_sock_open(&client->sock, a->host[CLIENT], SW_TCP, on_event, client);
    assert(status == 0);
    a->wants_accept = true;
    status = sw_sock_connect(client->sock, to);
    assert(status == 0);
}

static bool over(void *ctx)
{
    const struct attack *a = ctx;
    return (a->end[0].closed && a->end[1].closed) || a->end[0].failed || a->end[1].failed;
}

/* Both directions are judged, and the connection's end. */
static void finish(struct attack *a)
{
    struct sw_test_attack_report *r = a->report;
    const bool ended = sw_lab_run_until(a->lab, over, a, 60 * SW_S) && !a->end[0].failed &&
                       !a->end[1].failed && !a->wants_accept;
    r->ended += ended;
    for (unsigned i = 0; i < 2; i++) {
        char said[SW_SHA256_HEX], heard[SW_SHA256_HEX];
        sw_sha256_end(&a->end[i].said, said);
        sw_sha256_end(&a->end[!i].heard, heard);
        r->transfers += a->end[i].due > 0;
        r->right +=
            a->end[i].due > 0 && a->end[!i].received == a->end[i].due && strcmp(said, heard) == 0;
        if (a->end[i].sock != NULL) {
            sw_sock_close(a->end[i].sock);
            a->end[i].sock = NULL;
        }
    }
}

/* ---- what is seen of it ---- */

static void keep_most(uint64_t *most, uint64_t now)
{
    *most = now > *most ? now : *most;
}

static void look(struct attack *a)
{
    struct sw_test_attack_report *r = a->report;
    struct sw_host_stats stats;
    struct sw_pool_stats pool;
    struct sw_arp_entry entry;
    unsigned neighbours = 0;
    sw_host_stats(a->host[VICTIM], &stats);
    sw_pool_stats(sw_lab_env(a->lab)->pool, &pool);
    while (sw_host_arp_entry(a->host[VICTIM], neighbours, &entry)) {
        neighbours++;
    }
    keep_most(&r->most_connections, stats.tcp_connections);
    keep_most(&r->most_half_open, stats.tcp_half_open);
    keep_most(&r->most_neighbours, neighbours);
    keep_most(&r->peak_bytes, pool.peak_bytes);
}

/* The injector learns the numbers of a genuine segment. */
static void see(struct attack *a, unsigned from, const struct sw_frame *frame)
{
    const uint8_t *head = sw_frame_head(frame);
    struct sw_tcp_header h;
    enum sw_drop why;
    if (sw_get16(head + 12) != SW_ETH_IPV4 || head[23] != 6) {
        return;
    }
    const size_t n = frame->len - SW_ETH_BYTES - SW_IPV4_BYTES;
    const size_t have = frame->head_len - SW_ETH_BYTES - SW_IPV4_BYTES;
    if (sw_tcp_parse(&h, head + SW_ETH_BYTES + SW_IPV4_BYTES, have, n, &why)) {
        sw_test_injector_see(&a->injector, from, &h, (uint32_t)n - h.header_bytes);
    }
}

static void arrived(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                    struct sw_frame *const *frames, unsigned n)
{
    struct attack *a = SW_CONTAINER(w, struct attack, watch);
    (void)now;
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; lane == a->from[i] && k < n; k++) {
            see(a, i, frames[k]);
        }
    }
}

/* ---- the order of things ---- */

static void flood_with_syns(struct attack *a)
{
    const sw_time end = sw_lab_now(a->lab) + (sw_time)a->config->forged * GAP;
    a->flood =
        (struct sw_test_attacker){.kind = SW_FLOOD_SYNS,
                                  .only_open = true,
                                  .mac = {{2, 0, 0, 0, 7, 0xfe}},
                                  .victim_mac = sw_nic_mac(sw_host_nic(a->host[VICTIM], "eth0")),
                                  .ip = 0x0a07fffe,
                                  .victim_ip = sw_ip_v4_number(sw_host_address(a->host[VICTIM])),
                                  .open_port = PORT};
    sw_test_attacker_init(&a->flood, sw_lab_env(a->lab));
    const struct sw_lane_config lane = {.rate_bps = RATE, .overhead_bytes = OVERHEAD};
    sw_lab_plug(a->lab, &a->flood.port, "core:attacker", &lane);
    sw_lab_route(a->lab, "victim", "0.0.0.0/0", "10.7.255.254");
    if (!a->config->quiet) {
        sw_test_attacker_start(&a->flood, a->config->forged, GAP);
    }
    while (sw_lab_now(a->lab) < end) {
        const sw_time began = sw_lab_now(a->lab);
        begin(a);
        a->end[CLIENT].due = a->config->bytes;
        a->end[CLIENT].ends = true;
        a->end[VICTIM].ends = false;
        while (!a->end[VICTIM].peer_closed && !over(a) && sw_lab_now(a->lab) - began < 60 * SW_S) {
            sw_lab_run(a->lab, SW_MS);
            look(a);
        }
        if (a->end[VICTIM].sock != NULL) {
            sw_sock_shutdown(a->end[VICTIM].sock);
        }
        finish(a);
        const sw_time took = sw_lab_now(a->lab) - began;
        a->report->slowest = took > a->report->slowest ? took : a->report->slowest;
        sw_lab_run(a->lab, STEP);
    }
    a->report->forged = a->flood.sent;
}

static bool round_over(void *ctx)
{
    const struct attack *a = ctx;
    return (a->end[0].received == a->end[1].due && a->end[1].received == a->end[0].due) ||
           over(ctx);
}

static bool guessed(void *ctx)
{
    return ((struct attack *)ctx)->injector.blind_left == 0;
}

static void a_round(struct attack *a)
{
    for (unsigned i = 0; i < 2; i++) {
        a->end[i].due += a->config->bytes;
        pour(&a->end[i]);
    }
    (void)sw_lab_run_until(a->lab, round_over, a, 60 * SW_S);
    sw_lab_run(a->lab, CALM);
    look(a);
}

static bool stands(void *ctx)
{
    return !((struct attack *)ctx)->wants_accept || over(ctx);
}

static void guess_at_a_connection(struct attack *a)
{
    struct sw_test_injector *in = &a->injector;
    const struct sw_lane_config lane = {.rate_bps = RATE, .overhead_bytes = OVERHEAD};
    sw_test_injector_init(in, sw_lab_env(a->lab));
    in->mac = (struct sw_mac){{2, 0, 0, 0, 7, 0xfe}};
    for (unsigned i = 0; i < 2; i++) {
        in->side[i].ip = sw_ip_v4_number(sw_host_address(a->host[i]));
        in->side[i].mac = sw_nic_mac(sw_host_nic(a->host[i], "eth0"));
    }
    sw_lab_plug(a->lab, &in->port, "core:attacker", &lane);
    const sw_time began = sw_lab_now(a->lab);
    const sw_time end = began + (sw_time)a->config->forged * GAP;
    begin(a);
    (void)sw_lab_run_until(a->lab, stands, a, 10 * SW_S);
    a_round(a);
    if (!a->config->quiet) {
        sw_test_injector_start(in, a->config->forged, GAP);
    }
    while (sw_lab_now(a->lab) < end && !over(a)) {
        a_round(a);
        for (unsigned i = 0; i < 2 && !a->config->quiet; i++) {
            sw_test_injector_edges(in, i);
        }
        sw_lab_run(a->lab, CALM);
    }
    (void)sw_lab_run_until(a->lab, guessed, a, 60 * SW_S);
    for (unsigned i = 0; i < 2 && !over(a); i++) {
        sw_sock_shutdown(a->end[i].sock);
    }
    finish(a);
    a->report->slowest = sw_lab_now(a->lab) - began;
    a->report->forged = in->sent;
}

static void build(struct attack *a)
{
    const struct sw_lane_config lane = {.rate_bps = RATE,
                                        .delay = 5 * SW_US,
                                        .overhead_bytes = OVERHEAD,
                                        /* Guesses are not lost on the way: each is refused. */
                                        .queue_frames = a->config->kind == SW_ATTACK_GUESSES
                                                            ? 100 * SW_QUEUE_FRAMES_DEFAULT
                                                            : SW_QUEUE_FRAMES_DEFAULT};
    static const char *const names[] = {"client", "victim"};
    static const char *const addresses[] = {"10.7.0.1/16", "10.7.0.2/16"};
    a->lab = sw_lab_new(1);
    a->watch = (struct sw_watch){.arrived = arrived};
    if (a->config->kind == SW_ATTACK_GUESSES) {
        sw_lab_watch(a->lab, &a->watch);
    }
    sw_lab_switch(a->lab, "core");
    for (unsigned i = 0; i < 2; i++) {
        a->host[i] = sw_lab_host(a->lab, names[i], addresses[i]);
        a->from[i] =
            &sw_lab_link(a->lab, names[i], i == 0 ? "core:client" : "core:victim", &lane)->forward;
    }
    const struct sw_endpoint at = {sw_host_address(a->host[VICTIM]), PORT};
    int status = sw_sock_open(&a->listener, a->host[VICTIM], SW_TCP, on_listening, a);
    status = status == 0 ? sw_sock_bind(a->listener, at) : status;
    status = status == 0 ? sw_sock_listen(a->listener, 1024) : status;
    assert(status == 0);
}

static void look_back(struct attack *a)
{
    static const enum sw_drop reasons[] = {SW_DROP_TCP_SEQUENCE, SW_DROP_TCP_RST,
                                           SW_DROP_TCP_SYN,      SW_DROP_TCP_ACK,
                                           SW_DROP_TCP_NO_ACK,   SW_DROP_TCP_PAWS};
    struct sw_test_attack_report *r = a->report;
    struct sw_pool_stats pool;
    r->span = sw_lab_now(a->lab);
    sw_lab_run(a->lab, 600 * SW_S);
    sw_pool_stats(sw_lab_env(a->lab)->pool, &pool);
    for (unsigned i = 0; i < 2; i++) {
        sw_host_stats(a->host[i], &r->stats[i]);
        for (unsigned k = 0; k < sizeof reasons / sizeof reasons[0]; k++) {
            r->refused[i] += r->stats[i].dropped[reasons[k]];
        }
    }
    r->left = pool.live_frames + pool.live_blocks + r->stats[VICTIM].tcp_connections +
              r->stats[CLIENT].tcp_connections;
    sw_sha256_end(&a->all, r->digest);
    sw_sock_close(a->listener);
    sw_lab_run(a->lab, SW_S);
    r->holds = sw_lab_holds(a->lab);
}

void sw_test_attack(const struct sw_test_attack_config *config, struct sw_test_attack_report *out)
{
    struct attack *a = calloc(1, sizeof *a);
    assert(a != NULL);
    *out = (struct sw_test_attack_report){.forged = 0};
    a->config = config;
    a->report = out;
    sw_sha256_init(&a->all);
    build(a);
    if (config->kind == SW_ATTACK_SYNS) {
        flood_with_syns(a);
    } else {
        guess_at_a_connection(a);
    }
    look_back(a);
    if (config->kind == SW_ATTACK_SYNS) {
        sw_test_attacker_fini(&a->flood);
    } else {
        sw_test_injector_fini(&a->injector);
    }
    sw_lab_free(a->lab);
    free(a);
}
