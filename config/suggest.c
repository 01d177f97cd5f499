/* The nearest of many names: optimal string alignment distance (Damerau-Levenshtein without
 * overlapping swaps), cut off where it passes what is near enough. Cost: the product of both
 * lengths, at most 4,096 steps a name. */
#include "config/suggest.h"

#include <stdio.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The distance, 0 where only upper and lower case differ, or anything over `limit` if it is more
 * than that. */
static size_t distance(const char *a, size_t n, const char *b, size_t m, size_t limit)
{
    size_t rows[3][SW_SUGGEST_LENGTH + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++) {
        last[j] = j;
        before[j] = j;
    }
    for (size_t i = 1; i <= n; i++) {
        size_t lowest = i;
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t change = last[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
            row[j] = least(change, least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1])) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
            lowest = least(lowest, row[j]);
        }
        if (lowest > limit + 1) {
            return lowest;
        }
        size_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[m];
}

void sw_suggest_begin(struct sw_suggestion *s, const char *word)
{
    *s = (struct sw_suggestion){.word = word};
}

void sw_suggest_offer(struct sw_suggestion *s, const char *name)
{
    size_t n = strlen(s->word), m = strlen(name);
    size_t shorter = least(n, m), apart = n > m ? n - m : m - n;
    size_t limit = n < 6 ? 1 : n < 9 ? 2 : 3;
    if (shorter == 0 || n > SW_SUGGEST_LENGTH || m > SW_SUGGEST_LENGTH || apart > limit) {
        return;
    }
    size_t d = distance(s->word, n, name, m, limit);
    if (d <= limit && d < shorter && (!s->best || d < s->distance)) {
        s->best = name;
        s->distance = d;
    }
}

char *sw_suggest_text(const struct sw_suggestion *s, char *buf, size_t cap)
{
    if (s->best) {
        snprintf(buf, cap, ", did you mean '%s'?", s->best);
    } else if (cap > 0) {
        buf[0] = '\0';
    }
    return buf;
}
