/* switchd check: what is wrong with LAN files; nothing is started. */
#include <stdio.h>

#include "switchd/session.h"
#include "switchd/verbs.h"

/* All combinations of one file. */
static int check(const struct sw_options *o, const char *file)
{
    size_t combinations = 1;
    for (size_t i = 0; i < combinations; i++) {
        struct sw_topo *topo;
        struct sw_config_choice choice = {.combination = i};
        int status = sw_session_read_one(&topo, o, file, &choice, i > 0);
        combinations = choice.combinations;
        if (status == 0 && !o->quiet) {
            printf(
                "%s%s%s%s: %zu hosts, %zu switches, %zu uplinks, %zu links, %zu steps: all well\n",
                file, choice.text ? "[" : "", choice.text ? choice.text : "",
                choice.text ? "]" : "", topo->host_count, topo->switch_count, topo->uplink_count,
                topo->link_count, topo->step_total);
        }
        sw_config_choice_fini(&choice);
        if (status) {
            return status;
        }
        sw_topo_free(topo);
    }
    return 0;
}

int sw_verb_check(const struct sw_options *o)
{
    int status = 0;
    for (int i = 0; i < o->argument_count; i++) {
        int one = check(o, o->arguments[i]);
        status = one > status ? one : status;
    }
    return status;
}
