/* What a person or a script reads of checks: a line each, the figures of a failed one, and the
 * count at the end. */
#ifndef SW_SWITCHD_TALLY_H
#define SW_SWITCHD_TALLY_H

#include "lan/player.h"
#include "switchd/session.h"

struct sw_tally {
    const struct sw_options *options;
    const char *file; /* of the run under way */
    uint64_t seed;
    bool real;
    unsigned passed, failed, skipped;
};

/* Plays the scenario of s to its end, or what there is of it, prints a line a check, holds what
 * must always hold, and prints the digest of a virtual run. After the scenario the LAN stays up
 * until LAN time stay_until (0: it does not). Returns how it ended. */
enum sw_drive sw_tally_play(struct sw_tally *tally, struct sw_session *s, sw_time limit,
                            sw_time stay_until);
/* One line of a check that is not the player's; `why` is of a failed one. */
void sw_tally_check(struct sw_tally *tally, const char *name, bool passed, const char *why);
void sw_tally_skip(struct sw_tally *tally, const char *file, const char *why);
/* "N passed, N failed", the last line written. Returns the exit status. */
int sw_tally_end(const struct sw_tally *tally);

#endif
