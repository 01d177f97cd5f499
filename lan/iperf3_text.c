/* What an iperf3 server would have printed. Integers alone, so that two machines agree. */
#include "lan/iperf3_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/measure.h"

#define LINE_MAX 200
#define LEFT_OUT "(the rest is left out)\n"

static bool make_room(struct sw_iperf3_text *text, size_t n)
{
    size_t cap = text->cap ? text->cap : 1024;
    while (cap < text->len + n + 1) {
        cap *= 2;
    }
    if (cap > text->cap) {
        char *grown = realloc(text->bytes, cap);
        if (!grown) {
            return false;
        }
        text->bytes = grown;
        text->cap = cap;
    }
    return true;
}

static void add(struct sw_iperf3_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct sw_iperf3_text *text, const char *format, ...)
{
    char line[LINE_MAX];
    va_list args;
    if (text->cut) {
        return;
    }
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    size_t len = n < (int)sizeof line ? (size_t)n : sizeof line - 1;
    if (text->len + len + sizeof LEFT_OUT > SW_IPERF3_TEXT_MAX) {
        snprintf(line, sizeof line, "%s", LEFT_OUT);
        len = strlen(line);
        text->cut = true;
    }
    if (!make_room(text, len)) {
        text->cut = true;
        return;
    }
    memcpy(text->bytes + text->len, line, len + 1);
    text->len += len;
}

/* A number of 0 .. 9999 and what stands before its unit: three digits that count. base is 1000 or
 * 1024. */
static void scaled(char *to, size_t cap, uint64_t value, uint64_t base)
{
    static const char prefixes[] = " KMGTPE";
    uint64_t unit = 1;
    unsigned prefix = 0;
    while (value / unit >= base && prefixes[prefix + 1]) {
        unit *= base;
        prefix++;
    }
    uint64_t hundredths = sw_mul_div(value, 100, unit);
    if (hundredths < 1000 && prefix) {
        snprintf(to, cap, "%" PRIu64 ".%02u %c", hundredths / 100, (unsigned)(hundredths % 100),
                 prefixes[prefix]);
    } else if (hundredths < 10000 && prefix) {
        snprintf(to, cap, "%" PRIu64 ".%u %c", hundredths / 100, (unsigned)(hundredths / 10 % 10),
                 prefixes[prefix]);
    } else {
        snprintf(to, cap, "%" PRIu64 " %.1s", hundredths / 100, prefix ? prefixes + prefix : "");
    }
}

void sw_iperf3_text_begin(struct sw_iperf3_text *text, struct sw_endpoint client)
{
    char ip[SW_IP_TEXT];
    add(text, "Accepted connection from %s, port %u\n", sw_ip_emit(client.ip, ip), client.port);
}

void sw_iperf3_text_stream(struct sw_iperf3_text *text, uint32_t id, struct sw_endpoint local,
                           struct sw_endpoint remote)
{
    char ours[SW_IP_TEXT], theirs[SW_IP_TEXT];
    add(text, "[%3" PRIu32 "] local %s port %u connected to %s port %u\n", id,
        sw_ip_emit(local.ip, ours), local.port, sw_ip_emit(remote.ip, theirs), remote.port);
}

void sw_iperf3_text_columns(struct sw_iperf3_text *text, bool udp, bool summary)
{
    if (summary) {
        add(text, "- - - - - - - - - - - - - - - - - - - - - - - - -\n");
    }
    add(text, "[ ID] Interval           Transfer     Bitrate         %s\n",
        udp ? "Jitter    Lost/Total Datagrams" : "Retr");
}

static void centiseconds(char *to, size_t cap, sw_time t)
{
    uint64_t n = (uint64_t)(t / (10 * SW_MS));
    snprintf(to, cap, "%" PRIu64 ".%02u", n / 100, (unsigned)(n % 100));
}

static void add_udp(char *to, size_t cap, const struct sw_iperf3_line *line)
{
    if (!line->lost_known) {
        snprintf(to, cap, "  %" PRIu64, line->packets);
        return;
    }
    unsigned per_mille = (unsigned)(sw_share_of(line->lost, line->packets) / 1000000);
    snprintf(to, cap, "  %" PRId64 ".%03u ms  %" PRIu64 "/%" PRIu64 " (%u.%u%%)",
             line->jitter / SW_MS, (unsigned)(line->jitter / SW_US % 1000), line->lost,
             line->packets, per_mille / 10, per_mille % 10);
}

void sw_iperf3_text_line(struct sw_iperf3_text *text, const struct sw_iperf3_line *line)
{
    char id[12] = "SUM", begin[24], end[24], transfer[32], rate[32], more[96] = "";
    centiseconds(begin, sizeof begin, line->begin);
    centiseconds(end, sizeof end, line->end);
    scaled(transfer, sizeof transfer, line->bytes, 1024);
    scaled(rate, sizeof rate, sw_rate_of(line->bytes, line->end - line->begin), 1000);
    if (line->id) {
        snprintf(id, sizeof id, "%3" PRIu32, line->id);
    }
    if (line->udp) {
        add_udp(more, sizeof more, line);
    } else if (line->retransmits >= 0) {
        snprintf(more, sizeof more, "  %4" PRId64, line->retransmits);
    } else if (*line->role) {
        snprintf(more, sizeof more, "      ");
    }
    add(text, "[%s]%s %6s-%-6s sec  %6sBytes  %6sbits/sec%s%s%s%s\n", id, line->way, begin, end,
        transfer, rate, more, line->omitted ? "  (omitted)" : "", *line->role ? "  " : "",
        line->role);
}

void sw_iperf3_text_fini(struct sw_iperf3_text *text)
{
    free(text->bytes);
    *text = (struct sw_iperf3_text){0};
}
