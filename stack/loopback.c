/* The loopback interface's way round: what a host sends to itself arrives 1 us later, from the
 * clock. So no call of the stack re-enters another, and a host that talks to itself without pause
 * does not hold virtual time still.
 *
 * Frames are in a ring in the order of sending, which is that of their due times; one timer
 * delivers all that are due. Its room is bounded; a transfer within a host is slowed by its windows
 * long before. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "stack/ip.h"

#define DELAY SW_US
#define FRAMES_MIN 16
#define FRAMES_MAX 4096

struct on_way {
    struct sw_frame *frame;
    sw_time due;
};

struct sw_loopback {
    struct sw_host *host;
    struct sw_timer timer;
    struct on_way *ring; /* cap of them, a power of two */
    unsigned head, count, cap;
};

static void deliver(struct sw_timer *timer)
{
    struct sw_loopback *lo = SW_CONTAINER(timer, struct sw_loopback, timer);
    struct sw_clock *clock = lo->host->env.clock;
    sw_time now = sw_clock_now(clock);
    struct sw_frame **batch = (struct sw_frame **)sw_clock_batch(clock, lo->count);
    unsigned n = 0;
    while (lo->count > 0 && lo->ring[lo->head].due <= now) {
        struct sw_frame *frame = lo->ring[lo->head].frame;
        lo->head = (lo->head + 1) & (lo->cap - 1);
        lo->count--;
        if (batch == NULL) {
            sw_host_unsent(lo->host, frame, SW_DROP_NO_MEMORY);
        } else {
            batch[n++] = frame;
        }
    }
    if (lo->count > 0) {
        sw_timer_arm(timer, lo->ring[lo->head].due);
    }
    if (n > 0) {
        sw_nic_input(lo->host->nic[0], batch, n);
    }
}

static struct sw_loopback *make(struct sw_host *host)
{
    struct sw_loopback *lo = calloc(1, sizeof *lo);
    if (lo == NULL) {
        return NULL;
    }
    lo->host = host;
    if (sw_timer_init(&lo->timer, host->env.clock, &host->owner, SW_CLASS_ARRIVAL, deliver) < 0) {
        free(lo);
        return NULL;
    }
    return lo;
}

static bool grow(struct sw_loopback *lo)
{
    unsigned cap = lo->cap == 0 ? FRAMES_MIN : lo->cap * 2;
    struct on_way *ring = malloc(cap * sizeof *ring);
    if (ring == NULL) {
        return false;
    }
    for (unsigned i = 0; i < lo->count; i++) {
        ring[i] = lo->ring[(lo->head + i) & (lo->cap - 1)];
    }
    free(lo->ring);
    lo->ring = ring;
    lo->cap = cap;
    lo->head = 0;
    return true;
}

int sw_loopback_send(struct sw_host *host, struct sw_frame *frame)
{
    if (host->loopback == NULL) {
        host->loopback = make(host);
    }
    struct sw_loopback *lo = host->loopback;
    if (lo != NULL && lo->count == FRAMES_MAX) {
        sw_host_unsent(host, frame, SW_DROP_QUEUE_FULL);
        return -ENOMEM;
    }
    if (lo == NULL || (lo->count == lo->cap && !grow(lo))) {
        sw_host_unsent(host, frame, SW_DROP_NO_MEMORY);
        return -ENOMEM;
    }
    sw_time due = sw_clock_now(host->env.clock) + DELAY;
    lo->ring[(lo->head + lo->count) & (lo->cap - 1)] = (struct on_way){frame, due};
    if (lo->count++ == 0) {
        sw_timer_arm(&lo->timer, due);
    }
    host->stats.sent++;
    host->stats.sent_bytes += frame->len;
    return 0;
}

void sw_loopback_reset(struct sw_host *host)
{
    struct sw_loopback *lo = host->loopback;
    for (; lo != NULL && lo->count > 0; lo->count--) {
        struct sw_frame *frame = lo->ring[lo->head].frame;
        host->stats.received++;
        host->stats.received_bytes += frame->len;
        sw_host_drop(host, frame, SW_DROP_HOST_DOWN);
        sw_frame_drop(frame);
        lo->head = (lo->head + 1) & (lo->cap - 1);
    }
    sw_loopback_free(lo);
    host->loopback = NULL;
}

void sw_loopback_free(struct sw_loopback *lo)
{
    if (lo == NULL) {
        return;
    }
    for (unsigned i = 0; i < lo->count; i++) {
        sw_frame_drop(lo->ring[(lo->head + i) & (lo->cap - 1)].frame);
    }
    sw_timer_fini(&lo->timer);
    free(lo->ring);
    free(lo);
}
