/* The names of the drop reasons, in the order of enum sw_drop. */
#include "core/drop.h"

#include <assert.h>

const char *sw_drop_name(enum sw_drop reason)
{
    static const char *const names[SW_DROP_COUNT] = {
#define X(id, text) [SW_DROP_##id] = text,
        SW_DROP_LANE_LIST(X) SW_DROP_NODE_LIST(X)
#undef X
    };
    assert(reason < SW_DROP_COUNT);
    return names[reason];
}
