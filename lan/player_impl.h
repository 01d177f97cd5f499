/* What the files of the player share among themselves: the tree of steps, of which each that is
 * played has its own state. player.c lets time pass over it, player_begin.c makes the traffic of a
 * step, player_check.c says what it came to. */
#ifndef SW_LAN_PLAYER_IMPL_H
#define SW_LAN_PLAYER_IMPL_H

#include "lan/frame_count.h"
#include "lan/player.h"
#include "lan/traffic.h"

#define SW_PLAY_ROUND 64 /* bytes of " (2 of 3)" */

/* Each state says what may be read. */
enum sw_play_state {
    SW_PLAY_IDLE,  /* not played now; nothing but the tree */
    SW_PLAY_OPEN,  /* played: its traffic, as far as it has come */
    SW_PLAY_ENDED, /* what it came to stands; its timer, which is due, tells of it */
};

/* One step; or the scenario itself, which has no step and no parent. */
struct sw_play {
    struct sw_player *player;
    const struct sw_topo_step *step;
    struct sw_play *parent, *child;
    size_t child_count;
    uint32_t times; /* how often its children are played, one after the other */

    enum sw_play_state state;
    struct sw_timer timer; /* due: when it has ended, or something is to be done for its children */
    sw_time began, ended;
    sw_time due;    /* when its time is over, or never */
    size_t at;      /* of one with children: those before have begun, in this round */
    uint32_t round; /* rounds that have ended */
    size_t waits;   /* children that it waits for */
    bool stopping;  /* it begins no more children */
    bool cut;       /* ended by another's end: where it expects nothing, nobody is told */
    struct sw_ping *ping;
    struct sw_iperf *iperf;
    struct sw_fetch *fetch;
    struct sw_talk *talk;
    struct sw_command *run;
    uint32_t told;                  /* replies of a ping that were told of */
    const struct sw_play *target;   /* of a join that waits: for whom */
    char round_text[SW_PLAY_ROUND]; /* of those around it, when it began */
    char why[SW_JUDGE_TEXT];        /* why it could not be played */
};

struct sw_player {
    struct sw_network *net;
    const struct sw_topo *topo;
    struct sw_events *events;
    struct sw_frame_counts *counts;
    struct sw_player_hooks hooks;
    struct sw_clock *clock;
    struct sw_owner owner;
    struct sw_play *play; /* all of them; the first is the scenario itself */
    size_t count;
    size_t open;                 /* steps that are not idle */
    size_t joins;                /* of them, those that wait for another */
    struct sw_verdict *verdicts; /* as many as any step expects */
    bool finished;
};

/* player.c. Its step has ended, which its timer tells: for callbacks of traffic and whoever makes
 * it. Harmless where it has ended already. */
void sw_play_end(struct sw_play *play);
/* It could not be played, and that is why. */
void sw_play_fail(struct sw_play *play, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* player_begin.c. Makes what the step of a play that has just been opened does; one that could not
 * begin has a reason (why), and one that has nothing to wait for has ended. */
void sw_play_start(struct sw_play *play);
/* One that waits for a program looks whether it is ready: then it has ended. Else it looks again in
 * a while. */
bool sw_play_look(struct sw_play *play);
void sw_play_free_traffic(struct sw_play *play);

/* player_check.c. Tells what an ended step came to, if there is anything to tell. */
void sw_play_tell(struct sw_play *play);
/* " (2 of 3)", of the rounds around it; nothing outside of any. Returns buf. */
char *sw_play_round(const struct sw_play *play, char buf[SW_PLAY_ROUND]);
/* How far an open step has come. */
void sw_play_progress(const struct sw_play *play, char *text, size_t cap);

#endif
