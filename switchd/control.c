/* The control socket. See control.h. */
#include "switchd/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16
#define PATIENCE_S 2 /* of either side */

struct sw_control {
    struct sw_programs *programs;
    struct sw_driver *driver;
    int fd;
    uv_poll_t poll;
};

/* "@switchd/1000/office"; 0: the name is too long. */
static socklen_t address_of(struct sockaddr_un *out, const char *lan)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(out->sun_path + 1, sizeof out->sun_path - 1, "switchd/%u/%s",
                     (unsigned)geteuid(), lan);
    return n < (int)sizeof out->sun_path - 1
               ? (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)
               : 0;
}

/* Is the other side this user? root: or root. An abstract name is anybody's who is there first. */
static bool is_known(int fd, bool root)
{
    struct ucred who;
    socklen_t len = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
           (who.uid == geteuid() || (root && who.uid == 0));
}

static int send_answer(int to, const char *text, const int *fds, size_t count)
{
    union {
        char room[CMSG_SPACE(SW_PROGRAM_NAMESPACES * sizeof(int))];
        struct cmsghdr align;
    } control = {.room = {0}};
    struct iovec iov = {(void *)text, strlen(text) + 1};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
    if (count > 0) {
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    }
    return sendmsg(to, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* ---- who is asked ---- */

static void answer(const struct sw_control *c, int to, const char *request)
{
    char why[SW_CONTROL_TEXT] = "";
    int fds[SW_PROGRAM_NAMESPACES];
    size_t count = 0;
    if (strncmp(request, "exec ", 5) != 0) {
        snprintf(why, sizeof why, "this request is not known here");
    } else if (sw_programs_enter(c->programs, request + 5, fds, why, sizeof why) == 0) {
        count = SW_PROGRAM_NAMESPACES;
    }
    (void)send_answer(to, why, fds, count); /* who asked may have gone */
    while (count > 0) {
        close(fds[--count]);
    }
}

/* A request is there at once: whoever connects sends it before anything else. */
static void on_knock(uv_poll_t *poll, int status, int events)
{
    struct sw_control *c = poll->data;
    struct timeval patience = {.tv_usec = 100000};
    char request[SW_CONTROL_TEXT];
    (void)status;
    (void)events;
    int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t n = is_known(fd, true) ? recv(fd, request, sizeof request - 1, 0) : -1;
    if (n > 0) {
        request[n] = '\0';
        answer(c, fd, request);
    }
    close(fd);
}

int sw_control_new(struct sw_control **out, const struct sw_env *env, const char *lan,
                   struct sw_programs *programs, struct sw_driver *driver)
{
    struct sockaddr_un address;
    socklen_t len = address_of(&address, lan);
    struct sw_control *c = calloc(1, sizeof *c);
    if (!c) {
        return -ENOMEM;
    }
    *c = (struct sw_control){.programs = programs, .driver = driver};
    *out = c;
    c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->fd < 0) {
        return -errno;
    }
    if (len == 0 || bind(c->fd, (struct sockaddr *)&address, len) < 0) {
        sw_log_line(&env->log, SW_LOG_WARN,
                    "another LAN named '%s' runs: `switchd exec` will not find this one", lan);
        return 0;
    }
    if (listen(c->fd, BACKLOG) < 0) {
        return -errno;
    }
    c->poll.data = c;
    int rc = uv_poll_init(sw_driver_loop(driver), &c->poll, c->fd);
    return rc ? rc : uv_poll_start(&c->poll, UV_READABLE, on_knock);
}

void sw_control_free(struct sw_control *control)
{
    if (control) {
        if (control->fd >= 0) {
            close(control->fd);
        }
        free(control);
    }
}

/* ---- who asks ---- */

/* The answer's descriptors: 0, or a negative errno with what it says. */
static int take_answer(int from, int fds[SW_PROGRAM_NAMESPACES], char *why, size_t cap)
{
    union {
        char room[CMSG_SPACE(SW_PROGRAM_NAMESPACES * sizeof(int))];
        struct cmsghdr align;
    } control;
    char text[SW_CONTROL_TEXT];
    struct iovec iov = {text, sizeof text - 1};
    struct msghdr message = {.msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    ssize_t n = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    if (n <= 0) {
        snprintf(why, cap, "the LAN did not answer");
        return -EPIPE;
    }
    text[n] = '\0';
    const struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    if (!c || c->cmsg_type != SCM_RIGHTS ||
        c->cmsg_len != CMSG_LEN(SW_PROGRAM_NAMESPACES * sizeof(int))) {
        snprintf(why, cap, "%s", text);
        return -ENOENT;
    }
    memcpy(fds, CMSG_DATA(c), SW_PROGRAM_NAMESPACES * sizeof(int));
    return 0;
}

int sw_control_ask(const char *lan, const char *host, int fds[SW_PROGRAM_NAMESPACES], char *why,
                   size_t cap)
{
    struct sockaddr_un address;
    struct timeval patience = {.tv_sec = PATIENCE_S};
    socklen_t len = address_of(&address, lan);
    char request[SW_CONTROL_TEXT];
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        snprintf(why, cap, "%s", strerror(errno));
        return -EMFILE;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    snprintf(request, sizeof request, "exec %.200s", host);
    int rc;
    if (len == 0 || connect(fd, (struct sockaddr *)&address, len) < 0) {
        snprintf(why, cap, "no LAN named '%s' with programs runs for this user", lan);
        rc = -ECONNREFUSED;
    } else if (!is_known(fd, false)) {
        snprintf(why, cap, "another user holds the name of the LAN '%s'", lan);
        rc = -EPERM;
    } else if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0) {
        snprintf(why, cap, "%s", strerror(errno));
        rc = -EPIPE;
    } else {
        rc = take_answer(fd, fds, why, cap);
    }
    close(fd);
    return rc;
}
