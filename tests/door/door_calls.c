/* The table's calls: descriptors, blocking, and the C library's way to say an error. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/door/door.h"
#include "tests/door/so_table.h"

#define EPOCH_S 1000000              /* what the clock says when LAN time begins */
#define PATIENCE (300 * SW_S)        /* of who waits for a packet, or blocks without a deadline */
#define READ_CLOCK_TAKES (1 * SW_US) /* so that a loop that only reads the clock ends */
#define MESSAGE_MOST (4u << 20)

/* The preloaded calls have no user of theirs. */
static struct door *the_door;
/* This thread has slept in a call, and the time at which it was over was not read yet. */
static _Thread_local bool slept;

int64_t door_result(int64_t result)
{
    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

/* ---- descriptors ---- */

static struct door_fd *entry(struct door *door, int fd)
{
    return fd >= 0 && fd < DOOR_FDS && door->fd[fd].used ? &door->fd[fd] : NULL;
}

struct sw_posix *door_sock(struct door *door, int fd)
{
    struct door_fd *e = entry(door, fd);
    return e != NULL ? e->sock : NULL;
}

int door_fd_new(struct door *door, struct sw_posix *sock, struct door_watch *watch)
{
    const int fd = eventfd(0, EFD_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    if (fd >= DOOR_FDS) {
        close(fd);
        errno = EMFILE;
        return -1;
    }
    door->fd[fd] = (struct door_fd){.sock = sock, .watch = watch, .used = true};
    if (sock != NULL) {
        (void)door_set_unsent_low(door, sock, 0);
    }
    return fd;
}

static struct door *enter(void *user)
{
    struct door *door = user;
    pthread_mutex_lock(&door->lock);
    return door;
}

static int64_t leave(struct door *door, int64_t result)
{
    door_settle(door);
    pthread_mutex_unlock(&door->lock);
    return door_result(result);
}

/* To be called again after something has happened? */
static bool again(struct door *door, bool waits, sw_time until)
{
    if (!waits || door_now(door) >= until) {
        return false;
    }
    slept = slept || gettid() != getpid();
    return door_wait(door, until);
}

static void over(struct door *door)
{
    if (slept) {
        door_returns(door);
    }
}

static bool endpoint_of(struct sw_endpoint *out, const struct sockaddr *at, socklen_t len)
{
    const struct sockaddr_in *in = (const void *)at;
    if (at == NULL || len < sizeof(*in) || in->sin_family != AF_INET) {
        return false;
    }
    *out = (struct sw_endpoint){.port = ntohs(in->sin_port)};
    if (in->sin_addr.s_addr != 0) {
        out->ip = sw_ip_v4(ntohl(in->sin_addr.s_addr));
    }
    return true;
}

static void say_endpoint(struct sockaddr *at, socklen_t *len, struct sw_endpoint from)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(from.port)};
    if (at == NULL || len == NULL) {
        return;
    }
    in.sin_addr.s_addr = htonl(from.ip.family == SW_IPV4 ? sw_ip_v4_number(from.ip) : 0);
    memcpy(at, &in, *len < sizeof in ? *len : sizeof in);
    *len = sizeof in;
}

/* ---- sockets ---- */

static void changed(struct sw_posix *sock, void *user)
{
    struct door *door = user;
    (void)sock;
    door->happened++;
}

static int call_socket(void *user, int domain, int type, int protocol)
{
    struct door *door = enter(user);
    const int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct sw_posix *sock = NULL;
    (void)protocol;
    int64_t err = domain != AF_INET                           ? -EAFNOSUPPORT
                  : kind != SOCK_STREAM && kind != SOCK_DGRAM ? -EPROTONOSUPPORT
                                                              : door_host(door);
    if (err == 0) {
        err = sw_posix_socket(&sock, door->host, kind == SOCK_STREAM ? SW_TCP : SW_UDP, changed,
                              door);
    }
    if (err == 0) {
        err = door_fd_new(door, sock, NULL);
        if (err >= 0) {
            door->fd[err].nonblocking = (type & SOCK_NONBLOCK) != 0;
        }
    }
    return (int)leave(door, err);
}

static int call_bind(void *user, int fd, const struct sockaddr *at, socklen_t len)
{
    struct door *door = enter(user);
    struct sw_posix *sock = door_sock(door, fd);
    struct sw_endpoint local;
    int err = sock == NULL ? -EBADF : -EINVAL;
    if (sock != NULL && endpoint_of(&local, at, len)) {
        err = sw_posix_bind(sock, local);
    }
    return (int)leave(door, err);
}

static int call_listen(void *user, int fd, int backlog)
{
    struct door *door = enter(user);
    struct sw_posix *sock = door_sock(door, fd);
    return (int)leave(door, sock == NULL ? -EBADF : sw_posix_listen(sock, backlog));
}

static int call_accept(void *user, int fd, struct sockaddr *from, socklen_t *len)
{
    struct door *door = enter(user);
    struct door_fd *e = entry(door, fd);
    struct sw_posix *sock = NULL;
    struct sw_endpoint peer = {0};
    int err = -EBADF;
    const sw_time until = door_now(door) + PATIENCE;
    if (e != NULL && e->sock != NULL) {
        do {
            err = sw_posix_accept(&sock, e->sock, &peer);
        } while (err == -EAGAIN && again(door, !e->nonblocking, until));
    }
    if (err == 0) {
        say_endpoint(from, len, peer);
        err = door_fd_new(door, sock, NULL);
    }
    over(door);
    return (int)leave(door, err);
}

static int call_connect(void *user, int fd, const struct sockaddr *to, socklen_t len)
{
    struct door *door = enter(user);
    struct door_fd *e = entry(door, fd);
    struct sw_endpoint remote;
    int err = e == NULL || e->sock == NULL ? -EBADF : -EINVAL;
    const sw_time until = door_now(door) + PATIENCE;
    if (err == -EINVAL && endpoint_of(&remote, to, len)) {
        do {
            err = sw_posix_connect(e->sock, remote);
            door_settle(door);
        } while ((err == -EINPROGRESS || err == -EALREADY) && again(door, !e->nonblocking, until));
    }
    over(door);
    return (int)leave(door, err);
}

static int call_shutdown(void *user, int fd, int how)
{
    struct door *door = enter(user);
    struct sw_posix *sock = door_sock(door, fd);
    const int err = sock == NULL         ? -EBADF
                    : how < 0 || how > 2 ? -EINVAL
                                         : sw_posix_shutdown(sock, (enum sw_posix_how)how);
    return (int)leave(door, err);
}

static int call_close(void *user, int fd)
{
    struct door *door = enter(user);
    struct door_fd *e = entry(door, fd);
    if (e != NULL) {
        if (e->sock != NULL) {
            sw_posix_close(e->sock);
        }
        free(e->watch);
        *e = (struct door_fd){0};
    }
    return (int)leave(door, close(fd) < 0 ? -errno : 0);
}

/* ---- text ---- */

/* As the kernel finds out whether a pointer leads anywhere. */
static bool there(const void *bytes, size_t n)
{
    uint8_t ends[2];
    if (n == 0) {
        return true;
    }
    /* iovec has no const; the bytes are only read. */
    uint8_t *first;
    memcpy(&first, &bytes, sizeof bytes);
    const struct iovec to = {ends, 2};
    const struct iovec from[2] = {{first, 1}, {first + n - 1, 1}};
    return process_vm_readv(getpid(), &to, 1, from, 2, 0) == 2;
}

static int64_t receive(struct door *door, int fd, void *bytes, size_t n, int flags,
                       struct sw_endpoint *from)
{
    struct door_fd *e = entry(door, fd);
    if (e == NULL || e->sock == NULL) {
        return -EBADF;
    }
    if ((flags & ~(MSG_DONTWAIT | MSG_PEEK | MSG_NOSIGNAL | MSG_OOB)) != 0) {
        return -EOPNOTSUPP;
    }
    if (!there(bytes, n)) {
        return -EFAULT;
    }
    if ((flags & MSG_OOB) != 0) {
        uint8_t byte;
        const int had = sw_posix_recv_urgent(e->sock, n > 0 ? bytes : &byte, flags & MSG_PEEK);
        return had == 1 && n == 0 ? 0 : had;
    }
    const bool waits = !e->nonblocking && (flags & MSG_DONTWAIT) == 0;
    const sw_time until = door_now(door) + PATIENCE;
    int64_t got;
    do {
        got = sw_posix_recv(e->sock, bytes, n, (flags & MSG_PEEK) != 0, from);
    } while (got == -EAGAIN && again(door, waits, until));
    over(door);
    return got;
}

static int64_t give(struct door *door, int fd, const uint8_t *bytes, size_t n, int flags,
                    const struct sw_endpoint *to)
{
    struct door_fd *e = entry(door, fd);
    if (e == NULL || e->sock == NULL) {
        return -EBADF;
    }
    /* MSG_ZEROCOPY may copy. */
    if ((flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL | MSG_ZEROCOPY | MSG_OOB | MSG_MORE | MSG_EOR)) !=
        0) {
        return -EOPNOTSUPP;
    }
    if (!there(bytes, n)) {
        return -EFAULT;
    }
    const bool waits = !e->nonblocking && (flags & MSG_DONTWAIT) == 0;
    const sw_time until = door_now(door) + PATIENCE;
    const unsigned how = ((flags & MSG_MORE) != 0 ? SW_SEND_MORE : 0u) |
                         ((flags & MSG_EOR) != 0 ? SW_SEND_RECORD : 0u);
    size_t done = 0;
    int64_t took;
    do {
        const uint8_t *rest = bytes + done;
        took = (flags & MSG_OOB) != 0 ? sw_posix_send_urgent(e->sock, rest, n - done)
               : how != 0             ? sw_posix_send_with(e->sock, rest, n - done, how)
                                      : sw_posix_send(e->sock, rest, n - done, to);
        door_settle(door);
        done += took > 0 ? (size_t)took : 0;
        /* What is in a lane goes out as the clock stands; then there may be room at once. */
    } while (done < n && (took > 0 || (took == -EAGAIN && again(door, waits, until))));
    over(door);
    return done > 0 ? (int64_t)done : took;
}

static ssize_t call_recvfrom(void *user, int fd, void *bytes, size_t n, int flags,
                             struct sockaddr *from, socklen_t *len)
{
    struct door *door = enter(user);
    struct sw_endpoint peer = {0};
    int64_t got = receive(door, fd, bytes, n, flags, &peer);
    if (got >= 0) {
        say_endpoint(from, len, peer);
        got = (uint64_t)got < n ? got : (int64_t)n;
    }
    return leave(door, got);
}

static ssize_t call_recv(void *user, int fd, void *bytes, size_t n, int flags)
{
    return call_recvfrom(user, fd, bytes, n, flags, NULL, NULL);
}

static ssize_t call_read(void *user, int fd, void *bytes, size_t n)
{
    if (door_sock(user, fd) == NULL) {
        return read(fd, bytes, n);
    }
    return call_recv(user, fd, bytes, n, 0);
}

static ssize_t call_sendto(void *user, int fd, const void *bytes, size_t n, int flags,
                           const struct sockaddr *to, socklen_t len)
{
    struct door *door = enter(user);
    struct sw_endpoint remote;
    const bool named = endpoint_of(&remote, to, len);
    return leave(door, give(door, fd, bytes, n, flags, named ? &remote : NULL));
}

static ssize_t call_send(void *user, int fd, const void *bytes, size_t n, int flags)
{
    return call_sendto(user, fd, bytes, n, flags, NULL, 0);
}

static ssize_t call_write(void *user, int fd, const void *bytes, size_t n)
{
    if (door_sock(user, fd) == NULL) {
        return write(fd, bytes, n);
    }
    return call_send(user, fd, bytes, n, 0);
}

/* TCP_INQ: how much is left to read; 1 when that is the end alone. */
static void say_left(struct door *door, int fd, struct msghdr *msg, bool read)
{
    const struct door_fd *e = entry(door, fd);
    const size_t room = msg->msg_control != NULL ? msg->msg_controllen : 0;
    msg->msg_controllen = 0;
    if (!read || e == NULL || e->sock == NULL || !e->says_left || room < CMSG_SPACE(sizeof(int)) ||
        sw_posix_under(e->sock) == NULL) {
        return;
    }
    pthread_mutex_lock(&door->lock);
    struct sw_sock_info info;
    sw_sock_info(sw_posix_under(e->sock), &info);
    int left = (int)info.receive_queue_bytes;
    if (left == 0 && (sw_posix_poll(e->sock) & SW_POLL_RDHUP) != 0) {
        left = 1;
    }
    pthread_mutex_unlock(&door->lock);
    msg->msg_controllen = CMSG_SPACE(sizeof left);
    struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
    *cmsg = (struct cmsghdr){
        .cmsg_level = IPPROTO_TCP, .cmsg_type = DOOR_TCP_INQ, .cmsg_len = CMSG_LEN(sizeof left)};
    memcpy(CMSG_DATA(cmsg), &left, sizeof left);
}

/* A message of several pieces goes through one buffer. */
static ssize_t call_recvmsg(void *user, int fd, struct msghdr *msg, int flags)
{
    size_t room = 0;
    for (size_t i = 0; i < msg->msg_iovlen; i++) {
        room += msg->msg_iov[i].iov_len;
    }
    uint8_t *bytes = room <= MESSAGE_MOST ? malloc(room + 1) : NULL;
    if (bytes == NULL) {
        errno = ENOBUFS;
        return -1;
    }
    const ssize_t got =
        call_recvfrom(user, fd, bytes, room, flags, msg->msg_name, &msg->msg_namelen);
    size_t at = 0;
    for (size_t i = 0; got > 0 && i < msg->msg_iovlen && at < (size_t)got; i++) {
        const size_t rest = (size_t)got - at;
        const size_t n = rest < msg->msg_iov[i].iov_len ? rest : msg->msg_iov[i].iov_len;
        memcpy(msg->msg_iov[i].iov_base, bytes + at, n);
        at += n;
    }
    free(bytes);
    msg->msg_flags = 0;
    say_left(user, fd, msg, got >= 0);
    return got;
}

static ssize_t call_sendmsg(void *user, int fd, const struct msghdr *msg, int flags)
{
    size_t n = 0;
    for (size_t i = 0; i < msg->msg_iovlen; i++) {
        n += msg->msg_iov[i].iov_len;
    }
    uint8_t *bytes = n <= MESSAGE_MOST ? malloc(n + 1) : NULL;
    if (bytes == NULL) {
        errno = EMSGSIZE;
        return -1;
    }
    size_t at = 0;
    for (size_t i = 0; i < msg->msg_iovlen; i++) {
        memcpy(bytes + at, msg->msg_iov[i].iov_base, msg->msg_iov[i].iov_len);
        at += msg->msg_iov[i].iov_len;
    }
    const ssize_t took = call_sendto(user, fd, bytes, n, flags, msg->msg_name, msg->msg_namelen);
    free(bytes);
    return took;
}

static struct msghdr message(const struct iovec *iov, int count)
{
    struct msghdr msg = {.msg_iovlen = count > 0 ? (size_t)count : 0};
    memcpy(&msg.msg_iov, &iov, sizeof iov);
    return msg;
}

static ssize_t call_readv(void *user, int fd, const struct iovec *iov, int count)
{
    struct msghdr msg = message(iov, count);
    return call_recvmsg(user, fd, &msg, 0);
}

static ssize_t call_writev(void *user, int fd, const struct iovec *iov, int count)
{
    const struct msghdr msg = message(iov, count);
    return call_sendmsg(user, fd, &msg, 0);
}

/* Nothing but the last byte of urgent text is next: Linux's splice() neither takes it nor waits. */
static bool at_mark(void *user, int fd)
{
    struct door *door = enter(user);
    struct sw_posix *sock = door_sock(door, fd);
    struct sw_sock_info info = {0};
    if (sock != NULL && sw_posix_under(sock) != NULL) {
        sw_sock_info(sw_posix_under(sock), &info);
    }
    leave(door, 0);
    return info.at_mark && info.urgent_here;
}

static int call_splice(void *user, int in, loff_t *in_at, int out, loff_t *out_at, size_t n,
                       unsigned flags)
{
    (void)in_at;
    (void)out_at;
    (void)flags;
    if (at_mark(user, in)) {
        return 0;
    }
    uint8_t *bytes = malloc(n + 1);
    ssize_t got = bytes == NULL ? -1 : call_read(user, in, bytes, n);
    if (got > 0) {
        got = call_write(user, out, bytes, (size_t)got);
    }
    free(bytes);
    return (int)got;
}

/* ---- the rest of a descriptor ---- */

static int call_fcntl(void *user, int fd, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    const long argument = va_arg(rest, long);
    va_end(rest);
    struct door *door = enter(user);
    struct door_fd *e = entry(door, fd);
    int64_t result = 0;
    if (e == NULL) {
        result = fcntl(fd, command, argument);
        result = result < 0 ? -errno : result;
    } else if (command == F_GETFL) {
        result = O_RDWR | (e->nonblocking ? O_NONBLOCK : 0);
    } else if (command == F_SETFL) {
        e->nonblocking = (argument & O_NONBLOCK) != 0;
    } else {
        result = -EINVAL;
    }
    return (int)leave(door, result);
}

static int call_ioctl(void *user, int fd, unsigned long request, ...)
{
    va_list rest;
    va_start(rest, request);
    int *value = va_arg(rest, void *);
    va_end(rest);
    struct door *door = enter(user);
    struct sw_posix *sock = door_sock(door, fd);
    struct sw_sock_info info = {0};
    int err = sock == NULL ? -EBADF : value == NULL ? -EFAULT : 0;
    if (err == 0 && sw_posix_under(sock) != NULL) {
        sw_sock_info(sw_posix_under(sock), &info);
    }
    if (err == 0 && request == SIOCINQ) {
        *value = (int)info.receive_queue_bytes; /* a FIN is none of them */
    } else if (err == 0 && request == SIOCOUTQ) {
        *value = (int)info.send_queue_bytes;
    } else if (err == 0 && request == SIOCATMARK) {
        *value = info.at_mark;
    } else if (err == 0) {
        err = -ENOTTY;
    }
    return (int)leave(door, err);
}

static int call_getsockopt(void *user, int fd, int level, int name, void *value, socklen_t *len)
{
    struct door *door = enter(user);
    return (int)leave(door, door_getsockopt(door, fd, level, name, value, len));
}

static int call_setsockopt(void *user, int fd, int level, int name, const void *value,
                           socklen_t len)
{
    struct door *door = enter(user);
    return (int)leave(door, door_setsockopt(door, fd, level, name, value, len));
}

static int call_poll(void *user, struct pollfd *fds, nfds_t n, int timeout)
{
    struct door *door = enter(user);
    const int result = door_poll(door, fds, n, timeout);
    slept = slept || (gettid() != getpid() && door->sleeper == DOOR_WOKEN);
    over(door);
    return (int)leave(door, result);
}

static int call_epoll_create(void *user, int size)
{
    struct door *door = enter(user);
    return (int)leave(door, size <= 0 ? -EINVAL : door_epoll_create(door));
}

static int call_epoll_ctl(void *user, int epfd, int op, int fd, struct epoll_event *event)
{
    struct door *door = enter(user);
    return (int)leave(door, door_epoll_ctl(door, epfd, op, fd, event));
}

static int call_epoll_wait(void *user, int epfd, struct epoll_event *events, int most, int timeout)
{
    struct door *door = enter(user);
    const int result = door_epoll_wait(door, epfd, events, most, timeout);
    slept = slept || (gettid() != getpid() && door->sleeper == DOOR_WOKEN);
    over(door);
    return (int)leave(door, result);
}

static int call_pipe(void *user, int fds[2])
{
    (void)user;
    return pipe(fds);
}

/* ---- packets and time ---- */

static int call_netdev_send(void *user, const void *bytes, size_t n)
{
    struct door *door = enter(user);
    door_inject(door, bytes, n);
    return (int)leave(door, 0);
}

/* Packetdrill would ask for ever: when nothing comes in PATIENCE it gets what is no packet, which
 * ends the test. */
static int call_netdev_receive(void *user, void *bytes, size_t *n, long long *time_us)
{
    struct door *door = enter(user);
    const sw_time until = door_now(door) + PATIENCE;
    while (door->first == NULL && door_step(door, until)) {
    }
    struct door_packet *packet = door->first;
    *time_us = door_now(door) / SW_US + EPOCH_S * 1000000LL;
    if (packet == NULL) {
        fprintf(stderr, "door: error: no packet is sent\n");
        *n = 1;
        return (int)leave(door, 0);
    }
    door->first = packet->next;
    door->last = door->first == NULL ? NULL : door->last;
    *n = packet->len < *n ? packet->len : *n;
    memcpy(bytes, packet->bytes, *n);
    *time_us = packet->at / SW_US + EPOCH_S * 1000000LL;
    free(packet);
    return (int)leave(door, 0);
}

static int call_usleep(void *user, useconds_t us)
{
    struct door *door = enter(user);
    const sw_time until = door_now(door) + (sw_time)us * SW_US;
    while (door_step(door, until)) {
    }
    return (int)leave(door, 0);
}

static int call_gettimeofday(void *user, struct timeval *tv, struct timezone *tz)
{
    struct door *door = enter(user);
    (void)tz;
    const sw_time us = door_now(door) / SW_US;
    if (slept) {
        slept = false;
        door->sleeper = DOOR_NOBODY;
        pthread_cond_broadcast(&door->changed);
    } else {
        const sw_time until = door_now(door) + READ_CLOCK_TAKES;
        while (door_step(door, until)) {
        }
    }
    tv->tv_sec = EPOCH_S + us / 1000000;
    tv->tv_usec = us % 1000000;
    return (int)leave(door, 0);
}

/* ---- the library's face ---- */

static void call_free(void *user)
{
    struct door *door = user;
    for (int fd = 0; fd < DOOR_FDS; fd++) {
        if (door->fd[fd].sock != NULL) {
            sw_posix_close(door->fd[fd].sock);
        }
        free(door->fd[fd].watch);
    }
    the_door = NULL;
    door_shut(door);
    free(door);
}

static const struct so_table calls = {
    .free = call_free,
    .socket = call_socket,
    .bind = call_bind,
    .listen = call_listen,
    .accept = call_accept,
    .connect = call_connect,
    .read = call_read,
    .readv = call_readv,
    .recv = call_recv,
    .recvfrom = call_recvfrom,
    .recvmsg = call_recvmsg,
    .write = call_write,
    .writev = call_writev,
    .send = call_send,
    .sendto = call_sendto,
    .sendmsg = call_sendmsg,
    .fcntl = call_fcntl,
    .ioctl = call_ioctl,
    .close = call_close,
    .shutdown = call_shutdown,
    .getsockopt = call_getsockopt,
    .setsockopt = call_setsockopt,
    .poll = call_poll,
    .netdev_send = call_netdev_send,
    .netdev_receive = call_netdev_receive,
    .usleep = call_usleep,
    .gettimeofday = call_gettimeofday,
    .epoll_create = call_epoll_create,
    .epoll_ctl = call_epoll_ctl,
    .epoll_wait = call_epoll_wait,
    .pipe = call_pipe,
    .splice = call_splice,
};

#define SEEN_OUTSIDE __attribute__((visibility("default")))

SEEN_OUTSIDE void packetdrill_interface_init(const char *flags, struct so_table *table);
SEEN_OUTSIDE void packetdrill_interface_init(const char *flags, struct so_table *table)
{
    (void)flags;
    the_door = calloc(1, sizeof(*the_door));
    if (the_door == NULL) {
        abort();
    }
    door_open(the_door);
    *table = calls;
    table->user = the_door;
}

/* Preloaded, these stand before the C library's: packetdrill asks them directly. */
SEEN_OUTSIDE int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    if (the_door != NULL && door_sock(the_door, fd) != NULL) {
        return call_getsockopt(the_door, fd, level, name, value, len);
    }
    return (int)syscall(SYS_getsockopt, fd, level, name, value, len);
}

SEEN_OUTSIDE ssize_t sendfile(int out, int in, off_t *offset, size_t n);
SEEN_OUTSIDE ssize_t sendfile(int out, int in, off_t *offset, size_t n)
{
    if (the_door == NULL || door_sock(the_door, out) == NULL) {
        return syscall(SYS_sendfile, out, in, offset, n);
    }
    uint8_t *bytes = n <= MESSAGE_MOST ? malloc(n + 1) : NULL;
    ssize_t got = bytes == NULL ? -1 : pread(in, bytes, n, offset != NULL ? *offset : 0);
    if (got > 0) {
        got = call_write(the_door, out, bytes, (size_t)got);
    }
    if (got > 0 && offset != NULL) {
        *offset += got;
    }
    free(bytes);
    return got;
}
