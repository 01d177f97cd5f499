/* SYN cookies (RFC 4987 3.6): what a half-open connection has to remember, in the initial sequence
 * number and the timestamp of its SYN,ACK, so that it need not be kept. Pure.
 *
 * The number is the peer's own and a mask of the endpoints' added to five bits of a counter of
 * minutes, three of an index of segment sizes, and 24 of a hash of all of it under a secret. So no
 * part of it can be changed without the hash, and who guesses blindly is right once in 2^28: the
 * counter's bits must fit, too. It goes up with the peer's number, as that does with time.
 *
 * What else the SYN's options offered fits in the low bits of the timestamp that the peer echoes,
 * if it offered timestamps; if not, there is neither scaling nor SACK nor ECN (as Linux has it).
 * Those bits are not secured: a peer that lies about them deceives itself. */
#ifndef SW_STACK_TCP_COOKIE_H
#define SW_STACK_TCP_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/siphash.h"

#define SW_TCP_COOKIE_TICK (60 * SW_S)
/* Minutes that may have begun since it was made, its own among them: it lasts one to two. */
#define SW_TCP_COOKIE_MINUTES 2u

/* Whose it is. All in host order. */
struct sw_tcp_cookie_of {
    uint32_t local_ip, remote_ip;
    uint16_t local_port, remote_port;
    uint32_t peer_isn;
};

/* The initial sequence number at `now` of a connection whose peer takes mss bytes. */
uint32_t sw_tcp_cookie_make(struct sw_hash_key key, const struct sw_tcp_cookie_of *of, uint16_t mss,
                            sw_time now);
/* Is it one that was made with this key for these ends, not too long ago? Then *mss is the largest
 * of the table's sizes that is not above the one it was made with. */
bool sw_tcp_cookie_check(struct sw_hash_key key, const struct sw_tcp_cookie_of *of, uint32_t cookie,
                         sw_time now, uint16_t *mss);

/* What the SYN offered and we agree to. */
struct sw_tcp_cookie_options {
    bool scaling, sack, ecn;
    uint8_t wscale; /* the peer's, if scaling; 0 .. 14 */
};

/* The timestamp that carries them: the latest such up to ts_now, at most 63 ticks old. */
uint32_t sw_tcp_cookie_stamp(uint32_t ts_now, struct sw_tcp_cookie_options options);
struct sw_tcp_cookie_options sw_tcp_cookie_unstamp(uint32_t ts_echoed);

#endif
