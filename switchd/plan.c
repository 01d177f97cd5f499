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

static bool is_set(const struct sw_options *o, const char *name)
{
    for (size_t i = 0; i < o->set_count; i++) {
        if (strcmp(o->sets[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

char *sw_plan_replay(const struct sw_options *o, const struct sw_run_info *info,
                     const struct sw_config_choice *choice)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    if (!f) {
        return NULL;
    }
    fprintf(f, "switchd test%s", info->real ? " --real" : "");
    put_word(f, info->file);
    fprintf(f, " --seed %" PRIu64, info->seed);
    for (size_t i = 0; i < o->set_count; i++) {
        put_set(f, o->sets[i].name, o->sets[i].value);
    }
    for (size_t i = 0; i < choice->value_count; i++) {
        if (!is_set(o, choice->values[i].name)) {
            put_set(f, choice->values[i].name, choice->values[i].value);
        }
    }
    if (o->verb == SW_VERB_TEST && o->timeout) {
        fprintf(f, " --timeout '%lld ns'", (long long)o->timeout);
    }
    return fclose(f) == 0 ? text : (free(text), NULL);
}

/* ---- runs ---- */

/* "a.yaml", "a.yaml[rtt=1 ms]", "a.yaml[rtt=1 ms, seed 8]". */
static char *name_of(const struct sw_plan *plan, const char *file, const char *choice,
                     uint64_t seed)
{
    char *name, seeded[32] = "";
    if (plan->options->repeat > 1) {
        snprintf(seeded, sizeof seeded, "seed %" PRIu64, seed);
    }
    const char *comma = choice && *seeded ? ", " : "";
    int rc = choice || *seeded
                 ? asprintf(&name, "%s[%s%s%s]", file, choice ? choice : "", comma, seeded)
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

/* A file that was read, or one combination of it. */
struct reading {
    struct sw_plan *plan;
    const char *file;
    struct sw_topo *topo;
    struct sw_config_choice choice;
};

static int add_run(const struct reading *r, uint64_t seed, const char *skip)
{
    struct sw_plan *plan = r->plan;
    struct sw_plan_run run = {
        .combination = r->choice.combination,
        .info = {.name = name_of(plan, r->file, r->choice.text, seed),
                 .file = strdup(r->file),
                 .seed = seed,
                 .real = plan->options->real || sw_topo_has_real_ends(r->topo)},
        .skip = skip ? strdup(skip) : NULL};
    struct sw_plan_run *runs = realloc(plan->runs, (plan->count + 1) * sizeof *runs);
    plan->runs = runs ? runs : plan->runs;
    run.info.replay = run.info.file ? sw_plan_replay(plan->options, &run.info, &r->choice) : NULL;
    if (!runs || !run.info.name || !run.info.replay || (skip && !run.skip)) {
        free_run(&run);
        return no_memory();
    }
    if (!sw_pick_any(&plan->pick, run.info.name, r->topo) || !of_shard(plan)) {
        free_run(&run);
        return 0;
    }
    plan->runs[plan->count++] = run;
    return 0;
}

/* All runs of one combination. named: the user named the file itself, and did not just find it in a
 * folder. */
static int add_combination(struct reading *r, bool named)
{
    const struct sw_options *o = r->plan->options;
    if (r->topo->step_count == 0) {
        if (named) {
            fprintf(stderr, "switchd: %s has no scenario\n", r->file);
        }
        return 0;
    }
    if (sw_topo_has_real_ends(r->topo) && !named && !o->real) {
        return add_run(r, r->topo->seed, "it has real ends: name it, or say --real");
    }
    int status = 0;
    for (uint32_t i = 0; i < o->repeat && status == 0; i++) {
        status = add_run(r, r->topo->seed + i, NULL);
    }
    return status;
}

/* All runs of one file. */
static int add_file(struct sw_plan *plan, const char *file, bool named)
{
    size_t combinations = 1;
    int status = 0;
    for (size_t i = 0; i < combinations && status == 0; i++) {
        struct reading r = {.plan = plan, .file = file, .choice = {.combination = i}};
        size_t before = plan->count;
        status = sw_session_read_one(&r.topo, plan->options, file, &r.choice, i > 0);
        combinations = r.choice.combinations;
        status = status ? status : add_combination(&r, named);
        sw_config_choice_fini(&r.choice);
        if (before == 0 && plan->count > 0 && !plan->runs[0].skip) {
            plan->kept = r.topo;
        } else {
            sw_topo_free(r.topo);
        }
    }
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
    if (rc == -ENOMEM) {
        return no_memory();
    }
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
    struct sw_config_choice choice = {.combination = run->combination};
    int status = 0;
    if (!*out) {
        status = sw_session_read_one(out, plan->options, run->info.file, &choice, true);
        sw_config_choice_fini(&choice);
    }
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
