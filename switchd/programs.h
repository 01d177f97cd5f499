/* The hosts of a session that are real programs: started with the LAN, watched, ended with it. What
 * a program prints is told line by line, with LAN time. */
#ifndef SW_SWITCHD_PROGRAMS_H
#define SW_SWITCHD_PROGRAMS_H

#include "core/env.h"
#include "lan/network.h"
#include "switchd/driver.h"

#define SW_PROGRAM_LINE 1024 /* bytes of a line; a longer one is told in several */

struct sw_programs;

/* Makes the hosts of the topo that are programs, all at once; nothing runs in them yet. Prints what
 * was refused and how to mend it. line(ctx, host, text): a program printed that; lent for the call.
 * 0, or an exit status (3). env and topo are lent. */
int sw_programs_new(struct sw_programs **out, const struct sw_env *env, const struct sw_topo *topo,
                    void (*line)(void *ctx, const char *host, const char *text), void *ctx);
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
/* The first process of the host of that name: a descriptor that stays the programs' own. -1: `why`
 * says why there is none. */
int sw_programs_find(const struct sw_programs *all, const char *host, char *why, size_t cap);
size_t sw_programs_count(const struct sw_programs *all);
/* A line each, to stderr. */
void sw_programs_summary(const struct sw_programs *all);
/* Ends all of them at once. After the driver is gone. NULL is harmless. */
void sw_programs_free(struct sw_programs *all);

#endif
