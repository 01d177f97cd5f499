/* Fuzz target: the parsers of stack/wire, the text form of a frame, the checksum, and the readers
 * of addresses. The first byte says which, the rest is what it reads. What is parsed and emitted
 * again must come to the same. */
#include <stdlib.h>
#include <string.h>

#include "core/addr.h"
#include "core/bytes.h"
#include "core/checksum.h"
#include "core/text.h"
#include "lan/guard.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "stack/wire/icmp.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"
#include "tests/fuzz/fuzz.h"

static void wire_eth(const uint8_t *bytes, size_t n)
{
    struct sw_eth eth;
    enum sw_drop why = SW_DROP_COUNT;
    uint8_t again[SW_ETH_BYTES];
    if (sw_eth_parse(&eth, bytes, n, &why)) {
        sw_eth_emit(&eth, again);
        fuzz_check(memcmp(again, bytes, sizeof again) == 0);
    } else {
        fuzz_check(why == SW_DROP_ETH_SHORT || why == SW_DROP_ETH_GROUP_SOURCE);
    }
}

static void wire_arp(const uint8_t *bytes, size_t n)
{
    struct sw_arp arp;
    enum sw_drop why = SW_DROP_COUNT;
    uint8_t again[SW_ARP_BYTES];
    if (sw_arp_parse(&arp, bytes, n, &why)) {
        sw_arp_emit(&arp, again);
        fuzz_check(memcmp(again, bytes, sizeof again) == 0);
    } else {
        fuzz_check(why >= SW_DROP_ARP_SHORT && why <= SW_DROP_ARP_SENDER);
    }
}

static void wire_ipv4(uint8_t *bytes, size_t n)
{
    struct sw_ipv4 ip;
    enum sw_drop why = SW_DROP_COUNT;
    if (n >= SW_IPV4_BYTES) { /* half of all would fall at the checksum */
        const size_t header = (bytes[0] & 15u) * 4u;
        sw_put16(bytes + 10, 0);
        sw_put16(bytes + 10, header <= n ? sw_checksum(bytes, header) : 0);
    }
    if (!sw_ipv4_parse(&ip, bytes, n, n, &why)) {
        fuzz_check(why >= SW_DROP_IP_SHORT && why <= SW_DROP_IP_CHECKSUM);
        return;
    }
    fuzz_check(ip.header_bytes <= ip.total_bytes && ip.total_bytes <= n);
    uint8_t again[SW_IPV4_MAX_BYTES], copied[40];
    memcpy(again, bytes, ip.header_bytes);
    sw_ipv4_emit(&ip, again);
    const uint16_t reserved = sw_get16(bytes + 6) & 0x8000;
    if (reserved == 0) {
        /* Of a header of 0xffff words there are two checksums (RFC 1624 3). */
        sw_put16(again + 10, sw_get16(bytes + 10));
        fuzz_check(memcmp(again, bytes, ip.header_bytes) == 0);
    }
    const size_t options = ip.header_bytes - (size_t)SW_IPV4_BYTES;
    if (sw_ipv4_options_ok(bytes + SW_IPV4_BYTES, options, &why)) {
        const size_t kept = sw_ipv4_options_copied(bytes + SW_IPV4_BYTES, options, copied);
        fuzz_check(kept <= options && kept % 4 == 0);
        fuzz_check(sw_ipv4_options_ok(copied, kept, &why));
    } else {
        fuzz_check(why == SW_DROP_IP_OPTIONS || why == SW_DROP_IP_SOURCE_ROUTE);
    }
}

static void wire_tcp(const uint8_t *bytes, size_t n)
{
    struct sw_tcp_header h, h2;
    enum sw_drop why = SW_DROP_COUNT;
    uint8_t again[SW_TCP_MAX_BYTES];
    if (!sw_tcp_parse(&h, bytes, n, n, &why)) {
        fuzz_check(why >= SW_DROP_TCP_SHORT && why <= SW_DROP_TCP_OPTIONS);
        return;
    }
    fuzz_check(h.header_bytes <= n && h.wscale <= SW_TCP_WSCALE_MAX);
    const unsigned len = sw_tcp_emit(&h, again);
    fuzz_check(len == sw_tcp_emit_bytes(&h) && sw_tcp_header_bytes(again) == len);
    fuzz_check(sw_tcp_parse(&h2, again, len, len, &why));
    h2.header_bytes = h.header_bytes;
    fuzz_check(h.src_port == h2.src_port && h.dst_port == h2.dst_port && h.seq == h2.seq &&
               h.ack == h2.ack && h.flags == h2.flags && h.window == h2.window &&
               h.urgent == h2.urgent && h.has == h2.has && h.mss == h2.mss &&
               h.wscale == h2.wscale && h.ts_val == h2.ts_val && h.ts_ecr == h2.ts_ecr);
}

static void wire_udp_icmp(const uint8_t *bytes, size_t n)
{
    struct sw_udp udp;
    struct sw_icmp icmp;
    enum sw_drop why = SW_DROP_COUNT;
    uint8_t again[SW_UDP_BYTES];
    if (sw_udp_parse(&udp, bytes, n, n, &why)) {
        fuzz_check(udp.len_bytes >= SW_UDP_BYTES && udp.len_bytes <= n);
        sw_udp_emit(&udp, again);
        fuzz_check(memcmp(again, bytes, sizeof again) == 0);
    } else {
        fuzz_check(why == SW_DROP_UDP_SHORT || why == SW_DROP_UDP_LENGTH);
    }
    if (sw_icmp_parse(&icmp, bytes, n, &why)) {
        sw_icmp_emit(&icmp, again);
        fuzz_check(memcmp(again, bytes, sizeof again) == 0);
    } else {
        fuzz_check(why == SW_DROP_ICMP_SHORT);
    }
}

/* A frame says something, however it is cut into head and slices, and always the same. */
static void frame_text(const uint8_t *bytes, size_t n)
{
    struct fuzz_input in = {bytes, bytes + n};
    const size_t cut = fuzz_u8(&in), cap = 1 + fuzz_u8(&in);
    char whole[SW_FRAME_TEXT], split[SW_FRAME_TEXT], small[256];
    struct fuzz_world world;
    fuzz_world_init(&world, (size_t)1 << 20);
    struct sw_frame *a = fuzz_frame(&world, in.at, fuzz_left(&in), 160);
    struct sw_frame *b = fuzz_frame(&world, in.at, fuzz_left(&in), cut);
    fuzz_check(a != NULL && b != NULL);
    sw_frame_text(a, whole, sizeof whole);
    sw_frame_text(b, split, sizeof split);
    fuzz_check(strcmp(whole, split) == 0);
    sw_frame_text(a, small, cap);
    fuzz_check(strlen(small) < cap && strncmp(small, whole, strlen(small)) == 0);
    sw_frame_drop(a);
    sw_frame_drop(b);
    fuzz_world_fini(&world);
}

/* The sum is that of its parts, wherever it is cut. */
static void checksum(const uint8_t *bytes, size_t n)
{
    struct fuzz_input in = {bytes, bytes + n};
    size_t cut = fuzz_u16(&in);
    const size_t left = fuzz_left(&in);
    cut = left == 0 ? 0 : cut % left;
    uint64_t plain = 0;
    for (size_t i = 0; i < left; i++) {
        plain += (uint64_t)in.at[i] << (i % 2 == 0 ? 8 : 0);
    }
    const uint16_t whole = sw_sum_fold(sw_sum_add(0, in.at, left));
    uint64_t sum = sw_sum_add(0, in.at, cut);
    sum = cut % 2 == 0 ? sw_sum_add(sum, in.at + cut, left - cut)
                       : sw_sum_add_odd(sum, in.at + cut, left - cut);
    fuzz_check(whole == sw_sum_fold(plain) && whole == sw_sum_fold(sum));
    if (left >= 4) {
        const uint16_t before = sw_checksum(in.at + 2, left - 2);
        uint8_t *copy = malloc(left - 2);
        fuzz_check(copy != NULL);
        memcpy(copy, in.at + 2, left - 2);
        const uint16_t old = left >= 6 ? sw_get16(copy) : 0;
        if (left >= 6) {
            memcpy(copy, in.at, 2);
            const uint16_t after = sw_checksum(copy, left - 2);
            const uint16_t adjusted = sw_checksum_adjust(before, old, sw_get16(in.at));
            /* 0 and 0xffff are one number (RFC 1624 3). */
            fuzz_check((uint16_t)(after % 0xffff) == (uint16_t)(adjusted % 0xffff));
        }
        free(copy);
    }
}

static void addresses(const uint8_t *bytes, size_t n)
{
    char *text = malloc(n + 1);
    fuzz_check(text != NULL);
    memcpy(text, bytes, n);
    text[n] = '\0';
    struct sw_mac mac, mac2;
    struct sw_ip ip, ip2;
    char said[SW_ENDPOINT_TEXT];
    if (sw_mac_parse(&mac, text)) {
        fuzz_check(sw_mac_parse(&mac2, sw_mac_emit(mac, said)) && sw_mac_equal(mac, mac2));
    }
    if (sw_ip_parse(&ip, text)) {
        fuzz_check(sw_ip_parse(&ip2, sw_ip_emit(ip, said)) && sw_ip_equal(ip, ip2));
        fuzz_check(strcmp(said, text) == 0);
    }
    if (n >= 18) {
        struct sw_endpoint at = {.ip = {.family = SW_IPV6}, .port = sw_get16(bytes)};
        memcpy(at.ip.b, bytes + 2, 16);
        fuzz_check(strlen(sw_endpoint_emit(at, said)) < sizeof said);
    }
    free(text);
}

/* A tag of VLAN 0 changes nothing of whom a frame says it is from. */
static void guard(const uint8_t *bytes, size_t n)
{
    char lan[] = "lan", names[2][6] = {"own", "other"}, nic[] = "eth0";
    struct sw_topo_address address[2] = {{.prefix = {sw_ip_v4(0x0a040001), 24}},
                                         {.prefix = {sw_ip_v4(0x0a040002), 24}}};
    struct sw_topo_nic nics[2];
    struct sw_topo_host hosts[2];
    for (size_t i = 0; i < 2; i++) {
        nics[i] = (struct sw_topo_nic){.name = nic,
                                       .mac_given = true,
                                       .mac = {{2, 0, 0, 0, 4, (uint8_t)(i + 1)}},
                                       .addresses = &address[i],
                                       .address_count = 1};
        hosts[i] = (struct sw_topo_host){.name = names[i], .nics = &nics[i], .nic_count = 1};
    }
    const struct sw_topo topo = {.name = lan, .hosts = hosts, .host_count = 2};
    struct sw_guard *g;
    uint8_t *tagged = malloc(n + 4);
    fuzz_check(tagged != NULL && sw_guard_new(&g, &topo) == 0);
    bool forged = sw_guard_is_forged(g, 0, bytes, n);
    if (n >= SW_ETH_BYTES) {
        static const uint8_t tag[4] = {0x81, 0, 0, 0};
        memcpy(tagged, bytes, 12);
        memcpy(tagged + 12, tag, 4);
        memcpy(tagged + 16, bytes + 12, n - 12);
        fuzz_check(sw_guard_is_forged(g, 0, tagged, n + 4) == forged);
    } else {
        fuzz_check(!forged);
    }
    sw_guard_free(g);
    free(tagged);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0) {
        return 0;
    }
    /* A copy of its own: an input is not to be written to, and its end shall be the memory's. */
    uint8_t *copy = malloc(n > 1 ? n - 1 : 1);
    fuzz_check(copy != NULL);
    memcpy(copy, bytes + 1, n - 1);
    switch (bytes[0] % 8) {
    case 0:
        wire_eth(copy, n - 1);
        guard(copy, n - 1);
        break;
    case 1:
        wire_arp(copy, n - 1);
        break;
    case 2:
        wire_ipv4(copy, n - 1);
        break;
    case 3:
        wire_tcp(copy, n - 1);
        break;
    case 4:
        wire_udp_icmp(copy, n - 1);
        break;
    case 5:
        frame_text(copy, n - 1);
        break;
    case 6:
        checksum(copy, n - 1);
        break;
    default:
        addresses(copy, n - 1);
    }
    free(copy);
    return 0;
}
