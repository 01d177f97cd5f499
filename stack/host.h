/* A virtual host: interfaces, addresses, routes, neighbours, sockets. A state machine: frames and
 * timers in, frames out. */
#ifndef SW_STACK_HOST_H
#define SW_STACK_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/drop.h"
#include "core/env.h"
#include "core/port.h"
#include "stack/sock.h"
#include "stack/tcp_watch.h"

struct sw_host;
struct sw_nic;

#define SW_MTU_DEFAULT 1500
#define SW_MTU_MIN 68      /* RFC 791 3.2 */
#define SW_MTU_MAX 65535   /* of IPv4 */
#define SW_NIC_ADDRESSES 8 /* a NIC's IPv4 addresses at most */
#define SW_HOST_NICS 64    /* besides the loopback */
#define SW_HOST_ROUTES 4096

/* When a listener answers a SYN without keeping anything of it (RFC 4987 3.6), and knows the
 * connection again by its third segment. */
enum sw_tcp_cookies {
    SW_TCP_COOKIES_ON,     /* while its backlog is full of half-open ones; as Linux does */
    SW_TCP_COOKIES_OFF,    /* never: the one that is half open longest gives way (3.4) */
    SW_TCP_COOKIES_ALWAYS, /* each */
};

/* Is the size of segments searched for (RFC 4821)? */
enum sw_tcp_mtu_probing {
    SW_TCP_MTU_PROBING_HOLES, /* after timeouts that look like a black hole */
    SW_TCP_MTU_PROBING_OFF,
    SW_TCP_MTU_PROBING_ON, /* from the begin */
};

/* Where the standards leave a choice, or recommend what Linux is known not to do. What they demand
 * is done by both. */
enum sw_tcp_profile {
    SW_TCP_PROFILE_LINUX, /* as Linux does it */
    SW_TCP_PROFILE_RFC,   /* as they recommend it */
};

/* TCP's settings of a host; a socket starts with them. Zero means the default in brackets. */
struct sw_tcp_config {
    uint32_t send_buffer_bytes;          /* [4 MiB] 4 KiB .. 1 GiB: what the buffers may grow to */
    uint32_t receive_buffer_bytes;       /* [6 MiB] 4 KiB .. 1 GiB */
    bool no_buffer_tuning;               /* they are as large from the begin */
    bool no_timestamps;                  /* do not offer RFC 7323 timestamps */
    bool no_window_scaling;              /* do not offer RFC 7323 window scaling */
    bool no_sack;                        /* do not offer RFC 2018 selective acknowledgements */
    uint32_t max_connections;            /* [65536] control blocks in all states but TIME-WAIT */
    uint32_t max_time_wait;              /* [16384] records; the oldest is recycled */
    uint32_t backlog_max;                /* [1024] upper bound of a listener's backlog */
    enum sw_tcp_congestion congestion;   /* [SW_TCP_CUBIC] */
    uint64_t pacing_bps;                 /* SW_OPT_PACING [0] */
    enum sw_tcp_cookies syn_cookies;     /* [on] */
    enum sw_tcp_ecn_mode ecn;            /* [SW_TCP_ECN_PASSIVE] */
    enum sw_tcp_mtu_probing mtu_probing; /* [SW_TCP_MTU_PROBING_HOLES] */
    enum sw_tcp_profile profile;         /* [SW_TCP_PROFILE_LINUX] */
};

struct sw_host_config {
    const char *name; /* unique in the LAN; copied. "lan/name" decides order and draws */
    bool forwarding;  /* a router (RFC 1812) */
    uint8_t ttl;      /* of what it sends; 0: 64 */
    struct sw_tcp_config tcp;
    const struct sw_tcp_watch *tcp_watch; /* of its connections, lent for its life; NULL: none */
};

struct sw_nic_config {
    const char *name; /* "eth0"; copied */
    struct sw_mac mac;
    uint32_t mtu_bytes; /* of IP packets; 0: SW_MTU_DEFAULT; SW_MTU_MIN..SW_MTU_MAX */
    /* A line to one other station that has no Ethernet: nobody is asked for addresses there, mac is
     * zero, and so are both addresses in the Ethernet headers of its frames, as on a loopback.
     * Whoever stands at the far end takes them off. That station counts as one on the host's own
     * links: between it and them no hop is counted (RFC 1812 5.3.1), and nothing that came by the
     * line goes back by it. */
    bool bare;
};

/* How an address is taken into use. */
enum {
    SW_ADDRESS_PROBE =
        1, /* the whole of RFC 5227 first; otherwise usable at once and announced once */
    SW_ADDRESS_SILENT = 2, /* not even announced */
    /* Not the host's own, but of the station behind a bare interface of it: by ARP it is announced,
     * answered for, defended and asked from here, as that station would if it had Ethernet; packets
     * are neither taken nor sent under it. Not probed. */
    SW_ADDRESS_BEHIND = 4,
};

/* Where each received frame went: received = consumed + all of dropped + held. */
struct sw_host_stats {
    uint64_t received, received_bytes, sent, sent_bytes;
    uint64_t consumed;               /* taken by a protocol or forwarded */
    uint64_t held;                   /* fragments that wait for the rest */
    uint64_t dropped[SW_DROP_COUNT]; /* of what was received, by reason */
    uint64_t unsent[SW_DROP_COUNT];  /* of what it wanted to send, by reason */
    uint64_t forwarded;
    uint64_t icmp_limited; /* ICMP errors not sent because of the rate limit */
    uint64_t arp_conflicts;
    uint64_t tcp_segments_in, tcp_segments_out, tcp_retransmits, tcp_resets_out, tcp_challenge_acks;
    uint64_t tcp_connections; /* control blocks now */
    uint64_t tcp_half_open;   /* of them, of listeners: those whose handshake is not complete */
    uint64_t tcp_half_open_evicted; /* that gave their place to others */
    uint64_t tcp_orphans;           /* connections now that nobody has a handle of any more */
    uint64_t tcp_orphans_reset;     /* that were one too many */
    uint64_t tcp_time_wait;         /* records now */
    uint64_t tcp_time_wait_recycled;
    /* SYNs answered by a cookie; those that came back; acknowledgements without a connection that
     * had none, while one might have come. */
    uint64_t tcp_cookies_sent, tcp_cookies_accepted, tcp_cookies_refused;
};

/* 0, -ENOMEM, -EINVAL (a setting out of its range). */
int sw_host_new(struct sw_host **out, const struct sw_env *env,
                const struct sw_host_config *config);
/* Ends everything at once, without a word on the wire: sockets die (no callback is called; handles
 * are invalid), timers are cancelled, frames dropped. */
void sw_host_free(struct sw_host *host);
const char *sw_host_name(const struct sw_host *host);
const struct sw_env *sw_host_env(const struct sw_host *host);
void sw_host_stats(const struct sw_host *host, struct sw_host_stats *out);
/* Does the ledger hold (received = consumed + dropped + held)? */
bool sw_host_balanced(const struct sw_host *host);

/* 0, -ENOMEM, -EINVAL, -EEXIST (name, or MAC unless bare), -ENOSPC (SW_HOST_NICS). Interfaces live
 * as long as the host. */
int sw_nic_add(struct sw_nic **out, struct sw_host *host, const struct sw_nic_config *config);
struct sw_port *sw_nic_port(struct sw_nic *nic);
const char *sw_nic_name(const struct sw_nic *nic);
struct sw_mac sw_nic_mac(const struct sw_nic *nic);
struct sw_nic *sw_host_nic(struct sw_host *host, const char *name); /* NULL: none of that name */

/* Gives an interface an address; its connected route comes with it. 0, -EINVAL (not a host's
 * address), -EEXIST, -ENOSPC, -ENOMEM. */
int sw_nic_add_address(struct sw_nic *nic, struct sw_prefix address, unsigned flags);
/* The i-th address that it was given, in use or not; family SW_IP_NONE behind the last. */
struct sw_ip sw_nic_address_at(const struct sw_nic *nic, unsigned i);
/* The first usable address, or family SW_IP_NONE. */
struct sw_ip sw_host_address(const struct sw_host *host);
/* A route: longest prefix wins, then the one added first whose gateway has not failed to answer.
 * nic may be NULL where gateway lies in a connected net; gateway may be of family SW_IP_NONE for an
 * on-link route. The default route is 0.0.0.0/0. 0, -ENETUNREACH (no way to the gateway), -EEXIST,
 * -ENOSPC, -ENOMEM. */
int sw_host_add_route(struct sw_host *host, struct sw_prefix to, struct sw_ip gateway,
                      struct sw_nic *nic);

/* ---- what may befall a host ---- */

enum sw_host_state {
    SW_HOST_RUNNING,
    SW_HOST_STOPPED, /* stands still, and keeps all it has */
    SW_HOST_DOWN,    /* crashed, and has nothing but its configuration */
};

enum sw_host_state sw_host_state(const struct sw_host *host);
/* Loses its state at once, without a word on the wire: connections, what its sockets hold,
 * neighbours, unfinished datagrams, timers. Sockets are told (SW_SOCK_ERROR) and are dead: each
 * call but sw_sock_close(), sw_sock_abort() and those that read what is known says -ENETDOWN, now
 * and after a restart; what sw_sock_reserve() or sw_sock_peek() lent is gone. Until the restart all
 * that arrives is dropped as host-down; sockets may be opened, bound and listened on, but nothing
 * can be sent. Addresses and routes are configuration and stay. Harmless when it is down. Not while
 * the host works on a batch or timer: asserted (its sockets' callbacks may). */
void sw_host_crash(struct sw_host *host);
/* Starts it anew, with new secrets; one that is not down crashes first. Its addresses are taken
 * into use as they were at first: announced, or probed for. 0, -ENOMEM: it stays down. */
int sw_host_restart(struct sw_host *host);
/* Stands still: no timer of it fires, no event is told, what arrives is dropped as host-stopped.
 * What its sockets are given to send waits for room; what cannot wait is dropped as host-stopped,
 * too. Nothing when it is not running. */
void sw_host_stop(struct sw_host *host);
/* Goes on with what it has: timers that came due fire now, in their order. Nothing when it is not
 * stopped. */
void sw_host_continue(struct sw_host *host);
/* Asked of each frame that has come for this host (its MAC, or all stations'), before it looks what
 * is in it; true: it is dropped as partition. NULL: none is. */
typedef bool sw_host_filter(void *ctx, const struct sw_frame *frame);
void sw_host_set_filter(struct sw_host *host, sw_host_filter *drops, void *ctx);
/* Would its filter, if it has one, let the frame pass? For whoever receives in the host's name. */
bool sw_host_admits(const struct sw_host *host, const struct sw_frame *frame);

/* One ARP entry, for tables and tests. */
struct sw_arp_entry {
    struct sw_ip ip;
    struct sw_mac mac;
    bool resolved;
    sw_time confirmed; /* when last confirmed */
};
/* The i-th entry in the order they were made; false behind the last. */
bool sw_host_arp_entry(const struct sw_host *host, unsigned i, struct sw_arp_entry *out);

#endif
