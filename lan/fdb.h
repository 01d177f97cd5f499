/* A bridge's MAC table (IEEE 802.1Q 8.8): keyed multiply-shift hash, small buckets, bounded. When
 * the table is full it learns nothing new: frames are flooded and counted, and entries leave by
 * age, so a flood of forged addresses throws no one out. Pure. */
#ifndef SW_LAN_FDB_H
#define SW_LAN_FDB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/bytes.h"
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

/* A station as one number, made of the six bytes of its address where they lie: the address above,
 * the VLAN below. */
static inline uint64_t sw_fdb_key(const uint8_t *mac, uint16_t vid)
{
    return (uint64_t)sw_get32(mac) << 32 | (uint64_t)sw_get16(mac + 4) << 16 | vid;
}

/* capacity: entries at most, 1 .. 1,048,576; ageing 0: never. key seeds the hash. 0, -ENOMEM,
 * -EINVAL. */
int sw_fdb_new(struct sw_fdb **out, uint32_t capacity, sw_time ageing, uint64_t key);
void sw_fdb_free(struct sw_fdb *fdb);
/* A frame from mac came in at port. False: nothing was learned, since the table is full, or mac is
 * a group address or zero and so nobody's. A station that moved is moved; a static entry stays as
 * it is. */
bool sw_fdb_learn_key(struct sw_fdb *fdb, uint64_t key, uint32_t port, sw_time now);
static inline bool sw_fdb_learn(struct sw_fdb *fdb, struct sw_mac mac, uint16_t vid, uint32_t port,
                                sw_time now)
{
    return sw_fdb_learn_key(fdb, sw_fdb_key(mac.b, vid), port, now);
}
/* Binds mac, a station's address (asserted), to port for good; what was learned of it goes. 0,
 * -ENOSPC, -EEXIST (bound already). */
int sw_fdb_add_static(struct sw_fdb *fdb, struct sw_mac mac, uint16_t vid, uint32_t port);
/* The port of mac, or SW_FDB_NONE; an entry older than the ageing time is none. Learning and
 * looking up are O(1). */
uint32_t sw_fdb_lookup_key(const struct sw_fdb *fdb, uint64_t key, sw_time now);
static inline uint32_t sw_fdb_lookup(const struct sw_fdb *fdb, struct sw_mac mac, uint16_t vid,
                                     sw_time now)
{
    return sw_fdb_lookup_key(fdb, sw_fdb_key(mac.b, vid), now);
}
/* Forgets what was learned at a port that went down; static entries stay. O(table). */
void sw_fdb_flush_port(struct sw_fdb *fdb, uint32_t port);
/* Removes what is too old; at most `budget` slots are looked at, from where the last call ended. */
void sw_fdb_age(struct sw_fdb *fdb, sw_time now, uint32_t budget);
/* Entries, with those that are too old and not yet removed. */
uint32_t sw_fdb_count(const struct sw_fdb *fdb);
/* Those that are not too old. O(table): for reports. */
uint32_t sw_fdb_fresh(const struct sw_fdb *fdb, sw_time now);
uint64_t sw_fdb_learned(const struct sw_fdb *fdb); /* how often a new station was learned */
uint64_t sw_fdb_moved(const struct sw_fdb *fdb);   /* how often a known one came in elsewhere */
uint64_t sw_fdb_refused(const struct sw_fdb *fdb); /* how often the table was full */
/* The i-th entry in table order; false behind the last. O(table): for reports. */
bool sw_fdb_entry(const struct sw_fdb *fdb, uint32_t i, struct sw_fdb_entry *out);

#endif
