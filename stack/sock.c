/* Sockets: the calls of sock.h, checked in form and handed to the protocol; and events, kept and
 * told.
 *
 * An event is a bit of its socket, and the socket stands in its host's list until it has been told.
 * That happens at the end of the batch or timer that caused it (sw_host_leave), or, for what arose
 * in a call from outside, from the clock. What a callback causes is told in the next round, from
 * the clock, so a round ends.
 *
 * A handle that is closed while its callback runs, or while it stands in the list, is freed when
 * that is over. */
#include "stack/sock.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "stack/impl.h"

/* ---- events ---- */

static void tell(struct sw_host *host, struct sw_sock *sock)
{
    uint32_t events = sock->events;
    sock->events = 0;
    host->telling = sock;
    for (uint32_t event = SW_SOCK_CONNECTED; event <= SW_SOCK_ADVICE; event <<= 1) {
        if ((events & event) != 0 && !sock->closing && sock->cb != NULL) {
            sock->cb(sock, (enum sw_sock_event)event, sock->user);
        }
    }
    host->telling = NULL;
    if (sock->closing && !sock->queued) {
        free(sock);
    }
}

static void tell_all(struct sw_host *host)
{
    struct sw_sock *sock = host->event_first;
    host->event_first = host->event_last = NULL;
    while (sock != NULL) {
        struct sw_sock *next = sock->next_event;
        sock->next_event = NULL;
        sock->queued = false;
        tell(host, sock);
        sock = next;
    }
}

void sw_sock_notify(struct sw_sock *sock, enum sw_sock_event event)
{
    if (sock->closing) {
        return;
    }
    struct sw_host *host = sock->host;
    sock->events |= (uint32_t)event;
    if (sock->queued) {
        return;
    }
    sock->queued = true;
    sock->next_event = NULL;
    if (host->event_last != NULL) {
        host->event_last->next_event = sock;
    } else {
        host->event_first = sock;
    }
    host->event_last = sock;
    if (!host->inside && !sw_timer_armed(&host->event_timer)) {
        sw_timer_arm(&host->event_timer, sw_clock_now(host->env.clock));
    }
}

void sw_host_enter(struct sw_host *host)
{
    assert(!host->inside);
    host->inside = true;
}

void sw_host_leave(struct sw_host *host)
{
    assert(host->inside);
    host->inside = false;
    if (host->event_first != NULL) {
        tell_all(host);
    }
}

static void on_event_timer(struct sw_timer *timer)
{
    tell_all(SW_CONTAINER(timer, struct sw_host, event_timer));
}

int sw_sock_events_init(struct sw_host *host)
{
    return sw_timer_init(&host->event_timer, host->env.clock, &host->owner, SW_CLASS_TIMER,
                         on_event_timer);
}

void sw_sock_events_fini(struct sw_host *host)
{
    assert(host->telling == NULL);
    while (host->event_first != NULL) {
        struct sw_sock *sock = host->event_first;
        host->event_first = sock->next_event;
        sock->queued = false;
        if (sock->closing) {
            free(sock);
        }
    }
    while (host->socks != NULL) {
        struct sw_sock *sock = host->socks;
        host->socks = sock->next;
        free(sock);
    }
    sw_timer_fini(&host->event_timer);
}

/* ---- handles ---- */

void sw_sock_attach(struct sw_sock *sock)
{
    struct sw_host *host = sock->host;
    sock->prev = NULL;
    sock->next = host->socks;
    if (sock->next != NULL) {
        sock->next->prev = sock;
    }
    host->socks = sock;
}

static void detach(struct sw_sock *sock)
{
    if (sock->prev != NULL) {
        sock->prev->next = sock->next;
    } else {
        sock->host->socks = sock->next;
    }
    if (sock->next != NULL) {
        sock->next->prev = sock->prev;
    }
    sock->prev = sock->next = NULL;
}

static int make(struct sw_sock **out, struct sw_host *host, enum sw_protocol protocol)
{
    if (host->far_ops != NULL) {
        return sw_far_sock_new(out, host, protocol);
    }
    switch (protocol) {
    case SW_TCP:
        return sw_tcp_sock_new(out, host);
    case SW_UDP:
        return sw_udp_sock_new(out, host);
    case SW_PING:
        return sw_ping_sock_new(out, host);
    }
    return -EINVAL;
}

int sw_sock_open(struct sw_sock **out, struct sw_host *host, enum sw_protocol protocol,
                 sw_sock_fn *cb, void *user)
{
    struct sw_sock *sock = NULL;
    int err = make(&sock, host, protocol);
    if (err < 0) {
        return err;
    }
    sock->protocol = protocol;
    sock->cb = cb;
    sock->user = user;
    sw_sock_attach(sock);
    *out = sock;
    return 0;
}

void sw_sock_set_callback(struct sw_sock *sock, sw_sock_fn *cb, void *user)
{
    sock->cb = cb;
    sock->user = user;
}

void *sw_sock_user(const struct sw_sock *sock)
{
    return sock->user;
}

struct sw_host *sw_sock_host(const struct sw_sock *sock)
{
    return sock->host;
}

static void end(struct sw_sock *sock, bool abort)
{
    assert(!sock->closing);
    sock->ops->close(sock, abort);
    detach(sock);
    sock->closing = true;
    if (!sock->queued && sock->host->telling != sock) {
        free(sock);
    }
}

void sw_sock_close(struct sw_sock *sock)
{
    end(sock, false);
}

void sw_sock_abort(struct sw_sock *sock)
{
    end(sock, true);
}

/* ---- handles whose host has crashed ---- */

static int dead(struct sw_sock *sock)
{
    (void)sock;
    return -ENETDOWN;
}

static int dead_bind(struct sw_sock *sock, struct sw_endpoint to)
{
    (void)to;
    return dead(sock);
}

static int dead_listen(struct sw_sock *sock, unsigned backlog)
{
    (void)backlog;
    return dead(sock);
}

static int dead_accept(struct sw_sock **out, struct sw_sock *listener)
{
    (void)out;
    return dead(listener);
}

static int64_t dead_send(struct sw_sock *sock, const void *bytes, size_t n,
                         const struct sw_endpoint *from, const struct sw_endpoint *to)
{
    (void)bytes;
    (void)n;
    (void)from;
    (void)to;
    return dead(sock);
}

static int64_t dead_recv(struct sw_sock *sock, void *bytes, size_t n, struct sw_endpoint *from,
                         struct sw_endpoint *to)
{
    (void)bytes;
    (void)n;
    (void)from;
    (void)to;
    return dead(sock);
}

static int64_t dead_send_with(struct sw_sock *sock, const void *bytes, size_t n, unsigned how)
{
    (void)bytes;
    (void)n;
    (void)how;
    return dead(sock);
}

static int dead_recv_urgent(struct sw_sock *sock, uint8_t *byte, bool keep)
{
    (void)byte;
    (void)keep;
    return dead(sock);
}

static int dead_reserve(struct sw_sock *sock, void **at, size_t *n)
{
    (void)at;
    (void)n;
    return dead(sock);
}

static int dead_peek(struct sw_sock *sock, const void **at, size_t *n)
{
    (void)at;
    *n = 0;
    return dead(sock);
}

static int64_t dead_give(struct sw_sock *sock, size_t n)
{
    (void)n;
    return dead(sock);
}

static void dead_close(struct sw_sock *sock, bool abort)
{
    (void)sock;
    (void)abort;
}

static int dead_set(struct sw_sock *sock, enum sw_sock_option option, int64_t value)
{
    (void)option;
    (void)value;
    return dead(sock);
}

static int dead_get(const struct sw_sock *sock, enum sw_sock_option option, int64_t *value)
{
    (void)sock;
    (void)option;
    (void)value;
    return -ENETDOWN;
}

static void dead_info(const struct sw_sock *sock, struct sw_sock_info *out)
{
    (void)sock;
    *out = (struct sw_sock_info){.state = "CLOSED"};
}

static const struct sw_sock_ops dead_ops = {
    .bind = dead_bind,
    .listen = dead_listen,
    .accept = dead_accept,
    .connect = dead_bind,
    .send = dead_send,
    .recv = dead_recv,
    .send_with = dead_send_with,
    .recv_urgent = dead_recv_urgent,
    .reserve = dead_reserve,
    .commit = dead_give,
    .peek = dead_peek,
    .consume = dead_give,
    .shutdown = dead,
    .close = dead_close,
    .set = dead_set,
    .get = dead_get,
    .info = dead_info,
};

void sw_sock_kill_all(struct sw_host *host)
{
    for (struct sw_sock *sock = host->socks; sock != NULL; sock = sock->next) {
        if (sock->ops == &dead_ops) {
            continue; /* since an earlier crash */
        }
        sock->ops = &dead_ops;
        sock->error = -ENETDOWN;
        sock->events = 0;
        sw_sock_notify(sock, SW_SOCK_ERROR);
    }
}

/* ---- calls ---- */

int sw_sock_bind(struct sw_sock *sock, struct sw_endpoint local)
{
    if (local.ip.family != SW_IP_NONE && local.ip.family != SW_IPV4) {
        return -EINVAL;
    }
    return sock->ops->bind(sock, local);
}

int sw_sock_listen(struct sw_sock *sock, unsigned backlog)
{
    if (sock->ops->listen == NULL || backlog == 0) {
        return -EINVAL;
    }
    return sock->ops->listen(sock, backlog);
}

int sw_sock_accept(struct sw_sock **out, struct sw_sock *listener, sw_sock_fn *cb, void *user)
{
    if (listener->ops->accept == NULL) {
        return -EINVAL;
    }
    int err = listener->ops->accept(out, listener);
    if (err == 0) {
        sw_sock_set_callback(*out, cb, user);
    }
    return err;
}

int sw_sock_connect(struct sw_sock *sock, struct sw_endpoint remote)
{
    if (remote.ip.family != SW_IPV4) {
        return -EINVAL;
    }
    return sock->ops->connect(sock, remote);
}

int64_t sw_sock_send(struct sw_sock *sock, const void *bytes, size_t n)
{
    return sock->ops->send(sock, bytes, n, NULL, NULL);
}

int64_t sw_sock_send_to(struct sw_sock *sock, const void *bytes, size_t n, struct sw_endpoint to)
{
    return sock->protocol == SW_TCP ? -EINVAL : sock->ops->send(sock, bytes, n, NULL, &to);
}

int64_t sw_sock_send_between(struct sw_sock *sock, const void *bytes, size_t n,
                             struct sw_endpoint from, struct sw_endpoint to)
{
    return sock->protocol == SW_TCP ? -EINVAL : sock->ops->send(sock, bytes, n, &from, &to);
}

int64_t sw_sock_recv(struct sw_sock *sock, void *bytes, size_t n)
{
    return sock->ops->recv(sock, bytes, n, NULL, NULL);
}

int64_t sw_sock_recv_from(struct sw_sock *sock, void *bytes, size_t n, struct sw_endpoint *from)
{
    return sock->ops->recv(sock, bytes, n, from, NULL);
}

int64_t sw_sock_recv_between(struct sw_sock *sock, void *bytes, size_t n, struct sw_endpoint *from,
                             struct sw_endpoint *to)
{
    return sock->ops->recv(sock, bytes, n, from, to);
}

int64_t sw_sock_send_with(struct sw_sock *sock, const void *bytes, size_t n, unsigned how)
{
    const bool known = (how & ~(unsigned)(SW_SEND_MORE | SW_SEND_RECORD)) == 0;
    return !known || sock->ops->send_with == NULL ? -EINVAL
                                                  : sock->ops->send_with(sock, bytes, n, how);
}

int64_t sw_sock_send_urgent(struct sw_sock *sock, const void *bytes, size_t n)
{
    return sock->ops->send_with == NULL ? -EINVAL
                                        : sock->ops->send_with(sock, bytes, n, SW_SEND_URGENT);
}

int sw_sock_recv_urgent(struct sw_sock *sock, uint8_t *byte, bool keep)
{
    return sock->ops->recv_urgent == NULL ? -EINVAL : sock->ops->recv_urgent(sock, byte, keep);
}

int sw_sock_reserve(struct sw_sock *sock, void **at, size_t *n)
{
    return sock->ops->reserve == NULL ? -EINVAL : sock->ops->reserve(sock, at, n);
}

int64_t sw_sock_commit(struct sw_sock *sock, size_t n)
{
    return sock->ops->commit == NULL ? -EINVAL : sock->ops->commit(sock, n);
}

int sw_sock_peek(struct sw_sock *sock, const void **at, size_t *n)
{
    return sock->ops->peek == NULL ? -EINVAL : sock->ops->peek(sock, at, n);
}

int64_t sw_sock_consume(struct sw_sock *sock, size_t n)
{
    return sock->ops->consume == NULL ? -EINVAL : sock->ops->consume(sock, n);
}

int sw_sock_shutdown(struct sw_sock *sock)
{
    return sock->ops->shutdown == NULL ? -EINVAL : sock->ops->shutdown(sock);
}

int sw_sock_set(struct sw_sock *sock, enum sw_sock_option option, int64_t value)
{
    return sock->ops->set(sock, option, value);
}

int sw_sock_get(const struct sw_sock *sock, enum sw_sock_option option, int64_t *value)
{
    return sock->ops->get(sock, option, value);
}

int sw_sock_error(struct sw_sock *sock)
{
    int error = sock->error;
    if (sock->protocol != SW_TCP && sock->ops != &dead_ops) {
        sock->error = 0;
    }
    return error;
}

struct sw_endpoint sw_sock_local(const struct sw_sock *sock)
{
    return sock->local;
}

struct sw_endpoint sw_sock_remote(const struct sw_sock *sock)
{
    return sock->remote;
}

void sw_sock_info(const struct sw_sock *sock, struct sw_sock_info *out)
{
    sock->ops->info(sock, out);
}
