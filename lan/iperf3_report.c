/* The figures of an iperf3 test: for the client's results exchange, and as text for those who ask
 * for it. */
#include <stdlib.h>

#include "lan/iperf3_impl.h"

/* ---- text ---- */

static const char *way(const struct sw_iperf3_test *test, const struct sw_iperf3_stream *s)
{
    return !test->params.bidirectional ? "" : s->sends ? "[TX-S]" : "[RX-S]";
}

static uint64_t packets(const struct sw_iperf3_stream *s)
{
    return s->sends ? s->datagrams : s->arrivals.packets;
}

void sw_iperf3_tell_beginning(struct sw_iperf3_test *test)
{
    struct sw_sock *control = test->control->conn.sock;
    sw_iperf3_text_begin(&test->text, sw_sock_remote(control));
    for (uint32_t i = 0; i < test->stream_count; i++) {
        const struct sw_iperf3_stream *s = &test->streams[i];
        struct sw_endpoint local = sw_sock_local(control);
        struct sw_endpoint remote = s->conn ? sw_sock_remote(s->conn->conn.sock) : s->remote;
        sw_iperf3_text_stream(&test->text, s->id, local, remote);
    }
    sw_iperf3_text_columns(&test->text, test->params.udp, false);
}

/* What a line says of a stream since it was told last. */
static struct sw_iperf3_line interval_of(struct sw_iperf3_stream *s)
{
    struct sw_iperf3_line line = {
        .id = s->id,
        .way = way(s->test, s),
        .bytes = s->bytes - s->told_bytes,
        .role = "",
        .retransmits = s->sends ? (int64_t)(s->retransmits - s->told_retransmits) : -1,
        .udp = s->test->params.udp,
        .lost_known = !s->sends,
        .jitter = s->arrivals.jitter16 / 16,
        .packets = packets(s) - s->told_packets,
    };
    /* Those that came late were lost in an interval before. */
    if (s->arrivals.errors > s->told_errors) {
        line.lost = s->arrivals.errors - s->told_errors;
    }
    s->told_bytes = s->bytes;
    s->told_retransmits = s->retransmits;
    s->told_packets = packets(s);
    s->told_errors = s->arrivals.errors;
    return line;
}

void sw_iperf3_tell_interval(struct sw_iperf3_test *test, sw_time now)
{
    sw_time from = test->interval_from;
    test->interval_from = now;
    for (uint32_t i = 0; i < test->stream_count; i++) {
        struct sw_iperf3_stream *s = &test->streams[i];
        sw_iperf3_sample(s);
        struct sw_iperf3_line line = interval_of(s);
        line.begin = from - test->counted_from;
        line.end = now - test->counted_from;
        line.omitted = test->omitting;
        sw_iperf3_text_line(&test->text, &line);
    }
}

/* Of one side, as both know it by now. */
static void tell_side(struct sw_iperf3_test *test, const struct sw_iperf3_stream *s,
                      const struct sw_iperf3_stream_result *side, bool sender)
{
    struct sw_iperf3_line line = {
        .id = s->id,
        .way = way(test, s),
        .end = side->took,
        .bytes = side->bytes,
        .role = sender ? "sender" : "receiver",
        .retransmits = sender ? side->retransmits : -1,
        .udp = test->params.udp,
        .lost_known = !sender,
        .jitter = side->jitter,
        .lost = side->errors > side->omitted_errors ? side->errors - side->omitted_errors : 0,
        .packets =
            side->packets > side->omitted_packets ? side->packets - side->omitted_packets : 0,
    };
    sw_iperf3_text_line(&test->text, &line);
}

static void add_to(struct sw_iperf3_stream_result *sum, const struct sw_iperf3_stream_result *one)
{
    sum->bytes += one->bytes;
    sum->retransmits += one->retransmits;
    sum->jitter += one->jitter;
    sum->errors += one->errors;
    sum->packets += one->packets;
    sum->omitted_errors += one->omitted_errors;
    sum->omitted_packets += one->omitted_packets;
    sum->took = one->took > sum->took ? one->took : sum->took;
}

static void tell_sum(struct sw_iperf3_test *test, const struct sw_iperf3_stream_result *ours,
                     const struct sw_iperf3_stream_result *theirs, bool sends)
{
    struct sw_iperf3_stream_result sum[2] = {{0}, {0}};
    struct sw_iperf3_stream some = {.sends = sends};
    for (uint32_t i = 0; i < test->stream_count; i++) {
        if (test->streams[i].sends == sends) {
            add_to(&sum[sends ? 0 : 1], &ours[i]);
            add_to(&sum[sends ? 1 : 0], &theirs[i]);
        }
    }
    sum[1].jitter /= test->params.parallel;
    tell_side(test, &some, &sum[0], true);
    tell_side(test, &some, &sum[1], false);
}

static void tell_end(struct sw_iperf3_test *test, const struct sw_iperf3_stream_result *ours,
                     const struct sw_iperf3_stream_result *theirs)
{
    const struct sw_iperf3_params *params = &test->params;
    sw_iperf3_text_columns(&test->text, params->udp, true);
    for (uint32_t i = 0; i < test->stream_count; i++) {
        const struct sw_iperf3_stream *s = &test->streams[i];
        tell_side(test, s, s->sends ? &ours[i] : &theirs[i], true);
        tell_side(test, s, s->sends ? &theirs[i] : &ours[i], false);
    }
    if (params->parallel > 1 && (params->bidirectional || !params->reverse)) {
        tell_sum(test, ours, theirs, false);
    }
    if (params->parallel > 1 && (params->bidirectional || params->reverse)) {
        tell_sum(test, ours, theirs, true);
    }
}

/* ---- what is counted ---- */

void sw_iperf3_omit(struct sw_iperf3_test *test, sw_time now)
{
    for (uint32_t i = 0; i < test->stream_count; i++) {
        struct sw_iperf3_stream *s = &test->streams[i];
        sw_iperf3_sample(s);
        s->bytes = s->told_bytes = 0;
        s->retransmits_omitted = s->told_retransmits = s->retransmits;
        s->packets_omitted = s->told_packets = packets(s);
        s->errors_omitted = s->told_errors = s->arrivals.errors;
        s->arrivals.jitter16 = 0;
    }
    test->omitting = false;
    test->counted_from = test->interval_from = now;
}

static void fill(const struct sw_iperf3_stream *s, struct sw_iperf3_stream_result *out)
{
    const struct sw_iperf3_test *test = s->test;
    bool known = s->sends && !test->params.udp;
    *out = (struct sw_iperf3_stream_result){
        .id = s->id,
        .bytes = s->bytes,
        .retransmits = known ? (int64_t)(s->retransmits - s->retransmits_omitted) : -1,
        .jitter = s->arrivals.jitter16 / 16,
        .errors = s->arrivals.errors,
        .packets = packets(s),
        .omitted_errors = s->errors_omitted,
        .omitted_packets = s->packets_omitted,
        .took = test->ended - test->counted_from,
    };
}

enum sw_iperf3_error sw_iperf3_results(struct sw_iperf3_test *test, const char *theirs, size_t len,
                                       char **ours, size_t *n)
{
    const struct sw_iperf3_params *params = &test->params;
    uint32_t count = test->stream_count;
    struct sw_iperf3_stream_result *of = calloc(2 * (size_t)count, sizeof *of);
    if (!of) {
        return SW_IPERF3_E_INIT;
    }
    for (uint32_t i = 0; i < count; i++) {
        fill(&test->streams[i], &of[i]);
        of[count + i].id = of[i].id;
    }
    enum sw_iperf3_error error = sw_iperf3_results_parse(of + count, count, theirs, len);
    if (!error) {
        int has_retransmits = !params->reverse && !params->bidirectional ? -1 : !params->udp;
        if (params->server_output) {
            tell_end(test, of, of + count);
        }
        *ours = sw_iperf3_results_emit(of, count, has_retransmits, test->text.bytes, n);
        error = *ours ? SW_IPERF3_OK : SW_IPERF3_E_INIT;
    }
    free(of);
    return error;
}
