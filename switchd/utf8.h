/* Text of any bytes, for readers that take only UTF-8. */
#ifndef SW_SWITCHD_UTF8_H
#define SW_SWITCHD_UTF8_H

#include <stddef.h>

#define SW_UTF8_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD, for each byte that is none */

/* How many bytes of well-formed UTF-8 stand at `s` as one character (RFC 3629 4); 0: none do. The
 * text ends with a NUL, which counts as a character of one. */
size_t sw_utf8_character(const char *s);

#endif
