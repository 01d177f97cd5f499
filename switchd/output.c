/* What programs print. See output.h. A line costs a copy, and one more of its first bytes; the last
 * lines of all are gathered only when a check has failed. */
#include "switchd/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDED_BYTES 65536u

struct remembered {
    sw_time at;
    uint64_t number; /* among the lines of all hosts, from 1; 0: none */
    char text[SW_OUTPUT_TEXT];
};

struct stream {
    struct remembered last[SW_OUTPUT_LAST]; /* a ring */
    size_t next;
    uint64_t told; /* bytes */
    struct sw_output_stats stats;
};

struct sw_output {
    struct sw_outputs *all;
    struct sw_output *next;
    const char *host;
    uint64_t most_bytes;
    struct stream streams[SW_STREAM_COUNT];
};

struct sw_outputs {
    struct sw_output *first, **end;
    void (*tell)(void *ctx, const struct sw_printed *line);
    void *ctx;
    uint64_t lines;
};

static const char *const stream_words[] = {"stdout", "stderr", SW_STREAM_WORD_ENDED};

/* ---- life ---- */

struct sw_outputs *sw_outputs_new(void (*tell)(void *ctx, const struct sw_printed *line), void *ctx)
{
    struct sw_outputs *all = calloc(1, sizeof *all);
    if (all) {
        *all = (struct sw_outputs){.end = &all->first, .tell = tell, .ctx = ctx};
    }
    return all;
}

void sw_outputs_free(struct sw_outputs *all)
{
    while (all && all->first) {
        struct sw_output *o = all->first;
        all->first = o->next;
        free(o);
    }
    free(all);
}

struct sw_output *sw_outputs_add(struct sw_outputs *all, const char *host, uint64_t most_bytes)
{
    struct sw_output *o = calloc(1, sizeof *o);
    if (o) {
        o->all = all;
        o->host = host;
        o->most_bytes = most_bytes;
        *all->end = o;
        all->end = &o->next;
    }
    return o;
}

/* ---- a line ---- */

static void tell(const struct sw_output *o, enum sw_stream stream, sw_time at, const char *text)
{
    o->all->tell(o->all->ctx, &(struct sw_printed){at, o->host, stream_words[stream], text});
}

/* Its first bytes, whole characters of UTF-8. */
static void remember(struct sw_output *o, struct stream *s, sw_time at, const char *text, size_t n)
{
    struct remembered *r = &s->last[s->next];
    size_t most = sizeof r->text - 1;
    bool cut = n > most;
    if (cut) {
        n = most - 3;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80) {
            n--;
        }
    }
    memcpy(r->text, text, n);
    memcpy(r->text + n, cut ? "..." : "", cut ? sizeof "..." : 1);
    r->at = at;
    r->number = ++o->all->lines;
    s->next = (s->next + 1) % SW_OUTPUT_LAST;
}

/* How a program ended is told in any case, unless it does so thousands of times. */
static uint64_t most_of(const struct sw_output *o, enum sw_stream stream)
{
    return stream == SW_STREAM_ENDED && o->most_bytes < ENDED_BYTES ? ENDED_BYTES : o->most_bytes;
}

void sw_output_line(struct sw_output *o, enum sw_stream stream, sw_time at, const char *bytes,
                    size_t n)
{
    struct stream *s = &o->streams[stream];
    char text[SW_OUTPUT_LINE];
    n = n < sizeof text ? n : sizeof text - 1;
    for (size_t i = 0; i < n; i++) {
        text[i] = bytes[i];
        if (text[i] == '\0') {
            text[i] = '?'; /* or what follows would be lost */
        }
    }
    text[n] = '\0';
    s->stats.lines++;
    s->stats.bytes += n;
    remember(o, s, at, text, n);
    uint64_t most = most_of(o, stream);
    if (s->stats.lost_lines == 0 && n <= most - s->told) {
        s->told += n;
        tell(o, stream, at, text);
        return;
    }
    if (s->stats.lost_lines == 0) {
        snprintf(text, sizeof text,
                 "(more than %" PRIu64 " bytes: what follows is counted, not kept)", most);
        tell(o, stream, at, text);
    }
    s->stats.lost_lines++;
    s->stats.lost_bytes += n;
}

void sw_outputs_end(struct sw_outputs *all, sw_time at)
{
    for (const struct sw_output *o = all->first; o; o = o->next) {
        for (int i = 0; i < SW_STREAM_COUNT; i++) {
            const struct sw_output_stats *stats = &o->streams[i].stats;
            char text[100];
            if (stats->lost_lines > 0) {
                snprintf(text, sizeof text, "(%" PRIu64 " lines, %" PRIu64 " bytes, were not kept)",
                         stats->lost_lines, stats->lost_bytes);
                tell(o, (enum sw_stream)i, at, text);
            }
        }
    }
}

void sw_output_stats(const struct sw_output *o, struct sw_output_stats *out)
{
    *out = (struct sw_output_stats){0};
    for (int i = 0; i < SW_STREAM_ENDED; i++) {
        const struct sw_output_stats *stats = &o->streams[i].stats;
        out->lines += stats->lines;
        out->bytes += stats->bytes;
        out->lost_lines += stats->lost_lines;
        out->lost_bytes += stats->lost_bytes;
    }
}

/* ---- the last lines ---- */

/* Those that are shown so far, in their order; the oldest gives way. */
struct shown {
    struct sw_printed *lines;
    uint64_t numbers[SW_OUTPUT_SHOWN];
    size_t count;
};

/* Cost: a step for each line that came before it, of SW_OUTPUT_SHOWN at most. */
static void show(struct shown *shown, const struct sw_printed *line, uint64_t number)
{
    size_t at = shown->count;
    if (at == SW_OUTPUT_SHOWN) {
        if (number < shown->numbers[0]) {
            return;
        }
        at--;
        memmove(shown->lines, shown->lines + 1, at * sizeof *shown->lines);
        memmove(shown->numbers, shown->numbers + 1, at * sizeof *shown->numbers);
    } else {
        shown->count++;
    }
    for (; at > 0 && shown->numbers[at - 1] > number; at--) {
        shown->lines[at] = shown->lines[at - 1];
        shown->numbers[at] = shown->numbers[at - 1];
    }
    shown->lines[at] = *line;
    shown->numbers[at] = number;
}

/* The last `most` lines of a stream. */
static void show_stream(struct shown *shown, const struct sw_output *o, int stream, size_t most)
{
    const struct stream *s = &o->streams[stream];
    for (size_t k = SW_OUTPUT_LAST - most; k < SW_OUTPUT_LAST; k++) {
        const struct remembered *r = &s->last[(s->next + k) % SW_OUTPUT_LAST];
        if (r->number > 0) {
            show(shown, &(struct sw_printed){r->at, o->host, stream_words[stream], r->text},
                 r->number);
        }
    }
}

size_t sw_outputs_last(const struct sw_outputs *all, struct sw_printed *out, uint64_t *before)
{
    struct shown shown = {.lines = out};
    size_t streams = 0;
    for (const struct sw_output *o = all->first; o; o = o->next) {
        for (int i = 0; i < SW_STREAM_COUNT; i++) {
            streams += o->streams[i].stats.lines > 0;
        }
    }
    size_t most = streams > 0 ? SW_OUTPUT_SHOWN / streams : 0;
    most = most < 1 ? 1 : most < SW_OUTPUT_LAST ? most : SW_OUTPUT_LAST;
    for (const struct sw_output *o = all->first; o; o = o->next) {
        for (int i = 0; i < SW_STREAM_COUNT; i++) {
            show_stream(&shown, o, i, most);
        }
    }
    *before = all->lines - shown.count;
    return shown.count;
}

/* ---- bytes become lines ---- */

void sw_lines_end(struct sw_lines *l, void (*line)(void *ctx, const char *text, size_t n),
                  void *ctx)
{
    if (l->len > 0) {
        line(ctx, l->line, l->len);
        l->len = 0;
    }
}

void sw_lines_take(struct sw_lines *l, const char *bytes, size_t n,
                   void (*line)(void *ctx, const char *text, size_t n), void *ctx)
{
    while (n > 0) {
        size_t room = sizeof l->line - 1 - l->len, some = n < room ? n : room;
        const char *newline = memchr(bytes, '\n', n > room ? room + 1 : n);
        some = newline ? (size_t)(newline - bytes) : some;
        memcpy(l->line + l->len, bytes, some);
        l->len += some;
        bytes += some;
        n -= some;
        if (newline) {
            line(ctx, l->line, l->len);
            l->len = 0;
            bytes++;
            n--;
        } else if (n > 0) {
            sw_lines_end(l, line, ctx); /* it is full, and goes on */
        }
    }
}
