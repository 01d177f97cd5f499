/* Real programs on a host of the LAN, as their parent sees them. See program.h. */
#include "switchd/program.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "switchd/keeper.h"

#define NAMESPACES                                                                                 \
    (CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC)
#define PACKET_BUFFER (1 << 20)
#define ANSWER_S 5

struct sw_program {
    char name[64];
    pid_t pid;
    int fd, ask;           /* ask: what is answered at once */
    int tap[SW_HOST_NICS]; /* -1: none, or given away */
};

/* As fork(), into new namespaces. */
static pid_t fork_into(uint64_t namespaces)
{
    struct clone_args args = {.flags = namespaces, .exit_signal = SIGCHLD};
    return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

static int refuse(char *why, size_t cap, const char *name, int error)
{
    const char *mend = "";
    if (error == EPERM || error == EACCES) {
        mend = "; user namespaces are restricted here: sysctl kernel.unprivileged_userns_clone=1, "
               "or kernel.apparmor_restrict_unprivileged_userns=0";
    } else if (error == ENOSPC || error == EUSERS) {
        mend = "; there are too many: sysctl user.max_user_namespaces, user.max_net_namespaces";
    } else if (error == EMFILE) {
        mend = "; raise the limit: ulimit -n";
    }
    snprintf(why, cap, "host '%s': making its namespaces: %s%s", name, strerror(error), mend);
    return -error;
}

/* What we and the keeper speak by; its ends are `theirs`. 0 or a negative errno. */
static int make_pairs(struct sw_program *p, int theirs[2])
{
    const struct timeval patience = {.tv_sec = ANSWER_S};
    int pair[2], size = PACKET_BUFFER;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        return -errno;
    }
    p->fd = pair[0];
    theirs[0] = pair[1];
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        int rc = -errno;
        close(theirs[0]);
        return rc;
    }
    p->ask = pair[0];
    theirs[1] = pair[1];
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return 0;
}

int sw_program_new(struct sw_program **out, const struct sw_program_config *config, char *why,
                   size_t cap)
{
    const char *name = config->host->name;
    struct sw_program *p = malloc(sizeof *p);
    int theirs[2] = {-1, -1};
    if (!p) {
        return refuse(why, cap, name, ENOMEM);
    }
    *p = (struct sw_program){.pid = -1, .fd = -1, .ask = -1};
    snprintf(p->name, sizeof p->name, "%s", name);
    memset(p->tap, -1, sizeof p->tap);
    int rc = make_pairs(p, theirs);
    if (rc) {
        sw_program_free(p);
        return refuse(why, cap, name, -rc);
    }
    fflush(NULL); /* nothing of this process is to be printed by two */
    p->pid = fork_into(NAMESPACES);
    if (p->pid == 0) {
        sw_keeper_be(theirs[0], theirs[1], config);
    }
    int error = errno;
    close(theirs[0]);
    close(theirs[1]);
    if (p->pid < 0) {
        sw_program_free(p);
        return refuse(why, cap, name, error);
    }
    *out = p;
    return 0;
}

int sw_program_wait(struct sw_program *p, char *why, size_t cap)
{
    struct sw_keeper_head head;
    char text[512];
    size_t n = sizeof text - 1, count = SW_HOST_NICS;
    int rc = sw_keeper_receive(p->fd, &head, text, &n, p->tap, &count, true);
    if (rc == 0 && head.kind == SW_KEEPER_UP) {
        return 0;
    }
    text[rc ? 0 : n] = '\0';
    snprintf(why, cap, "host '%s': %s", p->name, rc ? "its first process has gone" : text);
    return rc ? rc : -head.status;
}

int sw_program_tap(struct sw_program *p, size_t i)
{
    int fd = p->tap[i];
    p->tap[i] = -1;
    return fd;
}

int sw_program_fd(const struct sw_program *p)
{
    return p->fd;
}

/* Texts with their NULs behind what is there; false: no room. */
static bool put(char *bytes, size_t *n, char *const *texts, uint32_t *count)
{
    for (; texts && texts[*count]; ++*count) {
        size_t len = strlen(texts[*count]) + 1;
        if (len > SW_PROGRAM_BYTES - *n) {
            return false;
        }
        memcpy(bytes + *n, texts[*count], len);
        *n += len;
    }
    return true;
}

int sw_program_start(struct sw_program *p, uint32_t id, const struct sw_program_command *command)
{
    struct sw_keeper_head head = {.kind = SW_KEEPER_START, .id = id};
    char *folder[2] = {(char *)(command->cwd ? command->cwd : ""), NULL};
    char *bytes = malloc(SW_PROGRAM_BYTES);
    uint32_t one = 0;
    size_t n = 0;
    int rc = bytes ? -E2BIG : -ENOMEM;
    if (bytes && put(bytes, &n, command->argv, &head.argc) &&
        put(bytes, &n, command->env, &head.envc) && put(bytes, &n, folder, &one)) {
        rc = sw_keeper_send(p->fd, &head, bytes, n, command->fds, 3);
    }
    free(bytes);
    return rc;
}

/* Asks the keeper for count descriptors. 0 or a negative errno. */
static int ask(struct sw_program *p, enum sw_keeper_kind what, int status, int *fds, size_t count)
{
    struct sw_keeper_head head = {.kind = what, .status = status};
    size_t n = 0, came = count;
    int rc = sw_keeper_send(p->ask, &head, NULL, 0, NULL, 0);
    rc = rc ? rc : sw_keeper_receive(p->ask, &head, NULL, &n, fds, &came, true);
    if (rc) {
        if (p->ask >= 0) { /* what comes too late answers no other question */
            close(p->ask);
            p->ask = -1;
        }
        return -EPIPE;
    }
    if (came == count) {
        return 0;
    }
    while (came > 0) {
        close(fds[--came]);
    }
    return head.kind == SW_KEEPER_REFUSED ? -head.status : -EMFILE;
}

int sw_program_socket(struct sw_program *p, enum sw_protocol protocol)
{
    int fd;
    int rc = ask(p, SW_KEEPER_SOCKET, (int)protocol, &fd, 1);
    return rc ? rc : fd;
}

int sw_program_diag(struct sw_program *p)
{
    int fd;
    int rc = ask(p, SW_KEEPER_DIAG, 0, &fd, 1);
    return rc ? rc : fd;
}

int sw_program_enter(struct sw_program *p, int fds[SW_PROGRAM_NAMESPACES])
{
    return ask(p, SW_KEEPER_ENTER, 0, fds, SW_PROGRAM_NAMESPACES);
}

int sw_program_signal(struct sw_program *p, uint32_t id, int number)
{
    struct sw_keeper_head head = {.kind = SW_KEEPER_SIGNAL, .id = id, .status = number};
    return sw_keeper_send(p->fd, &head, NULL, 0, NULL, 0);
}

int sw_program_read(struct sw_program *p, struct sw_program_report *out)
{
    struct sw_keeper_head head;
    size_t n = sizeof *out, count = 0;
    int none;
    int rc = sw_keeper_receive(p->fd, &head, out, &n, &none, &count, false);
    if (rc == -EAGAIN) {
        return 0;
    }
    return rc || head.kind != SW_KEEPER_REPORT || n != sizeof *out ? -EPIPE : 1;
}

pid_t sw_program_pid(const struct sw_program *p)
{
    return p->pid;
}

void sw_program_kill(struct sw_program *p)
{
    if (p->pid > 0) {
        kill(p->pid, SIGKILL);
    }
}

void sw_program_free(struct sw_program *p)
{
    if (!p) {
        return;
    }
    for (size_t i = 0; i < SW_HOST_NICS; i++) {
        if (p->tap[i] >= 0) {
            close(p->tap[i]);
        }
    }
    sw_program_kill(p);
    if (p->pid > 0) {
        while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (p->fd >= 0) {
        close(p->fd);
    }
    if (p->ask >= 0) {
        close(p->ask);
    }
    free(p);
}
