/* Partitions (see partition.h). Whose an address is stands in a sorted table, so a frame costs two
 * binary searches at most. An address that hosts of several groups have counts as that of the group
 * that looks. */
#include "lan/partition.h"

#include <errno.h>
#include <stdlib.h>

#include "core/bytes.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "stack/wire/ipv4.h"

#define MAC_KEY ((uint64_t)1 << 63) /* tells a MAC from an IPv4 address */
#define IP_SOURCE_AT (SW_ETH_BYTES + 12)
#define ARP_MAC_AT (SW_ETH_BYTES + 8)
#define ARP_IP_AT (SW_ETH_BYTES + 14)

struct whose {
    uint64_t key;
    uint32_t group;
};

struct member {
    const struct sw_partition *partition;
    struct sw_host *host;
    uint32_t group;
};

struct sw_partition {
    struct whose *whose; /* sorted by key */
    size_t whose_count;
    struct member *member;
    size_t member_count;
};

static uint64_t mac_key(const uint8_t *bytes)
{
    return MAC_KEY | (uint64_t)sw_get16(bytes) << 32 | sw_get32(bytes + 2);
}

/* ---- who may hear whom ---- */

/* Does the address belong to other groups alone? */
static bool foreign(const struct sw_partition *p, uint64_t key, uint32_t group)
{
    size_t low = 0, high = p->whose_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (p->whose[middle].key < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool others = false;
    for (; low < p->whose_count && p->whose[low].key == key; low++) {
        if (p->whose[low].group == group) {
            return false;
        }
        others = true;
    }
    return others;
}

static bool drops(void *ctx, const struct sw_frame *frame)
{
    const struct member *member = ctx;
    if (frame->head_len < SW_ETH_BYTES) {
        return false; /* it comes from nobody; a program's interface gets such, too */
    }
    const uint8_t *head = sw_frame_head(frame);
    const uint16_t type = sw_get16(head + 12);
    const uint8_t *mac = head + 6;
    uint32_t ip = 0;
    if (type == SW_ETH_IPV4 && frame->head_len >= SW_ETH_BYTES + SW_IPV4_BYTES) {
        ip = sw_get32(head + IP_SOURCE_AT);
    } else if (type == SW_ETH_ARP && frame->head_len >= SW_ETH_BYTES + SW_ARP_BYTES) {
        ip = sw_get32(head + ARP_IP_AT);
        mac = head + ARP_MAC_AT;
    }
    return foreign(member->partition, ip != 0 ? ip : mac_key(mac), member->group);
}

/* ---- its life ---- */

static int by_key(const void *a, const void *b)
{
    const struct whose *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

/* All addresses of a host: at most 1 + SW_NIC_ADDRESSES an interface. */
static void add_host(struct sw_partition *p, const struct sw_fabric_host *host, uint32_t group)
{
    for (uint32_t i = 0; i < host->nics.count; i++) {
        const struct sw_nic *nic = host->nics.item[i];
        const struct sw_mac mac = sw_nic_mac(nic);
        p->whose[p->whose_count++] = (struct whose){mac_key(mac.b), group};
        struct sw_ip ip;
        for (unsigned k = 0; (ip = sw_nic_address_at(nic, k)).family != SW_IP_NONE; k++) {
            p->whose[p->whose_count++] = (struct whose){sw_ip_v4_number(ip), group};
        }
    }
    p->member[p->member_count++] =
        (struct member){.partition = p, .host = host->host, .group = group};
}

int sw_partition_new(struct sw_partition **out, struct sw_fabric *fabric, const uint32_t *group,
                     size_t count)
{
    size_t hosts = 0, nics = 0;
    for (size_t i = 0; i < count && i < fabric->hosts.count; i++) {
        hosts += group[i] != 0;
        nics += group[i] != 0 ? sw_fabric_host_at(fabric, i)->nics.count : 0;
    }
    struct sw_partition *p = calloc(1, sizeof *p);
    if (p != NULL) {
        p->member = calloc(hosts + 1, sizeof *p->member);
        p->whose = calloc(nics * (1 + SW_NIC_ADDRESSES) + 1, sizeof *p->whose);
    }
    if (p == NULL || p->member == NULL || p->whose == NULL) {
        sw_partition_free(p);
        return -ENOMEM;
    }
    for (size_t i = 0; i < count && i < fabric->hosts.count; i++) {
        if (group[i] != 0) {
            add_host(p, sw_fabric_host_at(fabric, i), group[i]);
        }
    }
    qsort(p->whose, p->whose_count, sizeof *p->whose, by_key);
    *out = p;
    return 0;
}

void sw_partition_begin(struct sw_partition *partition)
{
    for (size_t i = 0; i < partition->member_count; i++) {
        struct member *member = &partition->member[i];
        sw_host_set_filter(member->host, drops, member);
    }
}

void sw_partition_free(struct sw_partition *partition)
{
    if (partition == NULL) {
        return;
    }
    for (size_t i = 0; i < partition->member_count; i++) {
        sw_host_set_filter(partition->member[i].host, NULL, NULL);
    }
    free(partition->member);
    free(partition->whose);
    free(partition);
}
