/* Links: lanes from the settings, ends from names and patterns. */
#include <stdlib.h>
#include <string.h>

#include "config/build.h"

/* What one level says of a lane: the defaults, a link, a direction of it. */
struct level {
    const struct sw_settings *of;
    struct sw_lane_config lane;
    unsigned said; /* SW_LANE_* */
};

struct links {
    struct sw_build *b;
    struct level defaults;
    struct sw_link_draft *drafts; /* as many as the topo has links */
    struct sw_names names;        /* of links -> line */
};

/* ---- lanes ---- */

static struct level read_level(struct sw_build *b, const struct sw_settings *of)
{
    struct level level = {.of = of};
    level.said = sw_build_lane(b, of, &level.lane);
    return level;
}

/* Where a key was said, nearest last; NULL: nowhere usable. */
static const struct sw_setting *said_where(const struct level *const levels[], size_t n, size_t key)
{
    for (size_t i = n; i > 0; i--) {
        if (levels[i - 1]->of->of[key].ok) {
            return &levels[i - 1]->of->of[key];
        }
    }
    return NULL;
}

/* One direction: the defaults, the link's own settings, what differs in this direction. */
static struct sw_lane_config lane_of(struct links *l, const struct level *own,
                                     const struct sw_setting *direction)
{
    struct sw_build *b = l->b;
    struct sw_lane_config lane = {.queue_frames = SW_QUEUE_FRAMES_DEFAULT};
    struct sw_settings settings = {0};
    if (direction->ok) {
        sw_section_read(&settings, &sw_section_lane, direction->node, 0, b->report);
    }
    const struct level differing = read_level(b, &settings);
    const struct level *const levels[] = {&l->defaults, own, &differing};
    for (size_t i = 0; i < 3; i++) {
        sw_lane_settings_take(&lane, &levels[i]->lane, levels[i]->said);
    }
    if (lane.reorder_ppb > 0 && lane.delay == 0) {
        SW_ERROR(b->report, said_where(levels, 3, SW_K_LANE_REORDER)->node->where,
                 "'reorder': frames skip the delay, and this link has none; it needs a 'delay'");
    }
    if (lane.discipline != SW_DISCIPLINE_TAIL_DROP && lane.rate_bps == 0) {
        SW_ERROR(b->report, said_where(levels, 3, SW_K_LANE_QUEUE)->node->where,
                 "'queue': nothing waits where there is no rate, so the discipline needs a 'rate'");
    }
    return lane;
}

/* ---- ends ---- */

/* One end of a link of the file: the nodes that it stands for. */
struct end {
    const struct sw_yaml *node;
    const char *name, *port; /* in the arena; port NULL: none said */
    bool pattern;
    struct sw_node one; /* where it is no pattern */
    bool ok;
};

/* '*' any text, '?' any character. Linear but for the stars, at which it goes back to the last one
 * only. */
bool sw_build_matches(const char *pattern, const char *text)
{
    const char *star = NULL, *retry = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            retry = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

static void read_end(struct sw_build *b, struct end *end, const struct sw_yaml *node)
{
    char what[SW_QUOTED_BYTES], why[SW_WHY];
    *end = (struct end){.node = node};
    if (node->bad) {
        return;
    }
    if (node->kind != SW_YAML_SCALAR || node->empty || node->text[0] == '\0') {
        SW_ERROR(b->report, node->where, "expected an end like 'web' or 'core:p7', found %s",
                 sw_yaml_what(node, what));
        return;
    }
    size_t colon = strcspn(node->text, ":");
    end->name = sw_arena_copy(b->arena, node->text, colon);
    if (!end->name) {
        return;
    }
    if (node->text[colon] == ':') {
        end->port = node->text + colon + 1;
        if (!sw_name_check(end->port, "an interface's name", why)) {
            SW_ERROR(b->report, node->where, "%s", why);
            return;
        }
    }
    end->pattern = strpbrk(end->name, "*?") != NULL;
    if (!end->pattern && !sw_build_find(b, end->name, &end->one)) {
        sw_build_unknown(b, node->where, end->name, false);
        return;
    }
    end->ok = true;
}

/* ---- one link ---- */

static void add_link(struct links *l, const struct sw_topo_link *like, const struct end ends[2],
                     const struct sw_node nodes[2], const char *name)
{
    struct sw_build *b = l->b;
    struct sw_topo *topo = b->topo;
    struct sw_topo_link *all = sw_build_room(b, topo->links, topo->link_count, sizeof *all);
    struct sw_link_draft *drafts = sw_build_room(b, l->drafts, topo->link_count, sizeof *drafts);
    topo->links = all ? all : topo->links;
    l->drafts = drafts ? drafts : l->drafts;
    if (!all || !drafts) {
        return;
    }
    struct sw_topo_link *link = &all[topo->link_count];
    *link = *like;
    link->name = name ? sw_build_copy(b, name) : NULL;
    for (size_t i = 0; i < 2; i++) {
        link->end[i] = (struct sw_topo_end){.kind = nodes[i].kind, .node = nodes[i].index};
        drafts[topo->link_count].end[i] =
            (struct sw_end_draft){.port = ends[i].port, .where = ends[i].node->where};
    }
    topo->link_count++;
}

static bool same_node(struct sw_node a, struct sw_node b)
{
    return a.kind == b.kind && a.index == b.index;
}

/* All nodes that ends[p], a pattern, matches, each linked to the other end. */
static void add_matches(struct links *l, const struct sw_topo_link *like, const struct end ends[2],
                        size_t p, const struct sw_yaml *name)
{
    const struct sw_topo *topo = l->b->topo;
    const size_t counts[] = {topo->switch_count, topo->host_count, topo->uplink_count};
    static const enum sw_node_kind kinds[] = {SW_NODE_SWITCH, SW_NODE_HOST, SW_NODE_UPLINK};
    size_t found = 0;
    if (l->b->names_compared > SW_PATTERN_NAMES_MAX) {
        return;
    }
    l->b->names_compared += counts[0] + counts[1] + counts[2];
    if (l->b->names_compared > SW_PATTERN_NAMES_MAX) {
        SW_ERROR(l->b->report, ends[p].node->where,
                 "the patterns up to here are compared with over %d names; expected fewer patterns",
                 SW_PATTERN_NAMES_MAX);
        return;
    }
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < counts[k] && !l->b->no_memory; i++) {
            struct sw_node nodes[2];
            nodes[p] = (struct sw_node){kinds[k], i};
            nodes[1 - p] = ends[1 - p].one;
            if (same_node(nodes[0], nodes[1]) ||
                !sw_build_matches(ends[p].name, sw_build_node_name(l->b, nodes[p]))) {
                continue;
            }
            add_link(l, like, ends, nodes, found == 0 && name ? name->text : NULL);
            found++;
        }
    }
    char quoted[SW_QUOTED_BYTES];
    sw_quote(ends[p].name, quoted);
    if (l->b->no_memory) {
        return;
    }
    if (found == 0) {
        SW_ERROR(l->b->report, ends[p].node->where, "the pattern '%s' matches no node", quoted);
    } else if (found > 1 && name) {
        SW_ERROR(l->b->report, name->where, "one name for the %zu links of the pattern '%s'", found,
                 quoted);
    }
}

/* The two ends; false: reported. */
static bool read_ends(struct sw_build *b, struct end ends[2], const struct sw_yaml *list)
{
    if (list->count != 2) {
        SW_ERROR(b->report, list->where, "a link has two ends, [web, core], found %zu",
                 list->count);
        return false;
    }
    read_end(b, &ends[0], list->items[0]);
    read_end(b, &ends[1], list->items[1]);
    if (!ends[0].ok || !ends[1].ok) {
        return false;
    }
    if (ends[0].pattern && ends[1].pattern) {
        SW_ERROR(b->report, ends[1].node->where,
                 "patterns at both ends; expected one node at one of them");
        return false;
    }
    if (!ends[0].pattern && !ends[1].pattern && same_node(ends[0].one, ends[1].one)) {
        SW_ERROR(b->report, ends[1].node->where, "a link from '%s' to itself", ends[1].name);
        return false;
    }
    return true;
}

static void check_name(struct links *l, const struct sw_setting *name)
{
    if (!name->ok) {
        return;
    }
    const struct sw_name *other = sw_names_find(&l->names, name->node->text);
    if (other) {
        char line[SW_LINE_BYTES];
        SW_ERROR(l->b->report, name->node->where, "the link on %s is named '%s' too",
                 sw_build_line(l->b, other->number, name->node->where, line), name->node->text);
    } else if (!sw_names_put(&l->names, name->node->text, sw_build_mark(l->b, name->node->where))) {
        l->b->no_memory = true;
    }
}

static void build_link(struct links *l, const struct sw_yaml *node)
{
    struct sw_build *b = l->b;
    struct sw_settings own = {0};
    struct sw_topo_link like = {.where = sw_build_place(b, node->where)};
    const struct sw_yaml *list = node;
    struct end ends[2];
    if (node->kind != SW_YAML_LIST) {
        if (!sw_section_read(&own, &sw_section_link, node, 0, b->report)) {
            return;
        }
        list = own.of[SW_K_LINK_ENDPOINTS].ok ? own.of[SW_K_LINK_ENDPOINTS].node : NULL;
    }
    const struct level level = read_level(b, &own);
    like.forward = lane_of(l, &level, &own.of[SW_K_LINK_FORWARD]);
    like.backward = lane_of(l, &level, &own.of[SW_K_LINK_BACKWARD]);
    const struct sw_setting *name = &own.of[SW_K_LINK_NAME];
    check_name(l, name);
    if (!list || !read_ends(b, ends, list)) {
        return;
    }
    if (ends[0].pattern || ends[1].pattern) {
        add_matches(l, &like, ends, ends[0].pattern ? 0 : 1, name->ok ? name->node : NULL);
    } else {
        const struct sw_node nodes[2] = {ends[0].one, ends[1].one};
        add_link(l, &like, ends, nodes, name->ok ? name->node->text : NULL);
    }
}

void sw_build_links(struct sw_build *b)
{
    const struct sw_setting *set = &b->top.of[SW_K_TOP_LINKS];
    struct links l = {.b = b, .defaults = read_level(b, &b->link_defaults)};
    for (size_t i = 0; set->ok && i < set->node->count && !b->no_memory; i++) {
        if (!set->node->items[i]->bad) {
            b->at = set->node->items[i]->where;
            build_link(&l, set->node->items[i]);
        }
    }
    if (!b->no_memory) {
        sw_build_ends(b, l.drafts);
    }
    sw_names_fini(&l.names);
    free(l.drafts);
}
