/* THE table: links. */
#include "config/table.h"

#define KEYS(array) array, sizeof(array) / sizeof(array)[0]
#define HOUR (3600 * SW_S)

/* ---- links ---- */

static const char *const distribution_words[] = {"uniform", "normal", "pareto", "paretonormal",
                                                 NULL};
static const char *const order_words[] = {"kept", "free", NULL};
static const char *const model_words[] = {"gilbert-elliott", NULL};
static const char *const discipline_words[] = {"tail-drop", "red", "codel", "fq-codel", NULL};

static const struct sw_key loss_keys[] = {
    [SW_K_LOSS_MODEL] = {.name = "model",
                         .kind = SW_KIND_WORD,
                         .flags = SW_KEY_REQUIRED,
                         .words = model_words,
                         .doc = "How losses hang together"},
    [SW_K_LOSS_P] = {.name = "p",
                     .kind = SW_KIND_SHARE,
                     .flags = SW_KEY_REQUIRED,
                     .doc = "From a frame to the next, how likely good turns bad"},
    [SW_K_LOSS_R] = {.name = "r",
                     .kind = SW_KIND_SHARE,
                     .flags = SW_KEY_REQUIRED,
                     .doc = "How likely bad turns good again: a burst lasts 1 / `r` frames"},
    [SW_K_LOSS_GOOD] = {.name = "good",
                        .kind = SW_KIND_SHARE,
                        .preset = "0 %",
                        .doc = "The share that is lost while it is good, tc-netem's 1-k"},
    [SW_K_LOSS_BAD] = {.name = "bad",
                       .kind = SW_KIND_SHARE,
                       .preset = "100 %",
                       .doc = "The share that is lost while it is bad, tc-netem's 1-h"},
};
const struct sw_section sw_section_loss = {
    "loss-model", "a loss in bursts",
    "Loss that comes in bursts, in place of a share: a link is good or bad, and begins good; "
    "`{ model: gilbert-elliott, p: 1 %, r: 20 % }`",
    KEYS(loss_keys)};

static const struct sw_key queue_keys[] = {
    [SW_K_QUEUE_LIMIT] = {.name = "limit",
                          .kind = SW_KIND_QUEUE,
                          .min = 1,
                          .max = UINT32_MAX,
                          .preset = "1000 packets",
                          .doc = "How many frames or bytes may wait at most"},
    [SW_K_QUEUE_DISCIPLINE] =
        {.name = "discipline",
         .kind = SW_KIND_WORD,
         .words = discipline_words,
         .preset = "tail-drop",
         .doc = "Who is dropped, and when: `tail-drop` whoever finds the queue full; `red` some as "
                "its average grows; `codel` those that have waited too long (RFC 8289); `fq-codel` "
                "the same of each flow, and flows take turns (RFC 8290). All but the first need a "
                "`rate`"},
    [SW_K_QUEUE_ECN] = {.name = "ecn",
                        .kind = SW_KIND_BOOL,
                        .preset = "off",
                        .doc = "Of `red`, `codel`, `fq-codel`: packets that say they are "
                               "ECN-capable are marked, not dropped (RFC 3168)"},
    [SW_K_QUEUE_TARGET] = {.name = "target",
                           .kind = SW_KIND_TIME,
                           .min = SW_US,
                           .max = HOUR,
                           .preset = "5 ms",
                           .doc = "Of `codel`, `fq-codel`: how long a frame may wait for good"},
    [SW_K_QUEUE_INTERVAL] = {.name = "interval",
                             .kind = SW_KIND_TIME,
                             .min = SW_US,
                             .max = HOUR,
                             .preset = "100 ms",
                             .doc =
                                 "Of `codel`, `fq-codel`: how long they may wait longer; a round "
                                 "trip at its worst"},
    [SW_K_QUEUE_FLOWS] = {.name = "flows",
                          .kind = SW_KIND_COUNT,
                          .min = 1,
                          .max = 65536,
                          .preset = "1024",
                          .doc = "Of `fq-codel`: how many queues"},
    [SW_K_QUEUE_QUANTUM] = {.name = "quantum",
                            .kind = SW_KIND_SIZE,
                            .min = 1,
                            .max = 1 << 20,
                            .preset = "1514 B",
                            .doc = "Of `fq-codel`: how much of a flow is sent at a turn"},
    [SW_K_QUEUE_MIN] = {.name = "min",
                        .kind = SW_KIND_SIZE,
                        .min = 1,
                        .max = (int64_t)1 << 32,
                        .preset = "a third of `max`",
                        .doc = "Of `red`: below this average all pass; needs `max`"},
    [SW_K_QUEUE_MAX] = {.name = "max",
                        .kind = SW_KIND_SIZE,
                        .min = 1,
                        .max = (int64_t)1 << 32,
                        .preset = "a quarter of the limit",
                        .doc = "Of `red`: from this average on none pass; a limit in packets "
                               "counts 1000 bytes each"},
    [SW_K_QUEUE_PROBABILITY] = {.name = "probability",
                                .kind = SW_KIND_SHARE,
                                .min = 1,
                                .max = 1000000000,
                                .preset = "2 %",
                                .doc = "Of `red`: the share that is hit just below `max`"},
};
const struct sw_section sw_section_queue = {
    "discipline", "a queue",
    "A queue with a discipline: `{ limit: 200 packets, discipline: codel, target: 5 ms }`. The "
    "words and defaults are those of tc. A discipline's own settings stand beside its name",
    KEYS(queue_keys)};

#define LANE_KEYS                                                                                  \
    [SW_K_LANE_DELAY] = {.name = "delay",                                                          \
                         .kind = SW_KIND_TIME,                                                     \
                         .max = HOUR,                                                              \
                         .preset = "0",                                                            \
                         .doc = "How long each frame is on its way, one way"},                     \
    [SW_K_LANE_LOSS] = {.name = "loss",                                                            \
                        .kind = SW_KIND_SHARE,                                                     \
                        .of = &sw_section_loss,                                                    \
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
    [SW_K_LANE_QUEUE] =                                                                            \
        {.name = "queue",                                                                          \
         .kind = SW_KIND_QUEUE,                                                                    \
         .of = &sw_section_queue,                                                                  \
         .max = UINT32_MAX,                                                                        \
         .preset = "1000 packets",                                                                 \
         .doc = "How many frames or bytes may wait for the transmitter, those in flight not "      \
                "counted"},                                                                        \
    [SW_K_LANE_JITTER] =                                                                           \
        {.name = "jitter",                                                                         \
         .kind = SW_KIND_TIME,                                                                     \
         .max = HOUR,                                                                              \
         .preset = "0",                                                                            \
         .doc = "How far a frame's delay may lie from `delay`, by `distribution`; never below 0"}, \
    [SW_K_LANE_DISTRIBUTION] = {.name = "distribution",                                            \
                                .kind = SW_KIND_WORD,                                              \
                                .words = distribution_words,                                       \
                                .preset = "uniform",                                               \
                                .doc = "Of `jitter`: `uniform` to both sides, `normal` with it "   \
                                       "as standard deviation, `pareto` with a long tail to "      \
                                       "late, `paretonormal` between the two; as tc-netem's"},     \
    [SW_K_LANE_CORRELATION] = {.name = "correlation",                                              \
                               .kind = SW_KIND_SHARE,                                              \
                               .preset = "0 %",                                                    \
                               .doc = "Of `jitter`: how much of a frame's is that of the frame "   \
                                      "before it, as tc-netem's"},                                 \
    [SW_K_LANE_ORDER] = {.name = "order",                                                          \
                         .kind = SW_KIND_WORD,                                                     \
                         .words = order_words,                                                     \
                         .preset = "kept",                                                         \
                         .doc = "`free`: frames overtake by `jitter` or a shorter `delay`"},       \
    [SW_K_LANE_CORRUPT] = {.name = "corrupt",                                                      \
                           .kind = SW_KIND_SHARE,                                                  \
                           .preset = "0 %",                                                        \
                           .doc = "The share of frames in which one bit flips"},                   \
    [SW_K_LANE_MTU] = {                                                                            \
        .name = "mtu",                                                                             \
        .kind = SW_KIND_COUNT,                                                                     \
        .flags = SW_KEY_OR_ZERO,                                                                   \
        .min = SW_MTU_MIN,                                                                         \
        .max = SW_FRAME_MAX_BYTES - 14,                                                            \
        .preset = "0: no bound",                                                                   \
        .doc = "The longest payload in bytes that passes, Ethernet's header and VLAN tags not "    \
               "counted; longer frames are dropped"}

static const struct sw_key lane_keys[] = {LANE_KEYS};
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
};
const struct sw_section sw_section_set = {
    "set", "set", "The action `set`: what of a link is otherwise from now on", KEYS(set_keys)};
