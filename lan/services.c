/* What every service has: a listener, connections up to a bound, and patience with each. The kinds
 * themselves are in service_echo.c, http_server.c and iperf3_server.c. One timer a service is
 * enough: connections are kept in the order in which they were touched, so the first is always the
 * one whose time is over first. */
#include "lan/services.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/service_impl.h"

/* As many as can come in one go: beyond it the oldest half-open connections give way, and among
 * those of one burst that would be clients whose answers are on their way. */
#define BACKLOG 1024
#define RETRY SW_S

static const struct sw_service_ops *ops_of(enum sw_service_kind kind)
{
    switch (kind) {
    case SW_SERVICE_ECHO:
        return &sw_service_echo;
    case SW_SERVICE_DISCARD:
        return &sw_service_discard;
    case SW_SERVICE_CHARGEN:
        return &sw_service_chargen;
    case SW_SERVICE_UDP_ECHO:
        return &sw_service_udp_echo;
    case SW_SERVICE_HTTP:
        return &sw_service_http;
    case SW_SERVICE_IPERF3:
        return &sw_service_iperf3;
    }
    return NULL;
}

static void unlink_conn(struct sw_service_conn *conn)
{
    struct sw_service *service = conn->service;
    *(conn->prev ? &conn->prev->next : &service->first) = conn->next;
    *(conn->next ? &conn->next->prev : &service->last) = conn->prev;
}

static void link_last(struct sw_service_conn *conn)
{
    struct sw_service *service = conn->service;
    conn->prev = service->last;
    conn->next = NULL;
    *(service->last ? &service->last->next : &service->first) = conn;
    service->last = conn;
    conn->touched = sw_clock_now(service->clock);
}

/* The timer stands for the first; where it fires too early, because that one was touched since, it
 * is armed again. */
static void watch_first(struct sw_service *service)
{
    if (service->ops->patience && service->first && !sw_timer_armed(&service->timer)) {
        sw_timer_arm(&service->timer, service->first->touched + service->ops->patience);
    }
}

void sw_service_touch(struct sw_service_conn *conn)
{
    unlink_conn(conn);
    link_last(conn);
}

static void on_conn(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_service_conn *conn = user;
    assert(conn->sock == sock);
    conn->service->ops->event(conn, event);
}

/* One connection of the backlog. False: there is none, or no memory for it; nobody would say again
 * that it waits there, so it is looked for later. */
static bool accept_one(struct sw_service *service)
{
    struct sw_sock *sock;
    int result = sw_sock_accept(&sock, service->sock, on_conn, NULL);
    if (result) {
        sw_time again = sw_clock_now(service->clock) + RETRY;
        if (result == -ENOMEM && again < service->timer.due) {
            sw_timer_arm(&service->timer, again);
        }
        return false;
    }
    struct sw_service_conn *conn = calloc(1, service->ops->conn_bytes);
    if (!conn) {
        sw_sock_abort(sock);
        return true;
    }
    conn->service = service;
    conn->sock = sock;
    sw_sock_set_callback(sock, on_conn, conn);
    /* Whose machine vanished would hold one of the places for ever. */
    sw_sock_set(sock, SW_OPT_KEEPALIVE, 1);
    link_last(conn);
    service->count++;
    watch_first(service);
    service->ops->event(conn, SW_SOCK_READABLE);
    return true;
}

/* A connection that ends while it is new must not begin this anew within itself. */
static void accept_all(struct sw_service *service)
{
    if (service->accepting) {
        return;
    }
    service->accepting = true;
    while (service->count < SW_SERVICE_CONNECTIONS && accept_one(service)) {
    }
    service->accepting = false;
}

static void on_timer(struct sw_timer *timer)
{
    struct sw_service *service = SW_CONTAINER(timer, struct sw_service, timer);
    sw_time now = sw_clock_now(service->clock);
    sw_time patience = service->ops->patience;
    while (patience && service->first && service->first->touched + patience <= now) {
        service->ops->expired(service->first);
    }
    accept_all(service);
    watch_first(service);
}

static void forget(struct sw_service_conn *conn)
{
    struct sw_service *service = conn->service;
    unlink_conn(conn);
    service->count--;
    if (service->ops->release) {
        service->ops->release(conn);
    }
    free(conn);
}

void sw_service_end(struct sw_service_conn *conn, bool abort)
{
    struct sw_service *service = conn->service;
    if (abort) {
        sw_sock_abort(conn->sock);
    } else {
        sw_sock_close(conn->sock);
    }
    forget(conn);
    accept_all(service);
}

static void on_service(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_service *service = user;
    if (service->ops->protocol == SW_TCP) {
        accept_all(service);
        return;
    }
    if (event == SW_SOCK_ERROR) {
        sw_sock_error(sock); /* somebody's ICMP error about an answer: there is nobody to tell */
    }
    service->ops->datagram(service);
}

int sw_service_new(struct sw_service **out, struct sw_host *host,
                   const struct sw_topo_service *config)
{
    const struct sw_service_ops *ops = ops_of(config->kind);
    const char *host_name = sw_host_name(host);
    size_t name_bytes = strlen(host_name) + strlen(ops->name) + sizeof " service  65535";
    struct sw_service *service = calloc(1, sizeof *service + name_bytes);
    if (!service) {
        return -ENOMEM;
    }
    service->host = host;
    service->config = config;
    service->ops = ops;
    service->clock = sw_host_env(host)->clock;
    snprintf(service->name, name_bytes, "%s service %s %u", host_name, ops->name, config->port);
    sw_owner_init(&service->owner, service->name);
    int result =
        sw_timer_init(&service->timer, service->clock, &service->owner, SW_CLASS_TIMER, on_timer);
    if (result == 0 && ops->open) {
        result = ops->open(service);
    }
    if (result == 0) {
        result = sw_sock_open(&service->sock, host, ops->protocol, on_service, service);
    }
    if (result == 0) {
        result = sw_sock_bind(service->sock, (struct sw_endpoint){.port = config->port});
    }
    if (result == 0 && ops->protocol == SW_TCP) {
        result = sw_sock_listen(service->sock, BACKLOG);
    }
    if (result) {
        sw_service_free(service);
        return result;
    }
    *out = service;
    return 0;
}

void sw_service_pause(struct sw_service *service, bool paused)
{
    if (paused) {
        sw_owner_suspend(service->clock, &service->owner);
    } else {
        sw_owner_resume(service->clock, &service->owner);
    }
}

void sw_service_free(struct sw_service *service)
{
    struct sw_service_conn *next;
    sw_service_pause(service, false);
    for (struct sw_service_conn *conn = service->first; conn; conn = next) {
        next = conn->next;
        sw_sock_abort(conn->sock);
        forget(conn);
    }
    if (service->sock) {
        sw_sock_close(service->sock);
    }
    sw_timer_fini(&service->timer);
    if (service->ops->close) {
        service->ops->close(service);
    }
    free(service);
}
