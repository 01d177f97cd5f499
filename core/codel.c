/* CoDel (RFC 8289): decides when a frame leaves, by how long it has waited. */
#include "core/codel.h"

#include <assert.h>

/* The largest r with r^2 <= x. */
static uint64_t square_root(uint64_t x)
{
    uint64_t r = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1) {
        uint64_t more = r | bit;
        if (more * more <= x) {
            r = more;
        }
    }
    return r;
}

/* In whole nanoseconds, rounded down: exactly, as the root of interval^2 / count, where the square
 * goes into 64 bits, so up to 4.29 s; beyond, the root of count is taken to 31 bits. */
sw_time sw_codel_control_law(sw_time t, sw_time interval, uint32_t count)
{
    assert(count > 0 && interval >= 0);
    if (interval <= UINT32_MAX) {
        return t + (sw_time)square_root((uint64_t)interval * (uint64_t)interval / count);
    }
    unsigned half = 0;
    while ((uint64_t)count >> (61 - 2 * half) == 0 && half < 30) {
        half++;
    }
    uint64_t root = square_root((uint64_t)count << 2 * half);
    uint64_t whole = (uint64_t)interval / root, rest = (uint64_t)interval % root;
    return t + (sw_time)((whole << half) + (rest << half) / root);
}

/* dodequeue() of RFC 8289 5.6: the head of the queue, and whether it may be dropped. */
static struct sw_queued *look(struct sw_codel_state *c, struct sw_fifo *fifo, struct sw_queue *q,
                              sw_time now, bool *ok_to_drop)
{
    struct sw_queued *item = sw_fifo_pop(fifo, q);
    *ok_to_drop = false;
    if (item == NULL) {
        c->first_above_time = 0;
        return NULL;
    }
    if (item->frame->len > c->maxpacket) {
        c->maxpacket = item->frame->len;
    }
    if (now - item->entered < q->settings.target || fifo->bytes <= c->maxpacket) {
        c->first_above_time = 0;
    } else if (c->first_above_time == 0) {
        c->first_above_time = now + q->settings.interval;
    } else {
        *ok_to_drop = now >= c->first_above_time;
    }
    return item;
}

/* While dropping: what is due is dropped; a large backlog may make several due at once. */
static struct sw_queued *go_on(struct sw_codel_state *c, struct sw_fifo *fifo, struct sw_queue *q,
                               sw_time now, struct sw_queued *item, bool ok)
{
    sw_time interval = q->settings.interval;
    c->dropping = ok;
    while (c->dropping && now >= c->drop_next) {
        c->count++;
        if (sw_queue_mark(q, item)) {
            c->drop_next = sw_codel_control_law(c->drop_next, interval, c->count);
            return item;
        }
        q->drop(q, item, SW_DROP_CODEL);
        item = look(c, fifo, q, now, &ok);
        c->dropping = ok;
        if (ok) {
            c->drop_next = sw_codel_control_law(c->drop_next, interval, c->count);
        }
    }
    return item;
}

struct sw_queued *sw_codel_dequeue(struct sw_codel_state *c, struct sw_fifo *fifo,
                                   struct sw_queue *q, sw_time now)
{
    sw_time interval = q->settings.interval;
    bool ok;
    struct sw_queued *item = look(c, fifo, q, now, &ok);
    if (c->dropping) {
        return go_on(c, fifo, q, now, item, ok);
    }
    if (!ok) {
        return item;
    }
    if (!sw_queue_mark(q, item)) {
        q->drop(q, item, SW_DROP_CODEL);
        item = look(c, fifo, q, now, &ok);
    }
    c->dropping = true;
    /* Where it has dropped not long ago, the rate that controlled the queue then is a good one to
     * begin with. */
    uint32_t delta = c->count - c->lastcount;
    c->count = delta > 1 && now - c->drop_next < 16 * interval ? delta : 1;
    c->drop_next = sw_codel_control_law(now, interval, c->count);
    c->lastcount = c->count;
    return item;
}

/* ---- as a discipline ---- */

struct codel {
    struct sw_queue queue;
    struct sw_fifo fifo;
    struct sw_codel_state state;
};

static struct codel *codel_of(struct sw_queue *q)
{
    return (struct codel *)(void *)q;
}

static int start(struct sw_queue *q, const struct sw_seed *seed, uint64_t owner)
{
    (void)q;
    (void)seed;
    (void)owner;
    return 0;
}

static void stop(struct sw_queue *q)
{
    (void)q;
}

static enum sw_drop push(struct sw_queue *q, struct sw_queued *item, sw_time now, bool free)
{
    (void)now;
    if (!free && sw_queue_is_full(q, item->frame->len)) {
        return SW_DROP_QUEUE_FULL;
    }
    sw_fifo_push(&codel_of(q)->fifo, q, item);
    return SW_DROP_LANE_COUNT;
}

static void put(struct sw_queue *q, struct sw_queued *item)
{
    sw_fifo_push(&codel_of(q)->fifo, q, item);
}

static struct sw_queued *pull(struct sw_queue *q, sw_time now)
{
    return sw_codel_dequeue(&codel_of(q)->state, &codel_of(q)->fifo, q, now);
}

static struct sw_queued *take(struct sw_queue *q)
{
    return sw_fifo_pop(&codel_of(q)->fifo, q);
}

const struct sw_queue_kind sw_codel = {.size = sizeof(struct codel),
                                       .start = start,
                                       .stop = stop,
                                       .push = push,
                                       .put = put,
                                       .pull = pull,
                                       .take = take};
