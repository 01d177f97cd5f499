/* The digest of a run (see trace.h): a hash over records, a 64-bit word each. A word is a
 * fingerprint of what the record says, put together from numbers, so that neither byte order nor
 * padding can be seen in it. Of all that a run does most is recorded here, once a lane, so both
 * are what a machine does fastest: multiplications. Nobody attacks a digest of his own run: there
 * is no key. */
#include "lan/trace.h"

#include <stddef.h>
#include <string.h>

#include "core/link.h"

/* Ethernet, IPv4 and TCP headers at their longest. */
#define HEADERS_MAX (14 + 60 + 60)

__extension__ typedef unsigned __int128 wide;

enum record { RECORD_ARRIVED = 1, RECORD_DROPPED = 2, RECORD_NOTE = 3 };

/* For a given state no two words lead to the same one. */
static inline uint64_t absorbed(uint64_t state, uint64_t word)
{
    state = (state ^ word) * 0x9e3779b97f4a7c15u;
    return state ^ state >> 32;
}

static void add(struct sw_trace *trace, uint64_t word)
{
    trace->records++;
    trace->state = absorbed(trace->state, word);
}

/* Eight bytes as a number, the first the lowest: on most machines one load. */
static uint64_t word_at(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

/* One step of a fingerprint, of sixteen bytes: the two halves of one product, which is what a
 * machine does best. */
static inline uint64_t step(uint64_t state, const uint8_t *p)
{
    wide product = (wide)(word_at(p) ^ 0x6a09e667f3bcc909u) * (word_at(p + 8) ^ state);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Of n bytes, the first of a row of `len`, which goes in first, so that no row is another one with
 * zeros behind it. The last sixteen bytes enter as they stand, overlapping those before. */
static inline uint64_t fingerprint(const uint8_t *bytes, size_t n, uint64_t len)
{
    uint64_t state = absorbed(0x165667b19e3779f9u, len);
    uint8_t few[16] = {0};
    if (n < sizeof few) {
        memcpy(few, bytes, n);
        return step(state, few);
    }
    for (const uint8_t *p = bytes; p + 16 < bytes + n; p += 16) {
        state = step(state, p);
    }
    return step(state, bytes + n - 16);
}

static uint64_t fingerprint_of_text(const char *text)
{
    size_t n = strlen(text);
    return fingerprint((const uint8_t *)text, n, n);
}

static uint64_t fingerprint_of_headers(const struct sw_frame *frame)
{
    uint8_t headers[HEADERS_MAX];
    size_t n = frame->len < HEADERS_MAX ? frame->len : HEADERS_MAX;
    if (frame->head_len >= n) {
        return fingerprint(sw_frame_head(frame), n, frame->len);
    }
    sw_frame_read(frame, 0, headers, n);
    return fingerprint(headers, n, frame->len);
}

/* What a record begins with. */
static uint64_t kind_and_time(enum record kind, sw_time now)
{
    return absorbed((uint64_t)kind, (uint64_t)now);
}

static void arrived(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                    struct sw_frame *const *frames, unsigned n)
{
    struct sw_trace *trace = SW_CONTAINER(w, struct sw_trace, watch);
    uint64_t word = absorbed(kind_and_time(RECORD_ARRIVED, now), lane->owner.number);
    for (unsigned i = 0; i < n; i++) {
        add(trace, absorbed(word, fingerprint_of_headers(frames[i])));
    }
}

static void dropped(struct sw_watch *w, const struct sw_lane *lane, const struct sw_owner *where,
                    sw_time now, const struct sw_frame *frame, enum sw_drop reason)
{
    struct sw_trace *trace = SW_CONTAINER(w, struct sw_trace, watch);
    (void)lane;
    uint64_t word = absorbed(kind_and_time(RECORD_DROPPED, now), where->number);
    word = absorbed(word, trace->reason[reason]);
    add(trace, absorbed(word, fingerprint_of_headers(frame)));
}

void sw_trace_init(struct sw_trace *trace)
{
    *trace = (struct sw_trace){
        .watch = {.arrived = arrived, .dropped = dropped},
        .state = 0x736f6d6570736575u,
    };
    /* By name: the numbers move when one joins the list. */
    for (unsigned i = 0; i < SW_DROP_COUNT; i++) {
        trace->reason[i] = fingerprint_of_text(sw_drop_name((enum sw_drop)i));
    }
}

void sw_trace_note(struct sw_trace *trace, sw_time now, const char *text)
{
    add(trace, absorbed(kind_and_time(RECORD_NOTE, now), fingerprint_of_text(text)));
}

uint64_t sw_trace_digest(const struct sw_trace *trace)
{
    return absorbed(absorbed(trace->state, trace->records), 0xff);
}
