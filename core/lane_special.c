/* What a lane does to a frame beyond delay, rate and a bound: MTU, rules, chances, flipped bits,
 * jitter. A lane that has none of it never comes here. */
#include "core/lane.h"
#include "core/peek.h"
#include "core/transmitter.h"

/* One copy of a frame that was not lost: draw number `at` of its own. */
static void enqueue_special(struct sw_lane *lane, struct sw_frame *frame, uint64_t at,
                            bool skips_delay)
{
    const struct sw_lane_config *c = &lane->config;
    struct sw_impairments *i = lane->impairments;
    sw_time extra = 0;
    if (c->corrupt_ppb > 0 && sw_corrupt_hits(&i->corrupt, c->corrupt_ppb, at)) {
        struct sw_frame *copy = sw_corrupt_copy(&i->corrupt, frame, at);
        if (copy == NULL) {
            sw_lane_drop(lane, frame, SW_DROP_LANE_MEMORY);
            return;
        }
        sw_frame_drop(frame);
        frame = copy;
        lane->stats.corrupted++;
    }
    if (c->jitter > 0) {
        extra = sw_jitter_offset(&i->jitter, c->jitter, c->distribution, c->correlation_ppb, at);
    }
    if (lane->transmitter != NULL) {
        sw_transmitter_send(lane->transmitter, frame, extra, skips_delay);
    } else {
        sw_lane_enqueue(lane, frame, extra, skips_delay);
    }
}

static bool is_over_mtu(const struct sw_lane *lane, const struct sw_frame *frame)
{
    uint32_t mtu = lane->config.mtu_bytes;
    return mtu > 0 && frame->len > mtu && frame->len - sw_peek_eth(frame, NULL) > mtu;
}

/* Does a rule take it? All are asked. */
static bool is_ruled_out(struct sw_lane *lane, const struct sw_frame *frame)
{
    bool dropped = false;
    for (struct sw_lane_rule *rule = lane->rules, *next; rule != NULL; rule = next) {
        next = rule->next;
        dropped |= rule->drops(rule, frame);
    }
    return dropped;
}

/* The draw of a chance that the lane has for its frame number `at`. */
static bool draws(struct sw_draws *d, uint32_t ppb, uint64_t at)
{
    if (ppb == 0) {
        return false;
    }
    sw_draws_seek(d, at);
    return sw_draw_chance(d, ppb);
}

void sw_lane_send_special(struct sw_lane *lane, struct sw_frame *frame)
{
    const struct sw_lane_config *c = &lane->config;
    uint64_t at = lane->stats.in - 1;
    if (is_over_mtu(lane, frame)) {
        sw_lane_drop(lane, frame, SW_DROP_LINK_MTU);
        return;
    }
    if (is_ruled_out(lane, frame)) {
        sw_lane_drop(lane, frame, SW_DROP_DROP_RULE);
        return;
    }
    bool lost = draws(&lane->loss, c->loss_ppb, at);
    bool in_burst = (c->gilbert.p | c->gilbert.r) != 0 &&
                    sw_gilbert_loses(&lane->impairments->gilbert, &c->gilbert, at);
    bool twice = draws(&lane->duplicate, c->duplicate_ppb, at);
    bool skips_delay = c->delay > 0 && draws(&lane->reorder, c->reorder_ppb, at);
    if (lost || in_burst) {
        sw_lane_drop(lane, frame, SW_DROP_LOSS);
        return;
    }
    if (twice) {
        lane->stats.duplicated++;
        enqueue_special(lane, sw_frame_ref(frame), 2 * at + 1, skips_delay);
    }
    enqueue_special(lane, frame, 2 * at, skips_delay);
}
