/* Addresses: MAC, IP (one type for both families), transport endpoint; their text forms. Pure. */
#ifndef SW_CORE_ADDR_H
#define SW_CORE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An Ethernet address, in the order of the wire (IEEE 802, 48 bits). */
struct sw_mac {
    uint8_t b[6];
};

enum sw_family { SW_IP_NONE = 0, SW_IPV4 = 4, SW_IPV6 = 6 };

/* An IP address of either family, in the order of the wire. IPv4 lies in b[0..3], the rest is zero,
 * so two addresses compare with sw_ip_equal() alone. */
struct sw_ip {
    uint8_t family; /* enum sw_family */
    uint8_t b[16];
};

/* An address with a prefix length in bits: 0..32 for IPv4. */
struct sw_prefix {
    struct sw_ip ip;
    uint8_t bits;
};

/* One end of a transport conversation. port is in host order; 0 where it means "any". */
struct sw_endpoint {
    struct sw_ip ip;
    uint16_t port;
};

#define SW_MAC_TEXT 18      /* "02:00:00:00:00:0a" and a NUL */
#define SW_IP_TEXT 46       /* the longest of either family and a NUL */
#define SW_ENDPOINT_TEXT 54 /* "[ip]:port" and a NUL */

extern const struct sw_mac sw_mac_broadcast; /* ff:ff:ff:ff:ff:ff */
extern const struct sw_mac sw_mac_zero;

bool sw_mac_equal(struct sw_mac a, struct sw_mac b);
/* Group (multicast or broadcast) address: the lowest bit of the first octet (IEEE 802, 8.2). */
bool sw_mac_is_group(struct sw_mac mac);
bool sw_mac_is_zero(struct sw_mac mac);
/* Reads "02:00:00:00:00:0a" (also '-' between the octets), the whole of text; false if it is
 * anything else. */
bool sw_mac_parse(struct sw_mac *out, const char *text);
/* Writes the text form; buf holds SW_MAC_TEXT bytes. Returns buf. */
char *sw_mac_emit(struct sw_mac mac, char *buf);

/* An IPv4 address from and to its number in host order: 10.0.0.1 is 0x0a000001. */
struct sw_ip sw_ip_v4(uint32_t number);
uint32_t sw_ip_v4_number(struct sw_ip ip); /* the family must be SW_IPV4 */
bool sw_ip_equal(struct sw_ip a, struct sw_ip b);
/* Reads a dotted quad, the whole of text: four decimal numbers 0..255 without leading zeros. False
 * for anything else. */
bool sw_ip_parse(struct sw_ip *out, const char *text);
/* A dotted quad, IPv6 by RFC 5952, or "*" for an address of no family; buf holds SW_IP_TEXT bytes.
 * Returns buf. */
char *sw_ip_emit(struct sw_ip ip, char *buf);
/* "10.0.0.1:80" or "[::1]:80"; buf holds SW_ENDPOINT_TEXT bytes. Returns buf. */
char *sw_endpoint_emit(struct sw_endpoint at, char *buf);

/* IPv4 classes of address, on numbers in host order (RFC 1122 3.2.1.3). */
bool sw_v4_is_loopback(uint32_t ip);  /* 127/8 */
bool sw_v4_is_multicast(uint32_t ip); /* 224/4 */
bool sw_v4_is_class_e(uint32_t ip);   /* 240/4 without 255.255.255.255 */
uint32_t sw_v4_mask(unsigned bits);   /* bits 0..32 */
/* Is ip inside prefix? Addresses of another family never are. */
bool sw_prefix_holds(struct sw_prefix prefix, struct sw_ip ip);

#endif
