/* A lane's transmitter that serves a queue (see transmitter.h). */
#include "core/transmitter.h"

#include <stdlib.h>

#include "core/lane.h"

/* The lane's account of what waits is the queue's. */
static void tell(struct sw_transmitter *t)
{
    t->lane->waiting_count = t->queue->count;
    t->lane->waiting_bytes = t->queue->bytes;
    t->lane->stats.marked += t->queue->marked;
    t->queue->marked = 0;
}

static void drops(struct sw_queue *q, struct sw_queued *item, enum sw_drop reason)
{
    struct sw_transmitter *t = q->owner;
    t->lane->stats.queued--;
    sw_lane_drop(t->lane, item->frame, reason);
    sw_queue_give_back(q, item);
}

static void timer_fires(struct sw_timer *timer)
{
    sw_transmitter_go_on(SW_CONTAINER(timer, struct sw_transmitter, timer));
}

struct sw_transmitter *sw_transmitter_new(struct sw_lane *lane, const struct sw_lane_config *config)
{
    struct sw_transmitter *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    t->lane = lane;
    t->queue = sw_queue_new(config, lane->env.seed, lane->owner.number);
    if (t->queue == NULL ||
        sw_timer_init(&t->timer, lane->env.clock, &lane->owner, SW_CLASS_ROOM, timer_fires) < 0) {
        sw_queue_free(t->queue);
        free(t);
        return NULL;
    }
    t->queue->drop = drops;
    t->queue->owner = t;
    return t;
}

void sw_transmitter_empty(struct sw_transmitter *t)
{
    struct sw_queued *item;
    sw_timer_cancel(&t->timer);
    while ((item = t->queue->kind->take(t->queue)) != NULL) {
        drops(t->queue, item, SW_DROP_LINK_DOWN);
    }
    tell(t);
}

void sw_transmitter_free(struct sw_transmitter *t)
{
    if (t == NULL) {
        return;
    }
    sw_transmitter_empty(t);
    sw_timer_fini(&t->timer);
    sw_queue_free(t->queue);
    free(t);
}

void sw_transmitter_send(struct sw_transmitter *t, struct sw_frame *frame, sw_time extra,
                         bool skips_delay)
{
    struct sw_lane *lane = t->lane;
    sw_time now = sw_clock_now(lane->env.clock);
    struct sw_queued *item = sw_queue_item(t->queue, frame);
    if (item == NULL) {
        sw_lane_drop(lane, frame, SW_DROP_LANE_MEMORY);
        return;
    }
    item->entered = now;
    item->extra = extra;
    item->skips_delay = skips_delay;
    lane->stats.queued++;
    enum sw_drop reason = t->queue->kind->push(t->queue, item, now, !sw_timer_armed(&t->timer));
    if (reason != SW_DROP_LANE_COUNT) {
        drops(t->queue, item, reason);
    }
    sw_transmitter_go_on(t);
}

void sw_transmitter_go_on(struct sw_transmitter *t)
{
    struct sw_lane *lane = t->lane;
    sw_time now = sw_clock_now(lane->env.clock);
    while (!sw_timer_armed(&t->timer)) {
        struct sw_queued *item = t->queue->kind->pull(t->queue, now);
        if (item == NULL) {
            break;
        }
        struct sw_frame *frame = item->frame;
        sw_time extra = item->extra;
        bool skips_delay = item->skips_delay;
        if (lane->flight_tail == lane->flight_cap && !sw_lane_reserve_flight(lane, 1)) {
            drops(t->queue, item, SW_DROP_LANE_MEMORY);
            continue;
        }
        sw_queue_give_back(t->queue, item);
        lane->stats.queued--;
        lane->stats.reordered += skips_delay;
        sw_time start = lane->tx_free > now ? lane->tx_free : now;
        sw_time sent = sw_lane_occupy(lane, frame->len, start);
        sw_lane_fly(lane, frame, sent, extra, skips_delay);
        sw_timer_arm(&t->timer, sent);
    }
    tell(t);
    if (lane->room_wanted && !sw_timer_armed(&lane->room)) {
        sw_timer_arm(&lane->room, sw_lane_room_is_due(lane));
    }
}
