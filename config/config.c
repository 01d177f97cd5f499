/* The LAN file, from path to topo: read, parsed, its variables put in, built. */
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/expand.h"

/* The file's name without folder and ending, with '-' where a name may not have the character. */
static char *name_of(struct sw_build *b, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = sw_build_copy(b, slash ? slash + 1 : path);
    char why[SW_WHY];
    if (!name) {
        return NULL;
    }
    char *dot = strrchr(name, '.');
    if (dot && dot != name) {
        *dot = '\0';
    }
    for (size_t i = 0; name[i] != '\0'; i++) {
        char one[2] = {name[i], '\0'};
        if (name[i] != '-' && !sw_name_check(one, "it", why)) {
            name[i] = '-';
        }
    }
    if (strlen(name) > 63) {
        name[63] = '\0';
    }
    if (!sw_name_check(name, "it", why)) {
        free(name);
        name = sw_build_copy(b, "lan");
    }
    return name;
}

/* Puts variables into every value. */
static int expand_all(struct sw_document *doc, const struct sw_variables *variables,
                      struct sw_report *report)
{
    size_t total = 0;
    for (struct sw_yaml *node = doc->scalars; node; node = node->next) {
        char why[SW_WHY], *text = NULL;
        size_t len = 0, at = 0;
        if (node->bad || !strchr(node->text, '$')) {
            continue;
        }
        int error = sw_expand(&text, &len, node->text, variables, why, &at);
        if (!error && (total += len) > SW_CONFIG_BYTES_MAX) {
            SW_ERROR(report, node->where, "over 16 MiB once the variables are put in");
            free(text);
            return -EINVAL;
        }
        if (error == -EINVAL) {
            SW_ERROR(report, node->where, "%s", why);
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

static int build(struct sw_topo **out, struct sw_document *doc, const char *path,
                 const struct sw_config_io *io, struct sw_report *report)
{
    struct sw_build *b = calloc(1, sizeof *b);
    if (!b) {
        return -ENOMEM;
    }
    b->report = report;
    b->arena = &doc->arena;
    b->io = io;
    b->path = path;
    char *name = name_of(b, path);
    struct sw_topo *topo = name ? sw_topo_new(name) : NULL;
    b->topo = topo;
    free(name);
    if (topo) {
        topo->files = malloc(sizeof *topo->files);
        char *file = topo->files ? sw_build_copy(b, path) : NULL;
        if (file) {
            topo->files[topo->file_count++] = file;
            b->file = file;
            sw_build_topo(b, doc->root);
        }
    }
    bool no_memory = !topo || !b->file || (b->no_memory && !b->too_big) || doc->arena.no_memory;
    sw_names_fini(&b->nodes);
    sw_names_fini(&b->groups);
    free(b->group_size);
    free(b->switch_settings);
    free(b->given);
    sw_names_fini(&b->step_names);
    free(b->steps);
    free(b->step_refs);
    sw_build_refs_free(b);
    free(b);
    if (no_memory || report->problems->errors > 0) {
        sw_topo_free(topo);
        return no_memory ? -ENOMEM : -EINVAL;
    }
    *out = topo;
    return 0;
}

static int load(struct sw_topo **out, const struct sw_source *source, const struct sw_config_io *io,
                const struct sw_variables *variables, struct sw_report *report)
{
    static const struct sw_where start = {.line = 1, .column = 1};
    struct sw_document doc;
    if (source->len > 1 &&
        (memcmp(source->bytes, "\xff\xfe", 2) == 0 || memcmp(source->bytes, "\xfe\xff", 2) == 0)) {
        SW_ERROR(report, start, "the file is UTF-16, expected UTF-8");
        return -EINVAL;
    }
    int error = sw_yaml_parse(&doc, report);
    error = error ? error : expand_all(&doc, variables, report);
    error = error ? error : build(out, &doc, source->path, io, report);
    sw_document_fini(&doc);
    return error;
}

int sw_config_load(struct sw_topo **out, const char *path, const struct sw_config_io *io,
                   const struct sw_config_set *sets, size_t set_count, struct sw_problems *problems)
{
    struct sw_source source = {.path = path, .bytes = ""};
    struct sw_variables variables = {sets, set_count, io};
    struct sw_report report;
    struct sw_topo *topo = NULL;
    char *bytes = NULL;
    size_t len = 0;
    sw_report_init(&report, problems, &source);
    int error = io->read_file(io->ctx, path, SW_CONFIG_BYTES_MAX, &bytes, &len);
    if (error == -EFBIG) {
        SW_ERROR(&report, (struct sw_where){0}, "the file has over 16 MiB");
    } else if (error && error != -ENOMEM) {
        SW_ERROR(&report, (struct sw_where){0}, "cannot read it: %s", strerror(-error));
    } else if (!error) {
        /* A byte order mark is no character of the first line. */
        size_t mark = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        source.bytes = bytes + mark;
        source.len = len - mark;
        error = load(&topo, &source, io, &variables, &report);
    }
    free(bytes);
    source.len = 0;
    int ended = sw_report_end(&report);
    if (ended) {
        error = ended;
    }
    if (error) {
        sw_topo_free(topo);
        return error == -ENOMEM ? -ENOMEM : -EINVAL;
    }
    *out = topo;
    return 0;
}
