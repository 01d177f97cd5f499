/* A whole LAN from a topo (see network.h), in the order in which the parts need each other:
 * bridges, hosts with interfaces, addresses and routes, the ports of uplinks, links, the lines of
 * tuns, static stations, services. Taken down the other way round, the cables first, so that no
 * observer sees what the ends do when they end. */
#include "lan/network.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/fabric.h"
#include "lan/services.h"

/* An uplink, by the port that its maker gave. A tun has a station of its own on the LAN: a router
 * with two interfaces, of which one is bare, and a line from that one to the maker's port. */
struct uplink {
    struct sw_port *port;
    struct sw_fabric_host *station; /* of a tun; else NULL */
    struct sw_nic *lan, *bare;      /* of the station */
    char *far;                      /* what the far end of its line is called */
};

struct sw_network {
    struct sw_env env; /* as it was given */
    const struct sw_topo *topo;
    struct sw_network_options options;
    struct sw_fabric fabric;
    struct uplink *uplink; /* topo->uplink_count of them */
    struct sw_service **service;
    size_t services, service_cap;
};

static int no_memory(struct sw_network *net)
{
    return sw_fabric_fail(&net->fabric, -ENOMEM, "out of memory");
}

/* ---- hosts ---- */

/* flags: SW_ADDRESS_*, of all its addresses. */
static int build_nic(struct sw_network *net, struct sw_fabric_host *host,
                     const struct sw_topo_nic *want, unsigned flags)
{
    const struct sw_nic_config config = {.name = want->name,
                                         .mac = want->mac_given ? want->mac : sw_mac_zero,
                                         .mtu_bytes = want->mtu_bytes};
    if (want->mac_given && sw_mac_is_zero(want->mac)) {
        return sw_fabric_fail(&net->fabric, -EINVAL, "%s:%s: zero is nobody's MAC",
                              sw_host_name(host->host), want->name);
    }
    struct sw_nic *nic = NULL;
    int status = sw_fabric_add_nic(&nic, &net->fabric, host, &config);
    for (size_t i = 0; status == 0 && i < want->address_count; i++) {
        status = sw_fabric_add_address(&net->fabric, nic, want->addresses[i].prefix,
                                       want->addresses[i].flags | flags);
    }
    return status;
}

static int build_route(struct sw_network *net, struct sw_fabric_host *host,
                       const struct sw_topo_route *want)
{
    struct sw_nic *nic = NULL;
    if (want->nic != NULL) {
        nic = sw_host_nic(host->host, want->nic);
        if (nic == NULL) {
            return sw_fabric_fail(&net->fabric, -EINVAL,
                                  "%s: a route by the interface %s, which "
                                  "it does not have",
                                  sw_host_name(host->host), want->nic);
        }
    }
    return sw_fabric_add_route(&net->fabric, host, want->to, want->gateway, nic);
}

/* What speaks from a program's host does so by its kernel. */
static void take_sockets(const struct sw_network *net, struct sw_host *host, size_t i)
{
    const struct sw_network_programs *programs = &net->options.programs;
    sw_host_set_far(host, programs->far, programs->far_ctx(programs->ctx, i));
}

static int build_host(struct sw_network *net, const struct sw_topo_host *want)
{
    const struct sw_host_config config = {.name = want->name,
                                          .forwarding = want->forwarding,
                                          .tcp = want->tcp,
                                          .tcp_watch = net->options.tcp_watch};
    struct sw_fabric_host *host = NULL;
    int status = sw_fabric_add_host(&host, &net->fabric, &config);
    if (status == 0 && want->program != NULL) {
        host->elsewhere = true;
        take_sockets(net, host->host, (size_t)(want - net->topo->hosts));
    }
    for (size_t i = 0; status == 0 && i < want->nic_count; i++) {
        status = build_nic(net, host, &want->nics[i], want->program ? SW_ADDRESS_SILENT : 0);
    }
    for (size_t i = 0; status == 0 && i < want->route_count; i++) {
        status = build_route(net, host, &want->routes[i]);
    }
    return status;
}

/* ---- switches ---- */

static int build_switch(struct sw_network *net, const struct sw_topo_switch *want)
{
    const struct sw_bridge_config config = {
        .name = want->name, .ageing = want->ageing, .mac_table = want->mac_table};
    struct sw_fabric_bridge *bridge = NULL;
    return sw_fabric_add_bridge(&bridge, &net->fabric, &config);
}

static int build_static(struct sw_network *net, size_t i, const struct sw_topo_static_mac *want)
{
    struct sw_fabric_bridge *bridge = sw_fabric_bridge_at(&net->fabric, i);
    struct sw_port *port = NULL;
    int status = sw_fabric_bridge_port(&port, &net->fabric, bridge, want->port);
    if (status < 0) {
        return status;
    }
    status = sw_bridge_add_static(bridge->bridge, want->mac, want->port);
    if (status < 0) {
        char mac[SW_MAC_TEXT];
        return sw_fabric_fail(&net->fabric, -EINVAL, "switch '%s': the static station %s %s",
                              sw_bridge_name(bridge->bridge), sw_mac_emit(want->mac, mac),
                              status == -EEXIST   ? "is bound already"
                              : status == -EINVAL ? "has no station's address"
                                                  : "finds no room in the MAC table");
    }
    return 0;
}

static int build_statics(struct sw_network *net)
{
    int status = 0;
    for (size_t i = 0; status == 0 && i < net->topo->switch_count; i++) {
        const struct sw_topo_switch *bridge = &net->topo->switches[i];
        for (size_t k = 0; status == 0 && k < bridge->static_count; k++) {
            status = build_static(net, i, &bridge->statics[k]);
        }
    }
    return status;
}

/* ---- uplinks ---- */

/* Who stands in on the LAN for a kernel without Ethernet: the kernel's address is answered for by
 * ARP, the LAN's nets are reached as a router reaches them, and all else is the kernel's. */
static int build_station(struct sw_network *net, struct uplink *uplink,
                         const struct sw_topo_uplink *want)
{
    struct sw_fabric *f = &net->fabric;
    const struct sw_host_config host = {.name = want->name, .forwarding = true};
    const struct sw_nic_config lan = {.name = "lan", .mtu_bytes = want->mtu_bytes};
    const struct sw_nic_config bare = {.name = "bare", .mtu_bytes = want->mtu_bytes, .bare = true};
    const struct sw_prefix kernel = {.ip = want->address.ip, .bits = 32};
    const struct sw_prefix all = {.ip = sw_ip_v4(0)};
    const struct sw_ip none = {.family = SW_IP_NONE};
    int status = sw_fabric_add_host(&uplink->station, f, &host);
    status = status < 0 ? status : sw_fabric_add_nic(&uplink->lan, f, uplink->station, &lan);
    status = status < 0 ? status : sw_fabric_add_nic(&uplink->bare, f, uplink->station, &bare);
    /* Before its net's: of two routes with one prefix the first counts, if that net is so small. */
    status =
        status < 0 ? status : sw_fabric_add_route(f, uplink->station, kernel, none, uplink->bare);
    status = status < 0 ? status
                        : sw_fabric_add_address(f, uplink->lan, want->address, SW_ADDRESS_BEHIND);
    bool everything = true;
    for (size_t i = 0; status == 0 && i < want->route_count; i++) {
        const struct sw_topo_route *route = &want->routes[i];
        everything = everything && route->to.bits > 0;
        status = sw_fabric_add_route(f, uplink->station, route->to, route->gateway, NULL);
    }
    if (status == 0 && everything) {
        status = sw_fabric_add_route(f, uplink->station, all, none, uplink->bare);
    }
    return status;
}

static int build_uplink(struct sw_network *net, struct uplink *uplink,
                        const struct sw_topo_uplink *want)
{
    int status = want->kind == SW_UPLINK_TUN ? build_station(net, uplink, want)
                                             : sw_fabric_add_name(&net->fabric, want->name);
    if (status < 0) {
        return status;
    }
    status = net->options.uplink(net->options.ctx, want, &uplink->port);
    return status < 0
               ? sw_fabric_fail(&net->fabric, status, "uplink '%s' cannot be had", want->name)
               : 0;
}

static int build_uplinks(struct sw_network *net)
{
    size_t count = net->topo->uplink_count;
    if (count == 0) {
        return 0;
    }
    assert(net->options.uplink != NULL);
    net->uplink = calloc(count, sizeof *net->uplink);
    if (net->uplink == NULL) {
        return no_memory(net);
    }
    int status = 0;
    for (size_t i = 0; status == 0 && i < count; i++) {
        status = build_uplink(net, &net->uplink[i], &net->topo->uplinks[i]);
    }
    return status;
}

/* From a tun's station to its maker's port. Behind the LAN's own links, so that those keep their
 * numbers. */
static int build_line(struct sw_network *net, struct uplink *uplink)
{
    static const struct sw_lane_config line = {.queue_frames = SW_QUEUE_FRAMES_DEFAULT};
    static const char suffix[] = ":kernel";
    const char *name = sw_host_name(uplink->station->host);
    struct sw_link *link = NULL;
    const size_t n = strlen(name);
    uplink->far = malloc(n + sizeof suffix);
    if (uplink->far == NULL) {
        return no_memory(net);
    }
    memcpy(uplink->far, name, n);
    memcpy(uplink->far + n, suffix, sizeof suffix);
    const struct sw_fabric_end end[2] = {
        {.node = name, .port = sw_nic_port(uplink->bare), .host = uplink->station},
        {.node = uplink->far, .port = uplink->port}};
    return sw_fabric_add_link(&link, &net->fabric, end, NULL, &line, &line);
}

static int build_lines(struct sw_network *net)
{
    int status = 0;
    for (size_t i = 0; status == 0 && i < net->topo->uplink_count; i++) {
        if (net->uplink[i].station != NULL) {
            status = build_line(net, &net->uplink[i]);
        }
    }
    return status;
}

/* ---- links ---- */

/* A program's stack is the kernel's. What stands for it in here is a host whose interfaces have no
 * cable: it holds the host's name, addresses and MACs, and its place among the others. */
static int find_program_end(struct sw_network *net, const struct sw_topo_end *want,
                            struct sw_fabric_end *out)
{
    const struct sw_network_programs *programs = &net->options.programs;
    const struct sw_topo_host *host = &net->topo->hosts[want->node];
    out->node = host->name;
    for (size_t i = 0; i < host->nic_count; i++) {
        if (strcmp(host->nics[i].name, want->port) == 0) {
            assert(programs->port != NULL);
            out->port = programs->port(programs->ctx, want->node, i);
        }
    }
    return out->port != NULL ? 0
                             : sw_fabric_fail(&net->fabric, -EINVAL,
                                              "host '%s': its interface '%s' cannot be had",
                                              out->node, want->port);
}

static int find_end(struct sw_network *net, const struct sw_topo_end *want,
                    struct sw_fabric_end *out)
{
    *out = (struct sw_fabric_end){0};
    switch (want->kind) {
    case SW_NODE_SWITCH:
        assert(want->node < net->topo->switch_count);
        out->bridge = sw_fabric_bridge_at(&net->fabric, want->node);
        out->node = sw_bridge_name(out->bridge->bridge);
        return sw_fabric_bridge_port(&out->port, &net->fabric, out->bridge, want->port);
    case SW_NODE_UPLINK:
        assert(want->node < net->topo->uplink_count);
        out->node = net->topo->uplinks[want->node].name;
        out->port = net->uplink[want->node].port;
        out->host = net->uplink[want->node].station;
        if (out->host != NULL) {
            out->port = sw_nic_port(net->uplink[want->node].lan);
            out->mac = sw_nic_mac(net->uplink[want->node].lan);
        }
        return 0;
    case SW_NODE_HOST:
        break;
    }
    assert(want->node < net->topo->host_count);
    if (net->topo->hosts[want->node].program != NULL) {
        return find_program_end(net, want, out);
    }
    out->host = sw_fabric_host_at(&net->fabric, want->node);
    out->node = sw_host_name(out->host->host);
    struct sw_nic *nic = sw_host_nic(out->host->host, want->port);
    if (nic == NULL) {
        return sw_fabric_fail(&net->fabric, -EINVAL, "host '%s' has no interface '%s'", out->node,
                              want->port);
    }
    out->port = sw_nic_port(nic);
    out->mac = sw_nic_mac(nic);
    return 0;
}

static const char *node_name(const struct sw_topo *topo, const struct sw_topo_end *end)
{
    switch (end->kind) {
    case SW_NODE_SWITCH:
        return topo->switches[end->node].name;
    case SW_NODE_UPLINK:
        return topo->uplinks[end->node].name;
    case SW_NODE_HOST:
        break;
    }
    return topo->hosts[end->node].name;
}

static uint64_t pair_of(const struct sw_topo *topo, const struct sw_topo_link *link)
{
    return sw_fabric_pair(node_name(topo, &link->end[0]), node_name(topo, &link->end[1]));
}

static int build_link(struct sw_network *net, const struct sw_topo_link *want, bool parallel)
{
    struct sw_fabric_end end[2];
    struct sw_link *link = NULL;
    for (unsigned i = 0; i < 2; i++) {
        int status = find_end(net, &want->end[i], &end[i]);
        if (status < 0) {
            return status;
        }
    }
    return sw_fabric_add_link(&link, &net->fabric, end, parallel ? want->name : NULL,
                              &want->forward, &want->backward);
}

/* A link's own name enters those of its lanes only where there are parallel ones: so naming a link
 * moves none of its draws. */
static int build_links(struct sw_network *net)
{
    const struct sw_topo *topo = net->topo;
    struct sw_index pairs = {0};
    int status = 0;
    for (size_t i = 0; status == 0 && i < topo->link_count; i++) {
        if (sw_index_bump(&pairs, pair_of(topo, &topo->links[i])) == 0) {
            status = no_memory(net);
        }
    }
    for (size_t i = 0; status == 0 && i < topo->link_count; i++) {
        const struct sw_topo_link *want = &topo->links[i];
        status = build_link(net, want, sw_index_find(&pairs, pair_of(topo, want)) > 1);
    }
    sw_index_fini(&pairs);
    return status;
}

/* ---- services ---- */

static int build_service(struct sw_network *net, struct sw_host *host,
                         const struct sw_topo_service *want)
{
    if (net->services == net->service_cap) {
        size_t cap = net->service_cap == 0 ? 16 : net->service_cap * 2;
        struct sw_service **service = realloc(net->service, cap * sizeof(struct sw_service *));
        if (service == NULL) {
            return no_memory(net);
        }
        net->service = service;
        net->service_cap = cap;
    }
    int status = sw_service_new(&net->service[net->services], host, want);
    if (status < 0) {
        return status == -ENOMEM ? no_memory(net)
                                 : sw_fabric_fail(&net->fabric, -EEXIST,
                                                  "host '%s': port %u has a service already",
                                                  sw_host_name(host), (unsigned)want->port);
    }
    net->services++;
    return 0;
}

static int build_services(struct sw_network *net)
{
    int status = 0;
    for (size_t i = 0; status == 0 && i < net->topo->host_count; i++) {
        const struct sw_topo_host *host = &net->topo->hosts[i];
        for (size_t k = 0; status == 0 && k < host->service_count; k++) {
            status = build_service(net, sw_network_host_at(net, i), &host->services[k]);
        }
    }
    return status;
}

/* ---- a network's life ---- */

static int build(struct sw_network *net)
{
    const struct sw_topo *topo = net->topo;
    int status = 0;
    for (size_t i = 0; status == 0 && i < topo->switch_count; i++) {
        status = build_switch(net, &topo->switches[i]);
    }
    for (size_t i = 0; status == 0 && i < topo->host_count; i++) {
        status = build_host(net, &topo->hosts[i]);
    }
    if (status == 0) {
        status = build_uplinks(net);
    }
    if (status == 0) {
        status = build_links(net);
    }
    if (status == 0) {
        status = build_lines(net);
    }
    if (status == 0) {
        status = build_statics(net);
    }
    return status == 0 ? build_services(net) : status;
}

int sw_network_new(struct sw_network **out, const struct sw_env *env, const struct sw_topo *topo,
                   const struct sw_network_options *options, char *why, size_t cap)
{
    struct sw_network *net = calloc(1, sizeof *net);
    if (net == NULL) {
        snprintf(why, cap, "out of memory");
        return -ENOMEM;
    }
    net->env = *env;
    net->topo = topo;
    net->options = *options;
    sw_fabric_init(&net->fabric, env, topo->name, options->virtual_time, why, cap);
    int status = build(net);
    net->fabric.why_cap = 0; /* lent for the building alone */
    if (status < 0) {
        sw_network_free(net);
        return status;
    }
    *out = net;
    return 0;
}

void sw_network_free(struct sw_network *net)
{
    if (net == NULL) {
        return;
    }
    sw_fabric_unplug(&net->fabric);
    while (net->services > 0) {
        struct sw_service *service = net->service[--net->services];
        if (service != NULL) { /* its host is not down */
            sw_service_free(service);
        }
    }
    sw_fabric_fini(&net->fabric);
    free(net->service);
    for (size_t i = 0; net->uplink != NULL && i < net->topo->uplink_count; i++) {
        free(net->uplink[i].far);
    }
    free(net->uplink);
    free(net);
}

void sw_network_uplink_down(struct sw_network *net, const struct sw_topo_uplink *uplink)
{
    const struct uplink *at = &net->uplink[uplink - net->topo->uplinks];
    sw_fabric_port_down(&net->fabric, at->port);
    if (at->station != NULL) {
        sw_fabric_port_down(&net->fabric, sw_nic_port(at->lan));
    }
}

const struct sw_network_programs *sw_network_programs(const struct sw_network *net)
{
    return &net->options.programs;
}

bool sw_network_admits(const struct sw_network *net, size_t host, const struct sw_frame *frame)
{
    return sw_host_admits(sw_network_host_at(net, host), frame);
}

/* ---- crash and restart ---- */

/* Where the services of a host stand: in the topo's order. */
static struct sw_service **services_of(const struct sw_network *net, size_t host)
{
    struct sw_service **at = net->service;
    for (size_t i = 0; i < host; i++) {
        at += net->topo->hosts[i].service_count;
    }
    return at;
}

/* True: the host is a program, and whoever sees to it has heard of what befalls it. */
static bool befalls_program(struct sw_network *net, size_t host, enum sw_action_kind what,
                            enum sw_signal signal)
{
    if (net->topo->hosts[host].program == NULL) {
        return false;
    }
    net->options.programs.befall(net->options.programs.ctx, host, what, signal);
    return true;
}

void sw_network_crash(struct sw_network *net, size_t host)
{
    if (befalls_program(net, host, SW_ACTION_CRASH, SW_SIGNAL_TERM)) {
        sw_host_end_far(sw_network_host_at(net, host));
        return;
    }
    struct sw_service **service = services_of(net, host);
    sw_host_crash(sw_network_host_at(net, host));
    for (size_t i = 0; i < net->topo->hosts[host].service_count; i++) {
        if (service[i] != NULL) {
            sw_service_free(service[i]);
            service[i] = NULL;
        }
    }
}

int sw_network_restart(struct sw_network *net, size_t host)
{
    const struct sw_topo_host *want = &net->topo->hosts[host];
    struct sw_service **service = services_of(net, host);
    if (befalls_program(net, host, SW_ACTION_RESTART, SW_SIGNAL_TERM)) {
        sw_host_end_far(sw_network_host_at(net, host));
        return 0;
    }
    sw_network_crash(net, host);
    int status = sw_host_restart(sw_network_host_at(net, host));
    for (size_t i = 0; status == 0 && i < want->service_count; i++) {
        status = sw_service_new(&service[i], sw_network_host_at(net, host), &want->services[i]);
    }
    if (status < 0) {
        sw_network_crash(net, host);
    }
    return status;
}

/* Those of a host that is down are not there. */
static void pause_services(const struct sw_network *net, size_t host, bool paused)
{
    struct sw_service **service = services_of(net, host);
    for (size_t i = 0; i < net->topo->hosts[host].service_count; i++) {
        if (service[i] != NULL) {
            sw_service_pause(service[i], paused);
        }
    }
}

void sw_network_meet(struct sw_network *net, const struct sw_topo_action *action)
{
    bool program = befalls_program(net, action->host, action->kind, action->signal);
    assert(program); /* nothing else hears a signal */
    (void)program;
}

void sw_network_stop(struct sw_network *net, size_t host)
{
    if (befalls_program(net, host, SW_ACTION_STOP, SW_SIGNAL_TERM)) {
        return;
    }
    sw_host_stop(sw_network_host_at(net, host));
    pause_services(net, host, true);
}

void sw_network_continue(struct sw_network *net, size_t host)
{
    if (befalls_program(net, host, SW_ACTION_CONTINUE, SW_SIGNAL_TERM)) {
        return;
    }
    sw_host_continue(sw_network_host_at(net, host));
    pause_services(net, host, false);
}

struct sw_fabric *sw_network_fabric(struct sw_network *net)
{
    return &net->fabric;
}

/* ---- what is in it ---- */

const struct sw_topo *sw_network_topo(const struct sw_network *net)
{
    return net->topo;
}

const struct sw_env *sw_network_env(const struct sw_network *net)
{
    return &net->env;
}

struct sw_host *sw_network_host(const struct sw_network *net, const char *name)
{
    struct sw_fabric_host *host = sw_fabric_find_host(&net->fabric, name);
    return host == NULL ? NULL : host->host;
}

bool sw_network_address(const struct sw_network *net, const char *text, struct sw_ip *out)
{
    const struct sw_host *host = sw_network_host(net, text);
    if (host != NULL) {
        *out = sw_host_address(host);
        return out->family != SW_IP_NONE;
    }
    return sw_ip_parse(out, text);
}

struct sw_bridge *sw_network_bridge(const struct sw_network *net, const char *name)
{
    struct sw_fabric_bridge *bridge = sw_fabric_find_bridge(&net->fabric, name);
    return bridge == NULL ? NULL : bridge->bridge;
}

struct sw_host *sw_network_host_at(const struct sw_network *net, size_t i)
{
    struct sw_fabric_host *host = sw_fabric_host_at(&net->fabric, i);
    return host == NULL ? NULL : host->host;
}

struct sw_bridge *sw_network_bridge_at(const struct sw_network *net, size_t i)
{
    struct sw_fabric_bridge *bridge = sw_fabric_bridge_at(&net->fabric, i);
    return bridge == NULL ? NULL : bridge->bridge;
}

struct sw_link *sw_network_link_at(const struct sw_network *net, size_t i)
{
    return sw_fabric_link_at(&net->fabric, i);
}

size_t sw_network_port_count(const struct sw_network *net)
{
    return 2 * (size_t)net->fabric.cables.count;
}

struct sw_port *sw_network_port_at(const struct sw_network *net, size_t i)
{
    const struct sw_fabric_end *ends = sw_fabric_ends_at(&net->fabric, i / 2);
    return ends == NULL ? NULL : ends[i % 2].port;
}

/* Behind the fabric's own, which every lane knows. */
void sw_network_watch(struct sw_network *net, struct sw_watch *watch)
{
    watch->next = net->fabric.watch.next;
    net->fabric.watch.next = watch;
}

void sw_network_unwatch(struct sw_network *net, struct sw_watch *watch)
{
    for (struct sw_watch *at = &net->fabric.watch; at->next != NULL; at = at->next) {
        if (at->next == watch) {
            at->next = watch->next;
            return;
        }
    }
}

bool sw_network_holds(const struct sw_network *net, char *why, size_t cap)
{
    return sw_fabric_holds(&net->fabric, why, cap);
}

void sw_network_summary(const struct sw_network *net, void (*line)(void *ctx, const char *text),
                        void *ctx)
{
    sw_fabric_summary(&net->fabric, line, ctx);
}
