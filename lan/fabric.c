/* Hosts, bridges and links under names (see fabric.h). Everything is found by hashes, so a LAN of n
 * parts is built in O(n).
 *
 * A lane's name lies in a note, together with what the lane's far end is: so the observer of
 * arrivals, who is told of a lane, knows at once whose interface it leads to. */
#include "lan/fabric.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/siphash.h"
#include "lan/network.h"

#define ETH_HEADER 14

/* Whose a name is: a value of the index of owners is its place times KINDS plus its kind. */
enum owner_kind { OWNER_HOST, OWNER_BRIDGE, OWNER_LANE, OWNER_OTHER, KINDS };

struct note {
    struct sw_fabric_host *host; /* at the lane's far end, or NULL */
    struct sw_mac mac;           /* of the interface there */
    char name[];                 /* the lane's */
};

struct sw_fabric_cable {
    struct sw_link link;
    struct sw_fabric_end end[2];
    struct note *forward, *backward;
    struct sw_lane_config given[2];
    bool gone; /* down for good */
};

int sw_fabric_fail(struct sw_fabric *f, int status, const char *format, ...)
{
    if (f->why_cap > 0) {
        va_list args;
        va_start(args, format);
        vsnprintf(f->why, f->why_cap, format, args);
        va_end(args);
    }
    return status;
}

static int no_memory(struct sw_fabric *f)
{
    return sw_fabric_fail(f, -ENOMEM, "out of memory");
}

/* ---- lists ---- */

/* Room for one more, so that adding it afterwards cannot fail. */
static bool reserve(struct sw_fabric_list *list)
{
    if (list->count < list->cap) {
        return true;
    }
    uint32_t cap = list->cap == 0 ? 8 : list->cap * 2;
    void **item = realloc(list->item, cap * sizeof(void *));
    if (item == NULL) {
        return false;
    }
    list->item = item;
    list->cap = cap;
    return true;
}

static void append(struct sw_fabric_list *list, void *item)
{
    assert(list->count < list->cap);
    list->item[list->count++] = item;
}

/* ---- names ---- */

static const char *cable_name(const struct sw_fabric_cable *cable)
{
    return cable->forward->name;
}

static int say_clash(struct sw_fabric *f, const char *name, uint32_t with)
{
    static const char *const kinds[KINDS] = {"host", "switch", "link", "uplink"};
    uint32_t kind = with % KINDS;
    uint32_t at = with / KINDS;
    const char *other = name;
    if (kind == OWNER_HOST) {
        other = sw_host_name(sw_fabric_host_at(f, at)->host);
    } else if (kind == OWNER_BRIDGE) {
        other = sw_bridge_name(sw_fabric_bridge_at(f, at)->bridge);
    } else if (kind == OWNER_LANE) {
        other = cable_name(f->cables.item[at]);
    }
    return sw_fabric_fail(f, -EEXIST,
                          "'%s' has the name or the number of the %s '%s' already: rename one of "
                          "them",
                          name, kinds[kind], other);
}

static int own(struct sw_fabric *f, const char *name, enum owner_kind kind, uint32_t at)
{
    uint64_t number = sw_name_hash(name);
    int status = sw_index_add(&f->owners, number, at * KINDS + kind);
    if (status == -EEXIST) {
        return say_clash(f, name, sw_index_find(&f->owners, number));
    }
    return status < 0 ? no_memory(f) : 0;
}

int sw_fabric_add_name(struct sw_fabric *f, const char *name)
{
    return own(f, name, OWNER_OTHER, 0);
}

static uint32_t find(const struct sw_fabric *f, const char *name, enum owner_kind kind)
{
    uint32_t value = sw_index_find(&f->owners, sw_name_hash(name));
    return value != SW_INDEX_NONE && value % KINDS == kind ? value / KINDS : SW_INDEX_NONE;
}

struct sw_fabric_host *sw_fabric_host_at(const struct sw_fabric *f, size_t i)
{
    return i < f->hosts.count ? f->hosts.item[i] : NULL;
}

struct sw_fabric_bridge *sw_fabric_bridge_at(const struct sw_fabric *f, size_t i)
{
    return i < f->bridges.count ? f->bridges.item[i] : NULL;
}

struct sw_link *sw_fabric_link_at(const struct sw_fabric *f, size_t i)
{
    return i < f->cables.count ? &((struct sw_fabric_cable *)f->cables.item[i])->link : NULL;
}

const struct sw_fabric_end *sw_fabric_ends_at(const struct sw_fabric *f, size_t i)
{
    return i < f->cables.count ? ((struct sw_fabric_cable *)f->cables.item[i])->end : NULL;
}

struct sw_fabric_host *sw_fabric_find_host(const struct sw_fabric *f, const char *name)
{
    struct sw_fabric_host *host = sw_fabric_host_at(f, find(f, name, OWNER_HOST));
    return host != NULL && strcmp(sw_host_name(host->host), name) == 0 ? host : NULL;
}

struct sw_fabric_bridge *sw_fabric_find_bridge(const struct sw_fabric *f, const char *name)
{
    struct sw_fabric_bridge *bridge = sw_fabric_bridge_at(f, find(f, name, OWNER_BRIDGE));
    return bridge != NULL && strcmp(sw_bridge_name(bridge->bridge), name) == 0 ? bridge : NULL;
}

/* ---- the observer of arrivals ---- */

/* Counts the unicast frames that are for another's MAC: the host at this end must drop each of
 * them. Those from a group address it drops for that reason. */
static void arrived(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                    struct sw_frame *const *frames, unsigned n)
{
    (void)w;
    (void)now;
    struct note *note = SW_CONTAINER(lane->owner.name, struct note, name);
    if (note->host == NULL ||
        sw_host_state(note->host->host) != SW_HOST_RUNNING) { /* then it drops all there is */
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        const uint8_t *head = sw_frame_head(frames[i]);
        note->host->foreign += frames[i]->head_len >= ETH_HEADER &&
                               ((head[0] | head[6]) & 1) == 0 &&
                               memcmp(head, note->mac.b, sizeof note->mac.b) != 0;
    }
}

/* ---- a fabric's life ---- */

void sw_fabric_init(struct sw_fabric *f, const struct sw_env *env, const char *lan,
                    bool virtual_time, char *why, size_t cap)
{
    *f = (struct sw_fabric){
        .env = *env, .lan = lan, .virtual_time = virtual_time, .why = why, .why_cap = cap};
    f->watch = (struct sw_watch){.next = env->watch, .arrived = arrived};
}

static void free_cable(struct sw_fabric_cable *cable)
{
    free(cable->forward);
    free(cable->backward);
    free(cable);
}

void sw_fabric_unplug(struct sw_fabric *f)
{
    while (f->cables.count > 0) {
        struct sw_fabric_cable *cable = f->cables.item[--f->cables.count];
        sw_link_fini(&cable->link);
        free_cable(cable);
    }
}

void sw_fabric_fini(struct sw_fabric *f)
{
    sw_fabric_unplug(f);
    for (uint32_t i = 0; i < f->hosts.count; i++) {
        struct sw_fabric_host *host = f->hosts.item[i];
        sw_host_free(host->host);
        free(host->nics.item);
        free(host);
    }
    for (uint32_t i = 0; i < f->bridges.count; i++) {
        struct sw_fabric_bridge *bridge = f->bridges.item[i];
        sw_bridge_free(bridge->bridge);
        free(bridge);
    }
    free(f->cables.item);
    free(f->hosts.item);
    free(f->bridges.item);
    free(f->nics.item);
    sw_index_fini(&f->owners);
    sw_index_fini(&f->macs);
    sw_index_fini(&f->pairs);
}

/* ---- nodes ---- */

int sw_fabric_add_bridge(struct sw_fabric_bridge **out, struct sw_fabric *f,
                         const struct sw_bridge_config *config)
{
    struct sw_fabric_bridge *bridge = calloc(1, sizeof *bridge);
    if (bridge == NULL || !reserve(&f->bridges)) {
        free(bridge);
        return no_memory(f);
    }
    int status = sw_bridge_new(&bridge->bridge, &f->env, config);
    if (status < 0) {
        free(bridge);
        return status == -ENOMEM ? no_memory(f)
                                 : sw_fabric_fail(f, status,
                                                  "switch '%s': its ageing time or the size of its "
                                                  "MAC table is out of range",
                                                  config->name);
    }
    bridge->next_port = 1;
    append(&f->bridges, bridge);
    *out = bridge;
    return own(f, sw_bridge_name(bridge->bridge), OWNER_BRIDGE, f->bridges.count - 1);
}

int sw_fabric_add_host(struct sw_fabric_host **out, struct sw_fabric *f,
                       const struct sw_host_config *config)
{
    struct sw_fabric_host *host = calloc(1, sizeof *host);
    if (host == NULL || !reserve(&f->hosts)) {
        free(host);
        return no_memory(f);
    }
    int status = sw_host_new(&host->host, &f->env, config);
    if (status < 0) {
        free(host);
        return status == -ENOMEM
                   ? no_memory(f)
                   : sw_fabric_fail(f, status, "host '%s': a setting is out of its range",
                                    config->name);
    }
    append(&f->hosts, host);
    *out = host;
    return own(f, sw_host_name(host->host), OWNER_HOST, f->hosts.count - 1);
}

/* 46 bits of a hash over the three names; each is hashed under the one before, so no two rows of
 * names run together. */
struct sw_mac sw_mac_from_names(const char *lan, const char *host, const char *nic)
{
    const char *const names[] = {lan, host, nic};
    struct sw_hash_key key = {.k0 = 0x6d61632d61646472u};
    for (unsigned i = 0; i < 3; i++) {
        key.k0 = sw_siphash(key, names[i], strlen(names[i]));
        key.k1 = i + 1;
    }
    struct sw_mac mac;
    for (unsigned i = 0; i < 6; i++) {
        mac.b[i] = (uint8_t)(key.k0 >> (8 * i));
    }
    mac.b[0] = (uint8_t)((mac.b[0] & 0xfc) | 0x02);
    return mac;
}

static int own_mac(struct sw_fabric *f, const char *name, struct sw_mac mac)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < 6; i++) {
        number = number << 8 | mac.b[i];
    }
    int status = sw_index_add(&f->macs, number, f->nics.count);
    if (status == -EEXIST) {
        char text[SW_MAC_TEXT];
        struct sw_nic *other = f->nics.item[sw_index_find(&f->macs, number)];
        return sw_fabric_fail(f, -EEXIST, "%s and %s have one MAC, %s: give one of them another",
                              sw_nic_port(other)->name, name, sw_mac_emit(mac, text));
    }
    return status < 0 ? no_memory(f) : 0;
}

int sw_fabric_add_nic(struct sw_nic **out, struct sw_fabric *f, struct sw_fabric_host *host,
                      const struct sw_nic_config *config)
{
    struct sw_nic_config full = *config;
    const char *name = sw_host_name(host->host);
    if (sw_mac_is_zero(full.mac) && !full.bare) {
        full.mac = sw_mac_from_names(f->lan, name, full.name);
    }
    if (!reserve(&host->nics) || !reserve(&f->nics)) {
        return no_memory(f);
    }
    int status = sw_nic_add(out, host->host, &full);
    switch (status) {
    case 0:
        break;
    case -ENOMEM:
        return no_memory(f);
    case -EEXIST:
        return sw_fabric_fail(f, status, "%s:%s: the host has that name or MAC already", name,
                              full.name);
    case -ENOSPC:
        return sw_fabric_fail(f, -EINVAL, "%s:%s: more than %d interfaces", name, full.name,
                              SW_HOST_NICS);
    default:
        return sw_fabric_fail(f, status, "%s:%s: its MAC or MTU is none an interface can have",
                              name, full.name);
    }
    status = full.bare ? 0 : own_mac(f, sw_nic_port(*out)->name, full.mac);
    if (status == 0) {
        append(&host->nics, *out);
        append(&f->nics, *out);
    }
    return status;
}

int sw_fabric_add_address(struct sw_fabric *f, struct sw_nic *nic, struct sw_prefix address,
                          unsigned flags)
{
    char text[SW_IP_TEXT];
    const char *name = sw_nic_port(nic)->name;
    int status = sw_nic_add_address(nic, address, flags);
    switch (status) {
    case 0:
        return 0;
    case -ENOMEM:
        return no_memory(f);
    case -EEXIST:
        return sw_fabric_fail(f, status, "%s: the host has the address %s already", name,
                              sw_ip_emit(address.ip, text));
    case -ENOSPC:
        return sw_fabric_fail(f, -EINVAL, "%s: more than %d addresses", name, SW_NIC_ADDRESSES);
    default:
        return sw_fabric_fail(f, status, "%s: %s/%u is not a host's address", name,
                              sw_ip_emit(address.ip, text), address.bits);
    }
}

int sw_fabric_add_route(struct sw_fabric *f, struct sw_fabric_host *host, struct sw_prefix to,
                        struct sw_ip gateway, struct sw_nic *nic)
{
    char text[SW_IP_TEXT];
    char way[SW_IP_TEXT];
    const char *name = sw_host_name(host->host);
    int status = sw_host_add_route(host->host, to, gateway, nic);
    sw_ip_emit(to.ip, text);
    switch (status) {
    case 0:
        return 0;
    case -ENOMEM:
        return no_memory(f);
    case -EEXIST:
        return sw_fabric_fail(f, status, "%s: the route to %s/%u is there already", name, text,
                              to.bits);
    case -ENETUNREACH:
        return sw_fabric_fail(f, -EINVAL, "%s: the gateway %s of %s/%u lies in none of its nets",
                              name, sw_ip_emit(gateway, way), text, to.bits);
    default:
        return sw_fabric_fail(f, -EINVAL, "%s: no room for the route to %s/%u", name, text,
                              to.bits);
    }
}

int sw_fabric_bridge_port(struct sw_port **out, struct sw_fabric *f,
                          struct sw_fabric_bridge *bridge, const char *name)
{
    *out = sw_bridge_port(bridge->bridge, name);
    if (*out != NULL) {
        return 0;
    }
    int status = sw_bridge_add_port(out, bridge->bridge, name);
    if (status == -ENOSPC) {
        return sw_fabric_fail(f, -EINVAL, "switch '%s': more than %d ports",
                              sw_bridge_name(bridge->bridge), SW_BRIDGE_PORTS);
    }
    return status < 0 ? no_memory(f) : 0;
}

/* ---- links ---- */

uint64_t sw_fabric_pair(const char *a, const char *b)
{
    return sw_name_hash(a) + sw_name_hash(b);
}

/* A lane from one end to another: what it is called, and what it leads to. */
static struct note *new_note(const struct sw_fabric_end *from, const struct sw_fabric_end *to,
                             uint32_t ordinal, const char *name)
{
    bool within = strcmp(from->node, to->node) == 0;
    const char *left = within ? from->port->name : from->node;
    const char *right = within ? to->port->name : to->node;
    size_t cap = strlen(left) + strlen(right) + (name == NULL ? 0 : strlen(name)) + 16;
    struct note *note = malloc(sizeof *note + cap);
    if (note == NULL) {
        return NULL;
    }
    note->host = to->host;
    note->mac = to->mac;
    if (name != NULL) {
        snprintf(note->name, cap, "%s>%s(%s)", left, right, name);
    } else if (ordinal > 1 && !within) {
        snprintf(note->name, cap, "%s>%s#%u", left, right, (unsigned)ordinal);
    } else {
        snprintf(note->name, cap, "%s>%s", left, right);
    }
    return note;
}

struct sw_lane_config sw_fabric_effective(const struct sw_fabric *f,
                                          const struct sw_lane_config *config)
{
    struct sw_lane_config lane = *config;
    if (lane.queue_frames == 0 && lane.queue_bytes == 0) {
        lane.queue_frames = SW_QUEUE_FRAMES_DEFAULT;
    }
    if (f->virtual_time && lane.delay == 0 && lane.rate_bps == 0) {
        lane.delay = SW_FABRIC_DELAY;
        lane.rate_bps = SW_FABRIC_RATE_BPS;
    }
    return lane;
}

static int plug(struct sw_fabric *f, struct sw_fabric_cable *cable,
                const struct sw_lane_config *forward, const struct sw_lane_config *backward)
{
    struct sw_lane_config there = sw_fabric_effective(f, forward);
    struct sw_lane_config back = sw_fabric_effective(f, backward);
    cable->given[0] = *forward;
    cable->given[1] = *backward;
    struct sw_env env = f->env;
    env.watch = &f->watch;
    if (sw_link_init(&cable->link, &env, cable->end[0].port, cable->end[1].port,
                     cable->forward->name, cable->backward->name, &there, &back) < 0) {
        free_cable(cable);
        return no_memory(f);
    }
    append(&f->cables, cable);
    uint32_t at = f->cables.count - 1;
    int status = own(f, cable->forward->name, OWNER_LANE, at);
    return status < 0 ? status : own(f, cable->backward->name, OWNER_LANE, at);
}

int sw_fabric_add_link(struct sw_link **out, struct sw_fabric *f, const struct sw_fabric_end end[2],
                       const char *name, const struct sw_lane_config *forward,
                       const struct sw_lane_config *backward)
{
    for (unsigned i = 0; i < 2; i++) {
        if (end[i].port->lane != NULL || end[0].port == end[1].port) {
            return sw_fabric_fail(f, -EEXIST, "%s has a cable already", end[i].port->name);
        }
    }
    uint32_t ordinal = sw_index_bump(&f->pairs, sw_fabric_pair(end[0].node, end[1].node));
    struct sw_fabric_cable *cable = calloc(1, sizeof *cable);
    if (ordinal == 0 || cable == NULL || !reserve(&f->cables)) {
        free(cable);
        return no_memory(f);
    }
    memcpy(cable->end, end, sizeof cable->end);
    cable->forward = new_note(&end[0], &end[1], ordinal, name);
    cable->backward = new_note(&end[1], &end[0], ordinal, name);
    if (cable->forward == NULL || cable->backward == NULL) {
        free_cable(cable);
        return no_memory(f);
    }
    *out = &cable->link;
    return plug(f, cable, forward, backward);
}

const struct sw_lane_config *sw_fabric_given(const struct sw_fabric *f, size_t i, unsigned lane)
{
    const struct sw_fabric_cable *cable = f->cables.item[i];
    return &cable->given[lane];
}

void sw_fabric_link_set_up(struct sw_fabric *f, size_t i, bool up)
{
    struct sw_fabric_cable *cable = f->cables.item[i];
    sw_link_set_up(&cable->link, up && !cable->gone);
    for (unsigned k = 0; k < 2 && !up; k++) {
        if (cable->end[k].bridge != NULL) {
            sw_bridge_port_down(cable->end[k].port);
        }
    }
}

void sw_fabric_port_down(struct sw_fabric *f, const struct sw_port *port)
{
    for (uint32_t i = 0; i < f->cables.count; i++) {
        struct sw_fabric_cable *cable = f->cables.item[i];
        if (cable->end[0].port == port || cable->end[1].port == port) {
            cable->gone = true;
            sw_fabric_link_set_up(f, i, false);
        }
    }
}
