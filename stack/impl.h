/* What the files of stack/ share among themselves and nobody else includes: the host's inside, a
 * received packet on its way up, a packet on its way down, and what every socket has. */
#ifndef SW_STACK_IMPL_H
#define SW_STACK_IMPL_H

#include "core/addr.h"
#include "core/clock.h"
#include "core/env.h"
#include "core/port.h"
#include "core/siphash.h"
#include "stack/host.h"
#include "stack/sock.h"

#define SW_PROTO_ICMP 1
#define SW_PROTO_TCP 6
#define SW_PROTO_UDP 17
#define SW_IP_IDS 8

struct sw_acd;
struct sw_loopback;
struct sw_neigh_table;
struct sw_dgram_sock;
struct sw_reass;
struct sw_route_table;
struct sw_tcp;       /* a TCP connection or listener: tcp.h */
struct sw_tcp_table; /* connections, listeners, TIME-WAIT records: tcp_table.c */
struct sw_udp_table; /* UDP and ping sockets: udp.c, icmp.c */

enum sw_address_state {
    SW_ADDR_TENTATIVE, /* being probed (RFC 5227 2.1): neither sent from nor answered for */
    SW_ADDR_USABLE,    /* ours: sent from, answered for, defended */
    SW_ADDR_BEHIND,    /* another's behind a bare interface: answered for and defended alone */
};

#define SW_NEVER_DEFENDED (-SW_TIME_NEVER / 2)

struct sw_nic_address {
    struct sw_prefix prefix;
    uint32_t ip;        /* the same as a number */
    uint32_t mask;      /* of the prefix */
    uint32_t broadcast; /* directed broadcast of its net; 0: it has none (RFC 3021, /32) */
    uint8_t state;      /* enum sw_address_state */
    uint8_t flags;      /* SW_ADDRESS_*, as it was given */
    sw_time defended;   /* last defence, or SW_NEVER_DEFENDED */
    sw_time told;       /* when a conflict was told of last; the same */
    struct sw_acd *acd; /* arp.c: there while it is probed or announced */
};

struct sw_nic {
    struct sw_host *host;
    struct sw_port port;
    char *name, *full_name; /* "eth0", "web:eth0" */
    struct sw_mac mac;
    uint32_t mtu_bytes;
    bool loopback;
    bool bare;
    struct sw_nic_address *address; /* address_count of them, at most SW_NIC_ADDRESSES */
    unsigned address_count;
    struct sw_tcp *room_first,
        *room_last;                 /* connections that wait for room in the lane, served in turn */
    struct sw_dgram_sock *udp_room; /* UDP and ping sockets that do */
};

struct sw_host {
    struct sw_env env;
    struct sw_owner owner; /* of all its timers */
    char *name;
    struct sw_host_config config;
    struct sw_host_stats stats;
    struct sw_nic **nic; /* nic[0] is the loopback, 127.0.0.1/8 */
    unsigned nic_count;
    struct sw_neigh_table *neigh;
    struct sw_route_table *routes;
    struct sw_reass *reass; /* made on the first fragment */
    struct sw_tcp_table *tcp;
    struct sw_udp_table *udp;
    struct sw_hash_key hash_key; /* of its tables, from the secrets */
    struct sw_draws draw_port, draw_ip_id;
    struct sw_sock *socks;                    /* all handles, so that the host's end can end them */
    struct sw_sock *event_first, *event_last; /* sockets with events to tell */
    struct sw_timer event_timer;              /* tells events that arose outside a batch */
    struct sw_sock *telling;                  /* whose callback is running */
    const struct sw_far_ops *far_ops;         /* its sockets are another's; NULL: its own */
    void *far_ctx;
    bool inside;           /* a batch or a timer is being worked on: events are told at its end */
    uint8_t state;         /* enum sw_host_state */
    uint32_t incarnation;  /* how often it crashed */
    sw_host_filter *drops; /* or NULL */
    void *drops_ctx;
    struct sw_loopback *loopback; /* frames on their way to the host itself; made on the first */
    uint16_t ip_id[SW_IP_IDS];    /* counters of ip_output.c */
    uint32_t icmp_spent;          /* tokens of the bucket of ICMP errors */
    sw_time icmp_refill;
};

/* A received IPv4 packet on its way up: frame is lent to the protocol, which takes references to
 * what must outlive the call. All numbers in host order. */
struct sw_rx {
    struct sw_nic *nic;
    const struct sw_frame *frame;
    uint32_t src, dst;
    uint8_t protocol, ttl, tos;
    bool link_broadcast; /* came as a link-layer broadcast or multicast */
    bool to_broadcast;   /* dst is a broadcast or multicast address */
    uint16_t l3;         /* where the IP header begins in the frame */
    uint16_t l4;         /* where the transport header begins in the frame */
    uint32_t
        l4_len; /* transport header and text: from the IP total length, never beyond the frame */
};

/* What became of a received packet: SW_RX_CONSUMED, or an enum sw_drop. The caller counts it, once
 * a frame. */
typedef int sw_rx_verdict;
#define SW_RX_CONSUMED (-1)
#define SW_RX_HELD (-2)

/* A packet on its way down. */
struct sw_tx {
    uint32_t src; /* 0: the route's */
    uint32_t dst;
    uint8_t protocol, tos, ttl; /* ttl 0: the host's */
    bool df;
};

/* The way to a destination, found once and kept by a connection; check `generation` before use. */
struct sw_path {
    struct sw_nic *nic;
    uint32_t next_hop; /* dst itself or the gateway */
    uint32_t src;      /* the address to send from */
    uint32_t mtu_bytes;
    uint32_t generation; /* of the route table when it was found */
    bool broadcast;      /* dst is a broadcast address of nic or limited broadcast */
};

/* ip_output.c. Finds the way to dst (own addresses go by the loopback). src 0: the best of ours. 0,
 * -ENETUNREACH. */
int sw_ip_path(struct sw_host *host, uint32_t src, uint32_t dst, struct sw_path *out);
/* The address to speak from on an interface: one in whose net `towards` lies, else the first. 0:
 * none is usable. */
uint32_t sw_ip_address_on(const struct sw_nic *nic, uint32_t towards);
bool sw_ip_path_valid(const struct sw_host *host, const struct sw_path *path);
/* Sends a frame whose head begins with the transport header (headroom before it) and whose checksum
 * is PARTIAL or CHECKED; IPv4 and Ethernet headers are put before it, and it goes out, or waits for
 * ARP, or is fragmented (unless df). The frame is given. path may be NULL: it is looked up. 0,
 * -ENETUNREACH, -EMSGSIZE (df; *mtu of the path is in path), -ENOMEM, -EHOSTUNREACH. */
int sw_ip_output(struct sw_host *host, const struct sw_tx *tx, const struct sw_path *path,
                 struct sw_frame *frame);
/* Is ip one of the host's own usable addresses (loopback included)? */
bool sw_ip_is_ours(const struct sw_host *host, uint32_t ip);
/* Broadcast or multicast: 255.255.255.255, 224/4, or the directed broadcast of one of the host's
 * nets (RFC 1122 3.2.1.3). */
bool sw_ip_is_broadcast(const struct sw_host *host, uint32_t ip);

/* An ICMP error that quotes a packet of ours, on its way to the transport (RFC 1122 3.2.2.1). */
struct sw_icmp_error {
    uint8_t type, code;
    uint32_t mtu_bytes; /* of type 3 code 4 (RFC 1191), 0 where the router did not say */
    uint32_t from;      /* who sent it */
    uint32_t src, dst;  /* of the quoted packet: ours, and where it went */
    uint8_t protocol;
    const uint8_t *quote; /* the first 8 bytes or more of its transport header */
    size_t quote_len;
};
/* icmp.c: sends an error about rx (not about errors, broadcasts, later fragments: RFC 1122 3.2.2),
 * rate-limited. */
void sw_icmp_send_error(struct sw_host *host, const struct sw_rx *rx, uint8_t type, uint8_t code,
                        uint32_t mtu_bytes);
/* The errno of an ICMP error as a socket sees it: -ECONNREFUSED, -EHOSTUNREACH, -ENETUNREACH,
 * -EMSGSIZE, -EPROTO; 0 for none. */
int sw_icmp_errno(uint8_t type, uint8_t code);

/* tcp_input.c, udp.c, icmp.c: a packet for this host. The checksum is the protocol's to verify
 * (frame->csum). */
sw_rx_verdict sw_tcp_input(struct sw_host *host, const struct sw_rx *rx);
sw_rx_verdict sw_udp_input(struct sw_host *host, const struct sw_rx *rx);
sw_rx_verdict sw_icmp_input(struct sw_host *host, const struct sw_rx *rx);
void sw_tcp_icmp(struct sw_host *host, const struct sw_icmp_error *error);
void sw_udp_icmp(struct sw_host *host, const struct sw_icmp_error *error);
/* Is the transport checksum right? Trusts PARTIAL and CHECKED frames. proto is the pseudo-header's;
 * 0: no pseudo-header (ICMP). */
bool sw_rx_checksum_ok(const struct sw_rx *rx, uint8_t proto);

/* tcp_table.c. Made with the host (cheap: tables grow on first use); free aborts silently and
 * cancels every timer. It is called while host->socks still holds every handle, and releases what
 * lies behind those of TCP too (ops->close is not called then); sock.c frees the handles' own
 * memory afterwards. */
int sw_tcp_table_new(struct sw_tcp_table **out, struct sw_host *host);
void sw_tcp_table_free(struct sw_tcp_table *table);
/* tcp_output.c: the lane of nic has room again: the waiting sockets go on, in turn. */
void sw_tcp_room(struct sw_nic *nic);
/* A batch's end: acknowledgements that were put off until the batch was worked through (RFC
 * 9293 3.10.7.4: MUST-58, MUST-59). */
void sw_tcp_batch_end(struct sw_host *host);

int sw_udp_table_new(struct sw_udp_table **out, struct sw_host *host);
void sw_udp_table_free(struct sw_udp_table *table);

#define SW_SEND_URGENT 0x100u /* besides SW_SEND_*, for send_with */

/* What a protocol does for the calls of stack/sock.h; sock.c checks the arguments' form and
 * dispatches. */
struct sw_sock_ops {
    int (*bind)(struct sw_sock *sock, struct sw_endpoint local);
    int (*listen)(struct sw_sock *sock,
                  unsigned backlog); /* NULL where there is no such thing: -EINVAL */
    int (*accept)(struct sw_sock **out, struct sw_sock *listener);
    int (*connect)(struct sw_sock *sock, struct sw_endpoint remote);
    int64_t (*send)(struct sw_sock *sock, const void *bytes, size_t n,
                    const struct sw_endpoint *from,
                    const struct sw_endpoint *to); /* NULL: as bound, as connected */
    int64_t (*recv)(struct sw_sock *sock, void *bytes, size_t n, struct sw_endpoint *from,
                    struct sw_endpoint *to); /* either may be NULL */
    int64_t (*send_with)(struct sw_sock *sock, const void *bytes, size_t n, unsigned how);
    int (*recv_urgent)(struct sw_sock *sock, uint8_t *byte,
                       bool keep); /* NULL: -EINVAL, as above */
    int (*reserve)(struct sw_sock *sock, void **at, size_t *n);
    int64_t (*commit)(struct sw_sock *sock, size_t n);
    int (*peek)(struct sw_sock *sock, const void **at, size_t *n);
    int64_t (*consume)(struct sw_sock *sock, size_t n);
    int (*shutdown)(struct sw_sock *sock);
    void (*close)(
        struct sw_sock *sock,
        bool abort); /* frees or orphans what is behind the handle; sock.c frees the handle */
    int (*set)(struct sw_sock *sock, enum sw_sock_option option, int64_t value);
    int (*get)(const struct sw_sock *sock, enum sw_sock_option option, int64_t *value);
    void (*info)(const struct sw_sock *sock, struct sw_sock_info *out);
};

/* The head of every socket; a protocol's socket has it as its first member. */
struct sw_sock {
    const struct sw_sock_ops *ops;
    struct sw_host *host;
    enum sw_protocol protocol;
    struct sw_endpoint local, remote;
    sw_sock_fn *cb;
    void *user;
    int error;       /* pending, a negative errno */
    uint32_t events; /* to be told, bits of enum sw_sock_event */
    bool queued;     /* in the host's event list */
    bool closing;    /* its handle is gone; freed when no call is on the stack */
    struct sw_sock *next_event;
    struct sw_sock *prev, *next; /* in host->socks */
};

/* tcp_user.c, udp.c, icmp.c: a protocol's new socket, not yet in the host's list. 0, -ENOMEM. */
int sw_tcp_sock_new(struct sw_sock **out, struct sw_host *host);
int sw_udp_sock_new(struct sw_sock **out, struct sw_host *host);
int sw_ping_sock_new(struct sw_sock **out, struct sw_host *host);

/* far.c: the same of a host whose sockets are another's; and the end of what is behind all of them,
 * whose handles stay. */
int sw_far_sock_new(struct sw_sock **out, struct sw_host *host, enum sw_protocol protocol);
void sw_far_close_all(struct sw_host *host);

/* host.c: how many bytes may go out of the interface now (core/port.h); a host that stands still
 * sends none. */
size_t sw_nic_room(const struct sw_nic *nic);
/* host.c: keys and streams of this incarnation. */
void sw_host_draw_secrets(struct sw_host *host);

/* tcp_table.c, dgram_table.c: everything ends, silently; the table is as new. As with free, handles
 * are left to the caller. */
void sw_tcp_table_reset(struct sw_tcp_table *table);
void sw_udp_table_reset(struct sw_udp_table *table);

/* sock.c: what is behind every handle of the host is gone. */
void sw_sock_kill_all(struct sw_host *host);

/* sock.c. The timer that tells events, for sw_host_new() and sw_host_free(); fini frees all
 * handles, whose insides must be gone. 0, -ENOMEM. */
int sw_sock_events_init(struct sw_host *host);
void sw_sock_events_fini(struct sw_host *host);
void sw_sock_attach(
    struct sw_sock *sock); /* into host->socks: for a connection that a listener made */
void sw_sock_notify(struct sw_sock *sock, enum sw_sock_event event);
/* Brackets around a batch or a timer of a host: leave tells the events that arose in between. Not
 * nested. */
void sw_host_enter(struct sw_host *host);
void sw_host_leave(struct sw_host *host);

/* Counts and drops a received frame that went no further. */
void sw_host_drop(struct sw_host *host, const struct sw_frame *frame, enum sw_drop reason);
/* The same for one that it wanted to send; the frame is given. */
void sw_host_unsent(struct sw_host *host, struct sw_frame *frame, enum sw_drop reason);

#endif
