/* Uplinks: taps, tuns and captures. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "config/build.h"

#define TAP_MTU_MAX 65521 /* 65,535 less an Ethernet header: Linux allows no more */

/* Which types a key is for, bits of 1 << enum sw_uplink_kind; those that are not here are for all.
 */
#define TAP (1U << SW_UPLINK_TAP)
#define TUN (1U << SW_UPLINK_TUN)
#define PCAP (1U << SW_UPLINK_PCAP)
#define QEMU (1U << SW_UPLINK_QEMU)
static const struct {
    int key;
    unsigned types;
    const char *whose;
} keys_of[] = {
    {SW_K_UPLINK_DEVICE, TAP | TUN, "a tap or a tun"},
    {SW_K_UPLINK_NETNS, TAP | TUN, "a tap or a tun"},
    {SW_K_UPLINK_ADDRESS, TAP | TUN, "a tap or a tun"},
    {SW_K_UPLINK_MTU, TAP | TUN, "a tap or a tun"},
    {SW_K_UPLINK_VNET_HEADER, TAP | TUN, "a tap or a tun"},
    {SW_K_UPLINK_ROUTES, TUN, "a tun"},
    {SW_K_UPLINK_READ, PCAP, "a pcap"},
    {SW_K_UPLINK_WRITE, PCAP, "a pcap"},
    {SW_K_UPLINK_SPEED, PCAP, "a pcap"},
    {SW_K_UPLINK_START, PCAP, "a pcap"},
    {SW_K_UPLINK_REWRITE, PCAP, "a pcap"},
    {SW_K_UPLINK_LISTEN, QEMU, "a qemu"},
    {SW_K_UPLINK_CONNECT, QEMU, "a qemu"},
    {SW_K_UPLINK_FRAMING, QEMU, "a qemu"},
};

static void check_keys(struct sw_build *b, enum sw_uplink_kind kind, struct sw_settings *own)
{
    for (size_t i = 0; i < sizeof keys_of / sizeof keys_of[0]; i++) {
        struct sw_setting *set = &own->of[keys_of[i].key];
        if (set->node && !(keys_of[i].types >> kind & 1)) {
            SW_ERROR(b->report, set->node->where, "'%s' is for %s, and this is a %s",
                     sw_section_uplink.keys[keys_of[i].key].name, keys_of[i].whose,
                     sw_section_uplink.keys[SW_K_UPLINK_TYPE].words[kind]);
            set->ok = false;
        }
    }
}

/* ---- taps and tuns ---- */

/* A device's name as Linux takes it: IFNAMSIZ with its NUL is 16. */
static bool device_check(const char *text, char why[SW_WHY])
{
    char quoted[SW_QUOTED_BYTES];
    size_t n = strlen(text);
    bool fine = n > 0 && n < 16 && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
    for (size_t i = 0; i < n && fine; i++) {
        fine = text[i] > ' ' && text[i] < 127 && text[i] != '/' && text[i] != ':' && text[i] != '%';
    }
    if (!fine) {
        snprintf(
            why, SW_WHY,
            "expected a device's name of 1 to 15 characters without '/', ':', '%%' and spaces, "
            "found '%s'",
            sw_quote(text, quoted));
    }
    return fine;
}

static void fill_device(struct sw_build *b, size_t index, const struct sw_settings *own)
{
    struct sw_topo_uplink *uplink = &b->topo->uplinks[index];
    const struct sw_setting *set = &own->of[SW_K_UPLINK_DEVICE];
    char why[SW_WHY];
    if (set->ok && !device_check(set->node->text, why)) {
        SW_ERROR(b->report, set->node->where, "'device': %s", why);
    } else if (set->ok) {
        uplink->device = sw_build_copy(b, set->node->text);
    }
    set = &own->of[SW_K_UPLINK_NETNS];
    if (set->ok && set->node->text[0] == '\0') {
        SW_ERROR(b->report, set->node->where,
                 "'netns': expected a name of a namespace or a path, found nothing");
    } else if (set->ok) {
        uplink->netns = sw_build_copy(b, set->node->text);
    }
    set = &own->of[SW_K_UPLINK_ADDRESS];
    if (set->ok) {
        uplink->address_given = true;
        uplink->address = set->prefix;
        sw_build_give(b, (struct sw_given){.host = SIZE_MAX,
                                           .nic = index,
                                           .ip = set->prefix.ip,
                                           .where = set->node->where});
    }
    set = &own->of[SW_K_UPLINK_MTU];
    uplink->mtu_bytes = set->ok ? (uint32_t)set->number : 0;
    if (uplink->kind == SW_UPLINK_TAP && uplink->mtu_bytes > TAP_MTU_MAX) {
        SW_ERROR(b->report, set->node->where, "'mtu': a tap has at most %d, found '%s'",
                 TAP_MTU_MAX, set->node->text);
    }
    set = &own->of[SW_K_UPLINK_VNET_HEADER];
    uplink->vnet_header = set->ok ? set->number != 0 : true;
}

static bool has_route(const struct sw_topo_uplink *uplink, struct sw_prefix to)
{
    for (size_t i = 0; i < uplink->route_count; i++) {
        if (uplink->routes[i].to.bits == to.bits && sw_ip_equal(uplink->routes[i].to.ip, to.ip)) {
            return true;
        }
    }
    return false;
}

/* A net of the LAN, behind a router in the net of the kernel's address. */
static void build_route(struct sw_build *b, struct sw_topo_uplink *uplink,
                        const struct sw_yaml *node)
{
    struct sw_settings own;
    char text[SW_IP_TEXT];
    if (!sw_section_read(&own, &sw_section_route, node, 0, b->report)) {
        return;
    }
    const struct sw_setting *to = &own.of[SW_K_ROUTE_TO], *via = &own.of[SW_K_ROUTE_VIA];
    const struct sw_setting *interface = &own.of[SW_K_ROUTE_INTERFACE];
    if (interface->node) {
        SW_ERROR(b->report, interface->node->where,
                 "'interface': a tun has one way into the LAN, expected 'via' alone");
    }
    if (!via->node) {
        SW_ERROR(b->report, node->where, "a route of a tun needs 'via'");
    }
    if (!to->ok || !via->ok || !uplink->address_given) {
        return;
    }
    assert(via->node); /* what is ok was said */
    if (sw_ip_equal(via->ip, uplink->address.ip)) {
        SW_ERROR(b->report, via->node->where, "'via': %s is the kernel's own address",
                 sw_ip_emit(via->ip, text));
        return;
    }
    if (!sw_prefix_holds(uplink->address, via->ip)) {
        SW_ERROR(b->report, via->node->where, "'via': %s lies outside the net of 'address'",
                 sw_ip_emit(via->ip, text));
        return;
    }
    if (has_route(uplink, to->prefix)) {
        SW_ERROR(b->report, node->where, "the tun has a route to this net already");
        return;
    }
    struct sw_topo_route *all = sw_build_room(b, uplink->routes, uplink->route_count, sizeof *all);
    if (all) {
        uplink->routes = all;
        all[uplink->route_count++] = (struct sw_topo_route){.to = to->prefix, .gateway = via->ip};
    }
}

static void fill_tun(struct sw_build *b, size_t index, const struct sw_settings *own,
                     const struct sw_yaml *key)
{
    struct sw_topo_uplink *uplink = &b->topo->uplinks[index];
    const struct sw_setting *routes = &own->of[SW_K_UPLINK_ROUTES];
    if (!own->of[SW_K_UPLINK_ADDRESS].node) {
        SW_ERROR(b->report, key->where, "a tun needs 'address', that of the kernel's side");
    }
    for (size_t i = 0; routes->ok && i < routes->node->count; i++) {
        if (uplink->route_count == SW_HOST_ROUTES - 8) { /* its station has some of its own */
            SW_ERROR(b->report, routes->node->where, "a tun has at most %d routes",
                     SW_HOST_ROUTES - 8);
            return;
        }
        build_route(b, uplink, routes->node->items[i]);
    }
}

/* ---- captures ---- */

static void add_mac(struct sw_build *b, struct sw_rewrite *rewrite, struct sw_mac from,
                    struct sw_mac to)
{
    struct sw_rewrite_mac *all = sw_build_room(b, rewrite->macs, rewrite->mac_count, sizeof *all);
    if (all) {
        rewrite->macs = all;
        all[rewrite->mac_count++] = (struct sw_rewrite_mac){.from = from, .to = to};
    }
}

static void add_net(struct sw_build *b, struct sw_rewrite *rewrite, struct sw_prefix from,
                    struct sw_prefix to)
{
    struct sw_rewrite_net *all = sw_build_room(b, rewrite->nets, rewrite->net_count, sizeof *all);
    if (all) {
        rewrite->nets = all;
        all[rewrite->net_count++] = (struct sw_rewrite_net){.from = sw_ip_v4_number(from.ip),
                                                            .to = sw_ip_v4_number(to.ip),
                                                            .mask = sw_v4_mask(from.bits)};
    }
}

static void build_rewrite(struct sw_build *b, struct sw_rewrite *rewrite,
                          const struct sw_yaml_pair *pair)
{
    const struct sw_yaml *value = pair->value;
    struct sw_mac macs[2];
    struct sw_prefix nets[2];
    char why[SW_WHY], what[SW_QUOTED_BYTES];
    if (!sw_rewrite_parse(&macs[0], &nets[0], pair->key->text, why)) {
        SW_ERROR(b->report, pair->key->where, "'rewrite': %s", why);
        return;
    }
    if (value->bad) {
        return;
    }
    if (value->kind != SW_YAML_SCALAR || value->empty) {
        SW_ERROR(b->report, value->where, "'rewrite': expected an address, found %s",
                 sw_yaml_what(value, what));
        return;
    }
    if (!sw_rewrite_parse(&macs[1], &nets[1], value->text, why)) {
        SW_ERROR(b->report, value->where, "'rewrite': %s", why);
        return;
    }
    bool mac = nets[0].ip.family == SW_IP_NONE;
    if (mac != (nets[1].ip.family == SW_IP_NONE)) {
        SW_ERROR(b->report, value->where, "'rewrite': expected %s for '%s', found '%s'",
                 mac ? "a MAC address" : "an IPv4 address or a net", pair->key->text, value->text);
    } else if (mac) {
        add_mac(b, rewrite, macs[0], macs[1]);
    } else if (nets[0].bits != nets[1].bits) {
        SW_ERROR(b->report, value->where,
                 "'rewrite': expected a net of the same length as '%s', found '%s'",
                 pair->key->text, value->text);
    } else {
        add_net(b, rewrite, nets[0], nets[1]);
    }
}

/* What lies in /dev is no file that could be emptied: many may write to /dev/null. */
static bool same_path(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0 && strncmp(a, "/dev/", 5) != 0;
}

/* A file that is written is nobody else's, whichever stands first in the LAN file. */
static void check_path(struct sw_build *b, const struct sw_setting *set, const char *path,
                       bool write)
{
    for (size_t i = 0; i < b->topo->uplink_count; i++) {
        const struct sw_topo_uplink *other = &b->topo->uplinks[i];
        bool written = same_path(other->write, path);
        if (written || (write && same_path(other->read, path))) {
            SW_ERROR(b->report, set->node->where, "'%s': the uplink '%s' %s this file",
                     write ? "write" : "read", other->name, written ? "writes" : "reads");
            return;
        }
    }
}

static void fill_paths(struct sw_build *b, struct sw_topo_uplink *uplink,
                       const struct sw_setting *read, const struct sw_setting *write)
{
    assert(!write->ok || write->node); /* what is ok was said */
    assert(!read->ok || read->node);
    char *path = write->ok ? sw_build_beside(b, write->node->where, write->node->text) : NULL;
    if (path) {
        check_path(b, write, path, true);
    }
    uplink->write = path;
    path = read->ok ? sw_build_beside(b, read->node->where, read->node->text) : NULL;
    if (path) {
        check_path(b, read, path, false);
    }
    uplink->read = path;
}

static void fill_pcap(struct sw_build *b, size_t index, const struct sw_settings *own,
                      const struct sw_yaml *key)
{
    static const int of_reading[] = {SW_K_UPLINK_SPEED, SW_K_UPLINK_START, SW_K_UPLINK_REWRITE};
    struct sw_topo_uplink *uplink = &b->topo->uplinks[index];
    const struct sw_setting *read = &own->of[SW_K_UPLINK_READ];
    const struct sw_setting *write = &own->of[SW_K_UPLINK_WRITE];
    if (!read->node && !write->node) {
        SW_ERROR(b->report, key->where, "a pcap needs 'read', 'write' or both");
    }
    for (size_t i = 0; i < sizeof of_reading / sizeof of_reading[0] && !read->node; i++) {
        if (own->of[of_reading[i]].node) {
            SW_ERROR(b->report, own->of[of_reading[i]].node->where,
                     "'%s' is of what is read, and there is no 'read'",
                     sw_section_uplink.keys[of_reading[i]].name);
        }
    }
    fill_paths(b, uplink, read, write);
    const struct sw_setting *set = &own->of[SW_K_UPLINK_SPEED];
    uplink->speed = set->ok ? (uint32_t)set->number : SW_SPEED_KEPT;
    set = &own->of[SW_K_UPLINK_START];
    uplink->start = set->ok ? set->number : 0;
    set = &own->of[SW_K_UPLINK_REWRITE];
    if (set->ok && set->node->count > SW_REWRITES) {
        SW_ERROR(b->report, set->node->where, "'rewrite': at most %d addresses, found %zu",
                 SW_REWRITES, set->node->count);
        return;
    }
    for (size_t i = 0; set->ok && i < set->node->count; i++) {
        build_rewrite(b, &uplink->rewrite, &set->node->pairs[i]);
    }
}

/* ---- sockets ---- */

static bool same_place(const struct sw_topo_place *a, const struct sw_topo_place *b)
{
    return a->path && b->path
               ? strcmp(a->path, b->path) == 0
               : a->at.port != 0 && a->at.port == b->at.port && sw_ip_equal(a->at.ip, b->at.ip);
}

static void fill_place(struct sw_build *b, size_t index, const struct sw_setting *set,
                       struct sw_topo_place *out)
{
    char why[SW_WHY];
    bool path;
    if (!set->ok) {
        return;
    }
    const char *key = out == &b->topo->uplinks[index].listen ? "listen" : "connect";
    if (!sw_place_parse(&path, &out->at, set->node->text, why)) {
        SW_ERROR(b->report, set->node->where, "'%s': %s", key, why);
        return;
    }
    out->path = path ? sw_build_beside(b, set->node->where, set->node->text) : NULL;
    if (out->path && strlen(out->path) > SW_SOCKET_PATH) {
        SW_ERROR(b->report, set->node->where,
                 "'%s': the path of a socket has at most %d characters, found %zu", key,
                 SW_SOCKET_PATH, strlen(out->path));
    }
    for (size_t i = 0; i < index; i++) {
        const struct sw_topo_uplink *other = &b->topo->uplinks[i];
        if (key[0] == 'l' && same_place(&other->listen, out)) {
            SW_ERROR(b->report, set->node->where, "'listen': the uplink '%s' listens there",
                     other->name);
            return;
        }
    }
}

static void fill_qemu(struct sw_build *b, size_t index, const struct sw_settings *own,
                      const struct sw_yaml *key)
{
    struct sw_topo_uplink *uplink = &b->topo->uplinks[index];
    const struct sw_setting *listen = &own->of[SW_K_UPLINK_LISTEN];
    const struct sw_setting *connect = &own->of[SW_K_UPLINK_CONNECT];
    const struct sw_setting *framing = &own->of[SW_K_UPLINK_FRAMING];
    uplink->datagrams = framing->ok && framing->number != 0;
    fill_place(b, index, listen, &uplink->listen);
    fill_place(b, index, connect, &uplink->connect);
    if (uplink->datagrams) {
        if (!connect->node) {
            SW_ERROR(b->report, key->where, "a qemu of datagrams needs 'connect', where they go");
        } else if (!listen->node && connect->ok && uplink->connect.path) {
            SW_ERROR(b->report, key->where,
                     "a qemu of datagrams between paths needs 'listen', where QEMU's come");
        } else if (listen->ok && connect->ok &&
                   (uplink->listen.path == NULL) != (uplink->connect.path == NULL)) {
            SW_ERROR(b->report, connect->node->where,
                     "'connect': expected %s as 'listen' is, found '%s'",
                     uplink->listen.path ? "a path" : "an address and a port", connect->node->text);
        }
    } else if ((listen->node != NULL) == (connect->node != NULL)) {
        SW_ERROR(b->report, key->where, "a qemu of a stream needs either 'listen' or 'connect'");
    }
}

/* ---- all of them ---- */

static void build_uplink(struct sw_build *b, const struct sw_yaml_pair *pair)
{
    struct sw_topo *topo = b->topo;
    if (topo->uplink_count == SW_UPLINKS_MAX) {
        SW_ERROR(b->report, b->top.of[SW_K_TOP_UPLINKS].node->where, "more than %d uplinks in all",
                 SW_UPLINKS_MAX);
        return;
    }
    struct sw_topo_uplink *all =
        sw_build_room(b, topo->uplinks, topo->uplink_count, sizeof *topo->uplinks);
    topo->uplinks = all ? all : topo->uplinks;
    char *name = all ? sw_build_copy(b, pair->key->text) : NULL;
    if (!name) {
        return;
    }
    size_t index = topo->uplink_count++;
    struct sw_settings own;
    all[index] = (struct sw_topo_uplink){
        .name = name, .speed = SW_SPEED_KEPT, .where = sw_build_place(b, pair->key->where)};
    sw_build_declare(b, name, pair->key, (struct sw_node){SW_NODE_UPLINK, index});
    if (!sw_section_read(&own, &sw_section_uplink, pair->value, 0, b->report) ||
        !own.of[SW_K_UPLINK_TYPE].ok) {
        return;
    }
    all[index].kind = (enum sw_uplink_kind)own.of[SW_K_UPLINK_TYPE].number;
    check_keys(b, all[index].kind, &own);
    if (all[index].kind == SW_UPLINK_PCAP) {
        fill_pcap(b, index, &own, pair->key);
        return;
    }
    if (all[index].kind == SW_UPLINK_QEMU) {
        fill_qemu(b, index, &own, pair->key);
        return;
    }
    fill_device(b, index, &own);
    if (all[index].kind == SW_UPLINK_TUN) {
        fill_tun(b, index, &own, pair->key);
    }
}

void sw_build_uplinks(struct sw_build *b)
{
    sw_build_each(b, &b->top.of[SW_K_TOP_UPLINKS], "an uplink's name", build_uplink);
}
