/* Loss in bursts (see gilbert.h). */
#include "core/gilbert.h"

void sw_gilbert_init(struct sw_gilbert *g, const struct sw_seed *seed, uint64_t owner)
{
    *g = (struct sw_gilbert){0};
    sw_draws_init(&g->change, seed, owner, SW_DRAW_BURST);
    sw_draws_init(&g->loss, seed, owner, SW_DRAW_BURST_LOSS);
}

bool sw_gilbert_loses(struct sw_gilbert *g, const struct sw_gilbert_config *config, uint64_t at)
{
    sw_draws_seek(&g->change, at);
    sw_draws_seek(&g->loss, at);
    bool lost = sw_draw_chance(&g->loss, g->bad ? config->bad : config->good);
    if (sw_draw_chance(&g->change, g->bad ? config->r : config->p)) {
        g->bad = !g->bad;
    }
    return lost;
}
