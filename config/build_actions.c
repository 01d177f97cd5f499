/* Actions: what steps and events do to links and hosts. */
#include <stdlib.h>
#include <string.h>

#include "config/build.h"

/* Entries of all partitions' groups, one a host: a file of a few lines should not take gigabytes.
 */
#define PARTITION_HOSTS_MAX ((uint64_t)16 << 20)

static const char *name_of_action(enum sw_action_kind kind)
{
    return sw_section_item.keys[SW_K_ITEM_ACTION + (int)kind].name;
}

/* ---- links ---- */

/* The action's link, its lanes, and its name from both. False: reported. */
static bool take_link(struct sw_build *b, const struct sw_setting *link,
                      const struct sw_setting *from, struct sw_topo_action *out)
{
    if (!link->ok || !sw_build_link_of(b, link->node, &out->link)) {
        return false;
    }
    out->ways = from ? sw_build_ways(b, from, out->link) : SW_BOTH_WAYS;
    char *name = sw_build_link_name(b, out->link);
    if (name) {
        bool one_way = out->ways == SW_FORWARD || out->ways == SW_BACKWARD;
        out->name = sw_build_print(b, "%s %s%s%s", name_of_action(out->kind), name,
                                   one_way ? " from " : "", one_way ? from->node->text : "");
        free(name);
    }
    return out->ways != 0;
}

static bool build_set(struct sw_build *b, const struct sw_yaml *node, struct sw_topo_action *out)
{
    struct sw_settings own;
    size_t errors = b->report->problems->errors;
    if (!sw_section_read(&own, &sw_section_set, node, 0, b->report)) {
        return false;
    }
    bool any =
        b->report->problems->errors > errors; /* a word that is refused may be what it says */
    for (size_t i = 0; i < SW_K_LANE_KEYS; i++) {
        any = any || own.of[i].node;
    }
    if (!any) {
        SW_ERROR(b->report, node->where,
                 "set changes nothing; expected what is otherwise, like 'delay' or 'loss'");
    }
    out->over = own.of[SW_K_SET_OVER].ok ? own.of[SW_K_SET_OVER].number : 0;
    out->said = sw_build_lane(b, &own, &out->lane);
    return take_link(b, &own.of[SW_K_SET_LINK], &own.of[SW_K_SET_FROM], out) && any;
}

static bool build_flap(struct sw_build *b, const struct sw_yaml *node, struct sw_topo_action *out)
{
    struct sw_settings own;
    if (!sw_section_read(&own, &sw_section_flap, node, 0, b->report)) {
        return false;
    }
    const struct sw_setting *every = &own.of[SW_K_FLAP_EVERY], *down = &own.of[SW_K_FLAP_DOWN];
    if (every->ok && down->ok && down->number >= every->number) {
        SW_ERROR(b->report, down->node->where,
                 "'down': the link never comes up; expected a time shorter than 'every'");
        return false;
    }
    out->every = every->ok ? every->number : 0;
    out->down = down->ok ? down->number : 0;
    return take_link(b, &own.of[SW_K_FLAP_LINK], NULL, out) && every->ok && down->ok;
}

static bool build_drop(struct sw_build *b, const struct sw_yaml *node, struct sw_topo_action *out)
{
    struct sw_settings own;
    if (!sw_section_read(&own, &sw_section_drop, node, 0, b->report)) {
        return false;
    }
    const struct sw_setting *nth = &own.of[SW_K_DROP_NTH], *count = &own.of[SW_K_DROP_COUNT];
    if (nth->node && count->node) {
        SW_ERROR(b->report, count->node->where,
                 "drop takes the frame that 'nth' says or as many as 'count' says, not both");
    }
    out->nth = nth->ok ? (uint32_t)nth->number : 0;
    out->count = count->ok ? (uint32_t)count->number : nth->ok ? 0 : 1;
    sw_build_match(b, &own.of[SW_K_DROP_MATCH], &out->match);
    return take_link(b, &own.of[SW_K_DROP_LINK], &own.of[SW_K_DROP_FROM], out);
}

/* `hold: riser`, `hold: [web, core]`, or with a direction: `hold: { link: riser, from: web }`. */
static bool build_hold(struct sw_build *b, const struct sw_setting *set, struct sw_topo_action *out)
{
    struct sw_settings own;
    if (set->node->kind != SW_YAML_MAP) {
        return take_link(b, set, NULL, out);
    }
    return sw_section_read(&own, &sw_section_hold, set->node, 0, b->report) &&
           take_link(b, &own.of[SW_K_HOLD_LINK], &own.of[SW_K_HOLD_FROM], out);
}

/* ---- hosts ---- */

static bool build_host(struct sw_build *b, const struct sw_yaml *node, struct sw_topo_action *out)
{
    struct sw_node host;
    if (!sw_build_find(b, node->text, &host) || host.kind != SW_NODE_HOST) {
        sw_build_unknown(b, node->where, node->text, true);
        return false;
    }
    out->host = host.index;
    out->name = sw_build_print(b, "%s %s", name_of_action(out->kind), node->text);
    return out->name != NULL;
}

/* A host that is a program. */
static bool build_program(struct sw_build *b, const struct sw_setting *set,
                          struct sw_topo_action *out)
{
    char *name = sw_build_program_of(b, set);
    bool fine = name && build_host(b, set->node, out);
    free(name);
    return fine;
}

static bool build_kill(struct sw_build *b, const struct sw_yaml *node, struct sw_topo_action *out)
{
    struct sw_settings own;
    if (!sw_section_read(&own, &sw_section_kill, node, 0, b->report)) {
        return false;
    }
    const struct sw_setting *number = &own.of[SW_K_KILL_SIGNAL];
    out->signal = number->ok ? (enum sw_signal)number->number : SW_SIGNAL_TERM;
    return build_program(b, &own.of[SW_K_KILL_HOST], out);
}

/* ---- partitions ---- */

static bool is_pattern(const struct sw_yaml *node)
{
    return strpbrk(node->text, "*?") != NULL;
}

static bool join_group(struct sw_build *b, struct sw_topo_action *out, size_t host, uint32_t group,
                       const struct sw_yaml *node)
{
    if (out->group[host] != 0 && out->group[host] != group) {
        SW_ERROR(b->report, node->where, "the host '%s' is in two groups",
                 b->topo->hosts[host].name);
        return false;
    }
    out->group[host] = group;
    return true;
}

/* The hosts of a pattern that no group names: what a file says of one host outweighs a pattern. */
static bool join_matches(struct sw_build *b, struct sw_topo_action *out, const bool *named,
                         uint32_t group, const struct sw_yaml *node)
{
    size_t found = 0;
    b->names_compared += b->topo->host_count;
    if (b->names_compared > SW_PATTERN_NAMES_MAX) {
        SW_ERROR(b->report, node->where,
                 "the patterns up to here are compared with over %d names; expected fewer patterns",
                 SW_PATTERN_NAMES_MAX);
        return false;
    }
    for (size_t i = 0; i < b->topo->host_count; i++) {
        if (sw_build_matches(node->text, b->topo->hosts[i].name)) {
            found++;
            if (!named[i] && !join_group(b, out, i, group, node)) {
                return false;
            }
        }
    }
    if (found == 0) {
        char quoted[SW_QUOTED_BYTES];
        SW_ERROR(b->report, node->where, "the pattern '%s' matches no host",
                 sw_quote(node->text, quoted));
    }
    return found > 0;
}

static bool join_named(struct sw_build *b, struct sw_topo_action *out, bool *named, uint32_t group,
                       const struct sw_yaml *node)
{
    struct sw_node host;
    char what[SW_QUOTED_BYTES];
    if (node->bad) {
        return false;
    }
    if (node->kind != SW_YAML_SCALAR || node->empty) {
        SW_ERROR(b->report, node->where, "'partition': expected a host's name, found %s",
                 sw_yaml_what(node, what));
        return false;
    }
    if (is_pattern(node)) {
        return true; /* after all names */
    }
    if (!sw_build_find(b, node->text, &host) || host.kind != SW_NODE_HOST) {
        sw_build_unknown(b, node->where, node->text, true);
        return false;
    }
    named[host.index] = true;
    return join_group(b, out, host.index, group, node);
}

static bool fill_groups(struct sw_build *b, const struct sw_yaml *list, struct sw_topo_action *out,
                        bool *named)
{
    bool fine = true;
    for (size_t g = 0; g < list->count; g++) {
        const struct sw_yaml *group = list->items[g];
        char what[SW_QUOTED_BYTES];
        if (group->kind != SW_YAML_LIST) {
            SW_ERROR(b->report, group->where,
                     "'partition': expected groups, each a list, as in [[a, b], [c]], found %s",
                     sw_yaml_what(group, what));
            return false;
        }
        for (size_t i = 0; i < group->count; i++) {
            fine = join_named(b, out, named, (uint32_t)g + 1, group->items[i]) && fine;
        }
    }
    for (size_t g = 0; g < list->count && fine; g++) {
        const struct sw_yaml *group = list->items[g];
        for (size_t i = 0; i < group->count; i++) {
            fine = (!is_pattern(group->items[i]) ||
                    join_matches(b, out, named, (uint32_t)g + 1, group->items[i])) &&
                   fine;
        }
    }
    return fine;
}

static bool build_partition(struct sw_build *b, const struct sw_yaml *list,
                            struct sw_topo_action *out)
{
    size_t hosts = b->topo->host_count;
    out->name = sw_build_copy(b, name_of_action(out->kind));
    if (list->count < 2) {
        SW_ERROR(b->report, list->where,
                 "'partition': expected at least two groups, as in [[a, b], [c]]");
        return false;
    }
    b->partition_hosts += hosts;
    if (b->partition_hosts > PARTITION_HOSTS_MAX) {
        SW_ERROR(b->report, list->where, "'partition': too many of so many hosts");
        return false;
    }
    out->group = calloc(hosts + 1, sizeof *out->group);
    bool *named = calloc(hosts + 1, sizeof *named);
    if (!out->group || !named) {
        b->no_memory = true;
    }
    out->group_count = hosts;
    bool fine = !b->no_memory && fill_groups(b, list, out, named);
    free(named);
    return fine;
}

/* ---- one action ---- */

size_t sw_build_action_said(const struct sw_settings *s, size_t first)
{
    size_t i = 0;
    while (i < SW_ACTIONS && !s->of[first + i].node) {
        i++;
    }
    return i;
}

bool sw_build_action(struct sw_build *b, enum sw_action_kind kind, const struct sw_setting *set,
                     struct sw_topo_action *out)
{
    *out = (struct sw_topo_action){
        .kind = kind, .ways = SW_BOTH_WAYS, .where = sw_build_place(b, set->node->where)};
    if (!set->ok) {
        return false;
    }
    switch (kind) {
    case SW_ACTION_DOWN:
    case SW_ACTION_UP:
        return take_link(b, set, NULL, out);
    case SW_ACTION_SET:
        return build_set(b, set->node, out);
    case SW_ACTION_FLAP:
        return build_flap(b, set->node, out);
    case SW_ACTION_DROP:
        return build_drop(b, set->node, out);
    case SW_ACTION_CRASH:
    case SW_ACTION_RESTART:
    case SW_ACTION_STOP:
    case SW_ACTION_CONTINUE:
        return build_host(b, set->node, out);
    case SW_ACTION_PARTITION:
        return build_partition(b, set->node, out);
    case SW_ACTION_HEAL:
        out->name = sw_build_copy(b, name_of_action(kind));
        return out->name != NULL;
    case SW_ACTION_KILL:
        return build_kill(b, set->node, out);
    case SW_ACTION_START:
        return build_program(b, set, out);
    case SW_ACTION_HOLD:
    case SW_ACTION_RELEASE:
        break;
    }
    return build_hold(b, set, out);
}
