/* What a lane costs: 64-byte frames from a generator through a lane to a sink, once over a true
 * wire and once over 10 Gbit/s and 1 us, in real time on one core. Prints nanoseconds a frame and
 * million frames a second, the best of five passes.
 *
 * bench_lane [FRAMES]   frames a pass, 5,000,000 if not given */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/link.h"

#define FRAME_BYTES 64
#define BURST 64
#define PASSES 5

struct world {
    struct sw_env env;
    struct sw_seed seed;
    struct sw_port from, to;
    struct sw_link link;
    uint64_t arrived;
};

static void sink_receives(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct world *w = SW_CONTAINER(port, struct world, to);
    for (unsigned i = 0; i < n; i++) {
        sw_frame_drop(frames[i]);
    }
    w->arrived += n;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Bursts of 64 frames of 64 bytes, each run to the far end. */
static void generate(struct world *w, uint64_t frames)
{
    static const uint8_t addresses[FRAME_BYTES] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
    for (uint64_t sent = 0; sent < frames; sent += BURST) {
        for (unsigned i = 0; i < BURST; i++) {
            struct sw_frame *frame = sw_frame_new(w->env.pool);
            if (frame == NULL) {
                abort();
            }
            memcpy(sw_frame_append(frame, FRAME_BYTES), addresses, FRAME_BYTES);
            sw_port_send(&w->from, frame);
        }
        sw_clock_run(w->env.clock, sw_clock_now(w->env.clock) + 8 * SW_US, UINT64_MAX);
    }
}

static int measure(const char *name, const struct sw_lane_config *config, uint64_t frames)
{
    struct world w = {0};
    sw_seed_from_number(&w.seed, 1);
    w.env = (struct sw_env){.clock = sw_clock_new(),
                            .pool = sw_pool_new((size_t)64 << 20),
                            .seed = &w.seed,
                            .secrets = &w.seed};
    if (w.env.clock == NULL || w.env.pool == NULL) {
        return 1;
    }
    sw_port_init(&w.from, "generator", sink_receives, NULL);
    sw_port_init(&w.to, "sink", sink_receives, NULL);
    if (sw_link_init(&w.link, &w.env, &w.from, &w.to, "a>b", "b>a", config, config) < 0) {
        return 1;
    }
    double best = 1e9;
    for (int pass = 0; pass < PASSES; pass++) {
        double start = seconds();
        generate(&w, frames);
        double took = seconds() - start;
        best = took < best ? took : best;
    }
    uint64_t sent = w.link.forward.stats.in;
    printf("%-20s %6.2f ns/frame  %6.2f M frames/s  arrived %llu of %llu\n", name,
           best * 1e9 / (double)frames, (double)frames / best / 1e6, (unsigned long long)w.arrived,
           (unsigned long long)sent);
    sw_link_fini(&w.link);
    sw_pool_free(w.env.pool);
    sw_clock_free(w.env.clock);
    return w.arrived == sent ? 0 : 1;
}

int main(int argc, char **argv)
{
    uint64_t frames = argc > 1 ? strtoull(argv[1], NULL, 10) : 5000000;
    frames = (frames + BURST - 1) / BURST * BURST;
    struct sw_lane_config wire = {.queue_frames = SW_QUEUE_FRAMES_DEFAULT};
    struct sw_lane_config line = {
        .delay = SW_US, .rate_bps = UINT64_C(10000000000), .queue_frames = SW_QUEUE_FRAMES_DEFAULT};
    return measure("true wire", &wire, frames) | measure("10 Gbit/s, 1 us", &line, frames);
}
