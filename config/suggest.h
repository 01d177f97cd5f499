/* "did you mean": the nearest of many names to one that was not found. Pure. */
#ifndef SW_CONFIG_SUGGEST_H
#define SW_CONFIG_SUGGEST_H

#include <stddef.h>

#define SW_SUGGEST_LENGTH 64 /* longer names are near nothing */

struct sw_suggestion {
    const char *word;
    const char *best; /* the nearest so far that is near enough, or NULL */
    size_t distance;  /* of best */
};

void sw_suggest_begin(struct sw_suggestion *s, const char *word);
/* Compares by the number of letters put in, left out, changed or swapped with the next; upper and
 * lower case count as the same letter. Near enough is one such difference, two in a word of six
 * letters, three in one of nine. Of equals the first offered stays. */
void sw_suggest_offer(struct sw_suggestion *s, const char *name);
/* ", did you mean 'web'?" or "", at most cap bytes with the NUL. Returns buf. */
char *sw_suggest_text(const struct sw_suggestion *s, char *buf, size_t cap);

#endif
