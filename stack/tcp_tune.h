/* How large a connection's buffers ought to be: each starts small, and grows with what goes through
 * it, never with what it is given. Pure; tcp_buffers.c asks it.
 *
 * Received (dynamic right-sizing, as Linux): what the reader takes in one round trip is what the
 * sender had under way in it, so twice that is room for a sender that doubles in the next. A reader
 * that takes little leaves the buffer as it is, and a sender that sends little, too. How long a
 * round trip is, a receiver learns from the echo of a timestamp in text (a tick's precision), or
 * from how long it takes until a whole window has come: that is a round trip or longer, so the
 * least of these counts. Times are microseconds modulo 2^32; a pause of more than an hour can put
 * one step off, no more. */
#ifndef SW_STACK_TCP_TUNE_H
#define SW_STACK_TCP_TUNE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"

#define SW_TCP_RECEIVE_START 65535u      /* what a SYN can offer */
#define SW_TCP_SEND_START (128u * 1024u) /* the initial window, and more to follow it */
#define SW_TCP_BUFFER_MAX (1u << 30)     /* RFC 7323 2.3 */

struct sw_tcp_tune {
    uint32_t rtt_8us;           /* eight times the round trip, 0: not known */
    uint32_t echo;              /* what was measured last */
    uint32_t edge, edge_us;     /* a window has come when edge has; since when; 0: never */
    uint32_t space;             /* > 0: bytes that were read in a round trip ... */
    uint32_t read_seq, read_us; /* ... and since when what is read now is counted */
};

/* The connection stands: the next number to come, and how many bytes are expected in the first
 * round trip (> 0). */
void sw_tcp_tune_begin(struct sw_tcp_tune *tune, sw_time now, uint32_t rcv_nxt, uint32_t expected);
/* Text has come in its order, all before rcv_nxt is there, and window bytes may follow. */
void sw_tcp_tune_arrived(struct sw_tcp_tune *tune, sw_time now, uint32_t rcv_nxt, uint32_t window);
/* Text has come that echoes a timestamp of ours of `ago` earlier, told in ticks of `tick`.
 * caught_up: all that came before it was read. */
void sw_tcp_tune_echoed(struct sw_tcp_tune *tune, uint32_t echo, sw_time ago, sw_time tick,
                        bool caught_up);
/* All before read_seq is read, and so many bytes wait for their turn. Once in a round trip: the
 * buffer that it asks for, SW_TCP_BUFFER_MAX at most; else, or if it took no more than before, 0.
 */
uint32_t sw_tcp_tune_read(struct sw_tcp_tune *tune, sw_time now, uint32_t read_seq,
                          uint32_t early_bytes);
/* The send buffer that a congestion window asks for: what is under way, and as much to follow it;
 * SW_TCP_BUFFER_MAX at most. */
uint32_t sw_tcp_tune_send(uint32_t cwnd);

#endif
