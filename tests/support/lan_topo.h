/* LANs said in a few lines, for tests and benchmarks: hosts, switches and links of a struct
 * sw_topo. What cannot be said is a mistake of the test, and asserted. */
#ifndef SW_TESTS_LAN_TOPO_H
#define SW_TESTS_LAN_TOPO_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/topo.h"

static inline char *topo_text(const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = malloc(n);
    assert(copy != NULL);
    return memcpy(copy, s, n);
}

/* The array with room for one more; it doubles whenever its length is a power of two. */
static inline void *topo_grow(void *array, size_t count, size_t size)
{
    if ((count & (count - 1)) == 0) {
        array = realloc(array, (count == 0 ? 1 : count * 2) * size);
        assert(array != NULL);
    }
    memset((char *)array + count * size, 0, size);
    return array;
}

/* "10.0.0.1/24" */
static inline struct sw_prefix topo_prefix(const char *text)
{
    char ip[64];
    const char *slash = strchr(text, '/');
    assert(slash != NULL && (size_t)(slash - text) < sizeof ip);
    memcpy(ip, text, (size_t)(slash - text));
    ip[slash - text] = '\0';
    struct sw_prefix prefix = {.bits = (uint8_t)strtoul(slash + 1, NULL, 10)};
    bool parsed = sw_ip_parse(&prefix.ip, ip);
    assert(parsed);
    return prefix;
}

static inline struct sw_topo_switch *topo_switch(struct sw_topo *topo, const char *name)
{
    topo->switches = topo_grow(topo->switches, topo->switch_count, sizeof *topo->switches);
    struct sw_topo_switch *bridge = &topo->switches[topo->switch_count++];
    bridge->name = topo_text(name);
    bridge->ageing = 300 * SW_S;
    bridge->mac_table = 8192;
    return bridge;
}

/* An interface; address may be NULL. The pointers that these return hold until the next of their
 * kind is added. */
static inline struct sw_topo_nic *topo_nic(struct sw_topo_host *host, const char *name,
                                           const char *address)
{
    host->nics = topo_grow(host->nics, host->nic_count, sizeof *host->nics);
    struct sw_topo_nic *nic = &host->nics[host->nic_count++];
    nic->name = topo_text(name);
    if (address != NULL) {
        nic->addresses = topo_grow(NULL, 0, sizeof *nic->addresses);
        nic->addresses[nic->address_count++].prefix = topo_prefix(address);
    }
    return nic;
}

static inline void topo_route(struct sw_topo_host *host, const char *to, const char *gateway)
{
    host->routes = topo_grow(host->routes, host->route_count, sizeof *host->routes);
    struct sw_topo_route *route = &host->routes[host->route_count++];
    route->to = topo_prefix(to);
    bool parsed = sw_ip_parse(&route->gateway, gateway);
    assert(parsed);
}

/* A host with eth0; gateway may be NULL. */
static inline struct sw_topo_host *topo_host(struct sw_topo *topo, const char *name,
                                             const char *address, const char *gateway)
{
    topo->hosts = topo_grow(topo->hosts, topo->host_count, sizeof *topo->hosts);
    struct sw_topo_host *host = &topo->hosts[topo->host_count++];
    host->name = topo_text(name);
    topo_nic(host, "eth0", address);
    if (gateway != NULL) {
        topo_route(host, "0.0.0.0/0", gateway);
    }
    return host;
}

/* "NODE" or "NODE:PORT"; without a port eth0 of a host, a new port of a switch. */
static inline struct sw_topo_end topo_end(const struct sw_topo *topo, const char *text)
{
    char name[64];
    char port[32];
    size_t len = strcspn(text, ":");
    assert(len < sizeof name);
    memcpy(name, text, len);
    name[len] = '\0';
    struct sw_topo_end end = {.kind = SW_NODE_HOST};
    long at = sw_topo_find_host(topo, name);
    snprintf(port, sizeof port, "eth0");
    if (at < 0) {
        end.kind = SW_NODE_SWITCH;
        at = sw_topo_find_switch(topo, name);
        snprintf(port, sizeof port, "p%zu", topo->link_count + 1);
    }
    if (at < 0) {
        end.kind = SW_NODE_UPLINK;
        at = sw_topo_find_uplink(topo, name);
        port[0] = '\0';
    }
    assert(at >= 0);
    end.node = (size_t)at;
    end.port = topo_text(text[len] == ':' ? text + len + 1 : port);
    return end;
}

static inline struct sw_topo_link *topo_link(struct sw_topo *topo, const char *a, const char *b,
                                             const struct sw_lane_config *lane)
{
    struct sw_topo_end first = topo_end(topo, a);
    struct sw_topo_end second = topo_end(topo, b);
    topo->links = topo_grow(topo->links, topo->link_count, sizeof *topo->links);
    struct sw_topo_link *link = &topo->links[topo->link_count++];
    link->end[0] = first;
    link->end[1] = second;
    if (lane != NULL) {
        link->forward = *lane;
        link->backward = *lane;
    } else {
        link->forward.queue_frames = SW_QUEUE_FRAMES_DEFAULT;
        link->backward.queue_frames = SW_QUEUE_FRAMES_DEFAULT;
    }
    return link;
}

#endif
