/* Writes switchd-lan(5): the page's prose as it stands, and in it, in place of the line below, the
 * reference of all keys as the parser's table gives it: write_lan_page PROSE.
 *
 * That reference is Markdown of a narrow kind: headings, paragraphs, tables, and within a line
 * code, bold and links. It becomes mdoc: headings subsections, tables tagged lists. */
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

#define PLACE ".\\\" The keys.\n"
#define COLUMNS 76
#define CELLS_MAX 8

struct text {
    char bytes[4096];
    size_t len;
};

static void put(struct text *out, const char *s, size_t len)
{
    assert(out->len + len < sizeof out->bytes);
    memcpy(out->bytes + out->len, s, len);
    out->len += len;
    out->bytes[out->len] = 0;
}

static void puts_text(struct text *out, const char *s)
{
    put(out, s, strlen(s));
}

/* As it is typed: a hyphen is no place to break a line at, and a quote ends no argument. */
static void put_typed(struct text *out, const char *s, const char *end)
{
    for (; s < end; s++) {
        const char *glyph = *s == '-' ? "\\-" : *s == '\\' ? "\\e" : *s == '"' ? "\\(dq" : NULL;
        put(out, glyph ? glyph : s, glyph ? strlen(glyph) : 1);
    }
}

/* One line of Markdown without what makes it a heading or a row. In the tag of a list code needs no
 * quotes: it is what the tag consists of. */
static void put_inline(struct text *out, const char *s, bool tag)
{
    bool bold = false;
    while (*s) {
        const char *code = *s == '`' ? strchr(s + 1, '`') : NULL;
        const char *link = *s == '[' ? strstr(s, "](") : NULL;
        const char *past = link ? strchr(link, ')') : NULL;
        if (strncmp(s, "**", 2) == 0) {
            bold = !bold;
            puts_text(out, bold ? "\\fB" : "\\fP");
            s += 2;
        } else if (code) {
            puts_text(out, tag ? "" : "\\%\\(oq"); /* not to be hyphenated either */
            put_typed(out, s + 1, code);
            puts_text(out, tag ? "" : "\\(cq");
            s = code + 1;
        } else if (past) {
            puts_text(out, "\\fI");
            put(out, s + 1, (size_t)(link - s - 1));
            puts_text(out, "\\fP");
            s = past + 1;
        } else {
            put_typed(out, s, s + 1);
            s++;
        }
    }
}

static bool ends_sentence(const char *word, size_t len)
{
    while (len > 0 && strchr(")\"", word[len - 1])) {
        len--;
    }
    return len > 0 && strchr(".!?", word[len - 1]) && (len < 3 || strncmp(word, "...", 3) != 0);
}

/* A paragraph: each sentence on a line of its own, since roff knows a sentence's end by the line's,
 * and no line longer than a screen is wide. */
static void print_wrapped(const char *s)
{
    size_t column = 0;
    while (*s) {
        size_t len = strcspn(s, " ");
        if (column > 0 && column + 1 + len > COLUMNS) {
            putchar('\n');
            column = 0;
        }
        if (column == 0 && strchr(".'", *s)) {
            fputs("\\&", stdout); /* no request, though it begins as one */
        }
        printf("%s%.*s", column > 0 ? " " : "", (int)len, s);
        column += len + 1;
        bool ended = ends_sentence(s, len);
        s += len + strspn(s + len, " ");
        if (ended && *s) {
            putchar('\n');
            column = 0;
        }
    }
    putchar('\n');
}

static void print_paragraph(const char *line)
{
    struct text out = {.len = 0};
    put_inline(&out, line, false);
    print_wrapped(out.bytes);
}

/* ---- tables ---- */

/* Cuts a row at its bars; the cells without the blanks around them. */
static size_t cut_row(char *line, char **cells)
{
    size_t n = 0;
    char *bar;
    for (char *s = line + 1; (bar = strchr(s, '|')) != NULL && n < CELLS_MAX; s = bar + 1) {
        s += strspn(s, " ");
        char *end = bar;
        while (end > s && end[-1] == ' ') {
            end--;
        }
        *end = 0;
        cells[n++] = s < bar ? s : end;
    }
    return n;
}

/* "delay: time, 0 to 1 h (default: 0)", and below it the last cell: a sentence. */
static void print_row(char *const *heads, char *const *cells, size_t n)
{
    struct text tag = {.len = 0};
    bool open = false;
    put_inline(&tag, cells[0], true);
    for (size_t i = 1; i + 1 < n; i++) {
        if (!*cells[i]) {
            continue;
        }
        bool value = strcmp(heads[i], "value") == 0;
        bool name = strcmp(heads[i], "metric") == 0;
        if (value || name) {
            puts_text(&tag, value ? ": " : " ");
        } else {
            puts_text(&tag, open ? ", " : " (");
            puts_text(&tag, heads[i]);
            puts_text(&tag, ": ");
            open = true;
        }
        put_inline(&tag, cells[i], true);
    }
    printf(".It \"%s%s\"\n", tag.bytes, open ? ")" : "");
    struct text body = {.len = 0};
    put_inline(&body, cells[n - 1], false);
    puts_text(&body, ".");
    print_wrapped(body.bytes);
}

/* Cuts the next line off; NULL: there is none. */
static char *next_line(char **rest)
{
    char *line = *rest;
    if (!line || !*line) {
        return NULL;
    }
    char *end = strchr(line, '\n');
    if (end) {
        *end++ = 0;
    }
    *rest = end;
    return line;
}

/* The table whose heads are in `line`. */
static void print_table(char *line, char **rest)
{
    char *heads[CELLS_MAX], *cells[CELLS_MAX];
    size_t columns = cut_row(line, heads);
    puts(".Bl -tag -width Ds");
    next_line(rest); /* the rule under the heads */
    while (*rest && **rest == '|') {
        if (cut_row(next_line(rest), cells) == columns && columns > 1) {
            print_row(heads, cells, columns);
        }
    }
    puts(".El");
}

/* ---- the page ---- */

static void print_reference(char *markdown)
{
    bool fresh = true; /* nothing stands between here and a heading */
    char *rest = markdown;
    for (char *line = next_line(&rest); line; line = next_line(&rest)) {
        if (*line == '#') {
            printf(".Ss %s\n", line + strspn(line, "# "));
            fresh = true;
        } else if (*line == '|') {
            print_table(line, &rest);
            fresh = false;
        } else if (*line) {
            fputs(fresh ? "" : ".Pp\n", stdout);
            print_paragraph(line);
            fresh = false;
        }
    }
}

int main(int argc, char **argv)
{
    FILE *prose = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!prose) {
        fputs("usage: write_lan_page PROSE\n", stderr);
        return 2;
    }
    char line[512];
    bool placed = false;
    while (fgets(line, sizeof line, prose)) {
        if (strcmp(line, PLACE) != 0) {
            fputs(line, stdout);
            continue;
        }
        char *markdown = sw_config_reference();
        if (!markdown) {
            break;
        }
        print_reference(markdown);
        free(markdown);
        placed = true;
    }
    fclose(prose);
    return !placed || fflush(stdout) != 0;
}
