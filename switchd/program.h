/* Real programs on a host of the LAN: processes in namespaces of their own (user, network, mount,
 * PID, UTS, IPC), whose interfaces are taps made inside and handed to whoever plugs them in.
 *
 * The first process in there is a keeper, forked from this one: it makes the namespaces what a host
 * is to look like, starts what it is told to, tells how that ended, and dies with its parent, and
 * the kernel ends with it all that it started. So whatever ends switchd leaves nothing behind.
 *
 * The user's id is mapped to itself, or to another that the program is to see, and nobody else's is
 * mapped: a program has no more rights than whoever started switchd, but for ports below 1024 and
 * pings, which are its own network's affair, and for the capabilities there that its host is given;
 * root has no others either. Of the file system only /etc/hosts, /etc/resolv.conf, /proc and what
 * the LAN file calls `tmpfs` differ, and the sockets that the LAN listens at are hidden. */
#ifndef SW_SWITCHD_PROGRAM_H
#define SW_SWITCHD_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lan/topo.h"

#define SW_PROGRAM_COMMANDS 256          /* that run on one host at once */
#define SW_PROGRAM_BYTES ((size_t)65536) /* of a command's arguments, environment and folder */

#define SW_PROGRAM_NAMESPACES 6

struct sw_program;

struct sw_program_config {
    const struct sw_topo_host *host; /* its interfaces, addresses, routes; lent while it is made */
    const struct sw_mac *macs;       /* of its interfaces */
    const char *hosts;               /* the text of /etc/hosts */
    const char *resolv;              /* of /etc/resolv.conf */
    const char *const *hidden; /* sockets that are not to be reached from inside, when there */
    uid_t uid;                 /* who it is, outside */
    gid_t gid;
    uid_t seen_uid; /* and who it is inside: by default the same */
    gid_t seen_gid;
};

/* A command: what execvp() and chdir() take. env: NULL-ended, what is added to or replaced in this
 * process's own; cwd: NULL: where this process is. */
struct sw_program_command {
    char *const *argv;
    char *const *env;
    const char *cwd;
    int fds[3]; /* its standard input, output and error; lent */
};

enum sw_program_event {
    SW_PROGRAM_STARTED, /* it was executed */
    SW_PROGRAM_FAILED,  /* it was not: status is an errno, text says at what */
    SW_PROGRAM_ENDED,   /* status as of wait(2) */
};

struct sw_program_report {
    enum sw_program_event event;
    uint32_t id; /* of the command */
    int status;
    char text[160];
};

/* Begins a host. Its keeper is on its way; sw_program_wait() says whether it came to be. 0 or a
 * negative errno, and then `why` says what was refused, and which setting of the system stands in
 * the way. */
int sw_program_new(struct sw_program **out, const struct sw_program_config *config, char *why,
                   size_t cap);
/* Waits until the host stands, which takes some milliseconds. The same. */
int sw_program_wait(struct sw_program *program, char *why, size_t cap);
/* The tap of its i-th interface, with the vnet header; a descriptor that is the caller's from now
 * on. Once each. */
int sw_program_tap(struct sw_program *program, size_t i);
/* Readable when sw_program_read() has something to tell. */
int sw_program_fd(const struct sw_program *program);
/* The namespaces of the host, as descriptors that are the caller's, to be entered in this order. It
 * is waited for, as by sw_program_socket(). 0; -EPIPE, or what was refused. (The keeper's own
 * descriptor would not do: it lets nobody look at it but root.) */
int sw_program_enter(struct sw_program *program, int fds[SW_PROGRAM_NAMESPACES]);
/* Starts a command under an id that no other has. 0; -E2BIG (SW_PROGRAM_BYTES); -EPIPE (the keeper
 * has gone). */
int sw_program_start(struct sw_program *program, uint32_t id,
                     const struct sw_program_command *command);
/* A socket of the host's kernel that does not block; a descriptor that is the caller's. It is
 * waited for, which takes a fraction of a millisecond. -EPIPE (the keeper has gone, or says nothing
 * for seconds), or what the kernel refused. */
int sw_program_socket(struct sw_program *program, enum sw_protocol protocol);
/* A socket of NETLINK_SOCK_DIAG, by which the host's kernel tells of its sockets; the same. */
int sw_program_diag(struct sw_program *program);
/* A signal to a command (to its first process), or with id 0 to all processes of the host. 0,
 * -EPIPE. */
int sw_program_signal(struct sw_program *program, uint32_t id, int number);
/* 1: *out is filled in; 0: nothing to tell; -EPIPE: the keeper has gone, and all of the host. */
int sw_program_read(struct sw_program *program, struct sw_program_report *out);
pid_t sw_program_pid(const struct sw_program *program); /* the keeper's */
/* All of it begins to end; sw_program_free() waits until it has. */
void sw_program_kill(struct sw_program *program);
/* Ends all of it, at once. NULL is harmless. */
void sw_program_free(struct sw_program *program);

#endif
