/* SYN cookies: see tcp_cookie.h. */
#include "stack/tcp_cookie.h"

#include "core/bytes.h"
#include "stack/tcp_seq.h"

#define COUNTER_BITS 5u
#define MSS_BITS 3u
#define HASH_BITS 24u
#define HASH_MASK ((1u << HASH_BITS) - 1)
#define COUNTER_MASK ((1u << COUNTER_BITS) - 1)
#define MSS_MASK ((1u << MSS_BITS) - 1)

#define STAMP_BITS 6u
#define STAMP_MASK ((1u << STAMP_BITS) - 1)
#define STAMP_WSCALE 0xfu /* the value 15, which is none of RFC 7323: no scaling */
#define STAMP_SACK 0x10u
#define STAMP_ECN 0x20u

#define BYTES 24u /* of what is hashed */

_Static_assert(COUNTER_BITS + MSS_BITS + HASH_BITS == 32, "a cookie is a sequence number");

/* The sizes that Ethernet, PPPoE, tunnels, jumbo frames and the least of hosts give. */
static const uint16_t sizes[1u << MSS_BITS] = {64, 512, 536, 1220, 1300, 1440, 1460, 8960};

/* What two kinds of hashes are of; they differ in length, so none is the other's. */
static unsigned put_ends(uint8_t *to, const struct sw_tcp_cookie_of *of)
{
    sw_put32(to, of->local_ip);
    sw_put32(to + 4, of->remote_ip);
    sw_put16(to + 8, of->local_port);
    sw_put16(to + 10, of->remote_port);
    return 12;
}

static uint32_t mask_of(struct sw_hash_key key, const struct sw_tcp_cookie_of *of)
{
    uint8_t bytes[BYTES];
    const unsigned n = put_ends(bytes, of);
    bytes[n] = 0;
    return (uint32_t)sw_siphash(key, bytes, n + 1);
}

static uint32_t hash_of(struct sw_hash_key key, const struct sw_tcp_cookie_of *of, uint32_t minute,
                        uint32_t size)
{
    uint8_t bytes[BYTES];
    const unsigned n = put_ends(bytes, of);
    sw_put32(bytes + n, of->peer_isn);
    sw_put32(bytes + n + 4, minute);
    sw_put32(bytes + n + 8, size);
    return (uint32_t)sw_siphash(key, bytes, n + 12) & HASH_MASK;
}

static uint32_t minute_of(sw_time now)
{
    return (uint32_t)(now / SW_TCP_COOKIE_TICK);
}

uint32_t sw_tcp_cookie_make(struct sw_hash_key key, const struct sw_tcp_cookie_of *of, uint16_t mss,
                            sw_time now)
{
    uint32_t size = MSS_MASK;
    while (size > 0 && sizes[size] > mss) {
        size--;
    }
    const uint32_t minute = minute_of(now);
    return of->peer_isn + mask_of(key, of) +
           ((minute & COUNTER_MASK) << (MSS_BITS + HASH_BITS) | size << HASH_BITS |
            hash_of(key, of, minute, size));
}

bool sw_tcp_cookie_check(struct sw_hash_key key, const struct sw_tcp_cookie_of *of, uint32_t cookie,
                         sw_time now, uint16_t *mss)
{
    const uint32_t bits = cookie - of->peer_isn - mask_of(key, of);
    const uint32_t size = bits >> HASH_BITS & MSS_MASK;
    const uint32_t age = (minute_of(now) - (bits >> (MSS_BITS + HASH_BITS))) & COUNTER_MASK;
    if (age >= SW_TCP_COOKIE_MINUTES ||
        (bits & HASH_MASK) != hash_of(key, of, minute_of(now) - age, size)) {
        return false;
    }
    *mss = sizes[size];
    return true;
}

uint32_t sw_tcp_cookie_stamp(uint32_t ts_now, struct sw_tcp_cookie_options options)
{
    const uint32_t bits = (options.scaling ? options.wscale : STAMP_WSCALE) |
                          (options.sack ? STAMP_SACK : 0) | (options.ecn ? STAMP_ECN : 0);
    const uint32_t stamp = (ts_now & ~STAMP_MASK) | bits;
    return sw_ts_before(ts_now, stamp) ? stamp - (1u << STAMP_BITS) : stamp;
}

struct sw_tcp_cookie_options sw_tcp_cookie_unstamp(uint32_t ts_echoed)
{
    const uint8_t wscale = ts_echoed & STAMP_WSCALE;
    const bool scaling = wscale != STAMP_WSCALE;
    return (struct sw_tcp_cookie_options){.scaling = scaling,
                                          .sack = (ts_echoed & STAMP_SACK) != 0,
                                          .ecn = (ts_echoed & STAMP_ECN) != 0,
                                          .wscale = scaling ? wscale : 0};
}
