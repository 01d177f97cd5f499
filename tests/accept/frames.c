/* frames FILE COUNT mixed|known: a capture of made-up frames for a switch with 20 hosts, 10.4.0.1
 * to 10.4.0.20 at 02:00:00:00:04:01 to 14, from 64 stations outside. mixed: known and unknown
 * unicast, broadcast, multicast, ARP, TCP, UDP, ICMP, and one in ten malformed in some way. known:
 * every frame is for one of the hosts. The same bytes each time. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS 20
#define STATIONS 64

static uint64_t state = 0x9e3779b97f4a7c15u;
static uint8_t frame[1514];
static uint32_t length;

static uint32_t draw(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 32) * below >> 32);
}

static void put16(uint8_t *at, uint32_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
    put16(at, v >> 16);
    put16(at + 2, v);
}

static uint32_t sum(uint32_t total, const uint8_t *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += 2) {
        total += (uint32_t)at[i] << 8 | (i + 1 < n ? at[i + 1] : 0);
    }
    return total;
}

static uint32_t folded(uint32_t total)
{
    total = (total >> 16) + (total & 0xffff);
    return 0xffff & ~(total + (total >> 16));
}

/* Most frames are small, as on any LAN. */
static uint32_t some_length(void)
{
    uint32_t kind = draw(10);
    return kind < 6 ? draw(20) : kind < 9 ? draw(240) : 1460;
}

static void ethernet(const uint8_t *to, uint32_t station, uint32_t type)
{
    memcpy(frame, to, 6);
    memcpy(frame + 6, (const uint8_t[]){2, 0, 0, 0, 5, (uint8_t)station}, 6);
    put16(frame + 12, type);
}

/* An IPv4 header before what lies behind it, and the checksum of TCP, UDP or ICMP at `field`. */
static void ip(uint32_t station, uint32_t dst, uint32_t protocol, uint32_t l4_len, uint32_t field)
{
    uint8_t *header = frame + 14, *l4 = frame + 34;
    memset(header, 0, 20);
    header[0] = 0x45;
    put16(header + 2, 20 + l4_len);
    put16(header + 4, draw(65536));
    header[8] = 64;
    header[9] = (uint8_t)protocol;
    put32(header + 12, 0x0a040064 + station);
    put32(header + 16, dst);
    put16(header + 10, folded(sum(0, header, 20)));
    put16(l4 + field, 0);
    uint32_t pseudo = protocol == 1 ? 0 : sum(protocol + l4_len, header + 12, 8);
    put16(l4 + field, folded(sum(pseudo, l4, l4_len)));
    length = 34 + l4_len < 60 ? 60 : 34 + l4_len;
}

static void text(uint8_t *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        at[i] = (uint8_t)(i * 7 + n);
    }
}

static void tcp(uint32_t station, uint32_t dst)
{
    static const uint8_t flags[] = {2, 16, 24, 17, 4, 2};
    static const uint16_t ports[] = {7, 80, 9, 22, 443, 8080};
    uint8_t *l4 = frame + 34;
    uint32_t n = some_length();
    memset(l4, 0, 20);
    put16(l4, 1024 + draw(60000));
    put16(l4 + 2, ports[draw(6)]);
    put32(l4 + 4, draw(UINT32_MAX));
    put32(l4 + 8, draw(UINT32_MAX));
    l4[12] = 0x50;
    l4[13] = flags[draw(6)];
    n = l4[13] & 8 ? n : 0;
    put16(l4 + 14, 65535);
    text(l4 + 20, n);
    ip(station, dst, 6, 20 + n, 16);
}

static void udp(uint32_t station, uint32_t dst)
{
    uint8_t *l4 = frame + 34;
    uint32_t n = some_length();
    put16(l4, 1024 + draw(60000));
    put16(l4 + 2, draw(4) ? 9000 + draw(100) : 7);
    put16(l4 + 4, 8 + n);
    text(l4 + 8, n);
    ip(station, dst, 17, 8 + n, 6);
}

static void icmp(uint32_t station, uint32_t dst)
{
    uint8_t *l4 = frame + 34;
    uint32_t n = some_length();
    memset(l4, 0, 8);
    l4[0] = draw(8) ? 8 : (uint8_t)draw(20);
    put32(l4 + 4, draw(UINT32_MAX));
    text(l4 + 8, n);
    ip(station, dst, 1, 8 + n, 2);
}

static void arp(uint32_t station, uint32_t target)
{
    uint8_t *at = frame + 14;
    memcpy(at, (const uint8_t[]){0, 1, 8, 0, 6, 4, 0, 1}, 8);
    memcpy(at + 8, frame + 6, 6);
    put32(at + 14, 0x0a040064 + station);
    memset(at + 18, 0, 6);
    put32(at + 24, target);
    memset(at + 28, 0, 18);
    length = 60;
}

static void packet(uint32_t station, uint32_t dst)
{
    uint32_t kind = draw(10);
    if (kind < 5) {
        tcp(station, dst);
    } else if (kind < 8) {
        udp(station, dst);
    } else {
        icmp(station, dst);
    }
}

/* Wrong in one of a dozen ways, from the outside in. */
static void spoil(void)
{
    switch (draw(12)) {
    case 0: /* a checksum of the transport, or of nothing */
        frame[length - 1] ^= 0x20;
        break;
    case 1:
        frame[14 + 10] ^= 1;
        break;
    case 2:
        frame[14] = (uint8_t)draw(256);
        break;
    case 3:
        put16(frame + 16, draw(65536));
        break;
    case 4:
        put16(frame + 20, draw(65536)); /* some fragment */
        put16(frame + 24, 0);
        put16(frame + 24, folded(sum(0, frame + 14, 20)));
        break;
    case 5:
        length = 14 + draw(length - 14);
        break;
    case 6:
        put16(frame + 12, draw(65536));
        break;
    case 7:
        put16(frame + 12, 0x8100);
        break;
    case 8:
        put32(frame + 26, draw(UINT32_MAX)); /* a source of anywhere */
        put16(frame + 24, 0);
        put16(frame + 24, folded(sum(0, frame + 14, 20)));
        break;
    case 9:
        frame[34 + draw(20)] = (uint8_t)draw(256);
        break;
    case 10:
        for (uint32_t i = 14; i < length; i++) {
            frame[i] = (uint8_t)draw(256);
        }
        break;
    default:
        frame[23] = (uint8_t)draw(256);
    }
}

static void make_known(void)
{
    uint32_t host = 1 + draw(HOSTS), station = draw(STATIONS);
    ethernet((const uint8_t[]){2, 0, 0, 0, 4, (uint8_t)host}, station, 0x0800);
    packet(station, 0x0a040000 + host);
    if (draw(10) == 0) {
        spoil();
    }
}

static void introduce(uint32_t host, uint32_t station)
{
    ethernet((const uint8_t[]){2, 0, 0, 0, 4, (uint8_t)host}, station, 0x0806);
    arp(station, 0x0a040000 + host);
}

static void make_mixed(void)
{
    static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};
    uint32_t kind = draw(100), station = draw(STATIONS);
    if (kind < 10) { /* a station that nobody has heard of */
        ethernet((const uint8_t[]){2, 0, 0, 9, (uint8_t)draw(256), (uint8_t)draw(256)}, station,
                 0x0800);
        packet(station, 0x0a0400c8 + draw(20));
    } else if (kind < 15) {
        ethernet(everybody, station, 0x0806);
        arp(station, 0x0a040001 + draw(40));
    } else if (kind < 20) {
        ethernet(everybody, station, 0x0800);
        udp(station, 0x0a0400ff);
    } else if (kind < 23) {
        ethernet((const uint8_t[]){1, 0, 0x5e, 0, 0, (uint8_t)draw(256)}, station, 0x0800);
        udp(station, 0xe0000000 + draw(256));
    } else if (kind == 23) { /* malformed before IP: runts, and sources that are groups */
        make_known();
        length = draw(2) ? draw(14) : length;
        frame[6] |= 1;
    } else {
        make_known();
    }
}

static void put_le32(FILE *file, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        putc((int)(v >> 8 * i & 255), file);
    }
}

int main(int argc, char **argv)
{
    FILE *file = argc == 4 ? fopen(argv[1], "wb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: frames FILE COUNT mixed|known\n");
        return 2;
    }
    static const uint32_t header[] = {0xa1b23c4d, 0x00040002, 0, 0, 262144, 1}; /* nanoseconds */
    for (unsigned i = 0; i < 6; i++) {
        put_le32(file, header[i]);
    }
    uint32_t count = (uint32_t)atol(argv[2]);
    bool known = strcmp(argv[3], "known") == 0;
    for (uint32_t i = 0; i < count; i++) {
        if (known && i < HOSTS * STATIONS) {
            introduce(1 + i % HOSTS, i / HOSTS);
        } else if (known) {
            make_known();
        } else {
            make_mixed();
        }
        put_le32(file, 1767225600 + i / 1000000);
        put_le32(file, i % 1000000 * 1000);
        put_le32(file, length);
        put_le32(file, length);
        fwrite(frame, 1, length, file);
    }
    return fclose(file) == 0 ? 0 : 1;
}
