/* UTF-8. See utf8.h. */
#include "switchd/utf8.h"

#include <stdbool.h>

/* How many bytes follow the first one of a character; 4: it can begin none. */
static size_t follow(unsigned char first)
{
    return first < 0x80   ? 0
           : first < 0xc2 ? 4
           : first < 0xe0 ? 1
           : first < 0xf0 ? 2
           : first < 0xf5 ? 3
                          : 4;
}

size_t sw_utf8_character(const char *s)
{
    const unsigned char *at = (const unsigned char *)s;
    size_t more = follow(at[0]);
    if (more == 4) {
        return 0;
    }
    for (size_t i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    /* Longer than it need be, a surrogate, or past U+10FFFF. */
    bool wrong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
                 (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f);
    return wrong ? 0 : more + 1;
}
