/* switchd check: what is wrong with LAN files; nothing is started. */
#include <stdio.h>

#include "switchd/session.h"
#include "switchd/verbs.h"

int sw_verb_check(const struct sw_options *o)
{
    int status = 0;
    for (int i = 0; i < o->argument_count; i++) {
        struct sw_topo *topo;
        int one = sw_session_read(&topo, o, o->arguments[i]);
        if (one == 0) {
            if (!o->quiet) {
                printf("%s: %zu hosts, %zu switches, %zu uplinks, %zu links, %zu steps: all well\n",
                       o->arguments[i], topo->host_count, topo->switch_count, topo->uplink_count,
                       topo->link_count, topo->step_count);
            }
            sw_topo_free(topo);
        }
        status = one > status ? one : status;
    }
    return status;
}
