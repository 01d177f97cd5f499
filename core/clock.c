/* LAN time (see clock.h). A 4-ary heap of entries, each with the key that its timer had when the
 * heap was last touched.
 *
 * An entry's key is never later than its timer's own: arming later, cancelling and firing leave the
 * entry where it is, and only when it comes to the top is it compared with its timer and moved,
 * taken out or run. A timer that is put off again and again (a retransmission timer at each
 * acknowledgement) so costs one heap operation a period. Arming earlier moves the entry up at once.
 * The keys of two timers never are equal, so the order in which entries leave the heap is that of
 * the keys alone.
 *
 * A timer whose owner is suspended is taken out of the heap when it comes to the top, into a list
 * of the owner's, and goes back with its old key when the owner is resumed: so an entry's due time
 * may lie before now, and what it runs is run now.
 *
 * Cost: O(log4 n) to move an entry; arming later and cancelling are O(1). */
#include "core/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/siphash.h"

#define HEAP_MIN 64
#define BATCH_MIN 256
#define BATCHES_MAX 64

struct entry {
    sw_time due;
    uint64_t number; /* the owner's */
    uint64_t sequence;
    struct sw_timer *timer;
    uint8_t class;
};

struct sw_clock {
    sw_time now;
    uint64_t steps;
    struct entry *heap;
    uint32_t count;     /* entries in the heap */
    uint32_t cap;       /* entries that fit; at least `timers` */
    uint32_t timers;    /* initialised and not finished */
    uint32_t suspended; /* owners */
    uint32_t wires;     /* queued */
    uint32_t to_serve;  /* of them, what is left of the turn's snapshot: the first ones */
    bool running;
    struct sw_ready *first, *last;
    const struct sw_owner *recent[SW_CLOCK_RECENT];
    /* Batch memory. What was outgrown stays until the clock goes, since a batch that is being
     * delivered may lie in it; sizes double, so that is less than what is in use. */
    void **batch[BATCHES_MAX];
    unsigned batches;
    size_t batch_cap;
};

void sw_owner_init(struct sw_owner *owner, const char *name)
{
    *owner = (struct sw_owner){.name = name, .number = sw_name_hash(name)};
}

/* ---- the heap ---- */

static bool earlier(const struct entry *a, const struct entry *b)
{
    if (a->due != b->due) {
        return a->due < b->due;
    }
    if (a->class != b->class) {
        return a->class < b->class;
    }
    if (a->number != b->number) {
        return a->number < b->number;
    }
    return a->sequence < b->sequence;
}

static void place(struct sw_clock *clk, uint32_t slot, const struct entry *e)
{
    clk->heap[slot] = *e;
    e->timer->slot = slot;
}

/* The entry in `slot` may be earlier than its parent. */
static void sift_up(struct sw_clock *clk, uint32_t slot)
{
    struct entry *heap = clk->heap;
    if (slot == 0 || !earlier(&heap[slot], &heap[(slot - 1) / 4])) {
        return;
    }
    struct entry e = heap[slot];
    do {
        uint32_t parent = (slot - 1) / 4;
        place(clk, slot, &heap[parent]);
        slot = parent;
    } while (slot > 0 && earlier(&e, &heap[(slot - 1) / 4]));
    place(clk, slot, &e);
}

/* The earliest of the children of `slot`; SW_NO_SLOT if it has none. */
static uint32_t first_child(const struct sw_clock *clk, uint32_t slot)
{
    uint64_t child = (uint64_t)slot * 4 + 1;
    if (child >= clk->count) {
        return SW_NO_SLOT;
    }
    uint64_t end = child + 4 < clk->count ? child + 4 : clk->count;
    uint64_t first = child;
    for (uint64_t i = child + 1; i < end; i++) {
        if (earlier(&clk->heap[i], &clk->heap[first])) {
            first = i;
        }
    }
    return (uint32_t)first;
}

/* The entry in `slot` may be later than a child. The usual case, that it is not, copies nothing. */
static void sift_down(struct sw_clock *clk, uint32_t slot)
{
    struct entry *heap = clk->heap;
    uint32_t child = first_child(clk, slot);
    if (child == SW_NO_SLOT || !earlier(&heap[child], &heap[slot])) {
        return;
    }
    struct entry e = heap[slot];
    do {
        place(clk, slot, &heap[child]);
        slot = child;
        child = first_child(clk, slot);
    } while (child != SW_NO_SLOT && earlier(&heap[child], &e));
    place(clk, slot, &e);
}

static void heap_remove(struct sw_clock *clk, uint32_t slot)
{
    clk->heap[slot].timer->slot = SW_NO_SLOT;
    if (slot == --clk->count) {
        return;
    }
    place(clk, slot, &clk->heap[clk->count]);
    sift_up(clk, slot);
    sift_down(clk, slot);
}

static void park(struct sw_clock *clk, struct sw_timer *t)
{
    heap_remove(clk, 0);
    t->slot = SW_PARKED;
    t->next_parked = t->owner->parked;
    t->owner->parked = t;
}

/* Brings the first timer that is really due to the top of the heap; its due time, or
 * SW_TIME_NEVER. */
static sw_time surface(struct sw_clock *clk)
{
    while (clk->count > 0) {
        struct sw_timer *t = clk->heap[0].timer;
        if (t->due == SW_TIME_NEVER) {
            heap_remove(clk, 0);
        } else if (t->sequence != clk->heap[0].sequence) {
            clk->heap[0].due = t->due;
            clk->heap[0].sequence = t->sequence;
            sift_down(clk, 0);
        } else if (clk->suspended > 0 && t->owner->suspended) {
            park(clk, t);
        } else {
            return t->due;
        }
    }
    return SW_TIME_NEVER;
}

/* ---- who ran last ---- */

static void remember(struct sw_clock *clk, const struct sw_owner *owner)
{
    const struct sw_owner *carried = owner;
    for (unsigned i = 0; i < SW_CLOCK_RECENT && carried != NULL; i++) {
        const struct sw_owner *displaced = clk->recent[i];
        clk->recent[i] = carried;
        carried = displaced == owner ? NULL : displaced;
    }
}

/* The owner may go now, and its name with it. */
static void forget(struct sw_clock *clk, const struct sw_owner *owner)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < SW_CLOCK_RECENT; i++) {
        if (clk->recent[i] != owner) {
            clk->recent[kept++] = clk->recent[i];
        }
    }
    while (kept < SW_CLOCK_RECENT) {
        clk->recent[kept++] = NULL;
    }
}

void sw_clock_recent(const struct sw_clock *clk, const char *names[SW_CLOCK_RECENT])
{
    for (unsigned i = 0; i < SW_CLOCK_RECENT; i++) {
        names[i] = clk->recent[i] == NULL ? NULL : clk->recent[i]->name;
    }
}

/* ---- the clock ---- */

struct sw_clock *sw_clock_new(void)
{
    return calloc(1, sizeof(struct sw_clock));
}

void sw_clock_free(struct sw_clock *clk)
{
    if (clk == NULL) {
        return;
    }
    assert(clk->timers == 0 && clk->wires == 0 && clk->suspended == 0 && !clk->running);
    for (unsigned i = 0; i < clk->batches; i++) {
        free(clk->batch[i]);
    }
    free(clk->heap);
    free(clk);
}

sw_time sw_clock_now(const struct sw_clock *clk)
{
    return clk->now;
}

uint64_t sw_clock_steps(const struct sw_clock *clk)
{
    return clk->steps;
}

sw_time sw_clock_next(struct sw_clock *clk)
{
    if (clk->wires > 0) {
        return clk->now;
    }
    sw_time due = surface(clk);
    return due < clk->now ? clk->now : due;
}

static void step(struct sw_clock *clk, const struct sw_owner *owner)
{
    clk->steps++;
    if (clk->recent[0] != owner) {
        remember(clk, owner);
    }
}

/* Runs the timer at the top. Its entry stays in the heap: if the timer is armed again, moving it
 * is one operation instead of two. */
static void fire_first(struct sw_clock *clk)
{
    struct sw_timer *t = clk->heap[0].timer;
    t->due = SW_TIME_NEVER;
    step(clk, t->owner);
    t->fire(t);
}

/* Serves the wires that are queued now, not those that these queue. */
static uint64_t run_wires(struct sw_clock *clk, uint64_t limit)
{
    clk->to_serve = clk->wires;
    while (clk->to_serve > 0 && limit > 0) {
        struct sw_ready *r = clk->first;
        assert(r != NULL);
        clk->first = r->next;
        if (clk->first == NULL) {
            clk->last = NULL;
        }
        r->next = NULL;
        r->queued = false;
        clk->wires--;
        clk->to_serve--;
        step(clk, r->owner);
        limit--;
        r->serve(r);
    }
    clk->to_serve = 0;
    return limit;
}

enum sw_run sw_clock_run(struct sw_clock *clk, sw_time until, uint64_t limit)
{
    assert(limit > 0 && until < SW_TIME_NEVER && !clk->running);
    if (until < clk->now) {
        until = clk->now;
    }
    clk->running = true;
    enum sw_run result = SW_RUN_IDLE;
    sw_time due = surface(clk);
    for (;;) {
        if (due > until && clk->wires == 0) {
            clk->now = until;
            break;
        }
        if (limit == 0) {
            result = SW_RUN_LIMIT;
            break;
        }
        if (due > clk->now) {
            clk->now = due <= until ? due : until;
        }
        for (; due <= clk->now && limit > 0; limit--) {
            fire_first(clk);
            due = surface(clk);
        }
        if (clk->wires > 0) {
            limit = run_wires(clk, limit);
            due = surface(clk);
        }
    }
    clk->running = false;
    return result;
}

void **sw_clock_batch(struct sw_clock *clk, size_t n)
{
    if (n > clk->batch_cap || clk->batches == 0) {
        size_t cap = clk->batch_cap < BATCH_MIN ? BATCH_MIN : clk->batch_cap * 2;
        cap = cap < n ? n : cap;
        void **memory = cap > SIZE_MAX / sizeof *memory || clk->batches == BATCHES_MAX
                            ? NULL
                            : malloc(cap * sizeof *memory);
        if (memory == NULL) {
            return NULL;
        }
        clk->batch[clk->batches++] = memory;
        clk->batch_cap = cap;
    }
    return clk->batch[clk->batches - 1];
}

/* ---- timers ---- */

int sw_timer_init(struct sw_timer *t, struct sw_clock *clk, struct sw_owner *owner,
                  enum sw_class class, sw_timer_fn *fire)
{
    *t = (struct sw_timer){.slot = SW_NO_SLOT, .due = SW_TIME_NEVER};
    if (clk->timers == clk->cap) {
        uint32_t cap = clk->cap == 0 ? HEAP_MIN : clk->cap * 2;
        struct entry *heap = cap < clk->cap ? NULL : realloc(clk->heap, (size_t)cap * sizeof *heap);
        if (heap == NULL) {
            return -ENOMEM;
        }
        clk->heap = heap;
        clk->cap = cap;
    }
    clk->timers++;
    t->clock = clk;
    t->owner = owner;
    t->fire = fire;
    t->class = (uint8_t) class;
    return 0;
}

/* Into the heap, with the key that it has. */
static void insert(struct sw_clock *clk, struct sw_timer *t)
{
    t->slot = clk->count++;
    clk->heap[t->slot] = (struct entry){.due = t->due,
                                        .number = t->owner->number,
                                        .sequence = t->sequence,
                                        .timer = t,
                                        .class = t->class};
    sift_up(clk, t->slot);
}

void sw_timer_arm(struct sw_timer *t, sw_time due)
{
    struct sw_clock *clk = t->clock;
    if (due == SW_TIME_NEVER) {
        sw_timer_cancel(t);
        return;
    }
    t->due = due < clk->now ? clk->now : due;
    t->sequence = t->owner->sequence++;
    if (t->slot == SW_PARKED) {
        return; /* its owner's end of the pause puts it back */
    }
    if (t->slot == SW_NO_SLOT) {
        insert(clk, t);
    } else if (t->due < clk->heap[t->slot].due) {
        /* With the same due time a later sequence is a later key: only an earlier due time is an
         * earlier key. */
        clk->heap[t->slot].due = t->due;
        clk->heap[t->slot].sequence = t->sequence;
        sift_up(clk, t->slot);
    }
}

void sw_timer_cancel(struct sw_timer *t)
{
    t->due = SW_TIME_NEVER;
}

bool sw_timer_armed(const struct sw_timer *t)
{
    return t->due != SW_TIME_NEVER;
}

/* O(parked). */
static void unpark(struct sw_timer *t)
{
    struct sw_timer **link = &t->owner->parked;
    while (*link != t) {
        link = &(*link)->next_parked;
    }
    *link = t->next_parked;
    t->slot = SW_NO_SLOT;
}

void sw_timer_fini(struct sw_timer *t)
{
    struct sw_clock *clk = t->clock;
    if (clk == NULL) {
        return;
    }
    t->due = SW_TIME_NEVER;
    if (t->slot == SW_PARKED) {
        unpark(t);
    } else if (t->slot != SW_NO_SLOT) {
        heap_remove(clk, t->slot);
    }
    clk->timers--;
    forget(clk, t->owner);
    t->clock = NULL;
}

/* ---- owners that stand still ---- */

void sw_owner_suspend(struct sw_clock *clk, struct sw_owner *owner)
{
    if (!owner->suspended) {
        owner->suspended = true;
        clk->suspended++;
    }
}

void sw_owner_resume(struct sw_clock *clk, struct sw_owner *owner)
{
    if (!owner->suspended) {
        return;
    }
    owner->suspended = false;
    clk->suspended--;
    while (owner->parked != NULL) {
        struct sw_timer *t = owner->parked;
        owner->parked = t->next_parked;
        t->slot = SW_NO_SLOT;
        if (t->due != SW_TIME_NEVER) {
            insert(clk, t);
        }
    }
}

/* ---- true wires ---- */

void sw_ready_init(struct sw_ready *r, struct sw_owner *owner,
                   void (*serve)(struct sw_ready *ready))
{
    *r = (struct sw_ready){.owner = owner, .serve = serve};
}

void sw_ready_queue(struct sw_clock *clk, struct sw_ready *r)
{
    if (r->queued) {
        return;
    }
    r->queued = true;
    r->next = NULL;
    if (clk->last == NULL) {
        clk->first = r;
    } else {
        clk->last->next = r;
    }
    clk->last = r;
    clk->wires++;
}

void sw_ready_remove(struct sw_clock *clk, struct sw_ready *r)
{
    if (!r->queued) {
        return;
    }
    struct sw_ready *before = NULL;
    uint32_t place_in_queue = 0;
    for (struct sw_ready *at = clk->first; at != r; at = at->next) {
        before = at;
        place_in_queue++;
    }
    if (before == NULL) {
        clk->first = r->next;
    } else {
        before->next = r->next;
    }
    if (clk->last == r) {
        clk->last = before;
    }
    if (place_in_queue < clk->to_serve) {
        clk->to_serve--;
    }
    clk->wires--;
    r->next = NULL;
    r->queued = false;
}
