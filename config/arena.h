/* Memory that goes all at once: the tree of a LAN file and what is made of its texts. */
#ifndef SW_CONFIG_ARENA_H
#define SW_CONFIG_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct sw_arena_chunk;

/* All zero is an empty arena. */
struct sw_arena {
    struct sw_arena_chunk *first;
    bool no_memory; /* some allocation failed; stays set */
};

/* n zeroed bytes, aligned for any type, until the arena ends; NULL: out of memory. */
void *sw_arena_alloc(struct sw_arena *arena, size_t n);
/* A copy of n bytes with a NUL behind them; NULL: out of memory. */
char *sw_arena_copy(struct sw_arena *arena, const char *bytes, size_t n);
/* An array of `size`-byte elements with room for one more than `count`: `array` itself, or a bigger
 * copy. *cap is the array's room in elements (0 at first). NULL: out of memory. */
void *sw_arena_grow(struct sw_arena *arena, void *array, size_t count, size_t *cap, size_t size);
/* A malloc'd copy, of no arena; NULL: out of memory. */
char *sw_text_copy(const char *text);
void sw_arena_fini(struct sw_arena *arena);

#endif
