/* Hosts: one, or as many as `count` says. */
#include <stdlib.h>
#include <string.h>

#include "config/build.h"

/* What a mapping of `hosts` says, read once for all hosts that it stands for. */
struct host_draft {
    const struct sw_yaml_pair *pair;
    struct sw_settings own, tcp, arp;
    struct sw_settings far, tcp_far, arp_far; /* of its groups and the defaults */
    size_t count;                             /* 1 where none is given */
    bool counted;
};

static const struct sw_setting *pick(const struct host_draft *d, int key)
{
    return sw_setting_pick(&d->own.of[key], &d->far.of[key]);
}

/* The number or the switch of a nearer and a farther section, else `otherwise`. */
static int64_t number_of(const struct sw_settings *near, const struct sw_settings *far, int key,
                         int64_t otherwise)
{
    const struct sw_setting *set = sw_setting_pick(&near->of[key], &far->of[key]);
    return set ? set->number : otherwise;
}

/* ---- addresses ---- */

/* The k-th host of a group has the k-th address from the one given. */
static struct sw_prefix counted_up(struct sw_prefix first, size_t k)
{
    first.ip = sw_ip_v4(sw_ip_v4_number(first.ip) + (uint32_t)k);
    return first;
}

/* Do all hosts of the group find an address within the prefix? */
static bool group_fits(struct sw_build *b, const struct host_draft *d, struct sw_prefix first,
                       const struct sw_yaml *node, bool say)
{
    uint32_t ip = sw_ip_v4_number(first.ip), mask = sw_v4_mask(first.bits);
    uint32_t last_host = (ip | ~mask) - (first.bits < 31 ? 1 : 0);
    if (d->count - 1 <= last_host - ip) {
        return true;
    }
    if (say) {
        char from[SW_IP_TEXT], to[SW_IP_TEXT];
        SW_ERROR(b->report, node->where,
                 "'address': %zu hosts do not fit from %s up, the last address of its net is %s",
                 d->count, sw_ip_emit(first.ip, from), sw_ip_emit(sw_ip_v4(last_host), to));
    }
    return false;
}

static bool has_address(const struct sw_topo_host *host, struct sw_ip ip)
{
    for (size_t i = 0; i < host->nic_count; i++) {
        for (size_t j = 0; j < host->nics[i].address_count; j++) {
            if (sw_ip_equal(host->nics[i].addresses[j].prefix.ip, ip)) {
                return true;
            }
        }
    }
    return false;
}

static void add_address(struct sw_build *b, const struct host_draft *d, size_t host, size_t k,
                        const struct sw_yaml *node)
{
    static const struct sw_key key = {.name = "address", .kind = SW_KIND_ADDRESS};
    struct sw_topo_host *h = &b->topo->hosts[host];
    struct sw_topo_nic *nic = &h->nics[h->nic_count - 1];
    struct sw_setting set;
    sw_setting_read(&set, &key, node, b->report);
    if (!set.ok || !group_fits(b, d, set.prefix, node, k == 0)) {
        return;
    }
    struct sw_prefix prefix = counted_up(set.prefix, k);
    if (has_address(h, prefix.ip)) {
        SW_ERROR(b->report, node->where, "'address': the host has this address already");
        return;
    }
    if (nic->address_count == SW_NIC_ADDRESSES) {
        SW_ERROR(b->report, node->where, "'address': an interface has at most %d addresses",
                 SW_NIC_ADDRESSES);
        return;
    }
    struct sw_topo_address *all = sw_build_room(b, nic->addresses, nic->address_count, sizeof *all);
    if (!all) {
        return;
    }
    nic->addresses = all;
    struct sw_topo_address *address = &all[nic->address_count++];
    address->prefix = prefix;
    bool probe = number_of(&d->arp, &d->arp_far, SW_K_ARP_PROBE, 0) != 0;
    bool announce = number_of(&d->arp, &d->arp_far, SW_K_ARP_ANNOUNCE, 1) != 0;
    address->flags = (probe ? SW_ADDRESS_PROBE : 0u) | (announce ? 0u : SW_ADDRESS_SILENT);
    const struct sw_setting *allow = pick(d, SW_K_HOST_ALLOW);
    sw_build_give(b, (struct sw_given){.host = host,
                                       .nic = h->nic_count - 1,
                                       .ip = prefix.ip,
                                       .allow = allow && allow->number & 1,
                                       .where = node->where});
}

/* ---- interfaces ---- */

static void fill_nic(struct sw_build *b, const struct host_draft *d, size_t host, size_t k,
                     const struct sw_setting *address, const struct sw_setting *mac,
                     const struct sw_setting *mtu)
{
    struct sw_topo_host *h = &b->topo->hosts[host];
    struct sw_topo_nic *nic = &h->nics[h->nic_count - 1];
    if (address->ok && address->node->kind == SW_YAML_LIST) {
        for (size_t i = 0; i < address->node->count; i++) {
            add_address(b, d, host, k, address->node->items[i]);
        }
    } else if (address->ok) {
        add_address(b, d, host, k, address->node);
    }
    nic->mtu_bytes = mtu ? (uint32_t)mtu->number : 0;
    if (mac->ok && d->count > 1) {
        SW_ERROR(b->report, mac->node->where, "'mac': one address for %zu hosts", d->count);
    } else if (mac->ok) {
        nic->mac_given = true;
        nic->mac = mac->mac;
        sw_build_give(b, (struct sw_given){.host = host,
                                           .nic = h->nic_count - 1,
                                           .mac = mac->mac,
                                           .where = mac->node->where});
    }
}

static bool add_nic(struct sw_build *b, size_t host, const char *name)
{
    struct sw_topo_host *h = &b->topo->hosts[host];
    struct sw_topo_nic *nics = sw_build_room(b, h->nics, h->nic_count, sizeof *nics);
    h->nics = nics ? nics : h->nics;
    char *copy = nics ? sw_build_copy(b, name) : NULL;
    if (copy) {
        nics[h->nic_count++].name = copy;
    }
    return copy != NULL;
}

static void build_nics(struct sw_build *b, const struct host_draft *d, size_t host, size_t k)
{
    const struct sw_setting *interfaces = &d->own.of[SW_K_HOST_INTERFACES];
    const struct sw_setting *mtu = pick(d, SW_K_HOST_MTU);
    if (!interfaces->ok || interfaces->node->count == 0) {
        if (add_nic(b, host, "eth0")) {
            fill_nic(b, d, host, k, &d->own.of[SW_K_HOST_ADDRESS], &d->own.of[SW_K_HOST_MAC], mtu);
        }
        return;
    }
    for (size_t i = 0; i < interfaces->node->count; i++) {
        const struct sw_yaml_pair *pair = &interfaces->node->pairs[i];
        struct sw_settings own;
        char why[SW_WHY];
        bool named = sw_name_check(pair->key->text, "an interface's name", why);
        if (!named) {
            SW_ERROR(b->report, pair->key->where, "%s", why);
        } else if (i == SW_HOST_NICS) {
            SW_ERROR(b->report, pair->key->where, "a host has at most %d interfaces", SW_HOST_NICS);
        }
        bool read = sw_section_read(&own, &sw_section_nic, pair->value, 0, b->report);
        if (named && i < SW_HOST_NICS && add_nic(b, host, pair->key->text) && read) {
            fill_nic(b, d, host, k, &own.of[SW_K_NIC_ADDRESS], &own.of[SW_K_NIC_MAC],
                     sw_setting_pick(&own.of[SW_K_NIC_MTU], mtu));
        }
    }
}

static void refuse_both(struct sw_build *b, const struct host_draft *d)
{
    static const int alone[] = {SW_K_HOST_ADDRESS, SW_K_HOST_MAC};
    for (size_t i = 0; i < 2 && d->own.of[SW_K_HOST_INTERFACES].node; i++) {
        const struct sw_setting *set = &d->own.of[alone[i]];
        if (set->node) {
            SW_ERROR(b->report, set->node->where,
                     "'%s' beside 'interfaces'; expected it within one of them",
                     sw_section_host.keys[alone[i]].name);
        }
    }
}

/* ---- hosts ---- */

static void fill_host(struct sw_build *b, const struct host_draft *d, size_t host, size_t k)
{
    struct sw_tcp_config *tcp = &b->topo->hosts[host].tcp;
    const struct sw_settings *far = &d->tcp_far;
    const struct sw_setting *forwarding = pick(d, SW_K_HOST_FORWARDING);
    b->topo->hosts[host].forwarding = forwarding && forwarding->number != 0;
    tcp->send_buffer_bytes = (uint32_t)number_of(&d->tcp, far, SW_K_TCP_SEND_BUFFER, 0);
    tcp->receive_buffer_bytes = (uint32_t)number_of(&d->tcp, far, SW_K_TCP_RECEIVE_BUFFER, 0);
    tcp->no_buffer_tuning = number_of(&d->tcp, far, SW_K_TCP_BUFFER_TUNING, 1) == 0;
    tcp->no_timestamps = number_of(&d->tcp, far, SW_K_TCP_TIMESTAMPS, 1) == 0;
    tcp->no_window_scaling = number_of(&d->tcp, far, SW_K_TCP_WINDOW_SCALING, 1) == 0;
    tcp->congestion =
        (enum sw_tcp_congestion)(number_of(&d->tcp, far, SW_K_TCP_CONGESTION, -1) + SW_TCP_CUBIC);
    tcp->pacing_bps = (uint64_t)number_of(&d->tcp, far, SW_K_TCP_PACING, 0);
    tcp->no_sack = number_of(&d->tcp, far, SW_K_TCP_SACK, 1) == 0;
    tcp->mtu_probing = (enum sw_tcp_mtu_probing)number_of(&d->tcp, far, SW_K_TCP_MTU_PROBING, 0);
    tcp->syn_cookies = (enum sw_tcp_cookies)number_of(&d->tcp, far, SW_K_TCP_SYN_COOKIES, 0);
    tcp->ecn = (enum sw_tcp_ecn_mode)(number_of(&d->tcp, far, SW_K_TCP_ECN, -1) + SW_TCP_ECN_OFF);
    tcp->profile = (enum sw_tcp_profile)number_of(&d->tcp, far, SW_K_TCP_PROFILE, 0);
    build_nics(b, d, host, k);
    sw_build_routes(b, &b->topo->hosts[host], &d->own, &d->far);
    bool program = sw_build_program(b, &b->topo->hosts[host], &d->own, &d->far);
    const struct sw_setting *services = pick(d, SW_K_HOST_SERVICES);
    if (services && !program) {
        sw_build_services(b, host, services);
    }
}

static void build_host(struct sw_build *b, const struct host_draft *d, size_t k)
{
    struct sw_topo *topo = b->topo;
    const char *base = d->pair->key->text;
    struct sw_topo_host *all = sw_build_room(b, topo->hosts, topo->host_count, sizeof *all);
    size_t *sizes = sw_build_room(b, b->group_size, topo->host_count, sizeof *sizes);
    topo->hosts = all ? all : topo->hosts;
    b->group_size = sizes ? sizes : b->group_size;
    if (!all || !sizes) {
        return;
    }
    char *name = d->counted ? sw_build_print(b, "%s-%zu", base, k + 1) : sw_build_copy(b, base);
    if (!name) {
        return;
    }
    size_t host = topo->host_count++;
    all[host] =
        (struct sw_topo_host){.name = name, .where = sw_build_place(b, d->pair->key->where)};
    sizes[host] = d->counted && k == 0 ? d->count : 0;
    b->again = k > 0;
    sw_build_declare(b, name, d->pair->key, (struct sw_node){SW_NODE_HOST, host});
    if (sizes[host] > 0 && !sw_names_put(&b->groups, base, host)) {
        b->no_memory = true;
    }
    fill_host(b, d, host, k);
}

static void build_group(struct sw_build *b, const struct sw_yaml_pair *pair)
{
    struct host_draft d = {.pair = pair, .count = 1};
    sw_section_read(&d.own, &sw_section_host, pair->value, 0, b->report);
    if (d.own.of[SW_K_HOST_TCP].ok) {
        sw_section_read(&d.tcp, &sw_section_tcp, d.own.of[SW_K_HOST_TCP].node, 0, b->report);
    }
    if (d.own.of[SW_K_HOST_ARP].ok) {
        sw_section_read(&d.arp, &sw_section_arp, d.own.of[SW_K_HOST_ARP].node, 0, b->report);
    }
    sw_build_far(b, &d.own.of[SW_K_HOST_GROUPS], &d.far, &d.tcp_far, &d.arp_far);
    const struct sw_setting *count = &d.own.of[SW_K_HOST_COUNT];
    d.counted = count->ok;
    d.count = count->ok ? (size_t)count->number : 1;
    if (d.count > SW_NODES_MAX - b->topo->host_count) {
        SW_ERROR(b->report, pair->key->where, "more than %d hosts in all", SW_NODES_MAX);
        return;
    }
    refuse_both(b, &d);
    for (size_t k = 0; k < d.count && !b->no_memory; k++) {
        build_host(b, &d, k);
    }
}

void sw_build_give(struct sw_build *b, struct sw_given given)
{
    struct sw_given *all = sw_build_room(b, b->given, b->given_count, sizeof *all);
    if (all) {
        b->given = all;
        all[b->given_count++] = given;
    }
}

void sw_build_hosts(struct sw_build *b)
{
    sw_build_each(b, &b->top.of[SW_K_TOP_HOSTS], "a host's name", build_group);
}
