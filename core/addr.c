/* Addresses and their text forms. */
#include "core/addr.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"

const struct sw_mac sw_mac_broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
const struct sw_mac sw_mac_zero = {{0}};

bool sw_mac_equal(struct sw_mac a, struct sw_mac b)
{
    return memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

bool sw_mac_is_group(struct sw_mac mac)
{
    return (mac.b[0] & 1) != 0;
}

bool sw_mac_is_zero(struct sw_mac mac)
{
    return sw_mac_equal(mac, sw_mac_zero);
}

/* Not isxdigit() and its kin: those follow the locale. */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

bool sw_mac_parse(struct sw_mac *out, const char *text)
{
    struct sw_mac mac;
    char between = '\0'; /* the first separator binds the others */
    for (int i = 0; i < 6; i++) {
        if (i > 0) {
            if ((*text != ':' && *text != '-') || (i > 1 && *text != between)) {
                return false;
            }
            between = *text++;
        }
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0) {
            return false;
        }
        mac.b[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    if (*text != '\0') {
        return false;
    }
    *out = mac;
    return true;
}

char *sw_mac_emit(struct sw_mac mac, char *buf)
{
    snprintf(buf, SW_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac.b[0], mac.b[1], mac.b[2],
             mac.b[3], mac.b[4], mac.b[5]);
    return buf;
}

struct sw_ip sw_ip_v4(uint32_t number)
{
    struct sw_ip ip = {.family = SW_IPV4};
    sw_put32(ip.b, number);
    return ip;
}

uint32_t sw_ip_v4_number(struct sw_ip ip)
{
    assert(ip.family == SW_IPV4);
    return sw_get32(ip.b);
}

bool sw_ip_equal(struct sw_ip a, struct sw_ip b)
{
    return a.family == b.family && memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

/* Reads a number 0..255 without leading zeros; the first character behind it, or NULL. */
static const char *parse_octet(uint8_t *out, const char *text)
{
    unsigned value = 0;
    int digits = 0;
    while (text[digits] >= '0' && text[digits] <= '9') {
        value = value * 10 + (unsigned)(text[digits] - '0');
        digits++;
        if (value > 255) {
            return NULL;
        }
        if (digits > 1 && text[0] == '0') {
            return NULL;
        }
    }
    *out = (uint8_t)value;
    return digits > 0 ? text + digits : NULL;
}

bool sw_ip_parse(struct sw_ip *out, const char *text)
{
    struct sw_ip ip = {.family = SW_IPV4};
    for (int i = 0; i < 4; i++) {
        if (i > 0 && *text++ != '.') {
            return false;
        }
        text = parse_octet(&ip.b[i], text);
        if (text == NULL) {
            return false;
        }
    }
    if (*text != '\0') {
        return false;
    }
    *out = ip;
    return true;
}

/* RFC 5952: lower case, no leading zeros, "::" for the longest run of two or more zero groups, the
 * first of equals. */
static void emit_v6(const uint8_t b[16], char *buf)
{
    int best = -1, best_len = 1;
    for (int i = 0; i < 8; i++) {
        int len = 0;
        while (i + len < 8 && sw_get16(b + 2 * (i + len)) == 0) {
            len++;
        }
        if (len > best_len) {
            best = i;
            best_len = len;
        }
    }
    char *at = buf;
    for (int i = 0; i < 8; i++) {
        if (i == best) {
            *at++ = ':';
            *at++ = ':';
            i += best_len - 1;
            continue;
        }
        const char *colon = i == 0 || (best >= 0 && i == best + best_len) ? "" : ":";
        at += snprintf(at, (size_t)(buf + SW_IP_TEXT - at), "%s%x", colon, sw_get16(b + 2 * i));
    }
    *at = '\0';
}

char *sw_ip_emit(struct sw_ip ip, char *buf)
{
    switch (ip.family) {
    case SW_IPV4:
        snprintf(buf, SW_IP_TEXT, "%u.%u.%u.%u", ip.b[0], ip.b[1], ip.b[2], ip.b[3]);
        break;
    case SW_IPV6:
        emit_v6(ip.b, buf);
        break;
    default:
        snprintf(buf, SW_IP_TEXT, "*");
        break;
    }
    return buf;
}

char *sw_endpoint_emit(struct sw_endpoint at, char *buf)
{
    char ip[SW_IP_TEXT];
    sw_ip_emit(at.ip, ip);
    const char *form = at.ip.family == SW_IPV6 ? "[%s]:%u" : "%s:%u";
    snprintf(buf, SW_ENDPOINT_TEXT, form, ip, at.port);
    return buf;
}

bool sw_v4_is_loopback(uint32_t ip)
{
    return ip >> 24 == 127;
}

bool sw_v4_is_multicast(uint32_t ip)
{
    return ip >> 28 == 14;
}

bool sw_v4_is_class_e(uint32_t ip)
{
    return ip >> 28 == 15 && ip != UINT32_MAX;
}

uint32_t sw_v4_mask(unsigned bits)
{
    assert(bits <= 32);
    return bits == 0 ? 0 : UINT32_MAX << (32 - bits);
}

bool sw_prefix_holds(struct sw_prefix prefix, struct sw_ip ip)
{
    if (ip.family != prefix.ip.family || ip.family == SW_IP_NONE) {
        return false;
    }
    assert(prefix.bits <= (ip.family == SW_IPV4 ? 32 : 128));
    size_t whole = prefix.bits / 8;
    unsigned rest = prefix.bits % 8;
    if (memcmp(prefix.ip.b, ip.b, whole) != 0) {
        return false;
    }
    return rest == 0 || (prefix.ip.b[whole] ^ ip.b[whole]) >> (8 - rest) == 0;
}
