/* Counts frames for captures. One observer for all; a frame costs a look at each capture. See the
 * header. */
#include "lan/frame_count.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "core/watch.h"
#include "lan/match.h"

/* One step `capture`. */
struct place {
    const struct sw_topo_step *step;
    const struct sw_lane *entered[2]; /* counted as they enter; NULL: none */
    const struct sw_lane *arrived;    /* counted as they arrive; NULL: none */
    struct sw_match *match;
    uint64_t frames;
    bool began;    /* of a step: it has been played */
    unsigned open; /* how often it is being played now */
};

struct sw_frame_counts {
    struct sw_network *net;
    struct sw_watch watch;
    struct place *place;
    size_t count;
    bool looked; /* a capture was played, and since then nothing but steps that look */
};

static bool is_of_step(const struct place *place)
{
    return place->step->target != SW_STEP_NONE;
}

/* Each frame of the place is shown, counted or not: `retransmit` is about all of them. */
static void see(struct place *place, const struct sw_frame *frame)
{
    if (sw_match_frame(place->match, frame) && (!is_of_step(place) || place->open > 0)) {
        place->frames++;
    }
}

static void on_sent(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                    const struct sw_frame *frame)
{
    struct sw_frame_counts *counts = SW_CONTAINER(w, struct sw_frame_counts, watch);
    (void)now;
    for (size_t i = 0; i < counts->count; i++) {
        struct place *place = &counts->place[i];
        if (lane == place->entered[0] || lane == place->entered[1]) {
            see(place, frame);
        }
    }
}

static void on_arrived(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                       struct sw_frame *const *frames, unsigned n)
{
    struct sw_frame_counts *counts = SW_CONTAINER(w, struct sw_frame_counts, watch);
    (void)now;
    for (size_t i = 0; i < counts->count; i++) {
        for (unsigned k = 0; k < n && lane == counts->place[i].arrived; k++) {
            see(&counts->place[i], frames[k]);
        }
    }
}

/* ---- its life ---- */

static size_t count_captures(const struct sw_topo_step *steps, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += steps[i].kind == SW_STEP_CAPTURE;
        count += count_captures(steps[i].steps, steps[i].step_count);
    }
    return count;
}

static int add_place(struct sw_frame_counts *counts, const struct sw_topo_step *step)
{
    const struct sw_topo_object *on = &step->of;
    const struct sw_link *link = sw_network_link_at(counts->net, on->index);
    struct place *place = &counts->place[counts->count];
    assert(link != NULL && (on->kind == SW_OBJECT_LINK || on->kind == SW_OBJECT_PORT));
    *place = (struct place){.step = step, .entered = {&link->forward, &link->backward}};
    if (on->kind == SW_OBJECT_PORT) {
        place->arrived = place->entered[1 - on->end];
        place->entered[1 - on->end] = NULL;
    }
    int result = sw_match_new(&place->match, &step->match);
    counts->count += result == 0;
    return result;
}

static int add_places(struct sw_frame_counts *counts, const struct sw_topo_step *steps, size_t n)
{
    int result = 0;
    for (size_t i = 0; i < n && result == 0; i++) {
        result = steps[i].kind == SW_STEP_CAPTURE
                     ? add_place(counts, &steps[i])
                     : add_places(counts, steps[i].steps, steps[i].step_count);
    }
    return result;
}

int sw_frame_counts_new(struct sw_frame_counts **out, struct sw_network *net)
{
    const struct sw_topo *topo = sw_network_topo(net);
    size_t captures = count_captures(topo->steps, topo->step_count);
    *out = NULL;
    if (captures == 0) {
        return 0;
    }
    struct sw_frame_counts *counts = calloc(1, sizeof *counts);
    struct place *place = calloc(captures, sizeof *place);
    if (!counts || !place) {
        free(counts);
        free(place);
        return -ENOMEM;
    }
    counts->net = net;
    counts->place = place;
    counts->watch = (struct sw_watch){.sent = on_sent, .arrived = on_arrived};
    sw_network_watch(net, &counts->watch);
    int result = add_places(counts, topo->steps, topo->step_count);
    if (result) {
        sw_frame_counts_free(counts);
        return result;
    }
    *out = counts;
    return 0;
}

void sw_frame_counts_free(struct sw_frame_counts *counts)
{
    if (!counts) {
        return;
    }
    sw_network_unwatch(counts->net, &counts->watch);
    for (size_t i = 0; i < counts->count; i++) {
        sw_match_free(counts->place[i].match);
    }
    free(counts->place);
    free(counts);
}

/* ---- steps ---- */

static bool looks(const struct sw_topo_step *step)
{
    return step->kind == SW_STEP_CAPTURE || step->kind == SW_STEP_COUNTER ||
           step->kind == SW_STEP_TABLE;
}

void sw_frame_counts_began(struct sw_frame_counts *counts, const struct sw_topo_step *step)
{
    if (!counts) {
        return;
    }
    bool anew = counts->looked && !looks(step);
    counts->looked = counts->looked && looks(step);
    for (size_t i = 0; i < counts->count; i++) {
        struct place *place = &counts->place[i];
        if (!is_of_step(place)) {
            place->frames = anew ? 0 : place->frames;
        } else if (place->step->target == step->number) {
            place->frames = place->open > 0 ? place->frames : 0;
            place->open++;
            place->began = true;
        }
    }
}

void sw_frame_counts_ended(struct sw_frame_counts *counts, const struct sw_topo_step *step)
{
    for (size_t i = 0; counts && i < counts->count; i++) {
        struct place *place = &counts->place[i];
        if (is_of_step(place) && place->step->target == step->number) {
            assert(place->open > 0);
            place->open--;
        }
    }
}

bool sw_frame_counts_take(struct sw_frame_counts *counts, const struct sw_topo_step *capture,
                          uint64_t *out)
{
    size_t i = 0;
    while (counts->place[i].step != capture) {
        i++;
        assert(i < counts->count);
    }
    const struct place *place = &counts->place[i];
    counts->looked = true;
    *out = place->frames;
    return !is_of_step(place) || place->began;
}
