/* The matrix: its axes, and which values a combination takes. The last axis changes first. */
#include "config/matrix.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct axis {
    const struct sw_yaml *key;
    struct sw_yaml *const *items; /* NULL: the one value that a set gives */
    size_t count;
    const char *set;
};

struct matrix {
    struct sw_report *report;
    const struct sw_variables *variables;
    struct axis axes[SW_MATRIX_AXES_MAX];
    size_t count;
};

static const char *set_value(const struct sw_variables *v, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < v->set_count; i++) {
        value = strcmp(v->sets[i].name, name) == 0 ? v->sets[i].value : value;
    }
    return value;
}

/* Is it a name that ${NAME} can hold? */
static bool is_variable(const char *text)
{
    size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
    return n > 0 && n < 100 && text[n] == '\0' && (text[0] < '0' || text[0] > '9');
}

static bool check_items(struct matrix *m, const struct sw_yaml *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct sw_yaml *item = list->items[i];
        char what[SW_QUOTED_BYTES];
        if (item->kind != SW_YAML_SCALAR || item->empty) {
            SW_ERROR(m->report, item->where, "'matrix': expected a value, found %s",
                     sw_yaml_what(item, what));
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(list->items[j]->text, item->text) == 0) {
                SW_ERROR(m->report, item->where, "'matrix': the value %s is given twice",
                         sw_yaml_what(item, what));
                return false;
            }
        }
    }
    return true;
}

static bool add_axis(struct matrix *m, const struct sw_yaml_pair *pair)
{
    const struct sw_yaml *list = pair->value;
    char what[SW_QUOTED_BYTES], quoted[SW_QUOTED_BYTES];
    if (!is_variable(pair->key->text)) {
        SW_ERROR(m->report, pair->key->where,
                 "'matrix': expected a variable's name of letters, digits and '_', found '%s'",
                 sw_quote(pair->key->text, quoted));
        return false;
    }
    if (list->kind != SW_YAML_LIST || list->count == 0) {
        SW_ERROR(m->report, list->where, "'matrix': expected a list of values, found %s",
                 list->kind == SW_YAML_LIST ? "an empty one" : sw_yaml_what(list, what));
        return false;
    }
    if (list->count > SW_MATRIX_COMBINATIONS_MAX) {
        SW_ERROR(m->report, list->where, "'matrix': more than %d combinations",
                 SW_MATRIX_COMBINATIONS_MAX);
        return false;
    }
    if (m->count == SW_MATRIX_AXES_MAX) {
        SW_ERROR(m->report, pair->key->where, "'matrix': more than %d variables",
                 SW_MATRIX_AXES_MAX);
        return false;
    }
    if (!check_items(m, list)) {
        return false;
    }
    const char *set = set_value(m->variables, pair->key->text);
    m->axes[m->count++] =
        (struct axis){pair->key, set ? NULL : list->items, set ? 1 : list->count, set};
    return true;
}

/* The value of an axis, malloc'd, its own variables put in. */
static int value_of(struct matrix *m, const struct axis *axis, size_t i, char **out)
{
    char why[SW_WHY];
    size_t len = 0, at = 0;
    if (axis->set) {
        *out = sw_text_copy(axis->set);
        return *out ? 0 : -ENOMEM;
    }
    int error = sw_expand(out, &len, axis->items[i]->text, m->variables, why, &at);
    if (error == -EINVAL) {
        SW_ERROR(m->report, axis->items[i]->where, "%s", why);
    }
    return error;
}

/* "rtt=1 ms, loss=0 %". */
static char *text_of(const struct sw_config_choice *choice)
{
    size_t cap = 1, used = 0;
    for (size_t i = 0; i < choice->value_count; i++) {
        const struct sw_config_set *set = &choice->values[i];
        assert(set->name && set->value);
        cap += strlen(set->name) + strlen(set->value) + 3;
    }
    char *text = malloc(cap);
    for (size_t i = 0; text && i < choice->value_count; i++) {
        used += (size_t)snprintf(text + used, cap - used, "%s%s=%s", i ? ", " : "",
                                 choice->values[i].name, choice->values[i].value);
    }
    return text;
}

static int take(struct matrix *m, struct sw_config_choice *choice)
{
    size_t rest = choice->combination, stride = choice->combinations;
    choice->values = calloc(m->count + 1, sizeof *choice->values);
    if (!choice->values) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < m->count; i++) {
        const struct axis *axis = &m->axes[i];
        char *value = NULL, *name = sw_text_copy(axis->key->text);
        stride /= axis->count;
        int error = name ? value_of(m, axis, rest / stride, &value) : -ENOMEM;
        if (error) {
            free(name);
            return error;
        }
        rest %= stride;
        choice->values[choice->value_count++] = (struct sw_config_set){name, value};
    }
    choice->text = text_of(choice);
    return choice->text ? 0 : -ENOMEM;
}

int sw_matrix_choose(struct sw_config_choice *choice, const struct sw_yaml *matrix,
                     const struct sw_variables *variables, struct sw_report *report)
{
    struct matrix m = {.report = report, .variables = variables};
    char what[SW_QUOTED_BYTES];
    if (matrix->bad) {
        return -EINVAL;
    }
    if (matrix->kind != SW_YAML_MAP || matrix->count == 0) {
        SW_ERROR(
            report, matrix->where,
            "'matrix': expected a mapping of variables to lists, as in { rtt: [1 ms, 50 ms] }, "
            "found %s",
            matrix->kind == SW_YAML_MAP ? "an empty one" : sw_yaml_what(matrix, what));
        return -EINVAL;
    }
    bool fine = true;
    size_t combinations = 1;
    for (size_t i = 0; i < matrix->count; i++) {
        fine = add_axis(&m, &matrix->pairs[i]) && fine;
    }
    for (size_t i = 0; i < m.count && fine; i++) {
        combinations *= m.axes[i].count;
        if (combinations > SW_MATRIX_COMBINATIONS_MAX) {
            SW_ERROR(report, matrix->where, "'matrix': more than %d combinations",
                     SW_MATRIX_COMBINATIONS_MAX);
            fine = false;
        }
    }
    if (fine && choice->combination >= combinations) {
        SW_ERROR(report, matrix->where, "'matrix': combination %zu is asked for, and it has %zu",
                 choice->combination + 1, combinations);
        fine = false;
    }
    if (!fine) {
        return -EINVAL;
    }
    choice->combinations = combinations;
    return take(&m, choice);
}
