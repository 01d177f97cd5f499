/* What the files of the services share among themselves and nobody else includes: a service with
 * its connections, and what a kind of service does with one. */
#ifndef SW_LAN_SERVICE_IMPL_H
#define SW_LAN_SERVICE_IMPL_H

#include "core/clock.h"
#include "lan/services.h"
#include "stack/sock.h"

struct sw_service_conn;

/* What a kind does. A connection's memory is conn_bytes, zeroed, and begins with the struct below.
 */
struct sw_service_ops {
    const char *name; /* "echo" */
    enum sw_protocol protocol;
    size_t conn_bytes;
    /* How long a connection may stay untouched (sw_service_touch); 0: for ever. */
    sw_time patience;
    /* Once, before anything else: makes what the service has of its own (sw_service.own). 0,
     * -ENOMEM. And at its very end, also behind an open that failed. Both may be NULL. */
    int (*open)(struct sw_service *service);
    void (*close)(struct sw_service *service);
    /* Something happened; also called once when the connection is new, with SW_SOCK_READABLE: what
     * came before it was accepted tells nobody else. */
    void (*event)(struct sw_service_conn *conn, enum sw_sock_event event);
    /* patience is over: ends the connection or touches it. */
    void (*expired)(struct sw_service_conn *conn);
    /* Frees what a connection holds besides its own memory; may be NULL. */
    void (*release)(struct sw_service_conn *conn);
    /* UDP: a datagram or room for one has come. */
    void (*datagram)(struct sw_service *service);
};

struct sw_service_conn {
    struct sw_service *service;
    struct sw_sock *sock;
    struct sw_service_conn *prev, *next; /* by when each was touched, the longest ago first */
    sw_time touched;
};

struct sw_service {
    struct sw_host *host;
    const struct sw_topo_service *config;
    const struct sw_service_ops *ops;
    struct sw_sock *sock; /* the listener, or UDP's only one */
    struct sw_clock *clock;
    struct sw_owner owner;
    struct sw_timer timer; /* for the patience with `first`, and for what could not be accepted */
    struct sw_service_conn *first, *last;
    unsigned count;
    bool accepting;
    void *own;   /* the kind's */
    char name[]; /* "web http 80", of the owner */
};

/* Now something good happened: patience begins anew. */
void sw_service_touch(struct sw_service_conn *conn);
/* The connection's handle and memory are gone; who waits in the backlog is accepted. Orderly, or
 * with a reset. */
void sw_service_end(struct sw_service_conn *conn, bool abort);

extern const struct sw_service_ops sw_service_echo;
extern const struct sw_service_ops sw_service_discard;
extern const struct sw_service_ops sw_service_chargen;
extern const struct sw_service_ops sw_service_udp_echo;
extern const struct sw_service_ops sw_service_http;
extern const struct sw_service_ops sw_service_iperf3;

#endif
