/* Explicit congestion notification, TCP's side (RFC 3168 6.1): what the handshake agrees on, which
 * segments may be marked, how a mark is echoed until the sender says that it has heard, and whether
 * a window has been lowered in this round trip already. Pure: what lowers the window is
 * tcp_ecn.c's.
 *
 * The two ends of a mark are kept apart: `on`, marks that arrive are echoed and echoes are heeded;
 * `ect`, text may be marked on its way. A host that had to repeat its SYN without ECN is bound to
 * the first, and may not do the second (6.1.1). */
#ifndef SW_STACK_TCP_ECN_H
#define SW_STACK_TCP_ECN_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/sock.h"
#include "stack/tcp_seq.h"
#include "stack/wire/tcp.h"

/* The two low bits of IPv4's type of service (RFC 3168 5). */
#define SW_ECN_BITS 3u
#define SW_ECN_ECT0 2u
#define SW_ECN_CE 3u

struct sw_tcp_ecn {
    uint8_t mode;     /* enum sw_tcp_ecn_mode; never SW_TCP_ECN_DEFAULT */
    bool on : 1;      /* agreed on; before that, asked for in our SYN */
    bool ect : 1;     /* ... and our text is ECN-capable */
    bool echo : 1;    /* a mark has come, and no CWR since: what is sent has ECE */
    bool cwr : 1;     /* the window is lower: the next new text says so */
    bool lowered : 1; /* for a loss or a mark, and `end` is not acknowledged yet */
    bool seen : 1;    /* text has come that was ECN-capable */
    uint32_t end;
};

/* The flags of our SYN (6.1.1), or of one sent again: 6.1.1.1, what does not like the flags may
 * have dropped the first. */
static inline uint8_t sw_tcp_ecn_syn(struct sw_tcp_ecn *e, bool again)
{
    if (!again) {
        e->on = e->ect = e->mode == SW_TCP_ECN_ON;
    } else {
        e->ect = false;
    }
    return e->ect ? SW_TCP_ECE | SW_TCP_CWR : 0;
}

/* The flags of our answer to a SYN. */
static inline uint8_t sw_tcp_ecn_syn_ack(const struct sw_tcp_ecn *e)
{
    return e->on ? SW_TCP_ECE : 0;
}

static inline bool sw_tcp_ecn_is_setup(uint8_t flags)
{
    return (flags & SW_TCP_ECE) != 0 && (flags & SW_TCP_CWR) != 0;
}

/* A listener has a SYN. */
static inline void sw_tcp_ecn_asked(struct sw_tcp_ecn *e, uint8_t flags)
{
    e->on = e->ect = e->mode != SW_TCP_ECN_OFF && sw_tcp_ecn_is_setup(flags);
}

/* Both ends opened at once, or the peer repeats its SYN: one that does not ask for ECN ends it. */
static inline void sw_tcp_ecn_asked_again(struct sw_tcp_ecn *e, uint8_t flags)
{
    e->on = e->on && sw_tcp_ecn_is_setup(flags);
    e->ect = e->ect && e->on;
}

/* Our SYN has its answer: with ECE alone it agrees. With both flags it is the echo of a peer that
 * knows of neither (6.1.1.2). */
static inline void sw_tcp_ecn_answered(struct sw_tcp_ecn *e, uint8_t flags)
{
    e->on = e->on && (flags & (SW_TCP_ECE | SW_TCP_CWR)) == SW_TCP_ECE;
    e->ect = e->ect && e->on;
}

/* Text within the window has come (6.1.3). True: it was marked. */
static inline bool sw_tcp_ecn_text(struct sw_tcp_ecn *e, uint8_t flags, uint8_t tos)
{
    if ((flags & SW_TCP_CWR) != 0) {
        e->echo = false;
    }
    const uint8_t bits = tos & SW_ECN_BITS;
    e->seen = e->seen || bits != 0;
    e->echo = e->echo || bits == SW_ECN_CE;
    return bits == SW_ECN_CE;
}

/* The window was lowered, whyever: nxt is SND.NXT. */
static inline void sw_tcp_ecn_lowered(struct sw_tcp_ecn *e, uint32_t nxt)
{
    if (e->on) {
        e->cwr = e->ect;
        e->lowered = true;
        e->end = nxt;
    }
}

/* What was sent before una has been acknowledged. */
static inline void sw_tcp_ecn_acked(struct sw_tcp_ecn *e, uint32_t una)
{
    if (e->lowered && sw_seq_ge(una, e->end)) {
        e->lowered = false;
    }
}

#endif
