/* Plays the scenario of a session and tells of it in records. */
#ifndef SW_SWITCHD_TELL_H
#define SW_SWITCHD_TELL_H

#include "switchd/record.h"
#include "switchd/session.h"

struct sw_teller {
    const struct sw_run_info *run;
    /* Takes the records. */
    void (*tell)(void *ctx, const struct sw_run_info *run, const struct sw_record *record);
    /* Is this check to be told and counted? NULL: all are. */
    bool (*wants)(void *ctx, const char *check);
    void *ctx;
    bool fail_fast;     /* ends with the first check that failed */
    bool may_end_early; /* a signal is no failure */
    sw_time limit;      /* LAN time */
    sw_time stay_until; /* the LAN stays up until then after the last step; 0: it does not */
};

/* Plays to the end, or what there is of it; holds what must always hold; the digest of a virtual
 * run. How it ended. */
enum sw_drive sw_tell(const struct sw_teller *teller, struct sw_session *s);

#endif
