/* Reading by the table. */
#include "config/read.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/suggest.h"

/* ---- values ---- */

static enum sw_unit unit_of(enum sw_kind kind)
{
    switch (kind) {
    case SW_KIND_TIME:
        return SW_UNIT_TIME;
    case SW_KIND_RATE:
        return SW_UNIT_RATE;
    case SW_KIND_SIZE:
    case SW_KIND_QUEUE:
        return SW_UNIT_BYTES;
    case SW_KIND_SHARE:
        return SW_UNIT_SHARE;
    default:
        return SW_UNIT_COUNT;
    }
}

/* Is the number within the key's bounds? */
static bool in_range(const struct sw_key *key, int64_t value, const char *text, char *why)
{
    char low[SW_VALUE_WRITTEN], high[SW_VALUE_WRITTEN], quoted[SW_QUOTED_BYTES];
    if ((key->min == 0 && key->max == 0) || (value >= key->min && value <= key->max) ||
        (value == 0 && key->flags & SW_KEY_OR_ZERO)) {
        return true;
    }
    snprintf(why, SW_WHY, "expected %s to %s%s, found '%s'",
             sw_value_write(unit_of(key->kind), key->min, low),
             sw_value_write(unit_of(key->kind), key->max, high),
             key->flags & SW_KEY_OR_ZERO ? " (or 0)" : "", sw_quote(text, quoted));
    return false;
}

static bool number_parse(struct sw_setting *out, const struct sw_key *key, const char *text,
                         char *why)
{
    int64_t *n = &out->number;
    bool fine = false;
    switch (key->kind) {
    case SW_KIND_COUNT:
        fine = sw_count_parse(n, text, why);
        break;
    case SW_KIND_TIME:
        fine = sw_time_parse(n, text, why);
        break;
    case SW_KIND_RATE:
        fine = sw_rate_parse(n, text, why);
        break;
    case SW_KIND_SPEED:
        fine = sw_speed_parse(n, text, why);
        break;
    case SW_KIND_SIZE:
        fine = sw_size_parse(n, text, why);
        break;
    case SW_KIND_QUEUE:
        fine = sw_queue_parse(n, &out->packets, text, why);
        break;
    case SW_KIND_SHARE:
        fine = sw_share_parse(n, text, why);
        break;
    default:
        assert(0);
    }
    return fine && in_range(key, *n, text, why);
}

/* "tap, tun" of the words, at most cap bytes. */
static char *list_words(const char *const *words, char *buf, size_t cap)
{
    size_t used = 0;
    buf[0] = '\0';
    for (size_t i = 0; words[i] && used < cap; i++) {
        used += (size_t)snprintf(buf + used, cap - used, "%s%s", i ? ", " : "", words[i]);
    }
    return buf;
}

static bool word_parse(int64_t *index, const struct sw_key *key, const char *text, char *why)
{
    struct sw_suggestion near;
    char quoted[SW_QUOTED_BYTES], hint[96], list[128];
    sw_quote(text, quoted);
    sw_suggest_begin(&near, text);
    for (size_t i = 0; key->words[i]; i++) {
        if (strcmp(key->words[i], text) == 0) {
            *index = (int64_t)i;
            return true;
        }
        sw_suggest_offer(&near, key->words[i]);
    }
    for (size_t i = 0; key->later_words && key->later_words[i]; i++) {
        if (strcmp(key->later_words[i], text) == 0) {
            snprintf(why, SW_WHY, "the %s '%s' is not supported yet", key->name, quoted);
            return false;
        }
    }
    snprintf(why, SW_WHY, "expected %s%s, found '%s'%s", key->words[1] ? "one of " : "",
             list_words(key->words, list, sizeof list), quoted,
             sw_suggest_text(&near, hint, sizeof hint));
    return false;
}

static bool off_parse(const struct sw_key *key, const char *text, char *why)
{
    bool on = false;
    if (!sw_bool_parse(&on, text, why)) {
        return false;
    }
    if (on) {
        snprintf(why, SW_WHY, "'%s: %s' is not supported yet", key->name, text);
    }
    return !on;
}

static bool scalar_parse(struct sw_setting *out, const struct sw_key *key, const char *text,
                         char *why)
{
    bool on = false, fine;
    switch (key->kind) {
    case SW_KIND_TEXT:
        return true;
    case SW_KIND_NAME:
        return sw_name_check(text, "a name", why);
    case SW_KIND_BOOL:
        fine = sw_bool_parse(&on, text, why);
        out->number = on;
        return fine;
    case SW_KIND_OFF:
        return off_parse(key, text, why);
    case SW_KIND_MAC:
        return sw_station_parse(&out->mac, text, why);
    case SW_KIND_IP:
        return sw_unicast_parse(&out->ip, text, why);
    case SW_KIND_ADDRESS:
        if (strcmp(text, "dhcp") == 0) {
            snprintf(why, SW_WHY, "the address 'dhcp' is not supported yet");
            return false;
        }
        return sw_host_address_parse(&out->prefix, text, why);
    case SW_KIND_NET:
        return sw_net_parse(&out->prefix, text, why);
    case SW_KIND_WORD:
        return word_parse(&out->number, key, text, why);
    case SW_KIND_HOST:
    case SW_KIND_HOST_OR_IP:
    case SW_KIND_URL:
    case SW_KIND_PATH:
    case SW_KIND_FILE:
    case SW_KIND_ENDPOINT:
    case SW_KIND_MATCH:
    case SW_KIND_STEP:
    case SW_KIND_COUNTER:
        if (text[0] == '\0') {
            snprintf(why, SW_WHY, "expected a text that is not empty");
            return false;
        }
        return true;
    default:
        return number_parse(out, key, text, why);
    }
}

/* What a value of this kind looks like, where something else was found. */
static const char *shape_of(const struct sw_key *key)
{
    static const char *const shapes[] = {
        [SW_KIND_TIME] = "a time like 10 ms",
        [SW_KIND_RATE] = "a rate like 100 Mbit",
        [SW_KIND_SIZE] = "a size like 64 KiB",
        [SW_KIND_QUEUE] = "a queue's limit like 100 packets or 64 KiB",
        [SW_KIND_SHARE] = "a share like 0.5 %",
        [SW_KIND_COUNT] = "a whole number",
        [SW_KIND_BOOL] = "on or off",
        [SW_KIND_OFF] = "on or off",
        [SW_KIND_MAC] = "a MAC address like 02:00:00:00:00:0a",
        [SW_KIND_IP] = "an address like 10.0.0.1",
        [SW_KIND_ADDRESS] = "an address like 10.0.0.1/24",
        [SW_KIND_ADDRESSES] = "an address like 10.0.0.1/24",
        [SW_KIND_NET] = "a net like 10.1.0.0/16",
        [SW_KIND_HOST] = "a host's name",
        [SW_KIND_HOST_OR_IP] = "a host's name or an address",
        [SW_KIND_SECTION] = "a mapping, as in { key: value }",
        [SW_KIND_STATIC] = "a mapping, as in { key: value }",
        [SW_KIND_REWRITE] = "a mapping, as in { key: value }",
        [SW_KIND_EXPECT] = "a mapping, as in { key: value }",
        [SW_KIND_NAMED] = "a mapping of names, as in { name: {} }",
        [SW_KIND_GROUPS] = "a mapping of names, as in { name: {} }",
        [SW_KIND_LIST] = "a list, each item behind a '-'",
        [SW_KIND_LINKS] = "a list of links, as in [[web, core]]",
        [SW_KIND_WORDS] = "a list, as in [one, two]",
        [SW_KIND_SERVICES] = "a list, as in [echo, http]",
        [SW_KIND_ENDS] = "two ends, as in [web, core]",
        [SW_KIND_URL] = "a URL like http://web/",
        [SW_KIND_PATH] = "a directory",
        [SW_KIND_FILE] = "a file",
        [SW_KIND_SPEED] = "a speed like 10x, kept or fast",
        [SW_KIND_NAME] = "a name",
        [SW_KIND_LINK] = "a link's name or its two nodes, as in [web, core]",
        [SW_KIND_OBJECT] = "a node, a port like core:p1, or a link",
        [SW_KIND_ENDPOINT] = "a host and a port like web:80",
        [SW_KIND_MATCH] = "a word like syn, or a filter like \"tcp port 80\"",
        [SW_KIND_STEP] = "the name of a step",
        [SW_KIND_COUNTER] = "the name of a counter",
        [SW_KIND_PARTITION] = "groups of hosts, as in [[a, b], [c]]",
        [SW_KIND_NOTHING] = "nothing",
        [SW_KIND_NAMES] = "a name, or a list of names",
        [SW_KIND_PATHS] = "the path of a LAN file, or a list of paths",
        [SW_KIND_MATRIX] = "a mapping of variables to lists, as in { rtt: [1 ms, 50 ms] }",
        [SW_KIND_COMMAND] = "a command, as in [./server, --port, \"80\"]",
        [SW_KIND_ENV] = "a mapping of variables, as in { NAME: value }",
        [SW_KIND_PLACES] = "the full path of a directory, or a list of them",
    };
    bool known = key->kind < sizeof shapes / sizeof shapes[0] && shapes[key->kind];
    return known ? shapes[key->kind] : "a text";
}

static void wrong_shape(const struct sw_key *key, const struct sw_yaml *node,
                        struct sw_report *report)
{
    char what[SW_QUOTED_BYTES];
    if (!node->bad) {
        SW_ERROR(report, node->where, "'%s': expected %s, found %s", key->name, shape_of(key),
                 sw_yaml_what(node, what));
    }
}

/* A list of words, or one alone. */
static void words_read(struct sw_setting *out, const struct sw_key *key, const struct sw_yaml *node,
                       struct sw_report *report)
{
    if (node->kind != SW_YAML_LIST) {
        wrong_shape(key, node, report);
        return;
    }
    out->ok = true;
    for (size_t i = 0; i < node->count; i++) {
        const struct sw_yaml *item = node->items[i];
        char why[SW_WHY], what[SW_QUOTED_BYTES];
        int64_t index = 0;
        if (item->kind != SW_YAML_SCALAR || item->empty) {
            SW_ERROR(report, item->where, "'%s': expected a word, found %s", key->name,
                     sw_yaml_what(item, what));
            out->ok = false;
        } else if (item->bad || !word_parse(&index, key, item->text, why)) {
            if (!item->bad) {
                SW_ERROR(report, item->where, "'%s': %s", key->name, why);
            }
            out->ok = false;
        } else {
            out->number |= (int64_t)1 << index;
        }
    }
}

/* What consists of several: here only that it is a list or a mapping, as it should; NULL where the
 * kind is a scalar's. */
static const enum sw_yaml_kind *container_of(enum sw_kind kind)
{
    static const enum sw_yaml_kind list = SW_YAML_LIST, map = SW_YAML_MAP;
    switch (kind) {
    case SW_KIND_SECTION:
    case SW_KIND_NAMED:
    case SW_KIND_STATIC:
    case SW_KIND_REWRITE:
    case SW_KIND_EXPECT:
    case SW_KIND_GROUPS:
    case SW_KIND_MATRIX:
    case SW_KIND_ENV:
        return &map;
    case SW_KIND_LIST:
    case SW_KIND_LINKS:
    case SW_KIND_SERVICES:
    case SW_KIND_ENDS:
    case SW_KIND_PARTITION:
        return &list;
    default:
        return NULL;
    }
}

/* Kinds that are written in several forms: which one, whoever builds by it looks. */
static bool has_forms(enum sw_kind kind)
{
    return kind == SW_KIND_ADDRESSES || kind == SW_KIND_LINK || kind == SW_KIND_OBJECT ||
           kind == SW_KIND_NOTHING || kind == SW_KIND_NAMES || kind == SW_KIND_PATHS ||
           kind == SW_KIND_COMMAND || kind == SW_KIND_PLACES;
}

static bool is_form(const struct sw_key *key, const struct sw_yaml *node)
{
    bool text = node->kind == SW_YAML_SCALAR && !node->empty;
    if (key->kind == SW_KIND_NOTHING) {
        return (node->kind == SW_YAML_SCALAR && (node->empty || strcmp(node->text, "true") == 0)) ||
               (node->kind == SW_YAML_MAP && node->count == 0);
    }
    return node->kind == SW_YAML_LIST || text || (node->kind == SW_YAML_MAP && key->of);
}

void sw_setting_read(struct sw_setting *out, const struct sw_key *key, const struct sw_yaml *node,
                     struct sw_report *report)
{
    char why[SW_WHY];
    *out = (struct sw_setting){.node = node};
    if (node->bad) {
        return;
    }
    const enum sw_yaml_kind *container = container_of(key->kind);
    if (container) {
        out->ok = node->kind == *container ||
                  (node->empty && key->kind != SW_KIND_ENDS && key->kind != SW_KIND_PARTITION);
        if (!out->ok) {
            wrong_shape(key, node, report);
        }
        return;
    }
    if (key->kind == SW_KIND_WORDS) {
        words_read(out, key, node, report);
        return;
    }
    if (has_forms(key->kind)) {
        out->ok = is_form(key, node);
        if (!out->ok) {
            wrong_shape(key, node, report);
        }
        return;
    }
    if (node->kind == SW_YAML_MAP && node->count > 0 && key->of) {
        out->ok = true;
        return;
    }
    if (node->kind != SW_YAML_SCALAR || node->empty) {
        wrong_shape(key, node, report);
        return;
    }
    out->ok = scalar_parse(out, key, node->text, why);
    if (!out->ok) {
        SW_ERROR(report, node->where, "'%s': %s", key->name, why);
    }
}

/* ---- sections ---- */

static const struct sw_key *find_key(const struct sw_section *section, const char *name)
{
    for (size_t i = 0; i < section->count; i++) {
        if (strcmp(section->keys[i].name, name) == 0) {
            return &section->keys[i];
        }
    }
    return NULL;
}

static void unknown_key(const struct sw_section *section, const struct sw_yaml *key,
                        struct sw_report *report)
{
    struct sw_suggestion near;
    char quoted[SW_QUOTED_BYTES], hint[96], list[256];
    size_t used = 0, keys = 0;
    sw_suggest_begin(&near, key->text);
    list[0] = '\0';
    for (size_t i = 0; i < section->count; i++) {
        sw_suggest_offer(&near, section->keys[i].name);
        if (!(section->keys[i].flags & SW_KEY_LATER) && used < sizeof list) {
            keys++;
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "",
                                     section->keys[i].name);
        }
    }
    sw_quote(key->text, quoted);
    if (near.best) {
        SW_ERROR(report, key->where, "unknown key '%s' in %s%s", quoted, section->what,
                 sw_suggest_text(&near, hint, sizeof hint));
    } else if (used == 0) {
        SW_ERROR(report, key->where, "unknown key '%s' in %s, which has no settings yet", quoted,
                 section->what);
    } else {
        SW_ERROR(report, key->where, "unknown key '%s' in %s, expected %s%s", quoted, section->what,
                 keys > 1 ? "one of " : "", list);
    }
}

static void pair_read(struct sw_settings *out, const struct sw_section *section,
                      const struct sw_yaml_pair *pair, unsigned flags, struct sw_report *report)
{
    const struct sw_key *key = find_key(section, pair->key->text);
    if (!key) {
        if (section != &sw_section_top || strncmp(pair->key->text, "x-", 2) != 0) {
            unknown_key(section, pair->key, report);
        }
        return;
    }
    if (key->flags & SW_KEY_LATER) {
        SW_ERROR(report, pair->key->where, "'%s' is not supported yet", key->name);
        return;
    }
    if (flags & SW_READ_DEFAULTS && key->flags & SW_KEY_OWN) {
        SW_ERROR(report, pair->key->where, "'%s' is %s's own and cannot be a %s", key->name,
                 section->what, flags & SW_READ_GROUP ? "group's" : "default");
        return;
    }
    sw_setting_read(&out->of[key - section->keys], key, pair->value, report);
}

bool sw_section_read(struct sw_settings *out, const struct sw_section *section,
                     const struct sw_yaml *node, unsigned flags, struct sw_report *report)
{
    assert(section->count <= SW_KEYS_MAX);
    *out = (struct sw_settings){.node = node};
    if (node->bad) {
        return false;
    }
    if (node->kind != SW_YAML_MAP && !node->empty) {
        char what[SW_QUOTED_BYTES];
        SW_ERROR(report, node->where, "expected %s as a mapping, { key: value }, found %s",
                 section->what, sw_yaml_what(node, what));
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        pair_read(out, section, &node->pairs[i], flags, report);
    }
    for (size_t i = 0; i < section->count && !(flags & SW_READ_DEFAULTS); i++) {
        if (section->keys[i].flags & SW_KEY_REQUIRED && !out->of[i].node) {
            SW_ERROR(report, node->where, "%s needs '%s'", section->what, section->keys[i].name);
        }
    }
    return true;
}

const struct sw_setting *sw_setting_pick(const struct sw_setting *nearer,
                                         const struct sw_setting *farther)
{
    if (nearer && nearer->node) {
        return nearer->ok ? nearer : NULL;
    }
    return farther && farther->node && farther->ok ? farther : NULL;
}
