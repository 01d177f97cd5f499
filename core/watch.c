/* Tells each observer of a list, in the order of the list, what happened to a frame. */
#include "core/watch.h"

#include <stddef.h>

void sw_watch_sent(struct sw_watch *first, const struct sw_lane *lane, sw_time now,
                   const struct sw_frame *frame)
{
    for (struct sw_watch *w = first; w != NULL; w = w->next) {
        if (w->sent != NULL) {
            w->sent(w, lane, now, frame);
        }
    }
}

void sw_watch_arrived(struct sw_watch *first, const struct sw_lane *lane, sw_time now,
                      struct sw_frame *const *frames, unsigned n)
{
    for (struct sw_watch *w = first; w != NULL; w = w->next) {
        if (w->arrived != NULL) {
            w->arrived(w, lane, now, frames, n);
        }
    }
}

void sw_watch_dropped(struct sw_watch *first, const struct sw_lane *lane,
                      const struct sw_owner *where, sw_time now, const struct sw_frame *frame,
                      enum sw_drop reason)
{
    for (struct sw_watch *w = first; w != NULL; w = w->next) {
        if (w->dropped != NULL) {
            w->dropped(w, lane, where, now, frame, reason);
        }
    }
}
