/* Values of the LAN file: addresses and names. */
#include <stdio.h>
#include <string.h>

#include "config/value.h"

bool sw_station_parse(struct sw_mac *out, const char *text, char why[SW_WHY])
{
    char quoted[SW_QUOTED_BYTES];
    struct sw_mac mac;
    sw_quote(text, quoted);
    if (!sw_mac_parse(&mac, text)) {
        snprintf(why, SW_WHY, "expected a MAC address like 02:00:00:00:00:0a, found '%s'", quoted);
        return false;
    }
    if (sw_mac_is_group(mac)) {
        snprintf(why, SW_WHY,
                 "'%s' is a group's address (its first octet is odd), expected one station's",
                 quoted);
        return false;
    }
    if (sw_mac_is_zero(mac)) {
        snprintf(why, SW_WHY, "'%s' is no station's address", quoted);
        return false;
    }
    *out = mac;
    return true;
}

/* What kind of address no single host may have (RFC 1122 3.2.1.3), or NULL. */
static const char *not_a_hosts(uint32_t ip)
{
    if (ip == UINT32_MAX) {
        return "the broadcast address of every net";
    }
    if (ip >> 24 == 0) {
        return "an address of 'this net' (0.0.0.0/8)";
    }
    if (sw_v4_is_loopback(ip)) {
        return "a loopback address (127.0.0.0/8), which every host has anyway";
    }
    if (sw_v4_is_multicast(ip)) {
        return "a multicast address (224.0.0.0/4)";
    }
    return sw_v4_is_class_e(ip) ? "a reserved address (240.0.0.0/4)" : NULL;
}

static bool ip_parse(struct sw_ip *out, const char *text, const char *example, char *why)
{
    char quoted[SW_QUOTED_BYTES];
    if (sw_ip_parse(out, text)) {
        return true;
    }
    sw_quote(text, quoted);
    if (strchr(text, ':') && strspn(text, "0123456789abcdefABCDEF:./") == strlen(text)) {
        snprintf(why, SW_WHY, "IPv6 is not supported yet; expected an address like %s, found '%s'",
                 example, quoted);
    } else {
        snprintf(why, SW_WHY, "expected an address like %s, found '%s'", example, quoted);
    }
    return false;
}

bool sw_unicast_parse(struct sw_ip *out, const char *text, char why[SW_WHY])
{
    char quoted[SW_QUOTED_BYTES];
    struct sw_ip ip;
    size_t slash = strcspn(text, "/");
    if (text[slash] == '/' && slash < SW_IP_TEXT) {
        char alone[SW_IP_TEXT];
        memcpy(alone, text, slash);
        alone[slash] = '\0';
        if (sw_ip_parse(&ip, alone)) {
            snprintf(why, SW_WHY, "expected an address without a prefix length, '%s', found '%s'",
                     alone, sw_quote(text, quoted));
            return false;
        }
    }
    if (!ip_parse(&ip, text, "10.0.0.1", why)) {
        return false;
    }
    const char *kind = not_a_hosts(sw_ip_v4_number(ip));
    if (kind) {
        snprintf(why, SW_WHY, "'%s' is %s, expected a host's address", sw_quote(text, quoted),
                 kind);
        return false;
    }
    *out = ip;
    return true;
}

/* "10.0.0.1/24" with any host bits. */
static bool prefix_parse(struct sw_prefix *out, const char *text, const char *example, char *why)
{
    char quoted[SW_QUOTED_BYTES], alone[SW_IP_TEXT];
    size_t slash = strcspn(text, "/");
    struct sw_prefix prefix;
    sw_quote(text, quoted);
    if (slash >= sizeof alone) {
        snprintf(why, SW_WHY, "expected an address like %s, found '%s'", example, quoted);
        return false;
    }
    memcpy(alone, text, slash);
    alone[slash] = '\0';
    if (!ip_parse(&prefix.ip, alone, example, why)) {
        return false;
    }
    if (text[slash] == '\0') {
        snprintf(why, SW_WHY, "an address needs its prefix length here, like %s, found '%s'",
                 example, quoted);
        return false;
    }
    int64_t bits = 0;
    char inner[SW_WHY];
    if (!sw_count_parse(&bits, text + slash + 1, inner) || bits > 32) {
        snprintf(why, SW_WHY, "expected a prefix length of 0 to 32 behind the '/', found '%s'",
                 quoted);
        return false;
    }
    prefix.bits = (uint8_t)bits;
    *out = prefix;
    return true;
}

bool sw_host_address_check(struct sw_prefix address, char why[SW_WHY])
{
    uint32_t ip = sw_ip_v4_number(address.ip), mask = sw_v4_mask(address.bits);
    char text[SW_IP_TEXT];
    sw_ip_emit(address.ip, text);
    const char *kind = not_a_hosts(ip);
    if (!kind && address.bits == 0) {
        kind = "in a net of all addresses (/0)";
    }
    /* A net of two addresses or one has neither of these (RFC 3021). */
    if (!kind && address.bits < 31 && (ip & ~mask) == 0) {
        kind = "the address of the net itself";
    }
    if (!kind && address.bits < 31 && (ip | mask) == UINT32_MAX) {
        kind = "the broadcast address of its net";
    }
    if (kind) {
        snprintf(why, SW_WHY, "'%s/%u' is %s, expected a host's address", text, address.bits, kind);
    }
    return !kind;
}

bool sw_host_address_parse(struct sw_prefix *out, const char *text, char why[SW_WHY])
{
    struct sw_prefix address;
    if (!prefix_parse(&address, text, "10.0.0.1/24", why) || !sw_host_address_check(address, why)) {
        return false;
    }
    *out = address;
    return true;
}

bool sw_net_parse(struct sw_prefix *out, const char *text, char why[SW_WHY])
{
    struct sw_prefix net = {.ip = sw_ip_v4(0), .bits = 0};
    if (strcmp(text, "default") != 0 && !prefix_parse(&net, text, "10.1.0.0/16", why)) {
        return false;
    }
    uint32_t ip = sw_ip_v4_number(net.ip), own = ip & sw_v4_mask(net.bits);
    if (own != ip) {
        char quoted[SW_QUOTED_BYTES], right[SW_IP_TEXT];
        snprintf(why, SW_WHY, "'%s' is an address within a net, expected the net: %s/%u",
                 sw_quote(text, quoted), sw_ip_emit(sw_ip_v4(own), right), net.bits);
        return false;
    }
    *out = net;
    return true;
}

bool sw_rewrite_parse(struct sw_mac *mac, struct sw_prefix *out, const char *text, char why[SW_WHY])
{
    char quoted[SW_QUOTED_BYTES];
    struct sw_prefix net = {.bits = 32};
    if (sw_mac_parse(mac, text)) {
        *out = (struct sw_prefix){.ip = {.family = SW_IP_NONE}};
        return true;
    }
    if (sw_ip_parse(&net.ip, text)) {
        *out = net;
        return true;
    }
    if (strchr(text, '/') && strcmp(text, "default") != 0) {
        return sw_net_parse(out, text, why);
    }
    snprintf(why, SW_WHY,
             "expected a MAC address, an IPv4 address or a net, like 02:00:00:00:00:0a, 10.0.0.1 "
             "or 10.1.0.0/16, found '%s'",
             sw_quote(text, quoted));
    return false;
}

/* Without a word about what is wrong. */
static bool endpoint_parse(struct sw_endpoint *out, const char *text)
{
    char alone[SW_IP_TEXT], why[SW_WHY];
    struct sw_endpoint at;
    const char *colon = strrchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;
    int64_t port = 0;
    if (n == 0 || n >= sizeof alone) {
        return false;
    }
    memcpy(alone, text, n);
    alone[n] = '\0';
    if (!sw_ip_parse(&at.ip, alone) || at.ip.family != SW_IPV4 ||
        !sw_count_parse(&port, colon + 1, why) || port > UINT16_MAX) {
        return false;
    }
    at.port = (uint16_t)port;
    *out = at;
    return true;
}

bool sw_endpoint_parse(struct sw_endpoint *out, const char *text, char why[SW_WHY])
{
    char quoted[SW_QUOTED_BYTES];
    if (endpoint_parse(out, text)) {
        return true;
    }
    snprintf(why, SW_WHY, "expected an address and a port like 127.0.0.1:8080, found '%s'",
             sw_quote(text, quoted));
    return false;
}

bool sw_place_parse(bool *path, struct sw_endpoint *out, const char *text, char why[SW_WHY])
{
    char quoted[SW_QUOTED_BYTES];
    struct sw_endpoint at;
    *path = strchr(text, '/') != NULL;
    if (*path) {
        return true;
    }
    if (endpoint_parse(&at, text) && at.port != 0) {
        *out = at;
        return true;
    }
    snprintf(why, SW_WHY,
             "expected a path with a '/' like ./vm.sock, or an address and a port like "
             "127.0.0.1:7000, found '%s'",
             sw_quote(text, quoted));
    return false;
}

bool sw_name_check(const char *text, const char *what, char why[SW_WHY])
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    char quoted[SW_QUOTED_BYTES];
    struct sw_ip ip;
    sw_quote(text, quoted);
    size_t n = strlen(text);
    if (n == 0) {
        snprintf(why, SW_WHY, "%s cannot be empty", what);
        return false;
    }
    if (n > 63) {
        snprintf(why, SW_WHY, "%s has at most 63 characters, found %zu: '%s'", what, n, quoted);
        return false;
    }
    if (strspn(text, letters) != n || text[0] == '-') {
        snprintf(why, SW_WHY,
                 "%s consists of letters, digits, '_', '.' and '-' (not first), found '%s'", what,
                 quoted);
        return false;
    }
    if (sw_ip_parse(&ip, text)) {
        snprintf(why, SW_WHY, "%s cannot look like an address, found '%s'", what, quoted);
        return false;
    }
    return true;
}
