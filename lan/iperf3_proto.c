/* The bytes of esnet/iperf 3's protocol. See the header.
 *
 * All numbers of the JSON are read as floating point, whole to 2^53: the program that writes them
 * has no other, and says 1e+17 for a large one. */
#include "lan/iperf3_proto.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"

#define NUMBER_MAX 9e18 /* fits an int64_t */
#define OMIT_MAX 600
#define DURATION_MAX 86400
#define WINDOW_MAX (512 << 20)
#define BLOCK_MAX (1 << 20)
#define BLOCK_TCP (128 << 10)
#define BLOCK_UDP 1460

/* ---- parameters ---- */

/* A JSON object of n bytes, at most so many. NULL: it is none. */
static json_t *load(const void *bytes, size_t n, size_t most)
{
    json_error_t error;
    if (n > most) {
        return NULL;
    }
    json_t *j = json_loadb(bytes, n, JSON_DECODE_INT_AS_REAL, &error);
    if (j && !json_is_object(j)) {
        json_decref(j);
        return NULL;
    }
    return j;
}

/* Known by being there: clients say true or 1, and leave it out otherwise. */
static bool flag(const json_t *j, const char *key)
{
    const json_t *value = json_object_get(j, key);
    return value && !json_is_false(value) && !json_is_null(value) &&
           !(json_is_number(value) && json_number_value(value) == 0);
}

/* A whole number 0 .. most. Where the key is missing, *to stays. */
static enum sw_iperf3_error number(const json_t *j, const char *key, double most,
                                   enum sw_iperf3_error beyond, uint64_t *to)
{
    const json_t *value = json_object_get(j, key);
    if (!value) {
        return SW_IPERF3_OK;
    }
    if (!json_is_number(value)) {
        return SW_IPERF3_E_PARAMS;
    }
    double number = json_number_value(value);
    if (number < 0 || number > most) {
        return beyond;
    }
    *to = (uint64_t)number;
    return SW_IPERF3_OK;
}

/* The protocol, and which way it goes. */
static enum sw_iperf3_error read_kind(struct sw_iperf3_params *out, const json_t *j)
{
    out->udp = flag(j, "udp");
    out->reverse = flag(j, "reverse");
    out->bidirectional = flag(j, "bidirectional");
    out->nodelay = flag(j, "nodelay");
    out->dont_fragment = flag(j, "dont_fragment");
    out->server_output = flag(j, "get_server_output");
    out->wide_counters = flag(j, "udp_counters_64bit");
    if (flag(j, "sctp") || (out->udp && flag(j, "tcp"))) {
        return SW_IPERF3_E_NOT_HERE;
    }
    return out->reverse && out->bidirectional ? SW_IPERF3_E_BOTH_WAYS : SW_IPERF3_OK;
}

static enum sw_iperf3_error read_numbers(struct sw_iperf3_params *out, const json_t *j)
{
    uint64_t parallel = 1, omit = 0, duration = 0, window = 0, tos = 0;
    uint64_t block = 0;
    struct {
        const char *key;
        double most;
        enum sw_iperf3_error beyond;
        uint64_t *to;
    } const rows[] = {
        {"parallel", SW_IPERF3_STREAMS_MAX, SW_IPERF3_E_STREAMS, &parallel},
        {"omit", OMIT_MAX, SW_IPERF3_E_OMIT, &omit},
        {"time", DURATION_MAX, SW_IPERF3_E_DURATION, &duration},
        {"window", WINDOW_MAX, SW_IPERF3_E_WINDOW, &window},
        {"TOS", UINT8_MAX, SW_IPERF3_E_TOS, &tos},
        {"len", BLOCK_MAX, SW_IPERF3_E_BLOCK, &block},
        {"num", NUMBER_MAX, SW_IPERF3_E_PARAMS, &out->bytes},
        {"bandwidth", NUMBER_MAX, SW_IPERF3_E_PARAMS, &out->rate_bps},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum sw_iperf3_error error =
            number(j, rows[i].key, rows[i].most, rows[i].beyond, rows[i].to);
        if (error) {
            return error;
        }
    }
    if (parallel == 0) {
        return SW_IPERF3_E_STREAMS;
    }
    block = block ? block : out->udp ? BLOCK_UDP : BLOCK_TCP;
    if (out->udp && (block < SW_IPERF3_DATAGRAM_MIN || block > SW_IPERF3_DATAGRAM_MAX)) {
        return SW_IPERF3_E_UDP_BLOCK;
    }
    out->parallel = (uint32_t)parallel;
    out->omit_s = (uint32_t)omit;
    out->duration_s = (uint32_t)duration;
    out->block_bytes = (uint32_t)block;
    out->window_bytes = (uint32_t)window;
    out->tos = (uint8_t)tos;
    return SW_IPERF3_OK;
}

enum sw_iperf3_error sw_iperf3_params_parse(struct sw_iperf3_params *out, const void *json,
                                            size_t n)
{
    *out = (struct sw_iperf3_params){0};
    json_t *j = load(json, n, SW_IPERF3_PARAMS_MAX);
    if (!j) {
        return SW_IPERF3_E_PARAMS;
    }
    enum sw_iperf3_error error = read_kind(out, j);
    if (!error) {
        error = read_numbers(out, j);
    }
    json_decref(j);
    return error;
}

/* ---- results ---- */

uint32_t sw_iperf3_stream_id(uint32_t index)
{
    return index == 0 ? 1 : index + 2;
}

static json_int_t whole(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (json_int_t)value;
}

static double seconds(sw_time t)
{
    return (double)t / (double)SW_S;
}

static json_t *stream_object(const struct sw_iperf3_stream_result *s)
{
    return json_pack("{s:I, s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:i, s:f}", "id", (json_int_t)s->id,
                     "bytes", whole(s->bytes), "retransmits", (json_int_t)s->retransmits, "jitter",
                     seconds(s->jitter), "errors", whole(s->errors), "omitted_errors",
                     whole(s->omitted_errors), "packets", whole(s->packets), "omitted_packets",
                     whole(s->omitted_packets), "start_time", 0, "end_time", seconds(s->took));
}

static json_t *results_object(const struct sw_iperf3_stream_result *streams, size_t count,
                              int sender_has_retransmits, const char *text)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++) {
        if (json_array_append_new(list, stream_object(&streams[i]))) {
            json_decref(list);
            list = NULL;
        }
    }
    if (!list) {
        return NULL;
    }
    /* A host of ours has no processor of its own, and uses nothing of it. */
    json_t *j = json_pack("{s:i, s:i, s:i, s:i}", "cpu_util_total", 0, "cpu_util_user", 0,
                          "cpu_util_system", 0, "sender_has_retransmits", sender_has_retransmits);
    bool told = !text || !json_object_set_new(j, "server_output_text", json_string(text));
    if (json_object_set_new(j, "streams", list) || !told) {
        json_decref(j);
        return NULL;
    }
    return j;
}

char *sw_iperf3_results_emit(const struct sw_iperf3_stream_result *streams, size_t count,
                             int sender_has_retransmits, const char *text, size_t *n)
{
    json_t *j = results_object(streams, count, sender_has_retransmits, text);
    if (!j) {
        return NULL;
    }
    size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(15);
    *n = json_dumpb(j, NULL, 0, flags);
    char *bytes = *n ? malloc(*n) : NULL;
    if (bytes && json_dumpb(j, bytes, *n, flags) != *n) {
        free(bytes);
        bytes = NULL;
    }
    json_decref(j);
    return bytes;
}

static struct sw_iperf3_stream_result *find(struct sw_iperf3_stream_result *streams, size_t count,
                                            double id)
{
    for (size_t i = 0; i < count; i++) {
        if (streams[i].id == id) {
            return &streams[i];
        }
    }
    return NULL;
}

/* A number that must be there; what does not fit is its nearest that does. */
static bool figure(const json_t *j, const char *key, double scale, double least, double *to)
{
    const json_t *value = json_object_get(j, key);
    if (!json_is_number(value)) {
        return false;
    }
    double v = json_number_value(value) * scale;
    *to = v < least ? least : v > NUMBER_MAX ? NUMBER_MAX : v;
    return true;
}

static bool read_stream(struct sw_iperf3_stream_result *streams, size_t count, const json_t *j)
{
    double id, bytes, retransmits, jitter, errors, packets, took = 0;
    bool whole = figure(j, "id", 1, 0, &id) && figure(j, "bytes", 1, 0, &bytes) &&
                 figure(j, "retransmits", 1, -1, &retransmits) &&
                 figure(j, "jitter", (double)SW_S, 0, &jitter) &&
                 figure(j, "errors", 1, 0, &errors) && figure(j, "packets", 1, 0, &packets);
    struct sw_iperf3_stream_result *to = whole ? find(streams, count, id) : NULL;
    if (!to) {
        return false;
    }
    (void)figure(j, "end_time", (double)SW_S, 0, &took); /* not said before 3.2 */
    *to = (struct sw_iperf3_stream_result){
        .id = to->id,
        .bytes = (uint64_t)bytes,
        .retransmits = (int64_t)retransmits,
        .jitter = (sw_time)jitter,
        .errors = (uint64_t)errors,
        .packets = (uint64_t)packets,
        .took = (sw_time)took,
    };
    return true;
}

enum sw_iperf3_error sw_iperf3_results_parse(struct sw_iperf3_stream_result *out, size_t count,
                                             const void *json, size_t n)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct sw_iperf3_stream_result){.id = out[i].id};
    }
    json_t *j = load(json, n, SW_IPERF3_RESULTS_MAX(count));
    const json_t *list = json_object_get(j, "streams");
    bool well = json_is_array(list);
    for (size_t i = 0; well && i < json_array_size(list); i++) {
        well = read_stream(out, count, json_array_get(list, i));
    }
    json_decref(j);
    return well ? SW_IPERF3_OK : SW_IPERF3_E_RESULTS;
}

/* ---- datagrams ---- */

bool sw_iperf3_connect(const void *bytes, size_t n, uint8_t answer[SW_IPERF3_CONNECT])
{
    /* Four bytes as a processor with its low byte first writes 0x36373839 and 0x39383736, and, of
     * old, 123456789 and 987654321. */
    static const uint8_t words[2][2][SW_IPERF3_CONNECT] = {
        {{0x39, 0x38, 0x37, 0x36}, {0x36, 0x37, 0x38, 0x39}},
        {{0x15, 0xcd, 0x5b, 0x07}, {0xb1, 0x68, 0xde, 0x3a}},
    };
    for (unsigned i = 0; n == SW_IPERF3_CONNECT && i < 2; i++) {
        if (memcmp(bytes, words[i][0], SW_IPERF3_CONNECT) == 0) {
            memcpy(answer, words[i][1], SW_IPERF3_CONNECT);
            return true;
        }
    }
    return false;
}

size_t sw_iperf3_header_bytes(bool wide)
{
    return wide ? 16 : 12;
}

bool sw_iperf3_header_parse(struct sw_iperf3_header *out, const void *bytes, size_t n, bool wide)
{
    const uint8_t *p = bytes;
    if (n < sw_iperf3_header_bytes(wide)) {
        return false;
    }
    out->sent = (sw_time)sw_get32(p) * SW_S + (sw_time)sw_get32(p + 4) * SW_US;
    out->number = sw_get32(p + 8);
    if (wide) {
        out->number = out->number << 32 | sw_get32(p + 12);
    }
    return true;
}

void sw_iperf3_header_emit(uint8_t *to, const struct sw_iperf3_header *header, bool wide)
{
    sw_put32(to, (uint32_t)(header->sent / SW_S));
    sw_put32(to + 4, (uint32_t)(header->sent % SW_S / SW_US));
    if (wide) {
        sw_put32(to + 8, (uint32_t)(header->number >> 32));
    }
    sw_put32(to + (wide ? 12 : 8), (uint32_t)header->number);
}

void sw_iperf3_arrived(struct sw_iperf3_arrivals *a, const struct sw_iperf3_header *header,
                       sw_time now)
{
    if (header->number > a->packets) {
        a->errors += header->number - a->packets - 1;
        a->packets = header->number;
    } else {
        a->late++;
        a->errors -= a->errors > 0;
    }
    /* RFC 3550 6.4.1, in its appendix A.8's integer form. The sender's clock may say anything: what
     * it says is bounded, so that J times 16 fits. */
    sw_time transit = now - header->sent;
    sw_time d = transit > a->transit ? transit - a->transit : a->transit - transit;
    d = d < INT64_MAX / 32 ? d : INT64_MAX / 32;
    if (a->began) {
        a->jitter16 += d - (a->jitter16 + 8) / 16;
    }
    a->began = true;
    a->transit = transit;
}
