/* What the receiver tells of text out of order (RFC 2018 4). */
#include <check.h>

#include "stack/tcp_sack.h"
#include "tests/support/core_fixture.h"

static struct sw_test_env world;
static struct sw_tcp_reass r;
static struct sw_tcp_sack sack;

static void begin(void)
{
    sw_test_env_init(&world, 1);
    sw_tcp_reass_init(&r);
    sack.count = 0;
}

static void end(void)
{
    sw_tcp_reass_fini(&r);
    sw_test_env_fini(&world);
}

/* Text from `from` to `to` comes. */
static void comes(uint32_t from, uint32_t to)
{
    static const uint8_t text[4096];
    struct sw_frame *frame = sw_frame_from_bytes(world.env.pool, text, 54 + to - from, 54);
    ck_assert_ptr_nonnull(frame);
    ck_assert(sw_tcp_reass_add(&r, from, frame, 54, to - from));
    sw_frame_drop(frame);
    sw_tcp_sack_arrived(&sack, &r, from);
}

static void block(unsigned i, uint32_t start, uint32_t stop)
{
    ck_assert_uint_lt(i, sack.count);
    ck_assert_uint_eq(sack.block[i].start, start);
    ck_assert_uint_eq(sack.block[i].end, stop);
}

START_TEST(a_block_that_was_forgotten_is_whole_when_it_grows__rfc2018_4)
{
    begin();
    for (uint32_t i = 0; i < 5; i++) {
        comes(100 + 100 * i, 110 + 100 * i);
    }
    ck_assert_uint_eq(sack.count, 4);
    block(0, 500, 510);
    block(3, 200, 210);
    comes(110, 120); /* beside the first, of which no block is known any more */
    block(0, 100, 120);
    block(3, 300, 310);
    end();
}
END_TEST

START_TEST(a_segment_between_two_makes_one_of_them__rfc2018_4)
{
    begin();
    comes(100, 200);
    comes(300, 400);
    comes(200, 300);
    ck_assert_uint_eq(sack.count, 1);
    block(0, 100, 400);
    end();
}
END_TEST

START_TEST(a_run_over_many_blocks_of_memory_is_one_block)
{
    begin();
    for (uint32_t i = 0; i < 50; i++) {
        comes(0xffffff00u + 1000 * i, 0xffffff00u + 1000 * (i + 1)); /* across the turn */
    }
    ck_assert_uint_gt(r.count, 2);
    ck_assert_uint_eq(sack.count, 1);
    block(0, 0xffffff00u, 0xffffff00u + 50000);
    sack.count = 0; /* as if none of it were known */
    comes(0xffffff00u + 20500, 0xffffff00u + 20600);
    block(0, 0xffffff00u, 0xffffff00u + 50000);
    end();
}
END_TEST

START_TEST(what_is_acknowledged_is_told_no_more__rfc2018_4)
{
    begin();
    comes(100, 110);
    comes(300, 310);
    sw_tcp_sack_advance(&sack, 110);
    ck_assert_uint_eq(sack.count, 1);
    block(0, 300, 310);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_sack");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_block_that_was_forgotten_is_whole_when_it_grows__rfc2018_4);
    tcase_add_test(tc, a_segment_between_two_makes_one_of_them__rfc2018_4);
    tcase_add_test(tc, a_run_over_many_blocks_of_memory_is_one_block);
    tcase_add_test(tc, what_is_acknowledged_is_told_no_more__rfc2018_4);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
