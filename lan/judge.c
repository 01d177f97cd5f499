/* What a step came to, and whether that is what was expected. See the header. */
#include "lan/judge.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lan/measure.h"
#include "lan/metric.h"
#include "lan/regex.h"

#define QUOTED 60 /* bytes of an answer that are shown */

/* A measured number. False: nothing was measured. */
static bool ping_number(const struct sw_ping_result *r, enum sw_metric metric, int64_t *out)
{
    bool replied = r->received > 0;
    switch (metric) {
    case SW_METRIC_LOSS:
        *out = sw_share_of(r->sent - r->received, r->sent);
        return r->sent > 0;
    case SW_METRIC_REPLIES:
        *out = r->received;
        return true;
    case SW_METRIC_RTT:
        *out = r->mean;
        return replied;
    case SW_METRIC_RTT_MIN:
        *out = r->min;
        return replied;
    case SW_METRIC_RTT_MAX:
        *out = r->max;
        return replied;
    case SW_METRIC_RTT_P50:
        *out = r->p50;
        return replied;
    case SW_METRIC_RTT_P99:
        *out = r->p99;
        return replied;
    case SW_METRIC_JITTER:
        *out = r->jitter;
        return replied;
    default:
        return false;
    }
}

static bool iperf_number(const struct sw_iperf_result *r, enum sw_metric metric, int64_t *out)
{
    switch (metric) {
    case SW_METRIC_THROUGHPUT:
        *out = (int64_t)r->throughput_bps;
        return true;
    case SW_METRIC_THROUGHPUT_MIN:
        *out = (int64_t)r->throughput_min_bps;
        return true;
    case SW_METRIC_RETRANSMITS:
        *out = (int64_t)r->retransmits;
        return true;
    case SW_METRIC_LOSS:
        *out = sw_share_of(r->lost, r->datagrams);
        return r->datagrams > 0;
    case SW_METRIC_JITTER:
        *out = r->jitter;
        return r->received_bytes > 0;
    case SW_METRIC_FAIRNESS:
        *out = r->fairness_ppb;
        return true;
    case SW_METRIC_TOOK:
        *out = r->took;
        return true;
    default:
        return false;
    }
}

static bool fetch_number(const struct sw_outcome *o, enum sw_metric metric, int64_t *out)
{
    const struct sw_fetch_result *r = &o->of.fetch;
    switch (metric) {
    case SW_METRIC_STATUS:
        *out = r->status;
        return !o->error;
    case SW_METRIC_SIZE:
        *out = (int64_t)r->size;
        return !o->error;
    case SW_METRIC_TOOK:
        *out = o->took;
        return true;
    default:
        return false;
    }
}

static bool run_number(const struct sw_outcome *o, enum sw_metric metric, int64_t *out)
{
    *out = metric == SW_METRIC_EXIT ? o->of.run.exit : o->took;
    return metric == SW_METRIC_EXIT || metric == SW_METRIC_TOOK;
}

static bool time_number(const struct sw_outcome *o, enum sw_metric metric, int64_t *out)
{
    *out = o->took;
    return metric == SW_METRIC_TOOK;
}

static bool table_number(const struct sw_outcome *o, enum sw_metric metric, int64_t *out)
{
    *out = (int64_t)o->of.table.entries;
    return metric == SW_METRIC_ENTRIES;
}

static bool number_of(const struct sw_outcome *o, enum sw_metric metric, int64_t *out)
{
    if (o->why) {
        return false;
    }
    switch (o->kind) {
    case SW_STEP_PING:
        return ping_number(&o->of.ping, metric, out);
    case SW_STEP_IPERF:
        return iperf_number(&o->of.iperf, metric, out);
    case SW_STEP_HTTP:
        return fetch_number(o, metric, out);
    case SW_STEP_TCP:
    case SW_STEP_UDP:
    case SW_STEP_PARALLEL:
        return time_number(o, metric, out);
    case SW_STEP_RUN:
        return run_number(o, metric, out);
    case SW_STEP_COUNTER:
    case SW_STEP_CAPTURE:
        *out = (int64_t)o->of.number;
        return metric == SW_METRIC_VALUE || metric == SW_METRIC_FRAMES;
    case SW_STEP_TABLE:
        return table_number(o, metric, out);
    case SW_STEP_WAIT:
    case SW_STEP_READY:
    case SW_STEP_REPEAT:
    case SW_STEP_JOIN:
    case SW_STEP_ACTION:
        break;
    }
    return false;
}

static const char *name_of(const struct sw_outcome *o, enum sw_metric metric)
{
    const struct sw_metric_row *row = sw_metric_row(o->kind, metric);
    return row ? row->name : "value";
}

/* Why there is nothing to measure. */
static const char *cause(const struct sw_outcome *o)
{
    return o->why ? o->why : o->error ? sw_result_of(o->error) : "no reply";
}

/* ---- texts ---- */

/* Equal but for one trailing newline, on either side. */
static bool same_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
    a_len -= a_len && a[a_len - 1] == '\n';
    b_len -= b_len && b[b_len - 1] == '\n';
    return a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* What came of a step: a body, or a text. */
struct answer {
    const char *bytes; /* the first len of size */
    size_t len;
    uint64_t size;
    const char *sha256;
};

static bool text_holds(const struct answer *a, const char *text)
{
    size_t n = strlen(text);
    struct sw_regex *regex;
    if (n < 2 || text[0] != '/' || text[n - 1] != '/') {
        return a->size == a->len && same_text(a->bytes, a->len, text, n);
    }
    if (sw_regex_new(&regex, text + 1, n - 2, NULL, NULL)) {
        return false;
    }
    bool found = sw_regex_search(regex, a->bytes, a->len);
    sw_regex_free(regex);
    return found;
}

static bool same_hex(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char x = *a >= 'A' && *a <= 'F' ? (char)(*a + 32) : *a;
        char y = *b >= 'A' && *b <= 'F' ? (char)(*b + 32) : *b;
        if (x != y) {
            return false;
        }
    }
    return *a == *b;
}

/* The answer's beginning between quotes; what cannot be printed is a dot. */
static void quote(const struct answer *a, const char *name, char *seen)
{
    char piece[QUOTED + 1];
    size_t n = a->len < QUOTED ? a->len : QUOTED;
    for (size_t i = 0; i < n; i++) {
        char c = a->bytes[i];
        piece[i] = c >= ' ' && c <= '~' ? c : '.';
    }
    piece[n] = 0;
    snprintf(seen, SW_JUDGE_TEXT, "%s \"%s\"%s", name, piece, a->size > n ? "..." : "");
}

static struct answer answer_of(const struct sw_outcome *o, enum sw_metric metric)
{
    const struct sw_command_result *r = &o->of.run;
    if (metric == SW_METRIC_STDOUT) {
        return (struct answer){r->out, r->out_len, r->out_size, ""};
    }
    if (metric == SW_METRIC_STDERR) {
        return (struct answer){r->err, r->err_len, r->err_size, ""};
    }
    const struct sw_fetch_result *f = &o->of.fetch;
    const struct sw_talk_result *t = &o->of.talk;
    if (o->kind == SW_STEP_HTTP) {
        return (struct answer){f->body, f->body_len, f->size, f->sha256};
    }
    return (struct answer){t->text, t->text_len, t->size, t->sha256};
}

static bool judge_table(const struct sw_outcome *o, const struct sw_topo_expect *e, char *seen)
{
    bool has = o->of.table.has(o->of.table.table, e->text ? e->text : "");
    snprintf(seen, SW_JUDGE_TEXT, "%s %.200s", has ? "it has" : "it lacks", e->text);
    return has == (e->metric == SW_METRIC_HAS);
}

#define SHA256 "sha256:"

static bool judge_text(const struct sw_outcome *o, const struct sw_topo_expect *e, char *seen)
{
    const char *text = e->text ? e->text : "";
    const char *result = o->why ? o->why : sw_result_of(o->error);
    if (e->metric == SW_METRIC_RESULT) {
        snprintf(seen, SW_JUDGE_TEXT, "result %s", result);
        return !o->why && strcmp(result, text) == 0;
    }
    if (o->error || o->why) {
        snprintf(seen, SW_JUDGE_TEXT, "no answer: %s", cause(o));
        return false;
    }
    if (o->kind == SW_STEP_TABLE) {
        return judge_table(o, e, seen);
    }
    struct answer a = answer_of(o, e->metric);
    bool prefixed = e->metric == SW_METRIC_RECEIVE && strncmp(text, SHA256, strlen(SHA256)) == 0;
    if (e->metric == SW_METRIC_SHA256 || prefixed) {
        snprintf(seen, SW_JUDGE_TEXT, "sha256 %s", a.sha256);
        return same_hex(a.sha256, text + (prefixed ? strlen(SHA256) : 0));
    }
    quote(&a, name_of(o, e->metric), seen);
    return text_holds(&a, text);
}

/* ---- the interface ---- */

bool sw_judge(const struct sw_outcome *outcome, const struct sw_topo_expect *expect, char *seen)
{
    char value_text[SW_VALUE_TEXT];
    const char *name = name_of(outcome, expect->metric);
    int64_t value;
    if (expect->unit == SW_UNIT_TEXT) {
        return judge_text(outcome, expect, seen);
    }
    if (!number_of(outcome, expect->metric, &value)) {
        snprintf(seen, SW_JUDGE_TEXT, "no %s: %s", name, cause(outcome));
        return false;
    }
    int n = snprintf(seen, SW_JUDGE_TEXT, "%s %s", name,
                     sw_value_text(expect->unit, value, value_text));
    if (outcome->error) {
        snprintf(seen + n, SW_JUDGE_TEXT - (size_t)n, " (%s)", cause(outcome));
    }
    /* What a flow carried until it broke off is no throughput of it. */
    bool broke_off = outcome->kind == SW_STEP_IPERF && outcome->error != 0 &&
                     expect->metric == SW_METRIC_THROUGHPUT;
    return !broke_off && value >= expect->lo && value <= expect->hi;
}

char *sw_judge_expected(const struct sw_outcome *outcome, const struct sw_topo_expect *expect,
                        char *text)
{
    const char *written = expect->written ? expect->written : expect->text ? expect->text : "?";
    snprintf(text, SW_JUDGE_TEXT, "%s %s", name_of(outcome, expect->metric), written);
    return text;
}

/* Milliseconds with three decimals, as ping(8) writes them. */
#define MS(t) (t) / SW_MS, (t) % SW_MS / SW_US
#define MS_FORMAT "%" PRId64 ".%03" PRId64

static void ping_figure(const struct sw_outcome *o, char *text)
{
    const struct sw_ping_result *r = &o->of.ping;
    int n = snprintf(text, SW_JUDGE_TEXT, "%u sent, %u received", r->sent, r->received);
    if (r->received) {
        snprintf(text + n, SW_JUDGE_TEXT - (size_t)n,
                 ", rtt " MS_FORMAT "/" MS_FORMAT "/" MS_FORMAT " ms", MS(r->min), MS(r->mean),
                 MS(r->max));
    } else if (o->error) {
        snprintf(text + n, SW_JUDGE_TEXT - (size_t)n, ", %s", sw_result_of(o->error));
    }
}

static void iperf_figure(const struct sw_outcome *o, char *text)
{
    const struct sw_iperf_result *r = &o->of.iperf;
    char rate[SW_VALUE_TEXT], took[SW_VALUE_TEXT], jitter[SW_VALUE_TEXT];
    int n = snprintf(text, SW_JUDGE_TEXT, "%s, %" PRIu64 " B in %s",
                     sw_value_text(SW_UNIT_RATE, (int64_t)r->throughput_bps, rate),
                     r->received_bytes, sw_value_text(SW_UNIT_TIME, r->took, took));
    if (o->udp) {
        n += snprintf(text + n, SW_JUDGE_TEXT - (size_t)n,
                      ", %" PRIu64 " of %" PRIu64 " lost, jitter %s", r->lost, r->datagrams,
                      sw_value_text(SW_UNIT_TIME, r->jitter, jitter));
    } else {
        n += snprintf(text + n, SW_JUDGE_TEXT - (size_t)n, ", %" PRIu64 " retransmits",
                      r->retransmits);
    }
    if (o->error) {
        snprintf(text + n, SW_JUDGE_TEXT - (size_t)n, ", %s", sw_result_of(o->error));
    }
}

static void answer_figure(const struct sw_outcome *o, char *text)
{
    char took[SW_VALUE_TEXT];
    sw_value_text(SW_UNIT_TIME, o->took, took);
    if (o->error) {
        snprintf(text, SW_JUDGE_TEXT, "%s after %s", sw_result_of(o->error), took);
    } else if (o->kind == SW_STEP_HTTP) {
        snprintf(text, SW_JUDGE_TEXT, "%u, %" PRIu64 " B in %s", o->of.fetch.status,
                 o->of.fetch.size, took);
    } else {
        snprintf(text, SW_JUDGE_TEXT, "%" PRIu64 " B in %s", o->of.talk.size, took);
    }
}

char *sw_judge_figure(const struct sw_outcome *outcome, char *text)
{
    char took[SW_VALUE_TEXT];
    sw_value_text(SW_UNIT_TIME, outcome->took, took);
    if (outcome->why) {
        snprintf(text, SW_JUDGE_TEXT, "%s", outcome->why);
        return text;
    }
    switch (outcome->kind) {
    case SW_STEP_PING:
        ping_figure(outcome, text);
        break;
    case SW_STEP_IPERF:
        iperf_figure(outcome, text);
        break;
    case SW_STEP_HTTP:
    case SW_STEP_TCP:
    case SW_STEP_UDP:
        answer_figure(outcome, text);
        break;
    case SW_STEP_RUN:
        snprintf(text, SW_JUDGE_TEXT, "exit %d in %s", outcome->of.run.exit, took);
        break;
    case SW_STEP_WAIT:
    case SW_STEP_READY:
    case SW_STEP_JOIN:
        snprintf(text, SW_JUDGE_TEXT, "waited %s", took);
        break;
    case SW_STEP_COUNTER:
        snprintf(text, SW_JUDGE_TEXT, "%" PRIu64, outcome->of.number);
        break;
    case SW_STEP_TABLE:
        snprintf(text, SW_JUDGE_TEXT, "%" PRIu64 " entries", outcome->of.table.entries);
        break;
    case SW_STEP_CAPTURE:
        snprintf(text, SW_JUDGE_TEXT, "%" PRIu64 " frames", outcome->of.number);
        break;
    case SW_STEP_PARALLEL:
    case SW_STEP_REPEAT:
        snprintf(text, SW_JUDGE_TEXT, "took %s", took);
        break;
    case SW_STEP_ACTION:
        snprintf(text, SW_JUDGE_TEXT, "done");
        break;
    }
    return text;
}

size_t sw_judge_values(const struct sw_outcome *outcome, struct sw_value out[SW_JUDGE_VALUES])
{
    size_t count, n = 0;
    const struct sw_metric_row *rows = sw_metric_rows(&count);
    for (size_t i = 0; i < count; i++) {
        const struct sw_metric_row *row = &rows[i];
        bool is_ours = row->step == outcome->kind && (outcome->udp ? row->udp : row->tcp);
        int64_t number;
        if (is_ours && row->unit != SW_UNIT_TEXT && number_of(outcome, row->metric, &number)) {
            assert(n < SW_JUDGE_VALUES);
            out[n++] = (struct sw_value){row->name, row->unit, number};
        }
    }
    return n;
}
