/* The bytes that made-up bodies and test flows consist of: byte i is i modulo 251. A prime, so that
 * no power of two of bytes lost, repeated or moved goes unseen. Pure. */
#ifndef SW_LAN_PATTERN_H
#define SW_LAN_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#define SW_PATTERN_PERIOD 251

/* Writes the n bytes of the pattern that begin at offset. About as quick as a copy. */
void sw_pattern_fill(void *to, size_t n, uint64_t offset);

#endif
