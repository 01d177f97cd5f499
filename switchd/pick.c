/* Which checks are wanted. See pick.h. */
#include "switchd/pick.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/record.h"

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_name(struct sw_pick *pick, const struct sw_record_line *line)
{
    char **names = realloc(pick->names, (pick->count + 1) * sizeof *names);
    if (!names) {
        return -ENOMEM;
    }
    pick->names = names;
    if (asprintf(&names[pick->count], "%s::%s", line->run.name, line->record.name) < 0) {
        return -ENOMEM;
    }
    pick->count++;
    return 0;
}

int sw_pick_failed(struct sw_pick *pick, const char *log)
{
    FILE *file = fopen(log, "re");
    if (!file) {
        return errno == ENOENT ? 0 : -errno;
    }
    char *text = NULL;
    size_t cap = 0;
    int rc = 0;
    while (rc == 0 && getline(&text, &cap, file) > 0) {
        struct sw_record_line line;
        rc = sw_record_read(&line, text);
        if (rc == -EINVAL) {
            rc = 0; /* a log that was cut off */
            continue;
        }
        if (rc == 0 && line.record.kind == SW_RECORD_CHECK && !line.record.passed &&
            line.record.name) {
            rc = add_name(pick, &line);
        }
        sw_record_release(&line);
    }
    free(text);
    fclose(file);
    if (pick->count) {
        qsort(pick->names, pick->count, sizeof *pick->names, by_text);
    }
    return rc;
}

void sw_pick_fini(struct sw_pick *pick)
{
    for (size_t i = 0; i < pick->count; i++) {
        free(pick->names[i]);
    }
    free(pick->names);
    *pick = (struct sw_pick){0};
}

bool sw_pick_wants(const struct sw_pick *pick, const char *run, const char *check)
{
    if (!pick->pattern && !pick->count) {
        return true;
    }
    char *name;
    if (asprintf(&name, "%s::%s", run, check) < 0) {
        return true;
    }
    bool wanted = true;
    if (pick->pattern && strpbrk(pick->pattern, "*?[")) {
        wanted = fnmatch(pick->pattern, name, 0) == 0;
    } else if (pick->pattern) {
        wanted = strstr(name, pick->pattern) != NULL;
    }
    if (wanted && pick->count) {
        wanted = bsearch(&name, pick->names, pick->count, sizeof name, by_text) != NULL;
    }
    free(name);
    return wanted;
}

static void walk(const struct sw_topo_step *steps, size_t count,
                 void (*each)(void *ctx, const char *check), void *ctx)
{
    for (size_t i = 0; i < count; i++) {
        walk(steps[i].steps, steps[i].step_count, each, ctx);
        if (steps[i].expect_count) {
            each(ctx, steps[i].name);
        }
    }
}

void sw_pick_checks(const struct sw_topo *topo, void (*each)(void *ctx, const char *check),
                    void *ctx)
{
    walk(topo->steps, topo->step_count, each, ctx);
}

struct asking {
    const struct sw_pick *pick;
    const char *run;
    bool any;
};

static void ask(void *ctx, const char *check)
{
    struct asking *a = ctx;
    a->any = a->any || sw_pick_wants(a->pick, a->run, check);
}

bool sw_pick_any(const struct sw_pick *pick, const char *run, const struct sw_topo *topo)
{
    struct asking a = {pick, run, !pick->pattern && !pick->count};
    /* A failure of what is not a step's wants the whole run. */
    ask(&a, SW_CHECK_HELD);
    ask(&a, SW_CHECK_ENDS);
    if (sw_topo_has_programs(topo)) {
        ask(&a, SW_CHECK_PROGRAMS);
    }
    sw_pick_checks(topo, ask, &a);
    return a.any;
}
