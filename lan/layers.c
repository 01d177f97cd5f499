/* Settings of a lane in layers (see layers.h). A handful at a time; every change walks them all.
 *
 * Numbers go in a straight line, in integers, so that two compilers agree. What has no middle (a
 * kind of distribution, a discipline, the order, and what is or becomes unbounded: a rate, an MTU,
 * a queue) changes at the ramp's beginning. */
#include "lan/layers.h"

#include <stddef.h>
#include <string.h>

/* ---- ramps ---- */

uint32_t sw_ramp_steps(sw_time over)
{
    sw_time n = over / SW_RAMP_STEP;
    n = n < SW_RAMP_STEPS ? n : SW_RAMP_STEPS;
    return over == 0 ? 0 : n == 0 ? 1 : (uint32_t)n;
}

int64_t sw_ramp_value(int64_t from, int64_t to, uint32_t k, uint32_t n)
{
    const int64_t way = to - from;
    return k >= n ? to : from + way / n * k + way % n * k / n;
}

sw_time sw_ramp_due(sw_time over, uint32_t k, uint32_t n)
{
    return sw_ramp_value(0, over, k, n);
}

static uint32_t between(uint32_t from, uint32_t to, const struct sw_layer *layer)
{
    return (uint32_t)sw_ramp_value(from, to, layer->step, layer->steps);
}

/* 0 is unbounded, and far from every number. */
static uint64_t between_bounds(uint64_t from, uint64_t to, const struct sw_layer *layer)
{
    return from == 0 || to == 0 || from > INT64_MAX || to > INT64_MAX
               ? to
               : (uint64_t)sw_ramp_value((int64_t)from, (int64_t)to, layer->step, layer->steps);
}

static struct sw_lane_config now(const struct sw_layer *layer)
{
    const struct sw_lane_config *a = &layer->from, *b = &layer->to;
    struct sw_lane_config c = *b;
    if (layer->step >= layer->steps) {
        return c;
    }
    c.delay = sw_ramp_value(a->delay, b->delay, layer->step, layer->steps);
    c.jitter = sw_ramp_value(a->jitter, b->jitter, layer->step, layer->steps);
    c.correlation_ppb = between(a->correlation_ppb, b->correlation_ppb, layer);
    c.gilbert.p = between(a->gilbert.p, b->gilbert.p, layer);
    c.gilbert.r = between(a->gilbert.r, b->gilbert.r, layer);
    c.gilbert.good = between(a->gilbert.good, b->gilbert.good, layer);
    c.gilbert.bad = between(a->gilbert.bad, b->gilbert.bad, layer);
    c.corrupt_ppb = between(a->corrupt_ppb, b->corrupt_ppb, layer);
    c.loss_ppb = between(a->loss_ppb, b->loss_ppb, layer);
    c.duplicate_ppb = between(a->duplicate_ppb, b->duplicate_ppb, layer);
    c.reorder_ppb = between(a->reorder_ppb, b->reorder_ppb, layer);
    c.overhead_bytes = between(a->overhead_bytes, b->overhead_bytes, layer);
    c.mtu_bytes = (uint32_t)between_bounds(a->mtu_bytes, b->mtu_bytes, layer);
    c.rate_bps = between_bounds(a->rate_bps, b->rate_bps, layer);
    c.queue_frames = (uint32_t)between_bounds(a->queue_frames, b->queue_frames, layer);
    c.queue_bytes = between_bounds(a->queue_bytes, b->queue_bytes, layer);
    return c;
}

/* ---- settings ---- */

static bool same_settings(const struct sw_discipline_config *a,
                          const struct sw_discipline_config *b)
{
    return a->ecn == b->ecn && a->target == b->target && a->interval == b->interval &&
           a->flows == b->flows && a->quantum == b->quantum && a->min_bytes == b->min_bytes &&
           a->max_bytes == b->max_bytes && a->chance_ppb == b->chance_ppb &&
           a->weight_log2 == b->weight_log2;
}

static bool same_loss(const struct sw_lane_config *a, const struct sw_lane_config *b)
{
    return a->loss_ppb == b->loss_ppb && a->gilbert.p == b->gilbert.p &&
           a->gilbert.r == b->gilbert.r && a->gilbert.good == b->gilbert.good &&
           a->gilbert.bad == b->gilbert.bad;
}

unsigned sw_lane_config_differ(const struct sw_lane_config *a, const struct sw_lane_config *b)
{
    unsigned said = 0;
    said |= a->delay != b->delay ? SW_LANE_DELAY : 0;
    said |= a->jitter != b->jitter ? SW_LANE_JITTER : 0;
    said |= a->distribution != b->distribution ? SW_LANE_DISTRIBUTION : 0;
    said |= a->correlation_ppb != b->correlation_ppb ? SW_LANE_CORRELATION : 0;
    said |= a->free_order != b->free_order ? SW_LANE_ORDER : 0;
    said |= same_loss(a, b) ? 0 : SW_LANE_LOSS;
    said |= a->duplicate_ppb != b->duplicate_ppb ? SW_LANE_DUPLICATE : 0;
    said |= a->reorder_ppb != b->reorder_ppb ? SW_LANE_REORDER : 0;
    said |= a->corrupt_ppb != b->corrupt_ppb ? SW_LANE_CORRUPT : 0;
    said |= a->rate_bps != b->rate_bps ? SW_LANE_RATE : 0;
    said |= a->overhead_bytes != b->overhead_bytes ? SW_LANE_OVERHEAD : 0;
    said |=
        a->queue_frames != b->queue_frames || a->queue_bytes != b->queue_bytes ? SW_LANE_QUEUE : 0;
    said |= a->discipline != b->discipline || !same_settings(&a->settings, &b->settings)
                ? SW_LANE_DISCIPLINE
                : 0;
    said |= a->mtu_bytes != b->mtu_bytes ? SW_LANE_MTU : 0;
    return said;
}

/* ---- layers ---- */

struct sw_lane_config sw_layers_config(const struct sw_layers *layers)
{
    struct sw_lane_config config = layers->base;
    for (const struct sw_layer *layer = layers->first; layer != NULL; layer = layer->next) {
        const struct sw_lane_config its = now(layer);
        sw_lane_settings_take(&config, &its, layer->said);
    }
    return config;
}

void sw_layers_push(struct sw_layers *layers, struct sw_layer *layer, uint32_t steps, bool stays)
{
    layer->from = sw_layers_config(layers);
    layer->step = 0;
    layer->steps = steps;
    layer->next = NULL;
    struct sw_layer **link = &layers->first;
    while (*link != NULL) {
        if (stays) {
            (*link)->said &= ~layer->said;
        }
        link = &(*link)->next;
    }
    *link = layer;
}

void sw_layers_remove(struct sw_layers *layers, struct sw_layer *layer)
{
    struct sw_layer **link = &layers->first;
    while (*link != NULL && *link != layer) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        *link = layer->next;
    }
}

void sw_layers_settle(struct sw_layers *layers, struct sw_layer *layer)
{
    sw_lane_settings_take(&layers->base, &layer->to, layer->said);
    sw_layers_remove(layers, layer);
}
