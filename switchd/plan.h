/* What `switchd test` has to run: each file with a scenario that the arguments name or that lies
 * below them, once for each combination of its matrix and each repetition. All files are read, and
 * their problems told, before anything runs. */
#ifndef SW_SWITCHD_PLAN_H
#define SW_SWITCHD_PLAN_H

#include "switchd/options.h"
#include "switchd/pick.h"
#include "switchd/record.h"

struct sw_plan_run {
    struct sw_run_info info; /* its texts are the plan's */
    char *skip;              /* why it is not run; NULL: it is */
    size_t combination;      /* of the file's matrix */
};

struct sw_plan {
    const struct sw_options *options;
    struct sw_pick pick;
    struct sw_plan_run *runs;
    size_t count;
    size_t numbered;      /* runs so far, those of other shards counted too */
    struct sw_topo *kept; /* of the first run, so that a single file is read once */
};

/* 0, or an exit status: a file that is wrong (2), a system that refuses (3); what was wrong has
 * been said. */
int sw_plan_make(struct sw_plan *plan, const struct sw_options *options);
/* The topo of a run, which is the caller's from now on. 0, or an exit status. */
int sw_plan_topo(struct sw_topo **out, struct sw_plan *plan, const struct sw_plan_run *run);
/* The command that does a run again, malloc'd. NULL: out of memory. */
char *sw_plan_replay(const struct sw_options *options, const struct sw_run_info *info,
                     const struct sw_config_choice *choice);
void sw_plan_fini(struct sw_plan *plan);

#endif
