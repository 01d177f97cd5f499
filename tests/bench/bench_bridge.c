/* How many 64-byte frames a second one core takes from a generator through a cable, a bridge and
 * another cable to a sink.
 *
 * 1,024 stations before the bridge send to 1,024 behind it, both drawn for each frame, so no frame
 * is like the one before. Frames are made and filled for each sending, travel by reference in
 * batches over true wires, and are dropped at the sink. The check sequence of a 64-byte frame does
 * not exist in here: 60 bytes are sent.
 *
 *   bench_bridge [--sinks N]     one line a pass, then "median 12.3 million frames/s" */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/link.h"
#include "lan/bridge.h"

#define STATIONS 1024u
#define BATCH 32
#define FRAME_BYTES 60
#define PASSES 9
#define PASS_FRAMES 4000000u
#define SINKS_MAX 64

struct sink {
    struct sw_port port;
    struct sw_link link;
    uint64_t frames, bytes;
};

struct bench {
    struct sw_env env;
    struct sw_seed seed;
    struct sw_bridge *bridge;
    struct sw_port generator;
    struct sw_link link;
    struct sink sink[SINKS_MAX];
    unsigned sinks;
    uint64_t draw; /* xorshift64: chance must not cost what is measured */
};

static void swallow(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct sink *sink = SW_CONTAINER(port, struct sink, port);
    for (unsigned i = 0; i < n; i++) {
        sink->bytes += frames[i]->len;
        sw_frame_drop(frames[i]);
    }
    sink->frames += n;
}

static void refuse(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    (void)port;
    for (unsigned i = 0; i < n; i++) {
        sw_frame_drop(frames[i]);
    }
}

static void must(bool held, const char *what)
{
    if (!held) {
        fprintf(stderr, "bench_bridge: %s\n", what);
        exit(1);
    }
}

static void put_mac(uint8_t *at, unsigned side, unsigned station)
{
    const uint8_t mac[6] = {0x02, (uint8_t)side, 0, 0, (uint8_t)(station >> 8), (uint8_t)station};
    memcpy(at, mac, sizeof mac);
}

static struct sw_frame *make(struct bench *b, unsigned to_side, unsigned to, unsigned from)
{
    static const uint8_t rest[FRAME_BYTES - 12] = {0x88, 0xb5};
    struct sw_frame *frame = sw_frame_new(b->env.pool);
    must(frame != NULL, "no memory for a frame");
    uint8_t *bytes = sw_frame_append(frame, FRAME_BYTES);
    put_mac(bytes, to_side, to);
    put_mac(bytes + 6, 1 - to_side, from);
    memcpy(bytes + 12, rest, sizeof rest);
    return frame;
}

static void plug(struct bench *b, struct sw_link *link, struct sw_port *port, const char *name)
{
    const struct sw_lane_config wire = {.queue_frames = SW_QUEUE_FRAMES_DEFAULT};
    struct sw_port *at = NULL;
    must(sw_bridge_add_port(&at, b->bridge, name) == 0 &&
             sw_link_init(link, &b->env, port, at, port->name, at->name, &wire, &wire) == 0,
         "no memory for a cable");
}

static void build(struct bench *b, char names[][16])
{
    sw_seed_from_number(&b->seed, 1);
    b->env = (struct sw_env){.clock = sw_clock_new(),
                             .pool = sw_pool_new(64u << 20),
                             .seed = &b->seed,
                             .secrets = &b->seed};
    const struct sw_bridge_config config = {.name = "core", .ageing = 300 * SW_S};
    must(sw_bridge_new(&b->bridge, &b->env, &config) == 0, "no memory for a bridge");
    sw_port_init(&b->generator, "generator", refuse, NULL);
    plug(b, &b->link, &b->generator, "in");
    for (unsigned i = 0; i < b->sinks; i++) {
        snprintf(names[i], sizeof names[i], "sink%u", i);
        sw_port_init(&b->sink[i].port, names[i], swallow, NULL);
        plug(b, &b->sink[i].link, &b->sink[i].port, names[i]);
    }
    /* Every station behind the bridge says where it is. */
    for (unsigned i = 0; i < STATIONS; i++) {
        sw_port_send(&b->sink[i % b->sinks].port, make(b, 0, 0, i));
        sw_clock_run(b->env.clock, sw_clock_now(b->env.clock), UINT64_MAX);
    }
}

static double pass(struct bench *b)
{
    struct timespec begin;
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (unsigned sent = 0; sent < PASS_FRAMES; sent += BATCH) {
        for (unsigned i = 0; i < BATCH; i++) {
            b->draw ^= b->draw << 13;
            b->draw ^= b->draw >> 7;
            b->draw ^= b->draw << 17;
            unsigned to = (unsigned)(b->draw >> 20) % STATIONS;
            unsigned from = (unsigned)(b->draw >> 40) % STATIONS;
            sw_port_send(&b->generator, make(b, 1, to, from));
        }
        sw_clock_run(b->env.clock, sw_clock_now(b->env.clock) + SW_US, UINT64_MAX);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds =
        (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    return PASS_FRAMES / seconds / 1e6;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Nothing may have been lost on the way: a figure with drops in it is none. */
static void check(const struct bench *b, const struct sw_bridge_stats *before)
{
    struct sw_bridge_stats after;
    sw_bridge_stats(b->bridge, &after);
    uint64_t arrived = 0;
    for (unsigned i = 0; i < b->sinks; i++) {
        arrived += b->sink[i].frames;
        must(sw_lane_balanced(&b->sink[i].link.backward), "a lane's ledger does not hold");
    }
    must(sw_bridge_balanced(b->bridge) && sw_lane_balanced(&b->link.forward), "a ledger");
    must(after.forwarded - before->forwarded == (uint64_t)PASSES * PASS_FRAMES, "frames missing");
    must(after.flooded == before->flooded, "known stations were flooded");
    must(arrived >= (uint64_t)PASSES * PASS_FRAMES, "frames missing at the sink");
}

int main(int argc, char **argv)
{
    static struct bench b = {.sinks = 1, .draw = 88172645463325252u};
    static char names[SINKS_MAX][16];
    if (argc == 3 && strcmp(argv[1], "--sinks") == 0) {
        b.sinks = (unsigned)strtoul(argv[2], NULL, 10);
    } else if (argc != 1) {
        b.sinks = 0;
    }
    if (b.sinks < 1 || b.sinks > SINKS_MAX) {
        fprintf(stderr, "usage: bench_bridge [--sinks 1..%u]\n", SINKS_MAX);
        return 2;
    }
    build(&b, names);
    struct sw_bridge_stats before;
    sw_bridge_stats(b.bridge, &before);
    double rate[PASSES];
    for (unsigned i = 0; i < PASSES; i++) {
        rate[i] = pass(&b);
        printf("pass %u: %.1f million frames/s\n", i + 1, rate[i]);
    }
    check(&b, &before);
    qsort(rate, PASSES, sizeof rate[0], by_size);
    printf("median %.1f million frames/s\n", rate[PASSES / 2]);
    sw_link_fini(&b.link);
    for (unsigned i = 0; i < b.sinks; i++) {
        sw_link_fini(&b.sink[i].link);
    }
    sw_bridge_free(b.bridge);
    sw_pool_free(b.env.pool);
    sw_clock_free(b.env.clock);
    return 0;
}
