/* Several runs at once, a process each. What they tell comes back in the order of the runs, whoever
 * was first. */
#ifndef SW_SWITCHD_JOBS_H
#define SW_SWITCHD_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "switchd/record.h"

#define SW_JOBS_AT_ONCE 512 /* runs whose records are kept until it is their turn */

struct sw_jobs {
    size_t count;     /* runs */
    unsigned at_once; /* 1 .. SW_JOBS_AT_ONCE */
    /* In the process of a run: does it, tells of it by sw_jobs_tell(), returns its exit status. */
    int (*run)(void *ctx, size_t number);
    /* Here: a record; false: end all others, no more records come. */
    bool (*record)(void *ctx, size_t number, const struct sw_run_info *run,
                   const struct sw_record *record);
    /* Here: a run has ended. */
    void (*ended)(void *ctx, size_t number, int status);
    void *ctx;
    int to; /* of a process of a run: where its records go */
};

/* SIGINT and SIGTERM end it: no run is begun after that, and those under way get it too. 0 or a
 * negative errno. *began is how many runs have begun. */
int sw_jobs_run(struct sw_jobs *jobs, size_t *began);
void sw_jobs_tell(const struct sw_jobs *jobs, const struct sw_run_info *run,
                  const struct sw_record *record);

#endif
