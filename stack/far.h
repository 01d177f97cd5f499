/* Sockets of a host whose stack is none of ours: a real program's host has its kernel's. Behind the
 * calls of sock.h they are as any other, so that whoever speaks from a host need not know what it
 * is; what is done with them is another's, by the functions here. What those are not asked for is
 * not there: datagrams to or from others than whom the socket is bound and connected to, urgent
 * text, records, reading options (-EINVAL). The peer's end is told of as text is, and
 * SW_SOCK_CLOSED never. */
#ifndef SW_STACK_FAR_H
#define SW_STACK_FAR_H

#include "stack/sock.h"

struct sw_far; /* such a socket */

/* Nothing here blocks or tells of an event before it returns. `s` is what open or accept gave; it
 * is asked for nothing once it was closed. Errors are those of sock.h. */
struct sw_far_ops {
    /* A new socket of the host, about which sw_far_tell() is told. */
    int (*open)(void *ctx, void **s, enum sw_protocol protocol, struct sw_far *far);
    int (*bind)(void *s, struct sw_endpoint local);
    int (*listen)(void *s, unsigned backlog);
    int (*accept)(void *listener, void **s, struct sw_far *far, struct sw_endpoint *remote);
    int (*connect)(void *s, struct sw_endpoint remote);
    struct sw_endpoint (*local)(const void *s);
    /* As sw_sock_send() and sw_sock_recv_from(); from is never NULL. */
    int64_t (*send)(void *s, const void *bytes, size_t n);
    int64_t (*recv)(void *s, void *bytes, size_t n, struct sw_endpoint *from);
    int (*shutdown)(void *s);
    void (*close)(void *s, bool abort);
    /* As sw_sock_set(); -EPROTONOSUPPORT: SW_OPT_CONGESTION, one that it has not. */
    int (*set)(void *s, enum sw_sock_option option, int64_t value);
    /* What is not known stays 0; `state` and `soft_error` are. */
    void (*info)(const void *s, struct sw_sock_info *out);
};

/* All sockets of the host are another's from now on; there must be none yet. Both are lent for the
 * host's life. */
void sw_host_set_far(struct sw_host *host, const struct sw_far_ops *ops, void *ctx);
/* What is behind all sockets of such a host is gone, as after sw_host_crash(): they are reset, and
 * their users are told -ENETDOWN. The host itself goes on. */
void sw_host_end_far(struct sw_host *host);

/* An event of a socket; of SW_SOCK_ERROR the pending error. It is told as others are. That there is
 * something to read, or to accept, must be told again after each call that got some and left some:
 * of so much as comes without an end only a part is asked for at once. */
void sw_far_tell(struct sw_far *far, enum sw_sock_event event, int error);

#endif
