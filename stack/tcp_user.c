/* The user's calls (RFC 9293 3.9.1 and 3.10.1 to 3.10.6) behind stack/sock.h. */
#include <errno.h>
#include <stdlib.h>

#include "stack/tcp.h"
#include "stack/tcp_buffers.h"

#define UNSENT_LOW_MAX (64 << 20)
#define MSS_MIN 88 /* as Linux has it: options leave room for text */
#define MSS_MAX 65495
#define PACING_MOST 1000000000000000             /* bit/s */
#define TIME_MOST (SW_S * 3600 * 24 * 365 * 100) /* a century from any now is still a time */

static const struct sw_sock_ops ops;

/* NULL when the host has ended. */
static struct sw_tcp *tcp_of(const struct sw_sock *sock)
{
    return SW_CONTAINER(sock, struct sw_tcp_sock, sock)->tcp;
}

static struct sw_tcp_sock *new_handle(struct sw_tcp *t)
{
    struct sw_tcp_sock *handle = calloc(1, sizeof(*handle));
    if (handle != NULL) {
        handle->sock.ops = &ops;
        handle->sock.host = t->host;
        handle->sock.protocol = SW_TCP;
        handle->tcp = t;
        t->handle = handle;
    }
    return handle;
}

int sw_tcp_sock_new(struct sw_sock **out, struct sw_host *host)
{
    struct sw_tcp *t = sw_tcp_new(host);
    if (t == NULL) {
        return -ENOMEM;
    }
    struct sw_tcp_sock *handle = new_handle(t);
    if (handle == NULL) {
        sw_tcp_reap(t);
        return -ENOMEM;
    }
    *out = &handle->sock;
    return 0;
}

/* ---- endpoints ---- */

static void tell_endpoints(struct sw_tcp *t)
{
    struct sw_sock *sock = &t->handle->sock;
    sock->local = (struct sw_endpoint){sw_ip_v4(t->at.local_ip), t->at.local_port};
    sock->remote = (struct sw_endpoint){sw_ip_v4(t->at.remote_ip), t->at.remote_port};
}

static int bind_op(struct sw_sock *sock, struct sw_endpoint local)
{
    struct sw_tcp *t = tcp_of(sock);
    if (t == NULL || t->bound || t->used) {
        return -EINVAL;
    }
    const uint32_t ip = local.ip.family == SW_IP_NONE ? 0 : sw_ip_v4_number(local.ip);
    if (ip != 0 && !sw_ip_is_ours(t->host, ip)) {
        return -EADDRNOTAVAIL;
    }
    const int err = sw_tcp_table_bind(t, ip, local.port);
    if (err == 0) {
        sock->local = (struct sw_endpoint){local.ip, t->at.local_port};
    }
    return err;
}

static int listen_op(struct sw_sock *sock, unsigned backlog)
{
    struct sw_tcp *t = tcp_of(sock);
    if (t == NULL || (t->used && t->state != SW_TCP_LISTEN)) {
        return -EINVAL;
    }
    const unsigned most = t->host->tcp->config.backlog_max;
    if (t->state != SW_TCP_LISTEN) {
        if (!t->bound) {
            const int err = bind_op(sock, (struct sw_endpoint){.port = 0});
            if (err < 0) {
                return err;
            }
        }
        t->listener = calloc(1, sizeof(*t->listener));
        if (t->listener == NULL) {
            return -ENOMEM;
        }
        t->used = true;
        t->state = SW_TCP_LISTEN;
    }
    t->listener->backlog = backlog < most ? backlog : most;
    return 0;
}

static int accept_op(struct sw_sock **out, struct sw_sock *listener)
{
    struct sw_tcp *l = tcp_of(listener);
    if (l == NULL || l->state != SW_TCP_LISTEN) {
        return -EINVAL;
    }
    struct sw_tcp *t = l->listener->ready;
    if (t == NULL) {
        return -EAGAIN;
    }
    struct sw_tcp_sock *handle = new_handle(t);
    if (handle == NULL) {
        return -ENOMEM;
    }
    sw_tcp_leave_parent(t);
    tell_endpoints(t);
    sw_sock_attach(&handle->sock);
    /* What has come before anybody could be told of it. */
    if (t->recvq.bytes > 0) {
        sw_tcp_notify(t, SW_SOCK_READABLE);
    }
    if (t->fin_received) {
        sw_tcp_notify(t, SW_SOCK_PEER_CLOSED);
    }
    *out = &handle->sock;
    return 0;
}

static int connect_op(struct sw_sock *sock, struct sw_endpoint remote)
{
    struct sw_tcp *t = tcp_of(sock);
    if (t == NULL || t->state == SW_TCP_LISTEN) {
        return -EINVAL;
    }
    if (t->used) {
        return -EISCONN;
    }
    const uint32_t ip = sw_ip_v4_number(remote.ip);
    if (ip == 0 || remote.port == 0 || sw_ip_is_broadcast(t->host, ip)) {
        return -EINVAL; /* MUST-46 */
    }
    int err = sw_ip_path(t->host, t->fixed_local_ip, ip, &t->path); /* MUST-43, MUST-44 */
    if (err < 0) {
        return err;
    }
    const uint16_t bound_port = t->at.local_port;
    t->at = (struct sw_tcp_tuple){.local_ip = t->path.src,
                                  .remote_ip = ip,
                                  .local_port = bound_port,
                                  .remote_port = remote.port};
    err = t->bound ? 0 : sw_tcp_table_choose_port(t);
    if (err == 0) {
        err = sw_tcp_table_add(t);
    }
    if (err < 0) {
        t->at = (struct sw_tcp_tuple){.local_port = bound_port};
        return err;
    }
    /* From here the pair of endpoints is what must be the only one of its kind: others may bind the
     * port (MUST-42). */
    sw_tcp_table_unbind(t);
    t->used = true;
    t->active = true;
    tell_endpoints(t);
    sw_tcp_begin(t, sw_tcp_table_isn(t->host->tcp, &t->at, &t->ts_offset));
    t->state = SW_TCP_SYN_SENT;
    sw_tcp_restart_rtx(t);
    sw_tcp_send_syn(t);
    sw_tcp_tell(t, SW_TCP_TOLD_STATE);
    return 0;
}

/* ---- sending ---- */

static int may_send(const struct sw_sock *sock, const struct sw_tcp *t)
{
    if (sock->error != 0) {
        return sock->error;
    }
    if (t == NULL || !t->used || t->state == SW_TCP_LISTEN) {
        return -ENOTCONN;
    }
    const bool open = t->state == SW_TCP_SYN_SENT || t->state == SW_TCP_SYN_RECEIVED ||
                      t->state == SW_TCP_ESTABLISHED || t->state == SW_TCP_CLOSE_WAIT;
    return open && !t->fin_queued ? 0 : -EPIPE;
}

static int64_t send_with_op(struct sw_sock *sock, const void *bytes, size_t n, unsigned how)
{
    struct sw_tcp *t = tcp_of(sock);
    const int err = may_send(sock, t);
    if (err < 0 || n == 0) {
        return err;
    }
    if ((how & SW_SEND_URGENT) != 0 && !sw_tcp_may_write_urgent(t)) {
        return -ENOMEM;
    }
    const bool record = (how & SW_SEND_RECORD) != 0;
    if (record && !sw_tcp_rare_need(t)) {
        return -ENOMEM;
    }
    const bool full = record && !sw_tcp_marks_room(&t->rare->records);
    const size_t room = full ? 0 : sw_tcp_writable_bytes(t);
    const size_t want = n < room ? n : room;
    const size_t took = sw_tcp_sendq_write(&t->sendq, t->host->env.pool, bytes, want);
    if (took < n) {
        t->want_writable = true;
    }
    if (took == 0) {
        return room == 0 ? -EAGAIN : -ENOMEM;
    }
    if ((how & SW_SEND_URGENT) != 0) {
        sw_tcp_wrote_urgent(t);
    }
    if (record && took == n) {
        sw_tcp_marks_add(&t->rare->records, sw_tcp_queue_seq(t) + t->sendq.bytes);
    }
    t->more = t->hold = (how & SW_SEND_MORE) != 0;
    sw_tcp_output(t);
    t->hold = false;
    return (int64_t)took;
}

static int64_t send_op(struct sw_sock *sock, const void *bytes, size_t n,
                       const struct sw_endpoint *from, const struct sw_endpoint *to)
{
    (void)from; /* none of either: sock.c sees to that */
    (void)to;
    return send_with_op(sock, bytes, n, 0);
}

static int reserve_op(struct sw_sock *sock, void **at, size_t *n)
{
    struct sw_tcp *t = tcp_of(sock);
    const int err = may_send(sock, t);
    if (err < 0) {
        return err;
    }
    const size_t room = sw_tcp_writable_bytes(t);
    if (room == 0) {
        t->want_writable = true;
        return -EAGAIN;
    }
    *at = sw_tcp_sendq_reserve(&t->sendq, t->host->env.pool, n);
    if (*at == NULL) {
        return -ENOMEM;
    }
    *n = *n < room ? *n : room;
    return 0;
}

static int64_t commit_op(struct sw_sock *sock, size_t n)
{
    struct sw_tcp *t = tcp_of(sock);
    const int err = may_send(sock, t);
    if (err < 0) {
        if (t != NULL && t->sendq.reserved) {
            sw_tcp_sendq_commit(&t->sendq, 0); /* gives back what was lent */
        }
        return err;
    }
    if (!t->sendq.reserved) {
        return n == 0 ? 0 : -EINVAL;
    }
    sw_tcp_sendq_commit(&t->sendq, n);
    t->more = false;
    sw_tcp_output(t);
    return (int64_t)n;
}

static int shutdown_op(struct sw_sock *sock)
{
    struct sw_tcp *t = tcp_of(sock);
    if (t == NULL || !t->used || t->state == SW_TCP_LISTEN || t->state == SW_TCP_CLOSED) {
        return -ENOTCONN;
    }
    sw_tcp_end_sending(t);
    return 0;
}

/* ---- receiving ---- */

/* What a reader of an empty queue is told: 0, the end; or why there is nothing. */
static int nothing_to_read(const struct sw_sock *sock, const struct sw_tcp *t)
{
    if (sock->error != 0) {
        return sock->error;
    }
    if (t == NULL || !t->used || t->state == SW_TCP_LISTEN) {
        return -ENOTCONN;
    }
    return t->fin_received ? 0 : -EAGAIN;
}

static int64_t recv_op(struct sw_sock *sock, void *bytes, size_t n, struct sw_endpoint *from,
                       struct sw_endpoint *to)
{
    struct sw_tcp *t = tcp_of(sock);
    if (from != NULL) {
        *from = sock->remote;
    }
    if (to != NULL) {
        *to = sock->local;
    }
    if (n == 0) {
        return 0;
    }
    const uint32_t there = t == NULL ? 0 : sw_tcp_readable(t);
    if (there == 0) {
        return nothing_to_read(sock, t);
    }
    const size_t took = sw_tcp_recvq_read(&t->recvq, bytes, n < there ? n : there);
    sw_tcp_buffers_read(t);
    sw_tcp_have_read(t);
    return (int64_t)took;
}

static int recv_urgent_op(struct sw_sock *sock, uint8_t *byte, bool keep)
{
    struct sw_tcp *t = tcp_of(sock);
    return t == NULL ? -EINVAL : sw_tcp_fetch_urgent(t, byte, keep);
}

static int peek_op(struct sw_sock *sock, const void **at, size_t *n)
{
    struct sw_tcp *t = tcp_of(sock);
    *n = 0;
    const uint32_t there = t == NULL ? 0 : sw_tcp_readable(t);
    if (there == 0) {
        return nothing_to_read(sock, t);
    }
    *at = sw_tcp_recvq_peek(&t->recvq, n);
    *n = *n < there ? *n : there;
    return 0;
}

static int64_t consume_op(struct sw_sock *sock, size_t n)
{
    struct sw_tcp *t = tcp_of(sock);
    if (t == NULL) {
        return -ENOTCONN;
    }
    const uint32_t there = sw_tcp_readable(t);
    const uint32_t took = n < there ? (uint32_t)n : there;
    if (took > 0) {
        sw_tcp_recvq_consume(&t->recvq, took);
        sw_tcp_buffers_read(t);
        sw_tcp_have_read(t);
    }
    return took;
}

/* ---- the handle's end ---- */

/* 3.10.5: both have ended, and all of ours was sent. */
static bool last_fin_is_out(const struct sw_tcp *t)
{
    return (t->state == SW_TCP_CLOSING || t->state == SW_TCP_LAST_ACK) &&
           t->snd_nxt - t->snd_una > t->sendq.bytes;
}

static void close_op(struct sw_sock *sock, bool abort)
{
    struct sw_tcp *t = tcp_of(sock);
    if (t == NULL) {
        return;
    }
    SW_CONTAINER(sock, struct sw_tcp_sock, sock)->tcp = NULL;
    t->handle = NULL;
    if (t->state == SW_TCP_LISTEN) {
        sw_tcp_close_listener(t);
    } else if (t->state == SW_TCP_CLOSED || t->state == SW_TCP_TIME_WAIT) {
        sw_tcp_table_unbind(t);
    } else if (abort && last_fin_is_out(t)) {
        sw_tcp_done(t, 0);
    } else if (abort || t->state == SW_TCP_SYN_SENT) {
        sw_tcp_abort(t, 0); /* 3.10.5; and 3.10.4 in SYN-SENT */
    } else if (t->recvq.bytes > 0 && t->linger_reset) {
        sw_tcp_abort(t, 0); /* RFC 2525 2.17: the peer must not believe that it was read */
    } else {
        sw_tcp_orphan(t);
    }
    sw_tcp_reap(t);
}

/* ---- options ---- */

static bool in_range(int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most;
}

static int set_time(sw_time *to, int64_t value, int64_t least)
{
    if (!in_range(value, least, TIME_MOST)) {
        return -EINVAL;
    }
    *to = value;
    return 0;
}

static int set_flag(bool *to, int64_t value)
{
    if (!in_range(value, 0, 1)) {
        return -EINVAL;
    }
    *to = value != 0;
    return 0;
}

static int set_byte(uint8_t *to, int64_t value, int64_t least)
{
    if (!in_range(value, least, 255)) {
        return -EINVAL;
    }
    *to = (uint8_t)value;
    return 0;
}

static int set_congestion(struct sw_tcp *t, int64_t value)
{
    if (!in_range(value, SW_TCP_CUBIC, SW_TCP_BBR)) {
        return -EINVAL;
    }
    sw_tcp_paced_choose(t, sw_tcp_cc_find((enum sw_tcp_congestion)value));
    return 0;
}

static int set_ecn(struct sw_tcp *t, int64_t value)
{
    const bool late = t->used && t->state != SW_TCP_LISTEN;
    if (!in_range(value, SW_TCP_ECN_OFF, SW_TCP_ECN_ON) || late) {
        return -EINVAL;
    }
    t->ecn.mode = (uint8_t)value;
    return 0;
}

static int set_mss(struct sw_tcp *t, int64_t value)
{
    const bool late = t->used && t->state != SW_TCP_LISTEN;
    if ((value != 0 && !in_range(value, MSS_MIN, MSS_MAX)) || late) {
        return -EINVAL;
    }
    t->user_mss = (uint16_t)value;
    return 0;
}

static int set_user_timeout(struct sw_tcp *t, int64_t value)
{
    const int err = set_time(&t->user_timeout, value, 0);
    t->uto_own = t->user_timeout > 0;
    t->uto_due = t->uto && sw_tcp_is_synchronized(t);
    sw_tcp_watch_user_timeout(t);
    return err;
}

static int set_user_timeout_tell(struct sw_tcp *t, int64_t value)
{
    if (!in_range(value, 0, 1)) {
        return -EINVAL;
    }
    t->uto = value == 1;
    t->uto_due = t->uto && sw_tcp_is_synchronized(t);
    return 0;
}

static int set_urgent_inline(struct sw_tcp *t, int64_t value)
{
    if (!in_range(value, 0, 1)) {
        return -EINVAL;
    }
    t->urgent_apart = value == 0;
    return 0;
}

/* What a cork holds goes once. */
static void push_out(struct sw_tcp *t)
{
    const bool cork = t->cork;
    t->cork = false;
    sw_tcp_output(t);
    t->cork = cork;
}

static int set_cork(struct sw_tcp *t, int64_t value)
{
    if (!in_range(value, 0, 1)) {
        return -EINVAL;
    }
    t->cork = value != 0;
    sw_tcp_output(t);
    return 0;
}

static int set_unsent_low(struct sw_tcp *t, int64_t value)
{
    if (!in_range(value, 1, UNSENT_LOW_MAX)) {
        return -EINVAL;
    }
    if (!sw_tcp_rare_need(t)) {
        return -ENOMEM;
    }
    t->rare->unsent_low = (uint32_t)value;
    return 0;
}

/* What Nagle's rule held back, or a cork, goes. */
static int set_nodelay(struct sw_tcp *t, int64_t value)
{
    const int err = set_flag(&t->nodelay, value);
    push_out(t);
    return err;
}

static int set_keepalive(struct sw_tcp *t, int64_t value)
{
    const int err = set_flag(&t->keepalive, value);
    sw_tcp_restart_keepalive(t);
    return err;
}

static int set_keep_idle(struct sw_tcp *t, int64_t value)
{
    const int err = set_time(&t->keep_idle, value, 1);
    sw_tcp_restart_keepalive(t);
    return err;
}

static int set_op(struct sw_sock *sock, enum sw_sock_option option, int64_t value)
{
    struct sw_tcp *t = tcp_of(sock);
    int err = -EINVAL;
    if (t == NULL) {
        return err;
    }
    switch (option) {
    case SW_OPT_NODELAY:
        err = set_nodelay(t, value);
        break;
    case SW_OPT_CORK:
        return set_cork(t, value);
    case SW_OPT_UNSENT_LOW:
        return set_unsent_low(t, value);
    case SW_OPT_KEEPALIVE:
        err = set_keepalive(t, value);
        break;
    case SW_OPT_KEEPALIVE_IDLE:
        err = set_keep_idle(t, value);
        break;
    case SW_OPT_KEEPALIVE_INTERVAL:
        err = sw_tcp_rare_need(t) ? set_time(&t->rare->keep_interval, value, 1) : -ENOMEM;
        break;
    case SW_OPT_KEEPALIVE_PROBES:
        err = set_byte(&t->keep_probes, value, 1);
        break;
    case SW_OPT_SEND_BUFFER:
        err = sw_tcp_buffers_fix_send(t, value);
        break;
    case SW_OPT_RECEIVE_BUFFER:
        err = sw_tcp_buffers_fix_receive(t, value);
        break;
    case SW_OPT_USER_TIMEOUT:
        err = set_user_timeout(t, value);
        break;
    case SW_OPT_USER_TIMEOUT_TELL:
        err = set_user_timeout_tell(t, value);
        break;
    case SW_OPT_TTL:
        err = set_byte(&t->ttl, value, 1);
        break;
    case SW_OPT_TOS:
        err = set_byte(&t->tos, value, 0);
        break;
    case SW_OPT_LINGER_RESET:
        err = set_flag(&t->linger_reset, value);
        break;
    case SW_OPT_CONGESTION:
        return set_congestion(t, value);
    case SW_OPT_PACING:
        err = in_range(value, 0, PACING_MOST) ? sw_tcp_paced_limit(t, (uint64_t)value) : -EINVAL;
        break;
    case SW_OPT_MSS:
        return set_mss(t, value);
    case SW_OPT_ECN:
        return set_ecn(t, value);
    case SW_OPT_URGENT_INLINE:
        return set_urgent_inline(t, value);
    case SW_OPT_DONT_FRAGMENT:
        break; /* TCP always sets DF */
    }
    return err;
}

static int get_op(const struct sw_sock *sock, enum sw_sock_option option, int64_t *value)
{
    const struct sw_tcp *t = tcp_of(sock);
    if (t == NULL) {
        return -EINVAL;
    }
    switch (option) {
    case SW_OPT_NODELAY:
        *value = t->nodelay;
        break;
    case SW_OPT_CORK:
        *value = t->cork;
        break;
    case SW_OPT_UNSENT_LOW:
        *value =
            t->rare != NULL && t->rare->unsent_low > 0 ? t->rare->unsent_low : SW_TCP_UNSENT_MOST;
        break;
    case SW_OPT_KEEPALIVE:
        *value = t->keepalive;
        break;
    case SW_OPT_KEEPALIVE_IDLE:
        *value = t->keep_idle;
        break;
    case SW_OPT_KEEPALIVE_INTERVAL:
        *value = sw_tcp_keep_interval(t);
        break;
    case SW_OPT_KEEPALIVE_PROBES:
        *value = t->keep_probes;
        break;
    case SW_OPT_SEND_BUFFER:
        *value = t->snd_buffer;
        break;
    case SW_OPT_RECEIVE_BUFFER:
        *value = t->rcv_buffer;
        break;
    case SW_OPT_USER_TIMEOUT:
        *value = t->user_timeout;
        break;
    case SW_OPT_USER_TIMEOUT_TELL:
        *value = t->uto;
        break;
    case SW_OPT_TTL:
        *value = t->ttl != 0 ? t->ttl : t->host->config.ttl;
        break;
    case SW_OPT_TOS:
        *value = t->tos;
        break;
    case SW_OPT_LINGER_RESET:
        *value = t->linger_reset;
        break;
    case SW_OPT_CONGESTION:
        *value = t->cc.ops->which;
        break;
    case SW_OPT_PACING:
        *value = t->paced != NULL ? (int64_t)t->paced->most_bps : 0;
        break;
    case SW_OPT_MSS:
        *value = t->user_mss;
        break;
    case SW_OPT_ECN:
        *value = t->ecn.mode;
        break;
    case SW_OPT_URGENT_INLINE:
        *value = !t->urgent_apart;
        break;
    default:
        return -EINVAL;
    }
    return 0;
}

static void info_op(const struct sw_sock *sock, struct sw_sock_info *out)
{
    const struct sw_tcp *t = tcp_of(sock);
    *out = (struct sw_sock_info){.state = sw_tcp_state_name(SW_TCP_CLOSED)};
    if (t != NULL) {
        sw_tcp_info(t, out);
        sw_tcp_urgent_info(t, out);
    }
}

static const struct sw_sock_ops ops = {
    .bind = bind_op,
    .listen = listen_op,
    .accept = accept_op,
    .connect = connect_op,
    .send = send_op,
    .recv = recv_op,
    .send_with = send_with_op,
    .recv_urgent = recv_urgent_op,
    .reserve = reserve_op,
    .commit = commit_op,
    .peek = peek_op,
    .consume = consume_op,
    .shutdown = shutdown_op,
    .close = close_op,
    .set = set_op,
    .get = get_op,
    .info = info_op,
};
