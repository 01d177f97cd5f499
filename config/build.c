/* Building a topo: the order of things, names, switches. */
#include "config/build.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/suggest.h"

/* How many names of a kind are looked at for one that may be meant: a thousand unknown names in a
 * file of a million hosts should not take minutes. */
#define SUGGEST_NAMES 20000

/* ---- memory ---- */

/* Counts n bytes and what malloc needs besides. False: they are too many. */
static bool spend(struct sw_build *b, size_t n)
{
    b->topo_bytes += n + 16;
    if (b->topo_bytes > SW_TOPO_BYTES_MAX && !b->too_big) {
        SW_ERROR(b->report, b->at,
                 "here the LAN comes to over %u GiB in memory; expected fewer or smaller hosts, "
                 "links and services",
                 (unsigned)(SW_TOPO_BYTES_MAX >> 30));
        b->too_big = true;
        b->no_memory = true;
    }
    return !b->too_big;
}

char *sw_build_copy(struct sw_build *b, const char *text)
{
    char *copy = spend(b, strlen(text) + 1) ? sw_text_copy(text) : NULL;
    b->no_memory = b->no_memory || !copy;
    return copy;
}

char *sw_build_print(struct sw_build *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = n < 0 || !spend(b, (size_t)n) ? NULL : malloc((size_t)n + 1);
    if (!text) {
        b->no_memory = true;
        return NULL;
    }
    va_start(args, format);
    vsnprintf(text, (size_t)n + 1, format, args);
    va_end(args);
    return text;
}

void *sw_build_room(struct sw_build *b, void *array, size_t count, size_t size)
{
    void *roomy = spend(b, size) ? array : NULL;
    if (!b->too_big &&
        (count & (count - 1)) == 0) { /* 0 and the powers of two: what there is, is full */
        size_t cap = count ? 2 * count : 1;
        roomy = cap > SIZE_MAX / 2 / size ? NULL : realloc(array, cap * size);
    }
    if (!roomy) {
        b->no_memory = true;
        return NULL;
    }
    memset((char *)roomy + count * size, 0, size);
    return roomy;
}

struct sw_where sw_build_place(const struct sw_build *b, struct sw_where where)
{
    for (size_t i = 0; i < b->topo->file_count; i++) {
        if (strcmp(b->topo->files[i], where.file) == 0) {
            where.file = b->topo->files[i];
            return where;
        }
    }
    where.file = b->topo->files[0];
    return where;
}

char *sw_build_beside(struct sw_build *b, struct sw_where where, const char *path)
{
    const char *slash = strrchr(where.file, '/');
    if (path[0] == '/' || !slash) {
        return sw_build_copy(b, path);
    }
    return sw_build_print(b, "%.*s/%s", (int)(slash - where.file), where.file, path);
}

uint64_t sw_build_mark(const struct sw_build *b, struct sw_where where)
{
    return (uint64_t)sw_report_file(b->report, where) << 32 | where.line;
}

char *sw_build_line(const struct sw_build *b, uint64_t mark, struct sw_where from,
                    char buf[SW_LINE_BYTES])
{
    size_t file = (size_t)(mark >> 32);
    unsigned line = (unsigned)(mark & UINT32_MAX);
    if (file == sw_report_file(b->report, from)) {
        snprintf(buf, SW_LINE_BYTES, "line %u", line);
    } else {
        snprintf(buf, SW_LINE_BYTES, "line %u of %.200s", line,
                 b->report->files[file].source->path);
    }
    return buf;
}

/* ---- names ---- */

bool sw_build_find(const struct sw_build *b, const char *name, struct sw_node *out)
{
    const struct sw_name *found = sw_names_find(&b->nodes, name);
    if (!found) {
        return false;
    }
    *out = (struct sw_node){.kind = (enum sw_node_kind)(found->number & 3),
                            .index = (size_t)(found->number >> 2)};
    return true;
}

static const char *kind_name(enum sw_node_kind kind)
{
    return kind == SW_NODE_SWITCH ? "a switch" : kind == SW_NODE_HOST ? "a host" : "an uplink";
}

bool sw_build_declare(struct sw_build *b, const char *text, const struct sw_yaml *key,
                      struct sw_node node)
{
    struct sw_node other;
    if (sw_build_find(b, text, &other)) {
        SW_ERROR(b->report, key->where, "the name '%s' is taken by %s already", text,
                 kind_name(other.kind));
        return false;
    }
    if (!sw_names_put(&b->nodes, text, (uint64_t)node.index << 2 | node.kind)) {
        b->no_memory = true;
        return false;
    }
    return true;
}

const char *sw_build_node_name(const struct sw_build *b, struct sw_node node)
{
    switch (node.kind) {
    case SW_NODE_SWITCH:
        return b->topo->switches[node.index].name;
    case SW_NODE_HOST:
        return b->topo->hosts[node.index].name;
    case SW_NODE_UPLINK:
        break;
    }
    return b->topo->uplinks[node.index].name;
}

size_t sw_build_hints(const struct sw_build *b)
{
    return sw_report_full(b->report, SW_PROBLEM_ERROR) ? 0 : SUGGEST_NAMES;
}

void sw_build_unknown(struct sw_build *b, struct sw_where where, const char *name, bool hosts_only)
{
    char quoted[SW_QUOTED_BYTES], hint[SW_QUOTED_BYTES];
    const char *what = hosts_only ? "host" : "node";
    const struct sw_name *group = sw_names_find(&b->groups, name);
    struct sw_node node;
    sw_quote(name, quoted);
    if (group) {
        size_t n = b->group_size[group->number];
        SW_ERROR(b->report, where, "'%s' is %zu host%s, expected one of '%s-1' to '%s-%zu'%s",
                 quoted, n, n == 1 ? "" : "s", quoted, quoted, n,
                 hosts_only ? "" : ", or a pattern in quotes");
        return;
    }
    if (hosts_only && sw_build_find(b, name, &node)) {
        SW_ERROR(b->report, where, "'%s' is %s, expected a host", quoted, kind_name(node.kind));
        return;
    }
    struct sw_suggestion near;
    size_t most = sw_build_hints(b);
    sw_suggest_begin(&near, name);
    for (size_t i = 0; i < b->topo->host_count && i < most; i++) {
        sw_suggest_offer(&near, b->topo->hosts[i].name);
    }
    for (size_t i = 0; i < b->topo->switch_count && i < most && !hosts_only; i++) {
        sw_suggest_offer(&near, b->topo->switches[i].name);
    }
    for (size_t i = 0; i < b->topo->uplink_count && i < most && !hosts_only; i++) {
        sw_suggest_offer(&near, b->topo->uplinks[i].name);
    }
    SW_ERROR(b->report, where, "unknown %s '%s'%s", what, quoted,
             near.best    ? sw_suggest_text(&near, hint, sizeof hint)
             : hosts_only ? ", expected a name of 'hosts'"
                          : ", expected a name of 'hosts', 'switches' or 'uplinks'");
}

/* ---- switches ---- */

static void build_switch(struct sw_build *b, const struct sw_yaml_pair *pair)
{
    struct sw_topo *topo = b->topo;
    struct sw_topo_switch *all =
        sw_build_room(b, topo->switches, topo->switch_count, sizeof *topo->switches);
    struct sw_settings *settings =
        sw_build_room(b, b->switch_settings, topo->switch_count, sizeof *settings);
    topo->switches = all ? all : topo->switches;
    b->switch_settings = settings ? settings : b->switch_settings;
    char *name = all && settings ? sw_build_copy(b, pair->key->text) : NULL;
    if (!name) {
        return;
    }
    size_t index = topo->switch_count++;
    struct sw_topo_switch *bridge = &all[index];
    struct sw_settings *own = &settings[index];
    const struct sw_settings *far = &b->switch_defaults;
    *bridge = (struct sw_topo_switch){.name = name,
                                      .ageing = 300 * SW_S,
                                      .mac_table = 8192,
                                      .where = sw_build_place(b, pair->key->where)};
    sw_build_declare(b, name, pair->key, (struct sw_node){SW_NODE_SWITCH, index});
    sw_section_read(own, &sw_section_switch, pair->value, 0, b->report);
    const struct sw_setting *set =
        sw_setting_pick(&own->of[SW_K_SWITCH_AGEING], &far->of[SW_K_SWITCH_AGEING]);
    bridge->ageing = set ? set->number : bridge->ageing;
    set = sw_setting_pick(&own->of[SW_K_SWITCH_MAC_TABLE], &far->of[SW_K_SWITCH_MAC_TABLE]);
    bridge->mac_table = set ? (uint32_t)set->number : bridge->mac_table;
    const struct sw_setting *ports = &own->of[SW_K_SWITCH_PORTS];
    for (size_t i = 0; ports->ok && i < ports->node->count; i++) {
        const struct sw_yaml_pair *port = &ports->node->pairs[i];
        struct sw_settings none;
        char why[SW_WHY];
        if (!sw_name_check(port->key->text, "a port's name", why)) {
            SW_ERROR(b->report, port->key->where, "%s", why);
        }
        sw_section_read(&none, &sw_section_switch_port, port->value, 0, b->report);
    }
}

void sw_build_each(struct sw_build *b, const struct sw_setting *set, const char *what,
                   void (*build)(struct sw_build *b, const struct sw_yaml_pair *pair))
{
    for (size_t i = 0; set->ok && i < set->node->count && !b->no_memory; i++) {
        char why[SW_WHY];
        b->at = set->node->pairs[i].key->where;
        if (sw_name_check(set->node->pairs[i].key->text, what, why)) {
            build(b, &set->node->pairs[i]);
        } else {
            SW_ERROR(b->report, set->node->pairs[i].key->where, "%s", why);
        }
    }
}

/* ---- the whole ---- */

static void read_defaults(struct sw_build *b)
{
    static const struct {
        int key;
        const struct sw_section *section;
    } kinds[] = {{SW_K_DEFAULTS_LINK, &sw_section_link},
                 {SW_K_DEFAULTS_HOST, &sw_section_host},
                 {SW_K_DEFAULTS_SWITCH, &sw_section_switch}};
    struct sw_settings *into[] = {&b->link_defaults, &b->host_defaults, &b->switch_defaults};
    const struct sw_setting *set = &b->top.of[SW_K_TOP_DEFAULTS];
    if (!set->ok) {
        return;
    }
    sw_section_read(&b->defaults, &sw_section_defaults, set->node, 0, b->report);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct sw_setting *kind = &b->defaults.of[kinds[i].key];
        if (kind->ok) {
            sw_section_read(into[i], kinds[i].section, kind->node, SW_READ_DEFAULTS, b->report);
        }
    }
    if (b->host_defaults.of[SW_K_HOST_TCP].ok) {
        sw_section_read(&b->tcp_defaults, &sw_section_tcp, b->host_defaults.of[SW_K_HOST_TCP].node,
                        0, b->report);
    }
    if (b->host_defaults.of[SW_K_HOST_ARP].ok) {
        sw_section_read(&b->arp_defaults, &sw_section_arp, b->host_defaults.of[SW_K_HOST_ARP].node,
                        0, b->report);
    }
}

static void read_name_and_seed(struct sw_build *b)
{
    const struct sw_setting *name = &b->top.of[SW_K_TOP_NAME], *seed = &b->top.of[SW_K_TOP_SEED];
    char *copy = name->ok ? sw_build_copy(b, name->node->text) : NULL;
    if (copy) {
        free(b->topo->name);
        b->topo->name = copy;
    }
    if (seed->ok) {
        b->topo->seed = (uint64_t)seed->number;
    }
}

void sw_build_topo(struct sw_build *b, const struct sw_yaml *root)
{
    if (!sw_section_read(&b->top, &sw_section_top, root, 0, b->report)) {
        return;
    }
    read_name_and_seed(b);
    read_defaults(b);
    sw_build_groups(b);
    sw_build_each(b, &b->top.of[SW_K_TOP_SWITCHES], "a switch's name", build_switch);
    sw_build_hosts(b);
    sw_build_uplinks(b);
    size_t errors = b->report->problems->errors;
    sw_build_links(b);
    b->links_bad = b->report->problems->errors > errors;
    sw_build_checks(b);
    sw_build_forwards(b);
    sw_build_steps(b);
    sw_build_events(b);
    if (b->topo->host_count + b->topo->switch_count + b->topo->uplink_count == 0 &&
        b->report->problems->errors == 0) {
        SW_ERROR(b->report, root->where,
                 "the LAN has no node; expected at least 'hosts:' with a host");
    }
}
