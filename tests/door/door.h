/* The door through which other people's tests reach a virtual host: packetdrill loads this library
 * with --so_filename and calls a table of functions instead of the kernel's (so_table.h).
 *
 * There is one host, in virtual time. Whoever waits (usleep, gettimeofday, a packet to come) drives
 * the clock; a call that blocks, on packetdrill's second thread, sleeps until something has
 * happened to a socket, and the driver stands still until that thread has either gone back to
 * sleep or has returned and read the time, so that what it reads is when its call ended.
 *
 * Descriptors are real ones, since packetdrill closes them itself: an eventfd holds the number. */
#ifndef SW_TESTS_DOOR_H
#define SW_TESTS_DOOR_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "core/env.h"
#include "core/link.h"
#include "stack/host.h"
#include "stack/posix.h"

#define DOOR_FDS 256
#define DOOR_WATCHES 32
#define DOOR_PATIENCE (300 * SW_S) /* of who waits for a packet, or blocks without a deadline */
#define DOOR_MESSAGE_MOST (4u << 20)
#define DOOR_TCP_INQ 36 /* Linux's TCP_INQ, and its TCP_CM_INQ */

/* What the host has sent and nobody has taken yet. */
struct door_packet {
    struct door_packet *next;
    sw_time at;
    size_t len;
    uint8_t bytes[];
};

struct door_watch {
    int fd; /* -1: free */
    struct epoll_event event;
    uint64_t edges; /* of the socket when it was reported last */
    bool reported;
};

/* What a descriptor stands for. */
struct door_fd {
    struct sw_posix *sock;    /* or NULL */
    struct door_watch *watch; /* of an epoll: DOOR_WATCHES of them; or NULL */
    bool nonblocking;
    bool says_left; /* TCP_INQ */
    int unsent_low; /* TCP_NOTSENT_LOWAT, 0: the setting */
    bool used;
};

enum door_sleeper {
    DOOR_NOBODY,
    DOOR_ASLEEP,    /* waits for something to happen */
    DOOR_WOKEN,     /* has been called, and looks whether that was it */
    DOOR_RETURNING, /* its call is over, and it has not read the time yet */
};

struct door {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct sw_env env;
    struct sw_seed seed;
    struct sw_host *host; /* made by the first socket(), when the script's settings are in force */
    struct sw_port port;  /* the far end of its line */
    struct sw_link link;
    struct door_packet *first, *last;
    struct door_fd fd[DOOR_FDS];
    enum door_sleeper sleeper;
    sw_time sleeper_until;
    uint64_t happened;      /* events of sockets */
    uint64_t happened_seen; /* when the sleeper looked last */
    uint64_t calls;         /* of whoever drives the clock */
    int64_t unsent_low;     /* the script's tcp_notsent_lowat; 0: none */
};

/* door_world.c */
void door_open(struct door *door);
void door_shut(struct door *door);
/* The host is made if there is none. 0 or a negative errno. */
int door_host(struct door *door);
sw_time door_now(const struct door *door);
/* What is due now is done, and whoever sleeps is called if that concerns it. */
void door_settle(struct door *door);
/* Goes on to what is due next, at most to `until`; false: it is `until`. */
bool door_step(struct door *door, sw_time until);
/* A bare IP packet to the host. */
void door_inject(struct door *door, const uint8_t *bytes, size_t n);
/* Waits for something to happen, at most to `until`; false: nothing has. */
bool door_wait(struct door *door, sw_time until);
/* A call of the second thread that slept is over. */
void door_returns(struct door *door);

/* door_calls.c. A call begins and ends with these two; the latter says what it returned in the C
 * library's way. */
struct door *door_enter(void *user);
int64_t door_leave(struct door *door, int64_t result);
/* Of one that blocks: is it to be tried again after something has happened? And it blocks no more.
 */
bool door_again(struct door *door, bool waits, sw_time until);
void door_over(struct door *door);
bool door_endpoint_of(struct sw_endpoint *out, const struct sockaddr *at, socklen_t len);
void door_say_endpoint(struct sockaddr *at, socklen_t *len, struct sw_endpoint from);
struct door_fd *door_entry(struct door *door, int fd); /* NULL: none of ours */
/* The socket of a descriptor of ours, or NULL. */
struct sw_posix *door_sock(struct door *door, int fd);
/* A descriptor for a socket, or for an epoll's watches; -1 and errno. */
int door_fd_new(struct door *door, struct sw_posix *sock, struct door_watch *watch);
/* What a call returned, in the C library's way. */
int64_t door_result(int64_t result);

/* door_text.c */
struct so_table;
void door_text_calls(struct so_table *table);
ssize_t door_text_write(void *user, int fd, const void *bytes, size_t n);

/* door_poll.c, door_options.c: as the C library's, under the lock. */
int door_poll(struct door *door, void *fds, unsigned long n, int timeout_ms);
int door_epoll_create(struct door *door);
int door_epoll_ctl(struct door *door, int epfd, int op, int fd, const struct epoll_event *event);
int door_epoll_wait(struct door *door, int epfd, struct epoll_event *events, int most,
                    int timeout_ms);
int door_getsockopt(struct door *door, int fd, int level, int name, void *value, unsigned *len);
/* What the script's setting says, for bytes = 0. */
int door_set_unsent_low(const struct door *door, struct sw_posix *sock, int bytes);
int door_setsockopt(struct door *door, int fd, int level, int name, const void *value,
                    unsigned len);

#endif
