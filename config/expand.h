/* ${NAME}, ${NAME:-default} and $$ in one text. Pure. */
#ifndef SW_CONFIG_EXPAND_H
#define SW_CONFIG_EXPAND_H

#include <stddef.h>

#include "config/config.h"
#include "config/value.h"

#define SW_EXPAND_BYTES_MAX (1u << 20) /* of one text, once expanded */

/* Where variables come from: sets before the matrix before the environment. */
struct sw_variables {
    const struct sw_config_set *sets;
    size_t set_count;
    const struct sw_config_set *matrix;
    size_t matrix_count;
    const struct sw_config_io *io; /* its variable() may be NULL: no environment */
};

/* 0 and a malloc'd text with its length. -EINVAL: `why` says what is wrong, and *at which byte of
 * text it begins. -ENOMEM. An empty variable takes its default too, as in a shell. Of several sets
 * of one name the last counts. */
int sw_expand(char **out, size_t *len, const char *text, const struct sw_variables *variables,
              char why[SW_WHY], size_t *at);

#endif
