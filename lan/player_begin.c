/* Begins steps: makes the traffic of each kind, or has another do what it says. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/http_parse.h"
#include "lan/metric.h"
#include "lan/player_impl.h"

#define LOOK_AGAIN (5 * SW_MS)      /* whether a program is ready */
#define KEPT_TEXT ((size_t)1 << 20) /* of a body or an answer that is to be compared */
#define HOST_TEXT 256               /* of a URL's host and port */

static void on_done(void *ctx)
{
    sw_play_end(ctx);
}

static void on_reply(void *ctx, const struct sw_ping_reply *reply)
{
    struct sw_play *play = ctx;
    play->told += reply->rtt >= 0;
}

/* A host's first address, or an address as it stands. */
static struct sw_ip address_of(struct sw_play *play, const char *name)
{
    struct sw_ip ip = {.family = SW_IP_NONE};
    const struct sw_host *host = sw_network_host(play->player->net, name ? name : "");
    if (host) {
        ip = sw_host_address(host);
        if (ip.family == SW_IP_NONE) {
            sw_play_fail(play, "host '%.100s' has no address", name);
        }
    } else if (!name || !sw_ip_parse(&ip, name)) {
        sw_play_fail(play, "'%.100s' is neither a host nor an address", name ? name : "");
        ip.family = SW_IP_NONE;
    }
    return ip;
}

static struct sw_host *host_of(struct sw_play *play, const char *name)
{
    struct sw_host *host = sw_network_host(play->player->net, name ? name : "");
    if (!host) {
        sw_play_fail(play, "there is no host '%.100s'", name ? name : "");
    }
    return host;
}

/* Is anything of what comes to be compared byte by byte? */
static bool keeps_text(const struct sw_topo_step *step)
{
    for (size_t i = 0; i < step->expect_count; i++) {
        enum sw_metric metric = step->expects[i].metric;
        if (metric == SW_METRIC_BODY || metric == SW_METRIC_RECEIVE) {
            return true;
        }
    }
    return false;
}

static int start_ping(struct sw_play *play, const struct sw_topo_step *step)
{
    struct sw_host *from = host_of(play, step->from);
    struct sw_ip to = from ? address_of(play, step->to) : (struct sw_ip){0};
    if (*play->why) {
        return 0;
    }
    struct sw_ping_config config = {.to = to,
                                    .count = step->count,
                                    .interval = step->interval,
                                    .timeout = step->timeout,
                                    .size_bytes = step->size_bytes};
    return sw_ping_new(&play->ping, from, &config, on_reply, on_done, play);
}

static int start_iperf(struct sw_play *play, const struct sw_topo_step *step)
{
    struct sw_host *from = host_of(play, step->from);
    struct sw_host *to = from ? host_of(play, step->to) : NULL;
    if (*play->why) {
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
                                     .congestion = step->congestion,
                                     .timeout = step->timeout};
    return sw_iperf_new(&play->iperf, &config, NULL, on_done, play);
}

static int start_fetch(struct sw_play *play, const struct sw_topo_step *step)
{
    struct sw_http_url url;
    char host[HOST_TEXT], header[HOST_TEXT + 8];
    struct sw_host *from = host_of(play, step->from);
    if (!from) {
        return 0;
    }
    if (!step->url || sw_http_url_parse(&url, step->url) || url.host_len >= sizeof host) {
        sw_play_fail(play, "'%.100s' is no http URL", step->url ? step->url : "");
        return 0;
    }
    snprintf(host, sizeof host, "%.*s", (int)url.host_len, url.host);
    snprintf(header, sizeof header, url.port_said ? "%s:%u" : "%s", host, url.port);
    struct sw_endpoint to = {address_of(play, host), url.port};
    if (*play->why) {
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
                                     .keep_bytes = keeps_text(step) ? KEPT_TEXT : 0};
    int result = sw_fetch_new(&play->fetch, from, &config, on_done, play);
    free(path);
    return result;
}

static int start_talk(struct sw_play *play, const struct sw_topo_step *step)
{
    struct sw_host *from = host_of(play, step->from);
    struct sw_ip to = from ? address_of(play, step->to) : (struct sw_ip){0};
    if (*play->why) {
        return 0;
    }
    struct sw_talk_config config = {.to = {to, step->port},
                                    .udp = step->kind == SW_STEP_UDP,
                                    .send = step->send,
                                    .timeout = step->timeout,
                                    .keep_bytes = keeps_text(step) ? KEPT_TEXT : 0};
    return sw_talk_new(&play->talk, from, &config, on_done, play);
}

/* As long as the step's time lasts, and no longer. */
static int start_run(struct sw_play *play, const struct sw_topo_step *step)
{
    const struct sw_network_programs *programs = sw_network_programs(play->player->net);
    long host = sw_topo_find_host(play->player->topo, step->from ? step->from : "");
    if (host < 0 || !play->player->topo->hosts[host].program || !step->command) {
        sw_play_fail(play, "'%.100s' is no program", step->from ? step->from : "");
        return 0;
    }
    play->due = play->began + step->timeout;
    sw_timer_arm(&play->timer, play->due);
    return programs->run(programs->ctx, &play->run, (size_t)host, step->command, on_done, play);
}

static void start_wait(struct sw_play *play, const struct sw_topo_step *step)
{
    play->due = step->until != SW_TIME_NEVER ? step->until : play->began + step->duration;
    sw_timer_arm(&play->timer, play->due);
}

bool sw_play_look(struct sw_play *play)
{
    const struct sw_network_programs *programs = sw_network_programs(play->player->net);
    const sw_time now = sw_clock_now(play->player->clock);
    const long host = sw_topo_find_host(play->player->topo, play->step->from);
    if (programs->is_ready(programs->ctx, (size_t)host)) {
        sw_play_end(play);
        return true;
    }
    sw_timer_arm(&play->timer, now + LOOK_AGAIN < play->due ? now + LOOK_AGAIN : play->due);
    return false;
}

static void start_ready(struct sw_play *play, const struct sw_topo_step *step)
{
    const long host = sw_topo_find_host(play->player->topo, step->from ? step->from : "");
    if (host < 0 || !play->player->topo->hosts[host].program) {
        sw_play_fail(play, "'%.100s' is no program", step->from ? step->from : "");
        return;
    }
    play->due = play->began + step->timeout;
    (void)sw_play_look(play);
}

/* Those with children, and those that wait for another, have a time of their own. */
static void start_time(struct sw_play *play, const struct sw_topo_step *step)
{
    play->due = step->timeout ? play->began + step->timeout : SW_TIME_NEVER;
}

/* One that has ended, or was never begun, is not waited for. */
static void start_join(struct sw_play *play, const struct sw_topo_step *step)
{
    struct sw_player *p = play->player;
    for (size_t i = 1; i < p->count; i++) {
        struct sw_play *target = &p->play[i];
        if (target->step->number == step->target && target != play &&
            target->state != SW_PLAY_IDLE) {
            play->target = target;
            p->joins++;
            start_time(play, step);
            sw_timer_arm(&play->timer, play->due);
            return;
        }
    }
    sw_play_end(play);
}

static void start_action(struct sw_play *play, const struct sw_topo_step *step)
{
    if (sw_events_do(play->player->events, step->action)) {
        sw_play_fail(play, "out of memory");
    }
    sw_play_end(play);
}

void sw_play_start(struct sw_play *play)
{
    const struct sw_topo_step *step = play->step;
    int result = 0;
    switch (step->kind) {
    case SW_STEP_PING:
        result = start_ping(play, step);
        break;
    case SW_STEP_IPERF:
        result = start_iperf(play, step);
        break;
    case SW_STEP_HTTP:
        result = start_fetch(play, step);
        break;
    case SW_STEP_TCP:
    case SW_STEP_UDP:
        result = start_talk(play, step);
        break;
    case SW_STEP_RUN:
        result = start_run(play, step);
        break;
    case SW_STEP_WAIT:
        start_wait(play, step);
        break;
    case SW_STEP_READY:
        start_ready(play, step);
        break;
    case SW_STEP_COUNTER:
    case SW_STEP_TABLE:
    case SW_STEP_CAPTURE: /* what it reads is read when it is told of */
        sw_play_end(play);
        break;
    case SW_STEP_PARALLEL:
    case SW_STEP_REPEAT:
        start_time(play, step);
        sw_timer_arm(&play->timer, play->began);
        break;
    case SW_STEP_JOIN:
        start_join(play, step);
        break;
    case SW_STEP_ACTION:
        start_action(play, step);
        break;
    }
    if (result) {
        sw_play_fail(play, "it could not begin: %s",
                     result == -ENOMEM   ? "out of memory"
                     : result == -EINVAL ? "bad settings"
                     : result == -EMFILE ? "no more descriptors: ulimit -n"
                                         : sw_result_of(result));
    }
}

void sw_play_free_traffic(struct sw_play *play)
{
    sw_ping_free(play->ping);
    sw_iperf_free(play->iperf);
    sw_fetch_free(play->fetch);
    sw_talk_free(play->talk);
    if (play->run) {
        sw_network_programs(play->player->net)->free_run(play->run);
    }
    play->ping = NULL;
    play->iperf = NULL;
    play->fetch = NULL;
    play->talk = NULL;
    play->run = NULL;
}
