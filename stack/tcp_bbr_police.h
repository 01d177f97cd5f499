/* BBR's long-term sampling: see tcp_bbr.h. A policer lets a burst pass and drops all that is over
 * its rate, so the largest bandwidth measured is what it does not bear for long. Where two
 * intervals with heavy loss at both ends say nearly the same rate, that is the policer's, and goes
 * for 48 round trips. Pure. */
#ifndef SW_STACK_TCP_BBR_POLICE_H
#define SW_STACK_TCP_BBR_POLICE_H

#include "stack/tcp_bbr.h"

/* An acknowledgement; bbr->round_start is set. True: the rate has been believed for long enough,
 * and PROBE_BW begins anew. */
bool sw_tcp_bbr_police(struct sw_tcp_bbr *bbr, const struct sw_tcp_rate *rate, bool limited,
                       bool loss);
/* Forgets all of it; the next loss begins anew. */
void sw_tcp_bbr_police_reset(struct sw_tcp_bbr *bbr, const struct sw_tcp_rate *rate);

#endif
