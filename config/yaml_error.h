/* What libyaml found wrong, in words that say how to mend it. */
#ifndef SW_CONFIG_YAML_ERROR_H
#define SW_CONFIG_YAML_ERROR_H

#include <yaml.h>

#include "config/problem.h"

/* Reports the error that stopped the parser (any but YAML_MEMORY_ERROR). */
void sw_yaml_report_syntax(struct sw_report *report, const yaml_parser_t *parser);

#endif
