/* ARP for IPv4 over Ethernet: see arp.h. */
#include "stack/wire/arp.h"

#include <string.h>

#include "core/bytes.h"

#define HARDWARE_ETHERNET 1
#define PROTOCOL_IPV4 0x0800

/* Could a station have this address? 0 is a probe's (RFC 5227 1.1). */
static bool may_send(uint32_t ip)
{
    return ip == 0 || !(ip >> 24 == 0 || sw_v4_is_loopback(ip) || sw_v4_is_multicast(ip) ||
                        sw_v4_is_class_e(ip) || ip == UINT32_MAX);
}

bool sw_arp_parse(struct sw_arp *out, const uint8_t *bytes, size_t n, enum sw_drop *why)
{
    if (n < SW_ARP_BYTES) {
        *why = SW_DROP_ARP_SHORT;
        return false;
    }
    if (sw_get16(bytes) != HARDWARE_ETHERNET || sw_get16(bytes + 2) != PROTOCOL_IPV4 ||
        bytes[4] != 6 || bytes[5] != 4) {
        *why = SW_DROP_ARP_FORMAT;
        return false;
    }
    out->op = sw_get16(bytes + 6);
    if (out->op != SW_ARP_REQUEST && out->op != SW_ARP_REPLY) {
        *why = SW_DROP_ARP_OPCODE;
        return false;
    }
    memcpy(out->sender_mac.b, bytes + 8, 6);
    out->sender_ip = sw_get32(bytes + 14);
    memcpy(out->target_mac.b, bytes + 18, 6);
    out->target_ip = sw_get32(bytes + 24);
    if (sw_mac_is_group(out->sender_mac) || sw_mac_is_zero(out->sender_mac) ||
        !may_send(out->sender_ip)) {
        *why = SW_DROP_ARP_SENDER;
        return false;
    }
    return true;
}

void sw_arp_emit(const struct sw_arp *arp, uint8_t *to)
{
    sw_put16(to, HARDWARE_ETHERNET);
    sw_put16(to + 2, PROTOCOL_IPV4);
    to[4] = 6;
    to[5] = 4;
    sw_put16(to + 6, arp->op);
    memcpy(to + 8, arp->sender_mac.b, 6);
    sw_put32(to + 14, arp->sender_ip);
    memcpy(to + 18, arp->target_mac.b, 6);
    sw_put32(to + 24, arp->target_ip);
}
