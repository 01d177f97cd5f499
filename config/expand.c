/* Variables in texts. One pass from left to right; what a variable holds is not looked at again. */
#include "config/expand.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/suggest.h"

#define NAME_BYTES 128

struct expansion {
    char *bytes;
    size_t len, cap;
    int error;
};

static void put(struct expansion *e, const char *bytes, size_t n)
{
    if (e->error) {
        return;
    }
    if (e->len + n > SW_EXPAND_BYTES_MAX) {
        e->error = -EFBIG;
        return;
    }
    if (e->len + n + 1 > e->cap) {
        size_t cap = 2 * (e->len + n + 1);
        char *bigger = realloc(e->bytes, cap);
        if (!bigger) {
            e->error = -ENOMEM;
            return;
        }
        e->bytes = bigger;
        e->cap = cap;
    }
    if (n > 0) {
        memcpy(e->bytes + e->len, bytes, n);
    }
    e->len += n;
    e->bytes[e->len] = '\0';
}

static bool in_name(char c, bool first)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (!first && c >= '0' && c <= '9');
}

static const char *value_of(const struct sw_variables *v, const char *name)
{
    for (size_t i = v->set_count; i > 0; i--) {
        if (strcmp(v->sets[i - 1].name, name) == 0) {
            return v->sets[i - 1].value;
        }
    }
    for (size_t i = 0; i < v->matrix_count; i++) {
        if (strcmp(v->matrix[i].name, name) == 0) {
            return v->matrix[i].value;
        }
    }
    return v->io && v->io->variable ? v->io->variable(v->io->ctx, name) : NULL;
}

static void not_set(const struct sw_variables *v, const char *name, char *why)
{
    struct sw_suggestion near;
    char hint[SW_QUOTED_BYTES];
    sw_suggest_begin(&near, name);
    for (size_t i = 0; i < v->set_count; i++) {
        sw_suggest_offer(&near, v->sets[i].name);
    }
    for (size_t i = 0; i < v->matrix_count; i++) {
        sw_suggest_offer(&near, v->matrix[i].name);
    }
    if (near.best) {
        snprintf(why, SW_WHY, "the variable '%s' is not set%s", name,
                 sw_suggest_text(&near, hint, sizeof hint));
    } else {
        snprintf(why, SW_WHY,
                 "the variable '%.60s' is not set; expected --set %.60s=VALUE, or a default as in "
                 "${%.60s:-1}",
                 name, name, name);
    }
}

/* Reads what stands behind "${"; the number of bytes up to and with the "}", 0: wrong. */
static size_t braced(struct expansion *e, const char *text, const struct sw_variables *v, char *why)
{
    char name[NAME_BYTES];
    size_t n = 0;
    while (in_name(text[n], n == 0)) {
        n++;
    }
    const char *end = strchr(text, '}');
    if (!end) {
        snprintf(why, SW_WHY, "expected a '}' that closes this '${'");
        return 0;
    }
    bool fallback = strncmp(text + n, ":-", 2) == 0;
    if (n == 0 || n >= sizeof name || (text[n] != '}' && !fallback)) {
        snprintf(why, SW_WHY,
                 "expected ${NAME} or ${NAME:-default} (NAME of letters, digits and '_')");
        return 0;
    }
    memcpy(name, text, n);
    name[n] = '\0';
    const char *value = value_of(v, name);
    if (fallback && (!value || *value == '\0')) {
        const char *from = text + n + 2;
        if (memchr(from, '$', (size_t)(end - from))) {
            snprintf(why, SW_WHY, "a default is plain text; expected no '$' in it");
            return 0;
        }
        put(e, from, (size_t)(end - from));
    } else if (value) {
        put(e, value, strlen(value));
    } else {
        not_set(v, name, why);
        return 0;
    }
    return (size_t)(end - text) + 1;
}

int sw_expand(char **out, size_t *len, const char *text, const struct sw_variables *variables,
              char why[SW_WHY], size_t *at)
{
    struct expansion e = {0};
    put(&e, "", 0);
    for (size_t i = 0; !e.error && text[i] != '\0';) {
        size_t plain = strcspn(text + i, "$");
        put(&e, text + i, plain);
        i += plain;
        size_t used = 0;
        *at = i;
        if (text[i] == '\0') {
            break;
        }
        if (text[i + 1] == '$') {
            put(&e, "$", 1);
            used = 2;
        } else if (text[i + 1] == '{') {
            used = braced(&e, text + i + 2, variables, why);
            used += used > 0 ? 2 : 0;
        } else {
            snprintf(why, SW_WHY, "a '$' alone; expected $$ for a dollar, ${NAME} for a variable");
        }
        if (used == 0 && !e.error) {
            e.error = -EINVAL;
        }
        i += used;
    }
    if (e.error == -EFBIG) {
        snprintf(why, SW_WHY, "the text is over %u bytes once its variables are put in",
                 SW_EXPAND_BYTES_MAX);
        e.error = -EINVAL;
    }
    if (e.error) {
        free(e.bytes);
        return e.error;
    }
    *out = e.bytes;
    *len = e.len;
    return 0;
}
