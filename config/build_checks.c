/* What only the whole LAN shows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"

/* Parts of the LAN that frames reach each other in without a router: a union of switches,
 * interfaces and uplinks, found by disjoint sets. The elements: switches, then uplinks, then every
 * host's interfaces in order. */
struct segments {
    struct sw_build *b;
    size_t *parent, *first_nic; /* by element; by host: the element of its first interface */
    bool *linked;               /* by element */
    size_t count;
};

static size_t root_of(struct segments *s, size_t at)
{
    while (s->parent[at] != at) {
        s->parent[at] = s->parent[s->parent[at]];
        at = s->parent[at];
    }
    return at;
}

/* SIZE_MAX: an end that found no port. */
static size_t element_of(const struct segments *s, const struct sw_topo_end *end)
{
    const struct sw_topo *topo = s->b->topo;
    if (!end->port) {
        return SIZE_MAX;
    }
    if (end->kind == SW_NODE_SWITCH) {
        return end->node;
    }
    if (end->kind == SW_NODE_UPLINK) {
        return topo->switch_count + end->node;
    }
    const struct sw_topo_host *host = &topo->hosts[end->node];
    for (size_t i = 0; i < host->nic_count; i++) {
        if (strcmp(host->nics[i].name, end->port) == 0) {
            return s->first_nic[end->node] + i;
        }
    }
    return SIZE_MAX;
}

static bool segments_init(struct segments *s, struct sw_build *b)
{
    const struct sw_topo *topo = b->topo;
    *s = (struct segments){.b = b, .count = topo->switch_count + topo->uplink_count};
    s->first_nic = calloc(topo->host_count + 1, sizeof(size_t));
    for (size_t i = 0; s->first_nic && i < topo->host_count; i++) {
        s->first_nic[i] = s->count;
        s->count += topo->hosts[i].nic_count;
    }
    s->parent = calloc(s->count + 1, sizeof(size_t));
    s->linked = calloc(s->count + 1, sizeof(bool));
    if (!s->first_nic || !s->parent || !s->linked) {
        b->no_memory = true;
        return false;
    }
    for (size_t i = 0; i < s->count; i++) {
        s->parent[i] = i;
    }
    return true;
}

/* Joins what links join; a link between two switches that are joined already closes a loop. */
static void join_links(struct segments *s)
{
    const struct sw_topo *topo = s->b->topo;
    for (size_t i = 0; i < topo->link_count; i++) {
        const struct sw_topo_link *link = &topo->links[i];
        size_t a = element_of(s, &link->end[0]), z = element_of(s, &link->end[1]);
        if (a == SIZE_MAX || z == SIZE_MAX) {
            continue;
        }
        s->linked[a] = true;
        s->linked[z] = true;
        if (root_of(s, a) == root_of(s, z) && s->b->report->problems->errors == 0) {
            SW_WARN(s->b->report, link->where,
                    "this link closes a loop of switches; a broadcast will go round for ever");
        }
        s->parent[root_of(s, a)] = root_of(s, z);
    }
}

/* ---- addresses ---- */

/* By kind, segment, address; then in the order of the file. */
static int by_segment(const void *left, const void *right)
{
    const struct sw_given *a = left, *b = right;
    if (a->segment != b->segment) {
        return a->segment < b->segment ? -1 : 1;
    }
    if (a->ip.family != b->ip.family) {
        return a->ip.family < b->ip.family ? -1 : 1;
    }
    int order = a->ip.family == SW_IP_NONE ? memcmp(a->mac.b, b->mac.b, sizeof a->mac.b)
                                           : memcmp(a->ip.b, b->ip.b, sizeof a->ip.b);
    if (order != 0) {
        return order;
    }
    if (a->where.file != b->where.file) {
        return strcmp(a->where.file, b->where.file);
    }
    if (a->where.line != b->where.line) {
        return a->where.line < b->where.line ? -1 : 1;
    }
    if (a->where.column != b->where.column) {
        return a->where.column < b->where.column ? -1 : 1;
    }
    return a->host < b->host ? -1 : a->host > b->host;
}

static bool same_given(const struct sw_given *a, const struct sw_given *b)
{
    return a->segment == b->segment && a->ip.family == b->ip.family && sw_ip_equal(a->ip, b->ip) &&
           sw_mac_equal(a->mac, b->mac);
}

static bool same_place(struct sw_where a, struct sw_where b)
{
    return a.line == b.line && a.column == b.column && a.file && b.file &&
           strcmp(a.file, b.file) == 0;
}

static const char *owner_name(const struct segments *s, const struct sw_given *given)
{
    const struct sw_topo *topo = s->b->topo;
    return given->host == SIZE_MAX ? topo->uplinks[given->nic].name : topo->hosts[given->host].name;
}

static void say_twice(struct segments *s, const struct sw_given *first,
                      const struct sw_given *second)
{
    char text[SW_IP_TEXT];
    bool ip = second->ip.family != SW_IP_NONE;
    if (ip) {
        sw_ip_emit(second->ip, text);
    } else {
        sw_mac_emit(second->mac, text);
    }
    char line[SW_LINE_BYTES];
    sw_build_line(s->b, sw_build_mark(s->b, first->where), second->where, line);
    SW_ERROR(s->b->report, second->where, "'%s' has %s, which '%s' (%s) has %s",
             owner_name(s, second), text, owner_name(s, first), line,
             ip ? "on the same segment; if it is meant: allow: [duplicate-address]" : "already");
}

static void check_given(struct segments *s)
{
    struct sw_build *b = s->b;
    for (size_t i = 0; i < b->given_count; i++) {
        struct sw_given *g = &b->given[i];
        size_t at =
            g->host == SIZE_MAX ? b->topo->switch_count + g->nic : s->first_nic[g->host] + g->nic;
        /* A MAC address is one station's in the whole LAN, whatever lies between. */
        g->segment = g->ip.family == SW_IP_NONE ? SIZE_MAX : root_of(s, at);
    }
    if (b->given_count > 0) {
        qsort(b->given, b->given_count, sizeof *b->given, by_segment);
    }
    struct sw_where said_first = {0}, said_second = {0};
    size_t first = 0;
    for (size_t i = 1; i < b->given_count; i++) {
        const struct sw_given *a = &b->given[first], *g = &b->given[i];
        if (!same_given(a, g)) {
            first = i;
            continue;
        }
        /* Two groups that overlap are one mistake, not a hundred. */
        bool said = same_place(said_first, a->where) && same_place(said_second, g->where);
        if (!a->allow && !g->allow && !said) {
            say_twice(s, a, g);
            said_first = a->where;
            said_second = g->where;
        }
        if (a->allow && !g->allow) {
            first = i; /* the next one is measured against a host that does not allow it */
        }
    }
}

/* ---- nodes ---- */

static void check_lonely(struct segments *s)
{
    const struct sw_topo *topo = s->b->topo;
    struct sw_where group = {0};
    for (size_t i = 0; i < topo->switch_count; i++) {
        if (!s->linked[i]) {
            SW_WARN(s->b->report, topo->switches[i].where, "the switch '%s' has no link",
                    topo->switches[i].name);
        }
    }
    for (size_t i = 0; i < topo->uplink_count; i++) {
        if (!s->linked[topo->switch_count + i]) {
            SW_WARN(s->b->report, topo->uplinks[i].where, "the uplink '%s' has no link",
                    topo->uplinks[i].name);
        }
    }
    for (size_t i = 0; i < topo->host_count; i++) {
        const struct sw_topo_host *host = &topo->hosts[i];
        bool linked = false;
        for (size_t j = 0; j < host->nic_count; j++) {
            linked = linked || s->linked[s->first_nic[i] + j];
        }
        if (!linked && !same_place(group, host->where)) { /* of a group, once */
            SW_WARN(s->b->report, host->where, "the host '%s' has no link", host->name);
            group = host->where;
        }
    }
}

static bool has_port(const struct sw_topo *topo, size_t bridge, const char *port)
{
    for (size_t i = 0; i < 2 * topo->link_count; i++) {
        const struct sw_topo_end *end = &topo->links[i / 2].end[i % 2];
        if (end->kind == SW_NODE_SWITCH && end->node == bridge && end->port &&
            strcmp(end->port, port) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_static(const struct sw_topo_switch *bridge, struct sw_mac mac)
{
    for (size_t i = 0; i < bridge->static_count; i++) {
        if (sw_mac_equal(bridge->statics[i].mac, mac)) {
            return true;
        }
    }
    return false;
}

static void build_static(struct sw_build *b, size_t index, const struct sw_yaml_pair *pair)
{
    struct sw_topo_switch *bridge = &b->topo->switches[index];
    const struct sw_yaml *port = pair->value;
    struct sw_mac mac;
    char why[SW_WHY], what[SW_QUOTED_BYTES];
    if (!sw_station_parse(&mac, pair->key->text, why)) {
        SW_ERROR(b->report, pair->key->where, "'static': %s", why);
        return;
    }
    if (has_static(bridge, mac)) {
        SW_ERROR(b->report, pair->key->where, "'static': this address is bound already");
        return;
    }
    if (port->kind != SW_YAML_SCALAR || port->empty) {
        SW_ERROR(b->report, port->where, "'static': expected a port's name, found %s",
                 sw_yaml_what(port, what));
        return;
    }
    if (port->bad) {
        return;
    }
    if (!has_port(b->topo, index, port->text)) {
        SW_ERROR(b->report, port->where,
                 "'static': expected a port of '%s' that has a link, found %s", bridge->name,
                 sw_yaml_what(port, what));
        return;
    }
    struct sw_topo_static_mac *all =
        sw_build_room(b, bridge->statics, bridge->static_count, sizeof *all);
    char *copy = all ? sw_build_copy(b, port->text) : NULL;
    bridge->statics = all ? all : bridge->statics;
    if (copy) {
        all[bridge->static_count++] = (struct sw_topo_static_mac){.mac = mac, .port = copy};
    }
}

static void build_statics(struct sw_build *b)
{
    for (size_t i = 0; i < b->topo->switch_count; i++) {
        const struct sw_setting *set = &b->switch_settings[i].of[SW_K_SWITCH_STATIC];
        if (!set->ok) {
            continue;
        }
        for (size_t j = 0; j < set->node->count; j++) {
            build_static(b, i, &set->node->pairs[j]);
        }
        if (b->topo->switches[i].static_count > b->topo->switches[i].mac_table) {
            SW_ERROR(b->report, set->node->where,
                     "'static': %zu addresses do not fit into a mac-table of %u",
                     b->topo->switches[i].static_count, b->topo->switches[i].mac_table);
        }
    }
}

void sw_build_checks(struct sw_build *b)
{
    struct segments s;
    if (b->no_memory) {
        return;
    }
    build_statics(b);
    if (segments_init(&s, b)) {
        join_links(&s);
        check_given(&s);
        if (b->report->problems->errors == 0) {
            check_lonely(&s); /* beside a mistake it would say what follows from that */
        }
    }
    free(s.parent);
    free(s.first_nic);
    free(s.linked);
}
