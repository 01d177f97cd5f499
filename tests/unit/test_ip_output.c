/* What goes out (stack/ip_output.c, stack/ip_fragment.c): headers, identification, fragments. The
 * host is 10.0.0.1/24, the station 10.0.0.2. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/impl.h"
#include "stack/wire/arp.h"
#include "tests/support/stack_station.h"

static struct sw_test_env world;
static struct sw_host *host;
static struct sw_nic *eth0;
static struct sw_station st;

static void settle(void)
{
    sw_test_run(&world, sw_clock_now(world.env.clock));
}

static void setup(void)
{
    sw_test_env_init(&world, 1);
    host = sw_test_host(&world, &eth0);
    sw_station_init(&st, &world, eth0, 2);
    static const char *const neighbours[] = {"10.0.0.2", "10.0.0.3", "10.0.0.4"};
    for (unsigned i = 0; i < 3; i++) {
        sw_station_arp(&st, st.to, SW_ARP_REQUEST, neighbours[i], "10.0.0.1");
        settle();
        sw_frame_drop(sw_station_take(&st));
    }
}

static void teardown(void)
{
    sw_station_fini(&st);
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}

/* A frame with n bytes of text, 0 in its head, none to be finished. */
static struct sw_frame *text(size_t n)
{
    struct sw_frame *frame = sw_frame_new(world.env.pool);
    memset(sw_frame_append(frame, 8), 0, 8);
    if (n > 8) {
        struct sw_block *block = sw_block_new(world.env.pool, SW_BLOCK_64K);
        memset(block->bytes, 0, n - 8);
        sw_frame_add_slice(frame, block, 0, (uint32_t)n - 8);
        sw_block_drop(block);
    }
    frame->csum = SW_CSUM_CHECKED;
    return frame;
}

static int send(const char *dst, bool df, size_t n)
{
    const struct sw_tx tx = {.dst = sw_test_ip(dst), .protocol = 99, .df = df};
    return sw_ip_output(host, &tx, NULL, text(n));
}

/* The identification of the next frame. */
static uint16_t next_id(void)
{
    settle();
    struct sw_frame *frame = sw_station_take(&st);
    ck_assert_ptr_nonnull(frame);
    uint16_t id = sw_get16(sw_frame_head(frame) + 18);
    sw_frame_drop(frame);
    return id;
}

START_TEST(the_header_is_as_asked_for)
{
    setup();
    const struct sw_tx tx = {
        .dst = sw_test_ip("10.0.0.2"), .protocol = 99, .tos = 0xb8, .ttl = 7, .df = true};
    ck_assert_int_eq(sw_ip_output(host, &tx, NULL, text(30)), 0);
    settle();
    struct sw_frame *frame = sw_station_take(&st);
    const uint8_t *h = sw_frame_head(frame) + 14;
    ck_assert_uint_eq(frame->len, 64);
    ck_assert_uint_eq(sw_get16(h - 2), 0x0800); /* RFC 894, not a length */
    ck_assert_uint_eq(h[0], 0x45);
    ck_assert_uint_eq(h[1], 0xb8);
    ck_assert_uint_eq(sw_get16(h + 2), 50);
    ck_assert_uint_eq(sw_get16(h + 6), 0x4000);
    ck_assert_uint_eq(h[8], 7);
    ck_assert_uint_eq(h[9], 99);
    ck_assert_uint_eq(sw_get32(h + 12), sw_test_ip("10.0.0.1"));
    ck_assert_uint_eq(sw_get32(h + 16), sw_test_ip("10.0.0.2"));
    ck_assert_uint_eq(sw_checksum(h, 20), 0);
    sw_frame_drop(frame);
    teardown();
}
END_TEST

START_TEST(an_identification_does_not_return_within_65536_packets__rfc6864)
{
    setup();
    static bool seen[65536];
    memset(seen, 0, sizeof seen);
    for (unsigned i = 0; i < 65536; i++) {
        ck_assert_int_eq(send("10.0.0.2", false, 8), 0);
        uint16_t id = next_id();
        ck_assert(!seen[id]);
        seen[id] = true;
    }
    teardown();
}
END_TEST

START_TEST(each_destination_has_a_place_of_its_own__rfc7739)
{
    setup();
    sw_test_route(host, "0.0.0.0/0", "10.0.0.2");
    uint16_t id[20];
    unsigned near = 0; /* two in a row of one counter would be neighbours */
    for (unsigned i = 0; i < 20; i++) {
        char dst[16];
        snprintf(dst, sizeof dst, "8.8.8.%u", i);
        send(dst, false, 8);
        id[i] = next_id();
        for (unsigned k = 0; k < i; k++) {
            near += (uint16_t)(id[i] - id[k] + 20) <= 40;
        }
    }
    ck_assert_uint_le(near, 1); /* of 190 pairs, by chance */
    teardown();
}
END_TEST

START_TEST(a_packet_that_cannot_be_fragmented_needs_none__rfc6864)
{
    setup();
    send("10.0.0.2", true, 8);
    ck_assert_uint_eq(next_id(), 0);
    teardown();
}
END_TEST

START_TEST(fragments_have_one_identification_and_eights__rfc791)
{
    setup();
    ck_assert_int_eq(send("10.0.0.2", false, 4000), 0);
    settle();
    struct sw_frame *frame;
    uint16_t id = sw_get16(sw_frame_head(st.heard[st.first]) + 18);
    size_t off = 0;
    while ((frame = sw_station_take(&st)) != NULL) {
        const uint8_t *h = sw_frame_head(frame) + 14;
        ck_assert_uint_eq(sw_get16(h + 4), id);
        ck_assert_uint_eq((sw_get16(h + 6) & 0x1fffU) * 8, off);
        ck_assert_uint_eq((sw_get16(h + 6) & 0x2000) != 0, off + 1480 < 4000);
        ck_assert_uint_eq(sw_checksum(h, 20), 0);
        ck_assert_uint_eq(frame->len, off + 1480 < 4000 ? 1514U : 34U + 1040U);
        off += frame->len - 34;
        sw_frame_drop(frame);
    }
    ck_assert_uint_eq(off, 4000);
    teardown();
}
END_TEST

START_TEST(a_packet_of_the_mtu_is_whole_and_one_byte_more_is_two)
{
    setup();
    ck_assert_int_eq(send("10.0.0.2", false, 1480), 0);
    ck_assert_int_eq(send("10.0.0.2", false, 1481), 0);
    settle();
    ck_assert_uint_eq(st.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        sw_frame_drop(sw_station_take(&st));
    }
    ck_assert_int_eq(send("10.0.0.2", true, 1480), 0);
    ck_assert_int_eq(send("10.0.0.2", true, 1481), -EMSGSIZE);
    settle();
    sw_frame_drop(sw_station_take(&st));
    teardown();
}
END_TEST

START_TEST(no_packet_is_longer_than_65535_bytes__rfc791)
{
    setup();
    ck_assert_int_eq(send("10.0.0.2", false, 65515), 0);
    ck_assert_int_eq(send("10.0.0.2", false, 65516), -EMSGSIZE);
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_IP_TOO_BIG), 1);
    settle();
    while (st.count > 0) {
        sw_frame_drop(sw_station_take(&st));
    }
    teardown();
}
END_TEST

START_TEST(no_route_is_counted)
{
    setup();
    ck_assert_int_eq(send("192.168.1.1", false, 8), -ENETUNREACH);
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_IP_NO_ROUTE), 1);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ip_output");
    TCase *tcase = tcase_create("ip_output");
    tcase_add_test(tcase, the_header_is_as_asked_for);
    tcase_add_test(tcase, an_identification_does_not_return_within_65536_packets__rfc6864);
    tcase_add_test(tcase, each_destination_has_a_place_of_its_own__rfc7739);
    tcase_add_test(tcase, a_packet_that_cannot_be_fragmented_needs_none__rfc6864);
    tcase_add_test(tcase, fragments_have_one_identification_and_eights__rfc791);
    tcase_add_test(tcase, a_packet_of_the_mtu_is_whole_and_one_byte_more_is_two);
    tcase_add_test(tcase, no_packet_is_longer_than_65535_bytes__rfc791);
    tcase_add_test(tcase, no_route_is_counted);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
