/* SHA-256 (FIPS 180-4), section by section. */
#include "lan/sha256.h"

#include <string.h>

#include "core/bytes.h"

/* 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

/* 6.2.2: one block of 64 bytes. */
static void block(uint32_t h[8], const uint8_t *bytes)
{
    uint32_t w[64];
    uint32_t v[8];
    for (unsigned t = 0; t < 16; t++) {
        w[t] = sw_get32(bytes + 4 * t);
    }
    for (unsigned t = 16; t < 64; t++) {
        uint32_t s0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ w[t - 15] >> 3;
        uint32_t s1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    memcpy(v, h, sizeof v);
    for (unsigned t = 0; t < 64; t++) {
        uint32_t s1 = turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25);
        uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[t] + w[t];
        uint32_t s0 = turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22);
        uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        v[7] = v[6];
        v[6] = v[5];
        v[5] = v[4];
        v[4] = v[3] + t1;
        v[3] = v[2];
        v[2] = v[1];
        v[1] = v[0];
        v[0] = t1 + t2;
    }
    for (unsigned i = 0; i < 8; i++) {
        h[i] += v[i];
    }
}

void sw_sha256_init(struct sw_sha256 *s)
{
    /* 5.3.3 */
    static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(s->h, initial, sizeof s->h);
    s->bytes = 0;
}

void sw_sha256_add(struct sw_sha256 *s, const void *bytes, size_t n)
{
    const uint8_t *from = bytes;
    size_t held = s->bytes % 64;
    s->bytes += n;
    if (held) {
        size_t fill = n < 64 - held ? n : 64 - held;
        memcpy(s->part + held, from, fill);
        from += fill;
        n -= fill;
        if (held + fill < 64) {
            return;
        }
        block(s->h, s->part);
    }
    for (; n >= 64; n -= 64, from += 64) {
        block(s->h, from);
    }
    if (n) {
        memcpy(s->part, from, n);
    }
}

char *sw_sha256_end(struct sw_sha256 *s, char hex[SW_SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t bits = s->bytes * 8;
    uint8_t tail[72] = {0x80}; /* 5.1.1: a one, zeros, the length in 64 bits */
    size_t held = s->bytes % 64;
    size_t n = (held < 56 ? 56 : 120) - held;
    sw_put32(tail + n, (uint32_t)(bits >> 32));
    sw_put32(tail + n + 4, (uint32_t)bits);
    sw_sha256_add(s, tail, n + 8);
    for (unsigned i = 0; i < 64; i++) {
        hex[i] = digits[s->h[i / 8] >> (28 - 4 * (i % 8)) & 15];
    }
    hex[64] = 0;
    return hex;
}
