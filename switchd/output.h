/* What programs print, line by line: told to whoever listens as far as a bound allows, counted
 * beyond it; and the last lines of each are at hand for a check that fails. */
#ifndef SW_SWITCHD_OUTPUT_H
#define SW_SWITCHD_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/record.h"

#define SW_OUTPUT_LINE 1024 /* bytes of a line; a longer one is told in several */
#define SW_OUTPUT_LAST 8    /* lines of each host and stream that are at hand */
#define SW_OUTPUT_TEXT 240  /* bytes of each */
#define SW_OUTPUT_SHOWN 24  /* lines that are shown at once, of all */

enum sw_stream {
    SW_STREAM_OUT,   /* standard output */
    SW_STREAM_ERR,   /* standard error */
    SW_STREAM_ENDED, /* not its own words: how it ended */
    SW_STREAM_COUNT,
};
#define SW_STREAM_WORD_ENDED "ended" /* as struct sw_printed has it */

struct sw_outputs; /* of a LAN */
struct sw_output;  /* of a host */

/* tell(ctx, line): a line within the bound; lent for the call. NULL: out of memory. */
struct sw_outputs *sw_outputs_new(void (*tell)(void *ctx, const struct sw_printed *line),
                                  void *ctx);
/* NULL is harmless. */
void sw_outputs_free(struct sw_outputs *all);
/* One more host, whose name is lent. Of each of its streams most_bytes of text are told
 * (UINT64_MAX: all). NULL: out of memory. */
struct sw_output *sw_outputs_add(struct sw_outputs *all, const char *host, uint64_t most_bytes);
/* A line of n bytes, without its newline. */
void sw_output_line(struct sw_output *o, enum sw_stream stream, sw_time at, const char *bytes,
                    size_t n);
/* What was not told is counted in a last line of its stream. Once. */
void sw_outputs_end(struct sw_outputs *all, sw_time at);
/* The last lines: at most SW_OUTPUT_SHOWN, in their order, and of each stream as many as of any
 * other, so that one who prints much does not hide the rest. They stay until the next line. How
 * many; *before: how many came that are not among them. */
size_t sw_outputs_last(const struct sw_outputs *all, struct sw_printed *out, uint64_t *before);

struct sw_output_stats {
    uint64_t lines, bytes;           /* that came */
    uint64_t lost_lines, lost_bytes; /* of these, that were beyond the bound */
};
void sw_output_stats(const struct sw_output *o, struct sw_output_stats *out);

/* Bytes become lines. Zeroed memory is none. */
struct sw_lines {
    size_t len;
    char line[SW_OUTPUT_LINE];
};
/* line(ctx, text, n): a line is whole, or as long as one may be. */
void sw_lines_take(struct sw_lines *lines, const char *bytes, size_t n,
                   void (*line)(void *ctx, const char *text, size_t n), void *ctx);
/* No more will come: what has no newline is a line, too. */
void sw_lines_end(struct sw_lines *lines, void (*line)(void *ctx, const char *text, size_t n),
                  void *ctx);

#endif
