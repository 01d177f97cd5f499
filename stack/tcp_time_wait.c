/* TIME-WAIT (RFC 9293 3.6.1, MUST-13): a connection that we ended first is remembered for 2 MSL, so
 * that the peer's FIN is acknowledged again if need be, and nothing of it strays into a later one
 * between the same ends. A record, not a control block; all wait equally long, so they stand in one
 * queue in the order of their ends, with one timer. The store is bounded: when it is full, the one
 * that has waited longest goes. */
#include <stdlib.h>
#include <string.h>

#include "stack/tcp.h"

#define NONE UINT32_MAX
#define RECORDS_MIN 8u

_Static_assert(sizeof(struct sw_tcp_tw) <= 64, "a TIME-WAIT costs at most 64 bytes");

struct sw_tcp_time_wait {
    struct sw_host *host;
    struct sw_tcp_tw *record; /* cap of them, a power of two */
    uint32_t *bucket;         /* cap of them */
    uint32_t cap, count;
    uint32_t first, last; /* the FIFO */
    uint32_t unused;      /* the free list, by next */
    struct sw_timer timer;
};

static uint32_t *bucket_of(const struct sw_tcp_time_wait *w, const struct sw_tcp_tuple *at)
{
    return &w->bucket[sw_siphash(w->host->hash_key, at, sizeof(*at)) & (w->cap - 1)];
}

static void enqueue(struct sw_tcp_time_wait *w, uint32_t i)
{
    struct sw_tcp_tw *tw = &w->record[i];
    tw->due = sw_clock_now(w->host->env.clock) + 2 * SW_TCP_MSL;
    tw->challenges = 0;
    tw->prev = w->last;
    tw->next = NONE;
    if (w->last == NONE) {
        w->first = i;
    } else {
        w->record[w->last].next = i;
    }
    w->last = i;
    if (!sw_timer_armed(&w->timer)) {
        sw_timer_arm(&w->timer, tw->due);
    }
}

static void dequeue(struct sw_tcp_time_wait *w, uint32_t i)
{
    const struct sw_tcp_tw *tw = &w->record[i];
    if (tw->prev == NONE) {
        w->first = tw->next;
    } else {
        w->record[tw->prev].next = tw->next;
    }
    if (tw->next == NONE) {
        w->last = tw->prev;
    } else {
        w->record[tw->next].prev = tw->prev;
    }
}

static void forget(struct sw_tcp_time_wait *w, uint32_t i)
{
    uint32_t *link = bucket_of(w, &w->record[i].at);
    while (*link != i) {
        link = &w->record[*link].next_hash;
    }
    *link = w->record[i].next_hash;
    dequeue(w, i);
    w->record[i].next = w->unused;
    w->unused = i;
    w->host->stats.tcp_time_wait = --w->count;
}

static void fired(struct sw_timer *timer)
{
    struct sw_tcp_time_wait *w = SW_CONTAINER(timer, struct sw_tcp_time_wait, timer);
    const sw_time now = sw_clock_now(w->host->env.clock);
    while (w->first != NONE && w->record[w->first].due <= now) {
        forget(w, w->first);
    }
    if (w->first != NONE) {
        sw_timer_arm(timer, w->record[w->first].due);
    }
}

static struct sw_tcp_time_wait *make(struct sw_host *host)
{
    struct sw_tcp_time_wait *w = calloc(1, sizeof(*w));
    if (w == NULL) {
        return NULL;
    }
    w->host = host;
    w->first = w->last = w->unused = NONE;
    if (sw_timer_init(&w->timer, host->env.clock, &host->owner, SW_CLASS_TIMER, fired) < 0) {
        free(w);
        return NULL;
    }
    return w;
}

void sw_tcp_time_wait_free(struct sw_tcp_time_wait *w)
{
    if (w != NULL) {
        sw_timer_fini(&w->timer);
        free(w->record);
        free(w->bucket);
        free(w);
    }
}

/* Doubles the store. All records are in use. */
static bool grow(struct sw_tcp_time_wait *w)
{
    const uint32_t cap = w->cap == 0 ? RECORDS_MIN : 2 * w->cap;
    struct sw_tcp_tw *record = realloc(w->record, cap * sizeof(*record));
    if (record == NULL) {
        return false;
    }
    w->record = record;
    uint32_t *bucket = malloc(cap * sizeof(*bucket));
    if (bucket == NULL) {
        return false;
    }
    free(w->bucket);
    w->bucket = bucket;
    const uint32_t old = w->cap;
    w->cap = cap;
    memset(bucket, 0xff, cap * sizeof(*bucket)); /* NONE */
    for (uint32_t i = 0; i < old; i++) {
        uint32_t *to = bucket_of(w, &record[i].at);
        record[i].next_hash = *to;
        *to = i;
    }
    for (uint32_t i = cap; i-- > old;) {
        record[i].next = w->unused;
        w->unused = i;
    }
    return true;
}

static uint32_t take_record(struct sw_tcp_time_wait *w)
{
    if (w->count >= w->host->tcp->config.max_time_wait ||
        (w->unused == NONE && !grow(w) && w->count > 0)) {
        forget(w, w->first);
        w->host->stats.tcp_time_wait_recycled++;
    }
    const uint32_t i = w->unused;
    if (i != NONE) {
        w->unused = w->record[i].next;
    }
    return i;
}

bool sw_tcp_time_wait_add(struct sw_tcp *t)
{
    struct sw_tcp_table *table = t->host->tcp;
    if (table->time_wait == NULL) {
        table->time_wait = make(t->host);
        if (table->time_wait == NULL) {
            return false;
        }
    }
    struct sw_tcp_time_wait *w = table->time_wait;
    const uint32_t i = take_record(w);
    if (i == NONE) {
        return false;
    }
    w->record[i] = (struct sw_tcp_tw){
        .at = t->at,
        .snd_nxt = t->snd_nxt,
        .rcv_nxt = t->rcv_nxt,
        .rcv_wnd = sw_tcp_offered(t),
        .ts_recent = t->ts_recent,
        .ts_offset = t->ts_offset,
        .timestamps = t->timestamps,
        .rcv_wscale = t->rcv_wscale,
    };
    uint32_t *to = bucket_of(w, &t->at);
    w->record[i].next_hash = *to;
    *to = i;
    enqueue(w, i);
    t->host->stats.tcp_time_wait = ++w->count;
    return true;
}

struct sw_tcp_tw *sw_tcp_time_wait_find(struct sw_tcp_table *table, const struct sw_tcp_tuple *at)
{
    const struct sw_tcp_time_wait *w = table->time_wait;
    if (w == NULL || w->count == 0) {
        return NULL;
    }
    for (uint32_t i = *bucket_of(w, at); i != NONE; i = w->record[i].next_hash) {
        if (memcmp(&w->record[i].at, at, sizeof(*at)) == 0) {
            return &w->record[i];
        }
    }
    return NULL;
}

void sw_tcp_time_wait_remove(struct sw_tcp_table *table, struct sw_tcp_tw *tw)
{
    forget(table->time_wait, (uint32_t)(tw - table->time_wait->record));
}

static void acknowledge(struct sw_host *host, struct sw_tcp_tw *tw, sw_time now)
{
    /* What answers an acknowledgement of a peer's with another one must end somewhere (RFC 5961 7).
     */
    if (tw->challenges >= SW_TCP_CHALLENGES) {
        return;
    }
    tw->challenges++;
    struct sw_tcp_header header = {
        .seq = tw->snd_nxt,
        .ack = tw->rcv_nxt,
        .flags = SW_TCP_ACK,
        .window = (uint16_t)(tw->rcv_wnd >> tw->rcv_wscale),
    };
    if (tw->timestamps) {
        header.has = SW_TCP_HAS_TIMESTAMP;
        header.ts_val = (uint32_t)(now / SW_MS) + tw->ts_offset;
        header.ts_ecr = tw->ts_recent;
    }
    sw_tcp_send_bare(host, &tw->at, &header);
}

/* RFC 9293 3.10.7.4, fourth check: a SYN that cannot be a duplicate of the old connection opens a
 * new one, by the cases of RFC 6191 2. Its timestamp decides where both have one, and its number
 * where that says nothing; and if only the new one has timestamps, no segment of the old can be
 * taken for its own. Departure: what is not let in is answered, with the limit of all challenges
 * (RFC 5961 4.2, as 9293 has it and Linux does), where 6191 would be silent. */
static bool may_reopen(const struct sw_host *host, const struct sw_tcp_tw *tw,
                       const struct sw_tcp_segment *seg)
{
    if ((seg->flags & (SW_TCP_SYN | SW_TCP_ACK | SW_TCP_RST)) != SW_TCP_SYN) {
        return false;
    }
    const bool later = sw_seq_gt(seg->seq, tw->rcv_nxt);
    const bool stamped =
        !host->tcp->config.no_timestamps && (seg->h.has & SW_TCP_HAS_TIMESTAMP) != 0;
    if (!tw->timestamps || !stamped) {
        return later || stamped;
    }
    return sw_ts_before(tw->ts_recent, seg->h.ts_val) || (seg->h.ts_val == tw->ts_recent && later);
}

sw_rx_verdict sw_tcp_time_wait_input(struct sw_host *host, struct sw_tcp_tw *tw,
                                     const struct sw_tcp_segment *seg, bool *reuse,
                                     uint32_t *reuse_isn)
{
    struct sw_tcp_time_wait *w = host->tcp->time_wait;
    *reuse = may_reopen(host, tw, seg);
    if (*reuse) {
        *reuse_isn = tw->snd_nxt;
        sw_tcp_time_wait_remove(host->tcp, tw);
        return SW_TCP_NEXT_STEP;
    }
    if ((seg->flags & SW_TCP_RST) != 0) {
        /* Second check: believed only if it is exactly the next octet (RFC 5961 3.2). */
        if (seg->seq != tw->rcv_nxt) {
            return SW_DROP_TCP_RST;
        }
        sw_tcp_time_wait_remove(host->tcp, tw);
        return SW_RX_CONSUMED;
    }
    const bool same_fin =
        (seg->flags & (SW_TCP_FIN | SW_TCP_SYN | SW_TCP_ACK)) == (SW_TCP_FIN | SW_TCP_ACK) &&
        seg->seq + seg->len == tw->rcv_nxt;
    if (same_fin) {
        /* Eighth check: the FIN again. Acknowledge it, and wait 2 MSL from now. No other: a forged
         * one would make the record stay for ever. */
        const uint32_t i = (uint32_t)(tw - w->record);
        dequeue(w, i);
        enqueue(w, i);
        acknowledge(host, tw, seg->now);
        return SW_RX_CONSUMED;
    }
    if (seg->len == 0 && seg->seq == tw->rcv_nxt && seg->h.ack == tw->snd_nxt) {
        return SW_RX_CONSUMED; /* in order, and nothing to answer */
    }
    acknowledge(host, tw, seg->now);
    return (seg->flags & SW_TCP_SYN) != 0 ? SW_DROP_TCP_SYN : SW_DROP_TCP_SEQUENCE;
}
