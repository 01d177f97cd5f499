/* What a host, a link or a bridge needs of the world: time, memory, chance, an ear. Lent to
 * every part for its whole life. */
#ifndef SW_CORE_ENV_H
#define SW_CORE_ENV_H

#include "core/clock.h"
#include "core/frame.h"
#include "core/log.h"
#include "core/rng.h"

struct sw_watch;

struct sw_env {
    struct sw_clock *clock;
    struct sw_pool *pool;
    const struct sw_seed *seed; /* draws of links, from the LAN file's seed */
    const struct sw_seed
        *secrets; /* ISN, ports, hash keys: from the system in real runs, from the seed in tests */
    struct sw_watch *watch; /* the first observer (core/watch.h), or NULL */
    struct sw_log log;
};

#endif
