/* A station at the other end of a host's cable: it speaks packets, and writes down what the host
 * says. The cable is a true wire, so what a host does at a time is seen at that time. */
#ifndef SW_TESTS_STACK_STATION_H
#define SW_TESTS_STACK_STATION_H

#include <stdint.h>

#include "core/link.h"
#include "stack/host.h"
#include "stack/sock.h"
#include "stack/wire/ipv4.h"
#include "tests/support/core_fixture.h"

#define SW_STATION_HEARD 4096

struct sw_station {
    struct sw_test_env *world;
    struct sw_port port;
    struct sw_link link;
    struct sw_mac mac; /* of the station */
    struct sw_mac to;  /* where its IP packets go: the host's interface */
    uint16_t ip_id;
    struct sw_frame *heard[SW_STATION_HEARD]; /* not yet expected */
    sw_time heard_at[SW_STATION_HEARD];
    unsigned first, count;
};

/* A host with the interface eth0, 02:00:00:00:00:01, 10.0.0.1/24, silent; eth0 may be NULL. */
struct sw_host *sw_test_host(struct sw_test_env *world, struct sw_nic **eth0);
struct sw_host *sw_test_host_named(struct sw_test_env *world, const char *name, bool forwarding);
/* An interface, its MAC 02:00:00:00:00:last; mtu 0: 1500. */
struct sw_nic *sw_test_nic(struct sw_host *host, const char *name, uint8_t last, uint32_t mtu);
/* "10.0.0.1/24" */
void sw_test_address(struct sw_nic *nic, const char *text, unsigned flags);
void sw_test_route(struct sw_host *host, const char *to, const char *gateway);
struct sw_prefix sw_test_prefix(const char *text);
uint32_t sw_test_ip(const char *text);
struct sw_endpoint sw_test_at(const char *ip, uint16_t port);
struct sw_mac sw_test_mac(uint8_t last);
uint64_t sw_test_dropped(const struct sw_host *host, enum sw_drop reason);
uint64_t sw_test_unsent(const struct sw_host *host, enum sw_drop reason);
/* Checks the ledger, and frees the host. */
void sw_test_host_end(struct sw_host *host);

/* Plugs a station with the MAC 02:00:00:00:00:last into an interface. */
void sw_station_init(struct sw_station *st, struct sw_test_env *world, struct sw_nic *nic,
                     uint8_t last);
/* Unplugs it; nothing unexpected may have been heard. */
void sw_station_fini(struct sw_station *st);

/* ---- what it says ---- */

void sw_station_send(struct sw_station *st, struct sw_frame *frame);
/* Bytes from outside; the first 100 are the head. */
void sw_station_bytes(struct sw_station *st, const uint8_t *bytes, size_t n);
/* An ARP packet from the station's MAC, to one station or to all. */
void sw_station_arp(struct sw_station *st, struct sw_mac to, uint16_t op, const char *sender,
                    const char *target);
/* An IPv4 packet to the host: addresses, protocol, and what else is set in ip; ttl 0 means 64,
 * header length and total length are filled in. options may be NULL. */
void sw_station_ip(struct sw_station *st, struct sw_ipv4 ip, const uint8_t *options,
                   size_t n_options, const uint8_t *text, size_t n);
void sw_station_udp(struct sw_station *st, const char *src, uint16_t src_port, const char *dst,
                    uint16_t dst_port, const void *text, size_t n);
void sw_station_echo(struct sw_station *st, const char *src, const char *dst, uint16_t id,
                     uint16_t sequence, size_t n);
/* Writes a UDP datagram (with checksum) or an ICMP message into to; returns its length. Text of
 * NULL is counted up: 0, 1, 2 … */
size_t sw_test_udp(uint8_t *to, uint32_t src, uint32_t dst, uint16_t src_port, uint16_t dst_port,
                   const void *text, size_t n);
size_t sw_test_icmp(uint8_t *to, uint8_t type, uint8_t code, uint16_t id, uint16_t sequence,
                    const void *text, size_t n);

/* ---- what it hears ---- */

/* The next frame it heard, heard at `at`, is `text` (sw_frame_text). */
#define sw_station_expect(st, at, text) sw_station_expect_(__FILE__, __LINE__, st, at, text)
/* It heard nothing more. */
#define sw_station_quiet(st) sw_station_quiet_(__FILE__, __LINE__, st)
void sw_station_expect_(const char *file, int line, struct sw_station *st, sw_time at,
                        const char *text);
void sw_station_quiet_(const char *file, int line, struct sw_station *st);
/* Takes the next frame; the caller's. NULL: none. */
struct sw_frame *sw_station_take(struct sw_station *st);
/* Answers the host's ARP request, the next frame, for ip. */
void sw_station_answer(struct sw_station *st, const char *ip, const char *host_ip);

#endif
