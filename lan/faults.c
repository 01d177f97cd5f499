/* Faults (see faults.h). Each link and each host has a record of how many faults hold it down
 * (crashed, stopped, held), with a number that changes when the opposite action ends them all: a
 * fault whose number is an older one has nothing left to undo.
 *
 * A fault that goes on by itself (a flapping link, a ramp) has a timer; one that takes frames has
 * rules in lanes. Those that can no longer change anything, and that nobody is to undo, are swept
 * out when the next one comes. */
#include "lan/faults.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "lan/layers.h"
#include "lan/match.h"
#include "lan/partition.h"

#define AGAIN SW_S /* what finds no memory is tried again after this */

/* How many faults hold something, and which of its lives they belong to. */
struct hold {
    uint32_t count, life;
};

struct link_record {
    struct hold down, lane[2]; /* lane: what holds its frames */
    struct sw_layers *layers[2];
};

struct host_record {
    struct hold crash, stop;
};

struct rule {
    struct sw_lane_rule rule;
    struct sw_fault *fault;
    struct sw_lane *lane;
    struct sw_match *match;
    bool in; /* the lane asks it */
};

struct sw_fault {
    struct sw_fault *prev, *next;
    struct sw_faults *faults;
    const struct sw_topo_action *action;
    bool kept; /* it will be undone */
    bool over; /* nothing more will come of it */
    uint32_t life, lane_life[2];
    struct sw_timer timer; /* of a ramp, and of a link that flaps */
    struct sw_timer undo;
    const void *cookie;
    sw_time began;
    bool is_down;             /* flap: it holds its link down now */
    struct sw_layer layer[2]; /* set */
    struct rule rule[2];      /* drop */
    uint32_t seen;            /* drop: frames that matched */
};

struct sw_faults {
    struct sw_fabric *fabric;
    struct sw_faults_hooks hooks;
    struct sw_owner owner;
    struct sw_fault *first;
    struct link_record *link;
    struct host_record *host;
    size_t link_count, host_count; /* that have records */
    struct sw_partition *partition;
    uint32_t partition_life;
};

static sw_time now(const struct sw_faults *f)
{
    return sw_clock_now(f->fabric->env.clock);
}

static struct sw_lane *lane_of(const struct sw_faults *f, size_t link, unsigned way)
{
    struct sw_link *at = sw_fabric_link_at(f->fabric, link);
    return way == 0 ? &at->forward : &at->backward;
}

/* ---- holds ---- */

/* True: it is the first. */
static bool take_hold(struct hold *hold, uint32_t *life)
{
    *life = hold->life;
    return hold->count++ == 0;
}

/* True: it was the last. */
static bool let_go(struct hold *hold, uint32_t life)
{
    return hold->life == life && --hold->count == 0;
}

static void end_all(struct hold *hold)
{
    hold->count = 0;
    hold->life++;
}

/* ---- links that go down, hosts that crash or stand still ---- */

static void link_down(struct sw_faults *f, size_t link, uint32_t *life)
{
    if (take_hold(&f->link[link].down, life)) {
        sw_fabric_link_set_up(f->fabric, link, false);
    }
}

static void undo_down(struct sw_faults *f, size_t link, uint32_t life)
{
    if (let_go(&f->link[link].down, life)) {
        sw_fabric_link_set_up(f->fabric, link, true);
    }
}

static void link_up(struct sw_faults *f, size_t link)
{
    end_all(&f->link[link].down);
    sw_fabric_link_set_up(f->fabric, link, true);
}

static void crash(struct sw_faults *f, size_t host, uint32_t *life)
{
    if (take_hold(&f->host[host].crash, life)) {
        f->hooks.crash(f->hooks.ctx, host);
    }
}

static int restart(struct sw_faults *f, size_t host)
{
    int status = f->hooks.restart(f->hooks.ctx, host);
    if (status == 0) {
        end_all(&f->host[host].crash);
        end_all(&f->host[host].stop);
    }
    return status;
}

static int undo_crash(struct sw_faults *f, size_t host, uint32_t life)
{
    struct hold *hold = &f->host[host].crash;
    if (hold->life == life && hold->count == 1) {
        return restart(f, host);
    }
    let_go(hold, life);
    return 0;
}

static void stop(struct sw_faults *f, size_t host, uint32_t *life)
{
    if (take_hold(&f->host[host].stop, life)) {
        f->hooks.stop(f->hooks.ctx, host);
    }
}

static void go_on(struct sw_faults *f, size_t host)
{
    end_all(&f->host[host].stop);
    f->hooks.go_on(f->hooks.ctx, host);
}

static void undo_stop(struct sw_faults *f, size_t host, uint32_t life)
{
    if (let_go(&f->host[host].stop, life)) {
        f->hooks.go_on(f->hooks.ctx, host);
    }
}

/* ---- held frames ---- */

static void hold_lanes(struct sw_faults *f, const struct sw_topo_action *action, uint32_t life[2])
{
    for (unsigned way = 0; way < 2; way++) {
        if ((action->ways >> way & 1) != 0 &&
            take_hold(&f->link[action->link].lane[way], &life[way])) {
            sw_lane_hold(lane_of(f, action->link, way), true);
        }
    }
}

static void undo_hold(struct sw_faults *f, const struct sw_topo_action *action,
                      const uint32_t life[2])
{
    for (unsigned way = 0; way < 2; way++) {
        if ((action->ways >> way & 1) != 0 && let_go(&f->link[action->link].lane[way], life[way])) {
            sw_lane_hold(lane_of(f, action->link, way), false);
        }
    }
}

static void release(struct sw_faults *f, const struct sw_topo_action *action)
{
    for (unsigned way = 0; way < 2; way++) {
        if ((action->ways >> way & 1) != 0) {
            end_all(&f->link[action->link].lane[way]);
            sw_lane_hold(lane_of(f, action->link, way), false);
        }
    }
}

/* ---- partitions ---- */

static int part(struct sw_faults *f, const struct sw_topo_action *action, uint32_t *life)
{
    struct sw_partition *partition = NULL;
    int status = sw_partition_new(&partition, f->fabric, action->group, action->group_count);
    if (status < 0) {
        return status;
    }
    sw_partition_free(f->partition);
    f->partition = partition;
    sw_partition_begin(partition);
    *life = ++f->partition_life;
    return 0;
}

static void heal(struct sw_faults *f)
{
    f->partition_life++;
    sw_partition_free(f->partition);
    f->partition = NULL;
}

/* ---- flapping ---- */

static void flap(struct sw_fault *fault)
{
    struct sw_faults *f = fault->faults;
    const struct sw_topo_action *action = fault->action;
    const sw_time passed = now(f) - fault->began;
    if (fault->life != f->link[action->link].down.life) {
        fault->over = true; /* `up` ended it */
        fault->is_down = false;
        return;
    }
    if (fault->is_down) {
        undo_down(f, action->link, fault->life);
    } else {
        link_down(f, action->link, &fault->life);
    }
    fault->is_down = !fault->is_down;
    const sw_time turn = fault->began + passed - passed % action->every;
    sw_timer_arm(&fault->timer, turn + (fault->is_down ? action->down : action->every));
}

static void begin_flapping(struct sw_fault *fault)
{
    assert(fault->action->every > 0);
    fault->life = fault->faults->link[fault->action->link].down.life;
    flap(fault);
}

/* ---- settings ---- */

static struct sw_layers *layers_of(struct sw_faults *f, size_t link, unsigned way)
{
    struct sw_layers **at = &f->link[link].layers[way];
    if (*at == NULL) {
        *at = calloc(1, sizeof **at);
        if (*at != NULL) {
            (*at)->base = *sw_fabric_given(f->fabric, link, way);
        }
    }
    return *at;
}

/* The lane does what its layers say. */
static int apply(struct sw_faults *f, size_t link, unsigned way)
{
    struct sw_lane *lane = lane_of(f, link, way);
    const struct sw_lane_config want = sw_layers_config(f->link[link].layers[way]);
    const struct sw_lane_config config = sw_fabric_effective(f->fabric, &want);
    const unsigned said = sw_lane_config_differ(&config, &lane->config);
    return said == 0 ? 0 : sw_lane_configure(lane, &config, said);
}

static int apply_all(struct sw_fault *fault)
{
    int status = 0;
    for (unsigned way = 0; way < 2 && status == 0; way++) {
        if ((fault->action->ways >> way & 1) != 0) {
            status = apply(fault->faults, fault->action->link, way);
        }
    }
    return status;
}

static void remove_layers(struct sw_fault *fault)
{
    for (unsigned way = 0; way < 2; way++) {
        struct sw_layers *layers = fault->faults->link[fault->action->link].layers[way];
        if (layers != NULL) {
            sw_layers_remove(layers, &fault->layer[way]);
        }
    }
}

/* A ramp has come to its end, or there was none. */
static void settle(struct sw_fault *fault)
{
    for (unsigned way = 0; way < 2 && !fault->kept; way++) {
        if ((fault->action->ways >> way & 1) != 0) {
            sw_layers_settle(fault->faults->link[fault->action->link].layers[way],
                             &fault->layer[way]);
        }
    }
    fault->over = true;
}

/* The next step of a ramp. One that finds no memory is made up for by the next. */
static void climb(struct sw_fault *fault)
{
    const sw_time over = fault->action->over;
    const uint32_t steps = sw_ramp_steps(over);
    const uint32_t done = fault->layer[(fault->action->ways & SW_FORWARD) != 0 ? 0 : 1].step;
    const uint32_t step = done < steps ? done + 1 : steps;
    if ((fault->layer[0].said | fault->layer[1].said) == 0) {
        remove_layers(fault); /* later settings that stay have taken all of it away */
        fault->over = true;
        return;
    }
    for (unsigned way = 0; way < 2; way++) {
        fault->layer[way].step = step;
    }
    const int status = apply_all(fault);
    if (step < steps) {
        sw_timer_arm(&fault->timer, fault->began + sw_ramp_due(over, step + 1, steps));
    } else if (status < 0) {
        sw_timer_arm(&fault->timer, now(fault->faults) + AGAIN);
    } else {
        settle(fault);
    }
}

static int set(struct sw_faults *f, struct sw_fault *fault)
{
    const struct sw_topo_action *action = fault->action;
    const uint32_t steps = sw_ramp_steps(action->over);
    for (unsigned way = 0; way < 2; way++) {
        if ((action->ways >> way & 1) != 0 && layers_of(f, action->link, way) == NULL) {
            return -ENOMEM;
        }
    }
    for (unsigned way = 0; way < 2; way++) {
        if ((action->ways >> way & 1) != 0) {
            struct sw_layer *layer = &fault->layer[way];
            layer->said = action->said;
            layer->to = action->lane;
            sw_layers_push(f->link[action->link].layers[way], layer, steps, !fault->kept);
        }
    }
    int status = apply_all(fault);
    if (status < 0) {
        remove_layers(fault);
        (void)apply_all(fault);
        return status;
    }
    if (steps > 0) {
        sw_timer_arm(&fault->timer, fault->began + sw_ramp_due(action->over, 1, steps));
    } else {
        settle(fault);
    }
    return 0;
}

/* ---- frames that are taken ---- */

static void end_rules(struct sw_fault *fault)
{
    for (unsigned way = 0; way < 2; way++) {
        struct rule *rule = &fault->rule[way];
        if (rule->in) {
            sw_lane_remove_rule(rule->lane, &rule->rule);
            rule->in = false;
        }
    }
    fault->over = true;
}

/* Both directions count together. */
static bool drops(struct sw_lane_rule *lane_rule, const struct sw_frame *frame)
{
    struct rule *rule = SW_CONTAINER(lane_rule, struct rule, rule);
    struct sw_fault *fault = rule->fault;
    const struct sw_topo_action *action = fault->action;
    if (fault->over || !sw_match_frame(rule->match, frame)) {
        return false;
    }
    fault->seen++;
    const uint32_t last = action->nth != 0 ? action->nth : action->count;
    const bool takes = action->nth == 0 || fault->seen == action->nth;
    if (last != 0 && fault->seen >= last) {
        end_rules(fault);
    }
    return takes;
}

static int drop(struct sw_faults *f, struct sw_fault *fault)
{
    const struct sw_topo_action *action = fault->action;
    for (unsigned way = 0; way < 2; way++) {
        struct rule *rule = &fault->rule[way];
        if ((action->ways >> way & 1) == 0) {
            continue;
        }
        int status = sw_match_new(&rule->match, &action->match);
        if (status < 0) {
            return status;
        }
        rule->rule.drops = drops;
        rule->fault = fault;
        rule->lane = lane_of(f, action->link, way);
    }
    for (unsigned way = 0; way < 2; way++) {
        if (fault->rule[way].match != NULL) {
            fault->rule[way].in = true;
            sw_lane_add_rule(fault->rule[way].lane, &fault->rule[way].rule);
        }
    }
    return 0;
}

/* ---- a fault's life ---- */

static void on_timer(struct sw_timer *timer)
{
    struct sw_fault *fault = SW_CONTAINER(timer, struct sw_fault, timer);
    if (fault->action->kind == SW_ACTION_FLAP) {
        flap(fault);
    } else {
        climb(fault);
    }
}

static void free_fault(struct sw_fault *fault)
{
    struct sw_faults *f = fault->faults;
    if (fault->prev != NULL) {
        fault->prev->next = fault->next;
    } else {
        f->first = fault->next;
    }
    if (fault->next != NULL) {
        fault->next->prev = fault->prev;
    }
    end_rules(fault);
    for (unsigned way = 0; way < 2; way++) {
        sw_match_free(fault->rule[way].match);
    }
    sw_timer_fini(&fault->timer);
    sw_timer_fini(&fault->undo);
    free(fault);
}

/* What the action itself has begun at an earlier time begins anew with it: so one that comes again
 * and again does not pile up. */
static bool begins_anew(const struct sw_fault *fault, const struct sw_topo_action *action)
{
    return fault->action == action &&
           (action->kind == SW_ACTION_DROP || action->kind == SW_ACTION_FLAP);
}

static void sweep(struct sw_faults *f, const struct sw_topo_action *action)
{
    for (struct sw_fault *fault = f->first, *next = NULL; fault != NULL; fault = next) {
        next = fault->next;
        if (!fault->kept && (fault->over || begins_anew(fault, action))) {
            if (fault->is_down) {
                undo_down(f, action->link, fault->life);
            }
            free_fault(fault);
        }
    }
}

static void on_undo(struct sw_timer *timer);

static struct sw_fault *new_fault(struct sw_faults *f, const struct sw_topo_action *action)
{
    struct sw_clock *clock = f->fabric->env.clock;
    struct sw_fault *fault = calloc(1, sizeof *fault);
    if (fault == NULL ||
        sw_timer_init(&fault->timer, clock, &f->owner, SW_CLASS_EVENT, on_timer) < 0 ||
        sw_timer_init(&fault->undo, clock, &f->owner, SW_CLASS_EVENT, on_undo) < 0) {
        if (fault != NULL) {
            sw_timer_fini(&fault->timer);
        }
        free(fault);
        return NULL;
    }
    fault->faults = f;
    fault->action = action;
    fault->began = now(f);
    fault->next = f->first;
    if (f->first != NULL) {
        f->first->prev = fault;
    }
    f->first = fault;
    return fault;
}

/* ---- the interface ---- */

/* Does this action need a fault of its own, also where nobody undoes it? */
static bool goes_on(enum sw_action_kind kind)
{
    return kind == SW_ACTION_SET || kind == SW_ACTION_FLAP || kind == SW_ACTION_DROP;
}

static bool can_be_undone(enum sw_action_kind kind)
{
    return kind != SW_ACTION_UP && kind != SW_ACTION_RESTART && kind != SW_ACTION_CONTINUE &&
           kind != SW_ACTION_HEAL && kind != SW_ACTION_RELEASE;
}

/* Records for every link and host there is now. */
static int make_records(struct sw_faults *f)
{
    const size_t links = f->fabric->cables.count, hosts = f->fabric->hosts.count;
    if (links > f->link_count) {
        struct link_record *link = realloc(f->link, links * sizeof *link);
        if (link == NULL) {
            return -ENOMEM;
        }
        f->link = link;
        while (f->link_count < links) {
            f->link[f->link_count++] = (struct link_record){.layers = {NULL, NULL}};
        }
    }
    if (hosts > f->host_count) {
        struct host_record *host = realloc(f->host, hosts * sizeof *host);
        if (host == NULL) {
            return -ENOMEM;
        }
        f->host = host;
        while (f->host_count < hosts) {
            f->host[f->host_count++] = (struct host_record){.crash = {0, 0}};
        }
    }
    return 0;
}

int sw_faults_new(struct sw_faults **out, struct sw_fabric *fabric,
                  const struct sw_faults_hooks *hooks)
{
    struct sw_faults *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return -ENOMEM;
    }
    f->fabric = fabric;
    f->hooks = *hooks;
    sw_owner_init(&f->owner, "the events");
    *out = f;
    return 0;
}

struct sw_owner *sw_faults_owner(struct sw_faults *faults)
{
    return &faults->owner;
}

void sw_faults_free(struct sw_faults *faults)
{
    if (faults == NULL) {
        return;
    }
    for (struct sw_fault *fault = faults->first, *next; fault != NULL; fault = next) {
        next = fault->next;
        assert(fault->prev == NULL); /* an analyser cannot see it */
        free_fault(fault);
    }
    sw_partition_free(faults->partition);
    for (size_t i = 0; i < faults->link_count; i++) {
        free(faults->link[i].layers[0]);
        free(faults->link[i].layers[1]);
    }
    free(faults->link);
    free(faults->host);
    free(faults);
}

/* life: two, of the action's lanes; all else uses the first. */
static int begin(struct sw_faults *f, const struct sw_topo_action *action, struct sw_fault *fault,
                 uint32_t life[2])
{
    switch (action->kind) {
    case SW_ACTION_DOWN:
        link_down(f, action->link, life);
        return 0;
    case SW_ACTION_UP:
        link_up(f, action->link);
        return 0;
    case SW_ACTION_SET:
        return set(f, fault);
    case SW_ACTION_FLAP:
        begin_flapping(fault);
        return 0;
    case SW_ACTION_DROP:
        return drop(f, fault);
    case SW_ACTION_CRASH:
        crash(f, action->host, life);
        return 0;
    case SW_ACTION_RESTART:
        return restart(f, action->host);
    case SW_ACTION_STOP:
        stop(f, action->host, life);
        return 0;
    case SW_ACTION_CONTINUE:
        go_on(f, action->host);
        return 0;
    case SW_ACTION_PARTITION:
        return part(f, action, life);
    case SW_ACTION_HEAL:
        heal(f);
        return 0;
    case SW_ACTION_HOLD:
        hold_lanes(f, action, life);
        return 0;
    case SW_ACTION_RELEASE:
        release(f, action);
        return 0;
    }
    return 0;
}

int sw_faults_do(struct sw_faults *faults, const struct sw_topo_action *action, sw_time span,
                 const void *cookie)
{
    const bool kept = span > 0 && can_be_undone(action->kind);
    struct sw_fault *fault = NULL;
    uint32_t life[2] = {0, 0};
    sweep(faults, action);
    if (make_records(faults) < 0) {
        return -ENOMEM;
    }
    if (kept || goes_on(action->kind)) {
        fault = new_fault(faults, action);
        if (fault == NULL) {
            return -ENOMEM;
        }
        fault->kept = kept;
        fault->cookie = cookie;
    }
    int status = begin(faults, action, fault, fault != NULL ? fault->lane_life : life);
    if (status < 0 && fault != NULL) {
        free_fault(fault);
    } else if (kept) {
        sw_timer_arm(&fault->undo, now(faults) + span);
    }
    return status;
}

/* ---- undoing ---- */

/* 0, or a negative errno: it stands. */
static int undo(struct sw_fault *fault)
{
    struct sw_faults *f = fault->faults;
    const struct sw_topo_action *action = fault->action;
    const uint32_t *life = fault->lane_life;
    switch (action->kind) {
    case SW_ACTION_DOWN:
        undo_down(f, action->link, life[0]);
        return 0;
    case SW_ACTION_SET:
        remove_layers(fault);
        sw_timer_cancel(&fault->timer);
        return apply_all(fault);
    case SW_ACTION_FLAP:
        if (fault->is_down) {
            undo_down(f, action->link, fault->life);
        }
        return 0;
    case SW_ACTION_CRASH:
        return undo_crash(f, action->host, life[0]);
    case SW_ACTION_STOP:
        undo_stop(f, action->host, life[0]);
        return 0;
    case SW_ACTION_PARTITION:
        if (life[0] == f->partition_life) {
            heal(f);
        }
        return 0;
    case SW_ACTION_HOLD:
        undo_hold(f, action, life);
        return 0;
    default: /* a drop's rules go with it */
        return 0;
    }
}

static void on_undo(struct sw_timer *timer)
{
    struct sw_fault *fault = SW_CONTAINER(timer, struct sw_fault, undo);
    struct sw_faults *f = fault->faults;
    const void *cookie = fault->cookie;
    const int status = undo(fault);
    if (status == -ENOMEM) {
        sw_timer_arm(timer, now(f) + AGAIN);
        return;
    }
    free_fault(fault);
    if (f->hooks.undone != NULL) {
        f->hooks.undone(f->hooks.ctx, cookie, status);
    }
}
