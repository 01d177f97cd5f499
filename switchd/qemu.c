/* The socket of a virtual machine's network card. See qemu.h.
 *
 * One descriptor speaks to the peer, watched by one handle of the loop, which is closed with it: a
 * stream's next peer is looked for when the handle has gone. */
#include "switchd/qemu.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/watch.h"
#include "switchd/outside.h"
#include "switchd/place.h"

#define LENGTH_BYTES 4
#define ETH_BYTES 14
#define RETRY_MS 1000
#define READ_BYTES (96U << 10) /* in one go, before the LAN gets a turn */
#define READ_FRAMES 1024

struct sw_qemu {
    struct sw_env env;
    struct sw_port port;
    char *name;
    struct sw_owner owner; /* who drops are told of: it has no timers */
    bool datagrams;
    struct sw_place listen, connect;
    int listener; /* of a stream that listens, else -1 */
    int fd;       /* to the peer, or -1 */
    bool there;   /* the peer is: not merely being connected to */
    bool was_there;
    bool tried; /* that there is nobody to connect to was said */
    uv_poll_t listening, poll;
    uv_timer_t retry;
    struct sw_driver *driver;
    struct sw_qemu_stats stats;
    size_t in_len;  /* bytes of `in` that are there */
    uint8_t *queue; /* what waits for the peer: len bytes from off on */
    size_t queue_off, queue_len;
    uint8_t in[LENGTH_BYTES + SW_FRAME_MAX_BYTES];
};

static int complain(char *why, size_t cap, const struct sw_topo_uplink *uplink, const char *what,
                    int rc)
{
    const char *mend = "";
    if (rc == -EMFILE) {
        mend = "; raise the limit: ulimit -n";
    } else if (rc == -EADDRINUSE) {
        mend = "; another program is there: end it, or name another place";
    } else if (rc == -ENOENT) {
        mend = "; its folder is not there";
    }
    snprintf(why, cap, "uplink '%s': %s: %s%s", uplink->name, what, strerror(-rc), mend);
    return rc;
}

/* ---- the peer comes and goes ---- */

static void on_events(uv_poll_t *poll, int status, int events);
static void look_for_peer(struct sw_qemu *q);

static void on_retry(uv_timer_t *timer)
{
    look_for_peer(timer->data);
}

static void on_closed(uv_handle_t *handle)
{
    struct sw_qemu *q = handle->data;
    close(q->fd);
    q->fd = -1;
    if (uv_is_closing((uv_handle_t *)&q->retry)) {
        return; /* the loop ends */
    }
    if (q->was_there || q->listener >= 0) {
        look_for_peer(q);
    } else {
        uv_timer_start(&q->retry, on_retry, RETRY_MS, 0);
    }
}

/* The peer has gone, or could not be reached. */
static void leave_peer(struct sw_qemu *q)
{
    q->was_there = q->there;
    q->there = false;
    q->in_len = q->queue_len = q->queue_off = 0;
    uv_close((uv_handle_t *)&q->poll, on_closed);
}

static void lose_peer(struct sw_qemu *q, const char *why)
{
    sw_log_line(&q->env.log, SW_LOG_INFO, "uplink '%s': the peer is gone%s%s", q->name,
                why ? ": " : "", why ? why : "");
    leave_peer(q);
}

static void greet_peer(struct sw_qemu *q)
{
    q->there = true;
    q->tried = false;
    q->stats.peers++;
    sw_log_line(&q->env.log, SW_LOG_INFO, "uplink '%s': a peer is there", q->name);
}

/* A descriptor to the peer of a stream, or to one that is about to be there; or the socket of
 * datagrams. 0 or a negative errno: then it is closed. */
static int take(struct sw_qemu *q, int fd, int events)
{
    q->poll.data = q;
    int rc = uv_poll_init(sw_driver_loop(q->driver), &q->poll, fd);
    if (rc) {
        sw_log_line(&q->env.log, SW_LOG_ERROR, "uplink '%s': %s", q->name, uv_strerror(rc));
        close(fd);
        return rc;
    }
    q->fd = fd;
    return uv_poll_start(&q->poll, events, on_events);
}

static void on_knock(uv_poll_t *poll, int status, int events)
{
    struct sw_qemu *q = poll->data;
    (void)status;
    (void)events;
    int fd = accept4(q->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    uv_poll_stop(&q->listening);
    if (fd >= 0 && take(q, fd, UV_READABLE) == 0) {
        greet_peer(q);
    } else { /* no descriptor is left, or he has gone: else he would go on knocking */
        uv_timer_start(&q->retry, on_retry, RETRY_MS, 0);
    }
}

static void say_nobody(struct sw_qemu *q, int error)
{
    if (!q->tried) {
        q->tried = true;
        sw_log_line(&q->env.log, SW_LOG_WARN, "uplink '%s': %s: %s; it is tried again every second",
                    q->name, q->connect.text, strerror(error));
    }
}

static void look_for_peer(struct sw_qemu *q)
{
    if (q->listener >= 0) {
        uv_poll_start(&q->listening, UV_READABLE, on_knock);
        return;
    }
    const struct sockaddr *to = (const struct sockaddr *)&q->connect.address;
    int fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int rc = fd < 0 ? -1 : connect(fd, to, q->connect.len);
    if (fd >= 0 && rc == 0) { /* a path's: what the LAN sends first of all goes there already */
        rc = take(q, fd, UV_READABLE);
        if (rc == 0) {
            greet_peer(q);
        }
    } else if (fd >= 0 && errno == EINPROGRESS) {
        rc = take(q, fd, UV_WRITABLE); /* which says how that ended */
    } else {
        say_nobody(q, errno);
        if (fd >= 0) {
            close(fd);
        }
    }
    if (rc) {
        uv_timer_start(&q->retry, on_retry, RETRY_MS, 0);
    }
}

static void on_connected(struct sw_qemu *q)
{
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(q->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0) {
        error = errno;
    }
    if (error) {
        say_nobody(q, error);
        leave_peer(q);
        return;
    }
    greet_peer(q);
    uv_poll_start(&q->poll, UV_READABLE, on_events);
}

/* ---- to the peer ---- */

static void not_written(struct sw_qemu *q, const struct sw_frame *frame)
{
    q->stats.not_written++;
    sw_watch_dropped(q->env.watch, NULL, &q->owner, sw_clock_now(q->env.clock), frame,
                     SW_DROP_PORT_WRITE);
}

/* What the socket did not take of the parts waits: all behind the first `done` bytes. */
static bool keep(struct sw_qemu *q, const struct iovec *iov, int n, size_t done)
{
    if (!q->queue) {
        q->queue = malloc(SW_QEMU_QUEUE_BYTES);
    }
    if (!q->queue) {
        return false;
    }
    memmove(q->queue, q->queue + q->queue_off, q->queue_len);
    q->queue_off = 0;
    for (int i = 0; i < n; i++) {
        size_t skip = done < iov[i].iov_len ? done : iov[i].iov_len;
        done -= skip;
        memcpy(q->queue + q->queue_len, (const char *)iov[i].iov_base + skip,
               iov[i].iov_len - skip);
        q->queue_len += iov[i].iov_len - skip;
    }
    uv_poll_start(&q->poll, UV_READABLE | UV_WRITABLE, on_events);
    return true;
}

/* False: not a byte of it will go. */
static bool write_stream(struct sw_qemu *q, struct iovec *iov, int n, size_t bytes)
{
    if (!q->there || q->queue_len + bytes > SW_QEMU_QUEUE_BYTES) {
        return false;
    }
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = (size_t)n};
    ssize_t done = q->queue_len > 0 ? 0 : sendmsg(q->fd, &message, MSG_NOSIGNAL);
    if (done < 0 && errno != EAGAIN && errno != EINTR) {
        return false; /* that it is gone is told by reading */
    }
    done = done < 0 ? 0 : done;
    return (size_t)done == bytes || keep(q, iov, n, (size_t)done);
}

static bool write_datagram(struct sw_qemu *q, struct iovec *iov, int n)
{
    struct msghdr message = {.msg_name = &q->connect.address,
                             .msg_namelen = q->connect.len,
                             .msg_iov = iov,
                             .msg_iovlen = (size_t)n};
    return q->connect.len > 0 && sendmsg(q->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static void write_frame(struct sw_qemu *q, struct sw_frame *frame)
{
    uint8_t length[LENGTH_BYTES];
    struct iovec iov[4] = {{length, sizeof length}};
    int n = 1;
    size_t bytes = frame->head_len;
    /* Nothing is written through the pointers; the interface has no const. */
    iov[n++] = (struct iovec){frame->store + frame->head_off, frame->head_len};
    for (unsigned i = 0; i < frame->slices; i++) {
        iov[n++] =
            (struct iovec){frame->slice[i].block->bytes + frame->slice[i].off, frame->slice[i].len};
        bytes += frame->slice[i].len;
    }
    sw_put32(length, (uint32_t)bytes);
    bool sent = q->datagrams ? write_datagram(q, iov + 1, n - 1)
                             : write_stream(q, iov, n, bytes + sizeof length);
    if (sent) {
        q->stats.out++;
    } else {
        not_written(q, frame);
    }
    sw_frame_drop(frame);
}

static void on_frames(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct sw_qemu *q = SW_CONTAINER(port, struct sw_qemu, port);
    for (unsigned i = 0; i < n; i++) {
        struct sw_frame *frame = sw_outside_finish(frames[i]);
        if (frame) {
            write_frame(q, frame);
        } else {
            q->stats.not_written++;
        }
    }
}

static void flush(struct sw_qemu *q)
{
    ssize_t done = send(q->fd, q->queue + q->queue_off, q->queue_len, MSG_NOSIGNAL);
    if (done > 0) {
        q->queue_off += (size_t)done;
        q->queue_len -= (size_t)done;
    }
    if (q->queue_len == 0) {
        q->queue_off = 0;
        uv_poll_start(&q->poll, UV_READABLE, on_events);
    }
}

/* ---- from the peer ---- */

static void take_frame(struct sw_qemu *q, const uint8_t *bytes, size_t n)
{
    struct sw_frame *frame = NULL;
    if (n >= ETH_BYTES && n <= SW_FRAME_MAX_BYTES) {
        frame = sw_frame_from_bytes(q->env.pool, bytes, n, sw_outside_head(bytes, n));
    }
    if (frame) {
        q->stats.in++;
        sw_port_send(&q->port, frame);
    } else {
        q->stats.not_read++;
    }
}

static void read_datagrams(struct sw_qemu *q)
{
    for (unsigned i = 0, bytes = 0; i < READ_FRAMES && bytes < READ_BYTES; i++) {
        struct sockaddr_storage from = {0};
        socklen_t len = sizeof from;
        ssize_t n = recvfrom(q->fd, q->in, sizeof q->in, MSG_TRUNC, (struct sockaddr *)&from, &len);
        if (n < 0) {
            return; /* nothing more; or what befell one that was sent, which is lost */
        }
        bytes += (unsigned)n;
        if (q->connect.len > 0 && !sw_place_is(&q->connect, &from)) {
            q->stats.not_read++;
        } else {
            take_frame(q, q->in, (size_t)n);
        }
    }
}

/* The whole frames of `in`. False: what is there cannot be a length, so nothing that follows can
 * be understood. */
static bool take_frames(struct sw_qemu *q)
{
    size_t at = 0;
    while (q->in_len - at >= LENGTH_BYTES) {
        uint32_t n = sw_get32(q->in + at);
        if (n > SW_FRAME_MAX_BYTES) {
            return false;
        }
        if (q->in_len - at - LENGTH_BYTES < n) {
            break;
        }
        take_frame(q, q->in + at + LENGTH_BYTES, n);
        at += LENGTH_BYTES + n;
    }
    q->in_len -= at;
    memmove(q->in, q->in + at, q->in_len);
    return true;
}

static void read_stream(struct sw_qemu *q)
{
    for (size_t bytes = 0; bytes < READ_BYTES;) {
        ssize_t n = read(q->fd, q->in + q->in_len, sizeof q->in - q->in_len);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (n <= 0) {
            lose_peer(q, n < 0 ? strerror(errno) : NULL);
            return;
        }
        bytes += (size_t)n;
        q->in_len += (size_t)n;
        if (!take_frames(q)) {
            q->stats.not_read++;
            lose_peer(q, "it sent what is no frame's length, and was left");
            return;
        }
    }
}

static void on_events(uv_poll_t *poll, int status, int events)
{
    struct sw_qemu *q = poll->data;
    sw_driver_catch_up(q->driver);
    if (q->datagrams) {
        read_datagrams(q);
    } else if (!q->there) {
        on_connected(q);
    } else {
        if (events & UV_WRITABLE) {
            flush(q);
        }
        if (events & UV_READABLE || status < 0) {
            read_stream(q);
        }
    }
}

/* ---- life ---- */

/* The socket that others know of. */
static int open_socket(struct sw_qemu *q, const struct sw_topo_uplink *uplink, char *why,
                       size_t cap)
{
    int rc;
    if (q->listen.len > 0) {
        rc = sw_place_bind(&q->listen, q->datagrams ? SOCK_DGRAM : SOCK_STREAM);
    } else if (q->datagrams) {
        rc = socket(q->connect.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        rc = rc < 0 ? -errno : rc;
    } else {
        return 0;
    }
    if (rc >= 0 && q->datagrams) {
        q->fd = rc;
    } else if (rc >= 0) {
        q->listener = rc;
        rc = listen(q->listener, 1) < 0 ? -errno : 0;
    }
    return rc < 0 ? complain(why, cap, uplink, q->listen.len > 0 ? q->listen.text : q->connect.text,
                             rc)
                  : 0;
}

int sw_qemu_new(struct sw_qemu **out, const struct sw_env *env, const struct sw_topo_uplink *uplink,
                char *why, size_t cap)
{
    struct sw_qemu *q = calloc(1, sizeof *q);
    if (!q || !(q->name = strdup(uplink->name))) {
        free(q);
        return complain(why, cap, uplink, "qemu", -ENOMEM);
    }
    q->env = *env;
    q->fd = q->listener = -1;
    q->datagrams = uplink->datagrams;
    sw_place_of(&q->listen, &uplink->listen);
    sw_place_of(&q->connect, &uplink->connect);
    sw_owner_init(&q->owner, q->name);
    sw_port_init(&q->port, q->name, on_frames, NULL);
    int rc = open_socket(q, uplink, why, cap);
    if (rc) {
        sw_qemu_free(q);
        return rc;
    }
    *out = q;
    return 0;
}

struct sw_port *sw_qemu_port(struct sw_qemu *qemu)
{
    return &qemu->port;
}

int sw_qemu_start(struct sw_qemu *q, struct sw_driver *driver)
{
    q->driver = driver;
    q->listening.data = q;
    q->retry.data = q;
    if (q->datagrams) {
        int fd = q->fd;
        q->fd = -1;
        return take(q, fd, UV_READABLE);
    }
    int rc = uv_timer_init(sw_driver_loop(driver), &q->retry);
    if (rc == 0 && q->listener >= 0) {
        rc = uv_poll_init(sw_driver_loop(driver), &q->listening, q->listener);
    }
    if (rc == 0) {
        look_for_peer(q);
    }
    return rc;
}

void sw_qemu_stats(const struct sw_qemu *qemu, struct sw_qemu_stats *out)
{
    *out = qemu->stats;
}

void sw_qemu_free(struct sw_qemu *q)
{
    if (!q) {
        return;
    }
    sw_place_unbind(&q->listen);
    if (q->fd >= 0) {
        close(q->fd);
    }
    if (q->listener >= 0) {
        close(q->listener);
    }
    free(q->queue);
    free(q->name);
    free(q);
}
