/* Links (see link.h): what a lane does to a frame, and when it delivers it.
 *
 * flight holds every frame of the lane, sorted by the time it is due at the far end (on a true
 * wire: in the order of sending); among equals the earlier comes first. It is an array with a
 * moving head: pushing at the tail is O(1), and when the tail meets the end, the rest is moved to
 * the front or the array doubles. Only a frame that overtakes (reordering) costs O(overtaken).
 *
 * waiting tells of those frames whose transmission has not begun when it begins and how long they
 * are. It is looked at, and what has begun taken out, only when someone asks: nothing happens at
 * the moment a transmission begins.
 *
 * Transmission takes length * 8 * 10^9 / rate nanoseconds, kept exact by carrying the remainder
 * of the division to the next frame, as long as the transmitter does not fall idle between them. */
#include "core/link.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/lane.h"
#include "core/transmitter.h"
#include "core/watch.h"

#define FLIGHT_MIN 32
#define WAITING_MIN 32
#define FULL_FRAME 1514
#define WIRE_ROOM_BYTES 65536

void sw_lane_drop(struct sw_lane *lane, struct sw_frame *frame, enum sw_drop reason)
{
    lane->stats.dropped[reason]++;
    if (lane->env.watch != NULL) {
        sw_watch_dropped(lane->env.watch, lane, &lane->owner, sw_clock_now(lane->env.clock), frame,
                         reason);
    }
    sw_frame_drop(frame);
}

/* ---- the queue before the transmitter ---- */

void sw_lane_settle(struct sw_lane *lane, sw_time now)
{
    while (lane->waiting_count > 0 && lane->waiting[lane->waiting_head].start <= now) {
        lane->waiting_bytes -= lane->waiting[lane->waiting_head].bytes;
        lane->waiting_head = (lane->waiting_head + 1) & (lane->waiting_cap - 1);
        lane->waiting_count--;
    }
}

bool sw_lane_is_full(const struct sw_lane *lane, uint32_t len)
{
    const struct sw_lane_config *c = &lane->config;
    return (c->queue_frames > 0 && lane->waiting_count >= c->queue_frames) ||
           (c->queue_bytes > 0 && lane->waiting_bytes + len > c->queue_bytes);
}

bool sw_lane_reserve_waiting(struct sw_lane *lane, uint32_t n)
{
    uint32_t cap = lane->waiting_cap == 0 ? WAITING_MIN : lane->waiting_cap;
    while (cap - lane->waiting_count < n) {
        cap *= 2;
    }
    if (cap == lane->waiting_cap) {
        return true;
    }
    struct sw_waiting *ring = malloc(cap * sizeof *ring);
    if (ring == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < lane->waiting_count && lane->waiting != NULL; i++) {
        ring[i] = lane->waiting[(lane->waiting_head + i) & (lane->waiting_cap - 1)];
    }
    free(lane->waiting);
    lane->waiting = ring;
    lane->waiting_cap = cap;
    lane->waiting_head = 0;
    return true;
}

void sw_lane_wait(struct sw_lane *lane, uint32_t len, sw_time start)
{
    uint32_t at = (lane->waiting_head + lane->waiting_count) & (lane->waiting_cap - 1);
    lane->waiting[at] = (struct sw_waiting){.start = start, .bytes = len};
    lane->waiting_count++;
    lane->waiting_bytes += len;
}

/* Hands a frame to the transmitter, if its queue has room: *sent becomes the time when its last
 * bit has left. Else the reason to drop it. */
static enum sw_drop transmit(struct sw_lane *lane, uint32_t len, sw_time now, sw_time *sent)
{
    sw_time start = lane->tx_free;
    if (start <= now) {
        start = now;
        lane->waiting_count = 0;
        lane->waiting_bytes = 0;
    } else {
        sw_lane_settle(lane, now);
        /* A transmitter that is busy past the end of time is as good as full. */
        if (sw_lane_is_full(lane, len) || start > SW_TIME_NEVER / 4) {
            return SW_DROP_QUEUE_FULL;
        }
        if (lane->waiting_count == lane->waiting_cap && !sw_lane_reserve_waiting(lane, 1)) {
            return SW_DROP_LANE_MEMORY;
        }
        sw_lane_wait(lane, len, start);
    }
    *sent = sw_lane_occupy(lane, len, start);
    return SW_DROP_LANE_COUNT;
}

/* ---- flight ---- */

/* Also for the batch it will be delivered in. */
bool sw_lane_reserve_flight(struct sw_lane *lane, uint32_t n)
{
    uint32_t count = lane->flight_tail - lane->flight_head;
    if (n <= lane->flight_cap - lane->flight_tail) {
        return true;
    }
    if (lane->flight_cap > 0 && count <= lane->flight_cap / 2 && n <= lane->flight_cap / 2) {
        memmove(lane->flight, lane->flight + lane->flight_head, count * sizeof *lane->flight);
    } else {
        uint32_t cap = lane->flight_cap == 0 ? FLIGHT_MIN : lane->flight_cap * 2;
        while (cap <= SW_FLIGHT_MAX_FRAMES && cap - count < n) {
            cap *= 2;
        }
        if (cap > SW_FLIGHT_MAX_FRAMES || sw_clock_batch(lane->env.clock, cap) == NULL) {
            return false;
        }
        struct sw_flight *flight = malloc(cap * sizeof *flight);
        if (flight == NULL) {
            return false;
        }
        if (count > 0) {
            memcpy(flight, lane->flight + lane->flight_head, count * sizeof *flight);
        }
        free(lane->flight);
        lane->flight = flight;
        lane->flight_cap = cap;
    }
    lane->flight_head = 0;
    lane->flight_tail = count;
    return true;
}

static void push_flight(struct sw_lane *lane, struct sw_frame *frame, sw_time sent, sw_time due)
{
    struct sw_flight *at = lane->flight + lane->flight_tail++;
    const struct sw_flight *first = lane->flight + lane->flight_head;
    for (; at > first && at[-1].due > due; at--) {
        *at = at[-1];
    }
    at->due = due;
    at->sent = sent;
    at->frame = frame;
    lane->stats.queued++;
}

void sw_lane_fly(struct sw_lane *lane, struct sw_frame *frame, sw_time sent, sw_time extra,
                 bool skips_delay)
{
    sw_time due = sent;
    if (!skips_delay) {
        sw_time way = lane->config.delay + extra;
        due += way > 0 ? way : 0;
        if (!lane->config.free_order) {
            due = due < lane->floor ? lane->floor : due;
            lane->floor = due;
        }
    }
    push_flight(lane, frame, sent, due);
    if (due < lane->arrival.due) {
        sw_timer_arm(&lane->arrival, due);
    }
}

void sw_lane_enqueue(struct sw_lane *lane, struct sw_frame *frame, sw_time extra, bool skips_delay)
{
    if (lane->flight_tail == lane->flight_cap && !sw_lane_reserve_flight(lane, 1)) {
        sw_lane_drop(lane, frame, SW_DROP_LANE_MEMORY);
        return;
    }
    if (lane->wire) {
        if (lane->waiting_count > 0 && sw_lane_is_full(lane, frame->len)) {
            sw_lane_drop(lane, frame, SW_DROP_QUEUE_FULL);
            return;
        }
        lane->waiting_count++;
        lane->waiting_bytes += frame->len;
        push_flight(lane, frame, 0, 0);
        sw_ready_queue(lane->env.clock, &lane->ready);
        return;
    }
    sw_time now = sw_clock_now(lane->env.clock);
    sw_time sent = now;
    if (lane->config.rate_bps > 0) {
        enum sw_drop reason = transmit(lane, frame->len, now, &sent);
        if (reason != SW_DROP_LANE_COUNT) {
            sw_lane_drop(lane, frame, reason);
            return;
        }
    }
    if (lane->special) {
        lane->stats.reordered += skips_delay;
        /* A lane that has just lost its rate ends what it is sending first. */
        sent = sent < lane->tx_free ? lane->tx_free : sent;
        sw_lane_fly(lane, frame, sent, extra, skips_delay);
        return;
    }
    sw_time due = sent + lane->config.delay;
    push_flight(lane, frame, sent, due);
    if (due < lane->arrival.due) {
        sw_timer_arm(&lane->arrival, due);
    }
}

/* What is not plain, or has no room left in its array. */
static void send_otherwise(struct sw_lane *lane, struct sw_frame *frame)
{
    if (!lane->up) {
        sw_lane_drop(lane, frame, SW_DROP_LINK_DOWN);
    } else if (frame->len > SW_FRAME_MAX_BYTES) {
        sw_lane_drop(lane, frame, SW_DROP_LINK_MTU);
    } else if (lane->special) {
        sw_lane_send_special(lane, frame);
    } else {
        sw_lane_enqueue(lane, frame, 0, false);
    }
}

void sw_lane_send(struct sw_lane *lane, struct sw_frame *frame)
{
    lane->stats.in++;
    lane->stats.in_bytes += frame->len;
    if (lane->env.watch != NULL) {
        sw_watch_sent(lane->env.watch, lane, sw_clock_now(lane->env.clock), frame);
    }
    if (!lane->delays || lane->flight_tail == lane->flight_cap || !lane->up ||
        frame->len > SW_FRAME_MAX_BYTES) {
        send_otherwise(lane, frame);
        return;
    }
    sw_time now = sw_clock_now(lane->env.clock);
    sw_time due = now + lane->config.delay;
    push_flight(lane, frame, now, due);
    if (due < lane->arrival.due) {
        sw_timer_arm(&lane->arrival, due);
    }
}

/* ---- delivery ---- */

/* Gives the first n frames in flight to the far end. They are taken out before, since the
 * receiver may send into this lane; and nothing of the lane is touched after, since the receiver
 * may take the link away. */
static void deliver(struct sw_lane *lane, uint32_t n)
{
    struct sw_frame **batch = (struct sw_frame **)sw_clock_batch(lane->env.clock, n);
    assert(batch != NULL);
    uint64_t bytes = 0;
    const struct sw_flight *flight = lane->flight + lane->flight_head;
    for (uint32_t i = 0; i < n; i++) {
        batch[i] = flight[i].frame;
        bytes += flight[i].frame->len;
    }
    lane->flight_head += n;
    if (lane->flight_head == lane->flight_tail) {
        lane->flight_head = 0;
        lane->flight_tail = 0;
    }
    lane->stats.out += n;
    lane->stats.out_bytes += bytes;
    lane->stats.queued -= n;
    if (lane->env.watch != NULL) {
        sw_watch_arrived(lane->env.watch, lane, sw_clock_now(lane->env.clock), batch, n);
    }
    lane->to->receive(lane->to, batch, n);
}

static void arrival_fires(struct sw_timer *timer)
{
    struct sw_lane *lane = SW_CONTAINER(timer, struct sw_lane, arrival);
    sw_time now = sw_clock_now(lane->env.clock);
    uint32_t end = lane->flight_head;
    if (lane->held) {
        return;
    }
    while (end < lane->flight_tail && lane->flight[end].due <= now) {
        __builtin_prefetch(lane->flight[end].frame);
        end++;
    }
    if (end < lane->flight_tail) {
        sw_timer_arm(&lane->arrival, lane->flight[end].due);
    } else if (lane->turns_wire) {
        lane->turns_wire = false;
        lane->wire = true;
        lane->delays = false;
    }
    deliver(lane, end - lane->flight_head);
}

static void wire_is_served(struct sw_ready *ready)
{
    struct sw_lane *lane = SW_CONTAINER(ready, struct sw_lane, ready);
    lane->waiting_count = 0;
    lane->waiting_bytes = 0;
    if (lane->room_wanted) {
        sw_timer_arm(&lane->room, sw_clock_now(lane->env.clock));
    }
    if (lane->held) {
        return;
    }
    deliver(lane, lane->flight_tail - lane->flight_head);
}

/* ---- room for the sender ---- */

/* How many bytes a sender that heeds it lets wait. */
static uint64_t may_wait(const struct sw_lane *lane)
{
    uint64_t bytes = WIRE_ROOM_BYTES;
    if (!lane->wire) {
        uint64_t one_ms = lane->config.rate_bps / 8 / 1000;
        bytes = one_ms > 2 * FULL_FRAME ? one_ms : 2 * FULL_FRAME;
    }
    uint64_t bound = lane->config.queue_bytes;
    return bound > 0 && bound < bytes ? bound : bytes;
}

static bool is_unbounded(const struct sw_lane *lane)
{
    return !lane->wire && lane->config.rate_bps == 0;
}

size_t sw_lane_room(struct sw_lane *lane)
{
    if (is_unbounded(lane)) {
        return SIZE_MAX;
    }
    sw_time now = sw_clock_now(lane->env.clock);
    if (!lane->wire && lane->transmitter == NULL) {
        sw_lane_settle(lane, now);
    }
    if (lane->config.queue_frames > 0 && lane->waiting_count >= lane->config.queue_frames) {
        return 0;
    }
    uint64_t bound = may_wait(lane);
    uint64_t room = bound > lane->waiting_bytes ? bound - lane->waiting_bytes : 0;
    if (room < FULL_FRAME && lane->waiting_count == 0 && lane->tx_free <= now) {
        room = FULL_FRAME;
    }
    return (size_t)room;
}

/* If nobody else sends: when a full frame or half of what may wait fits, whichever is more.
 * SW_TIME_NEVER on a wire that must be served first, and where a discipline decides what leaves. */
sw_time sw_lane_room_is_due(struct sw_lane *lane)
{
    sw_time at = sw_clock_now(lane->env.clock);
    if (is_unbounded(lane)) {
        return at;
    }
    if (!lane->wire && lane->transmitter == NULL) {
        sw_lane_settle(lane, at);
    }
    uint64_t bound = may_wait(lane);
    uint64_t needed = bound / 2 > FULL_FRAME ? bound / 2 : FULL_FRAME;
    uint64_t most_bytes = bound > needed ? bound - needed : 0;
    uint32_t most_frames =
        lane->config.queue_frames > 0 ? lane->config.queue_frames / 2 : UINT32_MAX;
    uint64_t bytes = lane->waiting_bytes;
    uint32_t frames = lane->waiting_count;
    for (uint32_t i = lane->waiting_head; bytes > most_bytes || frames > most_frames; i++) {
        if (lane->wire || lane->transmitter != NULL) {
            return SW_TIME_NEVER;
        }
        const struct sw_waiting *w = &lane->waiting[i & (lane->waiting_cap - 1)];
        at = w->start;
        bytes -= w->bytes;
        frames--;
    }
    if (bound < FULL_FRAME && lane->tx_free > at) {
        at = lane->tx_free;
    }
    return at;
}

void sw_lane_want_room(struct sw_lane *lane)
{
    if (lane->room_wanted) {
        return;
    }
    lane->room_wanted = true;
    sw_timer_arm(&lane->room, sw_lane_room_is_due(lane));
}

static void room_fires(struct sw_timer *timer)
{
    struct sw_lane *lane = SW_CONTAINER(timer, struct sw_lane, room);
    sw_time due = sw_lane_room_is_due(lane);
    if (due > sw_clock_now(lane->env.clock)) {
        /* Somebody else has sent in the meantime: not yet. */
        sw_timer_arm(timer, due);
        return;
    }
    lane->room_wanted = false;
    lane->from->room(lane->from);
}

/* ---- a link's life ---- */

/* What is in the lane is dropped as link-down, and the transmitter is idle again. */
static void empty(struct sw_lane *lane)
{
    sw_ready_remove(lane->env.clock, &lane->ready);
    sw_timer_cancel(&lane->arrival);
    while (lane->flight_head < lane->flight_tail) {
        struct sw_frame *frame = lane->flight[lane->flight_head++].frame;
        lane->stats.queued--;
        sw_lane_drop(lane, frame, SW_DROP_LINK_DOWN);
    }
    if (lane->transmitter != NULL) {
        sw_transmitter_empty(lane->transmitter);
    }
    lane->flight_head = 0;
    lane->flight_tail = 0;
    lane->floor = 0;
    lane->waiting_count = 0;
    lane->waiting_bytes = 0;
    lane->tx_free = sw_clock_now(lane->env.clock);
    lane->tx_remainder = 0;
}

static int lane_init(struct sw_lane *lane, const struct sw_env *env, const char *name,
                     struct sw_port *from, struct sw_port *to, const struct sw_lane_config *config)
{
    sw_lane_check(config);
    assert(config->reorder_ppb == 0 || config->delay > 0);
    *lane = (struct sw_lane){
        .env = *env, .from = from, .to = to, .config = *config, .up = true, .tx_len = UINT32_MAX};
    sw_owner_init(&lane->owner, name);
    sw_ready_init(&lane->ready, &lane->owner, wire_is_served);
    sw_draws_init(&lane->loss, env->seed, lane->owner.number, SW_DRAW_LOSS);
    sw_draws_init(&lane->duplicate, env->seed, lane->owner.number, SW_DRAW_DUPLICATE);
    sw_draws_init(&lane->reorder, env->seed, lane->owner.number, SW_DRAW_REORDER);
    if (sw_timer_init(&lane->arrival, env->clock, &lane->owner, SW_CLASS_ARRIVAL, arrival_fires) <
            0 ||
        sw_timer_init(&lane->room, env->clock, &lane->owner, SW_CLASS_ROOM, room_fires) < 0 ||
        sw_lane_equip(lane, config) < 0) {
        sw_timer_fini(&lane->arrival);
        sw_timer_fini(&lane->room);
        sw_transmitter_free(lane->transmitter);
        return -ENOMEM;
    }
    sw_lane_derive(lane);
    return 0;
}

static void lane_fini(struct sw_lane *lane)
{
    empty(lane);
    sw_timer_fini(&lane->arrival);
    sw_timer_fini(&lane->room);
    sw_transmitter_free(lane->transmitter);
    free(lane->impairments);
    free(lane->flight);
    free(lane->waiting);
    lane->transmitter = NULL;
    lane->impairments = NULL;
    lane->flight = NULL;
    lane->waiting = NULL;
    lane->flight_cap = 0;
    lane->waiting_cap = 0;
    lane->from->lane = NULL;
}

int sw_link_init(struct sw_link *link, const struct sw_env *env, struct sw_port *a,
                 struct sw_port *b, const char *forward_name, const char *backward_name,
                 const struct sw_lane_config *forward, const struct sw_lane_config *backward)
{
    assert(a != b && a->lane == NULL && b->lane == NULL);
    if (lane_init(&link->forward, env, forward_name, a, b, forward) < 0) {
        return -ENOMEM;
    }
    if (lane_init(&link->backward, env, backward_name, b, a, backward) < 0) {
        lane_fini(&link->forward);
        return -ENOMEM;
    }
    a->lane = &link->forward;
    b->lane = &link->backward;
    return 0;
}

void sw_link_fini(struct sw_link *link)
{
    lane_fini(&link->forward);
    lane_fini(&link->backward);
}

static void lane_set_up(struct sw_lane *lane, bool up)
{
    if (lane->up == up) {
        return;
    }
    lane->up = up;
    if (!up) {
        empty(lane);
        if (lane->room_wanted) {
            sw_timer_arm(&lane->room, sw_clock_now(lane->env.clock));
        }
    }
}

void sw_link_set_up(struct sw_link *link, bool up)
{
    lane_set_up(&link->forward, up);
    lane_set_up(&link->backward, up);
}

/* ---- the ledger ---- */

void sw_lane_stats(const struct sw_lane *lane, struct sw_lane_stats *out)
{
    *out = lane->stats;
}

uint64_t sw_lane_dropped(const struct sw_lane_stats *stats)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < SW_DROP_LANE_COUNT; i++) {
        sum += stats->dropped[i];
    }
    return sum;
}

bool sw_lane_balanced(const struct sw_lane *lane)
{
    const struct sw_lane_stats *s = &lane->stats;
    return s->in + s->duplicated == s->out + sw_lane_dropped(s) + s->queued &&
           s->queued == lane->flight_tail - lane->flight_head +
                            (lane->transmitter != NULL ? lane->transmitter->queue->count : 0);
}
