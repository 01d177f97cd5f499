/* A LAN under attack, in virtual time: a victim with a listener, a client who works with it, and an
 * attacker, each behind a line of 100 Mbit/s to one switch.
 *
 * SW_ATTACK_SYNS: forged SYNs to the listener, while the client opens one connection after the
 * other, sends its text and ends. SW_ATTACK_GUESSES: one connection, text in both directions, and
 * forged segments to both ends of it from somebody who knows addresses and ports: most of them
 * blind, all numbers random; and between two rounds of text, when nothing is on its way, some whose
 * numbers are right but for one thing, at each edge of what RFC 5961 lets through. */
#ifndef SW_TESTS_LAN_ATTACK_H
#define SW_TESTS_LAN_ATTACK_H

#include <stdbool.h>
#include <stdint.h>

#include "lan/lab.h"
#include "lan/sha256.h"
#include "stack/wire/tcp.h"

enum sw_test_attack_kind { SW_ATTACK_SYNS, SW_ATTACK_GUESSES };

struct sw_test_attack_config {
    enum sw_test_attack_kind kind;
    uint64_t forged; /* segments in all; of guesses the blind ones */
    bool quiet;      /* the same time without any of them */
    uint64_t bytes;  /* of text: of each connection; of guesses, of each round each way */
};

struct sw_test_attack_report {
    uint64_t forged; /* segments sent by the attacker */
    uint32_t transfers,
        right;           /* texts sent; and those that came whole, by their SHA-256, and ... */
    uint32_t ended;      /* ... connections that both ends closed in order */
    sw_time slowest;     /* of them, from SYN to the last FIN */
    sw_time span;        /* of LAN time */
    uint64_t refused[2]; /* by client and victim, forged segments, under the reasons */
    struct sw_host_stats stats[2];
    uint64_t most_connections, most_half_open, most_neighbours, peak_bytes;
    uint64_t left;              /* frames, blocks and connections, ten minutes later */
    bool holds;                 /* every ledger */
    char digest[SW_SHA256_HEX]; /* of all texts that came */
};

/* Builds it, runs it, takes it down. The same report for the same config, always. */
void sw_test_attack(const struct sw_test_attack_config *config, struct sw_test_attack_report *out);

/* ---- lan_attack_frames.c: he who guesses ---- */

/* What goes over the wire from one end of a connection to the other. */
struct sw_test_side {
    uint32_t ip;
    uint16_t port;
    struct sw_mac mac;
    uint32_t nxt;       /* behind what it has sent */
    uint32_t ack, edge; /* what it has acknowledged, and the right edge of its window */
    uint32_t widest;    /* the widest window it offered */
    uint32_t ts;        /* its last timestamp */
    uint8_t wscale;
};

struct sw_test_injector {
    struct sw_port port;
    const struct sw_env *env;
    struct sw_owner owner;
    struct sw_timer timer;
    struct sw_mac mac;
    struct sw_test_side side[2];
    uint64_t state; /* of the draws */
    uint64_t sent, blind_left;
    sw_time gap;
};

void sw_test_injector_init(struct sw_test_injector *in, const struct sw_env *env);
void sw_test_injector_fini(struct sw_test_injector *in);
/* Sends n blind guesses, one every `gap`, to either end in turn. */
void sw_test_injector_start(struct sw_test_injector *in, uint64_t n, sw_time gap);
/* All edges, once, to the end `to`. Nothing is on its way. */
void sw_test_injector_edges(struct sw_test_injector *in, unsigned to);
/* A genuine segment of side `from`. */
void sw_test_injector_see(struct sw_test_injector *in, unsigned from, const struct sw_tcp_header *h,
                          uint32_t text_bytes);

#endif
