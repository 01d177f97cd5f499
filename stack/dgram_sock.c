/* What UDP and ping sockets do alike: see udp.h. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stack/ip.h"
#include "stack/piece.h"
#include "stack/udp.h"
#include "stack/wire/udp.h"

/* Text up to so many bytes lies in the head, behind the header. */
#define TEXT_IN_HEAD (SW_HEAD_BYTES - SW_HEAD_ROOM - SW_DGRAM_HEADER)

static struct sw_dgram_sock *of(struct sw_sock *sock)
{
    return (struct sw_dgram_sock *)sock;
}

int sw_dgram_sock_new(struct sw_sock **out, struct sw_host *host, const struct sw_sock_ops *ops)
{
    struct sw_dgram_sock *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return -ENOMEM;
    }
    s->sock.ops = ops;
    s->sock.host = host;
    s->queue.limit = SW_DGRAM_BUFFER_DEFAULT;
    *out = &s->sock;
    return 0;
}

static int take_error(struct sw_sock *sock)
{
    int error = sock->error;
    sock->error = 0;
    return error;
}

/* ---- the way ---- */

int sw_dgram_connect(struct sw_sock *sock, struct sw_endpoint remote)
{
    struct sw_dgram_sock *s = of(sock);
    uint32_t ip = sw_ip_v4_number(remote.ip);
    if (sw_ip_is_broadcast(sock->host, ip)) {
        return -EINVAL;
    }
    struct sw_path path;
    int err = sw_ip_path(sock->host, s->local_ip, ip, &path);
    if (err == 0 && !s->bound) {
        err = sw_dgram_bind(sock, (struct sw_endpoint){.port = 0});
    }
    if (err < 0) {
        return err == -EADDRINUSE ? -EADDRNOTAVAIL : err;
    }
    s->path = path;
    s->remote_ip = ip;
    s->remote_port = remote.port;
    sock->remote = remote;
    sock->local.ip = sw_ip_v4(path.src);
    return 0;
}

/* Waits for room in the lane, behind those who wait already. */
static void wait_for_room(struct sw_dgram_sock *s, struct sw_nic *nic)
{
    if (s->waits == NULL) {
        struct sw_dgram_sock **link = &nic->udp_room;
        while (*link != NULL) {
            link = &(*link)->next_room;
        }
        *link = s;
        s->next_room = NULL;
        s->waits = nic;
    }
    sw_port_want_room(&nic->port);
}

static void stop_waiting(struct sw_dgram_sock *s)
{
    if (s->waits == NULL) {
        return;
    }
    struct sw_dgram_sock **link = &s->waits->udp_room;
    while (*link != s) {
        link = &(*link)->next_room;
    }
    *link = s->next_room;
    s->waits = NULL;
}

void sw_dgram_room(struct sw_nic *nic)
{
    while (nic->udp_room != NULL) {
        struct sw_dgram_sock *s = nic->udp_room;
        stop_waiting(s);
        sw_sock_notify(&s->sock, SW_SOCK_WRITABLE);
    }
}

/* The address to send from: that of the socket, or any of ours if it has none (RFC 1122 4.1.3.5).
 * 0: the way's own. */
static int choose_source(const struct sw_dgram_sock *s, const struct sw_endpoint *from,
                         uint32_t *src)
{
    *src = s->local_ip;
    if (from == NULL || from->ip.family == SW_IP_NONE) {
        return 0;
    }
    if (from->ip.family != SW_IPV4 || (from->port != 0 && from->port != s->local_port)) {
        return -EINVAL;
    }
    const uint32_t ip = sw_ip_v4_number(from->ip);
    if (s->local_ip != 0 && ip != s->local_ip) {
        return -EINVAL;
    }
    *src = ip;
    return sw_ip_is_ours(s->sock.host, ip) ? 0 : -EADDRNOTAVAIL;
}

static int find_path(struct sw_dgram_sock *s, const struct sw_endpoint *from,
                     const struct sw_endpoint *to, struct sw_dgram_way *way)
{
    struct sw_host *host = s->sock.host;
    uint32_t src;
    int err = choose_source(s, from, &src);
    if (err < 0) {
        return err;
    }
    if (to != NULL) {
        if (to->ip.family != SW_IPV4) {
            return -EINVAL;
        }
        way->dst = sw_ip_v4_number(to->ip);
        way->port = to->port;
        return sw_ip_path(host, src, way->dst, &way->path);
    }
    if (s->remote_ip == 0) {
        return -ENOTCONN;
    }
    if (!sw_ip_path_valid(host, &s->path)) {
        err = sw_ip_path(host, s->local_ip, s->remote_ip, &s->path);
        if (err < 0) {
            return err;
        }
    }
    way->dst = s->remote_ip;
    way->port = s->remote_port;
    way->path = s->path;
    return 0;
}

int sw_dgram_way(struct sw_dgram_sock *s, const struct sw_endpoint *from,
                 const struct sw_endpoint *to, struct sw_dgram_way *way)
{
    int err = take_error(&s->sock);
    if (err == 0) {
        err = find_path(s, from, to, way);
    }
    if (err == 0 && !s->bound) {
        err = sw_dgram_bind(&s->sock, (struct sw_endpoint){.port = 0});
    }
    if (err < 0) {
        return err;
    }
    if (sw_nic_room(way->path.nic) == 0) {
        wait_for_room(s, way->path.nic);
        return -EAGAIN;
    }
    return 0;
}

/* ---- out and in ---- */

static bool append_text(struct sw_frame *frame, const void *bytes, size_t n)
{
    if (n == 0) {
        return true;
    }
    if (n <= TEXT_IN_HEAD) {
        memcpy(sw_frame_append(frame, (unsigned)n), bytes, n);
        return true;
    }
    struct sw_block *block = sw_block_new(frame->pool, sw_piece_class(n));
    if (block == NULL) {
        return false;
    }
    memcpy(block->bytes, bytes, n);
    block->used = (uint32_t)n;
    sw_frame_add_slice(frame, block, 0, (uint32_t)n);
    sw_block_drop(block);
    return true;
}

int64_t sw_dgram_send(struct sw_dgram_sock *s, const struct sw_dgram_way *way, uint8_t protocol,
                      const uint8_t *header, unsigned csum_offset, const void *bytes, size_t n)
{
    struct sw_host *host = s->sock.host;
    assert(n <= SW_UDP_MAX_BYTES);
    struct sw_frame *frame = sw_frame_new(host->env.pool);
    if (frame == NULL) {
        return -ENOMEM;
    }
    memcpy(sw_frame_append(frame, SW_DGRAM_HEADER), header, SW_DGRAM_HEADER);
    if (!append_text(frame, bytes, n)) {
        sw_frame_drop(frame);
        return -ENOMEM;
    }
    frame->csum = SW_CSUM_PARTIAL;
    frame->csum_start = 0;
    frame->csum_offset = (uint16_t)csum_offset;
    const struct sw_tx tx = {.src = way->path.src,
                             .dst = way->dst,
                             .protocol = protocol,
                             .tos = s->tos,
                             .ttl = s->ttl,
                             .df = s->dont_fragment};
    int err = sw_ip_output(host, &tx, &way->path, frame);
    if (err < 0) {
        return err;
    }
    s->out++;
    s->bytes_out += n;
    return (int64_t)n;
}

/* Of what came to all: the address of the interface that it came in by (RFC 1122 3.2.1.3). */
static uint32_t specific_destination(const struct sw_rx *rx)
{
    return rx->to_broadcast ? sw_ip_address_on(rx->nic, rx->src) : rx->dst;
}

bool sw_dgram_take(struct sw_dgram_sock *s, const struct sw_rx *rx, size_t off, uint32_t len,
                   uint16_t from_port)
{
    if (!sw_dgram_push(&s->queue, rx->frame, off, len, rx->src, from_port,
                       specific_destination(rx))) {
        return false;
    }
    s->in++;
    s->bytes_in += len;
    sw_sock_notify(&s->sock, SW_SOCK_READABLE);
    return true;
}

int64_t sw_dgram_recv(struct sw_sock *sock, void *bytes, size_t n, struct sw_endpoint *from,
                      struct sw_endpoint *to)
{
    struct sw_dgram_sock *s = of(sock);
    int err = take_error(sock);
    if (err < 0) {
        return err;
    }
    const struct sw_dgram *d = sw_dgram_first(&s->queue);
    if (d == NULL) {
        return -EAGAIN;
    }
    if (from != NULL) {
        *from = (struct sw_endpoint){.ip = sw_ip_v4(d->from_ip), .port = d->from_port};
    }
    if (to != NULL) {
        *to = (struct sw_endpoint){.ip = sw_ip_v4(d->to_ip), .port = s->local_port};
    }
    uint32_t len = d->len;
    sw_dgram_pop(&s->queue, bytes, n);
    return len;
}

void sw_dgram_error(struct sw_dgram_sock *s, const struct sw_icmp_error *error)
{
    int err = sw_icmp_errno(error->type, error->code);
    if (err < 0) {
        s->sock.error = err;
        sw_sock_notify(&s->sock, SW_SOCK_ERROR);
    }
}

void sw_dgram_close(struct sw_sock *sock, bool abort)
{
    (void)abort; /* there is nothing to end in order */
    struct sw_dgram_sock *s = of(sock);
    stop_waiting(s);
    sw_dgram_unbind(s);
    sw_dgram_clear(&s->queue);
}

/* ---- options ---- */

int sw_dgram_set(struct sw_sock *sock, enum sw_sock_option option, int64_t value)
{
    struct sw_dgram_sock *s = of(sock);
    switch (option) {
    case SW_OPT_RECEIVE_BUFFER:
        if (value < SW_DGRAM_BUFFER_MIN || value > SW_DGRAM_BUFFER_MAX) {
            return -EINVAL;
        }
        s->queue.limit = (uint32_t)value;
        return 0;
    case SW_OPT_TTL:
        if (value < 1 || value > 255) {
            return -EINVAL;
        }
        s->ttl = (uint8_t)value;
        return 0;
    case SW_OPT_TOS:
        if (value < 0 || value > 255) {
            return -EINVAL;
        }
        s->tos = (uint8_t)value;
        return 0;
    case SW_OPT_DONT_FRAGMENT:
        if (value < 0 || value > 1) {
            return -EINVAL;
        }
        s->dont_fragment = value == 1;
        return 0;
    default:
        return -EINVAL;
    }
}

int sw_dgram_get(const struct sw_sock *sock, enum sw_sock_option option, int64_t *value)
{
    const struct sw_dgram_sock *s = (const struct sw_dgram_sock *)sock;
    switch (option) {
    case SW_OPT_RECEIVE_BUFFER:
        *value = s->queue.limit;
        return 0;
    case SW_OPT_TTL:
        *value = s->ttl != 0 ? s->ttl : sock->host->config.ttl;
        return 0;
    case SW_OPT_TOS:
        *value = s->tos;
        return 0;
    case SW_OPT_DONT_FRAGMENT:
        *value = s->dont_fragment;
        return 0;
    default:
        return -EINVAL;
    }
}

void sw_dgram_info(const struct sw_sock *sock, struct sw_sock_info *out)
{
    const struct sw_dgram_sock *s = (const struct sw_dgram_sock *)sock;
    *out = (struct sw_sock_info){.state = "OPEN",
                                 .segments_in = s->in,
                                 .segments_out = s->out,
                                 .bytes_received = s->bytes_in,
                                 .bytes_acked = s->bytes_out,
                                 .receive_queue_bytes = s->queue.bytes};
}
