/* Reassembly: orders, holes, bounds, time (stack/reass.c). The host is 10.0.0.1/24 with a UDP
 * socket on port 7; the station 10.0.0.2 sends fragments of one datagram of 2,000 bytes of text
 * from port 5000, unless a test says otherwise. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "stack/reass.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "tests/support/stack_station.h"

static struct sw_test_env world;
static struct sw_host *host;
static struct sw_nic *eth0;
static struct sw_station st;
static struct sw_sock *sock;
static uint8_t udp[65600]; /* header and text of the datagram */
static size_t udp_len;

static void settle(void)
{
    sw_test_run(&world, sw_clock_now(world.env.clock));
}

static void setup(size_t n)
{
    sw_test_env_init(&world, 1);
    host = sw_test_host(&world, &eth0);
    sw_station_init(&st, &world, eth0, 2);
    sw_station_arp(&st, st.to, SW_ARP_REQUEST, "10.0.0.2", "10.0.0.1");
    settle();
    sw_frame_drop(sw_station_take(&st));
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 7}), 0);
    udp_len = sw_test_udp(udp, sw_test_ip("10.0.0.2"), sw_test_ip("10.0.0.1"), 5000, 7, NULL, n);
}

static void teardown(void)
{
    sw_station_fini(&st);
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}

static void piece_of(uint32_t src, uint16_t id, size_t off, size_t n, bool more)
{
    struct sw_ipv4 ip = {.src = src,
                         .dst = sw_test_ip("10.0.0.1"),
                         .protocol = 17,
                         .id = id,
                         .offset_bytes = (uint16_t)off,
                         .more = more};
    sw_station_ip(&st, ip, NULL, 0, udp + off, n);
    settle();
}

/* Bytes off .. off + n of the datagram; the last of them if it reaches the end. */
static void piece(size_t off, size_t n)
{
    piece_of(sw_test_ip("10.0.0.2"), 1, off, n, off + n < udp_len);
}

static bool got_it(void)
{
    uint8_t *text = malloc(65536);
    int64_t n = sw_sock_recv(sock, text, 65536);
    bool same = n == (int64_t)udp_len - 8 && memcmp(text, udp + 8, udp_len - 8) == 0;
    ck_assert(n == -EAGAIN || same);
    free(text);
    return same;
}

static struct sw_host_stats stats(void)
{
    struct sw_host_stats s;
    sw_host_stats(host, &s);
    return s;
}

/* ---- order ---- */

static const unsigned orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                      {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

START_TEST(any_order_will_do__rfc815)
{
    setup(3000);
    static const size_t at[4] = {0, 1000, 2000, 3008};
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(!got_it());
        ck_assert_uint_eq(stats().held, i);
        unsigned k = orders[_i][i];
        piece(at[k], at[k + 1] - at[k]);
    }
    ck_assert(got_it());
    ck_assert_uint_eq(stats().held, 0);
    ck_assert_uint_eq(stats().consumed, 4); /* and an ARP request */
    teardown();
}
END_TEST

START_TEST(a_hundred_random_orders)
{
    setup(2000);
    struct sw_draws d;
    sw_draws_init(&d, &world.seed, 1, SW_DRAW_TEST);
    for (unsigned round = 0; round < 100; round++) {
        unsigned order[251];
        for (unsigned i = 0; i < 251; i++) {
            unsigned k = (unsigned)sw_draw_below(&d, i + 1);
            order[i] = order[k];
            order[k] = i;
        }
        for (unsigned i = 0; i < 251; i++) {
            piece_of(sw_test_ip("10.0.0.2"), (uint16_t)round, order[i] * 8, 8, order[i] < 250);
        }
        ck_assert(got_it());
    }
    teardown();
}
END_TEST

START_TEST(the_largest_datagram__rfc791)
{
    setup(65507);
    for (size_t off = 0; off < udp_len; off += 1480) {
        piece(off, udp_len - off < 1480 ? udp_len - off : 1480);
    }
    ck_assert(got_it());
    teardown();
}
END_TEST

START_TEST(the_largest_datagram_in_eights_backwards)
{
    setup(65507);
    for (size_t off = 65512 + 8; off > 0;) {
        off -= 8;
        if (off < udp_len) {
            piece(off, udp_len - off < 8 ? udp_len - off : 8);
        }
    }
    ck_assert(got_it());
    teardown();
}
END_TEST

START_TEST(datagrams_are_told_apart_by_source_destination_protocol_and_id__rfc815)
{
    setup(2000);
    piece_of(sw_test_ip("10.0.0.2"), 1, 0, 1000, true);
    piece_of(sw_test_ip("10.0.0.2"), 2, 1000, 1008, false);
    piece_of(sw_test_ip("10.0.0.3"), 1, 1000, 1008, false);
    struct sw_ipv4 tcp = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.0.1")};
    tcp.protocol = 6;
    tcp.id = 1;
    tcp.offset_bytes = 1000;
    sw_station_ip(&st, tcp, NULL, 0, udp, 1008);
    settle();
    ck_assert(!got_it());
    piece_of(sw_test_ip("10.0.0.2"), 1, 1000, 1008, false);
    ck_assert(got_it());
    ck_assert_uint_eq(stats().held, 3);
    teardown();
}
END_TEST

START_TEST(many_unfinished_ones_are_not_mixed_up__rfc815)
{
    setup(1000);
    sw_put16(udp + 6, 0); /* no checksum: the sources differ */
    for (unsigned part = 0; part < 2; part++) {
        for (unsigned i = 0; i < 180; i++) {
            const uint32_t src = sw_test_ip("10.0.0.2") + i % 3;
            piece_of(src, (uint16_t)(i / 3), part * 504, 504, part == 0);
        }
        ck_assert_uint_eq(stats().held, part == 0 ? 180 : 0);
    }
    unsigned got = 0;
    while (got_it()) {
        got++;
    }
    ck_assert_uint_eq(got, 180);
    /* So many that some would meet in their place in the table. */
    sw_test_address(eth0, "10.0.0.200/24", SW_ADDRESS_SILENT);
    for (unsigned i = 0; i < 4 * 500; i++) {
        const struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"),
                                   .dst = sw_test_ip(i % 2 ? "10.0.0.200" : "10.0.0.1"),
                                   .protocol = 17,
                                   .id = (uint16_t)(1000 + i / 4),
                                   .offset_bytes = i % 4 < 2 ? 0 : 504,
                                   .more = i % 4 < 2};
        sw_station_ip(&st, ip, NULL, 0, udp + ip.offset_bytes, 504);
        settle();
        if (i % 4 == 3) {
            ck_assert(got_it() && got_it());
        }
    }
    teardown();
}
END_TEST

/* ---- what does not fit ---- */

START_TEST(an_exact_duplicate_changes_nothing__rfc815)
{
    setup(2000);
    piece(0, 800);
    piece(0, 800);
    piece(1600, 408);
    piece(1600, 408);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_DUPLICATE), 2);
    piece(800, 800);
    ck_assert(got_it());
    teardown();
}
END_TEST

struct overlap {
    size_t off, n;
    bool more;
};

/* Beside [0, 800) and [1600, 2008), the last. */
static const struct overlap overlaps[] = {
    {792, 80, true},   {0, 808, true},     {0, 792, true},    {8, 8, true},      {1592, 16, true},
    {1600, 400, true}, {1608, 400, false}, {800, 800, false}, {800, 1208, true}, {2008, 8, true},
    {2000, 16, false}, {2008, 8, false},   {1600, 408, true}, {8, 792, false}};

START_TEST(an_overlap_drops_the_datagram_whole)
{
    setup(2000);
    piece(0, 800);
    piece(1600, 408);
    const struct overlap *o = &overlaps[_i];
    piece_of(sw_test_ip("10.0.0.2"), 1, o->off, o->n, o->more);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_OVERLAP), 3);
    ck_assert_uint_eq(stats().held, 0);
    piece(800, 800);
    ck_assert(!got_it());
    ck_assert_uint_eq(stats().held, 1);
    teardown();
}
END_TEST

START_TEST(an_end_before_what_is_there_already_drops_it)
{
    setup(2000);
    piece(800, 800);
    piece_of(sw_test_ip("10.0.0.2"), 1, 400, 400, false);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_OVERLAP), 2);
    teardown();
}
END_TEST

START_TEST(lengths_that_cannot_be__rfc791)
{
    setup(2000);
    piece_of(sw_test_ip("10.0.0.2"), 1, 0, 801, true); /* not in eights, and not the last */
    piece_of(sw_test_ip("10.0.0.2"), 1, 0, 0, true);   /* empty */
    piece_of(sw_test_ip("10.0.0.2"), 1, 800, 0, false);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_LENGTH), 3);
    piece_of(sw_test_ip("10.0.0.2"), 1, 65512, 8, false); /* 65,520 bytes and a header */
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_TOO_LONG), 1);
    piece_of(sw_test_ip("10.0.0.2"), 1, 65512, 3, false);
    ck_assert_uint_eq(stats().held, 1);
    teardown();
}
END_TEST

START_TEST(a_first_fragment_whose_options_make_it_too_long)
{
    setup(2000);
    struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.0.1")};
    ip.protocol = 17;
    ip.id = 1;
    ip.more = true;
    memset(udp, 0, sizeof udp);
    udp_len = 65512;
    for (size_t off = 800; off < udp_len; off += 1000) {
        piece(off, udp_len - off < 1000 ? udp_len - off : 1000);
    }
    ck_assert_uint_eq(stats().held, 65);
    sw_station_ip(&st, ip, (const uint8_t *)"\x01\x01\x01\x01", 4, udp, 800);
    settle();
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_TOO_LONG), 66);
    ck_assert_uint_eq(stats().held, 0);
    teardown();
}
END_TEST

START_TEST(a_header_in_two_fragments_is_read_whole__rfc1858)
{
    setup(40);
    piece(0, 8);
    piece(8, 8);
    piece(16, 32);
    ck_assert(got_it());
    teardown();
}
END_TEST

START_TEST(the_verdict_of_the_whole_is_that_of_all_its_frames)
{
    setup(2000);
    sw_put16(udp + 2, 9); /* nobody listens there, and the checksum is wrong now */
    piece(0, 1000);
    piece(1000, 1008);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_UDP_CHECKSUM), 2);
    sw_put16(udp + 6, 0);
    piece(0, 1000);
    piece(1000, 1008);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_UDP_NO_SOCKET), 2);
    sw_station_expect(&st, 0,
                      "10.0.0.1 > 10.0.0.2 icmp unreachable port (10.0.0.2:5000 > 10.0.0.1:9 udp)");
    teardown();
}
END_TEST

/* ---- time ---- */

START_TEST(after_60_s_it_is_dropped_and_its_sender_told__rfc1122_3_3_2)
{
    setup(2000);
    piece(0, 800);
    sw_test_run(&world, 59 * SW_S); /* a later fragment does not put it off */
    piece(800, 800);
    sw_test_run(&world, 60 * SW_S - 1);
    ck_assert_uint_eq(stats().held, 2);
    sw_test_run(&world, 60 * SW_S);
    ck_assert_uint_eq(stats().held, 0);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_TIMEOUT), 2);
    sw_station_expect(&st, 60 * SW_S,
                      "02:00:00:00:00:01 > 02:00:00:00:00:02 arp request 10.0.0.2 tell 10.0.0.1");
    sw_station_expect(
        &st, 60 * SW_S,
        "10.0.0.1 > 10.0.0.2 icmp time-exceeded reassembly (10.0.0.2:5000 > 10.0.0.1:7 udp)");
    teardown();
}
END_TEST

START_TEST(without_the_first_fragment_nobody_is_told__rfc792)
{
    setup(2000);
    piece(800, 800);
    sw_test_run(&world, 60 * SW_S);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_TIMEOUT), 1);
    sw_station_quiet(&st);
    teardown();
}
END_TEST

/* ---- bounds ---- */

START_TEST(a_sources_oldest_makes_place_for_its_next__rfc8900)
{
    setup(2000);
    for (unsigned id = 0; id < SW_REASS_SOURCE_DATAGRAMS + 10; id++) {
        piece_of(sw_test_ip("10.0.0.3"), (uint16_t)id, 0, 800, true);
    }
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_FULL), 10);
    ck_assert_uint_eq(stats().held, SW_REASS_SOURCE_DATAGRAMS);
    piece(0, 1000); /* another source is not touched by that */
    piece(1000, 1008);
    ck_assert(got_it());
    teardown();
}
END_TEST

/* Whoever is through leaves a place to another source, and what that one has goes with it. */
START_TEST(a_sources_share_outlives_the_end_of_anothers)
{
    setup(2000);
    for (unsigned id = 0; id < 3; id++) {
        piece_of(sw_test_ip("10.0.0.3") + id, 1, 0, 800, true);
        piece_of(sw_test_ip("10.0.0.9"), (uint16_t)id, 0, 800, true);
    }
    for (unsigned id = 0; id < 3; id++) {
        piece_of(sw_test_ip("10.0.0.3") + id, 1, 400, 800, true); /* of two minds: it ends */
    }
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_OVERLAP), 6);
    for (unsigned id = 3; id < SW_REASS_SOURCE_DATAGRAMS + 3; id++) {
        piece_of(sw_test_ip("10.0.0.9"), (uint16_t)id, 0, 800, true);
    }
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_FULL), 3);
    ck_assert_uint_eq(stats().held, SW_REASS_SOURCE_DATAGRAMS);
    teardown();
}
END_TEST

START_TEST(a_sources_memory_is_bounded__rfc8900)
{
    setup(65507);
    unsigned full = SW_REASS_SOURCE_BYTES / 65536; /* each takes a little more than 64 KiB */
    for (unsigned id = 0; id < 50; id++) {
        piece_of(sw_test_ip("10.0.0.3"), (uint16_t)id, 64000, 8, true);
    }
    ck_assert_uint_ge(sw_test_dropped(host, SW_DROP_REASS_FULL), 50 - full);
    ck_assert_uint_le(sw_test_dropped(host, SW_DROP_REASS_FULL), 50 - full + 2);
    teardown();
}
END_TEST

START_TEST(the_hosts_oldest_makes_place_when_all_is_full__rfc8900)
{
    setup(2000);
    for (unsigned i = 0; i < SW_REASS_DATAGRAMS + 50; i++) {
        piece_of(sw_test_ip("10.0.0.3") + i % 200, (uint16_t)i, 0, 800, true);
    }
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_FULL), 50);
    ck_assert_uint_eq(stats().held, SW_REASS_DATAGRAMS);
    piece(0, 1000);
    piece(1000, 1008);
    ck_assert(got_it());
    struct sw_pool_stats pool;
    sw_pool_stats(world.env.pool, &pool);
    ck_assert_uint_le(pool.live_bytes, SW_REASS_BYTES);
    teardown();
}
END_TEST

START_TEST(no_memory_is_an_ordinary_path)
{
    sw_test_env_init_limit(&world, 1, 20000);
    host = sw_test_host(&world, &eth0);
    sw_station_init(&st, &world, eth0, 2);
    for (unsigned id = 0; id < 40; id++) {
        struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.0.1")};
        ip.protocol = 17;
        ip.id = (uint16_t)id;
        ip.more = true;
        sw_station_ip(&st, ip, NULL, 0, udp, 80);
        settle();
    }
    ck_assert_uint_gt(sw_test_dropped(host, SW_DROP_NO_MEMORY), 0);
    teardown();
}
END_TEST

/* ---- and back ---- */

START_TEST(a_ping_of_65000_bytes_comes_back_in_fragments__rfc1122_3_2_2_6)
{
    setup(1);
    uint8_t *echo = malloc(65008);
    size_t n = sw_test_icmp(echo, 8, 0, 1, 2, NULL, 65000);
    for (size_t off = 0; off < n; off += 1480) {
        struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"), .dst = sw_test_ip("10.0.0.1")};
        ip.protocol = 1;
        ip.offset_bytes = (uint16_t)off;
        ip.more = off + 1480 < n;
        sw_station_ip(&st, ip, NULL, 0, echo + off, n - off < 1480 ? n - off : 1480);
    }
    settle();
    ck_assert_uint_eq(st.count, 44);
    uint8_t *back = calloc(1, 66000);
    for (unsigned i = 0; i < 44; i++) {
        struct sw_frame *frame = sw_station_take(&st);
        uint8_t bytes[1600];
        sw_frame_copy_out(frame, bytes);
        size_t off = (size_t)(sw_get16(bytes + 20) & 0x1fff) * 8;
        memcpy(back + off, bytes + 34, frame->len - 34);
        sw_frame_drop(frame);
    }
    ck_assert_mem_eq(back + 8, echo + 8, 65000);
    ck_assert_uint_eq(back[0], 0);
    echo[0] = 0;
    sw_test_icmp(echo, 0, 0, 1, 2, NULL, 65000);
    ck_assert_mem_eq(back, echo, 8); /* the checksum was finished before the cut */
    free(echo);
    free(back);
    teardown();
}
END_TEST

/* ---- congestion ---- */

/* A ping in three fragments with these types of service; the answer's, which is the whole's. */
static unsigned pinged(const uint8_t tos[3])
{
    uint8_t echo[32];
    ck_assert_uint_eq(sw_test_icmp(echo, 8, 0, 1, 2, NULL, 16), 24);
    for (unsigned i = 0; i < 3; i++) {
        const struct sw_ipv4 ip = {.src = sw_test_ip("10.0.0.2"),
                                   .dst = sw_test_ip("10.0.0.1"),
                                   .protocol = 1,
                                   .tos = tos[i],
                                   .offset_bytes = (uint16_t)(8 * i),
                                   .more = i < 2};
        sw_station_ip(&st, ip, NULL, 0, echo + (size_t)8 * i, 8);
    }
    settle();
    if (st.count == 0) {
        return 0x100;
    }
    uint8_t bytes[64];
    struct sw_frame *frame = sw_station_take(&st);
    sw_frame_copy_out(frame, bytes);
    sw_frame_drop(frame);
    return bytes[15];
}

START_TEST(a_mark_on_one_is_one_on_the_whole__rfc3168_5_3)
{
    setup(1);
    ck_assert_uint_eq(pinged((const uint8_t[]){0xba, 0xbb, 0xba}), 0xbb);
    ck_assert_uint_eq(pinged((const uint8_t[]){0xb9, 0xb9, 0xbb}), 0xbb);
    ck_assert_uint_eq(pinged((const uint8_t[]){0xb9, 0xb9, 0xb9}), 0xb9);
    ck_assert_uint_eq(pinged((const uint8_t[]){0x02, 0x00, 0x00}), 0x02);
    teardown();
}
END_TEST

START_TEST(a_mark_beside_one_that_cannot_be_marked_drops_it__rfc3168_5_3)
{
    setup(1);
    ck_assert_uint_eq(pinged((const uint8_t[]){0x02, 0x03, 0x00}), 0x100);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_REASS_ECN), 3);
    ck_assert_uint_eq(stats().held, 0);
    ck_assert_uint_eq(pinged((const uint8_t[]){0x00, 0x03, 0x03}), 0x100);
    ck_assert_uint_eq(pinged((const uint8_t[]){0x02, 0x02, 0x02}), 0x02); /* another, as ever */
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reass");
    TCase *order = tcase_create("order");
    tcase_add_loop_test(order, any_order_will_do__rfc815, 0, 6);
    tcase_add_test(order, a_hundred_random_orders);
    tcase_add_test(order, a_mark_on_one_is_one_on_the_whole__rfc3168_5_3);
    tcase_add_test(order, a_mark_beside_one_that_cannot_be_marked_drops_it__rfc3168_5_3);
    tcase_add_test(order, the_largest_datagram__rfc791);
    tcase_add_test(order, the_largest_datagram_in_eights_backwards);
    tcase_add_test(order, datagrams_are_told_apart_by_source_destination_protocol_and_id__rfc815);
    tcase_add_test(order, many_unfinished_ones_are_not_mixed_up__rfc815);
    tcase_add_test(order, a_ping_of_65000_bytes_comes_back_in_fragments__rfc1122_3_2_2_6);
    suite_add_tcase(suite, order);
    TCase *wrong = tcase_create("what does not fit");
    tcase_add_test(wrong, an_exact_duplicate_changes_nothing__rfc815);
    tcase_add_loop_test(wrong, an_overlap_drops_the_datagram_whole, 0,
                        (int)(sizeof overlaps / sizeof overlaps[0]));
    tcase_add_test(wrong, an_end_before_what_is_there_already_drops_it);
    tcase_add_test(wrong, lengths_that_cannot_be__rfc791);
    tcase_add_test(wrong, a_first_fragment_whose_options_make_it_too_long);
    tcase_add_test(wrong, a_header_in_two_fragments_is_read_whole__rfc1858);
    tcase_add_test(wrong, the_verdict_of_the_whole_is_that_of_all_its_frames);
    suite_add_tcase(suite, wrong);
    TCase *bounds = tcase_create("time and bounds");
    tcase_add_test(bounds, after_60_s_it_is_dropped_and_its_sender_told__rfc1122_3_3_2);
    tcase_add_test(bounds, without_the_first_fragment_nobody_is_told__rfc792);
    tcase_add_test(bounds, a_sources_oldest_makes_place_for_its_next__rfc8900);
    tcase_add_test(bounds, a_sources_share_outlives_the_end_of_anothers);
    tcase_add_test(bounds, a_sources_memory_is_bounded__rfc8900);
    tcase_add_test(bounds, the_hosts_oldest_makes_place_when_all_is_full__rfc8900);
    tcase_add_test(bounds, no_memory_is_an_ordinary_path);
    suite_add_tcase(suite, bounds);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
