/* A path to send along: two hosts, a fast cable, then a slow one with a queue before it, and flows
 * from one to the other whose users write as much as goes in and read whatever comes. What a flow
 * delivers, how long its round trips are, and its inside, at any virtual time. */
#ifndef SW_TESTS_STACK_PATH_H
#define SW_TESTS_STACK_PATH_H

#include "stack/host.h"
#include "stack/tcp.h"
#include "tests/support/core_fixture.h"
#include "tests/support/stack_road.h"

#define PATH_FLOWS 4

struct path_config {
    uint64_t rate_bps;     /* of the slow cable, both ways */
    sw_time delay;         /* one way */
    uint32_t queue_frames; /* before it */
    uint32_t loss_ppb;     /* there, towards the receiver */
    enum sw_tcp_congestion congestion;
    uint32_t buffer_bytes; /* 0: 8 MiB; of each end */
    uint64_t pacing_bps;
    bool no_sack;
};

struct path;

struct path_flow {
    struct path *path;
    struct sw_sock *sender, *receiver;
    uint64_t read;
    uint64_t left; /* to be written, UINT64_MAX: without end */
    bool open;     /* the sender stands */
};

struct path {
    struct sw_test_env world;
    struct sw_host *host[2];
    struct sw_test_road road;
    struct sw_link fast, slow;
    struct sw_lane_config slow_config; /* as it is; towards the receiver */
    struct sw_sock *listener;
    struct path_flow flow[PATH_FLOWS];
    unsigned flows, accepted;
};

void path_init(struct path *path, const struct path_config *config);
/* Aborts the flows, and checks that nothing is left. */
void path_fini(struct path *path);
void path_run(struct path *path, sw_time until);
/* A flow begins that writes so many bytes in all. */
struct path_flow *path_flow(struct path *path, uint64_t bytes);
/* It writes so many more. */
void path_write(struct path_flow *flow, uint64_t bytes);
/* The slow cable becomes another one, towards the receiver: delay, rate and loss. */
void path_change(struct path *path, sw_time delay, uint64_t rate_bps, uint32_t loss_ppb);
struct sw_tcp *path_tcp(const struct path_flow *flow);
/* Bits a second that it reads from now until then. */
uint64_t path_goodput(struct path_flow *flow, sw_time until);
/* The longest time that the next frame would wait before the slow cable, asked every millisecond
 * until then. */
sw_time path_longest_queue(struct path *path, sw_time until);

#endif
