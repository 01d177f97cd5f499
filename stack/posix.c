/* What POSIX has beyond stack/sock.h: an error that is told once, a connect that can be asked
 * after, a direction of reading that can be shut, and levels instead of events. Where POSIX leaves
 * open what happens, this does what Linux does. */
#include "stack/posix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a socket is, and what may be called:
 *   FRESH       bind, listen, connect; -> LISTENING, CONNECTING, CONNECTED (UDP).
 *   LISTENING   accept; -> OVER by shutdown.
 *   CONNECTING  poll, connect to ask after it; -> CONNECTED, OVER.
 *   CONNECTED   send, recv; stays so when the connection has ended.
 *   OVER        it never came to a connection; nothing. */
enum phase { FRESH, LISTENING, CONNECTING, CONNECTED, OVER };

struct sw_posix {
    struct sw_sock *sock; /* NULL: given up */
    sw_posix_fn *changed;
    void *user;
    enum sw_protocol protocol;
    enum phase phase;
    int error;        /* pending; 0: none, or told */
    bool error_taken; /* TCP keeps its error; this is whether it was taken over from there */
    bool connect_told;
    bool full;     /* a send took less than it was given, and no room was told of since */
    bool readable; /* UDP */
    bool read_shut, write_shut;
    bool ended; /* by an error, or both directions in order */
    uint64_t edges;
};

/* ---- what befalls it ---- */

static int pending(struct sw_posix *p)
{
    if (p->sock != NULL && !p->error_taken && p->error == 0) {
        p->error = sw_sock_error(p->sock);
        p->error_taken = p->error != 0 && p->protocol == SW_TCP;
    }
    if (p->error_taken) {
        p->ended = true;
    }
    return p->error;
}

static int take_error(struct sw_posix *p)
{
    const int error = pending(p);
    p->error = 0;
    if (p->phase == CONNECTING && p->ended) {
        p->phase = OVER;
    }
    return error;
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_posix *p = user;
    (void)sock;
    switch (event) {
    case SW_SOCK_CONNECTED:
        p->phase = CONNECTED;
        break;
    case SW_SOCK_READABLE:
        p->readable = true;
        break;
    case SW_SOCK_WRITABLE:
        p->full = false;
        break;
    case SW_SOCK_ERROR:
        pending(p);
        break;
    case SW_SOCK_CLOSED:
        p->ended = true;
        break;
    case SW_SOCK_ACCEPTED:
    case SW_SOCK_URGENT:
    case SW_SOCK_PEER_CLOSED:
    case SW_SOCK_ADVICE:
        break;
    }
    p->edges++;
    if (p->changed != NULL) {
        p->changed(p, p->user);
    }
}

/* ---- its life ---- */

int sw_posix_socket(struct sw_posix **out, struct sw_host *host, enum sw_protocol protocol,
                    sw_posix_fn *changed, void *user)
{
    if (protocol != SW_TCP && protocol != SW_UDP) {
        return -EPROTONOSUPPORT;
    }
    struct sw_posix *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        return -ENOMEM;
    }
    *p = (struct sw_posix){.changed = changed, .user = user, .protocol = protocol};
    const int err = sw_sock_open(&p->sock, host, protocol, on_event, p);
    if (err < 0) {
        free(p);
        return err;
    }
    if (protocol == SW_TCP) {
        (void)sw_sock_set(p->sock, SW_OPT_URGENT_INLINE, 0);
    }
    *out = p;
    return 0;
}

void sw_posix_close(struct sw_posix *sock)
{
    if (sock->sock != NULL) {
        sw_sock_close(sock->sock);
    }
    free(sock);
}

int sw_posix_bind(struct sw_posix *sock, struct sw_endpoint local)
{
    return sock->phase == FRESH ? sw_sock_bind(sock->sock, local) : -EINVAL;
}

int sw_posix_listen(struct sw_posix *sock, int backlog)
{
    if (sock->protocol != SW_TCP) {
        return -EOPNOTSUPP;
    }
    if (sock->phase != FRESH && sock->phase != LISTENING) {
        return -EINVAL;
    }
    const int err = sw_sock_listen(sock->sock, backlog < 1 ? 1 : (unsigned)backlog);
    if (err == 0) {
        sock->phase = LISTENING;
    }
    return err;
}

int sw_posix_accept(struct sw_posix **out, struct sw_posix *listener, struct sw_endpoint *from)
{
    if (listener->phase != LISTENING) {
        return -EINVAL;
    }
    struct sw_posix *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        return -ENOMEM;
    }
    *p = (struct sw_posix){.changed = listener->changed,
                           .user = listener->user,
                           .protocol = SW_TCP,
                           .phase = CONNECTED,
                           .connect_told = true};
    const int err = sw_sock_accept(&p->sock, listener->sock, on_event, p);
    if (err < 0) {
        free(p);
        return err;
    }
    if (from != NULL) {
        *from = sw_sock_remote(p->sock);
    }
    *out = p;
    return 0;
}

static int connect_again(struct sw_posix *p)
{
    const int error = take_error(p);
    if (error != 0) {
        return error;
    }
    switch (p->phase) {
    case CONNECTING:
        return -EALREADY;
    case OVER:
        return -ECONNABORTED;
    case CONNECTED:
        if (!p->connect_told) {
            p->connect_told = true;
            return 0;
        }
        return -EISCONN;
    case LISTENING:
        return -EISCONN;
    case FRESH:
        break;
    }
    return 0;
}

int sw_posix_connect(struct sw_posix *sock, struct sw_endpoint remote)
{
    if (sock->protocol != SW_TCP) {
        const int err = sw_sock_connect(sock->sock, remote);
        sock->phase = err == 0 ? CONNECTED : sock->phase;
        return err;
    }
    if (sock->phase != FRESH) {
        return connect_again(sock);
    }
    const int err = sw_sock_connect(sock->sock, remote);
    if (err < 0) {
        return err;
    }
    sock->phase = CONNECTING;
    return -EINPROGRESS;
}

/* ---- text ---- */

static int64_t send_datagram(struct sw_posix *p, const void *bytes, size_t n,
                             const struct sw_endpoint *to)
{
    const int error = take_error(p);
    if (error != 0) {
        return error;
    }
    if (p->write_shut) {
        return -EPIPE;
    }
    if (to == NULL && p->phase != CONNECTED) {
        return -EDESTADDRREQ;
    }
    const int64_t took =
        to == NULL ? sw_sock_send(p->sock, bytes, n) : sw_sock_send_to(p->sock, bytes, n, *to);
    p->full = took == -EAGAIN;
    return took;
}

static int64_t send_text(struct sw_posix *sock, const void *bytes, size_t n, bool urgent,
                         unsigned how)
{
    const int error = take_error(sock);
    if (error != 0) {
        return error;
    }
    if (sock->phase == CONNECTING) {
        return -EAGAIN; /* sw_sock_send() would queue it, which no poll would have allowed */
    }
    if (sock->phase != CONNECTED || sock->ended || sock->write_shut) {
        return -EPIPE;
    }
    /* What goes out at once makes room for more. */
    size_t done = 0;
    int64_t took;
    do {
        const uint8_t *rest = (const uint8_t *)bytes + done;
        took = urgent ? sw_sock_send_urgent(sock->sock, rest, n - done)
                      : sw_sock_send_with(sock->sock, rest, n - done, how);
        done += took > 0 ? (size_t)took : 0;
    } while (took > 0 && done < n);
    sock->full = took == -EAGAIN;
    return done > 0 ? (int64_t)done : took;
}

int64_t sw_posix_send(struct sw_posix *sock, const void *bytes, size_t n,
                      const struct sw_endpoint *to)
{
    return sock->protocol == SW_TCP ? send_text(sock, bytes, n, false, 0)
                                    : send_datagram(sock, bytes, n, to);
}

int64_t sw_posix_send_with(struct sw_posix *sock, const void *bytes, size_t n, unsigned how)
{
    return sock->protocol == SW_TCP ? send_text(sock, bytes, n, false, how) : -EOPNOTSUPP;
}

int64_t sw_posix_send_urgent(struct sw_posix *sock, const void *bytes, size_t n)
{
    return sock->protocol == SW_TCP ? send_text(sock, bytes, n, true, 0) : -EOPNOTSUPP;
}

static int64_t peek(struct sw_posix *p, void *bytes, size_t n)
{
    const void *at = NULL;
    size_t there = 0;
    const int err = sw_sock_peek(p->sock, &at, &there);
    if (err < 0) {
        return err;
    }
    if (there > n) {
        there = n;
    }
    if (there > 0) {
        memcpy(bytes, at, there);
    }
    return (int64_t)there;
}

/* What sw_sock_recv() says of an empty queue, in POSIX's words. */
static int64_t nothing_to_read(struct sw_posix *p, int64_t said)
{
    if (said == 0) {
        return 0;
    }
    const int error = take_error(p);
    if (error != 0) {
        return error;
    }
    return p->ended || p->read_shut ? 0 : said;
}

int64_t sw_posix_recv(struct sw_posix *sock, void *bytes, size_t n, bool peeking,
                      struct sw_endpoint *from)
{
    if (sock->protocol != SW_TCP) {
        if (peeking) {
            return -EOPNOTSUPP;
        }
        const int error = take_error(sock);
        const int64_t got = error != 0 ? error : sw_sock_recv_from(sock->sock, bytes, n, from);
        sock->readable = sock->readable && got != -EAGAIN;
        return got == -EAGAIN && sock->read_shut ? 0 : got;
    }
    if (sock->phase == CONNECTING) {
        const int error = take_error(sock);
        return error != 0 ? error : -EAGAIN;
    }
    if (sock->phase != CONNECTED) {
        const int error = take_error(sock);
        return error != 0 ? error : -ENOTCONN;
    }
    if (from != NULL) {
        *from = sw_sock_remote(sock->sock);
    }
    if (n == 0) {
        return 0;
    }
    const int64_t got = peeking ? peek(sock, bytes, n) : sw_sock_recv(sock->sock, bytes, n);
    return got > 0 ? got : nothing_to_read(sock, got);
}

int sw_posix_recv_urgent(struct sw_posix *sock, uint8_t *byte, bool keep)
{
    if (sock->protocol != SW_TCP) {
        return -EOPNOTSUPP;
    }
    return sock->phase == CONNECTED ? sw_sock_recv_urgent(sock->sock, byte, keep) : -EINVAL;
}

static void give_up(struct sw_posix *p, int error)
{
    sw_sock_abort(p->sock);
    p->sock = NULL;
    p->phase = OVER;
    p->error = error;
}

int sw_posix_shutdown(struct sw_posix *sock, enum sw_posix_how how)
{
    const bool reading = how != SW_POSIX_SHUT_WR;
    const bool writing = how != SW_POSIX_SHUT_RD;
    if (sock->phase == LISTENING) {
        if (reading) {
            give_up(sock, 0);
        }
        return 0;
    }
    if (sock->phase == CONNECTING && !sock->ended) {
        give_up(sock, -ECONNRESET);
        return 0;
    }
    if (sock->phase != CONNECTED || sock->ended) {
        return -ENOTCONN;
    }
    if (writing && !sock->write_shut && sock->protocol == SW_TCP) {
        const int err = sw_sock_shutdown(sock->sock);
        if (err < 0) {
            return err;
        }
    }
    sock->read_shut = sock->read_shut || reading;
    sock->write_shut = sock->write_shut || writing;
    sock->edges++;
    return 0;
}

/* ---- what may be done ---- */

int sw_posix_error(struct sw_posix *sock)
{
    return take_error(sock);
}

static unsigned poll_stream(struct sw_posix *p)
{
    const void *at;
    size_t n = 0;
    const int err = sw_sock_peek(p->sock, &at, &n);
    const bool peer_ended = err == 0 && n == 0;
    const bool no_more_in = peer_ended || p->read_shut || p->ended;
    const bool no_more_out = p->write_shut || p->ended;
    struct sw_sock_info info;
    sw_sock_info(p->sock, &info);
    unsigned can = n > 0 ? SW_POLL_IN : 0;
    can |= info.urgent_here ? SW_POLL_PRI : 0;
    can |= no_more_in ? SW_POLL_IN | SW_POLL_RDHUP : 0;
    can |= no_more_out || !p->full ? SW_POLL_OUT : 0;
    can |= no_more_in && no_more_out ? SW_POLL_HUP : 0;
    return can;
}

unsigned sw_posix_poll(struct sw_posix *sock)
{
    unsigned can = pending(sock) != 0 ? SW_POLL_ERR : 0;
    if (sock->protocol != SW_TCP) {
        can |= sock->readable || sock->read_shut ? SW_POLL_IN : 0;
        can |= sock->read_shut ? SW_POLL_RDHUP : 0;
        return can | (sock->full ? 0 : SW_POLL_OUT);
    }
    struct sw_sock_info info;
    switch (sock->phase) {
    case FRESH:
        return can | SW_POLL_OUT | SW_POLL_HUP;
    case LISTENING:
        sw_sock_info(sock->sock, &info);
        return can | (info.acceptable ? SW_POLL_IN : 0);
    case CONNECTING:
        if (!sock->ended) {
            return can;
        }
        break;
    case CONNECTED:
        return can | poll_stream(sock);
    case OVER:
        break;
    }
    return can | SW_POLL_IN | SW_POLL_OUT | SW_POLL_HUP | SW_POLL_RDHUP;
}

uint64_t sw_posix_edges(const struct sw_posix *sock)
{
    return sock->edges;
}

struct sw_sock *sw_posix_under(const struct sw_posix *sock)
{
    return sock->sock;
}
