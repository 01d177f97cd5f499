/* What libyaml found wrong. Its own words ("did not find expected key") help only who knows its
 * insides; the cases that people run into are told apart here by those words and by the characters
 * at the place. */
#include "config/yaml_error.h"

#include <stdio.h>
#include <string.h>

struct fault {
    struct sw_report *report;
    struct sw_where where, context; /* where it was noticed, and where what it is in began */
    const char *problem, *in;       /* libyaml's words, never NULL */
    char at, before;                /* the characters at `where` and before it; NUL: none */
    char last;                      /* before it, blanks left out */
};

static bool says(const struct fault *f, const char *words)
{
    return strstr(f->problem, words) != NULL;
}

static bool within(const struct fault *f, const char *words)
{
    return strstr(f->in, words) != NULL;
}

static void quote_this(const struct fault *f, struct sw_where where)
{
    size_t at = sw_report_offset(f->report, where);
    const struct sw_source *source = f->report->source;
    SW_ERROR(f->report, where, "a value cannot begin with '%c' here; put this in quotes",
             at < source->len ? source->bytes[at] : ' ');
}

/* Faults that quotes mend. */
static bool wants_quotes(const struct fault *f)
{
    if (f->at == '{' && f->before == '$') {
        struct sw_where dollar = f->where;
        dollar.column--;
        SW_ERROR(f->report, dollar, "a variable within { } or [ ]; put this in quotes: \"${...}\"");
        return true;
    }
    if (says(f, "cannot start any token") && f->at != '\t' && f->at != '\0') {
        quote_this(f, f->where);
        return true;
    }
    if (within(f, "scanning an alias") || within(f, "scanning an anchor") ||
        within(f, "scanning a directive") || within(f, "a tag") ||
        (within(f, "block scalar") && !says(f, "tab"))) {
        quote_this(f, f->context);
        return true;
    }
    return false;
}

/* More text behind what YAML took for a whole list or mapping. */
static bool behind_brackets(const struct fault *f)
{
    bool key = says(f, "did not find expected key");
    if ((f->last != ']' && f->last != '}') ||
        (!key && !says(f, "expected ',' or '}'") && !says(f, "expected ',' or ']'"))) {
        return false;
    }
    SW_ERROR(f->report, f->where,
             "expected %s behind the '%c'; if the value is a text that begins with '%c', put this "
             "in quotes",
             key ? "the next key" : "','", f->last, f->last == ']' ? '[' : '{');
    return true;
}

static bool common(const struct fault *f)
{
    struct sw_report *r = f->report;
    if (f->at == '\t' || says(f, "tab character")) {
        SW_ERROR(r, f->where, "a tab cannot indent; expected spaces");
    } else if (says(f, "unexpected end of stream") && within(f, "quoted scalar")) {
        SW_ERROR(r, f->context, "this quote is never closed");
    } else if (says(f, "unknown escape")) {
        SW_ERROR(
            r, f->where,
            "unknown escape in double quotes; expected '\\\\' for a backslash, or single quotes");
    } else if (says(f, "hexdecimal number")) {
        SW_ERROR(r, f->where,
                 "expected hexadecimal digits: two behind \\x, four behind \\u, eight behind \\U");
    } else if (says(f, "invalid Unicode character escape")) {
        SW_ERROR(r, f->where, "no character has this number");
    } else if (says(f, "expected node content")) {
        SW_ERROR(r, f->where, "expected a value here");
    } else if (says(f, "incompatible YAML document")) {
        SW_ERROR(r, f->where, "expected YAML 1.1 or 1.2");
    } else if (says(f, "mapping values are not allowed")) {
        SW_ERROR(r, f->where,
                 "a ':' is not expected here; check the indentation and the line before, or put "
                 "this in quotes");
    } else if (says(f, "could not find expected ':'")) {
        SW_ERROR(r, f->context, "expected a ':' behind this key");
    } else if (says(f, "expected ',' or '}'") || says(f, "expected ',' or ']'")) {
        char close = says(f, "'}'") ? '}' : ']';
        SW_ERROR(r, f->where, "expected ',' or the '%c' that closes line %u, column %u", close,
                 f->context.line, f->context.column);
    } else if (says(f, "did not find expected key") || says(f, "expected '-' indicator")) {
        SW_ERROR(r, f->where, "expected %s; check the indentation and the quotes before it",
                 says(f, "key") ? "the next key" : "the next '-' of the list");
    } else {
        return false;
    }
    return true;
}

static void unreadable(const struct fault *f)
{
    if (says(f, "control characters")) {
        SW_ERROR(f->report, f->where, "a control character is not allowed in YAML");
    } else {
        SW_ERROR(f->report, f->where, "the file is not UTF-8 from here on");
    }
}

static struct sw_where place(yaml_mark_t mark)
{
    return (struct sw_where){.line = (unsigned)mark.line + 1, .column = (unsigned)mark.column + 1};
}

void sw_yaml_report_syntax(struct sw_report *report, const yaml_parser_t *parser)
{
    const struct sw_source *source = report->source;
    struct fault f = {
        .report = report,
        .where = place(parser->problem_mark),
        .context = place(parser->context_mark),
        .problem = parser->problem ? parser->problem : "",
        .in = parser->context ? parser->context : "",
    };
    if (parser->error == YAML_READER_ERROR) {
        f.where = sw_report_where(report, parser->problem_offset);
        unreadable(&f);
        return;
    }
    size_t at = sw_report_offset(report, f.where);
    f.at = at < source->len ? source->bytes[at] : '\0';
    f.before = at > 0 && at <= source->len ? source->bytes[at - 1] : '\0';
    size_t last = at <= source->len ? at : source->len;
    while (last > 0 && (source->bytes[last - 1] == ' ' || source->bytes[last - 1] == '\t')) {
        last--;
    }
    f.last = last > 0 ? source->bytes[last - 1] : '\0';
    if (!wants_quotes(&f) && !behind_brackets(&f) && !common(&f)) {
        SW_ERROR(report, f.where, "this is not YAML: %s", f.problem);
    }
}
