/* Forwards: ports of the machine that lead into the LAN. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"

static bool is_taken(const struct sw_topo *topo, struct sw_endpoint at)
{
    for (size_t i = 0; at.port != 0 && i < topo->forward_count; i++) {
        const struct sw_endpoint *other = &topo->forwards[i].listen;
        if (other->port == at.port && sw_ip_equal(other->ip, at.ip)) {
            return true;
        }
    }
    return false;
}

/* False: reported. */
static bool find_listen(struct sw_build *b, const struct sw_setting *set, struct sw_endpoint *out)
{
    char why[SW_WHY];
    if (!set->ok) {
        return false;
    }
    if (!sw_endpoint_parse(out, set->node->text, why)) {
        SW_ERROR(b->report, set->node->where, "'host': %s", why);
        return false;
    }
    if (is_taken(b->topo, *out)) {
        SW_ERROR(b->report, set->node->where, "'host': another forward has '%s'", set->node->text);
        return false;
    }
    return true;
}

/* The host that opens the connections. False: reported. */
static bool find_from(struct sw_build *b, const struct sw_setting *from,
                      const struct sw_setting *to, const char *to_name, size_t *out)
{
    struct sw_node node;
    char *name = from->node ? sw_build_host_of(b, from) : NULL;
    const char *who = name;
    if (!from->node) {
        assert(to->node); /* it was said, or there were no name */
        who = to_name;
        if (!sw_build_find(b, to_name, &node)) {
            SW_ERROR(b->report, to->node->where,
                     "'to' is an address: expected 'from', the host that connects to it");
            return false;
        }
    }
    bool found = who && sw_build_find(b, who, &node);
    if (found && b->topo->hosts[node.index].program) {
        SW_ERROR(b->report, from->node ? from->node->where : to->node->where,
                 from->node ? "the host '%s' is a program; expected a virtual host that connects"
                            : "the host '%s' is a program; expected 'from', a virtual host that "
                              "connects to it",
                 who);
        free(name);
        return false;
    }
    *out = found ? node.index : 0;
    free(name);
    return found;
}

static void build_forward(struct sw_build *b, const struct sw_yaml *item)
{
    struct sw_topo *topo = b->topo;
    struct sw_settings own;
    struct sw_topo_forward forward = {.where = sw_build_place(b, item->where)};
    if (!sw_section_read(&own, &sw_section_forward, item, 0, b->report)) {
        return;
    }
    const struct sw_setting *to = &own.of[SW_K_FORWARD_TO], *from = &own.of[SW_K_FORWARD_FROM];
    bool fine = find_listen(b, &own.of[SW_K_FORWARD_HOST], &forward.listen);
    forward.to = sw_build_endpoint(b, to, &forward.port);
    fine = forward.to && find_from(b, from, to, forward.to, &forward.from) && fine;
    struct sw_topo_forward *all =
        fine ? sw_build_room(b, topo->forwards, topo->forward_count, sizeof *all) : NULL;
    if (!all) {
        free(forward.to);
        return;
    }
    topo->forwards = all;
    all[topo->forward_count++] = forward;
}

void sw_build_forwards(struct sw_build *b)
{
    const struct sw_setting *set = &b->top.of[SW_K_TOP_FORWARD];
    if (set->ok && set->node->count > SW_FORWARDS_MAX) {
        SW_ERROR(b->report, set->node->where, "at most %d forwards, found %zu", SW_FORWARDS_MAX,
                 set->node->count);
        return;
    }
    for (size_t i = 0; set->ok && i < set->node->count; i++) {
        build_forward(b, set->node->items[i]);
    }
}
