/* The small services: echo (RFC 862), discard (RFC 863), chargen (RFC 864), and echo by UDP. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "lan/service_impl.h"

/* Bytes that one step of an echo copies. */
#define PIECE 8192
/* The longest UDP datagram over IPv4. */
#define DATAGRAM_MAX 65507

/* Sends back what came, and reads no more than can be sent: a peer that does not read fills its own
 * window, and no more of ours than both buffers. */
static void echo_event(struct sw_service_conn *conn, enum sw_sock_event event)
{
    uint8_t piece[PIECE];
    if (event == SW_SOCK_ERROR || event == SW_SOCK_CLOSED) {
        sw_service_end(conn, false);
        return;
    }
    for (;;) {
        const void *at;
        size_t n;
        int got = sw_sock_peek(conn->sock, &at, &n);
        if (got == -EAGAIN) {
            return;
        }
        if (got < 0 || n == 0) { /* the peer has ended, and all of it was echoed */
            sw_service_end(conn, got < 0);
            return;
        }
        n = n < sizeof piece ? n : sizeof piece;
        memcpy(piece, at, n); /* what was peeked at does not outlive the next call */
        int64_t sent = sw_sock_send(conn->sock, piece, n);
        if (sent == -EAGAIN) {
            return;
        }
        if (sent < 0) {
            sw_service_end(conn, true);
            return;
        }
        sw_sock_consume(conn->sock, (size_t)sent);
    }
}

/* Takes away all that came. False: the connection has ended, and is gone. */
static bool take_all(struct sw_service_conn *conn)
{
    for (;;) {
        const void *at;
        size_t n;
        int got = sw_sock_peek(conn->sock, &at, &n);
        if (got == -EAGAIN) {
            return true;
        }
        if (got < 0 || n == 0) {
            sw_service_end(conn, got < 0);
            return false;
        }
        sw_sock_consume(conn->sock, n);
    }
}

static void discard_event(struct sw_service_conn *conn, enum sw_sock_event event)
{
    if (event == SW_SOCK_ERROR || event == SW_SOCK_CLOSED) {
        sw_service_end(conn, false);
        return;
    }
    take_all(conn);
}

/* RFC 864's popular pattern: lines of 72 of the 95 printing characters, each begun one character
 * further on. */
#define LINE_CHARS 72
#define LINE_BYTES (LINE_CHARS + 2)
#define PRINTING 95

struct chargen {
    struct sw_service_conn conn;
    uint32_t line, column;
};

static void generate(struct chargen *c, uint8_t *to, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (c->column < LINE_CHARS) {
            to[i] = (uint8_t)(' ' + (c->line + c->column) % PRINTING);
        } else {
            to[i] = c->column == LINE_CHARS ? '\r' : '\n';
        }
        if (++c->column == LINE_BYTES) {
            c->column = 0;
            c->line = (c->line + 1) % PRINTING;
        }
    }
}

static void chargen_event(struct sw_service_conn *conn, enum sw_sock_event event)
{
    struct chargen *c = SW_CONTAINER(conn, struct chargen, conn);
    if (event == SW_SOCK_ERROR || event == SW_SOCK_CLOSED) {
        sw_service_end(conn, false);
        return;
    }
    if (!take_all(conn)) {
        return;
    }
    for (;;) {
        void *at;
        size_t n = PIECE;
        int got = sw_sock_reserve(conn->sock, &at, &n);
        if (got == -EAGAIN) {
            return;
        }
        if (got < 0) {
            sw_service_end(conn, true);
            return;
        }
        generate(c, at, n);
        sw_sock_commit(conn->sock, n);
    }
}

/* Two services that answer each other would never stop: what comes from such a port, or from none,
 * is not answered. */
static bool answers_by_itself(const struct sw_service *service, uint16_t port)
{
    return port == 0 || port == 7 || port == 19 || port == service->config->port;
}

static void udp_echo_datagram(struct sw_service *service)
{
    uint8_t bytes[DATAGRAM_MAX];
    struct sw_endpoint from, to;
    int64_t n;
    while ((n = sw_sock_recv_between(service->sock, bytes, sizeof bytes, &from, &to)) >= 0) {
        /* From the address that was asked. What cannot be sent now is lost, as any datagram may be.
         */
        if (!answers_by_itself(service, from.port)) {
            sw_sock_send_between(service->sock, bytes, (size_t)n, to, from);
        }
    }
}

const struct sw_service_ops sw_service_echo = {
    .name = "echo",
    .protocol = SW_TCP,
    .conn_bytes = sizeof(struct sw_service_conn),
    .event = echo_event,
};
const struct sw_service_ops sw_service_discard = {
    .name = "discard",
    .protocol = SW_TCP,
    .conn_bytes = sizeof(struct sw_service_conn),
    .event = discard_event,
};
const struct sw_service_ops sw_service_chargen = {
    .name = "chargen",
    .protocol = SW_TCP,
    .conn_bytes = sizeof(struct chargen),
    .event = chargen_event,
};
const struct sw_service_ops sw_service_udp_echo = {
    .name = "udp-echo",
    .protocol = SW_UDP,
    .datagram = udp_echo_datagram,
};
