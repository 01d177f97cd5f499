/* A LAN file and those that it includes. Files are put one over the other: each over those that it
 * includes, and over those that came before it. What stands over outweighs what stands under; lists
 * of links, events and steps come one behind the other. */
#include "config/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/matrix.h"
#include "config/names.h"

/* A file that is being read, and the one that includes it. */
struct chain {
    const struct chain *parent;
    const char *path;
    unsigned depth;
};

static int load_one(struct sw_loading *l, char *path, const struct sw_yaml *by,
                    struct sw_variables *variables, const struct chain *parent,
                    struct sw_config_choice *choice);

/* ---- trees ---- */

static const struct sw_yaml *value_of(const struct sw_yaml *map, const char *key)
{
    for (size_t i = 0; map->kind == SW_YAML_MAP && i < map->count; i++) {
        if (strcmp(map->pairs[i].key->text, key) == 0) {
            return map->pairs[i].value;
        }
    }
    return NULL;
}

/* The items of both, in a new list. NULL: out of memory. */
static struct sw_yaml *join_lists(struct sw_arena *arena, const struct sw_yaml *first,
                                  const struct sw_yaml *second)
{
    struct sw_yaml *list = sw_arena_alloc(arena, sizeof *list);
    struct sw_yaml **items =
        sw_arena_alloc(arena, (first->count + second->count + 1) * sizeof *items);
    if (!list || !items) {
        return NULL;
    }
    *list = *second;
    list->items = items;
    list->count = first->count + second->count;
    for (size_t i = 0; i < first->count; i++) {
        items[i] = first->items[i];
    }
    for (size_t i = 0; i < second->count; i++) {
        items[first->count + i] = second->items[i];
    }
    return list;
}

static struct sw_yaml *merge_maps(struct sw_arena *arena, const struct sw_yaml *far,
                                  const struct sw_yaml *near, bool top);

/* What stands for a key that both say. */
static struct sw_yaml *merge_values(struct sw_arena *arena, struct sw_yaml *far,
                                    struct sw_yaml *near, bool top)
{
    if (far->kind == SW_YAML_MAP && near->kind == SW_YAML_MAP) {
        return merge_maps(arena, far, near, false);
    }
    if (top && far->kind == SW_YAML_LIST && near->kind == SW_YAML_LIST) {
        return join_lists(arena, far, near);
    }
    return top && near->empty ? far : near;
}

/* A new mapping, so that what an alias names stays as it is. NULL: out of memory. */
static struct sw_yaml *merge_maps(struct sw_arena *arena, const struct sw_yaml *far,
                                  const struct sw_yaml *near, bool top)
{
    struct sw_names names = {0};
    struct sw_yaml *map = sw_arena_alloc(arena, sizeof *map);
    struct sw_yaml_pair *pairs =
        sw_arena_alloc(arena, (far->count + near->count + 1) * sizeof *pairs);
    bool fine = map && pairs;
    if (fine) {
        *map = *near;
        map->pairs = pairs;
        map->count = 0;
    }
    for (size_t i = 0; i < far->count && fine; i++) {
        fine = sw_names_put(&names, far->pairs[i].key->text, map->count);
        pairs[map->count++] = far->pairs[i];
    }
    for (size_t i = 0; i < near->count && fine; i++) {
        const struct sw_name *both = sw_names_find(&names, near->pairs[i].key->text);
        size_t at = both ? (size_t)both->number : map->count++;
        struct sw_yaml *value =
            both ? merge_values(arena, pairs[at].value, near->pairs[i].value, top)
                 : near->pairs[i].value;
        pairs[at] = (struct sw_yaml_pair){near->pairs[i].key, value};
        fine = value != NULL;
    }
    sw_names_fini(&names);
    arena->no_memory = arena->no_memory || !fine;
    return fine ? map : NULL;
}

/* ---- values ---- */

/* Puts variables into every value of a file. */
static int expand_all(struct sw_loading *l, struct sw_document *doc,
                      const struct sw_variables *variables)
{
    for (struct sw_yaml *node = doc->scalars; node; node = node->next) {
        char why[SW_WHY], *text = NULL;
        size_t len = 0, at = 0;
        if (node->bad || !strchr(node->text, '$')) {
            continue;
        }
        int error = sw_expand(&text, &len, node->text, variables, why, &at);
        if (!error && (l->expanded += len) > SW_CONFIG_BYTES_MAX) {
            SW_ERROR(l->report, node->where, "over 16 MiB once the variables are put in");
            free(text);
            return -EINVAL;
        }
        if (error == -EINVAL) {
            SW_ERROR(l->report, node->where, "%s", why);
            node->bad = true;
        } else if (!error) {
            node->text = sw_arena_copy(&doc->arena, text, len);
        }
        free(text);
        if (error == -ENOMEM || !node->text) {
            return -ENOMEM;
        }
    }
    return 0;
}

/* ---- paths ---- */

/* Takes "./" and "x/../" out, so that one file has one name. What links lead to is not looked at:
 * the bound of the depth ends such a circle. */
static void simplify(char *path)
{
    char *to = path + (*path == '/'), *first = to;
    const char *from = to;
    while (*from) {
        size_t n = strcspn(from, "/");
        bool up = n == 2 && from[0] == '.' && from[1] == '.';
        char *last = to > first ? to - 1 : to; /* before the slash */
        while (last > first && last[-1] != '/') {
            last--;
        }
        bool nothing = n == 0 || (n == 1 && from[0] == '.');
        if (up && to > first && strncmp(last, "../", 3) != 0) {
            to = last;
        } else if (!nothing) {
            memmove(to, from, n);
            to += n;
            if (from[n] == '/') {
                *to++ = '/';
            }
        }
        from += n + (from[n] == '/');
    }
    *to = '\0';
}

/* A path as the file at `base` says it, seen from here. NULL: out of memory. */
static char *beside(const char *base, const char *text)
{
    const char *slash = strrchr(base, '/');
    size_t folder = text[0] == '/' || !slash ? 0 : (size_t)(slash - base) + 1;
    size_t length = strlen(text);
    char *path = malloc(folder + length + 1);
    if (path) {
        memcpy(path, base, folder);
        memcpy(path + folder, text, length + 1);
        simplify(path);
    }
    return path;
}

/* ---- including ---- */

static bool is_loaded(const struct sw_loading *l, const char *path)
{
    for (size_t i = 0; i < l->count; i++) {
        if (strcmp(l->files[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

/* Is the file within itself, or too deep? */
static bool check_chain(struct sw_loading *l, const struct chain *here, const char *path,
                        const struct sw_yaml *by)
{
    char quoted[SW_QUOTED_BYTES];
    sw_quote(path, quoted);
    for (const struct chain *c = here; c; c = c->parent) {
        if (strcmp(c->path, path) == 0) {
            SW_ERROR(l->report, by->where,
                     c == here ? "'%s' includes itself" : "'%s' includes this file, in a circle",
                     quoted);
            return false;
        }
    }
    if (here->depth >= SW_INCLUDE_DEPTH_MAX) {
        SW_ERROR(l->report, by->where, "files include each other more than %d deep",
                 SW_INCLUDE_DEPTH_MAX);
        return false;
    }
    return true;
}

/* One file that `by` names, unless it is in the tree already: it counts once, where it was named
 * first. */
static int include_one(struct sw_loading *l, const struct sw_yaml *by,
                       struct sw_variables *variables, const struct chain *here)
{
    char what[SW_QUOTED_BYTES];
    if (by->bad || by->kind != SW_YAML_SCALAR || by->empty || by->text[0] == '\0') {
        if (!by->bad) {
            SW_ERROR(l->report, by->where, "'include': expected the path of a LAN file, found %s",
                     sw_yaml_what(by, what));
        }
        return -EINVAL;
    }
    char *path = beside(here->path, by->text);
    if (!path) {
        return -ENOMEM;
    }
    if (!check_chain(l, here, path, by)) {
        free(path);
        return -EINVAL;
    }
    if (is_loaded(l, path)) {
        free(path);
        return 0;
    }
    return load_one(l, path, by, variables, here, NULL);
}

static int include_all(struct sw_loading *l, const struct sw_yaml *root,
                       struct sw_variables *variables, const struct chain *here)
{
    const struct sw_yaml *include = value_of(root, "include");
    int worst = 0;
    if (!include || include->bad) {
        return 0;
    }
    if (include->kind != SW_YAML_LIST) {
        return include_one(l, include, variables, here);
    }
    for (size_t i = 0; i < include->count && worst != -ENOMEM; i++) {
        int error = include_one(l, include->items[i], variables, here);
        worst = error == -ENOMEM || worst == 0 ? error : worst;
    }
    return worst;
}

/* Puts a file over all that came before it. */
static int put_over(struct sw_loading *l, struct sw_yaml *root)
{
    struct sw_arena *arena = &l->files[0].document.arena;
    l->tree = l->tree ? merge_maps(arena, l->tree, root, true) : root;
    return l->tree ? 0 : -ENOMEM;
}

/* ---- one file ---- */

/* What an error is of: the file itself if it is the first, else the place that includes it. */
static int unreadable(struct sw_loading *l, int error, const char *path, const struct sw_yaml *by)
{
    char quoted[SW_QUOTED_BYTES];
    struct sw_where where = {0};
    sw_quote(path, quoted);
    if (by && error != -ENOMEM) {
        SW_ERROR(l->report, by->where, "'include': cannot read '%s': %s", quoted,
                 error == -EFBIG ? "the files have over 16 MiB in all" : strerror(-error));
    } else if (error == -EFBIG) {
        SW_ERROR(l->report, where, "the file has over 16 MiB");
    } else if (error != -ENOMEM) {
        SW_ERROR(l->report, where, "cannot read it: %s", strerror(-error));
    }
    return error == -ENOMEM ? -ENOMEM : -EINVAL;
}

static int parse(struct sw_loading *l, struct sw_loaded *file)
{
    static const struct sw_where start = {.line = 1, .column = 1};
    if (file->source.len > 1 && (memcmp(file->source.bytes, "\xff\xfe", 2) == 0 ||
                                 memcmp(file->source.bytes, "\xfe\xff", 2) == 0)) {
        SW_ERROR(l->report, start, "the file is UTF-16, expected UTF-8");
        return -EINVAL;
    }
    return sw_yaml_parse(&file->document, l->report);
}

/* What an included file cannot have, and what it must be. */
static int check_included(struct sw_loading *l, const struct sw_yaml *root)
{
    char what[SW_QUOTED_BYTES];
    if (root->kind != SW_YAML_MAP) {
        SW_ERROR(l->report, root->where,
                 "expected a LAN file as a mapping, { key: value }, found %s",
                 sw_yaml_what(root, what));
        return -EINVAL;
    }
    const struct sw_yaml *matrix = value_of(root, "matrix");
    if (matrix) {
        SW_ERROR(l->report, matrix->where,
                 "'matrix' in a file that is included; expected it in the one that is run");
        return -EINVAL;
    }
    return 0;
}

static int choose(struct sw_loading *l, const struct sw_yaml *root, struct sw_variables *variables,
                  struct sw_config_choice *choice)
{
    const struct sw_yaml *matrix = value_of(root, "matrix");
    if (!matrix) {
        return 0;
    }
    int error = sw_matrix_choose(choice, matrix, variables, l->report);
    variables->matrix = choice->values;
    variables->matrix_count = choice->value_count;
    return error;
}

/* Takes path. by: the scalar that includes it, and choice is NULL then; NULL: it is the LAN file
 * itself. */
static int load_one(struct sw_loading *l, char *path, const struct sw_yaml *by,
                    struct sw_variables *variables, const struct chain *parent,
                    struct sw_config_choice *choice)
{
    const struct sw_source *outer = l->report->source;
    if (by && l->count == SW_CONFIG_FILES_MAX) {
        SW_ERROR(l->report, by->where, "more than %d files in all", SW_CONFIG_FILES_MAX);
        free(path);
        return -EINVAL;
    }
    struct sw_loaded *file = &l->files[l->count++];
    const struct chain here = {parent, path, parent ? parent->depth + 1 : 1};
    file->path = path;
    file->source = (struct sw_source){.path = path, .bytes = ""};
    size_t len = 0;
    int error =
        l->io->read_file(l->io->ctx, path, SW_CONFIG_BYTES_MAX - l->bytes, &file->bytes, &len);
    if (error && by) {
        return unreadable(l, error, path, by);
    }
    sw_report_open(l->report, &file->source);
    if (error) {
        return unreadable(l, error, path, NULL);
    }
    /* A byte order mark is no character of the first line. */
    size_t mark = len >= 3 && memcmp(file->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    file->source.bytes = file->bytes + mark;
    file->source.len = len - mark;
    l->bytes += len;
    error = parse(l, file);
    struct sw_yaml *root = file->document.root;
    error = error ? error : by ? check_included(l, root) : choose(l, root, variables, choice);
    error = error ? error : expand_all(l, &file->document, variables);
    error = error ? error : include_all(l, root, variables, &here);
    error = error ? error : put_over(l, root);
    if (by) {
        sw_report_resume(l->report, outer);
    }
    return error;
}

int sw_load(struct sw_loading *l, const char *path, struct sw_variables *variables,
            struct sw_config_choice *choice, struct sw_yaml **root)
{
    char *own = sw_text_copy(path);
    if (!own) {
        return -ENOMEM;
    }
    int error = load_one(l, own, NULL, variables, NULL, choice);
    *root = l->tree;
    for (size_t i = 0; i < l->count; i++) {
        error = l->files[i].document.arena.no_memory ? -ENOMEM : error;
    }
    return error;
}

void sw_loading_fini(struct sw_loading *l)
{
    for (size_t i = 0; i < l->count; i++) {
        sw_document_fini(&l->files[i].document);
        free(l->files[i].bytes);
        free(l->files[i].path);
    }
    *l = (struct sw_loading){0};
}
