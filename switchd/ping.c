/* switchd ping: as ping(8) prints it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lan/traffic.h"
#include "switchd/session.h"
#include "switchd/verbs.h"

struct pinging {
    const struct sw_options *options;
    char to[SW_IP_TEXT];
    bool done;
};

static void on_reply(void *ctx, const struct sw_ping_reply *reply)
{
    const struct pinging *p = ctx;
    if (p->options->quiet) {
        return;
    }
    if (reply->error) {
        printf("From %s icmp_seq=%u %s\n", p->to, reply->sequence, strerror(-reply->error));
    } else if (reply->rtt >= 0) {
        printf("%u bytes from %s: icmp_seq=%u time=%.3f ms\n", p->options->size_bytes + 8, p->to,
               reply->sequence, (double)reply->rtt / 1e6);
    }
    fflush(stdout);
}

static void on_done(void *ctx)
{
    struct pinging *p = ctx;
    p->done = true;
}

static bool is_done(void *ctx)
{
    const struct pinging *p = ctx;
    return p->done;
}

static void print_statistics(const char *to, const struct sw_ping_result *r)
{
    double loss = r->sent ? 100.0 * (r->sent - r->received) / r->sent : 0;
    printf("\n--- %s ping statistics ---\n%u packets transmitted, %u received, ", to, r->sent,
           r->received);
    if (r->errors) {
        printf("+%u errors, ", r->errors);
    }
    printf("%.6g%% packet loss, time %lldms\n", loss, (long long)(r->took / SW_MS));
    if (r->received) {
        printf("rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n", (double)r->min / 1e6,
               (double)r->mean / 1e6, (double)r->max / 1e6, (double)r->mdev / 1e6);
    }
}

static int ping(struct sw_session *s, const struct sw_options *o)
{
    const char *from = o->arguments[1], *to = o->arguments[2];
    struct pinging p = {.options = o};
    struct sw_ping_config config = {
        .count = o->count, .interval = o->interval, .timeout = SW_S, .size_bytes = o->size_bytes};
    struct sw_host *host = sw_session_host(s, from);
    if (!host) {
        return SW_EXIT_USAGE;
    }
    if (!sw_network_address(s->net, to, &config.to)) {
        return sw_session_unknown_host(s, to);
    }
    sw_ip_emit(config.to, p.to);
    struct sw_ping *ping;
    int rc = sw_ping_new(&ping, host, &config, on_reply, on_done, &p);
    if (rc) {
        fprintf(stderr, "switchd: ping: %s\n", strerror(-rc));
        return rc == -EINVAL ? SW_EXIT_USAGE : SW_EXIT_REFUSED;
    }
    printf("PING %s (%s) %u(%u) bytes of data.\n", to, p.to, o->size_bytes, o->size_bytes + 28);
    fflush(stdout);
    sw_session_drive(s, is_done, &p, SW_TIME_NEVER);
    struct sw_ping_result result;
    sw_ping_result(ping, &result);
    print_statistics(to, &result);
    sw_ping_free(ping);
    return result.received ? SW_EXIT_OK : SW_EXIT_FAILED;
}

int sw_verb_ping(const struct sw_options *o)
{
    struct sw_topo *topo;
    struct sw_session s;
    int status = sw_session_read(&topo, o, o->arguments[0]);
    status = status ? status : sw_session_open(&s, o, topo, !o->virtual_time);
    if (status) {
        return status;
    }
    status = ping(&s, o);
    if (o->verbose) {
        sw_session_summary(&s);
    }
    int closed = sw_session_close(&s);
    return status ? status : closed;
}
