/* The digest of a run (see trace.h): a hash in the manner of SipHash-1-3 over records, a 64-bit
 * word each. A word is a fingerprint of what the record says, put together from numbers, so that
 * neither byte order nor padding can be seen in it; it costs a third of a hash of all its bytes,
 * and of all that a run does most is recorded here, once a lane. Nobody attacks a digest of his own
 * run: the keys are fixed. */
#include "lan/trace.h"

#include <stddef.h>
#include <string.h>

#include "core/link.h"

/* Ethernet, IPv4 and TCP headers at their longest. */
#define HEADERS_MAX (14 + 60 + 60)

enum record { RECORD_ARRIVED = 1, RECORD_DROPPED = 2, RECORD_NOTE = 3 };

static uint64_t rotate(uint64_t v, unsigned bits)
{
    return v << bits | v >> (64 - bits);
}

static void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static void add(struct sw_trace *trace, uint64_t word)
{
    trace->records++;
    trace->state[3] ^= word;
    mix(trace->state);
    trace->state[0] ^= word;
}

/* One step of a fingerprint: for a given state no two words lead to the same one. */
static inline uint64_t absorbed(uint64_t state, uint64_t word)
{
    state = (state ^ word) * 0x9e3779b97f4a7c15u;
    return state ^ state >> 32;
}

/* Eight bytes as a number, the first the lowest: on most machines one load. */
static uint64_t word_at(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

/* Of n bytes, the first of a row of `len`, which goes in first, so that no row is another one with
 * zeros behind it. Two states take turns, since one alone would wait for its multiplications. The
 * last sixteen bytes enter as they stand, overlapping those before. */
static uint64_t fingerprint(const uint8_t *bytes, size_t n, uint64_t len)
{
    uint64_t even = len, odd = 0x165667b19e3779f9u;
    uint8_t few[16] = {0};
    if (n < sizeof few) {
        memcpy(few, bytes, n);
        bytes = few;
        n = sizeof few;
    }
    for (size_t at = 0; at + 16 < n; at += 16) {
        even = absorbed(even, word_at(bytes + at));
        odd = absorbed(odd, word_at(bytes + at + 8));
    }
    even = absorbed(even, word_at(bytes + n - 16));
    odd = absorbed(odd, word_at(bytes + n - 8));
    return absorbed(even, rotate(odd, 29));
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
                    const struct sw_frame *frame)
{
    struct sw_trace *trace = SW_CONTAINER(w, struct sw_trace, watch);
    uint64_t word = absorbed(kind_and_time(RECORD_ARRIVED, now), lane->owner.number);
    add(trace, absorbed(word, fingerprint_of_headers(frame)));
}

static void dropped(struct sw_watch *w, const struct sw_lane *lane, const char *where, sw_time now,
                    const struct sw_frame *frame, enum sw_drop reason)
{
    struct sw_trace *trace = SW_CONTAINER(w, struct sw_trace, watch);
    uint64_t node = lane != NULL ? lane->owner.number : fingerprint_of_text(where);
    uint64_t word = absorbed(kind_and_time(RECORD_DROPPED, now), node);
    word = absorbed(word, trace->reason[reason]);
    add(trace, absorbed(word, fingerprint_of_headers(frame)));
}

void sw_trace_init(struct sw_trace *trace)
{
    *trace = (struct sw_trace){
        .watch = {.arrived = arrived, .dropped = dropped},
        .state = {0x736f6d6570736575u, 0x646f72616e646f6du, 0x6c7967656e657261u,
                  0x7465646279746573u},
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
    struct sw_trace end = *trace;
    add(&end, trace->records);
    end.state[2] ^= 0xff;
    mix(end.state);
    mix(end.state);
    mix(end.state);
    return end.state[0] ^ end.state[1] ^ end.state[2] ^ end.state[3];
}
