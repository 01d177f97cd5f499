/* YAML as a tree. */
#include "config/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "config/names.h"
#include "config/yaml_error.h"

struct reader {
    yaml_parser_t parser;
    struct sw_document *doc;
    struct sw_report *report;
    struct sw_names anchors; /* name -> index in anchored */
    struct sw_yaml **anchored;
    size_t anchor_count, anchor_cap;
    size_t alias_nodes;
};

static struct sw_where place(const struct reader *r, yaml_mark_t mark)
{
    return (struct sw_where){.file = r->report->source->path,
                             .line = (unsigned)mark.line + 1,
                             .column = (unsigned)mark.column + 1};
}

static bool next(struct reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event)) {
        return true;
    }
    if (r->parser.error == YAML_MEMORY_ERROR) {
        r->doc->arena.no_memory = true;
    } else {
        sw_yaml_report_syntax(r->report, &r->parser);
    }
    return false;
}

static struct sw_yaml *node_new(struct reader *r, enum sw_yaml_kind kind, yaml_mark_t mark)
{
    struct sw_yaml *node = sw_arena_alloc(&r->doc->arena, sizeof(*node));
    if (node) {
        node->kind = kind;
        node->where = place(r, mark);
    }
    return node;
}

/* From here on `*name` means node. False: out of memory. */
static bool anchor(struct reader *r, const yaml_char_t *name, struct sw_yaml *node)
{
    if (!name) {
        return true;
    }
    struct sw_arena *arena = &r->doc->arena;
    struct sw_yaml **array = sw_arena_grow(arena, r->anchored, r->anchor_count, &r->anchor_cap,
                                           sizeof(struct sw_yaml *));
    char *copy = sw_arena_copy(arena, (const char *)name, strlen((const char *)name));
    if (!array || !copy || !sw_names_put(&r->anchors, copy, r->anchor_count)) {
        arena->no_memory = true;
        return false;
    }
    r->anchored = array;
    r->anchored[r->anchor_count++] = node;
    return true;
}

static void refuse_tag(struct reader *r, const yaml_char_t *tag, struct sw_yaml *node)
{
    if (tag) {
        char quoted[SW_QUOTED_BYTES];
        SW_ERROR(r->report, node->where,
                 "a value cannot have a tag here ('%s'); if it begins with '!', put this in quotes",
                 sw_quote((const char *)tag, quoted));
        node->bad = true;
    }
}

static struct sw_yaml *read_scalar(struct reader *r, const yaml_event_t *event)
{
    struct sw_yaml *node = node_new(r, SW_YAML_SCALAR, event->start_mark);
    const char *text = (const char *)event->data.scalar.value;
    size_t n = event->data.scalar.length;
    if (!node || !(node->text = sw_arena_copy(&r->doc->arena, text, n)) ||
        !anchor(r, event->data.scalar.anchor, node)) {
        return NULL;
    }
    node->weight = 1;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->empty = !node->quoted &&
                  (n == 0 || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
    refuse_tag(r, event->data.scalar.tag, node);
    if (memchr(text, '\0', n)) {
        SW_ERROR(r->report, node->where, "a text cannot have a NUL character in it");
        node->bad = true;
    }
    return node;
}

static struct sw_yaml *read_alias(struct reader *r, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct sw_where where = place(r, event->start_mark);
    struct sw_name *found = sw_names_find(&r->anchors, name);
    struct sw_yaml *node = found ? r->anchored[found->number] : NULL;
    char quoted[SW_QUOTED_BYTES];
    sw_quote(name, quoted);
    if (node && node->weight > 0) {
        r->alias_nodes += node->weight;
        if (r->alias_nodes <= SW_YAML_ALIAS_NODES_MAX) {
            return node;
        }
        SW_ERROR(r->report, where, "aliases expand to more than %u values",
                 SW_YAML_ALIAS_NODES_MAX);
        return NULL;
    }
    if (node) {
        SW_ERROR(r->report, where, "the alias '*%s' stands within what it names", quoted);
    } else {
        SW_ERROR(r->report, where,
                 "unknown alias '*%s'; if this is a text that begins with '*', put this in quotes",
                 quoted);
    }
    struct sw_yaml *bad = node_new(r, SW_YAML_SCALAR, event->start_mark);
    if (bad) {
        bad->bad = true;
        bad->weight = 1;
        bad->text = sw_arena_copy(&r->doc->arena, "", 0);
    }
    return bad && bad->text ? bad : NULL;
}

static struct sw_yaml *read_node(struct reader *r, const yaml_event_t *event, unsigned depth);

static struct sw_yaml *read_list(struct reader *r, const yaml_event_t *begin, unsigned depth)
{
    struct sw_yaml *list = node_new(r, SW_YAML_LIST, begin->start_mark);
    size_t cap = 0, weight = 1;
    if (!list || !anchor(r, begin->data.sequence_start.anchor, list)) {
        return NULL;
    }
    refuse_tag(r, begin->data.sequence_start.tag, list);
    for (;;) {
        yaml_event_t event;
        if (!next(r, &event)) {
            return NULL;
        }
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            list->weight = weight;
            return list;
        }
        struct sw_yaml *item = read_node(r, &event, depth + 1);
        yaml_event_delete(&event);
        struct sw_yaml **items = item ? sw_arena_grow(&r->doc->arena, list->items, list->count,
                                                      &cap, sizeof(struct sw_yaml *))
                                      : NULL;
        if (!items) {
            return NULL;
        }
        list->items = items;
        list->items[list->count++] = item;
        weight += item->weight;
    }
}

/* ---- mappings ---- */

static bool is_merge(const struct sw_yaml *key)
{
    return !key->quoted && strcmp(key->text, "<<") == 0;
}

/* Takes out every pair whose key came before. */
static bool drop_duplicates(struct reader *r, struct sw_yaml *map)
{
    struct sw_names seen = {0};
    size_t kept = 0;
    bool fine = true;
    for (size_t i = 0; i < map->count && fine; i++) {
        struct sw_yaml *key = map->pairs[i].key;
        struct sw_name *first = NULL, near;
        if (map->count > 16) {
            first = sw_names_find(&seen, key->text);
            fine = first || sw_names_put(&seen, key->text, key->where.line);
        } else {
            for (size_t j = 0; j < kept && !first; j++) {
                if (strcmp(map->pairs[j].key->text, key->text) == 0) {
                    near = (struct sw_name){.number = map->pairs[j].key->where.line};
                    first = &near;
                }
            }
        }
        if (first) {
            char quoted[SW_QUOTED_BYTES];
            SW_ERROR(r->report, key->where, "the key '%s' is given twice, first on line %u",
                     sw_quote(key->text, quoted), (unsigned)first->number);
        } else {
            map->pairs[kept++] = map->pairs[i];
        }
    }
    map->count = kept;
    sw_names_fini(&seen);
    r->doc->arena.no_memory = r->doc->arena.no_memory || !fine;
    return fine;
}

static bool append_pair(struct reader *r, struct sw_yaml *map, size_t *cap,
                        struct sw_yaml_pair pair)
{
    struct sw_yaml_pair *pairs =
        sw_arena_grow(&r->doc->arena, map->pairs, map->count, cap, sizeof(*pairs));
    if (!pairs) {
        return false;
    }
    map->pairs = pairs;
    map->pairs[map->count++] = pair;
    return true;
}

/* A mapping that takes up what others say; the names are those of its keys. */
struct merging {
    struct sw_yaml *map;
    size_t *cap;
    struct sw_names names;
};

/* What the mapping does not say itself, it has from `from`. */
static bool merge_one(struct reader *r, struct merging *m, const struct sw_yaml *from)
{
    if (from->kind != SW_YAML_MAP) {
        char what[SW_QUOTED_BYTES];
        if (!from->bad) {
            SW_ERROR(r->report, from->where,
                     "'<<' merges a mapping or a list of mappings, found %s",
                     sw_yaml_what(from, what));
        }
        return true;
    }
    for (size_t i = 0; i < from->count; i++) {
        const char *key = from->pairs[i].key->text;
        if (sw_names_find(&m->names, key)) {
            continue;
        }
        if (!sw_names_put(&m->names, key, 0) || !append_pair(r, m->map, m->cap, from->pairs[i])) {
            return false;
        }
    }
    return true;
}

static bool merge_all(struct reader *r, struct merging *m, const struct sw_yaml *from)
{
    for (size_t i = 0; i < m->map->count; i++) {
        if (!sw_names_put(&m->names, m->map->pairs[i].key->text, 0)) {
            return false;
        }
    }
    if (from->kind != SW_YAML_LIST) {
        return merge_one(r, m, from);
    }
    for (size_t i = 0; i < from->count; i++) {
        if (!merge_one(r, m, from->items[i])) {
            return false;
        }
    }
    return true;
}

static bool merge(struct reader *r, struct sw_yaml *map, size_t *cap)
{
    size_t at = 0;
    while (at < map->count && !is_merge(map->pairs[at].key)) {
        at++;
    }
    if (at == map->count) {
        return true;
    }
    const struct sw_yaml *from = map->pairs[at].value;
    struct merging m = {.map = map, .cap = cap};
    map->count--;
    memmove(&map->pairs[at], &map->pairs[at + 1], (map->count - at) * sizeof(map->pairs[0]));
    bool fine = merge_all(r, &m, from);
    sw_names_fini(&m.names);
    r->doc->arena.no_memory = r->doc->arena.no_memory || !fine;
    return fine;
}

/* A key and its value; event is the key's. */
static bool read_pair(struct reader *r, const yaml_event_t *event, struct sw_yaml_pair *out,
                      unsigned depth)
{
    yaml_event_t value;
    /* A key's text stands as it is: values alone hold variables. */
    out->key =
        event->type == YAML_SCALAR_EVENT ? read_scalar(r, event) : read_node(r, event, depth + 1);
    if (!out->key || !next(r, &value)) {
        return false;
    }
    out->value = read_node(r, &value, depth + 1);
    yaml_event_delete(&value);
    return out->value != NULL;
}

static struct sw_yaml *read_map(struct reader *r, const yaml_event_t *begin, unsigned depth)
{
    struct sw_yaml *map = node_new(r, SW_YAML_MAP, begin->start_mark);
    size_t cap = 0, weight = 1;
    if (!map || !anchor(r, begin->data.mapping_start.anchor, map)) {
        return NULL;
    }
    refuse_tag(r, begin->data.mapping_start.tag, map);
    for (;;) {
        yaml_event_t event;
        if (!next(r, &event)) {
            return NULL;
        }
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            bool fine = drop_duplicates(r, map) && merge(r, map, &cap);
            map->weight = weight;
            return fine ? map : NULL;
        }
        struct sw_yaml_pair pair;
        bool fine = read_pair(r, &event, &pair, depth);
        yaml_event_delete(&event);
        if (!fine) {
            return NULL;
        }
        weight += pair.key->weight + pair.value->weight;
        if (pair.key->kind != SW_YAML_SCALAR) {
            SW_ERROR(r->report, pair.key->where,
                     "a key is a plain word, found a list or a mapping; if it begins with "
                     "'[' or '{', put this in quotes");
        } else if (!pair.key->bad && !append_pair(r, map, &cap, pair)) {
            return NULL;
        }
    }
}

static struct sw_yaml *read_node(struct reader *r, const yaml_event_t *event, unsigned depth)
{
    if (event->type == YAML_SCALAR_EVENT) {
        struct sw_yaml *node = read_scalar(r, event);
        if (node) {
            node->next = r->doc->scalars;
            r->doc->scalars = node;
        }
        return node;
    }
    if (event->type == YAML_ALIAS_EVENT) {
        return read_alias(r, event);
    }
    if (depth > SW_CONFIG_DEPTH_MAX) {
        SW_ERROR(r->report, place(r, event->start_mark), "nested more than %d levels deep",
                 SW_CONFIG_DEPTH_MAX);
        return NULL;
    }
    return event->type == YAML_SEQUENCE_START_EVENT ? read_list(r, event, depth)
                                                    : read_map(r, event, depth);
}

/* ---- the document ---- */

static bool read_root(struct reader *r)
{
    yaml_event_t event;
    bool more = next(r, &event);
    if (!more) {
        return false;
    }
    if (event.type == YAML_DOCUMENT_START_EVENT) {
        yaml_event_delete(&event);
        if (!next(r, &event)) {
            return false;
        }
        r->doc->root = read_node(r, &event, 1);
        yaml_event_delete(&event);
        if (!r->doc->root || !next(r, &event)) {
            return false;
        }
        yaml_event_delete(&event); /* the document's end */
        if (!next(r, &event)) {
            return false;
        }
    }
    bool over = event.type == YAML_STREAM_END_EVENT;
    if (!over) {
        SW_ERROR(r->report, place(r, event.start_mark),
                 "a second document begins here; a LAN file is one");
    }
    yaml_event_delete(&event);
    return over;
}

int sw_yaml_parse(struct sw_document *doc, struct sw_report *report)
{
    *doc = (struct sw_document){0};
    struct reader r = {.doc = doc, .report = report};
    const struct sw_source *source = report->source;
    yaml_event_t event;
    if (!yaml_parser_initialize(&r.parser)) {
        return -ENOMEM;
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)source->bytes, source->len);
    bool fine = next(&r, &event);
    if (fine) {
        yaml_event_delete(&event); /* the stream's start */
        fine = read_root(&r);
    }
    yaml_parser_delete(&r.parser);
    sw_names_fini(&r.anchors);
    if (doc->arena.no_memory) {
        return -ENOMEM;
    }
    if (fine && (!doc->root || (doc->root->kind == SW_YAML_SCALAR && doc->root->empty))) {
        SW_ERROR(report, ((struct sw_where){.line = 1, .column = 1}),
                 "the file is empty; expected at least 'hosts:' with a host");
        fine = false;
    }
    return fine ? 0 : -EINVAL;
}

void sw_document_fini(struct sw_document *doc)
{
    sw_arena_fini(&doc->arena);
    *doc = (struct sw_document){0};
}

char *sw_yaml_what(const struct sw_yaml *node, char buf[SW_QUOTED_BYTES])
{
    char quoted[SW_QUOTED_BYTES];
    switch (node->kind) {
    case SW_YAML_LIST:
        snprintf(buf, SW_QUOTED_BYTES, "a list");
        return buf;
    case SW_YAML_MAP:
        snprintf(buf, SW_QUOTED_BYTES, "a mapping");
        return buf;
    case SW_YAML_SCALAR:
        break;
    }
    if (node->empty) {
        snprintf(buf, SW_QUOTED_BYTES, "nothing");
    } else {
        snprintf(buf, SW_QUOTED_BYTES, "'%.170s'", sw_quote(node->text, quoted));
    }
    return buf;
}
