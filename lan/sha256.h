/* SHA-256 (FIPS 180-4), for what a fetch received. Pure. */
#ifndef SW_LAN_SHA256_H
#define SW_LAN_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SW_SHA256_HEX 65 /* 64 hexadecimal digits and a NUL */

struct sw_sha256 {
    uint32_t h[8];
    uint64_t bytes;   /* taken so far */
    uint8_t part[64]; /* the block that is not full yet */
};

void sw_sha256_init(struct sw_sha256 *s);
void sw_sha256_add(struct sw_sha256 *s, const void *bytes, size_t n);
/* Ends the sum and writes it in lower case; s may only be initialised again. Returns hex. */
char *sw_sha256_end(struct sw_sha256 *s, char hex[SW_SHA256_HEX]);

#endif
