#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/core_cable.h"

/* A frame of len bytes with n VLAN tags. */
static struct sw_frame *tagged(struct sw_pool *pool, unsigned tags, size_t len)
{
    uint8_t bytes[2000] = {0};
    for (unsigned i = 0; i < tags; i++) {
        bytes[12 + 4 * i] = 0x81;
    }
    bytes[12 + 4 * tags] = 8;
    struct sw_frame *frame = sw_frame_from_bytes(pool, bytes, len, 60);
    ck_assert_ptr_nonnull(frame);
    return frame;
}

/* 1,400 bytes behind the header, and one more. */
START_TEST(a_frame_longer_than_the_mtu_is_dropped_and_tags_are_not_counted)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &(struct sw_lane_config){.queue_frames = 10, .mtu_bytes = 1400});
    size_t header = 14 + 4 * (size_t)_i;
    sw_port_send(&c.a.port, tagged(c.world.env.pool, (unsigned)_i, header + 1400));
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_LINK_MTU), 0);
    sw_port_send(&c.a.port, tagged(c.world.env.pool, (unsigned)_i, header + 1401));
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_LINK_MTU), 1);
    sw_test_run(&c.world, 0);
    ck_assert_uint_eq(c.b.count, 1);
    sw_test_unplug(&c);
}
END_TEST

/* Each chance takes its own draws by the frame's number: what is dropped before moves none. */
START_TEST(an_mtu_moves_no_draw)
{
    bool lost[2][1000];
    for (unsigned mtu = 0; mtu < 2; mtu++) {
        struct sw_test_cable c;
        sw_test_plug(&c, &(struct sw_lane_config){.queue_frames = 1000,
                                                  .loss_ppb = 300000000,
                                                  .mtu_bytes = mtu ? 500 : 0});
        for (uint32_t i = 0; i < 1000; i++) {
            uint64_t before = sw_test_dropped(&c, SW_DROP_LOSS);
            sw_test_send(&c, i, 1, i % 3 == 0 ? 1000 : 100);
            lost[mtu][i] = sw_test_dropped(&c, SW_DROP_LOSS) > before;
        }
        sw_test_unplug(&c);
    }
    for (unsigned i = 0; i < 1000; i++) {
        ck_assert(lost[1][i] == (lost[0][i] && i % 3 != 0));
    }
}
END_TEST

/* A link that has none of all this is not special, and has no memory for it. */
START_TEST(none_is_paid_for_by_a_link_that_has_none)
{
    struct sw_test_cable c;
    sw_test_plug(&c,
                 &(struct sw_lane_config){.delay = SW_MS, .rate_bps = 1000000, .queue_frames = 10});
    ck_assert(!c.link.forward.special);
    ck_assert_ptr_null(c.link.forward.impairments);
    ck_assert_ptr_null(c.link.forward.transmitter);
    sw_test_unplug(&c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lane_special");
    TCase *t = tcase_create("special");
    tcase_add_loop_test(t, a_frame_longer_than_the_mtu_is_dropped_and_tags_are_not_counted, 0, 3);
    tcase_add_test(t, an_mtu_moves_no_draw);
    tcase_add_test(t, none_is_paid_for_by_a_link_that_has_none);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
