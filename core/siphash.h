/* SipHash-1-3 (Aumasson, Bernstein), for tables that an outsider can fill, and the fixed hash of
 * names. Pure. */
#ifndef SW_CORE_SIPHASH_H
#define SW_CORE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct sw_hash_key {
    uint64_t k0, k1;
};

uint64_t sw_siphash(struct sw_hash_key key, const void *bytes, size_t n);
/* The owner's number of a name: SipHash-1-3 under an all-zero key, the same on every machine. The
 * order of events that are due at once stands on it, so it never changes. */
uint64_t sw_name_hash(const char *name);

#endif
