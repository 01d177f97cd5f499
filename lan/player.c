/* Plays a scenario: the tree of its steps, and time.
 *
 * All is done from timers: one a step, all of one owner, so that of what is due at one instant the
 * first asked for is the first done. What a step's traffic finds out only arms that step's timer,
 * and the end of a child only that of its parent: so no step begins within the end of another, and
 * nothing is freed under whoever called. */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/player_impl.h"

#define ENDED_FIRST "the scenario ended first"

static sw_time now_of(const struct sw_play *play)
{
    return sw_clock_now(play->player->clock);
}

static bool has_children(const struct sw_play *play)
{
    return !play->step || play->step->kind == SW_STEP_PARALLEL ||
           play->step->kind == SW_STEP_REPEAT;
}

static bool in_background(const struct sw_play *play)
{
    return play->step && play->step->background;
}

void sw_play_end(struct sw_play *play)
{
    if (play->state == SW_PLAY_OPEN) {
        play->state = SW_PLAY_ENDED;
        play->ended = now_of(play);
        sw_timer_arm(&play->timer, play->ended);
    }
}

void sw_play_fail(struct sw_play *play, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(play->why, sizeof play->why, format, args);
    va_end(args);
}

/* Something has changed that the parent of a step, or the scenario, may have to act on. */
static void wake(struct sw_play *play)
{
    if (play->state == SW_PLAY_OPEN) {
        sw_timer_arm(&play->timer, now_of(play));
    }
}

/* ---- beginning a step ---- */

/* Opens a step, and waits for it unless it is in the background. */
static void begin(struct sw_play *play)
{
    struct sw_player *p = play->player;
    const struct sw_topo_step *step = play->step;
    char name[SW_JUDGE_TEXT];
    play->state = SW_PLAY_OPEN;
    play->began = now_of(play);
    play->due = SW_TIME_NEVER;
    play->at = play->waits = 0;
    play->round = play->told = 0;
    play->stopping = play->cut = false;
    play->target = NULL;
    *play->why = 0;
    sw_play_round(play, play->round_text);
    p->open++;
    play->parent->waits += !in_background(play);
    if (p->hooks.began) {
        snprintf(name, sizeof name, "%s%s", step->name, play->round_text);
        p->hooks.began(p->hooks.ctx, step, name, play->began);
    }
    sw_frame_counts_began(p->counts, step);
    sw_play_start(play);
    if (*play->why) {
        sw_play_end(play);
    }
}

/* One that is still played since an earlier round is not begun a second time. */
static void begin_child(struct sw_play *parent)
{
    struct sw_play *child = &parent->child[parent->at++];
    if (child->state == SW_PLAY_IDLE) {
        begin(child);
    } else {
        sw_play_fail(parent, "'%.100s' is still played in the background", child->step->name);
        sw_play_end(parent);
    }
}

/* ---- ending the others ---- */

/* Ends a step whose time is not over; where it expects something, it fails. */
static void cut(struct sw_play *play, const char *why)
{
    sw_play_fail(play, "%s", why);
    play->cut = true;
    sw_play_end(play);
}

/* Those that it waits for, and before each of them those that that one waits for. */
static void cut_children(struct sw_play *play)
{
    for (size_t i = 0; i < play->child_count; i++) {
        struct sw_play *child = &play->child[i];
        if (child->state == SW_PLAY_OPEN && !in_background(child)) {
            cut_children(child);
            cut(child, "the time of the steps around it ran out");
        }
    }
}

/* Only those that are in the background are left, and are asked to end. */
static void stop_all(struct sw_player *p)
{
    for (size_t i = 1; i < p->count; i++) {
        struct sw_play *play = &p->play[i];
        if (play->state != SW_PLAY_OPEN) {
            continue;
        }
        play->stopping = true;
        if (has_children(play)) {
            sw_play_fail(play, ENDED_FIRST);
            play->cut = true;
            wake(play);
        } else if (!(play->ping && sw_ping_stop(play->ping)) &&
                   !(play->iperf && sw_iperf_stop(play->iperf))) {
            cut(play, ENDED_FIRST);
        }
    }
}

/* The time of a step is over. Of a wait that is all it waits for; a ping, a flow and a fetch keep
 * their own time. */
static void run_out(struct sw_play *play)
{
    if (play->step->kind != SW_STEP_WAIT) {
        sw_play_fail(play, "its time ran out");
    }
    cut_children(play);
    sw_play_end(play);
}

/* ---- time ---- */

static void finish(struct sw_player *p)
{
    p->finished = true;
    p->play[0].state = SW_PLAY_IDLE;
    if (p->hooks.done) {
        p->hooks.done(p->hooks.ctx);
    }
}

/* All rounds have ended, or no more is to be begun. Those in the background end with the scenario.
 */
static void end_rounds(struct sw_play *play)
{
    struct sw_player *p = play->player;
    if (play->step) {
        sw_play_end(play);
        return;
    }
    if (!play->stopping) {
        play->stopping = true;
        stop_all(p);
    }
    if (p->open == 0) {
        finish(p);
    }
}

/* Begins those children whose turn it is. */
static void go_on(struct sw_play *play)
{
    bool at_once = play->step && play->step->kind == SW_STEP_PARALLEL;
    while (play->state == SW_PLAY_OPEN && (at_once || play->waits == 0)) {
        if (!play->stopping && play->at < play->child_count) {
            begin_child(play);
            continue;
        }
        if (play->waits > 0) {
            return;
        }
        play->round++;
        play->at = 0;
        if (play->stopping || play->round >= play->times || play->child_count == 0) {
            end_rounds(play);
            return;
        }
    }
}

/* An ended step is told of; who waited for it is woken. */
static void close(struct sw_play *play)
{
    struct sw_player *p = play->player;
    sw_play_tell(play);
    sw_play_free_traffic(play);
    sw_timer_cancel(&play->timer);
    play->state = SW_PLAY_IDLE;
    p->open--;
    sw_frame_counts_ended(p->counts, play->step);
    if (p->events) {
        sw_events_step_ended(p->events, play->step->number);
    }
    p->joins -= play->target != NULL;
    for (size_t i = 1; i < p->count && p->joins > 0; i++) {
        if (p->play[i].target == play) {
            sw_play_end(&p->play[i]);
        }
    }
    if (!in_background(play)) {
        play->parent->waits--;
        wake(play->parent);
    }
    if (p->play[0].stopping && p->open == 0) {
        wake(&p->play[0]);
    }
}

static void on_timer(struct sw_timer *timer)
{
    struct sw_play *play = SW_CONTAINER(timer, struct sw_play, timer);
    if (play->state == SW_PLAY_ENDED) {
        close(play);
        return;
    }
    if (!play->step) {
        go_on(play); /* the player may be gone now */
        return;
    }
    if (has_children(play)) {
        go_on(play);
    }
    if (play->step->kind == SW_STEP_READY && sw_play_look(play)) {
        close(play);
        return;
    }
    if (play->state == SW_PLAY_OPEN && now_of(play) >= play->due) {
        run_out(play);
        if (!has_children(play)) {
            close(play); /* at once: those around it may have no more time than it */
        }
    } else if (play->state == SW_PLAY_OPEN && play->step->kind != SW_STEP_READY) {
        sw_timer_arm(timer, play->due);
    }
}

/* ---- the interface ---- */

static size_t count_steps(const struct sw_topo_step *steps, size_t n)
{
    size_t count = n;
    for (size_t i = 0; i < n; i++) {
        count += count_steps(steps[i].steps, steps[i].step_count);
    }
    return count;
}

static size_t most_expects(const struct sw_topo_step *steps, size_t n)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        size_t within = most_expects(steps[i].steps, steps[i].step_count);
        most = most > steps[i].expect_count ? most : steps[i].expect_count;
        most = most > within ? most : within;
    }
    return most;
}

/* The children of a play, side by side, and theirs behind them. As deep as a LAN file nests. */
static int plant(struct sw_play *parent, const struct sw_topo_step *steps, size_t n)
{
    struct sw_player *p = parent->player;
    parent->child = &p->play[p->count];
    parent->child_count = n;
    p->count += n;
    for (size_t i = 0; i < n; i++) {
        struct sw_play *play = &parent->child[i];
        const struct sw_topo_step *step = &steps[i];
        assert(step->kind != SW_STEP_ACTION || p->events);
        play->player = p;
        play->parent = parent;
        play->step = step;
        play->times = step->kind == SW_STEP_REPEAT ? step->times : 1;
        if (sw_timer_init(&play->timer, p->clock, &p->owner, SW_CLASS_STEP, on_timer) ||
            plant(play, step->steps, step->step_count)) {
            return -ENOMEM;
        }
    }
    return 0;
}

int sw_player_new(struct sw_player **out, struct sw_network *net, struct sw_events *events,
                  const struct sw_player_hooks *hooks)
{
    const struct sw_topo *topo = sw_network_topo(net);
    struct sw_player *p = calloc(1, sizeof *p);
    if (!p) {
        return -ENOMEM;
    }
    p->net = net;
    p->topo = topo;
    p->events = events;
    p->hooks = *hooks;
    p->clock = sw_network_env(net)->clock;
    sw_owner_init(&p->owner, "the scenario");
    p->play = calloc(1 + count_steps(topo->steps, topo->step_count), sizeof *p->play);
    p->verdicts = calloc(1 + most_expects(topo->steps, topo->step_count), sizeof *p->verdicts);
    int result = p->play && p->verdicts ? sw_frame_counts_new(&p->counts, net) : -ENOMEM;
    if (result == 0) {
        struct sw_play *all = &p->play[0];
        *all =
            (struct sw_play){.player = p, .times = 1, .state = SW_PLAY_OPEN, .due = SW_TIME_NEVER};
        p->count = 1;
        result = sw_timer_init(&all->timer, p->clock, &p->owner, SW_CLASS_STEP, on_timer);
    }
    result = result ? result : plant(&p->play[0], topo->steps, topo->step_count);
    if (result) {
        sw_player_free(p);
        return result;
    }
    sw_timer_arm(&p->play[0].timer, sw_clock_now(p->clock));
    *out = p;
    return 0;
}

bool sw_player_finished(const struct sw_player *player)
{
    return player->finished;
}

void sw_player_waits_for(const struct sw_player *player, char *text, size_t cap)
{
    size_t used = 0;
    char part[128];
    snprintf(text, cap, "nothing");
    for (size_t i = 1; i < player->count && used < cap; i++) {
        const struct sw_play *play = &player->play[i];
        /* Who waits for children waits for what they wait for. */
        if (play->state == SW_PLAY_IDLE || (has_children(play) && play->waits > 0)) {
            continue;
        }
        sw_play_progress(play, part, sizeof part);
        int n = snprintf(text + used, cap - used, "%s%s%s: %s", used ? "; " : "", play->step->name,
                         play->round_text, part);
        used += n > 0 ? (size_t)n : 0;
    }
    if (!player->finished && used == 0 && player->count > 1 && player->play[0].at == 0) {
        snprintf(text, cap, "%s: not begun", player->play[1].step->name);
    }
}

void sw_player_free(struct sw_player *player)
{
    if (!player) {
        return;
    }
    for (size_t i = 0; i < player->count; i++) {
        sw_play_free_traffic(&player->play[i]);
        sw_timer_fini(&player->play[i].timer);
    }
    sw_frame_counts_free(player->counts);
    free(player->verdicts);
    free(player->play);
    free(player);
}
