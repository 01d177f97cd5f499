/* THE table: the steps of a scenario, actions and events. */
#include "config/table.h"
#include "lan/traffic.h"

#define KEYS(array) array, sizeof(array) / sizeof(array)[0]
#define LATER(key)                                                                                 \
    {                                                                                              \
        .name = key, .flags = SW_KEY_LATER                                                         \
    }
#define HOUR (3600 * SW_S)

/* ---- actions ---- */

/* In the order of enum sw_action_kind. */
#define ACTION_KEYS(base)                                                                          \
    [(base) +                                                                                      \
        SW_ACTION_DOWN] = {.name = "down",                                                         \
                           .kind = SW_KIND_LINK,                                                   \
                           .doc = "Unplugs a link: what is on its way is lost"},                   \
        [(base) +                                                                                  \
            SW_ACTION_UP] = {.name = "up", .kind = SW_KIND_LINK, .doc = "Plugs it in again"},      \
        [(base) + SW_ACTION_SET] = {.name = "set",                                                 \
                                    .kind = SW_KIND_SECTION,                                       \
                                    .of = &sw_section_set,                                         \
                                    .doc = "Changes what a link does to frames"},                  \
        [(base) + SW_ACTION_FLAP] = {.name = "flap",                                               \
                                     .kind = SW_KIND_SECTION,                                      \
                                     .of = &sw_section_flap,                                       \
                                     .doc = "A link goes down and up again, and again"},           \
        [(base) + SW_ACTION_DROP] = {.name = "drop",                                               \
                                     .kind = SW_KIND_SECTION,                                      \
                                     .of = &sw_section_drop,                                       \
                                     .doc = "Certain frames are lost on a link"},                  \
        [(base) + SW_ACTION_CRASH] = {.name = "crash",                                             \
                                      .kind = SW_KIND_HOST,                                        \
                                      .doc = "A host is gone at once, and its state is lost"},     \
        [(base) + SW_ACTION_RESTART] = {.name = "restart",                                         \
                                        .kind = SW_KIND_HOST,                                      \
                                        .doc = "A host begins anew, with its services"},           \
        [(base) + SW_ACTION_STOP] = {.name = "stop",                                               \
                                     .kind = SW_KIND_HOST,                                         \
                                     .doc = "A host stands still and keeps its state"},            \
        [(base) + SW_ACTION_CONTINUE] = {.name = "continue",                                       \
                                         .kind = SW_KIND_HOST,                                     \
                                         .doc = "A host that stands still goes on"},               \
        [(base) +                                                                                  \
            SW_ACTION_PARTITION] = {.name = "partition",                                           \
                                    .kind = SW_KIND_PARTITION,                                     \
                                    .doc = "Hosts hear only those of their own group: "            \
                                           "`[[a, b], [\"c-*\"]]`. Hosts in no group reach all"},  \
        [(base) + SW_ACTION_HEAL] = {.name = "heal",                                               \
                                     .kind = SW_KIND_NOTHING,                                      \
                                     .doc = "Ends the partition"},                                 \
        [(base) + SW_ACTION_HOLD] = {.name = "hold",                                               \
                                     .kind = SW_KIND_LINK,                                         \
                                     .of = &sw_section_hold,                                       \
                                     .doc = "Frames wait on a link, in order"},                    \
        [(base) + SW_ACTION_RELEASE] = {.name = "release",                                         \
                                        .kind = SW_KIND_LINK,                                      \
                                        .of = &sw_section_hold,                                    \
                                        .doc = "Those that wait go on, all at once"},              \
        [(base) + SW_ACTION_KILL] = {.name = "kill",                                               \
                                     .kind = SW_KIND_SECTION,                                      \
                                     .of = &sw_section_kill,                                       \
                                     .doc = "Sends a program a signal"},                           \
        [(base) + SW_ACTION_START] = {.name = "start",                                             \
                                      .kind = SW_KIND_HOST,                                        \
                                      .doc = "Begins a program that does not run (any more)"}

#define LINK_KEY                                                                                   \
    {                                                                                              \
        .name = "link", .kind = SW_KIND_LINK, .flags = SW_KEY_REQUIRED,                            \
        .doc = "The link's name, or its two nodes"                                                 \
    }
#define FROM_KEY                                                                                   \
    {                                                                                              \
        .name = "from", .kind = SW_KIND_NAME, .preset = "both directions",                         \
        .doc = "The node at that end of the link whose frames are meant"                           \
    }

static const struct sw_key flap_keys[] = {
    [SW_K_FLAP_LINK] = LINK_KEY,
    [SW_K_FLAP_EVERY] = {.name = "every",
                         .kind = SW_KIND_TIME,
                         .flags = SW_KEY_REQUIRED,
                         .min = SW_US,
                         .max = 24 * HOUR,
                         .doc = "From one time that it goes down to the next"},
    [SW_K_FLAP_DOWN] = {.name = "down",
                        .kind = SW_KIND_TIME,
                        .flags = SW_KEY_REQUIRED,
                        .min = 1,
                        .max = 24 * HOUR,
                        .doc = "How long it is down each time"},
};
const struct sw_section sw_section_flap = {
    "flap", "flap", "The action `flap`; `up` ends it, and so does an event's `for`",
    KEYS(flap_keys)};

static const struct sw_key drop_keys[] = {
    [SW_K_DROP_LINK] = LINK_KEY,
    [SW_K_DROP_FROM] = FROM_KEY,
    [SW_K_DROP_MATCH] = {.name = "match",
                         .kind = SW_KIND_MATCH,
                         .preset = "every frame",
                         .doc = "Which frames"},
    [SW_K_DROP_NTH] = {.name = "nth",
                       .kind = SW_KIND_COUNT,
                       .min = 1,
                       .max = UINT32_MAX,
                       .doc = "That one of them alone, counted from 1 and from now on"},
    [SW_K_DROP_COUNT] = {.name = "count",
                         .kind = SW_KIND_COUNT,
                         .min = 1,
                         .max = UINT32_MAX,
                         .preset = "1",
                         .doc = "So many of them, from the next on; in place of `nth`"},
};
const struct sw_section sw_section_drop = {"drop", "drop", "The action `drop`", KEYS(drop_keys)};

static const struct sw_key hold_keys[] = {[SW_K_HOLD_LINK] = LINK_KEY, [SW_K_HOLD_FROM] = FROM_KEY};
const struct sw_section sw_section_hold = {
    "hold", "hold", "The actions `hold` and `release` of one direction alone", KEYS(hold_keys)};

/* ---- events ---- */

static const struct sw_key event_keys[] = {
    [SW_K_EVENT_AT] = {.name = "at",
                       .kind = SW_KIND_TIME,
                       .max = 10000 * HOUR,
                       .doc = "When, by the LAN's clock, which begins at 0"},
    [SW_K_EVENT_AFTER] = {.name = "after",
                          .kind = SW_KIND_STEP,
                          .doc = "In place of `at`: when the step of this name has ended"},
    [SW_K_EVENT_PLUS] = {.name = "plus",
                         .kind = SW_KIND_TIME,
                         .max = 10000 * HOUR,
                         .preset = "0",
                         .doc = "How long after that step"},
    ACTION_KEYS(SW_K_EVENT_ACTION),
    [SW_K_EVENT_FOR] = {.name = "for",
                        .kind = SW_KIND_TIME,
                        .min = 1,
                        .max = 10000 * HOUR,
                        .doc = "The action is undone after this time: `down` by `up`, `crash` by "
                               "`restart`, and so on"},
    [SW_K_EVENT_EVERY] = {.name = "every",
                          .kind = SW_KIND_TIME,
                          .min = SW_US,
                          .max = 10000 * HOUR,
                          .doc = "It comes again and again, so far apart"},
    [SW_K_EVENT_TIMES] = {.name = "times",
                          .kind = SW_KIND_COUNT,
                          .min = 1,
                          .max = UINT32_MAX,
                          .preset = "without end",
                          .doc = "How often in all, with `every`"},
};
const struct sw_section sw_section_event = {
    "event", "an event",
    "An item of `events`: one action, and when it comes, whatever the scenario is doing. One of "
    "`at` and `after` is said. Of a `link` its name is said, or its two nodes `[a, b]`, in either "
    "order; of two links between them each needs a name, or its port: `[a:eth1, b]`",
    KEYS(event_keys)};

/* ---- steps ---- */

static const struct sw_key item_keys[] = {
    [SW_K_ITEM_PING] = {.name = "ping",
                        .kind = SW_KIND_SECTION,
                        .of = &sw_section_ping,
                        .doc = "Echo requests from a host"},
    [SW_K_ITEM_IPERF] =
        {.name = "iperf",
         .kind = SW_KIND_SECTION,
         .of = &sw_section_iperf,
         .doc = "As much as goes from a host to another; both ends are started by the step"},
    [SW_K_ITEM_HTTP] = {.name = "http",
                        .kind = SW_KIND_SECTION,
                        .of = &sw_section_fetch,
                        .doc = "One HTTP request from a host"},
    [SW_K_ITEM_TCP] = {.name = "tcp",
                       .kind = SW_KIND_SECTION,
                       .of = &sw_section_tcp_step,
                       .doc = "One TCP connection: a text goes, a text comes"},
    [SW_K_ITEM_UDP] = {.name = "udp",
                       .kind = SW_KIND_SECTION,
                       .of = &sw_section_udp_step,
                       .doc = "One datagram, and what comes back"},
    [SW_K_ITEM_RUN] = {.name = "run",
                       .kind = SW_KIND_SECTION,
                       .of = &sw_section_run,
                       .doc = "A command on a host that is a program"},
    [SW_K_ITEM_WAIT] = {.name = "wait",
                        .kind = SW_KIND_SECTION,
                        .of = &sw_section_wait,
                        .doc = "Nothing, for a time"},
    [SW_K_ITEM_COUNTER] = {.name = "counter",
                           .kind = SW_KIND_SECTION,
                           .of = &sw_section_counter,
                           .doc = "What a counter says"},
    [SW_K_ITEM_TABLE] = {.name = "table",
                         .kind = SW_KIND_SECTION,
                         .of = &sw_section_table,
                         .doc = "What a switch or a host has learned"},
    [SW_K_ITEM_CAPTURE] = {.name = "capture",
                           .kind = SW_KIND_SECTION,
                           .of = &sw_section_capture,
                           .doc = "How many frames of a kind passed"},
    [SW_K_ITEM_PARALLEL] = {.name = "parallel",
                            .kind = SW_KIND_LIST,
                            .of = &sw_section_item,
                            .doc = "Steps that run at once; it ends with the last of them"},
    [SW_K_ITEM_REPEAT] = {.name = "repeat",
                          .kind = SW_KIND_SECTION,
                          .of = &sw_section_repeat,
                          .doc = "Steps that run several times over"},
    [SW_K_ITEM_JOIN] = {.name = "join",
                        .kind = SW_KIND_STEP,
                        .doc = "Waits until the step of this name, in the background, has ended"},
    ACTION_KEYS(SW_K_ITEM_ACTION),
    [SW_K_ITEM_NAME] = {.name = "name",
                        .kind = SW_KIND_TEXT,
                        .preset = "made from what it does",
                        .doc = "The step's name in reports, and where other steps refer to it"},
    [SW_K_ITEM_EXPECT] = {.name = "expect",
                          .kind = SW_KIND_EXPECT,
                          .doc = "What must hold; some is held even if unsaid"},
    [SW_K_ITEM_TIMEOUT] = {.name = "timeout",
                           .kind = SW_KIND_TIME,
                           .min = 1,
                           .max = 24 * HOUR,
                           .preset = "1 s a reply of `ping`; 10 s of `tcp` and `udp`; 10 s without "
                                     "progress of `http` and `iperf`; else none",
                           .doc = "How long is waited: by `ping` for each reply, by `iperf` while "
                                  "nothing moves, else for the whole step"},
    [SW_K_ITEM_BACKGROUND] = {.name = "background",
                              .kind = SW_KIND_BOOL,
                              .preset = "off",
                              .doc = "The next step does not wait for it; it ends with the "
                                     "scenario, or when it is joined"},
};
const struct sw_section sw_section_item = {
    "step", "a step", "An item of `scenario`: it does one thing, and may have a name and more",
    KEYS(item_keys)};

static const struct sw_key ping_keys[] = {
    [SW_K_PING_FROM] = {.name = "from",
                        .kind = SW_KIND_HOST,
                        .flags = SW_KEY_REQUIRED,
                        .doc = "The host that asks"},
    [SW_K_PING_TO] = {.name = "to",
                      .kind = SW_KIND_HOST_OR_IP,
                      .flags = SW_KEY_REQUIRED,
                      .doc = "The host or the address that is asked"},
    [SW_K_PING_COUNT] = {.name = "count",
                         .kind = SW_KIND_COUNT,
                         .min = 1,
                         .max = SW_PING_COUNT_MAX,
                         .preset = "3",
                         .doc = "How many requests"},
    [SW_K_PING_INTERVAL] = {.name = "interval",
                            .kind = SW_KIND_TIME,
                            .min = SW_US,
                            .max = HOUR,
                            .preset = "1 s",
                            .doc = "From one request to the next"},
    [SW_K_PING_SIZE] = {.name = "size",
                        .kind = SW_KIND_SIZE,
                        .max = 65507,
                        .preset = "56 B",
                        .doc = "The payload of each"},
    [SW_K_PING_TIMEOUT] = {.name = "timeout",
                           .kind = SW_KIND_TIME,
                           .min = 1,
                           .max = HOUR,
                           .preset = "1 s",
                           .doc = "How long each reply is waited for"},
};
const struct sw_section sw_section_ping = {"ping", "ping", "The step `ping`", KEYS(ping_keys)};

static const char *const protocol_words[] = {"tcp", "udp", NULL};

static const struct sw_key iperf_keys[] = {
    [SW_K_IPERF_FROM] = {.name = "from",
                         .kind = SW_KIND_HOST,
                         .flags = SW_KEY_REQUIRED,
                         .doc = "The host that sends"},
    [SW_K_IPERF_TO] = {.name = "to",
                       .kind = SW_KIND_HOST,
                       .flags = SW_KEY_REQUIRED,
                       .doc = "The host that receives"},
    [SW_K_IPERF_FOR] = {.name = "for",
                        .kind = SW_KIND_TIME,
                        .min = SW_MS,
                        .max = 24 * HOUR,
                        .preset = "10 s",
                        .doc = "How long"},
    [SW_K_IPERF_BYTES] = {.name = "bytes",
                          .kind = SW_KIND_SIZE,
                          .min = 1,
                          .max = (int64_t)1 << 50,
                          .doc = "How much in all, in place of `for`"},
    [SW_K_IPERF_PROTOCOL] = {.name = "protocol",
                             .kind = SW_KIND_WORD,
                             .words = protocol_words,
                             .preset = "tcp",
                             .doc = "`tcp` or `udp`"},
    [SW_K_IPERF_PARALLEL] = {.name = "parallel",
                             .kind = SW_KIND_COUNT,
                             .min = 1,
                             .max = SW_IPERF_STREAMS_MAX,
                             .preset = "1",
                             .doc = "How many streams at once"},
    [SW_K_IPERF_REVERSE] = {.name = "reverse",
                            .kind = SW_KIND_BOOL,
                            .preset = "off",
                            .doc = "`to` sends and `from` receives"},
    [SW_K_IPERF_RATE] = {.name = "rate",
                         .kind = SW_KIND_RATE,
                         .preset = "unlimited; of `udp` 1 Mbit",
                         .doc = "At most that much of each stream"},
    [SW_K_IPERF_CONGESTION] = {.name = "congestion",
                               .kind = SW_KIND_WORD,
                               .words = sw_congestion_words,
                               .preset = "the host's",
                               .doc = "Congestion control of `tcp`: `cubic`, `reno` or `bbr`"},
};
const struct sw_section sw_section_iperf = {"iperf", "iperf", "The step `iperf`", KEYS(iperf_keys)};

static const struct sw_key fetch_keys[] = {
    [SW_K_FETCH_FROM] = {.name = "from",
                         .kind = SW_KIND_HOST,
                         .flags = SW_KEY_REQUIRED,
                         .doc = "The host that asks"},
    [SW_K_FETCH_URL] =
        {.name = "url",
         .kind = SW_KIND_URL,
         .flags = SW_KEY_REQUIRED,
         .doc = "`http://HOST/`, with a host's name or an address, and `:PORT` if not 80"},
    [SW_K_FETCH_METHOD] = {.name = "method",
                           .kind = SW_KIND_TEXT,
                           .preset = "GET",
                           .doc = "The method, in capitals"},
    [SW_K_FETCH_SEND] = {.name = "send", .kind = SW_KIND_TEXT, .doc = "The request's body"},
};
const struct sw_section sw_section_fetch = {"http-step", "http", "The step `http`",
                                            KEYS(fetch_keys)};

#define TALK_KEYS(udp)                                                                             \
    [SW_K_TALK_FROM] = {.name = "from",                                                            \
                        .kind = SW_KIND_HOST,                                                      \
                        .flags = SW_KEY_REQUIRED,                                                  \
                        .doc = "The host that speaks first"},                                      \
    [SW_K_TALK_TO] = {.name = "to",                                                                \
                      .kind = SW_KIND_ENDPOINT,                                                    \
                      .flags = SW_KEY_REQUIRED,                                                    \
                      .doc = "A host or an address, and a port: `web:80`"},                        \
    [SW_K_TALK_SEND] = {.name = "send",                                                            \
                        .kind = SW_KIND_TEXT,                                                      \
                        .preset = (udp) ? "an empty datagram" : "nothing",                         \
                        .doc = "What is sent"},                                                    \
    [SW_K_TALK_TIMEOUT] = {.name = "timeout",                                                      \
                           .kind = SW_KIND_TIME,                                                   \
                           .min = 1,                                                               \
                           .max = 24 * HOUR,                                                       \
                           .preset = "10 s",                                                       \
                           .doc = "How long the whole may take"}

static const struct sw_key tcp_keys[] = {TALK_KEYS(false)};
const struct sw_section sw_section_tcp_step = {"tcp-step", "tcp", "The step `tcp`", KEYS(tcp_keys)};

static const struct sw_key udp_keys[] = {TALK_KEYS(true)};
const struct sw_section sw_section_udp_step = {"udp-step", "udp", "The step `udp`", KEYS(udp_keys)};

/* In the order of enum sw_signal. */
static const char *const signal_words[] = {"TERM", "HUP",  "INT",  "QUIT",  "KILL", "USR1",
                                           "USR2", "ABRT", "ALRM", "WINCH", NULL};

static const struct sw_key kill_keys[] = {
    [SW_K_KILL_HOST] = {.name = "host",
                        .kind = SW_KIND_HOST,
                        .flags = SW_KEY_REQUIRED,
                        .doc = "A host that is a program: its first process hears the signal"},
    [SW_K_KILL_SIGNAL] = {.name = "signal",
                          .kind = SW_KIND_WORD,
                          .words = signal_words,
                          .preset = "TERM",
                          .doc = "Which"},
};
const struct sw_section sw_section_kill = {
    "kill", "kill",
    "The action `kill`. If the program ends by it, that fails no check, and `restart` applies",
    KEYS(kill_keys)};

static const struct sw_key run_keys[] = {
    [SW_K_RUN_ON] = {.name = "on",
                     .kind = SW_KIND_HOST,
                     .flags = SW_KEY_REQUIRED,
                     .doc = "A host that is a program: the command runs beside it"},
    [SW_K_RUN_COMMAND] = {.name = "command",
                          .kind = SW_KIND_COMMAND,
                          .flags = SW_KEY_REQUIRED,
                          .doc = "Its name and arguments, or a text for `sh -c`; with the "
                                 "environment and the folder of the host's program"},
};
const struct sw_section sw_section_run = {
    "run-step", "run",
    "The step `run`. It has 10 s, or the step's `timeout`; what is not over by then is killed. Of "
    "what it prints the first 64 KiB are compared",
    KEYS(run_keys)};

static const struct sw_key wait_keys[] = {
    [SW_K_WAIT_FOR] = {.name = "for", .kind = SW_KIND_TIME, .max = 10000 * HOUR, .doc = "How long"},
    [SW_K_WAIT_UNTIL] = {.name = "until",
                         .kind = SW_KIND_TIME,
                         .max = 10000 * HOUR,
                         .doc = "Until this LAN time; at once if it has passed"},
    [SW_K_WAIT_READY] = {.name = "ready",
                         .kind = SW_KIND_HOST,
                         .doc = "Until this program is ready, for 10 s or the step's `timeout` at "
                                "most; then it fails"},
};
const struct sw_section sw_section_wait = {
    "wait", "wait", "The step `wait`: one of `for`, `until` and `ready`", KEYS(wait_keys)};

static const struct sw_key counter_keys[] = {
    [SW_K_COUNTER_OF] = {.name = "of",
                         .kind = SW_KIND_OBJECT,
                         .flags = SW_KEY_REQUIRED,
                         .doc = "A host, a switch, a port `core:p1`, or a link"},
    [SW_K_COUNTER_NAME] = {.name = "name",
                           .kind = SW_KIND_COUNTER,
                           .flags = SW_KEY_REQUIRED,
                           .doc = "The counter's name"},
};
const struct sw_section sw_section_counter = {"counter", "counter", "The step `counter`",
                                              KEYS(counter_keys)};

static const struct sw_key table_keys[] = {
    [SW_K_TABLE_OF] = {.name = "of",
                       .kind = SW_KIND_OBJECT,
                       .flags = SW_KEY_REQUIRED,
                       .doc = "A switch, of whose MAC table it is, or a host: its ARP table"},
};
const struct sw_section sw_section_table = {"table", "table", "The step `table`", KEYS(table_keys)};

static const struct sw_key capture_keys[] = {
    [SW_K_CAPTURE_ON] = {.name = "on",
                         .kind = SW_KIND_OBJECT,
                         .flags = SW_KEY_REQUIRED,
                         .doc = "A link, or a port `core:p1`"},
    [SW_K_CAPTURE_MATCH] = {.name = "match",
                            .kind = SW_KIND_MATCH,
                            .preset = "every frame",
                            .doc = "Which frames count"},
    [SW_K_CAPTURE_OF] = {.name = "of",
                         .kind = SW_KIND_STEP,
                         .preset = "the steps since the last `capture`",
                         .doc = "The name of the step during which they passed"},
};
const struct sw_section sw_section_capture = {"capture", "capture", "The step `capture`",
                                              KEYS(capture_keys)};

static const struct sw_key repeat_keys[] = {
    [SW_K_REPEAT_TIMES] = {.name = "times",
                           .kind = SW_KIND_COUNT,
                           .flags = SW_KEY_REQUIRED,
                           .min = 1,
                           .max = 1000000,
                           .doc = "How often"},
    [SW_K_REPEAT_STEPS] = {.name = "steps",
                           .kind = SW_KIND_LIST,
                           .flags = SW_KEY_REQUIRED,
                           .of = &sw_section_item,
                           .doc = "The steps, one after the other"},
};
const struct sw_section sw_section_repeat = {"repeat", "repeat", "The step `repeat`",
                                             KEYS(repeat_keys)};
