/* A host's gateway and routes. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "config/build.h"
#include "config/suggest.h"

/* The nics of which one must reach an address: all of a host, or the one of an index. */
#define ANY_NIC SIZE_MAX

static bool is_own(const struct sw_topo_host *host, struct sw_ip ip)
{
    for (size_t i = 0; i < host->nic_count; i++) {
        for (size_t j = 0; j < host->nics[i].address_count; j++) {
            if (sw_ip_equal(host->nics[i].addresses[j].prefix.ip, ip)) {
                return true;
            }
        }
    }
    return false;
}

/* The address, among the host's, in whose net ip lies; NULL: none. */
static const struct sw_prefix *net_of(const struct sw_topo_host *host, size_t nic, struct sw_ip ip)
{
    for (size_t i = 0; i < host->nic_count; i++) {
        for (size_t j = 0; j < host->nics[i].address_count && (nic == ANY_NIC || nic == i); j++) {
            if (sw_prefix_holds(host->nics[i].addresses[j].prefix, ip)) {
                return &host->nics[i].addresses[j].prefix;
            }
        }
    }
    return NULL;
}

static bool has_addresses(const struct sw_topo_host *host, size_t nic)
{
    for (size_t i = 0; i < host->nic_count; i++) {
        if (host->nics[i].address_count > 0 && (nic == ANY_NIC || nic == i)) {
            return true;
        }
    }
    return false;
}

/* May the host send to this next router? */
static bool reaches(struct sw_build *b, const struct sw_topo_host *host, size_t nic,
                    const struct sw_setting *set, const char *key)
{
    char text[SW_IP_TEXT], why[SW_WHY];
    assert(set->node != NULL);
    const struct sw_prefix *net = net_of(host, nic, set->ip);
    sw_ip_emit(set->ip, text);
    if (is_own(host, set->ip)) {
        SW_ERROR(b->report, set->node->where, "'%s': %s is the host's own address", key, text);
        return false;
    }
    if (!has_addresses(host, nic)) {
        SW_ERROR(b->report, set->node->where, "'%s': %s cannot be reached without an address", key,
                 text);
        return false;
    }
    if (!net) {
        SW_ERROR(b->report, set->node->where, "'%s': %s lies outside %s", key, text,
                 nic == ANY_NIC ? "every net of the host" : "the nets of this interface");
        return false;
    }
    struct sw_prefix as_host = {.ip = set->ip, .bits = net->bits};
    if (!sw_host_address_check(as_host, why)) {
        SW_ERROR(b->report, set->node->where, "'%s': %s", key, why);
        return false;
    }
    return true;
}

static struct sw_topo_route *add_route(struct sw_build *b, struct sw_topo_host *host,
                                       const struct sw_topo_route *route,
                                       const struct sw_yaml *node)
{
    for (size_t i = 0; i < host->route_count && !b->again; i++) {
        const struct sw_prefix *other = &host->routes[i].to;
        if (sw_ip_equal(other->ip, route->to.ip) && other->bits == route->to.bits) {
            SW_ERROR(b->report, node->where, "the host has a route to this net already");
            return NULL;
        }
    }
    struct sw_topo_route *all = sw_build_room(b, host->routes, host->route_count, sizeof *all);
    if (!all) {
        return NULL;
    }
    host->routes = all;
    all[host->route_count] = *route;
    return &all[host->route_count++];
}

/* The index of the interface that a route names; ANY_NIC: it names none. False: there is none of
 * that name. */
static bool route_nic(struct sw_build *b, const struct sw_topo_host *host,
                      const struct sw_setting *set, size_t *out)
{
    struct sw_suggestion near;
    char hint[96];
    *out = ANY_NIC;
    if (!set->ok) {
        return true;
    }
    sw_suggest_begin(&near, set->node->text);
    for (size_t i = 0; i < host->nic_count; i++) {
        if (strcmp(host->nics[i].name, set->node->text) == 0) {
            *out = i;
            return true;
        }
        sw_suggest_offer(&near, host->nics[i].name);
    }
    SW_ERROR(b->report, set->node->where, "'interface': the host has no interface '%s'%s",
             set->node->text, sw_suggest_text(&near, hint, sizeof hint));
    return false;
}

/* Is the net that of one of the interface's addresses? */
static bool is_connected(const struct sw_topo_nic *nic, struct sw_prefix net)
{
    for (size_t i = 0; i < nic->address_count; i++) {
        const struct sw_prefix *own = &nic->addresses[i].prefix;
        if (own->bits == net.bits && sw_prefix_holds(*own, net.ip)) {
            return true;
        }
    }
    return false;
}

static void build_route(struct sw_build *b, struct sw_topo_host *host, const struct sw_yaml *node)
{
    struct sw_settings own;
    size_t nic;
    if (!sw_section_read(&own, &sw_section_route, node, 0, b->report)) {
        return;
    }
    const struct sw_setting *to = &own.of[SW_K_ROUTE_TO], *via = &own.of[SW_K_ROUTE_VIA];
    const struct sw_setting *interface = &own.of[SW_K_ROUTE_INTERFACE];
    if (!via->node && !interface->node) {
        SW_ERROR(b->report, node->where, "a route needs 'via' or 'interface'");
        return;
    }
    if (!route_nic(b, host, interface, &nic) || !to->ok || (via->node && !via->ok) ||
        (interface->node && !interface->ok) || (via->ok && !reaches(b, host, nic, via, "via"))) {
        return;
    }
    if (!via->ok && is_connected(&host->nics[nic], to->prefix)) {
        SW_ERROR(b->report, node->where, "the interface's own address has this route already");
        return;
    }
    struct sw_topo_route route = {.to = to->prefix};
    if (via->ok) {
        route.gateway = via->ip;
    }
    struct sw_topo_route *added = add_route(b, host, &route, node);
    if (added && nic != ANY_NIC) {
        added->nic = sw_build_copy(b, host->nics[nic].name);
    }
}

void sw_build_routes(struct sw_build *b, struct sw_topo_host *host, const struct sw_settings *own,
                     const struct sw_settings *far)
{
    const struct sw_setting *gateway = &own->of[SW_K_HOST_GATEWAY];
    const struct sw_setting *routes =
        sw_setting_pick(&own->of[SW_K_HOST_ROUTES], &far->of[SW_K_HOST_ROUTES]);
    if (!gateway->node) {
        /* A default gateway is nothing to itself, nor to a host that has no address. */
        gateway = &far->of[SW_K_HOST_GATEWAY];
        if (!gateway->ok || is_own(host, gateway->ip) || !has_addresses(host, ANY_NIC)) {
            gateway = NULL;
        }
    }
    if (gateway && gateway->ok && reaches(b, host, ANY_NIC, gateway, "gateway")) {
        struct sw_topo_route route = {.to = {.ip = sw_ip_v4(0)}, .gateway = gateway->ip};
        add_route(b, host, &route, gateway->node);
    }
    for (size_t i = 0; routes && i < routes->node->count && !b->no_memory; i++) {
        if (host->route_count == SW_HOST_ROUTES) {
            SW_ERROR(b->report, routes->node->items[i]->where, "a host has at most %d routes",
                     SW_HOST_ROUTES);
            return;
        }
        build_route(b, host, routes->node->items[i]);
    }
}
