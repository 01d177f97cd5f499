/* Fragmenting (RFC 791 2.3, 3.2): of what this host sends, and of what it forwards. The text is not
 * copied but for what lies in the head; its checksum is finished first, since a fragment has no
 * checksum of its own to put off. */
#include <errno.h>
#include <string.h>

#include "stack/ip.h"
#include "stack/piece.h"
#include "stack/wire/eth.h"

/* Where the IP header begins in a fragment's head: there must be room before it for Ethernet and
 * tags, and behind it for options and all text that can lie in the head of the whole. */
#define HEAD_OFF 32

/* One fragment: `len` bytes of text from off on. NULL: no memory. */
static struct sw_frame *make(const struct sw_frame *whole, unsigned l4, const struct sw_ipv4 *ip,
                             const uint8_t *options, uint32_t off, uint32_t len)
{
    struct sw_frame *frame = sw_frame_new(whole->pool);
    if (frame == NULL) {
        return NULL;
    }
    frame->head_off = HEAD_OFF;
    uint8_t *to = sw_frame_append(frame, ip->header_bytes);
    if (ip->header_bytes > SW_IPV4_BYTES) {
        memcpy(to + SW_IPV4_BYTES, options, ip->header_bytes - SW_IPV4_BYTES);
    }
    sw_ipv4_emit(ip, to);
    sw_piece_share(frame, whole, l4 + off, len);
    frame->csum = whole->csum;
    return frame;
}

/* The header of a fragment behind the first: only the options with the copied flag (RFC 791 3.1).
 */
static void later_header(struct sw_ipv4 *ip, const uint8_t **options, uint8_t *copied)
{
    size_t n = sw_ipv4_options_copied(*options, ip->header_bytes - SW_IPV4_BYTES, copied);
    ip->header_bytes = (uint8_t)(SW_IPV4_BYTES + n);
    *options = copied;
}

int sw_ip_fragment(struct sw_host *host, const struct sw_path *path, const struct sw_ipv4 *ip,
                   const uint8_t *options, struct sw_frame *frame, unsigned l4)
{
    frame = sw_frame_own(frame);
    if (frame == NULL) {
        host->stats.unsent[SW_DROP_NO_MEMORY]++;
        return -ENOMEM;
    }
    sw_frame_finish(frame);
    uint32_t text = (uint32_t)(ip->total_bytes - ip->header_bytes);
    struct sw_ipv4 piece = *ip;
    uint8_t copied[SW_IPV4_MAX_BYTES - SW_IPV4_BYTES];
    int result = 0;
    for (uint32_t off = 0; off < text && result == 0;) {
        uint32_t most = (path->mtu_bytes - piece.header_bytes) & ~7U;
        uint32_t len = text - off < most ? text - off : most;
        piece.offset_bytes = (uint16_t)(ip->offset_bytes + off);
        piece.more = off + len < text || ip->more;
        piece.total_bytes = (uint16_t)(piece.header_bytes + len);
        struct sw_frame *out = make(frame, l4, &piece, options, off, len);
        if (out == NULL) {
            sw_host_unsent(host, frame, SW_DROP_NO_MEMORY);
            return -ENOMEM;
        }
        result = sw_nic_output(path, out);
        if (off == 0) {
            later_header(&piece, &options, copied);
        }
        off += len;
    }
    sw_frame_drop(frame);
    return result;
}
