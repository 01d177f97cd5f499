/* Frames that come into the process as bytes, or leave it. See outside.h. */
#include "switchd/outside.h"

#include "core/bytes.h"

#define ETH_BYTES 14
#define IPV4_BYTES 20
#define HEAD_MOST (SW_HEAD_BYTES - 32)

struct sw_frame *sw_outside_finish(struct sw_frame *frame)
{
    if (frame->csum == SW_CSUM_PARTIAL) {
        frame = sw_frame_own(frame);
        if (frame) {
            sw_frame_finish(frame);
        }
    }
    return frame;
}

size_t sw_outside_head(const uint8_t *bytes, size_t n)
{
    if (n < ETH_BYTES + IPV4_BYTES || sw_get16(bytes + 12) != 0x0800) {
        return n < HEAD_MOST ? n : HEAD_MOST;
    }
    size_t l4 = ETH_BYTES + (size_t)(bytes[ETH_BYTES] & 15) * 4;
    size_t head = l4;
    uint8_t protocol = bytes[ETH_BYTES + 9];
    if (protocol == 6 && n >= l4 + 20) {
        head += (size_t)(bytes[l4 + 12] >> 4) * 4;
    } else if (protocol == 17 || protocol == 1) {
        head += 8;
    }
    head = head < n ? head : n;
    return head < HEAD_MOST ? head : HEAD_MOST;
}

bool sw_outside_may_wait(const uint8_t *bytes, size_t n, size_t head, size_t start, size_t offset)
{
    if (n < ETH_BYTES + IPV4_BYTES || sw_get16(bytes + 12) != 0x0800) {
        return false;
    }
    size_t l4 = ETH_BYTES + (size_t)(bytes[ETH_BYTES] & 15) * 4;
    size_t end = ETH_BYTES + (size_t)sw_get16(bytes + ETH_BYTES + 2);
    size_t field_end = start + offset + 2;
    return l4 >= ETH_BYTES + IPV4_BYTES && start == l4 && field_end <= head && field_end <= end;
}
