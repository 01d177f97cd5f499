/* Who the connections of a host are: by their endpoints, by the ports they hold, by what is to be
 * done for them at a batch's end.
 *
 * Connections lie in a chained hash table under SipHash with the host's own key, so nobody outside
 * can make chains long; it doubles when there are more connections than buckets. Bound ports lie in
 * one list, which is walked for a SYN and for bind, never for a segment of a connection: good for
 * some hundred listeners. Ports are drawn as RFC 6056 3.3.1 has it, initial sequence numbers are
 * those of RFC 6528. */
#include <errno.h>
#include <stdlib.h>

#include "stack/tcp.h"
#include "stack/tcp_buffers.h"

#define BUCKETS_MIN 16u
/* Half of all ports, above those that services like to use. RFC 6056 3.2 wants the range wide. */
#define PORT_FIRST 32768u
#define PORT_COUNT 32768u

static uint32_t or_default(uint32_t value, uint32_t by_default)
{
    return value != 0 ? value : by_default;
}

static void draw_isn_key(struct sw_tcp_table *table)
{
    struct sw_draws draws;
    sw_draws_init(&draws, table->host->env.secrets, table->host->owner.number, SW_DRAW_ISN);
    for (uint32_t i = 0; i <= table->host->incarnation; i++) {
        table->isn_key.k0 = sw_draw(&draws);
        table->isn_key.k1 = sw_draw(&draws);
    }
}

int sw_tcp_table_new(struct sw_tcp_table **out, struct sw_host *host)
{
    struct sw_tcp_table *table = calloc(1, sizeof(*table));
    if (table == NULL) {
        return -ENOMEM;
    }
    struct sw_tcp_config *config = &table->config;
    table->host = host;
    *config = host->config.tcp;
    config->send_buffer_bytes = or_default(config->send_buffer_bytes, 4u << 20);
    config->receive_buffer_bytes = or_default(config->receive_buffer_bytes, 6u << 20);
    config->max_connections = or_default(config->max_connections, 65536);
    config->max_time_wait = or_default(config->max_time_wait, 16384);
    config->backlog_max = or_default(config->backlog_max, 1024);
    config->ecn = config->ecn == SW_TCP_ECN_DEFAULT ? SW_TCP_ECN_PASSIVE : config->ecn;
    draw_isn_key(table);
    *out = table;
    return 0;
}

/* Gives back t and what it holds, without a word to anybody. */
static void release(struct sw_tcp *t)
{
    sw_timer_fini(&t->timer);
    sw_tcp_sendq_fini(&t->sendq);
    sw_tcp_recvq_fini(&t->recvq);
    sw_tcp_forget_early(t);
    sw_tcp_loss_free(t);
    free(t->urgent);
    sw_tcp_paced_free(t);
    sw_tcp_rare_free(t);
    free(t->listener);
    free(t);
}

/* Everything but the table itself and its settings. */
static void empty(struct sw_tcp_table *table)
{
    struct sw_tcp *next = NULL;
    for (struct sw_tcp *t = table->all; t != NULL; t = next) {
        next = t->next_all;
        if (t->handle != NULL) {
            t->handle->tcp = NULL;
        }
        release(t);
    }
    sw_tcp_time_wait_free(table->time_wait);
    free(table->bucket);
}

void sw_tcp_table_reset(struct sw_tcp_table *table)
{
    empty(table);
    *table = (struct sw_tcp_table){.host = table->host, .config = table->config};
    struct sw_host_stats *stats = &table->host->stats;
    stats->tcp_connections = stats->tcp_time_wait = stats->tcp_half_open = stats->tcp_orphans = 0;
    draw_isn_key(table);
}

void sw_tcp_table_free(struct sw_tcp_table *table)
{
    if (table != NULL) {
        empty(table);
        free(table);
    }
}

struct sw_tcp *sw_tcp_new(struct sw_host *host)
{
    struct sw_tcp *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return NULL;
    }
    struct sw_tcp_table *table = host->tcp;
    t->host = host;
    if (sw_timer_init(&t->timer, host->env.clock, &host->owner, SW_CLASS_TIMER,
                      sw_tcp_timer_fired) < 0) {
        free(t);
        return NULL;
    }
    for (unsigned i = 0; i < SW_TCP_DUE_COUNT; i++) {
        t->due[i] = SW_TIME_NEVER;
    }
    sw_tcp_sendq_init(&t->sendq);
    sw_tcp_recvq_init(&t->recvq);
    sw_tcp_buffers_new(t);
    t->cc.ops = sw_tcp_cc_find(table->config.congestion);
    t->ecn.mode = (uint8_t)table->config.ecn;
    (void)sw_tcp_paced_limit(t, table->config.pacing_bps); /* without memory: as fast as it may */
    t->peer_mss = SW_TCP_MSS_DEFAULT;
    t->linger_reset = true;
    t->keep_idle = 7200 * SW_S; /* MUST-28 */
    t->keep_probes = 9;
    t->next_all = table->all;
    if (table->all != NULL) {
        table->all->prev_all = t;
    }
    table->all = t;
    return t;
}

void sw_tcp_reap(struct sw_tcp *t)
{
    const bool over = t->state == SW_TCP_CLOSED || t->state == SW_TCP_TIME_WAIT;
    if (!over || t->handle != NULL || t->working) {
        return;
    }
    if (t->prev_all != NULL) {
        t->prev_all->next_all = t->next_all;
    } else {
        t->host->tcp->all = t->next_all;
    }
    if (t->next_all != NULL) {
        t->next_all->prev_all = t->prev_all;
    }
    release(t);
}

/* ---- by endpoints ---- */

static bool same(const struct sw_tcp_tuple *a, const struct sw_tcp_tuple *b)
{
    return a->remote_ip == b->remote_ip && a->remote_port == b->remote_port &&
           a->local_port == b->local_port && a->local_ip == b->local_ip;
}

static struct sw_tcp **bucket_of(const struct sw_tcp_table *table, const struct sw_tcp_tuple *at)
{
    const uint64_t hash = sw_siphash(table->host->hash_key, at, sizeof(*at));
    return &table->bucket[hash & (table->buckets - 1)];
}

struct sw_tcp *sw_tcp_table_find(struct sw_tcp_table *table, const struct sw_tcp_tuple *at)
{
    if (table->last != NULL && same(&table->last->at, at)) {
        return table->last;
    }
    if (table->count == 0) {
        return NULL;
    }
    struct sw_tcp *t = *bucket_of(table, at);
    while (t != NULL && !same(&t->at, at)) {
        t = t->next_hash;
    }
    if (t != NULL) {
        table->last = t;
    }
    return t;
}

static bool grow(struct sw_tcp_table *table)
{
    const uint32_t old_buckets = table->buckets;
    struct sw_tcp **old = table->bucket;
    const uint32_t buckets = old_buckets == 0 ? BUCKETS_MIN : 2 * old_buckets;
    struct sw_tcp **bucket = calloc(buckets, sizeof(struct sw_tcp *));
    if (bucket == NULL) {
        return old != NULL; /* longer chains will do */
    }
    table->bucket = bucket;
    table->buckets = buckets;
    for (uint32_t i = 0; i < old_buckets; i++) {
        while (old[i] != NULL) {
            struct sw_tcp *t = old[i];
            old[i] = t->next_hash;
            struct sw_tcp **to = bucket_of(table, &t->at);
            t->next_hash = *to;
            *to = t;
        }
    }
    free(old);
    return true;
}

int sw_tcp_table_add(struct sw_tcp *t)
{
    struct sw_tcp_table *table = t->host->tcp;
    assert(!t->tabled);
    if (sw_tcp_table_find(table, &t->at) != NULL || sw_tcp_time_wait_find(table, &t->at) != NULL) {
        return -EADDRINUSE;
    }
    if (table->count >= table->config.max_connections ||
        (table->count >= table->buckets && !grow(table))) {
        return -ENOMEM;
    }
    struct sw_tcp **bucket = bucket_of(table, &t->at);
    t->next_hash = *bucket;
    *bucket = t;
    t->tabled = true;
    table->count++;
    t->host->stats.tcp_connections = table->count;
    return 0;
}

void sw_tcp_table_remove(struct sw_tcp *t)
{
    if (!t->tabled) {
        return;
    }
    struct sw_tcp_table *table = t->host->tcp;
    struct sw_tcp **link = bucket_of(table, &t->at);
    while (*link != t) {
        link = &(*link)->next_hash;
    }
    *link = t->next_hash;
    t->tabled = false;
    if (table->last == t) {
        table->last = NULL;
    }
    table->count--;
    t->host->stats.tcp_connections = table->count;
}

/* ---- by port ---- */

struct sw_tcp *sw_tcp_table_listener(struct sw_tcp_table *table, uint32_t ip, uint16_t port)
{
    struct sw_tcp *any = NULL;
    for (struct sw_tcp *t = table->bound; t != NULL; t = t->next_bound) {
        if (t->state != SW_TCP_LISTEN || t->at.local_port != port) {
            continue;
        }
        if (t->fixed_local_ip == ip) {
            return t;
        }
        if (t->fixed_local_ip == 0) {
            any = t;
        }
    }
    return any;
}

static bool port_is_bound(const struct sw_tcp_table *table, uint32_t ip, uint16_t port)
{
    for (const struct sw_tcp *t = table->bound; t != NULL; t = t->next_bound) {
        if (t->at.local_port == port &&
            (ip == 0 || t->fixed_local_ip == 0 || t->fixed_local_ip == ip)) {
            return true;
        }
    }
    return false;
}

int sw_tcp_table_bind(struct sw_tcp *t, uint32_t ip, uint16_t port)
{
    struct sw_tcp_table *table = t->host->tcp;
    if (port == 0) {
        const uint32_t start = (uint32_t)sw_draw_below(&t->host->draw_port, PORT_COUNT);
        for (uint32_t i = 0; i < PORT_COUNT && port == 0; i++) {
            const uint16_t maybe = (uint16_t)(PORT_FIRST + (start + i) % PORT_COUNT);
            port = port_is_bound(table, ip, maybe) ? 0 : maybe;
        }
        if (port == 0) {
            return -EADDRNOTAVAIL;
        }
    } else if (port_is_bound(table, ip, port)) {
        return -EADDRINUSE;
    }
    t->at.local_port = port;
    t->fixed_local_ip = ip;
    t->bound = true;
    t->next_bound = table->bound;
    table->bound = t;
    return 0;
}

void sw_tcp_table_unbind(struct sw_tcp *t)
{
    if (!t->bound) {
        return;
    }
    struct sw_tcp **link = &t->host->tcp->bound;
    while (*link != t) {
        link = &(*link)->next_bound;
    }
    *link = t->next_bound;
    t->bound = false;
}

int sw_tcp_table_choose_port(struct sw_tcp *t)
{
    struct sw_tcp_table *table = t->host->tcp;
    const uint32_t start = (uint32_t)sw_draw_below(&t->host->draw_port, PORT_COUNT);
    for (uint32_t i = 0; i < PORT_COUNT; i++) {
        t->at.local_port = (uint16_t)(PORT_FIRST + (start + i) % PORT_COUNT);
        if (!port_is_bound(table, t->at.local_ip, t->at.local_port) &&
            sw_tcp_table_find(table, &t->at) == NULL &&
            sw_tcp_time_wait_find(table, &t->at) == NULL) {
            return 0;
        }
    }
    t->at.local_port = 0;
    return -EADDRNOTAVAIL;
}

uint32_t sw_tcp_table_isn(const struct sw_tcp_table *table, const struct sw_tcp_tuple *at,
                          uint32_t *ts_offset)
{
    /* RFC 6528 3: ISN = M + F(endpoints, secret), M a clock of 4 us (MUST-8, MUST-9). */
    const uint64_t f = sw_siphash(table->isn_key, at, sizeof(*at));
    *ts_offset = (uint32_t)(f >> 32);
    return (uint32_t)(sw_clock_now(table->host->env.clock) / (4 * SW_US)) + (uint32_t)f;
}

/* ---- what is to be done at the batch's end ---- */

void sw_tcp_table_work(struct sw_tcp *t)
{
    if (t->working) {
        return;
    }
    struct sw_tcp_table *table = t->host->tcp;
    t->working = true;
    t->next_work = NULL;
    if (table->work == NULL) {
        table->work = t;
    } else {
        table->work_last->next_work = t;
    }
    table->work_last = t;
}

void sw_tcp_batch_end(struct sw_host *host)
{
    struct sw_tcp_table *table = host->tcp;
    while (table->work != NULL) {
        struct sw_tcp *t = table->work;
        table->work = t->next_work;
        t->working = false;
        if (t->owes_output) {
            t->owes_output = false;
            sw_tcp_output(t);
            if (t->want_writable) {
                sw_tcp_wake_writer(t);
            }
        }
        /* Text that went just now has carried the acknowledgement. */
        if (t->owes_ack) {
            sw_tcp_send_ack(t);
        }
        sw_tcp_reap(t);
    }
}
