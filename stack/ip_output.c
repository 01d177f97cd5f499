/* IPv4 output (RFC 791, RFC 1122 3.3): which way, from which address, under which identification,
 * and out. */
#include <errno.h>
#include <string.h>

#include "stack/ip.h"
#include "stack/neigh.h"
#include "stack/route.h"
#include "stack/wire/eth.h"

/* ---- the way ---- */

uint32_t sw_ip_address_on(const struct sw_nic *nic, uint32_t towards)
{
    uint32_t first = 0;
    for (unsigned i = 0; i < nic->address_count; i++) {
        const struct sw_nic_address *a = &nic->address[i];
        if (a->state != SW_ADDR_USABLE) {
            continue;
        }
        if (((a->ip ^ towards) & a->mask) == 0) {
            return a->ip;
        }
        first = first == 0 ? a->ip : first;
    }
    return first;
}

/* An interface without an address of its own borrows one of the host's (RFC 1812 5.2.3, unnumbered
 * lines). */
static uint32_t choose_source(const struct sw_host *host, const struct sw_nic *nic,
                              uint32_t towards)
{
    uint32_t src = sw_ip_address_on(nic, towards);
    for (unsigned i = 1; src == 0 && i < host->nic_count; i++) {
        src = sw_ip_address_on(host->nic[i], towards);
    }
    return src;
}

/* The interface for a limited broadcast or a multicast without a route: that of src, else the first
 * that has an address. */
static struct sw_nic *broadcast_nic(const struct sw_host *host, uint32_t src)
{
    for (unsigned i = 1; i < host->nic_count; i++) {
        struct sw_nic *nic = host->nic[i];
        if (src == 0 ? sw_ip_address_on(nic, 0) != 0 : sw_nic_find_address(nic, src) != NULL) {
            return nic;
        }
    }
    return NULL;
}

static bool is_broadcast_on(const struct sw_nic *nic, uint32_t dst)
{
    for (unsigned i = 0; i < nic->address_count; i++) {
        if (nic->address[i].broadcast == dst) {
            return true;
        }
    }
    return false;
}

int sw_ip_path(struct sw_host *host, uint32_t src, uint32_t dst, struct sw_path *out)
{
    struct sw_path path = {.src = src, .next_hop = dst};
    path.generation = sw_route_generation(host->routes);
    if (host->state == SW_HOST_DOWN) {
        return -ENETDOWN;
    }
    if (dst >> 24 == 0 || sw_v4_is_class_e(dst)) {
        return -ENETUNREACH; /* nobody's address (RFC 1122 3.2.1.3) */
    }
    if (sw_ip_is_ours(host, dst)) {
        path.nic = host->nic[0];
        path.src = src != 0 ? src : dst;
    } else if (dst == UINT32_MAX || sw_v4_is_multicast(dst)) {
        path.nic = broadcast_nic(host, src);
        path.broadcast = true;
    } else {
        const struct sw_route *route = sw_route_find(host->routes, dst);
        if (route != NULL && !route->nic->loopback) {
            path.nic = route->nic;
            path.next_hop = route->gateway != 0 ? route->gateway : dst;
            path.broadcast = is_broadcast_on(route->nic, dst);
        }
    }
    if (path.nic == NULL) {
        return -ENETUNREACH;
    }
    if (path.src == 0) {
        path.src = choose_source(host, path.nic, path.next_hop);
    }
    /* A loopback address never leaves the host (RFC 1122 3.2.1.3 (g)). */
    if (path.src == 0 || (sw_v4_is_loopback(path.src) && !path.nic->loopback)) {
        return -ENETUNREACH;
    }
    path.mtu_bytes = path.nic->mtu_bytes;
    *out = path;
    return 0;
}

bool sw_ip_path_valid(const struct sw_host *host, const struct sw_path *path)
{
    return path->nic != NULL && path->generation == sw_route_generation(host->routes);
}

/* ---- out ---- */

/* RFC 1112 6.4: the lower 23 bits of the group. */
static struct sw_mac group_mac(uint32_t dst)
{
    if (!sw_v4_is_multicast(dst)) {
        return sw_mac_broadcast;
    }
    return (struct sw_mac){
        {0x01, 0x00, 0x5e, (uint8_t)(dst >> 16 & 0x7f), (uint8_t)(dst >> 8), (uint8_t)dst}};
}

int sw_nic_output(const struct sw_path *path, struct sw_frame *frame)
{
    struct sw_nic *nic = path->nic;
    if (nic->loopback) {
        const struct sw_eth none = {.type = SW_ETH_IPV4};
        sw_eth_emit(&none, sw_frame_prepend(frame, SW_ETH_BYTES));
        return sw_loopback_send(nic->host, frame);
    }
    if (nic->bare) {
        const struct sw_eth none = {.type = SW_ETH_IPV4};
        sw_eth_emit(&none, sw_frame_prepend(frame, SW_ETH_BYTES));
        sw_nic_send(nic, frame);
        return 0;
    }
    if (path->broadcast) {
        const struct sw_eth eth = {
            .dst = group_mac(path->next_hop), .src = nic->mac, .type = SW_ETH_IPV4};
        sw_eth_emit(&eth, sw_frame_prepend(frame, SW_ETH_BYTES));
        sw_nic_send(nic, frame);
        return 0;
    }
    return sw_neigh_output(nic, path->next_hop, frame);
}

/* RFC 6864: the identification matters only where a packet may be fragmented, and then must not
 * return within its lifetime for the same source, destination and protocol. It counts up, from a
 * place that is a secret of the three; eight counters, chosen by the same secret, so that one
 * correspondent cannot watch what goes to another (RFC 7739 3 gives the reasons). */
static uint16_t next_id(struct sw_host *host, uint32_t src, const struct sw_tx *tx)
{
    const struct {
        uint32_t src, dst, protocol;
    } key = {src, tx->dst, tx->protocol};
    uint64_t secret = sw_siphash(host->hash_key, &key, sizeof key);
    uint16_t *counter = &host->ip_id[secret % SW_IP_IDS];
    ++*counter;
    return (uint16_t)(*counter + (secret >> 16));
}

int sw_ip_output(struct sw_host *host, const struct sw_tx *tx, const struct sw_path *path,
                 struct sw_frame *frame)
{
    struct sw_path found;
    if (path == NULL) {
        int err = sw_ip_path(host, tx->src, tx->dst, &found);
        if (err < 0) {
            sw_host_unsent(host, frame, SW_DROP_IP_NO_ROUTE);
            return err;
        }
        path = &found;
    }
    uint32_t total = SW_IPV4_BYTES + frame->len;
    if (total > SW_MTU_MAX || (tx->df && total > path->mtu_bytes)) {
        sw_host_unsent(host, frame, SW_DROP_IP_TOO_BIG);
        return -EMSGSIZE;
    }
    uint32_t src = tx->src != 0 ? tx->src : path->src;
    const struct sw_ipv4 ip = {.header_bytes = SW_IPV4_BYTES,
                               .tos = tx->tos,
                               .ttl = tx->ttl != 0 ? tx->ttl : host->config.ttl,
                               .protocol = tx->protocol,
                               .total_bytes = (uint16_t)total,
                               .id = tx->df ? 0 : next_id(host, src, tx),
                               .df = tx->df,
                               .src = src,
                               .dst = tx->dst};
    if (total > path->mtu_bytes) {
        return sw_ip_fragment(host, path, &ip, NULL, frame, 0);
    }
    sw_ipv4_emit(&ip, sw_frame_prepend(frame, SW_IPV4_BYTES));
    return sw_nic_output(path, frame);
}
