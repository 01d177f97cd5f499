/* What a connection with selective acknowledgements has sent and the peer has not acknowledged yet:
 * a record a segment, and what is known of each (RFC 6675's scoreboard; RFC 8985 5.2's segments).
 * Pure: it neither sends nor knows a timer; tcp_recover.c asks it.
 *
 * Records lie in a ring, in the order of their numbers, each beginning where the one before it
 * ends. A record that is not SACKed is in one of two lists: in flight, the one sent last at the
 * end; or lost, to be sent again. A SACKed one leads past the SACKed ones behind it, so that a
 * block that is told again costs no walk over what it covers (the paths are halved as they are
 * walked). So a push and a pop are constant, a block's place is found by halving, and whatever
 * blocks a peer makes up, each record is marked once until it goes.
 *
 * Bytes are counted as RFC 6675's pipe wants them: pipe = out - sacked - lost + resent. */
#ifndef SW_STACK_TCP_SENT_H
#define SW_STACK_TCP_SENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"

#define SW_SENT_INLINE 2    /* records of a connection that needs no room of its own */
#define SW_SENT_THRESHOLD 3 /* DupThresh (RFC 6675 2) */

enum {
    SW_SENT_SACKED = 1,
    SW_SENT_LOST = 2,  /* until it is acknowledged */
    SW_SENT_AGAIN = 4, /* what was sent again is under way, not taken for lost itself */
    SW_SENT_EVER = 8,  /* was sent more than once */
};

struct sw_tcp_record {
    sw_time when;        /* it was sent last */
    uint32_t seq, end;   /* end - seq > 0 numbers, a FIN's among them */
    uint32_t prev, next; /* in its list; next of a SACKED one: where to look on */
    uint8_t flags;
};

struct sw_tcp_record_list {
    uint32_t first, last, count; /* first and last mean nothing while it is empty */
};

struct sw_tcp_sent {
    struct sw_tcp_record *ring; /* those from head up to tail, modulo cap (a power of two) */
    uint32_t cap, head, tail;
    uint32_t out;                  /* bytes (and FIN) of all records ... */
    uint32_t sacked, lost, resent; /* ... and of those that are SACKED, LOST, AGAIN */
    uint32_t lost_ever;            /* bytes taken for lost, each time they were; modulo 2^32 */
    uint32_t sacked_count;         /* records */
    uint32_t high_sacked;          /* the highest SACKed end, while sacked_count > 0 */
    uint32_t judged;               /* records before it were looked at by sw_tcp_sent_judge() ... */
    uint32_t above, above_runs;    /* ... SACKed bytes from it on, and in how many runs */
    struct sw_tcp_record_list flying, missing; /* in flight; lost and not sent again */
    struct sw_tcp_record few[SW_SENT_INLINE];
};

void sw_tcp_sent_init(struct sw_tcp_sent *s);
void sw_tcp_sent_fini(struct sw_tcp_sent *s); /* empty afterwards, and usable */
/* Twice the room for records. False: no memory. */
bool sw_tcp_sent_grow(struct sw_tcp_sent *s);
/* The numbers from seq to end > seq were sent for the first time. sw_tcp_sent_room() said true;
 * seq is the end of the record before. */
void sw_tcp_sent_push(struct sw_tcp_sent *s, uint32_t seq, uint32_t end, sw_time when);
/* Who hears of each record that is delivered, before it goes or is marked. */
struct sw_tcp_sent_hears {
    void (*delivered)(struct sw_tcp_sent_hears *hears, const struct sw_tcp_record *r);
};

/* All before una is acknowledged: records go, and of one a part may. Of several that were sent but
 * once and lie in a row, the last alone is told, which was sent last. */
void sw_tcp_sent_acked(struct sw_tcp_sent *s, uint32_t una, struct sw_tcp_sent_hears *hears);
/* A block of a peer's (RFC 6675 4, Update()): marks the records that lie wholly in it, and returns
 * how many bytes are SACKed by it that were not. Blocks that reach below what is acknowledged, or
 * beyond what was sent, mark nothing. */
uint32_t sw_tcp_sent_sacked(struct sw_tcp_sent *s, uint32_t start, uint32_t end,
                            struct sw_tcp_sent_hears *hears);
/* RFC 6675 4, IsLost(), of each record: lost is what has DupThresh separate SACKed runs above it,
 * or more than (DupThresh - 1) * mss bytes of them. True: one more was found lost. */
bool sw_tcp_sent_judge(struct sw_tcp_sent *s, uint32_t mss_bytes);
/* One that is not SACKed is lost, or its last sending is: it is to be sent again. */
void sw_tcp_sent_lose(struct sw_tcp_sent *s, uint32_t record);
/* All that is not SACKed is lost, to be sent again in the order of its numbers. */
void sw_tcp_sent_lose_all(struct sw_tcp_sent *s);
/* What was taken for lost and not sent again since is under way after all; but what was sent
 * several times may stay lost, if it was not sent in the order of its numbers. */
void sw_tcp_sent_find_again(struct sw_tcp_sent *s);
/* The peer has thrown away what it had SACKed (RFC 2018 8): no mark is believed any more. */
void sw_tcp_sent_forget_sacks(struct sw_tcp_sent *s);
/* A record that is not SACKED has been sent again. */
void sw_tcp_sent_again(struct sw_tcp_sent *s, uint32_t record, sw_time when);
/* RFC 6675 4, NextSeg() (3): one in flight, sent once, with something SACKed above it. False: none.
 */
bool sw_tcp_sent_doubtful(const struct sw_tcp_sent *s, uint32_t *record);
/* NextSeg() (4): the last one, if it is not SACKed, and sent once. False: no such. */
bool sw_tcp_sent_tail(const struct sw_tcp_sent *s, uint32_t *record);

static inline struct sw_tcp_record *sw_tcp_sent_at(const struct sw_tcp_sent *s, uint32_t record)
{
    return &s->ring[record & (s->cap - 1)];
}

/* Is there room for one more record? */
static inline bool sw_tcp_sent_has_room(const struct sw_tcp_sent *s)
{
    return s->tail - s->head < s->cap;
}

/* Makes it if there is none: for `most` records, or up to twice as many. False: there are as many,
 * or no memory. */
static inline bool sw_tcp_sent_room(struct sw_tcp_sent *s, uint32_t most)
{
    return sw_tcp_sent_has_room(s) || (s->cap < most && sw_tcp_sent_grow(s));
}

/* The missing record to be sent again next; there is one. NextSeg() (1) asks for the lowest (RFC
 * 6675 4): the first is that always, since nothing else lets the peer acknowledge more. Departure:
 * the others come in the order in which they were lost, so that the list need not be sorted. */
static inline uint32_t sw_tcp_sent_next_missing(const struct sw_tcp_sent *s)
{
    const uint8_t flags = sw_tcp_sent_at(s, s->head)->flags;
    return (flags & (SW_SENT_LOST | SW_SENT_AGAIN)) == SW_SENT_LOST ? s->head : s->missing.first;
}

/* RFC 6675 4, SetPipe(). */
static inline uint32_t sw_tcp_sent_pipe(const struct sw_tcp_sent *s)
{
    return s->out - s->sacked - s->lost + s->resent;
}

/* The peer acknowledges up to a record that it had SACKed, and not beyond. */
static inline bool sw_tcp_sent_reneged(const struct sw_tcp_sent *s)
{
    return s->head != s->tail && (sw_tcp_sent_at(s, s->head)->flags & SW_SENT_SACKED) != 0;
}

#endif
