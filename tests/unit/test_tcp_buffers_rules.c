/* Whose receive buffer grows as it is read, of a connection made by hand (stack_bare.h). */
#include <check.h>

#include "stack/tcp_buffers.h"
#include "tests/support/core_fixture.h"
#include "tests/support/stack_bare.h"

static struct sw_test_env world;
static struct bare b;

/* 5,000 were read in a round trip, where 1,000 were expected. */
static void begin(void)
{
    sw_test_env_init(&world, 1);
    bare_begin(&b);
    b.host.env.pool = world.env.pool;
    b.table.config.receive_buffer_bytes = 80000;
    b.t.rcv_buffer = 20000;
    b.t.rcv_nxt = 9000;
    b.t.tune = (struct sw_tcp_tune){.rtt_8us = 8, .space = 1000, .read_seq = 4000};
    bare_at(&b, 2 * SW_S);
}

static uint32_t after_read(void)
{
    sw_tcp_buffers_read(&b.t);
    const uint32_t buffer = b.t.rcv_buffer;
    bare_end(&b);
    sw_test_env_fini(&world);
    return buffer;
}

START_TEST(it_grows_to_its_bound_and_stays)
{
    begin();
    ck_assert_uint_eq(after_read(), 80000); /* of 90,000 */
    ck_assert(b.t.rcv_fixed);
    begin();
    b.table.config.receive_buffer_bytes = 90001;
    ck_assert_uint_eq(after_read(), 90000);
    ck_assert(!b.t.rcv_fixed);
}
END_TEST

START_TEST(what_the_user_has_fixed_does_not_grow)
{
    begin();
    b.t.rcv_fixed = true;
    ck_assert_uint_eq(after_read(), 20000);
}
END_TEST

START_TEST(nor_does_one_whose_peer_has_ended_or_that_does_not_stand)
{
    begin();
    b.t.fin_received = true;
    ck_assert_uint_eq(after_read(), 20000);
    begin();
    b.t.state = SW_TCP_TIME_WAIT;
    ck_assert_uint_eq(after_read(), 20000);
}
END_TEST

START_TEST(a_buffer_does_not_shrink)
{
    begin();
    b.t.rcv_buffer = 90001;
    b.table.config.receive_buffer_bytes = 200000;
    ck_assert_uint_eq(after_read(), 90001);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_buffers_rules");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, it_grows_to_its_bound_and_stays);
    tcase_add_test(tc, what_the_user_has_fixed_does_not_grow);
    tcase_add_test(tc, nor_does_one_whose_peer_has_ended_or_that_does_not_stand);
    tcase_add_test(tc, a_buffer_does_not_shrink);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
