/* The TCP header: see tcp.h. */
#include "stack/wire/tcp.h"

#include "core/bytes.h"

enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_WSCALE = 3,
    OPTION_SACK_PERMITTED = 4,
    OPTION_SACK = 5,
    OPTION_TIMESTAMP = 8,
    OPTION_USER_TIMEOUT = 28,
};

/* NOP, NOP, timestamp, 10: how everybody lays a timestamp out (RFC 7323, appendix A). */
#define ALIGNED_TIMESTAMP 0x0101080au
#define PERMITTED_TIMESTAMP 0x0402080au /* of a SYN that permits SACK */

static void parse_option(struct sw_tcp_header *out, const uint8_t *option, unsigned len)
{
    if (option[0] == OPTION_MSS && len == 4) {
        out->has |= SW_TCP_HAS_MSS;
        out->mss = sw_get16(option + 2);
    } else if (option[0] == OPTION_WSCALE && len == 3) {
        out->has |= SW_TCP_HAS_WSCALE;
        out->wscale = option[2] < SW_TCP_WSCALE_MAX ? option[2] : SW_TCP_WSCALE_MAX;
    } else if (option[0] == OPTION_SACK_PERMITTED && len == 2) {
        out->has |= SW_TCP_HAS_SACK_PERMITTED;
    } else if (option[0] == OPTION_TIMESTAMP && len == 10) {
        out->has |= SW_TCP_HAS_TIMESTAMP;
        out->ts_val = sw_get32(option + 2);
        out->ts_ecr = sw_get32(option + 6);
    } else if (option[0] == OPTION_USER_TIMEOUT && len == 4) {
        out->has |= SW_TCP_HAS_USER_TIMEOUT;
        out->user_timeout = sw_get16(option + 2);
    } else if (option[0] == OPTION_SACK && len > 2 && len % 8 == 2) {
        out->has |= SW_TCP_HAS_SACK;
        out->sack_count = (uint8_t)(len / 8); /* at most 4: there are no 42 bytes */
        for (unsigned i = 0; i < out->sack_count; i++) {
            out->sack[i].start = sw_get32(option + 2 + 8 * i);
            out->sack[i].end = sw_get32(option + 6 + 8 * i);
        }
    }
}

/* Options need not lie at even places (RFC 9293 3.2, MUST-64). */
static bool parse_options(struct sw_tcp_header *out, const uint8_t *options, unsigned n)
{
    if (n == SW_TCP_TIMESTAMP_BYTES && sw_get32(options) == ALIGNED_TIMESTAMP) {
        out->has = SW_TCP_HAS_TIMESTAMP;
        out->ts_val = sw_get32(options + 4);
        out->ts_ecr = sw_get32(options + 8);
        return true;
    }
    for (unsigned at = 0; at < n && options[at] != OPTION_END;) {
        if (options[at] == OPTION_NOP) {
            at++;
            continue;
        }
        if (n - at < 2 || options[at + 1] < 2 || options[at + 1] > n - at) {
            return false;
        }
        parse_option(out, options + at, options[at + 1]);
        at += options[at + 1];
    }
    return true;
}

bool sw_tcp_parse(struct sw_tcp_header *out, const uint8_t *bytes, size_t have, size_t packet_bytes,
                  enum sw_drop *why)
{
    have = have < packet_bytes ? have : packet_bytes;
    if (have < SW_TCP_BYTES) {
        *why = SW_DROP_TCP_SHORT;
        return false;
    }
    const unsigned header_bytes = sw_tcp_header_bytes(bytes);
    if (header_bytes < SW_TCP_BYTES || header_bytes > have) {
        *why = SW_DROP_TCP_OFFSET;
        return false;
    }
    out->src_port = sw_get16(bytes);
    out->dst_port = sw_get16(bytes + 2);
    out->seq = sw_get32(bytes + 4);
    out->ack = sw_get32(bytes + 8);
    out->header_bytes = (uint8_t)header_bytes;
    out->flags = bytes[13];
    out->window = sw_get16(bytes + 14);
    out->urgent = sw_get16(bytes + 18);
    out->has = 0;
    out->wscale = 0;
    out->sack_count = 0;
    out->mss = out->user_timeout = 0;
    out->ts_val = out->ts_ecr = 0;
    if (!parse_options(out, bytes + SW_TCP_BYTES, header_bytes - SW_TCP_BYTES)) {
        *why = SW_DROP_TCP_OPTIONS;
        return false;
    }
    return true;
}

/* SACK-permitted takes the place of the two NOPs before a timestamp. */
unsigned sw_tcp_emit_bytes(const struct sw_tcp_header *header)
{
    const uint8_t has = header->has;
    if (has == SW_TCP_HAS_TIMESTAMP) {
        return SW_TCP_BYTES + SW_TCP_TIMESTAMP_BYTES;
    }
    const bool alone =
        (has & (SW_TCP_HAS_SACK_PERMITTED | SW_TCP_HAS_TIMESTAMP)) == SW_TCP_HAS_SACK_PERMITTED;
    return SW_TCP_BYTES + ((has & SW_TCP_HAS_MSS) != 0 ? 4u : 0u) + (alone ? 4u : 0u) +
           ((has & SW_TCP_HAS_WSCALE) != 0 ? 4u : 0u) +
           ((has & SW_TCP_HAS_TIMESTAMP) != 0 ? SW_TCP_TIMESTAMP_BYTES : 0u) +
           ((has & SW_TCP_HAS_SACK) != 0 ? SW_TCP_SACK_BYTES(header->sack_count) : 0u) +
           ((has & SW_TCP_HAS_USER_TIMEOUT) != 0 ? SW_TCP_USER_TIMEOUT_BYTES : 0u);
}

static uint8_t *emit_timestamp(const struct sw_tcp_header *header, uint32_t begin, uint8_t *to)
{
    sw_put32(to, begin);
    sw_put32(to + 4, header->ts_val);
    sw_put32(to + 8, header->ts_ecr);
    return to + SW_TCP_TIMESTAMP_BYTES;
}

static uint8_t *emit_options(const struct sw_tcp_header *header, uint8_t *to)
{
    if (header->has == SW_TCP_HAS_TIMESTAMP) {
        return emit_timestamp(header, ALIGNED_TIMESTAMP, to);
    }
    if ((header->has & SW_TCP_HAS_MSS) != 0) {
        sw_put32(to, (uint32_t)OPTION_MSS << 24 | 4u << 16 | header->mss);
        to += 4;
    }
    const bool permitted = (header->has & SW_TCP_HAS_SACK_PERMITTED) != 0;
    if ((header->has & SW_TCP_HAS_TIMESTAMP) != 0) {
        to = emit_timestamp(header, permitted ? PERMITTED_TIMESTAMP : ALIGNED_TIMESTAMP, to);
    } else if (permitted) {
        sw_put32(to,
                 (uint32_t)OPTION_NOP << 24 | OPTION_NOP << 16 | OPTION_SACK_PERMITTED << 8 | 2);
        to += 4;
    }
    if ((header->has & SW_TCP_HAS_WSCALE) != 0) {
        sw_put32(to, (uint32_t)OPTION_NOP << 24 | OPTION_WSCALE << 16 | 3u << 8 | header->wscale);
        to += 4;
    }
    if ((header->has & SW_TCP_HAS_SACK) != 0) {
        sw_put32(to, (uint32_t)OPTION_NOP << 24 | OPTION_NOP << 16 | OPTION_SACK << 8 |
                         (2u + 8u * header->sack_count));
        to += 4;
        for (unsigned i = 0; i < header->sack_count; i++, to += 8) {
            sw_put32(to, header->sack[i].start);
            sw_put32(to + 4, header->sack[i].end);
        }
    }
    if ((header->has & SW_TCP_HAS_USER_TIMEOUT) != 0) {
        sw_put32(to, (uint32_t)OPTION_USER_TIMEOUT << 24 | 4u << 16 | header->user_timeout);
        to += SW_TCP_USER_TIMEOUT_BYTES;
    }
    return to;
}

unsigned sw_tcp_emit(const struct sw_tcp_header *header, uint8_t *to)
{
    const unsigned n = (unsigned)(emit_options(header, to + SW_TCP_BYTES) - to);
    sw_put16(to, header->src_port);
    sw_put16(to + 2, header->dst_port);
    sw_put32(to + 4, header->seq);
    sw_put32(to + 8, header->ack);
    to[12] = (uint8_t)(n / 4 << 4);
    to[13] = header->flags;
    sw_put16(to + 14, header->window);
    sw_put16(to + SW_TCP_CHECKSUM_OFFSET, 0);
    sw_put16(to + 18, header->urgent);
    return n;
}
