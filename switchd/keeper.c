/* The keeper of a program host: what it makes of its namespaces, and what it does for its parent.
 * See keeper.h. It is a fork of switchd that never runs a line of it but this file, netdev.c and
 * the C library; its memory cannot be looked into from inside (PR_SET_DUMPABLE). */
#include "switchd/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "switchd/netdev.h"
#include "switchd/rights.h"

#define FDS_MOST (SW_HOST_NICS > SW_PROGRAM_NAMESPACES ? SW_HOST_NICS : SW_PROGRAM_NAMESPACES)
/* What a tap holds until it is read; what comes beyond is lost in the program's own kernel, which
 * does not slow its sockets down by it. Its TCP has some 4,000 segments under way at most. */
#define TAP_QUEUE_FRAMES 10000
#define USERNS_MEND                                                                                \
    "; user namespaces may be restricted here: sysctl kernel.apparmor_restrict_unprivileged_"      \
    "userns=0"

struct command {
    uint32_t id;
    pid_t pid;
};

struct keeper {
    int fd, ask, signals;
    struct command command[SW_PROGRAM_COMMANDS];
    size_t count;
    unsigned capabilities; /* of what it starts */
    const char *const *hidden;
    char why[512]; /* what was refused */
    char bytes[SW_PROGRAM_BYTES];
};

/* ---- packets ---- */

int sw_keeper_send(int fd, const struct sw_keeper_head *head, const void *bytes, size_t n,
                   const int *fds, size_t count)
{
    union {
        char room[CMSG_SPACE(FDS_MOST * sizeof(int))];
        struct cmsghdr align;
    } control = {.room = {0}};
    /* Nothing is written through the pointers; the interface has no const. */
    struct iovec iov[2] = {{(void *)head, sizeof *head}, {(void *)bytes, n}};
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = n > 0 ? 2 : 1};
    if (count > 0) {
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    }
    ssize_t sent;
    do {
        sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

int sw_keeper_receive(int fd, struct sw_keeper_head *head, void *bytes, size_t *n, int *fds,
                      size_t *count, bool wait)
{
    union {
        char room[CMSG_SPACE(FDS_MOST * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec iov[2] = {{head, sizeof *head}, {bytes, *n}};
    struct msghdr message = {.msg_iov = iov,
                             .msg_iovlen = 2,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    ssize_t got;
    do {
        got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
    } while (got < 0 && errno == EINTR);
    size_t room = *count;
    *count = 0;
    if (got < (ssize_t)sizeof *head) {
        return got < 0 && errno == EAGAIN ? -EAGAIN : -EPIPE;
    }
    *n = (size_t)got - sizeof *head;
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    if (c && c->cmsg_type == SCM_RIGHTS) {
        size_t came = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        *count = came < room ? came : room;
        memcpy(fds, CMSG_DATA(c), *count * sizeof(int));
    }
    return 0;
}

static void report(const struct keeper *k, enum sw_program_event event, uint32_t id, int status,
                   const char *text)
{
    struct sw_keeper_head head = {.kind = SW_KEEPER_REPORT, .id = id};
    struct sw_program_report out = {.event = event, .id = id, .status = status};
    snprintf(out.text, sizeof out.text, "%s", text);
    (void)sw_keeper_send(k->fd, &head, &out, sizeof out, NULL, 0); /* else it is gone, and we too */
}

/* ---- the namespaces become a host ---- */

static int refuse(struct keeper *k, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says what was refused by errno. */
static int refuse(struct keeper *k, const char *format, ...)
{
    int error = errno;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(k->why, sizeof k->why, format, args);
    va_end(args);
    snprintf(k->why + n, sizeof k->why - (size_t)n, ": %s%s", strerror(error),
             error == EPERM || error == EACCES ? USERNS_MEND
             : error == EMFILE                 ? "; raise the limit: ulimit -n"
                                               : "");
    return -error;
}

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
        return -1;
    }
    ssize_t n = write(fd, text, strlen(text));
    int error = errno;
    close(fd);
    errno = error;
    return n < 0 ? -1 : 0;
}

static int map_user(struct keeper *k, const struct sw_program_config *config)
{
    char users[64], groups[64];
    snprintf(users, sizeof users, "%u %u 1\n", config->seen_uid, config->uid);
    snprintf(groups, sizeof groups, "%u %u 1\n", config->seen_gid, config->gid);
    if (write_file("/proc/self/setgroups", "deny") < 0 ||
        write_file("/proc/self/gid_map", groups) < 0 ||
        write_file("/proc/self/uid_map", users) < 0) {
        return refuse(k, "mapping the user");
    }
    return 0;
}

/* A file of ours in the place of one that is there. */
static int cover(struct keeper *k, const char *name, const char *path, const char *text)
{
    if (access(path, F_OK) < 0) {
        return 0;
    }
    if (write_file(name, text) < 0 || mount(name, path, NULL, MS_BIND, NULL) < 0) {
        return refuse(k, "%s", path);
    }
    return 0;
}

/* The files lie on a small file system, which hangs at /tmp while they are put in their places, and
 * then nowhere. */
static int set_files(struct keeper *k, const struct sw_program_config *config)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) < 0) {
        return refuse(k, "mounting /proc");
    }
    if (mount("switchd", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755") < 0) {
        return refuse(k, "a place for /etc/hosts");
    }
    int rc = cover(k, "/tmp/hosts", "/etc/hosts", config->hosts);
    rc = rc ? rc : cover(k, "/tmp/resolv.conf", "/etc/resolv.conf", config->resolv);
    if (umount2("/tmp", MNT_DETACH) < 0 && rc == 0) {
        rc = refuse(k, "/tmp");
    }
    return rc;
}

/* Empty directories of its own, as it asks for them: nothing of what lies below is changed. */
static int cover_folders(struct keeper *k, char *const *folders)
{
    for (; folders && *folders; folders++) {
        if (mount("switchd", *folders, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") < 0) {
            return refuse(k, "tmpfs: %.200s", *folders);
        }
    }
    return 0;
}

/* Whoever may start a server here may give it any port, and may ping. */
static int set_switches(struct keeper *k, gid_t gid, bool forwarding)
{
    char groups[64];
    snprintf(groups, sizeof groups, "%u %u", gid, gid);
    if (write_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0") < 0 ||
        write_file("/proc/sys/net/ipv4/ping_group_range", groups) < 0 ||
        (forwarding && write_file("/proc/sys/net/ipv4/ip_forward", "1") < 0)) {
        return refuse(k, "the network's settings");
    }
    return 0;
}

static int open_tap(struct keeper *k, const char *name)
{
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        int error = errno;
        snprintf(k->why, sizeof k->why, "/dev/net/tun: %s; %s", strerror(error),
                 error == EACCES || error == EPERM
                     ? "make it readable and writable for this user: chmod 0666 /dev/net/tun"
                     : "load the module: modprobe tun; a container must be given the device");
        return -error;
    }
    struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    int size = (int)sizeof(struct virtio_net_hdr);
    snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", name);
    if (ioctl(fd, TUNSETIFF, &ifr) < 0 || ioctl(fd, TUNSETVNETHDRSZ, &size) < 0 ||
        ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM) < 0) {
        int rc = refuse(k, "making its interface %s", name);
        close(fd);
        return rc;
    }
    return fd;
}

static int set_interface(struct keeper *k, struct mnl_socket *nl, const struct sw_topo_nic *nic,
                         const struct sw_mac *mac, int *tap)
{
    char path[128];
    *tap = open_tap(k, nic->name);
    if (*tap < 0) {
        return *tap;
    }
    snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6", nic->name);
    if (access(path, F_OK) == 0) {
        (void)write_file(path, "1"); /* the LAN has none; if not, its frames are counted there */
    }
    uint32_t mtu_bytes = nic->mtu_bytes ? nic->mtu_bytes : SW_MTU_DEFAULT;
    int rc = sw_netdev_set_up(nl, nic->name, mac, mtu_bytes, TAP_QUEUE_FRAMES);
    for (size_t i = 0; rc == 0 && i < nic->address_count; i++) {
        rc = sw_netdev_add_address(nl, nic->name, nic->addresses[i].prefix);
    }
    errno = -rc;
    return rc ? refuse(k, "setting up its interface %s", nic->name) : 0;
}

static int set_network(struct keeper *k, const struct sw_program_config *config, int *taps)
{
    const struct sw_topo_host *host = config->host;
    struct mnl_socket *nl = sw_netdev_open();
    if (!nl) {
        return refuse(k, "rtnetlink");
    }
    int rc = sw_netdev_set_up(nl, "lo", NULL, 0, 0);
    errno = -rc;
    rc = rc ? refuse(k, "its loopback") : 0;
    for (size_t i = 0; rc == 0 && i < host->nic_count; i++) {
        rc = set_interface(k, nl, &host->nics[i], &config->macs[i], &taps[i]);
    }
    for (size_t i = 0; rc == 0 && i < host->route_count; i++) {
        const struct sw_topo_route *route = &host->routes[i];
        rc = sw_netdev_add_route(nl, route->to, route->gateway, route->nic);
        errno = -rc;
        rc = rc ? refuse(k, "its routes") : 0;
    }
    sw_netdev_close(nl);
    return rc;
}

static int make_host(struct keeper *k, const struct sw_program_config *config, int *taps)
{
    int rc = map_user(k, config);
    rc = rc ? rc : set_files(k, config);
    if (rc == 0 && sethostname(config->host->name, strlen(config->host->name)) < 0) {
        rc = refuse(k, "its name");
    }
    rc = rc ? rc : set_switches(k, config->seen_gid, config->host->forwarding);
    rc = rc ? rc : set_network(k, config, taps);
    return rc ? rc : cover_folders(k, config->host->program->tmpfs);
}

/* ---- commands ---- */

/* What execvp() wants, from texts that each have their NUL. NULL: not so many there. */
static char **list_of(char **at, const char *end, uint32_t count)
{
    char **list = calloc((size_t)count + 1, sizeof *list);
    for (uint32_t i = 0; list && i < count; i++) {
        size_t left = (size_t)(end - *at);
        size_t n = strnlen(*at, left);
        if (n == left) {
            free(list);
            return NULL;
        }
        list[i] = *at;
        *at += n + 1;
    }
    return list;
}

/* In the new process: what went wrong goes to `tell`, unless it was executed. */
static _Noreturn void become(const struct keeper *k, char **argv, char **env, const char *cwd,
                             const int fds[3], int tell)
{
    sigset_t none;
    sigemptyset(&none);
    setsid();
    char stage = 'f';
    bool fine = dup2(fds[0], 0) >= 0 && dup2(fds[1], 1) >= 0 && dup2(fds[2], 2) >= 0;
    for (char **pair = env; fine && *pair; pair++) {
        fine = putenv(*pair) == 0;
    }
    if (fine) {
        stage = 'x';
        int rc = sw_rights_keep(k->capabilities);
        errno = -rc;
        fine = rc == 0;
    }
    if (fine && *cwd) {
        stage = 'c';
        fine = chdir(cwd) == 0;
    }
    if (fine) {
        stage = 'x';
        sigprocmask(SIG_SETMASK, &none, NULL);
        execvp(argv[0], argv);
    }
    int said[2] = {errno, stage};
    ssize_t n = write(tell, said, sizeof said);
    _exit(n < 0 ? 126 : 127);
}

static void say_failed(const struct keeper *k, uint32_t id, const int said[2], const char *what,
                       const char *cwd)
{
    char text[160];
    snprintf(text, sizeof text, "%.100s", said[1] == 'c' ? cwd : what);
    report(k, SW_PROGRAM_FAILED, id, said[0], text);
}

/* What the LAN listens at by path lies on the file system that all share. It is there by the time
 * that anything is started. */
static int hide_sockets(const struct keeper *k)
{
    struct stat st;
    for (const char *const *path = k->hidden; *path; path++) {
        if (lstat(*path, &st) == 0 && S_ISSOCK(st.st_mode) &&
            mount("/dev/null", *path, NULL, MS_BIND, NULL) < 0) {
            return -1;
        }
    }
    return 0;
}

static void start(struct keeper *k, const struct sw_keeper_head *head, size_t n, const int *fds)
{
    char *at = k->bytes;
    const char *end = k->bytes + n;
    char **argv = list_of(&at, end, head->argc), **env = list_of(&at, end, head->envc);
    int said[2] = {ENOMEM, 'x'}, tell[2] = {-1, -1};
    bool whole = argv && env && head->argc > 0 && at < end && end[-1] == '\0';
    if (!whole || k->count == SW_PROGRAM_COMMANDS || hide_sockets(k) < 0 ||
        pipe2(tell, O_CLOEXEC) < 0) {
        said[0] = k->count == SW_PROGRAM_COMMANDS ? EAGAIN : whole ? errno : ENOMEM;
        say_failed(k, head->id, said, whole ? argv[0] : "a command", "");
        free(argv);
        free(env);
        return;
    }
    pid_t pid = fork();
    if (pid == 0) {
        become(k, argv, env, at, fds, tell[1]);
    }
    close(tell[1]);
    if (pid < 0) {
        said[0] = errno;
        say_failed(k, head->id, said, argv[0], "");
    } else if (read(tell[0], said, sizeof said) == (ssize_t)sizeof said) {
        say_failed(k, head->id, said, argv[0], at);
    } else {
        k->command[k->count++] = (struct command){.id = head->id, .pid = pid};
        report(k, SW_PROGRAM_STARTED, head->id, 0, "");
    }
    close(tell[0]);
    free(argv);
    free(env);
}

static void signal_command(const struct keeper *k, uint32_t id, int number)
{
    if (id == 0) {
        kill(-1, number); /* all in here but this process */
    }
    for (size_t i = 0; i < k->count; i++) {
        if (id != 0 && k->command[i].id == id) {
            /* It leads a session of its own: what kills it kills what it started. */
            kill(number == SIGKILL ? -k->command[i].pid : k->command[i].pid, number);
        }
    }
}

static void reap(struct keeper *k)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (size_t i = 0; i < k->count; i++) {
            if (k->command[i].pid == pid) {
                report(k, SW_PROGRAM_ENDED, k->command[i].id, status, "");
                k->command[i] = k->command[--k->count];
                break;
            }
        }
    }
}

static void serve_one(struct keeper *k)
{
    struct sw_keeper_head head;
    int fds[FDS_MOST];
    size_t n = sizeof k->bytes, count = FDS_MOST;
    if (sw_keeper_receive(k->fd, &head, k->bytes, &n, fds, &count, true) < 0) {
        _exit(0); /* the parent has gone: the kernel ends the rest */
    }
    if (head.kind == SW_KEEPER_START && count == 3) {
        start(k, &head, n, fds);
    } else if (head.kind == SW_KEEPER_SIGNAL) {
        signal_command(k, head.id, head.status);
    }
    for (size_t i = 0; i < count; i++) {
        close(fds[i]);
    }
}

/* A socket of this network, which it stays wherever it goes. */
static int make_socket(int protocol)
{
    static const int type[] = {
        [SW_TCP] = SOCK_STREAM, [SW_UDP] = SOCK_DGRAM, [SW_PING] = SOCK_DGRAM};
    return socket(AF_INET, type[protocol] | SOCK_CLOEXEC | SOCK_NONBLOCK,
                  protocol == SW_PING ? IPPROTO_ICMP : 0);
}

static int make_diag(void)
{
    return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
}

/* The user namespace comes first: it is what gives the right to enter the others. */
static int open_namespaces(int fds[SW_PROGRAM_NAMESPACES])
{
    static const char *const names[SW_PROGRAM_NAMESPACES] = {"user", "net", "uts",
                                                             "ipc",  "pid", "mnt"};
    for (size_t i = 0; i < SW_PROGRAM_NAMESPACES; i++) {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
        fds[i] = open(path, O_RDONLY | O_CLOEXEC);
        if (fds[i] < 0) {
            int error = errno;
            while (i > 0) {
                close(fds[--i]);
            }
            errno = error;
            return -1;
        }
    }
    return 0;
}

/* False: there will be no more. */
static bool serve_question(const struct keeper *k)
{
    struct sw_keeper_head head;
    int fds[SW_PROGRAM_NAMESPACES];
    size_t n = 0, count = 0;
    if (sw_keeper_receive(k->ask, &head, NULL, &n, fds, &count, true) < 0) {
        return false;
    }
    if (head.kind == SW_KEEPER_ENTER) {
        count = open_namespaces(fds) < 0 ? 0 : SW_PROGRAM_NAMESPACES;
    } else {
        fds[0] = head.kind == SW_KEEPER_DIAG ? make_diag() : make_socket(head.status);
        count = fds[0] >= 0;
    }
    head = (struct sw_keeper_head){.kind = count ? head.kind : SW_KEEPER_REFUSED,
                                   .status = count ? 0 : errno};
    (void)sw_keeper_send(k->ask, &head, NULL, 0, fds, count);
    while (count > 0) {
        close(fds[--count]);
    }
    return true;
}

static _Noreturn void serve(struct keeper *k)
{
    struct pollfd wait[3] = {{.fd = k->fd, .events = POLLIN},
                             {.fd = k->signals, .events = POLLIN},
                             {.fd = k->ask, .events = POLLIN}};
    for (;;) {
        struct signalfd_siginfo info;
        if (poll(wait, 3, -1) < 0) {
            continue;
        }
        if (wait[1].revents && read(k->signals, &info, sizeof info) > 0) {
            reap(k);
        }
        if (wait[0].revents) {
            serve_one(k);
        }
        if (wait[2].revents && !serve_question(k)) {
            wait[2].fd = -1; /* an answer came too late; what runs here goes on */
        }
    }
}

/* Only the two sockets stay open behind standard input, output and error. */
static int close_others(int fd, int ask)
{
    unsigned low = (unsigned)(fd < ask ? fd : ask), high = (unsigned)(fd < ask ? ask : fd);
    bool fine = (low == 3 || close_range(3, low - 1, 0) == 0) &&
                (high == low + 1 || close_range(low + 1, high - 1, 0) == 0) &&
                close_range(high + 1, ~0U, 0) == 0;
    return fine ? 0 : -1;
}

_Noreturn void sw_keeper_be(int fd, int ask, const struct sw_program_config *config)
{
    int taps[SW_HOST_NICS];
    sigset_t children;
    struct keeper *k = calloc(1, sizeof *k);
    struct sigaction ordinary = {.sa_handler = SIG_DFL};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
    for (int i = 1; i < NSIG; i++) {
        sigaction(i, &ordinary, NULL);
    }
    sigfillset(&children); /* whoever is inside may signal as he likes */
    sigprocmask(SIG_SETMASK, &children, NULL);
    if (!k || close_others(fd, ask) < 0) {
        _exit(1);
    }
    k->fd = fd;
    k->ask = ask;
    k->capabilities = config->host->program->capabilities;
    k->hidden = config->hidden;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    k->signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    int rc = k->signals < 0 ? refuse(k, "signalfd") : make_host(k, config, taps);
    struct sw_keeper_head head = {.kind = rc ? SW_KEEPER_REFUSED : SW_KEEPER_UP, .status = -rc};
    size_t count = rc ? 0 : config->host->nic_count;
    if (sw_keeper_send(k->fd, &head, k->why, rc ? strlen(k->why) + 1 : 0, taps, count) < 0 || rc) {
        _exit(1);
    }
    for (size_t i = 0; i < count; i++) {
        close(taps[i]);
    }
    prctl(PR_SET_DUMPABLE, 0);
    serve(k);
}
