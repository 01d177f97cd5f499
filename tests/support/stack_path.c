/* A path to send along: see stack_path.h. */
#include "tests/support/stack_path.h"

#include <check.h>
#include <string.h>

#define PORT 80

static void fill(struct path_flow *flow)
{
    static const uint8_t text[16384];
    while (flow->open && flow->left > 0) {
        const size_t n = flow->left < sizeof(text) ? (size_t)flow->left : sizeof(text);
        const int64_t took = sw_sock_send(flow->sender, text, n);
        if (took <= 0) {
            return;
        }
        flow->left -= flow->left == UINT64_MAX ? 0 : (uint64_t)took;
    }
}

static void on_sender(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct path_flow *flow = user;
    (void)sock;
    ck_assert_int_ne(event, SW_SOCK_ERROR);
    flow->open = true;
    fill(flow);
}

static void on_receiver(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct path_flow *flow = user;
    const void *at = NULL;
    size_t n = 0;
    ck_assert_int_eq(event, SW_SOCK_READABLE);
    while (sw_sock_peek(sock, &at, &n) == 0 && n > 0) {
        ck_assert_int_eq(sw_sock_consume(sock, n), (int64_t)n);
        flow->read += n;
    }
}

static void on_listener(struct sw_sock *listener, enum sw_sock_event event, void *user)
{
    struct path *path = user;
    (void)event;
    struct path_flow *flow = &path->flow[path->accepted++];
    ck_assert_int_eq(sw_sock_accept(&flow->receiver, listener, on_receiver, flow), 0);
}

static struct sw_endpoint at(unsigned host, uint16_t port)
{
    return (struct sw_endpoint){.ip = sw_ip_v4(0x0a000001 + host), .port = port};
}

static void make_hosts(struct path *path, const struct path_config *config, struct sw_nic *nic[2])
{
    const uint32_t buffer = config->buffer_bytes != 0 ? config->buffer_bytes : 8u << 20;
    for (unsigned i = 0; i < 2; i++) {
        const struct sw_host_config host = {.name = i == 0 ? "a" : "b",
                                            .tcp = {.send_buffer_bytes = buffer,
                                                    .receive_buffer_bytes = buffer,
                                                    .congestion = config->congestion,
                                                    .pacing_bps = config->pacing_bps,
                                                    .no_sack = config->no_sack}};
        ck_assert_int_eq(sw_host_new(&path->host[i], &path->world.env, &host), 0);
        const struct sw_nic_config eth0 = {.name = "eth0",
                                           .mac = {{2, 0, 0, 0, 0, (uint8_t)(1 + i)}}};
        ck_assert_int_eq(sw_nic_add(&nic[i], path->host[i], &eth0), 0);
        const struct sw_prefix prefix = {.ip = at(i, 0).ip, .bits = 24};
        ck_assert_int_eq(sw_nic_add_address(nic[i], prefix, 0), 0);
    }
}

void path_init(struct path *path, const struct path_config *config)
{
    struct sw_nic *nic[2];
    memset(path, 0, sizeof(*path));
    sw_test_env_init(&path->world, 1);
    make_hosts(path, config, nic);
    sw_test_road_init(&path->road, &path->world.env);
    const struct sw_lane_config quick = {.rate_bps = 10000000000, .queue_frames = 100000};
    const struct sw_lane_config back = {
        .rate_bps = config->rate_bps, .delay = config->delay, .queue_frames = 100000};
    path->slow_config = back;
    path->slow_config.queue_frames = config->queue_frames;
    path->slow_config.loss_ppb = config->loss_ppb;
    ck_assert_int_eq(sw_link_init(&path->fast, &path->world.env, sw_nic_port(nic[0]),
                                  &path->road.end[0].port, "a>road", "road>a", &quick, &quick),
                     0);
    ck_assert_int_eq(sw_link_init(&path->slow, &path->world.env, &path->road.end[1].port,
                                  sw_nic_port(nic[1]), "road>b", "b>road", &path->slow_config,
                                  &back),
                     0);
    ck_assert_int_eq(sw_sock_open(&path->listener, path->host[1], SW_TCP, on_listener, path), 0);
    ck_assert_int_eq(sw_sock_bind(path->listener, at(1, PORT)), 0);
    ck_assert_int_eq(sw_sock_listen(path->listener, PATH_FLOWS), 0);
}

void path_fini(struct path *path)
{
    for (unsigned i = 0; i < path->flows; i++) {
        sw_sock_abort(path->flow[i].sender);
        if (path->flow[i].receiver != NULL) {
            sw_sock_abort(path->flow[i].receiver);
        }
    }
    sw_sock_close(path->listener);
    path_run(path, sw_clock_now(path->world.env.clock) + 10 * SW_S);
    sw_link_fini(&path->fast);
    sw_link_fini(&path->slow);
    sw_host_free(path->host[0]);
    sw_host_free(path->host[1]);
    sw_test_env_fini(&path->world);
}

void path_run(struct path *path, sw_time until)
{
    sw_test_run(&path->world, until);
}

struct path_flow *path_flow(struct path *path, uint64_t bytes)
{
    ck_assert_uint_lt(path->flows, PATH_FLOWS);
    struct path_flow *flow = &path->flow[path->flows++];
    *flow = (struct path_flow){.path = path, .left = bytes};
    ck_assert_int_eq(sw_sock_open(&flow->sender, path->host[0], SW_TCP, on_sender, flow), 0);
    ck_assert_int_eq(sw_sock_connect(flow->sender, at(1, PORT)), 0);
    return flow;
}

void path_write(struct path_flow *flow, uint64_t bytes)
{
    flow->left += bytes;
    fill(flow);
}

void path_change(struct path *path, sw_time delay, uint64_t rate_bps, uint32_t loss_ppb)
{
    path->slow_config.delay = delay;
    path->slow_config.rate_bps = rate_bps;
    path->slow_config.loss_ppb = loss_ppb;
    ck_assert_int_eq(sw_lane_configure(&path->slow.forward, &path->slow_config,
                                       SW_LANE_DELAY | SW_LANE_RATE | SW_LANE_LOSS),
                     0);
}

struct sw_tcp *path_tcp(const struct path_flow *flow)
{
    return SW_CONTAINER(flow->sender, struct sw_tcp_sock, sock)->tcp;
}

uint64_t path_goodput(struct path_flow *flow, sw_time until)
{
    const uint64_t before = flow->read;
    const sw_time from = sw_clock_now(flow->path->world.env.clock);
    path_run(flow->path, until);
    return (flow->read - before) * 8 * 1000 / (uint64_t)((until - from) / SW_MS);
}

sw_time path_longest_queue(struct path *path, sw_time until)
{
    sw_time longest = 0;
    for (sw_time now = sw_clock_now(path->world.env.clock); now < until;) {
        now += SW_MS;
        path_run(path, now);
        const sw_time wait = path->slow.forward.tx_free - now;
        longest = wait > longest ? wait : longest;
    }
    return longest;
}
