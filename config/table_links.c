/* THE table: links. */
#include "config/table.h"

#define KEYS(array) array, sizeof(array) / sizeof(array)[0]
#define LATER(key)                                                                                 \
    {                                                                                              \
        .name = key, .flags = SW_KEY_LATER                                                         \
    }
#define HOUR (3600 * SW_S)

/* ---- links ---- */

static const struct sw_key loss_keys[] = {LATER("model"), LATER("p"), LATER("r"), LATER("good"),
                                          LATER("bad")};
static const struct sw_section section_loss = {"loss", "a loss", NULL, KEYS(loss_keys)};
static const struct sw_key queue_keys[] = {LATER("discipline"), LATER("limit")};
static const struct sw_section section_queue = {"queue", "a queue", NULL, KEYS(queue_keys)};

#define LANE_KEYS                                                                                  \
    [SW_K_LANE_DELAY] = {.name = "delay",                                                          \
                         .kind = SW_KIND_TIME,                                                     \
                         .max = HOUR,                                                              \
                         .preset = "0",                                                            \
                         .doc = "How long each frame is on its way, one way"},                     \
    [SW_K_LANE_LOSS] = {.name = "loss",                                                            \
                        .kind = SW_KIND_SHARE,                                                     \
                        .of = &section_loss,                                                       \
                        .preset = "0 %",                                                           \
                        .doc =                                                                     \
                            "The share of frames that are lost, in each direction: a ping over "   \
                            "`loss: 1 %` loses 2 %"},                                              \
    [SW_K_LANE_DUPLICATE] = {.name = "duplicate",                                                  \
                             .kind = SW_KIND_SHARE,                                                \
                             .preset = "0 %",                                                      \
                             .doc = "The share of frames that arrive twice"},                      \
    [SW_K_LANE_REORDER] =                                                                          \
        {.name = "reorder",                                                                        \
         .kind = SW_KIND_SHARE,                                                                    \
         .preset = "0 %",                                                                          \
         .doc = "The share of frames that skip the delay, as tc-netem's; needs a `delay`"},        \
    [SW_K_LANE_RATE] = {.name = "rate",                                                            \
                        .kind = SW_KIND_RATE,                                                      \
                        .preset = "unlimited",                                                     \
                        .doc = "Bits a second, of frame bytes as captured"},                       \
    [SW_K_LANE_OVERHEAD] = {.name = "overhead",                                                    \
                            .kind = SW_KIND_SIZE,                                                  \
                            .max = 65535,                                                          \
                            .preset = "0 B",                                                       \
                            .doc = "Added to each frame for the rate; `24 B` is Ethernet's "       \
                                   "preamble, gap and check sequence"},                            \
    [SW_K_LANE_QUEUE] = {                                                                          \
        .name = "queue",                                                                           \
        .kind = SW_KIND_QUEUE,                                                                     \
        .of = &section_queue,                                                                      \
        .max = UINT32_MAX,                                                                         \
        .preset = "1000 packets",                                                                  \
        .doc =                                                                                     \
            "How many frames or bytes may wait for the transmitter, those in flight not counted"}

#define LATER_LANE_KEYS                                                                            \
    LATER("jitter"), LATER("distribution"), LATER("correlation"), LATER("order"),                  \
        LATER("corrupt"), LATER("mtu")

static const struct sw_key lane_keys[] = {LANE_KEYS, LATER_LANE_KEYS};
const struct sw_section sw_section_lane = {"direction", "one direction of a link",
                                           "A link's `forward` (first end to second) or "
                                           "`backward`: what differs from the link's own settings",
                                           KEYS(lane_keys)};

static const struct sw_key link_keys[] = {
    LANE_KEYS,
    [SW_K_LINK_ENDPOINTS] = {.name = "endpoints",
                             .kind = SW_KIND_ENDS,
                             .flags = SW_KEY_REQUIRED | SW_KEY_OWN,
                             .doc = "The two ends: `[web, core:p7]`"},
    [SW_K_LINK_NAME] = {.name = "name",
                        .kind = SW_KIND_NAME,
                        .flags = SW_KEY_OWN,
                        .preset = "its two nodes",
                        .doc = "The link's name"},
    [SW_K_LINK_FORWARD] = {.name = "forward",
                           .kind = SW_KIND_SECTION,
                           .of = &sw_section_lane,
                           .doc = "What differs from the first end to the second"},
    [SW_K_LINK_BACKWARD] = {.name = "backward",
                            .kind = SW_KIND_SECTION,
                            .of = &sw_section_lane,
                            .doc = "What differs from the second end to the first"},
    LATER_LANE_KEYS,
};
const struct sw_section sw_section_link = {
    "link", "a link", "`[web, core]` is short for `{ endpoints: [web, core] }`", KEYS(link_keys)};

/* ---- a link that changes ---- */

static const struct sw_key set_keys[] = {
    LANE_KEYS,
    [SW_K_SET_LINK] = {.name = "link",
                       .kind = SW_KIND_LINK,
                       .flags = SW_KEY_REQUIRED,
                       .doc = "The link's name, or its two nodes"},
    [SW_K_SET_FROM] = {.name = "from",
                       .kind = SW_KIND_NAME,
                       .preset = "both directions",
                       .doc = "The node at that end of the link whose frames are meant"},
    [SW_K_SET_OVER] = {.name = "over",
                       .kind = SW_KIND_TIME,
                       .max = 24 * HOUR,
                       .preset = "0",
                       .doc = "A ramp: so long until all is as said; numbers go there evenly"},
    LATER_LANE_KEYS,
};
const struct sw_section sw_section_set = {
    "set", "set", "The action `set`: what of a link is otherwise from now on", KEYS(set_keys)};
