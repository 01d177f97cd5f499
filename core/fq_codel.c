/* FQ-CoDel (RFC 8290): each flow has a queue of its own with CoDel, and the queues take turns by
 * deficit round robin; a flow that has just begun, or that sends little, goes first.
 *
 * A flow is a bucket of a keyed hash (4.1); its key comes from the seed. Where the bound is reached
 * the head of the flow with the most bytes goes (4.1), until the frame fits: O(flows) each. */
#include <errno.h>
#include <stdlib.h>

#include "core/codel.h"
#include "core/peek.h"

enum turn { TURN_NONE, TURN_NEW, TURN_OLD };

struct flow {
    struct flow *next;
    struct sw_fifo fifo;
    struct sw_codel_state state;
    int64_t credits; /* bytes: 4.1's byte credits */
    enum turn turn;  /* which list it is in */
};

/* Flows that wait for their turn. */
struct turns {
    struct flow *head, *tail;
};

struct fq_codel {
    struct sw_queue queue;
    struct flow *flows; /* settings.flows of them */
    struct sw_hash_key key;
    struct turns new, old;
};

static struct fq_codel *fq_of(struct sw_queue *q)
{
    return (struct fq_codel *)(void *)q;
}

static int start(struct sw_queue *q, const struct sw_seed *seed, uint64_t owner)
{
    struct fq_codel *fq = fq_of(q);
    struct sw_draws draws;
    fq->flows = calloc(q->settings.flows, sizeof *fq->flows);
    if (fq->flows == NULL) {
        return -ENOMEM;
    }
    sw_draws_init(&draws, seed, owner, SW_DRAW_FLOW_KEY);
    fq->key.k0 = sw_draw(&draws);
    fq->key.k1 = sw_draw(&draws);
    return 0;
}

static void stop(struct sw_queue *q)
{
    free(fq_of(q)->flows);
}

/* ---- turns ---- */

static void turns_push(struct turns *turns, struct flow *flow, enum turn which)
{
    flow->turn = which;
    flow->next = NULL;
    if (turns->tail == NULL) {
        turns->head = flow;
    } else {
        turns->tail->next = flow;
    }
    turns->tail = flow;
}

static void turns_pop(struct turns *turns)
{
    struct flow *flow = turns->head;
    turns->head = flow->next;
    if (turns->head == NULL) {
        turns->tail = NULL;
    }
    flow->turn = TURN_NONE;
}

/* ---- in ---- */

static void put(struct sw_queue *q, struct sw_queued *item)
{
    struct fq_codel *fq = fq_of(q);
    uint64_t hash = sw_peek_flow(item->frame, fq->key);
    struct flow *flow = &fq->flows[hash % q->settings.flows];
    sw_fifo_push(&flow->fifo, q, item);
    if (flow->turn == TURN_NONE) {
        flow->credits = q->settings.quantum;
        turns_push(&fq->new, flow, TURN_NEW);
    }
}

static struct flow *fattest(struct fq_codel *fq)
{
    struct flow *most = &fq->flows[0];
    for (uint32_t i = 1; i < fq->queue.settings.flows; i++) {
        if (fq->flows[i].fifo.bytes > most->fifo.bytes) {
            most = &fq->flows[i];
        }
    }
    return most;
}

static bool is_over(const struct sw_queue *q)
{
    return (q->most_frames > 0 && q->count > q->most_frames) ||
           (q->most_bytes > 0 && q->bytes > q->most_bytes);
}

/* 4.1: the new one is in before somebody must go, and it may be the new one itself. */
static enum sw_drop push(struct sw_queue *q, struct sw_queued *item, sw_time now, bool free)
{
    (void)now;
    put(q, item);
    while (!free && is_over(q)) {
        struct flow *flow = fattest(fq_of(q));
        q->drop(q, sw_fifo_pop(&flow->fifo, q), SW_DROP_QUEUE_FULL);
    }
    return SW_DROP_LANE_COUNT;
}

/* ---- out ---- */

/* 4.2: the first queue of the new ones, else of the old ones, that has credits; one that has none
 * gets a quantum and goes behind the old ones. One that is empty goes behind the old ones if it
 * was new, so that it cannot stay new by coming and going, else out. */
static struct sw_queued *pull(struct sw_queue *q, sw_time now)
{
    struct fq_codel *fq = fq_of(q);
    for (;;) {
        struct turns *turns = fq->new.head != NULL ? &fq->new : &fq->old;
        struct flow *flow = turns->head;
        if (flow == NULL) {
            return NULL;
        }
        if (flow->credits <= 0) {
            flow->credits += q->settings.quantum;
            turns_pop(turns);
            turns_push(&fq->old, flow, TURN_OLD);
            continue;
        }
        struct sw_queued *item = sw_codel_dequeue(&flow->state, &flow->fifo, q, now);
        if (item != NULL) {
            flow->credits -= item->frame->len;
            return item;
        }
        turns_pop(turns);
        if (turns == &fq->new && fq->old.head != NULL) {
            turns_push(&fq->old, flow, TURN_OLD);
        }
    }
}

static struct sw_queued *take(struct sw_queue *q)
{
    struct fq_codel *fq = fq_of(q);
    for (;;) {
        struct turns *turns = fq->new.head != NULL ? &fq->new : &fq->old;
        if (turns->head == NULL) {
            return NULL;
        }
        struct sw_queued *item = sw_fifo_pop(&turns->head->fifo, q);
        if (item != NULL) {
            return item;
        }
        turns_pop(turns);
    }
}

const struct sw_queue_kind sw_fq_codel = {.size = sizeof(struct fq_codel),
                                          .start = start,
                                          .stop = stop,
                                          .push = push,
                                          .put = put,
                                          .pull = pull,
                                          .take = take};
