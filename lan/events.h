/* What happens to a LAN: its events by the clock (class SW_CLASS_EVENT), and the actions of a
 * scenario's steps; each can be undone.
 *
 * Where they overlap: what is down, crashed, stopped or held by several is so until the last of
 * them is undone; up, restart, continue and release end them all at once, and what is undone
 * afterwards changes nothing. A partition takes the place of the one before. A `set` that is undone
 * lies over what stood before, the later over the earlier; one that stays ends what others had set
 * of the same. A ramp goes in steps of over / 1000, but no less than 1 ms, in integers; what has no
 * middle changes at its beginning. What finds no memory to be undone is tried again every second.
 */
#ifndef SW_LAN_EVENTS_H
#define SW_LAN_EVENTS_H

#include "lan/network.h"
#include "lan/scenario.h"

struct sw_events;

struct sw_events_hooks {
    /* Something was done, or undone: "down sensor-3 core", "up sensor-3 core (undoes line 12)".
     * text is lent for the call. May be NULL. */
    void (*acted)(void *ctx, sw_time now, const char *text);
    void *ctx;
};

/* Arms all events of the network's topo. 0, -ENOMEM. */
int sw_events_new(struct sw_events **out, struct sw_network *net,
                  const struct sw_events_hooks *hooks);
/* Before the network is freed. What was held or stopped stays so. */
void sw_events_free(struct sw_events *events); /* NULL is harmless */
/* An action now; it is lent for the events' life. 0; -ENOMEM, or -EADDRINUSE (a restart, the port
 * of a service being taken): not done. */
int sw_events_do(struct sw_events *events, const struct sw_topo_action *action);
/* A step has ended, for those events that come after it. */
void sw_events_step_ended(struct sw_events *events, size_t number);
/* Those that have not come, not even once: the i-th, or NULL behind the last. */
const struct sw_topo_event *sw_events_left(const struct sw_events *events, size_t i);

#endif
