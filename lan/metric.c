/* What steps of a scenario can be asked. See the header. */
#include "lan/metric.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct sw_metric_row rows[] = {
    {SW_STEP_PING, SW_METRIC_LOSS, "loss", SW_UNIT_SHARE, false, true, true, "0 %", 0, 0,
     "requests that got no reply in time"},
    {SW_STEP_PING, SW_METRIC_RTT, "rtt", SW_UNIT_TIME, false, true, true, NULL, 0, 0,
     "the average round trip"},
    {SW_STEP_PING, SW_METRIC_RTT_MIN, "rtt-min", SW_UNIT_TIME, false, true, true, NULL, 0, 0,
     "the shortest round trip"},
    {SW_STEP_PING, SW_METRIC_RTT_MAX, "rtt-max", SW_UNIT_TIME, false, true, true, NULL, 0, 0,
     "the longest round trip"},
    {SW_STEP_PING, SW_METRIC_RTT_P50, "rtt-p50", SW_UNIT_TIME, false, true, true, NULL, 0, 0,
     "the round trip that half of the replies kept"},
    {SW_STEP_PING, SW_METRIC_RTT_P99, "rtt-p99", SW_UNIT_TIME, false, true, true, NULL, 0, 0,
     "the round trip that 99 % of the replies kept"},
    {SW_STEP_PING, SW_METRIC_JITTER, "jitter", SW_UNIT_TIME, false, true, true, NULL, 0, 0,
     "the mean difference between successive round trips"},
    {SW_STEP_PING, SW_METRIC_REPLIES, "replies", SW_UNIT_COUNT, false, true, true, NULL, 0, 0,
     "replies in time"},
    {SW_STEP_IPERF, SW_METRIC_THROUGHPUT, "throughput", SW_UNIT_RATE, false, true, true, "> 0", 1,
     INT64_MAX, "bits received, all streams together, over the time they took"},
    {SW_STEP_IPERF, SW_METRIC_THROUGHPUT_MIN, "throughput-min", SW_UNIT_RATE, false, true, true,
     NULL, 0, 0, "the same of the worst second"},
    {SW_STEP_IPERF, SW_METRIC_RETRANSMITS, "retransmits", SW_UNIT_COUNT, false, true, false, NULL,
     0, 0, "segments that were sent again"},
    {SW_STEP_IPERF, SW_METRIC_LOSS, "loss", SW_UNIT_SHARE, false, false, true, NULL, 0, 0,
     "datagrams that did not arrive"},
    {SW_STEP_IPERF, SW_METRIC_JITTER, "jitter", SW_UNIT_TIME, false, false, true, NULL, 0, 0,
     "how much the datagrams' way took more or less, smoothed (RFC 3550)"},
    {SW_STEP_IPERF, SW_METRIC_FAIRNESS, "fairness", SW_UNIT_SHARE, true, true, true, NULL, 0, 0,
     "Jain's index over the streams: 1 if all got the same"},
    {SW_STEP_IPERF, SW_METRIC_TOOK, "took", SW_UNIT_TIME, false, true, true, NULL, 0, 0,
     "from the first byte sent to the last one received"},
    {SW_STEP_HTTP, SW_METRIC_STATUS, "status", SW_UNIT_COUNT, false, true, true, "200", 200, 200,
     "the status code"},
    {SW_STEP_HTTP, SW_METRIC_SIZE, "size", SW_UNIT_BYTES, false, true, true, NULL, 0, 0,
     "bytes of the body"},
    {SW_STEP_HTTP, SW_METRIC_SHA256, "sha256", SW_UNIT_TEXT, false, true, true, NULL, 0, 0,
     "the body's SHA-256 in 64 hexadecimal digits"},
    {SW_STEP_HTTP, SW_METRIC_BODY, "body", SW_UNIT_TEXT, false, true, true, NULL, 0, 0,
     "the body but for one trailing newline, or a regular expression between slashes"},
    {SW_STEP_HTTP, SW_METRIC_RESULT, "result", SW_UNIT_TEXT, false, true, true, NULL, 0, 0,
     "ok, refused, reset, timeout or unreachable"},
    {SW_STEP_HTTP, SW_METRIC_TOOK, "took", SW_UNIT_TIME, false, true, true, NULL, 0, 0,
     "from the connection's first segment to the body's last byte"},
    {SW_STEP_TCP, SW_METRIC_RECEIVE, "receive", SW_UNIT_TEXT, false, true, true, NULL, 0, 0,
     "what came but for one trailing newline, a regular expression between slashes, or its sha256"},
    {SW_STEP_TCP, SW_METRIC_RESULT, "result", SW_UNIT_TEXT, false, true, true, "ok", 0, 0,
     "ok, refused, reset, timeout or unreachable"},
    {SW_STEP_TCP, SW_METRIC_TOOK, "took", SW_UNIT_TIME, false, true, true, NULL, 0, 0,
     "from the connection's first segment to the peer's end"},
    {SW_STEP_UDP, SW_METRIC_RECEIVE, "receive", SW_UNIT_TEXT, false, true, true, NULL, 0, 0,
     "the answer but for one trailing newline, a regular expression between slashes, or its "
     "sha256"},
    {SW_STEP_UDP, SW_METRIC_RESULT, "result", SW_UNIT_TEXT, false, true, true, "ok", 0, 0,
     "ok, timeout or unreachable"},
    {SW_STEP_UDP, SW_METRIC_TOOK, "took", SW_UNIT_TIME, false, true, true, NULL, 0, 0,
     "from the datagram to its answer"},
    {SW_STEP_RUN, SW_METRIC_EXIT, "exit", SW_UNIT_COUNT, false, true, true, "0", 0, 0,
     "the command's exit status; 128 and the number of the signal that ended it"},
    {SW_STEP_RUN, SW_METRIC_STDOUT, "stdout", SW_UNIT_TEXT, false, true, true, NULL, 0, 0,
     "what it printed but for one trailing newline, or a regular expression between slashes"},
    {SW_STEP_RUN, SW_METRIC_STDERR, "stderr", SW_UNIT_TEXT, false, true, true, NULL, 0, 0,
     "the same of its standard error"},
    {SW_STEP_RUN, SW_METRIC_TOOK, "took", SW_UNIT_TIME, false, true, true, NULL, 0, 0,
     "from its beginning to its end"},
    {SW_STEP_COUNTER, SW_METRIC_VALUE, "value", SW_UNIT_COUNT, false, true, true, NULL, 0, 0,
     "what the counter says"},
    {SW_STEP_TABLE, SW_METRIC_ENTRIES, "entries", SW_UNIT_COUNT, false, true, true, NULL, 0, 0,
     "entries that hold"},
    {SW_STEP_TABLE, SW_METRIC_HAS, "has", SW_UNIT_TEXT, false, true, true, NULL, 0, 0,
     "an address, or a host one of whose addresses stands in it"},
    {SW_STEP_TABLE, SW_METRIC_LACKS, "lacks", SW_UNIT_TEXT, false, true, true, NULL, 0, 0,
     "an address, or a host none of whose addresses stands in it"},
    {SW_STEP_CAPTURE, SW_METRIC_FRAMES, "frames", SW_UNIT_COUNT, false, true, true, NULL, 0, 0,
     "frames that were seen and match"},
    {SW_STEP_PARALLEL, SW_METRIC_TOOK, "took", SW_UNIT_TIME, false, true, true, NULL, 0, 0,
     "from the beginning of all to the end of the last"},
};

static const char *const words[] = {"ok", "refused", "reset", "timeout", "unreachable"};

const struct sw_metric_row *sw_metric_rows(size_t *count)
{
    *count = sizeof rows / sizeof rows[0];
    return rows;
}

const struct sw_metric_row *sw_metric_find(enum sw_step_kind step, const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].step == step && strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

const struct sw_metric_row *sw_metric_row(enum sw_step_kind step, enum sw_metric metric)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].step == step && rows[i].metric == metric) {
            return &rows[i];
        }
    }
    return NULL;
}

/* What is said of another metric, and leaves the row's default nothing to say. */
static bool makes_pointless(const struct sw_metric_row *row, const struct sw_topo_expect *said)
{
    if (row->step == SW_STEP_PING) {
        return said->metric == SW_METRIC_REPLIES;
    }
    return row->step == SW_STEP_HTTP && said->metric == SW_METRIC_RESULT && said->text &&
           strcmp(said->text, "ok") != 0;
}

bool sw_metric_holds_unsaid(const struct sw_metric_row *row, const struct sw_topo_expect *said,
                            size_t count)
{
    if (!row->unsaid) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (said[i].metric == row->metric || makes_pointless(row, &said[i])) {
            return false;
        }
    }
    return true;
}

const char *sw_step_kind_name(enum sw_step_kind step)
{
    static const char *const names[] = {
        [SW_STEP_PING] = "ping",     [SW_STEP_IPERF] = "iperf",     [SW_STEP_HTTP] = "http",
        [SW_STEP_TCP] = "tcp",       [SW_STEP_UDP] = "udp",         [SW_STEP_WAIT] = "wait",
        [SW_STEP_RUN] = "run",       [SW_STEP_READY] = "wait",      [SW_STEP_COUNTER] = "counter",
        [SW_STEP_TABLE] = "table",   [SW_STEP_CAPTURE] = "capture", [SW_STEP_PARALLEL] = "parallel",
        [SW_STEP_REPEAT] = "repeat", [SW_STEP_JOIN] = "join",       [SW_STEP_ACTION] = "action",
    };
    return names[step];
}

const char *sw_result_word(unsigned i)
{
    return i < sizeof words / sizeof words[0] ? words[i] : NULL;
}

const char *sw_result_of(int error)
{
    switch (error) {
    case 0:
        return "ok";
    case -ECONNREFUSED:
        return "refused";
    case -ECONNRESET:
    case -EPIPE:
        return "reset";
    case -ETIMEDOUT:
        return "timeout";
    case -EHOSTUNREACH:
    case -ENETUNREACH:
        return "unreachable";
    case -EPROTO:
        return "malformed";
    case -ENETDOWN:
        return "host-down";
    case -EPROTONOSUPPORT:
        return "unsupported";
    default:
        return "failed";
    }
}

/* value / scale with `digits` decimals (1 or 3), cut, never rounded up: 999.9996 must not read as
 * 1000.000. */
static char *scaled(char *buf, int64_t value, int64_t scale, int digits, const char *unit)
{
    int64_t part = digits == 3 ? 1000 : 10;
    int64_t rest = value % scale;
    int64_t decimals = scale >= part ? rest / (scale / part) : rest * (part / scale);
    snprintf(buf, SW_VALUE_TEXT, "%" PRId64 ".%0*" PRId64 " %s", value / scale, digits, decimals,
             unit);
    return buf;
}

static char *time_text(int64_t value, char *buf)
{
    if (value >= SW_S) {
        return scaled(buf, value, SW_S, 3, "s");
    }
    if (value >= 100 * SW_US) {
        return scaled(buf, value, SW_MS, 3, "ms");
    }
    return scaled(buf, value, SW_US, 3, "us");
}

static char *rate_text(int64_t value, char *buf)
{
    if (value >= 1000000000) {
        return scaled(buf, value, 1000000000, 3, "Gbit/s");
    }
    if (value >= 1000000) {
        return scaled(buf, value, 1000000, 3, "Mbit/s");
    }
    if (value >= 1000) {
        return scaled(buf, value, 1000, 3, "kbit/s");
    }
    snprintf(buf, SW_VALUE_TEXT, "%" PRId64 " bit/s", value);
    return buf;
}

char *sw_value_text(enum sw_unit unit, int64_t value, char *buf)
{
    if (value < 0) {
        snprintf(buf, SW_VALUE_TEXT, "%" PRId64, value);
        return buf;
    }
    switch (unit) {
    case SW_UNIT_TIME:
        return time_text(value, buf);
    case SW_UNIT_RATE:
        return rate_text(value, buf);
    case SW_UNIT_SHARE:
        if (value % 10000000 == 0) {
            snprintf(buf, SW_VALUE_TEXT, "%" PRId64 " %%", value / 10000000);
            return buf;
        }
        return scaled(buf, value, 10000000, value < 10000000 ? 3 : 1, "%");
    case SW_UNIT_BYTES:
        snprintf(buf, SW_VALUE_TEXT, "%" PRId64 " B", value);
        return buf;
    case SW_UNIT_COUNT:
    case SW_UNIT_TEXT:
        break;
    }
    snprintf(buf, SW_VALUE_TEXT, "%" PRId64, value);
    return buf;
}
