/* The guard. See guard.h. Whose an address is stands in a sorted table. */
#include "lan/guard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "lan/network.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "stack/wire/ipv4.h"

#define MAC_KEY ((uint64_t)1 << 63) /* tells a MAC from an IPv4 address */
#define TYPE_AT 12u
#define TAG_BYTES 4u
#define IP_SOURCE_AT 12u
#define ARP_MAC_AT 8u
#define ARP_IP_AT 14u

struct whose {
    uint64_t key;
    size_t host; /* its place; SIZE_MAX: nobody's that is a host */
};

struct sw_guard {
    const struct sw_topo *topo;
    struct whose *whose; /* sorted by key */
    size_t count;
};

static uint64_t mac_key(const uint8_t *bytes)
{
    return MAC_KEY | (uint64_t)sw_get16(bytes) << 32 | sw_get32(bytes + 2);
}

/* Has the address an owner, and is `host` none of them? */
static bool is_anothers(const struct sw_guard *g, uint64_t key, size_t host)
{
    size_t low = 0, high = g->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (g->whose[middle].key < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool anothers = false;
    for (; low < g->count && g->whose[low].key == key; low++) {
        if (g->whose[low].host == host) {
            return false;
        }
        anothers = true;
    }
    return anothers;
}

bool sw_guard_is_forged(const struct sw_guard *guard, size_t host, const uint8_t *frame, size_t n)
{
    size_t at = TYPE_AT;
    uint64_t ip = 0;
    if (n < SW_ETH_BYTES) {
        return false;
    }
    uint16_t type = sw_get16(frame + at);
    while ((type == SW_ETH_TAG || type == SW_ETH_SERVICE_TAG) && n >= at + TAG_BYTES + 2) {
        at += TAG_BYTES;
        type = sw_get16(frame + at);
    }
    at += 2;
    if (is_anothers(guard, mac_key(frame + 6), host)) {
        return true;
    }
    if (type == SW_ETH_IPV4 && n >= at + SW_IPV4_BYTES) {
        ip = sw_get32(frame + at + IP_SOURCE_AT);
    } else if (type == SW_ETH_ARP && n >= at + SW_ARP_BYTES) {
        ip = sw_get32(frame + at + ARP_IP_AT);
        if (is_anothers(guard, mac_key(frame + at + ARP_MAC_AT), host)) {
            return true;
        }
    }
    return !guard->topo->hosts[host].forwarding && is_anothers(guard, ip, host);
}

/* ---- its life ---- */

static int by_key(const void *a, const void *b)
{
    const struct whose *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static void add(struct sw_guard *g, uint64_t key, size_t host)
{
    g->whose[g->count++] = (struct whose){.key = key, .host = host};
}

static void add_host(struct sw_guard *g, size_t at)
{
    const struct sw_topo_host *host = &g->topo->hosts[at];
    for (size_t i = 0; i < host->nic_count; i++) {
        const struct sw_topo_nic *nic = &host->nics[i];
        struct sw_mac mac =
            nic->mac_given ? nic->mac : sw_mac_from_names(g->topo->name, host->name, nic->name);
        add(g, mac_key(mac.b), at);
        for (size_t k = 0; k < nic->address_count; k++) {
            add(g, sw_ip_v4_number(nic->addresses[k].prefix.ip), at);
        }
    }
}

int sw_guard_new(struct sw_guard **out, const struct sw_topo *topo)
{
    size_t most = topo->uplink_count;
    for (size_t i = 0; i < topo->host_count; i++) {
        for (size_t k = 0; k < topo->hosts[i].nic_count; k++) {
            most += 1 + topo->hosts[i].nics[k].address_count;
        }
    }
    struct sw_guard *g = calloc(1, sizeof *g);
    struct whose *whose = calloc(most + 1, sizeof *whose);
    if (g == NULL || whose == NULL) {
        free(g);
        free(whose);
        return -ENOMEM;
    }
    *g = (struct sw_guard){.topo = topo, .whose = whose};
    for (size_t i = 0; i < topo->host_count; i++) {
        add_host(g, i);
    }
    for (size_t i = 0; i < topo->uplink_count; i++) {
        if (topo->uplinks[i].address_given) {
            add(g, sw_ip_v4_number(topo->uplinks[i].address.ip), SIZE_MAX);
        }
    }
    qsort(g->whose, g->count, sizeof *g->whose, by_key);
    *out = g;
    return 0;
}

void sw_guard_free(struct sw_guard *guard)
{
    if (guard != NULL) {
        free(guard->whose);
        free(guard);
    }
}
