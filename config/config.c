/* The LAN file, from path to topo: read (load.c), built (build.c). */
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/load.h"

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

/* The names of all files, for the places that the topo keeps. */
static bool keep_files(struct sw_build *b, const struct sw_loading *loading)
{
    struct sw_topo *topo = b->topo;
    topo->files = calloc(loading->count, sizeof *topo->files);
    for (size_t i = 0; topo->files && i < loading->count; i++) {
        char *file = sw_build_copy(b, loading->files[i].path);
        if (!file) {
            return false;
        }
        topo->files[topo->file_count++] = file;
    }
    return topo->files != NULL;
}

static void build_fini(struct sw_build *b)
{
    sw_names_fini(&b->nodes);
    sw_names_fini(&b->groups);
    sw_names_fini(&b->host_group_names);
    sw_names_fini(&b->step_names);
    free(b->host_groups);
    free(b->group_size);
    free(b->switch_settings);
    free(b->given);
    free(b->steps);
    free(b->step_refs);
    sw_build_refs_free(b);
    free(b);
}

static int build(struct sw_topo **out, struct sw_loading *loading, const struct sw_yaml *root,
                 const char *path)
{
    struct sw_arena *arena = &loading->files[0].document.arena;
    struct sw_report *report = loading->report;
    struct sw_build *b = calloc(1, sizeof *b);
    if (!b) {
        return -ENOMEM;
    }
    b->report = report;
    b->arena = arena;
    b->io = loading->io;
    char *name = name_of(b, path);
    struct sw_topo *topo = name ? sw_topo_new(name) : NULL;
    b->topo = topo;
    free(name);
    bool begun = topo && keep_files(b, loading);
    if (begun) {
        sw_build_topo(b, root);
    }
    bool no_memory = !begun || (b->no_memory && !b->too_big) || arena->no_memory;
    build_fini(b);
    if (no_memory || report->problems->errors > 0) {
        sw_topo_free(topo);
        return no_memory ? -ENOMEM : -EINVAL;
    }
    *out = topo;
    return 0;
}

static int load(struct sw_topo **out, struct sw_loading *loading, const char *path,
                struct sw_variables *variables, struct sw_config_choice *choice)
{
    struct sw_yaml *root = NULL;
    int error = sw_load(loading, path, variables, choice, &root);
    return error ? error : build(out, loading, root, path);
}

int sw_config_load_one(struct sw_topo **out, const char *path, const struct sw_config_io *io,
                       const struct sw_config_set *sets, size_t set_count,
                       struct sw_config_choice *choice, struct sw_problems *problems)
{
    struct sw_variables variables = {.sets = sets, .set_count = set_count, .io = io};
    struct sw_loading *loading = calloc(1, sizeof *loading);
    struct sw_report *report = calloc(1, sizeof *report);
    struct sw_topo *topo = NULL;
    int error = -ENOMEM;
    *problems = (struct sw_problems){0};
    *choice = (struct sw_config_choice){.combination = choice->combination, .combinations = 1};
    if (loading && report) {
        sw_report_init(report, problems, NULL);
        loading->io = io;
        loading->report = report;
        error = load(&topo, loading, path, &variables, choice);
        int ended = sw_report_end(report);
        error = ended ? ended : error;
        if (error == -ENOMEM) {
            sw_problems_fini(problems);
        }
        sw_loading_fini(loading);
    }
    free(loading);
    free(report);
    if (error) {
        sw_topo_free(topo);
        return error == -ENOMEM ? -ENOMEM : -EINVAL;
    }
    *out = topo;
    return 0;
}

int sw_config_load(struct sw_topo **out, const char *path, const struct sw_config_io *io,
                   const struct sw_config_set *sets, size_t set_count, struct sw_problems *problems)
{
    struct sw_config_choice choice = {0};
    int error = sw_config_load_one(out, path, io, sets, set_count, &choice, problems);
    sw_config_choice_fini(&choice);
    return error;
}

void sw_config_choice_fini(struct sw_config_choice *choice)
{
    for (size_t i = 0; i < choice->value_count; i++) {
        free((char *)choice->values[i].name);
        free((char *)choice->values[i].value);
    }
    free(choice->values);
    free(choice->text);
    *choice = (struct sw_config_choice){0};
}
