/* A bridge's MAC table (IEEE 802.1Q 8.8): keyed multiply-shift hash, small buckets, bounded. When a bucket or the table is full it
 * learns nothing new: frames are flooded and counted, and entries leave by age, so a flood of forged addresses throws no one out.
 * Pure. */
#ifndef SW_LAN_FDB_H
#define SW_LAN_FDB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/clock.h"

struct sw_fdb;

#define SW_FDB_NONE UINT32_MAX

struct sw_fdb_entry {
    struct sw_mac mac;
    uint16_t vid;
    uint32_t port;
    sw_time seen; /* when last learned or refreshed */
    bool fixed;   /* static: beats learned ones, does not age */
};

/* capacity: entries at most, 1 .. 1,048,576; ageing 0: never. key seeds the hash. 0, -ENOMEM, -EINVAL. */
int sw_fdb_new(struct sw_fdb **out, uint32_t capacity, sw_time ageing, uint64_t key);
void sw_fdb_free(struct sw_fdb *fdb);
/* A frame from mac came in at port. False: the table is full, nothing was learned. A station that moved is moved; a static entry
 * stays as it is. */
bool sw_fdb_learn(struct sw_fdb *fdb, struct sw_mac mac, uint16_t vid, uint32_t port, sw_time now);
int sw_fdb_add_static(struct sw_fdb *fdb, struct sw_mac mac, uint16_t vid,
                      uint32_t port); /* 0, -ENOSPC, -EEXIST */
/* The port of mac, or SW_FDB_NONE; an entry older than the ageing time is none. */
uint32_t sw_fdb_lookup(const struct sw_fdb *fdb, struct sw_mac mac, uint16_t vid, sw_time now);
void sw_fdb_flush_port(struct sw_fdb *fdb,
                       uint32_t port); /* learned entries of a port that went down */
/* Removes what is too old; at most `budget` slots are looked at, from where the last call ended. */
void sw_fdb_age(struct sw_fdb *fdb, sw_time now, uint32_t budget);
uint32_t sw_fdb_count(const struct sw_fdb *fdb);
uint64_t sw_fdb_refused(const struct sw_fdb *fdb); /* how often the table was full */
/* The i-th entry in table order; false behind the last. */
bool sw_fdb_entry(const struct sw_fdb *fdb, uint32_t i, struct sw_fdb_entry *out);

#endif
