/* Draws by ChaCha20 in counter mode (RFC 8439 2.3). What the RFC calls counter and nonce, words 12
 * to 15 of the state, holds the stream's place and name:
 *   12       the low 32 bits of the block's number
 *   13       the purpose in the low half, 16 more bits of the block's number in the high one
 *   14, 15   the owner
 * A block is eight draws of 64 bits; a stream has 2^51 of them. */
#include "core/rng.h"

#include <assert.h>
#include <string.h>

#define DRAWS_A_BLOCK 8

static inline uint32_t rotate(uint32_t x, int bits)
{
    return x << bits | x >> (32 - bits);
}

static inline void quarter_round(uint32_t *x, int a, int b, int c, int d)
{
    x[a] += x[b];
    x[d] = rotate(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = rotate(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = rotate(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = rotate(x[b] ^ x[c], 7);
}

static void chacha20_block(const uint32_t key[8], const uint32_t tail[4], uint32_t out[16])
{
    const uint32_t start[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, key[0], key[1],
                                key[2],     key[3],     key[4],     key[5],     key[6], key[7],
                                tail[0],    tail[1],    tail[2],    tail[3]};
    uint32_t x[16];
    memcpy(x, start, sizeof(x));
    for (int i = 0; i < 10; i++) {
        quarter_round(x, 0, 4, 8, 12);
        quarter_round(x, 1, 5, 9, 13);
        quarter_round(x, 2, 6, 10, 14);
        quarter_round(x, 3, 7, 11, 15);
        quarter_round(x, 0, 5, 10, 15);
        quarter_round(x, 1, 6, 11, 12);
        quarter_round(x, 2, 7, 8, 13);
        quarter_round(x, 3, 4, 9, 14);
    }
    for (int i = 0; i < 16; i++) {
        out[i] = x[i] + start[i];
    }
}

void sw_seed_from_number(struct sw_seed *out, uint64_t number)
{
    *out = (struct sw_seed){{(uint32_t)number, (uint32_t)(number >> 32)}};
}

void sw_seed_from_bytes(struct sw_seed *out, const uint8_t bytes[32])
{
    for (size_t i = 0; i < 8; i++) {
        const uint8_t *p = bytes + 4 * i;
        out->key[i] = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    }
}

void sw_draws_init(struct sw_draws *d, const struct sw_seed *seed, uint64_t owner, uint32_t purpose)
{
    assert(purpose <= UINT16_MAX);
    *d = (struct sw_draws){.seed = seed, .owner = owner, .purpose = purpose};
}

/* Computes the block that holds the next draw. */
static void fill(struct sw_draws *d)
{
    uint64_t block = d->count / DRAWS_A_BLOCK;
    const uint32_t tail[4] = {(uint32_t)block, d->purpose | (uint32_t)(block >> 32) << 16,
                              (uint32_t)d->owner, (uint32_t)(d->owner >> 32)};
    chacha20_block(d->seed->key, tail, d->block);
}

void sw_draws_seek(struct sw_draws *d, uint64_t at)
{
    if (at != d->count) {
        d->count = at;
        if (at % DRAWS_A_BLOCK != 0) {
            fill(d);
        }
    }
}

uint64_t sw_draw(struct sw_draws *d)
{
    unsigned at = (unsigned)(d->count % DRAWS_A_BLOCK);
    if (at == 0) {
        fill(d);
    }
    d->count++;
    return d->block[2 * at] | (uint64_t)d->block[2 * at + 1] << 32;
}

/* The upper 64 of the product's 128 bits. */
static uint64_t multiply_high(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32;
    uint64_t b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
    uint64_t other = a0 * b1 + (uint32_t)middle;
    return a1 * b1 + (middle >> 32) + (other >> 32);
}

uint64_t sw_draw_below(struct sw_draws *d, uint64_t bound)
{
    assert(bound > 0);
    return multiply_high(sw_draw(d), bound);
}

bool sw_draw_chance(struct sw_draws *d, uint32_t ppb)
{
    return sw_draw_below(d, 1000000000) < ppb;
}
