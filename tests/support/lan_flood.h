/* A LAN under a flood, in virtual time: a victim and a client with a TCP connection between them, a
 * user who pings the victim, and an attacker who stands there as the net's router, each behind a
 * line of its own to one switch.
 *
 * First the client sends as fast as it can, alone; then the attacker's frames join, half of them;
 * then it is the victim's turn to send, with the other half. What was delivered with and without
 * the flood, what the flood and what it called forth took of the lines, and what it left in every
 * table are in the report. */
#ifndef SW_TESTS_LAN_FLOOD_H
#define SW_TESTS_LAN_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/port.h"
#include "lan/lab.h"

enum sw_test_flood_kind {
    SW_FLOOD_MACS,      /* random sources; every other frame for the victim, the rest for anybody */
    SW_FLOOD_ARP,       /* requests for the victim's address from random addresses */
    SW_FLOOD_FRAGMENTS, /* of datagrams that never become whole, every other one from one source */
    SW_FLOOD_SYNS,      /* every other one to the port with a listener, the rest to closed ones */
    SW_FLOOD_UDP,       /* to closed ports */
    SW_FLOOD_KINDS
};

struct sw_test_flood_config {
    enum sw_test_flood_kind kind;
    uint64_t frames;        /* in all */
    uint64_t rate_bps;      /* of each line */
    uint32_t share_percent; /* of his line, that the attacker fills */
    sw_time alone;          /* how long the transfer is measured without the flood */
};

/* What a line was used for, in parts of a million of what it carries. */
struct sw_test_flood_share {
    uint32_t transfer, other;
};

/* The client sends, or the victim does. */
struct sw_test_flood_half {
    sw_time span;                      /* how long the flood was on */
    uint64_t alone_bps, flooded_bps;   /* text delivered */
    struct sw_test_flood_share before; /* the busiest line that the text goes by */
    struct sw_test_flood_share during;
    struct sw_test_flood_share acks; /* the busiest line that the acknowledgements go by */
    uint64_t retransmits;
};

struct sw_test_flood_report {
    struct sw_test_flood_half half[2]; /* 0: to the victim, 1: from it */
    uint64_t sent;                     /* frames of the flood */
    uint64_t transferred;              /* bytes of text, both ways */
    bool ended;           /* all of it came, each byte as it was sent, and both ends closed */
    bool known;           /* the switch knew client, victim and user to the last */
    uint64_t strayed;     /* frames of the transfer that were sent to the user */
    uint32_t pings;       /* answers that the user got, while the flood was on, */
    uint32_t pings_asked; /* of so many */
    /* The most there was at any time. */
    uint32_t macs, neighbours, connections;
    uint64_t fragments;
    uint64_t peak_bytes; /* of frames and blocks in use */
    /* Ten minutes of LAN time later. */
    uint64_t left;  /* frames and blocks in use, connections, fragments */
    bool answering; /* the listener takes a new connection */
    bool holds;     /* every ledger */
    struct sw_host_stats victim;
    struct sw_bridge_stats bridge;
};

/* Builds it, runs it, takes it down. The same report for the same config, always. */
void sw_test_flood(const struct sw_test_flood_config *config, struct sw_test_flood_report *out);
const char *sw_test_flood_name(enum sw_test_flood_kind kind);

/* ---- lan_flood_frames.c: the attacker ---- */

struct sw_test_attacker {
    struct sw_port port;
    const struct sw_env *env;
    struct sw_owner owner;
    struct sw_timer timer;
    enum sw_test_flood_kind kind;
    struct sw_mac mac, victim_mac;
    uint32_t ip, victim_ip;
    uint16_t open_port; /* of the victim */
    bool only_open;     /* SYNs go to no other port */
    uint64_t state;     /* of the draws */
    uint64_t sent, left;
    sw_time began, gap; /* from frame to frame */
    uint64_t sent_before;
};

/* kind, mac, ip and the victim's are set; a port to be plugged in. He answers for his address by
 * ARP and hears nothing else. */
void sw_test_attacker_init(struct sw_test_attacker *attacker, const struct sw_env *env);
void sw_test_attacker_fini(struct sw_test_attacker *attacker);
/* Sends n frames, one every `gap`. */
void sw_test_attacker_start(struct sw_test_attacker *attacker, uint64_t n, sw_time gap);

#endif
