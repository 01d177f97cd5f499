/* The users of the model (see stack_model.h). */
#include <check.h>
#include <errno.h>

#include "tests/support/stack_holds.h"
#include "tests/support/stack_model.h"

#define CHUNK 200000

/* How often a user comes at least until it has read or written everything: keeps runs short. */
#define VISITS 2000
/* RFC 9293 3.8.3, MUST-22: retransmissions at most 120 s apart; and those of the SYN before. */
#define R2_MOST (17 * 120 * SW_S)
#define LATE (10 * SW_S) /* a user comes at least so often */
#define KEEP_DEFAULT (7200 * SW_S + 10 * 75 * SW_S)

static uint64_t below(struct sw_model_end *e, uint64_t bound)
{
    return sw_model_below(e->model, bound);
}

static sw_time now(const struct sw_model_end *e)
{
    return sw_clock_now(e->model->world.env.clock);
}

static uint8_t value(const struct sw_model_end *writer, uint64_t number)
{
    const uint64_t w = (uint64_t)(writer - writer->model->end);
    return (uint8_t)(number * 31 + (number >> 8) * 7 + (number >> 16) * 3 + w * 101);
}

static void give_back(struct sw_model_end *e, bool abort)
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

static void check_read(struct sw_model_end *e, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != value(e->other, e->read + i)) {
            sw_model_blame(e, "a wrong byte was read");
            return;
        }
    }
    e->read += n;
    if (e->read > e->other->written) {
        sw_model_blame(e, "more was read than was written");
    }
}

static void user_reads(struct sw_model_end *e, size_t most)
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
            sw_model_blame(e, "the end was told before all was read");
        }
    } else if (n != -EAGAIN) {
        e->error = (int)n;
    }
}

static void user_writes(struct sw_model_end *e, size_t most)
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
        /* Urgent text stays in its place, as RFC 6093 6 has it. */
        took = (below(e, 16) == 0 ? sw_sock_send_urgent : sw_sock_send)(e->sock, bytes, n);
    }
    if (took > 0) {
        e->written += (uint64_t)took;
    } else if (took < 0 && took != -EAGAIN) {
        e->error = (int)took;
    }
}

static void user_ends(struct sw_model_end *e)
{
    if (!e->shut && e->how == SW_MODEL_SHUTDOWN_THEN_CLOSE) {
        sw_sock_shutdown(e->sock);
        e->shut = true;
    } else if (e->how == SW_MODEL_ABORT) {
        give_back(e, true);
    } else if (e->how == SW_MODEL_CLOSE || e->told_end) {
        give_back(e, false);
    }
}

/* In the middle of it. */
static void user_turns_a_knob(struct sw_model_end *e)
{
    switch (below(e, 5)) {
    case 0:
        sw_sock_set(e->sock, SW_OPT_CONGESTION, SW_TCP_CUBIC + (int64_t)below(e, 3));
        break;
    case 1:
        sw_sock_set(e->sock, SW_OPT_NODELAY, (int64_t)below(e, 2));
        break;
    case 2:
        sw_sock_set(e->sock, SW_OPT_SEND_BUFFER, INT64_C(4096) << below(e, 19));
        break;
    case 3:
        sw_sock_set(e->sock, SW_OPT_PACING,
                    below(e, 2) == 0 ? 0 : 500000 + (int64_t)below(e, 100000000));
        break;
    default: /* patient enough for a cable that loses a fifth each way */
        e->keep_alive = KEEP_DEFAULT;
        sw_sock_set(e->sock, SW_OPT_KEEPALIVE_IDLE, (sw_time)(10 + below(e, 50)) * SW_S);
        sw_sock_set(e->sock, SW_OPT_KEEPALIVE_INTERVAL, 5 * SW_S);
        sw_sock_set(e->sock, SW_OPT_KEEPALIVE_PROBES, 20);
        break;
    }
}

/* Whether the last sign of life is not longer ago than an error may take. */
static void check_patience(struct sw_model_end *e)
{
    const sw_time waited = now(e) - e->alive_at;
    sw_time most = e->patience > R2_MOST ? e->patience : R2_MOST;
    most = most > e->keep_alive ? most : e->keep_alive;
    if (waited > most + LATE) {
        sw_model_blame(e, e->error != 0 ? "told too late" : "nothing moves, and nobody is told");
    }
}

static void look(struct sw_model_end *e)
{
    struct sw_sock_info info;
    sw_sock_info(e->sock, &info);
    if (info.bytes_acked != e->acked || info.bytes_received != e->received) {
        e->alive_at = now(e);
    }
    e->acked = info.bytes_acked;
    e->received = info.bytes_received;
    if (e->error == 0) {
        e->error = sw_sock_error(e->sock);
    }
}

/* Until the handle is given back the user comes again and again. */
static void act(struct sw_timer *timer)
{
    struct sw_model_end *e = SW_CONTAINER(timer, struct sw_model_end, timer);
    const uint64_t before = e->written + e->read;
    if (e->sock == NULL) {
        return;
    }
    sw_test_tcp_holds(sw_sock_host(e->sock));
    if (e->error == 0 && below(e, 3) != 0 && e->written < e->to_write && !e->shut) {
        user_writes(e, 1 + below(e, e->write_most));
    }
    if (!e->told_end && (!e->lazy || below(e, 4) == 0)) {
        user_reads(e, 1 + below(e, e->read_most));
    }
    if (below(e, 40) == 0) {
        user_turns_a_knob(e);
    }
    if (e->written + e->read != before) {
        e->alive_at = now(e);
    }
    look(e);
    check_patience(e);
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
        sw_timer_arm(timer, now(e) + (sw_time)below(e, pause));
    }
}

void sw_model_on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_model_end *e = user;
    (void)sock;
    if (event == SW_SOCK_CLOSED) {
        e->told_closed = true;
        if (e->written != e->to_write || (!e->shut && !e->told_end)) {
            sw_model_blame(e, "closed before it was closed");
        }
    }
    /* Some users act on events, too. */
    if (event == SW_SOCK_READABLE && !e->lazy && below(e, 2) == 0) {
        user_reads(e, e->read_most);
    } else if (event == SW_SOCK_WRITABLE && e->error == 0 && !e->shut && e->written < e->to_write) {
        user_writes(e, e->write_most);
    }
}

void sw_model_end_init(struct sw_model *m, struct sw_model_end *e)
{
    static const uint32_t most[] = {1, 7, 536, 1460, 20000, 20000, 20000, CHUNK};
    e->model = m;
    e->to_write = sw_model_below(m, 4) == 0    ? sw_model_below(m, 100)
                  : sw_model_below(m, 40) == 0 ? sw_model_below(m, 4000000)
                                               : sw_model_below(m, 300000);
    e->how = sw_model_below(m, 10) == 0  ? SW_MODEL_ABORT
             : sw_model_below(m, 3) == 0 ? SW_MODEL_CLOSE
                                         : SW_MODEL_SHUTDOWN_THEN_CLOSE;
    e->lazy = sw_model_below(m, 3) == 0;
    e->in_place = sw_model_below(m, 2) == 0;
    e->write_most = most[sw_model_below(m, 8)];
    e->read_most = most[sw_model_below(m, 8)];
}

void sw_model_end_begin(struct sw_model_end *e)
{
    struct sw_model *m = e->model;
    const uint32_t write_least = (uint32_t)(e->to_write / VISITS + 1);
    const uint32_t read_least = (uint32_t)(e->other->to_write / VISITS + 1);
    e->write_most = e->write_most > write_least ? e->write_most : write_least;
    e->read_most = e->read_most > read_least ? e->read_most : read_least;
    e->alive_at = now(e);
    e->keep_alive = KEEP_DEFAULT;
    sw_sock_set_callback(e->sock, sw_model_on_event, e);
    /* An end that only reads must notice that its peer has given up, and its reset was lost. */
    sw_sock_set(e->sock, SW_OPT_KEEPALIVE, 1);
    sw_sock_set(e->sock, SW_OPT_NODELAY, (int64_t)below(e, 2));
    sw_sock_set(e->sock, SW_OPT_CONGESTION, SW_TCP_CUBIC + (int64_t)below(e, 3));
    if (below(e, 10) == 0) {
        e->patience = (sw_time)(20 + below(e, 300)) * SW_S;
        sw_sock_set(e->sock, SW_OPT_USER_TIMEOUT, e->patience);
    }
    if (below(e, 10) == 0) {
        sw_sock_set(e->sock, SW_OPT_USER_TIMEOUT_TELL, 1);
        /* At most what a peer may ask for (RFC 5482 3.1). */
        e->patience = e->patience > 0 ? e->patience : 3600 * SW_S;
    }
    ck_assert_int_eq(sw_timer_init(&e->timer, m->world.env.clock, &m->owner, SW_CLASS_STEP, act),
                     0);
    sw_timer_arm(&e->timer, now(e) + (sw_time)below(e, 50 * SW_MS));
}
