/* New addresses for old ones (see rewrite.h). What a frame cannot be read as is left alone: a
 * record may hold anything, and what is malformed is to arrive as malformed as it was. */
#include "lan/rewrite.h"

#include <stdbool.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"

#define ETH_MACS 12
#define TYPE_IPV4 0x0800
#define TYPE_ARP 0x0806
#define TAGS 2
#define ARP_BYTES 28
#define IPV4_BYTES 20
#define PROTO_TCP 6
#define PROTO_UDP 17

static void rewrite_mac(const struct sw_rewrite *rewrite, uint8_t *at)
{
    for (size_t i = 0; i < rewrite->mac_count; i++) {
        if (memcmp(at, rewrite->macs[i].from.b, 6) == 0) {
            memcpy(at, rewrite->macs[i].to.b, 6);
            return;
        }
    }
}

static uint32_t rewritten(const struct sw_rewrite *rewrite, uint32_t ip)
{
    for (size_t i = 0; i < rewrite->net_count; i++) {
        const struct sw_rewrite_net *net = &rewrite->nets[i];
        if ((ip & net->mask) == net->from) {
            return net->to | (ip & ~net->mask);
        }
    }
    return ip;
}

/* ---- ARP ---- */

/* Of IPv4 over Ethernet alone (RFC 826). */
static void rewrite_arp(const struct sw_rewrite *rewrite, uint8_t *arp, size_t n)
{
    static const uint8_t form[] = {0, 1, 8, 0, 6, 4};
    if (n < ARP_BYTES || memcmp(arp, form, sizeof form) != 0) {
        return;
    }
    for (size_t at = 8; at < ARP_BYTES; at += 10) {
        rewrite_mac(rewrite, arp + at);
        sw_put32(arp + at + 6, rewritten(rewrite, sw_get32(arp + at + 6)));
    }
}

/* ---- IPv4 ---- */

/* The transport's checksum field, which covers the addresses, or NULL: there is none in this
 * packet, or none within its n bytes. */
static uint8_t *checksum_at(uint8_t *ip, size_t n)
{
    size_t header = (size_t)(ip[0] & 15) * 4;
    bool later_fragment = (sw_get16(ip + 6) & 0x1fff) != 0;
    size_t at = header + (ip[9] == PROTO_TCP ? 16 : 6);
    if (later_fragment || (ip[9] != PROTO_TCP && ip[9] != PROTO_UDP) || at + 2 > n) {
        return NULL;
    }
    if (ip[9] == PROTO_UDP && sw_get16(ip + at) == 0) {
        return NULL; /* it was sent without one (RFC 768) */
    }
    return ip + at;
}

static void adjust(uint8_t *checksum, uint32_t old, uint32_t new)
{
    uint16_t sum = sw_get16(checksum);
    sum = sw_checksum_adjust(sum, (uint16_t)(old >> 16), (uint16_t)(new >> 16));
    sum = sw_checksum_adjust(sum, (uint16_t)old, (uint16_t) new);
    sw_put16(checksum, sum);
}

static void rewrite_ipv4(const struct sw_rewrite *rewrite, uint8_t *ip, size_t n)
{
    if (n < IPV4_BYTES || ip[0] >> 4 != 4 || (ip[0] & 15) < 5) {
        return;
    }
    uint8_t *transport = checksum_at(ip, n);
    for (size_t at = 12; at < IPV4_BYTES; at += 4) {
        uint32_t old = sw_get32(ip + at), new = rewritten(rewrite, old);
        if (new == old) {
            continue;
        }
        sw_put32(ip + at, new);
        adjust(ip + 10, old, new);
        if (transport != NULL) {
            adjust(transport, old, new);
            if (ip[9] == PROTO_UDP && sw_get16(transport) == 0) {
                sw_put16(transport, 0xffff); /* the same sum; 0 would say that there is none */
            }
        }
    }
}

void sw_rewrite_frame(const struct sw_rewrite *rewrite, uint8_t *bytes, size_t n)
{
    size_t at = ETH_MACS;
    if (n < at + 2) {
        return;
    }
    rewrite_mac(rewrite, bytes);
    rewrite_mac(rewrite, bytes + 6);
    uint16_t type = sw_get16(bytes + at);
    for (unsigned i = 0; i < TAGS && (type == 0x8100 || type == 0x88a8) && at + 6 <= n; i++) {
        at += 4;
        type = sw_get16(bytes + at);
    }
    at += 2;
    if (type == TYPE_ARP) {
        rewrite_arp(rewrite, bytes + at, n - at);
    } else if (type == TYPE_IPV4) {
        rewrite_ipv4(rewrite, bytes + at, n - at);
    }
}
