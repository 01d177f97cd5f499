/* A run of the model: the hosts, the road between them, and what must be true in the end (see
 * stack_model.h). */
#include "tests/support/stack_model.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Megabytes without SACK through a window of 4 KiB, where a third is lost each way, take a day. */
#define PATIENCE (200 * 3600 * SW_S)
#define BEARABLE_PPB 200000000u
#define BEARABLE_BURST 500000000u /* r: else R2 may well pass within one burst of few frames */
#define PORT 80
#define FIRST_PORT 2000 /* of the one that opens; by it the accepting end is known */
#define MEETING_PORT 3000

static struct sw_endpoint at(unsigned host, unsigned port)
{
    return (struct sw_endpoint){.ip = sw_ip_v4(0x0a000001u + host), .port = (uint16_t)port};
}

uint64_t sw_model_below(struct sw_model *m, uint64_t bound)
{
    return sw_draw_below(&m->draws, bound);
}

void sw_model_blame(struct sw_model_end *e, const char *what)
{
    struct sw_model *m = e->model;
    if (m->why[0] == '\0') {
        snprintf(m->why, sizeof(m->why), "%s: end %u at %lld ns: wrote %llu, read %llu, error %d",
                 what, (unsigned)(e - m->end), (long long)sw_clock_now(m->world.env.clock),
                 (unsigned long long)e->written, (unsigned long long)e->read, e->error);
    }
}

/* ---- the road ---- */

/* How much of what enters it a lane takes in all, in parts of 10^9. */
static uint32_t taken_ppb(const struct sw_lane_config *lane)
{
    const struct sw_gilbert_config *g = &lane->gilbert;
    uint64_t left = 1000000000u - lane->loss_ppb;
    left = left * (1000000000u - lane->corrupt_ppb) / 1000000000u;
    if (g->p != 0) {
        left -= left * g->p / (g->p + g->r) * g->bad / 1000000000u;
    }
    return (uint32_t)(1000000000u - left);
}

static struct sw_lane_config bad_lane(struct sw_model *m)
{
    static const uint32_t losses[] = {0, 1, 10, 50, 100, 200, 300}; /* per thousand */
    struct sw_lane_config lane = {0};
    lane.delay = (sw_time)(1 + sw_model_below(m, 30000)) * SW_US;
    lane.rate_bps = sw_model_below(m, 2) == 0 ? 0 : 1000000 + sw_model_below(m, 200000000);
    lane.queue_frames = (uint32_t)(8 + sw_model_below(m, 200));
    lane.loss_ppb = losses[sw_model_below(m, 7)] * 1000000u;
    lane.duplicate_ppb = sw_model_below(m, 3) == 0 ? 100000000 : 0;
    lane.reorder_ppb = sw_model_below(m, 3) == 0 ? 200000000 : 0;
    if (sw_model_below(m, 4) == 0) {
        lane.corrupt_ppb = (uint32_t)sw_model_below(m, 50) * 1000000u;
    }
    if (sw_model_below(m, 4) == 0) { /* in bursts instead */
        lane.loss_ppb = 0;
        lane.gilbert.p = (uint32_t)(1 + sw_model_below(m, 50)) * 1000000u;
        lane.gilbert.r = (uint32_t)(100 + sw_model_below(m, 800)) * 1000000u;
        lane.gilbert.bad = sw_model_below(m, 2) == 0 ? 1000000000u : 500000000u;
    }
    if (sw_model_below(m, 3) == 0) {
        lane.jitter = (sw_time)sw_model_below(m, 30000) * SW_US;
        lane.distribution = (enum sw_distribution)sw_model_below(m, 4);
        lane.correlation_ppb = (uint32_t)sw_model_below(m, 1000000000);
        lane.free_order = sw_model_below(m, 2) == 0;
    }
    if (sw_model_below(m, 3) == 0) { /* where there is a rate */
        lane.discipline = sw_model_below(m, 2) == 0 ? SW_DISCIPLINE_CODEL : SW_DISCIPLINE_FQ_CODEL;
        lane.settings.ecn = sw_model_below(m, 4) != 0;
    }
    const bool long_bursts = lane.gilbert.p != 0 && lane.gilbert.r < BEARABLE_BURST;
    const uint32_t taken = long_bursts ? UINT32_MAX : taken_ppb(&lane);
    m->worst_ppb = taken > m->worst_ppb ? taken : m->worst_ppb;
    return lane;
}

static void new_road_mtu(struct sw_model *m)
{
    static const uint32_t mtus[] = {576, 620, 1280, 1400, 1492, 1500, 4000, 9000};
    m->road.mtu_bytes = mtus[sw_model_below(m, 8)];
    m->road.silent = m->black_hole && sw_model_below(m, 2) == 0;
}

/* Now and then the cable is down for seconds, another one, or the road is. */
static void weather(struct sw_timer *timer)
{
    struct sw_model *m = SW_CONTAINER(timer, struct sw_model, weather);
    sw_time pause = (sw_time)sw_model_below(m, 3 * SW_S);
    if (!m->link[0].forward.up) {
        sw_link_set_up(&m->link[0], true);
    } else if (m->has_road && sw_model_below(m, 2) == 0) {
        new_road_mtu(m);
    } else if (sw_model_below(m, 3) == 0) {
        sw_link_set_up(&m->link[0], false);
        m->changes++; /* it will be up again */
        pause = (sw_time)sw_model_below(m, 10 * SW_S);
    } else {
        struct sw_lane *lane =
            sw_model_below(m, 2) == 0 ? &m->link[0].forward : &m->link[0].backward;
        const struct sw_lane_config config = bad_lane(m);
        ck_assert_int_eq(sw_lane_configure(lane, &config, (1u << 14) - 1), 0);
    }
    if (--m->changes > 0) {
        sw_timer_arm(timer, sw_clock_now(m->world.env.clock) + 1 + pause);
    }
}

static void begin_road(struct sw_model *m, struct sw_nic *nic[2])
{
    const struct sw_lane_config to = bad_lane(m);
    const struct sw_lane_config from = bad_lane(m);
    const struct sw_lane_config plain = {.delay = 10 * SW_US, .queue_frames = 1000};
    struct sw_port *far = sw_nic_port(nic[1]);
    sw_test_road_init(&m->road, &m->world.env);
    m->has_road = sw_model_below(m, 3) == 0;
    if (m->has_road) {
        m->black_hole = sw_model_below(m, 3) == 0;
        new_road_mtu(m);
        ck_assert_int_eq(sw_link_init(&m->link[1], &m->world.env, &m->road.end[1].port, far,
                                      "road>b", "b>road", &plain, &plain),
                         0);
        far = &m->road.end[0].port;
    }
    ck_assert_int_eq(sw_link_init(&m->link[0], &m->world.env, sw_nic_port(nic[0]), far, "a>b",
                                  "b>a", &to, &from),
                     0);
    ck_assert_int_eq(
        sw_timer_init(&m->weather, m->world.env.clock, &m->owner, SW_CLASS_EVENT, weather), 0);
    m->changes = sw_model_below(m, 2) == 0 ? 0 : (unsigned)(1 + sw_model_below(m, 12));
    m->has_weather = m->changes > 0;
    if (m->has_weather) {
        sw_timer_arm(&m->weather, (sw_time)sw_model_below(m, 2 * SW_S));
    }
}

/* ---- the hosts ---- */

/* One draw a statement: within an initializer compilers may take them in any order. */
static struct sw_tcp_config any_tcp(struct sw_model *m)
{
    struct sw_tcp_config tcp = {0};
    tcp.receive_buffer_bytes = 4096u << sw_model_below(m, 19);
    tcp.send_buffer_bytes = 4096u << sw_model_below(m, 19);
    tcp.no_buffer_tuning = sw_model_below(m, 2) == 0;
    tcp.no_timestamps = sw_model_below(m, 3) == 0;
    tcp.no_sack = sw_model_below(m, 4) == 0;
    tcp.no_window_scaling = sw_model_below(m, 3) == 0;
    tcp.syn_cookies = (enum sw_tcp_cookies)sw_model_below(m, 3);
    tcp.ecn = (enum sw_tcp_ecn_mode)sw_model_below(m, 4);
    tcp.profile = (enum sw_tcp_profile)sw_model_below(m, 2);
    return tcp;
}

static void begin_hosts(struct sw_model *m, struct sw_nic *nic[2])
{
    static const uint32_t mtus[] = {1500, 1500, 9000, 576};
    for (unsigned i = 0; i < 2; i++) {
        const struct sw_host_config config = {.name = i == 0 ? "a" : "b", .tcp = any_tcp(m)};
        m->cookies = config.tcp.syn_cookies == SW_TCP_COOKIES_ALWAYS; /* of b, which listens */
        ck_assert_int_eq(sw_host_new(&m->host[i], &m->world.env, &config), 0);
        const struct sw_nic_config eth0 = {.name = "eth0",
                                           .mac = {{2, 0, 0, 0, 0, (uint8_t)(1 + i)}},
                                           .mtu_bytes = mtus[sw_model_below(m, 4)]};
        ck_assert_int_eq(sw_nic_add(&nic[i], m->host[i], &eth0), 0);
        const struct sw_prefix prefix = {.ip = at(i, 0).ip, .bits = 24};
        ck_assert_int_eq(sw_nic_add_address(nic[i], prefix, 0), 0);
    }
}

static void on_listener(struct sw_sock *listener, enum sw_sock_event event, void *user)
{
    struct sw_model *m = user;
    struct sw_sock *sock;
    (void)event;
    while (sw_sock_accept(&sock, listener, NULL, NULL) == 0) {
        struct sw_model_end *e = &m->end[2 * (sw_sock_remote(sock).port - FIRST_PORT) + 1];
        if (e->sock != NULL || e->gone) {
            /* A cookie's ACK that came once more, after what the first had begun was over. */
            sw_sock_abort(sock);
            continue;
        }
        e->sock = sock;
        sw_model_end_begin(e);
    }
}

/* Connection i is opened by one side, or by both at once. */
static void open_end(struct sw_model *m, unsigned i, unsigned host)
{
    struct sw_model_end *e = &m->end[2 * i + host];
    const bool meets = i < m->meeting;
    const unsigned mine = (meets ? MEETING_PORT : FIRST_PORT) + i;
    const unsigned theirs = meets ? MEETING_PORT + i : PORT;
    ck_assert_int_eq(sw_sock_open(&e->sock, m->host[host], SW_TCP, sw_model_on_event, e), 0);
    ck_assert_int_eq(sw_sock_bind(e->sock, at(host, mine)), 0);
    if (sw_model_below(m, 10) == 0) {
        ck_assert_int_eq(sw_sock_set(e->sock, SW_OPT_MSS, 88 + (int64_t)sw_model_below(m, 3000)),
                         0);
    }
    ck_assert_int_eq(sw_sock_connect(e->sock, at(1 - host, theirs)), 0);
    sw_model_end_begin(e);
}

static void begin_connections(struct sw_model *m)
{
    m->connections = 1 + (unsigned)sw_model_below(m, 4);
    m->meeting = sw_model_below(m, 8) == 0 ? 1 : 0;
    m->end = calloc((size_t)2 * m->connections, sizeof(*m->end));
    ck_assert_ptr_nonnull(m->end);
    for (unsigned i = 0; i < 2 * m->connections; i++) {
        m->end[i].other = &m->end[i ^ 1];
        sw_model_end_init(m, &m->end[i]);
    }
    ck_assert_int_eq(sw_sock_open(&m->listener, m->host[1], SW_TCP, on_listener, m), 0);
    ck_assert_int_eq(sw_sock_bind(m->listener, at(1, PORT)), 0);
    ck_assert_int_eq(sw_sock_listen(m->listener, 16), 0);
    for (unsigned i = 0; i < m->connections; i++) {
        open_end(m, i, 0);
        if (i < m->meeting) {
            open_end(m, i, 1);
        }
    }
}

/* ---- in the end ---- */

static bool in_order(const struct sw_model_end *e)
{
    return e->how == SW_MODEL_SHUTDOWN_THEN_CLOSE && e->other->how == SW_MODEL_SHUTDOWN_THEN_CLOSE;
}

/* What must be true of an end and its other one when all is over. */
static void check_end(struct sw_model_end *e)
{
    const struct sw_model *m = e->model;
    const struct sw_model_end *o = e->other;
    if (e->sock == NULL && !e->gone) {
        return; /* never accepted: the opener has an error, or went away before */
    }
    if (!e->gone) {
        sw_model_blame(e, "never came to an end");
        return;
    }
    const bool clean = e->error == 0 && !e->aborted && o->error == 0 && !o->aborted && o->gone;
    if (clean && in_order(e) && (e->read != o->to_write || o->read != e->to_write)) {
        sw_model_blame(e, "a clean end, but not all was read");
    }
    /* With a cookie the listener knows nothing of a connection whose ACK was lost, or overtaken by
     * text, and resets it when it hears of it (RFC 4987 3.6); nor does it send its SYN,ACK again. A
     * few SYNs may well fall into outages. */
    const bool unknown = m->cookies && (e->error == -ECONNRESET || o->error == -ECONNRESET);
    const bool unheard = (m->cookies || m->has_weather) && o->sock == NULL && !o->gone;
    const bool bearable = !unknown && !unheard && m->worst_ppb <= BEARABLE_PPB && !m->black_hole &&
                          e->patience == 0 && o->patience == 0;
    if (bearable && e->error != 0 && !e->aborted && !o->aborted && in_order(e)) {
        sw_model_blame(e, "given up without need");
    }
    if (o->cut && (e->told_closed || e->told_end)) {
        sw_model_blame(e, "an orderly end was told of what was cut off");
    }
    if (e->told_closed && clean && o->how == SW_MODEL_SHUTDOWN_THEN_CLOSE &&
        o->read != e->to_write) {
        sw_model_blame(e, "told that all was acknowledged");
    }
}

static void check_hosts(struct sw_model *m)
{
    for (unsigned i = 0; i < 2; i++) {
        struct sw_host_stats stats;
        sw_host_stats(m->host[i], &stats);
        if (stats.tcp_connections != 0 || stats.tcp_time_wait != 0) {
            sw_model_blame(&m->end[i], "a connection is left");
        }
        if (!sw_host_balanced(m->host[i])) {
            sw_model_blame(&m->end[i], "a host's ledger does not hold");
        }
    }
}

static void end_of_run(struct sw_model *m)
{
    sw_sock_close(m->listener);
    sw_test_run(&m->world, sw_clock_now(m->world.env.clock) + SW_S);
    for (unsigned i = 0; i < 2 * m->connections; i++) {
        check_end(&m->end[i]);
    }
    check_hosts(m);
    for (unsigned i = 0; i < 2 * m->connections; i++) {
        if (m->end[i].sock != NULL) {
            sw_sock_abort(m->end[i].sock);
        }
        sw_timer_fini(&m->end[i].timer);
    }
    sw_timer_fini(&m->weather);
    sw_test_run(&m->world, sw_clock_now(m->world.env.clock) + SW_S);
    sw_link_fini(&m->link[0]);
    if (m->has_road) {
        sw_link_fini(&m->link[1]);
    }
    sw_host_free(m->host[0]);
    sw_host_free(m->host[1]);
    free(m->end);
    sw_test_env_fini(&m->world);
}

const char *sw_model_run(uint64_t seed, struct sw_watch *watch)
{
    static struct sw_model m;
    struct sw_nic *nic[2];
    memset(&m, 0, sizeof(m));
    sw_test_env_init(&m.world, seed);
    m.world.env.watch = watch;
    sw_owner_init(&m.owner, "model");
    sw_draws_init(&m.draws, &m.world.seed, m.owner.number, SW_DRAW_TEST);
    begin_hosts(&m, nic);
    begin_road(&m, nic);
    begin_connections(&m);
    sw_test_run(&m.world, PATIENCE);
    end_of_run(&m);
    return m.why[0] != '\0' ? m.why : NULL;
}
