/* Our TCP and somebody else's, over impaired links: a table of cells, each a file that goes one way
 * over one link, its SHA-256 compared at both ends. What is here knows nothing of who the other
 * side is: kernel.c brings the running kernel, lwip.c brings lwIP.
 *
 * All links end in one switch, to which the other side is plugged by a good cable; each link has a
 * virtual host of ours, and many cells run at once, since delays cost time and no work. */
#ifndef SW_TESTS_INTEROP_H
#define SW_TESTS_INTEROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/watch.h"
#include "lan/lab.h"
#include "lan/sha256.h"

#define SW_CELL_LOSSES 5
#define SW_CELL_DELAYS 3
#define SW_CELL_KINDS 3
#define SW_CELL_LINKS (SW_CELL_LOSSES * SW_CELL_DELAYS * SW_CELL_KINDS)
#define SW_CELL_FIRST_PORT 10000 /* of cell 0; each cell has its own on the side that listens */
#define SW_CELLS_MOST (SW_CELL_LINKS * 4 * 3)
#define SW_FAR_ADDRESS 0x0a4d0001u /* 10.77.0.1: the other side */

/* ---- a cell ---- */

struct sw_cell {
    unsigned number, link;
    bool we_send;      /* else the other side does */
    bool they_connect; /* else they listen */
    unsigned flavour;  /* what the other side is set to, an index of the names given to plan() */
    uint16_t port;
};

uint32_t sw_cell_address(const struct sw_cell *cell); /* of our host */
uint64_t sw_cell_bytes(const struct sw_cell *cell);
struct sw_lane_config sw_cell_lane(unsigned link);
bool sw_cell_may_pause(const struct sw_cell *cell); /* it loses a fifth */

/* ---- bytes that nobody could guess, and their sum ---- */

struct sw_stream {
    uint64_t x, left;
    struct sw_sha256 sum;
};

void sw_stream_begin(struct sw_stream *s, const struct sw_cell *cell);
/* The next up to n bytes; how many. */
size_t sw_stream_next(struct sw_stream *s, uint8_t *to, size_t n);

/* ---- one side of a cell ---- */

/* A sender sends all, ends its side, and reads until the peer ends, too; a receiver reads to the
 * end, and closes. */
struct sw_side {
    struct sw_stream stream; /* of a sender */
    struct sw_sha256 sum;    /* of a receiver */
    uint64_t moved;
    uint8_t chunk[65536]; /* what was taken from the stream and is not sent yet ... */
    size_t from, to;      /* ... lies here */
    bool sends, shut, done;
    int error; /* a negative errno: it is over */
};

void sw_side_begin(struct sw_side *side, const struct sw_cell *cell, bool sends);
/* How a side reads and writes; each returns bytes, -EAGAIN or another negative errno, and read 0 at
 * the end. */
struct sw_side_calls {
    int64_t (*read)(void *ctx, uint8_t *to, size_t n);
    int64_t (*write)(void *ctx, const uint8_t *bytes, size_t n);
    int (*shutdown)(void *ctx);
};
/* Goes as far as it can. Afterwards done, error, or neither. */
void sw_side_go(struct sw_side *side, const struct sw_side_calls *calls, void *ctx);

/* ---- all of them ---- */

struct sw_transfer {
    struct sw_cell cell;
    struct sw_side near, far;
    struct sw_sock *listener, *sock; /* of our host */
    void *other;                     /* the other side's */
    FILE *capture;
    sw_time begun, moved_at;
    uint64_t moved;   /* by both sides, when it was looked at last */
    unsigned attempt; /* from 1 */
    struct sw_interop *all;
};

/* What the other side has to do; ctx is that of sw_interop_begin(). */
struct sw_interop_far {
    int (*begin)(void *ctx,
                 struct sw_transfer *run); /* listens or connects; a negative errno: cannot */
    void (*end)(void *ctx, struct sw_transfer *run); /* run->other goes, if there is one */
};

struct sw_interop {
    struct sw_lab *lab;
    const struct sw_interop_far *calls;
    void *ctx;
    const char *peer;           /* "linux" */
    const char *const *flavour; /* "cubic" …, each NULL if it cannot be had */
    unsigned flavours, at_once;
    const char *only;   /* a part of a cell's name; NULL: all */
    const char *folder; /* for the captures; NULL: none */
    bool dozen;         /* the twelve that tell most in little time */
    sw_time patience;   /* of a cell */
    /* Where a fifth is lost each way, one connection in some dozens comes to wait a minute and more
     * between its retransmissions, the kernel's own as much as ours: that is no answer to whether
     * they understand each other. Such a cell (no other) begins anew after so long a silence, and
     * that is told; SW_TIME_NEVER: none does. */
    sw_time silence;
    struct sw_host *host[SW_CELL_LINKS];
    struct sw_port *far_port;
    struct sw_watch watch;
    struct sw_transfer *by_cell[SW_CELLS_MOST];
    unsigned next, running, passed, failed, skipped;
};

/* Hangs into the lab what is needed before the first node; then the switch "core", to which the
 * caller plugs all->far_port. */
void sw_interop_begin(struct sw_interop *all);
/* Our hosts and their links. */
void sw_interop_build(struct sw_interop *all);
/* Ends what is over, a line each, and begins more. False: all are over, and counted. */
bool sw_interop_turn(struct sw_interop *all);
/* The last line; the exit status. */
int sw_interop_end(struct sw_interop *all);
/* "loss 1 %, 10 ms, reordering, ours -> linux, linux connects, cubic". */
char *sw_interop_name(const struct sw_interop *all, const struct sw_cell *cell, char *to,
                      size_t cap);
/* Arguments that all programs have; false: they are wrong, and that was said. */
bool sw_interop_arguments(struct sw_interop *all, int argc, char **argv);

#endif
