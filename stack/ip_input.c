/* IPv4 input (RFC 791, RFC 1122 3.2.1, RFC 1812 4.2.2): from the Ethernet header to the transport.
 *
 * A plain packet for this host goes down one straight line: header, destination, source, transport.
 * What is rare (options, fragments, other destinations) turns off it. Addresses are those of the
 * host, on whatever interface a packet arrives (RFC 1122 3.3.4.2, the weak model, as a router needs
 * it and most hosts do it); but loopback addresses never come from a wire. */
#include "stack/ip.h"

#include <assert.h>

#include "stack/piece.h"
#include "stack/reass.h"
#include "stack/wire/eth.h"
#include "stack/wire/icmp.h"

/* ---- whose address ---- */

static bool usable_on(const struct sw_nic *nic, uint32_t ip)
{
    const struct sw_nic_address *address = sw_nic_find_address(nic, ip);
    return address != NULL && address->state == SW_ADDR_USABLE;
}

bool sw_ip_is_ours(const struct sw_host *host, uint32_t ip)
{
    if (sw_v4_is_loopback(ip)) {
        return true;
    }
    for (unsigned i = 1; i < host->nic_count; i++) {
        if (usable_on(host->nic[i], ip)) {
            return true;
        }
    }
    return false;
}

/* Is ip the directed broadcast of a net of the interface? */
static bool broadcast_on(const struct sw_nic *nic, uint32_t ip)
{
    for (unsigned i = 0; i < nic->address_count; i++) {
        if (nic->address[i].broadcast == ip && ip != 0) {
            return true;
        }
    }
    return false;
}

bool sw_ip_is_broadcast(const struct sw_host *host, uint32_t ip)
{
    if (ip == UINT32_MAX || sw_v4_is_multicast(ip)) {
        return true;
    }
    for (unsigned i = 1; i < host->nic_count; i++) {
        if (broadcast_on(host->nic[i], ip)) {
            return true;
        }
    }
    return false;
}

/* RFC 1122 3.2.1.3: a source that a packet may have. One of our own addresses, or a loopback one,
 * has not come from a wire honestly. */
static bool source_ok(const struct sw_nic *nic, uint32_t src)
{
    if (nic->loopback) {
        return sw_ip_is_ours(nic->host, src);
    }
    uint32_t top = src >> 24;
    return top != 0 && top < 224 && !broadcast_on(nic, src) && !sw_ip_is_ours(nic->host, src);
}

enum whose { OURS, EVERYBODYS, ANOTHERS, NOBODYS };

/* RFC 1122 3.2.1.3, RFC 1812 4.2.2.11 */
static enum whose whose_is(const struct sw_nic *nic, uint32_t dst)
{
    if (usable_on(nic, dst)) {
        return OURS;
    }
    uint32_t top = dst >> 24;
    if (dst == UINT32_MAX || broadcast_on(nic, dst)) {
        return EVERYBODYS;
    }
    if (top == 127) {
        return nic->loopback ? OURS : NOBODYS;
    }
    if (top == 0 || sw_v4_is_class_e(dst)) {
        return NOBODYS;
    }
    return sw_ip_is_ours(nic->host, dst) ? OURS : ANOTHERS;
}

/* ---- up ---- */

/* A whole packet for this host, to its protocol. */
static sw_rx_verdict deliver(struct sw_host *host, const struct sw_rx *rx)
{
    switch (rx->protocol) {
    case SW_PROTO_TCP:
        return sw_tcp_input(host, rx);
    case SW_PROTO_UDP:
        return sw_udp_input(host, rx);
    case SW_PROTO_ICMP:
        return sw_icmp_input(host, rx);
    default: /* RFC 1122 3.2.2.1 */
        sw_icmp_send_error(host, rx, SW_ICMP_UNREACHABLE, SW_ICMP_PROTOCOL, 0);
        return SW_DROP_IP_PROTOCOL;
    }
}

/* A fragment: it waits, or completes a datagram, all of whose frames then have the one verdict. */
static sw_rx_verdict fragment(struct sw_host *host, const struct sw_rx *rx,
                              const struct sw_ipv4 *ip)
{
    struct sw_reassembled whole;
    sw_rx_verdict verdict = sw_reass_input(host, rx, ip, &whole);
    if (verdict != SW_RX_CONSUMED) {
        return verdict;
    }
    struct sw_rx all = *rx;
    all.frame = whole.frame;
    all.l3 = SW_ETH_BYTES;
    const uint8_t *header = sw_frame_head(whole.frame) + SW_ETH_BYTES;
    all.tos = header[1];
    all.l4 = (uint16_t)(SW_ETH_BYTES + (header[0] & 15) * 4);
    all.l4_len = whole.frame->len - all.l4;
    verdict = deliver(host, &all);
    if (verdict == SW_RX_CONSUMED) {
        host->stats.consumed += whole.fragments - 1;
    } else {
        host->stats.dropped[verdict] += whole.fragments - 1;
    }
    sw_frame_drop(whole.frame);
    return verdict;
}

static sw_rx_verdict for_us(struct sw_host *host, const struct sw_rx *rx, const struct sw_ipv4 *ip)
{
    if (ip->more || ip->offset_bytes != 0) {
        return fragment(host, rx, ip);
    }
    return deliver(host, rx);
}

/* What is not for us: sent on, by a router, unless it came to everybody (RFC 1122 3.1, RFC
 * 1812 5.2.7). */
static sw_rx_verdict not_for_us(struct sw_host *host, const struct sw_rx *rx,
                                const struct sw_ipv4 *ip, struct sw_frame *frame)
{
    if (!host->config.forwarding || sw_ip_is_broadcast(host, ip->dst) || rx->nic->loopback) {
        return SW_DROP_IP_NOT_FOR_US;
    }
    return sw_ip_forward(host, rx, ip, frame);
}

void sw_ip_input(struct sw_nic *nic, struct sw_frame *frame, bool link_broadcast)
{
    struct sw_host *host = nic->host;
    struct sw_ipv4 ip;
    enum sw_drop why;
    sw_rx_verdict verdict;
    const uint8_t *bytes = sw_frame_head(frame) + SW_ETH_BYTES;
    if (!sw_ipv4_parse(&ip, bytes, sw_piece_have(frame, SW_ETH_BYTES), frame->len - SW_ETH_BYTES,
                       &why)) {
        verdict = (int)why;
        goto done;
    }
    if (ip.header_bytes > SW_IPV4_BYTES &&
        !sw_ipv4_options_ok(bytes + SW_IPV4_BYTES, ip.header_bytes - SW_IPV4_BYTES, &why)) {
        verdict = (int)why;
        goto done;
    }
    enum whose whose = whose_is(nic, ip.dst);
    /* RFC 1122 3.3.6: what came to all stations must be meant for all. */
    if (whose == NOBODYS ||
        (link_broadcast && whose != EVERYBODYS && !sw_v4_is_multicast(ip.dst))) {
        verdict = SW_DROP_IP_DESTINATION;
        goto done;
    }
    if (!source_ok(nic, ip.src)) {
        verdict = SW_DROP_IP_SOURCE;
        goto done;
    }
    const struct sw_rx rx = {.nic = nic,
                             .frame = frame,
                             .src = ip.src,
                             .dst = ip.dst,
                             .protocol = ip.protocol,
                             .ttl = ip.ttl,
                             .tos = ip.tos,
                             .link_broadcast = link_broadcast,
                             .to_broadcast = whose == EVERYBODYS,
                             .l3 = SW_ETH_BYTES,
                             .l4 = (uint16_t)(SW_ETH_BYTES + ip.header_bytes),
                             .l4_len = (uint32_t)(ip.total_bytes - ip.header_bytes)};
    if (whose == ANOTHERS) {
        verdict = not_for_us(host, &rx, &ip, frame);
        if (verdict == SW_RX_CONSUMED) {
            host->stats.consumed++;
            return; /* the frame is on its way */
        }
    } else {
        verdict = for_us(host, &rx, &ip);
    }
done:
    if (verdict == SW_RX_CONSUMED) {
        host->stats.consumed++;
    } else if (verdict == SW_RX_HELD) {
        host->stats.held++;
    } else {
        sw_host_drop(host, frame, (enum sw_drop)verdict);
    }
    sw_frame_drop(frame);
}
