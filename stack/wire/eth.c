/* The Ethernet II header: see eth.h. */
#include "stack/wire/eth.h"

#include <string.h>

#include "core/bytes.h"

bool sw_eth_parse(struct sw_eth *out, const uint8_t *bytes, size_t n, enum sw_drop *why)
{
    if (n < SW_ETH_BYTES) {
        *why = SW_DROP_ETH_SHORT;
        return false;
    }
    if ((bytes[6] & 1) != 0) {
        *why = SW_DROP_ETH_GROUP_SOURCE;
        return false;
    }
    memcpy(out->dst.b, bytes, 6);
    memcpy(out->src.b, bytes + 6, 6);
    out->type = sw_get16(bytes + 12);
    return true;
}

void sw_eth_emit(const struct sw_eth *eth, uint8_t *to)
{
    memcpy(to, eth->dst.b, 6);
    memcpy(to + 6, eth->src.b, 6);
    sw_put16(to + 12, eth->type);
}
