/* What there is to run. See plan.h. */
#include "switchd/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/files.h"
#include "switchd/session.h"

/* ---- the command that does the same again ---- */

/* A word as a shell reads it back. */
static void put_word(FILE *f, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./-+=:,@%";
    putc(' ', f);
    if (word[0] && strspn(word, plain) == strlen(word)) {
        fputs(word, f);
        return;
    }
    putc('\'', f);
    for (; *word; word++) {
        fputs(*word == '\'' ? "'\\''" : (const char[]){*word, 0}, f);
    }
    putc('\'', f);
}

static void put_set(FILE *f, const char *name, const char *value)
{
    char word[1024];
    snprintf(word, sizeof word, "%s=%s", name, value);
    fputs(" --set", f);
    put_word(f, word);
}

char *sw_plan_replay(const struct sw_options *o, const char *file, uint64_t seed, bool real)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    if (!f) {
        return NULL;
    }
    fprintf(f, "switchd test%s", real ? " --real" : "");
    put_word(f, file);
    fprintf(f, " --seed %" PRIu64, seed);
    for (size_t i = 0; i < o->set_count; i++) {
        put_set(f, o->sets[i].name, o->sets[i].value);
    }
    if (o->verb == SW_VERB_TEST && o->timeout) {
        fprintf(f, " --timeout '%lld ns'", (long long)o->timeout);
    }
    return fclose(f) == 0 ? text : (free(text), NULL);
}

/* ---- runs ---- */

static char *name_of(const struct sw_plan *plan, const char *file, uint64_t seed)
{
    char *name;
    int rc = plan->options->repeat > 1 ? asprintf(&name, "%s[seed %" PRIu64 "]", file, seed)
                                       : asprintf(&name, "%s", file);
    return rc < 0 ? NULL : name;
}

static void free_run(struct sw_plan_run *run)
{
    free((char *)run->info.name);
    free((char *)run->info.file);
    free((char *)run->info.replay);
    free(run->skip);
}

static int no_memory(void)
{
    fputs("switchd: out of memory\n", stderr);
    return SW_EXIT_REFUSED;
}

/* Is it of the shard that was asked for? Counts it. */
static bool of_shard(struct sw_plan *plan)
{
    const struct sw_options *o = plan->options;
    return plan->numbered++ % o->shard_count == o->shard_index - 1;
}

static int add_run(struct sw_plan *plan, const char *file, const struct sw_topo *topo,
                   uint64_t seed, const char *skip)
{
    struct sw_plan_run run = {.info = {.name = name_of(plan, file, seed),
                                       .file = strdup(file),
                                       .seed = seed,
                                       .real = plan->options->real || sw_topo_has_real_ends(topo)},
                              .skip = skip ? strdup(skip) : NULL};
    struct sw_plan_run *runs = realloc(plan->runs, (plan->count + 1) * sizeof *runs);
    plan->runs = runs ? runs : plan->runs;
    run.info.replay =
        run.info.file ? sw_plan_replay(plan->options, file, seed, run.info.real) : NULL;
    if (!runs || !run.info.name || !run.info.replay || (skip && !run.skip)) {
        free_run(&run);
        return no_memory();
    }
    if (!sw_pick_any(&plan->pick, run.info.name, topo) || !of_shard(plan)) {
        free_run(&run);
        return 0;
    }
    plan->runs[plan->count++] = run;
    return 0;
}

/* All runs of one file. named: the user named the file itself, and did not just find it in a
 * folder. */
static int add_file(struct sw_plan *plan, const char *file, bool named)
{
    const struct sw_options *o = plan->options;
    struct sw_topo *topo;
    int status = sw_session_read(&topo, o, file);
    if (status) {
        return status;
    }
    size_t before = plan->count;
    bool skip = sw_topo_has_real_ends(topo) && !named && !o->real;
    if (topo->step_count == 0) {
        if (named) {
            fprintf(stderr, "switchd: %s has no scenario\n", file);
        }
    } else if (skip) {
        status = add_run(plan, file, topo, topo->seed, "it has real ends: name it, or say --real");
    } else {
        for (uint32_t i = 0; i < o->repeat && status == 0; i++) {
            status = add_run(plan, file, topo, topo->seed + i, NULL);
        }
    }
    if (before == 0 && plan->count == 1 && !plan->runs[0].skip) {
        plan->kept = topo;
        return status;
    }
    sw_topo_free(topo);
    return status;
}

/* ---- files ---- */

/* Has a file, found in a folder, a scenario: a line that begins so? It may be no LAN file at all,
 * and is then none of our business. One that cannot be read is run, and says why. */
static bool has_scenario(const char *file)
{
    const struct sw_config_io *io = sw_files_io();
    char *bytes;
    size_t len;
    if (io->read_file(io->ctx, file, SW_CONFIG_BYTES_MAX, &bytes, &len)) {
        return true;
    }
    static const char key[] = "scenario:";
    bool has = false;
    for (const char *at = bytes, *end = bytes + len; at && !has;) {
        has = (size_t)(end - at) >= sizeof key - 1 && memcmp(at, key, sizeof key - 1) == 0;
        at = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        at = at ? at + 1 : NULL;
    }
    free(bytes);
    return has;
}

static int add_path(struct sw_plan *plan, const char *path)
{
    char **files;
    size_t count;
    int rc = sw_files_find(path, &files, &count);
    if (rc) {
        fprintf(stderr, "switchd: %s: %s\n", path, strerror(-rc));
        return SW_EXIT_USAGE;
    }
    bool named = count == 1 && strcmp(files[0], path) == 0;
    int status = 0;
    for (size_t i = 0; i < count; i++) {
        if (named || has_scenario(files[i])) {
            int one = add_file(plan, files[i], named);
            status = one > status ? one : status;
        }
    }
    sw_files_free(files, count);
    return status;
}

static int pick(struct sw_plan *plan, const struct sw_options *o)
{
    char *log;
    plan->pick.pattern = o->filter;
    if (!o->last_failed) {
        return 0;
    }
    if (asprintf(&log, "%s/events.jsonl", o->report) < 0) {
        return no_memory();
    }
    int rc = sw_pick_failed(&plan->pick, log);
    if (rc) {
        fprintf(stderr, "switchd: %s: %s\n", log, strerror(-rc));
    }
    free(log);
    return rc ? SW_EXIT_REFUSED : 0;
}

int sw_plan_make(struct sw_plan *plan, const struct sw_options *options)
{
    *plan = (struct sw_plan){.options = options};
    int status = pick(plan, options);
    if (status == 0 && options->argument_count == 0) {
        status = add_path(plan, ".");
    }
    for (int i = 0; i < options->argument_count && status != SW_EXIT_REFUSED; i++) {
        int one = add_path(plan, options->arguments[i]);
        status = one > status ? one : status;
    }
    return status;
}

int sw_plan_topo(struct sw_topo **out, struct sw_plan *plan, const struct sw_plan_run *run)
{
    *out = run == plan->runs ? plan->kept : NULL;
    plan->kept = *out ? NULL : plan->kept;
    int status = *out ? 0 : sw_session_read(out, plan->options, run->info.file);
    if (status == 0) {
        (*out)->seed = run->info.seed;
    }
    return status;
}

void sw_plan_fini(struct sw_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        free_run(&plan->runs[i]);
    }
    free(plan->runs);
    sw_topo_free(plan->kept);
    sw_pick_fini(&plan->pick);
}
