/* --tcp-trace. See tcp_trace.h. */
#include "switchd/tcp_trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES (1 << 20)

struct sw_tcp_trace {
    struct sw_tcp_watch watch;
    FILE *file;
    bool json;
    int failed;
};

/* A column is a name and a number of what is told; the texts stand before them all. */
struct column {
    const char *name;
    uint64_t (*of)(const struct sw_sock_info *info);
};

#define COLUMN(field)                                                                              \
    static uint64_t field(const struct sw_sock_info *i)                                            \
    {                                                                                              \
        return (uint64_t)i->field;                                                                 \
    }

COLUMN(cwnd_bytes)
COLUMN(ssthresh_bytes)
COLUMN(snd_wnd_bytes)
COLUMN(rcv_wnd_bytes)
COLUMN(flight_bytes)
COLUMN(sacked_bytes)
COLUMN(lost_bytes)
COLUMN(resent_bytes)
COLUMN(unsent_bytes)
COLUMN(srtt)
COLUMN(rttvar)
COLUMN(min_rtt)
COLUMN(rto)
COLUMN(mss_bytes)
COLUMN(bytes_sent)
COLUMN(bytes_acked)
COLUMN(bytes_received)
COLUMN(bytes_retransmitted)
COLUMN(retransmits)
COLUMN(delivered)
COLUMN(delivered_ce)
COLUMN(timeouts)
COLUMN(pacing_bps)
COLUMN(delivery_bps)

static const struct column columns[] = {
    {"cwnd", cwnd_bytes},
    {"ssthresh", ssthresh_bytes},
    {"snd_wnd", snd_wnd_bytes},
    {"rcv_wnd", rcv_wnd_bytes},
    {"flight", flight_bytes},
    {"sacked", sacked_bytes},
    {"lost", lost_bytes},
    {"resent", resent_bytes},
    {"unsent", unsent_bytes},
    {"srtt", srtt},
    {"rttvar", rttvar},
    {"min_rtt", min_rtt},
    {"rto", rto},
    {"mss", mss_bytes},
    {"bytes_sent", bytes_sent},
    {"bytes_acked", bytes_acked},
    {"bytes_received", bytes_received},
    {"bytes_retrans", bytes_retransmitted},
    {"retransmits", retransmits},
    {"delivered", delivered},
    {"delivered_ce", delivered_ce},
    {"timeouts", timeouts},
    {"pacing_rate", pacing_bps},
    {"delivery_rate", delivery_bps},
};

#define COLUMNS (sizeof columns / sizeof *columns)

static bool ends_in(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

bool sw_tcp_trace_knows(const char *path)
{
    return ends_in(path, ".csv") || ends_in(path, ".jsonl");
}

/* Names of hosts are letters, digits, '-', '_' and '.': neither form has to quote any. */
static void put_csv(FILE *f, const struct sw_tcp_told *told)
{
    char local[SW_ENDPOINT_TEXT], remote[SW_ENDPOINT_TEXT];
    fprintf(f, "%" PRId64 ",%s,%s,%s,%s,%s,%s", told->at, told->host,
            sw_endpoint_emit(told->local, local), sw_endpoint_emit(told->remote, remote),
            sw_tcp_happening_name(told->what), told->info->state,
            sw_tcp_ca_name(told->info->ca_state));
    for (size_t i = 0; i < COLUMNS; i++) {
        fprintf(f, ",%" PRIu64, columns[i].of(told->info));
    }
    putc('\n', f);
}

static void put_json(FILE *f, const struct sw_tcp_told *told)
{
    char local[SW_ENDPOINT_TEXT], remote[SW_ENDPOINT_TEXT];
    fprintf(f,
            "{\"at\":%" PRId64 ",\"host\":\"%s\",\"local\":\"%s\",\"remote\":\"%s\",\"event\":\"%s"
            "\",\"state\":\"%s\",\"ca_state\":\"%s\"",
            told->at, told->host, sw_endpoint_emit(told->local, local),
            sw_endpoint_emit(told->remote, remote), sw_tcp_happening_name(told->what),
            told->info->state, sw_tcp_ca_name(told->info->ca_state));
    for (size_t i = 0; i < COLUMNS; i++) {
        fprintf(f, ",\"%s\":%" PRIu64, columns[i].name, columns[i].of(told->info));
    }
    fputs("}\n", f);
}

static void on_told(void *ctx, const struct sw_tcp_told *told)
{
    struct sw_tcp_trace *t = ctx;
    if (t->failed) {
        return;
    }
    errno = 0;
    if (t->json) {
        put_json(t->file, told);
    } else {
        put_csv(t->file, told);
    }
    if (ferror(t->file)) {
        t->failed = errno ? -errno : -EIO;
    }
}

int sw_tcp_trace_new(struct sw_tcp_trace **out, const char *path)
{
    struct sw_tcp_trace *t = calloc(1, sizeof *t);
    if (!t) {
        return -ENOMEM;
    }
    t->file = fopen(path, "we");
    if (!t->file) {
        int rc = -errno;
        free(t);
        return rc;
    }
    setvbuf(t->file, NULL, _IOFBF, BUFFER_BYTES);
    t->json = ends_in(path, ".jsonl");
    t->watch = (struct sw_tcp_watch){.told = on_told, .ctx = t};
    if (!t->json) {
        fputs("at,host,local,remote,event,state,ca_state", t->file);
        for (size_t i = 0; i < COLUMNS; i++) {
            fprintf(t->file, ",%s", columns[i].name);
        }
        putc('\n', t->file);
    }
    *out = t;
    return 0;
}

const struct sw_tcp_watch *sw_tcp_trace_watch(const struct sw_tcp_trace *trace)
{
    return &trace->watch;
}

int sw_tcp_trace_close(struct sw_tcp_trace *trace)
{
    if (!trace) {
        return 0;
    }
    int rc = trace->failed;
    if (fclose(trace->file) != 0 && rc == 0) {
        rc = -errno;
    }
    free(trace);
    return rc;
}
