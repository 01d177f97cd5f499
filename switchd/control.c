/* The control socket. See control.h. */
#include "switchd/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "switchd/options.h"

#define BACKLOG 16
#define PATIENCE_S 2 /* of either side */

struct sw_control {
    struct sw_programs *programs;
    struct sw_forwards *forwards;
    struct sw_driver *driver;
    int fd;
    int spare; /* gives way to who asks, so that he is heard also where no other is left */
    uv_poll_t poll;
};

/* "@switchd/1000/office"; 0: the name is too long. */
static socklen_t address_of(struct sockaddr_un *out, uid_t user, const char *lan)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(out->sun_path + 1, sizeof out->sun_path - 1, "%s%u/%s", &SW_CONTROL_PREFIX[1],
                     (unsigned)user, lan);
    return n < (int)sizeof out->sun_path - 1
               ? (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)
               : 0;
}

/* Is the other side that user? root: or root. An abstract name is anybody's who is there first. */
static bool is_user(int fd, uid_t user, bool root)
{
    struct ucred who;
    socklen_t len = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
           (who.uid == user || (root && who.uid == 0));
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

static void refuse(int to, int status, const char *why)
{
    char text[SW_CONTROL_TEXT + 2];
    snprintf(text, sizeof text, "%d%s", status, why);
    (void)send_answer(to, text, NULL, 0); /* who asked may have gone */
}

static void answer_exec(const struct sw_control *c, int to, const char *host)
{
    char why[SW_CONTROL_TEXT] = "";
    int fds[SW_PROGRAM_NAMESPACES];
    if (sw_programs_enter(c->programs, host, fds, why, sizeof why)) {
        refuse(to, SW_EXIT_USAGE, why);
        return;
    }
    (void)send_answer(to, "+", fds, SW_PROGRAM_NAMESPACES);
    for (size_t i = 0; i < SW_PROGRAM_NAMESPACES; i++) {
        close(fds[i]);
    }
}

static void answer_forward(const struct sw_control *c, int to, char *request)
{
    char *text = NULL, why[SW_CONTROL_TEXT] = "";
    size_t n = 0;
    FILE *file = open_memstream(&text, &n);
    int status = SW_EXIT_REFUSED;
    if (file) {
        fputc('+', file);
        status = sw_forwards_do(c->forwards, request, file, why, sizeof why);
        status = fclose(file) == 0 ? status : SW_EXIT_REFUSED;
    }
    if (status || send_answer(to, text, NULL, 0)) {
        refuse(to, status ? status : SW_EXIT_REFUSED, why[0] ? why : "too much to tell at once");
    }
    free(text);
}

static void answer(const struct sw_control *c, int to, char *request)
{
    static const char exec[] = "exec ", forward[] = "forward ";
    sw_driver_catch_up(c->driver);
    if (strncmp(request, exec, sizeof exec - 1) == 0) {
        answer_exec(c, to, request + sizeof exec - 1);
    } else if (strncmp(request, forward, sizeof forward - 1) == 0) {
        answer_forward(c, to, request + sizeof forward - 1);
    } else {
        refuse(to, SW_EXIT_USAGE, "this request is not known here");
    }
}

/* A request is there at once: whoever connects sends it before anything else. */
static void hear(const struct sw_control *c, int fd)
{
    struct timeval patience = {.tv_usec = 100000};
    char request[SW_CONTROL_TEXT];
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t n = is_user(fd, geteuid(), true) ? recv(fd, request, sizeof request, MSG_TRUNC) : -1;
    if (n > 0) {
        bool whole = n < (ssize_t)sizeof request && !memchr(request, '\0', (size_t)n);
        request[whole ? n : 0] = '\0';
        answer(c, fd, request);
    }
}

/* Who is not let in would go on knocking, and the loop go round. */
static void on_knock(uv_poll_t *poll, int status, int events)
{
    struct sw_control *c = poll->data;
    (void)status;
    (void)events;
    close(c->spare);
    int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        hear(c, fd);
        close(fd);
    }
    c->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int sw_control_new(struct sw_control **out, const struct sw_env *env, const char *lan,
                   struct sw_programs *programs, struct sw_forwards *forwards,
                   struct sw_driver *driver)
{
    struct sockaddr_un address;
    socklen_t len = address_of(&address, geteuid(), lan);
    struct sw_control *c = calloc(1, sizeof *c);
    if (!c) {
        return -ENOMEM;
    }
    *c = (struct sw_control){
        .programs = programs, .forwards = forwards, .driver = driver, .spare = -1};
    *out = c;
    c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->fd < 0) {
        return -errno;
    }
    if (len == 0 || bind(c->fd, (struct sockaddr *)&address, len) < 0) {
        sw_log_line(&env->log, sw_programs_count(programs) > 0 ? SW_LOG_WARN : SW_LOG_INFO,
                    "another LAN named '%s' runs: `switchd exec` will not find this one", lan);
        return 0;
    }
    if (listen(c->fd, BACKLOG) < 0) {
        return -errno;
    }
    c->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (c->spare < 0) {
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
        if (control->spare >= 0) {
            close(control->spare);
        }
        free(control);
    }
}

/* ---- who asks ---- */

/* An exit status; its text behind. */
static int take_answer(int from, int *fds, char *text, size_t cap)
{
    union {
        char room[CMSG_SPACE(SW_PROGRAM_NAMESPACES * sizeof(int))];
        struct cmsghdr align;
    } control;
    char first = 0;
    struct iovec iov[2] = {{&first, 1}, {text, cap - 1}};
    struct msghdr message = {.msg_iov = iov,
                             .msg_iovlen = 2,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    ssize_t n = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    if (n <= 0) {
        snprintf(text, cap, "the LAN did not answer");
        return SW_EXIT_REFUSED;
    }
    text[n - 1] = '\0';
    const struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    bool came = c && c->cmsg_type == SCM_RIGHTS &&
                c->cmsg_len == CMSG_LEN(SW_PROGRAM_NAMESPACES * sizeof(int));
    if (first == '+' && came == (fds != NULL)) {
        if (fds) {
            memcpy(fds, CMSG_DATA(c), SW_PROGRAM_NAMESPACES * sizeof(int));
        }
        return 0;
    }
    if (first == '+') {
        snprintf(text, cap, "the LAN's answer is of another kind: another version of switchd?");
    }
    return first >= '1' && first <= '9' ? first - '0' : SW_EXIT_REFUSED;
}

int sw_control_ask(const struct sw_control_place *place, const char *request, int *fds, char *text,
                   size_t cap)
{
    struct sockaddr_un address;
    struct timeval patience = {.tv_sec = PATIENCE_S};
    socklen_t len = address_of(&address, place->user, place->lan);
    int to = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (to < 0) {
        snprintf(text, cap, "%s", strerror(errno));
        return SW_EXIT_REFUSED;
    }
    int status = SW_EXIT_REFUSED;
    setsockopt(to, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (len == 0 || connect(to, (struct sockaddr *)&address, len) < 0) {
        snprintf(text, cap, "no LAN named '%s' runs in real time for this user", place->lan);
    } else if (!is_user(to, place->user, false)) {
        snprintf(text, cap, "another user holds the name of the LAN '%s'", place->lan);
    } else if (send(to, request, strlen(request), MSG_NOSIGNAL) < 0) {
        snprintf(text, cap, "the LAN did not answer"); /* it closed at once: not to this user */
    } else {
        status = take_answer(to, fds, text, cap);
    }
    close(to);
    return status;
}
