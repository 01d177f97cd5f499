/* The ping socket: echo requests out, echo replies in (RFC 792; the ICMP user of RFC 1122 3.2.2.6).
 * Its port is the identifier; sequence numbers count up from 1, one a request sent. */
#include <errno.h>

#include "core/bytes.h"
#include "stack/udp.h"
#include "stack/wire/icmp.h"
#include "stack/wire/udp.h"

static struct sw_dgram_sock *find(const struct sw_host *host, uint16_t id, uint32_t local,
                                  uint32_t remote)
{
    struct sw_dgram_sock *s = sw_dgram_find(host, SW_PING, id, NULL);
    while (s != NULL && ((s->local_ip != 0 && s->local_ip != local) ||
                         (s->remote_ip != 0 && s->remote_ip != remote))) {
        s = sw_dgram_find(host, SW_PING, id, s);
    }
    return s;
}

sw_rx_verdict sw_ping_input(struct sw_host *host, const struct sw_rx *rx, uint16_t id,
                            uint16_t sequence)
{
    struct sw_dgram_sock *s = find(host, id, rx->dst, rx->src);
    if (s == NULL) {
        return SW_DROP_ICMP_NO_USER;
    }
    if (!sw_dgram_take(s, rx, rx->l4 + SW_ICMP_BYTES, rx->l4_len - SW_ICMP_BYTES, sequence)) {
        return SW_DROP_UDP_QUEUE_FULL;
    }
    return SW_RX_CONSUMED;
}

void sw_ping_icmp(struct sw_host *host, const struct sw_icmp_error *error)
{
    if (error->quote_len < SW_ICMP_BYTES || error->quote[0] != SW_ICMP_ECHO) {
        return;
    }
    struct sw_dgram_sock *s = find(host, sw_get16(error->quote + 4), error->src, error->dst);
    if (s != NULL) {
        sw_dgram_error(s, error);
    }
}

static int64_t ping_send(struct sw_sock *sock, const void *bytes, size_t n,
                         const struct sw_endpoint *from, const struct sw_endpoint *to)
{
    struct sw_dgram_sock *s = (struct sw_dgram_sock *)sock;
    if (n > SW_UDP_MAX_BYTES) { /* an echo's header is as long as UDP's */
        return -EMSGSIZE;
    }
    struct sw_dgram_way way;
    int err = sw_dgram_way(s, from, to, &way);
    if (err < 0) {
        return err;
    }
    const struct sw_icmp echo = {
        .type = SW_ICMP_ECHO, .id = s->local_port, .sequence = (uint16_t)(s->sequence + 1)};
    uint8_t header[SW_ICMP_BYTES];
    sw_icmp_emit(&echo, header);
    int64_t sent = sw_dgram_send(s, &way, SW_PROTO_ICMP, header, SW_ICMP_CHECKSUM_OFFSET, bytes, n);
    if (sent >= 0) {
        s->sequence++;
    }
    return sent;
}

static const struct sw_sock_ops ping_ops = {.bind = sw_dgram_bind,
                                            .connect = sw_dgram_connect,
                                            .send = ping_send,
                                            .recv = sw_dgram_recv,
                                            .close = sw_dgram_close,
                                            .set = sw_dgram_set,
                                            .get = sw_dgram_get,
                                            .info = sw_dgram_info};

int sw_ping_sock_new(struct sw_sock **out, struct sw_host *host)
{
    return sw_dgram_sock_new(out, host, &ping_ops);
}
