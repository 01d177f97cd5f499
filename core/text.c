/* A frame as one line of text. It reads packets by itself, within what the frame holds: this room
 * knows no wire formats, and the text of a broken frame is wanted just when a parser refuses it. */
#include "core/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/addr.h"
#include "core/bytes.h"
#include "core/checksum.h"

#define TYPE_IPV4 0x0800
#define TYPE_ARP 0x0806
#define TYPE_TAG 0x8100         /* IEEE 802.1Q, C-tag */
#define TYPE_SERVICE_TAG 0x88a8 /* S-tag */
#define TYPE_LEAST 1536         /* below, the field is a length (IEEE 802.3 3.2.6) */
#define ETH_BYTES 14
#define TAG_BYTES 4
#define TAGS_MAX 2
#define ARP_BYTES 28
#define IP_BYTES 20
#define IP_MORE_FRAGMENTS 0x2000
#define IP_OFFSET 0x1fff
#define ICMP_BYTES 8
#define UDP_BYTES 8
#define TCP_BYTES 20
#define PROTO_ICMP 1
#define PROTO_TCP 6
#define PROTO_UDP 17
#define TTL_USUAL 64

/* All headers that are read: Ethernet with its tags, IPv4 with options, ICMP, a quoted IPv4 header
 * with options, 8 bytes more. */
#define SCAN_BYTES (ETH_BYTES + TAGS_MAX * TAG_BYTES + 60 + ICMP_BYTES + 60 + 8)

struct scan {
    const struct sw_frame *frame;
    char *at; /* where the next character goes; *at is always NUL */
    size_t room;
    uint8_t bytes[SCAN_BYTES]; /* the frame's beginning */
};

/* Part of the frame: where it begins, and how many bytes of the frame are its. */
struct part {
    size_t off;
    size_t n;
};

struct ip {
    uint32_t src, dst;
    size_t header, total; /* bytes */
    uint16_t id;
    size_t offset; /* of the fragment, bytes */
    bool more;
    uint8_t tos, ttl, protocol;
};

static void say(struct scan *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct scan *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(s->at, s->room, format, args);
    va_end(args);
    size_t n = wanted < 0 ? 0 : (size_t)wanted;
    if (n >= s->room) {
        n = s->room > 0 ? s->room - 1 : 0;
    }
    s->at += n;
    s->room -= n;
}

/* The first n bytes of a part, all of which must be there and within the headers read. */
static const uint8_t *header(const struct scan *s, struct part part, size_t n)
{
    assert(n <= part.n && part.off + n <= sizeof(s->bytes));
    return s->bytes + part.off;
}

static struct part behind(struct part part, size_t n)
{
    return (struct part){part.off + n, part.n - n};
}

static struct sw_mac mac_at(const uint8_t *p)
{
    struct sw_mac mac;
    memcpy(mac.b, p, sizeof(mac.b));
    return mac;
}

static void say_mac(struct scan *s, const char *before, const uint8_t *p)
{
    char text[SW_MAC_TEXT];
    say(s, "%s%s", before, sw_mac_emit(mac_at(p), text));
}

static void say_ip(struct scan *s, const char *before, uint32_t number)
{
    char text[SW_IP_TEXT];
    say(s, "%s%s", before, sw_ip_emit(sw_ip_v4(number), text));
}

static void say_protocol(struct scan *s, uint8_t protocol)
{
    switch (protocol) {
    case PROTO_ICMP:
        say(s, " icmp");
        break;
    case PROTO_TCP:
        say(s, " tcp");
        break;
    case PROTO_UDP:
        say(s, " udp");
        break;
    default:
        say(s, " protocol %u", protocol);
        break;
    }
}

static void say_macs(struct scan *s)
{
    say_mac(s, "", s->bytes + 6);
    say_mac(s, " > ", s->bytes);
    say(s, " ");
}

/* RFC 826. What a station usually leaves equal to the Ethernet header, or zero, is named only where
 * it is not. */
static void say_arp(struct scan *s, struct part part)
{
    if (part.n < ARP_BYTES) {
        say(s, "arp short, len %zu", part.n);
        return;
    }
    const uint8_t *p = header(s, part, ARP_BYTES);
    if (sw_get16(p) != 1 || sw_get16(p + 2) != TYPE_IPV4 || p[4] != 6 || p[5] != 4) {
        say(s, "arp format: hardware %u/%u protocol 0x%04x/%u", sw_get16(p), p[4], sw_get16(p + 2),
            p[5]);
        return;
    }
    const uint8_t *sender = p + 8, *target = p + 18;
    uint32_t sender_ip = sw_get32(p + 14), target_ip = sw_get32(p + 24);
    bool usual_sender = memcmp(sender, s->bytes + 6, 6) == 0;
    switch (sw_get16(p + 6)) {
    case 1:
        say_ip(s, "arp request ", target_ip);
        if (!sw_mac_is_zero(mac_at(target))) {
            say_mac(s, " at ", target);
        }
        say_ip(s, " tell ", sender_ip);
        if (!usual_sender) {
            say_mac(s, " at ", sender);
        }
        break;
    case 2:
        say_ip(s, "arp reply ", sender_ip);
        say_mac(s, " at ", sender);
        say_ip(s, " tell ", target_ip);
        if (memcmp(target, s->bytes, 6) != 0) {
            say_mac(s, " at ", target);
        }
        break;
    default:
        say(s, "arp opcode %u", sw_get16(p + 6));
        break;
    }
}

/* RFC 791 3.1. NULL, or what is wrong with it; then only the fields before what is wrong are set.
 */
static const char *read_ip(const struct scan *s, struct part part, struct ip *ip)
{
    if (part.n < IP_BYTES) {
        return "short";
    }
    const uint8_t *p = header(s, part, IP_BYTES);
    if (p[0] >> 4 != 4) {
        return "version";
    }
    uint16_t fragment = sw_get16(p + 6);
    *ip = (struct ip){.header = 4 * (size_t)(p[0] & 15),
                      .total = sw_get16(p + 2),
                      .tos = p[1],
                      .id = sw_get16(p + 4),
                      .offset = 8 * (size_t)(fragment & IP_OFFSET),
                      .more = (fragment & IP_MORE_FRAGMENTS) != 0,
                      .ttl = p[8],
                      .protocol = p[9],
                      .src = sw_get32(p + 12),
                      .dst = sw_get32(p + 16)};
    if (ip->header < IP_BYTES || ip->header > part.n) {
        return "header length";
    }
    return NULL;
}

/* "10.0.0.1 > 10.0.0.2", with ports if the transport header's first 4 bytes are in text. */
static void say_addresses(struct scan *s, const struct ip *ip, struct part text, size_t least)
{
    if (ip->offset > 0 || text.n < least ||
        (ip->protocol != PROTO_TCP && ip->protocol != PROTO_UDP)) {
        say_ip(s, "", ip->src);
        say_ip(s, " > ", ip->dst);
        return;
    }
    const uint8_t *p = header(s, text, 4);
    say_ip(s, "", ip->src);
    say(s, ":%u", sw_get16(p));
    say_ip(s, " > ", ip->dst);
    say(s, ":%u", sw_get16(p + 2));
}

/* The datagram that an ICMP error speaks of: an IPv4 header and at least 8 bytes (RFC 792). */
static void say_quote(struct scan *s, struct part part)
{
    struct ip ip;
    const char *wrong = read_ip(s, part, &ip);
    if (wrong != NULL) {
        say(s, " (ip %s)", wrong);
        return;
    }
    say(s, " (");
    say_addresses(s, &ip, behind(part, ip.header), 4);
    say_protocol(s, ip.protocol);
    say(s, ")");
}

static void say_unreachable(struct scan *s, const uint8_t *p)
{
    static const char *const names[] = {"net",         "host",        "protocol",
                                        "port",        "frag-needed", "source-route",
                                        "net-unknown", "host-unknown"};
    uint8_t code = p[1];
    if (code < sizeof(names) / sizeof(names[0])) {
        say(s, " unreachable %s", names[code]);
    } else if (code == 9 || code == 10 || code == 13) {
        say(s, " unreachable prohibited");
    } else {
        say(s, " unreachable code %u", code);
    }
    if (code == 4) {
        say(s, " mtu %u", sw_get16(p + 6)); /* RFC 1191 4 */
    }
}

/* RFC 792 */
static void say_icmp(struct scan *s, struct part part)
{
    say(s, " icmp");
    if (part.n < ICMP_BYTES) {
        say(s, " short");
        return;
    }
    const uint8_t *p = header(s, part, ICMP_BYTES);
    struct part rest = behind(part, ICMP_BYTES);
    switch (p[0]) {
    case 0:
    case 8:
        say(s, " echo %s id %u seq %u len %zu", p[0] == 8 ? "request" : "reply", sw_get16(p + 4),
            sw_get16(p + 6), rest.n);
        return;
    case 3:
        say_unreachable(s, p);
        break;
    case 5:
        say_ip(s, " redirect to ", sw_get32(p + 4));
        break;
    case 11:
        say(s, " time-exceeded %s", p[1] == 0 ? "ttl" : "reassembly");
        break;
    case 12:
        say(s, " parameter-problem at %u", p[4]);
        break;
    default:
        say(s, " type %u code %u len %zu", p[0], p[1], rest.n);
        return;
    }
    say_quote(s, rest);
}

/* RFC 768 */
static void say_udp(struct scan *s, struct part part)
{
    say(s, " udp");
    if (part.n < UDP_BYTES) {
        say(s, " short");
        return;
    }
    unsigned len = sw_get16(header(s, part, UDP_BYTES) + 4);
    if (len < UDP_BYTES || len > part.n) {
        say(s, " length %u", len);
        return;
    }
    say(s, " len %u", len - UDP_BYTES);
}

/* One TCP option of n bytes, kind and length included. */
static void say_option(struct scan *s, const uint8_t *p, size_t n)
{
    if (p[0] == 2 && n == 4) {
        say(s, "mss %u", sw_get16(p + 2));
    } else if (p[0] == 3 && n == 3) {
        say(s, "wscale %u", p[2]);
    } else if (p[0] == 4 && n == 2) {
        say(s, "sackOK");
    } else if (p[0] == 5 && n >= 10 && n % 8 == 2) {
        say(s, "sack");
        for (size_t i = 2; i < n; i += 8) {
            say(s, " %u-%u", sw_get32(p + i), sw_get32(p + i + 4));
        }
    } else if (p[0] == 8 && n == 10) {
        say(s, "ts %u %u", sw_get32(p + 2), sw_get32(p + 6));
    } else {
        say(s, "option %u/%zu", p[0], n);
    }
}

/* RFC 9293 3.2, RFC 7323, RFC 2018: those that say something, in their order. */
static void say_options(struct scan *s, const uint8_t *p, size_t n)
{
    const char *before = " <";
    size_t i = 0;
    while (i < n && p[i] != 0) {
        if (p[i] == 1) {
            i++;
            continue;
        }
        say(s, "%s", before);
        before = ",";
        if (i + 1 >= n || p[i + 1] < 2 || p[i + 1] > n - i) {
            say(s, "option %u cut", p[i]);
            break;
        }
        say_option(s, p + i, p[i + 1]);
        i += p[i + 1];
    }
    if (*before == ',') {
        say(s, ">");
    }
}

static void say_tcp(struct scan *s, struct part part)
{
    say(s, " tcp");
    if (part.n < TCP_BYTES) {
        say(s, " short");
        return;
    }
    const uint8_t *p = header(s, part, TCP_BYTES);
    size_t bytes = 4 * (size_t)(p[12] >> 4);
    if (bytes < TCP_BYTES || bytes > part.n) {
        say(s, " offset %zu", bytes);
        return;
    }
    char flags[9];
    size_t n = 0;
    for (unsigned bit = 0; bit < 8; bit++) {
        if ((p[13] >> bit & 1) != 0) {
            flags[n++] = "FSRPAUEC"[bit];
        }
    }
    flags[n] = '\0';
    say(s, " %s seq %u", n > 0 ? flags : "none", sw_get32(p + 4));
    if ((p[13] & 0x10) != 0) {
        say(s, " ack %u", sw_get32(p + 8));
    }
    say(s, " win %u", sw_get16(p + 14));
    if ((p[13] & 0x20) != 0) {
        say(s, " urg %u", sw_get16(p + 18));
    }
    say_options(s, header(s, part, bytes) + TCP_BYTES, bytes - TCP_BYTES);
    say(s, " len %zu", part.n - bytes);
}

/* Is the checksum of a whole transport header and text right? A partial one is, by its making; UDP
 * may have none (RFC 768). */
static bool transport_sum_right(const struct scan *s, const struct ip *ip, struct part part)
{
    if (s->frame->csum == SW_CSUM_PARTIAL) {
        return true;
    }
    uint64_t sum = 0;
    size_t n = part.n;
    if (ip->protocol == PROTO_UDP) {
        if (n < UDP_BYTES || sw_get16(header(s, part, UDP_BYTES) + 6) == 0) {
            return true;
        }
        uint16_t len = sw_get16(header(s, part, UDP_BYTES) + 4);
        n = len < n ? len : n;
    }
    if (ip->protocol == PROTO_UDP || ip->protocol == PROTO_TCP) {
        sum = sw_sum_pseudo_v4(ip->src, ip->dst, ip->protocol, (uint32_t)n);
    } else if (ip->protocol != PROTO_ICMP) {
        return true;
    }
    return sw_sum_fold(sum + sw_frame_sum(s->frame, part.off, n)) == 0xffff;
}

static void say_transport(struct scan *s, const struct ip *ip, struct part text)
{
    switch (ip->protocol) {
    case PROTO_ICMP:
        say_icmp(s, text);
        break;
    case PROTO_UDP:
        say_udp(s, text);
        break;
    case PROTO_TCP:
        say_tcp(s, text);
        break;
    default:
        say_protocol(s, ip->protocol);
        say(s, " len %zu", text.n);
        break;
    }
    if (!transport_sum_right(s, ip, text)) {
        say(s, " bad-checksum");
    }
}

/* The MACs are said only where no addresses can be. */
static void say_ipv4(struct scan *s, struct part part)
{
    struct ip ip;
    const char *wrong = read_ip(s, part, &ip);
    if (wrong == NULL && (ip.total < ip.header || ip.total > part.n)) {
        wrong = "total length";
    }
    if (wrong != NULL) {
        say_macs(s);
        say(s, "ip %s, len %zu", wrong, part.n);
        return;
    }
    bool fragment = ip.more || ip.offset > 0;
    struct part text = {part.off + ip.header, ip.total - ip.header};
    /* A fragment says nothing of the ports: its transport header need not be whole. */
    size_t least = ip.protocol == PROTO_TCP ? TCP_BYTES : UDP_BYTES;
    say_addresses(s, &ip, text, fragment ? SIZE_MAX : least);
    if (ip.ttl != TTL_USUAL) {
        say(s, " ttl %u", ip.ttl);
    }
    if (ip.tos != 0) {
        say(s, " tos 0x%02x", ip.tos);
    }
    if (ip.header > IP_BYTES) {
        say(s, " options %zu", ip.header - IP_BYTES);
    }
    if (sw_sum_fold(sw_sum_add(0, header(s, part, ip.header), ip.header)) != 0xffff) {
        say(s, " bad-ip-checksum");
    }
    if (fragment) {
        say(s, " frag id %u %zu+%zu%s", ip.id, ip.offset, text.n, ip.more ? " more" : "");
        say_protocol(s, ip.protocol);
        return;
    }
    say_transport(s, &ip, text);
}

char *sw_frame_text(const struct sw_frame *frame, char *buf, size_t cap)
{
    assert(cap > 0);
    struct scan scan = {.frame = frame, .at = buf, .room = cap};
    struct scan *s = &scan;
    *buf = '\0';
    struct part part = {0, frame->len};
    sw_frame_read(frame, 0, s->bytes, part.n < SCAN_BYTES ? part.n : SCAN_BYTES);
    if (part.n < ETH_BYTES) {
        say(s, "eth short, len %zu", part.n);
        return buf;
    }
    unsigned type = sw_get16(header(s, part, ETH_BYTES) + 12);
    part = behind(part, ETH_BYTES);
    for (int tags = 0; tags < TAGS_MAX && (type == TYPE_TAG || type == TYPE_SERVICE_TAG); tags++) {
        if (part.n < TAG_BYTES) {
            break;
        }
        const uint8_t *tag = header(s, part, TAG_BYTES);
        unsigned control = sw_get16(tag);
        say(s, "%s %u ", type == TYPE_TAG ? "vlan" : "svlan", control & 0xfff);
        if (control >> 13 != 0) {
            say(s, "prio %u ", control >> 13);
        }
        type = sw_get16(tag + 2);
        part = behind(part, TAG_BYTES);
    }
    if (type == TYPE_IPV4) {
        say_ipv4(s, part);
        return buf;
    }
    say_macs(s);
    if (type == TYPE_ARP) {
        say_arp(s, part);
    } else if (type < TYPE_LEAST) {
        say(s, "802.3 length %u, len %zu", type, part.n);
    } else {
        say(s, "type 0x%04x len %zu", type, part.n);
    }
    return buf;
}
