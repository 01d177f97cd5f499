/* The steps of a scenario. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "lan/http_parse.h"
#include "lan/metric.h"

/* ---- hosts ---- */

/* Is there such a host, with an address to speak from? */
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

/* The name of a host that a setting gives; NULL: none, reported. */
static char *host_of(struct sw_build *b, const struct sw_setting *set)
{
    struct sw_ip ip;
    if (set->ok && sw_ip_parse(&ip, set->node->text)) {
        SW_ERROR(b->report, set->node->where, "expected a host's name, found the address '%s'",
                 set->node->text);
        return NULL;
    }
    bool fine = set->ok && check_host(b, set->node->text, set->node->where);
    return fine ? sw_build_copy(b, set->node->text) : NULL;
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

static char *host_or_ip_of(struct sw_build *b, const struct sw_setting *set)
{
    struct sw_ip ip;
    if (!set->ok) {
        return NULL;
    }
    if (!sw_ip_parse(&ip, set->node->text)) {
        char why[SW_WHY];
        if (strspn(set->node->text, "0123456789./") < strlen(set->node->text)) {
            return host_of(b, set);
        }
        sw_unicast_parse(&ip, set->node->text, why);
        SW_ERROR(b->report, set->node->where, "%s", why);
        return NULL;
    }
    bool fine = check_ip(b, ip, set->node->text, set->node->where);
    return fine ? sw_build_copy(b, set->node->text) : NULL;
}

/* ---- kinds ---- */

static int64_t number_of(const struct sw_setting *set, int64_t otherwise)
{
    return set->ok ? set->number : otherwise;
}

static void fill_ping(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    step->from = host_of(b, &s->of[SW_K_PING_FROM]);
    step->to = host_or_ip_of(b, &s->of[SW_K_PING_TO]);
    step->count = (uint32_t)number_of(&s->of[SW_K_PING_COUNT], 3);
    step->interval = number_of(&s->of[SW_K_PING_INTERVAL], SW_S);
    step->size_bytes = (uint32_t)number_of(&s->of[SW_K_PING_SIZE], 56);
    step->timeout = number_of(&s->of[SW_K_PING_TIMEOUT], step->timeout ? step->timeout : SW_S);
}

static void fill_iperf(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    const struct sw_setting *bytes = &s->of[SW_K_IPERF_BYTES], *duration = &s->of[SW_K_IPERF_FOR];
    step->from = host_of(b, &s->of[SW_K_IPERF_FROM]);
    step->to = host_of(b, &s->of[SW_K_IPERF_TO]);
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

static void fill_http(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const struct sw_setting *url = &s->of[SW_K_FETCH_URL], *method = &s->of[SW_K_FETCH_METHOD];
    const struct sw_setting *send = &s->of[SW_K_FETCH_SEND];
    char quoted[SW_QUOTED_BYTES];
    step->from = host_of(b, &s->of[SW_K_FETCH_FROM]);
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

static void fill_wait(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    const struct sw_setting *span = &s->of[SW_K_WAIT_FOR], *until = &s->of[SW_K_WAIT_UNTIL];
    if (!span->node == !until->node) {
        SW_ERROR(b->report, s->node->where, "wait needs one of 'for' and 'until', found %s",
                 span->node ? "both" : "neither");
    }
    step->duration = number_of(span, 0);
    step->until = number_of(until, SW_TIME_NEVER);
}

typedef void fill_fn(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s);
/* In the order of the section's first keys. */
static const struct {
    enum sw_step_kind kind;
    const struct sw_section *section;
    fill_fn *fill;
} kinds[] = {
    [SW_K_ITEM_PING] = {SW_STEP_PING, &sw_section_ping, fill_ping},
    [SW_K_ITEM_IPERF] = {SW_STEP_IPERF, &sw_section_iperf, fill_iperf},
    [SW_K_ITEM_HTTP] = {SW_STEP_HTTP, &sw_section_fetch, fill_http},
    [SW_K_ITEM_WAIT] = {SW_STEP_WAIT, &sw_section_wait, fill_wait},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* ---- one step ---- */

static char *made_name(struct sw_build *b, const struct sw_topo_step *step, size_t number)
{
    char time[SW_VALUE_WRITTEN];
    const char *from = step->from ? step->from : "?", *to = step->to ? step->to : "?";
    switch (step->kind) {
    case SW_STEP_HTTP:
        return sw_build_print(b, "step %zu: http %s %s", number, from, step->url ? step->url : "?");
    case SW_STEP_WAIT:
        if (step->until != SW_TIME_NEVER) {
            return sw_build_print(b, "step %zu: wait until %s", number,
                                  sw_value_write(SW_UNIT_TIME, step->until, time));
        }
        return sw_build_print(b, "step %zu: wait %s", number,
                              sw_value_write(SW_UNIT_TIME, step->duration, time));
    case SW_STEP_PING:
    case SW_STEP_IPERF:
    default:
        break;
    }
    return sw_build_print(b, "step %zu: %s %s %s", number, sw_step_kind_name(step->kind), from, to);
}

/* A name stands in lines of reports. */
static char *given_name(struct sw_build *b, const struct sw_yaml *node)
{
    size_t n = strlen(node->text);
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)node->text[i] < ' ') {
            SW_ERROR(b->report, node->where, "'name': expected one line of text");
            return NULL;
        }
    }
    if (n == 0 || n > 200) {
        SW_ERROR(b->report, node->where, "'name': expected a text of 1 to 200 bytes, found %zu", n);
        return NULL;
    }
    return sw_build_copy(b, node->text);
}

/* Which of the kinds an item is: the index in kinds, or KINDS: none or several, reported. */
static size_t kind_of(struct sw_build *b, const struct sw_settings *item, size_t errors_before)
{
    size_t found = KINDS;
    for (size_t i = 0; i < KINDS; i++) {
        if (!item->of[i].node) {
            continue;
        }
        if (found != KINDS) {
            SW_ERROR(b->report, item->of[i].node->where,
                     "a step does one thing, found '%s' and '%s'", sw_section_item.keys[found].name,
                     sw_section_item.keys[i].name);
            return KINDS;
        }
        found = i;
    }
    /* A word that is refused already may be what it does. */
    if (found == KINDS && b->report->problems->errors == errors_before) {
        SW_ERROR(b->report, item->node->where,
                 "a step needs something to do: one of ping, iperf, http, wait");
    }
    return found;
}

static void build_step(struct sw_build *b, const struct sw_yaml *node, size_t number)
{
    struct sw_settings item, own;
    size_t errors = b->report->problems->errors;
    bool read = sw_section_read(&item, &sw_section_item, node, 0, b->report);
    size_t k = read ? kind_of(b, &item, errors) : KINDS;
    struct sw_topo *topo = b->topo;
    struct sw_topo_step *all = sw_build_room(b, topo->steps, topo->step_count, sizeof *all);
    topo->steps = all ? all : topo->steps;
    if (k == KINDS || !all || !item.of[k].ok) {
        return;
    }
    struct sw_topo_step *step = &all[topo->step_count++];
    step->kind = kinds[k].kind;
    step->where = sw_build_place(b, node->where);
    step->until = SW_TIME_NEVER;
    const struct sw_setting *timeout = &item.of[SW_K_ITEM_TIMEOUT],
                            *name = &item.of[SW_K_ITEM_NAME];
    step->timeout = number_of(timeout, 0);
    if (timeout->node && step->kind == SW_STEP_WAIT) {
        SW_ERROR(b->report, timeout->node->where, "wait has no 'timeout'");
    }
    sw_section_read(&own, kinds[k].section, item.of[k].node, 0, b->report);
    kinds[k].fill(b, step, &own);
    step->name = name->ok ? given_name(b, name->node) : made_name(b, step, number);
    sw_build_expects(b, step, item.of[SW_K_ITEM_EXPECT].node ? &item.of[SW_K_ITEM_EXPECT] : NULL);
}

void sw_build_steps(struct sw_build *b)
{
    const struct sw_setting *set = &b->top.of[SW_K_TOP_SCENARIO];
    for (size_t i = 0; set->ok && i < set->node->count && !b->no_memory; i++) {
        if (!set->node->items[i]->bad) {
            build_step(b, set->node->items[i], i + 1);
        }
    }
}
