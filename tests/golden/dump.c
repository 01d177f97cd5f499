/* golden_dump FILE: what a LAN file came to, in a normal form: its problems as they are printed,
 * then, if it was taken, every node, link and step with all their settings. golden_dump
 * --reference, --schema: the pages that are written from the table.
 *
 * Lines of the file that begin with "# set NAME=VALUE" or "# env NAME=VALUE" give variables; "#
 * combination N" asks for the N-th of the matrix, counted from 1. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/value.h"
#include "lan/metric.h"
#include "tests/support/config_files.h"

#define VARIABLES 8

static const char *written(enum sw_unit unit, int64_t value)
{
    static char buf[8][SW_VALUE_WRITTEN];
    static unsigned at;
    return sw_value_write(unit, value, buf[at++ % 8]);
}

static const char *ip_text(struct sw_ip ip)
{
    static char buf[SW_IP_TEXT];
    return sw_ip_emit(ip, buf);
}

static const char *mac_text(struct sw_mac mac)
{
    static char buf[SW_MAC_TEXT];
    return sw_mac_emit(mac, buf);
}

static void dump_switch(const struct sw_topo_switch *s)
{
    printf("switch %s (line %u): ageing %s, mac-table %u\n", s->name, s->where.line,
           written(SW_UNIT_TIME, s->ageing), s->mac_table);
    for (size_t i = 0; i < s->static_count; i++) {
        printf("  static %s %s\n", mac_text(s->statics[i].mac), s->statics[i].port);
    }
}

static void dump_nic(const struct sw_topo_nic *nic)
{
    printf("  %s: mac %s, mtu %u", nic->name, nic->mac_given ? mac_text(nic->mac) : "from names",
           nic->mtu_bytes ? nic->mtu_bytes : SW_MTU_DEFAULT);
    for (size_t i = 0; i < nic->address_count; i++) {
        const struct sw_topo_address *a = &nic->addresses[i];
        printf(", %s/%u%s%s", ip_text(a->prefix.ip), a->prefix.bits,
               a->flags & SW_ADDRESS_PROBE ? " probe" : "",
               a->flags & SW_ADDRESS_SILENT ? " silent" : "");
    }
    printf("\n");
}

static void dump_service(const struct sw_topo_service *s)
{
    static const char *const names[] = {"echo", "discard", "chargen", "udp-echo", "http", "iperf3"};
    printf("  service %s %u", names[s->kind], s->port);
    if (s->body) {
        printf(", body '%s'", s->body);
    }
    if (s->size) {
        printf(", size %s", written(SW_UNIT_BYTES, (int64_t)s->size));
    }
    printf("\n");
    for (size_t i = 0; i < s->file_count; i++) {
        printf("    %s %zu B\n", s->files[i].name, s->files[i].len);
    }
}

static const char *congestion_word(enum sw_tcp_congestion congestion)
{
    return congestion == SW_TCP_RENO ? "reno" : congestion == SW_TCP_BBR ? "bbr" : "cubic";
}

static const char *cookies_word(enum sw_tcp_cookies cookies)
{
    return cookies == SW_TCP_COOKIES_OFF ? "off" : "always";
}

static void dump_texts(const char *what, char *const *texts)
{
    printf("  %s", what);
    for (size_t i = 0; texts && texts[i]; i++) {
        printf(" '%s'", texts[i]);
    }
    printf("\n");
}

static void dump_program(const struct sw_topo_program *p)
{
    static const char *const restarts[] = {"no", "on-failure", "always"};
    dump_texts("run", p->run);
    dump_texts("env", p->env);
    printf("  in %s, reads '%s', restart %s, expects %d\n", p->cwd, p->input ? p->input : "",
           restarts[p->restart], p->expect_exit);
    if (p->tmpfs) {
        dump_texts("tmpfs", p->tmpfs);
    }
    if (p->user) {
        printf("  user %s\n", p->user);
    }
    if (p->capabilities || p->forges) {
        printf("  may%s%s%s\n", p->capabilities & SW_CAPABILITY_NET_RAW ? " net-raw" : "",
               p->capabilities & SW_CAPABILITY_NET_ADMIN ? " net-admin" : "",
               p->forges ? " forge" : "");
    }
    printf("  keeps %llu bytes of each of its streams\n", (unsigned long long)p->output_bytes);
    if (p->ready_port) {
        printf("  ready at port %u within %s\n", p->ready_port,
               written(SW_UNIT_TIME, p->ready_within));
    }
}

static void dump_host(const struct sw_topo_host *h)
{
    printf("host %s (line %u)%s\n", h->name, h->where.line, h->forwarding ? ", forwarding" : "");
    if (h->tcp.send_buffer_bytes || h->tcp.receive_buffer_bytes || h->tcp.no_timestamps ||
        h->tcp.no_window_scaling || h->tcp.no_sack || h->tcp.syn_cookies ||
        h->tcp.no_buffer_tuning) {
        printf("  tcp: send %u, receive %u%s%s%s%s\n", h->tcp.send_buffer_bytes,
               h->tcp.receive_buffer_bytes, h->tcp.no_buffer_tuning ? ", no tuning" : "",
               h->tcp.no_timestamps ? ", no timestamps" : "",
               h->tcp.no_window_scaling ? ", no window scaling" : "",
               h->tcp.no_sack ? ", no SACK" : "");
        if (h->tcp.congestion) {
            printf("  congestion: %s\n", congestion_word(h->tcp.congestion));
        }
        if (h->tcp.pacing_bps) {
            printf("  pacing: %s\n", written(SW_UNIT_RATE, (int64_t)h->tcp.pacing_bps));
        }
        if (h->tcp.syn_cookies) {
            printf("  SYN cookies: %s\n", cookies_word(h->tcp.syn_cookies));
        }
    }
    if (h->tcp.ecn) {
        static const char *const words[] = {"off", "passive", "on"};
        printf("  ecn: %s\n", words[h->tcp.ecn - SW_TCP_ECN_OFF]);
    }
    if (h->tcp.profile == SW_TCP_PROFILE_RFC) {
        printf("  profile: rfc\n");
    }
    for (size_t i = 0; i < h->nic_count; i++) {
        dump_nic(&h->nics[i]);
    }
    for (size_t i = 0; i < h->route_count; i++) {
        const struct sw_topo_route *r = &h->routes[i];
        printf("  route %s/%u", ip_text(r->to.ip), r->to.bits);
        printf(" via %s%s%s\n", ip_text(r->gateway), r->nic ? " by " : "", r->nic ? r->nic : "");
    }
    for (size_t i = 0; i < h->service_count; i++) {
        dump_service(&h->services[i]);
    }
    if (h->program) {
        dump_program(h->program);
    }
}

static void dump_pcap(const struct sw_topo_uplink *u)
{
    printf("uplink %s (line %u): pcap, read %s, write %s, speed %u/1000, start %s\n", u->name,
           u->where.line, u->read ? u->read : "nothing", u->write ? u->write : "nothing", u->speed,
           written(SW_UNIT_TIME, u->start));
    for (size_t i = 0; i < u->rewrite.mac_count; i++) {
        printf("  rewrite %s", mac_text(u->rewrite.macs[i].from));
        printf(" to %s\n", mac_text(u->rewrite.macs[i].to));
    }
    for (size_t i = 0; i < u->rewrite.net_count; i++) {
        const struct sw_rewrite_net *net = &u->rewrite.nets[i];
        printf("  rewrite %s", ip_text(sw_ip_v4(net->from)));
        printf(" to %s, mask %08x\n", ip_text(sw_ip_v4(net->to)), net->mask);
    }
}

static const char *place(const struct sw_topo_place *p, char buf[SW_ENDPOINT_TEXT])
{
    return p->path ? p->path : p->at.port ? sw_endpoint_emit(p->at, buf) : "nowhere";
}

static void dump_uplink(const struct sw_topo_uplink *u)
{
    char at[SW_ENDPOINT_TEXT], to[SW_ENDPOINT_TEXT];
    if (u->kind == SW_UPLINK_QEMU) {
        printf("uplink %s (line %u): qemu, %s, listen %s, connect %s\n", u->name, u->where.line,
               u->datagrams ? "datagrams" : "stream", place(&u->listen, at),
               place(&u->connect, to));
        return;
    }
    if (u->kind == SW_UPLINK_PCAP) {
        dump_pcap(u);
        return;
    }
    printf("uplink %s (line %u): %s, device %s, netns %s, mtu %u%s", u->name, u->where.line,
           u->kind == SW_UPLINK_TUN ? "tun" : "tap", u->device ? u->device : "any",
           u->netns ? u->netns : "own", u->mtu_bytes ? u->mtu_bytes : SW_MTU_DEFAULT,
           u->vnet_header ? ", vnet-header" : "");
    if (u->address_given) {
        printf(", %s/%u", ip_text(u->address.ip), u->address.bits);
    }
    printf("\n");
    for (size_t i = 0; i < u->route_count; i++) {
        printf("  route %s/%u", ip_text(u->routes[i].to.ip), u->routes[i].to.bits);
        printf(" via %s\n", ip_text(u->routes[i].gateway));
    }
}

/* What few lanes have. */
static void dump_hurts(const struct sw_lane_config *lane)
{
    static const char *const distributions[] = {"uniform", "normal", "pareto", "paretonormal"};
    static const char *const disciplines[] = {"tail-drop", "red", "codel", "fq-codel"};
    const struct sw_discipline_config *s = &lane->settings;
    if (lane->jitter) {
        printf(", jitter %s %s", written(SW_UNIT_TIME, lane->jitter),
               distributions[lane->distribution]);
        printf(", correlation %s%s", written(SW_UNIT_SHARE, lane->correlation_ppb),
               lane->free_order ? ", order free" : "");
    }
    if (lane->gilbert.p || lane->gilbert.r) {
        printf(", bursts p %s", written(SW_UNIT_SHARE, lane->gilbert.p));
        printf(" r %s", written(SW_UNIT_SHARE, lane->gilbert.r));
        printf(" good %s", written(SW_UNIT_SHARE, lane->gilbert.good));
        printf(" bad %s", written(SW_UNIT_SHARE, lane->gilbert.bad));
    }
    if (lane->corrupt_ppb || lane->mtu_bytes) {
        printf(", corrupt %s, mtu %u", written(SW_UNIT_SHARE, lane->corrupt_ppb), lane->mtu_bytes);
    }
    if (lane->discipline) {
        printf(", %s%s", disciplines[lane->discipline], s->ecn ? " ecn" : "");
        printf(" target %s", written(SW_UNIT_TIME, s->target));
        printf(" interval %s", written(SW_UNIT_TIME, s->interval));
        printf(" flows %u quantum %u min %u max %u", s->flows, s->quantum, (unsigned)s->min_bytes,
               (unsigned)s->max_bytes);
        printf(" probability %s", written(SW_UNIT_SHARE, s->chance_ppb));
    }
}

static void dump_lane(const char *arrow, const struct sw_lane_config *lane)
{
    printf("  %s delay %s, rate %s", arrow, written(SW_UNIT_TIME, lane->delay),
           lane->rate_bps ? written(SW_UNIT_RATE, (int64_t)lane->rate_bps) : "unlimited");
    if (lane->overhead_bytes) {
        printf(", overhead %u B", lane->overhead_bytes);
    }
    if (lane->queue_frames) {
        printf(", queue %u packets", lane->queue_frames);
    }
    if (lane->queue_bytes) {
        printf(", queue %s", written(SW_UNIT_BYTES, (int64_t)lane->queue_bytes));
    }
    if (lane->loss_ppb || lane->duplicate_ppb || lane->reorder_ppb) {
        printf(", loss %s, duplicate %s, reorder %s", written(SW_UNIT_SHARE, lane->loss_ppb),
               written(SW_UNIT_SHARE, lane->duplicate_ppb),
               written(SW_UNIT_SHARE, lane->reorder_ppb));
    }
    dump_hurts(lane);
    printf("\n");
}

static void dump_end(const struct sw_topo *topo, const struct sw_topo_end *end)
{
    const char *name = end->kind == SW_NODE_SWITCH ? topo->switches[end->node].name
                       : end->kind == SW_NODE_HOST ? topo->hosts[end->node].name
                                                   : topo->uplinks[end->node].name;
    printf(" %s%s%s", name, end->port[0] ? ":" : "", end->port);
}

static void dump_link(const struct sw_topo *topo, const struct sw_topo_link *link)
{
    printf("link (line %u)%s%s:", link->where.line, link->name ? " " : "",
           link->name ? link->name : "");
    dump_end(topo, &link->end[0]);
    dump_end(topo, &link->end[1]);
    printf("\n");
    dump_lane(">", &link->forward);
    dump_lane("<", &link->backward);
}

static void dump_expect(const struct sw_topo_expect *e, enum sw_step_kind kind, unsigned depth)
{
    printf("%*s  expect %s '%s'", (int)depth * 2, "", sw_metric_row(kind, e->metric)->name,
           e->written);
    if (e->unit == SW_UNIT_TEXT) {
        printf(": '%s'", e->text);
    } else if (e->hi == INT64_MAX) {
        printf(": %" PRId64 " or more", e->lo);
    } else {
        printf(": %" PRId64 " to %" PRId64, e->lo, e->hi);
    }
    printf("%s\n", e->unsaid ? " (unsaid)" : "");
}

static void dump_object(const struct sw_topo_object *o)
{
    static const char *const kinds[] = {"host", "switch", "link", "port"};
    printf(" %s %zu", kinds[o->kind], o->index);
    if (o->kind == SW_OBJECT_PORT) {
        printf(" end %u", o->end);
    }
    printf(" '%s'", o->written);
}

/* What a filter is compiled to hangs on libpcap's version; tests/unit/test_filter.c runs it. */
static void dump_match(const struct sw_topo_match *m)
{
    if (m->kind == SW_MATCH_ALL) {
        printf(", every frame");
        return;
    }
    printf(", %s '%s'", m->kind == SW_MATCH_FILTER ? "filter" : "word", m->written);
}

static void dump_action(const struct sw_topo *topo, const struct sw_topo_action *a)
{
    static const char *const ways[] = {"no way", "forward", "backward", "both ways"};
    printf("'%s' (line %u)", a->name, a->where.line);
    switch (a->kind) {
    case SW_ACTION_DOWN:
    case SW_ACTION_UP:
    case SW_ACTION_HOLD:
    case SW_ACTION_RELEASE:
        printf(": link %zu, %s", a->link, ways[a->ways]);
        break;
    case SW_ACTION_SET:
        printf(": link %zu, %s, said %x, over %s\n", a->link, ways[a->ways], a->said,
               written(SW_UNIT_TIME, a->over));
        dump_lane("=", &a->lane);
        return;
    case SW_ACTION_FLAP:
        printf(": link %zu, every %s, down %s", a->link, written(SW_UNIT_TIME, a->every),
               written(SW_UNIT_TIME, a->down));
        break;
    case SW_ACTION_DROP:
        printf(": link %zu, %s, nth %u, count %u", a->link, ways[a->ways], a->nth, a->count);
        dump_match(&a->match);
        break;
    case SW_ACTION_PARTITION:
        for (size_t i = 0; i < a->group_count; i++) {
            printf("%s%s %u", i ? ", " : ": ", topo->hosts[i].name, a->group[i]);
        }
        break;
    case SW_ACTION_CRASH:
    case SW_ACTION_RESTART:
    case SW_ACTION_STOP:
    case SW_ACTION_CONTINUE:
    case SW_ACTION_START:
        printf(": host %zu", a->host);
        break;
    case SW_ACTION_KILL:
        printf(": host %zu, signal %d", a->host, (int)a->signal);
        break;
    case SW_ACTION_HEAL:
        break;
    }
    printf("\n");
}

static void dump_event(const struct sw_topo *topo, const struct sw_topo_event *e)
{
    printf("event (line %u) at %s", e->where.line, written(SW_UNIT_TIME, e->at));
    if (e->after != SW_STEP_NONE) {
        printf(" after step %zu", e->after);
    }
    printf(", for %s, every %s, times %u: ", written(SW_UNIT_TIME, e->span),
           written(SW_UNIT_TIME, e->every), e->times);
    dump_action(topo, &e->action);
}

static void dump_traffic(const struct sw_topo_step *s)
{
    switch (s->kind) {
    case SW_STEP_PING:
        printf(": %s to %s, count %u, interval %s", s->from, s->to, s->count,
               written(SW_UNIT_TIME, s->interval));
        printf(", size %u B", s->size_bytes);
        break;
    case SW_STEP_IPERF:
        printf(": %s to %s, %s, for %s, %s, parallel %u%s, rate %s", s->from, s->to,
               s->udp ? "udp" : "tcp", written(SW_UNIT_TIME, s->duration),
               written(SW_UNIT_BYTES, (int64_t)s->bytes), s->parallel,
               s->reverse ? ", reverse" : "",
               s->rate_bps ? written(SW_UNIT_RATE, (int64_t)s->rate_bps) : "unlimited");
        if (s->congestion) {
            printf(", %s", congestion_word(s->congestion));
        }
        break;
    case SW_STEP_HTTP:
        printf(": %s %s %s", s->from, s->method, s->url);
        break;
    default:
        printf(": %s to %s:%u", s->from, s->to, s->port);
        break;
    }
    printf("%s%s", s->send ? ", send " : "", s->send ? s->send : "");
}

static void dump_step(const struct sw_topo *topo, const struct sw_topo_step *s, unsigned depth)
{
    printf("%*sstep %zu: %s (line %u) '%s'", (int)depth * 2, "", s->number,
           sw_step_kind_name(s->kind), s->where.line, s->name);
    switch (s->kind) {
    case SW_STEP_PING:
    case SW_STEP_IPERF:
    case SW_STEP_HTTP:
    case SW_STEP_TCP:
    case SW_STEP_UDP:
        dump_traffic(s);
        break;
    case SW_STEP_RUN:
    case SW_STEP_READY:
        printf(": on %s", s->from);
        for (size_t i = 0; s->command && s->command[i]; i++) {
            printf(" '%s'", s->command[i]);
        }
        break;
    case SW_STEP_WAIT:
        printf(": for %s", written(SW_UNIT_TIME, s->duration));
        if (s->until != SW_TIME_NEVER) {
            printf(", until %s", written(SW_UNIT_TIME, s->until));
        }
        break;
    case SW_STEP_COUNTER:
    case SW_STEP_TABLE:
        printf(": %s", s->counter ? s->counter : "all");
        dump_object(&s->of);
        break;
    case SW_STEP_CAPTURE:
        dump_object(&s->of);
        dump_match(&s->match);
        break;
    case SW_STEP_REPEAT:
        printf(": %u times", s->times);
        break;
    case SW_STEP_PARALLEL:
    case SW_STEP_JOIN:
    case SW_STEP_ACTION:
        break;
    }
    if (s->target != SW_STEP_NONE) {
        printf(", of step %zu", s->target);
    }
    printf(", timeout %s%s\n", written(SW_UNIT_TIME, s->timeout),
           s->background ? ", background" : "");
    if (s->action) {
        printf("%*s  ", (int)depth * 2, "");
        dump_action(topo, s->action);
    }
    for (size_t i = 0; i < s->expect_count; i++) {
        dump_expect(&s->expects[i], s->kind, depth);
    }
    for (size_t i = 0; i < s->step_count; i++) {
        dump_step(topo, &s->steps[i], depth + 1);
    }
}

static void dump_topo(const struct sw_topo *topo)
{
    printf("lan %s, seed %" PRIu64 "\n", topo->name, topo->seed);
    for (size_t i = 0; i < topo->switch_count; i++) {
        dump_switch(&topo->switches[i]);
    }
    for (size_t i = 0; i < topo->host_count; i++) {
        dump_host(&topo->hosts[i]);
    }
    for (size_t i = 0; i < topo->uplink_count; i++) {
        dump_uplink(&topo->uplinks[i]);
    }
    for (size_t i = 0; i < topo->link_count; i++) {
        dump_link(topo, &topo->links[i]);
    }
    for (size_t i = 0; i < topo->forward_count; i++) {
        const struct sw_topo_forward *f = &topo->forwards[i];
        char at[SW_ENDPOINT_TEXT];
        printf("forward (line %u): %s to %s:%u from %s\n", f->where.line,
               sw_endpoint_emit(f->listen, at), f->to, f->port, topo->hosts[f->from].name);
    }
    for (size_t i = 0; i < topo->step_count; i++) {
        dump_step(topo, &topo->steps[i], 0);
    }
    for (size_t i = 0; i < topo->event_count; i++) {
        dump_event(topo, &topo->events[i]);
    }
}

/* ---- variables from the file's comments ---- */

struct comments {
    char lines[2 * VARIABLES][256];
    struct sw_config_set sets[VARIABLES];
    const char *variables[VARIABLES + 1];
    size_t set_count, variable_count, combination;
};

static void take_comments(struct comments *c, const char *path)
{
    FILE *f = fopen(path, "r");
    size_t used = 0;
    while (f && used < 2 * VARIABLES && fgets(c->lines[used], sizeof c->lines[0], f)) {
        char *line = c->lines[used];
        line[strcspn(line, "\n")] = '\0';
        char *equals = strchr(line, '=');
        if (strncmp(line, "# set ", 6) == 0 && equals && c->set_count < VARIABLES) {
            *equals = '\0';
            c->sets[c->set_count++] = (struct sw_config_set){line + 6, equals + 1};
            used++;
        } else if (strncmp(line, "# env ", 6) == 0 && c->variable_count < VARIABLES) {
            c->variables[c->variable_count++] = line + 6;
            used++;
        } else if (strncmp(line, "# combination ", 14) == 0) {
            c->combination = strtoul(line + 14, NULL, 10) - 1;
        }
    }
    if (f) {
        fclose(f);
    }
}

static int print_page(char *page)
{
    if (!page) {
        return 1;
    }
    fputs(page, stdout);
    free(page);
    return 0;
}

int main(int argc, char **argv)
{
    static struct comments comments;
    struct sw_topo *topo = NULL;
    struct sw_problems problems;
    if (argc != 2) {
        fprintf(stderr, "usage: golden_dump FILE | --reference | --schema\n");
        return 2;
    }
    if (strcmp(argv[1], "--reference") == 0) {
        return print_page(sw_config_reference());
    }
    if (strcmp(argv[1], "--schema") == 0) {
        return print_page(sw_config_schema());
    }
    take_comments(&comments, argv[1]);
    const struct sw_test_world world = {.variables = comments.variables};
    struct sw_config_io io = sw_test_io(&world);
    struct sw_config_choice choice = {.combination = comments.combination};
    int error = sw_config_load_one(&topo, argv[1], &io, comments.sets, comments.set_count, &choice,
                                   &problems);
    char *text = sw_test_problems(&problems);
    fputs(text ? text : "out of memory\n", stdout);
    if (choice.text) {
        printf("%s, one of %zu\n", choice.text, choice.combinations);
    }
    if (!error) {
        dump_topo(topo);
    } else {
        printf("refused: %zu error%s\n", problems.errors, problems.errors == 1 ? "" : "s");
    }
    free(text);
    sw_topo_free(topo);
    sw_config_choice_fini(&choice);
    sw_problems_fini(&problems);
    return error ? 1 : 0;
}
