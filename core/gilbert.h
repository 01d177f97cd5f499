/* Loss in bursts: a Markov chain of two states, good and bad (Gilbert 1960, Elliott 1963), with
 * a chance of loss in each. It begins in the good one. A frame is lost by the chance of the state
 * that it finds; then the state may change: so in the long run r / (p + r) of the frames find the
 * good state, and a stay in the bad one lasts 1 / r frames. As tc-netem's `loss gemodel`. */
#ifndef SW_CORE_GILBERT_H
#define SW_CORE_GILBERT_H

#include <stdbool.h>

#include "core/link.h"
#include "core/rng.h"

struct sw_gilbert {
    struct sw_draws change, loss;
    bool bad;
};

/* seed is lent. */
void sw_gilbert_init(struct sw_gilbert *g, const struct sw_seed *seed, uint64_t owner);
/* Is frame number `at` of the lane lost? One draw of each stream. */
bool sw_gilbert_loses(struct sw_gilbert *g, const struct sw_gilbert_config *config, uint64_t at);

#endif
