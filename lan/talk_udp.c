/* A conversation by UDP: one datagram, which may be empty, and the first one that comes back from
 * whom it was sent to. Without an answer nobody knows whether it arrived, so then its time runs
 * out; an ICMP error ends it at once. */
#include <errno.h>

#include "lan/talk_impl.h"

#define DATAGRAM_MAX 65507

static void fail(struct sw_talk *talk, int error)
{
    /* A port that nobody listens at is told of by ICMP too. */
    sw_talk_end(talk, error == -ECONNREFUSED ? -EHOSTUNREACH : error);
}

static void send_it(struct sw_talk *talk)
{
    int64_t n = sw_sock_send(talk->sock, talk->send, talk->send_len);
    if (n >= 0) {
        talk->connected = true;
    } else if (n != -EAGAIN) { /* room in the lane comes, with an event */
        fail(talk, (int)n);
    }
}

static void on_event(struct sw_talk *talk, enum sw_sock_event event)
{
    char bytes[DATAGRAM_MAX];
    if (event == SW_SOCK_ERROR) {
        fail(talk, sw_sock_error(talk->sock));
        return;
    }
    if (event == SW_SOCK_WRITABLE && !talk->connected) {
        send_it(talk);
        return;
    }
    int64_t n = sw_sock_recv(talk->sock, bytes, sizeof bytes);
    if (n >= 0) {
        sw_talk_took(talk, bytes, (size_t)n);
        sw_talk_end(talk, 0);
    } else if (n != -EAGAIN) {
        fail(talk, (int)n);
    }
}

const struct sw_talk_ops sw_talk_udp = {.protocol = SW_UDP, .event = on_event, .begin = send_it};
