/* A fault's life (see faults.h): made when its action comes, undone when its time is over, swept
 * out when it can no longer change anything and nobody is to undo it. What it does meanwhile is
 * fault_kinds.c's. One that goes on by itself (a flapping link, a ramp) has a timer; one that takes
 * frames has rules in lanes. */
#include "lan/faults.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "lan/faults_impl.h"

/* ---- a fault's life ---- */

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
    sw_fault_end(fault);
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
                sw_fault_undo(fault); /* a link that flaps begins anew from up: cannot fail */
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
        sw_timer_init(&fault->timer, clock, &f->owner, SW_CLASS_EVENT, sw_fault_goes_on) < 0 ||
        sw_timer_init(&fault->undo, clock, &f->owner, SW_CLASS_EVENT, on_undo) < 0) {
        if (fault != NULL) {
            sw_timer_fini(&fault->timer);
        }
        free(fault);
        return NULL;
    }
    fault->faults = f;
    fault->action = action;
    fault->began = sw_faults_now(f);
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
        struct sw_fault_link *link = realloc(f->link, links * sizeof *link);
        if (link == NULL) {
            return -ENOMEM;
        }
        f->link = link;
        while (f->link_count < links) {
            f->link[f->link_count++] = (struct sw_fault_link){.layers = {NULL, NULL}};
        }
    }
    if (hosts > f->host_count) {
        struct sw_fault_host *host = realloc(f->host, hosts * sizeof *host);
        if (host == NULL) {
            return -ENOMEM;
        }
        f->host = host;
        while (f->host_count < hosts) {
            f->host[f->host_count++] = (struct sw_fault_host){.crash = {0, 0}};
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
    int status = sw_fault_begin(faults, action, fault, fault != NULL ? fault->lane_life : life);
    if (status < 0 && fault != NULL) {
        free_fault(fault);
    } else if (kept) {
        sw_timer_arm(&fault->undo, sw_faults_now(faults) + span);
    }
    return status;
}

static void on_undo(struct sw_timer *timer)
{
    struct sw_fault *fault = SW_CONTAINER(timer, struct sw_fault, undo);
    struct sw_faults *f = fault->faults;
    const void *cookie = fault->cookie;
    const int status = sw_fault_undo(fault);
    if (status == -ENOMEM) {
        sw_timer_arm(timer, sw_faults_now(f) + SW_FAULTS_AGAIN);
        return;
    }
    free_fault(fault);
    if (f->hooks.undone != NULL) {
        f->hooks.undone(f->hooks.ctx, cookie, status);
    }
}
