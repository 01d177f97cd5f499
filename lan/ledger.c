/* What must hold of a LAN at the end of every run, and what it has to say of itself (lan/fabric.h).
 *
 * Each part keeps its own ledger; here they are also laid beside each other: what the cables
 * delivered to a node is what the node says it got. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lan/fabric.h"

/* ---- what must hold ---- */

static bool breach(char *why, size_t cap, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool breach(char *why, size_t cap, const char *format, ...)
{
    if (cap > 0) {
        va_list args;
        va_start(args, format);
        vsnprintf(why, cap, format, args);
        va_end(args);
    }
    return false;
}

static bool lane_holds(const struct sw_lane *lane, char *why, size_t cap)
{
    struct sw_lane_stats s;
    sw_lane_stats(lane, &s);
    if (sw_lane_balanced(lane)) {
        return true;
    }
    return breach(why, cap,
                  "link %s: %llu in + %llu duplicated is not %llu out + %llu dropped + %llu queued",
                  lane->owner.name, (unsigned long long)s.in, (unsigned long long)s.duplicated,
                  (unsigned long long)s.out, (unsigned long long)sw_lane_dropped(&s),
                  (unsigned long long)s.queued);
}

/* Adds what a lane delivered, and what it was given, to the ledgers of its ends. */
static void post(const struct sw_lane *lane, const struct sw_fabric_end *from,
                 const struct sw_fabric_end *to)
{
    if (to->host != NULL) {
        to->host->delivered += lane->stats.out;
    }
    if (to->bridge != NULL) {
        to->bridge->delivered += lane->stats.out;
    }
    if (from->bridge != NULL) {
        from->bridge->taken_off += lane->stats.in;
    }
}

static bool links_hold(const struct sw_fabric *f, char *why, size_t cap)
{
    for (size_t i = 0; i < f->hosts.count; i++) {
        sw_fabric_host_at(f, i)->delivered = 0;
    }
    for (size_t i = 0; i < f->bridges.count; i++) {
        sw_fabric_bridge_at(f, i)->delivered = 0;
        sw_fabric_bridge_at(f, i)->taken_off = 0;
    }
    for (size_t i = 0; i < f->cables.count; i++) {
        const struct sw_link *link = sw_fabric_link_at(f, i);
        const struct sw_fabric_end *end = sw_fabric_ends_at(f, i);
        if (!lane_holds(&link->forward, why, cap) || !lane_holds(&link->backward, why, cap)) {
            return false;
        }
        post(&link->forward, &end[0], &end[1]);
        post(&link->backward, &end[1], &end[0]);
    }
    return true;
}

/* Frames that were sent to ports without a cable. */
static uint64_t lost_at_ports(const struct sw_bridge *bridge)
{
    uint64_t sum = 0;
    const struct sw_port *port = NULL;
    for (uint32_t i = 0; (port = sw_bridge_port_at(bridge, i)) != NULL; i++) {
        sum += port->no_cable;
    }
    return sum;
}

static bool bridge_holds(const struct sw_fabric_bridge *at, char *why, size_t cap)
{
    struct sw_bridge_stats s;
    const char *name = sw_bridge_name(at->bridge);
    sw_bridge_stats(at->bridge, &s);
    if (s.flooded_known != 0) {
        return breach(why, cap, "switch %s: %llu unicast frames were flooded though known", name,
                      (unsigned long long)s.flooded_known);
    }
    if (!sw_bridge_balanced(at->bridge)) {
        return breach(why, cap, "switch %s: %llu frames in became neither copies nor drops", name,
                      (unsigned long long)s.in);
    }
    if (s.in != at->delivered || s.copies != at->taken_off + lost_at_ports(at->bridge)) {
        return breach(why, cap,
                      "switch %s: %llu frames in and %llu copies out, but its links say %llu and "
                      "%llu",
                      name, (unsigned long long)s.in, (unsigned long long)s.copies,
                      (unsigned long long)at->delivered, (unsigned long long)at->taken_off);
    }
    return true;
}

static bool host_holds(const struct sw_fabric_host *at, char *why, size_t cap)
{
    struct sw_host_stats s;
    const char *name = sw_host_name(at->host);
    sw_host_stats(at->host, &s);
    if (!sw_host_balanced(at->host)) {
        return breach(why, cap,
                      "host %s: %llu frames received, but %llu consumed and %llu held beside what "
                      "was dropped",
                      name, (unsigned long long)s.received, (unsigned long long)s.consumed,
                      (unsigned long long)s.held);
    }
    /* What it received besides came over its loopback. */
    if (s.received < at->delivered) {
        return breach(why, cap, "host %s: %llu frames received, but its links say %llu", name,
                      (unsigned long long)s.received, (unsigned long long)at->delivered);
    }
    if (s.dropped[SW_DROP_ETH_NOT_FOR_US] < at->foreign) {
        return breach(
            why, cap,
            "host %s took a unicast frame for another's MAC: %llu came, %llu were dropped", name,
            (unsigned long long)at->foreign, (unsigned long long)s.dropped[SW_DROP_ETH_NOT_FOR_US]);
    }
    return true;
}

bool sw_fabric_holds(const struct sw_fabric *f, char *why, size_t cap)
{
    bool holds = links_hold(f, why, cap);
    for (size_t i = 0; holds && i < f->bridges.count; i++) {
        holds = bridge_holds(sw_fabric_bridge_at(f, i), why, cap);
    }
    for (size_t i = 0; holds && i < f->hosts.count; i++) {
        holds = host_holds(sw_fabric_host_at(f, i), why, cap);
    }
    return holds;
}

/* ---- the summary ---- */

#define LINE_MAX_BYTES 8192 /* each reason twice, with the largest figures */

struct line {
    char text[LINE_MAX_BYTES];
    size_t len;
};

static void say(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What does not fit is cut off. */
static void say(struct line *line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line->text + line->len, sizeof line->text - line->len, format, args);
    va_end(args);
    if (n > 0) {
        line->len += (size_t)n;
    }
    if (line->len >= sizeof line->text) {
        line->len = sizeof line->text - 1;
    }
}

/* ", 3 dropped (eth-not-for-us 2, ip-ttl 1)", or nothing. */
static void say_drops(struct line *line, const char *what, const uint64_t *count, unsigned reasons)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < reasons; i++) {
        sum += count[i];
    }
    if (sum == 0) {
        return;
    }
    say(line, ", %llu %s (", (unsigned long long)sum, what);
    const char *comma = "";
    for (unsigned i = 0; i < reasons; i++) {
        if (count[i] > 0) {
            say(line, "%s%s %llu", comma, sw_drop_name((enum sw_drop)i),
                (unsigned long long)count[i]);
            comma = ", ";
        }
    }
    say(line, ")");
}

static void say_if(struct line *line, uint64_t count, const char *what)
{
    if (count > 0) {
        say(line, ", %llu %s", (unsigned long long)count, what);
    }
}

static void say_frames(struct line *line, uint64_t frames, uint64_t bytes, const char *where)
{
    say(line, "%llu frames (%llu bytes) %s", (unsigned long long)frames, (unsigned long long)bytes,
        where);
}

static void describe_host(struct line *line, const struct sw_host *host)
{
    struct sw_host_stats s;
    sw_host_stats(host, &s);
    say(line, "host %s: ", sw_host_name(host));
    say_frames(line, s.received, s.received_bytes, "in, ");
    say_frames(line, s.sent, s.sent_bytes, "out");
    say_if(line, s.consumed, "consumed");
    say_if(line, s.forwarded, "forwarded");
    say_if(line, s.held, "held");
    say_if(line, s.tcp_retransmits, "retransmits");
    say_if(line, s.arp_conflicts, "address conflicts");
    say_drops(line, "dropped", s.dropped, SW_DROP_COUNT);
    say_drops(line, "unsent", s.unsent, SW_DROP_COUNT);
}

static void describe_bridge(struct line *line, const struct sw_bridge *bridge)
{
    struct sw_bridge_stats s;
    sw_bridge_stats(bridge, &s);
    say(line, "switch %s: ", sw_bridge_name(bridge));
    say_frames(line, s.in, s.in_bytes, "in");
    say(line, ", %llu forwarded, %llu flooded, %llu copies out, %u stations",
        (unsigned long long)s.forwarded, (unsigned long long)s.flooded,
        (unsigned long long)s.copies, (unsigned)sw_fdb_count(sw_bridge_fdb(bridge)));
    say_if(line, s.moved, "moved");
    say_if(line, s.not_learned, "not learned");
    say_if(line, lost_at_ports(bridge), sw_drop_name(SW_DROP_NO_CABLE));
    say_drops(line, "dropped", s.dropped, SW_DROP_COUNT);
}

static void describe_lane(struct line *line, const struct sw_lane *lane)
{
    struct sw_lane_stats s;
    sw_lane_stats(lane, &s);
    say(line, "%s: ", lane->owner.name);
    say_frames(line, s.out, s.out_bytes, "delivered");
    say_if(line, s.queued, "under way");
    say_if(line, s.duplicated, "duplicated");
    say_if(line, s.reordered, "reordered");
    say_if(line, s.corrupted, "corrupted");
    say_if(line, s.marked, "marked");
    say_drops(line, "dropped", s.dropped, SW_DROP_LANE_COUNT);
}

void sw_fabric_summary(const struct sw_fabric *f, void (*line)(void *ctx, const char *text),
                       void *ctx)
{
    for (size_t i = 0; i < f->hosts.count; i++) {
        struct line text = {.len = 0};
        if (!sw_fabric_host_at(f, i)->elsewhere) {
            describe_host(&text, sw_fabric_host_at(f, i)->host);
            line(ctx, text.text);
        }
    }
    for (size_t i = 0; i < f->bridges.count; i++) {
        struct line text = {.len = 0};
        describe_bridge(&text, sw_fabric_bridge_at(f, i)->bridge);
        line(ctx, text.text);
    }
    for (size_t i = 0; i < f->cables.count; i++) {
        struct line text = {.len = 0};
        const struct sw_link *link = sw_fabric_link_at(f, i);
        say(&text, "link ");
        describe_lane(&text, &link->forward);
        say(&text, "; ");
        describe_lane(&text, &link->backward);
        line(ctx, text.text);
    }
}
