/* A conversation of a scenario's step `tcp` or `udp`: a text is sent, and what comes back is kept
 * and summed up. Here is what both have in common; talk_tcp.c and talk_udp.c say when it is over.
 *
 * How it ended is an errno: 0; -ECONNREFUSED: a RST answered the SYN; -ECONNRESET: one came later;
 * -EHOSTUNREACH (or -ENETUNREACH): an ICMP error, no route, or nobody answered ARP's requests;
 * -ETIMEDOUT: its time was over first. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/talk_impl.h"

#define PATIENCE (10 * SW_S)

void sw_talk_end(struct sw_talk *talk, int error)
{
    if (!talk->ended) {
        talk->ended = true;
        talk->error = error;
        talk->took = sw_clock_now(talk->clock) - talk->began;
        sw_timer_arm(&talk->timer, sw_clock_now(talk->clock));
    }
}

void sw_talk_took(struct sw_talk *talk, const void *bytes, size_t n)
{
    size_t keep = talk->keep_bytes - talk->text_len;
    keep = keep < n ? keep : n;
    if (keep) {
        memcpy(talk->text + talk->text_len, bytes, keep);
        talk->text_len += keep;
    }
    sw_sha256_add(&talk->sum, bytes, n);
    talk->size += n;
}

int sw_talk_cause(struct sw_sock *sock)
{
    struct sw_sock_info info;
    int error = sw_sock_error(sock);
    sw_sock_info(sock, &info);
    if (info.soft_error && (error == 0 || error == -ETIMEDOUT || error == info.soft_error)) {
        return -EHOSTUNREACH;
    }
    return error ? error : -ETIMEDOUT;
}

/* It ends from here, whoever finds out: never from within the call that made it, and its user may
 * free it there. */
static void on_timer(struct sw_timer *timer)
{
    struct sw_talk *talk = SW_CONTAINER(timer, struct sw_talk, timer);
    if (!talk->ended) {
        sw_talk_end(talk, talk->ops->protocol == SW_TCP ? sw_talk_cause(talk->sock) : -ETIMEDOUT);
        sw_timer_cancel(timer);
    }
    sw_sha256_end(&talk->sum, talk->sha256);
    if (talk->error) {
        sw_sock_abort(talk->sock);
    } else {
        sw_sock_close(talk->sock);
    }
    talk->sock = NULL;
    talk->done(talk->ctx);
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_talk *talk = user;
    (void)sock;
    if (!talk->ended) {
        talk->ops->event(talk, event);
    }
}

/* The socket, and a name that no other owner has: its port is nobody else's on this host. */
static int open_socket(struct sw_talk *talk, struct sw_host *from)
{
    int result = sw_sock_open(&talk->sock, from, talk->ops->protocol, on_event, talk);
    if (result == 0) {
        result = sw_sock_bind(talk->sock, (struct sw_endpoint){.port = 0});
    }
    if (result == 0) {
        snprintf(talk->name, sizeof talk->name, "%.120s %s %u", sw_host_name(from),
                 talk->ops->protocol == SW_TCP ? "talk" : "datagram",
                 sw_sock_local(talk->sock).port);
        sw_owner_init(&talk->owner, talk->name);
        result = sw_timer_init(&talk->timer, talk->clock, &talk->owner, SW_CLASS_STEP, on_timer);
    }
    return result;
}

int sw_talk_new(struct sw_talk **out, struct sw_host *from, const struct sw_talk_config *config,
                void (*done)(void *ctx), void *ctx)
{
    if (config->to.ip.family != SW_IPV4 || config->timeout < 0) {
        return -EINVAL;
    }
    struct sw_talk *talk = calloc(1, sizeof *talk);
    if (!talk) {
        return -ENOMEM;
    }
    talk->ops = config->udp ? &sw_talk_udp : &sw_talk_tcp;
    talk->clock = sw_host_env(from)->clock;
    talk->done = done;
    talk->ctx = ctx;
    talk->began = sw_clock_now(talk->clock);
    talk->send_len = config->send ? strlen(config->send) : 0;
    talk->keep_bytes = config->keep_bytes;
    sw_sha256_init(&talk->sum);
    talk->send = malloc(talk->send_len + 1);
    talk->text = malloc(talk->keep_bytes + 1);
    int result = talk->send && talk->text ? open_socket(talk, from) : -ENOMEM;
    if (result) {
        sw_talk_free(talk);
        return result;
    }
    memcpy(talk->send, config->send ? config->send : "", talk->send_len);
    sw_timer_arm(&talk->timer, talk->began + (config->timeout ? config->timeout : PATIENCE));
    result = sw_sock_connect(talk->sock, config->to);
    if (result) {
        sw_talk_end(talk, result);
    } else {
        talk->ops->begin(talk);
    }
    *out = talk;
    return 0;
}

void sw_talk_result(const struct sw_talk *talk, struct sw_talk_result *out)
{
    talk->text[talk->text_len] = 0;
    *out = (struct sw_talk_result){
        .error = talk->error,
        .connected = talk->connected,
        .size = talk->size,
        .text = talk->text,
        .text_len = talk->text_len,
        .took = talk->ended ? talk->took : sw_clock_now(talk->clock) - talk->began,
    };
    memcpy(out->sha256, talk->sha256, sizeof out->sha256);
}

void sw_talk_free(struct sw_talk *talk)
{
    if (!talk) {
        return;
    }
    if (talk->sock) {
        sw_sock_abort(talk->sock);
    }
    sw_timer_fini(&talk->timer);
    free(talk->send);
    free(talk->text);
    free(talk);
}
