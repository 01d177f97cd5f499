/* What is done to a LAN: the actions of lan/scenario.h, each by itself and each to be undone. For
 * lan/ alone: users have lan/events.h and lan/lab.h.
 *
 * Faults overlap. What is down (or crashed, stopped, held) by several is so until the last of them
 * is undone; the opposite action (up, restart, continue, release) ends them all at once, and what
 * is undone afterwards changes nothing. A partition takes the place of the one before, whose
 * undoing then changes nothing. A `set` that is to be undone lies over what stood before, the later
 * over the earlier, and when it goes, what is left shows again; one that stays ends what others had
 * set of the same. An action that is itself an opposite cannot be undone. A drop or a flap that was
 * not to be undone begins anew when its action comes again. */
#ifndef SW_LAN_FAULTS_H
#define SW_LAN_FAULTS_H

#include "lan/fabric.h"
#include "lan/scenario.h"

struct sw_faults;

struct sw_faults_hooks {
    /* Who can end and begin the programs of the fabric's i-th host together with it. */
    void (*crash)(void *ctx, size_t host);
    int (*restart)(void *ctx, size_t host); /* 0, or a negative errno: it is down */
    void (*stop)(void *ctx, size_t host);
    void (*go_on)(void *ctx, size_t host);
    /* Of programs alone: SW_ACTION_KILL, SW_ACTION_START. */
    void (*meet)(void *ctx, const struct sw_topo_action *action);
    /* An action's span is over, and it is undone (status 0), or cannot be (what restart says);
     * cookie as given to sw_faults_do(). May be NULL. */
    void (*undone)(void *ctx, const void *cookie, int status);
    void *ctx;
};

/* Links and hosts are those of the fabric, by their index there; both may join later. 0, -ENOMEM.
 */
int sw_faults_new(struct sw_faults **out, struct sw_fabric *fabric,
                  const struct sw_faults_hooks *hooks);
/* Before the fabric's links go. Ends rules, ramps, flapping and partitions; what was down, stopped,
 * held or set stays so. */
void sw_faults_free(struct sw_faults *faults); /* NULL is harmless */
/* Of all timers of these faults. */
struct sw_owner *sw_faults_owner(struct sw_faults *faults);
/* Does it, now; the action is lent for the faults' life. It is undone when span has passed; 0: it
 * stays. What has no memory to be undone is tried again every second. 0; -ENOMEM, or what
 * hooks->restart says: not done. */
int sw_faults_do(struct sw_faults *faults, const struct sw_topo_action *action, sw_time span,
                 const void *cookie);

#endif
