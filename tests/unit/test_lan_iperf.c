/* iperf between two hosts, in virtual time. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "core/bytes.h"
#include "lan/iperf_impl.h"
#include "lan/lab.h"
#include "lan/traffic.h"

struct fixture {
    struct sw_lab *lab;
    struct sw_host *a, *b;
    struct sw_link *link;
    struct sw_iperf *iperf;
    struct sw_iperf_result r;
    struct sw_iperf_interval intervals[64];
    unsigned count, dones;
    sw_time done_at;
    unsigned free_at; /* frees it at that interval; 0: never */
    bool free_when_done;
};

static void on_interval(void *ctx, const struct sw_iperf_interval *interval)
{
    struct fixture *f = ctx;
    ck_assert_uint_lt(f->count, 64);
    f->intervals[f->count++] = *interval;
    if (f->count == f->free_at) {
        sw_iperf_free(f->iperf);
        f->iperf = NULL;
    }
}

static void on_done(void *ctx)
{
    struct fixture *f = ctx;
    f->dones++;
    f->done_at = sw_lab_now(f->lab);
    sw_iperf_result(f->iperf, &f->r);
    if (f->free_when_done) {
        sw_iperf_free(f->iperf);
        f->iperf = NULL;
    }
}

static void set_up(struct fixture *f, struct sw_lane_config lane)
{
    *f = (struct fixture){.lab = sw_lab_new(7)};
    f->a = sw_lab_host(f->lab, "a", "10.0.0.1/24");
    f->b = sw_lab_host(f->lab, "b", "10.0.0.2/24");
    lane.queue_frames = lane.queue_frames ? lane.queue_frames : 1000;
    f->link = sw_lab_link(f->lab, "a", "b", &lane);
}

static void tear_down(struct fixture *f)
{
    sw_iperf_free(f->iperf);
    sw_lab_run(f->lab, 300 * SW_S);
    ck_assert(sw_lab_holds(f->lab));
    sw_lab_free(f->lab);
}

static int begin(struct fixture *f, struct sw_iperf_config config)
{
    config.from = f->a;
    config.to = f->b;
    config.parallel = config.parallel ? config.parallel : 1;
    return sw_iperf_new(&f->iperf, &config, on_interval, on_done, f);
}

static const struct sw_lane_config hundred = {.delay = SW_MS, .rate_bps = 100000000};

/* True wires, as a real clock has them: all of it goes within one turn, which is a nanosecond at
 * most and so no rate of 0. */
START_TEST(what_takes_no_time_has_a_rate)
{
    struct fixture f;
    set_up(&f, hundred);
    static const struct sw_lane_config wire = {0};
    ck_assert_int_eq(sw_lane_configure(&f.link->forward, &wire, SW_LANE_DELAY | SW_LANE_RATE), 0);
    ck_assert_int_eq(sw_lane_configure(&f.link->backward, &wire, SW_LANE_DELAY | SW_LANE_RATE), 0);
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.bytes = 200000}), 0);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.r.error, 0);
    ck_assert_uint_eq(f.r.received_bytes, 200000);
    ck_assert_int_eq(f.r.took, 0);
    ck_assert_uint_eq(f.r.throughput_bps, UINT64_C(1600000000000000));
    tear_down(&f);
}
END_TEST

/* 100 Mbit/s of frame bytes are 1,448 text bytes of 1,514: 95.64 Mbit/s, less the beginning's round
 * trips. */
START_TEST(a_flow_by_time_fills_the_line)
{
    struct fixture f;
    set_up(&f, hundred);
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.duration = 10 * SW_S}), 0);
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.r.error, 0);
    ck_assert_uint_ge(f.r.throughput_bps, 95000000);
    ck_assert_uint_le(f.r.throughput_bps, 95650000);
    ck_assert_int_le(f.r.took, 10 * SW_S);
    ck_assert_int_ge(f.r.took, 9990 * SW_MS);
    ck_assert_uint_ge(f.r.throughput_min_bps, 94000000);
    ck_assert_uint_eq(f.r.retransmits, 0);
    ck_assert_uint_eq(f.r.fairness_ppb, 1000000000);
    ck_assert_uint_eq(f.r.streams, 1);
    ck_assert_uint_eq(f.r.stream[0].mss_bytes, 1448);
    ck_assert_uint_ge(f.r.sent_bytes, f.r.received_bytes);
    /* What was on its way at the end comes to rest before it is done: a queue of 1 MiB. */
    ck_assert_int_le(f.done_at, 10200 * SW_MS);
    tear_down(&f);
}
END_TEST

START_TEST(intervals_follow_each_other_without_a_gap)
{
    struct fixture f;
    uint64_t sum = 0;
    set_up(&f, hundred);
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.duration = 3500 * SW_MS}), 0);
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_uint_eq(f.count, 5);
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_eq(f.intervals[i].stream, 0);
        ck_assert_int_eq(f.intervals[i].begin, i * SW_S);
        ck_assert_int_eq(f.intervals[i].end, i < 3 ? (i + 1) * SW_S : 3500 * SW_MS);
        ck_assert(!f.intervals[i].last);
        ck_assert_uint_gt(f.intervals[i].cwnd_bytes, 0);
        sum += f.intervals[i].bytes;
    }
    ck_assert(f.intervals[4].last);
    ck_assert_int_eq(f.intervals[4].begin, 0);
    ck_assert_uint_eq(f.intervals[4].bytes, sum);
    ck_assert_uint_eq(sum, f.r.received_bytes);
    tear_down(&f);
}
END_TEST

/* Half a second without a line, in the second second. */
START_TEST(the_worst_second_is_told)
{
    struct fixture f;
    uint64_t worst = UINT64_MAX;
    set_up(&f, hundred);
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.duration = 4500 * SW_MS}), 0);
    sw_lab_run(f.lab, 1200 * SW_MS);
    sw_link_set_up(f.link, false);
    sw_lab_run(f.lab, 500 * SW_MS);
    sw_link_set_up(f.link, true);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.count, 6);
    for (unsigned i = 0; i < 4; i++) {
        worst = f.intervals[i].bytes < worst ? f.intervals[i].bytes : worst;
    }
    ck_assert_uint_eq(f.intervals[1].bytes, worst);
    ck_assert_uint_lt(worst, 8000000);
    ck_assert_uint_gt(f.intervals[4].bytes * 2, worst); /* half a second is no second */
    ck_assert_uint_eq(f.r.throughput_min_bps, worst * 8);
    tear_down(&f);
}
END_TEST

START_TEST(a_flow_by_bytes_ends_when_all_have_come)
{
    struct fixture f;
    set_up(&f, hundred);
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.bytes = 12500000, .parallel = 3}), 0);
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.r.error, 0);
    ck_assert_uint_eq(f.r.sent_bytes, 12500000);
    ck_assert_uint_eq(f.r.received_bytes, 12500000);
    ck_assert_int_ge(f.r.took, 1045 * SW_MS); /* 12,500,000 / 1,448 frames of 1,514 bytes */
    ck_assert_int_le(f.r.took, 1100 * SW_MS);
    uint64_t sum = 0;
    for (unsigned i = 0; i < f.count; i++) {
        sum +=
            !f.intervals[i].last && f.intervals[i].stream == UINT32_MAX ? f.intervals[i].bytes : 0;
    }
    ck_assert_uint_eq(sum, 12500000); /* the last, short interval included */
    tear_down(&f);
}
END_TEST

START_TEST(one_byte_is_a_flow)
{
    struct fixture f;
    set_up(&f, hundred);
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.bytes = 1}), 0);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_uint_eq(f.r.received_bytes, 1);
    tear_down(&f);
}
END_TEST

/* The direction with the thin line is the one that is measured. */
START_TEST(reverse_lets_the_other_end_send)
{
    for (unsigned udp = 0; udp < 2; udp++) {
        struct fixture f;
        struct sw_lane_stats there, back;
        set_up(&f, hundred);
        ck_assert_int_eq(
            begin(&f, (struct sw_iperf_config){.duration = SW_S, .reverse = true, .udp = udp}), 0);
        sw_lab_run(f.lab, 10 * SW_S);
        ck_assert_int_eq(f.r.error, 0);
        sw_lane_stats(&f.link->forward, &there);
        sw_lane_stats(&f.link->backward, &back);
        ck_assert_uint_gt(f.r.received_bytes, 100000);
        ck_assert_uint_gt(back.in_bytes, f.r.received_bytes);
        ck_assert_uint_lt(there.in_bytes, f.r.received_bytes);
        tear_down(&f);
    }
}
END_TEST

START_TEST(parallel_streams_share_the_line)
{
    struct fixture f;
    set_up(&f, hundred);
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.duration = 5 * SW_S, .parallel = 4}), 0);
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_int_eq(f.r.error, 0);
    ck_assert_uint_eq(f.r.streams, 4);
    ck_assert_uint_ge(f.r.throughput_bps, 94000000);
    ck_assert_uint_ge(f.r.fairness_ppb, 700000000);
    uint64_t sum = 0;
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_gt(f.r.stream[i].received_bytes, 0);
        sum += f.r.stream[i].received_bytes;
    }
    ck_assert_uint_eq(sum, f.r.received_bytes);
    ck_assert_uint_eq(f.count, 5 * 6); /* each second four streams and their sum, then the whole */
    tear_down(&f);
}
END_TEST

START_TEST(a_limited_rate_is_kept)
{
    struct fixture f;
    set_up(&f, hundred);
    ck_assert_int_eq(
        begin(&f, (struct sw_iperf_config){.duration = 10 * SW_S, .rate_bps = 5000000}), 0);
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_uint_ge(f.r.throughput_bps, 4990000);
    ck_assert_uint_le(f.r.throughput_bps, 5010000);
    ck_assert_uint_ge(f.r.throughput_min_bps, 4900000);
    tear_down(&f);
}
END_TEST

START_TEST(lost_segments_are_counted_as_retransmits)
{
    struct fixture f;
    set_up(&f,
           (struct sw_lane_config){.delay = SW_MS, .rate_bps = 100000000, .loss_ppb = 10000000});
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.bytes = 3000000}), 0);
    sw_lab_run(f.lab, 60 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.r.error, 0);
    ck_assert_uint_eq(f.r.received_bytes, 3000000);
    ck_assert_uint_ge(f.r.retransmits, 5);
    ck_assert_uint_le(f.r.retransmits, 200);
    tear_down(&f);
}
END_TEST

/* ---- UDP ---- */

START_TEST(datagrams_go_one_by_one_at_their_rate)
{
    struct fixture f;
    set_up(&f, hundred);
    /* 1,000 bytes at 8 Mbit/s: one a millisecond, the first at once. */
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.udp = true,
                                                        .duration = SW_S,
                                                        .rate_bps = 8000000,
                                                        .block_bytes = 1000}),
                     0);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_int_eq(f.r.error, 0);
    ck_assert_uint_eq(f.r.datagrams, 1000);
    ck_assert_uint_eq(f.r.sent_bytes, 1000000);
    ck_assert_uint_eq(f.r.lost, 0);
    ck_assert_int_le(f.r.jitter, 100 * SW_US); /* of the first, which waited for ARP */
    ck_assert_uint_ge(f.r.throughput_bps, 7900000);
    tear_down(&f);
}
END_TEST

/* 2,666,666 2/3 ns each: what a division leaves is carried on, or the 3,751st would go before the
 * end. */
START_TEST(a_rate_is_kept_to_the_nanosecond)
{
    struct fixture f;
    set_up(&f, hundred);
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.udp = true,
                                                        .duration = 10 * SW_S,
                                                        .rate_bps = 3000000,
                                                        .block_bytes = 1000}),
                     0);
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_uint_eq(f.r.datagrams, 3750);
    tear_down(&f);
}
END_TEST

START_TEST(a_megabit_is_udps_own_rate)
{
    struct fixture f;
    set_up(&f, hundred);
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.udp = true, .duration = 10 * SW_S}), 0);
    sw_lab_run(f.lab, 30 * SW_S);
    /* 10 s of 1 Mbit/s in datagrams of 1,460 bytes: 11.68 ms each. */
    ck_assert_uint_eq(f.r.datagrams, 857);
    ck_assert_uint_eq(f.r.lost, 0);
    tear_down(&f);
}
END_TEST

/* Their way takes longer than all of the sending, and than the usual patience. */
START_TEST(datagrams_are_waited_for_as_long_as_their_way_takes)
{
    struct fixture f;
    set_up(&f, (struct sw_lane_config){.delay = 1500 * SW_MS, .rate_bps = 100000000});
    const struct sw_iperf_config config = {
        .udp = true, .bytes = 100000, .rate_bps = 8000000, .block_bytes = 1000};
    ck_assert_int_eq(begin(&f, config), 0); /* most of this one waits for ARP, and is lost there */
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_uint_eq(f.r.datagrams, 100);
    sw_iperf_free(f.iperf);
    ck_assert_int_eq(begin(&f, config), 0);
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_uint_eq(f.dones, 2);
    ck_assert_uint_eq(f.r.lost, 0);
    ck_assert_uint_eq(f.r.received_bytes, 100000);
    tear_down(&f);
}
END_TEST

/* Two seconds of silence amid datagrams that take a second and a half: no end yet. */
START_TEST(a_gap_in_the_datagrams_is_not_their_end)
{
    struct fixture f;
    set_up(&f, (struct sw_lane_config){.delay = 1500 * SW_MS, .rate_bps = 100000000});
    const struct sw_iperf_config config = {
        .udp = true, .bytes = 4000, .rate_bps = 4000, .block_bytes = 1000};
    ck_assert_int_eq(begin(&f, config), 0); /* one each two seconds */
    sw_lab_run(f.lab, 60 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_uint_eq(f.r.datagrams, 4);
    ck_assert_uint_eq(f.r.lost, 0);
    tear_down(&f);
}
END_TEST

START_TEST(lost_datagrams_are_counted)
{
    struct fixture f;
    set_up(&f,
           (struct sw_lane_config){.delay = SW_MS, .rate_bps = 100000000, .loss_ppb = 100000000});
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.udp = true,
                                                        .duration = 10 * SW_S,
                                                        .rate_bps = 8000000,
                                                        .block_bytes = 1000}),
                     0);
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_uint_eq(f.r.datagrams, 10000);
    ck_assert_uint_ge(f.r.lost, 900);
    ck_assert_uint_le(f.r.lost, 1100);
    ck_assert_uint_eq(f.r.received_bytes, (f.r.datagrams - f.r.lost) * 1000);
    tear_down(&f);
}
END_TEST

START_TEST(copies_of_datagrams_do_not_hide_loss)
{
    struct fixture f;
    set_up(&f, (struct sw_lane_config){.delay = SW_MS,
                                       .rate_bps = 100000000,
                                       .duplicate_ppb = 500000000,
                                       .loss_ppb = 100000000});
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.udp = true,
                                                        .duration = 10 * SW_S,
                                                        .rate_bps = 8000000,
                                                        .block_bytes = 1000}),
                     0);
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_uint_ge(f.r.lost, 900);
    ck_assert_uint_le(f.r.lost, 1100);
    ck_assert_uint_eq(f.r.received_bytes, (f.r.datagrams - f.r.lost) * 1000);
    tear_down(&f);
}
END_TEST

/* A stranger's, numbered as one of the flow's that was lost. Had it been sent before the flow
 * began, or later than now, its way would be told of as the flow's, and the rest waited for as
 * long. */
START_TEST(a_datagram_that_cannot_have_been_sent_then_is_a_strangers)
{
    static const uint8_t times[][8] = {
        {0x80}, {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, {0xff, 0xff}, {0}};
    struct fixture f;
    struct sw_sock *sock;
    uint8_t bytes[1000] = {0};
    set_up(&f, (struct sw_lane_config){.delay = SW_MS, .rate_bps = 100000000});
    sw_lab_run(f.lab, 100 * SW_S);
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.udp = true,
                                                        .duration = 2 * SW_S,
                                                        .rate_bps = 8000000,
                                                        .block_bytes = 1000}),
                     0);
    const uint16_t from = sw_sock_local(f.iperf->stream[0].sender).port;
    const struct sw_endpoint to = {sw_ip_v4(0x0a000002),
                                   sw_sock_local(f.iperf->stream[0].receiver).port};
    sw_lab_run(f.lab, 1900 * SW_MS);
    sw_lab_down(f.lab, f.link, 0);
    sw_lab_run(f.lab, 50 * SW_MS);
    ck_assert_int_eq(sw_sock_open(&sock, f.b, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = from}), 0);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        sw_put32(bytes + 4, (uint32_t)(1910 + i));
        memcpy(bytes + 8, times[i], 8);
        ck_assert_int_eq(sw_sock_send_to(sock, bytes, sizeof bytes, to), 1000);
    }
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.done_at, 103 * SW_S);
    ck_assert_int_le(f.r.jitter, SW_US);
    ck_assert_uint_ge(f.r.lost, 99);
    tear_down(&f);
}
END_TEST

START_TEST(more_than_the_line_carries_waits_for_room)
{
    struct fixture f;
    set_up(&f, (struct sw_lane_config){.delay = SW_MS, .rate_bps = 10000000});
    ck_assert_int_eq(
        begin(&f,
              (struct sw_iperf_config){.udp = true, .duration = 2 * SW_S, .rate_bps = 100000000}),
        0);
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_int_eq(f.r.error, 0);
    ck_assert_uint_ge(f.r.throughput_bps, 9500000);
    ck_assert_uint_le(f.r.throughput_bps, 9800000);
    ck_assert_uint_le(f.r.lost, 10);
    tear_down(&f);
}
END_TEST

/* ---- what fails ---- */

START_TEST(without_progress_it_is_given_up)
{
    struct fixture f;
    set_up(&f, hundred);
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.bytes = 100000000, .timeout = 3 * SW_S}),
                     0);
    sw_lab_run(f.lab, SW_S);
    sw_link_set_up(f.link, false);
    sw_lab_run(f.lab, 30 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.r.error, -ETIMEDOUT);
    ck_assert_int_ge(f.done_at, 3999 * SW_MS);
    ck_assert_int_le(f.done_at, 4001 * SW_MS);
    ck_assert_uint_gt(f.r.received_bytes, 10000000);
    tear_down(&f);
}
END_TEST

START_TEST(nobody_there_is_unreachable_once_patience_is_over)
{
    struct fixture f;
    set_up(&f, hundred);
    sw_link_set_up(f.link, false); /* nobody hears of anybody */
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.duration = SW_S, .timeout = 5 * SW_S}), 0);
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.done_at, 5 * SW_S);
    ck_assert_int_eq(f.r.error, -EHOSTUNREACH);
    tear_down(&f);
}
END_TEST

START_TEST(no_route_is_told_from_the_clock)
{
    struct fixture f;
    struct sw_iperf_config config = {.duration = SW_S, .parallel = 1};
    set_up(&f, hundred);
    config.from = f.a;
    config.to = sw_lab_host(f.lab, "elsewhere", "192.168.0.1/24");
    ck_assert_int_eq(sw_iperf_new(&f.iperf, &config, NULL, on_done, &f), 0);
    ck_assert_uint_eq(f.dones, 0);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.r.error, -ENETUNREACH);
    ck_assert_uint_eq(f.r.throughput_bps, 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_taken_port_is_no_hindrance)
{
    struct fixture f;
    struct sw_iperf *other;
    struct sw_iperf_config config = {.duration = 2 * SW_S, .parallel = 1};
    set_up(&f, hundred);
    config.from = f.a;
    config.to = f.b;
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.duration = 2 * SW_S}), 0);
    struct fixture g = {.lab = f.lab};
    ck_assert_int_eq(sw_iperf_new(&other, &config, NULL, on_done, &g), 0);
    g.iperf = other;
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_uint_eq(g.dones, 1);
    ck_assert_uint_gt(f.r.received_bytes, 1000000);
    ck_assert_uint_gt(g.r.received_bytes, 1000000);
    sw_iperf_free(other);
    tear_down(&f);
}
END_TEST

START_TEST(it_may_be_freed_at_any_time)
{
    struct fixture f;
    set_up(&f, hundred);
    f.free_at = 2;
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.duration = 10 * SW_S}), 0);
    sw_lab_run(f.lab, 20 * SW_S);
    ck_assert_uint_eq(f.dones, 0);
    f.free_at = 0;
    f.count = 0;
    f.free_when_done = true;
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.duration = SW_S, .udp = true}), 0);
    sw_lab_run(f.lab, 20 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    for (sw_time when = 0; when < 10 * SW_MS; when += 700 * SW_US) {
        ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.duration = SW_S}), 0);
        sw_lab_run(f.lab, when);
        sw_iperf_free(f.iperf);
        f.iperf = NULL;
        sw_lab_run(f.lab, SW_S);
    }
    tear_down(&f);
}
END_TEST

START_TEST(settings_out_of_range_are_refused)
{
    static const struct sw_iperf_config bad[] = {
        {.duration = 0, .bytes = 0},
        {.duration = SW_S, .bytes = 1},
        {.duration = SW_S, .parallel = 129},
        {.duration = -1},
        {.duration = SW_S, .udp = true, .block_bytes = 15},
        {.duration = SW_S, .udp = true, .block_bytes = 65508},
        {.duration = SW_S, .interval = -1},
    };
    struct fixture f;
    set_up(&f, hundred);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(begin(&f, bad[i]), -EINVAL);
    }
    tear_down(&f);
}
END_TEST

/* At 2.5 s of a flow by time, of one by bytes and of one by UDP. */
START_TEST(one_that_is_stopped_counts_up_to_then_and_comes_to_rest)
{
    static const struct sw_iperf_config all[] = {
        {.duration = 100 * SW_S},
        {.bytes = UINT64_C(1) << 40},
        {.duration = 100 * SW_S, .udp = true, .rate_bps = 50000000},
        {.bytes = UINT64_C(1) << 40, .parallel = 3, .reverse = true}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct fixture f;
        set_up(&f, hundred);
        ck_assert_int_eq(begin(&f, all[i]), 0);
        sw_lab_run(f.lab, 2500 * SW_MS);
        ck_assert_uint_eq(f.dones, 0);
        ck_assert(sw_iperf_stop(f.iperf));
        sw_lab_run(f.lab, 10 * SW_S);
        ck_assert_uint_eq(f.dones, 1);
        ck_assert_int_eq(f.r.error, 0);
        ck_assert_uint_eq(f.r.lost, 0);
        ck_assert_int_le(f.r.took, 2501 * SW_MS + SW_MS);
        ck_assert_int_ge(f.r.took, 2490 * SW_MS);
        ck_assert_uint_ge(f.r.throughput_bps, all[i].udp ? 49000000 : 94000000);
        ck_assert_int_le(f.done_at, 3600 * SW_MS); /* UDP waits a second for what may come */
        tear_down(&f);
    }
}
END_TEST

START_TEST(one_that_has_not_begun_cannot_be_stopped)
{
    struct fixture f;
    set_up(&f, hundred);
    ck_assert_int_eq(begin(&f, (struct sw_iperf_config){.duration = SW_S}), 0);
    ck_assert(!sw_iperf_stop(f.iperf));
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.r.error, 0);
    ck_assert_int_ge(f.done_at, SW_S);
    ck_assert(sw_iperf_stop(f.iperf)); /* it is over */
    sw_lab_run(f.lab, 10 * SW_S);
    ck_assert_uint_eq(f.dones, 1);
    tear_down(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("iperf");
    TCase *tc = tcase_create("flows");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_flow_by_time_fills_the_line);
    tcase_add_test(tc, what_takes_no_time_has_a_rate);
    tcase_add_test(tc, intervals_follow_each_other_without_a_gap);
    tcase_add_test(tc, the_worst_second_is_told);
    tcase_add_test(tc, a_flow_by_bytes_ends_when_all_have_come);
    tcase_add_test(tc, one_byte_is_a_flow);
    tcase_add_test(tc, reverse_lets_the_other_end_send);
    tcase_add_test(tc, parallel_streams_share_the_line);
    tcase_add_test(tc, a_limited_rate_is_kept);
    tcase_add_test(tc, lost_segments_are_counted_as_retransmits);
    tcase_add_test(tc, datagrams_go_one_by_one_at_their_rate);
    tcase_add_test(tc, a_rate_is_kept_to_the_nanosecond);
    tcase_add_test(tc, a_megabit_is_udps_own_rate);
    tcase_add_test(tc, datagrams_are_waited_for_as_long_as_their_way_takes);
    tcase_add_test(tc, a_gap_in_the_datagrams_is_not_their_end);
    tcase_add_test(tc, lost_datagrams_are_counted);
    tcase_add_test(tc, copies_of_datagrams_do_not_hide_loss);
    tcase_add_test(tc, a_datagram_that_cannot_have_been_sent_then_is_a_strangers);
    tcase_add_test(tc, more_than_the_line_carries_waits_for_room);
    tcase_add_test(tc, without_progress_it_is_given_up);
    tcase_add_test(tc, nobody_there_is_unreachable_once_patience_is_over);
    tcase_add_test(tc, no_route_is_told_from_the_clock);
    tcase_add_test(tc, a_taken_port_is_no_hindrance);
    tcase_add_test(tc, it_may_be_freed_at_any_time);
    tcase_add_test(tc, settings_out_of_range_are_refused);
    tcase_add_test(tc, one_that_is_stopped_counts_up_to_then_and_comes_to_rest);
    tcase_add_test(tc, one_that_has_not_begun_cannot_be_stopped);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
