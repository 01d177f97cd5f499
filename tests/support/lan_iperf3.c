/* A scripted iperf3 client. */
#include "tests/support/lan_iperf3.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"

void sw_test_iperf3_set_up(struct sw_test_iperf3 *f)
{
    struct sw_lane_config line = {.delay = SW_MS, .rate_bps = 100000000, .queue_frames = 1000};
    memset(f, 0, sizeof *f);
    f->lab = sw_lab_new(7);
    f->config = (struct sw_topo_service){.kind = SW_SERVICE_IPERF3, .port = SW_IPERF3_PORT};
    sw_lab_switch(f->lab, "core");
    f->server = sw_lab_host(f->lab, "server", "10.0.0.1/24");
    f->client = sw_lab_host(f->lab, "client", "10.0.0.2/24");
    f->other = sw_lab_host(f->lab, "other", "10.0.0.3/24");
    sw_lab_link(f->lab, "server", "core", NULL);
    f->link = sw_lab_link(f->lab, "client", "core", &line);
    sw_lab_link(f->lab, "other", "core", NULL);
    ck_assert_int_eq(sw_service_new(&f->service, f->server, &f->config), 0);
    f->zeros = calloc(1, SW_TEST_IPERF3_SENT);
    ck_assert_ptr_nonnull(f->zeros);
}

void sw_test_iperf3_tear_down(struct sw_test_iperf3 *f)
{
    sw_test_talk_fini(&f->control);
    for (unsigned i = 0; i < SW_TEST_IPERF3_STREAMS; i++) {
        sw_test_talk_fini(&f->stream[i]);
        if (f->udp[i]) {
            sw_sock_close(f->udp[i]);
        }
    }
    if (f->service) {
        sw_lab_run(f->lab, 1200 * SW_S);
        ck_assert_uint_eq(sw_test_iperf3_left(f), 0);
        sw_service_free(f->service);
    }
    ck_assert(sw_lab_holds(f->lab));
    sw_lab_free(f->lab);
    free(f->zeros);
}

struct awaited {
    const struct sw_test_talk *talk;
    size_t n;
};

static bool has_come(void *ctx)
{
    const struct awaited *a = ctx;
    return a->talk->in_len >= a->n || a->talk->error || a->talk->peer_closed;
}

void sw_test_iperf3_expect(struct sw_test_iperf3 *f, struct sw_test_talk *talk, const void *bytes,
                           size_t n)
{
    struct awaited awaited = {talk, n};
    sw_lab_run_until(f->lab, has_come, &awaited, 100 * SW_S);
    sw_lab_run(f->lab, 20 * SW_MS);
    ck_assert_uint_eq(talk->in_len, n);
    ck_assert_mem_eq(talk->in, bytes, n);
    sw_test_talk_clear(talk);
}

void sw_test_iperf3_connect(struct sw_test_iperf3 *f, struct sw_test_talk *talk,
                            struct sw_host *from, char letter)
{
    static const char letters[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0"
                                  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    sw_test_talk_connect(talk, f->lab, from, "10.0.0.1", SW_IPERF3_PORT);
    sw_test_talk_send(talk, letters + (letter == 'b') * SW_IPERF3_COOKIE, SW_IPERF3_COOKIE);
}

void sw_test_iperf3_say(struct sw_test_iperf3 *f, enum sw_iperf3_message message)
{
    f->said[0] = (char)message;
    sw_test_talk_send(&f->control, f->said, 1);
}

void sw_test_iperf3_say_json(struct sw_test_iperf3 *f, uint32_t length, const char *bytes, size_t n)
{
    ck_assert_uint_le(n + 4, sizeof f->said);
    sw_put32((uint8_t *)f->said, length);
    memcpy(f->said + 4, bytes, n);
    sw_test_talk_send(&f->control, f->said, n + 4);
}

void sw_test_iperf3_hello(struct sw_test_iperf3 *f)
{
    sw_test_iperf3_connect(f, &f->control, f->client, 'a');
    sw_test_iperf3_expect(f, &f->control, "\x09", 1);
}

void sw_test_iperf3_params(struct sw_test_iperf3 *f, const char *json)
{
    sw_test_iperf3_say_json(f, (uint32_t)strlen(json), json, strlen(json));
    sw_test_iperf3_expect(f, &f->control, "\x0a", 1);
}

void sw_test_iperf3_open(struct sw_test_iperf3 *f, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        sw_test_iperf3_connect(f, &f->stream[f->streams++], f->client, 'a');
        sw_lab_run(f->lab, 10 * SW_MS);
    }
}

void sw_test_iperf3_open_udp(struct sw_test_iperf3 *f, unsigned n)
{
    struct sw_endpoint server = {.port = SW_IPERF3_PORT};
    char answer[8];
    ck_assert(sw_ip_parse(&server.ip, "10.0.0.1"));
    for (unsigned i = 0; i < n; i++) {
        struct sw_sock **sock = &f->udp[f->streams++];
        ck_assert_int_eq(sw_sock_open(sock, f->client, SW_UDP, NULL, NULL), 0);
        ck_assert_int_eq(sw_sock_connect(*sock, server), 0);
        ck_assert_int_eq(sw_sock_send(*sock, "9876", 4), 4);
        sw_lab_run(f->lab, 10 * SW_MS);
        ck_assert_int_eq(sw_sock_recv(*sock, answer, sizeof answer), 4);
        ck_assert_mem_eq(answer, "6789", 4);
    }
}

void sw_test_iperf3_started(struct sw_test_iperf3 *f)
{
    sw_test_iperf3_expect(f, &f->control, "\x01\x02", 2);
}

json_t *sw_test_iperf3_results(struct sw_test_iperf3 *f)
{
    sw_test_iperf3_say(f, SW_IPERF3_TEST_END);
    sw_test_iperf3_expect(f, &f->control, "\x0d", 1);
    sw_test_iperf3_say_json(f, 14, "{\"streams\":[]}", 14);
    sw_lab_run(f->lab, SW_S);
    ck_assert_uint_gt(f->control.in_len, 5);
    size_t n = sw_get32((const uint8_t *)f->control.in);
    ck_assert_uint_eq(f->control.in_len, n + 5);
    ck_assert_int_eq(f->control.in[n + 4], SW_IPERF3_DISPLAY_RESULTS);
    json_error_t error;
    json_t *results = json_loadb(f->control.in + 4, n, 0, &error);
    ck_assert_ptr_nonnull(results);
    ck_assert_int_eq(json_integer_value(json_object_get(results, "cpu_util_total")), 0);
    sw_test_talk_clear(&f->control);
    return results;
}

void sw_test_iperf3_done(struct sw_test_iperf3 *f)
{
    for (unsigned i = 0; i < f->streams; i++) {
        sw_test_talk_fini(&f->stream[i]);
        if (f->udp[i]) {
            sw_sock_close(f->udp[i]);
            f->udp[i] = NULL;
        }
    }
    f->streams = 0;
    sw_test_iperf3_say(f, SW_IPERF3_IPERF_DONE);
    sw_lab_run(f->lab, SW_S);
    ck_assert(f->control.peer_closed);
    ck_assert_int_eq(f->control.error, 0);
    sw_test_talk_fini(&f->control);
    sw_lab_run(f->lab, SW_S);
}

void sw_test_iperf3_failed(struct sw_test_iperf3 *f, enum sw_iperf3_error error)
{
    uint8_t expected[9] = {0xfe, 0, 0, 0, (uint8_t)error, 0, 0, 0, 0};
    sw_test_iperf3_expect(f, &f->control, expected, sizeof expected);
    ck_assert(f->control.peer_closed);
    ck_assert_int_eq(f->control.error, 0);
}

int64_t sw_test_iperf3_figure(const json_t *results, size_t stream, const char *key)
{
    const json_t *list = json_object_get(results, "streams");
    const json_t *value = json_object_get(json_array_get(list, stream), key);
    ck_assert(json_is_integer(value));
    return json_integer_value(value);
}

uint64_t sw_test_iperf3_left(const struct sw_test_iperf3 *f)
{
    struct sw_host_stats stats;
    sw_host_stats(f->server, &stats);
    return stats.tcp_connections;
}

bool sw_test_iperf3_is_free(struct sw_test_iperf3 *f)
{
    struct sw_test_talk talk;
    sw_test_iperf3_connect(f, &talk, f->other, 'b');
    sw_lab_run(f->lab, 100 * SW_MS);
    bool is_free = talk.in_len == 1 && talk.in[0] == SW_IPERF3_PARAM_EXCHANGE;
    if (!is_free) {
        ck_assert_uint_eq(talk.in_len, 1);
        ck_assert_int_eq((signed char)talk.in[0], SW_IPERF3_ACCESS_DENIED);
        ck_assert(talk.peer_closed);
    }
    sw_test_talk_fini(&talk);
    sw_lab_run(f->lab, 100 * SW_MS);
    return is_free;
}
