/* poll and epoll over sw_posix_poll(). */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "tests/door/door.h"

#define PATIENCE (300 * SW_S)

static sw_time deadline(const struct door *door, int timeout_ms)
{
    return door_now(door) + (timeout_ms < 0 ? PATIENCE : (sw_time)timeout_ms * SW_MS);
}

static int look(struct door *door, struct pollfd *fds, unsigned long n)
{
    int found = 0;
    for (unsigned long i = 0; i < n; i++) {
        struct sw_posix *sock = door_sock(door, fds[i].fd);
        fds[i].revents = 0;
        if (fds[i].fd < 0) {
            continue;
        }
        if (sock == NULL) {
            fds[i].revents = POLLNVAL;
        } else {
            unsigned can = sw_posix_poll(sock);
            can |= (can & SW_POLL_IN) != 0 ? POLLRDNORM : 0;
            can |= (can & SW_POLL_OUT) != 0 ? POLLWRNORM : 0;
            fds[i].revents = (short)(can & ((unsigned short)fds[i].events | POLLERR | POLLHUP));
        }
        found += fds[i].revents != 0;
    }
    return found;
}

int door_poll(struct door *door, void *fds, unsigned long n, int timeout_ms)
{
    const sw_time until = deadline(door, timeout_ms);
    int found;
    do {
        found = look(door, fds, n);
    } while (found == 0 && door_now(door) < until && door_wait(door, until));
    return found != 0 ? found : look(door, fds, n);
}

/* ---- epoll ---- */

int door_epoll_create(struct door *door)
{
    struct door_watch *watch = calloc(DOOR_WATCHES, sizeof(*watch));
    if (watch == NULL) {
        return -ENOMEM;
    }
    for (int i = 0; i < DOOR_WATCHES; i++) {
        watch[i].fd = -1;
    }
    const int fd = door_fd_new(door, NULL, watch);
    if (fd < 0) {
        free(watch);
        return -errno;
    }
    return fd;
}

static struct door_watch *watches(struct door *door, int epfd)
{
    return epfd >= 0 && epfd < DOOR_FDS ? door->fd[epfd].watch : NULL;
}

static struct door_watch *find(struct door_watch *watch, int fd)
{
    for (int i = 0; i < DOOR_WATCHES; i++) {
        if (watch[i].fd == fd) {
            return &watch[i];
        }
    }
    return NULL;
}

int door_epoll_ctl(struct door *door, int epfd, int op, int fd, const struct epoll_event *event)
{
    struct door_watch *all = watches(door, epfd);
    if (all == NULL || door_sock(door, fd) == NULL) {
        return all == NULL ? -EINVAL : -EBADF;
    }
    struct door_watch *watch = find(all, fd);
    if (op == EPOLL_CTL_ADD && watch != NULL) {
        return -EEXIST;
    }
    if (op != EPOLL_CTL_ADD && watch == NULL) {
        return -ENOENT;
    }
    if (op == EPOLL_CTL_DEL) {
        watch->fd = -1;
        return 0;
    }
    watch = watch != NULL ? watch : find(all, -1);
    if (watch == NULL) {
        return -ENOSPC;
    }
    *watch = (struct door_watch){.fd = fd, .event = *event};
    return 0;
}

/* Edge by edge: told once until something has happened. Level by level: as long as it is so. */
static unsigned ready(struct door_watch *watch, struct sw_posix *sock)
{
    const unsigned wanted = watch->event.events;
    const unsigned found = sw_posix_poll(sock) & (wanted | EPOLLERR | EPOLLHUP);
    const uint64_t edges = sw_posix_edges(sock);
    if (found == 0 || (wanted & ~(unsigned)(EPOLLONESHOT | EPOLLET)) == 0) {
        return 0;
    }
    if ((wanted & EPOLLET) != 0 && watch->reported && watch->edges == edges) {
        return 0;
    }
    watch->reported = true;
    watch->edges = edges;
    if ((wanted & EPOLLONESHOT) != 0) {
        watch->event.events = EPOLLONESHOT;
    }
    return found;
}

static int collect(struct door *door, struct door_watch *all, struct epoll_event *events, int most)
{
    int found = 0;
    for (int i = 0; i < DOOR_WATCHES && found < most; i++) {
        struct sw_posix *sock = door_sock(door, all[i].fd);
        const unsigned can = sock != NULL ? ready(&all[i], sock) : 0;
        if (can != 0) {
            events[found] = all[i].event;
            events[found++].events = can;
        }
    }
    return found;
}

int door_epoll_wait(struct door *door, int epfd, struct epoll_event *events, int most,
                    int timeout_ms)
{
    struct door_watch *all = watches(door, epfd);
    if (all == NULL || most <= 0) {
        return -EINVAL;
    }
    const sw_time until = deadline(door, timeout_ms);
    int found;
    do {
        found = collect(door, all, events, most);
    } while (found == 0 && door_now(door) < until && door_wait(door, until));
    return found != 0 ? found : collect(door, all, events, most);
}
