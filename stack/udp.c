/* UDP (RFC 768, RFC 1122 4.1).
 *
 * A datagram for one host goes to the one socket that it fits: by port, by local address, by the
 * peer if the socket is connected. A broadcast goes to every socket that it fits (RFC 1122 3.3.6).
 * ICMP errors reach the socket that is connected to where the datagram went; others would hear of
 * what they cannot place. */
#include <errno.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/piece.h"
#include "stack/udp.h"
#include "stack/wire/icmp.h"
#include "stack/wire/udp.h"

/* ---- in ---- */

static bool fits(const struct sw_dgram_sock *s, uint32_t local, uint32_t remote,
                 uint16_t remote_port)
{
    return (s->local_ip == 0 || s->local_ip == local) &&
           (s->remote_ip == 0 || (s->remote_ip == remote && s->remote_port == remote_port));
}

/* The socket for a datagram, or NULL. No second one fits: the addresses of sockets on one port do
 * not overlap (sw_dgram_bind). */
static struct sw_dgram_sock *find(const struct sw_host *host, uint32_t local, uint16_t local_port,
                                  uint32_t remote, uint16_t remote_port)
{
    struct sw_dgram_sock *s = sw_dgram_find(host, SW_UDP, local_port, NULL);
    while (s != NULL && !fits(s, local, remote, remote_port)) {
        s = sw_dgram_find(host, SW_UDP, local_port, s);
    }
    return s;
}

static sw_rx_verdict to_everybody(struct sw_host *host, const struct sw_rx *rx,
                                  const struct sw_udp *udp)
{
    sw_rx_verdict verdict = SW_DROP_UDP_NO_SOCKET;
    for (struct sw_dgram_sock *s = sw_dgram_find(host, SW_UDP, udp->dst_port, NULL); s != NULL;
         s = sw_dgram_find(host, SW_UDP, udp->dst_port, s)) {
        if (!fits(s, rx->dst, rx->src, udp->src_port)) {
            continue;
        }
        if (sw_dgram_take(s, rx, rx->l4 + SW_UDP_BYTES, udp->len_bytes - SW_UDP_BYTES,
                          udp->src_port)) {
            verdict = SW_RX_CONSUMED;
        } else if (verdict != SW_RX_CONSUMED) {
            verdict = SW_DROP_UDP_QUEUE_FULL;
        }
    }
    return verdict;
}

/* A checksum of 0 says that there is none (RFC 768); but not in a frame of our own making, where it
 * is yet to be finished. */
static bool checksum_ok(const struct sw_rx *rx, const struct sw_udp *udp)
{
    if (rx->frame->csum != SW_CSUM_UNCHECKED || udp->checksum == 0) {
        return true;
    }
    struct sw_rx exact = *rx;
    exact.l4_len = udp->len_bytes;
    return sw_rx_checksum_ok(&exact, SW_PROTO_UDP);
}

sw_rx_verdict sw_udp_input(struct sw_host *host, const struct sw_rx *rx)
{
    struct sw_udp udp;
    enum sw_drop why;
    if (!sw_udp_parse(&udp, sw_frame_head(rx->frame) + rx->l4, sw_piece_have(rx->frame, rx->l4),
                      rx->l4_len, &why)) {
        return (int)why;
    }
    if (!checksum_ok(rx, &udp)) {
        return SW_DROP_UDP_CHECKSUM;
    }
    if (rx->to_broadcast) {
        return to_everybody(host, rx, &udp);
    }
    struct sw_dgram_sock *s = find(host, rx->dst, udp.dst_port, rx->src, udp.src_port);
    if (s == NULL) { /* RFC 1122 4.1.3.1 */
        sw_icmp_send_error(host, rx, SW_ICMP_UNREACHABLE, SW_ICMP_PORT, 0);
        return SW_DROP_UDP_NO_SOCKET;
    }
    if (!sw_dgram_take(s, rx, rx->l4 + SW_UDP_BYTES, udp.len_bytes - SW_UDP_BYTES, udp.src_port)) {
        return SW_DROP_UDP_QUEUE_FULL;
    }
    return SW_RX_CONSUMED;
}

void sw_udp_icmp(struct sw_host *host, const struct sw_icmp_error *error)
{
    if (error->quote_len < 4) {
        return;
    }
    uint16_t local_port = sw_get16(error->quote), remote_port = sw_get16(error->quote + 2);
    struct sw_dgram_sock *s = find(host, error->src, local_port, error->dst, remote_port);
    if (s != NULL && s->remote_ip != 0) {
        sw_dgram_error(s, error);
    }
}

/* ---- the socket ---- */

static int64_t udp_send(struct sw_sock *sock, const void *bytes, size_t n,
                        const struct sw_endpoint *from, const struct sw_endpoint *to)
{
    struct sw_dgram_sock *s = (struct sw_dgram_sock *)sock;
    if (n > SW_UDP_MAX_BYTES) {
        return -EMSGSIZE;
    }
    if (to != NULL && to->port == 0) {
        return -EINVAL;
    }
    struct sw_dgram_way way;
    int err = sw_dgram_way(s, from, to, &way);
    if (err < 0) {
        return err;
    }
    uint16_t len = (uint16_t)(SW_UDP_BYTES + n);
    uint64_t pseudo = sw_sum_pseudo_v4(way.path.src, way.dst, SW_PROTO_UDP, len);
    const struct sw_udp udp = {.src_port = s->local_port,
                               .dst_port = way.port,
                               .len_bytes = len,
                               .checksum = sw_sum_fold(pseudo)};
    uint8_t header[SW_UDP_BYTES];
    sw_udp_emit(&udp, header);
    return sw_dgram_send(s, &way, SW_PROTO_UDP, header, SW_UDP_CHECKSUM_OFFSET, bytes, n);
}

static int udp_connect(struct sw_sock *sock, struct sw_endpoint remote)
{
    return remote.port == 0 ? -EINVAL : sw_dgram_connect(sock, remote);
}

static const struct sw_sock_ops udp_ops = {.bind = sw_dgram_bind,
                                           .connect = udp_connect,
                                           .send = udp_send,
                                           .recv = sw_dgram_recv,
                                           .close = sw_dgram_close,
                                           .set = sw_dgram_set,
                                           .get = sw_dgram_get,
                                           .info = sw_dgram_info};

int sw_udp_sock_new(struct sw_sock **out, struct sw_host *host)
{
    return sw_dgram_sock_new(out, host, &udp_ops);
}
