/* LANs of thousands of hosts, in virtual time.
 *
 *   bench_thousands hosts       1,000 hosts on 10 switches in a row: how long until it is up, does
 * every host reach its neighbour bench_thousands segments    10,000 hosts in 100 segments of 100,
 * each behind a router on a backbone: each host pings one in its segment and one outside, every
 * address asked for by ARP on the wire
 *
 * One line of figures each; exit status 1 if a ping was lost, a frame was dropped on a full queue,
 * or a ledger does not hold. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/bytes.h"
#include "core/watch.h"
#include "lan/network.h"
#include "lan/traffic.h"
#include "tests/support/lan_topo.h"

#define SEGMENTS 100
#define SEGMENT_HOSTS 100

struct bench {
    struct sw_env env;
    struct sw_seed seed;
    struct sw_topo *topo;
    struct sw_network *net;
    struct sw_ping **pinger;
    size_t pingers;
    struct sw_watch watch;
    uint64_t arrived, arp, dropped;
    double build_ms;
};

static double wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double peak_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static void must(bool held, const char *what)
{
    if (!held) {
        fprintf(stderr, "bench_thousands: %s\n", what);
        exit(1);
    }
}

static void arrives(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                    struct sw_frame *const *frames, unsigned n)
{
    (void)lane;
    (void)now;
    struct bench *b = SW_CONTAINER(w, struct bench, watch);
    b->arrived += n;
    for (unsigned i = 0; i < n; i++) {
        b->arp += frames[i]->head_len >= 14 && sw_get16(sw_frame_head(frames[i]) + 12) == 0x0806;
    }
}

/* Only lanes: a host that is not asked for drops the question, as it should. */
static void drops(struct sw_watch *w, const struct sw_lane *lane, const struct sw_owner *where,
                  sw_time now, const struct sw_frame *frame, enum sw_drop reason)
{
    (void)where;
    (void)now;
    (void)frame;
    (void)reason;
    struct bench *b = SW_CONTAINER(w, struct bench, watch);
    b->dropped += lane != NULL;
}

static void init(struct bench *b, bool watched)
{
    sw_seed_from_number(&b->seed, 1);
    b->env = (struct sw_env){.clock = sw_clock_new(),
                             .pool = sw_pool_new((size_t)1 << 30),
                             .seed = &b->seed,
                             .secrets = &b->seed};
    b->topo = sw_topo_new("thousands");
    must(b->env.clock != NULL && b->env.pool != NULL && b->topo != NULL, "out of memory");
    b->watch = (struct sw_watch){.arrived = arrives, .dropped = drops};
    b->env.watch = watched ? &b->watch : NULL;
}

static void build(struct bench *b)
{
    char why[256];
    const struct sw_network_options options = {.virtual_time = true};
    double begin = wall_ms();
    int status = sw_network_new(&b->net, &b->env, b->topo, &options, why, sizeof why);
    b->build_ms = wall_ms() - begin;
    must(status == 0, why);
}

static void run_until(struct bench *b, sw_time until)
{
    sw_clock_run(b->env.clock, until, UINT64_MAX);
}

static void nothing(void *ctx)
{
    (void)ctx;
}

static void start_ping(struct bench *b, size_t from, struct sw_ip to)
{
    const struct sw_ping_config config = {
        .to = to, .count = 1, .interval = SW_S, .timeout = SW_S, .size_bytes = 56};
    b->pinger = topo_grow(b->pinger, b->pingers, sizeof(struct sw_ping *));
    must(sw_ping_new(&b->pinger[b->pingers], sw_network_host_at(b->net, from), &config, NULL,
                     nothing, NULL) == 0,
         "no memory for a ping");
    b->pingers++;
}

static size_t count_answers(const struct bench *b)
{
    size_t answered = 0;
    for (size_t i = 0; i < b->pingers; i++) {
        struct sw_ping_result result;
        sw_ping_result(b->pinger[i], &result);
        answered += result.received;
    }
    return answered;
}

/* Ends everything; is all well? */
static bool fini(struct bench *b)
{
    char why[256] = "";
    bool held = sw_network_holds(b->net, why, sizeof why);
    bool answered = count_answers(b) == b->pingers;
    for (size_t i = 0; i < b->pingers; i++) {
        sw_ping_free(b->pinger[i]);
    }
    free(b->pinger);
    sw_network_free(b->net);
    sw_topo_free(b->topo);
    sw_pool_free(b->env.pool); /* asserts that no frame and no block is left */
    sw_clock_free(b->env.clock);
    if (!held) {
        fprintf(stderr, "bench_thousands: %s\n", why);
    }
    return held && answered && b->dropped == 0;
}

/* ---- 1,000 hosts on 10 switches ---- */

static struct sw_ip flat_address(unsigned i)
{
    return sw_ip_v4(0x0a000001u + i);
}

static void describe_flat(struct sw_topo *topo, unsigned switches, unsigned hosts)
{
    char name[32];
    char other[32];
    char address[SW_IP_TEXT + 4];
    for (unsigned i = 0; i < switches; i++) {
        snprintf(name, sizeof name, "s%u", i);
        topo_switch(topo, name);
        if (i > 0) {
            snprintf(other, sizeof other, "s%u", i - 1);
            topo_link(topo, other, name, NULL);
        }
    }
    for (unsigned i = 0; i < hosts; i++) {
        char ip[SW_IP_TEXT];
        snprintf(address, sizeof address, "%s/16", sw_ip_emit(flat_address(i), ip));
        snprintf(name, sizeof name, "h%u", i);
        snprintf(other, sizeof other, "s%u", i / (hosts / switches));
        topo_host(topo, name, address, NULL);
        topo_link(topo, name, other, NULL);
    }
}

static int flat(void)
{
    static struct bench b;
    const unsigned hosts = 1000;
    double begin = wall_ms();
    init(&b, false);
    describe_flat(b.topo, 10, hosts);
    build(&b);
    double up = wall_ms() - begin;
    double mib_up = peak_mib();
    for (unsigned i = 0; i < hosts; i++) {
        start_ping(&b, i, flat_address((i + 1) % hosts));
    }
    run_until(&b, 3 * SW_S);
    printf("%zu hosts on %zu switches: built in %.1f ms, up in %.1f ms, %.1f MiB; %zu of %zu "
           "neighbours answered after %.0f ms, %.1f MiB\n",
           b.topo->host_count, b.topo->switch_count, b.build_ms, up, mib_up, count_answers(&b),
           b.pingers, wall_ms() - begin, peak_mib());
    return fini(&b) ? 0 : 1;
}

/* ---- 10,000 hosts in 100 segments ---- */

/* 10.SEGMENT.0.1 is the router, the hosts follow; 172.16.0.0/16 is the backbone. */
static uint32_t segment_net(unsigned segment)
{
    return 0x0a000000u + (segment << 16);
}

static char *dotted(uint32_t number, const char *behind, char *buf, size_t cap)
{
    char ip[SW_IP_TEXT];
    snprintf(buf, cap, "%s%s", sw_ip_emit(sw_ip_v4(number), ip), behind);
    return buf;
}

static void describe_router(struct sw_topo *topo, unsigned segment)
{
    char name[32];
    char text[64];
    char gateway[64];
    snprintf(name, sizeof name, "r%u", segment);
    struct sw_topo_host *router =
        topo_host(topo, name, dotted(segment_net(segment) + 1, "/24", text, sizeof text), NULL);
    router->forwarding = true;
    topo_nic(router, "eth1", dotted(0xac100001u + segment, "/16", text, sizeof text));
    for (unsigned i = 0; i < SEGMENTS; i++) {
        if (i != segment) {
            topo_route(router, dotted(segment_net(i), "/24", text, sizeof text),
                       dotted(0xac100001u + i, "", gateway, sizeof gateway));
        }
    }
}

static void describe_segment(struct sw_topo *topo, unsigned segment)
{
    char name[32];
    char bridge[32];
    char text[64];
    char gateway[64];
    snprintf(bridge, sizeof bridge, "s%u", segment);
    dotted(segment_net(segment) + 1, "", gateway, sizeof gateway);
    topo_switch(topo, bridge);
    for (unsigned i = 0; i < SEGMENT_HOSTS; i++) {
        snprintf(name, sizeof name, "h%u-%u", segment, i);
        topo_host(topo, name, dotted(segment_net(segment) + 2 + i, "/24", text, sizeof text),
                  gateway);
        topo_link(topo, name, bridge, NULL);
    }
    describe_router(topo, segment);
    snprintf(name, sizeof name, "r%u:eth0", segment);
    topo_link(topo, name, bridge, NULL);
    snprintf(name, sizeof name, "r%u:eth1", segment);
    topo_link(topo, name, "backbone", NULL);
}

/* Each host's place in the topo: its segment's router comes after its hosts. */
static size_t host_at(unsigned segment, unsigned i)
{
    return (size_t)segment * (SEGMENT_HOSTS + 1) + i;
}

static int segments(void)
{
    static struct bench b;
    init(&b, true);
    topo_switch(b.topo, "backbone");
    for (unsigned s = 0; s < SEGMENTS; s++) {
        describe_segment(b.topo, s);
    }
    build(&b);
    double begin = wall_ms();
    run_until(&b, SW_S);
    /* A host begins every 100 us, so that the questions for 10,000 addresses need not stand in one
     * queue. */
    for (unsigned i = 0; i < SEGMENT_HOSTS; i++) {
        for (unsigned s = 0; s < SEGMENTS; s++) {
            unsigned far = (s + 1 + i % (SEGMENTS - 1)) % SEGMENTS;
            start_ping(&b, host_at(s, i), sw_ip_v4(segment_net(s) + 2 + (i + 1) % SEGMENT_HOSTS));
            start_ping(&b, host_at(s, i), sw_ip_v4(segment_net(far) + 2 + i));
            run_until(&b, sw_clock_now(b.env.clock) + 100 * SW_US);
        }
    }
    run_until(&b, 5 * SW_S);
    printf("%u hosts in %u segments behind routers: built in %.0f ms; %zu of %zu pings answered, "
           "%llu of %llu frames ARP, %llu lost on links, 5 s in %.1f s, %.0f MiB\n",
           SEGMENTS * SEGMENT_HOSTS, SEGMENTS, b.build_ms, count_answers(&b), b.pingers,
           (unsigned long long)b.arp, (unsigned long long)b.arrived, (unsigned long long)b.dropped,
           (wall_ms() - begin) / 1e3, peak_mib());
    return fini(&b) ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "hosts") == 0) {
        return flat();
    }
    if (argc == 2 && strcmp(argv[1], "segments") == 0) {
        return segments();
    }
    fprintf(stderr, "usage: bench_thousands hosts|segments\n");
    return 2;
}
