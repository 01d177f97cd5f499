/* Links, ports and nodes as steps and events name them. What is looked for often is sorted once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/suggest.h"

/* How many candidates a message names. */
#define CANDIDATES 4

/* An end of a link, seen from its node: it leads to another. */
struct sighting {
    uint64_t from, to; /* nodes, as a number */
    size_t link;
    unsigned end;     /* the one at `from` */
    const char *port; /* its port; "": it found none */
};

struct sw_refs {
    struct sighting *sightings; /* two a link, by from, to, link */
    struct sighting *ports;     /* the same by from, port */
    size_t count;
    struct sw_names links; /* by name */
};

static uint64_t node_number(enum sw_node_kind kind, size_t index)
{
    return (uint64_t)index << 2 | kind;
}

static int by_nodes(const void *left, const void *right)
{
    const struct sighting *a = left, *b = right;
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    if (a->to != b->to) {
        return a->to < b->to ? -1 : 1;
    }
    return a->link < b->link ? -1 : a->link > b->link;
}

static int by_port(const void *left, const void *right)
{
    const struct sighting *a = left, *b = right;
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    return strcmp(a->port, b->port);
}

/* NULL: out of memory, noted. */
static struct sw_refs *refs_of(struct sw_build *b)
{
    const struct sw_topo *topo = b->topo;
    if (b->refs) {
        return b->refs;
    }
    struct sw_refs *refs = calloc(1, sizeof *refs);
    b->refs = refs;
    if (refs) {
        refs->sightings = calloc(2 * topo->link_count + 1, sizeof *refs->sightings);
        refs->ports = calloc(2 * topo->link_count + 1, sizeof *refs->ports);
    }
    b->no_memory = b->no_memory || !refs || !refs->sightings || !refs->ports;
    for (size_t i = 0; i < topo->link_count && !b->no_memory; i++) {
        const struct sw_topo_link *link = &topo->links[i];
        const uint64_t node[2] = {node_number(link->end[0].kind, link->end[0].node),
                                  node_number(link->end[1].kind, link->end[1].node)};
        for (unsigned end = 0; end < 2; end++) {
            const char *port = link->end[end].port ? link->end[end].port : "";
            refs->sightings[refs->count++] =
                (struct sighting){node[end], node[1 - end], i, end, port};
        }
        if (link->name && !sw_names_put(&refs->links, link->name, i)) {
            b->no_memory = true;
        }
    }
    if (b->no_memory) {
        return NULL;
    }
    memcpy(refs->ports, refs->sightings, refs->count * sizeof *refs->ports);
    qsort(refs->sightings, refs->count, sizeof *refs->sightings, by_nodes);
    qsort(refs->ports, refs->count, sizeof *refs->ports, by_port);
    return refs;
}

void sw_build_refs_free(struct sw_build *b)
{
    if (b->refs) {
        free(b->refs->sightings);
        free(b->refs->ports);
        sw_names_fini(&b->refs->links);
        free(b->refs);
        b->refs = NULL;
    }
}

/* The first sighting from one node to another or behind. */
static size_t first_of(const struct sw_refs *refs, uint64_t from, uint64_t to)
{
    size_t low = 0, high = refs->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct sighting *s = &refs->sightings[mid];
        if (s->from < from || (s->from == from && s->to < to)) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

char *sw_build_link_name(struct sw_build *b, size_t index)
{
    const struct sw_topo_link *link = &b->topo->links[index];
    if (link->name) {
        return sw_build_copy(b, link->name);
    }
    return sw_build_print(
        b, "%s %s", sw_build_node_name(b, (struct sw_node){link->end[0].kind, link->end[0].node}),
        sw_build_node_name(b, (struct sw_node){link->end[1].kind, link->end[1].node}));
}

/* ---- by name ---- */

static void unknown_link(struct sw_build *b, const struct sw_refs *refs, const struct sw_yaml *node)
{
    struct sw_suggestion near;
    char quoted[SW_QUOTED_BYTES], hint[SW_QUOTED_BYTES];
    sw_quote(node->text, quoted);
    if (b->links_bad) {
        return;
    }
    sw_suggest_begin(&near, node->text);
    size_t most = refs->links.count > 0 ? sw_build_hints(b) : 0;
    for (size_t i = 0; i < b->topo->link_count && i < most; i++) {
        if (b->topo->links[i].name) {
            sw_suggest_offer(&near, b->topo->links[i].name);
        }
    }
    SW_ERROR(b->report, node->where, "unknown link '%s'%s", quoted,
             near.best ? sw_suggest_text(&near, hint, sizeof hint)
                       : ", expected a link's name or its two nodes, as in [web, core]");
}

/* ---- by two nodes ---- */

/* One of the two, "web" or "web:eth0". */
struct end {
    struct sw_node node;
    const char *port; /* NULL: none said */
};

static bool read_end(struct sw_build *b, struct end *end, const struct sw_yaml *node)
{
    char what[SW_QUOTED_BYTES];
    if (node->bad) {
        return false;
    }
    if (node->kind != SW_YAML_SCALAR || node->empty) {
        SW_ERROR(b->report, node->where, "expected a node's name, found %s",
                 sw_yaml_what(node, what));
        return false;
    }
    size_t colon = strcspn(node->text, ":");
    const char *name = sw_arena_copy(b->arena, node->text, colon);
    *end = (struct end){.port = node->text[colon] ? node->text + colon + 1 : NULL};
    if (!name) {
        return false;
    }
    if (!sw_build_find(b, name, &end->node)) {
        sw_build_unknown(b, node->where, name, false);
        return false;
    }
    return true;
}

static bool has_port(const struct sw_topo_link *link, unsigned end, const char *port)
{
    return !port || (link->end[end].port && strcmp(link->end[end].port, port) == 0);
}

/* "'wan', the one on line 7" of the links at these sightings. */
static void list_candidates(const struct sw_build *b, const struct sighting *found[], size_t count,
                            struct sw_where from, char *text, size_t cap)
{
    size_t used = 0;
    for (size_t i = 0; i < count && i < CANDIDATES && used < cap; i++) {
        const struct sw_topo_link *link = &b->topo->links[found[i]->link];
        const char *comma = i == 0 ? "" : i + 1 == count ? " and " : ", ";
        char line[SW_LINE_BYTES];
        sw_build_line(b, sw_build_mark(b, link->where), from, line);
        used += (size_t)(link->name
                             ? snprintf(text + used, cap - used, "%s'%s'", comma, link->name)
                             : snprintf(text + used, cap - used, "%sthe one on %s", comma, line));
    }
    if (count > CANDIDATES && used < cap) {
        snprintf(text + used, cap - used, " and %zu more", count - CANDIDATES);
    }
}

/* The link between two ends, of which `count` fit. False: none or several, reported. */
static bool between(struct sw_build *b, const struct sw_refs *refs, const struct sw_yaml *node,
                    const struct end ends[2], size_t *link)
{
    const struct sighting *found[CANDIDATES];
    uint64_t from = node_number(ends[0].node.kind, ends[0].node.index);
    uint64_t to = node_number(ends[1].node.kind, ends[1].node.index);
    size_t count = 0;
    for (size_t i = first_of(refs, from, to); i < refs->count; i++) {
        const struct sighting *s = &refs->sightings[i];
        const struct sw_topo_link *at = &b->topo->links[s->link];
        if (s->from != from || s->to != to) {
            break;
        }
        if (has_port(at, s->end, ends[0].port) && has_port(at, 1 - s->end, ends[1].port)) {
            if (count < CANDIDATES) {
                found[count] = s;
            }
            count++;
        }
    }
    if (count == 1) {
        *link = found[0]->link;
        return true;
    }
    if (count > 1) {
        char list[SW_WHY];
        list_candidates(b, found, count, node->where, list, sizeof list);
        SW_ERROR(b->report, node->where,
                 "%zu links are between '%s' and '%s': %s; expected one's name, or its port as in "
                 "[%s:%s, %s]",
                 count, node->items[0]->text, node->items[1]->text, list,
                 sw_build_node_name(b, ends[0].node),
                 b->topo->links[found[0]->link].end[found[0]->end].port,
                 sw_build_node_name(b, ends[1].node));
    } else if (!b->links_bad) {
        SW_ERROR(b->report, node->where, "no link is between '%s' and '%s'", node->items[0]->text,
                 node->items[1]->text);
    }
    return false;
}

bool sw_build_link_of(struct sw_build *b, const struct sw_yaml *node, size_t *link)
{
    const struct sw_refs *refs = refs_of(b);
    if (!refs) {
        return false;
    }
    if (node->kind == SW_YAML_SCALAR) {
        const struct sw_name *found = sw_names_find(&refs->links, node->text);
        if (found) {
            *link = (size_t)found->number;
        } else {
            unknown_link(b, refs, node);
        }
        return found != NULL;
    }
    struct end ends[2];
    if (node->count != 2) {
        SW_ERROR(b->report, node->where, "a link is between two nodes, [web, core], found %zu",
                 node->count);
        return false;
    }
    bool first = read_end(b, &ends[0], node->items[0]);
    bool second = read_end(b, &ends[1], node->items[1]);
    return first && second && between(b, refs, node, ends, link);
}

unsigned sw_build_ways(struct sw_build *b, const struct sw_setting *from, size_t index)
{
    const struct sw_topo_link *link = &b->topo->links[index];
    const char *names[2];
    if (!from->node) {
        return SW_BOTH_WAYS;
    }
    for (unsigned end = 0; end < 2; end++) {
        names[end] =
            sw_build_node_name(b, (struct sw_node){link->end[end].kind, link->end[end].node});
        if (from->ok && strcmp(names[end], from->node->text) == 0) {
            return end == 0 ? SW_FORWARD : SW_BACKWARD;
        }
    }
    if (from->ok) {
        char quoted[SW_QUOTED_BYTES];
        SW_ERROR(b->report, from->node->where,
                 "'from': expected a node of this link, '%s' or '%s', found '%s'", names[0],
                 names[1], sw_quote(from->node->text, quoted));
    }
    return 0;
}

/* ---- objects ---- */

/* The link of a node's port. False: none. */
static bool find_port(const struct sw_refs *refs, struct sw_node node, const char *port,
                      struct sw_topo_object *out)
{
    const struct sighting key = {.from = node_number(node.kind, node.index), .port = port};
    const struct sighting *found =
        bsearch(&key, refs->ports, refs->count, sizeof *refs->ports, by_port);
    if (found) {
        out->kind = SW_OBJECT_PORT;
        out->index = found->link;
        out->end = found->end;
    }
    return found != NULL;
}

static void unknown_port(struct sw_build *b, const struct sw_refs *refs, const struct sw_yaml *node,
                         struct sw_node of, const char *port)
{
    struct sw_suggestion near;
    char quoted[SW_QUOTED_BYTES], hint[SW_QUOTED_BYTES];
    uint64_t from = node_number(of.kind, of.index);
    sw_suggest_begin(&near, port);
    size_t first = first_of(refs, from, 0), most = sw_build_hints(b);
    for (size_t i = first; i < refs->count && i - first < most && refs->sightings[i].from == from;
         i++) {
        const struct sighting *s = &refs->sightings[i];
        const char *name = b->topo->links[s->link].end[s->end].port;
        if (name) {
            sw_suggest_offer(&near, name);
        }
    }
    if (!b->links_bad) {
        SW_ERROR(b->report, node->where, "'%s' has no port '%s' with a link%s",
                 sw_build_node_name(b, of), sw_quote(port, quoted),
                 sw_suggest_text(&near, hint, sizeof hint));
    }
}

/* A text without a colon: a node, or a link by its name. */
static bool named_object(struct sw_build *b, const struct sw_refs *refs, const struct sw_yaml *node,
                         struct sw_topo_object *out)
{
    struct sw_node of;
    bool is_node = sw_build_find(b, node->text, &of);
    const struct sw_name *link = sw_names_find(&refs->links, node->text);
    if (is_node && link) {
        SW_ERROR(b->report, node->where,
                 "'%s' is a node and a link; expected the link by its two nodes, as in [web, core]",
                 node->text);
        return false;
    }
    if (link) {
        out->kind = SW_OBJECT_LINK;
        out->index = (size_t)link->number;
        return true;
    }
    if (!is_node) {
        sw_build_unknown(b, node->where, node->text, false);
        return false;
    }
    if (of.kind == SW_NODE_UPLINK) { /* it has one port, whose name is "" */
        bool found = find_port(refs, of, "", out);
        if (!found && !b->links_bad) {
            SW_ERROR(b->report, node->where, "the uplink '%s' has no link", node->text);
        }
        return found;
    }
    if (of.kind == SW_NODE_HOST && b->topo->hosts[of.index].program) {
        SW_ERROR(
            b->report, node->where,
            "the host '%s' is a program, and only its kernel counts; expected one of its ports, "
            "like %s:%s, or its link",
            node->text, node->text, b->topo->hosts[of.index].nics[0].name);
        return false;
    }
    out->kind = of.kind == SW_NODE_HOST ? SW_OBJECT_HOST : SW_OBJECT_SWITCH;
    out->index = of.index;
    return true;
}

bool sw_build_object(struct sw_build *b, const struct sw_yaml *node, struct sw_topo_object *out)
{
    const struct sw_refs *refs = refs_of(b);
    if (!refs) {
        return false;
    }
    *out = (struct sw_topo_object){0};
    if (node->kind == SW_YAML_LIST) {
        if (!sw_build_link_of(b, node, &out->index)) {
            return false;
        }
        out->kind = SW_OBJECT_LINK;
        out->written = sw_build_link_name(b, out->index);
        return out->written != NULL;
    }
    if (!strchr(node->text, ':')) {
        if (!named_object(b, refs, node, out)) {
            return false;
        }
    } else {
        struct end end;
        if (!read_end(b, &end, node)) {
            return false;
        }
        if (!find_port(refs, end.node, end.port, out)) {
            unknown_port(b, refs, node, end.node, end.port);
            return false;
        }
    }
    out->written = sw_build_copy(b, node->text);
    return out->written != NULL;
}
