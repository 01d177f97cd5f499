/* What a process may do in its user namespace; see capabilities(7). */
#ifndef SW_SWITCHD_RIGHTS_H
#define SW_SWITCHD_RIGHTS_H

/* Of all that this process may do there, only these of enum sw_capability (lan/topo.h) remain, and
 * they do so in whatever it executes; also where it is root, who otherwise would get all again. For
 * a process that has them all, as the first in a namespace has, and who enters one from above. 0 or
 * a negative errno. */
int sw_rights_keep(unsigned capabilities);

#endif
