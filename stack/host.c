/* A virtual host (see host.h): what it consists of, its interfaces and addresses, and its ledger.
 * Each received frame is counted once on its way up, where its fate is decided; nothing here knows
 * what is in an IP packet. */
#include "stack/host.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/watch.h"
#include "stack/arp.h"
#include "stack/impl.h"
#include "stack/ip.h"
#include "stack/neigh.h"
#include "stack/piece.h"
#include "stack/reass.h"
#include "stack/route.h"
#include "stack/udp.h"
#include "stack/wire/eth.h"

#define LOOPBACK_NAME "lo"
#define LOOPBACK_NET 0x7f000001U
#define LOOPBACK_BITS 8
#define TTL_DEFAULT 64 /* RFC 1122 3.2.1.7 and the assigned numbers */
#define BUFFER_MIN 4096
#define BUFFER_MAX (1U << 30)

/* ---- the ledger ---- */

void sw_host_drop(struct sw_host *host, const struct sw_frame *frame, enum sw_drop reason)
{
    host->stats.dropped[reason]++;
    if (host->env.watch != NULL) {
        sw_watch_dropped(host->env.watch, NULL, &host->owner, sw_clock_now(host->env.clock), frame,
                         reason);
    }
}

void sw_host_unsent(struct sw_host *host, struct sw_frame *frame, enum sw_drop reason)
{
    host->stats.unsent[reason]++;
    if (host->env.watch != NULL) {
        sw_watch_dropped(host->env.watch, NULL, &host->owner, sw_clock_now(host->env.clock), frame,
                         reason);
    }
    sw_frame_drop(frame);
}

void sw_host_stats(const struct sw_host *host, struct sw_host_stats *out)
{
    *out = host->stats;
}

bool sw_host_balanced(const struct sw_host *host)
{
    uint64_t gone = host->stats.consumed + host->stats.held;
    for (unsigned i = 0; i < SW_DROP_COUNT; i++) {
        gone += host->stats.dropped[i];
    }
    return gone == host->stats.received;
}

/* ---- frames in and out ---- */

/* Why nothing goes in or out of a host that is not running. */
static enum sw_drop gone(const struct sw_host *host)
{
    return host->state == SW_HOST_STOPPED ? SW_DROP_HOST_STOPPED : SW_DROP_HOST_DOWN;
}

size_t sw_nic_room(const struct sw_nic *nic)
{
    return nic->host->state == SW_HOST_RUNNING ? sw_port_room(&nic->port) : 0;
}

void sw_nic_send(struct sw_nic *nic, struct sw_frame *frame)
{
    if (nic->host->state != SW_HOST_RUNNING) {
        sw_host_unsent(nic->host, frame, gone(nic->host));
        return;
    }
    nic->host->stats.sent++;
    nic->host->stats.sent_bytes += frame->len;
    sw_port_send(&nic->port, frame);
}

/* The frame is given. */
static void input(struct sw_nic *nic, struct sw_frame *frame)
{
    struct sw_host *host = nic->host;
    host->stats.received++;
    host->stats.received_bytes += frame->len;
    struct sw_eth eth;
    enum sw_drop why;
    bool broadcast = false;
    if (!sw_eth_parse(&eth, sw_frame_head(frame), frame->head_len, &why)) {
        goto dropped;
    }
    if (!sw_mac_equal(eth.dst, nic->mac)) {
        broadcast = sw_mac_equal(eth.dst, sw_mac_broadcast);
        why = SW_DROP_ETH_NOT_FOR_US;
        if (!broadcast) {
            goto dropped;
        }
    }
    if (host->drops != NULL && !nic->loopback && host->drops(host->drops_ctx, frame)) {
        why = SW_DROP_PARTITION;
        goto dropped;
    }
    if (eth.type == SW_ETH_IPV4) {
        sw_ip_input(nic, frame, broadcast);
        return;
    }
    if (eth.type == SW_ETH_ARP) {
        sw_rx_verdict verdict = sw_arp_input(nic, frame);
        if (verdict >= 0) {
            why = (enum sw_drop)verdict;
            goto dropped;
        }
        host->stats.consumed++;
        sw_frame_drop(frame);
        return;
    }
    bool tagged = eth.type == SW_ETH_TAG || eth.type == SW_ETH_SERVICE_TAG;
    why = tagged ? SW_DROP_ETH_TAGGED : SW_DROP_ETH_TYPE;
dropped:
    sw_host_drop(host, frame, why);
    sw_frame_drop(frame);
}

void sw_nic_input(struct sw_nic *nic, struct sw_frame **frames, unsigned n)
{
    sw_host_enter(nic->host);
    for (unsigned i = 0; i < n; i++) {
        input(nic, frames[i]);
    }
    sw_tcp_batch_end(nic->host);
    sw_host_leave(nic->host);
}

/* What comes to a host that is not running. */
static void refuse(struct sw_host *host, struct sw_frame **frames, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        host->stats.received++;
        host->stats.received_bytes += frames[i]->len;
        sw_host_drop(host, frames[i], gone(host));
        sw_frame_drop(frames[i]);
    }
}

static void on_receive(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct sw_nic *nic = SW_CONTAINER(port, struct sw_nic, port);
    if (nic->host->state != SW_HOST_RUNNING) {
        refuse(nic->host, frames, n);
        return;
    }
    sw_nic_input(nic, frames, n);
}

static void on_room(struct sw_port *port)
{
    struct sw_nic *nic = SW_CONTAINER(port, struct sw_nic, port);
    if (nic->host->state != SW_HOST_RUNNING) {
        return; /* asked for again by sw_host_continue() */
    }
    sw_host_enter(nic->host);
    sw_tcp_room(nic);
    sw_dgram_room(nic);
    sw_host_leave(nic->host);
}

/* ---- interfaces ---- */

/* The host's name, ':' and the interface's; NULL: no memory. */
static char *full_name(const char *host, const char *nic)
{
    size_t n = strlen(host) + strlen(nic) + 2;
    char *name = malloc(n);
    if (name != NULL) {
        snprintf(name, n, "%s:%s", host, nic);
    }
    return name;
}

static char *copy_of(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = malloc(n);
    return copy == NULL ? NULL : memcpy(copy, text, n);
}

static void nic_free(struct sw_nic *nic)
{
    for (unsigned i = 0; i < nic->address_count; i++) {
        sw_arp_end(&nic->address[i]);
    }
    free(nic->address);
    free(nic->name);
    free(nic->full_name);
    free(nic);
}

static int nic_new(struct sw_nic **out, struct sw_host *host, const char *name, struct sw_mac mac,
                   uint32_t mtu_bytes)
{
    struct sw_nic *nic = calloc(1, sizeof *nic);
    if (nic == NULL) {
        return -ENOMEM;
    }
    nic->host = host;
    nic->mac = mac;
    nic->mtu_bytes = mtu_bytes;
    nic->name = copy_of(name);
    nic->full_name = full_name(host->name, name);
    struct sw_nic **list = realloc(host->nic, (host->nic_count + 1) * sizeof *list);
    if (list != NULL) {
        host->nic = list;
    }
    if (nic->name == NULL || nic->full_name == NULL || list == NULL) {
        nic_free(nic);
        return -ENOMEM;
    }
    sw_port_init(&nic->port, nic->full_name, on_receive, on_room);
    host->nic[host->nic_count++] = nic;
    *out = nic;
    return 0;
}

int sw_nic_add(struct sw_nic **out, struct sw_host *host, const struct sw_nic_config *config)
{
    uint32_t mtu = config->mtu_bytes == 0 ? SW_MTU_DEFAULT : config->mtu_bytes;
    if (config->name == NULL || config->name[0] == '\0' || sw_mac_is_group(config->mac) ||
        sw_mac_is_zero(config->mac) != config->bare || mtu < SW_MTU_MIN || mtu > SW_MTU_MAX) {
        return -EINVAL;
    }
    for (unsigned i = 0; i < host->nic_count; i++) {
        if (strcmp(host->nic[i]->name, config->name) == 0 ||
            (!config->bare && sw_mac_equal(host->nic[i]->mac, config->mac))) {
            return -EEXIST;
        }
    }
    if (host->nic_count > SW_HOST_NICS) {
        return -ENOSPC;
    }
    int err = nic_new(out, host, config->name, config->mac, mtu);
    if (err == 0) {
        (*out)->bare = config->bare;
    }
    return err;
}

struct sw_port *sw_nic_port(struct sw_nic *nic)
{
    return &nic->port;
}

const char *sw_nic_name(const struct sw_nic *nic)
{
    return nic->name;
}

struct sw_mac sw_nic_mac(const struct sw_nic *nic)
{
    return nic->mac;
}

struct sw_nic *sw_host_nic(struct sw_host *host, const char *name)
{
    for (unsigned i = 0; i < host->nic_count; i++) {
        if (strcmp(host->nic[i]->name, name) == 0) {
            return host->nic[i];
        }
    }
    return NULL;
}

/* ---- addresses and routes ---- */

struct sw_nic_address *sw_nic_find_address(const struct sw_nic *nic, uint32_t ip)
{
    for (unsigned i = 0; i < nic->address_count; i++) {
        if (nic->address[i].ip == ip) {
            return &nic->address[i];
        }
    }
    return NULL;
}

/* RFC 1122 3.2.1.3: what may be a host's address in this net. */
static bool is_host_address(const struct sw_nic *nic, uint32_t ip, uint32_t mask)
{
    if (ip >> 24 == 0 || sw_v4_is_multicast(ip) || sw_v4_is_class_e(ip) || ip == UINT32_MAX ||
        sw_v4_is_loopback(ip) != nic->loopback) {
        return false;
    }
    /* A net of 31 bits has two hosts and nothing else (RFC 3021); 32 bits are one host. */
    return ~mask <= 1 || ((ip & ~mask) != 0 && (ip | mask) != UINT32_MAX);
}

int sw_nic_add_address(struct sw_nic *nic, struct sw_prefix address, unsigned flags)
{
    struct sw_host *host = nic->host;
    if (address.ip.family != SW_IPV4 || address.bits > 32) {
        return -EINVAL;
    }
    uint32_t ip = sw_ip_v4_number(address.ip), mask = sw_v4_mask(address.bits);
    if (!is_host_address(nic, ip, mask)) {
        return -EINVAL;
    }
    for (unsigned i = 0; i < host->nic_count; i++) {
        if (sw_nic_find_address(host->nic[i], ip) != NULL) {
            return -EEXIST;
        }
    }
    if (nic->address_count == SW_NIC_ADDRESSES) {
        return -ENOSPC;
    }
    struct sw_nic_address *list =
        realloc(nic->address, (nic->address_count + 1) * sizeof *nic->address);
    if (list == NULL) {
        return -ENOMEM;
    }
    nic->address = list;
    struct sw_nic_address *new = &list[nic->address_count];
    *new = (struct sw_nic_address){.prefix = address,
                                   .ip = ip,
                                   .mask = mask,
                                   .broadcast = ~mask <= 1 ? 0 : ip | ~mask,
                                   .flags = (uint8_t)(nic->bare ? SW_ADDRESS_SILENT : flags),
                                   .defended = SW_NEVER_DEFENDED,
                                   .told = SW_NEVER_DEFENDED};
    int err = sw_arp_begin(nic, new, new->flags);
    if (err < 0) {
        return err;
    }
    const struct sw_route route = {.net = ip, .bits = address.bits, .nic = nic, .connected = true};
    err = sw_route_add(host->routes, &route);
    if (err < 0 && err != -EEXIST) { /* a second address in the same net has its route already */
        sw_arp_end(new);
        return err;
    }
    nic->address_count++;
    sw_route_changed(host->routes);
    return 0;
}

struct sw_ip sw_nic_address_at(const struct sw_nic *nic, unsigned i)
{
    return i < nic->address_count ? nic->address[i].prefix.ip
                                  : (struct sw_ip){.family = SW_IP_NONE};
}

struct sw_ip sw_host_address(const struct sw_host *host)
{
    for (unsigned i = 1; i < host->nic_count; i++) {
        const struct sw_nic *nic = host->nic[i];
        for (unsigned k = 0; k < nic->address_count; k++) {
            if (nic->address[k].state == SW_ADDR_USABLE) {
                return nic->address[k].prefix.ip;
            }
        }
    }
    return (struct sw_ip){.family = SW_IP_NONE};
}

int sw_host_add_route(struct sw_host *host, struct sw_prefix to, struct sw_ip gateway,
                      struct sw_nic *nic)
{
    assert(to.ip.family == SW_IPV4 && to.bits <= 32);
    assert(nic == NULL || nic->host == host);
    struct sw_route route = {.net = sw_ip_v4_number(to.ip), .bits = to.bits, .nic = nic};
    if (gateway.family == SW_IPV4) {
        route.gateway = sw_ip_v4_number(gateway);
    }
    if (nic == NULL) {
        const struct sw_route *way =
            route.gateway == 0 ? NULL : sw_route_find(host->routes, route.gateway);
        if (way == NULL || way->gateway != 0) {
            return -ENETUNREACH;
        }
        route.nic = way->nic;
    }
    return sw_route_add(host->routes, &route);
}

/* ---- the host ---- */

static bool buffer_ok(uint32_t bytes)
{
    return bytes == 0 || (bytes >= BUFFER_MIN && bytes <= BUFFER_MAX);
}

static int make_loopback(struct sw_host *host)
{
    struct sw_nic *lo;
    int err = nic_new(&lo, host, LOOPBACK_NAME, sw_mac_zero, SW_MTU_MAX);
    if (err < 0) {
        return err;
    }
    lo->loopback = true;
    const struct sw_prefix net = {.ip = sw_ip_v4(LOOPBACK_NET), .bits = LOOPBACK_BITS};
    return sw_nic_add_address(lo, net, SW_ADDRESS_SILENT);
}

void sw_host_draw_secrets(struct sw_host *host)
{
    struct sw_draws key;
    sw_draws_init(&key, host->env.secrets, host->owner.number, SW_DRAW_HASH_KEY);
    for (uint32_t i = 0; i < 2 * host->incarnation; i++) {
        sw_draw(&key);
    }
    host->hash_key.k0 = sw_draw(&key);
    host->hash_key.k1 = sw_draw(&key);
    if (host->incarnation == 0) { /* else they go on where they were */
        sw_draws_init(&host->draw_port, host->env.secrets, host->owner.number, SW_DRAW_PORT);
        sw_draws_init(&host->draw_ip_id, host->env.secrets, host->owner.number, SW_DRAW_IP_ID);
    }
    for (unsigned i = 0; i < SW_IP_IDS; i++) {
        host->ip_id[i] = (uint16_t)sw_draw(&host->draw_ip_id);
    }
}

int sw_host_new(struct sw_host **out, const struct sw_env *env, const struct sw_host_config *config)
{
    if (config->name == NULL || config->name[0] == '\0' ||
        !buffer_ok(config->tcp.send_buffer_bytes) || !buffer_ok(config->tcp.receive_buffer_bytes)) {
        return -EINVAL;
    }
    struct sw_host *host = calloc(1, sizeof *host);
    if (host == NULL) {
        return -ENOMEM;
    }
    host->env = *env;
    host->config = *config;
    host->config.ttl = config->ttl == 0 ? TTL_DEFAULT : config->ttl;
    host->name = copy_of(config->name);
    host->config.name = host->name;
    if (host->name == NULL) {
        free(host);
        return -ENOMEM;
    }
    sw_owner_init(&host->owner, host->name);
    sw_host_draw_secrets(host);
    if (sw_sock_events_init(host) < 0 || sw_route_table_new(&host->routes) < 0 ||
        sw_neigh_table_new(&host->neigh, host) < 0 || sw_tcp_table_new(&host->tcp, host) < 0 ||
        sw_udp_table_new(&host->udp, host) < 0 || make_loopback(host) < 0) {
        sw_host_free(host);
        return -ENOMEM;
    }
    *out = host;
    return 0;
}

void sw_host_free(struct sw_host *host)
{
    if (host == NULL) {
        return;
    }
    assert(!host->inside);
    sw_owner_resume(host->env.clock, &host->owner);
    if (host->tcp != NULL) {
        sw_tcp_table_free(host->tcp);
    }
    if (host->udp != NULL) {
        sw_udp_table_free(host->udp);
    }
    sw_far_close_all(host);
    sw_sock_events_fini(host);
    sw_loopback_free(host->loopback);
    sw_reass_free(host->reass);
    sw_neigh_table_free(host->neigh);
    sw_route_table_free(host->routes);
    for (unsigned i = 0; i < host->nic_count; i++) {
        nic_free(host->nic[i]);
    }
    free(host->nic);
    free(host->name);
    free(host);
}

const char *sw_host_name(const struct sw_host *host)
{
    return host->name;
}

const struct sw_env *sw_host_env(const struct sw_host *host)
{
    return &host->env;
}
