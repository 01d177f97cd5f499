/* THE table: the steps of a scenario. */
#include "config/table.h"
#include "lan/traffic.h"

#define KEYS(array) array, sizeof(array) / sizeof(array)[0]
#define LATER(key)                                                                                 \
    {                                                                                              \
        .name = key, .flags = SW_KEY_LATER                                                         \
    }
#define HOUR (3600 * SW_S)

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
    [SW_K_ITEM_WAIT] = {.name = "wait",
                        .kind = SW_KIND_SECTION,
                        .of = &sw_section_wait,
                        .doc = "Nothing, for a time"},
    [SW_K_ITEM_NAME] = {.name = "name",
                        .kind = SW_KIND_TEXT,
                        .preset = "made from what it does",
                        .doc = "The step's name in reports"},
    [SW_K_ITEM_EXPECT] = {.name = "expect",
                          .kind = SW_KIND_EXPECT,
                          .doc = "What must hold; some is held even if unsaid"},
    [SW_K_ITEM_TIMEOUT] = {.name = "timeout",
                           .kind = SW_KIND_TIME,
                           .min = 1,
                           .max = 24 * HOUR,
                           .preset = "1 s a reply of `ping`, else 10 s without progress",
                           .doc = "How long is waited: by `ping` for each reply, by `http` for the "
                                  "whole answer, by `iperf` while nothing moves"},
    LATER("tcp"),
    LATER("udp"),
    LATER("counter"),
    LATER("table"),
    LATER("capture"),
    LATER("parallel"),
    LATER("repeat"),
    LATER("background"),
    LATER("join"),
    LATER("down"),
    LATER("up"),
    LATER("set"),
    LATER("flap"),
    LATER("drop"),
    LATER("crash"),
    LATER("restart"),
    LATER("stop"),
    LATER("continue"),
    LATER("partition"),
    LATER("heal"),
    LATER("hold"),
    LATER("release"),
};
const struct sw_section sw_section_item = {
    "step", "a step", "An item of `scenario`: one of `ping`, `iperf`, `http` and `wait`",
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
    LATER("congestion"),
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

static const struct sw_key wait_keys[] = {
    [SW_K_WAIT_FOR] = {.name = "for", .kind = SW_KIND_TIME, .max = 10000 * HOUR, .doc = "How long"},
    [SW_K_WAIT_UNTIL] = {.name = "until",
                         .kind = SW_KIND_TIME,
                         .max = 10000 * HOUR,
                         .doc = "Until this LAN time; at once if it has passed"},
};
const struct sw_section sw_section_wait = {
    "wait", "wait", "The step `wait`: one of `for` and `until`", KEYS(wait_keys)};
