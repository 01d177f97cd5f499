/* A lane whose settings change while it runs (see sw_lane_configure in link.h), that is held, and
 * whose frames rules take.
 *
 * Frames are put into flight as they enter, with the time they will be due: so where delay, rate
 * or discipline change, those whose transmission has not ended are taken out of flight (and out of
 * the queue of a discipline) in their order, and go through the lane again under the new settings.
 * What memory that may need is asked for before anything is touched. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "core/lane.h"
#include "core/transmitter.h"

#define ONE_PPB 1000000000u
#define RED_BYTES_MAX (UINT64_C(1) << 32)

/* What of the settings decides when a frame leaves and arrives. */
#define PATH                                                                                       \
    (SW_LANE_DELAY | SW_LANE_JITTER | SW_LANE_ORDER | SW_LANE_RATE | SW_LANE_OVERHEAD |            \
     SW_LANE_DISCIPLINE)

void sw_lane_check(const struct sw_lane_config *c)
{
    assert(c->delay >= 0 && c->delay <= SW_DELAY_MAX);
    assert(c->jitter >= 0 && c->jitter <= SW_JITTER_MAX && c->correlation_ppb <= ONE_PPB);
    assert(c->overhead_bytes <= SW_OVERHEAD_MAX_BYTES);
    assert(c->queue_frames > 0 || c->queue_bytes > 0);
    assert(c->rate_bps <= INT64_MAX);
    assert(c->settings.max_bytes <= RED_BYTES_MAX && c->settings.weight_log2 <= 16);
    assert(c->settings.target >= 0 && c->settings.interval >= 0);
}

static bool has_bursts(const struct sw_lane_config *c)
{
    return (c->gilbert.p | c->gilbert.r) != 0;
}

static bool has_queue(const struct sw_lane_config *c)
{
    return c->discipline != SW_DISCIPLINE_TAIL_DROP && c->rate_bps > 0;
}

void sw_lane_derive(struct sw_lane *lane)
{
    const struct sw_lane_config *c = &lane->config;
    bool wire = c->delay == 0 && c->jitter == 0 && c->rate_bps == 0;
    bool flying = lane->flight_tail > lane->flight_head;
    sw_time now = sw_clock_now(lane->env.clock);
    bool busy = lane->tx_free > now;
    sw_time soonest = (busy ? lane->tx_free : now) + c->delay;
    lane->turns_wire = wire && flying && !lane->wire;
    lane->wire = wire && !lane->turns_wire;
    lane->special = (c->loss_ppb | c->duplicate_ppb | c->reorder_ppb | c->corrupt_ppb) != 0 ||
                    has_bursts(c) || c->mtu_bytes > 0 || c->jitter > 0 || lane->rules != NULL ||
                    lane->transmitter != NULL || (busy && c->rate_bps == 0) ||
                    (!c->free_order && lane->floor > soonest);
    lane->delays = !lane->wire && !lane->special && c->rate_bps == 0;
}

int sw_lane_equip(struct sw_lane *lane, const struct sw_lane_config *config)
{
    if (has_queue(config) && lane->transmitter == NULL) {
        lane->transmitter = sw_transmitter_new(lane, config);
        if (lane->transmitter == NULL) {
            return -ENOMEM;
        }
    }
    if (lane->impairments == NULL &&
        (config->jitter > 0 || config->corrupt_ppb > 0 || has_bursts(config))) {
        lane->impairments = malloc(sizeof *lane->impairments);
        if (lane->impairments == NULL) {
            return -ENOMEM;
        }
        sw_jitter_init(&lane->impairments->jitter, lane->env.seed, lane->owner.number);
        sw_gilbert_init(&lane->impairments->gilbert, lane->env.seed, lane->owner.number);
        sw_corrupt_init(&lane->impairments->corrupt, lane->env.seed, lane->owner.number);
    }
    return 0;
}

/* ---- taking out ---- */

/* A frame that was taken out of the lane. */
struct parked {
    struct sw_frame *frame;
    sw_time sent; /* of one that is being sent; else 0 */
    sw_time extra, entered;
    bool begun, skips_delay;
};

struct park {
    struct parked *of;
    uint32_t count;
};

/* Stable; O(n) where nothing has overtaken. */
static void sort_by_sent(struct sw_flight *of, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        struct sw_flight one = of[i];
        uint32_t at = i;
        for (; at > 0 && of[at - 1].sent > one.sent; at--) {
            of[at] = of[at - 1];
        }
        of[at] = one;
    }
}

static void sort_by_due(struct sw_flight *of, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        struct sw_flight one = of[i];
        uint32_t at = i;
        for (; at > 0 && of[at - 1].due > one.due; at--) {
            of[at] = of[at - 1];
        }
        of[at] = one;
    }
}

/* Frames in flight whose last bit has not left: one is being sent, the others, as many as wait
 * (none where a queue holds those), have not begun. What jitter gave a frame is what it has beyond
 * the delay; one that has not even that has skipped it. */
static void take_flight(struct sw_lane *lane, struct park *park, sw_time now)
{
    uint32_t n = lane->flight_tail - lane->flight_head;
    uint32_t waiting = lane->transmitter != NULL ? 0 : lane->waiting_count;
    if (n == 0) {
        return; /* there may be no array yet */
    }
    struct sw_flight *of = lane->flight + lane->flight_head;
    sort_by_sent(of, n);
    uint32_t gone = n;
    while (gone > 0 && of[gone - 1].sent > now) {
        gone--;
    }
    assert(n - gone >= waiting && (gone == n || park->of != NULL));
    for (uint32_t i = gone; i < n; i++) {
        sw_time way = of[i].due - of[i].sent;
        bool skips_delay = way == 0 && lane->config.delay > 0;
        park->of[park->count++] = (struct parked){
            .frame = of[i].frame,
            .sent = of[i].sent,
            .extra = lane->config.jitter > 0 && !skips_delay ? way - lane->config.delay : 0,
            .entered = now,
            .begun = i < n - waiting,
            .skips_delay = skips_delay};
    }
    sort_by_due(of, gone);
    lane->flight_tail -= n - gone;
    lane->stats.queued -= n - gone;
    if (waiting > 0) {
        lane->tx_free = lane->waiting[lane->waiting_head].start;
        lane->waiting_count = 0;
        lane->waiting_bytes = 0;
    }
    lane->floor = gone > 0 ? of[gone - 1].due : 0;
}

static void take_queue(struct sw_lane *lane, struct park *park)
{
    struct sw_queue *q = lane->transmitter->queue;
    for (struct sw_queued *item; (item = q->kind->take(q)) != NULL;) {
        park->of[park->count++] = (struct parked){.frame = item->frame,
                                                  .extra = item->extra,
                                                  .entered = item->entered,
                                                  .skips_delay = item->skips_delay};
        lane->stats.queued--;
        sw_queue_give_back(q, item);
    }
    lane->waiting_count = 0;
    lane->waiting_bytes = 0;
}

/* What a true wire holds has been sent, and arrives now by the timer. */
static void leave_wire(struct sw_lane *lane, sw_time now)
{
    sw_ready_remove(lane->env.clock, &lane->ready);
    for (uint32_t i = lane->flight_head; i < lane->flight_tail; i++) {
        lane->flight[i].sent = now;
        lane->flight[i].due = now;
    }
    lane->waiting_count = 0;
    lane->waiting_bytes = 0;
    lane->floor = now;
    lane->tx_free = now;
}

/* ---- putting back ---- */

static void put_back(struct sw_lane *lane, const struct parked *p, sw_time now)
{
    if (p->begun) {
        sw_lane_fly(lane, p->frame, p->sent, p->extra, p->skips_delay);
        return;
    }
    if (lane->transmitter != NULL) {
        struct sw_queue *q = lane->transmitter->queue;
        struct sw_queued *item = sw_queue_item(q, p->frame);
        assert(item != NULL);
        item->extra = p->extra;
        item->entered = p->entered;
        item->skips_delay = p->skips_delay;
        lane->stats.queued++;
        q->kind->put(q, item);
        return;
    }
    sw_time sent = lane->tx_free > now ? lane->tx_free : now;
    if (lane->config.rate_bps > 0) {
        if (sent > now) {
            sw_lane_wait(lane, p->frame->len, sent);
        }
        sent = sw_lane_occupy(lane, p->frame->len, sent);
    }
    sw_lane_fly(lane, p->frame, sent, p->extra, p->skips_delay);
}

/* What is armed follows from what is there. */
static void arm(struct sw_lane *lane, sw_time now)
{
    if (lane->transmitter != NULL) {
        if (lane->tx_free > now) {
            sw_timer_arm(&lane->transmitter->timer, lane->tx_free);
        }
        sw_transmitter_go_on(lane->transmitter);
    }
    if (!lane->wire && lane->flight_tail > lane->flight_head) {
        sw_timer_arm(&lane->arrival, lane->flight[lane->flight_head].due);
    }
    if (lane->room_wanted) {
        sw_timer_arm(&lane->room, sw_lane_room_is_due(lane));
    }
}

/* ---- settings ---- */

void sw_lane_settings_take(struct sw_lane_config *to, const struct sw_lane_config *from,
                           unsigned said)
{
#define TAKE(bit, member) to->member = said & (bit) ? from->member : to->member
    TAKE(SW_LANE_DELAY, delay);
    TAKE(SW_LANE_JITTER, jitter);
    TAKE(SW_LANE_DISTRIBUTION, distribution);
    TAKE(SW_LANE_CORRELATION, correlation_ppb);
    TAKE(SW_LANE_ORDER, free_order);
    TAKE(SW_LANE_LOSS, loss_ppb);
    TAKE(SW_LANE_LOSS, gilbert);
    TAKE(SW_LANE_DUPLICATE, duplicate_ppb);
    TAKE(SW_LANE_REORDER, reorder_ppb);
    TAKE(SW_LANE_CORRUPT, corrupt_ppb);
    TAKE(SW_LANE_RATE, rate_bps);
    TAKE(SW_LANE_OVERHEAD, overhead_bytes);
    TAKE(SW_LANE_QUEUE, queue_frames);
    TAKE(SW_LANE_QUEUE, queue_bytes);
    TAKE(SW_LANE_DISCIPLINE, discipline);
    TAKE(SW_LANE_DISCIPLINE, settings);
    TAKE(SW_LANE_MTU, mtu_bytes);
#undef TAKE
}

/* All memory that the change needs: *fresh is the transmitter that it will have, which may be the
 * one it has. */
static int prepare(struct sw_lane *lane, const struct sw_lane_config *next, bool replaces,
                   struct sw_transmitter **fresh, struct park *park)
{
    struct sw_transmitter *old = lane->transmitter;
    uint32_t queued = old != NULL ? old->queue->count : 0;
    uint32_t most = queued + lane->flight_tail - lane->flight_head;
    if (replaces) {
        lane->transmitter = NULL;
    }
    int status = sw_lane_equip(lane, next);
    *fresh = lane->transmitter;
    lane->transmitter = old;
    bool fine = status == 0 && sw_lane_reserve_flight(lane, queued);
    if (fine && most > 0) {
        park->of = malloc(most * sizeof *park->of);
        fine = park->of != NULL;
    }
    if (fine && *fresh != old && *fresh != NULL) {
        fine = sw_queue_reserve((*fresh)->queue, most);
    }
    if (fine && *fresh == NULL && old != NULL && queued > 0) {
        /* The ring of those that wait is not in use until then. */
        lane->waiting_count = 0;
        fine = sw_lane_reserve_waiting(lane, queued);
        lane->waiting_count = queued;
    }
    if (!fine) {
        free(park->of);
        if (*fresh != old) {
            sw_transmitter_free(*fresh);
        }
        return -ENOMEM;
    }
    return 0;
}

int sw_lane_configure(struct sw_lane *lane, const struct sw_lane_config *config, unsigned said)
{
    struct sw_lane_config next = lane->config;
    struct sw_transmitter *old = lane->transmitter, *fresh = NULL;
    struct park park = {0};
    sw_time now = sw_clock_now(lane->env.clock);
    sw_lane_settings_take(&next, config, said);
    sw_lane_check(&next);
    bool replaces = old != NULL && (said & SW_LANE_DISCIPLINE || !has_queue(&next));
    bool stays_wire = lane->wire && next.delay == 0 && next.jitter == 0 && next.rate_bps == 0;
    if (prepare(lane, &next, replaces, &fresh, &park) < 0) {
        return -ENOMEM;
    }
    if (lane->wire && !stays_wire) {
        leave_wire(lane, now);
    } else if (!lane->wire && said & PATH) {
        if (old == NULL) {
            sw_lane_settle(lane, now);
        }
        take_flight(lane, &park, now);
    }
    if (replaces) {
        take_queue(lane, &park);
        sw_transmitter_free(old);
    }
    lane->transmitter = fresh;
    lane->config = next;
    if (said & PATH) {
        lane->tx_len = UINT32_MAX;
        lane->tx_remainder = 0;
    }
    if (fresh != NULL) {
        sw_queue_bound(fresh->queue, &next);
    }
    for (uint32_t i = 0; i < park.count; i++) {
        put_back(lane, &park.of[i], now);
    }
    free(park.of);
    sw_lane_derive(lane);
    arm(lane, now);
    return 0;
}

/* ---- holding ---- */

void sw_lane_hold(struct sw_lane *lane, bool held)
{
    lane->held = held;
    if (held || lane->flight_tail == lane->flight_head) {
        return;
    }
    if (lane->wire) {
        sw_ready_queue(lane->env.clock, &lane->ready);
    } else {
        sw_timer_arm(&lane->arrival, lane->flight[lane->flight_head].due);
    }
}

/* ---- rules ---- */

void sw_lane_add_rule(struct sw_lane *lane, struct sw_lane_rule *rule)
{
    struct sw_lane_rule **at = &lane->rules;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    rule->next = NULL;
    *at = rule;
    sw_lane_derive(lane);
}

void sw_lane_remove_rule(struct sw_lane *lane, struct sw_lane_rule *rule)
{
    struct sw_lane_rule **at = &lane->rules;
    while (*at != NULL && *at != rule) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = rule->next;
        sw_lane_derive(lane);
    }
}
