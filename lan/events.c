/* Events (see events.h): when an action is due, when it is undone, and what is said of it. What an
 * action does is faults.c's.
 *
 * An event has a timer for its next time. Where the end of one time and the beginning of the next
 * fall on one instant, the end comes first, since it was armed first. */
#include "lan/events.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/fabric.h"
#include "lan/faults.h"

#define TEXT_BYTES 512

struct event {
    struct sw_events *events;
    const struct sw_topo_event *what;
    struct sw_timer timer;
    uint32_t times; /* that it came; stays at UINT32_MAX */
    bool waits;     /* for a step that has not ended */
};

struct sw_events {
    struct sw_clock *clock;
    struct sw_network *net;
    struct sw_faults *faults;
    struct sw_events_hooks hooks;
    size_t count;
    struct event event[];
};

/* ---- what is said ---- */

static const char *verb(enum sw_action_kind kind)
{
    static const char *const verbs[] = {
        [SW_ACTION_DOWN] = "down",         [SW_ACTION_UP] = "up",
        [SW_ACTION_SET] = "set",           [SW_ACTION_FLAP] = "flap",
        [SW_ACTION_DROP] = "drop",         [SW_ACTION_CRASH] = "crash",
        [SW_ACTION_RESTART] = "restart",   [SW_ACTION_STOP] = "stop",
        [SW_ACTION_CONTINUE] = "continue", [SW_ACTION_PARTITION] = "partition",
        [SW_ACTION_HEAL] = "heal",         [SW_ACTION_HOLD] = "hold",
        [SW_ACTION_RELEASE] = "release",   [SW_ACTION_KILL] = "kill",
        [SW_ACTION_START] = "start",
    };
    return verbs[kind];
}

/* NULL: it has no opposite, only an end. */
static const char *opposite(enum sw_action_kind kind)
{
    switch (kind) {
    case SW_ACTION_DOWN:
        return "up";
    case SW_ACTION_CRASH:
        return "restart";
    case SW_ACTION_STOP:
        return "continue";
    case SW_ACTION_PARTITION:
        return "heal";
    case SW_ACTION_HOLD:
        return "release";
    default:
        return NULL;
    }
}

static const char *name_of(const struct sw_topo_action *action)
{
    return action->name != NULL ? action->name : verb(action->kind);
}

static void say(const struct sw_events *events, const char *text)
{
    if (events->hooks.acted != NULL) {
        events->hooks.acted(events->hooks.ctx, sw_clock_now(events->clock), text);
    }
}

/* Why it was not done; nothing if it was. */
static const char *failure(int status)
{
    return status == 0             ? ""
           : status == -EADDRINUSE ? ": not done, the port of a service is taken"
                                   : ": not done, out of memory";
}

static void say_done(const struct sw_events *events, const struct sw_topo_action *action,
                     int status)
{
    char text[TEXT_BYTES];
    snprintf(text, sizeof text, "%s%s", name_of(action), failure(status));
    say(events, text);
}

/* "up sensor-3 core (undoes line 12)", "end of flap sensor-3 core (line 12)" */
static void say_undone(const struct sw_events *events, const struct sw_topo_event *what, int status)
{
    char text[TEXT_BYTES], line[32] = "";
    const struct sw_topo_action *action = &what->action;
    const char *name = name_of(action), *other = opposite(action->kind);
    const unsigned at = what->where.line != 0 ? what->where.line : action->where.line;
    if (at != 0) {
        snprintf(line, sizeof line, " (%sline %u)", other != NULL ? "undoes " : "", at);
    }
    if (other == NULL) {
        snprintf(text, sizeof text, "end of %s%s%s", name, line, failure(status));
    } else if (action->kind == SW_ACTION_PARTITION) {
        snprintf(text, sizeof text, "%s%s%s", other, line, failure(status));
    } else {
        snprintf(text, sizeof text, "%s%s%s%s", other, name + strcspn(name, " "), line,
                 failure(status));
    }
    say(events, text);
}

/* ---- doing ---- */

static void come(struct sw_timer *timer)
{
    struct event *event = SW_CONTAINER(timer, struct event, timer);
    struct sw_events *events = event->events;
    const struct sw_topo_event *what = event->what;
    int status = sw_faults_do(events->faults, &what->action, what->span, what);
    event->times += event->times < UINT32_MAX ? 1 : 0;
    if (what->every > 0 && (what->times == 0 || event->times < what->times)) {
        sw_timer_arm(timer, sw_clock_now(events->clock) + what->every);
    }
    say_done(events, &what->action, status);
}

/* ---- the interface ---- */

static void crash(void *ctx, size_t host)
{
    sw_network_crash(((struct sw_events *)ctx)->net, host);
}

static int restart(void *ctx, size_t host)
{
    return sw_network_restart(((struct sw_events *)ctx)->net, host);
}

static void stop(void *ctx, size_t host)
{
    sw_network_stop(((struct sw_events *)ctx)->net, host);
}

static void go_on(void *ctx, size_t host)
{
    sw_network_continue(((struct sw_events *)ctx)->net, host);
}

static void meet(void *ctx, const struct sw_topo_action *action)
{
    sw_network_meet(((struct sw_events *)ctx)->net, action);
}

static void undone(void *ctx, const void *cookie, int status)
{
    say_undone(ctx, cookie, status);
}

int sw_events_new(struct sw_events **out, struct sw_network *net,
                  const struct sw_events_hooks *hooks)
{
    const struct sw_topo *topo = sw_network_topo(net);
    struct sw_events *events = calloc(1, sizeof *events + topo->event_count * sizeof(struct event));
    if (events == NULL) {
        return -ENOMEM;
    }
    events->net = net;
    events->clock = sw_network_env(net)->clock;
    if (hooks != NULL) {
        events->hooks = *hooks;
    }
    const struct sw_faults_hooks faults = {.meet = meet,
                                           .crash = crash,
                                           .restart = restart,
                                           .stop = stop,
                                           .go_on = go_on,
                                           .undone = undone,
                                           .ctx = events};
    int status = sw_faults_new(&events->faults, sw_network_fabric(net), &faults);
    for (size_t i = 0; status == 0 && i < topo->event_count; i++) {
        struct event *event = &events->event[i];
        status = sw_timer_init(&event->timer, events->clock, sw_faults_owner(events->faults),
                               SW_CLASS_EVENT, come);
        event->events = events;
        event->what = &topo->events[i];
        event->waits = event->what->after != SW_STEP_NONE;
        events->count = i + 1;
        if (status == 0 && !event->waits) {
            sw_timer_arm(&event->timer, event->what->at);
        }
    }
    if (status < 0) {
        sw_events_free(events);
        return status;
    }
    *out = events;
    return 0;
}

void sw_events_free(struct sw_events *events)
{
    if (events == NULL) {
        return;
    }
    for (size_t i = 0; i < events->count; i++) {
        sw_timer_fini(&events->event[i].timer);
    }
    sw_faults_free(events->faults);
    free(events);
}

int sw_events_do(struct sw_events *events, const struct sw_topo_action *action)
{
    int status = sw_faults_do(events->faults, action, 0, NULL);
    if (status == 0) {
        say(events, name_of(action));
    }
    return status;
}

void sw_events_step_ended(struct sw_events *events, size_t number)
{
    for (size_t i = 0; i < events->count; i++) {
        struct event *event = &events->event[i];
        if (event->waits && event->what->after == number) {
            event->waits = false;
            sw_timer_arm(&event->timer, sw_clock_now(events->clock) + event->what->at);
        }
    }
}

const struct sw_topo_event *sw_events_left(const struct sw_events *events, size_t i)
{
    for (size_t k = 0; k < events->count; k++) {
        if (events->event[k].times == 0 && i-- == 0) {
            return events->event[k].what;
        }
    }
    return NULL;
}
