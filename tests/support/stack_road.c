/* A stretch of road whose MTU changes (see stack_road.h). */
#include "tests/support/stack_road.h"

#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/wire/eth.h"
#include "stack/wire/icmp.h"
#include "stack/wire/ipv4.h"

#define ADDRESS 0x0a0000feu /* 10.0.0.254: nobody else's */
#define QUOTE_MOST 64       /* IP's header without options, and TCP's with as many as it can have */
#define PROTOCOL_ICMP 1

/* The message of RFC 1191 4 about the packet in `bytes`, to whom sent it. */
static struct sw_frame *too_big(const struct sw_test_road *road, const uint8_t *bytes,
                                const struct sw_ipv4 *about)
{
    uint8_t out[SW_ETH_BYTES + SW_IPV4_BYTES + SW_ICMP_BYTES + QUOTE_MOST];
    const size_t n = sizeof(out);
    memcpy(out, bytes + 6, 6);
    memcpy(out + 6, bytes, 6);
    sw_put16(out + 12, SW_ETH_IPV4);
    const struct sw_ipv4 ip = {.header_bytes = SW_IPV4_BYTES,
                               .ttl = 64,
                               .protocol = PROTOCOL_ICMP,
                               .total_bytes = (uint16_t)(n - SW_ETH_BYTES),
                               .src = ADDRESS,
                               .dst = about->src};
    sw_ipv4_emit(&ip, out + SW_ETH_BYTES);
    uint8_t *text = out + SW_ETH_BYTES + SW_IPV4_BYTES;
    struct sw_icmp icmp = {.type = SW_ICMP_UNREACHABLE,
                           .code = SW_ICMP_FRAGMENTATION,
                           .sequence = (uint16_t)road->mtu_bytes};
    sw_icmp_emit(&icmp, text);
    memcpy(text + SW_ICMP_BYTES, bytes + SW_ETH_BYTES, QUOTE_MOST);
    icmp.checksum = sw_checksum(text, SW_ICMP_BYTES + QUOTE_MOST);
    sw_icmp_emit(&icmp, text);
    return sw_frame_from_bytes(road->pool, out, n, n);
}

/* Takes a frame that is too long; true: it was. */
static bool refuse(struct sw_test_road *road, struct sw_port *from, struct sw_frame *frame)
{
    uint8_t *bytes;
    struct sw_ipv4 ip;
    enum sw_drop why;
    struct sw_frame *answer = NULL;
    if (frame->len <= SW_ETH_BYTES + road->mtu_bytes || (bytes = malloc(frame->len)) == NULL) {
        return false;
    }
    sw_frame_copy_out(frame, bytes);
    const size_t n = frame->len - SW_ETH_BYTES;
    const bool is_ip = sw_get16(bytes + 12) == SW_ETH_IPV4 &&
                       sw_ipv4_parse(&ip, bytes + SW_ETH_BYTES, n, n, &why) && n >= QUOTE_MOST;
    if (is_ip && !road->silent) {
        answer = too_big(road, bytes, &ip);
        road->told++;
    }
    road->swallowed++;
    free(bytes);
    sw_frame_drop(frame);
    if (answer != NULL) {
        sw_port_send(from, answer);
    }
    return true;
}

static void receive(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct sw_test_road_end *end = SW_CONTAINER(port, struct sw_test_road_end, port);
    struct sw_test_road *road = end->road;
    struct sw_port *on = &road->end[end == &road->end[0] ? 1 : 0].port;
    for (unsigned i = 0; i < n; i++) {
        if (!refuse(road, port, frames[i])) {
            sw_port_send(on, frames[i]);
        }
    }
}

void sw_test_road_init(struct sw_test_road *road, const struct sw_env *env)
{
    *road = (struct sw_test_road){.pool = env->pool, .mtu_bytes = UINT16_MAX};
    for (unsigned i = 0; i < 2; i++) {
        road->end[i].road = road;
        sw_port_init(&road->end[i].port, i == 0 ? "road:a" : "road:b", receive, NULL);
    }
}
