/* A table of names. */
#include "config/names.h"

#include <stdlib.h>
#include <string.h>

#include "core/siphash.h"

/* The slot where text stands or would stand; the table is never full. */
static struct sw_name *slot_of(const struct sw_names *names, const char *text)
{
    size_t at = (size_t)sw_name_hash(text) & (names->cap - 1);
    while (names->slots[at].text && strcmp(names->slots[at].text, text) != 0) {
        at = (at + 1) & (names->cap - 1);
    }
    return &names->slots[at];
}

struct sw_name *sw_names_find(const struct sw_names *names, const char *text)
{
    if (names->cap == 0) {
        return NULL;
    }
    struct sw_name *slot = slot_of(names, text);
    return slot->text ? slot : NULL;
}

static bool grow(struct sw_names *names)
{
    struct sw_names bigger = {.cap = names->cap ? names->cap * 2 : 64, .count = names->count};
    bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
    if (!bigger.slots) {
        return false;
    }
    for (size_t i = 0; i < names->cap; i++) {
        if (names->slots[i].text) {
            *slot_of(&bigger, names->slots[i].text) = names->slots[i];
        }
    }
    free(names->slots);
    *names = bigger;
    return true;
}

bool sw_names_put(struct sw_names *names, const char *text, uint64_t number)
{
    if (2 * (names->count + 1) > names->cap && !grow(names)) {
        return false;
    }
    struct sw_name *slot = slot_of(names, text);
    if (!slot->text) {
        slot->text = text;
        names->count++;
    }
    slot->number = number;
    return true;
}

void sw_names_fini(struct sw_names *names)
{
    free(names->slots);
    *names = (struct sw_names){0};
}
