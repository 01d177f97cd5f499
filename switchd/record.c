/* Records as lines of JSON. See record.h. */
#include "switchd/record.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/utf8.h"

static const char *const kind_words[] = {"run", "step", "event", "check", "end", "skip", "output"};
#define KINDS (sizeof kind_words / sizeof *kind_words)
static const char *const unit_words[] = {"count", "ns", "bit/s", "ppb", "bytes", "text"};
#define UNITS (sizeof unit_words / sizeof *unit_words)

/* ---- writing ---- */

/* A string of any bytes. */
static json_t *text_of(const char *bytes)
{
    char *clean = malloc(3 * strlen(bytes) + 1), *to = clean;
    if (!clean) {
        return NULL;
    }
    while (*bytes) {
        size_t n = sw_utf8_character(bytes);
        const char *from = n ? bytes : SW_UTF8_REPLACEMENT;
        size_t length = n ? n : sizeof SW_UTF8_REPLACEMENT - 1;
        memcpy(to, from, length);
        to += length;
        bytes += n ? n : 1;
    }
    json_t *text = json_stringn(clean, (size_t)(to - clean));
    free(clean);
    return text;
}

/* -1: out of memory. Nothing to say is nothing said. */
static int put_text(json_t *object, const char *key, const char *text)
{
    return text ? json_object_set_new(object, key, text_of(text)) : 0;
}

static int put_number(json_t *object, const char *key, int64_t number)
{
    return json_object_set_new(object, key, json_integer(number));
}

/* A 64-bit number of no sign: no integer of JSON's readers holds it. */
static int put_hex(json_t *object, const char *key, uint64_t number)
{
    char text[20];
    snprintf(text, sizeof text, "%016" PRIx64, number);
    return json_object_set_new(object, key, json_string(text));
}

static int put_run(json_t *o, const struct sw_run_info *run)
{
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, run->seed);
    return put_text(o, "file", run->file) | put_text(o, "seed", seed) |
           put_text(o, "time", run->real ? "real" : "virtual") | put_text(o, "replay", run->replay);
}

static int put_values(json_t *o, const struct sw_record *r)
{
    json_t *all = r->value_count ? json_object() : NULL;
    int rc = r->value_count ? json_object_set_new(o, "values", all) : 0;
    for (size_t i = 0; i < r->value_count && rc == 0; i++) {
        json_t *one = json_object();
        rc = json_object_set_new(all, r->values[i].name, one);
        rc = rc ? rc : put_text(one, "unit", unit_words[r->values[i].unit]);
        rc = rc ? rc : put_number(one, "value", r->values[i].number);
    }
    return rc;
}

static int put_line(json_t *o, const struct sw_printed *line)
{
    return put_text(o, "host", line->host) | put_text(o, "stream", line->stream) |
           put_text(o, "text", line->text);
}

static int put_printed(json_t *o, const struct sw_record *r)
{
    json_t *all = r->printed_count ? json_array() : NULL;
    int rc = r->printed_count ? json_object_set_new(o, "printed", all) : 0;
    for (size_t i = 0; i < r->printed_count && rc == 0; i++) {
        json_t *one = json_object();
        rc = json_array_append_new(all, one);
        rc = rc ? rc : put_number(one, "at", r->printed[i].at) | put_line(one, &r->printed[i]);
    }
    return rc || r->printed_before == 0
               ? rc
               : put_number(o, "printed-before", (int64_t)r->printed_before);
}

static int put_check(json_t *o, const struct sw_record *r)
{
    return json_object_set_new(o, "passed", json_boolean(r->passed)) |
           put_number(o, "began", r->began) | put_text(o, "expected", r->expected) |
           put_text(o, "seen", r->seen) | put_text(o, "figure", r->figure) | put_values(o, r) |
           put_printed(o, r);
}

static int put_end(json_t *o, const struct sw_record *r)
{
    int rc = r->digested ? put_hex(o, "digest", r->digest) : 0;
    if (r->late.turns == 0) {
        return rc;
    }
    json_t *late = json_object();
    return rc | json_object_set_new(o, "late", late) |
           put_number(late, "turns", (int64_t)r->late.turns) |
           put_number(late, "p50", r->late.p50) | put_number(late, "p95", r->late.p95) |
           put_number(late, "max", r->late.max);
}

static int put_record(json_t *o, const struct sw_run_info *run, const struct sw_record *r)
{
    int rc = put_text(o, "record", kind_words[r->kind]) | put_text(o, "run", run->name);
    rc |= r->kind == SW_RECORD_RUN ? put_run(o, run) : put_number(o, "at", r->at);
    rc |= put_text(o, "name", r->name) | put_text(o, "step", r->step);
    if (r->where.line) {
        rc |= put_text(o, "file", r->where.file) | put_number(o, "line", r->where.line) |
              put_number(o, "column", r->where.column);
    }
    rc |= r->kind == SW_RECORD_CHECK ? put_check(o, r) : 0;
    rc |= r->kind == SW_RECORD_END ? put_end(o, r) : 0;
    rc |= r->kind == SW_RECORD_OUTPUT ? put_line(o, r->printed) : 0;
    return rc | put_text(o, "why", r->why);
}

char *sw_record_write(const struct sw_run_info *run, const struct sw_record *record)
{
    json_t *o = json_object();
    char *line = NULL;
    if (o && put_record(o, run, record) == 0) {
        char *text = json_dumps(o, JSON_COMPACT);
        size_t n = text ? strlen(text) : 0;
        line = text ? realloc(text, n + 2) : NULL;
        if (line) {
            memcpy(line + n, "\n", 2);
        } else {
            free(text);
        }
    }
    json_decref(o);
    return line;
}

/* ---- reading ---- */

static const char *get_text(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static int64_t get_number(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static size_t word_at(const char *const *words, size_t count, const char *word)
{
    size_t i = 0;
    while (i < count && (!word || strcmp(words[i], word) != 0)) {
        i++;
    }
    return i;
}

static int get_values(struct sw_record_line *out, json_t *all)
{
    size_t n = json_object_size(all);
    if (n == 0) {
        return 0;
    }
    out->values = calloc(n, sizeof *out->values);
    if (!out->values) {
        return -ENOMEM;
    }
    const char *name;
    json_t *one;
    size_t i = 0;
    json_object_foreach(all, name, one)
    {
        size_t unit = word_at(unit_words, UNITS, get_text(one, "unit"));
        if (unit == UNITS) {
            return -EINVAL;
        }
        out->values[i++] = (struct sw_value){name, (enum sw_unit)unit, get_number(one, "value")};
    }
    out->record.values = out->values;
    out->record.value_count = n;
    return 0;
}

static struct sw_printed get_line(const json_t *o)
{
    const char *host = get_text(o, "host"), *stream = get_text(o, "stream");
    const char *text = get_text(o, "text");
    return (struct sw_printed){get_number(o, "at"), host ? host : "", stream ? stream : "",
                               text ? text : ""};
}

/* Of a record that is a line itself, that; of a check those that were shown with it. */
static int get_printed(struct sw_record_line *out, const json_t *o)
{
    const json_t *all = json_object_get(o, "printed");
    bool is_line = out->record.kind == SW_RECORD_OUTPUT;
    size_t n = is_line ? 1 : json_array_size(all);
    if (n == 0) {
        return 0;
    }
    out->printed = calloc(n, sizeof *out->printed);
    if (!out->printed) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        out->printed[i] = get_line(is_line ? o : json_array_get(all, i));
    }
    out->record.printed = out->printed;
    out->record.printed_count = n;
    out->record.printed_before = (uint64_t)get_number(o, "printed-before");
    return 0;
}

static int get_record(struct sw_record_line *out, const json_t *o)
{
    size_t kind = word_at(kind_words, KINDS, get_text(o, "record"));
    const char *seed = get_text(o, "seed"), *time = get_text(o, "time");
    const char *digest = get_text(o, "digest");
    const json_t *late = json_object_get(o, "late");
    out->run = (struct sw_run_info){.name = get_text(o, "run"),
                                    .file = get_text(o, "file"),
                                    .seed = seed ? strtoull(seed, NULL, 10) : 0,
                                    .real = time && strcmp(time, "real") == 0,
                                    .replay = get_text(o, "replay")};
    if (kind == KINDS || !out->run.name) {
        return -EINVAL;
    }
    out->record = (struct sw_record){
        .kind = (enum sw_record_kind)kind,
        .at = get_number(o, "at"),
        .name = get_text(o, "name"),
        .step = get_text(o, "step"),
        .where = {.file = get_text(o, "file"),
                  .line = (unsigned)get_number(o, "line"),
                  .column = (unsigned)get_number(o, "column")},
        .passed = json_is_true(json_object_get(o, "passed")),
        .expected = get_text(o, "expected"),
        .seen = get_text(o, "seen"),
        .figure = get_text(o, "figure"),
        .why = get_text(o, "why"),
        .began = get_number(o, "began"),
        .digested = digest != NULL,
        .digest = digest ? strtoull(digest, NULL, 16) : 0,
        .late = {.turns = (uint64_t)get_number(late, "turns"),
                 .p50 = get_number(late, "p50"),
                 .p95 = get_number(late, "p95"),
                 .max = get_number(late, "max")},
    };
    int rc = get_values(out, json_object_get(o, "values"));
    return rc ? rc : get_printed(out, o);
}

int sw_record_read(struct sw_record_line *out, const char *line)
{
    *out = (struct sw_record_line){.json = json_loads(line, 0, NULL)};
    int rc = out->json ? get_record(out, out->json) : -EINVAL;
    if (rc) {
        sw_record_release(out);
    }
    return rc;
}

void sw_record_release(struct sw_record_line *line)
{
    free(line->values);
    free(line->printed);
    json_decref(line->json);
    *line = (struct sw_record_line){0};
}
