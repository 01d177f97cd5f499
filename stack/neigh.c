/* Neighbours (see neigh.h): the ARP table and what waits for it.
 *
 * An entry's life (RFC 1122 2.3.2.1, method 2, unicast poll):
 *   resolving  not known yet. Broadcast requests, 1 s apart; packets wait. The first answer makes
 * it known; after three unanswered requests the entry goes, and nothing remembers that it failed.
 *   known      its Ethernet header is ready to be put before a packet. For 60 s after a
 * confirmation it is not doubted. asking     older than that, and used again: still used, while
 * unicast requests go out, 1 s apart. An answer confirms it, three unanswered requests remove it.
 * An entry that is not used is not asked after; it stays until its place is wanted. Who has reason
 * to doubt one (TCP, after some retransmissions) has it asked after at once. When a gateway is
 * given up, routes by others come first from then on (RFC 1122 3.3.1.4).
 *
 * What an outsider can do is bounded. Entries are made by our own wish to send and by requests for
 * our address, never by replies; those made by requests and never used fill half of the table at
 * most, unresolved ones a quarter. When the table, or that half, is full, the place of the entry
 * confirmed longest ago (of that half) is taken if it is past its 60 s; else the newcomer finds no
 * room, and what is established stays. Of packets that wait for one address the oldest is dropped
 * for the newest (RFC 1122 2.3.2.2).
 *
 * All requests are repeated after the same second, so the entries that wait for an answer stand in
 * one queue in the order of their due times, and one timer serves a host. Lookup is a hash with a
 * secret multiplier: O(1). Removal is O(entries). */
#include "stack/neigh.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stack/arp.h"
#include "stack/ip.h"
#include "stack/route.h"
#include "stack/wire/eth.h"

#define BUCKETS_MIN 8
#define HELD_MIN 4

enum state { RESOLVING, KNOWN, ASKING };

struct neigh {
    struct neigh *next; /* in its bucket */
    struct sw_nic *nic;
    uint32_t ip;
    uint8_t state; /* enum state */
    uint8_t asked; /* requests since the last answer */
    bool used;     /* we have wanted to send to it */
    uint8_t eth[SW_ETH_BYTES];
    sw_time doubt;     /* from then on, using it asks after it; 0: it was never used */
    sw_time confirmed; /* when an ARP packet last named it */
    sw_time due;       /* of the next request, or of giving up */
    struct neigh *ask_prev, *ask_next;
    struct sw_frame **held; /* what waits, oldest first */
    unsigned held_count, held_cap;
};

struct sw_neigh_table {
    struct sw_host *host;
    struct neigh **entry; /* in the order they were made */
    unsigned count, cap;
    struct neigh **bucket;
    unsigned bucket_bits;               /* 0: no buckets yet */
    unsigned resolving, unused;         /* entries of these kinds */
    unsigned held;                      /* frames that wait, in all */
    struct neigh *ask_first, *ask_last; /* by due time */
    sw_time fresh_until[2]; /* before that, no entry, [1]: no unused one, is past its 60 s */
    struct sw_timer timer;
};

static sw_time now(const struct sw_neigh_table *table)
{
    return sw_clock_now(table->host->env.clock);
}

/* ---- the hash ---- */

/* Multiply-shift under a secret odd multiplier: an outsider cannot aim at one bucket. */
static unsigned slot(const struct sw_neigh_table *table, uint32_t ip)
{
    return (unsigned)((ip * (table->host->hash_key.k0 | 1)) >> (64 - table->bucket_bits));
}

static struct neigh *find(const struct sw_neigh_table *table, const struct sw_nic *nic, uint32_t ip)
{
    if (table->bucket_bits == 0) {
        return NULL;
    }
    struct neigh *e = table->bucket[slot(table, ip)];
    while (e != NULL && (e->ip != ip || e->nic != nic)) {
        e = e->next;
    }
    return e;
}

static bool grow(struct sw_neigh_table *table)
{
    unsigned cap = table->cap == 0 ? BUCKETS_MIN : table->cap * 2;
    struct neigh **entry = realloc(table->entry, cap * sizeof *entry);
    if (entry == NULL) {
        return false;
    }
    table->entry = entry;
    struct neigh **bucket = calloc(cap, sizeof *bucket);
    if (bucket == NULL) {
        return false;
    }
    free(table->bucket);
    table->bucket = bucket;
    table->cap = cap;
    table->bucket_bits = table->bucket_bits == 0 ? 3 : table->bucket_bits + 1;
    for (unsigned i = 0; i < table->count; i++) {
        struct neigh *e = table->entry[i];
        unsigned at = slot(table, e->ip);
        e->next = bucket[at];
        bucket[at] = e;
    }
    return true;
}

/* ---- what waits ---- */

static void hold(struct sw_neigh_table *table, struct neigh *e, struct sw_frame *frame)
{
    if (e->held_count == SW_NEIGH_HOLD_FRAMES) {
        struct sw_frame *oldest = e->held[0];
        e->held_count--;
        table->held--;
        memmove(e->held, e->held + 1, e->held_count * sizeof *e->held);
        sw_host_unsent(table->host, oldest, SW_DROP_NEIGH_QUEUE_FULL);
    }
    if (e->held_count == e->held_cap) {
        unsigned cap = e->held_cap == 0 ? HELD_MIN : e->held_cap * 2;
        struct sw_frame **held = realloc(e->held, cap * sizeof(struct sw_frame *));
        if (held == NULL) {
            sw_host_unsent(table->host, frame, SW_DROP_NO_MEMORY);
            return;
        }
        e->held = held;
        e->held_cap = cap;
    }
    if (table->held == SW_NEIGH_HOLD_ALL) {
        sw_host_unsent(table->host, frame, SW_DROP_NEIGH_QUEUE_FULL);
        return;
    }
    e->held[e->held_count++] = frame;
    table->held++;
}

static void send_known(const struct neigh *e, struct sw_frame *frame)
{
    memcpy(sw_frame_prepend(frame, SW_ETH_BYTES), e->eth, SW_ETH_BYTES);
    sw_nic_send(e->nic, frame);
}

/* Sending never comes back to this table, so the entry stands still meanwhile. */
static void send_held(struct sw_neigh_table *table, struct neigh *e)
{
    for (unsigned i = 0; i < e->held_count; i++) {
        send_known(e, e->held[i]);
    }
    table->held -= e->held_count;
    free(e->held);
    e->held = NULL;
    e->held_count = e->held_cap = 0;
}

/* ---- asking ---- */

static void unlink_ask(struct sw_neigh_table *table, struct neigh *e)
{
    if (e->ask_prev != NULL) {
        e->ask_prev->ask_next = e->ask_next;
    } else {
        table->ask_first = e->ask_next;
    }
    if (e->ask_next != NULL) {
        e->ask_next->ask_prev = e->ask_prev;
    } else {
        table->ask_last = e->ask_prev;
    }
    e->ask_prev = e->ask_next = NULL;
}

/* Takes the first one out of the queue. */
static struct neigh *pop_ask(struct sw_neigh_table *table)
{
    struct neigh *e = table->ask_first;
    table->ask_first = e->ask_next;
    if (table->ask_first != NULL) {
        table->ask_first->ask_prev = NULL;
    } else {
        table->ask_last = NULL;
    }
    e->ask_next = NULL;
    return e;
}

/* Sends a request and expects its answer within a second. */
static void ask(struct sw_neigh_table *table, struct neigh *e)
{
    struct sw_mac to = sw_mac_broadcast;
    if (e->state == ASKING) {
        memcpy(to.b, e->eth, sizeof to.b);
    }
    e->asked++;
    e->due = now(table) + SW_NEIGH_ASK_GAP;
    e->ask_prev = table->ask_last;
    e->ask_next = NULL;
    if (table->ask_last != NULL) {
        table->ask_last->ask_next = e;
    } else {
        table->ask_first = e;
        sw_timer_arm(&table->timer, e->due);
    }
    table->ask_last = e;
    sw_arp_request(e->nic, e->ip, to);
}

/* ---- entries ---- */

/* Takes the entry, which nobody is asking after, out of the table; its memory, and what it holds,
 * is the caller's. */
static void take_out(struct sw_neigh_table *table, struct neigh *e)
{
    struct neigh **link = &table->bucket[slot(table, e->ip)];
    while (*link != e) {
        link = &(*link)->next;
    }
    *link = e->next;
    unsigned i = 0;
    while (table->entry[i] != e) {
        i++;
    }
    table->count--;
    memmove(table->entry + i, table->entry + i + 1, (table->count - i) * sizeof *table->entry);
    table->resolving -= e->state == RESOLVING;
    table->unused -= !e->used;
    table->held -= e->held_count;
}

/* A place in a full table: that of the entry confirmed longest ago, if it is past its 60 s and
 * nobody is asking after it. unused: of those that were never used. */
static bool evict(struct sw_neigh_table *table, bool unused)
{
    if (now(table) < table->fresh_until[unused]) {
        return false;
    }
    struct neigh *oldest = NULL;
    for (unsigned i = 0; i < table->count; i++) {
        struct neigh *e = table->entry[i];
        if (e->state == KNOWN && !(unused && e->used) &&
            (oldest == NULL || e->confirmed < oldest->confirmed)) {
            oldest = e;
        }
    }
    if (oldest == NULL || now(table) - oldest->confirmed < SW_NEIGH_FRESH) {
        sw_time confirmed = oldest == NULL ? now(table) : oldest->confirmed;
        table->fresh_until[unused] = confirmed + SW_NEIGH_FRESH;
        return false;
    }
    take_out(table, oldest);
    free(oldest);
    return true;
}

/* A new entry, in state RESOLVING but not yet asked after; NULL: no room, no memory. */
static struct neigh *make_entry(struct sw_neigh_table *table, struct sw_nic *nic, uint32_t ip,
                                bool used)
{
    if (used && table->resolving >= SW_NEIGH_RESOLVING) {
        return NULL;
    }
    if (!used && table->unused >= SW_NEIGH_UNUSED && !evict(table, true)) {
        return NULL;
    }
    if (table->count >= SW_NEIGH_ENTRIES && !evict(table, false)) {
        return NULL;
    }
    if (table->count == table->cap && !grow(table)) {
        return NULL;
    }
    struct neigh *e = malloc(sizeof *e);
    if (e == NULL) {
        return NULL;
    }
    *e = (struct neigh){.nic = nic, .ip = ip, .state = RESOLVING, .used = used};
    unsigned at = slot(table, ip);
    e->next = table->bucket[at];
    table->bucket[at] = e;
    table->entry[table->count++] = e;
    table->resolving++;
    table->unused += !used;
    return e;
}

/* Three requests went unanswered. The entry goes first: what is told of the failure may send again.
 */
static void give_up(struct sw_neigh_table *table, struct neigh *e)
{
    take_out(table, e);
    sw_route_gateway_is_dead(table->host->routes, e->nic, e->ip);
    for (unsigned i = 0; i < e->held_count; i++) {
        sw_icmp_host_unreachable(table->host, e->held[i], 0);
        sw_host_unsent(table->host, e->held[i], SW_DROP_NEIGH_UNRESOLVED);
    }
    free(e->held);
    free(e);
}

static void on_timer(struct sw_timer *timer)
{
    struct sw_neigh_table *table = SW_CONTAINER(timer, struct sw_neigh_table, timer);
    sw_host_enter(table->host);
    while (table->ask_first != NULL && table->ask_first->due <= now(table)) {
        struct neigh *e = pop_ask(table);
        if (e->asked == SW_NEIGH_ASKS) {
            give_up(table, e);
        } else {
            ask(table, e);
        }
    }
    if (table->ask_first != NULL) {
        sw_timer_arm(timer, table->ask_first->due);
    }
    sw_host_leave(table->host);
}

/* ---- for the rest of the stack ---- */

int sw_neigh_table_new(struct sw_neigh_table **out, struct sw_host *host)
{
    struct sw_neigh_table *table = calloc(1, sizeof *table);
    if (table == NULL) {
        return -ENOMEM;
    }
    table->host = host;
    if (sw_timer_init(&table->timer, host->env.clock, &host->owner, SW_CLASS_TIMER, on_timer) < 0) {
        free(table);
        return -ENOMEM;
    }
    *out = table;
    return 0;
}

void sw_neigh_table_free(struct sw_neigh_table *table)
{
    if (table == NULL) {
        return;
    }
    for (unsigned i = 0; i < table->count; i++) {
        struct neigh *e = table->entry[i];
        for (unsigned k = 0; k < e->held_count; k++) {
            sw_frame_drop(e->held[k]);
        }
        free(e->held);
        free(e);
    }
    sw_timer_fini(&table->timer);
    free(table->entry);
    free(table->bucket);
    free(table);
}

void sw_neigh_table_reset(struct sw_neigh_table *table)
{
    for (unsigned i = 0; i < table->count; i++) {
        struct neigh *e = table->entry[i];
        for (unsigned k = 0; k < e->held_count; k++) {
            sw_host_unsent(table->host, e->held[k], SW_DROP_HOST_DOWN);
        }
        free(e->held);
        free(e);
    }
    sw_timer_cancel(&table->timer);
    if (table->bucket != NULL) {
        memset(table->bucket, 0, table->cap * sizeof *table->bucket);
    }
    table->count = table->resolving = table->unused = table->held = 0;
    table->ask_first = table->ask_last = NULL;
    table->fresh_until[0] = table->fresh_until[1] = 0;
}

static void begin_asking(struct sw_neigh_table *table, struct neigh *e)
{
    e->doubt = SW_TIME_NEVER; /* until an answer comes */
    e->state = ASKING;
    ask(table, e);
}

/* The first use, or a use after the 60 s. */
static void use(struct sw_neigh_table *table, struct neigh *e)
{
    if (!e->used) {
        e->used = true;
        table->unused--;
    }
    e->doubt = e->confirmed + SW_NEIGH_FRESH;
    if (now(table) >= e->doubt) {
        begin_asking(table, e);
    }
}

int sw_neigh_output(struct sw_nic *nic, uint32_t next_hop, struct sw_frame *frame)
{
    struct sw_neigh_table *table = nic->host->neigh;
    struct neigh *e = find(table, nic, next_hop);
    if (e != NULL && e->state != RESOLVING) {
        if (now(table) >= e->doubt) {
            use(table, e);
        }
        send_known(e, frame);
        return 0;
    }
    bool new = e == NULL;
    if (new) {
        e = make_entry(table, nic, next_hop, true);
    }
    if (e == NULL) {
        sw_host_unsent(nic->host, frame, SW_DROP_NEIGH_QUEUE_FULL);
        return -ENOMEM;
    }
    hold(table, e, frame);
    if (new) {
        ask(table, e);
    }
    return 0;
}

void sw_neigh_doubt(struct sw_nic *nic, uint32_t ip)
{
    struct sw_neigh_table *table = nic->host->neigh;
    struct neigh *e = find(table, nic, ip);
    if (e != NULL && e->used && e->state == KNOWN &&
        now(table) - e->confirmed >= SW_NEIGH_ASK_GAP) {
        begin_asking(table, e);
    }
}

bool sw_neigh_learn(struct sw_nic *nic, uint32_t ip, struct sw_mac mac, bool make)
{
    struct sw_neigh_table *table = nic->host->neigh;
    struct neigh *e = find(table, nic, ip);
    bool new = e == NULL;
    if (new) {
        e = make ? make_entry(table, nic, ip, false) : NULL;
        if (e == NULL) {
            return false;
        }
    } else if (e->state != KNOWN) {
        unlink_ask(table, e);
    }
    table->resolving -= e->state == RESOLVING;
    e->state = KNOWN;
    e->asked = 0;
    e->confirmed = now(table);
    e->doubt = e->used ? e->confirmed + SW_NEIGH_FRESH : 0;
    sw_eth_emit(&(struct sw_eth){.dst = mac, .src = nic->mac, .type = SW_ETH_IPV4}, e->eth);
    send_held(table, e);
    return true;
}

bool sw_host_arp_entry(const struct sw_host *host, unsigned i, struct sw_arp_entry *out)
{
    const struct sw_neigh_table *table = host->neigh;
    if (i >= table->count) {
        return false;
    }
    const struct neigh *e = table->entry[i];
    *out = (struct sw_arp_entry){
        .ip = sw_ip_v4(e->ip), .resolved = e->state != RESOLVING, .confirmed = e->confirmed};
    memcpy(out->mac.b, e->eth, sizeof out->mac.b);
    return true;
}
