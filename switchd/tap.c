/* A tap uplink. See tap.h; the device's interface is the kernel's
 * Documentation/networking/tuntap.rst, the vnet header virtio 1.2 5.1.6. */
#include "switchd/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
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

/* Frames read in one go, before the LAN gets a turn. */
#define READ_BATCH 64
#define VNET_BYTES ((int)sizeof(struct virtio_net_hdr))

struct sw_tap {
    struct sw_env env;
    struct sw_port port;
    char *name;
    char device[IFNAMSIZ];
    int fd;
    bool vnet;
    uv_poll_t poll;
    struct sw_driver *driver;
    struct sw_tap_stats stats;
    uint8_t buffer[sizeof(struct virtio_net_hdr) + SW_FRAME_MAX_BYTES];
};

/* ---- the device ---- */

static int complain(char *why, size_t cap, const struct sw_topo_uplink *uplink, const char *what,
                    const char *mend)
{
    int rc = -errno;
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

/* The kernel would not give us the device. */
static int refuse_device(const struct sw_topo_uplink *uplink, char *why, size_t cap)
{
    char what[64];
    int refusal = errno;
    const char *mend = "it needs CAP_NET_ADMIN: run as root, or have one made for you: ip tuntap "
                       "add mode tap user NAME";
    if (refusal == EBUSY) {
        mend = "another program holds it: end that one, or name another device";
    } else if (refusal == EINVAL) {
        mend = "an interface of that name is there and is no tap, or one of another kind: name "
               "another device, or remove it: ip link del NAME";
    }
    snprintf(what, sizeof what, "making the tap %s", uplink->device ? uplink->device : "device");
    errno = refusal;
    return complain(why, cap, uplink, what, mend);
}

static int open_device(struct sw_tap *tap, const struct sw_topo_uplink *uplink, char *why,
                       size_t cap)
{
    tap->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap->fd < 0) {
        return complain(why, cap, uplink, "/dev/net/tun",
                        "a tap needs the tun module and CAP_NET_ADMIN: run as root");
    }
    struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
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

static void set_sockaddr(struct sockaddr *to, uint32_t number)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(number)};
    memcpy(to, &in, sizeof in);
}

/* The kernel's side: MTU, address, up. */
static int set_up_device(struct sw_tap *tap, const struct sw_topo_uplink *uplink, char *why,
                         size_t cap)
{
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0) {
        return complain(why, cap, uplink, "socket", NULL);
    }
    struct ifreq ifr = {0};
    memcpy(ifr.ifr_name, tap->device, sizeof ifr.ifr_name);
    ifr.ifr_mtu = uplink->mtu_bytes ? (int)uplink->mtu_bytes : SW_MTU_DEFAULT;
    int rc = ioctl(s, SIOCSIFMTU, &ifr);
    const char *what = "setting the MTU";
    if (rc == 0 && uplink->address_given) {
        what = "setting the address";
        set_sockaddr(&ifr.ifr_addr, sw_ip_v4_number(uplink->address.ip));
        rc = ioctl(s, SIOCSIFADDR, &ifr);
        set_sockaddr(&ifr.ifr_netmask, sw_v4_mask(uplink->address.bits));
        rc = rc ? rc : ioctl(s, SIOCSIFNETMASK, &ifr);
    }
    if (rc == 0) {
        what = "bringing it up";
        rc = ioctl(s, SIOCGIFFLAGS, &ifr);
        ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
        rc = rc ? rc : ioctl(s, SIOCSIFFLAGS, &ifr);
    }
    rc = rc ? complain(why, cap, uplink, what, "it needs CAP_NET_ADMIN: run as root") : 0;
    close(s);
    return rc;
}

/* ---- to the kernel ---- */

static void write_frame(struct sw_tap *tap, struct sw_frame *frame)
{
    struct virtio_net_hdr vnet = {0};
    struct iovec iov[4];
    int n = 0;
    if (tap->vnet) {
        if (frame->csum == SW_CSUM_CHECKED) {
            vnet.flags = VIRTIO_NET_HDR_F_DATA_VALID;
        }
        iov[n++] = (struct iovec){&vnet, sizeof vnet};
    }
    /* writev() does not write through the pointer; the interface has no const. */
    iov[n++] = (struct iovec){frame->store + frame->head_off, frame->head_len};
    for (unsigned i = 0; i < frame->slices; i++) {
        iov[n++] =
            (struct iovec){frame->slice[i].block->bytes + frame->slice[i].off, frame->slice[i].len};
    }
    if (writev(tap->fd, iov, n) < 0) {
        tap->stats.not_written++;
        sw_watch_dropped(tap->env.watch, NULL, tap->name, sw_clock_now(tap->env.clock), frame,
                         SW_DROP_PORT_WRITE);
    } else {
        tap->stats.out++;
    }
    sw_frame_drop(frame);
}

/* A checksum is finished also where the vnet header would leave it to the kernel: the kernel would
 * hand such a frame unfinished to whoever looks at the device, and to a bridge's other ports. */
static void on_frames(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct sw_tap *tap = SW_CONTAINER(port, struct sw_tap, port);
    for (unsigned i = 0; i < n; i++) {
        struct sw_frame *frame = frames[i];
        if (frame->csum == SW_CSUM_PARTIAL) {
            frame = sw_frame_own(frame);
            if (!frame) {
                tap->stats.not_written++;
                continue;
            }
            sw_frame_finish(frame);
        }
        write_frame(tap, frame);
    }
}

/* ---- from the kernel ---- */

/* How much of a frame is headers, so that the payload of TCP and UDP begins with a slice; a guess
 * at what cannot be read: the hosts parse. */
static size_t head_length(const uint8_t *b, size_t n)
{
    const size_t most = SW_HEAD_BYTES - 32;
    if (n < 34 || sw_get16(b + 12) != 0x0800) {
        return n < most ? n : most;
    }
    size_t l4 = 14 + (size_t)(b[14] & 15) * 4;
    size_t head = l4;
    if (b[23] == 6 && n >= l4 + 20) {
        head += (size_t)(b[l4 + 12] >> 4) * 4;
    } else if (b[23] == 17 || b[23] == 1) {
        head += 8;
    }
    head = head < n ? head : n;
    return head < most ? head : most;
}

/* A checksum that the kernel left to us, and that lies where a frame's own fields cannot say so:
 * finished in the bytes. */
static bool finish_in_place(uint8_t *b, size_t n, const struct virtio_net_hdr *vnet)
{
    size_t start = vnet->csum_start, at = start + vnet->csum_offset;
    if (start > n || at + 2 > n) {
        return false;
    }
    uint16_t sum = sw_sum_fold(sw_sum_add(0, b + start, n - start));
    sw_put16(b + at, (uint16_t)~sum);
    return true;
}

static void take_frame(struct sw_tap *tap, uint8_t *bytes, size_t n)
{
    struct virtio_net_hdr vnet = {0};
    if (tap->vnet) {
        if (n < sizeof vnet) {
            tap->stats.not_read++;
            return;
        }
        memcpy(&vnet, bytes, sizeof vnet);
        bytes += sizeof vnet;
        n -= sizeof vnet;
    }
    size_t head = head_length(bytes, n);
    bool partial = vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
    bool in_head = (size_t)vnet.csum_start + vnet.csum_offset + 2 <= head;
    if (n < 14 || (partial && !in_head && !finish_in_place(bytes, n, &vnet))) {
        tap->stats.not_read++;
        return;
    }
    struct sw_frame *frame = sw_frame_from_bytes(tap->env.pool, bytes, n, head);
    if (!frame) {
        tap->stats.not_read++;
        return;
    }
    if (partial && in_head) {
        frame->csum = SW_CSUM_PARTIAL;
        frame->csum_start = vnet.csum_start;
        frame->csum_offset = vnet.csum_offset;
    } else if (vnet.flags & (VIRTIO_NET_HDR_F_DATA_VALID | VIRTIO_NET_HDR_F_NEEDS_CSUM)) {
        frame->csum = SW_CSUM_CHECKED;
    }
    tap->stats.in++;
    sw_port_send(&tap->port, frame);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct sw_tap *tap = poll->data;
    (void)events;
    sw_driver_catch_up(tap->driver);
    for (int i = 0; i < READ_BATCH; i++) {
        ssize_t n = read(tap->fd, tap->buffer, sizeof tap->buffer);
        if (n > 0) {
            take_frame(tap, tap->buffer, (size_t)n);
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EINTR) && status == 0) {
            return;
        }
        sw_log_line(&tap->env.log, SW_LOG_ERROR, "uplink '%s': the device %s is gone", tap->name,
                    tap->device);
        uv_poll_stop(&tap->poll);
        return;
    }
}

/* ---- life ---- */

int sw_tap_new(struct sw_tap **out, const struct sw_env *env, const struct sw_topo_uplink *uplink,
               char *why, size_t cap)
{
    struct sw_tap *tap = calloc(1, sizeof *tap);
    if (!tap || !(tap->name = strdup(uplink->name))) {
        free(tap);
        errno = ENOMEM;
        return complain(why, cap, uplink, "a tap", NULL);
    }
    tap->env = *env;
    tap->fd = -1;
    tap->vnet = uplink->vnet_header;
    sw_port_init(&tap->port, tap->name, on_frames, NULL);
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
