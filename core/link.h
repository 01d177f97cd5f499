/* A link: a cable between two ports. Two lanes, one for each direction, each with its own delay,
 * rate, bounded queue, seeded loss, duplication and reordering, and whatever else hurts: jitter,
 * loss in bursts, flipped bits, an MTU, a discipline of the queue.
 *
 * A frame's way through a lane: counted in; dropped if longer than the MTU, or by a rule; lost or
 * duplicated by a draw; a bit of it flipped; dropped if the queue before the transmitter is full;
 * sent bit by bit at the rate; in flight for the delay and what jitter adds to it; delivered in one
 * batch with all others that are due at the same instant. One timer a lane delivers, not one a
 * frame; a second is armed only while the sender waits for room. Only a lane with a discipline has
 * a queue that somebody serves, and a third timer for it (core/transmitter.h).
 *
 * The k-th frame that enters a lane takes the k-th draw of each chance, whatever is switched on or
 * off and whether the lane is up: so no setting and no change of it moves another's draws.
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

#define SW_JITTER_MAX (SW_DELAY_MAX / 4)

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
    sw_time jitter; /* about the delay, 0 to SW_JITTER_MAX: asserted; see core/jitter.h */
    enum sw_distribution distribution;
    uint32_t correlation_ppb; /* of each delay with the one before it */
    bool free_order;          /* a frame may overtake by jitter; otherwise order is kept */
    struct sw_gilbert_config gilbert;
    uint32_t corrupt_ppb; /* one bit of the frame flips */
    /* The longest payload of Ethernet: what is behind the 14 bytes of its header, VLAN tags not
     * counted. Longer frames are dropped as link-mtu. 0: no bound. */
    uint32_t mtu_bytes;
    enum sw_discipline discipline; /* without a rate nothing waits, and there is none */
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
    uint32_t reorder_ppb; /* this share skips the delay, as netem's reorder */
};

struct sw_lane_stats {
    uint64_t in, in_bytes, out, out_bytes, duplicated, reordered;
    uint64_t corrupted, marked;           /* a bit flipped; congestion marked (RFC 3168) */
    uint64_t queued;                      /* in the lane now: waiting or in flight */
    uint64_t dropped[SW_DROP_LANE_COUNT]; /* by reason */
};

/* Asked for each frame that enters the lane while it is up, before any chance; all rules of a lane
 * are asked, in the order in which they joined, also for a frame that one before has taken. True:
 * the frame is dropped, as drop-rule. Embedded in whoever makes it. drops() may remove its own rule
 * and add others, but must not send, and not configure the lane. */
struct sw_lane_rule {
    struct sw_lane_rule *next;
    bool (*drops)(struct sw_lane_rule *rule, const struct sw_frame *frame);
};

struct sw_flight; /* a frame on its way: link.c's */
struct sw_waiting;
struct sw_impairments;
struct sw_transmitter;

struct sw_lane {
    struct sw_env env;
    struct sw_owner owner; /* "web>core", with an ordinal or the link's name among parallel links */
    struct sw_port *from, *to;
    struct sw_lane_config config;
    struct sw_lane_stats stats;
    bool up;
    bool wire;    /* neither delay nor rate */
    bool special; /* has more than delay, rate and a bound */
    bool delays;  /* and does no more than that: no wire, not special, no rate */
    bool room_wanted;
    bool held;
    bool turns_wire;       /* becomes a true wire as soon as nothing is in flight */
    sw_time floor;         /* special: no frame that keeps its place is due before; else unused */
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
    struct sw_impairments *impairments; /* jitter, Gilbert-Elliott loss, corrupt; NULL: none */
    struct sw_transmitter *transmitter; /* of a discipline; NULL: tail-drop */
    struct sw_lane_rule *rules;
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
/* Takes from another lane's settings what `said` (SW_LANE_*) names. */
void sw_lane_settings_take(struct sw_lane_config *to, const struct sw_lane_config *from,
                           unsigned said);
/* Changes a lane that is in use: what `said` (SW_LANE_*) names is taken from config, the rest
 * stays. What it comes to must be what sw_link_init() takes: asserted. From then on:
 *  - a delay holds for all frames whose transmission ends from now on, those that wait included;
 *    what is in flight already keeps its time. No frame overtakes an earlier one by it, unless the
 *    order is free: behind a long delay that shrinks, frames arrive together with the last one that
 *    had it;
 *  - jitter holds for frames that enter from now on; those in the lane keep what they have drawn;
 *  - a rate holds for frames whose transmission has not begun; one that is being sent ends when it
 *    was to end, also where there is no rate any more: what waits leaves with its last bit;
 *  - a smaller queue drops nothing that waits; a new discipline takes over all that waits, as if it
 *    had come in this moment;
 *  - chances, MTU and the model of loss hold for frames that enter from now on, and no draw of
 *    any other chance moves. A changed Gilbert-Elliott model keeps its state;
 *  - a lane that loses its delay and its rate is a true wire once what is in flight has arrived;
 *  - reorder without a delay, and a discipline without a rate, do nothing until there is one.
 * It may be called from any callback, also where the lane is down. -ENOMEM: nothing has changed.
 * O(n) with n frames in the lane. */
int sw_lane_configure(struct sw_lane *lane, const struct sw_lane_config *config, unsigned said);
/* held: what would arrive is kept at the far end, in order, counted as queued; past
 * SW_FLIGHT_MAX_FRAMES more is dropped as lane-memory. Not held: all that is kept arrives now, in
 * one batch and in order. Nothing else of the lane stands still meanwhile. A lane that goes down
 * drops what it keeps, and stays held. */
void sw_lane_hold(struct sw_lane *lane, bool held);
/* The rule is lent until it is removed; it joins behind those that are there. */
void sw_lane_add_rule(struct sw_lane *lane, struct sw_lane_rule *rule);
void sw_lane_remove_rule(struct sw_lane *lane, struct sw_lane_rule *rule); /* harmless if not in */
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
