/* What a host, a switch, a port or a link counts, by name: one table, by which the LAN file is
 * read, its reference is written, and values are read. What is counted:
 *
 * - of a host: all its interfaces together, its loopback too. `frames-in` is what it received
 *   (also what it then dropped), `frames-out` what it sent;
 * - of a switch: all its ports together; `frames-out` are the copies it sent;
 * - of a link: both directions together. `frames-in` is what entered the cable, lost or not,
 *   `frames-out` what it delivered;
 * - of a port: `frames-in` is what arrived at it, `frames-out` what it sent into its cable, lost
 *   or not; all else (`dropped`, `queued`, ...) is of the direction that leaves it.
 *
 * Frames are those of the wire: a super-frame counts as the segments it stands for. Bytes are those
 * of frames as captured. `dropped-REASON` is there for each reason of docs/drops.md that such an
 * object can have. Pure. */
#ifndef SW_LAN_COUNTER_H
#define SW_LAN_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#include "lan/network.h"
#include "lan/scenario.h"

struct sw_counter_row {
    enum sw_object_kind of;
    const char *name; /* as the LAN file says it: "dropped-queue-full" */
    const char *what; /* one line for the reference */
    size_t offset;    /* counter.c's: of the number, or of the first of several that are added */
    size_t count;     /* counter.c's: how many are added */
};

/* All of them, by kind of object in the order of enum sw_object_kind; NULL behind the last. */
const struct sw_counter_row *sw_counter_row(size_t i);
/* NULL: that kind of object has none of that name. */
const struct sw_counter_row *sw_counter_find(enum sw_object_kind of, const char *name);
/* What it counts now. The object is of the row's kind and stands in the network's topo: asserted.
 */
uint64_t sw_counter_read(const struct sw_counter_row *row, const struct sw_network *net,
                         const struct sw_topo_object *object);

#endif
