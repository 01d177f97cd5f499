/* What is set of a lane while it runs: layers over what it was made with, the later over the
 * earlier, each of some of the settings; and how far a ramp has come. Timers are the user's. */
#ifndef SW_LAN_LAYERS_H
#define SW_LAN_LAYERS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/link.h"

/* A ramp goes in so many steps of equal length, but none is shorter than SW_RAMP_STEP. */
#define SW_RAMP_STEPS 1000
#define SW_RAMP_STEP SW_MS

struct sw_layer {
    struct sw_layer *next;
    unsigned said; /* SW_LANE_*: what is still this layer's */
    struct sw_lane_config from, to;
    uint32_t step, steps; /* of a ramp: 0 at its beginning, `steps` at its end; 0 of 0: no ramp */
};

struct sw_layers {
    struct sw_lane_config base; /* what the lane was made with, and what was set for good */
    struct sw_layer *first;
};

/* How many steps a ramp of this length has: at least 1; none for 0. */
uint32_t sw_ramp_steps(sw_time over);
/* When the k-th of n steps is, counted from the ramp's beginning. Exact, and never past `over`. */
sw_time sw_ramp_due(sw_time over, uint32_t k, uint32_t n);
/* The value at the k-th of n steps. Exact: rounded towards `from`. */
int64_t sw_ramp_value(int64_t from, int64_t to, uint32_t k, uint32_t n);

/* What the lane is to do now. */
struct sw_lane_config sw_layers_config(const struct sw_layers *layers);
/* What differs between two. */
unsigned sw_lane_config_differ(const struct sw_lane_config *a, const struct sw_lane_config *b);
/* Lays one on top; said and to are its maker's, the rest is filled in here. A layer that is to stay
 * takes what it says away from those below. */
void sw_layers_push(struct sw_layers *layers, struct sw_layer *layer, uint32_t steps, bool stays);
void sw_layers_remove(struct sw_layers *layers, struct sw_layer *layer);
/* A layer that is to stay has come to its end: it becomes part of the base. */
void sw_layers_settle(struct sw_layers *layers, struct sw_layer *layer);

#endif
