/* Fuzz target: regular expressions. An input is an expression, a NUL, and a text to search. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lan/regex.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const uint8_t *nul = n > 0 ? memchr(bytes, 0, n) : NULL;
    const size_t len = nul != NULL ? (size_t)(nul - bytes) : n;
    char *text = malloc(len + 1); /* its end is the memory's */
    struct sw_regex *regex = NULL;
    const char *why = NULL;
    size_t at = 0;
    fuzz_check(text != NULL);
    if (len > 0) {
        memcpy(text, bytes, len);
    }
    const int err = sw_regex_new(&regex, text, len, &why, &at);
    free(text);
    fuzz_check(err == 0 || err == -E2BIG || (err == -EINVAL && why != NULL && at <= len));
    if (err == 0) {
        (void)sw_regex_search(regex, "", 0);
        if (nul != NULL) {
            (void)sw_regex_search(regex, (const char *)nul + 1, n - len - 1);
        }
        sw_regex_free(regex);
    }
    return 0;
}
