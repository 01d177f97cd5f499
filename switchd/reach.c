/* Which LAN is meant. See reach.h. */
#include "switchd/reach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/session.h"

static int by_socket(struct sw_control_place *out, const char *argument)
{
    size_t begin = sizeof SW_CONTROL_PREFIX - 1;
    char *end = NULL;
    bool known = strncmp(argument, SW_CONTROL_PREFIX, begin) == 0 && argument[begin] >= '0' &&
                 argument[begin] <= '9';
    unsigned long user = known ? strtoul(argument + begin, &end, 10) : 0;
    if (!known || *end != '/' || user > UINT32_MAX || !end[1] ||
        strlen(end + 1) >= sizeof out->lan) {
        fprintf(stderr, "switchd: '%s': a LAN's socket is named %sUSER/LAN, USER a number\n",
                argument, SW_CONTROL_PREFIX);
        return SW_EXIT_USAGE;
    }
    out->user = (uid_t)user;
    snprintf(out->lan, sizeof out->lan, "%s", end + 1);
    return 0;
}

int sw_reach(struct sw_control_place *out, const struct sw_options *options, const char *argument)
{
    struct sw_topo *topo;
    if (argument[0] == '@') {
        return by_socket(out, argument);
    }
    int status = sw_session_read(&topo, options, argument);
    if (status == 0) {
        out->user = geteuid();
        snprintf(out->lan, sizeof out->lan, "%s", topo->name);
        sw_topo_free(topo);
    }
    return status;
}
