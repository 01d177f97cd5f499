/* Forwarding (RFC 1812 5.2, 5.3.1): a router's work on a packet that is not for it. Redirects are
 * not sent (RFC 1812 5.2.7.2 lets a router go without), and record-route and timestamp options pass
 * unchanged. */
#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/ip.h"
#include "stack/piece.h"
#include "stack/route.h"
#include "stack/wire/eth.h"
#include "stack/wire/icmp.h"

/* One hop less, and the checksum with it (RFC 1624). */
static void decrement_ttl(uint8_t *header)
{
    uint16_t old = sw_get16(header + 8);
    header[8]--;
    sw_put16(header + 10, sw_checksum_adjust(sw_get16(header + 10), old, sw_get16(header + 8)));
}

sw_rx_verdict sw_ip_forward(struct sw_host *host, const struct sw_rx *rx, const struct sw_ipv4 *ip,
                            struct sw_frame *frame)
{
    const struct sw_route *route = sw_route_find(host->routes, ip->dst);
    /* What stands behind a bare interface is no hop away, and has sent us what it can reach itself.
     */
    bool hop = !rx->nic->bare && (route == NULL || !route->nic->bare);
    if (hop && ip->ttl <= 1) { /* RFC 1812 5.3.1 */
        sw_icmp_send_error(host, rx, SW_ICMP_TIME_EXCEEDED, SW_ICMP_TTL, 0);
        return SW_DROP_IP_TTL;
    }
    if (route == NULL || route->nic->loopback || (rx->nic->bare && route->nic == rx->nic)) {
        sw_icmp_send_error(host, rx, SW_ICMP_UNREACHABLE, SW_ICMP_NET, 0);
        return SW_DROP_IP_NO_ROUTE;
    }
    const struct sw_path path = {.nic = route->nic,
                                 .next_hop = route->gateway != 0 ? route->gateway : ip->dst,
                                 .mtu_bytes = route->nic->mtu_bytes};
    if (ip->total_bytes > path.mtu_bytes && ip->df) { /* RFC 1191 3, RFC 1812 5.2.7.1 */
        sw_icmp_send_error(host, rx, SW_ICMP_UNREACHABLE, SW_ICMP_FRAGMENTATION, path.mtu_bytes);
        return SW_DROP_IP_TOO_BIG;
    }
    frame = sw_frame_own(frame);
    if (frame == NULL) {
        host->stats.unsent[SW_DROP_NO_MEMORY]++;
        return SW_RX_CONSUMED;
    }
    host->stats.forwarded++;
    sw_piece_cut(frame, SW_ETH_BYTES + (uint32_t)ip->total_bytes);
    sw_piece_strip(frame, SW_ETH_BYTES);
    uint8_t *header = frame->store + frame->head_off;
    if (hop) {
        decrement_ttl(header);
    }
    if (ip->total_bytes > path.mtu_bytes) {
        struct sw_ipv4 less = *ip;
        less.ttl = header[8];
        uint8_t options[SW_IPV4_MAX_BYTES - SW_IPV4_BYTES];
        for (unsigned i = SW_IPV4_BYTES; i < ip->header_bytes; i++) {
            options[i - SW_IPV4_BYTES] = header[i];
        }
        (void)sw_ip_fragment(host, &path, &less, options, frame, ip->header_bytes);
    } else {
        (void)sw_nic_output(&path, frame);
    }
    return SW_RX_CONSUMED;
}
