/* The table of functions that packetdrill wants of a library under test, in its order; the first
 * argument of each is the table's user. */
#ifndef SW_TESTS_DOOR_SO_TABLE_H
#define SW_TESTS_DOOR_SO_TABLE_H

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct so_table {
    void *user;
    void (*free)(void *user);
    int (*socket)(void *user, int domain, int type, int protocol);
    int (*bind)(void *user, int fd, const struct sockaddr *at, socklen_t len);
    int (*listen)(void *user, int fd, int backlog);
    int (*accept)(void *user, int fd, struct sockaddr *from, socklen_t *len);
    int (*connect)(void *user, int fd, const struct sockaddr *to, socklen_t len);
    ssize_t (*read)(void *user, int fd, void *bytes, size_t n);
    ssize_t (*readv)(void *user, int fd, const struct iovec *iov, int count);
    ssize_t (*recv)(void *user, int fd, void *bytes, size_t n, int flags);
    ssize_t (*recvfrom)(void *user, int fd, void *bytes, size_t n, int flags, struct sockaddr *from,
                        socklen_t *len);
    ssize_t (*recvmsg)(void *user, int fd, struct msghdr *msg, int flags);
    ssize_t (*write)(void *user, int fd, const void *bytes, size_t n);
    ssize_t (*writev)(void *user, int fd, const struct iovec *iov, int count);
    ssize_t (*send)(void *user, int fd, const void *bytes, size_t n, int flags);
    ssize_t (*sendto)(void *user, int fd, const void *bytes, size_t n, int flags,
                      const struct sockaddr *to, socklen_t len);
    ssize_t (*sendmsg)(void *user, int fd, const struct msghdr *msg, int flags);
    int (*fcntl)(void *user, int fd, int command, ...);
    int (*ioctl)(void *user, int fd, unsigned long request, ...);
    int (*close)(void *user, int fd);
    int (*shutdown)(void *user, int fd, int how);
    int (*getsockopt)(void *user, int fd, int level, int name, void *value, socklen_t *len);
    int (*setsockopt)(void *user, int fd, int level, int name, const void *value, socklen_t len);
    int (*poll)(void *user, struct pollfd *fds, nfds_t n, int timeout);
    int (*netdev_send)(void *user, const void *bytes, size_t n);
    int (*netdev_receive)(void *user, void *bytes, size_t *n, long long *time_us);
    int (*usleep)(void *user, useconds_t us);
    int (*gettimeofday)(void *user, struct timeval *tv, struct timezone *tz);
    int (*epoll_create)(void *user, int size);
    int (*epoll_ctl)(void *user, int epfd, int op, int fd, struct epoll_event *event);
    int (*epoll_wait)(void *user, int epfd, struct epoll_event *events, int most, int timeout);
    int (*pipe)(void *user, int fds[2]);
    int (*splice)(void *user, int in, loff_t *in_at, int out, loff_t *out_at, size_t n,
                  unsigned flags);
};

#endif
