/* switchd schema: the JSON Schema of a LAN file. */
#include <stdio.h>
#include <stdlib.h>

#include "switchd/verbs.h"

int sw_verb_schema(const struct sw_options *o)
{
    (void)o;
    char *text = sw_config_schema();
    if (!text) {
        fputs("switchd: out of memory\n", stderr);
        return SW_EXIT_REFUSED;
    }
    fputs(text, stdout);
    free(text);
    return SW_EXIT_OK;
}
