/* The digest of a run (see trace.h): a hash in the manner of SipHash-1-3 over records, each a row
 * of 64-bit words that are put together from numbers, so that neither byte order nor padding can be
 * seen in it. Nobody attacks a digest of his own run: the key is fixed. */
#include "lan/trace.h"

#include <stddef.h>
#include <string.h>

#include "core/link.h"
#include "core/siphash.h"

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

static void add_number(struct sw_trace *trace, uint64_t number)
{
    trace->state[3] ^= number;
    mix(trace->state);
    trace->state[0] ^= number;
}

/* Eight bytes as a number, the first the lowest: on most machines one load. */
static uint64_t word_at(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

/* The length goes before the bytes, so that two rows of bytes never add up to the same words. */
static void add_bytes(struct sw_trace *trace, const uint8_t *bytes, size_t n)
{
    uint8_t rest[8] = {0};
    add_number(trace, n);
    size_t whole = n & ~(size_t)7;
    for (size_t at = 0; at < whole; at += 8) {
        add_number(trace, word_at(bytes + at));
    }
    if (whole < n) {
        memcpy(rest, bytes + whole, n - whole);
        add_number(trace, word_at(rest));
    }
}

static void add_frame(struct sw_trace *trace, const struct sw_frame *frame)
{
    uint8_t headers[HEADERS_MAX];
    size_t n = frame->len < HEADERS_MAX ? frame->len : HEADERS_MAX;
    sw_frame_read(frame, 0, headers, n);
    add_number(trace, frame->len);
    add_bytes(trace, headers, n);
}

static void begin(struct sw_trace *trace, enum record kind, sw_time now)
{
    trace->records++;
    add_number(trace, kind);
    add_number(trace, (uint64_t)now);
}

static void arrived(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                    const struct sw_frame *frame)
{
    struct sw_trace *trace = SW_CONTAINER(w, struct sw_trace, watch);
    begin(trace, RECORD_ARRIVED, now);
    add_number(trace, lane->owner.number);
    add_frame(trace, frame);
}

static void dropped(struct sw_watch *w, const struct sw_lane *lane, const char *where, sw_time now,
                    const struct sw_frame *frame, enum sw_drop reason)
{
    struct sw_trace *trace = SW_CONTAINER(w, struct sw_trace, watch);
    const char *name = sw_drop_name(reason);
    begin(trace, RECORD_DROPPED, now);
    add_number(trace, lane != NULL ? lane->owner.number : sw_name_hash(where));
    /* By name: the numbers move when a reason joins the list. */
    add_bytes(trace, (const uint8_t *)name, strlen(name));
    add_frame(trace, frame);
}

void sw_trace_init(struct sw_trace *trace)
{
    *trace = (struct sw_trace){
        .watch = {.arrived = arrived, .dropped = dropped},
        .state = {0x736f6d6570736575u, 0x646f72616e646f6du, 0x6c7967656e657261u,
                  0x7465646279746573u},
    };
}

void sw_trace_note(struct sw_trace *trace, sw_time now, const char *text)
{
    begin(trace, RECORD_NOTE, now);
    add_bytes(trace, (const uint8_t *)text, strlen(text));
}

uint64_t sw_trace_digest(const struct sw_trace *trace)
{
    struct sw_trace end = *trace;
    add_number(&end, trace->records);
    end.state[2] ^= 0xff;
    mix(end.state);
    mix(end.state);
    mix(end.state);
    return end.state[0] ^ end.state[1] ^ end.state[2] ^ end.state[3];
}
