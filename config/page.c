/* A text that grows. */
#include "config/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool room(struct sw_page *page, size_t n)
{
    if (page->len + n + 1 <= page->cap) {
        return true;
    }
    size_t cap = 2 * (page->len + n + 1);
    char *bigger = page->no_memory ? NULL : realloc(page->bytes, cap);
    if (!bigger) {
        page->no_memory = true;
        return false;
    }
    page->bytes = bigger;
    page->cap = cap;
    return true;
}

void sw_page_put(struct sw_page *page, const char *text)
{
    size_t n = strlen(text);
    if (room(page, n)) {
        memcpy(page->bytes + page->len, text, n + 1);
        page->len += n;
    }
}

void sw_page_print(struct sw_page *page, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n >= 0 && room(page, (size_t)n)) {
        va_start(args, format);
        vsnprintf(page->bytes + page->len, (size_t)n + 1, format, args);
        va_end(args);
        page->len += (size_t)n;
    }
}

char *sw_page_take(struct sw_page *page)
{
    char *bytes = page->bytes;
    if (page->no_memory) {
        free(bytes);
        bytes = NULL;
    }
    *page = (struct sw_page){0};
    return bytes;
}
