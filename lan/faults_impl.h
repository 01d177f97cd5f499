/* What the two files of the faults share and nobody else includes: faults.c is a fault's life,
 * fault_kinds.c what each kind of it does. */
#ifndef SW_LAN_FAULTS_IMPL_H
#define SW_LAN_FAULTS_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/link.h"
#include "lan/faults.h"
#include "lan/layers.h"
#include "lan/match.h"
#include "lan/partition.h"

#define SW_FAULTS_AGAIN SW_S /* what finds no memory is tried again after this */

/* How many faults hold something, and which of its lives they belong to. */
struct sw_fault_hold {
    uint32_t count, life;
};

struct sw_fault_link {
    struct sw_fault_hold down, lane[2]; /* lane: what holds its frames */
    struct sw_layers *layers[2];
};

struct sw_fault_host {
    struct sw_fault_hold crash, stop;
};

struct sw_fault_rule {
    struct sw_lane_rule rule;
    struct sw_fault *fault;
    struct sw_lane *lane;
    struct sw_match *match;
    bool in; /* the lane asks it */
};

struct sw_fault {
    struct sw_fault *prev, *next;
    struct sw_faults *faults;
    const struct sw_topo_action *action;
    bool kept; /* it will be undone */
    bool over; /* nothing more will come of it */
    uint32_t life, lane_life[2];
    struct sw_timer timer; /* of a ramp, and of a link that flaps */
    struct sw_timer undo;
    const void *cookie;
    sw_time began;
    bool is_down;                 /* flap: it holds its link down now */
    struct sw_layer layer[2];     /* set */
    struct sw_fault_rule rule[2]; /* drop */
    uint32_t seen;                /* drop: frames that matched */
};

struct sw_faults {
    struct sw_fabric *fabric;
    struct sw_faults_hooks hooks;
    struct sw_owner owner;
    struct sw_fault *first;
    struct sw_fault_link *link;
    struct sw_fault_host *host;
    size_t link_count, host_count; /* that have records */
    struct sw_partition *partition;
    uint32_t partition_life;
};

static inline sw_time sw_faults_now(const struct sw_faults *f)
{
    return sw_clock_now(f->fabric->env.clock);
}

/* Begins what an action is. fault: of one that goes on or is to be undone, else NULL. life: two, of
 * the action's lanes; all else uses the first. 0; -ENOMEM, or what hooks->restart says: nothing has
 * changed. */
int sw_fault_begin(struct sw_faults *f, const struct sw_topo_action *action, struct sw_fault *fault,
                   uint32_t life[2]);
/* Its timer: the next step of a ramp, the next turn of a link that flaps. */
sw_timer_fn sw_fault_goes_on;
/* 0, or a negative errno: it stands. */
int sw_fault_undo(struct sw_fault *fault);
/* It is forgotten: its rules leave their lanes. */
void sw_fault_end(struct sw_fault *fault);

#endif
