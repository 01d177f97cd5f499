/* A link: a cable between two ports. Two lanes, one for each direction, each with its own delay,
 * rate, bounded queue, seeded loss, duplication and reordering.
 *
 * A frame's way through a lane: counted in; lost or duplicated by a draw; dropped if the queue
 * before the transmitter is full; sent bit by bit at the rate; in flight for the delay; delivered
 * in one batch with all others that are due at the same instant. One timer a lane delivers, not one
 * a frame; a second is armed only while the sender waits for room.
 *
 * A lane with neither delay nor rate is a true wire: its frames wait for the clock's next turn
 * (core/clock.h, 3).
 *
 * Ledger, at any time: in + duplicated = out + dropped + queued. */
#ifndef SW_CORE_LINK_H
#define SW_CORE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/drop.h"
#include "core/env.h"
#include "core/frame.h"
#include "core/port.h"
#include "core/rng.h"

#define SW_QUEUE_FRAMES_DEFAULT 1000
#define SW_OVERHEAD_MAX_BYTES 65536
#define SW_DELAY_MAX (SW_TIME_NEVER / 4)
/* A lane has at most so many frames in flight; more are dropped as lane-memory. */
#define SW_FLIGHT_MAX_FRAMES ((uint32_t)1 << 22)

/* How jitter is spread about the delay, as tc-netem's tables are; see core/jitter.h. */
enum sw_distribution {
    SW_DISTRIBUTION_UNIFORM,
    SW_DISTRIBUTION_NORMAL,
    SW_DISTRIBUTION_PARETO,
    SW_DISTRIBUTION_PARETONORMAL
};

/* Who may wait for the transmitter, and for how long. */
enum sw_discipline {
    SW_DISCIPLINE_TAIL_DROP,
    SW_DISCIPLINE_RED,     /* Floyd, Jacobson 1993; the words of tc-red */
    SW_DISCIPLINE_CODEL,   /* RFC 8289 */
    SW_DISCIPLINE_FQ_CODEL /* RFC 8290 */
};

/* Settings of a discipline; what a discipline does not have is not looked at. Zero: its default,
 * that of tc. The bound of the queue is the lane's own, queue_frames or queue_bytes. */
struct sw_discipline_config {
    bool ecn;             /* marks instead of dropping where the packet allows it (RFC 3168) */
    sw_time target;       /* codel, fq-codel [5 ms] */
    sw_time interval;     /* codel, fq-codel [100 ms] */
    uint32_t flows;       /* fq-codel [1024] */
    uint32_t quantum;     /* fq-codel, bytes [1514] */
    uint64_t min_bytes;   /* red */
    uint64_t max_bytes;   /* red */
    uint32_t chance_ppb;  /* red: at max [20,000,000: 2 %] */
    uint32_t weight_log2; /* red: the average moves by 2^-w a frame [9] */
};

/* Loss in bursts: a Markov chain of two states (Gilbert 1960, Elliott 1963), in parts of 10^9. */
struct sw_gilbert_config {
    uint32_t p, r;      /* good -> bad, bad -> good; both 0: no such loss */
    uint32_t good, bad; /* the chance of loss in each state; tc-netem's 1-k and 1-h */
};

/* What a file or a program may set by itself, a bit each. */
enum {
    SW_LANE_DELAY = 1 << 0,
    SW_LANE_JITTER = 1 << 1,
    SW_LANE_DISTRIBUTION = 1 << 2,
    SW_LANE_CORRELATION = 1 << 3,
    SW_LANE_ORDER = 1 << 4,
    SW_LANE_LOSS = 1 << 5, /* loss_ppb and gilbert */
    SW_LANE_DUPLICATE = 1 << 6,
    SW_LANE_REORDER = 1 << 7,
    SW_LANE_CORRUPT = 1 << 8,
    SW_LANE_RATE = 1 << 9,
    SW_LANE_OVERHEAD = 1 << 10,
    SW_LANE_QUEUE = 1 << 11, /* queue_frames, queue_bytes */
    SW_LANE_DISCIPLINE = 1 << 12,
    SW_LANE_MTU = 1 << 13
};

/* What a lane does to frames. All zero but queue_frames is a true wire. */
struct sw_lane_config {
    sw_time delay;  /* one way, 0 to SW_DELAY_MAX: asserted */
    sw_time jitter; /* about the delay */
    enum sw_distribution distribution;
    uint32_t correlation_ppb; /* of each delay with the one before it */
    bool free_order;          /* a frame may overtake by jitter; otherwise order is kept */
    struct sw_gilbert_config gilbert;
    uint32_t corrupt_ppb; /* one bit of the frame flips */
    uint32_t mtu_bytes;   /* longest payload of Ethernet; longer frames are dropped; 0: no bound */
    enum sw_discipline discipline; /* all but tail-drop need a rate */
    struct sw_discipline_config settings;
    uint64_t rate_bps; /* of frame bytes as captured; 0: unlimited; at most INT64_MAX: asserted */
    /* Added to each frame's length for the rate: 24 is preamble, gap and check sequence. At most
     * SW_OVERHEAD_MAX_BYTES: asserted. */
    uint32_t overhead_bytes;
    /* How many may wait for the transmitter (on a true wire: for the clock's next turn), frames and
     * bytes; 0: no such bound. One of the two must be set: asserted. The frame that finds the
     * transmitter idle does not wait, however long it is. */
    uint32_t queue_frames;
    uint64_t queue_bytes;
    uint32_t loss_ppb; /* probability in parts of 10^9, of each frame */
    uint32_t duplicate_ppb;
    uint32_t reorder_ppb; /* this share skips the delay, as netem's reorder; needs one: asserted */
};

struct sw_lane_stats {
    uint64_t in, in_bytes, out, out_bytes, duplicated, reordered;
    uint64_t queued;                      /* in the lane now: waiting or in flight */
    uint64_t dropped[SW_DROP_LANE_COUNT]; /* by reason */
};

struct sw_flight; /* a frame on its way: link.c's */
struct sw_waiting;

struct sw_lane {
    struct sw_env env;
    struct sw_owner owner; /* "web>core", with an ordinal or the link's name among parallel links */
    struct sw_port *from, *to;
    struct sw_lane_config config;
    struct sw_lane_stats stats;
    bool up;
    bool wire;   /* neither delay nor rate */
    bool chance; /* loss, duplication or reordering */
    bool room_wanted;
    sw_time tx_free;       /* when the transmitter has sent all that it holds */
    uint64_t tx_remainder; /* of a nanosecond, in units of 1/rate: keeps long runs exact */
    /* The last length that was divided by the rate: frames come in runs of one length. */
    uint32_t tx_len;
    uint64_t tx_len_ns, tx_len_remainder;
    struct sw_flight *flight; /* sorted by due time: flight[flight_head .. flight_tail) */
    uint32_t flight_head, flight_tail, flight_cap;
    /* Frames that the transmitter has not begun: a ring, kept only with a rate. A true wire counts
     * its frames here too. */
    struct sw_waiting *waiting;
    uint32_t waiting_head, waiting_count, waiting_cap;
    uint64_t waiting_bytes;
    struct sw_timer arrival, room;
    struct sw_ready ready; /* true wires */
    struct sw_draws loss, duplicate, reorder;
};

struct sw_link {
    struct sw_lane forward; /* first end to second */
    struct sw_lane backward;
};

/* Plugs a cable into a and b, which must have none. The names are those of the lanes, lent for
 * the link's life. -ENOMEM. */
int sw_link_init(struct sw_link *link, const struct sw_env *env, struct sw_port *a,
                 struct sw_port *b, const char *forward_name, const char *backward_name,
                 const struct sw_lane_config *forward, const struct sw_lane_config *backward);
/* Unplugs it; what is in it is dropped as link-down. */
void sw_link_fini(struct sw_link *link);
/* A link that is down drops what is sent into it and what is in it. */
void sw_link_set_up(struct sw_link *link, bool up);
/* What sw_port_send, sw_port_room and sw_port_want_room (core/port.h) are where a cable is
 * plugged in. */
void sw_lane_send(struct sw_lane *lane, struct sw_frame *frame);
size_t sw_lane_room(struct sw_lane *lane);
void sw_lane_want_room(struct sw_lane *lane);
void sw_lane_stats(const struct sw_lane *lane, struct sw_lane_stats *out);
uint64_t sw_lane_dropped(const struct sw_lane_stats *stats); /* over all reasons */
/* Does the ledger hold? */
bool sw_lane_balanced(const struct sw_lane *lane);

#endif
