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

static bool check_regex(struct sw_build *b, const char *name, const struct sw_yaml *node, size_t n)
{
    struct sw_regex *regex = NULL;
    const char *why = "";
    size_t at = 0;
    int error = sw_regex_new(&regex, node->text + 1, n - 2, &why, &at);
    sw_regex_free(regex);
    if (error == -ENOMEM) {
        b->no_memory = true;
    } else if (error == -E2BIG) {
        SW_ERROR(b->report, node->where, "'%s': the regular expression is too big", name);
    } else if (error) {
        char quoted[SW_QUOTED_BYTES];
        SW_ERROR(b->report, node->where,
                 "'%s': %s in the regular expression, at its character %zu: '%s'", name, why,
                 at + 1, sw_quote(node->text, quoted));
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

static bool check_sha256(struct sw_build *b, const char *name, const struct sw_yaml *node,
                         const char *digits)
{
    char quoted[SW_QUOTED_BYTES];
    if (strlen(digits) == 64 && strspn(digits, "0123456789abcdefABCDEF") == 64) {
        return true;
    }
    SW_ERROR(b->report, node->where, "'%s': expected 64 hexadecimal digits, found '%s'", name,
             sw_quote(digits, quoted));
    return false;
}

/* Who may stand in a table: of a switch MAC addresses, of a host addresses; hosts for both. */
static bool check_entry(struct sw_build *b, const char *name, const struct sw_yaml *node,
                        const struct sw_topo_step *step)
{
    struct sw_mac mac;
    struct sw_ip ip;
    char quoted[SW_QUOTED_BYTES];
    bool is_mac = sw_mac_parse(&mac, node->text), is_ip = sw_ip_parse(&ip, node->text);
    bool of_host = step->of.kind == SW_OBJECT_HOST;
    if (!is_mac && !is_ip) {
        struct sw_node found;
        bool host = sw_build_find(b, node->text, &found) && found.kind == SW_NODE_HOST;
        if (!host) {
            sw_build_unknown(b, node->where, node->text, true);
        }
        return host;
    }
    if (step->of.written && is_ip != of_host) {
        SW_ERROR(b->report, node->where, "'%s': '%s' is %s, and this table has %s", name,
                 sw_quote(node->text, quoted), is_ip ? "an IP address" : "a MAC address",
                 of_host ? "IP addresses" : "MAC addresses");
        return false;
    }
    return true;
}

static bool check_text(struct sw_build *b, const struct sw_topo_step *step,
                       const struct sw_metric_row *row, const struct sw_yaml *node)
{
    static const char prefix[] = "sha256:";
    size_t n = strlen(node->text);
    switch (row->metric) {
    case SW_METRIC_SHA256:
        return check_sha256(b, row->name, node, node->text);
    case SW_METRIC_RESULT:
        return check_result(b, node);
    case SW_METRIC_HAS:
    case SW_METRIC_LACKS:
        return check_entry(b, row->name, node, step);
    case SW_METRIC_RECEIVE:
        if (strncmp(node->text, prefix, strlen(prefix)) == 0) {
            return check_sha256(b, row->name, node, node->text + strlen(prefix));
        }
        break;
    default:
        break;
    }
    return n < 2 || node->text[0] != '/' || node->text[n - 1] != '/' ||
           check_regex(b, row->name, node, n);
}

/* ---- one expectation ---- */

static void unknown_metric(struct sw_build *b, const struct sw_topo_step *step,
                           const struct sw_yaml *key)
{
    struct sw_suggestion near;
    char quoted[SW_QUOTED_BYTES], hint[96], list[200] = "";
    const char *of = sw_step_kind_name(step->kind);
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
        SW_ERROR(b->report, key->where, "%s measures no '%s'%s", of, quoted,
                 sw_suggest_text(&near, hint, sizeof hint));
    } else {
        SW_ERROR(b->report, key->where, "%s measures no '%s', expected %s%s", of, quoted,
                 strchr(list, ',') ? "one of " : "", list);
    }
}

/* One value of a metric. */
static void build_value(struct sw_build *b, struct sw_topo_step *step,
                        const struct sw_metric_row *row, const struct sw_yaml *node)
{
    char why[SW_WHY], what[SW_QUOTED_BYTES];
    struct sw_topo_expect expect = {
        .metric = row->metric, .unit = row->unit, .where = sw_build_place(b, node->where)};
    if (node->bad) {
        return;
    }
    if (node->kind != SW_YAML_SCALAR || (node->empty && row->unit != SW_UNIT_TEXT)) {
        SW_ERROR(b->report, node->where, "'%s': expected a value or a comparison, found %s",
                 row->name, sw_yaml_what(node, what));
        return;
    }
    if (row->unit == SW_UNIT_TEXT) {
        if (!check_text(b, step, row, node)) {
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

static void build_expect(struct sw_build *b, struct sw_topo_step *step,
                         const struct sw_yaml_pair *pair)
{
    const struct sw_yaml *node = pair->value;
    const struct sw_metric_row *row = sw_metric_find(step->kind, pair->key->text);
    if (!row) {
        unknown_metric(b, step, pair->key);
        return;
    }
    if (step->udp ? !row->udp : !row->tcp) {
        SW_ERROR(b->report, pair->key->where, "'%s' is measured with protocol: %s", row->name,
                 row->tcp ? "tcp" : "udp");
        return;
    }
    /* Several can stand in a table, and several can be missing. */
    bool many = row->metric == SW_METRIC_HAS || row->metric == SW_METRIC_LACKS;
    if (!many || node->kind != SW_YAML_LIST) {
        build_value(b, step, row, node);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        build_value(b, step, row, node->items[i]);
    }
}

/* Has this kind of step anything to measure? */
static bool measures(enum sw_step_kind kind)
{
    size_t count;
    const struct sw_metric_row *rows = sw_metric_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].step == kind) {
            return true;
        }
    }
    return false;
}

void sw_build_expects(struct sw_build *b, struct sw_topo_step *step, const struct sw_setting *said)
{
    size_t count;
    const struct sw_metric_row *rows = sw_metric_rows(&count);
    if (said && !measures(step->kind)) {
        SW_ERROR(b->report, said->node->where, "%s measures nothing, so nothing can be expected",
                 step->kind == SW_STEP_ACTION ? "an action" : sw_step_kind_name(step->kind));
        return;
    }
    for (size_t i = 0; said && said->ok && i < said->node->count; i++) {
        build_expect(b, step, &said->node->pairs[i]);
    }
    size_t said_count = step->expect_count;
    sw_build_possible(b, step);
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
