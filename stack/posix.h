/* A socket as POSIX has it, over stack/sock.h: for programs, and tests, that were written for the
 * system's calls. Nothing blocks: what would wait is -EAGAIN (or -EINPROGRESS), and sw_posix_poll()
 * says what can be done, level by level, as poll(2) would. Errors are the negative errno that Linux
 * would set; one that befell the connection is told once, by the next call or by sw_posix_error().
 *
 * No descriptors, threads or sleeping here: those are whose program it is. */
#ifndef SW_STACK_POSIX_H
#define SW_STACK_POSIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"
#include "stack/sock.h"

struct sw_posix;

/* poll(2)'s bits, with Linux's numbers. */
enum {
    SW_POLL_IN = 0x01,      /* a read gives something (text, an end or an error), or an accept */
    SW_POLL_PRI = 0x02,     /* the last byte of urgent text is there, and was not read apart */
    SW_POLL_OUT = 0x04,     /* a write does not wait */
    SW_POLL_ERR = 0x08,     /* an error is pending */
    SW_POLL_HUP = 0x10,     /* both directions have ended, or none has begun */
    SW_POLL_RDHUP = 0x2000, /* no more will come */
};

enum sw_posix_how { SW_POSIX_SHUT_RD, SW_POSIX_SHUT_WR, SW_POSIX_SHUT_RDWR };

/* What sw_posix_poll() says may have changed. Called from the clock alone; everything of this
 * interface may be called in it. */
typedef void sw_posix_fn(struct sw_posix *sock, void *user);

/* protocol is SW_TCP or SW_UDP; changed may be NULL. 0, -ENOMEM, -EPROTONOSUPPORT. */
int sw_posix_socket(struct sw_posix **out, struct sw_host *host, enum sw_protocol protocol,
                    sw_posix_fn *changed, void *user);
/* Frees the socket; a connection ends as sw_sock_close() has it. */
void sw_posix_close(struct sw_posix *sock);

/* As sw_sock_bind(); besides -EINVAL when it is connected, or being so. */
int sw_posix_bind(struct sw_posix *sock, struct sw_endpoint local);
/* A backlog below 1 counts as 1, as one more connection than it says fits on Linux. 0, -EINVAL,
 * -EADDRINUSE, -EOPNOTSUPP (UDP). */
int sw_posix_listen(struct sw_posix *sock, int backlog);
/* The accepted connection has the listener's callback and its user. from may be NULL. 0, -EAGAIN,
 * -EINVAL (not a listener), -ENOMEM. */
int sw_posix_accept(struct sw_posix **out, struct sw_posix *listener, struct sw_endpoint *from);
/* TCP: -EINPROGRESS, then -EALREADY until it stands, 0 once when it does, and -EISCONN from then
 * on; a failure is told once (-ECONNREFUSED, -ETIMEDOUT ...), then -ECONNABORTED: a socket connects
 * once. At once: as sw_sock_connect(). UDP: 0, or as sw_sock_connect(). */
int sw_posix_connect(struct sw_posix *sock, struct sw_endpoint remote);

/* TCP: how much it took, 1..n (n = 0: 0); `to` is left unread. UDP: one datagram, to the peer
 * where `to` is NULL. -EAGAIN, -EPIPE (not connected, shut down, or ended), -EDESTADDRREQ (UDP
 * without peer), the pending error; for UDP also as sw_sock_send(). */
int64_t sw_posix_send(struct sw_posix *sock, const void *bytes, size_t n,
                      const struct sw_endpoint *to);
/* MSG_MORE and MSG_EOR: as sw_posix_send(), and SW_SEND_* of stack/sock.h. -EOPNOTSUPP: not TCP. */
int64_t sw_posix_send_with(struct sw_posix *sock, const void *bytes, size_t n, unsigned how);
/* Up to n bytes, or one datagram cut to n (its whole length is returned). 0: the end, in order or
 * behind an error that has been told. peek (TCP): the bytes stay, and may be fewer than there are,
 * at least one. -EAGAIN, -ENOTCONN, -EOPNOTSUPP (peek of a datagram), the pending error. from may
 * be NULL. */
int64_t sw_posix_recv(struct sw_posix *sock, void *bytes, size_t n, bool peek,
                      struct sw_endpoint *from);
/* TCP's urgent text, MSG_OOB: as sw_posix_send() and sw_sock_send_urgent(); as
 * sw_sock_recv_urgent(). A socket begins with SW_OPT_URGENT_INLINE 0, as POSIX has it. Besides:
 * -EOPNOTSUPP (UDP). */
int64_t sw_posix_send_urgent(struct sw_posix *sock, const void *bytes, size_t n);
int sw_posix_recv_urgent(struct sw_posix *sock, uint8_t *byte, bool keep);
/* SHUT_RD tells the peer nothing: what has come and still comes may be read, and then the end is.
 * While connecting it gives up, and so does a listener that need not read. 0, -ENOTCONN. */
int sw_posix_shutdown(struct sw_posix *sock, enum sw_posix_how how);

/* SO_ERROR: the pending error, a negative errno, which is told by this; 0: none. */
int sw_posix_error(struct sw_posix *sock);
/* SW_POLL_* of now. A UDP socket may be called readable after its last datagram was read, until a
 * read says -EAGAIN. */
unsigned sw_posix_poll(struct sw_posix *sock);
/* How often something has happened to it: who waits for edges compares this. */
uint64_t sw_posix_edges(const struct sw_posix *sock);
/* For options, addresses and sw_sock_info(); NULL: it has given up by sw_posix_shutdown(). */
struct sw_sock *sw_posix_under(const struct sw_posix *sock);

#endif
