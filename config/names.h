/* A table of names: each stands for one number. Open addressing over the fixed hash of names; an
 * order never depends on it. */
#ifndef SW_CONFIG_NAMES_H
#define SW_CONFIG_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sw_name {
    const char *text; /* lent for the table's life; NULL: free */
    uint64_t number;
};

/* All zero is an empty table. */
struct sw_names {
    struct sw_name *slots;
    size_t count, cap;
};

/* The name's entry, or NULL. Valid until the next sw_names_put(). */
struct sw_name *sw_names_find(const struct sw_names *names, const char *text);
/* Adds a name, or gives it another number. False: out of memory. */
bool sw_names_put(struct sw_names *names, const char *text, uint64_t number);
void sw_names_fini(struct sw_names *names);

#endif
