/* What the parts of a lane share: link.c (a frame's way), lane_change.c (settings that change while
 * it runs), transmitter.c (a queue with a discipline). Nobody else includes this. */
#ifndef SW_CORE_LANE_H
#define SW_CORE_LANE_H

#include "core/corrupt.h"
#include "core/gilbert.h"
#include "core/jitter.h"
#include "core/link.h"

/* A frame on its way: its last bit leaves the transmitter at `sent`, it arrives at `due`. */
struct sw_flight {
    sw_time due;
    sw_time sent;
    struct sw_frame *frame;
};

/* A frame whose transmission begins at `start`. */
struct sw_waiting {
    sw_time start;
    uint64_t bytes;
};

/* What few lanes have. */
struct sw_impairments {
    struct sw_jitter jitter;
    struct sw_gilbert gilbert;
    struct sw_corrupt corrupt;
};

/* Counts it, tells who watches, and lets the frame go. */
void sw_lane_drop(struct sw_lane *lane, struct sw_frame *frame, enum sw_drop reason);
/* Room for n more in flight, and for n more that wait. False: out of memory, or over
 * SW_FLIGHT_MAX_FRAMES; nothing has changed. */
bool sw_lane_reserve_flight(struct sw_lane *lane, uint32_t n);
bool sw_lane_reserve_waiting(struct sw_lane *lane, uint32_t n);
/* Takes what has begun by now out of `waiting`. */
void sw_lane_settle(struct sw_lane *lane, sw_time now);
/* The transmitter sends len bytes from `start` on, which is not before tx_free. Returns when the
 * last bit has left; that is tx_free then. */
static inline sw_time sw_lane_occupy(struct sw_lane *lane, uint32_t len, sw_time start)
{
    if (start > lane->tx_free) {
        lane->tx_remainder = 0;
    }
    if (len != lane->tx_len) {
        /* At most (65,550 + 65,536) * 8 * 10^9, about 10^15. */
        uint64_t units = ((uint64_t)len + lane->config.overhead_bytes) * 8 * 1000000000;
        lane->tx_len = len;
        lane->tx_len_ns = units / lane->config.rate_bps;
        lane->tx_len_remainder = units % lane->config.rate_bps;
    }
    lane->tx_free = start + (sw_time)lane->tx_len_ns;
    lane->tx_remainder += lane->tx_len_remainder;
    if (lane->tx_remainder >= lane->config.rate_bps) {
        lane->tx_remainder -= lane->config.rate_bps;
        lane->tx_free++;
    }
    return lane->tx_free;
}

/* One more waits, until `start`; there must be room. */
void sw_lane_wait(struct sw_lane *lane, uint32_t len, sw_time start);
/* Is the bound reached for one more of len bytes? */
bool sw_lane_is_full(const struct sw_lane *lane, uint32_t len);
/* One copy of a frame that was neither lost nor refused: before the transmitter, and on its way.
 * Of a lane without a discipline. extra and skips_delay: of one that is special. */
void sw_lane_enqueue(struct sw_lane *lane, struct sw_frame *frame, sw_time extra, bool skips_delay);
/* sw_lane_send() of a lane that is special, once the frame is counted in and may pass. */
void sw_lane_send_special(struct sw_lane *lane, struct sw_frame *frame);
/* A frame whose last bit leaves at `sent` is on its way: for the delay and `extra`, or, where it
 * skips the delay, for no time. There must be room in flight. Of a lane that is special. */
void sw_lane_fly(struct sw_lane *lane, struct sw_frame *frame, sw_time sent, sw_time extra,
                 bool skips_delay);
/* When a sender that waits for room may go on; SW_TIME_NEVER: somebody will tell. */
sw_time sw_lane_room_is_due(struct sw_lane *lane);
/* Sets wire, special and what else follows from the settings. */
void sw_lane_derive(struct sw_lane *lane);
/* The memory that settings need; what is there already stays. -ENOMEM. */
int sw_lane_equip(struct sw_lane *lane, const struct sw_lane_config *config);
/* Asserts what struct sw_lane_config says. */
void sw_lane_check(const struct sw_lane_config *config);

#endif
