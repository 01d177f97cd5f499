/* A conversation by TCP: connect, send all, end our side, and read until the peer has ended its
 * own. So what came is known to be all, however it was cut into segments, and that the peer read
 * what was sent follows from its end. */
#include <errno.h>

#include "lan/talk_impl.h"

static void send_all(struct sw_talk *talk)
{
    while (talk->send_at < talk->send_len) {
        int64_t n =
            sw_sock_send(talk->sock, talk->send + talk->send_at, talk->send_len - talk->send_at);
        if (n == -EAGAIN) {
            return;
        }
        if (n < 0) {
            sw_talk_end(talk, (int)n);
            return;
        }
        talk->send_at += (size_t)n;
    }
    sw_sock_shutdown(talk->sock);
}

static void read_all(struct sw_talk *talk)
{
    while (!talk->ended) {
        const void *at;
        size_t n;
        int got = sw_sock_peek(talk->sock, &at, &n);
        if (got == -EAGAIN) {
            return;
        }
        if (got || n == 0) {
            sw_talk_end(talk, got);
            return;
        }
        sw_talk_took(talk, at, n);
        sw_sock_consume(talk->sock, n);
    }
}

static void on_event(struct sw_talk *talk, enum sw_sock_event event)
{
    switch (event) {
    case SW_SOCK_ERROR:
        sw_talk_end(talk, sw_talk_cause(talk->sock));
        break;
    case SW_SOCK_ADVICE: /* old news if it connected after all */
        if (!talk->connected) {
            sw_talk_end(talk, sw_talk_cause(talk->sock));
        }
        break;
    case SW_SOCK_CONNECTED:
        talk->connected = true;
        send_all(talk);
        read_all(talk);
        break;
    case SW_SOCK_WRITABLE:
        send_all(talk);
        break;
    case SW_SOCK_READABLE:
    case SW_SOCK_PEER_CLOSED:
        read_all(talk);
        break;
    case SW_SOCK_ACCEPTED:
    case SW_SOCK_URGENT:
    case SW_SOCK_CLOSED:
        break;
    }
}

/* The SYN is under way. */
static void begin(struct sw_talk *talk)
{
    (void)talk;
}

const struct sw_talk_ops sw_talk_tcp = {.protocol = SW_TCP, .event = on_event, .begin = begin};
