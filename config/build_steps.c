/* The steps of a scenario: each by its kind, those within others too, and what names what. Traffic
 * stands in build_traffic.c, actions in build_actions.c. */
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/suggest.h"
#include "lan/counter.h"
#include "lan/metric.h"

/* A step within `parallel` or `repeat`, or of the scenario itself. */
struct within {
    const char *what; /* NULL: of the scenario */
};

struct list {
    struct sw_topo_step *steps;
    size_t count;
};

static void build_list(struct sw_build *b, const struct sw_yaml *node, struct within in,
                       struct list *out);

static int64_t number_of(const struct sw_setting *set, int64_t otherwise)
{
    return set->ok ? set->number : otherwise;
}

/* ---- what names a step ---- */

static void refer(struct sw_build *b, const struct sw_yaml *node, size_t by)
{
    struct sw_step_ref *all = sw_build_room(b, b->step_refs, b->step_ref_count, sizeof *all);
    if (all) {
        b->step_refs = all;
        all[b->step_ref_count++] = (struct sw_step_ref){node, by};
    }
}

/* Notes a step's name. */
static void enter_name(struct sw_build *b, size_t number, const struct sw_yaml *node)
{
    struct sw_step_name *step = &b->steps[number];
    const struct sw_name *first = sw_names_find(&b->step_names, node->text);
    step->name = node->text;
    step->where = node->where;
    if (first) {
        b->steps[first->number].second = number;
    } else if (!sw_names_put(&b->step_names, node->text, number)) {
        b->no_memory = true;
    }
}

size_t sw_build_step_of(struct sw_build *b, const struct sw_yaml *node)
{
    const struct sw_name *found = sw_names_find(&b->step_names, node->text);
    char quoted[SW_QUOTED_BYTES], hint[SW_QUOTED_BYTES];
    sw_quote(node->text, quoted);
    if (!found) {
        struct sw_suggestion near;
        sw_suggest_begin(&near, node->text);
        size_t most = sw_build_hints(b);
        for (size_t i = 0; i < b->topo->step_total && i < most; i++) {
            if (b->steps[i].name) {
                sw_suggest_offer(&near, b->steps[i].name);
            }
        }
        SW_ERROR(b->report, node->where, "unknown step '%s'%s", quoted,
                 near.best ? sw_suggest_text(&near, hint, sizeof hint)
                           : ", expected the 'name' of a step");
        return SW_STEP_NONE;
    }
    const struct sw_step_name *step = &b->steps[found->number];
    if (step->second != SW_STEP_NONE) {
        char first[SW_LINE_BYTES], second[SW_LINE_BYTES];
        sw_build_line(b, sw_build_mark(b, step->where), node->where, first);
        sw_build_line(b, sw_build_mark(b, b->steps[step->second].where), node->where, second);
        SW_ERROR(b->report, node->where,
                 "two steps are named '%s', on %s and %s; a name that is referred to must be one "
                 "step's",
                 quoted, first, second);
        return SW_STEP_NONE;
    }
    return (size_t)found->number;
}

/* Does the reference make sense for this step? `join` waits for one that is under way, `of` looks
 * back at one. */
static void resolve(struct sw_build *b, struct sw_topo_step *step, const struct sw_yaml *node)
{
    char quoted[SW_QUOTED_BYTES];
    step->target = sw_build_step_of(b, node);
    if (step->target == SW_STEP_NONE) {
        return;
    }
    const struct sw_step_name *of = &b->steps[step->target];
    char line[SW_LINE_BYTES];
    sw_quote(node->text, quoted);
    sw_build_line(b, sw_build_mark(b, of->where), node->where, line);
    if (step->target >= step->number) {
        SW_ERROR(b->report, node->where, "the step '%s' (%s) comes later than this one", quoted,
                 line);
    } else if (step->number < of->end) {
        SW_ERROR(b->report, node->where, "the step '%s' (%s) holds this one", quoted, line);
    } else if (step->kind == SW_STEP_JOIN && !of->background) {
        SW_ERROR(b->report, node->where,
                 "the step '%s' (%s) has ended already; expected one with 'background: true'",
                 quoted, line);
    }
}

/* All steps, in the order of their numbers; the references come in that order too. */
static void resolve_all(struct sw_build *b, struct sw_topo_step *steps, size_t count, size_t *at)
{
    for (size_t i = 0; i < count; i++) {
        while (*at < b->step_ref_count && b->step_refs[*at].by < steps[i].number) {
            ++*at; /* of a step that was refused */
        }
        if (*at < b->step_ref_count && b->step_refs[*at].by == steps[i].number) {
            resolve(b, &steps[i], b->step_refs[(*at)++].node);
        }
        resolve_all(b, steps[i].steps, steps[i].step_count, at);
    }
}

/* ---- kinds ---- */

static void fill_wait(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    const struct sw_setting *span = &s->of[SW_K_WAIT_FOR], *until = &s->of[SW_K_WAIT_UNTIL];
    const struct sw_setting *ready = &s->of[SW_K_WAIT_READY];
    const int said = (span->node != NULL) + (until->node != NULL) + (ready->node != NULL);
    if (said != 1) {
        SW_ERROR(b->report, s->node->where,
                 "wait needs one of 'for', 'until' and 'ready', found %s",
                 said ? "several" : "none");
    }
    if (ready->ok) {
        step->kind = SW_STEP_READY;
        step->from = sw_build_program_of(b, ready);
        step->timeout = step->timeout ? step->timeout : 10 * SW_S;
    }
    step->duration = number_of(span, 0);
    step->until = number_of(until, SW_TIME_NEVER);
}

static const char *object_kind(enum sw_object_kind kind)
{
    return kind == SW_OBJECT_HOST     ? "a host"
           : kind == SW_OBJECT_SWITCH ? "a switch"
           : kind == SW_OBJECT_LINK   ? "a link"
                                      : "a port";
}

static void unknown_counter(struct sw_build *b, const struct sw_yaml *node, enum sw_object_kind of)
{
    const struct sw_counter_row *row;
    struct sw_suggestion near;
    char quoted[SW_QUOTED_BYTES], hint[SW_QUOTED_BYTES];
    sw_suggest_begin(&near, node->text);
    for (size_t i = 0; (row = sw_counter_row(i)) != NULL; i++) {
        if (row->of == of) {
            sw_suggest_offer(&near, row->name);
        }
    }
    SW_ERROR(b->report, node->where, "%s has no counter '%s'%s", object_kind(of),
             sw_quote(node->text, quoted),
             near.best ? sw_suggest_text(&near, hint, sizeof hint)
                       : "; docs/lan-file.md lists them under \"counters\"");
}

static void fill_counter(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    const struct sw_setting *of = &s->of[SW_K_COUNTER_OF], *name = &s->of[SW_K_COUNTER_NAME];
    step->counter = name->ok ? sw_build_copy(b, name->node->text) : NULL;
    if (of->ok && sw_build_object(b, of->node, &step->of) && name->ok &&
        !sw_counter_find(step->of.kind, name->node->text)) {
        unknown_counter(b, name->node, step->of.kind);
    }
}

static void fill_table(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    const struct sw_setting *of = &s->of[SW_K_TABLE_OF];
    if (of->ok && sw_build_object(b, of->node, &step->of) && step->of.kind != SW_OBJECT_SWITCH &&
        step->of.kind != SW_OBJECT_HOST) {
        SW_ERROR(b->report, of->node->where, "%s has no table; expected a switch or a host",
                 object_kind(step->of.kind));
    }
}

static void fill_capture(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    const struct sw_setting *on = &s->of[SW_K_CAPTURE_ON], *of = &s->of[SW_K_CAPTURE_OF];
    if (on->ok && sw_build_object(b, on->node, &step->of) &&
        (step->of.kind == SW_OBJECT_SWITCH || step->of.kind == SW_OBJECT_HOST)) {
        SW_ERROR(b->report, on->node->where,
                 "'on': frames are seen on a link or a port, like '%s:%s', found %s",
                 step->of.written, step->of.kind == SW_OBJECT_HOST ? "eth0" : "p1",
                 object_kind(step->of.kind));
    }
    sw_build_match(b, &s->of[SW_K_CAPTURE_MATCH], &step->match);
    if (of->ok) {
        refer(b, of->node, step->number);
    }
}

static void take_list(struct sw_build *b, struct sw_topo_step *step, const struct sw_yaml *node,
                      const char *what)
{
    struct list inner = {0};
    build_list(b, node, (struct within){what}, &inner);
    step->steps = inner.steps;
    step->step_count = inner.count;
    if (node->count == 0) {
        SW_ERROR(b->report, node->where, "%s needs at least one step", what);
    }
}

static void fill_repeat(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    const struct sw_setting *steps = &s->of[SW_K_REPEAT_STEPS];
    step->times = (uint32_t)number_of(&s->of[SW_K_REPEAT_TIMES], 1);
    if (steps->ok) {
        take_list(b, step, steps->node, "repeat");
    }
}

/* In the order of the section's first keys. Without a section the value itself is all there is. */
static const struct kind {
    enum sw_step_kind kind;
    const struct sw_section *section;
    sw_build_fill_fn *fill;
    bool instant; /* takes no time */
} kinds[] = {
    [SW_K_ITEM_PING] = {SW_STEP_PING, &sw_section_ping, sw_build_ping, false},
    [SW_K_ITEM_IPERF] = {SW_STEP_IPERF, &sw_section_iperf, sw_build_iperf, false},
    [SW_K_ITEM_HTTP] = {SW_STEP_HTTP, &sw_section_fetch, sw_build_http, false},
    [SW_K_ITEM_TCP] = {SW_STEP_TCP, &sw_section_tcp_step, sw_build_talk, false},
    [SW_K_ITEM_UDP] = {SW_STEP_UDP, &sw_section_udp_step, sw_build_talk, false},
    [SW_K_ITEM_RUN] = {SW_STEP_RUN, &sw_section_run, sw_build_run, false},
    [SW_K_ITEM_WAIT] = {SW_STEP_WAIT, &sw_section_wait, fill_wait, false},
    [SW_K_ITEM_COUNTER] = {SW_STEP_COUNTER, &sw_section_counter, fill_counter, true},
    [SW_K_ITEM_TABLE] = {SW_STEP_TABLE, &sw_section_table, fill_table, true},
    [SW_K_ITEM_CAPTURE] = {SW_STEP_CAPTURE, &sw_section_capture, fill_capture, true},
    [SW_K_ITEM_PARALLEL] = {SW_STEP_PARALLEL, NULL, NULL, false},
    [SW_K_ITEM_REPEAT] = {SW_STEP_REPEAT, &sw_section_repeat, fill_repeat, false},
    [SW_K_ITEM_JOIN] = {SW_STEP_JOIN, NULL, NULL, false},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static void fill_action(struct sw_build *b, struct sw_topo_step *step, const struct sw_setting *set,
                        enum sw_action_kind kind)
{
    struct sw_topo_action *action = calloc(1, sizeof *action);
    if (!action) {
        b->no_memory = true;
        return;
    }
    step->action = action;
    sw_build_action(b, kind, set, action);
}

/* What is said under the key k of the item. */
static void fill(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *item,
                 size_t k)
{
    const struct sw_setting *set = &item->of[k];
    if (k >= KINDS) {
        fill_action(b, step, set, (enum sw_action_kind)(k - SW_K_ITEM_ACTION));
    } else if (kinds[k].section) {
        struct sw_settings own;
        if (sw_section_read(&own, kinds[k].section, set->node, 0, b->report)) {
            kinds[k].fill(b, step, &own);
        }
    } else if (k == SW_K_ITEM_PARALLEL) {
        take_list(b, step, set->node, "parallel");
    } else {
        refer(b, set->node, step->number);
    }
}

/* ---- one step ---- */

static char *made_name(struct sw_build *b, const struct sw_topo_step *step,
                       const struct sw_yaml *node)
{
    char time[SW_VALUE_WRITTEN];
    const char *from = step->from ? step->from : "?", *to = step->to ? step->to : "?";
    const char *what = sw_step_kind_name(step->kind), *of = step->of.written;
    size_t number = step->number + 1;
    switch (step->kind) {
    case SW_STEP_HTTP:
        return sw_build_print(b, "step %zu: http %s %s", number, from, step->url ? step->url : "?");
    case SW_STEP_TCP:
    case SW_STEP_UDP:
        return sw_build_print(b, "step %zu: %s %s %s:%u", number, what, from, to, step->port);
    case SW_STEP_READY:
        return sw_build_print(b, "step %zu: wait for %s", number, from);
    case SW_STEP_RUN:
        return sw_build_print(b, "step %zu: run %s on %s", number,
                              step->command ? step->command[0] : "?", from);
    case SW_STEP_WAIT:
        if (step->until != SW_TIME_NEVER) {
            return sw_build_print(b, "step %zu: wait until %s", number,
                                  sw_value_write(SW_UNIT_TIME, step->until, time));
        }
        return sw_build_print(b, "step %zu: wait %s", number,
                              sw_value_write(SW_UNIT_TIME, step->duration, time));
    case SW_STEP_COUNTER:
        return sw_build_print(b, "step %zu: %s of %s", number, step->counter ? step->counter : "?",
                              of ? of : "?");
    case SW_STEP_TABLE:
    case SW_STEP_CAPTURE:
        return sw_build_print(b, "step %zu: %s %s", number, what, of ? of : "?");
    case SW_STEP_PARALLEL:
        return sw_build_print(b, "step %zu: parallel", number);
    case SW_STEP_REPEAT:
        return sw_build_print(b, "step %zu: repeat %u times", number, step->times);
    case SW_STEP_JOIN:
        return sw_build_print(b, "step %zu: join %s", number, node->text);
    case SW_STEP_ACTION:
        return sw_build_print(b, "step %zu: %s", number,
                              step->action && step->action->name ? step->action->name : "?");
    case SW_STEP_PING:
    case SW_STEP_IPERF:
        break;
    }
    return sw_build_print(b, "step %zu: %s %s %s", number, what, from, to);
}

/* A name stands in lines of reports. */
static char *given_name(struct sw_build *b, const struct sw_yaml *node)
{
    size_t n = strlen(node->text);
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)node->text[i] < ' ') {
            SW_ERROR(b->report, node->where, "'name': expected one line of text");
            return NULL;
        }
    }
    if (n == 0 || n > 200) {
        SW_ERROR(b->report, node->where, "'name': expected a text of 1 to 200 bytes, found %zu", n);
        return NULL;
    }
    return sw_build_copy(b, node->text);
}

/* Which key says what an item does, or SW_K_ITEM_NAME: none or several, reported. */
static size_t kind_of(struct sw_build *b, const struct sw_settings *item, size_t errors_before)
{
    size_t found = SW_K_ITEM_NAME;
    for (size_t i = 0; i < SW_K_ITEM_NAME; i++) {
        if (!item->of[i].node) {
            continue;
        }
        if (found != SW_K_ITEM_NAME) {
            SW_ERROR(b->report, item->of[i].node->where,
                     "a step does one thing, found '%s' and '%s'", sw_section_item.keys[found].name,
                     sw_section_item.keys[i].name);
            return SW_K_ITEM_NAME;
        }
        found = i;
    }
    /* A word that is refused already may be what it does. */
    if (found == SW_K_ITEM_NAME && b->report->problems->errors == errors_before) {
        SW_ERROR(b->report, item->node->where,
                 "a step needs something to do, like ping, wait or down");
    }
    return found;
}

/* Its own time is all that a wait knows, unless it is for a program. */
static bool is_plain_wait(const struct sw_settings *item, size_t k)
{
    const struct sw_yaml *node = item->of[k].node;
    for (size_t i = 0; k == SW_K_ITEM_WAIT && node && node->kind == SW_YAML_MAP && i < node->count;
         i++) {
        if (strcmp(node->pairs[i].key->text, "ready") == 0) {
            return false;
        }
    }
    return k == SW_K_ITEM_WAIT;
}

static void check_settings(struct sw_build *b, const struct sw_settings *item, size_t k,
                           struct within in)
{
    const struct sw_setting *timeout = &item->of[SW_K_ITEM_TIMEOUT],
                            *background = &item->of[SW_K_ITEM_BACKGROUND];
    const char *what = sw_section_item.keys[k].name;
    bool instant = k >= KINDS || kinds[k].instant;
    if (timeout->node && (instant || is_plain_wait(item, k))) {
        SW_ERROR(b->report, timeout->node->where, "%s %shas no 'timeout'", what,
                 instant ? "takes no time and " : "");
    }
    if (!background->ok || background->number == 0) {
        return;
    }
    if (instant || k == SW_K_ITEM_JOIN) {
        SW_ERROR(b->report, background->node->where, "%s cannot be in the background", what);
    } else if (in.what) {
        SW_ERROR(b->report, background->node->where,
                 "a step within '%s' cannot be in the background; expected it of the scenario's "
                 "own steps",
                 in.what);
    }
}

/* `- heal` alone is short for `- heal:`. NULL: out of memory. */
static const struct sw_yaml *as_item(struct sw_build *b, const struct sw_yaml *node)
{
    if (node->kind != SW_YAML_SCALAR || strcmp(node->text, "heal") != 0) {
        return node;
    }
    struct sw_yaml *map = sw_arena_alloc(b->arena, sizeof *map);
    struct sw_yaml *value = sw_arena_alloc(b->arena, sizeof *value);
    struct sw_yaml_pair *pair = sw_arena_alloc(b->arena, sizeof *pair);
    struct sw_yaml *key = sw_arena_alloc(b->arena, sizeof *key);
    if (!map || !value || !pair || !key) {
        return NULL;
    }
    *key = *node;
    *value = (struct sw_yaml){.kind = SW_YAML_SCALAR,
                              .empty = true,
                              .where = node->where,
                              .text = sw_arena_copy(b->arena, "", 0)};
    *pair = (struct sw_yaml_pair){key, value};
    *map = (struct sw_yaml){.kind = SW_YAML_MAP, .where = node->where, .pairs = pair, .count = 1};
    return map;
}

/* False: nothing came of it, reported. In either case `step` holds what is to be freed. */
static bool build_step(struct sw_build *b, const struct sw_yaml *node, struct within in,
                       struct sw_topo_step *step)
{
    struct sw_settings item;
    size_t errors = b->report->problems->errors;
    node = as_item(b, node);
    struct sw_step_name *known =
        node ? sw_build_room(b, b->steps, b->topo->step_total, sizeof *known) : NULL;
    if (!known) {
        return false;
    }
    b->steps = known;
    step->number = b->topo->step_total++;
    known[step->number].second = SW_STEP_NONE;
    bool read = sw_section_read(&item, &sw_section_item, node, 0, b->report);
    const struct sw_setting *name = &item.of[SW_K_ITEM_NAME];
    if (read && name->ok) {
        enter_name(b, step->number, name->node);
    }
    size_t k = read ? kind_of(b, &item, errors) : SW_K_ITEM_NAME;
    if (k == SW_K_ITEM_NAME) {
        return false;
    }
    check_settings(b, &item, k, in);
    step->kind = k < KINDS ? kinds[k].kind : SW_STEP_ACTION;
    step->where = sw_build_place(b, node->where);
    step->until = SW_TIME_NEVER;
    step->target = SW_STEP_NONE;
    step->timeout = number_of(&item.of[SW_K_ITEM_TIMEOUT], 0);
    step->background = number_of(&item.of[SW_K_ITEM_BACKGROUND], 0) != 0;
    b->steps[step->number].background = step->background;
    if (item.of[k].ok) {
        fill(b, step, &item, k);
    }
    b->steps[step->number].end = b->topo->step_total;
    step->name = name->ok ? given_name(b, name->node) : made_name(b, step, item.of[k].node);
    sw_build_expects(b, step, item.of[SW_K_ITEM_EXPECT].node ? &item.of[SW_K_ITEM_EXPECT] : NULL);
    return true;
}

static void build_list(struct sw_build *b, const struct sw_yaml *node, struct within in,
                       struct list *out)
{
    for (size_t i = 0; i < node->count && !b->no_memory; i++) {
        struct sw_topo_step step = {0};
        if (node->items[i]->bad) {
            continue;
        }
        bool built = build_step(b, node->items[i], in, &step);
        struct sw_topo_step *all =
            built ? sw_build_room(b, out->steps, out->count, sizeof *all) : NULL;
        if (all) {
            out->steps = all;
            all[out->count++] = step;
        } else {
            sw_topo_free_step(&step);
        }
    }
}

void sw_build_steps(struct sw_build *b)
{
    const struct sw_setting *set = &b->top.of[SW_K_TOP_SCENARIO];
    struct list list = {0};
    size_t at = 0;
    if (!set->ok) {
        return;
    }
    build_list(b, set->node, (struct within){NULL}, &list);
    b->topo->steps = list.steps;
    b->topo->step_count = list.count;
    if (!b->no_memory) {
        resolve_all(b, list.steps, list.count, &at);
    }
}
