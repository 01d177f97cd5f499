/* The matrix of a LAN file: which combinations of values it is run with. */
#ifndef SW_CONFIG_MATRIX_H
#define SW_CONFIG_MATRIX_H

#include "config/expand.h"
#include "config/yaml.h"

#define SW_MATRIX_AXES_MAX 16
#define SW_MATRIX_COMBINATIONS_MAX 10000

/* Reads the mapping and takes the combination of choice, whose values it fills in. What a set says
 * is an axis of one value. 0; -EINVAL: problems were reported; -ENOMEM. */
int sw_matrix_choose(struct sw_config_choice *choice, const struct sw_yaml *matrix,
                     const struct sw_variables *variables, struct sw_report *report);

#endif
