/* Pings: echo requests at a fixed pace, each with its own patience (RFC 792). A request is waited
 * for until its reply, an ICMP error or its timeout; replies are found by the sequence number,
 * whose 16 bits suffice because no more than 65,535 requests are ever waited for at once. A reply
 * that comes too late, a second one, and one whose payload is not what was sent count as none. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/measure.h"
#include "lan/pattern.h"
#include "lan/traffic.h"
#include "stack/sock.h"

#define OUTSTANDING_MAX 65535
#define PAYLOAD_MAX 65507

enum fate { WAITING, ANSWERED, GIVEN_UP };

struct request {
    sw_time at;      /* when it was sent */
    uint32_t number; /* which of those that left the socket, from 1; 0: it never left */
    uint8_t fate;    /* enum fate */
};

struct sw_ping {
    struct sw_ping_config config;
    struct sw_clock *clock;
    struct sw_sock *sock;
    struct sw_owner owner;
    struct sw_timer timer; /* the next request, or the oldest one's timeout */
    void (*reply)(void *ctx, const struct sw_ping_reply *reply);
    void (*done)(void *ctx);
    void *ctx;
    bool *gone; /* set where a callback freed us */
    bool finished;
    struct request *requests; /* requests[i] has the sequence i + 1 */
    uint32_t sent, oldest;    /* all before `oldest` have met their fate */
    uint32_t left_socket;
    sw_time began, ended, next;
    struct sw_rtts rtts;
    sw_time *times; /* of each reply, in any order */
    uint32_t received, errors;
    int error;
    int no_way;                /* why the socket could not be connected, or 0 */
    uint8_t *payload;          /* as it is sent, */
    uint8_t *received_payload; /* and room for one more byte than it has */
    char name[160];
};

/* Tells of one request. False: we are gone. */
static bool tell(struct sw_ping *p, uint32_t i, sw_time rtt, int error)
{
    bool gone = false;
    struct sw_ping_reply reply = {.sequence = i + 1, .rtt = rtt, .error = error};
    if (p->reply) {
        p->gone = &gone;
        p->reply(p->ctx, &reply);
        if (!gone) {
            p->gone = NULL;
        }
    }
    return !gone;
}

/* A request is no longer waited for. False: we are gone. */
static bool give_up(struct sw_ping *p, uint32_t i, int error)
{
    p->requests[i].fate = GIVEN_UP;
    if (error) {
        p->errors++;
        p->error = error;
    }
    return tell(p, i, -1, error);
}

static bool send_one(struct sw_ping *p)
{
    uint32_t i = p->sent++;
    struct request *r = &p->requests[i];
    *r = (struct request){.at = sw_clock_now(p->clock), .fate = WAITING};
    int64_t n = p->no_way ? p->no_way : sw_sock_send(p->sock, p->payload, p->config.size_bytes);
    if (n >= 0) {
        r->number = ++p->left_socket;
        return true;
    }
    /* No room in the lane: it is as lost as if the lane had dropped it. */
    return n == -EAGAIN || give_up(p, i, (int)n);
}

static void finish(struct sw_ping *p)
{
    p->finished = true;
    p->ended = sw_clock_now(p->clock);
    sw_timer_cancel(&p->timer);
    sw_sock_close(p->sock);
    p->sock = NULL;
    p->done(p->ctx);
}

/* Past those that have met their fate; what is to be done next, and when. */
static void go_on(struct sw_ping *p)
{
    while (p->oldest < p->sent && p->requests[p->oldest].fate != WAITING) {
        p->oldest++;
    }
    if (p->oldest == p->config.count) {
        finish(p);
        return;
    }
    sw_time due = SW_TIME_NEVER;
    if (p->oldest < p->sent) {
        due = p->requests[p->oldest].at + p->config.timeout;
    }
    if (p->sent < p->config.count && p->sent - p->oldest < OUTSTANDING_MAX && p->next < due) {
        due = p->next;
    }
    sw_timer_arm(&p->timer, due);
}

static void on_timer(struct sw_timer *timer)
{
    struct sw_ping *p = SW_CONTAINER(timer, struct sw_ping, timer);
    sw_time now = sw_clock_now(p->clock);
    for (; p->oldest < p->sent; p->oldest++) {
        struct request *r = &p->requests[p->oldest];
        if (r->fate == WAITING && r->at + p->config.timeout > now) {
            break;
        }
        if (r->fate == WAITING && !give_up(p, p->oldest, 0)) {
            return;
        }
    }
    if (p->sent < p->config.count && p->next <= now && p->sent - p->oldest < OUTSTANDING_MAX) {
        p->next = now + p->config.interval;
        if (!send_one(p)) {
            return;
        }
    }
    go_on(p);
}

/* The request that a reply's sequence number stands for, or UINT32_MAX. Of those with these 16 bits
 * only the last one sent can be waited for; requests that never left the socket push it back. */
static uint32_t request_of(const struct sw_ping *p, uint16_t sequence)
{
    uint32_t behind = (uint16_t)(p->left_socket - sequence);
    if (behind >= p->left_socket) {
        return UINT32_MAX;
    }
    uint32_t number = p->left_socket - behind;
    for (uint32_t i = number - 1; i < p->sent; i++) {
        if (p->requests[i].number == number) {
            return i;
        }
    }
    return UINT32_MAX;
}

/* False: we are gone. */
static bool take_reply(struct sw_ping *p, uint16_t sequence, size_t n)
{
    uint32_t i = request_of(p, sequence);
    if (i == UINT32_MAX || p->requests[i].fate != WAITING || n != p->config.size_bytes ||
        memcmp(p->payload, p->received_payload, n) != 0) {
        return true;
    }
    sw_time rtt = sw_clock_now(p->clock) - p->requests[i].at;
    p->requests[i].fate = ANSWERED;
    p->times[p->received++] = rtt;
    sw_rtts_add(&p->rtts, rtt);
    return tell(p, i, rtt, 0);
}

/* An ICMP error says nothing of which request it is about: those are answered for in the order in
 * which they were sent. */
static bool take_error(struct sw_ping *p, int error)
{
    for (uint32_t i = p->oldest; i < p->sent; i++) {
        if (p->requests[i].fate == WAITING) {
            return give_up(p, i, error);
        }
    }
    p->error = error;
    return true;
}

/* The host has crashed: nothing that was sent will be heard of, and what is still to be sent cannot
 * be. False: we are gone. */
static bool lose_all(struct sw_ping *p)
{
    for (uint32_t i = p->oldest; i < p->sent; i++) {
        if (p->requests[i].fate == WAITING && !give_up(p, i, -ENETDOWN)) {
            return false;
        }
    }
    return true;
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_ping *p = user;
    struct sw_endpoint from;
    int64_t n = 0;
    if (event == SW_SOCK_ERROR) {
        int error = sw_sock_error(sock);
        if (error == -ENETDOWN ? !lose_all(p) : error && !take_error(p, error)) {
            return;
        }
        if (error == -ENETDOWN) {
            go_on(p);
            return;
        }
    }
    while (n >= 0) {
        n = sw_sock_recv_from(sock, p->received_payload, (size_t)p->config.size_bytes + 1, &from);
        if (n >= 0 && !take_reply(p, from.port, (size_t)n)) {
            return;
        }
    }
    if (n != -EAGAIN && !take_error(p, (int)n)) {
        return;
    }
    go_on(p);
}

/* What may fail for want of memory. */
static int allocate(struct sw_ping *p)
{
    p->requests = malloc(p->config.count * sizeof *p->requests);
    p->times = malloc(p->config.count * sizeof *p->times);
    p->payload = malloc((size_t)p->config.size_bytes + 1);
    p->received_payload = malloc((size_t)p->config.size_bytes + 1);
    if (!p->requests || !p->times || !p->payload || !p->received_payload) {
        return -ENOMEM;
    }
    sw_pattern_fill(p->payload, p->config.size_bytes, 0);
    return 0;
}

/* The socket, and a name that no other owner has: its echo identifier is nobody else's on this
 * host. */
static int open_socket(struct sw_ping *p, struct sw_host *from)
{
    int result = sw_sock_open(&p->sock, from, SW_PING, on_event, p);
    if (result == 0) {
        result = sw_sock_bind(p->sock, (struct sw_endpoint){.port = 0});
    }
    if (result == 0) {
        snprintf(p->name, sizeof p->name, "%.120s ping %u", sw_host_name(from),
                 sw_sock_local(p->sock).port);
        sw_owner_init(&p->owner, p->name);
        result = sw_timer_init(&p->timer, p->clock, &p->owner, SW_CLASS_STEP, on_timer);
    }
    return result;
}

int sw_ping_new(struct sw_ping **out, struct sw_host *from, const struct sw_ping_config *config,
                void (*reply)(void *ctx, const struct sw_ping_reply *reply),
                void (*done)(void *ctx), void *ctx)
{
    if (config->to.family != SW_IPV4 || config->count == 0 || config->count > SW_PING_COUNT_MAX ||
        config->size_bytes > PAYLOAD_MAX || config->interval < 0 || config->timeout < 0) {
        return -EINVAL;
    }
    struct sw_ping *p = calloc(1, sizeof *p);
    if (!p) {
        return -ENOMEM;
    }
    p->config = *config;
    p->config.interval = config->interval ? config->interval : SW_S;
    p->config.timeout = config->timeout ? config->timeout : SW_S;
    p->clock = sw_host_env(from)->clock;
    p->reply = reply;
    p->done = done;
    p->ctx = ctx;
    p->began = p->next = sw_clock_now(p->clock);
    int result = allocate(p);
    if (result == 0) {
        result = open_socket(p, from);
    }
    if (result) {
        sw_ping_free(p);
        return result;
    }
    /* Where there is no way to `to`, each request says so when it is sent. */
    p->no_way = sw_sock_connect(p->sock, (struct sw_endpoint){.ip = config->to, .port = 0});
    sw_timer_arm(&p->timer, p->began);
    *out = p;
    return 0;
}

/* Only what was sent counts, so the last request is the last. A timer due now is harmless where
 * nothing waits, too. */
bool sw_ping_stop(struct sw_ping *ping)
{
    if (!ping->finished && ping->sent > 0 && ping->sent < ping->config.count) {
        ping->config.count = ping->sent;
        sw_timer_arm(&ping->timer, sw_clock_now(ping->clock));
    }
    return ping->sent > 0;
}

void sw_ping_result(const struct sw_ping *ping, struct sw_ping_result *out)
{
    sw_time end = ping->finished ? ping->ended : sw_clock_now(ping->clock);
    sw_times_sort(ping->times, ping->received);
    *out = (struct sw_ping_result){
        .sent = ping->sent,
        .received = ping->received,
        .errors = ping->errors,
        .min = ping->rtts.min,
        .max = ping->rtts.max,
        .mean = sw_rtts_mean(&ping->rtts),
        .mdev = sw_rtts_mdev(&ping->rtts),
        .p50 = sw_times_percentile(ping->times, ping->received, 50),
        .p99 = sw_times_percentile(ping->times, ping->received, 99),
        .jitter = sw_rtts_jitter(&ping->rtts),
        .took = end - ping->began,
        .error = ping->error,
    };
}

void sw_ping_free(struct sw_ping *ping)
{
    if (!ping) {
        return;
    }
    if (ping->gone) {
        *ping->gone = true;
    }
    if (ping->sock) {
        sw_sock_close(ping->sock);
    }
    sw_timer_fini(&ping->timer);
    free(ping->requests);
    free(ping->times);
    free(ping->payload);
    free(ping->received_payload);
    free(ping);
}
