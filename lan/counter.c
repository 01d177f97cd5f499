/* What the parts of a LAN count, by name. See the header. */
#include "lan/counter.h"

#include <assert.h>
#include <string.h>

/* Each row says where its number lies in the struct of its object's counters. */
#define HOST(name, field, what)                                                                    \
    {                                                                                              \
        SW_OBJECT_HOST, name, what, offsetof(struct sw_host_stats, field), 1                       \
    }
#define BRIDGE(name, field, what)                                                                  \
    {                                                                                              \
        SW_OBJECT_SWITCH, name, what, offsetof(struct sw_bridge_stats, field), 1                   \
    }
#define LINK(name, field, what)                                                                    \
    {                                                                                              \
        SW_OBJECT_LINK, name, what, offsetof(struct sw_lane_stats, field), 1                       \
    }
#define PORT(name, field, what)                                                                    \
    {                                                                                              \
        SW_OBJECT_PORT, name, what, offsetof(struct ends, leaving.field), 1                        \
    }
#define ARRIVED(name, field, what)                                                                 \
    {                                                                                              \
        SW_OBJECT_PORT, name, what, offsetof(struct ends, arriving.field), 1                       \
    }

#define PLACE(type, id) offsetof(struct type, dropped) + SW_DROP_##id * sizeof(uint64_t)
#define GONE "frames that went no further for this reason"

/* What a port has: the lane that leaves it, and the one that leads to it. */
struct ends {
    struct sw_lane_stats leaving, arriving;
};

static const struct sw_counter_row rows[] = {
    HOST("frames-in", received, "frames received, dropped ones too"),
    HOST("bytes-in", received_bytes, "their bytes"),
    HOST("frames-out", sent, "frames sent"),
    HOST("bytes-out", sent_bytes, "their bytes"),
    HOST("consumed", consumed, "frames that a protocol took, or that were forwarded"),
    HOST("held", held, "fragments that wait for the rest"),
    HOST("forwarded", forwarded, "packets passed on as a router"),
    HOST("conflicts", arp_conflicts, "times another station claimed an address of the host"),
    HOST("icmp-limited", icmp_limited, "ICMP errors not sent because of their rate limit"),
    HOST("segments-in", tcp_segments_in, "TCP segments received"),
    HOST("segments-out", tcp_segments_out, "TCP segments sent"),
    HOST("retransmits", tcp_retransmits, "TCP segments sent again"),
    HOST("resets", tcp_resets_out, "TCP resets sent"),
    HOST("challenge-acks", tcp_challenge_acks,
         "TCP acknowledgements that ask whether a segment "
         "was meant (RFC 5961)"),
    HOST("connections", tcp_connections, "TCP connections now"),
    HOST("half-open", tcp_half_open, "TCP connections of listeners now, not yet established"),
    HOST("half-open-evicted", tcp_half_open_evicted, "those that made room for others"),
    HOST("orphans", tcp_orphans, "TCP connections now that no program holds any more"),
    HOST("orphans-reset", tcp_orphans_reset, "those that were one too many"),
    HOST("time-wait", tcp_time_wait, "TCP connections in TIME-WAIT now"),
    HOST("time-wait-recycled", tcp_time_wait_recycled, "those that ended early to make room"),
    HOST("cookies-sent", tcp_cookies_sent, "SYNs answered by a SYN cookie (RFC 4987)"),
    HOST("cookies-accepted", tcp_cookies_accepted, "connections that a SYN cookie opened"),
    HOST("cookies-refused", tcp_cookies_refused,
         "TCP acknowledgements without a connection and with no SYN cookie, while one might come"),
    {SW_OBJECT_HOST, "dropped", "received frames that went no further",
     offsetof(struct sw_host_stats, dropped), SW_DROP_COUNT},
#define X(id, text) {SW_OBJECT_HOST, "dropped-" text, GONE, PLACE(sw_host_stats, id), 1},
    SW_DROP_NODE_LIST(X)
#undef X
        {SW_OBJECT_HOST, "unsent", "frames that the host wanted to send and could not",
         offsetof(struct sw_host_stats, unsent), SW_DROP_COUNT},

    BRIDGE("frames-in", in, "frames received, dropped ones too"),
    BRIDGE("bytes-in", in_bytes, "their bytes"),
    BRIDGE("frames-out", copies, "frames sent, each copy of a flooded one"),
    BRIDGE("forwarded", forwarded, "frames sent to the one port where their station is"),
    BRIDGE("flooded", flooded, "frames sent to all other ports"),
    BRIDGE("learned", learned, "times a new station was learned"),
    BRIDGE("moved", moved, "times a known station came in at another port"),
    BRIDGE("not-learned", not_learned, "times the MAC table was full"),
    {SW_OBJECT_SWITCH, "dropped", "received frames that went no further",
     offsetof(struct sw_bridge_stats, dropped), SW_DROP_COUNT},
#define X(id, text) {SW_OBJECT_SWITCH, "dropped-" text, GONE, PLACE(sw_bridge_stats, id), 1},
    SW_DROP_NODE_LIST(X)
#undef X

        LINK("frames-in", in, "frames that entered the cable, lost ones too"),
    LINK("bytes-in", in_bytes, "their bytes"),
    LINK("frames-out", out, "frames that it delivered"),
    LINK("bytes-out", out_bytes, "their bytes"),
    LINK("duplicated", duplicated, "frames that it doubled"),
    LINK("reordered", reordered, "frames that overtook others"),
    LINK("corrupted", corrupted, "frames of which it flipped a bit"),
    LINK("marked", marked, "packets that it marked instead of dropping them (RFC 3168)"),
    LINK("queued", queued, "frames in it now, waiting or in flight"),
    {SW_OBJECT_LINK, "dropped", "frames that it did not deliver",
     offsetof(struct sw_lane_stats, dropped), SW_DROP_LANE_COUNT},
#define X(id, text) {SW_OBJECT_LINK, "dropped-" text, GONE, PLACE(sw_lane_stats, id), 1},
    SW_DROP_LANE_LIST(X)
#undef X

        ARRIVED("frames-in", out, "frames that arrived at it"),
    ARRIVED("bytes-in", out_bytes, "their bytes"),
    PORT("frames-out", in, "frames that it sent into its cable, lost ones too"),
    PORT("bytes-out", in_bytes, "their bytes"),
    PORT("duplicated", duplicated, "sent frames that the cable doubled"),
    PORT("reordered", reordered, "sent frames that overtook others"),
    PORT("corrupted", corrupted, "sent frames of which the cable flipped a bit"),
    PORT("marked", marked, "sent packets that were marked instead of dropped (RFC 3168)"),
    PORT("queued", queued, "sent frames that wait or are in flight"),
    {SW_OBJECT_PORT, "dropped", "sent frames that the cable did not deliver",
     offsetof(struct ends, leaving.dropped), SW_DROP_LANE_COUNT},
#define X(id, text)                                                                                \
    {SW_OBJECT_PORT, "dropped-" text, GONE,                                                        \
     offsetof(struct ends, leaving.dropped) + SW_DROP_##id * sizeof(uint64_t), 1},
    SW_DROP_LANE_LIST(X)
#undef X
};

#define ROWS (sizeof rows / sizeof rows[0])

/* A switch has the reasons that bear its name, a host all others of nodes: a counter that can only
 * be 0 would make an expectation that cannot fail. */
static bool exists(const struct sw_counter_row *row)
{
    bool of_bridge = strncmp(row->name, "dropped-bridge-", 15) == 0;
    if (row->of == SW_OBJECT_SWITCH) {
        return of_bridge || strncmp(row->name, "dropped-", 8) != 0;
    }
    return !of_bridge &&
           (row->of != SW_OBJECT_HOST || strcmp(row->name, "dropped-port-write") != 0);
}

const struct sw_counter_row *sw_counter_row(size_t i)
{
    for (size_t k = 0; k < ROWS; k++) {
        if (exists(&rows[k]) && i-- == 0) {
            return &rows[k];
        }
    }
    return NULL;
}

const struct sw_counter_row *sw_counter_find(enum sw_object_kind of, const char *name)
{
    for (size_t k = 0; k < ROWS; k++) {
        if (rows[k].of == of && strcmp(rows[k].name, name) == 0 && exists(&rows[k])) {
            return &rows[k];
        }
    }
    return NULL;
}

/* ---- reading ---- */

static uint64_t sum_at(const struct sw_counter_row *row, const void *stats)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < row->count; i++) {
        uint64_t one;
        memcpy(&one, (const char *)stats + row->offset + i * sizeof one, sizeof one);
        sum += one;
    }
    return sum;
}

static uint64_t read_link(const struct sw_counter_row *row, const struct sw_link *link)
{
    struct sw_lane_stats there, back;
    sw_lane_stats(&link->forward, &there);
    sw_lane_stats(&link->backward, &back);
    return sum_at(row, &there) + sum_at(row, &back);
}

static uint64_t read_port(const struct sw_counter_row *row, const struct sw_link *link,
                          unsigned end)
{
    struct ends stats;
    sw_lane_stats(end == 0 ? &link->forward : &link->backward, &stats.leaving);
    sw_lane_stats(end == 0 ? &link->backward : &link->forward, &stats.arriving);
    return sum_at(row, &stats);
}

uint64_t sw_counter_read(const struct sw_counter_row *row, const struct sw_network *net,
                         const struct sw_topo_object *object)
{
    struct sw_host_stats of_host;
    struct sw_bridge_stats of_bridge;
    assert(row->of == object->kind);
    switch (object->kind) {
    case SW_OBJECT_HOST:
        assert(object->index < sw_network_topo(net)->host_count);
        sw_host_stats(sw_network_host_at(net, object->index), &of_host);
        return sum_at(row, &of_host);
    case SW_OBJECT_SWITCH:
        assert(object->index < sw_network_topo(net)->switch_count);
        sw_bridge_stats(sw_network_bridge_at(net, object->index), &of_bridge);
        return sum_at(row, &of_bridge);
    case SW_OBJECT_LINK:
    case SW_OBJECT_PORT:
        break;
    }
    assert(object->index < sw_network_topo(net)->link_count);
    const struct sw_link *link = sw_network_link_at(net, object->index);
    return object->kind == SW_OBJECT_LINK ? read_link(row, link)
                                          : read_port(row, link, object->end);
}
