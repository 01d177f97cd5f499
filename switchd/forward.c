/* Ports of the machine that lead into the LAN. See forward.h.
 *
 * A connection has two halves, each with its own end:
 *   machine -> LAN  read into room that the virtual socket lends; reading stops where there is none
 *                   and goes on when it is writable again. The machine's end shuts the socket down.
 *   LAN -> machine  one chunk at a time is written; the next is taken when that one has gone. The
 *                   peer's end, once all is written, shuts the machine's side down.
 * It is over when both have ended. An error of either side is a reset of the other's. */
#include "switchd/forward.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack/sock.h"

#define BACKLOG 1024

struct listener {
    struct sw_forwards *all;
    const struct sw_topo_forward *topo;
    struct sw_endpoint at; /* with the port that was chosen */
    struct sw_host *from;
    struct sw_ip to;
    uv_tcp_t tcp;
    struct connection *first;
    uint32_t count;
    uint64_t connections, refused, resets; /* refused: by the LAN, or over the bound */
    uint64_t in, out;                      /* bytes into the LAN, and out of it */
};

struct connection {
    struct listener *listener;
    struct connection *prev, *next;
    struct sw_sock *sock; /* NULL: closed */
    uv_tcp_t tcp;
    uv_write_t write;
    uv_shutdown_t shutdown;
    bool connected;    /* the virtual side stands */
    bool waits;        /* reading waits until the virtual socket is writable */
    bool machine_done; /* its end has been passed on */
    bool lan_done;     /* the same of the LAN's */
    size_t writing;    /* bytes of the chunk that are on their way */
    char chunk[SW_FORWARD_CHUNK];
};

struct sw_forwards {
    struct sw_network *net;
    struct sw_driver *driver;
    struct listener *list;
    size_t count;
};

/* ---- a connection's end ---- */

static void on_gone(uv_handle_t *handle)
{
    struct connection *c = handle->data;
    struct listener *l = c->listener;
    if (c->prev) {
        c->prev->next = c->next;
    } else {
        l->first = c->next;
    }
    if (c->next) {
        c->next->prev = c->prev;
    }
    l->count--;
    free(c);
}

/* In order: what is queued on either side still goes. */
static void finish(struct connection *c)
{
    if (c->sock) {
        sw_sock_close(c->sock);
        c->sock = NULL;
    }
    if (!uv_is_closing((uv_handle_t *)&c->tcp)) {
        uv_close((uv_handle_t *)&c->tcp, on_gone);
    }
}

static void reset(struct connection *c)
{
    if (c->sock) {
        sw_sock_abort(c->sock);
        c->sock = NULL;
    }
    if (!uv_is_closing((uv_handle_t *)&c->tcp) && uv_tcp_close_reset(&c->tcp, on_gone)) {
        uv_close((uv_handle_t *)&c->tcp, on_gone); /* it is being shut down already */
    }
}

static void finish_if_done(struct connection *c)
{
    if (c->machine_done && c->lan_done) {
        finish(c);
    }
}

/* ---- out of the LAN ---- */

static void pump(struct connection *c);

static void on_written(uv_write_t *request, int status)
{
    struct connection *c = request->data;
    c->listener->out += status ? 0 : c->writing;
    c->writing = 0;
    if (uv_is_closing((uv_handle_t *)&c->tcp)) {
        return;
    }
    sw_driver_catch_up(c->listener->all->driver);
    if (status) {
        c->listener->resets++;
        reset(c);
    } else {
        pump(c);
    }
}

static void on_shut(uv_shutdown_t *request, int status)
{
    struct connection *c = request->data;
    if (uv_is_closing((uv_handle_t *)&c->tcp)) {
        return;
    }
    sw_driver_catch_up(c->listener->all->driver);
    if (status) {
        reset(c);
        return;
    }
    c->lan_done = true;
    finish_if_done(c);
}

/* What has come from the LAN goes to the machine. */
static void pump(struct connection *c)
{
    if (c->writing || c->shutdown.data || !c->sock) {
        return; /* the last: its end has been passed on */
    }
    int64_t n = sw_sock_recv(c->sock, c->chunk, sizeof c->chunk);
    if (n == -EAGAIN) {
        return;
    }
    if (n > 0) {
        uv_buf_t buf = uv_buf_init(c->chunk, (unsigned)n);
        c->writing = (size_t)n;
        c->write.data = c;
        n = uv_write(&c->write, (uv_stream_t *)&c->tcp, &buf, 1, on_written);
    } else if (n == 0) {
        c->shutdown.data = c;
        n = uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, on_shut);
    }
    if (n < 0) {
        c->listener->resets++;
        reset(c);
    }
}

/* ---- into the LAN ---- */

static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct connection *c = handle->data;
    void *at = NULL;
    size_t n = 0;
    (void)size;
    sw_driver_catch_up(c->listener->all->driver);
    *buf = uv_buf_init(NULL, 0); /* no room: on_read() hears of UV_ENOBUFS */
    if (sw_sock_reserve(c->sock, &at, &n) == 0) {
        *buf = uv_buf_init(at, n < UINT32_MAX ? (unsigned)n : UINT32_MAX);
    }
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct connection *c = stream->data;
    if (n == UV_ENOBUFS) {
        uv_read_stop(stream);
        c->waits = true;
        return;
    }
    if (buf->base) {
        int64_t took = sw_sock_commit(c->sock, n > 0 ? (size_t)n : 0);
        c->listener->in += took > 0 ? (uint64_t)took : 0;
    }
    if (n == UV_EOF) {
        uv_read_stop(stream);
        sw_sock_shutdown(c->sock);
        c->machine_done = true;
        finish_if_done(c);
    } else if (n < 0) {
        c->listener->resets++;
        reset(c);
    }
}

static void read_on(struct connection *c)
{
    c->waits = false;
    if (uv_read_start((uv_stream_t *)&c->tcp, on_room, on_read)) {
        reset(c);
    }
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct connection *c = user;
    (void)sock;
    switch (event) {
    case SW_SOCK_CONNECTED:
        c->connected = true;
        read_on(c);
        break;
    case SW_SOCK_WRITABLE:
        if (c->waits) {
            read_on(c);
        }
        break;
    case SW_SOCK_READABLE:
    case SW_SOCK_PEER_CLOSED:
        pump(c);
        break;
    case SW_SOCK_ADVICE: /* there is no way: whoever knocked should not wait for the last SYN */
    case SW_SOCK_ERROR:
        *(c->connected ? &c->listener->resets : &c->listener->refused) += 1;
        reset(c);
        break;
    default:
        break;
    }
}

/* ---- who knocks ---- */

static void forget(uv_handle_t *handle)
{
    free(handle->data);
}

static void join(struct listener *l, struct connection *c)
{
    c->next = l->first;
    if (l->first) {
        l->first->prev = c;
    }
    l->first = c;
    l->count++;
    l->connections++;
}

static void on_connection(uv_stream_t *server, int status)
{
    struct listener *l = server->data;
    struct connection *c = status ? NULL : calloc(1, sizeof *c);
    if (!c) {
        return; /* the next knock tries again */
    }
    c->listener = l;
    int rc = uv_tcp_init(server->loop, &c->tcp);
    assert(rc == 0); /* it makes no socket yet */
    c->tcp.data = c;
    if (uv_accept(server, (uv_stream_t *)&c->tcp)) {
        uv_close((uv_handle_t *)&c->tcp, forget);
        return;
    }
    join(l, c);
    sw_driver_catch_up(l->all->driver);
    struct sw_endpoint to = {l->to, l->topo->port};
    uv_tcp_nodelay(&c->tcp, 1);
    if (l->count > SW_FORWARD_CONNECTIONS || sw_sock_open(&c->sock, l->from, SW_TCP, on_event, c) ||
        sw_sock_set(c->sock, SW_OPT_NODELAY, 1) || sw_sock_connect(c->sock, to)) {
        l->refused++;
        reset(c);
    }
}

/* ---- life ---- */

static int start_listener(struct listener *l, uv_loop_t *loop)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons(l->topo->listen.port),
                             .sin_addr.s_addr = htonl(sw_ip_v4_number(l->topo->listen.ip))};
    struct sockaddr to;
    int len = sizeof in;
    memcpy(&to, &in, sizeof in);
    int rc = uv_tcp_init(loop, &l->tcp);
    l->tcp.data = l;
    rc = rc ? rc : uv_tcp_bind(&l->tcp, &to, 0);
    rc = rc ? rc : uv_listen((uv_stream_t *)&l->tcp, BACKLOG, on_connection);
    rc = rc ? rc : uv_tcp_getsockname(&l->tcp, &to, &len);
    if (rc == 0) {
        memcpy(&in, &to, sizeof in);
        l->at = (struct sw_endpoint){l->topo->listen.ip, ntohs(in.sin_port)};
    }
    return rc;
}

static int complain(const struct sw_topo_forward *forward, int rc)
{
    char at[SW_ENDPOINT_TEXT];
    const char *mend = rc == UV_EADDRINUSE ? "; another program listens there: end it, or name "
                                             "another port"
                       : rc == UV_EACCES   ? "; ports below 1024 are for root: name another port"
                       : rc == UV_EMFILE   ? "; raise the limit: ulimit -n"
                                           : "";
    fprintf(stderr, "switchd: forward %s: %s%s\n", sw_endpoint_emit(forward->listen, at),
            uv_strerror(rc), mend);
    return rc;
}

int sw_forwards_new(struct sw_forwards **out, struct sw_network *net, struct sw_driver *driver)
{
    const struct sw_topo *topo = sw_network_topo(net);
    struct sw_forwards *all = calloc(1, sizeof *all);
    struct listener *list = calloc(topo->forward_count + 1, sizeof *list);
    if (!all || !list) {
        free(all);
        free(list);
        return -ENOMEM;
    }
    *all = (struct sw_forwards){.net = net, .driver = driver, .list = list};
    *out = all;
    if (topo->forward_count > 0) {
        signal(SIGPIPE, SIG_IGN); /* a reset of the machine's is an error of uv_write() */
    }
    for (; all->count < topo->forward_count; all->count++) {
        struct listener *l = &list[all->count];
        l->all = all;
        l->topo = &topo->forwards[all->count];
        l->from = sw_network_host_at(net, l->topo->from);
        bool known = sw_network_address(net, l->topo->to, &l->to);
        assert(known); /* the LAN file's parser saw to it */
        (void)known;
        int rc = start_listener(l, sw_driver_loop(driver));
        if (rc) {
            return complain(l->topo, rc);
        }
    }
    return 0;
}

void sw_forwards_say_up(const struct sw_forwards *forwards)
{
    for (size_t i = 0; i < forwards->count; i++) {
        const struct listener *l = &forwards->list[i];
        char at[SW_ENDPOINT_TEXT];
        fprintf(stderr, ", %s leads to %s:%u", sw_endpoint_emit(l->at, at), l->topo->to,
                l->topo->port);
    }
}

void sw_forwards_summary(const struct sw_forwards *forwards)
{
    for (size_t i = 0; i < forwards->count; i++) {
        const struct listener *l = &forwards->list[i];
        char at[SW_ENDPOINT_TEXT];
        fprintf(stderr,
                "forward %s to %s:%u: %llu connections, %llu refused, %llu reset, %llu bytes into "
                "the LAN, %llu out of it\n",
                sw_endpoint_emit(l->at, at), l->topo->to, l->topo->port,
                (unsigned long long)l->connections, (unsigned long long)l->refused,
                (unsigned long long)l->resets, (unsigned long long)l->in,
                (unsigned long long)l->out);
    }
}

void sw_forwards_stop(struct sw_forwards *forwards)
{
    for (size_t i = 0; forwards && i < forwards->count; i++) {
        for (struct connection *c = forwards->list[i].first; c; c = c->next) {
            reset(c);
        }
    }
}

void sw_forwards_free(struct sw_forwards *forwards)
{
    if (forwards) {
        free(forwards->list);
        free(forwards);
    }
}
