/* A stack of your own on the LAN, in place of a host: all it has is a port, which hands it frames
 * and takes frames from it. This one answers ARP and pings and knows nothing else; a host that is
 * a whole stack pings it over a cable that loses the second reply.
 *
 *     cc own_stack.c $(pkg-config --cflags --libs switchd) -o own_stack && ./own_stack
 *
 * Prints: 5 sent, 4 answered, the stack heard 5
 */
#include <stdio.h>
#include <string.h>

#include "lan/lab.h"
#include "lan/traffic.h"

#define FRAME_MAX 1514
#define ETH 14
#define ADDRESS "\x0a\x00\x00\x09" /* 10.0.0.9 */
#define MAC "\x02\x00\x00\x00\x00\x09"

struct stack {
    struct sw_port port;
    struct sw_pool *pool;
    unsigned pings;
};

/* Bytes become a frame, which belongs to the LAN from here on. */
static void send_bytes(struct stack *stack, const unsigned char *bytes, size_t n)
{
    struct sw_frame *frame = sw_frame_from_bytes(stack->pool, bytes, n, n < 100 ? n : 100);
    if (frame != NULL) {
        sw_port_send(&stack->port, frame);
    }
}

/* Back to where it came from. */
static void turn_round(unsigned char *bytes)
{
    memcpy(bytes, bytes + 6, 6);
    memcpy(bytes + 6, MAC, 6);
}

/* RFC 826: a request for our address is answered. */
static void on_arp(struct stack *stack, unsigned char *bytes)
{
    unsigned char *arp = bytes + ETH;
    if (memcmp(arp + 6, "\x00\x01", 2) == 0 && memcmp(arp + 24, ADDRESS, 4) == 0) {
        turn_round(bytes);
        arp[7] = 2;
        memcpy(arp + 18, arp + 8, 10); /* the asker becomes the target */
        memcpy(arp + 8, MAC, 6);
        memcpy(arp + 14, ADDRESS, 4);
        send_bytes(stack, bytes, ETH + 28);
    }
}

/* RFC 792: an echo request becomes a reply. Its type goes from 8 to 0, so its checksum grows by
 * 0x0800, in one's complement. */
static void on_ip(struct stack *stack, unsigned char *bytes, size_t n)
{
    unsigned char *ip = bytes + ETH, *icmp = ip + (ip[0] & 15) * 4;
    if (ip[9] == 1 && memcmp(ip + 16, ADDRESS, 4) == 0 && icmp[0] == 8) {
        stack->pings++;
        turn_round(bytes);
        memcpy(ip + 16, ip + 12, 4);
        memcpy(ip + 12, ADDRESS, 4);
        unsigned sum = (unsigned)(icmp[2] << 8 | icmp[3]) + 0x0800;
        sum = (sum & 0xffff) + (sum >> 16);
        icmp[0] = 0;
        icmp[2] = (unsigned char)(sum >> 8);
        icmp[3] = (unsigned char)sum;
        send_bytes(stack, bytes, n);
    }
}

/* A batch has arrived; each frame is ours, to be dropped. */
static void receive(struct sw_port *port, struct sw_frame **frames, unsigned count)
{
    struct stack *stack = (struct stack *)port; /* its first member */
    for (unsigned i = 0; i < count; i++) {
        unsigned char bytes[FRAME_MAX];
        size_t n = frames[i]->len;
        if (n >= ETH + 28 && n <= sizeof bytes) {
            sw_frame_copy_out(frames[i], bytes); /* as it would be on a wire, checksums finished */
            if (memcmp(bytes + 12, "\x08\x06", 2) == 0) {
                on_arp(stack, bytes);
            } else if (memcmp(bytes + 12, "\x08\x00", 2) == 0) {
                on_ip(stack, bytes, n);
            }
        }
        sw_frame_drop(frames[i]);
    }
}

static void done(void *ctx)
{
    (void)ctx;
}

int main(void)
{
    struct sw_lab *lab = sw_lab_new(7);
    struct stack stack = {.pool = sw_lab_env(lab)->pool};
    const struct sw_ping_config config = {.to = sw_ip_v4(0x0a000009), .count = 5, .size_bytes = 56};
    struct sw_ping *ping = NULL;
    struct sw_ping_result result;

    sw_lab_switch(lab, "core");
    struct sw_host *host = sw_lab_host(lab, "a", "10.0.0.1/24");
    struct sw_link *cable = sw_lab_link(lab, "a", "core", NULL);
    sw_port_init(&stack.port, "mine", receive, NULL);
    sw_lab_plug(lab, &stack.port, "core", NULL);
    sw_lab_drop(lab, cable, SW_BACKWARD, "icmp", 2, 0, 0);

    if (sw_ping_new(&ping, host, &config, NULL, done, NULL) != 0) {
        return 1;
    }
    sw_lab_run(lab, 10 * SW_S);
    sw_ping_result(ping, &result);
    printf("%u sent, %u answered, the stack heard %u\n", (unsigned)result.sent,
           (unsigned)result.received, stack.pings);
    sw_ping_free(ping);
    bool held = sw_lab_holds(lab);
    sw_lab_free(lab);
    return held && result.received == 4 ? 0 : 1;
}
