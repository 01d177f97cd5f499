/* Plays a scenario. One step at a time, from the player's own timer: what a step's traffic finds
 * out only arms that timer, so no step begins within the end of another, and nothing is freed under
 * whoever called. */
#include "lan/player.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/http_parse.h"
#include "lan/judge.h"
#include "lan/metric.h"
#include "lan/traffic.h"

#define KEPT_BODY ((size_t)1 << 20) /* of a body that is to be compared */
#define HOST_TEXT 256               /* of a URL's host and port */

struct sw_player {
    struct sw_network *net;
    const struct sw_topo *topo;
    struct sw_player_hooks hooks;
    struct sw_clock *clock;
    struct sw_owner owner;
    struct sw_timer timer;
    size_t at;  /* the step that is played */
    bool begun; /* it has been */
    bool ended; /* its traffic says so */
    bool finished;
    sw_time began, ended_at;
    sw_time due; /* of a wait: its end; else when the step's time is over, or never */
    struct sw_ping *ping;
    struct sw_iperf *iperf;
    struct sw_fetch *fetch;
    uint32_t told;           /* replies of a ping that were told of */
    char why[SW_JUDGE_TEXT]; /* why a step could not begin */
};

static const struct sw_topo_step *step_of(const struct sw_player *p)
{
    return &p->topo->steps[p->at];
}

/* ---- beginning a step ---- */

static void on_done(void *ctx)
{
    struct sw_player *p = ctx;
    p->ended = true;
    p->ended_at = sw_clock_now(p->clock);
    sw_timer_arm(&p->timer, p->ended_at);
}

static void on_reply(void *ctx, const struct sw_ping_reply *reply)
{
    struct sw_player *p = ctx;
    p->told += reply->rtt >= 0;
}

static void cannot(struct sw_player *p, const char *format, const char *what)
{
    snprintf(p->why, sizeof p->why, format, what);
}

/* A host's first address, or an address as it stands. */
static struct sw_ip address_of(struct sw_player *p, const char *name)
{
    struct sw_ip ip = {.family = SW_IP_NONE};
    const struct sw_host *host = sw_network_host(p->net, name);
    if (host) {
        ip = sw_host_address(host);
        if (ip.family == SW_IP_NONE) {
            cannot(p, "host '%.100s' has no address", name);
        }
    } else if (!sw_ip_parse(&ip, name)) {
        cannot(p, "'%.100s' is neither a host nor an address", name);
        ip.family = SW_IP_NONE;
    }
    return ip;
}

static struct sw_host *host_of(struct sw_player *p, const char *name)
{
    struct sw_host *host = sw_network_host(p->net, name ? name : "");
    if (!host) {
        cannot(p, "there is no host '%.100s'", name ? name : "");
    }
    return host;
}

static int begin_ping(struct sw_player *p, const struct sw_topo_step *step)
{
    struct sw_host *from = host_of(p, step->from);
    struct sw_ip to = from ? address_of(p, step->to) : (struct sw_ip){0};
    if (*p->why) {
        return 0;
    }
    struct sw_ping_config config = {.to = to,
                                    .count = step->count,
                                    .interval = step->interval,
                                    .timeout = step->timeout,
                                    .size_bytes = step->size_bytes};
    return sw_ping_new(&p->ping, from, &config, on_reply, on_done, p);
}

static int begin_iperf(struct sw_player *p, const struct sw_topo_step *step)
{
    struct sw_host *from = host_of(p, step->from);
    struct sw_host *to = from ? host_of(p, step->to) : NULL;
    if (*p->why) {
        return 0;
    }
    /* Its own time says when it is over, so the step's is only for how long it may stand still. */
    struct sw_iperf_config config = {.from = from,
                                     .to = to,
                                     .udp = step->udp,
                                     .reverse = step->reverse,
                                     .parallel = step->parallel,
                                     .duration = step->bytes ? 0 : step->duration,
                                     .bytes = step->bytes,
                                     .rate_bps = step->rate_bps,
                                     .timeout = step->timeout};
    return sw_iperf_new(&p->iperf, &config, NULL, on_done, p);
}

static bool compares_body(const struct sw_topo_step *step)
{
    for (size_t i = 0; i < step->expect_count; i++) {
        if (step->expects[i].metric == SW_METRIC_BODY) {
            return true;
        }
    }
    return false;
}

static int begin_fetch(struct sw_player *p, const struct sw_topo_step *step)
{
    struct sw_http_url url;
    char host[HOST_TEXT], header[HOST_TEXT + 8];
    struct sw_host *from = host_of(p, step->from);
    if (!from) {
        return 0;
    }
    if (!step->url || sw_http_url_parse(&url, step->url) || url.host_len >= sizeof host) {
        cannot(p, "'%.100s' is no http URL", step->url ? step->url : "");
        return 0;
    }
    snprintf(host, sizeof host, "%.*s", (int)url.host_len, url.host);
    snprintf(header, sizeof header, url.port_said ? "%s:%u" : "%s", host, url.port);
    struct sw_endpoint to = {address_of(p, host), url.port};
    if (*p->why) {
        return 0;
    }
    char *path = malloc(url.path_len + 1);
    if (!path) {
        return -ENOMEM;
    }
    memcpy(path, url.path, url.path_len);
    path[url.path_len] = 0;
    struct sw_fetch_config config = {.to = to,
                                     .host_header = header,
                                     .path = path,
                                     .method = step->method,
                                     .send = step->send,
                                     .timeout = step->timeout,
                                     .keep_bytes = compares_body(step) ? KEPT_BODY : 0};
    int result = sw_fetch_new(&p->fetch, from, &config, on_done, p);
    free(path);
    return result;
}

static void begin_wait(struct sw_player *p, const struct sw_topo_step *step)
{
    p->due = step->until != SW_TIME_NEVER ? step->until : p->began + step->duration;
    sw_timer_arm(&p->timer, p->due);
}

static void begin_step(struct sw_player *p)
{
    const struct sw_topo_step *step = step_of(p);
    int result = 0;
    p->begun = true;
    p->ended = false;
    p->began = sw_clock_now(p->clock);
    p->due = SW_TIME_NEVER;
    p->told = 0;
    *p->why = 0;
    switch (step->kind) {
    case SW_STEP_PING:
        result = begin_ping(p, step);
        break;
    case SW_STEP_IPERF:
        result = begin_iperf(p, step);
        break;
    case SW_STEP_HTTP:
        result = begin_fetch(p, step);
        break;
    case SW_STEP_WAIT:
        begin_wait(p, step);
        return;
    default:
        break;
    }
    if (result) {
        cannot(p, "it could not begin: %s", result == -ENOMEM ? "out of memory" : "bad settings");
    }
    if (*p->why) {
        on_done(p);
    }
}

/* ---- ending it ---- */

static void collect(struct sw_player *p, struct sw_outcome *out)
{
    const struct sw_topo_step *step = step_of(p);
    *out =
        (struct sw_outcome){.kind = step->kind, .udp = step->udp, .took = p->ended_at - p->began};
    if (*p->why) {
        out->why = p->why;
    } else if (p->ping) {
        sw_ping_result(p->ping, &out->of.ping);
        /* Some replies beside an error are no failure of the step. */
        out->error = out->of.ping.received ? 0 : out->of.ping.error;
    } else if (p->iperf) {
        sw_iperf_result(p->iperf, &out->of.iperf);
        out->error = out->of.iperf.error;
    } else if (p->fetch) {
        sw_fetch_result(p->fetch, &out->of.fetch);
        out->error = out->of.fetch.error;
        out->took = out->of.fetch.took;
    }
}

static void free_traffic(struct sw_player *p)
{
    sw_ping_free(p->ping);
    sw_iperf_free(p->iperf);
    sw_fetch_free(p->fetch);
    p->ping = NULL;
    p->iperf = NULL;
    p->fetch = NULL;
}

/* A step that expects something is a check; of several expectations that fail the first is told. */
static void check(struct sw_player *p)
{
    const struct sw_topo_step *step = step_of(p);
    struct sw_outcome outcome;
    char seen[SW_JUDGE_TEXT], expected[SW_JUDGE_TEXT], figure[SW_JUDGE_TEXT];
    struct sw_check result = {.name = step->name,
                              .where = step->where,
                              .passed = true,
                              .began = p->began,
                              .ended = p->ended_at};
    collect(p, &outcome);
    result.figure = sw_judge_figure(&outcome, figure);
    for (size_t i = 0; i < step->expect_count && result.passed; i++) {
        const struct sw_topo_expect *expect = &step->expects[i];
        if (!sw_judge(&outcome, expect, seen)) {
            result.passed = false;
            result.seen = seen;
            result.expected = sw_judge_expected(&outcome, expect, expected);
            result.where = expect->where.line ? expect->where : step->where;
        }
    }
    if (step->expect_count && p->hooks.check) {
        p->hooks.check(p->hooks.ctx, &result);
    }
}

static void on_timer(struct sw_timer *timer)
{
    struct sw_player *p = SW_CONTAINER(timer, struct sw_player, timer);
    sw_time now = sw_clock_now(p->clock);
    if (p->begun && !p->ended && now >= p->due) {
        p->ended = true; /* a wait */
        p->ended_at = now;
    }
    if (p->begun && p->ended) {
        check(p);
        free_traffic(p);
        p->at++;
        p->begun = false;
    }
    if (p->at == p->topo->step_count) {
        p->finished = true;
        if (p->hooks.done) {
            p->hooks.done(p->hooks.ctx);
        }
        return;
    }
    if (!p->begun) {
        begin_step(p);
    }
}

/* ---- the interface ---- */

int sw_player_new(struct sw_player **out, struct sw_network *net,
                  const struct sw_player_hooks *hooks)
{
    struct sw_player *p = calloc(1, sizeof *p);
    if (!p) {
        return -ENOMEM;
    }
    p->net = net;
    p->topo = sw_network_topo(net);
    p->hooks = *hooks;
    p->clock = sw_network_env(net)->clock;
    sw_owner_init(&p->owner, "the scenario");
    if (sw_timer_init(&p->timer, p->clock, &p->owner, SW_CLASS_STEP, on_timer)) {
        free(p);
        return -ENOMEM;
    }
    sw_timer_arm(&p->timer, sw_clock_now(p->clock));
    *out = p;
    return 0;
}

bool sw_player_finished(const struct sw_player *player)
{
    return player->finished;
}

/* How far the step's traffic has come. */
static void progress(const struct sw_player *p, char *text, size_t cap)
{
    const struct sw_topo_step *step = step_of(p);
    char part[SW_VALUE_TEXT];
    if (p->ping) {
        snprintf(text, cap, "%u of %u replies", p->told, step->count);
    } else if (p->iperf) {
        struct sw_iperf_result r;
        sw_iperf_result(p->iperf, &r);
        snprintf(text, cap, "%" PRIu64 " B received", r.received_bytes);
    } else if (p->fetch) {
        struct sw_fetch_result r;
        sw_fetch_result(p->fetch, &r);
        if (r.status) {
            snprintf(text, cap, "%" PRIu64 " B of the answer", r.size);
        } else {
            snprintf(text, cap, "no answer yet");
        }
    } else if (p->begun && p->due != SW_TIME_NEVER) {
        snprintf(text, cap, "until %s", sw_value_text(SW_UNIT_TIME, p->due, part));
    } else {
        snprintf(text, cap, "not begun");
    }
}

void sw_player_waits_for(const struct sw_player *player, char *text, size_t cap)
{
    char part[64];
    if (player->finished || player->at == player->topo->step_count) {
        snprintf(text, cap, "nothing");
        return;
    }
    progress(player, part, sizeof part);
    snprintf(text, cap, "%s: %s", step_of(player)->name, part);
}

void sw_player_free(struct sw_player *player)
{
    if (player) {
        free_traffic(player);
        sw_timer_fini(&player->timer);
        free(player);
    }
}
