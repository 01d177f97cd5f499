/* Events: actions that time brings. */
#include <stdlib.h>

#include "config/build.h"

/* What `for` undoes; the others have nothing that could be undone. */
static bool can_be_undone(enum sw_action_kind kind)
{
    return kind != SW_ACTION_UP && kind != SW_ACTION_RESTART && kind != SW_ACTION_CONTINUE &&
           kind != SW_ACTION_HEAL && kind != SW_ACTION_RELEASE && kind != SW_ACTION_KILL &&
           kind != SW_ACTION_START;
}

/* When it comes. */
static void fill_time(struct sw_build *b, const struct sw_settings *s, struct sw_topo_event *event)
{
    const struct sw_setting *at = &s->of[SW_K_EVENT_AT], *after = &s->of[SW_K_EVENT_AFTER],
                            *plus = &s->of[SW_K_EVENT_PLUS];
    event->after = SW_STEP_NONE;
    event->at = at->ok ? at->number : plus->ok ? plus->number : 0;
    if (!at->node == !after->node) {
        SW_ERROR(b->report, s->node->where, "an event needs one of 'at' and 'after', found %s",
                 at->node ? "both" : "neither");
    }
    if (plus->node && !after->node) {
        SW_ERROR(b->report, plus->node->where, "'plus' goes with 'after', and there is none");
    }
    if (after->ok) {
        event->after = sw_build_step_of(b, after->node);
    }
}

/* How often, and for how long each time. */
static void fill_repeats(struct sw_build *b, const struct sw_settings *s, enum sw_action_kind kind,
                         struct sw_topo_event *event)
{
    const struct sw_setting *span = &s->of[SW_K_EVENT_FOR], *every = &s->of[SW_K_EVENT_EVERY],
                            *times = &s->of[SW_K_EVENT_TIMES];
    event->span = span->ok ? span->number : 0;
    event->every = every->ok ? every->number : 0;
    event->times = times->ok ? (uint32_t)times->number : every->ok ? 0 : 1;
    if (span->node && !can_be_undone(kind)) {
        SW_ERROR(b->report, span->node->where, "'for': %s cannot be undone",
                 sw_section_event.keys[SW_K_EVENT_ACTION + (int)kind].name);
    }
    if (times->node && !every->node) {
        SW_ERROR(b->report, times->node->where, "'times' goes with 'every', and there is none");
    }
    if (span->node && span->ok && every->ok && span->number >= every->number && event->times != 1) {
        SW_ERROR(b->report, span->node->where,
                 "'for': it would come again before it is undone; expected a time shorter than "
                 "'every'");
    }
}

static void build_event(struct sw_build *b, const struct sw_yaml *node, struct sw_topo_event *event)
{
    struct sw_settings s;
    size_t errors = b->report->problems->errors;
    if (!sw_section_read(&s, &sw_section_event, node, 0, b->report)) {
        return;
    }
    size_t kind = sw_build_action_said(&s, SW_K_EVENT_ACTION);
    if (kind == SW_ACTIONS) {
        if (b->report->problems->errors == errors) {
            SW_ERROR(b->report, node->where, "an event needs something to do, like down or crash");
        }
        return;
    }
    for (size_t i = kind + 1; i < SW_ACTIONS; i++) {
        if (s.of[SW_K_EVENT_ACTION + i].node) {
            SW_ERROR(b->report, s.of[SW_K_EVENT_ACTION + i].node->where,
                     "an event does one thing, found '%s' and '%s'",
                     sw_section_event.keys[SW_K_EVENT_ACTION + kind].name,
                     sw_section_event.keys[SW_K_EVENT_ACTION + i].name);
        }
    }
    event->where = sw_build_place(b, node->where);
    sw_build_action(b, (enum sw_action_kind)kind, &s.of[SW_K_EVENT_ACTION + kind], &event->action);
    fill_time(b, &s, event);
    fill_repeats(b, &s, (enum sw_action_kind)kind, event);
}

void sw_build_events(struct sw_build *b)
{
    const struct sw_setting *set = &b->top.of[SW_K_TOP_EVENTS];
    struct sw_topo *topo = b->topo;
    for (size_t i = 0; set->ok && i < set->node->count && !b->no_memory; i++) {
        if (set->node->items[i]->bad) {
            continue;
        }
        struct sw_topo_event *all = sw_build_room(b, topo->events, topo->event_count, sizeof *all);
        if (!all) {
            return;
        }
        topo->events = all;
        build_event(b, set->node->items[i], &all[topo->event_count++]);
    }
}
