/* The table's calls that move text: whether a pointer leads anywhere, blocking until something came
 * or went, and messages in pieces. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/door/door.h"
#include "tests/door/so_table.h"

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
    struct door_fd *e = door_entry(door, fd);
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
    const sw_time until = door_now(door) + DOOR_PATIENCE;
    int64_t got;
    do {
        got = sw_posix_recv(e->sock, bytes, n, (flags & MSG_PEEK) != 0, from);
    } while (got == -EAGAIN && door_again(door, waits, until));
    door_over(door);
    return got;
}

static int64_t give(struct door *door, int fd, const uint8_t *bytes, size_t n, int flags,
                    const struct sw_endpoint *to)
{
    struct door_fd *e = door_entry(door, fd);
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
    const sw_time until = door_now(door) + DOOR_PATIENCE;
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
    } while (done < n && (took > 0 || (took == -EAGAIN && door_again(door, waits, until))));
    door_over(door);
    return done > 0 ? (int64_t)done : took;
}

static ssize_t call_recvfrom(void *user, int fd, void *bytes, size_t n, int flags,
                             struct sockaddr *from, socklen_t *len)
{
    struct door *door = door_enter(user);
    struct sw_endpoint peer = {0};
    int64_t got = receive(door, fd, bytes, n, flags, &peer);
    if (got >= 0) {
        door_say_endpoint(from, len, peer);
        got = (uint64_t)got < n ? got : (int64_t)n;
    }
    return door_leave(door, got);
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
    struct door *door = door_enter(user);
    struct sw_endpoint remote;
    const bool named = door_endpoint_of(&remote, to, len);
    return door_leave(door, give(door, fd, bytes, n, flags, named ? &remote : NULL));
}

static ssize_t call_send(void *user, int fd, const void *bytes, size_t n, int flags)
{
    return call_sendto(user, fd, bytes, n, flags, NULL, 0);
}

ssize_t door_text_write(void *user, int fd, const void *bytes, size_t n)
{
    if (door_sock(user, fd) == NULL) {
        return write(fd, bytes, n);
    }
    return call_send(user, fd, bytes, n, 0);
}

/* TCP_INQ: how much is left to read; 1 when that is the end alone. */
static void say_left(struct door *door, int fd, struct msghdr *msg, bool read)
{
    const struct door_fd *e = door_entry(door, fd);
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
    uint8_t *bytes = room <= DOOR_MESSAGE_MOST ? malloc(room + 1) : NULL;
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
    uint8_t *bytes = n <= DOOR_MESSAGE_MOST ? malloc(n + 1) : NULL;
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
    struct door *door = door_enter(user);
    struct sw_posix *sock = door_sock(door, fd);
    struct sw_sock_info info = {0};
    if (sock != NULL && sw_posix_under(sock) != NULL) {
        sw_sock_info(sw_posix_under(sock), &info);
    }
    door_leave(door, 0);
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
        got = door_text_write(user, out, bytes, (size_t)got);
    }
    free(bytes);
    return (int)got;
}

void door_text_calls(struct so_table *table)
{
    table->read = call_read;
    table->readv = call_readv;
    table->recv = call_recv;
    table->recvfrom = call_recvfrom;
    table->recvmsg = call_recvmsg;
    table->write = door_text_write;
    table->writev = call_writev;
    table->send = call_send;
    table->sendto = call_sendto;
    table->sendmsg = call_sendmsg;
    table->splice = call_splice;
}
