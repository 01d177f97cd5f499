/* The first process in a program host's namespaces; see program.h. What it and its parent say to
 * each other, a packet each. */
#ifndef SW_SWITCHD_KEEPER_H
#define SW_SWITCHD_KEEPER_H

#include "switchd/program.h"

enum sw_keeper_kind {
    SW_KEEPER_UP,      /* to the parent: the host stands; the taps are with it */
    SW_KEEPER_REFUSED, /* to the parent: it does not, and why */
    SW_KEEPER_START,   /* to the keeper: a command; its three descriptors are with it */
    SW_KEEPER_SIGNAL,  /* to the keeper */
    SW_KEEPER_SOCKET,  /* to the keeper, status an enum sw_protocol; and back, with the socket */
    SW_KEEPER_DIAG,    /* to the keeper; and back, with a socket of NETLINK_SOCK_DIAG */
    SW_KEEPER_ENTER,   /* to the keeper; and back, with its namespaces */
    SW_KEEPER_REPORT,  /* to the parent: struct sw_program_report */
};

/* What each packet begins with. */
struct sw_keeper_head {
    enum sw_keeper_kind kind;
    uint32_t id;
    int status;          /* REFUSED: an errno; SIGNAL: the number; SOCKET: of what protocol */
    uint32_t argc, envc; /* START: so many texts, each with its NUL, and then the folder */
};

#define SW_KEEPER_PACKET (sizeof(struct sw_keeper_head) + SW_PROGRAM_BYTES)

/* In the new process, in its namespaces: makes them a host, serves `fd`, and `ask`, by which each
 * question has its answer, and never returns. */
_Noreturn void sw_keeper_be(int fd, int ask, const struct sw_program_config *config);

/* A packet with count descriptors. 0 or a negative errno. */
int sw_keeper_send(int fd, const struct sw_keeper_head *head, const void *bytes, size_t n,
                   const int *fds, size_t count);
/* *n: bytes behind the head. *count: room in fds, and how many came. 0, -EAGAIN, -EPIPE. */
int sw_keeper_receive(int fd, struct sw_keeper_head *head, void *bytes, size_t *n, int *fds,
                      size_t *count, bool wait);

#endif
