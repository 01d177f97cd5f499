/* Open addressing, linear probing, at most half full (see index.h). A search costs O(1) as long as
 * the keys are not chosen against it. */
#include "lan/index.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define CAP_MIN 16
#define CAP_MAX (1u << 31)

/* The slot of a key, or the free one where it belongs; there is always a free one. */
static struct sw_index_slot *seek(const struct sw_index *index, uint64_t key)
{
    uint32_t at = (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 32);
    for (;; at++) {
        struct sw_index_slot *slot = &index->slot[at & (index->cap - 1)];
        if (slot->value == SW_INDEX_NONE || slot->key == key) {
            return slot;
        }
    }
}

static int grow(struct sw_index *index)
{
    if (index->cap == CAP_MAX) {
        return -ENOMEM;
    }
    struct sw_index larger = {.cap = index->cap == 0 ? CAP_MIN : index->cap * 2};
    larger.slot = malloc(larger.cap * sizeof *larger.slot);
    if (larger.slot == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < larger.cap; i++) {
        larger.slot[i] = (struct sw_index_slot){.value = SW_INDEX_NONE};
    }
    for (uint32_t i = 0; i < index->cap; i++) {
        if (index->slot[i].value != SW_INDEX_NONE) {
            *seek(&larger, index->slot[i].key) = index->slot[i];
        }
    }
    larger.count = index->count;
    free(index->slot);
    *index = larger;
    return 0;
}

static struct sw_index_slot *seek_for_writing(struct sw_index *index, uint64_t key)
{
    if (index->count >= index->cap / 2 && grow(index) < 0) {
        return NULL;
    }
    return seek(index, key);
}

int sw_index_add(struct sw_index *index, uint64_t key, uint32_t value)
{
    assert(value != SW_INDEX_NONE);
    struct sw_index_slot *slot = seek_for_writing(index, key);
    if (slot == NULL) {
        return -ENOMEM;
    }
    if (slot->value != SW_INDEX_NONE) {
        return -EEXIST;
    }
    *slot = (struct sw_index_slot){.key = key, .value = value};
    index->count++;
    return 0;
}

uint32_t sw_index_bump(struct sw_index *index, uint64_t key)
{
    struct sw_index_slot *slot = seek_for_writing(index, key);
    if (slot == NULL) {
        return 0;
    }
    if (slot->value == SW_INDEX_NONE) {
        *slot = (struct sw_index_slot){.key = key};
        index->count++;
    }
    return ++slot->value;
}

uint32_t sw_index_find(const struct sw_index *index, uint64_t key)
{
    return index->cap == 0 ? SW_INDEX_NONE : seek(index, key)->value;
}

void sw_index_fini(struct sw_index *index)
{
    free(index->slot);
    *index = (struct sw_index){0};
}
