/* SipHash-1-3: "SipHash: a fast short-input PRF" (Aumasson, Bernstein, 2012), with one round a word
 * and three at the end. */
#include "core/siphash.h"

#include <string.h>

struct state {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void round_once(struct state *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

/* n little-endian bytes, at most 8. */
static inline uint64_t word(const uint8_t *p, size_t n)
{
    uint64_t w = 0;
    for (size_t i = 0; i < n; i++) {
        w |= (uint64_t)p[i] << (8 * i);
    }
    return w;
}

static inline void absorb(struct state *s, uint64_t w)
{
    s->v3 ^= w;
    round_once(s);
    s->v0 ^= w;
}

uint64_t sw_siphash(struct sw_hash_key key, const void *bytes, size_t n)
{
    struct state s = {key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d,
                      key.k0 ^ 0x6c7967656e657261, key.k1 ^ 0x7465646279746573};
    const uint8_t *p = bytes;
    size_t left = n;
    for (; left >= 8; left -= 8, p += 8) {
        absorb(&s, word(p, 8));
    }
    absorb(&s, word(p, left) | (uint64_t)(n & 0xff) << 56);
    s.v2 ^= 0xff;
    round_once(&s);
    round_once(&s);
    round_once(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t sw_name_hash(const char *name)
{
    return sw_siphash((struct sw_hash_key){0, 0}, name, strlen(name));
}
