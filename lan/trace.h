/* The digest of a run: 64 bits over its trace, a record at each lane's end and each drop (time,
 * lane or node, length, the first 134 bytes: headers to layer 4 at their longest, reason) and each
 * step's result. Two runs with one digest were the same. The same on every machine. Frames that are
 * dropped where a LAN is taken down count too: read the digest before. */
#ifndef SW_LAN_TRACE_H
#define SW_LAN_TRACE_H

#include <stdint.h>

#include "core/watch.h"

struct sw_trace {
    struct sw_watch watch; /* hang it into env.watch before anything is built */
    uint64_t state;
    uint64_t records;
    uint64_t reason[SW_DROP_COUNT]; /* the fingerprints of their names */
};

void sw_trace_init(struct sw_trace *trace);
/* A step's result enters the digest as text. */
void sw_trace_note(struct sw_trace *trace, sw_time now, const char *text);
uint64_t sw_trace_digest(const struct sw_trace *trace);

#endif
