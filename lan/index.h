/* A hash from 64-bit numbers to 32-bit values, for what a LAN is built of: names (by their number),
 * MAC addresses, pairs of nodes. Filled by whoever describes the LAN and not from the wire, so it
 * is not keyed. Pure; for the files of lan/ alone. */
#ifndef SW_LAN_INDEX_H
#define SW_LAN_INDEX_H

#include <stdint.h>

#define SW_INDEX_NONE UINT32_MAX

struct sw_index_slot {
    uint64_t key;
    uint32_t value; /* SW_INDEX_NONE: the slot is free */
};

/* All zero is an empty one. */
struct sw_index {
    struct sw_index_slot *slot;
    uint32_t count;
    uint32_t cap; /* a power of two, or 0 */
};

/* value is not SW_INDEX_NONE: asserted. 0, -EEXIST (the key is there, and keeps its value),
 * -ENOMEM. */
int sw_index_add(struct sw_index *index, uint64_t key, uint32_t value);
/* Adds 1 to the key's value, which is 0 before; the new value, or 0: out of memory. */
uint32_t sw_index_bump(struct sw_index *index, uint64_t key);
/* The key's value, or SW_INDEX_NONE. */
uint32_t sw_index_find(const struct sw_index *index, uint64_t key);
void sw_index_fini(struct sw_index *index);

#endif
