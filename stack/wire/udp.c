/* The UDP header: see udp.h. */
#include "stack/wire/udp.h"

#include "core/bytes.h"

bool sw_udp_parse(struct sw_udp *out, const uint8_t *bytes, size_t have, size_t packet_bytes,
                  enum sw_drop *why)
{
    if (have < SW_UDP_BYTES || packet_bytes < SW_UDP_BYTES) {
        *why = SW_DROP_UDP_SHORT;
        return false;
    }
    *out = (struct sw_udp){.src_port = sw_get16(bytes),
                           .dst_port = sw_get16(bytes + 2),
                           .len_bytes = sw_get16(bytes + 4),
                           .checksum = sw_get16(bytes + 6)};
    if (out->len_bytes < SW_UDP_BYTES || out->len_bytes > packet_bytes) {
        *why = SW_DROP_UDP_LENGTH;
        return false;
    }
    return true;
}

void sw_udp_emit(const struct sw_udp *udp, uint8_t *to)
{
    sw_put16(to, udp->src_port);
    sw_put16(to + 2, udp->dst_port);
    sw_put16(to + 4, udp->len_bytes);
    sw_put16(to + 6, udp->checksum);
}
