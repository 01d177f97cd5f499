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
#include <unistd.h>

#include "tests/door/door.h"
#include "tests/door/so_table.h"

#define EPOCH_S 1000000              /* what the clock says when LAN time begins */
#define READ_CLOCK_TAKES (1 * SW_US) /* so that a loop that only reads the clock ends */

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

struct door_fd *door_entry(struct door *door, int fd)
{
    return fd >= 0 && fd < DOOR_FDS && door->fd[fd].used ? &door->fd[fd] : NULL;
}

struct sw_posix *door_sock(struct door *door, int fd)
{
    struct door_fd *e = door_entry(door, fd);
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

struct door *door_enter(void *user)
{
    struct door *door = user;
    pthread_mutex_lock(&door->lock);
    return door;
}

int64_t door_leave(struct door *door, int64_t result)
{
    door_settle(door);
    pthread_mutex_unlock(&door->lock);
    return door_result(result);
}

/* To be called again after something has happened? */
bool door_again(struct door *door, bool waits, sw_time until)
{
    if (!waits || door_now(door) >= until) {
        return false;
    }
    slept = slept || gettid() != getpid();
    return door_wait(door, until);
}

void door_over(struct door *door)
{
    if (slept) {
        door_returns(door);
    }
}

bool door_endpoint_of(struct sw_endpoint *out, const struct sockaddr *at, socklen_t len)
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

void door_say_endpoint(struct sockaddr *at, socklen_t *len, struct sw_endpoint from)
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
    struct door *door = door_enter(user);
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
    return (int)door_leave(door, err);
}

static int call_bind(void *user, int fd, const struct sockaddr *at, socklen_t len)
{
    struct door *door = door_enter(user);
    struct sw_posix *sock = door_sock(door, fd);
    struct sw_endpoint local;
    int err = sock == NULL ? -EBADF : -EINVAL;
    if (sock != NULL && door_endpoint_of(&local, at, len)) {
        err = sw_posix_bind(sock, local);
    }
    return (int)door_leave(door, err);
}

static int call_listen(void *user, int fd, int backlog)
{
    struct door *door = door_enter(user);
    struct sw_posix *sock = door_sock(door, fd);
    return (int)door_leave(door, sock == NULL ? -EBADF : sw_posix_listen(sock, backlog));
}

static int call_accept(void *user, int fd, struct sockaddr *from, socklen_t *len)
{
    struct door *door = door_enter(user);
    struct door_fd *e = door_entry(door, fd);
    struct sw_posix *sock = NULL;
    struct sw_endpoint peer = {0};
    int err = -EBADF;
    const sw_time until = door_now(door) + DOOR_PATIENCE;
    if (e != NULL && e->sock != NULL) {
        do {
            err = sw_posix_accept(&sock, e->sock, &peer);
        } while (err == -EAGAIN && door_again(door, !e->nonblocking, until));
    }
    if (err == 0) {
        door_say_endpoint(from, len, peer);
        err = door_fd_new(door, sock, NULL);
    }
    door_over(door);
    return (int)door_leave(door, err);
}

static int call_connect(void *user, int fd, const struct sockaddr *to, socklen_t len)
{
    struct door *door = door_enter(user);
    struct door_fd *e = door_entry(door, fd);
    struct sw_endpoint remote;
    int err = e == NULL || e->sock == NULL ? -EBADF : -EINVAL;
    const sw_time until = door_now(door) + DOOR_PATIENCE;
    if (err == -EINVAL && door_endpoint_of(&remote, to, len)) {
        do {
            err = sw_posix_connect(e->sock, remote);
            door_settle(door);
        } while ((err == -EINPROGRESS || err == -EALREADY) &&
                 door_again(door, !e->nonblocking, until));
    }
    door_over(door);
    return (int)door_leave(door, err);
}

static int call_shutdown(void *user, int fd, int how)
{
    struct door *door = door_enter(user);
    struct sw_posix *sock = door_sock(door, fd);
    const int err = sock == NULL         ? -EBADF
                    : how < 0 || how > 2 ? -EINVAL
                                         : sw_posix_shutdown(sock, (enum sw_posix_how)how);
    return (int)door_leave(door, err);
}

static int call_close(void *user, int fd)
{
    struct door *door = door_enter(user);
    struct door_fd *e = door_entry(door, fd);
    if (e != NULL) {
        if (e->sock != NULL) {
            sw_posix_close(e->sock);
        }
        free(e->watch);
        *e = (struct door_fd){0};
    }
    return (int)door_leave(door, close(fd) < 0 ? -errno : 0);
}

/* ---- the rest of a descriptor ---- */

static int call_fcntl(void *user, int fd, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    const long argument = va_arg(rest, long);
    va_end(rest);
    struct door *door = door_enter(user);
    struct door_fd *e = door_entry(door, fd);
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
    return (int)door_leave(door, result);
}

static int call_ioctl(void *user, int fd, unsigned long request, ...)
{
    va_list rest;
    va_start(rest, request);
    int *value = va_arg(rest, void *);
    va_end(rest);
    struct door *door = door_enter(user);
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
    return (int)door_leave(door, err);
}

static int call_getsockopt(void *user, int fd, int level, int name, void *value, socklen_t *len)
{
    struct door *door = door_enter(user);
    return (int)door_leave(door, door_getsockopt(door, fd, level, name, value, len));
}

static int call_setsockopt(void *user, int fd, int level, int name, const void *value,
                           socklen_t len)
{
    struct door *door = door_enter(user);
    return (int)door_leave(door, door_setsockopt(door, fd, level, name, value, len));
}

static int call_poll(void *user, struct pollfd *fds, nfds_t n, int timeout)
{
    struct door *door = door_enter(user);
    const int result = door_poll(door, fds, n, timeout);
    slept = slept || (gettid() != getpid() && door->sleeper == DOOR_WOKEN);
    door_over(door);
    return (int)door_leave(door, result);
}

static int call_epoll_create(void *user, int size)
{
    struct door *door = door_enter(user);
    return (int)door_leave(door, size <= 0 ? -EINVAL : door_epoll_create(door));
}

static int call_epoll_ctl(void *user, int epfd, int op, int fd, struct epoll_event *event)
{
    struct door *door = door_enter(user);
    return (int)door_leave(door, door_epoll_ctl(door, epfd, op, fd, event));
}

static int call_epoll_wait(void *user, int epfd, struct epoll_event *events, int most, int timeout)
{
    struct door *door = door_enter(user);
    const int result = door_epoll_wait(door, epfd, events, most, timeout);
    slept = slept || (gettid() != getpid() && door->sleeper == DOOR_WOKEN);
    door_over(door);
    return (int)door_leave(door, result);
}

static int call_pipe(void *user, int fds[2])
{
    (void)user;
    return pipe(fds);
}

/* ---- packets and time ---- */

static int call_netdev_send(void *user, const void *bytes, size_t n)
{
    struct door *door = door_enter(user);
    door_inject(door, bytes, n);
    return (int)door_leave(door, 0);
}

/* Packetdrill would ask for ever: when nothing comes in DOOR_PATIENCE it gets what is no packet,
 * which ends the test. */
static int call_netdev_receive(void *user, void *bytes, size_t *n, long long *time_us)
{
    struct door *door = door_enter(user);
    const sw_time until = door_now(door) + DOOR_PATIENCE;
    while (door->first == NULL && door_step(door, until)) {
    }
    struct door_packet *packet = door->first;
    *time_us = door_now(door) / SW_US + EPOCH_S * 1000000LL;
    if (packet == NULL) {
        fprintf(stderr, "door: error: no packet is sent\n");
        *n = 1;
        return (int)door_leave(door, 0);
    }
    door->first = packet->next;
    door->last = door->first == NULL ? NULL : door->last;
    *n = packet->len < *n ? packet->len : *n;
    memcpy(bytes, packet->bytes, *n);
    *time_us = packet->at / SW_US + EPOCH_S * 1000000LL;
    free(packet);
    return (int)door_leave(door, 0);
}

static int call_usleep(void *user, useconds_t us)
{
    struct door *door = door_enter(user);
    const sw_time until = door_now(door) + (sw_time)us * SW_US;
    while (door_step(door, until)) {
    }
    return (int)door_leave(door, 0);
}

static int call_gettimeofday(void *user, struct timeval *tv, struct timezone *tz)
{
    struct door *door = door_enter(user);
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
    return (int)door_leave(door, 0);
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
    door_text_calls(table);
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
    uint8_t *bytes = n <= DOOR_MESSAGE_MOST ? malloc(n + 1) : NULL;
    ssize_t got = bytes == NULL ? -1 : pread(in, bytes, n, offset != NULL ? *offset : 0);
    if (got > 0) {
        got = door_text_write(the_door, out, bytes, (size_t)got);
    }
    if (got > 0 && offset != NULL) {
        *offset += got;
    }
    free(bytes);
    return got;
}
