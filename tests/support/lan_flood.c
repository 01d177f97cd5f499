/* A LAN under a flood (see lan_flood.h): the transfer, what is measured, and the order of things.
 */
#include "tests/support/lan_flood.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/watch.h"
#include "lan/traffic.h"

#define PORT 5001
#define OVERHEAD                                                                                   \
    24               /* preamble, gap and check sequence: what a frame takes of an Ethernet's line \
                      */
#define PATTERN 251u /* the byte at offset i of the text is i modulo this */
#define CHUNK 65536u
#define STEP (50 * SW_MS) /* how often the tables are looked at */
#define WARM (2 * SW_S)   /* until the transfer has found its pace */
#define PINGS_EVERY (100 * SW_MS)

enum { CLIENT, VICTIM };

/* One end of the transfer. */
struct end {
    struct sw_test *test;
    struct sw_sock *sock;
    uint64_t sent, received;
    bool sending, right, peer_closed, closed;
};

/* A line in one direction, and what it carried of the transfer and of all else. */
struct line {
    const struct sw_lane *lane;
    uint64_t transfer, other;
};

/* Where a measurement begins. */
struct mark {
    sw_time at;
    uint64_t received, retransmits;
    uint64_t transfer[4], other[4];
};

struct sw_test {
    struct sw_watch watch;
    struct sw_test_flood_config config;
    struct sw_test_flood_report *report;
    struct sw_lab *lab;
    struct sw_host *host[2], *user;
    struct sw_bridge *bridge;
    struct sw_test_attacker attacker;
    struct sw_sock *listener;
    struct end end[2];
    struct line
        line[4]; /* client to switch, switch to victim, victim to switch, switch to client */
    const struct sw_lane *to_user;
    uint64_t strayed;
    uint8_t address[2][4];
    bool wants_accept;
    uint8_t pattern[CHUNK + PATTERN];
};

/* ---- the transfer ---- */

static void pour(struct end *e)
{
    while (e->sending) {
        int64_t n = sw_sock_send(e->sock, e->test->pattern + e->sent % PATTERN, CHUNK);
        if (n < 0) {
            assert(n == -EAGAIN);
            return;
        }
        e->sent += (uint64_t)n;
    }
}

static void drink(struct end *e)
{
    const void *at;
    size_t n;
    while (!e->peer_closed && sw_sock_peek(e->sock, &at, &n) == 0) {
        e->peer_closed = n == 0;
        n = n < CHUNK ? n : CHUNK;
        e->right &= memcmp(at, e->test->pattern + e->received % PATTERN, n) == 0;
        e->received += n;
        sw_sock_consume(e->sock, n);
    }
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct end *e = user;
    (void)sock;
    e->right &= event != SW_SOCK_ERROR;
    e->closed |= event == SW_SOCK_CLOSED;
    if (e->sock != NULL && event != SW_SOCK_ERROR && event != SW_SOCK_CLOSED) {
        pour(e);
        drink(e);
    }
}

static void on_listening(struct sw_sock *listener, enum sw_sock_event event, void *user)
{
    struct sw_test *t = user;
    struct end *e = &t->end[VICTIM];
    (void)event;
    if (t->wants_accept && sw_sock_accept(&e->sock, listener, on_event, e) == 0) {
        t->wants_accept = false;
    }
}

static bool accepted(void *ctx)
{
    return !((struct sw_test *)ctx)->wants_accept;
}

/* The client connects; did the victim answer? */
static bool connect_ends(struct sw_test *t)
{
    for (unsigned i = 0; i < 2; i++) {
        t->end[i] = (struct end){.test = t, .right = true};
    }
    struct end *client = &t->end[CLIENT];
    struct sw_endpoint to = {sw_host_address(t->host[VICTIM]), PORT};
    int status = sw_sock_open(&client->sock, t->host[CLIENT], SW_TCP, on_event, client);
    assert(status == 0);
    t->wants_accept = true;
    status = sw_sock_connect(client->sock, to);
    assert(status == 0);
    return sw_lab_run_until(t->lab, accepted, t, 10 * SW_S);
}

static bool both_closed(void *ctx)
{
    const struct sw_test *t = ctx;
    return t->end[0].closed && t->end[1].closed;
}

/* Both say that they are done; did all that was sent arrive, and both ends close? */
static bool end_transfer(struct sw_test *t)
{
    sw_sock_shutdown(t->end[0].sock);
    sw_sock_shutdown(t->end[1].sock);
    bool closed = sw_lab_run_until(t->lab, both_closed, t, 60 * SW_S);
    bool all = closed;
    for (unsigned i = 0; i < 2; i++) {
        all &= t->end[i].right && t->end[i].peer_closed && t->end[i].sent == t->end[!i].received;
        sw_sock_close(t->end[i].sock);
        t->end[i].sock = NULL;
    }
    return all;
}

/* ---- the lines ---- */

static bool is_transfer(const struct sw_test *t, const struct sw_frame *frame)
{
    const uint8_t *head = sw_frame_head(frame);
    if (frame->head_len < 34 || sw_get16(head + 12) != 0x0800 || head[23] != 6) {
        return false;
    }
    return (memcmp(head + 26, t->address[CLIENT], 4) == 0 &&
            memcmp(head + 30, t->address[VICTIM], 4) == 0) ||
           (memcmp(head + 26, t->address[VICTIM], 4) == 0 &&
            memcmp(head + 30, t->address[CLIENT], 4) == 0);
}

static void arrived(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                    struct sw_frame *const *frames, unsigned n)
{
    struct sw_test *t = SW_CONTAINER(w, struct sw_test, watch);
    struct line *line = NULL;
    (void)now;
    for (unsigned i = 0; i < 4; i++) {
        line = t->line[i].lane == lane ? &t->line[i] : line;
    }
    if (line == NULL && lane != t->to_user) {
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        bool transfer = is_transfer(t, frames[i]);
        if (line != NULL) {
            *(transfer ? &line->transfer : &line->other) += frames[i]->len + OVERHEAD;
        } else {
            t->strayed += transfer;
        }
    }
}

static uint64_t retransmits(const struct sw_test *t, unsigned sender)
{
    struct sw_sock_info info;
    sw_sock_info(t->end[sender].sock, &info);
    return info.retransmits;
}

static struct mark take_mark(const struct sw_test *t, unsigned sender)
{
    struct mark mark = {.at = sw_lab_now(t->lab),
                        .received = t->end[!sender].received,
                        .retransmits = retransmits(t, sender)};
    for (unsigned i = 0; i < 4; i++) {
        mark.transfer[i] = t->line[i].transfer;
        mark.other[i] = t->line[i].other;
    }
    return mark;
}

static uint64_t rate_since(const struct sw_test *t, unsigned sender, const struct mark *mark)
{
    uint64_t us = (uint64_t)(sw_lab_now(t->lab) - mark->at) / 1000;
    return (t->end[!sender].received - mark->received) * 8 * 1000000 / us;
}

/* The busier one of two lines, `first` and the next. */
static struct sw_test_flood_share share_since(const struct sw_test *t, const struct mark *mark,
                                              unsigned first)
{
    struct sw_test_flood_share most = {0, 0};
    uint64_t us = (uint64_t)(sw_lab_now(t->lab) - mark->at) / 1000;
    uint64_t carries = t->config.rate_bps / 8 * us / 1000000; /* bytes */
    for (unsigned i = first; i < first + 2; i++) {
        struct sw_test_flood_share share = {
            (uint32_t)((t->line[i].transfer - mark->transfer[i]) * 1000000 / carries),
            (uint32_t)((t->line[i].other - mark->other[i]) * 1000000 / carries)};
        most = share.transfer + share.other > most.transfer + most.other ? share : most;
    }
    return most;
}

/* ---- the tables ---- */

static uint32_t neighbours(const struct sw_host *host)
{
    struct sw_arp_entry entry;
    uint32_t n = 0;
    while (sw_host_arp_entry(host, n, &entry)) {
        n++;
    }
    return n;
}

static void keep_most(uint64_t *most, uint64_t now)
{
    *most = now > *most ? now : *most;
}

static void look_at_tables(struct sw_test *t)
{
    struct sw_test_flood_report *r = t->report;
    struct sw_host_stats stats;
    struct sw_pool_stats pool;
    sw_host_stats(t->host[VICTIM], &stats);
    sw_pool_stats(sw_lab_env(t->lab)->pool, &pool);
    uint32_t macs = sw_fdb_count(sw_bridge_fdb(t->bridge));
    uint32_t known = neighbours(t->host[VICTIM]);
    r->macs = macs > r->macs ? macs : r->macs;
    r->neighbours = known > r->neighbours ? known : r->neighbours;
    r->connections =
        stats.tcp_connections > r->connections ? (uint32_t)stats.tcp_connections : r->connections;
    keep_most(&r->fragments, stats.held);
    keep_most(&r->peak_bytes, pool.peak_bytes);
}

static void run(struct sw_test *t, sw_time span)
{
    sw_time end = sw_lab_now(t->lab) + span;
    while (sw_lab_now(t->lab) < end) {
        sw_time left = end - sw_lab_now(t->lab);
        sw_lab_run(t->lab, left < STEP ? left : STEP);
        look_at_tables(t);
    }
}

static bool is_at(const struct sw_test *t, const struct sw_host *host, const char *port)
{
    struct sw_host *at = (struct sw_host *)(uintptr_t)host;
    struct sw_mac mac = sw_nic_mac(sw_host_nic(at, "eth0"));
    uint32_t number = sw_fdb_lookup(sw_bridge_fdb(t->bridge), mac, 0, sw_lab_now(t->lab));
    return number != SW_FDB_NONE &&
           sw_bridge_port_at(t->bridge, number) == sw_bridge_port(t->bridge, port);
}

/* ---- the order of things ---- */

static void ignore(void *ctx)
{
    (void)ctx;
}

/* The user asks during the whole of it: of the fragments' victim, what comes in three pieces. */
static struct sw_ping *start_pings(struct sw_test *t, sw_time span)
{
    struct sw_ping *ping = NULL;
    const struct sw_ping_config config = {
        .to = sw_host_address(t->host[VICTIM]),
        .count = span < 2 * PINGS_EVERY ? 1 : (uint32_t)(span / PINGS_EVERY) - 1,
        .interval = PINGS_EVERY,
        .timeout = SW_S,
        .size_bytes = t->config.kind == SW_FLOOD_FRAGMENTS ? 3000 : 56};
    int status = sw_ping_new(&ping, t->user, &config, NULL, ignore, NULL);
    assert(status == 0);
    return ping;
}

static void end_pings(struct sw_test *t, struct sw_ping *ping)
{
    struct sw_ping_result result;
    sw_ping_result(ping, &result);
    sw_ping_free(ping);
    t->report->pings += result.received;
    t->report->pings_asked += result.sent;
}

static bool nothing_on_its_way(void *ctx)
{
    const struct sw_test *t = ctx;
    return t->end[0].sent == t->end[1].received && t->end[1].sent == t->end[0].received;
}

static void run_half(struct sw_test *t, unsigned sender)
{
    struct sw_test_flood_half *half = &t->report->half[sender];
    unsigned data = sender == CLIENT ? 0 : 2, acks = 2 - data;
    t->end[sender].sending = true;
    pour(&t->end[sender]);
    run(t, WARM);
    struct mark mark = take_mark(t, sender);
    run(t, t->config.alone);
    half->alone_bps = rate_since(t, sender, &mark);
    half->before = share_since(t, &mark, data);

    uint64_t frames = t->config.frames / 2;
    uint64_t bits = (SW_ETH_MIN_BYTES + OVERHEAD) * 8;
    sw_time gap = (sw_time)(bits * 100 * 1000000000 / t->config.share_percent / t->config.rate_bps);
    half->span = (sw_time)frames * gap;
    mark = take_mark(t, sender);
    sw_test_attacker_start(&t->attacker, frames, gap);
    struct sw_ping *ping = start_pings(t, half->span);
    run(t, half->span);
    half->flooded_bps = rate_since(t, sender, &mark);
    half->during = share_since(t, &mark, data);
    half->acks = share_since(t, &mark, acks);
    half->retransmits = retransmits(t, sender) - mark.retransmits;
    t->end[sender].sending = false;
    sw_lab_run_until(t->lab, nothing_on_its_way, t, 60 * SW_S);
    end_pings(t, ping);
}

static void build(struct sw_test *t)
{
    const struct sw_lane_config lane = {.rate_bps = t->config.rate_bps,
                                        .delay = 5 * SW_US,
                                        .overhead_bytes = OVERHEAD,
                                        .queue_frames = SW_QUEUE_FRAMES_DEFAULT};
    for (unsigned i = 0; i < sizeof t->pattern; i++) {
        t->pattern[i] = (uint8_t)(i % PATTERN);
    }
    t->lab = sw_lab_new(1);
    t->watch = (struct sw_watch){.arrived = arrived};
    sw_lab_watch(t->lab, &t->watch);
    t->bridge = sw_lab_switch(t->lab, "core");
    t->host[CLIENT] = sw_lab_host(t->lab, "client", "10.7.0.1/16");
    t->host[VICTIM] = sw_lab_host(t->lab, "victim", "10.7.0.2/16");
    t->user = sw_lab_host(t->lab, "user", "10.7.0.3/16");
    struct sw_link *client = sw_lab_link(t->lab, "client", "core:client", &lane);
    struct sw_link *victim = sw_lab_link(t->lab, "victim", "core:victim", &lane);
    t->to_user = &sw_lab_link(t->lab, "user", "core:user", &lane)->backward;
    t->line[0].lane = &client->forward;
    t->line[1].lane = &victim->backward;
    t->line[2].lane = &victim->forward;
    t->line[3].lane = &client->backward;
    sw_put32(t->address[CLIENT], sw_ip_v4_number(sw_host_address(t->host[CLIENT])));
    sw_put32(t->address[VICTIM], sw_ip_v4_number(sw_host_address(t->host[VICTIM])));
    t->attacker =
        (struct sw_test_attacker){.kind = t->config.kind,
                                  .mac = {{2, 0, 0, 0, 7, 0xfe}},
                                  .victim_mac = sw_nic_mac(sw_host_nic(t->host[VICTIM], "eth0")),
                                  .ip = 0x0a07fffe,
                                  .victim_ip = sw_ip_v4_number(sw_host_address(t->host[VICTIM])),
                                  .open_port = PORT};
    sw_test_attacker_init(&t->attacker, sw_lab_env(t->lab));
    sw_lab_plug(t->lab, &t->attacker.port, "core:attacker", &lane);
    sw_lab_route(t->lab, "victim", "0.0.0.0/0", "10.7.255.254");
    struct sw_endpoint at = {sw_host_address(t->host[VICTIM]), PORT};
    int status = sw_sock_open(&t->listener, t->host[VICTIM], SW_TCP, on_listening, t);
    status = status == 0 ? sw_sock_bind(t->listener, at) : status;
    status = status == 0 ? sw_sock_listen(t->listener, 1024) : status;
    assert(status == 0);
}

static void look_back(struct sw_test *t)
{
    struct sw_test_flood_report *r = t->report;
    struct sw_pool_stats pool;
    struct sw_host_stats *victim = &r->victim;
    sw_lab_run(t->lab, 600 * SW_S);
    sw_pool_stats(sw_lab_env(t->lab)->pool, &pool);
    sw_host_stats(t->host[VICTIM], victim);
    r->left = pool.live_frames + pool.live_blocks + victim->tcp_connections + victim->held;
    r->answering = connect_ends(t) && end_transfer(t);
    sw_sock_close(t->listener);
    sw_lab_run(t->lab, SW_S);
    sw_host_stats(t->host[VICTIM], victim);
    sw_bridge_stats(t->bridge, &r->bridge);
    r->holds = sw_lab_holds(t->lab);
}

void sw_test_flood(const struct sw_test_flood_config *config, struct sw_test_flood_report *out)
{
    struct sw_test *t = calloc(1, sizeof *t);
    assert(t != NULL);
    *out = (struct sw_test_flood_report){.sent = 0};
    t->config = *config;
    t->report = out;
    build(t);
    struct sw_ping *hello = start_pings(t, 0);
    bool connected = connect_ends(t);
    assert(connected);
    sw_ping_free(hello);
    run_half(t, CLIENT);
    run_half(t, VICTIM);
    out->known = is_at(t, t->host[CLIENT], "client") && is_at(t, t->host[VICTIM], "victim") &&
                 is_at(t, t->user, "user");
    out->strayed = t->strayed;
    out->sent = t->attacker.sent;
    out->transferred = t->end[0].received + t->end[1].received;
    out->ended = end_transfer(t);
    look_back(t);
    sw_test_attacker_fini(&t->attacker);
    sw_lab_free(t->lab);
    free(t);
}

const char *sw_test_flood_name(enum sw_test_flood_kind kind)
{
    static const char *const name[] = {[SW_FLOOD_MACS] = "macs",
                                       [SW_FLOOD_ARP] = "arp",
                                       [SW_FLOOD_FRAGMENTS] = "fragments",
                                       [SW_FLOOD_SYNS] = "syns",
                                       [SW_FLOOD_UDP] = "udp"};
    return name[kind];
}
