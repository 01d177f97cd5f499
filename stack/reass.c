/* Reassembly (see reass.h). Text is copied to its place in one block as it comes, so the order of
 * arrival does not matter, and a list of the ranges that are there, sorted, tells when nothing is
 * missing (the holes of RFC 815, seen from the other side).
 *
 * A fragment that repeats a range is dropped and changes nothing. One that overlaps, in part or in
 * what it says of the end, ends its datagram: nobody honest sends that (RFC 5722 says so for IPv6,
 * and RFC 1858 shows what it is good for).
 *
 * Bounds: datagrams and memory, of a host and of one source. The oldest datagram of a source that
 * is over its share makes place for its next; when the host is full, the oldest of all does. So one
 * source cannot take the place of others, and many forged ones hold what is theirs only as long as
 * no more come; an honest datagram is complete within that time. */
#include "stack/reass.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/watch.h"
#include "stack/ip.h"
#include "stack/piece.h"
#include "stack/wire/eth.h"
#include "stack/wire/icmp.h"

#define BUCKETS 64
#define RANGES_MIN 8
#define QUOTED_BYTES 128 /* of the first fragment, kept for an error about it */
#define TEXT_IN_HEAD 64  /* of a whole datagram: transport headers lie in a row */
#define HEAD_OFF 32
#define ECN_BITS 3u /* of the type of service: 0 is not ECN-capable, 3 is marked */
#define ECN_PLAIN (1u << 0)
#define ECN_MARKED (1u << 3)
#define COST (sizeof(struct datagram) + sizeof(struct sw_frame))

struct range {
    uint16_t unit; /* where it begins, in eights of bytes */
    uint16_t len;  /* bytes */
};

struct datagram {
    struct datagram *next;                          /* in its bucket */
    struct datagram *older, *younger;               /* all of the host, by age */
    struct datagram *source_older, *source_younger; /* those of its source */
    unsigned source;                                /* its place among the sources */
    uint32_t src, dst;
    uint16_t id;
    uint8_t protocol;
    bool unchecked;      /* a fragment's bytes came from outside */
    bool link_broadcast; /* a fragment came to all stations */
    uint8_t ecn;         /* a bit for each value that its fragments have (RFC 3168 5) */
    sw_time expires;
    struct sw_frame *first; /* the beginning of the first fragment, until then of any other */
    struct sw_ipv4 ip;
    struct sw_block *block; /* text, each byte in its place */
    uint32_t high;          /* behind the last byte that is there */
    uint32_t total;         /* of text; 0: not known yet */
    uint32_t got;
    struct range *range; /* sorted; none touch each other's bytes */
    unsigned ranges, ranges_cap;
    size_t cost; /* memory */
};

/* One more than there may be, for the newest before it is given its place. */
#define SOURCES (SW_REASS_DATAGRAMS + 1)

/* What a source has, and what that comes to. */
struct source {
    struct datagram *oldest, *youngest;
    unsigned count;
    size_t cost;
};

struct sw_reass {
    struct sw_host *host;
    struct datagram *bucket[BUCKETS];
    struct datagram *oldest, *youngest;
    unsigned count;
    size_t cost;
    /* In no order; a new datagram's is searched for, in a few lines of the cache. */
    uint32_t address[SOURCES];
    struct source source[SOURCES];
    unsigned sources;
    struct sw_timer timer;
};

/* ---- datagrams ---- */

static unsigned slot(const struct sw_reass *r, uint32_t src, uint32_t dst, uint16_t id)
{
    const uint32_t key[3] = {src, dst, id};
    return (unsigned)(sw_siphash(r->host->hash_key, key, sizeof key) % BUCKETS);
}

static struct datagram *find(const struct sw_reass *r, const struct sw_ipv4 *ip)
{
    struct datagram *d = r->bucket[slot(r, ip->src, ip->dst, ip->id)];
    while (d != NULL && (d->src != ip->src || d->dst != ip->dst || d->id != ip->id ||
                         d->protocol != ip->protocol)) {
        d = d->next;
    }
    return d;
}

/* The place of a source; a new one if it has nothing yet. */
static unsigned source_of(struct sw_reass *r, uint32_t src)
{
    unsigned at = 0;
    while (at < r->sources && r->address[at] != src) {
        at++;
    }
    if (at == r->sources) {
        assert(r->sources < SOURCES);
        r->address[at] = src;
        r->source[at] = (struct source){.count = 0};
        r->sources++;
    }
    return at;
}

static void count_in(struct sw_reass *r, struct datagram *d)
{
    d->source = source_of(r, d->src);
    struct source *source = &r->source[d->source];
    d->source_older = source->youngest;
    *(source->youngest != NULL ? &source->youngest->source_younger : &source->oldest) = d;
    source->youngest = d;
    source->count++;
    r->count++;
}

/* Takes out a source that has nothing more: the last one gets its place. */
static void forget_source(struct sw_reass *r, unsigned at)
{
    unsigned last = --r->sources;
    if (at == last) {
        return;
    }
    r->address[at] = r->address[last];
    r->source[at] = r->source[last];
    for (struct datagram *d = r->source[at].oldest; d != NULL; d = d->source_younger) {
        d->source = at;
    }
}

static void count_out(struct sw_reass *r, const struct datagram *d)
{
    struct source *source = &r->source[d->source];
    *(d->source_older != NULL ? &d->source_older->source_younger : &source->oldest) =
        d->source_younger;
    *(d->source_younger != NULL ? &d->source_younger->source_older : &source->youngest) =
        d->source_older;
    source->cost -= d->cost;
    if (--source->count == 0) {
        forget_source(r, d->source);
    }
    r->count--;
    r->cost -= d->cost;
}

static void take_out(struct sw_reass *r, struct datagram *d)
{
    struct datagram **link = &r->bucket[slot(r, d->src, d->dst, d->id)];
    while (*link != d) {
        link = &(*link)->next;
    }
    *link = d->next;
    *(d->older != NULL ? &d->older->younger : &r->oldest) = d->younger;
    *(d->younger != NULL ? &d->younger->older : &r->youngest) = d->older;
    count_out(r, d);
}

static void release(struct datagram *d)
{
    if (d->first != NULL) {
        sw_frame_drop(d->first);
    }
    if (d->block != NULL) {
        sw_block_drop(d->block);
    }
    free(d->range);
    free(d);
}

/* Ends a datagram that will not be whole: all frames that waited are dropped for one reason. */
static void give_up(struct sw_reass *r, struct datagram *d, enum sw_drop reason)
{
    struct sw_host *host = r->host;
    take_out(r, d);
    host->stats.held -= d->ranges;
    host->stats.dropped[reason] += d->ranges;
    if (host->env.watch != NULL && d->first != NULL) {
        sw_watch_dropped(host->env.watch, NULL, &host->owner, sw_clock_now(host->env.clock),
                         d->first, reason);
    }
    release(d);
}

/* ---- bounds ---- */

/* Makes place for `more` bytes of the datagram `keep`, which is in the table. One datagram is far
 * below every bound, so there is always enough to take from. */
static void make_place(struct sw_reass *r, const struct datagram *keep, size_t more)
{
    for (;;) {
        const struct source *source = &r->source[keep->source];
        struct datagram *victim;
        if (source->count > SW_REASS_SOURCE_DATAGRAMS ||
            source->cost + more > SW_REASS_SOURCE_BYTES) {
            victim = source->oldest != keep ? source->oldest : keep->source_younger;
        } else if (r->count > SW_REASS_DATAGRAMS || r->cost + more > SW_REASS_BYTES) {
            victim = r->oldest != keep ? r->oldest : keep->younger;
        } else {
            return;
        }
        assert(victim != NULL);
        give_up(r, victim, SW_DROP_REASS_FULL);
    }
}

static void charge(struct sw_reass *r, struct datagram *d, size_t more)
{
    make_place(r, d, more);
    d->cost += more;
    r->cost += more;
    r->source[d->source].cost += more;
}

static struct datagram *begin(struct sw_reass *r, const struct sw_ipv4 *ip)
{
    struct datagram *d = calloc(1, sizeof *d);
    if (d == NULL) {
        return NULL;
    }
    d->src = ip->src;
    d->dst = ip->dst;
    d->id = ip->id;
    d->protocol = ip->protocol;
    d->expires = sw_clock_now(r->host->env.clock) + SW_REASS_TIMEOUT;
    unsigned at = slot(r, ip->src, ip->dst, ip->id);
    d->next = r->bucket[at];
    r->bucket[at] = d;
    d->older = r->youngest;
    *(r->youngest != NULL ? &r->youngest->younger : &r->oldest) = d;
    r->youngest = d;
    count_in(r, d);
    charge(r, d, COST);
    if (!sw_timer_armed(&r->timer)) {
        sw_timer_arm(&r->timer, d->expires);
    }
    return d;
}

/* ---- text ---- */

/* A block that reaches to `end`. */
static bool reach(struct sw_reass *r, struct datagram *d, uint32_t end)
{
    if (d->block != NULL && d->block->cap >= end) {
        return true;
    }
    struct sw_block *block = sw_block_new(r->host->env.pool, sw_piece_class(end));
    if (block == NULL) {
        return false;
    }
    size_t more = block->cap;
    if (d->block != NULL) {
        memcpy(block->bytes, d->block->bytes, d->high);
        more -= d->block->cap;
        sw_block_drop(d->block);
    }
    d->block = block;
    charge(r, d, more);
    return true;
}

static bool grow_ranges(struct sw_reass *r, struct datagram *d)
{
    unsigned cap = d->ranges_cap == 0 ? RANGES_MIN : d->ranges_cap * 2;
    struct range *range = realloc(d->range, cap * sizeof *range);
    if (range == NULL) {
        return false;
    }
    size_t more = (cap - d->ranges_cap) * sizeof *range;
    d->range = range;
    d->ranges_cap = cap;
    charge(r, d, more);
    return true;
}

/* Where a range that begins at `unit` belongs: behind all that begin before it. Mostly at the end.
 */
static unsigned place_of(const struct datagram *d, uint32_t unit)
{
    unsigned low = 0, high = d->ranges;
    if (high > 0 && d->range[high - 1].unit < unit) {
        return high;
    }
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (d->range[middle].unit < unit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

enum fit { NEW, DUPLICATE, OVERLAP };

/* Does a fragment of [off, end) fit what is there? *at becomes its place. */
static enum fit fits(const struct datagram *d, uint32_t off, uint32_t end, bool more, unsigned *at)
{
    *at = place_of(d, off / 8);
    if (*at < d->ranges && d->range[*at].unit == off / 8 && d->range[*at].len == end - off &&
        more == (d->total == 0 || end < d->total)) {
        return DUPLICATE;
    }
    if (d->total != 0 ? end > d->total || (more ? end == d->total : end != d->total)
                      : !more && end < d->high) {
        return OVERLAP; /* of two minds about where the datagram ends */
    }
    if (*at < d->ranges && d->range[*at].unit * 8U < end) {
        return OVERLAP;
    }
    if (*at > 0 && d->range[*at - 1].unit * 8U + d->range[*at - 1].len > off) {
        return OVERLAP;
    }
    return NEW;
}

/* Keeps the beginning of a frame, for an error and for the header of the whole. */
static bool keep_header(struct sw_reass *r, struct datagram *d, const struct sw_rx *rx,
                        const struct sw_ipv4 *ip)
{
    if (d->first != NULL && ip->offset_bytes != 0) {
        return true;
    }
    uint8_t bytes[QUOTED_BYTES];
    size_t n = rx->l4 + rx->l4_len;
    n = n < sizeof bytes ? n : sizeof bytes;
    sw_frame_read(rx->frame, 0, bytes, n);
    struct sw_frame *copy = sw_frame_from_bytes(r->host->env.pool, bytes, n, n);
    if (copy == NULL) {
        return false;
    }
    if (d->first != NULL) {
        sw_frame_drop(d->first);
    }
    d->first = copy;
    d->ip = *ip;
    return true;
}

static bool take_in(struct sw_reass *r, struct datagram *d, const struct sw_rx *rx,
                    const struct sw_ipv4 *ip, unsigned at)
{
    uint32_t off = ip->offset_bytes, end = off + rx->l4_len;
    if ((d->ranges == d->ranges_cap && !grow_ranges(r, d)) || !reach(r, d, end) ||
        !keep_header(r, d, rx, ip)) {
        return false;
    }
    sw_frame_read(rx->frame, rx->l4, d->block->bytes + off, rx->l4_len);
    memmove(d->range + at + 1, d->range + at, (d->ranges - at) * sizeof *d->range);
    d->range[at] = (struct range){.unit = (uint16_t)(off / 8), .len = (uint16_t)rx->l4_len};
    d->ranges++;
    d->got += rx->l4_len;
    d->high = end > d->high ? end : d->high;
    d->total = ip->more ? d->total : end;
    d->unchecked |= rx->frame->csum != SW_CSUM_CHECKED;
    d->link_broadcast |= rx->link_broadcast;
    d->ecn |= (uint8_t)(1u << (ip->tos & ECN_BITS));
    return true;
}

/* ---- the whole ---- */

/* The datagram as one frame: the first fragment's headers, and the text. NULL: no memory. */
static struct sw_frame *assemble(const struct datagram *d)
{
    struct sw_frame *frame = sw_frame_new(d->first->pool);
    if (frame == NULL) {
        return NULL;
    }
    frame->head_off = HEAD_OFF;
    unsigned headers = SW_ETH_BYTES + d->ip.header_bytes;
    uint8_t *to = sw_frame_append(frame, headers);
    sw_frame_read(d->first, 0, to, headers);
    struct sw_ipv4 ip = d->ip;
    ip.total_bytes = (uint16_t)(ip.header_bytes + d->total);
    ip.more = false;
    if ((d->ecn & ECN_MARKED) != 0) {
        ip.tos |= ECN_BITS; /* RFC 3168 5.3 */
    }
    sw_ipv4_emit(&ip, to + SW_ETH_BYTES);
    uint32_t in_head = d->total < TEXT_IN_HEAD ? d->total : TEXT_IN_HEAD;
    memcpy(sw_frame_append(frame, in_head), d->block->bytes, in_head);
    if (d->total > in_head) {
        sw_frame_add_slice(frame, d->block, in_head, d->total - in_head);
    }
    frame->csum = d->unchecked ? SW_CSUM_UNCHECKED : SW_CSUM_CHECKED;
    return frame;
}

/* RFC 792, RFC 1122 3.3.2. Without the first fragment nobody is told: of later ones there are no
 * errors. */
static void complain(struct sw_reass *r, const struct datagram *d)
{
    unsigned l4 = SW_ETH_BYTES + d->ip.header_bytes;
    const struct sw_rx rx = {.frame = d->first,
                             .src = d->src,
                             .dst = d->dst,
                             .protocol = d->protocol,
                             .link_broadcast = d->link_broadcast,
                             .l3 = SW_ETH_BYTES,
                             .l4 = (uint16_t)l4,
                             .l4_len = d->first->len - l4};
    sw_icmp_send_error(r->host, &rx, SW_ICMP_TIME_EXCEEDED, SW_ICMP_REASSEMBLY, 0);
}

static void on_timer(struct sw_timer *timer)
{
    struct sw_reass *r = SW_CONTAINER(timer, struct sw_reass, timer);
    sw_time now = sw_clock_now(r->host->env.clock);
    sw_host_enter(r->host);
    while (r->oldest != NULL && r->oldest->expires <= now) {
        complain(r, r->oldest);
        give_up(r, r->oldest, SW_DROP_REASS_TIMEOUT);
    }
    if (r->oldest != NULL) {
        sw_timer_arm(timer, r->oldest->expires);
    }
    sw_host_leave(r->host);
}

static struct sw_reass *make(struct sw_host *host)
{
    struct sw_reass *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return NULL;
    }
    r->host = host;
    if (sw_timer_init(&r->timer, host->env.clock, &host->owner, SW_CLASS_TIMER, on_timer) < 0) {
        free(r);
        return NULL;
    }
    return r;
}

void sw_reass_free(struct sw_reass *r)
{
    if (r == NULL) {
        return;
    }
    for (struct datagram *d = r->oldest, *next; d != NULL; d = next) {
        next = d->younger;
        release(d);
    }
    sw_timer_fini(&r->timer);
    free(r);
}

sw_rx_verdict sw_reass_input(struct sw_host *host, const struct sw_rx *rx, const struct sw_ipv4 *ip,
                             struct sw_reassembled *out)
{
    if (rx->l4_len == 0 || (ip->more && rx->l4_len % 8 != 0)) {
        return SW_DROP_REASS_LENGTH;
    }
    uint32_t end = ip->offset_bytes + rx->l4_len;
    if (ip->header_bytes + end > SW_MTU_MAX) { /* RFC 791 3.2: no packet is that long */
        return SW_DROP_REASS_TOO_LONG;
    }
    if (host->reass == NULL && (host->reass = make(host)) == NULL) {
        return SW_DROP_NO_MEMORY;
    }
    struct sw_reass *r = host->reass;
    struct datagram *d = find(r, ip);
    if (d == NULL && (d = begin(r, ip)) == NULL) {
        return SW_DROP_NO_MEMORY;
    }
    unsigned at;
    enum fit fit = fits(d, ip->offset_bytes, end, ip->more, &at);
    if (fit == DUPLICATE) {
        return SW_DROP_REASS_DUPLICATE;
    }
    if (fit == OVERLAP) {
        give_up(r, d, SW_DROP_REASS_OVERLAP);
        return SW_DROP_REASS_OVERLAP;
    }
    if (!take_in(r, d, rx, ip, at)) {
        give_up(r, d, SW_DROP_NO_MEMORY);
        return SW_DROP_NO_MEMORY;
    }
    if (d->total == 0 || d->got < d->total) {
        return SW_RX_HELD;
    }
    if ((d->ecn & ECN_MARKED) != 0 && (d->ecn & ECN_PLAIN) != 0) {
        d->ranges--; /* as below */
        give_up(r, d, SW_DROP_REASS_ECN);
        return SW_DROP_REASS_ECN;
    }
    bool too_long = d->ip.header_bytes + d->total > SW_MTU_MAX; /* by the first one's options */
    struct sw_frame *whole = too_long ? NULL : assemble(d);
    if (whole == NULL) {
        enum sw_drop why = too_long ? SW_DROP_REASS_TOO_LONG : SW_DROP_NO_MEMORY;
        d->ranges--; /* the last one is not held: its verdict is returned */
        give_up(r, d, why);
        return (int)why;
    }
    *out = (struct sw_reassembled){.frame = whole, .fragments = d->ranges};
    take_out(r, d);
    host->stats.held -= d->ranges - 1;
    release(d);
    return SW_RX_CONSUMED;
}
