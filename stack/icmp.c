/* ICMP (RFC 792, RFC 1122 3.2.2, RFC 1812 4.3): the echo server, errors in and errors out.
 *
 * Echo requests to a broadcast address are not answered (RFC 1122 3.2.2.6 allows it). Redirects,
 * source quenches (RFC 6633) and all types that are not named here are dropped: a host whose routes
 * are given by its file has no use for advice. */
#include "stack/wire/icmp.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/ip.h"
#include "stack/piece.h"
#include "stack/udp.h"

/* RFC 1812 4.3.2.3: as much of the original as fits an error of 576 bytes. */
#define ERROR_BYTES 576
#define QUOTE_BYTES (ERROR_BYTES - SW_IPV4_BYTES - SW_ICMP_BYTES)
/* RFC 1812 4.3.2.8: a bucket of 50 tokens, one a millisecond. */
#define BUCKET 50
#define TOKEN_EVERY SW_MS

bool sw_rx_checksum_ok(const struct sw_rx *rx, uint8_t proto)
{
    if (rx->frame->csum != SW_CSUM_UNCHECKED) {
        return true;
    }
    uint64_t sum = sw_frame_sum(rx->frame, rx->l4, rx->l4_len);
    if (proto != 0) {
        sum += sw_sum_pseudo_v4(rx->src, rx->dst, proto, rx->l4_len);
    }
    return sw_sum_fold(sum) == 0xffff;
}

int sw_icmp_errno(uint8_t type, uint8_t code)
{
    static const int unreachable[] = {-ENETUNREACH,  -EHOSTUNREACH, -ECONNREFUSED, -ECONNREFUSED,
                                      -EMSGSIZE,     -EHOSTUNREACH, -ENETUNREACH,  -EHOSTUNREACH,
                                      -EHOSTUNREACH, -ENETUNREACH,  -EHOSTUNREACH, -ENETUNREACH,
                                      -EHOSTUNREACH, -EHOSTUNREACH, /* RFC 1812 5.2.7.1: 6..15 */
                                      -EHOSTUNREACH, -EHOSTUNREACH};
    switch (type) {
    case SW_ICMP_UNREACHABLE:
        return code < sizeof unreachable / sizeof unreachable[0] ? unreachable[code] : 0;
    case SW_ICMP_TIME_EXCEEDED:
        return -EHOSTUNREACH;
    case SW_ICMP_PARAMETER:
        return -EPROTO;
    default:
        return 0;
    }
}

/* ---- errors out ---- */

/* RFC 1122 3.2.2: never about an error, a broadcast, a later fragment, or to who is no single host.
 */
static bool may_complain(struct sw_host *host, const struct sw_rx *rx)
{
    const uint8_t *header = sw_frame_head(rx->frame) + rx->l3;
    if ((sw_get16(header + 6) & 0x1fff) != 0 || rx->link_broadcast || rx->to_broadcast ||
        sw_ip_is_broadcast(host, rx->dst) || sw_ip_is_broadcast(host, rx->src) || rx->src == 0) {
        return false;
    }
    if (rx->protocol != SW_PROTO_ICMP) {
        return true;
    }
    uint8_t type = 255;
    if (rx->l4_len > 0) {
        sw_frame_read(rx->frame, rx->l4, &type, 1);
    }
    return type == SW_ICMP_ECHO || type == SW_ICMP_ECHO_REPLY;
}

static bool take_token(struct sw_host *host)
{
    sw_time now = sw_clock_now(host->env.clock);
    sw_time due = (now - host->icmp_refill) / TOKEN_EVERY;
    host->icmp_refill += due * TOKEN_EVERY;
    if (due >= (sw_time)host->icmp_spent) {
        host->icmp_spent = 0;
    } else {
        host->icmp_spent -= (uint32_t)due;
    }
    if (host->icmp_spent == BUCKET) {
        host->stats.icmp_limited++;
        return false;
    }
    host->icmp_spent++;
    return true;
}

/* The original from its IP header on, as it was received (its checksum finished), into a block.
 * Returns its length, 0: no memory. */
static uint32_t quote(struct sw_frame *error, const struct sw_rx *rx)
{
    const struct sw_frame *from = rx->frame;
    uint32_t len = (uint32_t)(rx->l4 - rx->l3) + rx->l4_len;
    len = len < QUOTE_BYTES ? len : QUOTE_BYTES;
    struct sw_block *block = sw_block_new(error->pool, SW_BLOCK_2K);
    if (block == NULL) {
        return 0;
    }
    sw_frame_read(from, rx->l3, block->bytes, len);
    if (from->csum == SW_CSUM_PARTIAL) {
        uint32_t at = (uint32_t)from->csum_start + from->csum_offset - rx->l3;
        if (at + 2 <= len) {
            sw_put16(block->bytes + at, sw_frame_checksum(from));
        }
    }
    block->used = len;
    sw_frame_add_slice(error, block, 0, len);
    sw_block_drop(block);
    return len;
}

void sw_icmp_send_error(struct sw_host *host, const struct sw_rx *rx, uint8_t type, uint8_t code,
                        uint32_t mtu_bytes)
{
    if (!may_complain(host, rx) || !take_token(host)) {
        return;
    }
    struct sw_frame *frame = sw_frame_new(host->env.pool);
    if (frame == NULL) {
        host->stats.unsent[SW_DROP_NO_MEMORY]++;
        return;
    }
    const struct sw_icmp icmp = {.type = type, .code = code, .sequence = (uint16_t)mtu_bytes};
    sw_icmp_emit(&icmp, sw_frame_append(frame, SW_ICMP_BYTES));
    if (quote(frame, rx) == 0) {
        sw_host_unsent(host, frame, SW_DROP_NO_MEMORY);
        return;
    }
    frame->csum = SW_CSUM_PARTIAL;
    frame->csum_start = 0;
    frame->csum_offset = SW_ICMP_CHECKSUM_OFFSET;
    /* From the address that was spoken to; a router speaks from the interface it answers by (RFC
     * 1812 4.3.2.4). */
    const struct sw_tx tx = {.src = sw_ip_is_ours(host, rx->dst) ? rx->dst : 0,
                             .dst = rx->src,
                             .protocol = SW_PROTO_ICMP};
    (void)sw_ip_output(host, &tx, NULL, frame);
}

void sw_icmp_host_unreachable(struct sw_host *host, const struct sw_frame *frame, unsigned l3)
{
    struct sw_ipv4 ip;
    enum sw_drop why;
    const uint8_t *header = sw_frame_head(frame) + l3;
    bool parsed = sw_ipv4_parse(&ip, header, sw_piece_have(frame, l3), frame->len - l3, &why);
    assert(parsed); /* it was on its way out */
    if (!sw_ip_is_ours(host, ip.src)) {
        const struct sw_rx rx = {.frame = frame,
                                 .src = ip.src,
                                 .dst = ip.dst,
                                 .protocol = ip.protocol,
                                 .l3 = (uint16_t)l3,
                                 .l4 = (uint16_t)(l3 + ip.header_bytes),
                                 .l4_len = (uint32_t)(ip.total_bytes - ip.header_bytes)};
        sw_icmp_send_error(host, &rx, SW_ICMP_UNREACHABLE, SW_ICMP_HOST, 0);
        return;
    }
    const struct sw_icmp_error error = {.type = SW_ICMP_UNREACHABLE,
                                        .code = SW_ICMP_HOST,
                                        .from = ip.src,
                                        .src = ip.src,
                                        .dst = ip.dst,
                                        .protocol = ip.protocol,
                                        .quote = header + ip.header_bytes,
                                        .quote_len = sw_piece_have(frame, l3 + ip.header_bytes)};
    if (ip.offset_bytes == 0) {
        sw_icmp_tell(host, &error);
    }
}

/* ---- errors in ---- */

void sw_icmp_tell(struct sw_host *host, const struct sw_icmp_error *error)
{
    switch (error->protocol) {
    case SW_PROTO_TCP:
        sw_tcp_icmp(host, error);
        break;
    case SW_PROTO_UDP:
        sw_udp_icmp(host, error);
        break;
    case SW_PROTO_ICMP:
        sw_ping_icmp(host, error);
        break;
    default:
        break;
    }
}

/* The start of the quoted packet, which is ours and has the first 8 bytes of its transport header
 * (RFC 792). Its total length is that of the whole, and its checksum may have been spoilt on the
 * way, so it is not parsed as a packet is. */
static bool read_quote(const struct sw_host *host, const uint8_t *bytes, size_t n,
                       struct sw_icmp_error *out)
{
    if (n < SW_IPV4_BYTES || bytes[0] >> 4 != 4) {
        return false;
    }
    size_t header = (size_t)(bytes[0] & 15) * 4;
    if (header < SW_IPV4_BYTES || n < header + 8 || (sw_get16(bytes + 6) & 0x1fff) != 0) {
        return false;
    }
    out->src = sw_get32(bytes + 12);
    out->dst = sw_get32(bytes + 16);
    out->protocol = bytes[9];
    out->quote = bytes + header;
    out->quote_len = n - header;
    return sw_ip_is_ours(host, out->src);
}

static sw_rx_verdict error_in(struct sw_host *host, const struct sw_rx *rx,
                              const struct sw_icmp *icmp)
{
    uint8_t bytes[SW_IPV4_MAX_BYTES + 64];
    size_t n = rx->l4_len - SW_ICMP_BYTES;
    n = n < sizeof bytes ? n : sizeof bytes;
    sw_frame_read(rx->frame, rx->l4 + SW_ICMP_BYTES, bytes, n);
    struct sw_icmp_error error = {.type = icmp->type, .code = icmp->code, .from = rx->src};
    if (icmp->type == SW_ICMP_UNREACHABLE && icmp->code == SW_ICMP_FRAGMENTATION) {
        error.mtu_bytes = icmp->sequence;
    }
    if (!read_quote(host, bytes, n, &error)) {
        return SW_DROP_ICMP_QUOTE;
    }
    sw_icmp_tell(host, &error);
    return SW_RX_CONSUMED;
}

/* ---- the echo server ---- */

/* Sends the request back: its text by reference, under a new head. */
static void answer(struct sw_host *host, const struct sw_rx *rx, const struct sw_icmp *request)
{
    struct sw_frame *frame = sw_frame_new(host->env.pool);
    if (frame == NULL) {
        host->stats.unsent[SW_DROP_NO_MEMORY]++;
        return;
    }
    const struct sw_icmp reply = {
        .type = SW_ICMP_ECHO_REPLY, .id = request->id, .sequence = request->sequence};
    sw_icmp_emit(&reply, sw_frame_append(frame, SW_ICMP_BYTES));
    sw_piece_share(frame, rx->frame, rx->l4 + SW_ICMP_BYTES, rx->l4_len - SW_ICMP_BYTES);
    frame->csum = SW_CSUM_PARTIAL;
    frame->csum_start = 0;
    frame->csum_offset = SW_ICMP_CHECKSUM_OFFSET;
    const struct sw_tx tx = {
        .src = rx->dst, .dst = rx->src, .protocol = SW_PROTO_ICMP, .tos = rx->tos};
    (void)sw_ip_output(host, &tx, NULL, frame);
}

sw_rx_verdict sw_icmp_input(struct sw_host *host, const struct sw_rx *rx)
{
    struct sw_icmp icmp;
    enum sw_drop why;
    uint8_t header[SW_ICMP_BYTES];
    size_t n = rx->l4_len < sizeof header ? rx->l4_len : sizeof header;
    sw_frame_read(rx->frame, rx->l4, header, n);
    if (!sw_icmp_parse(&icmp, header, n, &why)) {
        return (int)why;
    }
    if (!sw_rx_checksum_ok(rx, 0)) {
        return SW_DROP_ICMP_CHECKSUM;
    }
    switch (icmp.type) {
    case SW_ICMP_ECHO:
        if (rx->to_broadcast) {
            return SW_DROP_ICMP_BROADCAST;
        }
        answer(host, rx, &icmp);
        return SW_RX_CONSUMED;
    case SW_ICMP_ECHO_REPLY:
        return sw_ping_input(host, rx, icmp.id, icmp.sequence);
    case SW_ICMP_UNREACHABLE:
    case SW_ICMP_TIME_EXCEEDED:
    case SW_ICMP_PARAMETER:
        return error_in(host, rx, &icmp);
    default:
        return SW_DROP_ICMP_TYPE;
    }
}
