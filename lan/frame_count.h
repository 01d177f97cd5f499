/* What the steps `capture` of a scenario count, from its first moment on.
 *
 * On a link: each frame that enters its cable, in either direction, when it enters; also one that
 * the cable then loses or has no room for, or that is down. On a port: each frame that leaves by
 * it, when it enters the cable, and each that arrives at it. Frames are those of the wire; one that
 * the cable doubles entered once and arrives twice.
 *
 * A capture `of` a step counts what was seen between that step's beginning and its end (the last
 * time it was played; now, if it still is). Any other counts what was seen since the last capture,
 * whichever, or since the beginning; captures with nothing but steps that look (counter, table)
 * between them look at the same. */
#ifndef SW_LAN_FRAME_COUNT_H
#define SW_LAN_FRAME_COUNT_H

#include <stdbool.h>

#include "lan/network.h"

struct sw_frame_counts;

/* For the captures among the network's steps; *out is NULL if there are none, and then the network
 * has no observer more. 0, -ENOMEM. */
int sw_frame_counts_new(struct sw_frame_counts **out, struct sw_network *net);
/* Before the network is freed. NULL is harmless. */
void sw_frame_counts_free(struct sw_frame_counts *counts);

/* A step of the topo begins or ends. NULL is harmless. */
void sw_frame_counts_began(struct sw_frame_counts *counts, const struct sw_topo_step *step);
void sw_frame_counts_ended(struct sw_frame_counts *counts, const struct sw_topo_step *step);
/* What a capture, a step of the topo, has counted; it is played now. False: the step that it is of
 * has not been played yet. */
bool sw_frame_counts_take(struct sw_frame_counts *counts, const struct sw_topo_step *capture,
                          uint64_t *out);

#endif
