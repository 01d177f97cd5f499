/* Collecting problems. Lines are counted as libyaml counts them: LF, CR, CR LF, NEL, LS and PS end
 * one. Columns are characters. */
#include "config/problem.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_CHARS 96 /* of a source line that are shown */
#define WHAT_BYTES 1000
#define MARK_BYTES 65536 /* from one mark to the next */

void sw_report_init(struct sw_report *report, struct sw_problems *problems,
                    const struct sw_source *source)
{
    *problems = (struct sw_problems){0};
    *report = (struct sw_report){.problems = problems};
    if (source) {
        sw_report_open(report, source);
    }
}

/* ---- files ---- */

void sw_report_open(struct sw_report *report, const struct sw_source *source)
{
    assert(report->file_count < SW_CONFIG_FILES_MAX);
    report->files[report->file_count++].source = source;
    report->source = source;
}

void sw_report_resume(struct sw_report *report, const struct sw_source *source)
{
    report->source = source;
}

/* The number of a place's file; without a name, or with one that is not known, the present one's.
 */
static size_t file_of(const struct sw_report *report, const char *path)
{
    size_t present = 0;
    for (size_t i = 0; i < report->file_count; i++) {
        const struct sw_source *source = report->files[i].source;
        if (path && (source->path == path || strcmp(source->path, path) == 0)) {
            return i;
        }
        present = source == report->source ? i : present;
    }
    return present;
}

size_t sw_report_file(const struct sw_report *report, struct sw_where where)
{
    return file_of(report, where.file);
}

int sw_report_compare(const struct sw_report *report, struct sw_where a, struct sw_where b)
{
    size_t left = file_of(report, a.file), right = file_of(report, b.file);
    if (left != right) {
        return left < right ? -1 : 1;
    }
    if (a.line != b.line) {
        return a.line < b.line ? -1 : 1;
    }
    return a.column < b.column ? -1 : a.column > b.column;
}

/* ---- places ---- */

/* How many bytes the line break at p has, 0: none is there. */
static size_t break_bytes(const unsigned char *p, size_t n)
{
    if (n == 0) {
        return 0;
    }
    if (p[0] == '\r' && n > 1 && p[1] == '\n') {
        return 2;
    }
    if (p[0] == '\n' || p[0] == '\r') {
        return 1;
    }
    if (p[0] == 0xc2 && n > 1 && p[1] == 0x85) {
        return 2;
    }
    return p[0] == 0xe2 && n > 2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9) ? 3 : 0;
}

/* How many bytes the character at p has; 1 for a byte that begins none. */
static size_t char_bytes(const unsigned char *p, size_t n)
{
    size_t want = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 1;
    for (size_t i = 1; i < want; i++) {
        if (i >= n || (p[i] & 0xc0) != 0x80) {
            return 1;
        }
    }
    return want;
}

static bool find_lines(struct sw_report *report, struct sw_report_file *file)
{
    const unsigned char *bytes = (const unsigned char *)file->source->bytes;
    size_t len = file->source->len, count = 1, next = MARK_BYTES;
    unsigned column = 1;
    if (file->lines) {
        return true;
    }
    for (size_t i = 0; i < len; i++) {
        count += break_bytes(bytes + i, len - i) > 0;
    }
    file->lines = malloc(count * sizeof(*file->lines));
    file->marks = calloc(len / MARK_BYTES + 1, sizeof(*file->marks));
    if (!file->lines || !file->marks) {
        free(file->lines);
        free(file->marks);
        file->lines = NULL;
        file->marks = NULL;
        report->no_memory = true;
        return false;
    }
    file->lines[0] = 0;
    file->line_count = 1;
    for (size_t i = 0; i < len;) {
        size_t n = break_bytes(bytes + i, len - i);
        if (i >= next) {
            file->marks[file->mark_count++] =
                (struct sw_report_mark){i, file->line_count - 1, column};
            next += MARK_BYTES;
        }
        i += n > 0 ? n : char_bytes(bytes + i, len - i);
        column = n > 0 ? 1 : column + 1;
        if (n > 0) {
            file->lines[file->line_count++] = i;
        }
    }
    return true;
}

/* The last mark of a line (counted from 0) at or before a place in it, else the line's beginning.
 * Cost: a step a mark, 256 in a file of 16 MiB. */
static struct sw_report_mark mark_before(const struct sw_report_file *file, size_t line,
                                         unsigned column, size_t offset)
{
    struct sw_report_mark found = {file->lines[line], line, 1};
    for (size_t i = 0; i < file->mark_count; i++) {
        const struct sw_report_mark *mark = &file->marks[i];
        if (mark->line == line && mark->column <= column && mark->offset <= offset) {
            found = *mark;
        }
    }
    return found;
}

struct sw_where sw_report_where(struct sw_report *report, size_t offset)
{
    struct sw_report_file *file = &report->files[file_of(report, NULL)];
    const unsigned char *bytes = (const unsigned char *)file->source->bytes;
    struct sw_where where = {.file = file->source->path, .line = 1, .column = 1};
    if (!find_lines(report, file)) {
        return where;
    }
    size_t line = file->line_count - 1;
    while (file->lines[line] > offset) {
        line--;
    }
    struct sw_report_mark mark = mark_before(file, line, UINT_MAX, offset);
    size_t at = mark.offset;
    where.column = mark.column;
    for (; at < offset && at < file->source->len; where.column++) {
        at += char_bytes(bytes + at, file->source->len - at);
    }
    where.line = (unsigned)line + 1;
    return where;
}

size_t sw_report_offset(struct sw_report *report, struct sw_where where)
{
    struct sw_report_file *file = &report->files[file_of(report, where.file)];
    const unsigned char *bytes = (const unsigned char *)file->source->bytes;
    size_t len = file->source->len;
    if (!find_lines(report, file) || where.line == 0 || where.line > file->line_count) {
        return len;
    }
    struct sw_report_mark mark = mark_before(file, where.line - 1, where.column, len);
    size_t at = mark.offset;
    for (unsigned column = mark.column; column < where.column && at < len; column++) {
        at += char_bytes(bytes + at, len - at);
    }
    return at;
}

struct sw_where sw_report_within(struct sw_report *report, struct sw_where where, const char *text,
                                 size_t at)
{
    const struct sw_source *source = report->files[file_of(report, where.file)].source;
    size_t begin = sw_report_offset(report, where), n = strlen(text);
    bool quote =
        begin < source->len && (source->bytes[begin] == '"' || source->bytes[begin] == '\'');
    begin += quote;
    if (begin > source->len || n > source->len - begin ||
        memcmp(source->bytes + begin, text, n) != 0) {
        return where;
    }
    where.column += quote;
    for (size_t i = 0; i < at; i++) {
        where.column += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    return where;
}

/* ---- one problem ---- */

/* The line of a place, cut to LINE_CHARS around it, and where the place is in what is left. Tabs
 * and control characters become spaces, so that the caret stands where it should. */
static char *excerpt(struct sw_report *report, struct sw_where where, unsigned *caret)
{
    struct sw_report_file *file = &report->files[file_of(report, where.file)];
    const unsigned char *bytes = (const unsigned char *)file->source->bytes;
    size_t len = file->source->len;
    if (!find_lines(report, file) || where.line == 0 || where.line > file->line_count) {
        return NULL;
    }
    size_t first = where.column > LINE_CHARS * 2 / 3 ? where.column - LINE_CHARS / 2 : 1;
    struct sw_report_mark mark = mark_before(file, where.line - 1, (unsigned)first, len);
    size_t used = 0, column = mark.column;
    char *text = malloc(LINE_CHARS * 4 + 16);
    if (!text) {
        report->no_memory = true;
        return NULL;
    }
    if (first > 1) {
        memcpy(text, "…", 3);
        used = 3;
    }
    *caret = where.column - (unsigned)first + 1 + (first > 1);
    for (size_t at = mark.offset; at < len && break_bytes(bytes + at, len - at) == 0; column++) {
        size_t n = char_bytes(bytes + at, len - at);
        if (column == first + LINE_CHARS) {
            memcpy(text + used, "…", 3);
            used += 3;
            break;
        }
        if (column >= first && n == 1) {
            text[used++] = bytes[at] < ' ' ? ' ' : bytes[at] >= 0x7f ? '?' : (char)bytes[at];
        } else if (column >= first) {
            memcpy(text + used, bytes + at, n);
            used += n;
        }
        at += n;
    }
    text[used] = '\0';
    return text;
}

/* The problems' own copy of a file's name; NULL: out of memory. */
static const char *own_file(struct sw_report *report, const char *path)
{
    struct sw_problems *p = report->problems;
    for (size_t i = 0; i < p->file_count; i++) {
        if (strcmp(p->files[i], path) == 0) {
            return p->files[i];
        }
    }
    char **files = realloc(p->files, (p->file_count + 1) * sizeof(*files));
    if (!files) {
        return NULL;
    }
    p->files = files;
    size_t n = strlen(path) + 1;
    char *copy = malloc(n);
    if (copy) {
        memcpy(copy, path, n);
        files[p->file_count++] = copy;
    }
    return copy;
}

static struct sw_problem *append(struct sw_report *report)
{
    struct sw_problems *p = report->problems;
    if (p->count == report->cap) {
        size_t cap = report->cap ? report->cap * 2 : 16;
        struct sw_problem *list = realloc(p->list, cap * sizeof(*list));
        if (!list) {
            report->no_memory = true;
            return NULL;
        }
        p->list = list;
        report->cap = cap;
    }
    return &p->list[p->count];
}

/* What an alias, a default or a `count` brings to several places is read, and found wrong, more
 * than once; it is one problem. Cost: a comparison of places for each that is kept. */
static bool is_said(const struct sw_report *report, struct sw_where where, const char *what)
{
    const struct sw_problems *p = report->problems;
    for (size_t i = p->count; i > 0; i--) {
        const struct sw_problem *other = &p->list[i - 1];
        if (other->where.line == where.line && other->where.column == where.column &&
            strcmp(other->where.file, where.file) == 0 && strcmp(other->what, what) == 0) {
            return true;
        }
    }
    return false;
}

bool sw_report_full(const struct sw_report *report, enum sw_problem_kind kind)
{
    return report->found[kind] >= SW_PROBLEMS_MAX;
}

void sw_report_add(struct sw_report *report, enum sw_problem_kind kind, struct sw_where where,
                   const char *format, ...)
{
    char what[WHAT_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    where.file = report->files[file_of(report, where.file)].source->path;
    if (is_said(report, where, what)) {
        return;
    }
    bool full = sw_report_full(report, kind);
    report->found[kind]++;
    report->problems->errors += kind == SW_PROBLEM_ERROR;
    if (full) {
        return;
    }
    struct sw_problem *problem = append(report);
    const char *file = problem ? own_file(report, where.file) : NULL;
    size_t n = strlen(what) + 1;
    char *copy = file ? malloc(n) : NULL;
    if (!copy) {
        report->no_memory = true;
        return;
    }
    memcpy(copy, what, n);
    where.file = file;
    *problem = (struct sw_problem){.kind = kind, .where = where, .what = copy};
    problem->source = excerpt(report, where, &problem->caret);
    report->problems->count++;
}

/* ---- all of them ---- */

/* Merges list[0..half) and list[half..n), of equals the left one first. */
static void merge(const struct sw_report *report, struct sw_problem *list, size_t half, size_t n,
                  struct sw_problem *spare)
{
    size_t left = 0, right = half;
    for (size_t i = 0; i < n; i++) {
        bool take_right = left == half || (right < n && sw_report_compare(report, list[left].where,
                                                                          list[right].where) > 0);
        spare[i] = list[take_right ? right++ : left++];
    }
    memcpy(list, spare, n * sizeof(*list));
}

/* Stable, so that what was found first at one place is said first. */
static bool sort_by_place(const struct sw_report *report, struct sw_problem *list, size_t n)
{
    struct sw_problem *spare = malloc((n + 1) * sizeof(*spare));
    if (!spare) {
        return false;
    }
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t i = 0; i + width < n; i += 2 * width) {
            size_t whole = n - i < 2 * width ? n - i : 2 * width;
            merge(report, list + i, width, whole, spare);
        }
    }
    free(spare);
    return true;
}

static void problem_fini(struct sw_problem *problem)
{
    free(problem->what);
    free(problem->source);
}

/* A last line of each kind, of the file as a whole. */
static void say_left_out(struct sw_report *report, enum sw_problem_kind kind)
{
    struct sw_problem *problem = append(report);
    char *what = problem ? malloc(WHAT_BYTES) : NULL;
    if (!what) {
        report->no_memory = true;
        return;
    }
    size_t n = report->found[kind] - SW_PROBLEMS_MAX;
    snprintf(what, WHAT_BYTES, "and %zu more %s%s", n,
             kind == SW_PROBLEM_ERROR ? "error" : "warning", n == 1 ? "" : "s");
    *problem = (struct sw_problem){
        .kind = kind, .where = {.file = report->problems->list[0].where.file}, .what = what};
    report->problems->count++;
}

int sw_report_end(struct sw_report *report)
{
    struct sw_problems *p = report->problems;
    for (size_t i = 0; i < report->file_count; i++) {
        free(report->files[i].lines);
        free(report->files[i].marks);
        report->files[i].lines = NULL;
        report->files[i].marks = NULL;
    }
    if (p->count > 0 && !sort_by_place(report, p->list, p->count)) {
        report->no_memory = true;
    }
    for (int kind = SW_PROBLEM_WARNING; kind >= SW_PROBLEM_ERROR; kind--) {
        if (report->found[kind] > SW_PROBLEMS_MAX) {
            say_left_out(report, (enum sw_problem_kind)kind);
        }
    }
    return report->no_memory ? -ENOMEM : 0;
}

void sw_problems_fini(struct sw_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        problem_fini(&problems->list[i]);
    }
    for (size_t i = 0; i < problems->file_count; i++) {
        free(problems->files[i]);
    }
    free(problems->list);
    free(problems->files);
    *problems = (struct sw_problems){0};
}

char *sw_problem_text(const struct sw_problem *problem)
{
    const char *kind = problem->kind == SW_PROBLEM_ERROR ? "error" : "warning";
    const char *file = problem->where.file ? problem->where.file : "";
    size_t source = problem->source ? strlen(problem->source) : 0;
    size_t cap = strlen(file) + strlen(problem->what) + source + problem->caret + 96;
    char *text = malloc(cap);
    if (!text) {
        return NULL;
    }
    if (problem->where.line == 0) {
        snprintf(text, cap, "%s: %s: %s\n", file, kind, problem->what);
        return text;
    }
    int n = snprintf(text, cap, "%s:%u:%u: %s: %s\n", file, problem->where.line,
                     problem->where.column, kind, problem->what);
    if (problem->source) {
        snprintf(text + n, cap - (size_t)n, "    %s\n    %*s\n", problem->source,
                 (int)problem->caret, "^");
    }
    return text;
}
