/* The MAC table (see fdb.h). A station may lie in two buckets of six, chosen by the two halves of
 * one keyed hash; a bucket is two cache lines. Least-loaded of two choices at half load never
 * overflows in practice, so "full" is the number of entries, and what an outsider sends cannot
 * choose whose bucket to fill, since the key is not known outside.
 *
 * Memory follows use: the table doubles when it is half full, up to what its capacity needs. An
 * entry leaves by age: when it is asked for too late, when a newcomer needs room in its bucket, or
 * when the sweep comes by. Learning and looking up are O(1); flushing a port and reading the i-th
 * entry are O(table), and meant for rare things. */
#include "lan/fdb.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 6u
#define BUCKETS_MIN 4u
#define CAPACITY_MAX (1u << 20)
#define LIGHT 5u /* a first choice with fewer entries is taken without a look at the second */

struct bucket {
    uint64_t key[SLOTS]; /* sw_fdb_key(); 0: free, since no station is called zero */
    sw_time seen[SLOTS]; /* SW_TIME_NEVER: static. No clock comes so far that it would be old */
    uint32_t port[SLOTS];
    uint32_t used;
    uint32_t unused;
};

_Static_assert(sizeof(struct bucket) == 128, "a bucket is two cache lines");

struct sw_fdb {
    struct bucket *bucket;
    uint32_t mask; /* buckets - 1 */
    uint32_t mask_max;
    uint32_t count, capacity;
    uint32_t sweep; /* the bucket at which the next sw_fdb_age() begins */
    sw_time ageing; /* SW_TIME_NEVER: never */
    uint64_t add, multiply, multiply_again;
    uint64_t learned, moved, refused;
};

struct place {
    struct bucket *first, *second;
};

static struct place place_of(const struct sw_fdb *fdb, uint64_t key)
{
    uint64_t h = (key + fdb->add) * fdb->multiply;
    h = (h ^ h >> 32) * fdb->multiply_again;
    return (struct place){.first = &fdb->bucket[(uint32_t)(h >> 32) & fdb->mask],
                          .second = &fdb->bucket[(uint32_t)(h >> 7) & fdb->mask]};
}

/* Where key lies in a bucket, or SLOTS. Without a branch a slot, since nobody can predict which one
 * it is. */
static unsigned slot_of(const struct bucket *b, uint64_t key)
{
    unsigned found = 1u << SLOTS;
    for (unsigned i = 0; i < SLOTS; i++) {
        found |= (unsigned)(b->key[i] == key) << i;
    }
    return (unsigned)__builtin_ctz(found);
}

static bool stale(const struct sw_fdb *fdb, const struct bucket *b, unsigned slot, sw_time now)
{
    return now - b->seen[slot] > fdb->ageing;
}

static void clear(struct sw_fdb *fdb, struct bucket *b, unsigned slot)
{
    b->key[slot] = 0;
    b->used--;
    fdb->count--;
}

static void clear_stale(struct sw_fdb *fdb, struct bucket *b, sw_time now)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        if (b->key[i] != 0 && stale(fdb, b, i, now)) {
            clear(fdb, b, i);
        }
    }
}

/* Puts a key that is not in the table into the emptier of its buckets; false if both are full. */
static bool put(struct sw_fdb *fdb, uint64_t key, uint32_t port, sw_time seen)
{
    struct place at = place_of(fdb, key);
    struct bucket *b =
        at.first->used >= LIGHT && at.second->used < at.first->used ? at.second : at.first;
    if (b->used == SLOTS) {
        return false;
    }
    unsigned slot = slot_of(b, 0);
    b->key[slot] = key;
    b->seen[slot] = seen;
    b->port[slot] = port;
    b->used++;
    fdb->count++;
    return true;
}

static bool make_buckets(struct sw_fdb *fdb, uint32_t mask)
{
    size_t bytes = ((size_t)mask + 1) * sizeof *fdb->bucket;
    struct bucket *b = aligned_alloc(64, bytes);
    if (b == NULL) {
        return false;
    }
    memset(b, 0, bytes);
    fdb->bucket = b;
    fdb->mask = mask;
    return true;
}

/* Doubles the table. Nobody may be lost in it: if one finds no room there (or there is no memory),
 * all stays as it is. */
static bool grow(struct sw_fdb *fdb)
{
    struct sw_fdb larger = *fdb;
    if (fdb->mask == fdb->mask_max || !make_buckets(&larger, fdb->mask * 2 + 1)) {
        return false;
    }
    larger.count = 0;
    for (uint32_t i = 0; i <= fdb->mask; i++) {
        const struct bucket *b = &fdb->bucket[i];
        for (unsigned k = 0; k < SLOTS; k++) {
            if (b->key[k] != 0 && !put(&larger, b->key[k], b->port[k], b->seen[k])) {
                free(larger.bucket);
                return false;
            }
        }
    }
    free(fdb->bucket);
    *fdb = larger;
    return true;
}

static bool insert(struct sw_fdb *fdb, uint64_t key, uint32_t port, sw_time seen)
{
    if (fdb->count >= fdb->capacity) {
        return false;
    }
    if (fdb->count >= (fdb->mask + 1) * (SLOTS / 2)) {
        grow(fdb);
    }
    return put(fdb, key, port, seen) || (grow(fdb) && put(fdb, key, port, seen));
}

int sw_fdb_new(struct sw_fdb **out, uint32_t capacity, sw_time ageing, uint64_t key)
{
    if (capacity == 0 || capacity > CAPACITY_MAX || ageing < 0) {
        return -EINVAL;
    }
    struct sw_fdb *fdb = calloc(1, sizeof *fdb);
    if (fdb == NULL || !make_buckets(fdb, BUCKETS_MIN - 1)) {
        free(fdb);
        return -ENOMEM;
    }
    fdb->mask_max = BUCKETS_MIN - 1;
    while ((fdb->mask_max + 1) * (SLOTS / 2) < capacity) {
        fdb->mask_max = fdb->mask_max * 2 + 1;
    }
    fdb->capacity = capacity;
    fdb->ageing = ageing == 0 ? SW_TIME_NEVER : ageing;
    fdb->add = key;
    fdb->multiply = (key ^ 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u | 1;
    fdb->multiply_again = (key ^ key >> 29) * 0xbf58476d1ce4e5b9u | 1;
    *out = fdb;
    return 0;
}

void sw_fdb_free(struct sw_fdb *fdb)
{
    if (fdb != NULL) {
        free(fdb->bucket);
        free(fdb);
    }
}

static bool is_station(uint64_t key)
{
    return (key >> 56 & 1) == 0 && key >> 16 != 0;
}

static bool learn_new(struct sw_fdb *fdb, uint64_t key, uint32_t port, sw_time now)
{
    struct place at = place_of(fdb, key);
    clear_stale(fdb, at.first, now);
    clear_stale(fdb, at.second, now);
    if (!insert(fdb, key, port, now)) {
        fdb->refused++;
        return false;
    }
    fdb->learned++;
    return true;
}

bool sw_fdb_learn_key(struct sw_fdb *fdb, uint64_t key, uint32_t port, sw_time now)
{
    struct place at = place_of(fdb, key);
    struct bucket *b = at.first;
    unsigned slot = slot_of(b, key);
    if (slot == SLOTS) {
        b = at.second;
        slot = slot_of(b, key);
        if (slot == SLOTS) {
            return is_station(key) && learn_new(fdb, key, port, now);
        }
    }
    if (b->seen[slot] == SW_TIME_NEVER || key == 0) {
        return key != 0;
    }
    if (b->port[slot] != port) {
        b->port[slot] = port;
        fdb->moved++;
    }
    b->seen[slot] = now;
    return true;
}

int sw_fdb_add_static(struct sw_fdb *fdb, struct sw_mac mac, uint16_t vid, uint32_t port)
{
    uint64_t key = sw_fdb_key(mac.b, vid);
    assert(is_station(key));
    struct place at = place_of(fdb, key);
    struct bucket *both[] = {at.first, at.second};
    for (unsigned i = 0; i < 2; i++) {
        unsigned slot = slot_of(both[i], key);
        if (slot == SLOTS) {
            continue;
        }
        if (both[i]->seen[slot] == SW_TIME_NEVER) {
            return -EEXIST;
        }
        both[i]->port[slot] = port;
        both[i]->seen[slot] = SW_TIME_NEVER;
        return 0;
    }
    return insert(fdb, key, port, SW_TIME_NEVER) ? 0 : -ENOSPC;
}

uint32_t sw_fdb_lookup_key(const struct sw_fdb *fdb, uint64_t key, sw_time now)
{
    struct place at = place_of(fdb, key);
    const struct bucket *b = at.first;
    unsigned slot = slot_of(b, key);
    if (slot == SLOTS) {
        b = at.second;
        slot = slot_of(b, key);
    }
    return slot == SLOTS || key == 0 || stale(fdb, b, slot, now) ? SW_FDB_NONE : b->port[slot];
}

void sw_fdb_flush_port(struct sw_fdb *fdb, uint32_t port)
{
    for (uint32_t i = 0; i <= fdb->mask; i++) {
        struct bucket *b = &fdb->bucket[i];
        for (unsigned k = 0; k < SLOTS; k++) {
            if (b->key[k] != 0 && b->port[k] == port && b->seen[k] != SW_TIME_NEVER) {
                clear(fdb, b, k);
            }
        }
    }
}

void sw_fdb_age(struct sw_fdb *fdb, sw_time now, uint32_t budget)
{
    uint32_t buckets = budget / SLOTS;
    if (buckets > fdb->mask) {
        buckets = fdb->mask + 1;
    }
    for (; buckets > 0; buckets--) {
        clear_stale(fdb, &fdb->bucket[fdb->sweep & fdb->mask], now);
        fdb->sweep++;
    }
}

uint32_t sw_fdb_count(const struct sw_fdb *fdb)
{
    return fdb->count;
}

uint32_t sw_fdb_fresh(const struct sw_fdb *fdb, sw_time now)
{
    uint32_t fresh = 0;
    for (uint32_t k = 0; k <= fdb->mask; k++) {
        const struct bucket *b = &fdb->bucket[k];
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            fresh += b->key[slot] != 0 && !stale(fdb, b, slot, now);
        }
    }
    return fresh;
}

uint64_t sw_fdb_learned(const struct sw_fdb *fdb)
{
    return fdb->learned;
}

uint64_t sw_fdb_moved(const struct sw_fdb *fdb)
{
    return fdb->moved;
}

uint64_t sw_fdb_refused(const struct sw_fdb *fdb)
{
    return fdb->refused;
}

static void describe(const struct bucket *b, unsigned slot, struct sw_fdb_entry *out)
{
    uint64_t key = b->key[slot];
    *out = (struct sw_fdb_entry){.vid = (uint16_t)key,
                                 .port = b->port[slot],
                                 .seen = b->seen[slot],
                                 .fixed = b->seen[slot] == SW_TIME_NEVER};
    for (unsigned i = 0; i < 6; i++) {
        out->mac.b[i] = (uint8_t)(key >> (56 - 8 * i));
    }
}

bool sw_fdb_entry(const struct sw_fdb *fdb, uint32_t i, struct sw_fdb_entry *out)
{
    for (uint32_t k = 0; k <= fdb->mask; k++) {
        const struct bucket *b = &fdb->bucket[k];
        if (i >= b->used) {
            i -= b->used;
            continue;
        }
        for (unsigned slot = 0;; slot++) {
            if (b->key[slot] != 0 && i-- == 0) {
                describe(b, slot, out);
                return true;
            }
        }
    }
    return false;
}
