/* Looks inside a frame (see peek.h). */
#include "core/peek.h"

#include "core/bytes.h"
#include "core/checksum.h"

#define ETH_BYTES 14
#define TAG_BYTES 4
#define TYPE_VLAN 0x8100   /* IEEE 802.1Q 9.6 */
#define TYPE_S_VLAN 0x88a8 /* the service provider's */
#define TYPE_IPV4 0x0800
#define IPV4_BYTES 20
#define ECN_BITS 3
#define ECN_CE 3 /* RFC 3168 5: 0 is not ECN-capable, 1 and 2 are */

uint32_t sw_peek_eth(const struct sw_frame *frame, uint16_t *type)
{
    uint8_t bytes[2];
    uint32_t len = ETH_BYTES;
    for (; len <= frame->len; len += TAG_BYTES) {
        sw_frame_read(frame, len - 2, bytes, 2);
        uint16_t found = sw_get16(bytes);
        if (found != TYPE_VLAN && found != TYPE_S_VLAN) {
            if (type != NULL) {
                *type = found;
            }
            return len;
        }
    }
    return 0;
}

uint32_t sw_peek_ipv4(const struct sw_frame *frame)
{
    uint16_t type = 0;
    uint8_t first;
    uint32_t at = sw_peek_eth(frame, &type);
    if (at == 0 || type != TYPE_IPV4 || frame->len < at + IPV4_BYTES) {
        return 0;
    }
    sw_frame_read(frame, at, &first, 1);
    uint32_t len = (first & 15u) * 4;
    return first >> 4 == 4 && len >= IPV4_BYTES && frame->len >= at + len ? at : 0;
}

static bool has_ports(uint8_t protocol)
{
    return protocol == 6 || protocol == 17;
}

uint64_t sw_peek_flow(const struct sw_frame *frame, struct sw_hash_key key)
{
    /* protocol, addresses, ports; or MAC addresses and type. */
    uint8_t id[14] = {0};
    uint8_t ip[IPV4_BYTES];
    uint32_t at = sw_peek_ipv4(frame);
    if (at == 0) {
        uint32_t eth = sw_peek_eth(frame, NULL);
        uint32_t n = frame->len < 12 ? frame->len : 12;
        sw_frame_read(frame, 0, id, n);
        if (eth > 0) {
            sw_frame_read(frame, eth - 2, id + 12, 2);
        }
        return sw_siphash(key, id, sizeof id);
    }
    sw_frame_read(frame, at, ip, sizeof ip);
    uint32_t ports = at + (ip[0] & 15u) * 4;
    bool fragment = (sw_get16(ip + 6) & 0x3fff) != 0;
    id[0] = ip[9];
    memcpy(id + 1, ip + 12, 8);
    if (has_ports(ip[9]) && !fragment && frame->len >= ports + 4) {
        sw_frame_read(frame, ports, id + 9, 4);
    }
    return sw_siphash(key, id, 13);
}

struct sw_frame *sw_peek_mark(struct sw_frame *frame)
{
    uint32_t at = sw_peek_ipv4(frame);
    if (at == 0 || at + IPV4_BYTES > frame->head_len) {
        return NULL;
    }
    const uint8_t *lent = sw_frame_head(frame) + at;
    if ((lent[1] & ECN_BITS) == 0) {
        return NULL;
    }
    if ((lent[1] & ECN_BITS) == ECN_CE) {
        return frame;
    }
    /* A reference more: so this is a copy, and the frame is whole if there is no memory for it. */
    struct sw_frame *copy = sw_frame_own(sw_frame_ref(frame));
    if (copy == NULL) {
        return NULL;
    }
    uint8_t *ip = copy->store + copy->head_off + at;
    uint16_t old = sw_get16(ip);
    ip[1] |= ECN_CE;
    sw_put16(ip + 10, sw_checksum_adjust(sw_get16(ip + 10), old, sw_get16(ip)));
    sw_frame_drop(frame);
    return copy;
}
