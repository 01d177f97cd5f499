/* A tap or tun uplink. See tap.h; the device's interface is the kernel's
 * Documentation/networking/tuntap.rst, the vnet header virtio 1.2 5.1.6. */
#include "switchd/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "core/watch.h"
#include "switchd/outside.h"

/* What is read in one go, before the LAN gets a turn: of long frames as many as a cache holds, of
 * short ones (a hundred connections' acknowledgements) as many as the kernel's queue does by
 * default: what it cannot queue while the LAN writes, it drops. */
#define READ_BYTES (96U << 10)
#define READ_FRAMES 1024
/* Of one that has had more than that, until it has no more waiting: as many short frames in a turn
 * as long ones. Else whoever floods the LAN with short ones takes nearly all of its time, for each
 * of them costs about what a long one does. */
#define FLOOD_FRAMES 64
#define VNET_BYTES ((int)sizeof(struct virtio_net_hdr))
#define ETH_BYTES 14

struct sw_tap {
    struct sw_env env;
    struct sw_port port;
    char *name;
    struct sw_owner owner; /* who drops are told of: it has no timers */
    char device[IFNAMSIZ];
    int fd;
    bool tun, vnet;
    bool down;   /* the kernel's side is not up, and that was said */
    bool floods; /* more short frames wait than were read in a turn */
    struct sw_tap_behind behind;
    uv_poll_t poll;
    struct sw_driver *driver;
    struct sw_tap_stats stats;
    uint8_t buffer[SW_FRAME_MAX_BYTES];
};

/* ---- the device ---- */

static int complain(char *why, size_t cap, const struct sw_topo_uplink *uplink, const char *what,
                    const char *mend)
{
    int rc = -errno;
    if (rc == -EMFILE) {
        mend = "raise the limit: ulimit -n";
    }
    snprintf(why, cap, "uplink '%s': %s: %s%s%s", uplink->name, what, strerror(-rc),
             mend ? "; " : "", mend ? mend : "");
    return rc;
}

/* Enters the uplink's network namespace. Returns a descriptor of the one that was left (-1 where
 * there is nothing to return to), or a negative errno less 1. */
static int enter_namespace(const struct sw_topo_uplink *uplink, int *home, char *why, size_t cap)
{
    *home = -1;
    if (!uplink->netns) {
        return 0;
    }
    char path[512];
    bool named = !strchr(uplink->netns, '/');
    snprintf(path, sizeof path, "%s%s", named ? "/run/netns/" : "", uplink->netns);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return complain(why, cap, uplink, path, "make it with: ip netns add NAME");
    }
    *home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (*home < 0 || setns(fd, CLONE_NEWNET) < 0) {
        int rc = complain(why, cap, uplink, "entering the network namespace", "run as root");
        close(fd);
        if (*home >= 0) {
            close(*home);
            *home = -1;
        }
        return rc;
    }
    close(fd);
    return 0;
}

static void leave_namespace(int home)
{
    if (home >= 0) {
        int rc = setns(home, CLONE_NEWNET);
        assert(rc == 0); /* we came from there */
        (void)rc;
        close(home);
    }
}

static const char *kind_of(const struct sw_topo_uplink *uplink)
{
    return uplink->kind == SW_UPLINK_TUN ? "tun" : "tap";
}

static int refuse_clone(const struct sw_topo_uplink *uplink, char *why, size_t cap)
{
    const char *mend =
        "run as root, or make it readable and writable for this user: chmod 0666 /dev/net/tun";
    if (errno == ENOENT || errno == ENODEV || errno == ENXIO) {
        mend = "load the module: modprobe tun; a container must be given the device";
    }
    return complain(why, cap, uplink, "/dev/net/tun", mend);
}

/* The kernel would not give us the device. */
static int refuse_device(const struct sw_topo_uplink *uplink, char *why, size_t cap)
{
    char what[64], mend[160];
    int refusal = errno;
    snprintf(mend, sizeof mend,
             "it needs CAP_NET_ADMIN: run as root, or have one made for you: ip tuntap add mode %s "
             "user NAME name DEVICE",
             kind_of(uplink));
    if (refusal == EBUSY) {
        snprintf(mend, sizeof mend,
                 "another program holds it: end that one, or name another device");
    } else if (refusal == EINVAL) {
        snprintf(mend, sizeof mend,
                 "an interface of that name is there and is no %s, or one of another kind: name "
                 "another device, or remove it: ip link del NAME",
                 kind_of(uplink));
    }
    snprintf(what, sizeof what, "making the %s %s", kind_of(uplink),
             uplink->device ? uplink->device : "device");
    errno = refusal;
    return complain(why, cap, uplink, what, mend);
}

static int open_device(struct sw_tap *tap, const struct sw_topo_uplink *uplink, char *why,
                       size_t cap)
{
    tap->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap->fd < 0) {
        return refuse_clone(uplink, why, cap);
    }
    struct ifreq ifr = {.ifr_flags = IFF_NO_PI};
    ifr.ifr_flags |= tap->tun ? IFF_TUN : IFF_TAP;
    if (tap->vnet) {
        ifr.ifr_flags |= IFF_VNET_HDR;
    }
    if (uplink->device) {
        snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", uplink->device);
    }
    if (ioctl(tap->fd, TUNSETIFF, &ifr) < 0) {
        return refuse_device(uplink, why, cap);
    }
    memcpy(tap->device, ifr.ifr_name, sizeof tap->device);
    int size = VNET_BYTES;
    if (tap->vnet && (ioctl(tap->fd, TUNSETVNETHDRSZ, &size) < 0 ||
                      ioctl(tap->fd, TUNSETOFFLOAD, TUN_F_CSUM) < 0)) {
        return complain(why, cap, uplink, "the vnet header", "set vnet-header: off");
    }
    return 0;
}

/* ---- the kernel's side of it ---- */

/* A request about the device. */
static struct ifreq about(const struct sw_tap *tap)
{
    struct ifreq ifr = {0};
    memcpy(ifr.ifr_name, tap->device, sizeof ifr.ifr_name);
    return ifr;
}

static struct sockaddr sockaddr_of(uint32_t number)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(number)};
    struct sockaddr to;
    memcpy(&to, &in, sizeof to);
    return to;
}

static bool is_at(const struct sockaddr *at, uint32_t number)
{
    struct sockaddr_in in;
    memcpy(&in, at, sizeof in);
    return in.sin_family == AF_INET && in.sin_addr.s_addr == htonl(number);
}

static int set_mtu(const struct sw_tap *tap, int s, uint32_t mtu_bytes)
{
    struct ifreq ifr = about(tap);
    int wanted = mtu_bytes ? (int)mtu_bytes : SW_MTU_DEFAULT;
    if (ioctl(s, SIOCGIFMTU, &ifr) == 0 && ifr.ifr_mtu == wanted) {
        return 0;
    }
    ifr.ifr_mtu = wanted;
    return ioctl(s, SIOCSIFMTU, &ifr);
}

static int set_address(const struct sw_tap *tap, int s, struct sw_prefix address)
{
    uint32_t ip = sw_ip_v4_number(address.ip), mask = sw_v4_mask(address.bits);
    struct ifreq has = about(tap), net = about(tap);
    if (ioctl(s, SIOCGIFADDR, &has) == 0 && ioctl(s, SIOCGIFNETMASK, &net) == 0 &&
        is_at(&has.ifr_addr, ip) && is_at(&net.ifr_netmask, mask)) {
        return 0;
    }
    struct ifreq ifr = about(tap);
    ifr.ifr_addr = sockaddr_of(ip);
    int rc = ioctl(s, SIOCSIFADDR, &ifr);
    ifr.ifr_netmask = sockaddr_of(mask);
    return rc ? rc : ioctl(s, SIOCSIFNETMASK, &ifr);
}

static int set_up(const struct sw_tap *tap, int s)
{
    struct ifreq ifr = about(tap);
    if (ioctl(s, SIOCGIFFLAGS, &ifr) < 0) {
        return -1;
    }
    if (ifr.ifr_flags & IFF_UP) {
        return 0;
    }
    ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
    return ioctl(s, SIOCSIFFLAGS, &ifr);
}

/* The LAN's nets behind routers, which a device of bare IP reaches without naming a next hop. */
static int set_routes(struct sw_tap *tap, int s, const struct sw_topo_uplink *uplink)
{
    for (size_t i = 0; i < uplink->route_count; i++) {
        const struct sw_prefix *to = &uplink->routes[i].to;
        struct rtentry route = {.rt_flags = RTF_UP, .rt_dev = tap->device};
        route.rt_dst = sockaddr_of(sw_ip_v4_number(to->ip));
        route.rt_genmask = sockaddr_of(sw_v4_mask(to->bits));
        if (ioctl(s, SIOCADDRT, &route) < 0 && errno != EEXIST) {
            return -1;
        }
    }
    return 0;
}

/* MTU, address, up, routes. */
static int set_up_device(struct sw_tap *tap, const struct sw_topo_uplink *uplink, char *why,
                         size_t cap)
{
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0) {
        return complain(why, cap, uplink, "socket", NULL);
    }
    const char *what = "setting the MTU";
    int rc = set_mtu(tap, s, uplink->mtu_bytes);
    if (rc == 0 && uplink->address_given) {
        what = "setting the address";
        rc = set_address(tap, s, uplink->address);
    }
    if (rc == 0) {
        what = "bringing it up";
        rc = set_up(tap, s);
    }
    if (rc == 0) {
        what = "adding its routes";
        rc = set_routes(tap, s, uplink);
    }
    if (rc) {
        bool privilege = errno == EPERM || errno == EACCES;
        rc = complain(why, cap, uplink, what,
                      privilege ? "it needs CAP_NET_ADMIN: run as root, or let the device have it "
                                  "before: ip link, ip address, ip route"
                                : NULL);
    }
    close(s);
    return rc;
}

/* ---- to the kernel ---- */

/* The kernel refuses with EIO as long as its side is not up: said once, and once when that is over.
 */
static void tell_side(struct sw_tap *tap, bool down)
{
    if (tap->down == down) {
        return;
    }
    tap->down = down;
    sw_log_line(&tap->env.log, SW_LOG_WARN, "uplink '%s': the device %s is %s", tap->name,
                tap->device,
                down ? "down on the kernel's side, what is sent to it is dropped: ip link set up"
                     : "up again");
}

static void not_written(struct sw_tap *tap, const struct sw_frame *frame)
{
    tap->stats.not_written++;
    sw_watch_dropped(tap->env.watch, NULL, &tap->owner, sw_clock_now(tap->env.clock), frame,
                     SW_DROP_PORT_WRITE);
}

static void refuse_frame(struct sw_tap *tap, struct sw_frame *frame, enum sw_drop why)
{
    sw_watch_dropped(tap->env.watch, NULL, &tap->owner, sw_clock_now(tap->env.clock), frame, why);
    sw_frame_drop(frame);
}

static void write_frame(struct sw_tap *tap, struct sw_frame *frame)
{
    struct virtio_net_hdr vnet = {0};
    struct iovec iov[4];
    int n = 0;
    unsigned skip = tap->tun ? ETH_BYTES : 0;
    assert(frame->head_len >= skip); /* our own station made it */
    if (tap->vnet) {
        if (frame->csum == SW_CSUM_CHECKED) {
            vnet.flags = VIRTIO_NET_HDR_F_DATA_VALID;
        }
        iov[n++] = (struct iovec){&vnet, sizeof vnet};
    }
    /* writev() does not write through the pointer; the interface has no const. */
    iov[n++] = (struct iovec){frame->store + frame->head_off + skip, frame->head_len - skip};
    for (unsigned i = 0; i < frame->slices; i++) {
        iov[n++] =
            (struct iovec){frame->slice[i].block->bytes + frame->slice[i].off, frame->slice[i].len};
    }
    if (writev(tap->fd, iov, n) >= 0) {
        tap->stats.out++;
        tell_side(tap, false);
    } else {
        if (errno == EIO) {
            tell_side(tap, true);
        }
        not_written(tap, frame);
    }
    sw_frame_drop(frame);
}

/* A checksum is finished also where the vnet header would leave it to the kernel: the kernel would
 * hand such a frame unfinished to whoever looks at the device, and to a bridge's other ports. */
static void on_frames(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct sw_tap *tap = SW_CONTAINER(port, struct sw_tap, port);
    for (unsigned i = 0; i < n; i++) {
        if (tap->behind.admits && !tap->behind.admits(tap->behind.ctx, frames[i])) {
            tap->stats.refused++;
            refuse_frame(tap, frames[i], SW_DROP_PARTITION);
            continue;
        }
        struct sw_frame *frame = sw_outside_finish(frames[i]);
        if (frame) {
            write_frame(tap, frame);
        } else {
            tap->stats.not_written++;
        }
    }
}

/* ---- from the kernel ---- */

/* A checksum that the kernel left to us, and that cannot wait: finished in the bytes. A sum of 0 is
 * written as 0xffff (core/frame.c). */
static bool finish_in_place(uint8_t *b, size_t n, size_t start, size_t offset)
{
    size_t at = start + offset;
    if (start > n || at + 2 > n) {
        return false;
    }
    uint16_t sum = sw_sum_fold(sw_sum_add(0, b + start, n - start));
    sw_put16(b + at, sum == 0xffff ? sum : (uint16_t)~sum);
    return true;
}

/* The Ethernet header that a packet of a tun has inside (see bare, stack/host.h). What is not IPv4
 * has the type it would have, and the station counts it. */
static void put_header(uint8_t *frame, size_t n)
{
    unsigned version = n > ETH_BYTES ? frame[ETH_BYTES] >> 4 : 0;
    memset(frame, 0, ETH_BYTES);
    sw_put16(frame + 12, version == 4 ? 0x0800 : version == 6 ? 0x86dd : 0);
}

static void take_frame(struct sw_tap *tap, size_t n, const struct virtio_net_hdr *vnet)
{
    uint8_t *bytes = tap->buffer;
    size_t start = vnet->csum_start, offset = vnet->csum_offset;
    if (tap->tun) {
        put_header(bytes, n);
        start += ETH_BYTES;
    }
    size_t head = sw_outside_head(bytes, n);
    bool partial = vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
    bool waits = partial && sw_outside_may_wait(bytes, n, head, start, offset);
    if (n < ETH_BYTES || (partial && !waits && !finish_in_place(bytes, n, start, offset))) {
        tap->stats.not_read++;
        return;
    }
    struct sw_frame *frame = sw_frame_from_bytes(tap->env.pool, bytes, n, head);
    if (!frame) {
        tap->stats.not_read++;
        return;
    }
    if (waits) {
        frame->csum = SW_CSUM_PARTIAL;
        frame->csum_start = (uint16_t)start;
        frame->csum_offset = (uint16_t)offset;
    } else if (vnet->flags & (VIRTIO_NET_HDR_F_DATA_VALID | VIRTIO_NET_HDR_F_NEEDS_CSUM)) {
        frame->csum = SW_CSUM_CHECKED;
    }
    tap->stats.in++;
    if (tap->behind.is_forged && tap->behind.is_forged(tap->behind.ctx, bytes, n)) {
        tap->stats.forged++;
        refuse_frame(tap, frame, SW_DROP_FORGED_SOURCE);
        return;
    }
    sw_port_send(&tap->port, frame);
}

/* One frame: its bytes, or what read() said. */
static int read_frame(struct sw_tap *tap)
{
    struct virtio_net_hdr vnet = {0};
    size_t skip = tap->tun ? ETH_BYTES : 0;
    struct iovec iov[2] = {{&vnet, sizeof vnet}, {tap->buffer + skip, sizeof tap->buffer - skip}};
    ssize_t n = tap->vnet ? readv(tap->fd, iov, 2) : readv(tap->fd, iov + 1, 1);
    if (n <= 0) {
        return n < 0 ? -errno : 0;
    }
    size_t vnet_bytes = tap->vnet ? sizeof vnet : 0;
    if ((size_t)n < vnet_bytes) {
        tap->stats.not_read++;
    } else {
        take_frame(tap, (size_t)n - vnet_bytes + skip, &vnet);
    }
    return (int)n;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct sw_tap *tap = poll->data;
    (void)events;
    sw_driver_catch_up(tap->driver);
    unsigned bytes = 0, most = tap->floods ? FLOOD_FRAMES : READ_FRAMES, frames = 0;
    for (; frames < most && bytes < READ_BYTES; frames++) {
        int rc = read_frame(tap);
        if (rc > 0) {
            bytes += (unsigned)rc;
            continue;
        }
        if ((rc == -EAGAIN || rc == -EINTR) && status == 0) {
            tap->floods = false;
            return;
        }
        sw_log_line(&tap->env.log, SW_LOG_ERROR,
                    "uplink '%s': the device %s is gone: its link is down from here on", tap->name,
                    tap->device);
        uv_poll_stop(&tap->poll);
        tap->behind.gone(tap->behind.ctx);
        return;
    }
    tap->floods = tap->floods || frames == most;
}

/* ---- life ---- */

/* NULL: out of memory. */
static struct sw_tap *make(const struct sw_env *env, const char *name,
                           const struct sw_tap_behind *behind)
{
    struct sw_tap *tap = calloc(1, sizeof *tap);
    if (!tap || !(tap->name = strdup(name))) {
        free(tap);
        return NULL;
    }
    tap->env = *env;
    tap->fd = -1;
    tap->behind = *behind;
    sw_owner_init(&tap->owner, tap->name);
    sw_port_init(&tap->port, tap->name, on_frames, NULL);
    return tap;
}

int sw_tap_take(struct sw_tap **out, const struct sw_env *env, const char *name, const char *device,
                int fd, const struct sw_tap_behind *behind)
{
    struct sw_tap *tap = make(env, name, behind);
    if (!tap) {
        close(fd);
        return -ENOMEM;
    }
    tap->fd = fd;
    tap->vnet = true;
    snprintf(tap->device, sizeof tap->device, "%s", device);
    *out = tap;
    return 0;
}

int sw_tap_new(struct sw_tap **out, const struct sw_env *env, const struct sw_topo_uplink *uplink,
               void (*gone)(void *ctx), void *ctx, char *why, size_t cap)
{
    const struct sw_tap_behind behind = {.gone = gone, .ctx = ctx};
    struct sw_tap *tap = make(env, uplink->name, &behind);
    if (!tap) {
        errno = ENOMEM;
        return complain(why, cap, uplink, kind_of(uplink), NULL);
    }
    tap->tun = uplink->kind == SW_UPLINK_TUN;
    tap->vnet = uplink->vnet_header;
    int home;
    int rc = enter_namespace(uplink, &home, why, cap);
    if (rc == 0) {
        rc = open_device(tap, uplink, why, cap);
        rc = rc ? rc : set_up_device(tap, uplink, why, cap);
        leave_namespace(home);
    }
    if (rc) {
        sw_tap_free(tap);
        return rc;
    }
    *out = tap;
    return 0;
}

struct sw_port *sw_tap_port(struct sw_tap *tap)
{
    return &tap->port;
}

int sw_tap_start(struct sw_tap *tap, struct sw_driver *driver)
{
    tap->driver = driver;
    tap->poll.data = tap;
    int rc = uv_poll_init(sw_driver_loop(driver), &tap->poll, tap->fd);
    return rc ? rc : uv_poll_start(&tap->poll, UV_READABLE, on_readable);
}

const char *sw_tap_device(const struct sw_tap *tap)
{
    return tap->device;
}

void sw_tap_stats(const struct sw_tap *tap, struct sw_tap_stats *out)
{
    *out = tap->stats;
}

int sw_tap_leave(struct sw_tap *tap)
{
    int fd = tap->fd;
    tap->fd = -1;
    return fd;
}

void sw_tap_free(struct sw_tap *tap)
{
    if (!tap) {
        return;
    }
    if (tap->fd >= 0) {
        close(tap->fd);
    }
    free(tap->name);
    free(tap);
}
