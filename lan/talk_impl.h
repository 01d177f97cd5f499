/* What the files of the steps `tcp` and `udp` share among themselves: one conversation, and what a
 * protocol does for one. */
#ifndef SW_LAN_TALK_IMPL_H
#define SW_LAN_TALK_IMPL_H

#include "core/clock.h"
#include "lan/sha256.h"
#include "lan/traffic.h"
#include "stack/sock.h"

/* What a protocol does. */
struct sw_talk_ops {
    enum sw_protocol protocol;
    void (*event)(struct sw_talk *talk, enum sw_sock_event event);
    void (*begin)(struct sw_talk *talk); /* the socket is bound and, if that can be, connected */
};

struct sw_talk {
    const struct sw_talk_ops *ops;
    struct sw_clock *clock;
    struct sw_sock *sock;
    struct sw_owner owner;
    struct sw_timer timer; /* the end: its time is over, or something has ended it */
    void (*done)(void *ctx);
    void *ctx;
    bool connected; /* TCP: the connection stands */
    bool ended;     /* the timer is to say so */
    int error;
    sw_time began, took;
    char *send;
    size_t send_len, send_at;
    char *text; /* of what came: the first keep_bytes */
    size_t text_len, keep_bytes;
    uint64_t size;
    struct sw_sha256 sum;
    char sha256[SW_SHA256_HEX];
    char name[160];
};

extern const struct sw_talk_ops sw_talk_tcp;
extern const struct sw_talk_ops sw_talk_udp;

/* It ends with that, from the clock; the first one counts. */
void sw_talk_end(struct sw_talk *talk, int error);
/* n bytes came. */
void sw_talk_took(struct sw_talk *talk, const void *bytes, size_t n);

/* Why a TCP connection died or, while it is being made, cannot be: what ICMP or ARP says of the way
 * is -EHOSTUNREACH, also of a port (a RST alone refuses); else the socket's own error. */
int sw_talk_cause(struct sw_sock *sock);

#endif
