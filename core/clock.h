/* LAN time: `now`, a heap of timers, and a queue of wires that are ready. Time is pushed in by a
 * driver; nobody asks the system.
 *
 * What is due is run in a total order that no optimisation can change: by (due time, class,
 * owner's number, owner's own sequence). The sequence is taken where arming is asked for, also
 * when the heap is touched later, so lazy re-arming cannot be seen from outside. Pure; one
 * thread. */
#ifndef SW_CORE_CLOCK_H
#define SW_CORE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A point of LAN time, or a span: nanoseconds. LAN time begins at 0 and never runs backwards. */
typedef int64_t sw_time;

#define SW_NS ((sw_time)1)
#define SW_US ((sw_time)1000)
#define SW_MS ((sw_time)1000000)
#define SW_S ((sw_time)1000000000)
#define SW_TIME_NEVER INT64_MAX

/* Classes of what is due at one instant, in their order. */
enum sw_class {
    SW_CLASS_EVENT,   /* events of the LAN file */
    SW_CLASS_ARRIVAL, /* a lane delivers a batch */
    SW_CLASS_ROOM,    /* a lane has room for its sender again */
    SW_CLASS_TIMER,   /* protocol timers of hosts and bridges */
    SW_CLASS_STEP,    /* steps of a scenario, and what programs asked for */
};

/* Whoever arms timers: a host, a bridge, a lane, a player. number is sw_name_hash() of the full
 * name, and decides the order among owners; two owners of one clock with one number are refused
 * by whoever builds the LAN. */
struct sw_timer;

struct sw_owner {
    const char *name; /* lent for the owner's life */
    uint64_t number;
    uint64_t sequence; /* how often it has armed */
    bool suspended;
    struct sw_timer *parked; /* what came due while it was suspended, in any order */
};

void sw_owner_init(struct sw_owner *owner, const char *name);

struct sw_clock;
typedef void sw_timer_fn(struct sw_timer *timer);

/* A timer is embedded in its owner (find the owner by SW_CONTAINER). Never copied while armed. */
struct sw_timer {
    struct sw_clock *clock;
    struct sw_owner *owner;
    sw_timer_fn *fire;
    sw_time due; /* SW_TIME_NEVER: not armed */
    uint64_t sequence;
    uint32_t slot; /* place in the heap, SW_NO_SLOT, or SW_PARKED */
    uint8_t class; /* enum sw_class */
    struct sw_timer *next_parked;
};

#define SW_NO_SLOT UINT32_MAX
#define SW_PARKED (UINT32_MAX - 1) /* its owner is suspended, and has it in its list */
#define SW_CONTAINER(pointer, type, member)                                                        \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* Something without a due time that waits for the clock's next turn: a true wire (no delay, no
 * rate) that holds frames. */
struct sw_ready {
    struct sw_ready *next;
    void (*serve)(struct sw_ready *ready);
    struct sw_owner *owner;
    bool queued;
};

enum sw_run {
    SW_RUN_IDLE,  /* nothing is due by `until`, no wire holds a frame */
    SW_RUN_LIMIT, /* the limit was spent; call again */
};

/* How many of the owners that ran last are remembered, so that a run that gets stuck can name
 * them. */
#define SW_CLOCK_RECENT 8

struct sw_clock *sw_clock_new(void); /* NULL: out of memory */
/* Every timer must have been finished (sw_timer_fini) and no wire be queued: asserted. */
void sw_clock_free(struct sw_clock *clk);
sw_time sw_clock_now(const struct sw_clock *clk);

/* Runs what is due by `until`:
 *  1. if something is due at or before `until`, now becomes that due time (never backwards), else
 *     `until`;
 *  2. all that is due at now runs, in the total order;
 *  3. the wires that hold frames are served, first in, first out, at this now;
 *  4. again from 1, until nothing is due by `until` and no wire holds a frame. Then now is `until`.
 * `limit` counts callbacks (a batch or a timer), at least 1; a batch is never split. When it is
 * spent the call returns SW_RUN_LIMIT and the next one begins at 1, even with wires unserved:
 * ready work never holds time back. An `until` before now counts as now; it is below
 * SW_TIME_NEVER, and no callback calls this: asserted. */
enum sw_run sw_clock_run(struct sw_clock *clk, sw_time until, uint64_t limit);
/* When something is due: now if a wire holds a frame, SW_TIME_NEVER if nothing is armed. */
sw_time sw_clock_next(struct sw_clock *clk);
/* Callbacks run since the clock was made. */
uint64_t sw_clock_steps(const struct sw_clock *clk);
/* Names of the owners that ran last, newest first, without repeats; NULL behind the last. */
void sw_clock_recent(const struct sw_clock *clk, const char *names[SW_CLOCK_RECENT]);

/* The caller's memory. Reserves the timer's place in the heap, so that arming can never fail;
 * -ENOMEM if there is none. */
int sw_timer_init(struct sw_timer *t, struct sw_clock *clk, struct sw_owner *owner,
                  enum sw_class class, sw_timer_fn *fire);
/* (Re-)arms for the absolute time `due`; a time before now means now. Takes the owner's next
 * sequence. Arming later than the heap's entry costs no heap operation (lazy). SW_TIME_NEVER
 * cancels. */
void sw_timer_arm(struct sw_timer *t, sw_time due);
void sw_timer_cancel(struct sw_timer *t); /* harmless when not armed */
bool sw_timer_armed(const struct sw_timer *t);
/* Cancels and leaves nothing of it in the clock; t's memory may go. Harmless on zeroed memory. */
void sw_timer_fini(struct sw_timer *t);

/* No timer of a suspended owner fires. Its timers may be armed and cancelled as ever; what came due
 * in between fires when the owner is resumed, in the order in which it would have, at the time that
 * it is then. Costs nothing where nobody is suspended. Both are harmless when it is so already. An
 * owner is resumed before the last of its timers is finished. */
void sw_owner_suspend(struct sw_clock *clk, struct sw_owner *owner);
void sw_owner_resume(struct sw_clock *clk, struct sw_owner *owner);

void sw_ready_init(struct sw_ready *r, struct sw_owner *owner,
                   void (*serve)(struct sw_ready *ready));
void sw_ready_queue(struct sw_clock *clk, struct sw_ready *r);  /* harmless when queued */
void sw_ready_remove(struct sw_clock *clk, struct sw_ready *r); /* harmless when not; O(queued) */

/* Room for n pointers, the clock's own, where a batch is gathered; valid until the next call.
 * NULL: out of memory. */
void **sw_clock_batch(struct sw_clock *clk, size_t n);

#endif
