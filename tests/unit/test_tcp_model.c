/* A model of what TCP promises, held against two hosts on a bad cable: loss up to 30 %,
 * duplication, reordering, random writes, reads, buffers, half closes, closes and aborts, in
 * virtual time. Each byte has a value by its number, so a lost, doubled or strayed one is seen when
 * it is read.
 *
 *   - what is read is what was written, from the first byte on, in order;
 *   - a reader that is told of the end has read all that was written before it;
 *   - a writer that is told that the connection ended in order has an end that was read up to it,
 * or its peer's error;
 *   - at a loss of up to 20 % nobody gives up: what both users end in order comes to a clean end;
 *   - every connection comes to an end within bounds of time, and nothing is left of it.
 *
 * Runs seeds 1 to 300. --seeds N: as many; --seed N: this one alone, which is what a failure
 * prints.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack/host.h"
#include "stack/sock.h"
#include "tests/support/core_fixture.h"

#define CHUNK 20000
#define PATIENCE (4 * 3600 * SW_S) /* the longest that R2 and TIME-WAIT take together, and more */

enum how { CLOSE, SHUTDOWN_THEN_CLOSE, ABORT };

/* One end of one connection. */
struct end {
    struct model *model;
    struct end *other;
    struct sw_sock *sock;
    struct sw_timer timer; /* the user acts at random times */
    uint64_t to_write, written, read;
    unsigned vain; /* times in a row that the user came and nothing had changed */
    enum how how;
    bool told_end;    /* recv returned 0 */
    bool shut;        /* shutdown or close was called */
    bool gone;        /* the handle was given back */
    bool aborted;     /* by this user, or by close over unread text */
    bool cut;         /* ... before it had ended its sending side */
    bool told_closed; /* SW_SOCK_CLOSED */
    bool lazy;        /* reads seldom, so that the window closes */
    bool in_place;    /* reserve and commit, peek and consume */
    int error;
};

struct model {
    struct sw_test_env world;
    struct sw_host *host[2];
    struct sw_link link;
    struct sw_owner owner;
    struct sw_draws draws;
    struct sw_sock *listener;
    struct end *end; /* 2 a connection: 2i opens, 2i + 1 is accepted */
    unsigned connections, accepted;
    uint64_t seed;
    char why[200];
};

static struct sw_endpoint at(unsigned host, uint16_t port)
{
    return (struct sw_endpoint){.ip = sw_ip_v4(0x0a000001u + host), .port = port};
}

static uint64_t below(struct model *m, uint64_t bound)
{
    return sw_draw_below(&m->draws, bound);
}

static uint8_t value(const struct end *writer, uint64_t number)
{
    const uint64_t w = (uint64_t)(writer - writer->model->end);
    return (uint8_t)(number * 31 + (number >> 8) * 7 + (number >> 16) * 3 + w * 101);
}

static void blame(struct end *e, const char *what)
{
    struct model *m = e->model;
    if (m->why[0] == '\0') {
        snprintf(m->why, sizeof(m->why), "%s: end %u at %lld ns: wrote %llu, read %llu, error %d",
                 what, (unsigned)(e - m->end), (long long)sw_clock_now(m->world.env.clock),
                 (unsigned long long)e->written, (unsigned long long)e->read, e->error);
    }
}

/* ---- what a user does ---- */

static void give_back(struct end *e, bool abort)
{
    struct sw_sock_info info;
    sw_sock_info(e->sock, &info);
    e->error = sw_sock_error(e->sock);
    e->aborted = abort || info.receive_queue_bytes > 0;
    e->cut = e->aborted && !e->shut;
    e->shut = e->gone = true;
    (abort ? sw_sock_abort : sw_sock_close)(e->sock);
    e->sock = NULL;
}

static void check_read(struct end *e, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != value(e->other, e->read + i)) {
            blame(e, "a wrong byte was read");
            return;
        }
    }
    e->read += n;
    if (e->read > e->other->written) {
        blame(e, "more was read than was written");
    }
}

static void user_reads(struct end *e, size_t most)
{
    static uint8_t bytes[CHUNK];
    int64_t n = 0;
    if (e->in_place) {
        const void *from = NULL;
        size_t run = 0;
        n = sw_sock_peek(e->sock, &from, &run);
        if (n == 0 && run > 0) {
            run = run < most ? run : most;
            check_read(e, from, run);
            sw_sock_consume(e->sock, run);
            return;
        }
    } else {
        n = sw_sock_recv(e->sock, bytes, most < CHUNK ? most : CHUNK);
        if (n > 0) {
            check_read(e, bytes, (size_t)n);
            return;
        }
    }
    if (n == 0) {
        e->told_end = true;
        if (e->read != e->other->written || !e->other->shut) {
            blame(e, "the end was told before all was read");
        }
    } else if (n != -EAGAIN) {
        e->error = (int)n;
    }
}

static void user_writes(struct end *e, size_t most)
{
    static uint8_t bytes[CHUNK];
    size_t n = e->to_write - e->written < most ? (size_t)(e->to_write - e->written) : most;
    n = n < CHUNK ? n : CHUNK;
    int64_t took = 0;
    if (e->in_place) {
        void *to = NULL;
        size_t room = 0;
        took = sw_sock_reserve(e->sock, &to, &room);
        if (took == 0) {
            n = n < room ? n : room;
            for (size_t i = 0; i < n; i++) {
                ((uint8_t *)to)[i] = value(e, e->written + i);
            }
            took = sw_sock_commit(e->sock, n);
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            bytes[i] = value(e, e->written + i);
        }
        took = sw_sock_send(e->sock, bytes, n);
    }
    if (took > 0) {
        e->written += (uint64_t)took;
    } else if (took < 0 && took != -EAGAIN) {
        e->error = (int)took;
    }
}

static void user_ends(struct end *e)
{
    if (!e->shut && e->how == SHUTDOWN_THEN_CLOSE) {
        sw_sock_shutdown(e->sock);
        e->shut = true;
    } else if (e->how == ABORT) {
        give_back(e, true);
    } else if (e->how == CLOSE || e->told_end) {
        give_back(e, false);
    }
}

/* Until the handle is given back the user comes again and again. */
static void act(struct sw_timer *timer)
{
    struct end *e = SW_CONTAINER(timer, struct end, timer);
    struct model *m = e->model;
    const uint64_t before = e->written + e->read;
    if (e->sock == NULL) {
        return;
    }
    if (e->error == 0 && below(m, 3) != 0 && e->written < e->to_write && !e->shut) {
        user_writes(e, 1 + below(m, CHUNK));
    }
    if (!e->told_end && (!e->lazy || below(m, 4) == 0)) {
        user_reads(e, 1 + below(m, CHUNK));
    }
    if (below(m, 40) == 0) { /* in the middle of it */
        sw_sock_set(e->sock, SW_OPT_CONGESTION, SW_TCP_CUBIC + (int64_t)below(m, 2));
    }
    if (e->error == 0) {
        e->error = sw_sock_error(e->sock);
    }
    if (e->error != 0) {
        give_back(e, false);
        return;
    }
    if (e->written == e->to_write) {
        user_ends(e);
    }
    e->vain = e->written + e->read != before ? 0 : e->vain < 7 ? e->vain + 1 : 7;
    if (e->sock != NULL) {
        const uint64_t pause = (uint64_t)(20 * SW_MS) << e->vain;
        sw_timer_arm(timer, sw_clock_now(m->world.env.clock) + (sw_time)below(m, pause));
    }
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct end *e = user;
    (void)sock;
    if (event == SW_SOCK_CLOSED) {
        e->told_closed = true;
        if (e->written != e->to_write || (!e->shut && !e->told_end)) {
            blame(e, "closed before it was closed");
        }
    }
    /* Some users act on events, too. */
    if (event == SW_SOCK_READABLE && !e->lazy && below(e->model, 2) == 0) {
        user_reads(e, CHUNK);
    } else if (event == SW_SOCK_WRITABLE && e->error == 0 && !e->shut && e->written < e->to_write) {
        user_writes(e, CHUNK);
    }
}

static void begin_end(struct model *m, struct end *e)
{
    ck_assert_int_eq(sw_timer_init(&e->timer, m->world.env.clock, &m->owner, SW_CLASS_STEP, act),
                     0);
    sw_timer_arm(&e->timer, sw_clock_now(m->world.env.clock) + (sw_time)below(m, 50 * SW_MS));
}

static void on_listener(struct sw_sock *listener, enum sw_sock_event event, void *user)
{
    struct model *m = user;
    struct sw_sock *sock;
    (void)event;
    while (sw_sock_accept(&sock, listener, NULL, NULL) == 0) {
        /* By its port it is known whose other end it is. */
        struct end *e = &m->end[2 * (sw_sock_remote(sock).port - 2000u) + 1];
        e->sock = sock;
        /* An end that only reads must notice that its peer has given up, and its reset was lost. */
        sw_sock_set(sock, SW_OPT_KEEPALIVE, 1);
        sw_sock_set_callback(sock, on_event, e);
        begin_end(m, e);
        m->accepted++;
    }
}

/* ---- a run ---- */

static struct sw_lane_config bad_lane(struct model *m)
{
    static const uint32_t losses[] = {0, 1, 10, 50, 100, 200, 300}; /* per thousand */
    struct sw_lane_config lane = {
        .delay = (sw_time)(1 + below(m, 30000)) * SW_US,
        .rate_bps = below(m, 2) == 0 ? 0 : 1000000 + below(m, 200000000),
        .queue_frames = (uint32_t)(8 + below(m, 200)),
        .loss_ppb = losses[below(m, 7)] * 1000000u,
        .duplicate_ppb = below(m, 3) == 0 ? 100000000 : 0,
        .reorder_ppb = below(m, 3) == 0 ? 200000000 : 0,
    };
    return lane;
}

static void begin(struct model *m, uint64_t seed)
{
    memset(m, 0, sizeof(*m));
    m->seed = seed;
    sw_test_env_init(&m->world, seed);
    sw_owner_init(&m->owner, "model");
    sw_draws_init(&m->draws, &m->world.seed, m->owner.number, SW_DRAW_TEST);
    struct sw_nic *nic[2];
    for (unsigned i = 0; i < 2; i++) {
        const struct sw_host_config config = {.name = i == 0 ? "a" : "b",
                                              .tcp = {.receive_buffer_bytes = 4096u << below(m, 9),
                                                      .send_buffer_bytes = 4096u << below(m, 9),
                                                      .no_timestamps = below(m, 3) == 0,
                                                      .no_sack = below(m, 4) == 0,
                                                      .no_window_scaling = below(m, 3) == 0}};
        ck_assert_int_eq(sw_host_new(&m->host[i], &m->world.env, &config), 0);
        const struct sw_nic_config eth0 = {.name = "eth0",
                                           .mac = {{2, 0, 0, 0, 0, (uint8_t)(1 + i)}},
                                           .mtu_bytes = below(m, 4) == 0 ? 9000 : 1500};
        ck_assert_int_eq(sw_nic_add(&nic[i], m->host[i], &eth0), 0);
        const struct sw_prefix prefix = {.ip = at(i, 0).ip, .bits = 24};
        ck_assert_int_eq(sw_nic_add_address(nic[i], prefix, 0), 0);
    }
    const struct sw_lane_config to = bad_lane(m), from = bad_lane(m);
    ck_assert_int_eq(sw_link_init(&m->link, &m->world.env, sw_nic_port(nic[0]), sw_nic_port(nic[1]),
                                  "a>b", "b>a", &to, &from),
                     0);
    m->connections = 1 + (unsigned)below(m, 4);
    m->end = calloc(2 * m->connections, sizeof(*m->end));
    ck_assert_ptr_nonnull(m->end);
    ck_assert_int_eq(sw_sock_open(&m->listener, m->host[1], SW_TCP, on_listener, m), 0);
    ck_assert_int_eq(sw_sock_bind(m->listener, at(1, 80)), 0);
    ck_assert_int_eq(sw_sock_listen(m->listener, 16), 0);
}

static void begin_connections(struct model *m)
{
    for (unsigned i = 0; i < 2 * m->connections; i++) {
        struct end *e = &m->end[i];
        e->model = m;
        e->other = &m->end[i ^ 1];
        e->to_write = below(m, 4) == 0 ? below(m, 100) : below(m, 300000);
        e->how = below(m, 10) == 0 ? ABORT : below(m, 3) == 0 ? CLOSE : SHUTDOWN_THEN_CLOSE;
        e->lazy = below(m, 3) == 0;
        e->in_place = below(m, 2) == 0;
    }
    for (unsigned i = 0; i < m->connections; i++) {
        struct end *e = &m->end[2 * i];
        ck_assert_int_eq(sw_sock_open(&e->sock, m->host[0], SW_TCP, on_event, e), 0);
        ck_assert_int_eq(sw_sock_bind(e->sock, at(0, (uint16_t)(2000 + i))), 0);
        sw_sock_set(e->sock, SW_OPT_NODELAY, (int64_t)below(m, 2));
        sw_sock_set(e->sock, SW_OPT_CONGESTION, SW_TCP_CUBIC + (int64_t)below(m, 2));
        sw_sock_set(e->sock, SW_OPT_KEEPALIVE, 1);
        ck_assert_int_eq(sw_sock_connect(e->sock, at(1, 80)), 0);
        begin_end(m, e);
    }
}

/* What must be true of an end and its other one when all is over. */
static void check_end(struct end *e)
{
    const struct end *o = e->other;
    if (e->sock == NULL && !e->gone) {
        return; /* never accepted: the opener has an error, or went away before */
    }
    if (!e->gone) {
        blame(e, "never came to an end");
        return;
    }
    const bool clean = e->error == 0 && !e->aborted && o->error == 0 && !o->aborted && o->gone;
    if (clean && e->how == SHUTDOWN_THEN_CLOSE && o->how == SHUTDOWN_THEN_CLOSE &&
        (e->read != o->to_write || o->read != e->to_write)) {
        blame(e, "a clean end, but not all was read");
    }
    const struct sw_link *link = &e->model->link;
    const bool bearable =
        link->forward.config.loss_ppb <= 200000000 && link->backward.config.loss_ppb <= 200000000;
    if (bearable && e->error != 0 && !e->aborted && !o->aborted && e->how == SHUTDOWN_THEN_CLOSE &&
        o->how == SHUTDOWN_THEN_CLOSE) {
        blame(e, "given up without need");
    }
    if (o->cut && (e->told_closed || e->told_end)) {
        blame(e, "an orderly end was told of what was cut off");
    }
    if (e->told_closed && clean && o->how == SHUTDOWN_THEN_CLOSE && o->read != e->to_write) {
        blame(e, "told that all was acknowledged");
    }
}

static const char *end_of_run(struct model *m)
{
    static char why[200];
    for (unsigned i = 0; i < 2 * m->connections; i++) {
        check_end(&m->end[i]);
    }
    for (unsigned i = 0; i < 2; i++) {
        struct sw_host_stats stats;
        sw_host_stats(m->host[i], &stats);
        if (stats.tcp_connections != 0 || stats.tcp_time_wait != 0) {
            blame(&m->end[i], "a connection is left");
        }
        if (!sw_host_balanced(m->host[i])) {
            blame(&m->end[i], "a host's ledger does not hold");
        }
    }
    sw_sock_close(m->listener);
    for (unsigned i = 0; i < 2 * m->connections; i++) {
        if (m->end[i].sock != NULL) {
            sw_sock_abort(m->end[i].sock);
        }
        sw_timer_fini(&m->end[i].timer);
    }
    sw_test_run(&m->world, sw_clock_now(m->world.env.clock) + SW_S);
    sw_link_fini(&m->link);
    sw_host_free(m->host[0]);
    sw_host_free(m->host[1]);
    free(m->end);
    sw_test_env_fini(&m->world);
    memcpy(why, m->why, sizeof(why));
    return why[0] != '\0' ? why : NULL;
}

static const char *run(uint64_t seed)
{
    static struct model m;
    begin(&m, seed);
    begin_connections(&m);
    sw_test_run(&m.world, PATIENCE);
    return end_of_run(&m);
}

static uint64_t first_seed = 1, seeds = 300;
static const char *program;

START_TEST(every_byte_once_and_in_order_or_an_error)
{
    for (uint64_t seed = first_seed; seed < first_seed + seeds; seed++) {
        const char *why = run(seed);
        ck_assert_msg(why == NULL, "%s\nreplay: %s --seed %llu", why, program,
                      (unsigned long long)seed);
    }
}
END_TEST

int main(int argc, char **argv)
{
    program = argv[0];
    for (int i = 1; i + 1 < argc; i += 2) {
        const uint64_t n = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--seed") == 0) {
            first_seed = n;
            seeds = 1;
        } else if (strcmp(argv[i], "--seeds") == 0) {
            seeds = n;
        }
    }
    Suite *suite = suite_create("tcp_model");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, 600);
    tcase_add_test(tc, every_byte_once_and_in_order_or_an_error);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
