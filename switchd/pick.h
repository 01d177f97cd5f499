/* Which checks are wanted: --filter and --last-failed, both of names like "FILE::step name". */
#ifndef SW_SWITCHD_PICK_H
#define SW_SWITCHD_PICK_H

#include <stdbool.h>
#include <stddef.h>

#include "lan/topo.h"

/* Checks that are not a step's. */
#define SW_CHECK_HELD "always held"
#define SW_CHECK_PROGRAMS "the programs run" /* of a LAN that has any */
#define SW_CHECK_ENDS "the scenario ends"

struct sw_pick {
    const char *pattern; /* NULL: any */
    char **names;        /* sorted; none: any */
    size_t count;
};

/* Names of the checks that failed, from the lines of an event log; a log that is not there has
 * none. 0 or a negative errno. */
int sw_pick_failed(struct sw_pick *pick, const char *log);
void sw_pick_fini(struct sw_pick *pick);
/* The pattern: a text that stands anywhere in the name or, where it has * or ? or [, the whole of
 * it as fnmatch(3) has it. */
bool sw_pick_wants(const struct sw_pick *pick, const char *run, const char *check);
/* Calls each for the names of all checks that a run of the topo has, in the order of the file. */
void sw_pick_checks(const struct sw_topo *topo, void (*each)(void *ctx, const char *check),
                    void *ctx);
/* Is any of them wanted, or one that every run has? */
bool sw_pick_any(const struct sw_pick *pick, const char *run, const struct sw_topo *topo);

#endif
