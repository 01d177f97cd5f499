/* A learning bridge (see bridge.h): receive -> learn -> decide -> forward, a batch at a time (IEEE
 * 802.1Q 8.6).
 *
 * A batch is one lane's, at one instant, so what was learned of a source and decided for a
 * destination holds for the other frames with the same addresses: within a batch some are
 * remembered, and most frames of it cost no look into the table. */
#include "lan/bridge.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/siphash.h"
#include "core/watch.h"
#include "lan/index.h"

#define ETH_HEADER 14
#define AGEING_MIN (10 * SW_S)
#define AGEING_MAX (1000000 * SW_S)
#define RECENT 64u
#define AHEAD 4 /* frames whose heads are fetched before they are looked at */
/* The MAC table is swept while frames pass: so many slots, at most so often. */
#define SWEEP_SLOTS 64
#define SWEEP_EVERY (10 * SW_MS)

struct bridge_port {
    struct sw_port port;
    struct sw_bridge *bridge;
    uint32_t number;
    uint32_t short_name; /* where "p7" begins in name */
    char name[];         /* "core:p7" */
};

/* A station of the batch of this number, by sw_fdb_key(); of another batch: void. */
struct recent {
    uint64_t key;
    uint64_t batch;
    uint32_t decision; /* of a destination */
};

/* What the last frame of a batch that was forwarded led to: a stream costs one comparison a frame.
 */
struct memo {
    uint8_t addresses[12];   /* its first bytes */
    const struct recent *to; /* NULL: there was none */
};

struct sw_bridge {
    struct sw_env env;
    char *name;
    struct sw_owner owner; /* who drops are told of: it has no timers */
    struct sw_fdb *fdb;
    struct bridge_port **port;
    uint32_t ports, port_cap;
    struct sw_index by_name;
    sw_time swept;
    struct sw_bridge_stats stats;
    uint64_t batch; /* counts them */
    struct recent from[RECENT], to[RECENT];
};

/* ---- decide ---- */

static bool is_group(uint64_t key)
{
    return (key >> 56 & 1) != 0;
}

/* 01-80-c2-00-00-00 to -0f */
static bool is_reserved(uint64_t key)
{
    return key >> 20 == 0x0180c200000;
}

static uint32_t decide(const struct sw_fdb *fdb, uint64_t to, uint32_t in, sw_time now)
{
    if (is_group(to)) {
        return is_reserved(to) ? SW_BRIDGE_FILTER_RESERVED : SW_BRIDGE_FLOOD;
    }
    uint32_t port = sw_fdb_lookup_key(fdb, to, now);
    return port == in ? SW_BRIDGE_FILTER_SAME : port;
}

uint32_t sw_bridge_decide(const struct sw_fdb *fdb, struct sw_mac to, uint32_t in, sw_time now)
{
    return decide(fdb, sw_fdb_key(to.b, 0), in, now);
}

/* ---- forward ---- */

static void drop(struct sw_bridge *bridge, struct sw_frame *frame, enum sw_drop reason)
{
    bridge->stats.dropped[reason]++;
    if (bridge->env.watch != NULL) {
        sw_watch_dropped(bridge->env.watch, NULL, &bridge->owner, sw_clock_now(bridge->env.clock),
                         frame, reason);
    }
    sw_frame_drop(frame);
}

/* To each port with a cable but the one it came in at, a reference each, the last one taking ours.
 */
static void flood(struct sw_bridge *bridge, uint32_t in, uint64_t to, struct sw_frame *frame)
{
    struct sw_port *last = NULL;
    for (uint32_t i = 0; i < bridge->ports; i++) {
        struct sw_port *port = &bridge->port[i]->port;
        if (port->lane == NULL || i == in) {
            continue;
        }
        if (last != NULL) {
            bridge->stats.copies++;
            sw_port_send(last, sw_frame_ref(frame));
        }
        last = port;
    }
    if (last == NULL) {
        drop(bridge, frame, SW_DROP_BRIDGE_NO_OTHER_PORT);
        return;
    }
    /* The table is asked once more, so that a decision remembered too long is found out. */
    if (!is_group(to) &&
        sw_fdb_lookup_key(bridge->fdb, to, sw_clock_now(bridge->env.clock)) != SW_FDB_NONE) {
        bridge->stats.flooded_known++;
    }
    bridge->stats.flooded++;
    bridge->stats.copies++;
    sw_port_send(last, frame);
}

static void forward(struct sw_bridge *bridge, uint32_t in, const struct recent *to,
                    struct sw_frame *frame)
{
    switch (to->decision) {
    case SW_BRIDGE_FLOOD:
        flood(bridge, in, to->key, frame);
        break;
    case SW_BRIDGE_FILTER_SAME:
        drop(bridge, frame, SW_DROP_BRIDGE_SAME_PORT);
        break;
    case SW_BRIDGE_FILTER_RESERVED:
        drop(bridge, frame, SW_DROP_BRIDGE_RESERVED);
        break;
    default:
        bridge->stats.forwarded++;
        bridge->stats.copies++;
        sw_port_send(&bridge->port[to->decision]->port, frame);
    }
}

/* ---- receive ---- */

static struct recent *recent_of(struct recent list[RECENT], uint64_t key)
{
    return &list[key * 0x9e3779b97f4a7c15u >> 58];
}

static bool is_void(const struct recent *r, uint64_t key, uint64_t batch)
{
    return r->key != key || r->batch != batch;
}

static void receive_one(struct sw_bridge *bridge, uint32_t in, sw_time now, struct memo *memo,
                        struct sw_frame *frame)
{
    bridge->stats.in_bytes += frame->len;
    if (frame->head_len < ETH_HEADER) {
        /* Heads are contiguous: whoever has a shorter one has no more bytes. */
        drop(bridge, frame, SW_DROP_BRIDGE_RUNT);
        return;
    }
    const uint8_t *head = sw_frame_head(frame);
    if (memo->to != NULL && memcmp(head, memo->addresses, sizeof memo->addresses) == 0) {
        forward(bridge, in, memo->to, frame);
        return;
    }
    uint64_t to_key = sw_fdb_key(head, 0), from_key = sw_fdb_key(head + 6, 0);
    if (is_group(from_key)) {
        drop(bridge, frame, SW_DROP_BRIDGE_GROUP_SOURCE);
        return;
    }
    uint64_t batch = bridge->batch;
    struct recent *from = recent_of(bridge->from, from_key);
    if (is_void(from, from_key, batch)) {
        *from = (struct recent){.key = from_key, .batch = batch};
        sw_fdb_learn_key(bridge->fdb, from_key, in, now);
        /* What was decided for its address before it was learned holds no more. */
        struct recent *to_it = recent_of(bridge->to, from_key);
        to_it->batch = to_it->key == from_key ? 0 : to_it->batch;
    }
    struct recent *to = recent_of(bridge->to, to_key);
    if (is_void(to, to_key, batch)) {
        uint32_t decision = decide(bridge->fdb, to_key, in, now);
        *to = (struct recent){.key = to_key, .batch = batch, .decision = decision};
    }
    memcpy(memo->addresses, head, sizeof memo->addresses);
    memo->to = to;
    forward(bridge, in, to, frame);
}

static void receive(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    const struct bridge_port *in = SW_CONTAINER(port, struct bridge_port, port);
    struct sw_bridge *bridge = in->bridge;
    sw_time now = sw_clock_now(bridge->env.clock);
    if (now - bridge->swept >= SWEEP_EVERY) {
        bridge->swept = now;
        sw_fdb_age(bridge->fdb, now, SWEEP_SLOTS);
    }
    bridge->stats.in += n;
    bridge->batch++;
    struct memo memo = {.to = NULL};
    for (unsigned i = 0; i < n; i++) {
        if (i + AHEAD < n) {
            __builtin_prefetch(frames[i + AHEAD]);
            __builtin_prefetch(frames[i + AHEAD]->store + SW_HEAD_ROOM);
        }
        receive_one(bridge, in->number, now, &memo, frames[i]);
    }
}

/* ---- a bridge's life ---- */

int sw_bridge_new(struct sw_bridge **out, const struct sw_env *env,
                  const struct sw_bridge_config *config)
{
    if (config->ageing != 0 && (config->ageing < AGEING_MIN || config->ageing > AGEING_MAX)) {
        return -EINVAL;
    }
    struct sw_bridge *bridge = calloc(1, sizeof *bridge);
    if (bridge == NULL) {
        return -ENOMEM;
    }
    bridge->env = *env;
    size_t len = strlen(config->name) + 1;
    bridge->name = malloc(len);
    int status = -ENOMEM;
    if (bridge->name != NULL) {
        memcpy(bridge->name, config->name, len);
        struct sw_draws key;
        sw_owner_init(&bridge->owner, bridge->name);
        sw_draws_init(&key, env->secrets, bridge->owner.number, SW_DRAW_HASH_KEY);
        status = sw_fdb_new(&bridge->fdb,
                            config->mac_table == 0 ? SW_BRIDGE_MAC_TABLE : config->mac_table,
                            config->ageing, sw_draw(&key));
    }
    if (status < 0) {
        free(bridge->name);
        free(bridge);
        return status;
    }
    *out = bridge;
    return 0;
}

void sw_bridge_free(struct sw_bridge *bridge)
{
    if (bridge == NULL) {
        return;
    }
    for (uint32_t i = 0; i < bridge->ports; i++) {
        assert(bridge->port[i]->port.lane == NULL);
        free(bridge->port[i]);
    }
    free(bridge->port);
    sw_index_fini(&bridge->by_name);
    sw_fdb_free(bridge->fdb);
    free(bridge->name);
    free(bridge);
}

const char *sw_bridge_name(const struct sw_bridge *bridge)
{
    return bridge->name;
}

static bool room_for_a_port(struct sw_bridge *bridge)
{
    if (bridge->ports < bridge->port_cap) {
        return true;
    }
    uint32_t cap = bridge->port_cap == 0 ? 8 : bridge->port_cap * 2;
    struct bridge_port **port = realloc(bridge->port, cap * sizeof(struct bridge_port *));
    if (port == NULL) {
        return false;
    }
    bridge->port = port;
    bridge->port_cap = cap;
    return true;
}

int sw_bridge_add_port(struct sw_port **out, struct sw_bridge *bridge, const char *name)
{
    if (sw_bridge_port(bridge, name) != NULL) {
        return -EEXIST;
    }
    if (bridge->ports == SW_BRIDGE_PORTS) {
        return -ENOSPC;
    }
    size_t prefix = strlen(bridge->name) + 1;
    size_t len = prefix + strlen(name) + 1;
    struct bridge_port *port = malloc(sizeof *port + len);
    if (port == NULL || !room_for_a_port(bridge)) {
        free(port);
        return -ENOMEM;
    }
    int status = sw_index_add(&bridge->by_name, sw_name_hash(name), bridge->ports);
    if (status < 0) {
        free(port);
        return status;
    }
    snprintf(port->name, len, "%s:%s", bridge->name, name);
    port->short_name = (uint32_t)prefix;
    port->bridge = bridge;
    port->number = bridge->ports;
    sw_port_init(&port->port, port->name, receive, NULL);
    bridge->port[bridge->ports++] = port;
    *out = &port->port;
    return 0;
}

static struct bridge_port *find_port(const struct sw_bridge *bridge, const char *name)
{
    uint32_t at = sw_index_find(&bridge->by_name, sw_name_hash(name));
    if (at == SW_INDEX_NONE) {
        return NULL;
    }
    struct bridge_port *port = bridge->port[at];
    return strcmp(port->name + port->short_name, name) == 0 ? port : NULL;
}

struct sw_port *sw_bridge_port(struct sw_bridge *bridge, const char *name)
{
    struct bridge_port *port = find_port(bridge, name);
    return port == NULL ? NULL : &port->port;
}

struct sw_port *sw_bridge_port_at(const struct sw_bridge *bridge, uint32_t i)
{
    return i < bridge->ports ? &bridge->port[i]->port : NULL;
}

int sw_bridge_add_static(struct sw_bridge *bridge, struct sw_mac mac, const char *port)
{
    if (sw_mac_is_group(mac) || sw_mac_is_zero(mac)) {
        return -EINVAL;
    }
    const struct bridge_port *at = find_port(bridge, port);
    return at == NULL ? -ENOENT : sw_fdb_add_static(bridge->fdb, mac, 0, at->number);
}

void sw_bridge_port_down(struct sw_port *port)
{
    assert(port->receive == receive);
    const struct bridge_port *down = SW_CONTAINER(port, struct bridge_port, port);
    sw_fdb_flush_port(down->bridge->fdb, down->number);
}

const struct sw_fdb *sw_bridge_fdb(const struct sw_bridge *bridge)
{
    return bridge->fdb;
}

void sw_bridge_stats(const struct sw_bridge *bridge, struct sw_bridge_stats *out)
{
    *out = bridge->stats;
    out->learned = sw_fdb_learned(bridge->fdb);
    out->moved = sw_fdb_moved(bridge->fdb);
    out->not_learned = sw_fdb_refused(bridge->fdb);
}

bool sw_bridge_balanced(const struct sw_bridge *bridge)
{
    const struct sw_bridge_stats *s = &bridge->stats;
    uint64_t sum = s->forwarded + s->flooded;
    for (unsigned i = 0; i < SW_DROP_COUNT; i++) {
        sum += s->dropped[i];
    }
    return s->in == sum && s->flooded_known == 0;
}
