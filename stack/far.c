/* Sockets of a host whose stack is another's. See far.h.
 *
 * What reserve and peek lend is room of the socket's own, made when first asked for: the other's
 * stack has none to lend. */
#include "stack/far.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stack/impl.h"

#define ROOM ((size_t)128 << 10) /* that reserve and peek lend */
/* So often is read, or accepted, for one event: who has the other half may bring more than is read,
 * for ever, and nothing else would have its turn. */
#define TURN 128

struct sw_far {
    struct sw_sock sock;
    void *s;   /* the other's half */
    bool shut; /* TCP: nothing more is sent */
    uint8_t *out, *in;
    size_t in_at, in_len; /* what was read and not consumed */
    unsigned taken;       /* how often, since it was told that there is something */
};

static struct sw_far *of(struct sw_sock *sock)
{
    return (struct sw_far *)sock;
}

static const struct sw_far_ops *ops_of(const struct sw_sock *sock)
{
    return sock->host->far_ops;
}

void sw_far_tell(struct sw_far *far, enum sw_sock_event event, int error)
{
    if (event == SW_SOCK_READABLE || event == SW_SOCK_ACCEPTED) {
        far->taken = 0;
    }
    if (event == SW_SOCK_ERROR && (far->sock.error == 0 || far->sock.protocol != SW_TCP)) {
        far->sock.error = error;
    }
    sw_sock_notify(&far->sock, event);
}

/* Is that the end of the connection, or a call that was refused? */
static bool ends(const struct sw_far *f, int64_t error)
{
    switch (error) {
    case -EAGAIN:
    case -EINVAL:
    case -ENOTCONN:
    case -ENOMEM:
    case -ENOBUFS:
        return false;
    case -EPIPE:
        return !f->shut;
    default:
        return error < 0;
    }
}

/* The pending error, which TCP keeps and others hand out once; else what was asked for came to. */
static int64_t or_error(struct sw_sock *sock, int64_t otherwise)
{
    int error = sock->error;
    if (error == 0 && sock->protocol == SW_TCP && ends(of(sock), otherwise)) {
        sock->error = (int)otherwise;
    }
    if (sock->protocol != SW_TCP) {
        sock->error = 0;
    }
    return error ? error : otherwise;
}

/* ---- all sockets ---- */

static int far_bind(struct sw_sock *sock, struct sw_endpoint local)
{
    int rc = ops_of(sock)->bind(of(sock)->s, local);
    if (rc == 0) {
        sock->local = ops_of(sock)->local(of(sock)->s);
    }
    return rc;
}

static int far_connect(struct sw_sock *sock, struct sw_endpoint remote)
{
    int rc = ops_of(sock)->connect(of(sock)->s, remote);
    if (rc == 0) {
        sock->remote = remote;
        sock->local = ops_of(sock)->local(of(sock)->s);
    }
    return rc;
}

static int64_t far_send(struct sw_sock *sock, const void *bytes, size_t n,
                        const struct sw_endpoint *from, const struct sw_endpoint *to)
{
    if (from || to) {
        return -EINVAL;
    }
    if (sock->error) {
        return or_error(sock, 0);
    }
    if (n == 0 && sock->protocol == SW_TCP) {
        return 0;
    }
    int64_t sent = ops_of(sock)->send(of(sock)->s, bytes, n);
    return sent < 0 ? or_error(sock, sent) : sent;
}

static bool may_take(struct sw_far *f)
{
    if (f->taken == TURN) {
        return false;
    }
    f->taken++;
    return true;
}

/* What came before an error or an end is read before either. */
static int64_t receive(struct sw_sock *sock, void *bytes, size_t n, struct sw_endpoint *from)
{
    if (!may_take(of(sock))) {
        return -EAGAIN;
    }
    int64_t got = ops_of(sock)->recv(of(sock)->s, bytes, n, from);
    bool ended = got == 0 && sock->protocol == SW_TCP;
    return got < 0 || ended ? or_error(sock, got) : got;
}

static int64_t far_recv(struct sw_sock *sock, void *bytes, size_t n, struct sw_endpoint *from,
                        struct sw_endpoint *to)
{
    struct sw_far *f = of(sock);
    struct sw_endpoint sender = sock->remote;
    if (to) {
        return -EINVAL;
    }
    int64_t got;
    if (f->in_at < f->in_len) {
        size_t some = f->in_len - f->in_at;
        some = some < n ? some : n;
        memcpy(bytes, f->in + f->in_at, some);
        f->in_at += some;
        got = (int64_t)some;
    } else {
        got = receive(sock, bytes, n, &sender);
    }
    if (from) {
        *from = sender;
    }
    return got;
}

static void far_close(struct sw_sock *sock, bool abort)
{
    struct sw_far *f = of(sock);
    ops_of(sock)->close(f->s, abort || f->in_at < f->in_len);
    f->s = NULL;
    free(f->in);
    free(f->out);
    f->in = f->out = NULL;
}

static int far_set(struct sw_sock *sock, enum sw_sock_option option, int64_t value)
{
    return ops_of(sock)->set(of(sock)->s, option, value);
}

static int far_get(const struct sw_sock *sock, enum sw_sock_option option, int64_t *value)
{
    (void)sock;
    (void)option;
    (void)value;
    return -EINVAL;
}

static void far_info(const struct sw_sock *sock, struct sw_sock_info *out)
{
    *out = (struct sw_sock_info){.state = "OPEN"};
    ops_of(sock)->info(((const struct sw_far *)sock)->s, out);
}

/* ---- TCP ---- */

static int far_listen(struct sw_sock *sock, unsigned backlog)
{
    return ops_of(sock)->listen(of(sock)->s, backlog);
}

static int far_reserve(struct sw_sock *sock, void **at, size_t *n)
{
    struct sw_far *f = of(sock);
    if (sock->error) {
        return sock->error;
    }
    f->out = f->out ? f->out : malloc(ROOM);
    if (!f->out) {
        return -ENOMEM;
    }
    *at = f->out;
    *n = *n < ROOM ? *n : ROOM;
    return 0;
}

static int64_t far_commit(struct sw_sock *sock, size_t n)
{
    assert(n <= ROOM && of(sock)->out != NULL);
    return far_send(sock, of(sock)->out, n, NULL, NULL);
}

static int far_peek(struct sw_sock *sock, const void **at, size_t *n)
{
    struct sw_far *f = of(sock);
    struct sw_endpoint from;
    *n = 0;
    if (f->in_at == f->in_len) {
        f->in = f->in ? f->in : malloc(ROOM);
        int64_t got = f->in ? receive(sock, f->in, ROOM, &from) : -ENOMEM;
        if (got < 0) {
            return (int)got;
        }
        f->in_at = 0;
        f->in_len = (size_t)got;
    }
    *at = f->in + f->in_at;
    *n = f->in_len - f->in_at;
    return 0;
}

static int64_t far_consume(struct sw_sock *sock, size_t n)
{
    struct sw_far *f = of(sock);
    assert(n <= f->in_len - f->in_at);
    f->in_at += n;
    return (int64_t)n;
}

static int far_shutdown(struct sw_sock *sock)
{
    int rc = ops_of(sock)->shutdown(of(sock)->s);
    of(sock)->shut = of(sock)->shut || rc == 0;
    return rc;
}

static int far_accept(struct sw_sock **out, struct sw_sock *listener);

static const struct sw_sock_ops stream_ops = {
    .bind = far_bind,
    .listen = far_listen,
    .accept = far_accept,
    .connect = far_connect,
    .send = far_send,
    .recv = far_recv,
    .reserve = far_reserve,
    .commit = far_commit,
    .peek = far_peek,
    .consume = far_consume,
    .shutdown = far_shutdown,
    .close = far_close,
    .set = far_set,
    .get = far_get,
    .info = far_info,
};

static const struct sw_sock_ops datagram_ops = {
    .bind = far_bind,
    .connect = far_connect,
    .send = far_send,
    .recv = far_recv,
    .close = far_close,
    .set = far_set,
    .get = far_get,
    .info = far_info,
};

static int far_accept(struct sw_sock **out, struct sw_sock *listener)
{
    if (!may_take(of(listener))) {
        return -EAGAIN;
    }
    struct sw_far *f = calloc(1, sizeof *f);
    if (!f) {
        return -ENOMEM;
    }
    f->sock = (struct sw_sock){.ops = &stream_ops, .host = listener->host, .protocol = SW_TCP};
    int rc = ops_of(listener)->accept(of(listener)->s, &f->s, f, &f->sock.remote);
    if (rc) {
        free(f);
        return rc;
    }
    f->sock.local = ops_of(listener)->local(f->s);
    sw_sock_attach(&f->sock);
    *out = &f->sock;
    return 0;
}

/* ---- the host ---- */

int sw_far_sock_new(struct sw_sock **out, struct sw_host *host, enum sw_protocol protocol)
{
    struct sw_far *f = calloc(1, sizeof *f);
    if (!f) {
        return -ENOMEM;
    }
    f->sock = (struct sw_sock){.ops = protocol == SW_TCP ? &stream_ops : &datagram_ops,
                               .host = host,
                               .protocol = protocol};
    int rc = host->far_ops->open(host->far_ctx, &f->s, protocol, f);
    if (rc) {
        free(f);
        return rc;
    }
    *out = &f->sock;
    return 0;
}

void sw_host_set_far(struct sw_host *host, const struct sw_far_ops *ops, void *ctx)
{
    assert(host->socks == NULL);
    host->far_ops = ops;
    host->far_ctx = ctx;
}

void sw_far_close_all(struct sw_host *host)
{
    for (struct sw_sock *sock = host->socks; host->far_ops && sock; sock = sock->next) {
        if (of(sock)->s) {
            far_close(sock, true);
        }
    }
}

void sw_host_end_far(struct sw_host *host)
{
    sw_far_close_all(host);
    sw_sock_kill_all(host);
}
