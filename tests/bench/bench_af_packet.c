/* Sends Ethernet frames of 60 bytes into an interface of the kernel as fast as a packet socket
 * takes them: what a Linux bridge is fed with, for comparison with bench_bridge.
 *
 *   bench_af_packet IFACE learn SIDE        1,024 broadcasts, one from each station of that side
 *   bench_af_packet IFACE send SIDE TIME    for TIME seconds, from the stations of that side to
 * those of the other, both drawn for each frame; prints how many were sent
 *
 * Batches of 64 by sendmmsg, past the queueing discipline: the fastest way a program has without a
 * kernel module. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define STATIONS 1024u
#define BATCH 64
#define FRAME_BYTES 60

struct batch {
    uint8_t frame[BATCH][FRAME_BYTES];
    struct iovec iov[BATCH];
    struct mmsghdr msg[BATCH];
};

static void refuse(const char *what)
{
    fprintf(stderr, "bench_af_packet: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_interface(const char *name)
{
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (fd < 0) {
        refuse("socket");
    }
    const struct sockaddr_ll at = {.sll_family = AF_PACKET,
                                   .sll_ifindex = (int)if_nametoindex(name)};
    if (at.sll_ifindex == 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) < 0) {
        refuse(name);
    }
    const int one = 1;
    if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one) < 0) {
        refuse("PACKET_QDISC_BYPASS");
    }
    return fd;
}

static void put_mac(uint8_t *at, unsigned side, unsigned station)
{
    const uint8_t mac[6] = {0x02, (uint8_t)side, 0, 0, (uint8_t)(station >> 8), (uint8_t)station};
    memcpy(at, mac, sizeof mac);
}

static void init(struct batch *b)
{
    memset(b, 0, sizeof *b);
    for (unsigned i = 0; i < BATCH; i++) {
        b->frame[i][12] = 0x88;
        b->frame[i][13] = 0xb5;
        b->iov[i] = (struct iovec){.iov_base = b->frame[i], .iov_len = FRAME_BYTES};
        b->msg[i].msg_hdr = (struct msghdr){.msg_iov = &b->iov[i], .msg_iovlen = 1};
    }
}

/* How many of a whole batch the kernel took. */
static unsigned send_batch(int fd, struct batch *b)
{
    int sent = sendmmsg(fd, b->msg, BATCH, 0);
    if (sent < 0 && errno != ENOBUFS && errno != EAGAIN) {
        refuse("sendmmsg");
    }
    return sent < 0 ? 0 : (unsigned)sent;
}

static void learn(int fd, struct batch *b, unsigned side)
{
    for (unsigned station = 0; station < STATIONS; station += BATCH) {
        for (unsigned i = 0; i < BATCH; i++) {
            memset(b->frame[i], 0xff, 6);
            put_mac(b->frame[i] + 6, side, station + i);
        }
        if (send_batch(fd, b) != BATCH) {
            refuse("a batch was not taken whole");
        }
    }
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void send_for(int fd, struct batch *b, unsigned side, double duration)
{
    uint64_t draw = 88172645463325252u;
    uint64_t sent = 0;
    double begin = seconds();
    double now = begin;
    while (now - begin < duration) {
        for (unsigned batches = 0; batches < 16; batches++) {
            for (unsigned i = 0; i < BATCH; i++) {
                draw ^= draw << 13;
                draw ^= draw >> 7;
                draw ^= draw << 17;
                put_mac(b->frame[i], 1 - side, (unsigned)(draw >> 20) % STATIONS);
                put_mac(b->frame[i] + 6, side, (unsigned)(draw >> 40) % STATIONS);
            }
            sent += send_batch(fd, b);
        }
        now = seconds();
    }
    printf("sent %llu frames in %.3f s\n", (unsigned long long)sent, now - begin);
}

int main(int argc, char **argv)
{
    static struct batch batch;
    bool learning = argc == 4 && strcmp(argv[2], "learn") == 0;
    bool sending = argc == 5 && strcmp(argv[2], "send") == 0;
    if (!learning && !sending) {
        fprintf(stderr, "usage: bench_af_packet IFACE learn SIDE | IFACE send SIDE SECONDS\n");
        return 2;
    }
    int fd = open_interface(argv[1]);
    unsigned side = argv[3][0] == '1' ? 1 : 0;
    init(&batch);
    if (learning) {
        learn(fd, &batch, side);
    } else {
        send_for(fd, &batch, side, strtod(argv[4], NULL));
    }
    return 0;
}
