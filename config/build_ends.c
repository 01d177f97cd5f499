/* Which port each end of a link takes. Ports that the file names anywhere are taken first; then
 * each bare end, in the order of the file, takes its node's next free one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/suggest.h"
#include "lan/bridge.h"

struct ports {
    struct sw_build *b;
    const struct sw_link_draft *drafts;
    struct sw_names taken; /* "core:p7" -> place (sw_build_mark) of the link that has it */
    size_t *next[3];       /* by kind and node: how many of its ports were looked at */
    size_t *used;          /* by switch: how many of its ports have a link */
};

/* "core:p7", in the arena; NULL: out of memory. */
static const char *full_name(struct ports *p, const struct sw_topo_end *end, const char *port)
{
    const char *node =
        sw_build_node_name(p->b, (struct sw_node){.kind = end->kind, .index = end->node});
    size_t n = strlen(node), m = strlen(port);
    char *name = sw_arena_alloc(p->b->arena, n + m + 2);
    if (name) {
        snprintf(name, n + m + 2, "%s:%s", node, port);
    }
    return name;
}

/* False: it is taken, or out of memory. */
static bool take(struct ports *p, struct sw_topo_end *end, const char *port, struct sw_where where)
{
    const char *name = full_name(p, end, port);
    if (!name || sw_names_find(&p->taken, name)) {
        return false;
    }
    if (!sw_names_put(&p->taken, name, sw_build_mark(p->b, where))) {
        p->b->no_memory = true;
        return false;
    }
    if (end->kind == SW_NODE_SWITCH && ++p->used[end->node] == SW_BRIDGE_PORTS + 1) {
        SW_ERROR(p->b->report, where, "a switch has at most %d ports", SW_BRIDGE_PORTS);
    }
    end->port = sw_build_copy(p->b, port);
    return end->port != NULL;
}

/* The i-th name that the node's ports have by itself, or NULL: it has no more. A switch without
 * `ports` has p1, p2 ... without end: written to buf. */
static const char *port_at(const struct ports *p, const struct sw_topo_end *end, size_t i,
                           char buf[24])
{
    const struct sw_topo *topo = p->b->topo;
    if (end->kind == SW_NODE_UPLINK) {
        return i == 0 ? "" : NULL;
    }
    if (end->kind == SW_NODE_HOST) {
        const struct sw_topo_host *host = &topo->hosts[end->node];
        return i < host->nic_count ? host->nics[i].name : NULL;
    }
    const struct sw_setting *ports = &p->b->switch_settings[end->node].of[SW_K_SWITCH_PORTS];
    if (ports->ok && ports->node->count > 0) {
        return i < ports->node->count ? ports->node->pairs[i].key->text : NULL;
    }
    snprintf(buf, 24, "p%zu", i + 1);
    return buf;
}

/* May any name stand for a port of this node? */
static bool any_name(const struct ports *p, const struct sw_topo_end *end)
{
    const struct sw_setting *ports = end->kind == SW_NODE_SWITCH
                                         ? &p->b->switch_settings[end->node].of[SW_K_SWITCH_PORTS]
                                         : NULL;
    return ports && !(ports->ok && ports->node->count > 0);
}

/* ---- ends with a name ---- */

static bool known_port(struct ports *p, const struct sw_topo_end *end,
                       const struct sw_end_draft *draft)
{
    const char *node =
        sw_build_node_name(p->b, (struct sw_node){.kind = end->kind, .index = end->node});
    const char *kind = end->kind == SW_NODE_SWITCH ? "switch" : "host";
    const char *what = end->kind == SW_NODE_SWITCH ? "port" : "interface";
    struct sw_suggestion near;
    char hint[96], buf[24];
    const char *name;
    if (end->kind == SW_NODE_UPLINK) {
        SW_ERROR(p->b->report, draft->where,
                 "the uplink '%s' has no interfaces, expected '%s' alone", node, node);
        return false;
    }
    if (any_name(p, end)) {
        return true;
    }
    sw_suggest_begin(&near, draft->port);
    for (size_t i = 0; (name = port_at(p, end, i, buf)) != NULL; i++) {
        if (strcmp(name, draft->port) == 0) {
            return true;
        }
        sw_suggest_offer(&near, name);
    }
    SW_ERROR(p->b->report, draft->where, "the %s '%s' has no %s '%s'%s", kind, node, what,
             draft->port,
             near.best                     ? sw_suggest_text(&near, hint, sizeof hint)
             : end->kind == SW_NODE_SWITCH ? "; its 'ports' are all that it has"
                                           : "; expected one of its 'interfaces'");
    return false;
}

static void take_named(struct ports *p, size_t link, size_t side)
{
    struct sw_topo_end *end = &p->b->topo->links[link].end[side];
    const struct sw_end_draft *draft = &p->drafts[link].end[side];
    if (!draft->port || !known_port(p, end, draft)) {
        return;
    }
    if (!take(p, end, draft->port, draft->where) && !p->b->no_memory) {
        const char *name = full_name(p, end, draft->port);
        const struct sw_name *other = name ? sw_names_find(&p->taken, name) : NULL;
        if (other) {
            char line[SW_LINE_BYTES];
            SW_ERROR(p->b->report, draft->where, "'%s' has a link already, on %s", name,
                     sw_build_line(p->b, other->number, draft->where, line));
        }
    }
}

/* ---- bare ends ---- */

static void say_none_free(struct ports *p, const struct sw_topo_end *end, struct sw_where where,
                          size_t has)
{
    const char *node =
        sw_build_node_name(p->b, (struct sw_node){.kind = end->kind, .index = end->node});
    char buf[24];
    const char *first = port_at(p, end, 0, buf);
    if (end->kind == SW_NODE_UPLINK) {
        SW_ERROR(p->b->report, where, "the uplink '%s' has a link already, and has one end only",
                 node);
    } else if (has == 1 && first) {
        const char *name = full_name(p, end, first);
        const struct sw_name *taken = name ? sw_names_find(&p->taken, name) : NULL;
        char line[SW_LINE_BYTES];
        SW_ERROR(p->b->report, where, "'%s' has one %s, %s, which has a link already, on %s", node,
                 end->kind == SW_NODE_HOST ? "interface" : "port", first,
                 sw_build_line(p->b, taken ? taken->number : 0, where, line));
    } else {
        SW_ERROR(p->b->report, where, "all %zu %s of '%s' have a link already", has,
                 end->kind == SW_NODE_HOST ? "interfaces" : "ports", node);
    }
}

static void take_next(struct ports *p, size_t link, size_t side)
{
    struct sw_topo_end *end = &p->b->topo->links[link].end[side];
    const struct sw_end_draft *draft = &p->drafts[link].end[side];
    size_t *next = &p->next[end->kind][end->node];
    char buf[24];
    if (draft->port) {
        return;
    }
    for (;; (*next)++) {
        const char *port = port_at(p, end, *next, buf);
        if (!port) {
            say_none_free(p, end, draft->where, *next);
            return;
        }
        if (take(p, end, port, draft->where) || p->b->no_memory || p->b->arena->no_memory) {
            return;
        }
    }
}

void sw_build_ends(struct sw_build *b, const struct sw_link_draft *drafts)
{
    struct ports p = {.b = b, .drafts = drafts};
    const size_t counts[] = {[SW_NODE_SWITCH] = b->topo->switch_count,
                             [SW_NODE_HOST] = b->topo->host_count,
                             [SW_NODE_UPLINK] = b->topo->uplink_count};
    p.used = calloc(b->topo->switch_count + 1, sizeof(size_t));
    bool memory = p.used != NULL;
    for (size_t kind = 0; kind < 3; kind++) {
        p.next[kind] = calloc(counts[kind] + 1, sizeof(size_t));
        memory = memory && p.next[kind];
    }
    b->no_memory = b->no_memory || !memory;
    for (size_t i = 0; memory && i < 2 * b->topo->link_count; i++) {
        take_named(&p, i / 2, i % 2);
    }
    for (size_t i = 0; memory && i < 2 * b->topo->link_count; i++) {
        take_next(&p, i / 2, i % 2);
    }
    sw_names_fini(&p.taken);
    free(p.used);
    for (size_t kind = 0; kind < 3; kind++) {
        free(p.next[kind]);
    }
}
