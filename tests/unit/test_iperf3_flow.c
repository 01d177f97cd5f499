/* The bytes of iperf3's streams: what is sent when, and what is counted. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "tests/support/lan_iperf3.h"

static void begin(struct sw_test_iperf3 *f, const char *params, unsigned streams, bool udp)
{
    sw_test_iperf3_set_up(f);
    sw_test_iperf3_hello(f);
    sw_test_iperf3_params(f, params);
    (udp ? sw_test_iperf3_open_udp : sw_test_iperf3_open)(f, streams);
    sw_test_iperf3_started(f);
}

static void end(struct sw_test_iperf3 *f, json_t *results)
{
    json_decref(results);
    sw_test_iperf3_done(f);
    ck_assert_uint_eq(sw_test_iperf3_left(f), 0);
    sw_test_iperf3_tear_down(f);
}

static int64_t of(const json_t *results, size_t stream, const char *key)
{
    return sw_test_iperf3_figure(results, stream, key);
}

static double seconds_of(const json_t *results, size_t stream, const char *key)
{
    const json_t *list = json_object_get(results, "streams");
    return json_number_value(json_object_get(json_array_get(list, stream), key));
}

/* ---- TCP ---- */

START_TEST(streams_are_numbered_in_the_order_of_their_connections)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"tcp\":true,\"parallel\":3}", 3, false);
    for (unsigned i = 0; i < 3; i++) {
        sw_test_talk_send(&f.stream[i], f.zeros, 1000 * (i + 1));
    }
    sw_lab_run(f.lab, SW_S);
    json_t *results = sw_test_iperf3_results(&f);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(of(results, i, "id"), i == 0 ? 1 : i + 2);
        ck_assert_int_eq(of(results, i, "bytes"), 1000 * (i + 1));
    }
    end(&f, results);
}
END_TEST

/* The second connection's cookie comes before the first's. */
START_TEST(connections_count_and_not_cookies)
{
    struct sw_test_iperf3 f;
    sw_test_iperf3_set_up(&f);
    sw_test_iperf3_hello(&f);
    sw_test_iperf3_params(&f, "{\"tcp\":true,\"parallel\":2}");
    sw_test_talk_connect(&f.stream[0], f.lab, f.client, "10.0.0.1", SW_IPERF3_PORT);
    sw_lab_run(f.lab, 10 * SW_MS);
    f.streams = 1;
    sw_test_iperf3_open(&f, 1);
    ck_assert_uint_eq(f.control.in_len, 0);
    sw_test_talk_send(&f.stream[0], "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", SW_IPERF3_COOKIE);
    sw_test_iperf3_started(&f);
    sw_test_talk_send(&f.stream[0], f.zeros, 111);
    sw_lab_run(f.lab, SW_S);
    json_t *results = sw_test_iperf3_results(&f);
    ck_assert_int_eq(of(results, 0, "bytes"), 111);
    ck_assert_int_eq(of(results, 1, "bytes"), 0);
    end(&f, results);
}
END_TEST

START_TEST(in_reverse_the_server_sends_until_it_is_told)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"tcp\":true,\"reverse\":true,\"time\":2}", 1, false);
    sw_lab_run(f.lab, 2 * SW_S);
    ck_assert_uint_gt(f.stream[0].in_len, 20000000); /* of a line of 100 Mbit/s */
    json_t *results = sw_test_iperf3_results(&f);
    ck_assert_int_eq(json_integer_value(json_object_get(results, "sender_has_retransmits")), 1);
    ck_assert_int_eq(of(results, 0, "retransmits"), 0);
    /* All that it says it sent comes, and then its end. */
    ck_assert_int_eq((int64_t)f.stream[0].in_len, of(results, 0, "bytes"));
    ck_assert(f.stream[0].peer_closed);
    ck_assert_int_eq(f.stream[0].error, 0);
    end(&f, results);
}
END_TEST

/* 244.1 blocks. Clients from 3.16 on read a block at a time and count no part of one. */
START_TEST(in_reverse_so_many_bytes_end_with_a_whole_block)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"tcp\":true,\"reverse\":true,\"num\":1000001,\"parallel\":2,\"len\":4096}", 2,
          false);
    sw_lab_run(f.lab, 5 * SW_S);
    ck_assert_uint_eq(f.stream[0].in_len + f.stream[1].in_len, 245 * 4096);
    ck_assert_uint_eq(f.stream[0].in_len % 4096, 0);
    json_t *results = sw_test_iperf3_results(&f);
    ck_assert_int_eq(of(results, 0, "bytes") + of(results, 1, "bytes"), 245 * 4096);
    end(&f, results);
}
END_TEST

/* A client that leaves out the first second must still get as many as it waits for. */
START_TEST(so_many_bytes_do_not_bind_where_some_are_omitted)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"tcp\":true,\"reverse\":true,\"num\":1000,\"omit\":1}", 1, false);
    sw_lab_run(f.lab, 2 * SW_S);
    ck_assert_uint_gt(f.stream[0].in_len, 20000000);
    json_decref(sw_test_iperf3_results(&f));
    sw_test_iperf3_tear_down(&f);
}
END_TEST

/* 800,000 bit/s in blocks of 10,000 bytes: one at 0 s, 0.1 s, and so on. */
START_TEST(a_rate_is_kept_by_the_block)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"tcp\":true,\"reverse\":true,\"bandwidth\":800000,\"len\":10000}", 1, false);
    sw_lab_run(f.lab, 50 * SW_MS);
    ck_assert_uint_eq(f.stream[0].in_len, 10000);
    sw_lab_run(f.lab, 100 * SW_MS);
    ck_assert_uint_eq(f.stream[0].in_len, 20000);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.stream[0].in_len, 1020000);
    end(&f, sw_test_iperf3_results(&f));
}
END_TEST

/* 70,000,000 bit/s in blocks of 16 bytes: one each 1828 4/7 ns. Without the 4/7 there would be
 * 5,470 bytes more in two seconds. */
START_TEST(a_rate_is_exact_over_any_time)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"tcp\":true,\"reverse\":true,\"bandwidth\":70000000,\"len\":16}", 1, false);
    sw_lab_run(f.lab, 500 * SW_MS);
    size_t before = f.stream[0].in_len;
    sw_lab_run(f.lab, 2 * SW_S);
    ck_assert_uint_ge(f.stream[0].in_len - before, 17500000 - 1460);
    ck_assert_uint_le(f.stream[0].in_len - before, 17500000 + 1460);
    end(&f, sw_test_iperf3_results(&f));
}
END_TEST

/* A client that closes a stream behind TEST_END without reading what it holds. */
START_TEST(a_reader_that_is_gone_gets_no_more)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"tcp\":true,\"reverse\":true}", 1, false);
    f.stream[0].paused = true;
    sw_lab_run(f.lab, 3 * SW_S); /* its window is full */
    json_t *results = sw_test_iperf3_results(&f);
    sw_sock_shutdown(f.stream[0].sock);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(sw_test_iperf3_left(&f), 1); /* control */
    end(&f, results);
}
END_TEST

START_TEST(both_ways_the_first_are_the_clients)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"tcp\":true,\"bidirectional\":true,\"parallel\":2,\"bandwidth\":8000000}", 4,
          false);
    sw_test_talk_send(&f.stream[0], f.zeros, 1000);
    sw_test_talk_send(&f.stream[1], f.zeros, 2000);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(f.stream[0].in_len + f.stream[1].in_len, 0);
    ck_assert_uint_gt(f.stream[2].in_len, 900000);
    ck_assert_uint_gt(f.stream[3].in_len, 900000);
    json_t *results = sw_test_iperf3_results(&f);
    ck_assert_int_eq(json_integer_value(json_object_get(results, "sender_has_retransmits")), 1);
    ck_assert_int_eq(of(results, 0, "bytes"), 1000);
    ck_assert_int_eq(of(results, 1, "bytes"), 2000);
    ck_assert_int_eq(of(results, 1, "retransmits"), -1);
    ck_assert_int_eq((int64_t)f.stream[2].in_len, of(results, 2, "bytes"));
    ck_assert_int_eq(of(results, 3, "id"), 5);
    ck_assert_int_eq(of(results, 3, "retransmits"), 0);
    end(&f, results);
}
END_TEST

START_TEST(what_is_omitted_is_not_counted)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"tcp\":true,\"omit\":2,\"time\":3}", 1, false);
    sw_test_talk_send(&f.stream[0], f.zeros, 5000000);
    sw_lab_run(f.lab, 2500 * SW_MS);
    sw_test_talk_send(&f.stream[0], f.zeros, 4321);
    sw_lab_run(f.lab, 2500 * SW_MS);
    json_t *results = sw_test_iperf3_results(&f);
    ck_assert_int_eq(of(results, 0, "bytes"), 4321);
    double took = seconds_of(results, 0, "end_time");
    ck_assert(took > 3.0 && took < 3.1);
    end(&f, results);
}
END_TEST

START_TEST(what_comes_behind_the_end_is_not_counted)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"tcp\":true}", 1, false);
    sw_test_talk_send(&f.stream[0], f.zeros, 1000);
    sw_lab_run(f.lab, SW_S);
    sw_test_iperf3_say(&f, SW_IPERF3_TEST_END);
    sw_test_iperf3_expect(&f, &f.control, "\x0d", 1);
    sw_test_talk_send(&f.stream[0], f.zeros, 100000);
    sw_lab_run(f.lab, SW_S);
    sw_test_iperf3_say_json(&f, 14, "{\"streams\":[]}", 14);
    sw_lab_run(f.lab, SW_S);
    ck_assert_ptr_nonnull(strstr(f.control.in + 4, "\"bytes\":1000,"));
    ck_assert_int_eq(f.stream[0].error, 0);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

/* The client's process has gone, and its system still sends what it holds: no reset. */
START_TEST(streams_may_end_behind_their_test)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"tcp\":true}", 1, false);
    sw_test_talk_send(&f.stream[0], f.zeros, SW_TEST_IPERF3_SENT);
    sw_lab_run(f.lab, 2 * SW_S);
    json_decref(sw_test_iperf3_results(&f));
    sw_test_iperf3_say(&f, SW_IPERF3_IPERF_DONE);
    sw_lab_run(f.lab, SW_S);
    ck_assert(f.control.peer_closed);
    ck_assert(sw_test_iperf3_is_free(&f));
    ck_assert_int_eq(f.stream[0].error, 0);
    ck_assert(!f.stream[0].peer_closed);
    sw_sock_shutdown(f.stream[0].sock);
    sw_lab_run(f.lab, SW_S);
    ck_assert(f.stream[0].peer_closed);
    sw_test_iperf3_tear_down(&f);
}
END_TEST

START_TEST(a_reader_that_reads_nothing_holds_up_nobody)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"tcp\":true,\"reverse\":true,\"parallel\":2}", 2, false);
    f.stream[0].paused = true;
    sw_lab_run(f.lab, 3 * SW_S);
    ck_assert_uint_gt(f.stream[1].in_len, 25000000);
    json_t *results = sw_test_iperf3_results(&f);
    ck_assert_int_lt(of(results, 0, "bytes"), 10000000);
    sw_test_talk_resume(&f.stream[0]);
    sw_lab_run(f.lab, 5 * SW_S);
    ck_assert_int_eq((int64_t)f.stream[0].in_len, of(results, 0, "bytes"));
    end(&f, results);
}
END_TEST

/* 8,192 bytes a round trip of 2 ms, and no more, of a line of 100 Mbit/s; 1 byte is as 4,096. */
START_TEST(a_window_bounds_what_the_server_has_on_its_way)
{
    static const struct {
        const char *params;
        size_t least, most;
    } rows[] = {
        {"{\"tcp\":true,\"reverse\":true,\"window\":8192}", 4000000, 8192000},
        {"{\"tcp\":true,\"reverse\":true,\"window\":1}", 2000000, 4096000},
    };
    struct sw_test_iperf3 f;
    begin(&f, rows[_i].params, 1, false);
    sw_lab_run(f.lab, 2 * SW_S);
    ck_assert_uint_ge(f.stream[0].in_len, rows[_i].least);
    ck_assert_uint_le(f.stream[0].in_len, rows[_i].most);
    end(&f, sw_test_iperf3_results(&f));
}
END_TEST

/* ---- UDP ---- */

static void send_datagram(struct sw_sock *sock, uint64_t number, sw_time sent, size_t n, bool wide)
{
    uint8_t bytes[1500] = {0};
    struct sw_iperf3_header header = {sent, number};
    sw_iperf3_header_emit(bytes, &header, wide);
    ck_assert_int_eq(sw_sock_send(sock, bytes, n), (int64_t)n);
}

START_TEST(datagrams_are_counted_by_their_numbers)
{
    struct sw_test_iperf3 f;
    bool wide = _i;
    begin(&f,
          wide ? "{\"udp\":true,\"parallel\":2,\"udp_counters_64bit\":1}"
               : "{\"udp\":true,\"parallel\":2}",
          2, true);
    static const uint64_t numbers[] = {1, 2, 5, 6, 4, 9}; /* 3, 7 and 8 are lost */
    for (unsigned i = 0; i < 6; i++) {
        send_datagram(f.udp[0], numbers[i], (sw_time)i * SW_MS, 100, wide);
        sw_lab_run(f.lab, SW_MS);
    }
    send_datagram(f.udp[1], 1, 0, 1000, wide);
    ck_assert_int_eq(sw_sock_send(f.udp[1], "too short", 9), 9); /* for a header */
    sw_lab_run(f.lab, SW_S);
    json_t *results = sw_test_iperf3_results(&f);
    ck_assert_int_eq(json_integer_value(json_object_get(results, "sender_has_retransmits")), -1);
    ck_assert_int_eq(of(results, 0, "bytes"), 600);
    ck_assert_int_eq(of(results, 0, "packets"), 9);
    ck_assert_int_eq(of(results, 0, "errors"), 3);
    ck_assert(seconds_of(results, 0, "jitter") < 1e-6);
    ck_assert_int_eq(of(results, 1, "id"), 3);
    ck_assert_int_eq(of(results, 1, "bytes"), 1000);
    ck_assert_int_eq(of(results, 1, "packets"), 1);
    end(&f, results);
}
END_TEST

START_TEST(omitted_datagrams_are_told_apart)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"udp\":true,\"omit\":1,\"time\":2}", 1, true);
    send_datagram(f.udp[0], 1, 0, 100, false);
    send_datagram(f.udp[0], 3, 160 * SW_S, 100, false); /* a jitter of 10 s */
    sw_lab_run(f.lab, 2 * SW_S);
    send_datagram(f.udp[0], 6, 162 * SW_S, 100, false);
    sw_lab_run(f.lab, SW_S);
    json_t *results = sw_test_iperf3_results(&f);
    ck_assert_int_eq(of(results, 0, "bytes"), 100);
    ck_assert_int_eq(of(results, 0, "packets"), 6);
    ck_assert_int_eq(of(results, 0, "omitted_packets"), 3);
    ck_assert_int_eq(of(results, 0, "errors"), 3);
    ck_assert_int_eq(of(results, 0, "omitted_errors"), 1);
    ck_assert(seconds_of(results, 0, "jitter") < 0.01);
    end(&f, results);
}
END_TEST

START_TEST(datagrams_before_the_beginning_and_behind_the_end_do_not_count)
{
    struct sw_test_iperf3 f;
    sw_test_iperf3_set_up(&f);
    sw_test_iperf3_hello(&f);
    sw_test_iperf3_params(&f, "{\"udp\":true,\"parallel\":2}");
    sw_test_iperf3_open_udp(&f, 1);
    send_datagram(f.udp[0], 5, 0, 100, false);
    sw_test_iperf3_open_udp(&f, 1);
    sw_test_iperf3_started(&f);
    send_datagram(f.udp[0], 1, 0, 100, false);
    sw_lab_run(f.lab, SW_S);
    sw_test_iperf3_say(&f, SW_IPERF3_TEST_END);
    sw_test_iperf3_expect(&f, &f.control, "\x0d", 1);
    send_datagram(f.udp[0], 2, 0, 100, false);
    sw_lab_run(f.lab, SW_S);
    sw_test_iperf3_say_json(&f, 14, "{\"streams\":[]}", 14);
    sw_lab_run(f.lab, SW_S);
    const char *json = f.control.in + 4;
    ck_assert_ptr_nonnull(strstr(json, "\"id\":1,\"bytes\":100,"));
    ck_assert_ptr_nonnull(strstr(json, "\"packets\":1,"));
    sw_test_iperf3_tear_down(&f);
}
END_TEST

/* What has come of a stream; each datagram's number and when it was sent. */
static unsigned take(struct sw_sock *sock, struct sw_iperf3_header *headers, unsigned most,
                     size_t size, bool wide)
{
    uint8_t bytes[2000];
    unsigned n = 0;
    int64_t got;
    while ((got = sw_sock_recv(sock, bytes, sizeof bytes)) >= 0) {
        ck_assert_int_eq(got, (int64_t)size);
        ck_assert_uint_lt(n, most);
        ck_assert(sw_iperf3_header_parse(&headers[n++], bytes, (size_t)got, wide));
    }
    return n;
}

/* 1,000,000 bit/s in datagrams of 125 bytes: one a millisecond, by the clock. */
START_TEST(datagrams_go_each_at_its_moment)
{
    struct sw_test_iperf3 f;
    static struct sw_iperf3_header headers[2000];
    bool wide = _i;
    begin(&f,
          wide ? "{\"udp\":true,\"reverse\":true,\"bandwidth\":1000000,\"len\":125,"
                 "\"udp_counters_64bit\":1}"
               : "{\"udp\":true,\"reverse\":true,\"bandwidth\":1000000,\"len\":125}",
          1, true);
    sw_lab_run(f.lab, SW_S);
    unsigned n = take(f.udp[0], headers, 2000, 125, wide);
    ck_assert_uint_ge(n, 1000);
    ck_assert_uint_le(n, 1030); /* of a little more than a second */
    for (unsigned i = 0; i < n; i++) {
        ck_assert_uint_eq(headers[i].number, i + 1);
        ck_assert_int_eq(headers[i].sent, headers[0].sent + i * SW_MS);
    }
    json_t *results = sw_test_iperf3_results(&f);
    n += take(f.udp[0], headers, 2000, 125, wide);
    ck_assert_int_eq(json_integer_value(json_object_get(results, "sender_has_retransmits")), 0);
    ck_assert_int_eq(of(results, 0, "packets"), n);
    ck_assert_int_eq(of(results, 0, "bytes"), 125 * n);
    ck_assert_int_eq(of(results, 0, "retransmits"), -1);
    end(&f, results);
}
END_TEST

/* 40,000,000 bit/s in datagrams of 125 bytes: ten each 250 us, all at one moment, 40,000 a second.
 */
START_TEST(datagrams_close_together_go_in_groups)
{
    struct sw_test_iperf3 f;
    static struct sw_iperf3_header headers[60000];
    unsigned n = 0, moments = 1;
    begin(&f, "{\"udp\":true,\"reverse\":true,\"bandwidth\":40000000,\"len\":125}", 1, true);
    for (unsigned i = 0; i < 1000; i++) {
        sw_lab_run(f.lab, SW_MS);
        n += take(f.udp[0], headers + n, 60000 - n, 125, false);
    }
    for (unsigned i = 1; i < n; i++) {
        moments += headers[i].sent != headers[i - 1].sent;
    }
    sw_time took = headers[n - 1].sent - headers[0].sent;
    ck_assert_int_le(llabs(took / (25 * SW_US) - n), 20);
    ck_assert_int_le(labs((long)moments * 10 - n), 20);
    end(&f, sw_test_iperf3_results(&f));
}
END_TEST

/* As fast as the server's own line goes: 10 Gbit/s, of which the client's carries a hundredth. */
START_TEST(datagrams_without_a_rate_fill_the_line)
{
    struct sw_test_iperf3 f;
    begin(&f, "{\"udp\":true,\"reverse\":true,\"bandwidth\":0,\"len\":1472,\"parallel\":2}", 2,
          true);
    sw_lab_run(f.lab, 20 * SW_MS);
    json_t *results = sw_test_iperf3_results(&f);
    int64_t sent[2] = {of(results, 0, "packets"), of(results, 1, "packets")};
    ck_assert_int_gt(sent[0] + sent[1], 10000);
    ck_assert_int_le(sent[0] - sent[1], 1); /* by turns */
    ck_assert_int_ge(sent[0] - sent[1], -1);
    ck_assert_int_eq(of(results, 0, "bytes"), 1472 * sent[0]);
    end(&f, results);
}
END_TEST

START_TEST(datagrams_both_ways)
{
    struct sw_test_iperf3 f;
    static struct sw_iperf3_header headers[2000];
    begin(&f, "{\"udp\":true,\"bidirectional\":true,\"bandwidth\":1000000,\"len\":125}", 2, true);
    send_datagram(f.udp[0], 1, 0, 125, false);
    send_datagram(f.udp[1], 1, 0, 125, false); /* by a stream of the server's: nothing */
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(take(f.udp[0], headers, 2000, 125, false), 0);
    ck_assert_uint_gt(take(f.udp[1], headers, 2000, 125, false), 990);
    json_t *results = sw_test_iperf3_results(&f);
    ck_assert_int_eq(of(results, 0, "packets"), 1);
    ck_assert_int_gt(of(results, 1, "packets"), 990);
    ck_assert_int_eq(of(results, 1, "bytes"), 125 * of(results, 1, "packets"));
    end(&f, results);
}
END_TEST

static int64_t exchange(struct sw_test_iperf3 *f, struct sw_host *from, const void *bytes, size_t n,
                        struct sw_sock **sock, char *answer)
{
    struct sw_endpoint server = {.port = SW_IPERF3_PORT};
    ck_assert(sw_ip_parse(&server.ip, "10.0.0.1"));
    ck_assert_int_eq(sw_sock_open(sock, from, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_connect(*sock, server), 0);
    ck_assert_int_eq(sw_sock_send(*sock, bytes, n), (int64_t)n);
    sw_lab_run(f->lab, 10 * SW_MS);
    return sw_sock_recv(*sock, answer, 8);
}

START_TEST(only_the_client_opens_streams_and_only_with_the_word)
{
    struct sw_test_iperf3 f;
    struct sw_sock *sock[5];
    char answer[8];
    sw_test_iperf3_set_up(&f);
    sw_test_iperf3_hello(&f);
    sw_test_iperf3_params(&f, "{\"udp\":true}");
    ck_assert_int_eq(exchange(&f, f.other, "9876", 4, &sock[0], answer), -EAGAIN);
    ck_assert_int_eq(exchange(&f, f.client, "98765", 5, &sock[1], answer), -EAGAIN);
    ck_assert_int_eq(exchange(&f, f.client, "", 0, &sock[2], answer), -EAGAIN);
    ck_assert_uint_eq(f.control.in_len, 0);
    /* As clients did until 3.10. */
    ck_assert_int_eq(exchange(&f, f.client, "\x15\xcd\x5b\x07", 4, &sock[3], answer), 4);
    ck_assert_mem_eq(answer, "\xb1\x68\xde\x3a", 4);
    sw_test_iperf3_started(&f);
    ck_assert_int_eq(exchange(&f, f.client, "9876", 4, &sock[4], answer), -EAGAIN); /* too many */
    send_datagram(sock[1], 1, 0, 100, false);
    sw_lab_run(f.lab, 10 * SW_MS);
    json_t *results = sw_test_iperf3_results(&f);
    ck_assert_int_eq(of(results, 0, "bytes"), 0);
    for (unsigned i = 0; i < 5; i++) {
        sw_sock_close(sock[i]);
    }
    end(&f, results);
}
END_TEST

/* A copy of the datagram that opens a stream opens no second one, and is not answered again. */
START_TEST(a_stream_is_opened_once)
{
    struct sw_test_iperf3 f;
    char answer[8];
    sw_test_iperf3_set_up(&f);
    sw_test_iperf3_hello(&f);
    sw_test_iperf3_params(&f, "{\"udp\":true,\"parallel\":2}");
    sw_test_iperf3_open_udp(&f, 1);
    ck_assert_int_eq(sw_sock_send(f.udp[0], "9876", 4), 4);
    sw_lab_run(f.lab, 10 * SW_MS);
    ck_assert_int_eq(sw_sock_recv(f.udp[0], answer, sizeof answer), -EAGAIN);
    ck_assert_uint_eq(f.control.in_len, 0);
    sw_test_iperf3_open_udp(&f, 1);
    sw_test_iperf3_started(&f);
    end(&f, sw_test_iperf3_results(&f));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("iperf3_flow");
    TCase *tcp = tcase_create("tcp");
    TCase *udp = tcase_create("udp");
    tcase_set_timeout(tcp, 60);
    tcase_add_test(tcp, streams_are_numbered_in_the_order_of_their_connections);
    tcase_add_test(tcp, connections_count_and_not_cookies);
    tcase_add_test(tcp, in_reverse_the_server_sends_until_it_is_told);
    tcase_add_test(tcp, in_reverse_so_many_bytes_end_with_a_whole_block);
    tcase_add_test(tcp, so_many_bytes_do_not_bind_where_some_are_omitted);
    tcase_add_test(tcp, a_rate_is_kept_by_the_block);
    tcase_add_test(tcp, a_rate_is_exact_over_any_time);
    tcase_add_test(tcp, a_reader_that_is_gone_gets_no_more);
    tcase_add_test(tcp, both_ways_the_first_are_the_clients);
    tcase_add_test(tcp, what_is_omitted_is_not_counted);
    tcase_add_test(tcp, what_comes_behind_the_end_is_not_counted);
    tcase_add_test(tcp, streams_may_end_behind_their_test);
    tcase_add_test(tcp, a_reader_that_reads_nothing_holds_up_nobody);
    tcase_add_loop_test(tcp, a_window_bounds_what_the_server_has_on_its_way, 0, 2);
    tcase_add_loop_test(udp, datagrams_are_counted_by_their_numbers, 0, 2);
    tcase_add_test(udp, omitted_datagrams_are_told_apart);
    tcase_add_test(udp, datagrams_before_the_beginning_and_behind_the_end_do_not_count);
    tcase_add_loop_test(udp, datagrams_go_each_at_its_moment, 0, 2);
    tcase_add_test(udp, datagrams_close_together_go_in_groups);
    tcase_add_test(udp, datagrams_without_a_rate_fill_the_line);
    tcase_add_test(udp, datagrams_both_ways);
    tcase_add_test(udp, only_the_client_opens_streams_and_only_with_the_word);
    tcase_add_test(udp, a_stream_is_opened_once);
    suite_add_tcase(s, tcp);
    suite_add_tcase(s, udp);
    return s;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
