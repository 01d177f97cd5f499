/* The other end of a host's cable for fuzz_host: hears what the host says, checks it, and knows
 * enough of each conversation to say something near it. */
#ifndef SW_TESTS_FUZZ_PEER_H
#define SW_TESTS_FUZZ_PEER_H

#include "core/link.h"
#include "stack/host.h"
#include "stack/wire/ipv4.h"
#include "tests/fuzz/fuzz.h"

#define FUZZ_HOST_IP 0x0a000001u /* 10.0.0.1 */
#define FUZZ_PEER_IP 0x0a000002u
#define FUZZ_FAR_IP 0x0a000101u /* 10.0.1.1, of the host's second interface */
#define FUZZ_FLOWS 12           /* the first half begin at the peer, the second at the host */
#define FUZZ_PORT 80            /* where the host listens */
#define FUZZ_PEER_PORT 4000     /* of the first flow; the next counts up */

/* A TCP conversation as the peer sees it. */
struct fuzz_flow {
    uint16_t host_port, peer_port;
    uint32_t isn, nxt, most;      /* of the peer: what it says next; behind all it has ever said */
    uint32_t host_iss, host_nxt;  /* behind the last the host has said */
    uint32_t other_iss[3];        /* of SYN,ACKs before: an answer to a cookie counts, too */
    uint32_t host_ack, host_edge; /* what the host acknowledged last, and its window's end */
    uint32_t edge;                /* the furthest to which the host was ever allowed */
    uint32_t ts;                  /* the host's last timestamp */
    uint8_t scale;                /* the largest the peer has offered */
    bool host_known;              /* host_iss is known */
    bool edge_known;
    bool earlier; /* host_iss is not that of the last SYN,ACK, and how far it may go is not known */
    bool sure;    /* every SYN of the peer was at isn, so its stream begins there */
};

struct fuzz_peer {
    struct fuzz_world *world;
    struct sw_port port;
    struct sw_link link;
    struct sw_mac mac, host_mac;
    uint32_t host_mtu;
    uint32_t ip, host_ip; /* its first address of eight, and the host's on this cable */
    bool answers_arp;
    bool wild;    /* something was said that flows know nothing of: less can be checked */
    bool spoofed; /* something was said in the host's name: a router may say it again */
    struct fuzz_flow flow[FUZZ_FLOWS];
    uint8_t last[1600]; /* the last the host has said, from its IP header on */
    size_t last_len;
};

/* Plugs a cable between the peer and an interface that has host_ip; the peer is the next address.
 * Out of the host the cable has the properties of `lane`. */
void fuzz_peer_init(struct fuzz_peer *peer, struct fuzz_world *world, struct sw_nic *nic,
                    uint32_t host_ip, uint32_t mtu_bytes, const struct sw_lane_config *lane);
void fuzz_peer_fini(struct fuzz_peer *peer);

/* ---- what it says ---- */

/* A frame with its Ethernet header, as it is. */
void fuzz_peer_bytes(struct fuzz_peer *peer, const uint8_t *bytes, size_t n, size_t head_bytes);
/* n bytes of IP payload behind a header with the fields of ip, and options (a multiple of 4). */
void fuzz_peer_ip(struct fuzz_peer *peer, struct sw_ipv4 ip, const uint8_t *options,
                  size_t n_options, const uint8_t *text, size_t n);
void fuzz_peer_arp(struct fuzz_peer *peer, uint16_t op, uint32_t sender, uint32_t target);
/* Writes a checksum at `at` of a transport header's n bytes; protocol 0: without pseudo-header. */
void fuzz_sum(uint8_t *bytes, size_t n, size_t at, uint8_t protocol, uint32_t src, uint32_t dst);

/* A byte of the stream by its place in it, from 0. */
uint8_t fuzz_text(bool of_host, uint32_t place);

#endif
