/* Plays a scenario: one step after the other, by the LAN's clock, and says of each check whether it
 * held. */
#ifndef SW_LAN_PLAYER_H
#define SW_LAN_PLAYER_H

#include <stdbool.h>

#include "lan/network.h"

struct sw_player;

/* One check: a step that expects something. Several expectations of one step are one check; the
 * first that failed is told. */
struct sw_check {
    const char *name;      /* of the step */
    struct sw_where where; /* of the failed expectation, else of the step */
    bool passed;
    const char *expected; /* "rtt < 1 ms", of a failed check */
    const char *seen;     /* "rtt 2.300 ms", of a failed check */
    const char *
        figure; /* what was measured, in one line: "3 sent, 3 received, rtt 0.112/0.118/0.131 ms" */
    sw_time began, ended;
};

struct sw_player_hooks {
    void (*check)(void *ctx, const struct sw_check *check); /* lent for the call */
    void (*done)(void *ctx);                                /* after the last step */
    void *ctx;
};

/* Begins with the first step when the clock runs next. 0, -ENOMEM. */
int sw_player_new(struct sw_player **out, struct sw_network *net,
                  const struct sw_player_hooks *hooks);
bool sw_player_finished(const struct sw_player *player);
/* What an unfinished scenario waits for, in one line: "step 3: ping client web: 2 of 3 replies". */
void sw_player_waits_for(const struct sw_player *player, char *text, size_t cap);
void sw_player_free(struct sw_player *player);

#endif
