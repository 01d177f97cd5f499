/* The ICMP header: see icmp.h. */
#include "stack/wire/icmp.h"

#include "core/bytes.h"

bool sw_icmp_parse(struct sw_icmp *out, const uint8_t *bytes, size_t n, enum sw_drop *why)
{
    if (n < SW_ICMP_BYTES) {
        *why = SW_DROP_ICMP_SHORT;
        return false;
    }
    *out = (struct sw_icmp){.type = bytes[0],
                            .code = bytes[1],
                            .checksum = sw_get16(bytes + 2),
                            .id = sw_get16(bytes + 4),
                            .sequence = sw_get16(bytes + 6)};
    return true;
}

void sw_icmp_emit(const struct sw_icmp *icmp, uint8_t *to)
{
    to[0] = icmp->type;
    to[1] = icmp->code;
    sw_put16(to + 2, icmp->checksum);
    sw_put16(to + 4, icmp->id);
    sw_put16(to + 6, icmp->sequence);
}
