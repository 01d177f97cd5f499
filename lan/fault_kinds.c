/* What each kind of fault does, and how it is undone (faults_impl.h). Each link and each host has a
 * record of how many faults hold it down (crashed, stopped, held), with a number that changes when
 * the opposite action ends them all: a fault whose number is an older one has nothing left to
 * undo. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "lan/faults_impl.h"

static struct sw_lane *lane_of(const struct sw_faults *f, size_t link, unsigned way)
{
    struct sw_link *at = sw_fabric_link_at(f->fabric, link);
    return way == 0 ? &at->forward : &at->backward;
}

/* ---- holds ---- */

/* True: it is the first. */
static bool take_hold(struct sw_fault_hold *hold, uint32_t *life)
{
    *life = hold->life;
    return hold->count++ == 0;
}

/* True: it was the last. */
static bool let_go(struct sw_fault_hold *hold, uint32_t life)
{
    return hold->life == life && --hold->count == 0;
}

static void end_all(struct sw_fault_hold *hold)
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
    struct sw_fault_hold *hold = &f->host[host].crash;
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
    const sw_time passed = sw_faults_now(f) - fault->began;
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
        sw_timer_arm(&fault->timer, sw_faults_now(fault->faults) + SW_FAULTS_AGAIN);
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
        struct sw_fault_rule *rule = &fault->rule[way];
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
    struct sw_fault_rule *rule = SW_CONTAINER(lane_rule, struct sw_fault_rule, rule);
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
        struct sw_fault_rule *rule = &fault->rule[way];
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

/* ---- all kinds ---- */

int sw_fault_begin(struct sw_faults *f, const struct sw_topo_action *action, struct sw_fault *fault,
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
    case SW_ACTION_START:
        end_all(&f->host[action->host].crash);
        f->hooks.meet(f->hooks.ctx, action);
        return 0;
    case SW_ACTION_KILL:
        f->hooks.meet(f->hooks.ctx, action);
        return 0;
    }
    return 0;
}

void sw_fault_goes_on(struct sw_timer *timer)
{
    struct sw_fault *fault = SW_CONTAINER(timer, struct sw_fault, timer);
    if (fault->action->kind == SW_ACTION_FLAP) {
        flap(fault);
    } else {
        climb(fault);
    }
}

int sw_fault_undo(struct sw_fault *fault)
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

void sw_fault_end(struct sw_fault *fault)
{
    end_rules(fault);
    for (unsigned way = 0; way < 2; way++) {
        sw_match_free(fault->rule[way].match);
    }
}
