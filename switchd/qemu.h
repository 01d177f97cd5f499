/* A qemu uplink: the other end of QEMU's -netdev stream and -netdev dgram, and so a virtual machine
 * on a port of the LAN, or whatever else speaks the same. As a stream each frame comes behind its
 * length, 4 bytes in network order (net/stream.c and docs of QEMU's -netdev); as datagrams it comes
 * alone. Whole frames with their checksums in place, both ways.
 *
 * Who listens serves one peer at a time; the next one waits in the socket's backlog until that one
 * has gone. Who connects tries again every second. While there is no peer, what the LAN sends is
 * dropped as port-write, as by a cable that leads nowhere. A path that is listened at is removed in
 * the end, if it is still the same socket. */
#ifndef SW_SWITCHD_QEMU_H
#define SW_SWITCHD_QEMU_H

#include "core/env.h"
#include "core/port.h"
#include "lan/topo.h"
#include "switchd/driver.h"

#define SW_QEMU_QUEUE_BYTES (1U << 20) /* what a peer that does not read may leave waiting here */

struct sw_qemu;

struct sw_qemu_stats {
    uint64_t in, out;
    uint64_t not_written; /* no peer, or it does not read: dropped as port-write */
    uint64_t not_read;    /* no frame, from a stranger, or no memory */
    uint64_t peers;       /* that have been there, of a stream */
};

/* Makes its socket, bound and listening where it listens; a path where a dead socket lies is taken.
 * The uplink is lent. 0 or a negative errno, and then `why` says what was refused and how to mend
 * it. */
int sw_qemu_new(struct sw_qemu **out, const struct sw_env *env, const struct sw_topo_uplink *uplink,
                char *why, size_t cap);
struct sw_port *sw_qemu_port(struct sw_qemu *qemu);
/* From now on peers are looked for and frames are read. 0 or a negative errno. */
int sw_qemu_start(struct sw_qemu *qemu, struct sw_driver *driver);
void sw_qemu_stats(const struct sw_qemu *qemu, struct sw_qemu_stats *out);
/* After the driver is gone. NULL is harmless. */
void sw_qemu_free(struct sw_qemu *qemu);

#endif
