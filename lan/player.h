/* Plays a scenario by the LAN's clock, and says of each check whether it held.
 *
 * The steps of a scenario, and those of `repeat`, are played one after the other; those of
 * `parallel` at once. A step in the background is waited for by nobody but a `join`: once the last
 * other step has ended it is asked to end (a ping sends no more, a flow stops; what is on its way
 * is waited for), or, where it cannot, fails. A check that fails does not end the scenario. */
#ifndef SW_LAN_PLAYER_H
#define SW_LAN_PLAYER_H

#include <stdbool.h>

#include "lan/events.h"
#include "lan/judge.h"
#include "lan/network.h"

struct sw_player;

/* One expectation, and whether it held. */
struct sw_verdict {
    const struct sw_topo_expect *expect;
    bool passed;
    char expected[SW_JUDGE_TEXT]; /* "rtt < 1 ms" */
    char seen[SW_JUDGE_TEXT];     /* "rtt 2.300 ms" */
};

/* One check: a step that expects something, all its expectations together; or one that could not be
 * played, whatever it expects. */
struct sw_check {
    const char *name; /* of the step; within `repeat` with its round: "step 2: ping a b (2 of 3)" */
    const struct sw_topo_step *step;
    struct sw_where where; /* of the first failed expectation, else of the step */
    bool passed;
    /* Of a failed check: its first failed expectation. Of a step that could not be played and
     * expects nothing: "its end", and why. */
    const char *expected, *seen;
    const char *
        figure; /* what was measured, in one line: "3 sent, 3 received, rtt 0.112/0.118/0.131 ms" */
    sw_time began, ended;
    const struct sw_value *values; /* all numbers that were measured */
    size_t value_count;
    const struct sw_verdict *verdicts; /* of all its expectations, in their order */
    size_t verdict_count;
};

/* Any of them may be NULL; what they are given is lent for the call. */
struct sw_player_hooks {
    /* A step begins, whatever its kind; the name as in its check. */
    void (*began)(void *ctx, const struct sw_topo_step *step, const char *name, sw_time now);
    void (*check)(void *ctx, const struct sw_check *check);
    void (*done)(void *ctx); /* after the last step; the player may be freed in it */
    void *ctx;
};

/* Begins with the first step when the clock runs next. events is lent, and does the steps that are
 * actions; NULL where there are none: asserted. 0, -ENOMEM. */
int sw_player_new(struct sw_player **out, struct sw_network *net, struct sw_events *events,
                  const struct sw_player_hooks *hooks);
bool sw_player_finished(const struct sw_player *player);
/* What an unfinished scenario waits for, in one line, each open step with how far it has come:
 * "step 3: ping client web: 2 of 3 replies; step 4: wait: until 9.000 s". */
void sw_player_waits_for(const struct sw_player *player, char *text, size_t cap);
/* Before the events and the network. NULL is harmless. */
void sw_player_free(struct sw_player *player);

#endif
