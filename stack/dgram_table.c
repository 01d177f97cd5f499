/* Who has which UDP port, and which echo identifier. A hash by the port itself: the ports are ours
 * to give, so no outsider can fill a bucket. It grows with the sockets, from nothing. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "stack/udp.h"

#define BUCKETS_MIN 16
#define BUCKETS_MAX 65536

struct sw_udp_table {
    struct sw_host *host;
    struct sw_dgram_sock **bucket; /* cap of them, a power of two */
    unsigned cap, count;
};

int sw_udp_table_new(struct sw_udp_table **out, struct sw_host *host)
{
    struct sw_udp_table *table = calloc(1, sizeof *table);
    if (table == NULL) {
        return -ENOMEM;
    }
    table->host = host;
    *out = table;
    return 0;
}

/* Of a host whose sockets are another's none is in the table. */
static void empty(struct sw_udp_table *table)
{
    for (struct sw_sock *sock = table->host->socks; sock != NULL; sock = sock->next) {
        if (sock->protocol != SW_TCP && table->host->far_ops == NULL) {
            sw_dgram_clear(&((struct sw_dgram_sock *)sock)->queue);
        }
    }
    free(table->bucket);
}

void sw_udp_table_reset(struct sw_udp_table *table)
{
    empty(table);
    *table = (struct sw_udp_table){.host = table->host};
}

void sw_udp_table_free(struct sw_udp_table *table)
{
    empty(table);
    free(table);
}

struct sw_dgram_sock *sw_dgram_find(const struct sw_host *host, enum sw_protocol protocol,
                                    uint16_t port, const struct sw_dgram_sock *after)
{
    const struct sw_udp_table *table = host->udp;
    if (table->cap == 0) {
        return NULL;
    }
    struct sw_dgram_sock *s = after != NULL ? after->next : table->bucket[port & (table->cap - 1)];
    while (s != NULL && (s->local_port != port || s->sock.protocol != protocol)) {
        s = s->next;
    }
    return s;
}

/* Behind all that are there, so that sockets of one port stay in the order of binding. */
static void append(struct sw_udp_table *table, struct sw_dgram_sock *s)
{
    struct sw_dgram_sock **link = &table->bucket[s->local_port & (table->cap - 1)];
    while (*link != NULL) {
        link = &(*link)->next;
    }
    s->next = NULL;
    *link = s;
}

static bool grow(struct sw_udp_table *table)
{
    unsigned old_cap = table->cap, cap = old_cap == 0 ? BUCKETS_MIN : old_cap * 2;
    struct sw_dgram_sock **old = table->bucket, **bucket = calloc(cap, sizeof(*bucket));
    if (bucket == NULL) {
        return false;
    }
    table->bucket = bucket;
    table->cap = cap;
    for (unsigned i = 0; i < old_cap; i++) {
        for (struct sw_dgram_sock *s = old[i], *next; s != NULL; s = next) {
            next = s->next;
            append(table, s);
        }
    }
    free(old);
    return true;
}

/* Would a socket with this address and port take what another one takes? */
static bool is_taken(const struct sw_host *host, enum sw_protocol protocol, uint32_t ip,
                     uint16_t port)
{
    struct sw_dgram_sock *s = sw_dgram_find(host, protocol, port, NULL);
    while (s != NULL && s->local_ip != 0 && ip != 0 && s->local_ip != ip) {
        s = sw_dgram_find(host, protocol, port, s);
    }
    return s != NULL;
}

/* RFC 6056 3.3.1: a random start, then the next that is free. 0: none is. */
static uint16_t choose_port(struct sw_host *host, enum sw_protocol protocol, uint32_t ip)
{
    uint32_t start = (uint32_t)sw_draw_below(&host->draw_port, SW_DGRAM_PORTS);
    for (uint32_t i = 0; i < SW_DGRAM_PORTS; i++) {
        uint16_t port = (uint16_t)(SW_DGRAM_PORT_FIRST + (start + i) % SW_DGRAM_PORTS);
        if (!is_taken(host, protocol, ip, port)) {
            return port;
        }
    }
    return 0;
}

int sw_dgram_bind(struct sw_sock *sock, struct sw_endpoint local)
{
    struct sw_dgram_sock *s = (struct sw_dgram_sock *)sock;
    struct sw_host *host = sock->host;
    struct sw_udp_table *table = host->udp;
    if (s->bound) {
        return -EINVAL;
    }
    uint32_t ip = local.ip.family == SW_IPV4 ? sw_ip_v4_number(local.ip) : 0;
    if (ip != 0 && !sw_ip_is_ours(host, ip)) {
        return -EADDRNOTAVAIL;
    }
    uint16_t port = local.port != 0 ? local.port : choose_port(host, sock->protocol, ip);
    if (port == 0 || (local.port != 0 && is_taken(host, sock->protocol, ip, port))) {
        return -EADDRINUSE;
    }
    if (table->count >= table->cap && table->cap < BUCKETS_MAX && !grow(table)) {
        return -ENOMEM;
    }
    s->local_ip = ip;
    s->local_port = port;
    s->bound = true;
    sock->local = (struct sw_endpoint){.port = port};
    if (ip != 0) {
        sock->local.ip = sw_ip_v4(ip);
    }
    append(table, s);
    table->count++;
    return 0;
}

void sw_dgram_unbind(struct sw_dgram_sock *s)
{
    if (!s->bound) {
        return;
    }
    struct sw_udp_table *table = s->sock.host->udp;
    struct sw_dgram_sock **link = &table->bucket[s->local_port & (table->cap - 1)];
    while (*link != s) {
        link = &(*link)->next;
    }
    *link = s->next;
    table->count--;
    s->bound = false;
}
