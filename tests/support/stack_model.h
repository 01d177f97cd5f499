/* A model of what TCP promises, held against two hosts on a bad road in virtual time. A seed draws
 * everything: loss up to 30 %, also in bursts, duplication, reordering, jitter, flipped bits,
 * rates, queues, outages and changes of all that on the way; an MTU in the middle that changes,
 * told or not; buffers of 4 KiB to 1 GiB; what each side offers of TCP's options; and users who
 * write and read as much as they like when they like, end, close and abort, and turn the socket's
 * options. Each byte has a value by its number, so a lost, doubled or strayed one is seen when it
 * is read.
 *
 *   - what is read is what was written, from the first byte on, in order;
 *   - a reader that is told of the end has read all that was written before it;
 *   - a writer that is told that the connection ended in order has an end that was read up to it,
 *     or its peer's error;
 *   - where at most 20 % are lost and the road tells of its MTU nobody gives up: what both users
 * end in order comes to a clean end;
 *   - whoever is told of an error is told within R2 of the last sign of life (RFC 9293 3.8.3), or
 *     within what keepalive or the user timeout was set to, and nobody waits longer;
 *   - every connection comes to an end within bounds of time, and nothing is left of it. */
#ifndef SW_TESTS_STACK_MODEL_H
#define SW_TESTS_STACK_MODEL_H

#include <stdbool.h>

#include "stack/host.h"
#include "stack/sock.h"
#include "tests/support/core_fixture.h"
#include "tests/support/stack_road.h"

enum sw_model_how { SW_MODEL_CLOSE, SW_MODEL_SHUTDOWN_THEN_CLOSE, SW_MODEL_ABORT };

struct sw_model;

/* One end of one connection. */
struct sw_model_end {
    struct sw_model *model;
    struct sw_model_end *other;
    struct sw_sock *sock;
    struct sw_timer timer; /* the user acts at random times */
    uint64_t to_write, written, read;
    uint64_t acked, received;     /* as sw_sock_info() said last */
    sw_time alive_at;             /* when any of these four moved last */
    sw_time patience, keep_alive; /* SW_OPT_USER_TIMEOUT; when keepalive gives up */
    uint32_t write_most, read_most;
    unsigned vain; /* times in a row that the user came and nothing had changed */
    enum sw_model_how how;
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

struct sw_model {
    struct sw_test_env world;
    struct sw_host *host[2];
    struct sw_test_road road;
    struct sw_link link[2]; /* the bad one; behind the road, if there is one, a plain one */
    struct sw_owner owner;
    struct sw_draws draws;
    struct sw_timer weather; /* the cable changes */
    struct sw_sock *listener;
    struct sw_model_end *end; /* 2 a connection: 2i opens, 2i + 1 is accepted, or opens, too */
    unsigned connections;
    unsigned meeting;   /* so many of them open from both sides */
    unsigned changes;   /* of the weather, to come */
    uint32_t worst_ppb; /* the most that the cable ever took of one direction's frames; UINT32_MAX:
                           in long bursts */
    bool has_road, black_hole, has_weather, cookies;
    char why[240];
};

/* Below bound, by the seed. */
uint64_t sw_model_below(struct sw_model *m, uint64_t bound);
/* The first thing that is wrong is kept in m->why. */
void sw_model_blame(struct sw_model_end *e, const char *what);

/* ---- stack_model_user.c ---- */

/* What kind of user it is, by the seed. */
void sw_model_end_init(struct sw_model *m, struct sw_model_end *e);
/* e->sock is there: options, callback, and it comes from now on. */
void sw_model_end_begin(struct sw_model_end *e);
void sw_model_on_event(struct sw_sock *sock, enum sw_sock_event event, void *user);

/* ---- stack_model.c ---- */

/* Plays a seed. watch sees it; NULL: nobody does. NULL, or what was wrong, until the next call. */
const char *sw_model_run(uint64_t seed, struct sw_watch *watch);

#endif
