/* What a step expects: said by the file, or held by default. Which metrics a step has, lan/metric.h
 * says. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/build.h"
#include "config/suggest.h"
#include "lan/metric.h"
#include "lan/regex.h"

static struct sw_topo_expect *add(struct sw_build *b, struct sw_topo_step *step,
                                  const struct sw_topo_expect *expect, const char *written)
{
    struct sw_topo_expect *all = sw_build_room(b, step->expects, step->expect_count, sizeof *all);
    step->expects = all ? all : step->expects;
    char *copy = all ? sw_build_copy(b, written) : NULL;
    if (!copy) {
        return NULL;
    }
    all[step->expect_count] = *expect;
    all[step->expect_count].written = copy;
    return &all[step->expect_count++];
}

/* ---- texts ---- */

static bool check_regex(struct sw_build *b, const struct sw_yaml *node, size_t n)
{
    struct sw_regex *regex = NULL;
    const char *why = "";
    size_t at = 0;
    int error = sw_regex_new(&regex, node->text + 1, n - 2, &why, &at);
    sw_regex_free(regex);
    if (error == -ENOMEM) {
        b->no_memory = true;
    } else if (error == -E2BIG) {
        SW_ERROR(b->report, node->where, "'body': the regular expression is too big");
    } else if (error) {
        char quoted[SW_QUOTED_BYTES];
        SW_ERROR(b->report, node->where,
                 "'body': %s in the regular expression, at its character %zu: '%s'", why, at + 1,
                 sw_quote(node->text, quoted));
    }
    return error == 0;
}

static bool check_result(struct sw_build *b, const struct sw_yaml *node)
{
    struct sw_suggestion near;
    char quoted[SW_QUOTED_BYTES], hint[96], list[96] = "";
    size_t used = 0;
    const char *word;
    sw_suggest_begin(&near, node->text);
    for (unsigned i = 0; (word = sw_result_word(i)) != NULL; i++) {
        if (strcmp(word, node->text) == 0) {
            return true;
        }
        sw_suggest_offer(&near, word);
        if (used < sizeof list) {
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", word);
        }
    }
    SW_ERROR(b->report, node->where, "'result': expected one of %s, found '%s'%s", list,
             sw_quote(node->text, quoted), sw_suggest_text(&near, hint, sizeof hint));
    return false;
}

static bool check_text(struct sw_build *b, const struct sw_metric_row *row,
                       const struct sw_yaml *node)
{
    size_t n = strlen(node->text);
    char quoted[SW_QUOTED_BYTES];
    switch (row->metric) {
    case SW_METRIC_SHA256:
        if (n == 64 && strspn(node->text, "0123456789abcdefABCDEF") == 64) {
            return true;
        }
        SW_ERROR(b->report, node->where, "'sha256': expected 64 hexadecimal digits, found '%s'",
                 sw_quote(node->text, quoted));
        return false;
    case SW_METRIC_RESULT:
        return check_result(b, node);
    default:
        return n < 2 || node->text[0] != '/' || node->text[n - 1] != '/' || check_regex(b, node, n);
    }
}

/* ---- one expectation ---- */

static void unknown_metric(struct sw_build *b, const struct sw_topo_step *step,
                           const struct sw_yaml *key)
{
    struct sw_suggestion near;
    char quoted[SW_QUOTED_BYTES], hint[96], list[200] = "";
    size_t count, used = 0;
    const struct sw_metric_row *rows = sw_metric_rows(&count);
    sw_suggest_begin(&near, key->text);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].step == step->kind) {
            sw_suggest_offer(&near, rows[i].name);
            used += used < sizeof list ? (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                                          used ? ", " : "", rows[i].name)
                                       : 0;
        }
    }
    sw_quote(key->text, quoted);
    if (near.best) {
        SW_ERROR(b->report, key->where, "%s measures no '%s'%s", sw_step_kind_name(step->kind),
                 quoted, sw_suggest_text(&near, hint, sizeof hint));
    } else {
        SW_ERROR(b->report, key->where, "%s measures no '%s', expected one of %s",
                 sw_step_kind_name(step->kind), quoted, list);
    }
}

static void build_expect(struct sw_build *b, struct sw_topo_step *step,
                         const struct sw_yaml_pair *pair)
{
    const struct sw_yaml *node = pair->value;
    const struct sw_metric_row *row = sw_metric_find(step->kind, pair->key->text);
    char why[SW_WHY], what[SW_QUOTED_BYTES];
    if (!row) {
        unknown_metric(b, step, pair->key);
        return;
    }
    if (step->udp ? !row->udp : !row->tcp) {
        SW_ERROR(b->report, pair->key->where, "'%s' is measured with protocol: %s", row->name,
                 row->tcp ? "tcp" : "udp");
        return;
    }
    if (node->bad) {
        return;
    }
    if (node->kind != SW_YAML_SCALAR || (node->empty && row->unit != SW_UNIT_TEXT)) {
        SW_ERROR(b->report, node->where, "'%s': expected a value or a comparison, found %s",
                 row->name, sw_yaml_what(node, what));
        return;
    }
    struct sw_topo_expect expect = {
        .metric = row->metric, .unit = row->unit, .where = sw_build_place(b, node->where)};
    if (row->unit == SW_UNIT_TEXT) {
        if (!check_text(b, row, node)) {
            return;
        }
    } else if (!sw_expectation_parse(&expect.lo, &expect.hi, row->unit, row->plain, node->text,
                                     why)) {
        SW_ERROR(b->report, node->where, "'%s': %s", row->name, why);
        return;
    }
    struct sw_topo_expect *added = add(b, step, &expect, node->text);
    if (!added || row->unit != SW_UNIT_TEXT) {
        return;
    }
    added->text = sw_build_copy(b, node->text);
    for (char *c = added->text; row->metric == SW_METRIC_SHA256 && c && *c; c++) {
        *c = *c >= 'A' && *c <= 'F' ? (char)(*c - 'A' + 'a') : *c;
    }
}

void sw_build_expects(struct sw_build *b, struct sw_topo_step *step, const struct sw_setting *said)
{
    size_t count;
    const struct sw_metric_row *rows = sw_metric_rows(&count);
    if (said && step->kind == SW_STEP_WAIT) {
        SW_ERROR(b->report, said->node->where, "wait measures nothing, so nothing can be expected");
        return;
    }
    for (size_t i = 0; said && said->ok && i < said->node->count; i++) {
        build_expect(b, step, &said->node->pairs[i]);
    }
    size_t said_count = step->expect_count;
    for (size_t i = 0; i < count; i++) {
        const struct sw_metric_row *row = &rows[i];
        if (row->step != step->kind || !(step->udp ? row->udp : row->tcp) ||
            !sw_metric_holds_unsaid(row, step->expects, said_count)) {
            continue;
        }
        struct sw_topo_expect expect = {.metric = row->metric,
                                        .unit = row->unit,
                                        .lo = row->lo,
                                        .hi = row->hi,
                                        .unsaid = true,
                                        .where = step->where};
        struct sw_topo_expect *added = add(b, step, &expect, row->unsaid);
        if (added && row->unit == SW_UNIT_TEXT) {
            added->text = sw_build_copy(b, row->unsaid);
        }
    }
}
