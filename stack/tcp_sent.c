/* What was sent and is not acknowledged: see tcp_sent.h. Records are named by a number that counts
 * up from record to record, and turns over as sequence numbers do. */
#include "stack/tcp_sent.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "stack/tcp_seq.h"

static uint32_t length(const struct sw_tcp_record *r)
{
    return r->end - r->seq;
}

/* ---- lists ---- */

/* The last of a list has its neighbour in the ring for its next, lest each that is pushed behind it
 * touch it again. */
static inline void append(struct sw_tcp_sent *s, struct sw_tcp_record_list *list, uint32_t record)
{
    struct sw_tcp_record *r = sw_tcp_sent_at(s, record);
    r->next = record + 1;
    r->prev = list->last;
    if (list->count == 0) {
        list->first = record;
    } else if (list->last != record - 1) {
        sw_tcp_sent_at(s, list->last)->next = record;
    }
    list->last = record;
    list->count++;
}

static void insert(struct sw_tcp_sent *s, struct sw_tcp_record_list *list, uint32_t record,
                   uint32_t before)
{
    struct sw_tcp_record *r = sw_tcp_sent_at(s, record), *next = sw_tcp_sent_at(s, before);
    if (list->first == before) {
        list->first = record;
    } else {
        sw_tcp_sent_at(s, next->prev)->next = record;
        r->prev = next->prev;
    }
    r->next = before;
    next->prev = record;
    list->count++;
}

/* What lies lowest is what the peer waits for: it goes before all that is missing above it. */
static void miss(struct sw_tcp_sent *s, uint32_t record)
{
    struct sw_tcp_record_list *list = &s->missing;
    const struct sw_tcp_record *r = sw_tcp_sent_at(s, record);
    if (list->count == 0 || sw_seq_lt(sw_tcp_sent_at(s, list->first)->seq, r->seq)) {
        append(s, list, record);
        return;
    }
    insert(s, list, record, list->first);
}

static void take_out(struct sw_tcp_sent *s, struct sw_tcp_record_list *list, uint32_t record)
{
    const struct sw_tcp_record *r = sw_tcp_sent_at(s, record);
    assert(list->count > 0);
    if (list->first != record) {
        sw_tcp_sent_at(s, r->prev)->next = r->next;
    } else {
        list->first = r->next;
    }
    if (list->last != record) {
        sw_tcp_sent_at(s, r->next)->prev = r->prev;
    } else if (list->count > 1) {
        list->last = r->prev;
        sw_tcp_sent_at(s, list->last)->next = list->last + 1;
    }
    list->count--;
}

/* The list that a record is in which is not SACKED. */
static struct sw_tcp_record_list *list_of(struct sw_tcp_sent *s, const struct sw_tcp_record *r)
{
    return (r->flags & (SW_SENT_LOST | SW_SENT_AGAIN)) == SW_SENT_LOST ? &s->missing : &s->flying;
}

/* ---- the ring ---- */

void sw_tcp_sent_init(struct sw_tcp_sent *s)
{
    memset(s, 0, sizeof(*s));
    s->ring = s->few;
    s->cap = SW_SENT_INLINE;
}

void sw_tcp_sent_fini(struct sw_tcp_sent *s)
{
    if (s->ring != s->few) {
        free(s->ring);
    }
    sw_tcp_sent_init(s);
}

bool sw_tcp_sent_grow(struct sw_tcp_sent *s)
{
    struct sw_tcp_record *ring = malloc(2 * (size_t)s->cap * sizeof(*ring));
    if (ring == NULL) {
        return false;
    }
    for (uint32_t i = s->head; i != s->tail; i++) {
        ring[i & (2 * s->cap - 1)] = *sw_tcp_sent_at(s, i);
    }
    if (s->ring != s->few) {
        free(s->ring);
    }
    s->ring = ring;
    s->cap *= 2;
    return true;
}

void sw_tcp_sent_push(struct sw_tcp_sent *s, uint32_t seq, uint32_t end, sw_time when)
{
    assert(sw_tcp_sent_has_room(s) && seq != end);
    /* append(), without reading again what was written just now. */
    const uint32_t record = s->tail, last = s->flying.last, mask = s->cap - 1;
    struct sw_tcp_record *ring = s->ring;
    ring[record & mask] = (struct sw_tcp_record){
        .when = when, .seq = seq, .end = end, .prev = last, .next = record + 1};
    if (s->flying.count == 0) {
        s->flying.first = record;
    } else if (last != record - 1) {
        ring[last & mask].next = record;
    }
    s->flying.last = record;
    s->flying.count++;
    s->tail = record + 1;
    s->out += end - seq;
}

/* Takes n bytes of what a record has out of the sums. */
static void discount(struct sw_tcp_sent *s, const struct sw_tcp_record *r, uint32_t n)
{
    s->out -= n;
    s->sacked -= (r->flags & SW_SENT_SACKED) != 0 ? n : 0;
    s->lost -= (r->flags & SW_SENT_LOST) != 0 ? n : 0;
    s->resent -= (r->flags & SW_SENT_AGAIN) != 0 ? n : 0;
}

static bool is_sacked(const struct sw_tcp_sent *s, uint32_t record)
{
    return record - s->head < s->tail - s->head &&
           (sw_tcp_sent_at(s, record)->flags & SW_SENT_SACKED) != 0;
}

/* The record `judged` is passed: what is above is without it. */
static void pass(struct sw_tcp_sent *s)
{
    if (is_sacked(s, s->judged)) {
        s->above -= length(sw_tcp_sent_at(s, s->judged));
        s->above_runs -= is_sacked(s, s->judged + 1) ? 0 : 1;
    }
    s->judged++;
}

/* What was sent but once and lies in a row at the head goes at once, as nearly all does. */
static const struct sw_tcp_record *pop_plain(struct sw_tcp_sent *s, uint32_t una)
{
    const struct sw_tcp_record *ring = s->ring, *last = NULL;
    const uint32_t mask = s->cap - 1, from = s->head, tail = s->tail;
    uint32_t head = from, first = s->flying.first;
    while (head != tail && first == head) {
        const struct sw_tcp_record *r = &ring[head & mask];
        if (r->flags != 0 || sw_seq_gt(r->end, una)) {
            break;
        }
        first = r->next;
        last = r;
        head++;
    }
    if (last != NULL) {
        s->out -= last->end - ring[from & mask].seq;
        s->flying.first = first;
        s->flying.count -= head - from;
        s->judged = s->judged - from < head - from ? head : s->judged;
        s->head = head;
    }
    return last;
}

/* One that was SACKed, or taken for lost, or sent again, or lies between such. */
static void pop(struct sw_tcp_sent *s, struct sw_tcp_record *r, struct sw_tcp_sent_hears *hears)
{
    if (s->judged == s->head) {
        pass(s);
    }
    discount(s, r, length(r));
    if ((r->flags & SW_SENT_SACKED) != 0) {
        s->sacked_count--;
    } else {
        hears->delivered(hears, r);
        take_out(s, list_of(s, r), s->head);
    }
    s->head++;
}

/* The first n bytes of the first record are acknowledged. */
static void cut(struct sw_tcp_sent *s, struct sw_tcp_record *r, uint32_t n)
{
    discount(s, r, n);
    s->above -= (r->flags & SW_SENT_SACKED) != 0 && s->judged == s->head ? n : 0;
    r->seq += n;
}

void sw_tcp_sent_acked(struct sw_tcp_sent *s, uint32_t una, struct sw_tcp_sent_hears *hears)
{
    for (;;) {
        const struct sw_tcp_record *plain = pop_plain(s, una);
        if (plain != NULL) {
            hears->delivered(hears, plain);
        }
        if (s->head == s->tail) {
            return;
        }
        struct sw_tcp_record *r = sw_tcp_sent_at(s, s->head);
        if (r->seq == una) {
            return;
        }
        if (sw_seq_gt(r->end, una)) {
            cut(s, r, una - r->seq);
            return;
        }
        pop(s, r, hears);
    }
}

/* ---- SACK ---- */

/* The first record that begins at or behind seq; tail: none. */
static uint32_t find(const struct sw_tcp_sent *s, uint32_t seq)
{
    uint32_t low = 0, high = s->tail - s->head;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (sw_seq_lt(sw_tcp_sent_at(s, s->head + middle)->seq, seq)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return s->head + low;
}

static void mark(struct sw_tcp_sent *s, uint32_t record)
{
    struct sw_tcp_record *r = sw_tcp_sent_at(s, record);
    const bool below = record != s->head && is_sacked(s, record - 1);
    take_out(s, list_of(s, r), record);
    s->lost -= (r->flags & SW_SENT_LOST) != 0 ? length(r) : 0;
    s->resent -= (r->flags & SW_SENT_AGAIN) != 0 ? length(r) : 0;
    r->flags = (uint8_t)((r->flags & SW_SENT_EVER) | SW_SENT_SACKED);
    r->next = record + 1;
    s->high_sacked = s->sacked_count == 0 ? r->end : sw_seq_max(s->high_sacked, r->end);
    s->sacked += length(r);
    s->sacked_count++;
    if (record - s->judged < s->tail - s->judged) {
        /* It is a run of its own, or grows one, or joins two: those below `judged` do not count. */
        const bool joins = below && record != s->judged;
        s->above += length(r);
        s->above_runs += 1u - (joins ? 1u : 0u) - (is_sacked(s, record + 1) ? 1u : 0u);
    }
}

/* The first that is not SACKED, from a SACKED one on. */
static uint32_t behind_sacked(struct sw_tcp_sent *s, uint32_t record)
{
    while (is_sacked(s, record)) {
        struct sw_tcp_record *r = sw_tcp_sent_at(s, record);
        if (is_sacked(s, r->next)) {
            r->next = sw_tcp_sent_at(s, r->next)->next;
        }
        record = r->next;
    }
    return record;
}

uint32_t sw_tcp_sent_sacked(struct sw_tcp_sent *s, uint32_t start, uint32_t end,
                            struct sw_tcp_sent_hears *hears)
{
    if (s->head == s->tail) {
        return 0;
    }
    const uint32_t first = sw_tcp_sent_at(s, s->head)->seq;
    if (start - first >= s->out || end - first > s->out || end - first <= start - first) {
        return 0;
    }
    const uint32_t before = s->sacked;
    uint32_t record = find(s, start);
    while (record != s->tail && sw_seq_le(sw_tcp_sent_at(s, record)->end, end)) {
        if (is_sacked(s, record)) {
            record = behind_sacked(s, record);
        } else {
            hears->delivered(hears, sw_tcp_sent_at(s, record));
            mark(s, record++);
        }
    }
    return s->sacked - before;
}

void sw_tcp_sent_forget_sacks(struct sw_tcp_sent *s)
{
    for (uint32_t i = s->head; i != s->tail; i++) {
        struct sw_tcp_record *r = sw_tcp_sent_at(s, i);
        if ((r->flags & SW_SENT_SACKED) != 0) {
            r->flags &= (uint8_t)~SW_SENT_SACKED;
            append(s, &s->flying, i);
        }
    }
    s->sacked = s->sacked_count = 0;
    s->above = s->above_runs = 0;
    s->judged = s->head;
}

/* ---- loss ---- */

void sw_tcp_sent_lose(struct sw_tcp_sent *s, uint32_t record)
{
    struct sw_tcp_record *r = sw_tcp_sent_at(s, record);
    assert((r->flags & SW_SENT_SACKED) == 0);
    if ((r->flags & (SW_SENT_LOST | SW_SENT_AGAIN)) == SW_SENT_LOST) {
        return;
    }
    take_out(s, &s->flying, record);
    s->lost_ever += length(r);
    s->lost += (r->flags & SW_SENT_LOST) != 0 ? 0 : length(r);
    s->resent -= (r->flags & SW_SENT_AGAIN) != 0 ? length(r) : 0;
    r->flags = (uint8_t)((r->flags & ~SW_SENT_AGAIN) | SW_SENT_LOST);
    miss(s, record);
}

bool sw_tcp_sent_judge(struct sw_tcp_sent *s, uint32_t mss_bytes)
{
    const uint32_t bytes = (SW_SENT_THRESHOLD - 1) * mss_bytes;
    bool found = false;
    while (s->above_runs >= SW_SENT_THRESHOLD || s->above > bytes) {
        const struct sw_tcp_record *r = sw_tcp_sent_at(s, s->judged);
        if ((r->flags & (SW_SENT_SACKED | SW_SENT_LOST)) == 0) {
            sw_tcp_sent_lose(s, s->judged);
            found = true;
        }
        pass(s);
    }
    return found;
}

void sw_tcp_sent_lose_all(struct sw_tcp_sent *s)
{
    s->flying.count = s->missing.count = 0;
    s->lost_ever += s->out - s->sacked - s->lost + s->resent;
    s->lost = s->out - s->sacked;
    s->resent = 0;
    for (uint32_t i = s->head; i != s->tail; i++) {
        struct sw_tcp_record *r = sw_tcp_sent_at(s, i);
        if ((r->flags & SW_SENT_SACKED) == 0) {
            r->flags = (uint8_t)((r->flags & ~SW_SENT_AGAIN) | SW_SENT_LOST);
            append(s, &s->missing, i);
        }
    }
}

/* Those of them that were sent more than once (again), or once, before those in flight that were
 * sent later: both are in the order of their times, or stay as they are. */
static void find_some(struct sw_tcp_sent *s, uint8_t again)
{
    uint32_t at = s->flying.first, left = s->flying.count;
    sw_time last = 0;
    for (uint32_t i = s->head; i != s->tail && s->missing.count > 0; i++) {
        struct sw_tcp_record *r = sw_tcp_sent_at(s, i);
        if (r->flags != (SW_SENT_LOST | again) || r->when < last) {
            continue;
        }
        for (last = r->when; left > 0 && sw_tcp_sent_at(s, at)->when <= last; left--) {
            at = sw_tcp_sent_at(s, at)->next;
        }
        take_out(s, &s->missing, i);
        r->flags = again;
        s->lost -= length(r);
        if (left == 0) {
            append(s, &s->flying, i);
        } else {
            insert(s, &s->flying, i, at);
        }
    }
}

void sw_tcp_sent_find_again(struct sw_tcp_sent *s)
{
    find_some(s, 0);
    find_some(s, SW_SENT_EVER);
}

void sw_tcp_sent_again(struct sw_tcp_sent *s, uint32_t record, sw_time when)
{
    struct sw_tcp_record *r = sw_tcp_sent_at(s, record);
    assert((r->flags & SW_SENT_SACKED) == 0);
    take_out(s, list_of(s, r), record);
    s->resent += (r->flags & SW_SENT_AGAIN) != 0 ? 0 : length(r);
    r->flags |= SW_SENT_AGAIN | SW_SENT_EVER;
    r->when = when;
    append(s, &s->flying, record);
}

bool sw_tcp_sent_doubtful(const struct sw_tcp_sent *s, uint32_t *record)
{
    if (s->flying.count == 0 || s->sacked_count == 0) {
        return false;
    }
    const struct sw_tcp_record *r = sw_tcp_sent_at(s, s->flying.first);
    *record = s->flying.first;
    return (r->flags & SW_SENT_EVER) == 0 && sw_seq_lt(r->seq, s->high_sacked);
}

bool sw_tcp_sent_tail(const struct sw_tcp_sent *s, uint32_t *record)
{
    *record = s->tail - 1;
    return s->head != s->tail &&
           (sw_tcp_sent_at(s, *record)->flags & (SW_SENT_SACKED | SW_SENT_EVER)) == 0;
}
