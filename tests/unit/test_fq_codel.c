#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/core_cable.h"
#include "tests/support/core_packet.h"

static const struct sw_lane_config lane = {.rate_bps = 8000000, /* 1,000 bytes: 1 ms */
                                           .queue_frames = 1000,
                                           .discipline = SW_DISCIPLINE_FQ_CODEL};

static void send_flow(struct sw_test_cable *c, uint16_t port, unsigned n, size_t len)
{
    for (unsigned i = 0; i < n; i++) {
        sw_port_send(&c->a.port, sw_test_packet(c->world.env.pool, port, port, 0, len));
    }
}

static unsigned arrived(const struct sw_test_cable *c, uint32_t port, size_t from)
{
    unsigned n = 0;
    for (size_t i = from; i < c->b.count; i++) {
        n += c->b.arrivals[i].number == port;
    }
    return n;
}

/* 80 of one flow, then 40 of another: they take turns, a quantum each. */
START_TEST(flows_take_turns__rfc8290_4_2)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &lane);
    send_flow(&c, 1, 80, 1000);
    send_flow(&c, 2, 40, 1000);
    sw_test_run(&c.world, 60 * SW_MS);
    ck_assert_uint_eq(c.b.count, 60);
    ck_assert_uint_ge(arrived(&c, 2, 0), 28);
    ck_assert_uint_le(arrived(&c, 2, 0), 31);
    sw_test_run(&c.world, SW_S);
    sw_test_unplug(&c);
}
END_TEST

/* In bytes, not in frames: ten times as many of a tenth of the length. */
START_TEST(turns_are_of_bytes)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &lane);
    send_flow(&c, 1, 80, 1000);
    send_flow(&c, 2, 400, 100);
    sw_test_run(&c.world, 60 * SW_MS);
    ck_assert_uint_ge(arrived(&c, 2, 0), 280);
    ck_assert_uint_le(arrived(&c, 2, 0), 315);
    sw_test_run(&c.world, SW_S);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(a_flow_that_has_just_begun_goes_first__rfc8290_4_2)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &lane);
    send_flow(&c, 1, 100, 1000);
    sw_test_run(&c.world, 20500 * SW_US);
    send_flow(&c, 2, 1, 100);
    sw_test_run(&c.world, 22 * SW_MS);
    ck_assert_uint_eq(c.b.count, 22);
    sw_test_arrived(&c, 21, 2, 21100 * SW_US); /* behind the one that is being sent alone */
    sw_test_run(&c.world, SW_S);
    sw_test_unplug(&c);
}
END_TEST

/* One that empties its queue is not new when it comes back, but waits for its turn: half of the
 * line, a frame every other millisecond, comes down to a third. */
START_TEST(a_flow_that_comes_and_goes_is_not_new_each_time)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &lane);
    send_flow(&c, 1, 200, 1000);
    send_flow(&c, 3, 200, 1000);
    sw_test_run(&c.world, 10 * SW_MS); /* neither of them is new any more */
    for (unsigned i = 0; i < 45; i++) {
        send_flow(&c, 2, 1, 1000);
        sw_test_run(&c.world, (sw_time)(i + 6) * 2 * SW_MS);
    }
    ck_assert_uint_eq(c.b.count, 100);
    ck_assert_uint_le(arrived(&c, 2, 0), 33);
    ck_assert_uint_ge(arrived(&c, 2, 0), 27);
    sw_test_run(&c.world, 2 * SW_S);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(at_the_bound_the_fattest_flow_loses_its_head__rfc8290_4_1)
{
    struct sw_test_cable c;
    struct sw_lane_config few = lane;
    few.queue_frames = 20;
    sw_test_plug(&c, &few);
    send_flow(&c, 1, 100, 1000);
    ck_assert_uint_eq(c.link.forward.waiting_count, 20);
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_QUEUE_FULL), 79);
    send_flow(&c, 2, 5, 1000);
    ck_assert_uint_eq(c.link.forward.waiting_count, 20);
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(arrived(&c, 2, 0), 5);
    ck_assert_uint_eq(arrived(&c, 1, 0), 16);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(each_flow_has_a_codel_of_its_own__rfc8290_4)
{
    struct sw_test_cable c;
    sw_test_plug(&c, &lane);
    for (unsigned i = 0; i < 3000; i++) {
        sw_test_run(&c.world, (sw_time)i * SW_MS);
        send_flow(&c, 1, 2, 1000);
        if (i % 10 == 0) {
            send_flow(&c, 2, 1, 100);
        }
    }
    ck_assert_uint_gt(sw_test_dropped(&c, SW_DROP_CODEL), 50);
    sw_test_run(&c.world, 10 * SW_S);
    ck_assert_uint_eq(arrived(&c, 2, 0), 300);
    sw_test_unplug(&c);
}
END_TEST

START_TEST(with_ecn_codel_marks__rfc8290_and_rfc3168)
{
    struct sw_test_cable c;
    struct sw_lane_config ecn = lane;
    ecn.settings.ecn = true;
    sw_test_plug(&c, &ecn);
    for (unsigned i = 0; i < 500; i++) {
        sw_port_send(&c.a.port, sw_test_packet(c.world.env.pool, i, 1, 1, 1000));
    }
    sw_test_run(&c.world, SW_S);
    ck_assert_uint_eq(sw_test_dropped(&c, SW_DROP_CODEL), 0);
    ck_assert_uint_eq(c.b.count, 500);
    /* At 105, 205, 276, 333, 383, 428, 469 ms. */
    ck_assert_uint_eq(c.link.forward.stats.marked, 7);
    sw_test_unplug(&c);
}
END_TEST

/* Which flows share a bucket comes from the seed. */
START_TEST(with_one_flow_it_is_codel)
{
    struct sw_test_cable c;
    struct sw_lane_config one = lane;
    one.settings.flows = 1;
    sw_test_plug(&c, &one);
    send_flow(&c, 1, 50, 1000);
    send_flow(&c, 2, 50, 1000);
    sw_test_run(&c.world, 50 * SW_MS);
    ck_assert_uint_eq(arrived(&c, 1, 0), 50);
    sw_test_run(&c.world, SW_S);
    sw_test_unplug(&c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("fq_codel");
    TCase *t = tcase_create("fq_codel");
    tcase_add_test(t, flows_take_turns__rfc8290_4_2);
    tcase_add_test(t, turns_are_of_bytes);
    tcase_add_test(t, a_flow_that_has_just_begun_goes_first__rfc8290_4_2);
    tcase_add_test(t, a_flow_that_comes_and_goes_is_not_new_each_time);
    tcase_add_test(t, at_the_bound_the_fattest_flow_loses_its_head__rfc8290_4_1);
    tcase_add_test(t, each_flow_has_a_codel_of_its_own__rfc8290_4);
    tcase_add_test(t, with_ecn_codel_marks__rfc8290_and_rfc3168);
    tcase_add_test(t, with_one_flow_it_is_codel);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
