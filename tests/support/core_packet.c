/* See core_packet.h. */
#include "tests/support/core_packet.h"

#include <check.h>

#include "core/bytes.h"
#include "core/checksum.h"

struct sw_frame *sw_test_packet(struct sw_pool *pool, uint32_t number, uint16_t port, uint8_t ecn,
                                size_t len)
{
    uint8_t b[2048] = {0};
    ck_assert_uint_ge(len, 42);
    ck_assert_uint_le(len, sizeof b);
    sw_put32(b, number);
    sw_put16(b + 12, 0x0800);
    uint8_t *ip = b + 14;
    ip[0] = 0x45;
    ip[1] = ecn;
    sw_put16(ip + 2, (uint16_t)(len - 14));
    ip[8] = 64;
    ip[9] = 17;
    sw_put32(ip + 12, 0x0a000001);
    sw_put32(ip + 16, 0x0a000002);
    sw_put16(ip + 10, sw_checksum(ip, 20));
    sw_put16(ip + 20, port);
    sw_put16(ip + 22, 2000);
    sw_put16(ip + 24, (uint16_t)(len - 34));
    struct sw_frame *frame = sw_frame_from_bytes(pool, b, len, len < 128 ? len : 128);
    ck_assert_ptr_nonnull(frame);
    return frame;
}
