/* The IPv4 header: see ipv4.h. */
#include "stack/wire/ipv4.h"

#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"

#define MORE_FRAGMENTS 0x2000
#define DONT_FRAGMENT 0x4000
#define OFFSET_MASK 0x1fff

#define OPTION_END 0
#define OPTION_NOP 1
#define OPTION_LOOSE_ROUTE 131
#define OPTION_STRICT_ROUTE 137
#define OPTION_COPIED 0x80

/* What sw_sum_fold() does, for sums of a few 32-bit words, without a call: this is a part of every
 * packet's cost. */
static inline uint16_t fold(uint64_t sum)
{
    sum = (sum >> 32) + (uint32_t)sum;
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)((sum >> 16) + (sum & 0xffff));
}

static bool checksum_ok(const uint8_t *p, unsigned n)
{
    if (n != SW_IPV4_BYTES) {
        return sw_checksum(p, n) == 0;
    }
    return fold((uint64_t)sw_get32(p) + sw_get32(p + 4) + sw_get32(p + 8) + sw_get32(p + 12) +
                sw_get32(p + 16)) == 0xffff;
}

bool sw_ipv4_parse(struct sw_ipv4 *out, const uint8_t *bytes, size_t have, size_t packet_bytes,
                   enum sw_drop *why)
{
    if (have < SW_IPV4_BYTES) {
        *why = SW_DROP_IP_SHORT;
        return false;
    }
    if (bytes[0] >> 4 != 4) {
        *why = SW_DROP_IP_VERSION;
        return false;
    }
    uint8_t header = (uint8_t)((bytes[0] & 15) * 4);
    if (header < SW_IPV4_BYTES || header > have) {
        *why = SW_DROP_IP_HEADER_LENGTH;
        return false;
    }
    uint16_t total = sw_get16(bytes + 2);
    if (total < header || total > packet_bytes) {
        *why = SW_DROP_IP_TOTAL_LENGTH;
        return false;
    }
    if (!checksum_ok(bytes, header)) {
        *why = SW_DROP_IP_CHECKSUM;
        return false;
    }
    uint16_t fragment = sw_get16(bytes + 6);
    *out = (struct sw_ipv4){.header_bytes = header,
                            .tos = bytes[1],
                            .ttl = bytes[8],
                            .protocol = bytes[9],
                            .total_bytes = total,
                            .id = sw_get16(bytes + 4),
                            .offset_bytes = (uint16_t)((fragment & OFFSET_MASK) << 3),
                            .df = (fragment & DONT_FRAGMENT) != 0,
                            .more = (fragment & MORE_FRAGMENTS) != 0,
                            .src = sw_get32(bytes + 12),
                            .dst = sw_get32(bytes + 16)};
    return true;
}

bool sw_ipv4_options_ok(const uint8_t *options, size_t n, enum sw_drop *why)
{
    size_t i = 0;
    while (i < n && options[i] != OPTION_END) {
        if (options[i] == OPTION_NOP) {
            i++;
            continue;
        }
        if (i + 1 >= n || options[i + 1] < 2 || options[i + 1] > n - i) {
            *why = SW_DROP_IP_OPTIONS;
            return false;
        }
        if (options[i] == OPTION_LOOSE_ROUTE || options[i] == OPTION_STRICT_ROUTE) {
            *why = SW_DROP_IP_SOURCE_ROUTE;
            return false;
        }
        i += options[i + 1];
    }
    return true;
}

size_t sw_ipv4_options_copied(const uint8_t *options, size_t n, uint8_t *to)
{
    size_t written = 0;
    size_t i = 0;
    while (i < n && options[i] != OPTION_END) {
        size_t len = options[i] == OPTION_NOP ? 1 : options[i + 1];
        if ((options[i] & OPTION_COPIED) != 0) {
            memcpy(to + written, options + i, len);
            written += len;
        }
        i += len;
    }
    while (written % 4 != 0) {
        to[written++] = OPTION_END;
    }
    return written;
}

void sw_ipv4_emit(const struct sw_ipv4 *ip, uint8_t *to)
{
    unsigned fragment = (unsigned)ip->offset_bytes >> 3;
    fragment |= ip->df ? DONT_FRAGMENT : 0;
    fragment |= ip->more ? MORE_FRAGMENTS : 0;
    uint32_t first = (0x40U | ip->header_bytes / 4U) << 24 | (uint32_t)ip->tos << 16;
    uint32_t word[5] = {first | ip->total_bytes, (uint32_t)ip->id << 16 | fragment,
                        (uint32_t)ip->ttl << 24 | (uint32_t)ip->protocol << 16, ip->src, ip->dst};
    /* Summed before it is written: reading back what was just written, in pieces of another size,
     * stalls. */
    uint64_t sum = (uint64_t)word[0] + word[1] + word[2] + word[3] + word[4];
    if (ip->header_bytes > SW_IPV4_BYTES) {
        sum = sw_sum_add(sum, to + SW_IPV4_BYTES, ip->header_bytes - SW_IPV4_BYTES);
    }
    word[2] |= (uint16_t)~fold(sum);
    sw_put32(to, word[0]); /* no loop: what a compiler makes of one reads back what it wrote, too */
    sw_put32(to + 4, word[1]);
    sw_put32(to + 8, word[2]);
    sw_put32(to + 12, word[3]);
    sw_put32(to + 16, word[4]);
}
