/* UDP and ping sockets: what the two share. Both find a socket by its local port (ping: the echo
 * identifier), keep whole datagrams in a bounded queue, and wait for room in a lane in one list. */
#ifndef SW_STACK_UDP_H
#define SW_STACK_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/dgram.h"
#include "stack/impl.h"

#define SW_DGRAM_HEADER 8                    /* UDP's and an echo's are of one size */
#define SW_DGRAM_BUFFER_DEFAULT (256U << 10) /* bytes of a receive queue */
#define SW_DGRAM_BUFFER_MIN 4096
#define SW_DGRAM_BUFFER_MAX (64U << 20)
#define SW_DGRAM_PORT_FIRST 32768 /* of chosen ports (RFC 6056 3.2) */
#define SW_DGRAM_PORTS 32768

/* A UDP or ping socket. */
struct sw_dgram_sock {
    struct sw_sock sock;        /* first: the handle */
    struct sw_dgram_sock *next; /* in its port's bucket, in the order of binding */
    uint32_t local_ip;          /* 0: any */
    uint32_t remote_ip;         /* connected: the peer; 0: none */
    uint16_t local_port, remote_port;
    bool bound, dont_fragment;
    uint8_t ttl, tos;                /* ttl 0: the host's */
    uint16_t sequence;               /* ping: of the last request sent */
    struct sw_path path;             /* to remote_ip, once looked up */
    struct sw_nic *waits;            /* for room in its lane; or NULL */
    struct sw_dgram_sock *next_room; /* in waits->udp_room */
    struct sw_dgram_queue queue;
    uint64_t in, out, bytes_in, bytes_out;
};

/* ---- dgram_table.c: who has which port ---- */

/* The protocol's first socket on a port that comes behind `after` (NULL: of all). NULL: none. */
struct sw_dgram_sock *sw_dgram_find(const struct sw_host *host, enum sw_protocol protocol,
                                    uint16_t port, const struct sw_dgram_sock *after);
/* Gives the socket its address and port, or a port by chance if it is 0. 0, -EINVAL (bound
 * already), -EADDRNOTAVAIL (the address is not ours), -EADDRINUSE (also: no port is left), -ENOMEM.
 */
int sw_dgram_bind(struct sw_sock *sock, struct sw_endpoint local);
void sw_dgram_unbind(struct sw_dgram_sock *s);

/* ---- dgram_sock.c: what UDP and ping sockets do alike ---- */

int sw_dgram_sock_new(struct sw_sock **out, struct sw_host *host, const struct sw_sock_ops *ops);
int sw_dgram_connect(struct sw_sock *sock, struct sw_endpoint remote);
int64_t sw_dgram_recv(struct sw_sock *sock, void *bytes, size_t n, struct sw_endpoint *from,
                      struct sw_endpoint *to);
void sw_dgram_close(struct sw_sock *sock, bool abort);
int sw_dgram_set(struct sw_sock *sock, enum sw_sock_option option, int64_t value);
int sw_dgram_get(const struct sw_sock *sock, enum sw_sock_option option, int64_t *value);
void sw_dgram_info(const struct sw_sock *sock, struct sw_sock_info *out);
/* An ICMP error about a datagram of the socket. */
void sw_dgram_error(struct sw_dgram_sock *s, const struct sw_icmp_error *error);
/* Puts a received datagram, the text frame[off, off + len), into its queue and tells of it; false:
 * no room. */
bool sw_dgram_take(struct sw_dgram_sock *s, const struct sw_rx *rx, size_t off, uint32_t len,
                   uint16_t from_port);

/* Where a datagram goes: to `to`, or to the connected peer if that is NULL. */
struct sw_dgram_way {
    struct sw_path path;
    uint32_t dst;
    uint16_t port;
};

/* Finds the way (from `from`, or from where the socket is bound to if that is NULL), gives the
 * socket a port if it has none, and asks whether it may send now. 0, the pending error, -ENOTCONN,
 * -EINVAL (no IPv4 address, or not from where the socket is bound to), -EADDRNOTAVAIL (not our
 * address), -EAGAIN (no room in the lane: SW_SOCK_WRITABLE follows), -ENETUNREACH, -EADDRINUSE,
 * -ENOMEM. */
int sw_dgram_way(struct sw_dgram_sock *s, const struct sw_endpoint *from,
                 const struct sw_endpoint *to, struct sw_dgram_way *way);
/* Sends a header of SW_DGRAM_HEADER bytes, whose checksum field at csum_offset holds what a PARTIAL
 * one holds, and n bytes of text. n, or a negative errno of sw_ip_output(). */
int64_t sw_dgram_send(struct sw_dgram_sock *s, const struct sw_dgram_way *way, uint8_t protocol,
                      const uint8_t *header, unsigned csum_offset, const void *bytes, size_t n);
/* The lane of nic has room again. */
void sw_dgram_room(struct sw_nic *nic);

/* ---- ping.c ---- */

/* An echo reply; and an error about an echo request of ours. */
sw_rx_verdict sw_ping_input(struct sw_host *host, const struct sw_rx *rx, uint16_t id,
                            uint16_t sequence);
void sw_ping_icmp(struct sw_host *host, const struct sw_icmp_error *error);

#endif
