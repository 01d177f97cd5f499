#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/rng.h"

#define TRACE 4096

/* Timers and wires that write their number down when they run. */
struct trace {
    struct sw_clock *clock;
    int ran[TRACE];
    sw_time at[TRACE];
    unsigned count;
};

struct probe {
    struct sw_timer timer;
    struct sw_ready ready;
    struct sw_owner owner;
    struct trace *trace;
    int number;
    sw_time again;       /* arms itself for so much later, once, if not 0 */
    struct probe *wakes; /* queues this wire when it runs */
    struct probe *arms;  /* arms this timer at once when it runs */
    bool finishes;       /* takes itself away */
};

static void write_down(struct probe *p)
{
    struct trace *trace = p->trace;
    ck_assert_uint_lt(trace->count, TRACE);
    trace->ran[trace->count] = p->number;
    trace->at[trace->count++] = sw_clock_now(trace->clock);
    if (p->wakes != NULL) {
        sw_ready_queue(trace->clock, &p->wakes->ready);
    }
    if (p->arms != NULL) {
        sw_timer_arm(&p->arms->timer, sw_clock_now(trace->clock));
        p->arms = NULL;
    }
    if (p->again > 0) {
        sw_timer_arm(&p->timer, sw_clock_now(trace->clock) + p->again);
        p->again = 0;
    }
    if (p->finishes) {
        sw_timer_fini(&p->timer);
    }
}

static void probe_fires(struct sw_timer *timer)
{
    write_down(SW_CONTAINER(timer, struct probe, timer));
}

static void probe_is_served(struct sw_ready *ready)
{
    write_down(SW_CONTAINER(ready, struct probe, ready));
}

static void probe_init(struct probe *p, struct trace *trace, int number, uint64_t owner,
                       enum sw_class class)
{
    *p = (struct probe){.trace = trace, .number = number};
    p->owner = (struct sw_owner){.name = "probe", .number = owner};
    ck_assert_int_eq(sw_timer_init(&p->timer, trace->clock, &p->owner, class, probe_fires), 0);
    sw_ready_init(&p->ready, &p->owner, probe_is_served);
}

static void trace_init(struct trace *trace)
{
    memset(trace, 0, sizeof *trace);
    trace->clock = sw_clock_new();
    ck_assert_ptr_nonnull(trace->clock);
}

static void probes_fini(struct probe *p, size_t n)
{
    struct trace *trace = p[0].trace;
    for (size_t i = 0; i < n; i++) {
        sw_timer_fini(&p[i].timer);
    }
    sw_clock_free(trace->clock);
}

static void expect(const struct trace *trace, const int *numbers, unsigned n)
{
    ck_assert_uint_eq(trace->count, n);
    for (unsigned i = 0; i < n; i++) {
        ck_assert_msg(trace->ran[i] == numbers[i], "%u: %d, not %d", i, trace->ran[i], numbers[i]);
    }
}

#define EXPECT(trace, ...)                                                                         \
    expect(trace, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

START_TEST(what_is_due_at_once_runs_by_class_owner_and_sequence)
{
    struct trace trace;
    struct probe p[7];
    trace_init(&trace);
    probe_init(&p[0], &trace, 0, 9, SW_CLASS_EVENT);
    probe_init(&p[1], &trace, 1, 8, SW_CLASS_ARRIVAL);
    probe_init(&p[2], &trace, 2, 7, SW_CLASS_ROOM);
    probe_init(&p[3], &trace, 3, UINT64_C(1) << 63, SW_CLASS_TIMER);
    probe_init(&p[4], &trace, 4, 6, SW_CLASS_TIMER);
    probe_init(&p[5], &trace, 5, 1, SW_CLASS_STEP);
    probe_init(&p[6], &trace, 6, 1, SW_CLASS_STEP);
    p[6].timer.owner = &p[5].owner; /* two timers of one owner */
    static const int armed[] = {6, 3, 5, 0, 2, 4, 1};
    for (int i = 0; i < 7; i++) {
        sw_timer_arm(&p[armed[i]].timer, 100);
    }
    ck_assert_int_eq(sw_clock_next(trace.clock), 100);
    ck_assert_int_eq(sw_clock_run(trace.clock, 99, 100), SW_RUN_IDLE);
    ck_assert_uint_eq(trace.count, 0);
    ck_assert_int_eq(sw_clock_now(trace.clock), 99);
    ck_assert_int_eq(sw_clock_run(trace.clock, 200, 100), SW_RUN_IDLE);
    EXPECT(&trace, 0, 1, 2, 4, 3, 6, 5);
    ck_assert_int_eq(trace.at[6], 100);
    ck_assert_int_eq(sw_clock_now(trace.clock), 200);
    ck_assert_int_eq(sw_clock_next(trace.clock), SW_TIME_NEVER);
    ck_assert_uint_eq(sw_clock_steps(trace.clock), 7);
    p[6].timer.owner = &p[6].owner;
    probes_fini(p, 7);
}
END_TEST

/* Armed first for 50 and then for 100, or for 100 at once: the sequence is that of the last
 * arming. */
START_TEST(the_sequence_is_taken_where_arming_is_asked_for)
{
    struct trace trace;
    struct probe p[3];
    trace_init(&trace);
    for (int i = 0; i < 3; i++) {
        probe_init(&p[i], &trace, i, 1, SW_CLASS_TIMER);
        p[i].timer.owner = &p[0].owner;
    }
    sw_timer_arm(&p[0].timer, 50);
    sw_timer_arm(&p[1].timer, 100);
    sw_timer_arm(&p[0].timer, 100); /* later: lazily */
    sw_timer_arm(&p[2].timer, 200);
    sw_timer_arm(&p[2].timer, 100); /* earlier: at once */
    sw_timer_arm(&p[1].timer, 100); /* the same time again: behind the others */
    ck_assert_int_eq(sw_clock_next(trace.clock), 100);
    ck_assert_int_eq(sw_clock_run(trace.clock, 100, 100), SW_RUN_IDLE);
    EXPECT(&trace, 0, 2, 1);
    for (int i = 0; i < 3; i++) {
        sw_timer_fini(&p[i].timer);
    }
    sw_clock_free(trace.clock);
}
END_TEST

START_TEST(a_cancelled_timer_neither_runs_nor_holds_time)
{
    struct trace trace;
    struct probe p[2];
    trace_init(&trace);
    probe_init(&p[0], &trace, 0, 1, SW_CLASS_TIMER);
    probe_init(&p[1], &trace, 1, 2, SW_CLASS_TIMER);
    sw_timer_arm(&p[0].timer, 10);
    sw_timer_arm(&p[1].timer, 30);
    ck_assert(sw_timer_armed(&p[0].timer));
    sw_timer_cancel(&p[0].timer);
    sw_timer_cancel(&p[0].timer);
    ck_assert(!sw_timer_armed(&p[0].timer));
    ck_assert_int_eq(sw_clock_next(trace.clock), 30);
    sw_timer_arm(&p[1].timer, SW_TIME_NEVER);
    ck_assert_int_eq(sw_clock_next(trace.clock), SW_TIME_NEVER);
    sw_timer_arm(&p[1].timer, 40);
    sw_timer_cancel(&p[1].timer);
    sw_timer_arm(&p[1].timer, 20);
    ck_assert_int_eq(sw_clock_run(trace.clock, 50, 100), SW_RUN_IDLE);
    EXPECT(&trace, 1);
    ck_assert_int_eq(trace.at[0], 20);
    probes_fini(p, 2);
}
END_TEST

START_TEST(a_time_before_now_means_now)
{
    struct trace trace;
    struct probe p[1];
    trace_init(&trace);
    probe_init(&p[0], &trace, 0, 1, SW_CLASS_TIMER);
    ck_assert_int_eq(sw_clock_run(trace.clock, 1000, 1), SW_RUN_IDLE);
    sw_timer_arm(&p[0].timer, 10);
    ck_assert_int_eq(sw_clock_next(trace.clock), 1000);
    ck_assert_int_eq(sw_clock_run(trace.clock, 500, 1), SW_RUN_IDLE);
    ck_assert_int_eq(trace.at[0], 1000);
    ck_assert_int_eq(sw_clock_now(trace.clock), 1000);
    probes_fini(p, 1);
}
END_TEST

START_TEST(a_callback_may_arm_for_now_also_in_an_earlier_class)
{
    struct trace trace;
    struct probe p[3];
    trace_init(&trace);
    probe_init(&p[0], &trace, 0, 1, SW_CLASS_TIMER);
    probe_init(&p[1], &trace, 1, 2, SW_CLASS_ARRIVAL);
    probe_init(&p[2], &trace, 2, 3, SW_CLASS_TIMER);
    p[0].arms = &p[1];
    p[0].again = 5;
    sw_timer_arm(&p[0].timer, 10);
    sw_timer_arm(&p[2].timer, 10);
    ck_assert_int_eq(sw_clock_run(trace.clock, 20, 100), SW_RUN_IDLE);
    EXPECT(&trace, 0, 1, 2, 0);
    ck_assert_int_eq(trace.at[3], 15);
    probes_fini(p, 3);
}
END_TEST

START_TEST(a_timer_may_finish_itself_while_it_runs)
{
    struct trace trace;
    struct probe p[2];
    trace_init(&trace);
    probe_init(&p[0], &trace, 0, 1, SW_CLASS_TIMER);
    probe_init(&p[1], &trace, 1, 2, SW_CLASS_TIMER);
    p[0].finishes = true;
    sw_timer_arm(&p[0].timer, 10);
    sw_timer_arm(&p[1].timer, 10);
    ck_assert_int_eq(sw_clock_run(trace.clock, 20, 100), SW_RUN_IDLE);
    EXPECT(&trace, 0, 1);
    struct sw_timer zeroed;
    memset(&zeroed, 0, sizeof zeroed);
    sw_timer_fini(&zeroed);
    probes_fini(p, 2);
}
END_TEST

START_TEST(the_limit_counts_callbacks_and_the_rest_runs_later)
{
    struct trace trace;
    struct probe p[5];
    trace_init(&trace);
    for (int i = 0; i < 5; i++) {
        probe_init(&p[i], &trace, i, (uint64_t)i, SW_CLASS_TIMER);
        sw_timer_arm(&p[i].timer, i < 3 ? 10 : 20);
    }
    ck_assert_int_eq(sw_clock_run(trace.clock, 100, 2), SW_RUN_LIMIT);
    EXPECT(&trace, 0, 1);
    ck_assert_int_eq(sw_clock_now(trace.clock), 10);
    ck_assert_int_eq(sw_clock_run(trace.clock, 100, 2), SW_RUN_LIMIT);
    EXPECT(&trace, 0, 1, 2, 3);
    /* Nothing is left after the last: that is idle, though the limit is spent. */
    ck_assert_int_eq(sw_clock_run(trace.clock, 100, 1), SW_RUN_IDLE);
    EXPECT(&trace, 0, 1, 2, 3, 4);
    ck_assert_int_eq(sw_clock_now(trace.clock), 100);
    probes_fini(p, 5);
}
END_TEST

START_TEST(wires_are_served_first_in_first_out_after_what_is_due)
{
    struct trace trace;
    struct probe p[4];
    trace_init(&trace);
    for (int i = 0; i < 4; i++) {
        probe_init(&p[i], &trace, i, (uint64_t)(9 - i), SW_CLASS_STEP);
    }
    sw_timer_arm(&p[3].timer, 10);
    sw_ready_queue(trace.clock, &p[2].ready);
    sw_ready_queue(trace.clock, &p[0].ready);
    sw_ready_queue(trace.clock, &p[2].ready);
    sw_ready_queue(trace.clock, &p[1].ready);
    ck_assert_int_eq(sw_clock_next(trace.clock), 0);
    ck_assert_int_eq(sw_clock_run(trace.clock, 50, 100), SW_RUN_IDLE);
    EXPECT(&trace, 3, 2, 0, 1);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(trace.at[i], 10);
    }
    /* Nothing is due: served at `until`. */
    sw_ready_queue(trace.clock, &p[0].ready);
    ck_assert_int_eq(sw_clock_run(trace.clock, 70, 100), SW_RUN_IDLE);
    ck_assert_int_eq(trace.at[4], 70);
    probes_fini(p, 4);
}
END_TEST

/* Wires 0 and 1 are in the first turn's snapshot; what they queue waits for the next, and a
 * timer that they arm comes first. */
START_TEST(a_turn_serves_the_wires_that_waited_when_it_began)
{
    struct trace trace;
    struct probe p[4];
    trace_init(&trace);
    for (int i = 0; i < 4; i++) {
        probe_init(&p[i], &trace, i, (uint64_t)i, SW_CLASS_TIMER);
    }
    p[0].wakes = &p[2];
    p[1].arms = &p[3];
    sw_ready_queue(trace.clock, &p[0].ready);
    sw_ready_queue(trace.clock, &p[1].ready);
    ck_assert_int_eq(sw_clock_run(trace.clock, 5, 100), SW_RUN_IDLE);
    EXPECT(&trace, 0, 1, 3, 2);
    probes_fini(p, 4);
}
END_TEST

/* Two wires wake each other for ever; a timer ticks every 100 ns. Each call is cut short by its
 * limit, and still every tick comes at its time. */
START_TEST(ready_work_never_holds_time_back)
{
    struct trace trace;
    struct probe p[3];
    trace_init(&trace);
    for (int i = 0; i < 3; i++) {
        probe_init(&p[i], &trace, i, (uint64_t)i, SW_CLASS_TIMER);
    }
    p[0].wakes = &p[1];
    p[1].wakes = &p[0];
    sw_ready_queue(trace.clock, &p[0].ready);
    for (sw_time tick = 100; tick <= 1000; tick += 100) {
        sw_timer_arm(&p[2].timer, tick);
        ck_assert_int_eq(sw_clock_run(trace.clock, tick - 1, 10), SW_RUN_LIMIT);
        ck_assert_int_eq(sw_clock_now(trace.clock), tick - 1);
        unsigned before = trace.count;
        ck_assert_int_eq(sw_clock_run(trace.clock, tick, 10), SW_RUN_LIMIT);
        ck_assert_int_eq(trace.ran[before], 2);
        ck_assert_int_eq(trace.at[before], tick);
        ck_assert_uint_eq(trace.count, before + 10);
    }
    sw_ready_remove(trace.clock, &p[0].ready);
    sw_ready_remove(trace.clock, &p[1].ready);
    probes_fini(p, 3);
}
END_TEST

START_TEST(a_wire_that_the_limit_leaves_stays_in_its_place)
{
    struct trace trace;
    struct probe p[3];
    trace_init(&trace);
    for (int i = 0; i < 3; i++) {
        probe_init(&p[i], &trace, i, (uint64_t)i, SW_CLASS_TIMER);
        sw_ready_queue(trace.clock, &p[i].ready);
    }
    ck_assert_int_eq(sw_clock_run(trace.clock, 5, 1), SW_RUN_LIMIT);
    sw_ready_queue(trace.clock, &p[0].ready);
    ck_assert_int_eq(sw_clock_run(trace.clock, 5, 100), SW_RUN_IDLE);
    EXPECT(&trace, 0, 1, 2, 0);
    probes_fini(p, 3);
}
END_TEST

START_TEST(a_wire_can_be_taken_out_anywhere)
{
    struct trace trace;
    struct probe p[4];
    trace_init(&trace);
    for (int i = 0; i < 4; i++) {
        probe_init(&p[i], &trace, i, (uint64_t)i, SW_CLASS_TIMER);
        sw_ready_queue(trace.clock, &p[i].ready);
    }
    sw_ready_remove(trace.clock, &p[3].ready);
    sw_ready_remove(trace.clock, &p[3].ready);
    sw_ready_remove(trace.clock, &p[1].ready);
    sw_ready_queue(trace.clock, &p[3].ready);
    sw_ready_remove(trace.clock, &p[0].ready);
    ck_assert_int_eq(sw_clock_run(trace.clock, 5, 100), SW_RUN_IDLE);
    EXPECT(&trace, 2, 3);
    probes_fini(p, 4);
}
END_TEST

static void takes_out(struct sw_ready *ready)
{
    struct probe *p = SW_CONTAINER(ready, struct probe, ready);
    write_down(p);
    sw_ready_remove(p->trace->clock, &p[1].ready);
    sw_ready_queue(p->trace->clock, &p[1].ready);
}

/* Wire 0 takes wire 1 out of this turn's snapshot and queues it again: it is served in the next
 * turn, after the timer that wire 2 arms in this one. */
START_TEST(taking_a_wire_out_shortens_the_snapshot)
{
    struct trace trace;
    struct probe p[4];
    trace_init(&trace);
    for (int i = 0; i < 4; i++) {
        probe_init(&p[i], &trace, i, (uint64_t)i, SW_CLASS_TIMER);
    }
    sw_ready_init(&p[0].ready, &p[0].owner, takes_out);
    p[2].arms = &p[3];
    for (int i = 0; i < 3; i++) {
        sw_ready_queue(trace.clock, &p[i].ready);
    }
    ck_assert_int_eq(sw_clock_run(trace.clock, 5, 100), SW_RUN_IDLE);
    EXPECT(&trace, 0, 2, 3, 1);
    probes_fini(p, 4);
}
END_TEST

START_TEST(the_owners_that_ran_last_are_named_without_repeats)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    struct trace trace;
    struct probe p[10];
    trace_init(&trace);
    for (int i = 0; i < 10; i++) {
        probe_init(&p[i], &trace, i, (uint64_t)i, SW_CLASS_TIMER);
        p[i].owner.name = names[i];
        sw_timer_arm(&p[i].timer, 10 + i);
    }
    sw_clock_run(trace.clock, 12, 100);
    const char *recent[SW_CLOCK_RECENT];
    sw_clock_recent(trace.clock, recent);
    ck_assert_str_eq(recent[0], "c");
    ck_assert_str_eq(recent[1], "b");
    ck_assert_str_eq(recent[2], "a");
    ck_assert_ptr_null(recent[3]);
    sw_clock_run(trace.clock, 19, 100);
    sw_timer_arm(&p[5].timer, 20);
    sw_clock_run(trace.clock, 20, 100);
    sw_clock_recent(trace.clock, recent);
    static const char *const expected[] = {"f", "j", "i", "h", "g", "e", "d", "c"};
    for (int i = 0; i < SW_CLOCK_RECENT; i++) {
        ck_assert_str_eq(recent[i], expected[i]);
    }
    /* One that is gone is not named. */
    sw_timer_fini(&p[8].timer);
    sw_clock_recent(trace.clock, recent);
    ck_assert_str_eq(recent[2], "h");
    ck_assert_ptr_null(recent[7]);
    probes_fini(p, 10);
}
END_TEST

START_TEST(a_batch_outlives_the_growth_of_another)
{
    struct sw_clock *clock = sw_clock_new();
    int x = 0;
    void **batch = sw_clock_batch(clock, 3);
    batch[0] = &x;
    batch[2] = &x;
    ck_assert_ptr_eq(sw_clock_batch(clock, 2), batch);
    void **big = sw_clock_batch(clock, 100000);
    big[99999] = &x;
    ck_assert_ptr_eq(batch[2], &x);
    ck_assert_ptr_null(sw_clock_batch(clock, SIZE_MAX / 4));
    ck_assert_ptr_eq(sw_clock_batch(clock, 100000), big);
    sw_clock_free(clock);
}
END_TEST

/* ---- the heap against a model: a list of keys that is searched from end to end ---- */

#define MODEL_TIMERS 200
#define MODEL_OWNERS 7

struct model {
    struct sw_clock *clock;
    struct sw_draws draws;
    struct sw_owner owner[MODEL_OWNERS];
    uint64_t sequence[MODEL_OWNERS];
    struct model_timer {
        struct sw_timer timer;
        struct model *model;
        unsigned owner;
        bool alive;
        sw_time due;
        uint64_t sequence;
    } t[MODEL_TIMERS];
    unsigned fired;
};

static bool model_before(const struct model *m, const struct model_timer *a,
                         const struct model_timer *b)
{
    if (a->due != b->due) {
        return a->due < b->due;
    }
    if (a->timer.class != b->timer.class) {
        return a->timer.class < b->timer.class;
    }
    if (a->owner != b->owner) {
        return m->owner[a->owner].number < m->owner[b->owner].number;
    }
    return a->sequence < b->sequence;
}

static struct model_timer *model_first(struct model *m)
{
    struct model_timer *first = NULL;
    for (unsigned i = 0; i < MODEL_TIMERS; i++) {
        struct model_timer *t = &m->t[i];
        if (t->alive && t->due != SW_TIME_NEVER && (first == NULL || model_before(m, t, first))) {
            first = t;
        }
    }
    return first;
}

static void model_fires(struct sw_timer *timer);

static void model_act(struct model *m)
{
    struct model_timer *t = &m->t[sw_draw_below(&m->draws, MODEL_TIMERS)];
    uint64_t what = sw_draw_below(&m->draws, 10);
    if (!t->alive) {
        t->owner = (unsigned)sw_draw_below(&m->draws, MODEL_OWNERS);
        enum sw_class class = (enum sw_class)sw_draw_below(&m->draws, 5);
        ck_assert_int_eq(
            sw_timer_init(&t->timer, m->clock, &m->owner[t->owner], class, model_fires), 0);
        t->alive = true;
        t->due = SW_TIME_NEVER;
    } else if (what < 7) {
        sw_time due = sw_clock_now(m->clock) + (sw_time)sw_draw_below(&m->draws, 40) - 3;
        sw_timer_arm(&t->timer, due);
        t->due = due < sw_clock_now(m->clock) ? sw_clock_now(m->clock) : due;
        t->sequence = m->sequence[t->owner]++;
    } else if (what < 9) {
        sw_timer_cancel(&t->timer);
        t->due = SW_TIME_NEVER;
    } else {
        sw_timer_fini(&t->timer);
        t->alive = false;
    }
}

static void model_fires(struct sw_timer *timer)
{
    struct model_timer *t = SW_CONTAINER(timer, struct model_timer, timer);
    struct model *m = t->model;
    ck_assert_ptr_eq(t, model_first(m));
    ck_assert_int_eq(t->due, sw_clock_now(m->clock));
    ck_assert(!sw_timer_armed(timer));
    t->due = SW_TIME_NEVER;
    m->fired++;
    for (uint64_t acts = sw_draw_below(&m->draws, 3); acts > 0; acts--) {
        model_act(m);
    }
}

START_TEST(the_order_is_that_of_a_naive_model)
{
    struct sw_seed seed;
    sw_seed_from_number(&seed, (uint64_t)_i);
    static const char *const names[MODEL_OWNERS] = {"a", "b", "c", "d", "e", "f", "g"};
    struct model *m = calloc(1, sizeof *m);
    m->clock = sw_clock_new();
    sw_draws_init(&m->draws, &seed, 1, SW_DRAW_TEST);
    for (unsigned i = 0; i < MODEL_OWNERS; i++) {
        sw_owner_init(&m->owner[i], names[i]);
    }
    for (unsigned i = 0; i < MODEL_TIMERS; i++) {
        m->t[i].model = m;
    }
    for (unsigned turn = 0; turn < 1500; turn++) {
        for (uint64_t acts = sw_draw_below(&m->draws, 6); acts > 0; acts--) {
            model_act(m);
        }
        struct model_timer *first = model_first(m);
        ck_assert_int_eq(sw_clock_next(m->clock), first == NULL ? SW_TIME_NEVER : first->due);
        sw_time until = sw_clock_now(m->clock) + (sw_time)sw_draw_below(&m->draws, 8);
        uint64_t limit = 1 + sw_draw_below(&m->draws, 50);
        enum sw_run run = sw_clock_run(m->clock, until, limit);
        first = model_first(m);
        ck_assert_int_eq(run == SW_RUN_LIMIT, first != NULL && first->due <= until);
    }
    ck_assert_uint_gt(m->fired, 1000);
    for (unsigned i = 0; i < MODEL_TIMERS; i++) {
        sw_timer_fini(&m->t[i].timer);
    }
    sw_clock_free(m->clock);
    free(m);
}
END_TEST

/* ---- owners that stand still ---- */

START_TEST(what_came_due_in_a_pause_runs_at_its_end_in_the_order_of_its_times)
{
    struct trace trace;
    struct probe p[7];
    trace_init(&trace);
    for (int i = 0; i < 6; i++) {
        probe_init(&p[i], &trace, i, 5, i == 2 ? SW_CLASS_ARRIVAL : SW_CLASS_TIMER);
        p[i].timer.owner = &p[1].owner;
    }
    probe_init(&p[6], &trace, 6, 1, SW_CLASS_TIMER); /* somebody else */
    static const sw_time due[] = {30, 10, 20, 60, 20, 40};
    for (int i = 0; i < 6; i++) {
        sw_timer_arm(&p[i].timer, due[i]);
    }
    sw_timer_arm(&p[6].timer, 50);
    sw_owner_suspend(trace.clock, &p[1].owner);
    sw_owner_suspend(trace.clock, &p[1].owner);
    ck_assert_int_eq(sw_clock_next(trace.clock), 50);
    ck_assert_int_eq(sw_clock_run(trace.clock, 49, 100), SW_RUN_IDLE);
    ck_assert_uint_eq(trace.count, 0);
    sw_timer_cancel(&p[5].timer);  /* was due at 40 */
    sw_timer_arm(&p[4].timer, 25); /* from 20, in the past: now, that is 49 */
    sw_timer_fini(&p[0].timer);
    sw_owner_resume(trace.clock, &p[1].owner);
    sw_owner_resume(trace.clock, &p[1].owner);
    ck_assert_int_eq(sw_clock_next(trace.clock), 49);
    ck_assert_int_eq(sw_clock_run(trace.clock, 100, 100), SW_RUN_IDLE);
    EXPECT(&trace, 1, 2, 4, 6, 3);
    static const sw_time at[] = {49, 49, 49, 50, 60};
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(trace.at[i], at[i]);
    }
    probes_fini(p, 7);
}
END_TEST

/* The clock goes on for the others, and never backwards. */
START_TEST(a_pause_holds_nobody_else)
{
    struct trace trace;
    struct probe p[2];
    trace_init(&trace);
    probe_init(&p[0], &trace, 0, 1, SW_CLASS_TIMER);
    probe_init(&p[1], &trace, 1, 2, SW_CLASS_TIMER);
    p[1].again = 10;
    sw_owner_suspend(trace.clock, &p[0].owner);
    sw_timer_arm(&p[0].timer, 5);
    sw_timer_arm(&p[1].timer, 10);
    ck_assert_int_eq(sw_clock_run(trace.clock, 15, 100), SW_RUN_IDLE);
    EXPECT(&trace, 1);
    sw_timer_arm(&p[0].timer, 18); /* while it waits to be put back */
    sw_owner_resume(trace.clock, &p[0].owner);
    ck_assert_int_eq(sw_clock_next(trace.clock), 18);
    ck_assert_int_eq(sw_clock_run(trace.clock, 30, 100), SW_RUN_IDLE);
    EXPECT(&trace, 1, 0, 1);
    ck_assert_int_eq(trace.at[1], 18);
    ck_assert_int_eq(trace.at[2], 20);
    probes_fini(p, 2);
}
END_TEST

/* ---- what is asserted ---- */

START_TEST(a_clock_with_an_unfinished_timer_is_not_freed)
{
    struct trace trace;
    struct probe p[1];
    trace_init(&trace);
    probe_init(&p[0], &trace, 0, 1, SW_CLASS_TIMER);
    sw_clock_free(trace.clock);
}
END_TEST

static void runs_the_clock(struct sw_timer *timer)
{
    sw_clock_run(timer->clock, 100, 1);
}

START_TEST(a_callback_does_not_run_the_clock)
{
    struct trace trace;
    struct sw_owner owner = {.name = "x"};
    struct sw_timer timer;
    trace_init(&trace);
    ck_assert_int_eq(sw_timer_init(&timer, trace.clock, &owner, SW_CLASS_TIMER, runs_the_clock), 0);
    sw_timer_arm(&timer, 1);
    sw_clock_run(trace.clock, 1, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clock");
    TCase *order = tcase_create("order");
    tcase_add_test(order, what_is_due_at_once_runs_by_class_owner_and_sequence);
    tcase_add_test(order, the_sequence_is_taken_where_arming_is_asked_for);
    tcase_add_test(order, a_cancelled_timer_neither_runs_nor_holds_time);
    tcase_add_test(order, a_time_before_now_means_now);
    tcase_add_test(order, a_callback_may_arm_for_now_also_in_an_earlier_class);
    tcase_add_test(order, a_timer_may_finish_itself_while_it_runs);
    tcase_add_loop_test(order, the_order_is_that_of_a_naive_model, 0, 20);
    suite_add_tcase(suite, order);
    TCase *turns = tcase_create("turns");
    tcase_add_test(turns, the_limit_counts_callbacks_and_the_rest_runs_later);
    tcase_add_test(turns, wires_are_served_first_in_first_out_after_what_is_due);
    tcase_add_test(turns, a_turn_serves_the_wires_that_waited_when_it_began);
    tcase_add_test(turns, ready_work_never_holds_time_back);
    tcase_add_test(turns, a_wire_that_the_limit_leaves_stays_in_its_place);
    tcase_add_test(turns, a_wire_can_be_taken_out_anywhere);
    tcase_add_test(turns, taking_a_wire_out_shortens_the_snapshot);
    tcase_add_test(turns, the_owners_that_ran_last_are_named_without_repeats);
    tcase_add_test(turns, a_batch_outlives_the_growth_of_another);
    suite_add_tcase(suite, turns);
    TCase *pauses = tcase_create("pauses");
    tcase_add_test(pauses, what_came_due_in_a_pause_runs_at_its_end_in_the_order_of_its_times);
    tcase_add_test(pauses, a_pause_holds_nobody_else);
    suite_add_tcase(suite, pauses);
    TCase *asserted = tcase_create("asserted");
    tcase_add_test_raise_signal(asserted, a_clock_with_an_unfinished_timer_is_not_freed, SIGABRT);
    tcase_add_test_raise_signal(asserted, a_callback_does_not_run_the_clock, SIGABRT);
    suite_add_tcase(suite, asserted);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
