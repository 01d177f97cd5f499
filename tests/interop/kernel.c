/* The running kernel's TCP over a tap, in a network namespace of this process's own, in real time.
 *
 *     interop_kernel [--dozen] [--only PART_OF_A_NAME] [--pcap FOLDER] …
 *
 * A line a cell: "ok NAME: …", "not ok NAME: why", "skip NAME: reason". Wants root and
 * /dev/net/tun. */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/interop/interop.h"

#define FRAME_MOST 1600
#define FRAMES_A_TURN 512
#define EVENTS 256

struct kernel {
    struct sw_port port; /* the tap's, on the switch */
    struct sw_interop all;
    int tap, poll;
    uint64_t unsent; /* frames that the tap did not take */
};

/* A socket of the kernel's. */
struct far {
    struct sw_transfer *run;
    int listener, fd; /* -1: none */
};

/* ---- the tap ---- */

static void receive(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct kernel *k = SW_CONTAINER(port, struct kernel, port);
    uint8_t bytes[FRAME_MOST];
    for (unsigned i = 0; i < n; i++) {
        const size_t len = frames[i]->len;
        assert(len <= sizeof(bytes));
        sw_frame_copy_out(frames[i], bytes);
        k->unsent += write(k->tap, bytes, len) != (ssize_t)len;
        sw_frame_drop(frames[i]);
    }
}

static void read_tap(struct kernel *k)
{
    uint8_t bytes[FRAME_MOST];
    for (unsigned i = 0; i < FRAMES_A_TURN; i++) {
        const ssize_t n = read(k->tap, bytes, sizeof(bytes));
        if (n < 14) {
            return;
        }
        const size_t head = n < 100 ? (size_t)n : 100;
        struct sw_frame *frame =
            sw_frame_from_bytes(sw_lab_env(k->all.lab)->pool, bytes, (size_t)n, head);
        if (frame != NULL) {
            sw_port_send(&k->port, frame);
        }
    }
}

static void write_setting(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, text, strlen(text));
        close(fd);
    }
}

static int set_address(int fd, struct ifreq *ifr, unsigned long request, uint32_t number)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(number)};
    memcpy(&ifr->ifr_addr, &at, sizeof(at));
    return ioctl(fd, request, ifr);
}

/* A namespace with one tap in it. NULL, or why there is none. */
static const char *open_tap(struct kernel *k)
{
    struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    memcpy(ifr.ifr_name, "swt0", 5);
    if (geteuid() != 0) {
        return "not root: no namespace, no tap";
    }
    if (unshare(CLONE_NEWNET) != 0) {
        return "no network namespace can be made here";
    }
    k->tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (k->tap < 0 || ioctl(k->tap, TUNSETIFF, &ifr) != 0) {
        return "no tap can be made here";
    }
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || set_address(fd, &ifr, SIOCSIFADDR, SW_FAR_ADDRESS) != 0 ||
        set_address(fd, &ifr, SIOCSIFNETMASK, 0xffff0000u) != 0) {
        return "the tap takes no address";
    }
    /* Only the links lose, not the queue before a process that has not had its turn. */
    ifr.ifr_qlen = 20000;
    if (ioctl(fd, SIOCSIFTXQLEN, &ifr) != 0) {
        return "the tap takes no longer queue";
    }
    ifr.ifr_flags = IFF_UP | IFF_RUNNING;
    if (ioctl(fd, SIOCSIFFLAGS, &ifr) != 0) {
        return "the tap does not come up";
    }
    close(fd);
    /* What one cell learned of a host is not to help the next. */
    write_setting("/proc/sys/net/ipv4/tcp_no_metrics_save", "1");
    return NULL;
}

/* ---- the kernel's sockets ---- */

static int64_t result(ssize_t n)
{
    return n >= 0 ? n : errno == EWOULDBLOCK ? -EAGAIN : -errno;
}

static int64_t far_read(void *ctx, uint8_t *to, size_t n)
{
    return result(recv(((struct far *)ctx)->fd, to, n, 0));
}

static int64_t far_write(void *ctx, const uint8_t *bytes, size_t n)
{
    return result(send(((struct far *)ctx)->fd, bytes, n, MSG_NOSIGNAL));
}

static int far_shutdown(void *ctx)
{
    return (int)result(shutdown(((struct far *)ctx)->fd, SHUT_WR));
}

static const struct sw_side_calls far_calls = {far_read, far_write, far_shutdown};

static void watch_fd(const struct kernel *k, struct far *far, int fd)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = far};
    const int e = epoll_ctl(k->poll, EPOLL_CTL_ADD, fd, &event);
    assert(e == 0);
}

static int set_congestion(const struct kernel *k, int fd, const struct sw_cell *cell)
{
    const char *name = k->all.flavour[cell->flavour];
    return setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name));
}

static int begin_far(void *ctx, struct sw_transfer *run)
{
    struct kernel *k = ctx;
    struct far *far = calloc(1, sizeof(*far));
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(run->cell.port)};
    assert(far != NULL);
    *far = (struct far){.run = run, .listener = -1, .fd = -1};
    run->other = far;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    *(run->cell.they_connect ? &far->fd : &far->listener) = fd;
    if (fd < 0 || set_congestion(k, fd, &run->cell) != 0) {
        return -errno;
    }
    if (run->cell.they_connect) {
        at.sin_addr.s_addr = htonl(sw_cell_address(&run->cell));
        if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0 && errno != EINPROGRESS) {
            return -errno;
        }
    } else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
               bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 4) != 0) {
        return -errno;
    }
    watch_fd(k, far, fd);
    return 0;
}

static void end_far(void *ctx, struct sw_transfer *run)
{
    struct far *far = run->other;
    (void)ctx;
    if (far != NULL && far->fd >= 0) {
        close(far->fd);
    }
    if (far != NULL && far->listener >= 0) {
        close(far->listener);
    }
    free(far);
}

static void on_far(struct kernel *k, struct far *far, uint32_t events)
{
    struct sw_side *side = &far->run->far;
    int error = 0;
    socklen_t n = sizeof(error);
    if (far->fd < 0) {
        far->fd = accept4(far->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (far->fd >= 0) {
            watch_fd(k, far, far->fd);
        }
        return;
    }
    if ((events & EPOLLERR) != 0) {
        getsockopt(far->fd, SOL_SOCKET, SO_ERROR, &error, &n);
        side->error = error != 0 && !side->done ? -error : side->error;
        return;
    }
    if ((events & (EPOLLIN | EPOLLOUT)) == 0 || side->done || side->error != 0) {
        return;
    }
    sw_side_go(side, &far_calls, far);
    if (side->done && !side->sends) {
        close(far->fd);
        far->fd = -1;
    }
}

static const struct sw_interop_far far_of_kernel = {begin_far, end_far};

/* ---- real time ---- */

static sw_time real_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (sw_time)t.tv_sec * SW_S + t.tv_nsec;
}

/* Until all cells are over. */
static void drive(struct kernel *k)
{
    struct epoll_event events[EVENTS];
    const sw_time begun = real_now() - sw_lab_now(k->all.lab);
    sw_time looked = 0;
    for (;;) {
        const sw_time now = real_now() - begun;
        sw_lab_run(k->all.lab, now - sw_lab_now(k->all.lab));
        if (now - looked > 10 * SW_MS) {
            looked = now;
            if (!sw_interop_turn(&k->all)) {
                return;
            }
        }
        const sw_time due = sw_clock_next(sw_lab_env(k->all.lab)->clock) - now;
        const sw_time wait = due < 0 ? 0 : due < 10 * SW_MS ? due : 10 * SW_MS;
        const struct timespec pause = {.tv_nsec = wait};
        const int n = epoll_pwait2(k->poll, events, EVENTS, &pause, NULL);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr != NULL) {
                on_far(k, events[i].data.ptr, events[i].events);
            }
        }
        read_tap(k);
    }
}

/* Those congestion controls that the kernel has; the others are NULL, and said to be skipped. */
static void find_flavours(struct kernel *k, const char *flavours[], unsigned n)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unsigned have = 0;
    for (unsigned i = 0; i < n; i++) {
        const char *name = flavours[i];
        if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name)) == 0) {
            flavours[have++] = name;
        } else {
            printf("skip all cells with %s: this kernel has it not\n", name);
            k->all.skipped += SW_CELL_LINKS * 4;
        }
    }
    k->all.flavours = have;
    close(fd);
}

int main(int argc, char **argv)
{
    static struct kernel k;
    static const char *flavours[] = {"cubic", "reno", "bbr"};
    k.all = (struct sw_interop){.peer = "linux",
                                .flavour = flavours,
                                .calls = &far_of_kernel,
                                .ctx = &k,
                                .far_port = &k.port,
                                .at_once = 540,
                                .patience = 550 * SW_S,
                                .silence = 60 * SW_S};
    struct rlimit files = {4096, 4096};
    setrlimit(RLIMIT_NOFILE, &files);
    if (!sw_interop_arguments(&k.all, argc, argv)) {
        return 2;
    }
    const char *why = open_tap(&k);
    if (why != NULL) {
        printf("skip interop: %s\n", why);
        return EXIT_SUCCESS;
    }
    find_flavours(&k, flavours, 3);
    k.poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (k.poll < 0 || epoll_ctl(k.poll, EPOLL_CTL_ADD, k.tap, &event) != 0) {
        return EXIT_FAILURE;
    }
    k.all.lab = sw_lab_new(7);
    sw_interop_begin(&k.all);
    sw_port_init(&k.port, "kernel", receive, NULL);
    sw_lab_plug(k.all.lab, &k.port, "core", NULL);
    sw_interop_build(&k.all);
    drive(&k);
    const int status = sw_interop_end(&k.all);
    sw_lab_free(k.all.lab);
    return status;
}
