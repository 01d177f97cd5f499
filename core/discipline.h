/* Who may wait for the transmitter of a lane, and for how long: queues with a discipline. One
 * interface for all: a frame is pushed as it comes, and pulled when the transmitter is free.
 * red.c, codel.c and fq_codel.c each are one. Knows time only as an argument. */
#ifndef SW_CORE_DISCIPLINE_H
#define SW_CORE_DISCIPLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/drop.h"
#include "core/frame.h"
#include "core/link.h"
#include "core/rng.h"

/* A frame that waits. */
struct sw_queued {
    struct sw_queued *next;
    struct sw_frame *frame;
    sw_time entered;
    sw_time extra; /* what jitter adds to its delay */
    bool skips_delay;
};

/* First in, first out. */
struct sw_fifo {
    struct sw_queued *head, *tail;
    uint32_t count;
    uint64_t bytes;
};

struct sw_queue;

/* What a discipline is. */
struct sw_queue_kind {
    size_t size; /* of its own struct, whose first member is a struct sw_queue */
    /* Own memory and state; the rest of the queue is set up. -ENOMEM. */
    int (*start)(struct sw_queue *q, const struct sw_seed *seed, uint64_t owner);
    void (*stop)(struct sw_queue *q); /* empty by then */
    /* Takes an item, or says why not; may drop others. free: the transmitter is idle. */
    enum sw_drop (*push)(struct sw_queue *q, struct sw_queued *item, sw_time now, bool free);
    /* Takes it whatever its bound says, without a word of any algorithm. */
    void (*put)(struct sw_queue *q, struct sw_queued *item);
    /* The next to be sent; NULL: none waits. May drop others. */
    struct sw_queued *(*pull)(struct sw_queue *q, sw_time now);
    /* Any one, the next in line first, without a word of any algorithm. */
    struct sw_queued *(*take)(struct sw_queue *q);
};

struct sw_queue {
    const struct sw_queue_kind *kind;
    struct sw_discipline_config settings; /* no 0 where there is a default */
    uint32_t most_frames;                 /* the bound; 0: no such bound */
    uint64_t most_bytes;
    uint64_t rate_bps;
    uint32_t count; /* that wait, over all flows */
    uint64_t bytes;
    uint64_t marked;
    /* Called with an item that was in the queue and is not any more; gives back the item. */
    void (*drop)(struct sw_queue *q, struct sw_queued *item, enum sw_drop reason);
    void *owner;            /* for drop */
    struct sw_queued *idle; /* items that are not in use */
};

/* A queue for a lane with such settings, whose discipline is not tail-drop. NULL: out of
 * memory. seed is lent. */
struct sw_queue *sw_queue_new(const struct sw_lane_config *config, const struct sw_seed *seed,
                              uint64_t owner);
void sw_queue_free(struct sw_queue *q); /* nothing waits: asserted; NULL is harmless */
/* Takes bound and rate of these settings; the rest is as it was. */
void sw_queue_bound(struct sw_queue *q, const struct sw_lane_config *config);
/* An item for a frame, which is given with it; NULL: out of memory, and it is not. */
struct sw_queued *sw_queue_item(struct sw_queue *q, struct sw_frame *frame);
/* The next n items cost no allocation. False: out of memory. */
bool sw_queue_reserve(struct sw_queue *q, uint32_t n);
void sw_queue_give_back(struct sw_queue *q, struct sw_queued *item); /* its frame is elsewhere */

/* ---- for disciplines ---- */

/* Would one more frame of len bytes be one too many? */
bool sw_queue_is_full(const struct sw_queue *q, uint32_t len);
/* Pushing into and taking from one of its lists; the queue counts too. */
void sw_fifo_push(struct sw_fifo *fifo, struct sw_queue *q, struct sw_queued *item);
struct sw_queued *sw_fifo_pop(struct sw_fifo *fifo, struct sw_queue *q); /* NULL: empty */
/* Marks the item's frame (RFC 3168) if the settings say so and the packet allows it. */
bool sw_queue_mark(struct sw_queue *q, struct sw_queued *item);

extern const struct sw_queue_kind sw_red, sw_codel, sw_fq_codel;

#endif
