/* The hosts of a session that are real programs: started with the LAN, watched, ended with it. What
 * a program prints is told line by line, with LAN time. */
#ifndef SW_SWITCHD_PROGRAMS_H
#define SW_SWITCHD_PROGRAMS_H

#include "core/env.h"
#include "lan/network.h"
#include "switchd/driver.h"
#include "switchd/output.h"
#include "switchd/program.h"

struct sw_programs;

/* Who is told of what programs print, and of how they end. */
struct sw_programs_hooks {
    void (*line)(void *ctx, const struct sw_printed *line); /* lent for the call */
    void *ctx;
    bool bounded; /* of each stream as much as the LAN file's `output` says; else all of it */
};

/* Makes the hosts of the topo that are programs, all at once; nothing runs in them yet. Prints what
 * was refused and how to mend it. 0, or an exit status (3). env and topo are lent. */
int sw_programs_new(struct sw_programs **out, const struct sw_env *env, const struct sw_topo *topo,
                    const struct sw_programs_hooks *hooks);
/* What the network asks for (lan/network.h). */
struct sw_network_programs sw_programs_network(struct sw_programs *programs);
/* The programs are executed, and their hosts' frames are read, from now on. 0 or a negative errno.
 */
int sw_programs_start(struct sw_programs *all, struct sw_network *net, struct sw_driver *driver);
/* Is nothing waited for any more: is each that has `ready` ready, or has failed? */
bool sw_programs_settled(const struct sw_programs *all);
/* Are all as they should be: could be executed, were ready in time, did not end by themselves where
 * they should not? Else `why` names the first that is not. */
bool sw_programs_hold(const struct sw_programs *all, char *why, size_t cap);
/* The namespaces of the host of that name, as sw_program_enter() has them. 0, or a negative errno
 * and `why`. */
int sw_programs_enter(const struct sw_programs *all, const char *host,
                      int fds[SW_PROGRAM_NAMESPACES], char *why, size_t cap);
size_t sw_programs_count(const struct sw_programs *all);
/* What they printed last, as sw_outputs_last(); what is in their pipes by now is told first. */
size_t sw_programs_printed(const struct sw_programs *all, struct sw_printed *out, uint64_t *before);
/* Nothing more is told: what is in their pipes by now is, and how much was not. Once. */
void sw_programs_end_output(const struct sw_programs *all);
/* A line each, to stderr. */
void sw_programs_summary(const struct sw_programs *all);
/* Ends all of them at once. After the driver is gone. NULL is harmless. */
void sw_programs_free(struct sw_programs *all);

#endif
