/* Regular expressions as POSIX calls extended (IEEE Std 1003.1-2017, 9.4), for what a scenario
 * expects of a text: the C library's own know locales, and their time has no bound. Here a text of
 * n bytes takes at most n times the expression's size. Bytes, not characters: a non-ASCII character
 * in a bracket expression is refused. No back-references, collating symbols or equivalence classes.
 * Pure. */
#ifndef SW_LAN_REGEX_H
#define SW_LAN_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#define SW_REGEX_LENGTH_MAX 1000 /* of an expression, in bytes */
#define SW_REGEX_SIZE_MAX 8192   /* of what it is compiled to, in instructions */

struct sw_regex;

/* Compiles the n bytes of an expression (without slashes around). 0; -EINVAL: *why says what is
 * wrong with it and *at where, in bytes; -E2BIG: too long, or too big once its {m,n} are written
 * out; -ENOMEM. why and at may be NULL. */
int sw_regex_new(struct sw_regex **out, const char *text, size_t n, const char **why, size_t *at);
/* Does any part of the n bytes match? ^ and $ stand for the text's ends; a newline is a byte as any
 * other. */
bool sw_regex_search(const struct sw_regex *regex, const char *text, size_t n);
void sw_regex_free(struct sw_regex *regex); /* NULL is harmless */

#endif
