/* The sockets of a program host's kernel, by which steps speak from it: what stack/far.h asks of
 * another's stack. A socket belongs to the network namespace that it was made in, whoever holds it;
 * so the host's keeper makes it, and it waits here in the driver's loop, as a tap does. */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/programs_impl.h"

#define DATAGRAM_ROOM (4 << 20) /* bytes, with what the kernel needs for each */

struct far_sock {
    struct sw_program_host *host;
    struct sw_far *far; /* NULL: it was closed */
    enum sw_protocol protocol;
    int fd;
    uv_poll_t poll;
    int wants;       /* what is waited for: UV_READABLE, UV_WRITABLE */
    bool connecting; /* TCP: its SYN is out */
    bool listening;
    uint16_t sequence; /* ping: of the last request */
    int soft_error;    /* of the last ICMP error, a negative errno */
};

static struct sockaddr_in address_of(struct sw_endpoint at)
{
    uint32_t ip = at.ip.family == SW_IPV4 ? sw_ip_v4_number(at.ip) : INADDR_ANY;
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(at.port), .sin_addr.s_addr = htonl(ip)};
}

static struct sw_endpoint endpoint_of(const struct sockaddr_in *in)
{
    return (struct sw_endpoint){sw_ip_v4(ntohl(in->sin_addr.s_addr)), ntohs(in->sin_port)};
}

/* An errno of the kernel's in the words of stack/sock.h: what it knows of ICMP is finer. */
static int error_of(int number)
{
    switch (number) {
    case ENOPROTOOPT:
        return -ECONNREFUSED;
    case EHOSTDOWN:
    case ENONET:
    case EOPNOTSUPP:
        return -EHOSTUNREACH;
    default:
        return -number;
    }
}

/* ---- events ---- */

static void on_poll(uv_poll_t *poll, int status, int events);

/* Waits for nothing else; the handle was made, so this cannot fail. */
static void want(struct far_sock *s, int events)
{
    s->wants = events;
    int rc = events ? uv_poll_start(&s->poll, events, on_poll) : uv_poll_stop(&s->poll);
    assert(rc == 0);
    (void)rc;
}

/* What ICMP said is kept beside the error itself, and would go on to be told of. The last of it, or
 * 0. */
static int drain_errors(struct far_sock *s)
{
    int last = 0;
    union {
        char room[512];
        struct cmsghdr align;
    } control;
    for (;;) {
        char quoted[64];
        struct iovec iov = {quoted, sizeof quoted};
        struct msghdr message = {.msg_iov = &iov,
                                 .msg_iovlen = 1,
                                 .msg_control = control.room,
                                 .msg_controllen = sizeof control.room};
        if (recvmsg(s->fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
            s->soft_error = last ? last : s->soft_error;
            return last;
        }
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
            struct sock_extended_err error;
            if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) {
                memcpy(&error, CMSG_DATA(c), sizeof error);
                last = error.ee_origin == SO_EE_ORIGIN_ICMP ? error_of((int)error.ee_errno) : last;
            }
        }
    }
}

/* The pending error, which is asked for first: it goes with what is drained. */
static int take_error(struct far_sock *s)
{
    int number = 0;
    socklen_t len = sizeof number;
    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &number, &len);
    int drained = drain_errors(s);
    return number || s->protocol == SW_TCP ? error_of(number) : drained;
}

/* What a call came to. */
static int64_t result_of(struct far_sock *s, ssize_t n, int number)
{
    if (n < 0 && number != EAGAIN) {
        (void)drain_errors(s);
    }
    return n < 0 ? error_of(number) : n;
}

/* What a connection brought before it is told of before it. */
static void tell_error(struct far_sock *s)
{
    int error = take_error(s);
    bool over = s->protocol == SW_TCP && error;
    want(s, over ? 0 : s->wants);
    if (over && !s->connecting) {
        sw_far_tell(s->far, SW_SOCK_READABLE, 0);
    }
    if (error) {
        sw_far_tell(s->far, SW_SOCK_ERROR, error);
    }
}

/* From now on ICMP's errors end nothing, as in a virtual stack; nor of what a listener accepts. */
static void get_over_errors(const struct far_sock *s)
{
    int off = 0;
    setsockopt(s->fd, IPPROTO_IP, IP_RECVERR, &off, sizeof off);
}

static void tell_connected(struct far_sock *s)
{
    get_over_errors(s);
    s->connecting = false;
    s->soft_error = 0;
    want(s, UV_READABLE);
    sw_far_tell(s->far, SW_SOCK_CONNECTED, 0);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct far_sock *s = poll->data;
    sw_driver_catch_up(s->host->all->driver);
    if (!s->far) {
        return; /* time that has passed has closed it */
    }
    if (status < 0) {
        tell_error(s);
    } else if (s->connecting) {
        tell_connected(s);
    } else {
        want(s, s->wants & ~events); /* until it is asked for again */
        if (events & UV_READABLE) {
            sw_far_tell(s->far, s->listening ? SW_SOCK_ACCEPTED : SW_SOCK_READABLE, 0);
        }
        if (events & UV_WRITABLE) {
            sw_far_tell(s->far, SW_SOCK_WRITABLE, 0);
        }
    }
}

/* ---- making, and ending ---- */

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

/* fd is the socket's from now on, also if this fails. */
static int adopt(struct far_sock **out, struct sw_program_host *host, struct sw_far *far,
                 enum sw_protocol protocol, int fd)
{
    struct far_sock *s = calloc(1, sizeof *s);
    int rc = s ? uv_poll_init(sw_driver_loop(host->all->driver), &s->poll, fd) : -ENOMEM;
    if (rc) {
        close(fd);
        free(s);
        return rc;
    }
    s->host = host;
    s->far = far;
    s->protocol = protocol;
    s->fd = fd;
    s->poll.data = s;
    *out = s;
    return 0;
}

/* Datagrams come while the loop sees to the LAN: there is room for what it may bring in a turn. Not
 * every user may have so much. */
static void make_room(int fd)
{
    int bytes = DATAGRAM_ROOM;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
}

/* It hears of all ICMP errors; a datagram that is too long for the way is cut up, as in a virtual
 * stack. */
static int far_open(void *ctx, void **out, enum sw_protocol protocol, struct sw_far *far)
{
    struct sw_program_host *host = ctx;
    struct far_sock *s;
    int on = 1, cut = IP_PMTUDISC_DONT;
    int fd = sw_program_socket(host->program, protocol);
    if (fd < 0) {
        return fd == -EPIPE ? -ENETDOWN : fd;
    }
    setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    if (protocol != SW_TCP) {
        setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &cut, sizeof cut);
        make_room(fd);
    }
    int rc = adopt(&s, host, far, protocol, fd);
    if (rc == 0) {
        *out = s;
    }
    return rc;
}

/* A connection that is reset says so to its peer. */
static void far_close(void *of, bool abort)
{
    struct far_sock *s = of;
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    s->far = NULL;
    want(s, 0);
    uv_close((uv_handle_t *)&s->poll, on_closed);
    if (abort && s->protocol == SW_TCP) {
        setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    close(s->fd);
}

/* ---- who speaks with whom ---- */

static struct sw_endpoint far_local(const void *of)
{
    const struct far_sock *s = of;
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t len = sizeof in;
    getsockname(s->fd, (struct sockaddr *)&in, &len);
    return endpoint_of(&in);
}

static int far_bind(void *of, struct sw_endpoint local)
{
    struct far_sock *s = of;
    struct sockaddr_in in = address_of(local);
    if (bind(s->fd, (struct sockaddr *)&in, sizeof in) < 0) {
        return error_of(errno);
    }
    if (s->protocol != SW_TCP) {
        want(s, UV_READABLE);
    }
    return 0;
}

static int far_listen(void *of, unsigned backlog)
{
    struct far_sock *s = of;
    get_over_errors(s);
    if (listen(s->fd, (int)backlog) < 0) {
        return error_of(errno);
    }
    s->listening = true;
    want(s, UV_READABLE);
    return 0;
}

static int far_accept(void *of, void **out, struct sw_far *far, struct sw_endpoint *remote)
{
    struct far_sock *listener = of, *s;
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t len = sizeof in;
    int fd = accept4(listener->fd, (struct sockaddr *)&in, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    int number = errno;
    want(listener, UV_READABLE);
    if (fd < 0) {
        return error_of(number);
    }
    int rc = adopt(&s, listener->host, far, SW_TCP, fd);
    if (rc == 0) {
        *out = s;
        *remote = endpoint_of(&in);
        want(s, UV_READABLE);
    }
    return rc;
}

static int far_connect(void *of, struct sw_endpoint remote)
{
    struct far_sock *s = of;
    struct sockaddr_in in = address_of(remote);
    bool stands = connect(s->fd, (struct sockaddr *)&in, sizeof in) == 0;
    if (!stands && errno != EINPROGRESS) {
        return error_of(errno);
    }
    if (s->protocol == SW_TCP) { /* what stands already is told of like what will */
        s->connecting = true;
        want(s, UV_WRITABLE);
    } else {
        want(s, UV_READABLE);
    }
    return 0;
}

/* ---- bytes ---- */

static int64_t far_send(void *of, const void *bytes, size_t n)
{
    struct far_sock *s = of;
    struct icmphdr echo = {.type = ICMP_ECHO, .un.echo.sequence = htons(s->sequence + 1)};
    bool ping = s->protocol == SW_PING;
    /* Nothing is written through the pointer; the interface has no const. */
    struct iovec iov[2] = {{&echo, sizeof echo}, {(void *)bytes, n}};
    struct msghdr message = {.msg_iov = ping ? iov : iov + 1, .msg_iovlen = ping ? 2 : 1};
    ssize_t sent = sendmsg(s->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    int number = errno;
    if (s->protocol == SW_TCP) {
        if (sent < (ssize_t)n) {
            want(s, s->wants | UV_WRITABLE);
        }
        return result_of(s, sent, number);
    }
    if (sent < 0 && number == EAGAIN) {
        want(s, s->wants | UV_WRITABLE);
    }
    bool lost = sent < 0 && number == ENOBUFS; /* the interface had no room for it */
    if (ping && (sent >= 0 || lost)) {
        s->sequence++;
    }
    return sent >= 0 || lost ? (int64_t)n : result_of(s, sent, number);
}

/* The payload of an answer, and its number in the place of a port. */
static int64_t receive_echo(struct far_sock *s, void *bytes, size_t n, struct sw_endpoint *from)
{
    struct icmphdr echo = {.type = ICMP_ECHO};
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct iovec iov[2] = {{&echo, sizeof echo}, {bytes, n}};
    struct msghdr message = {
        .msg_name = &in, .msg_namelen = sizeof in, .msg_iov = iov, .msg_iovlen = 2};
    ssize_t got;
    do {
        got = recvmsg(s->fd, &message, MSG_DONTWAIT | MSG_TRUNC);
    } while (got >= 0 && (got < (ssize_t)sizeof echo || echo.type != ICMP_ECHOREPLY));
    *from = endpoint_of(&in);
    from->port = ntohs(echo.un.echo.sequence);
    return got < 0 ? result_of(s, got, errno) : got - (ssize_t)sizeof echo;
}

static int64_t receive_bytes(struct far_sock *s, void *bytes, size_t n, struct sw_endpoint *from)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t len = sizeof in;
    bool stream = s->protocol == SW_TCP;
    ssize_t got = recvfrom(s->fd, bytes, n, MSG_DONTWAIT | (stream ? 0 : MSG_TRUNC),
                           stream ? NULL : (struct sockaddr *)&in, stream ? NULL : &len);
    if (got >= 0 && !stream) {
        *from = endpoint_of(&in);
    }
    return result_of(s, got, errno);
}

/* After the peer's end nothing more is waited for. */
static int64_t far_recv(void *of, void *bytes, size_t n, struct sw_endpoint *from)
{
    struct far_sock *s = of;
    int64_t got =
        s->protocol == SW_PING ? receive_echo(s, bytes, n, from) : receive_bytes(s, bytes, n, from);
    bool over = s->protocol == SW_TCP && (got == 0 || (got < 0 && got != -EAGAIN));
    want(s, over ? s->wants & ~UV_READABLE : s->wants | UV_READABLE);
    return got;
}

static int far_shutdown(void *of)
{
    const struct far_sock *s = of;
    return shutdown(s->fd, SHUT_WR) < 0 ? error_of(errno) : 0;
}

/* ---- what it is like ---- */

static int far_set(void *of, enum sw_sock_option option, int64_t value)
{
    static const char *const names[] = {
        [SW_TCP_CUBIC] = "cubic", [SW_TCP_RENO] = "reno", [SW_TCP_BBR] = "bbr"};
    const struct far_sock *s = of;
    if (option != SW_OPT_CONGESTION || value < SW_TCP_CUBIC || value > SW_TCP_BBR) {
        return -EINVAL;
    }
    const char *name = names[value];
    int rc = setsockopt(s->fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name));
    return rc < 0 ? -EPROTONOSUPPORT : 0; /* it has none, or this user may not choose it */
}

static void far_info(const void *of, struct sw_sock_info *out)
{
    const struct far_sock *s = of;
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    out->soft_error = s->soft_error;
    if (s->protocol != SW_TCP || getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0) {
        return;
    }
    out->mss_bytes = info.tcpi_snd_mss;
    out->retransmits = info.tcpi_total_retrans;
    out->cwnd_bytes = (uint64_t)info.tcpi_snd_cwnd * info.tcpi_snd_mss;
    out->srtt = (sw_time)info.tcpi_rtt * SW_US;
    out->rto = (sw_time)info.tcpi_rto * SW_US;
}

const struct sw_far_ops sw_far_kernel = {.open = far_open,
                                         .bind = far_bind,
                                         .listen = far_listen,
                                         .accept = far_accept,
                                         .connect = far_connect,
                                         .local = far_local,
                                         .send = far_send,
                                         .recv = far_recv,
                                         .shutdown = far_shutdown,
                                         .close = far_close,
                                         .set = far_set,
                                         .info = far_info};
