/* --pcap. A frame that a port sends is captured there as outbound, with the reason as a comment if
 * its lane dropped it on entry; one that arrives at a port is captured there as inbound. What a
 * host drops later was captured when it arrived. */
#include "switchd/capture.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/link.h"
#include "core/pcapng.h"

#define BUFFER_BYTES (1 << 20)

struct known_port {
    const struct sw_port *port;
    uint32_t interface;
};

struct sw_capture {
    struct sw_watch watch;
    struct sw_pcapng pcapng;
    FILE *file;
    sw_time epoch;
    /* A frame that was sent is written with the next event, so that a drop on entry becomes its
     * comment and not a second record. Held by a reference until then, since a lane that flips a
     * bit or marks sends a copy in its place. */
    struct sw_frame *pending;
    const struct sw_lane *pending_lane;
    sw_time pending_at;
    struct known_port *known; /* open addressing by address: only looked up, never walked, so no
                                 order depends on it */
    uint32_t known_count, known_cap;
};

static int write_file(void *ctx, const void *bytes, size_t n)
{
    FILE *file = ctx;
    return fwrite(bytes, 1, n, file) == n ? 0 : (errno ? -errno : -EIO);
}

static struct known_port *slot_of(const struct sw_capture *c, const struct sw_port *port)
{
    uint32_t i =
        (uint32_t)(((uintptr_t)port >> 4) * 0x9e3779b97f4a7c15u >> 32) & (c->known_cap - 1);
    while (c->known[i].port && c->known[i].port != port) {
        i = (i + 1) & (c->known_cap - 1);
    }
    return &c->known[i];
}

static bool grow(struct sw_capture *c)
{
    struct known_port *old = c->known;
    uint32_t old_cap = c->known_cap;
    c->known_cap = old_cap ? old_cap * 2 : 64;
    c->known = calloc(c->known_cap, sizeof *c->known);
    if (!c->known) {
        c->known = old;
        c->known_cap = old_cap;
        return false;
    }
    for (uint32_t i = 0; i < old_cap; i++) {
        if (old[i].port) {
            *slot_of(c, old[i].port) = old[i];
        }
    }
    free(old);
    return true;
}

/* The interface of a port; its block is written when it is first seen, which is in the same order
 * in every run. */
static int interface_of(struct sw_capture *c, const struct sw_port *port)
{
    if (c->known_count * 2 >= c->known_cap && !grow(c)) {
        return -ENOMEM;
    }
    struct known_port *slot = slot_of(c, port);
    if (!slot->port) {
        int number = sw_pcapng_interface(&c->pcapng, port->name);
        if (number < 0) {
            return number;
        }
        *slot = (struct known_port){port, (uint32_t)number};
        c->known_count++;
    }
    return (int)slot->interface;
}

static void record(struct sw_capture *c, const struct sw_port *port, enum sw_direction dir,
                   sw_time now, const struct sw_frame *frame, enum sw_drop reason)
{
    int interface = interface_of(c, port);
    if (interface >= 0) {
        sw_pcapng_frame(&c->pcapng, (uint32_t)interface, dir, c->epoch, now, frame, reason);
    }
}

static void flush_pending(struct sw_capture *c, enum sw_drop reason)
{
    if (c->pending) {
        record(c, c->pending_lane->from, SW_DIR_OUT, c->pending_at, c->pending, reason);
        sw_frame_drop(c->pending);
        c->pending = NULL;
    }
}

static void on_sent(struct sw_watch *watch, const struct sw_lane *lane, sw_time now,
                    const struct sw_frame *frame)
{
    struct sw_capture *c = SW_CONTAINER(watch, struct sw_capture, watch);
    flush_pending(c, SW_DROP_COUNT);
    c->pending = sw_frame_ref((struct sw_frame *)frame);
    c->pending_lane = lane;
    c->pending_at = now;
}

static void on_arrived(struct sw_watch *watch, const struct sw_lane *lane, sw_time now,
                       struct sw_frame *const *frames, unsigned n)
{
    struct sw_capture *c = SW_CONTAINER(watch, struct sw_capture, watch);
    flush_pending(c, SW_DROP_COUNT);
    for (unsigned i = 0; i < n; i++) {
        record(c, lane->to, SW_DIR_IN, now, frames[i], SW_DROP_COUNT);
    }
}

static void on_dropped(struct sw_watch *watch, const struct sw_lane *lane,
                       const struct sw_owner *where, sw_time now, const struct sw_frame *frame,
                       enum sw_drop reason)
{
    struct sw_capture *c = SW_CONTAINER(watch, struct sw_capture, watch);
    (void)where;
    bool on_entry = lane && c->pending == frame && c->pending_lane == lane && c->pending_at == now;
    flush_pending(c, on_entry ? reason : SW_DROP_COUNT);
}

int sw_capture_new(struct sw_capture **out, const char *path, uint64_t seed, sw_time epoch)
{
    struct sw_capture *c = calloc(1, sizeof *c);
    if (!c) {
        return -ENOMEM;
    }
    c->file = fopen(path, "wbe");
    if (!c->file) {
        int rc = -errno;
        free(c);
        return rc;
    }
    setvbuf(c->file, NULL, _IOFBF, BUFFER_BYTES);
    c->epoch = epoch;
    c->watch = (struct sw_watch){.sent = on_sent, .arrived = on_arrived, .dropped = on_dropped};
    sw_pcapng_begin(&c->pcapng, write_file, c->file, seed);
    *out = c;
    return 0;
}

struct sw_watch *sw_capture_watch(struct sw_capture *c)
{
    return &c->watch;
}

int sw_capture_close(struct sw_capture *c)
{
    if (!c) {
        return 0;
    }
    assert(!c->pending); /* the LAN is gone, and with it every frame */
    int rc = c->pcapng.failed;
    if (fclose(c->file) != 0 && rc == 0) {
        rc = -errno;
    }
    free(c->known);
    free(c);
    return rc;
}
