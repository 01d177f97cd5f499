/* What a connection counts for sw_sock_info() and nothing else: small, for it has them while idle,
 * and cheap, for it does while busy. Pure. */
#ifndef SW_STACK_TCP_COUNT_H
#define SW_STACK_TCP_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"

/* Times as numbers of 32 bits: in units of 2^17 ns, which come round in 6 days, and 2^20 ns. */
#define SW_COUNT_LIMIT 17
#define SW_COUNT_MS 20

/* What keeps a sender waiting. */
enum sw_tcp_limit {
    SW_TCP_IDLE, /* there is nothing to send, and nothing to be acknowledged */
    SW_TCP_BUSY,
    SW_TCP_WINDOW_LIMITED, /* the peer's */
    SW_TCP_BUFFER_LIMITED, /* all that fits into it is sent, and the user has more */
    SW_TCP_LIMITS
};

struct sw_tcp_count {
    uint32_t data_out, data_in;        /* segments with text */
    uint32_t data_in_at;               /* SW_COUNT_MS */
    uint32_t limit_at;                 /* since when it is as `limit` says: SW_COUNT_LIMIT */
    uint32_t spent[SW_TCP_LIMITS - 1]; /* in each but SW_TCP_IDLE, before that */
    uint32_t delivered_ce;
    uint32_t out_of_order;
    /* Of these three 65535: or more. */
    uint16_t had_twice;
    uint16_t overtaken; /* before t->loss was made */
    uint16_t largest_in;
    uint8_t bare_again; /* segments without text sent again; 255: or more */
    uint8_t limit;      /* enum sw_tcp_limit */
};

/* Something without text is sent again. */
static inline void sw_tcp_count_bare_again(struct sw_tcp_count *c)
{
    c->bare_again = (uint8_t)(c->bare_again + (c->bare_again < UINT8_MAX));
}

static inline void sw_tcp_count_up(uint16_t *count, uint32_t by)
{
    *count = by < (uint32_t)(UINT16_MAX - *count) ? (uint16_t)(*count + by) : UINT16_MAX;
}

/* Text has come that is new, or came early. */
static inline void sw_tcp_count_text(struct sw_tcp_count *c, uint32_t text_len, sw_time now)
{
    if (text_len > 0) {
        c->data_in_at = (uint32_t)(now >> SW_COUNT_MS);
        c->largest_in =
            text_len > c->largest_in && text_len <= UINT16_MAX ? (uint16_t)text_len : c->largest_in;
    }
}

/* From now on it is limit that keeps the sender. */
static inline void sw_tcp_count_limit(struct sw_tcp_count *c, enum sw_tcp_limit limit, sw_time now)
{
    if (c->limit != limit) {
        const uint32_t at = (uint32_t)(now >> SW_COUNT_LIMIT);
        if (c->limit != SW_TCP_IDLE) {
            c->spent[c->limit - 1] += at - c->limit_at;
        }
        c->limit = (uint8_t)limit;
        c->limit_at = at;
    }
}

/* How long it was limit, up to now. Not for SW_TCP_IDLE. */
static inline sw_time sw_tcp_count_spent(const struct sw_tcp_count *c, enum sw_tcp_limit limit,
                                         sw_time now)
{
    uint32_t spent = c->spent[limit - 1];
    if (c->limit == limit) {
        spent += (uint32_t)(now >> SW_COUNT_LIMIT) - c->limit_at;
    }
    return (sw_time)spent << SW_COUNT_LIMIT;
}

#endif
