/* switchd iperf: as iperf3 prints it. Both ends are started here; no service is needed. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/traffic.h"
#include "switchd/session.h"
#include "switchd/verbs.h"

struct measuring {
    const struct sw_options *options;
    bool done;
};

static void on_done(void *ctx)
{
    struct measuring *m = ctx;
    m->done = true;
}

static bool is_done(void *ctx)
{
    const struct measuring *m = ctx;
    return m->done;
}

/* A number with the prefix that leaves it 0..999, as iperf3 shows it. */
static void scaled(char *buf, size_t cap, double value, double base, const char *unit)
{
    static const char *const prefix[] = {"", "K", "M", "G", "T"};
    unsigned i = 0;
    while (value >= base && i < 4) {
        value /= base;
        i++;
    }
    snprintf(buf, cap, "%.*f %s%s", value < 10 ? 2 : value < 100 ? 1 : 0, value, prefix[i], unit);
}

static void print_line(uint32_t stream, sw_time begin, sw_time end, uint64_t bytes,
                       uint64_t retransmits, const char *end_word)
{
    char name[16] = "SUM", amount[32], rate[32];
    if (stream != UINT32_MAX) {
        snprintf(name, sizeof name, "%3u", stream + 1);
    }
    double seconds = (double)(end - begin) / 1e9;
    scaled(amount, sizeof amount, (double)bytes, 1024, "Bytes");
    scaled(rate, sizeof rate, seconds > 0 ? (double)bytes * 8 / seconds : 0, 1000, "bits/sec");
    printf("[%s] %6.2f-%-6.2f sec  %12s  %16s  %6" PRIu64 "  %s\n", name, (double)begin / 1e9,
           (double)end / 1e9, amount, rate, retransmits, end_word);
}

static void on_interval(void *ctx, const struct sw_iperf_interval *i)
{
    const struct measuring *m = ctx;
    if (m->options->json || m->options->quiet || i->last) {
        return;
    }
    print_line(i->stream, i->begin, i->end, i->bytes, i->retransmits, "");
    fflush(stdout);
}

static void print_text(const struct sw_iperf_result *r, const struct sw_options *o)
{
    puts("- - - - - - - - - - - - - - - - - - - - - - - - -");
    for (uint32_t i = 0; i < r->streams; i++) {
        print_line(i, 0, r->took, r->stream[i].sent_bytes, r->stream[i].retransmits, "sender");
        print_line(i, 0, r->took, r->stream[i].received_bytes, 0, "receiver");
    }
    if (r->streams > 1) {
        print_line(UINT32_MAX, 0, r->took, r->sent_bytes, r->retransmits, "sender");
        print_line(UINT32_MAX, 0, r->took, r->received_bytes, 0, "receiver");
    }
    if (o->udp) {
        printf("jitter %.3f ms, lost %" PRIu64 " of %" PRIu64 " datagrams\n",
               (double)r->jitter / 1e6, r->lost, r->datagrams);
    }
    puts("\niperf Done.");
}

static void print_json(const struct sw_iperf_result *r, const struct sw_session *s)
{
    struct sw_network *net = s->net;
    uint64_t frames = 0;
    for (size_t i = 0; i < s->topo->link_count; i++) {
        const struct sw_link *link = sw_network_link_at(net, i);
        frames += link->forward.stats.out + link->backward.stats.out;
    }
    double seconds = (double)r->took / 1e9;
    printf("{\"bits_per_second\": %" PRIu64 ", \"seconds\": %.9f, \"bytes\": %" PRIu64
           ", \"retransmits\": %" PRIu64 ", \"frames\": %" PRIu64
           ", \"mss\": %u, \"offload\": false, \"time\": \"%s\", \"streams\": [",
           r->throughput_bps, seconds, r->received_bytes, r->retransmits, frames,
           r->streams ? r->stream[0].mss_bytes : 0, s->real ? "real" : "virtual");
    for (uint32_t i = 0; i < r->streams; i++) {
        const struct sw_iperf_stream_result *t = &r->stream[i];
        printf("%s{\"sent\": %" PRIu64 ", \"received\": %" PRIu64 ", \"retransmits\": %" PRIu64 "}",
               i ? ", " : "", t->sent_bytes, t->received_bytes, t->retransmits);
    }
    puts("]}");
}

static int measure(struct sw_session *s, const struct sw_options *o, const char *from,
                   const char *to)
{
    struct measuring m = {.options = o};
    struct sw_iperf_config config = {
        .udp = o->udp,
        .reverse = o->reverse,
        .parallel = o->parallel,
        .duration = o->bytes ? 0 : o->duration,
        .bytes = o->bytes,
        .rate_bps = o->rate_bps,
        .block_bytes = o->block_bytes,
        .congestion = o->congestion,
    };
    config.from = sw_session_host(s, from);
    config.to = config.from ? sw_session_host(s, to) : NULL;
    if (!config.to) {
        return SW_EXIT_USAGE;
    }
    struct sw_iperf *iperf;
    int rc = sw_iperf_new(&iperf, &config, on_interval, on_done, &m);
    if (rc) {
        fprintf(stderr, "switchd: iperf: %s\n", strerror(-rc));
        return rc == -EINVAL ? SW_EXIT_USAGE : SW_EXIT_REFUSED;
    }
    if (!o->json) {
        printf("%s to %s, %s, %u stream%s, offload off, %s time\n[ ID] Interval               "
               "Transfer           Bitrate          Retr\n",
               from, to, o->udp ? "UDP" : "TCP", o->parallel, o->parallel == 1 ? "" : "s",
               s->real ? "real" : "virtual");
    }
    sw_session_drive(s, is_done, &m, SW_TIME_NEVER);
    struct sw_iperf_result result;
    sw_iperf_result(iperf, &result);
    if (o->json) {
        print_json(&result, s);
    } else {
        print_text(&result, o);
    }
    int status = result.error || result.received_bytes == 0 ? SW_EXIT_FAILED : SW_EXIT_OK;
    if (result.error) {
        fprintf(stderr, "switchd: iperf: %s\n", strerror(-result.error));
    }
    sw_iperf_free(iperf);
    return status;
}

/* ---- two hosts on one switch, where no file is named ---- */

static bool add_link(struct sw_topo *t, size_t host, const char *port)
{
    struct sw_topo_link *link = &t->links[t->link_count++];
    link->forward.queue_frames = link->backward.queue_frames = SW_QUEUE_FRAMES_DEFAULT;
    link->end[0] = (struct sw_topo_end){SW_NODE_HOST, host, strdup("eth0")};
    link->end[1] = (struct sw_topo_end){SW_NODE_SWITCH, 0, strdup(port)};
    return link->end[0].port && link->end[1].port;
}

static bool add_host(struct sw_topo *t, const char *name, uint32_t address)
{
    struct sw_topo_host *host = &t->hosts[t->host_count++];
    host->name = strdup(name);
    host->nics = calloc(1, sizeof *host->nics);
    if (!host->name || !host->nics) {
        return false;
    }
    host->nic_count = 1;
    host->nics[0].name = strdup("eth0");
    host->nics[0].addresses = calloc(1, sizeof *host->nics[0].addresses);
    if (!host->nics[0].name || !host->nics[0].addresses) {
        return false;
    }
    host->nics[0].address_count = 1;
    host->nics[0].addresses[0].prefix = (struct sw_prefix){sw_ip_v4(address), 24};
    return true;
}

static struct sw_topo *two_hosts(void)
{
    struct sw_topo *t = sw_topo_new("two");
    if (!t) {
        return NULL;
    }
    t->hosts = calloc(2, sizeof *t->hosts);
    t->switches = calloc(1, sizeof *t->switches);
    t->links = calloc(2, sizeof *t->links);
    bool well = t->hosts && t->switches && t->links;
    if (well) {
        t->switch_count = 1;
        t->switches[0].ageing = 300 * SW_S;
        t->switches[0].name = strdup("switch");
        well = t->switches[0].name && add_host(t, "a", 0x0a000001) &&
               add_host(t, "b", 0x0a000002) && add_link(t, 0, "p1") && add_link(t, 1, "p2");
    }
    if (!well) {
        sw_topo_free(t);
        return NULL;
    }
    return t;
}

int sw_verb_iperf(const struct sw_options *o)
{
    bool named = o->argument_count == 3;
    struct sw_topo *topo;
    struct sw_session s;
    int status = 0;
    if (named) {
        status = sw_session_read(&topo, o, o->arguments[0]);
    } else {
        topo = two_hosts();
        status = topo ? 0 : SW_EXIT_REFUSED;
        if (!topo) {
            fputs("switchd: out of memory\n", stderr);
        }
    }
    status = status ? status : sw_session_open(&s, o, topo, !o->virtual_time);
    if (status) {
        return status;
    }
    status = measure(&s, o, named ? o->arguments[1] : "a", named ? o->arguments[2] : "b");
    if (o->verbose) {
        sw_session_summary(&s);
    }
    int closed = sw_session_close(&s);
    return status ? status : closed;
}
