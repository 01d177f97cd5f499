/* The verbs: each runs a parsed command line and returns the exit status. */
#ifndef SW_SWITCHD_VERBS_H
#define SW_SWITCHD_VERBS_H

#include "switchd/options.h"

int sw_verb_run(const struct sw_options *options);
int sw_verb_test(const struct sw_options *options);
int sw_verb_check(const struct sw_options *options);
int sw_verb_ping(const struct sw_options *options);
int sw_verb_iperf(const struct sw_options *options);
int sw_verb_exec(const struct sw_options *options);
int sw_verb_shell(const struct sw_options *options);
int sw_verb_forward(const struct sw_options *options);
int sw_verb_schema(const struct sw_options *options);

#endif
