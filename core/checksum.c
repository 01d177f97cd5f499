/* The Internet checksum. Words of 64 bits are added in the machine's own order, and the order of
 * bytes is put right once at the end (RFC 1071 2 (B)); both halves of a word go to 64-bit
 * accumulators, where no carry can be lost (2^32 words). What is handed out is a sum in the order
 * of the wire of at most 32 bits a call, so that plain additions suffice. */
#include "core/checksum.h"

#include <string.h>

#include "core/bytes.h"

static inline uint64_t load64(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof(w));
    return w;
}

static inline uint64_t halves(uint64_t w)
{
    return (w >> 32) + (uint32_t)w;
}

/* The sum in wire order, at most 32 bits. */
static inline uint32_t sum_bytes(const uint8_t *p, size_t n)
{
    uint64_t a = 0, b = 0, c = 0, d = 0;
    for (; n >= 32; n -= 32, p += 32) {
        a += halves(load64(p));
        b += halves(load64(p + 8));
        c += halves(load64(p + 16));
        d += halves(load64(p + 24));
    }
    for (; n >= 8; n -= 8, p += 8) {
        a += halves(load64(p));
    }
    /* Not through a buffer of 8 bytes: reading back what was just written in pieces costs twice the
     * rest. */
    if ((n & 4) != 0) {
        uint32_t w;
        memcpy(&w, p, sizeof(w));
        b += w;
        p += 4;
    }
    if ((n & 2) != 0) {
        uint16_t w;
        memcpy(&w, p, sizeof(w));
        c += w;
        p += 2;
    }
    if ((n & 1) != 0) {
        const uint8_t padded[2] = {*p, 0};
        uint16_t w;
        memcpy(&w, padded, sizeof(w));
        d += w;
    }
    uint64_t sum = halves(halves(a + b + c + d));
    uint32_t native = (uint32_t)sum;
    uint8_t wire[4];
    memcpy(wire, &native, sizeof(wire));
    return sw_get32(wire);
}

uint64_t sw_sum_add(uint64_t sum, const uint8_t *bytes, size_t n)
{
    return sum + sum_bytes(bytes, n);
}

uint64_t sw_sum_add_odd(uint64_t sum, const uint8_t *bytes, size_t n)
{
    uint32_t even = sum_bytes(bytes, n);
    /* One byte later is 2^8 times as much, modulo 2^32 - 1 and so modulo 2^16 - 1. */
    return sum + (even << 8 | even >> 24);
}

uint16_t sw_sum_fold(uint64_t sum)
{
    sum = halves(sum);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)sum;
}

uint64_t sw_sum_pseudo_v4(uint32_t src, uint32_t dst, uint8_t protocol, uint32_t len)
{
    return (uint64_t)src + dst + protocol + len;
}

uint16_t sw_checksum(const uint8_t *bytes, size_t n)
{
    return (uint16_t)~sw_sum_fold(sw_sum_add(0, bytes, n));
}

uint16_t sw_checksum_adjust(uint16_t checksum, uint16_t old, uint16_t new)
{
    return (uint16_t)~sw_sum_fold((uint64_t)(uint16_t)~checksum + (uint16_t)~old + new);
}
