/* A pcap uplink (see pcap_port.h).
 *
 * One frame is read ahead. When it is due, and the lane has room for it, it goes out, and the next
 * one is read; where the lane has none, the lane says when: so a capture that is faster than its
 * link is slowed and not lost. It is a step's class in which frames enter, behind all else that is
 * due at that instant, as frames from outside do. After some frames of one instant a microsecond
 * passes before the next: no capture holds the clock still, and what is in flight stays bounded. */
#include "switchd/pcap_port.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/pcapng.h"
#include "core/watch.h"
#include "switchd/outside.h"
#include "switchd/pcap_file.h"

#define BATCH 256 /* frames at one instant at most */
#define BUFFER_BYTES (64 << 10)

struct sw_pcap_port {
    struct sw_env env;
    struct sw_owner owner;
    struct sw_port port;
    const struct sw_topo_uplink *uplink;
    struct sw_pcap_port_stats stats;
    struct sw_timer timer;
    struct sw_pcap_reader reader;
    struct sw_pcap_record next;
    bool more; /* next is one that was read and has not been sent */
    int broken;
    FILE *file; /* what is written; NULL: nothing */
    struct sw_pcapng pcapng;
    sw_time epoch;
    bool rewrites;
    uint8_t buffer[SW_FRAME_MAX_BYTES]; /* where addresses are rewritten */
};

/* ---- from the capture ---- */

/* When the next one is due. A frame whose time lies before another's that stands before it in the
 * file is due at once. */
static sw_time due(const struct sw_pcap_port *p)
{
    sw_time speed = p->uplink->speed, at = p->next.at > 0 ? p->next.at : 0;
    if (speed == 0) {
        at = 0;
    } else if (speed != SW_SPEED_KEPT) {
        sw_time whole = at / speed, most = SW_TIME_NEVER / 4 / SW_SPEED_KEPT;
        whole = whole < most ? whole : most;
        at = whole * SW_SPEED_KEPT + at % speed * SW_SPEED_KEPT / speed;
    }
    return p->uplink->start + at;
}

static void read_next(struct sw_pcap_port *p)
{
    char why[512];
    int rc = sw_pcap_reader_next(&p->reader, &p->next, why, sizeof why);
    p->more = rc == 1;
    if (rc < 0) {
        p->broken = rc;
        sw_log_line(&p->env.log, SW_LOG_ERROR, "uplink '%s': %s: after %llu frames: %s",
                    p->uplink->name, p->uplink->read, (unsigned long long)p->reader.records, why);
    }
}

static void send_next(struct sw_pcap_port *p)
{
    const uint8_t *bytes = p->next.bytes;
    size_t len = p->next.len;
    struct sw_frame *frame = NULL;
    if (len <= SW_FRAME_MAX_BYTES) {
        if (p->rewrites) {
            memcpy(p->buffer, bytes, len);
            sw_rewrite_frame(&p->uplink->rewrite, p->buffer, len);
            bytes = p->buffer;
        }
        frame = sw_frame_from_bytes(p->env.pool, bytes, len, sw_outside_head(bytes, len));
    }
    if (!frame) {
        p->stats.not_read++;
        return;
    }
    p->stats.in++;
    p->stats.cut += p->next.cut;
    sw_port_send(&p->port, frame);
}

static void play(struct sw_pcap_port *p)
{
    sw_time now = sw_clock_now(p->env.clock);
    for (unsigned n = 0; p->more; n++) {
        sw_time at = due(p);
        if (n == BATCH && at < now + SW_US) {
            at = now + SW_US;
        }
        if (at > now) {
            sw_timer_arm(&p->timer, at);
            return;
        }
        size_t room = sw_port_room(&p->port);
        if (room < p->next.len && room < 1514) {
            sw_port_want_room(&p->port);
            return;
        }
        send_next(p);
        read_next(p);
    }
}

static void on_timer(struct sw_timer *timer)
{
    play(SW_CONTAINER(timer, struct sw_pcap_port, timer));
}

static void on_room(struct sw_port *port)
{
    play(SW_CONTAINER(port, struct sw_pcap_port, port));
}

/* ---- into the capture ---- */

static int write_file(void *ctx, const void *bytes, size_t n)
{
    FILE *file = ctx;
    return fwrite(bytes, 1, n, file) == n ? 0 : (errno ? -errno : -EIO);
}

static void on_frames(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct sw_pcap_port *p = SW_CONTAINER(port, struct sw_pcap_port, port);
    sw_time now = sw_clock_now(p->env.clock);
    p->stats.out += n;
    for (unsigned i = 0; i < n; i++) {
        if (p->file &&
            sw_pcapng_frame(&p->pcapng, 0, SW_DIR_IN, p->epoch, now, frames[i], SW_DROP_COUNT)) {
            p->stats.not_written++;
            sw_watch_dropped(p->env.watch, NULL, &p->owner, now, frames[i], SW_DROP_PORT_WRITE);
        }
        sw_frame_drop(frames[i]);
    }
}

/* ---- the files ---- */

static int complain(const struct sw_topo_uplink *uplink, const char *path, int rc, char *why,
                    size_t cap)
{
    snprintf(why, cap, "uplink '%s': %s: %s", uplink->name, path, strerror(-rc));
    return rc;
}

static int open_read(struct sw_pcap_port *p, char *why, size_t cap)
{
    char what[512];
    FILE *file = fopen(p->uplink->read, "rbe");
    if (!file) {
        return complain(p->uplink, p->uplink->read, -errno, why, cap);
    }
    struct stat st;
    if (fstat(fileno(file), &st) == 0 && S_ISDIR(st.st_mode)) {
        fclose(file);
        return complain(p->uplink, p->uplink->read, -EISDIR, why, cap);
    }
    setvbuf(file, NULL, _IOFBF, BUFFER_BYTES);
    int rc = sw_pcap_reader_open(&p->reader, file, what, sizeof what);
    if (rc) {
        snprintf(why, cap, "uplink '%s': %s: %s", p->uplink->name, p->uplink->read, what);
    }
    return rc;
}

static int open_write(struct sw_pcap_port *p, uint64_t seed, char *why, size_t cap)
{
    const struct sw_topo_uplink *uplink = p->uplink;
    p->file = fopen(uplink->write, "wbe");
    if (!p->file) {
        return complain(uplink, uplink->write, -errno, why, cap);
    }
    setvbuf(p->file, NULL, _IOFBF, BUFFER_BYTES);
    sw_pcapng_begin(&p->pcapng, write_file, p->file, seed);
    sw_pcapng_interface(&p->pcapng, uplink->name);
    return 0;
}

/* ---- life ---- */

int sw_pcap_port_new(struct sw_pcap_port **out, const struct sw_env *env,
                     const struct sw_topo_uplink *uplink, uint64_t seed, sw_time epoch, char *why,
                     size_t cap)
{
    struct sw_pcap_port *p = calloc(1, sizeof *p);
    if (!p) {
        return complain(uplink, "a port", -ENOMEM, why, cap);
    }
    p->env = *env;
    p->uplink = uplink;
    p->epoch = epoch;
    p->rewrites = uplink->rewrite.mac_count + uplink->rewrite.net_count > 0;
    sw_owner_init(&p->owner, uplink->name);
    sw_port_init(&p->port, uplink->name, on_frames, on_room);
    int rc = sw_timer_init(&p->timer, env->clock, &p->owner, SW_CLASS_STEP, on_timer);
    rc = rc ? complain(uplink, "a timer", rc, why, cap) : 0;
    rc = rc || !uplink->read ? rc : open_read(p, why, cap);
    rc = rc || !uplink->write ? rc : open_write(p, seed, why, cap);
    if (rc) {
        char again[512];
        sw_pcap_port_free(p, again, sizeof again);
        return rc;
    }
    if (uplink->read) {
        read_next(p);
        sw_timer_arm(&p->timer, p->more ? due(p) : SW_TIME_NEVER);
    }
    *out = p;
    return 0;
}

struct sw_port *sw_pcap_port(struct sw_pcap_port *p)
{
    return &p->port;
}

void sw_pcap_port_stats(const struct sw_pcap_port *p, struct sw_pcap_port_stats *out)
{
    *out = p->stats;
}

int sw_pcap_port_free(struct sw_pcap_port *p, char *why, size_t cap)
{
    if (!p) {
        return 0;
    }
    assert(!p->port.lane);
    sw_timer_fini(&p->timer);
    sw_pcap_reader_close(&p->reader);
    int rc = p->pcapng.failed;
    if (p->file && fclose(p->file) != 0 && rc == 0) {
        rc = -errno;
    }
    if (rc) {
        complain(p->uplink, p->uplink->write, rc, why, cap);
    } else if (p->broken) {
        rc = p->broken;
        why[0] = '\0';
    }
    free(p);
    return rc;
}
