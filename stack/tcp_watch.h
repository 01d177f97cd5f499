/* An observer of a host's connections: told of what happens to each, and what it looks like then.
 * It changes nothing, and may call nothing of the host. */
#ifndef SW_STACK_TCP_WATCH_H
#define SW_STACK_TCP_WATCH_H

#include "core/addr.h"
#include "core/clock.h"
#include "stack/sock.h"

enum sw_tcp_happening {
    SW_TCP_TOLD_STATE,   /* it is in another state (RFC 9293 3.3.2) */
    SW_TCP_TOLD_ACK,     /* an acknowledgement was taken in while something was out */
    SW_TCP_TOLD_LOSS,    /* a loss was found: the window is lowered */
    SW_TCP_TOLD_MARK,    /* the peer told of a mark (RFC 3168): the same */
    SW_TCP_TOLD_TIMEOUT, /* the retransmission timer ran out */
    SW_TCP_TOLD_PROBE,   /* a tail loss probe went (RFC 8985 7) */
    SW_TCP_TOLD_UNDO,    /* the loss was none, and the window is what it was (RFC 3522, RFC 5682) */
};

/* All of it is lent for the call. */
struct sw_tcp_told {
    enum sw_tcp_happening what;
    sw_time at;
    const char *host; /* its name */
    struct sw_endpoint local, remote;
    const struct sw_sock_info *info;
};

struct sw_tcp_watch {
    void (*told)(void *ctx, const struct sw_tcp_told *told);
    void *ctx;
};

/* "state", "ack", "loss", "mark", "timeout", "probe", "undo". */
const char *sw_tcp_happening_name(enum sw_tcp_happening what);
/* "open", "disorder", "cwr", "recovery", "loss". */
const char *sw_tcp_ca_name(enum sw_tcp_ca state);

#endif
