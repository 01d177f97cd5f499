/* Which LAN that runs a command line means: that of a file, of this user; or one by its control
 * socket's name. */
#ifndef SW_SWITCHD_REACH_H
#define SW_SWITCHD_REACH_H

#include "switchd/control.h"
#include "switchd/options.h"

/* `argument`: a LAN file, or "@switchd/1000/office", as ss(8) and /proc/net/unix show the socket.
 * Prints what is wrong. 0, or an exit status (2). */
int sw_reach(struct sw_control_place *out, const struct sw_options *options, const char *argument);

#endif
