/* Which frames are meant: a short word, or a filter. One of these for each place that is looked at,
 * since `retransmit` remembers what it saw there. */
#ifndef SW_LAN_MATCH_H
#define SW_LAN_MATCH_H

#include <stdbool.h>

#include "core/frame.h"
#include "lan/scenario.h"

#define SW_MATCH_FLOWS 1024 /* that `retransmit` remembers; more count as never seen before */

struct sw_match;

/* what is lent for the match's life. 0, -ENOMEM. */
int sw_match_new(struct sw_match **out, const struct sw_topo_match *what);
void sw_match_free(struct sw_match *match); /* NULL is harmless */
/* Is it one of them? Shown every frame of the place, in order. */
bool sw_match_frame(struct sw_match *match, const struct sw_frame *frame);
/* The word of a kind, as a LAN file says it ("syn-ack"); NULL: it has none. */
const char *sw_match_word(enum sw_match_kind kind);

#endif
