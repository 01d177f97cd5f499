/* A tap uplink: an Ethernet interface of the kernel whose other end is a port of the LAN. Every
 * frame leaves with its checksums in place. With the vnet header (virtio's convention) the kernel
 * is told that they are right and leaves its own unfinished; without it, each side verifies.
 *
 * A tun is one too, whose interface is of bare IP: its port speaks with the station that the
 * network made for it (lan/network.h), and Ethernet headers end here. */
#ifndef SW_SWITCHD_TAP_H
#define SW_SWITCHD_TAP_H

#include "core/env.h"
#include "core/port.h"
#include "lan/topo.h"
#include "switchd/driver.h"

struct sw_tap;

struct sw_tap_stats {
    uint64_t in, out;     /* frames from and to the kernel */
    uint64_t not_written; /* the kernel would not take it: dropped as port-write */
    uint64_t refused;     /* not admitted: dropped as partition */
    uint64_t forged;      /* from the kernel, and not let out: dropped as forged-source */
    uint64_t not_read;    /* no memory, or too short for a header */
};

/* Makes the device (a persistent one is attached to), in the wanted network namespace, with address
 * and MTU of the kernel's side, and brings it up; what it has already is left as it is, so that
 * whoever owns a device needs no privilege. gone(ctx) is called once if the device ends before the
 * tap does, from the driver's loop, which says so in the log. 0 or a negative errno, and then `why`
 * says what was refused and how to mend it. */
int sw_tap_new(struct sw_tap **out, const struct sw_env *env, const struct sw_topo_uplink *uplink,
               void (*gone)(void *ctx), void *ctx, char *why, size_t cap);
/* Who is behind a tap that somebody else made. What `admits` refuses is not written, and dropped as
 * partition; what `is_forged` finds is not let into the LAN, and dropped as forged-source: n bytes
 * of a frame, a whole Ethernet header at least. Either may be NULL. */
struct sw_tap_behind {
    void (*gone)(void *ctx); /* as sw_tap_new() has it */
    bool (*admits)(void *ctx, const struct sw_frame *frame);
    bool (*is_forged)(void *ctx, const uint8_t *bytes, size_t n);
    void *ctx;
};

/* The same of a tap with the vnet header that somebody else made, and set up: fd is the new tap's
 * from now on, also if this fails (-ENOMEM). */
int sw_tap_take(struct sw_tap **out, const struct sw_env *env, const char *name, const char *device,
                int fd, const struct sw_tap_behind *behind);
struct sw_port *sw_tap_port(struct sw_tap *tap);
/* Frames are read from now on. 0 or a negative errno. */
int sw_tap_start(struct sw_tap *tap, struct sw_driver *driver);
const char *sw_tap_device(const struct sw_tap *tap);
void sw_tap_stats(const struct sw_tap *tap, struct sw_tap_stats *out);
/* After the driver is gone: its descriptor, which is the caller's from now on, or -1. With it goes
 * the device. */
int sw_tap_leave(struct sw_tap *tap);
/* After the driver is gone; the device goes with it. NULL is harmless. */
void sw_tap_free(struct sw_tap *tap);

#endif
