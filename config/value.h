/* Values of the LAN file: text -> number, with its unit. Pure. Each reads the whole of text; false
 * leaves *out alone and a sentence without its full stop in `why`: what is wrong, and what was
 * expected. */
#ifndef SW_CONFIG_VALUE_H
#define SW_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"
#include "lan/topo.h"

#define SW_SOCKET_PATH 107 /* what a sockaddr_un holds, its NUL not counted */
#define SW_WHY 640         /* bytes of a sentence, its NUL included */

/* A whole number without sign, below 2^63. */
bool sw_count_parse(int64_t *out, const char *text, char why[SW_WHY]);
/* true on yes, false off no. */
bool sw_bool_parse(bool *out, const char *text, char why[SW_WHY]);
/* "10 ms" in nanoseconds, at most 100 years. */
bool sw_time_parse(int64_t *out, const char *text, char why[SW_WHY]);
/* "100 Mbit" or "1 Gbit/s" in bit/s, more than 0; "unlimited" is 0. */
bool sw_rate_parse(int64_t *out, const char *text, char why[SW_WHY]);
/* "kept", "fast", "10x" in thousandths, 0.001x to 1000000x; "fast" is 0. */
bool sw_speed_parse(int64_t *out, const char *text, char why[SW_WHY]);
/* "64 KiB" in bytes. */
bool sw_size_parse(int64_t *out, const char *text, char why[SW_WHY]);
/* "100 packets" or "64 KiB"; *packets says which. */
bool sw_queue_parse(int64_t *out, bool *packets, const char *text, char why[SW_WHY]);
/* "0.5 %" in parts of 10^9, 0 .. 100 %. */
bool sw_share_parse(int64_t *out, const char *text, char why[SW_WHY]);
/* One side of a rewriting, "02:00:00:00:00:0a", "10.0.0.1" or "10.1.0.0/16": a MAC address, and
 * then out->ip is of family SW_IP_NONE, or a net; an address alone is one of 32 bits. */
bool sw_rewrite_parse(struct sw_mac *mac, struct sw_prefix *out, const char *text,
                      char why[SW_WHY]);
/* A station's address: neither a group's nor zero. */
bool sw_station_parse(struct sw_mac *out, const char *text, char why[SW_WHY]);
/* "10.0.0.1", an address that one host may have: not 0/8, 127/8, 224/4, 240/4 (RFC 1122 3.2.1.3).
 */
bool sw_unicast_parse(struct sw_ip *out, const char *text, char why[SW_WHY]);
/* "10.0.0.1/24": such an address and its net, whose own and whose broadcast address it is not. */
bool sw_host_address_parse(struct sw_prefix *out, const char *text, char why[SW_WHY]);
/* May a host have this one of its net? */
bool sw_host_address_check(struct sw_prefix address, char why[SW_WHY]);
/* "10.1.0.0/16" or "default": a net without host bits. */
bool sw_net_parse(struct sw_prefix *out, const char *text, char why[SW_WHY]);
/* "127.0.0.1:8080": an IPv4 address and a port, which may be 0. */
bool sw_endpoint_parse(struct sw_endpoint *out, const char *text, char why[SW_WHY]);
/* A place for a socket of the machine's own: "./vm.sock", a path with a '/' (*path, of at most
 * SW_SOCKET_PATH bytes), or "127.0.0.1:7000" (*out; its port is not 0). */
bool sw_place_parse(bool *path, struct sw_endpoint *out, const char *text, char why[SW_WHY]);
/* Letters, digits and _ . -, at most 63, not begun with '-'. `what` is whose: "a host's name". */
bool sw_name_check(const char *text, const char *what, char why[SW_WHY]);

/* "3", ">= 90 Mbit", "< 1 ms", "20 ms +- 5 %", "46 % .. 56 %": lo <= value <= hi in the unit's
 * base. plain: a share may be a number 0 .. 1 as well. A tolerance is of the same unit, or a share
 * of the value; of a share it is in points. Not for SW_UNIT_TEXT. */
bool sw_expectation_parse(int64_t *lo, int64_t *hi, enum sw_unit unit, bool plain, const char *text,
                          char why[SW_WHY]);

#define SW_VALUE_WRITTEN 32
/* A value as a file would say it, in the biggest unit that leaves a whole number: "300 s", "64
 * KiB". buf holds SW_VALUE_WRITTEN bytes. Returns buf. */
char *sw_value_write(enum sw_unit unit, int64_t value, char *buf);

#define SW_QUOTED_BYTES 180
/* Text for a message: cut after 40 characters, control characters as spaces. Returns buf. */
char *sw_quote(const char *text, char buf[SW_QUOTED_BYTES]);

#endif
