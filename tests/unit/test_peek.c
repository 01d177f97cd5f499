#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "core/peek.h"
#include "tests/support/core_fixture.h"

static struct sw_test_env world;

static void set_up(void)
{
    sw_test_env_init(&world, 1);
}

static void tear_down(void)
{
    sw_test_env_fini(&world);
}

/* UDP from 10.0.0.1:1000 to 10.0.0.2:2000, 100 bytes behind `tags` VLAN tags; ECN as given. */
static struct sw_frame *udp(unsigned tags, uint8_t ecn, uint16_t fragment, uint16_t port)
{
    uint8_t b[160] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
    size_t at = 12;
    for (unsigned i = 0; i < tags; i++) {
        sw_put16(b + at, i == 0 && tags > 1 ? 0x88a8 : 0x8100);
        at += 4;
    }
    sw_put16(b + at, 0x0800);
    uint8_t *ip = b + at + 2;
    ip[0] = 0x45;
    ip[1] = (uint8_t)(0xb8 | ecn);
    sw_put16(ip + 2, 86);
    sw_put16(ip + 6, fragment);
    ip[8] = 64;
    ip[9] = 17;
    sw_put32(ip + 12, 0x0a000001);
    sw_put32(ip + 16, 0x0a000002);
    sw_put16(ip + 10, sw_checksum(ip, 20));
    sw_put16(ip + 20, port);
    sw_put16(ip + 22, 2000);
    struct sw_frame *frame = sw_frame_from_bytes(world.env.pool, b, 100 + 4 * tags, 60);
    ck_assert_ptr_nonnull(frame);
    return frame;
}

START_TEST(tags_belong_to_the_header)
{
    uint16_t type = 0;
    struct sw_frame *frame = udp((unsigned)_i, 0, 0, 1000);
    ck_assert_uint_eq(sw_peek_eth(frame, &type), 14 + 4 * (unsigned)_i);
    ck_assert_uint_eq(type, 0x0800);
    ck_assert_uint_eq(sw_peek_ipv4(frame), 14 + 4 * (unsigned)_i);
    sw_frame_drop(frame);
}
END_TEST

START_TEST(what_is_too_short_or_no_ipv4_is_not_read)
{
    static const uint8_t tags[24] = {[12] = 0x81, [16] = 0x81, [20] = 0x81};
    struct sw_frame *frame = sw_frame_from_bytes(world.env.pool, tags, 24, 24);
    ck_assert_uint_eq(sw_peek_eth(frame, NULL), 0);
    ck_assert_uint_eq(sw_peek_ipv4(frame), 0);
    sw_frame_drop(frame);
    frame = sw_frame_from_bytes(world.env.pool, tags, 13, 13);
    ck_assert_uint_eq(sw_peek_eth(frame, NULL), 0);
    sw_peek_flow(frame, (struct sw_hash_key){1, 2});
    sw_frame_drop(frame);
    frame = udp(0, 1, 0, 1000);
    frame->store[frame->head_off + 14] = 0x46; /* options, but still within */
    ck_assert_uint_eq(sw_peek_ipv4(frame), 14);
    frame->store[frame->head_off + 14] = 0x44;
    ck_assert_uint_eq(sw_peek_ipv4(frame), 0);
    frame->store[frame->head_off + 14] = 0x65;
    ck_assert_uint_eq(sw_peek_ipv4(frame), 0);
    ck_assert_ptr_null(sw_peek_mark(frame));
    sw_frame_drop(frame);
}
END_TEST

static uint64_t flow_of(struct sw_frame *frame)
{
    uint64_t flow = sw_peek_flow(frame, (struct sw_hash_key){1, 2});
    sw_frame_drop(frame);
    return flow;
}

START_TEST(a_flow_is_protocol_addresses_and_ports__rfc8290_4_1)
{
    uint64_t flow = flow_of(udp(0, 0, 0, 1000));
    ck_assert(flow == flow_of(udp(1, 0, 0, 1000)));
    ck_assert(flow == flow_of(udp(0, 3, 0, 1000)));
    ck_assert(flow != flow_of(udp(0, 0, 0, 1001)));
    /* All fragments of a datagram are one flow, whatever lies where ports would. */
    uint64_t fragments = flow_of(udp(0, 0, 0x2000, 1000));
    ck_assert(fragments == flow_of(udp(0, 0, 0x0064, 1001)));
    ck_assert(fragments != flow);
    struct sw_frame *frame = udp(0, 0, 0, 1000);
    ck_assert(flow == sw_peek_flow(frame, (struct sw_hash_key){1, 2}));
    ck_assert(flow != sw_peek_flow(frame, (struct sw_hash_key){1, 3}));
    sw_frame_drop(frame);
}
END_TEST

START_TEST(ect_becomes_ce_in_a_copy_with_the_right_checksum__rfc3168_5)
{
    struct sw_frame *frame = udp((unsigned)_i % 2, (uint8_t)(1 + _i / 2), 0, 1000);
    struct sw_frame *other = sw_frame_ref(frame);
    size_t at = 14 + 4 * ((size_t)_i % 2);
    struct sw_frame *marked = sw_peek_mark(frame);
    ck_assert_ptr_nonnull(marked);
    ck_assert_ptr_ne(marked, other);
    ck_assert_uint_eq(sw_frame_head(marked)[at + 1], 0xbb);
    ck_assert_uint_eq(sw_checksum(sw_frame_head(marked) + at, 20), 0);
    ck_assert_uint_eq(marked->len, other->len);
    ck_assert_uint_eq(sw_frame_head(other)[at + 1], 0xb9u + (unsigned)_i / 2);
    ck_assert_uint_eq(other->refs, 1);
    sw_frame_drop(other);
    sw_frame_drop(marked);
}
END_TEST

START_TEST(ce_stays_and_not_ect_cannot_be_marked)
{
    struct sw_frame *frame = udp(0, 3, 0, 1000);
    ck_assert_ptr_eq(sw_peek_mark(frame), frame);
    sw_frame_drop(frame);
    frame = udp(0, 0, 0, 1000);
    ck_assert_ptr_null(sw_peek_mark(frame));
    ck_assert_uint_eq(frame->refs, 1);
    sw_frame_drop(frame);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("peek");
    TCase *t = tcase_create("peek");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, tags_belong_to_the_header, 0, 4);
    tcase_add_test(t, what_is_too_short_or_no_ipv4_is_not_read);
    tcase_add_test(t, a_flow_is_protocol_addresses_and_ports__rfc8290_4_1);
    tcase_add_loop_test(t, ect_becomes_ce_in_a_copy_with_the_right_checksum__rfc3168_5, 0, 4);
    tcase_add_test(t, ce_stays_and_not_ect_cannot_be_marked);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
