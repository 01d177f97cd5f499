/* Sequence numbers and timestamps are compared here and nowhere else: modulo 2^32, the nearer way
 * round (RFC 9293 3.4, RFC 7323 5.2). Two numbers exactly 2^31 apart are each before the other;
 * windows of at most 2^30 bytes never bring that about. Pure. */
#ifndef SW_STACK_TCP_SEQ_H
#define SW_STACK_TCP_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* a comes before b. */
static inline bool sw_seq_lt(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static inline bool sw_seq_le(uint32_t a, uint32_t b)
{
    return (int32_t)(b - a) >= 0;
}

static inline bool sw_seq_gt(uint32_t a, uint32_t b)
{
    return sw_seq_lt(b, a);
}

static inline bool sw_seq_ge(uint32_t a, uint32_t b)
{
    return sw_seq_le(b, a);
}

static inline uint32_t sw_seq_max(uint32_t a, uint32_t b)
{
    return sw_seq_lt(a, b) ? b : a;
}

static inline uint32_t sw_seq_min(uint32_t a, uint32_t b)
{
    return sw_seq_lt(a, b) ? a : b;
}

/* Is at one of the n numbers from `from` on? */
static inline bool sw_seq_in(uint32_t at, uint32_t from, uint32_t n)
{
    return at - from < n;
}

/* Is the timestamp a older than b? */
static inline bool sw_ts_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

#endif
