/* The steps that make traffic: who speaks to whom, and what. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "lan/http_parse.h"

/* ---- hosts ---- */

/* Is there such a host, with an address? */
static bool check_host(struct sw_build *b, const char *name, struct sw_where where)
{
    struct sw_node node;
    if (!sw_build_find(b, name, &node) || node.kind != SW_NODE_HOST) {
        sw_build_unknown(b, where, name, true);
        return false;
    }
    const struct sw_topo_host *host = &b->topo->hosts[node.index];
    for (size_t i = 0; i < host->nic_count; i++) {
        if (host->nics[i].address_count > 0) {
            return true;
        }
    }
    SW_ERROR(b->report, where, "the host '%s' has no address", name);
    return false;
}

/* The name of a host that a text gives; NULL: none, reported. */
static char *host_named(struct sw_build *b, const char *text, struct sw_where where)
{
    struct sw_ip ip;
    if (sw_ip_parse(&ip, text)) {
        SW_ERROR(b->report, where, "expected a host's name, found the address '%s'", text);
        return NULL;
    }
    return check_host(b, text, where) ? sw_build_copy(b, text) : NULL;
}

char *sw_build_host_of(struct sw_build *b, const struct sw_setting *set)
{
    return set->ok ? host_named(b, set->node->text, set->node->where) : NULL;
}

/* An address that may be asked; loopback is the host itself. False: reported. */
static bool check_ip(struct sw_build *b, struct sw_ip ip, const char *text, struct sw_where where)
{
    struct sw_ip unicast;
    char why[SW_WHY];
    if (sw_v4_is_loopback(sw_ip_v4_number(ip)) || sw_unicast_parse(&unicast, text, why)) {
        return true;
    }
    SW_ERROR(b->report, where, "%s", why);
    return false;
}

static char *host_or_ip(struct sw_build *b, const char *text, struct sw_where where)
{
    struct sw_ip ip;
    if (!sw_ip_parse(&ip, text)) {
        char why[SW_WHY];
        if (strspn(text, "0123456789./") < strlen(text)) {
            return host_named(b, text, where);
        }
        sw_unicast_parse(&ip, text, why);
        SW_ERROR(b->report, where, "%s", why);
        return NULL;
    }
    return check_ip(b, ip, text, where) ? sw_build_copy(b, text) : NULL;
}

static char *host_or_ip_of(struct sw_build *b, const struct sw_setting *set)
{
    return set->ok ? host_or_ip(b, set->node->text, set->node->where) : NULL;
}

/* ---- kinds ---- */

static int64_t number_of(const struct sw_setting *set, int64_t otherwise)
{
    return set->ok ? set->number : otherwise;
}

void sw_build_ping(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    step->from = sw_build_host_of(b, &s->of[SW_K_PING_FROM]);
    step->to = host_or_ip_of(b, &s->of[SW_K_PING_TO]);
    step->count = (uint32_t)number_of(&s->of[SW_K_PING_COUNT], 3);
    step->interval = number_of(&s->of[SW_K_PING_INTERVAL], SW_S);
    step->size_bytes = (uint32_t)number_of(&s->of[SW_K_PING_SIZE], 56);
    step->timeout = number_of(&s->of[SW_K_PING_TIMEOUT], step->timeout ? step->timeout : SW_S);
}

void sw_build_iperf(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    const struct sw_setting *bytes = &s->of[SW_K_IPERF_BYTES], *duration = &s->of[SW_K_IPERF_FOR];
    step->from = sw_build_host_of(b, &s->of[SW_K_IPERF_FROM]);
    step->to = sw_build_host_of(b, &s->of[SW_K_IPERF_TO]);
    if (bytes->node && duration->node) {
        SW_ERROR(b->report, bytes->node->where,
                 "iperf ends after 'for' or after 'bytes', not both");
    }
    step->bytes = (uint64_t)number_of(bytes, 0);
    step->duration = bytes->ok ? 0 : number_of(duration, 10 * SW_S);
    step->udp = number_of(&s->of[SW_K_IPERF_PROTOCOL], 0) == 1;
    step->parallel = (uint32_t)number_of(&s->of[SW_K_IPERF_PARALLEL], 1);
    step->reverse = number_of(&s->of[SW_K_IPERF_REVERSE], 0) != 0;
    step->rate_bps = (uint64_t)number_of(&s->of[SW_K_IPERF_RATE], 0);
    const struct sw_setting *congestion = &s->of[SW_K_IPERF_CONGESTION];
    step->congestion = (enum sw_tcp_congestion)(number_of(congestion, -1) + SW_TCP_CUBIC);
    if (step->udp && congestion->node) {
        SW_ERROR(b->report, congestion->node->where, "'congestion' is of TCP; this step is UDP");
    }
}

static void check_url(struct sw_build *b, const struct sw_yaml *node)
{
    struct sw_http_url url;
    struct sw_ip ip;
    char quoted[SW_QUOTED_BYTES];
    int error = sw_http_url_parse(&url, node->text);
    sw_quote(node->text, quoted);
    if (error == -EPROTONOSUPPORT) {
        SW_ERROR(b->report, node->where,
                 "'url': expected a URL that begins with http://, found '%s'", quoted);
        return;
    }
    if (error) {
        SW_ERROR(b->report, node->where, "'url': expected a URL like http://web:80/, found '%s'",
                 quoted);
        return;
    }
    const char *host = sw_arena_copy(b->arena, url.host, url.host_len);
    if (host && sw_ip_parse(&ip, host)) {
        check_ip(b, ip, host, node->where);
    } else if (host) {
        check_host(b, host, node->where);
    }
}

void sw_build_http(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const struct sw_setting *url = &s->of[SW_K_FETCH_URL], *method = &s->of[SW_K_FETCH_METHOD];
    const struct sw_setting *send = &s->of[SW_K_FETCH_SEND];
    char quoted[SW_QUOTED_BYTES];
    step->from = sw_build_host_of(b, &s->of[SW_K_FETCH_FROM]);
    if (url->ok) {
        check_url(b, url->node);
        step->url = sw_build_copy(b, url->node->text);
    }
    if (method->ok) {
        size_t n = strlen(method->node->text);
        if (n == 0 || n > 16 || strspn(method->node->text, capitals) != n) {
            SW_ERROR(b->report, method->node->where,
                     "'method': expected a method like GET, HEAD or POST, found '%s'",
                     sw_quote(method->node->text, quoted));
        }
    }
    step->method = sw_build_copy(b, method->ok ? method->node->text : "GET");
    step->send = send->ok ? sw_build_copy(b, send->node->text) : NULL;
}

/* The last colon stands before the port. */
char *sw_build_endpoint(struct sw_build *b, const struct sw_setting *set, uint16_t *port_out)
{
    char quoted[SW_QUOTED_BYTES], why[SW_WHY];
    int64_t port = 0;
    if (!set->ok) {
        return NULL;
    }
    const char *text = set->node->text, *colon = strrchr(text, ':');
    if (!colon || colon == text || !sw_count_parse(&port, colon + 1, why) || port < 1 ||
        port > 65535) {
        SW_ERROR(b->report, set->node->where,
                 "'to': expected a host and a port of 1 to 65535, like web:80, found '%s'",
                 sw_quote(text, quoted));
        return NULL;
    }
    *port_out = (uint16_t)port;
    const char *host = sw_arena_copy(b->arena, text, (size_t)(colon - text));
    return host ? host_or_ip(b, host, set->node->where) : NULL;
}

void sw_build_talk(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    const struct sw_setting *send = &s->of[SW_K_TALK_SEND];
    step->from = sw_build_host_of(b, &s->of[SW_K_TALK_FROM]);
    step->udp = step->kind == SW_STEP_UDP;
    step->timeout = number_of(&s->of[SW_K_TALK_TIMEOUT], step->timeout ? step->timeout : 10 * SW_S);
    step->send = send->ok ? sw_build_copy(b, send->node->text) : NULL;
    step->to = sw_build_endpoint(b, &s->of[SW_K_TALK_TO], &step->port);
}
