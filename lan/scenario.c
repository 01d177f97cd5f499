/* The memory of actions and steps. See scenario.h. */
#include "lan/scenario.h"

#include <stdlib.h>

static void free_match(struct sw_topo_match *match)
{
    free(match->program);
    free(match->written);
}

void sw_topo_free_action(struct sw_topo_action *action)
{
    free_match(&action->match);
    free(action->name);
    free(action->group);
}

/* Steps within steps are as deep as a LAN file nests at most. */
void sw_topo_free_step(struct sw_topo_step *step)
{
    for (size_t i = 0; i < step->step_count; i++) {
        sw_topo_free_step(&step->steps[i]);
    }
    free(step->steps);
    for (size_t i = 0; i < step->expect_count; i++) {
        free(step->expects[i].text);
        free(step->expects[i].written);
    }
    free(step->expects);
    if (step->action != NULL) {
        sw_topo_free_action(step->action);
        free(step->action);
    }
    free_match(&step->match);
    free(step->of.written);
    free(step->counter);
    free(step->name);
    for (size_t i = 0; step->command != NULL && step->command[i] != NULL; i++) {
        free(step->command[i]);
    }
    free(step->command);
    free(step->from);
    free(step->to);
    free(step->url);
    free(step->method);
    free(step->send);
}
