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

struct counts {
    uint64_t connections, refused, resets; /* refused: by the LAN, or over the bound */
    uint64_t in, out;                      /* bytes into the LAN, and out of it */
};

struct listener {
    struct sw_forwards *all;
    struct listener *next;
    struct sw_topo_forward topo; /* its name is the listener's own */
    struct sw_endpoint at;       /* with the port that was chosen */
    struct sw_host *from;
    struct sw_ip to;
    uv_tcp_t tcp;
    bool removed;             /* nobody can connect any more */
    bool closed;              /* the loop has done with its handle: gone with its last connection */
    struct connection *spare; /* whose will be the next: so there is always room to turn him away */
    bool deaf;                /* one came when there was none */
    struct connection *first;
    uint32_t count;
    struct counts counts;
};

struct connection {
    struct listener *listener;
    struct connection *prev, *next;
    struct sw_sock *sock; /* NULL: closed */
    uv_tcp_t tcp;
    uv_write_t write;
    uv_shutdown_t shutdown;
    bool connected;    /* the virtual side stands */
    int room;          /* what the virtual socket said when it was asked for some */
    bool waits;        /* reading waits until it is writable */
    bool machine_done; /* its end has been passed on */
    bool lan_done;     /* the same of the LAN's */
    size_t writing;    /* bytes of the chunk that are on their way */
    char chunk[SW_FORWARD_CHUNK];
};

struct sw_forwards {
    struct sw_network *net;
    struct sw_driver *driver;
    struct listener *list; /* in the order in which they were made */
    size_t count;          /* of those that are not removed */
    struct counts gone;    /* of all that were removed */
    bool removed;          /* any was */
};

static void add_counts(struct counts *to, const struct counts *more)
{
    to->connections += more->connections;
    to->refused += more->refused;
    to->resets += more->resets;
    to->in += more->in;
    to->out += more->out;
}

static void release(struct listener *l)
{
    free(l->topo.to);
    free(l->spare);
    free(l);
}

/* A listener that was removed is gone with its last connection; what it counted stays. */
static void release_if_done(struct listener *l)
{
    struct listener **at = &l->all->list;
    if (!l->closed || l->count > 0) {
        return;
    }
    while (*at != l) {
        at = &(*at)->next;
    }
    *at = l->next;
    add_counts(&l->all->gone, &l->counts);
    release(l);
}

/* ---- a connection's end ---- */

static void on_connection(uv_stream_t *server, int status);

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
    if (l->spare) {
        free(c);
    } else {
        memset(c, 0, sizeof *c);
        l->spare = c;
    }
    if (l->deaf && !uv_is_closing((uv_handle_t *)&l->tcp)) {
        on_connection((uv_stream_t *)&l->tcp, 0);
    }
    release_if_done(l);
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
    c->listener->counts.out += status ? 0 : c->writing;
    c->writing = 0;
    if (uv_is_closing((uv_handle_t *)&c->tcp)) {
        return;
    }
    sw_driver_catch_up(c->listener->all->driver);
    if (status) {
        c->listener->counts.resets++;
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
        c->listener->counts.resets++;
        reset(c);
    }
}

/* ---- into the LAN ---- */

/* No time passes in here: it might close the handle, and libuv stands that only in on_read(). */
static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct connection *c = handle->data;
    void *at = NULL;
    size_t n = 0;
    (void)size;
    c->room = sw_sock_reserve(c->sock, &at, &n);
    /* Without room on_read() hears of UV_ENOBUFS. */
    *buf = uv_buf_init(c->room ? NULL : at, n < UINT32_MAX ? (unsigned)n : UINT32_MAX);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct connection *c = stream->data;
    if (n == UV_ENOBUFS) {
        uv_read_stop(stream);
        c->waits = c->room == -EAGAIN;
        if (!c->waits) { /* nothing would tell when it goes on */
            c->listener->counts.resets++;
            reset(c);
        }
        return;
    }
    sw_driver_catch_up(c->listener->all->driver);
    if (!c->sock) {
        return; /* time that has passed has closed it */
    }
    if (buf->base) {
        int64_t took = sw_sock_commit(c->sock, n > 0 ? (size_t)n : 0);
        c->listener->counts.in += took > 0 ? (uint64_t)took : 0;
    }
    if (n == UV_EOF) {
        uv_read_stop(stream);
        sw_sock_shutdown(c->sock);
        c->machine_done = true;
        finish_if_done(c);
    } else if (n < 0) {
        c->listener->counts.resets++;
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
        *(c->connected ? &c->listener->counts.resets : &c->listener->counts.refused) += 1;
        reset(c);
        break;
    default:
        break;
    }
}

/* ---- who knocks ---- */

static void join(struct listener *l, struct connection *c)
{
    c->next = l->first;
    if (l->first) {
        l->first->prev = c;
    }
    l->first = c;
    l->count++;
}

/* Without memory for one more he is reset. Whoever comes before that has been done waits for it,
 * for libuv asks for nobody else until he was accepted. */
static void on_connection(uv_stream_t *server, int status)
{
    struct listener *l = server->data;
    struct connection *c = status ? NULL : l->spare;
    l->deaf = !c && !status;
    if (!c) {
        return;
    }
    l->spare = calloc(1, sizeof *c);
    c->listener = l;
    int rc = uv_tcp_init(server->loop, &c->tcp);
    assert(rc == 0); /* it makes no socket yet */
    c->tcp.data = c;
    join(l, c);
    if (uv_accept(server, (uv_stream_t *)&c->tcp)) {
        finish(c);
        return;
    }
    l->counts.connections++;
    sw_driver_catch_up(l->all->driver);
    struct sw_endpoint to = {l->to, l->topo.port};
    uv_tcp_nodelay(&c->tcp, 1);
    if (!l->spare || l->count > SW_FORWARD_CONNECTIONS ||
        sw_sock_open(&c->sock, l->from, SW_TCP, on_event, c) ||
        sw_sock_set(c->sock, SW_OPT_NODELAY, 1) || sw_sock_connect(c->sock, to)) {
        l->counts.refused++;
        reset(c);
    }
}

/* ---- life ---- */

static int start_listener(struct listener *l, uv_loop_t *loop)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons(l->topo.listen.port),
                             .sin_addr.s_addr = htonl(sw_ip_v4_number(l->topo.listen.ip))};
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
        l->at = (struct sw_endpoint){l->topo.listen.ip, ntohs(in.sin_port)};
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

/* Only of its own side: a listener that never listened. */
static void on_failed(uv_handle_t *handle)
{
    release(handle->data);
}

/* One more that listens, or what the system said. */
static int open_listener(struct sw_forwards *all, const struct sw_topo_forward *forward,
                         struct listener **out)
{
    struct listener *l = calloc(1, sizeof *l), **end = &all->list;
    char *to = strdup(forward->to);
    struct connection *spare = calloc(1, sizeof *spare);
    if (!l || !to || !spare) {
        free(l);
        free(to);
        free(spare);
        return -ENOMEM;
    }
    signal(SIGPIPE, SIG_IGN); /* a reset of the machine's is an error of uv_write() */
    l->all = all;
    l->topo = *forward;
    l->topo.to = to;
    l->spare = spare;
    l->from = sw_network_host_at(all->net, forward->from);
    bool known = sw_network_address(all->net, forward->to, &l->to);
    assert(known); /* whoever read it saw to it */
    (void)known;
    int rc = start_listener(l, sw_driver_loop(all->driver));
    if (rc) {
        uv_close((uv_handle_t *)&l->tcp, on_failed);
        return rc;
    }
    while (*end) {
        end = &(*end)->next;
    }
    *end = l;
    all->count++;
    *out = l;
    return 0;
}

int sw_forwards_new(struct sw_forwards **out, struct sw_network *net, struct sw_driver *driver)
{
    const struct sw_topo *topo = sw_network_topo(net);
    struct sw_forwards *all = calloc(1, sizeof *all);
    struct listener *l;
    if (!all) {
        fputs("switchd: out of memory\n", stderr);
        return -ENOMEM;
    }
    *all = (struct sw_forwards){.net = net, .driver = driver};
    *out = all;
    for (size_t i = 0; i < topo->forward_count; i++) {
        int rc = open_listener(all, &topo->forwards[i], &l);
        if (rc) {
            return complain(&topo->forwards[i], rc);
        }
    }
    return 0;
}

static struct listener *find(const struct sw_forwards *all, struct sw_endpoint at)
{
    struct listener *l = all->list;
    while (l && (l->removed || l->at.port != at.port || !sw_ip_equal(l->at.ip, at.ip))) {
        l = l->next;
    }
    return l;
}

int sw_forwards_add(struct sw_forwards *all, const struct sw_topo_forward *forward,
                    struct sw_endpoint *at)
{
    struct listener *l;
    if (find(all, forward->listen)) {
        return -EEXIST;
    }
    int rc = all->count < SW_FORWARDS_MAX ? open_listener(all, forward, &l) : -ENFILE;
    if (rc == 0) {
        *at = l->at;
    }
    return rc;
}

static void on_removed(uv_handle_t *handle)
{
    struct listener *l = handle->data;
    l->closed = true;
    release_if_done(l);
}

int sw_forwards_remove(struct sw_forwards *all, struct sw_endpoint at)
{
    struct listener *l = find(all, at);
    if (!l) {
        return -ENOENT;
    }
    l->removed = all->removed = true;
    all->count--;
    uv_close((uv_handle_t *)&l->tcp, on_removed);
    return 0;
}

struct sw_network *sw_forwards_network(const struct sw_forwards *all)
{
    return all->net;
}

/* ---- what is told of them ---- */

static void tell_listener(const struct listener *l, FILE *to)
{
    const struct sw_topo *topo = sw_network_topo(l->all->net);
    const char *from = topo->hosts[l->topo.from].name;
    char at[SW_ENDPOINT_TEXT];
    fprintf(to, "%s leads to %s:%u", sw_endpoint_emit(l->at, at), l->topo.to, l->topo.port);
    if (strcmp(from, l->topo.to) != 0) {
        fprintf(to, " from %s", from);
    }
}

void sw_forwards_list(const struct sw_forwards *all, FILE *to)
{
    for (const struct listener *l = all->list; l; l = l->next) {
        if (!l->removed) {
            tell_listener(l, to);
            fprintf(to, ", %u connections\n", l->count);
        }
    }
}

void sw_forwards_say_up(const struct sw_forwards *all)
{
    for (const struct listener *l = all->list; l; l = l->next) {
        char at[SW_ENDPOINT_TEXT];
        fprintf(stderr, ", %s leads to %s:%u", sw_endpoint_emit(l->at, at), l->topo.to,
                l->topo.port);
    }
}

static void tell_counts(const struct counts *c)
{
    fprintf(stderr,
            ": %llu connections, %llu refused, %llu reset, %llu bytes into the LAN, %llu out of "
            "it\n",
            (unsigned long long)c->connections, (unsigned long long)c->refused,
            (unsigned long long)c->resets, (unsigned long long)c->in, (unsigned long long)c->out);
}

void sw_forwards_summary(const struct sw_forwards *all)
{
    struct counts gone = all->gone;
    for (const struct listener *l = all->list; l; l = l->next) {
        char at[SW_ENDPOINT_TEXT];
        if (l->removed) {
            add_counts(&gone, &l->counts);
            continue;
        }
        fprintf(stderr, "forward %s to %s:%u", sw_endpoint_emit(l->at, at), l->topo.to,
                l->topo.port);
        tell_counts(&l->counts);
    }
    if (all->removed) {
        fputs("forwards that were removed", stderr);
        tell_counts(&gone);
    }
}

/* ---- the end ---- */

void sw_forwards_stop(struct sw_forwards *all)
{
    for (struct listener *l = all ? all->list : NULL; l; l = l->next) {
        for (struct connection *c = l->first; c; c = c->next) {
            reset(c);
        }
    }
}

void sw_forwards_free(struct sw_forwards *all)
{
    while (all && all->list) {
        struct listener *l = all->list;
        all->list = l->next;
        release(l);
    }
    free(all);
}
