/* A text that grows: what the schema and the reference are written into. */
#ifndef SW_CONFIG_PAGE_H
#define SW_CONFIG_PAGE_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty one. */
struct sw_page {
    char *bytes; /* NUL-terminated once anything was put; NULL before */
    size_t len, cap;
    bool no_memory;
};

void sw_page_put(struct sw_page *page, const char *text);
void sw_page_print(struct sw_page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The text, malloc'd, and the page is empty; NULL: out of memory. */
char *sw_page_take(struct sw_page *page);

#endif
