/* Chance: each draw is a function of (key, owner, purpose, count), by ChaCha20 (RFC 8439 2.3), so
 * that a new host, a new impairment or a dropped event moves nobody else's draws. Pure; integer
 * arithmetic alone, the same on every machine. */
#ifndef SW_CORE_RNG_H
#define SW_CORE_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sw_seed {
    uint32_t key[8];
};

/* What a draw is for: an owner's streams of different purposes are independent. Numbers are fixed:
 * recorded runs depend on them. */
enum sw_purpose {
    SW_DRAW_LOSS = 1,
    SW_DRAW_DUPLICATE = 2,
    SW_DRAW_REORDER = 3,
    SW_DRAW_JITTER = 4,
    SW_DRAW_CORRUPT = 5,
    SW_DRAW_CORRUPT_BIT = 6,
    SW_DRAW_BURST = 7, /* Gilbert-Elliott: whether the state changes */
    SW_DRAW_BURST_LOSS = 8,
    SW_DRAW_RED = 9,
    SW_DRAW_FLOW_KEY = 10, /* FQ-CoDel's hash */
    SW_DRAW_ISN = 16,      /* RFC 6528's secret */
    SW_DRAW_PORT = 17,     /* RFC 6056 */
    SW_DRAW_HASH_KEY = 18,
    SW_DRAW_IP_ID = 19,
    SW_DRAW_ARP_PROBE = 20, /* RFC 5227's waits */
    SW_DRAW_TEST = 1000,    /* and above: tests and their programs */
};

/* One owner's stream for one purpose. Embedded in its owner; remembers the block in use, 64 bytes
 * for 8 draws. */
struct sw_draws {
    const struct sw_seed *seed; /* lent for the stream's life */
    uint64_t owner;
    uint64_t count; /* draws made */
    uint32_t purpose;
    uint32_t block[16];
};

/* The seed of a number as the LAN file gives it. */
void sw_seed_from_number(struct sw_seed *out, uint64_t number);
void sw_seed_from_bytes(struct sw_seed *out, const uint8_t bytes[32]);
/* purpose at most 65,535: asserted. */
void sw_draws_init(struct sw_draws *d, const struct sw_seed *seed, uint64_t owner,
                   uint32_t purpose);
/* The next draw is number `at`, counted from 0: backwards and forwards. O(1). */
void sw_draws_seek(struct sw_draws *d, uint64_t at);
/* The next 64 uniform bits. */
uint64_t sw_draw(struct sw_draws *d);
/* Uniform in 0 .. bound-1, bound > 0, without bias worth a name (multiply-shift of 64 bits: below
 * 2^-32 for 32-bit bounds). */
uint64_t sw_draw_below(struct sw_draws *d, uint64_t bound);
/* True with a probability of ppb / 1,000,000,000; always takes one draw, so that a change of ppb
 * moves no later draw. */
bool sw_draw_chance(struct sw_draws *d, uint32_t ppb);

#endif
