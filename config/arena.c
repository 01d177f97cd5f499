/* Memory that goes all at once. */
#include "config/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)32 << 10)

struct sw_arena_chunk {
    struct sw_arena_chunk *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

static struct sw_arena_chunk *chunk_add(struct sw_arena *arena, size_t n)
{
    size_t size = n > CHUNK_BYTES ? n : CHUNK_BYTES;
    struct sw_arena_chunk *chunk = calloc(1, sizeof(*chunk) + size);
    if (!chunk) {
        arena->no_memory = true;
        return NULL;
    }
    chunk->size = size;
    if (n > CHUNK_BYTES && arena->first) {
        /* A big piece has a chunk of its own; what is left of the first one stays in use. */
        chunk->next = arena->first->next;
        arena->first->next = chunk;
    } else {
        chunk->next = arena->first;
        arena->first = chunk;
    }
    return chunk;
}

void *sw_arena_alloc(struct sw_arena *arena, size_t n)
{
    size_t unit = alignof(max_align_t);
    if (n > SIZE_MAX / 2) {
        arena->no_memory = true;
        return NULL;
    }
    n = (n + unit - 1) / unit * unit;
    struct sw_arena_chunk *chunk = arena->first;
    if (!chunk || chunk->size - chunk->used < n) {
        chunk = chunk_add(arena, n);
    }
    if (!chunk) {
        return NULL;
    }
    void *at = chunk->bytes + chunk->used;
    chunk->used += n;
    return at;
}

char *sw_arena_copy(struct sw_arena *arena, const char *bytes, size_t n)
{
    char *copy = sw_arena_alloc(arena, n + 1);
    if (copy && n > 0) {
        memcpy(copy, bytes, n);
    }
    return copy;
}

void *sw_arena_grow(struct sw_arena *arena, void *array, size_t count, size_t *cap, size_t size)
{
    if (count < *cap) {
        return array;
    }
    size_t room = *cap ? *cap * 2 : 4;
    void *bigger = room > SIZE_MAX / 2 / size ? NULL : sw_arena_alloc(arena, room * size);
    if (!bigger) {
        arena->no_memory = true;
        return NULL;
    }
    if (count > 0) {
        memcpy(bigger, array, count * size);
    }
    *cap = room;
    return bigger;
}

void sw_arena_fini(struct sw_arena *arena)
{
    while (arena->first) {
        struct sw_arena_chunk *next = arena->first->next;
        free(arena->first);
        arena->first = next;
    }
}

char *sw_text_copy(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = malloc(n);
    return copy ? memcpy(copy, text, n) : NULL;
}
