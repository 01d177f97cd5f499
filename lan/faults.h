/* What is done to a LAN: the actions of lan/scenario.h, each by itself and each to be undone. For
 * lan/ alone: users have lan/events.h and lan/lab.h.
 *
 * Faults overlap. What is down (or crashed, stopped, held) by several is so until the last of them
 * is undone; the opposite action (up, restart, continue, release) ends them all at once, and what
 * is undone afterwards changes nothing. A partition takes the place of the one before, whose
 * undoing then changes nothing. A `set` that is to be undone lies over what stood before, the later
 * over the earlier, and when it goes, what is left shows again; one that stays ends what others had
 * set of the same. An action that is itself an opposite cannot be undone. */
#ifndef SW_LAN_FAULTS_H
#define SW_LAN_FAULTS_H

#include "lan/fabric.h"
#include "lan/scenario.h"

struct sw_faults;
struct sw_fault;

/* Who can end and begin the programs of the fabric's i-th host together with it. */
struct sw_faults_hosts {
    void (*crash)(void *ctx, size_t host);
    int (*restart)(void *ctx, size_t host); /* 0, or a negative errno: it is down */
    void *ctx;
};

/* Links and hosts are those of the fabric, by their index there; both may join later. 0, -ENOMEM.
 */
int sw_faults_new(struct sw_faults **out, struct sw_fabric *fabric,
                  const struct sw_faults_hosts *hosts);
/* Before the fabric's links go. Ends rules, ramps, flapping and partitions; what was down, stopped,
 * held or set stays so. */
void sw_faults_free(struct sw_faults *faults); /* NULL is harmless */
/* Of all timers of these faults. */
struct sw_owner *sw_faults_owner(struct sw_faults *faults);
/* Does it, now; the action is lent for the faults' life. undo: where it says by what it can be
 * undone (NULL: it cannot), to be given to sw_faults_undo(); NULL: it is to stay. 0, -ENOMEM: not
 * done. */
int sw_faults_do(struct sw_faults *faults, const struct sw_topo_action *action,
                 struct sw_fault **undo);
/* 0: undone, and the fault is gone; -ENOMEM: it stands, and is there. */
int sw_faults_undo(struct sw_faults *faults, struct sw_fault *fault);

#endif
